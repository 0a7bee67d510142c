"""Plots of recorded traces: of a pool and of a network, over each other or stacked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.plot_style import COLOURS, pin, style, tidy

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_TRACES = 10  # over each other
_MOST_STACKED = 25


class Traced(Protocol):
    """A result with traces: the part of :class:`Result` that plots of traces draw."""

    units: dict[str, str]

    @property
    def traces(self) -> dict[str, Array]:
        """Kept variables by name: arrays (times, neurons)."""

    @property
    def start(self) -> float:
        """Time at the beginning, ms."""

    @property
    def stop(self) -> float:
        """Time at the end, ms."""

    def times(self, variable: str) -> Array:
        """Times (ms) of a trace's rows."""

    def _names(self, variable: str) -> tuple[str, list[str]]:
        """What the columns of a trace are, "neuron" or "mean of", and which."""


class _Line(NamedTuple):
    """The trace of one neuron."""

    label: str
    colour: str
    times: Array
    values: Array


def traces(result: Traced, variable: str = "v", ax: Axes | None = None, *, stacked: bool = False) -> Axes:
    """Draw recorded traces of a variable, one line per neuron: the first ten, and the title says so.

    Parameters
    ----------
    result : Result
    variable : str
    ax : matplotlib.axes.Axes, optional
    stacked : bool
        Draw them above each other, the first on top, with a bar for the scale; up to 25.

    Returns
    -------
    Axes

    Raises
    ------
    KeyError
        A variable that was not recorded.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> pool = iz.Pool(10)
    >>> pool.record("u")
    >>> traces(pool.run(10.0), "u").get_ylabel()
    'u (mV/ms)'
    """
    _check_name(variable)
    with style(ax):
        if stacked:
            lines = _lines(result, variable, _MOST_STACKED)
            return _stack(lines, _title(len(lines), result, variable=variable), result, variable, ax)
        ax = _axes(1, 3.8)[0] if ax is None else ax
        _over_each_other(result, variable, ax)
        ax.set_xlabel("time (ms)")
    return ax


def network_traces(
    result: Mapping[str, Traced], variable: str | None, ax: Axes | None = None, *, stacked: bool = False
) -> Axes:
    """Draw recorded traces of a variable of all pools that have it: a panel for each, or all of them stacked.

    Parameters
    ----------
    result : NetworkResult
    variable : str, optional
        The first that was recorded, unless said otherwise.
    ax : matplotlib.axes.Axes, optional
        For stacked traces, or those of one pool.
    stacked : bool

    Returns
    -------
    Axes
        Of the first pool; those of others are in ``.figure.axes``.

    Raises
    ------
    KeyError
        A variable that was not recorded.
    ValueError
        Axes for the panels of several pools.
    """
    _check_name(variable or "v")
    recorded = [name for part in result.values() for name in part.traces]
    name = variable or next(iter(recorded), "v")
    parts = {pool: part for pool, part in result.items() if name in part.traces}
    if not parts:
        kept = ", ".join(dict.fromkeys(recorded)) or "nothing"
        raise KeyError(f"{name!r} was not recorded; recorded: {kept}. Ask with net.record({name!r})")
    with style(ax):
        if stacked:
            return _stack_of_pools(parts, name, ax)
        if ax is not None and len(parts) > 1:
            raise ValueError(
                f"ax: {len(parts)} pools have {name!r}, and a panel each; leave out ax, ask for stacked=True,"
                f" or draw one: result[{next(iter(parts))!r}].plot_traces({name!r}, ax=ax)"
            )
        panels = [ax] if ax is not None else _axes(len(parts), 2.6)
        for panel, (pool, part) in zip(panels, parts.items(), strict=True):
            _over_each_other(part, name, panel, pool)
        panels[-1].set_xlabel("time (ms)")
        if len(panels) > 1:
            panels[0].figure.align_ylabels(panels)
    return panels[0]


def _check_name(variable: object) -> None:
    if not isinstance(variable, str):
        raise TypeError(f"variable: expected one name, got {variable!r:.60}; others are drawn into axes: ax=")


def _axes(rows: int, height: float) -> list[Axes]:
    """Panels of a new figure, with one axis of time."""
    import matplotlib.pyplot as plt

    _, axes = plt.subplots(
        rows, 1, figsize=(10, height * rows + 0.4 * (rows > 1)), sharex=True, squeeze=False,
        layout="constrained",
    )  # fmt: skip
    pin(*axes[:, 0])
    return [*axes[:, 0]]


def _label(result: Traced, variable: str) -> str:
    unit = result.units.get(variable)
    return f"{variable} ({unit})" if unit else variable


