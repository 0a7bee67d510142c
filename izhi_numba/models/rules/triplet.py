"""Spike-timing dependent plasticity of triplets of spikes."""

from __future__ import annotations

from izhi_numba.models.declaration import Parameter
from izhi_numba.models.plasticity import Plasticity, SourceTrace, TargetTrace


class TripletSTDP(Plasticity):
    """Plasticity of triplets of spikes, all to all, which depends on the rate as it does in visual cortex.

    ::

        r_1, r_2, o_1, o_2 decay with tau_plus, tau_x, tau_minus, tau_y
        when a spike of the source arrives:  w <- w - o_1 (A2_minus + A3_minus r_2),  then r_1, r_2 <- + 1
        when a spike of the target arrives:  w <- w + r_1 (A2_plus + A3_plus o_2),    then o_1, o_2 <- + 1

    Weights stay between 0 and ``w_max``. Defaults are the full model's, fitted to visual cortex.

    Source: J.-P. Pfister and W. Gerstner (2006), "Triplets of spikes in a model of spike timing-dependent
    plasticity", Journal of Neuroscience 26:9673-9682, 10.1523/JNEUROSCI.1425-06.2006, table 4.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> iz.TripletSTDP.on_post(w=1.0, r_1=1.0, o_2=2.0, A2_plus=0.0, A3_plus=0.01)
    1.02
    """

    bounds = (0.0, "w_max")

    r_1, r_2 = SourceTrace("tau_plus"), SourceTrace("tau_x")
    o_1, o_2 = TargetTrace("tau_minus"), TargetTrace("tau_y")
    tau_plus = Parameter(16.8, unit="ms", range=(5.0, 50.0), above=0)
    tau_minus = Parameter(33.7, unit="ms", range=(5.0, 50.0), above=0)
    tau_x = Parameter(101.0, unit="ms", range=(50.0, 1000.0), above=0)
    tau_y = Parameter(125.0, unit="ms", range=(20.0, 200.0), above=0)
    A2_plus = Parameter(5e-10)
    A3_plus = Parameter(6.2e-3)
    A2_minus = Parameter(7e-3)
    A3_minus = Parameter(2.3e-4)
    w_max = Parameter(1.0)

    def on_pre(w, o_1, r_2, A2_minus, A3_minus):
        return w - o_1 * (A2_minus + A3_minus * r_2)

    def on_post(w, r_1, o_2, A2_plus, A3_plus):
        return w + r_1 * (A2_plus + A3_plus * o_2)


class NearestTripletSTDP(TripletSTDP):
    """Plasticity of triplets of nearest spikes: as :class:`TripletSTDP`, where a spike sets its traces to 1.

    Source: J.-P. Pfister and W. Gerstner (2006), Journal of Neuroscience 26:9673-9682,
    10.1523/JNEUROSCI.1425-06.2006, table 4.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> iz.NearestTripletSTDP(w_max=2.0).limits()
    (0.0, 2.0)
    """

    r_1, r_2 = SourceTrace("tau_plus", nearest=True), SourceTrace("tau_x", nearest=True)
    o_1, o_2 = TargetTrace("tau_minus", nearest=True), TargetTrace("tau_y", nearest=True)
    tau_x = Parameter(714.0, unit="ms", range=(50.0, 1000.0), above=0)
    tau_y = Parameter(40.0, unit="ms", range=(20.0, 200.0), above=0)
    A2_plus = Parameter(8.8e-11)
    A3_plus = Parameter(5.3e-2)
    A2_minus = Parameter(6.6e-3)
    A3_minus = Parameter(3.1e-3)
