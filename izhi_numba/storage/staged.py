"""A file that HDF5 writes to, and that is complete at every moment for whoever opens it, also after a kill.

HDF5 changes a file in place when arrays grow: the header of an array, which has its length, the index of its
chunks, the length of the file. It keeps no order among them. Here what HDF5 writes beyond the end of the
file, as it was at the last commit, goes to the disk at once, since nothing refers to it; so do large pieces
before that end, which are rows that no header counts yet. Small pieces before it are held until the next
commit. There the superblock comes first, whose length of the file takes in what was appended; then indices,
which refer to it; and last the headers, by which arrays have got longer. Between any two of these writes a
reader finds each array with its old length, or with its new one, and all rows below either. Where arrays are
cut, the order is reversed.

A reader that has opened the file before a commit, and looks at an array after it, may be told that it is
damaged, and opens it again. A process can be killed within a write, at the border of two pages of memory: a
header that lies across one is at risk for less than a microsecond a commit.

This rests on arrays of one unlimited dimension, whose chunks HDF5 lists in an extensible array (libver 1.10),
where no entry ever moves; in a B-tree they do.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from izhi_numba.storage.places import read_at, write_at
from izhi_numba.storage.superblock import SIZE, without_mark

_LARGE = 1 << 14  # bytes: no header, and no page of an index, is as long


class Staged:
    """The file, as an object that h5py takes in place of a path.

    Parameters
    ----------
    descriptor : int
        Of the file, open for reading and writing; it is closed with this object.

    Attributes
    ----------
    failure : OSError or None
        What has kept it from being written. The next commit raises it: h5py takes no exceptions.
    is_mute : bool
        Whether what is written is to be dropped: of a file that is to stay as it was at the last commit.
    """

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.failure: OSError | None = None
        self.is_mute = False
        self._place = 0
        self._end = os.fstat(descriptor).st_size  # at the last commit
        self._held: dict[int, bytes] = {}  # by place
        self._length = self._end  # that it is to have at the next commit

    # What h5py asks for

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place."""
        begin = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._length}[whence]
        self._place = begin + offset
        return self._place

    def tell(self) -> int:
        """Return the place."""
        return self._place

    def read(self, size: int = -1) -> bytes:
        """Return bytes from here on."""
        found = bytearray(max(self._length - self._place, 0) if size < 0 else size)
        return bytes(found[: self.readinto(memoryview(found))])

    def readinto(self, room: memoryview) -> int:
        """Read bytes from here on, as they will be after the commit."""
        begin, size = self._place, len(room)
        found = read_at(self.descriptor, size, begin)
        room[: len(found)] = found
        room[len(found) :] = bytes(size - len(found))  # of a file that is not as long yet
        for place, piece in self._held.items():
            first, last = max(place, begin), min(place + len(piece), begin + size)
            if first < last:
                room[first - begin : last - begin] = piece[first - place : last - place]
        self._place += size
        return size

    def write(self, piece: memoryview) -> int:
        """Write bytes here, or hold them until the commit."""
        place, size = self._place, piece.nbytes
        self._place += size
        self._length = max(self._length, self._place)
        if self.is_mute:
            return size
        if place >= self._end or size >= _LARGE:
            try:
                self._put(memoryview(piece), place)
            except OSError as error:
                self.failure, self.is_mute = error, True
        else:
            earlier = self._held.pop(place, b"")
            self._held[place] = bytes(piece) + earlier[size:]
        return size

    def truncate(self, size: int) -> int:
        """Set the length that it is to have at the next commit."""
        self._length = size
        return size

    def flush(self) -> None:
        """Do nothing: that is for the commit."""

    # And what the writer does

    def commit(self, headers: Sequence[int], *, is_cut: bool = False) -> None:
        """Write what was held, in the order that keeps it complete.

        Parameters
        ----------
        headers : sequence of int
            Places of the headers of arrays that grow.
        is_cut : bool
            Whether arrays have got shorter, and nothing was appended.

        Raises
        ------
        OSError
            The disk is full, say; now, or when something was written since the last commit.
        """
        if self.failure:
            raise self.failure
        held, size = self._held, os.fstat(self.descriptor).st_size
        if self._length > size:
            os.ftruncate(self.descriptor, self._length)
        lengths = [place for place in headers if place in held]
        order = [0, *sorted(held.keys() - {0, *lengths}), *lengths]
        for place in reversed(order) if is_cut else order:
            if place in held:
                self._put(memoryview(held[place]), place)
        if self._length < os.fstat(self.descriptor).st_size:
            os.ftruncate(self.descriptor, self._length)
        self._held, self._end = {}, self._length

    def close(self) -> None:
        """Close it as it was at the last commit; again, it does nothing."""
        self.is_mute = True
        descriptor, self.descriptor = self.descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def _put(self, piece: memoryview, place: int) -> None:
        """Write all bytes of a piece; the superblock without its mark."""
        if place == 0 and piece.nbytes == SIZE:
            piece = memoryview(without_mark(bytes(piece)))
        write_at(self.descriptor, piece, place)
