"""Each numerical method converges as it should, and is refused where it does not suit."""

import math

import numba
import numpy as np
import pytest
from scipy.integrate import solve_ivp

import izhi_numba as iz

TIME = 4.0
STEPS = (0.1, 0.05, 0.025, 0.0125)


class Silent(iz.Model):
    """A smooth, non-linear model that depends on time and never spikes."""

    v = iz.State(1.0)
    w = iz.State(0.5)

    def derivatives(v, w, I, t):
        return v * w - v + I + 0.3 * t, -v - 0.2 * w * w

    def threshold(v):
        return v >= 1e9

    def reset(v, w):
        return v, w


class Gates(Silent):
    """Each derivative is linear in its own variable."""

    def derivatives(v, w, I):
        return -v * (1 + w * w) + I, (1 - w) * v * v - w


class Linear(Silent):
    """Linear between spikes."""

    tau = iz.Parameter(3.0)

    def derivatives(v, w, I, tau):
        return (-v + 2 * w + I + 1.0) / tau, v - 0.4 * w


def end_state(model, scheme, dt, **options):
    pool = iz.Pool(1, model, dt=dt, scheme=scheme, dtype="float64", **options)
    pool.drive(pool, 0.7)
    pool.run(TIME)
    return np.array([pool.v[0], pool.w[0]])


def true_state(model):
    names = ("v", "w", "I", "t", "tau")

    def rates(t, x):
        values = dict(zip(names, (*x, 0.7, t, 3.0), strict=True))
        function = model.derivatives
        return function(
            **{name: values[name] for name in function.__code__.co_varnames[: function.__code__.co_argcount]}
        )

    return solve_ivp(rates, (0, TIME), [1.0, 0.5], method="DOP853", rtol=1e-13, atol=1e-13).y[:, -1]


@pytest.mark.parametrize(
    ("scheme", "model", "order"),
    [
        ("euler", Silent, 1), ("book2007", Silent, 1), ("fig2003", Silent, 1), ("net2003", Silent, 1),
        ("heun", Silent, 2), ("rk4", Silent, 4), ("exponential_euler", Gates, 1),
        ("exponential_midpoint", Gates, 2),
    ],
)  # fmt: skip
def test_order_of_convergence(scheme, model, order):
    truth = true_state(model)
    errors = [np.abs(end_state(model, scheme, dt) - truth).max() for dt in STEPS]
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert orders[-1] == pytest.approx(order, abs=0.15)
    assert (np.abs(orders - order) < 0.5).all()


@pytest.mark.parametrize("dt", [0.1, 1.0, 4.0])
def test_exact_is_exact_at_any_step(dt):
    np.testing.assert_allclose(end_state(Linear, "exact", dt), true_state(Linear), rtol=1e-12)


def test_exact_takes_each_neurons_own_parameters():
    tau = np.linspace(1, 9, 50)
    pool = iz.Pool(50, Linear, dt=1.0, scheme="exact", dtype="float64")
    pool.tau = tau
    pool.drive(pool, 0.7)
    pool.run(TIME)
    for i in (0, 20, 49):
        alone = end_state(Linear(tau=tau[i]), "exact", 1.0)
        np.testing.assert_allclose([pool.v[i], pool.w[i]], alone, rtol=1e-13)


def test_constants_follow_parameters_that_were_written_to():
    pool = iz.Pool(2, Linear, dt=1.0, scheme="exact", dtype="float64")
    pool.update()
    pool.tau[:] = 8.0
    pool.set(v=1.0, w=0.5)
    pool.drive(pool, 0.7)
    for _ in range(4):
        pool.update()
    np.testing.assert_allclose([pool.v[0], pool.w[0]], end_state(Linear(tau=8.0), "exact", 1.0), rtol=1e-13)


@pytest.mark.parametrize(
    ("scheme", "model", "reason"),
    [
        ("exact", Silent, "the derivative of v is not linear in v, w and I"),
        ("exact", iz.Izhikevich, "the derivative of v is not linear in v, u and I"),
        ("exponential_euler", iz.Izhikevich, "the derivative of v is not linear in v"),
        ("exponential_midpoint", iz.Izhikevich, "the derivative of v is not linear in v"),
        ("exponential_euler", Silent, "the derivative of w is not linear in w"),
    ],
)
def test_a_scheme_that_does_not_suit_is_refused_with_the_reason(scheme, model, reason):
    with pytest.raises(ValueError, match=f"scheme '{scheme}' does not suit {model.__name__}: {reason}"):
        iz.Pool(1, model, scheme=scheme)


def test_exact_is_refused_where_derivatives_depend_on_time():
    class Seasonal(Silent):
        def derivatives(v, w, t):
            return -v + t, -w

    with pytest.raises(ValueError, match="depend on the time t"):
        iz.Pool(1, Seasonal, scheme="exact")


def test_a_map_has_no_other_scheme():
    class Doubling(iz.Model):
        v = iz.State(1.0)

        def advance(v):
            return 2 * v

        def threshold(v):
            return v >= 100

        def reset():
            return 1.0

    pool = iz.Pool(1, Doubling, dt=1.0)
    assert pool.scheme == "advance"
    assert pool.run(14).spikes.t.tolist() == [7.0, 14.0]
    with pytest.raises(
        ValueError, match="'euler' does not suit Doubling: it has no derivatives, but states itself"
    ):
        iz.Pool(1, Doubling, scheme="euler")
    with pytest.raises(ValueError, match="expected one of net2003"):
        iz.Pool(1, iz.Izhikevich, scheme="advance")


class Charging(iz.Model):
    """A leaky neuron: the threshold is crossed at tau ln(I / (I - 1)) again and again."""

    v = iz.State(0.0)
    tau = iz.Parameter(10.0)

    def derivatives(v, I, tau):
        return (I - v) / tau

    def threshold(v):
        return v >= 1

    def reset():
        return 0.0


