"""The synapses of one projection among its rows, in the order in which a user sees them.

By source, delay and target: the same for any number of threads, and whether rows are shared or not.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.kernels import team
from izhi_numba.kernels.build import listing as kernels
from izhi_numba.kernels.build.listing import Columns
from izhi_numba.synapses.store import Store

_AT_ONCE = 2**20  # synapses that are looked through together
_NONE = np.zeros(0, np.int64)


def listing(rows: Store, member: int) -> Listing:
    """Return what lists a member of rows, for as long as these stay as they are."""
    return DenseListing(rows, member) if rows.dense else SparseListing(rows, member)


class Listing:
    """Lists synapses. Sources, in ascending order, and targets are counted within their groups."""

    def __init__(self, rows: Store, member: int) -> None:
        self._rows, self._plan = rows, rows.plans[member]
        self.everyone: Array = np.arange(self._plan.n_pre)

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
        rows = self._rows
        if not rows.weighted:
            return np.full(int(self.sizes(sources).sum()), rows.plans[0].weight.first, rows.dtype)
        return self._weights(sources)

    def write(self, sources: Array, weights: Array) -> None:
        """Set the weights of the synapses of some sources."""
        if not self._rows.weighted:
            self._rows.take_weights()
        self._rows.changed = True
        self._write(sources, weights)

    def in_portions(self, sources: Array) -> Iterator[Array]:
        """Cut a list of sources where their synapses would take much room."""
        portion = np.cumsum(self.sizes(sources)) // _AT_ONCE
        yield from np.split(sources, np.flatnonzero(np.diff(portion)) + 1)

    def _weights(self, sources: Array) -> Array:
        raise NotImplementedError

    def _write(self, sources: Array, weights: Array) -> None:
        raise NotImplementedError


class SparseListing(Listing):
    """Lists synapses that are stored with their targets."""

    def __init__(self, rows: Store, member: int) -> None:
        super().__init__(rows, member)
        self._parts = rows.parts(member)

    def sizes(self, sources: Array) -> Array:
        """Return how many synapses each of some sources has."""
        sizes = np.zeros(len(sources), np.int64)
        for counts in self._counts(sources):
            sizes += counts.sum(axis=1, dtype=np.int64)
        return sizes

    def _counts(self, sources: Array) -> Iterator[Array]:
        """Synapses of some sources by source and delay, for each block."""
        shape = -1, len(self._rows.delays)
        for begin, end in self._parts:
            yield end.reshape(shape)[sources] - begin.reshape(shape)[sources]

    def pairs(self, sources: Array) -> tuple[Array, Array, Array]:
        """Source, target and delay in steps of each synapse of some sources."""
        size = int(self.sizes(sources).sum())
        pre, post, delay = (np.empty(size, np.int64) for _ in range(3))
        self._run(sources, Columns(pre, post, delay, self._no_weights), writing=False)
        return pre, post, delay

    def targets(self, sources: Array) -> Array:
        """Target of each synapse of some sources."""
        post = np.empty(int(self.sizes(sources).sum()), np.int64)
        self._run(sources, Columns(_NONE, post, _NONE, self._no_weights), writing=False)
        return post

    def _weights(self, sources: Array) -> Array:
        weights = np.empty(int(self.sizes(sources).sum()), self._rows.dtype)
        self._run(sources, Columns(_NONE, _NONE, _NONE, weights), writing=False)
        return weights

    def _write(self, sources: Array, weights: Array) -> None:
        self._run(sources, Columns(_NONE, _NONE, _NONE, weights), writing=True)

    @property
    def _no_weights(self) -> Array:
        return np.empty(0, self._rows.dtype)

    def _run(self, sources: Array, columns: Columns, *, writing: bool) -> None:
        rows, first = self._rows, self._plan.post.start
        sizes = self.sizes(sources)
        longest = max(int(counts.max(initial=0)) for counts in self._counts(sources))
        threads = rows.threads if len(sources) > kernels.ROWS_AT_ONCE else 1
        parts = np.array([[side.ctypes.data for side in part] for part in self._parts], np.int64)
        job = kernels.Listing(
            team.turns(), writing, sources, np.cumsum(sizes) - sizes, rows.delays, parts.reshape(-1, 2),
            rows.table(), first, columns, kernels.scratch(threads, longest),
        )  # fmt: skip
        team.in_portions(kernels.list_rows, threads, job, job.n_parts)


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
        return pre, self.targets(sources), np.full(len(pre), self._rows.delays[0])

    def targets(self, sources: Array) -> Array:
        """Target of each synapse of some sources."""
        shape = len(sources), self._plan.n_post
        return self._without_itself(np.broadcast_to(np.arange(self._plan.n_post), shape), sources)

    def _weights(self, sources: Array) -> Array:
        matrix = np.empty((len(sources), self._plan.n_post), self._rows.dtype)
        for part, stored in self._stored():
            matrix[:, part] = stored[sources]
        return self._without_itself(matrix, sources)

    def _write(self, sources: Array, weights: Array) -> None:
        if len(weights) == len(sources) * self._plan.n_post:
            matrix = weights.reshape(len(sources), -1)
        else:
            matrix = np.zeros((len(sources), self._plan.n_post), self._rows.dtype)
            matrix[self._others(sources)] = weights
        for part, stored in self._stored():
            stored[sources] = matrix[:, part]

    def _stored(self) -> Iterator[tuple[slice, Array]]:
        """Targets of each block, and their weights by source and target."""
        for piece in self._rows.pieces:
            if piece.n_targets:
                first = piece.first_target - self._plan.post.start
                yield slice(first, first + piece.n_targets), piece.synapses.reshape(-1, piece.n_targets)

    def _itself(self, sources: Array) -> Array:
        """The target that a source does not reach; below zero: there is none."""
        plan = self._plan
        if not plan.same or plan.rule.autapses:
            return np.full(len(sources), -1)
        itself: Array = sources + (plan.pre.start - plan.post.start)
        return itself

    def _others(self, sources: Array) -> Array:
        others: Array = np.arange(self._plan.n_post) != self._itself(sources)[:, None]
        return others

    def _without_itself(self, matrix: Array, sources: Array) -> Array:
        if not self._plan.same or self._plan.rule.autapses:
            return matrix.reshape(-1)
        others: Array = matrix[self._others(sources)]
        return others
