"""The rows by which the first embedded models were measured, for any model: a stereo one is mixed down.

    python -m benchmarks.first.model                       400 prompts of the first composer and all else
    python -m benchmarks.first.model --prompts 40          a quick look
    python -m benchmarks.first.model --only judge,frechet  some parts: judge, combinations, genres, frechet, live,
                                                           speed, memorised, laws
    python -m benchmarks.first.model --minutes 4           stop after so long; the same call again goes on

Clips are kept under work/bench-model, by the hash of the model, so that scoring can be repeated. Shares stand for real
renders of the held-out pieces, for clips generated from their captions, and for the same clips with the captions
shuffled (what a model that ignores words would get), each with its 95 % interval. A question is asked only of prompts
that say the answer. Needs the soundfont (`riffkit doctor` says how) for the real renders.
"""

import argparse
import json
import subprocess
import sys
import warnings
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from PIL import Image

import riffkit
from benchmarks.first import judge as judging
from benchmarks.first.clips import Deadline, generated, played, redrawing
from benchmarks.first.prompts import combination_prompts, genre_prompts, held_out_prompts, other_pieces
from benchmarks.probe import FACTS_OF_A_PROCESS, odd_prompts, stock_difference
from riffkit.compose.corpus import render_to_disk
from riffkit.listening.music import best_share_on_scale, key_of, share_on_grid, share_on_scale, tempo_agrees
from riffkit.listening.statistics import frechet_distance, nearest_distances, wilson
from riffkit.sound.params import SpectrogramParams

PARTS = ("judge", "combinations", "genres", "frechet", "live", "speed", "memorised", "laws")
ROWS = {
    "family": "family of solo instruments, 12-way",
    "instrument": "single instrument of solos, 46-way",
    "drums": "drums or none",
    "no drums": '"no drums" obeyed',
    "bass": "bass or none",
    "ensemble": "one player or several",
    "tempo": "tempo word or number, 5-way",
    "bpm": "BPM within 4 %, beat tracker",
    "bpm or relative": "the same, half or double",
    "density": "density, 3-way",
    "register": "register, low or high",
    "root": "root of the key, 12-way",
    "root by profile": "the same by chroma and profiles",
    "mode": "major or minor",
    "texture": "texture, 4-way",
}
COMPONENTS = 32  # of what the judge hears, for the Frechet distance


def right_answers(judge, clips, prompts):
    """Right or wrong, by row of the table, None where the prompt does not say.

    Parameters
    ----------
    judge : benchmarks.first.judge.Judge
    clips : benchmarks.first.clips.Measured
    prompts : list of benchmarks.first.prompts.Prompt

    Returns
    -------
    dict of str to list of (bool or None)
    """
    pieces = [prompt.piece for prompt in prompts]
    rows = dict(judging.hits(judge.hear(clips.views), pieces))
    rows["no drums"] = rows["drums"]
    tempi = [tempo_agrees(bpm, piece.bpm) for bpm, piece in zip(clips.bpm, pieces, strict=True)]
    rows["bpm"], rows["bpm or relative"] = ([tempo[i] for tempo in tempi] for i in (0, 1))
    rows["root by profile"] = [
        key_of(chroma)[0] == piece.key for chroma, piece in zip(clips.chroma, pieces, strict=True)
    ]
    asked_with = {"bpm or relative": "bpm", "root by profile": "root"}
    return {
        row: [
            hit if asked_with.get(row, row) in prompt.asks else None for hit, prompt in zip(hits, prompts, strict=True)
        ]
        for row, hits in rows.items()
    }


def shuffled_answers(judge, clips, prompts, seed=0):
    """The same with each clip judged by the prompt of another that asks the same."""
    rng, rows = np.random.default_rng(seed), {}
    for row in ROWS:
        asked = [
            i
            for i, prompt in enumerate(prompts)
            if {"bpm or relative": "bpm", "root by profile": "root"}.get(row, row) in prompt.asks
        ]
        if len(asked) > 1:
            turned = np.roll(asked, int(rng.integers(1, len(asked))))
            rows[row] = right_answers(judge, clips[asked], [prompts[i] for i in turned])[row]
    return rows


def cell(hits):
    """Share with its interval and number of cases, as text."""
    hits = [hit for hit in hits if hit is not None]
    if not hits:
        return "-"
    share, low, high, n = wilson(sum(hits), len(hits))
    return f"{100 * share:5.1f} % [{100 * low:5.1f}, {100 * high:5.1f}] n={n}"


