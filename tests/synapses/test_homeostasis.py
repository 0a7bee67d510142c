"""Weights that are scaled so that those onto each target add up to a number."""

import numpy as np
import pytest

import izhi_numba as iz


def onto_cells(weight, dtype="float64", threads=1, rule=None, **options):
    net = iz.Network(dt=1.0, seed=3, dtype=dtype, threads=threads)
    net.poisson("inputs", 30, 50.0)
    net.pool("cells", 20)
    rule = rule or iz.fixed_outdegree(7)
    return net, net.connect("inputs", "cells", rule=rule, weight=weight, delay=iz.integers(1, 3), **options)


def sums(synapses):
    _, targets, weights, _ = synapses.to_arrays()
    return np.bincount(targets, np.abs(weights), minlength=20)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("rule", [iz.fixed_outdegree(7), iz.all_to_all()])
@pytest.mark.parametrize("weight", [0.3, iz.uniform(-2.0, 0.0), iz.normal(0.0, 1.0)])
def test_weights_onto_each_target_add_up(dtype, rule, weight):
    _, synapses = onto_cells(weight, dtype, rule=rule)
    before = synapses.weights
    synapses.normalize(2.5)
    np.testing.assert_allclose(sums(synapses), 2.5, rtol=1e-5 if dtype == "float32" else 1e-13)
    _, targets, after, _ = synapses.to_arrays()
    for target in range(20):  # all by one factor
        factors = (after / before)[targets == target]
        np.testing.assert_allclose(factors, factors[0], rtol=1e-5)
        assert factors[0] > 0


def test_each_target_has_its_own_number():
    _, synapses = onto_cells(iz.uniform(0.1, 1.0))
    wanted = np.linspace(1.0, 9.0, 20)
    synapses.normalize(wanted)
    np.testing.assert_allclose(sums(synapses), wanted)


def test_a_gain_is_left_out():
    _, synapses = onto_cells(iz.uniform(0.1, 1.0))
    synapses.gain = 4.0
    synapses.normalize(2.0)
    np.testing.assert_allclose(sums(synapses), 2.0)
    assert synapses.gain == 4.0


def test_a_target_with_weights_of_0_keeps_them():
    _, synapses = onto_cells(1.0)
    synapses[:, 4] = 0.0
    synapses.normalize(3.0)
    assert sums(synapses)[4] == 0
    np.testing.assert_allclose(np.delete(sums(synapses), 4), 3.0)


@pytest.mark.parametrize("tiny", [1e-300, 5e-324])
def test_the_smallest_numbers_do_not_overflow(tiny):
    _, synapses = onto_cells(tiny)
    synapses.normalize(1e6)
    np.testing.assert_allclose(sums(synapses), 1e6)


def test_bounds_of_a_rule_are_kept():
    _, synapses = onto_cells(iz.uniform(0.0, 1.0), plasticity=iz.PairSTDP(w_max=1.0))
    before, targets = synapses.weights, synapses.to_arrays()[1]
    synapses.normalize(2 * sums(synapses))
    assert (synapses.weights == 1).sum() > 20
    np.testing.assert_allclose(synapses.weights, np.minimum(2 * before, 1.0))
    assert (sums(synapses) <= 2 * np.bincount(targets, before) + 1e-12).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_while_a_network_learns_it_is_the_same_for_any_threads(dtype):
    def run(threads):
        net, synapses = onto_cells(
            iz.uniform(0.0, 5.0), dtype, threads, plasticity=iz.PairSTDP(A_plus=0.5, A_minus=0.5, w_max=20.0)
        )
        net.drive("cells", 4.0 + iz.noise(3.0))
        ends = []

        def scale(net):
            ends.append(sums(synapses).max())
            synapses.normalize(30.0)

        result = net.run(200.0, every={20.0: scale})
        assert len(result["cells"].spikes.i) > 50
        assert max(ends[1:]) > 31  # they learn in between
        return synapses.weights, result["cells"].spikes.i

    weights, spikes = run(1)
    for threads in (2, 3):
        again, as_well = run(threads)
        np.testing.assert_array_equal(again, weights)
        np.testing.assert_array_equal(as_well, spikes)


def test_after_save_and_load_it_goes_on(tmp_path):
    net, synapses = onto_cells(iz.uniform(0.0, 1.0))
    synapses.normalize(3.0)
    net.save(tmp_path / "net.izhi")
    (loaded,) = iz.load(tmp_path / "net.izhi", threads=1).synapses
    np.testing.assert_array_equal(loaded.weights, synapses.weights)


@pytest.mark.parametrize(("total", "kind", "words"), [
    (0.0, ValueError, "total: expected numbers above 0, got 0"),
    ([1.0] * 19 + [-2.0], ValueError, "total: expected numbers above 0, got -2"),
    ([1.0, 2.0], ValueError, "total: expected a number or 20 values, got shape"),
    (np.inf, ValueError, "total: expected a finite number"),
    ("all", TypeError, "total: expected a number or 20 values"),
])  # fmt: skip
def test_what_is_no_sum_changes_nothing(total, kind, words):
    _, synapses = onto_cells(iz.uniform(0.0, 1.0))
    before = synapses.weights
    with pytest.raises(kind, match=words):
        synapses.normalize(total)
    np.testing.assert_array_equal(synapses.weights, before)


@pytest.mark.parametrize("delay_at", ["dendrite", "axon"])
def test_rates_are_scaled_to_their_goal(delay_at):
    """From above and from below, with the ratios of weights kept."""
    net = iz.Network(dt=1.0, seed=1)
    net.poisson("inputs", 100, 40.0)
    cells = net.pool("cells", 20, iz.LeakyIntegrateAndFire, receptors={"psc": iz.ExponentialCurrent(tau=5.0)})
    goal, strength = 8.0, iz.uniform(5.0, 10.0)
    synapses = net.connect(
        "inputs", cells, rule=iz.all_to_all(), weight=strength, delay=2.0, delay_at=delay_at,
        plasticity=iz.RateScaling(rate=goal, tau=2000.0, beta=0.01, every=100.0),
    )  # fmt: skip
    each = np.linspace(0.5, 3.0, 20).astype(np.float32)[synapses.to_arrays()[1]]
    synapses.weights = before = synapses.weights * each
    synapses.learning = False
    first = net.run(2000.0)["cells"].counts / 2
    synapses.learning = True
    net.run(60_000.0)
    rates = net.run(20_000.0)["cells"].counts / 20
    assert first.min() < 0.3 * goal
    assert first.max() > 2 * goal
    np.testing.assert_allclose(rates, goal, rtol=0.15)
    factors = (synapses.weights / before).reshape(100, 20)
    np.testing.assert_allclose(factors, factors[:1].repeat(100, 0), rtol=1e-4)


def test_a_step_of_scaling_is_that_of_the_equation():
    """A target that never spikes: w grows by exp(beta rate t)."""
    net = iz.Network(dt=1.0, seed=1, dtype="float64")
    net.poisson("inputs", 3, 40.0)
    net.pool("cells", 1)
    rule = iz.RateScaling(rate=5.0, beta=0.02, every=250.0)
    synapses = net.connect("inputs", "cells", rule=iz.all_to_all(), weight=1e-6, plasticity=rule)
    net.run(1001.0)
    np.testing.assert_allclose(synapses.weights, 1e-6 * np.exp(0.02 * 5.0 * 1.0), rtol=1e-12)
