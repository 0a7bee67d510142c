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
def hold(pool, tile, first, stop):
    """Keep the state of silenced neurons of a tile, before anything arrives."""
    silenced = view(pool.silenced, pool.size, np.uint8)
    rows = view(pool.rows + 8 * (tile // TILE) * pool.n_rows, pool.n_rows, np.int64)
    itemsizes = view(pool.itemsizes, pool.n_state_rows, np.int64)
    for r in range(pool.n_state_rows):
        held = view(pool.held + 8 * r * pool.size, pool.size, np.uint64)
        if itemsizes[r] == 4:
            now = view(rows[r], stop - tile, np.uint32)
            for i in range(first, stop):
                if silenced[i]:
                    held[i] = now[i - tile]
        else:
            wide = view(rows[r], stop - tile, np.uint64)
            for i in range(first, stop):
                if silenced[i]:
                    held[i] = wide[i - tile]


@inline
def give_back(pool, tile, first, stop, outcome):
    """Give silenced neurons of a tile their state back; they have not spiked."""
    silenced = view(pool.silenced, pool.size, np.uint8)
    rows = view(pool.rows + 8 * (tile // TILE) * pool.n_rows, pool.n_rows, np.int64)
    itemsizes = view(pool.itemsizes, pool.n_state_rows, np.int64)
    for i in range(first, stop):
        if silenced[i]:
            outcome[i] = 0
    for r in range(pool.n_state_rows):
        held = view(pool.held + 8 * r * pool.size, pool.size, np.uint64)
        if itemsizes[r] == 4:
            now = view(rows[r], stop - tile, np.uint32)
            for i in range(first, stop):
                if silenced[i]:
                    now[i - tile] = np.uint32(held[i])
        else:
            wide = view(rows[r], stop - tile, np.uint64)
            for i in range(first, stop):
                if silenced[i]:
                    wide[i - tile] = held[i]
