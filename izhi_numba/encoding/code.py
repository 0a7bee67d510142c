"""Models, receptors and functions of time in files: by reference, with words for what they say.

A file names them by module and name. Loading runs nothing and imports nothing: what a file names is looked
for among what the caller hands in, and in modules that are imported already. A file that came from elsewhere
can therefore not have a module imported, which would run it. Modules of Python's own library are not looked
into.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import FunctionType
from typing import Any

import numpy as np

from izhi_numba.base.doubts import warn
from izhi_numba.encoding.meaning import Word, Words, word, words_of_class
from izhi_numba.kernels.plain_python import plain_function
from izhi_numba.models.declaration import Declaration
from izhi_numba.models.model import Model
from izhi_numba.models.plasticity import Plasticity
from izhi_numba.models.receptor import Receptor


class CodeError(ValueError):
    """Code that is not there, or says something else."""


Reference = dict[str, Any]
_KINDS = {"model": Model, "receptor": Receptor, "rule": Plasticity}


def refer_to(thing: Any) -> Reference:
    """Return by what to find a class or a function again."""
    name = str(getattr(thing, "__name__", ""))
    if isinstance(thing, np.ufunc) and getattr(np, name, None) is thing:
        return {"is": "ufunc", "module": "numpy", "name": name, "words": {}}
    if isinstance(thing, type):
        kind = next((one for one, base in _KINDS.items() if issubclass(thing, base)), "")
        if kind:
            return _reference(kind, thing, words_of_class(thing))
    function = plain_function(thing)
    if function is None or not function.__name__.isidentifier():
        told = "a lambda" if function is not None else f"{type(thing).__name__}, which is no plain function"
        raise ValueError(
            f"save: a function of time is {told}: it cannot be found again; write it as"
            " def drive(t): ... in a module, and drive by it"
        )
    return _reference("function", function, {"": word(function)})


def _reference(kind: str, thing: Any, words: Words) -> Reference:
    told = {part: [*one] for part, one in words.items()}
    return {"is": kind, "module": thing.__module__, "name": thing.__qualname__, "words": told}


def find(reference: Reference, handed: Sequence[Any]) -> Any:
    """Return what a reference is to: a class of a model or receptor, or a function.

    Parameters
    ----------
    reference : dict
    handed : sequence of classes and functions
        What the caller hands in: taken by its name, also where it says something else by now, which is told
        by a warning.

    Raises
    ------
    CodeError
        It is not there, or it says something else.
    """
    kind, module, name = (str(reference[key]) for key in ("is", "module", "name"))
    if kind == "ufunc":
        found = vars(np).get(name)
        if not isinstance(found, np.ufunc):
            raise CodeError(f"numpy has no {name}")
        return found
    title, last, words = f"{module}.{name}", name.rpartition(".")[2], reference["words"]
    ours = [one for one in handed if _is(kind, one) and _named(one) == last]
    known = _looked_up(module, name)
    candidates = [*ours, known] if _is(kind, known) else ours
    for one in candidates:
        if not _changes(words, one):
            return one
    if len(ours) > 1:
        of = [str(getattr(one, "__module__", "")) for one in ours]
        ours = [one for one, its in zip(ours, of, strict=True) if its == module]
        if len(ours) != 1:
            raise CodeError(
                f"{title} is none of those of this name that were handed in, of {', '.join(of)}: all of them"
                " say something else than when it was saved"
            )
    if ours:
        warn(f"load: {last}, which was handed in, {_changes(words, ours[0])}")
        return ours[0]
    if not candidates:
        raise CodeError(
            f"{title} is not there: import {module} first, as loading imports nothing, or hand it in:"
            f" iz.load(path, models=[{last}])"
        )
    raise CodeError(
        f"{title} {_changes(words, known)}; bring back what it said, or go on with what it says now:"
        f" iz.load(path, models=[{last}])"
    )


def _is(kind: str, thing: Any) -> bool:
    if kind == "function":
        return plain_function(thing) is not None
    return isinstance(thing, type) and kind in _KINDS and issubclass(thing, _KINDS[kind])


def _named(thing: Any) -> str:
    function = thing if isinstance(thing, type) else plain_function(thing)
    return str(getattr(function, "__name__", ""))


def _looked_up(module: str, name: str) -> Any:
    """Return what a module that is imported has by a name, without asking anything that could run."""
    if module.partition(".")[0] in sys.stdlib_module_names - {"__main__"}:
        return None
    found: Any = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, "__dict__", {}).get(part)
    return found.__func__ if isinstance(found, staticmethod) else found


def _changes(words: dict[str, Any], found: type[Declaration] | FunctionType) -> str:
    """Say which parts of a class or function are not what they were; empty: none."""
    now = words_of_class(found) if isinstance(found, type) else {"": word(plain_function(found))}
    then = {part: Word(*map(str, one)) for part, one in words.items()}
    differ = [part for part in then.keys() & now.keys() if then[part].differs(now[part])]
    unknown = [part for part in then.keys() & now.keys() if then[part].differs(now[part]) is None]
    told = []
    if differ:
        told.append(f"says something else than when it was saved{_listed(differ)}")
    if gone := then.keys() - now.keys():
        told.append(f"has no {', '.join(sorted(gone))} any more")
    if new := now.keys() - then.keys():
        told.append(f"has {', '.join(sorted(new))}, which it had not")
    if not told and unknown:
        told.append(f"cannot be compared, as it has no source and another Python saved it{_listed(unknown)}")
    return ", ".join(told)


def _listed(parts: list[str]) -> str:
    return f", in {', '.join(sorted(parts))}" if any(parts) else ""
