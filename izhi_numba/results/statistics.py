"""Statistics of the spikes of a run: trains, rates, irregularity, synchrony; of pools and of networks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from izhi_numba.base import checks
from izhi_numba.base.arrays import Array
from izhi_numba.base.clock import times_of, whole_steps
from izhi_numba.base.selection import Chosen, choose, size_of
from izhi_numba.results import populations
from izhi_numba.results.spikes import Spikes


class Activity:
    """Statistics of the spikes of a run; base class of results.

    ``neurons`` is everywhere the name of a group, a group, a slice, indices, or a truth value per neuron; all
    neurons by default. ``since`` leaves out what came until then, in ms of the simulation's time: a warm-up.
    """

    size: int
    dt: float
    groups: dict[str, slice]
    wall_time: float
    _first_step: int
    _n_steps: int

    if TYPE_CHECKING:  # what a result knows

        @property
        def spikes(self) -> Spikes:
            """Kept spikes."""

        @property
        def counts(self) -> Array:
            """Spikes of each neuron, whatever was kept."""

        @property
        def spikes_per_step(self) -> Array:
            """Spikes of all neurons in each step, whatever was kept."""

    @property
    def start(self) -> float:
        """Time at the beginning, ms."""
        return times_of(self._first_step, self.dt)

    @property
    def stop(self) -> float:
        """Time at the end, ms."""
        return times_of(self._first_step + self._n_steps, self.dt)

    @property
    def duration(self) -> float:
        """Simulated time, ms."""
        return times_of(self._n_steps, self.dt)

    @property
    def real_time_factor(self) -> float:
        """Wall time over simulated time; below 1 is faster than real time."""
        return 1000 * self.wall_time / self.duration if self._n_steps else float("nan")

    def rate(self, neurons: Any = None, *, since: float | None = None) -> float:
        """Mean firing rate.

        Parameters
        ----------
        neurons : str, Group, slice or array, optional
            All by default.
        since : float, optional
            Leave out what came until this time, in ms.

        Returns
        -------
        float
            In Hz; NaN where there are no neurons.

        Raises
        ------
        KeyError
            A group that is not there.
        TypeError, ValueError, IndexError
            Neurons or a time that make no sense; spikes that were not kept, if ``since`` is given.

        Examples
        --------
        >>> import izhi_numba as iz
        >>> pool = iz.Pool.cortical(1000, seed=1)
        >>> result = pool.run(1000.0)
        >>> round(result.rate(), 1), round(result.rate("inh", since=200.0), 1)
        (7.4, 6.4)
        """
        one, chosen = self._chosen("rate", neurons)
        first = one._first(since)
        counts = one.counts[chosen] if first == 0 else one._binned("rate", chosen, [first, one._n_steps])
        seconds = 1e-3 * times_of(one._n_steps - first, one.dt)
        size = size_of(chosen)
        return float(counts.sum() / size / seconds) if size and seconds else float("nan")

    def trains(self, neurons: Any = None, *, since: float | None = None) -> list[Array]:
        """Spike times of each neuron.

        Parameters
        ----------
        neurons, since
            As of ``rate``.

        Returns
        -------
        list of arrays
            In ms, one array per neuron, in the order of ``neurons``.

        Raises
        ------
        KeyError, TypeError, ValueError, IndexError
            As ``rate``; spikes that were not kept.

        Examples
        --------
        >>> import izhi_numba as iz
        >>> pool = iz.Pool(3)
        >>> pool.drive(pool, [0.0, 5.0, 10.0])
        >>> pool.run(100.0).trains([2, 0])
        [array([ 4., 31., 79.]), array([], dtype=float64)]
        """
        one, chosen = self._chosen("trains", neurons)
        return populations.trains(*one._spikes_of("trains", chosen, since), size_of(chosen))

    def cv(self, neurons: Any = None, *, since: float | None = None, least_spikes: int = 3) -> Array:
        """Coefficient of variation of each neuron's intervals: 0 for a clock, 1 for a Poisson process.

        Its mean over neurons is the irregularity of a population: ``np.nanmean(result.cv("exc"))``.

        Parameters
        ----------
        neurons, since
            As of ``rate``.
        least_spikes : int, default 3
            Below which a neuron has no number.

        Returns
        -------
        array (n_neurons,)
            NaN for neurons with fewer spikes.

        Raises
        ------
        KeyError, TypeError, ValueError, IndexError
            As ``rate``; spikes that were not kept.

        Examples
        --------
        >>> import izhi_numba as iz
        >>> result = iz.Pool.cortical(1000, seed=1).run(1000.0)
        >>> np.nanmean(result.cv("exc")).round(1)
        np.float64(0.4)
        """
        least = checks.whole_number("cv: least_spikes", least_spikes, at_least=3)
        one, chosen = self._chosen("cv", neurons)
        return populations.cv_of_each(*one._spikes_of("cv", chosen, since), size_of(chosen), least)

    def population_rate(
        self, bin: float, neurons: Any = None, *, since: float | None = None  # noqa: A002
    ) -> tuple[Array, Array]:  # fmt: skip
        """Firing rate of a population over time.

        Parameters
        ----------
        bin : float
            Width of a bin in ms, a multiple of ``dt``. What does not fill a bin at the end is left out.
        neurons, since
            As of ``rate``.

        Returns
        -------
        times : array (n_bins,)
            Middle of each bin, in ms.
        rate : array (n_bins,)
            In Hz, of a neuron.

        Raises
        ------
        KeyError, TypeError, ValueError, IndexError
            As ``rate``; a bin that is no multiple of ``dt`` or longer than the run; spikes that were not
            kept, unless all neurons are asked for.

        Examples
        --------
        >>> import izhi_numba as iz
        >>> result = iz.Pool.cortical(1000, seed=1).run(100.0)
        >>> times, rate = result.population_rate(20.0, "exc")
        >>> times
        array([10., 30., 50., 70., 90.])
        >>> rate.round(1)
        array([ 9.9, 31.2,  4.8,  1.4,  1.4])
        """
        one, chosen = self._chosen("population_rate", neurons)
        steps = one._bins("population_rate", bin, since)
        edges = times_of(one._first_step + steps, one.dt)
        counts = one._binned("population_rate", chosen, steps)
        size = size_of(chosen)
        rate = counts / (size * 1e-3 * bin) if size else np.full(len(counts), np.nan)
        return (edges[:-1] + edges[1:]) / 2, rate

    def synchrony(
        self,
        neurons: Any = None,
        *,
        bin: float = 3.0,  # noqa: A002
        since: float | None = None,
    ) -> float:
        """Variance of a population's spike count in bins, over its mean: the Fano factor of the population.

        1 where neurons spike independently as Poisson processes, less if they are regular, more the more they
        spike together. With a mean correlation of ``c`` between pairs it is about ``1 + (n - 1) c``: it grows
        with the number of neurons, so compare populations by samples of one size. The source has
        1000 neurons of each: ``result.synchrony(slice(0, 1000))``.

        Source: T. C. Potjans and M. Diesmann (2014), Cerebral Cortex 24:785-806, 10.1093/cercor/bhs358.

        Parameters
        ----------
        neurons, since
            As of ``rate``.
        bin : float, default 3
            In ms, as in the source; a multiple of ``dt``.

        Returns
        -------
        float
            NaN without spikes.

        Raises
        ------
        KeyError, TypeError, ValueError, IndexError
            As ``population_rate``.

        Examples
        --------
        >>> import izhi_numba as iz
        >>> round(iz.Pool.cortical(1000, seed=1).run(1000.0).synchrony())
        14
        """
        one, chosen = self._chosen("synchrony", neurons)
        return populations.fano_factor(one._binned("synchrony", chosen, one._bins("synchrony", bin, since)))

    def _chosen(self, what: str, neurons: Any) -> tuple[Activity, Chosen]:
        """The result that has the neurons, and which of its neurons they are."""
        return self, choose(what, neurons, self.size, self.groups)

    def _first(self, since: float | None) -> int:
        """Steps of this run that a warm-up takes."""
        if since is None:
            return 0
        time = checks.finite_number("since", since)
        if not self.start <= time < self.stop:
            raise ValueError(
                f"since: expected a time from {self.start:g} to below {self.stop:g} ms, when this run"
                f" was, got {time:g}"
            )
        return whole_steps("since", time, self.dt) - self._first_step if time else 0

    def _bins(self, what: str, width: float, since: float | None) -> Array:
        """Steps at which bins meet, counted from the beginning of the run."""
        first, per_bin = self._first(since), whole_steps(f"{what}: bin", width, self.dt)
        n_bins = (self._n_steps - first) // per_bin
        if not n_bins:
            left = times_of(self._n_steps - first, self.dt)
            raise ValueError(f"{what}: bin: expected at most the {left:g} ms that there are, got {width:g}")
        return first + per_bin * np.arange(n_bins + 1)

    def _binned(self, what: str, chosen: Chosen, steps: Any) -> Array:
        """Spikes of a population between steps of this run."""
        if isinstance(chosen, slice) and chosen == slice(0, self.size):  # known whatever was kept
            total = np.append(0, np.cumsum(self.spikes_per_step))
            return np.diff(total[steps])
        times = self._spikes_of(what, chosen)[1]
        return populations.binned_counts(times, times_of(self._first_step + np.asarray(steps), self.dt))

    def _spikes_of(self, what: str, chosen: Chosen, since: float | None = None) -> tuple[Array, Array]:
        """Spikes of chosen neurons, which are numbered from 0, and their times."""
        self._check_kept(what, chosen)
        neurons, times = self.spikes
        first = self._first(since)
        if first:
            begin = np.searchsorted(times, times_of(self._first_step + first, self.dt), side="right")
            neurons, times = neurons[begin:], times[begin:]
        if isinstance(chosen, slice):
            if chosen == slice(0, self.size):
                return neurons, times
            inside = (neurons >= chosen.start) & (neurons < chosen.stop)
            return neurons[inside] - chosen.start, times[inside]
        number = np.full(self.size, -1, np.int32)
        number[chosen] = np.arange(len(chosen))
        mine = number[neurons]
        inside = mine >= 0
        return mine[inside], times[inside]

    def _check_kept(self, what: str, chosen: Chosen) -> None:
        """Refuse to tell of spikes that were only counted."""
        if len(self.spikes.i) == self.counts.sum():
            return
        kept = np.bincount(self.spikes.i, minlength=self.size)
        lacking = np.count_nonzero((kept < self.counts)[chosen])
        if lacking:
            raise ValueError(
                f"{what}: the spikes of {lacking} of {size_of(chosen)} neurons were not kept; ask with"
                " pool.record('spikes') before the run, or choose neurons that were"
            )
