"""Projections are removed: as if they had a gain of 0 from then on, and without a trace in memory."""

import gc
import weakref

import numpy as np
import pytest

import izhi_numba as iz
from tests import inside

N = 90
GIVEN = iz.from_arrays(np.arange(400) % 89, (np.arange(400) * 7) % N)
SHARING = {"rule": iz.fixed_outdegree(6), "weight": iz.uniform(0.5, 3.0), "delay": 3.0}

# Three projections each; the one that is removed is the first, the second or the third.
KINDS = {
    "rows of their own": [
        {"rule": iz.fixed_outdegree(6), "weight": iz.uniform(0.5, 3.0), "delay": iz.integers(1, 5)},
        {"rule": iz.fixed_probability(0.1), "weight": 2.0, "delay": 8.0},
        {"rule": iz.fixed_indegree(5), "weight": iz.uniform(-2.0, 0.5), "delay": iz.integers(2, 7)},
    ],
    "shared rows": [
        SHARING,
        {"rule": GIVEN, "weight": iz.uniform(1.0, 2.0), "delay": 3.0},
        {"rule": iz.fixed_probability(0.1), "weight": iz.normal(0.5, 1.0), "delay": 3.0},
    ],
    "shared rows by source": [
        SHARING | {"delay": iz.integers(1, 40)},
        {"rule": GIVEN, "weight": iz.uniform(1.0, 2.0), "delay": iz.integers(1, 40)},
        {"rule": iz.fixed_indegree(4), "weight": iz.normal(0.5, 1.0), "delay": iz.integers(1, 40)},
    ],
    "all to all": [
        {"rule": iz.all_to_all(), "weight": 0.1, "delay": 2.0},
        {"rule": iz.all_to_all(), "weight": iz.uniform(0.0, 0.2), "delay": 5.0},
        {"rule": iz.fixed_outdegree(6), "weight": 2.0},
    ],
    "one weight": [
        {"rule": iz.fixed_outdegree(6), "weight": 2.0},
        {"rule": iz.fixed_indegree(6), "weight": 2.0},
        {"rule": iz.fixed_total_number(500), "weight": 2.0},
    ],
}  # fmt: skip


def connected(kind, threads=1, n=N):
    pool = iz.Pool(n, seed=3, threads=threads)
    pool.v = np.linspace(-70, 29, n)
    pool.drive(pool, 9.0 + iz.noise(6.0))
    return pool, [pool.connect(pool, pool, **given) for given in KINDS[kind]]


def same(one, other):
    np.testing.assert_array_equal(one.spikes.i, other.spikes.i)
    np.testing.assert_array_equal(one.spikes.t, other.spikes.t)
    assert len(one.spikes.i)


@pytest.mark.parametrize("ran", [0, 30])
@pytest.mark.parametrize("which", [0, 1, 2])
@pytest.mark.parametrize("kind", KINDS)
def test_as_a_gain_of_0(kind, which, ran):
    (cut, its), (silent, others) = connected(kind), connected(kind, threads=2)
    if ran:
        same(cut.run(ran), silent.run(ran))
    kept = [one.to_arrays() for one in its]
    its[which].remove()
    others[which].gain = 0.0
    same(cut.run(20.0), silent.run(20.0))
    rest = [one for one in range(3) if one != which]
    assert list(cut.synapses) == [its[one] for one in rest]
    for one in rest:
        for mine, before in zip(its[one].to_arrays(), kept[one], strict=True):
            np.testing.assert_array_equal(mine, before)
        assert len(its[one]) == len(kept[one][0])
    for synapses in (its[rest[0]], others[rest[0]]):  # what remains may be written, scaled and removed
        synapses.weights = np.linspace(0.0, 2.0, len(synapses))
        synapses.gain = 1.5
    same(cut.run(20.0), silent.run(20.0))
    its[rest[1]].remove()
    others[rest[1]].gain = 0.0
    same(cut.run(20.0), silent.run(20.0))
    assert its[rest[0]].gain == 1.5
    np.testing.assert_array_equal(its[rest[0]].weights, others[rest[0]].weights)


@pytest.mark.parametrize("written", [False, True])
def test_a_gain_that_was_set_while_rows_were_shared(written):
    (cut, its), (silent, others) = connected("shared rows"), connected("shared rows")
    for synapses in (its, others):
        inside.draw(synapses[0])
        synapses[2].gain = 0.7
        if written:
            synapses[2].weights = np.linspace(0.0, 2.0, len(synapses[2]))
    cut.run(5.0), silent.run(5.0)
    for one in (0, 1):
        its[one].remove()
        others[one].gain = 0.0
        same(cut.run(20.0), silent.run(20.0))
    for synapses in (its, others):
        synapses[2].gain = 2.0
    same(cut.run(20.0), silent.run(20.0))
    np.testing.assert_array_equal(its[2].weights, others[2].weights)


@pytest.mark.parametrize("ran", [0, 10])
def test_numbers_of_projections_are_not_given_again(ran):
    cut, its = connected("rows of their own")
    whole, _ = connected("rows of their own")
    if ran:
        cut.run(ran)
    its[2].remove()
    its[0].remove()
    later = [pool.connect(pool, pool, **KINDS["rows of their own"][0]) for pool in (cut, whole)]
    for mine, its_own in zip(*(one.to_arrays() for one in later), strict=True):
        np.testing.assert_array_equal(mine, its_own)
    assert cut.memory_estimate(cut, cut, rule=iz.fixed_outdegree(3)) > 0


