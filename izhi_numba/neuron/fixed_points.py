"""Fixed points of a neuron: states that do not change, their kind, and the Jacobian.

All of it is computed from the model's own functions, at a constant input and at time zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from izhi_numba.base.checks import finite_number
from izhi_numba.neuron.flow import Array, Flow, Range, flow_of
from izhi_numba.neuron.roots import linearised, solve
from izhi_numba.neuron.setup import set_up

_VOLTAGES = {"mV": (-120.0, 60.0), "V": (-0.12, 0.06)}  # where to look, by unit
_VOLTAGE_GRID = 121
_PLANE_GRID = (13, 9)
_APART = 1e-6  # in units of the variables' scales
_ZERO = 1e-6  # of the largest eigenvalue


@dataclass(frozen=True, eq=False, repr=False)
class FixedPoint:
    """A state that does not change.

    Attributes
    ----------
    values : dict
        Variables by name, the voltage first.
    kind : str
        "stable node" where all eigenvalues are real and below 0, "unstable node" where they are above,
        "stable focus" and "unstable focus" where some of them are complex; "saddle" where real parts of both
        signs occur, "saddle-focus" if some are complex. "centre" where two variables turn without growth or
        decay, "degenerate" where any other real part is 0 (to 1e-6 of the largest eigenvalue).
    eigenvalues : complex array (n_variables,)
        Of the Jacobian, per ms, the largest real part first.
    """

    values: dict[str, float]
    kind: str
    eigenvalues: np.ndarray[Any, np.dtype[np.complex128]]

    @property
    def stable(self) -> bool:
        """Whether what is near comes back."""
        return self.kind in ("stable node", "stable focus")

    def __repr__(self) -> str:
        return f"<{self.kind} at {', '.join(f'{name} = {value:.6g}' for name, value in self.values.items())}>"


def fixed_points(model: Any, current: float = 0.0, **values: Any) -> tuple[FixedPoint, ...]:
    """States that do not change at a constant input.

    Newton's method from many starts at once: a grid of voltages, with the other variables at rest there, and
    for two variables a grid of both. A state in which the model would spike and reset is none. Of a line of
    fixed points, as where a rate constant is 0, some are returned.

    Parameters
    ----------
    model : Model, Preset or str
        As for :func:`izhi_numba.simulate`; any number of variables.
    current : float, default 0
        In the model's unit of ``I``; that of a preset is not used.
    **values
        Numbers for parameters; for variables a range (low, high) outside which no point is wanted. By default
        the search starts from -120 to 60 mV, and further if the neuron starts or spikes there; without a unit
        from -3 to 3, or three times the voltage at the start.

    Returns
    -------
    tuple of FixedPoint
        By rising voltage.

    Raises
    ------
    TypeError, ValueError
        An argument that makes no sense.

    Examples
    --------
    >>> from izhi_numba import Izhikevich
    >>> fixed_points(Izhikevich)
    (<stable node at v = -70, u = -14>, <saddle at v = -50, u = -10>)
    >>> fixed_points(Izhikevich, 10.0)
    ()
    """
    flow, ranges = flow_of(model, current, values)
    return tuple(
        point
        for point in fixed_points_of(flow, ranges)
        if all(low <= point.values[name] <= high for name, (low, high) in ranges.items())
    )


def jacobian(model: Any, at: Mapping[str, float], current: float = 0.0, **values: float) -> Array:
    """Derivatives of the rates by the variables, as central differences.

    Parameters
    ----------
    model : Model, Preset or str
        As for :func:`izhi_numba.simulate`.
    at : mapping
        Each variable's value by name; such as ``fixed_point.values``.
    current : float, default 0
        In the model's unit of ``I``.
    **values
        Parameters by name.

    Returns
    -------
    array (n_variables, n_variables)
        Row of the rate, column of the variable, the voltage first.

    Raises
    ------
    TypeError, ValueError
        An argument that makes no sense.

    Examples
    --------
    >>> from izhi_numba import Izhikevich
    >>> jacobian(Izhikevich, {"v": -60, "u": -12}).round(8)
    array([[ 0.2  , -1.   ],
           [ 0.004, -0.02 ]])
    """
    for name in values:
        if name in set_up(model, {}).model.states:
            raise TypeError(f"jacobian: {name} is a variable; give its value in 'at'")
    flow, _ = flow_of(model, current, values)
    if not isinstance(at, Mapping) or set(at) != set(flow.names):
        given = ", ".join(map(str, at)) if isinstance(at, Mapping) else f"{at!r:.60}"
        raise TypeError(f"at: expected a value for each of {', '.join(flow.names)} by name, got {given}")
    x = np.array([finite_number(f"at: {name}", at[name]) for name in flow.names])
    every = range(len(x))
    _, slopes = linearised(flow, x[:, None], survey_of(flow).scale, every, every)
    return slopes.reshape(len(x), len(x))


def fixed_points_of(flow: Flow, ranges: Mapping[str, Range] | None = None) -> tuple[FixedPoint, ...]:
    """Fixed points of a flow, by rising voltage; the search starts within ranges."""
    ranges = ranges or {}
    survey = survey_of(flow, ranges.get(flow.names[0]))
    starts = [survey.x]
    if len(flow.names) == 2:
        low, high = ranges.get(flow.names[1]) or (survey.x[1].min(), survey.x[1].max())
        x = np.linspace(survey.x[0, 0], survey.x[0, -1], _PLANE_GRID[0])
        starts.append(np.array(np.meshgrid(x, np.linspace(low, high, _PLANE_GRID[1]))).reshape(2, -1))
    every = range(len(flow.names))
    x, converged = solve(flow, np.concatenate(starts, axis=1), survey.scale, every, every)
    x = x[:, converged & ~flow.never_there(x)]
    kept = _distinct(x / survey.scale[:, None])
    x = x[:, kept]
    x = x[:, np.lexsort(x[::-1])]
    if not x.size:
        return ()
    x[np.abs(x) < 1e-12 * survey.scale[:, None]] = 0.0
    _, slopes = linearised(flow, x, survey.scale, every, every)
    usual = _usual_rate(flow, survey)
    return tuple(_fixed_point(flow, point, slope, usual) for point, slope in zip(x.T, slopes, strict=True))


@dataclass(frozen=True, eq=False)
class Survey:
    """A model's states along the range of its voltage, the other variables at rest where they can be."""

    x: Array  # (n_variables, n)
    scale: Array  # (n_variables,), how much each variable may change


