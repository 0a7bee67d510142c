"""Spikes of a run: which neuron, and when."""

from __future__ import annotations

from typing import NamedTuple

from izhi_numba.base.arrays import Array


class Spikes(NamedTuple):
    """Spikes ordered by time, then neuron: neurons ``i`` (int32) and times ``t`` (float64, ms)."""

    i: Array
    t: Array
