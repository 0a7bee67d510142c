"""What is left of a trace, or of a modulator, after some steps: one factor, however many steps there are.

The factor is a formula, and not a table, so that loops over synapses become vector code: processors gather
numbers of a table one by one. It is a power of two, of which the exponent is not rounded, and errs by less
than two units in the last place; in single precision up to 2**24 steps, which it tells apart.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np

from izhi_numba.kernels.elementary import power_of_two
from izhi_numba.kernels.jit import inline, kernel

N_DECAY = 2  # numbers that describe a decay: the logarithm of what a step leaves, and what that lacks
_LEAST = -(2.0**100)  # a step leaves nothing
_LOG2_E = Fraction(1.4426950408889634) + Fraction(2.0355273740931033e-17)


@inline
def fading(rate, lacking, gap, zero):
    """What is left after some steps; ``zero`` is of the type of the numbers."""
    return power_of_two(type(zero)(gap), rate, lacking)


@kernel
def what_is_left(rate, lacking, gap):
    """The same, for Python."""
    return fading(rate, lacking, gap, rate)


def rates(tau: float, dt: float, dtype: np.dtype[Any]) -> tuple[Any, Any]:
    """Describe the decay by a time constant."""
    exact = -Fraction(dt) / Fraction(tau) * _LOG2_E if math.isfinite(tau) else Fraction(0)
    exact = max(exact, Fraction(_LEAST))
    rate = dtype.type(float(exact))
    return rate, dtype.type(float(exact - Fraction(float(rate))))
