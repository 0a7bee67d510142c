"""Figures 2 and 3 of Izhikevich (2003)."""

import numpy as np
import pytest

import izhi_numba as iz

# Type: v0, duration, input and its onset, spike times (at the start of the step), final v and u. Computed
# with the published algorithm in double precision, step 0.25 ms.
FIGURE_2 = {
    "RS": (-63, 150, [(15, 14)], "18.25 24.25 54.5 87.75 121.0", (-58.6048, -3.7679)),
    "IB": (-70, 150, [(15, 11)], "18.75 21.25 25.0 58.25 87.75 117.5 147.0", (-56.7693, -3.0765)),
    "FS": (
        -70, 150, [(15, 10)],
        "19.0 24.0 31.5 40.25 49.0 58.25 67.5 77.25 86.5 95.75 105.25 114.25 123.25 132.0 141.25",
        (-16.5179, -8.7121),
    ),
    "RZ": (-70, 100, [(-1, -2), (10, -0.5), (60, 10), (65, -0.5)], "62.75 67.5", (-63.9041, -16.6972)),
    "LTS": (
        -63, 250, [(25, 10)],
        "28.0 31.5 35.75 41.5 50.25 63.5 78.0 93.0 107.75 122.25 136.75 151.75 166.25 180.75 195.75 210.75 "
        "225.5 240.5",
        (-59.5313, -7.5278),
    ),
}  # fmt: skip
TAU = 0.25


def input_at(protocol, name, t):
    """Input of the iteration at t; strict onsets, but the pulse of RZ ends before 65."""
    level = 0.0
    for onset, value in protocol:
        if t > onset or (name == "RZ" and onset == 65 and t >= 65):
            level = value
    return level


def run_figure_2(name, dtype, offsets=(0.0,)):
    """Spike times of neurons that start ``offsets`` away from v0, and the first one's final v and u."""
    v0, duration, protocol, _, _ = FIGURE_2[name]
    pool = iz.Pool(len(offsets), dt=TAU, scheme="fig2003", dtype=dtype)
    pool.set(**iz.presets[name], v=v0 + np.array(offsets))
    times = [[] for _ in offsets]
    for k in range(round(duration / TAU) + 1):
        pool.clamp_input(input_at(protocol, name, k * TAU))
        for i in pool.update():
            times[i].append(k * TAU)
    return [np.array(train) for train in times], (float(pool.v[0]), float(pool.u[0]))


def published(name):
    return np.array(FIGURE_2[name][3].split(), float)


@pytest.mark.parametrize("name", FIGURE_2)
def test_figure_2_exactly_in_double_precision(name):
    trains, end = run_figure_2(name, "float64")
    np.testing.assert_array_equal(trains[0], published(name))
    assert end == pytest.approx(FIGURE_2[name][4], abs=6e-5)


def first_difference(train, expected):
    """How many leading spikes are within one step of the expected ones."""
    both = min(len(train), len(expected))
    apart = np.flatnonzero(np.abs(train[:both] - expected[:both]) > TAU)
    return int(apart[0]) if len(apart) else both


@pytest.mark.parametrize(("name", "determined"), [("RS", 5), ("IB", 7), ("FS", 7), ("RZ", 2), ("LTS", 17)])
def test_figure_2_within_a_step_in_single_precision(name, determined):
    """As far as single precision can tell the figure's spikes.

    Two types spike on a knife's edge: before its seventh spike FS misses the threshold by 0.09 mV after
    an upstroke that magnifies its start a thousandfold. Even in double precision, starting 1e-5 mV
    beside v0 (two roundings of a float32) moves the spikes that follow.
    """
    expected = published(name)
    single = run_figure_2(name, "float32")[0][0]
    assert first_difference(single, expected) >= determined
    if determined == len(expected):
        assert len(single) == determined
        return
    beside, _ = run_figure_2(name, "float64", np.linspace(-3e-5, 3e-5, 25))
    assert min(first_difference(train, expected) for train in beside) < len(expected)


def test_figure_3_rates():
    rates = []
    for seed in range(1, 6):
        pool = iz.Pool.cortical(1000, seed=seed)
        pool.run(200)
        result = pool.run(1800)
        rates.append((result.rate("exc"), result.rate("inh")))
    exc, inh = np.mean(rates, axis=0)
    assert exc == pytest.approx(7.2, abs=0.5)
    assert inh == pytest.approx(6.7, abs=0.8)


def test_figure_3_rhythms():
    """The population's rate has a peak in the alpha band and one in the gamma band."""
    power = 0
    for seed in range(1, 6):
        pool = iz.Pool.cortical(1000, seed=seed)
        pool.run(200)
        rate = pool.run(2000).spikes_per_step.astype(float)
        power = power + np.abs(np.fft.rfft(rate - rate.mean())) ** 2
    frequency = np.fft.rfftfreq(2000, 1e-3)
    smooth = np.convolve(power, np.ones(7) / 7, "same")

    def band(low, high):
        return smooth[(frequency >= low) & (frequency < high)].max()

    assert band(5, 13) > 1.5 * band(14, 20)
    assert band(22, 42) > 1.1 * np.median(smooth[(frequency >= 15) & (frequency < 22)])
    assert band(22, 42) > 1.5 * band(60, 120)


@pytest.mark.parametrize("n", [300, 10_000])
def test_other_sizes_keep_their_rates(n):
    pool = iz.Pool.cortical(n, seed=3)
    pool.run(200)
    assert 5 <= pool.run(800).rate("exc") <= 8.5


@pytest.mark.slow
def test_figure_3_rates_over_twenty_seeds():
    """As published protocols give them: 7.21 ± 0.11 and 6.68 ± 0.18 Hz (mean and deviation of seeds)."""
    rates = []
    for seed in range(20):
        pool = iz.Pool.cortical(1000, seed=seed)
        pool.run(200)
        result = pool.run(1800)
        rates.append((result.rate("exc"), result.rate("inh")))
    (exc, inh), spread = np.mean(rates, axis=0), np.std(rates, axis=0, ddof=1)
    assert exc == pytest.approx(7.21, abs=4 * np.hypot(0.11, spread[0]) / np.sqrt(20))
    assert inh == pytest.approx(6.68, abs=4 * np.hypot(0.18, spread[1]) / np.sqrt(20))
    assert (spread < [0.25, 0.4]).all()
