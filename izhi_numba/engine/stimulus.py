"""What drives the neurons of a pool from outside, as the arrays that its steps need."""

from __future__ import annotations

import functools
import itertools
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.memory import aligned_zeros
from izhi_numba.base.selection import Chosen, size_of
from izhi_numba.engine.fields import Fields, Placed
from izhi_numba.engine.moments import Moments
from izhi_numba.inputs.terms import AnyTerm, Correlated, Input, Trains, White
from izhi_numba.inputs.waveforms import Always, Waveform
from izhi_numba.kernels.build import generate
from izhi_numba.kernels.rng import TILE
from izhi_numba.kernels.run import poisson

_START_STREAM = 1 << 30  # of the random numbers with which correlated noise begins
_MOST_EVENTS = 1e8


def as_table(rows: list[Array], size: int, dtype: np.dtype[Any]) -> Array:
    """Rows one after another, (rows, size)."""
    table = aligned_zeros((len(rows), size), dtype)
    for row, values in zip(table, rows, strict=True):
        row[:] = values
    return table


def _row_for(
    port: Any, ports: list[Any], used: list[Array], neurons: Chosen, placed: Placed | None
) -> int | None:
    """Row of a port in which these neurons have nothing, or else one that nobody uses; None: add one.

    What is ``placed`` at some neurons is not for others.
    """
    known = () if placed else enumerate(ports)
    own = (row for row, one in known if one == port and not used[row][neurons].any())
    unused = (row for row, amounts in enumerate(used) if not amounts.any())
    return next(own, next(unused, None))


@dataclass
class Rows:
    """Inputs of one kind: a waveform, and a number for each neuron, per row."""

    size: int
    dtype: np.dtype[Any]
    waveforms: list[Waveform] = field(default_factory=list)
    placed: list[Placed | None] = field(default_factory=list)  # samples by time and neuron
    amounts: list[Array] = field(default_factory=list)
    extents: list[tuple[int, int]] = field(default_factory=list)  # first neuron, and the one after the last

    def copy(self) -> Rows:
        """The same, to be changed."""
        amounts = [row.copy() for row in self.amounts]
        return Rows(self.size, self.dtype, [*self.waveforms], [*self.placed], amounts)

    def row_for(self, waveform: Waveform, neurons: Chosen) -> int:
        """Row of a waveform in which these neurons have nothing yet."""
        placed = Placed.at(waveform, neurons, self.size, self.dtype)
        row = _row_for(waveform, self.waveforms, self.amounts, neurons, placed)
        if row is None:
            row = len(self.waveforms)
            self.waveforms.append(waveform)
            self.placed.append(None)
            self.amounts.append(np.zeros(self.size, self.dtype))
        self.waveforms[row], self.placed[row] = waveform, placed
        return row

    def table(self) -> Array:
        """All amounts as one array (rows, n_padded), which holds them from now on."""
        table = as_table(self.amounts, self.size, self.dtype)
        self.amounts = list(table)
        used = [np.flatnonzero(amounts) for amounts in table]
        self.extents = [(int(i[0]), int(i[-1]) + 1) if len(i) else (0, 0) for i in used]
        for row, (_, end) in enumerate(self.extents):
            if self.placed[row] and not end:
                self.waveforms[row], self.placed[row] = Always(), None  # samples may take much memory
        return table

    @property
    def used(self) -> list[Waveform]:
        """Waveforms that drive some neuron."""
        return [one for one, (_, end) in zip(self.waveforms, self.extents, strict=True) if end]

    def factors(self, moments: Moments) -> Array:
        """Waveforms in some steps, (steps, rows); those that are used no more are not asked."""
        found = np.zeros((moments.n_steps, len(self.waveforms)), self.dtype)
        for row, (waveform, (_, end)) in enumerate(zip(self.waveforms, self.extents, strict=True)):
            if end:
                found[:, row] = moments.values(waveform)
        return found


