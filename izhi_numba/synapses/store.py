"""What delivery reads: synapses in rows by source and delay, cut by blocks of targets.

Projections between the same neurons share their rows where they can, as in a cortical column of eight
populations: a visit to a row costs as much as twenty of its synapses, and one row of forty is twice as
fast as eight of five.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.connectivity.rules import Rule
from izhi_numba.kernels import layout, team
from izhi_numba.kernels.build import draw, generate
from izhi_numba.kernels.build.words import Random

_FAR = 2**40
_WORTH_A_PASS = 2**18  # rows, a megabyte in each block
_MOST_IN_A_PIECE = 2**32 - 1
_RING_BYTES = 2**20  # of the ring of half a pool: about as much as a core has a cache for
_MOST_SLOTS = 5
_WORTH_A_RING = 0.05  # visits in a step for each neuron, at a rate of
_USUAL_RATE = 5e-3  # spikes per ms
TARGET = np.dtype(np.uint16)
MOST_IN_A_BLOCK = 2**16  # targets, whose places fit 16 bits


@dataclass(frozen=True)
class Plan:
    """What a projection will be, checked, before anything is built or taken."""

    pre: slice
    post: slice
    same: bool  # whether sources and targets are of one pool
    rule: Rule
    weight: generate.Values
    delay: generate.Values
    delays: Array  # int64, steps, ascending
    dt: float
    dtype: np.dtype[Any]
    random: Random

    @property
    def dense(self) -> bool:
        """Whether all pairs are stored in order, without targets."""
        return self.rule.rows == "sources" and self.rule.kind == draw.ALL and len(self.delays) == 1

    @property
    def weighted(self) -> bool:
        """Whether each synapse has a weight of its own."""
        return bool(self.weight.kind != generate.CONSTANT)

    @property
    def n_pre(self) -> int:
        """Neurons that may be sources."""
        return int(self.pre.stop - self.pre.start)

    @property
    def n_post(self) -> int:
        """Neurons that may be targets."""
        return int(self.post.stop - self.post.start)

    @property
    def expected_synapses(self) -> int:
        """How many synapses there will be, or a little more."""
        return self.rule.expected_synapses(self.n_pre, self.n_post)

    def for_kernel(self, threads: int) -> draw.Rule:
        """What the kernels need to draw any row."""
        pre = self.pre if self.same else elsewhere(self.pre)
        return self.rule.for_kernel(pre, self.post, self.random, threads)

    @property
    def many_delays(self) -> bool:
        """Whether so many delays are possible that those that occur are looked for first."""
        drawn = self.delay.kind not in (generate.CONSTANT, generate.GIVEN)
        return drawn and self.n_pre * len(self.delays) > max(self.expected_synapses, _WORTH_A_PASS)

    @property
    def n_rows(self) -> int:
        """Store of a source and a delay that each block has at most, and their end."""
        if self.dense:
            return 0
        n_delays = len(self.delays)
        n_occur = min(n_delays, max(1, self.expected_synapses)) if self.many_delays else n_delays
        return self.n_pre * n_occur + 1

    def stored(self, n_blocks: int) -> int:
        """Bytes that its synapses take at most, cut in so many blocks."""
        weights = self.expected_synapses * self.dtype.itemsize if self.weighted else 0
        targets = 0 if self.dense else self.expected_synapses * TARGET.itemsize
        return weights + targets + 4 * self.n_rows * n_blocks

    def work(self, n_blocks: int, threads: int) -> int:
        """Bytes that drawing takes besides, with the arrays given for it."""
        given = self.held
        if self.dense:
            return given
        n_others, columns = max(self.n_pre, self.n_post), self.rule.rows == "targets"
        longest = max(n_others, self.rule.degree)
        scratch = 0 if self.rule.rows == "list" else 4 * n_others + (16 if columns else 4) * longest
        if self.many_delays:
            scratch += 4 * len(self.delays) * n_blocks
        tables = self.rule.work(self.n_pre, self.n_post, threads)
        return given + tables + threads * scratch + 4 * self.n_rows * n_blocks

    @property
    def held(self) -> int:
        """Bytes of pairs, weights and delays that were given; they are let go when it is drawn."""
        return int(self.rule.held + self.weight.given.nbytes + self.delay.given.nbytes)

    def without_given(self) -> Plan:
        """What is still to be known once it is drawn."""
        nothing = np.zeros(0)
        return replace(
            self, rule=self.rule.without_given(), weight=self.weight._replace(given=nothing),
            delay=self.delay._replace(given=nothing),
        )  # fmt: skip


def ring_slots(n: int, itemsize: int, visits: float) -> int:
    """Slots that the ring of sums of ``n`` neurons should have, for so many visits in a step.

    A visit costs as much as tens of synapses, more where rows don't stay in the cache from one step to the
    next. A ring saves visits, but is larger than one slot and has to be added to its port. In steps of 1 ms
    with delays of 1 to 20, at 0.1 visits a neuron, 100,000 neurons with 1000 synapses took 0.90, 0.80, 0.77
    and 0.85 of the time with 2, 4, 5 and 8 slots; 10,000 with 100 took 0.88 with 4 or 5, and 10,000 or
    30,000 with 1000 between 0.96 and 1.07. The full cortical microcircuit has 0.02 (steps of 0.1 ms, delays
    of some 6 ms): four slots made a step 1.2 times as long, sixteen 1.8 times.

    It does not go by the blocks, as the order of sums follows from it.
    """
    if visits < _WORTH_A_RING * n:
        return 1
    return max(1, min(_MOST_SLOTS, _RING_BYTES // (itemsize * min(-(-n // 2), MOST_IN_A_BLOCK))))


def bins(delays: Array, slots: int) -> Array:
    """Number of the first of the ascending delays in each bin, and the end: as few bins as there can be."""
    firsts = [0]
    for number, delay in enumerate(delays.tolist()):
        if delay - int(delays[firsts[-1]]) >= slots:
            firsts.append(number)
    return np.array([*firsts, len(delays)], np.int64)


def elsewhere(neurons: slice) -> slice:
    """Neurons of another pool, as if they came after all of this one: none is its own target."""
    return slice(neurons.start + _FAR, neurons.stop + _FAR)


@dataclass(frozen=True)
class Piece:
    """The synapses onto one block of targets."""

    start: Array  # uint32 (n_rows + 1,), where the synapses of a (source, delay) begin
    # Records of "target", counted from the block's first neuron, and "weight" where they differ; when dense
    # weights by source and target, or nothing.
    synapses: Array
    first_target: int
    n_targets: int


class Store:
    """The rows of one projection or of several between the same sources and targets.

    Attributes
    ----------
    plans : list of Plan
        Members, in the order in which they fill each row, without the arrays given for them.
    delays : int64 array
        Those that occur, in steps, ascending; where there are no synapses, one.
    delays_of : list of int64 arrays
        Those that occur in each member.
    sizes : list of int
        Synapses of each member.
    pieces : list of Piece
        One for each block of targets.
    factor : float array (1,)
        The weight where there is one for all, else a factor on all.
    stale : bool
        Whether the table has to be made again.
    changed : bool
        Whether weights are not those that rings of sums were made with.
    """

    def __init__(self, plans: list[Plan], bounds: Array, threads: int) -> None:
        first = plans[0]
        self.plans, self.bounds, self.threads = plans, bounds, threads
        self.pre, self.dtype, self.dense = first.pre, first.dtype, first.dense
        self.weighted = first.weighted
        self.factor = np.array([1.0 if self.weighted else first.weight.first], self.dtype)
        self.stale = self.changed = False
        self.bins = np.zeros(1, np.int64)
        self._counted: dict[int, list[Array]] = {}
        self.pieces = self._fill_dense() if self.dense else self._fill()
        self.plans = [plan.without_given() for plan in plans]

    @property
    def n_rows(self) -> int:
        """How many (source, delay) rows a block has."""
        return int(self.pre.stop - self.pre.start) * len(self.delays)

    @property
    def nbytes(self) -> int:
        """Memory held, in bytes."""
        counted = sum(count.nbytes for counts in self._counted.values() for count in counts)
        return sum(piece.start.nbytes + piece.synapses.nbytes for piece in self.pieces) + counted

    def nbytes_of(self, member: int) -> int:
        """Its share of the memory held, in bytes."""
        if len(self.plans) == 1:
            return self.nbytes
        starts = sum(piece.start.nbytes for piece in self.pieces) // len(self.plans)
        counted = sum(count.nbytes for count in self._counted.get(member, ()))
        return self.sizes[member] * self._record.itemsize + starts + counted

    @property
    def visits(self) -> float:
        """Visits to rows in a step, at a usual rate, where each delay has its own."""
        return self.n_rows * self.plans[0].dt * _USUAL_RATE

    def arrange(self, slots: int) -> int:
        """Cut the delays into bins that need at most so many slots of a ring; returns how many they need."""
        self.bins = bins(self.delays, slots)
        firsts, lasts = self.delays[self.bins[:-1]], self.delays[self.bins[1:] - 1]
        return int((lasts - firsts).max()) + 1

    def table(self) -> Array:
        """Store that describe the pieces to the kernels, see :mod:`izhi_numba.kernels.layout`.

        The columns that tell of pools are left to their owner.
        """
        return self._table(self.pieces)

    def _table(self, pieces: list[Piece], cursors: list[Array] | None = None) -> Array:
        table = np.zeros((len(pieces), layout.N_COLUMNS), np.int64)
        form = layout.DENSE if self.dense else layout.SPARSE
        for block, (row, piece) in enumerate(zip(table, pieces, strict=True)):
            row[layout.FORM], row[layout.WEIGHTED] = form, self.weighted
            row[layout.FIRST_SOURCE], row[layout.LAST_SOURCE] = self.pre.start, self.pre.stop
            row[layout.FIRST_TARGET], row[layout.N_TARGETS] = piece.first_target, piece.n_targets
            row[layout.N_DELAYS], row[layout.DELAYS] = len(self.delays), self.delays.ctypes.data
            row[layout.N_BINS], row[layout.BINS] = len(self.bins) - 1, self.bins.ctypes.data
            row[layout.START] = piece.start.ctypes.data
            row[layout.SYNAPSES], row[layout.WIDTH] = piece.synapses.ctypes.data, piece.synapses.itemsize
            row[layout.SKIP_SELF] = self.plans[0].same and not self.plans[0].rule.autapses
            row[layout.FACTOR] = self.factor.ctypes.data
            if cursors is not None:
                row[layout.CURSOR] = cursors[block].ctypes.data
        return table

    # Building

    def _fill_dense(self) -> list[Piece]:
        plan = self.plans[0]
        self.delays, self.delays_of, self.sizes = plan.delays, [plan.delays], [n_pairs(plan)]
        empty = np.zeros(1, np.uint32)
        pieces = []
        for first, last in itertools.pairwise(self.bounds.tolist()):
            first, last = max(first, plan.post.start), min(last, plan.post.stop)
            n = max(0, last - first)
            size = n * plan.n_pre if plan.weighted else 0
            pieces.append(Piece(empty, np.empty(size, plan.dtype), first, n))
        if plan.weighted:
            job = generate.Dense(
                team.turns(), plan.for_kernel(self.threads), plan.weight, plan.post.start,
                self._table(pieces), np.empty(0, plan.dtype), plan.random,
            )  # fmt: skip
            team.in_portions(generate.fill_dense, self.threads, job, job.n_parts)
        return pieces

    def _fill(self) -> list[Piece]:
        empty = np.zeros(0, self._record)
        blocks = list(itertools.pairwise(self.bounds.tolist()))
        pieces = [Piece(np.zeros(0, np.uint32), empty, first, last - first) for first, last in blocks]
        rules = [plan.for_kernel(self.threads) for plan in self.plans]  # which may cost as much as a pass
        possible = [self._possible(*member, pieces) for member in zip(self.plans, rules, strict=True)]
        self.delays = np.unique(np.concatenate(possible))
        cursors = self._count(rules, pieces)
        for b, (first, last) in enumerate(blocks):
            n_synapses = int(cursors[b].sum(dtype=np.uint64))
            if n_synapses > _MOST_IN_A_PIECE:
                raise ValueError(
                    f"{self.plans[0].rule.name}: {n_synapses} synapses onto neurons {first} to {last - 1}, at"
                    f" most {_MOST_IN_A_PIECE} are possible: use more threads (each has its own neurons)"
                )
            start = np.zeros(self.n_rows + 1, np.uint32)
            np.cumsum(cursors[b], dtype=np.uint32, out=start[1:])
            cursors[b][:] = start[:-1]
            pieces[b] = Piece(start, np.empty(n_synapses, self._record), first, last - first)
        for plan, rule in zip(self.plans, rules, strict=True):
            self._place(plan, rule, pieces, cursors, filling=True)
        return pieces

    def _possible(self, plan: Plan, rule: draw.Rule, pieces: list[Piece]) -> Array:
        """Delays of a member; where very many are possible, those that occur.

        Of a lognormal there may be ten thousand, a row for each of which would take more than the synapses.
        So each thread counts first as if all sources had one row in common for each delay.
        """
        if not plan.many_delays:
            return plan.delays
        n_blocks, self.delays = len(pieces), plan.delays
        counts = np.zeros((self.threads, n_blocks, len(plan.delays)), np.uint32)
        tables = []
        for own in counts:
            table = self._table(pieces, list(own))
            table[:, layout.N_DELAYS] = 0  # rows of one source are so far from those of the next
            tables.append(table)
        self._draw(plan, rule, tables, filling=False)
        occurs = counts.any(axis=(0, 1))
        return plan.delays[occurs] if occurs.any() else plan.delays[:1]

    def _count(self, rules: list[draw.Rule], pieces: list[Piece]) -> list[Array]:
        """Count the synapses in each row, for each block; leave out delays that do not occur."""
        cursors = self._cursors()
        before = np.zeros(len(self.delays), np.uint64)
        per_member = []
        for number, (plan, rule) in enumerate(zip(self.plans, rules, strict=True)):
            kept = [cursor.copy() for cursor in cursors] if self._counts_are_kept(plan) else None
            self._place(plan, rule, pieces, cursors, filling=False)
            after = sum(cursor.reshape(-1, len(before)).sum(axis=0, dtype=np.uint64) for cursor in cursors)
            per_member.append(after - before)
            before = after
            if kept is not None:
                self._counted[number] = [cursor - old for cursor, old in zip(cursors, kept, strict=True)]
        self.delays_of = [self.delays[one > 0] for one in per_member]
        self.sizes = [int(one.sum()) for one in per_member]
        occurs = before > 0
        occurs[0] |= not occurs.any()
        if not occurs.all():
            cursors = [self._only(cursor, occurs) for cursor in cursors]
            self._counted = {
                number: [self._only(count, occurs) for count in counts]
                for number, counts in self._counted.items()
            }
            self.delays = self.delays[occurs]
        self._counted = {
            number: [count.astype(np.min_scalar_type(int(count.max(initial=0)))) for count in counts]
            for number, counts in self._counted.items()
        }
        return cursors

    def _counts_are_kept(self, plan: Plan) -> bool:
        """Whether a member cannot be counted again, once the arrays given for it are gone."""
        given = plan.rule.rows == "list" or plan.delay.kind == generate.GIVEN
        return given and len(self.plans) > 1

    def _only(self, cursor: Array, occurs: Array) -> Array:
        return np.ascontiguousarray(cursor.reshape(-1, len(occurs))[:, occurs]).reshape(-1)

    @property
    def _record(self) -> np.dtype[Any]:
        fields = [("target", TARGET), ("weight", self.dtype)]
        return np.dtype(fields[: 1 + self.weighted])

    def _cursors(self) -> list[Array]:
        return [np.zeros(self.n_rows, np.uint32) for _ in range(len(self.bounds) - 1)]

    def _place(
        self, plan: Plan, rule: draw.Rule, pieces: list[Piece], cursors: list[Array], *, filling: bool
    ) -> None:
        """Count the synapses of a member in each row, or fill the rows."""
        self._draw(plan, rule, [self._table(pieces, cursors)], filling=filling)

    def _draw(self, plan: Plan, rule: draw.Rule, tables: list[Array], *, filling: bool) -> None:
        """Draw a member, with a table of pieces for all threads or for each."""
        shortest = int(self.delays[0])
        index_of = np.zeros(int(self.delays[-1]) - shortest + 1, np.int64)
        index_of[self.delays - shortest] = np.arange(len(self.delays))
        places = generate.Places(
            filling, plan.weight, plan.delay, plan.dt, shortest, index_of, plan.pre.start, plan.post.start,
            np.array(tables), self.bounds, np.empty(0, plan.dtype), plan.random,
        )  # fmt: skip
        if plan.rule.rows == "list":
            pairs = generate.Pairs(team.turns(), plan.rule.pre, plan.rule.post, places)
            team.in_portions(generate.place_pairs, self.threads, pairs, pairs.n_parts)
            return
        columns = plan.rule.rows == "targets"
        job = generate.Rows(team.turns(), rule, places, _scratch(rule, self.threads, columns=columns))
        if columns:
            team.in_portions(generate.place_columns, self.threads, job, job.n_parts_of_columns)
        else:
            team.in_portions(generate.place_rows, self.threads, job, job.n_parts)

    # Members

    def scale(self, factor: float) -> None:
        """Set the weight that all share, or the factor on all."""
        self.factor[0], self.changed = factor, True

    def parts(self, member: int) -> list[tuple[Array, Array]]:
        """Where the synapses of a member begin and end in each row, for each block."""
        if len(self.plans) == 1:
            return [(piece.start[:-1], piece.start[1:]) for piece in self.pieces]
        begins = [piece.start[:-1].copy() for piece in self.pieces]
        for earlier in range(member):
            for begin, count in zip(begins, self._counts(earlier), strict=True):
                begin += count
        return [(begin, begin + count) for begin, count in zip(begins, self._counts(member), strict=True)]

    def _counts(self, member: int) -> list[Array]:
        """Synapses of a member in each row, for each block: kept, or drawn again and counted."""
        if member in self._counted:
            return self._counted[member]
        cursors = self._cursors()
        plan = self.plans[member]
        self._place(plan, plan.for_kernel(self.threads), self.pieces, cursors, filling=False)
        return cursors

    def take_weights(self) -> None:
        """Give each synapse a weight of its own, where they shared one."""
        self.weighted, self.stale = True, True
        self.factor[0] = 1.0
        weight = self.plans[0].weight.first
        for b, piece in enumerate(self.pieces):
            if self.dense:
                synapses = np.full(piece.n_targets * self.plans[0].n_pre, weight, self.dtype)
            else:
                synapses = np.empty(len(piece.synapses), self._record)
                synapses["target"] = piece.synapses["target"]
                synapses["weight"] = weight
            self.pieces[b] = replace(piece, synapses=synapses)
        if self.dense and self.plans[0].same and not self.plans[0].rule.autapses:
            self._leave_out_itself()

    def _leave_out_itself(self) -> None:
        """Neurons of a dense matrix reach themselves with a weight of 0."""
        for piece in self.pieces:
            both = slice(
                max(self.pre.start, piece.first_target),
                min(self.pre.stop, piece.first_target + piece.n_targets),
            )
            neurons = np.arange(both.start, both.stop)
            piece.synapses.reshape(-1, max(1, piece.n_targets))[
                neurons - self.pre.start, neurons - piece.first_target
            ] = 0


def counted_synapses(plan: Plan, threads: int) -> int:
    """Synapses of a projection: known, or drawn and counted; nothing is kept."""
    rule = plan.rule
    if rule.rows != "list" and rule.kind == draw.ALL:
        return n_pairs(plan)
    if rule.rows == "list" or rule.kind not in (draw.PROBABILITY, draw.NEAR):
        return plan.expected_synapses
    for_kernel, totals = plan.for_kernel(threads), np.zeros(threads, np.int64)
    work = _scratch(for_kernel, threads, columns=rule.rows == "targets")
    job = generate.Count(team.turns(), for_kernel, plan.random, work, totals)
    team.in_portions(generate.count, threads, job, job.n_parts)
    return int(totals.sum())


def _scratch(rule: draw.Rule, threads: int, *, columns: bool) -> draw.Scratch:
    """Work space of threads that draw rows."""
    return draw.scratch(threads, rule.n_others, max(rule.n_others, rule.degree), columns=columns)


def n_pairs(plan: Plan) -> int:
    """Pairs of all to all."""
    both = min(plan.pre.stop, plan.post.stop) - max(plan.pre.start, plan.post.start)
    alone = max(0, both) if plan.same and not plan.rule.autapses else 0
    return plan.n_pre * plan.n_post - alone
