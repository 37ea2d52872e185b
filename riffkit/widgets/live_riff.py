"""LiveRiff: endless generation that follows the words while it plays."""

import html
import threading
import time
from typing import Any, Unpack

import ipywidgets

from riffkit.progress import Cancelled, Reporter
from riffkit.riffing.options import OptionKeywords, takes_options
from riffkit.riffing.riffer import Riffer
from riffkit.riffing.stream import Stream, Stretch
from riffkit.widgets.parts.errors import ErrorBox
from riffkit.widgets.parts.jobs import Job
from riffkit.widgets.parts.live_sound import LiveSound
from riffkit.widgets.parts.panel import Panel
from riffkit.widgets.parts.prompt_form import NUMBER
from riffkit.widgets.parts.run_bar import plain_button, row
from riffkit.widgets.parts.slider import Slider

WORDS: dict[str, Any] = {"layout": {"width": "auto", "flex": "1 1 320px"}, "style": {"description_width": "88px"}}
PLAIN_STEPS = 10  # for a riffer that is no few-step twin
FARTHEST = 8.0  # seconds made ahead of what is heard, at most
COMFORT = 1.25  # seconds made in a second of playing; below, gaps are near


class LiveRiff(Panel):
    """Endless generation: press Play, change the words, and the music travels there.

    While one stretch is played the next is made, only as much ahead as this machine needs, so that new words are heard
    soon. Nothing is made while nothing plays, also when the page was closed.

    Parameters
    ----------
    riffer : Riffer
        If its checkpoint has a few-step twin, that one plays, unless `num_inference_steps` is given.
    prompt : str
    seed : int
    transition : float [s]
        From old words to new ones.
    **options
        As in `Riffer.stream`: num_inference_steps, guidance_scale and so on.

    Attributes
    ----------
    margin : float
        Seconds of music made in a second; below 1 there are gaps.
    gaps : int
        How often the next stretch came too late since Play was pressed.

    References
    ----------
    Taught in notebooks/00_welcome.ipynb.
    """

    @takes_options(quality="fast")
    def __init__(
        self,
        riffer: Riffer,
        prompt: str = "jazz piano",
        seed: int = 0,
        *,
        transition: float = 5.12,
        **options: Unpack[OptionKeywords],
    ) -> None:
        self._given, asked = riffer, options.pop("num_inference_steps", None)
        if asked is None and riffer.checkpoint.live_file is not None:
            riffer = riffer.live()
        usual = riffer.defaults.num_inference_steps if riffer.is_live else PLAIN_STEPS
        self.riffer, self._seed, self._options = riffer, seed, options
        self.margin, self.gaps = 0.0, 0
        self.job: Job | None = None
        self.stream: Stream | None = None
        self._guard, self._busy, self._session = threading.Lock(), False, 0
        self._made = self._heard = 0.0  # seconds
        self._needed = 0.0  # seconds for one stretch
        self._wanted = prompt
        self.words = ipywidgets.Text(prompt, description="words", placeholder="and Enter", **WORDS)
        self.go = plain_button("Go there", "let the music travel to these words")
        self.transition = Slider(transition, 0, 30, step=0.5, description="transition, s", layout=NUMBER)
        self.steps = Slider(usual if asked is None else asked, 1, 50, description="steps", layout=NUMBER)
        self.sound = LiveSound(rate=riffer.params.sample_rate)
        self.status = ipywidgets.HTML()
        self.error = ErrorBox()
        children = [row(self.words, self.go), self.sound, row(self.transition, self.steps), self.status, self.error]
        super().__init__(children)
        guards = self.error.guards
        self.sound.on_msg(lambda _, said, __: self._listen(said))
        self.words.on_msg(guards(lambda _, said, __: self._submit(said)))
        self.go.on_click(guards(lambda _: self.go_to(self.words.value)))

    def __repr__(self) -> str:
        return f"LiveRiff({self.words.value!r})"

    def close(self) -> None:
        """Stop, and take the panel off the page."""
        if hasattr(self, "sound"):  # else it failed while it was made
            self.stop()
            self.riffer, self.stream = self._given, None  # the twin's weights go now, not when garbage is collected
        super().close()

    def go_to(self, prompt: str) -> None:
        """Change the words to another `prompt`; the music travels there from the next stretch on."""
        self._wanted = prompt
        self.words.value = prompt
        if self.sound.playing:
            self._say(f"heard in about {self._ahead + self._needed:.0f} s: {prompt}")

    def stop(self) -> None:
        """Silence, at once."""
        self.sound.playing = False
        self._session += 1
        if self.job is not None:
            self.job.cancel()

    def _submit(self, said: dict[str, Any]) -> None:
        if said.get("event") == "submit":
            self.go_to(self.words.value)

    @property
    def _ahead(self) -> float:
        """Seconds that are made and not yet heard."""
        return self._made - self._heard

    @property
    def _enough(self) -> float:
        """Seconds to be ahead: what making takes, with room for a slow one; many, as long as that is not known."""
        return min(1.5 * self._needed + 1.0, FARTHEST) if self._needed else FARTHEST

    def _listen(self, said: dict[str, Any]) -> None:
        """What the page says: "play", "stop", or how far it has "heard"."""
        try:
            if said["kind"] == "play":
                self._begin()
            elif said["kind"] == "stop":
                self.stop()
                self._say("")
            elif said["kind"] == "heard":
                self._heard, self.gaps = said["seconds"], said["gaps"]
            self._feed()
        except Exception as exception:
            self._failed(exception)

    def _begin(self) -> None:
        self.error.clear()
        self._session += 1
        self._made = self._heard = self._needed = 0.0
        self.gaps = 0
        self._wanted = self.words.value
        self.stream = None
        options: OptionKeywords = {**self._options, "num_inference_steps": self.steps.value}
        self.stream = self.riffer.stream(self._wanted, self._seed, **options)
        self._say("making the first stretch")

    def _feed(self) -> None:
        """Have the next stretch made, if one is wanted and none is under way."""
        with self._guard:
            if self._busy or not self.sound.playing or self.stream is None or self._ahead >= self._enough:
                return
            self._busy = True
        stream, session = self.stream, self._session
        began = time.monotonic()
        self.job = Job(
            lambda progress: self._make(stream, progress),
            on_done=lambda stretch: self._made_one(stretch, session, time.monotonic() - began),
            on_error=self._failed,
        )

    def _make(self, stream: Stream, progress: Reporter) -> Stretch:
        stream.go_to(self._wanted)
        stream.transition = self.transition.value
        if stream.steps != self.steps.value:
            stream.steps = self.steps.value
        return stream.next(progress=progress)

    def _made_one(self, stretch: Stretch, session: int, seconds: float) -> None:
        if session == self._session and self.sound.playing:
            self._made += stretch.clip.duration
            self.sound.add(stretch)
            if stretch.index > 0:  # the first is long, and warms up
                self._needed = max(seconds, 0.8 * self._needed)  # slow ones are remembered for a while
                self.margin = stretch.clip.duration / seconds
                self._say(self._verdict(stretch.words))
        self._busy = False
        self._feed()

    def _verdict(self, words: str) -> str:
        """How it goes, and what would help where it does not."""
        made = f"{words}: {self.margin:.1f} s of music made in a second"
        if self.margin >= COMFORT:
            return made + (f", {self.gaps} gaps so far" if self.gaps else "")
        fewer = int(self.steps.value * self.margin / COMFORT)
        if fewer >= 3:
            advice = f"{fewer} steps would help"
        elif not self.riffer.is_live and self.riffer.checkpoint.live_file is not None:
            advice = "the few-step twin would help: LiveRiff(riffer.live())"
        else:
            advice = "other programs may be using the processor; a faster machine would help"
        return f"{made}: this machine {'hardly keeps' if self.margin >= 1 else 'cannot keep'} up; {advice}"

    def _failed(self, exception: Exception) -> None:
        self._busy = False
        if isinstance(exception, Cancelled):
            self._feed()  # it may have been started anew meanwhile
        else:
            self.stop()
            self._say("")
            self.error.show(exception)

    def _say(self, text: str) -> None:
        self.status.value = f'<span role="status">{html.escape(text)}</span>'
