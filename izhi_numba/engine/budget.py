"""The memory budget of a network: into which blocks it will be cut, and bytes that are still to be taken.

A budget is a value: with one more projection there is another one. It keeps sums, so that a connection costs
the same however many there are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from izhi_numba.base.arrays import Array
from izhi_numba.engine.population import Population, connected_bounds, history_bytes, unconnected_bounds
from izhi_numba.synapses.plan import Plan


@dataclass(frozen=True)
class Share:
    """What is known of the projections of one population."""

    n: int  # units
    threads: int
    bounds: Array | None = None  # blocks, once synapses onto it are drawn
    n_synapses: int = 0  # onto it, drawn or not
    stored: int = 0  # bytes of those that are not drawn, without where their rows begin
    n_rows: int = 0  # of those that are not drawn, in each block
    longest: int = 0  # delay in steps, from it
    longest_held: int = 0  # delay for which there is a history

    def blocks(self, n_synapses: int = 0) -> Array:
        """Blocks that a population has, or will have with so many synapses more."""
        if self.bounds is not None:
            return self.bounds
        total = self.n_synapses + n_synapses
        if not total:
            return unconnected_bounds(self.n, self.threads)
        return connected_bounds(self.n, self.threads, total / self.n)

    def synapse_bytes(self, stored: int = 0, n_rows: int = 0, n_synapses: int = 0) -> int:
        """Bytes that are still to be taken for synapses onto it, with so many more."""
        return self.stored + stored + 4 * (self.n_rows + n_rows) * (len(self.blocks(n_synapses)) - 1)

    def history_bytes(self, longest: int = 0) -> int:
        """Bytes that are still to be taken for the history of its spikes."""
        wanted = history_bytes(self.n, max(self.longest, longest))
        return max(0, wanted - history_bytes(self.n, self.longest_held))


@dataclass(frozen=True)
class Budget:
    """Sums over the projections of a network, those among them that are not drawn yet."""

    shares: tuple[Share, ...] = ()  # of populations
    n_projections: int = 0  # taken in
    to_come: int = 0  # bytes, in all
    work: int = 0  # bytes of the largest work space: one projection is drawn after the other

    def with_population(self, population: Population) -> Budget:
        """Take a population in."""
        return replace(self, shares=(*self.shares, Share(population.n, population.setting.threads)))

    @property
    def bytes_to_come(self) -> int:
        """Bytes that all that is not drawn yet takes at most."""
        return self.to_come + self.work

    def with_projection(self, plan: Plan, source: int, target: int) -> Budget:
        """Take a projection in that is not drawn."""
        shares = list(self.shares)
        onto, sent = shares[target], shares[source]
        blocks = len(onto.blocks(plan.expected_synapses)) - 1
        more = onto.synapse_bytes(plan.stored(0), plan.n_rows, plan.expected_synapses) - onto.synapse_bytes()
        more += sent.history_bytes(int(plan.delays[-1])) - sent.history_bytes()
        to_come, work = self.to_come + more, max(self.work, plan.work(blocks, onto.threads))
        shares[target] = replace(
            onto, n_synapses=onto.n_synapses + plan.expected_synapses, stored=onto.stored + plan.stored(0),
            n_rows=onto.n_rows + plan.n_rows,
        )  # fmt: skip
        sent = shares[source]
        shares[source] = replace(sent, longest=max(sent.longest, int(plan.delays[-1])))
        return Budget(tuple(shares), self.n_projections + 1, to_come, work)

    def drawn(self, bounds: Mapping[int, Array], longest: Mapping[int, int]) -> Budget:
        """All is drawn: blocks of populations that have synapses, and longest delays that occur."""
        shares = [
            replace(
                share, bounds=bounds.get(number, share.bounds), stored=0, n_rows=0,
                longest=longest.get(number, 0), longest_held=longest.get(number, 0),
            )
            for number, share in enumerate(self.shares)
        ]  # fmt: skip
        return Budget(tuple(shares), self.n_projections)

    def bytes_of(self, plan: Plan, source: int, target: int) -> int:
        """Bytes that a projection takes at most: synapses, work space, and the history for its delays."""
        onto, sent = self.shares[target], self.shares[source]
        blocks = len(onto.blocks(plan.expected_synapses)) - 1
        more = sent.history_bytes(int(plan.delays[-1])) - sent.history_bytes()
        return plan.stored(blocks) + plan.work(blocks, onto.threads) + more

    def bytes_onto(self, target: int) -> int:
        """Bytes to come of a population: synapses onto it, and the history of its spikes."""
        share = self.shares[target]
        return share.synapse_bytes() + share.history_bytes()
