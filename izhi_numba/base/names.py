"""What is meant by a name that the package does not have: short forms, and names of other simulators."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

MEANT = {  # in lower case, without "_"
    "lif": "iz.LeakyIntegrateAndFire",
    "if": "iz.LeakyIntegrateAndFire",
    "iaf": "iz.LeakyIntegrateAndFire",
    "integrateandfire": "iz.LeakyIntegrateAndFire",
    "qif": "iz.QuadraticIntegrateAndFire",
    "eif": "iz.ExponentialIntegrateAndFire",
    "aeif": "iz.AdEx",
    "adaptiveexponential": "iz.AdEx",
    "hh": "iz.HodgkinHuxley or iz.HodgkinHuxley1952",
    "traubmiles": "iz.HodgkinHuxley",
    "izh": "iz.Izhikevich",
    "izhikevich2003": "iz.Izhikevich",
    "ml": "iz.MorrisLecar",
    "fhn": "iz.FitzHughNagumo",
    "parrot": "iz.Relay",
    "gaba": "iz.GABA_A or iz.GABA_B",
    "population": "iz.Pool",
    "neurongroup": "iz.Pool",
    "neurons": "iz.Pool",
    "subgroup": "iz.Group, from pool.group('exc', 800) or pool[:800]",
    "connect": "pool.connect or net.connect",
    "projection": "pool.connect or net.connect",
    "record": "pool.record or net.record",
    "spikemonitor": "result.spikes, which every run keeps",
    "statemonitor": "pool.record('v') before the run, and result.traces after it",
    "ratemonitor": "result.population_rate",
    "poissongroup": "net.poisson",
    "poissongenerator": "net.poisson, or iz.poisson as an input",
    "spikegenerator": "net.spike_list",
    "spikesourcearray": "net.spike_list",
    "run": "pool.run or net.run",
    "whitenoise": "iz.noise",
    "stdp": "iz.PairSTDP, as connect(..., plasticity=iz.PairSTDP())",
    "stdpsynapse": "iz.PairSTDP or iz.WeightDependentSTDP, as connect(..., plasticity=...)",
    "learningrule": "iz.Plasticity",
    "stp": "iz.TsodyksMarkram",
    "shorttermplasticity": "iz.TsodyksMarkram",
    "dopamine": "iz.DopamineSTDP",
    "homeostasis": "iz.RateScaling, or synapses.normalize",
    "ou": "iz.ornstein_uhlenbeck",
    "dc": "iz.constant",
    "timedarray": "iz.from_samples",
    "psd": "iz.power_spectrum",
    "spectrum": "iz.power_spectrum",
    "welch": "iz.power_spectrum",
    "corrcoef": "iz.correlation",
    "fano": "iz.fano_factor",
    "rasterplot": "result.plot_raster",
    "plotraster": "result.plot_raster",
}


def what_is_meant(name: str, known: Sequence[str]) -> str:
    """End of a message about a name that is not there: what to write in its place.

    Parameters
    ----------
    name : str
    known : sequence of str
        Names that are there.

    Examples
    --------
    >>> what_is_meant("LIF", [])
    "; 'LIF' is iz.LeakyIntegrateAndFire"
    >>> what_is_meant("Izhikevitch", ["AdEx", "Izhikevich"])
    '; do you mean iz.Izhikevich?'
    >>> what_is_meant("xyz", ["AdEx"])
    '; help(iz) is a map of all there is'
    """
    plain = name.lower().replace("_", "")
    if plain in MEANT:
        return f"; {name!r} is {MEANT[plain]}"
    by_plain = {one.lower().replace("_", ""): one for one in known}
    near = difflib.get_close_matches(plain, by_plain, n=3, cutoff=0.7)
    if not near:
        return "; help(iz) is a map of all there is"
    return f"; do you mean {' or '.join('iz.' + by_plain[one] for one in near)}?"


def near(name: str, known: Sequence[str]) -> str:
    """End of a message about an argument or attribute that is not there: a near one, or all that there are.

    Examples
    --------
    >>> near("weigth", ["rate", "weight"]), near("xyz", ["rate", "weight"])
    ("; do you mean 'weight'?", '; there are rate, weight')
    """
    return nearest(name, known) or f"; there are {', '.join(known)}"


def nearest(name: str, known: Sequence[str]) -> str:
    """End of a message about a name that is not there: a near one; empty where there is none."""
    found = difflib.get_close_matches(name, known, n=1, cutoff=0.7)
    return f"; do you mean {found[0]!r}?" if found else ""


_ELSE = {
    "noise_seed": "a trial with another one begins by reset(noise_seed=...)",
    "seed": "it is given where a pool or network is made; other noise comes by reset(noise_seed=...)",
    "dt": "it is given where a pool or network is made",
    "t": "reset() goes back to 0",
    "noise_sd": "drive(..., iz.noise(...)) sets it",
}


def how_else(name: str) -> str:
    """What to do in place of setting an attribute, as the end of a message; empty where there is nothing."""
    return f": {_ELSE[name]}" if name in _ELSE else ""
