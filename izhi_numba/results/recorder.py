"""Spikes and traces of a run, kept piece by piece while it goes on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from izhi_numba.base.arrays import Array

_LEAST_ROOM = 1 << 16


@dataclass(frozen=True)
class Trace:
    """A variable that is kept: of which neurons, and at every how many steps."""

    variable: str
    neurons: Array  # int64
    every: int  # steps


@dataclass(frozen=True)
class Wishes:
    """What a pool is asked to keep in each run; replaced as a whole."""

    spikes: bool = True
    kept: Array | None = None  # bool (n,), neurons whose spikes are kept; None: all
    traces: dict[str, Trace] = field(default_factory=dict)


class Record(Protocol):
    """What the compiled steps know of a population."""

    def set(self, **numbers: Any) -> None:
        """Set numbers by the names of their fields."""

    def point(self, **arrays: Array) -> None:
        """Tell where arrays are, by the names of their fields."""


class Recorded(Protocol):
    """A population that can be recorded: what a :class:`Recording` needs to know of it."""

    n: int
    size: int  # length of padded arrays

    @property
    def dtype(self) -> np.dtype[Any]:
        """Precision."""

    @property
    def steps_done(self) -> int:
        """Steps so far."""

    @property
    def recordable(self) -> tuple[str, ...]:
        """Names of variables that may be traced, in the order of the compiled steps."""

    def precision_of(self, variable: str) -> np.dtype[Any]:
        """Precision of what can be recorded."""

    def peaks(self) -> Array:
        """What the voltage shows on the step of a spike, for each neuron; NaN: its value."""

    def spike_room(self, size: int) -> tuple[Array, Array]:
        """Room for the spikes of one call of the compiled steps, and when in the step."""


@dataclass(frozen=True)
class Room:
    """Arrays that one call of the compiled steps fills, see :mod:`izhi_numba.kernels.layout`."""

    spikes: Array
    spike_crossings: Array
    n_kept: Array
    per_step: Array
    trace: Array
    trace_double: Array
    probes: Array
    probe_bounds: Array
    fault: Array
    kept: Array
    spike_count: Array
    peak: Array

    def empty(self) -> None:
        """Make it ready for another call."""
        self.n_kept[0] = 0
        self.fault[:] = -1

    def broken(self) -> float:
        """Step after which a state is not finite; infinity where all are."""
        faults = self.fault[self.fault[:, 0] >= 0, 0]
        return int(faults.min()) if len(faults) else np.inf

    def now(self) -> tuple[Array, tuple[int, int] | None]:
        """Neurons that spiked in the last call, and (step, neuron) where one is not finite."""
        fault = self.fault[self.fault[:, 0] >= 0].tolist()
        return self.spikes[: self.n_kept[0]].copy(), tuple(min(fault)) if fault else None


class Recording:
    """The record of a population in one run.

    It grows in pieces, one for each call of the compiled steps; none is copied again.
    """

    def __init__(self, population: Recorded, wishes: Wishes) -> None:
        self.n = population.n
        self.first_step = population.steps_done
        self.traces = list(wishes.traces.values())
        self.spike_pieces: list[Array] = []
        self.crossing_pieces: list[Array] = []  # when in the step, from 0 to 1; where asked for
        self.step_pieces: list[Array] = []  # int32 (steps, 2): spikes, and those of them kept
        self.trace_pieces: list[list[Array]] = [[] for _ in self.traces]
        self.fault: tuple[int, int] | None = None  # step and neuron
        self._keep_spikes = wishes.spikes
        self._kept = np.zeros(0, np.uint8) if wishes.kept is None else wishes.kept.astype(np.uint8)
        self._counting = not wishes.spikes or wishes.kept is not None
        self._spike_count = np.zeros(population.size if self._counting else 0, np.int64)
        self._peak = population.peaks() if self.traces else np.zeros(0, population.dtype)
        self._wide = [population.precision_of(trace.variable) != population.dtype for trace in self.traces]
        self._probes, self._probe_trace = self._list_probes(population.recordable)

    @property
    def steps(self) -> int:
        """Steps kept so far."""
        return sum(len(piece) for piece in self.step_pieces)

    def spike_counts(self) -> Array:
        """Spikes of each neuron: as counted, or from the spikes where all are kept."""
        if self._counting:
            return self._spike_count[: self.n]
        counts = np.zeros(self.n, np.int64)
        for piece in self.spike_pieces:
            counts += np.bincount(piece, minlength=self.n)
        return counts

    def _list_probes(self, variables: tuple[str, ...]) -> tuple[Array, Array]:
        """Rows for the kernel, by neuron, and the trace that each belongs to."""
        sizes = [len(trace.neurons) for trace in self.traces]
        probes = np.zeros((sum(sizes), 5), np.int64)
        if not sizes:
            return probes, np.zeros(0, np.int64)
        of_trace = np.repeat(np.arange(len(sizes)), sizes)
        probes[:, 0] = np.concatenate([trace.neurons for trace in self.traces])
        places = [variables.index(trace.variable) for trace in self.traces]
        codes = [-1 - place if wide else place for place, wide in zip(places, self._wide, strict=True)]
        probes[:, 1] = np.repeat(codes, sizes)
        probes[:, 2] = np.repeat([trace.every for trace in self.traces], sizes)
        probes[:, 3] = np.concatenate([np.arange(size) for size in sizes])  # column, offset to come
        probes[:, 4] = np.repeat(sizes, sizes)
        order = np.argsort(probes[:, 0], kind="stable")
        return probes[order], of_trace[order]

    def make_room(
        self, population: Recorded, record: Record, bounds: Array, n_steps: int, window: int
    ) -> Room:
        """Make room for the next ``n_steps`` steps, and tell the compiled steps where it is.

        ``bounds`` are the blocks of the population: first unit of each, and the end.
        """
        begin = population.steps_done
        capacity = max(_LEAST_ROOM, 2 * window * population.n) if self._keep_spikes else 0
        samples = [(begin + n_steps) // trace.every - begin // trace.every for trace in self.traces]
        sizes = [s * len(trace.neurons) for s, trace in zip(samples, self.traces, strict=True)]
        offsets, taken = [], [0, 0]
        for size, wide in zip(sizes, self._wide, strict=True):
            offsets.append(taken[wide])
            taken[wide] += size
        probes = self._probes
        if len(probes):
            probes = probes.copy()
            probes[:, 3] += np.array(offsets)[self._probe_trace]
        room = Room(
            *population.spike_room(capacity),
            np.zeros(1, np.int64),
            np.zeros((n_steps, 2), np.int32),
            np.zeros(taken[False], population.dtype),
            np.zeros(taken[True], np.float64),
            probes,
            np.searchsorted(self._probes[:, 0], bounds),
            np.full((len(bounds) - 1, 2), -1, np.int64),
            self._kept,
            self._spike_count,
            self._peak,
        )
        record.set(capacity=capacity, keep_spikes=self._keep_spikes)
        record.point(**vars(room))
        return room

    def keep(self, room: Room, begin: int, end: int) -> None:
        """Take over what a call of the kernel that began at ``begin`` has left, up to the step ``end``.

        That is the first after which a state is not finite, here or in another pool.
        """
        faults = room.fault[room.fault[:, 0] >= 0]
        if len(faults):
            stamp, neuron = min(map(tuple, faults.tolist()))
            if stamp == end:
                self.fault = (stamp, neuron)
        per_step = room.per_step[: end - begin]
        self.step_pieces.append(per_step)
        n_kept = per_step[:, 1].sum()
        self.spike_pieces.append(room.spikes[:n_kept].copy())
        self.crossing_pieces.append(room.spike_crossings[:n_kept].copy())
        taken = [0, 0]
        for trace, wide, pieces in zip(self.traces, self._wide, self.trace_pieces, strict=True):
            columns = len(trace.neurons)
            rows = (begin + len(room.per_step)) // trace.every - begin // trace.every
            first, last = taken[wide], taken[wide] + rows * columns
            piece = (room.trace_double if wide else room.trace)[first:last].reshape(rows, columns)
            pieces.append(piece[: end // trace.every - begin // trace.every])
            taken[wide] = last
