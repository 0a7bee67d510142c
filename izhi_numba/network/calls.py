"""Functions of the user that a run calls at intervals of simulated time."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from izhi_numba.base.checks import short
from izhi_numba.base.clock import times_of, whole_steps
from izhi_numba.results.returned import Returned

_USE = "give an interval in ms and a function: run(1000.0, every={10.0: steer})"


class Calls:
    """Functions that are called at multiples of their intervals, before the step that begins there.

    Parameters
    ----------
    every : mapping of float to function, optional
        Interval in ms, and a function of the pool or network.
    dt : float
        Step, ms.
    """

    def __init__(self, every: Any, dt: float) -> None:
        self._functions: dict[int, Callable[[Any], Any]] = {}
        self._found: dict[float, tuple[list[float], list[Any]]] = {}
        self._dt = dt
        for interval, function in _pairs(every):
            steps = whole_steps("every", interval, dt)
            if not callable(function):
                raise TypeError(f"every: expected a function, got {short(function)}; {_USE}")
            _refuse_other_arguments(function)
            self._functions[steps] = function
            self._found[times_of(steps, dt)] = ([], [])

    def call(self, owner: Any, now: int) -> bool:
        """Call the functions that are due at a step, in the order given; returns whether there are any."""
        called = False
        for steps, function in self._functions.items():
            if now % steps == 0:
                called = True
                value = function(owner)
                if value is not None:
                    times, values = self._found[times_of(steps, self._dt)]
                    values.append(value)
                    times.append(times_of(now, self._dt))
        return called

    def next(self, now: int, end: int) -> int:
        """The step, after this one, at which a function is due; ``end`` at the latest."""
        return min((end, *((now // steps + 1) * steps for steps in self._functions)))

    @property
    def returned(self) -> dict[float, Returned]:
        """What functions have returned, by their intervals in ms."""
        return {interval: Returned.of(*found) for interval, found in self._found.items()}


def _pairs(every: Any) -> list[tuple[Any, Any]]:
    if every is None:
        return []
    if not isinstance(every, Mapping):
        raise TypeError(f"every: expected intervals with functions, got {short(every)}; {_USE}")
    return [*every.items()]


def _refuse_other_arguments(function: Callable[..., Any]) -> None:
    """Refuse a function that cannot be called with the pool alone."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # of C code there is none
        return
    try:
        signature.bind(None)
    except TypeError as error:
        name = getattr(function, "__name__", repr(function))
        raise TypeError(
            f"every: {name} is called with the pool, or the network, as its only argument: {error}"
        ) from None
