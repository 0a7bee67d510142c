"""Spike-timing dependent plasticity in which potentiation is a power of the weight."""

from __future__ import annotations

from izhi_numba.models.declaration import Parameter
from izhi_numba.models.plasticity import Plasticity, SourceTrace, TargetTrace


class PowerLawSTDP(Plasticity):
    """Spike-timing dependent plasticity of all pairs, with potentiation by a power of the weight.

    ::

        x' = -x / tau_plus,  y' = -y / tau_minus
        when a spike of the source arrives:  w <- w - alpha lambda_ w y,                  x <- x + 1
        when a spike of the target arrives:  w <- w + lambda_ w_0^(1 - mu) w^mu x,        y <- y + 1

    Weights have no upper bound, and settle around one value. ``w`` and ``w_0`` are in the unit of the weight,
    pA in the paper. NEST's ``stdp_pl_synapse_hom``, where ``w_0`` is 1.

    Source: A. Morrison, A. Aertsen and M. Diesmann (2007), "Spike-timing-dependent plasticity in balanced
    random networks", Neural Computation 19:1437-1467, 10.1162/neco.2007.19.6.1437.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> iz.PowerLawSTDP(lambda_=0.05).limits()
    (0.0, inf)
    """

    bounds = (0.0, float("inf"))

    x = SourceTrace("tau_plus")
    y = TargetTrace("tau_minus")
    tau_plus = Parameter(15.0, unit="ms", range=(5.0, 50.0), above=0)
    tau_minus = Parameter(30.0, unit="ms", range=(5.0, 50.0), above=0)
    lambda_ = Parameter(0.1, range=(0.0, 0.2))
    alpha = Parameter(0.0513, range=(0.01, 0.2))
    mu = Parameter(0.4, range=(0.0, 1.0))
    w_0 = Parameter(1.0, above=0)

    def on_pre(w, y, lambda_, alpha):
        return w - alpha * lambda_ * w * y

    def on_post(w, x, lambda_, mu, w_0):
        return w + lambda_ * w_0 * (w / w_0) ** mu * x
