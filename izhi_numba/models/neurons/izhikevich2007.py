"""The simple model of Izhikevich's book (2007), fitted to recorded cells, and its special cells."""

from __future__ import annotations

from izhi_numba.math import where
from izhi_numba.models.declaration import Parameter, State
from izhi_numba.models.model import Model


class Izhikevich2007(Model):
    """Izhikevich's simple model in its biological form, with voltages and currents as measured.

    ::

        C v' = k (v - vr) (v - vt) - u + I
        u' = a (b (v - vr) - u)
        if v >= vpeak: v <- c, u <- u + d

    ``C`` in pF, ``k`` in nS/mV, voltages in mV, ``u``, ``d`` and ``I`` in pA, ``b`` in nS, ``a`` in 1/ms.
    Defaults are the regular spiking (RS) cell of layer 5; cells with rules of their own are subclasses. The
    usual scheme is that of the book's programs, with which cells spike up to 4 % less often than the
    equations say, and fast spiking ones up to 18 %. With ``scheme="heun", dt=0.1`` it is 1 %, but for the
    latter: their ``u`` follows the overshoot of the spike.

    Source: E. M. Izhikevich (2007), "Dynamical Systems in Neuroscience", MIT Press, equations 8.5 and 8.6
    and section 8.2.
    """

    scheme = "book2007"
    I_unit = "pA"
    I_range = (-200.0, 800.0)
    dt = 0.25
    peak = "vpeak"

    v = State(lambda vr: vr, unit="mV")
    u = State(0.0, unit="pA")
    C = Parameter(100.0, unit="pF", range=(10.0, 300.0), above=0)
    k = Parameter(0.7, unit="nS/mV", range=(0.1, 3.0), at_least=0)
    vr = Parameter(-60.0, unit="mV", range=(-80.0, -50.0))
    vt = Parameter(-40.0, unit="mV", range=(-55.0, -30.0))
    vpeak = Parameter(35.0, unit="mV", range=(0.0, 60.0))
    a = Parameter(0.03, unit="1/ms", range=(0.0, 0.2))
    b = Parameter(-2.0, unit="nS", range=(-5.0, 15.0))
    c = Parameter(-50.0, unit="mV", range=(-70.0, -35.0))
    d = Parameter(100.0, unit="pA", range=(0.0, 200.0))

    def derivatives(v, u, I, C, k, vr, vt, a, b):
        return (k * (v - vr) * (v - vt) - u + I) / C, a * (b * (v - vr) - u)

    def threshold(v, vpeak):
        return v >= vpeak

    def reset(u, c, d):
        return c, u + d


class Izhikevich2007LTS(Izhikevich2007):
    """Low-threshold spiking interneuron: spikes get smaller and resets higher with ``u``, which saturates.

    ::

        C v' = k (v - vr) (v - vt) - u + I
        u' = a (b (v - vr) - u)
        if v > vpeak - 0.1 u: v <- c + 0.04 u, u <- min(u + d, umax)

    Units as in :class:`Izhikevich2007`; 0.1 and 0.04 are in mV/pA.

    Source: E. M. Izhikevich (2007), "Dynamical Systems in Neuroscience", MIT Press, figure 8.25.
    """

    k = Parameter(1.0, unit="nS/mV", range=(0.1, 3.0), at_least=0)
    vr = Parameter(-56.0, unit="mV", range=(-80.0, -50.0))
    vt = Parameter(-42.0, unit="mV", range=(-55.0, -30.0))
    vpeak = Parameter(40.0, unit="mV", range=(0.0, 60.0))
    b = Parameter(8.0, unit="nS", range=(-5.0, 15.0))
    c = Parameter(-53.0, unit="mV", range=(-70.0, -35.0))
    d = Parameter(20.0, unit="pA", range=(0.0, 200.0))
    umax = Parameter(670.0, unit="pA", range=(100.0, 1000.0))

    def threshold(v, u, vpeak):
        return v > vpeak - 0.1 * u

    def reset(u, c, d, umax):
        return c + 0.04 * u, where(u + d < umax, u + d, umax)


