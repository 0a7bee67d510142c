"""Receptors: what an arriving weight does to a neuron."""

import platform
import re

import numba.core.event
import numpy as np
import pytest
from scipy.integrate import solve_ivp

import izhi_numba as iz
from izhi_numba.models.declaration import asked_names, call
from izhi_numba.numerics.constants import constant_names
from izhi_numba.numerics.propagator import factors_of
from tests import inside, reference
from tests.numerics.test_assembly import ASSEMBLY, instructions, run_script

SHIPPED = [
    iz.AMPA, iz.AlphaConductance, iz.AlphaCurrent, iz.BiexponentialConductance, iz.CurrentPulse,
    iz.ExponentialConductance, iz.ExponentialCurrent, iz.GABA_A, iz.GABA_B, iz.NMDA, iz.VoltageJump,
]  # fmt: skip


class Silent(iz.LeakyIntegrateAndFire):
    """A leaky neuron that does not spike."""

    def threshold(v):
        return v >= 1e6


class Saturating(iz.Receptor):
    """Nonlinear kinetics, and a dictionary."""

    s = iz.State(0.0)
    g = iz.State(0.0)
    tau = iz.Parameter(4.0)
    E = iz.Parameter(0.0)

    def derivatives(s, g, tau):
        return {"s": -s * (1 + s) / tau, "g": s - g * g / 3}

    def current(g, v, E):
        return 5 * g * (E - v)


class OfVoltage(iz.Receptor):
    """Decays faster where the voltage is high."""

    g = iz.State(0.0)

    def derivatives(g, v):
        return -g * (1 + v / 100)

    def current(g, v):
        return -g * v


def add(pool, **weights):
    """Add weights to what receives them, as a pool does before a step."""
    arrays = inside.arrays(pool)
    for name, weight in weights.items():
        arrays[pool.model.receptors[name]][: pool.size] += weight


def make(model, receptors, n=1, **options):
    return iz.Pool(n, iz.compose(model, receptors), **{"dtype": "float64", "seed": 1} | options)


def traces(pool, *names, n_steps):
    """Variables after each step, of the first neuron."""
    found = np.zeros((len(names), n_steps))
    for k in range(n_steps):
        pool.update()
        found[:, k] = [getattr(pool, name)[0] for name in names]
    return found


# ---- Closed forms


def alpha(t, tau):
    return t / tau * np.exp(1 - t / tau)


def two_exponentials(t, rise, decay):
    top = np.log(decay / rise) / (1 / rise - 1 / decay)
    return (np.exp(-t / decay) - np.exp(-t / rise)) / (np.exp(-top / decay) - np.exp(-top / rise))


def gaba_b(t, K2=0.0012, K3=0.18, K4=0.034):
    return K3 * (np.exp(-K2 * t) - np.exp(-K4 * t)) / (K4 - K2)


FORMS = {
    "i_exp": (iz.ExponentialCurrent(tau=3.0), lambda t: np.exp(-t / 3)),
    "i_alpha": (iz.AlphaCurrent(tau=3.0), lambda t: alpha(t, 3)),
    "g_exponential": (iz.ExponentialConductance(), lambda t: np.exp(-t / 5)),
    "g_fast": (iz.AlphaConductance(tau=0.7), lambda t: alpha(t, 0.7)),
    "g_two": (iz.BiexponentialConductance(tau_decay=7.0), lambda t: two_exponentials(t, 1, 7)),
    "g_ampa": (iz.AMPA(), lambda t: np.exp(-t / 5)),
    "g_gaba": (iz.GABA_A(), lambda t: np.exp(-t / 6)),
    "g_nmda": (iz.NMDA(), lambda t: two_exponentials(t, 2, 100)),
    "s_slow": (iz.GABA_B(), gaba_b),
}


@pytest.mark.parametrize(
    "scheme",
    [
        "rk4", "exponential_euler", pytest.param("euler", marks=pytest.mark.slow),
        pytest.param("net2003", marks=pytest.mark.slow),
    ],
)  # fmt: skip
def test_receptors_follow_their_closed_form_in_any_scheme(scheme):
    receptors = {name.split("_")[1]: receptor for name, (receptor, _) in FORMS.items()}
    pool = make(Silent, receptors, dt=0.5, scheme=scheme)
    add(pool, **dict.fromkeys(receptors, 2.5))
    found = traces(pool, *FORMS, n_steps=60)
    for (name, (_, form)), trace in zip(FORMS.items(), found, strict=True):
        np.testing.assert_allclose(trace, 2.5 * form(0.5 * np.arange(1, 61)), rtol=1e-12, err_msg=name)


@pytest.mark.parametrize(
    ("receptor", "variable", "peak_at"),
    [
        (iz.AlphaCurrent(tau=4.0), "i", 4.0),
        (iz.AlphaConductance(tau=4.0), "g", 4.0),
        (iz.BiexponentialConductance(tau_rise=1.0, tau_decay=8.0), "g", np.log(8) / (1 - 1 / 8)),
        (iz.BiexponentialConductance(tau_rise=8.0, tau_decay=1.0), "g", np.log(8) / (1 - 1 / 8)),
        (iz.BiexponentialConductance(tau_rise=4.0, tau_decay=4.0), "g", 4.0),
        (iz.BiexponentialConductance(tau_rise=4.0, tau_decay=4.0 + 1e-12), "g", 4.0),
        (iz.NMDA(), "g", np.log(50) / (1 / 2 - 1 / 100)),
    ],
)
def test_the_weight_is_the_peak(receptor, variable, peak_at):
    pool = make(Silent, {"syn": receptor}, dt=peak_at / 1000)
    add(pool, syn=3.0)
    (found,) = traces(pool, f"{variable}_syn", n_steps=1500)
    assert found[999] == pytest.approx(3.0, rel=1e-12)
    assert found.argmax() == 999


