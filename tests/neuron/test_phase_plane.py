"""Nullclines and fixed points against formulas, and against published bifurcations."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq

import izhi_numba as iz
from izhi_numba.models import (
    AdEx,
    Constant,
    ExponentialIntegrateAndFire,
    FitzHughNagumo,
    HodgkinHuxley1952,
    Izhikevich,
    Izhikevich2007,
    Izhikevich2007FS,
    IzhikevichAccommodation,
    LeakyIntegrateAndFire,
    MorrisLecar,
    QuadraticIntegrateAndFire,
)
from izhi_numba.neuron.fixed_points import fixed_points, jacobian
from izhi_numba.neuron.phase_plane import nullclines, vector_field

CLASS_1 = dict(V_3=12.0, V_4=17.4, g_Ca=4.0, phi=0.067)  # of Morris-Lecar


class Map(iz.Model):
    """A model without derivatives."""

    v = iz.State(0.0)

    def advance(v, I):
        return 0.5 * v + I

    def threshold(v):
        return v > 1


class Plain(iz.Model):
    """AdEx as a user may write it: in volts, with math.exp and a branch, voltage second, a dictionary."""

    voltage = "V"
    w = iz.State(0.0, unit="A")
    V = iz.State(-70.6e-3, unit="V")
    C = iz.Parameter(281e-12)
    gain = Constant(lambda C: 1e-3 / C)  # volts per ms

    def derivatives(w, V, I, gain):
        leak = 30e-9 * (-70.6e-3 - V)
        rise = 1.0 if V > 0.02 else 30e-9 * 2e-3 * math.exp((V + 50.4e-3) / 2e-3)
        return {"V": (leak + rise - w + I) * gain, "w": (4e-9 * (V + 70.6e-3) - w) / 144}

    def threshold(V):
        return V > 0.02

    def reset(w):
        return {"V": -70.6e-3, "w": w + 80.5e-12}


class Steep(iz.Model):
    """An exponential in plain Python, which overflows in the range in which fixed points are sought."""

    v = iz.State(-70.0, unit="mV")

    def derivatives(v, I):
        return -70 - v + math.exp((v + 50) / 0.1) + I

    def threshold(v):
        return v > -30

    def reset():
        return -70.0


class Pendulum(iz.Model):
    x = iz.State(0.1)
    y = iz.State(0.0)
    damping = iz.Parameter(0.0)

    def derivatives(x, y, I, damping):
        return y, -math.sin(x) - damping * y + I

    def threshold(x):
        return x > 100


def kind_of(matrix):
    """Kind of a fixed point of two variables by trace and determinant, None near a border."""
    trace, determinant = np.trace(matrix), np.linalg.det(matrix)
    border = trace**2 - 4 * determinant
    if min(abs(trace), abs(determinant), abs(border)) < 1e-4:
        return None
    if determinant < 0:
        return "saddle"
    return f"{'stable' if trace < 0 else 'unstable'} {'focus' if border < 0 else 'node'}"


@settings(max_examples=60, deadline=None)
@given(st.floats(0.005, 0.5), st.floats(-1.0, 0.3), st.floats(-100.0, 50.0))
def test_izhikevich_rests_where_its_parabola_says(a, b, current):
    p = 5 - b
    discriminant = p * p - 0.16 * (140 + current)
    assume(abs(discriminant) > 1e-4)
    found = fixed_points(Izhikevich, current, a=a, b=b)
    voltages = [] if discriminant < 0 else [(-p - discriminant**0.5) / 0.08, (-p + discriminant**0.5) / 0.08]
    voltages = [v for v in voltages if v < 30]
    np.testing.assert_allclose([point.values["v"] for point in found], voltages, atol=1e-8, rtol=0)
    for point in found:
        v, u = point.values["v"], point.values["u"]
        assert u == pytest.approx(b * v, abs=1e-7)
        exact = np.array([[0.08 * v + 5, -1], [a * b, -a]])
        np.testing.assert_allclose(jacobian(Izhikevich, point.values, current, a=a, b=b), exact, atol=1e-7)
        np.testing.assert_allclose(
            sorted(point.eigenvalues, key=lambda z: (-z.real, -z.imag)), point.eigenvalues, atol=1e-12
        )
        assert kind_of(exact) in (point.kind, None)
        assert point.stable == (point.eigenvalues.real.max() < 0)


@settings(max_examples=30, deadline=None)
@given(st.floats(-3.0, 3.0), st.floats(-1.5, 1.5), st.floats(0.1, 2.0))
def test_fitzhugh_nagumo_rests_at_the_roots_of_its_cubic(current, a, b):
    roots = np.roots([-1 / 3, 0, 1 - 1 / b, current - a / b])
    distance = [abs(one - other) for k, one in enumerate(roots) for other in roots[:k]]
    assume(min(distance) > 1e-2)
    voltages = np.sort(roots[np.abs(roots.imag) < 1e-9].real)
    found = [point.values["v"] for point in fixed_points(FitzHughNagumo, current, a=a, b=b)]
    np.testing.assert_allclose(found, voltages, atol=1e-8)


@settings(max_examples=30, deadline=None)
@given(st.floats(-2000.0, 2000.0), st.floats(0.5, 6.0), st.floats(-10.0, 40.0))
def test_adex_rests_where_currents_balance(current, delta, a):
    def balance(v):
        return -30 * (v + 70.6) + 30 * delta * math.exp((v + 50.4) / delta) - a * (v + 70.6) + current

    knee = -50.4 + delta * math.log((30 + a) / 30)
    assume(abs(balance(knee)) > 1)
    voltages = []
    if balance(knee) < 0:
        voltages = [brentq(balance, -400, knee, xtol=1e-12)]
        if balance(20) > 0:
            voltages.append(brentq(balance, knee, 20, xtol=1e-12))
    found = [point.values["v"] for point in fixed_points(AdEx, current, Delta_T=delta, a=a)]
    np.testing.assert_allclose(found, voltages, atol=1e-8)


@pytest.mark.parametrize("current", [-20_000.0, -50.0, 0.0, 99.9])
def test_a_leaky_neuron_rests_where_current_and_leak_balance(current):
    (point,) = fixed_points(LeakyIntegrateAndFire, current)
    assert point.values == {"v": pytest.approx(-60 + current / 10, abs=1e-8)}
    assert point.kind == "stable node"
    assert point.eigenvalues == pytest.approx([-0.05])


def test_what_a_reset_prevents_is_no_fixed_point():
    assert fixed_points(LeakyIntegrateAndFire, 100.1) == ()
    assert [point.values["v"] for point in fixed_points(Izhikevich, -500.0)] == [
        pytest.approx(-172.25, abs=0.01)
    ]


def test_one_variable_with_two_points():
    low, high = fixed_points(ExponentialIntegrateAndFire, 10.0)
    assert (low.kind, high.kind) == ("stable node", "unstable node")
    low, high = fixed_points(QuadraticIntegrateAndFire)
    assert (low.values["v"], high.values["v"]) == pytest.approx((-65, -50), abs=1e-8)


def test_two_points_that_meet_are_one_and_degenerate():
    (point,) = fixed_points(QuadraticIntegrateAndFire, 37.5)
    assert point.values["v"] == pytest.approx(-57.5, abs=1e-4)
    assert point.kind == "degenerate"
    assert not point.stable
    (point,) = fixed_points(Izhikevich, 4.0)
    assert (point.values["v"], point.kind) == (pytest.approx(-60, abs=1e-4), "degenerate")
    assert fixed_points(Izhikevich, 4.001) == ()
    assert [one.kind for one in fixed_points(Izhikevich, 3.999)] == ["unstable node", "saddle"]


def test_a_line_of_fixed_points():
    found = fixed_points(Izhikevich, a=0.0)
    assert len(found) > 10
    for point in found:
        v, u = point.values["v"], point.values["u"]
        assert point.kind == "degenerate"
        assert u == pytest.approx(0.04 * v * v + 5 * v + 140, abs=1e-6)


def test_a_variable_that_never_rests_at_a_held_voltage():
    (point,) = fixed_points(IzhikevichAccommodation, 3.0)
    assert point.values == pytest.approx({"v": -65.0, "u": -13.0}, abs=1e-8)


def test_morris_lecar_loses_its_rest_where_the_book_says():
    # Rinzel and Ermentrout (1989): Hopf bifurcations near 94 and 212; and three states below 40.
    for current, kind in (
        (93, "stable focus"),
        (95, "unstable focus"),
        (205, "unstable focus"),
        (215, "stable focus"),
    ):
        (point,) = fixed_points(MorrisLecar, current)
        assert point.kind == kind
    found = fixed_points(MorrisLecar, 39.0, **CLASS_1)
    assert [point.kind for point in found] == ["stable node", "saddle", "unstable focus"]
    assert len(fixed_points(MorrisLecar, 41.0, **CLASS_1)) == 1


def test_the_axon_loses_its_rest_where_it_should():
    # A Hopf bifurcation at 9.78: J. Rinzel (1978), Federation Proceedings 37:2793-2802.
    (rest,) = fixed_points(HodgkinHuxley1952)
    assert rest.values["v"] == pytest.approx(-65, abs=0.01)
    assert rest.stable
    (below,), (above,) = fixed_points(HodgkinHuxley1952, 9.75), fixed_points(HodgkinHuxley1952, 9.8)
    assert (below.kind, above.kind) == ("stable focus", "saddle-focus")
    assert list(rest.values) == ["v", "m", "h", "n"]


def test_a_model_as_users_write_it():
    for current in (0.0, 300.0, -500.0):
        found, expected = fixed_points(Plain, current * 1e-12), fixed_points(AdEx, current)
        assert [point.kind for point in found] == [point.kind for point in expected]
        for one, other in zip(found, expected, strict=True):
            assert one.values["V"] == pytest.approx(1e-3 * other.values["v"], abs=1e-11)
            assert one.values["w"] == pytest.approx(1e-12 * other.values["w"], abs=1e-18)
            assert list(one.values) == ["V", "w"]
            np.testing.assert_allclose(one.eigenvalues, other.eigenvalues, rtol=1e-5)


def test_functions_that_overflow():
    (rest, threshold) = fixed_points(Steep)
    assert rest.values["v"] == pytest.approx(-70, abs=1e-8)
    assert threshold.values["v"] == pytest.approx(
        brentq(lambda v: -70 - v + math.exp((v + 50) / 0.1), -51, -49)
    )


def test_rates_that_are_no_numbers():
    class Nowhere(iz.Model):
        v = iz.State(-60.0, unit="mV")
        w = iz.State(1.0)

        def derivatives(v, w):
            return iz.math.log(-1.0 + 0 * v), -w

        def threshold(v):
            return v > 0

    assert fixed_points(Nowhere) == ()
    assert nullclines(Nowhere)["v"] == []


def test_a_rate_constant_that_is_almost_zero():
    found = fixed_points(Izhikevich, 1.0, b=1e-142)
    np.testing.assert_allclose(
        [point.values["v"] for point in found], np.roots([0.04, 5, 141])[[0, 1]], atol=1e-8
    )
    slopes = jacobian(Izhikevich, found[0].values, 1.0, b=1e-142)
    assert slopes[0, 1] == pytest.approx(-1)


def test_kinds_of_a_pendulum():
    low, middle, high = fixed_points(Pendulum, x=(-4, 4))
    assert (low.kind, middle.kind, high.kind) == ("saddle", "centre", "saddle")
    assert middle.values == {"x": 0.0, "y": 0.0}
    assert high.values["x"] == pytest.approx(math.pi)
    assert fixed_points(Pendulum, x=(-1, 1), damping=0.1)[0].kind == "stable focus"
    assert fixed_points(Pendulum, x=(-1, 1), damping=-3.0)[0].kind == "unstable node"


def test_points_outside_the_asked_range_are_left_out():
    assert [point.values["v"] for point in fixed_points(Izhikevich, v=(-60, 0))] == [pytest.approx(-50)]
    assert fixed_points(Izhikevich, u=(-12, -11)) == ()


def test_models_and_presets_alike():
    assert str(fixed_points("RS")) == str(fixed_points(Izhikevich())) == str(fixed_points(Izhikevich))
    assert str(fixed_points(Izhikevich(b=0.25))) == str(fixed_points(Izhikevich, b=0.25))
    preset = iz.presets["2007 RS"]
    assert str(fixed_points(preset, 20.0)) == str(fixed_points(Izhikevich2007, 20.0, **preset))
    assert repr(fixed_points("RS")[0]) == "<stable node at v = -70, u = -14>"


def test_the_jacobian_of_an_exponential():
    v, w = -52.0, 30.0
    slope = (-30 + 30 * math.exp((v + 50.4) / 2)) / 281
    exact = [[slope, -1 / 281], [4 / 144, -1 / 144]]
    np.testing.assert_allclose(jacobian(AdEx, {"w": w, "v": v}, 300.0), exact, rtol=1e-7)


def test_the_vector_field_is_the_models():
    field = vector_field(FitzHughNagumo, 0.5, points=7, v=(-2, 2), w=(-1, 3), tau=10.0)
    v, w = np.meshgrid(field.x, field.y)
    np.testing.assert_allclose(field.dx, v - v**3 / 3 - w + 0.5, atol=1e-15)
    np.testing.assert_allclose(field.dy, (v + 0.7 - 0.8 * w) / 10, atol=1e-15)
    assert (field.x[[0, -1]].tolist(), field.y[[0, -1]].tolist()) == ([-2, 2], [-1, 3])


def test_nullclines_lie_where_a_derivative_is_zero():
    lines = nullclines(AdEx, 500.0)
    (knee,), (straight,) = lines["v"], lines["w"]
    v, w = knee.T
    np.testing.assert_allclose(-30 * (v + 70.6) + 60 * np.exp((v + 50.4) / 2) + 500, w, atol=1e-6)
    v, w = straight.T
    np.testing.assert_allclose(4 * (v + 70.6), w, atol=1e-6)
    assert list(lines) == ["v", "w"]


def test_a_nullcline_in_pieces():
    # The potassium current cannot balance a current at its reversal potential, -84 mV.
    lines = nullclines(MorrisLecar, 50.0, v=(-100, 40), w=(-2, 2))["v"]
    assert len(lines) == 2
    assert (
        max(lines[0][:, 0].max(), lines[1][:, 0].max())
        > -84
        > min(lines[0][:, 0].min(), lines[1][:, 0].min())
    )
    assert all(((line[:, 0] > -84).all() or (line[:, 0] < -84).all()) for line in lines)


def test_a_nullcline_with_a_kink_and_one_outside():
    (line,) = nullclines(Izhikevich2007FS, 50.0, v=(-70, -40), u=(-50, 50))["u"]
    v, u = line.T
    np.testing.assert_allclose(u, 0.025 * np.maximum(v + 55, 0) ** 3, atol=1e-6)
    assert nullclines(Izhikevich, 0.0, v=(-70, -60), u=(50, 60)) == {"v": [], "u": []}


@pytest.mark.parametrize("current", [0.0, 3.9, 50.0, 100.0])
def test_the_usual_ranges_hold_what_matters(current):
    field = vector_field(Izhikevich, current)
    for v, u in [
        (-62.5, -16.25 + current),
        (-65, -13),
        (-65, -5),
        *(p.values.values() for p in fixed_points("RS", current)),
    ]:
        assert field.x[0] < v < field.x[-1]
        assert field.y[0] < u < field.y[-1]
    assert np.ptp(field.x) < 60  # and not the way to the peak
    half = vector_field(Izhikevich, current, v=(-90, -30))
    assert (half.x[0], half.x[-1], half.y[0]) == (-90, -30, field.y[0])


MISTAKES = [
    (fixed_points, (Map,), {}, TypeError, "Map: expected a model with derivatives; this one states itself how it"),
    (fixed_points, (5,), {}, TypeError, "model: expected a model such as iz.AdEx"),
    (fixed_points, (AdEx, "3"), {}, TypeError, "current: expected a finite number, got '3'"),
    (fixed_points, (AdEx, math.inf), {}, ValueError, "current: expected a finite number, got inf"),
    (fixed_points, (AdEx,), dict(c=3), TypeError, "AdEx: no parameter 'c'; there are v, w, C"),
    (fixed_points, (AdEx,), dict(v=-60), TypeError, r"v: expected the range of the variable, \(low, high\), got -60"),
    (fixed_points, (AdEx,), dict(v="ab"), TypeError, "v: expected the range of the variable, .*got 'ab'"),
    (fixed_points, (AdEx,), dict(v=(1, 2, 3)), TypeError, r"v: expected the range .* got \(1, 2, 3\)"),
    (fixed_points, (AdEx,), dict(w=(1, None)), TypeError, "w: range: expected a finite number, got None"),
    (fixed_points, (AdEx,), dict(v=(1, 1)), ValueError, r"v: expected a range \(low, high\) with low below high, got \(1, 1\)"),
    (vector_field, (LeakyIntegrateAndFire,), {}, ValueError, r"LeakyIntegrateAndFire: expected a model with two variables, this one has 1 \(v\); fixed_points and jacobian take any"),
    (nullclines, (HodgkinHuxley1952,), {}, ValueError, r"two variables, this one has 4 \(v, m, h, n\)"),
    (vector_field, (AdEx,), dict(points=1), ValueError, "points: expected a whole number from 2 to 2000, got 1"),
    (nullclines, (AdEx,), dict(points=2.5), TypeError, "points: expected a whole number, got 2.5"),
    (jacobian, (AdEx, {"v": -60, "w": 0}), dict(v=-60), TypeError, "jacobian: v is a variable; give its value in 'at'"),
    (jacobian, (AdEx, {"v": -60}), {}, TypeError, "at: expected a value for each of v, w by name, got v$"),
    (jacobian, (AdEx, [-60, 0]), {}, TypeError, r"at: expected a value for each of v, w by name, got \[-60, 0\]"),
    (jacobian, (AdEx, {"v": -60, "w": math.nan}), {}, ValueError, "at: w: expected a finite number, got nan"),
]  # fmt: skip


@pytest.mark.parametrize(("function", "arguments", "keywords", "error", "message"), MISTAKES)
def test_mistakes_are_explained(function, arguments, keywords, error, message):
    with pytest.raises(error, match=message):
        function(*arguments, **keywords)
