"""Sound to picture to sound beside the peers, in one process, calls alternated.

    python -m benchmarks.sound              everything (about ten minutes on two quiet cores)
    python -m benchmarks.sound --quick      four clips, short lengths (two or three minutes)
    python -m benchmarks.sound --only speed,loop,stitch --rounds 5

Times are wall seconds; beside them the seconds of all cores together (CPU), which other programs disturb less.

Peer (a): torchaudio's InverseMelScale (least squares) + GriffinLim 32, momentum 0.99, written out in peers.py.
Peer (b): librosa's Griffin-Lim from the same magnitudes; its own mel inversion asks for more memory than there is.
All errors in dB, lower is better. Nobody listened; PESQ and ViSQOL are printed where those packages are installed.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # also as `python benchmarks/sound.py`

import numpy as np
import torch

from benchmarks.material import RATE, clips
from benchmarks.peak import peak_memory
from benchmarks.peers import Torchaudio, librosa_griffin_lim, librosa_nnls_memory
from riffkit.listening import envelopes, metrics
from riffkit.sound.clip import Clip
from riffkit.sound.image import decode, encode, mel_from_image
from riffkit.sound.inversion import clip_from_mel
from riffkit.sound.joining import clip_from_mels, crossfade
from riffkit.sound.mel import mel_from_clip, mel_from_samples
from riffkit.sound.params import SpectrogramParams

PARAMS = SpectrogramParams()
OURS = ("pghi", "fast", "default", "best")
FIGURES = {
    "sc": metrics.spectral_convergence,
    "mel sc": metrics.mel_convergence,
    "lsd512": lambda a, b: metrics.mel_log_distance(a, b, 512),
    "lsd2048": lambda a, b: metrics.mel_log_distance(a, b, 2048),
    "lsd8192": lambda a, b: metrics.mel_log_distance(a, b, 8192),
    "mr": metrics.multi_resolution_distance,
    "env": envelopes.envelope_error,
    "pre": envelopes.pre_echo,
    "rise": envelopes.attack_loss,
}
PEER_A, PEER_B = "torchaudio", "librosa GL"


def timed(call):
    start = time.perf_counter()
    result = call()
    return result, time.perf_counter() - start


def quality(sounds, quick):
    """Every method once on every clip's picture: how near the sounds are."""
    peer = Torchaudio(PARAMS)
    figures, found = {}, {}
    for i, (name, clip) in enumerate(sounds.items()):
        image = encode(clip)
        mel = mel_from_image(image)
        calls = {PEER_A: lambda mel=mel: peer.invert(mel)}
        if i < (1 if quick else 4):  # slow, and no better than the other peer
            calls[PEER_B] = lambda mel=mel: librosa_griffin_lim(peer.magnitudes(mel)[0].numpy(), PARAMS)
        calls |= {q: (lambda q=q, mel=mel: clip_from_mel(mel, PARAMS, quality=q).samples) for q in OURS}
        for method, call in calls.items():
            sound = Clip(call(), RATE)
            found[method, name] = sound
            row = {key: f(clip, sound) for key, f in FIGURES.items()}
            figures[method, name] = {"grey": metrics.grey_level_error(image, sound)} | row
        print(f"  quality: {i + 1} of {len(sounds)} clips done", file=sys.stderr, flush=True)

    methods = [PEER_A, PEER_B, *OURS]
    keys = ["sc", "mel sc", "grey", "lsd512", "lsd2048", "lsd8192", "mr", "env", "pre", "rise"]
    done = {m: [n for n in sounds if (m, n) in figures] for m in methods}
    means = {m: {k: mean(figures[m, n][k] for n in done[m]) for k in keys} for m in methods}
    some = len(done[PEER_B])
    print(f"\n## Quality, means over {len(sounds)} clips (from the 8-bit picture; {PEER_B}: the first {some})\n")
    table(["method", *keys], [[m, *means[m].values()] for m in methods])
    print("\n## Quality beside torchaudio's way, same clips\n")
    rows = []
    for m in methods:
        theirs = {k: mean(figures[PEER_A, n][k] for n in done[m]) for k in keys}
        gain, mel_gain = (theirs[k] - means[m][k] for k in ("sc", "mel sc"))
        rows.append([m, gain, mel_gain, means[m]["grey"] / theirs["grey"]])
    table(["method", "sc gain dB", "mel gain dB", "grey ratio"], rows)
    print("\n## By kind of sound: sc / mel sc / grey / pre-echo / attack loss\n")
    kinds = {}
    for n in sounds:
        kinds.setdefault(n.split(":")[0], []).append(n)
    shown = ("sc", "mel sc", "grey", "pre", "rise")
    cell = lambda m, ns: " / ".join(f"{mean(figures[m, n][k] for n in ns):.1f}" for k in shown)  # noqa: E731
    compared = (PEER_A, "fast", "default", "best")
    table(["kind", *compared], [[k, *(cell(m, v) for m in compared)] for k, v in kinds.items()])
    print(
        f"\nlibrosa's own mel inversion: {librosa_nnls_memory(PARAMS, mel_from_clip(next(iter(sounds.values())))[0])}"
    )
    perceptual(sounds, found, [m for m in methods if len(done[m]) == len(sounds)])


