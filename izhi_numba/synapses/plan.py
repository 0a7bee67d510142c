"""The plan of a projection: what will be built, checked, before anything is drawn or taken."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.selection import Chosen, hull, n_common, size_of
from izhi_numba.connectivity.rules import Rule
from izhi_numba.kernels import team
from izhi_numba.kernels.build import draw, generate
from izhi_numba.kernels.build.words import Random
from izhi_numba.synapses.learning import Learning
from izhi_numba.synapses.ways import LONGEST_LAG, Load, Sums

_FAR = 2**40
_WORTH_A_PASS = 2**18  # rows, a megabyte in each block
TARGET = np.dtype(np.uint16)
# Synapses of a target from which on equal weights are not added one by one in single precision, as 1e-4 of
# the sum may be lost. Counts take sums of their own, which are read and emptied in each step.
_MANY = 4096


@dataclass(frozen=True)
class Plan:
    """What a projection will be, checked, before anything is built or taken."""

    pre: Chosen
    post: Chosen
    same: bool  # whether sources and targets are of one pool
    rule: Rule
    weight: generate.Values
    delay: generate.Values
    delays: Array  # int64, steps, ascending
    # Steps that a delay has at least: 1 of a jump, which is due at the end of a step, and is added in the one
    # before the step in which others would be.
    least: int
    too_short: bool  # whether delays were asked for, and all are rounded to 0
    dt: float
    dtype: np.dtype[Any]
    random: Random
    learning: Learning | None = None

    @functools.cached_property
    def dense(self) -> bool:
        """Whether all pairs are stored in order, without targets."""
        all_pairs = self.rule.rows == "sources" and self.rule.kind == draw.ALL
        return all_pairs and len(self.delays) == 1 and self.of_neighbours and self.learning is None

    @functools.cached_property
    def weighted(self) -> bool:
        """Whether each synapse has a weight of its own."""
        return bool(self.weight.kind != generate.CONSTANT or self.learning is not None)

    @functools.cached_property
    def counted(self) -> bool:
        """Whether its spikes are counted for each target, and multiplied by the weight.

        A million equal weights of 0.1 add up to 100,958 in single precision. Counts are exact up to 2**24.
        """
        many = self.expected_synapses >= _MANY * max(1, self.n_post)
        return self.dtype == np.float32 and not self.weighted and many

    def sums(self, receptor: str, number: int) -> Sums:
        """Which sums the weights of a projection with this number go to."""
        if self.learning is not None:
            return Sums(receptor, learned_at=self.learning.delay_at)
        return Sums(receptor, number) if self.counted else _sums_of_all(receptor)

    @functools.cached_property
    def n_pre(self) -> int:
        """Neurons that may be sources."""
        return size_of(self.pre)

    @functools.cached_property
    def n_post(self) -> int:
        """Neurons that may be targets."""
        return size_of(self.post)

    @property
    def of_neighbours(self) -> bool:
        """Whether sources are neighbours, and targets are."""
        return isinstance(self.pre, slice) and isinstance(self.post, slice)

    @property
    def from_to(self) -> slice:
        """All neurons from the first source to the last: each has rows, also those between that are none."""
        return hull(self.pre)

    @property
    def onto(self) -> slice:
        """All neurons from the first target to the last."""
        return hull(self.post)

    @property
    def n_sources(self) -> int:
        """Neurons that have rows."""
        return self.n_pre if isinstance(self.pre, slice) else size_of(self.from_to)

    @functools.cached_property
    def expected_synapses(self) -> int:
        """How many synapses there will be, or a little more."""
        return self.rule.expected_synapses(self.n_pre, self.n_post)

    @functools.cached_property
    def equal_rows(self) -> bool:
        """Whether each neuron that has rows has as many synapses, which is known before they are drawn."""
        rule = self.rule
        equal = rule.rows == "sources" and rule.kind == draw.DEGREE and rule.degrees is None
        return equal and isinstance(self.pre, slice)

    def for_kernel(self, threads: int) -> draw.Rule:
        """What the kernels need to draw any row."""
        pre = self.pre if self.same else elsewhere(self.pre)
        return self.rule.for_kernel(pre, self.post, self.random, threads)

    @functools.cached_property
    def many_delays(self) -> bool:
        """Whether so many delays are possible that those that occur are looked for first."""
        drawn = self.delay.kind not in (generate.CONSTANT, generate.GIVEN)
        return drawn and self.n_sources * len(self.delays) > max(self.expected_synapses, _WORTH_A_PASS)

    @functools.cached_property
    def load(self) -> Load:
        """What delivery will have to do for it."""
        shortest, longest = int(self.delays[0]), int(self.delays[-1])
        span = longest - shortest
        by_source = False if self.dense else None
        if self.learning is not None:  # one visit to a row, or one for each delay
            by_source = self.learning.is_dendritic and 0 < span <= LONGEST_LAG
        return Load(self.expected_synapses, self.n_sources, len(self.delays), span, longest, by_source)

    def rows(self, *, by_source: bool) -> int:
        """Rows that each block has at most, and their end."""
        if self.dense:
            return 0
        if by_source:
            return self.n_sources + 1
        n_delays = len(self.delays)
        n_occur = min(n_delays, max(1, self.expected_synapses)) if self.many_delays else n_delays
        return self.n_sources * n_occur + 1

    def record_bytes(self, *, by_source: bool) -> int:
        """Bytes that its synapses take, without what there is of each row."""
        each = self.dtype.itemsize if self.weighted else 0
        each += 0 if self.dense else TARGET.itemsize
        each += lag_bytes(self.delays) if by_source else 0
        each += 0 if self.learning is None else self.learning.synapse_bytes
        return self.expected_synapses * each

    def row_bytes(self, *, by_source: bool) -> int:
        """Bytes of all rows in each block: where they begin, and what is held of those that learn."""
        each = 4 + (0 if self.learning is None else self.learning.row_bytes)
        return each * self.rows(by_source=by_source)

    def stored(self, n_blocks: int, *, by_source: bool) -> int:
        """Bytes that its synapses take at most, cut in so many blocks."""
        return self.record_bytes(by_source=by_source) + self.row_bytes(by_source=by_source) * n_blocks

    def work(self, n_blocks: int, threads: int, *, by_source: bool) -> int:
        """Bytes that drawing takes besides, with the arrays given for it."""
        given = self.held
        if self.dense:
            return given
        n_others, columns = max(self.n_pre, self.n_post), self.rule.rows == "targets"
        longest = max(n_others, self.rule.degree)
        scratch = 0 if self.rule.rows == "list" else 4 * n_others + (16 if columns else 4) * longest
        if not self.of_neighbours:
            given += self.rule.held + 8 * (self.n_sources + size_of(self.onto))
            scratch += 4 * longest
        if self.many_delays or by_source:
            scratch += 4 * (1 + self.load.span) * n_blocks
        tables = self.rule.work(self.n_pre, self.n_post, threads)
        return given + tables + threads * scratch + 4 * self.rows(by_source=by_source) * n_blocks

    @property
    def held(self) -> int:
        """Bytes of pairs, weights and delays that were given; they are let go when it is drawn."""
        return int(self.rule.held + self.weight.given.nbytes + self.delay.given.nbytes)

    @property
    def given(self) -> bool:
        """Whether pairs, weights or delays were given, and cannot be drawn again."""
        return self.rule.rows == "list" or generate.GIVEN in (self.weight.kind, self.delay.kind)

    def without_given(self) -> Plan:
        """What is still to be known once it is drawn."""
        rule, nothing = self.rule.without_given(), np.zeros(0)
        if rule is self.rule and not self.weight.given.size and not self.delay.given.size:
            return self
        return replace(
            self, rule=rule, weight=self.weight._replace(given=nothing),
            delay=self.delay._replace(given=nothing),
        )  # fmt: skip


@functools.cache
def _sums_of_all(receptor: str) -> Sums:
    """The sums that projections have in common; one object, as there are very many projections."""
    return Sums(receptor)


def lag_bytes(delays: Array) -> int:
    """Bytes in which a synapse can tell which of ascending delays it has, counted from the shortest."""
    return 1 if delays[-1] - delays[0] < 256 else 2


def elsewhere(neurons: Chosen) -> Chosen:
    """Neurons of another pool, as if they came after all of this one: none is its own target."""
    if isinstance(neurons, slice):
        return slice(neurons.start + _FAR, neurons.stop + _FAR)
    return neurons + _FAR


def counted_synapses(plan: Plan, threads: int) -> int:
    """Synapses of a projection: known, or drawn and counted; nothing is kept."""
    rule = plan.rule
    if rule.rows != "list" and rule.kind == draw.ALL:
        return n_pairs(plan)
    if rule.degrees is not None:
        return int(plan.for_kernel(threads).degrees.sum(dtype=np.int64))
    if rule.rows == "list" or rule.kind not in (draw.PROBABILITY, draw.NEAR):
        return plan.expected_synapses
    for_kernel, totals = plan.for_kernel(threads), np.zeros(threads, np.int64)
    work = scratch(for_kernel, threads, columns=rule.rows == "targets")
    job = generate.Count(team.turns(), for_kernel, plan.random, work, totals)
    team.in_portions(generate.count, threads, job, job.n_parts)
    return int(totals.sum())


def scratch(rule: draw.Rule, threads: int, *, columns: bool) -> draw.Scratch:
    """Work space of threads that draw rows."""
    return draw.scratch(threads, rule.n_others, max(rule.n_others, rule.degree), columns=columns)


def n_pairs(plan: Plan) -> int:
    """Pairs of all to all."""
    alone = n_common(plan.pre, plan.post) if plan.same and not plan.rule.autapses else 0
    return plan.n_pre * plan.n_post - alone