def survey_of(flow: Flow, voltages: Range | None = None) -> Survey:
    """Go along a range of voltages, and find what the other variables' scales are."""
    low, high = voltages or voltage_range(flow)
    x = np.repeat(flow.start[:, None], _VOLTAGE_GRID, axis=1)
    x[0] = np.linspace(low, high, _VOLTAGE_GRID)
    scale = np.where(flow.start == 0, 1.0, np.abs(flow.start))
    scale[0] = high - low
    others = range(1, len(x))
    if others:
        relaxed, converged = solve(flow, x, scale, others, others)
        x = np.where(converged, relaxed, x)
        reach = np.ptp(x[:, converged], axis=1) if converged.any() else np.zeros(len(x))
        reach = np.maximum(np.maximum(reach, np.abs(flow.start)), _seen_by_voltage(flow, x, scale[0]))
        scale[1:] = np.where(reach > 0, reach, scale)[1:]
    return Survey(x, scale)


def _seen_by_voltage(flow: Flow, x: Array, width: float) -> Array:
    """Change of each variable (n_variables,) that can be told from the voltage's rate; 0 if unknown."""
    rates, slopes = linearised(flow, x, np.append(width, np.ones(len(x) - 1)), [0], range(len(x)))
    found, pace = np.zeros(len(x)), np.abs(rates[0])
    if np.isfinite(pace).any():
        calm = pace <= np.quantile(pace[np.isfinite(pace)], 0.25)  # where a slope is not lost to rounding
        size = np.median(np.abs(slopes[calm, 0]), axis=0)
        np.divide(1e-4 * width * size[0], size, out=found, where=size > 0)
    return found


def voltage_range(flow: Flow) -> Range:
    """Where a voltage may be, from its unit and what the model says of it."""
    start = flow.start[0]
    if flow.unit not in _VOLTAGES:
        reach = max(3.0, 3 * abs(start))
        return -reach, reach
    low, high = _VOLTAGES[flow.unit]
    peak = flow.given[flow.kind.peak] if isinstance(flow.kind.peak, str) else flow.kind.peak
    edge = start if peak is None else max(start, peak)
    return float(min(low, start + low / 2)), float(max(high, edge))


def _usual_rate(flow: Flow, survey: Survey) -> float:
    """Size of the fastest variable's own rate where it is small: what an eigenvalue of 0 is small against."""
    every = range(len(flow.names))
    _, slopes = linearised(flow, survey.x, survey.scale, every, every)
    fastest = np.abs(slopes[:, every, every]).max(axis=1)
    return float(np.quantile(fastest[np.isfinite(fastest)], 0.1)) if np.isfinite(fastest).any() else 0.0


def _fixed_point(flow: Flow, x: Array, slopes: Array, usual_rate: float) -> FixedPoint:
    eigenvalues = np.linalg.eigvals(slopes).astype(complex)
    eigenvalues = eigenvalues[np.lexsort((-eigenvalues.imag, -eigenvalues.real))]
    values = {name: float(value) for name, value in zip(flow.names, x, strict=True)}
    return FixedPoint(values, _kind(eigenvalues, usual_rate), eigenvalues)


def _kind(eigenvalues: np.ndarray[Any, np.dtype[np.complex128]], usual_rate: float) -> str:
    """Name a fixed point; see :class:`FixedPoint`."""
    real, imaginary = eigenvalues.real, eigenvalues.imag
    zero = _ZERO * max(np.abs(eigenvalues).max(), usual_rate)
    turning = bool((np.abs(imaginary) > zero).any())
    if (np.abs(real) <= zero).any():
        return "centre" if turning and len(real) == 2 else "degenerate"
    if (real > 0).any() and (real < 0).any():
        return "saddle-focus" if turning else "saddle"
    return f"{'stable' if real[0] < 0 else 'unstable'} {'focus' if turning else 'node'}"


def _distinct(x: Array) -> list[int]:
    """Columns that are apart from all columns taken before."""
    kept: list[int] = []
    for column in range(x.shape[1]):
        apart = np.abs(x[:, kept] - x[:, [column]]).max(axis=0, initial=0.0) > _APART
        if apart.all():
            kept.append(column)
    return kept
