"""Waveforms: functions of time with amplitude 1, as values. Times in ms, frequencies in Hz."""

from __future__ import annotations

import contextlib
import functools
import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from typing import Any, ClassVar, Self

import numpy as np

from izhi_numba.base.checks import as_array, values_for

FloatArray = np.ndarray[Any, np.dtype[np.float64]]
BoolArray = np.ndarray[Any, np.dtype[np.bool]]
IntArray = np.ndarray[Any, np.dtype[np.int64]]

EDGE = 1e-7  # ms; the time of step k is k * dt in floating point, a little off the edge that was meant
_TURNS_PER_MS = 2 * math.pi / 1000  # radians, at 1 Hz


@dataclass(frozen=True)
class Waveform(ABC):
    """A function of time. Waveforms compare and hash by value, so that equal ones can be added up."""

    maker: ClassVar[str]  # the function of inputs.py whose keywords are the fields
    moments: ClassVar[tuple[str, ...]] = ("start",)  # the fields that a shift moves

    def __call__(self, t: Any) -> FloatArray:
        """Return the values at times ``t``; float64, same shape."""
        return self._at(np.asarray(t, np.float64))

    def over(self, t: Any, dt: float) -> FloatArray:  # noqa: ARG002
        """Return the values in steps that begin at ``t`` and last ``dt``: those at their beginning."""
        return self(t)

    @property
    def end(self) -> float:
        """When it is 0 for good, ms: at its ``stop``, if it has one."""
        return float(getattr(self, "stop", math.inf))

    @property
    def shortest_turn(self) -> float:
        """Time in which it goes up and down, ms."""
        return math.inf

    @property
    def field(self) -> Field | None:
        """Samples by time and neuron that it consists of; None: it is the same for all neurons."""
        return None

    def shares(self, t: FloatArray, dt: float) -> tuple[IntArray, FloatArray]:
        """Return which samples by time and neuron fall into steps, see ``Field.shares``."""
        raise NotImplementedError

    @abstractmethod
    def _at(self, t: FloatArray) -> FloatArray: ...

    def shift(self, by: float) -> Self:
        """Return the same waveform, later by so many ms."""
        return replace(self, **{name: getattr(self, name) + by for name in self.moments})

    def text(self, amplitude: str) -> str:
        """How to make it again, with that amplitude."""
        return call_text(self.maker, amplitude, self)


def call_text(maker: str, first: str, waveform: Waveform) -> str:
    """Return the call of ``maker`` with the fields of ``waveform`` as keywords, but for the usual values."""
    given = {each.name: (getattr(waveform, each.name), each.default) for each in fields(waveform)}
    keywords = [f"{name}={number_text(value)}" for name, (value, usual) in given.items() if value != usual]
    return f"{maker}({', '.join([first, *keywords])})"


def number_text(value: Any) -> str:
    """Write a number with all its digits and no ``.0``, and how many values an array has."""
    if isinstance(value, np.ndarray):
        return f"<{' x '.join(map(str, value.shape))} values>"
    return repr(value).removesuffix(".0")


def _inside(t: FloatArray, start: float, stop: float) -> BoolArray:
    inside: BoolArray = (t >= start - EDGE) & (t < stop - EDGE)
    return inside


@dataclass(frozen=True)
class Always(Waveform):
    """1 at all times."""

    maker = "constant"
    moments = ()

    def _at(self, t: FloatArray) -> FloatArray:
        return np.ones(t.shape)


@dataclass(frozen=True)
class Window(Waveform):
    """1 in [start, stop)."""

    start: float = 0.0
    stop: float = math.inf
    maker = "step"
    moments = ("start", "stop")

    def _at(self, t: FloatArray) -> FloatArray:
        return _inside(t, self.start, self.stop).astype(np.float64)


