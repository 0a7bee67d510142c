"""Two ways to deliver spikes, and two ways to store rows: which one a receptor's synapses get.

The results do not depend on it, see :mod:`izhi_numba.kernels.run.deliver`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

# Nanoseconds of cores with 0.5 and 1 MB of cache, 20 to 60 delays, 60 to 3000 synapses of a source and block.
_VISIT = 40.0
_DUE, _SENT = 2.0, 2.75  # a synapse
_FARTHER = 0.3  # a synapse for each MB of a block's part of a ring beyond the first
_SPARSE = 2.0  # synapses of a source, delay and block, below which no row is kept for each delay
_SHORT = 16.0  # the same, where rows are visited when spikes are sent
_MOST_RING_BYTES = 2**26  # of a receptor
_MOST_RING_PER_SYNAPSE = 24  # bytes, where that is more: four times what a synapse takes
_BYTES_OF_ROW = 4  # where it begins
LONGEST_LAG = 2**16 - 1  # steps between the shortest and the longest delay, where each synapse tells its own


class Sums(NamedTuple):
    """Sums of what arrives at the neurons of a population: by receptor, and whose weights are in them."""

    receptor: str  # empty for the input
    # The projection that has sums of its own, in which spikes are counted: the weight comes to them
    # afterwards. None: those of all others.
    alone: int | None = None
    # Of synapses that learn: where their delays are. Their sums are state, and are not made anew.
    learned_at: str = ""


PULSES = Sums("")  # what is added to the input of one step


class Cut(NamedTuple):
    """How a population of targets is cut."""

    n_blocks: int
    slot_bytes: int  # of sums of what arrives at all of it in a step

    def ring_bytes(self, longest: int) -> int:
        """Bytes of sums for each step up to the longest delay."""
        return (1 + longest) * self.slot_bytes


class Load(NamedTuple):
    """What delivery has to do for the synapses of a projection, or of several in the same rows."""

    n_synapses: int
    n_sources: int
    n_delays: int
    span: int  # steps from the shortest delay to the longest
    longest: int  # delay, steps
    by_source: bool | None  # how its rows are stored; None: not drawn yet

    def is_sparse(self, cut: Cut) -> bool:
        """Whether a row for each source, delay and block would hold next to nothing.

        Rows by source need sums for all delays: not where those take more than the rows that are saved.
        """
        if not self._may_be_by_source or self._run(cut.n_blocks) >= _SPARSE:
            return False
        rows = _BYTES_OF_ROW * self.n_sources * self.n_delays * cut.n_blocks
        return cut.ring_bytes(self.longest) <= max(_MOST_RING_BYTES, rows)

    def is_by_source(self, cut: Cut, *, sent: bool) -> bool:
        """Whether each source has one row in a block, and each synapse tells its delay; else a row each."""
        if self.by_source is not None:
            return self.by_source
        short = self._may_be_by_source and self._run(cut.n_blocks) < _SHORT
        return self.is_sparse(cut) or (sent and short)

    @property
    def _may_be_by_source(self) -> bool:
        return self.n_delays > 1 and self.span <= LONGEST_LAG and self.by_source is not False

    def _run(self, n_blocks: int) -> float:
        """Mean of the synapses of a source and a delay in a block."""
        return self.n_synapses / max(1, self.n_sources * self.n_delays * n_blocks)


class Port(NamedTuple):
    """What delivery has to do for all projections whose weights are added up in the same sums."""

    n_synapses: int = 0
    due: int = 0  # rows, where those of each delay are visited when spikes are due
    sent: int = 0  # rows, where they are visited when spikes are sent
    longest: int = 0  # delay, steps
    several: bool = False  # whether a source has several delays
    sparse: bool = False

    @classmethod
    def of(cls, loads: Iterable[Load], cut: Cut) -> Port:
        """What several projections come to."""
        n_synapses = due = sent = longest = 0
        several = sparse = False
        for load in loads:
            n_synapses += load.n_synapses
            due += load.n_sources * load.n_delays
            sent += load.n_sources
            longest = max(longest, load.longest)
            several = several or load.n_delays > 1
            sparse = sparse or bool(load.by_source) or load.is_sparse(cut)
        return cls(n_synapses, due, sent, longest, several, sparse)

    def with_load(self, load: Load, cut: Cut) -> Port:
        """Take a projection in."""
        one = Port.of((load,), cut)
        return Port(
            self.n_synapses + one.n_synapses, self.due + one.due, self.sent + one.sent,
            max(self.longest, one.longest), self.several or one.several, self.sparse or one.sparse,
        )  # fmt: skip


def is_sent(sums: Sums, port: Port, cut: Cut) -> bool:
    """Whether rows are visited when spikes are sent."""
    if sums.learned_at:  # with the weight of that time, or that of the arrival
        return sums.learned_at == "dendrite"
    if port.sparse:
        return True
    n_blocks, ring = cut.n_blocks, cut.ring_bytes(port.longest)
    if not port.several or ring > max(_MOST_RING_BYTES, _MOST_RING_PER_SYNAPSE * port.n_synapses):
        return False
    due = _VISIT * port.due * n_blocks + _DUE * port.n_synapses
    each = _SENT + _FARTHER * max(0.0, ring / n_blocks / 2**20 - 1)
    return _VISIT * port.sent * n_blocks + each * port.n_synapses < due


def slots_of(
    ports: Mapping[Sums, Port], cut: Cut, expected: Mapping[Sums, Port] | None = None
) -> dict[Sums, int]:
    """Steps for which what arrives is added up ahead: one where rows are visited when spikes are due.

    ``expected``: what was thought before all was drawn. Sums for more steps are not held where they were not
    expected, and told.
    """
    if expected is None:
        expected = ports
    slots = {
        sums: 1 + port.longest if is_sent(sums, port, cut) and is_sent(sums, expected[sums], cut) else 1
        for sums, port in ports.items()
    }
    if any(not sums.receptor for sums in slots):  # what was counted is added to them
        slots.setdefault(PULSES, 1)
    return slots
