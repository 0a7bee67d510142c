"""The memory budget of a network: into which blocks it will be cut, and bytes that are still to be taken.

A budget is a value: with one more projection there is another one. It keeps sums, so that a connection costs
the same however many there are.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from izhi_numba.base.arrays import Array
from izhi_numba.engine.learning import BYTES_IN_TABLES, LONGEST_WINDOW
from izhi_numba.engine.population import (
    LEARNING_WORK,
    Population,
    connected_blocks,
    cut_in,
    history_bytes,
    padded,
    unconnected_blocks,
)
from izhi_numba.synapses.learning import Learning, LogKey, log_bytes
from izhi_numba.synapses.plan import Plan
from izhi_numba.synapses.rings import bytes_of_ring
from izhi_numba.synapses.ways import Cut, Load, Port, Sums, is_sent, slots_of

_DRAWN_TOGETHER = 2**18  # bytes of work space: some hundred small projections


class Asked(NamedTuple):
    """Memory that a projection will take: with a row for each delay, or one for each source."""

    load: Load
    stored: tuple[int, int]  # bytes without those of rows
    shared: int  # the same with a row for each delay in common with others, of two synapses or more
    rows: tuple[int, int]  # bytes, in each block

    @classmethod
    def by(cls, plan: Plan) -> Asked:
        """What a plan asks for."""
        by_delay, by_source = (plan.record_bytes(by_source=way) for way in (False, True))
        shared = 0 if plan.learning else by_delay + 2 * plan.expected_synapses
        rows = plan.row_bytes(by_source=False), plan.row_bytes(by_source=True)
        return cls(plan.load, (by_delay, by_source), shared, rows)


class Inlet(NamedTuple):
    """What is known of the projections whose weights are added up in the same sums."""

    port: Port = Port()
    asked: tuple[Asked, ...] = ()
    # Of these, where spikes are delivered when due, and when sent: bytes without those of rows, and those in
    # each block.
    stored: tuple[int, int] = (0, 0)
    rows: tuple[int, int] = (0, 0)

    def also(self, asked: Asked, cut: Cut) -> Inlet:
        """Take a projection in that is not drawn."""
        ways = [asked.load.is_by_source(cut, sent=sent) for sent in (False, True)]
        least = asked.shared if asked.load.is_sparse(cut) else 0  # others may make rows longer
        its = [max(least, asked.stored[way]) for way in ways]
        stored = [before + one for before, one in zip(self.stored, its, strict=True)]
        rows = [before + asked.rows[way] for before, way in zip(self.rows, ways, strict=True)]
        port = self.port.with_load(asked.load, cut)
        return Inlet(port, (*self.asked, asked), (stored[0], stored[1]), (rows[0], rows[1]))

    def cut_anew(self, cut: Cut) -> Inlet:
        """The same, where no projection is drawn and there are other blocks."""
        return functools.reduce(lambda inlet, asked: inlet.also(asked, cut), self.asked, Inlet())


@dataclass(frozen=True)
class Share:
    """What is known of the projections of one population."""

    n: int  # units
    threads: int
    itemsize: int  # bytes of a number
    bounds: Array | None = None  # blocks, once synapses onto it are drawn
    n_synapses: int = 0  # onto it, drawn or not, in synapses that take as long
    inlets: Mapping[Sums, Inlet] = field(default_factory=dict)
    slots_held: int = 0  # of all rings
    longest: int = 0  # delay in steps, from it
    longest_held: int = 0  # delay for which there is a history
    # Of its spikes, for synapses onto it that learn: bytes that are still to be taken, and for each block.
    logs: Mapping[LogKey, tuple[int, int]] = field(default_factory=dict)
    # What synapses of a projection have in common, of those that are not drawn: bytes, and for each block.
    tables: tuple[int, int] = (0, 0)
    scratch: int = 0  # bytes of work space of each block, for visits to these, in all
    scratch_held: int = 0  # of these bytes
    # Steps for which its variables are held, for synapses onto it that learn from them; and are held already.
    rings: Mapping[str, int] = field(default_factory=dict)
    rings_held: Mapping[str, int] = field(default_factory=dict)

    @functools.cached_property
    def blocks(self) -> Array:
        """Blocks that a population has, or will have."""
        return cut_in(self.n, self.cut.n_blocks) if self.bounds is None else self.bounds

    @functools.cached_property
    def cut(self) -> Cut:
        """How it is cut, or will be."""
        if self.bounds is not None:
            n_blocks = len(self.bounds) - 1
        elif self.n_synapses:
            n_blocks = connected_blocks(self.n, self.threads, self.n_synapses / self.n)
        else:
            n_blocks = unconnected_blocks(self.n, self.threads)
        return Cut(n_blocks, padded(self.n) * self.itemsize)

    def is_by_source(self, load: Load, sums: Sums) -> bool:
        """Whether a projection onto it has one row for each source."""
        port = self.inlets.get(sums, Inlet()).port
        return load.is_by_source(self.cut, sent=is_sent(sums, port, self.cut))

    def slots(self) -> int:
        """Steps for which sums of what is to arrive are held, in all."""
        ports = {sums: one.port for sums, one in self.inlets.items()}
        return sum(slots_of(ports, self.cut).values())

    @property
    def ring_bytes(self) -> int:
        """Bytes that are still to be taken for what its variables were in the last steps."""
        rows = sum(max(0, n - self.rings_held.get(name, 0)) for name, n in self.rings.items())
        return bytes_of_ring(rows, padded(self.n), self.itemsize)

    @functools.cached_property
    def synapse_bytes(self) -> int:
        """Bytes that are still to be taken for synapses onto it, and for sums of what is to arrive."""
        cut, total = self.cut, max(0, self.slots() - self.slots_held) * self.cut.slot_bytes
        for sums, one in self.inlets.items():
            sent = is_sent(sums, one.port, cut)
            total += one.stored[sent] + one.rows[sent] * cut.n_blocks
        held = (self.tables, (0, max(0, self.scratch - self.scratch_held)), *self.logs.values())
        return total + self.ring_bytes + sum(once + each * cut.n_blocks for once, each in held)

    def with_projection(self, plan: Plan, sums: Sums, since: int) -> Share:
        """Take a projection onto it in that is not drawn."""
        more = plan.expected_synapses * (1 if plan.learning is None else LEARNING_WORK)
        larger, inlets = self._with_synapses(more, self.inlets), self.inlets
        if larger.cut != self.cut:  # then none is drawn
            inlets = {name: one.cut_anew(larger.cut) for name, one in inlets.items()}
        known = inlets.get(sums, Inlet())
        share = self._with_synapses(more, {**inlets, sums: known.also(Asked.by(plan), larger.cut)})
        return share if plan.learning is None else share._with_learning(plan, plan.learning, since)

    def _with_learning(self, plan: Plan, learning: Learning, since: int) -> Share:
        """The same with what synapses ask for that learn, beside what each and its row has."""
        key, logs = learning.log_key(since), dict(self.logs)
        if key not in logs:
            window = min(int(plan.delays[0]) - plan.least + 1, LONGEST_WINDOW)
            logs[key] = log_bytes(key, padded(self.n), window, plan.dtype)
        rings = dict(self.rings)
        for name, rows in learning.rows_of_rings(int(plan.delays[-1]), LONGEST_WINDOW).items():
            rings[name] = max(rings.get(name, 0), rows)
        once, each = self.tables
        tables = once + learning.table_bytes, each + BYTES_IN_TABLES
        scratch = max(self.scratch, learning.lanes.nbytes)
        return replace(self, logs=logs, tables=tables, scratch=scratch, rings=rings)

    def _with_synapses(self, more: int, inlets: Mapping[Sums, Inlet]) -> Share:
        """The same with more synapses; ``dataclasses.replace`` takes 8 us longer."""
        return Share(
            self.n, self.threads, self.itemsize, self.bounds, self.n_synapses + more, inlets,
            self.slots_held, self.longest, self.longest_held, self.logs, self.tables, self.scratch,
            self.scratch_held, self.rings, self.rings_held,
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
    largest_work: int = 0  # bytes of work space while a projection is drawn
    all_work: int = 0  # the same of all

    def with_population(self, population: Population) -> Budget:
        """Take a population in."""
        share = Share(population.n, population.setting.threads, population.dtype.itemsize)
        return replace(self, shares=(*self.shares, share))

    @property
    def bytes_to_come(self) -> int:
        """Bytes that all that is not drawn yet takes at most."""
        return self.to_come + self.work

    @property
    def work(self) -> int:
        """Bytes of work space: small projections are drawn together."""
        return max(self.largest_work, min(self.all_work, _DRAWN_TOGETHER))

    def with_projection(self, plan: Plan, source: int, target: int, sums: Sums, since: int = 0) -> Budget:
        """Take a projection in that is not drawn; ``since``: the step after which it carries spikes."""
        shares = list(self.shares)
        shares[target], more, its_work = self._with(plan, source, target, sums, since)
        sent, longest = shares[source], int(plan.delays[-1])
        if longest > sent.longest:
            shares[source] = replace(sent, longest=longest)
        largest, total = max(self.largest_work, its_work), self.all_work + its_work
        return Budget(tuple(shares), self.n_projections + 1, self.to_come + more, largest, total)

    def _with(self, plan: Plan, source: int, target: int, sums: Sums, since: int) -> tuple[Share, int, int]:
        """Return the share of the target with a projection, and bytes it takes: for good, and as work."""
        before, sent = self.shares[target], self.shares[source]
        onto = before.with_projection(plan, sums, since)
        more = onto.synapse_bytes - before.synapse_bytes
        more += sent.history_bytes(int(plan.delays[-1])) - sent.history_bytes()
        by_source = onto.is_by_source(plan.load, sums)
        return onto, more, plan.work(onto.cut.n_blocks, onto.threads, by_source=by_source)

    def drawn(
        self, bounds: Mapping[int, Array], longest: Mapping[int, int],
        ports: Sequence[Mapping[Sums, Port]], logs: Sequence[Collection[LogKey]],
        rings: Sequence[Mapping[str, int]],
    ) -> Budget:  # fmt: skip
        """All is drawn: blocks of populations that have synapses, longest delays, sums, logs, rings."""
        shares = []
        for number, share in enumerate(self.shares):
            known = {sums: Inlet(port) for sums, port in ports[number].items()}
            drawn = replace(
                share, bounds=bounds.get(number, share.bounds), inlets=known,
                longest=longest.get(number, 0), longest_held=longest.get(number, 0),
                logs=dict.fromkeys(logs[number], (0, 0)), tables=(0, 0), rings=rings[number],
                rings_held=rings[number],
            )  # fmt: skip
            shares.append(replace(drawn, slots_held=drawn.slots(), scratch_held=drawn.scratch))
        return Budget(tuple(shares), self.n_projections)

    def bytes_of(self, asked: Sequence[tuple[Plan, Sums]], source: int, target: int, since: int = 0) -> int:
        """Bytes that projections between the same neurons take at most: what stays, and work space."""
        budget = Budget(self.shares)
        for plan, sums in asked:
            budget = budget.with_projection(plan, source, target, sums, since)
        return budget.bytes_to_come

    def bytes_onto(self, target: int) -> int:
        """Bytes to come of a population: synapses onto it, and the history of its spikes."""
        share = self.shares[target]
        return share.synapse_bytes + share.history_bytes()
