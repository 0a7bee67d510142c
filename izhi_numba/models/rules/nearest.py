"""Spike-timing dependent plasticity of neighbouring spikes."""

from __future__ import annotations

from izhi_numba.math import exp
from izhi_numba.models.declaration import Parameter, State
from izhi_numba.models.plasticity import Plasticity, SourceTrace, TargetTrace


class NearestSTDP(Plasticity):
    """Spike-timing dependent plasticity of nearest neighbours, symmetric: each spike sees the last one.

    ::

        when a spike of the source arrives:  w <- w - A_minus exp(-s / tau_minus)
        when a spike of the target arrives:  w <- w + A_plus exp(-s / tau_plus)

    ``s`` is the time since the last spike of the other neuron. Weights stay between 0 and ``w_max``.

    Source: A. Morrison, M. Diesmann and W. Gerstner (2008), "Phenomenological models of synaptic plasticity
    based on spike timing", Biological Cybernetics 98:459-478, 10.1007/s00422-008-0233-1, figure 7A.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> iz.NearestSTDP(w_max=2.0).limits()
    (0.0, 2.0)
    """

    bounds = (0.0, "w_max")

    x = SourceTrace("tau_plus", nearest=True)
    y = TargetTrace("tau_minus", nearest=True)
    tau_plus = Parameter(20.0, unit="ms", range=(5.0, 50.0), above=0)
    tau_minus = Parameter(20.0, unit="ms", range=(5.0, 50.0), above=0)
    A_plus = Parameter(0.005, range=(0.0, 0.05))
    A_minus = Parameter(0.00525, range=(0.0, 0.05))
    w_max = Parameter(1.0)

    def on_pre(w, y, A_minus):
        return w - A_minus * y

    def on_post(w, x, A_plus):
        return w + A_plus * x


class RestrictedNearestSTDP(NearestSTDP):
    """Spike-timing dependent plasticity of immediate neighbours: of pairs with no other spike in between.

    As :class:`NearestSTDP`, but a spike of the target that follows another of the target, with none of the
    source in between, potentiates no more; a spike of the source that follows another of the source depresses
    no more. The reduced symmetric scheme.

    Source: A. Morrison, M. Diesmann and W. Gerstner (2008), Biological Cybernetics 98:459-478,
    10.1007/s00422-008-0233-1, figure 7C.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> iz.RestrictedNearestSTDP.on_pre(w=1.0, y=0.5, since_pre=3.0, since_post=7.0, A_minus=0.1)
    1.0
    """

    def on_pre(w, y, since_pre, since_post, A_minus):
        return w - A_minus * y if since_post < since_pre else w

    def on_post(w, x, since_pre, since_post, A_plus):
        return w + A_plus * x if since_pre <= since_post else w


class PresynapticNearestSTDP(NearestSTDP):
    """Spike-timing dependent plasticity centred on the source: each of its spikes sees the last and the next.

    As :class:`NearestSTDP` for depression; a spike of the target sees all spikes of the source since the last
    spike of the target.

    Source: A. Morrison, M. Diesmann and W. Gerstner (2008), Biological Cybernetics 98:459-478,
    10.1007/s00422-008-0233-1, figure 7B.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> iz.PresynapticNearestSTDP.variables()
    ('r',)
    """

    r = State(0.0)  # spikes of the source since the last one of the target, as they were at the last of them

    def on_pre(w, r, y, since_pre, tau_plus, A_minus):
        return w - A_minus * y, r * exp(-since_pre / tau_plus) + 1.0

    def on_post(w, r, since_pre, tau_plus, A_plus):
        return w + A_plus * r * exp(-since_pre / tau_plus), 0.0
