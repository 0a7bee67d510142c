"""A trial of a model's functions in plain Python, which finds mistakes before anything is compiled."""

from __future__ import annotations

import itertools
import numbers
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from izhi_numba.base.checks import short
from izhi_numba.models.declaration import Declaration, asked_names, by_variable, call
from izhi_numba.models.model import REFRACTORY_STEPS, Model
from izhi_numba.models.plasticity import ELAPSED, SENT, TIMES, WEIGHT, Plasticity
from izhi_numba.models.receptor import Receptor
from izhi_numba.models.uncompilable import refuse_nothing, refuse_random, refuse_to_tell


@dataclass(frozen=True)
class Returns:
    """How the functions of a model return their values.

    Attributes
    ----------
    names : dict
        For each of ``derivatives``, ``advance`` and ``reset`` the names in alphabetical order, if it
        returns a dictionary; else None.
    tuples : tuple of str
        Functions that return a tuple.
    """

    names: dict[str, tuple[str, ...] | None]
    tuples: tuple[str, ...]


_OURS = Path(__file__).parent.parent  # the package's own files; shipped models among them


def try_out(model: Model, dt: float) -> Returns:
    """Call each function of a model with its defaults.

    Raises
    ------
    TypeError
        A function that fails, or returns what it should not; told in the model's own words.
    """
    kind = type(model)
    with np.errstate(all="ignore"):
        values = _given(model, dt)
        _check_truth(kind, "threshold", _called(kind, "threshold", kind.threshold, values))
        names: dict[str, tuple[str, ...] | None] = {}
        tuples: list[str] = []
        for name in ("derivatives", "advance", "reset"):
            function = getattr(kind, name)
            if function is not None:
                returned = _called(kind, name, function, values)
                names[name] = _names(kind, name, returned)
                if isinstance(returned, tuple):
                    tuples.append(name)
    return Returns(names, tuple(tuples))


# ms. Not evenly apart, so that a phase does not look like time; not more than a function that counts periods
# one by one gets through at once.
_TIMES = (0.0, 3.7, 12_345.6, 31_234.5)


def refuse_lost_times(model: Model, dt: float) -> None:
    """Refuse a variable of single precision that a model's functions set from the time.

    It is found out by trial, from low to high voltages, with the other variables below and above 0: called at
    some times, a function returns it as much later; also where variables of double precision are shifted
    along, so that the time since one of them may be kept. What only shows in other states is not found out.

    Raises
    ------
    TypeError
        Such a variable; told with what to write instead.
    """
    kind, doubles = type(model), type(model).doubles()
    for name in ("reset", "advance"):
        function = getattr(kind, name)
        if function is None or "t" not in asked_names(function):
            continue
        for voltage, others in itertools.product((None, -1e3, 1e3), (None, -1.0, 1.0)):
            state = dict.fromkeys(kind.states, others) | {kind.voltage: voltage}
            given = {one: np.float64(value) for one, value in state.items() if value is not None}
            grown = _grown(model, function, dt, given, ()) & _grown(model, function, dt, given, doubles)
            lost = [one for one in kind.states if one in grown - {kind.voltage, *doubles}]
            if lost:
                default = kind.states[lost[0]].default
                shown = "..." if callable(default) else repr(default)
                raise TypeError(
                    f"{kind.__name__}.{name}: {lost[0]} takes over the time t, which single precision counts"
                    f" in quarters of a ms after 35 minutes; write {lost[0]} = State({shown},"
                    " dtype='float64') in the class, or make the pool with dtype='float64'"
                )


def _grown(
    model: Model, function: Callable[..., Any], dt: float, state: dict[str, Any], along: tuple[str, ...]
) -> set[str]:
    """Variables that a function returns the later the later it is called; ``along`` are shifted, too."""
    kind, values, seen = type(model), _given(model, dt) | state, []
    try:
        with np.errstate(all="ignore"):
            for t in _TIMES:
                shifted = {one: values[one] + t for one in along} | {"t": np.float64(t)}
                returned = by_variable(kind, call(function, values | shifted))
                seen.append({one: float(value) for one, value in returned.items()})
    except Exception:  # a state or time that the function was never made for
        return set()
    grown = set()
    for one in seen[0]:
        slopes = np.diff([values[one] for values in seen]) / np.diff(_TIMES)
        if slopes[0] != 0 and np.ptp(slopes) <= 1e-6 * abs(slopes[0]):
            grown.add(one)
    return grown


