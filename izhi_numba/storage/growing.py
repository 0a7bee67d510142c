"""HDF5 files whose arrays grow, row by row, and that are complete after each commit, whatever comes then.

Such a file opens in any program at any time: while it is written, and after its process was killed.

Besides its arrays it has two copies of its state, a few whole numbers that say up to where all arrays go
together. A commit writes that which is older, when everything else is on its way to the disk: what the newer
copy says is true of the file, and nobody writes to it.
"""

from __future__ import annotations

import os
import time
import uuid
import weakref
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.checks import library
from izhi_numba.storage.places import read_at, write_at
from izhi_numba.storage.staged import Staged

_LAYOUT = ("v110", "v110")  # of HDF5: the first that lists chunks so that no entry moves
_STATE = "izhi_numba/state"
_FLAGS = os.O_RDWR | getattr(os, "O_BINARY", 0)
_TRIES, _PAUSE = 20, 0.005  # s: of a reader that meets a write


class State(NamedTuple):
    """What a file says of itself."""

    number: int  # of commits so far
    words: Array  # int64, what its writer has said

    @property
    def copy(self) -> int:
        """Which of two copies is of this commit."""
        return self.number % 2


class GrowingFile:
    """A file of arrays that grow along their first axis; to be made by ``create`` or ``open``.

    Attributes
    ----------
    path : Path
    state : State
        That of the last commit.
    """

    def __init__(self, path: Path, staged: Staged, file: Any) -> None:
        self.path, self._staged, self._file = path, staged, file
        self._h5py = library("h5py", "record(..., to=...)", "export")
        self.state = State(0, np.zeros(0, np.int64))
        self._arrays: dict[str, Any] = {}
        self._copies: dict[str, int] = {}  # where in the file arrays begin of which there are two copies
        self._headers: list[int] = []
        self._closing = weakref.finalize(self, _close, staged, file, os.getpid())
        self._is_cut = False  # since the last commit

    @classmethod
    def create(cls, path: Path, words: Array, fill: Callable[[GrowingFile], None]) -> Self:
        """Make a new file, which has its name when it is complete.

        Parameters
        ----------
        path : Path
        words : int64 array
            What the first commit says.
        fill : function
            Called with the file, to add its arrays.

        Raises
        ------
        OSError
        """
        h5py = library("h5py", "record(..., to=...)", "export")
        aside = path.with_name(f".izhi-{uuid.uuid4().hex}.h5")
        staged = Staged(os.open(aside, _FLAGS | os.O_CREAT | os.O_EXCL, 0o666))
        try:
            found = cls(path, staged, h5py.File(staged, "w", libver=_LAYOUT, rdcc_nbytes=0))
            found.add_copies(_STATE, len(words) + 2)
            fill(found)
            for _ in range(2):  # the second copies, too, so that the disk has room for them
                found.commit(words, found._zeros())
            _rename(aside, path)
        except BaseException:
            staged.close()
            raise
        finally:
            aside.unlink(missing_ok=True)
        return found

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a file to go on with it."""
        h5py = library("h5py", "record(..., to=...)", "export")
        staged = Staged(os.open(path, _FLAGS))
        try:
            found = cls(path, staged, h5py.File(staged, "r+", libver=_LAYOUT, rdcc_nbytes=0))
            found._file.visititems(found._find)
            found.state = read_state(found._file)
        except BaseException:
            staged.close()
            raise
        return found

    def _find(self, name: str, one: Any) -> None:
        """Take up what is in a file."""
        if not hasattr(one, "chunks"):
            return
        if one.chunks is None:
            if one.ndim == 2 and one.shape[0] == 2:
                self._copies[name] = one.id.get_offset()
        else:
            self._take(name, one)

    def _take(self, name: str, array: Any) -> None:
        self._arrays[name] = array
        self._headers.append(self._h5py.h5o.get_info(array.id).addr)

    def add(self, name: str, row: tuple[int, ...], dtype: Any, *, chunk: int) -> None:
        """Add an array that grows; ``row``: shape of a row; ``chunk``: rows that lie together."""
        array = self._file.create_dataset(
            name, (0, *row), dtype, maxshape=(None, *row), chunks=(chunk, *row), fill_time="never",
            rdcc_nbytes=0,
        )  # fmt: skip
        self._take(name, array)

    def add_copies(self, name: str, size: int) -> None:
        """Add an array of whole numbers of which there are two copies: as of the last commits."""
        h5py = self._h5py
        plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plist.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
        plist.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
        array = self._file.create_dataset(name, (2, size), np.int64, dcpl=plist)
        self._copies[name] = array.id.get_offset()

    def add_fixed(self, name: str, values: Array) -> None:
        """Add an array that stays as it is."""
        self._file[name] = values

    def set(self, name: str, attribute: str, value: Any, dtype: Any = None) -> None:
        """Set an attribute of an array, or of a group; of the file, with no name."""
        (self._file[name] if name else self._file).attrs.create(attribute, value, dtype=dtype)

    def copy(self, name: str) -> Array:
        """Return an array of which there are two copies, as of the last commit."""
        return self._read_copy(name, self.state.copy, self._file[name].shape[1])

    def _read_copy(self, name: str, which: int, size: int) -> Array:
        content = read_at(self._staged.descriptor, 8 * size, self._copies[name] + which * 8 * size)
        return np.frombuffer(content, np.int64)

    def __getitem__(self, name: str) -> Any:
        """Return an array, or a group, of h5py."""
        return self._file[name]

    def put(self, name: str, begin: int, rows: Array) -> None:
        """Write rows, and let the array end with them."""
        array, end = self._arrays[name], begin + len(rows)
        self.cut(name, end)
        if array.shape[0] < end:
            array.resize(end, axis=0)
        if len(rows):
            inside = array.id.get_space()
            inside.select_hyperslab((begin, *(0 for _ in rows.shape[1:])), rows.shape)
            array.id.write(self._h5py.h5s.create_simple(rows.shape), inside, np.ascontiguousarray(rows))

    def cut(self, name: str, end: int) -> None:
        """Take rows off an array, of those beyond so many."""
        array = self._arrays[name]
        if array.shape[0] > end:
            array.resize(end, axis=0)
            self._is_cut = True

    def commit(self, words: Array, copies: Mapping[str, Array]) -> None:
        """Let the file be complete with all that was written; ``words``: its state.

        Parameters
        ----------
        words : int64 array
        copies : mapping of str to int64 array
            All arrays of which there are two copies.

        Raises
        ------
        OSError
        """
        self._file.flush()
        self._staged.commit(self._headers, is_cut=self._is_cut)
        self._is_cut = False
        number = self.state.number + 1
        for name, values in copies.items():
            self._put_copy(name, number % 2, values)
        self._put_copy(_STATE, number % 2, _sealed(number, words))
        self.state = State(number, words)

    def _zeros(self) -> dict[str, Array]:
        """What arrays have at first of which there are two copies."""
        sizes = {name: self._file[name].shape[1] for name in self._copies if name != _STATE}
        return {name: np.zeros(size, np.int64) for name, size in sizes.items()}

    def _put_copy(self, name: str, which: int, values: Array) -> None:
        content = np.ascontiguousarray(values, np.int64).tobytes()
        write_at(self._staged.descriptor, content, self._copies[name] + which * len(content))

    def is_mine(self) -> bool:
        """Whether nobody else has written to it since the last commit."""
        size = len(self.state.words) + 2
        numbers = [int(self._read_copy(_STATE, which, size)[0]) for which in (0, 1)]
        return max(numbers) == self.state.number

    def is_whole(self) -> bool:
        """Whether the file at its path is still this one."""
        try:
            there = os.stat(self.path)
        except OSError:
            return False
        mine = os.fstat(self._staged.descriptor)
        return (there.st_ino, there.st_dev) == (mine.st_ino, mine.st_dev)

    def close(self) -> None:
        """Close it as it was at the last commit; again, it does nothing."""
        self._closing()


def _close(staged: Staged, file: Any, process: int) -> None:
    """Close a file as it was at the last commit, unless it is that of another process."""
    if process == os.getpid():
        staged.is_mute = True
        file.close()
        staged.close()


def _rename(aside: Path, path: Path) -> None:
    """Give a file its name, unless that is taken."""
    try:
        os.link(aside, path)  # unlike a rename, it takes no name that is taken
    except FileExistsError:
        raise
    except OSError:  # of a file system without links
        if path.exists():
            raise FileExistsError(f"{path} is there") from None
        aside.rename(path)


def _sealed(number: int, words: Array) -> Array:
    """A copy of the state: its number, the words, and a checksum."""
    found = np.array([number, *words, 0], np.int64)
    found[-1] = zlib.crc32(found[:-1].tobytes())
    return found


def read_state(file: Any) -> State:
    """Return the state of an open file of h5py, as of its last commit.

    Raises
    ------
    KeyError, ValueError
        It has none.
    """
    for _ in range(_TRIES):
        copies = [one for one in file[_STATE][:] if one[-1] == zlib.crc32(one[:-1].tobytes())]
        if copies:
            newest = max(copies, key=lambda one: one[0])
            return State(int(newest[0]), newest[1:-1].copy())
        time.sleep(_PAUSE)  # both were being written to
    raise ValueError("its state is damaged")


def opened_to_read(path: Path, names: Sequence[str] = (), **attributes: Any) -> Any:
    """Open a file with h5py, that may be written at this moment.

    Parameters
    ----------
    path : Path
    names : sequence of str
        Arrays to be looked at with it.
    attributes
        That the file must have: it is another one otherwise.

    Raises
    ------
    OSError, ValueError
    """
    h5py = library("h5py", "open_results", "export")
    for attempt in range(_TRIES):
        try:
            file = h5py.File(path, "r")  # as others open it: locks must be the same in a process
            if any(file.attrs.get(name) != value for name, value in attributes.items()):
                file.close()
                raise ValueError(f"{path} is another file now than the one that this result was recorded to")
            for name in names:
                file[name]
            return file
        except (OSError, KeyError, RuntimeError):  # of a header that was being written
            if attempt == _TRIES - 1 or not path.is_file():
                raise
            time.sleep(_PAUSE)
    raise AssertionError
