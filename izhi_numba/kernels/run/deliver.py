"""Delivery: add the weights of the spikes that are due to the input of one block of targets.

A projection is cut into one *piece* per block of targets. A piece holds, for each of its sources,
the targets inside that block, sorted by delay; ``start`` says where the synapses of a (source, delay)
begin. Spikes wait in a short history.

Delays are cut into *bins* of neighbours. A step visits a row for all delays of a bin at once, when the first
of them is due, and adds to a ring of sums with a slot for each step to come. Where visits are few the ring
has one slot, and a bin one delay: see :func:`izhi_numba.synapses.store.ring_slots` for what was measured.

What a ring holds follows from the history and the weights. When either is touched between runs it is made
anew, by the visits of steps that are past: weights act when spikes arrive.

Target and weight of a synapse lie side by side, six bytes. Where they lay in two arrays, a visit to a row of
25 synapses in 600 MB took 1.5 times as long, to one of 50 1.1 times; to one of 500 as long.

Each target adds its inputs in the order (step of the visit, projection, delay, source, place in the row),
whatever the blocks are.

Pieces are described by rows of an int64 table that holds addresses, so that a pool with another
number of projections needs no other machine code. So are the pools that spikes come from.
"""

from __future__ import annotations

import numpy as np

from izhi_numba.kernels.intrinsics import load_at, prefetch, view
from izhi_numba.kernels.jit import inline, shared
from izhi_numba.kernels.layout import (
    BINS,
    DELAYS,
    DENSE,
    FACTOR,
    FIRST_SOURCE,
    FIRST_TARGET,
    FORM,
    LAST_SOURCE,
    N_BINS,
    N_COLUMNS,
    N_DELAYS,
    N_TARGETS,
    PORT,
    SINCE,
    SKIP_SELF,
    SLOTS,
    SOURCE,
    START,
    SYNAPSES,
    WEIGHTED,
    WIDTH,
)

# Visits to rows are listed before any is made, so that memory can be asked for AHEAD visits in advance, up to
# REACH bytes of each: its latency is most of what delivery costs.
AHEAD, REACH = 8, 4096
MOST_VISITS = 1024  # that are listed at once, and parts of them: no bin has more delays


@inline
def _ask_for(first, n_bytes):
    """Ask for the memory of a row."""
    for address in range(first & ~63, first + min(n_bytes, REACH), 64):
        prefetch(address)


@inline
def _add_row(part, begin, end, weighted, weight):
    """Add the weights of the records between two addresses."""
    if weighted:
        for place in range(begin, end, 2 + part.itemsize):
            part[load_at(place, np.uint16)] += weight * load_at(place + 2, part.dtype)
    else:
        for place in range(begin, end, 2):
            part[load_at(place, np.uint16)] += weight


@shared
def _visit(pieces, size, zero, step, due, visits, n_visits):
    """Make the listed visits; ``zero`` is of the type of the weights.

    They are cut into parts of one delay before any weight is added: the end of a part cannot be foreseen by
    the processor, and what it has to look up after that is waited for. With the numbers of a part looked up
    when its turn came, a visit took 20 ns more.
    """
    owners, rows, bins, begins, ends, slots, whose = visits
    itemsize, k = view(0, 0, zero).itemsize, 0
    while k < n_visits:
        n_parts = 0
        while k < n_visits:
            piece = pieces[owners[k] : owners[k] + N_COLUMNS]
            bounds = view(piece[BINS], bins[k] + 2, np.int64)
            first, n_delays = bounds[bins[k]], bounds[bins[k] + 1] - bounds[bins[k]]
            if n_parts + n_delays > MOST_VISITS:
                break
            delays = view(piece[DELAYS] + 8 * first, n_delays, np.int64)
            start = view(piece[START] + 4 * rows[k], n_delays + 1, np.uint32)
            n_slots, width, synapses = piece[SLOTS], piece[WIDTH], piece[SYNAPSES]
            phase = step % n_slots if n_slots > 1 else 0
            for d in range(n_delays):
                later = delays[d] - delays[0]
                slot = phase + later
                slot -= n_slots if slot >= n_slots else 0
                begins[n_parts], ends[n_parts] = synapses + width * start[d], synapses + width * start[d + 1]
                slots[n_parts] = piece[PORT] + itemsize * (slot * size + piece[FIRST_TARGET])
                whose[n_parts] = owners[k]
                n_parts += np.int64(start[d] < start[d + 1] and step + later >= due)
            k += 1
        for part in range(min(AHEAD, n_parts)):
            _ask_for(begins[part], ends[part] - begins[part])
        for part in range(n_parts):
            near = part + AHEAD
            if near < n_parts:
                _ask_for(begins[near], ends[near] - begins[near])
            piece = pieces[whose[part] : whose[part] + N_COLUMNS]
            weighted, weight = piece[WEIGHTED] != 0, view(piece[FACTOR], 1, zero)[0]
            _add_row(view(slots[part], size, zero), begins[part], ends[part], weighted, weight)