class Izhikevich2007FS(Izhikevich2007):
    """Fast spiking interneuron: ``u`` follows a cubic of ``v``, and a spike leaves it alone.

    ::

        C v' = k (v - vr) (v - vt) - u + I
        u' = a (U(v) - u),  U(v) = b (v - vb)^3 where v >= vb, else 0
        if v >= vpeak: v <- c, u <- u + d, with d = 0

    Units as in :class:`Izhikevich2007`, but ``b`` is in pA/mV^3.

    Source: E. M. Izhikevich (2007), "Dynamical Systems in Neuroscience", MIT Press, figure 8.27.
    """

    C = Parameter(20.0, unit="pF", range=(10.0, 300.0), above=0)
    k = Parameter(1.0, unit="nS/mV", range=(0.1, 3.0), at_least=0)
    vr = Parameter(-55.0, unit="mV", range=(-80.0, -50.0))
    vpeak = Parameter(25.0, unit="mV", range=(0.0, 60.0))
    a = Parameter(0.2, unit="1/ms", range=(0.0, 0.5))
    b = Parameter(0.025, unit="pA/mV^3", range=(0.0, 0.1))
    c = Parameter(-45.0, unit="mV", range=(-70.0, -35.0))
    d = Parameter(0.0, unit="pA", range=(0.0, 200.0))
    vb = Parameter(-55.0, unit="mV", range=(-70.0, -45.0))

    def derivatives(v, u, I, C, k, vr, vt, a, b, vb):
        above = where(v >= vb, v - vb, 0.0)
        return (k * (v - vr) * (v - vt) - u + I) / C, a * (b * above * above * above - u)


class Izhikevich2007TC(Izhikevich2007):
    """Thalamocortical relay cell: ``u`` follows ``v`` only below ``vb``, and spikes change with it.

    ::

        C v' = k (v - vr) (v - vt) - u + I
        u' = a (B (v - vb) - u),  B = b where v <= vb, else b_above = 0
        if v > vpeak + 0.1 u: v <- c - 0.1 u, u <- u + d

    Units as in :class:`Izhikevich2007`; 0.1 is in mV/pA. The slope below ``vb`` stands for the T-type
    calcium current, which makes the cell burst on release from inhibition. Some programs have ``v - vr``
    in place of ``v - vb``: the same above ``vb``, but then the target of ``u`` jumps there.

    Source: E. M. Izhikevich (2007), "Dynamical Systems in Neuroscience", MIT Press, figure 8.31.
    """

    C = Parameter(200.0, unit="pF", range=(10.0, 300.0), above=0)
    k = Parameter(1.6, unit="nS/mV", range=(0.1, 3.0), at_least=0)
    vt = Parameter(-50.0, unit="mV", range=(-55.0, -30.0))
    a = Parameter(0.01, unit="1/ms", range=(0.0, 0.2))
    b = Parameter(15.0, unit="nS", range=(0.0, 20.0))
    b_above = Parameter(0.0, unit="nS", range=(0.0, 20.0))
    vb = Parameter(-65.0, unit="mV", range=(-75.0, -50.0))
    c = Parameter(-60.0, unit="mV", range=(-70.0, -35.0))
    d = Parameter(10.0, unit="pA", range=(0.0, 200.0))

    def derivatives(v, u, I, C, k, vr, vt, a, b, b_above, vb):
        B = where(v > vb, b_above, b)
        return (k * (v - vr) * (v - vt) - u + I) / C, a * (B * (v - vb) - u)

    def threshold(v, u, vpeak):
        return v > vpeak + 0.1 * u

    def reset(u, c, d):
        return c - 0.1 * u, u + d


class Izhikevich2007RTN(Izhikevich2007):
    """Cell of the reticular thalamic nucleus: ``u`` follows ``v`` more steeply below ``vb`` than above.

    ::

        C v' = k (v - vr) (v - vt) - u + I
        u' = a (B (v - vb) - u),  B = b where v <= vb, else b_above
        if v >= vpeak: v <- c, u <- u + d

    Units as in :class:`Izhikevich2007`.

    Source: E. M. Izhikevich (2007), "Dynamical Systems in Neuroscience", MIT Press, figure 8.32.
    """

    C = Parameter(40.0, unit="pF", range=(10.0, 300.0), above=0)
    k = Parameter(0.25, unit="nS/mV", range=(0.1, 3.0), at_least=0)
    vr = Parameter(-65.0, unit="mV", range=(-80.0, -50.0))
    vt = Parameter(-45.0, unit="mV", range=(-55.0, -30.0))
    vpeak = Parameter(0.0, unit="mV", range=(0.0, 60.0))
    a = Parameter(0.015, unit="1/ms", range=(0.0, 0.2))
    b = Parameter(10.0, unit="nS", range=(0.0, 20.0))
    b_above = Parameter(2.0, unit="nS", range=(0.0, 20.0))
    vb = Parameter(-65.0, unit="mV", range=(-75.0, -50.0))
    c = Parameter(-55.0, unit="mV", range=(-70.0, -35.0))
    d = Parameter(50.0, unit="pA", range=(0.0, 200.0))

    def derivatives(v, u, I, C, k, vr, vt, a, b, b_above, vb):
        B = where(v > vb, b_above, b)
        return (k * (v - vr) * (v - vt) - u + I) / C, a * (B * (v - vb) - u)