class Finite(Waveform):
    """A waveform of which each step gets the mean, so that what is shorter than a step keeps its charge."""

    def over(self, t: Any, dt: float) -> FloatArray:
        """Return the mean over each of the steps that begin at ``t`` and last ``dt``."""
        begin = np.asarray(t, np.float64)
        end = begin + dt
        rounding = 8 * np.spacing(np.maximum(np.abs(begin), np.abs(end)))
        steady = self._is_steady(begin + rounding, end - rounding)
        values = self._at(begin + dt / 2)
        if steady.all():
            return values
        mean = (self._area(end) - self._area(begin)) / dt
        return np.where(steady, values, mean)  # no rounding where there is no edge

    @abstractmethod
    def _area(self, t: FloatArray) -> FloatArray:
        """Its integral from its beginning to ``t``, in ms."""

    @abstractmethod
    def _is_steady(self, begin: FloatArray, end: FloatArray) -> BoolArray:
        """Whether it has no edge between two times."""


@dataclass(frozen=True)
class Pulse(Finite):
    """1 for ``width`` from ``start`` on."""

    start: float
    width: float
    maker = "pulse"

    @property
    def end(self) -> float:
        """When it is 0 for good, ms."""
        return self.start + self.width

    def _at(self, t: FloatArray) -> FloatArray:
        return _inside(t, self.start, self.end).astype(np.float64)

    def _area(self, t: FloatArray) -> FloatArray:
        return np.clip(t - self.start, 0.0, self.width)

    def _is_steady(self, begin: FloatArray, end: FloatArray) -> BoolArray:
        edges = [(begin < edge) & (edge < end) for edge in (self.start, self.end)]
        steady: BoolArray = ~(edges[0] | edges[1])
        return steady


@dataclass(frozen=True)
class PulseTrain(Finite):
    """1 for ``width`` at the beginning of each of ``count`` periods; without end where count is None."""

    period: float
    width: float
    start: float = 0.0
    count: int | None = None
    maker = "pulse_train"

    def _at(self, t: FloatArray) -> FloatArray:
        index, elapsed = np.divmod(t - self.start + EDGE, self.period)
        last = math.inf if self.count is None else self.count
        on: BoolArray = (index >= 0) & (index < last) & (elapsed < self.width)
        return on.astype(np.float64)

    @property
    def end(self) -> float:
        """When it is 0 for good, ms."""
        return math.inf if self.count is None else self.start + self.period * (self.count - 1) + self.width

    def _area(self, t: FloatArray) -> FloatArray:
        index, elapsed = np.divmod(t - self.start, self.period)
        last = math.inf if self.count is None else self.count
        within = (index >= 0) & (index < last)
        return self.width * np.clip(index, 0, last) + np.where(within, np.minimum(elapsed, self.width), 0.0)

    def _is_steady(self, begin: FloatArray, end: FloatArray) -> BoolArray:
        (first, since), (last, until) = (np.divmod(t - self.start, self.period) for t in (begin, end))
        over = last < 0 if self.count is None else (last < 0) | (first >= self.count)
        steady: BoolArray = over | ((first == last) & ((since < self.width) == (until < self.width)))
        return steady


@dataclass(frozen=True)
class Square(Waveform):
    """1 in the first half of each period, -1 in the second."""

    period: float
    start: float = 0.0
    stop: float = math.inf
    maker = "square"
    moments = ("start", "stop")

    @property
    def shortest_turn(self) -> float:
        """Time in which it goes up and down, ms."""
        return self.period

    def _at(self, t: FloatArray) -> FloatArray:
        elapsed = np.mod(t - self.start + EDGE, self.period)
        sign = np.where(elapsed < self.period / 2, 1.0, -1.0)
        return np.where(_inside(t, self.start, self.stop), sign, 0.0)