def print_table(columns, rows):
    print(f"{'':36s}" + "".join(f"{name:>32s}" for name in columns))
    for row, title in rows.items():
        if any(row in answers for answers in columns.values()):
            print(f"{title:36s}" + "".join(f"{cell(answers.get(row, [])):>32s}" for answers in columns.values()))


def print_music(columns, prompts):
    """Without the judge: how much lies on the scale, and how many onsets on the beat."""
    print(f"\n{'':50s}" + "".join(f"{name:>12s}" for name in columns))
    pieces = [prompt.piece for prompt in prompts]
    keyed = [i for i, prompt in enumerate(prompts) if "root" in prompt.asks]
    timed = [i for i, prompt in enumerate(prompts) if "bpm" in prompt.asks]
    pitched = [i for i, piece in enumerate(pieces) if piece.parts]

    def on_scale(clips, turn=0):
        return np.mean([share_on_scale(clips.chroma[i], pieces[i].key + turn, pieces[i].mode) for i in keyed])

    def on_grid(clips):
        onsets = [clips.onsets[i][np.isfinite(clips.onsets[i])] for i in timed]
        pairs = [share_on_grid(found, 15 / pieces[i].bpm) for found, i in zip(onsets, timed, strict=True)]
        return np.nanmean(pairs, axis=0) if pairs else (np.nan, np.nan)

    lines = {
        f"energy on the scale asked for (n={len(keyed)})": on_scale,
        "  the same six semitones off": lambda clips: on_scale(clips, 6),
        f"energy on the best scale (n={len(pitched)})": lambda clips: np.mean(
            [best_share_on_scale(clips.chroma[i]) for i in pitched]
        ),
        f"onsets on the sixteenths asked for (n={len(timed)})": lambda clips: on_grid(clips)[0],
        "  by chance": lambda clips: on_grid(clips)[1],
    }
    for title, figure in lines.items():
        print(f"{title:50s}" + "".join(f"{figure(clips):12.3f}" for clips in columns.values()))


def print_frechet(judge, clips, others, on_the_way):
    """Distance of generated to other real renders, beside those of as many renders that went only part of the way.

    Parameters
    ----------
    judge : benchmarks.first.judge.Judge
    clips, others : benchmarks.first.clips.Measured
        Generated, and real renders of other pieces.
    on_the_way : dict of str to benchmarks.first.clips.Measured
        The first of them are the real renders themselves, whose distance is the unit.

    Returns
    -------
    float
        Of the generated ones.
    """
    n = min(len(clips), len(others))
    heard = {name: judge.hear(some.views)["embedding"].numpy()[:n] for name, some in on_the_way.items()}
    heard["generated"], others = (judge.hear(some.views)["embedding"].numpy()[:n] for some in (clips, others))
    centre = others.mean(axis=0)
    directions = np.linalg.svd(others - centre, full_matrices=False)[2][:COMPONENTS].T
    seen = {name: (some - centre) @ directions for name, some in heard.items()}
    distances = {name: frechet_distance(x, (others - centre) @ directions) for name, x in seen.items()}
    unit = next(iter(distances.values()))
    told = ", ".join(f"{name} {distance:.2f} ({distance / unit:.2f})" for name, distance in distances.items())
    print(f"Frechet distance to other real renders, n={n} (ratio to the first): {told}")
    return distances["generated"]


def print_faults(clips):
    """Clips that are not sound: NaN or infinite, silent (peak under -40 dBFS), clipped (beyond full scale)."""
    peak = clips.peak
    faults = (np.sum(~np.isfinite(peak)), np.sum(peak < 0.01), np.sum(peak > 1.0))
    print(f"among {len(clips)} clips: {faults[0]} not finite, {faults[1]} silent, {faults[2]} clipped")


def print_process(model, live):
    """Seconds and memory in a process of its own."""
    command = [sys.executable, "-c", FACTS_OF_A_PROCESS, model, "live" if live else "words"]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    facts = json.loads(told.stdout.strip().splitlines()[-1])
    print(
        f"{'few-step twin' if live else 'words to sound'}: {facts['seconds']:.2f} s (median of {facts['n']}, best"
        f" {facts['best']:.2f} s) for {facts['duration']:.2f} s of sound, real-time factor"
        f" {facts['seconds'] / facts['duration']:.2f} (best {facts['best'] / facts['duration']:.2f});"
        f" load {facts['load']:.1f} s; peak memory of the process {facts['memory_gb']:.2f} GB"
    )


