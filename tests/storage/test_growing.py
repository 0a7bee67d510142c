"""Files whose arrays grow: complete after each single write, whatever comes then."""

import errno
import os
import shutil

import h5py
import numpy as np
import pytest

from izhi_numba.storage import growing, places, staged
from izhi_numba.storage.growing import GrowingFile, opened_to_read, read_state
from izhi_numba.storage.superblock import lookup3, without_mark

CHUNK = 64


def _fill(file):
    file.add("spikes/exc/timestamps", (), np.float64, chunk=CHUNK)
    file.add("spikes/exc/node_ids", (), np.uint64, chunk=CHUNK)
    file.add("traces/v", (3,), np.float32, chunk=16)
    file.add_copies("izhi_numba/counts", 5)


def _create(path):
    return GrowingFile.create(path, np.array([0, 0]), _fill)


def _rows(n):
    return (
        np.arange(n, dtype=np.float64),
        np.arange(n, dtype=np.uint64) * 7,
        np.arange(3 * n, dtype=np.float32).reshape(n, 3),
    )


def _grow(file, begin, end, end_of_traces):
    times, units, traces = _rows(100_000)
    first = int(file.state.words[1])
    file.put("spikes/exc/timestamps", begin, times[begin:end])
    file.put("spikes/exc/node_ids", begin, units[begin:end])
    file.put("traces/v", first, traces[first:end_of_traces])
    file.commit(np.array([end, end_of_traces]), {"izhi_numba/counts": np.full(5, end)})


def _check(path):
    """The file opens, by any program, and has what it says; returns that."""
    times, units, traces = _rows(100_000)
    with h5py.File(path) as file:
        state = read_state(file)
        n, n_traces = state.words.tolist()
        assert len(file["spikes/exc/timestamps"]) >= n
        assert len(file["spikes/exc/node_ids"]) >= n
        assert len(file["traces/v"]) >= n_traces
        for name, all_rows in (
            ("spikes/exc/timestamps", times),
            ("spikes/exc/node_ids", units),
            ("traces/v", traces),
        ):
            found = file[name][:]
            np.testing.assert_array_equal(found, all_rows[: len(found)], err_msg=name)
        if state.number > 1:
            np.testing.assert_array_equal(file["izhi_numba/counts"][state.copy], n)
    return n, n_traces


class _Watched:
    """``os`` as the writer sees it, which has the file looked at after each single write."""

    def __init__(self, path, aside):
        self.path, self.aside, self.seen, self.n_writes = path, aside, [], 0

    def __getattr__(self, name):
        return getattr(os, name)

    def _look(self):
        self.n_writes += 1
        if self.path.exists():
            shutil.copyfile(self.path, self.aside)
            self.seen.append(_check(self.aside))

    def pwrite(self, *args):
        done = os.pwrite(*args)
        self._look()
        return done

    def ftruncate(self, *args):
        os.ftruncate(*args)
        self._look()


def test_it_is_complete_after_each_single_write(tmp_path, monkeypatch):
    path, rng = tmp_path / "run.h5", np.random.default_rng(1)
    watched = _Watched(path, tmp_path / "aside.h5")
    monkeypatch.setattr(places, "os", watched)
    monkeypatch.setattr(staged, "os", watched)
    monkeypatch.setattr(growing, "os", watched)
    file, end, end_of_traces = _create(path), 0, 0
    for _ in range(40):
        before = end
        end += int(rng.choice([0, 1, 30, CHUNK, 500]))
        end_of_traces += int(rng.integers(0, 40))
        _grow(file, before, end, end_of_traces)
        assert watched.seen[-1] == (end, end_of_traces)
    assert end > 64 * CHUNK  # the index has pages by then
    assert watched.n_writes > 500
    assert watched.seen == sorted(watched.seen)  # nothing that was there goes
    file.close()
    assert _check(path) == (end, end_of_traces)


