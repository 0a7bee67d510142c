"""The table of benchmarks: each network is run, and its speed stands beside bounds and baselines."""

from __future__ import annotations

import math
import os
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import llvmlite.binding
import numba
import numpy as np
import psutil

from izhi_numba.base.cores import usable_cores
from izhi_numba.bench.baselines import NumpyPool, ShiftedHistoryPool, TunedNumpyPool
from izhi_numba.bench.bounds import (
    EVENT_BYTES,
    copy_bandwidth,
    event_loop,
    median_seconds,
)
from izhi_numba.bench.workloads import WORKLOADS, Workload
from izhi_numba.network.pool import Pool
from izhi_numba.version import __version__

_NUMPY_CONNECTED = 2000  # neurons: dense weights of more do not fit the cache, nor a fair comparison


@dataclass(frozen=True)
class Row:
    """A line of the table: what was measured of one workload with one number of threads."""

    workload: Workload
    threads: int
    factor: float  # real-time factor, median
    rate: float  # Hz
    numpy_factor: float  # of the numpy baseline in the same run; NaN where it cannot run
    tuned_factor: float  # of the tuned one
    bound: float  # real-time factor at the machine's own limit

    @property
    def share(self) -> float:
        """Share of the machine's limit that is reached."""
        return self.bound / self.factor


def measure(workload: Workload, threads: Sequence[int], repetitions: int = 5) -> list[Row]:
    """Measure a workload with several numbers of threads: a row for each, compilation apart.

    Pools, baselines and bounds take turns, so that a disturbance of the machine meets all of them;
    medians are taken.
    """
    pools = {count: workload.pool(count) for count in threads}
    others = _numpy_pools(workload)
    for pool in pools.values():
        pool.run(max(200.0, workload.duration / 5))
    factors: dict[Any, list[float]] = {key: [] for key in (*pools, *others)}
    bounds: dict[int, list[float]] = {count: [] for count in pools}
    bound_of = {count: _bound(workload, pool) for count, pool in pools.items()}
    rates = []
    for _ in range(repetitions):
        for count, pool in pools.items():
            result = pool.run(workload.duration)
            factors[count].append(result.real_time_factor)
            rates.append(result.rate())
            bounds[count].append(bound_of[count](rates[-1]))
        for kind, other in others.items():
            n_steps = max(5, int(min(workload.duration, 2e7 / workload.n)))
            factors[kind].append(median_seconds(lambda: other.run(n_steps), 1) / n_steps * 1000)  # noqa: B023
    middle = {key: statistics.median(values) for key, values in factors.items()}
    return [
        Row(
            workload,
            count,
            middle[count],
            statistics.mean(rates),
            middle.get(NumpyPool, math.nan),
            middle.get(TunedNumpyPool, math.nan),
            statistics.median(bounds[count]),
        )
        for count in threads
    ]


def _numpy_pools(workload: Workload) -> dict[type[NumpyPool], NumpyPool]:
    """Return the baselines, warmed up; none for networks whose dense weights would be too large."""
    if workload.degree and workload.n > _NUMPY_CONNECTED:
        return {}
    pool = workload.pool(1)
    others = {kind: kind(pool, connected=workload.degree > 0) for kind in (NumpyPool, TunedNumpyPool)}
    for other in others.values():
        other.run(5)
    return others


def shifted_history_factor(n: int = 1000) -> float:
    """Real-time factor of the ancestor's own loop."""
    other = ShiftedHistoryPool(n)
    other.run(50)
    return median_seconds(lambda: other.run(100), 3) * 10


def _bound(workload: Workload, pool: Pool) -> Callable[[float], float]:
    """Return what measures the real-time factor if only the bytes of the update and the events cost time.

    It asks for the firing rate. The update's bytes are moved at the bandwidth measured where they lie:
    for unconnected neurons, which stay in the cache for a window of steps, in the cache; else in memory
    of the network's size.
    """
    n, degree, threads = workload.n, workload.degree, pool.threads_in_use
    step_bytes = pool._population.step_bytes
    size = step_bytes if degree else min(step_bytes, step_bytes * 8192 // n)
    rows = min(n, int(1.5e9 / (max(degree, 1) * EVENT_BYTES)))
    loop = event_loop(n, degree, rows, threads) if 0 < degree < n else None

    def factor(rate: float) -> float:
        update = 1000.0 * step_bytes / copy_bandwidth(size, threads)
        events = n * degree * rate
        if loop is not None:
            return update + events / loop()
        if degree:  # all to all: rows of weights alone, in order
            return update + events * 4 / copy_bandwidth(n**2 * 4, threads)
        return update

    return factor


def machine() -> str:
    """One line about the machine and the versions."""
    return (
        f"{llvmlite.binding.get_host_cpu_name()}, {os.cpu_count()} cores,"
        f" {psutil.virtual_memory().total / 1e9:.0f} GB; izhi_numba {__version__}, numba {numba.__version__},"
        f" numpy {np.__version__}, Python {sys.version.split()[0]}"
    )


HEADER = (
    "| workload | threads | RTF | rate, Hz | × numpy | × tuned numpy | × best other | share of limit |",
    "|---|---|---|---|---|---|---|---|",
)


def as_line(row: Row) -> str:
    """Return a row as a line of the table."""

    def times(factor: float) -> str:
        return "" if math.isnan(factor) else f"{factor / row.factor:.1f}"

    cells = (
        row.workload.title,
        str(row.threads),
        f"{row.factor:.4f}",
        f"{row.rate:.1f}",
        *(times(f) for f in (row.numpy_factor, row.tuned_factor, row.workload.best_other)),
        f"{row.share:.0%}",
    )
    return f"| {' | '.join(cells)} |"


def short_form(*, quick: bool = False) -> None:
    """Measure and print the table."""
    workloads = [w for w in WORKLOADS if w.n * max(w.degree, 1) <= 1_000_000] if quick else WORKLOADS
    cores = usable_cores()
    sys.stdout.write(f"{machine()}\n\n" + "\n".join(HEADER) + "\n")
    for workload in workloads:
        for row in measure(workload, sorted({1, cores}), 1 if quick else 5):
            sys.stdout.write(as_line(row) + "\n")
            sys.stdout.flush()
    sys.stdout.write(
        f"\nBlue Shell's own loop with its history, W2: RTF {shifted_history_factor():.2f}\n"
        "Best other: the fastest of six other simulators, measured on another machine (two cores, AVX-512).\n"
        "Limit: the bytes of the neurons at this machine's bandwidth, the synaptic events in a bare loop.\n"
    )
