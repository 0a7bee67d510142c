"""A spike acts exactly when it is due, and what it delivers adds up."""

import numpy as np
import pytest

import izhi_numba as iz

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