@dataclass(frozen=True)
class Sine(Waveform):
    """A sine that begins with ``phase`` at ``start``."""

    frequency: float
    phase: float = 0.0
    start: float = 0.0
    stop: float = math.inf
    maker = "sine"
    moments = ("start", "stop")

    @property
    def shortest_turn(self) -> float:
        """Time in which it goes up and down, ms."""
        return 1000 / self.frequency if self.frequency else math.inf

    def _at(self, t: FloatArray) -> FloatArray:
        wave = np.sin(_TURNS_PER_MS * self.frequency * (t - self.start) + self.phase)
        return np.where(_inside(t, self.start, self.stop), wave, 0.0)


@dataclass(frozen=True)
class Chirp(Waveform):
    """A sine whose frequency goes linearly from ``f0`` to ``f1``."""

    f0: float
    f1: float
    duration: float
    start: float = 0.0
    maker = "chirp"

    @property
    def end(self) -> float:
        """When it is 0 for good, ms."""
        return self.start + self.duration

    @property
    def shortest_turn(self) -> float:
        """Time in which it goes up and down at its fastest, ms."""
        fastest = max(self.f0, self.f1)
        return 1000 / fastest if fastest else math.inf

    def _at(self, t: FloatArray) -> FloatArray:
        elapsed = t - self.start
        mean_frequency = self.f0 + (self.f1 - self.f0) * elapsed / (2 * self.duration)  # since the start
        wave = np.sin(_TURNS_PER_MS * mean_frequency * elapsed)
        return np.where(_inside(t, self.start, self.end), wave, 0.0)


@dataclass(frozen=True)
class Ramp(Waveform):
    """The time since ``start``, in ms."""

    start: float = 0.0
    stop: float = math.inf
    maker = "ramp"
    moments = ("start", "stop")

    def _at(self, t: FloatArray) -> FloatArray:
        return np.where(_inside(t, self.start, self.stop), t - self.start, 0.0)


@dataclass(frozen=True, eq=False)
class Samples(Finite):
    """Given values, each held for ``dt``; two are equal where they share one array."""

    values: FloatArray
    dt: float
    start: float = 0.0
    maker = "from_samples"

    def _at(self, t: FloatArray) -> FloatArray:
        index = np.floor((t - self.start + EDGE) / self.dt)
        inside = (index >= 0) & (index < len(self.values))
        return np.where(inside, self.values[np.where(inside, index, 0).astype(np.int64)], 0.0)

    @property
    def end(self) -> float:
        """When it is 0 for good, ms."""
        return self.start + self.dt * len(self.values)

    @functools.cached_property
    def _area_before(self) -> FloatArray:
        """Area before each sample, and of all."""
        return self.dt * np.concatenate([[0.0], np.cumsum(self.values)])

    def _area(self, t: FloatArray) -> FloatArray:
        index, elapsed = np.divmod(t - self.start, self.dt)
        inside = (index >= 0) & (index < len(self.values))
        place = np.clip(index, 0, len(self.values)).astype(np.int64)
        here = self.values[np.where(inside, place, 0)]
        return self._area_before[place] + np.where(inside, here * elapsed, 0.0)

    def _is_steady(self, begin: FloatArray, end: FloatArray) -> BoolArray:
        first, last = (np.floor((t - self.start) / self.dt) for t in (begin, end))
        steady: BoolArray = (first == last) | (last < 0) | (first >= len(self.values))
        return steady

    def _key(self) -> tuple[int, float, float]:
        return id(self.values), self.dt, self.start

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Samples) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def text(self, amplitude: str) -> str:
        """How to make it again, but for the values."""
        start = f", start={number_text(self.start)}" if self.start else ""
        made = f"{self.maker}({number_text(self.values)}, dt={number_text(self.dt)}{start})"
        return made if amplitude == "1" else f"{amplitude} * {made}"


