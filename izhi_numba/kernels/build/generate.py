"""Synapses from counters: every target, weight and delay is a function of (seed, projection, row, place).

Two passes over the same numbers: the first counts, the second fills. Nothing but the synapses
themselves takes memory, and rows may be drawn in any order by any thread.

A *row* is a source (or, for a fixed in-degree, a target). The targets of a row come from one stream
of random words, weight and delay of its ``j``-th synapse from the counter ``(j, row)``.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from izhi_numba.kernels import team
from izhi_numba.kernels.build.draw import ALL, Rule, draw_row, in_turn, scratch_of
from izhi_numba.kernels.build.space import distance
from izhi_numba.kernels.build.words import Random
from izhi_numba.kernels.intrinsics import prefetch, store_at, view
from izhi_numba.kernels.jit import inline, kernel, of_team, shared
from izhi_numba.kernels.layout import (
    CURSOR,
    FIRST_SOURCE,
    FIRST_TARGET,
    LAG,
    LAST_SOURCE,
    N_DELAYS,
    N_TARGETS,
    SYNAPSES,
    WEIGHTED,
    WIDTH,
)
from izhi_numba.kernels.rng import USER_DRAWS, VALUE_DRAWS, log_float32, normal_pair, philox

# Distributions.
CONSTANT, GIVEN, UNIFORM, INTEGERS, NORMAL, LOGNORMAL, EXPONENTIAL = range(7)
BY_DISTANCE = -1  # not drawn: ``first`` plus ``low`` per unit of distance

ROWS_AT_ONCE = 64
_PAIRS_AT_ONCE = 2**14
# A column writes to rows all over memory, so their cursors and places are asked for some synapses in
# advance. 100,000 x 1000 synapses, two threads, seconds without and with it: one delay and weight 1.8
# and 1.6, delays of 1 to 20 steps 13.2 and 4.5, and weights of their own 24.4 and 5. 32 is as good.
AHEAD = 16
_32 = np.uint64(32)
_UNIT = 2.0**-32
_OFF = 2.0**-51  # of a quotient of decimals, so that a half is one
_TRIES = 1000  # of a truncated normal, before its bounds are used


class Values(NamedTuple):
    """A distribution of weights or delays, of degrees, or of what neurons are set to.

    What is drawn is multiplied and added to, and brought within bounds, in this order.
    """

    kind: Any  # int64
    first: Any  # float64: constant, low, mean
    second: Any = 0.0  # float64: high, standard deviation
    low: Any = 0.0  # float64, for normal: outside [low, high] is drawn again
    high: Any = 0.0  # float64
    scale: Any = 1.0  # float64
    shift: Any = 0.0  # float64
    least: Any = -np.inf  # float64
    most: Any = np.inf  # float64
    given: Any = np.zeros(0)  # float64 array, by the number of the synapse


class Places(NamedTuple):
    """Where the synapses of a projection go, and with which values."""

    filling: Any  # bool: whether they are put there, or counted
    weights: Any  # Values
    delays: Any  # Values
    dt: Any  # float64, ms
    shortest: Any  # int64, delay in steps
    # int64 (longest - shortest + 1,), place of each delay among those that occur; by source: the delay
    # counted from the shortest.
    index_of: Any
    first_source: Any  # int64, in its pool
    first_target: Any  # int64
    pieces: Any  # int64 (1 or n_threads, n_blocks, N_COLUMNS), a table for all threads or for each
    bounds: Any  # int64 (n_blocks + 1,), first neuron of each block of targets
    like: Any  # float array (0,), of the type of the weights
    random: Any  # Random


_VALUES = np.dtype(
    [("kind", np.int64), ("first", np.float64), ("second", np.float64), ("low", np.float64),
     ("high", np.float64), ("scale", np.float64), ("shift", np.float64), ("least", np.float64),
     ("most", np.float64)], align=True
)  # fmt: skip
# Of each projection that a job draws: numbers of its rule and of its places, in the order of these; and where
# what it has begins in arrays that hold it of one projection after another. ``n_rows`` are the neurons from
# the first that has a row to the last.
PROJECTION = np.dtype(
    [("kind", np.int64), ("degree", np.int64), ("probability", np.float64), ("n_rows", np.int64),
     ("n_others", np.int64), ("itself", np.int64), ("autapses", np.bool_), ("multapses", np.bool_),
     ("weights", _VALUES), ("delays", _VALUES), ("shortest", np.int64), ("first_source", np.int64),
     ("first_target", np.int64), ("stream", np.uint32),
     ("first_part", np.int64), ("first_index", np.int64), ("first_piece", np.int64),
     ("n_blocks", np.int64), ("first_bound", np.int64)], align=True
)  # fmt: skip


class Rows(NamedTuple):
    """A job: place the synapses of the rules of one projection, or of several that have no arrays."""

    turns: Any
    projections: Any  # PROJECTION (n,)
    arrays: Any  # draw.Rule, whose arrays are taken
    places: Any  # Places; ``index_of``, ``pieces`` and ``bounds`` of one projection after another
    owners: Any  # int64 (n_pieces,), the projection of each block
    # Where neurons are no neighbours, else empty. Both are counted from the first neuron of their side.
    rows: Any  # int64 (n,), row of each neuron up to the last that has one; below 0: none
    others: Any  # uint32 (n_others,), neuron at each place on the other side
    work: Any  # draw.Scratch

    @property
    def n_parts(self) -> int:
        """Parts that the job is done in, where rows are sources."""
        last = self.projections[-1]
        return int(last["first_part"] + -(-last["n_rows"] // ROWS_AT_ONCE))

    @property
    def n_parts_of_columns(self) -> int:
        """Parts that the job is done in, where rows are targets: so many of each block."""
        return int(-(-np.diff(self.places.bounds).max() // ROWS_AT_ONCE))


class Pairs(NamedTuple):
    """A job: place given pairs."""

    turns: Any
    sources: Any  # int32 or int64 (n,)
    targets: Any  # int32 or int64 (n,)
    places: Any  # Places

    @property
    def n_parts(self) -> int:
        """Parts that the job is done in."""
        return -(-len(self.sources) // _PAIRS_AT_ONCE)


class Dense(NamedTuple):
    """A job: fill the weights of all pairs."""

    turns: Any
    rule: Any  # draw.Rule
    weights: Any  # Values
    first_target: Any  # int64, in its pool
    pieces: Any  # int64 (n_blocks, N_COLUMNS)
    like: Any  # float array (0,), of the type of the weights
    random: Any  # Random

    @property
    def n_parts(self) -> int:
        """Parts that the job is done in."""
        return int(-(-self.rule.n_rows // ROWS_AT_ONCE))


class Count(NamedTuple):
    """A job: count the synapses of a rule."""

    turns: Any
    rule: Any  # draw.Rule
    random: Any  # Random
    work: Any  # draw.Scratch
    totals: Any  # int64 (n_threads,), which add up to the number of synapses

    @property
    def n_parts(self) -> int:
        """Parts that the job is done in."""
        return int(-(-self.rule.n_rows // ROWS_AT_ONCE))


@shared
def _changed(value, scale, shift, least, most):
    """Multiply what was drawn, add to it and clip it.

    It is apart from :func:`draw_value`: within it, all drawing took 1.05 to 1.2 of its time, that of equal
    weights, too.
    """
    return min(max(scale * value + shift, least), most)


@inline
def draw_value(values, bits0, bits1, row, j, number, word, purpose, random):
    """Turn random words into a value; ``word`` says which half of a counter is its own."""
    kind = values.kind
    if kind == CONSTANT:
        return values.first
    if kind == GIVEN:
        return values.given[number]
    value = _drawn(values, bits0, bits1, row, j, word, purpose, random)
    if values.scale != 1 or values.shift != 0 or values.least > -np.inf or values.most < np.inf:
        return _changed(value, values.scale, values.shift, values.least, values.most)
    return value


@inline
def _drawn(values, bits0, bits1, row, j, word, purpose, random):
    """Turn random words into a number of a distribution."""
    kind = values.kind
    if kind == UNIFORM:
        return values.first + (values.second - values.first) * ((np.float64(bits0) + 0.5) * _UNIT)
    if kind == INTEGERS:
        size = np.uint64(values.second - values.first + 1)
        return values.first + np.float64((np.uint64(bits0) * size) >> _32)
    if kind == EXPONENTIAL:
        uniform = np.float32((np.float64(bits0) + 0.5) * _UNIT)
        return -values.first * np.float64(log_float32(uniform))
    value = values.first + values.second * np.float64(normal_pair(bits0, bits1)[0])
    if kind == LOGNORMAL:
        return np.exp(value)
    attempt = 1
    while not values.low <= value <= values.high and attempt < _TRIES:
        again = purpose | np.uint32(attempt << 8)
        w = philox(np.uint32(j), np.uint32(row), random.stream, again, random.key0, random.key1)
        bits0, bits1 = (w[0], w[1]) if word == 0 else (w[2], w[3])
        value = values.first + values.second * np.float64(normal_pair(bits0, bits1)[0])
        attempt += 1
    return min(max(value, values.low), values.high)


@inline
def draw_values(row, j, number, weights, delays, random):
    """Draw weight and delay (both float64) of the ``j``-th synapse of a row."""
    w0 = w1 = w2 = w3 = np.uint32(0)
    if weights.kind > GIVEN or delays.kind > GIVEN:
        w0, w1, w2, w3 = philox(
            np.uint32(j), np.uint32(row), random.stream, VALUE_DRAWS, random.key0, random.key1
        )
    weight = draw_value(weights, w0, w1, row, j, number, 0, VALUE_DRAWS, random)
    return weight, draw_value(delays, w2, w3, row, j, number, 2, VALUE_DRAWS, random)


@inline
def _row_at(k, rows):
    """The row of a neuron that is ``k`` after the first one of its side; below 0: it has none."""
    return k if len(rows) == 0 else rows[k]


@inline
def _draw_neurons(row, rule, others, work, random):
    """Draw a row of neurons, none where it is below 0; returns how many there are.

    Where the other side are no neighbours they go to ``work.neurons``, else they are at their places.
    """
    count = 0 if row < 0 else draw_row(row, rule, work, random)
    if len(others) > 0:
        for j in range(count):
            work.neurons[j] = others[work.others[j]]
    return count


@inline
def _row_of(pieces, block, source, delay):
    """Row of a synapse, counted from the first one of a block, and how many rows there are."""
    first, n_delays = pieces[block, FIRST_SOURCE], pieces[block, N_DELAYS]
    row = (source - first) * n_delays + (0 if pieces[block, LAG] else delay)
    return row, (pieces[block, LAST_SOURCE] - first) * n_delays


@inline
def _place(places, pieces, block, source, target, delay, weight):
    """Count a synapse, or put it at its place in the rows of its block."""
    row, n_rows = _row_of(pieces, block, source, delay)
    cursor = view(pieces[block, CURSOR], n_rows, np.uint32)
    if places.filling:
        address = pieces[block, SYNAPSES] + pieces[block, WIDTH] * np.int64(cursor[row])
        lag = pieces[block, LAG]
        store_at(address, np.uint16(target - pieces[block, FIRST_TARGET]))
        if lag == 1:
            store_at(address + 2, np.uint8(delay))
        elif lag == 2:
            store_at(address + 2, np.uint16(delay))
        if pieces[block, WEIGHTED]:
            store_at(address + 2 + lag, places.like.dtype.type(weight))
    cursor[row] += np.uint32(1)


@inline
def _delay_index(milliseconds, places):
    """Place of a delay: in steps as :func:`izhi_numba.base.clock.rounded_steps` has it."""
    quotient = milliseconds / places.dt
    return places.index_of[np.int64(np.floor(quotient + (0.5 + _OFF * quotient))) - places.shortest]


@inline
def _block_of(target, bounds):
    block = 0
    while bounds[block + 1] <= target:
        block += 1
    return block


def uniform(size: int, key: Any, stream: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return uniform numbers in (0, 1), which follow from a key of two uint32 and a stream."""
    numbers = np.empty(size)
    _fill_uniform(numbers, Random(key[0], key[1], np.uint32(stream)))
    return numbers


