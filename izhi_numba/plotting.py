"""Pictures of results: each function takes a result and an optional ``ax``, and returns the axes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from izhi_numba.network_result import NetworkResult
    from izhi_numba.results import Result

Array = np.ndarray[Any, np.dtype[Any]]

# Two hues that colour-blind readers tell apart, on light and dark ground alike.
_KNOWN = {"exc": "#2f7fd1", "inh": "#e0572f"}
COLOURS = ("#2f7fd1", "#e0572f", "#2a9d6e", "#a05fc0", "#c79a1f", "#7a7f87")
_MOST_TOLD = 3  # groups whose rates the title tells
_MOST_ROWS = 2000  # of a raster: a picture has no more lines; above, a sample is drawn


def raster(result: Result | NetworkResult, ax: Axes | None = None) -> Axes:
    """Draw the spikes of each group in its own colour, and the population's rate below.

    With more than 2000 neurons a sample is drawn, evenly spaced, and the axis says so; rates are of
    all. If ``ax`` is given, spikes alone are drawn into it.

    Parameters
    ----------
    result : Result
    ax : matplotlib.axes.Axes, optional

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
    stride = -(-n // _MOST_ROWS)
    shown = neurons % stride == 0
    neurons, times = neurons[shown], times[shown]
    size = float(np.clip(4e4 / max(len(neurons), 1), 0.6, 12))
    for name, colour, part in _coloured(groups, n):
        chosen = (neurons >= part.start) & (neurons < part.stop)
        ax.scatter(
            times[chosen],
            neurons[chosen],
            s=size,
            c=colour,
            linewidths=0,
            label=name,
            rasterized=True,
        )
    ax.set_ylim(-0.01 * n - 0.5, 1.01 * n - 0.5)
    ax.yaxis.set_major_formatter("{x:,.0f}")
    ax.set_ylabel("neuron" if stride == 1 else f"neuron (1 in {stride} shown)")
    tidy(ax)
    if groups:
        ax.legend(
            loc="upper right",
            bbox_to_anchor=(1, 1.09) if len(groups) <= _MOST_TOLD else (1, 1),
            ncols=len(groups) if len(groups) <= _MOST_TOLD else 1,
            frameon=len(groups) > _MOST_TOLD,
            markerscale=max(1.0, 5 / size**0.5),
            fontsize=9,
        )


def _rates(ax: Axes, result: Result | NetworkResult) -> None:
    """Rate of each group over time, in bins of at least 1 ms and at most 300 of them.

    Where not all spikes were kept, the rate of the whole population.
    """
    steps = len(result.spikes_per_step)
    per_bin = max(round(1 / result.dt), -(-steps // 300), 1)
    edges_in_steps = np.append(np.arange(0, steps, per_bin), steps)
    edges, widths = result.start + edges_in_steps * result.dt, np.diff(edges_in_steps) * result.dt * 1e-3
    spikes = result.spikes
    if len(spikes.i) < result.spikes_per_step.sum():
        counts = np.add.reduceat(result.spikes_per_step, edges_in_steps[:-1])
        ax.stairs(counts / (result.size * widths), edges, baseline=None, color="#7a7f87", linewidth=1.2)
    else:
        for name, colour, part in _coloured(result.groups, result.size):
            chosen = (spikes.i >= part.start) & (spikes.i < part.stop)
            # Spikes stamp the end of a step, so that one at an edge belongs to the bin before it.
            counts, _ = np.histogram(spikes.t[chosen] - 0.5 * result.dt, edges)
            rate = counts / ((part.stop - part.start) * widths)
            ax.stairs(rate, edges, baseline=None, color=colour, linewidth=1.2, label=name)
    ax.set(xlabel="time (ms)", ylabel="rate (Hz)", ylim=(0, max(1.0, ax.get_ylim()[1])))
    tidy(ax)


def traces(result: Result, variable: str = "v", ax: Axes | None = None) -> Axes:
    """Draw recorded traces of a variable, one line per neuron (at most ten).

    Parameters
    ----------
    result : Result
    variable : str
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    Axes
    """
    values, times, neurons = result.traces[variable], result.times(variable), result.neurons(variable)
    if ax is None:
        import matplotlib.pyplot as plt

        _, ax = plt.subplots(figsize=(10, 3.6), layout="constrained")
    for column in range(min(10, values.shape[1])):
        ax.plot(times, values[:, column], linewidth=1, color=COLOURS[column % len(COLOURS)],
                alpha=1 if column < len(COLOURS) else 0.6, label=f"neuron {neurons[column]}")  # fmt: skip
    unit = " (mV)" if variable == "v" else ""
    ax.set(xlabel="time (ms)", ylabel=f"{variable}{unit}", xlim=(result.start, result.stop))
    if values.shape[1]:
        ax.legend(loc="upper right", bbox_to_anchor=(1, 1.14), ncols=5, frameon=False, fontsize=9)
    tidy(ax)
    return ax


def _coloured(groups: dict[str, slice], n: int) -> Iterator[tuple[str, str, slice]]:
    parts = dict(groups)
    named = max((part.stop for part in parts.values()), default=0)
    if named < n:
        parts["others" if groups else "all"] = slice(named, n)
    taken = {_KNOWN[name] for name in parts if name in _KNOWN}
    free = itertools.cycle([colour for colour in COLOURS if colour not in taken])
    for name, part in parts.items():
        yield name, _KNOWN.get(name) or next(free), part


def _title(result: Result | NetworkResult) -> str:
    rates = [f"{name} {result.rate(name):.1f} Hz" for name in result.groups]
    if not 0 < len(rates) <= _MOST_TOLD:
        rates = [f"{result.rate():.1f} Hz"]
    return f"{result.size:,} neuron{'s' * (result.size > 1)}   " + "   ".join(rates)


def tidy(ax: Axes) -> None:
    """Leave out the frame above and to the right."""
    ax.spines[["top", "right"]].set_visible(False)
