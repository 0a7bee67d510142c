"""Presets run as their papers say, compiled: spike times of the published algorithm, and converged ones."""

import itertools

import numpy as np
import pytest

import izhi_numba as iz


def times(text):
    return np.array(text.split(), float)


# Start of the step that ends in a spike, by the published algorithm in double precision.
PUBLISHED = {
    "RS": "18.25 24.25 54.5 87.75 121.0",
    "IB": "18.75 21.25 25.0 58.25 87.75 117.5 147.0",
    "FS": "19.0 24.0 31.5 40.25 49.0 58.25 67.5 77.25 86.5 95.75 105.25 114.25 123.25 132.0 141.25",
    "RZ": "62.75 67.5",
    "LTS": "28.0 31.5 35.75 41.5 50.25 63.5 78.0 93.0 107.75 122.25 136.75 151.75 166.25 180.75 195.75 210.75 225.5 240.5",
    "tonic spiking": "13.0 17.0 31.5 59.25 86.75",
    "phasic spiking": "43.75",
    "tonic bursting": "25 26.5 28.25 30 32 34 36.25 38.75 41.75 45.5 80 82.25 84.75 87.75 91.5 98.75 132.75 135 137.5 140.5 "
    "144.25 151.25 185.5 187.75 190.25 193.25 197 204.5",
    "mixed mode": "20.0 22.75 27.25 67.0 99.25 131.5",
    "spike frequency adaptation": "10.25 12.25 15.0 19.75 42.5 71.5",
    "class 2 excitability": "105.75 126.5 145.25 162.25 178 192.75 206.75 220.5 233.75 246.5 258.75 271 282 293",
    "subthreshold oscillations": "26.5",
    "rebound burst": "68.0 71.0 74.2 77.8 81.8 86.4 92.2",
    "bistability": "45.25 86 126.5 167.25 208",
    "depolarizing after-potential": "11.3",
    "inhibition-induced bursting": "86.5 88.5 90.5 93 95.5 98.5 103 191.5 194 196.5 199.5 204",
}
# Panels whose pulses may begin or end a step off, by the last bit of a time.
EDGES = ("phasic bursting", "spike latency", "rebound spike", "rebound burst", "depolarizing after-potential")
# Counted here, where no times are published; each agrees with its panel: one spike of latency, and so on.
COUNTS = {
    "TC": 4, "TC rebound": 5, "CH": 15, "phasic bursting": 6, "class 1 excitability": 10, "spike latency": 1,
    "resonator": 1, "integrator": 1, "rebound spike": 1, "threshold variability": 1, "accommodation": 1,
    "inhibition-induced spiking": 3,
}  # fmt: skip


@pytest.mark.parametrize("name", PUBLISHED)
def test_spike_times_of_the_published_algorithm(name):
    preset = iz.presets[name]
    result = iz.simulate(preset)
    tolerance = preset.dt if name in EDGES else 1e-9
    np.testing.assert_allclose(result.spike_times - preset.dt, times(PUBLISHED[name]), rtol=0, atol=tolerance)


@pytest.mark.parametrize("name", COUNTS)
def test_counts_of_the_other_panels(name):
    assert len(iz.simulate(iz.presets[name]).spike_times) == COUNTS[name]


def test_all_figures_are_covered():
    for family, size in (("2003", 8), ("2004", 20)):
        names = set(iz.presets.family(family))
        assert len(names) == size
        assert names <= set(PUBLISHED) | set(COUNTS)


# The same equations with a small step. After 20 spikes the last 0.1 ms still depend on it: FS comes to 144.71.
CONVERGED = {
    "RS": "17.90 23.165 52.19 84.58 116.97 149.36",
    "IB": "18.19 20.175 23.035 54.045 82.52 111.09 139.615",
    "RZ": "62.33 65.31",
    "tonic spiking": "12.63 16.12 28.93 55.94 82.69",
    "phasic spiking": "42.75",
    "mixed mode": "19.45 21.58 24.95 62.25 93.46 124.69 155.91",
    "spike frequency adaptation": "9.99 11.63 13.86 17.98 39.73 68.26",
    "subthreshold oscillations": "25.64",
}


def converged(name, **options):
    return iz.simulate(
        iz.presets[name], dt=0.005, scheme="rk4", spike_times="interpolated", **options
    ).spike_times


@pytest.mark.parametrize("name", CONVERGED)
def test_converged_spike_times(name):
    np.testing.assert_allclose(converged(name), times(CONVERGED[name]), rtol=0, atol=0.05)


def test_converged_spike_times_of_regular_trains():
    fs, lts = converged("FS"), converged("LTS")
    np.testing.assert_allclose(fs[:6], times("18.495 22.425 27.86 34.675 41.96 49.305"), rtol=0, atol=0.05)
    assert len(fs) == 19
    assert np.diff(fs[6:]).mean() == pytest.approx(7.35, abs=0.01)
    assert fs[-1] == pytest.approx(144.88, abs=0.05)
    first = times("27.54 30.47 34.025 38.62 45.195 55.50 68.645 82.025")
    np.testing.assert_allclose(lts[:8], first, rtol=0, atol=0.05)
    assert len(lts) == 20
    assert np.diff(lts[8:]).mean() == pytest.approx(13.38, abs=0.01)
    assert lts[-1] == pytest.approx(242.55, abs=0.05)


