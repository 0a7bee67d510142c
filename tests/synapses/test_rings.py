"""Rings of sums, in which the weights of several delays are added up at one visit."""

import numpy as np
import pytest

import izhi_numba as iz
from izhi_numba.kernels import team
from izhi_numba.synapses.rings import bins, ring_slots
from tests import inside


@pytest.mark.parametrize(
    ("delays", "slots", "firsts"),
    [
        ([0], 8, [0, 1]),
        (range(1, 21), 8, [0, 8, 16, 20]),
        (range(1, 21), 1, [*range(21)]),
        ([3, 4, 100, 107, 108], 8, [0, 2, 4, 5]),
    ],
)
def test_bins_hold_as_many_delays_as_there_are_slots(delays, slots, firsts):
    assert bins(np.array(delays), slots).tolist() == firsts


def test_rings_are_made_where_visits_are_many():
    assert ring_slots(1000, 4, visits=20) == 1
    assert ring_slots(1000, 4, visits=100) == 5
    assert ring_slots(100_000, 4, visits=10_000) == 5
    assert ring_slots(1_000_000, 8, visits=100_000) == 2


def network(dt=1.0, threads=1, n=1500):
    pool = iz.Pool(n, seed=4, dt=dt, threads=threads)
    pool.drive(pool, 4 + iz.noise(4.0))
    pool.connect(
        pool, pool, rule=iz.fixed_outdegree(60), weight=iz.uniform(-0.2, 0.8), delay=iz.integers(1, 20)
    )
    return pool


def bins_of(pool):
    pool.prepare()
    (synapses,) = pool.synapses
    return len(inside.bins(synapses)) - 1


def test_the_usual_network_of_2006_has_rings():
    assert bins_of(network()) == 4


def spikes_of(*results):
    steps = np.concatenate([np.rint(result.spikes.t).astype(int) for result in results])
    return np.concatenate([result.spikes.i for result in results]), steps


def same(first, second):
    for one, other in zip(spikes_of(*first), spikes_of(*second), strict=True):
        np.testing.assert_array_equal(one, other)


def test_one_step_after_the_other_is_one_run():
    whole, single = network(), network()
    result = whole.run(120.0)
    listed = [single.update() for _ in range(120)]
    np.testing.assert_array_equal(np.concatenate(listed), result.spikes.i)
    np.testing.assert_array_equal(single.v, whole.v)


def test_touching_weights_without_a_change_changes_nothing():
    """What rings hold is added up again, from spikes under way."""
    whole, touched = network(threads=1), network(threads=2)
    results = []
    for _ in range(24):
        (synapses,) = touched.synapses
        synapses.weights = synapses.weights
        results.append(touched.run(5.0))
    assert len(results[-1].spikes.i) > 10
    same([whole.run(120.0)], results)
    np.testing.assert_array_equal(touched.v, whole.v)


def test_an_interrupt_right_after_the_steps_leaves_the_sums_right(monkeypatch):
    whole, stopped = network(), network()
    stopped.run(30.0)
    stopped.synapses[0].gain = 1.0  # what the rings hold is to be added up again
    call, once = team.call, [True]

    def interrupted(*arguments):
        call(*arguments)
        if once:
            once.clear()
            raise KeyboardInterrupt

    monkeypatch.setattr(team, "call", interrupted)
    with pytest.raises(KeyboardInterrupt):
        stopped.run(10.0)
    rest = stopped.run(100.0 - stopped.t)
    result = whole.run(100.0)
    late = result.spikes.t > 100.0 - rest.duration
    np.testing.assert_array_equal(rest.spikes.i, result.spikes.i[late])
    np.testing.assert_array_equal(stopped.v, whole.v)


def test_rings_are_counted():
    pool = network()
    before = inside.bytes_without_synapses(pool)
    pool.prepare()
    grown = inside.bytes_without_synapses(pool) - before
    sums = inside.ring(pool).nbytes
    assert grown > 5 * 4 * pool.size
    assert sums == 5 * 4 * inside.population(pool).size
    assert grown < inside.history_bytes(pool) + sums + 1000


def test_gains_act_on_spikes_under_way():
    scaled, written = network(), network()
    for pool in (scaled, written):
        pool.run(40.0)
    scaled.synapses[0].gain = 0.5
    (synapses,) = written.synapses
    synapses.weights = 0.5 * synapses.weights
    one, other = scaled.run(15.0), written.run(15.0)
    np.testing.assert_array_equal(one.spikes.i, other.spikes.i)
    np.testing.assert_array_equal(scaled.v, written.v)
