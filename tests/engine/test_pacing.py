"""Runs in step with the clock on the wall, what they say of their lag, and what is told of progress."""

import threading
import time

import numpy as np
import pytest

import izhi_numba as iz
from izhi_numba.engine.pacing import Pace


@pytest.fixture
def pool():
    pool = iz.Pool(100, seed=1)
    pool.drive(pool, iz.noise(5.0))
    pool.prepare()
    return pool


@pytest.mark.parametrize(("realtime", "factor"), [(True, 1.0), (4, 4.0), (iz.RealTime(0.5), 0.5)])
def test_a_run_takes_as_long_as_it_should(pool, realtime, factor):
    pool.run(3.0)
    began = time.perf_counter()
    result = pool.run(200.0 * factor, realtime=realtime)
    took = time.perf_counter() - began
    assert 0.2 <= took < 2.0
    assert result.wall_time >= 0.2
    assert result.lag.worst >= result.lag.mean >= 0
    other = iz.Pool(100, seed=1)
    other.drive(other, iz.noise(5.0))
    other.run(3.0)
    np.testing.assert_array_equal(result.spikes.i, other.run(200.0 * factor).spikes.i)


class Wall:
    """A clock on the wall that goes on when somebody sleeps."""

    def __init__(self):
        self.now = 1000.0

    def perf_counter(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


@pytest.mark.parametrize(("late", "took", "n_late"), [("catch up", 0.5, 299), ("slip", 0.79, 10)])
def test_what_is_done_when_late(pool, monkeypatch, late, took, n_late):
    """300 ms of the clock are lost, in a run of 500: it catches up, or it does not."""
    wall = Wall()
    monkeypatch.setattr("izhi_numba.engine.pacing.time", wall)

    def hold_up(pool):
        if pool.t == 100:
            wall.sleep(0.3)

    lag = pool.run(500.0, every={100.0: hold_up}, realtime=iz.RealTime(late=late)).lag
    assert wall.now - 1000 == pytest.approx(took)
    assert lag.worst == pytest.approx(299)  # of the first of the ten steps that are taken at once after it
    assert abs(lag.steps - n_late) <= 1
    mean = sum(299 - k for k in range(10 if late == "slip" else 299)) / 500
    assert lag.mean == pytest.approx(mean, rel=1e-3)


def test_a_machine_that_is_a_bit_too_slow(pool, monkeypatch):
    """Each portion takes 3 % longer than it should, and steps come evenly: all are late."""
    wall, pace = Wall(), None
    monkeypatch.setattr("izhi_numba.engine.pacing.time", wall)
    pace = Pace(iz.RealTime(), 0.1, 0)
    for portion in range(4):
        pace.begin()
        wall.sleep(0.0103)
        pace.keep(100 * (portion + 1), 100)
    assert pace.lag.steps == 400
    assert pace.lag.worst == pytest.approx(4 * 0.3)
    assert pace.lag.mean == pytest.approx(4 * 0.3 / 2, rel=0.01)


def test_a_paced_run_that_waits_hears_of_its_end(pool):
    timer = threading.Timer(0.1, pool.stop)
    timer.start()
    began = time.perf_counter()
    assert pool.run(5.0, realtime=0.0005).stop <= 2.0
    assert time.perf_counter() - began < 1.9  # a step of it takes two seconds


def test_a_network_that_is_too_large_says_how_late_it_is(pool):
    result = pool.run(400.0, realtime=1e6)
    assert result.lag.steps >= 390
    assert result.lag.mean > 0


def test_a_run_without_a_clock_has_no_lag(pool):
    assert pool.run(5.0).lag is None
    assert pool.run(5.0, realtime=False).lag is None


@pytest.mark.parametrize(("realtime", "message"), [
    (0, "realtime: expected a number above 0, got 0"), ("yes", "realtime: expected a finite number, got 'yes'"),
])  # fmt: skip
def test_a_pace_that_makes_no_sense(pool, realtime, message):
    with pytest.raises((TypeError, ValueError), match=message):
        pool.run(5.0, realtime=realtime)


@pytest.mark.parametrize(("arguments", "message"), [
    ({"factor": -1}, "factor: expected a number above 0, got -1"), ({"late": "stop"}, "late: .*slip"),
])  # fmt: skip
def test_what_is_asked_of_a_clock(arguments, message):
    with pytest.raises((TypeError, ValueError), match=message):
        iz.RealTime(**arguments)


# Progress


def test_a_function_is_told_of_the_progress(pool):
    told = []
    result = pool.run(300.0, progress=told.append, realtime=1.0, every={1.0: lambda pool: None})
    assert 1 <= len(told) <= 7  # twenty times a second at most
    assert [one.start for one in told] == [0.0] * len(told)
    times = [one.t for one in told]
    assert times == sorted(times)
    assert told[-1].t == told[-1].stop == 300.0
    assert told[-1].fraction == 1.0
    assert told[-1].real_time_factor == pytest.approx(1000 * told[-1].wall_time / 300)
    seconds = np.diff([0.0, *times]) / 1000
    n_spikes = sum(one.rate * 100 * width for one, width in zip(told, seconds, strict=True))
    assert n_spikes == pytest.approx(result.counts.sum())
    assert told[-1].lag == result.lag


def test_the_function_of_the_progress_may_end_the_run(pool):
    result = pool.run(1e7, progress=lambda at: pool.stop() if at.t > 10 else None)
    assert 10 < result.stop < 1e7


def test_an_error_in_it_leaves_what_was_recorded(pool):
    def fails(at):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError) as caught:
        pool.run(1e7, progress=fails)
    assert caught.value.result.stop == pool.t > 0


def test_progress_that_makes_no_sense(pool):
    with pytest.raises(TypeError, match=r"progress: expected True, False or a function .* got 'bar'"):
        pool.run(5.0, progress="bar")
