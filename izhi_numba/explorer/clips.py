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
        if len(units):
            self._units.append(units)
            self._times.append(times)
        self._n += len(units)
        self.until, self.is_full = until, self._n > MOST_SPIKES

    def end(self) -> None:
        """Take no more, as the network has run elsewhere."""
        self.is_full = True

    def table(self, populations: list[Population]) -> str:
        """Return it as text with commas, a row for each spike: time in ms, population, neuron there."""
        units, times = np.concatenate([_NONE, *self._units]), np.concatenate([_NONE, *self._times])
        order = np.lexsort((units, times))
        # What is the same in many rows is written once: a million rows are a second.
        found, who = np.unique(units, return_inverse=True)
        number = np.searchsorted(np.cumsum([one.size for one in populations]), found, side="right").tolist()
        words = [_word(one.title) for one in populations]
        begins = np.cumsum([0, *(one.size for one in populations)]).tolist()
        neurons = [f",{words[k]},{unit - begins[k]}" for k, unit in zip(number, found.tolist(), strict=True)]
        moments, at = np.unique(times, return_inverse=True)
        written = [repr(round(t, 6)) for t in moments.tolist()]
        rows = zip(at[order].tolist(), who[order].tolist(), strict=True)
        lines = [written[k] + neurons[one] for k, one in rows]
        return "\n".join(["time,population,neuron", *lines]) + "\n"


def _word(title: str) -> str:
    """A title that needs no quotes in a table."""
    return " ".join(title.replace(",", " ").replace('"', "").split())


_NONE = np.zeros(0, np.int64)
