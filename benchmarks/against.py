"""Is this checkout slower than another one?

    git worktree add /tmp/before COMMIT && python -m benchmarks.against /tmp/before

One process for each checkout, both loaded and warm, takes turns at the same work: encode and decode of a five-second
clip, words to sound with the embedded model. Printed are the medians and the median of the paired ratios, with the
interval in which the middle half of them lies. Stop everything else first.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
WORKER = """
import sys, time
import riffkit
clip = riffkit.Clip.load(sys.argv[1]).slice(0, 5.0)
image, riffer = riffkit.encode(clip), riffkit.load()
work = {
    "encode": lambda: riffkit.encode(clip),
    "decode": lambda: riffkit.decode(image),
    "riff": lambda: riffer.riff("church bells", seed=7, progress=False),
}
for each in work.values():
    each()
print("ready", flush=True)
for line in sys.stdin:
    start = time.perf_counter()
    work[line.strip()]()
    print(time.perf_counter() - start, flush=True)
"""


WORK = ("encode", "decode", "riff")


def worker(checkout):
    """Start a process that works with the code of a checkout."""
    environment = os.environ | {"PYTHONPATH": str(checkout)}
    clip = ROOT / "data" / "clips" / "drums-jazz.ogg"
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", WORKER, str(clip)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=checkout,
    )
    if process.stdout.readline().strip() != "ready":
        sys.exit(f"{checkout} could not be loaded")
    return process


def seconds(process, name):
    process.stdin.write(f"{name}\n")
    process.stdin.flush()
    return float(process.stdout.readline())


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("other", type=Path, help="another checkout of riffkit")
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--only", nargs="+", choices=WORK, default=WORK)
    options = parser.parse_args()
    here, there = worker(ROOT), worker(options.other.resolve())
    print("| | there | here | here / there, median | middle half |\n|---|---|---|---|---|")
    for name in options.only:
        pairs = []
        for turn in range(options.rounds):
            order = (here, there) if turn % 2 else (there, here)
            told = {process: seconds(process, name) for process in order}
            pairs.append((told[there], told[here]))
        before, now = np.array(pairs).T
        low, middle, high = np.quantile(now / before, (0.25, 0.5, 0.75))
        shown = f"{np.median(before):.4f} s | {np.median(now):.4f} s | {middle:.3f} | {low:.3f} to {high:.3f}"
        print(f"| {name} | {shown} |", flush=True)
    for process in (here, there):
        process.stdin.close()
        process.wait(10)


if __name__ == "__main__":
    main()
