"""Neuron models: what one neuron is, stated once in plain Python."""

from izhi_numba.models.izhikevich import Izhikevich
from izhi_numba.models.model import Model, Parameter, State
from izhi_numba.models.presets import presets

__all__ = ["Izhikevich", "Model", "Parameter", "State", "presets"]
