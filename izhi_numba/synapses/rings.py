"""What a variable of neurons was in the last steps, see :mod:`izhi_numba.kernels.run.recent`."""

from __future__ import annotations

from typing import Any

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.memory import aligned_zeros


class Ring:
    """Rows of a variable, each of all neurons as they were when a step began.

    Attributes
    ----------
    state : array (size,)
        The variable, which steps change in place.
    rows : array (n_rows, size)
        Of step k in row ``k % n_rows``.
    """

    def __init__(self, state: Array, n_rows: int, dtype: np.dtype[Any]) -> None:
        self.state, self.rows = state, aligned_zeros((n_rows, len(state)), dtype)

    def keep(self, step: int) -> None:
        """Keep the variable as it is before a step: a user may have set it since the last one."""
        with np.errstate(over="ignore"):
            self.rows[step % len(self.rows)] = self.state

    def last(self, now: int) -> Array:
        """Rows of the last steps, that of a step which is to come at the end."""
        found: Array = self.rows[np.arange(now - len(self.rows) + 1, now + 1) % len(self.rows)]
        return found

    def put(self, rows: Array, now: int) -> None:
        """Put rows of the last steps in; those that are too old are left out."""
        n, size = min(len(rows), len(self.rows)), rows.shape[1]
        self.rows[np.arange(now - n + 1, now + 1) % len(self.rows), :size] = rows[len(rows) - n :]

    def arranged(self, n_rows: int, now: int) -> Ring:
        """Return one of other steps, with what this one has of them."""
        if n_rows == len(self.rows):
            return self
        found = Ring(self.state, n_rows, self.rows.dtype)
        found.put(self.last(now), now)
        return found


def bytes_of_ring(n_rows: int, size: int, itemsize: int) -> int:
    """Bytes that rows take."""
    return n_rows * size * itemsize
