"""What stands still is not computed, and nobody can tell."""

import itertools

import numpy as np
import pytest

import izhi_numba as iz
from izhi_numba.models.model import Model
from tests import inside

N = 3000  # three tiles, the last one not full


class Clocked(iz.LeakyIntegrateAndFire):
    """A model that asks for the time."""

    def threshold(v, t, V_th):
        return (v >= V_th) & (t >= 0)


def build(delays, dtype, threads, kind):
    """A network of which a fifth is driven or reached, from above rest."""
    receptors = {"exc": iz.ExponentialCurrent(tau=2.0), "inh": iz.ExponentialConductance(tau=3.0, E=-80.0)}
    net = iz.Network(dt=0.1, seed=4, dtype=dtype, threads=threads)
    pool = net.pool(
        "p", N, iz.LeakyIntegrateAndFire(C=20.0), receptors=None if kind == "pulses" else receptors
    )
    pool.v = -63.0 + 3 * pool.random(N)
    driven, reached = pool[:200], pool[1000:1100]
    port = {} if kind == "pulses" else {"receptor": "exc"}
    pool.drive(driven, iz.poisson(900.0, weight=9000.0 if kind == "pulses" else 900.0, **port))
    rule = iz.all_to_all() if kind == "dense" else iz.fixed_outdegree(20)
    delay = 1.3 if kind == "dense" else delays
    weight = 1.0 if kind == "dense" else 2000.0 if kind == "pulses" else iz.uniform(100.0, 300.0)
    net.connect(driven, reached, rule=rule, weight=weight, delay=delay, **port)
    late = net.spike_list("late", 3, [0, 1, 2, 1], [420.0, 424.0, 430.05, 440.0])
    net.connect(late, pool[1500:2900], rule=iz.fixed_probability(0.01), weight=4000.0, delay=delay, **port)
    return net, pool


def history(net, pool, durations):
    """Spikes and states of runs one after the other, and how many groups rested at the end of each."""
    found, rested = [], []
    for duration in durations:
        result = net.run(duration)
        net.step(20)  # in one call: the last one of a run may have been too short to find what rests
        spikes = result["p"].spikes
        found += [spikes.i.copy(), spikes.t.copy(), *(x[:N].copy() for x in inside.arrays(pool).values())]
        rested.append(inside.resting(pool))
    return found, rested


KINDS = ("pulses", "sparse", "dense")
DELAYS = (1.3, iz.uniform(0.1, 5.0))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("kind", "delay"), [*itertools.product(KINDS[:2], DELAYS), ("dense", 1.3)])
def test_bits_are_those_of_a_network_that_never_rests(kind, delay, dtype, monkeypatch):
    durations = [400.0, 22.0, 3.3, 100.0]
    with monkeypatch.context() as patch:
        patch.setattr(Model, "asks_for_time", classmethod(lambda cls: True))
        wanted, never = history(*build(delay, dtype, 1, kind), durations)
    assert not any(never)
    for threads in (1, 3):
        found, rested = history(*build(delay, dtype, threads, kind), durations)
        assert rested[0] == 29  # of 47: 16 of a driven tile, and two that are reached, do not
        assert min(rested) < 29  # some were woken
        for one, other in zip(found, wanted, strict=True):
            assert one.dtype == other.dtype
            assert one.tobytes() == other.tobytes()


def test_what_users_write_between_two_calls_is_heard():
    pools = [build(1.3, "float32", 1, "sparse") for _ in range(2)]
    for net, _ in pools:
        net.run(400.0)
        net.step(20)
    assert inside.resting(pools[0][1]) == 29
    for _, pool in pools:
        pool.v[2000] = -52.0
        pool.drive(pool[2500:2510], 50.0)
    (net, pool), (other, its) = pools
    for _ in range(200):
        net.step(1)
    other.run(20.0)
    assert pool.v.tobytes() == its.v.tobytes()
    assert pool.v[2505] > -59.0


def test_nothing_rests_that_has_noise_or_asks_for_the_time():
    noisy = iz.Pool(N, iz.LeakyIntegrateAndFire(), dt=0.1, seed=1)
    noisy.drive(noisy[1000:1010], iz.noise(1.0))
    clocked = iz.Pool(N, Clocked(), dt=0.1, seed=1)
    for pool in (noisy, clocked):
        pool.run(100.0)
        pool.step(20)
    assert inside.resting(clocked) == 0
    assert inside.resting(noisy) == 47 - 16  # a tile is awake


def test_traces_are_kept_of_neurons_that_stand_still():
    pool = iz.Pool(N, iz.LeakyIntegrateAndFire(), dt=0.1, seed=1)
    pool.drive(pool, 10.0)
    pool.record("v", neurons=[5, 2999])
    pool.record("I", neurons=[5, 2999])
    pool.run(500.0)
    result = pool.run(100.0)
    pool.step(20)
    assert inside.resting(pool) == 16  # of the tile without a trace
    assert np.ptp(result.traces["v"], axis=-1).max() == 0
    assert (result.traces["I"] == 10.0).all()


def test_rest_is_found_in_short_calls():
    pool = iz.Pool(N, iz.LeakyIntegrateAndFire(C=20.0), dt=0.1, seed=1)
    pool.v = -63.0 + 3 * pool.random(N)
    for _ in range(60):
        pool.step(15)
    found = []
    for _ in range(60):
        pool.step(15)
        found.append(inside.resting(pool))
    assert max(found) == 47
