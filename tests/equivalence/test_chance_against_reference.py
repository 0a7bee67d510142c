"""Synapses that ask for random numbers equal the slow reference to the bit, which has a generator of its own."""

import numpy as np
import pytest

import izhi_numba as iz
from tests import inside
from tests.equivalence.test_learning_against_reference import WHERE, Learning, network


class Chance(iz.Plasticity):
    """A rule that asks for three random numbers wherever it can."""

    bounds = (0.0, 2.0)
    interval = 30.0
    first, second, third = iz.Random(), iz.Random(), iz.Random()
    y = iz.TargetTrace("tau")
    d = iz.Modulator("tau", start=1.0)
    c, k = iz.State(0.0), iz.State(0.0)
    tau = iz.Parameter(10.0)

    def on_pre(w, c, k, y, d, first, second, third):
        return {"sent": w * (first < 0.7), "c": first - second, "k": k + third * d * y}

    def on_post(w, c, k, first, second, third):
        return {"w": w + 0.1 * (first - 0.5), "c": c + second, "k": k - third}

    def on_tick(w, c, k, first, second, third):
        return {"w": w + 0.1 * (third - 0.5), "c": c - second, "k": k + first}


RULES = [Chance(), iz.StochasticRelease(N=3, tau_rec=40.0, tau_fac=100.0)]
PARALLEL = np.repeat(np.arange(10), 6), np.tile([4, 4, 4, 9, 9, 17], 10)
DELAYS = {"one": 2.0, "several": np.tile([3.0, 1.0, 1.0, 5.0, 5.0, 2.0], 10)}


@pytest.mark.parametrize("late", [0, 3 * 2**32 + 7])
@pytest.mark.parametrize("delay", DELAYS)
@pytest.mark.parametrize("delay_at", WHERE)
@pytest.mark.parametrize("rule", RULES, ids=[type(one).__name__ for one in RULES])
def test_parallel_synapses_with_random_numbers(rule, delay_at, delay, late, monkeypatch):
    """Some with the same delay, some with another; also where steps do not fit 32 bits."""
    inside.pass_after_pass(monkeypatch, 5.0)
    net = network(0.5, 2, 60.0, 60.0)
    inside.set_clock(net, late)
    for pre in "ap":
        net.connect(
            pre, "b", rule=iz.from_arrays(*PARALLEL), weight=iz.uniform(0, 2), delay=DELAYS[delay],
            plasticity=rule, delay_at=delay_at,
        )  # fmt: skip
    pair = Learning(net)
    for n_steps in (100, 1, 7, 80):
        pair.run(n_steps)
        pair.look_at_weights()
    assert pair.n_spikes > 100
