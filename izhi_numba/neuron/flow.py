"""The flow of a neuron: derivatives of its model as a function of the variables alone, for analysis."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from izhi_numba.base.checks import finite_number
from izhi_numba.models.declaration import by_variable, call, call_on_arrays
from izhi_numba.models.validation import try_out
from izhi_numba.neuron.setup import Setup, set_up
from izhi_numba.numerics.constants import values_at_start
from izhi_numba.numerics.linearity import derivatives

Array = np.ndarray[Any, np.dtype[np.float64]]
Bools = np.ndarray[Any, np.dtype[np.bool]]
Range = tuple[float, float]


class Flow:
    """The derivatives of a model as a function of its variables alone: from (n_variables, n) to the same."""

    def __init__(self, setup: Setup, current: Any) -> None:
        kind = type(setup.model)
        if kind.derivatives is None:
            raise TypeError(
                f"{kind.__name__}: expected a model with derivatives; this one states itself how it advances,"
                " in steps, and has no vector field"
            )
        try_out(setup.model, setup.dt)
        self.kind, self.names = kind, kind.variables()
        level = finite_number("current", current)
        self.given = values_at_start(setup.model, setup.dt, level, **setup.values)
        self.start = np.array([float(self.given[name]) for name in self.names])
        self.unit = kind.states[kind.voltage].unit

    def __call__(self, x: Array, current: Any = None) -> Array:
        """Return the derivatives; at currents (n,) if given."""
        values = {**self._values(x), "I": self.given["I"] if current is None else current}
        try:
            return derivatives(self.kind, values)
        except ArithmeticError:  # math.exp in a user's model overflows
            if x.shape[1] == 1:
                return np.full(x.shape, np.nan)
        currents = np.broadcast_to(values["I"], x.shape[1])
        return np.concatenate([self(x[:, [k]], currents[[k]]) for k in range(x.shape[1])], axis=1)

    def at_current(self, current: float) -> Flow:
        """Return the same flow at another current."""
        other = copy.copy(self)
        other.given = {**self.given, "I": current}
        return other

    def never_there(self, x: Array) -> Bools:
        """Whether a neuron would be reset at once: (n,)."""
        if self.kind.reset is None:
            return np.zeros(x.shape[1], bool)
        above: Bools = np.broadcast_to(call_on_arrays(self.kind.threshold, self._values(x)), x.shape[1])
        return above

    def after_reset(self) -> Array:
        """Variables after a spike that follows on the start values: (n_variables,)."""
        changed = {} if self.kind.reset is None else by_variable(self.kind, call(self.kind.reset, self.given))
        return np.array([float(changed.get(name, self.given[name])) for name in self.names])

    def _values(self, x: Array) -> Mapping[str, Any]:
        return {**self.given, **dict(zip(self.names, x, strict=True))}


def flow_of(model: Any, current: Any, values: dict[str, Any]) -> tuple[Flow, dict[str, Range]]:
    """Return the flow of a model, preset or setup, and the ranges of variables among ``values``."""
    setup = model if isinstance(model, Setup) else set_up(model, {})
    numbers = {name: value for name, value in values.items() if name not in setup.model.states}
    ranges = {name: _range(name, values[name]) for name in setup.model.states if name in values}
    changed = set_up(setup.model, numbers).values
    return Flow(replace(setup, values=setup.values | changed), current), ranges


def _range(name: str, value: Any) -> Range:
    if isinstance(value, str) or not hasattr(value, "__len__") or len(value) != 2:
        raise TypeError(f"{name}: expected the range of the variable, (low, high), got {value!r:.60}")
    low, high = (finite_number(f"{name}: range", edge) for edge in value)
    if low >= high:
        raise ValueError(f"{name}: expected a range (low, high) with low below high, got ({low:g}, {high:g})")
    return low, high
