"""The adaptive exponential integrate-and-fire model of Brette and Gerstner (2005)."""

# ruff: noqa: N815  (g_L and the like are the papers')

from __future__ import annotations

from izhi_numba.math import exp, where
from izhi_numba.models.declaration import Parameter, State
from izhi_numba.models.model import Model


class AdEx(Model):
    """Adaptive exponential integrate-and-fire neuron.

    ::

        C v' = -g_L (v - E_L) + g_L Delta_T exp((v - V_T) / Delta_T) - w + I
        tau_w w' = a (v - E_L) - w
        if v >= V_peak: v <- V_reset, w <- w + b

    ``C`` in pF, ``g_L`` and ``a`` in nS, voltages in mV, ``w``, ``b`` and ``I`` in pA, times in ms. Defaults
    are the paper's. After a spike ``v`` is held for ``t_ref``, which is 0 in the paper; ``w`` goes on.

    Both derivatives are those at ``V_peak`` where ``v`` is above it, as in NEST: the step that ends in a
    spike stays finite, and leaves ``w`` alone, in any scheme. For float32 let ``(V_peak - V_T) / Delta_T``
    be below 70.

    Source: R. Brette and W. Gerstner (2005), "Adaptive exponential integrate-and-fire model as an
    effective description of neuronal activity", Journal of Neurophysiology 94:3637-3642,
    10.1152/jn.00686.2005.
    """

    scheme = "heun"
    I_unit = "pA"
    I_range = (-500.0, 1500.0)
    dt = 0.1
    peak = "V_peak"
    refractory = "t_ref"

    v = State(lambda E_L: E_L, unit="mV")
    w = State(0.0, unit="pA")
    C = Parameter(281.0, unit="pF", range=(50.0, 500.0), above=0)
    g_L = Parameter(30.0, unit="nS", range=(1.0, 50.0), at_least=0)
    E_L = Parameter(-70.6, unit="mV", range=(-80.0, -50.0))
    V_T = Parameter(-50.4, unit="mV", range=(-60.0, -40.0))
    Delta_T = Parameter(2.0, unit="mV", range=(1.0, 5.0), above=0)
    a = Parameter(4.0, unit="nS", range=(-15.0, 15.0))
    tau_w = Parameter(144.0, unit="ms", range=(10.0, 400.0), above=0)
    b = Parameter(80.5, unit="pA", range=(0.0, 200.0))
    V_reset = Parameter(-70.6, unit="mV", range=(-80.0, -40.0))
    V_peak = Parameter(20.0, unit="mV", range=(0.0, 20.0))
    t_ref = Parameter(0.0, unit="ms", range=(0.0, 10.0), at_least=0)

    def derivatives(v, w, I, C, g_L, E_L, V_T, Delta_T, a, tau_w, V_peak):
        bound = where(v < V_peak, v, V_peak)
        spike = g_L * Delta_T * exp((bound - V_T) / Delta_T)
        return (-g_L * (bound - E_L) + spike - w + I) / C, (a * (bound - E_L) - w) / tau_w

    def threshold(v, V_peak):
        return v >= V_peak

    def reset(w, V_reset, b):
        return V_reset, w + b
