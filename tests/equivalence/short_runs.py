"""Short runs of all that there is, each in both precisions: what ``other_machines.py`` makes hashes of.

They use the public interface alone. What they are given is plain arithmetic, so that no other library's random
numbers or elementary functions are compared along; sizes are no whole vectors, so that remainders of loops are
among them. Compilation is most of their time: runs share models, receptors and schemes where they can.
"""

import functools

import numba
import numpy as np

import izhi_numba as iz
from izhi_numba.base.portable import same_bits
from tests.equivalence.golden_networks import Seen, bent, seen, spread

N = 37
# Model: lowest and highest constant input, noise, with which it spikes a few times in 150 ms.
MODELS = {
    "Izhikevich": (4, 15, 2), "IzhikevichQuadratic": (4, 15, 2), "IzhikevichAccommodation": (4, 15, 2),
    "Izhikevich2007": (90, 300, 20), "Izhikevich2007LTS": (100, 300, 20), "Izhikevich2007FS": (90, 400, 20),
    "Izhikevich2007TC": (90, 300, 20), "Izhikevich2007RTN": (60, 200, 20),
    "LeakyIntegrateAndFire": (250, 500, 50), "QuadraticIntegrateAndFire": (200, 500, 50),
    "ExponentialIntegrateAndFire": (250, 600, 50), "AdEx": (700, 1200, 50),
    "AdaptiveThresholdIntegrateAndFire": (30, 90, 5), "ClopathAdEx": (800, 1500, 50),
    "HodgkinHuxley": (300, 900, 50), "HodgkinHuxley1952": (10, 30, 1), "FitzHughNagumo": (0.4, 0.9, 0.05),
    "MorrisLecar": (95, 120, 2),
}  # fmt: skip
LEARNING = {
    "PairSTDP": {"A_plus": 0.05, "A_minus": 0.04}, "WeightDependentSTDP": {"mu_plus": 0.3, "mu_minus": 0.7},
    "PowerLawSTDP": {}, "NearestSTDP": {"A_plus": 0.05}, "RestrictedNearestSTDP": {"A_plus": 0.05},
    "PresynapticNearestSTDP": {"A_plus": 0.05}, "TripletSTDP": {"A3_plus": 0.1},
    "NearestTripletSTDP": {"A3_plus": 0.1}, "InhibitorySTDP": {"eta": 0.01}, "DopamineSTDP": {"tau_c": 100.0},
    "DerivativeSTDP": {"every": 30.0}, "RateScaling": {"every": 25.0, "beta": 0.1, "tau": 300.0},
    "TsodyksMarkram": {"tau_fac": 200.0}, "StochasticRelease": {"N": 4, "tau_fac": 200.0},
}  # fmt: skip
CURRENTS = {"jump": iz.VoltageJump, "pulse": iz.CurrentPulse, "exp": iz.ExponentialCurrent(tau=3.0),
            "alpha": iz.AlphaCurrent(tau=1.5)}  # fmt: skip
CORTICAL = {"ampa": iz.AMPA, "nmda": iz.NMDA(Mg=1.2), "gaba_a": iz.GABA_A, "gaba_b": iz.GABA_B(g_max=9.0)}
CONDUCTANCES = {"exp": iz.ExponentialConductance(tau=4.0), "alpha": iz.AlphaConductance(tau=1.0),
                "two": iz.BiexponentialConductance(tau_rise=0.5, tau_decay=6.0)}  # fmt: skip
STRENGTHS = {"jump": 0.4, "pulse": 300.0, "exp": 12.0, "alpha": 15.0, "two": 0.9, "ampa": 1.2, "nmda": 0.8,
             "gaba_a": 1.1, "gaba_b": 0.013}  # fmt: skip
TIMES = ("tau_exp", "tau_alpha", "tau_rise_two", "tau_decay_two", "tau_ampa", "tau_gaba_a")  # of receptors
FUNCTIONS = ("exp", "expm1", "exprel", "log", "log1p", "tanh", "cosh", "sigmoid")


