"""A mean that is kept: of a variable, over groups of neurons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.selection import Chosen, indices_of, places_among, simplest, size_of, union


@dataclass(frozen=True)
class Mean:
    """The mean of a variable over the neurons of each of some groups, at every how many steps."""

    of: str
    columns: dict[str, Chosen]  # what each is called, and its neurons in ascending order
    every: int  # steps

    @property
    def variable(self) -> str:
        """What results call it."""
        return f"mean_{self.of}"

    @property
    def width(self) -> int:
        """Columns."""
        return len(self.columns)

    @property
    def neurons(self) -> Array:
        """All that are in any of the groups."""
        return union([indices_of(chosen) for chosen in self.columns.values()])

    @property
    def key(self) -> tuple[Any, ...]:
        """What it is, to be compared."""
        groups = [(name, indices_of(chosen).tobytes()) for name, chosen in self.columns.items()]
        return self.variable, self.every, *groups

    def narrowed(self, chosen: Chosen, n: int) -> tuple[Mean, Array]:  # noqa: ARG002
        """Return the groups that are whole in chosen neurons, numbered anew, and the columns they take."""
        if not size_of(chosen):
            return Mean(self.of, {}, self.every), np.zeros(0, np.int64)
        places = [np.sort(places_among(group, chosen)) for group in self.columns.values()]
        whole = [place for place, found in enumerate(places) if found[0] >= 0]
        names = [*self.columns]
        left = {names[place]: simplest(places[place]) for place in whole}
        return Mean(self.of, left, self.every), np.array(whole, np.int64)


def called(wanted: str, chosen: Chosen, known: dict[str, Chosen]) -> str:
    """Return what a column is called: as wanted, with a number where other neurons are called so already.

    Examples
    --------
    >>> called("0:9", slice(0, 9), {"0:9": slice(0, 9)}), called("0:9", slice(1, 9), {"0:9": slice(0, 9)})
    ('0:9', '0:9 (2)')
    """
    names = [wanted, *(f"{wanted} ({number})" for number in range(2, len(known) + 2))]
    told = indices_of(chosen)
    return next(name for name in names if name not in known or np.array_equal(indices_of(known[name]), told))
