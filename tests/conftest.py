"""Every test runs offline and without a screen; toy checkpoints are made once.

Several processes may run tests (pytest-xdist): each then has its share of the cores, since two that both calculate with
all of them wait for each other most of the time. The threads of mel inversion are left as they are: they meet rarely.
"""

import os

import pytest
from toys import save_toy

import riffkit

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["MPLBACKEND"] = "Agg"
os.environ["JUPYTER_PLATFORM_DIRS"] = "1"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes(config, specs):
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, cores // len(specs))))  # the processes to come are given it


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    from xdist.scheduler import LoadScopeScheduling

    class OneBrowser(LoadScopeScheduling):
        """Tests one by one to whoever is free; but the browser tests, which share a server, all to one process."""

        def _split_scope(self, nodeid):
            return "browser" if nodeid.startswith("tests/browser/") else nodeid

    return OneBrowser(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    if "PYTEST_XDIST_WORKER" in os.environ:  # long ones first: whoever began one last would keep the others waiting
        items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(scope="session", params=["mini", "sd"])
def toy_folder(request, tmp_path_factory):
    return save_toy(tmp_path_factory.mktemp("toy") / request.param, like=request.param)


@pytest.fixture(scope="session")
def mini_folder(tmp_path_factory):
    return save_toy(tmp_path_factory.mktemp("toy") / "only_mini", like="mini")


@pytest.fixture(scope="session")
def toy(toy_folder):
    """A riffer on each of the two toys, in float32."""
    return riffkit.load(toy_folder, dtype="float32")


@pytest.fixture(scope="session")
def mini(mini_folder):
    """A riffer on the toy that is laid out like the embedded model."""
    return riffkit.load(mini_folder, dtype="float32")
