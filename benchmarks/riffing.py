"""What riffing promises, in figures: `python -m benchmarks.riffing [loops kept ends journey strength long]`.

Without arguments all sections run, in about ten minutes on two cores. Everything is measured on the embedded model;
how long riffs take beside stock diffusers is in benchmarks/speed.py.
"""

import multiprocessing
import sys
import time

import numpy as np

from benchmarks.peak import peak_memory

STEPS = 12
PROMPTS = (
    "solo piano, church bells, flute, choir, organ, marimba, trumpet, violin, techno, jazz drums, reggae,"
    " funky slap bass and drums, rock guitar, ambient strings, organ and drums, bass and drums, harp, house beat, sitar"
    ", lo-fi hip hop"
)


def main(names):
    known = {f.__name__: f for f in (loops, kept, ends, journey, strength, long)}
    unknown = set(names) - set(known)
    if unknown:
        raise SystemExit(f"unknown section {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    for name in names or known:
        print(f"\n## {name}: {known[name].__doc__.splitlines()[0]}", flush=True)
        known[name]()


def riffer(**options):
    import riffkit

    return riffkit.load(**options)


def flux(mel):
    """Spectral flux: what begins from one frame to the next, the last frame being followed by the first."""
    return np.maximum(mel - np.roll(mel, 1, -1), 0).sum(0)


def loops(n=20):
    """The seam of loops: spectral flux at the join over the median inside; and the beat of eight repeats."""
    from riffkit import Clip
    from riffkit.sound.mel import mel_from_clip

    model = riffer()
    prompts = [prompt.strip() for prompt in PROMPTS.split(",")][:n]
    rows = {"loop=True": [], "plain, repeated": []}
    drift = []
    for i, prompt in enumerate(prompts):
        for name, loop in (("loop=True", True), ("plain, repeated", False)):
            clip = model.riff(prompt, i, loop=loop, num_inference_steps=STEPS).clip
            twice = mel_from_clip(Clip(np.tile(clip.samples, (1, 2)), clip.sample_rate))[0]
            join = round(clip.samples.shape[1] / 441)
            d = flux(twice)
            rows[name].append(d[join] / np.median(d[10:-10]))
            if loop:
                eight = flux(mel_from_clip(Clip(np.tile(clip.samples, (1, 8)), clip.sample_rate))[0])
                spectrum = np.abs(np.fft.rfft(eight[1:] - eight[1:].mean(), 1 << 15)) ** 2
                correlation = np.fft.irfft(spectrum)[: 6 * join]
                peaks = [k * join - 8 + int(np.argmax(correlation[k * join - 8 : k * join + 9])) for k in range(1, 6)]
                drift.append(max(abs(p - k * join) for k, p in enumerate(peaks, 1)))
    for name, ratios in rows.items():
        ratios = np.array(ratios)
        print(
            f"{name:16s} n={len(ratios)}  median {np.median(ratios):.2f}  max {ratios.max():.2f}"
            f"  at most 1.2: {np.mean(ratios <= 1.2):.0%}"
        )
    print(f"period over 8 repeats: largest deviation {max(drift)} frames of 10 ms (n={len(drift)})")


def kept():
    """Inpaint and extend: the kept part of picture and sound."""
    model = riffer()
    for prompt, seed in (("solo piano", 1), ("techno", 2), ("church bells", 3)):
        old = model.riff(prompt, seed, num_inference_steps=STEPS)
        before, pixels = old.clip.samples[0], np.asarray(old.image)
        for side in ("right", "left"):
            new = model.extend(old, duration=2.56, side=side, num_inference_steps=STEPS)
            at = 256 if side == "left" else 0
            equal = np.array_equal(np.asarray(new.image)[:, at : at + old.image.width], pixels)
            samples = new.clip.samples[0][at * 441 :][: len(before)]
            away = slice(15000, None) if side == "left" else slice(None, len(before) - 15000)
            decibels = error_db(samples[away], before[away])
            print(f"extend {side:5s} {prompt:12s} equal pixels {equal}  sound {decibels:.0f} dB")
        new = model.inpaint(old, [(2.0, 3.0)], "flute", num_inference_steps=STEPS)
        there = np.asarray(new.image)
        equal = np.array_equal(there[:, :200], pixels[:, :200]) and np.array_equal(there[:, 300:], pixels[:, 300:])
        samples = new.clip.samples[0]
        away = np.r_[0 : 200 * 441 - 15000, 300 * 441 + 15000 : len(before)]
        print(f"inpaint      {prompt:12s} equal pixels {equal}  sound {error_db(samples[away], before[away]):.0f} dB")


def error_db(a, b):
    """Root mean square of a - b over that of b, in dB; -240 where they are equal."""
    return 20 * np.log10(np.sqrt(np.mean((a - b) ** 2) / np.mean(b**2)) + 1e-12)


def ends():
    """Interpolation: both ends, the joints, and read backwards; DDIM inversion of recordings."""
    model = riffer()
    options = {"num_inference_steps": STEPS}
    a, b, c = ({"prompt": p, "seed": s} for p, s in (("church bells", 1), ("techno", 2), ("solo piano", 3)))
    plain = model.riff("church bells", 1, **options), model.riff("techno", 2, **options)
    walk, other = model.interpolate(a, b, count=3, **options), model.interpolate(b, c, count=3, **options)
    back = model.interpolate(b, a, 0.5, **options)

    def same(x, y):
        return np.array_equal(np.asarray(x.image), np.asarray(y.image))

    print("ends equal to plain calls:", same(walk[0], plain[0]), same(walk[2], plain[1]))
    print("joint equal:", same(walk[2], other[0]), " (A, B, .5) is (B, A, .5):", same(walk[1], back))
    from riffkit.diffusion.latents import pixels_from_latents
    from riffkit.diffusion.run import paint
    from riffkit.riffing.ends import as_end, ingredients_of
    from riffkit.riffing.task import latents_of

    for steps in (10, 20, 50):
        errors = []
        for riff in plain:
            end = as_end({"source": riff.clip}, model.checkpoint, _no_words())
            latents, columns = latents_of(model.checkpoint, end.source, False)
            made = ingredients_of(model, end, latents.shape[-1], loop=False, num_inference_steps=steps)
            again = paint(model.checkpoint, made, scheduler="ddim", num_inference_steps=steps)
            first = pixels_from_latents(model.checkpoint, latents)[:, :columns].astype(float)
            errors.append(np.abs(first - pixels_from_latents(model.checkpoint, again)[:, :columns]).mean())
        print(
            f"inverted and back in {steps} steps: mean error {np.mean(errors):.1f} of 255, the autoencoder's own aside"
        )


def _no_words():
    return {"prompt": "", "seed": 0, "negative_prompt": "", "guidance_scale": 1.0, "strength": None}


def journey():
    """Repetition: self-similarity at a lag of 5.12 s, of a 60 s journey and of a tiled walk."""
    model = riffer()
    seeds = [1, 2]
    long_way = model.walk(
        ["church bells", "techno"], duration=60, seed=seeds, num_inference_steps=STEPS, quality="fast"
    )
    tiles = model.interpolate(
        {"prompt": "church bells", "seed": 1}, {"prompt": "techno", "seed": 1}, steps=12, num_inference_steps=STEPS
    )
    for name, image in (("journey, one field of noise", long_way.image), ("tiles, one seed", tiles.image)):
        grey = 255.0 - np.asarray(image.convert("L"))
        grey = grey - grey.mean(1, keepdims=True)
        a, b = grey[:, :-512], grey[:, 512:]
        similarity = (a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum())
        print(f"{name:28s} correlation at 5.12 s: {similarity:.2f}")


def strength():
    """Steps at each strength: noise goes in at the timestep where the loop begins, for every scheduler."""
    from riffkit.diffusion.schedulers import SCHEDULERS, make_scheduler

    config = riffer().checkpoint.scheduler_config
    print(f"{'20 steps':16s}" + "".join(f"{s:>16g}" for s in (0, 0.02, 0.5, 0.75, 1)))
    for name in SCHEDULERS:
        cells = []
        for value in (0, 0.02, 0.5, 0.75, 1):
            timesteps = make_scheduler(name, config, 20, value).timesteps
            cells.append(f"{len(timesteps)} from {float(timesteps[0]):.0f}" if len(timesteps) else "0")
        print(f"{name:16s}" + "".join(f"{cell:>16s}" for cell in cells))


# -- time and memory -------------------------------------------------------------------------------------------------


def long():
    """Long pieces: seconds of work per second of sound, and peak memory, at 10, 60 and 300 s."""
    for seconds in (10, 60, 300):
        work, peak = _alone(_long, seconds)
        print(f"{seconds:4d} s  {work / seconds:.3f} s per second of sound  peak memory {peak:5.0f} MB", flush=True)


def _long(seconds, pipe):
    model = riffer()
    start = time.perf_counter()
    model.riff("techno", 1, duration=seconds, num_inference_steps=4, quality="fast")
    pipe.send((time.perf_counter() - start, peak_memory() / 2**20))


def _alone(job, argument):
    """Run a job in a process of its own, so that its peak of memory is its own."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(False)
    process = context.Process(target=job, args=(argument, there))
    process.start()
    there.close()
    result = here.recv()
    process.join()
    return result


if __name__ == "__main__":
    main(sys.argv[1:])
