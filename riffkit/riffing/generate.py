"""From words: `riff`, and `story`, whose words change over time."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Unpack, overload

from riffkit.diffusion.mixing import Ingredients, lerp, together
from riffkit.diffusion.run import paint
from riffkit.models.emphasis import check_prompt
from riffkit.models.prompt import equal_length
from riffkit.progress import Progress, shown, subtask
from riffkit.riffing import timeline
from riffkit.riffing.options import OptionKeywords, takes_options
from riffkit.riffing.riff import Riff
from riffkit.riffing.task import Task, checked_seed, finish, fitting, ingredients, run, total_steps

if TYPE_CHECKING:
    from riffkit.riffing.riffer import Riffer


@overload
def riff(
    riffer: "Riffer",
    prompt: str,
    seed: int | None = 0,
    *,
    duration: float | None = None,
    loop: bool = False,
    bars: int | None = None,
    bpm: float | None = None,
    progress: Progress = None,
    **options: Unpack[OptionKeywords],
) -> Riff: ...


@overload
def riff(
    riffer: "Riffer",
    prompt: str,
    seed: list[int] | tuple[int, ...],
    *,
    duration: float | None = None,
    loop: bool = False,
    bars: int | None = None,
    bpm: float | None = None,
    progress: Progress = None,
    **options: Unpack[OptionKeywords],
) -> list[Riff]: ...


@overload
def riff(
    riffer: "Riffer",
    prompt: list[str] | tuple[str, ...],
    seed: int | None | list[int] | tuple[int, ...] = 0,
    *,
    duration: float | None = None,
    loop: bool = False,
    bars: int | None = None,
    bpm: float | None = None,
    progress: Progress = None,
    **options: Unpack[OptionKeywords],
) -> list[Riff]: ...


@takes_options()
def riff(
    riffer: "Riffer",
    prompt: str | Sequence[str],
    seed: int | None | Sequence[int] = 0,
    *,
    duration: float | None = None,
    loop: bool = False,
    bars: int | None = None,
    bpm: float | None = None,
    progress: Progress = None,
    **options: Unpack[OptionKeywords],
) -> Riff | list[Riff]:
    """Text to audio: paint a spectrogram for words, from noise, and find its sound.

    Parameters
    ----------
    prompt : str or list of str
        `(word:1.3)` weighs a word, see `parse_prompt`. May be empty: whatever the model likes.
    seed : int, None, or list of int [0..2**63 - 1]
        Decides the noise, the same on every device; None draws one (it is in the recipe). Lists make several riffs: of
        prompts, of seeds, or of both in pairs. They are painted together, as many at a time as memory holds, and come
        out as they do alone: on CPUs bit for bit, elsewhere up to rounding.
    duration : float, optional [s, up to 600]
        Default: the model's own window. Anything longer is one piece, denoised jointly in overlapping windows.
    loop : bool
        Time is periodic, in the model, the picture and the sound: the end joins the beginning.
    bars, bpm : int [>= 1] and float [20..400], optional
        A musical length for a loop, instead of `duration` (four beats to the bar).
    progress : callable, bool or None
        A callable gets (step, total, estimate) and may return False to stop within a step. True and False show the bar
        or not; None shows it in terminals and notebooks.

    Returns
    -------
    Riff, or list of Riff if `prompt` or `seed` was a list

    Raises
    ------
    ValueError
        If a value is out of range; the message says what is allowed.
    riffkit.Cancelled
        If `progress` returned False.

    References
    ----------
    Forsgren & Martiros, "Riffusion", 2022. Taught in notebooks/02_inference.ipynb.
    """
    chosen = riffer.defaults.asked(riffer.checkpoint, options)
    several = isinstance(prompt, (list, tuple)) or isinstance(seed, (list, tuple))
    pairs = _pairs(prompt, seed)
    width, columns = timeline.painted_length(
        riffer.checkpoint, riffer.params, duration=duration, loop=loop, bars=bars, bpm=bpm
    )
    length = {"duration": duration, "loop": loop, "bars": bars, "bpm": bpm}
    compose = fitting(columns, loop, turned=loop)

    riffs, done = [], 0
    with shown(progress, "riff") as reporter:
        made_of = [ingredients(riffer, *pair, width, chosen.negative_prompt, chosen.guidance_scale) for pair in pairs]
        total, steps = total_steps(chosen, made_of[0])
        for batch in _batches(made_of, riffer.checkpoint.memory.together):
            whole = len(pairs) * total
            latents = paint(
                riffer.checkpoint,
                together(made_of[batch]),
                scheduler=chosen.scheduler,
                num_inference_steps=chosen.num_inference_steps,
                guidance_interval=chosen.guidance_interval,
                seeds=[number for _, number in pairs[batch]],
                loop=loop,
                progress=subtask(reporter, done, steps * len(pairs[batch]), whole),
            )
            done += steps * len(pairs[batch])
            for (words, number), one in zip(pairs[batch], latents.split(1), strict=True):
                arguments = {"prompt": words, "seed": number, **length, **chosen.recipe}
                task = Task("riff", arguments, chosen, number, loop)
                riffs.append(finish(riffer, task, one, compose, subtask(reporter, done, total - steps, whole)))
                done += total - steps
    return riffs if several else riffs[0]


@takes_options()
def story(
    riffer: "Riffer",
    chapters: Sequence[tuple[float, str]],
    duration: float,
    seed: int | None = 0,
    *,
    transition: float = 2.56,
    loop: bool = False,
    progress: Progress = None,
    **options: Unpack[OptionKeywords],
) -> Riff:
    """Text to audio with words that change over time: `story([(0, "church bells"), (10, "techno")], duration=30)`.

    Parameters
    ----------
    chapters : list of (float, str)
        When each begins, in seconds, the first at 0, and its words.
    duration : float [s, up to 600]
    seed : int or None [0..2**63 - 1]
        None draws one.
    transition : float [s, 0..600]
        How long the words of one chapter take to become those of the next, centred on the next one's beginning.
    loop : bool
        Time is periodic: the end of the sound joins its beginning.
    progress : callable, bool or None
        As in `riff`.

    Returns
    -------
    Riff

    Raises
    ------
    ValueError
        If the chapters do not rise from 0 to below `duration`, or another value is out of range.
    """
    chosen = riffer.defaults.asked(riffer.checkpoint, options)
    seed, chapters = checked_seed(seed), timeline.check_story(chapters)
    timeline.check_duration(duration)
    if chapters[-1][0] >= duration:
        raise ValueError(f"the last chapter begins at {chapters[-1][0]:g} s, the story ends at {duration:g} s")
    timeline.check_transition(transition)
    arguments = {"chapters": [list(chapter) for chapter in chapters], "duration": duration, "seed": seed}
    arguments |= {"transition": transition, "loop": loop, **chosen.recipe}
    checkpoint, params = riffer.checkpoint, riffer.params
    width, columns = timeline.painted_length(checkpoint, params, duration=duration, loop=loop)

    with shown(progress, "story") as reporter:
        words = equal_length(checkpoint, *[riffer.embed(prompt) for _, prompt in chapters])
        times = [time for time, _ in chapters]
        made_of = ingredients(riffer, "", seed, width, chosen.negative_prompt, chosen.guidance_scale)
        along = []
        for middle in timeline.window_times(checkpoint, params, width, loop=loop):
            a, b, alpha = timeline.place_in_story(times, middle, transition)
            along.append(lerp(words[a], words[b], alpha))
        made_of = replace(made_of, words=along)
        task = Task("story", arguments, chosen, seed, loop)
        return run(riffer, task, made_of, fitting(columns, loop, turned=loop), reporter)


def _pairs(prompt: str | Sequence[str], seed: int | None | Sequence[int]) -> list[tuple[str, int]]:
    """Prompt and seed of every riff."""
    prompts = list(prompt) if isinstance(prompt, (list, tuple)) else None
    seeds = list(seed) if isinstance(seed, (list, tuple)) else None
    if prompts is None:
        prompts = [prompt] * (1 if seeds is None else len(seeds))
    if seeds is None:
        seeds = [seed] * len(prompts)
    if len(prompts) != len(seeds) or not prompts:
        raise ValueError(f"{len(prompts)} prompts and {len(seeds)} seeds; lists must be of one length, at least 1")
    for words in prompts:
        check_prompt(words)
    return [(words, checked_seed(number)) for words, number in zip(prompts, seeds, strict=True)]


def _batches(made_of: list[Ingredients], most: int) -> list[slice]:
    """Slices of neighbours that can stand in one batch: at most so many, and of prompts equally long."""
    tokens = [one.words.shape[1] for one in made_of]
    starts = [0]
    for i in range(1, len(made_of)):
        if i - starts[-1] >= most or tokens[i] != tokens[i - 1]:
            starts.append(i)
    return [slice(a, b) for a, b in zip(starts, [*starts[1:], len(made_of)], strict=True)]
