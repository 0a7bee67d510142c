"""Neurons of one model: their state and parameters, and what their compiled steps need.

Nothing is checked here; that is the facade's task.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.changes import Assign, Change, Copy
from izhi_numba.base.memory import aligned_zeros
from izhi_numba.engine.moments import Moments
from izhi_numba.engine.population import Keys, Population, Setting, history_bytes, padded
from izhi_numba.engine.stimulus import Stimulus
from izhi_numba.kernels.layout import Record, address
from izhi_numba.kernels.rng import TILE
from izhi_numba.kernels.run.rest import GROUPS
from izhi_numba.models.declaration import Parameter, asked_names, call_on_arrays
from izhi_numba.models.model import Model
from izhi_numba.numerics.assembly import compiled_update
from izhi_numba.numerics.constants import constant_names, constants
from izhi_numba.results.recording import Current


def state_bytes(n: int, model: Model, dtype: np.dtype[Any]) -> int:
    """Bytes that a pool takes without synapses."""
    arrays = len(model.states) + len(model.parameters) + len(model.constants) + len(model.hidden()) + 3
    wider = len(model.doubles()) * (8 - dtype.itemsize)
    return padded(n) * (arrays * dtype.itemsize + wider + 1) + history_bytes(n, 0)


@dataclass
class Table:
    """Addresses of the tiles of all variables, parameters and constants, and of the constant input."""

    rows: Array  # int64 (n_tiles, n_rows)
    constant: Array  # int64 (n_tiles,)
    streamed: bool = True  # whether each tile is where the arrays lie
    tiles: dict[bytes, Array] = field(default_factory=dict)  # a number -> a tile full of it


class Neurons(Population):
    """Neurons of a model.

    Attributes
    ----------
    hidden : dict
        Variables that users do not see: steps left of a refractory period, sums of weights.
    constants : dict
        Numbers that follow from parameters, computed before each run.
    stimulus : Stimulus
        What drives the neurons from outside; replaced as a whole.
    silenced : uint8 array (size,) or None
        Neurons that are held and do not spike; replaced as a whole, and taken up by the next wiring.
    """

    def __init__(
        self, n: int, setting: Setting, keys: Keys, number: int, name: str, model: Model, scheme: str, *,
        spike_times: str,
    ) -> None:  # fmt: skip
        super().__init__(n, setting, keys, number, name, interpolated=spike_times != "grid")
        self.model, self.scheme, self.spike_times = model, scheme, spike_times
        size, dtype = self.size, self.dtype
        doubles = model.doubles()
        self.arrays = {
            name: aligned_zeros(size, np.dtype(np.float64) if name in doubles else dtype)
            for name in (*model.states, *model.parameters)
        }
        self.hidden: dict[str, Array] = {name: aligned_zeros(size, dtype) for name in model.hidden()}
        self.constants: dict[str, Array] = {
            name: aligned_zeros(size, dtype) for name in constant_names(type(model), scheme)
        }
        self.follows = {
            name: np.ones(size, bool) for name in model.states if callable(model.default_of(name))
        }
        self.stimulus = Stimulus.none(size, dtype, keys.noise, self.dt)
        self.silenced: Array | None = None
        self._variables = [*(self.arrays[name] for name in model.variables()), *self.hidden.values()]
        self._fixed = [*(self.arrays[name] for name in model.parameters), *self.constants.values()]
        self._outcome = aligned_zeros(size, np.uint8)
        self._crossing = aligned_zeros(size if self.interpolated else 0, dtype)
        self._pulse: Array | None = None  # sum of weights for the input of one step, where no ring has it
        self._driven_by: tuple[Record, Stimulus] | None = None  # what the record says of the drive
        self._update: Any = None

    @property
    def parameters(self) -> dict[str, Parameter]:
        """The model's parameters, and what is possible for them."""
        return self.model.parameters

    def moving(self) -> dict[str, Array]:
        """Variables, also those that users do not see, and which of them follow others."""
        found = {name: self.arrays[name] for name in self.model.states} | self.hidden
        return found | {f"follows/{name}": where for name, where in self.follows.items()}

    def emptied(self) -> list[Change]:
        """Prepare that nothing is left of the last step but what is state."""
        emptied = [self._outcome, self._crossing, *([] if self._pulse is None else [self._pulse])]
        return [Copy(array, 0) for array in emptied]

    def back_to_start(self, noise: Array) -> list[Change]:
        """Prepare that it is as before the first step, with noise of another key."""
        return [
            *super().back_to_start(noise), *self.emptied(),
            Assign(self, "stimulus", self.stimulus.begun(noise)),
        ]  # fmt: skip

    @property
    def description(self) -> str:
        """What the units are, in a few words."""
        return f"neurons, {self.model!r}".removesuffix("()")

    @property
    def nbytes(self) -> int:
        """Bytes held, without synapses and without the history of spikes."""
        arrays = [*self.hidden.values(), *self.constants.values(), self._outcome, self._crossing]
        if self._pulse is not None:
            arrays.append(self._pulse)
        arrays += self._tables_of_silence()
        return super().nbytes + sum(int(array.nbytes) for array in arrays) + self.stimulus.nbytes

    @property
    def recordable(self) -> tuple[str, ...]:
        """Names of what traces can be kept of, in the order of the compiled steps."""
        return (*self.model.variables(), "I")

    def current(self, variable: str) -> Current | None:
        """How a trace follows from variables, where it is the current of a receptor."""
        function = self.model.currents.get(variable)
        if function is None:
            return None
        asked = asked_names(function)
        fixed = {name: array for name, array in (self.arrays | self.constants).items() if name in asked}
        variables = tuple(name for name in asked if name in self.model.states)
        for name in variables:
            del fixed[name]
        return Current(variables, functools.partial(call_on_arrays, function), fixed, self.dt)

    @property
    def peak_is_fixed(self) -> bool:
        """Whether what the voltage shows on the step of a spike is no parameter."""
        return not isinstance(self.model.peak, str)

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

    def prepare(self, compiled: dict[Any, Any]) -> None:
        """Compile the update, or load it from the disk cache, where it is not among those ``compiled``."""
        if self._update is not None:
            return
        model = self.model
        key = type(model), *model.defaults.items(), self.scheme, self.spike_times
        if key not in compiled:
            compiled[key] = compiled_update(model, self.scheme, self.dtype, self.dt, self.spike_times)
        self._update = compiled[key]

    def port(self, receptor: str) -> Array:
        """Return what weights that arrive at a receptor are added to, (size,); no name: the input."""
        if receptor:
            return (self.arrays | self.hidden)[self.model.receptors[receptor]]
        if self._pulse is None:
            self._pulse = aligned_zeros(self.size, self.dtype)
        return self._pulse

    def attach(self, record: Record) -> Table:
        """Fill the parts of a record that stay the same until the next connection."""
        streamed = [self._tiles_as_they_lie(row) for row in (*self._variables, *self._fixed)]
        silenced, held = self._tables_of_silence()
        table = Table(np.stack(streamed, axis=1), self._tiles_as_they_lie(self.stimulus.constant))
        self._driven_by = None  # which would hold the sums of the record before
        itemsizes = np.array([row.itemsize for row in self._variables], np.int64)
        record.set(
            n_variables=len(self.model.states), n_rows=len(streamed), n_state_rows=len(itemsizes),
            may_rest=not self.model.asks_for_time(), n_groups=GROUPS * table.constant.size,
        )  # fmt: skip
        record.point(
            outcome=self._outcome, crossing=self._crossing, rows=table.rows, constant=table.constant,
            itemsizes=itemsizes, awake=np.zeros(GROUPS * table.constant.size, np.uint8),
            rest=np.zeros((record.number("n_blocks"), 3), np.int64), silenced=silenced, held=held,
        )  # fmt: skip
        return table

    def _tables_of_silence(self) -> tuple[Array, Array]:
        """Which neurons are silenced, and room for their state in a step; empty where none is."""
        silenced = np.zeros(0, np.uint8) if self.silenced is None else self.silenced
        return silenced, np.zeros((len(self._variables) if len(silenced) else 0, self.size), np.uint64)

    def watched(self) -> tuple[Array, ...]:
        """Parameters, where something follows from them, or some values are not possible."""
        if not (self.constants or any(one.is_bounded for one in self.parameters.values())):
            return ()
        return tuple(self.arrays[name] for name in self.model.parameters)

    def take_up(self, record: Record) -> tuple[Array, ...]:
        """Compute what follows from parameters; returns copies of them, as they were taken."""
        record.set(update=self._update.address)
        taken = tuple(array[: self.n].copy() for array in self.watched())
        if taken:
            parameters = dict(zip(self.model.parameters, taken, strict=True))
            of = f" of pool {self.name!r}" if self.name else ""
            found = constants(
                type(self.model), self.scheme, parameters, self.dt, of=of, whole=self.spike_times != "precise"
            )
            for name, values in found.items():
                self.constants[name][: self.n] = values
        return taken

    def finite(self) -> tuple[Array, ...]:
        """Variables that have to be finite before a run."""
        return tuple(self.arrays[name][: self.n] for name in self.model.states)

    def fixed(self, table: Table) -> list[tuple[Array, Array]]:
        """Where the tiles of parameters, constants and input are, and the arrays that they are taken from."""
        columns = table.rows[:, len(self._variables) :].T
        return [*zip(columns, self._fixed, strict=True), (table.constant, self.stimulus.constant)]

    def lay_out(self, table: Table, *, shared: bool) -> None:
        """Take tiles from where arrays lie; ``shared``: those full of one number from one for all.

        Such a tile stays in the cache, instead of being streamed: a million neurons of Izhikevich's move 24
        instead of 40 bytes each. To look for such tiles is worth while before a long run.
        """
        tiles: dict[bytes, Array] = {}
        laid = [self._tiles(row, tiles, shared=shared) for _, row in self.fixed(table)]
        table.tiles = table.tiles | tiles  # all are held while some addresses are old
        table.streamed = False
        for (addresses, _), wanted in zip(self.fixed(table), laid, strict=True):
            addresses[:] = wanted
        table.streamed, table.tiles = not shared, tiles

    @property
    def step_bytes(self) -> int:
        """Bytes that a step of a long run must move, for the bounds of the benchmarks.

        Variables are read and written, parameters and input read where they differ within a tile, outcomes
        written and read.
        """
        fixed = (*self._fixed, self.stimulus.constant)
        streamed = sum(
            int((self._tiles(row, {}, shared=True) == self._tiles_as_they_lie(row)).sum()) for row in fixed
        )
        variables = 2 * sum(int(row.nbytes) for row in self._variables)
        return variables + self.dtype.itemsize * TILE * streamed + 2 * self.size

    def _tiles_as_they_lie(self, row: Array) -> Array:
        """Address of each tile of a row."""
        addresses: Array = address(row) + np.arange(0, self.size * row.itemsize, TILE * row.itemsize)
        return addresses

    def _tiles(self, row: Array, tiles: dict[bytes, Array], *, shared: bool) -> Array:
        """Address of each tile of a row; ``tiles``: those full of one number, by its bytes."""
        addresses = self._tiles_as_they_lie(row)
        if not shared:
            return addresses
        bits = row.view(np.uint32 if self.dtype.itemsize == 4 else np.uint64)[: self.n]
        if self.n <= TILE:  # in half of the time
            same = (bits == bits[:1]).all(keepdims=True)
        else:
            starts = np.arange(0, self.n, TILE)
            same = np.minimum.reduceat(bits, starts) == np.maximum.reduceat(bits, starts)
        for number in np.flatnonzero(same):
            value = row[number * TILE]
            tile = tiles.get(value.tobytes())
            if tile is None:
                tile = aligned_zeros(TILE, self.dtype)
                tile[:] = value
                tiles[value.tobytes()] = tile
            addresses[number] = address(tile)
        return addresses

    @property
    def drives(self) -> Stimulus:
        """What comes from outside; another object when it is replaced."""
        return self.stimulus

    def drive(self, record: Record, pulses: Array | None, moments: Moments) -> bool:
        """Compute what comes from outside in some steps; ``pulses`` are sums of weights.

        Returns whether it is the same in all other steps.
        """
        stimulus, driven_by = self.stimulus, self._driven_by
        if driven_by is None or driven_by[0] is not record or driven_by[1] is not stimulus:
            self._take_up_drive(record, pulses, stimulus)
        record.point(**stimulus.factors(moments.first if stimulus.steady else moments))
        stimulus.fields.tell(record, moments)
        return stimulus.steady

    def _take_up_drive(self, record: Record, pulses: Array | None, stimulus: Stimulus) -> None:
        """Tell the compiled steps what drives the neurons, but for factors that change with time."""
        ports = [
            pulses if not receptor and pulses is not None else self.port(receptor)
            for receptor in stimulus.train_receptors
        ]
        if pulses is None:
            pulses = np.zeros((0, self.size), self.dtype) if self._pulse is None else self._pulse[None]
        self._driven_by = None
        record.set(
            n_pulse_slots=len(pulses), adder=stimulus.adder, steady=stimulus.steady, **stimulus.numbers
        )
        record.point(
            pulses=pulses, train_ports=np.array([port.ctypes.data for port in ports], np.int64),
            **stimulus.tables,
        )  # fmt: skip
        self._driven_by = record, stimulus
