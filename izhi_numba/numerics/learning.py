"""From a plasticity rule to compiled code: what a visit does to a row of synapses."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from izhi_numba.kernels.jit import Callback
from izhi_numba.kernels.plain_python import inline_exactly, why_not
from izhi_numba.kernels.run import learn, when
from izhi_numba.kernels.tuples import tuple_text
from izhi_numba.models.declaration import asked_names
from izhi_numba.models.plasticity import ELAPSED, SENT, TIMES, WEIGHT, Plasticity, SourceTrace, TargetTrace
from izhi_numba.models.validation import try_out_rule
from izhi_numba.numerics.fingerprint import fingerprint

_compiled: dict[str, tuple[Callback, Callback]] = {}
_compiled_when: dict[str, Callback] = {}


def compiled(
    rule: Plasticity, dtype: np.dtype[Any], dt: float, *, lag_bytes: int, dendritic: bool
) -> Callback:
    """Compile what a visit to a row does, or take it from memory or the disk cache.

    Raises
    ------
    TypeError
        A function that cannot be compiled; told in the rule's own words.
    """
    return _of(rule, dtype, dt, 0, lag_bytes=lag_bytes, dendritic=dendritic)


def compiled_show(
    rule: Plasticity, dtype: np.dtype[Any], dt: float, *, lag_bytes: int, dendritic: bool
) -> Callback:
    """The same for what shows synapses as they are now."""
    return _of(rule, dtype, dt, 1, lag_bytes=lag_bytes, dendritic=dendritic)


def compiled_when(rule: Plasticity, dtype: np.dtype[Any], dt: float) -> Callback:
    """The same for what logs the steps of targets that a rule asks for."""
    try_out_rule(rule, dt)
    kind = type(rule)
    names, kept = kind.values_of("when", "on_post"), kind.values_of("on_post")
    parts = [_own_source(), dtype.name, repr(names), repr(kept), fingerprint(kind.when)]
    parts += [repr((*kind.parameters,)), repr((*kind.constants,))]
    key = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    if key not in _compiled_when:
        places, n_parameters = [names.index(one) for one in kept], len(parameter_names(kind))
        code = _adapted_when(kind, dtype, names)
        _compiled_when[key] = when.build(dtype, len(names), places, n_parameters, code, key)
    return _ready(_compiled_when[key], kind, dtype)


def _of(
    rule: Plasticity, dtype: np.dtype[Any], dt: float, which: int, *, lag_bytes: int, dendritic: bool
) -> Callback:
    kind, returns = type(rule), try_out_rule(rule, dt)
    parts = [_own_source(), dtype.name, str(lag_bytes), str(dendritic), repr(returns), repr(kind.bounds)]
    parts += [repr((*kind.states,)), repr((*kind.parameters,)), repr((*kind.constants,)), repr(kind.traces)]
    parts += [repr(kind.modulators), repr((*kind.randoms,))]
    parts += [fingerprint(getattr(kind, name)) for name in kind._functions if name != "when"]
    asked, logged = kind.values_of("on_pre"), kind.values_of("on_post")
    parts += [repr((asked, logged))] if kind.values else []
    key = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    if key not in _compiled:
        source, target = (kind.traces_of(one) for one in (SourceTrace, TargetTrace))
        shape = learn.Shape(
            dtype, tuple(one.nearest for one in source.values()), len(target), len(kind.states),
            len(parameter_names(kind)) + 2, tuple(one.tau is not None for one in kind.modulators.values()),
            lag_bytes, dendritic, len(kind.randoms), len(asked), len(logged),
        )  # fmt: skip
        on_pre, on_post = (_adapted(kind, dtype, name, returns) for name in ("on_pre", "on_post"))
        on_tick, between = (
            None if getattr(kind, name) is None else _adapted(kind, dtype, name, returns)
            for name in ("on_tick", "between")
        )  # fmt: skip
        _compiled[key] = learn.build(shape, learn.Functions(on_pre, on_post, on_tick, between), key)
    return _ready(_compiled[key][which], kind, dtype)


def _ready(callback: Callback, kind: type[Plasticity], dtype: np.dtype[Any]) -> Callback:
    """Compile code, where it is not compiled yet."""
    if not callback.is_compiled:
        try:
            callback.compile()
        except Exception as error:
            told = _in_the_users_words(kind, dtype, error)
            error.__cause__ = error.__context__ = None
            raise told from error.with_traceback(None)
    return callback


def parameter_names(kind: type[Plasticity]) -> tuple[str, ...]:
    """Numbers that the code of a rule is given, in this order; two more are its bounds."""
    return (*kind.parameters, *kind.constants, "dt")


@functools.cache
def _own_source() -> str:
    return hashlib.sha256(Path(__file__).read_bytes()).hexdigest()


def _in_the_users_words(kind: type[Plasticity], dtype: np.dtype[Any], error: Exception) -> TypeError:
    for name in kind._functions:
        function = getattr(kind, name)
        found = None if function is None else why_not(dtype, function)
        if found is not None:
            line, reason = found
            code = function.__code__
            place = f"line {line or code.co_firstlineno} of {code.co_filename}"
            return TypeError(f"{kind.__name__}.{name}, {place}: cannot be compiled: {reason}")
    return TypeError(f"{kind.__name__}: cannot be compiled: {error}")


def _adapted(
    kind: type[Plasticity], dtype: np.dtype[Any], name: str, returns: dict[str, tuple[str, ...]]
) -> Callable[..., Any]:
    """Adapt a function that asks by name to the call of :func:`izhi_numba.kernels.run.learn.build`."""
    inlined = functools.partial(inline_exactly, dtype)
    variables, numbers = [WEIGHT, *kind.states], parameter_names(kind)
    places = {one: f"x[{k}]" for k, one in enumerate(variables)}
    places |= {one: f"source[{k}]" for k, one in enumerate(kind.traces_of(SourceTrace))}
    places |= {one: f"target[{k}]" for k, one in enumerate(kind.traces_of(TargetTrace))}
    places |= {one: f"modulators[{k}]" for k, one in enumerate(kind.modulators)}
    places |= {one: f"randoms[{k}]" for k, one in enumerate(kind.randoms)}
    places |= {one: f"p[{k}]" for k, one in enumerate(numbers)} | {one: one for one in (*TIMES, ELAPSED)}
    low, high = (f"p[{len(numbers) + k}]" for k in range(2))
    places |= {one: f"values[{k}]" for k, one in enumerate(kind.values_of(name))}
    given = f"x, source, target, {', '.join(TIMES)}, modulators, randoms, values"
    if name == "between":
        given = "x, modulators, elapsed"
    function, lines = getattr(kind, name), [f"def adapted({given}, p):"]
    # What a function computes in another precision, or as a whole number, takes other bytes than are there.
    namespace: dict[str, Any] = {"number": dtype.type}
    after = {one: places[one] for one in variables}
    if function is not None:
        namespace["function"] = inlined(function)
        given = ", ".join(places[one] for one in asked_names(function))
        names = returns[name]
        lines.append(f"    y = function({given})")
        single = len(names) == 1 and returns[f"{name} is bare"]
        after |= {one: "y" if single else f"y[{k}]" for k, one in enumerate(names)}
    lines.append(f"    w = number({after[WEIGHT]})")
    lines += [f"    w = {low} if w < {low} else w", f"    w = {high} if w > {high} else w"]
    items = ["w", *(f"number({after[one]})" for one in kind.states)]
    if name == "on_pre":
        items.append(f"number({after[SENT]})" if SENT in after else "w")
    lines.append(f"    return {tuple_text(items)}")
    exec("\n".join(lines), namespace)
    return inlined(namespace["adapted"])  # type: ignore[no-any-return]


def _adapted_when(kind: type[Plasticity], dtype: np.dtype[Any], names: tuple[str, ...]) -> Callable[..., Any]:
    """The same for the call of :func:`izhi_numba.kernels.run.when.build`; ``names`` of the values given."""
    places = {one: f"p[{k}]" for k, one in enumerate(parameter_names(kind))}
    places |= {one: f"values[{k}]" for k, one in enumerate(names)}
    assert kind.when is not None
    namespace: dict[str, Any] = {"function": inline_exactly(dtype, kind.when)}
    given = ", ".join(places[one] for one in asked_names(kind.when))
    exec(f"def adapted(values, p): return function({given})", namespace)
    return inline_exactly(dtype, namespace["adapted"])  # type: ignore[no-any-return]