@kernel
def _fill_uniform(numbers, random):
    for i in range(len(numbers)):
        w = philox(np.uint32(i), np.uint32(i >> 32), random.stream, USER_DRAWS, random.key0, random.key1)
        numbers[i] = (np.float64(w[0]) + 0.5) * _UNIT


def drawn(values: Values, places: Any, row: int, purpose: Any, random: Random) -> Any:
    """Return numbers (n,) of a distribution, each of which follows from its place, a row and a purpose.

    Parameters
    ----------
    places : int64 array (n,)
        From 0 to 2**32 - 1.
    """
    numbers = np.empty(len(places))
    _fill_drawn(numbers, values, places, np.uint32(row & 0xFFFFFFFF), purpose, random)
    return numbers


@kernel
def _fill_drawn(numbers, values, places, row, purpose, random):
    for i in range(len(numbers)):
        w = philox(np.uint32(places[i]), row, random.stream, purpose, random.key0, random.key1)
        numbers[i] = draw_value(values, w[0], w[1], row, places[i], i, 0, purpose, random)


@inline
def _values_of(one, given):
    return Values(
        one.kind, one.first, one.second, one.low, one.high, one.scale, one.shift, one.least, one.most, given
    )


@inline
def _rule_of(one, arrays):
    return Rule(
        one.kind, one.degree, one.probability, one.n_rows, one.n_others, one.itself, one.autapses,
        one.multapses, arrays.selves, arrays.degrees, arrays.threshold, arrays.alias, arrays.space,
    )  # fmt: skip


