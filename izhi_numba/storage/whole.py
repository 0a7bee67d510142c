"""Files that are written whole or not at all: under another name, which is changed at the end."""

from __future__ import annotations

import contextlib
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any


@contextlib.contextmanager
def written_whole(path: Any) -> Iterator[Path]:
    """Give the name of a file to be written, which replaces the wanted one when all went well.

    Until then the wanted file is as it was, or is not there. A link stays a link, to a new file. A process
    that is killed as it writes leaves a hidden file ``.izhi-...`` in the folder.

    Raises
    ------
    FileNotFoundError, IsADirectoryError, FileExistsError
        Before anything is written.

    Examples
    --------
    >>> with written_whole("notes.txt") as aside:  # doctest: +SKIP
    ...     _ = aside.write_text("complete")
    """
    wanted = Path(os.path.realpath(path))
    if not wanted.parent.is_dir():
        raise FileNotFoundError(f"{path}: there is no folder {wanted.parent}")
    if wanted.is_dir():
        raise IsADirectoryError(f"{path}: expected the name of a file, got that of a folder")
    if wanted.exists() and not wanted.is_file():
        raise FileExistsError(f"{path}: expected the name of a file, got that of a device or a pipe")
    aside = wanted.with_name(f".izhi-{uuid.uuid4().hex}{wanted.suffix}")  # libraries look at it
    try:
        yield aside
        with open(aside, "rb+") as written:
            os.fsync(written.fileno())
        if wanted.exists():  # who may read it stays as it was
            shutil.copymode(wanted, aside)
        os.replace(aside, wanted)
    finally:
        aside.unlink(missing_ok=True)
    _flush(wanted.parent)


def _flush(folder: Path) -> None:
    """Have the new name on the disk, where the system lets folders be opened."""
    with contextlib.suppress(OSError):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
