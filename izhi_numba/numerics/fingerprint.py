"""Fingerprints of functions: hashes of what they compute, whatever they and their files are called."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from functools import partial
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from izhi_numba.kernels.plain_python import plain_function

_ADDRESS = re.compile(" at 0x[0-9a-fA-F]+")  # another one in each process
_PLAIN: Any = object.__repr__  # of what says nothing of itself
_WELL_KNOWN = {"math", "cmath", "numpy", "numba", "builtins"}

Told = Callable[[FunctionType], tuple[bytes, bool] | None]  # and whether that is all that is to be told


def fingerprint(function: Any, told: Told | None = None) -> str:
    """Hash of what a function computes: its code, its constants, and what these refer to.

    ``told``: tells of a function what is taken for its byte code; None: its byte code.
    """
    return _digest(function, {}, told or _nothing)


def _digest(thing: Any, seen: dict[int, None], told: Told) -> str:
    """Hash of a description; ``seen``: what was met on the way to it."""
    digest = hashlib.sha256()

    def write(part: bytes) -> None:
        digest.update(b"%d:" % len(part))  # so that 1.0, 20.0 is not 1.02, 0.0
        digest.update(part)

    _describe(thing, write, seen, told)
    return digest.hexdigest()


def _nothing(function: FunctionType) -> None:
    """Tell nothing of a function."""


def _describe(thing: Any, write: Callable[[bytes], None], seen: dict[int, None], told: Told) -> None:
    write(type(thing).__name__.encode())
    thing = plain_function(thing) or thing
    if isinstance(thing, FunctionType):
        function = thing
        if id(function) in seen:
            write(b"%d" % list(seen).index(id(function)))
            return
        seen[id(function)] = None
        known = told(function)
        if known is None:
            _describe(function.__code__, write, seen, told)
        else:
            write(known[0])
            if known[1]:
                return
        _describe(function.__defaults__, write, seen, told)
        names = _global_names(function.__code__)
        used = [cell.cell_contents for cell in function.__closure__ or ()]
        used += [function.__globals__[name] for name in sorted(names) if name in function.__globals__]
        for value in used:
            _describe(value, write, seen, told)
            _describe_used(value, names, write, seen, told)
    elif isinstance(thing, CodeType):
        write(thing.co_code)
        write(repr((thing.co_names, thing.co_varnames, thing.co_freevars)).encode())
        for constant in thing.co_consts:
            _describe(constant, write, seen, told)
    elif isinstance(thing, ModuleType):
        write(thing.__name__.encode())
    elif isinstance(thing, np.ndarray):
        write(repr((thing.shape, thing.dtype)).encode() + thing.tobytes())
    elif isinstance(thing, dict):
        _describe([*thing.items()], write, seen, told)
    elif isinstance(thing, tuple | list):
        write(repr((len(thing), getattr(thing, "_fields", None))).encode())
        for item in thing:
            _describe(item, write, seen, told)
    elif isinstance(thing, set | frozenset):
        write(repr(sorted(_digest(item, {**seen}, told) for item in thing)).encode())  # they have no order
    elif isinstance(thing, partial):
        _describe((thing.func, thing.args, thing.keywords), write, seen, told)
    elif isinstance(thing, MethodType):
        _describe((thing.__func__, thing.__self__), write, seen, told)
    elif isinstance(thing, np.ufunc):
        write(repr((thing.__name__, thing.nin, thing.nout)).encode())  # newer ones have attributes, too
    elif isinstance(thing, type) or (callable(thing) and not hasattr(thing, "__dict__")):
        name = getattr(thing, "__qualname__", type(thing).__name__)
        write(repr((getattr(thing, "__module__", None), name)).encode())  # methods of C have no module
    elif hasattr(thing, "__dict__") and (callable(thing) or type(thing).__repr__ is _PLAIN):
        if id(thing) in seen:
            write(b"%d" % list(seen).index(id(thing)))
            return
        seen[id(thing)] = None
        kind = type(thing)
        write(repr((kind.__module__, kind.__qualname__)).encode())
        _describe(vars(kind).get("__call__"), write, seen, told)
        _describe(vars(thing), write, seen, told)
    else:
        write(_ADDRESS.sub("", repr(thing)).encode())


def _describe_used(
    module: Any, names: set[str], write: Callable[[bytes], None], seen: dict[int, None], told: Told
) -> None:
    """Describe what a function may use of a module; well-known libraries go by their names."""
    if not isinstance(module, ModuleType) or module.__name__.split(".")[0] in _WELL_KNOWN:
        return
    if id(module) in seen:
        return
    seen[id(module)] = None
    for name in sorted(names):
        if hasattr(module, name):
            write(name.encode())
            _describe(getattr(module, name), write, seen, told)
            _describe_used(getattr(module, name), names, write, seen, told)


def _global_names(code: CodeType) -> set[str]:
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            names |= _global_names(constant)
    return names
