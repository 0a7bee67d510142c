"""Homeostasis: weights that are scaled until their targets have a rate."""

from __future__ import annotations

from izhi_numba.math import exp
from izhi_numba.models.declaration import Parameter
from izhi_numba.models.plasticity import Plasticity, TargetTrace


class RateScaling(Plasticity):
    """Multiplicative scaling of the synapses onto a neuron, towards its rate ``rate``.

    ::

        a' = -a / tau, and 1000 / tau more at each spike of the target
        each interval:  w <- w exp(beta (rate - a) every / 1000)

    so that ``w' = beta w (rate - a)``, with the activity ``a`` held through an interval. ``a`` and ``rate``
    are in Hz, ``beta`` in 1 / (s Hz), ``tau`` and ``every`` in ms. Weights keep their ratios, and stay
    between 0 and ``w_max``. A rate may swing where it follows faster than ``a`` tells: keep
    ``beta tau rate / 1000`` below 1. The rule of the paper has a second term, of the integral of
    ``rate - a``, which is left out: where weights are all that changes, this one ends at ``rate``, too.

    Source: M. C. W. van Rossum, G. Q. Bi and G. G. Turrigiano (2000), "Stable Hebbian learning from
    timing-dependent plasticity", Journal of Neuroscience 20:8812-8821, 10.1523/JNEUROSCI.20-23-08812.2000.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> scaling = iz.RateScaling(rate=5.0, tau=2000.0, every=100.0)
    >>> w = scaling.on_tick(w=1.0, a=0.0, rate=5.0, beta=0.1, tau=2000.0, every=100.0)
    >>> round(float(w), 4)
    1.0513
    """

    bounds = (0.0, "w_max")
    interval = "every"

    a = TargetTrace("tau")
    tau = Parameter(10_000.0, unit="ms", range=(1000.0, 100_000.0), above=0)
    rate = Parameter(5.0, unit="Hz", range=(0.5, 20.0), at_least=0)
    beta = Parameter(0.001, range=(1e-5, 0.1))
    every = Parameter(1000.0, unit="ms", above=0)
    w_max = Parameter(float(10**9))

    def on_tick(w, a, rate, beta, tau, every):
        return w * exp(1e-3 * beta * every * (rate - 1000.0 * a / tau))