def test_equal_times_of_rise_and_decay_are_an_alpha_function():
    receptors = {
        "a": iz.AlphaConductance(tau=3.0),
        "b": iz.BiexponentialConductance(tau_rise=3.0, tau_decay=3.0),
    }
    pool = make(Silent, receptors)
    add(pool, a=1.0, b=1.0)
    a, b = traces(pool, "g_a", "g_b", n_steps=100)
    np.testing.assert_allclose(a, b, rtol=1e-13)


def exponential_psp(t, tau_m, tau, C):
    return tau * tau_m / (tau_m - tau) / C * (np.exp(-t / tau_m) - np.exp(-t / tau))


def alpha_psp(t, tau_m, tau, C):
    a, b = 1 / tau, 1 / tau_m
    return np.e * a / C * ((np.exp(-b * t) - np.exp(-a * t)) / (a - b) ** 2 - t * np.exp(-a * t) / (a - b))


@pytest.mark.parametrize("dt", [0.1, 2.0])
@pytest.mark.parametrize(
    ("receptor", "psp"),
    [(iz.ExponentialCurrent(tau=3.0), exponential_psp), (iz.AlphaCurrent(tau=3.0), alpha_psp)],
)
def test_responses_of_a_leaky_neuron_to_currents_are_exact(receptor, psp, dt):
    pool = make(Silent, {"syn": receptor}, dt=dt)
    assert pool.scheme == "exact"
    add(pool, syn=100.0)
    (v,) = traces(pool, "v", n_steps=50)
    t = dt * np.arange(1, 51)
    np.testing.assert_allclose(v + 60, 100 * psp(t, 20.0, 3.0, 200.0), rtol=1e-12, atol=1e-12)


def test_several_currents_and_their_inputs_are_exact_together():
    """Also with each neuron's own times, and weights that come again and again."""
    n, dt = 40, 0.5
    receptors = {"a": iz.ExponentialCurrent(), "b": iz.AlphaCurrent(), "c": iz.ExponentialCurrent()}
    pool = make(Silent, receptors, n, dt=dt)
    taus = {name: np.linspace(low, 3 * low, n) for name, low in (("a", 1.1), ("b", 2.3), ("c", 31.0))}
    pool.set(**{f"tau_{name}": tau for name, tau in taus.items()})
    pool.drive(pool, 20.0)
    expected = 2.0 * (1 - np.exp(-30 * dt / 20)) * np.ones(n)
    for k in range(30):
        if k % 7 == 0:
            add(pool, a=30.0 + k, b=-20.0, c=5.0)
            t = (30 - k) * dt
            expected += (30.0 + k) * exponential_psp(t, 20, taus["a"], 200) - 20 * alpha_psp(
                t, 20, taus["b"], 200
            )
            expected += 5 * exponential_psp(t, 20, taus["c"], 200)
        pool.update()
    np.testing.assert_allclose(pool.v + 60, expected, rtol=1e-11, atol=1e-12)


def test_a_jump_is_a_jump():
    pool = make(Silent, {"syn": iz.VoltageJump()}, dt=0.5)
    add(pool, syn=4.0)
    (v,) = traces(pool, "v", n_steps=20)
    np.testing.assert_allclose(v + 60, 4 * np.exp(-0.5 * np.arange(20) / 20), rtol=1e-12)


def test_a_pulse_is_an_input_of_one_step():
    pulsed, driven = (
        make(iz.Izhikevich, {"a": iz.CurrentPulse(), "b": iz.CurrentPulse}),
        iz.Pool(1, dtype="float64"),
    )
    for k in range(200):
        weight = (7 * k) % 13
        add(pulsed, a=weight, b=1.0)
        driven.clamp_input(weight + 1.0)
        assert pulsed.update().tolist() == driven.update().tolist()
    assert (pulsed.v[0], pulsed.u[0]) == (driven.v[0], driven.u[0])


def test_the_block_by_magnesium():
    v = np.linspace(-90, 40, 27)
    current = iz.NMDA.current(2.0, v, 0.0, 1.5)
    np.testing.assert_allclose(current, -2 * v / (1 + 1.5 / 3.57 * np.exp(-0.062 * v)), rtol=1e-14)
    free = iz.NMDA.current(1.0, v, 0.0, 0.0)
    np.testing.assert_allclose(free, -v)
    share = iz.NMDA.current(1.0, np.array([-80.0, 0.5]), 0.0, 1.0) / np.array([80.0, -0.5])
    assert share == pytest.approx([0.0244, 0.786], abs=2e-3)  # figure 4 of Jahr and Stevens, 1 mM


