"""Spiking neurons, as fast as the machine allows, in a few lines of Python.

    import izhi_numba as iz

Times are in ms, voltages in mV, rates in Hz. ``help(iz.Pool)``, ``help(iz.AMPA)`` and so on tell the rest.

Pools and networks
    Pool                  neurons of one model: group, connect, drive, record, run, update, reset, save, store
    Pool.cortical         the network of Izhikevich (2003)
    Network               several pools in step: pool, poisson, spike_list, connect, drive, record, run, reset
    load                  a pool or network from the file that pool.save or net.save has written
    Group, Sources, SpikeList, Synapses   what pool.group, net.poisson, net.spike_list, connect return
    Result, NetworkResult, Spikes   of a run: spikes, traces, counts, rate, trains, cv, plot_raster
    Profile               where the time of a run went, if that was asked for
    RealTime, Lag         a run in step with the clock, run(..., realtime=True), and how far it was behind
    Progress              what run(..., progress=function) tells
    RecordedWeights       what synapses.record has asked for, at intervals: result.weights, result.synapses
    Returned              what functions have returned that a run called, run(..., every={10.0: function})
    open_results          what record(..., to="run.h5") has written, also while it goes on
    load_result           what result.save has written; for other tools: result.to_pandas, to_neo, ...
    DoubtfulWarning       what can be simulated, but is seldom meant: another unit, an input that is over
    SimulationError       a run that stopped, by a state that is not finite; error.result is its record
    IzhikevichPool        the interface of Blue Shell

One neuron
    simulate, NeuronResult     one neuron with everything kept; .plot() shows it

Neurons
    Izhikevich, IzhikevichQuadratic, IzhikevichAccommodation   of 2003 and 2004
    Izhikevich2007, Izhikevich2007FS, Izhikevich2007LTS, Izhikevich2007TC, Izhikevich2007RTN   of the book
    LeakyIntegrateAndFire, QuadraticIntegrateAndFire, ExponentialIntegrateAndFire, AdEx
    AdaptiveThresholdIntegrateAndFire   leaky, with a threshold that rises with each spike
    ClopathAdEx           AdEx with a spike of some width, and filtered voltages
    HodgkinHuxley, HodgkinHuxley1952, MorrisLecar, FitzHughNagumo
    Relay                 passes spikes on
    presets, Preset       published parameters, with protocol and source: iz.presets["RS"]
    Model, State, Parameter, Constant   to write one of your own
    math                  elementary functions for it, as vector code

Receptors: what an arriving weight does
    VoltageJump           a jump of the voltage, mV
    CurrentPulse          added to the input I for one step, as without receptors
    ExponentialCurrent, AlphaCurrent   pA
    ExponentialConductance, AlphaConductance, BiexponentialConductance, AMPA, NMDA, GABA_A   nS
    GABA_B                a fraction of activated receptors
    Receptor, compose     to write one of your own; to give receptors to a model

Plasticity: how synapses learn
    PairSTDP, WeightDependentSTDP, PowerLawSTDP   all pairs of spikes: additive, to multiplicative, power law
    NearestSTDP, RestrictedNearestSTDP, PresynapticNearestSTDP   neighbours
    TripletSTDP, NearestTripletSTDP   triplets of spikes
    ClopathSTDP           by the voltage of the target
    InhibitorySTDP        brings targets to a rate
    DopamineSTDP          changes that wait for a reward
    DerivativeSTDP        changes that are applied each second
    RateScaling           homeostasis: weights that are scaled until targets have a rate
    TsodyksMarkram        short-term depression and facilitation
    StochasticRelease     the same of vesicles, at random
    Plasticity, SourceTrace, TargetTrace, TargetValue, Modulator, Random   to write one of your own

Rules: who connects to whom
    all_to_all, one_to_one, fixed_probability, fixed_indegree, fixed_outdegree, fixed_total_number
    distance_dependent, gaussian_profile, exponential_profile, grid   near ones rather than far ones
    small_world, scale_free
    from_arrays, from_scipy, from_networkx   given pairs; a function of the source is a rule, too
    Rule                  what they return

Weights and delays
    uniform, normal, lognormal, exponential, integers, by_distance, Distribution

Inputs: what drives neurons from outside
    constant, step, pulse, pulse_train, square, sine, ramp, chirp, from_samples, from_function
    noise, ornstein_uhlenbeck    drawn for each neuron
    poisson               trains of spikes for each neuron
    Input                 what they return; inputs add, scale and shift

Analysis
    isi, cv, lv, adaptation_index, bursts   of spike times; of runs: result.isi, cv, lv, trains
    fano_factor, correlation            of spike counts; of runs: result.fano_factor, correlation
    power_spectrum                      of a signal; of runs: result.power_spectrum
    f_i_curve, FICurve, rheobase        rate against current
    fixed_points, FixedPoint, jacobian, nullclines, vector_field   of a model

Plots
    plot_phase_plane      nullclines, flow, fixed points; results have plot, plot_raster, plot_traces
    explore               the interactive page, in a notebook; ``izhi-numba explore`` in a browser
"""

