"""Spectrum of a population's activity, while it runs: Welch's method over the last seconds."""

from __future__ import annotations

import numpy as np

from izhi_numba.base.arrays import Array

_SEGMENT = 512  # ms
_KEPT = 2048  # ms
_EVERY = 500  # ms
_HIGHEST = 100.0  # Hz
_LOWEST = 3.0  # Hz, of the peak: below are the slow changes that sliders make


class Spectrum:
    """Power of the spike counts per ms.

    Attributes
    ----------
    peak : float or None
        Frequency with the highest power, Hz.
    resolution : float
        Hz from one value to the next.
    """

    resolution = 1000 / _SEGMENT

    def __init__(self) -> None:
        self.peak: float | None = None
        self._counts = np.zeros(0)
        self._since = 0
        self._power: Array | None = None
        self._window = np.hanning(_SEGMENT)

    def add(self, counts: Array) -> None:
        """Take the spikes of some more ms."""
        self._counts = np.append(self._counts, counts)[-_KEPT:]
        self._since += len(counts)
        if self._since < _EVERY or len(self._counts) < 2 * _SEGMENT:
            return
        self._since = 0
        starts = range(0, len(self._counts) - _SEGMENT + 1, _SEGMENT // 2)
        segments = np.array([self._counts[k : k + _SEGMENT] for k in starts])
        segments = (segments - segments.mean(axis=1, keepdims=True)) * self._window
        power = (np.abs(np.fft.rfft(segments, axis=1)) ** 2).mean(axis=0)
        power = power[: int(_HIGHEST / self.resolution) + 1]
        first = int(np.ceil(_LOWEST / self.resolution))
        self._power = power / max(float(power[first:].max()), 1e-12)
        self.peak = self.resolution * (first + int(np.argmax(power[first:]))) if power[first:].any() else None

    def fresh(self) -> Array | None:
        """Return the power up to 100 Hz, 1 at its peak, if it is new since the last call."""
        power, self._power = self._power, None
        return power
