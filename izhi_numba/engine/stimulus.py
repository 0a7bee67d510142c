"""What drives the neurons of a pool from outside, as the arrays that its steps need."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, NamedTuple

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.memory import aligned_zeros
from izhi_numba.base.portable import same_bits
from izhi_numba.base.selection import Chosen, indices_of, size_of
from izhi_numba.engine.fields import Fields, Placed
from izhi_numba.engine.moments import Moments
from izhi_numba.inputs.terms import AnyTerm, Correlated, Input, Term, Trains, White
from izhi_numba.inputs.waveforms import Always, Waveform
from izhi_numba.kernels.build import generate
from izhi_numba.kernels.rng import TILE
from izhi_numba.kernels.run import poisson
from izhi_numba.math import exp, log

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

    def row_with(self, waveform: Waveform, neurons: Chosen) -> int:
        """Row of a waveform to which more may be added, whatever these neurons have in it."""
        if waveform.field is None and waveform in self.waveforms:
            row = self.waveforms.index(waveform)
            if self.placed[row] is None:
                return row
        return self.row_for(waveform, neurons)

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
                found[:, row] = _narrowed(waveform, moments, self.dtype)
        return found


def _narrowed(waveform: Waveform, moments: Moments, dtype: np.dtype[Any]) -> Array:
    """A waveform in some steps, in the precision of a pool, in which it has to be finite."""
    values = moments.values(waveform)
    with np.errstate(over="ignore"):
        found: Array = values.astype(dtype)
    bad = np.flatnonzero(~np.isfinite(found))
    if len(bad):
        at = f"{values[bad[0]]:g} at t = {moments.t[bad[0]]:g} ms"
        raise ValueError(f"{waveform.text('1')}: expected finite numbers that fit {dtype.name}, got {at}")
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

    def row_with(self, port: tuple[Waveform, str | None], neurons: Chosen, weight: Array) -> int:
        """Row of a port in which these neurons have nothing yet, or trains of such weights."""
        if port[0].field is None:
            for row, one in enumerate(self.ports):
                if one == port and self.placed[row] is None:
                    same = (self.weights[row][neurons] == weight) | (self.expected[row][neurons] == 0)
                    if same.all():
                        return row
        return self.row_for(port, neurons)

    def add(self, neurons: Chosen, term: Trains, dt: float) -> None:
        """Give these neurons some trains more: rates of independent trains of one weight add."""
        weight = np.asarray(term.weight, self.dtype)
        row = self.row_with((term.waveform, term.receptor), neurons, weight)
        self.weights[row][neurons] = weight
        events = np.asarray(term.events) * dt / 1000
        self.expected[row][neurons] += np.where(weight != 0, events, 0)

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


@dataclass(eq=False)  # one is itself alone: arrays have no equality that is true or false
class _Process:
    """An Ornstein-Uhlenbeck process of some neurons."""

    waveform: Waveform
    value: Array
    tau: Array
    stream: Array
    kick: Array


@dataclass
class Processes:
    """Where Ornstein-Uhlenbeck processes stand, and what they are: per row and neuron.

    What drives them, their kicks, is a kind of :class:`Rows`.
    """

    size: int
    dtype: np.dtype[Any]
    values: list[Array] = field(default_factory=list)
    taus: list[Array] = field(default_factory=list)  # ms, float64; 0 where there is no process
    sds: list[Array] = field(default_factory=list)  # float64: the start has to be found again to the bit
    streams: list[Array] = field(default_factory=list)  # uint32, of the random number of the start

    def copy(self) -> Processes:
        """The same, to be changed."""
        parts = (self.values, self.taus, self.sds, self.streams)
        return Processes(self.size, self.dtype, *([row.copy() for row in rows] for rows in parts))

    def with_row(self, row: int) -> None:
        """Have so many rows."""
        while len(self.values) <= row:
            self.values.append(np.zeros(self.size, self.dtype))
            self.taus.append(np.zeros(self.size))
            self.sds.append(np.zeros(self.size))
            self.streams.append(np.zeros(self.size, np.uint32))

    def begin(self, row: int, neurons: Array, key: Array) -> None:
        """Begin the processes of some neurons in their stationary state."""
        values, sds, streams = self.values[row], self.sds[row], self.streams[row]
        for stream in np.unique(streams[neurons]).tolist():
            whose = neurons[streams[neurons] == stream]
            values[whose] = (sds[whose] * self._normals(key, stream)[whose]).astype(self.dtype)

    @same_bits
    def _normals(self, key: Array, stream: int) -> Array:
        """Standard normal numbers (size,)."""
        uniform = generate.uniform(2 * self.size, key, _START_STREAM + stream)
        normals: Array = np.sqrt(-2 * log(uniform[: self.size])) * np.cos(2 * np.pi * uniform[self.size :])
        return normals

    @same_bits
    def decays(self, dt: float) -> list[Array]:
        """What is left of each value after a step."""
        exponents = [np.divide(-dt, tau, out=np.full(self.size, -np.inf), where=tau > 0) for tau in self.taus]
        return [exp(exponent) for exponent in exponents]

    @property
    def nbytes(self) -> int:
        """Bytes of what they are, values left out."""
        return sum(int(row.nbytes) for row in (*self.taus, *self.sds, *self.streams))


class Driver(NamedTuple):
    """A row of what drives neurons, to be shown."""

    term: Callable[..., AnyTerm]  # takes the numbers, by name
    drives: Array  # bool (n,)
    numbers: dict[str, Array]  # each float64 (n,), 0 where it does not drive

    @classmethod
    def of(cls, drives: Array, term: Callable[..., AnyTerm], **numbers: Array) -> Driver:
        """Of rows as they lie."""
        return cls(
            term, drives, {name: np.where(drives, row, np.float64(0)) for name, row in numbers.items()}
        )


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
        processes: Processes, trains: PoissonRows, starts: int,
    ) -> None:  # fmt: skip
        self.constant, self.key, self.dt, self.starts = constant, key, dt, starts
        self.size, self.dtype = len(constant), constant.dtype
        self._kinds, self._processes, self._trains = kinds, processes, trains
        waves, white, kick = (rows.table() for rows in kinds)
        # Rows stay where they are: a process goes on in the table that the steps move.
        value = as_table(processes.values, self.size, self.dtype)
        decay = as_table(processes.decays(dt), self.size, self.dtype)
        processes.values = list(value)
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
        processes, trains = Processes(size, dtype), PoissonRows(size, dtype)
        return cls(aligned_zeros(size, dtype), key, dt, (waves, white, kick), processes, trains, 0)

    def driven(
        self, neurons: Chosen, given: Input, *, add: bool = False, at_start: bool = False
    ) -> tuple[Stimulus, Array]:
        """Return the stimulus in which ``given`` drives some neurons, and their constant input.

        ``add``: besides what drives them already. ``at_start``: processes have not been moved yet.
        """
        draft = _Draft(self, neurons, add=add, at_start=at_start)
        with np.errstate(over="ignore"):  # the sums are checked
            for term in given.terms:
                draft.add(term)
        kinds = (draft.waves, draft.white, draft.kick)
        stimulus = Stimulus(
            self.constant, self.key, self.dt, kinds, draft.processes, draft.trains, draft.starts
        )
        return stimulus, draft.constant

    def begun(self, key: Array) -> Stimulus:
        """Return the same as it is at the start, with other random numbers."""
        waves, white, kick = (rows.copy() for rows in self._kinds)
        processes = self._processes.copy()
        for row, amounts in enumerate(kick.amounts):
            processes.begin(row, np.flatnonzero(amounts), key)
        kinds = (waves, white, kick)
        return Stimulus(self.constant, key, self.dt, kinds, processes, self._trains.copy(), self.starts)

    def turned(self, now: Stimulus, noise: Array, trains: Array, extra: Array) -> Stimulus:
        """Return the same with noise and rates of trains times a factor, and with white noise added.

        Parameters
        ----------
        now : Stimulus
            One with the same rows, where processes of correlated noise stand: they go on from there.
        noise, trains, extra : array (size,)
            Factors, and a standard deviation.
        """
        waves, white, kick = (rows.copy() for rows in self._kinds)
        processes, poisson_rows = self._processes.copy(), self._trains.copy()
        processes.streams = [row.copy() for row in now._processes.streams]
        with np.errstate(over="ignore"):  # the caller checks
            for row in itertools.chain(white.amounts, kick.amounts, processes.sds):
                row *= noise
            for row in poisson_rows.expected:
                row *= trains
            there = zip(
                processes.values, now._processes.values, kick.amounts, now._kinds[2].amounts, strict=True
            )
            for value, value_now, kicks, kicks_now in there:
                ratio = np.divide(kicks, kicks_now, out=np.zeros(self.size), where=kicks_now > 0)
                value[:] = value_now * ratio
            if extra.any():
                row = white.amounts[white.row_with(Always(), slice(0, self.size))]
                row[:] = np.hypot(row, extra)
        kinds = (waves, white, kick)
        return Stimulus(self.constant, now.key, self.dt, kinds, processes, poisson_rows, now.starts)

    def drives_as(self, other: Stimulus) -> bool:
        """Whether it drives neurons as another one does, but for the constant input."""
        if self is other:
            return True
        mine, its = self._rows(), other._rows()
        return mine[0] == its[0] and all(map(np.array_equal, mine[1], its[1]))

    def _rows(self) -> tuple[list[Any], list[Array]]:
        """Waveforms and receptors, and the numbers that belong to them."""
        trains, of = self._trains, self._processes
        amounts = [row for rows in self._kinds for row in rows.amounts]
        waveforms = [rows.waveforms for rows in self._kinds]
        return [*waveforms, trains.ports], [*amounts, *of.sds, *of.taus, *trains.expected, *trains.weights]

    @property
    def has_noise(self) -> Array:
        """Whether each neuron has noise of any kind, bool (size,)."""
        _, white, kick = self._kinds
        return _any_of([*white.amounts, *kick.amounts], self.size)

    @property
    def has_trains(self) -> Array:
        """Whether each neuron has Poisson trains, bool (size,)."""
        return _any_of(self._trains.expected, self.size)

    def drivers(self, n: int) -> list[Driver]:
        """Return what drives the first ``n`` neurons, to be shown."""
        waves, white, kick = self._kinds
        rows = [(Always(), self.constant), *zip(waves.waveforms, waves.amounts, strict=True)]
        found = [Driver.of(row[:n] != 0, partial(Term, waveform=one), amplitude=row[:n]) for one, row in rows]
        for one, sd in zip(white.waveforms, white.amounts, strict=True):
            found.append(Driver.of(sd[:n] != 0, partial(White, waveform=one), sd=sd[:n]))
        of = self._processes
        for one, row, sd, tau in zip(kick.waveforms, kick.amounts, of.sds, of.taus, strict=True):
            found.append(Driver.of(row[:n] != 0, partial(Correlated, waveform=one), sd=sd[:n], tau=tau[:n]))
        trains = self._trains
        for port, events, weight in zip(trains.ports, trains.expected, trains.weights, strict=True):
            term = partial(Trains, n=1.0, waveform=port[0], receptor=port[1])
            rate = events[:n] * (1000.0 / self.dt)
            found.append(Driver.of(events[:n] != 0, term, rate=rate, weight=weight[:n]))
        return found

    @property
    def is_finite(self) -> bool:
        """Whether all numbers are finite, the constant input left out."""
        return all(np.isfinite(table).all() for table in self.tables.values() if table.dtype == self.dtype)

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
        return int(self.constant.nbytes) + tables + self.fields.nbytes + self._processes.nbytes

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

    @cached_property
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
            factors[:, row] = _narrowed(waveform, moments, self.dtype)
            peaks[row] = waveform.field.peaks.max() if waveform.field else 1.0
        most = (factors.max(axis=0, initial=0) * largest.max(axis=1, initial=0) * peaks).max(initial=0)
        if not most <= _MOST_EVENTS:
            raise ValueError(
                f"poisson: expected at most {_MOST_EVENTS:g} events of a neuron in a step, got {most:g}:"
                " rates are in Hz, and times in ms"
            )
        return factors


def _any_of(rows: list[Array], size: int) -> Array:
    """Where a row is not 0."""
    found = np.zeros(size, bool)
    for row in rows:
        found |= row != 0
    return found


class _Draft:
    """A stimulus in the making: a copy of another one, in which some neurons are driven anew, or by more."""

    def __init__(self, stimulus: Stimulus, neurons: Chosen, *, add: bool, at_start: bool) -> None:
        self.neurons, self.dt, self.starts, self.at_start = neurons, stimulus.dt, stimulus.starts, at_start
        self.size, self.dtype, self.key = stimulus.size, stimulus.dtype, stimulus.key
        self.waves, self.white, self.kick = (rows.copy() for rows in stimulus._kinds)
        self.processes, self.trains = stimulus._processes.copy(), stimulus._trains.copy()
        self.constant = np.zeros(size_of(neurons), self.dtype)
        self.before: list[_Process] = []
        if add:
            self.constant[:] = stimulus.constant[neurons]
            return
        self.before = self._under_way()
        amounts = (self.waves.amounts, self.white.amounts, self.kick.amounts)
        moved = (self.processes.values, self.processes.taus, self.processes.sds)
        for row in itertools.chain(*amounts, *moved, self.trains.expected, self.trains.weights):
            row[neurons] = 0

    def add(self, term: AnyTerm) -> None:
        """Drive the neurons by one term more: waveforms add, and so do the variances of white noise."""
        neurons = self.neurons
        if isinstance(term, Trains):
            self.trains.add(neurons, term, self.dt)
        elif isinstance(term, Correlated):
            self._correlate(term)
        elif isinstance(term, White):
            row = self.white.amounts[self.white.row_with(term.waveform, neurons)]
            sd = np.asarray(term.sd, self.dtype)
            row[neurons] = np.where(row[neurons] == 0, sd, np.hypot(row[neurons], sd))
        elif isinstance(term.waveform, Always):
            self.constant += np.asarray(term.amplitude, self.dtype)
        else:
            row = self.waves.amounts[self.waves.row_with(term.waveform, neurons)]
            row[neurons] += np.asarray(term.amplitude, self.dtype)

    def _under_way(self) -> list[_Process]:
        """Ornstein-Uhlenbeck processes that these neurons have."""
        of = self.processes
        rows = zip(self.kick.waveforms, of.values, of.taus, of.streams, self.kick.amounts, strict=True)
        return [
            _Process(waveform, *(part[self.neurons].copy() for part in parts))
            for waveform, *parts in rows
            if parts[-1][self.neurons].any()
        ]

    @same_bits
    def _correlate(self, term: Correlated) -> None:
        """Add an Ornstein-Uhlenbeck process: exact steps, begun in its stationary state.

        One of the same waveform and correlation time, which the neurons have already and which is replaced,
        goes on: a loop may change the mean or the standard deviation while it runs. What is added has a row
        of its own.
        """
        row = self.kick.row_for(term.waveform, self.neurons)
        self.processes.with_row(row)
        exact = exp(-self.dt / np.asarray(term.tau))
        kick, value = np.zeros((2, size_of(self.neurons)), self.dtype)
        stream = np.zeros(len(value), np.uint32)
        kick[:] = term.sd * np.sqrt(1 - exact**2)
        for process in self.before:
            if process.waveform == term.waveform and (process.tau == term.tau).all():
                with np.errstate(all="ignore"):
                    value[:] = np.where(process.kick > 0, process.value * (kick / process.kick), 0)
                stream[:] = process.stream
                fresh = process.kick == 0
                self.before.remove(process)
                break
        else:
            fresh = np.ones(len(value), bool)
        if fresh.any():
            stream[fresh] = self.starts
            self.starts += 1
        of = self.processes
        rows = of.taus[row], self.kick.amounts[row], of.values[row], of.sds[row], of.streams[row]
        for whole, part in zip(rows, (term.tau, kick, value, term.sd, stream), strict=True):
            whole[self.neurons] = part
        begins = np.ones(len(value), bool) if self.at_start else fresh
        of.begin(row, indices_of(self.neurons)[begins], self.key)