def test_gaba_b_is_for_bursts():
    assert iz.GABA_B.current(0.1, -60.0, 1.0, -95.0, 100.0) == pytest.approx(-35e-6, rel=1e-3)
    assert iz.GABA_B.current(10.0, -60.0, 1.0, -95.0, 100.0) == pytest.approx(-35 / 1.01)


# ---- Schemes

MIXED = {"ampa": iz.AMPA(), "gaba": iz.GABA_A(), "nmda": iz.NMDA(tau_decay=20.0)}
START = {"g_ampa": 12.0, "g_gaba": 20.0, "x_nmda": 15.0, "s_sat": 2.0, "g_of": 3.0}


def truth(model, values, duration):
    def rates(t, x):
        given = {**values, **dict(zip(model.states, x, strict=True)), "I": 0.0, "t": t}
        return call(type(model).derivatives, given)

    start = [values[name] for name in model.states]
    return solve_ivp(rates, (0, duration), start, method="DOP853", rtol=1e-13, atol=1e-13).y[:, -1]


ORDERS = {"euler": 1, "exponential_euler": 1, "exponential_midpoint": 2, "heun": 2, "rk4": 4}
FED = {
    "conductances": {"ampa": iz.AMPA(), "gaba": iz.GABA_A()}, "nmda": MIXED,
    "nonlinear": MIXED | {"sat": Saturating(), "of": OfVoltage()},
}  # fmt: skip
# Each scheme and each kind of receptor once or twice; all of them take long to compile. With exponential_midpoint
# others than conductances are between orders 1 and 2, as slopes are differences over 1 mV.
USUAL_ORDERS = [
    ("euler", "conductances"), ("exponential_midpoint", "conductances"), ("heun", "conductances"),
    ("exponential_euler", "nmda"), ("exponential_euler", "nonlinear"), ("rk4", "nonlinear"),
]  # fmt: skip
MORE_ORDERS = [
    pytest.param(scheme, fed, marks=pytest.mark.slow)
    for scheme in ORDERS
    for fed in FED
    if (scheme, fed) not in USUAL_ORDERS and (scheme != "exponential_midpoint" or fed == "conductances")
]


@pytest.mark.parametrize(("scheme", "fed"), [*USUAL_ORDERS, *MORE_ORDERS])
def test_order_of_convergence(scheme, fed):
    receptors, order = FED[fed], ORDERS[scheme]
    model = iz.compose(Silent, receptors)
    values = model.start(**{one: value for one, value in START.items() if one in model.states})
    values |= {one: call(constant.function, values) for one, constant in model.constants.items()}
    exact = truth(model, values, 8.0)
    errors = []
    for dt in (0.25, 0.125, 0.0625):
        pool = iz.Pool(1, model, dt=dt, scheme=scheme, dtype="float64")
        pool.set(**{one: values[one] for one in model.states})
        pool.run(8.0)
        errors.append(abs(pool.v[0] - exact[0]))
    assert np.log2(errors[1] / errors[2]) == pytest.approx(order, abs=0.25)


@pytest.mark.parametrize(("scheme", "most"), [("rk4", 2e-4), ("exponential_midpoint", 0.03), ("heun", 0.06)])
def test_stages_of_a_step_have_the_exact_conductances(scheme, most):
    """The error of one step while an alpha conductance rises; with what rk4 made of it, it was 3e-3 mV."""
    receptors = {"exc": iz.AlphaConductance(tau=0.2), "inh": iz.ExponentialConductance(tau=2.0, E=-85.0)}
    model = iz.compose(Silent, receptors)
    values = model.start(x_exc=20.0, g_inh=15.0)
    pool = iz.Pool(1, model, dt=0.1, scheme=scheme, dtype="float64")
    pool.set(x_exc=20.0, g_inh=15.0)
    pool.update()
    assert abs(pool.v[0] - truth(model, values, 0.1)[0]) < most


def test_a_large_conductance_is_stable():
    pool = make(Silent, {"ampa": iz.AMPA()}, dt=1.0)
    assert pool.scheme == "exponential_euler"
    add(pool, ampa=1e6)
    (v,) = traces(pool, "v", n_steps=20)
    assert (np.abs(v) < 1).all()


@pytest.mark.filterwarnings("ignore::izhi_numba.DoubtfulWarning")  # the step is long, and exact
def test_a_conductance_that_is_held_is_exact():
    pool = make(Silent, {"ampa": iz.ExponentialConductance(tau=1e12)}, dt=2.0)
    add(pool, ampa=30.0)
    (v,) = traces(pool, "v", n_steps=20)
    rest, tau = -600 / 40, 200 / 40
    np.testing.assert_allclose(v, rest + (-60 - rest) * np.exp(-2.0 * np.arange(1, 21) / tau), rtol=1e-10)


@pytest.mark.parametrize(
    ("model", "receptors", "scheme"),
    [
        (iz.LeakyIntegrateAndFire, {"a": iz.AlphaCurrent}, "exact"),
        (iz.LeakyIntegrateAndFire, {"a": iz.VoltageJump, "b": iz.CurrentPulse}, "exact"),
        (iz.LeakyIntegrateAndFire, {"a": iz.AlphaCurrent, "b": iz.AMPA}, "exponential_euler"),
        (iz.LeakyIntegrateAndFire, {"a": Saturating}, "exponential_euler"),
        (iz.HodgkinHuxley, {"a": iz.NMDA}, "exponential_midpoint"),
        (iz.AdEx, {"a": iz.AMPA}, "heun"),
        (iz.Izhikevich, {"a": iz.AlphaCurrent}, "net2003"),
    ],
)
def test_usual_schemes(model, receptors, scheme):
    assert iz.Pool(1, iz.compose(model, receptors)).scheme == scheme


