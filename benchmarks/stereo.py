"""Stereo to picture to stereo: what stands in the middle stays there, beside each channel for itself and the peers.

    python -m benchmarks.stereo                                quality, full band and speed (some minutes)
    python -m benchmarks.stereo --only quality --peers 0       ours alone
    python -m benchmarks.stereo --only memory                  an hour, in a process of its own

Sixteen clips of our own (panoramas.py), each from its 8-bit picture. "linked" finds one phase for what stands between
the channels, "apart" one for each channel (`link_channels=False`); the peers do so too: torchaudio's way and librosa's
Griffin-Lim, as in benchmarks.sound. Times are ratios of calls that alternate in one process.
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # also as `python benchmarks/stereo.py`

import numpy as np

from benchmarks.material import RATE
from benchmarks.panoramas import panoramas
from benchmarks.peers import Torchaudio, librosa_griffin_lim
from riffkit.listening.metrics import grey_level_error, spectral_convergence
from riffkit.listening.stereo import band_coherence, mono_loss, side_to_middle
from riffkit.sound.clip import Clip
from riffkit.sound.image import decode, encode, mel_from_image
from riffkit.sound.inversion import clip_from_mel
from riffkit.sound.params import SpectrogramParams

PARAMS = SpectrogramParams(stereo=True)
NARROW = -6.0  # dB side to middle: below, a clip is narrow
FARTHER = {"fast": 0.5, "default": 0.5, "best": 0.3}  # dB by which a channel's error may be larger than apart


def figures(clip, found):
    """What is measured of one way on one clip."""
    n = min(clip.samples.shape[1], found.samples.shape[1])
    clip, found = (Clip(one.samples[:, :n], RATE) for one in (clip, found))
    sides = [Clip(one.samples[c : c + 1], RATE) for c in (0, 1) for one in (clip, found)]
    return {
        "coherence": band_coherence(found) - band_coherence(clip),
        "width": side_to_middle(found) - side_to_middle(clip),
        "loss": mono_loss(found) - mono_loss(clip),
        "mono": spectral_convergence(clip.mono(), found.mono()),
        "channels": (spectral_convergence(*sides[:2]) + spectral_convergence(*sides[2:])) / 2,
    }


def bars(clip, found, apart, quality):
    """Which of the issue's marks one clip meets."""
    narrow = side_to_middle(clip) < NARROW
    return {
        "coherence within .1 in all bands": np.abs(found["coherence"]).max() <= 0.1,
        "side to middle within 2 dB (wide: 4)": abs(found["width"]) <= (2 if narrow else 4),
        "mono loss within .3 dB": abs(found["loss"]) <= 0.3,
        "mono mix 10 dB nearer than apart (wide: 4)": apart["mono"] - found["mono"] >= (10 if narrow else 4),
        f"channels at most {FARTHER[quality]} dB farther than apart": found["channels"] - apart["channels"]
        <= FARTHER[quality],
    }


def quality(clips, qualities, n_peers):
    """A table of all clips for "default", and means for all ways."""
    peer, rows, means, met = Torchaudio(PARAMS), [], {}, {}
    for i, (name, clip) in enumerate(clips.items()):
        mel = mel_from_image(encode(clip, PARAMS))
        ways = {}
        for q in qualities:
            for link in (True, False):
                samples = clip_from_mel(mel, PARAMS, quality=q, link_channels=link).samples
                ways[f"{'linked' if link else 'apart'}, {q}"] = figures(clip, Clip(samples, RATE))
            for bar, kept in bars(clip, ways[f"linked, {q}"], ways[f"apart, {q}"], q).items():
                met.setdefault((q, bar), []).append(kept)
        if i < n_peers:
            ways["torchaudio"] = figures(clip, Clip(peer.invert(mel), RATE))
            sizes = peer.magnitudes(mel).numpy()
            found = np.stack([librosa_griffin_lim(size, PARAMS, seed=c) for c, size in enumerate(sizes)])
            ways["librosa Griffin-Lim"] = figures(clip, Clip(found.astype(np.float32), RATE))
        for way, found in ways.items():
            means.setdefault(way, []).append(found)
        first, apart = ways[f"linked, {qualities[0]}"], ways[f"apart, {qualities[0]}"]
        true = (
            band_coherence(clip),
            band_coherence(clip) + first["coherence"],
            band_coherence(clip) + apart["coherence"],
        )
        width = side_to_middle(clip)
        cells = [" ".join(f"{max(c, 0):.2f}".lstrip("0") for c in some) for some in true]
        cells += [f"{width:.1f}, {width + first['width']:.1f}, {width + apart['width']:.1f}"]
        cells += [f"{first[key]:.1f}, {apart[key]:.1f}" for key in ("mono", "channels")]
        rows.append([name, *cells])
        print(f"  {name}", file=sys.stderr, flush=True)
    print(f'\n## Clip by clip, "{qualities[0]}": coherence 60-250-1000-4000-9000 Hz, side to middle, errors (dB)\n')
    table(
        ["clip", "coherence", "linked", "apart", "width: true, linked, apart", "mono: linked, apart", "channels"], rows
    )
    print("\n## Means of all clips (peers: of the first); mean |difference| but for the errors, dB\n")
    mean = lambda found, key: float(np.mean([np.mean(np.abs(one[key])) for one in found]))  # noqa: E731
    table(
        ["way", "clips", "coherence", "side to middle", "mono loss", "mono mix error", "channel error"],
        [
            [way, len(f), f"{mean(f, 'coherence'):.3f}", *(f"{mean(f, k):.2f}" for k in ("width", "loss"))]
            + [f"-{mean(f, k):.1f}" for k in ("mono", "channels")]
            for way, f in means.items()
        ],
    )
    print("\n## Of these clips so many meet\n")
    marks = list(dict.fromkeys(bar for _, bar in met))
    table(
        ["mark", *qualities], [[m, *(str(sum(met[q, m])) if (q, m) in met else "" for q in qualities)] for m in marks]
    )


