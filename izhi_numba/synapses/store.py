"""The store of synapses: what delivery reads, in rows by source and delay, cut by blocks of targets.

Projections between the same neurons share their rows where they can, as in a cortical column of eight
populations: a visit to a row costs as much as twenty of its synapses, and one row of forty is twice as
fast as eight of five.
"""

from __future__ import annotations

import functools
import itertools
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.kernels import layout, team
from izhi_numba.kernels.build import draw, generate
from izhi_numba.synapses.plan import TARGET, Plan, n_pairs, scratch

_MOST_IN_A_PIECE = 2**32 - 1
_USUAL_RATE = 5e-3  # spikes per ms
MOST_IN_A_BLOCK = 2**16  # targets, whose places fit 16 bits


@dataclass(frozen=True)
class Piece:
    """The synapses onto one block of targets."""

    start: Array  # uint32 (n_rows + 1,), where the synapses of a (source, delay) begin
    # Records of "target", counted from the block's first neuron, and "weight" where they differ; when dense
    # weights by source and target, or nothing.
    synapses: Array
    first_target: int
    n_targets: int


@dataclass(frozen=True)
class Contents:
    """Synapses with their weights; others take their place when weights that were shared become own ones."""

    pieces: tuple[Piece, ...]  # one for each block of targets
    weighted: bool  # whether each synapse has a weight of its own

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return sum(piece.start.nbytes + piece.synapses.nbytes for piece in self.pieces)


