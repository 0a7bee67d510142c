"""Networks that learn are wired anew while they run: what was set, logged and recorded goes along."""

import numpy as np
import pytest

import izhi_numba as iz
from tests import inside


def two_projections(n=200, rule=None):
    net = iz.Network(dt=1.0, seed=1, threads=1)
    cells = net.pool("cells", n)
    net.drive("cells", iz.noise(8.0))
    learns = net.connect(
        "cells", "cells", rule=iz.fixed_outdegree(10), weight=iz.uniform(0, 1), delay=iz.integers(1, 20),
        plasticity=rule or iz.PairSTDP(A_plus=0.01, A_minus=0.012),
    )  # fmt: skip
    static = net.connect("cells", "cells", rule=iz.fixed_outdegree(3), weight=0.1, delay=2.0)
    return net, cells, learns, static


def test_what_is_set_before_another_projection_is_removed_holds():
    net, _, learns, static = two_projections()
    net.step(200)
    before = learns.weights
    learns.learning = False
    static.remove()
    net.step(200)
    np.testing.assert_array_equal(learns.weights, before)


def test_parameters_set_before_another_projection_is_removed_hold():
    net, _, learns, static = two_projections()
    net.step(200)
    before = learns.weights
    learns.set(A_plus=0.0, A_minus=0.0)
    static.remove()
    net.step(200)
    np.testing.assert_array_equal(learns.weights, before)


def test_a_removal_that_is_interrupted_leaves_logs_that_go_on(monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    nets = []
    for is_interrupted in (False, True):
        net, cells, learns, static = two_projections()
        net.step(50)
        if is_interrupted:
            with monkeypatch.context() as patch:
                inside.replace_filling_of_tables(patch, interrupted)
                with pytest.raises(KeyboardInterrupt):
                    static.remove()
        net.drive("cells", 40.0)  # bursts, so that logs grow
        for _ in range(100):
            net.step(3)
        assert net.t == 350
        nets.append((cells.v, learns.weights))
    np.testing.assert_array_equal(nets[0][0], nets[1][0])
    np.testing.assert_array_equal(nets[0][1], nets[1][1])


def test_weights_recorded_after_learning_was_switched_off_are_those_of_then():
    net, _, learns, _ = two_projections()
    learns.record(every=100.0)
    net.run(150.0)
    learns.learning = False
    (found,) = net.run(100.0).weights.values()
    np.testing.assert_array_equal(found.values[-1], learns.weights)


def test_weights_are_normalized_within_the_bounds_of_now():
    net, _, learns, _ = two_projections()
    net.step(20)
    learns.set(w_max=0.3, weights=0.2)
    learns.normalize(5.0)
    assert learns.weights.max() == np.float32(0.3)
    learns.set(w_max=3.0)
    learns.normalize(20.0)
    assert 1.0 < learns.weights.max() <= 3.0


def test_logs_stay_short_where_parameters_are_set_often():
    net, _, learns, _ = two_projections(n=1000)
    sizes = []
    for k in range(20):
        net.step(200)
        learns.set(A_plus=0.01 + 1e-6 * k)
        sizes.append(inside.older_entries(net))
    assert max(sizes) < 10_000  # of 40,000 spikes


def test_logs_of_a_network_that_was_loaded_keep_no_more_than_is_asked_for(tmp_path):
    net, *_ = two_projections()
    net.drive("cells", 15.0)
    net.step(600)
    net.save(tmp_path / "net.izhi")
    loaded = iz.load(tmp_path / "net.izhi", threads=1)
    n_spikes = sum(len(one) for _ in range(100) for one in loaded.update().values())
    assert n_spikes > 2 * 200
    assert 0 < inside.older_entries(loaded) < n_spikes / 4