def preset(dtype, name):
    """A published cell with the protocol of its figure, and others whose currents are up to 5 % larger."""
    cell = iz.presets[name]
    pool = iz.Pool(9, cell.model, dt=cell.dt, scheme=cell.scheme, dtype=dtype)
    pool.set(**cell, **cell.initial)
    pool.drive(pool, cell.current * (1.0 + np.arange(9) / 160.0))
    pool.record("v", every=10.0)
    return seen(pool, [pool.run(min(cell.duration, 400.0))])


def model(dtype, name):
    """A model by its usual scheme, with noise; neurons whose parameters and first values differ a little."""
    kind, (low, high, noise) = getattr(iz, name), MODELS[name]
    pool = iz.Pool(N, kind, seed=31, dtype=dtype)
    factors = spread(N, 0.98, 1.02)
    pool.set(**kind().start(**{name: factors * one.default for name, one in kind.parameters.items()}))
    pool.drive(pool, spread(N, low, high) + iz.noise(noise))
    pool.record("v", every=5.0)
    return seen(pool, [pool.run(150.0)])


def scheme(dtype, name):
    """The same neurons by another scheme."""
    pool = iz.Pool(N, iz.AdEx, scheme=name, dt=0.05, dtype=dtype)
    pool.drive(pool, spread(N, 700, 1200))
    return seen(pool, [pool.run(100.0)])


def times_of_spikes(dtype, how):
    """Spikes within steps."""
    net = iz.Network(dt=0.5, seed=32, dtype=dtype)
    pool = net.pool("pool", N, iz.LeakyIntegrateAndFire, receptors={"syn": iz.AlphaCurrent}, spike_times=how)
    pool.drive(pool, spread(N, 210.0, 500.0))
    net.connect(pool, pool, rule=iz.fixed_indegree(5), weight=9.0, delay=iz.uniform(0.5, 4.0))
    return seen(net, [net.run(100.0)])


def receptors(dtype, kinds, target, current):
    """Several receptors of one pool, with trains of spikes for each."""
    net = iz.Network(dt=0.1, seed=33, dtype=dtype)
    trains = net.poisson("trains", 40, spread(40, 20.0, 90.0))
    pool = net.pool("pool", N, target, receptors=kinds)
    pool.set(**{name: spread(N, 0.9, 1.1) * getattr(pool, name)[0] for name in TIMES if hasattr(pool, name)})
    pool.drive(pool, spread(N, *current))
    for number, name in enumerate(kinds):
        weight = 0.7 if kinds is CONDUCTANCES else STRENGTHS[name]
        delay = iz.uniform(0.5, 3.0) if number % 2 else 1.0
        net.connect(
            trains, pool, rule=iz.fixed_indegree(6), weight=iz.uniform(0, weight), delay=delay, receptor=name
        )
    pool.record("v", every=5.0)
    return seen(net, [net.run(80.0)])


def learning(dtype, name, delay_at="dendrite"):
    """Three kinds of sources that learn by a rule, the targets among them."""
    net = iz.Network(dt=0.5, seed=34, dtype=dtype)
    a, b = net.pool("a", 12), net.pool("b", 20)
    trains = net.poisson("trains", 10, 60.0)
    a.drive(a, spread(12, 0.0, 14.0))
    b.drive(b, spread(20, 3.0, 40.0))
    rule = getattr(iz, name)(**LEARNING[name])
    made = [
        net.connect(
            pre, b, rule=iz.fixed_probability(0.4), weight=iz.uniform(0, 1), delay=iz.integers(0, 20),
            delay_at=delay_at, plasticity=rule,
        )
        for pre in (a, b, trains)
    ]  # fmt: skip
    results = []
    for number in range(3):
        results.append(net.run(45.0))
        if name == "DopamineSTDP":
            made[number].modulate(d=0.25 + number / 16.0)
    return seen(net, results, *(getattr(one, state) for one in made for state in rule.states))


def learning_from_voltages(dtype):
    """The rule that asks for voltages, with the model that has them."""
    net = iz.Network(dt=0.5, seed=35, dtype=dtype)
    trains = net.poisson("trains", 20, 60.0)
    pool = net.pool("pool", N, iz.ClopathAdEx)
    pool.drive(pool, spread(N, 800.0, 1500.0))
    net.connect(
        trains, pool, rule=iz.fixed_probability(0.4), weight=iz.uniform(0, 60), delay=iz.integers(1, 9),
        plasticity=iz.ClopathSTDP(),
    )  # fmt: skip
    return seen(net, [net.run(120.0)])


