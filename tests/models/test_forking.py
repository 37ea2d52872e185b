"""A forked worker riffs, with one thread, where it waited for ever."""

import os
import subprocess
import sys

import pytest

SCRIPT = """
import multiprocessing, sys, torch
torch.set_num_threads(2)
import riffkit
few = {"num_inference_steps": 1, "quality": "fast", "progress": False}
riffer = riffkit.load(sys.argv[1], dtype="float32")
riffer.riff("a", 1, **few)  # from here on the parent has threads, which a fork leaves behind


def work(results):
    riff = riffer.riff("a", 1, **few)
    results.put((torch.get_num_threads(), riff.recipe["threads"], round(riff.clip.duration, 2)))


context = multiprocessing.get_context("fork")
results = context.Queue()
child = context.Process(target=work, args=(results,))
child.start()
child.join(60)
hangs = child.is_alive()
if hangs:
    child.kill()
print("hangs" if hangs else results.get())
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here")
def test_a_forked_worker_riffs_with_one_thread_and_says_so(mini_folder):
    environment = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SCRIPT, str(mini_folder)],
        capture_output=True, text=True, env=environment, timeout=150,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].startswith("(1, 1, "), done.stdout
