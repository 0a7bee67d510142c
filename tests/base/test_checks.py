"""Free memory, which is not read each time that it is asked for; masked arrays."""

import time
import warnings
from types import SimpleNamespace

import numpy as np
import psutil
import pytest

import izhi_numba as iz
from izhi_numba.base.checks import FreeMemory

MB = 10**6


@pytest.fixture
def reads(monkeypatch):
    """How often 100 MB were found to be free."""
    found = []
    monkeypatch.setattr(
        psutil, "virtual_memory", lambda: (found.append(1), SimpleNamespace(available=100 * MB))[1]
    )
    return found


def ask(memory, n_bytes):
    memory.check("they", n_bytes, "take fewer")


def test_memory_is_read_again_when_much_more_is_wanted(reads):
    memory = FreeMemory()
    for n_bytes in range(50 * MB, 53 * MB, MB // 10):
        ask(memory, n_bytes)
    assert len(reads) == 1
    ask(memory, 54 * MB)
    assert len(reads) == 2


def test_what_does_not_fit_is_refused_however_little_more_it_is(reads):
    memory = FreeMemory()
    ask(memory, 100 * MB)
    for _ in range(2):
        with pytest.raises(MemoryError, match="they would take 100 MB, but 100 MB are free: take fewer"):
            ask(memory, 100 * MB + 1)
    ask(memory, 100 * MB)


def test_memory_is_read_again_after_a_while(reads, monkeypatch):
    memory = FreeMemory()
    ask(memory, MB)
    later = time.monotonic() + 1.1
    monkeypatch.setattr(time, "monotonic", lambda: later)
    ask(memory, MB)
    assert len(reads) == 2


def masked(values):
    values = np.ma.array(values)
    values.mask = np.ma.getmaskarray(values)
    values[-1] = np.ma.masked
    return values


def given_to(pool, f):
    return f(pool, pool.connect(pool, pool, rule=iz.one_to_one()))


NUMBERS, PLACES, TRUTHS = masked(np.arange(5.0) + 1), masked(np.arange(5)), masked([True] * 5)
TAKES = {
    "v": lambda p, s: setattr(p, "v", NUMBERS),
    "set": lambda p, s: p.set(a=NUMBERS),
    "a model": lambda p, s: iz.Pool(5, iz.Izhikevich(a=NUMBERS)),
    "drive": lambda p, s: p.drive(p, NUMBERS),
    "an input": lambda p, s: NUMBERS * iz.noise(1.0),
    "samples": lambda p, s: iz.from_samples(NUMBERS, dt=1.0),
    "poisson": lambda p, s: iz.poisson(1.0, weight=NUMBERS),
    "a function of time": lambda p, s: (p.drive(p, iz.from_function(lambda t: masked(0 * t))), p.run(5.0)),
    "clamp_input": lambda p, s: p.clamp_input(NUMBERS),
    "a selection": lambda p, s: p[PLACES],
    "truths": lambda p, s: p[TRUTHS],
    "record": lambda p, s: p.record("v", neurons=PLACES),
    "silenced": lambda p, s: setattr(p, "silenced", TRUTHS),
    "weight": lambda p, s: p.connect(p, p, rule=iz.one_to_one(), weight=NUMBERS),
    "delay": lambda p, s: p.connect(p, p, rule=iz.one_to_one(), delay=NUMBERS),
    "weights": lambda p, s: setattr(s, "weights", NUMBERS),
    "some weights": lambda p, s: s.__setitem__((slice(None), slice(None)), NUMBERS),
    "pairs": lambda p, s: iz.from_arrays(PLACES, np.arange(5)),
    "a rule": lambda p, s: len(p.connect(p, p, rule=lambda source: PLACES)),
    "rates": lambda p, s: iz.Network().poisson("p", 5, NUMBERS),
    "spikes": lambda p, s: iz.Network().spike_list("p", 5, NUMBERS, np.arange(5)),
    "isi": lambda p, s: iz.isi(NUMBERS),
    "counts": lambda p, s: iz.fano_factor(NUMBERS),
    "a number": lambda p, s: setattr(s, "gain", np.ma.masked),
}


@pytest.mark.parametrize("what", TAKES)
def test_masked_arrays_are_refused(what):
    """Everywhere; as plain arrays they have some number where a value is missing."""
    with pytest.raises(
        (ValueError, iz.SimulationError), match=r"got a masked array, 1 of .*array\.filled\(0\.0\)"
    ):
        given_to(iz.Pool(5, threads=1), TAKES[what])


def test_a_masked_array_without_gaps_is_an_array():
    pool = iz.Pool(5)
    pool.v = np.ma.array(np.arange(5.0))
    np.testing.assert_array_equal(pool.v, np.arange(5.0))


def test_steps_of_time_have_bounds():
    for make in (
        lambda dt: iz.Pool(5, dt=dt),
        lambda dt: iz.Network(dt=dt),
        lambda dt: iz.simulate("RS", 1, 1, dt=dt),
    ):
        for dt in (1e30, 1e-30):
            with pytest.raises(ValueError, match=r"dt: expected a step from 1e-09 to 1e.09 ms, got 1e"):
                make(dt)


@pytest.mark.parametrize(("what", "take", "message"), [
    ("gain", lambda p, s: setattr(s, "gain", 1e39), "gain: expected a factor that fits float32, got 1e.39$"),
    ("gain and weight", lambda p, s: setattr(p.connect(p, p, rule=iz.one_to_one(), weight=10.0), "gain", -1e38),
     "gain: expected a factor that fits float32, got -1e.38, by which weights of 10 are multiplied"),
    ("a function", lambda p, s: (p.drive(p, iz.from_function(lambda t: 1e300)), p.run(5.0)),
     r"from_function\(<lambda>\): expected finite numbers that fit float32, got 1e.300 at t = 0 ms"),
    ("samples", lambda p, s: (p.drive(p, iz.from_samples([1.0, 1e300], dt=1.0)), p.run(5.0)),
     r"expected finite numbers that fit float32, got 1e.300 at t = 1 ms"),
    ("rates", lambda p, s: (p.drive(p, iz.poisson(iz.from_function(lambda t: 1e300))), p.run(5.0)),
     r"expected finite numbers that fit float32, got 1e.300 at t = 0 ms"),
    ("places", lambda p, s: iz.distance_dependent(iz.grid(1, 5, spacing=1e300), iz.gaussian_profile(1.0)),
     "expected numbers of at most 1e.100"),
])  # fmt: skip
def test_numbers_that_are_too_large_are_told_in_our_words(what, take, message):
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        warnings.simplefilter("ignore", iz.DoubtfulWarning)
        with pytest.raises((ValueError, iz.SimulationError), match=message):
            given_to(iz.Pool(5, dt=1.0, threads=1), take)


def test_weights_that_a_gain_makes_infinite_are_told_by_the_run():
    pool = iz.Pool(20, seed=1, threads=1)
    for _ in range(2):  # which share their rows
        pool.connect(pool, pool, rule=iz.fixed_outdegree(3), weight=iz.uniform(5, 10))
    pool.prepare()
    pool.drive(pool, 15.0)
    for synapses in pool.synapses:
        synapses.gain = 1e38
    with pytest.raises(iz.SimulationError, match="is not finite after step"):
        pool.run(100.0)
