"""Synapses that ask for random numbers: vesicles released at random, and rules of one's own."""

import copy
import random

import numpy as np
import pytest

import izhi_numba as iz
from izhi_numba.models.rules.stochastic import successes


def sums(net):
    """A pool that adds up what each of its neurons is sent, and never fires."""
    cell = iz.LeakyIntegrateAndFire(E_L=0.0, g_L=0.0, V_th=1e9)
    cells = net.pool("cells", 1000, cell, scheme="euler", receptors={"jump": iz.VoltageJump()})
    cells.v = 0.0
    return cells


def sent_by(rule, dtype="float64", n_spikes=1, interval=30.0, **options):
    """What 1000 neurons get from a synapse each with a weight of 2, spike by spike."""
    net = iz.Network(dt=1.0, dtype=dtype, **{"seed": 1, **options})
    net.spike_list("pre", 1, i=np.zeros(n_spikes, int), t=interval * np.arange(1, n_spikes + 1))
    cells, found = sums(net), []
    net.connect("pre", "cells", rule=iz.all_to_all(), weight=2.0, delay=1.0, plasticity=rule)
    net.run(2.0)
    for _ in range(n_spikes):
        before = cells.v.copy()
        net.run(interval)
        found.append(cells.v - before)
    return np.array(found)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("N", "U"), [(1, 0.3), (5, 0.3), (5, 0.8), (80, 0.95)])
def test_a_spike_releases_from_a_binomial_number_of_sites(N, U, dtype):
    sent = sent_by(iz.StochasticRelease(N=N, U=U), dtype)[0]
    released = sent / 2.0 * N
    np.testing.assert_allclose(released, np.rint(released), atol=1e-4)
    error = np.sqrt(U * (1 - U) / N / 1000)
    assert sent.mean() / 2.0 == pytest.approx(U, abs=4 * error)
    assert sent.var() / 4.0 == pytest.approx(U * (1 - U) / N, rel=4 * np.sqrt(2 / 1000) + 0.1 / N)


def test_the_mean_is_that_of_tsodyks_and_markram():
    same = {"U": 0.3, "tau_rec": 100.0, "tau_fac": 200.0}
    sent = sent_by(iz.StochasticRelease(N=4, **same), n_spikes=8)
    wanted = sent_by(iz.TsodyksMarkram(**same), n_spikes=8)[:, 0]
    errors = sent.std(axis=1) / np.sqrt(1000)
    assert np.ptp(wanted) > 10 * errors.max()
    np.testing.assert_array_less(np.abs(sent.mean(axis=1) - wanted), 4 * errors)


def test_a_site_that_has_released_is_empty():
    """Releases of a site that is filled slowly follow each other less often than those of a full one."""
    first, second = sent_by(iz.StochasticRelease(U=0.5, tau_rec=1e9), n_spikes=2) > 0
    assert not (first & second).any()
    assert second[~first].mean() == pytest.approx(0.5, abs=0.1)


def test_probabilities_of_0_and_1():
    assert (sent_by(iz.StochasticRelease(N=3, U=1.0)) == 2.0).all()
    assert (sent_by(iz.StochasticRelease(N=3, U=0.0)) == 0.0).all()


@pytest.mark.parametrize("p", [0.0, 1e-3, 0.3, 0.5, 0.7, 0.999, 1.0])
@pytest.mark.parametrize("n", [0.0, 1.0, 7.0, 100.0])
def test_inversion_gives_binomial_numbers(n, p):
    scipy = pytest.importorskip("scipy.stats")
    r = (np.arange(4000) + 0.5) / 4000
    found = [successes(one, n, p) for one in r.tolist()]
    chances = np.array([scipy.binom.pmf(k, n, p) for k in range(int(n) + 1)])
    np.testing.assert_allclose(np.bincount(np.array(found, int), minlength=len(chances)) / 4000, chances,
                               atol=2.1 / 4000)  # fmt: skip


class Numbers(iz.Plasticity):
    """Keeps the random numbers of the last spike."""

    r, s, third = iz.Random(), iz.Random(), iz.Random()
    a, b, c = iz.State(0.0), iz.State(0.0), iz.State(0.0)

    def on_pre(w, r, s, third):
        return w, r, s, third


