"""Statistics of the spikes of a run, of pools and of networks: trains, rates, irregularity, correlation."""

from __future__ import annotations

from typing import Any

import numpy as np

from izhi_numba.base import checks
from izhi_numba.base.arrays import Array
from izhi_numba.base.calls import called_as
from izhi_numba.base.clock import times_of
from izhi_numba.base.selection import size_of
from izhi_numba.results import counts as of_counts
from izhi_numba.results import populations
from izhi_numba.results.activity import Activity
from izhi_numba.results.counts import fano_factor
from izhi_numba.results.spectrum import power_spectrum


class Statistics(Activity):
    """Statistics of the spikes of a run.

    ``neurons`` is everywhere the name of a group, a group, a slice, indices, or a truth value per neuron; all
    neurons by default. ``since`` leaves out what came until then, in ms of the simulation's time: a warm-up.
    ``bin`` is a width in ms, a multiple of ``dt``; what does not fill a bin at the end is left out.

    A bin has the spikes after its beginning, up to its end: a spike is stamped with the end of the step in
    which it came, so that a bin holds what its steps did. Elephant, and ``np.histogram``, count a spike at an
    edge in the bin that begins there; spike times less ``dt / 2`` give the same counts there.
    """

    @called_as("result.rate('exc', since=100)")
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
        if first:
            n_spikes = int(one._binned("rate", chosen, [first, one._n_steps]).sum())
        else:
            n_spikes = one._n_spikes if one._is_whole(chosen) else int(one.counts[chosen].sum())
        seconds = 1e-3 * times_of(one._n_steps - first, one.dt)
        size = size_of(chosen)
        return n_spikes / size / seconds if size and seconds else float("nan")

    @called_as("result.trains('exc', since=100)")
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
        return populations.trains(*one._spikes_since("trains", chosen, since), size_of(chosen))

    @called_as("result.isi('exc', since=100)")
    def isi(self, neurons: Any = None, *, since: float | None = None) -> list[Array]:
        """Intervals between successive spikes of each neuron.

        Parameters
        ----------
        neurons, since
            As of ``rate``.

        Returns
        -------
        list of arrays
            In ms, one array per neuron, in the order of ``neurons``; empty below two spikes.
            ``np.concatenate`` makes one of them, for a histogram.

        Raises
        ------
        KeyError, TypeError, ValueError, IndexError
            As ``rate``; spikes that were not kept.

        Examples
        --------
        >>> import izhi_numba as iz
        >>> pool = iz.Pool(3)
        >>> pool.drive(pool, [0.0, 5.0, 10.0])
        >>> pool.run(100.0).isi([2, 0])
        [array([27., 48.]), array([], dtype=float64)]
        """
        one, chosen = self._chosen("isi", neurons)
        return populations.intervals(*one._spikes_since("isi", chosen, since), size_of(chosen))

    @called_as("result.cv('exc', since=100)")
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
        return one._of_each("cv", chosen, since, populations.cv_of_each, least)

    @called_as("result.lv('exc', since=100)")
    def lv(self, neurons: Any = None, *, since: float | None = None, least_spikes: int = 3) -> Array:
        """Local variation of each neuron's intervals: 0 for a clock, 1 for a Poisson process.

        Unlike ``cv`` it compares neighbouring intervals alone, so that slow changes of the rate do not add to
        it; see ``iz.lv``.

        Source: S. Shinomoto, K. Shima and J. Tanji (2003), Neural Computation 15:2823-2842,
        10.1162/089976603322518759.

        Parameters
        ----------
        neurons, since, least_spikes
            As of ``cv``.

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
        >>> net = iz.Network(seed=1)
        >>> noise = net.poisson("noise", 100, 20.0)
        >>> net.run(10_000.0).lv("noise").mean().round(1)
        np.float64(1.0)
        """
        least = checks.whole_number("lv: least_spikes", least_spikes, at_least=3)
        one, chosen = self._chosen("lv", neurons)
        return one._of_each("lv", chosen, since, populations.lv_of_each, least)

    @called_as("result.population_rate(5.0, 'exc', since=100)")
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
        return self._rate_in_bins("population_rate", bin, neurons, since)

    @called_as("result.synchrony('exc', bin=3.0)")
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
        return float(fano_factor(one._binned("synchrony", chosen, one._bins("synchrony", bin, since))))

    @called_as("result.power_spectrum(1.0, 'exc', since=100)")
    def power_spectrum(
        self,
        bin: float,  # noqa: A002
        neurons: Any = None,
        *,
        since: float | None = None,
        resolution: float | None = None,
    ) -> tuple[Array, Array]:
        """Power spectral density of a population's rate, by Welch's method; see ``iz.power_spectrum``.

        The density is one-sided: its integral over frequency is the variance of the rate. Without rhythm it
        is flat: ``n`` independent Poisson processes of rate ``r`` have ``2 * r / n`` at all frequencies. A
        rhythm is a peak. The mean of the rate is left out.

        Parameters
        ----------
        bin : float
            In ms, of the rate; frequencies go up to ``500 / bin`` Hz.
        neurons, since
            As of ``rate``.
        resolution : float, optional
            From one frequency to the next, in Hz: finer ones tell power less surely. By default the run is
            cut in 8 segments.

        Returns
        -------
        frequencies : array (n_frequencies,)
            In Hz.
        power : array (n_frequencies,)
            In Hz, which is Hz² of the rate per Hz of frequency.

        Raises
        ------
        KeyError, TypeError, ValueError, IndexError
            As ``population_rate``; a resolution that the run is too short for.

        Examples
        --------
        >>> import izhi_numba as iz
        >>> result = iz.Pool.cortical(1000, seed=1).run(2000.0)
        >>> frequencies, power = result.power_spectrum(1.0, "exc", resolution=2.0)
        >>> frequencies[np.argmax(power)]
        np.float64(8.0)
        """
        rate = self._rate_in_bins("power_spectrum", bin, neurons, since)[1]
        if np.isnan(rate).any():
            raise ValueError("power_spectrum: expected neurons, got none")
        return power_spectrum(rate, bin, resolution=resolution)

    @called_as("result.binned_counts(5.0, 'exc', since=100)")
    def binned_counts(
        self, bin: float, neurons: Any = None, *, since: float | None = None  # noqa: A002
    ) -> Array:  # fmt: skip
        """Spikes of each neuron in each bin.

        Parameters
        ----------
        bin : float
            In ms.
        neurons, since
            As of ``rate``.

        Returns
        -------
        int64 array (n_neurons, n_bins)

        Raises
        ------
        KeyError, TypeError, ValueError, IndexError
            As ``population_rate``; spikes that were not kept.
        MemoryError
            More than fits in memory.

        Examples
        --------
        >>> import izhi_numba as iz
        >>> pool = iz.Pool(3)
        >>> pool.drive(pool, [0.0, 5.0, 10.0])
        >>> pool.run(100.0).binned_counts(50.0)
        array([[0, 0],
               [1, 0],
               [2, 1]])
        """
        return self._counted("binned_counts", bin, neurons, since)

    @called_as("result.fano_factor(5.0, 'exc', since=100)")
    def fano_factor(
        self, bin: float, neurons: Any = None, *, since: float | None = None  # noqa: A002
    ) -> Array:  # fmt: skip
        """Fano factor of each neuron: variance of its spike counts in bins, over their mean.

        1 for a Poisson process, 0 for a clock of which each bin holds as many ticks. That of a population's
        count is ``synchrony``.

        Parameters
        ----------
        bin : float
            In ms; the wider, the more of slow changes of the rate is in it.
        neurons, since
            As of ``rate``.

        Returns
        -------
        array (n_neurons,)
            NaN for neurons without spikes.

        Raises
        ------
        KeyError, TypeError, ValueError, IndexError
            As ``population_rate``; spikes that were not kept.

        Examples
        --------
        >>> import izhi_numba as iz
        >>> net = iz.Network(seed=1)
        >>> noise = net.poisson("noise", 100, 20.0)
        >>> net.run(10_000.0).fano_factor(100.0, "noise").mean().round(1)
        np.float64(1.0)
        """
        return of_counts.fano_factor_of_each(*self._spikes_in_bins("fano_factor", bin, neurons, since))

    @called_as("result.correlation(5.0, 'exc', since=100)")
    def correlation(
        self, bin: float, neurons: Any = None, *, since: float | None = None  # noqa: A002
    ) -> Array:  # fmt: skip
        """Pearson correlation of the spike counts of each pair of neurons.

        Parameters
        ----------
        bin : float
            In ms; the wider, the more of what neurons share is seen.
        neurons, since
            As of ``rate``.

        Returns
        -------
        array (n_neurons, n_neurons)
            From -1 to 1; NaN for neurons that have the same count in all bins.

        Raises
        ------
        KeyError, TypeError, ValueError, IndexError
            As ``population_rate``; spikes that were not kept.
        MemoryError
            More pairs than fit in memory; ``mean_correlation`` looks at none.

        Examples
        --------
        >>> import izhi_numba as iz
        >>> result = iz.Pool.cortical(1000, seed=1).run(1000.0)
        >>> result.correlation(5.0, range(100)).shape
        (100, 100)
        """
        return of_counts.correlation(self._counted("correlation", bin, neurons, since))

    @called_as("result.mean_correlation(5.0, 'exc', since=100)")
    def mean_correlation(
        self, bin: float, neurons: Any = None, *, since: float | None = None  # noqa: A002
    ) -> float:  # fmt: skip
        """Mean correlation of the spike counts of all pairs of neurons, however many these are.

        Parameters
        ----------
        bin, neurons, since
            As of ``correlation``.

        Returns
        -------
        float
            Neurons that have the same count in all bins are left out; NaN where no two are left.

        Raises
        ------
        KeyError, TypeError, ValueError, IndexError
            As ``population_rate``; spikes that were not kept.

        Examples
        --------
        >>> import izhi_numba as iz
        >>> result = iz.Pool.cortical(1000, seed=1).run(1000.0)
        >>> round(result.mean_correlation(5.0, "exc"), 2)
        0.02
        """
        return of_counts.mean_correlation(*self._spikes_in_bins("mean_correlation", bin, neurons, since))

    def _rate_in_bins(
        self, what: str, width: float, neurons: Any, since: float | None
    ) -> tuple[Array, Array]:
        """Middle of each bin, ms, and the rate in it, Hz; NaN where there are no neurons."""
        one, chosen = self._chosen(what, neurons)
        steps = one._bins(what, width, since)
        edges = times_of(one._first_step + steps, one.dt)
        counts, size = one._binned(what, chosen, steps), size_of(chosen)
        rate = counts / (size * 1e-3 * width) if size else np.full(len(counts), np.nan)
        return (edges[:-1] + edges[1:]) / 2, rate

    def _counted(self, what: str, width: float, neurons: Any, since: float | None) -> Array:
        """Spikes of chosen neurons in each bin, if they fit in memory."""
        spikes = self._spikes_in_bins(what, width, neurons, since)
        n, n_bins = spikes[2:]
        checks.fits_in_memory(
            f"{what}: the counts of {n} neurons in {n_bins} bins", 8 * n * n_bins,
            "take fewer neurons, or wider bins",
        )  # fmt: skip
        return of_counts.counts_of_each(*spikes)
