"""Sliders of the explorer: names, ranges and units of numbers that can be changed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from izhi_numba.base.checks import finite_number
from izhi_numba.models.declaration import Parameter
from izhi_numba.models.model import Model


@dataclass(frozen=True)
class Control:
    """A number with a range for its slider; numbers beyond the range may be typed.

    What is None is the model's.
    """

    name: str
    label: str
    unit: str
    default: float | None
    low: float | None
    high: float | None

    def as_message(self) -> dict[str, Any]:
        """In the terms of the page."""
        return asdict(self)


def of_parameter(name: str, parameter: Parameter, default: float) -> Control:
    """Slider of a model's parameter: its own range, or one around its default."""
    low, high = parameter.range or _around(default)
    return Control(name, name, parameter.unit, default, min(low, default), max(high, default))


def of_input(kind: type[Model]) -> tuple[float, float]:
    """Range of currents that sliders offer."""
    return kind.I_range or (-10.0, 30.0)


def number(name: str, given: Mapping[str, Any], default: float) -> float:
    """Return one of the numbers that a page sent, as a float: an integer would be a type of its own."""
    return finite_number(name, given.get(name, default))


def _around(default: float) -> tuple[float, float]:
    if default == 0:
        return -1.0, 1.0
    size = 10.0 ** math.floor(math.log10(abs(default)))
    reach = 2 * math.ceil(abs(default) / size) * size
    return (0.0, reach) if default > 0 else (-reach, 0.0)