@inline
def _places_of(one, places, table):
    """What concerns one projection of a job."""
    pieces, first, bound = places.pieces[table], one.first_piece, one.first_bound
    return Places(
        places.filling, _values_of(one.weights, places.weights.given),
        _values_of(one.delays, places.delays.given), places.dt, one.shortest,
        places.index_of[one.first_index :], one.first_source, one.first_target,
        pieces[first : first + one.n_blocks], places.bounds[bound : bound + one.n_blocks + 1], places.like,
        Random(places.random.key0, places.random.key1, one.stream),
    )  # fmt: skip


@inline
def _owner(projections, part):
    """The projection that a part belongs to."""
    first, last = 0, len(projections)
    while last - first > 1:
        middle = (first + last) // 2
        if projections[middle].first_part <= part:
            first = middle
        else:
            last = middle
    return first


@inline
def _place_chunk(one, chunk, table, work, job):
    """Place the synapses of some rows of a projection."""
    rule, places = _rule_of(one, job.arrays), _places_of(one, job.places, table)
    weights, delays, random, others = places.weights, places.delays, places.random, work.others
    neurons = others if len(job.others) == 0 else work.neurons
    for k in range(chunk * ROWS_AT_ONCE, min((chunk + 1) * ROWS_AT_ONCE, rule.n_rows)):
        row = _row_at(k, job.rows)
        for j in range(_draw_neurons(row, rule, job.others, work, random)):
            place = np.int64(others[j]) if rule.kind == ALL else j
            weight, delay = draw_values(row, place, row * rule.degree + place, weights, delays, random)
            if delays.kind == BY_DISTANCE:
                delay = delays.first + delays.low * distance(rule.space, row, others[j])
            target = places.first_target + np.int64(neurons[j])
            block, d = _block_of(target, places.bounds), _delay_index(delay, places)
            _place(places, places.pieces, block, places.first_source + k, target, d, weight)


