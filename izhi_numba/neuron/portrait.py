"""The phase portrait of a neuron, ready to be drawn.

For two variables: vector field, nullclines, fixed points. For other numbers: the rate of the voltage over the
voltage, with the other variables at rest. A result adds its trajectory, cut at resets.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from izhi_numba.neuron.fixed_points import FixedPoint, fixed_points_of
from izhi_numba.neuron.flow import Array, Flow, Range, flow_of
from izhi_numba.neuron.phase_plane import VectorField, field_on, nullclines_in, resting_line, window
from izhi_numba.neuron.record import NeuronRecord
from izhi_numba.neuron.setup import Setup

ARROWS = 18  # in each direction
_LASTING = 0.05  # of a run
_GRID = 100  # in each direction, for nullclines; they are moved onto the zero


@dataclass(frozen=True, eq=False)
class Line:
    """Where a variable stands still; or the voltage's rate, with the others at rest.

    Attributes
    ----------
    name : str
        Of the variable.
    pieces : list of array (n, 2)
    current : float
        At which it holds.
    before : bool
        Whether that is the current with which a result begins, and not the one of the analysis.
    """

    name: str
    pieces: list[Array]
    current: float
    before: bool = False


@dataclass(frozen=True, eq=False)
class Portrait:
    """What there is to see of a neuron at a constant current.

    Attributes
    ----------
    flow : Flow
    ranges : dict
        What to show of each variable.
    y_range : (float, float)
        What to show upwards: of the other variable, or of the voltage's rate.
    lines : list of Line
    fixed : tuple of FixedPoint
    field : VectorField or None
        Of two variables.
    path : array (2 + n_variables, n) or None
        Time, variables, and current, from the start on; all but the time are NaN where the pen is lifted at
        a reset.
    along : array (n,) or None
        Rate of the voltage on the path; not for two variables.
    """

    flow: Flow
    ranges: dict[str, Range]
    y_range: Range
    lines: list[Line]
    fixed: tuple[FixedPoint, ...]
    field: VectorField | None = None
    path: Array | None = None
    along: Array | None = None

    @property
    def planar(self) -> bool:
        """Whether there are two variables."""
        return len(self.flow.names) == 2

    def place(self, point: FixedPoint) -> tuple[float, float]:
        """Where a fixed point is drawn."""
        v, *others = point.values.values()
        return (v, others[0]) if self.planar else (v, 0.0)


def portrait(model: Any, current: float | None = None, **values: Any) -> Portrait:
    """Compute the portrait of a model, preset, name, or result.

    Parameters
    ----------
    model : NeuronResult, Model, Preset or str
    current : float, optional
        In the model's unit of ``I``; the median of a result's, noise left out, else 0.
    **values
        Numbers for parameters; for variables the range to show, (low, high).
    """
    result = model if isinstance(model, NeuronRecord) else None
    if result is not None:
        model = Setup(result.model, result.values, dt=result.dt)
        current = usual_current(result) if current is None else current
    flow, ranges = flow_of(model, 0.0 if current is None else current, values)
    path = None if result is None else trajectory(result)
    before = None if result is None else _current_before(result, flow.given["I"])
    fixed = fixed_points_of(flow)
    ranges = window(flow, None if path is None else path[1:-1], fixed) | ranges
    compute = _plane if len(flow.names) == 2 else _rate_of_voltage
    return compute(Portrait(flow, ranges, ranges[flow.names[-1]], [], fixed, path=path), before)


def usual_current(result: NeuronRecord) -> float:
    """Median of what drove a neuron, noise left out."""
    return float(np.median(result.current(result.t - result.dt)))


def trajectory(result: NeuronRecord) -> Array:
    """Time, variables and current from the start on, (2 + n_variables, n); NaN where cut at a reset."""
    kind = type(result.model)
    names = kind.variables()
    x = np.array([result.t, *(result.traces[name][:, 0] for name in (*names, "I"))], np.float64)
    if kind.reset is not None:
        steps = result.spike_steps
        if kind.peak is not None:  # the voltage shows the peak, the others what they are after the reset
            x[2:, steps] = x[2:, np.maximum(steps - 1, 0)]
            steps = steps + 1
        x = np.insert(x, steps, np.nan, axis=1)
        x[0] = np.insert(result.t, steps, result.t[np.minimum(steps, len(result.t) - 1)])
    first = np.array([result.start, *(float(result.values[name]) for name in names), x[-1, 0]])[:, None]
    return np.concatenate([first, x], axis=1)


def _plane(seen: Portrait, before: float | None) -> Portrait:
    """Add nullclines and vector field of two variables."""
    flow, ranges = seen.flow, seen.ranges
    lines = [
        Line(name, pieces, flow.given["I"]) for name, pieces in nullclines_in(flow, ranges, _GRID).items()
    ]
    if before is not None:
        voltage = flow.names[0]
        pieces = nullclines_in(flow.at_current(before), ranges, _GRID, [voltage])[voltage]
        lines.append(Line(voltage, pieces, before, before=True))
    return replace(seen, lines=lines, field=field_on(flow, ranges, ARROWS))


def _rate_of_voltage(seen: Portrait, before: float | None) -> Portrait:
    """Add the voltage's rate over the voltage: with the other variables at rest, and as it was."""
    flow, path = seen.flow, seen.path
    name, others = flow.names[0], flow.names[1:]
    low, high = seen.ranges[name]
    x, rate = resting_line(flow, (low, high))
    lines = [Line(name, [np.array([x[0], rate]).T], flow.given["I"])]
    shown = rate[abs(x[0] - (low + high) / 2) < (high - low) / 3 if others else slice(None)]
    if before is not None:
        x, rate = resting_line(flow.at_current(before), (low, high))
        lines.append(Line(name, [np.array([x[0], rate]).T], before, before=True))
    along = None
    if path is not None:
        v = path[1]
        along = flow(path[1:-1], path[-1])[0]
        visited = along[(v >= low) & (v <= high)]
        shown = visited if others else np.append(visited, shown)
    bottom, top = float(np.nanmin(shown, initial=0.0)), float(np.nanmax(shown, initial=0.0))
    margin = 0.08 * (top - bottom) or 1.0
    return replace(seen, lines=lines, along=along, y_range=(bottom - margin, top + margin))


def _current_before(result: NeuronRecord, current: float) -> float | None:
    """Current with which a result begins, noise left out, if that is another and lasts."""
    levels = np.ravel(result.current(result.t - result.dt))
    if levels[0] == current or np.mean(levels == levels[0]) < _LASTING:
        return None
    return float(levels[0])


def directions(field: VectorField, width: float = 1.0, height: float = 1.0) -> Array:
    """Arrows of a field (2, points, points), all of one length: where to, not how fast. NaN: nowhere.

    In units of ``width`` and ``height``, such as the ranges that a picture shows.
    """
    arrows = np.array([field.dx / width, field.dy / height])
    with np.errstate(all="ignore"):
        arrows /= np.hypot(*arrows)
    return arrows