def test_schemes_that_do_not_suit_are_refused_with_the_reason():
    with pytest.raises(
        ValueError, match=r"'exact' does not suit LeakyIntegrateAndFire\+a: the derivative of v is"
    ):
        make(iz.LeakyIntegrateAndFire, {"a": iz.AMPA}, scheme="exact")
    with pytest.raises(ValueError, match="the derivative of v is not linear in v"):
        make(iz.Izhikevich, {"a": iz.AMPA}, scheme="exponential_euler")


# ---- Beside the slow simulator

ALL = {
    "ampa": iz.AMPA(), "gaba": iz.GABA_A(), "nmda": iz.NMDA(), "slow": iz.GABA_B(g_max=20.0),
    "jump": iz.VoltageJump(), "pulse": iz.CurrentPulse(), "sat": Saturating(),
}  # fmt: skip
CURRENTS = {"a": iz.AlphaCurrent(tau=3.0), "b": iz.ExponentialCurrent(tau=9.0), "jump": iz.VoltageJump()}


class ByName(iz.AdEx):
    """Dictionaries, and the voltage last."""

    voltage = "V"

    q = iz.State(0.0)
    V = iz.State(-70.0)

    def derivatives(v, w, q, V, I, C):
        return {"w": 0.0, "v": 0.0, "V": (-10 * (V + 70) - q + I) / C, "q": -q / 50}

    def threshold(V):
        return V >= -50

    def reset(q):
        return {"V": -70.0, "q": q + 40}


@pytest.mark.parametrize(
    ("model", "receptors", "scheme", "drive"),
    [
        (iz.AdEx, ALL, "heun", 500.0), pytest.param(iz.AdEx, ALL, "euler", 500.0, marks=pytest.mark.slow),
        (ByName, ALL, "rk4", 300.0), (iz.LeakyIntegrateAndFire, ALL, "exponential_euler", 150.0),
        pytest.param(
            iz.LeakyIntegrateAndFire, MIXED, "exponential_midpoint", 300.0, marks=pytest.mark.slow
        ),
        (iz.LeakyIntegrateAndFire, CURRENTS, "exact", 150.0),
        pytest.param(
            iz.Izhikevich2007, {"ampa": iz.AMPA(), "n": iz.NMDA()}, "fig2003", 50.0, marks=pytest.mark.slow
        ),
        (iz.HodgkinHuxley, {"ampa": iz.AMPA(), "n": iz.NMDA(), "j": iz.VoltageJump()}, "exponential_euler", 0.0),
    ],
)  # fmt: skip
def test_pools_spike_as_the_plain_functions_do(model, receptors, scheme, drive):
    n, n_steps, composed = 10, 500, iz.compose(model, receptors)
    dt = min(composed.dt, 0.1)
    rng = np.random.default_rng(3)
    size = {"slow": 0.1, "pulse": 200.0, "sat": 0.3, "a": 60.0, "b": 60.0}
    come = rng.random((n_steps, len(receptors), n)) < 0.01
    weights = come * rng.random((n_steps, len(receptors), n))
    weights *= np.array([size.get(name, 5.0) for name in receptors])[:, None]
    given = [dict(zip(receptors, row, strict=True)) for row in weights]
    pool = iz.Pool(n, composed, dt=dt, scheme=scheme, dtype="float64")
    pool.drive(pool, np.linspace(drive, 2 * drive, n))
    values = {name: array[:n].copy() for name, array in inside.population(pool).arrays.items()}
    spikes = []
    for k in range(n_steps):
        add(pool, **given[k])
        spikes += [(k + 1, i) for i in pool.update().tolist()]
    steps, neurons, end = reference.simulate_model(
        type(composed), values, lambda k: np.linspace(drive, 2 * drive, n), n_steps, dt, scheme,
        arriving=lambda k: given[k],
    )  # fmt: skip
    assert spikes == list(zip(steps.tolist(), neurons.tolist(), strict=True))
    assert len(spikes) > 10
    for name in composed.states:
        np.testing.assert_allclose(getattr(pool, name), end[name], rtol=1e-6, atol=1e-9)


# ---- Refractory period


@pytest.mark.parametrize("receptor", [iz.ExponentialCurrent(tau=8.0), iz.ExponentialConductance(tau=8.0)])
def test_receptors_go_on_while_the_voltage_is_held(receptor):
    pool = make(iz.LeakyIntegrateAndFire, {"syn": receptor}, dt=0.5)
    pool.v = -49.9
    variable = next(iter(receptor.states)) + "_syn"
    pool.drive(pool, 200.0)
    assert pool.update().tolist() == [0]
    add(pool, syn=10.0)
    v, kept = traces(pool, "v", variable, n_steps=12)
    assert (v[:10] == -60).all()  # t_ref is 5 ms
    assert (v[10:] > -60).all()
    np.testing.assert_allclose(kept, 10 * np.exp(-0.5 * np.arange(1, 13) / 8), rtol=1e-12)


