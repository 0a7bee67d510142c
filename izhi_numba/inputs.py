"""What drives neurons from outside, as value objects that add."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from izhi_numba.checks import as_array


@dataclass(frozen=True, eq=False)
class Input:
    """A constant plus Gaussian noise. Made by :func:`constant` and :func:`noise`; inputs and numbers add.

    Examples
    --------
    >>> constant(3.0) + noise(5.0)
    Input(level=3.0, sd=5.0)
    """

    level: Any = 0.0
    sd: Any = 0.0

    __array_ufunc__ = None  # so that array + input asks the input

    def __post_init__(self) -> None:
        for name, value, low in (
            ("input", self.level, -np.inf),
            ("standard deviation of the noise", self.sd, 0),
        ):
            array = as_array(value)
            if array.dtype.kind not in "fiu" or array.ndim > 1:
                raise TypeError(f"{name}: expected a number, or one value per neuron, got {value!r}")
            if not np.all(np.isfinite(array)):
                raise ValueError(f"{name}: expected finite numbers, got {value!r}")
            if np.any(array < low):
                raise ValueError(f"{name}: expected {low:g} or more, got {array.min():g}")

    def __add__(self, other: Any) -> Input:
        other = as_input(other)
        level = np.add(self.level, other.level)
        sd = np.hypot(self.sd, other.sd)  # variances of independent noises add
        return Input(level if level.ndim else float(level), sd if sd.ndim else float(sd))

    __radd__ = __add__


def constant(level: Any) -> Input:
    """The same input in each step; a number, or one per neuron, in the model's unit of ``I``."""
    return Input(level=level)


def noise(sd: Any) -> Input:
    """A new independent normal number for each neuron and step, mean 0.

    Parameters
    ----------
    sd : float or array (n,)
        Standard deviation in the model's unit of ``I``, per step (as in Izhikevich 2003; it is not
        scaled by dt).
    """
    return Input(sd=sd)


def as_input(value: Any) -> Input:
    """Take a number or an array as a constant input."""
    return value if isinstance(value, Input) else Input(level=value)
