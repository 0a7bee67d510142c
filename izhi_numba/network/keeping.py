"""Where what runs record is held, as users say it: in memory, the last of it, or in a file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from izhi_numba.base import checks
from izhi_numba.base.changes import Assign, Change
from izhi_numba.base.clock import whole_steps
from izhi_numba.engine.engine import Engine
from izhi_numba.results.recorder import Keeping

MEMORY = "memory"


def keeping(engine: Engine, to: Any, keep: Any) -> list[Change]:
    """Prepare where what is recorded is held from now on; None: as it is.

    Raises
    ------
    ImportError
        h5py is not there.
    FileNotFoundError, IsADirectoryError, TypeError, ValueError
        No name of a file; no time; both at once.
    """
    file, steps = engine.keeping.file, engine.keeping.steps
    if to is not None:
        file = None if to == MEMORY else _file(to)
    if keep is not None:
        is_all = isinstance(keep, float) and keep == np.inf
        steps = None if is_all else whole_steps("keep", keep, engine.dt)
    if file is not None and steps is not None:
        raise ValueError(
            f"record: keep= is of memory, and to={file!r} takes everything; give one of them, with"
            f" keep=np.inf or to={MEMORY!r} for the other"
        )
    is_loaded = engine.is_loaded and to is None
    return [Assign(engine, "keeping", Keeping(file, steps)), Assign(engine, "is_loaded", is_loaded)]


def _file(to: Any) -> str:
    """Return the whole name of a file that may be written."""
    checks.library("h5py", "record(..., to=...)", "export")
    if not isinstance(to, str | os.PathLike):
        raise TypeError(f"to: expected the name of a file, or {MEMORY!r}, got {checks.short(to)}")
    path = Path(os.path.abspath(to))
    if not path.parent.is_dir():
        raise FileNotFoundError(f"to: there is no folder {path.parent}")
    if path.is_dir():
        raise IsADirectoryError(f"to: expected the name of a file, got that of a folder, {path}")
    return str(path)
