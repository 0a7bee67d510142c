"""Back to time 0, with the same noise or another: as a network that is built anew, to the bit."""

import numpy as np
import pytest

import izhi_numba as iz
from izhi_numba.network.inventory import inventory
from tests.network.test_inventory import bits, network


def noisy(seed=3, noise_seed=None, threads=1, n=300, **options):
    """A pool with noise of each kind, delays, and values that were drawn."""
    pool = iz.Pool(n, seed=seed, noise_seed=noise_seed, threads=threads, **options)
    pool.set(v=iz.uniform(-80.0, -50.0), b=iz.normal(0.2, 0.01))
    pool.u = 10 * pool.random(n) - 15
    pool.drive(pool, 4.0 + iz.noise(3.0) + iz.ornstein_uhlenbeck(2.0, tau=7.0))
    pool.drive(pool[:99], iz.ornstein_uhlenbeck(2.1, tau=7.0) + iz.pulse(9.0, start=20, width=5), add=True)
    pool.drive(pool[100:200], iz.ornstein_uhlenbeck(4.3, tau=7.0) + iz.poisson(200.0, weight=3.0) + 3.0)
    pool.connect(pool, pool, rule=iz.fixed_outdegree(9), weight=iz.uniform(0, 6), delay=iz.integers(1, 12))
    return pool


def spikes(result):
    """Neurons and times."""
    return result.spikes.i.tolist(), result.spikes.t.tolist()


def assert_same(one, other):
    assert spikes(one) == spikes(other)
    assert len(one.spikes.i)


@pytest.mark.parametrize("noise_seed", [None, 8])
def test_a_network_of_everything_is_as_built_anew(noise_seed):
    net, anew = network(noise_seed=noise_seed), network(noise_seed=noise_seed)
    if noise_seed is not None:
        net = network()
    net.run(23.0)
    net.reset(noise_seed=noise_seed)
    assert net.t == 0
    assert bits(inventory(net)) == bits(inventory(anew))
    again, first = net.run(30.0), anew.run(30.0)
    for name in [*net.pools, *net.sources]:
        assert spikes(again[name]) == spikes(first[name])
    assert again["inh"].counts.sum()
    assert again["exc"].traces["v"].tobytes() == first["exc"].traces["v"].tobytes()
    assert bits(inventory(net)) == bits(inventory(anew))


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("options", [{}, {"dtype": "float64", "spike_times": "precise", "scheme": "heun"}])
def test_trials_are_those_of_pools_built_anew(threads, options):
    pool = noisy(threads=threads, n=3000, **options)
    anew = {trial: noisy(noise_seed=trial, n=3000, **options).run(20.0) for trial in (5, 6)}
    for trial in (5, 6, 5):
        pool.reset(noise_seed=trial)
        assert (pool.seed, pool.noise_seed, pool.t) == (3, trial, 0.0)
        assert_same(pool.run(20.0), anew[trial])


def test_noise_is_another_and_what_was_built_is_not():
    one, other = noisy(), noisy(noise_seed=4)
    assert one.noise_seed == 3
    assert one.v.tobytes() == other.v.tobytes()
    assert one.u.tobytes() == other.u.tobytes()
    assert one.synapses[0].weights.tobytes() == other.synapses[0].weights.tobytes()
    assert spikes(one.run(40.0)) != spikes(other.run(40.0))
    assert_same(noisy(noise_seed=3).run(40.0), noisy().run(40.0))


def test_reset_alone_repeats_the_run():
    pool = noisy()
    first, drawn = pool.run(40.0), pool.random(3)
    pool.reset()
    assert_same(pool.run(40.0), first)
    assert pool.random(3).tolist() == drawn.tolist()
    pool.reset(noise_seed=4)
    pool.run(40.0)
    assert pool.random(3).tolist() != drawn.tolist()


def test_nothing_is_drawn_or_compiled_again():
    pool = noisy()
    pool.run(5.0)
    rows = pool.synapses[0].to_arrays()
    pool.synapses[0].weights = 0.0
    pool.reset()
    assert pool.synapses[0].drawn
    assert pool.synapses[0].weights.tolist() == [0.0] * len(rows[0])  # and not those that were drawn


def test_what_was_set_stays_and_what_time_changed_goes_back():
    pool = noisy()
    v, view = pool.v.copy(), pool.v
    pool.record("v", neurons=[1])
    pool.run(5.0)
    pool.set(d=7.0, v=-60.0)
    pool.drive(pool, iz.noise(2.0))
    pool.external_input = 3.0
    pool.reset()
    assert pool.v.tolist() == v.tolist() == view.tolist()
    assert (pool.d == 7.0).all()
    assert (pool.external_input == 3.0).all()
    assert (pool.noise_sd == 2.0).all()
    assert pool.run(2.0).traces["v"].shape == (2, 1)


