"""Values of neurons that are no neighbours: a copy, in which nothing can be written by mistake."""

from __future__ import annotations

from typing import Any, Never

import numpy as np

from izhi_numba.base.arrays import Array


class ValuesOfSome(np.ndarray[Any, np.dtype[Any]]):
    """An array that can be added to, ``group.v += 1``, which sets all values; but no item of it can be set.

    What is computed from it is an array like others.
    """

    def __setitem__(self, *_: Any) -> Never:
        raise ValueError(
            "these neurons are no neighbours, and this is a copy of their values, in which nothing is kept:"
            " set all of them, as in values = group.v.copy(); values[0] = -70; group.v = values"
        )

    fill = sort = put = partition = __setitem__  # type: ignore[assignment]

    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: bool = False) -> Any:
        """What comes of an operation; itself, where it was changed in place."""
        if array is self:
            return self
        return array[()] if return_scalar else np.asarray(array)

    def copy(self, order: Any = "C") -> Array:  # type: ignore[override]
        """Return an array that can be written in."""
        return np.array(self, order=order)


def values_of_some(array: Array, indices: Array) -> Array:
    """Return values of some neurons that are no neighbours."""
    return array[indices].view(ValuesOfSome)
