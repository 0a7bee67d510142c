"""Rates of shipped models as they come, beside an adaptive solver."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import izhi_numba as iz
from tests import reference

# Constant inputs, duration, and the voltage at which a spike is counted: for AdEx below its peak, which it goes to
# in a few microseconds, too steep for the solver's events.
USUAL = {
    "LeakyIntegrateAndFire": ((210.0, 320.0, 500.0), 1000.0, -50.0),
    "QuadraticIntegrateAndFire": ((150.0, 300.0), 1000.0, 30.0),
    "ExponentialIntegrateAndFire": ((250.0, 320.0, 450.0), 250.0, -10.0),
    "AdEx": ((710.0, 1200.0), 1000.0, -20.0),
    "HodgkinHuxley": ((370.0, 800.0), 200.0, -20.0),
    "HodgkinHuxley1952": ((8.0, 30.0), 200.0, 0.0),
    "FitzHughNagumo": ((0.5, 0.9), 1000.0, 1.0),
    "MorrisLecar": ((95.5, 120.0), 1000.0, 0.0),
}
# Models whose usual numerics are those of published programs, and what they say of the equations.
OF_PROGRAMS = {
    "Izhikevich": ((6.0, 15.0), 1000.0, 30.0), "IzhikevichQuadratic": ((6.0, 15.0), 1000.0, 30.0),
    "Izhikevich2007": ((70.0, 125.0, 300.0), 1000.0, 35.0),
}  # fmt: skip


def solved_rate(model, current, level, duration):
    """Rate of DOP853's solution, with threshold and reset as events; the voltage is held for ``t_ref``."""
    values = model().start() | {"I": current}
    names, refractory = list(model.states), model().start().get(model.refractory, 0.0)

    def rates(t, x):
        slopes = reference.rates(model, {**values, **dict(zip(names, x, strict=True)), "t": t})
        return np.array([slopes[name] for name in names])

    def held(t, x):
        return rates(t, x) * (np.arange(len(x)) > 0)

    def crossing(t, x):
        return x[0] - level

    crossing.direction, crossing.terminal = 1, model.reset is not None
    t, x, spikes, options = 0.0, [float(values[name]) for name in names], [], {"rtol": 1e-9, "atol": 1e-9}
    while t < duration:
        done = solve_ivp(rates, (t, duration), x, method="DOP853", events=crossing, **options)
        spikes += done.t_events[0].tolist()
        if model.reset is None or done.status != 1:
            break
        t, x = done.t[-1], done.y[:, -1]
        after = reference.named(
            model, reference.ask(model.reset, {**values, **dict(zip(names, x, strict=True))})
        )
        x = [float(after.get(name, old)) for name, old in zip(names, x, strict=True)]
        if refractory:
            x, t = (
                solve_ivp(held, (t, t + refractory), x, method="DOP853", **options).y[:, -1],
                t + refractory,
            )
    assert len(spikes) > 4
    return (len(spikes) - 1) / (spikes[-1] - spikes[0])


def rates_of(model, currents, duration, **options):
    pool = iz.Pool(len(currents), model, dtype="float64", **options)
    pool.drive(pool, currents)
    trains = pool.run(duration).trains()
    return [(len(train) - 1) / (train[-1] - train[0]) for train in trains]


@pytest.mark.parametrize("name", USUAL)
def test_usual_scheme_and_step_keep_the_rate(name):
    model, (currents, duration, level) = getattr(iz, name), USUAL[name]
    exact = [solved_rate(model, current, level, duration) for current in currents]
    assert rates_of(model, currents, duration) == pytest.approx(exact, rel=0.01)


@pytest.mark.parametrize("name", OF_PROGRAMS)
def test_models_with_the_numerics_of_programs_keep_the_rate_with_others(name):
    model, (currents, duration, level) = getattr(iz, name), OF_PROGRAMS[name]
    exact = [solved_rate(model, current, level, duration) for current in currents]
    assert rates_of(model, currents, duration, scheme="heun", dt=0.1) == pytest.approx(exact, rel=0.01)