def _title(drawn: int, *results: Traced, variable: str) -> str:
    """How many of the recorded neurons are drawn, unless that is all."""
    n = sum(result.traces[variable].shape[1] for result in results)
    what = {"neuron": "recorded neurons", "mean of": "means"}[results[0]._names(variable)[0]]
    return f"{drawn} of {n:,} {what}" if drawn < n else ""


def _lines(
    result: Traced, variable: str, most: int, pool: str = "", colour: str | None = None
) -> list[_Line]:
    values, times = result.traces[variable][:, :most], result.times(variable)  # at once, from a file
    what, names = result._names(variable)
    return [
        _Line(
            _called(what, names[column], pool), colour or COLOURS[column % len(COLOURS)], times,
            values[:, column],
        )
        for column in range(min(most, values.shape[1]))
    ]  # fmt: skip


def _called(what: str, name: str, pool: str) -> str:
    """Label of a line: "neuron 3", "exc 3", "mean of exc", "mean of exc.left"."""
    if what == "neuron":
        return f"{pool} {name}" if pool else f"neuron {name}"
    return f"mean of {name}" if pool in ("", name) else f"mean of {pool}.{name}"


def _over_each_other(result: Traced, variable: str, ax: Axes, pool: str = "") -> None:
    """Draw traces of a pool in one panel."""
    lines = _lines(result, variable, _MOST_TRACES)
    for number, line in enumerate(lines):
        ax.plot(line.times, line.values, linewidth=1.2, color=line.colour,
                alpha=1 if number < len(COLOURS) else 0.6, label=line.label)  # fmt: skip
    ax.set(ylabel=_label(result, variable), xlim=(result.start, result.stop))
    if lines:
        ax.legend(
            loc="center left", bbox_to_anchor=(1, 0.5), frameon=False, fontsize="small", handlelength=1.0,
            handletextpad=0.4, borderaxespad=0.2, labelspacing=0.3,
        )  # fmt: skip
    told = "   ".join(filter(None, (pool, _title(len(lines), result, variable=variable))))
    if told:
        ax.set_title(told, loc="left")
    tidy(ax)


def _stack_of_pools(parts: Mapping[str, Traced], variable: str, ax: Axes | None) -> Axes:
    """Draw traces of several pools above each other, each pool in its colour and with its share of lines."""
    most, lines = max(1, _MOST_STACKED // len(parts)), list[_Line]()
    for place, (pool, part) in enumerate(parts.items()):
        lines += _lines(part, variable, most, pool, COLOURS[place % (len(COLOURS) - 1)])
    lines = lines[:_MOST_STACKED]
    title = _title(len(lines), *parts.values(), variable=variable)
    return _stack(lines, title, next(iter(parts.values())), variable, ax)


def _stack(lines: list[_Line], title: str, result: Traced, variable: str, ax: Axes | None) -> Axes:
    """Draw lines above each other, the first on top, with the names of neurons at the axis."""
    ax = _axes(1, float(np.clip(1.2 + 0.55 * len(lines), 3.0, 9.0)))[0] if ax is None else ax
    spans = [float(np.ptp(line.values)) for line in lines if len(line.values)]
    height = 1.1 * max(spans, default=0.0) or 1.0
    for row, line in enumerate(lines):
        low = line.values.min() if len(line.values) else 0.0
        ax.plot(line.times, line.values - low - row * height, linewidth=1.2, color=line.colour)
    ax.set_yticks(
        [0.35 * height - row * height for row in range(len(lines))], [line.label for line in lines],
        fontsize="small",
    )  # fmt: skip
    for label, line in zip(ax.get_yticklabels(), lines, strict=True):
        label.set_color(line.colour)
    ax.tick_params(axis="y", length=0)
    ax.set(xlabel="time (ms)", xlim=(result.start, result.stop))
    ax.set_ylim((0.1 - max(len(lines) - 1, 0) - 0.2) * height, 1.05 * height)
    _scale(ax, height, variable, result.units.get(variable, ""))
    if title:
        ax.set_title(title, loc="left")
    tidy(ax)
    ax.spines["left"].set_visible(False)
    return ax


def _scale(ax: Axes, height: float, variable: str, unit: str) -> None:
    """Draw a bar for the scale at the right, of 1, 2 or 5 times a power of ten."""
    power = 10.0 ** np.floor(np.log10(height))
    size = max(step * power for step in (0.5, 1, 2, 5) if step * power <= 0.8 * height)
    import matplotlib

    ink = matplotlib.rcParams["text.color"]
    across = ax.get_yaxis_transform()
    ax.plot([1.01, 1.01], [0, size], color=ink, linewidth=2, transform=across, clip_on=False,
            solid_capstyle="butt")  # fmt: skip
    ax.text(1.02, size / 2, f"{variable}: {size:g} {unit}".rstrip(), color=ink, transform=across, va="center",
            fontsize="small")  # fmt: skip
