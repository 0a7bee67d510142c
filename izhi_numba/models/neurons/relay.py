"""A unit that passes spikes on."""

from __future__ import annotations

from izhi_numba.math import where
from izhi_numba.models.declaration import State
from izhi_numba.models.model import Model


class Relay(Model):
    """Passes spikes on, at most one in a step: of several that arrive in one step, all but one are lost.

    It spikes in each step in which the weights that arrive sum up to 1/2 or more. (NEST's ``parrot_neuron``
    keeps the number: it passes on one spike of that multiplicity.) How many were lost, where weights are 1,
    is counted in ``lost``, and a run that loses some warns.

    It copies the spikes of other pools, to delay them, to share one source among many targets, or to
    record them apart. A spike stamped ``t`` that comes with a delay ``d`` is passed on with the stamp
    ``t + d + dt``.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> net = iz.Network(dt=0.5)
    >>> clicks = net.spike_list("clicks", 2, i=[0, 1], t=[10.0, 12.5])
    >>> copies = net.pool("copies", 2, iz.Relay)
    >>> net.connect(clicks, copies, rule=iz.one_to_one(), delay=2.0)
    <clicks -> copies: 2 synapses, one_to_one>
    >>> net.run(30.0)["copies"].spikes.t
    array([12.5, 15. ])
    """

    received = State(0.0)
    lost = State(0.0)

    def advance(I, lost):
        return I, lost + where(I > 1.0, I - 1.0, 0.0)

    def threshold(received):
        return received >= 0.5

    def reset(lost):
        return 0.0, lost
