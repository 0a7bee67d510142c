"""Spectrum of a population's rate, while it runs: Welch's method over the last seconds."""

from __future__ import annotations

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.results.spectrum import power_spectrum

_SEGMENT = 512  # values
_KEPT = 4096  # values: with half of it, the peak of 50,000 neurons moved between 8 and 23 Hz all the time
_EVERY = 500  # values
_HIGHEST = 100.0  # Hz
_LOWEST = 3.0  # Hz, of the peak: below are the slow changes that sliders make
_SURE = 7.0  # standard deviations of the power of independent spikes above its mean, of a peak


class Spectrum:
    """Power of the rate of ``n`` neurons.

    Parameters
    ----------
    n : int
    step : float
        Between two counts, ms.

    Attributes
    ----------
    peak : float or None
        Frequency with the highest power, Hz; None where no power stands out of that of independent spikes.
    independent : float
        Power of neurons that spike at the same rate, independently of each other, in Hz²/Hz.
    resolution : float
        Hz from one value to the next.
    """

    def __init__(self, n: int, step: float = 1.0) -> None:
        self.resolution = 1000 / (_SEGMENT * step)
        self._step = step
        self.peak: float | None = None
        self.independent = 0.0
        self._n = n
        self._rates = np.zeros(0)
        self._since = 0
        self._power: Array | None = None

    def add(self, counts: Array) -> None:
        """Take the spikes of some more steps, all neurons together."""
        self._rates = np.append(self._rates, 1000 * counts / (self._n * self._step))[-_KEPT:]
        self._since += len(counts)
        if self._since < _EVERY or len(self._rates) < 2 * _SEGMENT:
            return
        self._since = 0
        frequencies, power = power_spectrum(self._rates, self._step, resolution=self.resolution)
        self._power = power[frequencies <= _HIGHEST]
        self.independent = 2 * float(self._rates.mean()) / self._n
        self.peak = self._highest(self._power)

    def _highest(self, power: Array) -> float | None:
        first = int(np.ceil(_LOWEST / self.resolution))
        place = first + int(np.argmax(power[first:]))
        at_an_edge = place in (first, len(power) - 1)  # of something that is highest elsewhere
        n_segments = 2 * len(self._rates) // _SEGMENT - 1
        least = self.independent * (1 + _SURE / np.sqrt(n_segments))
        return None if at_an_edge or power[place] <= least else self.resolution * place

    def fresh(self) -> Array | None:
        """Return the power up to 100 Hz, in Hz²/Hz, if it is new since the last call."""
        power, self._power = self._power, None
        return power
