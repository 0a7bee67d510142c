"""Numbers from the spikes of many neurons, against slow ones."""

import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import izhi_numba as iz
from izhi_numba.results import populations


@pytest.fixture(scope="module")
def noisy():
    pool = iz.Pool(60, seed=1, dt=0.5)
    pool.group("left", 25)
    pool.group("right", 20)
    pool.drive(pool, np.linspace(0, 12, 60) + iz.noise(5.0))
    pool.run(50.0)
    return pool, pool.run(1000.0)


def slow_trains(result, neurons, since=0.0):
    i, t = result.spikes
    return [t[(i == neuron) & (t > since)] for neuron in neurons]


CHOICES = [
    (None, range(60)),
    ("right", range(25, 45)),
    (slice(10, 30), range(10, 30)),
    (slice(None, None, 7), range(0, 60, 7)),
    (slice(40, 10), []),
    ([50, 3, 17], [50, 3, 17]),
    (np.arange(60) % 2 == 0, range(0, 60, 2)),
    ([], []),
]


# ---- Formulas


@given(hnp.arrays(np.int32, st.integers(0, 200), elements=st.integers(0, 5)), st.integers(3, 5))
def test_trains_and_cv_against_one_neuron_after_the_other(neurons, least):
    times = np.sort(np.random.default_rng(len(neurons)).random(len(neurons))).cumsum()
    found = populations.trains(neurons, times, 6)
    values = populations.cv_of_each(neurons, times, 6, least)
    assert len(found) == len(values) == 6
    for neuron in range(6):
        own = times[neurons == neuron]
        np.testing.assert_array_equal(found[neuron], own)
        expected = iz.cv(own) if len(own) >= least else math.nan
        assert values[neuron] == pytest.approx(expected, rel=1e-6, abs=1e-9, nan_ok=True)


def test_more_neurons_than_16_bits_tell():
    rng = np.random.default_rng(1)
    neurons = rng.integers(0, 200_000, 500_000).astype(np.int32)
    times = np.arange(500_000.0)
    found = populations.trains(neurons, times, 200_000)
    order = np.argsort(neurons, kind="stable")
    np.testing.assert_array_equal(np.concatenate(found), times[order])
    assert [len(train) for train in found] == np.bincount(neurons, minlength=200_000).tolist()


# ---- Results of a pool


