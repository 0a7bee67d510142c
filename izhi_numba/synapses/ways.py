"""Two ways to deliver spikes, and two ways to store rows: which one a receptor's synapses get.

The results do not depend on it, see :mod:`izhi_numba.kernels.run.deliver`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

# Nanoseconds of a core with 1 MB of cache, 40 delays, 60 to 3000 synapses of a source in a block.
_VISIT = 30.0
_DUE, _SENT = 2.0, 3.0  # a synapse
_FARTHER = 0.5  # a synapse for each MB of a ring beyond the first
_SPARSE = 2.0  # synapses of a source, delay and block, below which no row is kept for each delay
_SHORT = 16.0  # the same, where rows are visited when spikes are sent
_MOST_RING_BYTES = 2**26  # of a receptor and block; more only where synapses take more
LONGEST_LAG = 2**16 - 1  # steps between the shortest and the longest delay, where each synapse tells its own


class Sums(NamedTuple):
    """Sums of what arrives at the neurons of a population: by receptor, and whose weights are in them."""

    receptor: str  # empty for the input
    # The projection that has sums of its own, in which spikes are counted: the weight comes to them
    # afterwards. None: those of all others.
    alone: int | None = None


PULSES = Sums("")  # what is added to the input of one step


class Load(NamedTuple):
    """Synapses of a projection, or of several in the same rows."""

    n_synapses: int
    n_sources: int
    n_delays: int
    span: int  # steps from the shortest delay to the longest
    longest: int  # delay, steps
    by_source: bool | None  # how its rows are stored; None: not drawn yet

    def is_sparse(self, n_blocks: int) -> bool:
        """Whether a row for each source, delay and block would hold next to nothing."""
        return self._may_be_by_source and self._run(n_blocks) < _SPARSE

    def is_by_source(self, n_blocks: int, *, sent: bool) -> bool:
        """Whether each source has one row in a block, and each synapse tells its delay; else a row each."""
        if self.by_source is not None:
            return self.by_source
        return self.is_sparse(n_blocks) or (sent and self._may_be_by_source and self._run(n_blocks) < _SHORT)

    @property
    def _may_be_by_source(self) -> bool:
        return self.n_delays > 1 and self.span <= LONGEST_LAG and self.by_source is not False

    def _run(self, n_blocks: int) -> float:
        """Mean of the synapses of a source and a delay in a block."""
        return self.n_synapses / max(1, self.n_sources * self.n_delays * n_blocks)


class Port(NamedTuple):
    """All that is added up in the same sums."""

    n_synapses: int = 0
    due: int = 0  # rows, where those of each delay are visited when spikes are due
    sent: int = 0  # rows, where they are visited when spikes are sent
    longest: int = 0  # delay, steps
    several: bool = False  # whether a source has several delays
    sparse: bool = False

    def with_load(self, load: Load, n_blocks: int) -> Port:
        """Take a projection in."""
        return Port(
            self.n_synapses + load.n_synapses, self.due + load.n_sources * load.n_delays,
            self.sent + load.n_sources, max(self.longest, load.longest), self.several or load.n_delays > 1,
            self.sparse or bool(load.by_source) or load.is_sparse(n_blocks),
        )  # fmt: skip


def is_sent(port: Port, n_blocks: int, slot_bytes: int) -> bool:
    """Whether rows are visited when spikes are sent; ``slot_bytes``: of what arrives at a pool in a step."""
    if port.sparse:
        return True
    ring = (1 + port.longest) * slot_bytes / n_blocks
    if not port.several or ring > max(_MOST_RING_BYTES, 4 * 6 * port.n_synapses / n_blocks):
        return False
    due = _VISIT * port.due * n_blocks + _DUE * port.n_synapses
    each = _SENT + _FARTHER * max(0.0, ring / 2**20 - 1)
    return _VISIT * port.sent * n_blocks + each * port.n_synapses < due


def slots_of(ports: Mapping[Sums, Port], n_blocks: int, slot_bytes: int) -> dict[Sums, int]:
    """Steps for which what arrives is added up ahead: one where rows are visited when spikes are due."""
    slots = {
        sums: 1 + port.longest if is_sent(port, n_blocks, slot_bytes) else 1 for sums, port in ports.items()
    }
    if any(not sums.receptor for sums in slots):  # what was counted is added to them
        slots.setdefault(PULSES, 1)
    return slots
