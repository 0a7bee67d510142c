"""Pools and networks after any sequence of public calls, and what two of them have in common."""

import tempfile
from pathlib import Path

import numpy as np

import izhi_numba as iz
from izhi_numba.network.inventory import inventory
from tests import inside


def wave(t):
    """A current."""
    return 3.0 + 2.0 * np.sin(0.3 * np.asarray(t))


def rising(t):
    """A rate in Hz."""
    return 100.0 + 2.0 * np.asarray(t)


class Hebb(iz.Plasticity):
    """A rule that most weights may be learned by, with a variable and traces of both sides."""

    bounds = (0.0, 1e9)
    x, y = iz.SourceTrace("tau"), iz.TargetTrace("tau", nearest=True)
    c = iz.State(0.5)
    tau = iz.Parameter(15.0)

    def on_pre(w, c, y):
        return {"w": w * (1 - 0.1 * y), "sent": w * c}

    def on_post(w, c, x, since_post):
        return w + 0.05 * x, 0.9 * c + 0.1 * (since_post < 20.0)


class Rewarded(Hebb):
    """The same with all that synapses may hear of: a modulator, ticks, and time."""

    interval = 7.5
    d = iz.Modulator("tau", start=0.5)

    def on_tick(w, c, d):
        return w * (1 - 0.01 * d), 0.5 * c + 0.25

    def between(w, d, elapsed, tau):
        return {"w": w + 1e-3 * d * elapsed / (elapsed + tau)}


def begin(rng, threads=None):
    """A network with something of everything, that has not run."""
    seed, dtype = int(rng.integers(2**32)), str(rng.choice(["float32", "float64"]))
    drawn = int(rng.integers(1, 4))
    net = iz.Network(dt=0.5, seed=seed, threads=threads or drawn, dtype=dtype)
    precise = str(rng.choice(["grid", "interpolated", "precise"]))
    exc = net.pool(
        "exc", int(rng.integers(1, 90)), iz.AdEx, receptors={"ampa": iz.AMPA, "gaba": iz.GABA_A(tau=7.0)}
    )
    inh = net.pool("inh", int(rng.integers(1, 90)), scheme="rk4", spike_times=precise)
    net.poisson("trains", 30, 200.0)
    net.spike_list("clicks", 5, [0, 1, 4], [1.0, 9.0, 14.5])
    exc.drive(exc, 900.0 + iz.noise(100.0))
    inh.drive(inh, 8.0 + iz.ornstein_uhlenbeck(3.0, tau=5.0))
    return net


