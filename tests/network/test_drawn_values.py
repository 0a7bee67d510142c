"""Variables and parameters set to what a distribution draws: by neuron, whoever sets it and when."""

import numpy as np
import pytest
from scipy import stats

import izhi_numba as iz


def test_it_is_the_distribution():
    pool = iz.Pool(20_000, seed=1, dtype="float64")
    pool.v = iz.uniform(-70, -50)
    pool.set(b=iz.normal(0.2, 0.02), d=2 + iz.exponential(3), c=iz.integers(-60, -50))
    for values, expected in (
        (pool.v, stats.uniform(-70, 20)), (pool.b, stats.norm(0.2, 0.02)), (pool.d, stats.expon(2, 3)),
    ):  # fmt: skip
        assert stats.kstest(values, expected.cdf).pvalue > 1e-4
    assert set(pool.c) == set(range(-60, -49))
    drawn = np.array([pool.v, pool.b, pool.d, pool.c])
    assert (np.abs(np.corrcoef(drawn) - np.eye(4)) < 0.03).all()
    np.testing.assert_allclose(pool.u, pool.b * pool.v)  # follows, as from values


def test_it_does_not_depend_on_how_it_is_set():
    one, other = iz.Pool(100, seed=5), iz.Pool(100, seed=5, threads=3)
    one.v, one.b = iz.normal(-60, 5), iz.uniform(0.1, 0.3)
    other.random(10)
    other[::2].b = iz.uniform(0.1, 0.3)
    other.connect(other, other, rule=iz.fixed_outdegree(3))
    other[1::2].set(v=iz.normal(-60, 5), b=iz.uniform(0.1, 0.3))
    other[::2].v = iz.normal(-60, 5)
    np.testing.assert_array_equal(one.v, other.v)
    np.testing.assert_array_equal(one.b, other.b)
    assert (voltages(6) != one.v).all()
    before = one.v.copy()
    one.v = iz.normal(-60, 5)
    np.testing.assert_array_equal(one.v, before)
    one.step()
    one.v = iz.normal(-60, 5)
    assert (one.v != before).all()


def voltages(seed):
    pool = iz.Pool(100, seed=seed)
    pool.v = iz.normal(-60, 5)
    return pool.v


def test_pools_and_sources_of_a_network_draw_their_own():
    net = iz.Network(seed=1)
    one, other, trains = (
        net.pool("one", 50, iz.AdEx),
        net.pool("other", 50, iz.AdEx),
        net.poisson("trains", 50, 1.0),
    )
    one.v = other.v = iz.uniform(-70, -50)
    assert (one.v != other.v).all()
    trains.rate = iz.uniform(5, 15)
    assert (trains.rate > 5).all()
    with pytest.raises(ValueError, match=r"rate: expected 0 to 10000 Hz.*got -1"):
        trains.rate = iz.uniform(-1, 1)


def test_a_value_that_cannot_be_is_refused_before_anything_is_set():
    pool = iz.Pool(10, seed=1)
    with pytest.raises(
        ValueError, match=r"b of the pool, lognormal\(0, 100\): expected finite numbers that fit float32"
    ):
        pool.set(v=iz.uniform(0, 1), b=iz.lognormal(0, 100))
    assert (pool.v == -65).all()
    leaky = iz.Pool(10, iz.LeakyIntegrateAndFire, seed=1)
    before = leaky.C.copy()
    with pytest.raises(
        ValueError, match=r"normal\(200, 50\), which may be given .clip.*: expected a number above 0"
    ):
        leaky.C = iz.normal(200, 50)
    np.testing.assert_array_equal(leaky.C, before)
    leaky.C = iz.normal(200, 50).clip(low=1)


def test_a_model_may_have_what_is_drawn():
    model = iz.Izhikevich(b=iz.normal(0.2, 0.02), v=iz.uniform(-70, -50), d=2.0)
    assert repr(model) == "Izhikevich(b=normal(0.2, 0.02), v=uniform(-70, -50), d=2.0)"
    pool, plain = iz.Pool(50, model, seed=1), iz.Pool(50, iz.Izhikevich(d=2.0), seed=1)
    plain.set(b=iz.normal(0.2, 0.02), v=iz.uniform(-70, -50))
    for name in ("v", "u", "b", "d"):
        np.testing.assert_array_equal(getattr(pool, name), getattr(plain, name))
    composed = iz.Pool(50, model, receptors={"ampa": iz.AMPA}, seed=1)
    np.testing.assert_array_equal(composed.b, pool.b)
    free = iz.Pool(5, iz.Izhikevich(u=iz.uniform(1, 2)), seed=1)
    free.b = 0.3
    assert (free.u > 0).all()
    with pytest.raises(
        TypeError, match=r"b: expected a number for a single neuron, got normal\(0.2, 0.02\); pools draw it"
    ):
        iz.simulate(model, 10.0)
    with pytest.raises(ValueError, match=r"d of Izhikevich.*: expected finite numbers that fit float32"):
        iz.Pool(5, iz.Izhikevich(d=iz.lognormal(0, 100)))


@pytest.mark.parametrize(
    "kind",
    [
        iz.uniform(-1, 3),
        iz.integers(-2, 6),
        iz.normal(1, 2),
        iz.lognormal(0, 1),
        iz.exponential(2),
        3 - 2 * iz.exponential(1),
    ],
)
def test_the_middle_has_half_below(kind):
    pool = iz.Pool(10_000, seed=1)
    pool.v = kind
    assert abs((pool.v < kind.middle).mean() + (pool.v == kind.middle).mean() / 2 - 0.5) < 0.03


def test_rates_of_sources_are_drawn_where_they_are_made():
    made, later = iz.Network(seed=3), iz.Network(seed=3)
    rates = iz.uniform(5.0, 25.0)
    first, second = made.poisson("trains", 200, rates), later.poisson("trains", 200, 0.0)
    second.rate = rates
    np.testing.assert_array_equal(first.rate, second.rate)
    assert first.rate.min() < 8 < 22 < first.rate.max()
    with pytest.raises(
        ValueError, match=r"rate: expected 0 to 10000 Hz, at most one spike in a step of 0.1 ms, got -1"
    ):
        made.poisson("others", 2, iz.uniform(-1.0, 3.0))


def test_places_are_not_counted_from_the_end():
    with pytest.raises(
        IndexError, match="from 0 to 4, got -1; they are counted from 0, and not from the end"
    ):
        iz.Pool(5)[-1]
