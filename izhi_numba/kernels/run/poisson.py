"""Poisson numbers of each neuron and step, and spikes of Poisson sources, tile by tile.

A number follows from (key, stream, step, neuron) and the largest mean of the neuron's tile, which chooses the
method. All methods are exact, but for the tails below.

* Small means: how many events the tile has (one search), then the neuron of each (ten bits). Where means
  differ, the events are those of the largest mean, and each is kept with probability mean / largest.
* All means equal: random words of all neurons are compared with a table of the distribution.
* Means that differ: the same, with a recurrence for each neuron in place of the table.
* Very large means: rejection, neuron by neuron.
* Sources: how many candidates the tile has (binomial), that many different places, thinning; from some
  probability on a number for each.

ns per neuron and step, float32 (in brackets: per event), of one core of a Zen 4 that was not idle; unequal
means are within a factor of 0.5 to 1.5 of the one given. The random words alone take 0.43 ns::

    mean       equal           unequal        numpy's Generator.poisson
    0.0005     0.028 (57)      0.033  (66)    13
    0.002      0.041 (20)      0.064  (34)    12
    0.02       0.17  (8.3)     0.29   (15)    12
    0.2        0.69  (3.5)     1.4   (7.1)    17
    0.4        1.2   (3.0)     2.7   (6.7)    21
    1.6        1.4   (0.9)     5.2   (3.3)    32
    5          1.8   (0.4)     7.2   (1.5)    46
    50         4.4   (0.1)     26    (0.5)    47
    500        13              54             42
    5000       48              49             37

    probability of a source
    0.0005     0.028 (56)      0.036  (72)
    0.002      0.09  (45)      0.12   (60)
    0.02       0.56  (28)      0.98   (49)
    0.05       1.1   (22)      1.4    (28)
    0.2        1.6   (8)       1.6    (8)

So a million sources of 5 Hz take 28 us for a step of 0.1 ms, with 500 spikes; nearly all of it is one
Philox block and one misprediction per tile.

Tails: a comparison has 32 random bits, and takes each value with its probability to within 2**-32. With a
mean of 1.6 nothing above 15 is drawn, of which there should be one in 5e10 numbers; the mean is off by less
than 2e-9, which 1e17 numbers could tell. Of 3e9 numbers with mean 1.6 a chi-square test said
p = 0.7. Searches for a whole tile, and rejection, have 52 bits.

Source of the rejection: Hörmann (1993), "The transformed rejection method for generating Poisson random
variables", Insurance: Mathematics and Economics 12, 39-45, algorithm PTRS.
"""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numba import from_dtype, types
from numba.extending import intrinsic

from izhi_numba.kernels.elementary import _exp as exp
from izhi_numba.kernels.elementary import _log as log
from izhi_numba.kernels.elementary import _log1p as log1p
from izhi_numba.kernels.intrinsics import lowest_bit, view
from izhi_numba.kernels.jit import Callback, callback, inline
from izhi_numba.kernels.rng import POISSON, QUARTER, TILE, philox

# Where methods change: means of the largest of a tile, per step. At each, both methods took the same time.
FEW = 0.25  # below: event by event, where all means of a tile are equal (1.0 ns at 0.3, either way)
FEW_UNEQUAL = 0.8  # where they differ (4.0 ns at 0.9, either way)
MANY = 4000.0  # from here on rejection, where all are equal: 33 ns at 4000, with the table too
MANY_UNEQUAL = 200.0  # where they differ; exp(-MANY_UNEQUAL) must not underflow
ONE_BY_ONE = 12.0  # smaller means in a tile of such large ones are searched for; rejection needs 10
DENSE = 0.06  # smallest probability for which each source gets a number (1.2 ns, either way)

POISSON_TRAINS = 1 << 17  # streams of random numbers: those of a pool's rows begin here

_MOST_ALONE = 128.0  # expected events of a tile; from here on all neurons are asked how many they have
_EVENTS = 256.0  # of a tile, most that are expected in one go; twice as many have room in the scratch
_REJECTED = np.uint32(0x8000)  # where the counters of rejection begin
_16, _12, _20, _32 = np.uint32(16), np.uint64(12), np.uint64(20), np.uint64(32)
_2_32 = 2.0**-32
_NEVER = 0xFFFFFFFF  # a threshold that no word is above
_TRIES = 200
_MAP = TILE // 32  # words with a bit for each neuron of a tile


class Draw(NamedTuple):
    """Where the numbers of a tile in a step come from: all of a counter but a part of its third word."""

    first: Any  # uint32, of the tile
    step0: Any
    step1: Any  # 16 bits
    last: Any
    key0: Any
    key1: Any


