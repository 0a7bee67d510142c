"""The first bytes of an HDF5 file: a file that is being written, marked as one that may be opened.

HDF5 marks a file that is open for writing, and clears the mark when it is closed: what a process has left
that was killed is refused by every reader until ``h5clear`` is run. A file whose content is complete after
each write needs no mark.

Source: HDF5 File Format Specification 3.0, II.A "Superblock", version 3.
"""

from __future__ import annotations

SIZE = 48
_SIGNATURE, _VERSION, _FLAGS = b"\x89HDF\r\n\x1a\n", 3, 11  # place of the flags
_SUM = slice(44, 48)  # place of the checksum, which is of all before it


def without_mark(block: bytes) -> bytes:
    """Return a superblock of version 3 without the mark of a file that is open for writing.

    Raises
    ------
    ValueError
        It is none, or of another version.

    Examples
    --------
    >>> without_mark(b"PK")
    Traceback (most recent call last):
    ...
    ValueError: expected the first 48 bytes of an HDF5 file, of version 3, got b'PK'
    """
    if len(block) != SIZE or block[:8] != _SIGNATURE or block[8] != _VERSION:
        raise ValueError(
            f"expected the first {SIZE} bytes of an HDF5 file, of version {_VERSION}, got {block[:9]!r}"
        )
    cleared = bytearray(block)
    cleared[_FLAGS] = 0
    cleared[_SUM] = lookup3(bytes(cleared[: _SUM.start])).to_bytes(4, "little")
    return bytes(cleared)


def lookup3(key: bytes) -> int:
    """Return the checksum of HDF5's metadata: Jenkins' hash "lookup3", of 32 bits.

    Source: R. Jenkins (2006), lookup3.c, function ``hashlittle``, public domain,
    https://burtleburtle.net/bob/c/lookup3.c.

    Examples
    --------
    >>> hex(lookup3(b"Four score and seven years ago"))
    '0x17770551'
    """
    a = b = c = (0xDEADBEEF + len(key)) & _MASK
    if not key:
        return c
    words = [int.from_bytes(key[place : place + 4], "little") for place in range(0, len(key), 4)]
    words += [0] * (-len(words) % 3)
    for place in range(0, len(words), 3):
        a, b, c = ((x + y) & _MASK for x, y in zip((a, b, c), words[place : place + 3], strict=True))
        if place + 3 < len(words):
            a, b, c = _mix(a, b, c)
    return _last(a, b, c)


_MASK = 0xFFFFFFFF


def _turned(x: int, by: int) -> int:
    return ((x << by) | (x >> (32 - by))) & _MASK


def _mix(a: int, b: int, c: int) -> tuple[int, int, int]:
    for first, second, third in ((4, 6, 8), (16, 19, 4)):
        a = ((a - c) & _MASK) ^ _turned(c, first)
        c = (c + b) & _MASK
        b = ((b - a) & _MASK) ^ _turned(a, second)
        a = (a + c) & _MASK
        c = ((c - b) & _MASK) ^ _turned(b, third)
        b = (b + a) & _MASK
    return a, b, c


def _last(a: int, b: int, c: int) -> int:
    c = ((c ^ b) - _turned(b, 14)) & _MASK
    a = ((a ^ c) - _turned(c, 11)) & _MASK
    b = ((b ^ a) - _turned(a, 25)) & _MASK
    c = ((c ^ b) - _turned(b, 16)) & _MASK
    a = ((a ^ c) - _turned(c, 4)) & _MASK
    b = ((b ^ a) - _turned(a, 14)) & _MASK
    return ((c ^ b) - _turned(b, 24)) & _MASK
