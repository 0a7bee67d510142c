"""The log of targets: when neurons spiked, with traces, as far back as a synapse may ask.

The newest spikes of a neuron are kept *in place*, in a line of IN_PLACE stamps, newest first, and as many
numbers for each trace as it was after each spike: a synapse that is brought up to date mostly asks for the
last one or two. What is pushed out is dropped, or, while some synapse may not have heard of it, goes to the
*older* entries of its block, which are linked by neuron. So nothing is lost, however many spikes come between
two visits to a row.

A synapse asks for spikes that have arrived since it was visited last, and for the one before those. All rows
have been visited since the step FLOOR, see :mod:`izhi_numba.kernels.run.sweep`.

A log may be of other steps than those of spikes, where a rule says which, and of values of the target in
place of traces: see :mod:`izhi_numba.kernels.run.when`.
"""

from __future__ import annotations

import numpy as np

from izhi_numba.kernels.intrinsics import load_at, store_at, view
from izhi_numba.kernels.jit import inline, shared
from izhi_numba.kernels.run.fading import N_DECAY, fading

IN_PLACE = 4  # spikes of a neuron
NEVER = -(2**29)  # stamp of a spike that never was; traces after it are 0. Gaps fit 32 bits, see set_epoch

# Columns of the table of logs.
(
    LINES,  # addresses from here on: entries in place, a line for each neuron of the block
    HEADS,  # of each neuron, its newest entry among the older ones; 0: none
    OLDER,  # entries
    DECAYS,  # address of what describes the decay of each trace
    NEAREST,  # whether a spike sets each trace to 1, instead of adding 1
    N_NUMBERS,  # of an entry, beside its stamp: as many traces
    FIRST,  # neuron of the block
    N_NEURONS,
    LONGEST,  # steps that a spike takes to any synapse
    CAPACITY,  # older entries that there is room for
    USED,  # of these; the first one is that of no spike
    FLOOR,  # all arrivals up to this step have been applied by all rows
    EPOCH,  # step that stamps are counted from
    WHEN,  # address of the code that logs steps of targets, and values in place of traces; 0: log of spikes
    VALUES,  # of the targets that it asks for, see :mod:`izhi_numba.kernels.run.recent`
    PARAMETERS,  # that it is given
    N_THERE,  # neurons of the block without those that it is padded with
    N_LOG,
) = range(18)


