"""Who is in a row: the other side of all synapses of one source (or, for a fixed in-degree, one target).

The words of a row are a function of (seed, projection, row), so any thread may draw any row, again and
again.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from izhi_numba.kernels import team
from izhi_numba.kernels.jit import inline, kernel, shared
from izhi_numba.kernels.rng import COUNT_DRAWS, REWIRE_DRAWS, TARGET_DRAWS, log_float32, philox

# Rules, in terms of rows.
ALL, ONE, DEGREE, PROBABILITY, DEGREES, NEAR, RING, WEIGHTED_PLACES = range(8)
# How probability falls with distance.
FLAT, GAUSSIAN, EXPONENTIAL_FALL = range(3)

_COUNTERS = 32
_WORDS = 4 * _COUNTERS  # drawn at once: a power of two
_32 = np.uint64(32)
_UNIT = 2.0**-32
_COUNTED_AT_ONCE = 2**20


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
    scale: Any  # float64
    reach: Any  # float64, no synapses beyond
    lift: Any  # float64, log of the probability at distance 0
    axes: Any  # int64, the three axes one after another: cells, wrapped; numbers add up to the cell's
    home: Any  # int64 (n_rows, 3), where in ``axes`` the first step of each source leads
    order: Any  # uint32 (n_rows,), sources by their cells
    start: Any  # int64 (n_cells + 1,), first target of each cell
    members: Any  # uint32 (n_others,), targets ordered by cell
    places: Any  # three float64 arrays (n_others,), where these are
    steps: Any  # int64 (n_steps, 3), from there to all cells within reach
    hazard: Any  # float64 (n_steps,), -log(1 - highest probability between two such cells); inf: test all
    lifts: Any  # float64 (n_steps,), log of the probability at distance 0 over the highest
    sure: Any  # float64 (n_steps,), log of the highest probability over the lowest


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
    waits: Any  # float32 (_WORDS,), exponential numbers
    kept: Any  # bool (_WORDS,)
    delays: Any  # uint32, place in the table of delays, by the place in the row
    weights: Any  # float64


def scratch(n_others: int, longest: int, *, columns: bool = False) -> Scratch:
    """Return work space for rows of up to ``longest`` synapses; with values where rows are columns."""
    held = longest if columns else 0
    return Scratch(
        np.empty(longest, np.uint32),
        np.zeros(n_others, np.uint32),
        np.empty(_WORDS, np.uint32),
        np.empty(_WORDS, np.float32),
        np.empty(_WORDS, np.bool_),
        np.empty(held, np.uint32),
        np.empty(held),
    )


def no_space() -> Space:
    """Return what stands for positions where there are none."""
    places, whole = np.zeros((0, 3)), np.zeros((0, 3), np.int64)
    nothing, none = np.zeros(0), np.zeros(0, np.int64)
    return Space(
        places, places, nothing, nothing, FLAT, 1.0, 0.0, 0.0, none, whole, np.zeros(0, np.uint32), none,
        np.zeros(0, np.uint32), (nothing, nothing, nothing), whole, nothing, nothing, nothing,
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
def _word(words, k, row, purpose, random):
    """The ``k``-th random word of a row; they are asked for one after the other."""
    place = k & (_WORDS - 1)
    if place == 0:
        _refill(words, k // _WORDS, row, purpose, random)
    return words[place]


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
    count, used = 0, 0
    while count < degree:
        other = _below(_word(words, used, row, TARGET_DRAWS, random), n_others)
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
    used, drawn = 0, 0
    while drawn < count:
        other = _below(_word(words, used, row, TARGET_DRAWS, random), n_others)
        used += 1
        if weighted:
            if _word(words, used, row, TARGET_DRAWS, random) >= threshold[other]:
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
    used, count = 0, 0
    other = -1
    while True:
        gap = np.log(_uniform(_word(words, used, row, TARGET_DRAWS, random))) * scale
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
        if _uniform(_word(words, j, row, TARGET_DRAWS, random)) < probability:
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
def _farthest_square(wait, kind, scale, square):
    """Square of the distance up to which a target is kept, for an exponential number: negative for none.

    A uniform number is below exp(-x) where an exponential number is above x: so nobody needs an exp.
    """
    if kind == GAUSSIAN:
        limit = 2 * scale * scale * wait
    elif kind == EXPONENTIAL_FALL:
        limit = scale * wait * abs(scale * wait)
    else:
        limit = square if wait >= 0 else -1.0
    return min(limit, square)


@inline
def _square(dx, dy, dz, period, per_period):
    """Square of a distance: the shortest way where axes are periodic."""
    dx -= period[0] * np.rint(dx * per_period[0])
    dy -= period[1] * np.rint(dy * per_period[1])
    dz -= period[2] * np.rint(dz * per_period[2])
    return dx * dx + dy * dy + dz * dz


@shared
def _wait(words, waits, batch, row, random):
    """Draw exponential numbers."""
    _refill(words, batch, row, TARGET_DRAWS, random)
    for k in range(_WORDS):
        waits[k] = -log_float32(np.float32((np.float64(words[k]) + 0.5) * _UNIT))


@shared
def _test(waits, kept, xs, ys, zs, x, y, z, space):
    """Whether each of some targets that lie side by side is kept."""
    kind, scale, lift, square = space.kind, space.scale, space.lift, space.reach * space.reach
    for k in range(len(xs)):
        limit = _farthest_square(waits[k] + lift, kind, scale, square)
        kept[k] = _square(xs[k] - x, ys[k] - y, zs[k] - z, space.period, space.per_period) <= limit


@inline
def _near(others, work, row, itself, space, random):
    """Each place with the probability of its distance.

    In cells near by each target is tested. In others candidates are drawn with the highest probability
    that a target there can have, and kept with the ratio of its own to that: an exponential waiting time
    runs over targets and cells alike until it is used up at the next candidate, so that a cell without one
    costs a comparison. Testing each pair within reach of a Gaussian would draw 22 numbers for one synapse.

    Where candidates were drawn in all cells, each with a log, an exp and a root of its own, 100 million
    synapses of a Gaussian, an exponential and a cut-off took 46, 49 and 17 s of processor time in two
    dimensions, 103, 85 and 39 in three; now 8, 10 and 10, and 20, 23 and 22. What helped: numbers drawn 128
    at a time, squares of distances compared with exponential numbers, targets lying by cells, and sources
    that follow one another in space.
    """
    words, waits, kept = work.words, work.waits, work.kept
    axes, steps, members = space.axes, space.steps, space.members
    cell_x, cell_y, cell_z = space.home[row, 0], space.home[row, 1], space.home[row, 2]
    x, y, z = space.sources[row, 0], space.sources[row, 1], space.sources[row, 2]
    all_x, all_y, all_z = space.places
    square = space.reach * space.reach
    _wait(words, waits, 0, row, random)
    left, used, batch, count = np.float64(waits[0]), 1, 1, 0
    for step in range(len(steps)):
        cell = axes[cell_x + steps[step, 0]] + axes[cell_y + steps[step, 1]] + axes[cell_z + steps[step, 2]]
        if cell < 0:
            continue
        place, end = space.start[cell], space.start[cell + 1]
        hazard = space.hazard[step]
        if hazard == np.inf:
            while place < end:
                if used == _WORDS:
                    _wait(words, waits, batch, row, random)
                    batch, used = batch + 1, 0
                n = min(end - place, _WORDS - used)
                xs, ys, zs = all_x[place : place + n], all_y[place : place + n], all_z[place : place + n]
                _test(waits[used:], kept, xs, ys, zs, x, y, z, space)
                for k in range(n):
                    others[count] = members[place + k]
                    count += np.int64(kept[k] and members[place + k] != itself)
                place, used = place + n, used + n
            continue
        while True:
            if left > hazard * (end - place):
                left -= hazard * (end - place)
                break
            place = min(place + np.int64(left / hazard), end - 1)
            if used + 2 > _WORDS:
                _wait(words, waits, batch, row, random)
                batch, used = batch + 1, 0
            wait = np.float64(waits[used])
            held = wait >= space.sure[step]
            if not held:  # only then it matters where exactly the target is
                limit = _farthest_square(wait + space.lifts[step], space.kind, space.scale, square)
                dx, dy, dz = all_x[place] - x, all_y[place] - y, all_z[place] - z
                held = _square(dx, dy, dz, space.period, space.per_period) <= limit
            other = members[place]
            others[count] = other
            count += np.int64(held and other != itself)
            left = np.float64(waits[used + 1])
            used += 2
            place += 1
            if place == end:
                break
    return count


@inline
def in_turn(k, rule):
    """The row that is drawn as ``k``-th: in space those of a cell one after the other."""
    return np.int64(rule.space.order[k]) if rule.kind == NEAR else k


@shared
def draw_row(row, rule, work, random):
    """Draw the other side of a row's synapses into ``others``; returns how many there are."""
    n_others, others, marks, words = rule.n_others, work.others, work.marks, work.words
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
        count = _near(others, work, row, itself, rule.space, random)
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
        used, drawn = 0, 0
        while drawn < quota:
            row = _below(_word(words, used, chunk, COUNT_DRAWS, random), len(counts))
            used += 1
            kept = True
            if not autapses:
                kept = _below(_word(words, used, chunk, COUNT_DRAWS, random), n_others) != row + itself
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
