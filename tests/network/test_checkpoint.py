"""Pools and networks that are saved, loaded, stored, restored and copied go on with the same bits."""

import copy
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import izhi_numba as iz
from tests.network import drawn
from tests.network.drawn import again, assert_same_run, differing

pytestmark = pytest.mark.filterwarnings("ignore::izhi_numba.DoubtfulWarning")


def check(net, threads=None, n_steps=25):
    """Whatever is made of a network has its state, and goes on as it does."""
    before = drawn.bits(net)
    others = again(net, threads=threads), copy.deepcopy(net)
    for other in others:
        assert differing(before, other) == []
    assert differing(before, net) == []
    stored = net.store()
    result = net.step(n_steps)
    for other in others:
        assert_same_run(result, other.step(n_steps))
    for action in (
        drawn.weights,
        drawn.gain,
        drawn.learn,
        drawn.drive,
        drawn.change,
        drawn.silence,
        drawn.reset,
        drawn.run,
    ):
        action(net, np.random.default_rng(1))
    net.restore(stored)
    assert differing(before, net) == []
    assert_same_run(result, net.step(n_steps))
    assert_same_run(net.step(3), others[0].step(3))


NETWORKS = st.tuples(st.integers(0, 2**32), st.lists(st.sampled_from(drawn.ACTIONS), max_size=12))


@pytest.mark.slow  # some are in the sequences of calls, which the quick tests have
@settings(max_examples=1500, deadline=None)
@given(NETWORKS, st.integers(1, 3))
def test_any_network(made, threads):
    check(drawn.network(*made), threads)


def test_the_networks_are_not_silent():
    result = drawn.network(1, [drawn.connect, drawn.connect]).step(120)
    assert all(part.counts.sum() for part in result.values())


def cells(**options):
    """A pool with spikes under way."""
    pool = iz.Pool(60, seed=5, **options)
    pool.v = np.linspace(-70.0, 29.0, 60)
    pool.drive(pool, 9.0 + iz.noise(3.0) + iz.ornstein_uhlenbeck(2.0, tau=5.0))
    pool.connect(pool, pool, rule=iz.fixed_outdegree(9), weight=iz.uniform(0, 2), delay=iz.integers(1, 15))
    return pool


def test_in_another_process_on_other_threads(tmp_path):
    pool = cells(threads=2)
    pool.run(9.0)
    pool.save(tmp_path / "pool.izhi")
    program = f"""
        import izhi_numba as iz
        spikes = iz.load({str(tmp_path / "pool.izhi")!r}, threads=1).run(40.0).spikes
        print(spikes.i.tolist(), spikes.t.tolist(), sep="\\n")
    """
    told = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], check=True, capture_output=True, text=True
    ).stdout
    spikes = pool.run(40.0).spikes
    assert told == f"{spikes.i.tolist()}\n{spikes.t.tolist()}\n"
    assert len(spikes.i) > 10


def test_results_join_across_a_load():
    pool = cells()
    first = pool.run(20.0)
    whole = first + again(pool).run(20.0)
    assert whole.duration == 40.0


def test_a_pool_of_one_neuron_that_has_not_run():
    pool = iz.Pool(1, seed=2)
    pool.v = -50.0
    other = again(pool)
    assert differing(pool, other) == []
    assert_same_run(pool.run(30.0), other.run(30.0))


def test_resets_after_a_load_and_restores_after_a_reset():
    pool = cells()
    pool.random(3)
    first, stored = pool.run(30.0), pool.store()
    other = again(pool)
    for one in (pool, other):
        one.reset()
    assert_same_run(other.run(30.0), first)
    pool.restore(stored)
    pool.reset()
    assert_same_run(pool.run(30.0), first)


def test_arrays_in_the_user_s_hands_stay_the_same():
    pool = cells()
    pool.run(3.0)
    v, drive, before = pool.v, pool.external_input, pool.v.copy()
    stored = pool.store()
    pool.run(5.0)
    pool.clamp_input(1.0)
    pool.restore(stored)
    np.testing.assert_array_equal(v, before)
    assert np.shares_memory(v, pool.v)
    assert np.shares_memory(drive, pool.external_input)
    assert drive[0] == 9.0


def test_weights_that_are_counted_are_counted_again():
    """Many equal weights are counted; written by hand they are added, which has other bits."""
    pool = iz.Pool(5000, seed=1)
    pool.drive(pool, 10.0 + iz.noise(2.0))
    synapses = pool.connect(pool, pool[:50], rule=iz.all_to_all(), weight=0.0013, delay=3.0)
    pool.run(8.0)
    stored = pool.store()
    result = pool.run(60.0)
    synapses.weights = 0.002
    pool.run(5.0)
    pool.restore(stored)
    assert_same_run(pool.run(60.0), result)


def test_a_store_takes_memory_for_weights_only_where_they_are_written():
    pool = cells()
    (synapses,) = pool.synapses
    pool.run(2.0)
    stored, weights = pool.store(), synapses.weights
    for value in (1.0, 2.0):
        synapses.weights = value
    later = pool.store()
    synapses[0, :] = 5.0
    pool.restore(later)
    assert set(synapses.weights.tolist()) == {2.0}
    pool.restore(stored)
    np.testing.assert_array_equal(synapses.weights, weights)
    del stored, later
    synapses.weights = 3.0
    assert set(synapses.weights.tolist()) == {3.0}


