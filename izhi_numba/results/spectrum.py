"""Power spectrum of what is sampled in even steps: the rate of a population, a mean voltage."""

from __future__ import annotations

from typing import Any

import numpy as np

from izhi_numba.base import checks
from izhi_numba.base.arrays import Array

_SEGMENTS = 8  # that overlap by half, unless a resolution is asked for


def power_spectrum(signal: Any, dt: float, *, resolution: float | None = None) -> tuple[Array, Array]:
    """Power spectral density, by Welch's method.

    The signal is cut in segments that overlap by half; the mean of each is taken away, it is weighted with a
    window of Hann, and the power of all is averaged: more segments tell frequencies less finely, and power
    more surely. The density is one-sided: its integral over frequency is the variance of the signal. A sine
    of amplitude ``a`` has a peak with an area of ``a**2 / 2``. It is what ``scipy.signal.welch`` returns.

    Of the rate of a population: ``result.power_spectrum(1.0, "exc")``.

    Source: P. D. Welch (1967), IEEE Transactions on Audio and Electroacoustics 15:70-73,
    10.1109/TAU.1967.1161901.

    Parameters
    ----------
    signal : array (n_samples,)
    dt : float
        From one sample to the next, in ms.
    resolution : float, optional
        From one frequency to the next, in Hz: a segment is as long as one period of it. By default that of 8
        segments.

    Returns
    -------
    frequencies : array (n_frequencies,)
        In Hz, from 0 to ``500 / dt``.
    power : array (n_frequencies,)
        In the square of the signal's unit, per Hz.

    Raises
    ------
    TypeError, ValueError
        What is no signal of 2 or more finite numbers; a resolution that it is too short for.

    Examples
    --------
    >>> t = np.arange(0, 1000.0, 1.0)  # ms
    >>> frequencies, power = power_spectrum(3 * np.sin(2 * np.pi * 0.04 * t), 1.0, resolution=4.0)
    >>> frequencies[np.argmax(power)], (power.sum() * 4.0).round(3)
    (np.float64(40.0), np.float64(4.5))
    """
    values = checks.as_array(signal)
    if values.ndim != 1 or (values.size and values.dtype.kind not in "fiub"):
        raise TypeError(f"power_spectrum: expected an array (n_samples,), got {checks.short(signal)}")
    values = values.astype(np.float64)
    if len(values) < 2 or not np.isfinite(values).all():
        told = f"{len(values)} samples" if len(values) < 2 else "nan or infinity"
        raise ValueError(f"power_spectrum: expected 2 or more finite numbers, got {told}")
    step = checks.finite_number("power_spectrum: dt", dt, above=0)
    length = _segment(len(values), step, resolution)
    segments = np.lib.stride_tricks.sliding_window_view(values, length)[:: length - length // 2]
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)
    shifted = (segments - segments.mean(axis=1, keepdims=True)) * window
    power = (np.abs(np.fft.rfft(shifted, axis=1)) ** 2).mean(axis=0) * (1e-3 * step / np.sum(window**2))
    power[1 : (length + 1) // 2] *= 2  # the negative frequencies; 0 and the highest have none
    return np.fft.rfftfreq(length, 1e-3 * step), power


def _segment(n: int, dt: float, resolution: float | None) -> int:
    """Samples of a segment."""
    if resolution is None:
        return max(2, int(2 * n / (_SEGMENTS + 1)))
    finest = 1000 / (n * dt)
    wanted = checks.finite_number("power_spectrum: resolution", resolution, above=0)
    length = round(1000 / (wanted * dt))
    if not 2 <= length <= n:
        raise ValueError(
            f"power_spectrum: resolution: expected {finest:.4g} to {500 / dt:.4g} Hz, for {n} samples at"
            f" every {dt:g} ms, got {wanted:g}"
        )
    return length
