"""The raster of a run: spikes of chosen neurons in a window of time, and their rates below."""

from __future__ import annotations

import colorsys
import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.clock import times_of
from izhi_numba.base.plot_style import COLOURS, pin, style, tidy
from izhi_numba.base.selection import Chosen, size_of, some_of
from izhi_numba.results.populations import binned_counts
from izhi_numba.results.spikes import Spikes
from izhi_numba.results.statistics import Statistics

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_KNOWN = {"exc": COLOURS[0], "inh": COLOURS[1]}
_ALL = COLOURS[-1]  # the rate of all neurons together
_MOST_TOLD = 3  # groups that a legend tells, with their rates
_MOST_LETTERS = 40  # of their names
_MOST_ROWS = 2000  # of a raster: a picture has no more lines; above, a sample is drawn
_LEAST_ROWS = 100  # of a population in a sample: smaller ones are shown whole
_THINNEST = 0.03  # part of the height that a population's name needs beside it
_MOST_NAMES = 25  # along an axis


def raster(
    result: Statistics, neurons: Any = None, *, since: float | None = None, until: float | None = None,
    ax: Axes | None = None,
) -> Axes:  # fmt: skip
    """Draw the spikes of each group in its own colour, and the population's rate below.

    Up to three groups have a legend. With more, or small ones, their names stand at the axis, the first on
    top; small ones are drawn taller than their share. With more than 2000 neurons a sample is drawn, evenly
    spaced, and the axis says so; rates are of all.

    Parameters
    ----------
    result : Result or NetworkResult
    neurons : str, Group, slice or array, optional
        Whose spikes: all by default; in ascending order.
    since, until : float, optional
        Window of time, in ms; the whole run by default.
    ax : matplotlib.axes.Axes, optional
        Spikes alone are drawn into it, without the rates below and the title.

    Returns
    -------
    Axes
        Of the raster.

    Raises
    ------
    KeyError, TypeError, ValueError, IndexError
        Neurons or times that make no sense; rates of some neurons whose spikes were not kept.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> result = iz.Pool.cortical(1000, seed=1).run(100.0)
    >>> raster(result).get_ylabel()
    'neuron'
    >>> raster(result, "inh", since=20.0, until=50.0).get_xlim()
    (np.float64(20.0), np.float64(50.0))
    """
    shown = _Shown.of(result, neurons, since, until)
    with style(ax):
        below = None
        if ax is None:
            import matplotlib.pyplot as plt

            _, (ax, below) = plt.subplots(
                2, 1, figsize=(10, 6.4), sharex=True, height_ratios=(3.2, 1), layout="constrained"
            )
            pin(ax, below)
        rates = None if below is None else shown.rates()
        told = scatter(ax, shown.numbers, shown.times, shown.groups, shown.chosen, rates)
        ax.set_xlim(*shown.window)
        if below is None:
            ax.set_xlabel("time (ms)")
            return ax
        title = f"{shown.size:,} neuron{'s' * (shown.size > 1)}"
        ax.set_title(title if told and rates else f"{title}   {shown.rate():.1f} Hz", loc="left")
        _rates(below, shown)
        ax.figure.align_ylabels([ax, below])
    return ax


def scatter(
    ax: Axes, numbers: Array, times: Array, groups: dict[str, slice], chosen: Chosen,
    rates: Mapping[str, str] | None = None,
) -> bool:  # fmt: skip
    """Draw spikes of chosen neurons as dots, coloured by group; a sample of the neurons where there are many.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    numbers : int array (n_spikes,)
        Of the neurons that spiked, among the chosen.
    times : array (n_spikes,)
        In ms.
    groups : dict
        Name to slice of the chosen.
    chosen : slice or int array
        Of a slice the axis has the neurons' own numbers.
    rates : dict, optional
        Of groups, for the legend.

    Returns
    -------
    bool
        Whether there is a legend.
    """
    bands, is_named = _bands(groups, size_of(chosen))
    begin = chosen.start if isinstance(chosen, slice) else 0
    dots = []
    for band in bands:
        inside = (numbers >= band.neurons.start) & (numbers < band.neurons.stop)
        number, when = numbers[inside] - band.neurons.start, times[inside]
        drawn = number % band.stride == 0
        dots.append((when[drawn], begin + band.begin + number[drawn] * (band.height / band.size)))
    size = float(np.clip(4e4 / max(sum(len(when) for when, _ in dots), 1), 0.6, 12))
    labels = {band.name: f"{band.name} {(rates or {}).get(band.name, '')}".rstrip() for band in bands}
    for band, (when, places) in zip(bands, dots, strict=True):
        ax.scatter(when, places, s=size, c=[band.colour], linewidths=0, label=labels.pop(band.name, None),
                   rasterized=True)  # fmt: skip
    tidy(ax)
    if is_named:
        _name(ax, begin, bands)
        return False
    _number(ax, chosen, bands)
    if groups:
        ax.legend(
            loc="lower right", bbox_to_anchor=(1, 1), ncols=len(bands), frameon=False, borderpad=0.1,
            borderaxespad=0.2, handletextpad=0.2, columnspacing=1.0, markerscale=max(1.0, 6 / size**0.5),
        )  # fmt: skip
    return bool(groups)