def test_converged_bursts_and_sweeps():
    bursts = iz.bursts(converged("tonic bursting"), longest_interval=15)
    assert [len(burst) for burst in bursts] == [11, 6, 6, 6]
    ends = [(burst[0], burst[-1]) for burst in bursts]
    expected = [(24.5, 43.92), (77.86, 92.06), (125.82, 140.03), (173.79, 188.0)]
    np.testing.assert_allclose(ends, expected, rtol=0, atol=0.05)
    sweep = converged("class 2 excitability")
    assert len(sweep) == 17
    np.testing.assert_allclose(sweep[[0, -1]], [104.34, 292.2], rtol=0, atol=0.1)
    rebound = converged("rebound burst")
    assert len(rebound) == 14
    np.testing.assert_allclose(rebound[[0, -1]], [57.66, 103.17], rtol=0, atol=0.15)
    assert len(converged("bistability")) == 7


def test_depolarizing_after_potential_needs_the_smallest_step():
    runs = [iz.simulate("depolarizing after-potential", dt=dt, scheme="rk4") for dt in (0.02, 0.005, 0.001)]
    assert [len(run.spike_times) for run in runs] == [6, 7, 8]


def test_interpolation_is_what_meets_the_converged_times_at_a_larger_step():
    for dt in (0.05, 0.025):
        fine = iz.simulate("RS", dt=dt, scheme="rk4", spike_times="interpolated").spike_times
        coarse = iz.simulate("RS", dt=dt, scheme="rk4").spike_times
        assert (fine <= coarse).all()
        assert (fine > coarse - dt - 1e-9).all()


# Current: spikes at 0.25 ms and at 0.02 ms, and times where they are known.
BOOK = [
    ("2007 RS", 60, 2, 2, "173.0 401.0", "172.24 400.32"),
    ("2007 RS", 70, 3, 3, None, "100.08 247.88 395.74"),
    ("2007 RS", 85, 5, 5, None, None),
    ("2007 RS", 100, 7, 7, None, "48.24 121.68 197.82 273.88 349.92 425.94"),
    ("2007 LTS", 100, 1, 1, None, "41.16"),
    ("2007 LTS", 125, 4, 4, None, None),
    ("2007 LTS", 200, 9, 10, None, None),
    ("2007 LTS", 300, 21, 22, None, None),
    ("2007 FS", 73.2, 2, 2, None, "19.02 64.72"),
    ("2007 FS", 100, 4, 4, None, "7.78 30.74 53.72 77.06"),
    ("2007 FS", 200, 8, 8, None, None),
    ("2007 FS", 400, 13, 15, None, None),
]


@pytest.mark.parametrize(("name", "current", "n_coarse", "n_fine", "coarse", "fine"), BOOK)
def test_cells_of_the_book(name, current, n_coarse, n_fine, coarse, fine):
    for dt, count, expected in ((0.25, n_coarse, coarse), (0.02, n_fine, fine)):
        found = iz.simulate(iz.presets[name], current, dt=dt).spike_times
        assert len(found) == count
        if expected is not None:
            expected = times(expected)
            near = np.abs(found[: len(expected)] - expected)
            assert (near <= dt * 1.001).all()  # tables differ in which end of the step they print


@pytest.mark.parametrize("name", list(iz.presets.family("2007")))
def test_all_cells_of_the_book_fire_more_with_more_current(name):
    preset = iz.presets[name]
    if "burst" in name:
        released = iz.simulate(preset)
        first = iz.bursts(released.spike_times, longest_interval=20)[0]
        assert len(first) >= 3  # on release from inhibition
        assert first[0] > 120
        return
    counts = [len(iz.simulate(preset, level).spike_times) for level in preset.amplitudes]
    assert counts[-1] >= 5
    assert all(more >= fewer for fewer, more in itertools.pairwise(counts))


def test_the_fast_spiking_cell_converges_to_a_fifth_spike():
    """At 100 pA the fifth comes at 100.5 ms with a step of 0.02 ms, and before 100 ms with smaller ones."""
    assert len(iz.simulate(iz.presets["2007 FS"], 100.0, dt=0.01).spike_times) == 5
    assert len(iz.simulate(iz.presets["2007 FS"], 100.0, dt=0.001, scheme="rk4").spike_times) == 5


def test_the_adapted_interval_of_the_regular_spiking_cell():
    train = iz.simulate(
        iz.presets["2007 RS"], 100.0, 2000.0, dt=0.001, scheme="rk4", spike_times="interpolated"
    ).spike_times
    assert np.diff(train)[-5:] == pytest.approx(76.035, abs=0.005)


PATTERNS = {
    "AdEx tonic spiking": lambda s: iz.cv(s) < 0.05,
    "AdEx adaptation": lambda s: iz.isi(s)[-1] > 2 * iz.isi(s)[0],
    "AdEx initial burst": lambda s: iz.isi(s)[-1] > 3 * iz.isi(s)[0] and iz.cv(s[4:]) < 0.1,
    "AdEx regular bursting": lambda s: len(iz.bursts(s, longest_interval=20, least_spikes=2)) >= 3,
    "AdEx delayed accelerating": lambda s: s[0] > 30 and iz.isi(s)[-1] < iz.isi(s)[0],
    "AdEx delayed regular bursting": lambda s: s[0] > 30 and len(iz.bursts(s, longest_interval=20)) >= 2,
    "AdEx transient spiking": lambda s: 1 <= len(s) <= 4 and s[-1] < 100,
    "AdEx irregular spiking": lambda s: iz.cv(s[2:]) > 0.15,
}


@pytest.mark.parametrize("name", PATTERNS)
def test_patterns_of_the_adaptive_model(name):
    assert PATTERNS[name](iz.simulate(iz.presets[name]).spike_times)


def test_all_patterns_are_covered():
    assert set(PATTERNS) == set(iz.presets.family("AdEx"))
