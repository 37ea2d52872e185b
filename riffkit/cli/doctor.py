"""`riffkit doctor`: look at everything riffkit needs, and say how to mend what is missing.

Each check is a function that yields findings. A check that breaks is itself a finding, so that the doctor can be asked
on a machine where hardly anything works.
"""

from __future__ import annotations

import io
import os
import platform
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import riffkit
from riffkit.cli.findings import FAIL, OK, WARN, Finding
from riffkit.cli.places import check_code, check_disk, check_home, check_letters

if TYPE_CHECKING:
    import torch

PACKAGE = Path(__file__).resolve().parents[1]
# Without these nothing sounds; what else the lock file lists is theirs.
NEEDED = ["numpy", "scipy", "numba", "torch", "diffusers", "transformers", "safetensors", "librosa", "soundfile"]
NEEDED += ["pillow", "matplotlib", "accelerate", "jupyterlab", "ipykernel", "ipywidgets", "anywidget"]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def tested_versions() -> dict[str, str]:
    """Return the package versions of the lock file by lower-case name; empty where there is no lock file."""
    for path in (PACKAGE / "_data" / "requirements.lock", PACKAGE.parent / "requirements.lock"):
        if path.is_file():
            lines = path.read_text(encoding="utf-8").splitlines()
            return dict(line.lower().split("==") for line in lines if "==" in line and not line.startswith("#"))
    return {}


def check_python() -> Iterator[Finding]:
    """Say which riffkit, which Python and which system this is."""
    seen = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}, {sys.prefix}"
    yield Finding(OK, "riffkit", f"{riffkit.__version__}, {seen}")
    if sys.flags.optimize > 1:
        text = "runs without docstrings (-OO, or PYTHONOPTIMIZE=2), which transformers reads: no model can be loaded"
        yield Finding(FAIL, "python", text, "python -O takes less away; or unset PYTHONOPTIMIZE")


def check_packages() -> Iterator[Finding]:
    """Compare the packages that riffkit cannot do without with the versions it was tested with."""
    tested, same = tested_versions(), []
    for name in NEEDED:
        try:
            version = metadata.version(name)
        except metadata.PackageNotFoundError:
            mend = f"pip install {name}=={tested[name]}" if name in tested else f"pip install {name}"
            yield Finding(FAIL, name, "is not installed", mend)
            continue
        if name in tested and version.split("+")[0] != tested[name]:
            yield Finding(
                WARN, name, f"{version}; tested with {tested[name]}", f"if it fails: pip install {name}=={tested[name]}"
            )
        else:
            same.append(f"{name} {version}")
    if same:
        yield Finding(OK, "packages", ("as tested: " if tested else "") + ", ".join(same))


def check_device() -> Iterator[Finding]:
    """Name the device that riffs are painted on, and see that torch may use all cores of a CPU."""
    import torch

    if torch.cuda.is_available():
        yield Finding(OK, "device", f"cuda: {torch.cuda.get_device_name()}")
        return
    if torch.backends.mps.is_available():
        yield Finding(OK, "device", "mps (Apple)")
        return
    threads = torch.get_num_threads()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if threads < cores:
        yield Finding(WARN, "device", f"cpu, torch uses {threads} of {cores} cores", "unset OMP_NUM_THREADS")
    else:
        yield Finding(OK, "device", f"cpu, {threads} thread{'s' * (threads > 1)}")


def check_dtype() -> Iterator[Finding]:
    """Time one convolution such as the denoiser is made of, in the dtypes the device could work in."""
    import torch

    from riffkit.models.checkpoint import choose_device, choose_dtype

    device = choose_device()
    chosen = choose_dtype(device)
    other = torch.float16 if device.type == "cuda" else torch.bfloat16
    seconds = {}
    for dtype in (torch.float32, other):
        convolution = torch.nn.Conv2d(192, 192, 3, padding=1).to(device, dtype)
        latents = torch.zeros(2, 192, 32, 32, device=device, dtype=dtype)
        seconds[dtype] = _median_seconds(convolution, latents)
    text = ", ".join(f"{str(d).removeprefix('torch.')} {1000 * s:.1f} ms" for d, s in seconds.items())
    text += f" a convolution; riffkit.load() takes {str(chosen).removeprefix('torch.')}"
    best = min(seconds, key=lambda dtype: seconds[dtype])
    if chosen in seconds and seconds[chosen] > 1.5 * seconds[best]:
        name = str(best).removeprefix("torch.")
        yield Finding(WARN, "dtype", text, f'faster here: riffkit.load(dtype="{name}")')
    else:
        yield Finding(OK, "dtype", text)


