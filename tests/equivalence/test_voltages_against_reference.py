"""Networks that learn from voltages of targets equal the slow reference: to the bit, where their neurons do."""

import pytest
from hypothesis import settings

import izhi_numba as iz
from tests.equivalence.test_learning_against_reference import any_network, learn_and_agree, learn_by_each


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


@settings(max_examples=6, deadline=None, derandomize=True)
@any_network(-1, len(RULES))
def test_networks_that_learn_from_voltages(
    first, later, dt, threads, excitement, rate, looks, length_of_pass
):
    learn_and_agree(first, later, dt, threads, excitement, rate, looks, length_of_pass, RULES)


@pytest.mark.parametrize("delay_at", WHERE)
@pytest.mark.parametrize("rule", RULES[:3], ids=NAMES[:3])
def test_each_rule(rule, delay_at):
    assert learn_by_each(RULES.index(rule), delay_at, RULES) > 0.01
