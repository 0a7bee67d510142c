"""The machine room of a pool: state and parameters of its neurons, and what their compiled steps need.

Nothing is checked here; that is the facade's task.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.memory import aligned_zeros
from izhi_numba.engine.population import Population, history_bytes, padded
from izhi_numba.engine.stimulus import Driving, Stimulus
from izhi_numba.kernels.rng import TILE
from izhi_numba.models.model import Model
from izhi_numba.numerics.assembly import compiled_update
from izhi_numba.numerics.constants import constant_names, constants


def state_bytes(n: int, model: Model, dtype: np.dtype[Any]) -> int:
    """Bytes that a pool takes without synapses."""
    arrays = len(model.states) + len(model.parameters) + len(model.constants) + len(model.hidden()) + 3
    return padded(n) * (arrays * dtype.itemsize + 1) + history_bytes(n, 0)


class Neurons(Population):
    """Neurons of a model."""

    def __init__(
        self, n: int, model: Model, scheme: str, dt: float, dtype: np.dtype[Any], key: Array, threads: int,
        clock: Array, *, interpolated: bool,
    ) -> None:  # fmt: skip
        super().__init__(n, dt, dtype, key, threads, clock, interpolated=interpolated)
        self.model, self.scheme = model, scheme
        size = self.size
        self.arrays = {name: aligned_zeros(size, dtype) for name in (*model.states, *model.parameters)}
        self.hidden: dict[str, Array] = {name: aligned_zeros(size, dtype) for name in model.hidden()}
        self.constants: dict[str, Array] = {
            name: aligned_zeros(size, dtype) for name in constant_names(type(model), scheme)
        }
        self.follows = {
            name: np.ones(size, bool) for name in model.states if callable(model.default_of(name))
        }
        self.stimulus = Stimulus(size, dtype, key, dt)
        self.pulses = np.zeros((0, size), dtype)  # ring of weights that add to the input, where any can
        self._rings: dict[str, Array] = {}  # of receptors: sums by step, where delays share visits
        self._variables = [*(self.arrays[name] for name in model.variables()), *self.hidden.values()]
        self._fixed = [*(self.arrays[name] for name in model.parameters), *self.constants.values()]
        self._outcome = aligned_zeros(size, np.uint8)
        self._crossing = aligned_zeros(size if interpolated else 0, dtype)
        self._tiles: dict[bytes, Array] = {}  # a number -> a tile full of it
        self._streamed = False  # whether the record has the rows as they lie
        self._driven_by: Driving | None = None  # what the record tells of the drive
        self._update: Any = None

    @property
    def told(self) -> str:
        """What it consists of, in a few words."""
        return f"neurons, {self.model!r}".removesuffix("()")

    @property
    def nbytes(self) -> int:
        """Bytes held, without synapses."""
        arrays = [
            *self.hidden.values(), *self.constants.values(), self._outcome, self._crossing, self.pulses,
            *self._rings.values(),
        ]  # fmt: skip
        return super().nbytes + sum(int(array.nbytes) for array in arrays) + self.stimulus.nbytes

    @property
    def recordable(self) -> tuple[str, ...]:
        """Names of what traces can be kept of, in the order of the compiled steps."""
        return (*self.model.variables(), "I")

    def peaks(self) -> Array:
        """What the voltage shows on the step of a spike, for each neuron; NaN: its value."""
        peak = self.model.peak
        if isinstance(peak, str):
            return self.arrays[peak].copy()
        return np.full(self.size, np.nan if peak is None else peak, self.dtype)

    @property
    def prepared(self) -> bool:
        """Whether the update is compiled."""
        return self._update is not None

    def prepare(self) -> None:
        """Compile the update, or load it from the disk cache."""
        if self._update is None:
            self._update = compiled_update(
                self.model, self.scheme, self.dtype, self.dt, interpolated=self.interpolated
            )
            self.record.set(update=self._update.address)

    def port(self, receptor: str) -> Array:
        """What weights that arrive at a receptor are added to; no name: the pulse of one step."""
        if not receptor:
            if not len(self.pulses):
                self.pulses = aligned_zeros((1, self.size), self.dtype)
            return self.pulses
        return (self.arrays | self.hidden)[self.model.receptors[receptor]]

    def make_rings(self, slots: dict[str, int]) -> None:
        """Make the sums of weights that are to arrive at receptors within so many steps each."""
        rings = {receptor: aligned_zeros((count, self.size), self.dtype) for receptor, count in slots.items()}
        if "" in rings:
            self.pulses = rings.pop("")
        self._rings = {receptor: ring for receptor, ring in rings.items() if len(ring) > 1}

    def ring(self, receptor: str) -> Array:
        """The sums of a receptor, (slots, size)."""
        ring = self._rings.get(receptor)
        return self.port(receptor).reshape(-1, self.size) if ring is None else ring

    def empty_rings(self) -> None:
        """Have what rings hold added up again, as weights have changed."""
        rings = (self.pulses, *self._rings.values())
        for ring in rings:
            ring[:] = 0
        self.record.set(remade=max(0, *(len(ring) - 1 for ring in rings)))

    def attach(self, row: Array, pieces: Array) -> None:
        """Make a record in a row of the engine's array, and fill what stays until the next connection."""
        super().attach(row, pieces)
        self._streamed, self._driven_by = False, None
        rings = [
            (ring.ctypes.data, len(ring), self.port(name).ctypes.data) for name, ring in self._rings.items()
        ]
        self.record.set(
            n_variables=len(self.model.states), n_rows=len(self._variables) + len(self._fixed),
            update=self._update.address if self.prepared else 0, n_rings=len(rings),
        )  # fmt: skip
        self.record.point(outcome=self._outcome, crossing=self._crossing, rings=np.array(rings, np.int64))
        self.empty_rings()

    def begin(self, *, shared: bool) -> None:
        """Take up what may have changed since the last run; see ``_tiles_of`` for ``shared``."""
        self._compute_constants()
        if not shared and self._streamed:
            return
        self._streamed, self._tiles = not shared, {}
        streamed = map(self._tiles_as_they_lie, self._variables)
        find = self._tiles_of if shared else self._tiles_as_they_lie
        rows = np.ascontiguousarray(np.stack([*streamed, *map(find, self._fixed)], axis=1))
        self.record.point(rows=rows, constant=find(self.stimulus.constant))

    def _compute_constants(self) -> None:
        """Compute what follows from parameters; they may have been written to since the last run."""
        if not (self.constants or self.model.time_constants):
            return
        parameters = {name: self.arrays[name][: self.n] for name in self.model.parameters}
        found = constants(type(self.model), self.scheme, parameters, self.dt)
        for name, values in found.items():
            self.constants[name][: self.n] = values

    @property
    def step_bytes(self) -> int:
        """Bytes that a step of a long run must move, for the bounds of the benchmarks.

        Variables are read and written, parameters and input read where they differ within a tile, outcomes
        written and read.
        """
        fixed = (*self._fixed, self.stimulus.constant)
        streamed = sum(int((self._tiles_of(row) == self._tiles_as_they_lie(row)).sum()) for row in fixed)
        variables = 2 * self.size * len(self._variables)
        return self.dtype.itemsize * (variables + TILE * streamed) + 2 * self.size

    def _tiles_as_they_lie(self, row: Array) -> Array:
        """Address of each tile of a row."""
        addresses: Array = row.ctypes.data + np.arange(0, self.size, TILE) * self.dtype.itemsize
        return addresses

    def _tiles_of(self, row: Array) -> Array:
        """Address of each tile of a row; where all numbers are the same, of a tile that others use too.

        It stays in the cache, instead of being streamed: a million neurons of Izhikevich's move 24
        instead of 40 bytes each. To look for such tiles is worth while before a long run.
        """
        addresses = self._tiles_as_they_lie(row)
        bits = row.view(np.uint32 if self.dtype.itemsize == 4 else np.uint64)[: self.n]
        starts = np.arange(0, self.n, TILE)
        same = np.minimum.reduceat(bits, starts) == np.maximum.reduceat(bits, starts)
        for tile in np.flatnonzero(same):
            number = row[tile * TILE]
            shared = self._tiles.get(number.tobytes())
            if shared is None:
                shared = self._tiles[number.tobytes()] = aligned_zeros(TILE, self.dtype)
                shared[:] = number
            addresses[tile] = shared.ctypes.data
        return addresses

    def drive(self, first_step: int, n_steps: int) -> None:
        """Compute what comes from outside in some steps."""
        if self._driven_by is not self.stimulus.driving:
            self._tell_of_drive()
        self.record.point(**self.stimulus.factors(first_step, n_steps))

    def _tell_of_drive(self) -> None:
        """Tell the compiled steps what drives the neurons, but for factors that change with time."""
        driving, receptors = self.stimulus.driving, self.stimulus.train_receptors
        ports = np.array([self.port(receptor).ctypes.data for receptor in receptors], np.int64)
        self.record.set(n_pulse_slots=len(self.pulses), **driving.numbers)
        self.record.point(pulses=self.pulses, train_ports=ports, **driving.arrays)
        self._driven_by = driving
