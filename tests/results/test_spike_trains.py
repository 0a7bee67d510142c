import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from izhi_numba.results.spike_trains import adaptation_index, bursts, cv, isi

increments = st.lists(st.floats(0.01, 1000.0), max_size=50)


@given(increments)
def test_intervals_add_up_to_the_train(steps):
    times = np.cumsum(steps)
    np.testing.assert_allclose(isi(times), steps[1:], rtol=1e-6, atol=1e-8)


@given(increments)
def test_numbers_against_slow_formulas(steps):
    intervals = steps[1:]
    times = np.cumsum(steps)
    if len(intervals) < 2:
        assert math.isnan(cv(times))
        assert math.isnan(adaptation_index(times))
        return
    mean = sum(intervals) / len(intervals)
    variance = sum((one - mean) ** 2 for one in intervals) / len(intervals)
    assert cv(times) == pytest.approx(math.sqrt(variance) / mean, abs=1e-5)
    pairs = list(itertools.pairwise(intervals))
    index = sum((later - one) / (later + one) for one, later in pairs) / len(pairs)
    assert adaptation_index(times) == pytest.approx(index, abs=1e-4)


def test_a_clock_and_a_poisson_process():
    assert cv(np.arange(100.0)) == 0
    assert adaptation_index(np.arange(100.0)) == 0
    times = np.cumsum(np.random.default_rng(1).exponential(20.0, 100_000))
    assert cv(times) == pytest.approx(1, abs=0.02)
    assert adaptation_index(times) == pytest.approx(0, abs=0.01)


def test_the_sign_of_adaptation():
    slowing = np.cumsum([1.0, 2.0, 3.0, 4.0])
    assert adaptation_index(slowing) == pytest.approx((1 / 5 + 1 / 7) / 2)
    assert adaptation_index(-slowing[::-1]) == pytest.approx(-(1 / 5 + 1 / 7) / 2)


def test_bursts():
    times = [0, 3, 6, 50, 100, 110, 110.5, 200, 210.5]
    assert [burst.tolist() for burst in bursts(times)] == [
        [0, 3, 6],
        [100, 110, 110.5],
    ]  # 10 is not longer than 10
    assert [burst.tolist() for burst in bursts(times, 11, least_spikes=3)] == [[0, 3, 6], [100, 110, 110.5]]
    assert [burst.tolist() for burst in bursts(times, 3)] == [[0, 3, 6], [110, 110.5]]
    assert bursts([]) == bursts([5.0]) == []


@given(increments, st.floats(0.1, 100.0))
def test_bursts_part_the_spikes(steps, longest):
    times = np.cumsum(steps)
    found = bursts(times, longest)
    close = np.diff(times) <= longest
    assert sum(map(len, found)) == np.count_nonzero(np.append(close, False) | np.append(False, close))
    for burst in found:
        assert (isi(burst) <= longest).all()


@pytest.mark.parametrize("function", [isi, cv, adaptation_index, bursts])
@pytest.mark.parametrize(
    ("times", "error", "message"),
    [
        (
            5.0,
            TypeError,
            "times: expected an array of spike times in ms, such as result.spike_times, got 5.0",
        ),
        ("abc", TypeError, "times: expected an array of spike times .*got 'abc'"),
        (["1", "2"], TypeError, "times: expected an array"),
        ([[1.0, 2.0]], TypeError, "times: expected an array"),
        ([1.0, math.nan], ValueError, "times: expected finite spike times in ms, got nan at index 1"),
        ([1.0, math.inf], ValueError, "got inf at index 1"),
        (
            [1, 3, 2],
            ValueError,
            r"expected ascending spike times of one neuron, got 2 after 3 at index 2; in a pool",
        ),
        (
            [1, 1],
            ValueError,
            r"got 1 after 1 at index 1; in a pool choose a neuron: result.trains\(\)\[0\]",
        ),
    ],
)
def test_what_is_no_spike_train(function, times, error, message):
    with pytest.raises(error, match=message):
        function(times)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (dict(longest_interval=0), ValueError, "bursts: longest_interval: expected a number above 0, got 0"),
        (
            dict(longest_interval="5"),
            TypeError,
            "bursts: longest_interval: expected a finite number, got '5'",
        ),
        (
            dict(least_spikes=1),
            ValueError,
            "bursts: least_spikes: expected a whole number of at least 2, got 1",
        ),
        (dict(least_spikes=2.5), TypeError, "bursts: least_spikes: expected a whole number, got 2.5"),
    ],
)
def test_limits_of_bursts(arguments, error, message):
    with pytest.raises(error, match=message):
        bursts([1.0, 2.0], **arguments)
