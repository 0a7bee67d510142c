"""The record of one population in a run, of which results are made: parted, narrowed to neurons, joined."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.clock import times_of
from izhi_numba.base.selection import Chosen, size_of
from izhi_numba.results.means import Mean
from izhi_numba.results.populations import among
from izhi_numba.results.spikes import Spikes


@dataclass(frozen=True)
class Trace:
    """A variable that is kept: of which neurons, and at every how many steps."""

    variable: str
    neurons: Array  # int64
    every: int  # steps
    peak: bool = True  # whether a voltage shows the peak of a spike, and not what the reset has left

    @property
    def key(self) -> tuple[Any, ...]:
        """What it is, to be compared."""
        return self.variable, self.neurons.tobytes(), self.every, self.peak

    @property
    def width(self) -> int:
        """Columns."""
        return len(self.neurons)

    def narrowed(self, chosen: Chosen, n: int) -> tuple[Trace, Array]:
        """Return that of chosen neurons of ``n``, numbered anew, and the columns that it takes."""
        inside, numbers = among(self.neurons, chosen, n)
        order = np.argsort(numbers, kind="stable")
        found = Trace(self.variable, numbers[order].astype(np.int64), self.every)
        return found, np.flatnonzero(inside)[order]


@dataclass(frozen=True, eq=False)
class Bins:
    """Counts of spikes that are kept: of which neurons, in bins of how many steps; one begins at time 0."""

    neurons: Array  # int64
    every: int  # steps

    def narrowed(self, chosen: Chosen, n: int) -> tuple[Bins, Array]:
        """Return that of chosen neurons of ``n``, numbered anew, and the columns that it takes."""
        inside, numbers = among(self.neurons, chosen, n)
        order = np.argsort(numbers, kind="stable")
        return Bins(numbers[order].astype(np.int64), self.every), np.flatnonzero(inside)[order]

    def counted(self, begin: int, end: int, neurons: Array, per_step: Array, n: int) -> Array:
        """Return counts of spikes between two steps, int32 (bins, neurons); the first and last may be parts.

        ``neurons``: of the spikes; ``per_step``: how many of them each step has; ``n``: of the population.
        """
        rows = (np.arange(begin, end) // self.every - begin // self.every).astype(np.int64)
        inside, columns = among(neurons, self.neurons, n)
        n_rows, n_columns = self.rows(begin, end), len(self.neurons)
        cells = np.repeat(rows, per_step)[inside] * n_columns + columns
        counts = np.bincount(cells, minlength=n_rows * n_columns).astype(np.int32)
        return counts.reshape(n_rows, n_columns)

    def rows(self, begin: int, end: int) -> int:
        """Return the number of bins that have steps between two steps."""
        return -(-end // self.every) - begin // self.every if end > begin else 0

    def added(self, first: Array, second: Array, step: int) -> Array:
        """Join counts that meet at a step: in a bin that is in both they are added."""
        if step % self.every == 0 or not len(first) or not len(second):
            return np.concatenate([first, second]) if len(first) else second
        found = np.concatenate([first[:-1], second])
        found[len(first) - 1] += first[-1]
        return found


@dataclass(frozen=True)
class Current:
    """How the current of a receptor follows from variables, of which traces are kept for it."""

    variables: tuple[str, ...]
    compute: Callable[[Mapping[str, Array]], Array]  # of arrays of equal length, by name
    fixed: Mapping[str, Array]  # parameters and constants, of all neurons
    dt: float  # ms

    def traces(self, trace: Trace) -> list[Trace]:
        """Return what is to be kept for its trace."""
        return [Trace(name, trace.neurons, trace.every, peak=False) for name in self.variables]


class Shown(NamedTuple):
    """A trace that results show: one that steps have kept, or a current computed of some."""

    trace: Trace
    places: list[int]  # of what steps have kept, among the traces of the population
    current: Current | None

    def taken_up(self, before: Shown | None) -> Shown:
        """Return it with the parameters of its neurons as they are now: ``before``, where it has the same."""
        if self.current is None:
            return self
        fixed = {name: values[self.trace.neurons] for name, values in self.current.fixed.items()}
        if before is not None and before.current is not None:
            known = before.current.fixed
            if all(known[name].tobytes() == values.tobytes() for name, values in fixed.items()):
                return before
        return self._replace(current=replace(self.current, fixed=fixed))

    def piece(self, kept: list[Array], begin: int, end: int, dtype: np.dtype[Any]) -> Array:
        """Return samples (times, neurons) of a piece, from what steps have kept in it."""
        if self.current is None:
            return kept[self.places[0]]
        first, every = begin // self.trace.every, self.trace.every
        steps = np.arange(first + 1, end // every + 1) * every
        shape = len(steps), len(self.trace.neurons)
        values = {"t": times_of(steps, self.current.dt)[:, None], "dt": np.asarray(self.current.dt)}
        values |= self.current.fixed
        values |= {name: kept[place] for name, place in zip(self.current.variables, self.places, strict=True)}
        flat = {name: np.broadcast_to(value, shape).ravel() for name, value in values.items()}
        found = np.asarray(self.current.compute(flat)).astype(dtype)
        return np.array(np.broadcast_to(found, shape[0] * shape[1])).reshape(shape)


class Part(NamedTuple):
    """An array that has a part for each population, one after another."""

    array: Array
    ends: Array  # int64 (n_populations + 1,), where parts begin, and the end

    @classmethod
    def of(cls, sizes: Any, dtype: Any, make: Callable[..., Array] = np.zeros) -> Part:
        """Return one with parts of these sizes."""
        ends = np.zeros(len(sizes) + 1, np.int64)
        np.cumsum(sizes, out=ends[1:])
        return cls(make(ends[-1], dtype), ends)

    def copied(self) -> Part:
        """Return one with a copy of the array."""
        return Part(self.array.copy(), self.ends)

    def __call__(self, number: int) -> Array:
        """Return the part of a population."""
        return self.array[self.ends[number] : self.ends[number + 1]]


class Piece(NamedTuple):
    """What one call has left of all populations."""

    begin: int  # the step that it begins with, and the one after the last
    end: int
    per_step: Array  # int32 (populations, steps, 2): spikes, and those of them kept
    spikes: Part
    crossings: Part  # when in the step, from 0 to 1; where asked for
    traces: tuple[Part, Part]  # one after another, in the precision of the populations, and in double
    means: Part  # float64, one after another
    shown: list[list[Shown]]  # what results show of each population, where that is something else
    bins: dict[int, Array]  # counts in bins (bins, neurons), of populations that have some


class Kept(NamedTuple):
    """What one run has left of all populations; results hold it, and with it no population."""

    pieces: list[Piece]
    counts: Part | None  # spikes of each neuron
    counting: list[bool]  # whether that is so, of each population
    first_trace: Array  # number of the first trace of each population, and of all
    every: Array  # steps, of each trace
    columns: Array  # neurons, of each trace
    wide: Array  # whether it is kept in double precision, of each trace
    computes: list[bool]  # whether results show something else than steps have kept, of each population
    means: tuple[Array, Array, Array]  # as ``first_trace``, ``every`` and ``columns``, of means
    bins: list[Bins | None]  # counts in bins, of each population


NOTHING = Part(np.zeros(0), np.zeros(1, np.int64))


_AS_THEY_ARE: Any = slice(None)


class Pieces(NamedTuple):
    """What one run has left of one population, piece by piece."""

    per_step: list[Array]  # int32 (steps, 2): spikes, and those of them kept
    spikes: list[Array]
    crossings: list[Array]  # when in the step, from 0 to 1; where asked for
    traces: list[list[Array]]  # of each trace (samples, neurons), and after these of each mean
    counts: Array | None  # spikes of each neuron, where they were counted
    bins: Array | None = None  # counts in bins (bins, neurons), where asked for


class Recording:
    """The record of a population in one run, parted from those of others when it is first asked for.

    Attributes
    ----------
    n : int
        Neurons.
    traces : list of Trace and Mean
        What is kept of variables; means come last.
    first_step, steps : int
        Done before it, and in it.
    is_whole : bool
        Whether spikes that were not kept are counted in each step: of some neurons of a population they are
        not.
    bins : Bins or None
        What is kept of counts in bins.
    is_read : bool
        Whether it is in a file, and read when it is asked for.
    """

    is_read = False

    def __init__(
        self, n: int, traces: list[Trace | Mean], first_step: int, steps: int,
        source: tuple[Kept, int] | Pieces, *, is_whole: bool = True, bins: Bins | None = None,
    ) -> None:  # fmt: skip
        self.n, self.traces, self.first_step, self.steps = n, traces, first_step, steps
        self.is_whole, self.bins = is_whole, bins
        self._pieces = source if isinstance(source, Pieces) else None
        self._source = None if isinstance(source, Pieces) else source

    @property
    def pieces(self) -> Pieces:
        """What there is of this population alone."""
        source, found = self._source, self._pieces  # in this order, as another thread may part it now
        if found is None:
            assert source is not None
            n_shown = sum(isinstance(one, Trace) for one in self.traces)
            found = _parted(*source, n_shown, self.bins)
            found = self._pieces = self._cut(found, source[0].pieces)
            self._source = None
        return found

    def _cut(self, found: Pieces, pieces: Sequence[Piece]) -> Pieces:
        """Take off the beginning of the first piece, where the record begins later."""
        if not pieces or pieces[0].begin >= self.first_step:
            return found
        begin, bins, binned = pieces[0].begin, self.bins, found.bins
        n_steps = self.first_step - begin
        gone = int(found.per_step[0][:n_steps, 1].sum())
        if bins is not None and binned is not None:
            binned = binned[self.first_step // bins.every - begin // bins.every :]
        rows = [self.first_step // trace.every - begin // trace.every for trace in self.traces]
        return found._replace(
            per_step=[found.per_step[0][n_steps:], *found.per_step[1:]],
            spikes=[found.spikes[0][gone:], *found.spikes[1:]],
            crossings=[found.crossings[0][gone:], *found.crossings[1:]] if found.crossings else [],
            traces=[[one[0][k:], *one[1:]] for one, k in zip(found.traces, rows, strict=True)], bins=binned,
        )  # fmt: skip

    @property
    def count(self) -> int:
        """Spikes in all, whatever was kept; without parting the record."""
        if not self.is_whole:
            return int(self.spike_counts().sum())
        source, found = self._source, self._pieces
        if found is None and source is not None:
            kept, number = source
            parts = [piece.per_step[number, max(self.first_step - piece.begin, 0) :] for piece in kept.pieces]
            return sum(int(part[:, 0].sum()) for part in parts)
        return sum(int(piece[:, 0].sum()) for piece in self.pieces.per_step)

    def __getstate__(self) -> dict[str, Any]:
        """Return what is to be pickled: not the others."""
        return self.__dict__ | {"_pieces": self.pieces, "_source": None}

    @property
    def per_step(self) -> Array:
        """Spikes in each step, and those of them kept, int32 (steps, 2)."""
        pieces = self.pieces.per_step
        return np.concatenate(pieces) if pieces else np.zeros((0, 2), np.int32)

    def spikes(self, dt: float) -> Spikes:
        """Kept spikes, by time, then neuron."""
        pieces = self.pieces
        neurons = np.concatenate(pieces.spikes) if pieces.spikes else np.zeros(0, np.int32)
        ends, kept = self.first_step + 1 + np.arange(self.steps), self.per_step[:, 1]
        crossings = np.concatenate([np.zeros(0), *pieces.crossings])
        if not len(crossings):
            return Spikes(neurons, np.repeat(times_of(ends, dt), kept))
        times = (np.repeat(ends - 1, kept) + crossings) * dt
        order = np.lexsort((neurons, times))
        return Spikes(neurons[order], times[order])

    def values(self, place: int) -> Array:
        """Values of a trace, (times, neurons)."""
        pieces = self.pieces.traces[place]
        return np.concatenate(pieces) if pieces else np.zeros((0, self.traces[place].width))

    def binned(self, first: int, last: int) -> Array:
        """Counts in some bins, (bins, neurons)."""
        counts = self.pieces.bins
        assert counts is not None
        return counts[first:last]

    def spike_counts(self) -> Array:
        """Spikes of each neuron: as counted, or from the spikes where all are kept."""
        counted = self.pieces.counts
        if counted is not None:
            return counted[: self.n]
        counts = np.zeros(self.n, np.int64)
        for piece in self.pieces.spikes:
            counts += np.bincount(piece, minlength=self.n)
        return counts

    def narrowed(self, chosen: Chosen) -> Recording:
        """Return the record of some neurons, which are numbered anew; columns of traces follow them."""
        per_step, spikes, crossings, traces, counts, binned = self.pieces
        neurons = np.concatenate([np.zeros(0, np.int32), *spikes])
        kept = np.concatenate([np.zeros(0, np.int32), *(piece[:, 1] for piece in per_step)])
        steps = np.repeat(np.arange(self.steps), kept)
        inside, numbers = among(neurons, chosen, self.n)
        steps, order = steps[inside], _AS_THEY_ARE
        if not isinstance(chosen, slice) and (np.diff(chosen) < 0).any():
            order = np.lexsort((numbers, steps))  # by step, then neuron
        of_step = np.bincount(steps, minlength=self.steps).astype(np.int32)
        timed = [np.concatenate(crossings)[inside][order]] if any(map(len, crossings)) else []
        columns = [trace.narrowed(chosen, self.n) for trace in self.traces]
        found = [place for place, (_, which) in enumerate(columns) if len(which)]
        bins = None
        if self.bins is not None and binned is not None:
            of_bins, which = self.bins.narrowed(chosen, self.n)
            bins, binned = (of_bins, binned[:, which]) if len(which) else (None, None)
        return Recording(
            size_of(chosen), [columns[place][0] for place in found], self.first_step, self.steps,
            Pieces(
                [np.stack([of_step, of_step], axis=1)], [numbers[order]], timed,
                [[piece[:, columns[place][1]] for piece in traces[place]] for place in found],
                None if counts is None else counts[: self.n][chosen], binned,
            ),
            is_whole=False, bins=bins,
        )  # fmt: skip

    def joined(self, later: Any) -> Recording:
        """Return the record of this run and the next, in both of which the same traces are kept."""
        mine, its = self.pieces, later.pieces
        counts = None if mine.counts is its.counts is None else self.spike_counts() + later.spike_counts()
        bins = None
        if self.bins is not None and mine.bins is not None and its.bins is not None:
            bins = self.bins.added(mine.bins, its.bins, later.first_step)
        pieces = Pieces(
            mine.per_step + its.per_step, mine.spikes + its.spikes, mine.crossings + its.crossings,
            [one + other for one, other in zip(mine.traces, its.traces, strict=True)], counts, bins,
        )  # fmt: skip
        return Recording(
            self.n, self.traces, self.first_step, self.steps + later.steps, pieces,
            is_whole=self.is_whole and later.is_whole, bins=self.bins,
        )  # fmt: skip


def _parted(kept: Kept, number: int, n_shown: int, bins: Bins | None) -> Pieces:
    """Part what is of one population from the record of all, which may go then."""
    pieces, counts = kept.pieces, kept.counts
    first, last = kept.first_trace[number : number + 2].tolist()
    traces = [[_apart(_trace(kept, piece, place)) for piece in pieces] for place in range(first, last)]
    if kept.computes[number]:
        traces = [_shown(number, place, traces, pieces) for place in range(n_shown)]
    first, last = kept.means[0][number : number + 2].tolist()
    traces += [[_apart(_mean(kept, piece, place)) for piece in pieces] for place in range(first, last)]
    binned = None
    if bins is not None:
        binned = np.zeros((0, len(bins.neurons)), np.int32)
        for piece in pieces:
            binned = bins.added(binned, piece.bins[number], piece.begin)
    return Pieces(
        [_apart(piece.per_step[number]) for piece in pieces],
        [_apart(piece.spikes(number)) for piece in pieces],
        [_apart(piece.crossings(number)) for piece in pieces if piece.crossings is not NOTHING],
        traces,
        _apart(counts(number)) if counts is not None and kept.counting[number] else None, binned,
    )  # fmt: skip


def _shown(number: int, place: int, traces: list[list[Array]], pieces: list[Piece]) -> list[Array]:
    """What is shown of a trace of a population, piece by piece; ``traces``: what steps have kept."""
    return [
        piece.shown[number][place].piece(
            [trace[at] for trace in traces], piece.begin, piece.end, piece.traces[0].array.dtype
        )
        for at, piece in enumerate(pieces)
    ]


def _trace(kept: Kept, piece: Piece, place: int) -> Array:
    """A trace in a piece, (samples, neurons)."""
    every, columns = int(kept.every[place]), int(kept.columns[place])
    rows = piece.end // every - piece.begin // every
    return piece.traces[int(kept.wide[place])](place)[: rows * columns].reshape(rows, columns)


def _mean(kept: Kept, piece: Piece, place: int) -> Array:
    """A mean in a piece, (samples, groups)."""
    _, every, columns = kept.means
    rows = piece.end // every[place] - piece.begin // every[place]
    return piece.means(place).reshape(rows, columns[place])


def _apart(view: Array) -> Array:
    """Copy a part of an array, unless it is most of it: so that a small part does not keep the whole."""
    base = view.base
    return view if base is None or base.nbytes <= 2 * view.nbytes else view.copy()