@pytest.mark.parametrize("since", [None, 50.0, 300.5])
@pytest.mark.parametrize(("asked", "neurons"), CHOICES)
def test_numbers_of_some_neurons(noisy, asked, neurons, since):
    result = noisy[1]
    trains = slow_trains(result, neurons, since or 0.0)
    for found, expected in zip(result.trains(asked, since=since), trains, strict=True):
        np.testing.assert_array_equal(found, expected)
    cvs = [iz.cv(train) if len(train) > 2 else math.nan for train in trains]
    np.testing.assert_allclose(result.cv(asked, since=since), cvs, atol=1e-9)
    for found, expected in zip(result.isi(asked, since=since), trains, strict=True):
        np.testing.assert_allclose(found, np.diff(expected))
    begin = 50.0 if since is None else since
    spikes = np.concatenate([np.zeros(0), *trains])
    rate = len(spikes) / len(neurons) / (1.05 - begin / 1000) if len(neurons) else math.nan
    assert result.rate(asked, since=since) == pytest.approx(rate, nan_ok=True)

    times, rates = result.population_rate(4.0, asked, since=since)
    edges = begin + 4.0 * np.arange(int((1050 - begin) // 4) + 1)
    np.testing.assert_array_equal(times, edges[:-1] + 2)
    counts = [np.count_nonzero((spikes > a) & (spikes <= a + 4)) for a in edges[:-1]]
    of_each = [[np.count_nonzero((one > a) & (one <= a + 4)) for a in edges[:-1]] for one in trains]
    of_each = np.array(of_each, np.int64).reshape(len(neurons), len(edges) - 1)
    np.testing.assert_array_equal(result.binned_counts(4.0, asked, since=since), of_each)
    if len(neurons):
        np.testing.assert_allclose(rates, np.array(counts) / len(neurons) / 0.004)
        factor = np.var(counts) / np.mean(counts)
        assert result.synchrony(asked, bin=4.0, since=since) == pytest.approx(factor)
    else:
        assert np.isnan(rates).all()
        assert math.isnan(result.synchrony(asked, since=since))


def test_a_group_itself_may_be_given(noisy):
    pool, result = noisy
    left = pool["left"]
    assert result.rate(left) == result.rate("left") == result.rate(pool[:25])
    assert result.rate(pool) == result.rate()
    np.testing.assert_array_equal(result.cv(left), result.cv("left"))
    with pytest.raises(ValueError, match=r"rate: group 'other' is not of these 60 neurons"):
        result.rate(iz.Pool(70).group("other", 10))


def test_interpolated_times_are_counted_in_their_bins():
    pool = iz.Pool(40, seed=1, spike_times="interpolated")
    pool.drive(pool, np.linspace(5, 30, 40))
    result = pool.run(400.0)
    whole = result.population_rate(2.0)[1]
    halves = [result.population_rate(2.0, which)[1] for which in (slice(0, 20), slice(20, 40))]
    np.testing.assert_allclose(np.mean(halves, axis=0), whole)
    assert (whole * 40 * 0.002).sum() == pytest.approx(len(result.spikes.t))
    assert sum(map(len, result.trains(since=100.0))) == np.count_nonzero(result.spikes.t > 100)


def test_synchrony_of_independent_and_of_equal_trains():
    net = iz.Network(dt=1.0, seed=1)
    net.poisson("alone", 1000, 10.0)
    spikes = net.run(5000.0)["alone"]
    assert spikes.synchrony() == pytest.approx(1, abs=0.1)
    assert np.nanmean(spikes.cv()) == pytest.approx(1, abs=0.05)
    pool = iz.Pool(100)
    pool.drive(pool, 10.0)
    together = pool.run(1000.0)
    counts = together.spikes_per_step[: 999 // 3 * 3].reshape(-1, 3).sum(axis=1) / 100
    assert together.synchrony() == pytest.approx(100 * counts.var() / counts.mean())
    assert together.synchrony([5]) == pytest.approx(together.synchrony() / 100)


def test_without_spikes():
    result = iz.Pool(5).run(20.0)
    assert [len(train) for train in result.trains()] == [0] * 5
    assert np.isnan(result.cv()).all()
    assert math.isnan(result.synchrony())
    assert (result.population_rate(5.0)[1] == 0).all()
    assert result.rate(since=10.0) == 0


def test_spikes_that_were_not_kept():
    pool = iz.Pool(50, seed=1)
    pool.drive(pool, np.linspace(3, 20, 50))
    pool.record("spikes", neurons=range(10, 30))
    result = pool.run(500.0)
    assert len(result.trains(slice(10, 30))) == 20
    assert (result.population_rate(10.0)[1] > 0).any()  # of all it is known
    assert result.rate(since=100.0) > result.rate(slice(10, 30), since=100.0)
    told = r"were not kept; ask with pool.record\('spikes'\) before the run"
    for call in (
        lambda: result.trains(),
        lambda: result.cv(),
        lambda: result.population_rate(10.0, slice(0, 20)),
        lambda: result.synchrony(slice(0, 20)),
        lambda: result.rate(slice(0, 20), since=100.0),
        lambda: result.isi(),
        lambda: result.fano_factor(10.0),
        lambda: result.correlation(10.0, slice(0, 20)),
        lambda: result.mean_correlation(10.0, slice(0, 20)),
        lambda: result.power_spectrum(1.0, slice(0, 20)),
    ):
        with pytest.raises(ValueError, match=told):
            call()
    pool.record("counts")
    with pytest.raises(ValueError, match=rf"cv: the spikes of 3 of 3 neurons {told}"):
        pool.run(500.0).cv([20, 21, 22])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda r: r.rate("nope"), KeyError, "no group 'nope'; groups: left, right"),
        (
            lambda r: r.cv(5.5),
            TypeError,
            "cv: expected the name of a group, a slice, an index, a list of indices or 60 truth",
        ),
        (lambda r: r.trains([1.5]), TypeError, r"trains: expected the name .* got \[1.5\]"),
        (lambda r: r.trains([True, False]), TypeError, "60 truth values"),
        (lambda r: r.rate([60]), IndexError, "rate: neurons: expected neurons from 0 to 59, got 60"),
        (lambda r: r.rate([3, 3]), ValueError, r"rate: expected each neuron once, got \[3, 3\]"),
        (lambda r: r.rate(since=1050), ValueError, "expected a time from 50 to below 1050 ms, .* got 1050"),
        (lambda r: r.rate(since=0), ValueError, "since: expected a time from 50 to below 1050 ms"),
        (lambda r: r.rate(since="5"), TypeError, "since: expected a finite number, got '5'"),
        (lambda r: r.rate(since=50.3), ValueError, "since: expected a multiple of dt = 0.5 ms, got 50.3"),
        (lambda r: r.fano_factor(0.7), ValueError, "fano_factor: bin: expected a multiple of dt"),
        (lambda r: r.correlation(2000), ValueError, "correlation: bin: expected at most the 1000 ms"),
        (lambda r: r.mean_correlation(10, "nope"), KeyError, "no group 'nope'; groups: left, right"),
        (lambda r: r.isi([60]), IndexError, "isi: neurons: expected neurons from 0 to 59, got 60"),
        (lambda r: r.power_spectrum(0.7), ValueError, "power_spectrum: bin: expected a multiple of dt"),
        (lambda r: r.power_spectrum(1.0, []), ValueError, "power_spectrum: expected neurons, got none"),
        (
            lambda r: r.power_spectrum(1.0, resolution=0.5),
            ValueError,
            "power_spectrum: resolution: expected 1 to 500 Hz, for 1000 samples at every 1 ms, got 0.5",
        ),
        (lambda r: r.population_rate(0.7), ValueError, "population_rate: bin: expected a multiple of dt"),
        (lambda r: r.population_rate(0), ValueError, "population_rate: bin: expected a number above 0"),
        (
            lambda r: r.synchrony(bin=60, since=1000),
            ValueError,
            "synchrony: bin: expected at most the 50 ms that there are, got 60",
        ),
        (
            lambda r: r.cv(least_spikes=2),
            ValueError,
            "cv: least_spikes: expected a whole number of at least 3",
        ),
    ],
)
def test_messages(noisy, call, error, message):
    with pytest.raises(error, match=message):
        call(noisy[1])


