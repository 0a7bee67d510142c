"""Plots of one neuron: its traces, and its phase plane.

A variable has one colour, which its trace and its nullcline share. What belongs to none takes the colour of
text, so that pictures suit any style.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from izhi_numba.base.plot_style import COLOURS, pin, style, tidy
from izhi_numba.models import Model
from izhi_numba.neuron.portrait import ARROWS, Portrait, directions, portrait
from izhi_numba.neuron.record import NeuronRecord
from izhi_numba.neuron.setup import name_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = np.ndarray[Any, np.dtype[np.float64]]

_CURRENT = COLOURS[-1]
_DASHED: dict[str, Any] = {
    "linewidth": 1.2,
    "linestyle": (0, (4, 2)),
    "color": COLOURS[0],
    "alpha": 0.7,
    "zorder": 2,
}
_FILLED = {"stable": "full", "saddle": "left", "saddle-focus": "left", "unstable": "none"}  # by first word


def plot_neuron(result: NeuronRecord) -> Figure:
    """Draw what one neuron did: voltage with its spikes, other variables, current, and phase plane.

    Parameters
    ----------
    result : NeuronResult
        From :func:`izhi_numba.simulate`.

    Returns
    -------
    Figure
        Its axes: voltage, other variables (if there are any), current, phase plane (but for maps).

    Raises
    ------
    TypeError
        What is no such result.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> from izhi_numba.neuron.simulate import simulate
    >>> [ax.get_ylabel() for ax in plot_neuron(simulate(iz.Izhikevich, 10.0, 200.0)).axes]
    ['v (mV)', 'u (mV/ms)', 'I', 'u (mV/ms)']
    """
    if not isinstance(result, NeuronRecord):
        raise TypeError(f"plot_neuron: expected a result of simulate, got {result!r:.60}")
    with style(None):
        return _panels(result)


class _ShownOnce:
    """Has a notebook show a figure once in a cell: when it is told to, as the cell's value, or at its end."""

    def __init__(self) -> None:
        self.cell = -1

    def __call__(self) -> None:
        """Do nothing in the same cell again; else IPython goes on as with any figure, by this error."""
        cell = sys.modules["IPython"].get_ipython().execution_count
        if cell != self.cell:
            self.cell = cell
            raise NotImplementedError


def _panels(result: NeuronRecord) -> Figure:
    """Draw the panels of a neuron in a new figure."""
    import matplotlib.pyplot as plt

    names = result.model.variables()
    heights = (3.0, 1.6, 1.0) if len(names) > 1 else (3.0, 1.0)
    has_plane = type(result.model).derivatives is not None  # a map has no phase plane
    widths = (1.45, 1.0) if has_plane else (1.0,)
    figure = plt.figure(figsize=(13, 6.4), layout="constrained")
    figure._ipython_display_ = _ShownOnce()  # type: ignore[attr-defined]
    grid = figure.add_gridspec(len(heights), len(widths), width_ratios=widths, height_ratios=heights)
    first = figure.add_subplot(grid[0, 0])
    rows = [first, *(figure.add_subplot(grid[row, 0], sharex=first) for row in range(1, len(heights)))]
    pin(*rows)
    _voltage(first, result)
    if len(names) > 1:
        _others(rows[1], result)
    _current(rows[-1], result)
    for ax in rows:
        tidy(ax)
        ax.tick_params(labelbottom=ax is rows[-1])
    figure.align_ylabels(rows)
    if has_plane:
        plane = figure.add_subplot(grid[:, 1])
        pin(plane)
        plot_phase_plane(result, ax=plane)
    return figure


def plot_phase_plane(
    model: Any, current: float | None = None, *, ax: Axes | None = None, **values: Any
) -> Axes:
    """Draw the phase plane of a neuron: where it goes, and where it rests.

    For two variables: their nullclines, fixed points and vector field. For other numbers: the rate of the
    voltage over the voltage, with the other variables at rest. A result adds its trajectory, cut at resets.

    Parameters
    ----------
    model : NeuronResult, Model, Preset or str
        A result, or what :func:`izhi_numba.simulate` takes.
    current : float, optional
        At which the neuron is analysed, in the model's unit of ``I``; the median of a result's, else 0.
    ax : matplotlib.axes.Axes, optional
    **values
        Numbers for parameters; for variables the range to show, (low, high).

    Returns
    -------
    Axes

    Raises
    ------
    TypeError, ValueError
        As :func:`izhi_numba.fixed_points`.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> plot_phase_plane(iz.Izhikevich, 4.0).get_xlabel()
    'v (mV)'
    """
    seen = portrait(model, current, **values)
    with style(ax):
        if ax is None:
            import matplotlib.pyplot as plt

            _, ax = plt.subplots(figsize=(7.0, 6.0), layout="constrained")
            pin(ax)
        draw = _plane if seen.planar else _rate_of_voltage
        draw(ax, seen)
        _mark(ax, seen)
        ax.legend(loc="lower right", bbox_to_anchor=(1.02, 1.0), ncols=2, fontsize="small", frameon=False,
                  columnspacing=1.2, handlelength=1.6)  # fmt: skip
        tidy(ax)
    return ax


def _ink() -> Any:
    """Colour of text, which can be seen on the ground of any style."""
    import matplotlib

    return matplotlib.rcParams["text.color"]


def _label(model: Model | type[Model], name: str) -> str:
    unit = model.I_unit if name == "I" else model.states[name].unit
    return f"{name} ({unit})" if unit else name