def test_it_goes_on_where_it_was_opened_again_and_cut(tmp_path, monkeypatch):
    path = tmp_path / "run.h5"
    file = _create(path)
    _grow(file, 0, 1000, 100)
    file.close()
    watched = _Watched(path, tmp_path / "aside.h5")
    monkeypatch.setattr(places, "os", watched)
    monkeypatch.setattr(staged, "os", watched)
    monkeypatch.setattr(growing, "os", watched)
    file = GrowingFile.open(path)
    assert file.state.words.tolist() == [1000, 100]
    file.commit(np.array([700, 40]), {"izhi_numba/counts": np.full(5, 700)})
    for name in ("spikes/exc/timestamps", "spikes/exc/node_ids"):
        file.cut(name, 700)
    file.cut("traces/v", 40)
    file.commit(np.array([700, 40]), {"izhi_numba/counts": np.full(5, 700)})
    with h5py.File(path) as other:
        assert other["spikes/exc/node_ids"].shape == (700,)
    _grow(file, 700, 2000, 90)
    file.close()
    assert _check(path) == (2000, 90)
    assert watched.n_writes > 10


def test_a_commit_that_failed_leaves_the_file_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "run.h5"
    file = _create(path)
    _grow(file, 0, 1000, 100)

    def full(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as context:
        context.setattr(staged.os, "pwrite", full)
        with pytest.raises(OSError, match="No space left"):
            _grow(file, 1000, 90_000, 200)
    file.close()
    assert _check(path) == (1000, 100)
    file = GrowingFile.open(path)
    _grow(file, 1000, 3000, 200)
    file.close()
    assert _check(path) == (3000, 200)


def test_a_reader_sees_what_is_written_later_when_it_opens_it_again(tmp_path):
    path = tmp_path / "run.h5"
    file = _create(path)
    _grow(file, 0, 1000, 100)
    with opened_to_read(path, ["spikes/exc/timestamps"]) as early:
        times = early["spikes/exc/timestamps"]
        _grow(file, 1000, 5000, 300)
        assert times.shape == (1000,)
        np.testing.assert_array_equal(times[:], np.arange(1000))
    with opened_to_read(path) as late:
        assert late["spikes/exc/timestamps"].shape == (5000,)
    file.close()


def test_it_takes_no_name_that_is_taken(tmp_path):
    path = tmp_path / "run.h5"
    path.write_text("mine")
    with pytest.raises(FileExistsError):
        _create(path)
    assert path.read_text() == "mine"
    assert [one.name for one in tmp_path.iterdir()] == ["run.h5"]


def test_a_file_that_was_removed_is_known(tmp_path):
    path = tmp_path / "run.h5"
    file = _create(path)
    assert file.is_whole()
    path.unlink()
    assert not file.is_whole()
    path.write_text("another")
    assert not file.is_whole()
    file.close()


def test_a_damaged_state_is_told(tmp_path):
    path = tmp_path / "run.h5"
    file = _create(path)
    _grow(file, 0, 10, 5)
    with h5py.File(path) as plain:
        place = plain["izhi_numba/state"].id.get_offset()
        size = plain["izhi_numba/state"].id.get_storage_size()
    file.close()
    content = bytearray(path.read_bytes())
    content[place : place + 8] = b"\xff" * 8
    path.write_bytes(content)
    with h5py.File(path) as plain:
        assert read_state(plain).words.tolist() in ([0, 0], [10, 5])  # the other copy
    content[place : place + size] = b"\xff" * size
    path.write_bytes(content)
    with h5py.File(path) as plain, pytest.raises(ValueError, match="its state is damaged"):
        read_state(plain)


def test_checksums_are_those_of_the_library(tmp_path):
    for k in range(5):
        path = tmp_path / f"{k}.h5"
        with h5py.File(path, "w", libver=("v110", "v110")) as file:
            file["x"] = np.arange(k)
        begin = path.read_bytes()[:48]
        assert without_mark(begin) == begin
        marked = bytearray(begin)
        marked[11] = 5
        assert without_mark(bytes(marked)) == begin
    with pytest.raises(ValueError, match="expected the first 48 bytes of an HDF5 file, of version 3"):
        without_mark(bytes(begin[:8]) + b"\x02" + bytes(begin[9:]))
    # vectors of lookup3.c, by its author
    assert lookup3(b"") == 0xDEADBEEF
    assert lookup3(b"Four score and seven years ago") == 0x17770551
