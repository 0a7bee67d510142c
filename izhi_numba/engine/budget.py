"""The memory budget of a network: into which blocks it will be cut, and bytes that are still to be taken.

A budget is a value: with one more projection there is another one. It keeps sums, so that a connection costs
the same however many there are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from izhi_numba.base.arrays import Array
from izhi_numba.engine.population import (
    Population,
    connected_bounds,
    history_bytes,
    padded,
    unconnected_bounds,
)
from izhi_numba.synapses.plan import Plan
from izhi_numba.synapses.ways import Port, is_sent, slots_of


@dataclass(frozen=True)
class Share:
    """What is known of the projections of one population."""

    n: int  # units
    threads: int
    bounds: Array | None = None  # blocks, once synapses onto it are drawn
    n_synapses: int = 0  # onto it, drawn or not
    itemsize: int = 4  # bytes of a number
    stored: int = 0  # bytes of those that are not drawn, without where their rows begin
    n_rows: int = 0  # of those that are not drawn, in each block
    ports: Mapping[str, Port] = field(default_factory=dict)  # by receptor
    slots_held: int = 0  # of rings of all receptors
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

    def synapse_bytes(self) -> int:
        """Bytes that are still to be taken for synapses onto it, and for sums of what is to arrive."""
        return self.stored + 4 * self.n_rows * (len(self.blocks()) - 1) + self.ring_bytes()

    def ring_bytes(self) -> int:
        """Bytes that are still to be taken for sums of what is to arrive."""
        slot_bytes, n_blocks = padded(self.n) * self.itemsize, len(self.blocks()) - 1
        slots = sum(slots_of(port, n_blocks, slot_bytes) for port in self.ports.values())
        return max(0, slots - self.slots_held) * slot_bytes

    def by_source(self, plan: Plan, receptor: str) -> bool:
        """Whether a projection onto it will have a row for each source."""
        n_blocks = len(self.blocks(plan.expected_synapses)) - 1
        port = self.ports.get(receptor, Port()).with_load(plan.load, n_blocks)
        sent = is_sent(port, n_blocks, padded(self.n) * self.itemsize)
        return plan.load.is_by_source(n_blocks, sent=sent)

    def with_projection(self, plan: Plan, receptor: str) -> Share:
        """Take a projection onto it in that is not drawn."""
        n_blocks = len(self.blocks(plan.expected_synapses)) - 1
        by_source, port = self.by_source(plan, receptor), self.ports.get(receptor, Port())
        return replace(
            self, n_synapses=self.n_synapses + plan.expected_synapses,
            stored=self.stored + plan.record_bytes(by_source=by_source),
            n_rows=self.n_rows + plan.rows(by_source=by_source),
            ports={**self.ports, receptor: port.with_load(plan.load, n_blocks)},
        )  # fmt: skip

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
        share = Share(population.n, population.setting.threads, itemsize=population.dtype.itemsize)
        return replace(self, shares=(*self.shares, share))

    @property
    def bytes_to_come(self) -> int:
        """Bytes that all that is not drawn yet takes at most."""
        return self.to_come + self.work

    def with_projection(self, plan: Plan, source: int, target: int, receptor: str) -> Budget:
        """Take a projection in that is not drawn."""
        shares = list(self.shares)
        before, sent = shares[target], shares[source]
        onto = shares[target] = before.with_projection(plan, receptor)
        more = onto.synapse_bytes() - before.synapse_bytes()
        more += sent.history_bytes(int(plan.delays[-1])) - sent.history_bytes()
        by_source = before.by_source(plan, receptor)
        its_work = plan.work(len(onto.blocks()) - 1, onto.threads, by_source=by_source)
        to_come, work = self.to_come + more, max(self.work, its_work)
        sent = shares[source]
        shares[source] = replace(sent, longest=max(sent.longest, int(plan.delays[-1])))
        return Budget(tuple(shares), self.n_projections + 1, to_come, work)

    def drawn(
        self, bounds: Mapping[int, Array], longest: Mapping[int, int],
        ports: Mapping[int, Mapping[str, Port]],
    ) -> Budget:  # fmt: skip
        """All is drawn: blocks of populations that have synapses, longest delays that occur, receptors."""
        shares = []
        for number, share in enumerate(self.shares):
            drawn = replace(
                share, bounds=bounds.get(number, share.bounds), stored=0, n_rows=0,
                longest=longest.get(number, 0), longest_held=longest.get(number, 0),
                ports=ports.get(number, {}), slots_held=0,
            )  # fmt: skip
            slot_bytes = padded(share.n) * share.itemsize
            shares.append(replace(drawn, slots_held=drawn.ring_bytes() // slot_bytes))
        return Budget(tuple(shares), self.n_projections)

    def bytes_of(self, plan: Plan, source: int, target: int, receptor: str) -> int:
        """Bytes that a projection takes at most: what stays, and work space."""
        before, sent = self.shares[target], self.shares[source]
        onto = before.with_projection(plan, receptor)
        more = sent.history_bytes(int(plan.delays[-1])) - sent.history_bytes()
        more += onto.synapse_bytes() - before.synapse_bytes()
        by_source = before.by_source(plan, receptor)
        return more + plan.work(len(onto.blocks()) - 1, onto.threads, by_source=by_source)

    def bytes_onto(self, target: int) -> int:
        """Bytes to come of a population: synapses onto it, and the history of its spikes."""
        share = self.shares[target]
        return share.synapse_bytes() + share.history_bytes()
