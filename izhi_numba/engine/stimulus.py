"""What drives the neurons of a pool from outside, as the arrays that its steps need."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.memory import aligned_zeros
from izhi_numba.inputs.makers import Correlated, Input, Trains, White
from izhi_numba.inputs.waveforms import Always, Waveform
from izhi_numba.kernels.build import generate
from izhi_numba.kernels.rng import TILE
from izhi_numba.kernels.run import poisson

_START_STREAM = 1 << 30  # of the random numbers with which correlated noise begins
_MOST_EVENTS = 1e8


class Driving(NamedTuple):
    """Fields of a pool's record that tell what comes from outside, see :mod:`izhi_numba.kernels.layout`."""

    numbers: dict[str, int]
    arrays: dict[str, Array]


def as_table(rows: list[Array], size: int, dtype: np.dtype[Any]) -> Array:
    """Store one after another, (rows, size)."""
    table = aligned_zeros((len(rows), size), dtype)
    for row, values in zip(table, rows, strict=True):
        row[:] = values
    return table


def _row_for(port: Any, ports: list[Any], used: list[Array], neurons: slice) -> int | None:
    """Row of a port in which these neurons have nothing, or else one that nobody uses; None: add one."""
    own = (row for row, known in enumerate(ports) if known == port and not used[row][neurons].any())
    unused = (row for row, amounts in enumerate(used) if not amounts.any())
    return next(own, next(unused, None))


@dataclass
class _Rows:
    """Inputs of one kind: a waveform, and a number for each neuron, per row."""

    size: int
    dtype: np.dtype[Any]
    waveforms: list[Waveform] = field(default_factory=list)
    amounts: list[Array] = field(default_factory=list)
    extents: list[tuple[int, int]] = field(default_factory=list)  # first neuron, and the one after the last

    def row_for(self, waveform: Waveform, neurons: slice) -> int:
        """Row of a waveform in which these neurons have nothing yet."""
        row = _row_for(waveform, self.waveforms, self.amounts, neurons)
        if row is None:
            row = len(self.waveforms)
            self.waveforms.append(waveform)
            self.amounts.append(np.zeros(self.size, self.dtype))
        self.waveforms[row] = waveform
        return row

    def table(self) -> Array:
        """All amounts as one array (rows, n_padded), which holds them from now on."""
        table = as_table(self.amounts, self.size, self.dtype)
        self.amounts = list(table)
        used = [np.flatnonzero(amounts) for amounts in table]
        self.extents = [(int(i[0]), int(i[-1]) + 1) if len(i) else (0, 0) for i in used]
        return table

    def factors(self, t: Array) -> Array:
        """Waveforms at times ``t``, (times, rows); those that are used no more are not asked."""
        found = np.zeros((len(t), len(self.waveforms)), self.dtype)
        for row, (waveform, (_, end)) in enumerate(zip(self.waveforms, self.extents, strict=True)):
            if end:
                found[:, row] = waveform(t)
        return found


@dataclass
class _TrainRows:
    """Poisson trains: a waveform, a receptor and two numbers for each neuron, per row."""

    size: int
    dtype: np.dtype[Any]
    ports: list[tuple[Waveform, str | None]] = field(default_factory=list)
    expected: list[Array] = field(default_factory=list)  # events in a step
    weights: list[Array] = field(default_factory=list)

    def row_for(self, port: tuple[Waveform, str | None], neurons: slice) -> int:
        """Row of a port in which these neurons have no trains yet."""
        row = _row_for(port, self.ports, self.expected, neurons)
        if row is None:
            row = len(self.ports)
            self.ports.append(port)
            self.expected.append(np.zeros(self.size, self.dtype))
            self.weights.append(np.zeros(self.size, self.dtype))
        self.ports[row] = port
        return row

    def add(self, neurons: slice, term: Trains, dt: float) -> None:
        """Give these neurons some trains more."""
        row = self.row_for((term.waveform, term.receptor), neurons)
        self.weights[row][neurons] = term.weight
        events = np.asarray(term.events) * dt / 1000
        self.expected[row][neurons] = np.where(self.weights[row][neurons] != 0, events, 0)

    def clear(self, neurons: slice) -> None:
        """Take away what these neurons have."""
        for values in (*self.expected, *self.weights):
            values[neurons] = 0

    def tables(self) -> tuple[Array, Array, Array, Array]:
        """All rows as arrays, and of each tile the largest expected number and whether all are equal."""
        expected, weights = (as_table(each, self.size, self.dtype) for each in (self.expected, self.weights))
        self.expected, self.weights = list(expected), list(weights)
        return expected, weights, *tiles_of(expected)