def line_bytes(n_numbers: int, itemsize: int) -> int:
    """Bytes of what is in place of a neuron; so many that few lines lie in two lines of the cache."""
    return -(-IN_PLACE * itemsize * (1 + n_numbers) // 32) * 32


def older_bytes(n_numbers: int, itemsize: int) -> int:
    """Bytes of an older entry: stamp, numbers, the entries after and before it, neuron."""
    return itemsize * (4 + n_numbers)


@inline
def _whole(place, zero):
    """The whole number at a place, which has the size of a number."""
    if view(0, 0, zero).itemsize == 4:
        return np.int64(load_at(place, np.int32))
    return load_at(place, np.int64)


@inline
def _keep_whole(place, value, zero):
    if view(0, 0, zero).itemsize == 4:
        store_at(place, np.int32(value))
    else:
        store_at(place, np.int64(value))


@inline
def _push(log, entry, apart, neuron, zero):
    """Append an entry to the older ones, as the newest of its neuron; its numbers are so many bytes apart."""
    itemsize, n_numbers = view(0, 0, zero).itemsize, 1 + log[N_NUMBERS]
    size, number = itemsize * (n_numbers + 3), log[USED]
    into = log[OLDER] + size * number
    for k in range(n_numbers):
        _keep_whole(into + itemsize * k, _whole(entry + apart * k, zero), zero)
    links, head = into + itemsize * n_numbers, log[HEADS] + itemsize * neuron
    before = _whole(head, zero)
    _keep_whole(links, -1, zero)
    _keep_whole(links + itemsize, before, zero)
    _keep_whole(links + 2 * itemsize, neuron, zero)
    if before > 0:
        _keep_whole(log[OLDER] + size * before + itemsize * n_numbers, number, zero)
    _keep_whole(head, number, zero)
    log[USED] = number + 1


@inline
def _line_of(log, neuron, zero):
    """Address of the line of a neuron, counted within its block, whose oldest entry may be dropped then."""
    itemsize = view(0, 0, zero).itemsize
    apart = IN_PLACE * itemsize
    line = log[LINES] + -(-apart * (1 + log[N_NUMBERS]) // 32) * 32 * neuron
    oldest = line + (IN_PLACE - 1) * itemsize
    if _whole(oldest - itemsize, zero) + log[LONGEST] > log[FLOOR] - log[EPOCH]:
        _push(log, oldest, apart, neuron, zero)
    return line


@inline
def _shift(place, zero):
    """Move numbers of all entries in place to the next older one."""
    itemsize = view(0, 0, zero).itemsize
    for j in range(IN_PLACE - 1, 0, -1):
        _keep_whole(place + itemsize * j, _whole(place + itemsize * (j - 1), zero), zero)


@inline
def log_step(log, neuron, stamp, zero):
    """Put a step of a neuron in front, of which numbers are to follow; returns where its line begins."""
    line, apart = _line_of(log, neuron, zero), IN_PLACE * view(0, 0, zero).itemsize
    for k in range(1 + log[N_NUMBERS]):
        _shift(line + apart * k, zero)
    _keep_whole(line, stamp, zero)
    return line


@inline
def _log_spike(log, neuron, stamp, zero):
    """Put the spike of a neuron, counted within its block, in front; ``stamp`` is counted from the epoch."""
    apart, n_traces = IN_PLACE * view(0, 0, zero).itemsize, log[N_NUMBERS]
    line = _line_of(log, neuron, zero)
    gap = stamp - _whole(line, zero)
    decays = view(log[DECAYS], N_DECAY * n_traces, zero)
    nearest = view(log[NEAREST], n_traces, np.uint8)
    for k in range(1 + n_traces):
        place = line + apart * k
        before = load_at(place, zero)
        _shift(place, zero)
        if k == 0:
            _keep_whole(place, stamp, zero)
            continue
        d = N_DECAY * (k - 1)
        left = before * fading(decays[d], decays[d + 1], gap, zero)
        if nearest[k - 1]:
            left -= left
        store_at(place, left + type(zero)(1))


@shared
def log_spikes(logs, n_logs, spikes, count, stamp, zero):
    """Put the spikes of a step of a block into its logs."""
    for g in range(n_logs):
        log = view(logs + 8 * N_LOG * g, N_LOG, np.int64)
        for k in range(count if log[WHEN] == 0 else 0):
            _log_spike(log, np.int64(spikes[k]) - log[FIRST], stamp - log[EPOCH], zero)


@inline
def lacks_room(log, window):
    """Whether older entries could overflow in so many steps."""
    return log[CAPACITY] - log[USED] < window * log[N_NEURONS]


@inline
def is_filled(log, filled, window):
    """Whether so many 256ths of the older entries are used that may be before a window of so many steps."""
    return 256 * log[USED] > filled * (log[CAPACITY] - window * log[N_NEURONS])


@shared
def compact(logs, n_logs, window, zero, always):
    """Drop the older entries that no synapse asks for any more, where room is short, or always."""
    itemsize = view(0, 0, zero).itemsize
    for g in range(n_logs):
        log = view(logs + 8 * N_LOG * g, N_LOG, np.int64)
        if not always and not lacks_room(log, window):
            continue
        n_numbers, used = 1 + log[N_NUMBERS], log[USED]
        size, line_size = itemsize * (n_numbers + 3), -(-IN_PLACE * itemsize * n_numbers // 32) * 32
        for neuron in range(log[N_NEURONS]):
            _keep_whole(log[HEADS] + itemsize * neuron, 0, zero)
        log[USED] = 1
        for number in range(1, used):
            entry = log[OLDER] + size * number
            links = entry + itemsize * n_numbers
            after, neuron = _whole(links, zero), _whole(links + 2 * itemsize, zero)
            newer = log[OLDER] + size * after
            if after < 0:
                newer = log[LINES] + line_size * neuron + (IN_PLACE - 1) * itemsize
            if _whole(newer, zero) + log[LONGEST] > log[FLOOR] - log[EPOCH]:
                _push(log, entry, itemsize, neuron, zero)