class Store:
    """The synapses of one projection, or of several between the same sources and targets: its members.

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
    contents : Contents
        Replaced as a whole; within it, weights are written in place.
    factor : float array (1,)
        The weight where there is one for all, else a factor on all.
    """

    def __init__(self, plans: list[Plan], bounds: Array, threads: int) -> None:
        first = plans[0]
        self.plans, self.bounds, self.threads = plans, bounds, threads
        self.pre, self.dtype, self.dense = first.pre, first.dtype, first.dense
        self.contents = Contents((), first.weighted)
        self.factor = np.array([1.0 if first.weighted else first.weight.first], self.dtype)
        self._counted: dict[int, list[Array]] = {}
        pieces = self._fill_dense() if self.dense else self._fill()
        self.contents = Contents(tuple(pieces), first.weighted)
        self.plans = [plan.without_given() for plan in plans]

    @property
    def n_rows(self) -> int:
        """How many (source, delay) rows a block has."""
        return int(self.pre.stop - self.pre.start) * len(self.delays)

    @property
    def nbytes(self) -> int:
        """Memory held, in bytes."""
        counted = sum(count.nbytes for counts in self._counted.values() for count in counts)
        return self.contents.nbytes + counted

    def nbytes_of(self, member: int) -> int:
        """Its share of the memory held, in bytes."""
        if len(self.plans) == 1:
            return self.nbytes
        starts = sum(piece.start.nbytes for piece in self.contents.pieces) // len(self.plans)
        counted = sum(count.nbytes for count in self._counted.get(member, ()))
        return self.sizes[member] * self._record(self.contents.weighted).itemsize + starts + counted

    @property
    def visits(self) -> float:
        """Visits to rows in a step, at a usual rate, where each delay has its own."""
        return self.n_rows * self.plans[0].dt * _USUAL_RATE

    def table(
        self, contents: Contents, bins: Array | None = None, cursors: list[Array] | None = None
    ) -> Array:
        """Rows that describe the pieces to the kernels, see :mod:`izhi_numba.kernels.layout`.

        The columns that tell of populations are left to the wiring. ``bins`` is the number of the first delay
        of each bin, and the end; ``cursors``, while the pieces are filled, where the next synapse goes.
        """
        row = [0] * layout.N_COLUMNS
        row[layout.FORM] = layout.DENSE if self.dense else layout.SPARSE
        row[layout.WEIGHTED] = contents.weighted
        row[layout.FIRST_SOURCE], row[layout.LAST_SOURCE] = self.pre.start, self.pre.stop
        row[layout.N_DELAYS], row[layout.DELAYS] = len(self.delays), layout.address(self.delays)
        if bins is not None:
            row[layout.N_BINS], row[layout.BINS] = len(bins) - 1, layout.address(bins)
        row[layout.SKIP_SELF] = self.plans[0].same and not self.plans[0].rule.autapses
        row[layout.FACTOR] = layout.address(self.factor)
        rows = []
        for block, piece in enumerate(contents.pieces):
            row[layout.FIRST_TARGET], row[layout.N_TARGETS] = piece.first_target, piece.n_targets
            row[layout.START], row[layout.SYNAPSES] = map(layout.address, (piece.start, piece.synapses))
            row[layout.WIDTH] = piece.synapses.itemsize
            if cursors is not None:
                row[layout.CURSOR] = layout.address(cursors[block])
            rows.append(row.copy())
        return np.array(rows, np.int64).reshape(-1, layout.N_COLUMNS)

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
                self._blank_table(pieces), np.empty(0, plan.dtype), plan.random,
            )  # fmt: skip
            team.in_portions(generate.fill_dense, self.threads, job, job.n_parts)
        return pieces

    def _fill(self) -> list[Piece]:
        record = self._record(self.contents.weighted)
        empty = np.zeros(0, record)
        blocks = list(itertools.pairwise(self.bounds.tolist()))
        pieces = [Piece(np.zeros(0, np.uint32), empty, first, last - first) for first, last in blocks]
        rules = [plan.for_kernel(self.threads) for plan in self.plans]  # which may cost as much as a pass
        possible = [self._possible(*member, pieces) for member in zip(self.plans, rules, strict=True)]
        self.delays = possible[0] if len(possible) == 1 else np.unique(np.concatenate(possible))
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
            pieces[b] = Piece(start, np.empty(n_synapses, record), first, last - first)
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
            table = self._blank_table(pieces, list(own))
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
            if self._has_equal_rows(plan):
                cursors[0] += np.uint32(rule.degree)
            else:
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

    def _has_equal_rows(self, plan: Plan) -> bool:
        """Whether it is known how many synapses a row of a member has; else they are drawn to be counted."""
        one_row = len(self.delays) == 1 and len(self.bounds) == 2
        return one_row and plan.rule.rows == "sources" and plan.rule.kind == draw.DEGREE

    def _counts_are_kept(self, plan: Plan) -> bool:
        """Whether a member cannot be counted again, once the arrays given for it are gone."""
        given = plan.rule.rows == "list" or plan.delay.kind == generate.GIVEN
        return given and len(self.plans) > 1

    def _only(self, cursor: Array, occurs: Array) -> Array:
        return np.ascontiguousarray(cursor.reshape(-1, len(occurs))[:, occurs]).reshape(-1)

    def _record(self, weighted: bool) -> np.dtype[Any]:
        """What is stored of a synapse."""
        return _record(self.dtype, weighted)

    def _blank_table(self, pieces: list[Piece], cursors: list[Array] | None = None) -> Array:
        """The table of pieces that are being filled."""
        return self.table(Contents(tuple(pieces), self.contents.weighted), cursors=cursors)

    def _cursors(self) -> list[Array]:
        return [np.zeros(self.n_rows, np.uint32) for _ in range(len(self.bounds) - 1)]

    def _place(
        self, plan: Plan, rule: draw.Rule, pieces: list[Piece], cursors: list[Array], *, filling: bool
    ) -> None:
        """Count the synapses of a member in each row, or fill the rows."""
        self._draw(plan, rule, [self._blank_table(pieces, cursors)], filling=filling)

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
        if plan.rule.rows == "targets":
            work = scratch(rule, self.threads, columns=True)
            job = generate.Rows(team.turns(), rule, places, work)
            team.in_portions(generate.place_columns, self.threads, job, job.n_parts_of_columns)
        else:
            threads = min(self.threads, -(-rule.n_rows // generate.ROWS_AT_ONCE))
            work = scratch(rule, threads, columns=False)
            job = generate.Rows(team.turns(), rule, places, work)
            team.in_portions(generate.place_rows, threads, job, job.n_parts)

    # Members

    def parts(self, member: int) -> list[tuple[Array, Array]]:
        """Where the synapses of a member begin and end in each row, for each block."""
        pieces = self.contents.pieces
        if len(self.plans) == 1:
            return [(piece.start[:-1], piece.start[1:]) for piece in pieces]
        begins = [piece.start[:-1].copy() for piece in pieces]
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
        self._place(plan, plan.for_kernel(self.threads), list(self.contents.pieces), cursors, filling=False)
        return cursors

    def with_own_weights(self) -> Contents:
        """Return the contents in which each synapse has a weight of its own; they stay if they have it."""
        if self.contents.weighted:
            return self.contents
        plan, record = self.plans[0], self._record(True)
        pieces = []
        for piece in self.contents.pieces:
            if self.dense:
                synapses = np.full(piece.n_targets * plan.n_pre, plan.weight.first, self.dtype)
                if plan.same and not plan.rule.autapses:
                    self._leave_out_itself(synapses, piece)
            else:
                synapses = np.empty(len(piece.synapses), record)
                synapses["target"] = piece.synapses["target"]
                synapses["weight"] = plan.weight.first
            pieces.append(replace(piece, synapses=synapses))
        return Contents(tuple(pieces), weighted=True)

    def _leave_out_itself(self, weights: Array, piece: Piece) -> None:
        """Neurons of a dense matrix reach themselves with a weight of 0."""
        begin = max(self.pre.start, piece.first_target)
        end = min(self.pre.stop, piece.first_target + piece.n_targets)
        neurons = np.arange(begin, end)
        matrix = weights.reshape(-1, max(1, piece.n_targets))
        matrix[neurons - self.pre.start, neurons - piece.first_target] = 0


@functools.cache
def _record(dtype: np.dtype[Any], weighted: bool) -> np.dtype[Any]:
    """What is stored of a synapse whose weight is of a type."""
    fields = [("target", TARGET), ("weight", dtype)]
    return np.dtype(fields[: 1 + weighted])
