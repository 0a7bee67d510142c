"""A look at many arrays in one call: which have changed, whether all are finite, where tiles should be.

Users write into arrays in place, and nobody tells: so bits are compared before each run. With numpy that took
some microseconds for each array, of hundreds of pools.
"""

from __future__ import annotations

import numpy as np

from izhi_numba.kernels.intrinsics import view
from izhi_numba.kernels.jit import inline, kernel
from izhi_numba.kernels.rng import TILE

# Columns of a table of arrays.
ADDRESS, COUNT = 0, 1  # of numbers
KNOWN, STRIDE = 2, 3  # address of what they were; 1: as many, 0: one for all, UNKNOWN: taken as changed
BYTES = 2  # of a number, where that is asked instead: some variables are kept in double precision
UNKNOWN = -1
# Columns of a table of rows of tiles.
(
    TILES,  # address of the address of the first tile
    APART,  # bytes from one to the next
    ARRAY,  # address of the array that they are taken from
    NUMBERS,  # in it
) = range(4)


@inline
def _differ(now, known):
    """Whether two arrays of words differ."""
    differ = now[0] ^ now[0]
    for i in range(len(now)):
        differ |= now[i] ^ known[i]
    return differ != 0


@inline
def _differ_from_one(now, known):
    """Whether a word of an array differs from one."""
    differ = now[0] ^ now[0]
    for i in range(len(now)):
        differ |= now[i] ^ known
    return differ != 0


@inline
def _has_changed(row, word):
    count = row[COUNT]
    if row[STRIDE] == UNKNOWN:
        return True
    for first in range(0, count, TILE):  # in parts, as the first change is enough
        size = min(TILE, count - first)
        now = view(row[ADDRESS], count, word)[first : first + size]
        if row[STRIDE] == 0:
            if _differ_from_one(now, view(row[KNOWN], 1, word)[0]):
                return True
        elif _differ(now, view(row[KNOWN], count, word)[first : first + size]):
            return True
    return False


@kernel
def mark_changed(table, itemsize, marks):
    """Mark the arrays of a table whose bits are not as known; returns how many there are."""
    count = 0
    for k in range(len(table)):
        row = table[k]
        changed = _has_changed(row, np.uint32) if itemsize == 4 else _has_changed(row, np.uint64)
        marks[k] = changed
        count += changed
    return count


@inline
def _is_finite(address, count, word, exponent):
    bad = 0
    now = view(address, count, word)
    for i in range(count):
        bad += np.int64((now[i] & exponent) == exponent)
    return bad == 0


@kernel
def all_finite(table):
    """Whether all numbers in the arrays of a table are finite."""
    for k in range(len(table)):
        address, count = table[k, ADDRESS], table[k, COUNT]
        if table[k, BYTES] == 4:
            finite = _is_finite(address, count, np.uint32, np.uint32(0x7F800000))
        else:
            finite = _is_finite(address, count, np.uint64, np.uint64(0x7FF0000000000000))
        if not finite:
            return False
    return True


@inline
def _is_as_wanted(row, itemsize, word):
    """Whether tiles full of one number are shared ones of that number, and others where the array lies."""
    for first in range(0, row[NUMBERS], TILE):
        size, own = min(TILE, row[NUMBERS] - first), row[ARRAY] + itemsize * first
        numbers = view(own, size, word)
        place = view(row[TILES] + row[APART] * (first // TILE), 1, np.int64)[0]
        if place == own:
            if not _differ_from_one(numbers, numbers[0]):
                return False
        elif _differ_from_one(numbers, view(place, 1, word)[0]):
            return False
    return True


@kernel
def mark_stale(table, itemsize, marks):
    """Mark rows of tiles that are not as they would be laid out now; returns how many there are."""
    count = 0
    for k in range(len(table)):
        if itemsize == 4:
            stale = not _is_as_wanted(table[k], itemsize, np.uint32)
        else:
            stale = not _is_as_wanted(table[k], itemsize, np.uint64)
        marks[k] = stale
        count += stale
    return count
