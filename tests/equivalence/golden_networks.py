"""The networks whose bits ``test_golden_bits.py`` pins. They use the public interface alone.

Each function takes a number of threads, builds and runs a network, and returns what was seen of it. What it
is given (parameters, rates, pairs) is plain arithmetic, so that no other library's random numbers or
elementary functions are pinned along.
"""

from dataclasses import dataclass

import networkx
import numpy as np
import scipy.sparse

import izhi_numba as iz


@dataclass
class Seen:
    """What is pinned of a network: two lists of arrays, so that a failure says what has changed."""

    activity: list
    synapses: list
    silent: list  # members without a spike, of which there should be none


def seen(network, results, *more):
    """Collect spikes, traces and the last state, ``more`` arrays of activity, and all synapses."""
    activity, totals = [np.asarray(one) for one in more], {}
    several = isinstance(network, iz.Network)
    for result in results:
        for name, part in result.items() if several else [("the pool", result)]:
            activity += [part.spikes.i, part.spikes.t, part.counts, part.spikes_per_step]
            activity += [part.traces[variable] for variable in sorted(part.traces)]
            totals[name] = totals.get(name, 0) + int(part.counts.sum())
    for pool in network.pools.values() if several else [network]:
        activity += [getattr(pool, state).copy() for state in pool.model.states]
    synapses = []
    for one in network.synapses:
        synapses += [*one.to_arrays(), one.delays, np.array([one.gain, len(one)])]
    return Seen(activity, synapses, [name for name, total in totals.items() if not total])


def spread(n, low, high):
    """``n`` numbers from low to high in no order: multiples of the golden ratio."""
    return low + (high - low) * (np.arange(n) * 0.6180339887498949 % 1.0)


def bent(t):
    """A wave of parabolas from -1 to 1 with a period of 40 ms, without a sine."""
    x = np.mod(t / 20.0, 2.0) - 1.0
    return 4.0 * x * (1.0 - np.abs(x))


def risen(t):
    """A current."""
    return 6.0 + 6.0 * bent(t)


def modulated(t):
    """A rate in Hz."""
    return 400.0 + 300.0 * bent(t)


def waving(t):
    """Another one."""
    return 40.0 + 35.0 * bent(t)


def cortical(threads):
    """The network of 2003: dense with weights; weights of pairs, and a gain, between runs."""
    pool = iz.Pool.cortical(1000, seed=7, threads=threads)
    pool.record("v", neurons=[0, 500, 999])
    pool.record("I", neurons=[3, 801], every=5.0)
    results = [pool.run(150.0)]
    exc, inh = pool.synapses
    exc[5, :] = 0.9
    exc[:50, [1, 7, 300]] = 1.5
    inh.gain = 1.25
    results.append(pool.run(100.0))
    inh.weights = 0.5 * inh.weights
    exc.gain = 0.8
    results.append(pool.run(100.0))
    return seen(pool, results, exc[5, 3:9], inh.weights)


def cortical_large(threads):
    """The same above 1000 neurons, in double precision: no delay, a hundred targets."""
    pool = iz.Pool.cortical(5500, seed=8, threads=threads, dtype="float64")
    results = [pool.run(120.0)]
    pool.drive("exc", iz.noise(4.0) + 1.0)
    pool["inh"].a = 0.05
    results.append(pool.run(60.0))
    return seen(pool, results)


def dense(threads):
    """All to all: with one weight, an array, drawn ones; without delay, with one, with several."""
    pool = iz.Pool(1300, seed=3, threads=threads)
    left, middle, right = pool.group("left", 450), pool.group("middle", 451), pool.group("right", 399)
    pool.drive(pool, spread(1300, 2.0, 9.0) + iz.noise(2.0))
    everyone, others = iz.all_to_all(), iz.all_to_all(autapses=False)
    one = pool.connect(left, middle, rule=everyone, weight=0.1, delay=3.0)
    none = pool.connect(left, pool, rule=others, weight=0.05)
    given = pool.connect(
        middle, right, rule=everyone, weight=spread(451 * 399, -0.1, 0.3).reshape(451, 399), delay=1.0
    )
    drawn = pool.connect(right, left, rule=everyone, weight=iz.uniform(-0.4, 0.0), delay=4.0)
    pool.connect(right, middle, rule=others, weight=iz.normal(-0.2, 0.1), delay=iz.integers(0, 6))
    pool.connect(right, right, rule=others, weight=iz.uniform(-0.3, 0.1), delay=0.0)
    pool.record("I", neurons=[0, 600, 1250])
    results = [pool.run(120.0)]
    one.gain, given.gain, drawn.gain = 0.5, 1.5, -0.25
    none[:100, 0] = 0.2  # had one weight for all
    results.append(pool.run(60.0))
    given.weights = 0.1
    drawn.weights = spread(len(drawn), -0.5, 0.0)
    one.weights = 0.3
    results.append(pool.run(60.0))
    return seen(pool, results, none[95:105, 0])


