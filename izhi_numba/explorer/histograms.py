"""The weights of a projection as a histogram, looked at as often as that costs little."""

from __future__ import annotations

import math
import time
from typing import Any

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.explorer.frames import Frame
from izhi_numba.explorer.populations import Link

BINS = 48
_SHARE = 0.03  # of the time, at most, that goes to looking at weights
_OFTEN, _SELDOM = 0.5, 5.0  # s


class Histogram:
    """Histogram of the weights of one projection at a time.

    It has the ends of the rule's bounds where these are finite, and wider ones where weights go beyond. The
    first one is that of a projection that learns, unless another one is ``shown``.
    """

    def __init__(self, links: list[Link], shown: int | None = None) -> None:
        self._links = links
        learning = next((k for k, one in enumerate(links) if one.synapses.plasticity), 0) if links else -1
        self.shown = learning if shown is None else shown
        self._due, self._ends = 0.0, (0.0, 0.0)
        self._first: Array | None = None  # what it was at first
        self._first_ends = self._ends

    def choose(self, number: int) -> None:
        """Show another projection."""
        self.shown, self._due, self._ends, self._first = number, 0.0, (0.0, 0.0), None

    def fresh(self) -> Frame | None:
        """Return a histogram where it is due: once, of weights that do not change."""
        began = time.perf_counter()
        if self.shown < 0 or began < self._due:
            return None
        link = self._links[self.shown]
        weights = link.synapses.weights
        learns = link.synapses.plasticity is not None
        frame = self._frame(weights, learns=learns)
        took = time.perf_counter() - began
        self._due = began + min(max(_OFTEN, took / _SHARE), _SELDOM) if learns else math.inf
        return frame

    def _frame(self, weights: Array, *, learns: bool) -> Frame:
        header: dict[str, Any] = {"kind": "weights", "link": self.shown, "n": len(weights), "learns": learns}
        if not len(weights):
            return Frame(header | {"edges": [0.0, 1.0], "mean": None}, {"counts": np.zeros(BINS, np.int32)})
        low, high = self._reach(float(weights.min()), float(weights.max()))
        counts, _ = np.histogram(weights.clip(low, high), BINS, (low, high))
        counts = counts.astype(np.int32)
        if self._first is None or self._first_ends != (low, high):
            self._first, self._first_ends = counts, (low, high)
        header |= {"edges": [low, high], "mean": float(weights.mean())}
        return Frame(header, {"counts": counts, "before": self._first})

    def _reach(self, least: float, most: float) -> tuple[float, float]:
        low, high = self._ends
        if low == high:
            rule = self._links[self.shown].synapses.plasticity
            bounds = (least, most) if rule is None else rule.limits()
            low, high = (
                one if math.isfinite(one) else two for one, two in zip(bounds, (least, most), strict=True)
            )
        margin = 0.1 * (most - least) or 0.1 * abs(most) or 1.0
        rounding = 1e-6 * max(abs(low), abs(high))
        if least < low - rounding:
            low = least - margin
        if most > high + rounding:
            high = most + margin
        if low == high:
            low, high = low - margin, high + margin
        self._ends = low, high
        return low, high
