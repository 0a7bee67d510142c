"""The result of a run of a network: the results of its pools by name, and all of them as one."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.selection import Chosen, NeuronRange, choose, name_and_some, size_of, some_of, written
from izhi_numba.results.activity import Activity
from izhi_numba.results.exports import Exports
from izhi_numba.results.formats.recorded import RecordedRun
from izhi_numba.results.lag import Lag
from izhi_numba.results.packing import Packed
from izhi_numba.results.profile import Profile
from izhi_numba.results.result import Result
from izhi_numba.results.returned import Returned, joined
from izhi_numba.results.sequence import check_follows
from izhi_numba.results.spikes import Spikes
from izhi_numba.results.weights import WithSynapses
from izhi_numba.results.weights import joined as joined_weights

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class NetworkResult(Exports, WithSynapses, Mapping[str, Result]):
    """What one run of a network left: ``result["exc"]`` is the result of a pool, a group, or of sources.

    ``spikes``, ``counts``, ``size``, ``groups`` and ``rate`` tell of all pools as if they were one, the
    neurons of the first pool first; ``groups`` are the pools. Sources (``net.poisson``, ``net.spike_list``)
    are no neurons and do not count there, unless there is nothing else; they have results of their own:
    ``result["noise"].spikes``. ``profile`` tells where the time of the run went, if that was asked for.

    Where neurons are asked for, ``"exc"`` names a pool or sources, ``"exc.left"`` a group of a pool, and
    ``"exc[::2]"`` some of its neurons.

    ``first + second`` is the result of two runs, one after the other, as if they had been one;
    ``sum(results)`` that of many. It has no profile, and no lag. ``returned`` is what functions have returned
    that the run called; ``weights["exc -> inh"]`` are those that ``synapses.record`` has asked for, see
    :class:`RecordedWeights`, and ``synapses["exc -> inh"]["x"]`` are variables of synapses that learn.

    ``save`` writes it to a file for ``iz.load_result``; ``to_pandas``, ``to_xarray``, ``to_neo``, ``to_nwb``
    and ``to_sonata`` are for other tools.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> net = iz.Network(dt=1.0, seed=1)
    >>> exc, noise = net.pool("exc", 100, iz.Izhikevich), net.poisson("noise", 50, 8.0)
    >>> left = exc.group("left", 40)
    >>> exc.drive(left, 10.0)
    >>> result = net.run(1000.0)
    >>> result.size, result.rate(), result.rate("exc.left"), result["noise"].size
    (100, 8.0, 20.0, 50)
    """

    def __init__(self, parts: dict[str, Result]) -> None:
        self._parts = parts
        self.profile: Profile | None = None
        self.lag: Lag | None = None
        self.returned: dict[float, Returned] = {}
        pools = {name: part for name, part in parts.items() if not part.is_source} or parts
        ends = np.cumsum([0, *(part.size for part in pools.values())]).tolist()
        self.groups = {name: slice(*pair) for name, pair in zip(pools, itertools.pairwise(ends), strict=True)}
        self._begins = ends[:-1]
        self.size = ends[-1]
        first = next(iter(parts.values()))
        self.dt, self._first_step, self._n_steps = first.dt, first._first_step, first._n_steps
        self.wall_time, self.compile_time = first.wall_time, first.compile_time
        self._is_read = first._is_read

    def __getitem__(self, which: str | NeuronRange) -> Result:
        """Return the result of a pool, a group, "exc.left", or sources."""
        if not isinstance(which, str | NeuronRange):
            raise TypeError(
                f"result: expected the name of a pool, or of a group, such as 'exc.left', got {which!r:.60};"
                f" neurons of a pool are result[{next(iter(self._parts))!r}][[0, 1]]"
            )
        part, chosen = self._chosen("result", which)
        assert isinstance(part, Result)
        if not part._is_read:
            part._recording.pieces  # noqa: B018 (whoever keeps this result alone does not keep the others)
        return part._of(chosen)

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts)

    def __len__(self) -> int:
        return len(self._parts)

    @functools.cached_property
    def spikes(self) -> Spikes:
        """Kept spikes of all pools: neuron (those of the first pool first) and time, by time, then neuron."""
        return self._together([self._parts[name].spikes for name in self.groups])

    def _together(self, spikes: Sequence[Spikes]) -> Spikes:
        """Spikes of all pools."""
        moved = [one.i + begin for one, begin in zip(spikes, self._begins, strict=True)]
        neurons, times = np.concatenate(moved), np.concatenate([one.t for one in spikes])
        order = np.lexsort((neurons, times))
        return Spikes(neurons[order], times[order])

    @functools.cached_property
    def spikes_per_step(self) -> Array:
        """Spikes of all neurons in each step, whatever was kept."""
        total: Array = np.sum([self._parts[name].spikes_per_step for name in self.groups], axis=0)
        return total

    @functools.cached_property
    def counts(self) -> Array:
        """Spikes of each neuron, those of the first pool first."""
        return np.concatenate([self._parts[name].counts for name in self.groups])

    @property
    def _n_kept(self) -> int:
        return sum(self._parts[name]._n_kept for name in self.groups)

    @property
    def _n_spikes(self) -> int:
        return sum(self._parts[name]._n_spikes for name in self.groups)

    def _kept_counts(self) -> Array:
        return np.concatenate([self._parts[name]._kept_counts() for name in self.groups])

    def _between(self, first: int, last: int) -> Spikes:
        if not self._is_read:
            return super()._between(first, last)
        return self._together([self._parts[name]._between(first, last) for name in self.groups])

    def _n_lacking(self, chosen: Chosen) -> int:
        if all(self._parts[name]._n_lacking(slice(0, self._parts[name].size)) == 0 for name in self.groups):
            return 0
        return super()._n_lacking(chosen)

    def _chosen(self, what: str, neurons: Any) -> tuple[Activity, Chosen]:
        if isinstance(neurons, NeuronRange):
            if neurons._population.name not in self._parts:
                raise ValueError(f"{what}: {neurons._title} is not of this network")
            return self._parts[neurons._population.name]._chosen(what, neurons)
        if not isinstance(neurons, str):
            return super()._chosen(what, neurons)
        whole, some = ("", "") if neurons in self._parts else name_and_some(neurons)
        if some:
            part, chosen = self._chosen(what, whole)
            return part, some_of(chosen, choose(what, written(some), size_of(chosen), {}))
        if neurons in self._parts:
            return self._parts[neurons]._chosen(what, None)
        for name, part in self._parts.items():
            if neurons.startswith(f"{name}."):
                return part._chosen(what, neurons.removeprefix(f"{name}."))
        raise KeyError(f"no pool {neurons!r}; there are {', '.join(self._parts)}")

    def __add__(self, later: NetworkResult) -> NetworkResult:
        """Return the result of this run and the next, as if they had been one."""
        check_follows(self, later, NetworkResult)
        alone = [name for name in (*self, *later) if name not in self._parts or name not in later._parts]
        if alone:
            raise ValueError(
                f"results are joined of the same pools; {', '.join(alone)} came between the runs: join those"
                " of one pool, first['exc'] + second['exc']"
            )
        found = NetworkResult({name: part + later._parts[name] for name, part in self._parts.items()})
        found.returned = joined(self.returned, later.returned)
        found._of_synapses = joined_weights(self._of_synapses, later._of_synapses)
        return found

    def _is_of_the_same(self, other: NetworkResult) -> bool:
        one, another = (next(iter(result._parts.values())) for result in (self, other))
        return one._origin.simulation == another._origin.simulation

    def _recorded(self) -> RecordedRun:
        populations = [part._population() for part in self._parts.values()]
        return RecordedRun(self.start, self.stop, self.dt, populations, is_network=True)

    def _packed(self) -> Packed:
        contents = {name: part._contents() for name, part in self._parts.items()}
        return Packed(contents, is_network=True, profile=self.profile, of_synapses=self._of_synapses)

    def plot_raster(
        self,
        neurons: Any = None,
        *,
        since: float | None = None,
        until: float | None = None,
        ax: Axes | None = None,
    ) -> Axes:
        """Draw the spikes of each pool, and the rates below; see ``Result.plot_raster``."""
        from izhi_numba.results.raster import raster

        return raster(self, neurons, since=since, until=until, ax=ax)

    def plot_traces(
        self, variable: str | None = None, ax: Axes | None = None, *, stacked: bool = False
    ) -> Axes:
        """Draw the recorded traces of a variable, a panel for each pool that has it, or all of them stacked.

        Returns the axes of the first pool; those of others are in ``.figure.axes``. See
        ``Result.plot_traces``.
        """
        from izhi_numba.results.trace_plots import network_traces

        return network_traces(self, variable, ax, stacked=stacked)

    def __repr__(self) -> str:
        rates = ", ".join(f"{name} {part.rate():.3g} Hz" for name, part in self._parts.items())
        return self._at_its_pace(f"{self.duration:g} ms: {rates}", ";")
