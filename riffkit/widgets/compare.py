"""compare: several sounds on one transport, to switch between while they play, and an ABX test of two of them."""

import math
import random
from collections.abc import Sequence
from typing import Any

import traitlets

from riffkit.sound.clip import Clip
from riffkit.sound.loudness import loudness, normalize_loudness, true_peak
from riffkit.widgets.parts.scripts import script
from riffkit.widgets.player import LOUDNESS, SCRIPTS, Player, seen_and_heard, track_of

CEILING = -1.0  # dBTP


def compare(*sources: Any, names: Sequence[str] | None = None, match: bool = True, **traits: Any) -> "Comparison":
    """Compare several sounds on one transport: switching keeps the place and leaves no gap.

    Parameters
    ----------
    *sources : Clip, Riff, Walk or PIL.Image.Image; or one dict {name: source}
        Two or more. Shorter ones are followed by silence.
    names : list of str, optional
        What the buttons say.
    match : bool
        Play all equally loud, as the louder one of two is taken for the better one. False leaves the levels as they
        are (all are turned by the same amount).
    **traits
        As for `Player`.

    Returns
    -------
    Comparison

    Raises
    ------
    TypeError, ValueError
        If a source is none of these, there are fewer than two, or not as many names as sources.
    """
    if len(sources) == 1 and isinstance(sources[0], dict):
        names, sources = list(sources[0]), tuple(sources[0].values())
    return Comparison(sources, names=names, match=match, **traits)


class Comparison(Player):
    """Player of several sounds, with an ABX test; what `compare` gives. It has the traits of `Player`, too.

    Parameters
    ----------
    sources : list of Clip, Riff, Walk or PIL.Image.Image
    names : list of str, optional
    match : bool
        All as in `compare`.
    title : str, optional
    loop : bool, optional
        Repeat; default True if all are loops.
    **traits
        As for `Player`.

    Attributes
    ----------
    names : list of str
    chosen : int
        Which one is heard and seen, from 0 on; -1 is the X of a blind test.
    trials : int
        How many a blind test has.
    blind : BlindTest or None
        The test under way, or the last one.
    verdict : str
        What came out of it.
    """

    _esm = script(*SCRIPTS, "compare.js", view="ComparisonView")

    names = traitlets.List(traitlets.Unicode()).tag(sync=True)
    chosen = traitlets.Int(0).tag(sync=True)
    trials = traitlets.Int(10, min=1, max=1000)
    test = traitlets.Dict().tag(sync=True)  # while one is under way: pair, x, trial, of
    verdict = traitlets.Unicode("").tag(sync=True)

    def __init__(
        self,
        sources: Sequence[Any],
        *,
        names: Sequence[str] | None = None,
        match: bool = True,
        title: str | None = None,
        loop: bool | None = None,
        **traits: Any,
    ) -> None:
        super().__init__(**traits)
        if len(sources) < 2:
            raise ValueError(f"compare takes two sounds or more, got {len(sources)}; one alone is riffkit.Player(it)")
        names = [seen_name(source) for source in sources] if names is None else [str(name) for name in names]
        if len(names) != len(sources):
            raise ValueError(f"{len(names)} names for {len(sources)} sounds")
        seen = [seen_and_heard(source) for source in sources]
        clips = [one.clip for one in seen]
        clips = equally_loud(clips) if match else evenly_turned(clips)
        self.blind: BlindTest | None = None
        self.on_msg(self._hear)
        with self.hold_sync():
            self.duration = max(clip.duration for clip in clips)
            self.names, self.title = names, "" if title is None else title
            self.loop = all(one.loop for one in seen) if loop is None else loop
            self.tracks = [track_of(clip, one.image) for clip, one in zip(clips, seen, strict=True)]

    def __repr__(self) -> str:
        return f"Comparison({', '.join(self.names)})"

    def begin(self, trials: int | None = None, seed: int | None = None) -> None:
        """Start an ABX test of the first two; the page asks, `blind` keeps the answers.

        Parameters
        ----------
        trials : int, optional
            Default `self.trials`.
        seed : int, optional
            For which one X is in which trial; default chance.
        """
        self.blind = BlindTest(self.trials if trials is None else trials, seed=seed)
        self.verdict = ""
        self._tell(self.blind)

    def answer(self, guess: int) -> None:
        """Say that X is the first or the second: a `guess` of 0 or 1.

        Raises
        ------
        ValueError
            If no test is under way, or the guess is neither.
        """
        if self.blind is None or self.blind.over:
            raise ValueError("no blind test is under way; begin() starts one")
        self.blind.answer(guess)
        self._tell(self.blind)

    def end(self) -> None:
        """End the test before its last trial; what was answered counts."""
        if self.blind is not None:
            self.blind.end()
            self._tell(self.blind)

    def _tell(self, test: "BlindTest") -> None:
        with self.hold_sync():
            self.chosen = 0
            trial = {"pair": [0, 1], "x": test.hidden, "trial": len(test.guesses) + 1, "of": test.trials}
            self.test = {} if test.over else trial
            self.verdict = test.verdict if test.over else ""

    def _hear(self, _: Any, message: dict[str, Any], __: Any) -> None:
        try:
            if message.get("act") == "begin":
                self.begin()
            elif message.get("act") == "answer":
                self.answer(int(message["guess"]))
            elif message.get("act") == "end":
                self.end()
        except (KeyError, TypeError, ValueError) as error:
            self.error = f"{type(error).__name__}: {error}"


