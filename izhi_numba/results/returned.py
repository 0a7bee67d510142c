"""What functions that a run has called at intervals have returned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from izhi_numba.base.arrays import Array


class Returned(NamedTuple):
    """What a function has returned that a run has called at intervals, as ``run(every={10.0: f})`` does.

    Attributes
    ----------
    t : array (n_calls,)
        Times of the calls, ms; of those only that returned something, and not None.
    values : list
        What each has returned.
    """

    t: Array
    values: list[Any]

    @classmethod
    def of(cls, times: list[float], values: list[Any]) -> Returned:
        """Return that of some calls; a value whose time is missing was interrupted, and is left out."""
        return cls(np.array(times, np.float64), values[: len(times)])


def joined(first: Mapping[float, Returned], later: Mapping[float, Returned]) -> dict[float, Returned]:
    """Return what functions have returned in a run and the next, by their intervals."""
    found = dict(first)
    for interval, its in later.items():
        before = found.get(interval, Returned.of([], []))
        found[interval] = Returned(np.concatenate([before.t, its.t]), before.values + its.values)
    return found
