"""What is shorter than a step keeps its charge; what begins and ends with a step is what it was."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import izhi_numba as iz

STEPS = [0.05, 0.1, 0.25, 0.7, 1.0]


class Charge(iz.Model):
    """A neuron without a threshold, whose voltage is the charge that came in."""

    v = iz.State(0.0)

    def derivatives(v, I):
        return {"v": I}

    def threshold(v):
        return v > 1e9


def random_input(rng):
    """An input and its charge."""
    kind, amplitude, start = rng.integers(3), rng.uniform(-5, 5), rng.uniform(0, 20)
    if kind == 0:
        width = rng.choice([0.01, 0.3, 2.0, 15.0]) * rng.uniform(0.5, 1.5)
        return iz.pulse(amplitude, start=start, width=width), amplitude * width
    if kind == 1:
        period, count = rng.uniform(0.05, 8), int(rng.integers(1, 6))
        width = period * rng.uniform(0.01, 1)
        made = iz.pulse_train(amplitude, period=period, width=width, start=start, count=count)
        return made, amplitude * width * count
    values, dt = rng.uniform(-5, 5, rng.integers(1, 30)), rng.uniform(0.02, 2)
    return iz.from_samples(values, dt, start=start), dt * values.sum()


@pytest.mark.parametrize("dt", STEPS)
def test_the_charge_of_random_inputs_is_kept(dt):
    rng = np.random.default_rng(7)
    inputs, charges = zip(*(random_input(rng) for _ in range(200)), strict=True)
    pool = iz.Pool(200, Charge, dt=dt, dtype="float64", scheme="euler")
    for neuron, one in enumerate(inputs):
        pool.drive(pool[neuron : neuron + 1], one)
    pool.step(int(140 / dt))
    np.testing.assert_allclose(pool.v, charges, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("dt", STEPS)
def test_the_charge_of_random_samples_of_each_neuron_is_kept(dt):
    rng, charges = np.random.default_rng(8), []
    pool = iz.Pool(120, Charge, dt=dt, dtype="float64", scheme="euler")
    for first in range(0, 120, 3):
        values, each = rng.uniform(-5, 5, (rng.integers(1, 30), 3)), rng.uniform(0.02, 2)
        pool.drive(pool[first : first + 3], iz.from_samples(values, each, start=rng.uniform(0, 20)))
        charges.extend(each * values.sum(axis=0))
    pool.step(int(140 / dt))
    np.testing.assert_allclose(pool.v, charges, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(
    ("given", "charge"),
    [
        (iz.pulse_train(1000, period=10, width=0.5, start=1.2), 5000.0),  # was 0 at dt 1
        (iz.pulse(1000, start=2.0, width=0.5), 500.0),  # was 1000
        (iz.from_samples([1000.0], 0.25, start=3.4), 250.0),  # was 0
        (iz.pulse(1000, start=99.9, width=0.2), 100.0),  # half of it comes after the run
    ],
)
def test_the_charge_of_what_was_lost(given, charge):
    pool = iz.Pool(1, Charge, dt=1.0, dtype="float64", scheme="euler")
    pool.drive(pool, given)
    pool.run(100.0)
    np.testing.assert_allclose(pool.v, charge, rtol=1e-9)


@given(
    dt=st.sampled_from(STEPS),
    first=st.integers(0, 10**6),
    width=st.integers(1, 50),
    gap=st.integers(0, 50),
    t=st.integers(0, 10**6),
)
def test_what_begins_and_ends_with_a_step_is_exact(dt, first, width, gap, t):
    start, period = first * dt, (width + gap) * dt
    steps = np.concatenate([first + np.arange(-3, 120), t + np.arange(10)])
    for made in (
        iz.pulse(3.7, start=start, width=width * dt),
        iz.pulse_train(3.7, start=start, width=width * dt, period=period),
        iz.pulse_train(3.7, start=start, width=width * dt, period=period, count=2),
        iz.from_samples([0.1, 0.7, 1 / 3], width * dt, start=start),
        iz.from_samples([[0.1, 4.0], [0.7, 5.0], [1 / 3, 6.0]], width * dt, start=start),
    ):
        assert made.over(steps * dt, dt).tolist() == made(steps * dt).tolist()


def test_a_rate_keeps_what_is_shorter_than_a_step():
    pool = iz.Pool(20_000, Charge, dt=1.0, seed=1, dtype="float64", scheme="euler")
    pool.drive(pool, iz.poisson(iz.pulse_train(8000, period=10, width=0.25, start=1.2), weight=1.0))
    pool.run(20.0)
    assert pool.v.mean() == pytest.approx(4.0, rel=0.02)  # 2 pulses of 0.25 ms at 8 per ms
    sources = iz.Network(dt=1.0, seed=1)
    sources.poisson("x", 20_000, iz.pulse(500, start=3.3, width=0.5))
    assert sources.run(10.0)["x"].counts.mean() == pytest.approx(0.25, rel=0.05)


def test_a_rate_of_a_users_own_is_a_function_whatever_else_it_has():
    class Rate:
        end, over = "never", None

        def __call__(self, t):
            return np.full(np.shape(t), 500.0)

    net = iz.Network(dt=1.0, seed=1)
    net.poisson("x", 2000, Rate())
    assert net.run(100.0)["x"].rate() == pytest.approx(500, rel=0.02)


def test_steps_ramps_and_functions_are_sampled_at_the_beginning():
    for made in (
        iz.step(2.0, start=1.2, stop=3.1), iz.ramp(1.0, start=0.3), iz.sine(1.0, frequency=30),
        iz.square(1.0, period=3.0), iz.chirp(1.0, f0=1, f1=20, duration=50), iz.from_function(np.sin),
    ):  # fmt: skip
        t = np.arange(10.0)
        assert made.over(t, 1.0).tolist() == made(t).tolist()
