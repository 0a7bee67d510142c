"""Plasticity of inhibitory synapses that brings their targets to a rate."""

from __future__ import annotations

from izhi_numba.models.declaration import Constant, Parameter
from izhi_numba.models.plasticity import Plasticity, SourceTrace, TargetTrace


class InhibitorySTDP(Plasticity):
    """Symmetric plasticity of inhibitory synapses, by which each target comes to the rate ``rate``.

    ::

        x' = -x / tau,  y' = -y / tau,  alpha = 2 rate tau
        when a spike of the source arrives:  w <- w + eta (y - alpha),  x <- x + 1
        when a spike of the target arrives:  w <- w + eta x,            y <- y + 1

    Weights are conductances, from 0 to ``w_max``; ``eta`` is in their unit, and ``rate`` in Hz.

    Source: T. P. Vogels, H. Sprekeler, F. Zenke, C. Clopath and W. Gerstner (2011), "Inhibitory plasticity
    balances excitation and inhibition in sensory pathways and memory networks", Science 334:1569-1573,
    10.1126/science.1211095.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> iz.InhibitorySTDP(rate=5.0, eta=0.01)
    InhibitorySTDP(rate=5.0, eta=0.01)
    """

    bounds = (0.0, "w_max")

    x, y = SourceTrace("tau"), TargetTrace("tau")
    tau = Parameter(20.0, unit="ms", range=(5.0, 100.0), above=0)
    eta = Parameter(0.001, range=(0.0, 0.01))
    rate = Parameter(3.0, unit="Hz", range=(0.5, 20.0), at_least=0)
    w_max = Parameter(float(10**9))
    alpha = Constant(lambda rate, tau: 2e-3 * rate * tau)

    def on_pre(w, y, eta, alpha):
        return w + eta * (y - alpha)

    def on_post(w, x, eta):
        return w + eta * x