def rules(threads):
    """All rules and a function, within one pool: those with weights share their rows."""
    pool = iz.Pool(1200, seed=11, threads=threads)
    a, b = pool.group("a", 800, sign="excitatory"), pool.group("b", 400)
    pool.drive(pool, iz.noise(5.0) + 1.0)
    places = iz.grid(30, 40)

    def connect(rule, pre=pool, post=pool, delay=2.0, weight=None):
        weight = iz.uniform(0.0, 0.6) if weight is None else weight
        return pool.connect(pre, post, rule=rule, weight=weight, delay=delay)

    connect(iz.all_to_all(), pool[:40], b, 3.0)
    connect(iz.one_to_one(), a, pool[400:])
    connect(iz.one_to_one(), delay=spread(1200, 0.0, 9.0), weight=spread(1200, 0.0, 2.0))
    connect(iz.fixed_probability(0.01), delay=iz.integers(1, 4))
    connect(iz.fixed_probability(0.3, autapses=False), b, b, weight=-0.1)
    connect(iz.fixed_outdegree(7, autapses=False, multapses=False))
    connect(iz.fixed_outdegree(20), b, a, weight=-0.5, delay=1.0)
    connect(iz.fixed_indegree(9, autapses=False))
    connect(iz.fixed_indegree(5, multapses=False), a, b)
    connect(iz.fixed_total_number(5000))
    connect(iz.fixed_total_number(1000, autapses=False), b, b, delay=iz.uniform(0, 5), weight=0.3)
    connect(iz.small_world(8, 0.2))
    connect(iz.small_world(6, 0.5), a, a, delay=5.0)
    connect(iz.scale_free(10))
    connect(iz.scale_free(4, 2.5, autapses=True), a, b, weight=0.4)
    near = iz.distance_dependent(
        places, iz.gaussian_profile(1.5, peak=0.6), periodic=(40, 30), delay=iz.by_distance(1.5, offset=1.0)
    )
    connect(near, delay=None)
    deep = np.column_stack([spread(800, 0, 9), spread(800, 0, 7)[::-1], np.arange(800) % 5])
    falling = iz.exponential_profile(0.8)
    connect(iz.distance_dependent(deep, falling, max_distance=4.0, autapses=False), a, a)
    flat = iz.distance_dependent(places[:800], 0.2, targets=places[800:], max_distance=12.0, delay=1.0)
    connect(flat, a, b, delay=None, weight=0.2)
    pre, post = np.arange(3000) * 37 % 1200, np.arange(3000) * 101 % 1200
    pool.connect(pool, pool, rule=iz.from_arrays(pre, post, spread(3000, 0, 1), spread(3000, 0, 8)))
    pool.connect(b, b, rule=iz.from_arrays(pre % 400, post % 399), weight=0.2, delay=iz.exponential(3.0))
    matrix = scipy.sparse.coo_array((spread(2000, 0, 1), (pre[:2000] % 800, post[:2000])), shape=(800, 1200))
    pool.connect(a, pool, rule=iz.from_scipy(matrix, delay=2.0))
    graph = networkx.DiGraph()
    graph.add_nodes_from(range(400))
    graph.add_weighted_edges_from((i, (i * i + 7) % 400, i / 400) for i in range(400))
    pool.connect(b, b, rule=iz.from_networkx(graph), delay=1.0)
    pool.connect(a, b, rule=lambda i: range(i % 5), weight=1.0, delay=1.0)
    pool.connect(b, a, rule=lambda i: ([i, 2 * i], [-0.5, i / 400], [1.0, i % 7]))
    pool.record("v", neurons=b, every=10.0)
    return seen(pool, [pool.run(150.0)])


