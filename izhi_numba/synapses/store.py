"""The store of synapses: what delivery reads, in rows by source and delay, cut by blocks of targets.

Where a row would hold one or two synapses, or none, each source has one, and each synapse tells its delay.
Projections between the same neurons share their rows where they can, as in a cortical column of eight
populations: a visit to a row costs as much as twenty of its synapses, and one row of forty is twice as
fast as eight of five.
"""

from __future__ import annotations

import copy
import functools
import itertools
import weakref
from collections.abc import Generator, Sequence
from typing import Any, NamedTuple

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.changes import Assign, Change, Copy
from izhi_numba.kernels import layout, team
from izhi_numba.kernels.build import draw, generate
from izhi_numba.synapses import drawing
from izhi_numba.synapses.drawing import Pass
from izhi_numba.synapses.plan import TARGET, Plan, lag_bytes, n_pairs
from izhi_numba.synapses.ways import Load

_MOST_IN_A_PIECE = 2**32 - 1
MOST_IN_A_BLOCK = 2**16  # targets, whose places fit 16 bits
_NOWHERE = np.zeros(1, np.int64)  # place of a delay among those that occur, where it is the only one
_NO_ROWS = np.zeros(0, np.uint32)

Steps = Generator[Pass, None, list["Piece"]]  # to fill pieces: each pass is to be made before the next


class Piece(NamedTuple):
    """The synapses onto one block of targets."""

    start: Array  # uint32 (n_rows + 1,), where the synapses of a row begin
    # Records of "target", counted from the block's first neuron, of "lag", the delay in steps beyond the
    # shortest, in rows by source, and of "weight" where they differ; when dense weights by source and target,
    # or nothing.
    synapses: Array
    first_target: int
    n_targets: int


class Contents(NamedTuple):
    """Synapses with their weights; others take their place when weights that were shared become own ones."""

    pieces: tuple[Piece, ...]  # one for each block of targets
    weighted: bool  # whether each synapse has a weight of its own

    def copied(self) -> Contents:
        """Return the same, of which nothing is written to where these are."""
        pieces = [piece._replace(synapses=piece.synapses.copy()) for piece in self.pieces]
        return self._replace(pieces=tuple(pieces))

    def showing(self, weights: Sequence[Array]) -> Contents:
        """Return the same synapses with other weights, of each block in its order."""
        contents = self.copied()
        for piece, its in zip(contents.pieces, weights, strict=True):
            piece.synapses["weight"] = its
        return contents

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return sum(piece.start.nbytes + piece.synapses.nbytes for piece in self.pieces)


class KeptContents:
    """The contents of a store as they are now. While somebody holds this, they are not written to."""

    __slots__ = ("__weakref__", "contents", "factor", "store")

    def __init__(self, store: Store) -> None:
        self.store, self.contents, self.factor = store, store.contents, store.factor.copy()
        if store.learns:
            self.contents = store.contents.copied()
        store.keepers.add(self)

    def put_back(self) -> list[Change]:
        """Prepare that the store has them again."""
        store, changes = self.store, list[Change]()
        changes.append(Copy(store.factor, self.factor))
        if store.contents is not self.contents:
            contents = self.contents.copied() if store.learns else self.contents
            changes.append(Assign(store, "contents", contents))
        return changes


def expected_load(plans: Sequence[Plan]) -> Load:
    """What delivery will have to do for projections that are not drawn yet, and share rows."""
    if len(plans) == 1:
        return plans[0].load
    return plans[0].load._replace(n_synapses=sum(plan.expected_synapses for plan in plans))


def draw_all(stores: Sequence[Store], work: int) -> None:
    """Draw the synapses of stores that have none yet.

    Parameters
    ----------
    stores : sequence of Store
    work : int
        Bytes that drawing may take besides. One store is drawn whatever it takes, and others with it where
        it takes less.
    """
    begin, taken = 0, 0
    for number, store in enumerate(stores):
        wanted = store.work
        if number > begin and taken + wanted > work:
            _draw_together(stores[begin:number])
            begin, taken = number, 0
        taken += wanted
    if stores:
        _draw_together(stores[begin:])


def _draw_together(stores: Sequence[Store]) -> None:
    going = [(store, store.filling()) for store in stores]
    while going:
        still, passes = [], []
        for store, filling in going:
            try:
                passes.append(next(filling))
                still.append((store, filling))
            except StopIteration as end:
                store.filled(end.value)
        drawing.make(passes, stores[0].threads)
        going = still


