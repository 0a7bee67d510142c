"""Statistics of the spikes of one neuron."""

from __future__ import annotations

from typing import Any

import numpy as np

from izhi_numba.base.checks import as_array, finite_number, whole_number

Array = np.ndarray[Any, np.dtype[np.float64]]


def isi(times: Any) -> Array:
    """Intervals between successive spikes.

    Parameters
    ----------
    times : array (n_spikes,)
        Of the spikes of one neuron, in ms, ascending.

    Returns
    -------
    array (n_spikes - 1,)
        In ms; empty below two spikes.

    Raises
    ------
    TypeError, ValueError
        Times that are no ascending numbers.

    Examples
    --------
    >>> isi([10.0, 15.0, 25.0])
    array([ 5., 10.])
    """
    return np.diff(_spike_times(times))


def cv(times: Any) -> float:
    """Coefficient of variation of the intervals: standard deviation over mean.

    0 for a clock, 1 for a Poisson process. Of all neurons of a run at once: ``result.cv()``.

    Parameters
    ----------
    times : array (n_spikes,)
        Of the spikes of one neuron, in ms, ascending.

    Returns
    -------
    float
        NaN below two intervals.

    Raises
    ------
    TypeError, ValueError
        Times that are no ascending numbers.

    Examples
    --------
    >>> cv([0.0, 1.0, 4.0])
    0.5
    """
    intervals = isi(times)
    return float(intervals.std() / intervals.mean()) if len(intervals) > 1 else float("nan")


def lv(times: Any) -> float:
    """Local variation of intervals: mean of ``3 (next - this)**2 / (next + this)**2`` over neighbouring ones.

    0 for a clock, 1 for a Poisson process, as ``cv``, but slow changes of the rate do not add to it. Of all
    neurons of a run at once: ``result.lv()``.

    Source: S. Shinomoto, K. Shima and J. Tanji (2003), Neural Computation 15:2823-2842,
    10.1162/089976603322518759.

    Parameters
    ----------
    times : array (n_spikes,)
        Of the spikes of one neuron, in ms, ascending.

    Returns
    -------
    float
        NaN below two intervals.

    Raises
    ------
    TypeError, ValueError
        Times that are no ascending numbers.

    Examples
    --------
    >>> lv([0.0, 1.0, 4.0])
    0.75
    """
    contrasts = _contrasts(times)
    return float(3 * np.mean(contrasts**2)) if len(contrasts) else float("nan")


def adaptation_index(times: Any) -> float:
    """Mean of ``(next - this) / (next + this)`` over neighbouring intervals.

    Above 0 the neuron slows down, below it speeds up; between -1 and 1.

    Source: the feature "adapt" of the Allen Institute's IPFX, ``spike_train_features.norm_diff``.

    Parameters
    ----------
    times : array (n_spikes,)
        Of the spikes of one neuron, in ms, ascending.

    Returns
    -------
    float
        NaN below two intervals.

    Raises
    ------
    TypeError, ValueError
        Times that are no ascending numbers.

    Examples
    --------
    >>> adaptation_index([0.0, 1.0, 4.0])
    0.5
    """
    contrasts = _contrasts(times)
    return float(np.mean(contrasts)) if len(contrasts) else float("nan")


def _contrasts(times: Any) -> Array:
    """Difference over sum of neighbouring intervals: this one and the next."""
    intervals = isi(times)
    return np.diff(intervals) / (intervals[1:] + intervals[:-1])


def bursts(times: Any, longest_interval: float = 10.0, *, least_spikes: int = 2) -> list[Array]:
    """Group spikes that follow each other closely.

    This is the method of the maximal interval, with one limit for the beginning and the rest of a burst, and
    none for the pause between two or the duration.

    Source: E. Cotterill and S. J. Eglen (2019), "Burst detection methods", Advances in Neurobiology
    22:185-206, 10.1007/978-3-030-11135-9_8.

    Parameters
    ----------
    times : array (n_spikes,)
        Of the spikes of one neuron, in ms, ascending.
    longest_interval : float, default 10
        Between two spikes of a burst, in ms.
    least_spikes : int, default 2
        Of a burst.

    Returns
    -------
    list of arrays
        Times of the spikes of each burst, in ms.

    Raises
    ------
    TypeError, ValueError
        Times that are no ascending numbers, an interval that is not above 0, or fewer than 2 spikes.

    Examples
    --------
    >>> bursts([0, 4, 8, 50, 100, 103])
    [array([0., 4., 8.]), array([100., 103.])]
    """
    longest = finite_number("bursts: longest_interval", longest_interval, above=0)
    least = whole_number("bursts: least_spikes", least_spikes, at_least=2)
    spikes = _spike_times(times)
    groups = np.split(spikes, np.flatnonzero(np.diff(spikes) > longest) + 1)
    return [group for group in groups if len(group) >= least]


def _spike_times(times: Any) -> Array:
    """Return the spike times of one neuron as float64."""
    array = as_array(times)
    if array.ndim != 1 or (array.size and array.dtype.kind not in "fiu"):
        raise TypeError(
            f"times: expected an array of spike times in ms, such as result.spike_times, got {times!r:.60}"
        )
    spikes = array.astype(np.float64)
    bad = np.flatnonzero(~np.isfinite(spikes))
    if len(bad):
        raise ValueError(
            f"times: expected finite spike times in ms, got {spikes[bad[0]]:g} at index {bad[0]}"
        )
    late = np.flatnonzero(np.diff(spikes) <= 0)
    if len(late):
        k = late[0] + 1
        raise ValueError(
            f"times: expected ascending spike times of one neuron, got {spikes[k]:g} after {spikes[k - 1]:g}"
            f" at index {k}; in a pool choose a neuron: result.trains()[0]"
        )
    return spikes
