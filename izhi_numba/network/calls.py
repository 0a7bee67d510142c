"""Functions of the user that a run calls at intervals of simulated time."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.checks import short
from izhi_numba.base.clock import times_of, whole_steps
from izhi_numba.network.runnable import Runnable
from izhi_numba.results.recorder import Recorder
from izhi_numba.results.returned import Returned

_USE = "give an interval in ms and a function: run(1000.0, every={10.0: steer})"


class _Call:
    """A function that is called at an interval."""

    def __init__(self, function: Callable[..., Any], interval: float, steps: int) -> None:
        self.function, self.interval, self.steps = function, interval, steps
        self.takes_last = _takes_last(function)
        self.since: int | None = None  # the step at which it was called last
        self.counts: Array | None = None  # of spikes until then, where they are counted
        self.times: list[float] = []
        self.values: list[Any] = []

    def last(self, owner: Runnable, recorder: Recorder) -> Any:
        """Return the result of the steps since the last call, or since the run began."""
        since, counts = self.since, recorder.counts
        if since is None:
            since = recorder.first_step
            self.counts = None if counts is None else np.zeros_like(counts.array)
        result = owner._result_of(recorder.since(since, self.counts), float("nan"), 0.0)
        self.since, self.counts = recorder.end, None if counts is None else counts.array.copy()
        return result


class Calls:
    """Functions that are called at multiples of their intervals, before the step that begins there.

    Parameters
    ----------
    every : mapping of float to function, optional
        Interval in ms, and a function of the pool or network, and perhaps of the result since its last call.
    dt : float
        Step, ms.
    """

    def __init__(self, every: Any, dt: float) -> None:
        self._calls, self._dt = list[_Call](), dt
        for interval, function in _pairs(every):
            steps = whole_steps("every", interval, dt)
            if not callable(function):
                raise TypeError(f"every: expected a function, got {short(function)}; {_USE}")
            if inspect.iscoroutinefunction(function):
                raise TypeError(f"every: expected a function, got one that is async; {_USE}")
            for one in self._calls:
                if one.steps == steps:
                    raise ValueError(
                        f"every: {interval!r} and {one.interval!r} are the same number of steps; one function"
                        " can call the other"
                    )
            self._calls.append(_Call(function, float(interval), steps))

    def __len__(self) -> int:
        return len(self._calls)

    def call(self, owner: Runnable, recorder: Recorder) -> bool:
        """Call the functions that are due now, in the order given; returns whether there are any."""
        called, now = False, recorder.end
        for one in self._calls:
            if now % one.steps == 0:
                called = True
                last = [one.last(owner, recorder)] if one.takes_last else []
                value = one.function(owner, *last)
                if value is not None:
                    one.values.append(value)
                    one.times.append(times_of(now, self._dt))
        return called

    def next(self, now: int, end: int) -> int:
        """The step, after this one, at which a function is due; ``end`` at the latest."""
        return min((end, *((now // one.steps + 1) * one.steps for one in self._calls)))

    @property
    def oldest(self) -> float:
        """The step from which on what is recorded will be asked for; infinity where none is."""
        return min((one.since or 0 for one in self._calls if one.takes_last), default=np.inf)

    @property
    def returned(self) -> dict[float, Returned]:
        """What functions have returned, by their intervals as they were given."""
        return {one.interval: Returned.of(one.times, one.values) for one in self._calls}


def _pairs(every: Any) -> list[tuple[Any, Any]]:
    if every is None:
        return []
    if not isinstance(every, Mapping):
        raise TypeError(f"every: expected intervals with functions, got {short(every)}; {_USE}")
    return [*every.items()]


def _takes_last(function: Callable[..., Any]) -> bool:
    """Whether a function takes the result since its last call; refuses one that cannot be called."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # of C code there is none
        return False
    for arguments in ((None,), (None, None)):
        try:
            signature.bind(*arguments)
        except TypeError:
            continue
        return len(arguments) == 2
    name = getattr(function, "__name__", repr(function))
    raise TypeError(
        f"every: {name}{signature} is called with the pool, or the network, and, where it takes a second"
        f" argument, with the result since its last call; {_USE}"
    )
