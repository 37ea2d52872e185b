"""Write requirements.lock from pip's report of what it would install (`make lock` calls it).

    python3 .ci/write_lock.py REPORT

The comments at the top of the lock stay. Packages of CUDA are left out: the plain torch asks for them itself.
"""

import json
import sys
from pathlib import Path

LOCK = Path(__file__).resolve().parents[1] / "requirements.lock"
OF_CUDA = ("nvidia-", "cuda-", "triton")


def lines_of(report):
    """Lines `name==version` for everything in a report but riffkit itself, in the alphabet's order."""
    packages = [one["metadata"] for one in report["install"]]
    # a local build of torch, 2.13.0+cpu, has the same code as the plain one
    pinned = {package["name"]: package["version"].split("+")[0] for package in packages}
    left = [name for name in pinned if name != "riffkit" and not name.startswith(OF_CUDA)]
    return [f"{name}=={pinned[name]}" for name in sorted(left, key=str.lower)]


def main(path):
    report = json.loads(Path(path).read_text(encoding="utf-8"))
    # pip chooses versions for the Python it is told, but reads "python_version < '3.12'" with the one it runs in
    if report["environment"]["python_version"] != "3.11":
        sys.exit("requirements.lock is made with Python 3.11, the oldest that is promised: make lock PYTHON=python3.11")
    comments = [line for line in LOCK.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    LOCK.write_text("\n".join([*comments, *lines_of(report)]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
