"""The result of ``simulate``: the record of one neuron, with a plot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from izhi_numba.neuron.plots import plot_neuron
from izhi_numba.neuron.record import NeuronRecord

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class NeuronResult(NeuronRecord):
    """What ``simulate`` returns: the traces and spikes of one neuron, with a plot of them.

    Each variable of the model is an attribute with its trace (``result.v``), and so is the current
    ``result.I``; the values are those at the times ``result.t``, the ends of the steps. On the step of a
    spike the voltage shows the model's peak, if it has one.

    Attributes
    ----------
    model : Model
    name : str
        Of the preset; empty without one.
    values : dict
        Parameters, and variables at time zero, by name.
    current : Input
        What drove it; the values, noise included, are those of ``I``.
    scheme : str
    t : array (steps,)
        In ms.
    spike_times : array
        In ms.
    spike_steps : int array
        Rows of the traces in which the spikes came.
    """

    def plot(self) -> Figure:
        """Draw the voltage with its spikes, the other variables, the current and the phase plane."""
        return plot_neuron(self)
