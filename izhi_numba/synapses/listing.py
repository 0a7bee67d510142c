"""The synapses of one projection among its rows, in the order in which a user sees them.

By source, delay and target: the same for any number of threads, and whether rows are shared or not. Targets
that are no neighbours are in the order of their population.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any, NamedTuple, Self

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.changes import Change
from izhi_numba.base.selection import size_of
from izhi_numba.kernels import team
from izhi_numba.kernels.build import listing as kernels
from izhi_numba.kernels.build.listing import Columns
from izhi_numba.synapses.store import Contents, Store

_AT_ONCE = 2**20  # synapses that are looked through together
_NONE = np.zeros(0, np.int64)


def listing(store: Store, member: int) -> Listing:
    """Return what lists the synapses of a member of a store."""
    return DenseListing(store, member) if store.dense else SparseListing(store, member)


class Listing:
    """Lists synapses. Sources, in ascending order, and targets are counted within their groups."""

    def __init__(self, store: Store, member: int) -> None:
        self._store, self._plan, self._contents = store, store.plans[member], store.contents
        self.everyone: Array = np.arange(self._plan.n_pre)

    def seen_in(self, contents: Contents) -> Self:
        """Return what lists the same synapses in other contents."""
        other = copy.copy(self)
        other._contents = contents
        return other

    def sizes(self, sources: Array) -> Array:
        """Return how many synapses each of some sources has."""
        raise NotImplementedError

    def pairs(self, sources: Array) -> tuple[Array, Array, Array]:
        """Source, target and delay in steps of each synapse of some sources."""
        raise NotImplementedError

    def targets(self, sources: Array) -> Array:
        """Target of each synapse of some sources."""
        raise NotImplementedError

    def weights(self, sources: Array) -> Array:
        """Weight of each synapse of some sources; a new array."""
        if not self._contents.weighted:
            size, weight = int(self.sizes(sources).sum()), self._plan.weight.first
            return np.full(size, weight, self._store.dtype)
        return self._weights(sources)

    def writing(self, contents: Contents, sources: Array, weights: Array) -> Change:
        """Prepare the change of the weights of the synapses of some sources, in contents with own weights."""
        raise NotImplementedError

    def in_portions(self, sources: Array) -> Iterator[Array]:
        """Cut a list of sources where their synapses would take much room."""
        portion = np.cumsum(self.sizes(sources)) // _AT_ONCE
        yield from np.split(sources, np.flatnonzero(np.diff(portion)) + 1)

    def reaching(self, sources: Array, wanted: Array) -> Array:
        """Return which of the synapses of some sources go to wanted targets, by truth values of these."""
        return np.concatenate([wanted[self.targets(some)] for some in self.in_portions(sources)])

    def among_all(self, sources: Array, inside: Array) -> Array:
        """Return which of all synapses are meant, by truth values of those of some sources."""
        among = np.zeros(len(self.everyone), np.bool_)
        among[sources] = True
        chosen: Array = np.repeat(among, self.sizes(self.everyone))
        chosen[chosen] = inside
        return chosen

    def _weights(self, sources: Array) -> Array:
        raise NotImplementedError


class SparseListing(Listing):
    """Lists synapses that are stored with their targets."""

    def __init__(self, store: Store, member: int) -> None:
        super().__init__(store, member)
        self._parts = store.parts(member)

    def sizes(self, sources: Array) -> Array:
        """Return how many synapses each of some sources has."""
        sizes = np.zeros(len(sources), np.int64)
        for counts in self._counts(sources):
            sizes += counts.sum(axis=1, dtype=np.int64)
        return sizes

    def _counts(self, sources: Array) -> Iterator[Array]:
        """Synapses of some sources by source and row, for each block."""
        shape = -1, self._store.rows_of_source
        rows = self._rows(sources)
        for begin, end in self._parts:
            yield end.reshape(shape)[rows] - begin.reshape(shape)[rows]

    def _rows(self, sources: Array) -> Array:
        """Which of the sources of the store these are."""
        pre = self._plan.pre
        return sources if isinstance(pre, slice) else pre[sources] - self._store.pre.start

    def pairs(self, sources: Array) -> tuple[Array, Array, Array]:
        """Source, target and delay in steps of each synapse of some sources."""
        size = int(self.sizes(sources).sum())
        pre, post, delay = (np.empty(size, np.int64) for _ in range(3))
        self._pass(sources, Columns(pre, post, delay, self._no_weights)).do()
        if not isinstance(self._plan.pre, slice):
            pre = np.repeat(sources, self.sizes(sources))
        return pre, self._places(post), delay

    def targets(self, sources: Array) -> Array:
        """Target of each synapse of some sources."""
        post = np.empty(int(self.sizes(sources).sum()), np.int64)
        self._pass(sources, Columns(_NONE, post, _NONE, self._no_weights)).do()
        return self._places(post)

    def _places(self, targets: Array) -> Array:
        """Places within their group of targets, which are counted from its first neuron."""
        post = self._plan.post
        if isinstance(post, slice):
            return targets
        place = np.zeros(size_of(self._plan.onto), np.int64)
        place[post - self._plan.onto.start] = np.arange(len(post))
        return place[targets]

    def _weights(self, sources: Array) -> Array:
        weights = np.empty(int(self.sizes(sources).sum()), self._store.dtype)
        self._pass(sources, Columns(_NONE, _NONE, _NONE, weights)).do()
        return weights

    def writing(self, contents: Contents, sources: Array, weights: Array) -> Change:
        """Prepare the change of the weights of the synapses of some sources, in contents with own weights."""
        return self._pass(sources, Columns(_NONE, _NONE, _NONE, weights), contents)

    @property
    def _no_weights(self) -> Array:
        return np.empty(0, self._store.dtype)

    def _pass(self, sources: Array, columns: Columns, written: Contents | None = None) -> _Pass:
        """Prepare a pass over the rows of some sources; ``written``: contents whose weights it sets."""
        store, sizes = self._store, self.sizes(sources)
        contents = written or self._contents
        longest = max(int(counts.max(initial=0)) for counts in self._counts(sources))
        if store.by_source:
            longest = int(sizes.max(initial=0))
        threads = store.threads if len(sources) > kernels.ROWS_AT_ONCE else 1
        parts = np.array([[side.ctypes.data for side in part] for part in self._parts], np.int64)
        job = kernels.Listing(
            team.turns(), written is not None, self._rows(sources), np.cumsum(sizes) - sizes,
            store.delays_of_rows, parts.reshape(-1, 2), store.table(contents), self._plan.onto.start,
            columns, kernels.scratch(threads, longest, len(parts)),
        )  # fmt: skip
        if written is not None:  # compile before anything is changed: nothing is left to do in this call
            team.call(kernels.list_rows, 1, job)
        return _Pass(threads, job, (self._parts, contents))


class _Pass(NamedTuple):
    """A pass over rows of synapses that lists them, or sets their weights; it may be repeated."""

    threads: int
    job: kernels.Listing
    held: Any  # whose addresses are in the job

    def do(self) -> None:
        """Make the pass."""
        team.in_portions(kernels.list_rows, self.threads, self.job, self.job.n_parts)


class DenseListing(Listing):
    """Lists all pairs, which are stored as matrices: one for each block of targets."""

    def sizes(self, sources: Array) -> Array:
        """Return how many synapses each of some sources has."""
        sizes = np.full(len(sources), self._plan.n_post)
        itself = self._itself(sources)
        sizes[(itself >= 0) & (itself < self._plan.n_post)] -= 1
        return sizes

    def pairs(self, sources: Array) -> tuple[Array, Array, Array]:
        """Source, target and delay in steps of each synapse of some sources."""
        pre = np.repeat(sources, self.sizes(sources))
        return pre, self.targets(sources), np.full(len(pre), self._store.delays[0])

    def targets(self, sources: Array) -> Array:
        """Target of each synapse of some sources."""
        shape = len(sources), self._plan.n_post
        return self._without_itself(np.broadcast_to(np.arange(self._plan.n_post), shape), sources)

    def _weights(self, sources: Array) -> Array:
        matrix = np.empty((len(sources), self._plan.n_post), self._store.dtype)
        for part, stored in self._stored(self._contents):
            matrix[:, part] = stored[sources]
        return self._without_itself(matrix, sources)

    def writing(self, contents: Contents, sources: Array, weights: Array) -> Change:
        """Prepare the change of the weights of the synapses of some sources, in contents with own weights."""
        if len(weights) == len(sources) * self._plan.n_post:
            matrix = weights.reshape(len(sources), -1)
        else:
            matrix = np.zeros((len(sources), self._plan.n_post), self._store.dtype)
            matrix[self._others(sources)] = weights
        return _WriteMatrix(self._stored(contents), sources, matrix)

    def _stored(self, contents: Contents) -> list[tuple[slice, Array]]:
        """Targets of each block, and their weights by source and target."""
        first, stored = self._plan.onto.start, []
        for piece in contents.pieces:
            if piece.n_targets:
                begin = piece.first_target - first
                matrix = piece.synapses.reshape(-1, piece.n_targets)
                stored.append((slice(begin, begin + piece.n_targets), matrix))
        return stored

    def _itself(self, sources: Array) -> Array:
        """The target that a source does not reach; below zero: there is none."""
        plan = self._plan
        if not plan.same or plan.rule.autapses:
            return np.full(len(sources), -1)
        itself: Array = sources + (plan.from_to.start - plan.onto.start)
        return itself

    def _others(self, sources: Array) -> Array:
        others: Array = np.arange(self._plan.n_post) != self._itself(sources)[:, None]
        return others

    def _without_itself(self, matrix: Array, sources: Array) -> Array:
        if not self._plan.same or self._plan.rule.autapses:
            return matrix.reshape(-1)
        others: Array = matrix[self._others(sources)]
        return others


class _WriteMatrix(NamedTuple):
    """Writes weights of the synapses of some sources into the matrices of blocks; may be repeated."""

    stored: list[tuple[slice, Array]]
    sources: Array
    matrix: Array  # (sources, targets)

    def do(self) -> None:
        """Write them."""
        for part, stored in self.stored:
            stored[self.sources] = self.matrix[:, part]
