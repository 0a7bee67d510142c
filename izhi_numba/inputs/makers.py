"""Functions that make inputs: constants, steps, pulses, sines, ramps, noise, Poisson trains, samples."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from izhi_numba.base.calls import called_as
from izhi_numba.base.checks import as_array, finite_number, whole_number
from izhi_numba.inputs.terms import (
    AnyTerm,
    Correlated,
    Input,
    Term,
    Trains,
    Values,
    White,
    constant_input,
    numbers,
    unchanging,
)
from izhi_numba.inputs.waveforms import (
    Always,
    Chirp,
    Field,
    Function,
    Pulse,
    PulseTrain,
    Ramp,
    Rate,
    Samples,
    Sine,
    Square,
    Waveform,
    Window,
    number_text,
)


@called_as("iz.constant(3)")
def constant(level: Any) -> Input:
    """A constant input: the same in all steps.

    Parameters
    ----------
    level : float or array (n,)
        In the model's unit of ``I``. A number does by itself: ``3 + noise(5)``.

    Examples
    --------
    >>> constant(3) + 1.5
    constant(4.5)
    """
    return constant_input(level)


@called_as("iz.step(10, start=100)")
def step(amplitude: Any, *, start: float = 0.0, stop: float = math.inf) -> Input:
    """A step: ``amplitude`` in [start, stop), 0 outside.

    Parameters
    ----------
    amplitude : float or array (n,)
        In the model's unit of ``I``.
    start, stop : float
        In ms; may be infinite. For t > T1, as papers write it, take ``start=T1 + 1e-6``.

    Examples
    --------
    >>> step(10, start=100)([99, 100, 101])
    array([ 0., 10., 10.])
    """
    return _one(Term(numbers("step: amplitude", amplitude), _window("step", start, stop)))


@called_as("iz.pulse(10, start=50, width=20)")
def pulse(amplitude: Any, *, start: float, width: float) -> Input:
    """A pulse: ``amplitude`` in [start, start + width), 0 outside.

    Each step of a run gets the mean over it: a pulse keeps its charge, amplitude times width, however short.
    A :func:`step` is on in a step or is not.

    Parameters
    ----------
    amplitude : float or array (n,)
        In the model's unit of ``I``.
    start, width : float
        In ms.

    Examples
    --------
    >>> pulse(5, start=10, width=2).shift(5)
    pulse(5, start=15, width=2)
    """
    waveform = Pulse(finite_number("pulse: start", start), finite_number("pulse: width", width, above=0))
    return _one(Term(numbers("pulse: amplitude", amplitude), waveform))


@called_as("iz.pulse_train(10, period=50, width=2)")
def pulse_train(
    amplitude: Any, *, period: float, width: float, start: float = 0.0, count: int | None = None
) -> Input:
    """Pulses: ``amplitude`` for ``width`` at the beginning of each period.

    Each step of a run gets the mean over it: pulses keep their charge, however short.

    Parameters
    ----------
    amplitude : float or array (n,)
        In the model's unit of ``I``.
    period, width : float
        In ms; a pulse is no longer than a period.
    start : float
        Of the first pulse, in ms.
    count : int, optional
        Number of pulses; without end by default.

    Examples
    --------
    >>> pulse_train(5, period=20, width=2, start=10, count=3)([10, 11, 12, 30, 50, 70])
    array([5., 5., 0., 5., 5., 0.])
    """
    period = finite_number("pulse_train: period", period, above=0)
    width = finite_number("pulse_train: width", width, above=0)
    if width > period:
        raise ValueError(
            f"pulse_train: expected width <= period, got width={number_text(width)} and"
            f" period={number_text(period)}"
        )
    start = finite_number("pulse_train: start", start)
    pulses = None if count is None else whole_number("pulse_train: count", count, at_least=1)
    waveform = PulseTrain(period, width, start, pulses)
    return _one(Term(numbers("pulse_train: amplitude", amplitude), waveform))


@called_as("iz.square(10, period=50)")
def square(amplitude: Any, *, period: float, start: float = 0.0, stop: float = math.inf) -> Input:
    """A square wave: ``amplitude`` and ``-amplitude`` by turns, half a period each, in [start, stop).

    Parameters
    ----------
    amplitude : float or array (n,)
        In the model's unit of ``I``.
    period : float
        In ms.
    start, stop : float
        In ms; the positive half comes first.

    Examples
    --------
    >>> square(3, period=10)([0, 5, 10])
    array([ 3., -3.,  3.])
    """
    period = finite_number("square: period", period, above=0)
    waveform = Square(period, *_from_to("square", start, stop))
    return _one(Term(numbers("square: amplitude", amplitude), waveform))


@called_as("iz.sine(5, frequency=8)")
def sine(
    amplitude: Any, *, frequency: float, phase: float = 0.0, start: float = 0.0, stop: float = math.inf
) -> Input:
    """A sine: ``amplitude * sin(2 pi frequency (t - start) / 1000 + phase)`` in [start, stop).

    Parameters
    ----------
    amplitude : float or array (n,)
        In the model's unit of ``I``.
    frequency : float
        In Hz.
    phase : float
        At ``start``, in radians.
    start, stop : float
        In ms.

    Examples
    --------
    >>> sine(3, frequency=8)(31.25)
    3.0
    """
    frequency = finite_number("sine: frequency", frequency, at_least=0)
    phase = finite_number("sine: phase", phase)
    waveform = Sine(frequency, phase, *_from_to("sine", start, stop))
    return _one(Term(numbers("sine: amplitude", amplitude), waveform))


@called_as("iz.chirp(5, f0=1, f1=20, duration=1000)")
def chirp(amplitude: Any, *, f0: float, f1: float, duration: float, start: float = 0.0) -> Input:
    """A sine whose frequency goes linearly from ``f0`` to ``f1``; also known as zap.

    With T = t - start it is ``amplitude * sin(2 pi (f0 + (f1 - f0) T / (2 duration)) T / 1000)`` for T in
    [0, duration), and 0 outside. The resonances of a neuron show at the frequencies to which it answers most.

    Parameters
    ----------
    amplitude : float or array (n,)
        In the model's unit of ``I``.
    f0, f1 : float
        First and last frequency in Hz.
    duration, start : float
        In ms.

    Examples
    --------
    >>> chirp(2, f0=0, f1=40, duration=1000).shift(500)
    chirp(2, f0=0, f1=40, duration=1000, start=500)
    """
    waveform = Chirp(
        finite_number("chirp: f0", f0, at_least=0),
        finite_number("chirp: f1", f1, at_least=0),
        finite_number("chirp: duration", duration, above=0),
        finite_number("chirp: start", start),
    )
    return _one(Term(numbers("chirp: amplitude", amplitude), waveform))


@called_as("iz.ramp(0.1, start=100)")
def ramp(slope: Any, *, start: float = 0.0, stop: float = math.inf) -> Input:
    """A ramp: ``slope * (t - start)`` in [start, stop), 0 outside.

    Parameters
    ----------
    slope : float or array (n,)
        In the model's unit of ``I``, per ms.
    start, stop : float
        In ms.

    Examples
    --------
    >>> ramp(0.5, start=30)([20, 30, 40])
    array([0., 0., 5.])
    """
    return _one(Term(numbers("ramp: slope", slope), Ramp(*_from_to("ramp", start, stop))))


@called_as("iz.noise(5)")
def noise(sd: Any, *, start: float = 0.0, stop: float = math.inf) -> Input:
    """White noise: a new independent normal number for each neuron and step, mean 0.

    Parameters
    ----------
    sd : float or array (n,)
        Standard deviation in the model's unit of ``I``, per step (as in Izhikevich 2003; it is not
        scaled by dt).
    start, stop : float
        In ms; may be infinite. Always on by default.

    Examples
    --------
    >>> 3 * noise(5) + noise(2, start=100)
    noise(15) + noise(2, start=100)
    """
    given = numbers("standard deviation of the noise", sd, at_least=0)
    return _one(White(given, _window_of_noise("noise", start, stop)))


@called_as("iz.ornstein_uhlenbeck(3, tau=5)")
def ornstein_uhlenbeck(sd: Any, tau: Any, *, start: float = 0.0, stop: float = math.inf) -> Input:
    """Noise of Ornstein and Uhlenbeck, normal numbers whose correlation over a time T is ``exp(-T / tau)``.

    It is stationary from its beginning: mean 0 and standard deviation ``sd`` in each step, for any dt.

    Parameters
    ----------
    sd : float or array (n,)
        Standard deviation in the model's unit of ``I``.
    tau : float or array (n,)
        Correlation time in ms.
    start, stop : float
        In ms; may be infinite. Always on by default.

    Examples
    --------
    >>> 2 * ornstein_uhlenbeck(1.5, tau=5)
    ornstein_uhlenbeck(3, tau=5)
    """
    given = numbers("ornstein_uhlenbeck: sd", sd, at_least=0)
    times = numbers("ornstein_uhlenbeck: tau", tau, above=0)
    return _one(Correlated(given, times, _window_of_noise("ornstein_uhlenbeck", start, stop)))


@called_as("iz.poisson(8, n=100, weight=2)")
def poisson(
    rate: Any,
    *,
    n: Any = 1,
    weight: Any = 1.0,
    receptor: str | None = None,
    start: float = 0.0,
    stop: float = math.inf,
) -> Input:
    """Poisson input: events of ``n`` independent trains for each neuron.

    The number of events in a step is a Poisson number with mean ``n * rate * dt / 1000``, drawn anew for each
    neuron and step. Many trains cost no more than one of the same total rate. An input times a number scales
    the weight.

    Parameters
    ----------
    rate : float, array (n,), callable or Input
        Of each train, in Hz. It changes with time where it is a function (of an array of times in ms to as
        many rates; asked as that of :func:`from_function` is) or an input without noise: rates of each neuron
        are :func:`from_samples` with a column for each. A rate that becomes negative is an error in the run.
    n : int or array (n,)
        Number of trains.
    weight : float or array (n,)
        Of each event: what it adds to the receptor; without receptors to ``I``, for one step.
    receptor : str, optional
        Name of the receptor; that of the pool by default, if it has only one.
    start, stop : float
        In ms; may be infinite. Always on by default.

    Examples
    --------
    >>> 2.0 + noise(3) + 2 * poisson(8.0, n=100, weight=0.25)
    constant(2) + noise(3) + poisson(8, n=100, weight=0.5)
    >>> poisson(10 + sine(5, frequency=8), n=100)
    poisson(constant(10) + sine(5, frequency=8), n=100)
    """
    window = _window_of_noise("poisson", start, stop)
    rates, waveform = rate_and_waveform(rate, window)
    trains = numbers("poisson: n", n, at_least=0)
    fractions = np.flatnonzero(trains != np.floor(trains))
    if len(fractions):
        raise ValueError(f"poisson: n: expected a whole number of trains, got {np.ravel(n)[fractions[0]]:g}")
    if receptor is not None and not isinstance(receptor, str):
        raise TypeError(f"poisson: receptor: expected the name of a receptor, got {receptor!r:.60}")
    return _one(Trains(rates, trains, numbers("poisson: weight", weight), waveform, receptor))


def rate_and_waveform(given: Any, window: Waveform) -> tuple[Values, Waveform]:
    """Return the rate as a number, or one per neuron, and a waveform."""
    if isinstance(given, Input):
        amplitudes = [term.amplitude for term in given.terms if isinstance(term, Term)]
        fields = [term.waveform.field for term in given.terms if term.waveform.field]
        if len(amplitudes) < len(given.terms):
            raise TypeError(f"poisson: rate: expected a rate without noise, got {given!r:.60}")
        if not fields and all(isinstance(amplitude, float) for amplitude in amplitudes):
            return 1.0, Rate(given, window=window, is_input=True)
        if len(amplitudes) > 1:
            raise ValueError(
                f"poisson: rate: expected one value per neuron in a single term, got {given!r:.60}; add two"
                " trains, or give one rate for all neurons"
            )
        (term,) = given.terms
        rates = numbers("poisson: rate", amplitudes[0], at_least=0)
        for field in fields:
            _refuse_samples("poisson: rate", field, field.values < 0, "0 or more")
        return rates, Rate(term.waveform, window=window, is_input=True)
    if callable(given):
        return 1.0, Rate(given, window=window)
    return numbers("poisson: rate", given, at_least=0), window


@called_as("iz.from_samples(values, dt=0.1)")
def from_samples(values: Any, dt: float, *, start: float = 0.0) -> Input:
    """An input of given values, each held for ``dt``; 0 before the first and after the last.

    Each step of a run gets the mean over it: samples that are shorter than a step are not lost.

    Parameters
    ----------
    values : array (n_samples,) or (n_samples, n)
        In the model's unit of ``I``; copied. One column for all neurons, or one for each of those that are
        driven, in their order. To give each neuron a part of one, multiply by an array. In float32, for pools
        of that precision, columns take half of the memory.
    dt : float
        Of the samples, in ms; need not be that of the pool.
    start : float
        Of the first sample, in ms.

    Examples
    --------
    >>> from_samples([1, 4, 2], dt=10, start=100)([99, 100, 110, 129, 130])
    array([0., 1., 4., 2., 0.])
    >>> from_samples([[1, 10], [2, 20], [3, 30]], dt=0.5).over([0, 1, 2], dt=1)
    array([[ 1.5, 15. ],
           [ 1.5, 15. ],
           [ 0. ,  0. ]])
    """
    array = as_array(values)
    if array.dtype.kind not in "fiu":
        raise TypeError(f"from_samples: values: expected an array of numbers, got {values!r:.60}")
    if array.ndim not in (1, 2) or not array.size:
        raise ValueError(
            "from_samples: values: expected one value per sample, or an array (time, neuron), got shape"
            f" {array.shape}; to give each neuron a part of one value per sample, multiply by an array"
        )
    dt = finite_number("from_samples: dt", dt, above=0)
    start = finite_number("from_samples: start", start)
    if array.ndim == 1:
        return _one(Term(1.0, Samples(unchanging(numbers("from_samples: values", array)), dt, start)))
    precision = np.float32 if array.dtype == np.float32 else np.float64
    with np.errstate(over="ignore"):  # of longdouble
        columns: Any = np.array(array, precision, order="C")
    columns.flags.writeable = False
    field = Field(columns, dt, start)
    if not np.isfinite(field.peaks).all():
        _refuse_samples("from_samples: values", field, ~np.isfinite(columns), "finite numbers")
    return _one(Term(1.0, field))


def _refuse_samples(name: str, field: Field, wrong: Any, expected: str) -> None:
    """Refuse samples by time and neuron where one is wrong."""
    bad = np.argwhere(wrong)
    if len(bad):
        row, column = bad[0]
        raise ValueError(
            f"{name}: expected {expected}, got {field.values[row, column]:g} in row {row}, column {column}"
        )


def from_function(function: Callable[[Any], Any]) -> Input:
    """An input that is a Python function of time.

    Parameters
    ----------
    function : callable
        From an array of times in ms to as many numbers, in the model's unit of ``I``. One that refuses arrays
        (with a ValueError or TypeError, as ``math.sin`` does), or returns one number for an array, is asked
        for each time by itself: slower. It should say the same whenever it is asked for the same time, and
        may be asked for times below 0 after a shift.

    Examples
    --------
    >>> from_function(lambda t: t**2)([1, 2, 3])
    array([1., 4., 9.])
    """
    if not callable(function):
        raise TypeError(f"from_function: expected a function of the time in ms, got {function!r:.60}")
    return _one(Term(1.0, Function(function)))


def _one(term: AnyTerm) -> Input:
    return Input((term,))


def _moment(name: str, value: Any, unbounded: float) -> float:
    """Return a time, which may be ``unbounded``."""
    free = isinstance(value, float | np.floating) and value == unbounded
    return float(value) if free else finite_number(name, value)


def _from_to(name: str, start: Any, stop: Any, *, earliest: float = math.nan) -> tuple[float, float]:
    """Return the edges of a window; ``earliest`` may be that of what has no beginning."""
    begin = _moment(f"{name}: start", start, earliest)
    end = _moment(f"{name}: stop", stop, math.inf)
    if end <= begin:
        raise ValueError(
            f"{name}: expected stop after start, got start={number_text(begin)} and stop={number_text(end)}"
        )
    return begin, end


def _window(name: str, start: Any, stop: Any) -> Waveform:
    begin, end = _from_to(name, start, stop, earliest=-math.inf)
    return Always() if (begin, end) == (-math.inf, math.inf) else Window(begin, end)


def _window_of_noise(name: str, start: Any, stop: Any) -> Waveform:
    """Return Always for what is on from time 0: time is never negative."""
    begin, end = _from_to(name, start, stop, earliest=-math.inf)
    return Always() if begin <= 0 and end == math.inf else Window(begin, end)