def rules_between_pools(threads):
    """Rules that draw sources for targets, and targets for sources, between pools of different sizes."""
    net = iz.Network(dt=0.5, seed=12, threads=threads, dtype="float64")
    a, b = net.pool("a", 1100), net.pool("b", 777, iz.IzhikevichQuadratic)
    a.drive(a, spread(1100, 4.0, 12.0))
    b.drive(b, iz.noise(6.0) + 3.0)
    uniform = iz.uniform(-1.0, 2.0)
    net.connect(a, b, rule=iz.fixed_probability(0.02), weight=uniform, delay=iz.uniform(0.5, 6.0))
    net.connect(a, b, rule=iz.fixed_indegree(30, multapses=False), weight=uniform, delay=2.0)
    net.connect(b, a, rule=iz.fixed_outdegree(25, multapses=False), weight=uniform, delay=iz.integers(1, 9))
    net.connect(b, a, rule=iz.fixed_total_number(9000), weight=uniform, delay=1.5)
    net.connect(b, a, rule=iz.scale_free(6), weight=0.8, delay=1.0)
    net.connect(a[:777], b, rule=iz.one_to_one(), weight=spread(777, 0.0, 4.0), delay=0.5)
    net.connect(a[100:300], b[:200], rule=iz.all_to_all(), weight=0.02, delay=0.5)
    wide = iz.distance_dependent(
        iz.grid(20, 55), iz.gaussian_profile(3.0, peak=0.5), targets=iz.grid(21, 37, 1.2)
    )
    net.connect(a, b, rule=wide, weight=iz.lognormal(-1.0, 0.6), delay=iz.by_distance(2.0))
    return seen(net, [net.run(80.0), net.step(), net.run(40.0)])


def distributions(threads):
    """Each distribution of weights with each of delays; long and many delays."""
    net = iz.Network(dt=0.25, seed=13, threads=threads)
    a = net.pool("a", 600, iz.Izhikevich2007)
    b = net.pool("b", 500, iz.Izhikevich2007FS, receptors={"x": iz.ExponentialCurrent(), "y": iz.AMPA})
    a.drive(a, spread(600, 60.0, 240.0))
    b.drive(b, 60.0 + iz.noise(40.0))
    weights = [
        3.0, iz.uniform(0, 6), iz.normal(3, 1, low=0.5), iz.lognormal(1, 0.4), iz.exponential(3),
        iz.integers(0, 6),
    ]  # fmt: skip
    delays = [
        0.0, 1.0, iz.uniform(0, 4), iz.normal(8, 2, low=0.25, high=12), iz.lognormal(1.5, 0.7),
        iz.exponential(4), iz.integers(1, 30),
    ]  # fmt: skip
    for k, delay in enumerate(delays):
        for weight in (weights[k % 6], weights[(k + 1) % 6]):
            net.connect(a, b, rule=iz.fixed_outdegree(4), weight=weight, delay=delay, receptor="x")
        net.connect(a, b, rule=iz.fixed_indegree(3), weight=weights[(k + 3) % 6], delay=delay, receptor="y")
    net.connect(a, b, rule=iz.fixed_probability(0.004), weight=0.5, delay=iz.uniform(0, 90), receptor="y")
    net.connect(b, a, rule=iz.fixed_outdegree(6), weight=iz.normal(-20, 9), delay=iz.normal(3, 1, low=0))
    b.record("g_y", neurons=[0, 499], every=1.0)
    b.record("i_x", neurons=[17], every=0.5)
    return seen(net, [net.run(130.0), net.run(20.0)])