def tiles_of(expected: Array) -> tuple[Array, Array]:
    """Largest number of each tile of each row, and whether all that are not 0 are the same."""
    tiles = np.arange(0, expected.shape[1], TILE)
    largest = np.maximum.reduceat(expected, tiles, axis=1)
    least = np.minimum.reduceat(np.where(expected > 0, expected, np.inf), tiles, axis=1)
    return largest, (least == largest) | (largest == 0)


@dataclass
class _Process:
    """An Ornstein-Uhlenbeck process of some neurons."""

    waveform: Waveform
    value: Array
    decay: Array
    kick: Array


class Stimulus:
    """Constant input, waveforms, noise and Poisson trains of each neuron."""

    def __init__(self, size: int, dtype: np.dtype[Any], key: Array, dt: float) -> None:
        self.size, self.dtype, self.key, self.dt = size, dtype, key, dt
        self.constant = aligned_zeros(size, dtype)
        self._waves, self._white, self._kick = (_Rows(size, dtype) for _ in range(3))
        self._value: list[Array] = []  # of correlated noise, as it stands
        self._decay: list[Array] = []
        self._trains = _TrainRows(size, dtype)
        self._starts = 0  # of correlated noise, so far
        self._arrange()

    def drive(self, neurons: slice, given: Input) -> None:
        """Replace what drives a range of neurons."""
        before = self._under_way(neurons)
        self.constant[neurons] = 0
        for rows in (self._waves, self._white, self._kick):
            for amounts in rows.amounts:
                amounts[neurons] = 0
        for values in (*self._value, *self._decay):
            values[neurons] = 0
        self._trains.clear(neurons)
        for term in given.terms:
            if isinstance(term, Trains):
                self._trains.add(neurons, term, self.dt)
            elif isinstance(term, Correlated):
                self._correlate(neurons, term, before)
            elif isinstance(term, White):
                self._white.amounts[self._white.row_for(term.waveform, neurons)][neurons] = term.sd
            elif isinstance(term.waveform, Always):
                self.constant[neurons] = term.amplitude
            else:
                self._waves.amounts[self._waves.row_for(term.waveform, neurons)][neurons] = term.amplitude
        self._arrange()

    def _under_way(self, neurons: slice) -> list[_Process]:
        """Ornstein-Uhlenbeck processes that these neurons have."""
        rows = zip(self._kick.waveforms, self._value, self._decay, self._kick.amounts, strict=True)
        return [
            _Process(waveform, *(part[neurons].copy() for part in parts))
            for waveform, *parts in rows
            if parts[-1][neurons].any()
        ]

    def _correlate(self, neurons: slice, term: Correlated, before: list[_Process]) -> None:
        """Add an Ornstein-Uhlenbeck process: exact steps, begun in its stationary state.

        One of the same waveform and correlation time, which the neurons have already, goes on: a loop may
        change the mean or the standard deviation while it runs.
        """
        row = self._kick.row_for(term.waveform, neurons)
        while len(self._value) <= row:
            self._value.append(np.zeros(self.size, self.dtype))
            self._decay.append(np.zeros(self.size, self.dtype))
        exact = np.exp(-self.dt / np.asarray(term.tau))
        decay, kick, value = (part[row][neurons] for part in (self._decay, self._kick.amounts, self._value))
        decay[:] = exact
        kick[:] = term.sd * np.sqrt(1 - exact**2)
        for process in before:
            if process.waveform == term.waveform and (process.decay == decay).all():
                with np.errstate(all="ignore"):
                    value[:] = np.where(process.kick > 0, process.value * (kick / process.kick), 0)
                fresh = process.kick == 0
                before.remove(process)
                break
        else:
            fresh = np.ones(len(value), bool)
        if fresh.any():
            start = (term.sd * self._normals()[neurons]).astype(self.dtype)
            value[fresh] = start[fresh]

    def _normals(self) -> Array:
        """Standard normal numbers (size,), others in each call."""
        stream = _START_STREAM + self._starts
        self._starts += 1
        uniform = generate.uniform(2 * self.size, self.key, stream)
        normals: Array = np.sqrt(-2 * np.log(uniform[: self.size])) * np.cos(2 * np.pi * uniform[self.size :])
        return normals

    def _arrange(self) -> None:
        kinds = (self._waves, self._white, self._kick)
        self._tables = [rows.table() for rows in kinds]
        self._train_tables = self._trains.tables()
        # Store stay where they are: a process goes on in the table that the steps move.
        self._values = as_table(self._value, self.size, self.dtype)
        self._value = list(self._values)
        self._decays = as_table(self._decay, self.size, self.dtype)
        extents = [extent for rows in kinds for extent in rows.extents]
        self._extents = np.array(extents, np.int64).reshape(-1, 2)
        self.__dict__.pop("driving", None)

    @property
    def noise_sd(self) -> Array:
        """Standard deviation of each neuron's white noise, all its windows taken together."""
        total: Array = np.sqrt((self._tables[1].astype(float) ** 2).sum(axis=0)).astype(self.dtype)
        return total

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        arrays = (self.constant, *self._tables, self._values, self._decays, *self._train_tables)
        return sum(int(array.nbytes) for array in arrays)

    @functools.cached_property
    def driving(self) -> Driving:
        """In the kernel's terms, but for factors that change with time; another one after each change."""
        waves, white, kick = self._tables
        expected, weights, largest, equal = self._train_tables

        drawn = poisson.adder(self.dtype).address if len(expected) else 0
        return Driving(
            {
                "n_waves": len(waves), "n_white": len(white), "n_correlated": len(self._values),
                "n_trains": len(expected), "adder": drawn or 0,
            },
            {
                "waves": waves, "white": white, "correlated": self._values, "decay": self._decays,
                "kick": kick, "extents": self._extents, "trains": expected, "train_weights": weights,
                "train_largest": largest, "train_equal": equal,
            },
        )  # fmt: skip

    def factors(self, first_step: int, n_steps: int) -> dict[str, Array]:
        """Waveforms in some steps, (steps, rows), by the name of their field."""
        if not (len(self._extents) or self._trains.ports):
            return {}
        t = np.arange(first_step, first_step + n_steps) * self.dt
        return {
            "wave_factors": self._waves.factors(t),
            "white_factors": self._white.factors(t),
            "correlated_factors": self._kick.factors(t),
            "train_factors": self._train_factors(t),
        }

    @property
    def train_receptors(self) -> tuple[str, ...]:
        """Name of the receptor to which each row of Poisson trains goes."""
        return tuple(receptor or "" for _, receptor in self._trains.ports)

    def _train_factors(self, t: Array) -> Array:
        """Waveforms of the Poisson trains, (times, rows)."""
        expected, _, largest, _ = self._train_tables
        factors = np.zeros((len(t), len(expected)), self.dtype)
        for row, (waveform, _) in enumerate(self._trains.ports):
            if largest[row].any():  # a replaced one is not asked
                factors[:, row] = waveform(t)
        most = (factors.max(axis=0, initial=0) * largest.max(axis=1, initial=0)).max(initial=0)
        if not most <= _MOST_EVENTS:
            raise ValueError(
                f"poisson: expected at most {_MOST_EVENTS:g} events of a neuron in a step, got {most:g}:"
                " rates are in Hz, and times in ms"
            )
        return factors
