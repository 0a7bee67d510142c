"""Waveforms and noise as a pool's neurons get them."""

import threading

import numpy as np
import pytest
from scipy import stats

import izhi_numba as iz


class Quiet(iz.Model):
    """Adds its input up."""

    v = iz.State(0.0)

    def derivatives(I):
        return I

    def threshold(v):
        return v >= 1e30

    def reset(v):
        return v


def inputs_of(current, steps, *, n=4, dt=0.5, dtype="float64", **options):
    """Input of each step and neuron, (steps, n)."""
    pool = iz.Pool(n, Quiet, dt=dt, dtype=dtype, seed=1, **options)
    pool.drive(pool, current)
    pool.record("I")
    return pool.step(steps).traces["I"]


WAVEFORMS = [
    iz.step(10, start=5, stop=20), iz.pulse(3, start=2, width=1.5), iz.pulse_train(2, period=7, width=2, start=3),
    iz.square(4, period=6, start=1), iz.sine(5, frequency=40, phase=0.5), iz.chirp(3, f0=5, f1=80, duration=40),
    iz.ramp(0.25, start=10, stop=30), iz.from_samples([1.0, -2.0, 4.0], 5.0, start=2.0),
    iz.from_function(lambda t: 3 * np.cos(t / 5)), iz.constant(2) + iz.step(1, start=7),
]  # fmt: skip


@pytest.mark.parametrize("current", WAVEFORMS, ids=repr)
def test_the_input_of_a_step_is_the_waveform_at_its_beginning(current):
    got = inputs_of(current, 100)
    expected = current(np.arange(100) * 0.5)
    np.testing.assert_allclose(got, np.repeat(expected[:, None], 4, axis=1), rtol=0, atol=1e-15)


def test_each_neuron_has_its_own_amplitude():
    amplitude = np.array([1.0, 0.0, -2.0, 5.0])
    got = inputs_of(1 + iz.step(amplitude, start=10), 40)
    np.testing.assert_array_equal(got[19], np.ones(4))
    np.testing.assert_array_equal(got[20], 1 + amplitude)


def test_groups_have_inputs_of_their_own_and_a_new_one_replaces_the_old():
    pool = iz.Pool(3000, Quiet, dt=1.0, dtype="float64", threads=2)
    pool.record("I")
    pool.drive(pool, iz.step(1, start=0))
    pool.drive(pool[:1000], 7 + iz.sine(2, frequency=10))
    pool.drive(pool[2000:], iz.step(3, start=5) + iz.noise(0.0))
    got = pool.step(10).traces["I"]
    t = np.arange(10.0)
    np.testing.assert_allclose(got[:, 999], 7 + 2 * np.sin(2 * np.pi * 0.01 * t), atol=1e-12)
    np.testing.assert_array_equal(got[:, 1500], np.ones(10))
    np.testing.assert_array_equal(got[:, 2999], 3.0 * (t >= 5))
    pool.drive(pool, 0.0)
    assert not pool.step(10).traces["I"].any()


def test_times_go_on_between_runs_and_in_closed_loops():
    whole = inputs_of(iz.ramp(1.0), 30)[:, 0]
    pool = iz.Pool(1, Quiet, dt=0.5, dtype="float64")
    pool.drive(pool, iz.ramp(1.0))
    pool.record("I")
    parts = [pool.step(7).traces["I"][:, 0]]
    before = pool.v[0]
    pool.update()
    assert (pool.v[0] - before) / 0.5 == 3.5
    parts += [[3.5], pool.step(22).traces["I"][:, 0]]
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_white_noise_in_a_window():
    got = inputs_of(iz.noise(2, start=10, stop=30), 100, n=500)
    assert not got[:20].any()
    assert not got[60:].any()
    assert stats.kstest(got[20:60].ravel() / 2, "norm").pvalue > 1e-3


def test_noises_of_one_sum_are_independent():
    pool = iz.Pool(2000, Quiet, dt=1.0, seed=3, dtype="float64")
    pool.record("I")
    pool.drive(pool, iz.noise(3))
    plain = pool.step(1).traces["I"][0]
    pool = iz.Pool(2000, Quiet, dt=1.0, seed=3, dtype="float64")
    pool.record("I")
    pool.drive(pool, iz.noise(3) + iz.noise(4, start=-5, stop=100))
    both = pool.step(1).traces["I"][0]
    assert abs(np.corrcoef(plain, both - plain)[0, 1]) < 0.08
    assert both.std() == pytest.approx(5, rel=0.06)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_an_ornstein_uhlenbeck_process_is_stationary_from_its_beginning(dtype):
    tau, sd, dt = 8.0, 3.0, 0.5
    got = inputs_of(iz.ornstein_uhlenbeck(sd, tau), 200, n=4000, dt=dt, dtype=dtype).astype(float)
    for k in (0, 1, 50, 199):
        assert stats.kstest(got[k] / sd, "norm").pvalue > 1e-3
    for lag in (1, 8, 32):
        correlation = (got[lag:] * got[:-lag]).mean() / sd**2
        assert correlation == pytest.approx(np.exp(-lag * dt / tau), abs=0.02)
    assert abs(np.corrcoef(got[:, 0], got[:, 1])[0, 1]) < 0.5