def _median_seconds(layer: torch.nn.Module, latents: torch.Tensor, times: int = 15) -> float:
    import torch

    taken = []
    with torch.inference_mode():
        for _ in range(times + 3):  # the first three warm up
            start = time.perf_counter()
            layer(latents).sum().item()
            taken.append(time.perf_counter() - start)
    return sorted(taken[3:])[times // 2]


def check_model() -> Iterator[Finding]:
    """Load the embedded model, and name its place, size and hash."""
    from riffkit.models.checkpoint import load_checkpoint

    mend = "restore data/models/mini from the repository, or reinstall riffkit"
    try:
        checkpoint = load_checkpoint("mini", device="cpu")
        size = sum(path.stat().st_size for path in checkpoint.folder.rglob("*") if path.is_file()) / 1e6
        yield Finding(OK, "model", f"{checkpoint.folder}, {size:.0f} MB, sha256 {checkpoint.hash[:16]}")
    except (OSError, ValueError) as error:
        yield Finding(FAIL, "model", " ".join(str(error).split()), mend)


def check_sound_formats() -> Iterator[Finding]:
    """Write and read a tone in every format that riffkit promises."""
    import numpy
    import soundfile

    tone = 0.3 * numpy.sin(2 * numpy.pi * 440 * numpy.arange(22050) / 44100)
    fine = []
    for name in ("WAV", "FLAC", "OGG", "MP3"):
        try:
            buffer = io.BytesIO()
            soundfile.write(buffer, tone, 44100, format=name)
            buffer.seek(0)
            back, rate = soundfile.read(buffer)
            if rate != 44100 or abs(numpy.std(back) / numpy.std(tone) - 1) > 0.1:
                raise ValueError(f"a tone came back as {len(back)} other samples")
            fine.append(name.lower())
        except (RuntimeError, ValueError, TypeError) as error:
            yield Finding(
                FAIL,
                name.lower(),
                str(error),
                "pip install --upgrade soundfile (0.12.1 or newer, with libsndfile inside)",
            )
    yield Finding(
        OK, "formats", f"{' '.join(fine)} are written and read (libsndfile {soundfile.__libsndfile_version__})"
    )


def check_fonts() -> Iterator[Finding]:
    """Look for the font of the plots."""
    from matplotlib import font_manager

    try:
        font = font_manager.findfont("DejaVu Sans", fallback_to_default=False)
        yield Finding(OK, "fonts", f"pictures are labelled in {Path(font).stem}")
    except ValueError as error:
        yield Finding(WARN, "fonts", str(error).splitlines()[0], "pip install --force-reinstall --no-deps matplotlib")


def check_jupyter() -> Iterator[Finding]:
    """See that Jupyter runs notebooks in this environment, not in another one."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    mend = f"{sys.executable} -m pip install --force-reinstall --no-deps ipykernel"
    try:
        place = Path(KernelSpecManager().get_kernel_spec("python3").resource_dir)
    except NoSuchKernel:
        yield Finding(FAIL, "kernel", "Jupyter knows no kernel python3", mend)
        return
    if Path(sys.prefix).resolve() in place.resolve().parents or "ipykernel" in str(place):
        yield Finding(OK, "kernel", f"notebooks run in {sys.prefix}")
    else:
        yield Finding(WARN, "kernel", f"notebooks run elsewhere: {place}", mend)


def find_browser() -> str | None:
    """Return the path of a Chromium or Chrome that tests can drive, or None."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def check_browser() -> Iterator[Finding]:
    """Look for what the browser tests need."""
    missing = [] if find_browser() else ["Chromium (sudo apt-get install chromium)"]
    try:
        metadata.version("playwright")
    except metadata.PackageNotFoundError:
        missing.append("playwright (pip install playwright)")
    if missing:
        yield Finding(
            WARN, "browser", "the browser tests are skipped; nothing else misses it", "install " + " and ".join(missing)
        )
    else:
        yield Finding(OK, "browser", f"{find_browser()}, for the browser tests")


def check_composing() -> Iterator[Finding]:
    """Look for what composing training music needs: a soundfont, and tinysoundfont to play it."""
    from riffkit.compose.soundfont import find_soundfont

    try:
        yield Finding(OK, "soundfont", str(find_soundfont()))
    except FileNotFoundError:
        mend = "only for composing training music: sudo apt-get install fluidr3mono-gm-soundfont, or name a General "
        mend += "MIDI .sf2/.sf3 file in the environment variable RIFFKIT_SOUNDFONT"
        yield Finding(WARN, "soundfont", "none found", mend)
    try:
        yield Finding(OK, "tinysoundfont", metadata.version("tinysoundfont"))
    except metadata.PackageNotFoundError:
        mend = "only for composing training music: make render (or pip install --no-deps tinysoundfont)"
        yield Finding(WARN, "tinysoundfont", "is not installed, so no soundfont can be played", mend)


# The home is looked at before matplotlib is imported, which names a folder of its own where there is none.
CHECKS: list[Callable[[], Iterable[Finding]]] = [
    check_python, check_packages, check_home, check_device, check_dtype, check_model, check_sound_formats, check_fonts,
    check_jupyter, check_browser, check_disk, check_code, check_letters, check_composing,
]  # fmt: skip


def examine(
    checks: Iterable[Callable[[], Iterable[Finding]]] | None = None, show: Callable[[str], object] = print
) -> int:
    """Run checks, and show each finding as it comes.

    Parameters
    ----------
    checks : iterable of callable or None
        Functions that take nothing and give findings; None takes `CHECKS`. One that breaks is a finding itself.
    show : callable
        Gets each line of the report.

    Returns
    -------
    int
        The exit code: 1 if anything failed, else 0.
    """
    levels = []
    for check in CHECKS if checks is None else checks:
        try:
            for finding in check():
                levels.append(finding.level)
                show(str(finding))
        except Exception as error:  # a broken machine breaks in ways nobody listed
            levels.append(FAIL)
            name = check.__name__.removeprefix("check_").replace("_", " ")
            mend = "mend what failed above first; else reinstall riffkit"
            show(str(Finding(FAIL, name, f"{type(error).__name__}: {error}", mend)))
    failed, warned = levels.count(FAIL), levels.count(WARN)
    show(f"{failed} failed, {warned} to know about." if failed or warned else "All is well.")
    return 1 if failed else 0
