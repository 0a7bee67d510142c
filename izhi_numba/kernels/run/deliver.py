"""Delivery: add the weights of spikes to sums of what arrives at one block of targets.

A projection is cut into one *piece* per block of targets. A piece holds, for each of its sources, the targets
inside that block: a *row* for each delay of a source, or one for each source. Spikes wait in a short history.

What arrives at a receptor is added up in a ring with a slot for each step to come, and the receptor gets the
sum. There are two ways to fill it, and each receptor of a pool has one:

* *when due*: the ring has one slot, and a step visits what arrives in it, a row for each spike and delay;
* *when sent*: a row is visited as a whole, once, and its weights go to the slots of later steps.

A visit costs as much as tens of synapses; a ring of many slots leaves the cache. With one block of targets
per core and a mean of ten or more synapses to a visit, the first is faster, and with many blocks or many
delays the second: see :mod:`izhi_numba.synapses.ways` for what was measured.

Both give the same bits, for any number of blocks and threads, as both add in the same order: by the step that
a spike is stamped with, then by the pool of its source, by source, by projection and by place in the row.
So weights can be changed between runs, and act when spikes arrive: rings are emptied, and the spikes that are
under way are sent once more.

Target, delay and weight of a synapse lie side by side, as far as they differ. Where target and weight lay in
two arrays, a visit to a row of 25 synapses in 600 MB took 1.5 times as long, to one of 50 1.1 times; to one
of 500 as long.

Pieces are described by rows of an int64 table that holds addresses, so that a pool with another number of
projections needs no other machine code. So are the pools that spikes come from. Which projections have a
spike's source is looked up in *segments*: ranges of sources that the same projections have.
"""

from __future__ import annotations

import numpy as np

from izhi_numba.kernels.intrinsics import load_at, prefetch, view
from izhi_numba.kernels.jit import inline, shared
from izhi_numba.kernels.layout import (
    BY_SOURCE,
    DELAYS,
    DENSE,
    FACTOR,
    FIRST_SOURCE,
    FIRST_TARGET,
    FORM,
    LAG,
    N_COLUMNS,
    N_DELAYS,
    N_TARGETS,
    PORT,
    SINCE,
    SITE,
    SKIP_SELF,
    SLOTS,
    START,
    SYNAPSES,
    WEIGHTED,
    WIDTH,
)
from izhi_numba.kernels.run.learn import call_learn
from izhi_numba.kernels.run.rest import wake_range, wake_row
from izhi_numba.kernels.run.sites import (
    IS_DENDRITIC,
    LAST,
    LEARN,
    LEAST,
    N_KEPT,
    N_SITE,
    SEEN,
    TRACE_BYTES,
    TRACES,
)

# Visits to rows are listed before any is made, so that memory can be asked for AHEAD visits in advance, up to
# REACH bytes of each: its latency is most of what delivery costs.
AHEAD, REACH = 8, 4096
MOST_VISITS = 1024  # that are listed at once, and parts of them
ALL_DELAYS = -1  # in place of the number of a delay


@inline(alone=True)
def _ask_for(first, n_bytes):
    """Ask for the memory of a row."""
    for address in range(first & ~63, first + min(n_bytes, REACH), 64):
        prefetch(address)


@inline(alone=True)
def _ask_ahead(begins, ends, part, n_parts):
    """Ask for the memory of a later part."""
    near = part + AHEAD
    if near < n_parts:
        _ask_for(begins[near], ends[near] - begins[near])


@inline(alone=True)
def _add_row(sums, begin, end, weighted, weight):
    """Add the weights of the records between two addresses, all of one delay."""
    if weighted:
        for place in range(begin, end, 2 + sums.itemsize):
            sums[load_at(place, np.uint16)] += weight * load_at(place + 2, sums.dtype)
    else:
        for place in range(begin, end, 2):
            sums[load_at(place, np.uint16)] += weight


@inline
def _lag_at(place, lag):
    """The delay of a record, counted from the first one."""
    return np.int64(load_at(place + 2, np.uint8)) if lag == 1 else np.int64(load_at(place + 2, np.uint16))


