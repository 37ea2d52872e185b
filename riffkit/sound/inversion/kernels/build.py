"""How the kernels are compiled, and when anew.

numba keeps compiled functions from run to run, and compiles one anew when its own file changes. What it calls from
another file numba does not watch; so every kernel's name in numba's cache ends in a digest of all files of this folder,
and a change in one of them compiles all.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
from numba.extending import intrinsic

from riffkit.sound import compiling

OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy"}


def digest_of(folder: Path) -> str:
    """Digest of all Python files in a `folder`: eight hexadecimal digits."""
    sha = hashlib.sha256()
    for path in sorted(folder.glob("*.py")):
        sha.update(path.read_bytes())
    return sha.hexdigest()[:8]


SOURCES = digest_of(Path(__file__).parent)


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a `function` without the GIL, and keep it for later runs."""
    function.__qualname__ += f"-{SOURCES}"  # numba names the files of its cache by this
    return compiling.compiled()(function)


def fast(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a `function` as `compiled` does, its sums in any order (vectors of several terms at once)."""
    function.__qualname__ += f"-{SOURCES}"
    return compiling.compiled(fastmath=True)(function)


def inlined(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a `function` into each of its callers."""
    return numba.njit(forceinline=True, **OPTIONS)(function)


def emitted(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make a compiled function of one that writes LLVM code: a numba intrinsic.

    Parameters
    ----------
    function : callable
        (typing, types of arguments) -> signature, code. Callers leave `typing` out.
    """
    return intrinsic(function)
