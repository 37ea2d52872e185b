"""The most memory that this process has held."""

import resource
import sys
from pathlib import Path


def peak_memory(status="/proc/self/status"):
    """Bytes of resident memory at the highest point since this program began.

    Linux's `getrusage` will not do where it can be helped: a program begun by a larger process is told that one's peak.
    """
    try:
        lines = Path(status).read_text().splitlines()
        return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