def inputs(dtype):
    """Waveforms, noise, processes and trains; ``I`` of all neurons is recorded."""
    drives = [
        iz.step(9.0, start=10.0, stop=60.0) + 2.0, iz.pulse_train(9.0, period=17.0, width=6.5), iz.square(9.0, period=30.0),
        7.0 + iz.sine(9.0, frequency=11.0, phase=0.3), 7.0 + iz.chirp(6.0, f0=2.0, f1=60.0, duration=130.0),
        iz.ramp(0.3), iz.from_samples(spread(50, 0.0, 20.0), dt=1.7), iz.from_function(lambda t: 6.0 + 6.0 * bent(t)),
        iz.noise(6.0) + 3.0, 4.0 + iz.ornstein_uhlenbeck(spread(9, 2.0, 6.0), tau=7.0),
        4.0 + iz.ornstein_uhlenbeck(2.0, tau=spread(9, 1.0, 30.0), start=30.0),
        2.0 + iz.poisson(spread(9, 100.0, 900.0), weight=5.0) + iz.poisson(2.0, n=400, weight=2.0),
        2.0 + iz.poisson(lambda t: 400.0 + 300.0 * bent(t), n=2, weight=spread(9, 2.0, 6.0)),
    ]  # fmt: skip
    pool = iz.Pool(9 * len(drives), dt=0.5, seed=36, dtype=dtype)
    for number, drive in enumerate(drives):
        pool.drive(pool.group(f"g{number}", 9), drive)
    pool.record("I", every=0.5)
    return seen(pool, [pool.run(120.0)], pool.random(N))


def _rules():
    """Rules between 37 neurons by name; rules that do not draw weights or delays get them."""
    places = iz.grid(1, N)
    pre, post = np.arange(300) * 7 % N, np.arange(300) * 11 % N
    near = iz.gaussian_profile(3.0, peak=0.9)
    far = iz.exponential_profile(5.0)
    return {
        "all_to_all": iz.all_to_all(), "one_to_one": iz.one_to_one(),
        "fixed_probability": iz.fixed_probability(0.2), "fixed_outdegree": iz.fixed_outdegree(7, multapses=False),
        "fixed_indegree": iz.fixed_indegree(7), "fixed_total_number": iz.fixed_total_number(200),
        "small_world": iz.small_world(8, 0.2), "scale_free": iz.scale_free(5),
        "distance_dependent, gaussian": iz.distance_dependent(places, near, delay=iz.by_distance(1.5, offset=1.0)),
        "distance_dependent, exponential": iz.distance_dependent(places, far, autapses=False),
        "from_arrays": iz.from_arrays(pre, post, spread(300, 0, 1), spread(300, 0, 8)),
    }  # fmt: skip


def rule(dtype, name):
    """Synapses of a rule; few of them have an effect on spikes."""
    pool = iz.Pool(N, seed=37, dtype=dtype)
    pool.drive(pool, spread(N, 4.0, 15.0))
    how = _rules()[name]
    given = {} if how.weight is not None else {"weight": iz.uniform(0.0, 2.0)}
    if how.delay is None:
        given["delay"] = iz.integers(1, 4)
    pool.connect(pool, pool, rule=how, **given)
    return seen(pool, [pool.run(50.0)])


def distributions(dtype):
    """Each distribution of weights with each of delays."""
    pool = iz.Pool(N, dt=0.25, seed=38, dtype=dtype)
    pool.drive(pool, spread(N, 4.0, 15.0))
    weights = [iz.uniform(0, 0.6), iz.normal(0.3, 0.1, low=0.05), iz.lognormal(-1.5, 0.4), iz.exponential(0.3),
               iz.integers(0, 2)]  # fmt: skip
    delays = [iz.uniform(0, 4), iz.normal(8, 2, low=0.25, high=12), iz.lognormal(1.5, 0.7), iz.exponential(4),
              iz.integers(1, 30)]  # fmt: skip
    for weight in weights:
        for delay in delays:
            pool.connect(pool, pool, rule=iz.fixed_outdegree(4), weight=weight, delay=delay)
    return seen(pool, [pool.run(100.0)])


