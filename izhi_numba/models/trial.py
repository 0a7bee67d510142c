"""Trying a model's functions out in plain Python, so that mistakes are told before anything is compiled."""

from __future__ import annotations

import numbers
import traceback
from collections.abc import Callable
from typing import Any

import numpy as np

from izhi_numba.models.model import REFRACTORY_STEPS, Model, call

Returns = dict[str, tuple[str, ...] | None]


def try_out(model: Model, dt: float) -> Returns:
    """Call each function of a model with its defaults.

    Returns
    -------
    dict
        For each of ``derivatives``, ``advance`` and ``reset`` that returns a dictionary, its names in
        alphabetical order; None for the others.

    Raises
    ------
    TypeError
        A function that fails, or returns what it should not; told in the model's own words.
    """
    kind = type(model)
    with np.errstate(all="ignore"):
        values = {name: np.float64(value) for name, value in _start(model).items()}
        values |= {"I": np.float64(0), "t": np.float64(0), "dt": np.float64(dt)}
        for name, constant in kind.constants.items():
            values[name] = np.float64(_called(kind, name, constant.function, values))
        if kind.refractory is not None:
            values[REFRACTORY_STEPS] = np.float64(1)
        above = _called(kind, "threshold", kind.threshold, values)
        if not isinstance(above, bool | np.bool):
            raise TypeError(f"{kind.__name__}.threshold: expected True or False, got {above!r}")
        returns: Returns = {}
        for name in ("derivatives", "advance", "reset"):
            function = getattr(kind, name)
            if function is not None:
                returned = _called(kind, name, function, values)
                returns[name] = _names(kind, name, returned)
    return returns


def _start(model: Model) -> dict[str, Any]:
    try:
        return model.start()
    except ArithmeticError:
        return dict.fromkeys((*model.parameters, *model.states), 1.0)
    except Exception as error:
        raise TypeError(f"{_place(type(model), 'a default', error)}: {error}") from error


def _called(kind: type[Model], name: str, function: Callable[..., Any], values: dict[str, Any]) -> Any:
    try:
        return call(function, values)
    except Exception as error:
        raise TypeError(f"{_place(kind, name, error)}: {error}") from error


def _place(kind: type[Model], name: str, error: Exception) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{kind.__name__}.{name}, line {frame.lineno} of {frame.filename}"


def _names(kind: type[Model], name: str, returned: Any) -> tuple[str, ...] | None:
    """Check what a function returned; the names where it is a dictionary."""
    variables = list(kind.states)
    place = f"{kind.__name__}.{name}"
    if isinstance(returned, dict):
        for key in returned:
            if key not in variables:
                verb = "resets" if name == "reset" else "returns"
                there = ", ".join(variables)
                raise TypeError(f"{place}: {verb} {key!r}, which is no variable; there are {there}")
        missing = [variable for variable in variables if variable not in returned]
        if name == "derivatives" and missing:
            raise TypeError(f"{place}: the derivative of {', '.join(missing)} is missing")
        items = list(returned.values())
    else:
        items = list(returned) if isinstance(returned, tuple | list) else [returned]
        if len(items) != len(variables):
            what = "one for each variable" if len(variables) > 1 else "for the variable"
            raise TypeError(
                f"{place}: returns {len(items)} values, expected {len(variables)}, {what}"
                f" ({', '.join(variables)}), in this order or as a dictionary by name"
            )
    for item in items:
        if not isinstance(item, numbers.Real | np.number | np.bool) and not _is_scalar_array(item):
            raise TypeError(f"{place}: returns {item!r}, expected a number")
    return tuple(sorted(returned)) if isinstance(returned, dict) else None


def _is_scalar_array(item: Any) -> bool:
    return isinstance(item, np.ndarray) and item.ndim == 0 and item.dtype.kind in "fiub"
