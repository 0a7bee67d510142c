"""A number that a page can turn, and the Python that does the same."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from izhi_numba.base.checks import finite_number
from izhi_numba.explorer.controls import Control

WHOLE, POPULATION, LINK = "whole", "population", "link"
_MOST_FACTOR = 3.0


@dataclass
class Knob:
    """A number that can be turned.

    Attributes
    ----------
    control : Control
    section, number : str and int
        What it is of: the whole network, a population or a projection, and which.
    turn : function of a float
        Does it, and returns a line of Python.
    value : float
        As it is now.
    as_left : function
        Whether what it turns is as the page has left it.
    at_least : float
        Least value that makes sense.
    before : str
        A line of Python that the one of ``turn`` needs, to stand before everything else; empty for most.
    """

    control: Control
    section: str
    number: int
    turn: Callable[[float], str]
    value: float
    as_left: Callable[[], bool] = lambda: True
    at_least: float = -math.inf
    before: str = ""

    def set(self, value: Any) -> str:
        """Turn it; returns a line of Python."""
        number = finite_number(self.control.label, value, at_least=self.at_least)
        line = self.turn(number)
        self.value = number
        return line

    def as_message(self) -> dict[str, Any]:
        """In the terms of the page."""
        return self.control.as_message() | {
            "section": self.section, "number": self.number, "value": self.value,
        }  # fmt: skip


def factor(name: str, label: str, default: float = 1.0) -> Control:
    """Slider of a factor on what there was."""
    return Control(name, label, "×", default, 0.0, _MOST_FACTOR)
