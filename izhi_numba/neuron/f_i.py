"""Firing rate of a neuron over a constant current, and the current from which on it fires."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from izhi_numba.base.checks import as_array, finite_number
from izhi_numba.base.doubts import silence
from izhi_numba.neuron.f_i_curve import FICurve
from izhi_numba.neuron.setup import Setup, name_of, set_up
from izhi_numba.results.error import SimulationError
from izhi_numba.results.result import Result

Array = np.ndarray[Any, np.dtype[np.float64]]

# Powers of 2 that are tried for the rheobase, in runs of 16: amperes and picoamperes alike.
_EXPONENTS = np.arange(-48.0, 48.0).reshape(-1, 16)
_AT_ONCE = 32  # currents that cut the range into parts


def f_i_curve(
    model: Any,
    currents: Any,
    *,
    duration: float = 1000.0,
    discard: float = 200.0,
    dt: float | None = None,
    scheme: str | None = None,
    dtype: Literal["float32", "float64"] = "float64",
    **values: float,
) -> FICurve:
    """Firing rate of a neuron as a function of a constant current, all currents in one run.

    Parameters
    ----------
    model : Model, Preset or str
        As for :func:`izhi_numba.simulate`; the current of a preset is not used.
    currents : array (n,)
        In the model's unit of ``I``; each from time zero on.
    duration : float, default 1000
        In ms.
    discard : float, default 200
        From the beginning, in ms: what the steady rate leaves out.
    dt, scheme : optional
        As for :func:`izhi_numba.simulate`.
    dtype : "float64" or "float32"
    **values
        Parameters, and variables at time zero, by name.

    Returns
    -------
    FICurve

    Raises
    ------
    TypeError, ValueError, SimulationError
        As :func:`izhi_numba.simulate`.

    Examples
    --------
    >>> from izhi_numba import Izhikevich
    >>> f_i_curve(Izhikevich, [0, 5, 10, 15]).rate.round(1)
    array([ 0. , 10.6, 22.1, 32.8])
    """
    setup = set_up(model, values, dt, scheme)
    levels = _currents(currents)
    duration = finite_number("duration", duration, above=0)
    discard = finite_number("discard", discard, at_least=0)
    if discard >= duration:
        raise ValueError(
            f"discard: expected less than the duration of {duration:g} ms, got {discard:g}; raise duration"
        )
    spikes = _run(setup, levels, duration, dtype=dtype).spikes
    order = np.argsort(spikes.i, kind="stable")
    neurons, times = spikes.i[order], spikes.t[order]
    later = times > discard
    return FICurve(
        _name(model, setup),
        levels,
        _rates(neurons[later], times[later], len(levels)),
        _rates(*_first_two(neurons, times), len(levels)),
        setup.model.I_unit,
    )


def rheobase(
    model: Any,
    *,
    duration: float = 1000.0,
    tolerance: float = 1e-4,
    dt: float | None = None,
    scheme: str | None = None,
    **values: float,
) -> float:
    """Smallest constant current that makes a neuron spike.

    The current is on from time zero, and the neuron starts where the model says: a neuron that is not at rest
    then may spike below the current that makes it fire for ever. Currents of which only a range between two
    that are silent makes a spike may be missed, if its ends are closer than a factor of 2.

    Parameters
    ----------
    model : Model, Preset or str
        As for :func:`izhi_numba.simulate`; the current of a preset is not used.
    duration : float, default 1000
        Within which the spike has to come, in ms.
    tolerance : float, default 1e-4
        Largest error as a part of the result; it is the larger end of what is left.
    dt, scheme : optional
        As for :func:`izhi_numba.simulate`.
    **values
        Parameters, and variables at time zero, by name.

    Returns
    -------
    float
        In the model's unit of ``I``.

    Raises
    ------
    TypeError, ValueError
        An argument that makes no sense; a neuron that spikes without input, or with none.

    Examples
    --------
    >>> from izhi_numba import Izhikevich
    >>> round(rheobase(Izhikevich), 2)
    3.45
    """
    setup = set_up(model, values, dt, scheme)
    duration = finite_number("duration", duration, above=0)
    tolerance = finite_number("tolerance", tolerance, at_least=1e-12)
    if _fires(setup, np.zeros(1), duration)[0]:
        raise ValueError(
            f"rheobase: {_name(model, setup)} spikes within {duration:g} ms without input; if it only starts"
            " away from rest, give it other values at time zero"
        )
    with silence():  # the values were doubted above, and currents that are far too small are tried
        low, high = _bracket(_name(model, setup), setup, duration)
        while high - low > tolerance * high:
            currents = np.linspace(low, high, _AT_ONCE + 2)[1:]
            first = int(np.argmax(_fires(setup, currents, duration)))
            low, high = (low, *currents)[first], currents[first]
    return float(high)


def _name(model: Any, setup: Setup) -> str:
    name = getattr(model, "name", model)
    return name if isinstance(name, str) else name_of(setup.model, setup.start())


def _bracket(name: str, setup: Setup, duration: float) -> tuple[float, float]:
    """Neighbouring powers of 2, or 0 and the first, of which the larger makes a spike."""
    low = 0.0
    for exponents in _EXPONENTS:
        currents = 2.0**exponents
        first = _weakest(setup, currents, duration)
        if first is not None:
            return (low, *currents.tolist())[first], float(currents[first])
        low = float(currents[-1])
    raise ValueError(
        f"rheobase: {name} does not spike within {duration:g} ms at any current up to {low:.2g}; take a"
        " longer duration, or look at the model's threshold"
    )


def _weakest(setup: Setup, currents: Array, duration: float) -> int | None:
    """Index of the first of rising currents that makes a spike."""
    try:
        fires = _fires(setup, currents, duration)
    except SimulationError:  # one of them is too strong for the step; that need not be the first to tell
        if len(currents) == 1:
            raise
        half = len(currents) // 2
        first = _weakest(setup, currents[:half], duration)
        if first is None:
            first = _weakest(setup, currents[half:], duration)
            return None if first is None else half + first
        return first
    return int(np.argmax(fires)) if fires.any() else None


def _fires(setup: Setup, currents: Array, duration: float) -> np.ndarray[Any, np.dtype[np.bool]]:
    return _run(setup, currents, duration, "counts").counts > 0


def _run(setup: Setup, currents: Array, duration: float, record: str = "spikes", **options: Any) -> Result:
    """One neuron per current."""
    pool = setup.pool(len(currents), **options)
    pool.drive(pool, currents)
    pool.record(record)
    pool._doubts_runs = False  # currents too small for spikes are meant
    return pool.run(duration)


def _rates(neurons: Array, times: Array, n: int) -> Array:
    """1000 over the mean interval of each neuron (n,); spikes are given by neuron, then time."""
    first, end = (np.searchsorted(neurons, np.arange(n), side) for side in ("left", "right"))
    found = np.zeros(n)
    firing = np.flatnonzero(end - first > 1)
    first, last = first[firing], end[firing] - 1
    found[firing] = 1000 * (last - first) / (times[last] - times[first])
    return found


def _first_two(neurons: Array, times: Array) -> tuple[Array, Array]:
    """Leave out all but the first two spikes of each neuron."""
    chosen = np.arange(len(neurons)) - np.searchsorted(neurons, neurons) < 2
    return neurons[chosen], times[chosen]


def _currents(value: Any) -> Array:
    array = as_array(value)
    if array.dtype.kind not in "fiu" or array.ndim != 1 or not array.size:
        raise TypeError(
            f"currents: expected an array of numbers, such as np.linspace(0, 20, 100), got {value!r:.60}"
        )
    currents = array.astype(np.float64)
    bad = np.flatnonzero(~np.isfinite(currents))
    if len(bad):
        raise ValueError(f"currents: expected finite numbers, got {currents[bad[0]]:g} at index {bad[0]}")
    return currents