@dataclass(frozen=True)
class _Shown:
    """What a raster shows: spikes of chosen neurons in a window of time."""

    result: Statistics
    chosen: Chosen
    first: int  # step of the run in which the window begins
    last: int
    numbers: Array  # of the neurons that spiked, among the chosen
    times: Array  # ms
    groups: dict[str, slice]
    size: int

    @classmethod
    def of(cls, result: Statistics, neurons: Any, since: float | None, until: float | None) -> _Shown:
        one, chosen = result._chosen("plot_raster", neurons)
        chosen = chosen if isinstance(chosen, slice) else np.sort(chosen)
        assert isinstance(one, Statistics)
        first, last = one._window(since, until)
        size = size_of(chosen)
        groups = {name: part for name, part in one._groups_of(chosen).items() if isinstance(part, slice)}
        if not size:
            raise ValueError("plot_raster: expected neurons, got none")
        drawn = _drawn(groups, size) if one._is_read else None  # all may not fit in memory
        parts = [_only(one._among(block, chosen), drawn) for block in one._blocks(first, last)]
        numbers, times = (np.concatenate(column) for column in zip(*parts, strict=True))
        return cls(one, chosen, first, last, numbers, times, groups, size)

    @property
    def window(self) -> tuple[float, float]:
        """Where the axis of time begins and ends, ms."""
        begin, end = times_of(self.result._first_step + np.array([self.first, self.last]), self.result.dt)
        return begin, end

    @functools.cached_property
    def all_kept(self) -> bool:
        """Whether no spike of the run was only counted."""
        try:
            self.result._check_kept("plot_raster", self.chosen)
        except ValueError:
            return False
        return True

    def per_bin(self, edges: Array, part: slice | None = None) -> Array:
        """Spikes between steps of the run: of a group, or of all that are shown."""
        if self.result._is_read:
            which = self.chosen if part is None else some_of(self.chosen, part)
            return self.result._binned("plot_raster: rates", which, edges)
        if not self.all_kept and part is None:
            return self.result._binned("plot_raster: rates", self.chosen, edges)
        times = self.times
        if part is not None:
            times = times[(self.numbers >= part.start) & (self.numbers < part.stop)]
        return binned_counts(times, times_of(self.result._first_step + edges, self.result.dt))

    def rate(self, part: slice | None = None) -> float:
        """Mean rate in the window, Hz: of a group, or of all that are shown."""
        size = self.size if part is None else part.stop - part.start
        spikes = self.per_bin(np.array([self.first, self.last]), part).sum()
        return float(1000 * spikes / size / times_of(self.last - self.first, self.result.dt))

    def rates(self) -> dict[str, str]:
        """Mean rate of each group in words; none where spikes were not kept."""
        groups = self.groups if self.all_kept else {}
        return {name: f"{self.rate(part):.1f} Hz" for name, part in groups.items()}


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
    names = dict.fromkeys(name for name, _, _ in parts)
    is_long = len(names) > _MOST_TOLD or sum(map(len, names)) > _MOST_LETTERS
    named = is_long or sizes.min() < _THINNEST * n
    strides, heights = np.full(len(parts), stride), sizes
    if named:
        strides = np.clip(sizes // _LEAST_ROWS, 1, stride)
        rows = -(-sizes // strides)
        heights = np.maximum(rows, _THINNEST * rows.sum())
    begins = np.cumsum(heights) - heights
    bands = zip(parts, strides.tolist(), begins.tolist(), heights.tolist(), strict=True)
    return [_Band(*part, *where) for part, *where in bands], bool(named)


def _drawn(groups: dict[str, slice], n: int) -> Array:
    """Whether each neuron is drawn."""
    drawn = np.zeros(n, np.bool_)
    for band in _bands(groups, n)[0]:
        drawn[band.neurons][:: band.stride] = True
    return drawn


def _only(spikes: Spikes, drawn: Array | None) -> Spikes:
    """Of spikes, those of neurons that are drawn."""
    if drawn is None:
        return spikes
    inside = drawn[spikes.i]
    return Spikes(spikes.i[inside], spikes.t[inside])


def _number(ax: Axes, chosen: Chosen, bands: list[_Band]) -> None:
    """Write numbers of neurons beside rows."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

    size, stride = size_of(chosen), max(band.stride for band in bands)
    begin = chosen.start if isinstance(chosen, slice) else 0
    ax.yaxis.set_major_locator(MaxNLocator(6, integer=True))
    ax.yaxis.set_major_formatter("{x:,.0f}")
    if not isinstance(chosen, slice):
        ax.yaxis.set_major_formatter(FuncFormatter(functools.partial(_neuron_of, chosen)))
        if size <= _MOST_NAMES:
            ax.yaxis.set_major_locator(FixedLocator(range(size)))
    ax.set_ylim(begin - 0.01 * size - 0.5, begin + 1.01 * size - 0.5)
    ax.set_ylabel("neuron" if stride == 1 else f"neuron (1 in {stride} shown)")


def _neuron_of(chosen: Array, row: float, _: Any) -> str:
    """The neuron of a row."""
    return f"{chosen[round(row)]:,}" if 0 <= round(row) < len(chosen) else ""


def _name(ax: Axes, begin: int, bands: list[_Band]) -> None:
    """Write the names of populations beside them, each in its colour."""
    told, stride = bands[:: -(-len(bands) // _MOST_NAMES)], max(band.stride for band in bands)
    places = [begin + band.begin + band.height / 2 for band in told]
    ax.set_yticks(places, [band.name for band in told], fontsize="medium" if len(told) < 13 else "x-small")
    ax.tick_params(axis="y", length=0)
    for label, band in zip(ax.get_yticklabels(), told, strict=True):
        label.set_color(band.colour)
    top = bands[-1].begin + bands[-1].height
    ax.set_ylim(begin + 1.01 * top, begin - 0.01 * top)
    ax.set_ylabel("" if stride == 1 else f"1 in {stride} neurons shown, more of small populations")


def _rates(ax: Axes, shown: _Shown) -> None:
    """Rate of each group over time, in bins of at least 1 ms and at most 300 of them.

    Where not all spikes were kept, the rate of the whole population.
    """
    steps, dt = shown.last - shown.first, shown.result.dt
    per_bin = max(round(1 / dt), -(-steps // 300), 1)
    edges = shown.first + np.append(np.arange(0, steps, per_bin), steps)
    times, seconds = times_of(shown.result._first_step + edges, dt), 1e-3 * dt * np.diff(edges)
    if shown.all_kept:
        for name, colour, part in _coloured(shown.groups, shown.size):
            rate = shown.per_bin(edges, part) / ((part.stop - part.start) * seconds)
            ax.stairs(rate, times, baseline=None, color=colour, linewidth=1.5, label=name)
    else:
        rate = shown.per_bin(edges) / (shown.size * seconds)
        ax.stairs(rate, times, baseline=None, color=_ALL, linewidth=1.5)
    ax.set(xlabel="time (ms)", ylabel="rate (Hz)", ylim=(0, max(1.0, ax.get_ylim()[1])))
    tidy(ax)


def _coloured(groups: dict[str, slice], n: int) -> Iterator[tuple[str, Any, slice]]:
    """Names, colours and neurons of groups, and of those that are in none, from the first neuron to the last.

    No colour comes twice.
    """
    parts, end = list[tuple[str, slice]](), 0
    rest = "others" if groups else "all"
    for name, part in [*sorted(groups.items(), key=lambda item: item[1].start), ("", slice(n, n))]:
        if part.start > end:
            parts.append((rest, slice(end, part.start)))
        if name:
            parts.append((name, part))
        end = part.stop
    names = list(dict.fromkeys(name for name, _ in parts))
    taken = {_KNOWN[name] for name in names if name in _KNOWN}
    free: list[Any] = [colour for colour in COLOURS if colour not in taken]
    others = [name for name in names if name not in _KNOWN]
    if len(others) > len(free):
        free = [_hue(place, len(others)) for place in range(len(others))]
    colours = dict(zip(others, free, strict=False)) | _KNOWN
    for name, part in parts:
        yield name, colours[name], part


def _hue(place: int, n: int) -> tuple[float, float, float]:
    """One of ``n`` colours around the circle; neighbours differ in lightness too."""
    return colorsys.hls_to_rgb(place / n, (0.38, 0.52)[place % 2], 0.62)
