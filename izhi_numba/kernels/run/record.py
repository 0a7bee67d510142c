"""What a step leaves: lists of spikes, traces of variables, and the spikes that a user keeps."""

from __future__ import annotations

import numpy as np

from izhi_numba.kernels.intrinsics import lowest_bit, view
from izhi_numba.kernels.jit import inline
from izhi_numba.kernels.rng import TILE
from izhi_numba.kernels.run.update import SPIKED


@inline
def list_spikes(outcome, words, first, last, n, spikes, count, spike_count, eventful, crossing, crossings):
    """Append the neurons of a tile that spiked to the list of their block.

    Returns the new length of the list and the first neuron that is not finite, or -1. First the words
    that are not zero are listed without a branch, eight neurons each: with a branch per word this
    took 11 ns a spike, for mispredictions, now 5.
    """
    n_eventful = 0
    for word in range(first >> 3, last >> 3):
        eventful[n_eventful] = word
        n_eventful += np.int64(words[word] != 0)
    broken = -1
    for k in range(n_eventful):
        word = np.int64(eventful[k])
        bits = words[word]
        while bits:
            i = (word << 3) + (lowest_bit(bits) >> 3)
            bits &= bits - np.uint64(1)
            if i >= n:
                break
            if outcome[i] == SPIKED:
                spikes[count] = i
                if len(crossing) > 0:
                    crossings[count] = crossing[i]
                count += 1
                if len(spike_count) > 0:
                    spike_count[i] += 1
            elif broken < 0:
                broken = i
    return count, broken


@inline
def keep_traces(probes, probe, last, tile, stop, sample_of, stamp, pool, current, outcome, trace):
    """Keep the variables of the probed neurons of one tile; returns the next probe."""
    number = trace.dtype
    rows = view(pool.rows + 8 * (tile // TILE) * pool.n_rows, pool.n_rows, np.int64)
    peak = view(pool.peak, pool.size if pool.peak else 0, number)
    while probe < last and probes[5 * probe] < stop:
        neuron, variable, every = probes[5 * probe], probes[5 * probe + 1], probes[5 * probe + 2]
        if stamp % every == 0:
            sample = stamp // every - sample_of // every - 1
            place = probes[5 * probe + 3] + sample * probes[5 * probe + 4]
            if variable < 0:
                wide = view(rows[-1 - variable], TILE, np.float64)
                view(pool.trace_double, 1 << 62, np.float64)[place] = wide[neuron - tile]
                probe += 1
                continue
            if variable == pool.n_variables:
                value = current[neuron - tile]
            elif variable > pool.n_variables:  # without the peak of a spike
                value = view(rows[variable - pool.n_variables - 1], TILE, number)[neuron - tile]
            elif variable == 0 and outcome[neuron] == SPIKED and peak[neuron] == peak[neuron]:
                value = peak[neuron]
            else:
                value = view(rows[variable], TILE, number)[neuron - tile]
            trace[place] = value
        probe += 1
    return probe


@inline
def collect(pool, number, stamp, row):
    """Copy the spikes of a finished step from a pool's history to its record."""
    slot, size, n_blocks = stamp & (pool.n_slots - 1), pool.size, pool.n_blocks
    bounds, n_kept = view(pool.bounds, n_blocks + 1, np.int64), view(pool.n_kept, 1, np.int64)
    history = view(pool.history + 4 * slot * size, size, np.int32)
    counts = view(pool.counts + 4 * slot * n_blocks, n_blocks, np.int32)
    spikes = view(pool.spikes, pool.capacity, np.int32)
    kept = view(pool.kept, pool.n if pool.kept else 0, np.uint8)
    crossings = view(pool.crossings, pool.n_slots * size if pool.crossings else 0, number)[slot * size :]
    spike_crossings = view(pool.spike_crossings, pool.capacity if pool.crossings else 0, number)
    per_step = view(pool.per_step + 8 * row, 2, np.int32)
    total, taken = 0, n_kept[0]
    for block in range(n_blocks):
        begin, count = bounds[block], np.int64(counts[block])
        total += count
        if not pool.keep_spikes:
            continue
        listed, into = history[begin : begin + count], spikes[taken:]
        if len(kept) == 0:
            for j in range(count):
                into[j] = listed[j]
            if len(spike_crossings) > 0:
                when, into_crossings = crossings[begin : begin + count], spike_crossings[taken:]
                for j in range(count):
                    into_crossings[j] = when[j]
            taken += count
            continue
        for j in range(count):
            if kept[listed[j]]:
                spikes[taken] = listed[j]
                if len(spike_crossings) > 0:
                    spike_crossings[taken] = crossings[begin + j]
                taken += 1
    per_step[0], per_step[1] = total, taken - n_kept[0]
    n_kept[0] = taken
