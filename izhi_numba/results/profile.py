"""Where the time of a run went: update, delivery, drive, recording, waiting."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.kernels.intrinsics import HAS_TICKS
from izhi_numba.kernels.layout import address
from izhi_numba.kernels.run.step import DELIVERY, DRIVE, MEETING, N_PARTS, RECORDING, UPDATE, WHOLE

_PARTS = {"update": UPDATE, "delivery": DELIVERY, "drive": DRIVE, "recording": RECORDING}


@dataclass(frozen=True)
class Profile:
    """Where the time of a run went.

    Attributes
    ----------
    seconds : dict of dict
        By pool, then by part, seconds of processor time of all threads: ``"update"`` of the neurons,
        ``"delivery"`` of spikes by synapses, ``"drive"``, which is all input from outside, and what was
        delivered added to it, and ``"recording"`` of spikes and traces. Sources have their random numbers in
        ``"drive"``.
    waiting : float
        Seconds of processor time in which threads waited for each other.
    python : float
        Seconds between the compiled steps: chunks, functions of time, progress.
    wall_time : float
        Seconds.
    threads : int
        That took part at most.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> profile = iz.Pool.cortical(1000, seed=1).run(100.0, profile=True).profile
    >>> sorted(profile.seconds["pool"])
    ['delivery', 'drive', 'recording', 'update']
    >>> print(profile)  # doctest: +SKIP
                     update   delivery      drive  recording
    pool                5 %       30 %       15 %        2 %
    threads wait for each other 0 %, Python 48 %; 0.0014 s, 1 thread
    """

    seconds: dict[str, dict[str, float]]
    waiting: float
    python: float
    wall_time: float
    threads: int

    def __str__(self) -> str:
        """A table in percent of the time of all threads; pools that took most come first."""
        total = sum(sum(parts.values()) for parts in self.seconds.values()) + self.waiting + self.python
        percent = 100 / total if total else 0.0
        width = max(12, *map(len, self.seconds))
        lines = [" " * width + "".join(f"{part:>11}" for part in _PARTS)]
        for name, parts in sorted(self.seconds.items(), key=lambda one: -sum(one[1].values())):
            lines.append(f"{name:<{width}}" + "".join(f"{percent * parts[part]:>9.0f} %" for part in _PARTS))
        threads = f"{self.threads} thread{'s' * (self.threads > 1)}"
        lines.append(
            f"threads wait for each other {percent * self.waiting:.0f} %, Python"
            f" {percent * self.python:.0f} %; {self.wall_time:.3g} s, {threads}"
        )
        return "\n".join(lines)


class Meter:
    """What the compiled steps of a run add their times to."""

    def __init__(self, n_pools: int, threads: int) -> None:
        if not HAS_TICKS:
            raise NotImplementedError(f"profile: no clock is known of a processor {platform.machine()}")
        self._ticks: Array = np.zeros((threads, n_pools + 1, N_PARTS), np.int64)
        self._seconds, self._threads = 0.0, 1  # of calls

    @property
    def address(self) -> int:
        """Where the ticks are."""
        return address(self._ticks)

    def tell(self, threads: int, seconds: float) -> None:
        """Learn what a call took."""
        self._seconds += seconds
        self._threads = max(self._threads, threads)

    def profile(self, names: Sequence[str], wall_time: float) -> Profile:
        """Say where time went, by the names of pools."""
        whole = int(self._ticks[0, -1, WHOLE])
        each = self._seconds / whole if whole else 0.0
        of_pools = each * self._ticks.sum(axis=0)
        return Profile(
            {
                name: {part: float(times[place]) for part, place in _PARTS.items()}
                for name, times in zip(names, of_pools, strict=False)
            },
            float(of_pools[-1, MEETING]), max(0.0, wall_time - self._seconds), wall_time, self._threads,
        )  # fmt: skip
