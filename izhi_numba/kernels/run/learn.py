"""Learning: a row of synapses is brought up to date when it is visited, and sends what it has learned.

A synapse has three kinds of events: spikes of its source, and spikes of its target, each at the time at which
it arrives at the synapse, and signals (:mod:`izhi_numba.kernels.run.signals`). The row of a spiking source is
visited anyway. Then the spikes of each target that have arrived since the last visit are applied one after
the other, oldest first, and after them the spike of the source. A visit applies whole events in the order in
which they are, whenever it is made: so it changes no bit if rows are visited in between, to be read, or
because they are old. Where variables change by themselves, they are held as of the last event, and one
function takes them over the gap to the next.

A rule may ask for steps of the target instead of its spikes, and for values of these. They are entries of a
log as spikes are (:mod:`izhi_numba.kernels.run.when`), and what is said of spikes of targets holds for them.

What is known of events is exact: of a row, when its source spiked last, and the traces of the source after
that; of a target a log of its spikes, with the traces after each (:mod:`izhi_numba.kernels.run.log`). One
factor spans each gap, since factors of two gaps multiplied are not that of both to the bit.

:func:`build` makes the code from the functions of a rule. Steps call it by its address, and are the same
machine code for all rules.

A visit takes 64 synapses at a time: what is known of them is gathered into lanes
(:mod:`izhi_numba.kernels.run.lanes`), events are applied to all lanes by vector code, with masks, and results
are scattered. Of a spike of a target that is in place, each lane has three, new or not; a synapse that has
more to hear of, or of signals, is brought up to date apart, one event after the other. Beside a list of the
events of all 64, applied one by one with decays from tables, this takes 0.6 of the instructions of an event
of the pair rule, and 0.65 of the time of 1000 neurons with 100 synapses each. Tried in vain: to ask for sums
16 lanes at a time between the loops, instead of all before them.

Prototypes, delivery and learning alone, pair rule, 7 Hz, two threads, as real-time factors of 10,000 x 1000
and 100,000 x 100 synapses: .52 and .85 for rows that are brought up to date when they are visited; .74 and
1.24 where each spike of a target writes the weights of its incoming synapses at once, by an index of them;
.89 and 2.0 for a log of 8 spikes of 64 bits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from izhi_numba.kernels.intrinsics import choose, load_at, lowest_bit, store_at, view, where_above
from izhi_numba.kernels.jit import Callback, callback, inline, shared
from izhi_numba.kernels.run import chance
from izhi_numba.kernels.run.lanes import AT_ONCE, CHUNK, Lanes
from izhi_numba.kernels.run.log import DECAYS as LOG_DECAYS
from izhi_numba.kernels.run.log import (
    EPOCH,
    FIRST,
    HEADS,
    IN_PLACE,
    LINES,
    N_LOG,
    NEVER,
    OLDER,
    line_bytes,
)
from izhi_numba.kernels.run.signals import (
    BEGIN,
    MODULATED,
    N_SIGNALS,
    STAMPS,
    VALUES,
    is_tick,
    new_signals,
)
from izhi_numba.kernels.run.sites import (
    ASKED,
    DECAYS,
    DELAYS,
    FAULT,
    HEARD,
    IS_ON,
    LAST,
    LEAST,
    LOG,
    N_DELAYS,
    N_ROWS,
    N_SITE,
    ORDINALS,
    PARAMETERS,
    SCRATCH,
    SEEN,
    SIGNALS,
    START,
    SYNAPSES,
    TRACES,
    VARIABLES,
)
from izhi_numba.kernels.run.targets import of_targets
from izhi_numba.kernels.run.written import Written

AT_SOURCE, AT_TARGET, AT_TICK = range(3)  # kinds of events, each of which has random numbers of its own


class Shape(NamedTuple):
    """What there is of a rule.

    Attributes
    ----------
    dtype : float32 or float64
    nearest : tuple of bool
        Of each trace of the source, whether a spike sets it to 1, instead of adding 1.
    n_target_traces, n_variables, n_parameters : int
    fades : tuple of bool
        Of each modulator, whether it decays.
    lag_bytes : int
        Of a record, that tell the delay; 0: rows are by delay.
    dendritic : bool
        See IS_DENDRITIC.
    n_random : int
        Random numbers that each event has.
    n_asked : int
        Values of the target that a spike of the source is given.
    n_logged : int
        Values of the target that are logged in place of traces.
    """

    dtype: np.dtype[Any]
    nearest: tuple[bool, ...]
    n_target_traces: int
    n_variables: int
    n_parameters: int
    fades: tuple[bool, ...]
    lag_bytes: int
    dendritic: bool
    n_random: int
    n_asked: int
    n_logged: int


class Functions(NamedTuple):
    """What one synapse does, inlined for the precision; ``x`` is its weight and variables.

    Attributes
    ----------
    on_pre, on_post : functions of (x, source, target, since_pre, since_post, modulators, randoms, values, p)
        Traces, times in ms, and modulators are those before the spike; random numbers are its own, and so are
        values of the target. They return ``x`` after it; ``on_pre`` also what is sent, as the last number.
    on_tick : function of the same, or None
    between : function of (x, modulators, elapsed, p), or None
        What becomes of ``x`` where nothing happens for so many ms; modulators are those at the beginning.
    """

    on_pre: Callable[..., Any]
    on_post: Callable[..., Any]
    on_tick: Callable[..., Any] | None
    between: Callable[..., Any] | None


def build(shape: Shape, functions: Functions, key: str) -> tuple[Callback, Callback]:
    """Compile what a visit does to a row, and what shows its synapses as they are now.

    ``key`` names the code in the disk cache. See ``learn`` and ``show`` below.
    """
    dtype, nearest, n_target_traces, n_variables, n_parameters, fades, lag_bytes, dendritic = shape[:8]
    n_random, n_asked, n_logged = shape[8:]
    on_pre, on_post, on_tick, between = functions
    number, itemsize = dtype.type, dtype.itemsize
    zero = number(0)
    n_numbers = n_target_traces + n_logged
    line_size = line_bytes(n_numbers, itemsize)
    n_source, n_own, width = len(nearest), n_variables * itemsize, 2 + lag_bytes + itemsize
    hears, value_bytes = hears_signals(shape, functions), itemsize * len(fades)
    ticks, passes = on_tick is not None, between is not None
    on_tick, between = on_tick or _nothing_happens, between or _nothing_passes

    whole = np.int32 if itemsize == 4 else np.int64
    lanes = Lanes(itemsize, n_numbers, n_variables, n_asked)
    items, known_lane, x_lane = lanes.size, lanes.known, lanes.x
    target_lane, lag_lane, into_lane = lanes.target, lanes.lag, lanes.into
    asked_lane, sent_lane = lanes.asked, lanes.sent

    made = Written(number)
    variables_at, parameters_at = made.numbers(n_variables), made.numbers(n_parameters)
    traces_at, keep_traces = made.numbers(n_source), made.keep_traces(nearest)
    n_kept, keep_numbers = spikes_of_row(dendritic=dendritic), made.keep(n_source)
    keep_variables, modulators_at = made.keep(n_variables), made.numbers(len(fades))
    source_decays, target_decays = made.decays(n_source), made.decays(n_target_traces)
    modulator_decays, modulated = made.decays(len(fades)), made.signalled(fades)
    after_gap, after_target_gap = made.decayed(n_source), made.decayed(n_target_traces)
    drawn, numbers_of, oddity = made.drawn(n_random), made.entry(n_numbers), made.oddity(1 + n_variables)
    asked_of, asked_at = made.times(n_asked), made.at_times(n_asked)
    x_in, keep_x_in = made.lane(1 + n_variables, x_lane), made.keep_lane(1 + n_variables, x_lane)
    asked_in, keep_asked_in = made.lane(n_asked, asked_lane), made.keep_lane(n_asked, asked_lane)
    numbers_in, chosen = made.lane_entry(n_numbers), made.chosen(n_numbers)

    t = of_targets(dtype, lanes, lag_bytes, dendritic)
    whole_at, back_of, time_since, send, ask_for_logs = (
        t.whole_at, t.back_of, t.time_since, t.send, t.ask_for_logs,
    )  # fmt: skip
    entry_at, before, after, apart_at, copy = t.entry_at, t.before, t.after, t.apart_at, t.copy
    gather, scatter, add_sent, ask_for_sums = t.gather, t.scatter, t.add_sent, t.ask_for_sums

    @inline
    def since_epoch(stamp, epoch):
        """A stamp as lanes hold it, in whole numbers of the size of the others."""
        return whole(max(stamp - epoch, NEVER))

    @inline
    def synapse_at(place, own):
        return (load_at(place + 2 + lag_bytes, number),) + variables_at(own)

    who_is, key_of = (chance.who_is, chance.key_of) if n_random else (chance.nobody, chance.no_key)

    @inline
    def who_of(its_whos, i):
        """Who the synapse of a lane is; of those without one, the last."""
        place, first, n, ordinals, first_target = its_whos
        i = min(i, n - 1)
        return who_is(place + width * i, first + i, ordinals, first_target)

    # Signals: a tuple of the step of the last one, and the modulators after it.

    def signal_at(signals, k, epoch):
        g = view(signals, N_SIGNALS, np.int64)
        k -= g[BEGIN]
        stamp = since_epoch(view(g[STAMPS], k + 1, np.int64)[k], epoch)
        return stamp, modulators_at(g[VALUES] + value_bytes * k)

    signal_at = inline(signal_at if hears else _no_signal)

    @inline
    def pass_time(x, since, now, signal, row, dt):
        """What becomes of a synapse from its last event until now."""
        if passes and now > since:
            of_modulators, p = row[6], row[9]
            at_first = modulated(signal[1], of_modulators, whole(since - signal[0]))
            x = between(x, at_first, number(dt * whole(now - since)), p)
        return x

    @inline
    def last_event(last, arrived, signal):
        """Step of the last event of a synapse: a spike of its source or its target, or a signal."""
        if not passes:
            return last
        return max(last, arrived, signal[0])

    @inline
    def apply(x, who, back, stamp, its, stamp_before, its_before, row, signal, dt):
        """A spike of the target arrives, which is logged with some numbers, after the one before."""
        last, traces, last_before, traces_before, of_source, of_target, of_modulators, key, epoch, p, _ = row
        now = whole(stamp + back)
        x = pass_time(x, last_event(last, whole(stamp_before + back), signal), now, signal, row, dt)
        if not dendritic and now == last:  # what arrives together is not seen
            last, traces = last_before, traces_before
        gap, gap_of_target = whole(now - last), whole(stamp - stamp_before)
        return on_post(
            x, after_gap(traces, of_source, gap), after_target_gap(its_before, of_target, gap_of_target),
            time_since(last, gap, dt), time_since(stamp_before, gap_of_target, dt),
            modulated(signal[1], of_modulators, whole(now - signal[0])),
            drawn(who, key, now + epoch, AT_TARGET), its, p,
        )  # fmt: skip

    @inline
    def tick(x, who, back, stamp, its, row, now, modulators, dt):
        """A tick comes after a spike of the target."""
        last, traces, _, _, of_source, of_target, _, key, epoch, p, _ = row
        gap, gap_of_target = whole(now - last), whole(now - back - stamp)
        return on_tick(
            x, after_gap(traces, of_source, gap), after_target_gap(its, of_target, gap_of_target),
            time_since(last, gap, dt), time_since(stamp, gap_of_target, dt), modulators,
            drawn(who, key, now + epoch, AT_TICK), (), p,
        )  # fmt: skip

    @shared(key=key)
    def catch_up(
        x, who, back, line, head, older, horizon, known, row, signals, heard, n_heard, epoch, dt, scratch, i
    ):  # fmt: skip
        """Apply more spikes of the target than are in place, and signals that are new, in their order.

        The last entry that is seen, and the one before, are put in place in the lane of the synapse.
        """
        newest = np.int64(0)
        while whole_at(entry_at(newest, line, older)) > horizon:
            newest = before(newest, line, older, head)
        cursor = newest
        while whole_at(entry_at(cursor, line, older)) > known:
            cursor = before(cursor, line, older, head)
        signal = signal_at(signals, heard - 1, epoch)
        while cursor != newest or (hears and heard < n_heard):
            entry = entry_at(cursor, line, older)
            stamp, its = whole(whole_at(entry)), numbers_of(entry, apart_at(cursor))
            if hears and heard < n_heard:
                later, is_last = signal_at(signals, heard, epoch), cursor == newest
                next_one = cursor if is_last else after(cursor, line, older)
                if is_last or later[0] <= whole_at(entry_at(next_one, line, older)) + back:
                    since = last_event(row[0], whole(stamp + back), signal)
                    x = pass_time(x, since, later[0], signal, row, dt)
                    if ticks and is_tick(signals, heard):
                        x = tick(x, who, back, stamp, its, row, later[0], later[1], dt)
                    signal, heard = later, heard + 1
                    continue
            cursor = after(cursor, line, older)
            entry = entry_at(cursor, line, older)
            x = apply(
                x, who, back, whole(whole_at(entry)), numbers_of(entry, apart_at(cursor)), stamp, its, row,
                signal, dt,
            )  # fmt: skip
        copy(entry_at(newest, line, older), apart_at(newest), scratch, i, 0)
        newest = before(newest, line, older, head)
        copy(entry_at(newest, line, older), apart_at(newest), scratch, i, 1)
        return x

    @inline
    def delay_in(stamps, i, shortest):
        return whole(shortest + stamps[lag_lane + i]) if lag_bytes else shortest

    @inline
    def back_in(stamps, i, shortest):
        """Steps that a spike of the target takes to the synapse."""
        return delay_in(stamps, i, shortest) if dendritic else whole(0)

    @inline
    def prepare(scratch, n, seen, shortest, receiving):
        """Find up to where lanes know of their targets, and what they add to."""
        size, slots, slot_of_0 = receiving
        stamps = view(scratch, items, whole)
        for i in range(-(-n // AT_ONCE) * AT_ONCE):
            stamps[known_lane + i] = max(whole(seen - back_in(stamps, i, shortest)), whole(NEVER))
            into = stamps[target_lane + i]
            if dendritic:
                slot = whole(slot_of_0 + delay_in(stamps, i, shortest))
                slot = whole(slot - (slots if slot >= slots else whole(0)))
                into = whole(into + whole(size * slot))
            stamps[into_lane + i] = into

    @inline
    def fill_up(scratch, n):
        """Have the lanes that are computed without a synapse be that of the last one.

        So functions of users are not called with what they are never given: a table may be looked up, or a
        loop go on as long as something is small.
        """
        stamps = view(scratch, items, whole)
        for i in range(n, -(-n // AT_ONCE) * AT_ONCE):
            for column in range(0, sent_lane, CHUNK):
                stamps[column + i] = stamps[column + n - 1]

    @inline
    def if_new(x, who, numbers, stamps, i, place, until, row, signal, dt):
        """A spike of the target that is in place arrives, if it is new."""
        back, stamp = back_in(stamps, i, row[10]), stamps[CHUNK * place + i]
        if stamp > stamps[known_lane + i] and stamp <= whole(until - back):
            x = apply(
                x, who, back, stamp, numbers_in(numbers, i, place), stamps[CHUNK * (place + 1) + i],
                numbers_in(numbers, i, place + 1), row, signal, dt,
            )  # fmt: skip
        return x

    @inline
    def hear_targets(scratch, n, its_whos, until, row, signal, dt):
        """Apply the spikes of targets that are in place, oldest first."""
        numbers, stamps = view(scratch, items, number), view(scratch, items, whole)
        for i in range(-(-n // AT_ONCE) * AT_ONCE):
            x, who = x_in(numbers, i), who_of(its_whos, i)
            x = if_new(x, who, numbers, stamps, i, 2, until, row, signal, dt)
            x = if_new(x, who, numbers, stamps, i, 1, until, row, signal, dt)
            x = if_new(x, who, numbers, stamps, i, 0, until, row, signal, dt)
            keep_x_in(numbers, i, x)

    @inline
    def if_there(arrived, stamp, its, numbers, stamps, i, place, until, now):
        """An entry in place, if it is early enough, is the last that arrived, and the last that is seen."""
        newer = stamps[CHUNK * place + i]
        is_seen = newer < now  # what arrives together is not
        its = chosen(is_seen, numbers_in(numbers, i, place), its)
        return choose(newer <= until, newer, arrived), choose(is_seen, newer, stamp), its

    @inline
    def hear_source(scratch, n, its_whos, now, until, of_row, row, signal, dt):
        """Apply the spike of the source."""
        source, since_pre, modulators, scale = of_row
        last, _, _, _, _, of_target, _, key, epoch, p, _ = row
        numbers, stamps = view(scratch, items, number), view(scratch, items, whole)
        for i in range(-(-n // AT_ONCE) * AT_ONCE):
            back, stamp, its = back_in(stamps, i, row[10]), stamps[3 * CHUNK + i], numbers_in(numbers, i, 3)
            arrived, x, to, seen_by = stamp, x_in(numbers, i), whole(until - back), whole(now - back)
            arrived, stamp, its = if_there(arrived, stamp, its, numbers, stamps, i, 2, to, seen_by)
            arrived, stamp, its = if_there(arrived, stamp, its, numbers, stamps, i, 1, to, seen_by)
            arrived, stamp, its = if_there(arrived, stamp, its, numbers, stamps, i, 0, to, seen_by)
            x = pass_time(x, last_event(last, whole(arrived + back), signal), now, signal, row, dt)
            gap = whole(now - back - stamp)
            found = on_pre(
                x, source, after_target_gap(its, of_target, gap), since_pre, time_since(stamp, gap, dt),
                modulators, drawn(who_of(its_whos, i), key, now + epoch, AT_SOURCE), asked_in(numbers, i),
                p,
            )  # fmt: skip
            keep_x_in(numbers, i, found[:-1])
            numbers[sent_lane + i] = scale * found[-1]

    @inline
    def has_odd(scratch, n):
        """Whether some synapse is not finite: 0, where none is."""
        numbers, is_wrong = view(scratch, items, number), whole(0)
        for i in range(CHUNK):
            is_odd = whole(oddity(x_in(numbers, i)) != zero)
            is_wrong = whole(is_wrong | (is_odd & whole(whole(i) < whole(n))))
        return is_wrong

    def learn(site, row, until, arrival, sums, step_bytes, slots, phase, factor, dt):
        """Bring a row up to date, and send a spike of its source.

        ``until``: step up to which arrivals from targets are applied. ``arrival``: step in which a spike of
        the source arrives at the synapse; -1: none does. ``sums``: address of what is sent to the block's
        first target, in the first of so many ``slots``, each ``step_bytes`` from the next; ``phase``: the
        slot of delays that are 0. ``factor``: address of a factor on what is sent.

        Signals come before the spikes of their step: a row hears of those up to the arrival, or up to the
        step after ``until``.
        """
        s = view(site, N_SITE, np.int64)
        start = view(s[START] + 4 * row, 2, np.uint32)
        n_synapses, first = np.int64(start[1]) - np.int64(start[0]), np.int64(start[0])
        seen_of = view(s[SEEN] + 8 * row, 1, np.int64)
        last_of = view(s[LAST] + 8 * n_kept * row, n_kept, np.int64)
        traces_of, last, spiked = s[TRACES] + n_kept * n_source * itemsize * row, last_of[0], arrival >= 0
        n_delays = s[N_DELAYS]
        delays = view(s[DELAYS], n_delays, np.int64)
        shortest = delays[row % n_delays] if n_delays > 1 else delays[0]
        traces, of_source = traces_at(traces_of), source_decays(s[DECAYS])
        earlier_of = traces_of + (n_kept - 1) * n_source * itemsize
        last_before, traces_before = last_of[n_kept - 1], traces_at(earlier_of)
        source_now = after_gap(traces, of_source, arrival - last if spiked else np.int64(0))
        scale = load_at(factor, number) if spiked else zero
        place, receiving = s[SYNAPSES] + width * first, (sums, step_bytes, slots, phase - s[LEAST])
        signals, heard, n_heard, decays_at = s[SIGNALS], np.int64(0), np.int64(0), np.int64(0)
        if hears:
            heard = view(s[HEARD] + 8 * row, 1, np.int64)[0]
            n_heard = new_signals(signals, heard, arrival if spiked else until + 1)
            view(s[HEARD] + 8 * row, 1, np.int64)[0] = n_heard
            decays_at = view(signals, N_SIGNALS, np.int64)[MODULATED]
        of_modulators = modulator_decays(decays_at)
        if s[IS_ON] == 0:
            for _ in range(n_synapses if spiked else 0):
                send(place, shortest, load_at(place + 2 + lag_bytes, number), receiving, scale)
                place += width
            n_synapses = np.int64(0)
        log, scratch = view(s[LOG], N_LOG, np.int64), s[SCRATCH]
        lines, epoch, own = log[LINES], log[EPOCH], s[VARIABLES] + n_own * first
        p, of_target = parameters_at(s[PARAMETERS]), target_decays(log[LOG_DECAYS])
        since_pre = time_since(last, arrival - last, dt)
        seen, is_wrong = since_epoch(seen_of[0], epoch), whole(0)
        last_stamp, stamp_before = since_epoch(last, epoch), since_epoch(last_before, epoch)
        until_then, now = whole(until - epoch), since_epoch(arrival, epoch)
        key, its_first = key_of(s, row), log[FIRST]
        nearest_one = whole(shortest)
        size = step_bytes >> (2 if itemsize == 4 else 3)
        receiving_items = whole(size), whole(slots), whole(phase - s[LEAST])
        row_of = (
            last_stamp, traces, stamp_before, traces_before, of_source, of_target, of_modulators, key, epoch,
            p, nearest_one,
        )  # fmt: skip
        signal = signal_at(signals, n_heard - 1, epoch)
        asked = asked_of(s[ASKED], arrival if dendritic else arrival - s[LEAST])
        at_arrival = modulated(signal[1], of_modulators, whole(now - signal[0]) if spiked else whole(0))
        of_spike = source_now, since_pre, at_arrival, scale
        end = place + width * n_synapses
        ask_for_logs(place, min(CHUNK, n_synapses), lines)
        numbers, stamps = view(scratch, items, number), view(scratch, items, whole)
        while place < end:
            n = min(CHUNK, (end - place) // width)
            its_whos, next_place = (place, first, n, s[ORDINALS], its_first), place + width * n
            ask_for_logs(next_place, min(CHUNK, (end - next_place) // width), lines)
            gather(place, own, n, lines, scratch)
            prepare(scratch, n, seen, nearest_one, receiving_items)
            if spiked:
                ask_for_sums(n, scratch, sums)
            # Those with more to hear of than the three spikes of which the one before is in place, too.
            apart = where_above(
                scratch + itemsize * CHUNK * (IN_PLACE - 1), scratch + itemsize * known_lane, CHUNK, whole
            )
            all_of_them = np.uint64(2**64 - 1) >> np.uint64(CHUNK - n)
            apart = all_of_them if heard < n_heard else apart & all_of_them
            while apart:
                i = lowest_bit(apart)
                apart &= apart - np.uint64(1)
                target, back = np.int64(stamps[target_lane + i]), back_in(stamps, i, nearest_one)
                x = catch_up(
                    x_in(numbers, i), who_of(its_whos, i), back, lines + line_size * target,
                    log[HEADS] + itemsize * target, log[OLDER], until_then - back, seen - back, row_of,
                    signals, heard, n_heard, epoch, dt, scratch, i,
                )  # fmt: skip
                keep_x_in(numbers, i, x)
                stamps[known_lane + i] = until_then
            for i in range(n if n_asked and spiked else 0):
                back, target = back_in(stamps, i, nearest_one), np.int64(stamps[target_lane + i])
                keep_asked_in(numbers, i, asked_at(asked, np.int64(back), itemsize * target))
            fill_up(scratch, n)
            hear_targets(scratch, n, its_whos, until_then, row_of, signal, dt)
            if spiked:
                hear_source(scratch, n, its_whos, now, until_then, of_spike, row_of, signal, dt)
                add_sent(n, scratch, sums)
            is_wrong |= has_odd(scratch, n)
            scatter(place, own, n, scratch)
            place, own, first = next_place, own + n_own * n, first + n
        fault = view(s[FAULT], 2, np.int64)
        if is_wrong != 0 and fault[0] < 0:
            fault[0], fault[1] = row, until
        seen_of[0] = until
        if spiked:
            if not dendritic and arrival > last:
                keep_numbers(earlier_of, traces)
                last_of[n_kept - 1] = last_of[0]
            keep_traces(traces_of, source_now)
            last_of[0] = arrival

    def show(site, now, weights, variables, dt):
        """Show all synapses of a site as they are at a step, up to which all has been applied.

        Nothing is kept. ``weights``, ``variables``: addresses where they are shown, synapse by synapse.
        """
        s = view(site, N_SITE, np.int64)
        log, signals = view(s[LOG], N_LOG, np.int64), s[SIGNALS]
        start, n_delays = view(s[START], s[N_ROWS] + 1, np.uint32), s[N_DELAYS]
        delays, epoch = view(s[DELAYS], n_delays, np.int64), log[EPOCH]
        p, of_target = parameters_at(s[PARAMETERS]), target_decays(log[LOG_DECAYS])
        of_source, decays_at = source_decays(s[DECAYS]), np.int64(0)
        if hears:
            decays_at = view(signals, N_SIGNALS, np.int64)[MODULATED]
        of_modulators = modulator_decays(decays_at)
        for row in range(s[N_ROWS]):
            traces = traces_at(s[TRACES] + n_kept * n_source * itemsize * row)
            last = since_epoch(view(s[LAST] + 8 * n_kept * row, n_kept, np.int64)[0], epoch)
            heard = view(s[HEARD] + 8 * row, 1, np.int64)[0] if hears else np.int64(1)
            signal = signal_at(signals, heard - 1, epoch)
            row_of = (
                last, traces, last, traces, of_source, of_target, of_modulators, key_of(s, row), epoch, p,
                whole(0),
            )  # fmt: skip
            for k in range(np.int64(start[row]), np.int64(start[row + 1])):
                its = s[SYNAPSES] + width * k
                back, target = back_of(its, delays[row % n_delays]), np.int64(load_at(its, np.uint16))
                line, head = log[LINES] + line_size * target, log[HEADS] + itemsize * target
                newest, older = np.int64(0), log[OLDER]
                while whole_at(entry_at(newest, line, older)) + back + epoch >= now:
                    newest = before(newest, line, older, head)
                x = synapse_at(its, s[VARIABLES] + n_own * k)
                if s[IS_ON]:
                    since = last_event(last, whole(whole_at(entry_at(newest, line, older)) + back), signal)
                    x = pass_time(x, since, whole(now - epoch), signal, row_of, dt)
                store_at(weights + itemsize * k, x[0])
                keep_variables(variables + n_own * k, x[1:])

    return (
        callback(types.void(*[types.int64] * 9, types.float64), learn, key),
        callback(types.void(*[types.int64] * 4, types.float64), show, key),
    )


def _no_signal(signals, k, epoch):  # type: ignore[no-untyped-def]
    return np.int64(NEVER), ()


@inline
def _nothing_happens(x, source, target, since_pre, since_post, modulators, randoms, values, p):
    return x


@inline
def _nothing_passes(x, modulators, elapsed, p):
    return x


def hears_signals(shape: Shape, functions: Functions) -> bool:
    """Whether synapses have to hear of signals."""
    return bool(shape.fades) or functions.on_tick is not None or functions.between is not None


def spikes_of_row(*, dendritic: bool) -> int:
    """How many of the last spikes of its source a row knows.

    One of the target that arrives together with the last does not see it. With dendrites it is applied first.
    """
    return 1 if dendritic else 2


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
