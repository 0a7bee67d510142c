"""A spike acts exactly when it is due, and what it delivers adds up."""

import numpy as np
import pytest

import izhi_numba as iz
from tests import inside
from tests.ways import ways_of_delivery

KICK = 300.0  # fires any neuron in the step in which it arrives; divide by dt


@pytest.mark.parametrize("dt", [1.0, 0.5, 0.1])
def test_a_chain_of_delays(dt):
    delays = [0, 1, 2, 7, 20]
    pool = iz.Pool(len(delays) + 1, dt=dt)
    for i, delay in enumerate(delays):
        pool.connect(
            pool[i : i + 1], pool[i + 1 : i + 2], rule=iz.one_to_one(), weight=KICK / dt, delay=delay
        )
    pool.clamp_input([KICK / dt, 0, 0, 0, 0, 0])
    first = pool.step()
    np.testing.assert_array_equal(first.spikes.i, [0])
    pool.clamp_input(0.0)
    times = np.full(len(delays) + 1, np.nan)
    times[0] = first.spikes.t[0]
    rest = pool.run(60).spikes
    for i in range(1, len(times)):
        times[i] = rest.t[rest.i == i][0]
    np.testing.assert_allclose(np.diff(times), np.array(delays) + dt, atol=1e-9)


def test_delays_of_one_projection():
    n = 40
    pool = iz.Pool(n + 1)
    delays = np.arange(n) % 37
    rule = iz.from_arrays(np.zeros(n, int), np.arange(1, n + 1), weight=KICK, delay=delays.astype(float))
    pool.connect(pool, pool, rule=rule)
    drive = np.zeros(n + 1)
    drive[0] = KICK
    pool.clamp_input(drive)
    pool.step()
    pool.clamp_input(0.0)
    spikes = pool.run(40).spikes
    first = dict(zip(spikes.i[::-1].tolist(), spikes.t[::-1].tolist(), strict=True))
    assert [first[i + 1] for i in range(n)] == (1 + delays + 1).tolist()


def test_long_delays_survive_many_runs():
    pool = iz.Pool(2)
    pool.connect(pool[:1], pool[1:], rule=iz.one_to_one(), weight=KICK, delay=500.0)
    pool.clamp_input([KICK, 0])
    pool.step()
    pool.clamp_input(0.0)
    spikes = [pool.run(100).spikes for _ in range(6)]
    assert next(t for s in spikes for i, t in zip(s.i, s.t, strict=True) if i == 1) == 502.0


def test_delivered_weight_is_spikes_times_outdegree():
    """All that was fired arrives once the longest delay has passed; in exact binary fractions."""
    n, degree, weight = 2100, 30, 2.0**-20
    pool = iz.Pool(n, seed=2, dtype="float64", threads=2)
    pool.connect(pool, pool, rule=iz.fixed_outdegree(degree), weight=weight, delay=iz.integers(0, 15))
    pool.record("I")
    drive = np.arange(n) % 11
    pool.clamp_input(drive)
    fired = pool.run(100)
    pool.clamp_input(-50)
    last = pool.run(25)  # the last spikes come within 5 ms
    assert last.spikes.t.max(initial=0) <= 105
    given = 100 * drive.sum() - 25 * 50 * n
    arrived = fired.traces["I"].sum() + last.traces["I"].sum() - given
    n_spikes = len(fired.spikes.i) + len(last.spikes.i)
    assert n_spikes > 1000
    assert arrived == weight * degree * n_spikes


def test_a_projection_carries_only_spikes_that_come_after_it():
    pool = iz.Pool(2)
    pool.clamp_input([KICK, 0])
    pool.step()
    pool.clamp_input(0.0)
    pool.connect(pool[:1], pool[1:], rule=iz.one_to_one(), weight=KICK, delay=3.0)
    assert 1 not in pool.run(10).spikes.i


def test_spikes_under_way_survive_another_projection():
    pool = iz.Pool(3)
    pool.connect(pool[:1], pool[1:2], rule=iz.one_to_one(), weight=KICK, delay=9.0)
    pool.clamp_input([KICK, 0, 0])
    pool.step()
    pool.clamp_input(0.0)
    pool.step(3)
    pool.connect(pool[:1], pool[2:], rule=iz.one_to_one(), weight=KICK, delay=300.0)
    spikes = pool.run(20).spikes
    assert spikes.t[spikes.i == 1][0] == 11.0


@pytest.mark.usefixtures("all_threads")
@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("rule", [iz.fixed_outdegree(10), iz.fixed_indegree(10), iz.all_to_all()])
@pytest.mark.parametrize("way", ["chosen", "due"])
def test_delays_that_do_not_occur_have_no_rows(rule, threads, way):
    """Bug: a lognormal made 14,804 delays, and 59 MB of rows for 10,000 synapses."""
    with ways_of_delivery(way):
        without_rows(rule, threads, way)


def without_rows(rule, threads, way):
    pool = iz.Pool(1000, dt=0.1, seed=1, threads=threads)
    post = pool if rule.degree else pool[:10]
    one = pool.connect(pool, post, rule=rule, delay=iz.lognormal(0.5, 1.0), weight=iz.uniform(0, 1))
    assert len(one.delays) == 14_804
    columns = one.to_arrays()
    pool.prepare()
    assert len(one) == 10_000
    np.testing.assert_array_equal(one.delays, np.unique(columns[3]))
    assert len(one.delays) < 1000
    assert inside.store(one).n_rows == 1000 * (1 if way == "chosen" else len(one.delays))
    assert one.nbytes < (150_000 if way == "chosen" else 1000 * 1000 * 4 * threads)
    for mine, its in zip(one.to_arrays(), columns, strict=True):
        np.testing.assert_array_equal(mine, its)


def test_delays_that_do_not_occur_in_shared_rows():
    pool = iz.Pool(200, dt=0.1, seed=1, threads=2)
    some = [
        pool.connect(pool, pool, rule=rule, delay=delay, weight=iz.uniform(0, 1))
        for delay in [iz.exponential(20.0)]
        for rule in [
            iz.fixed_outdegree(5),
            iz.from_arrays([1, 2], [3, 4]),
            iz.fixed_probability(0.0),
            iz.fixed_indegree(5),
        ]
    ]
    before = [one.to_arrays() for one in some]
    pool.prepare()
    assert inside.n_stores(some) == 1
    for one, columns in zip(some, before, strict=True):
        np.testing.assert_array_equal(one.delays, np.unique(columns[3]))
        for mine, its in zip(one.to_arrays(), columns, strict=True):
            np.testing.assert_array_equal(mine, its)
    union = np.unique(np.concatenate([columns[3] for columns in before]))
    np.testing.assert_array_equal(inside.store(some[0]).delays, np.rint(union / 0.1))


def test_no_synapses_have_no_delays():
    pool = iz.Pool(20, dt=0.1, seed=1)
    one = pool.connect(pool, pool, rule=iz.fixed_probability(0.0), delay=iz.exponential(3.0))
    pool.run(10.0)
    assert len(one.delays) == 0
    assert "0 synapses" in one.summary()
