"""The neuron of Clopath et al. (2010): what a spike does, its filtered voltages, and its smooth part."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import izhi_numba as iz

DT = 0.1
P = {name: parameter.default for name, parameter in iz.ClopathAdEx.parameters.items()}
VARIABLES = list(iz.ClopathAdEx.states)


def spiking(n_steps=400, **parameters):
    """Variables of a neuron before and after each step, from rest to a spike and on, and the step of the spike."""
    pool = iz.Pool(1, iz.ClopathAdEx(**parameters), dt=DT, dtype="float64", threads=1)
    pool.drive(pool, 1500.0)
    pool.record(VARIABLES)
    result = pool.run(n_steps * DT)
    x = {name: result.traces[name].ravel() for name in VARIABLES}
    return x, int(np.rint(result.spikes.t[0] / DT)) - 1, result


def test_a_spike_is_held_and_comes_down():
    x, k, _ = spiking()
    steps = round(P["t_clamp"] / DT)
    np.testing.assert_array_equal(x["v"][k : k + steps], P["V_peak"])
    assert x["v"][k + steps] == P["V_reset"]
    np.testing.assert_array_equal(x["held"][k : k + steps + 2], [*range(steps, -1, -1), 0])
    np.testing.assert_array_equal(x["w"][k : k + steps + 1], x["w"][k])
    assert x["z"][k] == P["I_sp"]
    assert x["V_T"][k] == P["V_T_max"]


def test_w_takes_b_in_the_step_of_the_spike():
    with_b, k, _ = spiking(b=80.5)
    without, same, _ = spiking(b=0.0)
    assert k == same
    assert with_b["w"][k] - without["w"][k] == pytest.approx(80.5, abs=1e-9)


def test_what_decays_after_a_spike_does_so_exactly():
    x, k, _ = spiking()
    t = DT * np.arange(100)
    np.testing.assert_allclose(x["z"][k : k + 100], P["I_sp"] * np.exp(-t / P["tau_z"]), rtol=1e-12)
    above = (P["V_T_max"] - P["V_T_rest"]) * np.exp(-t / P["tau_VT"])
    np.testing.assert_allclose(x["V_T"][k : k + 100] - P["V_T_rest"], above, rtol=1e-12)


@pytest.mark.parametrize("name", ["u_plus", "u_minus"])
def test_filters_near_the_peak_while_it_is_held(name):
    x, k, _ = spiking()
    t, tau = DT * np.arange(21), P[f"tau_{name[2:]}"]
    expected = P["V_peak"] + (x[name][k] - P["V_peak"]) * np.exp(-t / tau)
    np.testing.assert_allclose(x[name][k : k + 21], expected, rtol=0, atol=1e-7)


def test_a_spike_without_width_is_reset_at_once():
    _, k, _ = spiking(t_clamp=0.0)
    pool = iz.Pool(1, iz.ClopathAdEx(t_clamp=0.0), dt=DT, dtype="float64", threads=1)
    pool.drive(pool, 1500.0)
    assert pool.run((k + 1) * DT).counts[0] == 1
    assert (pool.v[0], pool.held[0]) == (P["V_reset"], 0.0)
    assert (pool.z[0], pool.V_T[0]) == (P["I_sp"], P["V_T_max"])


def test_nothing_spikes_while_it_is_held():
    _, _, result = spiking(n_steps=3000, t_clamp=5.0)
    assert result.counts[0] > 2
    assert np.diff(result.spikes.t).min() > 5.0


def test_the_smooth_part_is_that_of_the_equations():
    p = P

    def slopes(t, x):
        v, w, z, threshold, fast, slow = x
        spike = p["g_L"] * p["Delta_T"] * np.exp((v - threshold) / p["Delta_T"])
        return [
            (-p["g_L"] * (v - p["E_L"]) + spike - w + z + 400.0) / p["C"],
            (p["a"] * (v - p["E_L"]) - w) / p["tau_w"], -z / p["tau_z"],
            (p["V_T_rest"] - threshold) / p["tau_VT"], (v - fast) / p["tau_plus"], (v - slow) / p["tau_minus"],
        ]  # fmt: skip

    start = {"v": -65.0, "w": 20.0, "z": 100.0, "V_T": -30.0, "u_plus": -60.0, "u_minus": -75.0}
    pool = iz.Pool(1, iz.ClopathAdEx, dt=DT, dtype="float64", threads=1)
    pool.set(**start)
    pool.drive(pool, 400.0)
    assert pool.run(40.0).counts[0] == 0
    end = solve_ivp(slopes, (0, 40), [*start.values()], method="DOP853", rtol=1e-11, atol=1e-11).y[:, -1]
    np.testing.assert_allclose([getattr(pool, name)[0] for name in start], end, rtol=1e-6)
