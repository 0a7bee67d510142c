"""Plots of spikes and traces: each function takes a result and an optional ``ax``, and returns the axes."""

from __future__ import annotations

import colorsys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.clock import times_of
from izhi_numba.base.plot_style import COLOURS, tidy
from izhi_numba.results.populations import binned_counts
from izhi_numba.results.statistics import Statistics

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_KNOWN = {"exc": COLOURS[0], "inh": COLOURS[1]}
_ALL = COLOURS[-1]  # the rate of all neurons together
_MOST_TOLD = 3  # groups whose rates the title tells
_MOST_ROWS = 2000  # of a raster: a picture has no more lines; above, a sample is drawn
_LEAST_ROWS = 100  # of a population in a sample: smaller ones are shown whole
_THINNEST = 0.03  # part of the height that a population's name needs beside it
_MOST_NAMES = 25  # along an axis
_MOST_TRACES = 10


def raster(result: Statistics, ax: Axes | None = None) -> Axes:
    """Draw the spikes of each group in its own colour, and the population's rate below.

    Up to three groups have a legend. With more, or small ones, their names stand at the axis, the first on
    top; small ones are drawn taller than their share. With more than 2000 neurons a sample is drawn, evenly
    spaced, and the axis says so; rates are of all.

    Parameters
    ----------
    result : Result or NetworkResult
    ax : matplotlib.axes.Axes, optional
        Spikes alone are drawn into it, without the rates below and the title.

    Returns
    -------
    Axes
        Of the raster.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> result = iz.Pool.cortical(1000, seed=1).run(100.0)
    >>> raster(result).get_ylabel()
    'neuron'
    """
    below = None
    if ax is None:
        import matplotlib.pyplot as plt

        _, (ax, below) = plt.subplots(
            2, 1, figsize=(10, 6.4), sharex=True, height_ratios=(3.2, 1), layout="constrained"
        )
    spikes = result.spikes
    scatter(ax, spikes.i, spikes.t, result.groups, result.size)
    ax.set_xlim(result.start, result.stop)
    if below is None:
        ax.set_xlabel("time (ms)")
        return ax
    _rates(below, result)
    ax.set_title(_title(result), loc="left", fontsize=10)
    return ax


def scatter(ax: Axes, neurons: Array, times: Array, groups: dict[str, slice], n: int) -> None:
    """Draw spikes as dots, coloured by group; a sample of the neurons where there are many."""
    bands, named = _bands(groups, n)
    dots = []
    for band in bands:
        chosen = (neurons >= band.neurons.start) & (neurons < band.neurons.stop)
        number, when = neurons[chosen] - band.neurons.start, times[chosen]
        shown = number % band.stride == 0
        dots.append((when[shown], band.begin + number[shown] * (band.height / band.size)))
    size = float(np.clip(4e4 / max(sum(len(when) for when, _ in dots), 1), 0.6, 12))
    for band, (when, places) in zip(bands, dots, strict=True):
        ax.scatter(when, places, s=size, c=[band.colour], linewidths=0, label=band.name, rasterized=True)
    stride, top = max(band.stride for band in bands), bands[-1].begin + bands[-1].height
    if named:
        _name(ax, bands)
        ax.set_ylim(1.01 * top, -0.01 * top)
        ax.set_ylabel("" if stride == 1 else f"1 in {stride} neurons shown, more of small populations")
    else:
        ax.yaxis.set_major_formatter("{x:,.0f}")
        ax.set_ylim(-0.01 * n - 0.5, 1.01 * n - 0.5)
        ax.set_ylabel("neuron" if stride == 1 else f"neuron (1 in {stride} shown)")
    tidy(ax)
    if groups and not named:
        ax.legend(
            loc="upper right",
            bbox_to_anchor=(1, 1.09),
            ncols=len(bands),
            frameon=False,
            markerscale=max(1.0, 5 / size**0.5),
            fontsize=9,
        )


class _Band(NamedTuple):
    """Where a population is drawn, and how many of its neurons."""

    name: str
    colour: Any
    neurons: slice
    stride: int  # one neuron in so many
    begin: float
    height: float

    @property
    def size(self) -> int:
        return int(self.neurons.stop - self.neurons.start)


