"""Times are the decimals that they look like."""

import re
import sys
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import izhi_numba as iz
from izhi_numba.base.clock import rounded_steps, steps_of, times_of

DECIMALS = ["1", "0.5", "0.25", "0.2", "0.1", "0.05", "0.025", "0.02", "0.01", "0.005", "0.001", "2", "0.3"]


@given(st.sampled_from(DECIMALS), st.integers(0, 10**12))
def test_the_time_of_a_step_is_the_nearest_double_to_its_decimal(dt, step):
    expected = float(Decimal(dt) * step)
    assert times_of(step, float(dt)) == expected
    assert times_of(np.array([step]), float(dt)) == expected
    assert type(times_of(step, float(dt))) is float


@given(st.floats(1e-4, 10.0), st.integers(0, 10**9))
def test_any_step_is_within_two_roundings(dt, step):
    assert times_of(step, dt) == pytest.approx(step * dt, rel=1e-15)


def test_thirds_are_fractions_too():
    np.testing.assert_array_equal(times_of(np.arange(0, 300, 3), 1 / 3), np.arange(100))


@given(st.sampled_from(DECIMALS), st.integers(1, 10**9))
def test_times_go_back_to_their_steps(dt, step):
    time = times_of(np.array([step]), float(dt))
    assert steps_of(time, float(dt)) == step
    assert np.rint(time / float(dt)) == step


@given(st.sampled_from(DECIMALS), st.integers(0, 10**7), st.integers(0, 9))
def test_decimals_are_rounded_half_up(dt, step, tenth):
    decimal = Decimal(dt) * (step + Decimal(tenth) / 10)
    expected = step + (tenth >= 5)
    assert rounded_steps(float(decimal), float(dt)) == expected
    assert rounded_steps(np.array([float(decimal)]), float(dt)).tolist() == [expected]
    if step < 1000:
        assert rounded_steps(np.float32([float(decimal)]), float(dt)).tolist() == [expected]


HALVES = {0.35: 4, 0.55: 6, 0.65: 7, 0.75: 8, 1.05: 11, 2.35: 24, 0.34: 3, 0.36: 4}  # ms: steps of 0.1 ms


@pytest.mark.filterwarnings("ignore:delay")  # that they are no multiples of dt
@pytest.mark.parametrize("given", ["numbers", "array", "drawn", "single", "single numbers"])
def test_delays_are_rounded_half_up(given):
    pool = iz.Pool(len(HALVES), dt=0.1, seed=1)
    delays = list(HALVES)
    if given in ("array", "single"):
        delays = np.array(delays, np.float32) if given == "single" else delays
        pool.connect(pool, pool, rule=iz.one_to_one(), delay=delays)
    else:
        for number, delay in enumerate(delays):
            drawn = iz.uniform(delay, delay) if given == "drawn" else delay
            drawn = np.float32(delay) if given == "single numbers" else drawn
            one = pool[number : number + 1]
            pool.connect(one, one, rule=iz.one_to_one(), delay=drawn)
    found = np.concatenate([one.to_arrays()[3] for one in pool.synapses])
    np.testing.assert_allclose(found, np.array(list(HALVES.values())) * 0.1)


def test_drawn_whole_numbers_are_rounded_half_up():
    pool = iz.Pool(2, dt=0.4, seed=1)
    synapses = pool.connect(
        pool[:1], pool, rule=iz.fixed_outdegree(1000, multapses=True), delay=iz.integers(1, 3)
    )
    np.testing.assert_allclose(synapses.delays, [1.2, 2.0, 3.2])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_refractory_times_are_rounded_half_up(dtype):
    pool = iz.Pool(len(HALVES), iz.LeakyIntegrateAndFire, dt=0.1, dtype=dtype)
    pool.t_ref = list(HALVES)
    pool.drive(pool, 1e6)  # spikes as soon as it may
    spikes = pool.run(50.0).spikes
    for neuron, steps in enumerate(HALVES.values()):
        times = spikes.t[spikes.i == neuron]
        np.testing.assert_allclose(np.diff(times), 0.1 * (steps + 1))


def test_given_spikes_are_rounded_half_up():
    net = iz.Network(dt=0.1)
    net.spike_list("sent", len(HALVES), range(len(HALVES)), list(HALVES))
    net.record("spikes", "sent")
    net.pool("any", 1)
    spikes = net.run(5.0)["sent"].spikes
    order = np.argsort(spikes.i)
    np.testing.assert_allclose(spikes.t[order], 0.1 * np.array(list(HALVES.values())))


def run(dt):
    pool = iz.Pool(50, dt=dt, seed=1)
    pool.drive(pool, np.linspace(5, 20, 50))
    pool.record("v", neurons=[0], every=3 * dt)
    pool.run(7 * dt)
    result = pool.run(3000 * dt)
    assert pool.t == result.stop
    return result


@pytest.mark.parametrize("dt", [0.1, 0.05, 0.3])
def test_times_of_a_result(dt):
    result = run(dt)
    decimals = np.array([float(Decimal(str(dt)) * k) for k in range(3008)])
    assert (result.start, result.stop, result.duration) == (decimals[7], decimals[-1], decimals[3000])
    assert len(result.spikes.t) > 100
    assert np.isin(result.spikes.t, decimals).all()
    np.testing.assert_array_equal(result.times("v"), decimals[9::3])
    np.testing.assert_array_equal(
        result.times("v"), np.array([f"{t:.10g}" for t in result.times("v")], float)
    )


def test_a_spike_list_of_a_results_times_spikes_at_these():
    spikes = run(0.1).spikes
    net = iz.Network(dt=0.1)
    net.spike_list("again", 50, spikes.i, spikes.t)
    again = net.run(300.7)["again"].spikes
    np.testing.assert_array_equal(again.i, spikes.i)
    np.testing.assert_array_equal(again.t, spikes.t)


@pytest.mark.parametrize("dt", [0.1, 1.0])
def test_the_bar_ends_at_its_end(capsys, monkeypatch, dt):
    """tqdm would warn of a bar that passes its end, and warnings are errors."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    pool = iz.Pool(2000, dt=dt, seed=1)
    pool.run(500.0, progress=True)
    sys.stderr.flush()
    last = capsys.readouterr().err.split("\r")[-1]
    assert re.match(r"100%\|█+\| 500/500 ms \[\d+:\d+<\d+:\d+, RTF [\d.e-]+, \d.*Hz\]", last)


def test_no_bar_where_there_is_no_terminal(capsys, monkeypatch):
    iz.Pool(10, seed=1).run(5.0, progress=True)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys, "stderr", None)
    iz.Pool(10, seed=1).run(5.0, progress=True)
