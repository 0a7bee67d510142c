"""Two ways to deliver spikes, and two ways to store rows: which one a receptor's synapses get.

The results do not depend on it, see :mod:`izhi_numba.kernels.run.deliver`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

# Nanoseconds of a core with 1 MB of cache, 40 delays, 60 to 3000 synapses of a source in a block.
_VISIT = 30.0
_DUE, _SENT = 2.0, 3.0  # a synapse
_FARTHER = 0.5  # a synapse for each MB of a ring beyond the first
_SPARSE = 2.0  # synapses of a source, delay and block, below which no row is kept for each delay
_MOST_RING_BYTES = 2**26  # of a receptor and pool; more only where synapses take more
LONGEST_LAG = 2**16 - 1  # steps between the shortest and the longest delay, where each synapse tells its own


class Load(NamedTuple):
    """Synapses of a link in one block of targets."""

    n_synapses: float
    n_sources: int
    n_delays: int
    span: int  # steps from the shortest delay to the longest
    by_source: bool | None  # how its rows are stored; None: not drawn yet

    @property
    def run(self) -> float:
        """Mean of the synapses of a source and a delay."""
        return self.n_synapses / max(1, self.n_sources * self.n_delays)

    @property
    def may_be_by_source(self) -> bool:
        """Whether each synapse can tell its own delay."""
        return self.n_delays > 1 and self.span <= LONGEST_LAG


def is_sparse(load: Load) -> bool:
    """Whether a row for each source and delay would hold next to nothing."""
    return load.may_be_by_source and load.run < _SPARSE


def is_sent(loads: Iterable[Load], ring_bytes: float) -> bool:
    """Whether the rows of a receptor are visited when spikes are sent; ``ring_bytes``: those of a block."""
    loads = list(loads)
    if any(load.by_source for load in loads):
        return True
    bytes_of_synapses = 6 * sum(load.n_synapses for load in loads)
    if all(load.n_delays == 1 for load in loads) or ring_bytes > max(_MOST_RING_BYTES, 4 * bytes_of_synapses):
        return False
    if any(is_sparse(load) and load.by_source is None for load in loads):
        return True
    due = sum(_VISIT * load.n_sources * load.n_delays + _DUE * load.n_synapses for load in loads)
    each = _SENT + _FARTHER * max(0.0, ring_bytes / 2**20 - 1)
    sent = sum(_VISIT * load.n_sources + each * load.n_synapses for load in loads)
    return sent < due
