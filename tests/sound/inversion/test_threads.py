"""Threads that meet: nobody is ahead, nothing is done twice, and a failure leaves nobody waiting."""

import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numba
import numpy as np
import pytest

from riffkit.sound import mel
from riffkit.sound.inversion.kernels.threads import meet, run_together, take

STAGES, TASKS = 300, 23


@numba.njit(nogil=True)
def count(me, n_threads, counters, done, behind):
    """Each stage does every task once; all look whether the stage before was complete when they began."""
    for stage in range(STAGES):
        if stage > 0:
            behind[me] += TASKS - done[stage - 1].sum()
        while True:
            task = take(counters, stage)
            if task >= TASKS:
                break
            done[stage, task] += 1
        if not meet(counters, n_threads):
            return


@pytest.mark.parametrize("n_threads", [1, 2, 5])
def test_every_task_once_and_nobody_ahead(n_threads):
    done, behind = np.zeros((STAGES, TASKS), np.int64), np.zeros(n_threads, np.int64)
    with ThreadPoolExecutor(max(n_threads - 1, 1)) as pool:
        run_together(pool, n_threads, count, STAGES, done, behind)
    assert (done == 1).all() and not behind.any()


@numba.njit(nogil=True)
def wait(n_threads, counters):
    return meet(counters, n_threads)


@pytest.mark.parametrize("who", [0, 1])
def test_a_failure_leaves_nobody_waiting(who):
    met = []

    def one_fails(me, n_threads, counters):
        if me == who:
            raise RuntimeError("on its way")
        met.append(wait(n_threads, counters))

    failed = threading.Event()

    def run():
        with ThreadPoolExecutor(1) as pool:
            try:
                run_together(pool, 2, one_fails, 1)
            except RuntimeError:
                failed.set()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(60)
    assert failed.is_set() and met == [False]


def test_cores_that_are_busy_delay_but_do_not_stop():
    stop = time.monotonic() + 0.5

    def busy():
        while time.monotonic() < stop:
            pass

    others = [threading.Thread(target=busy) for _ in range(4)]
    for other in others:
        other.start()
    test_every_task_once_and_nobody_ahead(2)
    for other in others:
        other.join()


@pytest.mark.parametrize(
    ("said", "cores"), [("200000 100000", 2), ("250000 100000", 2), ("50000 100000", 0), ("max 100000", sys.maxsize)]
)
def test_a_container_is_not_given_more_threads_than_it_may_use(tmp_path, said, cores, monkeypatch):
    (tmp_path / "cpu.max").write_text(said)
    quota = mel._quota.__wrapped__(tmp_path / "cpu.max")
    assert quota == cores and mel._quota.__wrapped__(tmp_path / "none") == sys.maxsize
    monkeypatch.delenv("RIFFKIT_THREADS", raising=False)
    monkeypatch.setattr(mel, "_quota", lambda: quota)
    assert 1 <= mel.n_workers() <= max(cores, 1)
    monkeypatch.setenv("RIFFKIT_THREADS", "3")
    assert mel.n_workers() == 3
