"""The machine room of a pool: its arrays, its history of spikes, and its record for the compiled steps.

Nothing is checked here; that is the facade's task.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from izhi_numba.compilation import compiled_update
from izhi_numba.constants import constant_names, constants
from izhi_numba.external import External
from izhi_numba.kernels import step
from izhi_numba.kernels.layout import POOL
from izhi_numba.kernels.rng import TILE
from izhi_numba.models.model import Model
from izhi_numba.rows import SHORT_REACH

Array = np.ndarray[Any, np.dtype[Any]]

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
    while -(-tiles // blocks) * TILE > SHORT_REACH:
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


def state_bytes(n: int, model: Model, dtype: np.dtype[Any]) -> int:
    """Bytes that a pool takes without synapses."""
    arrays = len(model.states) + len(model.parameters) + len(model.constants) + len(model.hidden()) + 3
    return padded(n) * (arrays * dtype.itemsize + 1) + history_bytes(n, 0)


def slots_for(longest_delay: int) -> int:
    """Steps that the history of spikes holds: a power of two."""
    return 1 << (longest_delay + LONGEST_WINDOW + 1).bit_length()


def history_bytes(n: int, longest_delay: int) -> int:
    """Bytes that the history of spikes can grow to; pages that no spike reaches are not taken."""
    return 4 * padded(n) * slots_for(longest_delay)


class Engine:
    """State of ``n`` neurons of a model, and what their compiled steps need.

    Attributes
    ----------
    bounds : int64 array (n_blocks + 1,)
        First neuron of each block, and the end.
    history, counts, crossings : arrays
        Spikes of the last steps, see :mod:`izhi_numba.kernels.layout`.
    record : structured array (1,)
        What the compiled steps know; a view of the ensemble's array.
    """

    def __init__(
        self, n: int, model: Model, scheme: str, dt: float, dtype: np.dtype[Any], key: Array, threads: int,
        clock: Array, *, interpolated: bool,
    ) -> None:  # fmt: skip
        self.n, self.model, self.dt, self.dtype, self.key, self.threads = n, model, dt, dtype, key, threads
        self.scheme, self.interpolated, self.clock = scheme, interpolated, clock
        size = self.size = padded(n)
        names = (*model.states, *model.parameters)
        self.arrays: dict[str, Array] = {name: np.zeros(size, dtype) for name in names}
        self.hidden: dict[str, Array] = {name: np.zeros(size, dtype) for name in model.hidden()}
        self.constants: dict[str, Array] = {
            name: np.zeros(size, dtype) for name in constant_names(type(model), scheme)
        }
        self.follows = {  # variables with a default that is a function of others; where it still holds
            name: np.ones(size, bool) for name in model.states if callable(model.default_of(name))
        }
        self.external = External(size, dtype, key, dt)
        self.pulses = np.zeros(0, dtype)  # weights that arrive in a step, where any can
        self._variables = [*(self.arrays[name] for name in model.variables()), *self.hidden.values()]
        self._fixed = [*(self.arrays[name] for name in model.parameters), *self.constants.values()]
        self._outcome = np.zeros(size, np.uint8)
        self._crossing = np.zeros(size if interpolated else 0, dtype)
        self._tiles: dict[bytes, Array] = {}  # a number -> a tile full of it
        self._rows = self._constant = np.zeros(0, np.int64)
        self._update: Any = None
        self._room, self._crossing_room = np.empty(0, np.int32), np.empty(0, dtype)
        self._held: tuple[Any, ...] = ()  # arrays that the record points to
        self.record = np.zeros(1, POOL)
        self.bounds = np.zeros(0, np.int64)
        self.history = np.zeros((0, size), np.int32)
        self.counts = np.zeros((0, 0), np.int32)
        self.crossings = np.zeros((0, 0), dtype)
        self.arrange(unconnected_bounds(n, threads), slots_for(0))

    @property
    def steps_done(self) -> int:
        """Steps so far."""
        return int(self.clock[0])

    @property
    def nbytes(self) -> int:
        """Bytes held, without synapses."""
        arrays = [*self._variables, *self._fixed, self._outcome, self._crossing, self.pulses]
        arrays += [self.history, self.counts, self.crossings]
        return sum(int(array.nbytes) for array in arrays) + self.external.nbytes

    @property
    def prepared(self) -> bool:
        """Whether the update is compiled."""
        return self._update is not None

    def spike_room(self, size: int) -> tuple[Array, Array]:
        """Room for the spikes of one call of the kernel, and when in the step; the same memory each time."""
        if len(self._room) < size:
            self._room = np.empty(size, np.int32)
            self._crossing_room = np.empty(size if self.interpolated else 0, self.dtype)
        return self._room[:size], self._crossing_room[:size]

    def port(self, receptor: str) -> Array:
        """What weights that arrive at a receptor are added to; no name: the pulse of one step."""
        if not receptor:
            if not len(self.pulses):
                self.pulses = np.zeros(self.size, self.dtype)
            return self.pulses
        return self.arrays[self.model.receptors[receptor]]

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

    def attach(self, record: Array, pieces: Array) -> None:
        """Fill the parts of a record that stay the same until the next connection."""
        self.record = record
        record["n"], record["size"] = self.n, self.size
        record["n_variables"] = len(self.model.states)
        record["n_rows"] = len(self._variables) + len(self._fixed)
        record["n_projections"], record["n_blocks"] = pieces.shape[1], len(self.bounds) - 1
        record["n_slots"] = len(self.history)
        record["key0"], record["key1"] = self.key
        self._held = (pieces, self.bounds, self.history, self.counts, self.crossings)
        self.point(
            outcome=self._outcome, crossing=self._crossing, pieces=pieces, pulses=self.pulses,
            bounds=self.bounds, history=self.history, counts=self.counts, crossings=self.crossings,
        )  # fmt: skip
        if self._update is not None:
            record["update"] = self._update.address

    def point(self, **arrays: Array) -> None:
        """Tell the compiled steps where arrays are, by the names of the record's fields."""
        for name, array in arrays.items():
            self.record[name] = array.ctypes.data if array.size else 0

    def prepare(self) -> None:
        """Compile the update, or load it from the disk cache."""
        if self._update is None:
            self._update = compiled_update(
                self.model, self.scheme, self.dtype, self.dt, interpolated=self.interpolated
            )
            self.record["update"] = self._update.address

    def compute_constants(self) -> None:
        """Compute what follows from parameters; they may have been written to since the last run."""
        if not self.constants:
            return
        parameters = {name: self.arrays[name][: self.n] for name in self.model.parameters}
        found = constants(type(self.model), self.scheme, parameters, self.dt)
        for name, values in found.items():
            self.constants[name][: self.n] = values

    def choose_rows(self, *, shared: bool) -> None:
        """Tell the steps where variables and parameters are.

        With ``shared``, tiles in which a parameter is the same for all neurons read it from one tile that
        stays in the cache, instead of streaming it: a million neurons of Izhikevich's move 24 instead of
        40 bytes each. To look for such tiles is worth while before a long run.
        """
        tiles = -(-self.size // TILE)
        strides = np.arange(tiles) * TILE * self.dtype.itemsize
        streamed = [row.ctypes.data + strides for row in self._variables]
        find = self._tiles_of if shared else lambda row: row.ctypes.data + strides
        self._rows = np.ascontiguousarray(np.stack([*streamed, *map(find, self._fixed)], axis=1))
        self._constant = find(self.external.constant)
        self.point(rows=self._rows, constant=self._constant)

    def _tiles_of(self, row: Array) -> Array:
        """Address of each tile of a row; of a tile that others use too, where all numbers are the same."""
        addresses = row.ctypes.data + np.arange(-(-self.size // TILE)) * TILE * self.dtype.itemsize
        bits = row.view(np.uint32 if self.dtype.itemsize == 4 else np.uint64)[: self.n]
        starts = np.arange(0, self.n, TILE)
        same = np.minimum.reduceat(bits, starts) == np.maximum.reduceat(bits, starts)
        for tile in np.flatnonzero(same):
            number = row[tile * TILE]
            shared = self._tiles.get(number.tobytes())
            if shared is None:
                shared = self._tiles[number.tobytes()] = np.full(TILE, number)
            addresses[tile] = shared.ctypes.data
        return addresses

    def drive(self, first_step: int, n_steps: int) -> None:
        """Compute what comes from outside in some steps."""
        self._driving = self.external.for_steps(first_step, n_steps)
        for name, value in self._driving._asdict().items():
            if isinstance(value, int):
                self.record[name] = value
            else:
                self.record[name] = value.ctypes.data if value.size else 0