# ---- Results of a network


@pytest.fixture(scope="module")
def network():
    net = iz.Network(dt=0.5, seed=1)
    exc, inh = net.pool("exc", 40, iz.Izhikevich), net.pool("inh", 20, iz.Izhikevich)
    exc.group("left", 10)
    exc.drive(exc, np.linspace(4, 20, 40) + iz.noise(3.0))
    inh.drive(inh, 8 + iz.noise(3.0))
    net.poisson("noise", 30, 500.0)
    net.spike_list("exc.clicks", 2, [0, 1], [5.0, 7.0])
    return net, net.run(500.0)


def test_names_in_a_network(network):
    net, result = network
    exc = result["exc"]
    assert result.rate("exc.left") == result.rate(net["exc"]["left"]) == exc.rate("left")
    assert result.rate("exc") == result.rate(net["exc"]) == exc.rate()
    assert result.rate("exc.clicks") == 2.0
    assert result.rate("noise", since=100.0) == result["noise"].rate(since=100.0) > 300
    np.testing.assert_array_equal(result.cv("inh"), result.cv(slice(40, 60)))
    np.testing.assert_array_equal(result.cv(), np.concatenate([exc.cv(), result["inh"].cv()]))
    with pytest.raises(KeyError, match="no group 'right'; groups: left"):
        result.rate("exc.right")
    with pytest.raises(KeyError, match=r"no pool 'left'; there are exc, inh, noise, exc\.clicks"):
        result.rate("left")
    with pytest.raises(ValueError, match="rate: group 'g' is not of this network"):
        result.rate(iz.Pool(40).group("g", 10))


def test_sources_are_no_neurons(network):
    _, result = network
    assert result.size == 60 == len(result.counts) == len(result.trains())
    assert result.spikes.i.max() == 59
    assert result.rate() == pytest.approx((40 * result.rate("exc") + 20 * result.rate("inh")) / 60)
    times, rates = result.population_rate(5.0, since=100.0)
    expected = (2 * result.population_rate(5.0, "exc", since=100.0)[1]
                + result.population_rate(5.0, "inh", since=100.0)[1]) / 3  # fmt: skip
    np.testing.assert_allclose(rates, expected)
    assert times[0] == 102.5


def test_a_network_of_sources_alone_counts_them():
    net = iz.Network(seed=1)
    net.poisson("noise", 30, 500.0)
    result = net.run(50.0)
    assert (result.size, list(result.groups)) == (30, ["noise"])
    assert result.rate() == result.rate("noise") > 300
    assert len(result.trains()) == 30


# ---- Saving


def test_results_are_saved(noisy, network, tmp_path):
    result = noisy[1]
    np.savez(tmp_path / "run.npz", i=result.spikes.i, t=result.spikes.t)
    saved = np.load(tmp_path / "run.npz")
    np.testing.assert_array_equal(saved["t"], result.spikes.t)
    for one in (result, network[1]):
        again = pickle.loads(pickle.dumps(one))
        np.testing.assert_array_equal(again.cv(), one.cv())
        assert again.rate() == one.rate()