def numbers_of(pre, post, when=30, dtype="float64", threads=1, **options):
    """Random numbers of some given synapses, of a network in which all sources spike once."""
    net = iz.Network(dt=1.0, seed=4, dtype=dtype, threads=threads)
    net.spike_list("pre", 50, i=np.arange(50), t=np.full(50, float(when)))
    net.pool("post", 4000)
    rule = iz.from_arrays(pre, post)
    made = net.connect("pre", "post", rule=rule, weight=0.0, plasticity=Numbers(), **options)
    net.step(when + 5)
    return np.array([made.a, made.b, made.c])


def given_pairs(n=20_000):
    rng = np.random.default_rng(2)
    return np.sort(rng.integers(50, size=n)), rng.integers(4000, size=n)


def test_numbers_are_uniform_and_independent():
    pre, post = np.repeat(np.arange(50), 400), np.tile(np.repeat(np.arange(200), 2), 50)  # in twos
    found = numbers_of(pre, post)
    found = np.array([*found, *numbers_of(pre, post, when=31)])
    assert found.min() >= 0
    assert found.max() < 1
    assert len(np.unique(found)) == found.size
    np.testing.assert_allclose(found.mean(axis=1), 0.5, atol=4 / np.sqrt(12 * len(pre)))
    np.testing.assert_allclose(found.var(axis=1), 1 / 12, rtol=0.04)
    both = np.concatenate([found[:, 0::2], found[:, 1::2]])  # of parallel synapses, too
    assert np.abs(np.corrcoef(both) - np.eye(12)).max() < 5 / np.sqrt(len(pre) / 2)


def test_single_precision_has_the_leading_bits():
    pairs = given_pairs(1000)
    single, double = numbers_of(*pairs, dtype="float32"), numbers_of(*pairs)
    np.testing.assert_array_equal(single, np.floor(double * 2.0**24) / 2.0**24)


@pytest.mark.parametrize("delay_at", ["dendrite", "axon"])
def test_numbers_are_the_synapses_own(delay_at):
    """Whatever else there is of the projection, and however its targets are cut."""
    pre, post = given_pairs()
    wanted = numbers_of(pre, post, delay_at=delay_at)
    np.testing.assert_array_equal(numbers_of(pre, post, threads=4, delay_at=delay_at), wanted)
    order = np.lexsort((post, pre))
    few = np.flatnonzero(post[order] % 3 == 0)
    others = numbers_of(pre[order][few], post[order][few], delay_at=delay_at)
    np.testing.assert_array_equal(others, wanted[:, few])


def cells(dtype="float32", threads=2, noise_seed=None, delay_at="dendrite"):
    net = iz.Network(dt=1.0, seed=1, noise_seed=noise_seed, dtype=dtype, threads=threads)
    net.pool("cells", 3000)
    net.drive("cells", iz.noise(8.0))
    rule = iz.StochasticRelease(N=3, tau_rec=50.0, tau_fac=100.0)
    net.connect(
        "cells", "cells", rule=iz.fixed_outdegree(30), weight=iz.uniform(0, 1.5), delay=iz.integers(1, 20),
        plasticity=rule, delay_at=delay_at,
    )  # fmt: skip
    return net


def seen(net):
    return net["cells"].v.copy(), net.synapses[0].n, net.synapses[0].u


def assert_same(one, other):
    for mine, its in zip(one, other, strict=True):
        np.testing.assert_array_equal(mine, its)


@pytest.mark.parametrize("delay_at", ["dendrite", "axon"])
def test_the_same_bits_for_any_threads_and_in_pieces(delay_at):
    def run(threads, pieces, *, looks=False):
        net = cells(threads=threads, delay_at=delay_at)
        for n_steps in pieces:
            net.step(n_steps)
            if looks:
                seen(net)
        return seen(net)

    whole = run(1, [200])
    assert len(np.unique(whole[1])) == 4
    for other in (run(2, [200]), run(3, [1, 100, 7, 92]), run(16, [1] * 40 + [160], looks=True)):
        assert_same(other, whole)


def test_it_goes_on_after_store_save_and_copies(tmp_path):
    whole = cells()
    whole.step(150)
    net = cells()
    net.step(100)
    kept, twin = net.store(), copy.deepcopy(net)
    net.save(tmp_path / "net.izhi")
    loaded = iz.load(tmp_path / "net.izhi", threads=3)
    net.step(20)
    net.restore(kept)
    for one in (net, twin, loaded):
        one.step(50)
        assert_same(seen(one), seen(whole))


