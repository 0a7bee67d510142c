"""Who is in a row: the other side of all synapses of one source (or, for a fixed in-degree, one target).

The words of a row are a function of (seed, projection, row), so any thread may draw any row, again and
again.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from izhi_numba.kernels import team
from izhi_numba.kernels._jit import inline, kernel, shared
from izhi_numba.kernels.rng import COUNT_DRAWS, REWIRE_DRAWS, TARGET_DRAWS, philox

# Rules, in terms of rows.
ALL, ONE, DEGREE, PROBABILITY, DEGREES, NEAR, RING, WEIGHTED_PLACES = range(8)
# How probability falls with distance.
FLAT, GAUSSIAN, EXPONENTIAL_FALL = range(3)

_COUNTERS = 32
_WORDS = 4 * _COUNTERS
_32 = np.uint64(32)
_UNIT = 2.0**-32
_COUNTED_AT_ONCE = 2**20
_FIRST_GAP = np.uint32(0xFFFFFFFF)  # a counter that no batch of words reaches


class Random(NamedTuple):
    """Where the numbers of a projection come from."""

    key0: Any  # uint32, the seed
    key1: Any
    stream: Any  # uint32, the projection


class Space(NamedTuple):
    """Where neurons are, and the targets sorted into cells; lengths in the user's unit."""

    sources: Any  # float64 (n_rows, 3)
    targets: Any  # float64 (n_others, 3)
    period: Any  # float64 (3,), 0 where the axis is open
    per_period: Any  # float64 (3,), 1 / period, or 0
    kind: Any  # int64: FLAT, GAUSSIAN or EXPONENTIAL_FALL
    peak: Any  # float64, probability at distance 0
    scale: Any  # float64
    reach: Any  # float64, no synapses beyond
    axes: Any  # int64, the three axes one after another: cells, wrapped; numbers add up to the cell's
    home: Any  # int64 (n_rows, 3), where in ``axes`` the first step of each source leads
    start: Any  # int64 (n_cells + 1,), first target of each cell
    members: Any  # uint32 (n_others,), targets ordered by cell
    steps: Any  # int64 (n_steps, 3), from there to all cells within reach
    bound: Any  # float64 (n_steps,), highest probability between two such cells
    least: Any  # float64 (n_steps,), lowest
    hazard: Any  # float64 (n_steps,), -log(1 - bound)


class Rule(NamedTuple):
    """What a row holds."""

    kind: Any  # int64, one of the rules above
    degree: Any  # int64; of DEGREES the largest
    probability: Any  # float64
    n_rows: Any  # int64
    n_others: Any  # int64, neurons on the other side
    itself: Any  # int64, place of row 0 on the other side: row r's autapse is r + itself
    autapses: Any  # bool
    multapses: Any  # bool
    degrees: Any  # uint32 (n_rows,) for DEGREES
    threshold: Any  # uint32 (n_others,) for WEIGHTED_PLACES: alias table of Walker (1977)
    alias: Any  # uint32 (n_others,)
    space: Any  # Space, for NEAR


class Scratch(NamedTuple):
    """What one thread needs to draw a row."""

    others: Any  # uint32 (n_others + degree,)
    marks: Any  # uint32 (n_others,), the row that last took a place, plus one
    words: Any  # uint32 (_WORDS,), random words
    delays: Any  # uint32, place in the table of delays, by the place in the row
    weights: Any  # float64


def scratch(n_others: int, longest: int, *, columns: bool = False) -> Scratch:
    """Return work space for rows of up to ``longest`` synapses; with values where rows are columns."""
    held = longest if columns else 0
    return Scratch(
        np.empty(longest, np.uint32),
        np.zeros(n_others, np.uint32),
        np.empty(_WORDS, np.uint32),
        np.empty(held, np.uint32),
        np.empty(held),
    )


def no_space() -> Space:
    """Return what stands for positions where there are none."""
    places, whole = np.zeros((0, 3)), np.zeros((0, 3), np.int64)
    nothing, none = np.zeros(0), np.zeros(0, np.int64)
    return Space(
        places, places, nothing, nothing, FLAT, 0.0, 1.0, 0.0, none, whole, none, np.zeros(0, np.uint32),
        whole, nothing, nothing, nothing,
    )  # fmt: skip


@shared
def _refill(words, batch, row, purpose, random):
    for c in range(_COUNTERS):
        w0, w1, w2, w3 = philox(
            np.uint32(batch * _COUNTERS + c), np.uint32(row), random.stream, purpose,
            random.key0, random.key1,
        )  # fmt: skip
        words[c] = w0
        words[c + _COUNTERS] = w1
        words[c + 2 * _COUNTERS] = w2
        words[c + 3 * _COUNTERS] = w3


@inline
def _below(word, n):
    """A whole number from 0 to n - 1 from a random word."""
    return np.int64((np.uint64(word) * np.uint64(n)) >> _32)


@inline
def _uniform(word):
    return (np.float64(word) + 0.5) * _UNIT


