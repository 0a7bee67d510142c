"""What a row gathers of its synapses and their targets: weights, logs, and where to add what it sends.

A synapse lies in a record: 2 bytes for its target, some for its delay, a number for its weight. These
functions depend on the form of records and logs alone, and are compiled once for all rules whose forms are
the same.
"""

from __future__ import annotations

import functools
from types import SimpleNamespace
from typing import Any

import numpy as np

from izhi_numba.kernels.intrinsics import load_at, prefetch, store_at, transpose
from izhi_numba.kernels.jit import inline
from izhi_numba.kernels.run.lanes import CHUNK, STRIDE, Lanes
from izhi_numba.kernels.run.log import IN_PLACE, NEVER, line_bytes, older_bytes


@functools.cache
def of_targets(dtype: np.dtype[Any], lanes: Lanes, lag_bytes: int, dendritic: bool) -> SimpleNamespace:
    """Functions of the addresses of records, logs, and lanes."""
    number, itemsize, n_numbers, n_variables = dtype.type, dtype.itemsize, lanes.n_numbers, lanes.n_variables
    endless, whole = number(np.inf), np.int32 if itemsize == 4 else np.int64
    unsigned = np.uint32 if itemsize == 4 else np.uint64
    line_size, older_size = line_bytes(n_numbers, itemsize), older_bytes(n_numbers, itemsize)
    apart, after_numbers = IN_PLACE * itemsize, itemsize * (1 + n_numbers)
    target_lane, lag_lane, into_lane = lanes.target, lanes.lag, lanes.into
    x_lane, sent_lane = lanes.x, lanes.sent
    width = 2 + lag_bytes + itemsize

    @inline
    def whole_at(place):
        return np.int64(load_at(place, whole))

    @inline
    def back_of(place, shortest):
        """Steps that a spike of the target takes to the synapse."""
        return delay_of(place, shortest) if dendritic else np.int64(0)

    @inline
    def delay_of(place, shortest):
        if lag_bytes == 1:
            return shortest + np.int64(load_at(place + 2, np.uint8))
        if lag_bytes == 2:
            return shortest + np.int64(load_at(place + 2, np.uint16))
        return shortest

    @inline
    def time_since(stamp, gap, dt):
        return number(dt * gap) if stamp > NEVER else endless

    @inline
    def entry_at(cursor, line, older):
        """Address of an entry: one in place, counted from the newest, or one of the older, -1 - number."""
        return line + cursor * itemsize if cursor >= 0 else older + (-1 - cursor) * older_size

    @inline
    def before(cursor, line, older, head):
        """The entry before one."""
        if 0 <= cursor < IN_PLACE - 1:
            return cursor + 1
        place = head if cursor >= 0 else entry_at(cursor, line, older) + after_numbers + itemsize
        return -1 - whole_at(place)

    @inline
    def after(cursor, line, older):
        """The entry after one that is not the newest."""
        if cursor >= 0:
            return cursor - 1
        newer = whole_at(entry_at(cursor, line, older) + after_numbers)
        return -1 - newer if newer >= 0 else np.int64(IN_PLACE - 1)

    @inline
    def apart_at(cursor):
        return np.int64(apart if cursor >= 0 else itemsize)

    @inline
    def copy(entry, its_apart, scratch, i, k):
        """Have an entry be the one in place that is counted so, in the lane of a synapse."""
        into = scratch + itemsize * (CHUNK * k + i)
        for m in range(1 + n_numbers):
            store_at(into + itemsize * STRIDE * m, load_at(entry + its_apart * m, whole))

    @inline
    def sum_of(place, shortest, receiving):
        """Address of the sum that a synapse adds to: of its target, in the slot of its delay."""
        sums, step_bytes, slots, slot_of_0 = receiving
        slot = slot_of_0 + delay_of(place, shortest) if dendritic else np.int64(0)
        slot -= slots if slot >= slots else 0
        return sums + step_bytes * slot + itemsize * np.int64(load_at(place, np.uint16))

    @inline
    def send(place, shortest, weight, receiving, scale):
        """Add what a synapse sends."""
        into = sum_of(place, shortest, receiving)
        store_at(into, load_at(into, number) + scale * weight)

    @inline
    def ask_for_logs(place, n, lines):
        """Ask for the logs of the targets of so many synapses."""
        for i in range(n):
            prefetch(lines + line_size * np.int64(load_at(place + width * i, np.uint16)))

    @inline
    def gather_one(place, own, i, lines, scratch):
        """Fill the lane of a synapse, but for the log of its target, of which it returns the address."""
        target, its = np.int64(load_at(place, np.uint16)), scratch + itemsize * i
        store_at(its + itemsize * target_lane, whole(target))
        if lag_bytes == 1:
            store_at(its + itemsize * lag_lane, whole(load_at(place + 2, np.uint8)))
        elif lag_bytes == 2:
            store_at(its + itemsize * lag_lane, whole(load_at(place + 2, np.uint16)))
        store_at(its + itemsize * x_lane, load_at(place + 2 + lag_bytes, number))
        for k in range(n_variables):
            store_at(its + itemsize * (x_lane + CHUNK * (1 + k)), load_at(own + itemsize * k, number))
        return lines + line_size * target

    @inline
    def gather(place, own, n, lines, scratch):
        """Fill the lanes of so many synapses."""
        n_own, rest = itemsize * n_variables, n & 3
        for i in range(0, n - rest, 4):
            a = gather_one(place, own, i, lines, scratch)
            b = gather_one(place + width, own + n_own, i + 1, lines, scratch)
            c = gather_one(place + 2 * width, own + 2 * n_own, i + 2, lines, scratch)
            d = gather_one(place + 3 * width, own + 3 * n_own, i + 3, lines, scratch)
            for m in range(1 + n_numbers):
                into, its = scratch + itemsize * (STRIDE * m + i), apart * m
                transpose((a + its, b + its, c + its, d + its), into, itemsize * CHUNK, whole)
            place, own = place + 4 * width, own + 4 * n_own
        for i in range(n - rest, n):
            line = gather_one(place, own, i, lines, scratch)
            for k in range(IN_PLACE):
                copy(line + itemsize * k, apart, scratch, i, k)
            place, own = place + width, own + n_own

    @inline
    def ask_for_sums(n, scratch, sums):
        """Ask for what synapses add to."""
        for i in range(n):
            prefetch(sums + itemsize * into_at(i, scratch))

    @inline
    def into_at(i, scratch):
        return np.int64(load_at(scratch + itemsize * (into_lane + i), unsigned))

    @inline
    def scatter(place, own, n, scratch):
        """Have synapses be what their lanes say."""
        for i in range(n):
            its = scratch + itemsize * (x_lane + i)
            store_at(place + 2 + lag_bytes, load_at(its, number))
            for k in range(n_variables):
                store_at(own + itemsize * k, load_at(its + itemsize * CHUNK * (1 + k), number))
            place, own = place + width, own + itemsize * n_variables

    @inline
    def add_sent(n, scratch, sums):
        """Add what synapses send."""
        for i in range(n):
            into = sums + itemsize * into_at(i, scratch)
            store_at(into, load_at(into, number) + load_at(scratch + itemsize * (sent_lane + i), number))

    return SimpleNamespace(
        whole_at=whole_at, back_of=back_of, time_since=time_since, entry_at=entry_at, before=before,
        after=after, apart_at=apart_at, copy=copy, send=send, ask_for_logs=ask_for_logs, gather=gather,
        ask_for_sums=ask_for_sums, scatter=scatter, add_sent=add_sent,
    )  # fmt: skip
