"""Homeostasis: weights onto each target that are scaled, so that together they stay what they were."""

from __future__ import annotations

import numpy as np

from izhi_numba.base.arrays import Array


def normalized(weights: Array, targets: Array, total: Array, bounds: tuple[float, float]) -> Array:
    """Return weights whose magnitudes add up to a number for each target, as far as their bounds allow.

    Sums are those of double precision, in the order given. Where all weights of a target are 0 they stay so.

    Parameters
    ----------
    weights : float array (n_synapses,)
    targets : int array (n_synapses,)
        Target of each.
    total : float array (n_targets,)
    bounds : (float, float)
    """
    share = weights.astype(np.float64)
    sums = np.bincount(targets, np.abs(share), minlength=len(total))
    sums[sums == 0] = 1.0
    share /= sums[targets]  # first, as the quotient of total and sum may be too large a number
    scaled: Array = np.clip(share * total[targets], *bounds).astype(weights.dtype)
    return scaled
