"""Phase plane of a neuron with two variables: vector field, nullclines, and the ranges to show.

All of it is computed from the model's own functions, at a constant input and at time zero. Where a function
takes parameters by name, the name of a variable takes a range: ``nullclines(Izhikevich, 4, v=(-80, -40))``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from izhi_numba.base.checks import whole_number
from izhi_numba.neuron.fixed_points import FixedPoint, fixed_points_of, survey_of, voltage_range
from izhi_numba.neuron.flow import Array, Flow, Range, flow_of
from izhi_numba.neuron.roots import solve

_LINE = 400  # points
_FAR = 1.5  # times the range of what rests: a trajectory that goes farther has spikes, and is cut


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
    """Nullclines: lines on which one of two variables does not change.

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


def two_variables(model: Any, current: Any, values: dict[str, Any]) -> tuple[Flow, dict[str, Range]]:
    """Return the flow of a model that has a phase plane, and ranges of both."""
    flow, ranges = flow_of(model, current, values)
    if len(flow.names) != 2:
        raise ValueError(
            f"{flow.kind.__name__}: expected a model with two variables, this one has {len(flow.names)}"
            f" ({', '.join(flow.names)}); fixed_points and jacobian take any"
        )
    return flow, ranges if len(ranges) == 2 else window(flow) | ranges


def field_on(flow: Flow, ranges: Mapping[str, Range], points: int) -> VectorField:
    """Evaluate a flow of two variables on a grid."""
    x, y = (np.linspace(*ranges[name], points) for name in flow.names)
    dx, dy = flow(np.array(np.meshgrid(x, y)).reshape(2, -1)).reshape(2, points, points)
    return VectorField(x, y, dx, dy)


def nullclines_in(
    flow: Flow, ranges: Mapping[str, Range], points: int = 200, names: Iterable[str] = ()
) -> dict[str, list[Array]]:
    """Lines of a flow of two variables within ranges: from a grid, then moved onto the zero.

    Of the variables in ``names``, or of both.
    """
    from contourpy import contour_generator  # comes with matplotlib, and is not needed to simulate

    field = field_on(flow, ranges, points)
    scale = np.array([high - low for low, high in (ranges[name] for name in flow.names)])
    found: dict[str, list[Array]] = {}
    for row, (name, rates) in enumerate(zip(flow.names, (field.dx, field.dy), strict=True)):
        if names and name not in names:
            continue
        lines = contour_generator(field.x, field.y, np.ma.masked_invalid(rates)).lines(0.0)
        found[name] = [_onto_zero(flow, np.asarray(line), scale, row, 2 / points) for line in lines]
    return found


def _onto_zero(flow: Flow, line: Array, scale: Array, row: int, mesh: float) -> Array:
    """Move points the shortest way to where a rate is 0; not those without such a place within the mesh."""
    exact, converged = solve(flow, line.T, scale, [row], range(2))
    moved = converged & (np.abs(exact - line.T) <= mesh * scale[:, None]).all(axis=0)
    return np.where(moved, exact, line.T).T


def window(
    flow: Flow, trajectory: Array | None = None, fixed: tuple[FixedPoint, ...] | None = None
) -> dict[str, Range]:
    """Ranges of the variables that show what matters.

    They take in start, reset, fixed points, turns of the voltage's nullcline, and the trajectory
    (n_variables, n); where spikes go far beyond, and are reset, only as far as it stays near the rest.
    """
    fixed = fixed_points_of(flow) if fixed is None else fixed
    rests = [[*point.values.values()] for point in fixed]
    seen = [flow.start[:, None], flow.after_reset()[:, None], _turns(flow)]
    points = np.concatenate([*seen, np.reshape(rests, (-1, len(flow.names))).T], axis=1)
    least = 0.22 * np.subtract(*voltage_range(flow)[::-1]) if len(points) == 2 else 0.0
    low, high = _with_margin(points, 0.35, least)
    if trajectory is not None:
        shown = np.isfinite(trajectory).all(axis=0)
        if flow.kind.reset is not None and np.ptp(trajectory[0, shown]) > _FAR * (high[0] - low[0]):
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
    low, high = voltages or voltage_range(flow)
    survey = survey_of(flow)
    x = np.repeat(flow.start[:, None], _LINE, axis=1)
    x[0] = np.linspace(low, high, _LINE)
    others = range(1, len(x))
    if others:
        x, converged = solve(flow, x, survey.scale, others, others)
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
    survey = survey_of(flow)
    x, converged = solve(flow, survey.x, survey.scale, [0], [1])
    x = x[:, converged & ~flow.never_there(x)]
    x = x[:, np.diff(x[1], prepend=np.inf) != 0]
    rises = np.diff(x[1]) > 0
    # Two steps up and two down, or the reverse: the jump where the line leaves for infinity is one step.
    turns = (rises[:-3] == rises[1:-2]) & (rises[1:-2] != rises[2:-1]) & (rises[2:-1] == rises[3:])
    return x[:, 2:-2][:, turns]
