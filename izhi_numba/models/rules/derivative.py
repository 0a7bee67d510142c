"""Spike-timing dependent plasticity of a derivative, which changes the weight now and then."""

from __future__ import annotations

from izhi_numba.models.declaration import Parameter, State
from izhi_numba.models.plasticity import Plasticity, SourceTrace, TargetTrace


class DerivativeSTDP(Plasticity):
    """Spike-timing dependent plasticity of the derivative of a weight, applied each second.

    ::

        a spike of the target:  s <- s + A_plus x
        a spike of the source:  s <- s - A_minus y
        each interval:          w <- w + growth + s within 0 and w_max,  then  s <- decay s

    ``x`` and ``y`` tell of the last spike alone (nearest neighbours). The rule of the paper, whose weights
    are of neurons in mV: delays are those of axons there, ``connect(..., delay_at="axon")``. The author's
    program differs in what happens within a step: there a spike that arrives in the step in which the
    target spikes weakens the synapse, where here, as for all rules, neither of the two sees the other; and
    ``A_plus`` counts from the step after an arrival. ``examples/izhikevich_2006.py`` has the program's
    rule, made from this one.

    Source: E. M. Izhikevich (2006), "Polychronization: computation with spikes", Neural Computation
    18:245-282, 10.1162/089976606775093882.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> iz.DerivativeSTDP.on_tick(w=6.0, s=0.5, growth=0.01, decay=0.9)
    (6.51, 0.45)
    """

    bounds = (0.0, "w_max")
    interval = "every"

    x = SourceTrace("tau", nearest=True)
    y = TargetTrace("tau", nearest=True)
    s = State(0.0)
    tau = Parameter(20.0, unit="ms", range=(5.0, 50.0), above=0)
    A_plus = Parameter(0.1, range=(0.0, 1.0))
    A_minus = Parameter(0.12, range=(0.0, 1.0))
    growth = Parameter(0.01)
    decay = Parameter(0.9)
    every = Parameter(1000.0, unit="ms", above=0)
    w_max = Parameter(10.0)

    def on_pre(w, s, y, A_minus):
        return {"s": s - A_minus * y}

    def on_post(w, s, x, A_plus):
        return {"s": s + A_plus * x}

    def on_tick(w, s, growth, decay):
        return w + growth + s, decay * s
