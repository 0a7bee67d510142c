"""Statistics of spike counts in bins: variability, and correlation of pairs.

Functions that take arrays of counts are public. Those that take the spikes of many neurons, each with its
neuron and its bin, need no such array: nothing grows with the number of neurons times the number of bins.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from izhi_numba.base import checks
from izhi_numba.base.arrays import Array


def fano_factor(counts: Any) -> Any:
    """Variance of spike counts over their mean: 1 for a Poisson process, 0 for a clock.

    Of the neurons of a run: ``result.fano_factor(100.0)``.

    Source: U. Fano (1947), Physical Review 72:26-29, 10.1103/PhysRev.72.26.

    Parameters
    ----------
    counts : array (n_counts,) or (n_neurons, n_counts)
        In bins of one width, or in trials.

    Returns
    -------
    float or array (n_neurons,)
        NaN without spikes.

    Raises
    ------
    TypeError, ValueError
        Counts that are no finite numbers of at least 0.

    Examples
    --------
    >>> fano_factor([1, 3, 1, 3])
    0.5
    >>> fano_factor([[1, 3, 1, 3], [2, 2, 2, 2]])
    array([0.5, 0. ])
    """
    array = _counts("fano_factor", counts, dimensions=(1, 2))
    if not array.shape[-1]:
        return np.full(array.shape[:-1], np.nan)[()]
    found = _ratio(array.mean(axis=-1), array.var(axis=-1))
    return float(found) if array.ndim == 1 else found


def correlation(counts: Any) -> Array:
    """Pearson correlation of the spike counts of each pair of neurons.

    Of the neurons of a run: ``result.correlation(5.0)``.

    Parameters
    ----------
    counts : array (n_neurons, n_counts)
        In bins of one width, or in trials.

    Returns
    -------
    array (n_neurons, n_neurons)
        From -1 to 1; NaN for neurons with the same count everywhere.

    Raises
    ------
    TypeError, ValueError
        Counts that are no finite numbers of at least 0.
    MemoryError
        So many neurons that the pairs do not fit in memory.

    Examples
    --------
    >>> correlation([[1, 0, 1, 0], [0, 1, 0, 1], [1, 1, 0, 0]])
    array([[ 1., -1.,  0.],
           [-1.,  1.,  0.],
           [ 0.,  0.,  1.]])
    """
    array = _counts("correlation", counts, dimensions=(2,))
    n, n_counts = array.shape
    advice = "take fewer neurons; result.mean_correlation tells the mean of all pairs"
    checks.fits_in_memory(f"the correlations of {n} neurons", 8 * n * (2 * n + 3 * n_counts), advice)
    varies = (array != array[:, :1]).any(axis=1)
    found, known = np.full((n, n), np.nan), np.flatnonzero(varies)
    shifted = array[known] - array[known].mean(axis=1, keepdims=True)
    scores = shifted / np.sqrt((shifted**2).sum(axis=1, keepdims=True))
    products = scores @ scores.T
    found[np.ix_(known, known)] = np.clip(products, -1, 1, out=products)
    found[known, known] = 1
    return found


def counts_of_each(neurons: Array, bins: Array, n: int, n_bins: int) -> Array:
    """Spike counts of each neuron in each bin.

    Parameters
    ----------
    neurons, bins : int arrays (n_spikes,)
        From 0 to ``n - 1``, and from 0 to ``n_bins - 1``.
    n, n_bins : int

    Returns
    -------
    int64 array (n, n_bins)

    Examples
    --------
    >>> counts_of_each(np.array([1, 0, 1]), np.array([0, 2, 0]), 2, 3)
    array([[0, 0, 1],
           [2, 0, 0]])
    """
    return np.bincount(neurons.astype(np.int64) * n_bins + bins, minlength=n * n_bins).reshape(n, n_bins)


def fano_factor_of_each(neurons: Array, bins: Array, n: int, n_bins: int) -> Array:
    """Fano factor of each neuron, array (n,): :func:`fano_factor` of ``counts_of_each``.

    Examples
    --------
    >>> fano_factor_of_each(np.array([1, 0, 1, 0]), np.array([0, 0, 0, 1]), 3, 2)
    array([ 0.,  1., nan])
    """
    return _ratio(*_moments_of_each(neurons, bins, n, n_bins))


def mean_correlation(neurons: Array, bins: Array, n: int, n_bins: int) -> float:
    """Mean over all pairs of what :func:`correlation` tells, leaving out neurons of which it tells nothing.

    The sum over pairs is the variance of the sum of all scores, (count - mean) / deviation, less what each
    neuron has with itself: no pair is looked at.

    Parameters
    ----------
    neurons, bins, n, n_bins
        As of :func:`counts_of_each`.

    Returns
    -------
    float
        NaN where there are no two neurons.

    Examples
    --------
    >>> round(mean_correlation(np.array([0, 0, 1, 1, 2, 2]), np.array([0, 2, 1, 3, 0, 1]), 3, 4), 3)
    -0.333
    """
    mean, variance = _moments_of_each(neurons, bins, n, n_bins)
    known = variance > 0
    size = np.count_nonzero(known)
    if size < 2:
        return float("nan")
    weight = np.zeros(n)
    weight[known] = 1 / np.sqrt(variance[known])
    scores = np.bincount(bins, weight[neurons], n_bins) - np.sum(mean * weight)
    return float(((scores**2).mean() - size) / (size * (size - 1)))


def _moments_of_each(neurons: Array, bins: Array, n: int, n_bins: int) -> tuple[Array, Array]:
    """Mean and variance of the counts of each neuron, from the bins alone in which it spiked.

    Sums of whole numbers are exact, so that equal counts have a variance of exactly 0.
    """
    cells, counts = np.unique(neurons.astype(np.int64) * n_bins + bins, return_counts=True)
    squares = np.bincount(cells // n_bins, counts.astype(np.float64) ** 2, n)
    sums = np.bincount(neurons, minlength=n).astype(np.float64)
    return sums / n_bins, (n_bins * squares - sums**2) / n_bins**2


def _ratio(mean: Array, variance: Array) -> Array:
    found: Array = np.divide(variance, mean, out=np.full(np.shape(mean), np.nan), where=mean > 0)
    return found


def _counts(what: str, value: Any, dimensions: tuple[int, ...]) -> Array:
    """Check counts; return them as float64."""
    shapes = " or ".join({1: "(n_counts,)", 2: "(n_neurons, n_counts)"}[one] for one in dimensions)
    array = checks.as_array(value)
    if array.ndim not in dimensions or (array.size and array.dtype.kind not in "fiub"):
        raise TypeError(f"{what}: expected spike counts {shapes}, got {checks.short(value)}")
    counts = array.astype(np.float64)
    wrong = counts[~(np.isfinite(counts) & (counts >= 0))]
    if len(wrong):
        raise ValueError(f"{what}: expected finite spike counts of at least 0, got {wrong[0]:g}")
    return counts
