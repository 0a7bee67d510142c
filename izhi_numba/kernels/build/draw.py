"""Who is in a row: the other side of all synapses of one source (or, for a fixed in-degree, one target).

The words of a row are a function of (seed, projection, row), so any thread may draw any row, again and
again.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from izhi_numba.kernels import team
from izhi_numba.kernels.build.space import draw_near
from izhi_numba.kernels.build.words import N_WORDS, below, uniform_of, word_of
from izhi_numba.kernels.jit import inline, kernel, of_team, shared
from izhi_numba.kernels.rng import COUNT_DRAWS, REWIRE_DRAWS, TARGET_DRAWS, philox

# Rules, in terms of rows.
ALL, ONE, DEGREE, PROBABILITY, DEGREES, NEAR, RING, WEIGHTED_PLACES = range(8)

_COUNTED_AT_ONCE = 2**20


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
    selves: Any  # int64 (n_rows,), places of the rows there, below 0: none; empty: they follow row 0
    degrees: Any  # uint32 (n_rows,) for DEGREES, and for DEGREE where they differ; else empty
    threshold: Any  # uint32 (n_others,) for WEIGHTED_PLACES: alias table of Walker (1977)
    alias: Any  # uint32 (n_others,)
    space: Any  # Space, for NEAR

    @property
    def has_arrays(self):
        """Whether it needs more than numbers."""
        return self.kind in (DEGREES, NEAR, WEIGHTED_PLACES) or len(self.selves) > 0 or len(self.degrees) > 0


class Scratch(NamedTuple):
    """What each thread needs to draw a row; what one of them has is without the first axis."""

    others: Any  # uint32 (n_threads, n_others + degree)
    marks: Any  # uint32 (n_threads, n_others), the row that last took a place, plus one
    words: Any  # uint32 (n_threads, N_WORDS), random words
    waits: Any  # float32 (n_threads, N_WORDS), exponential numbers
    kept: Any  # bool (n_threads, N_WORDS)
    neurons: Any  # uint32 (n_threads, any), ``others`` as neurons, where these are no neighbours
    delays: Any  # uint32 (n_threads, any), place in the table of delays, by the place in the row
    weights: Any  # float64 (n_threads, any)


def scratch(
    n_threads: int, n_others: int, longest: int, *, columns: bool = False, listed: bool = False
) -> Scratch:
    """Return work space for rows of up to ``longest`` synapses.

    With values where rows are columns, and with neurons where the other side is listed.
    """
    held = longest if columns else 0
    return Scratch(
        np.empty((n_threads, longest), np.uint32),
        np.zeros((n_threads, n_others), np.uint32),
        np.empty((n_threads, N_WORDS), np.uint32),
        np.empty((n_threads, N_WORDS), np.float32),
        np.empty((n_threads, N_WORDS), np.bool_),
        np.empty((n_threads, longest if listed else 0), np.uint32),
        np.empty((n_threads, held), np.uint32),
        np.empty((n_threads, held)),
    )


@inline
def scratch_of(thread, work):
    """Return what one thread needs."""
    return Scratch(
        work.others[thread], work.marks[thread], work.words[thread], work.waits[thread], work.kept[thread],
        work.neurons[thread], work.delays[thread], work.weights[thread],
    )  # fmt: skip


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
        other = below(word_of(words, used, row, TARGET_DRAWS, random), n_others)
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
        other = below(word_of(words, used, row, TARGET_DRAWS, random), n_others)
        used += 1
        if weighted:
            if word_of(words, used, row, TARGET_DRAWS, random) >= threshold[other]:
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
        gap = np.log(uniform_of(word_of(words, used, row, TARGET_DRAWS, random))) * scale
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
        if uniform_of(word_of(words, j, row, TARGET_DRAWS, random)) < probability:
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
        other = below(word, n_others)
        if marks[other] != mark:
            return other
        attempt += 1


@inline
def in_turn(k, rule):
    """The row that is drawn as ``k``-th: in space those of a cell one after the other."""
    return np.int64(rule.space.order[k]) if rule.kind == NEAR else k


@inline
def _itself(row, rule):
    """Place of a row on the other side, which need not be there."""
    return row + rule.itself if len(rule.selves) == 0 else rule.selves[row]


@shared
def draw_row(row, rule, work, random):
    """Draw the other side of a row's synapses into ``others``; returns how many there are."""
    n_others, others, marks, words = rule.n_others, work.others, work.marks, work.words
    itself = -1 if rule.autapses else _itself(row, rule)
    count = 0
    if rule.kind == ONE:
        others[0] = np.uint32(row)
        count = np.int64(row != itself)
    elif rule.kind == ALL:
        count = _all(others, n_others, itself)
    elif (rule.kind == DEGREE and rule.multapses) or rule.kind == DEGREES:
        degree = rule.degree if len(rule.degrees) == 0 else np.int64(rule.degrees[row])
        count = _with_replacement(others, words, row, degree, n_others, itself, random)
    elif rule.kind == DEGREE or rule.kind == WEIGHTED_PLACES:
        degree = rule.degree if len(rule.degrees) == 0 else np.int64(rule.degrees[row])
        count = _without_replacement(
            others, marks, words, row, degree, itself, n_others, rule.threshold, rule.alias, random
        )
    elif rule.kind == NEAR:
        count = draw_near(others, work, row, itself, rule.space, random)
    elif rule.kind == RING:
        count = _ring(others, marks, words, row, rule.degree, rule.probability, n_others, random)
    elif rule.probability > 0:
        count = _bernoulli(others, words, row, rule.probability, n_others, itself, random)
    return count


class SourceCount(NamedTuple):
    """A job: draw the source of each of ``n`` synapses, and count how many each row gets."""

    turns: Any
    n: Any  # int64
    n_others: Any  # int64
    itself: Any  # int64, as in a rule
    selves: Any  # int64 (n_rows,) or empty
    autapses: Any  # bool
    random: Any  # Random
    counts: Any  # uint32 (n_threads, n_rows), which add up to those of each row
    words: Any  # uint32 (n_threads, N_WORDS), work space

    @property
    def n_parts(self) -> int:
        """Parts that the job is done in."""
        return int(-(-self.n // _COUNTED_AT_ONCE))


@of_team
def _count_sources(thread, job):
    n, random, counts, words = job.n, job.random, job.counts[thread], job.words[thread]
    chunk = team.turn(job.turns)
    while chunk < job.turns[team.END]:
        quota = min(_COUNTED_AT_ONCE, n - chunk * _COUNTED_AT_ONCE)
        used, drawn = 0, 0
        while drawn < quota:
            row = below(word_of(words, used, chunk, COUNT_DRAWS, random), len(counts))
            used += 1
            kept = True
            if not job.autapses:
                other = below(word_of(words, used, chunk, COUNT_DRAWS, random), job.n_others)
                kept = other != _itself(row, job)
                used += 1
            counts[row] += np.uint32(kept)
            drawn += np.int64(kept)
        chunk = team.turn(job.turns)


@kernel
def count_sources(helpers, n_threads, job):
    """Draw the source of each synapse and count: how many there are in each row.

    Pairs of a neuron with itself are drawn again where there should be none, so that all others are
    equally likely.
    """
    team.lead(helpers, n_threads, team.job_of(_count_sources, job))


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
