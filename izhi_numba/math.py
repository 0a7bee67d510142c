"""Functions for neuron models, which become vector code in compiled loops.

``math.exp`` and ``np.exp`` in a model work too, but each is a call per neuron, which also stops the
vectors of all that stands beside it: a loop over ``np.exp`` takes 9 times as long as one over the ``exp``
here in single precision, and 6 times in double; with ``tanh`` it is 37 and 13 times, and a step of
Hodgkin and Huxley's neuron 7 and 4 times. The functions here are written into the loop instead. They err
by 1 to 3 units in the last place.

In a model they take and give numbers: float32 gives float32, float64 and integers give float64. In plain
Python they take numbers and arrays, and are numpy's functions, or made of these; but what a model is told
before a run (constants, first values) is computed so that it has the same bits on all processors.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from izhi_numba.base import portable
from izhi_numba.kernels import elementary
from izhi_numba.kernels.elementary import compiled_by

__all__ = ["clip", "cosh", "exp", "expm1", "exprel", "log", "log1p", "sigmoid", "tanh", "where"]


@compiled_by(elementary.exp)
def exp(x: Any) -> Any:
    """Exponential.

    Parameters
    ----------
    x : float or array

    Returns
    -------
    float or array of the same type

    Examples
    --------
    >>> float(exp(0.0))
    1.0
    """
    return portable.exp(x)


@compiled_by(elementary.expm1)
def expm1(x: Any) -> Any:
    """``exp(x) - 1``, exact also for small ``x``.

    Parameters
    ----------
    x : float or array

    Returns
    -------
    float or array of the same type

    Examples
    --------
    >>> float(expm1(1e-20))
    1e-20
    """
    return portable.expm1(x)


@compiled_by(elementary.exprel)
def exprel(x: Any) -> Any:
    """``(exp(x) - 1) / x``, which is 1 at 0, exact also for small ``x``.

    Rates of the form ``a (v - v0) / (1 - exp(-(v - v0) / k))`` are ``a k / exprel(-(v - v0) / k)``:
    without a hole at ``v0``.

    Parameters
    ----------
    x : float or array

    Returns
    -------
    float or array of the same type

    Examples
    --------
    >>> float(exprel(0.0)), float(exprel(1e-20))
    (1.0, 1.0)
    """
    half = np.multiply(x, 0.5)  # (exp(half) - 1) (exp(half) + 1) / x does not overflow before the result
    near = np.abs(half) < 1e-30
    divisor = np.where(near | (half == np.inf), 1, x)
    return np.where(near, 1, portable.expm1(half) / divisor * (portable.exp(half) + 1))[()]


@compiled_by(elementary.log)
def log(x: Any) -> Any:
    """Natural logarithm: -inf at 0, NaN below.

    Parameters
    ----------
    x : float or array

    Returns
    -------
    float or array of the same type

    Examples
    --------
    >>> float(log(1.0))
    0.0
    """
    return portable.log(x)


@compiled_by(elementary.log1p)
def log1p(x: Any) -> Any:
    """``log(1 + x)``, exact also for small ``x``.

    Parameters
    ----------
    x : float or array

    Returns
    -------
    float or array of the same type

    Examples
    --------
    >>> float(log1p(1e-20))
    1e-20
    """
    return portable.log1p(x)


@compiled_by(elementary.tanh)
def tanh(x: Any) -> Any:
    """Hyperbolic tangent.

    Parameters
    ----------
    x : float or array

    Returns
    -------
    float or array of the same type

    Examples
    --------
    >>> float(tanh(100.0))
    1.0
    """
    return portable.tanh(x)


@compiled_by(elementary.cosh)
def cosh(x: Any) -> Any:
    """Hyperbolic cosine.

    Parameters
    ----------
    x : float or array

    Returns
    -------
    float or array of the same type

    Examples
    --------
    >>> float(cosh(0.0))
    1.0
    """
    return portable.cosh(x)


@compiled_by(elementary.sigmoid)
def sigmoid(x: Any) -> Any:
    """Logistic function ``1 / (1 + exp(-x))``.

    Parameters
    ----------
    x : float or array

    Returns
    -------
    float or array of the same type

    Examples
    --------
    >>> float(sigmoid(0.0)), float(sigmoid(-1000.0))
    (0.5, 0.0)
    """
    small = portable.exp(-np.abs(np.multiply(x, 1.0)))
    return np.where(np.greater_equal(x, 0), 1, small)[()] / (1 + small)


@compiled_by(elementary.clip)
def clip(x: Any, low: Any, high: Any) -> Any:
    """``x``, but ``low`` where it is below and ``high`` where it is above.

    Parameters
    ----------
    x, low, high : float or array
        In compiled code integers among them take the type of the floats.

    Returns
    -------
    float or array

    Examples
    --------
    >>> float(clip(-0.5, 0, 1))
    0.0
    """
    return np.clip(x, low, high)


@compiled_by(elementary.where)
def where(condition: Any, yes: Any, no: Any) -> Any:
    """``yes`` where the condition holds, else ``no``. Both are computed.

    Parameters
    ----------
    condition : bool or array
    yes, no : float or array
        In compiled code an integer beside a float takes the float's type.

    Returns
    -------
    float or array

    Examples
    --------
    >>> float(where(3 > 2, 1.5, 0))
    1.5
    """
    return np.where(condition, yes, no)[()]