def test_the_step_after_the_refractory_period_is_exact():
    pool = make(iz.LeakyIntegrateAndFire, {"syn": iz.ExponentialCurrent(tau=8.0)}, dt=0.5)
    pool.v = 0.0
    pool.update()
    add(pool, syn=100.0)
    (v,) = traces(pool, "v", n_steps=15)
    left = 100 * np.exp(-5 / 8)
    np.testing.assert_allclose(
        v[10:] + 60, left * exponential_psp(0.5 * np.arange(1, 6), 20, 8, 200), rtol=1e-11
    )


def test_jumps_are_lost_in_the_refractory_period():
    pool = make(
        iz.LeakyIntegrateAndFire(t_ref=1.0), {"syn": iz.VoltageJump(), "p": iz.CurrentPulse()}, dt=0.5
    )
    pool.v = 0.0
    assert pool.update().tolist() == [0]
    for _ in range(2):
        add(pool, syn=5.0, p=100.0)
        pool.update()
        assert pool.v[0] == -60
    add(pool, syn=5.0)
    pool.update()
    assert pool.v[0] == -55


def test_jumps_reach_a_model_whose_voltage_is_not_held():
    class Free(iz.HodgkinHuxley):
        refractory = "t_ref"
        t_ref = iz.Parameter(10.0)

    pools = [make(Free, {"syn": iz.VoltageJump()}) for _ in range(2)]
    for pool in pools:
        add(pool, syn=60.0)
        traces(pool, "v", n_steps=100)
    add(pools[0], syn=3.0)
    v = [traces(pool, "v", n_steps=1)[0, 0] for pool in pools]
    assert v[0] > v[1] + 1


# ---- Users' own


def test_a_map_has_receptors():
    class Adding(iz.Model):
        v = iz.State(0.0)
        w = iz.State(5.0)

        def advance(v, I):
            return {"v": v + I}

        def threshold(v):
            return v >= 100

        def reset():
            return {"v": 0.0}

    pool = make(
        Adding, {"a": iz.AlphaCurrent(tau=2.0), "p": iz.CurrentPulse(), "j": iz.VoltageJump()}, dt=1.0
    )
    assert pool.scheme == "advance"
    add(pool, a=3.0, p=10.0, j=0.5)
    v, current = traces(pool, "v", "i_a", n_steps=5)
    np.testing.assert_allclose(current, 3 * alpha(np.arange(1.0, 6), 2.0), rtol=1e-12)
    np.testing.assert_allclose(v, 10.5 + np.cumsum([0, *current[:-1]]), rtol=1e-12)
    assert pool.w[0] == 5
    with pytest.raises(
        TypeError, match="'s': Adding states itself how it advances, and Saturating has derivatives"
    ):
        iz.compose(Adding, {"s": Saturating})


def test_constants_and_defaults_of_a_receptor_and_its_rest():
    class Own(iz.Receptor):
        tau = iz.Parameter(5.0)
        rest = iz.Parameter(2.0)
        i = iz.State(lambda rest: rest)
        decay = iz.Constant(lambda tau, dt: np.exp(-dt / tau))
        double = iz.Constant(lambda decay: 2 * decay)

        def derivatives(i, tau, rest):
            return (rest - i) / tau

        def current(i, double):
            return double * i

    model = iz.compose(Silent, {"own": Own(rest=3.0)})
    assert constant_names(type(model), "euler")[:2] == ("decay_own", "double_own")
    pool = iz.Pool(2, model, dtype="float64", dt=0.5, scheme="euler")
    assert pool.i_own.tolist() == [3.0, 3.0]
    pool.tau_own = [5.0, 10.0]
    pool.i_own[:] = 7.0
    pool.update()
    tau = np.array([5.0, 10.0])
    np.testing.assert_allclose(pool.i_own, 3 + 4 * np.exp(-0.5 / tau), rtol=1e-13)
    np.testing.assert_allclose(pool.v, -60 + 0.5 * 2 * np.exp(-0.5 / tau) * 7 / 200, rtol=1e-13)


def test_a_receptor_inherits_and_takes_numbers_as_defaults():
    class Slow(iz.AMPA):
        tau = 50.0

    assert iz.compose(Silent, {"a": Slow}).start()["tau_a"] == 50
    assert repr(Slow(E=5)) == "Slow(E=5.0)"


def test_composed_models_are_models_of_their_kind():
    bare = iz.LeakyIntegrateAndFire(C=150.0)
    assert iz.compose(bare, {}) is bare
    model = iz.compose(bare, {"a": iz.AMPA(tau=7.0)})
    assert isinstance(model, iz.LeakyIntegrateAndFire)
    assert repr(model) == "LeakyIntegrateAndFire(C=150.0, tau_a=7.0) with a"
    assert model.receptors == {"a": "g_a"}
    assert model.start()["tau_a"] == 7
    assert iz.LeakyIntegrateAndFire.receptors == {}
    more = iz.compose(model, {"b": iz.VoltageJump, "c": iz.GABA_A})
    assert more.receptors == {"a": "g_a", "b": "jump_b", "c": "g_c"}
    assert type(more).bare is iz.LeakyIntegrateAndFire
    assert more.hidden() == ("jump_b", "refractory_steps_left")
    result = iz.simulate(more, 300.0, 50.0, g_a=5.0)
    assert len(result.g_a) == len(result.v)
    assert asked_names(type(model).derivatives)[:3] == ("v", "I", "C")