def receptors(threads):
    """All eleven receptors, with neurons that are advanced exactly and with others."""
    net = iz.Network(dt=0.1, seed=14, threads=threads)
    currents = {"jump": iz.VoltageJump, "pulse": iz.CurrentPulse, "exp": iz.ExponentialCurrent(tau=3.0),
                "alpha": iz.AlphaCurrent(tau=1.5)}  # fmt: skip
    cortical = {"ampa": iz.AMPA, "nmda": iz.NMDA(Mg=1.2), "gaba_a": iz.GABA_A, "gaba_b": iz.GABA_B(g_max=9.0)}
    conductances = {"exp": iz.ExponentialConductance(tau=4.0), "alpha": iz.AlphaConductance(tau=1.0),
                    "two": iz.BiexponentialConductance(tau_rise=0.5, tau_decay=6.0)}  # fmt: skip
    sender = net.pool("sender", 300, iz.LeakyIntegrateAndFire)
    leaky = net.pool("leaky", 301, iz.LeakyIntegrateAndFire, receptors=currents)
    adapting = net.pool("adapting", 1101, iz.AdEx, receptors=cortical, spike_times="interpolated")
    quadratic = net.pool("quadratic", 257, iz.QuadraticIntegrateAndFire, receptors=conductances)
    simple = net.pool("simple", 256, iz.Izhikevich2007TC, receptors=cortical | currents, scheme="rk4")
    sender.drive(sender, spread(300, 150.0, 500.0))
    leaky.drive(leaky, 70.0 + iz.poisson(300.0, weight=40.0, receptor="alpha"))
    adapting.drive(adapting, 400.0 + iz.poisson(5.0, n=80, weight=2.0, receptor="ampa"))
    quadratic.drive(quadratic, 20.0 + iz.poisson(900.0, weight=1.5, receptor="two"))
    simple.drive(simple, 60.0 + iz.noise(60.0))
    strength = {"jump": 0.4, "pulse": 300.0, "exp": 12.0, "alpha": 15.0, "two": 0.9, "ampa": 1.2,
                "nmda": 0.8, "gaba_a": 1.1, "gaba_b": 0.013}  # fmt: skip
    for pool in (leaky, adapting, quadratic, simple):
        for number, name in enumerate(pool.model.receptors):
            weight = 0.7 if pool is quadratic and name != "two" else strength[name]
            weights = iz.uniform(0.5 * weight, 1.5 * weight) if number % 2 else weight
            delay = iz.uniform(0.5, 3.0) if number % 3 else 1.0
            net.connect(sender, pool, rule=iz.fixed_indegree(8), weight=weights, delay=delay, receptor=name)
    net.connect(leaky, adapting, rule=iz.fixed_indegree(4), weight=2.0, delay=0.5, receptor="gaba_a")
    net.connect(adapting, sender, rule=iz.fixed_indegree(4), weight=300.0, delay=0.8)
    adapting.record("s_gaba_b", neurons=[0, 5], every=1.0)
    simple.record("v", neurons=[1, 255])
    results = [net.run(80.0)]
    adapting.tau_ampa = 3.0
    leaky.tau_exp = spread(301, 1.0, 6.0)
    simple.Mg_nmda = 0.5
    results.append(net.run(40.0))
    return seen(net, results)


def rings(threads):
    """Rings of sums: delays from 1 to 20 steps, many synapses each; weights change while sums are full."""
    pool = iz.Pool(6100, seed=15, threads=threads)
    exc, inh = pool.group("exc", 4900), pool.group("inh", 1200)
    inh.set(**iz.presets["FS"])
    pool.drive(pool, iz.noise(5.0))
    delays = iz.integers(1, 20)
    strong = pool.connect(exc, pool, rule=iz.fixed_outdegree(100), weight=iz.uniform(0, 0.5), delay=delays)
    weak = pool.connect(exc, pool, rule=iz.fixed_probability(0.003), weight=iz.uniform(0, 0.3), delay=delays)
    calm = pool.connect(inh, exc, rule=iz.fixed_outdegree(100), weight=-0.4, delay=iz.integers(0, 9))
    results = [pool.run(113.0)]
    calm.gain = 1.5
    strong.gain = 0.9  # shares its rows
    weak[:, 100:200] = 0.25
    results.append(pool.run(37.0))
    pool.connect(inh, inh, rule=iz.fixed_indegree(20), weight=iz.normal(-0.3, 0.1), delay=delays)
    results.append(pool.run(50.0))
    return seen(pool, results, strong[0, :], weak[:9, 150:170])


def rings_float64(threads):
    """The same between two pools with receptors, in double precision, with other rows beside the rings."""
    net = iz.Network(dt=0.5, seed=16, threads=threads, dtype="float64")
    exc = net.pool("exc", 5003, iz.Izhikevich, receptors={"i": iz.ExponentialCurrent, "g": iz.AMPA})
    inh = net.pool("inh", 1100, iz.IzhikevichQuadratic)
    exc.drive(exc, iz.noise(5.0) + 2.0)
    inh.drive(inh, iz.noise(6.0) + 2.0)
    for degree in (40, 20):
        net.connect(
            exc, exc, rule=iz.fixed_indegree(degree), weight=iz.uniform(0, 0.1), delay=iz.uniform(0.5, 12),
            receptor="i",
        )  # fmt: skip
    net.connect(exc, exc, rule=iz.fixed_indegree(5), weight=0.01, delay=1.0, receptor="g")
    net.connect(inh, exc, rule=iz.fixed_indegree(20), weight=-0.2, delay=iz.uniform(0, 15), receptor="i")
    net.connect(exc, inh, rule=iz.fixed_outdegree(30), weight=iz.uniform(0, 0.5), delay=iz.uniform(1, 10))
    return seen(net, [net.run(70.0), net.step(3), net.run(28.5)])


