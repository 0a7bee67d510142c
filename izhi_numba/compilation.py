"""From a model's plain functions and a scheme to the compiled steps of a pool."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

from izhi_numba.kernels import step
from izhi_numba.kernels._jit import inline_as
from izhi_numba.models.model import Model, asked_names
from izhi_numba.schemes import SCHEMES

_WELL_KNOWN = {"math", "cmath", "numpy", "numba", "builtins"}
_compiled: dict[str, Callable[..., Any]] = {}


def compiled_steps(model: type[Model], scheme: str, dtype: np.dtype[Any]) -> Callable[..., Any]:
    """Return the compiled steps of a model, see :func:`izhi_numba.kernels.step.build`.

    The same functions give the same object back, whatever the classes are called.
    """
    functions = (model.derivatives, model.threshold, model.reset, SCHEMES[scheme])
    names = (*model.states, "/", *model.parameters)
    parts = [dtype.name, *names, *(fingerprint(function) for function in functions)]
    key = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    if key not in _compiled:
        _compiled[key] = _assemble(model, scheme, dtype, key)
    return _compiled[key]


def _assemble(model: type[Model], scheme: str, dtype: np.dtype[Any], key: str) -> Callable[..., Any]:
    inlined = functools.partial(inline_as, dtype)
    derivatives = inlined(by_position(model, model.derivatives, inlined, as_tuple=True))
    threshold = inlined(by_position(model, model.threshold, inlined, as_tuple=False))
    reset = inlined(by_position(model, model.reset, inlined, as_tuple=True))
    integrate = inlined(SCHEMES[scheme])

    @inlined
    def rates(x: Any, t: Any, given: Any) -> Any:
        current, dt, parameters = given
        return derivatives(x, current, t, dt, parameters)

    @inlined
    def advance(x: Any, current: Any, t: Any, dt: Any, parameters: Any) -> Any:
        return integrate(rates, x, t, dt, (current, dt, parameters))

    return step.build(dtype, advance, threshold, reset, key)


def by_position(
    model: type[Model],
    function: Callable[..., Any],
    convert: Callable[[Callable[..., Any]], Callable[..., Any]],
    *,
    as_tuple: bool,
) -> Callable[..., Any]:
    """Adapt a function that asks by name to the call ``(x, current, t, dt, parameters)``.

    The source of the adapter is made here, since numba has no keyword unpacking. ``convert`` is
    applied to the function itself.
    """
    places = {name: f"x[{k}]" for k, name in enumerate(model.states)}
    places |= {name: f"parameters[{k}]" for k, name in enumerate(model.parameters)}
    places |= {"I": "current", "t": "t", "dt": "dt"}
    call = f"function({', '.join(places[name] for name in asked_names(function))})"
    if as_tuple and len(model.states) == 1:
        call = f"({call},)"
    namespace: dict[str, Any] = {"function": convert(function)}
    exec(f"def adapted(x, current, t, dt, parameters): return {call}", namespace)
    adapted: Callable[..., Any] = namespace["adapted"]
    return adapted


def fingerprint(function: Any) -> str:
    """Hash of what a function computes: its code, its constants, and what these refer to."""
    digest = hashlib.sha256()

    def write(part: bytes) -> None:
        digest.update(b"%d:" % len(part))  # so that 1.0, 20.0 is not 1.02, 0.0
        digest.update(part)

    _describe(function, write, set())
    return digest.hexdigest()


def _describe(thing: Any, write: Callable[[bytes], None], seen: set[int]) -> None:
    if isinstance(thing, FunctionType) or hasattr(thing, "py_func"):
        function = getattr(thing, "py_func", thing)
        if id(function) in seen:
            return
        seen.add(id(function))
        _describe(function.__code__, write, seen)
        _describe(function.__defaults__, write, seen)
        names = _global_names(function.__code__)
        used = [cell.cell_contents for cell in function.__closure__ or ()]
        used += [function.__globals__[name] for name in sorted(names) if name in function.__globals__]
        for value in used:
            _describe(value, write, seen)
            _describe_used(value, names, write, seen)
    elif isinstance(thing, CodeType):
        write(thing.co_code)
        write(repr((thing.co_names, thing.co_varnames, thing.co_freevars)).encode())
        for constant in thing.co_consts:
            _describe(constant, write, seen)
    elif isinstance(thing, ModuleType):
        write(thing.__name__.encode())
    elif isinstance(thing, np.ndarray):
        write(repr((thing.shape, thing.dtype)).encode() + thing.tobytes())
    elif isinstance(thing, tuple | list):
        for item in thing:
            _describe(item, write, seen)
    elif isinstance(thing, type) or callable(thing):
        write(repr((thing.__module__, getattr(thing, "__qualname__", type(thing).__name__))).encode())
    else:
        write(repr(thing).encode())


def _describe_used(module: Any, names: set[str], write: Callable[[bytes], None], seen: set[int]) -> None:
    """Describe what a function may use of a module; well-known libraries go by their names."""
    if not isinstance(module, ModuleType) or module.__name__.split(".")[0] in _WELL_KNOWN:
        return
    for name in sorted(names):
        if hasattr(module, name):
            write(name.encode())
            _describe(getattr(module, name), write, seen)


def _global_names(code: CodeType) -> set[str]:
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            names |= _global_names(constant)
    return names
