"""Statistics are those of Elephant, of spikes half a step earlier: see ``Statistics`` for the reason."""

import itertools

import numpy as np
import pytest

import izhi_numba as iz
from tests.optional import library

elephant, neo, pq = library("elephant"), library("neo"), library("quantities")
BIN = 5.0
pytestmark = [  # Elephant gives them
    pytest.mark.filterwarnings("ignore:The 'copy' argument in Quantity"),
    pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning"),
]


@pytest.fixture(scope="module")
def run():
    """A pool with noise and a rhythm, whose spikes lie on the grid; and its trains, half a step earlier."""
    pool = iz.Pool(30, iz.Izhikevich, dt=0.5, seed=2)
    pool.drive(pool, np.linspace(2, 8, 30) + iz.sine(4.0, frequency=40.0) + iz.noise(6.0))
    result = pool.run(2000.0)
    (segment,) = result.to_neo().segments
    ends = {"t_start": 0.0, "t_stop": 2000.0}
    return result, [neo.SpikeTrain(train.times - 0.25 * pq.ms, **ends) for train in segment.spiketrains]


def test_rates_and_intervals(run):
    from elephant import statistics

    result, trains = run
    rates = [statistics.mean_firing_rate(train).rescale("Hz").item() for train in trains]
    assert result.rate() == pytest.approx(np.mean(rates))
    intervals = [statistics.isi(train).rescale("ms").magnitude for train in trains]
    for mine, its in zip(result.isi(), intervals, strict=True):
        np.testing.assert_allclose(mine, its)
    np.testing.assert_allclose(result.cv(), [statistics.cv(one) for one in intervals])
    np.testing.assert_allclose(result.lv(), [statistics.lv(one) for one in intervals])
    assert result.counts.min() > 10
    assert iz.lv(result.trains()[3]) == pytest.approx(statistics.lv(intervals[3]))


def test_fano_factor(run):
    from elephant import statistics

    result, trains = run
    edges = 100.0 * np.arange(21)
    for mine, train in zip(result.fano_factor(100.0), trains, strict=True):
        trials = [train.time_slice(a * pq.ms, b * pq.ms) for a, b in itertools.pairwise(edges)]
        assert mine == pytest.approx(statistics.fanofactor(trials))


def test_population_rate_synchrony_and_spectrum(run):
    from elephant import spectral, statistics

    result, trains = run
    counts = statistics.time_histogram(trains, 4.0 * pq.ms).magnitude
    assert result.synchrony(bin=4.0) == pytest.approx(counts.var() / counts.mean())
    rate = statistics.time_histogram(trains, BIN * pq.ms, output="rate").rescale("Hz")
    np.testing.assert_allclose(result.population_rate(BIN)[1], rate.magnitude[:, 0])
    frequencies, power = spectral.welch_psd(rate, n_segments=8)
    mine = result.power_spectrum(BIN)
    np.testing.assert_allclose(mine[0], frequencies.rescale("Hz").magnitude)
    np.testing.assert_allclose(mine[1], power.magnitude[0], rtol=1e-6, atol=1e-9)
    assert mine[0][1:][np.argmax(mine[1][1:])] == pytest.approx(40, abs=4)


def test_correlation(run):
    from elephant import conversion, spike_train_correlation

    result, trains = run
    binned = conversion.BinnedSpikeTrain(trains, BIN * pq.ms)
    expected = spike_train_correlation.correlation_coefficient(binned)
    np.testing.assert_allclose(result.correlation(BIN), expected, atol=1e-12)
    assert result.mean_correlation(BIN) == pytest.approx(expected[np.triu_indices(30, 1)].mean())
