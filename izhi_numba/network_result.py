"""What a run of a network returns: the results of its pools by name, and all of them as one."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from izhi_numba.results import Result, Spikes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = np.ndarray[Any, np.dtype[Any]]


class NetworkResult(Mapping[str, Result]):
    """The record of one run of a network: ``result["exc"]`` is the result of a pool.

    ``spikes``, ``size``, ``groups`` and ``rate`` tell of all pools as if they were one, the neurons of the
    first pool first; ``groups`` are the pools.
    """

    def __init__(self, parts: dict[str, Result]) -> None:
        self._parts = parts
        ends = np.cumsum([0, *(part.size for part in parts.values())]).tolist()
        self.groups = {name: slice(*pair) for name, pair in zip(parts, itertools.pairwise(ends), strict=True)}
        self.size = ends[-1]
        first = next(iter(parts.values()))
        self.dt, self.start, self.stop = first.dt, first.start, first.stop
        self.duration, self.real_time_factor = first.duration, first.real_time_factor
        self.wall_time, self.compile_time = first.wall_time, first.compile_time

    def __getitem__(self, name: str) -> Result:
        """Return the result of a pool."""
        if name not in self._parts:
            raise KeyError(f"no pool {name!r}; there are {', '.join(self._parts)}")
        return self._parts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts)

    def __len__(self) -> int:
        return len(self._parts)

    @functools.cached_property
    def spikes(self) -> Spikes:
        """Kept spikes of all pools: neuron (those of the first pool first) and time, by time, then neuron."""
        begins = [which.start for which in self.groups.values()]
        spikes = [part.spikes for part in self._parts.values()]
        neurons = np.concatenate([one.i + begin for one, begin in zip(spikes, begins, strict=True)])
        times = np.concatenate([one.t for one in spikes])
        order = np.lexsort((neurons, times))
        return Spikes(neurons[order], times[order])

    @property
    def spikes_per_step(self) -> Array:
        """Spikes of all neurons in each step, whatever was kept."""
        total: Array = np.sum([part.spikes_per_step for part in self._parts.values()], axis=0)
        return total

    @property
    def counts(self) -> Array:
        """Spikes of each neuron, those of the first pool first."""
        return np.concatenate([part.counts for part in self._parts.values()])

    def rate(self, pool: str | None = None) -> float:
        """Mean firing rate of a pool, or of all neurons, in Hz."""
        if pool is not None:
            return self[pool].rate()
        return float(self.counts.mean() / self.duration * 1000) if self.duration else float("nan")

    def plot_raster(self, ax: Axes | None = None) -> Axes:
        """Draw the spikes of each pool, and the rates below; returns the raster's axes."""
        from izhi_numba.plotting import raster

        return raster(self, ax=ax)

    def __repr__(self) -> str:
        rates = ", ".join(f"{name} {part.rate():.3g} Hz" for name, part in self._parts.items())
        return f"<{self.duration:g} ms: {rates}; RTF {self.real_time_factor:.3g}>"