@inline
def _draw_of(tile, step, stream, key0, key1):
    last = np.uint32(np.uint32(stream) << np.uint32(8)) | POISSON
    step1 = np.uint32(np.uint64(step) >> _32)
    return Draw(np.uint32(tile * QUARTER), np.uint32(step), step1, last, key0, key1)


@inline
def _words(draw, c0, part):
    third = draw.step1 | np.uint32(part << _16)
    return philox(np.uint32(c0), draw.step0, third, draw.last, draw.key0, draw.key1)


@inline
def _fill(words, size, counters, c0, part, draw):
    """Four planes of ``size`` random words each, of which the first ``counters`` are drawn."""
    words0, words1 = words[:size], words[size : 2 * size]
    words2, words3 = words[2 * size : 3 * size], words[3 * size :]
    for c in range(counters):
        w0, w1, w2, w3 = _words(draw, np.uint32(c0 + np.uint32(c)), part)
        words0[c] = w0
        words1[c] = w1
        words2[c] = w2
        words3[c] = w3


@inline
def _unit(word0, word1):
    """A number in (0, 1), of 52 bits."""
    return (np.float64((np.uint64(word0) << _20) | (np.uint64(word1) >> _12)) + 0.5) * 2.0**-52


@inline
def _search(u, mean, none):
    """How many events: where the cumulative distribution, which begins with ``none``, exceeds ``u``."""
    k, p, cumulative = 0, none, none
    # What is left of 1 by rounding is never searched to its end.
    while cumulative <= u and (k < mean or p > 1e-20):
        k += 1
        p *= mean / k
        cumulative += p
    return k


@inline
def _add_counts(port, expected, weight, count, counts):
    """Add to each neuron its weight times what it has counted, and set the counts to 0."""
    for i in range(count):
        number = counts[i] if expected[i] > 0 else np.int32(0)
        port[i] += weight[i] * port.dtype.type(number)
        counts[i] = 0


