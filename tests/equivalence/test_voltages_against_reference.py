"""Networks that learn from voltages of targets equal the slow reference: to the bit, where their neurons do."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import izhi_numba as iz
from izhi_numba.engine import learning
from tests.equivalence.test_learning_against_reference import DELAYS, Learning, network


class Voltages(iz.Plasticity):
    """What a rule may ask of targets: values at once and late, of steps that it says, and more than spikes."""

    bounds = (0.0, "w_max")
    x = iz.SourceTrace("tau")
    v, late_v = iz.TargetValue("v"), iz.TargetValue("v", "late")
    u, late_u = iz.TargetValue("u", "later"), iz.TargetValue("u", "late")
    c = iz.State(0.1)
    tau, late, later = iz.Parameter(15.0), iz.Parameter(4.0), iz.Parameter(7.3)
    high, w_max, rate = iz.Parameter(-55.0), iz.Parameter(2.0), iz.Parameter(1e-4)

    def when(v, late_v, high):
        return v > high and late_v > high - 20.0

    def on_pre(w, c, late_v, u, high, rate, since_post):
        return w - rate * max(late_v - high + 5.0, 0.0) + 0.01 * rate * u, 0.9 * c + 1e-3 * min(
            since_post, 50.0
        )

    def on_post(w, c, x, v, u, late_u, high, rate, since_pre, since_post, dt):
        near = since_pre < since_post
        return w + rate * x * (v - high) * dt * (1 + near) - 1e-4 * rate * u * late_u, c + 1e-3 * dt


class OfSpikes(iz.Plasticity):
    """Values for spikes of the source, and spikes of the target as usual."""

    bounds = (0.0, 2.0)
    y = iz.TargetTrace("tau")
    v = iz.TargetValue("v", "late")
    tau, late, rate = iz.Parameter(10.0), iz.Parameter(2.0), iz.Parameter(1e-3)

    def on_pre(w, v, y, rate):
        return w - rate * (v + 60.0) * (1 + y)

    def on_post(w, y, rate):
        return w + rate * (1 + y)


class AtOnce(iz.Plasticity):
    """Nothing is late, and on_pre has no say; with a modulator and a tick, which come in between."""

    bounds = (-1.0, 2.0)
    v = iz.TargetValue("v")
    d = iz.Modulator("tau", start=1.0)
    interval = 20.0
    tau = iz.Parameter(100.0)

    def when(v):
        return v > -40.0

    def on_post(w, v, d):
        return w + 1e-4 * v * d

    def on_tick(w):
        return w * 0.99 + 0.001


RULES = [Voltages(), OfSpikes(), AtOnce(), iz.PairSTDP(A_plus=0.05, A_minus=0.04)]
NAMES = [type(one).__name__ for one in RULES]
WHERE = ("dendrite", "axon")
PROJECTIONS = st.tuples(
    st.sampled_from("abp"), st.sampled_from("ab"), st.sampled_from([*DELAYS]), st.sampled_from(WHERE),
    st.integers(-1, len(RULES) - 1),
)  # fmt: skip


def connect(net, one):
    pre, post, delay, delay_at, rule = one
    how = {} if rule < 0 else {"plasticity": RULES[rule], "delay_at": delay_at}
    return net.connect(
        pre, post, rule=iz.fixed_probability(0.4), weight=iz.uniform(0, 1), delay=DELAYS[delay], **how
    )


@settings(max_examples=6, deadline=None, derandomize=True)
@given(
    st.lists(PROJECTIONS, min_size=1, max_size=4), st.lists(PROJECTIONS, max_size=2),
    st.sampled_from([0.1, 0.5, 1.0]), st.integers(1, 4), st.sampled_from([20.0, 150.0]),
    st.sampled_from([1.0, 60.0, 400.0]), st.booleans(), st.sampled_from([5.0, 500.0]),
)  # fmt: skip
def test_networks_that_learn_from_voltages(
    first, later, dt, threads, excitement, rate, looks, length_of_pass
):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(learning, "PASS", length_of_pass)
        net = network(dt, threads, excitement, rate)
        for one in first:
            connect(net, one)
        pair = Learning(net)
        for n_steps, also in zip((90, 1, 7, 150), (*later, *[None] * 4), strict=False):
            pair.run(n_steps)
            if looks:
                pair.look_at_weights()
            if also is not None:
                connect(net, also)
        pair.look_at_weights()


@pytest.mark.parametrize("delay_at", WHERE)
@pytest.mark.parametrize("rule", RULES[:3], ids=NAMES[:3])
def test_each_rule(rule, delay_at):
    net = network(0.5, 2, 40.0, 60.0)
    made = [connect(net, (pre, "b", "whole", delay_at, RULES.index(rule))) for pre in "abp"]
    before, pair = made[0].weights, Learning(net)
    for n_steps in (150, 1, 7, 100):
        pair.run(n_steps)
        pair.look_at_weights()
        made[1].learning = n_steps == 7
    assert pair.n_spikes > 100
    assert np.abs(made[0].weights - before).max() > 0.01
