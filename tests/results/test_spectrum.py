"""Power spectra, against scipy and closed forms."""

import math

import numpy as np
import pytest
import scipy.signal
from hypothesis import given
from hypothesis import strategies as st

import izhi_numba as iz


@given(st.integers(2, 400), st.integers(2, 400), st.sampled_from([0.1, 1.0, 2.5]))
def test_it_is_welchs(n, length, dt):
    length = min(n, length)
    signal = np.random.default_rng(n).normal(3.0, 2.0, n)
    frequencies, power = iz.power_spectrum(signal, dt, resolution=1000 / (length * dt))
    expected = scipy.signal.welch(signal, 1000 / dt, "hann", length)
    np.testing.assert_allclose(frequencies, expected[0])
    np.testing.assert_allclose(power, expected[1], atol=1e-12)


def test_its_integral_is_the_variance_and_a_sine_is_a_peak():
    t = np.arange(20_000)
    signal = 5 + 3 * np.sin(2 * np.pi * 0.04 * t) + np.random.default_rng(1).normal(0, 0.5, len(t))
    frequencies, power = iz.power_spectrum(signal, 1.0, resolution=1.0)
    assert frequencies[1] == 1.0
    assert power.sum() == pytest.approx(signal.var(), rel=0.02)
    assert frequencies[np.argmax(power)] == 40.0
    peak = np.abs(frequencies - 40) < 3
    assert power[peak].sum() == pytest.approx(9 / 2, rel=0.02)
    assert power[~peak][2:].mean() == pytest.approx(
        2 * 0.25 / 1000, rel=0.05
    )  # two-sided: variance / rate of samples


def test_eight_segments_by_default():
    signal = np.random.default_rng(1).normal(size=9000)
    frequencies, power = iz.power_spectrum(signal, 1.0)
    assert frequencies[1] == 0.5
    expected = scipy.signal.welch(signal, 1000.0, "hann", 2000)
    np.testing.assert_allclose(power, expected[1])
    assert iz.power_spectrum([1.0, 2.0], 1.0)[0].tolist() == [0, 500]


def test_poisson_trains_are_flat_and_a_rhythm_is_a_peak():
    net = iz.Network(dt=1.0, seed=1)
    net.poisson("flat", 200, 20.0)
    net.poisson("rhythm", 200, lambda t: 20 + 10 * np.sin(2 * np.pi * 0.03 * t))
    result = net.run(60_000.0)
    frequencies, power = result.power_spectrum(2.0, "flat", resolution=2.0)
    assert (frequencies[1], frequencies[-1]) == (2.0, 250.0)
    assert power[2:].mean() == pytest.approx(2 * 20 * (1 - 0.02) / 200, rel=0.03)  # at most 1 spike in 1 ms
    np.testing.assert_allclose(power[2:], 0.2, rtol=0.5)
    frequencies, power = result.power_spectrum(2.0, "rhythm", resolution=2.0)
    assert frequencies[np.argmax(power)] == 30.0
    peak = np.abs(frequencies - 30) < 5
    assert (power[peak] - 0.2).sum() * 2.0 == pytest.approx(10**2 / 2, rel=0.1)
    _, rate = result.population_rate(2.0, "rhythm", since=1000.0)
    np.testing.assert_array_equal(
        result.power_spectrum(2.0, "rhythm", since=1000.0)[1], iz.power_spectrum(rate, 2.0)[1]
    )


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            ([[1.0, 2.0]], 1.0),
            TypeError,
            r"power_spectrum: expected an array \(n_samples,\), got \[\[1.0, 2.0\]\]",
        ),
        ((["a", "b"], 1.0), TypeError, "power_spectrum: expected an array"),
        (([1.0], 1.0), ValueError, "power_spectrum: expected 2 or more finite numbers, got 1 samples"),
        (([1.0, math.nan], 1.0), ValueError, "got nan or infinity"),
        (([1.0, 2.0], 0), ValueError, "power_spectrum: dt: expected a number above 0, got 0"),
    ],
)
def test_messages(arguments, error, message):
    with pytest.raises(error, match=message):
        iz.power_spectrum(*arguments)
