"""Models from a user's file for the explorer: ``my_models.py:Theta``."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from pathlib import Path

from izhi_numba.models import Model


def load(place: str) -> list[type[Model]]:
    """Return the models of a file, the one that was named first.

    Parameters
    ----------
    place : str
        A file, or a file and a class in it: ``my_models.py:Theta``.

    Raises
    ------
    OSError, ValueError
        No such file, no such model, or a file that cannot be run; told with its line.
    """
    path, _, name = place.partition(":") if not Path(place).is_file() else (place, "", "")
    file = Path(path)
    if file.suffix != ".py" or not file.is_file():
        raise OSError(f"--model: expected a Python file, such as my_models.py:Theta, got {place!r}")
    module = _name(file)
    found = {key: value for key, value in vars(_run(file, module)).items() if _is_own(value, module)}
    if not found or (name and name not in found):
        there = ", ".join(found) or "none; a model is a class made from iz.Model"
        raise ValueError(f"--model: no model {name or ''} in {file}; there are {there}".replace("  ", " "))
    for kind in found.values():
        kind.explored_file = str(file.resolve())
    first = [found.pop(name)] if name else []
    return [*first, *found.values()]


def _name(file: Path) -> str:
    """Name of the file's module, which is that of no other: a file may be called json.py, or my-models.py."""
    return f"explored_{hashlib.sha256(str(file.resolve()).encode()).hexdigest()[:16]}"


def _run(file: Path, name: str) -> object:
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    sys.path.insert(0, str(file.resolve().parent))  # as Python does for a script
    try:
        spec.loader.exec_module(module)
    except SyntaxError as error:
        raise ValueError(f"{file}, line {error.lineno}: {error.msg}") from error
    except Exception as error:
        raise ValueError(f"{file}{_line(error, file)}: {type(error).__name__}: {error}") from error
    finally:
        sys.path.remove(str(file.resolve().parent))
    return module


def _line(error: Exception, file: Path) -> str:
    """Where in the file an error began."""
    line = None
    trace = error.__traceback__
    while trace is not None:
        if Path(trace.tb_frame.f_code.co_filename).resolve() == file.resolve():
            line = trace.tb_lineno
        trace = trace.tb_next
    return "" if line is None else f", line {line}"


def _is_own(value: object, module: str) -> bool:
    return isinstance(value, type) and issubclass(value, Model) and value.__module__ == module
