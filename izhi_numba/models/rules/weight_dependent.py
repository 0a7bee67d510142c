"""Spike-timing dependent plasticity of pairs, in which changes depend on the weight."""

from __future__ import annotations

from izhi_numba.models.declaration import Parameter
from izhi_numba.models.plasticity import Plasticity, SourceTrace, TargetTrace


class WeightDependentSTDP(Plasticity):
    """Spike-timing dependent plasticity of all pairs, between additive and multiplicative.

    ::

        x' = -x / tau_plus,  y' = -y / tau_minus,  n = w / w_max
        when a spike of the source arrives:  n <- n - alpha lambda_ n^mu_minus y,       x <- x + 1
        when a spike of the target arrives:  n <- n + lambda_ (1 - n)^mu_plus x,        y <- y + 1

    With exponents of 0 it is additive, with 1 multiplicative, as by default. Weights stay between 0 and
    ``w_max``, which is in the unit of the weight. NEST's ``stdp_synapse``.

    Source: R. Guetig, R. Aharonov, S. Rotter and H. Sompolinsky (2003), "Learning input correlations through
    nonlinear temporally asymmetric Hebbian plasticity", Journal of Neuroscience 23:3697-3714,
    10.1523/JNEUROSCI.23-09-03697.2003.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> rule = iz.WeightDependentSTDP(w_max=10.0, mu_plus=0.0, mu_minus=0.0)
    >>> float(rule.on_post(w=5.0, x=1.0, lambda_=0.01, mu_plus=0.0, w_max=10.0))
    5.1
    """

    bounds = (0.0, "w_max")

    x = SourceTrace("tau_plus")
    y = TargetTrace("tau_minus")
    tau_plus = Parameter(20.0, unit="ms", range=(5.0, 50.0), above=0)
    tau_minus = Parameter(20.0, unit="ms", range=(5.0, 50.0), above=0)
    lambda_ = Parameter(0.01, range=(0.0, 0.1))
    alpha = Parameter(1.0, range=(0.5, 2.0))
    mu_plus = Parameter(1.0, range=(0.0, 1.0), at_least=0)
    mu_minus = Parameter(1.0, range=(0.0, 1.0), at_least=0)
    w_max = Parameter(1.0, above=0)

    def on_pre(w, y, lambda_, alpha, mu_minus, w_max):
        return w_max * (w / w_max - alpha * lambda_ * (w / w_max) ** mu_minus * y)

    def on_post(w, x, lambda_, mu_plus, w_max):
        return w_max * (w / w_max + lambda_ * (1.0 - w / w_max) ** mu_plus * x)