@inline
def _all(others, n_others, itself):
    count = 0
    for other in range(n_others):
        if other != itself:
            others[count] = np.uint32(other)
            count += 1
    return count


@inline
def _with_replacement(others, words, row, degree, n_others, itself, random):
    count, used, batch = 0, _WORDS, 0
    while count < degree:
        if used == _WORDS:
            _refill(words, batch, row, TARGET_DRAWS, random)
            batch += 1
            used = 0
        other = _below(words[used], n_others)
        used += 1
        others[count] = np.uint32(other)
        count += np.int64(other != itself)
    return count


@inline
def _distinct(others, marks, words, row, count, itself, n_others, threshold, alias, random):
    """Draw ``count`` different places, none of them ``itself``; marked with ``row + 1``."""
    mark = np.uint32(row + 1)
    if 0 <= itself < n_others:
        marks[itself] = mark
    weighted = len(alias) > 0
    used, batch, drawn = _WORDS, 0, 0
    while drawn < count:
        if used == _WORDS:
            _refill(words, batch, row, TARGET_DRAWS, random)
            batch += 1
            used = 0
        other = _below(words[used], n_others)
        used += 1
        if weighted:
            if words[used] >= threshold[other]:
                other = np.int64(alias[other])
            used += 1
        if marks[other] != mark:
            marks[other] = mark
            others[drawn] = np.uint32(other)
            drawn += 1


@inline
def _without_replacement(others, marks, words, row, degree, itself, n_others, threshold, alias, random):
    available = n_others - np.int64(0 <= itself < n_others)
    few = len(alias) > 0 or 2 * degree <= available
    wanted = degree if few else available - degree
    _distinct(others, marks, words, row, wanted, itself, n_others, threshold, alias, random)
    if few:
        return wanted
    count = 0
    for other in range(n_others):  # those drawn are left out
        if marks[other] != np.uint32(row + 1):
            others[count] = np.uint32(other)
            count += 1
    return count


@inline
def _bernoulli(others, words, row, probability, n_others, itself, random):
    """Each place with a probability: jump from one success to the next, the gaps are geometric."""
    scale = 0.0 if probability == 1 else 1 / np.log1p(-probability)
    used, batch, count = _WORDS, 0, 0
    other = -1
    while True:
        if used == _WORDS:
            _refill(words, batch, row, TARGET_DRAWS, random)
            batch += 1
            used = 0
        gap = np.log(_uniform(words[used])) * scale
        used += 1
        if gap >= n_others - other - 1:
            break
        other += 1 + np.int64(gap)
        if other != itself:
            others[count] = np.uint32(other)
            count += 1
    return count


