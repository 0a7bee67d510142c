"""A clip: the spikes of some time of a network that runs, as a table, and the script that has the same."""

from __future__ import annotations

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.explorer.populations import Population

MOST_SPIKES = 1_000_000


class Clip:
    """Spikes from a time on, until there are too many.

    Attributes
    ----------
    since, until : float
        ms.
    is_full : bool
        Whether it takes no more.
    """

    def __init__(self, since: float) -> None:
        self.since = self.until = since
        self.is_full = False
        self._units: list[Array] = []
        self._times: list[Array] = []
        self._n = 0

    def add(self, units: Array, times: Array, until: float) -> None:
        """Take the spikes of some steps more."""
        if self.is_full:
            return
        self._units.append(units)
        self._times.append(times)
        self._n += len(units)
        self.until, self.is_full = until, self._n > MOST_SPIKES

    def table(self, populations: list[Population]) -> str:
        """Return it as text with commas, a row for each spike: time in ms, population, neuron there."""
        units, times = np.concatenate([_NONE, *self._units]), np.concatenate([_NONE, *self._times])
        order = np.lexsort((units, times))
        ends = np.cumsum([one.size for one in populations])
        number = np.searchsorted(ends, units, side="right")
        titles = [one.title.replace(",", " ").replace('"', "") for one in populations]
        begins = np.append(0, ends)
        rows = zip(times[order].tolist(), number[order].tolist(), units[order].tolist(), strict=True)
        lines = [f"{t:.6g},{titles[k]},{unit - begins[k]}" for t, k, unit in rows]
        return "\n".join(["time,population,neuron", *lines]) + "\n"


_NONE = np.zeros(0, np.int64)
