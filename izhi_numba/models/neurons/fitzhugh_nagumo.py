"""The model of FitzHugh (1961) and Nagumo et al. (1962)."""

from __future__ import annotations

from izhi_numba.models.declaration import Parameter, State
from izhi_numba.models.model import Model


class FitzHughNagumo(Model):
    """FitzHugh-Nagumo neuron: the excitability of Hodgkin and Huxley's axon in two variables.

    ::

        v' = v - v^3 / 3 - w + I
        w' = (v + a - b w) / tau

    Everything is dimensionless; a unit of time is taken as 1 ms. A spike is counted where ``v`` rises
    through 1; nothing is reset. It starts at rest. With the defaults it fires
    for ``I`` from about 0.33 to 1.42.

    Source: R. FitzHugh (1961), Biophysical Journal 1:445-466, 10.1016/S0006-3495(61)86902-6; J. Nagumo,
    S. Arimoto and S. Yoshizawa (1962), Proceedings of the IRE 50:2061-2070, 10.1109/JRPROC.1962.288235.
    """

    I_range = (-0.5, 1.5)
    scheme = "rk4"
    dt = 0.1

    v = State(-1.1994)
    w = State(-0.6243)
    a = Parameter(0.7, range=(0.0, 1.5))
    b = Parameter(0.8, range=(0.0, 1.5))
    tau = Parameter(12.5, range=(2.0, 30.0), above=0)

    def derivatives(v, w, I, a, b, tau):
        return v - v * v * v / 3.0 - w + I, (v + a - b * w) / tau

    def threshold(v):
        return v >= 1.0
