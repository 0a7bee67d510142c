"""Free memory, which is not read each time that it is asked for."""

import time
from types import SimpleNamespace

import psutil
import pytest

from izhi_numba.base.checks import FreeMemory

MB = 10**6


@pytest.fixture
def reads(monkeypatch):
    """How often 100 MB were found to be free."""
    found = []
    monkeypatch.setattr(
        psutil, "virtual_memory", lambda: (found.append(1), SimpleNamespace(available=100 * MB))[1]
    )
    return found


def ask(memory, n_bytes):
    memory.check("they", n_bytes, "take fewer")


def test_memory_is_read_again_when_much_more_is_wanted(reads):
    memory = FreeMemory()
    for n_bytes in range(50 * MB, 53 * MB, MB // 10):
        ask(memory, n_bytes)
    assert len(reads) == 1
    ask(memory, 54 * MB)
    assert len(reads) == 2


def test_what_does_not_fit_is_refused_however_little_more_it_is(reads):
    memory = FreeMemory()
    ask(memory, 100 * MB)
    for _ in range(2):
        with pytest.raises(MemoryError, match="they would take 100 MB, but 100 MB are free: take fewer"):
            ask(memory, 100 * MB + 1)
    ask(memory, 100 * MB)


def test_memory_is_read_again_after_a_while(reads, monkeypatch):
    memory = FreeMemory()
    ask(memory, MB)
    later = time.monotonic() + 1.1
    monkeypatch.setattr(time, "monotonic", lambda: later)
    ask(memory, MB)
    assert len(reads) == 2
