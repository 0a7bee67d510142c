"""Whether a model is linear in its variables and its input between spikes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from izhi_numba.models.declaration import Declaration, asked_names, by_variable, call, call_on_arrays
from izhi_numba.models.model import Model

Array = np.ndarray[Any, np.dtype[np.float64]]

_TOLERANCE = 1e-6
_SCALES = (0.01, 1.0, 60.0, 3e3, 1e6)  # of the points at which derivatives are compared
_SPREAD = np.array([-67.3, -23.1, -7.9, -2.3, -0.61, 0.37, 1.7, 5.3, 19.9, 71.7])


def derivatives(model: type[Declaration], values: Mapping[str, Any]) -> Array:
    """Time derivatives of the variables, a model's voltage first: float64 (n_variables, n).

    ``values`` holds variables, parameters, constants, ``I``, ``t`` and ``dt``: numbers or arrays (n,).
    """
    assert model.derivatives is not None
    found = by_variable(model, call_on_arrays(model.derivatives, values))
    size = max(np.size(value) for value in values.values())
    return np.array([np.broadcast_to(np.asarray(found[name], float), size) for name in model.variables()])


def why_not_linear(model: Declaration, values: Mapping[str, Any]) -> str:
    """Say why the derivatives are not linear in variables and input; empty if they are.

    Also with other parameters: they may be changed later.
    """
    return _why_not_linear(model, values) or _why_not_linear(model, elsewhere(model.parameters, values))


def elsewhere(names: Iterable[str], values: Mapping[str, Any], place: float = 1.0) -> dict[str, Any]:
    """Values near those given, none of them special."""
    changed = {
        name: float(values[name]) * (1 + place * (0.01 + 0.013 * k)) + place * 0.017 * (k + 1)
        for k, name in enumerate(names)
    }
    return {**values, **changed}


def _why_not_linear(model: Declaration, values: Mapping[str, Any]) -> str:
    kind, variables = type(model), model.variables()
    assert kind.derivatives is not None
    names = (*variables, "I")
    told = f"{', '.join(variables)} and I"
    rest = {name: value for name, value in values.items() if name not in names}

    def at(x: Array) -> Array:
        return derivatives(kind, {**rest, **dict(zip(names, x, strict=True)), "t": 0.0})

    a, b = _pairs_of_points(len(names))
    try:
        with np.errstate(all="ignore"):
            origin = at(np.zeros_like(a))
            apart = at(a + b) - at(a) - at(b) + origin
            size = 1 + np.abs(at(a)) + np.abs(at(b)) + np.abs(origin)
            # Of a derivative that is linear nothing is left but rounding. Where it is not finite at the
            # origin, a parameter is 0 that divides: that is told when it is advanced.
            bent = ~(np.abs(apart) <= _TOLERANCE * size) & np.isfinite(origin)
    except (
        ArithmeticError,
        ValueError,
    ) as error:  # math.exp and math.log raise where numpy's say inf and nan
        return f"its derivatives cannot be had for all {told}: {error}"
    for name, row in zip(variables, bent, strict=True):
        if row.any():
            return f"the derivative of {name} is not linear in {told}"
    if "t" in asked_names(kind.derivatives):
        return "its derivatives depend on the time t"
    operation = _bends(kind.derivatives, {**rest, **dict.fromkeys(names, _Line())})
    return f"its derivatives are not only sums and multiples of {told}, but use {operation}" * bool(operation)


def _pairs_of_points(n: int) -> tuple[Array, Array]:
    """Pairs of points (n, n_pairs), the same in each run: scattered, and on each axis; small and large."""
    scattered = np.outer(np.sin(np.arange(1, n + 1) * 12.9898), np.cos(np.arange(1, 9) * 78.233))
    first, last = scattered[:, :4], scattered[:, 4:]
    a = np.hstack([first, np.eye(n), -np.eye(n), np.eye(n)])
    b = np.hstack([last, np.eye(n), -np.eye(n), -np.eye(n)])
    return tuple(np.hstack([scale * points for scale in _SCALES]) for points in (a, b))  # type: ignore[return-value]


class _NotALine(Exception):  # noqa: N818  (never seen by a user)
    """What was done to a variable that is neither a sum nor a multiple; no error that functions catch."""


class _Line(np.lib.mixins.NDArrayOperatorsMixin):
    """Stands for any number that is linear in the variables.

    Points, however many, miss a bend that lies between or beyond them; what a function does to its variables
    does not depend on where they are.
    """

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> _Line:
        lines = [isinstance(one, _Line) for one in inputs]
        allowed = (
            ufunc in (np.add, np.subtract, np.negative, np.positive)
            or (ufunc is np.multiply and not all(lines))
            or (ufunc is np.divide and not lines[1])
        )
        if method != "__call__" or options or not allowed:
            raise _NotALine("the product of two" if ufunc is np.multiply else ufunc.__name__)
        return self

    def __array_function__(self, function: Any, *_: Any) -> _Line:
        raise _NotALine(function.__name__)

    def __bool__(self) -> bool:
        raise _NotALine("them as conditions")

    def __float__(self) -> float:
        raise _NotALine("a function of plain numbers")


def _bends(function: Callable[..., Any], values: Mapping[str, Any]) -> str:
    """Name what a function does to lines that does not give lines; empty if nothing.

    Also where it cannot be followed: it calls code that numba has compiled, which takes numbers alone.
    """
    try:
        with np.errstate(all="ignore"):
            call(function, values)
    except _NotALine as bend:
        return str(bend)
    except Exception:  # of the user's function, for what it was never made for
        return ""
    return ""


def why_not_conditionally_linear(model: Model, values: Mapping[str, Any]) -> str:
    """Say whose derivative is not linear in the variable itself, the others held; empty if all are.

    Of a model with receptors, it is the model's own part that counts: where a receptor bends the current
    (the block of NMDA), the slope is that of a chord, and the scheme's order is 1 all the same.
    """
    kind = type(model).bare or type(model)
    variables = kind.variables()
    others = elsewhere((*kind.parameters, *variables), values)
    for place, name in enumerate(variables):
        for given in (values, others):
            x = float(values[name]) + _SPREAD
            rates = derivatives(kind, {**given, name: x})[place]
            if not np.isfinite(rates).all():
                continue
            line = np.polynomial.Polynomial.fit(x, rates, 1)(x)
            if np.abs(rates - line).max() > _TOLERANCE * (1 + np.abs(rates).max()):
                return f"the derivative of {name} is not linear in {name}"
    return ""
