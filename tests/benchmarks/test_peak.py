"""The peak of memory is a process's own."""

import subprocess
import sys

import numpy as np
import pytest

from benchmarks.peak import peak_memory


def test_it_grows_with_what_is_held_and_stays():
    before = peak_memory()
    held = np.ones(1 << 28, np.uint8)
    grown = peak_memory()
    del held
    assert grown >= max(2**28, before)
    assert peak_memory() == pytest.approx(grown, abs=2**20)  # the kernel counts pages in batches


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the system does not tell it apart")
def test_a_small_process_begun_by_a_large_one_is_small():
    held = np.ones(1 << 28, np.uint8)
    script = "from benchmarks.peak import peak_memory; print(peak_memory())"
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert int(found.stdout) < 2**27 < len(held) < peak_memory()


def test_without_proc_the_system_is_asked(tmp_path):
    assert peak_memory(tmp_path / "none") > 2**20
