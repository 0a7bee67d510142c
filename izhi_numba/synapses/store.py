"""The store of synapses: what delivery reads, in rows by source and delay, cut by blocks of targets.

Where a row would hold one or two synapses, or none, each source has one, and each synapse tells its delay.
Projections between the same neurons share their rows where they can, as in a cortical column of eight
populations: a visit to a row costs as much as twenty of its synapses, and one row of forty is twice as
fast as eight of five.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.selection import Chosen, hull
from izhi_numba.kernels import layout, team
from izhi_numba.kernels.build import draw, generate
from izhi_numba.synapses.plan import TARGET, Plan, lag_bytes, n_pairs, scratch
from izhi_numba.synapses.ways import Load

_MOST_IN_A_PIECE = 2**32 - 1
_NONE = np.zeros(0, np.int64)
MOST_IN_A_BLOCK = 2**16  # targets, whose places fit 16 bits


@dataclass(frozen=True)
class Piece:
    """The synapses onto one block of targets."""

    start: Array  # uint32 (n_rows + 1,), where the synapses of a row begin
    # Records of "target", counted from the block's first neuron, of "lag", the delay in steps beyond the
    # shortest, in rows by source, and of "weight" where they differ; when dense weights by source and target,
    # or nothing.
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


def expected_load(plans: Sequence[Plan]) -> Load:
    """What delivery will have to do for projections that are not drawn yet, and share rows."""
    return plans[0].load._replace(n_synapses=sum(plan.expected_synapses for plan in plans))


class Store:
    """The synapses of one projection, or of several between the same neurons, with the same possible delays.

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
    by_source : bool
        Whether each source has one row, for all delays.
    expected : Load
        Before it was drawn.
    """

    def __init__(self, plans: list[Plan], bounds: Array, threads: int, *, by_source: bool = False) -> None:
        first, expected = plans[0], expected_load(plans)
        self.by_source = by_source
        self.delays = first.delays
        self._lags = self.delays[:1].copy()  # what the delays of rows by source are counted from
        self._lag_bytes = lag_bytes(self.delays) if by_source else 0  # of a record, that tell the delay
        self.sizes: list[int] = []
        self.plans, self.bounds, self.threads = plans, bounds, threads
        self.pre, self.dtype, self.dense = first.from_to, first.dtype, first.dense
        self.contents = Contents((), first.weighted)
        self.factor = np.array([1.0 if first.weighted else first.weight.first], self.dtype)
        self._counted: dict[int, list[Array]] = {}
        pieces = self._fill_dense() if self.dense else self._fill_by_source() if by_source else self._fill()
        self.contents = Contents(tuple(pieces), first.weighted)
        self.expected = expected._replace(by_source=by_source)
        self.plans = [plan.without_given() for plan in plans]

    @property
    def n_rows(self) -> int:
        """How many rows a block has."""
        return int(self.pre.stop - self.pre.start) * self.rows_of_source

    @property
    def rows_of_source(self) -> int:
        """Rows of a source in a block."""
        return 1 if self.by_source else len(self.delays)

    @property
    def delays_of_rows(self) -> Array:
        """Delay of each row of a source; where each synapse tells its own, what it is counted from."""
        return self._lags if self.by_source else self.delays

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
    def load(self) -> Load:
        """What delivery has to do for it."""
        shortest, longest = int(self.delays[0]), int(self.delays[-1])
        return Load(
            sum(self.sizes), int(self.pre.stop - self.pre.start), len(self.delays), longest - shortest,
            longest, self.by_source,
        )  # fmt: skip

    def table(self, contents: Contents, cursors: list[Array] | None = None) -> Array:
        """Rows that describe the pieces to the kernels, see :mod:`izhi_numba.kernels.layout`.

        The columns that tell of populations are left to the wiring. ``cursors``: while the pieces are filled,
        where the next synapse goes.
        """
        row = [0] * layout.N_COLUMNS
        row[layout.FORM] = (
            layout.DENSE if self.dense else layout.BY_SOURCE if self.by_source else layout.BY_DELAY
        )
        row[layout.WEIGHTED], row[layout.LAG] = contents.weighted, self._lag_bytes
        row[layout.FIRST_SOURCE], row[layout.LAST_SOURCE] = self.pre.start, self.pre.stop
        delays = self.delays_of_rows
        row[layout.N_DELAYS], row[layout.DELAYS] = len(delays), layout.address(delays)
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
            first, last = max(first, hull(plan.post).start), min(last, hull(plan.post).stop)
            n = max(0, last - first)
            size = n * plan.n_pre if plan.weighted else 0
            pieces.append(Piece(empty, np.empty(size, plan.dtype), first, n))
        if plan.weighted:
            job = generate.Dense(
                team.turns(), plan.for_kernel(self.threads), plan.weight, hull(plan.post).start,
                self._blank_table(pieces), np.empty(0, plan.dtype), plan.random,
            )  # fmt: skip
            team.in_portions(generate.fill_dense, self.threads, job, job.n_parts)
        return pieces

    def _fill(self) -> list[Piece]:
        pieces, members = self._empty_pieces(), self._members()
        possible = [self._possible(*member, pieces) for member in members]
        self.delays = possible[0] if len(possible) == 1 else np.unique(np.concatenate(possible))
        return self._put(members, pieces, self._only_occurring(*self._count(members, pieces)))

    def _fill_by_source(self) -> list[Piece]:
        pieces, members = self._empty_pieces(), self._members()
        cursors, _ = self._count(members, pieces)
        pieces = self._put(members, pieces, cursors)
        if len(members) == 1:
            self.delays_of = [self._delays_in(pieces)]
        else:
            self.delays_of = [self._delays_drawn(plan, rule, pieces) for plan, rule in members]
        occurring = np.unique(np.concatenate(self.delays_of))
        self.delays = occurring if len(occurring) else self._lags
        return pieces

    def _members(self) -> list[tuple[Plan, draw.Rule]]:
        """Plans, and what the kernels need to draw them, which may cost as much as a pass."""
        return [(plan, plan.for_kernel(self.threads)) for plan in self.plans]

    def _empty_pieces(self) -> list[Piece]:
        """Pieces without synapses."""
        start, synapses = np.zeros(0, np.uint32), np.zeros(0, self._record(self.contents.weighted))
        blocks = itertools.pairwise(self.bounds.tolist())
        return [Piece(start, synapses, first, last - first) for first, last in blocks]

    def _put(
        self, members: list[tuple[Plan, draw.Rule]], pieces: list[Piece], cursors: list[Array]
    ) -> list[Piece]:
        """Return the pieces filled, after all was counted."""
        pieces = self._with_room(pieces, cursors)
        for plan, rule in members:
            self._place(plan, rule, pieces, cursors, filling=True)
        return pieces

    def _delays_in(self, pieces: list[Piece]) -> Array:
        """Delays that occur in rows by source."""
        occurs = np.zeros(int(self.delays[-1] - self.delays[0]) + 1, bool)
        for piece in pieces:
            occurs[piece.synapses["lag"]] = True
        found: Array = self._lags[0] + np.flatnonzero(occurs)
        return found

    def _delays_drawn(self, plan: Plan, rule: draw.Rule, pieces: list[Piece]) -> Array:
        """Delays that occur in a member of rows by source, which are drawn once more for it."""
        occurs = self._occurs(plan, rule, pieces, int(self.delays[-1] - self.delays[0]) + 1)
        found: Array = self._lags[0] + np.flatnonzero(occurs)
        return found

    def _occurs(self, plan: Plan, rule: draw.Rule, pieces: list[Piece], n_delays: int) -> Array:
        """Whether each delay occurs in a member.

        Each thread counts as if all sources had one row in common for each delay.
        """
        counts = np.zeros((self.threads, len(pieces), n_delays), np.uint32)
        tables = [self._blank_table(pieces, list(own)) for own in counts]
        for table in tables:
            table[:, layout.LAG] = 0
            table[:, layout.N_DELAYS] = 0  # rows of one source are so far from those of the next
        self._draw(plan, rule, tables, filling=False)
        return np.asarray(counts.any(axis=(0, 1)))

    def _keep_counts(self, member: int, counts: list[Array]) -> None:
        """Keep what cannot be counted again, in few bytes."""
        self._counted[member] = [
            count.astype(np.min_scalar_type(int(count.max(initial=0)))) for count in counts
        ]

    def _with_room(self, pieces: list[Piece], cursors: list[Array]) -> list[Piece]:
        """Return pieces with room for what was counted in each row; ``cursors`` become where rows begin."""
        roomy = []
        for piece, cursor in zip(pieces, cursors, strict=True):
            n_synapses, first = int(cursor.sum(dtype=np.uint64)), piece.first_target
            if n_synapses > _MOST_IN_A_PIECE:
                raise ValueError(
                    f"{self.plans[0].rule.name}: {n_synapses} synapses onto neurons {first} to"
                    f" {first + piece.n_targets - 1}, at most {_MOST_IN_A_PIECE} are possible: use more"
                    " threads (each has its own neurons)"
                )
            start = np.zeros(self.n_rows + 1, np.uint32)
            np.cumsum(cursor, dtype=np.uint32, out=start[1:])
            cursor[:] = start[:-1]
            synapses = np.empty(n_synapses, piece.synapses.dtype)
            roomy.append(replace(piece, start=start, synapses=synapses))
        return roomy

    def _possible(self, plan: Plan, rule: draw.Rule, pieces: list[Piece]) -> Array:
        """Delays of a member; where very many are possible, those that occur.

        Of a lognormal there may be ten thousand, a row for each of which would take more than the synapses.
        """
        if not plan.many_delays:
            return plan.delays
        self.delays = plan.delays
        occurs = self._occurs(plan, rule, pieces, len(plan.delays))
        return plan.delays[occurs] if occurs.any() else plan.delays[:1]

    def _count(
        self, members: list[tuple[Plan, draw.Rule]], pieces: list[Piece]
    ) -> tuple[list[Array], list[Array]]:
        """Count the synapses in each row, for each block; and of each member, by the rows of a source."""
        cursors, per_member = self._cursors(), []
        before = np.zeros(self.rows_of_source, np.uint64)
        for number, (plan, rule) in enumerate(members):
            kept = [cursor.copy() for cursor in cursors] if self._counts_are_kept(plan) else None
            self._count_member(plan, rule, pieces, cursors)
            after = sum(cursor.reshape(-1, len(before)).sum(axis=0, dtype=np.uint64) for cursor in cursors)
            per_member.append(after - before)
            before = after
            if kept is not None:
                self._keep_counts(number, [cursor - old for cursor, old in zip(cursors, kept, strict=True)])
        self.sizes = [int(one.sum()) for one in per_member]
        return cursors, per_member

    def _only_occurring(self, cursors: list[Array], per_member: list[Array]) -> list[Array]:
        """Leave out delays that do not occur, of what was counted by source and delay."""
        self.delays_of = [self.delays[one > 0] for one in per_member]
        occurs = np.asarray(np.array(per_member).any(axis=0))
        occurs[0] |= not occurs.any()
        if not occurs.all():
            cursors = [self._only(cursor, occurs) for cursor in cursors]
            self._counted = {
                number: [self._only(count, occurs) for count in counts]
                for number, counts in self._counted.items()
            }
            self.delays = self.delays[occurs]
        return cursors

    def _count_member(self, plan: Plan, rule: draw.Rule, pieces: list[Piece], cursors: list[Array]) -> None:
        """Count the synapses of a member in each row; they are drawn for that where it is not known."""
        if self._has_equal_rows(plan):
            cursors[0] += np.uint32(rule.degree)
        else:
            self._place(plan, rule, pieces, cursors, filling=False)

    def _has_equal_rows(self, plan: Plan) -> bool:
        """Whether it is known how many synapses a row of a member has."""
        one_row = self.rows_of_source == 1 and len(self.bounds) == 2 and isinstance(plan.pre, slice)
        equal = plan.rule.kind == draw.DEGREE and plan.rule.degrees is None
        return one_row and plan.rule.rows == "sources" and equal

    def _counts_are_kept(self, plan: Plan) -> bool:
        """Whether a member cannot be counted again, once the arrays given for it are gone."""
        given = plan.rule.rows == "list" or plan.delay.kind == generate.GIVEN
        return given and len(self.plans) > 1

    def _only(self, cursor: Array, occurs: Array) -> Array:
        return np.ascontiguousarray(cursor.reshape(-1, len(occurs))[:, occurs]).reshape(-1)

    def _record(self, weighted: bool) -> np.dtype[Any]:
        """What is stored of a synapse."""
        return _record(self.dtype, weighted, self._lag_bytes)

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
        index_of = np.arange(int(self.delays[-1]) - shortest + 1)
        if not self.by_source:
            index_of[self.delays - shortest] = np.arange(len(self.delays))
        places = generate.Places(
            filling, plan.weight, plan.delay, plan.dt, shortest, index_of, plan.from_to.start,
            hull(plan.post).start, _listed(plan.pre), _listed(plan.post), np.array(tables), self.bounds,
            np.empty(0, plan.dtype), plan.random,
        )  # fmt: skip
        if plan.rule.rows == "list":
            pairs = generate.Pairs(team.turns(), plan.rule.pre, plan.rule.post, places)
            team.in_portions(generate.place_pairs, self.threads, pairs, pairs.n_parts)
            return
        if plan.rule.rows == "targets":
            work = scratch(rule, self.threads, columns=True)
            job = generate.Rows(team.turns(), rule, places, work, *self._columns(plan.post))
            team.in_portions(generate.place_columns, self.threads, job, job.n_parts_of_columns)
        else:
            threads = min(self.threads, -(-rule.n_rows // generate.ROWS_AT_ONCE))
            work = scratch(rule, threads, columns=False)
            job = generate.Rows(team.turns(), rule, places, work, _NONE, _NONE)
            team.in_portions(generate.place_rows, threads, job, job.n_parts)

    def _columns(self, post: Chosen) -> tuple[Array, Array]:
        """First target of each block, of those of a projection, and their order; empty: they are in order."""
        if isinstance(post, slice):
            return self.bounds - post.start, _NONE
        order = np.argsort(post, kind="stable")
        return np.searchsorted(post, self.bounds, sorter=order), order

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
                for name in piece.synapses.dtype.names or ():
                    synapses[name] = piece.synapses[name]
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


def _listed(neurons: Chosen) -> Array:
    """Neurons that are no neighbours; of others nothing."""
    return _NONE if isinstance(neurons, slice) else neurons


@functools.cache
def _record(dtype: np.dtype[Any], weighted: bool, lag_bytes: int) -> np.dtype[Any]:
    """What is stored of a synapse whose weight is of a type, and which tells its delay in so many bytes."""
    lag = [("lag", f"u{lag_bytes}")] if lag_bytes else []
    return np.dtype([("target", TARGET), *lag, *([("weight", dtype)] if weighted else [])])
