"""The neuron of Clopath et al. (2010), which keeps filtered voltages for plasticity to ask for."""

# ruff: noqa: N815  (g_L and the like are the papers')

from __future__ import annotations

import numpy as np

from izhi_numba.math import exp, where
from izhi_numba.models.declaration import Constant, Parameter, State
from izhi_numba.models.model import Model


def _slopes(x, z, V_T, free, I, C, g_L, E_L, Delta_T, a, tau_w, V_peak, tau_plus, tau_minus):
    """Derivatives of (v, w, u_plus, u_minus); those of v and w are 0 where ``free`` is."""
    v, w, u_plus, u_minus = x
    bound = where(v < V_peak, v, V_peak)
    current = g_L * Delta_T * exp((bound - V_T) / Delta_T) - g_L * (bound - E_L) - w + z + I
    w_slope = (a * (bound - E_L) - w) / tau_w
    return free * current / C, free * w_slope, (bound - u_plus) / tau_plus, (bound - u_minus) / tau_minus


def _moved(x, y, h):
    return x[0] + h * y[0], x[1] + h * y[1], x[2] + h * y[2], x[3] + h * y[3]


class ClopathAdEx(Model):
    """Adaptive exponential neuron with a spike of some width, an afterpotential, and filtered voltages.

    ::

        C v' = -g_L (v - E_L) + g_L Delta_T exp((v - V_T) / Delta_T) - w + z + I
        tau_w w' = a (v - E_L) - w
        tau_z z' = -z
        tau_VT V_T' = V_T_rest - V_T
        tau_plus u_plus' = v - u_plus
        tau_minus u_minus' = v - u_minus
        if v >= V_peak: v <- V_peak, w <- w + b, z <- I_sp, V_T <- V_T_max
                        for t_clamp, in which v and w are held; then v <- V_reset

    ``C`` in pF, ``g_L`` and ``a`` in nS, voltages in mV, ``w``, ``z``, ``b``, ``I_sp`` and ``I`` in pA, times
    in ms. ``held`` counts the steps for which ``v`` is still held. The filters see at most ``V_peak``, and so
    does the step that ends in a spike, which stays finite. The neuron advances by itself: Runge and Kutta's
    method of order four, the decays of ``z`` and ``V_T`` exact. That a spike has a width is of the authors'
    program, not of the paper: without it the filtered voltages would see a point. For float32 let
    ``(V_peak - V_T_rest) / Delta_T`` be below 70.

    Source: C. Clopath, L. Buesing, E. Vasilaki and W. Gerstner (2010), "Connectivity reflects coding: a model
    of voltage-based STDP with homeostasis", Nature Neuroscience 13:344-352, 10.1038/nn.2479, and their
    program, ModelDB 144566; ``V_reset`` is that of NEST's aeif_psc_delta_clopath.
    """

    I_unit = "pA"
    I_range = (-500.0, 1500.0)
    dt = 0.1
    peak = "V_peak"

    v = State(lambda E_L: E_L, unit="mV")
    w = State(0.0, unit="pA")
    z = State(0.0, unit="pA")
    V_T = State(lambda V_T_rest: V_T_rest, unit="mV")
    u_plus = State(lambda v: v, unit="mV")
    u_minus = State(lambda v: v, unit="mV")
    held = State(0.0)
    C = Parameter(281.0, unit="pF", range=(50.0, 500.0), above=0)
    g_L = Parameter(30.0, unit="nS", range=(1.0, 50.0), at_least=0)
    E_L = Parameter(-70.6, unit="mV", range=(-80.0, -50.0))
    Delta_T = Parameter(2.0, unit="mV", range=(1.0, 5.0), above=0)
    a = Parameter(4.0, unit="nS", range=(-15.0, 15.0))
    tau_w = Parameter(144.0, unit="ms", range=(10.0, 400.0), above=0)
    b = Parameter(80.5, unit="pA", range=(0.0, 200.0))
    tau_z = Parameter(40.0, unit="ms", range=(5.0, 100.0), above=0)
    I_sp = Parameter(400.0, unit="pA", range=(0.0, 1000.0))
    tau_VT = Parameter(50.0, unit="ms", range=(5.0, 100.0), above=0)
    V_T_rest = Parameter(-50.4, unit="mV", range=(-60.0, -40.0))
    V_T_max = Parameter(30.4, unit="mV", range=(-50.0, 40.0))
    tau_plus = Parameter(7.0, unit="ms", range=(1.0, 50.0), above=0)
    tau_minus = Parameter(10.0, unit="ms", range=(1.0, 50.0), above=0)
    V_peak = Parameter(33.0, unit="mV", range=(0.0, 40.0))
    V_reset = Parameter(-60.0, unit="mV", range=(-80.0, -40.0))
    t_clamp = Parameter(2.0, unit="ms", range=(0.0, 5.0), at_least=0)
    half_z = Constant(lambda dt, tau_z: exp(-dt / (2 * tau_z)))
    half_V_T = Constant(lambda dt, tau_VT: exp(-dt / (2 * tau_VT)))
    clamp_steps = Constant(lambda dt, t_clamp: np.floor(t_clamp / dt + 0.5))

    def advance(
        v, w, z, V_T, u_plus, u_minus, held, I, C, g_L, E_L, Delta_T, a, tau_w, V_T_rest, tau_plus, tau_minus,
        V_peak, V_reset, half_z, half_V_T, dt,
    ):  # fmt: skip
        free = where(held > 0, 0.0, 1.0)
        z_half, V_T_half = z * half_z, V_T_rest + (V_T - V_T_rest) * half_V_T
        z_end, V_T_end = z_half * half_z, V_T_rest + (V_T_half - V_T_rest) * half_V_T
        x = v, w, u_plus, u_minus
        p = free, I, C, g_L, E_L, Delta_T, a, tau_w, V_peak, tau_plus, tau_minus
        k1 = _slopes(x, z, V_T, *p)
        k2 = _slopes(_moved(x, k1, 0.5 * dt), z_half, V_T_half, *p)
        k3 = _slopes(_moved(x, k2, 0.5 * dt), z_half, V_T_half, *p)
        k4 = _slopes(_moved(x, k3, dt), z_end, V_T_end, *p)
        y = _moved(_moved(_moved(_moved(x, k1, dt / 6), k2, dt / 3), k3, dt / 3), k4, dt / 6)
        v_end = where(held == 1, V_reset, y[0])
        return v_end, y[1], z_end, V_T_end, y[2], y[3], where(held > 0, held - 1, 0.0)

    def threshold(v, held, V_peak):
        return (v >= V_peak) & (held <= 0)

    def reset(w, b, I_sp, V_T_max, V_peak, V_reset, clamp_steps):
        v = where(clamp_steps > 0, V_peak, V_reset)
        return {"v": v, "w": w + b, "z": I_sp, "V_T": V_T_max, "held": clamp_steps}
