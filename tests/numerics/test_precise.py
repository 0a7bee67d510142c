"""Spikes, resets and ends of refractory periods within the step, ``spike_times="precise"``."""

import itertools

import numpy as np
import pytest
from scipy.optimize import brentq

import izhi_numba as iz
from tests.solved import solved_spikes

LEAKY = {"C": 200.0, "g_L": 10.0, "E_L": -70.0, "V_th": -50.0, "V_reset": -60.0}


def spikes_of(model, current, duration, dt, scheme, **options):
    return iz.simulate(
        model, current, duration, dt=dt, scheme=scheme, spike_times="precise", **options
    ).spike_times


def closed_form(current, t_ref, duration):
    """Spikes of the leaky neuron, by the solution of its equation."""
    tau, v = LEAKY["C"] / LEAKY["g_L"], LEAKY["E_L"] + current / LEAKY["g_L"]
    first, then = (
        tau * np.log((v - begin) / (v - LEAKY["V_th"])) for begin in (LEAKY["E_L"], LEAKY["V_reset"])
    )
    return np.arange(first, duration, then + t_ref)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("t_ref", [0.0, 0.03, 1.0, 2.0, 2.345])
def test_exact_scheme_gives_the_closed_form(t_ref, dtype):
    """At the interval of the spikes: 2.345 ms are not rounded to steps, 0.03 ms end within the same one."""
    found = spikes_of(
        iz.LeakyIntegrateAndFire, 410.0, 1000.0, 0.1, "exact", t_ref=t_ref, dtype=dtype, **LEAKY
    )
    expected = closed_form(410.0, t_ref, 1000.0)
    assert len(found) == len(expected) > 30
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6 if dtype == "float64" else 3e-2)


@pytest.mark.parametrize(
    ("model", "current", "level", "duration", "scheme", "dt"),
    [
        (iz.AdEx, 800.0, -20.0, 300.0, "heun", 0.1),
        pytest.param(iz.AdEx, 800.0, -20.0, 300.0, "rk4", 0.1, marks=pytest.mark.slow),
        pytest.param(
            iz.ExponentialIntegrateAndFire, 450.0, -10.0, 200.0, "heun", 0.1, marks=pytest.mark.slow
        ),
        pytest.param(iz.QuadraticIntegrateAndFire, 300.0, 30.0, 300.0, "heun", 0.1, marks=pytest.mark.slow),
        (iz.Izhikevich, 10.0, 30.0, 300.0, "heun", 0.1),
        (iz.Izhikevich2007, 200.0, 35.0, 300.0, "rk4", 0.5),
        (iz.LeakyIntegrateAndFire, 410.0, -50.0, 300.0, "heun", 0.2),
    ],
)
def test_whole_trains_are_of_order_two_or_better(model, current, level, duration, scheme, dt):
    expected = solved_spikes(model, current, level, duration, tolerance=1e-10)
    errors = []
    for step in (dt, dt / 2, dt / 4):
        found = spikes_of(model, current, duration, step, scheme)
        assert len(found) == len(expected) > 3
        errors.append(np.abs(found - expected).max())
    floor = 5e-6 * len(expected)  # of the search for a threshold at the end of an upswing
    for coarse, fine in itertools.pairwise(errors):
        assert fine < max(coarse / 3, floor)
    assert errors[0] < 0.02 * len(expected) * dt


def test_delayed_bursts_have_as_many_spikes():
    """On the grid, with heun at 0.1 ms, each spike is late, and a burst has one more or less."""
    model = iz.AdEx(**BURSTING)
    expected = solved_spikes(model, 700.0, -20.0, 500.0, tolerance=1e-9)
    found = spikes_of(model, 700.0, 500.0, 0.1, "heun")
    assert len(found) == len(expected)
    assert np.abs(found - expected).max() < 0.02


BURSTING = {"C": 100.0, "g_L": 10.0, "E_L": -65.0, "V_T": -50.0, "Delta_T": 2.0, "a": -10.0, "tau_w": 90.0,
            "b": 30.0, "V_reset": -47.0}  # fmt: skip


def conductances(dt, spike_times, **options):
    """Twenty neurons that conductances drive, without noise, in a net of one way."""
    scheme = options.pop("scheme", "rk4")
    net = iz.Network(dt=dt, seed=4, dtype="float64", **options)
    cells = net.pool(
        "cells", 20, iz.LeakyIntegrateAndFire(t_ref=1.7), scheme=scheme, spike_times=spike_times,
        receptors={"exc": iz.AlphaConductance(tau=2.0), "inh": iz.ExponentialConductance(E=-80.0)},
    )  # fmt: skip
    times = np.sort(np.random.default_rng(2).integers(1, 2000, 300)) * 0.1
    net.spike_list("sent", 300, range(300), times)
    rng = np.random.default_rng(3)
    for receptor, weight in (("exc", 2.0), ("inh", 1.0)):
        pairs = rng.integers(0, 300, 2500), rng.integers(0, 20, 2500)
        net.connect("sent", "cells", rule=iz.from_arrays(*pairs), weight=weight, delay=1.0, receptor=receptor)
    cells.drive(cells, iz.constant(200.0))
    return net.run(200.0)["cells"].spikes


