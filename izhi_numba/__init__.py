"""izhi_numba: spiking neurons, as fast as the machine allows, in a few lines of Python."""

from izhi_numba.blueshell import IzhikevichPool
from izhi_numba.connectivity import (
    Rule,
    all_to_all,
    fixed_indegree,
    fixed_outdegree,
    fixed_probability,
    from_arrays,
    one_to_one,
)
from izhi_numba.distributions import Distribution, exponential, integers, lognormal, normal, uniform
from izhi_numba.inputs import Input, constant, noise
from izhi_numba.models import Izhikevich, Model, Parameter, State, presets
from izhi_numba.pool import Pool
from izhi_numba.results import Result, SimulationError, Spikes
from izhi_numba.synapses import Synapses
from izhi_numba.variables import Group

__version__ = "0.1.0"

__all__ = [
    "Distribution",
    "Group",
    "Input",
    "Izhikevich",
    "IzhikevichPool",
    "Model",
    "Parameter",
    "Pool",
    "Result",
    "Rule",
    "SimulationError",
    "Spikes",
    "State",
    "Synapses",
    "all_to_all",
    "constant",
    "exponential",
    "fixed_indegree",
    "fixed_outdegree",
    "fixed_probability",
    "from_arrays",
    "integers",
    "lognormal",
    "noise",
    "normal",
    "one_to_one",
    "presets",
    "uniform",
]
