"""Roots of the derivatives of a neuron, by Newton's method from many starts at once."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from izhi_numba.neuron.flow import Array, Bools, Flow

_MOST_ITERATIONS = 40
_ENOUGH_TO_BEGIN = 16  # iterations after which what still goes far is given up
_FAR = 0.1  # in units of the variables' scales
# In units of the variables' scales. Newton's steps only halve near a double root, and stop at a hundred
# millionth of the scale, the root of rounding.
_SMALL_STEP = 1e-7
_LAST_STEP = 1e-10  # after it the error is about its square
_SMALL_RATE = 1e-9


@np.errstate(all="ignore")
def solve(
    flow: Flow, x: Array, scale: Array, rows: Sequence[int], columns: Sequence[int]
) -> tuple[Array, Bools]:
    """Find where some rates are 0 by moving some variables: Newton's method, all columns of ``x`` at once.

    Where there are fewer rates than variables, the shortest way, in units of ``scale``.

    Returns
    -------
    x, converged : array (n_variables, n), bool array (n,)
    """
    x = x.astype(np.float64)
    converged = np.zeros(x.shape[1], bool)
    active = np.arange(x.shape[1])
    unit = scale[list(columns)]
    for iteration in range(_MOST_ITERATIONS):
        if not len(active):
            break
        rates, slopes = linearised(flow, x[:, active], scale, rows, columns)
        slopes = slopes * unit
        finite = np.isfinite(rates).all(axis=0) & np.isfinite(slopes).all(axis=(1, 2))
        active, rates, slopes = active[finite], rates[:, finite], slopes[finite]
        size = np.abs(slopes).sum(axis=2)
        residual = np.divide(rates.T, size, out=np.where(rates.T == 0, 0.0, np.inf), where=size > 0)
        solvable = np.where(np.isfinite(residual), residual, 0.0)
        step = _steps(slopes / np.where(size > 0, size, 1.0)[:, :, None], solvable)
        length = np.abs(step).max(axis=1)
        converged[active] = (length < _SMALL_STEP) & (np.abs(residual) < _SMALL_RATE).all(axis=1)
        # No more than the range of the voltage at once: beyond it lie other roots, or none.
        shorter = 1 / np.maximum(np.abs(step[:, 0]), 1.0) if 0 in columns else np.ones(len(step))
        x[np.ix_(np.array(columns), active)] -= (step * shorter[:, None] * unit).T
        farthest = _FAR if iteration > _ENOUGH_TO_BEGIN else np.inf
        active = active[(length > _LAST_STEP) & (length < farthest)]
    return x, converged


def _steps(slopes: Array, residual: Array) -> np.ndarray[Any, np.dtype[np.floating[Any]]]:
    """Solve systems (n, rows, columns), the shortest way where there is no other."""
    if slopes.shape[1] == 1:
        square = (slopes[:, 0] ** 2).sum(axis=1, keepdims=True)
        with np.errstate(all="ignore"):
            return np.where(square > 0, slopes[:, 0] * residual / square, 0.0)
    if slopes.shape[1] == slopes.shape[2]:
        with contextlib.suppress(np.linalg.LinAlgError):
            return np.linalg.solve(slopes, residual[:, :, None])[:, :, 0]  # 11 times as fast
    return (np.linalg.pinv(slopes) @ residual[:, :, None])[:, :, 0]


@np.errstate(all="ignore")
def linearised(
    flow: Flow, x: Array, scale: Array, rows: Sequence[int], columns: Sequence[int]
) -> tuple[Array, Array]:
    """Rates (rows, n) of some variables, and their slopes (n, rows, columns) by some; may not be finite."""
    n = x.shape[1]
    steps = np.cbrt(np.finfo(float).eps) * scale[list(columns)]
    points = np.repeat(x[:, None], 1 + 2 * len(columns), axis=1)  # (variables, here and to either side, n)
    for place, (column, step) in enumerate(zip(columns, steps, strict=True)):
        points[column, 1 + 2 * place] += step
        points[column, 2 + 2 * place] -= step
    rates = flow(points.reshape(len(x), -1)).reshape(len(x), -1, n)[list(rows)]
    widths = np.array([points[c, 1 + 2 * k] - points[c, 2 + 2 * k] for k, c in enumerate(columns)])
    slopes = (rates[:, 1::2] - rates[:, 2::2]) / widths  # what was rounded in the sums is in the widths
    return rates[:, 0], slopes.transpose(2, 0, 1)