def _bands(groups: dict[str, slice], n: int) -> tuple[list[_Band], bool]:
    """Bands of a raster, and whether names stand at its axis in place of numbers of neurons."""
    parts = list(_coloured(groups, n))
    sizes = np.array([part.stop - part.start for _, _, part in parts])
    stride = -(-n // _MOST_ROWS)
    named = len(parts) > _MOST_TOLD or sizes.min() < _THINNEST * n
    strides, heights = np.full(len(parts), stride), sizes
    if named:
        strides = np.clip(sizes // _LEAST_ROWS, 1, stride)
        rows = -(-sizes // strides)
        heights = np.maximum(rows, _THINNEST * rows.sum())
    begins = np.cumsum(heights) - heights
    bands = zip(parts, strides.tolist(), begins.tolist(), heights.tolist(), strict=True)
    return [_Band(*part, *where) for part, *where in bands], bool(named)


def _name(ax: Axes, bands: list[_Band]) -> None:
    """Write the names of populations beside them, each in its colour."""
    told = bands[:: -(-len(bands) // _MOST_NAMES)]
    ax.set_yticks([band.begin + band.height / 2 for band in told], [band.name for band in told], fontsize=9)
    ax.tick_params(axis="y", length=0)
    for label, band in zip(ax.get_yticklabels(), told, strict=True):
        label.set_color(band.colour)


def _rates(ax: Axes, result: Statistics) -> None:
    """Rate of each group over time, in bins of at least 1 ms and at most 300 of them.

    Where not all spikes were kept, the rate of the whole population.
    """
    steps = len(result.spikes_per_step)
    per_bin = max(round(1 / result.dt), -(-steps // 300), 1)
    edges_in_steps = np.append(np.arange(0, steps, per_bin), steps)
    edges = times_of(result._first_step + edges_in_steps, result.dt)
    widths = np.diff(edges_in_steps) * result.dt * 1e-3
    spikes = result.spikes
    if len(spikes.i) < result.spikes_per_step.sum():
        counts = np.add.reduceat(result.spikes_per_step, edges_in_steps[:-1])
        ax.stairs(counts / (result.size * widths), edges, baseline=None, color=_ALL, linewidth=1.2)
    else:
        for name, colour, part in _coloured(result.groups, result.size):
            chosen = (spikes.i >= part.start) & (spikes.i < part.stop)
            counts = binned_counts(spikes.t[chosen], edges)
            rate = counts / ((part.stop - part.start) * widths)
            ax.stairs(rate, edges, baseline=None, color=colour, linewidth=1.2, label=name)
    ax.set(xlabel="time (ms)", ylabel="rate (Hz)", ylim=(0, max(1.0, ax.get_ylim()[1])))
    tidy(ax)


class Traced(Protocol):
    """A result with traces: the part of :class:`Result` that :func:`traces` draws."""

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

    def neurons(self, variable: str) -> Array:
        """Neurons of a trace's columns."""


def traces(result: Traced, variable: str = "v", ax: Axes | None = None) -> Axes:
    """Draw recorded traces of a variable, one line per neuron: the first ten, and the title says so.

    Parameters
    ----------
    result : Result
    variable : str
    ax : matplotlib.axes.Axes, optional

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
    values, times, neurons = result.traces[variable], result.times(variable), result.neurons(variable)
    if ax is None:
        import matplotlib.pyplot as plt

        _, ax = plt.subplots(figsize=(10, 3.6), layout="constrained")
    for column in range(min(_MOST_TRACES, values.shape[1])):
        ax.plot(times, values[:, column], linewidth=1, color=COLOURS[column % len(COLOURS)],
                alpha=1 if column < len(COLOURS) else 0.6, label=f"neuron {neurons[column]}")  # fmt: skip
    unit = result.units.get(variable)
    ax.set(xlabel="time (ms)", ylabel=f"{variable} ({unit})" if unit else variable,
           xlim=(result.start, result.stop))  # fmt: skip
    if values.shape[1]:
        ax.legend(loc="upper right", bbox_to_anchor=(1, 1.14), ncols=5, frameon=False, fontsize=9)
    if values.shape[1] > _MOST_TRACES:
        ax.set_title(f"{_MOST_TRACES} of {values.shape[1]:,} recorded neurons", loc="left", fontsize=10)
    tidy(ax)
    return ax


def _coloured(groups: dict[str, slice], n: int) -> Iterator[tuple[str, Any, slice]]:
    """Names, colours and neurons of groups, and of those that are in none; no colour comes twice."""
    parts = dict(groups)
    named = max((part.stop for part in parts.values()), default=0)
    if named < n:
        parts["others" if groups else "all"] = slice(named, n)
    taken = {_KNOWN[name] for name in parts if name in _KNOWN}
    free: list[Any] = [colour for colour in COLOURS if colour not in taken]
    others = [name for name in parts if name not in _KNOWN]
    if len(others) > len(free):
        free = [_hue(place, len(others)) for place in range(len(others))]
    own = dict(zip(others, free, strict=False))
    for name, part in parts.items():
        yield name, _KNOWN.get(name) or own[name], part


def _hue(place: int, n: int) -> tuple[float, float, float]:
    """One of ``n`` colours around the circle; neighbours differ in lightness too."""
    return colorsys.hls_to_rgb(place / n, (0.38, 0.52)[place % 2], 0.62)


def _title(result: Statistics) -> str:
    rates = [f"{name} {result.rate(name):.1f} Hz" for name in result.groups]
    if not 0 < len(rates) <= _MOST_TOLD:
        rates = [f"{result.rate():.1f} Hz"]
    return f"{result.size:,} neuron{'s' * (result.size > 1)}   " + "   ".join(rates)
