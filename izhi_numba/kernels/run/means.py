"""Sums over groups of neurons, for the mean of a variable: one for each tile that a group has members in.

Owners of tiles need not meet for them, and how a sum is put together depends on nothing but its members: the
same bits for any number of threads.
"""

from __future__ import annotations

import numpy as np

from izhi_numba.kernels.intrinsics import address_of, view
from izhi_numba.kernels.jit import inline, shared
from izhi_numba.kernels.rng import TILE

# Columns of the table of sums: the first member in the tile, the variable as probes have it, steps between
# samples, place of the first sample and from one to the next, where the mask of members begins (-1: all are),
# and how many neurons there are from the first member to the last.
FIRST, VARIABLE, EVERY, PLACE, STRIDE, MASK, SPAN = range(7)
N_COLUMNS = 7
_LANES = 64  # sums side by side, and 4 numbers that go to each at once
_AT_ONCE = 4 * _LANES


@shared
def _total(values, lanes):
    """The sum of values, of which there is a multiple of 256, in double precision.

    A tile takes 0.15 us, where a plain loop, which waits for each sum, takes 1.5 us.
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


@shared
def _sum(row, tile, first, span, mask, spiked, peak, peak_varies, work):
    """The sum of the members of one tile; ``spiked``: neurons that show their peak, if they have one.

    Of a whole tile it is taken where the variable is, and what peaks add comes after that: to copy the tile
    first took half as long again. A peak that is the same for all is looked up in one place, in the cache.
    Of every other neuron, a list of members took three times as long as a mask.
    """
    values, lanes, given = view(address_of(work, 0), TILE, row.dtype), work[TILE:], row[first - tile :]
    if span == TILE and len(mask) == 0:
        values = row
    else:
        for k in range(span):
            values[k] = given[k]
        for k in range(len(mask)):
            values[k] = values[k] if mask[k] else 0
        padded = -(-span // _AT_ONCE) * _AT_ONCE
        for k in range(span, padded):
            values[k] = 0
        values = values[:padded]
    total = _total(values, lanes)
    for j in range(len(spiked)):
        i = np.int64(spiked[j])
        k, shown = i - first, peak[i * peak_varies]
        if 0 <= k < span and (len(mask) == 0 or mask[k]) and shown == shown:
            total += np.float64(shown) - np.float64(given[k])
    return total


@inline
def keep_sums(means, at, last, tile, stop, sample_of, stamp, pool, current, spiked, work):
    """Keep the sums of one tile; returns the next row of the table. ``spiked``: neurons of the tile."""
    number = current.dtype
    rows = view(pool.rows + 8 * (tile // TILE) * pool.n_rows, pool.n_rows, np.int64)
    peak, sums = view(pool.peak, pool.size if pool.peak else 0, number), view(pool.sums, 1 << 62, np.float64)
    while at < last and means[N_COLUMNS * at] < stop:
        asked = means[N_COLUMNS * at : N_COLUMNS * (at + 1)]
        at += 1
        every, variable, first, span = asked[EVERY], asked[VARIABLE], asked[FIRST], asked[SPAN]
        sample = stamp // every
        if sample * every != stamp:
            continue
        mask = view(pool.masks + max(asked[MASK], 0), span if asked[MASK] >= 0 else 0, np.uint8)
        if variable < 0:
            row = view(rows[-1 - variable], TILE, np.float64)
            total = _sum(row, tile, first, span, mask, spiked[:0], peak, pool.peak_varies, work)
        else:
            row = current if variable == pool.n_variables else view(rows[variable], TILE, number)
            shown = spiked if variable == 0 else spiked[:0]
            total = _sum(row, tile, first, span, mask, shown, peak, pool.peak_varies, work)
        sums[asked[PLACE] + (sample - sample_of // every - 1) * asked[STRIDE]] = total
    return at
