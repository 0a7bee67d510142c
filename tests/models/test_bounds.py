"""What is not possible for a parameter is refused, wherever it is given."""

import numpy as np
import pytest

import izhi_numba as iz

SHIPPED = [
    (iz.LeakyIntegrateAndFire, {"C": -200, "g_L": -10, "t_ref": -5}),
    (iz.AdaptiveThresholdIntegrateAndFire, {"C": 0, "g_L": -1, "t_ref": -5, "tau_theta": 0}),
    (iz.QuadraticIntegrateAndFire, {"C": 0, "g_L": -10, "t_ref": -5}),
    (iz.ExponentialIntegrateAndFire, {"C": 0, "g_L": -10, "Delta_T": 0, "t_ref": -5}),
    (iz.AdEx, {"C": -281, "g_L": -30, "Delta_T": -2, "tau_w": -144, "t_ref": -1}),
    (iz.ClopathAdEx, {"C": 0, "g_L": -1, "Delta_T": 0, "tau_w": 0, "tau_z": 0, "tau_VT": 0, "t_clamp": -1}),
    (iz.ClopathAdEx, {"tau_plus": 0, "tau_minus": 0}),
    (iz.HodgkinHuxley, {"C": -1, "g_L": -1, "g_Na": -1, "g_K": -1}),
    (iz.HodgkinHuxley1952, {"C": 0, "g_L": -1, "g_Na": -1, "g_K": -1}),
    (iz.MorrisLecar, {"C": 0, "g_Ca": -1, "g_K": -1, "g_L": -1, "V_2": 0, "V_4": 0, "phi": -1}),
    (iz.FitzHughNagumo, {"tau": 0}),
    (iz.Izhikevich2007, {"C": 0, "k": -1}),
]
EACH = [(model, name, value) for model, wrong in SHIPPED for name, value in wrong.items()]


@pytest.mark.parametrize(("model", "name", "value"), EACH)
def test_shipped_models_refuse_what_is_impossible(model, name, value):
    bound = model.parameters[name]
    words = f"above {bound.above:g}" if bound.above is not None else f"of at least {bound.at_least:g}"
    with pytest.raises(
        ValueError, match=f"^{model.__name__}: {name}: expected a number {words}, got {value:g}$"
    ):
        model(**{name: value})
    pool = iz.Pool(4, model)
    before = getattr(pool, name).copy()
    for act in (
        lambda: setattr(pool, name, value), lambda: pool[1:3].set(**{name: value}),
        lambda: pool.set(**{name: [before[0], value, value, before[0]]}),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=f"{name} of .*: expected a number {words}, got {value:g}"):
            act()
        assert getattr(pool, name).tolist() == before.tolist()


@pytest.mark.parametrize("model", [iz.LeakyIntegrateAndFire, iz.AdEx, iz.HodgkinHuxley])
def test_what_is_written_into_an_array_is_refused_by_the_next_call(model):
    pool = iz.Pool(5, model, seed=1)
    pool.run(1.0)
    pool.C[3] = -200
    for act in (pool.update, lambda: pool.run(1.0), lambda: pool.step(1)):
        with pytest.raises(ValueError, match=r"^C: expected a number above 0, got -200 for neuron 3$"):
            act()
    assert pool.t == 1.0
    pool.C[3] = 100
    pool.run(1.0)
    assert np.isfinite(pool.v).all()


def test_a_model_of_ones_own_says_what_is_possible():
    class Leaky(iz.Model):
        v = iz.State(-70.0)
        gain = iz.Parameter(1.0, range=(0, 2), at_least=0)
        scale = iz.Parameter(2.0, above=1.5)
        count = iz.Parameter(2.0, at_most=9, is_whole=True)
        hold = iz.Parameter(2.0)
        refractory = "hold"

        def derivatives(v, I, gain, scale):
            return (-v + gain * I) / scale

        def threshold(v):
            return v > 0

        def reset():
            return -70.0

    assert Leaky(gain=0.0).default_of("gain") == 0
    for wrong, message in (
        ({"gain": -0.1}, "Leaky: gain: expected a number of at least 0, got -0.1"),
        ({"scale": 1.5}, "Leaky: scale: expected a number above 1.5, got 1.5"),
        ({"count": 9.5}, "Leaky: count: expected a number of at most 9, got 9.5"),
        ({"count": -0.5}, "Leaky: count: expected a whole number, got -0.5"),
        ({"hold": -1}, "Leaky: hold: expected a number of at least 0, got -1"),
    ):
        with pytest.raises(ValueError, match=f"^{message}$"):
            Leaky(**wrong)
    pool = iz.Pool(2, Leaky)
    with pytest.raises(ValueError, match=r"count of .*: expected a whole number, got 2.5 for neuron 1$"):
        pool.set(count=[1, 2.5])
    pool.scale[1] = 1.0
    with pytest.raises(ValueError, match=r"^scale: expected a number above 1\.5, got 1 for neuron 1$"):
        pool.run(1.0)


@pytest.mark.parametrize(
    ("parameter", "message"),
    [
        (iz.Parameter(-1.0, above=0), "Bad.x, its default: expected a number above 0, got -1"),
        (
            iz.Parameter(1.0, range=(-1, 3), at_least=0),
            "Bad.x, its range: expected a number of at least 0, got -1",
        ),
    ],
)
def test_a_declaration_that_contradicts_itself(parameter, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        type("Bad", (iz.LeakyIntegrateAndFire,), {"x": parameter})
