"""A file that takes what runs record, while they go on: a second of wall time behind them at most.

Everything that was recorded since the last commit is written to its place in the file, which follows from
steps alone, and then the file is committed. What is not committed may be written again: an interruption loses
nothing.
"""

from __future__ import annotations

import functools
import logging
import os
import threading
import time
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.checks import library
from izhi_numba.base.clock import times_of
from izhi_numba.base.undisturbed import undisturbed
from izhi_numba.results.formats.recorded import as_parts
from izhi_numba.results.manifest import IDENTITY, TEXT, Described, Manifest, Words, groups_told
from izhi_numba.results.means import Mean
from izhi_numba.results.packing import Contents
from izhi_numba.results.recorder import Recorder, Wishes
from izhi_numba.results.recording import Recording, Trace
from izhi_numba.results.streamed import AnyRecording, StreamedRecord
from izhi_numba.results.weights_in_files import described, put_rows
from izhi_numba.storage.growing import GrowingFile

_log = logging.getLogger("izhi_numba")
_INTERVAL = 0.3  # s between commits: with what a call of the compiled steps takes, less than a second
_BEFORE_CALL = 0.05  # s since the last one, after which there is one before a function of the user's
_MOST_SPIKES = _MOST_WEIGHTS = 1 << 22  # that wait for a commit
_CHUNK = 1 << 16  # spikes that lie together in the file, at most
_LEAST_CHUNK = 1 << 10
_CHUNK_BYTES = 1 << 18  # of traces and counts
_MAGIC, _VERSION = 0x0A7A, (0, 1)  # of SONATA