@dataclass
class PoissonRows:
    """Poisson trains: a waveform, a receptor and two numbers for each neuron, per row."""

    size: int
    dtype: np.dtype[Any]
    ports: list[tuple[Waveform, str | None]] = field(default_factory=list)
    placed: list[Placed | None] = field(default_factory=list)  # samples by time and neuron
    expected: list[Array] = field(default_factory=list)  # events in a step
    weights: list[Array] = field(default_factory=list)

    def copy(self) -> PoissonRows:
        """The same, to be changed."""
        expected, weights = ([row.copy() for row in rows] for rows in (self.expected, self.weights))
        return PoissonRows(self.size, self.dtype, [*self.ports], [*self.placed], expected, weights)

    def row_for(self, port: tuple[Waveform, str | None], neurons: Chosen) -> int:
        """Row of a port in which these neurons have no trains yet."""
        placed = Placed.at(port[0], neurons, self.size, self.dtype)
        row = _row_for(port, self.ports, self.expected, neurons, placed)
        if row is None:
            row = len(self.ports)
            self.ports.append(port)
            self.placed.append(None)
            self.expected.append(np.zeros(self.size, self.dtype))
            self.weights.append(np.zeros(self.size, self.dtype))
        self.ports[row], self.placed[row] = port, placed
        return row

    def add(self, neurons: Chosen, term: Trains, dt: float) -> None:
        """Give these neurons some trains more."""
        row = self.row_for((term.waveform, term.receptor), neurons)
        self.weights[row][neurons] = term.weight
        events = np.asarray(term.events) * dt / 1000
        self.expected[row][neurons] = np.where(self.weights[row][neurons] != 0, events, 0)

    def tables(self) -> tuple[Array, Array, Array, Array]:
        """All rows as arrays, and of each tile the largest expected number and whether all are equal."""
        expected, weights = (as_table(each, self.size, self.dtype) for each in (self.expected, self.weights))
        self.expected, self.weights = list(expected), list(weights)
        for row, (_, receptor) in enumerate(self.ports):
            if self.placed[row] and not expected[row].any():
                self.ports[row], self.placed[row] = (Always(), receptor), None
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
    """What drives the neurons of a pool from outside: constant input, waveforms, noise, Poisson trains.

    A stimulus is not changed: :meth:`driven` returns another one. Only the constant input, which users hold,
    stays the same array; and processes of correlated noise are moved on by the compiled steps.

    Attributes
    ----------
    constant : array (size,)
        Constant input of each neuron.
    starts : int
        How often correlated noise has been begun: the next one takes other random numbers.
    tables : dict
        Arrays by the names of the record's fields, see :mod:`izhi_numba.kernels.layout`.
    numbers : dict
        Numbers, likewise.
    fields : Fields
        Samples by time and neuron among the waveforms and the rates of trains.
    """

    def __init__(
        self, constant: Array, key: Array, dt: float, kinds: tuple[Rows, Rows, Rows],
        values: list[Array], decays: list[Array], trains: PoissonRows, starts: int,
    ) -> None:  # fmt: skip
        self.constant, self.key, self.dt, self.starts = constant, key, dt, starts
        self.size, self.dtype = len(constant), constant.dtype
        self._kinds, self._trains = kinds, trains
        waves, white, kick = (rows.table() for rows in kinds)
        # Rows stay where they are: a process goes on in the table that the steps move.
        value, decay = (as_table(rows, self.size, self.dtype) for rows in (values, decays))
        self._values, self._decays = list(value), list(decay)
        expected, weights, largest, equal = trains.tables()
        rows = [*zip(kinds[0].waveforms, kinds[0].placed, strict=True)]
        rows += [(port[0], placed) for port, placed in zip(trains.ports, trains.placed, strict=True)]
        self.fields = Fields(rows)
        extents = np.array([extent for rows in kinds for extent in rows.extents], np.int64).reshape(-1, 2)
        self.tables: dict[str, Array] = {
            "waves": waves, "white": white, "correlated": value, "decay": decay, "kick": kick,
            "extents": extents, "trains": expected, "train_weights": weights, "train_largest": largest,
            "train_equal": equal, "fields": self.fields.table,
        }  # fmt: skip
        self.numbers = {
            "n_waves": len(waves), "n_white": len(white), "n_correlated": len(value),
            "n_trains": len(expected), "n_fields": len(self.fields.table),
        }  # fmt: skip

    @classmethod
    def none(cls, size: int, dtype: np.dtype[Any], key: Array, dt: float) -> Stimulus:
        """Return the stimulus of neurons that nothing drives."""
        waves, white, kick = (Rows(size, dtype) for _ in range(3))
        return cls(
            aligned_zeros(size, dtype), key, dt, (waves, white, kick), [], [], PoissonRows(size, dtype), 0
        )

    def driven(self, neurons: Chosen, given: Input) -> tuple[Stimulus, Array]:
        """Return the stimulus in which ``given`` drives some neurons, and their constant input."""
        draft = _Draft(self, neurons)
        for term in given.terms:
            draft.add(term)
        kinds = (draft.waves, draft.white, draft.kick)
        stimulus = Stimulus(
            self.constant, self.key, self.dt, kinds, draft.values, draft.decays, draft.trains, draft.starts
        )
        return stimulus, draft.constant

    @property
    def adder(self) -> int:
        """Address of the machine code that draws Poisson trains; 0 where there are none."""
        return poisson.adder(self.dtype).address or 0 if len(self.tables["trains"]) else 0

    @property
    def noise_sd(self) -> Array:
        """Standard deviation of each neuron's white noise, all its windows taken together."""
        white = self.tables["white"]
        total: Array = np.sqrt((white.astype(float) ** 2).sum(axis=0)).astype(self.dtype)
        return total

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        tables = sum(int(table.nbytes) for table in self.tables.values())
        return int(self.constant.nbytes) + tables + self.fields.nbytes

    def excites(self, start: float, stop: float) -> bool:
        """Whether something may excite some neuron between two times, in ms."""
        inputs = [pair for rows in self._kinds for pair in zip(rows.waveforms, rows.amounts, strict=True)]
        inputs += [(self._trains.ports[row][0], self._trains.weights[row]) for row, _ in self._used_trains()]
        return bool((self.constant > 0).any()) or any(
            (amounts > 0).any() and getattr(waveform, "start", start) < stop and waveform.end > start
            for waveform, amounts in inputs
        )

    def factors(self, moments: Moments) -> dict[str, Array]:
        """Waveforms in some steps, (steps, rows), by the name of their field."""
        names = ("wave_factors", "white_factors", "correlated_factors")
        found = {
            name: rows.factors(moments)
            for name, rows in zip(names, self._kinds, strict=True)
            if rows.waveforms
        }
        if self._trains.ports:
            found["train_factors"] = self._train_factors(moments)
        return found

    @functools.cached_property
    def steady(self) -> bool:
        """Whether waveforms are the same in all steps."""
        used = [waveform for rows in self._kinds for waveform in rows.used]
        used += [waveform for _, (waveform, _) in self._used_trains()]
        return all(isinstance(waveform, Always) for waveform in used)

    def _used_trains(self) -> list[tuple[int, tuple[Waveform, str | None]]]:
        """Rows of Poisson trains that some neuron has: number, waveform and receptor."""
        largest = self.tables["train_largest"].max(axis=1, initial=0)
        return [(row, port) for row, port in enumerate(self._trains.ports) if largest[row]]

    @property
    def train_receptors(self) -> tuple[str, ...]:
        """Name of the receptor to which each row of Poisson trains goes."""
        return tuple(receptor or "" for _, receptor in self._trains.ports)

    def _train_factors(self, moments: Moments) -> Array:
        """Waveforms of the Poisson trains, (steps, rows)."""
        largest = self.tables["train_largest"]
        factors, peaks = np.zeros((moments.n_steps, len(largest)), self.dtype), np.ones(len(largest))
        for row, (waveform, _) in self._used_trains():  # a replaced one is not asked
            factors[:, row] = moments.values(waveform)
            peaks[row] = waveform.field.peaks.max() if waveform.field else 1.0
        most = (factors.max(axis=0, initial=0) * largest.max(axis=1, initial=0) * peaks).max(initial=0)
        if not most <= _MOST_EVENTS:
            raise ValueError(
                f"poisson: expected at most {_MOST_EVENTS:g} events of a neuron in a step, got {most:g}:"
                " rates are in Hz, and times in ms"
            )
        return factors


