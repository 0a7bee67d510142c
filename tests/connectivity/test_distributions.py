"""Distributions as values: multiplied, added to and clipped, drawn for synapses, degrees and neurons."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import izhi_numba as iz

KINDS = [
    iz.uniform(-1, 3), iz.integers(-2, 5), iz.normal(1.0, 2.0, low=-2), iz.lognormal(0, 0.5), iz.exponential(2),
]  # fmt: skip
numbers = st.floats(-4, 4).map(lambda x: round(x, 3))
steps = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["+", "-", "*", "r-"]), numbers),
        st.tuples(st.just("clip"), st.tuples(numbers, numbers).map(sorted)),
    ),
    max_size=5,
)


def done(value, what):
    """The steps, done to a distribution or an array."""
    for operation, number in what:
        if operation == "clip":
            value = value.clip(*number)
        elif operation == "*":
            value = number * value
        elif operation == "r-":
            value = number - value
        else:
            value = value + number if operation == "+" else value - number
    return value


def drawn(distribution, n=200):
    pool = iz.Pool(n, seed=1, dtype="float64")
    pool.u = distribution
    return pool.u.copy()


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(KINDS), steps)
def test_arithmetic_beside_that_of_arrays(kind, what):
    plain, value = drawn(kind), done(kind, what)
    expected = done(plain, what)
    np.testing.assert_allclose(drawn(value), expected, atol=1e-9 * (1 + np.abs(expected).max()))
    low, high = value.bounds()
    assert low - 1e-9 <= drawn(value).min()
    assert drawn(value).max() <= high + 1e-9


def test_weights_and_delays_follow_the_arithmetic():
    def arrays(weight, delay):
        pool = iz.Pool(50, seed=3)
        return pool.connect(pool, pool, rule=iz.fixed_outdegree(20), weight=weight, delay=delay).to_arrays()

    plain = arrays(iz.exponential(2), 1.0)[2]
    np.testing.assert_array_equal(arrays(-iz.exponential(2), 1.0)[2], -plain)
    np.testing.assert_allclose(arrays(2 * iz.exponential(2) / 4 + 1, 1.0)[2], plain / 2 + 1, rtol=1e-6)
    np.testing.assert_allclose(arrays(iz.exponential(2).clip(1, 3), 1.0)[2], plain.clip(1, 3), rtol=1e-6)
    delays = arrays(1.0, (1 + 2 * iz.integers(0, 4)).clip(high=7))[3]
    assert set(delays) == {1, 3, 5, 7}
    assert (delays == 7).mean() == pytest.approx(0.4, abs=0.05)
    assert set(arrays(1.0, 5.5 - iz.uniform(0, 3).clip(1, 2))[3]) == {4, 5}  # 4.5, a half up


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (-iz.exponential(2), "-exponential(2)"),
        (2 * iz.lognormal(0, 1) - 3, "2 * lognormal(0, 1) - 3"),
        ((10 + iz.normal(0, 5)).clip(low=0), "(normal(0, 5) + 10).clip(low=0)"),
        (iz.integers(1, 9).clip(2, 3), "integers(1, 9).clip(low=2, high=3)"),
        (np.float64(2) * iz.uniform(0, 1), "2 * uniform(0, 1)"),
    ],
)
def test_how_it_is_shown(value, text):
    assert repr(value) == text
    assert eval(text, vars(iz)) == value


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda d: d + d, TypeError, r"uniform\(0, 1\): expected a number beside the \+, got uniform\(0, 1\)"),
        (lambda d: np.ones(3) * d, TypeError, r"expected a number beside the \*, got array\(\[1., 1., 1.\]\)"),
        (lambda d: d * "2", TypeError, r"uniform\(0, 1\) \*: expected a finite number, got '2'"),
        (lambda d: d - np.nan, ValueError, "expected a finite number, got nan"),
        (lambda d: d / 0, ZeroDivisionError, r"uniform\(0, 1\) / 0"),
        (lambda d: d.clip(3, 2), ValueError, "clip: expected low <= high, got low=3 and high=2"),
        (lambda d: iz.fixed_indegree(d - 5), ValueError, r"degree: expected numbers from 0 .* from -5 to -4; give it .clip"),
        (lambda d: iz.fixed_outdegree(1e300 * iz.lognormal(0, 9)), ValueError, r"which reaches from 2.6.*e\+273 to inf"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call(iz.uniform(0, 1))


def connect(rule, n=100, threads=1, **values):
    pool = iz.Pool(n, seed=2, threads=threads)
    return pool, pool.connect(pool, pool, rule=rule, **values)


@pytest.mark.parametrize("multapses", [True, False])
@pytest.mark.parametrize("name", ["fixed_indegree", "fixed_outdegree"])
def test_degrees_are_drawn(name, multapses):
    rule = getattr(iz, name)(iz.integers(5, 15), multapses=multapses, autapses=False)
    pool, synapses = connect(rule, n=1000, weight=iz.uniform(0, 1), delay=iz.integers(1, 3))
    pre, post, *_ = found = synapses.to_arrays()
    own, other = (post, pre) if name == "fixed_indegree" else (pre, post)
    degrees = np.bincount(own, minlength=1000)
    assert set(degrees) == set(range(5, 16))
    assert degrees.mean() == pytest.approx(10, abs=4 * 3.2 / np.sqrt(1000))
    assert len(synapses) == degrees.sum()
    assert (pre != post).all()
    assert (len(set(zip(pre, post, strict=True))) == len(pre)) == (not multapses)
    assert abs(np.corrcoef(degrees, np.bincount(other, minlength=1000))[0, 1]) < 0.12
    pool.prepare()
    for one, again in zip(found, synapses.to_arrays(), strict=True):
        np.testing.assert_array_equal(one, again)
    for one, again in zip(
        found,
        connect(rule, n=1000, threads=3, weight=iz.uniform(0, 1), delay=iz.integers(1, 3))[1].to_arrays(),
        strict=True,
    ):
        np.testing.assert_array_equal(one, again)


def test_degrees_of_any_distribution_are_rounded():
    _, synapses = connect(iz.fixed_outdegree((20 * iz.lognormal(0, 0.5)).clip(high=40)), n=2000)
    degrees = np.bincount(synapses.to_arrays()[0], minlength=2000)
    assert degrees.max() == 40
    assert np.median(degrees) == pytest.approx(20, abs=1)


def test_degrees_that_cannot_be():
    with pytest.raises(ValueError, match="101 different sources wanted, but there are 100"):
        connect(iz.fixed_indegree(iz.integers(5, 101), multapses=False))
    with pytest.raises(
        ValueError, match=r"weight: fixed_indegree draws the number of its synapses: give a number"
    ):
        connect(iz.fixed_indegree(iz.integers(5, 9)), weight=np.ones((100, 9)))


def test_memory_for_drawn_degrees_is_enough():
    for seed in range(20):
        pool = iz.Pool(50, seed=seed)
        rule = iz.fixed_indegree((50 * iz.lognormal(0, 1)).clip(high=1000))
        estimate = pool.memory_estimate(pool, pool, rule=rule, weight=iz.uniform(0, 1))
        assert pool.connect(pool, pool, rule=rule, weight=iz.uniform(0, 1)).nbytes <= estimate


def test_nothing_times_anything_is_nothing():
    assert repr(0 * iz.lognormal(0, 1000)) == "uniform(0, 0)"
    pool = iz.Pool(5, seed=1)
    synapses = pool.connect(pool, pool, rule=iz.one_to_one(), weight=3 + 0 * iz.lognormal(0, 1000))
    assert synapses.weights.tolist() == [3.0] * 5


def test_distributions_stay_among_numbers():
    with pytest.raises(OverflowError, match=r"uniform\(0, 1\) \* 1e\+200 reaches beyond all numbers"):
        iz.uniform(0, 1) * 1e200 * 1e200
