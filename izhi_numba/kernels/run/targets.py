"""What a row finds out of the targets of its synapses: entries of their logs, and where to add what it sends.

A synapse lies in a record: 2 bytes for its target, some for its delay, a number for its weight. These
functions depend on the form of records and logs alone, and are compiled once for all rules whose forms are
the same.
"""

from __future__ import annotations

import functools
from types import SimpleNamespace
from typing import Any

import numpy as np

from izhi_numba.kernels.intrinsics import count_above, load_at, prefetch, store_at
from izhi_numba.kernels.jit import inline
from izhi_numba.kernels.run.log import IN_PLACE, NEVER, line_bytes, older_bytes

# Synapses in advance of which the log of a target is asked for. While the logs of a chunk are looked at,
# those sums are asked for that it is going to add to. Together they saved a quarter of the time of 10,000
# neurons with 100 synapses each, and a third of that of 100,000, over 12 synapses in advance, none at the
# beginning of a row, and sums that were not asked for.
AHEAD = 24

# Synapses are visited in chunks: first it is found what has arrived at each, then these events are applied,
# then the source's. So no jump depends on how many spikes a target had, which no processor can foresee.
CHUNK = 64
_FEW = 3  # spikes of a target that are listed; synapses that have more to hear of are visited apart
SEEN_AT, MANY_AT, EVENTS_AT = (8 * CHUNK * k for k in range(3))  # in the work space
SPARE_AT = EVENTS_AT + 8 * _FEW * (CHUNK + 1)


@functools.cache
def of_targets(dtype: np.dtype[Any], n_numbers: int, lag_bytes: int, dendritic: bool) -> SimpleNamespace:
    """Functions of the addresses of records and logs; ``n_numbers`` of each entry, besides its stamp."""
    number, itemsize = dtype.type, dtype.itemsize
    endless, whole = number(np.inf), np.int32 if itemsize == 4 else np.int64
    line_size, older_size = line_bytes(n_numbers, itemsize), older_bytes(n_numbers, itemsize)
    apart, after_numbers = IN_PLACE * itemsize, itemsize * (1 + n_numbers)
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
    def copy(entry, its_apart, into):
        for k in range(1 + n_numbers):
            store_at(into + apart * k, load_at(entry + its_apart * k, whole))

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
        """Ask for the logs of the targets of the first synapses of a row."""
        for i in range(min(n, AHEAD)):
            prefetch(lines + line_size * np.int64(load_at(place + width * i, np.uint16)))

    @inline
    def find(place, n, ahead, lines, until, seen, shortest, scratch, all_apart, receiving):
        """List the spikes of targets that are new to some synapses, each synapse's oldest first.

        Returns how many, and of how many synapses there are more than a few; these are listed apart, or all.
        """
        n_events, n_many = np.int64(0), np.int64(0)
        for i in range(n):
            if place < ahead:
                prefetch(lines + line_size * np.int64(load_at(place + AHEAD * width, np.uint16)))
            prefetch(sum_of(place, shortest, receiving))
            back, line = back_of(place, shortest), line_size * np.int64(load_at(place, np.uint16))
            n_late = count_above(lines + line, whole(until - back), IN_PLACE)
            n_new = count_above(lines + line, whole(seen - back), IN_PLACE)
            store_at(scratch + SEEN_AT + 8 * i, lines + line + itemsize * n_late)
            oldest = (line + itemsize * (n_new - 1)) << 16 | i
            into = scratch + EVENTS_AT + 8 * n_events
            store_at(into, oldest)
            store_at(into + 8, oldest - (itemsize << 16))
            store_at(into + 16, oldest - (2 * itemsize << 16))
            store_at(scratch + MANY_AT + 8 * n_many, i)
            # One that is there in place with the one before it needs no copy, even if what arrives together
            # is to be left out.
            has_many = n_new - n_late > _FEW or n_new == IN_PLACE or all_apart
            n_events += np.int64(0) if has_many else n_new - n_late
            n_many += np.int64(has_many)
            place += width
        return n_events, n_many

    return SimpleNamespace(
        whole_at=whole_at, back_of=back_of, time_since=time_since, entry_at=entry_at, before=before,
        after=after, apart_at=apart_at, copy=copy, send=send, ask_for_logs=ask_for_logs, find=find,
    )  # fmt: skip


def scratch_bytes(n_numbers: int, itemsize: int) -> int:
    """Bytes of work space that a visit needs, in whole lines of the processor's cache."""
    return -(-(SPARE_AT + CHUNK * line_bytes(n_numbers, itemsize)) // 64) * 64
