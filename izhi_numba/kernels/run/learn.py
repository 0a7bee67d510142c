"""Learning: a row of synapses is brought up to date when it is visited, and sends what it has learned.

A synapse has two kinds of events: spikes of its source, and spikes of its target, each at the time at which
it arrives at the synapse. The row of a spiking source is visited anyway. Then the spikes of each target that
have arrived since the last visit are applied one after the other, oldest first, and after them the spike of
the source. A visit applies events in the order in which they are, whenever it is made: so it changes no bit
if rows are visited in between, to be read, or because they are old.

What is known of events is exact: of a row, when its source spiked last, and the traces of the source after
that; of a target a log of its spikes, with the traces after each (:mod:`izhi_numba.kernels.run.log`). One
factor spans each gap, since factors of two gaps multiplied are not that of both to the bit.

:func:`build` makes the code from the functions of a rule. Steps call it by its address, and are the same
machine code for all rules.

Prototypes, delivery and learning alone, pair rule, 7 Hz, two threads, as real-time factors of 10,000 x 1000
and 100,000 x 100 synapses: .52 and .85 for this layout; .74 and 1.24 where each spike of a target writes the
weights of its incoming synapses at once, by an index of them; .89 and 2.0 for a log of 8 spikes of 64 bits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from izhi_numba.kernels.intrinsics import count_above, load_at, prefetch, store_at, view
from izhi_numba.kernels.jit import Callback, callback, inline, shared
from izhi_numba.kernels.run.log import (
    DECAYS as LOG_DECAYS,
)
from izhi_numba.kernels.run.log import (
    EPOCH,
    HEADS,
    IN_PLACE,
    LINES,
    N_DECAY,
    N_LOG,
    NEVER,
    OLDER,
    decay,
    line_bytes,
    older_bytes,
)
from izhi_numba.kernels.tuples import tuple_text

# Columns of the table of *sites*: the synapses of a projection onto one block of targets.
(
    LEARN,  # address of the code
    START,  # addresses from here on: where the records of each row begin, and the end
    SYNAPSES,  # records of target, delay and weight
    DELAYS,  # of the rows of a source, in steps; where records tell them, what they are counted from
    SEEN,  # of each row, the step up to which arrivals have been applied
    LAST,  # of each row, when the last spike of its source arrived; with axons, also the one before
    TRACES,  # of each row, those of the source after these
    VARIABLES,  # of each synapse
    PARAMETERS,
    DECAYS,  # of the traces of the source
    LOG,  # of the targets
    FAULT,  # row of the first weight that is not finite, and the step; -1: none
    N_DELAYS,  # rows of a source
    N_ROWS,
    LEAST,  # steps by which what is sent is added before the step that it is due in
    IS_DENDRITIC,  # whether the spikes of targets take the delay to the synapse, and not those of sources
    IS_ON,  # 0: it only sends
    SCRATCH,  # work space of the block
    N_KEPT,  # spikes of the source in LAST
    TRACE_BYTES,  # of a row in TRACES
    N_SITE,
) = range(21)

_AHEAD = 12  # synapses in advance of which the log of a target is asked for

# Synapses are visited in chunks: first it is found what has arrived at each, then these events are applied,
# then the source's. So no jump depends on how many spikes a target had, which no processor can foresee.
CHUNK = 64
_FEW = 3  # spikes of a target that are listed; synapses that have more to hear of are visited apart
SEEN_AT, MANY_AT, EVENTS_AT = (8 * CHUNK * k for k in range(3))  # in the work space
SPARE_AT = EVENTS_AT + 8 * _FEW * (CHUNK + 1)


def build(
    dtype: np.dtype[Any], nearest: Sequence[bool], n_target_traces: int, n_variables: int, n_parameters: int,
    on_pre: Callable[..., Any], on_post: Callable[..., Any], key: str, *, lag_bytes: int, dendritic: bool,
) -> Callback:  # fmt: skip
    """Compile what a visit does to a row, from functions of one synapse.

    Parameters
    ----------
    dtype : float32 or float64
    nearest : sequence of bool
        Of each trace of the source, whether a spike sets it to 1, instead of adding 1.
    n_target_traces, n_variables, n_parameters : int
    on_pre, on_post : functions of (x, source, target, since_pre, since_post, p), inlined for ``dtype``
        ``x`` is the weight and the variables; traces and times, in ms, are those before the spike. They
        return ``x`` after it; ``on_pre`` also what is sent, as the last number.
    key : str
        Names the code in the disk cache.
    lag_bytes : int
        Of a record, that tell the delay; 0: rows are by delay.
    dendritic : bool
        See IS_DENDRITIC.

    Returns
    -------
    Callback
        See ``learn`` below.
    """
    number, itemsize = dtype.type, dtype.itemsize
    zero, endless = number(0), number(np.inf)
    whole = np.int32 if itemsize == 4 else np.int64
    line_size, older_size = line_bytes(n_target_traces, itemsize), older_bytes(n_target_traces, itemsize)
    apart, after_traces = IN_PLACE * itemsize, itemsize * (1 + n_target_traces)
    n_source, n_own, width = len(nearest), n_variables * itemsize, 2 + lag_bytes + itemsize

    made = _Made(number)
    variables_at, parameters_at = made.numbers(n_variables), made.numbers(n_parameters)
    traces_at, keep_traces = made.numbers(n_source), made.keep_traces(nearest)
    n_kept, keep_numbers = spikes_of_row(dendritic=dendritic), made.keep(n_source)
    keep_variables = made.keep(n_variables)
    source_decays, target_decays = made.decays(n_source), made.decays(n_target_traces)
    after_gap, after_entry = made.decayed(n_source), made.decayed_entry(n_target_traces)

    @inline
    def whole_at(place):
        return np.int64(load_at(place, whole))

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
    def apply(x, entry, previous, its_apart, row, dt):
        """A spike of the target arrives; ``previous``: the entry before its, with numbers so far apart."""
        back, last, traces, last_before, traces_before, of_source, of_target, p = row
        stamp, stamp_before = whole_at(entry), whole_at(previous)
        if not dendritic and stamp == last:  # what arrives together is not seen
            last, traces = last_before, traces_before
        gap, gap_of_target = stamp + back - last, stamp - stamp_before
        return on_post(
            x, after_gap(traces, of_source, gap),
            after_entry(previous, its_apart, of_target, gap_of_target), time_since(last, gap, dt),
            time_since(stamp_before, gap_of_target, dt), p,
        )  # fmt: skip

    @inline
    def entry_at(cursor, line, older):
        """Address of an entry: one in place, counted from the newest, or one of the older, -1 - number."""
        return line + cursor * itemsize if cursor >= 0 else older + (-1 - cursor) * older_size

    @inline
    def before(cursor, line, older, head):
        """The entry before one."""
        if 0 <= cursor < IN_PLACE - 1:
            return cursor + 1
        place = head if cursor >= 0 else entry_at(cursor, line, older) + after_traces + itemsize
        return -1 - whole_at(place)

    @inline
    def after(cursor, line, older):
        """The entry after one that is not the newest."""
        if cursor >= 0:
            return cursor - 1
        newer = whole_at(entry_at(cursor, line, older) + after_traces)
        return -1 - newer if newer >= 0 else np.int64(IN_PLACE - 1)

    @inline
    def apart_at(cursor):
        return np.int64(apart if cursor >= 0 else itemsize)

    @shared
    def catch_up(x, line, head, older, horizon, known, row, dt):
        """Apply more spikes of the target than are in place; returns which entry is the last that is seen."""
        newest = np.int64(0)
        while whole_at(entry_at(newest, line, older)) > horizon:
            newest = before(newest, line, older, head)
        cursor = newest
        while whole_at(entry_at(cursor, line, older)) > known:
            cursor = before(cursor, line, older, head)
        while cursor != newest:
            previous, its_apart = entry_at(cursor, line, older), apart_at(cursor)
            cursor = after(cursor, line, older)
            x = apply(x, entry_at(cursor, line, older), previous, its_apart, row, dt)
        if dendritic and whole_at(entry_at(newest, line, older)) == horizon:
            newest = before(newest, line, older, head)
        return x, entry_at(newest, line, older), apart_at(newest)

    @inline
    def send(place, weight, delay, sums, step_bytes, slots, slot_of_0, scale):
        """Add what a synapse sends to the slot of its delay."""
        slot = slot_of_0 + delay if dendritic else np.int64(0)
        slot -= slots if slot >= slots else 0
        into = sums + step_bytes * slot + itemsize * np.int64(load_at(place, np.uint16))
        store_at(into, load_at(into, number) + scale * weight)

    @inline
    def find(place, n, ahead, lines, until, seen, shortest, scratch):
        """List the spikes of targets that are new to some synapses, each synapse's oldest first.

        Returns how many, and of how many synapses there are more than are in place; these are listed apart.
        """
        n_events, n_many = np.int64(0), np.int64(0)
        for i in range(n):
            if place < ahead:
                prefetch(lines + line_size * np.int64(load_at(place + _AHEAD * width, np.uint16)))
            back = delay_of(place, shortest) if dendritic else np.int64(0)
            line, horizon = line_size * np.int64(load_at(place, np.uint16)), until - back
            n_late = count_above(lines + line, whole(horizon), IN_PLACE)
            n_new = count_above(lines + line, whole(seen - back), IN_PLACE)
            last = lines + line + itemsize * n_late
            if dendritic:  # what arrives together is not seen
                last += itemsize * np.int64(whole_at(last) == horizon)
            store_at(scratch + SEEN_AT + 8 * i, last)
            oldest = (line + itemsize * (n_new - 1)) << 16 | i
            into = scratch + EVENTS_AT + 8 * n_events
            store_at(into, oldest)
            store_at(into + 8, oldest - (itemsize << 16))
            store_at(into + 16, oldest - (2 * itemsize << 16))
            store_at(scratch + MANY_AT + 8 * n_many, i)
            has_many = n_new - n_late > _FEW or n_new == IN_PLACE
            n_events += np.int64(0) if has_many else n_new - n_late
            n_many += np.int64(has_many)
            place += width
        return n_events, n_many

    def learn(site, row, until, arrival, sums, step_bytes, slots, phase, factor, dt):
        """Bring a row up to date, and send a spike of its source.

        ``until``: step up to which arrivals from targets are applied. ``arrival``: step in which a spike of
        the source arrives at the synapse; -1: none does. ``sums``: address of what is sent to the block's
        first target, in the first of so many ``slots``, each ``step_bytes`` from the next; ``phase``: the
        slot of delays that are 0. ``factor``: address of a factor on what is sent.
        """
        s = view(site, N_SITE, np.int64)
        start = view(s[START] + 4 * row, 2, np.uint32)
        n_synapses, first = np.int64(start[1]) - np.int64(start[0]), np.int64(start[0])
        seen_of, last_of = (
            view(s[SEEN] + 8 * row, 1, np.int64),
            view(s[LAST] + 8 * n_kept * row, n_kept, np.int64),
        )
        traces_of, last, spiked = s[TRACES] + n_kept * n_source * itemsize * row, last_of[0], arrival >= 0
        n_delays = s[N_DELAYS]
        delays = view(s[DELAYS], n_delays, np.int64)
        shortest = delays[row % n_delays] if n_delays > 1 else delays[0]
        traces, of_source = traces_at(traces_of), source_decays(s[DECAYS])
        earlier_of = traces_of + (n_kept - 1) * n_source * itemsize
        last_before, traces_before = last_of[n_kept - 1], traces_at(earlier_of)
        source_now = after_gap(traces, of_source, arrival - last if spiked else np.int64(0))
        scale = load_at(factor, number) if spiked else zero
        place, slot_of_0 = s[SYNAPSES] + width * first, phase - s[LEAST]
        if s[IS_ON] == 0:
            for _ in range(n_synapses if spiked else 0):
                weight = load_at(place + 2 + lag_bytes, number)
                delay = delay_of(place, shortest)
                send(place, weight, delay, sums, step_bytes, slots, slot_of_0, scale)
                place += width
            n_synapses = np.int64(0)
        log, scratch = view(s[LOG], N_LOG, np.int64), s[SCRATCH]
        lines, epoch, own = log[LINES], log[EPOCH], s[VARIABLES] + n_own * first
        p, of_target = parameters_at(s[PARAMETERS]), target_decays(log[LOG_DECAYS])
        since_pre = time_since(last, arrival - last, dt)
        until_then, seen, is_wrong = until - epoch, seen_of[0] - epoch, zero
        end = place + width * n_synapses
        while place < end:
            n = min(CHUNK, (end - place) // width)
            n_events, n_many = find(
                place, n, end - width * _AHEAD, lines, until_then, seen, shortest, scratch
            )
            for k in range(n_events):
                event = load_at(scratch + EVENTS_AT + 8 * k, np.int64)
                i, entry = event & 0xFFFF, lines + (event >> 16)
                its, its_own = place + width * i, own + n_own * i
                row_of = (
                    delay_of(its, shortest) if dendritic else np.int64(0), last - epoch, traces,
                    last_before - epoch, traces_before, of_source, of_target, p,
                )  # fmt: skip
                x = (load_at(its + 2 + lag_bytes, number),) + variables_at(its_own)
                x = apply(x, entry, entry + itemsize, np.int64(apart), row_of, dt)
                store_at(its + 2 + lag_bytes, x[0])
                keep_variables(its_own, x[1:])
                is_wrong += x[0] - x[0]
            for k in range(n_many):
                i = load_at(scratch + MANY_AT + 8 * k, np.int64)
                its, its_own = place + width * i, own + n_own * i
                back = delay_of(its, shortest) if dendritic else np.int64(0)
                row_of = (
                    back, last - epoch, traces, last_before - epoch, traces_before, of_source, of_target, p,
                )  # fmt: skip
                x = (load_at(its + 2 + lag_bytes, number),) + variables_at(its_own)
                target = np.int64(load_at(its, np.uint16))
                line = lines + line_size * target
                n_new = count_above(line, whole(seen - back), IN_PLACE)
                if n_new < IN_PLACE:
                    entry = line + itemsize * n_new
                    for _ in range(n_new - count_above(line, whole(until_then - back), IN_PLACE)):
                        entry -= itemsize
                        x = apply(x, entry, entry + itemsize, np.int64(apart), row_of, dt)
                else:
                    x, entry, its_apart = catch_up(
                        x, line, log[HEADS] + itemsize * target, log[OLDER], until_then - back, seen - back,
                        row_of, dt,
                    )  # fmt: skip
                    if its_apart != apart:
                        copy = scratch + SPARE_AT + line_size * i
                        for number_of in range(1 + n_target_traces):
                            store_at(copy + apart * number_of, load_at(entry + itemsize * number_of, number))
                        entry = copy
                    store_at(scratch + SEEN_AT + 8 * i, entry)
                store_at(its + 2 + lag_bytes, x[0])
                keep_variables(its_own, x[1:])
                is_wrong += x[0] - x[0]
            for i in range(n if spiked else 0):
                its, its_own, entry = place + width * i, own + n_own * i, load_at(scratch + SEEN_AT + 8 * i, np.int64)
                x = (load_at(its + 2 + lag_bytes, number),) + variables_at(its_own)
                stamp, delay = whole_at(entry), delay_of(its, shortest)
                gap = arrival - epoch - (delay if dendritic else np.int64(0)) - stamp
                found = on_pre(
                    x, source_now, after_entry(entry, np.int64(apart), of_target, gap), since_pre,
                    time_since(stamp, gap, dt), p,
                )  # fmt: skip
                send(its, found[-1], delay, sums, step_bytes, slots, slot_of_0, scale)
                store_at(its + 2 + lag_bytes, found[0])
                keep_variables(its_own, found[1:-1])
                is_wrong += found[0] - found[0]
            place, own = place + width * n, own + n_own * n
        fault = view(s[FAULT], 2, np.int64)
        if is_wrong != zero and fault[0] < 0:
            fault[0], fault[1] = row, until
        seen_of[0] = until
        if spiked:
            if not dendritic and arrival > last:
                keep_numbers(earlier_of, traces)
                last_of[n_kept - 1] = last
            keep_traces(traces_of, source_now)
            last_of[0] = arrival

    return callback(types.void(*[types.int64] * 9, types.float64), learn, key)


def scratch_bytes(n_target_traces: int, itemsize: int) -> int:
    """Bytes of work space that a visit needs."""
    return SPARE_AT + CHUNK * line_bytes(n_target_traces, itemsize)


def spikes_of_row(*, dendritic: bool) -> int:
    """How many of the last spikes of its source a row knows.

    One of the target that arrives together with the last does not see it. With dendrites it is applied first.
    """
    return 1 if dendritic else 2


class _Made:
    """Functions of tuples that are written out to their length."""

    def __init__(self, number: Any) -> None:
        self._names = {"load_at": load_at, "store_at": store_at, "decay": decay, "view": view, "np": np}
        self._names |= {"number": number, "one": number(1)}
        self._itemsize = np.dtype(number).itemsize

    def _function(self, text: str, **names: Any) -> Any:
        namespace = self._names | names
        exec(f"def made{text}", namespace)
        return inline(namespace["made"])

    def _loads(self, n: int, first: int = 0) -> list[str]:
        return [f"load_at(place + {self._itemsize * (first + k)}, number)" for k in range(n)]

    def numbers(self, n: int) -> Any:
        """Function of an address: so many numbers there."""
        return self._function(f"(place): return {tuple_text(self._loads(n))}")

    def keep(self, n: int) -> Any:
        """Function of an address and a tuple: keeps its numbers there."""
        lines = [f"    store_at(place + {self._itemsize * k}, x[{k}])" for k in range(n)]
        return self._function("\n".join(["(place, x):", *lines, "    return"]))

    def keep_traces(self, nearest: Sequence[bool]) -> Any:
        """Function of an address and traces before a spike: keeps them as they are after it."""
        after = ["one" if is_nearest else f"x[{k}] + one" for k, is_nearest in enumerate(nearest)]
        lines = [f"    store_at(place + {self._itemsize * k}, {one})" for k, one in enumerate(after)]
        return self._function("\n".join(["(place, x):", *lines, "    return"]))

    def decays(self, n: int) -> Any:
        """Function of an address: what describes the decay of so many traces."""
        items = [f"d[{k}]" for k in range(N_DECAY * n)]
        return self._function(
            f"(place):\n    d = view(place, {N_DECAY * n}, np.int64)\n    return {tuple_text(items)}"
        )

    def _factor(self, k: int) -> str:
        own = ", ".join(f"d[{N_DECAY * k + place}]" for place in range(N_DECAY))
        return f"decay({own}, gap, one)"

    def decayed(self, n: int) -> Any:
        """Function of traces, their decays, and a gap in steps."""
        items = [f"x[{k}] * {self._factor(k)}" for k in range(n)]
        return self._function(f"(x, d, gap): return {tuple_text(items)}")

    def decayed_entry(self, n: int) -> Any:
        """Function of an entry of a log, how far its numbers are apart, their decays, and a gap in steps."""
        items = [f"load_at(place + {k + 1} * apart, number) * {self._factor(k)}" for k in range(n)]
        return self._function(f"(place, apart, d, gap): return {tuple_text(items)}")


@intrinsic
def call_learn(
    typingctx: Any, code: Any, site: Any, row: Any, until: Any, arrival: Any, sums: Any, step_bytes: Any,
    slots: Any, phase: Any, factor: Any, dt: Any,
) -> Any:  # fmt: skip
    """Call what brings a row up to date by its address."""
    arguments = [types.int64] * 9 + [types.float64]

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kinds = [context.get_value_type(kind) for kind in arguments]
        kind = ir.FunctionType(ir.VoidType(), kinds).as_pointer()
        builder.call(builder.inttoptr(args[0], kind), args[1:])
        return context.get_dummy_value()

    return types.void(types.int64, *arguments), codegen
