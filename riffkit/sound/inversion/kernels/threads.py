"""A thread team for one compiled function: barrier and shared task counters.

Waking a thread takes long, 170 microseconds on a virtual machine where it was measured, and a round of the inversion
has a dozen places where all must have arrived. So the threads are woken once, and wait for one another by looking:
first without pause, then leaving the core to others between two looks, and if somebody is long in coming, asleep.
"""

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import types

from riffkit.sound.inversion.kernels.build import OPTIONS, emitted
from riffkit.sound.inversion.kernels.simd import Emitted

LOOKS, YIELDS = 2000, 1000  # how often one looks before leaving the core to others, and then before sleeping
NAP = 50  # microseconds at a time; the core is free then, also for the one that is waited for
APART = 8  # int64 in a cache line, so that counters do not share one
ARRIVED, ABANDONED, FIRST_TASKS = 0, 1, 2  # counters: arrivals, whether anyone failed, tasks given out


def _counter(context: Any, builder: Any, signature: Any, args: Any) -> Any:
    array = context.make_array(signature.args[0])(context, builder, args[0])
    return builder.gep(array.data, [builder.mul(args[1], ir.Constant(args[1].type, APART))])


@emitted
def _add_one(typing: Any, counters: Any, i: Any) -> Emitted:
    """The value before, at once for all threads."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        place, one = _counter(context, builder, signature, args), ir.Constant(ir.IntType(64), 1)
        return builder.atomic_rmw("add", place, one, "seq_cst")

    return types.int64(counters, types.intp), code


@emitted
def _look(typing: Any, counters: Any, i: Any) -> Emitted:
    """What another thread wrote."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.load_atomic(_counter(context, builder, signature, args), "seq_cst", 8)

    return types.int64(counters, types.intp), code


if sys.platform == "win32":

    @numba.njit(**OPTIONS)
    def _leave(looks: int) -> None:
        """Windows has neither call where compiled code finds it."""

else:
    _sched_yield = types.ExternalFunction("sched_yield", types.int32())
    _usleep = types.ExternalFunction("usleep", types.int32(types.uint32))

    @numba.njit(**OPTIONS)
    def _leave(looks: int) -> None:
        """Let another thread have the core, if one wants it."""
        if looks > LOOKS + YIELDS:
            _usleep(np.uint32(NAP))  # type: ignore[call-overload]  # numba's: a C function, not a type
        elif looks > LOOKS:
            _sched_yield()


@numba.njit(**OPTIONS)
def take(counters: np.ndarray, stage: int) -> int:
    """The next task of a `stage`, from 0; each is given once. `counters` are those of `counters_for`."""
    return _add_one(counters, FIRST_TASKS + stage)


@numba.njit(**OPTIONS)
def meet(counters: np.ndarray, n_threads: int) -> bool:
    """Barrier: wait until all `n_threads` have come here. False if one failed on its way: then nobody comes any more.

    Parameters
    ----------
    counters : np.ndarray
        From `counters_for`.
    n_threads : int
    """
    arrival = _add_one(counters, ARRIVED)
    wanted = (arrival // n_threads + 1) * n_threads
    looks = 0
    while _look(counters, ARRIVED) < wanted:
        if _look(counters, ABANDONED) > 0:
            return False
        looks += 1
        _leave(looks)
    return True


def counters_for(n_stages: int) -> np.ndarray:
    """Counters for threads that meet, and take the tasks of `n_stages` stages [int64, a cache line each]."""
    room = np.zeros((FIRST_TASKS + n_stages + 1) * APART, np.int64)
    first = -room.ctypes.data % (8 * APART) // 8
    return room[first : first + (FIRST_TASKS + n_stages) * APART]


def run_together(
    pool: ThreadPoolExecutor | None, n_threads: int, function: Callable[..., Any], n_stages: int, *args: Any
) -> None:
    """Call `function(number of the thread, n_threads, counters, *args)` on so many threads, and wait until all end.

    Parameters
    ----------
    pool : concurrent.futures.ThreadPoolExecutor or None
        With `n_threads - 1` threads free: the caller's is the first.
    n_threads : int
    function : callable
        Compiled, without the GIL; may `meet`, and `take` the tasks of `n_stages` stages.
    n_stages : int
    args
        Handed on.
    """
    counters = counters_for(n_stages)

    def go(i: int) -> None:
        try:
            function(i, n_threads, counters, *args)
        except BaseException:
            counters[ABANDONED * APART] = 1
            raise

    others = []
    try:
        for i in range(1, n_threads):
            others.append(pool.submit(go, i))  # type: ignore[union-attr]  # a pool is there, where threads are
        go(0)
    except BaseException:
        counters[ABANDONED * APART] = 1  # a thread that could not be started leaves those before it waiting
        raise
    finally:
        wait(others)
    for other in others:
        other.result()
