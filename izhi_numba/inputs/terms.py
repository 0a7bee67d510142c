"""An input as a value: a sum of terms, each a waveform, a noise or Poisson trains, times an amplitude."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np

from izhi_numba.base.checks import as_array, finite_number, no_numbers, time_step
from izhi_numba.inputs.waveforms import Always, FloatArray, Rate, Waveform, call_text, number_text

Values = float | FloatArray  # one for all neurons, or one per neuron

MAKERS = (
    "constant, step, pulse, pulse_train, square, sine, chirp, ramp, noise, ornstein_uhlenbeck, poisson,"
    " from_samples and from_function"
)


@dataclass(frozen=True, eq=False)
class _Part:
    """One of the terms of an input; all fields but waveform and receptor are :data:`Values`."""

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if name not in ("waveform", "receptor"):
                object.__setattr__(self, name, unchanging(value))


@dataclass(frozen=True, eq=False)
class Term(_Part):
    """A waveform times an amplitude."""

    amplitude: Values
    waveform: Waveform

    def kind(self) -> Hashable:
        """What terms have in common that can be one."""
        return Term, self.waveform

    def joined(self, other: Any) -> Self:
        """Return the sum of two of a kind."""
        return replace(self, amplitude=np.add(self.amplitude, other.amplitude))

    def scaled(self, factor: Values) -> Self:
        """Return the term times a number, or times one per neuron."""
        return replace(self, amplitude=np.multiply(self.amplitude, factor))

    def __repr__(self) -> str:
        return self.waveform.text(number_text(self.amplitude))


@dataclass(frozen=True, eq=False)
class _Noise(_Part):
    """What is drawn: normal numbers with mean 0."""

    sd: Values

    def joined(self, other: Any) -> Self:
        """Return the sum of two of a kind: variances of independent noises add."""
        return replace(self, sd=np.hypot(self.sd, other.sd))

    def scaled(self, factor: Values) -> Self:
        """Return the noise times a number, or times one per neuron."""
        return replace(self, sd=np.abs(np.multiply(self.sd, factor)))


@dataclass(frozen=True, eq=False)
class White(_Noise):
    """White noise, new for each neuron and step, while the waveform, which is Always or a Window, is on."""

    waveform: Waveform

    def kind(self) -> Hashable:
        """What noises have in common that can be one."""
        return White, self.waveform

    def __repr__(self) -> str:
        return call_text("noise", number_text(self.sd), self.waveform)


@dataclass(frozen=True, eq=False)
class Correlated(_Noise):
    """Noise with a correlation time while the waveform, which is Always or a Window, is on."""

    tau: Values
    waveform: Waveform

    def kind(self) -> Hashable:
        """What noises have in common that can be one; nothing, where neurons have a tau each."""
        return Correlated, self.waveform, self.tau if isinstance(self.tau, float) else object()

    def __repr__(self) -> str:
        first = f"{number_text(self.sd)}, tau={number_text(self.tau)}"
        return call_text("ornstein_uhlenbeck", first, self.waveform)


@dataclass(frozen=True, eq=False)
class Trains(_Part):
    """``n`` Poisson trains of each neuron with a rate of ``rate`` (Hz) times the waveform, never negative."""

    rate: Values
    n: Values
    weight: Values  # of each event
    waveform: Waveform
    receptor: str | None  # None: the pool's only one, or the input itself

    def kind(self) -> Hashable:
        """What trains have in common that can be one; nothing, where neurons have a weight each."""
        weight = self.weight if isinstance(self.weight, float) else object()
        return Trains, self.waveform, self.receptor, weight

    def joined(self, other: Any) -> Self:
        """Return the sum of two of a kind: rates of independent trains add."""
        if np.array_equal(self.n, other.n):
            return replace(self, rate=np.add(self.rate, other.rate))
        return replace(self, rate=np.add(self.events, other.events), n=1.0)

    def scaled(self, factor: Values) -> Self:
        """Return the trains with events of other weights."""
        return replace(self, weight=np.multiply(self.weight, factor))

    @property
    def events(self) -> Values:
        """Expected in a second, all trains of a neuron together, where the waveform is 1."""
        product: Values = np.multiply(self.rate, self.n)
        return product

    def __repr__(self) -> str:
        given, window, shift = self.waveform, self.waveform, ""
        first = number_text(self.rate)
        if isinstance(given, Rate):
            window = given.window.shift(-given.delay)
            first = given.name if first == "1" else f"{first} * {given.name}"
            shift = f".shift({number_text(given.delay)})" if given.delay else ""
        n, weight = number_text(self.n), number_text(self.weight)
        first += "" if n == "1" else f", n={n}"
        first += "" if weight == "1" else f", weight={weight}"
        first += "" if self.receptor is None else f", receptor={self.receptor!r}"
        return call_text("poisson", first, window) + shift


AnyTerm = Term | White | Correlated | Trains


@dataclass(frozen=True, eq=False, repr=False)
class Input:
    """A sum of currents, noises and Poisson trains that drive neurons; never changed.

    Made by functions such as :func:`izhi_numba.step`. Inputs, numbers and arrays of one value per neuron add
    and subtract. An input times a number, or times one per neuron, is an input. Each noise in a sum is one of
    its own: ``noise(1) + noise(1)`` has a standard deviation of 1.41, ``2 * noise(1)`` one of 2.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> iz.step(10, start=100) + iz.noise(2)
    step(10, start=100) + noise(2)
    >>> 3 + 2 * iz.pulse(5, start=10, width=2).shift(100) - 1
    constant(2) + pulse(10, start=110, width=2)
    """

    terms: tuple[AnyTerm, ...] = ()
    where_numbers_are_wanted: ClassVar = "; an input drives neurons: pool.drive(pool, iz.noise(5))"

    __array_ufunc__ = None  # so that array + input asks the input

    def __post_init__(self) -> None:
        if not isinstance(self.terms, tuple) or not all(isinstance(term, AnyTerm) for term in self.terms):
            raise TypeError(f"Input: expected terms, got {self.terms!r:.60}; inputs are made by {MAKERS}")
        _one_size(_values_of(self.terms))
        object.__setattr__(self, "terms", _merged(self.terms))

    def __add__(self, other: Any) -> Input:
        return Input(self.terms + as_input(other).terms)

    def __radd__(self, other: Any) -> Input:
        return as_input(other) + self

    def __neg__(self) -> Input:
        return -1 * self

    def __sub__(self, other: Any) -> Input:
        return self + -as_input(other)

    def __rsub__(self, other: Any) -> Input:
        return as_input(other) - self

    def __mul__(self, factor: Any) -> Input:
        factor = numbers("factor", factor)
        _one_size([factor, *_values_of(self.terms)])
        with np.errstate(over="ignore"):  # the result is checked
            return Input(tuple(term.scaled(factor) for term in self.terms))

    __rmul__ = __mul__

    def shift(self, ms: float) -> Input:
        """Return the same input, later by so many ms; earlier, if negative.

        Constants and noise that is always on stay as they are. A window of noise moves, and has other random
        numbers there.

        Examples
        --------
        >>> import izhi_numba as iz
        >>> (2 + iz.pulse(5, start=10, width=2)).shift(100)
        constant(2) + pulse(5, start=110, width=2)
        """
        by = finite_number("shift", ms)
        return Input(tuple(replace(term, waveform=term.waveform.shift(by)) for term in self.terms))

    def __call__(self, t: Any) -> Any:
        """Return the values at times ``t``, noise and Poisson trains left out; for plots.

        Parameters
        ----------
        t : float or array
            In ms.

        Returns
        -------
        float or array
            In the shape of ``t``; with one more dimension, (..., n), if neurons have amplitudes or samples of
            their own.

        Examples
        --------
        >>> import izhi_numba as iz
        >>> (1 + iz.step(10, start=100) + iz.noise(2))([99.9, 100.0])
        array([ 1., 11.])
        """
        return self._sum(t, lambda waveform, times: waveform(times))

    def _sum(self, t: Any, values: Callable[[Waveform, FloatArray], FloatArray]) -> Any:
        times = as_array(t)
        if times.dtype.kind not in "fiu":
            raise TypeError(f"t: expected times in ms, got {t!r:.60}")
        if not np.all(np.isfinite(times)):
            raise ValueError(f"t: expected finite times in ms, got {t!r:.60}")
        column = times.astype(np.float64).reshape(-1, 1)
        terms = [term for term in self.terms if isinstance(term, Term)]
        parts = [term.amplitude * values(term.waveform, column) for term in terms]
        total = sum(parts, start=np.zeros(column.shape))
        differ = any(isinstance(term.amplitude, np.ndarray) or term.waveform.field for term in terms)
        shaped = total.reshape(times.shape + total.shape[1:] if differ else times.shape)
        return shaped if shaped.ndim else float(shaped)

    def over(self, t: Any, dt: float) -> Any:
        """Return the values in steps that begin at ``t`` and last ``dt``, as a run takes them.

        Pulses, trains of pulses and samples have their mean over each step, so that what is shorter than a
        step keeps its charge; all others the value at its beginning. Noise and Poisson trains are left out.

        Parameters
        ----------
        t : float or array
            In ms.
        dt : float
            In ms.

        Returns
        -------
        float or array
            As from a call of the input.

        Examples
        --------
        >>> import izhi_numba as iz
        >>> iz.pulse(8, start=1.5, width=0.25).over([0, 1, 2], dt=1)
        array([0., 2., 0.])
        """
        step = time_step("dt", dt)
        return self._sum(t, lambda waveform, times: waveform.over(times, step))

    @property
    def end(self) -> float:
        """When it is 0 for good, ms; infinite for most inputs."""
        return max((term.waveform.end for term in self.terms), default=-math.inf)

    @property
    def shortest_turn(self) -> float:
        """Time in which the fastest part goes up and down, ms."""
        return min((term.waveform.shortest_turn for term in self.terms), default=math.inf)

    def __repr__(self) -> str:
        return " + ".join(map(repr, self.terms)) or "constant(0)"


def as_input(value: Any) -> Input:
    """Take a number, or an array of one value per neuron, as a constant input."""
    return value if isinstance(value, Input) else constant_input(value)


def constant_input(value: Any) -> Input:
    """Return a number, or an array of one value per neuron, as an input."""
    return Input((Term(numbers("input", value, mend=f"; other inputs are made by {MAKERS}"), Always()),))


def _merged(terms: tuple[AnyTerm, ...]) -> tuple[AnyTerm, ...]:
    """Add up what is of a kind."""
    found: dict[Hashable, AnyTerm] = {}
    with np.errstate(over="ignore"):  # the result is checked
        for term in terms:
            kind = term.kind()
            found[kind] = found[kind].joined(term) if kind in found else term
    if len(found) > 1 and repr(found.get((Term, Always()))) == "constant(0)":
        del found[Term, Always()]  # with which sum([...]) begins
    return tuple(found.values())


def unchanging(values: Any) -> Any:
    """Return a float, or a copy of an array that nobody can write to."""
    array = np.add(values, 0.0, dtype=np.float64)  # and -0 is 0
    if not np.all(np.isfinite(array)):
        raise ValueError("input: a sum or product is too large for a number; scale by less")
    if array.ndim == 0:
        return float(array)
    array.flags.writeable = False
    return array


def _values_of(terms: Iterable[AnyTerm]) -> Iterator[Any]:
    """Yield all that may be one value per neuron; of samples by time and neuron the first row."""
    for term in terms:
        yield from vars(term).values()
        if term.waveform.field is not None:
            yield term.waveform.field.values[0]


def _one_size(values: Iterable[Any]) -> None:
    sizes = sorted({len(value) for value in values if isinstance(value, np.ndarray)})
    if len(sizes) > 1:
        raise ValueError(
            f"input: expected one value per neuron in each part, got {sizes[0]} and {sizes[1]} values;"
            " groups of different size are driven one by one"
        )


def numbers(
    name: str, value: Any, *, at_least: float = -math.inf, above: float = -math.inf, mend: str = ""
) -> Any:
    """Return a finite number, or one per neuron, within bounds."""
    array = as_array(value)
    if array.dtype.kind not in "fiu":
        mend = no_numbers(value) or mend
        raise TypeError(f"{name}: expected a number, or one value per neuron, got {value!r:.60}{mend}")
    if array.ndim > 1:
        raise ValueError(f"{name}: expected a number, or one value per neuron, got shape {array.shape}{mend}")
    with np.errstate(over="ignore"):  # of longdouble
        given = array.astype(np.float64)
    for wrong, expected in (
        (~np.isfinite(given), "finite numbers"),
        (given < at_least, f"{at_least:g} or more"),
        (given <= above, f"more than {above:g}"),
    ):
        bad = np.flatnonzero(wrong)
        if len(bad):
            where = f" at index {bad[0]}" if array.ndim else ""
            raise ValueError(f"{name}: expected {expected}, got {given.flat[bad[0]]:g}{where}")
    return given if array.ndim else float(given)
