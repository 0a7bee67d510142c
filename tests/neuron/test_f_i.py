"""Rates against closed forms and against single simulations."""

import math

import numpy as np
import pytest

import izhi_numba as iz
from izhi_numba.models import (
    AdEx,
    FitzHughNagumo,
    HodgkinHuxley1952,
    Izhikevich,
    LeakyIntegrateAndFire,
    QuadraticIntegrateAndFire,
)
from izhi_numba.neuron.f_i import f_i_curve, rheobase
from izhi_numba.neuron.f_i_curve import FICurve
from izhi_numba.neuron.setup import name_of
from izhi_numba.neuron.simulate import simulate
from izhi_numba.results.error import SimulationError

TAU, RESISTANCE, UP = 20.0, 0.1, 10.0  # of the leaky neuron: ms, mV/pA, mV from rest to threshold


class Exploding(iz.Model):
    """Spikes from log(2) on, and is not finite above 709."""

    v = iz.State(0.0)

    def derivatives(v, I):
        return -v + iz.math.exp(I) - 1

    def threshold(v):
        return v >= 1

    def reset():
        return 0.0


class Deaf(iz.Model):
    v = iz.State(0.0)

    def derivatives(v):
        return -v

    def threshold(v):
        return v >= 1


@pytest.mark.parametrize("t_ref", [0.0, 5.0])
def test_a_leaky_neuron_against_the_closed_form(t_ref):
    currents = np.linspace(101, 1000, 60)
    curve = f_i_curve(LeakyIntegrateAndFire, currents, t_ref=t_ref)
    interval = t_ref + TAU * np.log(RESISTANCE * currents / (RESISTANCE * currents - UP))
    for rate in (curve.rate, curve.first_rate):
        late = 1000 / rate - interval
        # The scheme is exact, and a spike waits for the end of its step.
        assert (late > -1e-9).all()
        assert (late < 0.1 + 1e-9).all()


def test_a_quadratic_neuron_against_the_closed_form():
    current = np.array([60.0, 200.0])  # above 37.5 pA: C v' = s ((v - m)^2 + q), s = 10 / 15
    curve = f_i_curve(QuadraticIntegrateAndFire, current, dt=0.01)
    s, m = 10 / 15, -57.5
    q = np.sqrt(current / s - 7.5**2)
    interval = 100 / (s * q) * (np.arctan((30 - m) / q) - np.arctan((-70 - m) / q))
    np.testing.assert_allclose(1000 / curve.rate, interval, atol=0.011)


@pytest.mark.parametrize("model", [Izhikevich, AdEx, HodgkinHuxley1952, "RS"])
def test_a_curve_agrees_with_single_simulations(model):
    currents = [0.0, 7.0, 12.0, 1000.0] if model is AdEx else [0.0, 7.0, 4.5, 12.0]
    curve = f_i_curve(model, currents, duration=400, discard=100)
    for current, rate, first_rate in zip(currents, curve.rate, curve.first_rate, strict=True):
        times = simulate(model, current, 400).spike_times
        late = times[times > 100]
        assert rate == pytest.approx(1000 / np.diff(late).mean() if len(late) > 1 else 0, rel=1e-12)
        assert first_rate == pytest.approx(1000 / (times[1] - times[0]) if len(times) > 1 else 0, rel=1e-12)
    assert curve.rate.max() > 0
    assert curve.rate[0] == 0


def test_equal_currents_have_equal_rates():
    curve = f_i_curve(Izhikevich, np.full(40, 10.0), duration=300)
    assert curve.rate[0] > 0
    assert (curve.rate == curve.rate[0]).all()
    assert (curve.first_rate == curve.first_rate[0]).all()


def test_what_is_discarded_and_what_is_too_few():
    times = simulate(Izhikevich, 10.0, 300).spike_times
    assert len(times) > 4
    all_of_it = f_i_curve(Izhikevich, [10.0], duration=300, discard=0).rate[0]
    assert all_of_it == pytest.approx(1000 * (len(times) - 1) / (times[-1] - times[0]))
    one_left = f_i_curve(Izhikevich, [10.0], duration=300, discard=times[-2])  # spikes after it, not at it
    assert (one_left.rate[0], one_left.first_rate[0]) == (0, pytest.approx(1000 / (times[1] - times[0])))


def test_values_scheme_and_precision_are_passed_on():
    rate = f_i_curve(
        Izhikevich, [10.0], duration=300, dt=0.5, scheme="euler", dtype="float32", d=2.0, v=-70.0
    ).rate[0]
    times = simulate(
        Izhikevich, 10.0, 300, dt=0.5, scheme="euler", dtype="float32", d=2.0, v=-70.0
    ).spike_times
    assert rate == pytest.approx(1000 / np.diff(times[times > 200]).mean())


