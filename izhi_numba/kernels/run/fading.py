"""What is left of a trace, or of a modulator, after some steps: one factor, however many steps there are.

The factor is a formula, and not a table, so that loops over synapses become vector code: processors gather
numbers of a table one by one. Beside ``exp(-gap * rate)`` it takes what rounding has lost of the rate and of
the product, three operations, and errs by two units in the last place at most.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from izhi_numba.kernels.elementary import decay
from izhi_numba.kernels.intrinsics import fma
from izhi_numba.kernels.jit import inline, kernel

N_DECAY = 2  # numbers that describe a decay: its rate per step, and what that lacks by rounding


@inline
def fading(rate, lacking, gap, zero):
    """What is left after some steps; ``zero`` is of the type of the numbers."""
    steps = -type(zero)(gap)
    x = steps * rate
    return decay(x, fma(steps, lacking, fma(steps, rate, -x)))


@kernel
def what_is_left(rate, lacking, gap):
    """The same, for Python."""
    return fading(rate, lacking, gap, rate)


def rates(tau: float, dt: float, dtype: np.dtype[Any]) -> tuple[Any, Any]:
    """Describe the decay by a time constant."""
    exact = Fraction(dt) / Fraction(tau)
    rate = dtype.type(float(exact))
    return rate, dtype.type(float(exact - Fraction(float(rate))))
