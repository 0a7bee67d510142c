"""The inventory of state lists everything that makes a pool or network what it is."""

import copy
import pickle
import weakref

import numpy as np
import pytest

import izhi_numba as iz
from izhi_numba.network.inventory import DERIVED, STATE, attributes, inventory
from tests import inside


class Patient(iz.Izhikevich):
    """One whose spikes are 5 ms apart, by the time of the last."""

    last = iz.State(-1e9, dtype="float64")
    scheme = "euler"

    def derivatives(v, u, I, a, b):
        return 0.04 * v * v + 5 * v + 140 - u + I, a * (b * v - u), 0.0

    def threshold(v, last, t):
        return v >= 30.0 and t - last >= 5.0

    def reset(u, c, d, t):
        return c, u + d, t


def waving(t):
    """A rate in Hz."""
    return 50.0 + 20.0 * np.sin(t)


def network(**options):
    """A network that has something of everything, part of it under way."""
    net = iz.Network(dt=0.5, seed=3, threads=2, **options)
    exc = net.pool("exc", 80, iz.AdEx, receptors={"ampa": iz.AMPA(), "gaba": iz.GABA_A()})
    inh = net.pool("inh", 30, spike_times="interpolated")
    net.poisson("noise", 20, waving)
    net.spike_list("clicks", 5, [0, 1], [3.0, 9.0])
    exc.group("left", 40, sign="excitatory")
    exc.drive(exc, 600 + iz.noise(50.0) + iz.ornstein_uhlenbeck(10.0, tau=5.0) + iz.sine(5.0, frequency=9.0))
    inh.drive(inh, 8.0 + iz.poisson(100.0, weight=3.0) + iz.from_samples(np.ones((9, 30)), dt=2.0))
    exc.record("v", neurons=[0, 1])
    net.connect("noise", exc, rule=iz.fixed_outdegree(10), weight=2.0, delay=1.5, receptor="ampa")
    net.connect("clicks", inh, rule=iz.all_to_all(), weight=9.0)
    net.connect(exc, inh, rule=iz.fixed_indegree(5), weight=iz.uniform(0, 9), delay=iz.integers(0, 4))
    net.connect(inh, exc, rule=iz.from_arrays([0, 1], [2, 3]), weight=[1.0, 2.0], delay=2.0, receptor="gaba")
    patient = net.pool("patient", 10, Patient)
    patient.drive(patient, 15.0)
    return net


def parts(net):
    """All objects that a network is made of, and pools alone."""
    found = [net, *net.pools.values(), *net.sources.values(), inside.engine(net)]
    for population in inside.engine(net).populations:
        found.append(population)
        if hasattr(population, "stimulus"):
            found += inside.stimulus_parts(population.stimulus)
    found += [inside.engine(net).setting, *inside.engine(net).projections]
    return found


def test_each_attribute_is_state_or_follows_from_it():
    net = network()
    net.run(10.0)
    blue = iz.IzhikevichPool(20, 0.2, 1, 0.1, seed=1)
    blue.update()
    for one in [*parts(net), blue]:
        listed = {*attributes(type(one), STATE), *attributes(type(one), DERIVED)}
        assert {name for name in vars(one) if name not in listed} == set(), type(one)


def test_no_attribute_is_in_both_lists():
    for kind in STATE:
        both = {*attributes(kind, STATE)} & {*attributes(kind, DERIVED)}
        assert both <= {"setting"}, kind  # of a population it is the engine's


def bits(found):
    return {
        path: value.tobytes() if isinstance(value, np.ndarray) else value for path, value in found.items()
    }


def test_looking_and_drawing_change_nothing():
    net = network()
    before = bits(inventory(net))
    str(net), repr(net), net.synapses[2].weights, net.synapses[3].to_arrays(), inventory(net)
    assert bits(inventory(net)) == before
    net.prepare()
    assert bits(inventory(net)) == before


def test_the_same_for_any_number_of_threads():
    found = []
    for threads in (1, 3):
        pool = iz.Pool.cortical(1500, seed=1, threads=threads)
        pool.run(30.0)
        found.append(bits(inventory(pool)))
    assert found[0] == found[1]