@inline
def _add_events(port, expected, weight, factor, largest, equal, count, draw, bits, counts):
    """Draw how many events a tile has, and the neuron of each; keep as many as the neuron expects.

    Kept or not is a number: with a branch an event took 14 ns where means differ, now 7. Events are counted,
    and a neuron adds its weight times their number: where they are few, by looking at them alone. Adding one
    at a time was rounded for each event; it took 1.9 times as long where means differ, 10 % less where
    all are equal (0.2 events a neuron, single precision).
    """
    mean = largest * factor * TILE
    n_parts = 1 + np.int64(mean / _EVENTS)
    alone = mean < _MOST_ALONE
    mean /= n_parts
    none = exp(-mean)
    for part in range(n_parts):
        w0, w1, w2, w3 = _words(draw, draw.first, np.uint32(part))
        n_events = min(_search(_unit(w0, w1), mean, none), TILE // 2 - 1)
        bits[0], bits[1] = w2, w3
        n_words = n_events if equal else 2 * n_events
        if n_words > 2:
            counters = (n_words + 1) >> 2
            _fill(bits[2:], counters, counters, np.uint32(draw.first + np.uint32(1)), np.uint32(part), draw)
        if equal:
            for event in range(n_events):
                counts[np.int64(bits[event] & np.uint32(TILE - 1))] += 1
        else:
            thinning = bits[n_events:]
            for event in range(n_events):
                i = np.int64(bits[event] & np.uint32(TILE - 1))
                if i < count:
                    kept = (np.float64(thinning[event]) + 0.5) * _2_32 * largest < expected[i]
                    counts[i] += np.int32(kept)
        if alone:
            for event in range(n_events):
                i = np.int64(bits[event] & np.uint32(TILE - 1))
                if i < count:
                    number = counts[i] if expected[i] > 0 else np.int32(0)
                    port[i] += weight[i] * port.dtype.type(number)
                counts[i] = 0
    if not alone:
        _add_counts(port, expected, weight, count, counts)
        for i in range(count, TILE):
            counts[i] = 0


@inline
def _threshold(cumulative):
    """A random word is above it with probability ``1 - cumulative``; -1: always."""
    return np.int64(cumulative * 2.0**32 + 0.5) - 1


@inline
def _next_threshold(k, p, cumulative, mean):
    """The next number, its probability, that of all up to it, and the threshold of words that say more."""
    p *= mean / (k + 1)
    cumulative += p
    return k + 1, p, cumulative, min(_threshold(cumulative), np.int64(_NEVER))


@inline
def _count_equal(mean, count, bits, counts):
    """Compare each random word with a table of the cumulative distribution, four entries at a time."""
    mode = np.int64(mean)
    total, p, k = 1.0, 1.0, mode
    while p > 1e-18:
        k += 1
        p *= mean / k
        total += p
    p, k = 1.0, mode
    while k > 0 and p > 1e-18:
        p *= k / mean
        k -= 1
        total += p
    p /= total
    cumulative = p
    above, never = _threshold(cumulative), np.int64(_NEVER)
    while above < 0:
        k, p, cumulative, above = _next_threshold(k, p, cumulative, mean)
    for i in range(count):
        counts[i] = k
    while above < never:
        t0 = above
        k, p, cumulative, t1 = _next_threshold(k, p, cumulative, mean)
        k, p, cumulative, t2 = _next_threshold(k, p, cumulative, mean)
        k, p, cumulative, t3 = _next_threshold(k, p, cumulative, mean)
        k, p, cumulative, above = _next_threshold(k, p, cumulative, mean)
        if p < 1e-12 and k > mean:
            above = never
        a, b, c, d = np.uint32(t0), np.uint32(t1), np.uint32(t2), np.uint32(t3)
        for i in range(count):
            word = bits[i]
            counts[i] += np.int32(word > a) + np.int32(word > b) + np.int32(word > c) + np.int32(word > d)


@inline
def _log_factorial(k):
    """Stirling's series, from 10 on."""
    x, product = k + 1.0, 1.0
    while x < 10.0:
        product *= x
        x += 1.0
    y = 1.0 / (x * x)
    series = (1 / 12 - y * (1 / 360 - y * (1 / 1260 - y / 1680))) / x
    return (x - 0.5) * log(x) - x + 0.9189385332046727 + series - log(product)


@inline
def _reject(mean, neuron, draw):
    """A number with a mean of 10 or more: PTRS, transformed rejection with a squeeze."""
    b = 0.931 + 2.53 * np.sqrt(mean)
    a = -0.059 + 0.02483 * b
    squeeze = 0.9277 - 3.6224 / (b - 2.0)
    for attempt in range(_TRIES):
        w0, w1, w2, w3 = _words(draw, neuron, _REJECTED + np.uint32(attempt))
        u, v = _unit(w0, w1) - 0.5, _unit(w2, w3)
        us = 0.5 - abs(u)
        k = np.floor((2.0 * a / us + b) * u + mean + 0.43)
        if us >= 0.07 and v <= squeeze:
            return np.int64(k)
        if k >= 0.0 and (us >= 0.013 or v <= us):
            height = v * (1.1239 + 1.1328 / (b - 3.4)) / (a / (us * us) + b)
            if log(height) <= k * log(mean) - mean - _log_factorial(k):
                return np.int64(k)
    return np.int64(mean)


@inline
def _count_unequal(expected, factor, mean, count, bits, counts, work):
    """Compare each random word with the neuron's own distribution, four entries at a time for all of them.

    All is in units of 2**-32. It ends where the distribution of the largest mean does. A search for each
    neuron by itself took 34 instead of 5 ns with a mean of 1.6.
    """
    p, cumulative = work[:TILE], work[TILE:]
    for i in range(count):
        none = exp(-(np.float64(expected[i]) * factor)) * 2.0**32
        p[i] = none
        cumulative[i] = none - 0.5
        counts[i] = 0
    top = exp(-mean)
    left = 1.0 - top
    k = 0
    while left > _2_32 / 2 and (top > 1e-20 or k < mean):
        r1, r2, r3, r4 = 1.0 / (k + 1), 1.0 / (k + 2), 1.0 / (k + 3), 1.0 / (k + 4)
        for i in range(count):
            word, each = np.float64(bits[i]), np.float64(expected[i]) * factor
            p0, c0 = p[i], cumulative[i]
            p1 = p0 * (each * r1)
            p2 = p1 * (each * r2)
            p3 = p2 * (each * r3)
            p4 = p3 * (each * r4)
            c1 = c0 + p1
            c2 = c1 + p2
            c3 = c2 + p3
            counts[i] += (
                np.int32(word >= c0) + np.int32(word >= c1) + np.int32(word >= c2) + np.int32(word >= c3)
            )
            p[i] = p4
            cumulative[i] = c3 + p4
        for r in (r1, r2, r3, r4):
            top *= mean * r
            left -= top
        k += 4


@inline
def _count_each(expected, factor, tile, count, draw, bits, counts):
    for i in range(count):
        mean = np.float64(expected[i]) * factor
        if mean == 0.0:
            k = 0
        elif mean < ONE_BY_ONE:
            k = _search((np.float64(bits[i]) + 0.5) * _2_32, mean, exp(-mean))
        else:
            k = _reject(mean, np.uint32(tile * TILE + i), draw)
        counts[i] = k


@inline
def add_poisson(
    port, expected, weight, factor, largest, equal, tile, count, step, stream, key0, key1, bits, counts, work
):
    """Add the events of one step to the port of a tile: Poisson numbers with mean ``expected * factor``.

    Parameters
    ----------
    port, expected, weight : float (count or more,)
        Of the tile's neurons; ``weight`` times the number of events is added, in one go.
    factor : float
        0 or more.
    largest : float
        Of ``expected`` in the whole tile, also beyond ``count``.
    equal : bool
        Whether all of ``expected`` in the whole tile that are not 0 are the same.
    tile, count : int
        Number of the tile, and of its neurons that there are.
    step, stream : int
        Below 2**48 and 2**24.
    key0, key1 : uint32
    bits, work : uint32 (TILE,), float64 (2 * TILE,)
        Scratch.
    counts : int32 (TILE,)
        Zeros, before and after.
    """
    factor64, largest64 = np.float64(factor), np.float64(largest)
    mean = largest64 * factor64
    if mean <= 0.0:
        return
    draw = _draw_of(tile, step, stream, key0, key1)
    if mean < (FEW if equal else FEW_UNEQUAL):
        _add_events(port, expected, weight, factor64, largest64, equal, count, draw, bits, counts)
        return
    _fill(bits, QUARTER, min(QUARTER, count), draw.first, np.uint32(0), draw)
    if equal and mean < MANY:
        _count_equal(mean, count, bits, counts)
    elif mean < MANY_UNEQUAL:
        _count_unequal(expected, factor64, mean, count, bits, counts, work)
    else:
        _count_each(expected, factor64, tile, count, draw, bits, counts)
    _add_counts(port, expected, weight, count, counts)


@inline
def _how_many(u, p):
    """How many of a tile: the binomial distribution, inverted by search."""
    odds = p / (1.0 - p)
    k, probability = 0, exp(TILE * log1p(-p))
    cumulative = probability
    while cumulative <= u and k < TILE and (k < TILE * p or probability > 1e-20):
        probability *= odds * (TILE - k) / (k + 1)
        cumulative += probability
        k += 1
    return k


@inline
def _list_sparse(listed, n_listed, expected, factor, largest, equal, first, count, draw, bits):
    """Draw how many candidates a tile has, and that many places, each once; keep those that are due.

    Geometric gaps, with a logarithm each, took 65 instead of 27 us for a million sources of 5 Hz.
    """
    w0, w1, w2, w3 = _words(draw, draw.first, np.uint32(0))
    n_left = _how_many(_unit(w0, w1), largest * factor)
    if n_left == 0:
        return n_listed
    alone = n_left == 1
    taken, kept = bits[:_MAP], bits[_MAP : 2 * _MAP]
    if not alone:
        bits[: 2 * _MAP] = 0
    turn = 1
    while n_left > 0:
        if turn & 1:
            place, thinning = w2, w3
        else:
            c0, part = np.uint32(turn >> 1 & (QUARTER - 1)), np.uint32(turn >> 1 >> 8)
            place, thinning, w2, w3 = _words(draw, draw.first + c0, part)
        turn += 1
        i = np.int64(place & np.uint32(TILE - 1))
        word, bit = i >> 5, np.uint32(1) << np.uint32(i & 31)
        if not alone:
            if taken[word] & bit:
                continue
            taken[word] |= bit
        n_left -= 1
        if i < count:
            due = (expected[i] > 0) if equal else (np.float64(thinning) + 0.5) * _2_32 * largest < expected[i]
            if alone:
                listed[n_listed] = first + i
                n_listed += np.int64(due)
            else:
                kept[word] |= bit * np.uint32(due)
    if not alone:
        for word in range(_MAP):
            left = np.uint64(kept[word])
            while left:
                listed[n_listed] = first + (word << 5) + lowest_bit(left)
                left &= left - np.uint64(1)
                n_listed += 1
    return n_listed


@inline
def _list_dense(listed, n_listed, expected, factor, first, count, bits):
    for i in range(count):
        bits[i] = (np.float64(bits[i]) + 0.5) * _2_32 < np.float64(expected[i]) * factor
    for i in range(count):
        listed[n_listed] = first + i
        n_listed += np.int64(bits[i])
    return n_listed


@inline
def list_poisson_spikes(
    listed, n_listed, expected, factor, largest, equal, first, tile, count, step, stream, key0, key1, bits
):
    """Append the sources of a tile that fire in this step, each with probability ``expected * factor``.

    In ascending order, as ``first + i``; returns the new length of the list, which has room for ``count``
    more. A probability above 1 is 1. Other arguments are those of :func:`add_poisson`.
    """
    factor64, largest64 = np.float64(factor), np.float64(largest)
    if largest64 * factor64 <= 0.0:
        return n_listed
    draw = _draw_of(tile, step, stream, key0, key1)
    if largest64 * factor64 < DENSE:
        return _list_sparse(listed, n_listed, expected, factor64, largest64, equal, first, count, draw, bits)
    _fill(bits, QUARTER, min(QUARTER, count), draw.first, np.uint32(0), draw)
    return _list_dense(listed, n_listed, expected, factor64, first, count, bits)


@functools.cache
def adder(dtype: np.dtype[Any]) -> Callback:
    """Compile :func:`add_poisson` to be called by its address, with addresses for arrays.

    Merged into the steps of a pool, it would take all pools a third longer to compile.
    """
    number = dtype.type

    def add(
        port,
        expected,
        weight,
        factor,
        largest,
        equal,
        tile,
        count,
        step,
        stream,
        key0,
        key1,
        bits,
        counts,
        work,
    ):
        add_poisson(
            view(port, count, number), view(expected, count, number), view(weight, count, number), factor,
            largest, equal, tile, count, step, stream, key0, key1, view(bits, TILE, np.uint32),
            view(counts, TILE, np.int32), view(work, 2 * TILE, np.float64),
        )  # fmt: skip

    compiled = callback(types.void(*_arguments(from_dtype(dtype))), add, f"add_poisson-{dtype.name}")
    compiled.compile()
    return compiled


@functools.cache
def lister(dtype: np.dtype[Any]) -> Callback:
    """Compile :func:`list_poisson_spikes` to be called by its address, with addresses for arrays."""
    number = dtype.type

    def list_spikes(listed, expected, factor, largest, equal, first, count, step, key0, key1, bits):
        return list_poisson_spikes(
            view(listed, TILE, np.int32), 0, view(expected, count, number), factor, largest, equal, first,
            first // TILE, count, step, 0, key0, key1, view(bits, TILE, np.uint32),
        )  # fmt: skip

    signature = types.int64(*_lister_arguments(from_dtype(dtype)))
    compiled = callback(signature, list_spikes, f"list_poisson_spikes-{dtype.name}")
    compiled.compile()
    return compiled


def _lister_arguments(number: Any) -> list[Any]:
    address, whole = types.int64, types.int64
    return [
        address, address, number, number, types.boolean, whole, whole, whole, types.uint32, types.uint32,
        address,
    ]  # fmt: skip


def _arguments(number: Any) -> list[Any]:
    address, whole = types.int64, types.int64
    return [
        address, address, address, number, number, types.boolean, whole, whole, whole, whole, types.uint32,
        types.uint32, address, address, address,
    ]  # fmt: skip


@intrinsic
def call_adder(
    typingctx: Any, adder: Any, port: Any, expected: Any, weight: Any, factor: Any, largest: Any, equal: Any,
    tile: Any, count: Any, step: Any, stream: Any, key0: Any, key1: Any, bits: Any, counts: Any, work: Any,
) -> Any:  # fmt: skip
    """Call an adder by its address."""
    arguments = _arguments(factor)
    return types.void(types.int64, *arguments), _by_address(arguments, ir.VoidType())


@intrinsic
def call_lister(
    typingctx: Any, lister: Any, listed: Any, expected: Any, factor: Any, largest: Any, equal: Any,
    first: Any, count: Any, step: Any, key0: Any, key1: Any, bits: Any,
) -> Any:  # fmt: skip
    """Call a lister by its address; returns how many spikes it has listed."""
    arguments = _lister_arguments(factor)
    return types.int64(types.int64, *arguments), _by_address(arguments, ir.IntType(64))


def _by_address(arguments: list[Any], returned: Any) -> Any:
    """Code that calls what is at the address that comes first."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        passed = [context.get_argument_type(kind) for kind in arguments]
        values = [
            context.get_value_as_argument(builder, k, v) for k, v in zip(arguments, args[1:], strict=True)
        ]
        kind = ir.FunctionType(returned, passed).as_pointer()
        result = builder.call(builder.inttoptr(args[0], kind), values)
        return context.get_dummy_value() if isinstance(returned, ir.VoidType) else result

    return codegen
