"""Sources of spikes, which have no state: drawn from Poisson trains, or given one by one."""

from __future__ import annotations

import numpy as np

from izhi_numba.kernels.intrinsics import address_of, view
from izhi_numba.kernels.jit import inline
from izhi_numba.kernels.rng import TILE
from izhi_numba.kernels.run.fields import expect, has_samples, take_mean
from izhi_numba.kernels.run.poisson import call_lister


@inline
def _first_at_least(units, n_units, unit):
    """Place of the first unit, in an ascending list, that is this one or a later one."""
    low, high = 0, n_units
    while low < high:
        middle = (low + high) >> 1
        if units[middle] < unit:
            low = middle + 1
        else:
            high = middle
    return low


@inline
def list_sources(pool, number, itemsize, block, step, last_step, first_step, bits, work, scratch):
    """List the spikes of a block of sources from ``step`` to ``last_step``."""
    bounds = view(pool.bounds, pool.n_blocks + 1, np.int64)
    begin, end = bounds[block], min(bounds[block + 1], pool.n)
    history = view(pool.history, pool.n_slots * pool.size, np.int32)
    counts = view(pool.counts, pool.n_slots * pool.n_blocks, np.int32)
    factors = view(pool.train_factors, last_step - first_step, number)
    largest = view(pool.train_largest, -(-pool.size // TILE), number)
    equal = view(pool.train_equal, -(-pool.size // TILE), np.uint8)
    steps = view(pool.given_steps, pool.n_given, np.int64)
    neurons = view(pool.given_neurons, pool.n_given, np.int64)
    spike_count = view(pool.spike_count, pool.size if pool.spike_count else 0, np.int64)
    given = _first_at_least(steps, pool.n_given, step + 1)
    while step < last_step:
        slot = (step + 1) & (pool.n_slots - 1)
        listed = history[slot * pool.size + begin : slot * pool.size + bounds[block + 1]]
        count, at = 0, 0 if pool.steady else step - first_step
        for tile in range(begin, end if pool.lister else begin, TILE):
            expected, n_units = pool.trains + itemsize * tile, min(TILE, end - tile)
            most, same = largest[tile // TILE], equal[tile // TILE] != 0
            if has_samples(pool, 0):
                mean = work[:n_units]
                take_mean(mean, pool, number, itemsize, 0, at, tile)
                most, same = expect(scratch, view(expected, n_units, number), mean, number)
                expected = address_of(scratch, 0)
            count += call_lister(
                pool.lister, address_of(listed, count), expected, factors[at], most, same, tile, n_units,
                step, np.uint32(pool.key0), np.uint32(pool.key1), address_of(bits, 0),
            )  # fmt: skip
        while given < pool.n_given and steps[given] == step + 1:
            if begin <= neurons[given] < end:
                listed[count] = neurons[given]
                count += 1
            given += 1
        for j in range(count if len(spike_count) > 0 else 0):
            spike_count[listed[j]] += 1
        counts[slot * pool.n_blocks + block] = count
        step += 1
