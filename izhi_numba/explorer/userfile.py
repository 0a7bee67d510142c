"""Models and networks from a user's file for the explorer: ``my_models.py:Theta``, ``my_model.py:build``."""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
import sys
from pathlib import Path
from typing import Any, NamedTuple

from izhi_numba.explorer.exhibits import Exhibit
from izhi_numba.explorer.journal import LACKING
from izhi_numba.explorer.script import import_of_file
from izhi_numba.models import Model
from izhi_numba.network.network import Network
from izhi_numba.network.pool import Pool

_BUILD = "build"  # the function that is opened where none is named


class Found(NamedTuple):
    """What a file has: models, and networks, those that were named first."""

    models: list[type[Model]]
    networks: list[Exhibit]


def load(place: str) -> Found:
    """Return the models and the network of a file.

    Parameters
    ----------
    place : str
        A file, or a file and what is meant in it: a class, ``my_models.py:Theta``, or a function that returns
        a Pool or a Network, ``my_model.py:build``, or one of these itself. A function ``build`` is meant
        where nothing is named.

    Raises
    ------
    OSError, ValueError
        No such file, nothing of that name, or a file that cannot be run; told with its line.
    """
    path, _, name = place.partition(":") if not Path(place).is_file() else (place, "", "")
    file = Path(path)
    if file.suffix != ".py" or not file.is_file():
        raise OSError(f"explore: expected a Python file, such as my_models.py:Theta, got {place!r}")
    module = _name(file)
    content = vars(_run(file, module))
    models = {key: value for key, value in content.items() if _is_own(value, module)}
    networks = {key: value for key, value in content.items() if _is_network(value, module)}
    wanted = name or _BUILD
    if wanted not in networks and (name not in models if name else not models):
        what = f"model or network {name}" if name else f"model, and no network {_BUILD},"
        if inspect.isfunction(content.get(wanted)):
            mend = f"{wanted} has to be called with nothing: give its arguments defaults"
        else:
            mend = f"there are {', '.join([*models, *networks]) or _NOTHING}"
        raise ValueError(f"explore: no {what} in {file}; {mend}")
    for kind in models.values():
        kind.explored_file = str(file.resolve())
    first = [models.pop(name)] if name in models else []
    shown = [_exhibit(file, wanted, networks[wanted])] if wanted in networks else []
    return Found([*first, *models.values()], shown)


_NOTHING = (
    "none; a model is a class made from iz.Model, and a network what a function returns:"
    " def build(): return net"
)


def _exhibit(file: Path, name: str, value: Any) -> Exhibit:
    """What opens a network of a file."""
    is_made, openings, has_more = isinstance(value, Pool | Network), 0, False

    def build() -> Any:
        nonlocal openings, has_more
        openings += 1
        try:
            found = value if is_made else value()
            has_more = isinstance(found, tuple)  # positions, or what else there is
            return found
        except (Exception, SystemExit) as error:
            raise ValueError(f"{file}{_line(error, file)}: {type(error).__name__}: {error}") from error

    doc = "" if is_made else inspect.cleandoc(value.__doc__ or "")

    def code(_: dict[str, float]) -> str:
        net, called = "net, *_" if has_more else "net", "" if is_made else "()"
        made = import_of_file(file.resolve(), name) + f"\n{net} = {name}{called}"
        if not is_made or openings == 1:
            return made
        return f"{made}\n{LACKING}what was done to it before it was opened again, at t = {value.t:g} ms"

    words = doc.splitlines()[0] if doc else f"The network of {file.name}."
    return Exhibit(f"{file.name}:{name}", name if name != _BUILD else file.stem, words, build, code)


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
    except (Exception, SystemExit) as error:
        raise ValueError(f"{file}{_line(error, file)}: {type(error).__name__}: {error}") from error
    finally:
        sys.path.remove(str(file.resolve().parent))
    return module


def _line(error: BaseException, file: Path) -> str:
    """Where in the file an error began."""
    line = None
    trace = error.__traceback__
    while trace is not None:
        if Path(trace.tb_frame.f_code.co_filename).resolve() == file.resolve():
            line = trace.tb_lineno
        trace = trace.tb_next
    return "" if line is None else f", line {line}"


def _is_network(value: object, module: str) -> bool:
    """Whether it is a network, or a function of this file that may return one."""
    if isinstance(value, Pool | Network):
        return True
    if not inspect.isfunction(value) or value.__module__ != module:
        return False
    given = inspect.signature(value).parameters.values()
    return all(
        one.default is not one.empty or one.kind in (one.VAR_POSITIONAL, one.VAR_KEYWORD) for one in given
    )


def _is_own(value: object, module: str) -> bool:
    return isinstance(value, type) and issubclass(value, Model) and value.__module__ == module
