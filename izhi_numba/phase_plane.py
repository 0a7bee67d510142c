"""Where a neuron goes and where it can rest: vector field, nullclines and fixed points of any model.

All of it is computed from the model's own functions, at a constant input and at time zero. Where a function
takes parameters by name, the name of a variable takes a range: ``nullclines(Izhikevich, 4, v=(-80, -40))``.
"""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from izhi_numba.checks import finite_number, whole_number
from izhi_numba.constants import constants
from izhi_numba.linear import derivatives
from izhi_numba.models.model import by_variable, call, call_on_arrays
from izhi_numba.single import Setup, set_up

Array = np.ndarray[Any, np.dtype[np.float64]]
Bools = np.ndarray[Any, np.dtype[np.bool]]
Range = tuple[float, float]

_VOLTAGES = {"mV": (-120.0, 60.0), "V": (-0.12, 0.06)}  # where to look, by unit
_VOLTAGE_GRID = 121
_PLANE_GRID = (13, 9)
_LINE = 400
_MOST_ITERATIONS = 40
# In units of the variables' scales. Newton's steps only halve near a double root, and stop at a hundred
# millionth of the scale, the root of rounding.
_SMALL_STEP = 1e-7
_LAST_STEP = 1e-10  # after it the error is about its square
_SMALL_RATE = 1e-9
_APART = 1e-6
_ZERO = 1e-6  # of the largest eigenvalue


class VectorField(NamedTuple):
    """Derivatives of two variables on a grid.

    Attributes
    ----------
    x, y : array (points,)
        Of the voltage, and of the other variable.
    dx, dy : array (points, points)
        Per ms; rows belong to ``y``, columns to ``x``, as matplotlib's ``streamplot`` has it.
    """

    x: Array
    y: Array
    dx: Array
    dy: Array


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


class Flow:
    """The derivatives of a model as a function of its variables alone: from (n_variables, n) to the same."""

    def __init__(self, setup: Setup, current: Any) -> None:
        kind = type(setup.model)
        if kind.derivatives is None:
            raise TypeError(
                f"{kind.__name__}: expected a model with derivatives; this one states itself how it advances,"
                " in steps, and has no vector field"
            )
        self.kind, self.names = kind, kind.variables()
        values = setup.start() | {"I": finite_number("current", current), "t": 0.0, "dt": setup.dt}
        self.given = values | constants(kind, "euler", values, setup.dt)
        self.start = np.array([float(values[name]) for name in self.names])
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


def vector_field(model: Any, current: float = 0.0, *, points: int = 20, **values: Any) -> VectorField:
    """Derivatives of a model with two variables on a grid.

    Parameters
    ----------
    model : Model, Preset or str
        As for :func:`izhi_numba.simulate`.
    current : float, default 0
        In the model's unit of ``I``; that of a preset is not used.
    points : int, default 20
        In each direction.
    **values
        Numbers for parameters; for variables their range, (low, high). By default the range in which
        start, reset, fixed points and turns of the voltage's nullcline lie.

    Returns
    -------
    VectorField

    Raises
    ------
    TypeError, ValueError
        An argument that makes no sense, or a model with another number of variables.

    Examples
    --------
    >>> from izhi_numba import Izhikevich
    >>> field = vector_field(Izhikevich, 10.0, points=5, v=(-80, -40), u=(-20, 0))
    >>> field.y, field.dx[0]
    (array([-20., -15., -10.,  -5.,   0.]), array([26., 16., 14., 20., 34.]))
    """
    flow, ranges = two_variables(model, current, values)
    points = whole_number("points", points, at_least=2, at_most=2000)
    return field_on(flow, ranges, points)


def nullclines(
    model: Any, current: float = 0.0, *, points: int = 200, **values: Any
) -> dict[str, list[Array]]:
    """Lines on which one of two variables stands still.

    Parameters
    ----------
    model : Model, Preset or str
        As for :func:`izhi_numba.simulate`.
    current : float, default 0
        In the model's unit of ``I``; that of a preset is not used.
    points : int, default 200
        Of the grid, in each direction; lines that come closer than its mesh may be joined.
    **values
        Numbers for parameters; for variables their range, (low, high). Default as for :func:`vector_field`.

    Returns
    -------
    dict
        For each variable the lines on which its derivative is 0: arrays (n, 2) of the voltage and the other
        variable.

    Raises
    ------
    TypeError, ValueError
        An argument that makes no sense, or a model with another number of variables.

    Examples
    --------
    >>> from izhi_numba import Izhikevich
    >>> (parabola,) = nullclines(Izhikevich, 4.0, v=(-80, -40), u=(-20, 0))["v"]
    >>> v, u = parabola.T
    >>> bool(abs(0.04 * v**2 + 5 * v + 140 - u + 4).max() < 1e-9)
    True
    """
    flow, ranges = two_variables(model, current, values)
    points = whole_number("points", points, at_least=2, at_most=2000)
    return nullclines_in(flow, ranges, points)


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
    _, slopes = _linearised(flow, x[:, None], _survey(flow, None).scale, every, every)
    return slopes.reshape(len(x), len(x))


