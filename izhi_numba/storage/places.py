"""Reading and writing at places of an open file, all of what is asked for."""

from __future__ import annotations

import os


def read_at(descriptor: int, size: int, place: int) -> bytes:
    """Return bytes from a place on; fewer at the end of the file."""
    if hasattr(os, "pread"):
        return os.pread(descriptor, size, place)
    os.lseek(descriptor, place, os.SEEK_SET)
    return os.read(descriptor, size)


def write_at(descriptor: int, content: memoryview | bytes, place: int) -> None:
    """Write all bytes from a place on: a disk that gets full takes some of them first."""
    left, at = memoryview(content).cast("B"), place
    while left:
        if hasattr(os, "pwrite"):
            done = os.pwrite(descriptor, left, at)
        else:
            os.lseek(descriptor, at, os.SEEK_SET)
            done = os.write(descriptor, left)
        left, at = left[done:], at + done
