"""The bits of everything riffkit makes: recorded before a change, compared after it.

    python -m benchmarks.bits --write before.json          on the machine and versions that will compare
    python -m benchmarks.bits --against before.json        fails if one of them differs
    python -m benchmarks.bits --only riff vary             some of them

Moving code changes no bit. Where a mended fault changes one, the commit says which. Bits are those of one machine:
other processors, versions and numbers of threads round differently, so no table of them is kept in the repository.
"""

import argparse
import hashlib
import json
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch

import riffkit
from riffkit.riffing.stream import Stretch

CLIPS = Path(__file__).resolve().parents[1] / "data" / "clips"
TIMBRES = CLIPS.parent / "timbres" / "steel-drums"
STEPS = 4


def digest(value):
    """A short hash of arrays, pictures, clips, riffs, walks, lists of them, or files."""
    sha = hashlib.sha256()

    def add(value):
        if isinstance(value, np.ndarray):
            sha.update(f"{value.dtype}{value.shape}".encode() + np.ascontiguousarray(value).tobytes())
        elif isinstance(value, riffkit.Clip):
            add(value.samples)
        elif isinstance(value, Stretch):
            add(value.clip)
            add(value.image)
        elif isinstance(value, riffkit.Riff):
            add(value.image)
            add(value.clip)
        elif hasattr(value, "getexif"):
            add(np.asarray(value))
            sha.update(json.dumps({str(k): str(v) for k, v in sorted(dict(value.getexif()).items())}).encode())
        elif isinstance(value, Path):
            sha.update(value.read_bytes())
        else:
            for one in value:
                add(one)

    add(value)
    return sha.hexdigest()[:16]


def codec():
    """Encode and decode: mono and stereo, all qualities, a loop, a long clip."""
    drums = riffkit.Clip.load(CLIPS / "drums-jazz.ogg")
    choir = riffkit.Clip.load(CLIPS / "solo-choir.ogg")
    stereo = riffkit.Clip(np.concatenate([drums.samples[:, :200_000], choir.samples[:, :200_000]]), drums.sample_rate)
    long = riffkit.Clip(np.tile(drums.samples, 5), drums.sample_rate)
    image, loop = riffkit.encode(drums), riffkit.encode(drums, periodic=True)
    both = riffkit.encode(stereo, riffkit.SpectrogramParams(stereo=True))
    yield "encode", image
    yield "encode loop", loop
    yield "encode stereo", both
    yield "mel_from_clip", riffkit.mel_from_clip(drums, riffkit.SpectrogramParams())
    for quality in ("fast", "default", "best"):
        yield f"decode {quality}", riffkit.decode(image, quality=quality)
    yield "decode loop", riffkit.decode(loop, periodic=True)
    yield "decode stereo", riffkit.decode(both, quality="fast")
    yield "decode seed 3", riffkit.decode(image, seed=3, quality="fast")
    yield "decode 25 s", riffkit.decode(riffkit.encode(long), quality="fast")
    mel = riffkit.mel_from_image(image)
    yield "image_from_mel", riffkit.image_from_mel(mel, riffkit.SpectrogramParams())
    yield "clip_from_mel", riffkit.clip_from_mel(mel, riffkit.SpectrogramParams(), quality="fast")