@inline
def _ring(others, marks, words, row, degree, probability, n_others, random):
    """Watts and Strogatz (1998), Nature 393:440, directed: each edge of the ring is rewired or stays."""
    mark, half = np.uint32(row + 1), degree // 2
    marks[row] = mark
    for j in range(half):
        others[2 * j] = np.uint32((row + j + 1) % n_others)
        others[2 * j + 1] = np.uint32((row - j - 1 + n_others) % n_others)
    for j in range(2 * half):
        marks[others[j]] = mark
    if 2 * half == n_others - 1:
        return 2 * half  # all others are targets: there is nowhere else to go
    for j in range(2 * half):
        if j % _WORDS == 0:
            _refill(words, j // _WORDS, row, TARGET_DRAWS, random)
        if _uniform(words[j % _WORDS]) < probability:
            other = _free_place(marks, mark, row, j, n_others, random)
            marks[others[j]] = np.uint32(0)
            marks[other] = mark
            others[j] = np.uint32(other)
    return 2 * half


@inline
def _free_place(marks, mark, row, j, n_others, random):
    """A place drawn from those that are not marked; there has to be one."""
    attempt = 0
    while True:
        purpose = REWIRE_DRAWS | np.uint32(attempt << 8)
        word = philox(np.uint32(j), np.uint32(row), random.stream, purpose, random.key0, random.key1)[0]
        other = _below(word, n_others)
        if marks[other] != mark:
            return other
        attempt += 1


@inline
def distance(space, row, other):
    """Distance of a source and a target: the shortest way where axes are periodic."""
    total = 0.0
    for axis in range(3):
        d = space.targets[other, axis] - space.sources[row, axis]
        d -= space.period[axis] * np.rint(d * space.per_period[axis])
        total += d * d
    return np.sqrt(total)


@inline
def _chance(d, kind, peak, scale, reach):
    if d > reach:
        return 0.0
    if kind == GAUSSIAN:
        return peak * np.exp(-0.5 * (d / scale) ** 2)
    if kind == EXPONENTIAL_FALL:
        return peak * np.exp(-d / scale)
    return peak


@inline
def _near(others, words, row, itself, space, random):
    """Each place with the probability of its distance.

    Within a cell candidates are drawn with the highest probability that a target there can have, and
    kept with the ratio of its own to that. An exponential waiting time runs over targets and cells alike
    until it is used up at the next candidate, so that a cell without one costs a comparison. Testing
    each pair within reach of a Gaussian would draw 22 numbers for one synapse.
    """
    first = philox(_FIRST_GAP, np.uint32(row), random.stream, TARGET_DRAWS, random.key0, random.key1)[0]
    left = -np.log(_uniform(first))
    used, batch, count = _WORDS, 0, 0
    axes, steps = space.axes, space.steps
    x, y, z = space.home[row, 0], space.home[row, 1], space.home[row, 2]
    for step in range(len(steps)):
        cell = axes[x + steps[step, 0]] + axes[y + steps[step, 1]] + axes[z + steps[step, 2]]
        if cell < 0:
            continue
        place, end = space.start[cell], space.start[cell + 1]
        hazard = space.hazard[step]
        while place < end:
            if left > hazard * (end - place):
                left -= hazard * (end - place)
                break
            place = min(place + np.int64(left / hazard), end - 1)
            if used == _WORDS:
                _refill(words, batch, row, TARGET_DRAWS, random)
                batch += 1
                used = 0
            other = space.members[place]
            height = _uniform(words[used]) * space.bound[step]
            kept = height < space.least[step]
            if not kept:  # only then it matters where exactly the target is
                d = distance(space, row, other)
                kept = height < _chance(d, space.kind, space.peak, space.scale, space.reach)
            if kept and other != itself:
                others[count] = other
                count += 1
            left = -np.log(_uniform(words[used + 1]))
            used += 2
            place += 1
    return count


@shared
def draw_row(row, rule, others, marks, words, random):
    """Draw the other side of a row's synapses into ``others``; returns how many there are."""
    n_others = rule.n_others
    itself = -1 if rule.autapses else row + rule.itself
    count = 0
    if rule.kind == ONE:
        others[0] = np.uint32(row)
        count = np.int64(row != itself)
    elif rule.kind == ALL:
        count = _all(others, n_others, itself)
    elif (rule.kind == DEGREE and rule.multapses) or rule.kind == DEGREES:
        degree = rule.degree if rule.kind == DEGREE else np.int64(rule.degrees[row])
        count = _with_replacement(others, words, row, degree, n_others, itself, random)
    elif rule.kind == DEGREE or rule.kind == WEIGHTED_PLACES:
        count = _without_replacement(
            others, marks, words, row, rule.degree, itself, n_others, rule.threshold, rule.alias, random
        )
    elif rule.kind == NEAR:
        count = _near(others, words, row, itself, rule.space, random)
    elif rule.kind == RING:
        count = _ring(others, marks, words, row, rule.degree, rule.probability, n_others, random)
    elif rule.probability > 0:
        count = _bernoulli(others, words, row, rule.probability, n_others, itself, random)
    return count


@kernel
def count_sources(flags, counts, words, n, n_others, itself, autapses, random):
    """Draw the source of each of ``n`` synapses and count: how many there are in each row.

    Pairs of a neuron with itself are drawn again where there should be none, so that all others are
    equally likely. Threads take turns, and add up their counts afterwards.
    """
    chunk = team.add(flags, 0, 1)
    while chunk * _COUNTED_AT_ONCE < n:
        quota = min(_COUNTED_AT_ONCE, n - chunk * _COUNTED_AT_ONCE)
        used, batch, drawn = _WORDS, 0, 0
        while drawn < quota:
            if used == _WORDS:
                _refill(words, batch, chunk, COUNT_DRAWS, random)
                batch += 1
                used = 0
            row = _below(words[used], len(counts))
            used += 1
            kept = True
            if not autapses:
                kept = _below(words[used], n_others) != row + itself
                used += 1
            counts[row] += np.uint32(kept)
            drawn += np.int64(kept)
        chunk = team.add(flags, 0, 1)


@kernel
def fill_alias(weights, threshold, alias, order):
    """Make an alias table (Walker 1977, Vose 1991): a place is kept below its threshold.

    ``weights`` have mean 1 and are used up.
    """
    n = len(weights)
    small, large = 0, n  # two stacks in ``order``, from its ends
    for i in range(n):
        if weights[i] < 1:
            order[small] = i
            small += 1
        else:
            large -= 1
            order[large] = i
    while small > 0 and large < n:
        small -= 1
        poor, rich = order[small], order[large]
        threshold[poor] = np.uint32(min(weights[poor] * 2.0**32, 2.0**32 - 1))
        alias[poor] = np.uint32(rich)
        weights[rich] -= 1 - weights[poor]
        if weights[rich] < 1:
            large += 1
            order[small] = rich
            small += 1
    for k in range(small):
        threshold[order[k]], alias[order[k]] = np.uint32(0xFFFFFFFF), np.uint32(order[k])
    for k in range(large, n):
        threshold[order[k]], alias[order[k]] = np.uint32(0xFFFFFFFF), np.uint32(order[k])