def print_memorised(folder, pictures, recipe, library, run, deadline):
    """Is a clip nearer to its nearest training picture than held-out pieces are to theirs?"""
    first, n = recipe.get("first_seed", 0), min(recipe["n_pieces"], library)
    deadline.check()
    if run:
        trained = np.load(run / "corpus" / "pictures.npy", mmap_mode="r")
    else:
        trained = render_to_disk(folder / f"trained-{recipe['corpus']}-{n}", recipe["corpus"], first, n).pictures
    unseen = render_to_disk(folder / f"unseen-{recipe['corpus']}", recipe["corpus"], 45_000_000, len(pictures)).pictures
    ours, _ = nearest_distances(pictures, trained)
    theirs, _ = nearest_distances(np.asarray(unseen), trained)
    low = np.quantile(theirs, 0.05)
    print(
        f"nearest of {len(trained)} training pictures, in grey levels of 32 x 64 miniatures: {len(ours)} generated,"
        f" median {np.median(ours):.1f}, least {ours.min():.1f}; as many held-out renders, median"
        f" {np.median(theirs):.1f}, least {theirs.min():.1f}; {np.mean(ours < low):.1%} of the generated are nearer"
        " than 5 % of the held-out are"
    )


def save_grid(pictures, captions, path, columns=6):
    """Pictures side by side, a third of their size, for the eye, and their captions in a file beside them."""
    tiles = [np.pad(picture, 6, constant_values=128) for picture in pictures]
    rows = [np.concatenate(tiles[i : i + columns], axis=1) for i in range(0, len(tiles) // columns * columns, columns)]
    if rows:
        path.parent.mkdir(parents=True, exist_ok=True)
        grid = Image.fromarray(np.concatenate(rows))
        grid.resize((grid.width // 3, grid.height // 3), Image.Resampling.BOX).save(path)
        path.with_suffix(".txt").write_text("\n".join(captions[: len(tiles)]) + "\n")
        print(f"pictures: {path}, their captions beside it")


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--prompts", type=int, default=400)
    parser.add_argument("--extra", type=int, default=93, help="prompts of held-out combinations, and of genres alone")
    parser.add_argument("--steps", type=int, help="default: as the model says, and so with the next two")
    parser.add_argument("--guidance", type=float)
    parser.add_argument("--guidance-interval", type=float, nargs=2, metavar=("FROM", "TO"))
    parser.add_argument("--model", default="mini", help="a folder, or mini for the embedded model")
    parser.add_argument("--only", default=",".join(PARTS), help=f"some of {','.join(PARTS)}")
    parser.add_argument("--library", type=int, default=2048, help="training pictures to look for copies in")
    parser.add_argument("--run", type=Path, help="folder of the training: look for copies in all its pictures instead")
    parser.add_argument("--minutes", type=float, help="stop after so long; the same call again goes on")
    parser.add_argument("--work", type=Path, default=Path("work/bench-model"))
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    wanted = options.only.split(",")
    unknown = [part for part in wanted if part not in PARTS]
    if unknown:
        parser.error(f"{unknown[0]!r} is none of {', '.join(PARTS)}")
    try:
        _report(options, wanted)
    except TimeoutError as pause:
        print(pause)


def _report(options, wanted):
    deadline = Deadline(options.minutes)
    judge, digest = judging.load()
    riffer = riffkit.load(options.model)
    asked = dict(
        num_inference_steps=options.steps, guidance_scale=options.guidance, guidance_interval=options.guidance_interval
    )
    usual = asdict(riffer.defaults) | {name: value for name, value in asked.items() if value is not None}
    steps, interval = usual["num_inference_steps"], usual["guidance_interval"]
    guidance = f"{usual['guidance_scale']:g}@{interval[0]:g}-{interval[1]:g}"
    folder = options.work / f"{riffer.checkpoint.hash[:12]}-{steps}-{guidance}"
    print(f"judge {digest}, model {riffer.checkpoint.hash[:12]}, {steps} steps, guidance {guidance}")

    own_pictures = riffer.params == SpectrogramParams()  # one channel, up to 10 kHz, as these were
    prompts = held_out_prompts(options.prompts)
    captions = [prompt.words for prompt in prompts]
    if {"judge", "combinations", "frechet", "live", "memorised"} & set(wanted):
        clips, pictures = generated(folder, "held-out", riffer, captions, deadline, **usual)
        real = played(options.work / "real", "held-out", [prompt.piece for prompt in prompts], deadline)
        answers = right_answers(judge, clips, prompts)
    if "judge" in wanted:
        columns = {"real": right_answers(judge, real, prompts), "generated": answers}
        columns["shuffled"] = shuffled_answers(judge, clips, prompts)
        print_table(columns, ROWS)
        print_music({"real": real, "generated": clips}, prompts)
        print_faults(clips)
        save_grid([picture for chunk in pictures for picture in chunk][:24], captions, folder / "grid.png")
    if "combinations" in wanted:
        held = combination_prompts(options.extra)
        held_clips, _ = generated(folder, "combinations", riffer, [p.words for p in held], deadline, **usual)
        held_real = played(options.work / "real", "combinations", [p.piece for p in held], deadline)
        pooled = {
            "seen combinations": answers,
            "held-out ones": right_answers(judge, held_clips, held),
            "held-out, real": right_answers(judge, held_real, held),
        }
        for rows in pooled.values():
            rows["all"] = [hit for row in ("family", "drums", "bass", "ensemble", "tempo") for hit in rows[row]]
        print("\ncombinations of instruments, genre and tempo that training met, and those kept from it")
        print_table(pooled, {"all": "the next five together", **{row: ROWS[row] for row in list(ROWS)[:7]}})
    if "genres" in wanted:
        named = genre_prompts(options.extra)
        named_clips, _ = generated(folder, "genres", riffer, [p.words for p in named], deadline, **usual)
        named_real = played(options.work / "real", "genres", [p.piece for p in named], deadline)
        columns = {
            "real": right_answers(judge, named_real, named),
            "generated": right_answers(judge, named_clips, named),
            "shuffled": right_answers(judge, named_clips, named[len(named) // 2 :] + named[: len(named) // 2]),
        }
        print()
        print_table(columns, {"genre": f"genre words alone, {len(judging.CHOICES['genre'])}-way"})
    if {"frechet", "live"} & set(wanted):
        others = played(options.work / "real", "others", other_pieces(options.prompts), deadline)
        print()
    if "frechet" in wanted:
        pieces = [prompt.piece for prompt in prompts]
        drawn = played(options.work / "real", "drawn", pieces, deadline, redrawing(riffer, autoencoder=False))
        on_the_way = {"real": real, "drawn and played": drawn}
        if own_pictures:
            through = played(folder, "through", pieces, deadline, redrawing(riffer, autoencoder=True))
            on_the_way["through the autoencoder"] = through
        print_frechet(judge, clips, others, on_the_way)
    if "live" in wanted and riffer.checkpoint.live_file is not None:
        n = max(options.prompts * 2 // 5, 2)
        quick, _ = generated(folder, "live", riffer.live(), captions[:n], deadline)
        first = list(range(n))
        print("few-step twin, and the model itself on the same prompts:")
        theirs = print_frechet(judge, quick, others[first], {"real": real[first]})
        ours = print_frechet(judge, clips[first], others[first], {"real": real[first]})
        print(f"  the twin's distance is {100 * (theirs / ours - 1):+.0f} %")
        rows = {"model": {row: hits[:n] for row, hits in answers.items()}}
        print_table(rows | {"few-step twin": right_answers(judge, quick, prompts[:n])}, ROWS)
    if "speed" in wanted:
        print()
        print_process(options.model, live=False)
        if riffer.checkpoint.live_file is not None:
            print_process(options.model, live=True)
        size = sum(path.stat().st_size for path in riffer.checkpoint.folder.rglob("*") if path.is_file())
        print(f"folder on disk {size / 1e6:.1f} MB, {torch.get_num_threads()} threads")
    if "memorised" in wanted and not own_pictures:
        print(
            "copies: this model learnt from other pictures than the first ones; python -m benchmarks.model looks there"
        )
    elif "memorised" in wanted:
        recipe = json.loads((riffer.checkpoint.folder / "recipe.json").read_text())
        some = np.concatenate([np.asarray(chunk) for chunk in pictures])[:100]
        print_memorised(options.work, some, recipe, options.library, options.run, deadline)
    if "laws" in wanted:
        largest, mean = stock_difference(riffer.checkpoint.folder, captions[0], 0, steps, usual["guidance_scale"])
        print(f"stock diffusers, float32: largest difference {largest} of 255 grey levels, mean {mean:.4f}")
        print(f"odd prompts that made sound: {odd_prompts(riffer)}")


if __name__ == "__main__":
    main()
