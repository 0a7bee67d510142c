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
from izhi_numba.kernels._jit import inline, kernel
from izhi_numba.kernels.deliver import (
    CURSOR,
    FIRST_SOURCE,
    FIRST_TARGET,
    FORM,
    LAST_SOURCE,
    N_DELAYS,
    N_SYNAPSES,
    N_TARGETS,
    SHORT,
    TARGETS,
    WEIGHTED,
    WEIGHTS,
    view,
)
from izhi_numba.kernels.rng import TARGET_DRAWS, USER_DRAWS, VALUE_DRAWS, log_float32, normal_pair, philox

# Rules, in terms of rows.
ALL, ONE, DEGREE, PROBABILITY = range(4)
# Distributions.
CONSTANT, GIVEN, UNIFORM, INTEGERS, NORMAL, LOGNORMAL, EXPONENTIAL = range(7)

ROWS_AT_ONCE = 64
_COUNTERS = 32
_WORDS = 4 * _COUNTERS
_32 = np.uint64(32)
_UNIT = 2.0**-32
_TRIES = 1000  # of a truncated normal, before its bounds are used


class Random(NamedTuple):
    """Where the numbers of a projection come from."""

    key0: Any  # uint32, the seed
    key1: Any
    stream: Any  # uint32, the projection


class Rule(NamedTuple):
    """What a row holds."""

    kind: Any  # int64: ALL, ONE, DEGREE or PROBABILITY
    degree: Any  # int64
    probability: Any  # float64
    n_rows: Any  # int64
    n_others: Any  # int64, neurons on the other side
    itself: Any  # int64, place of row 0 on the other side: row r's autapse is r + itself
    autapses: Any  # bool
    multapses: Any  # bool


class Values(NamedTuple):
    """A distribution of weights or delays."""

    kind: Any  # int64
    first: Any  # float64: constant, low, mean
    second: Any  # float64: high, standard deviation
    low: Any  # float64, for normal: outside [low, high] is drawn again
    high: Any  # float64
    given: Any  # float64 array, by the number of the synapse


class Scratch(NamedTuple):
    """What one thread needs to draw a row."""

    others: Any  # uint32 (n_others + degree,)
    marks: Any  # uint32 (n_others,), the row that last took a place, plus one
    words: Any  # uint32 (_WORDS + 1,), random words; the last one counts those used


def scratch(n_others: int, longest: int) -> Scratch:
    """Return work space for rows of up to ``longest`` synapses."""
    return Scratch(np.empty(longest, np.uint32), np.zeros(n_others, np.uint32), np.empty(_WORDS, np.uint32))


@inline
def _refill(words, batch, row, random):
    for c in range(_COUNTERS):
        w0, w1, w2, w3 = philox(
            np.uint32(batch * _COUNTERS + c), np.uint32(row), random.stream, TARGET_DRAWS,
            random.key0, random.key1,
        )  # fmt: skip
        words[c] = w0
        words[c + _COUNTERS] = w1
        words[c + 2 * _COUNTERS] = w2
        words[c + 3 * _COUNTERS] = w3


@inline
def _distinct(others, marks, words, row, count, itself, n_others, random):
    """Draw ``count`` different places, none of them ``itself``; marked with ``row + 1``."""
    mark = np.uint32(row + 1)
    if 0 <= itself < n_others:
        marks[itself] = mark
    used, batch, drawn = _WORDS, 0, 0
    while drawn < count:
        if used == _WORDS:
            _refill(words, batch, row, random)
            batch += 1
            used = 0
        other = (np.uint64(words[used]) * np.uint64(n_others)) >> _32
        used += 1
        if marks[other] != mark:
            marks[other] = mark
            others[drawn] = np.uint32(other)
            drawn += 1


