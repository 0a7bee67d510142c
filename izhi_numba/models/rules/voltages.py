"""Voltage-based plasticity: spikes of the source depress, a depolarised target potentiates."""

from __future__ import annotations

from izhi_numba.models.declaration import Parameter
from izhi_numba.models.plasticity import Plasticity, SourceTrace, TargetValue


class ClopathSTDP(Plasticity):
    """Plasticity by the voltage of the target (Clopath et al. 2010), with weights between 0 and ``w_max``.

    ::

        x' = -x / tau_x
        when a spike of the source arrives:
            w <- w - A_LTD [u_minus(t - late) - theta_minus]+,  x <- x + 1
        while v > theta_plus and u_plus(t - late) > theta_minus:
            w' = A_LTP x / tau_x (v - theta_plus) (u_plus(t - late) - theta_minus)

    Voltages in mV, times in ms; ``A_LTD`` is a weight for each mV and spike, ``A_LTP`` one for each mV^2, so
    that ``x / tau_x`` is the spike train of the source, low-pass filtered, as in the paper. The integral is a
    sum over steps. Targets are of a model with ``v``, ``u_plus`` and ``u_minus``, such as `ClopathAdEx`. That
    filtered voltages are used ``late`` is of the authors' program, not of the paper (0 there); with the
    default, numbers are those of NEST's ``clopath_synapse``. What is said of when potentiation takes place,
    ``theta_plus``, ``theta_minus`` and ``late``, can be set before the first step alone.

    The defaults are those of visual cortex in the paper.

    Source: C. Clopath, L. Buesing, E. Vasilaki and W. Gerstner (2010), "Connectivity reflects coding: a model
    of voltage-based STDP with homeostasis", Nature Neuroscience 13:344-352, 10.1038/nn.2479, and their
    program, ModelDB 144566.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> net = iz.Network(dt=0.1, seed=1)
    >>> inputs, cells = net.poisson("inputs", 100, 20.0), net.pool("cells", 10, iz.ClopathAdEx)
    >>> synapses = net.connect(
    ...     inputs, cells, rule=iz.all_to_all(), weight=0.5, plasticity=iz.ClopathSTDP(w_max=2.0)
    ... )
    """

    bounds = (0.0, "w_max")

    x = SourceTrace("tau_x")
    v, u_plus, u_minus = TargetValue("v"), TargetValue("u_plus", "late"), TargetValue("u_minus", "late")
    A_LTD = Parameter(14e-5, range=(0.0, 1e-3))
    A_LTP = Parameter(8e-5, range=(0.0, 1e-3))
    theta_minus = Parameter(-70.6, unit="mV", range=(-80.0, -50.0))
    theta_plus = Parameter(-45.3, unit="mV", range=(-60.0, -20.0))
    tau_x = Parameter(15.0, unit="ms", range=(5.0, 50.0), above=0)
    late = Parameter(4.0, unit="ms", range=(0.0, 10.0), at_least=0)
    w_max = Parameter(100.0)

    def when(v, u_plus, theta_plus, theta_minus):
        return (v > theta_plus) & (u_plus > theta_minus)

    def on_pre(w, u_minus, A_LTD, theta_minus):
        return w - A_LTD * max(u_minus - theta_minus, 0.0)

    def on_post(w, x, v, u_plus, A_LTP, tau_x, theta_plus, theta_minus, dt):
        return w + A_LTP * x / tau_x * (v - theta_plus) * (u_plus - theta_minus) * dt