def inputs(threads):
    """All kinds of inputs, one value for all and one per neuron, shifted, scaled, added, and replaced."""
    n = 120
    pool = iz.Pool(16 * n, iz.Izhikevich, dt=0.5, seed=17, threads=threads)
    each = spread(n, 4.0, 14.0)
    samples = iz.from_samples(spread(50, 0.0, 20.0), dt=1.7, start=5.0)
    drives = {
        "constant": iz.constant(each),
        "step": iz.step(each, start=10.0, stop=90.0) + 2.0,
        "pulse": 3.0 + iz.pulse(12.0, start=20.0, width=15.0),
        "train": iz.pulse_train(each, period=17.0, width=6.5, start=3.0, count=5),
        "square": 8.0 + iz.square(each, period=30.0, start=2.0).shift(5.0),
        "sine": 7.0 + iz.sine(each, frequency=11.0, phase=0.3, start=1.0),
        "chirp": 7.0 + iz.chirp(6.0, f0=2.0, f1=60.0, duration=130.0, start=10.0),
        "ramp": iz.ramp(spread(n, 0.05, 0.4), start=10.0, stop=110.0),
        "samples": 0.8 * samples + each,
        "function": iz.from_function(risen) * spread(n, 0.7, 1.4),
        "noise": 3.0 + iz.noise(spread(n, 2.0, 8.0)),
        "windows": 3.0 + iz.noise(6.0, start=20.0, stop=100.0) + iz.noise(2.0),
        "ornstein": 4.0 + iz.ornstein_uhlenbeck(spread(n, 2.0, 6.0), tau=7.0)
        + iz.ornstein_uhlenbeck(2.0, tau=spread(n, 1.0, 30.0), start=30.0),
        "poisson": 2.0 + iz.poisson(spread(n, 100.0, 900.0), weight=5.0) + iz.poisson(2.0, n=400, weight=2.0),
        "modulated": 2.0 + iz.poisson(modulated, n=2, weight=spread(n, 2.0, 6.0)),
        "both": iz.poisson(iz.square(300.0, period=40.0) + 300.0, n=3, weight=4.0, start=10.0) + iz.noise(1.0),
    }  # fmt: skip
    for name, drive in drives.items():
        pool.drive(pool.group(name, n), drive)
    pool.record("I", every=7.5)
    results = [pool.run(80.0), pool.run(60.0)]
    pool.external_input[5:900:7] += 2.0
    pool.drive("sine", drives["chirp"].shift(100.0) + iz.noise(3.0))
    pool.drive("poisson", iz.poisson(8000.0, weight=0.5) + iz.poisson(30.0, n=4, weight=9.0))  # large counts
    pool.drive("noise", each)
    results.append(pool.run(40.0))
    pool.clamp_input(spread(16 * n, 0.0, 9.0))
    results.append(pool.run(40.0))
    return seen(pool, results, pool.noise_sd, pool.random(9))


