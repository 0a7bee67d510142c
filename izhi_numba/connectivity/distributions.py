"""Distributions from which the weights and delays of synapses are drawn, as values."""

from __future__ import annotations

import math
from dataclasses import dataclass

from izhi_numba.base.checks import finite_number
from izhi_numba.kernels.build import generate

_LONGEST_NORMAL = 6.8  # standard deviations; 32 random bits reach 6.77
_LARGEST_POWER = 709.0  # of e, in double precision
_LEAST_SHARE = 0.02  # of a normal that bounds must leave: the rest is drawn again


@dataclass(frozen=True)
class Distribution:
    """A distribution that weights or delays are drawn from. Made by functions such as :func:`uniform`."""

    name: str
    kind: int
    first: float
    second: float = 0.0
    low: float = -math.inf
    high: float = math.inf

    def bounds(self) -> tuple[float, float]:
        """Smallest and largest value that can be drawn."""
        if self.kind == generate.NORMAL:
            reach = _LONGEST_NORMAL * self.second
            low, high = max(self.first - reach, self.low), min(self.first + reach, self.high)
            return min(low, high), max(low, high)
        if self.kind == generate.LOGNORMAL:
            reach = _LONGEST_NORMAL * self.second
            return math.exp(min(self.first - reach, _LARGEST_POWER)), math.exp(
                min(self.first + reach, _LARGEST_POWER)
            )
        if self.kind == generate.EXPONENTIAL:
            return 0.0, 33 * math.log(2) * self.first
        return self.first, self.second

    def __repr__(self) -> str:
        numbers = [f"{self.first:g}"]
        if self.kind != generate.EXPONENTIAL:
            numbers.append(f"{self.second:g}")
        if math.isfinite(self.low):
            numbers.append(f"low={self.low:g}")
        if math.isfinite(self.high):
            numbers.append(f"high={self.high:g}")
        return f"{self.name}({', '.join(numbers)})"


def uniform(low: float, high: float) -> Distribution:
    """Uniform on [low, high].

    Examples
    --------
    >>> uniform(0, 0.5)
    uniform(0, 0.5)
    """
    low, high = _ordered("uniform", low, high)
    return Distribution("uniform", generate.UNIFORM, low, high)


def integers(low: int, high: int) -> Distribution:
    """Whole numbers from ``low`` to ``high``, both included, equally likely.

    Examples
    --------
    >>> integers(1, 20)
    integers(1, 20)
    """
    first, last = _ordered("integers", low, high)
    if first != int(first) or last != int(last):
        raise ValueError(f"integers: expected whole numbers, got {low!r} and {high!r}")
    if last - first >= 2**32:
        raise ValueError(f"integers: expected a range below 2**32, got {low!r} to {high!r}")
    return Distribution("integers", generate.INTEGERS, first, last)


def normal(mean: float, sd: float, *, low: float = -math.inf, high: float = math.inf) -> Distribution:
    """Normal with mean ``mean`` and standard deviation ``sd``; values outside [low, high] are drawn again.

    Examples
    --------
    >>> normal(1.5, 0.75, low=0.1)
    normal(1.5, 0.75, low=0.1)
    """
    mean = finite_number("normal: mean", mean)
    sd = finite_number("normal: sd", sd, at_least=0)
    low = low if low == -math.inf else finite_number("normal: low", low)
    high = high if high == math.inf else finite_number("normal: high", high)
    if low > high:
        raise ValueError(f"normal: expected low <= high, got low={low!r} and high={high!r}")
    share = _normal_share(mean, sd, low, high)
    if share < _LEAST_SHARE:
        raise ValueError(
            f"normal: only {share:.2g} of a normal with mean {mean:g} and sd {sd:g} lies in"
            f" [{low:g}, {high:g}]; at least {_LEAST_SHARE:g} is needed"
        )
    return Distribution("normal", generate.NORMAL, mean, sd, low, high)


def _normal_share(mean: float, sd: float, low: float, high: float) -> float:
    if sd == 0:
        return float(low <= mean <= high)
    return 0.5 * (math.erf((high - mean) / sd / math.sqrt(2)) - math.erf((low - mean) / sd / math.sqrt(2)))


def lognormal(mean: float, sd: float) -> Distribution:
    """Exponential of a normal with mean ``mean`` and standard deviation ``sd``."""
    mean = finite_number("lognormal: mean", mean)
    return Distribution("lognormal", generate.LOGNORMAL, mean, finite_number("lognormal: sd", sd, at_least=0))


def exponential(mean: float) -> Distribution:
    """Exponential with mean ``mean``."""
    mean = finite_number("exponential: mean", mean, at_least=0)
    return Distribution("exponential", generate.EXPONENTIAL, mean)


def _ordered(name: str, low: float, high: float) -> tuple[float, float]:
    low, high = finite_number(f"{name}: low", low), finite_number(f"{name}: high", high)
    if low > high:
        raise ValueError(f"{name}: expected low <= high, got {low:g} and {high:g}")
    return low, high


@dataclass(frozen=True)
class ByDistance:
    """Delays that grow with the distance; see :func:`by_distance`."""

    velocity: float
    offset: float = 0.0

    def up_to(self, reach: float) -> Distribution:
        """Return what the kernels need, for distances up to ``reach``."""
        longest = self.offset + reach / self.velocity
        return Distribution(
            "by_distance", generate.BY_DISTANCE, self.offset, longest, 1 / self.velocity, math.inf
        )

    def __repr__(self) -> str:
        return f"by_distance({self.velocity:g}, offset={self.offset:g})"


def by_distance(velocity: float, *, offset: float = 0.0) -> ByDistance:
    """Delays of ``offset`` plus the distance over the velocity, for :func:`distance_dependent`.

    Parameters
    ----------
    velocity : float
        In units of the positions per ms.
    offset : float, default 0
        In ms.

    Examples
    --------
    >>> by_distance(0.3, offset=1.0)
    by_distance(0.3, offset=1)
    """
    velocity = finite_number("by_distance: velocity", velocity, above=0)
    return ByDistance(velocity, finite_number("by_distance: offset", offset, at_least=0))