def test_names():
    assert f_i_curve("RS", [1.0], duration=10, discard=0).name == "RS"
    assert f_i_curve(iz.presets["FS"], [1.0], duration=10, discard=0).name == "FS"
    curve = f_i_curve(Izhikevich, [1, 10], duration=300, c=-50, d=2)
    assert curve.name == "Izhikevich(c=-50, d=2)"
    assert repr(curve).startswith("<f-I curve of Izhikevich(c=-50, d=2): 2 currents from 1 to 10, up to ")
    assert name_of(AdEx(), AdEx().start()) == "AdEx"
    many = AdEx(C=1, a=2, b=3, g_L=4)
    assert name_of(many, many.start()) == "AdEx(C=1, g_L=4, a=2, ...)"


@pytest.mark.parametrize("duration", [20.0, 100.0, 1000.0])
def test_the_rheobase_of_a_leaky_neuron(duration):
    exact = UP / RESISTANCE / (1 - math.exp(-duration / TAU))
    found = rheobase(LeakyIntegrateAndFire, duration=duration)
    assert exact * (1 - 1e-9) < found < exact * (1 + 1.1e-4)
    closer = rheobase(LeakyIntegrateAndFire, duration=duration, tolerance=1e-9)
    assert closer == pytest.approx(exact, rel=2e-9)


@pytest.mark.parametrize("model", [Izhikevich, FitzHughNagumo, HodgkinHuxley1952])
def test_the_rheobase_parts_silence_from_spikes(model):
    found = rheobase(model, duration=300)
    assert len(simulate(model, found, 300).spike_times) > 0
    assert len(simulate(model, found * (1 - 1.1e-4), 300).spike_times) == 0


def test_the_rheobase_in_other_units():
    class Amperes(iz.Model):
        v = iz.State(0.0, unit="mV")

        def derivatives(v, I):
            return -v + 1e12 * I

        def threshold(v):
            return v >= 3

        def reset():
            return 0.0

    assert rheobase(Amperes, duration=100) == pytest.approx(3e-12, rel=2e-4)


def test_currents_that_are_too_strong_do_not_hide_the_rheobase():
    assert rheobase(Exploding, duration=50, scheme="rk4") == pytest.approx(math.log(2), rel=2e-4)


def test_a_neuron_that_explodes_before_it_spikes():
    class Never(Exploding):
        def threshold(v):
            return v < -1

    with pytest.raises(SimulationError, match=r"is not finite after step 1 .*the input too strong"):
        rheobase(Never, duration=10)


MISTAKES = [
    (f_i_curve, (5.0,), {}, TypeError, r"currents: expected an array of numbers, such as np.linspace\(0, 20, 100\), got 5.0"),
    (f_i_curve, ([[1.0]],), {}, TypeError, r"currents: expected an array of numbers.* got \[\[1.0\]\]"),
    (f_i_curve, ([],), {}, TypeError, r"currents: expected an array of numbers.* got \[\]"),
    (f_i_curve, ("ab",), {}, TypeError, "currents: .* got 'ab'"),
    (f_i_curve, ([1, math.nan],), {}, ValueError, "currents: expected finite numbers, got nan at index 1"),
    (f_i_curve, ([1],), dict(duration=0), ValueError, "duration: expected a number above 0, got 0"),
    (f_i_curve, ([1],), dict(discard=-1), ValueError, "discard: expected a number of at least 0, got -1"),
    (f_i_curve, ([1],), dict(discard=1000), ValueError, "discard: expected less than the duration of 1000 ms, got 1000; raise duration"),
    (f_i_curve, ([1],), dict(e=3), TypeError, "Izhikevich: no parameter 'e'"),
    (rheobase, (), dict(duration="long"), TypeError, "duration: expected a finite number, got 'long'"),
    (rheobase, (), dict(tolerance=0), ValueError, "tolerance: expected a number of at least 1e-12, got 0"),
    (rheobase, (), dict(v=0.0), ValueError, r"rheobase: Izhikevich spikes within 1000 ms without input; if it only starts away from rest, give it other values at time zero"),
]  # fmt: skip


@pytest.mark.parametrize(("function", "arguments", "keywords", "error", "message"), MISTAKES)
def test_mistakes_are_explained(function, arguments, keywords, error, message):
    with pytest.raises(error, match=message):
        function(Izhikevich, *arguments, **keywords)


def test_a_neuron_that_hears_nothing():
    message = r"rheobase: Deaf does not spike within 50 ms at any current up to 1.4e\+14; take a longer duration, or look"
    with pytest.raises(ValueError, match=message):
        rheobase(Deaf, duration=50)


def test_a_curve_can_be_drawn():
    curve = FICurve("mine", np.array([0.0, 1.0]), np.array([0.0, 5.0]), np.array([0.0, 6.0]))
    assert len(curve.plot().lines) == 2