class Stream:
    """A file, and up to where it has what was recorded.

    Attributes
    ----------
    path : Path
    end : int
        The step up to which the file has everything.
    """

    def __init__(self, file: GrowingFile, manifest: Manifest) -> None:
        self._file, self._manifest = file, manifest
        self._process, self._is_closed = os.getpid(), False
        self._words = Words.of(file.state.words)
        self._recorder: Recorder | None = None
        self._writing = threading.Lock()  # one may go on when who has waited for it was interrupted
        self._now = self._read_counts()  # of neurons, as of the last commit
        self._counts = self._now  # and before this run
        self._last, self._waiting = 0.0, 0
        self.path = file.path

    @property
    def end(self) -> int:
        """The step up to which the file has everything."""
        return self._words.end

    # Beginning

    @classmethod
    def begin(
        cls, before: Stream | None, path: str, recorder: Recorder, contents: Mapping[str, Contents], *,
        is_network: bool,
    ) -> Stream:  # fmt: skip
        """Return the file for a run that begins: a new one, or one that goes on.

        Parameters
        ----------
        before : Stream, optional
            That of the run before, of the same pool or network.
        path : str
        recorder : Recorder
        contents : mapping of str to Contents
            The results of nothing, by name.
        is_network : bool

        Raises
        ------
        OSError, ValueError
            A file that is there and is of something else, or of another time.
        """
        if not Path(path).parent.is_dir():
            raise FileNotFoundError(
                f"{path}: there is no folder {Path(path).parent}; record to another file, by"
                " record('spikes', to=...)"
            )
        wanted = _described(recorder, contents, is_network=is_network)
        if before is not None and before.path != Path(path):
            before.close()
            before = None
        if before is not None and before._process != os.getpid():
            raise ValueError(forked(before.path))
        if before is not None and (before._is_closed or not before._file.is_whole()):
            before.close()
            before = None
        found = before or cls._opened(Path(path), wanted, recorder, contents)
        found._check_goes_on(wanted, recorder.first_step, is_known=before is not None)
        found._recorder, found._counts, found._last = recorder, found._now, time.monotonic()
        return found

    @classmethod
    def _opened(
        cls, path: Path, wanted: Manifest, recorder: Recorder, contents: Mapping[str, Contents]
    ) -> Stream:
        if not path.exists():
            nothing, text = np.zeros((2, len(wanted.populations)), np.int64), (0, len(wanted.text()))
            words = Words(wanted.first_step, text, *nothing)

            def fill(file: GrowingFile) -> None:
                _fill(file, contents, recorder.setup.wishes, wanted)
                _fill_weights(file, recorder, wanted)

            file = undisturbed(lambda: GrowingFile.create(path, words.array(), fill))
            _log.info("%s is begun at %g ms", path, times_of(wanted.first_step, wanted.dt))
            return cls(file, wanted)
        file, known = undisturbed(lambda: _read(path))
        if known.identity != wanted.identity:
            file.close()
            raise FileExistsError(taken(path, known))
        found = cls(file, known)
        undisturbed(found._tidy)
        return found

    def _check_goes_on(self, wanted: Manifest, first_step: int, *, is_known: bool) -> None:
        """Refuse a run that does not go on where the file ends; what a loaded one does again is cut off."""
        path, known = self.path, self._manifest
        now, end = times_of(first_step, known.dt), times_of(self.end, known.dt)
        another = "record to another file: record('spikes', to=...)"
        if known.identity != wanted.identity:
            raise FileExistsError(taken(path, known))
        different = known.differs(wanted)
        if different:
            raise ValueError(f"{path}: {different} cannot change in a file; {another}")
        if first_step > self.end:
            raise ValueError(f"{path} ends at {end:g} ms, and this run begins at {now:g} ms; {another}")
        if first_step < max(self.end if is_known else 0, known.first_step):
            raise ValueError(
                f"{path} has what was at {times_of(known.first_step, known.dt):g} to {end:g} ms, and this run"
                f" begins at {now:g} ms; {another}"
            )
        if first_step < self.end:
            undisturbed(lambda: self._cut(first_step))
            _log.info("%s is cut off at %g ms, where the run goes on that was loaded", path, now)
        if [one.groups for one in known.populations] != [one.groups for one in wanted.populations]:
            undisturbed(lambda: self._commit_text(wanted))

    # Writing

    def tell(self, *, is_before_call: bool = False) -> None:
        """Write what was recorded, if it is time to."""
        assert self._recorder is not None
        longest = _BEFORE_CALL if is_before_call else _INTERVAL
        self._waiting += 0 if is_before_call else self._recorder.n_last
        many = self._waiting > _MOST_SPIKES
        many = many or self._recorder.n_weights_after(self.end) > _MOST_WEIGHTS
        if many or time.monotonic() - self._last > longest:
            self.flush()

    def flush(self) -> None:
        """Write all that was recorded, and commit the file.

        Raises
        ------
        OSError
            The disk is full, or the file is gone. It has what was committed before.
        """
        recorder = self._recorder
        if recorder is None or self._is_closed or recorder.end <= self.end:
            return
        began = time.monotonic()
        try:
            undisturbed(lambda: self._write(recorder))
        except OSError:
            self.close()
            raise
        self._last, self._waiting = time.monotonic(), 0
        _log.debug("%s: to step %d in %.1f ms", self.path, self.end, 1e3 * (self._last - began))

    def _write(self, recorder: Recorder) -> None:
        with self._writing:
            if recorder.end > self.end:
                self._check_mine()
                self._write_rest(recorder)

    def _check_mine(self) -> None:
        """Refuse to write where another one does, or to a file that has no name any more."""
        if self._process != os.getpid():
            raise OSError(forked(self.path))
        if not self._file.is_whole():
            raise FileNotFoundError(f"{self.path} was removed, or replaced, while it was written")
        if not self._file.is_mine():
            raise OSError(
                f"{self.path} is written by another one, which was loaded from a file of the same pool or"
                " network; let one of them record to another file"
            )

    def _write_rest(self, recorder: Recorder) -> None:
        file, begin, end, first = self._file, self.end, recorder.end, self._manifest.first_step
        now = dict[str, Array]()
        record = recorder.after(begin)
        kept, spikes, copies = self._words.kept.copy(), self._words.spikes.copy(), dict[str, Array]()
        for number, one in enumerate(self._manifest.populations):
            recording = record.of(number)
            spikes[number] += recording.count
            if one.keeps != "none":
                which, when = recording.spikes(self._manifest.dt)
                file.put(one.times, int(kept[number]), when)
                file.put(one.units_of_spikes, int(kept[number]), which.astype(np.uint64))
                kept[number] += len(when)
            if one.has_steps:
                file.put(one.steps, begin - first, recording.per_step)
            wide = [place for place, trace in enumerate(recording.traces) if trace.width]
            for place, (at, every) in enumerate(zip(wide, one.intervals, strict=True)):
                file.put(one.trace(place), begin // every - first // every, recording.values(at))
            if one.bins:
                copies[one.open_bin] = self._write_bins(one, recording, begin, end)
            if one.is_counted:
                now[one.name] = self._counts[one.name] + recording.spike_counts()
                copies[one.counts] = now[one.name]
        for weights, growing in zip(self._manifest.weights, recorder.weights, strict=True):
            put_rows(file, weights, growing, first, (begin, end))
        words = Words(end, self._words.text, kept, spikes)
        file.commit(words.array(), copies)
        self._words, self._now = words, now

    def _write_bins(self, one: Described, recording: Recording, begin: int, end: int) -> Array:
        """Write the counts in bins that are over; returns those in the one that is not."""
        counts, every = recording.binned(0, recording.steps), one.bins
        rest = self._file.copy(one.open_bin)
        if begin % every:
            counts = np.concatenate([counts[:1] + rest[None].astype(counts.dtype), counts[1:]])
        row = begin // every - self._manifest.first_step // every
        over = end // every - begin // every
        self._file.put(one.binned, row, counts[:over])
        return counts[over] if end % every else np.zeros_like(rest)

    def _commit_text(self, manifest: Manifest) -> None:
        """Let the file have another manifest."""
        with self._writing:
            self._check_mine()
            self._write_text(manifest)

    def _write_text(self, manifest: Manifest) -> None:
        begin, text = self._words.text[1], manifest.text()
        self._file.put(TEXT, begin, text)
        words = Words(self.end, (begin, begin + len(text)), self._words.kept, self._words.spikes)
        self._file.commit(words.array(), self._copies())
        self._words, self._manifest = words, manifest

    def _tidy(self) -> None:
        """Take off what a process has written that was killed before it could say so."""
        with self._writing:
            self._cut_arrays(self._words)
            self._file.commit(self._words.array(), self._copies())

    def _cut_arrays(self, words: Words) -> None:
        """Let arrays end where they do by what the file says."""
        file, known = self._file, self._manifest
        file.cut(TEXT, words.text[1])
        for number, one in enumerate(known.populations):
            if one.keeps != "none":
                file.cut(one.times, int(words.kept[number]))
                file.cut(one.units_of_spikes, int(words.kept[number]))
            if one.has_steps:
                file.cut(one.steps, words.end - known.first_step)
            for place, every in enumerate(one.intervals):
                file.cut(one.trace(place), words.end // every - known.first_step // every)
            if one.bins:
                file.cut(one.binned, words.end // one.bins - known.first_step // one.bins)
        for weights in known.weights:
            file.cut(weights.data, weights.rows(known.first_step, words.end))

    def _cut(self, step: int) -> None:
        """Take off what is after a step."""
        with self._writing:
            self._check_mine()
            self._take_off(step)

    def _take_off(self, step: int) -> None:
        file, manifest, counts = self._file, self._manifest, dict[str, Array]()
        record = StreamedRecord(self.path, manifest, manifest.first_step, step, counts)
        kept, spikes, copies = self._words.kept.copy(), self._words.spikes.copy(), dict[str, Array]()
        for number, one in enumerate(manifest.populations):
            recording = record.of(number)
            if one.is_counted:
                copies[one.counts] = self._counts_from_bins(one, step)
                counts[one.name] = copies[one.counts]
            kept[number], spikes[number] = recording.n_kept, recording.count
            if one.bins:
                copies[one.open_bin] = recording.in_open_bin()
        words = Words(step, self._words.text, kept, spikes)
        file.commit(words.array(), copies)
        self._cut_arrays(words)
        file.commit(words.array(), copies)
        self._words = words
        self._counts = self._now = self._read_counts()

    def _counts_from_bins(self, one: Described, step: int) -> Array:
        """Spikes of each neuron until a step, where they were only counted."""
        if not one.bins or step % one.bins or len(self._file[one.neurons_of_bins]) < one.n:
            t = times_of(self.end, self._manifest.dt)
            raise ValueError(
                f"{self.path} goes on to {t:g} ms, after the time that was saved, and the spikes of"
                f" {one.name!r} that were only counted cannot be taken off it; record to another file"
            )
        counts, rows = self._file[one.binned], step // one.bins - self._manifest.first_step // one.bins
        found = np.zeros(one.n, np.int64)
        for begin in range(0, rows, _LEAST_CHUNK):
            found += counts[begin : min(begin + _LEAST_CHUNK, rows)].sum(axis=0)
        return found

    # Ending

    def record(self) -> StreamedRecord:
        """Return what the run has left, up to where it is written."""
        recorder, known = self._recorder, self._manifest
        assert recorder is not None
        begin = min(recorder.first_step, self.end)
        counts = {name: one - self._counts[name] for name, one in self._now.items()}
        return StreamedRecord(self.path, known, begin, self.end, counts)

    def let_go(self) -> None:
        """Let go of a run that is over."""
        self._recorder = None

    def _read_counts(self) -> dict[str, Array]:
        counted = [one for one in self._manifest.populations if one.is_counted]
        return {one.name: self._file.copy(one.counts) for one in counted}

    def _copies(self) -> dict[str, Array]:
        """All arrays of which there are two copies, as they are."""
        every = self._manifest.populations
        names = [one.counts for one in every if one.is_counted] + [one.open_bin for one in every if one.bins]
        return {name: self._file.copy(name) for name in names}

    def close(self) -> None:
        """Let go of the file, as it was at the last commit."""
        self._is_closed = True
        self._file.close()


def _described(recorder: Recorder, contents: Mapping[str, Contents], *, is_network: bool) -> Manifest:
    """What is to be said of a file for a run that begins."""
    names = [name or "pool" for name in contents]
    populations = []
    for number, (name, one) in enumerate(contents.items()):
        wish, recording = recorder.setup.wishes[number], one.recording
        traces = [kept for kept in recording.traces if isinstance(kept, Trace) and kept.width]
        means = [kept for kept in recording.traces if isinstance(kept, Mean)]
        populations.append(
            Described(
                name, as_parts(names)[number], recording.n, one.is_source, _keeps(wish),
                recorder.setup.is_timed(number), groups_told(one.groups), dict(one.units),
                [(kept.variable, kept.every, kept.peak) for kept in traces],
                [(kept.of, kept.every, groups_told(kept.columns)) for kept in means],
                0 if recording.bins is None else recording.bins.every, _whose(wish, recording),
            )
        )  # fmt: skip
    first = next(iter(contents.values()))
    return Manifest(
        first.dt, recorder.first_step, first.origin.simulation, is_network, populations,
        described(recorder.weights),
    )  # fmt: skip


def _whose(wish: Wishes, recording: AnyRecording) -> int:
    """A checksum of the neurons of which something is kept."""
    kept = [np.zeros(0, np.int64) if wish.kept is None else wish.kept]
    kept += [trace.neurons for trace in recording.traces if isinstance(trace, Trace)]
    kept += [] if recording.bins is None else [recording.bins.neurons]
    return functools.reduce(lambda known, one: zlib.crc32(one.tobytes(), known), kept, 0)


def _keeps(wish: Wishes) -> str:
    if not wish.spikes or (wish.kept is not None and not wish.kept.any()):
        return "none"
    return "all" if wish.kept is None else "some"


def _fill(
    file: GrowingFile, contents: Mapping[str, Contents], wishes: Sequence[Wishes], wanted: Manifest
) -> None:
    """Add the arrays that a file needs."""
    h5py = library("h5py", "record(..., to=...)", "export")
    file.set("", "magic", np.uint32(_MAGIC))
    file.set("", "version", np.array(_VERSION, np.uint32))
    file.set("", IDENTITY, wanted.identity)
    file.add(TEXT, (), np.uint8, chunk=_LEAST_CHUNK)
    file.put(TEXT, 0, wanted.text())
    by_time = h5py.enum_dtype({"none": 0, "by_id": 1, "by_time": 2}, basetype=np.uint8)
    for one, its, wish in zip(wanted.populations, contents.values(), wishes, strict=True):
        recording = its.recording
        if one.keeps != "none":
            chunk = min(max(100 * one.n, _LEAST_CHUNK), _CHUNK)
            file.add(one.times, (), np.float64, chunk=chunk)
            file.add(one.units_of_spikes, (), np.uint64, chunk=chunk)
            file.set(one.times, "units", "ms")
            file.set(f"spikes/{one.part}", "sorting", 2, dtype=by_time)
        if one.has_steps:
            file.add(one.steps, (2,), np.int32, chunk=_LEAST_CHUNK)
        if one.is_counted:
            file.add_copies(one.counts, one.n)
        if wish.kept is not None:
            file.add_fixed(one.kept, wish.kept)
        wide = [(at, trace) for at, trace in enumerate(recording.traces) if trace.width]
        for place, (at, trace) in enumerate(wide):
            dtype, name = recording.values(at).dtype, one.trace(place)
            file.add(name, (trace.width,), dtype, chunk=_rows(trace.width, dtype))
            if isinstance(trace, Trace):
                file.add_fixed(one.neurons(place), trace.neurons)
            else:
                file.set(name, "columns", [*trace.columns])
            file.set(name, "units", its.units.get(trace.variable, ""))
            _set_times(file, name, trace.every, wanted.first_step // trace.every + 1, wanted.dt)
        if recording.bins is not None:
            n, every = len(recording.bins.neurons), recording.bins.every
            file.add(one.binned, (n,), np.int32, chunk=_rows(n, np.dtype(np.int32)))
            file.add_fixed(one.neurons_of_bins, recording.bins.neurons)
            file.add_copies(one.open_bin, n)
            _set_times(file, one.binned, every, wanted.first_step // every, wanted.dt)


def _fill_weights(file: GrowingFile, recorder: Recorder, wanted: Manifest) -> None:
    """Add the arrays that weights need."""
    for one, growing in zip(wanted.weights, recorder.weights, strict=True):
        tracked = growing.tracked
        file.add(one.data, (tracked.size,), tracked.dtype, chunk=_rows(tracked.size, tracked.dtype))
        file.add_fixed(one.sources, tracked.sources)
        file.add_fixed(one.targets, tracked.targets)
        file.set(one.data, "units", one.unit)
        _set_times(file, one.data, one.every, wanted.first_step // one.every + 1, wanted.dt)


def _set_times(file: GrowingFile, name: str, every: int, first: int, dt: float) -> None:
    """Say of an array when its rows are: the first one, and from one to the next, ms."""
    file.set(name, "first", times_of(first * every, dt))
    file.set(name, "interval", times_of(every, dt))


def _rows(n_columns: int, dtype: np.dtype[Any]) -> int:
    """Rows that lie together in the file."""
    return max(1, min(_LEAST_CHUNK, _CHUNK_BYTES // max(n_columns * dtype.itemsize, 1)))


def _read(path: Path) -> tuple[GrowingFile, Manifest]:
    """Open a file to go on with it, and read what it says."""
    try:
        file = GrowingFile.open(path)
    except (OSError, KeyError, ValueError) as error:
        raise FileExistsError(
            f"{path} is there, and is no file of recorded runs ({error}); remove it, or record to another"
            " file"
        ) from error
    try:
        begin, end = Words.of(file.state.words).text
        return file, Manifest.of(file[TEXT][begin:end])
    except (KeyError, ValueError) as error:
        file.close()
        raise FileExistsError(
            f"{path} is there, and is damaged, or of another version ({error}); remove it, or record to"
            " another file"
        ) from error


def forked(path: Path) -> str:
    """Return what to say where a file is that of the process that this one was forked from."""
    return (
        f"{path} is written by the process that this one was forked from; record to another file here:"
        " record('spikes', to=...)"
    )


def taken(path: Path, known: Manifest) -> str:
    """Return what to say where a file is of another simulation."""
    begin = times_of(known.first_step, known.dt)
    return (
        f"{path} is there, with another run, from {begin:g} ms on: of another pool or network, or of this one"
        " before a reset; remove it, or record to another file"
    )