class Field(Samples):
    """Given values of several neurons, (n_samples, n), each held for ``dt``.

    Its values at times (..., 1) are (..., n).
    """

    @property
    def field(self) -> Field:
        """Itself."""
        return self

    @functools.cached_property
    def peaks(self) -> FloatArray:
        """Largest absolute value of each neuron, (n,)."""
        peaks: FloatArray = np.maximum(self.values.max(axis=0), -self.values.min(axis=0)).astype(np.float64)
        return peaks

    def refuse_for(self, what: str, n: int, whom: str, dtype: np.dtype[Any]) -> None:
        """Refuse another number of columns than ``n``, and what is too large for a precision."""
        whole, shape = f"{what}: {self.text('1')}", self.values.shape
        if shape[1] != n:
            mend = "rows are times: give samples.T" if shape[0] == n else "samples[:, chosen] has fewer"
            raise ValueError(
                f"{whole}: expected samples (time, neuron) with {n} column{'s' * (n != 1)}, one for each of"
                f" the {whom}, got shape {shape}; {mend}"
            )
        values_for(f"{whole}: largest sample of each neuron", self.peaks, n, dtype)

    def _at(self, t: FloatArray) -> FloatArray:
        index = np.floor((t - self.start + EDGE) / self.dt)
        inside = (index >= 0) & (index < len(self.values))
        return np.where(inside, self.values[np.where(inside, index, 0).astype(np.int64)[..., 0]], 0.0)

    def over(self, t: Any, dt: float) -> FloatArray:
        """Return the mean over each of the steps that begin at ``t`` and last ``dt``."""
        first, shares = self.shares(np.asarray(t, np.float64)[..., 0], dt)
        mean = np.zeros((*first.shape, self.values.shape[1]))
        for k in range(shares.shape[-1]):
            mean += shares[..., k, None] * self.values[np.minimum(first + k, len(self.values) - 1)]
        return mean

    def shares(self, t: FloatArray, dt: float) -> tuple[IntArray, FloatArray]:
        """Return which samples fall into steps that begin at ``t`` (n_steps,), and what each fills of them.

        Returns
        -------
        first : int64 (n_steps,)
            The first sample of each step.
        shares : float64 (n_steps, most samples of a step)
            Of the first sample, and of those that follow; 1 where a step lies in one sample.
        """
        begin, end, n = t, t + dt, len(self.values)
        rounding = 8 * np.spacing(np.maximum(np.maximum(np.abs(begin), np.abs(end)), abs(self.start)))
        first = np.floor((begin + rounding - self.start) / self.dt)
        last = np.floor((end - rounding - self.start) / self.dt)
        count = np.clip(last, -1, n - 1) - np.clip(first, 0, n) + 1
        place = np.clip(first, 0, n - 1)[..., None] + np.arange(count.max(initial=1))
        edge = self.start + place * self.dt
        inside = np.minimum(edge + self.dt, end[..., None]) - np.maximum(edge, begin[..., None])
        shares = np.where((first == last)[..., None], 1.0, np.maximum(inside, 0.0) / dt)
        shares[place - place[..., :1] >= count[..., None]] = 0.0
        return place[..., 0].astype(np.int64), shares


