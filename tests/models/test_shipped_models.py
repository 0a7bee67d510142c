"""Shipped models: pools against their own functions in numpy, against scipy, and closed forms."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

import izhi_numba as iz
from tests import reference

# Model: lowest and highest constant input, duration in ms: between a few and dozens of spikes.
SHIPPED = {
    "Izhikevich": (2, 15, 300), "IzhikevichQuadratic": (2, 15, 200), "IzhikevichAccommodation": (2, 15, 200),
    "Izhikevich2007": (50, 300, 300), "Izhikevich2007LTS": (80, 300, 200), "Izhikevich2007FS": (70, 400, 100),
    "Izhikevich2007TC": (50, 300, 300), "Izhikevich2007RTN": (30, 150, 300),
    "LeakyIntegrateAndFire": (200, 600, 200), "QuadraticIntegrateAndFire": (100, 600, 200),
    "AdaptiveThresholdIntegrateAndFire": (20, 90, 400), "ClopathAdEx": (600, 1500, 400),
    "ExponentialIntegrateAndFire": (200, 600, 200), "AdEx": (500, 1200, 200),
    "HodgkinHuxley": (100, 1000, 100), "HodgkinHuxley1952": (7, 30, 100),
    "FitzHughNagumo": (0.35, 0.9, 300), "MorrisLecar": (85, 120, 500),
}  # fmt: skip
N = 24


def is_shipped(thing):
    return isinstance(thing, type) and issubclass(thing, iz.Model) and thing is not iz.Model


def varied(model, spread=0.02):
    """Parameters and variables at time zero of N neurons, a little different from each other."""
    rng = np.random.default_rng(5)
    values = {name: p.default * (1 + spread * rng.uniform(-1, 1, N)) for name, p in model.parameters.items()}
    start = model().start(**values)
    return {name: np.broadcast_to(np.asarray(value, float), N) for name, value in start.items()}


def run(model, dtype, values, current, duration, **options):
    pool = iz.Pool(N, model, dtype=dtype, **options)
    pool.set(**values)
    pool.drive(pool, current)
    return pool, pool.run(round(duration / pool.dt) * pool.dt)


def test_all_shipped_models_are_tested_here():
    shipped = {name for name in iz.models.__all__ if is_shipped(getattr(iz.models, name))}
    assert set(SHIPPED) == shipped - {"Relay"}  # which is no neuron


@pytest.mark.parametrize("name", SHIPPED)
def test_a_pool_equals_the_models_own_functions_in_numpy(name):
    model, (low, high, duration) = getattr(iz, name), SHIPPED[name]
    values, current = varied(model), np.linspace(low, high, N)
    pool, result = run(model, "float64", values, current, duration)
    steps, neurons, end = reference.simulate_model(
        model, values, lambda k: current, round(duration / pool.dt), pool.dt, pool.scheme
    )
    assert len(steps) > 20
    np.testing.assert_array_equal(result.spikes.i, neurons)
    np.testing.assert_array_equal(np.rint(result.spikes.t / pool.dt), steps)
    # Arithmetic alone gives equal bits; exponentials may differ from numpy's by an ulp.
    tolerance = 0 if name.startswith("Izhikevich") else 1e-6
    for variable in model.states:
        np.testing.assert_allclose(getattr(pool, variable), end[variable], rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("name", SHIPPED)
def test_single_precision_stays_near(name):
    model, (low, high, duration) = getattr(iz, name), SHIPPED[name]
    values, current = varied(model), np.linspace(low, high, N)
    double = run(model, "float64", values, current, duration)[1].counts
    single = run(model, "float32", values, current, duration)[1].counts
    assert abs(single - double).max() <= 1 + 0.03 * double.max()
    assert abs(single.sum() - double.sum()) <= 0.02 * double.sum()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", SHIPPED)
def test_equal_neurons_have_equal_trains(name, dtype):
    model, (low, high, duration) = getattr(iz, name), SHIPPED[name]
    n = 203  # neither a vector's length nor a tile's
    pool = iz.Pool(n, model, dtype=dtype, threads=2)
    pool.drive(pool, 0.3 * low + 0.7 * high)
    result = pool.run(round(duration / pool.dt) * pool.dt)
    assert result.counts[0] > 0
    assert (result.spikes.i.reshape(-1, n) == np.arange(n)).all()
    assert (np.diff(result.spikes.t.reshape(-1, n)) == 0).all()


@pytest.mark.parametrize("scheme", ["euler", "heun", "rk4", "exponential_euler", "exact"])
def test_the_leaky_neurons_rate_in_closed_form(scheme):
    model = iz.LeakyIntegrateAndFire
    p = {name: parameter.default for name, parameter in model.parameters.items()}
    tau, t_ref = p["C"] / p["g_L"], 2.0
    rheobase = p["g_L"] * (p["V_th"] - p["E_L"])
    current = np.linspace(0.9, 3, 40) * rheobase
    pool = iz.Pool(40, model(t_ref=t_ref), dt=0.01, scheme=scheme, dtype="float64")
    pool.drive(pool, current)
    result = pool.run(1500)
    above = current > rheobase * (1 + 1e-9)
    assert (result.counts[~above] == 0).all()
    drive = current[above] / p["g_L"]
    expected = t_ref + tau * np.log((drive + p["E_L"] - p["V_reset"]) / (drive + p["E_L"] - p["V_th"]))
    for i, interval in zip(np.flatnonzero(above), expected, strict=True):
        times = result.spikes.t[result.spikes.i == i]
        if len(times) > 2:
            # A spike waits for the end of its step: on average half a step, at most a whole one.
            slack = 0.011 + (4e-4 * interval if scheme == "euler" else 0)
            assert np.diff(times).mean() == pytest.approx(interval, abs=slack)


def rise(p, current, threshold):
    """Time from reset to a threshold of a leaky neuron."""
    end = p["E_L"] + current / p["g_L"]
    return p["C"] / p["g_L"] * np.log((end - p["V_reset"]) / (end - threshold))


def test_intervals_grow_with_a_threshold_that_adapts_in_closed_form():
    model = iz.AdaptiveThresholdIntegrateAndFire
    p = {name: parameter.default for name, parameter in model.parameters.items()}
    p |= {"theta_plus": 1.5, "tau_theta": 1e12}  # it does not fall back
    pool = iz.Pool(1, model(theta_plus=1.5, tau_theta=1e12), dt=0.01, dtype="float64")
    pool.drive(pool, 30.0)
    (times,) = pool.run(1500.0).trains()
    assert 9 < len(times) < 12  # the last thresholds are above what the current reaches
    expected = p["t_ref"] + rise(p, 30.0, p["V_th"] + 1.5 * np.arange(1, len(times)))
    np.testing.assert_allclose(np.diff(times), expected, atol=0.011)


def test_the_rate_with_a_threshold_that_adapts_in_closed_form():
    model = iz.AdaptiveThresholdIntegrateAndFire
    p = {name: parameter.default for name, parameter in model.parameters.items()}
    pool = iz.Pool(1, model(theta_plus=0.5, tau_theta=400.0), dt=0.01, dtype="float64")
    pool.drive(pool, 40.0)
    (times,) = pool.run(8000.0).trains()

    def late(interval):  # by how much a regular train with this interval comes late
        decay = np.exp(-interval / 400.0)
        return p["t_ref"] + rise(p, 40.0, p["V_th"] + 0.5 * decay / (1 - decay)) - interval

    assert np.diff(times)[-20:].mean() == pytest.approx(brentq(late, 20.0, 100.0), abs=0.011)


def test_a_threshold_falls_back_slowly_in_single_precision():
    pool = iz.Pool(3, iz.AdaptiveThresholdIntegrateAndFire, dtype="float32")
    pool.theta = 20.0
    pool.run(10_000.0)
    np.testing.assert_allclose(pool.theta, 20.0 * np.exp(-1e-3), rtol=1e-9)


def solution(model, current, duration, **values):
    """Spike times by scipy's adaptive solver, with the threshold and reset as events."""
    values = model().start(**values) | {"I": current}
    names = list(model.states)

    def rates(t, x):
        return list(reference.rates(model, {**values, **dict(zip(names, x, strict=True)), "t": t}).values())

    # AdEx goes from -20 mV to its peak in a few microseconds, too steep for the solver's events.
    level = 0.0 if model is iz.HodgkinHuxley1952 else -20.0

    def crossing(t, x):
        return x[0] - level

    crossing.direction, crossing.terminal = 1, model.reset is not None
    t, x, spikes = 0.0, [float(values[name]) for name in names], []
    while t < duration:
        done = solve_ivp(rates, (t, duration), x, method="LSODA", events=crossing, rtol=1e-9, atol=1e-9)
        spikes += done.t_events[0].tolist()
        if model.reset is None or done.status != 1:
            break
        t, x = done.t[-1], list(done.y[:, -1])
        after = reference.named(
            model, reference.ask(model.reset, {**values, **dict(zip(names, x, strict=True))})
        )
        x = [float(after.get(name, old)) for name, old in zip(names, x, strict=True)]
    return np.array(spikes)


@pytest.mark.parametrize(
    ("model", "current", "scheme", "dt", "tolerance"),
    [
        ("AdEx", 800.0, "rk4", 0.005, 2e-4),
        pytest.param("AdEx", 1000.0, "euler", 0.001, 1e-3, marks=pytest.mark.slow),
        ("HodgkinHuxley", 300.0, "exponential_euler", 0.002, 3e-3),
        ("HodgkinHuxley", 300.0, "rk4", 0.01, 1e-5),
        pytest.param("HodgkinHuxley1952", 10.0, "exponential_euler", 0.002, 3e-3, marks=pytest.mark.slow),
        ("HodgkinHuxley1952", 10.0, "heun", 0.01, 3e-4),
    ],
)
def test_against_scipys_solver(model, current, scheme, dt, tolerance):
    model = getattr(iz, model)
    expected = solution(model, current, 200.0)
    result = iz.simulate(model, current, 200.0, dt=dt, scheme=scheme, spike_times="interpolated")
    assert len(expected) >= 4
    np.testing.assert_allclose(result.spike_times, expected, rtol=tolerance, atol=0.01)