@inline
def draw_row(row, rule, others, marks, words, random):
    """Draw the other side of a row's synapses into ``others``; returns how many there are."""
    n_others = rule.n_others
    itself = -1 if rule.autapses else row + rule.itself
    count = 0
    if rule.kind == ONE:
        others[0] = np.uint32(row)
        count = np.int64(row != itself)
    elif rule.kind == ALL:
        for other in range(n_others):
            if other != itself:
                others[count] = np.uint32(other)
                count += 1
    elif rule.kind == DEGREE and rule.multapses:
        used, batch = _WORDS, 0
        while count < rule.degree:
            if used == _WORDS:
                _refill(words, batch, row, random)
                batch += 1
                used = 0
            other = np.int64((np.uint64(words[used]) * np.uint64(n_others)) >> _32)
            used += 1
            others[count] = np.uint32(other)
            count += np.int64(other != itself)
    elif rule.kind == DEGREE:
        available = n_others - np.int64(0 <= itself < n_others)
        if 2 * rule.degree <= available:
            _distinct(others, marks, words, row, rule.degree, itself, n_others, random)
            count = rule.degree
        else:  # draw those that are left out
            _distinct(others, marks, words, row, available - rule.degree, itself, n_others, random)
            for other in range(n_others):
                if marks[other] != np.uint32(row + 1):
                    others[count] = np.uint32(other)
                    count += 1
    elif rule.probability > 0:  # jump from one success to the next: the gaps are geometric
        scale = 0.0 if rule.probability == 1 else 1 / np.log1p(-rule.probability)
        used, batch = _WORDS, 0
        other = -1
        while True:
            if used == _WORDS:
                _refill(words, batch, row, random)
                batch += 1
                used = 0
            uniform = (np.float64(words[used]) + 0.5) * _UNIT
            used += 1
            gap = np.log(uniform) * scale
            if gap >= n_others - other - 1:
                break
            other += 1 + np.int64(gap)
            if other != itself:
                others[count] = np.uint32(other)
                count += 1
    return count


@inline
def draw_value(values, bits0, bits1, row, j, number, word, random):
    """Turn random words into a weight or delay; ``word`` says which half of a counter is its own."""
    kind = values.kind
    if kind == CONSTANT:
        return values.first
    if kind == GIVEN:
        return values.given[number]
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
        purpose = VALUE_DRAWS | np.uint32(attempt << 8)
        w = philox(np.uint32(j), np.uint32(row), random.stream, purpose, random.key0, random.key1)
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
    weight = draw_value(weights, w0, w1, row, j, number, 0, random)
    return weight, draw_value(delays, w2, w3, row, j, number, 2, random)


@inline
def _place(filling, pieces, block, source, target, delay, weight, store):
    """Count a synapse, or put it at its place in the rows of its block."""
    row = (source - pieces[block, FIRST_SOURCE]) * pieces[block, N_DELAYS] + delay
    n_rows = (pieces[block, LAST_SOURCE] - pieces[block, FIRST_SOURCE]) * pieces[block, N_DELAYS]
    cursor = view(pieces[block, CURSOR], n_rows, np.uint32)
    if filling:
        place = np.int64(cursor[row])
        size = pieces[block, N_SYNAPSES]
        local = target - pieces[block, FIRST_TARGET]
        if pieces[block, FORM] == SHORT:
            view(pieces[block, TARGETS], size, np.uint16)[place] = np.uint16(local)
        else:
            view(pieces[block, TARGETS], size, np.uint32)[place] = np.uint32(local)
        if pieces[block, WEIGHTED]:
            view(pieces[block, WEIGHTS], size, store.dtype)[place] = weight
    cursor[row] += np.uint32(1)


@inline
def _delay_index(milliseconds, dt, shortest, index_of):
    return index_of[np.int64(np.rint(milliseconds / dt)) - shortest]


@inline
def _block_of(target, bounds):
    block = 0
    while bounds[block + 1] <= target:
        block += 1
    return block


@kernel
def fill_uniform(numbers, random):
    """Fill an array with uniform numbers in (0, 1)."""
    for i in range(len(numbers)):
        w = philox(np.uint32(i), np.uint32(i >> 32), random.stream, USER_DRAWS, random.key0, random.key1)
        numbers[i] = (np.float64(w[0]) + 0.5) * _UNIT