class BlindTest:
    """ABX: in every trial X is one of two sounds, drawn by chance; the listener says which.

    Parameters
    ----------
    trials : int [>= 1]
    seed : int, optional

    Attributes
    ----------
    hidden : int
        Which one X is now, 0 or 1.
    truths, guesses : list of int
        Of the trials answered so far.

    References
    ----------
    Clark, "High-resolution subjective testing using a double-blind comparator", JAES 30 (1982).
    """

    def __init__(self, trials: int = 10, *, seed: int | None = None) -> None:
        self.trials = trials
        self.truths: list[int] = []
        self.guesses: list[int] = []
        self._draw = random.Random(seed)
        self.hidden = self._draw.randrange(2)

    @property
    def over(self) -> bool:
        """Whether all trials were answered."""
        return len(self.guesses) >= self.trials

    @property
    def right(self) -> int:
        """How many guesses were right."""
        return sum(guess == truth for guess, truth in zip(self.guesses, self.truths, strict=True))

    @property
    def p_value(self) -> float:
        """How likely it is to be right this often, or more often, by tossing a coin (binomial, one-sided)."""
        n = len(self.guesses)
        return sum(math.comb(n, k) for k in range(self.right, n + 1)) / 2**n

    @property
    def verdict(self) -> str:
        """The outcome in a sentence; nothing before the first answer."""
        if not self.guesses:
            return ""
        told = f"{self.right} of {len(self.guesses)} right; a coin does as well with p = {self.p_value:.3g}: "
        if self.p_value < 0.05:
            return told + "you can tell them apart."
        return told + "this does not show that you can tell them apart."

    def answer(self, guess: int) -> None:
        """Say which one X was, a `guess` of 0 or 1; the next X is drawn.

        Raises
        ------
        ValueError
            If the guess is neither 0 nor 1, or the test is over.
        """
        if guess not in (0, 1) or self.over:
            raise ValueError(f"guess is {guess!r}; expected 0 or 1, while the test lasts")
        self.guesses.append(guess)
        self.truths.append(self.hidden)
        self.hidden = self._draw.randrange(2)

    def end(self) -> None:
        """Ask for no more trials."""
        self.trials = len(self.guesses)


def seen_name(source: Any) -> str:
    """Name a `source` where there is little room."""
    return getattr(source, "title", None) or repr(source).removeprefix("<").removesuffix(">")[:60]


def equally_loud(clips: Sequence[Clip], target: float = LOUDNESS) -> list[Clip]:
    """Normalize clips to one loudness: the target, or as much lower as the peakiest of them needs.

    Parameters
    ----------
    clips : list of Clip
    target : float [LUFS]
    """
    room = [loudness(clip) + CEILING - true_peak(clip) for clip in clips if clip.peak() > 0]
    common = min([target, *(top for top in room if math.isfinite(top))])
    return [normalize_loudness(clip, common, CEILING) for clip in clips]


def evenly_turned(clips: Sequence[Clip], target: float = LOUDNESS) -> list[Clip]:
    """Scale clips by one and the same gain, so that the loudest comes to the target and none clips.

    Parameters
    ----------
    clips : list of Clip
    target : float [LUFS]
    """
    gains = [normalize_loudness(clip, target, CEILING).peak() / clip.peak() for clip in clips if clip.peak() > 0]
    gain = min(gains, default=1.0)
    return [type(clip)(clip.samples * gain, clip.sample_rate) for clip in clips]
