"""Distributions, as values: of weights, delays and degrees of synapses, and of what neurons are set to."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from izhi_numba.base.checks import finite_number, short
from izhi_numba.kernels.build import generate

_LONGEST_NORMAL = 6.8  # standard deviations; 32 random bits reach 6.77
_LARGEST_POWER = 709.0  # of e, in double precision
_LEAST_SHARE = 0.02  # of a normal that bounds must leave: the rest is drawn again


@dataclass(frozen=True)
class Distribution:
    """A distribution that numbers are drawn from. Made by functions such as :func:`uniform`.

    Weights, delays and degrees of synapses are drawn from it, and variables and parameters of neurons. It may
    be multiplied by numbers, and added to them.

    Examples
    --------
    >>> -exponential(2), 2 * lognormal(0, 1) - 3
    (-exponential(2), 2 * lognormal(0, 1) - 3)
    >>> (10 + normal(0, 5)).clip(low=0)
    (normal(0, 5) + 10).clip(low=0)
    """

    name: str
    kind: int
    first: float
    second: float = 0.0
    low: float = -math.inf  # of a normal: outside [low, high] is drawn again
    high: float = math.inf
    # What is drawn times the scale, plus the shift, is brought within [least, most].
    scale: float = 1.0
    shift: float = 0.0
    least: float = -math.inf
    most: float = math.inf
    where_numbers_are_wanted: ClassVar = "; nothing is drawn here: give numbers, such as 3 * pool.random(n)"

    __array_ufunc__ = None  # of an array it is no element

    def bounds(self) -> tuple[float, float]:
        """Smallest and largest value that can be drawn."""
        ends = sorted(self.scale * end + self.shift for end in self._bounds())
        low, high = (min(max(end, self.least), self.most) + 0.0 for end in ends)  # no zero with a sign
        return low, high

    @property
    def middle(self) -> float:
        """A value that is neither small nor large: about half of all are below."""
        value = self.first
        if self.kind in (generate.UNIFORM, generate.INTEGERS):
            value = (self.first + self.second) / 2
        elif self.kind == generate.NORMAL:
            value = min(max(value, self.low), self.high)
        elif self.kind == generate.LOGNORMAL:
            value = math.exp(min(value, _LARGEST_POWER))
        elif self.kind == generate.EXPONENTIAL:
            value = self.first * math.log(2)
        return min(max(self.scale * value + self.shift, self.least), self.most)

    def clip(self, low: float = -math.inf, high: float = math.inf) -> Distribution:
        """Return the distribution in which what is below ``low`` is ``low``, and what is above ``high`` that.

        Examples
        --------
        >>> lognormal(0, 1).clip(high=5)
        lognormal(0, 1).clip(high=5)
        """
        low = low if low == -math.inf else finite_number("clip: low", low)
        high = high if high == math.inf else finite_number("clip: high", high)
        if low > high:
            raise ValueError(f"clip: expected low <= high, got low={low:g} and high={high:g}")
        return replace(self, least=min(max(self.least, low), high), most=min(max(self.most, low), high))

    @property
    def values(self) -> generate.Values:
        """What the kernels need to draw it."""
        return generate.Values(
            self.kind, self.first, self.second, self.low, self.high, self.scale, self.shift, self.least,
            self.most,
        )  # fmt: skip

    def __mul__(self, factor: Any) -> Distribution:
        number = self._number("*", factor)
        least, most = sorted(end * number if number else end for end in (self.least, self.most))
        if number == 0:
            return Distribution("uniform", generate.UNIFORM, 0.0, 0.0)
        changed = replace(self, scale=self.scale * number, shift=self.shift * number, least=least, most=most)
        if not all(map(math.isfinite, (changed.scale, changed.shift))):
            raise OverflowError(f"{self!r} * {number:g} reaches beyond all numbers")
        return changed

    def __truediv__(self, divisor: Any) -> Distribution:
        number = self._number("/", divisor)
        if number == 0:
            raise ZeroDivisionError(f"{self!r} / 0")
        return self * (1 / number)

    def __add__(self, term: Any) -> Distribution:
        number = self._number("+", term)
        return replace(self, shift=self.shift + number, least=self.least + number, most=self.most + number)

    def __sub__(self, term: Any) -> Distribution:
        return self + -self._number("-", term)

    def __rsub__(self, term: Any) -> Distribution:
        return -self + self._number("-", term)

    def __neg__(self) -> Distribution:
        return self * -1

    __rmul__, __radd__ = __mul__, __add__

    def _number(self, operation: str, other: Any) -> float:
        if isinstance(other, Distribution) or getattr(other, "shape", ()) != ():
            raise TypeError(
                f"{self!r}: expected a number beside the {operation}, got {short(other)}; each number that is"
                " drawn is one draw of one distribution"
            )
        return finite_number(f"{self!r} {operation}", other)

    def _bounds(self) -> tuple[float, float]:
        """Smallest and largest value before it is multiplied and added to."""
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
        text = self._name()
        if self.scale != 1:
            text = f"-{text}" if self.scale == -1 else f"{self.scale:g} * {text}"
        if self.shift:
            text += f" {'-' if self.shift < 0 else '+'} {abs(self.shift):g}"
        ends = {"low": self.least, "high": self.most}
        inside = ", ".join(f"{name}={end:g}" for name, end in ends.items() if math.isfinite(end))
        if not inside:
            return text
        return f"({text}).clip({inside})" if self.scale != 1 or self.shift else f"{text}.clip({inside})"

    def _name(self) -> str:
        """How it is made."""
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