def cortical(dtype):
    """The network of 2003, smaller."""
    pool = iz.Pool.cortical(300, seed=39, dtype=dtype)
    exc, _ = pool.synapses
    exc.gain = 3.0
    return seen(pool, [pool.run(200.0)])


def pools(dtype):
    """Pools of different models, a source, a relay and given spikes."""
    net = iz.Network(dt=0.5, seed=40, dtype=dtype)
    trains, beat = (
        net.poisson("trains", 30, 40.0),
        net.spike_list("beat", 5, np.arange(20) % 5, 1.0 + np.arange(20) * 3.0),
    )
    relay, exc = net.pool("relay", 30, iz.Relay), net.pool("exc", 80)
    inh = net.pool("inh", 20, scheme="fig2003")
    exc.drive(exc, iz.noise(5.0))
    inh.drive(inh, iz.noise(4.0) + 2.0)
    net.connect(trains, relay, rule=iz.one_to_one(), delay=2.0)
    net.connect(relay, exc, rule=iz.fixed_indegree(5), weight=iz.uniform(0, 6), delay=iz.uniform(0.5, 6))
    net.connect(beat, inh, rule=iz.all_to_all(), weight=iz.uniform(0, 9), delay=0.5)
    net.connect(exc, inh, rule=iz.fixed_probability(0.3), weight=1.0, delay=iz.integers(1, 9))
    net.connect(inh, exc, rule=iz.fixed_outdegree(20), weight=iz.normal(-2.0, 0.5), delay=1.0)
    results = [net.run(60.0), net.step()]
    inh.v -= 3.0
    return seen(net, [*results, net.run(60.0)])


@functools.cache
def _loop_over(name):
    function = getattr(iz.math, name)

    @numba.njit(error_model="numpy")
    def loop(x, y):
        for i in range(len(x)):
            y[i] = function(x[i])

    return loop


def function(dtype, name):
    """An elementary function, from where results are 0 to where they are infinite, and densely around 0.

    Compiled, and as it is for constants and first values.
    """
    x = np.concatenate([spread(30_000, -760.0, 760.0), spread(30_000, -3.0, 3.0)]).astype(dtype)
    y = np.empty_like(x)
    _loop_over(name)(x, y)
    if dtype == "float32":  # the plain one is numpy's
        return Seen([y], [], [])
    with np.errstate(all="ignore"):
        return Seen([y, same_bits(getattr(iz.math, name))(x)], [], [])


def _all_runs():
    runs = {f"preset {name}": functools.partial(preset, name=name) for name in iz.presets}
    runs |= {f"model {name}": functools.partial(model, name=name) for name in MODELS}
    runs |= {f"scheme {name}": functools.partial(scheme, name=name) for name in ("euler", "heun", "rk4")}
    runs |= {
        f"spikes {how}": functools.partial(times_of_spikes, how=how) for how in ("interpolated", "precise")
    }
    leaky, simple = (iz.LeakyIntegrateAndFire, (180.0, 400.0)), (iz.Izhikevich2007TC, (60.0, 200.0))
    quadratic = (iz.QuadraticIntegrateAndFire, (180.0, 400.0))
    for what, kinds, (target, current) in (
        ("currents", CURRENTS, leaky), ("cortical", CORTICAL, simple), ("conductances", CONDUCTANCES, quadratic),
    ):  # fmt: skip
        runs[f"receptors {what}"] = functools.partial(receptors, kinds=kinds, target=target, current=current)
    runs |= {f"connections {name}": functools.partial(rule, name=name) for name in _rules()}
    runs |= {f"function {name}": functools.partial(function, name=name) for name in FUNCTIONS}
    runs |= {f"network {one.__name__}": one for one in (cortical, pools, inputs, distributions)}
    runs |= {f"learning {name}": functools.partial(learning, name=name) for name in LEARNING}
    runs["learning PairSTDP, axons"] = functools.partial(learning, name="PairSTDP", delay_at="axon")
    runs["learning ClopathSTDP"] = learning_from_voltages
    return runs


RUNS = _all_runs()  # name: function of a precision
