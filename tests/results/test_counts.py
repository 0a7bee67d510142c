"""Fano factors and correlations, against numpy and closed forms."""

import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import izhi_numba as iz
from izhi_numba.base import checks
from izhi_numba.results import counts as of_counts


def binned(matrix):
    """Spikes that have these counts, in an order of their own: neuron and bin of each."""
    neurons, bins = np.nonzero(matrix)
    times = matrix[neurons, bins]
    neurons, bins = np.repeat(neurons, times), np.repeat(bins, times)
    order = np.argsort(bins, kind="stable")
    return neurons[order].astype(np.int32), bins[order], *matrix.shape


def off_diagonal(matrix):
    return matrix[~np.eye(len(matrix), dtype=bool)]


@given(st.integers(0, 10**6), st.integers(1, 8), st.integers(1, 12))
def test_spikes_against_their_counts(seed, n, n_bins):
    rng = np.random.default_rng(seed)
    matrix = rng.poisson(rng.choice([0.0, 0.1, 1.5], (n, 1)), (n, n_bins))
    spikes = binned(matrix)
    np.testing.assert_array_equal(of_counts.counts_of_each(*spikes), matrix)
    with np.errstate(invalid="ignore"):
        expected = matrix.var(axis=1) / matrix.mean(axis=1)
    np.testing.assert_allclose(of_counts.fano_factor_of_each(*spikes), expected, atol=1e-12)
    np.testing.assert_allclose(iz.fano_factor(matrix), expected, atol=1e-12)
    varies = matrix.std(axis=1) > 0
    if varies.sum() >= 2:
        known = np.corrcoef(matrix[varies])
        np.testing.assert_allclose(iz.correlation(matrix)[np.ix_(varies, varies)], known, atol=1e-12)
        assert of_counts.mean_correlation(*spikes) == pytest.approx(off_diagonal(known).mean(), abs=1e-12)
    else:
        assert math.isnan(of_counts.mean_correlation(*spikes))
    assert np.isnan(iz.correlation(matrix)[~varies]).all()


def test_closed_forms():
    rng = np.random.default_rng(1)
    assert iz.fano_factor(rng.poisson(3.0, 100_000)) == pytest.approx(1, abs=0.02)
    assert iz.fano_factor(rng.binomial(10, 0.3, 100_000)) == pytest.approx(0.7, abs=0.02)
    assert iz.fano_factor([2, 2, 2]) == 0
    assert math.isnan(iz.fano_factor(np.zeros(5)))
    assert math.isnan(iz.fano_factor([]))
    common, own = rng.poisson(2.0, (1, 100_000)), rng.poisson(3.0, (6, 100_000))
    found = off_diagonal(iz.correlation(common + own))
    np.testing.assert_allclose(found, 2 / 5, atol=0.02)  # the share of what is common


def test_a_clock_that_fills_each_bin_alike_has_no_correlation_however_long_it_is():
    matrix = np.full((3, 1001), 7)
    matrix[2, ::2] = 0
    assert of_counts.fano_factor_of_each(*binned(matrix))[:2].tolist() == [0.0, 0.0]
    assert math.isnan(of_counts.mean_correlation(*binned(matrix)))
    assert np.isnan(iz.correlation(np.full((2, 7), 0.1))).all()


@pytest.mark.filterwarnings("ignore:pool 'relay':izhi_numba.DoubtfulWarning")
def test_a_network_with_common_input_is_correlated():
    """Relays of one Poisson train, and of trains of their own: counts share what is common."""
    net = iz.Network(dt=1.0, seed=1)
    common, own = net.poisson("common", 1, 10.0), net.poisson("own", 50, 30.0)
    relay = net.pool("relay", 50, iz.Relay)
    net.connect(common, relay, rule=iz.all_to_all(), delay=1.0)
    net.connect(own, relay, rule=iz.one_to_one(), delay=1.0)
    result = net.run(100_000.0)
    matrix = result.correlation(50.0, "relay")
    np.testing.assert_allclose(matrix, np.corrcoef(result.binned_counts(50.0, "relay")), atol=1e-12)
    mean = result.mean_correlation(50.0, "relay")
    assert mean == pytest.approx(off_diagonal(matrix).mean(), abs=1e-12)
    assert mean == pytest.approx(10 / 40, abs=0.02)
    assert abs(result.mean_correlation(50.0, "own")) < 0.002
    np.testing.assert_allclose(result.fano_factor(50.0, "own"), 1, atol=0.15)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: iz.fano_factor(5),
            TypeError,
            r"fano_factor: expected spike counts \(n_counts,\) or \(n_neurons",
        ),
        (lambda: iz.fano_factor(["a"]), TypeError, r"fano_factor: .* got \['a'\]"),
        (
            lambda: iz.fano_factor([1, -2]),
            ValueError,
            "fano_factor: expected finite spike counts of at least 0, got -2",
        ),
        (lambda: iz.fano_factor([1, math.nan]), ValueError, "got nan"),
        (
            lambda: iz.correlation([1, 2]),
            TypeError,
            r"correlation: expected spike counts \(n_neurons, n_counts\), got \[1, 2\]",
        ),
        (
            lambda: iz.correlation(np.zeros((3_000_000, 1))),
            MemoryError,
            "the correlations of 3000000 neurons would take 144 TB, .* take fewer neurons; result.mean_correlation",
        ),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_correlations_take_no_more_than_is_asked_for(monkeypatch):
    asked = []
    monkeypatch.setattr(checks, "fits_in_memory", lambda what, n_bytes, advice: asked.append(n_bytes))
    counts = np.random.default_rng(1).poisson(1.0, (600, 200)).astype(float)
    tracemalloc.start()
    iz.correlation(counts)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert 0.5 * asked[0] < peak < 1.2 * asked[0]


def test_counts_that_do_not_fit():
    net = iz.Network(dt=0.1, seed=1)
    net.poisson("many", 2_000_000, 0.1)
    result = net.run(500.0)
    with pytest.raises(
        MemoryError, match=r"binned_counts: the counts of 2000000 neurons in 5000 bins .* wider bins"
    ):
        result.binned_counts(0.1)
    assert abs(result.mean_correlation(10.0)) < 0.001
