"""The result of a run of one pool: spikes, traces and counts, with statistics and plots."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from izhi_numba.base import checks
from izhi_numba.base.arrays import Array
from izhi_numba.base.calls import called_as
from izhi_numba.base.clock import times_of
from izhi_numba.base.selection import Chosen, as_text, indices_of, size_of
from izhi_numba.results.exports import Exports
from izhi_numba.results.formats.recorded import (
    RecordedMean,
    RecordedPopulation,
    RecordedRun,
    RecordedTrace,
)
from izhi_numba.results.lag import Lag
from izhi_numba.results.means import Mean
from izhi_numba.results.packing import Contents, Packed
from izhi_numba.results.populations import among
from izhi_numba.results.profile import Profile
from izhi_numba.results.recording import Trace
from izhi_numba.results.returned import Returned, joined
from izhi_numba.results.sequence import Origin, check_follows, check_traces
from izhi_numba.results.spikes import Spikes
from izhi_numba.results.streamed import AnyRecording, StreamedRecording
from izhi_numba.results.weights import WithSynapses
from izhi_numba.results.weights import joined as joined_weights

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_BLOCK_BYTES = 1 << 25  # of counts in bins, that are looked at once


class _Traces(dict[str, Any]):
    """Traces by name, with a message for names that are not there."""

    of_others: Mapping[str, Array]  # recorded, but not of these neurons

    def __missing__(self, variable: str) -> Array:
        raise KeyError(_not_recorded(variable, self, self.of_others))


def _not_recorded(variable: str, traces: dict[str, Array], of_others: Mapping[str, Array]) -> str:
    if variable in of_others:
        return f"{variable!r} was not recorded of these neurons, but of {as_text(of_others[variable])}"
    kept = ", ".join(traces) or "nothing"
    of = variable.removeprefix("mean_") if isinstance(variable, str) else variable
    asked = repr(variable) if of == variable else f"{of!r}, mean=True"
    return f"{variable!r} was not recorded; recorded: {kept}. Ask with pool.record({asked})"


class Result(Exports, WithSynapses):
    """What one run of a pool left: its spikes, its traces, and numbers from them.

    ``save`` writes it to a file for ``iz.load_result``; ``to_pandas``, ``to_xarray``, ``to_neo``, ``to_nwb``
    and ``to_sonata`` are for other tools. It may be pickled.

    ``result["exc"]`` is the result of a group, or of any neurons: slices, indices, truth values. Its neurons
    are numbered from 0. ``first + second`` is the result of two runs, one after the other, as if they had
    been one; ``sum(results)`` that of many. It has no profile, and no lag.

    Attributes
    ----------
    size : int
        Neurons.
    dt, start, stop : float
        Step, and time at the beginning and the end, ms.
    wall_time, compile_time : float
        Seconds that the run took, without compilation, and that compilation (or loading from the
        disk cache) took before it.
    groups : dict
        Name to neurons: a slice, or indices of those that are no neighbours.
    units : dict
        Unit of each variable of the model, and of ``I``; empty where there is none.
    profile : Profile or None
        Where the time of the run went, if that was asked for.
    lag : Lag or None
        How far the run was behind the clock, where it had to keep pace with it.
    returned : dict
        What functions have returned that the run called: interval in ms to times ``.t`` and ``.values``.
    weights : dict
        Weights that ``synapses.record`` has asked for, by name: times ``.t``, ``.values``, ``.sources``,
        ``.targets``, see :class:`RecordedWeights`. The result of some neurons has none.
    synapses : dict
        The same with variables of synapses that learn: ``synapses["exc -> inh"]["x"]``.
    is_source : bool
        Whether its units only send spikes: ``net.poisson``, ``net.spike_list``.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> pool = iz.Pool(2)
    >>> pool.drive(pool, 10.0)
    >>> result = pool.run(50.0)
    >>> result.spikes.t
    array([ 4.,  4., 31., 31.])
    >>> (result + pool.run(50.0))[[1]].spikes.t
    array([ 4., 31., 79.])
    """

    def __init__(
        self,
        recording: AnyRecording,
        *,
        n: int,
        dt: float,
        groups: Mapping[str, Chosen],
        wall_time: float,
        compile_time: float,
        units: dict[str, str] | None = None,
        is_source: bool = False,
        origin: tuple[str, str] = ("", ""),
    ) -> None:
        """``origin``: what is simulated, and its population."""
        self.size, self.dt, self.groups = n, dt, dict(groups)
        self.units, self.is_source = dict(units or {}), is_source
        for one in recording.traces:
            if isinstance(one, Mean) and one.of in self.units:
                self.units[one.variable] = self.units[one.of]
        self.wall_time, self.compile_time = wall_time, compile_time
        self.profile: Profile | None = None
        self.lag: Lag | None = None
        self.returned: dict[float, Returned] = {}
        self._recording = recording
        self._of_others: Mapping[str, Array] = {}  # traces of other neurons only, and their neurons
        self._origin = Origin(*origin, slice(0, n))
        self._first_step, self._n_steps = recording.first_step, recording.steps
        self._is_read = recording.is_read

    @classmethod
    def _from(cls, contents: Contents) -> Result:
        """The result that a file holds."""
        found = cls(
            contents.recording, n=contents.recording.n, dt=contents.dt, groups=contents.groups,
            wall_time=contents.wall_time, compile_time=contents.compile_time, units=dict(contents.units),
            is_source=contents.is_source,
        )  # fmt: skip
        found._origin, found._of_others = contents.origin, contents.of_others
        return found

    def _contents(self) -> Contents:
        """All that the result is made of."""
        return Contents(
            self._recording, self.dt, self.groups, self.wall_time, self.compile_time, self.units,
            self.is_source, self._origin, self._of_others,
        )  # fmt: skip

    def _packed(self) -> Packed:
        return Packed(
            {"": self._contents()}, is_network=False, profile=self.profile, of_synapses=self._of_synapses
        )

    def _population(self) -> RecordedPopulation:
        numbers = indices_of(self._origin.neurons)
        told = [
            (one, (one.variable, self.units.get(one.variable, ""), np.asarray(self.traces[one.variable]),
                   self.times(one.variable), one.every * self.dt))
            for one in self._recording.traces if one.width
        ]  # fmt: skip
        traces = [RecordedTrace(*what, one.neurons) for one, what in told if isinstance(one, Trace)]
        means = [RecordedMean(*what, [*one.columns]) for one, what in told if isinstance(one, Mean)]
        name = self._origin.population or "pool"
        return RecordedPopulation(
            name, self.is_source, numbers, self.groups, self.spikes, self.counts, traces, means
        )  # fmt: skip

    def _recorded(self) -> RecordedRun:
        return RecordedRun(self.start, self.stop, self.dt, [self._population()], is_network=False)

    @functools.cached_property
    def _per_step(self) -> Array:
        return self._recording.per_step

    @functools.cached_property
    def counts(self) -> Array:
        """Spikes of each neuron, int64 (n,), whatever was kept."""
        return self._recording.spike_counts()

    @property
    def spikes_per_step(self) -> Array:
        """Spikes of all neurons in each step, whatever was kept; of some neurons, if theirs were kept."""
        if not self._recording.is_whole:
            self._check_kept("spikes_per_step", slice(0, self.size))
        return self._per_step[:, 0]

    @functools.cached_property
    def spikes(self) -> Spikes:
        """Kept spikes: neuron ``i`` and time ``t`` (ms), by time, then neuron.

        The time is the end of the step, or the crossing of the threshold in a pool with interpolated
        spike times.
        """
        return self._recording.spikes(self.dt)

    @property
    def _n_kept(self) -> int:
        read = self._recording
        return read.n_kept if isinstance(read, StreamedRecording) else len(self.spikes.i)

    @property
    def _n_spikes(self) -> int:
        return self._recording.count

    def _kept_counts(self) -> Array:
        read = self._recording
        return read.kept_counts if isinstance(read, StreamedRecording) else super()._kept_counts()

    def _between(self, first: int, last: int) -> Spikes:
        read = self._recording
        if isinstance(read, StreamedRecording):
            return read.between(first, last)
        return super()._between(first, last)

    def _n_lacking(self, chosen: Chosen) -> int:
        read = self._recording
        return 0 if isinstance(read, StreamedRecording) and read.keeps_all else super()._n_lacking(chosen)

    @functools.cached_property
    def traces(self) -> dict[str, Any]:
        """Kept variables by name: arrays (times, neurons); means as "mean_v": (times, groups).

        Of a run that was recorded to a file they are read from it where they are indexed:
        ``result.traces["v"][:1000]``, and ``np.asarray(result.traces["v"])`` for all.
        """
        found = _Traces(
            (trace.variable, self._recording.values(place))
            for place, trace in enumerate(self._recording.traces)
        )
        found.of_others = self._of_others
        return found

    def times(self, variable: str) -> Array:
        """Times (ms) of a trace's rows."""
        every = self._trace(variable).every
        steps = (self._first_step // every + 1 + np.arange(len(self.traces[variable]))) * every
        return times_of(steps, self.dt)

    def neurons(self, variable: str) -> Array:
        """Neurons of a trace's columns; for those of means see ``columns``."""
        trace = self._trace(variable)
        if isinstance(trace, Mean):
            raise ValueError(
                f"neurons: {variable!r} has a column for each group, and not for each neuron; result.columns("
                f"{variable!r}) tells which"
            )
        return trace.neurons

    def columns(self, variable: str) -> dict[str, Chosen]:
        """What the columns of a mean are, in their order: names, and neurons as in ``groups``.

        Without a group's name it is the pool's, or the neurons are told by their numbers in the pool.

        Examples
        --------
        >>> import izhi_numba as iz
        >>> pool = iz.Pool.cortical(1000, seed=1)
        >>> pool.record("v", mean=True)
        >>> pool.record("v", neurons="inh", mean=True)
        >>> result = pool.run(10.0)
        >>> result.traces["mean_v"].shape, result.columns("mean_v")
        ((10, 2), {'pool': slice(0, 1000, None), 'inh': slice(800, 1000, None)})
        """
        trace = self._trace(variable)
        if isinstance(trace, Trace):
            raise ValueError(
                f"columns: {variable!r} has a column for each neuron, and not for a group; result.neurons("
                f"{variable!r}) tells which"
            )
        return dict(trace.columns)

    def _names(self, variable: str) -> tuple[str, list[str]]:
        """What the columns of a trace are, and which; for plots."""
        trace = self._trace(variable)
        if isinstance(trace, Mean):
            return "mean of", [*trace.columns]
        return "neuron", [*map(str, trace.neurons.tolist())]

    def _counted_in_bins(self, what: str, chosen: Chosen, steps: Array) -> Array | None:
        bins, begin = self._recording.bins, self._first_step
        if bins is None or not self._n_lacking(chosen):
            return None
        inside, columns = among(indices_of(chosen), bins.neurons, self.size)
        if not inside.all():
            return None
        if ((begin + steps) % bins.every).any():
            raise ValueError(
                f"{what}: the spikes were counted in bins of {times_of(bins.every, self.dt):g} ms, which"
                " begin at multiples of it: take bins, and since=, that are multiples, too"
            )
        checks.fits_in_memory(
            f"{what}: the counts of {len(columns)} neurons in {len(steps) - 1} bins",
            8 * len(columns) * (len(steps) - 1), "take fewer neurons, or wider bins",
        )  # fmt: skip
        rows = (begin + steps) // bins.every - begin // bins.every
        found = np.zeros((len(steps) - 1, len(columns)), np.int64)
        each = max(1, _BLOCK_BYTES // (4 * len(bins.neurons)))
        for first in range(int(rows[0]), int(rows[-1]), each):
            last = min(first + each, int(rows[-1]))
            counts = self._recording.binned(first, last)[:, columns]
            which = np.searchsorted(rows, np.arange(first, last), side="right") - 1
            starts = np.flatnonzero(np.diff(which, prepend=-1))
            found[which[starts]] += np.add.reduceat(counts, starts, axis=0, dtype=np.int64)
        return found

    def __getitem__(self, neurons: Any) -> Result:
        """Return the result of some neurons; see ``rate`` for the ways to say which."""
        _, chosen = self._chosen("result", neurons)
        return self._of(chosen)

    def _of(self, chosen: Chosen) -> Result:
        """The result of some neurons, with the same methods."""
        size = size_of(chosen)
        if isinstance(chosen, slice) and size == self.size:
            return self
        found = Result(
            self._recording.narrowed(chosen), n=size, dt=self.dt, groups=self._groups_of(chosen),
            wall_time=self.wall_time, compile_time=self.compile_time, units=self.units,
            is_source=self.is_source,
        )  # fmt: skip
        found._origin = self._origin.of(chosen)
        kept = {trace.variable: trace.neurons for trace in self._recording.traces} | dict(self._of_others)
        there = {trace.variable for trace in found._recording.traces}
        found._of_others = {name: neurons for name, neurons in kept.items() if name not in there}
        return found

    def __add__(self, later: Result) -> Result:
        """Return the result of this run and the next, as if they had been one."""
        check_follows(self, later, Result)
        check_traces(self._recording, later._recording)
        found = Result(
            self._recording.joined(later._recording), n=self.size, dt=self.dt, groups=later.groups,
            wall_time=self.wall_time + later.wall_time, compile_time=self.compile_time + later.compile_time,
            units=self.units, is_source=self.is_source,
        )  # fmt: skip
        found._origin = self._origin
        found.returned = joined(self.returned, later.returned)
        found._of_synapses = joined_weights(self._of_synapses, later._of_synapses)
        return found

    def _is_of_the_same(self, other: Result) -> bool:
        return self._origin.is_same(other._origin)

    def _trace(self, variable: str) -> Trace | Mean:
        for trace in self._recording.traces:
            if trace.variable == variable:
                return trace
        raise KeyError(_not_recorded(variable, self.traces, self._of_others))

    @called_as("result.plot_raster('exc', since=100)")
    def plot_raster(
        self,
        neurons: Any = None,
        *,
        since: float | None = None,
        until: float | None = None,
        ax: Axes | None = None,
    ) -> Axes:
        """Draw spikes, coloured by group, and the population's rate below; returns the raster's axes.

        Parameters
        ----------
        neurons : str, Group, slice or array, optional
            All by default.
        since, until : float, optional
            Window of time, in ms; the whole run by default.
        ax : matplotlib.axes.Axes, optional
            Into axes that are given, spikes alone are drawn: without the rates and the title.

        Examples
        --------
        >>> import izhi_numba as iz
        >>> result = iz.Pool.cortical(1000, seed=1).run(500.0)
        >>> result.plot_raster("inh", since=100.0, until=300.0).get_ylim()
        (np.float64(797.5), np.float64(1001.5))
        """
        from izhi_numba.results.raster import raster

        return raster(self, neurons, since=since, until=until, ax=ax)

    @called_as("result.plot_traces('v', stacked=True)")
    def plot_traces(
        self, variable: str | None = None, ax: Axes | None = None, *, stacked: bool = False
    ) -> Axes:
        """Draw the recorded traces of a variable, the first one unless said otherwise; returns the axes.

        Of more than ten neurons the first ten; those of some are drawn by ``result[[3, 800]].plot_traces()``.
        Stacked, they are drawn above each other, up to 25, with a bar for the scale. Of means, ``"mean_v"``,
        each group has a line.
        """
        from izhi_numba.results.trace_plots import traces

        return traces(self, variable or next(iter(self.traces), "v"), ax, stacked=stacked)

    def __repr__(self) -> str:
        spikes = f"{self._n_spikes} spikes, {self.rate():.3g} Hz"
        return self._at_its_pace(f"{self.duration:g} ms of {self.size} neurons: {spikes}", ",")