def try_out_receptor(receptor: Receptor, dt: float) -> tuple[str, ...] | None:
    """Call each function of a receptor with its defaults; the order of what its derivatives return.

    Returns
    -------
    tuple of str or None
        Names in alphabetical order, if ``derivatives`` returns a dictionary; else None.

    Raises
    ------
    TypeError
        A function that fails, returns what it should not, draws random numbers, prints, or raises errors.
    """
    kind = type(receptor)
    if kind.adds_to:
        return None
    assert kind.derivatives is not None
    assert kind.current is not None
    refuse_random(kind)
    refuse_to_tell(kind)
    with np.errstate(all="ignore"):
        values = {name: np.float64(value) for name, value in _start(receptor).items()}
        values |= {"v": np.float64(-65.0), "t": np.float64(0), "dt": np.float64(dt)}
        for name, constant in kind.constants.items():
            values[name] = np.float64(_called(kind, name, constant.function, values))
        current = _called(kind, "current", kind.current, values)
        if not isinstance(current, numbers.Real | np.number) and not _is_scalar_array(current):
            raise TypeError(
                f"{kind.__name__}.current: returns {current!r}, expected a number{_lost(current)}"
            )
        names = _names(kind, "derivatives", _called(kind, "derivatives", kind.derivatives, values))
    refuse_nothing(kind)
    return names


def try_out_rule(rule: Plasticity, dt: float) -> dict[str, tuple[str, ...]]:
    """Call each function of a plasticity rule with its defaults; what each returns, by name and in order.

    ``"on_pre is bare"`` is there where a plain number is returned.

    Raises
    ------
    TypeError
        A function that fails, returns what it should not, or draws random numbers, prints, or raises errors.
    """
    kind = type(rule)
    refuse_random(kind)
    refuse_to_tell(kind)
    found: dict[str, tuple[str, ...]] = {}
    with np.errstate(all="ignore"):
        values = {name: _number(kind, name, value) for name, value in _start(rule).items()}
        values |= dict.fromkeys(kind.traces, np.float64(0.5)) | dict.fromkeys(TIMES, np.float64(10.0))
        values |= {"dt": np.float64(dt), WEIGHT: np.float64(_usual_weight(rule)), ELAPSED: np.float64(10.0)}
        values |= dict.fromkeys((*kind.modulators, *kind.randoms), np.float64(0.5))
        values |= dict.fromkeys(kind.values, np.float64(-50.0))
        for name, constant in kind.constants.items():
            values[name] = _number(kind, name, _called(kind, name, constant.function, values))
        for name in kind._functions:
            function = getattr(kind, name)
            if function is None:
                continue
            returned = _called(kind, name, function, values)
            if name == "when":
                _check_truth(kind, name, returned)
                continue
            found[name] = _changed(kind, name, returned)
            found[f"{name} is bare"] = () if isinstance(returned, dict | tuple) else (name,)
    refuse_nothing(kind)
    return found


def _check_truth(kind: type[Declaration], name: str, returned: Any) -> None:
    if not isinstance(returned, bool | np.bool):
        raise TypeError(f"{kind.__name__}.{name}: expected True or False, got {returned!r}{_lost(returned)}")


def _usual_weight(rule: Plasticity) -> float:
    """A weight within the bounds of a rule."""
    low, high = rule.limits()
    if np.isfinite(low) and np.isfinite(high):
        return 0.5 * (low + high)
    return low + 1.0 if np.isfinite(low) else high - 1.0 if np.isfinite(high) else 1.0