def speed(clips, rounds):
    """Two channels beside one, alternated."""
    print("\n## Seconds of two channels over those of one (median of alternated calls; processor seconds)\n")
    rows = []
    for label, params in (("compatible", PARAMS), ("full band", SpectrogramParams.full_band(stereo=True))):
        mel = mel_from_image(encode(next(iter(clips.values())), params))
        for q in ("fast", "default", "best"):
            took = {"one": [], "linked": [], "apart": []}
            for turn in range(rounds + 1):
                for way, some in (("one", mel[:1]), ("linked", mel), ("apart", mel)):
                    start, cpu = time.perf_counter(), time.process_time()
                    clip_from_mel(some, params, quality=q, link_channels=way != "apart")
                    if turn:
                        took[way].append((time.perf_counter() - start, time.process_time() - cpu))
            wall, cpu = ({way: np.array(t)[:, i] for way, t in took.items()} for i in (0, 1))
            ratios = [f"{np.median(c[w] / c['one']):.2f}" for w in ("linked", "apart") for c in (wall, cpu)]
            rows.append([label, q, *ratios, f"{wall['linked'].min() / 5.11:.3f}"])
    table(["picture", "quality", "linked", "(processor)", "apart", "(processor)", "real-time factor, least"], rows)


def full_band():
    """What lies above 10 kHz after a round trip, and grey levels beside the compatible preset."""
    print("\n## Full band, stereo, 512 rows: level of 10-16 kHz after a round trip (dB), grey-level error\n")
    wide, rows = SpectrogramParams.full_band(stereo=True), []
    for name, clip in panoramas(
        ("pop, spread", "jazz in a small room", "drum kit", "rock, doubled guitars", "noise, half in common"), 20000
    ).items():
        image, compatible = encode(clip, wide), encode(clip, PARAMS)
        found = decode(image)
        levels = [level_of(one, 10000, 16000) for one in (clip, found)]
        greys = [grey_level_error(image, found), grey_level_error(compatible, decode(compatible))]
        more = [grey_level_error(i, decode(i)) for i in [encode(clip, SpectrogramParams.full_band(768, stereo=True))]]
        rows.append([name, f"{levels[1] - levels[0]:+.2f}", *(f"{grey:.2f}" for grey in [*greys, *more])])
    table(["clip", "10-16 kHz", "grey, full band", "grey, compatible", "grey, 768 rows"], rows)


def level_of(clip, low, high):
    spectrum = np.abs(np.fft.rfft(clip.samples, axis=1)) ** 2
    hertz = np.fft.rfftfreq(clip.samples.shape[1], 1 / RATE)
    return 10 * np.log10(spectrum[:, (hertz >= low) & (hertz < high)].sum() / clip.samples.shape[1] ** 2 + 1e-20)


def memory(minutes):
    """The peak of a process that inverts so long a stereo mel, which is made as it is asked for."""
    code = f"""
import time, numpy as np
from benchmarks.peak import peak_memory
from riffkit.sound.inversion import Inversion, invert
from riffkit.sound.params import SpectrogramParams
params = SpectrogramParams(stereo=True)
mel = np.random.default_rng(0).random((2, 512, 3000), np.float32) ** 4
def columns(channel):
    return lambda first, last: mel[channel].take(np.arange(first, last) % 3000, axis=1)
n, start = {minutes} * 6000, time.perf_counter()
before = peak_memory()
clip = invert([columns(0), columns(1)], n, params, Inversion(quality="fast"))
print(f"{{clip.duration / 60:.0f}} min: peak {{peak_memory() / 2**20:.0f}} MB, before it {{before / 2**20:.0f}}, "
      f"samples {{clip.samples.nbytes / 2**20:.0f}}; {{time.perf_counter() - start:.0f}} s")
"""
    print(f"\n## Memory: {minutes} minutes of stereo\n", flush=True)
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).resolve().parent.parent)


def table(heads, rows):
    print("| " + " | ".join(heads) + " |\n|" + "---|" * len(heads))
    for row in rows:
        print("| " + " | ".join(map(str, row)) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", default="quality,full,speed", help="quality, full, speed, memory")
    parser.add_argument("--qualities", default="default,best", help="the first is told clip by clip")
    parser.add_argument(
        "--peers", type=int, default=3, metavar="N", help="clips that the peers get too (they are slow)"
    )
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--minutes", type=int, default=60, help="for memory")
    options = parser.parse_args()
    chosen = options.only.split(",")
    clips = panoramas() if {"quality", "speed"} & set(chosen) else {}
    if "quality" in chosen:
        quality(clips, options.qualities.split(","), options.peers)
    if "full" in chosen:
        full_band()
    if "speed" in chosen:
        speed(clips, options.rounds)
    if "memory" in chosen:
        memory(options.minutes)


if __name__ == "__main__":
    main()
