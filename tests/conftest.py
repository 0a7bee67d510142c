import matplotlib
import pytest

from izhi_numba import ensemble, population

matplotlib.use("Agg")


@pytest.fixture
def all_threads(monkeypatch):
    """Cut even small networks in one block per thread, and use all threads in every call."""
    monkeypatch.setattr(population, "LEAST_WORK", 1e-9)
    monkeypatch.setattr(ensemble.Crew, "choose", lambda crew, n_steps: (crew._threads, n_steps))
