"""Silenced neurons: their state is held through a step, what arrives is lost, and they do not spike.

They are updated with their neighbours, as vector code takes 64 at once, and get their state back afterwards.
A pool without any has no array of them, and skips this.
"""

from __future__ import annotations

import numpy as np

from izhi_numba.kernels.intrinsics import view
from izhi_numba.kernels.jit import inline
from izhi_numba.kernels.rng import TILE


@inline
def _carry(pool, tile, first, stop, silenced, back):
    """Copy the state of silenced neurons of a tile to where it is held, or ``back`` from there."""
    rows = view(pool.rows + 8 * (tile // TILE) * pool.n_rows, pool.n_rows, np.int64)
    itemsizes = view(pool.itemsizes, pool.n_state_rows, np.int64)
    for r in range(pool.n_state_rows):
        held = view(pool.held + 8 * r * pool.size, pool.size, np.uint64)
        is_single = itemsizes[r] == 4
        single, double = view(rows[r], stop - tile, np.uint32), view(rows[r], stop - tile, np.uint64)
        for i in range(first, stop):
            if silenced[i]:
                if not back:
                    held[i] = single[i - tile] if is_single else double[i - tile]
                elif is_single:
                    single[i - tile] = np.uint32(held[i])
                else:
                    double[i - tile] = held[i]


@inline
def hold(pool, tile, first, stop):
    """Keep the state of silenced neurons of a tile, before anything arrives."""
    _carry(pool, tile, first, stop, view(pool.silenced, pool.size, np.uint8), False)


@inline
def give_back(pool, tile, first, stop, outcome):
    """Give silenced neurons of a tile their state back; they have not spiked."""
    silenced = view(pool.silenced, pool.size, np.uint8)
    for i in range(first, stop):
        if silenced[i]:
            outcome[i] = 0
    _carry(pool, tile, first, stop, silenced, True)