@kernel
def place_rows(
    flags, filling, rule, weights, delays, dt, shortest, index_of, places, pieces, bounds, store, random, work
):
    """Count or fill the synapses of a rule whose rows are sources.

    Threads take turns with sources. ``places`` holds the first source and the first target.
    """
    others, marks, words = work
    chunk = team.add(flags, 0, 1)
    while chunk * ROWS_AT_ONCE < rule.n_rows:
        for row in range(chunk * ROWS_AT_ONCE, min((chunk + 1) * ROWS_AT_ONCE, rule.n_rows)):
            for j in range(draw_row(row, rule, others, marks, words, random)):
                place = np.int64(others[j]) if rule.kind == ALL else j
                weight, delay = draw_values(row, place, row * rule.degree + place, weights, delays, random)
                target = places[1] + np.int64(others[j])
                block = _block_of(target, bounds)
                d = _delay_index(delay, dt, shortest, index_of)
                _place(filling, pieces, block, places[0] + row, target, d, weight, store)
        chunk = team.add(flags, 0, 1)


@kernel
def place_columns(
    flags, filling, rule, weights, delays, dt, shortest, index_of, places, pieces, bounds, store, random, work
):
    """Count or fill the synapses of a rule whose rows are targets. Threads take turns with blocks."""
    others, marks, words = work
    block = team.add(flags, 0, 1)
    while block < len(bounds) - 1:
        first = max(np.int64(0), bounds[block] - places[1])
        for row in range(first, min(rule.n_rows, bounds[block + 1] - places[1])):
            for j in range(draw_row(row, rule, others, marks, words, random)):
                weight, delay = draw_values(row, j, row * rule.degree + j, weights, delays, random)
                d = _delay_index(delay, dt, shortest, index_of)
                source = places[0] + np.int64(others[j])
                _place(filling, pieces, block, source, places[1] + row, d, weight, store)
        block = team.add(flags, 0, 1)


@kernel
def place_list(
    flags,
    filling,
    sources,
    targets,
    weights,
    delays,
    dt,
    shortest,
    index_of,
    places,
    pieces,
    bounds,
    store,
    random,
):
    """Count or fill given pairs, in their order. Threads take turns with blocks."""
    block = team.add(flags, 0, 1)
    while block < len(bounds) - 1:
        for e in range(len(sources)):
            target = places[1] + targets[e]
            if bounds[block] <= target < bounds[block + 1]:
                weight, delay = draw_values(e >> 32, e & 0xFFFFFFFF, e, weights, delays, random)
                d = _delay_index(delay, dt, shortest, index_of)
                _place(filling, pieces, block, places[0] + sources[e], target, d, weight, store)
        block = team.add(flags, 0, 1)


@kernel
def fill_dense(flags, rule, weights, places, pieces, bounds, store, random):
    """Fill the weights of all pairs, source by source. Threads take turns with sources."""
    constant = Values(CONSTANT, 0.0, 0.0, 0.0, 0.0, weights.given)
    chunk = team.add(flags, 0, 1)
    while chunk * ROWS_AT_ONCE < rule.n_rows:
        for row in range(chunk * ROWS_AT_ONCE, min((chunk + 1) * ROWS_AT_ONCE, rule.n_rows)):
            for block in range(len(bounds) - 1):
                n_targets = pieces[block, N_TARGETS]
                matrix = view(pieces[block, WEIGHTS], pieces[block, N_SYNAPSES], store.dtype)
                j = pieces[block, FIRST_TARGET] - places[1]
                for i in range(n_targets):
                    number = row * rule.n_others + j + i
                    weight, _ = draw_values(row, j + i, number, weights, constant, random)
                    itself = j + i == row + rule.itself and not rule.autapses
                    matrix[row * n_targets + i] = 0.0 if itself else weight
        chunk = team.add(flags, 0, 1)


@kernel
def count(flags, rule, random, work, totals, thread):
    """Count the synapses of a rule; threads take turns with rows, and have a total each."""
    others, marks, words = work
    chunk, total = team.add(flags, 0, 1), 0
    while chunk * ROWS_AT_ONCE < rule.n_rows:
        for row in range(chunk * ROWS_AT_ONCE, min((chunk + 1) * ROWS_AT_ONCE, rule.n_rows)):
            total += draw_row(row, rule, others, marks, words, random)
        chunk = team.add(flags, 0, 1)
    totals[thread] = total