def test_spike_times_are_interpolated_on_request():
    crossing = 10 * np.log(2 / (2 - 1))
    for dtype, tolerance in (("float64", 1e-3), ("float32", 1e-3)):
        times = {}
        for kind in ("grid", "interpolated"):
            pool = iz.Pool(3, Charging, dt=0.25, scheme="exact", dtype=dtype, spike_times=kind)
            pool.drive(pool, np.array([2.0, 1.5, 0.5]))
            result = pool.run(8)
            times[kind] = result.spikes.t[result.spikes.i == 0]
        assert times["grid"].tolist() == [7.0]
        assert times["interpolated"] == pytest.approx([crossing], abs=tolerance)


def test_interpolated_spikes_are_in_order_and_change_nothing_else():
    def run(kind, threads=1):
        pool = iz.Pool(3000, seed=1, threads=threads, spike_times=kind)
        pool.set(v=-70 + 10 * pool.random(3000))
        pool.connect(pool, pool, rule=iz.fixed_outdegree(20), weight=1.0, delay=iz.integers(1, 5))
        pool.drive(pool, iz.noise(5) + 3)
        return pool, pool.run(200).spikes

    plain_pool, plain = run("grid")
    pool, fine = run("interpolated")
    np.testing.assert_array_equal(pool.v, plain_pool.v)
    assert (np.diff(fine.t) >= 0).all()
    assert len(fine.t) == len(plain.t) > 1000
    assert set(zip(np.ceil(fine.t - 1e-9).tolist(), fine.i.tolist(), strict=True)) == set(
        zip(plain.t.tolist(), plain.i.tolist(), strict=True)
    )
    assert not np.isin(fine.t, plain.t).all()
    np.testing.assert_array_equal(run("interpolated", threads=3)[1].t, fine.t)


# ---- What is taken as linear


class Decaying(iz.Receptor):
    i = iz.State(0.0, unit="pA")
    tau = iz.Parameter(20.0, unit="ms")

    def derivatives(i, tau):
        return -i / tau

    def current(i):
        return i


class Capped(Decaying):
    def current(i):
        return iz.math.where(i < 200.0, i, 200.0)


class Faster(Decaying):
    def derivatives(i, tau):
        return iz.math.where(i < 200.0, -i / tau, -i / 2)


class Windowed(Decaying):
    def current(i):
        return iz.math.where((i > 200.0) & (i < 210.0), i + 1, i)


class Branching(Decaying):
    def derivatives(i, tau):
        return -i if i > 1e9 else -i / tau


class Absolute(Decaying):
    def current(i):
        return abs(i)


class Bounded(Decaying):
    def current(i):
        return iz.math.clip(i, -1e12, 1e12)


class Least(Decaying):
    def derivatives(i, tau):
        return -min(i, 1e12) / tau


class Curved(Decaying):
    def current(i):
        return math.expm1(i / 1e3)


class Truthful(Decaying):
    def current(i):
        return i if i else 1e-12


@numba.njit
def capped(i):
    return i if i < 1e5 else 1e5


class Compiled(Decaying):
    def current(i):
        return capped(i)


@pytest.mark.parametrize(
    ("receptor", "reason"),
    [
        (Capped, "the derivative of v is not linear"),
        (Faster, "the derivative of i_r is not linear"),
        (Windowed, "not only sums and multiples of v, i_r and I, but use greater"),
        (Branching, "but use greater"),
        (Absolute, "the derivative of v is not linear"),
        (Bounded, "but use clip"),
        (Least, "but use greater"),
        (Curved, "cannot be had for all v, i_r and I"),
        (Truthful, "but use them as conditions"),
        (Compiled, "the derivative of v is not linear"),
    ],
)
def test_what_bends_far_off_or_in_a_narrow_place_is_not_linear(receptor, reason):
    model = iz.compose(iz.LeakyIntegrateAndFire(V_th=1e3), {"r": receptor()})
    assert model.scheme == "exponential_euler"
    with pytest.raises(ValueError, match=reason):
        iz.Pool(1, model, scheme="exact")
    assert list(model.exact_receptors) == (["r"] if receptor.derivatives is Decaying.derivatives else [])


@pytest.mark.parametrize("receptor", [Capped, Faster])
def test_what_bends_far_off_is_not_lost(receptor):
    def highest(**options):
        pool = iz.Pool(1, iz.LeakyIntegrateAndFire(V_th=1e3), receptors={"r": receptor}, dt=0.01, **options)
        pool.i_r = 1000.0
        pool.record("v")
        return pool.run(30.0).traces["v"].max()

    assert highest() == pytest.approx(highest(scheme="rk4"), abs=0.1)


def test_linear_ways_of_writing_it_stay_exact():
    @numba.njit
    def leak(v, E):
        return E - v

    class Written(Linear):
        E = iz.Parameter(-3.0)

        def derivatives(v, w, I, tau, E):
            total = np.add(leak(v, E), sum((I, -w, +w * np.float32(2.0))) if tau > 0 else v * v)
            return np.divide(total, tau), (w - v) * 0.5 / np.sqrt(tau)

    assert iz.Pool(1, Written, scheme="exact").scheme == "exact"
    for receptor in (iz.ExponentialCurrent, iz.AlphaCurrent, iz.VoltageJump, iz.CurrentPulse):
        assert iz.compose(iz.LeakyIntegrateAndFire, {"r": receptor}).scheme == "exact"
    for receptor in (iz.AMPA, iz.GABA_A, iz.GABA_B, iz.NMDA, iz.AlphaConductance):
        assert list(iz.compose(iz.AdEx, {"r": receptor}).exact_receptors) == ["r"]
