"""Steps and times: the time of a step is the decimal that it looks like."""

from __future__ import annotations

import functools
from fractions import Fraction
from typing import Any, overload

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.checks import finite_number

_LARGEST_DENOMINATOR = 10**6
MOST_STEPS = 2**53  # of a run
_A_LITTLE = 1e-6  # of a step: what dividing a time by dt may be off


@functools.lru_cache(maxsize=64)
def _fraction(dt: float) -> tuple[int, int]:
    """Numerator and denominator that are meant by a step; (0, 0) for one such as 0.12345678."""
    meant = Fraction(dt).limit_denominator(_LARGEST_DENOMINATOR)
    p, q = meant.numerator, meant.denominator
    return (p, q) if p / q == dt else (0, 0)


@overload
def times_of(steps: int, dt: float) -> float: ...
@overload
def times_of(steps: Array, dt: float) -> Array: ...
def times_of(steps: int | Array, dt: float) -> float | Array:
    """Return the times (ms) at which steps end: step ``k`` at ``k * dt``.

    With ``dt = 0.1`` the product ``48 * dt`` is 4.800000000000001. A step that is meant as a fraction
    ``p / q`` gives ``48 * p / q`` here: the product is exact, and so the quotient is the double nearest to
    the time that is meant, 4.8.

    Parameters
    ----------
    steps : int or int array
    dt : float
        In ms.

    Returns
    -------
    float or float64 array
        In ms.

    Examples
    --------
    >>> times_of(48, 0.1), 48 * 0.1
    (4.8, 4.800000000000001)
    """
    p, q = _fraction(dt)
    return steps * p / q if q else steps * dt


def steps_of(times: Array, dt: float) -> Array:
    """Return the steps in which times (ms) lie: step ``k`` ends at ``k * dt``.

    Parameters
    ----------
    times : float array
        In ms.
    dt : float
        In ms.

    Returns
    -------
    int64 array

    Examples
    --------
    >>> steps_of(np.array([0.05, 0.1, 0.3]), 0.1)
    array([1, 1, 3])
    """
    steps: Array = np.ceil(times / dt - _A_LITTLE).astype(np.int64)
    return steps


def rounded_steps(times: Array | float, dt: float) -> Array:
    """Return the nearest numbers of steps to times (ms): the rule for all that is rounded, a half up.

    Of a number that was given, the decimal counts: 0.35 ms are 4 steps of 0.1 ms, although the double 0.35
    over the double 0.1 is a little below 3.5. So do 2.05 ms that are kept in single precision.

    Parameters
    ----------
    times : float array, of double or single precision, or float
        In ms.
    dt : float
        In ms.

    Returns
    -------
    float64 array of whole numbers

    Examples
    --------
    >>> rounded_steps(np.array([0.35, 0.55, 0.65, 2.04, 2.05]), 0.1)
    array([ 4.,  6.,  7., 20., 21.])
    """
    precision = np.asarray(times).dtype
    off = 2 * float(np.finfo(precision if precision.kind == "f" else np.float64).eps)
    quotient = np.asarray(times, np.float64) / dt
    steps: Array = np.floor(quotient + (0.5 + off * np.abs(quotient)))
    return steps


def whole_steps(name: str, duration: Any, dt: float) -> int:
    """Return the number of steps of a duration (ms), which must be a multiple of ``dt``."""
    milliseconds = finite_number(name, duration, above=0)
    exact = milliseconds / dt
    steps = round(min(exact, MOST_STEPS))
    if steps < 1 or abs(steps - exact) > 1e-6 + 1e-12 * exact:
        raise ValueError(f"{name}: expected a multiple of dt = {dt:g} ms, got {milliseconds:g}")
    return steps
