"""Plasticity rules that have been published."""

from izhi_numba.models.rules.derivative import DerivativeSTDP
from izhi_numba.models.rules.dopamine import DopamineSTDP
from izhi_numba.models.rules.inhibitory import InhibitorySTDP
from izhi_numba.models.rules.nearest import NearestSTDP, PresynapticNearestSTDP, RestrictedNearestSTDP
from izhi_numba.models.rules.pair import PairSTDP
from izhi_numba.models.rules.power_law import PowerLawSTDP
from izhi_numba.models.rules.scaling import RateScaling
from izhi_numba.models.rules.short_term import TsodyksMarkram
from izhi_numba.models.rules.stochastic import StochasticRelease
from izhi_numba.models.rules.triplet import NearestTripletSTDP, TripletSTDP
from izhi_numba.models.rules.voltages import ClopathSTDP
from izhi_numba.models.rules.weight_dependent import WeightDependentSTDP

__all__ = [
    "ClopathSTDP",
    "DerivativeSTDP",
    "DopamineSTDP",
    "InhibitorySTDP",
    "NearestSTDP",
    "NearestTripletSTDP",
    "PairSTDP",
    "PowerLawSTDP",
    "PresynapticNearestSTDP",
    "RateScaling",
    "RestrictedNearestSTDP",
    "StochasticRelease",
    "TripletSTDP",
    "TsodyksMarkram",
    "WeightDependentSTDP",
]