def two_variables(model: Any, current: Any, values: dict[str, Any]) -> tuple[Flow, dict[str, Range]]:
    """Return the flow of a model that has a phase plane, and ranges of both."""
    flow, ranges = flow_of(model, current, values)
    if len(flow.names) != 2:
        raise ValueError(
            f"{flow.kind.__name__}: expected a model with two variables, this one has {len(flow.names)}"
            f" ({', '.join(flow.names)}); fixed_points and jacobian take any"
        )
    return flow, ranges if len(ranges) == 2 else window(flow) | ranges


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


def field_on(flow: Flow, ranges: Mapping[str, Range], points: int) -> VectorField:
    """Evaluate a flow of two variables on a grid."""
    x, y = (np.linspace(*ranges[name], points) for name in flow.names)
    dx, dy = flow(np.array(np.meshgrid(x, y)).reshape(2, -1)).reshape(2, points, points)
    return VectorField(x, y, dx, dy)


def nullclines_in(flow: Flow, ranges: Mapping[str, Range], points: int = 200) -> dict[str, list[Array]]:
    """Lines of a flow of two variables within ranges: from a grid, then moved onto the zero."""
    from contourpy import contour_generator  # comes with matplotlib, and is not needed to simulate

    field = field_on(flow, ranges, points)
    scale = np.array([high - low for low, high in (ranges[name] for name in flow.names)])
    found: dict[str, list[Array]] = {}
    for row, (name, rates) in enumerate(zip(flow.names, (field.dx, field.dy), strict=True)):
        lines = contour_generator(field.x, field.y, np.ma.masked_invalid(rates)).lines(0.0)
        found[name] = [_onto_zero(flow, np.asarray(line), scale, row, 2 / points) for line in lines]
    return found


def _onto_zero(flow: Flow, line: Array, scale: Array, row: int, mesh: float) -> Array:
    """Move points the shortest way to where a rate is 0; not those without such a place within the mesh."""
    exact, converged = _solve(flow, line.T, scale, [row], range(2))
    moved = converged & (np.abs(exact - line.T) <= mesh * scale[:, None]).all(axis=0)
    return np.where(moved, exact, line.T).T


@dataclass(frozen=True, eq=False)
class _Survey:
    """A model's states along the range of its voltage, the other variables at rest where they can be."""

    x: Array  # (n_variables, n)
    scale: Array  # (n_variables,), how much each variable may change


def _survey(flow: Flow, voltages: Range | None) -> _Survey:
    low, high = voltages or _voltage_range(flow)
    x = np.repeat(flow.start[:, None], _VOLTAGE_GRID, axis=1)
    x[0] = np.linspace(low, high, _VOLTAGE_GRID)
    scale = np.where(flow.start == 0, 1.0, np.abs(flow.start))
    scale[0] = high - low
    others = range(1, len(x))
    if others:
        relaxed, converged = _solve(flow, x, scale, others, others)
        x = np.where(converged, relaxed, x)
        reach = np.ptp(x[:, converged], axis=1) if converged.any() else np.zeros(len(x))
        reach = np.maximum(np.maximum(reach, np.abs(flow.start)), _seen_by_voltage(flow, x, scale[0]))
        scale[1:] = np.where(reach > 0, reach, scale)[1:]
    return _Survey(x, scale)


def _seen_by_voltage(flow: Flow, x: Array, width: float) -> Array:
    """Change of each variable (n_variables,) that can be told from the voltage's rate; 0 if unknown."""
    rates, slopes = _linearised(flow, x, np.append(width, np.ones(len(x) - 1)), [0], range(len(x)))
    found, pace = np.zeros(len(x)), np.abs(rates[0])
    if np.isfinite(pace).any():
        calm = pace <= np.quantile(pace[np.isfinite(pace)], 0.25)  # where a slope is not lost to rounding
        size = np.median(np.abs(slopes[calm, 0]), axis=0)
        np.divide(1e-4 * width * size[0], size, out=found, where=size > 0)
    return found