def test_traces_of_receptors_are_recorded():
    pool = iz.Pool(3, iz.compose(iz.AdEx, {"a": iz.AMPA()}), dt=0.5)
    pool.record("g_a")
    pool.g_a[1] += 2.0
    trace = pool.run(5.0).traces["g_a"][:, 1]
    np.testing.assert_allclose(trace, 2 * np.exp(-0.5 * np.arange(1, 11) / 5), rtol=1e-6)


# ---- Rows


@pytest.mark.parametrize(
    ("receptors", "scheme", "rows"),
    [
        ({"a": iz.ExponentialCurrent}, "exact", 5), ({"a": iz.AlphaCurrent}, "exact", 7),
        ({"a": iz.ExponentialCurrent, "b": iz.ExponentialCurrent}, "exact", 7),
        ({"a": iz.VoltageJump, "b": iz.CurrentPulse}, "exact", 3),
        ({"a": iz.AMPA, "b": iz.AlphaConductance}, "euler", 3),
    ],
)  # fmt: skip
def test_no_row_of_factors_is_made_that_is_zero_or_there_twice(receptors, scheme, rows):
    kind = type(iz.compose(iz.LeakyIntegrateAndFire, receptors))
    assert len([name for name in constant_names(kind, scheme) if "exact" in name]) == rows


def test_parameters_that_change_which_factors_there_are_are_refused():
    class Switch(iz.Receptor):
        x = iz.State(0.0)
        i = iz.State(0.0)
        on = iz.Parameter(0.2)

        def derivatives(x, i, on):
            return -x / 5 - (i / 7 if on > 5 else 0), -i / 3 + x

        def current(i):
            return i

    pool = make(Silent, {"a": Switch}, scheme="euler")
    pool.run(1.0)
    pool.on_a = 6.0
    with pytest.raises(
        ValueError, match="Switch: its variables act on each other with these parameters, and do not"
    ):
        pool.run(1.0)
    pool = make(Silent, {"a": Switch})
    pool.on_a = 6.0
    with pytest.raises(ValueError, match="one or the other; take another scheme"):
        pool.run(1.0)


def test_factors_of_a_leaky_neuron_are_all_there():
    assert factors_of(iz.LeakyIntegrateAndFire).free == (0, 1, 2)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("receptor", [iz.ExponentialCurrent, iz.AMPA])
def test_what_has_decayed_to_nothing_is_zero(dtype, receptor):
    pool = make(Silent, {"a": receptor(tau=0.1)}, dtype=dtype)
    add(pool, a=1.0)
    (kept,) = traces(pool, pool.model.receptors["a"], n_steps=700)
    assert kept[-1] == 0
    assert kept[kept > 0].min() > np.finfo(dtype).tiny


# ---- Machine code


def test_nothing_is_compiled_again_for_other_values_and_names_of_classes():
    def use(n, **values):
        pool = iz.Pool(n, iz.compose(iz.AdEx, {"a": iz.AMPA(**values), "b": iz.GABA_A()}))
        pool.set(tau_b=np.linspace(3, 9, n))
        pool.run(2.0)

    use(3)
    with numba.core.event.install_recorder("numba:compile") as recorder:
        use(300, tau=3.0, E=5.0)
    assert not recorder.buffer


COMPOSED = """
import izhi_numba as iz
def composed(name, model, **receptors):
    made = iz.compose(model, receptors)
    setattr(iz, name, lambda: made)
composed("Currents", iz.LeakyIntegrateAndFire, a=iz.AlphaCurrent, j=iz.VoltageJump)
composed("Coba", iz.LeakyIntegrateAndFire, a=iz.AMPA, b=iz.GABA_A)
composed("Four", iz.AdEx, a=iz.AMPA, b=iz.GABA_A, c=iz.NMDA, d=iz.GABA_B)
composed("Iz", iz.Izhikevich, a=iz.AMPA, b=iz.CurrentPulse)
"""
UPDATES = ["Currents-exact", "Coba-exponential_euler", "Iz-net2003"]
MORE_UPDATES = ["Coba-euler", "Four-heun"]


@pytest.mark.skipif(platform.machine().lower() not in ("x86_64", "amd64"), reason="reads x86 assembly")
@pytest.mark.parametrize(
    "updates", [UPDATES, pytest.param(MORE_UPDATES, marks=pytest.mark.slow)], ids=["some", "more"]
)
def test_single_precision_updates_are_vectors_of_single_precision(tmp_path, updates):
    names = [f"{name}-float32" for name in updates]
    run_script(COMPOSED + ASSEMBLY, tmp_path, *names)
    for name in names:
        text = (tmp_path / f"{name}.s").read_text()
        assert len(re.findall(r"\bv(?:fn?m(?:add|sub)\d+ps|mulps|addps|subps)\b[^\n]*%[yz]mm", text)) >= 8, (
            name
        )
        assert not instructions(text, r"v?cvt(?:ss2sd|ps2pd)"), name
        assert not instructions(text, r"v?(?:mul|add|sub|div|sqrt|fn?m\w+)(?:sd|pd)"), name
        assert len(instructions(text, r"callq?")) <= 1, name