def test_what_came_or_went_is_told():
    net = iz.Network(seed=1)
    net.pool("a", 5)
    old = net.connect("a", "a", rule=iz.one_to_one())
    stored = net.store()
    new = net.connect("a", "a", rule=iz.all_to_all())
    with pytest.raises(
        ValueError, match=r"since this was stored, the connection a -> a was added; .*remove\(\)"
    ):
        net.restore(stored)
    new.remove()
    net.restore(stored)
    old.remove()
    net.pool("b", 2)
    with pytest.raises(ValueError, match="pool 'b' was added, the connection a -> a was removed"):
        net.restore(stored)


def test_of_another_one():
    one, other = cells(), cells()
    with pytest.raises(ValueError, match="this was stored by the pool, and is put back into that one alone"):
        other.restore(one.store())
    with pytest.raises(TypeError, match=r"a file is loaded by iz.load\(path\)"):
        other.restore("pool.izhi")
    assert repr(one.store()) == "<the pool at t = 0 ms>"
    with pytest.raises(TypeError, match="cannot be copied or pickled"):
        copy.copy(one.store())


@pytest.mark.parametrize(("call", "told"), [
    (lambda pool, path: pool.save(path), "saved as a whole"),
    (lambda pool, path: pool.store(), "stored as a whole"),
    (lambda pool, path: pool.restore(pool), "expected what store"),
    (lambda pool, path: copy.deepcopy(pool), "copied as a whole"),
])  # fmt: skip
def test_a_pool_in_a_network_is_kept_with_it(tmp_path, call, told):
    pool = iz.Network(seed=1).pool("a", 5)
    with pytest.raises((RuntimeError, TypeError), match=told):
        call(pool, tmp_path / "pool.izhi")
    assert not [*tmp_path.iterdir()]


def test_a_class_of_the_user_s_own_is_refused(tmp_path):
    class Mine(iz.Pool):
        pass

    with pytest.raises(TypeError, match=r"Mine: .* keep an iz.Pool as an attribute"):
        Mine(3).save(tmp_path / "pool.izhi")


def test_blue_shell():
    pool = iz.IzhikevichPool(40, 0.2, 2, 0.3, seed=1)
    for _ in range(12):
        pool.clamp_input(12.0)
        pool.update()
    other, stored = again(pool), pool.store()
    assert type(other) is iz.IzhikevichPool
    for one in (pool, other):
        one.update()
    np.testing.assert_array_equal(other.voltage_history, pool.voltage_history)
    pool.restore(stored)
    pool.update()
    np.testing.assert_array_equal(other.voltage_history, pool.voltage_history)


def test_results_may_not_be_busy(tmp_path):
    """A function that a run calls can neither save nor restore."""
    pool, found = cells(), []

    def current(t):
        try:
            pool.save(tmp_path / "pool.izhi")
        except RuntimeError as error:
            found.append(str(error))
        return 0 * np.asarray(t)

    pool.drive(pool, iz.from_function(current))
    pool.run(5.0)
    assert "busy" in found[0]
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize("name", ["dense", "inputs", "closed_loop_of_pools", "receptors"])
def test_networks_of_many_kinds(name, monkeypatch):
    """Before each run the network is saved, and what is loaded runs beside it."""
    from tests.equivalence.golden_networks import NETWORKS

    runs = []

    def beside(kind):
        run = kind.run

        def both(sim, duration):
            other = again(sim, threads=1)
            assert differing(sim, other) == []
            result = run(sim, duration)
            assert_same_run(result, run(other, duration))
            runs.append(name)
            return result

        monkeypatch.setattr(kind, "run", both)

    beside(iz.Pool)
    beside(iz.Network)
    NETWORKS[name](2)
    assert runs


def test_size_is_that_of_the_synapses(tmp_path):
    n, k, rng = 3000, 100, np.random.default_rng(1)
    pool = iz.Pool(n, seed=1)
    pre, post = np.repeat(np.arange(n), k), rng.integers(0, n, n * k)
    rule = iz.from_arrays(pre, post, rng.random(n * k), rng.integers(1, 9, n * k))
    synapses = pool.connect(pool, pool, rule=rule)
    pool.prepare()
    pool.save(tmp_path / "given.izhi")
    assert (tmp_path / "given.izhi").stat().st_size < 1.1 * synapses.nbytes + 500_000
    columns, other = synapses.to_arrays(), again(pool).synapses[0].to_arrays()
    for one, its in zip(columns, other, strict=True):
        np.testing.assert_array_equal(one, its)
    drawn_ones = iz.Pool(n, seed=1)
    drawn_ones.connect(drawn_ones, drawn_ones, rule=iz.fixed_outdegree(k), weight=iz.uniform(0, 1))
    drawn_ones.run(1.0)
    drawn_ones.save(tmp_path / "drawn.izhi")
    assert (tmp_path / "drawn.izhi").stat().st_size < 200_000
