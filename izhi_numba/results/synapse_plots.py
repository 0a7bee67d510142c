"""Plots of weights, or of another variable of synapses: a histogram, a matrix, their course over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.plot_style import COLOURS, pin, style, tidy

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_BINS = 50
_MOST_LINES = 20  # over time; more synapses are drawn as how many have which value
_MOST_ROWS = 500  # that are read for a picture, evenly spaced in time
_ALMOST_ALL = 0.9  # of the neurons of a side of a matrix, where the others have empty rows
_MOST_CELLS = 400  # on a side of a matrix: a picture shows no more


class Recorded(Protocol):
    """The part of :class:`RecordedWeights` that is drawn over time."""

    @property
    def variable(self) -> str:
        """What it is of the synapses."""

    @property
    def unit(self) -> str:
        """Its unit."""

    @property
    def t(self) -> Array:
        """Times, ms."""

    @property
    def values(self) -> Any:
        """Values, (times, synapses)."""

    @property
    def sources(self) -> Array:
        """Where each synapse comes from."""

    @property
    def targets(self) -> Array:
        """Where each synapse goes to."""


class Shown(NamedTuple):
    """Values of synapses at one time."""

    label: str  # with the unit
    title: str
    values: Array  # (n_synapses,)
    sources: Array  # places in the pool
    targets: Array


def labelled(variable: str, unit: str) -> str:
    """A name with its unit, for an axis."""
    return f"{variable} ({unit})" if unit else variable


def histogram(shown: Shown, ax: Axes | None = None) -> Axes:
    """Draw how many synapses have which value, in 50 bins; fewer where there are few synapses.

    Examples
    --------
    >>> histogram(Shown("weight", "a -> b", np.ones(3), np.zeros(3), np.zeros(3))).get_xlabel()
    'weight'
    """
    from matplotlib.ticker import MaxNLocator

    values = np.asarray(shown.values, np.float64)
    with style(ax):
        ax = _axes(6.4, 4.2) if ax is None else ax
        counts, edges = np.histogram(values, int(np.clip(len(values) // 10, 10, _BINS)))
        ax.stairs(counts, edges, fill=True, color=COLOURS[0])
        ax.set(xlabel=shown.label, ylabel="synapses", xlim=(edges[0], edges[-1]))
        ax.yaxis.set_major_locator(MaxNLocator(6, integer=True))
        ax.yaxis.set_major_formatter("{x:,.0f}")
        n = len(values)
        told = f"{n:,} synapse{'s' * (n != 1)}" + (f", mean {values.mean():.3g}" if n else "")
        ax.set_title(f"{shown.title}\n{told}", loc="left", fontsize="small")
        tidy(ax)
    return ax


def matrix(shown: Shown, ax: Axes | None = None) -> Axes:
    """Draw the value from each source to each target, in ascending order.

    A cell is the mean of its synapses, and blank where there are none. Where many neurons between the first
    and the last have no synapses, those without are left out. Above 400 sources or targets a cell is that of
    several neighbours, as the axis says. Where values have both signs, colours meet at 0.

    Examples
    --------
    >>> shown = Shown("weight", "a -> b", np.ones(3), np.array([0, 4, 4]), np.array([1, 1, 2]))
    >>> matrix(shown).images[0].get_array().shape
    (2, 2)
    """
    (rows, sources, per_row), (columns, targets, per_column) = map(_cells, (shown.sources, shown.targets))
    shape = max(1, -(-len(sources) // per_row)), max(1, -(-len(targets) // per_column))
    cells = rows * shape[1] + columns
    counts = np.bincount(cells, minlength=shape[0] * shape[1])
    sums = np.bincount(cells, shown.values.astype(np.float64), minlength=len(counts))
    means = np.ma.masked_array(sums / np.maximum(counts, 1), counts == 0).reshape(shape)
    with style(ax):
        ax = _axes(7.0, 5.6) if ax is None else ax
        image = ax.imshow(means, aspect="auto", interpolation="nearest", **_colours(means))
        _number(ax.yaxis, sources, per_row, "source")
        _number(ax.xaxis, targets, per_column, "target")
        ax.figure.colorbar(image, ax=ax, label=shown.label)
        ax.set_title(shown.title, loc="left")
    return ax


def over_time(recorded: Recorded, title: str, ax: Axes | None = None) -> Axes:
    """Draw the values of each synapse over time; of more than 20, how many have which, and their mean."""
    t = recorded.t
    places = np.unique(np.linspace(0, len(t) - 1, min(len(t), _MOST_ROWS)).astype(np.int64))
    with style(ax):
        ax = _axes(10, 4.2) if ax is None else ax
        if len(recorded.sources) <= _MOST_LINES:
            _lines(ax, recorded, t[places], np.array([recorded.values[place] for place in places.tolist()]))
        else:
            _density(ax, recorded, t, places)
        ax.set(xlabel="time (ms)", ylabel=labelled(recorded.variable, recorded.unit))
        ax.set_title(title, loc="left")
        tidy(ax)
    return ax


def _lines(ax: Axes, recorded: Recorded, t: Array, rows: Array) -> None:
    for column, (source, target) in enumerate(zip(recorded.sources, recorded.targets, strict=True)):
        ax.plot(
            t, rows[:, column], marker="." if len(t) < _BINS else "", color=COLOURS[column % len(COLOURS)],
            alpha=1 if column < len(COLOURS) else 0.6, linewidth=1.2, label=f"{source} to {target}",
        )  # fmt: skip
    ax.legend(
        loc="center left", bbox_to_anchor=(1, 0.5), frameon=False, fontsize="small", handlelength=1.0,
        handletextpad=0.4, borderaxespad=0.2, labelspacing=0.3,
    )  # fmt: skip


def _density(ax: Axes, recorded: Recorded, t: Array, places: Array) -> None:
    """Draw how many synapses have which value at which time; rows are read one by one, twice."""
    from matplotlib.colors import LinearSegmentedColormap, PowerNorm

    rows = places.tolist()
    ends = np.array([(row.min(), row.max()) for row in (recorded.values[place] for place in rows)])
    low, high = float(ends[:, 0].min()), float(ends[:, 1].max())
    edges = np.histogram_bin_edges(np.array([low, high], np.float64), 2 * _BINS)
    counts, means = np.zeros((len(rows), len(edges) - 1)), np.zeros(len(rows))
    for number, place in enumerate(rows):
        values = np.asarray(recorded.values[place], np.float64)
        counts[number], means[number] = np.histogram(values, edges)[0], values.mean()
    times = t[places]
    middles = (times[1:] + times[:-1]) / 2
    half = (times[-1] - middles[-1]) if len(middles) else times[0] / 2
    shades = LinearSegmentedColormap.from_list("synapses", ["#dbe9f8", COLOURS[0], "#0e2a4a"])
    image = ax.pcolormesh(
        [times[0] - half, *middles, times[-1] + half], edges, np.ma.masked_equal(counts.T, 0), cmap=shades,
        norm=PowerNorm(0.5, 0, max(counts.max(), 1)), rasterized=True,
    )  # fmt: skip
    ax.plot(times, means, color=COLOURS[1], linewidth=1.6, label="mean", marker="." * (len(times) == 1))
    ax.legend(loc="upper left", frameon=True, framealpha=0.85, edgecolor="none", fontsize="small")
    ax.figure.colorbar(image, ax=ax, label="synapses")


def _cells(neurons: Array) -> tuple[Array, Array, int]:
    """Cell of each synapse along a side, the neurons in ascending order, and how many a cell has."""
    found, places = np.unique(neurons, return_inverse=True)
    if len(found) and len(found) > _ALMOST_ALL * (found[-1] - found[0] + 1):
        places, found = neurons - found[0], np.arange(found[0], found[-1] + 1)
    per_cell = max(1, -(-len(found) // _MOST_CELLS))
    return places // per_cell, found, per_cell


def _colours(means: Any) -> dict[str, Any]:
    """Colours for values: from 0 in two directions where there are both signs."""
    if means.count() and means.min() < 0 < means.max():
        most = float(np.abs(means).max())
        return {"cmap": "RdBu_r", "vmin": -most, "vmax": most}
    return {"cmap": "viridis"}


def _number(axis: Any, neurons: Array, per_cell: int, what: str) -> None:
    """Write numbers of neurons beside cells."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    def told(cell: float, _: Any) -> str:
        place = round(cell) * per_cell
        return f"{neurons[place]:,}" if cell == round(cell) and 0 <= place < len(neurons) else ""

    axis.set_major_locator(MaxNLocator(6, integer=True))
    axis.set_major_formatter(FuncFormatter(told))
    axis.set_label_text(f"{what} neuron" + (f" ({per_cell} in a cell)" if per_cell > 1 else ""))


def _axes(width: float, height: float) -> Axes:
    """A new figure with one panel."""
    import matplotlib.pyplot as plt

    _, ax = plt.subplots(figsize=(width, height), layout="constrained")
    pin(ax)
    return ax