@of_team
def _place_rows(thread, job):
    work, table, before = scratch_of(thread, job.work), min(thread, len(job.places.pieces) - 1), -1
    part = team.turn(job.turns)
    while part < job.turns[team.END]:
        number = _owner(job.projections, part)
        one = job.projections[number]
        if number != before:
            work.marks[: one.n_others] = 0
            before = number
        _place_chunk(one, part - one.first_part, table, work, job)
        part = team.turn(job.turns)


@kernel
def place_rows(helpers, n_threads, job):
    """Count or fill the synapses of rules whose rows are sources. Threads take turns with sources."""
    team.lead(helpers, n_threads, team.job_of(_place_rows, job))


@inline
def _fetch_ahead(filling, pieces, block, first, j, count, sources, delays):
    """Ask for what the next synapses of a column will write: their cursors, then their places."""
    if j + 2 * AHEAD < count:
        far = j + 2 * AHEAD
        source, delay = first + np.int64(sources[far]), np.int64(delays[far])
        row, _ = _row_of(pieces, block, source, delay)
        prefetch(pieces[block, CURSOR] + 4 * row)
    if filling and j + AHEAD < count:
        near = j + AHEAD
        source, delay = first + np.int64(sources[near]), np.int64(delays[near])
        row, n_rows = _row_of(pieces, block, source, delay)
        cursor = view(pieces[block, CURSOR], n_rows, np.uint32)
        prefetch(pieces[block, SYNAPSES] + pieces[block, WIDTH] * np.int64(cursor[row]))


