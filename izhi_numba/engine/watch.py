"""Arrays that users may write to at any time: which of them have changed since they were last taken up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.engine.population import Population
from izhi_numba.kernels.run import look

_FIELDS = 4


class Watch:
    """The arrays of populations that something else follows from: constants from parameters, say.

    Their bits are compared with those that were taken up last. Of an array that holds one number throughout,
    as most parameters do, this number is all that is kept.
    """

    def __init__(self, populations: Sequence[Population]) -> None:
        rows, owners = [], []
        for number, population in enumerate(populations):
            # One row more, with nothing in it: what nobody has taken up yet has changed.
            arrays = [np.zeros(0, population.dtype), *population.watched()]
            rows += [(array.ctypes.data, min(len(array), population.n), 0, look.UNKNOWN) for array in arrays]
            owners += [number] * len(arrays)
        self._table = np.array(rows, np.int64).reshape(-1, _FIELDS)
        self._owners = np.array(owners, np.int64)
        self._first = np.searchsorted(self._owners, np.arange(len(populations) + 1)).tolist()
        self._marks = np.zeros(len(rows), np.bool_)
        self._known: dict[int, list[Array]] = {}
        self._itemsize = populations[0].dtype.itemsize if populations else 4

    def changed(self) -> Iterable[int]:
        """Populations with something that has changed."""
        if not look.mark_changed(self._table, self._itemsize, self._marks):
            return ()
        found: list[int] = np.unique(self._owners[self._marks]).tolist()
        return found

    def forget(self, number: int) -> None:
        """Take a population as changed, until it is known again."""
        self._table[self._first[number] : self._first[number + 1], look.STRIDE] = look.UNKNOWN

    def know(self, number: int, taken: Sequence[Array]) -> None:
        """Remember what was taken up of a population that was forgotten before: copies of its arrays."""
        first = self._first[number]
        known = [values[:1].copy() if _is_uniform(values) else values for values in taken]
        self._known[number] = known
        for row, values in enumerate(known, first + 1):
            self._table[row, look.KNOWN] = values.ctypes.data
        strides = [len(values) > 1 for values in known]
        self._table[first : self._first[number + 1], look.STRIDE] = [0, *strides]

    def nbytes_of(self, number: int) -> int:
        """Bytes held of a population."""
        return sum(values.nbytes for values in self._known.get(number, ()))


def _is_uniform(values: Array) -> bool:
    bits = values.view(np.uint32 if values.itemsize == 4 else np.uint64)
    return bool((bits == bits[0]).all())
