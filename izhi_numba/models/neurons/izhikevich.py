"""The simple model of Izhikevich (2003), and its two variants of 2004."""

from __future__ import annotations

from izhi_numba.models.declaration import Parameter, State
from izhi_numba.models.model import Model


class Izhikevich(Model):
    """Izhikevich's simple model of spiking neurons.

    ::

        v' = 0.04 v^2 + 5 v + 140 - u + I
        u' = a (b v - u)
        if v >= 30: v <- c, u <- u + d

    ``v`` is in mV, time in ms; ``u`` and ``I`` are in the paper's units (mV/ms). The usual scheme and step
    are those of the paper's program, whose neurons spike 7 to 10 % less often than the equations say. With
    ``scheme="heun", dt=0.1`` it is 1 %.

    Source: E. M. Izhikevich (2003), "Simple model of spiking neurons", IEEE Transactions on Neural
    Networks 14:1569-1572, 10.1109/TNN.2003.820440.
    """

    I_range = (-20.0, 30.0)
    scheme = "net2003"
    dt = 1.0
    peak = 30.0

    v = State(-65.0, unit="mV")
    u = State(lambda v, b: b * v, unit="mV/ms")
    a = Parameter(0.02, unit="1/ms", range=(0.0, 0.2))
    b = Parameter(0.2, unit="1/ms", range=(-0.2, 0.4))
    c = Parameter(-65.0, unit="mV", range=(-80.0, -40.0))
    d = Parameter(8.0, unit="mV/ms", range=(-2.0, 12.0))

    def derivatives(v, u, I, a, b):
        return 0.04 * v * v + 5 * v + 140 - u + I, a * (b * v - u)

    def threshold(v):
        return v >= 30

    def reset(u, c, d):
        return c, u + d


class IzhikevichQuadratic(Izhikevich):
    """Izhikevich's simple model with any parabola; two figures of 2004 take another than that of 2003.

    ::

        v' = e v^2 + f v + g - u + I
        u' = a (b v - u)
        if v >= 30: v <- c, u <- u + d

    Units as in :class:`Izhikevich`. Panels G (class 1 excitability) and L (integrator) have ``f = 4.1``
    and ``g = 108``. The usual scheme and step are those of the figures, which the model is from.

    Source: E. M. Izhikevich (2004), "Which model to use for cortical spiking neurons?", IEEE Transactions
    on Neural Networks 15:1063-1070, 10.1109/TNN.2004.832719, and the program of its figure 1.
    """

    I_range = (-20.0, 30.0)
    scheme = "fig2003"
    dt = 0.25

    e = Parameter(0.04, unit="1/(mV ms)", range=(0.02, 0.08))
    f = Parameter(5.0, unit="1/ms", range=(3.0, 6.0))
    g = Parameter(140.0, unit="mV/ms", range=(80.0, 180.0))

    def derivatives(v, u, I, a, b, e, f, g):
        return e * v * v + f * v + g - u + I, a * (b * v - u)


class IzhikevichAccommodation(Izhikevich):
    """Izhikevich's simple model with a recovery variable that does not decay: panel R of 2004.

    ::

        v' = 0.04 v^2 + 5 v + 140 - u + I
        u' = a b (v + 65)
        if v >= 30: v <- c, u <- u + d

    ``u`` rises and falls until ``v`` is -65 mV again, so that a slow ramp of current is compensated and
    a fast one is not. Units as in :class:`Izhikevich`; scheme, step and defaults are those of the figure.

    Source: E. M. Izhikevich (2004), "Which model to use for cortical spiking neurons?", IEEE Transactions
    on Neural Networks 15:1063-1070, 10.1109/TNN.2004.832719, and the program of its figure 1.
    """

    I_range = (-5.0, 10.0)
    scheme = "fig2003"
    dt = 0.25

    u = State(-16.0, unit="mV/ms")
    b = Parameter(1.0, unit="1/ms", range=(0.0, 2.0))
    c = Parameter(-55.0, unit="mV", range=(-80.0, -40.0))
    d = Parameter(4.0, unit="mV/ms", range=(0.0, 10.0))

    def derivatives(v, u, I, a, b):
        return 0.04 * v * v + 5 * v + 140 - u + I, a * (b * (v + 65))