def speed(sounds, rounds):
    """Seconds for a picture, peers and ours alternated: the peer once a round, ours three times."""
    peer = Torchaudio(PARAMS)
    names = list(sounds)[:: max(len(sounds) // 4, 1)][:4]
    mels = {n: mel_from_image(encode(sounds[n])) for n in names}
    first = {q: timed(lambda q=q: clip_from_mel(mels[names[0]], PARAMS, quality=q))[1] for q in OURS}
    took = {m: {n: [] for n in names} for m in (PEER_A, *OURS)}
    for turn in range(rounds):
        for n in names:
            for m in (PEER_A, *OURS * 3):
                call = (lambda n=n: peer.invert(mels[n])) if m == PEER_A else None
                call = call or (lambda n=n, m=m: clip_from_mel(mels[n], PARAMS, quality=m))
                cpu = time.process_time()
                wall = timed(call)[1]
                took[m][n].append((wall, time.process_time() - cpu))
        print(f"  speed: round {turn + 1} of {rounds} done", file=sys.stderr, flush=True)
    duration = float(np.mean([sounds[n].duration for n in names]))
    over_clips = lambda m, i, f: float(np.mean([f([t[i] for t in took[m][n]]) for n in names]))  # noqa: E731
    rows = []
    for m in took:
        median, least, cpu = over_clips(m, 0, np.median), over_clips(m, 0, min), over_clips(m, 1, min)
        theirs = [over_clips(PEER_A, 0, np.median), over_clips(PEER_A, 0, min), over_clips(PEER_A, 1, min)]
        ratios = [a / b for a, b in zip(theirs, (median, least, cpu), strict=True)]
        rows.append([m, median, least, cpu, median / duration, *ratios])
    print(f"\n## Speed, {len(names)} clips of {duration:.2f} s, {rounds} rounds, alternated\n")
    head = [
        "method",
        "median s",
        "least s",
        "least CPU s",
        "real-time factor",
        "x faster (median)",
        "x (least)",
        "x (CPU)",
    ]
    table(head, rows)
    print("\nFirst call of each in this process, s: " + ", ".join(f"{q} {s:.2f}" for q, s in first.items()))


def first_use():
    """Seconds until the first sound in a fresh process: nothing compiled yet, and compiled by an earlier one."""
    script = """
import time
start = time.perf_counter()
import numpy as np
from riffkit.sound.inversion import clip_from_mel
from riffkit.sound.params import SpectrogramParams
loaded = time.perf_counter()
clip_from_mel(np.ones((1, 512, 512), np.float32), SpectrogramParams())
print(loaded - start, time.perf_counter() - loaded)
"""
    rows = []
    with tempfile.TemporaryDirectory() as cache:
        for what in ("nothing compiled yet", "compiled before"):
            text = subprocess.run(
                [sys.executable, "-c", script],
                env=os.environ | {"NUMBA_CACHE_DIR": cache},
                capture_output=True,
                text=True,
                check=True,
                cwd=Path(__file__).resolve().parent.parent,
            ).stdout
            rows.append([what, *map(float, text.split())])
    print("\n## First use in a fresh process, seconds\n")
    table(["", "imports", "first sound"], rows)


def perceptual(sounds, found, methods):
    """PESQ (wide band) of the voices and ViSQOL (audio) of all, where installed."""
    voices = [n for n in sounds if n.startswith("voice")]
    try:
        from pesq import pesq
    except ImportError:
        print("\nPESQ: not installed (pip install pesq)")
    else:
        low = {n: sounds[n].resample(16000).samples[0] for n in voices}

        def score(m, n):
            other = found[m, n].resample(16000).samples[0]
            size = min(len(other), len(low[n]))
            return pesq(16000, low[n][:size], other[:size], "wb")

        if voices:
            print("\n## PESQ, wide band, of the voices (higher is better, 4.64 is perfect)\n")
            table(["method", *voices], [[m, *(score(m, n) for n in voices)] for m in methods])
    try:
        from visqol import VisqolApi
    except ImportError:
        print("\nViSQOL: not installed (pip install visqol-python)")
        return
    try:
        api = VisqolApi()
        api.create(mode="audio")
        up = {n: c.resample(48000).samples[0].astype(np.float64) for n, c in sounds.items()}
        rows = []
        for m in methods:
            scores = []
            for n in sounds:
                other = found[m, n].resample(48000).samples[0].astype(np.float64)
                size = min(len(other), len(up[n]))
                scores.append(api.measure_from_arrays(up[n][:size], other[:size], sample_rate=48000).moslqo)
            rows.append([m, mean(scores)])
        print("\n## ViSQOL, audio mode, mean over clips (higher is better, 5 is perfect)\n")
        table(["method", "MOS-LQO"], rows)
    except Exception as error:  # an optional package of another project
        print(f"\nViSQOL: installed but did not run ({type(error).__name__}: {error})")


def forward(sounds, rounds):
    """Clip to mel beside the zero-padded STFT with a dense matrix."""
    peer = Torchaudio(PARAMS)
    batch = np.concatenate([c.samples for c in list(sounds.values())[:8]])
    calls = {"zero-padded STFT + dense mel": lambda: peer.mel(batch), "ours": lambda: mel_from_samples(batch, PARAMS)}
    took = {name: [] for name in calls}
    for _ in range(max(rounds, 9)):
        for name, call in calls.items():
            result, s = timed(call)
            took[name].append(s / len(batch))
    theirs, ours = peer.mel(batch), mel_from_samples(batch, PARAMS)
    pixels = lambda mel: np.concatenate([(255 - np.power(m / m.max(), 0.25) * 255).astype(np.uint8) for m in mel])  # noqa: E731
    changed = int((pixels(theirs) != pixels(ours)).sum())
    base = np.median(took["zero-padded STFT + dense mel"])
    print(f"\n## Forward, median of {max(rounds, 9)} rounds, {len(batch)} clips\n")
    table(["way", "ms a clip", "x faster"], [[n, 1e3 * np.median(t), base / np.median(t)] for n, t in took.items()])
    print(f"\nPixels that differ (by one grey level): {changed} of {theirs.size}")


def padded(samples, mel):
    """What was inverted as if it were no loop, as a loop of the same length."""
    n = mel.shape[2] * PARAMS.hop_length
    return Clip(np.pad(samples, (0, n))[:n], RATE)


def loops(sounds):
    """The joint of a loop: source made periodic by adding its tail to its beginning."""
    peer, rows = Torchaudio(PARAMS), []
    for name in [n for n in sounds if n.startswith(("mix", "bowed", "plucked"))][:6]:
        x, n = sounds[name].samples[0], 400 * PARAMS.hop_length
        tail = min(len(x) - n, 100 * PARAMS.hop_length)
        loop = x[:n].copy()
        loop[:tail] += x[n : n + tail] * np.linspace(1, 0, tail, dtype=np.float32)
        mel = mel_from_clip(Clip(loop, RATE), periodic=True)
        at_seam = np.arange(-6, 6)
        turned, half = np.roll(mel, mel.shape[2] // 2, axis=2), mel.shape[2] // 2
        ways = {
            PEER_A: lambda mel: padded(peer.invert(mel)[0], mel),
            "not periodic": lambda mel: padded(clip_from_mel(mel, PARAMS).samples[0], mel),
            "periodic": lambda mel: clip_from_mel(mel, PARAMS, periodic=True),
            "(source)": lambda mel, loop=loop: Clip(loop, RATE),
        }
        for way, call in ways.items():
            clip = call(mel)
            there, elsewhere = metrics.mel_error_near(mel, clip, at_seam, periodic=True)
            inside = -np.inf
            if way != "(source)":
                inside, _ = metrics.mel_error_near(turned, call(turned), at_seam + half, periodic=True)
            rows.append([name, way, metrics.seam_click(clip), metrics.seam_flux(clip), there, inside, elsewhere])
    print("\n## Loop joint (the same columns in mid-clip: the loop turned by half its length and inverted again)\n")
    table(["clip", "way", "click dB", "flux / median", "mel error at joint dB", "same in mid-clip", "elsewhere"], rows)


def stitches(sounds):
    """Clips cut in two with 0.2 s in common and joined again."""
    peer, rows, overlap = Torchaudio(PARAMS), [], 20
    for name in [n for n in sounds if n.startswith(("mix", "bowed", "plucked"))][:6]:
        mel = mel_from_clip(sounds[name])
        a, b = mel[..., :266], mel[..., 246:]
        place = np.arange(246, 266)
        halves = [Clip(peer.invert(m)[0], RATE) for m in (a, b)]
        ours = [clip_from_mel(m, PARAMS) for m in (a, b)]
        hop = PARAMS.hop_length
        joined_peer = linear_fade(*halves, (overlap - 1) * hop)
        ways = {
            f"{PEER_A} + linear fade": joined_peer,
            "ours + equal-power fade": crossfade(*ours, (overlap - 1) / 100, search_seconds=0),
            "one inversion": clip_from_mels([a, b], PARAMS, overlap=overlap),
        }
        wanted = mel[..., place]
        for way, clip in ways.items():
            got = mel_from_clip(clip)
            level = 20 * np.log10(np.linalg.norm(got[..., place]) / np.linalg.norm(wanted))
            there, elsewhere = metrics.mel_error_near(mel, clip, place)
            rows.append([name, way, level, there, elsewhere])
    print("\n## Stitch, 0.2 s in common\n")
    table(["clip", "way", "level dB", "mel error in overlap dB", "elsewhere dB"], rows)


def linear_fade(a, b, n):
    rise = np.linspace(0, 1, n, dtype=np.float32)
    x, y = a.samples[0], b.samples[0]
    return Clip(np.concatenate([x[:-n], x[-n:] * (1 - rise) + y[:n] * rise, y[n:]]), RATE)


def lengths(sounds, quick):
    """The same sounds as clips of 5 s, of 20 s, and as one long clip."""
    piece = 500 * PARAMS.hop_length
    pieces = [c.samples[0][:piece] for c in sounds.values()]
    total = 12 if quick else 60
    long = np.concatenate([np.roll(pieces[i % len(pieces)], 9973 * (i // len(pieces))) for i in range(total)])
    rows = []
    for size in (1, 4, total):
        errors, energy, took = 0.0, 0.0, 0.0
        for a in range(0, total, size):
            part = Clip(long[a * piece : (a + size) * piece], RATE)
            mel = mel_from_clip(part)
            clip, s = timed(lambda mel=mel: clip_from_mel(mel, PARAMS))
            got = mel_from_clip(clip)
            n = min(got.shape[2], mel.shape[2])
            errors += float(((got[..., :n] - mel[..., :n]) ** 2).sum())
            energy += float((mel[..., :n] ** 2).sum())
            took += s
        rows.append([f"{size * 5} s", 10 * np.log10(errors / energy), took / (total * 5)])
    print(f"\n## Length: {total * 5} s of sound in pieces\n")
    table(["inverted in pieces of", "mel error dB", "real-time factor"], rows)


def memory(minutes):
    """Peak memory of encoding and decoding a long clip, each in a process of its own."""
    script = """
import sys, numpy as np
from benchmarks.peak import peak_memory
from riffkit.sound.clip import Clip
from riffkit.sound.image import encode, decode
from riffkit.sound.image_file import save_image
what, minutes, path = sys.argv[1], float(sys.argv[2]), sys.argv[3]
if what == "encode":
    n = int(minutes * 60 * 44100)
    samples = np.empty((1, n), np.float32)
    rng = np.random.default_rng(0)
    for a in range(0, n, 441000):
        m = min(441000, n - a)
        t = np.arange(m, dtype=np.float32) / 44100
        samples[0, a:a+m] = 0.1 * np.sin(6.2832 * (200 + 50 * (a // 441000 % 9)) * t)
        samples[0, a:a+m] += 0.01 * rng.standard_normal(m, np.float32)
    save_image(encode(Clip(samples, 44100)), path, overwrite=True)
else:
    clip = decode(path)
    assert np.isfinite(clip.samples[0, ::1000]).all()
print(peak_memory() / 2**20)
"""
    path, rows = f"/tmp/riffkit-bench-{os.getpid()}.png", []
    for what in ("encode", "decode"):
        (text, took) = timed(
            lambda what=what: (
                subprocess.run(
                    [sys.executable, "-W", "ignore", "-c", script, what, str(minutes), path],
                    capture_output=True,
                    text=True,
                    check=True,
                    cwd=Path(__file__).resolve().parent.parent,
                ).stdout
            )
        )
        rows.append([what, float(text), took])
    Path(path).unlink(missing_ok=True)
    print(f"\n## Peak memory for {minutes:g} minutes of sound (own process, libraries included)\n")
    table(["", "MB", "s"], rows)


def round_trip(sounds):
    """Clip -> picture -> clip as users call it, beside torchaudio's way: issue 2's figure."""
    peer, rows = Torchaudio(PARAMS), []
    for name, clip in list(sounds.items())[:4]:
        image, encoded = timed(lambda clip=clip: encode(clip))
        ours, decoded = timed(lambda image=image: decode(image))
        mel, encoded_peer = timed(lambda clip=clip: peer.mel(clip.samples))
        theirs, decoded_peer = timed(lambda mel=mel: peer.invert(mel))
        rows.append([name, "riffkit", metrics.spectral_convergence(clip, ours), encoded, decoded])
        rows.append([name, PEER_A, metrics.spectral_convergence(clip, Clip(theirs, RATE)), encoded_peer, decoded_peer])
    print("\n## Round trip\n")
    table(["clip", "by", "sc dB", "encode s", "decode s"], rows)


def fuzz(cases):
    from tests.sound.fuzzing import run

    result, took = timed(lambda: run(cases))
    print(f"\n## Fuzz\n\n{cases} cases in {took:.0f} s: {result}")


def mean(values):
    values = [v for v in values if np.isfinite(v)]
    return float(np.mean(values)) if values else float("nan")


def table(head, rows):
    def text(v):
        digits = 3 if abs(v) < 0.995 else 1 if abs(v) < 100 else 0
        return f"{v:.{digits}f}"

    lines = [list(map(str, head)), *[[v if isinstance(v, str) else text(v) for v in row] for row in rows]]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    for i, line in enumerate(lines):
        print("| " + " | ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)) + " |")
        if i == 0:
            print("|" + "|".join("-" * (w + 2) for w in widths) + "|", flush=True)


def main(arguments=None):
    parts = ("quality", "speed", "first", "forward", "loop", "stitch", "length", "memory", "roundtrip", "fuzz")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="rounds of the speed part (default 5)")
    parser.add_argument("--quick", action="store_true", help="four clips, one round, short lengths")
    parser.add_argument("--only", default=",".join(parts), help=f"parts, of: {', '.join(parts)}")
    parser.add_argument("--files", nargs="*", default=(), help="sound files to add, e.g. a recording of your own")
    options = parser.parse_args(arguments)
    chosen = options.only.split(",")
    if unknown := set(chosen) - set(parts):
        parser.error(f"unknown parts {', '.join(sorted(unknown))}")
    warnings.simplefilter("ignore")
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    sounds, note = clips(options.files)
    if options.quick:
        kept = ("mix: pop", "drums: kit", "plucked: nylon guitar", "voice: en")
        sounds = {n: c for n, c in sounds.items() if n in kept or n.startswith("file")}
        options.rounds = 1
    print(f"# Sound benchmark: {len(sounds)} clips of 5.11 s ({note}), {len(os.sched_getaffinity(0))} cores")
    calls = {
        "quality": lambda: quality(sounds, options.quick),
        "speed": lambda: speed(sounds, options.rounds),
        "first": first_use,
        "forward": lambda: forward(sounds, options.rounds),
        "loop": lambda: loops(sounds),
        "stitch": lambda: stitches(sounds),
        "length": lambda: lengths(sounds, options.quick),
        "memory": lambda: memory(2 if options.quick else 60),
        "roundtrip": lambda: round_trip(sounds),
        "fuzz": lambda: fuzz(300 if options.quick else 2500),
    }
    for part in parts:
        if part in chosen:
            print(f"  {part}: {timed(calls[part])[1]:.0f} s", file=sys.stderr, flush=True)
    print(f"\nPeak memory of this benchmark: {peak_memory() / 2**20:.0f} MB")


if __name__ == "__main__":
    main()