def test_conductances_are_right_within_the_step():
    fine = conductances(0.0125, "precise")
    for dt, error in ((0.1, 1e-3), (0.05, 3e-4)):
        found = conductances(dt, "precise")
        assert len(found.t) == len(fine.t) > 200
        for neuron in range(20):
            assert found.t[found.i == neuron] == pytest.approx(fine.t[fine.i == neuron], abs=error)
    grid = conductances(0.1, "interpolated")
    apart = [
        np.abs(grid.t[grid.i == n][:10] - fine.t[fine.i == n][:10]).max() for n in range(20)
    ]  # of ten spikes, each a part of a step late
    assert max(apart) > 0.05


@pytest.mark.parametrize("dtype", ["float32", pytest.param("float64", marks=pytest.mark.slow)])
def test_bits_are_the_same_for_any_threads_and_pieces(dtype):
    def run(threads, pieces):
        net = iz.Network(dt=0.1, seed=2, dtype=dtype, threads=threads)
        receptors = {"syn": iz.ExponentialConductance(), "jump": iz.VoltageJump()}
        for name, model in (("adex", iz.AdEx), ("leaky", iz.LeakyIntegrateAndFire)):
            pool = net.pool(name, 3000, model, scheme="heun", receptors=receptors, spike_times="precise")
            pool.drive(pool, iz.constant(500.0) + iz.noise(300.0))
        net.connect("adex", "leaky", rule=iz.fixed_outdegree(10), weight=1.0, delay=1.0, receptor="syn")
        net.connect("leaky", "adex", rule=iz.fixed_outdegree(10), weight=0.4, delay=0.5, receptor="jump")
        spikes = [net.run(piece) for piece in pieces]
        return [np.concatenate([one[name].spikes.t for one in spikes]) for name in ("adex", "leaky")] + [
            net[name].v.copy() for name in ("adex", "leaky")
        ]

    whole = run(1, [60.0])
    assert min(len(whole[0]), len(whole[1])) > 1000
    for other in (run(2, [60.0]), run(3, [7.3, 0.1, 52.6])):
        for one, same in zip(whole, other, strict=True):
            np.testing.assert_array_equal(one, same)


def test_a_neuron_above_its_threshold_spikes_at_once():
    pool = iz.Pool(2, iz.LeakyIntegrateAndFire, dt=0.1, spike_times="precise")
    pool.v[1] = -40.0
    result = pool.run(1.0)
    assert result.spikes.t.tolist() == pytest.approx([0.0], abs=1e-6)
    assert result.counts.sum() == len(result.plot_raster().collections[0].get_offsets()) == 1


@pytest.mark.parametrize(("model", "current"), [(iz.AdEx, 200_000.0), (iz.LeakyIntegrateAndFire, 100_000.0)])
def test_a_neuron_spikes_once_in_a_step(model, current):
    found = spikes_of(model, current, 20.0, 0.5, "heun", **({"t_ref": 0.0} if model.refractory else {}))
    assert len(found) == 40
    np.testing.assert_allclose(found[1:], np.arange(1, 40) * 0.5, atol=1e-6)


class ByOther(iz.Model):
    """A threshold on another variable than the voltage."""

    v = iz.State(0.0)
    w = iz.State(0.0)

    def derivatives(v, w, I):
        return -v / 10 + I, v

    def threshold(w):
        return w >= 20

    def reset(v, w):
        return v, 0.0


class Downwards(iz.Model):
    v = iz.State(0.0)

    def derivatives(v, I):
        return (-10 - v) / 10 + I

    def threshold(v):
        return v <= -5.03

    def reset():
        return 0.0


class Moving(iz.Model):
    """A threshold that moves with time: it is met at 1.3 (1 - 0.9) = 0.13 of 1.35, at 13.5 ms."""

    v = iz.State(-0.35)

    def derivatives(v):
        return 1.0 + 0 * v

    def threshold(v, t):
        return v >= 1.0 + 0.9 * t

    def reset():
        return -1e3


class Adaptive(iz.Model):
    """A threshold that goes up with each spike and decays."""

    v = iz.State(-70.0)
    th = iz.State(-50.0)

    def derivatives(v, th):
        return (-70.0 - v + 35.0) / 10.0, (-50.0 - th) / 30.0

    def threshold(v, th):
        return v >= th

    def reset(v, th):
        return -70.0, th + 5.0


