"""Spike-timing dependent plasticity of pairs of spikes."""

from __future__ import annotations

from izhi_numba.models.declaration import Parameter
from izhi_numba.models.plasticity import Plasticity, SourceTrace, TargetTrace


class PairSTDP(Plasticity):
    """Spike-timing dependent plasticity of all pairs of spikes, with weights between 0 and ``w_max``.

    ::

        x' = -x / tau_plus,  y' = -y / tau_minus
        when a spike of the source arrives:  w <- w - A_minus y,  x <- x + 1
        when a spike of the target arrives:  w <- w + A_plus x,   y <- y + 1

    A pair of spikes, that of the source first by ``s``, changes the weight by ``A_plus exp(-s / tau_plus)``;
    in the other order by ``-A_minus exp(-s / tau_minus)``. ``A_plus``, ``A_minus`` and ``w_max`` are in the
    unit of the weight. The defaults are those of Song et al., for a ``w_max`` of 1.

    Source: S. Song, K. D. Miller and L. F. Abbott (2000), "Competitive Hebbian learning through
    spike-timing-dependent synaptic plasticity", Nature Neuroscience 3:919-926, 10.1038/78829.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> net = iz.Network(dt=1.0, seed=1)
    >>> inputs, cells = net.poisson("inputs", 100, 20.0), net.pool("cells", 10)
    >>> synapses = net.connect(
    ...     inputs, cells, rule=iz.all_to_all(), weight=iz.uniform(0, 1), plasticity=iz.PairSTDP(w_max=2.0)
    ... )
    """

    bounds = (0.0, "w_max")

    x = SourceTrace("tau_plus")
    y = TargetTrace("tau_minus")
    tau_plus = Parameter(20.0, unit="ms", range=(5.0, 50.0), above=0)
    tau_minus = Parameter(20.0, unit="ms", range=(5.0, 50.0), above=0)
    A_plus = Parameter(0.005, range=(0.0, 0.05))
    A_minus = Parameter(0.00525, range=(0.0, 0.05))
    w_max = Parameter(1.0)

    def on_pre(w, y, A_minus):
        return w - A_minus * y

    def on_post(w, x, A_plus):
        return w + A_plus * x