def test_trials():
    """Numbers follow from ``noise_seed``, as those of noise do; what was built does not."""
    net, first, second = cells(), cells(), cells(noise_seed=7)
    for one in (net, first, second):
        one.step(100)
    net.reset()
    net.step(100)
    assert_same(seen(net), seen(first))
    net.reset(noise_seed=7)
    net.step(100)
    assert_same(seen(net), seen(second))
    one, other = (sent_by(iz.StochasticRelease(), noise_seed=seed) for seed in (1, 2))
    assert 0.4 < (one == other).mean() < 0.6


def test_projections_have_numbers_of_their_own():
    net = iz.Network(dt=1.0, seed=1, dtype="float64")
    net.spike_list("pre", 10, i=np.arange(10), t=np.full(10, 3.0))
    net.pool("post", 100)
    made = [net.connect("pre", "post", rule=iz.all_to_all(), weight=0.0, plasticity=Numbers()) for _ in "ab"]
    net.step(5)
    assert (made[0].a > 0).all()
    assert not (made[0].a == made[1].a).any()


def test_only_rules_that_ask_hold_more():
    def held(rule):
        pool = iz.Pool(1000, seed=1)
        given = {"rule": iz.fixed_outdegree(100), "weight": 1.0, "plasticity": rule}
        told = pool.memory_estimate(pool, pool, **given)
        synapses = pool.connect(pool, pool, **given)
        pool.prepare()
        assert synapses.nbytes <= told
        return synapses.nbytes / len(synapses)

    class Plain(iz.Plasticity):
        a, b, c = iz.State(0.0), iz.State(0.0), iz.State(0.0)

        def on_pre(w, a):
            return {"a": a + w}

    assert held(Numbers()) - held(Plain()) == pytest.approx(4.0)


def written(text):
    """Make a class from what is written in it, as in a notebook."""
    names = {"iz": iz, "random": random}
    exec(f"class Rule(iz.Plasticity):\n    {text}", names)
    return names["Rule"]


MISTAKES = [
    ("w = iz.Random()\n    def on_pre(w): return w", "'w' is the name of what a rule is given"),
    ("limits = iz.Random()\n    def on_pre(w): return w", "a rule has its own 'limits'"),
    ("r = iz.Random()\n    def on_pre(w): return w\n    def between(w, r): return w", "between: asks for 'r'; it can"),
    ("; ".join(f"r{k} = iz.Random()" for k in range(129)) + "\n    def on_pre(w): return w",
     "expected up to 128 random numbers, got 129"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "told"), MISTAKES)
def test_mistakes_in_a_class_are_told_when_it_is_written(text, told):
    with pytest.raises(TypeError, match=told):
        written(text)


def test_numbers_from_elsewhere_are_refused():
    pool = iz.Pool(5, seed=1)
    rule = written("def on_pre(w): return w * random.random()")
    with pytest.raises(
        TypeError, match=r"from random, which no seed of a pool governs; write r = iz.Random\(\)"
    ):
        pool.connect(pool, pool, rule=iz.one_to_one(), plasticity=rule())


@pytest.mark.parametrize(("given", "told"), [
    ({"N": 2.5}, "N: expected a whole number, got 2.5"), ({"N": 0}, "N: expected a number of at least 1, got 0"),
    ({"N": 101}, "N: expected a number of at most 100, got 101"),
    ({"U": 1.01}, "U: expected a number of at most 1, got 1.01"),
])  # fmt: skip
def test_impossible_parameters_are_refused(given, told):
    with pytest.raises(ValueError, match=told):
        iz.StochasticRelease(**given)


def test_fewer_sites_than_there_were():
    """Vesicles beyond the sites that are left are gone."""
    net = iz.Network(dt=1.0, seed=1, dtype="float64")
    net.spike_list("pre", 1, i=[0], t=[5.0])
    cells = sums(net)
    made = net.connect("pre", "cells", rule=iz.all_to_all(), weight=2.0, plasticity=iz.StochasticRelease(N=9))
    net.step(2)
    made.set(N=2)
    net.step(20)
    assert set(np.unique(cells.v)) == {0.0, 1.0, 2.0}
