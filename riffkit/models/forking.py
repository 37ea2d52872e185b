"""Forked workers: torch's threads do not come along into a forked process, so there it calculates with one.

A pool that forks (multiprocessing's default on Linux, joblib's, a web server's) copies a process without its threads;
OpenMP in the child waits for them for ever. With one thread there is nobody to wait for. Its sums round otherwise than
those of several: a recipe holds the number, and a replay says so. Processes that are spawned keep all cores.

References
----------
https://gcc.gnu.org/bugzilla/show_bug.cgi?id=58378; torch's own data loaders do the same.
"""

import os

import torch


def calculate_alone() -> None:
    """Let torch calculate with one thread in this process."""
    torch.set_num_threads(1)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=calculate_alone)