class Store:
    """The synapses of one projection, or of several between the same neurons, with the same possible delays.

    It has none until it is drawn, with others, by :func:`draw_all`.

    Attributes
    ----------
    plans : list of Plan
        Members, in the order in which they fill each row, without the arrays given for them.
    delays : int64 array
        Those that occur, in steps, ascending; where there are no synapses, one.
    delays_of : tuple of int64 arrays
        Those that occur in each member.
    sizes : tuple of int
        Synapses of each member.
    contents : Contents
        Replaced as a whole; within it, weights are written in place.
    factor : float array (1,)
        The weight where there is one for all, else a factor on all.
    by_source : bool
        Whether each source has one row, for all delays.
    lag_bytes : int
        Of a record, that tell the delay; 0: rows do.
    least : int
        Steps that a delay has at least, by which the weights are added before the step that they are due in.
    expected : Load
        Before it was drawn.
    """

    def __init__(self, plans: list[Plan], bounds: Array, threads: int, *, by_source: bool = False) -> None:
        first = plans[0]
        self.by_source = by_source
        self.delays = first.delays
        self._lags = self.delays[:1].copy()  # what the delays of rows by source are counted from
        self.lag_bytes = lag_bytes(self.delays) if by_source else 0  # of a record, that tell the delay
        self.sizes: tuple[int, ...] = ()
        self.delays_of: tuple[Array, ...] = ()
        self.plans, self.bounds, self.threads = plans, bounds, threads
        self.least = first.least
        self.pre, self.dtype, self.dense = first.from_to, first.dtype, first.dense
        self.contents = Contents((), first.weighted)
        self.factor = np.array([1.0 if first.weighted else first.weight.first], self.dtype)
        self._counted: dict[int, list[Array]] = {}
        self.expected = Load(*expected_load(plans)[:5], by_source=by_source)
        self.keepers: weakref.WeakSet[KeptContents] = weakref.WeakSet()

    @property
    def learns(self) -> bool:
        """Whether compiled steps write its weights."""
        return self.plans[0].learning is not None

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
        where the next synapse goes, instead of what delivery needs.
        """
        return np.array(self.rows(contents, cursors), np.int64).reshape(-1, layout.N_COLUMNS)

    def rows(self, contents: Contents, cursors: list[Array] | None = None) -> list[list[int]]:
        """The rows of the table, see there."""
        row, address = [0] * layout.N_COLUMNS, layout.address
        row[layout.FORM] = (
            layout.DENSE if self.dense else layout.BY_SOURCE if self.by_source else layout.BY_DELAY
        )
        row[layout.WEIGHTED], row[layout.LAG] = contents.weighted, self.lag_bytes
        row[layout.FIRST_SOURCE], row[layout.LAST_SOURCE] = self.pre.start, self.pre.stop
        row[layout.N_DELAYS] = self.rows_of_source
        if cursors is None:
            row[layout.DELAYS], row[layout.FACTOR] = address(self.delays_of_rows), address(self.factor)
            row[layout.SKIP_SELF] = self.plans[0].same and not self.plans[0].rule.autapses
        rows = []
        for block, piece in enumerate(contents.pieces):
            row[layout.FIRST_TARGET], row[layout.N_TARGETS] = piece.first_target, piece.n_targets
            row[layout.SYNAPSES] = address(piece.synapses)
            row[layout.WIDTH] = piece.synapses.itemsize
            if cursors is None:
                row[layout.START] = address(piece.start)
            else:
                row[layout.CURSOR] = address(cursors[block])
            rows.append(row.copy())
        return rows

    # Building

    @property
    def work(self) -> int:
        """Bytes that drawing it takes besides what it holds then."""
        n_blocks, by_source = len(self.bounds) - 1, self.by_source
        return max([plan.work(n_blocks, self.threads, by_source=by_source) for plan in self.plans])

    def filling(self) -> Steps:
        """Draw it: yields passes, each of which is to be made before the next; returns pieces."""
        if self.dense:
            return self._fill_dense()
        return self._fill_by_source() if self.by_source else self._fill()

    def filled(self, pieces: list[Piece]) -> None:
        """Take up what :meth:`filling` has returned, and let go of what was given for it."""
        self.contents = Contents(tuple(pieces), self.contents.weighted)
        self.plans = [plan.without_given() for plan in self.plans]

    def _fill_dense(self) -> Steps:
        plan = self.plans[0]
        self.delays, self.delays_of, self.sizes = plan.delays, (plan.delays,), (n_pairs(plan),)
        empty = np.zeros(1, np.uint32)
        pieces = []
        for first, last in itertools.pairwise(self.bounds.tolist()):
            first, last = max(first, plan.onto.start), min(last, plan.onto.stop)
            n = max(0, last - first)
            size = n * plan.n_pre if plan.weighted else 0
            pieces.append(Piece(empty, np.empty(size, plan.dtype), first, n))
        if plan.weighted:
            job = generate.Dense(
                team.turns(), plan.for_kernel(self.threads), plan.weight, plan.onto.start,
                self.table(self._blank(pieces)), np.empty(0, plan.dtype), plan.random,
            )  # fmt: skip
            team.in_portions(generate.fill_dense, self.threads, job, job.n_parts)
        return pieces
        yield

    def _fill(self) -> Steps:
        pieces, members, possible = self._empty_pieces(), self._members(), []
        for member in members:
            delays = yield from self._possible(*member, pieces)
            possible.append(delays)
        self.delays = possible[0] if len(possible) == 1 else np.unique(np.concatenate(possible))
        cursors, per_member = yield from self._count(members, pieces)
        return (yield from self._put(members, pieces, self._only_occurring(cursors, per_member)))

    def _fill_by_source(self) -> Steps:
        pieces, members = self._empty_pieces(), self._members()
        cursors, _ = yield from self._count(members, pieces)
        pieces = yield from self._put(members, pieces, cursors)
        found = [self._delays_in(pieces)] if len(members) == 1 else []
        if len(members) > 1:
            for plan, rule in members:
                delays = yield from self._delays_drawn(plan, rule, pieces)
                found.append(delays)
        self.delays_of = tuple(found)
        occurring = np.unique(np.concatenate(self.delays_of))
        self.delays = occurring if len(occurring) else self._lags
        return pieces

    def _members(self) -> list[tuple[Plan, draw.Rule]]:
        """Plans, and what the kernels need to draw them, which may cost as much as a pass."""
        return [(plan, plan.for_kernel(self.threads)) for plan in self.plans]

    def _empty_pieces(self) -> list[Piece]:
        """Pieces without synapses."""
        synapses = _no_synapses(self._record(self.contents.weighted))
        blocks = itertools.pairwise(self.bounds.tolist())
        return [Piece(_NO_ROWS, synapses, first, last - first) for first, last in blocks]

    def _put(self, members: list[tuple[Plan, draw.Rule]], pieces: list[Piece], cursors: list[Array]) -> Steps:
        """Return the pieces filled, after all was counted."""
        pieces = self._with_room(pieces, cursors)
        for plan, rule in members:
            yield self._pass(plan, rule, pieces, cursors, filling=True)
        return pieces

    def _delays_in(self, pieces: list[Piece]) -> Array:
        """Delays that occur in rows by source."""
        occurs = np.zeros(int(self.delays[-1] - self.delays[0]) + 1, bool)
        for piece in pieces:
            occurs[piece.synapses["lag"]] = True
        found: Array = self._lags[0] + np.flatnonzero(occurs)
        return found

    def _delays_drawn(self, plan: Plan, rule: draw.Rule, pieces: list[Piece]) -> Generator[Pass, None, Array]:
        """Delays that occur in a member of rows by source, which are drawn once more for it."""
        n_delays = int(self.delays[-1] - self.delays[0]) + 1
        occurs = yield from self._occurs(plan, rule, pieces, n_delays)
        found: Array = self._lags[0] + np.flatnonzero(occurs)
        return found

    def _occurs(
        self, plan: Plan, rule: draw.Rule, pieces: list[Piece], n_delays: int
    ) -> Generator[Pass, None, Array]:
        """Whether each delay occurs in a member.

        Each thread counts as if all sources had one row in common for each delay.
        """
        counts = np.zeros((self.threads, len(pieces), n_delays), np.uint32)
        tables = [self.rows(self._blank(pieces), list(own)) for own in counts]
        for row in itertools.chain(*tables):
            row[layout.LAG] = 0
            row[layout.N_DELAYS] = 0  # rows of one source are so far from those of the next
        yield self._pass_over(plan, rule, tables, filling=False)
        return np.asarray(counts.any(axis=(0, 1)))

    def _keep_counts(self, member: int, counts: list[Array]) -> None:
        """Keep what cannot be counted again, in few bytes."""
        self._counted[member] = [
            count.astype(np.min_scalar_type(int(count.max(initial=0)))) for count in counts
        ]

    def _with_room(self, pieces: list[Piece], cursors: list[Array]) -> list[Piece]:
        """Return pieces with room for what was counted in each row; ``cursors`` become where rows begin."""
        roomy, few = [], sum(self.sizes) <= _MOST_IN_A_PIECE
        for piece, cursor in zip(pieces, cursors, strict=True):
            first, start = piece.first_target, np.zeros(self.n_rows + 1, np.uint32)
            np.add.accumulate(cursor, dtype=np.uint32, out=start[1:])
            n_synapses = int(start[-1]) if few else int(cursor.sum(dtype=np.uint64))
            if n_synapses > _MOST_IN_A_PIECE:
                raise ValueError(
                    f"{self.plans[0].rule.name}: {n_synapses} synapses onto neurons {first} to"
                    f" {first + piece.n_targets - 1}, at most {_MOST_IN_A_PIECE} are possible: use more"
                    " threads (each has its own neurons)"
                )
            cursor[:] = start[:-1]
            synapses = np.empty(n_synapses, piece.synapses.dtype)
            roomy.append(Piece(start, synapses, first, piece.n_targets))
        return roomy

    def _possible(self, plan: Plan, rule: draw.Rule, pieces: list[Piece]) -> Generator[Pass, None, Array]:
        """Delays of a member; where very many are possible, those that occur.

        Of a lognormal there may be ten thousand, a row for each of which would take more than the synapses.
        """
        if not plan.many_delays:
            return plan.delays
        self.delays = plan.delays
        occurs = yield from self._occurs(plan, rule, pieces, len(plan.delays))
        return plan.delays[occurs] if occurs.any() else plan.delays[:1]

    def _count(
        self, members: list[tuple[Plan, draw.Rule]], pieces: list[Piece]
    ) -> Generator[Pass, None, tuple[list[Array], list[Array]]]:
        """Count the synapses in each row, for each block; and of each member, by the rows of a source."""
        cursors, per_member, before = self._cursors(), [], None
        for number, (plan, rule) in enumerate(members):
            kept = [cursor.copy() for cursor in cursors] if self._counts_are_kept(plan) else None
            if self._has_equal_rows(plan):
                cursors[0] += np.uint32(rule.degree)
            else:
                yield self._pass(plan, rule, pieces, cursors, filling=False)
            after = self._by_row(cursors)
            per_member.append(after if before is None else after - before)
            before = after
            if kept is not None:
                self._keep_counts(number, [cursor - old for cursor, old in zip(cursors, kept, strict=True)])
        self.sizes = tuple([sum(one.tolist()) for one in per_member])
        return cursors, per_member

    def _by_row(self, cursors: list[Array]) -> Array:
        """Synapses of all sources, by the rows of a source."""
        shape = -1, self.rows_of_source
        sums = [np.add.reduce(cursor.reshape(shape), axis=0, dtype=np.uint64) for cursor in cursors]
        return np.asarray(sums[0] if len(sums) == 1 else np.add.reduce(sums))

    def _only_occurring(self, cursors: list[Array], per_member: list[Array]) -> list[Array]:
        """Leave out delays that do not occur, of what was counted by source and delay."""
        if all(one.all() for one in per_member):
            self.delays_of = (self.delays,) * len(per_member)
            return cursors
        self.delays_of = tuple([self.delays[one > 0] for one in per_member])
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

    def _has_equal_rows(self, plan: Plan) -> bool:
        """Whether it is known how many synapses a row of a member has."""
        return self.rows_of_source == 1 and len(self.bounds) == 2 and plan.equal_rows

    def _counts_are_kept(self, plan: Plan) -> bool:
        """Whether a member cannot be counted again, once the arrays given for it are gone."""
        given = plan.rule.rows == "list" or plan.delay.kind == generate.GIVEN
        return given and len(self.plans) > 1

    def _only(self, cursor: Array, occurs: Array) -> Array:
        return np.ascontiguousarray(cursor.reshape(-1, len(occurs))[:, occurs]).reshape(-1)

    def _record(self, weighted: bool) -> np.dtype[Any]:
        """What is stored of a synapse."""
        return _record(self.dtype, weighted, self.lag_bytes)

    def _blank(self, pieces: list[Piece]) -> Contents:
        """Contents that are being filled."""
        return Contents(tuple(pieces), self.contents.weighted)

    def _cursors(self) -> list[Array]:
        return [np.zeros(self.n_rows, np.uint32) for _ in range(len(self.bounds) - 1)]

    def _pass(
        self, plan: Plan, rule: draw.Rule, pieces: list[Piece], cursors: list[Array], *, filling: bool
    ) -> Pass:
        """The pass that counts the synapses of a member in each row, or fills the rows."""
        return self._pass_over(plan, rule, [self.rows(self._blank(pieces), cursors)], filling=filling)

    def _pass_over(
        self, plan: Plan, rule: draw.Rule, tables: list[list[list[int]]], *, filling: bool
    ) -> Pass:
        """A pass over the synapses of a member, with a table of pieces for all threads or for each."""
        shortest = int(self.delays[0])
        index_of = _NOWHERE
        if len(self.delays) > 1:
            index_of = np.arange(int(self.delays[-1]) - shortest + 1)
            if not self.by_source:
                index_of[self.delays - shortest] = np.arange(len(self.delays))
        if 0 < shortest == self.least:  # shorter ones are so long
            shortest, index_of = 0, np.concatenate([np.zeros(shortest, np.int64), index_of])
        return Pass(plan, rule, filling, tables, self.bounds, shortest, index_of)

    # Members

    def without(self, member: int) -> Store:
        """Return a store of the other members, in rows by the same delays."""
        found, others = copy.copy(self), [one for one in range(len(self.plans)) if one != member]
        pieces = [
            _without(piece, begin.astype(np.int64), end.astype(np.int64))
            for piece, (begin, end) in zip(self.contents.pieces, self.parts(member), strict=True)
        ]
        found.contents, found.factor = Contents(tuple(pieces), self.contents.weighted), self.factor.copy()
        found.keepers = weakref.WeakSet()
        found.plans = [self.plans[one] for one in others]
        found.sizes = tuple(self.sizes[one] for one in others)
        found.delays_of = tuple(self.delays_of[one] for one in others)
        counted = self._counted
        found._counted = {place: counted[one] for place, one in enumerate(others) if one in counted}
        return found

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
        rule, pieces = plan.for_kernel(self.threads), list(self.contents.pieces)
        drawing.make([self._pass(plan, rule, pieces, cursors, filling=False)], self.threads)
        return cursors

    def with_own_weights(self) -> Contents:
        """Return contents that may be written to, in which each synapse has a weight of its own.

        They stay as they are, if they have it, and nobody keeps them.
        """
        if self.contents.weighted:
            if not any(one.contents is self.contents for one in self.keepers):
                return self.contents
            return self.contents.copied()
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
            pieces.append(piece._replace(synapses=synapses))
        return Contents(tuple(pieces), weighted=True)

    def _leave_out_itself(self, weights: Array, piece: Piece) -> None:
        """Neurons of a dense matrix reach themselves with a weight of 0."""
        begin = max(self.pre.start, piece.first_target)
        end = min(self.pre.stop, piece.first_target + piece.n_targets)
        neurons = np.arange(begin, end)
        matrix = weights.reshape(-1, max(1, piece.n_targets))
        matrix[neurons - self.pre.start, neurons - piece.first_target] = 0


def _without(piece: Piece, begin: Array, end: Array) -> Piece:
    """A piece without the synapses from ``begin`` to ``end`` of each row."""
    counts = end - begin
    gone = np.cumsum(counts)
    stays = np.ones(len(piece.synapses), bool)
    stays[np.repeat(begin - gone + counts, counts) + np.arange(counts.sum())] = False
    start = piece.start.copy()
    start[1:] -= gone.astype(np.uint32)
    return piece._replace(start=start, synapses=piece.synapses[stays])


@functools.cache
def _no_synapses(record: np.dtype[Any]) -> Array:
    """An array without records."""
    return np.zeros(0, record)


@functools.cache
def _record(dtype: np.dtype[Any], weighted: bool, lag_bytes: int) -> np.dtype[Any]:
    """What is stored of a synapse whose weight is of a type, and which tells its delay in so many bytes."""
    lag = [("lag", f"u{lag_bytes}")] if lag_bytes else []
    return np.dtype([("target", TARGET), *lag, *([("weight", dtype)] if weighted else [])])