CHANGES = {
    "a step": lambda net: net.step(),
    "a variable": lambda net: net["exc"].set(v=-60.0),
    "a parameter": lambda net: net["inh"].set(d=7.0),
    "input": lambda net: net["exc"].clamp_input(1.0),
    "a drive": lambda net: net["exc"].drive("left", iz.noise(1.0)),
    "trains": lambda net: net["inh"].drive(net["inh"], iz.poisson(101.0, weight=3.0)),
    "a waveform": lambda net: net["exc"].drive(net["exc"], iz.sine(5.0, frequency=8.0)),
    "samples": lambda net: net["inh"].drive(net["inh"], iz.from_samples(np.eye(30), dt=1.0)),
    "a function": lambda net: net["exc"].drive(net["exc"], iz.from_function(lambda t: 2 * t)),
    "a rate": lambda net: net["noise"].set(rate=0.5),
    "spikes": lambda net: net["clicks"].set_spikes([1], [net.t + 4.0]),
    "a weight": lambda net: net.synapses[2].__setitem__((0, slice(None)), 1.0),
    "weights": lambda net: setattr(net.synapses[0], "weights", 2.5),
    "a gain": lambda net: setattr(net.synapses[0], "gain", 2.0),
    "silence": lambda net: setattr(net["exc"][::3], "silenced", True),
    "a removal": lambda net: net.synapses[0].remove(),
    "a group": lambda net: net["exc"].group("right", 2),
    "random numbers": lambda net: net["exc"].random(1),
    "what is recorded": lambda net: net["inh"].record("counts"),
    "weights that are recorded": lambda net: net.synapses[1].record(every=1.0),
    "a reset": lambda net: net.reset(),
    "noise": lambda net: net.reset(noise_seed=9),
    "a pool": lambda net: net.pool("more", 3),
    "a projection": lambda net: net.connect("inh", "inh", rule=iz.one_to_one()),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_each_change_shows(change):
    net = network()
    net.run(5.0)
    before = bits(inventory(net))
    if change == "a weight":  # the first source that has a target
        net.synapses[2][int(net.synapses[2].to_arrays()[0][0]), :] = 1.0
    else:
        CHANGES[change](net)
    assert bits(inventory(net)) != before


def test_spikes_under_way_are_listed():
    pool = iz.Pool(4, seed=1)
    pool.connect(pool, pool, rule=iz.one_to_one(), weight=1.0, delay=20.0)
    pool.v[2] = 40.0
    pool.run(3.0)
    spikes = {path: value for path, value in inventory(pool).items() if "/spikes/" in path}
    (units,) = [value for path, value in spikes.items() if path.endswith("/units")]
    assert units.tolist() == [2]


def test_what_the_inventory_holds_makes_another_network_go_on_alike():
    """A network built by the same lines takes over all that is listed, and has the same spikes from then on."""
    one, other = network(), network()
    one.run(20.0)
    other.prepare()
    taken, now = inventory(one), inventory(other)
    assert {path for path in now if "/spikes/" not in path} == {
        path for path in taken if "/spikes/" not in path
    }
    inside.take_over(other, copy.deepcopy(taken))
    assert bits(inventory(other)) == bits(taken)
    mine, theirs = one.run(30.0), other.run(30.0)
    for name in one.pools:
        np.testing.assert_array_equal(mine[name].spikes.i, theirs[name].spikes.i)
        np.testing.assert_array_equal(mine[name].spikes.t, theirs[name].spikes.t)
        assert mine[name].counts.sum()


def test_old_arrays_go_when_weights_become_own_ones():
    """Bug: a budget held the wiring before, with all its synapses."""
    pool = iz.Pool(300, seed=1)
    synapses = pool.connect(pool, pool, rule=iz.fixed_outdegree(30), weight=0.5, delay=1.0)
    pool.run(2.0)
    old = weakref.ref(inside.pieces(synapses)[0].synapses)
    synapses.weights = 0.25
    pool.run(2.0)
    assert old() is None


@pytest.mark.parametrize("copied", [copy.copy, pickle.dumps])
def test_a_network_cannot_be_pickled(copied):
    with pytest.raises(TypeError, match=r"cannot be pickled; write a file by save\(path\)"):
        copied(iz.Network(seed=1))