def test_ornstein_uhlenbeck_takes_arrays_windows_and_groups():
    sd, tau = np.array([0.0, 1.0, 2.0, 4.0]).repeat(500), np.array([2.0, 5.0, 10.0, 20.0]).repeat(500)
    got = inputs_of(iz.ornstein_uhlenbeck(sd, tau, start=10), 400, n=2000)
    assert not got[:20].any()
    spread = got[20:].reshape(380, 4, 500).std(axis=(0, 2))
    np.testing.assert_allclose(spread, [0, 1, 2, 4], rtol=0.08)
    pool = iz.Pool(2000, Quiet, dt=0.5)
    pool.drive(pool[:1000], iz.ornstein_uhlenbeck(1, 5) + iz.ornstein_uhlenbeck(1, 50))
    pool.drive(pool[1000:], iz.ornstein_uhlenbeck(2, 5))
    pool.record("I")
    got = pool.step(500).traces["I"]
    assert got[:, :1000].std() == pytest.approx(2**0.5, rel=0.05)
    assert got[:, 1000:].std() == pytest.approx(2, rel=0.05)


def test_the_same_bits_for_any_threads_and_in_pieces():
    current = 2 + iz.noise(3, start=5) + iz.ornstein_uhlenbeck(2, 5.0) + iz.sine(3, frequency=30)

    def run(threads, pieces):
        pool = iz.Pool(5000, seed=9, threads=threads)
        pool.drive(pool, current)
        for steps in pieces:
            pool.step(steps)
        return pool.v.copy()

    whole = run(1, [60])
    np.testing.assert_array_equal(run(2, [60]), whole)
    np.testing.assert_array_equal(run(3, [7, 1, 40, 12]), whole)


def test_driving_again_and_again_does_not_grow():
    pool = iz.Pool(1000, Quiet)
    held = []
    for k in range(30):
        pool.drive(pool, iz.step(1, start=k) + iz.noise(1, start=k) + iz.ornstein_uhlenbeck(1, 3, start=k))
        held.append(pool.nbytes)
    assert held[-1] == held[0]


def test_noise_sd_tells_of_all_white_noise():
    pool = iz.Pool(3)
    pool.drive(pool, iz.noise(3.0) + iz.noise(4.0, start=10))
    np.testing.assert_allclose(pool.noise_sd, 5.0)


def test_amplitudes_of_another_size_are_refused():
    pool = iz.Pool(3)
    with pytest.raises(ValueError, match=r"amplitude of step.*expected a number or 3 values, got shape"):
        pool.drive(pool, iz.step([1.0, 2.0]))
    with pytest.raises(ValueError, match="sd of noise"):
        pool.drive(pool, iz.noise([1.0, 2.0]))
    assert not pool.external_input.any()


def correlated(sd, tau=1000.0):
    return iz.ornstein_uhlenbeck(sd, tau=tau)


def current_of(pool):
    """The input of one more step."""
    return pool.run(1.0).traces["I"][0]


def test_of_two_processes_of_correlated_noise_the_second_one_goes_on():
    pool = iz.Pool(50, Quiet, seed=4)
    pool.record("I")
    pool.drive(pool, correlated(1.0, tau=20.0) + correlated(2.0, tau=1e9))
    pool.step(5)
    pool.drive(pool, correlated(2.0, tau=1e9))
    slow = current_of(pool)
    pool.drive(pool, correlated(4.0, tau=1e9))
    np.testing.assert_allclose(current_of(pool), 2 * slow, rtol=1e-2, atol=1e-3)
    assert slow.std() == pytest.approx(2.0, rel=0.4)


def test_correlated_noise_that_was_replaced_is_gone():
    pool = iz.Pool(20, dt=1.0, seed=1)
    pool.record("I")
    pool.drive(pool, correlated(50.0))
    assert np.abs(current_of(pool)).min() > 0
    pool.drive(pool[5:10], 0.0)
    np.testing.assert_array_equal(current_of(pool)[5:10], 0)
    pool.drive(pool, 0.0)
    pool.drive(pool[10:], correlated(1.0))
    now = current_of(pool)
    np.testing.assert_array_equal(now[:10], 0)
    assert (now[10:] != 0).all()