@inline
def _add_dense(current, spikes, piece, weights, weight):
    n_targets = piece[N_TARGETS]
    for j in range(len(spikes)):
        if piece[WEIGHTED]:
            begin = (spikes[j] - piece[FIRST_SOURCE]) * n_targets
            row = weights[begin : begin + n_targets]
            for i in range(n_targets):
                current[i] += weight * row[i]
        else:
            itself = n_targets
            if piece[SKIP_SELF]:
                itself = spikes[j] - piece[FIRST_TARGET]
                itself = itself if 0 <= itself < n_targets else n_targets
            for i in range(itself):
                current[i] += weight
            for i in range(itself + 1, n_targets):
                current[i] += weight


@inline
def first_at_least(spikes, n_spikes, neuron):
    """Place of the first spike, in an ascending list, of this neuron or a later one."""
    low, high = 0, n_spikes
    while low < high:
        middle = (low + high) >> 1
        if spikes[middle] < neuron:
            low = middle + 1
        else:
            high = middle
    return low


@inline
def deliver(pieces, size, number, step, due, pools, visits):
    """Make the visits of ``step`` in one block of a pool of ``size`` neurons.

    Parameters
    ----------
    pieces : int64 array (n_projections * N_COLUMNS,), those of this block
    number : type of the weights
    due : int, what arrives before this step is left out
    pools : record array, see :mod:`izhi_numba.kernels.layout`
    visits : seven int64 arrays (MOST_VISITS,), work space
    """
    owners, rows, bins, _, _, _, _ = visits
    n_visits = 0
    for p in range(0, len(pieces), N_COLUMNS):
        piece = pieces[p : p + N_COLUMNS]
        source = pools[piece[SOURCE]]
        source_bounds = view(source.bounds, source.n_blocks + 1, np.int64)
        first_source, last_source, dense = piece[FIRST_SOURCE], piece[LAST_SOURCE], piece[FORM] == DENSE
        n_delays, start = piece[N_DELAYS], piece[START]
        delays, n_bins = view(piece[DELAYS], n_delays, np.int64), piece[N_BINS]
        bounds = view(piece[BINS], n_bins + 1, np.int64)
        if dense and n_visits > 0:
            _visit(pieces, size, number(0), step, due, visits, n_visits)
            n_visits = 0
        for b in range(n_bins):
            shortest, longest = delays[bounds[b]], delays[bounds[b + 1] - 1]
            stamp = step - shortest
            if stamp <= piece[SINCE] or stamp + longest < due:
                continue
            slot = stamp & (source.n_slots - 1)
            counts = view(source.counts + 4 * slot * source.n_blocks, source.n_blocks, np.int32)
            history = view(source.history + 4 * slot * source.size, source.size, np.int32)
            for source_block in range(source.n_blocks):
                first = source_bounds[source_block]
                n_spikes = np.int64(counts[source_block])
                after = source_bounds[source_block + 1]
                if n_spikes == 0 or first >= last_source or after <= first_source:
                    continue
                spikes = history[first : first + n_spikes]
                low = first_at_least(spikes, n_spikes, first_source)
                high = first_at_least(spikes, n_spikes, last_source)
                if dense:
                    ring = view(piece[PORT], piece[SLOTS] * size, number)
                    part = ring[step % piece[SLOTS] * size + piece[FIRST_TARGET] :]
                    n_weights = (last_source - first_source) * piece[N_TARGETS]
                    weights = view(piece[SYNAPSES], n_weights, number)
                    _add_dense(part, spikes[low:high], piece, weights, view(piece[FACTOR], 1, number)[0])
                    continue
                for j in range(low, high):
                    if n_visits == MOST_VISITS:
                        _visit(pieces, size, number(0), step, due, visits, n_visits)
                        n_visits = 0
                    row = (np.int64(spikes[j]) - first_source) * n_delays + bounds[b]
                    prefetch(start + 4 * row)
                    owners[n_visits], rows[n_visits], bins[n_visits] = p, row, b
                    n_visits += 1
    if n_visits > 0:
        _visit(pieces, size, number(0), step, due, visits, n_visits)