@inline(alone=True)
def _add_lagged(ring, size, slots, phase, soonest, row, weighted, weight):
    """Add the weights of the records of a row, each to the slot of its delay.

    A row is two addresses, and the bytes that tell a delay. ``phase`` is the slot of delays that are 0; what
    has a delay below ``soonest`` is left out.
    """
    begin, end, lag = row
    for place in range(begin, end, 2 + lag + weighted * ring.itemsize):
        delay = _lag_at(place, lag)
        slot = phase + delay
        slot -= slots if slot >= slots else 0
        if delay >= soonest:
            amount = weight * load_at(place + 2 + lag, ring.dtype) if weighted else weight
            ring[slot * size + np.int64(load_at(place, np.uint16))] += amount


@inline(alone=True)
def _add_dense(sums, piece, source, zero, weight):
    """Add the weights of one source to all targets."""
    n_targets = piece[N_TARGETS]
    if piece[WEIGHTED]:
        itemsize = view(0, 0, zero).itemsize
        begin = piece[SYNAPSES] + itemsize * (source - piece[FIRST_SOURCE]) * n_targets
        row = view(begin, n_targets, zero)
        for i in range(n_targets):
            sums[i] += weight * row[i]
        return
    itself = n_targets
    if piece[SKIP_SELF]:
        itself = source - piece[FIRST_TARGET]
        itself = itself if 0 <= itself < n_targets else n_targets
    for i in range(itself):
        sums[i] += weight
    for i in range(itself + 1, n_targets):
        sums[i] += weight


@inline
def _slot_of(phase, delay, slots):
    """Slot of the step of a delay; ``phase`` is that of delays that are 0."""
    if slots == 1:
        return 0
    slot = phase + delay
    return slot - slots if slot >= slots else slot


@inline
def _visit_learning(piece, source, d, size, zero, stamp, step, dt, awake, wakes):
    """Visit rows of a source whose synapses learn: that of a delay, or all."""
    site = view(piece[SITE], N_SITE, np.int64)
    itemsize, slots, n_delays = view(0, 0, zero).itemsize, piece[SLOTS], piece[N_DELAYS]
    sums, phase = piece[PORT] + itemsize * piece[FIRST_TARGET], stamp % slots
    arrival = stamp if site[IS_DENDRITIC] else step + site[LEAST]
    until = arrival if site[IS_DENDRITIC] else arrival - 1
    first, last = d, d + 1
    if d == ALL_DELAYS:
        first, last = np.int64(0), n_delays
    for row in range(
        (source - piece[FIRST_SOURCE]) * n_delays + first, (source - piece[FIRST_SOURCE]) * n_delays + last
    ):
        call_learn(
            site[LEARN], piece[SITE], row, until, arrival, sums, itemsize * size, slots, phase, piece[FACTOR],
            dt,
        )  # fmt: skip
        if wakes:
            start, synapses = view(piece[START] + 4 * row, 2, np.uint32), piece[SYNAPSES]
            begin, end = synapses + piece[WIDTH] * start[0], synapses + piece[WIDTH] * start[1]
            wake_row(awake, piece[FIRST_TARGET], begin, end, piece[WIDTH])