def _voltage_range(flow: Flow) -> Range:
    """Where a voltage may be, from its unit and what the model says of it."""
    start = flow.start[0]
    if flow.unit not in _VOLTAGES:
        reach = max(3.0, 3 * abs(start))
        return -reach, reach
    low, high = _VOLTAGES[flow.unit]
    peak = flow.given[flow.kind.peak] if isinstance(flow.kind.peak, str) else flow.kind.peak
    edge = start if peak is None else max(start, peak)
    return float(min(low, start + low / 2)), float(max(high, edge))


def fixed_points_of(flow: Flow, ranges: Mapping[str, Range] | None = None) -> tuple[FixedPoint, ...]:
    """Fixed points of a flow, by rising voltage; the search starts within ranges."""
    ranges = ranges or {}
    survey = _survey(flow, ranges.get(flow.names[0]))
    starts = [survey.x]
    if len(flow.names) == 2:
        low, high = ranges.get(flow.names[1]) or (survey.x[1].min(), survey.x[1].max())
        x = np.linspace(survey.x[0, 0], survey.x[0, -1], _PLANE_GRID[0])
        starts.append(np.array(np.meshgrid(x, np.linspace(low, high, _PLANE_GRID[1]))).reshape(2, -1))
    every = range(len(flow.names))
    x, converged = _solve(flow, np.concatenate(starts, axis=1), survey.scale, every, every)
    x = x[:, converged & ~flow.never_there(x)]
    kept = _distinct(x / survey.scale[:, None])
    x = x[:, kept]
    x = x[:, np.lexsort(x[::-1])]
    if not x.size:
        return ()
    x[np.abs(x) < 1e-12 * survey.scale[:, None]] = 0.0
    _, slopes = _linearised(flow, x, survey.scale, every, every)
    usual = _usual_rate(flow, survey)
    return tuple(_fixed_point(flow, point, slope, usual) for point, slope in zip(x.T, slopes, strict=True))


def _usual_rate(flow: Flow, survey: _Survey) -> float:
    """Size of the fastest variable's own rate where it is small: what an eigenvalue of 0 is small against."""
    every = range(len(flow.names))
    _, slopes = _linearised(flow, survey.x, survey.scale, every, every)
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


@np.errstate(all="ignore")
def _linearised(
    flow: Flow, x: Array, scale: Array, rows: Sequence[int], columns: Sequence[int]
) -> tuple[Array, Array]:
    """Rates (rows, n) of some variables, and their slopes (n, rows, columns) by some; may not be finite."""
    n = x.shape[1]
    steps = np.cbrt(np.finfo(float).eps) * scale[list(columns)]
    points = np.repeat(x[:, None], 1 + 2 * len(columns), axis=1)  # (variables, here and to either side, n)
    for place, (column, step) in enumerate(zip(columns, steps, strict=True)):
        points[column, 1 + 2 * place] += step
        points[column, 2 + 2 * place] -= step
    rates = flow(points.reshape(len(x), -1)).reshape(len(x), -1, n)[list(rows)]
    widths = np.array([points[c, 1 + 2 * k] - points[c, 2 + 2 * k] for k, c in enumerate(columns)])
    slopes = (rates[:, 1::2] - rates[:, 2::2]) / widths  # what was rounded in the sums is in the widths
    return rates[:, 0], slopes.transpose(2, 0, 1)


@np.errstate(all="ignore")
def _solve(
    flow: Flow, x: Array, scale: Array, rows: Sequence[int], columns: Sequence[int]
) -> tuple[Array, Bools]:
    """Find where some rates are 0 by moving some variables: Newton's method, all columns of ``x`` at once.

    Where there are fewer rates than variables, the shortest way, in units of ``scale``.

    Returns
    -------
    x, converged : array (n_variables, n), bool array (n,)
    """
    x = x.astype(np.float64)
    converged = np.zeros(x.shape[1], bool)
    active = np.arange(x.shape[1])
    unit = scale[list(columns)]
    for _ in range(_MOST_ITERATIONS):
        if not len(active):
            break
        rates, slopes = _linearised(flow, x[:, active], scale, rows, columns)
        slopes = slopes * unit
        finite = np.isfinite(rates).all(axis=0) & np.isfinite(slopes).all(axis=(1, 2))
        active, rates, slopes = active[finite], rates[:, finite], slopes[finite]
        size = np.abs(slopes).sum(axis=2)
        residual = np.divide(rates.T, size, out=np.where(rates.T == 0, 0.0, np.inf), where=size > 0)
        solvable = np.where(np.isfinite(residual), residual, 0.0)
        step = _steps(slopes / np.where(size > 0, size, 1.0)[:, :, None], solvable)
        length = np.abs(step).max(axis=1)
        converged[active] = (length < _SMALL_STEP) & (np.abs(residual) < _SMALL_RATE).all(axis=1)
        # No more than the range of the voltage at once: beyond it lie other roots, or none.
        shorter = 1 / np.maximum(np.abs(step[:, 0]), 1.0) if 0 in columns else np.ones(len(step))
        x[np.ix_(np.array(columns), active)] -= (step * shorter[:, None] * unit).T
        active = active[length > _LAST_STEP]
    return x, converged


