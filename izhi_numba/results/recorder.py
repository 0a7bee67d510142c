"""Spikes and traces of a run, kept piece by piece while it goes on, of all populations at once.

Nothing is done for each population in a call of the compiled steps: what they leave lies in common arrays,
and is parted when a result is looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import takewhile, zip_longest
from typing import Any, Protocol

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.results.averaging import Averaging
from izhi_numba.results.means import Mean
from izhi_numba.results.recording import NOTHING, Bins, Current, Kept, Part, Piece, Recording, Shown, Trace
from izhi_numba.results.weights import Growing

_ROOM = 1 << 16  # spikes of a population in one call, where all have little room
_MOST_ROOM = 1 << 24  # of all together, where more is only for convenience


@dataclass(frozen=True)
class Wishes:
    """What a pool is asked to keep in each run; replaced as a whole."""

    spikes: bool = True
    kept: Array | None = None  # bool (n,), neurons whose spikes are kept; None: all
    traces: dict[str, Trace] = field(default_factory=dict)
    bins: Bins | None = None  # counts in bins
    means: dict[str, Mean] = field(default_factory=dict)  # by the variables that they are of

    @property
    def counts_others(self) -> bool:
        """Whether spikes are counted of neurons whose spikes are not kept."""
        return not self.spikes or self.kept is not None


@dataclass(frozen=True)
class Keeping:
    """Where what runs record is held."""

    file: str | None = None  # that takes all of it; None: memory
    steps: int | None = None  # of a run, the last ones, that memory holds; None: all


SPIKES = Wishes()  # what is kept where nothing is said: one object, so that it is recognised
NO_SPIKES = Wishes(spikes=False)


class Recorded(Protocol):
    """A population that can be recorded: what is to be known of it."""

    n: int
    size: int  # length of padded arrays
    interpolated: bool  # whether it is asked when in a step spikes come

    @property
    def dtype(self) -> np.dtype[Any]:
        """Precision."""

    @property
    def recordable(self) -> tuple[str, ...]:
        """Names of variables that may be traced, in the order of the compiled steps."""

    def precision_of(self, variable: str) -> np.dtype[Any]:
        """Precision of what can be recorded."""

    def current(self, variable: str) -> Current | None:
        """How a trace follows from variables, where it is the current of a receptor."""

    @property
    def peak_is_fixed(self) -> bool:
        """Whether what the voltage shows on the step of a spike is no parameter."""

    def peaks(self) -> Array:
        """What the voltage shows on the step of a spike, for each neuron; NaN: its value."""


class Setup:
    """What is kept of populations, and where: the same for all calls until wishes change, or populations.

    Attributes
    ----------
    fixed : dict of str to Part
        By the names of fields, see :mod:`izhi_numba.kernels.layout`.
    numbers : dict of str to array
        Likewise, a number for each population.
    addresses : dict of str to array
        Where the parts of each population are, as far as that was looked up.
    """

    def __init__(
        self, populations: Sequence[Recorded], wishes: Sequence[Wishes], bounds: Sequence[Array],
        window: int,
    ) -> None:  # fmt: skip
        """``bounds``: of the blocks of each population; ``window``: steps that a call does at once."""
        self.populations, self.wishes = tuple(populations), tuple(wishes)
        self.addresses: dict[str, Array] = {}
        self.sizes = [one.n for one in populations]
        self.dtype = populations[0].dtype
        self.blocks = Part.of([len(one) - 1 for one in bounds], np.int64).ends
        each = min(_ROOM, _MOST_ROOM // len(populations))
        room = [
            max(each, 2 * window * one.n) if wish.spikes or wish.bins else 0
            for one, wish in zip(populations, wishes, strict=True)
        ]
        kept = [
            0 if wish.kept is None or wish.bins else one.n
            for one, wish in zip(populations, wishes, strict=True)
        ]
        self.counting = [wish.counts_others for wish in wishes]
        self.binned = {number: wish.bins for number, wish in enumerate(wishes) if wish.bins}
        counted = [one.size * counts for one, counts in zip(populations, self.counting, strict=True)]
        self.counted = counted if any(counted) else None
        found = [to_keep(wish.traces.values(), one) for one, wish in zip(populations, wishes, strict=True)]
        self.traces, self.shown = [kept for kept, _ in found], [shown for _, shown in found]
        self.computes = any(one.current for shown in self.shown for one in shown)
        self.traced = [number for number, traces in enumerate(self.traces) if traces]
        asked = [[*wish.means.values()] for wish in wishes]
        codes = [
            [_code(one, mean.of, peak=True) for mean in some]
            for one, some in zip(populations, asked, strict=True)
        ]
        self.means, self.averaging = asked, Averaging(asked, codes, bounds)
        timed = [size * one.interpolated for size, one in zip(room, populations, strict=True)]
        showing = [bool(traces or some) for traces, some in zip(self.traces, asked, strict=True)]
        peaks = [one.size * shows for one, shows in zip(populations, showing, strict=True)]
        self.fixed = {
            "spikes": Part.of(room, np.int32, np.empty),
            "spike_crossings": Part.of(timed, self.dtype, np.empty),
            "kept": Part.of(kept, np.uint8),
            "peak": Part.of(peaks, self.dtype),
            "probe_bounds": Part.of([len(one) for one in bounds], np.int64),
            "spike_count": Part.of([0] * len(wishes), np.int64),
            **self.averaging.fixed,
        }
        self.numbers = {
            "capacity": np.array(room, np.int64),
            "keep_spikes": np.array([wish.spikes or bool(wish.bins) for wish in wishes], np.int64),
            "mean_gap": self.averaging.gap,
            "peak_varies": np.array(
                [shows and not one.peak_is_fixed for one, shows in zip(populations, showing, strict=True)],
                np.int64,
            ),
        }
        for number, wish in enumerate(wishes):
            if wish.kept is not None and not wish.bins:
                self.fixed["kept"](number)[:] = wish.kept
        self._list_probes(bounds)
        self.first_spike = self.fixed["spikes"].ends[:-1].tolist()
        self.timed = np.diff(self.fixed["spike_crossings"].ends) > 0 if any(timed) else None
        with_peaks = np.flatnonzero(showing).tolist()
        for number in with_peaks:
            self._look_at_peak(number)
        self._varying = [number for number in with_peaks if not populations[number].peak_is_fixed]

    def _list_probes(self, bounds: Sequence[Array]) -> None:
        """List rows for the kernel by population and neuron, and the trace that each belongs to."""
        probes, of_trace, n_traces = [], [], 0
        for number in self.traced:
            rows, which = _probes(self.traces[number], self.populations[number])
            self.fixed["probe_bounds"](number)[:] = np.searchsorted(rows[:, 0], bounds[number])
            probes.append(rows)
            of_trace.append(which + n_traces)
            n_traces += len(self.traces[number])
        sizes = [0] * len(self.traces)
        for number, rows in zip(self.traced, probes, strict=True):
            sizes[number] = rows.size
        self.probes = Part.of(sizes, np.int64)
        self.first_trace = Part.of([len(traces) for traces in self.traces], np.int64).ends
        every = [trace for traces in self.traces for trace in traces]
        owners = [one for one, traces in zip(self.populations, self.traces, strict=True) for _ in traces]
        self.every = np.array([trace.every for trace in every], np.int64)
        self.columns = np.array([len(trace.neurons) for trace in every], np.int64)
        self.wide = np.array(list(map(_is_wide, owners, every)), np.bool_)
        self.of_first = np.repeat(self.first_trace[:-1], np.diff(self.first_trace))  # of the same population
        if probes:
            self.probes.array[:] = np.concatenate(probes).ravel()
            self.of_trace = np.concatenate(of_trace)

    def is_timed(self, number: int) -> bool:
        """Whether spikes of a population come within a step."""
        return self.timed is not None and self.populations[number].interpolated

    def look_at_peaks(self) -> None:
        """Take up what traces show on the step of a spike, which may be a parameter."""
        for number in self._varying:
            self._look_at_peak(number)

    def _look_at_peak(self, number: int) -> None:
        self.fixed["peak"](number)[:] = self.populations[number].peaks()


def to_keep(traces: Iterable[Trace], population: Recorded) -> tuple[list[Trace], list[Shown]]:
    """Return the traces that steps have to keep, none twice, and what results show of them."""
    kept, shown = dict[Any, Trace](), list[Shown]()
    for trace in traces:
        current = population.current(trace.variable)
        wanted = [trace] if current is None else current.traces(trace)
        kept |= {one.key: one for one in wanted}
        places = {key: place for place, key in enumerate(kept)}
        shown.append(Shown(trace, [places[one.key] for one in wanted], current))
    return list(kept.values()), shown


def _is_wide(population: Recorded, trace: Trace) -> bool:
    """Whether a variable is kept in double precision, and the others of its population are not."""
    return population.precision_of(trace.variable) != population.dtype


def _code(population: Recorded, variable: str, *, peak: bool) -> int:
    """What the steps know a variable by, see ``probes`` in :mod:`izhi_numba.kernels.layout`."""
    names = population.recordable
    place = names.index(variable)
    if population.precision_of(variable) != population.dtype:
        return -1 - place
    return place if peak else len(names) + place


def _probes(traces: Sequence[Trace], population: Recorded) -> tuple[Array, Array]:
    """Rows for the kernel, by neuron, and the trace that each belongs to."""
    codes = [_code(population, trace.variable, peak=trace.peak) for trace in traces]
    sizes = [len(trace.neurons) for trace in traces]
    probes = np.zeros((sum(sizes), 5), np.int64)
    of_trace = np.repeat(np.arange(len(sizes)), sizes)
    probes[:, 0] = np.concatenate([trace.neurons for trace in traces])
    probes[:, 1] = np.repeat(codes, sizes)
    probes[:, 2] = np.repeat([trace.every for trace in traces], sizes)
    probes[:, 3] = np.concatenate([np.arange(size) for size in sizes])  # column, offset to come
    probes[:, 4] = np.repeat(sizes, sizes)
    order = np.argsort(probes[:, 0], kind="stable")
    return probes[order], of_trace[order]


class Room:
    """Arrays that one call of the compiled steps fills.

    Attributes
    ----------
    parts : dict of str to Part
        By the names of fields, see :mod:`izhi_numba.kernels.layout`.
    addresses : dict of str to array
        Where the parts of each population are, as far as that was looked up.
    """

    def __init__(self, setup: Setup, n_steps: int) -> None:
        self.addresses: dict[str, Array] = {}
        n = len(setup.sizes)
        one = np.arange(n + 1)
        self.setup, self.n_steps = setup, n_steps
        self.per_step = np.zeros((n, n_steps, 2), np.int32)
        self.n_kept = np.zeros(n, np.int64)  # spikes
        self.fault = np.full((int(setup.blocks[-1]), 2), -1, np.int64)
        self._no_fault = self.fault.tobytes()
        most = -(-n_steps // setup.every) * setup.columns  # samples of each trace, wherever the call begins
        self.trace = Part.of(most * ~setup.wide, setup.dtype)
        self.trace_double = Part.of(most * setup.wide, np.float64)
        self.sums, told = setup.averaging.room(n_steps)
        probes = setup.probes.array.copy()
        if setup.traced:
            probes[3::5] += self._offsets()[setup.of_trace]
        self.parts = {
            "n_kept": Part(self.n_kept, one),
            "per_step": Part(self.per_step, 2 * n_steps * one),
            "fault": Part(self.fault, 2 * setup.blocks),
            "trace": Part(self.trace.array, self.trace.ends[setup.first_trace]),
            "trace_double": Part(self.trace_double.array, self.trace_double.ends[setup.first_trace]),
            "probes": Part(probes, setup.probes.ends),
            **told,
        }

    def _offsets(self) -> Array:
        """Where each trace begins in the array of its population that it is in."""
        first, parts = self.setup.of_first, (self.trace, self.trace_double)
        single, double = (part.ends[:-1] - part.ends[first] for part in parts)
        offsets: Array = np.where(self.setup.wide, double, single)
        return offsets

    @property
    def is_used_again(self) -> bool:
        """Whether it serves other calls of as many steps, and what it holds has to be copied."""
        return self.n_steps == 1

    def empty(self) -> None:
        """Make it ready for another call."""
        self.n_kept[:] = 0
        self.fault[:] = -1

    def broken(self) -> float:
        """Step after which a state is not finite; infinity where all are."""
        if self.fault.tobytes() == self._no_fault:  # a tenth of the time of looking
            return np.inf
        return int(self.fault[self.fault[:, 0] >= 0, 0].min())

    def fault_of(self, number: int) -> tuple[int, int] | None:
        """(step, neuron) where a state of a population is not finite."""
        faults = self.fault[self.setup.blocks[number] : self.setup.blocks[number + 1]]
        found = faults[faults[:, 0] >= 0].tolist()
        return tuple(min(found)) if found else None

    def spiked(self) -> list[Array]:
        """Units of each population that spiked in the last call."""
        spikes = self.setup.fixed["spikes"].array
        places = zip(self.setup.first_spike, self.n_kept.tolist(), strict=True)
        return [spikes[first : first + count].copy() for first, count in places]


@dataclass(frozen=True)
class Record:
    """What is recorded of all populations from one step to another."""

    kept: Kept
    setup: Setup
    first_step: int
    end: int
    weights: Sequence[Growing] = ()

    def of(self, number: int) -> Recording:
        """Return that of a population."""
        traces: list[Trace | Mean] = [one.trace for one in self.setup.shown[number]]
        traces += self.setup.means[number]
        bins = self.kept.bins[number]
        size, steps = self.setup.sizes[number], self.end - self.first_step
        return Recording(size, traces, self.first_step, steps, (self.kept, number), bins=bins)


class Recorder:
    """The record of all populations in one run.

    It grows in pieces, one for each call of the compiled steps; none is copied again.

    Attributes
    ----------
    end : int
        The step up to which it is kept.
    fault : (int, int, int) or None
        Population, step and neuron of a state that is not finite.
    weights : list of Growing
        Weights that are recorded, of each projection of which they are.

    Parameters
    ----------
    setup : Setup
    first_step : int
        Done before it.
    longest : int, optional
        Steps, the last ones, that are kept; all by default.
    """

    def __init__(self, setup: Setup, first_step: int, longest: int | None = None) -> None:
        self.setup, self.first_step, self._longest = setup, first_step, longest
        self.fault: tuple[int, int, int] | None = None
        self.weights: list[Growing] = []
        self.counts = None if setup.counted is None else Part.of(setup.counted, np.int64)
        computes = [any(one.current for one in shown) for shown in setup.shown]
        means = setup.averaging
        self._kept = Kept(
            [], self.counts, setup.counting, setup.first_trace, setup.every, setup.columns, setup.wide,
            computes, (means.first, means.every, means.columns), [wish.bins for wish in setup.wishes],
        )  # fmt: skip
        self._shown: list[list[Shown]] = [[] for _ in computes]

    @property
    def end(self) -> int:
        """The step up to which it is kept."""
        pieces = self._kept.pieces
        return pieces[-1].end if pieces else self.first_step

    @property
    def n_spikes(self) -> int:
        """Spikes of all populations in the last piece, whatever was kept."""
        pieces = self._kept.pieces
        return int(pieces[-1].per_step[:, :, 0].sum()) if pieces else 0

    @property
    def n_last(self) -> int:
        """Spikes that are kept of the last piece."""
        pieces = self._kept.pieces
        return len(pieces[-1].spikes.array) if pieces else 0

    def n_weights_after(self, step: int) -> int:
        """Return how many weights there are in rows after a step."""
        return sum(one.n_after(step) for one in self.weights)

    def take_up(self, setup: Setup) -> None:
        """Take up what users may have changed, before steps; ``setup`` may be for other blocks, now."""
        self.setup = setup
        setup.look_at_peaks()
        if setup.computes:
            self._shown = [
                [one.taken_up(last) for one, last in zip_longest(shown, before)]
                for shown, before in zip(setup.shown, self._shown, strict=True)
            ]

    def keep(self, room: Room, begin: int, end: int) -> None:
        """Take over what a call from the step ``begin`` to ``end`` has left.

        Up to the first after which a state is not finite.
        """
        broken, done = room.broken(), end
        if broken <= end:
            end = int(broken)
            faults = [room.fault_of(number) for number in range(len(self.setup.sizes))]
            self.fault = next(
                (number, *fault) for number, fault in enumerate(faults) if fault and fault[0] == end
            )
        if end == begin:
            return
        per_step = room.per_step[:, : end - begin]
        counts = room.n_kept if end == done else per_step[:, :, 1].sum(axis=1)
        setup, crossings = self.setup, NOTHING
        if setup.timed is not None:
            crossings = _gathered(setup.fixed["spike_crossings"], np.where(setup.timed, counts, 0))
        spikes, traces = _gathered(setup.fixed["spikes"], counts), (room.trace, room.trace_double)
        if room.is_used_again:
            per_step = per_step.copy()
            if setup.traced:
                traces = room.trace.copied(), room.trace_double.copied()
        means = setup.averaging.means(room.sums, begin, end)
        piece = Piece(begin, end, per_step, spikes, crossings, traces, means, self._shown, {})
        if setup.binned:
            piece = _binned(piece, setup)
        self._kept.pieces.append(piece)  # one instruction: it is kept, or it is not
        if self._longest is not None:
            self.forget(end - self._longest)

    def forget(self, step: float) -> None:
        """Let go of what was recorded before a step, except the last piece."""
        pieces, gone = self._kept.pieces, 0
        while gone < len(pieces) - 1 and pieces[gone].end <= step:
            gone += 1
        if gone:
            del pieces[:gone]
        for one in self.weights:
            one.forget(step)

    @property
    def whole(self) -> Record:
        """All that is recorded so far, or the last of it."""
        return self._record(self.first_step, self.counts)

    def since(self, step: int, counts: Array | None) -> Record:
        """What is recorded from a step on; ``counts``: of spikes until then."""
        counted = self.counts
        if counted is not None:
            assert counts is not None
            counted = Part(counted.array - counts, counted.ends)
        return self._record(step, counted)

    def after(self, step: int) -> Record:
        """What is recorded from a step on, with the counts of all that is recorded."""
        return self._record(step, self.counts)

    def _record(self, step: int, counts: Part | None) -> Record:
        if self._longest is not None:
            step = max(step, self.end - self._longest)
        pieces = list(takewhile(lambda piece: piece.end > step, reversed(self._kept.pieces)))[::-1]
        kept = self._kept._replace(pieces=pieces, counts=counts)
        return Record(kept, self.setup, step, self.end, self.weights)


def _binned(piece: Piece, setup: Setup) -> Piece:
    """Count the spikes of a piece in bins, and leave those that were asked for."""
    per_step, bins = piece.per_step.copy(), dict[int, Array]()
    wanted = np.ones(len(piece.spikes.array), np.bool_)
    for number, one in setup.binned.items():
        neurons, kept = piece.spikes(number), per_step[number, :, 1]
        bins[number] = one.counted(piece.begin, piece.end, neurons, kept, setup.sizes[number])
        wish, begin = setup.wishes[number], int(piece.spikes.ends[number])
        if wish.counts_others:
            inside = np.zeros(len(neurons), np.bool_)
            if wish.spikes and wish.kept is not None:
                inside = wish.kept[neurons]
            wanted[begin : begin + len(neurons)] = inside
            steps = np.repeat(np.arange(len(kept)), kept)
            per_step[number, :, 1] = np.bincount(steps[inside], minlength=len(kept))
    crossings = (
        piece.crossings if piece.crossings is NOTHING else _only(piece.crossings, wanted, piece.spikes)
    )
    return piece._replace(
        per_step=per_step, spikes=_only(piece.spikes, wanted, piece.spikes), crossings=crossings, bins=bins
    )


def _only(part: Part, wanted: Array, spikes: Part) -> Part:
    """Of what there is of some populations, one item for each of their spikes, leave what is wanted."""
    found, sizes = list[Array](), list[int]()
    for number in range(len(part.ends) - 1):
        values = part(number)
        if len(values):
            begin = int(spikes.ends[number])
            values = values[wanted[begin : begin + len(values)]]
        found.append(values)
        sizes.append(len(values))
    return Part(np.concatenate(found), Part.of(sizes, np.int8).ends)


def _gathered(part: Part, counts: Array) -> Part:
    """Copy so many first items of each part."""
    if len(counts) == 1:
        count = int(counts[0])
        return Part(part.array[:count].copy(), np.array((0, count)))
    found = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=found[1:])
    places = np.arange(found[-1]) + np.repeat(part.ends[:-1] - found[:-1], counts)
    return Part(part.array[places], found)