from typing import TYPE_CHECKING

from izhi_numba import math
from izhi_numba.base.doubts import DoubtfulWarning
from izhi_numba.base.names import what_is_meant
from izhi_numba.connectivity.distributions import (
    Distribution,
    by_distance,
    exponential,
    integers,
    lognormal,
    normal,
    uniform,
)
from izhi_numba.connectivity.pairs import from_arrays, from_networkx, from_scipy
from izhi_numba.connectivity.rules import (
    Rule,
    all_to_all,
    fixed_indegree,
    fixed_outdegree,
    fixed_probability,
    fixed_total_number,
    one_to_one,
    scale_free,
    small_world,
)
from izhi_numba.connectivity.space import distance_dependent, exponential_profile, gaussian_profile, grid
from izhi_numba.engine.pacing import RealTime
from izhi_numba.engine.progress import Progress
from izhi_numba.explorer import explore
from izhi_numba.inputs.makers import (
    chirp,
    constant,
    from_function,
    from_samples,
    noise,
    ornstein_uhlenbeck,
    poisson,
    pulse,
    pulse_train,
    ramp,
    sine,
    square,
    step,
)
from izhi_numba.inputs.terms import Input
from izhi_numba.interop.blueshell import IzhikevichPool
from izhi_numba.models import (
    AMPA,
    GABA_A,
    GABA_B,
    NMDA,
    AdaptiveThresholdIntegrateAndFire,
    AdEx,
    AlphaConductance,
    AlphaCurrent,
    BiexponentialConductance,
    ClopathAdEx,
    Constant,
    CurrentPulse,
    ExponentialConductance,
    ExponentialCurrent,
    ExponentialIntegrateAndFire,
    FitzHughNagumo,
    HodgkinHuxley,
    HodgkinHuxley1952,
    Izhikevich,
    Izhikevich2007,
    Izhikevich2007FS,
    Izhikevich2007LTS,
    Izhikevich2007RTN,
    Izhikevich2007TC,
    IzhikevichAccommodation,
    IzhikevichQuadratic,
    LeakyIntegrateAndFire,
    Model,
    MorrisLecar,
    Parameter,
    Preset,
    QuadraticIntegrateAndFire,
    Receptor,
    Relay,
    State,
    VoltageJump,
    presets,
)
from izhi_numba.models.plasticity import (
    Modulator,
    Plasticity,
    Random,
    SourceTrace,
    TargetTrace,
    TargetValue,
)
from izhi_numba.models.rules import (
    ClopathSTDP,
    DerivativeSTDP,
    DopamineSTDP,
    InhibitorySTDP,
    NearestSTDP,
    NearestTripletSTDP,
    PairSTDP,
    PowerLawSTDP,
    PresynapticNearestSTDP,
    RateScaling,
    RestrictedNearestSTDP,
    StochasticRelease,
    TripletSTDP,
    TsodyksMarkram,
    WeightDependentSTDP,
)
from izhi_numba.network.checkpoint import load
from izhi_numba.network.groups import Group
from izhi_numba.network.network import Network
from izhi_numba.network.pool import Pool
from izhi_numba.network.sources import Sources, SpikeList
from izhi_numba.network.synapses import Synapses
from izhi_numba.neuron.f_i import f_i_curve, rheobase
from izhi_numba.neuron.f_i_curve import FICurve
from izhi_numba.neuron.fixed_points import FixedPoint, fixed_points, jacobian
from izhi_numba.neuron.phase_plane import nullclines, vector_field
from izhi_numba.neuron.plots import plot_phase_plane
from izhi_numba.neuron.result import NeuronResult
from izhi_numba.neuron.simulate import simulate
from izhi_numba.numerics.composition import compose
from izhi_numba.results.counts import correlation, fano_factor
from izhi_numba.results.error import SimulationError
from izhi_numba.results.lag import Lag
from izhi_numba.results.network_result import NetworkResult
from izhi_numba.results.opened import open_results
from izhi_numba.results.profile import Profile
from izhi_numba.results.result import Result
from izhi_numba.results.returned import Returned
from izhi_numba.results.saved import load_result
from izhi_numba.results.spectrum import power_spectrum
from izhi_numba.results.spike_trains import adaptation_index, bursts, cv, isi, lv
from izhi_numba.results.spikes import Spikes
from izhi_numba.results.weights import RecordedWeights
from izhi_numba.version import __version__ as __version__

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
    "ClopathSTDP",
    "Constant",
    "CurrentPulse",
    "DerivativeSTDP",
    "Distribution",
    "DopamineSTDP",
    "DoubtfulWarning",
    "ExponentialConductance",
    "ExponentialCurrent",
    "ExponentialIntegrateAndFire",
    "FICurve",
    "FitzHughNagumo",
    "FixedPoint",
    "Group",
    "HodgkinHuxley",
    "HodgkinHuxley1952",
    "InhibitorySTDP",
    "Input",
    "Izhikevich",
    "Izhikevich2007",
    "Izhikevich2007FS",
    "Izhikevich2007LTS",
    "Izhikevich2007RTN",
    "Izhikevich2007TC",
    "IzhikevichAccommodation",
    "IzhikevichPool",
    "IzhikevichQuadratic",
    "Lag",
    "LeakyIntegrateAndFire",
    "Model",
    "Modulator",
    "MorrisLecar",
    "NearestSTDP",
    "NearestTripletSTDP",
    "Network",
    "NetworkResult",
    "NeuronResult",
    "PairSTDP",
    "Parameter",
    "Plasticity",
    "Pool",
    "PowerLawSTDP",
    "Preset",
    "PresynapticNearestSTDP",
    "Profile",
    "Progress",
    "QuadraticIntegrateAndFire",
    "Random",
    "RateScaling",
    "RealTime",
    "Receptor",
    "RecordedWeights",
    "Relay",
    "RestrictedNearestSTDP",
    "Result",
    "Returned",
    "Rule",
    "SimulationError",
    "SourceTrace",
    "Sources",
    "SpikeList",
    "Spikes",
    "State",
    "StochasticRelease",
    "Synapses",
    "TargetTrace",
    "TargetValue",
    "TripletSTDP",
    "TsodyksMarkram",
    "VoltageJump",
    "WeightDependentSTDP",
    "adaptation_index",
    "all_to_all",
    "bursts",
    "by_distance",
    "chirp",
    "compose",
    "constant",
    "correlation",
    "cv",
    "distance_dependent",
    "explore",
    "exponential",
    "exponential_profile",
    "f_i_curve",
    "fano_factor",
    "fixed_indegree",
    "fixed_outdegree",
    "fixed_points",
    "fixed_probability",
    "fixed_total_number",
    "from_arrays",
    "from_function",
    "from_networkx",
    "from_samples",
    "from_scipy",
    "gaussian_profile",
    "grid",
    "integers",
    "isi",
    "jacobian",
    "load",
    "load_result",
    "lognormal",
    "lv",
    "math",
    "noise",
    "normal",
    "nullclines",
    "one_to_one",
    "open_results",
    "ornstein_uhlenbeck",
    "plot_phase_plane",
    "poisson",
    "power_spectrum",
    "presets",
    "pulse",
    "pulse_train",
    "ramp",
    "rheobase",
    "scale_free",
    "simulate",
    "sine",
    "small_world",
    "square",
    "step",
    "uniform",
    "vector_field",
]


def __dir__() -> list[str]:
    return [*__all__, *(name for name in globals() if name.startswith("__"))]


if not TYPE_CHECKING:  # for a type checker every name would be there

    def __getattr__(name: str) -> object:
        """Say what is meant by a name that is not there: ``iz.LIF``."""
        told = "" if name.startswith("_") else what_is_meant(name, __all__)
        raise AttributeError(f"izhi_numba has no {name!r}{told}", name=name)
