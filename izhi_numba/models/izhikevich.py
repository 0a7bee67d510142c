"""The simple model of Izhikevich (2003)."""

from __future__ import annotations

from izhi_numba.models.model import Model, Parameter, State


class Izhikevich(Model):
    """Izhikevich's simple model of spiking neurons.

    ::

        v' = 0.04 v^2 + 5 v + 140 - u + I
        u' = a (b v - u)
        if v >= 30: v <- c, u <- u + d

    ``v`` is in mV, time in ms; ``u`` and ``I`` are in the paper's units (mV/ms).

    Source: E. M. Izhikevich (2003), "Simple model of spiking neurons", IEEE Transactions on Neural
    Networks 14:1569-1572, 10.1109/TNN.2003.820440.
    """

    scheme = "net2003"
    dt = 1.0
    peak = 30.0

    v = State(-65.0, unit="mV")
    u = State(lambda v, b: b * v)
    a = Parameter(0.02, unit="1/ms", range=(0.0, 0.15))
    b = Parameter(0.2, unit="1/ms", range=(0.0, 0.3))
    c = Parameter(-65.0, unit="mV", range=(-80.0, -40.0))
    d = Parameter(8.0, range=(0.0, 10.0))

    def derivatives(v, u, I, a, b):
        return 0.04 * v * v + 5 * v + 140 - u + I, a * (b * v - u)

    def threshold(v):
        return v >= 30

    def reset(u, c, d):
        return c, u + d
