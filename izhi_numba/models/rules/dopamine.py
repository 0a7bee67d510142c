"""Spike-timing dependent plasticity that needs a reward."""

from __future__ import annotations

from izhi_numba.math import exp
from izhi_numba.models.declaration import Parameter, State
from izhi_numba.models.plasticity import Modulator, Plasticity, SourceTrace, TargetTrace


class DopamineSTDP(Plasticity):
    """Spike-timing dependent plasticity that dopamine turns into changes of the weight.

    ::

        c' = -c / tau_c + (A_plus x at spikes of the target) - (A_minus y at spikes of the source)
        w' = c d
        d' = -d / tau_d + rewards
        x' = -x / tau_plus,  y' = -y / tau_minus, each + 1 at a spike of source and target

    ``c`` is the eligibility: what spikes leave at a synapse, until dopamine ``d`` comes or it has faded.
    ``synapses.modulate(d=0.5)`` is a reward. Times are in ms, ``d`` and the amplitudes such that ``c d`` is a
    change of the weight in a ms. Between events the equations are solved exactly. The defaults are those of
    the paper's program, but for its units: there ``d`` is per step of 10 ms, and ``A_plus`` .1 per s.

    Source: E. M. Izhikevich (2007), "Solving the distal reward problem through linkage of STDP and dopamine
    signaling", Cerebral Cortex 17:2443-2452, 10.1093/cercor/bhl152.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> pool = iz.Pool(10, seed=1)
    >>> synapses = pool.connect(
    ...     pool, pool, rule=iz.fixed_outdegree(2), weight=1.0, plasticity=iz.DopamineSTDP(w_max=4.0)
    ... )
    >>> synapses.modulate(d=0.5)
    """

    bounds = (0.0, "w_max")

    x = SourceTrace("tau_plus")
    y = TargetTrace("tau_minus")
    d = Modulator("tau_d")
    c = State(0.0)
    tau_plus = Parameter(20.0, unit="ms", range=(5.0, 50.0), above=0)
    tau_minus = Parameter(20.0, unit="ms", range=(5.0, 50.0), above=0)
    tau_c = Parameter(1000.0, unit="ms", range=(100.0, 5000.0), above=0)
    tau_d = Parameter(200.0, unit="ms", range=(50.0, 1000.0), above=0)
    A_plus = Parameter(0.1, range=(0.0, 1.0))
    A_minus = Parameter(0.15, range=(0.0, 1.0))
    w_max = Parameter(4.0)

    def on_pre(w, c, y, A_minus):
        return {"c": c - A_minus * y}

    def on_post(w, c, x, A_plus):
        return {"c": c + A_plus * x}

    def between(w, c, d, elapsed, tau_c, tau_d):
        tau = tau_c * tau_d / (tau_c + tau_d)
        return w + c * d * tau * (1.0 - exp(-elapsed / tau)), c * exp(-elapsed / tau_c)
