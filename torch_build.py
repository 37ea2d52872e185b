"""Take PyTorch's CPU build where Linux shows no NVIDIA device: the plain one would bring nearly 4 GB of CUDA.

    python torch_build.py          looks for a device; where the CPU build cannot be had, the plain one will do
    python torch_build.py cpu      insists on the CPU build: an error where it cannot be had
    python torch_build.py cuda     leaves it to requirements.lock, which means the plain build

Run before `pip install -r requirements.lock`, by the Python that packages are installed for; pip then finds torch in
place. `make` does both, and passes TORCH on. Standard library only, since nothing else is there yet.
"""

import importlib.metadata
import platform
import re
import subprocess
import sys
import urllib.request
from pathlib import Path

INDEX = "https://download.pytorch.org/whl/cpu"
# /dev/dxg is how Windows lends its graphics card to Linux (WSL)
DEVICES = ("dev/nvidia[0-9]*", "dev/nvidiactl", "dev/dxg", "proc/driver/nvidia")


def locked_version() -> str:
    """Return the version of torch in requirements.lock, beside this file."""
    lock = (Path(__file__).parent / "requirements.lock").read_text(encoding="utf-8")
    return re.search(r"^torch==(\S+)$", lock, re.MULTILINE)[1]


def is_installed(version: str) -> bool:
    """Tell whether some build of this `version` of torch is in place already; it is left alone then, as pip does."""
    try:
        return importlib.metadata.version("torch").split("+")[0] == version
    except importlib.metadata.PackageNotFoundError:
        return False


def has_nvidia(root: str | Path = "/") -> bool:
    """Tell whether Linux shows an NVIDIA device; `root` is where its file system begins."""
    return any(next(Path(root).glob(pattern), None) is not None for pattern in DEVICES)


def can_be_reached(url: str, seconds: float = 5) -> bool:
    """Tell whether an address answers within `seconds`."""
    try:
        urllib.request.urlopen(url, timeout=seconds).close()
    except (OSError, ValueError):
        return False
    return True


def wants_cpu_build(choice: str, system: str, nvidia: bool) -> bool:
    """Decide for PyTorch's CPU build.

    Parameters
    ----------
    choice : {"", "cpu", "cuda"}
        What the user says; empty leaves it to what the machine shows.
    system : str
        As `platform.system()` names it. Elsewhere than on Linux the plain build brings no CUDA.
    nvidia : bool
        Whether the machine shows an NVIDIA device.

    Raises
    ------
    ValueError
        If `choice` is another word.
    """
    if choice not in ("", "cpu", "cuda"):
        raise ValueError(f"TORCH={choice} is not known; TORCH=cpu and TORCH=cuda are, and without it riffkit decides")
    return choice == "cpu" or (choice == "" and system == "Linux" and not nvidia)


def install(version: str) -> bool:
    """Install the CPU build of a `version`, without what it depends on; tell whether that worked."""
    pip = [sys.executable, "-m", "pip", "install", "-q", "--no-compile", "--no-deps", "--retries", "1"]
    return subprocess.run([*pip, "--index-url", INDEX, f"torch=={version}"]).returncode == 0


def main(choice: str = "") -> int:
    """Decide, install, say so; return the exit code."""
    try:
        cpu = wants_cpu_build(choice, platform.system(), has_nvidia())
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    version = locked_version()
    if not cpu or is_installed(version):
        return 0
    if choice == "cpu":
        if install(version):
            return 0
        print(f"TORCH=cpu: no CPU build of torch {version} from {INDEX}", file=sys.stderr)
        return 1
    if can_be_reached(f"{INDEX}/torch/") and install(version):
        print("No NVIDIA device here: took PyTorch's CPU build (TORCH=cuda takes the plain one).")
    else:
        print("No NVIDIA device here, but PyTorch's CPU build cannot be had: the plain torch it is, larger by CUDA.")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