def _steps(slopes: Array, residual: Array) -> np.ndarray[Any, np.dtype[np.floating[Any]]]:
    """Solve systems (n, rows, columns), the shortest way where there is no other."""
    if slopes.shape[1] == slopes.shape[2]:
        with contextlib.suppress(np.linalg.LinAlgError):
            return np.linalg.solve(slopes, residual[:, :, None])[:, :, 0]  # 11 times as fast
    return (np.linalg.pinv(slopes) @ residual[:, :, None])[:, :, 0]


def window(flow: Flow, trajectory: Array | None = None) -> dict[str, Range]:
    """Ranges of the variables that show what matters.

    They take in start, reset, fixed points, turns of the voltage's nullcline, and the trajectory
    (n_variables, n); where spikes are reset, only as far as it stays near the rest.
    """
    fixed = [[*point.values.values()] for point in fixed_points_of(flow)]
    seen = [flow.start[:, None], flow.after_reset()[:, None], _turns(flow)]
    points = np.concatenate([*seen, np.reshape(fixed, (-1, len(flow.names))).T], axis=1)
    least = 0.22 * np.subtract(*_voltage_range(flow)[::-1]) if len(points) == 2 else 0.0
    low, high = _with_margin(points, 0.35, least)
    if trajectory is not None:
        shown = np.isfinite(trajectory).all(axis=0)
        if flow.kind.reset is not None:
            shown &= trajectory[0] <= high[0]
        sides = _with_margin(np.append(trajectory[:, shown], flow.start[:, None], axis=1), 0.06)
        low, high = np.minimum(low, sides[0]), np.maximum(high, sides[1])
    return {name: (float(a), float(b)) for name, a, b in zip(flow.names, low, high, strict=True)}


def _with_margin(points: Array, part: float, least: float = 0.0) -> tuple[Array, Array]:
    """Lowest and highest of points (variables, n), with a part of their distance added on both sides.

    The range of the voltage is made at least so wide.
    """
    low, high = points.min(axis=1), points.max(axis=1)
    margin = np.where(high > low, part * (high - low), 0.1 * np.maximum(np.abs(high), 1.0))
    margin[0] = max(margin[0], (least - (high[0] - low[0])) / 2)
    return low - margin, high + margin


def resting_line(flow: Flow, voltages: Range | None = None) -> tuple[Array, Array]:
    """States (n_variables, n) along a range of voltages, the other variables at rest, and the voltage's rate.

    The rate is NaN where there is no such state, or where the model would be reset.
    """
    low, high = voltages or _voltage_range(flow)
    survey = _survey(flow, None)
    x = np.repeat(flow.start[:, None], _LINE, axis=1)
    x[0] = np.linspace(low, high, _LINE)
    others = range(1, len(x))
    if others:
        x, converged = _solve(flow, x, survey.scale, others, others)
        x[:, ~converged] = np.nan
    rate = flow(x)[0]
    rate[flow.never_there(x)] = np.nan
    return x, rate


def _turns(flow: Flow) -> Array:
    """States (n_variables, n) where the voltage's nullcline turns; for one variable, its least rate."""
    if len(flow.names) == 1:
        x, rate = resting_line(flow)
        return x[:, [np.nanargmin(rate)]]
    if len(flow.names) > 2:
        return np.empty((len(flow.names), 0))
    survey = _survey(flow, None)
    x, converged = _solve(flow, survey.x, survey.scale, [0], [1])
    x = x[:, converged & ~flow.never_there(x)]
    x = x[:, np.diff(x[1], prepend=np.inf) != 0]
    rises = np.diff(x[1]) > 0
    # Two steps up and two down, or the reverse: the jump where the line leaves for infinity is one step.
    turns = (rises[:-3] == rises[1:-2]) & (rises[1:-2] != rises[2:-1]) & (rises[2:-1] == rises[3:])
    return x[:, 2:-2][:, turns]
