"""From words: riffs of one prompt, several riffs at once, and stories whose words change over time."""

from dataclasses import replace

from riffkit.diffusion.mixing import lerp, together
from riffkit.diffusion.run import paint
from riffkit.models.prompt import equal_length
from riffkit.progress import shown, subtask
from riffkit.riffing import timeline
from riffkit.riffing.common import How, checked_seed, finish, fitting, ingredients, run, total_steps


def riff(
    riffer,
    prompt,
    seed=0,
    *,
    duration=None,
    loop=False,
    bars=None,
    bpm=None,
    negative_prompt="",
    num_inference_steps=None,
    guidance_scale=None,
    guidance_interval=None,
    scheduler=None,
    quality="default",
    progress=None,
):
    """Words to sound.

    Parameters
    ----------
    prompt : str or list of str
        `(word:1.3)` weighs a word, see `parse_prompt`. May be empty: whatever the model likes.
    seed : int, None, or list of int
        Lists make several riffs: of prompts, of seeds, or of both in pairs. They are painted together, as many at a
        time as memory holds, and come out as they do alone: on CPUs bit for bit, elsewhere up to rounding.
    duration : float, optional [s, up to 600]
        Default: the model's own window. Anything longer is one piece, denoised jointly in overlapping windows.
    loop : bool
        Time is a circle, in the model, the picture and the sound: the end joins the beginning.
    bars, bpm : int and float, optional
        A musical length for a loop, instead of `duration` (four beats to the bar).

    Returns
    -------
    Riff, or list of Riff if `prompt` or `seed` was a list

    Raises
    ------
    ValueError
        If a value is out of range; the message says what is allowed.
    riffkit.progress.Cancelled
        If `progress` returned False.
    """
    how = How.of(riffer, negative_prompt, num_inference_steps, guidance_scale, guidance_interval, scheduler, quality)
    several = isinstance(prompt, (list, tuple)) or isinstance(seed, (list, tuple))
    pairs = _pairs(prompt, seed)
    width, columns = timeline.painted_length(
        riffer.checkpoint, riffer.params, duration=duration, loop=loop, bars=bars, bpm=bpm
    )
    length = {"duration": duration, "loop": loop, "bars": bars, "bpm": bpm}
    compose = fitting(columns, loop, turned=loop)

    riffs, done = [], 0
    with shown(progress, "riff") as progress:
        made_of = [ingredients(riffer, *pair, width, how.negative_prompt, how.guidance_scale) for pair in pairs]
        total, steps = total_steps(how, made_of[0])
        for batch in _batches(made_of, riffer.checkpoint.memory.together):
            whole = len(pairs) * total
            latents = paint(
                riffer.checkpoint,
                together(made_of[batch]),
                scheduler=how.scheduler,
                num_inference_steps=how.num_inference_steps,
                guidance_interval=how.guidance_interval,
                seeds=[number for _, number in pairs[batch]],
                loop=loop,
                progress=subtask(progress, done, steps * len(pairs[batch]), whole),
            )
            done += steps * len(pairs[batch])
            for (words, number), one in zip(pairs[batch], latents.split(1), strict=True):
                arguments = {"prompt": words, "seed": number, **length, **how.recipe}
                stage = subtask(progress, done, total - steps, whole)
                riffs.append(finish(riffer, "riff", arguments, how, one, compose, stage, loop=loop))
                done += total - steps
    return riffs if several else riffs[0]


def story(
    riffer,
    chapters,
    duration,
    seed=0,
    *,
    transition=2.56,
    loop=False,
    negative_prompt="",
    num_inference_steps=None,
    guidance_scale=None,
    guidance_interval=None,
    scheduler=None,
    quality="default",
    progress=None,
):
    """One piece whose words change over time: `story([(0, "church bells"), (10, "techno")], duration=30)`.

    Parameters
    ----------
    chapters : list of (float, str)
        When each begins, in seconds, the first at 0, and its words.
    duration : float [s, up to 600]
    transition : float [s]
        How long the words of one chapter take to become those of the next, centred on the next one's beginning.

    Returns
    -------
    Riff
    """
    how = How.of(riffer, negative_prompt, num_inference_steps, guidance_scale, guidance_interval, scheduler, quality)
    seed, chapters = checked_seed(seed), timeline.check_story(chapters)
    timeline.check_duration(duration)
    if chapters[-1][0] >= duration:
        raise ValueError(f"the last chapter begins at {chapters[-1][0]:g} s, the story ends at {duration:g} s")
    if not 0 <= transition <= timeline.LONGEST:
        raise ValueError(f"transition is {transition!r}, expected 0..{timeline.LONGEST:g} s")
    arguments = {"chapters": [list(chapter) for chapter in chapters], "duration": duration, "seed": seed}
    arguments |= {"transition": transition, "loop": loop, **how.recipe}
    checkpoint, params = riffer.checkpoint, riffer.params
    width, columns = timeline.painted_length(checkpoint, params, duration=duration, loop=loop)

    with shown(progress, "story") as progress:
        words = equal_length(checkpoint, *[riffer.embed(prompt) for _, prompt in chapters])
        times = [time for time, _ in chapters]
        made_of = ingredients(riffer, "", seed, width, how.negative_prompt, how.guidance_scale)
        along = []
        for middle in timeline.window_times(checkpoint, params, width, loop=loop):
            a, b, alpha = timeline.place_in_story(times, middle, transition)
            along.append(lerp(words[a], words[b], alpha))
        made_of = replace(made_of, words=along)
        compose = fitting(columns, loop, turned=loop)
        return run(riffer, "story", arguments, how, made_of, compose, progress, seed=seed, loop=loop)


def _pairs(prompt, seed):
    """Prompt and seed of every riff."""
    prompts = list(prompt) if isinstance(prompt, (list, tuple)) else None
    seeds = list(seed) if isinstance(seed, (list, tuple)) else None
    if prompts is None:
        prompts = [prompt] * (1 if seeds is None else len(seeds))
    if seeds is None:
        seeds = [seed] * len(prompts)
    if len(prompts) != len(seeds) or not prompts:
        raise ValueError(f"{len(prompts)} prompts and {len(seeds)} seeds; lists must be of one length, at least 1")
    return [(words, checked_seed(number)) for words, number in zip(prompts, seeds, strict=True)]


def _batches(made_of, most):
    """Slices of neighbours that can stand in one batch: at most so many, and of prompts equally long."""
    tokens = [one.words.shape[1] for one in made_of]
    starts = [0]
    for i in range(1, len(made_of)):
        if i - starts[-1] >= most or tokens[i] != tokens[i - 1]:
            starts.append(i)
    return [slice(a, b) for a, b in zip(starts, [*starts[1:], len(made_of)], strict=True)]