class _Draft:
    """A stimulus in the making: a copy of another one, in which some neurons are driven anew."""

    def __init__(self, stimulus: Stimulus, neurons: Chosen) -> None:
        self.neurons, self.dt, self.starts = neurons, stimulus.dt, stimulus.starts
        self.size, self.dtype, self.key = stimulus.size, stimulus.dtype, stimulus.key
        self.waves, self.white, self.kick = (rows.copy() for rows in stimulus._kinds)
        self.values, self.decays = (
            [row.copy() for row in rows] for rows in (stimulus._values, stimulus._decays)
        )
        self.trains = stimulus._trains.copy()
        self.constant = np.zeros(size_of(neurons), self.dtype)
        self.before = self._under_way()
        amounts = (self.waves.amounts, self.white.amounts, self.kick.amounts, self.values, self.decays)
        for row in itertools.chain(*amounts, self.trains.expected, self.trains.weights):
            row[neurons] = 0

    def add(self, term: AnyTerm) -> None:
        """Drive the neurons by one term more."""
        if isinstance(term, Trains):
            self.trains.add(self.neurons, term, self.dt)
        elif isinstance(term, Correlated):
            self._correlate(term)
        elif isinstance(term, White):
            self.white.amounts[self.white.row_for(term.waveform, self.neurons)][self.neurons] = term.sd
        elif isinstance(term.waveform, Always):
            self.constant[:] = term.amplitude
        else:
            self.waves.amounts[self.waves.row_for(term.waveform, self.neurons)][self.neurons] = term.amplitude

    def _under_way(self) -> list[_Process]:
        """Ornstein-Uhlenbeck processes that these neurons have."""
        rows = zip(self.kick.waveforms, self.values, self.decays, self.kick.amounts, strict=True)
        return [
            _Process(waveform, *(part[self.neurons].copy() for part in parts))
            for waveform, *parts in rows
            if parts[-1][self.neurons].any()
        ]

    def _correlate(self, term: Correlated) -> None:
        """Add an Ornstein-Uhlenbeck process: exact steps, begun in its stationary state.

        One of the same waveform and correlation time, which the neurons have already, goes on: a loop may
        change the mean or the standard deviation while it runs.
        """
        row = self.kick.row_for(term.waveform, self.neurons)
        while len(self.values) <= row:
            self.values.append(np.zeros(self.size, self.dtype))
            self.decays.append(np.zeros(self.size, self.dtype))
        exact = np.exp(-self.dt / np.asarray(term.tau))
        decay, kick, value = np.zeros((3, size_of(self.neurons)), self.dtype)
        decay[:] = exact
        kick[:] = term.sd * np.sqrt(1 - exact**2)
        for process in self.before:
            if process.waveform == term.waveform and (process.decay == decay).all():
                with np.errstate(all="ignore"):
                    value[:] = np.where(process.kick > 0, process.value * (kick / process.kick), 0)
                fresh = process.kick == 0
                self.before.remove(process)
                break
        else:
            fresh = np.ones(len(value), bool)
        if fresh.any():
            start = (term.sd * self._normals()[self.neurons]).astype(self.dtype)
            value[fresh] = start[fresh]
        rows = self.decays[row], self.kick.amounts[row], self.values[row]
        for whole, part in zip(rows, (decay, kick, value), strict=True):
            whole[self.neurons] = part

    def _normals(self) -> Array:
        """Standard normal numbers (size,), others in each call."""
        stream = _START_STREAM + self.starts
        self.starts += 1
        uniform = generate.uniform(2 * self.size, self.key, stream)
        normals: Array = np.sqrt(-2 * np.log(uniform[: self.size])) * np.cos(2 * np.pi * uniform[self.size :])
        return normals
