"""Synapses that learn from voltages of their targets: threads, pieces, checkpoints, rewiring, memory, bad input."""

import copy

import numpy as np
import pytest

import izhi_numba as iz
from tests import inside
from tests.synapses import test_learning


class Voltages(iz.Plasticity):
    """A rule for Izhikevich's neuron, in which voltages are late."""

    bounds = (0.0, "w_max")
    x = iz.SourceTrace("tau")
    v, late_v, u = iz.TargetValue("v"), iz.TargetValue("v", "late"), iz.TargetValue("u", "late")
    tau, late = iz.Parameter(20.0), iz.Parameter(5.0)
    threshold, w_max, rate = iz.Parameter(-60.0), iz.Parameter(1.0), iz.Parameter(1e-4)

    def when(v, threshold):
        return v > threshold

    def on_pre(w, late_v, threshold, rate):
        return w - rate * max(late_v - threshold + 10.0, 0.0)

    def on_post(w, x, v, late_v, u, threshold, rate, dt):
        return w + rate * x * (v - threshold) * dt + 1e-3 * rate * (late_v - u)


def cells_that_learn(dtype="float32", threads=2, rule=None, **options):
    return test_learning.cells_that_learn(dtype, threads, rule=rule or Voltages(), **options)


@pytest.mark.parametrize("delay_at", ["dendrite", "axon"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_same_bits_for_any_threads_and_in_pieces(dtype, delay_at):
    weights = test_learning.weights_for_any_threads_and_in_pieces(
        lambda threads: cells_that_learn(dtype, threads, delay_at=delay_at)
    )
    assert np.abs(weights - cells_that_learn(dtype)[2].weights).mean() > 0.005


@pytest.mark.parametrize("delay_at", ["dendrite", "axon"])
def test_it_goes_on_after_store_save_and_copies(tmp_path, delay_at):
    whole, cells, synapses = cells_that_learn(delay_at=delay_at)
    whole.step(500)
    net, *_ = cells_that_learn(delay_at=delay_at)
    net.step(300)
    kept, twin = net.store(), copy.deepcopy(net)
    net.save(tmp_path / "net.izhi")
    loaded = iz.load(tmp_path / "net.izhi", threads=3)
    net.step(50)
    net.restore(kept)
    for one in (net, twin, loaded):
        one.step(200)
        np.testing.assert_array_equal(one["cells"].v, cells.v)
        np.testing.assert_array_equal(one.synapses[0].weights, synapses.weights)


def test_a_reset_goes_back_to_values_at_the_start():
    net, cells, synapses = cells_that_learn()
    start = synapses.weights
    net.step(300)
    wanted = cells.v.copy(), synapses.weights
    net.reset()
    synapses.weights = start
    net.step(300)
    np.testing.assert_array_equal(cells.v, wanted[0])
    np.testing.assert_array_equal(synapses.weights, wanted[1])


@pytest.mark.parametrize("also", [iz.PairSTDP(), Voltages(late=30.0), Voltages(threshold=-50.0)])
def test_what_is_connected_and_removed_on_the_way_leaves_the_others_alone(also):
    """Rings become longer and shorter."""
    whole, _, synapses = cells_that_learn()
    whole.step(300)
    net, _, its = cells_that_learn()
    net.step(100)
    more = net.connect("cells", "cells", rule=iz.fixed_outdegree(3), weight=0.0, delay=40.0, plasticity=also)
    more.gain = 0.0
    net.step(100)
    more.remove()
    net.step(100)
    np.testing.assert_array_equal(its.weights, synapses.weights)


def test_values_set_by_hand_count_from_the_next_step_on():
    class Keeps(iz.Plasticity):
        v, now = iz.TargetValue("v", "late"), iz.TargetValue("v")
        a, b = iz.State(0.0), iz.State(0.0)
        late = iz.Parameter(2.0)

        def on_pre(w, v, now):
            return w, v, now

    net = iz.Network(dt=1.0, seed=1, dtype="float64", threads=1)
    cell = net.pool("cell", 1, iz.LeakyIntegrateAndFire(g_L=0.0, V_th=1e9), scheme="euler")
    net.spike_list("source", 1, i=np.zeros(5, int), t=np.arange(1.0, 6.0))
    synapses = net.connect("source", "cell", rule=iz.all_to_all(), weight=0.0, plasticity=Keeps())
    found = []
    for k in range(6):
        cell.v = 10.0 * k
        net.step()
        found.append((synapses.a[0], synapses.b[0]))
    assert found == [(0.0, 0.0), (0.0, 10.0), (0.0, 20.0), (10.0, 30.0), (20.0, 40.0), (30.0, 50.0)]


def test_a_variable_of_double_precision_is_rounded():
    class Doubles(iz.Model):
        v = iz.State(0.0)
        clock = iz.State(0.0, dtype="float64")

        def advance(v, clock, dt):
            return v, clock + dt / 3

        def threshold(v):
            return v > 1.0

    class Keeps(iz.Plasticity):
        clock, a = iz.TargetValue("clock"), iz.State(0.0)

        def on_pre(w, clock):
            return w, clock

    net = iz.Network(dt=1.0, seed=1, dtype="float32", threads=1)
    net.pool("cell", 3, Doubles)
    net.spike_list("source", 1, i=[0], t=[5.0])
    synapses = net.connect("source", "cell", rule=iz.all_to_all(), weight=0.0, plasticity=Keeps())
    net.step(9)
    assert (synapses.a == np.float32(sum([1 / 3] * 5))).all()


def test_neurons_that_stand_still_are_asked_all_the_same():
    class Counts(iz.Plasticity):
        v, n = iz.TargetValue("v"), iz.State(0.0)

        def when(v):
            return v > -70.0

        def on_post(w, n):
            return w, n + 1

    net = iz.Network(dt=1.0, seed=1, dtype="float64", threads=1)
    net.pool("cells", 130, iz.LeakyIntegrateAndFire(E_L=-65.0))
    net.spike_list("source", 1, i=[0], t=[500.0])
    synapses = net.connect("source", "cells", rule=iz.all_to_all(), weight=0.0, plasticity=Counts())
    net.step(800)
    assert (synapses.n == 800 - 1).all()  # the last one arrives in the step after


@pytest.mark.parametrize("delay_at", ["dendrite", "axon"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("delay", [2.0, iz.integers(1, 20), iz.uniform(1.0, 900.0)])
def test_no_more_is_held_than_was_estimated(delay, dtype, delay_at):
    net = iz.Network(dt=1.0, seed=1, dtype=dtype, threads=2)
    net.pool("cells", 500)
    net.step(1)
    given = {
        "rule": iz.fixed_outdegree(20), "weight": iz.uniform(0, 1), "delay": delay, "plasticity": Voltages(),
        "delay_at": delay_at,
    }  # fmt: skip
    before, estimate = net.nbytes, net.memory_estimate("cells", "cells", **given)
    net.connect("cells", "cells", **given)
    told = net.nbytes - before
    assert told <= estimate
    net.prepare()
    held = net.nbytes - before
    assert held <= estimate
    assert abs(held - told) < 0.02 * told + 2000
    again = net.memory_estimate("cells", "cells", **given)
    assert again < estimate
    longer = net.memory_estimate("cells", "cells", **given | {"plasticity": Voltages(late=1005.0)})
    assert longer > again + 1000 * 512 * 2 * np.dtype(dtype).itemsize  # v and u


def test_what_the_rule_asks_for_can_be_set_before_the_first_step():
    whole, cells, synapses = cells_that_learn(rule=Voltages(threshold=-50.0, late=9.0))
    whole.step(200)
    net, others, its = cells_that_learn()
    net.prepare()
    its.set(threshold=-50.0, late=9.0)
    net.step(200)
    np.testing.assert_array_equal(others.v, cells.v)
    np.testing.assert_array_equal(its.weights, synapses.weights)
    its.set(rate=2e-4)
    with pytest.raises(
        ValueError, match="late: what 'late_v' is late by can be set before the first step alone"
    ):
        its.set(late=2.0)
    with pytest.raises(
        ValueError, match=r"threshold: what Voltages.when\(\) asks for can be set before the first"
    ):
        its.set(threshold=-40.0)
    assert (its.late, its.threshold) == (9.0, -50.0)


WRONG = [
    (iz.ClopathSTDP(), "ClopathSTDP asks for 'u_plus' of its targets; pool 'cells' has v, u; ClopathAdEx has"),
    (Voltages(late=2.0**21), "late: 'late_v' can be late by up to 1.04858e"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "message"), WRONG)
def test_what_cannot_be_is_told_by_connect(rule, message):
    net = iz.Network(dt=1.0, seed=1)
    net.pool("cells", 10)
    with pytest.raises((TypeError, ValueError), match=message):
        net.connect("cells", "cells", rule=iz.all_to_all(), weight=0.5, plasticity=rule)
    assert not net.synapses


@pytest.mark.parametrize("function", [lambda v: 1.0 * v, lambda v: None])
def test_when_has_to_say_yes_or_no(function):
    members = {"v": iz.TargetValue("v"), "when": function, "on_post": lambda w: w}
    rule = type("Mine", (iz.Plasticity,), members)
    pool = iz.Pool(3)
    with pytest.raises(TypeError, match=r"Mine.when: expected True or False, got"):
        pool.connect(pool, pool, rule=iz.all_to_all(), weight=0.5, plasticity=rule())


def test_when_that_cannot_be_compiled_is_told():
    class Mine(iz.Plasticity):
        v = iz.TargetValue("v")

        def when(v):
            return {v: True}.get(v, False)

        def on_post(w):
            return w

    pool = iz.Pool(3)
    pool.connect(pool, pool, rule=iz.all_to_all(), weight=0.5, plasticity=Mine())
    with pytest.raises(TypeError, match=r"Mine.when, line .*: cannot be compiled"):
        pool.step(1)


def lie(**values):
    return lambda recent: recent._replace(**values)


@pytest.mark.parametrize("change", [
    lie(state="w"), lambda recent: recent._replace(rows=recent.rows[:, :5]),
    lambda recent: recent._replace(rows=np.full_like(recent.rows, np.nan)),
    lambda recent: recent._replace(rows=recent.rows.astype(np.float64)),
    lambda recent: recent._replace(rows=recent.rows[:0]), lambda recent: 3.0,
])  # fmt: skip
def test_a_file_that_says_what_targets_cannot_have_been_is_refused(tmp_path, monkeypatch, change):
    net, *_ = cells_that_learn()
    net.step(30)
    inside.lie_about_recent(monkeypatch, net, change)
    net.save(tmp_path / "net.izhi")
    with pytest.raises(ValueError, match="damaged"):
        iz.load(tmp_path / "net.izhi")
