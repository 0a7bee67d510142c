"""The model of Morris and Lecar (1981)."""

# ruff: noqa: N815  (g_L and the like are the papers')

from __future__ import annotations

from izhi_numba.math import cosh, tanh
from izhi_numba.models.declaration import Parameter, State
from izhi_numba.models.model import Model


class MorrisLecar(Model):
    """Morris-Lecar neuron, after the muscle fibre of the barnacle: calcium, potassium and leak.

    ::

        C v' = -g_Ca m (v - V_Ca) - g_K w (v - V_K) - g_L (v - V_L) + I
        w' = phi (W - w) cosh((v - V_3) / (2 V_4))
        m = (1 + tanh((v - V_1) / V_2)) / 2
        W = (1 + tanh((v - V_3) / V_4)) / 2

    Per area as in the paper: ``C`` in uF/cm2, conductances in mS/cm2, ``I`` in uA/cm2; voltages in mV,
    ``phi`` in 1/ms. A spike is counted where ``v`` rises through 0 mV; nothing is reset. It starts at rest.

    Defaults are those of Rinzel and Ermentrout for a Hopf bifurcation: rest loses its stability where ``I``
    is about 94, and the neuron fires at 10 Hz at once. For one that begins at rate zero, where ``I`` is
    about 40, take ``V_3=12, V_4=17.4, g_Ca=4, phi=1/15``.

    Source: C. Morris and H. Lecar (1981), "Voltage oscillations in the barnacle giant muscle fiber",
    Biophysical Journal 35:193-213, 10.1016/S0006-3495(81)84782-0; J. Rinzel and G. B. Ermentrout (1989),
    "Analysis of neural excitability and oscillations", in Methods in Neuronal Modeling, MIT Press.
    """

    scheme = "rk4"
    I_unit = "uA/cm2"
    I_range = (-50.0, 200.0)
    dt = 0.1

    v = State(-60.855, unit="mV")
    w = State(lambda v, V_3, V_4: (1.0 + tanh((v - V_3) / V_4)) / 2.0)
    C = Parameter(20.0, unit="uF/cm2", range=(5.0, 40.0), above=0)
    g_Ca = Parameter(4.4, unit="mS/cm2", range=(0.0, 8.0), at_least=0)
    g_K = Parameter(8.0, unit="mS/cm2", range=(0.0, 16.0), at_least=0)
    g_L = Parameter(2.0, unit="mS/cm2", range=(0.0, 4.0), at_least=0)
    V_Ca = Parameter(120.0, unit="mV", range=(80.0, 140.0))
    V_K = Parameter(-84.0, unit="mV", range=(-100.0, -60.0))
    V_L = Parameter(-60.0, unit="mV", range=(-80.0, -40.0))
    V_1 = Parameter(-1.2, unit="mV", range=(-20.0, 20.0))
    V_2 = Parameter(18.0, unit="mV", range=(5.0, 30.0), above=0)
    V_3 = Parameter(2.0, unit="mV", range=(-20.0, 20.0))
    V_4 = Parameter(30.0, unit="mV", range=(5.0, 40.0), above=0)
    phi = Parameter(0.04, unit="1/ms", range=(0.01, 0.3), at_least=0)

    def derivatives(v, w, I, C, g_Ca, g_K, g_L, V_Ca, V_K, V_L, V_1, V_2, V_3, V_4, phi):
        m = (1.0 + tanh((v - V_1) / V_2)) / 2.0
        W = (1.0 + tanh((v - V_3) / V_4)) / 2.0
        ions = g_Ca * m * (v - V_Ca) + g_K * w * (v - V_K) + g_L * (v - V_L)
        return (I - ions) / C, phi * (W - w) * cosh((v - V_3) / (2.0 * V_4))

    def threshold(v):
        return v >= 0.0
