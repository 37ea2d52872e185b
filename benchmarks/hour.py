"""An hour of stereo at 48 kHz, there and back: seconds and peak memory of each step, in a process of its own.

`python -m benchmarks.hour` takes some ten minutes; `--minutes 6` a tenth of it.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
RATE = 48000
WRITE = """
import numpy as np, soundfile, sys
rng = np.random.default_rng(0)
with soundfile.SoundFile("hour.wav", "w", {rate}, 2, subtype="PCM_16") as file:
    for minute in range({minutes}):
        t = np.arange(60 * {rate}) / {rate}
        tone = 0.2 * np.sin(2 * np.pi * (110 + 7 * minute) * t) * np.exp(-(t % 1))
        file.write(np.stack([tone, np.roll(tone, 1000)], 1) + 0.01 * rng.standard_normal((len(t), 2)))
"""
STEPS = {
    "encode": 'riffkit.save_image(riffkit.encode("hour.wav"), "hour.png")',
    "encode, stereo": """
params = riffkit.SpectrogramParams(stereo=True)
riffkit.save_image(riffkit.encode("hour.wav", params), "stereo.png")""",
    "decode, fast": 'riffkit.decode("hour.png", quality="fast").save("fast.flac")',
    "decode": 'riffkit.decode("hour.png").save("hour.flac")',
}
CHILD = """
import time, riffkit
from benchmarks.peak import peak_memory
start = time.perf_counter()
{step}
print(time.perf_counter() - start, peak_memory())
"""


def measured(code: str, folder: Path) -> tuple[float, float]:
    """Run one step in a child: its seconds and its peak memory in bytes."""
    command = [sys.executable, "-c", CHILD.format(step=code)]
    places = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=folder, env=places, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr)
    seconds, n_bytes = done.stdout.split()
    return float(seconds), float(n_bytes)


def main() -> None:
    """Measure each step and print a line for it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=int, default=60)
    parser.add_argument("--only", nargs="+", choices=list(STEPS))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        code = WRITE.format(rate=RATE, minutes=arguments.minutes)
        subprocess.run([sys.executable, "-c", code], cwd=folder, check=True)
        print(
            f"{arguments.minutes} minutes of stereo at {RATE} Hz, {(folder / 'hour.wav').stat().st_size / 1e6:.0f} MB"
        )
        for name, step in STEPS.items():
            if arguments.only is None or name in arguments.only or (name == "encode" and "decode" in arguments.only):
                seconds, n_bytes = measured(step, folder)
                print(f"{name:16s} {seconds:7.1f} s  {n_bytes / 1e9:5.2f} GB", flush=True)


if __name__ == "__main__":
    main()
