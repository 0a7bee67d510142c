"""Upper bounds of speed on this machine: bandwidth of memory, and a bare loop over synapses."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from izhi_numba.kernels import loops, team

EVENT_BYTES = 6  # of a synaptic event: target and weight


def median_seconds(work: Callable[[], Any], repetitions: int = 5) -> float:
    """Median wall time of a call."""
    times = []
    for _ in range(repetitions):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def copy_bandwidth(n_bytes: int, threads: int) -> float:
    """Bytes per second of ``a = b + s * c``, two reads and a write, over arrays of ``n_bytes`` in all."""
    size = max(1024, n_bytes // 12 // threads)
    a, b, c = (np.ones((threads, size), np.float32) for _ in range(3))
    repetitions = max(1, int(4e8 / (12 * size * threads)))
    job = loops.Triad(a, b, c, np.float32(0.5), repetitions)
    team.call(loops.triad, threads, job)
    seconds = median_seconds(lambda: team.call(loops.triad, threads, job))
    return 12.0 * size * threads * repetitions / seconds


def event_loop(n_targets: int, row: int, n_rows: int, threads: int) -> Callable[[], float]:
    """Make a bare loop over rows of ``row`` 16-bit targets and weights; calling it returns events per second.

    Each thread has a share of the targets. Rows are visited in the order in which they lie in memory, so
    that nothing is ever waited for: spikes come in any order, and cannot be faster.
    """
    share, piece = n_targets // threads, max(1, row // threads)
    random = np.random.default_rng(1)
    visits = max(1, int(3e7 / row))
    order = np.arange(visits, dtype=np.int64) % n_rows
    job = loops.Scatter(
        np.zeros((threads, share), np.float32),
        random.integers(0, min(share, 2**16), (threads, n_rows * piece), dtype=np.uint16),
        np.ones((threads, n_rows * piece), np.float32), order, piece,
    )  # fmt: skip

    def events_per_second() -> float:
        seconds = median_seconds(lambda: team.call(loops.scatter, threads, job), 3)
        return visits * piece * threads / seconds

    team.call(loops.scatter, threads, job._replace(order=order[:1]))
    return events_per_second
