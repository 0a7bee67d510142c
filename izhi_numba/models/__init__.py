"""Neuron models: what one neuron is, stated once in plain Python."""

from izhi_numba.models.declaration import Constant, Parameter, State
from izhi_numba.models.model import Model
from izhi_numba.models.neurons.adex import AdEx
from izhi_numba.models.neurons.clopath import ClopathAdEx
from izhi_numba.models.neurons.fitzhugh_nagumo import FitzHughNagumo
from izhi_numba.models.neurons.hodgkin_huxley import HodgkinHuxley, HodgkinHuxley1952
from izhi_numba.models.neurons.integrate_and_fire import (
    AdaptiveThresholdIntegrateAndFire,
    ExponentialIntegrateAndFire,
    LeakyIntegrateAndFire,
    QuadraticIntegrateAndFire,
)
from izhi_numba.models.neurons.izhikevich import Izhikevich, IzhikevichAccommodation, IzhikevichQuadratic
from izhi_numba.models.neurons.izhikevich2007 import (
    Izhikevich2007,
    Izhikevich2007FS,
    Izhikevich2007LTS,
    Izhikevich2007RTN,
    Izhikevich2007TC,
)
from izhi_numba.models.neurons.morris_lecar import MorrisLecar
from izhi_numba.models.neurons.relay import Relay
from izhi_numba.models.presets import Preset, presets
from izhi_numba.models.receptor import Receptor
from izhi_numba.models.receptors import (
    AMPA,
    GABA_A,
    GABA_B,
    NMDA,
    AlphaConductance,
    AlphaCurrent,
    BiexponentialConductance,
    CurrentPulse,
    ExponentialConductance,
    ExponentialCurrent,
    VoltageJump,
)

__all__ = [
    "AMPA",
    "GABA_A",
    "GABA_B",
    "NMDA",
    "AdEx",
    "AdaptiveThresholdIntegrateAndFire",
    "AlphaConductance",
    "AlphaCurrent",
    "BiexponentialConductance",
    "ClopathAdEx",
    "Constant",
    "CurrentPulse",
    "ExponentialConductance",
    "ExponentialCurrent",
    "ExponentialIntegrateAndFire",
    "FitzHughNagumo",
    "HodgkinHuxley",
    "HodgkinHuxley1952",
    "Izhikevich",
    "Izhikevich2007",
    "Izhikevich2007FS",
    "Izhikevich2007LTS",
    "Izhikevich2007RTN",
    "Izhikevich2007TC",
    "IzhikevichAccommodation",
    "IzhikevichQuadratic",
    "LeakyIntegrateAndFire",
    "Model",
    "MorrisLecar",
    "Parameter",
    "Preset",
    "QuadraticIntegrateAndFire",
    "Receptor",
    "Relay",
    "State",
    "VoltageJump",
    "presets",
]