def begin_alone(rng, threads=None):
    """A pool alone, with groups that are called as the pools of a network are."""
    n, seed, dtype = (
        int(rng.integers(2, 90)),
        int(rng.integers(2**32)),
        str(rng.choice(["float32", "float64"])),
    )
    drawn = int(rng.integers(1, 4))
    pool = iz.Pool(
        n, receptors={"ampa": iz.AMPA, "gaba": iz.GABA_A(tau=7.0)}, dt=0.5, scheme="rk4", seed=seed,
        threads=threads or drawn, dtype=dtype,
    )  # fmt: skip
    pool.group("exc", n - n // 2), pool.group("inh", n // 2)
    pool.drive(pool, 8.0 + iz.noise(3.0) + iz.ornstein_uhlenbeck(3.0, tau=5.0))
    return pool


def _has_receptors(net, name):
    return isinstance(net, iz.Pool) or name == "exc"


def _rule(rng, n_pre, n_post):
    few = int(rng.integers(0, 6))
    pairs = int(rng.integers(0, 60))
    return [
        iz.fixed_outdegree(few), iz.fixed_indegree(few), iz.fixed_probability(0.2), iz.all_to_all(),
        iz.all_to_all(autapses=False), iz.fixed_total_number(pairs), iz.fixed_indegree(iz.integers(0, 4)),
        iz.scale_free(min(few, n_post - 1)),
        iz.from_arrays(rng.integers(0, n_pre, pairs), rng.integers(0, n_post, pairs)),
        iz.from_arrays(
            rng.integers(0, n_pre, pairs), rng.integers(0, n_post, pairs), rng.random(pairs), 0.5 * rng.integers(0, 9, pairs)
        ),
        iz.distance_dependent(rng.random((n_pre, 2)), iz.gaussian_profile(0.3), targets=rng.random((n_post, 2))),
    ][int(rng.integers(11))]  # fmt: skip


def connect(net, rng):
    """Add a projection."""
    names = ["exc", "inh"] if isinstance(net, iz.Pool) else ["exc", "inh", "trains", "clicks"]
    pre = net[str(rng.choice(names))]
    onto = str(rng.choice(["exc", "inh"]))
    post = net[onto]
    if rng.random() < 0.3:
        pre = pre[::2]
    if rng.random() < 0.3:
        post = post[int(rng.integers(len(post))) :]
    rule = _rule(rng, len(pre), len(post))
    given = {"receptor": str(rng.choice(["ampa", "gaba"]))} if _has_receptors(net, onto) else {}
    if rule.weight is None:
        given["weight"] = [1.5, iz.uniform(0, 3), iz.lognormal(0, 0.5)][int(rng.integers(3))]
    if rule.delay is None:
        given["delay"] = [0.0, 2.0, iz.integers(0, 3), iz.uniform(0.5, 9.0), iz.uniform(9.0, 60.0)][
            int(rng.integers(5))
        ]
    if rule.name == "all_to_all" and rng.random() < 0.5:
        given["weight"] = rng.random((len(pre), len(post)))
        if rng.random() < 0.5:
            given["delay"] = 0.5 * rng.integers(0, 5, (len(pre), len(post)))
    number = len(net.synapses)
    if number % 3 == 2:  # nothing more is drawn for it
        nth = number // 3
        given["plasticity"] = [Hebb(), Rewarded()][nth % 2]
        given["delay_at"] = "axon" if nth % 4 in (1, 2) else "dendrite"
    net.connect(pre, post, rule=rule, **given)


def _one(net, rng):
    return net.synapses[int(rng.integers(len(net.synapses)))] if net.synapses else None


def weights(net, rng):
    """Write weights by hand."""
    if (one := _one(net, rng)) is not None:
        one.weights = rng.random(len(one))


def some_weights(net, rng):
    """Write some weights by hand."""
    one = _one(net, rng)
    if one is not None and len(one):
        one[int(one.to_arrays()[0][0]), :] = 0.75


def gain(net, rng):
    """Set a gain."""
    if (one := _one(net, rng)) is not None:
        one.gain = float(rng.choice([0.0, 0.3, 1.0, 2.5]))


def learn(net, rng):
    """Let synapses learn, or not."""
    one = _one(net, rng)
    if one is not None and one.plasticity is not None:
        one.learning = not one.learning


def teach(net, rng):
    """Tell synapses that learn what they are to be, or what they are to learn from."""
    one = _one(net, rng)
    if one is None or one.plasticity is None:
        return
    what = rng.random()
    if what < 0.4 and one.modulators:
        one.modulate(d=float(rng.uniform(-0.2, 0.5)))
    elif what < 0.8:
        one.set(c=float(rng.uniform(0, 1)) if rng.random() < 0.5 else iz.uniform(0.2, 0.8))
    elif len(one):
        one.normalize(float(rng.uniform(0.5, 2.0)))


def remove(net, rng):
    """Take a projection out."""
    if (one := _one(net, rng)) is not None:
        one.remove()


def weigh(net, rng):
    """Choose of which synapses weights are kept."""
    one = _one(net, rng)
    if one is not None and len(one):
        pre, post, _, _ = one.to_arrays()
        sides = {"pre": int(pre[0])} if rng.random() < 0.3 else {}
        if rng.random() < 0.3:
            sides["post"] = int(post[0])
        one.record(
            every=None if not sides and rng.random() < 0.2 else float(rng.choice([0.5, 2.0, 3.5])), **sides
        )


def drive(net, rng):
    """Drive a part of a pool."""
    name = str(rng.choice(["exc", "inh"]))
    pool = net[name]
    part = pool[: int(rng.integers(1, len(pool) + 1))] if rng.random() < 0.6 else pool[::2]
    receptor = "ampa" if _has_receptors(net, name) else None
    current = [
        iz.noise(5.0, start=3.0), iz.ornstein_uhlenbeck(4.0, tau=3.0), iz.from_function(wave), 4.0,
        iz.poisson(rising, weight=1.0, receptor=receptor), iz.from_samples(rng.random((7, len(part))), dt=2.0),
        iz.pulse_train(5.0, period=4.0, width=1.0), iz.sine(3.0, frequency=40.0),
        iz.poisson(iz.from_samples([50.0, 90.0], dt=9.0), receptor=receptor), iz.from_function(np.cos),
    ][int(rng.integers(10))]  # fmt: skip
    net.drive(part, current, add=bool(rng.random() < 0.5))


def change(net, rng):
    """Set variables, parameters, rates, spikes."""
    net["exc"].set(v=iz.normal(-65.0, 4.0), tau_gaba=float(rng.uniform(3, 9)))
    net["inh"].d[:1] = 6.0
    if isinstance(net, iz.Pool):
        net.random(2)
        return
    net["trains"].rate = float(rng.uniform(0, 400))
    net["clicks"].set_spikes([2, 3], [net.t + 1.0, net.t + 7.5])
    net["inh"].random(2)


def record(net, rng):
    """Choose what is kept."""
    what, every = str(rng.choice(["v", "I", "I_ampa"])), float(rng.choice([0.5, 1.0, 3.5]))
    (net if isinstance(net, iz.Pool) else net["exc"]).record(what, neurons=[])  # with another interval
    net["exc"][:: int(rng.integers(1, 4))].record(what, every=every)
    net["inh"][:1].record(str(rng.choice(["spikes", "counts"])))
    if rng.random() < 0.4:
        net["inh"].record("counts", every=float(rng.choice([0.5, 2.0, 7.5])))
    if rng.random() < 0.3:
        net["inh"].record("spikes")
    if rng.random() < 0.3:
        net["exc"][: int(rng.integers(1, 9))].record("v", mean=True, every=1.5)


def silence(net, rng):
    """Silence some neurons, or let them spike."""
    net[str(rng.choice(["exc", "inh"]))][:: int(rng.integers(1, 4))].silenced = bool(rng.random() < 0.7)


def add(net, rng):
    """Add a pool and a group."""
    if isinstance(net, iz.Pool):  # of a pool, all neurons have a name
        return
    name = f"more {len(net.pools)}"
    net.pool(name, int(rng.integers(1, 20)), iz.LeakyIntegrateAndFire(t_ref=1.5))
    net[name].drive(net[name], iz.constant(300.0))
    net[name].group("one", 1, sign="excitatory")


def run(net, rng):
    """Go on for a while."""
    net.step(int(rng.integers(1, 30)))


def reset(net, rng):
    """Begin anew."""
    net.reset(noise_seed=int(rng.integers(9)))


ACTIONS = (
    connect, connect, connect, weights, some_weights, gain, learn, teach, remove, weigh, drive, drive, change, silence, add, run, run, run, reset
)  # fmt: skip


def network(seed, actions):
    """A network after some calls."""
    rng = np.random.default_rng(seed)
    net = begin(rng)
    for action in actions:
        action(net, rng)
    return net


def bits(sim):
    """What the inventory lists, to be compared."""
    return {
        path: one.tobytes() if isinstance(one, np.ndarray) else one for path, one in inventory(sim).items()
    }


def differing(sim, other):
    """Paths in the inventory at which two differ."""
    mine, theirs = (one if isinstance(one, dict) else bits(one) for one in (sim, other))
    return sorted(path for path in {*mine, *theirs} if mine.get(path) != theirs.get(path))


def again(sim, **options):
    """Save and load."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "saved.izhi"
        sim.save(path)
        return iz.load(path, **options)


def assert_same_run(result, other):
    """Two runs have the same spikes, traces and weights, to the bit."""
    assert [*result.weights] == [*other.weights]
    for name, weights in result.weights.items():
        its = other.weights[name]
        np.testing.assert_array_equal(weights.t, its.t, err_msg=name)
        np.testing.assert_array_equal(weights.values, its.values, err_msg=name)
        np.testing.assert_array_equal(weights.sources, its.sources, err_msg=name)
        np.testing.assert_array_equal(weights.targets, its.targets, err_msg=name)
    parts = result.items() if isinstance(result, iz.NetworkResult) else [("", result)]
    for name, part in parts:
        its = other[name] if name else other
        np.testing.assert_array_equal(part.counts, its.counts, err_msg=name)
        np.testing.assert_array_equal(part.spikes_per_step, its.spikes_per_step, err_msg=name)
        assert [*part.traces] == [*its.traces]
        for variable, trace in part.traces.items():
            np.testing.assert_array_equal(trace, its.traces[variable], err_msg=f"{name} {variable}")
        np.testing.assert_array_equal(
            inside.in_bins(part), inside.in_bins(its), err_msg=f"{name}, counts in bins"
        )
        try:
            spikes = part.spikes
        except RuntimeError:  # only counts were kept
            continue
        np.testing.assert_array_equal(spikes.i, its.spikes.i, err_msg=name)
        np.testing.assert_array_equal(spikes.t, its.spikes.t, err_msg=name)
