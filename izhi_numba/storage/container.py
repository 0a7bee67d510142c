"""A file that holds named arrays, and a manifest that says what they are.

It is a zip archive, not compressed, of .npy files and ``manifest.json``: other programs read it too, in
Python ``np.load(path)["name"]``. Each part has a checksum. Nothing in it is code, and no part is larger in
memory than it is in the file.
"""

from __future__ import annotations

import json
import math
import os
import zipfile
from collections.abc import Mapping
from typing import IO, Any

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.storage.whole import written_whole
from izhi_numba.version import __version__

FORMAT = 1
_MANIFEST = "manifest.json"
_AT_ONCE = 1 << 24  # bytes that are read


def write(path: Any, manifest: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:
    """Write a file, whole or not at all.

    Parameters
    ----------
    path : str or path
        What is there is replaced at the end.
    manifest : mapping
        Of what JSON has.
    arrays : mapping of str to array
        Of numbers.

    Examples
    --------
    >>> write("x.izhi", {"kind": "example"}, {"x": np.arange(3)})  # doctest: +SKIP
    >>> read("x.izhi")[1]["x"]  # doctest: +SKIP
    array([0, 1, 2])
    """
    told = {"format": FORMAT, "izhi_numba": __version__, **manifest, "arrays": list(arrays)}
    with written_whole(path) as aside, zipfile.ZipFile(aside, "x") as file:
        file.writestr(zipfile.ZipInfo(_MANIFEST), json.dumps(told))
        for name, array in arrays.items():
            with file.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, np.asarray(array), allow_pickle=False)


def read(path: Any) -> tuple[dict[str, Any], dict[str, Array]]:
    """Read a file: its manifest, and its arrays.

    Raises
    ------
    OSError
        No file, or none that may be read.
    ValueError
        A file that is damaged, of something else, or of a later version.
    """
    with open(path, "rb") as raw:
        try:
            with zipfile.ZipFile(raw) as file:
                manifest = _manifest(file)
                is_known = manifest["format"] <= FORMAT
                arrays = _arrays(file, manifest["arrays"], os.fstat(raw.fileno()).st_size) if is_known else {}
        except MemoryError:
            raise
        except Exception as error:  # of zipfile, json, numpy: whatever a damaged file leads them to
            told = f"{type(error).__name__}: {error}"
            raise ValueError(f"{path}: is damaged, or was not written by izhi_numba ({told})") from error
    if not is_known:
        raise ValueError(
            f"{path}: was written by izhi_numba {manifest.get('izhi_numba')}, in format {manifest['format']};"
            f" this is {__version__}, which reads up to {FORMAT}: pip install -U izhi-numba"
        )
    return manifest, arrays


def _manifest(file: zipfile.ZipFile) -> dict[str, Any]:
    if _MANIFEST not in file.namelist():
        raise ValueError(f"there is no {_MANIFEST} in it")
    manifest = json.loads(file.read(_MANIFEST))
    if not isinstance(manifest, dict) or not isinstance(manifest.get("format"), int):
        raise ValueError(f"its {_MANIFEST} names no format")
    return manifest


def _arrays(file: zipfile.ZipFile, names: list[str], most: int) -> dict[str, Array]:
    """All arrays, none of more bytes than the file has."""
    wanted = sorted([_MANIFEST, *(f"{name}.npy" for name in names)])
    if sorted(file.namelist()) != wanted:
        raise ValueError("its parts are not those that its manifest names")
    found = {}
    for name in names:
        entry = file.getinfo(f"{name}.npy")
        if entry.compress_type != zipfile.ZIP_STORED or entry.file_size > most:
            raise ValueError(f"{name} is compressed, or larger than the file")
        with file.open(entry) as part:
            found[name] = _array(part, name, entry.file_size)
    return found


def _array(part: IO[bytes], name: str, size: int) -> Array:
    """The array of a .npy file of so many bytes."""
    headers = {
        (1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0
    }  # fmt: skip
    shape, is_fortran, dtype = headers[np.lib.format.read_magic(part)](part)
    if dtype.kind not in "biufc" or math.prod(shape) * dtype.itemsize != size - part.tell():
        raise ValueError(f"{name} is no array of numbers, or not as long as its shape says")
    array = np.empty(math.prod(shape), dtype)
    left = memoryview(array.view(np.uint8).data)
    while len(left):
        piece = part.read(min(len(left), _AT_ONCE))
        if not piece:
            raise EOFError(name)
        left[: len(piece)] = piece
        left = left[len(piece) :]
    part.read(1)  # the checksum is looked at, where the end is met
    return array.reshape(shape, order="F" if is_fortran else "C")
