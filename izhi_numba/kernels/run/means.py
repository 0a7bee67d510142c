"""Sums over groups of neurons, for the mean of a variable: one for each tile that a group has members in.

Owners of tiles need not meet for them, and how a sum is put together depends on nothing but its members: the
same bits for any number of threads.
"""

from __future__ import annotations

import numpy as np

from izhi_numba.kernels.intrinsics import view
from izhi_numba.kernels.jit import inline, shared
from izhi_numba.kernels.rng import TILE
from izhi_numba.kernels.run.update import SPIKED

# Columns of the table of sums: the first member, the variable as probes have it, steps between samples, place
# of the first sample and from one to the next, the first of its members in their list (-1: neighbours), and
# how many there are.
FIRST, VARIABLE, EVERY, PLACE, STRIDE, MEMBERS, COUNT = range(7)
N_COLUMNS = 7
_LANES = 64  # sums side by side, and 4 numbers that go to each at once
_AT_ONCE = 4 * _LANES


@shared
def _total(values, lanes):
    """The sum of values, of which there is a multiple of 256, in double precision.

    A tile takes 0.15 us, where a plain loop waits 1.7 us for each sum before the next.
    """
    sums, wide = lanes[:_LANES], np.float64
    for i in range(_LANES):
        sums[i] = 0.0
    for begin in range(0, len(values), _AT_ONCE):
        a, b = values[begin : begin + _LANES], values[begin + _LANES : begin + 2 * _LANES]
        c, d = values[begin + 2 * _LANES : begin + 3 * _LANES], values[begin + 3 * _LANES : begin + _AT_ONCE]
        for i in range(_LANES):
            sums[i] += (wide(a[i]) + wide(b[i])) + (wide(c[i]) + wide(d[i]))
    one, two, three, four = 0.0, 0.0, 0.0, 0.0
    for i in range(0, _LANES, 4):
        one += sums[i]
        two += sums[i + 1]
        three += sums[i + 2]
        four += sums[i + 3]
    return (one + two) + (three + four)


@inline
def _place(spiked, tile, first, count, members):
    """Place of a neuron among members of its tile; -1: it is none of them."""
    if len(members) == 0:
        return spiked - first if first <= spiked < first + count else -1
    wanted, low, high = spiked - tile, np.int64(0), count
    while low < high:
        middle = (low + high) // 2
        if np.int64(members[middle]) < wanted:
            low = middle + 1
        else:
            high = middle
    return low if low < count and np.int64(members[low]) == wanted else -1


@shared
def _sum(row, tile, first, count, members, spiked, peak, work):
    """The sum of the members of one tile; ``spiked``: neurons that show their peak, if they have one.

    Of a whole tile it is taken where the variable is, and what peaks add comes after that: to copy the tile
    first took half as long again.
    """
    values, lanes = work[:TILE], work[TILE:]
    if count == TILE:
        total = _total(row, lanes)
        for j in range(len(spiked)):
            i = np.int64(spiked[j])
            if peak[i] == peak[i]:
                total += np.float64(peak[i]) - np.float64(row[i - tile])
        return total
    if len(members) > 0:
        for k in range(count):
            values[k] = row[np.int64(members[k])]
    else:
        given = row[first - tile : first - tile + count]
        for k in range(count):
            values[k] = given[k]
    padded = -(-count // _AT_ONCE) * _AT_ONCE
    for k in range(count, padded):
        values[k] = 0.0
    for j in range(len(spiked)):
        i = np.int64(spiked[j])
        k = _place(i, tile, first, count, members)
        if k >= 0 and peak[i] == peak[i]:
            values[k] = peak[i]
    return _total(values[:padded], lanes)


@inline
def keep_sums(means, at, last, tile, stop, sample_of, stamp, pool, current, spiked, work):
    """Keep the sums of one tile; returns the next row of the table. ``spiked``: neurons of the tile."""
    number = current.dtype
    rows = view(pool.rows + 8 * (tile // TILE) * pool.n_rows, pool.n_rows, np.int64)
    peak, sums = view(pool.peak, pool.size if pool.peak else 0, number), view(pool.sums, 1 << 62, np.float64)
    while at < last and means[N_COLUMNS * at] < stop:
        asked = means[N_COLUMNS * at : N_COLUMNS * (at + 1)]
        at += 1
        every, variable, first, count = asked[EVERY], asked[VARIABLE], asked[FIRST], asked[COUNT]
        if stamp % every != 0:
            continue
        begin = max(asked[MEMBERS], 0)
        members = view(pool.members + 2 * begin, count if asked[MEMBERS] >= 0 else 0, np.uint16)
        if variable < 0:
            row = view(rows[-1 - variable], TILE, np.float64)
            total = _sum(row, tile, first, count, members, spiked[:0], peak, work)
        else:
            row = current if variable == pool.n_variables else view(rows[variable], TILE, number)
            shown = spiked if variable == 0 else spiked[:0]
            total = _sum(row, tile, first, count, members, shown, peak, work)
        sample = stamp // every - sample_of // every - 1
        sums[asked[PLACE] + sample * asked[STRIDE]] = total
    return at