def _changed(kind: type[Plasticity], name: str, returned: Any) -> tuple[str, ...]:
    """Check what a rule's function returned; the names of what changes, in the order of its values."""
    place, variables = f"{kind.__name__}.{name}", (WEIGHT, *kind.states)
    told = f"expected {WEIGHT}" if len(variables) == 1 else f"expected {WEIGHT}, or {', '.join(variables)}"
    allowed = (*variables, SENT) if name == "on_pre" else variables
    if isinstance(returned, dict):
        for key in returned:
            if key not in allowed:
                raise TypeError(f"{place}: returns {key!r}; what may change is {', '.join(allowed)}")
        names, items = tuple(sorted(returned)), list(returned.values())
    elif isinstance(returned, list | np.ndarray) and np.ndim(returned):
        what = "a list" if isinstance(returned, list) else "an array"
        raise TypeError(f"{place}: returns {what}, {told}, as plain numbers side by side")
    else:
        items = list(returned) if isinstance(returned, tuple) else [returned]
        if len(items) not in (1, len(variables)):
            raise TypeError(f"{place}: returns {len(items)} values, {told}, or a dictionary by name")
        names = variables[: len(items)]
    for item in items:
        if not _is_number(item):
            raise TypeError(f"{place}: returns {item!r}, expected a number{_lost(item)}")
    return names


def _is_number(item: Any) -> bool:
    if type(item) is int:
        return abs(item) < 2**63  # what machine code has
    return isinstance(item, numbers.Real | np.floating | np.integer | np.bool) or _is_scalar_array(item)


def _number(kind: type[Plasticity], name: str, value: Any) -> np.float64:
    """What a constant, or the start of a variable, is."""
    if not _is_number(value):
        raise TypeError(f"{kind.__name__}.{name}: expected a number, got {short(value)}{_lost(value)}")
    return np.float64(value)


def _given(model: Model, dt: float) -> dict[str, Any]:
    """All that a model's functions may ask for, by name."""
    kind = type(model)
    values: dict[str, Any] = {name: np.float64(value) for name, value in _start(model).items()}
    values |= {"I": np.float64(0), "t": np.float64(0), "dt": np.float64(dt)}
    for name, constant in kind.constants.items():
        values[name] = np.float64(_called(kind, name, constant.function, values))
    if kind.refractory is not None:
        values[REFRACTORY_STEPS] = np.float64(1)
    return values


def _start(model: Declaration) -> dict[str, Any]:
    try:
        return model.start()
    except ArithmeticError:
        return dict.fromkeys((*model.parameters, *model.states), 1.0)
    except Exception as error:
        raise TypeError(f"{_place(type(model), 'a default', error)}: {error}") from error


def _called(kind: type[Declaration], name: str, function: Callable[..., Any], values: dict[str, Any]) -> Any:
    try:
        return call(function, values)
    except Exception as error:
        raise TypeError(f"{_place(kind, name, error)}: {error}") from error


def _place(kind: type[Declaration], name: str, error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    frame = next(
        (one for one in reversed(frames) if not Path(one.filename).is_relative_to(_OURS)), frames[-1]
    )
    return f"{kind.__name__}.{name}, line {frame.lineno} of {frame.filename}"


def _names(kind: type[Declaration], name: str, returned: Any) -> tuple[str, ...] | None:
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
        expected = f"{', '.join(variables)}, in this order or as a dictionary by name"
        if isinstance(returned, list | np.ndarray) and np.ndim(returned):
            what = "a list" if isinstance(returned, list) else "an array"
            raise TypeError(f"{place}: returns {what}, expected plain numbers: return {', '.join(variables)}")
        items = list(returned) if isinstance(returned, tuple) else [returned]
        if len(items) != len(variables) and returned is not None:
            s = "s" * (len(items) != 1)
            raise TypeError(f"{place}: returns {len(items)} value{s}, expected {len(variables)}: {expected}")
    for item in items:
        if not isinstance(item, numbers.Real | np.number | np.bool) and not _is_scalar_array(item):
            raise TypeError(f"{place}: returns {item!r}, expected a number{_lost(item)}")
    return tuple(sorted(returned)) if isinstance(returned, dict) else None


def _lost(returned: Any) -> str:
    return "; is a return missing?" if returned is None else ""


def _is_scalar_array(item: Any) -> bool:
    return isinstance(item, np.ndarray) and item.ndim == 0 and item.dtype.kind in "fiub"
