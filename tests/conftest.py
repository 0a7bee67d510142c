import matplotlib
import pytest

from izhi_numba.engine import population, threads
from tests import inside

matplotlib.use("Agg")


@pytest.fixture
def all_threads(monkeypatch):
    """Cut even small networks in one block per thread, and use all threads in every call."""
    monkeypatch.setattr(population, "LEAST_WORK", 1e-9)
    monkeypatch.setattr(
        threads.ThreadChoice, "choose", lambda choice, n_steps: (inside.threads_of(choice), n_steps)
    )
