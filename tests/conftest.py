import gc
import time

import hypothesis
import matplotlib
import psutil
import pytest

from izhi_numba.engine import population, threads
from tests import inside

matplotlib.use("Agg")
hypothesis.settings.register_profile("any machine", deadline=None)  # one that is busy, or compiles first
hypothesis.settings.load_profile("any machine")


def pytest_collection_modifyitems(items):
    """Test first what takes longest, so that no process has much of it left at the end; last what wants a quiet machine."""
    items.sort(
        key=lambda item: ("quiet" in getattr(item, "fixturenames", ()), "wholeness" not in item.path.parts)
    )


@pytest.fixture(autouse=True, scope="module")
def left_by_other_files():
    """Let collections of garbage pass over what files before have left: compiled code and imports, for ever.

    After some thousand compilations a collection went through all of it for four seconds, in each of the
    tests that ask for one, and in processes forked from this one, which copied it besides.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def quiet():
    """Wait until the other processes that test have ended, or for two minutes."""
    end = time.monotonic() + 120
    while psutil.cpu_percent(interval=1.0) > 25 and time.monotonic() < end:
        pass


@pytest.fixture
def all_threads(monkeypatch):
    """Cut even small networks in one block per thread, and use all threads in every call."""
    monkeypatch.setattr(population, "LEAST_WORK", 1e-9)
    monkeypatch.setattr(
        threads.ThreadChoice, "choose", lambda choice, n_steps: (inside.threads_of(choice), n_steps)
    )