def test_variables_that_are_set_at_time_0_are_the_start_of_the_next_trials():
    pool = noisy()
    pool.run(5.0)
    pool.reset()
    pool.v = -61.0
    for _ in range(2):
        pool.reset()
        assert (pool.v == -61.0).all()
        pool.run(5.0)


def test_u_follows_v_again():
    pool = iz.Pool(3, seed=1)
    pool.run(2.0)
    pool.u = 0.0
    pool.reset()
    pool.v = -50.0
    assert pool.u.tolist() == [-10.0] * 3


def test_what_was_made_later_is_there_from_the_beginning():
    def build(net, ran):
        exc = net.pool("exc", 50)
        exc.drive(exc, 8.0 + iz.noise(3.0))
        if ran:
            net.run(ran)
        inh = net.pool("inh", 20)
        inh.v = np.linspace(-70.0, -40.0, 20)
        net.connect(exc, inh, rule=iz.fixed_outdegree(5), weight=4.0, delay=3.0)
        net.poisson("trains", 5, 100.0)
        if ran:
            net.run(ran)

    late, early = (iz.Network(dt=1.0, seed=1) for _ in range(2))
    build(late, 7.0)
    build(early, 0)
    late.reset()
    again, first = late.run(50.0), early.run(50.0)
    for name in ("exc", "inh", "trains"):
        assert_same(again[name], first[name])


def test_before_the_first_step_nothing_has_changed():
    pool = noisy()
    pool.reset()
    assert_same(pool.run(40.0), noisy().run(40.0))
    net = iz.Network(seed=1)
    net.reset(noise_seed=2)
    assert net.noise_seed == 2
    net.pool("exc", 5)
    net.run(1.0)
    net.reset()
    assert net.noise_seed == net["exc"].noise_seed == 2


def test_closed_loops_too():
    pool = noisy()
    first = [pool.update().tolist() for _ in range(30)]
    pool.reset()
    assert [pool.update().tolist() for _ in range(30)] == first
    assert any(first)


def test_the_history_of_blue_shell_begins_anew():
    pool = iz.IzhikevichPool(20, 0.2, 1, 0.1, seed=1)
    pool.update()
    pool.reset()
    assert not pool.voltage_history.any()
    pool.update()
    assert pool.voltage_history[:, -1].all()


def test_trials_are_not_joined():
    pool = noisy()
    first = pool.run(5.0)
    pool.reset()
    again, later = pool.run(5.0), pool.run(5.0)
    assert (again + later).duration == 10.0
    with pytest.raises(ValueError, match="these are of others, or a reset lies between them"):
        first + later


def test_the_start_is_told_in_nbytes():
    pool = iz.Pool(1000, seed=1)
    before = pool.nbytes
    pool.run(1.0)
    assert 8 * 1000 <= pool.nbytes - before <= 12 * 1100
    held = pool.nbytes
    for _ in range(3):
        pool.reset()
        pool.run(1.0)
    assert pool.nbytes == held


def test_a_pool_in_a_network_is_reset_with_it():
    net = iz.Network(seed=1)
    exc = net.pool("exc", 5)
    with pytest.raises(
        RuntimeError, match=r"pool 'exc' belongs to a network, which is reset as a whole: net.reset\(\)"
    ):
        exc.reset()


@pytest.mark.parametrize("call", [
    lambda seed: iz.Pool(3, noise_seed=seed), lambda seed: iz.Network(noise_seed=seed),
    lambda seed: iz.Pool(3).reset(noise_seed=seed), lambda seed: iz.Network().reset(noise_seed=seed),
])  # fmt: skip
def test_bad_seeds(call):
    with pytest.raises(
        ValueError, match="noise_seed: expected a whole number from 0 to 18446744073709551615, got -1"
    ):
        call(-1)
    with pytest.raises(TypeError, match=r"noise_seed: expected a whole number, got 1\.5"):
        call(1.5)


def test_seeds_are_not_set():
    net = iz.Network(seed=1)
    with pytest.raises(
        AttributeError,
        match=r"'noise_seed' cannot be set: a trial with another one begins by reset\(noise_seed=...\)",
    ):
        net.noise_seed = 3


def test_what_a_later_pool_draws_is_that_of_one_from_the_beginning():
    def built(first_run):
        net = iz.Network(seed=3, dt=1.0)
        net.pool("early", 20)
        if first_run:
            net.run(first_run)
        late = net.pool("late", 80)
        late.v = iz.uniform(-70, -60)
        net.drive("late", iz.noise(5.0))
        if first_run:
            net.run(10.0)
            net.reset()
        result = net.run(30.0)["late"]
        return late.v, late.u, result.spikes.t

    for now, fresh in zip(built(10.0), built(0.0), strict=True):
        np.testing.assert_array_equal(now, fresh)
