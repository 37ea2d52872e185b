"""Threads that run one compiled function together and meet in it.

Waking a thread takes long, 170 microseconds on a virtual machine where it was measured, and a round of the inversion
has a dozen places where all must have arrived. So the threads are woken once, and wait for one another by looking:
first without pause, then leaving the core to others between two looks, and if somebody is long in coming, asleep.
"""

import sys
from concurrent.futures import wait

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

LOOKS, YIELDS = 2000, 1000  # how often one looks before leaving the core to others, and then before sleeping
NAP = 50  # microseconds at a time; the core is free then, also for the one that is waited for
APART = 8  # int64 in a cache line, so that counters do not share one
ARRIVED, ABANDONED, FIRST_TASKS = 0, 1, 2  # counters: arrivals, whether anyone failed, tasks given out


def _counter(context, builder, signature, args):
    array = context.make_array(signature.args[0])(context, builder, args[0])
    return builder.gep(array.data, [builder.mul(args[1], ir.Constant(args[1].type, APART))])


@intrinsic
def _add_one(typing, counters, i):
    """The value before, at once for all threads."""

    def code(context, builder, signature, args):
        place, one = _counter(context, builder, signature, args), ir.Constant(ir.IntType(64), 1)
        return builder.atomic_rmw("add", place, one, "seq_cst")

    return types.int64(counters, types.intp), code


@intrinsic
def _look(typing, counters, i):
    """What another thread wrote."""

    def code(context, builder, signature, args):
        return builder.load_atomic(_counter(context, builder, signature, args), "seq_cst", 8)

    return types.int64(counters, types.intp), code


if sys.platform == "win32":

    @numba.njit(nogil=True, error_model="numpy")
    def _leave(looks):
        """Windows has neither call where compiled code finds it."""

else:
    _sched_yield = types.ExternalFunction("sched_yield", types.int32())
    _usleep = types.ExternalFunction("usleep", types.int32(types.uint32))

    @numba.njit(nogil=True, error_model="numpy")
    def _leave(looks):
        """Let another thread have the core, if one wants it."""
        if looks > LOOKS + YIELDS:
            _usleep(np.uint32(NAP))
        elif looks > LOOKS:
            _sched_yield()


@numba.njit(nogil=True, error_model="numpy")
def take(counters, stage):
    """The next task of a stage, from 0; each is given once."""
    return _add_one(counters, FIRST_TASKS + stage)


@numba.njit(nogil=True, error_model="numpy")
def meet(counters, n_threads):
    """Wait until all threads have come here. False if one failed on its way: then nobody comes any more."""
    arrival = _add_one(counters, ARRIVED)
    wanted = (arrival // n_threads + 1) * n_threads
    looks = 0
    while _look(counters, ARRIVED) < wanted:
        if _look(counters, ABANDONED) > 0:
            return False
        looks += 1
        _leave(looks)
    return True


def counters_for(n_stages):
    """Counters for threads that meet, and take the tasks of so many stages."""
    room = np.zeros((FIRST_TASKS + n_stages + 1) * APART, np.int64)
    first = -room.ctypes.data % (8 * APART) // 8
    return room[first : first + (FIRST_TASKS + n_stages) * APART]


def run_together(pool, n_threads, function, n_stages, *args):
    """Call `function(number of the thread, n_threads, counters, *args)` on so many threads, and wait until all end.

    Parameters
    ----------
    pool : concurrent.futures.ThreadPoolExecutor or None
        With `n_threads - 1` threads free: the caller's is the first.
    n_threads : int
    function : callable
        Compiled, without the GIL; may `meet`, and `take` the tasks of `n_stages` stages.
    n_stages : int
    """
    counters = counters_for(n_stages)

    def go(i):
        try:
            function(i, n_threads, counters, *args)
        except BaseException:
            counters[ABANDONED * APART] = 1
            raise

    others = []
    try:
        for i in range(1, n_threads):
            others.append(pool.submit(go, i))
        go(0)
    except BaseException:
        counters[ABANDONED * APART] = 1  # a thread that could not be started leaves those before it waiting
        raise
    finally:
        wait(others)
    for other in others:
        other.result()