def _voltage(ax: Axes, result: NeuronRecord) -> None:
    """Draw the voltage, and above it a tick for each spike."""
    name, spikes = result.model.voltage, result.spike_times
    ax.plot(result.t, result.traces[name][:, 0], linewidth=1, color=COLOURS[0])
    ax.plot(spikes, np.full(len(spikes), 1.03), "|", color=_ink(), markersize=7, clip_on=False,
            transform=ax.get_xaxis_transform())  # fmt: skip
    ax.set(ylabel=_label(result.model, name), xlim=(result.start, result.stop))
    told = f"{len(spikes)} spike{'s' * (len(spikes) != 1)}, {1000 * len(spikes) / result.duration:.3g} Hz"
    told += f" ({result.scheme}, {result.dt:g} ms)"
    ax.set_title(f"{result.name or name_of(result.model, result.values)}: {told}", loc="left", pad=16)


def _others(ax: Axes, result: NeuronRecord) -> None:
    """Draw all variables but the voltage in one panel."""
    names = result.model.variables()[1:]
    for place, name in enumerate(names, 1):
        ax.plot(result.t, result.traces[name][:, 0], linewidth=1, color=_hue(place), label=name)
    units = {result.model.states[name].unit for name in names}
    if len(names) == 1:
        ax.set_ylabel(_label(result.model, names[0]))
    else:
        ax.set_ylabel(f"({units.pop()})" if len(units) == 1 and units != {""} else "others")
        ax.legend(
            loc="center left", bbox_to_anchor=(1, 0.5), fontsize="small", frameon=False, handlelength=1.2
        )


def _current(ax: Axes, result: NeuronRecord) -> None:
    ax.plot(result.t, result.I, linewidth=1, color=_CURRENT, drawstyle="steps-pre")
    ax.set(xlabel="time (ms)", ylabel=_label(result.model, "I"))
    if np.ptp(result.I) == 0:  # one level says something only beside 0
        level = 1.2 * float(result.I[0])
        ax.set_ylim((min(level, 0.0), max(level, 0.0)) if level else (-1.0, 1.0))


def _hue(place: int) -> str:
    """Colour of a variable by its place; the last hue is that of the current."""
    return COLOURS[place % (len(COLOURS) - 1)]


def _plane(ax: Axes, seen: Portrait) -> None:
    """Draw nullclines and vector field of two variables, and the trajectory."""
    x, y = seen.flow.names
    assert seen.field is not None
    ax.quiver(seen.field.x, seen.field.y, *directions(seen.field), angles="xy", pivot="mid",
              scale=1.6 * ARROWS, width=0.0022, headwidth=4, headlength=4, headaxislength=3.6,
              color=_ink(), alpha=0.3, zorder=1)  # fmt: skip
    for line in seen.lines:
        at = f", I = {line.current:.4g}" if line.name == x else ""
        look = _DASHED if line.before else _solid(seen.flow.names.index(line.name))
        _lines(ax, line.pieces, f"d{line.name}/dt = 0{at}", **look)
    if seen.path is not None:
        ax.plot(*seen.path[1:3], linewidth=0.8, color=_ink(), alpha=0.85, zorder=4, label="trajectory")
    kind = seen.flow.kind
    ax.set(xlabel=_label(kind, x), ylabel=_label(kind, y), xlim=seen.ranges[x], ylim=seen.y_range)


def _rate_of_voltage(ax: Axes, seen: Portrait) -> None:
    """Draw the voltage's rate over the voltage: with the other variables at rest, and as it was."""
    name, others = seen.flow.names[0], ", ".join(seen.flow.names[1:])
    ax.axhline(0, linewidth=0.8, color=_ink(), alpha=0.4, zorder=1)
    rest = f", {others} at rest" if others else ""
    for line in seen.lines:
        _lines(ax, line.pieces, f"I = {line.current:.4g}{rest}", **_DASHED if line.before else _solid(0))
    if not others:
        _arrows(ax, *seen.lines[0].pieces[0].T)
    if seen.path is not None and seen.along is not None:
        ax.plot(seen.path[1], seen.along, linewidth=0.8, color=_ink(), alpha=0.85, zorder=4 if others else 2,
                label="trajectory")  # fmt: skip
    unit = seen.flow.kind.states[name].unit
    ax.set(xlabel=_label(seen.flow.kind, name), ylabel=f"d{name}/dt" + (f" ({unit}/ms)" if unit else ""),
           xlim=seen.ranges[name], ylim=seen.y_range)  # fmt: skip


def _solid(place: int) -> dict[str, Any]:
    return {"linewidth": 2, "color": _hue(place), "zorder": 3}


def _lines(ax: Axes, lines: list[Array], label: str, **look: Any) -> None:
    for number, line in enumerate(lines):
        ax.plot(*line.T, label=None if number else label, **look)


def _arrows(ax: Axes, x: Array, rate: Array) -> None:
    """Show on the line of rest where one variable goes."""
    middle = slice(len(x) // 24, None, len(x) // 12)
    for marker, there in ((">", rate[middle] > 0), ("<", rate[middle] < 0)):
        ax.plot(
            x[middle][there], 0 * x[middle][there], marker, markersize=4, color=_ink(), alpha=0.4, zorder=1
        )


def _mark(ax: Axes, seen: Portrait) -> None:
    """Draw fixed points: filled where stable, half filled for saddles, open where unstable."""
    told: set[str] = set()
    for point in seen.fixed:
        first_word = point.kind.split()[0]
        ax.plot(*seen.place(point), "o" if first_word in _FILLED else "D", markersize=8, color=_ink(),
                markeredgewidth=1.4, fillstyle=_FILLED.get(first_word, "none"),
                markerfacecoloralt=ax.get_facecolor(), zorder=5,
                label=None if point.kind in told else point.kind)  # fmt: skip
        told.add(point.kind)
