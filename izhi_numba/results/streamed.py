"""The record of a population in a file, read when it is asked for: any part of it, and not the whole."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from izhi_numba.base import checks
from izhi_numba.base.arrays import Array
from izhi_numba.base.clock import times_of
from izhi_numba.base.selection import Chosen, size_of, some_of
from izhi_numba.results.manifest import IDENTITY, Described, Manifest, Words, bins_of, traces_of
from izhi_numba.results.means import Mean
from izhi_numba.results.populations import among
from izhi_numba.results.recording import Bins, Pieces, Recording, Trace
from izhi_numba.results.spikes import Spikes
from izhi_numba.storage.growing import opened_to_read, read_state

_BLOCK = 1 << 22  # spikes that are counted at once
_BLOCK_BYTES = 1 << 25  # of traces, that are read at once


@dataclass(frozen=True)
class StreamedRecord:
    """What is in a file of all populations, from one step to another."""

    path: Path
    manifest: Manifest
    first_step: int
    end: int
    counts: Mapping[str, Array] = field(default_factory=dict)  # of neurons whose spikes are not all kept

    def is_after(self, first: StreamedRecord) -> bool:
        """Whether it goes on in the same file."""
        same = (self.path, self.manifest.identity) == (first.path, first.manifest.identity)
        return same and self.first_step == first.end

    def opened(self, *names: str) -> Any:
        """Open the file to read, with arrays of it."""
        return opened_to_read(self.path, names, **{IDENTITY: self.manifest.identity})

    def of(self, number: int) -> StreamedRecording:
        """Return that of a population."""
        return StreamedRecording(self, number, slice(0, self.manifest.populations[number].n))


@dataclass(frozen=True, eq=False)
class StreamedRecording:
    """The record of a population, or of some neurons of one, with the methods of a Recording."""

    record: StreamedRecord
    number: int
    chosen: Chosen  # of the population

    is_read = True

    # What it is of

    @property
    def described(self) -> Described:
        """What the file says of the population."""
        return self.record.manifest.populations[self.number]

    @property
    def n(self) -> int:
        """Neurons."""
        return size_of(self.chosen)

    @property
    def first_step(self) -> int:
        """Steps done before it."""
        return self.record.first_step

    @property
    def steps(self) -> int:
        """Steps in it."""
        return self.record.end - self.record.first_step

    @property
    def _dt(self) -> float:
        return self.record.manifest.dt

    @property
    def _is_of_all(self) -> bool:
        return isinstance(self.chosen, slice) and self.n == self.described.n

    @property
    def is_whole(self) -> bool:
        """Whether spikes that were not kept are counted in each step."""
        return self._is_of_all

    @property
    def keeps_all(self) -> bool:
        """Whether all spikes are kept."""
        return self.described.keeps == "all"

    @functools.cached_property
    def _columns(self) -> list[tuple[int, Trace | Mean, Array]]:
        """Traces: place in the file, what they are, and which columns are of the chosen."""
        one, found, neurons = self.described, list[tuple[int, Trace | Mean, Array]](), list[Array]()
        if one.traces:
            with self._opened() as file:
                neurons = [file[one.neurons(place)][:] for place in range(len(one.traces))]
        for place, trace in enumerate(traces_of(one, neurons)):
            if self._is_of_all:
                found.append((place, trace, np.arange(trace.width)))
                continue
            mine, columns = trace.narrowed(self.chosen, one.n)
            if len(columns):
                found.append((place, mine, columns))
        return found

    @property
    def traces(self) -> list[Trace | Mean]:
        """What is kept of variables."""
        return [trace for _, trace, _ in self._columns]

    @functools.cached_property
    def _bins(self) -> tuple[Bins | None, Array]:
        one = self.described
        if not one.bins:
            return None, np.zeros(0, np.int64)
        with self._opened() as file:
            bins = bins_of(one, file[one.neurons_of_bins][:])
        if bins is None or self._is_of_all:
            return bins, np.arange(0 if bins is None else len(bins.neurons))
        found, columns = bins.narrowed(self.chosen, one.n)
        return (found, columns) if len(columns) else (None, columns)

    @property
    def bins(self) -> Bins | None:
        """What is kept of counts in bins."""
        return self._bins[0]

    def _opened(self, *names: str) -> Any:
        return self.record.opened(*names)

    # Spikes

    def between(self, first: int, last: int) -> Spikes:
        """Kept spikes of the chosen neurons in some of its steps, by time, then neuron."""
        one = self.described
        if one.keeps == "none" or last <= first:
            return Spikes(np.zeros(0, np.int32), np.zeros(0))
        with self._opened(one.times, one.units_of_spikes) as file:
            times, units = file[one.times], file[one.units_of_spikes]
            begin, end = self._places(times, first, last)
            checks.fits_in_memory(
                f"{end - begin} spikes", 28 * (end - begin), "ask for a window of time, or for fewer neurons"
            )
            which, when = units[begin:end].astype(np.int32), times[begin:end]
        if self._is_of_all:
            return Spikes(which, when)
        inside, numbers = among(which, self.chosen, one.n)
        found = Spikes(numbers, when[inside])
        if isinstance(self.chosen, slice) or (np.diff(self.chosen) > 0).all():
            return found
        order = np.lexsort(found)
        return Spikes(found.i[order], found.t[order])

    def _places(self, times: Any, first: int, last: int) -> tuple[int, int]:
        """Where in the file spikes of some of its steps begin and end."""
        begin, end = times_of(self.first_step + np.array([first, last]), self._dt).tolist()
        is_first = self.first_step + first == self.record.manifest.first_step
        return 0 if is_first else _after(times, begin), _after(times, end)

    def _blocks(self) -> Iterator[Spikes]:
        n_steps = max(1, int(_BLOCK * self.steps / max(self._n_of_all, 1)))
        for begin in range(0, self.steps, n_steps):
            yield self.between(begin, min(begin + n_steps, self.steps))

    @functools.cached_property
    def _n_of_all(self) -> int:
        """Kept spikes of the whole population."""
        one = self.described
        if one.keeps == "none" or not self.steps:
            return 0
        with self._opened(one.times) as file:
            begin, end = self._places(file[one.times], 0, self.steps)
        return end - begin

    @property
    def n_kept(self) -> int:
        """Number of kept spikes."""
        return self._n_of_all if self._is_of_all else int(self.kept_counts.sum())

    @functools.cached_property
    def kept_counts(self) -> Array:
        """Kept spikes of each neuron."""
        counts = np.zeros(self.n, np.int64)
        for block in self._blocks():
            counts += np.bincount(block.i, minlength=self.n)
        return counts

    def spike_counts(self) -> Array:
        """Spikes of each neuron, whatever was kept."""
        counts = self.record.counts.get(self.described.name)
        return self.kept_counts if counts is None else counts[self.chosen]

    @property
    def count(self) -> int:
        """Spikes in all, whatever was kept."""
        return self.n_kept if self.keeps_all else int(self.spike_counts().sum())

    def spikes(self, dt: float) -> Spikes:  # noqa: ARG002
        """Kept spikes, by time, then neuron."""
        return self.between(0, self.steps)

    @property
    def per_step(self) -> Array:
        """Spikes in each step, and those of them kept, int32 (steps, 2)."""
        checks.fits_in_memory(f"numbers of {self.steps} steps", 16 * self.steps, "ask for rates in bins")
        one = self.described
        if not one.has_steps:
            steps = [np.rint(block.t / self._dt).astype(np.int64) for block in self._blocks()]
            stamps = np.concatenate([np.zeros(0, np.int64), *steps]) - self.first_step - 1
            of_step = np.bincount(stamps, minlength=self.steps).astype(np.int32)
            return np.stack([of_step, of_step], axis=1)
        begin = self.first_step - self.record.manifest.first_step
        with self._opened(one.steps) as file:
            found: Array = file[one.steps][begin : begin + self.steps]
        if self._is_of_all:
            return found
        every_spike = replace(self, chosen=slice(0, one.n)).between(0, self.steps)
        inside, _ = among(every_spike.i, self.chosen, one.n)
        of_spikes = np.repeat(np.arange(self.steps), found[:, 1])[inside]
        of_step = np.bincount(of_spikes, minlength=self.steps).astype(np.int32)
        return np.stack([of_step, of_step], axis=1)

    # Traces and counts in bins

    def values(self, place: int) -> Rows:
        """Values of a trace, (times, neurons), which are read where they are asked for."""
        at, trace, columns = self._columns[place]
        file_first, every = self.record.manifest.first_step, trace.every
        begin, end = (step // every - file_first // every for step in (self.first_step, self.record.end))
        name = self.described.trace(at)
        with self._opened(name) as file:
            dtype, n_columns = file[name].dtype, file[name].shape[1]
        is_all = len(columns) == n_columns and (np.diff(columns) == 1).all()
        return Rows(self.record, name, slice(begin, end), None if is_all else columns, n_columns, dtype)

    def binned(self, first: int, last: int) -> Array:
        """Counts in some bins, (bins, neurons)."""
        bins, columns = self._bins
        assert bins is not None
        one, file_first = self.described, self.record.manifest.first_step
        begin = self.first_step // bins.every - file_first // bins.every
        with self._opened(one.binned) as file:
            found: Array = file[one.binned][begin + first : begin + last]
        return found if len(columns) == found.shape[1] else found[:, columns]

    def _all_bins(self, bins: Bins) -> Array:
        """Counts in all bins, with parts of some at its ends, where these are the ends of the file."""
        one, (begin, end) = self.described, (self.first_step, self.record.end)
        rows = bins.rows(begin, end)
        found = self.binned(0, rows)
        at_ends = begin % bins.every == 0 or begin == self.record.manifest.first_step
        if end % bins.every:
            with self._opened(one.open_bin) as file:
                state = read_state(file)
                rest = file[one.open_bin][state.copy][self._bins[1]].astype(found.dtype)
                at_ends &= Words.of(state.words).end == end and read_state(file).number == state.number
            found = np.concatenate([found[: rows - 1], rest[None]])
        if not at_ends:
            raise ValueError(
                f"the counts of a run from {times_of(begin, self._dt):g} to {times_of(end, self._dt):g} ms in"
                f" bins of {times_of(bins.every, self._dt):g} ms have no whole bins at its ends, and lie in a"
                " file with those of other runs; take the result of all of them, iz.open_results, or of runs"
                " that end with a bin"
            )
        return found

    def in_open_bin(self) -> Array:
        """Counts in the bin that is not over at its end, of all neurons of which they are kept."""
        bins, _ = self._bins
        assert bins is not None
        step = self.record.end
        begin = max(step // bins.every * bins.every, self.first_step)
        spikes = self.between(begin - self.first_step, self.steps)
        inside, numbers = among(spikes.i, bins.neurons, self.n)
        return np.bincount(numbers[: inside.sum()], minlength=len(bins.neurons))

    # Like a record in memory

    def narrowed(self, chosen: Chosen) -> StreamedRecording:
        """Return the record of some neurons, which are numbered anew; columns of traces follow them."""
        return replace(self, chosen=some_of(self.chosen, chosen))

    def joined(self, later: Any) -> Any:
        """Return the record of this run and the next."""
        mine = self.record
        if not isinstance(later, StreamedRecording) or not later.record.is_after(mine):
            return self.in_memory().joined(later if isinstance(later, Recording) else later.in_memory())
        counts = {name: one + later.record.counts[name] for name, one in mine.counts.items()}
        return replace(self, record=replace(mine, end=later.record.end, counts=counts))

    def in_memory(self) -> Recording:
        """Return a record in memory."""
        return Recording(
            self.n, self.traces, self.first_step, self.steps, self.pieces, is_whole=self.is_whole,
            bins=self.bins,
        )  # fmt: skip

    @property
    def pieces(self) -> Pieces:
        """All of it, in memory."""
        neurons, times = self.spikes(self._dt)
        per_step, crossings = self.per_step, list[Array]()
        if self.described.is_timed:
            steps = np.repeat(np.arange(self.steps), per_step[:, 1])
            crossings = [np.clip(times / self._dt - (self.first_step + steps), 0, 1)]
        bins = None
        if self.bins is not None:
            bins = self._all_bins(self.bins)
        traces = [[np.asarray(self.values(place))] for place in range(len(self._columns))]
        counts = None if self.keeps_all else self.spike_counts()
        return Pieces([per_step], [neurons], crossings, traces, counts, bins)


@dataclass(frozen=True, eq=False)
class Rows(NDArrayOperatorsMixin):
    """Values of a trace in a file, (times, neurons), as an array that is read where it is indexed.

    Whatever else is done with it, ``trace.mean(axis=0)``, ``trace - 65``, ``np.asarray(trace)``, reads all of
    it, if that fits in memory.
    """

    record: StreamedRecord
    name: str
    rows: slice  # of the file
    columns: Array | None  # of the file; None: all
    n_columns: int  # of the file
    dtype: np.dtype[Any]

    ndim = 2

    @property
    def shape(self) -> tuple[int, int]:
        """Times and neurons."""
        return self.rows.stop - self.rows.start, self.n_columns if self.columns is None else len(self.columns)

    @property
    def size(self) -> int:
        """Number of values."""
        return self.shape[0] * self.shape[1]

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, key: Any) -> Any:
        """Return some values: of rows and columns only those that are asked for are kept."""
        which, *others = key if isinstance(key, tuple) else (key,)
        if isinstance(which, int | np.integer):
            number = range(len(self))[which]
            return self._read(number, number + 1, 1, others)[0]
        if isinstance(which, slice) and (which.step or 1) > 0 and not any(one is None for one in others):
            return self._read(*which.indices(len(self)), others)
        return self._read(0, len(self), 1, [])[key]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or not hasattr(np.ndarray, name):
            raise AttributeError(name)
        return getattr(np.asarray(self), name)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        arrays = [np.asarray(one) if isinstance(one, Rows) else one for one in inputs]
        return getattr(ufunc, method)(*arrays, **options)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return self._read(0, len(self), 1, []).astype(dtype or self.dtype, copy=False)

    def _read(self, begin: int, end: int, step: int, others: list[Any]) -> Array:
        """Read every so many of some rows, block by block; ``others``: what is to be taken of each block."""
        like = np.empty((1, self.shape[1]), self.dtype)[(slice(None), *others)]
        n_rows = len(range(begin, end, step))
        checks.fits_in_memory(
            f"{n_rows} rows of {self.name}", n_rows * like.nbytes,
            "ask for fewer rows at once: result.traces['v'][:1000]",
        )  # fmt: skip
        found = np.empty((n_rows, *like.shape[1:]), self.dtype)
        each = step * max(1, _BLOCK_BYTES // (self.n_columns * self.dtype.itemsize * step))
        with self.record.opened(self.name) as file:
            rows, at = file[self.name], 0
            for first in range(begin, end, each):
                block = rows[self.rows.start + first : self.rows.start + min(first + each, end)][::step]
                block = block if self.columns is None else block[:, self.columns]
                found[at : at + len(block)] = block[(slice(None), *others)]
                at += len(block)
        return found


AnyRecording = Recording | StreamedRecording


def _after(times: Any, t: float) -> int:
    """Where times in a file, which ascend, are above a time."""
    first, last = 0, len(times)
    while last - first > 1 << 14:
        middle = (first + last) // 2
        if times[middle] > t:
            last = middle
        else:
            first = middle + 1
    return first + int(np.searchsorted(times[first:last], t, side="right"))