def adaptive_spikes(count):
    """Return the first spikes of Adaptive by the solution of its equations."""
    t, th, found = 0.0, 0.0, []  # th above -50
    for _ in range(count):

        def above(after, th=th):
            return 35 * (1 - np.exp(-after / 10)) - 20 - th * np.exp(-after / 30)

        after = brentq(above, 1e-3, 100.0, xtol=1e-13)
        t, th = t + after, th * np.exp(-after / 30) + 5
        found.append(t)
    return found


def test_thresholds_of_other_kinds():
    found = spikes_of(ByOther, 1.0, 60.0, 0.5, "rk4")
    first = brentq(lambda t: 10 * t - 100 * (1 - np.exp(-t / 10)) - 20, 1.0, 20.0, xtol=1e-13)
    assert found[0] == pytest.approx(first, abs=1e-6)
    period = 10 * np.log(10 / 4.97)
    found = spikes_of(Downwards, 0.0, 60.0, 0.5, "rk4")
    np.testing.assert_allclose(found, period * np.arange(1, len(found) + 1), atol=1e-6)
    assert spikes_of(Moving, 0.0, 20.0, 0.5, "rk4") == pytest.approx([13.5], abs=1e-6)
    found = spikes_of(Adaptive, 0.0, 200.0, 0.1, "rk4")
    np.testing.assert_allclose(found, adaptive_spikes(len(found)), atol=1e-5)
    assert len(found) > 8


def test_other_variables_go_on_where_a_neuron_waits_for_the_next_step():
    class Fast(iz.Model):
        v = iz.State(0.0)
        w = iz.State(0.0)

        def derivatives(v, w):
            return 1.0 + 0 * v, 1.0 + 0 * w

        def threshold(v):
            return v >= 0.3

        def reset(w):
            return 0.0, w

    pool = iz.Pool(1, Fast, dt=1.0, scheme="heun", dtype="float64", spike_times="precise")
    assert pool.run(10.0).spikes.t.tolist() == pytest.approx([0.3, *range(1, 10)], abs=2e-6)
    assert pool.w[0] == pytest.approx(10.0, abs=1e-12)


def test_rates_that_jump_bring_no_spike():
    """A neuron of McKean's kind: its rates have a step at v = 0, which none of its errors can be small over."""

    class Broken(iz.Model):
        v = iz.State(-0.5)

        def derivatives(v, I):
            return -v + (1.0 if v > 0.0 else 0.0) + I

        def threshold(v):
            return v >= 1.0

        def reset():
            return -0.5

    rise = np.log(0.85 / 0.35) + np.log(1.35 / 0.35)
    found = spikes_of(Broken, 0.35, 20.0, 0.1, "rk4")
    assert len(found) == 8
    np.testing.assert_allclose(np.diff(found), rise, atol=2e-3)


def test_a_spike_before_a_jump_down_is_kept():
    net = iz.Network(dt=0.1, dtype="float64")
    cell = net.pool(
        "cell", 1, iz.LeakyIntegrateAndFire, receptors={"syn": iz.VoltageJump()}, spike_times="precise"
    )
    cell.drive(cell, 300.0)
    first = iz.simulate(
        iz.LeakyIntegrateAndFire, 300.0, 20.0, dt=0.1, scheme="exact", spike_times="precise"
    ).spike_times[0]
    net.spike_list("sent", 1, [0], [np.ceil(first * 10) / 10 - 1.0])
    net.connect("sent", "cell", rule=iz.all_to_all(), weight=-5.0, delay=1.0)
    assert net.run(20.0)["cell"].spikes.t[0] == pytest.approx(first, abs=1e-9)


def test_what_has_no_end_is_told():
    class Explosion(iz.Model):
        x = iz.State(0.0)

        def derivatives(x):
            return 1e9 * (1 + x * x)

        def threshold(x):
            return x < -5

        def reset():
            return 0.0

    pool = iz.Pool(1, Explosion, dt=0.1, scheme="heun", spike_times="precise")
    with pytest.raises(iz.SimulationError, match="x = nan"):
        pool.run(1.0)


@pytest.mark.parametrize(
    ("model", "options", "message"),
    [
        (iz.HodgkinHuxley, {}, "HodgkinHuxley has no reset that could be put within the step; give 'interp"),
        (iz.Izhikevich, {}, "scheme 'net2003' is not of order two; give scheme='heun' or 'rk4'$"),
        (iz.LeakyIntegrateAndFire, {"receptors": {"exc": iz.AMPA()}},
         "scheme 'exponential_euler' is not of order two; give scheme='heun' or 'rk4' or 'exponential_midpoint'$"),
    ],
)  # fmt: skip
def test_what_cannot_be_precise_is_refused(model, options, message):
    with pytest.raises(ValueError, match=f"^spike_times='precise': .*{message}"):
        iz.Pool(3, model, spike_times="precise", **options)