@pytest.mark.parametrize("kind", KINDS)
def test_memory_is_freed(kind):
    pool, its = connected(kind, n=5000 if kind != "all to all" else 300)
    bare = pool.nbytes - sum(one.nbytes for one in its)
    pool.run(2.0)
    stores = [weakref.ref(inside.store(one)) for one in its]
    before, size = pool.nbytes, len(its[1])
    its[1].remove()
    assert pool.nbytes <= before - (0 if kind == "all to all" else 2 * size)
    its[0].remove()
    its[2].remove()
    gc.collect()
    assert [store() for store in stores] == [None] * 3
    assert pool.nbytes <= 1.05 * bare
    pool.run(2.0)
    assert pool.nbytes <= 1.05 * bare
    assert pool.synapses == ()


def test_what_is_not_drawn_takes_no_memory():
    pool, its = connected("rows of their own")
    pool.run(1.0)
    before = pool.nbytes
    more = pool.connect(pool, pool, rule=iz.fixed_outdegree(50), delay=100.0)
    assert pool.nbytes > before
    more.remove()
    assert pool.nbytes == before
    its[0].gain = 2.0
    its[0].remove()
    pool.run(1.0)


def test_spikes_under_way_are_lost_and_what_has_arrived_stays():
    net = iz.Network(dt=1.0, seed=1)
    clicks = net.spike_list("clicks", 1, [0, 0], [2.0, 6.0])
    pool = net.pool("cells", 1, iz.LeakyIntegrateAndFire, receptors={"syn": iz.ExponentialCurrent(tau=50.0)})
    synapses = net.connect(clicks, pool, rule=iz.all_to_all(), weight=3.0, delay=5.0)
    net.record("i_syn", "cells")
    net.run(8.0)
    synapses.remove()
    trace = net.run(10.0)["cells"].traces["i_syn"][:, 0]
    assert trace[0] > 2.5  # of the first spike
    assert (np.diff(trace) < 0).all()
    assert net.synapses == ()
    assert "no projections" in net.summary()


RULE = iz.PairSTDP(A_plus=0.1, A_minus=0.1, w_max=9.0)
BESIDE = {"nothing": [], "shorter delays": [("dendrite", 3)], "longer delays": [("dendrite", 40)],
          "axons": [("axon", 30)], "several": [("dendrite", 3), ("axon", 9), ("dendrite", 12)]}  # fmt: skip


def learning(delay_at, beside, receptors=None, threads=1):
    """A pool in which the first connection learns and has delays of up to 20 ms, and others."""
    pool = iz.Pool(N, seed=3, threads=threads, receptors=receptors)
    pool.v = np.linspace(-70, 29, N)
    pool.drive(pool, 9.0 + iz.noise(6.0))
    its = [
        pool.connect(
            pool, pool, rule=iz.fixed_outdegree(6), weight=iz.uniform(0.5, 3.0), delay=iz.integers(1, longest),
            plasticity=RULE, delay_at=place,
        )
        for place, longest in [(delay_at, 20), *beside]
    ]  # fmt: skip
    return pool, its


@pytest.mark.parametrize(
    "receptors", [None, {"syn": iz.ExponentialCurrent(tau=5.0)}], ids=["pulses", "receptor"]
)
@pytest.mark.parametrize("beside", BESIDE)
@pytest.mark.parametrize("delay_at", ["dendrite", "axon"])
def test_what_learns_is_removed_as_by_a_gain_of_0(delay_at, beside, receptors, tmp_path):
    """What is beyond the synapse arrives, to the bit, whatever delays others have; the rest is lost."""
    (cut, its), (silent, others) = (
        learning(delay_at, BESIDE[beside], receptors, threads) for threads in (1, 2)
    )
    same(cut.run(30.0), silent.run(30.0))
    its[0].remove()
    others[0].gain = 0.0
    cut.save(tmp_path / "cut.izhi")
    stored = cut.store()
    expected = silent.run(5.0), silent.run(40.0)

    def goes_on(pool):
        for part in expected:
            same(pool.run(part.duration), part)
        for mine, one in zip(pool.synapses, others[1:], strict=True):
            np.testing.assert_array_equal(mine.weights, one.weights)

    goes_on(cut)
    goes_on(iz.load(tmp_path / "cut.izhi", threads=3))
    cut.restore(stored)
    goes_on(cut)


def test_the_neurons_may_be_gone():
    synapses = connected("rows of their own")[1]
    gc.collect()
    synapses[0].remove()
    assert repr(synapses[0]) == "<pool -> pool: removed>"


USES = {
    "remove": lambda one: one.remove(), "len": len, "weights": lambda one: one.weights,
    "setting weights": lambda one: setattr(one, "weights", 1.0), "gain": lambda one: one.gain,
    "setting the gain": lambda one: setattr(one, "gain", 1.0), "to_arrays": lambda one: one.to_arrays(),
    "some": lambda one: one[0, :], "setting some": lambda one: one.__setitem__((0, slice(None)), 1.0),
    "summary": lambda one: one.summary(), "nbytes": lambda one: one.nbytes, "rule": lambda one: one.rule,
    "delays": lambda one: one.delays, "drawn": lambda one: one.drawn, "receptor": lambda one: one.receptor,
    "to_scipy": lambda one: one.to_scipy(), "to_networkx": lambda one: one.to_networkx(),
    "shared weight": lambda one: one.shared_weight, "sources": lambda one: one.sources,
}  # fmt: skip


@pytest.mark.parametrize("use", USES)
def test_what_is_removed_is_not_to_be_used(use):
    pool, its = connected("one weight")
    its[1].remove()
    told = "the synapses pool -> pool were removed; those that there are stand in .synapses of the pool or network"
    with pytest.raises(RuntimeError, match=told):
        USES[use](its[1])
    assert repr(its[1]) == "<pool -> pool: removed>"
    assert its[1] not in pool.synapses
    assert its[1] == its[1]