def sources(threads):
    """Poisson trains, given spikes, and relays; rates and spikes to come are replaced between runs."""
    net = iz.Network(dt=0.2, seed=18, threads=threads)
    steady = net.poisson("steady", 800, spread(800, 0.0, 60.0))
    waves = net.poisson("waves", 301, waving)
    shaped = net.poisson("shaped", 100, iz.square(20.0, period=50.0) + 25.0)
    beat = net.spike_list("beat", 50, i=np.arange(200) % 50, t=1.0 + np.arange(200) // 4 * 1.2)
    relay = net.pool("relay", 301, iz.Relay)
    leaky = net.pool("leaky", 900, iz.LeakyIntegrateAndFire, receptors={"syn": iz.AlphaCurrent})
    jumping = net.pool("jumping", 500, iz.ExponentialIntegrateAndFire, receptors={"syn": iz.VoltageJump})
    net.connect(waves, relay, rule=iz.one_to_one(), delay=2.0)
    net.connect(
        steady, leaky, rule=iz.fixed_indegree(20), weight=iz.uniform(20, 60), delay=iz.uniform(0.2, 5)
    )
    net.connect(relay, leaky, rule=iz.fixed_probability(0.03), weight=30.0, delay=0.6)
    net.connect(shaped, jumping, rule=iz.all_to_all(), weight=iz.uniform(0, 0.3), delay=0.4)
    net.connect(beat, jumping, rule=iz.fixed_outdegree(50), weight=3.0, delay=iz.integers(0, 3))
    net.connect(steady[:300], jumping, rule=iz.fixed_total_number(4000), weight=0.8, delay=17.0)
    net.connect(beat, relay, rule=iz.fixed_outdegree(3), weight=0.3, delay=0.2)  # passed on if two or more
    net.record("spikes", steady, neurons=np.arange(0, 800, 3))
    results = [net.run(50.0)]
    steady[:300].rate = 90.0
    beat.set_spikes(np.arange(60) % 50, net.t + 2.0 + np.arange(60) * 0.6)
    results.append(net.run(30.0))
    net.record("counts", "leaky")
    results.append(net.run(30.0))
    return seen(net, results, steady.rate)


# Lowest and highest constant input, with which a model spikes a few times in the runs below.
SHIPPED = {
    "Izhikevich": (4, 15), "IzhikevichQuadratic": (4, 15), "IzhikevichAccommodation": (4, 15),
    "Izhikevich2007": (70, 300), "Izhikevich2007LTS": (90, 300), "Izhikevich2007FS": (90, 400),
    "Izhikevich2007TC": (70, 300), "Izhikevich2007RTN": (50, 200), "LeakyIntegrateAndFire": (150, 500),
    "QuadraticIntegrateAndFire": (150, 500), "ExponentialIntegrateAndFire": (200, 600), "AdEx": (600, 1200),
    "HodgkinHuxley": (150, 900), "HodgkinHuxley1952": (9, 30), "FitzHughNagumo": (0.4, 0.9),
    "MorrisLecar": (95, 120),
}  # fmt: skip


def shipped_models(threads, dtype="float32", schemes=None, receptors=None):
    """All shipped models in a circle, each driving the next by currents and the one after by pulses."""
    net = iz.Network(dt=0.05, seed=19, threads=threads, dtype=dtype)
    names = list(SHIPPED)
    for number, name in enumerate(names):
        low, high = SHIPPED[name]
        pool = net.pool(
            name, 37 + number, getattr(iz, name), scheme=(schemes or {}).get(name), receptors=receptors,
            spike_times="interpolated" if number % 2 else "grid",
        )  # fmt: skip
        pool.drive(pool, spread(len(pool), low, high))
        pool.record("v", neurons=[1, 30], every=2.5)
    for number, name in enumerate(names):
        after, pulse = names[(number + 1) % len(names)], 0.0 if receptors else 20.0
        weight = 0.1 * SHIPPED[after][1] * max(1.0, pulse)
        net.connect(name, after, rule=iz.fixed_indegree(6), weight=weight, delay=1.0 + 0.05 * number)
    return seen(net, [net.run(60.0), net.run(50.0)])


def models_with_currents(threads):
    """All shipped models with a receptor, in single precision and their usual schemes."""
    return shipped_models(threads, receptors={"syn": iz.ExponentialCurrent(tau=2.0)})


def models_and_schemes(threads):
    """All shipped models in double precision, with schemes other than usual."""
    schemes = {
        "Izhikevich": "euler", "IzhikevichQuadratic": "heun", "IzhikevichAccommodation": "rk4",
        "Izhikevich2007": "net2003", "Izhikevich2007LTS": "fig2003", "Izhikevich2007FS": "heun",
        "Izhikevich2007TC": "rk4", "LeakyIntegrateAndFire": "exponential_euler",
        "QuadraticIntegrateAndFire": "rk4", "AdEx": "euler", "HodgkinHuxley": "rk4", "MorrisLecar": "heun",
    }  # fmt: skip
    return shipped_models(threads, "float64", schemes)


class Map(iz.Model):
    """A map that advances by itself, with a constant: what a user may write."""

    v = iz.State(0.0)
    w = iz.State(lambda v, rest: v + rest)
    rest = iz.Parameter(0.01)
    tau = iz.Parameter(8.0)
    keep = iz.Constant(lambda dt, tau: tau / (tau + dt))

    def advance(v, w, I, keep, rest):
        return keep * v + (1.0 - keep) * (I - w) + rest, 0.95 * w

    def threshold(v):
        return v >= 1.0

    def reset(w, rest):
        return rest, w + 0.5


class Sharp(iz.Receptor):
    """A receptor that is not linear: it takes the scheme of the model."""

    g = iz.State(0.0)
    tau = iz.Parameter(4.0)

    def derivatives(g, tau):
        return -g * (1.0 + g / 5.0) / tau

    def current(g):
        return g


def column(threads):
    """A column of several populations that share rows; projections, pools and weights come later."""
    net = iz.Network(dt=0.2, seed=20, threads=threads)
    syn = {"syn": iz.ExponentialCurrent(tau=1.5)}
    cells = net.pool("cells", 5400, iz.LeakyIntegrateAndFire, receptors=syn)
    layers = [cells.group(f"layer{k}", size) for k, size in enumerate((2000, 500, 2100, 800))]
    maps = net.pool("maps", 600, Map, receptors={"syn": iz.AlphaCurrent(tau=1.0)})
    smooth = net.pool("smooth", 700, iz.ExponentialIntegrateAndFire, receptors={"sharp": Sharp}, scheme="rk4")
    cells.v = spread(5400, -60.0, -50.0)
    cells.drive(cells, 80.0 + iz.poisson(8.0, n=500, weight=6.0))
    maps.drive(maps, 1.2 + iz.noise(0.5))
    smooth.drive(smooth, 180.0 + iz.noise(30.0))
    parts = []
    for number, pre in enumerate(layers):
        for post in layers:
            weight = iz.normal(8.0, 2.0, low=0.0) if number % 2 == 0 else iz.normal(-30.0, 6.0, high=0.0)
            delay = iz.normal(1.5, 0.7, low=0.2) if number % 2 == 0 else 0.8
            parts.append(net.connect(pre, post, rule=iz.fixed_total_number(9000), weight=weight, delay=delay))
    net.connect("cells.layer0", maps, rule=iz.fixed_indegree(10), weight=0.5, delay=0.6)
    net.connect(maps, smooth, rule=iz.fixed_indegree(10), weight=8.0, delay=1.0)
    parts[0].gain *= 0.9  # before it is drawn
    results = [net.run(30.0)]
    parts[1].gain *= 1.5
    parts[2].weights = 2.0 * parts[2].weights
    parts[5][:200, :] = -5.0
    results.append(net.run(15.0))
    parts[0].gain *= 1.2
    parts[1].weights = spread(len(parts[1]), 0.0, 20.0)  # with a gain, among others' rows
    parts[4].gain *= 0.5
    parts[4][3:9, :] = 0.0
    late = net.pool("late", 400, iz.Izhikevich2007RTN, receptors={"gaba": iz.GABA_A, "ampa": iz.AMPA})
    late.drive(late, 120.0 + iz.noise(30.0))
    for one in (iz.uniform(0, 9), iz.uniform(0, 5)):
        net.connect(cells, late, rule=iz.fixed_indegree(20), weight=one, delay=9.0, receptor="ampa")
    net.connect(late, "cells.layer1", rule=iz.fixed_indegree(5), weight=-9.0, delay=iz.uniform(0.2, 20))
    net.connect(smooth, late, rule=iz.fixed_indegree(5), weight=1.0, delay=0.0, receptor="gaba")
    results += [net.step(), net.run(29.8)]
    return seen(net, results, parts[4][3:12, :], parts[0].weights)


def closed_loop(threads):
    """One step at a time: input, weights and state follow what has spiked."""
    pool = iz.Pool(1300, seed=21, threads=threads)
    exc, inh = pool.group("exc", 1000), pool.group("inh", 300)
    pool.drive(pool, iz.noise(4.0))
    grow = pool.connect(
        exc, pool, rule=iz.fixed_outdegree(20), weight=iz.uniform(0, 1), delay=iz.integers(0, 5)
    )
    calm = pool.connect(inh, exc, rule=iz.fixed_probability(0.05), weight=-0.5, delay=1.0)
    spiked = []
    for number in range(120):
        spiked.append(pool.update())
        if number % 10 == 9:
            count = len(spiked[-1])
            pool.external_input[:100] = 3.0 + 0.125 * count
            calm.gain = 1.0 + count / 64.0
            grow[number : number + 20, :] = 1.0 + number / 128.0
            pool.v[spiked[-1]] -= 2.0
    return seen(pool, [pool.run(30.0)], *spiked)


def closed_loop_of_pools(threads):
    """The same of a network, with given spikes that answer, and runs in between."""
    net = iz.Network(dt=0.5, seed=22, threads=threads)
    pool = net.pool("pool", 1150, iz.AdEx, receptors={"syn": iz.AlphaConductance}, spike_times="interpolated")
    other = net.pool("other", 300)
    answer = net.spike_list("answer", 40, [3], [1.0])
    pool.drive(pool, 700.0 + iz.noise(90.0))
    other.drive(other, 4.0 + iz.noise(6.0))
    net.connect(answer, pool, rule=iz.fixed_outdegree(100), weight=3.0, delay=1.5)
    net.connect(pool, other, rule=iz.fixed_indegree(30), weight=1.5, delay=iz.uniform(0, 6))
    net.connect(other, pool, rule=iz.fixed_indegree(30), weight=iz.uniform(0, 0.6), delay=0.5)
    spiked, results = [], []
    for number in range(6):
        for _ in range(15):
            spiked += net.update().values()
        units = np.unique(np.concatenate(spiked[-9:]) % 40)
        answer.set_spikes(units, np.full(len(units), net.t + 1.0))
        if number % 2:
            results.append(net.run(10.0))
    return seen(net, results, *spiked)


def blue_shell(threads):
    """The interface of Blue Shell."""
    pool = iz.IzhikevichPool(1000, 0.2, 2, 0.1, seed=23, threads=threads)
    spiked = []
    for _ in range(150):
        pool.clamp_input(5 * pool.random(1000))
        spiked.append(pool.update())
    return seen(pool, [pool.run(10.0)], pool.voltage_history[-30:], *spiked)


def learning(threads):
    """Pairs of spikes change weights, with delays of dendrites; parameters and weights change in between."""
    net = iz.Network(dt=0.5, seed=24, threads=threads)
    cells = net.pool("cells", 1300, receptors={"syn": iz.ExponentialCurrent(tau=3.0)})
    inputs = net.poisson("inputs", 400, 20.0)
    net.drive("cells", 3.0 + iz.noise(5.0))
    rule = iz.PairSTDP(A_plus=0.02, A_minus=0.025, tau_plus=17.0, tau_minus=34.0, w_max=2.0)
    fed = net.connect(
        inputs, cells, rule=iz.fixed_outdegree(100), weight=iz.uniform(0, 2), delay=iz.integers(1, 20),
        plasticity=rule,
    )  # fmt: skip
    among = net.connect(
        cells, cells, rule=iz.fixed_indegree(20), weight=iz.uniform(0, 1), delay=iz.uniform(0.5, 6.0),
        plasticity=rule,
    )  # fmt: skip
    net.connect(cells, cells, rule=iz.fixed_indegree(10), weight=-0.5, delay=1.0)
    results = [net.run(120.0)]
    fed.A_plus, among.gain = 0.04, 1.25
    among[:50, :] = 0.75
    results.append(net.run(60.0))
    among.learning = False
    results += [net.step(), net.run(59.5)]
    return seen(net, results)


def learning_with_signals(threads):
    """Dopamine changes weights, with delays of axons; others change by ticks, and by their sums."""
    net = iz.Network(dt=1.0, seed=25, threads=threads)
    cells = net.pool("cells", 1200)
    net.drive("cells", iz.noise(7.0))
    common = {"rule": iz.fixed_outdegree(30), "delay": iz.integers(1, 20)}
    rewarded = net.connect(
        cells,
        cells,
        weight=iz.uniform(0, 1.5),
        plasticity=iz.DopamineSTDP(w_max=4.0),
        delay_at="axon",
        **common,
    )
    ticking = net.connect(
        cells, cells, weight=iz.uniform(0, 1.5), plasticity=iz.DerivativeSTDP(every=25.0), **common
    )
    results = []
    for number in range(6):
        results.append(net.run(30.0))
        rewarded.modulate(d=0.25 + number / 16.0)
        if number == 3:
            rewarded.normalize(20.0)
            ticking.weights = 1.0
    return seen(net, results, rewarded.c, ticking.s)


NETWORKS = {
    one.__name__: one
    for one in (
        cortical, cortical_large, dense, rules, rules_between_pools, distributions, receptors, rings,
        rings_float64, inputs, sources, models_with_currents, models_and_schemes, column, closed_loop,
        closed_loop_of_pools, blue_shell, learning, learning_with_signals,
    )
}  # fmt: skip