@inline
def _place_block(one, block, table, work, job):
    """Place the synapses of a projection onto a block, those of a portion of its columns."""
    rule, places = _rule_of(one, job.arrays), _places_of(one, job.places, table)
    pieces, first_source, delays = places.pieces, places.first_source, work.delays
    sources = work.others if len(job.others) == 0 else work.neurons
    work.marks[: rule.n_others] = 0
    before = places.bounds[block] - places.first_target
    first = max(np.int64(0), before + job.turns[team.BEGIN] * ROWS_AT_ONCE)
    last = min(places.bounds[block + 1] - places.first_target, before + job.turns[team.END] * ROWS_AT_ONCE)
    for k in range(first, min(rule.n_rows, last)):
        row = _row_at(k, job.rows)
        count = _draw_neurons(row, rule, job.others, work, places.random)
        for j in range(count):
            weight, delay = draw_values(
                row, j, row * rule.degree + j, places.weights, places.delays, places.random
            )
            delays[j], work.weights[j] = _delay_index(delay, places), weight
        for j in range(count):
            _fetch_ahead(places.filling, pieces, block, first_source, j, count, sources, delays)
            source, target = first_source + np.int64(sources[j]), places.first_target + k
            _place(places, pieces, block, source, target, np.int64(delays[j]), work.weights[j])


@of_team
def _place_columns(thread, job):
    work, table = scratch_of(thread, job.work), min(thread, len(job.places.pieces) - 1)
    piece = team.add(job.turns, team.NEXT, 1)
    while piece < len(job.owners):
        one = job.projections[job.owners[piece]]
        _place_block(one, piece - one.first_piece, table, work, job)
        piece = team.add(job.turns, team.NEXT, 1)


@kernel
def place_columns(helpers, n_threads, job):
    """Count or fill the synapses of rules whose rows are targets. Threads take turns with blocks.

    A portion is so many rows of each block: they have to come one after the other.
    """
    team.lead(helpers, n_threads, team.job_of(_place_columns, job))


@of_team
def _place_pairs(thread, job):
    places, bounds = job.places, job.places.bounds
    pieces = places.pieces[min(thread, len(places.pieces) - 1)]
    first = job.turns[team.BEGIN] * _PAIRS_AT_ONCE
    last = min(job.turns[team.END] * _PAIRS_AT_ONCE, len(job.sources))
    block = team.add(job.turns, team.NEXT, 1)
    while block < len(bounds) - 1:
        for e in range(first, last):
            target = places.first_target + job.targets[e]
            if bounds[block] <= target < bounds[block + 1]:
                weight, delay = draw_values(
                    e >> 32, e & 0xFFFFFFFF, e, places.weights, places.delays, places.random
                )
                d = _delay_index(delay, places)
                _place(places, pieces, block, places.first_source + job.sources[e], target, d, weight)
        block = team.add(job.turns, team.NEXT, 1)


@kernel
def place_pairs(helpers, n_threads, job):
    """Count or fill given pairs, in their order. Threads take turns with blocks."""
    team.lead(helpers, n_threads, team.job_of(_place_pairs, job))


@of_team
def _fill_dense(thread, job):
    rule, weights, pieces = job.rule, job.weights, job.pieces
    constant = Values(CONSTANT, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, weights.given)
    chunk = team.turn(job.turns)
    while chunk < job.turns[team.END]:
        for row in range(chunk * ROWS_AT_ONCE, min((chunk + 1) * ROWS_AT_ONCE, rule.n_rows)):
            for block in range(len(pieces)):
                n_targets = pieces[block, N_TARGETS]
                matrix = view(pieces[block, SYNAPSES], rule.n_rows * n_targets, job.like.dtype)
                j = pieces[block, FIRST_TARGET] - job.first_target
                for i in range(n_targets):
                    number = row * rule.n_others + j + i
                    weight, _ = draw_values(row, j + i, number, weights, constant, job.random)
                    itself = j + i == row + rule.itself and not rule.autapses
                    matrix[row * n_targets + i] = 0.0 if itself else weight
        chunk = team.turn(job.turns)


@kernel
def fill_dense(helpers, n_threads, job):
    """Fill the weights of all pairs, source by source. Threads take turns with sources."""
    team.lead(helpers, n_threads, team.job_of(_fill_dense, job))


@of_team
def _count(thread, job):
    rule, work, total = job.rule, scratch_of(thread, job.work), 0
    chunk = team.turn(job.turns)
    while chunk < job.turns[team.END]:
        for k in range(chunk * ROWS_AT_ONCE, min((chunk + 1) * ROWS_AT_ONCE, rule.n_rows)):
            total += draw_row(in_turn(k, rule), rule, work, job.random)
        chunk = team.turn(job.turns)
    job.totals[thread] += total


@kernel
def count(helpers, n_threads, job):
    """Count the synapses of a rule. Threads take turns with rows, and have a total each."""
    team.lead(helpers, n_threads, team.job_of(_count, job))