def test_correlated_noise_goes_on_when_only_its_mean_or_size_is_changed():
    whole, changed = (iz.Pool(3, dt=1.0, seed=1, dtype="float64") for _ in range(2))
    for pool in (whole, changed):
        pool.record("I")
        pool.drive(pool, correlated(2.0, tau=20.0))
    steady = whole.run(50.0).traces["I"]
    rows = []
    for k in range(50):
        changed.drive(changed, k + correlated(2.0 * (1 + k), tau=20.0))
        rows.append((current_of(changed) - k) / (1 + k))
    np.testing.assert_allclose(rows, steady, rtol=1e-12)
    changed.drive(changed, correlated(2.0, tau=30.0))  # another process
    assert np.abs(current_of(changed) - whole.run(1.0).traces["I"][0]).min() > 1e-3


def test_correlated_noise_starts_with_other_numbers_each_time():
    pool = iz.Pool(1000, dt=1.0, seed=1)
    pool.record("I")
    starts = []
    for tau in (10.0, 20.0, 30.0):
        pool.drive(pool, correlated(1.0, tau))
        starts.append(current_of(pool))
    assert np.abs(np.corrcoef(starts) - np.eye(3)).max() < 0.1
    assert np.std(starts) == pytest.approx(1, abs=0.05)


# ---- What may not be done, and what is done no more


@pytest.mark.parametrize("change", ["drive", "clamp_input", "external_input"])
def test_a_drive_is_not_changed_by_a_function_that_the_run_calls(change):
    """It freed memory that the steps read."""
    pool = iz.Pool(4, Quiet, dt=1.0)
    acts = {
        "drive": lambda: pool.drive(pool, 3.0 + iz.noise(1.0)),
        "clamp_input": lambda: pool.clamp_input(3.0),
        "external_input": lambda: setattr(pool, "external_input", 3.0),
    }
    refused = []

    def current(t):
        with pytest.raises(
            RuntimeError, match="busy in another thread, or in the run that called this function"
        ):
            acts[change]()
        refused.append(len(t))
        return np.ones_like(t)

    pool.drive(pool, iz.from_function(current))
    pool.run(5.0)
    assert sum(refused) >= 5
    np.testing.assert_array_equal(pool.v, 5.0)
    acts[change]()


def test_a_drive_is_not_changed_from_another_thread():
    pool = iz.Pool(4, Quiet, dt=1.0)
    told = []

    def elsewhere():
        try:
            pool.drive(pool, 3.0)
        except RuntimeError as error:
            told.append(str(error))

    def current(t):
        other = threading.Thread(target=elsewhere)
        other.start()
        other.join()
        return np.ones_like(t)

    pool.drive(pool, iz.from_function(current))
    pool.run(2.0)
    assert told
    assert told[0].startswith("this pool is busy in another thread")


@pytest.mark.parametrize(
    "trains", [iz.poisson(1000.0, n=10, weight=-5.0, receptor="g"), -2 * iz.poisson(8.0)]
)
def test_weights_of_trains_into_a_conductance_are_not_negative(trains):
    pool = iz.Pool(3, iz.LeakyIntegrateAndFire, receptors={"g": iz.AMPA()})
    with pytest.raises(
        ValueError, match=r"weight: receptor 'g' of the pool is a conductance.*got the weight -"
    ):
        pool.drive(pool, trains)
    with pytest.raises(ValueError, match="got weights from -1 to 2"):
        pool.drive(pool, iz.poisson(8.0, weight=[1.0, -1.0, 2.0]))
    pool.drive(pool, iz.poisson(8.0, weight=[1.0, 0.0, 2.0]))
    currents = iz.Pool(3, iz.LeakyIntegrateAndFire, receptors={"i": iz.ExponentialCurrent()})
    currents.drive(currents, iz.poisson(8.0, weight=-5.0))


@pytest.mark.parametrize("make", [iz.from_function, iz.poisson])
def test_a_function_that_was_replaced_is_not_asked(make):
    """Where it failed, the pool could not run any more."""
    asked = []

    def function(t):
        asked.append(t)
        if np.max(t) >= 5:
            raise KeyError("the table ends")
        return np.full_like(t, 2.0)

    pool = iz.Pool(4, Quiet, dt=1.0)
    pool.drive(pool, make(function))
    pool.run(5.0)
    pool.drive(pool, 1.0 + 0 * make(function))
    before = len(asked)
    pool.run(5.0)
    pool.drive(pool[:2], make(np.square))
    pool.drive(pool[2:], make(np.sqrt))
    pool.drive(pool[:2], 0.0)
    pool.run(5.0)
    assert len(asked) == before
