"""Rates of shipped models as they come, beside an adaptive solver."""

import pytest

import izhi_numba as iz
from tests.solved import solved_spikes

# Constant inputs, duration, and the voltage at which a spike is counted: for AdEx below its peak, which it goes to
# in a few microseconds, too steep for the solver's events.
USUAL = {
    "LeakyIntegrateAndFire": ((210.0, 320.0, 500.0), 1000.0, -50.0),
    "QuadraticIntegrateAndFire": ((150.0, 300.0), 1000.0, 30.0),
    "ExponentialIntegrateAndFire": ((250.0, 320.0, 450.0), 250.0, -10.0),
    "AdEx": ((710.0, 1200.0), 1000.0, -20.0),
    "HodgkinHuxley": ((370.0, 800.0), 100.0, -20.0),
    "HodgkinHuxley1952": ((8.0, 30.0), 100.0, 0.0),
    "FitzHughNagumo": ((0.5, 0.9), 1000.0, 1.0),
    "MorrisLecar": ((95.5, 120.0), 1000.0, 0.0),
}
# Models whose usual numerics are those of published programs, and what they say of the equations.
OF_PROGRAMS = {
    "Izhikevich": ((6.0, 15.0), 1000.0, 30.0), "IzhikevichQuadratic": ((6.0, 15.0), 1000.0, 30.0),
    "Izhikevich2007": ((70.0, 125.0, 300.0), 1000.0, 35.0),
}  # fmt: skip


def solved_rate(model, current, level, duration):
    """Rate of DOP853's solution."""
    spikes = solved_spikes(model, current, level, duration)
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
