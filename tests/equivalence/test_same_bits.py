"""Same seed, same bits: for any threads, in one run or in pieces, whatever is recorded."""

import numpy as np
import pytest

import izhi_numba as iz

N = 9000  # several tiles, so that seven threads have work


def network(threads, *, dtype="float32", seed=7):
    pool = iz.Pool(N, seed=seed, threads=threads, dtype=dtype)
    exc, inh = pool.group("exc", 7000), pool.group("inh", 2000)
    exc.c = -65 + 15 * pool.random(7000) ** 2
    inh.set(**iz.presets["FS"])
    pool.drive(exc, iz.noise(5.0))
    pool.drive(inh, 1.0 + iz.noise(2.0))
    pool.connect(exc, pool, rule=iz.fixed_outdegree(60), weight=iz.uniform(0, 3), delay=iz.integers(0, 20))
    pool.connect(inh, exc, rule=iz.fixed_probability(0.01), weight=-3.0, delay=1.0)
    pool.connect(exc, inh, rule=iz.fixed_indegree(20), weight=iz.normal(1, 0.5, low=0), delay=2.0)
    return pool


def outcome(pool, results):
    spikes = [result.spikes for result in results]
    return [
        np.concatenate([s.i for s in spikes]), np.concatenate([s.t for s in spikes]),
        pool.v.copy(), pool.u.copy(),
    ]  # fmt: skip


def assert_same(first, second):
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one, other)


pytestmark = pytest.mark.usefixtures("all_threads")


@pytest.fixture
def single():
    pool = network(1)
    whole = outcome(pool, [pool.run(300)])
    assert len(whole[0]) > 5000
    return whole


@pytest.mark.parametrize("threads", [2, 3, 7])
def test_threads(single, threads):
    pool = network(threads)
    assert pool.threads_in_use == threads
    assert_same(single, outcome(pool, [pool.run(300)]))


@pytest.mark.parametrize("threads", [1, 3])
def test_pieces(single, threads):
    pool = network(threads)
    assert_same(single, outcome(pool, [pool.run(30) for _ in range(10)]))


@pytest.mark.parametrize("threads", [1, 2])
def test_steps(single, threads):
    pool = network(threads)
    assert_same(
        single, outcome(pool, [pool.step(), pool.step(7), *(pool.step() for _ in range(42)), pool.run(250)])
    )


def test_updates(single):
    pool = network(2)
    spiked = [pool.update() for _ in range(300)]
    np.testing.assert_array_equal(np.concatenate(spiked), single[0])
    np.testing.assert_array_equal(pool.v, single[2])


def test_whatever_is_recorded(single):
    pool = network(2)
    pool.record("v", neurons=[3, 8999], every=2.0)
    pool.record("I")
    pool.run(100)
    pool.record("counts")
    pool.run(100)
    pool.record("spikes", neurons=pool["inh"])
    pool.run(100)
    np.testing.assert_array_equal(pool.v, single[2])
    np.testing.assert_array_equal(pool.u, single[3])


@pytest.mark.parametrize("threads", [1, 2, 3, 7])
def test_unconnected_neurons_and_double_precision(threads):
    pools = [iz.Pool(20_001, seed=3, threads=t, dtype="float64") for t in (1, threads)]
    for pool in pools:
        pool.drive(pool, iz.noise(6.0) + np.linspace(0, 5, 20_001))
    first, second = (outcome(pool, [pool.run(137)]) for pool in pools)
    assert len(first[0]) > 1000
    assert_same(first, second)


def test_windows_do_not_matter():
    """Delays let a block run ahead of the others; forbidding it with a silent projection changes nothing."""
    results = []
    for hold_back in (False, True):
        pool = iz.Pool(6000, seed=5, threads=2)
        pool.drive(pool, iz.noise(6.0))
        pool.connect(
            pool, pool, rule=iz.fixed_outdegree(20), weight=iz.uniform(-1, 2), delay=iz.integers(5, 30)
        )
        if hold_back:
            pool.connect(pool, pool, rule=iz.one_to_one(), weight=0.0, delay=0.0)
        results.append(outcome(pool, [pool.run(200)]))
    assert len(results[0][0]) > 1000
    assert_same(*results)


def test_other_seeds_give_other_spikes(single):
    pool = network(2, seed=8)
    assert not np.array_equal(outcome(pool, [pool.run(300)])[0], single[0])


def test_connections_do_not_depend_on_threads():
    arrays = []
    for threads in (1, 2, 3):
        columns = [
            np.concatenate(c) for c in zip(*(s.to_arrays() for s in network(threads).synapses), strict=True)
        ]
        arrays.append(columns)
    assert len(arrays[0][0]) == 60 * 7000 + 20 * 2000 + np.sum(arrays[0][2] == -3.0)
    for other in arrays[1:]:
        assert_same(arrays[0], other)


@pytest.mark.slow
def test_a_hundred_thousand_neurons():
    """Ten million synapses with delays, blocks of 16 bits: the same for one thread and for three."""
    results = []
    for threads in (1, 3):
        pool = iz.Pool(100_000, seed=4, threads=threads)
        pool.drive(pool, iz.noise(5.0))
        pool.connect(
            pool, pool, rule=iz.fixed_indegree(100), weight=iz.uniform(-1, 2), delay=iz.integers(0, 30)
        )
        results.append(outcome(pool, [pool.run(150)]))
    assert len(results[0][0]) > 10_000
    assert_same(*results)