# ---- Messages


def rates(g):
    return -g


def nothing(g):
    return g


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"derivatives": rates, "current": nothing}, "Bad: no variable declared; add one that receives the weights"),
        ({"g": iz.State(0.0), "current": nothing}, "Bad: the function 'derivatives' is missing: how its variables"),
        ({"g": iz.State(0.0), "derivatives": rates}, "Bad: the function 'current' is missing: what is added to I"),
        ({"g": iz.State(0.0), "derivatives": rates, "current": lambda g, w: g},
         "Bad.current: asks for 'w'; it can ask for g, v, t, dt"),
        ({"g": iz.State(0.0), "derivatives": lambda g, I: g, "current": nothing},
         "Bad.derivatives: asks for 'I'; it can ask for g, v, t, dt"),
        ({"g": iz.State(0.0), "derivatives": rates, "current": lambda self, g: g},
         r"asks for 'self'; .* \(a receptor's functions take no self\)"),
        ({"v": iz.State(0.0), "derivatives": rates, "current": nothing}, "'v' is the name of what a step is given"),
        ({"states": iz.State(0.0), "derivatives": rates, "current": nothing}, "a receptor has its own 'states'"),
        ({"g": iz.State(), "derivatives": rates, "current": nothing}, "Bad.g: a default is missing"),
        ({"g": iz.State(0.0, dtype="float64"), "derivatives": rates, "current": nothing},
         "Bad.g: variables of receptors have the precision of the pool; leave out the dtype"),
        ({"g": iz.State(0.0), "adds_to": "w"}, "Bad.adds_to: expected 'v', 'I' or '', got 'w'"),
        ({"g": iz.State(0.0), "adds_to": "v", "current": nothing},
         "Bad: with adds_to it has one variable, and nothing else; it has g, current"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_receptor_is_told_where_it_is_declared(members, message):
    with pytest.raises(TypeError, match=message):
        type("Bad", (iz.Receptor,), members)


def receptor(current=nothing, derivatives=rates):
    members = {"g": iz.State(0.0), "current": current, "derivatives": derivatives}
    return type("Odd", (iz.Receptor,), members)


def drawn(g):
    return g + np.random.normal()  # noqa: NPY002


def asserted(g):
    assert g < 1e9
    return g


def printed(g):
    print(g)  # noqa: T201
    return g


@pytest.mark.parametrize(
    ("receptors", "error", "message"),
    [
        ([iz.AMPA()], TypeError, r"receptors: expected names, as in \{'ampa': iz.AMPA\(\)\}, got \[AMPA\(\)\]"),
        ({"a b": iz.AMPA()}, ValueError, "'a b' cannot be a receptor's name, since its variables are g_a b and so on"),
        ({"class": iz.AMPA()}, ValueError, "'class' cannot be a receptor's name"),
        ({3: iz.AMPA()}, ValueError, "3 cannot be a receptor's name"),
        ({"a": iz.AdEx()}, TypeError, r"receptor 'a': expected one such as iz.AMPA\(\), got AdEx\(\)"),
        ({"a": 5.0}, TypeError, "receptor 'a': expected one such as"),
        ({"L": type("G", (iz.AMPA,), {}), "b_L": iz.AMPA}, ValueError, "never"),
        ({"a": receptor(lambda g: None)}, TypeError, "Odd.current: returns None, expected a number; is a return"),
        ({"a": receptor(lambda g: [g])}, TypeError, r"Odd.current: returns \[.*\], expected a number"),
        ({"a": receptor(lambda g: g / {}["x"])}, TypeError, "Odd.current, line .*test_receptors.py: 'x'"),
        ({"a": receptor(derivatives=lambda g: (g, g))}, TypeError, "Odd.derivatives: returns 2 values, expected 1"),
        ({"a": receptor(derivatives=lambda g: {"h": g})}, TypeError, "Odd.derivatives: returns 'h', which is no var"),
        ({"a": receptor(drawn)}, TypeError, "Odd.current: draws random numbers from numpy.random"),
        ({"a": receptor(derivatives=drawn)}, TypeError, "Odd.derivatives: draws random numbers"),
        ({"a": receptor(asserted)}, TypeError, "Odd.current: raises errors, which compiled code of a receptor cannot"),
        ({"a": receptor(derivatives=asserted)}, TypeError, "Odd.derivatives: raises errors"),
        ({"a": receptor(derivatives=printed)}, TypeError, "Odd.derivatives: prints"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_receptors_is_told(receptors, error, message):
    if message == "never":
        with pytest.raises(ValueError, match="receptor 'L': its g would be g_L, which AdEx has already"):
            iz.compose(iz.AdEx, receptors)
        return
    with pytest.raises(error, match=message):
        iz.compose(iz.AdEx, receptors)


def test_errors_of_a_model_with_receptors_are_found_in_its_own_functions():
    class Careful(iz.Model):
        v = iz.State(0.0)

        def derivatives(v, I):
            return asserted(I - v)

        def threshold(v):
            return v >= 5

    pool = iz.Pool(1, Careful, receptors={"a": iz.AMPA()})
    with pytest.raises(TypeError, match=r"Careful.derivatives: raises errors, .* of a model cannot"):
        pool.prepare()


def test_a_name_is_given_once():
    model = iz.compose(iz.AdEx, {"a": iz.AMPA()})
    with pytest.raises(ValueError, match=r"receptor 'a': AdEx\+a has one already; choose another name"):
        iz.compose(model, {"a": iz.AlphaCurrent()})
    with pytest.raises(TypeError, match="model: expected a model such as"):
        iz.compose(iz.AMPA(), {"a": iz.AMPA()})
    with pytest.raises(TypeError, match="AMPA: no parameter 'C'; there are g, tau, E"):
        iz.AMPA(C=3.0)


def test_a_model_that_knows_no_input_is_refused():
    class Deaf(iz.Model):
        v = iz.State(0.0)

        def derivatives(v):
            return 1.0 - v

        def threshold(v):
            return v >= 5

    message = "Deaf.derivatives: does not ask for I, so that the currents of receptors would be lost"
    for one in (iz.AMPA, iz.CurrentPulse):
        with pytest.raises(TypeError, match=message):
            iz.compose(Deaf, {"a": one})
    pool = make(Deaf, {"a": iz.VoltageJump}, dt=0.1)
    add(pool, a=6.0)
    assert pool.update().tolist() == [0]


def test_what_cannot_be_compiled_is_told_in_the_receptors_words():
    def current(g):
        return sum([g, g])

    pool = iz.Pool(1, iz.compose(iz.AdEx, {"a": receptor(current)}))
    with pytest.raises(TypeError, match=r"Odd.current, line \d+ of .*test_receptors.py: cannot be compiled"):
        pool.run(1.0)


def test_a_model_with_receptors_is_shown_with_their_names():
    assert repr(iz.compose(iz.AdEx, {"ampa": iz.AMPA})) == "AdEx with ampa"
    model = iz.compose(iz.AdEx(a=3), {"ampa": iz.AMPA(tau=2.0), "gaba": iz.GABA_A})
    assert repr(model) == "AdEx(a=3.0, tau_ampa=2.0) with ampa, gaba"
    assert repr(iz.compose(model, {"slow": iz.GABA_B})) == "AdEx(a=3.0, tau_ampa=2.0) with ampa, gaba, slow"
    assert repr(iz.Pool(3, model)) == "<pool: 3 neurons, AdEx(a=3.0, tau_ampa=2.0) with ampa, gaba>"
    assert repr(iz.Network().pool("a", 3, iz.AdEx)) == "<pool 'a': 3 neurons, AdEx>"


def test_normal_weights_of_a_conductance_need_a_bound():
    pool = iz.Pool(10, iz.AdEx, receptors={"ampa": iz.AMPA})
    message = r"got weights from -5.8 to 7.8; .*; give the distribution low=0, or .clip\(low=0\)$"
    with pytest.raises(ValueError, match=message):
        pool.connect(pool, pool, rule=iz.all_to_all(), weight=iz.normal(1.0, 1.0))
    pool.connect(pool, pool, rule=iz.all_to_all(), weight=iz.normal(1.0, 1.0, low=0))
    with pytest.raises(ValueError, match=r"the weight -1; inhibition is in its reversal potential$"):
        pool.connect(pool, pool, rule=iz.all_to_all(), weight=-1.0)


def test_the_figures_of_the_documentation_of_traces():
    pool = iz.Pool(1, iz.LeakyIntegrateAndFire, receptors={"ampa": iz.AMPA})
    pool.record("g_ampa")
    pool.record("I")
    pool.g_ampa = 1.5
    result = pool.run(1.0)
    assert round(float(result.traces["g_ampa"].max()), 3) == 1.470
    assert not result.traces["I"].any()


@pytest.mark.parametrize("kind", SHIPPED, ids=lambda kind: kind.__name__)
def test_shipped_receptors_say_what_a_weight_is_and_where_they_are_from(kind):
    for word in ("weight", "Source:", "Examples"):
        assert word in kind.__doc__
    assert kind.__name__ in iz.__all__


@pytest.mark.parametrize("tau", [0.0, -5.0])
def test_a_time_constant_is_above_0(tau):
    """One below 0 let the receptor grow."""
    with pytest.raises(ValueError, match=f"^AMPA: tau: expected a number above 0, got {tau:g}$"):
        iz.AMPA(tau=tau)
    with pytest.raises(ValueError, match=r"^NMDA: tau_decay: expected a number above 0"):
        iz.NMDA(tau_decay=tau)

    class Bending(iz.Receptor):
        s = iz.State(0.0)
        tau_s = iz.Parameter(4.0)

        def derivatives(s, tau_s):
            return -s * (1 + s) / tau_s

        def current(s):
            return s

    for model, receptor, name in (
        (iz.Izhikevich, iz.AMPA, "tau_r"),
        (iz.LeakyIntegrateAndFire, iz.ExponentialCurrent, "tau_r"),
        (iz.Izhikevich, Bending, "tau_s_r"),
    ):
        pool = iz.Pool(3, model, receptors={"r": receptor})
        getattr(pool, name)[1] = tau
        for act in (pool.update, pool.step):
            with pytest.raises(
                ValueError, match=f"^{name}: expected a number above 0, got {tau:g} for neuron 1$"
            ):
                act()