def riffing(folder):
    """Every way to riff, with the embedded model."""
    riffer = riffkit.load()
    few = {"num_inference_steps": STEPS, "quality": "fast", "progress": False}
    whole = riffkit.Clip.load(CLIPS / "solo-marimba.ogg")  # 5.12 s, 513 columns
    clip = whole.slice(0, 5.0)
    bells = riffer.riff("church bells", seed=7, **few)
    yield "riff", bells
    yield "riff list", riffer.riff(["piano", "techno"], seed=[1, 2], **few)
    yield "riff loop", riffer.riff("lo-fi beat", seed=3, loop=True, **few)
    yield "riff bars", riffer.riff("funk", seed=3, loop=True, bars=2, bpm=100, **few)
    yield "riff 8 s", riffer.riff("jazz trio", seed=4, duration=8.0, **few)
    yield "riff options", riffer.riff("piano", seed=5, negative_prompt="drums", guidance_scale=6, scheduler="ddim",
                                      guidance_interval=(200, 900), **few)  # fmt: skip
    yield "story", riffer.story([(0, "church bells"), (6, "techno")], duration=10, seed=2, **few)
    yield "vary clip", riffer.vary(clip, "jazz piano", seed=1, strength=0.6, **few)
    yield "vary 5.12 s", riffer.vary(whole, "jazz piano", seed=1, strength=0.6, **few)
    yield "vary riff", riffer.vary(bells, "steel drums", seed=1, strength=0.5, **few)
    yield "inpaint", riffer.inpaint(bells, [(1.0, 2.0)], "violin", seed=2, **few)
    yield "inpaint box", riffer.inpaint(clip, [(1.0, 2.5, 200, 2000)], "flute", seed=2, **few)
    yield "extend right", riffer.extend(bells, duration=3.0, seed=3, **few)
    yield "extend left", riffer.extend(clip, "marimba", duration=3.0, side="left", seed=3, **few)
    yield "interpolate", riffer.interpolate("church bells", "techno", count=3, seed=1, **few)
    yield "interpolate clips", riffer.interpolate(clip, bells, 0.5, strength=0.5, **few)
    yield "interpolate inverted", riffer.interpolate({"source": clip, "prompt": "marimba"}, "piano", 0.4, **few)
    yield "walk", riffer.walk(["piano", "techno", "choir"], count=2, seed=[1, 2, 3], **few)
    yield "walk 10 s", riffer.walk(["piano", "techno"], duration=10.0, **few)
    plane = riffer.plane(["piano", "techno", "choir", "flute"], **{k: few[k] for k in few if k != "progress"})
    yield "plane", plane.at(0.3, 0.6)
    yield "plane along", plane.along([(0, 0), (1, 1)], 8.0)
    yield "live", riffer.live().riff("piano", seed=1, quality="fast", progress=False)
    for name in ("bells.wav", "bells.png"):
        bells.save(folder / name)
        yield f"replay {name}", riffer.replay(folder / name, progress=False)
    stream = riffer.live().stream("piano", seed=3)
    pieces = [stream.next(), stream.next()]
    yield "stream", pieces


def training(folder):
    """A fine-tuning of a few steps, and a model from nothing of a few steps."""
    riffkit.build_dataset(TIMBRES, folder / "data", progress=False)
    yield "dataset", sorted((folder / "data").rglob("*.png"))
    for method, more in (("lora", {}), ("full", {}), ("word", {"word": "<pan>", "like": "marimba"})):
        tuning = riffkit.Tuning(
            method=method, n_steps=3, batch=2, checkpoint_every=3, validation_steps=0, rank=2, **more
        )
        file = riffkit.finetune(folder / "data", folder / method, tuning, cpu=True, tracker=None, progress=False)
        yield f"finetune {method}", sorted(file.rglob("*.safetensors")) if file.is_dir() else file
    from riffkit.training.scratch.run import Recipe

    recipe = Recipe(n_pieces=8, text_steps=2, unet_steps=2, autoencoder_steps=2, distil_steps=2, batch=2)
    model = riffkit.train_mini(folder / "mini", recipe, cpu=True, progress=None)
    yield "train_mini", sorted(model.rglob("*.safetensors"))


def measured(only):
    """Hashes by name, told as they come."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for room, made in (
            ("codec", codec),
            ("riffing", lambda: riffing(folder)),
            ("training", lambda: training(folder)),
        ):
            if only and room not in only:
                continue
            for name, value in made():
                found[name] = digest(value)
                print(f"{found[name]}  {name}", flush=True)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--write", type=Path, metavar="FILE")
    parser.add_argument("--against", type=Path, metavar="FILE")
    parser.add_argument("--only", nargs="+", choices=("codec", "riffing", "training"))
    options = parser.parse_args()
    torch.set_num_threads(2)
    found = measured(options.only)
    if options.write:
        options.write.write_text(json.dumps(found, indent=1) + "\n")
    if options.against:
        before = json.loads(options.against.read_text())
        differ = [name for name in found if before.get(name) != found[name]]
        print(f"{len(found) - len(differ)} of {len(found)} as before; differ: {', '.join(differ) or 'none'}")
        sys.exit(bool(differ))


if __name__ == "__main__":
    main()