@inline
def _ask_for_learning(pieces, visits, k, n_visits):
    """Ask for what visits to rows that learn need: first what is known of a row, then its synapses."""
    owners, sources, numbers, _, _, _, _ = visits
    for half in range(2):
        near = k + (AHEAD if half == 0 else AHEAD // 2)
        if near >= n_visits:
            continue
        piece = pieces[owners[near] : owners[near] + N_COLUMNS]
        if not piece[SITE]:
            continue
        n_delays = piece[N_DELAYS]
        row = (sources[near] - piece[FIRST_SOURCE]) * n_delays
        row += np.int64(0) if numbers[near] == ALL_DELAYS else numbers[near]
        start = piece[START] + 4 * row
        if half == 0:
            site = view(piece[SITE], N_SITE, np.int64)
            prefetch(start)
            prefetch(site[SEEN] + 8 * row)
            prefetch(site[LAST] + 8 * row * site[N_KEPT])
            prefetch(site[TRACES] + row * site[TRACE_BYTES])
        else:
            n_rows = n_delays if numbers[near] == ALL_DELAYS else np.int64(1)
            bounds, synapses = view(start, n_rows + 1, np.uint32), piece[SYNAPSES]
            _ask_for(synapses + piece[WIDTH] * bounds[0], piece[WIDTH] * (bounds[n_rows] - bounds[0]))


@shared
def _visit(pieces, size, zero, stamp, step, dt, due, visits, n_visits, awake, wakes):
    """Make the listed visits, for spikes with a stamp; ``zero`` is of the type of the weights.

    ``wakes``: whether some targets rest, and are to be woken.

    They are cut into parts of one delay before any weight is added, and what belongs to a piece is looked up
    once for the parts of it that follow each other: the end of a part cannot be foreseen by the processor,
    and what it has to look up after that is waited for, some 20 ns.
    """
    owners, sources, numbers, begins, ends, places, whose = visits
    itemsize, k, next_delay = view(0, 0, zero).itemsize, 0, 0
    while k < n_visits:
        n_parts = 0
        while k < n_visits and n_parts < MOST_VISITS:
            piece = pieces[owners[k] : owners[k] + N_COLUMNS]
            if piece[SITE]:
                _ask_for_learning(pieces, visits, k, n_visits)
                _visit_learning(piece, sources[k], numbers[k], size, zero, stamp, step, dt, awake, wakes)
                k += 1
                continue
            form, row, slots = piece[FORM], sources[k] - piece[FIRST_SOURCE], piece[SLOTS]
            delays = view(piece[DELAYS], piece[N_DELAYS], np.int64)
            port, step_bytes = piece[PORT] + itemsize * piece[FIRST_TARGET], itemsize * size
            phase = stamp % slots if slots > 1 else 0
            if form == DENSE:
                begins[n_parts], ends[n_parts] = sources[k], sources[k]
                places[n_parts] = port + step_bytes * _slot_of(phase, delays[0], slots)
                whose[n_parts] = owners[k]
                n_parts += np.int64(stamp + delays[0] >= due)
                k += 1
                continue
            width, synapses = piece[WIDTH], piece[SYNAPSES]
            if form == BY_SOURCE:
                start = view(piece[START] + 4 * row, 2, np.uint32)
                begins[n_parts], ends[n_parts] = synapses + width * start[0], synapses + width * start[1]
                places[n_parts], whose[n_parts] = _slot_of(phase, delays[0], slots), owners[k]
                n_parts += np.int64(start[0] < start[1])
                k += 1
                continue
            first, last = numbers[k], numbers[k] + 1
            if first == ALL_DELAYS:
                first, last = next_delay, piece[N_DELAYS]
            start = view(piece[START] + 4 * row * piece[N_DELAYS], last + 1, np.uint32)
            last = min(last, first + MOST_VISITS - n_parts)
            for d in range(first, last):
                begins[n_parts], ends[n_parts] = synapses + width * start[d], synapses + width * start[d + 1]
                places[n_parts] = port + step_bytes * _slot_of(phase, delays[d], slots)
                whose[n_parts] = owners[k]
                n_parts += np.int64(start[d] < start[d + 1] and stamp + delays[d] >= due)
            next_delay = last
            if numbers[k] != ALL_DELAYS or last == piece[N_DELAYS]:
                k, next_delay = k + 1, 0
        for part in range(min(AHEAD, n_parts)):
            _ask_for(begins[part], ends[part] - begins[part])
        part = 0
        while part < n_parts:
            owner = whose[part]
            piece, last = pieces[owner : owner + N_COLUMNS], part + 1
            while last < n_parts and whose[last] == owner:
                last += 1
            weighted, weight, form = piece[WEIGHTED] != 0, view(piece[FACTOR], 1, zero)[0], piece[FORM]
            if form == BY_SOURCE:
                slots, delay = piece[SLOTS], view(piece[DELAYS], 1, np.int64)[0]
                ring = view(piece[PORT] + itemsize * piece[FIRST_TARGET], slots * size, zero)
                soonest, lag = due - stamp - delay, piece[LAG]
                for j in range(part, last):
                    _ask_ahead(begins, ends, j, n_parts)
                    row = (begins[j], ends[j], lag)
                    if weighted:
                        _add_lagged(ring, size, slots, places[j], soonest, row, True, weight)
                    else:
                        _add_lagged(ring, size, slots, places[j], soonest, row, False, weight)
            elif form == DENSE:
                for j in range(part, last):
                    _add_dense(view(places[j], size, zero), piece, begins[j], zero, weight)
            elif weighted:
                for j in range(part, last):
                    _ask_ahead(begins, ends, j, n_parts)
                    _add_row(view(places[j], size, zero), begins[j], ends[j], True, weight)
            else:
                for j in range(part, last):
                    _ask_ahead(begins, ends, j, n_parts)
                    _add_row(view(places[j], size, zero), begins[j], ends[j], False, weight)
            if wakes and form == DENSE and piece[N_TARGETS] > 0:
                wake_range(awake, piece[FIRST_TARGET], piece[FIRST_TARGET] + piece[N_TARGETS])
            elif wakes and form != DENSE:
                for j in range(part, last):
                    wake_row(awake, piece[FIRST_TARGET], begins[j], ends[j], piece[WIDTH])
            part = last


@inline
def deliver(pool, pieces, number, step, n_due, n_sent, dt, pools, visits, awake, wakes):
    """Make the visits of ``step`` in one block of a pool.

    Parameters
    ----------
    pool : record, see :mod:`izhi_numba.kernels.layout`
    pieces : int64 array (n_projections * N_COLUMNS,), those of this block
    number : type of the weights
    n_due : int
        Rounds of spikes that are due: all, or none.
    n_sent : int
        Steps whose spikes are sent, beginning with the first that are not.
    dt : float
    pools : record array
    visits : seven int64 arrays (MOST_VISITS,), work space
    awake : uint8 array, which groups of neurons do not rest
    wakes : bool, whether some rest
    """
    owners, sources, numbers, _, _, _, _ = visits
    size = pool.size
    rounds, entries = view(pool.rounds, 3 * n_due, np.int64), view(pool.entries, 4 * pool.n_entries, np.int64)
    segments, items = view(pool.segments, 1 << 60, np.int64), view(pool.items, 1 << 60, np.int64)
    if pool.first_sent == pool.n_entries:
        n_sent = np.int64(0)
    # Numbers with a type: for a plain 0 the visits would be compiled once more. Visits that are due are made
    # with the stamp of the last of their rounds: rings of one slot do not need it.
    n_visits, stamp, due = np.int64(0), step, np.int64(0)
    for r in range(n_due + n_sent):
        if r < n_due:
            due, stamp = np.int64(0), step - rounds[3 * r]
            first_entry, last_entry = rounds[3 * r + 1], rounds[3 * r + 2]
        else:
            if r == n_due and n_visits > 0:
                _visit(pieces, size, number(0), stamp, step, dt, due, visits, n_visits, awake, wakes)
                n_visits = np.int64(0)
            due, stamp = step, pool.ready + 1 + r - n_due
            first_entry, last_entry = pool.first_sent, pool.n_entries
        for e in range(first_entry, last_entry):
            if stamp + entries[4 * e + 3] < due:
                continue  # sent again, but all has arrived: its slot may be another step's by now
            source = pools[entries[4 * e]]
            segment, last_segment = entries[4 * e + 1], entries[4 * e + 2]
            slot = stamp & (source.n_slots - 1)
            counts = view(source.counts + 4 * slot * source.n_blocks, source.n_blocks, np.int32)
            bounds = view(source.bounds, source.n_blocks, np.int64)
            for block in range(source.n_blocks):
                n_spikes = np.int64(counts[block])
                spikes = view(source.history + 4 * (slot * source.size + bounds[block]), n_spikes, np.int32)
                j = 0
                while j < n_spikes and segment < last_segment:
                    neuron = np.int64(spikes[j])
                    if neuron >= segments[4 * segment + 1]:
                        segment += 1
                        continue
                    j += 1
                    if neuron < segments[4 * segment]:
                        continue
                    for item in range(segments[4 * segment + 2], segments[4 * segment + 3]):
                        owner, d = items[2 * item] * N_COLUMNS, items[2 * item + 1]
                        piece = pieces[owner : owner + N_COLUMNS]
                        if stamp <= piece[SINCE]:
                            continue
                        if n_visits == MOST_VISITS:
                            _visit(
                                pieces, size, number(0), stamp, step, dt, due, visits, n_visits, awake, wakes
                            )
                            n_visits = np.int64(0)
                        row = neuron - piece[FIRST_SOURCE]
                        if piece[FORM] != DENSE:
                            row *= piece[N_DELAYS] if piece[FORM] != BY_SOURCE else 1
                            prefetch(piece[START] + 4 * (row + max(d, 0)))
                        owners[n_visits], sources[n_visits], numbers[n_visits] = owner, neuron, d
                        n_visits += 1
        if r >= n_due and n_visits > 0:
            _visit(pieces, size, number(0), stamp, step, dt, due, visits, n_visits, awake, wakes)
            n_visits = np.int64(0)
    if n_visits > 0:
        _visit(pieces, size, number(0), stamp, step, dt, due, visits, n_visits, awake, wakes)