@dataclass(frozen=True, eq=False)
class Function(Waveform):
    """A Python function of time, ``delay`` ms later; two are equal where they share one function."""

    function: Callable[[Any], Any]
    delay: float = 0.0
    maker = "from_function"
    moments = ("delay",)

    def _at(self, t: FloatArray) -> FloatArray:
        times = t.ravel() - self.delay
        if not times.size:
            return np.zeros(t.shape)
        # Two at least: "3.0 if t > 5 else 0.0" refuses an array of several times, but takes an array of one.
        asked = np.repeat(times, 2) if times.size == 1 else times
        given = None
        with contextlib.suppress(TypeError, ValueError):
            given = self.function(asked)
        # A number stands for one time, not for all: np.max(t) would depend on what else is asked.
        if given is None or (np.ndim(given) == 0 and as_array(given).dtype.kind in "fiub"):
            asked = times
            given = [self.function(time) for time in times.tolist()]
        return self._checked(given, asked)[: times.size].reshape(t.shape)

    def _checked(self, given: Any, times: FloatArray) -> FloatArray:
        values = as_array(given)
        if values.dtype.kind not in "fiub":
            raise TypeError(f"{self.maker}: expected numbers from {self.name}, got {given!r:.60}")
        if values.shape != times.shape:
            raise ValueError(
                f"{self.maker}: expected one number for each of {times.size} times from {self.name}, got"
                f" shape {values.shape}; it is given an array t of times in ms, and returns as many numbers,"
                " as np.where(t < 100, 10.0, 20.0) does"
            )
        bad = np.flatnonzero(~np.isfinite(values))
        if len(bad):
            raise ValueError(
                f"{self.maker}: expected finite numbers from {self.name}, got {values[bad[0]]} at"
                f" t = {times[bad[0]]:g} ms"
            )
        return values.astype(np.float64)

    @property
    def name(self) -> str:
        """What the function calls itself."""
        return str(getattr(self.function, "__name__", type(self.function).__name__))

    def _key(self) -> tuple[Any, ...]:
        return id(self.function), self.delay

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Function) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def text(self, amplitude: str) -> str:
        """How to make it again."""
        shift = f".shift({number_text(self.delay)})" if self.delay else ""
        made = f"{self.maker}({self.name}){shift}"
        return made if amplitude == "1" else f"{amplitude} * {made}"


@dataclass(frozen=True, eq=False)
class Rate(Function):
    """A rate of events as a function of time, while ``window`` is on; it may not be negative there."""

    window: Waveform = field(default_factory=Always)
    is_input: bool = False  # whether the function is an input, or its waveform, and may have means over steps
    maker = "poisson: rate"

    def over(self, t: Any, dt: float) -> FloatArray:
        """Return the rates in steps that begin at ``t`` and last ``dt``; means, where an input has means."""
        begin, given = np.asarray(t, np.float64), self._input
        return self(begin) if given is None else self._within(begin, given.over(begin - self.delay, dt))

    @property
    def end(self) -> float:
        """When it is 0 for good, ms."""
        return self.window.end if self._input is None else min(self.window.end, self.delay + self._input.end)

    @property
    def shortest_turn(self) -> float:
        """Time in which it goes up and down, ms."""
        return math.inf if self._input is None else float(self._input.shortest_turn)

    @property
    def field(self) -> Field | None:
        """Samples by time and neuron, where the rate is these."""
        return getattr(self._input, "field", None)

    def shares(self, t: FloatArray, dt: float) -> tuple[IntArray, FloatArray]:
        """Return which samples fall into steps, and how much of a step each fills; see ``Field.shares``."""
        first, shares = self._input.shares(t - self.delay, dt)
        return first, shares * (self.window(t) > 0)[..., None]

    @property
    def _input(self) -> Any:
        return self.function if self.is_input else None

    def _at(self, t: FloatArray) -> FloatArray:
        return self._within(t, super()._at(t))

    def _within(self, t: FloatArray, rates: FloatArray) -> FloatArray:
        """Rates while the window is on."""
        values: FloatArray = np.where(self.window(t) > 0, rates, 0.0)
        bad = np.flatnonzero(values < 0)
        if len(bad):
            raise ValueError(
                f"{self.maker}: expected 0 or more from {self.name}, got {values.flat[bad[0]]:g} at"
                f" t = {t.flat[bad[0]]:g} ms; to cut off what is negative, give"
                " lambda t: np.maximum(rate(t), 0)"
            )
        return values

    def shift(self, by: float) -> Self:
        """Return the same rate, later by so many ms."""
        return replace(self, delay=self.delay + by, window=self.window.shift(by))

    @property
    def name(self) -> str:
        """What the function calls itself; how to make it again, if it is an input."""
        if self.field is not None:
            return self.field.text("1")
        return str(getattr(self.function, "__name__", None) or repr(self.function))

    def _key(self) -> tuple[Any, ...]:
        return id(self.function), self.delay, self.window

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rate) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())
