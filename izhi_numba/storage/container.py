"""A file of arrays and one text: a zip archive without compression, which ``np.load`` opens too.

Arrays are members ``<name>.npy``; the text is ``manifest.json``, the last member, which lists each array with
its type, its shape and its checksum. The comment of the archive says what the file is, its format, and the
checksum of the text. HDF5 is no choice here: its library is not safe against damaged files.

A file is written whole or not at all: under another name in the same folder, flushed to the disk, and then
renamed. Whatever is read is checked before memory is taken for it, against the size of the file.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import math
import os
import zipfile
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.storage.whole import written_whole

FORMAT = 1
_WRITERS = {"checkpoint": "pool.save or net.save", "result": "result.save"}  # what writes each kind of file
_READERS = {"checkpoint": "iz.load", "result": "iz.load_result"}
_TEXT = "manifest.json"
_PORTION = 2**24  # bytes that are read at once
_DATE = (1980, 1, 1, 0, 0, 0)  # so that the same state is the same file
_KINDS = "biuf"
_MOST_DIMENSIONS = 4


class Listed(NamedTuple):
    """What the text says of an array."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    checksum: int  # of the member

    @property
    def nbytes(self) -> int:
        """Bytes of its numbers."""
        return math.prod(self.shape) * np.dtype(self.dtype).itemsize


class Writer:
    """Writes the members of a file; see :func:`written`."""

    def __init__(self, archive: zipfile.ZipFile, kind: str) -> None:
        self._archive, self._kind = archive, kind

    def add(self, name: str, array: Array) -> Listed:
        """Add an array."""
        array = np.asarray(array, order="C")
        with self._archive.open(_member(f"{name}.npy"), "w", force_zip64=array.nbytes > 2**30) as file:
            np.lib.format.write_array(file, array, allow_pickle=False)
        checksum = self._archive.getinfo(f"{name}.npy").CRC
        return Listed(name, array.dtype.str, array.shape, checksum)

    def finish(self, text: dict[str, Any]) -> None:
        """Add the text."""
        whole = json.dumps({"format": FORMAT, **text}).encode()
        with self._archive.open(_member(_TEXT), "w") as file:
            file.write(whole)
        checksum = hashlib.sha256(whole).hexdigest()
        self._archive.comment = f"izhi_numba {self._kind} {FORMAT} {checksum}".encode()


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, _DATE)
    member.external_attr = 0o600 << 16
    return member


@contextlib.contextmanager
def written(path: str | os.PathLike[str], kind: str) -> Iterator[Writer]:
    """Write a file of a kind, which is there when all is written: until then, or if it fails, the old one is.

    Raises
    ------
    OSError
        The disk is full, or the folder is not there or cannot be written to.
    """
    with written_whole(path) as aside, zipfile.ZipFile(aside, "x", zipfile.ZIP_STORED) as archive:
        yield Writer(archive, kind)


class Reader:
    """Reads the members of a file; see :func:`opened`.

    Attributes
    ----------
    text : dict
    """

    def __init__(self, archive: zipfile.ZipFile, size: int) -> None:
        self._archive = archive
        self._members = {one.filename: one for one in archive.infolist()}
        stored = [(one.compress_type, one.file_size == one.compress_size) for one in self._members.values()]
        total = sum(one.file_size for one in self._members.values())
        if any(one != (zipfile.ZIP_STORED, True) for one in stored) or total > size:
            raise ValueError("members that are compressed, or larger than the file")
        if len(self._members) != len(archive.infolist()):
            raise ValueError("two members of one name")
        whole = archive.read(_TEXT)
        checksum = archive.comment.decode().rpartition(" ")[2]
        if hashlib.sha256(whole).hexdigest() != checksum:
            raise ValueError("the text does not match its checksum")
        self.text: dict[str, Any] = json.loads(whole)

    def array(self, listed: Listed) -> Array:
        """Read an array."""
        member, dtype = self._members[f"{listed.name}.npy"], np.dtype(listed.dtype)
        if dtype.kind not in _KINDS or not 0 <= len(listed.shape) <= _MOST_DIMENSIONS:
            raise ValueError(f"an array of {dtype} with {len(listed.shape)} dimensions")
        if min(listed.shape, default=0) < 0 or listed.nbytes > member.file_size:
            raise ValueError(f"an array of shape {listed.shape} in {member.file_size} bytes")
        if listed.checksum != member.CRC:
            raise ValueError(f"{member.filename} is another one")
        with self._archive.open(member) as file:
            found = np.empty(listed.shape, dtype)
            _read_header(file, listed, member.file_size - listed.nbytes)
            flat = found.reshape(-1).view(np.uint8)
            for begin in range(0, found.nbytes, _PORTION):
                part = file.read(min(_PORTION, found.nbytes - begin))
                flat[begin : begin + len(part)] = np.frombuffer(part, np.uint8)
        return found


def _read_header(file: Any, listed: Listed, size: int) -> None:
    """Read what numpy writes before the numbers, which has to be what the text says."""
    if size > 10_000:
        raise ValueError("a header that is too long")
    header = io.BytesIO(file.read(size))
    version = np.lib.format.read_magic(header)
    reads = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    shape, by_column, dtype = reads[version](header)
    if (shape, dtype) != (listed.shape, np.dtype(listed.dtype)) or (by_column and len(shape) > 1):
        raise ValueError(f"{listed.name} is not what the text says")


@contextlib.contextmanager
def opened(path: str | os.PathLike[str], kind: str) -> Iterator[Reader]:
    """Open a file of a kind, which is checked; what is wrong with it, also later, is told in one sentence.

    Raises
    ------
    OSError
        It is not there, or may not be read.
    ValueError
        It is no such file, one of a newer version, cut off, or damaged.
    """
    with open(os.fspath(path), "rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        begins = file.read(4)
        try:
            reader = _checked(file, size, kind)
        except _UnknownError as error:
            cut = "; or it is cut off" if begins == b"PK\x03\x04" else ""
            raise ValueError(f"{path}: {error}, and this is none{cut}") from None
        except _OtherError as error:
            raise ValueError(f"{path}: {error}") from None
        except (MemoryError, KeyboardInterrupt):
            raise
        except Exception as error:  # of a damaged archive, zipfile may raise anything
            raise damaged(path, error) from error
        yield reader


class _UnknownError(Exception):
    """No file of ours, or the beginning of one."""


class _OtherError(Exception):
    """A file of ours, of another kind or a newer format."""


def damaged(path: str | os.PathLike[str], error: BaseException) -> ValueError:
    """What to say of a file that is damaged."""
    return ValueError(
        f"{path}: the file is damaged, and nothing was loaded ({type(error).__name__}: {error!s:.200})"
    )


def _checked(file: Any, size: int, kind: str) -> Reader:
    expected = f"expected a file that {_WRITERS[kind]} has written"
    try:
        archive = zipfile.ZipFile(file)
    except zipfile.BadZipFile:
        raise _UnknownError(expected) from None
    words = archive.comment.decode("latin1").split(" ")
    if words[0] != "izhi_numba" or len(words) != 4 or words[1] not in _WRITERS:
        raise _UnknownError(expected)
    if words[1] != kind:
        raise _OtherError(f"{expected}, got one of {_WRITERS[words[1]]}: {_READERS[words[1]]}(path)")
    if not words[2].isdecimal() or int(words[2]) < 1:
        raise ValueError(f"format {words[2]}")
    if int(words[2]) > FORMAT:
        raise _OtherError(
            f"a newer izhi_numba has written it, in format {words[2]}; this one reads up to format {FORMAT}:"
            " pip install -U izhi-numba"
        )
    return Reader(archive, size)
