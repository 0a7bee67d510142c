"""What is advanced in step with others: its blocks, its history of spikes, and its record for the steps.

Nothing is checked here; that is the facade's task.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.kernels.layout import Record
from izhi_numba.kernels.rng import TILE
from izhi_numba.kernels.run import step
from izhi_numba.synapses.store import MOST_IN_A_BLOCK

LONGEST_WINDOW = 16  # steps that a block may run on its own
_MOST_TILES = 8  # of an unconnected block: it stays in the cache for a window
LEAST_WORK = 15.0  # microseconds per step, of a connected block
NEURON_WORK = 2e-3  # microseconds of a neuron's update with noise
SYNAPSE_WORK = 7e-6  # of a synapse in a step, at 7 Hz


def connected_bounds(n: int, threads: int, degree: float) -> Array:
    """Blocks of targets: one per thread (cutting rows further costs 20 to 90 %), and short enough.

    A block needs enough work per step to be worth a meeting of threads; cut in two, 10,000 neurons with
    100 synapses each gained nothing, and lost 40 % on a busy machine.
    """
    tiles = -(-n // TILE)
    work = n * (NEURON_WORK + degree * SYNAPSE_WORK)
    blocks = int(max(1, min(threads, tiles, work // LEAST_WORK)))
    while -(-tiles // blocks) * TILE > MOST_IN_A_BLOCK:
        blocks += min(threads, blocks)
    return _cut(n, blocks)


def unconnected_bounds(n: int, threads: int) -> Array:
    """Blocks of neurons that know nothing of each other: small enough for the cache."""
    tiles = -(-n // TILE)
    size = max(1, min(_MOST_TILES, -(-tiles // threads)))
    return _cut(n, -(-tiles // size))


def _cut(n: int, blocks: int) -> Array:
    tiles = -(-n // TILE)
    return np.minimum(np.arange(blocks + 1, dtype=np.int64) * tiles // blocks * TILE, padded(n))


def padded(n: int) -> int:
    """Length of arrays for ``n`` neurons."""
    return -(-n // step.PAD) * step.PAD


def slots_for(longest_delay: int) -> int:
    """Steps that the history of spikes holds: a power of two."""
    return 1 << (longest_delay + LONGEST_WINDOW + 1).bit_length()


def history_bytes(n: int, longest_delay: int) -> int:
    """Bytes that the history of spikes can grow to; pages that no spike reaches are not taken."""
    return 4 * padded(n) * slots_for(longest_delay)


class Population:
    """``n`` units that spike, in blocks.

    Attributes
    ----------
    size : int
        Length of padded arrays.
    bounds : int64 array (n_blocks + 1,)
        First unit of each block, and the end.
    history, counts, crossings : arrays
        Spikes of the last steps, see :mod:`izhi_numba.kernels.layout`.
    record : Record
        What the compiled steps know, in the engine's array; it holds the arrays that it points to.
    number : int
        Place in the engine.
    name : str
        Of the pool in its network; empty for a pool alone.
    """

    def __init__(
        self, n: int, dt: float, dtype: np.dtype[Any], key: Array, threads: int, clock: Array,
        *, interpolated: bool = False,
    ) -> None:  # fmt: skip
        self.n, self.dt, self.dtype, self.key, self.threads = n, dt, dtype, key, threads
        self.clock, self.interpolated = clock, interpolated
        self.began = int(clock[0])  # steps that others had done before it was there
        self.size = padded(n)
        self.number, self.name = 0, ""
        self.groups: dict[str, slice] = {}
        self.signs: dict[str, str] = {}  # of groups: "excitatory" or "inhibitory", where declared
        self.arrays: dict[str, Array] = {}  # what a user may set, by name
        self.follows: dict[str, Array] = {}  # variables with a default that is a function of others
        self.record = Record(dtype)
        self.bounds = np.zeros(0, np.int64)
        self.history = np.zeros((0, self.size), np.int32)
        self.counts = np.zeros((0, 0), np.int32)
        self.crossings = np.zeros((0, 0), dtype)
        self._room, self._crossing_room = np.empty(0, np.int32), np.empty(0, dtype)
        self.arrange(unconnected_bounds(n, threads), slots_for(0))

    @property
    def steps_done(self) -> int:
        """Steps so far."""
        return int(self.clock[0])

    @property
    def told(self) -> str:
        """What it consists of, in a few words."""
        return "units"

    @property
    def nbytes(self) -> int:
        """Bytes held, without synapses."""
        arrays = (*self.arrays.values(), self.history, self.counts, self.crossings)
        return sum(int(array.nbytes) for array in arrays)

    @property
    def recordable(self) -> tuple[str, ...]:
        """Names of what traces can be kept of, in the order of the compiled steps."""
        return ()

    def peaks(self) -> Array:
        """What the voltage shows on the step of a spike, for each neuron; NaN: its value."""
        return np.zeros(0, self.dtype)

    def port(self, receptor: str) -> Array:
        """What weights that arrive at a receptor are added to; no name: the pulse of one step."""
        raise NotImplementedError(receptor)

    def make_rings(self, slots: dict[str, int]) -> None:
        """Make the sums of weights that are to arrive at receptors within so many steps each."""

    def ring(self, receptor: str) -> Array:
        """The sums of a receptor, (slots, size)."""
        raise NotImplementedError(receptor)

    def empty_rings(self) -> None:
        """Have what rings hold added up again, as weights have changed."""

    @property
    def prepared(self) -> bool:
        """Whether all that it needs is compiled."""
        return True

    def prepare(self) -> None:
        """Compile what is not compiled yet."""

    def begin(self, *, shared: bool) -> None:
        """Take up what may have changed since the last run."""

    def drive(self, first_step: int, n_steps: int) -> None:
        """Compute what comes from outside in some steps."""

    def spike_room(self, size: int) -> tuple[Array, Array]:
        """Room for the spikes of one call of the kernel, and when in the step; the same memory each time."""
        if len(self._room) < size:
            self._room = np.empty(size, np.int32)
            self._crossing_room = np.empty(size if self.interpolated else 0, self.dtype)
        return self._room[:size], self._crossing_room[:size]

    # The history of spikes

    def arrange(self, bounds: Array, n_slots: int) -> None:
        """Cut the neurons into blocks, and keep so many steps of spikes; those of the last steps stay."""
        old = len(self.history)
        if old == n_slots and np.array_equal(bounds, self.bounds):
            return
        history = np.zeros((n_slots, self.size), np.int32)
        counts = np.zeros((n_slots, len(bounds) - 1), np.int32)
        crossings = np.zeros((n_slots, self.size) if self.interpolated else (1, 0), self.dtype)
        if old:
            for stamp in range(max(0, self.steps_done - min(old, n_slots) + 1), self.steps_done + 1):
                spikes, when = self._listed(stamp)
                slot = stamp % n_slots
                ends = np.searchsorted(spikes, bounds)
                counts[slot] = np.diff(ends)
                for first, begin, end in zip(bounds[:-1], ends[:-1], ends[1:], strict=True):
                    history[slot, first : first + end - begin] = spikes[begin:end]
                    if self.interpolated:
                        crossings[slot, first : first + end - begin] = when[begin:end]
        self.bounds, self.history, self.counts, self.crossings = bounds, history, counts, crossings

    def _listed(self, stamp: int) -> tuple[Array, Array]:
        """Spikes stamped with a step, and when in the step they came."""
        slot = stamp % len(self.history)
        places = [
            slice(first, first + count)
            for first, count in zip(self.bounds[:-1].tolist(), self.counts[slot].tolist(), strict=True)
        ]
        when = self.crossings[slot if self.interpolated else 0]
        return (
            np.concatenate([self.history[slot, place] for place in places]),
            np.concatenate([when[place] for place in places]),
        )

    # The record

    def attach(self, row: Array, pieces: Array) -> None:
        """Make a record in a row of the engine's array, and fill what stays until the next connection."""
        self.record = Record(self.dtype, row)
        self.record.set(
            n=self.n, size=self.size, n_projections=pieces.shape[1], n_blocks=len(self.bounds) - 1,
            n_slots=len(self.history), key0=self.key[0], key1=self.key[1],
        )  # fmt: skip
        self.record.point(
            pieces=pieces, bounds=self.bounds, history=self.history, counts=self.counts,
            crossings=self.crossings,
        )  # fmt: skip
