"""Samples by time and neuron: their mean over a step, for the neurons of a tile."""

from __future__ import annotations

import numpy as np

from izhi_numba.kernels.intrinsics import view
from izhi_numba.kernels.jit import inline, shared


@inline
def has_samples(pool, row):
    """Whether a row of the waveforms, or after these of the Poisson trains, has samples for each neuron."""
    return pool.n_fields > 0 and view(pool.fields, 4 * pool.n_fields, np.int64)[4 * row] != 0


@shared
def _add_up(mean, field, sample, shares, tile, number, itemsize):
    """Add up the samples of a step for a tile, each times its share of the step."""
    samples, n_columns, first, columns = field[0], field[1], field[2], field[3]
    count = len(mean)
    begin, end = max(first, tile), min(first + n_columns, tile + count)
    column_of = view(columns + 8 * tile, count if columns else 0, np.int64)
    for i in range(count):
        mean[i] = 0.0
    for k in range(len(shares)):
        share, values = shares[k], view(samples + itemsize * (sample + k) * n_columns, n_columns, number)
        if share == 0:
            continue
        if columns:
            for i in range(count):
                mean[i] += share * values[column_of[i]]
        else:
            here, given = mean[begin - tile : end - tile], values[begin - first : end - first]
            for i in range(end - begin):
                here[i] += share * given[i]


@inline
def take_mean(mean, pool, number, itemsize, row, at, tile):
    """Fill in the mean of the samples of a row over a step (row ``at`` of the tables), float64.

    Neurons without samples have those of others, or 0, and an amplitude of 0.
    """
    place = at * pool.n_fields + row
    _add_up(
        mean, view(pool.fields + 32 * row, 4, np.int64), view(pool.first_samples + 8 * place, 1, np.int64)[0],
        view(pool.shares + 8 * place * pool.n_shares, pool.n_shares, np.float64), tile, number, itemsize,
    )  # fmt: skip


@shared
def expect(expected, amplitude, mean, number):
    """Fill in the events that each neuron expects; returns the most, and whether all but 0 are equal."""
    most, same = number(0), True
    for i in range(len(mean)):
        expected[i] = amplitude[i] * mean[i]
        most = max(most, expected[i])
    for i in range(len(mean)):
        same &= (expected[i] == most) | (expected[i] == 0)
    return most, same
