"""Synapses that hear of modulators, ticks and the time that passes equal the slow reference to the bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import izhi_numba as iz
from izhi_numba.math import exp
from tests import inside
from tests.equivalence.test_learning_against_reference import DELAYS, WHERE, Learning, network, others


class Heard(iz.Plasticity):
    """A rule that asks for all that there is: two modulators, one of which stays, ticks, and time."""

    bounds = (0.0, "w_max")
    interval = "every"
    x, slow = iz.SourceTrace("tau"), iz.SourceTrace("tau_slow", nearest=True)
    y, z = iz.TargetTrace("tau"), iz.TargetTrace("tau_slow", nearest=True)
    d, level = iz.Modulator("tau_d"), iz.Modulator(start=0.5)
    c, n = iz.State(0.1), iz.State(0.0)
    tau = iz.Parameter(10.0)
    tau_slow = iz.Parameter(300.0)
    tau_d = iz.Parameter(40.0)
    every = iz.Parameter(30.0)
    w_max = iz.Parameter(2.0)
    rate = iz.Parameter(0.01)

    def on_pre(w, c, n, x, y, z, d, level, rate, since_pre, since_post):
        near = min(since_pre, since_post, 100.0)
        return {
            "w": w * (1 - rate) - rate * y * z * d + 0.001 * x, "n": n + 1, "sent": w * (1 + 0.1 * c),
            "c": 0.5 * c + near * 1e-3 * level,
        }  # fmt: skip

    def on_post(w, c, n, x, slow, y, z, d, level, since_pre, since_post, rate):
        return (
            w + rate * x * (1 + y) * level + rate * z * slow * d,
            c * 0.9 + 0.01 * (since_pre < since_post),
            n,
        )

    def on_tick(w, c, n, x, y, d, since_pre, since_post, rate):
        near = min(since_pre, since_post, 100.0)
        return w + rate * (x - y) * d + 1e-4 * near, c + 0.01, n + 100

    def between(w, c, d, level, elapsed, tau_d):
        return {"w": w + 1e-3 * c * d * level * (1.0 - exp(-elapsed / tau_d)), "c": c * exp(-elapsed / 50.0)}


RULES = [
    Heard(), iz.DopamineSTDP(A_plus=0.01, A_minus=0.008), iz.DerivativeSTDP(every=25.0),
    iz.RateScaling(rate=20.0, beta=0.1, tau=300.0, every=25.0),
]  # fmt: skip


class Hearing(Learning):
    """A network that hears of signals, and its reference; what is done by hand is done to both."""

    def modulate(self, number, **amounts):
        self.other.take_up()
        self.other.learned[number].modulate(self.other.k, amounts)
        self.net.synapses[number].modulate(**amounts)
        now = self.other.learned[number].modulators(-1, self.other.k)
        assert self.net.synapses[number].modulators == {name: float(value) for name, value in now.items()}

    def switch(self, number, wanted):
        self.other.take_up()
        if self.net.synapses[number].learning != wanted:
            self.other.learned[number].mark(self.other.k)
        self.net.synapses[number].learning = wanted

    def scale(self, number, factor):
        self.other.take_up()
        one = self.other.learned[number]
        one.mark(self.other.k)
        self.net.synapses[number].weights = factor * self.net.synapses[number].weights
        for x in one.x:
            x["w"] = factor * x["w"]


def connect(net, pre, post, delay, delay_at, rule):
    return net.connect(
        pre, post, rule=iz.fixed_probability(0.4), weight=iz.uniform(0, 1), delay=DELAYS[delay],
        plasticity=RULES[rule], delay_at=delay_at,
    )  # fmt: skip


PROJECTIONS = st.tuples(
    st.sampled_from("abp"), st.sampled_from("ab"), st.sampled_from([*DELAYS]), st.sampled_from(WHERE),
    st.integers(0, len(RULES) - 1),
)  # fmt: skip
DONE = st.sampled_from(["nothing", "modulate", "look", "off", "on", "scale"])


any_network = given(
    st.lists(PROJECTIONS, min_size=1, max_size=3), st.lists(PROJECTIONS, max_size=2),
    st.sampled_from([0.1, 0.5, 1.0]), st.integers(1, 4), st.sampled_from([20.0, 150.0]),
    st.sampled_from([1.0, 60.0, 400.0]), st.lists(DONE, min_size=5, max_size=5),
    st.sampled_from([5.0, 500.0]),
)  # fmt: skip


def hear_and_agree(first, later, dt, threads, excitement, rate, done, length_of_pass):
    with pytest.MonkeyPatch.context() as patch:
        inside.pass_after_pass(patch, length_of_pass)
        net = network(dt, threads, excitement, rate)
        for one in first:
            connect(net, *one)
        pair = Hearing(net)
        for n_steps, what, also in zip((90, 1, 7, 150, 33), done, (*later, *[None] * 5), strict=False):
            pair.run(n_steps)
            for number, synapses in enumerate(net.synapses):
                if what == "modulate" and synapses.modulators:
                    pair.modulate(number, d=0.5)
                elif what in ("off", "on"):
                    pair.switch(number, what == "on")
                elif what == "scale":
                    pair.scale(number, 0.7)
            if what == "look":
                pair.look_at_weights()
            if also is not None:
                connect(net, *also)
        pair.look_at_weights()


@settings(max_examples=6, deadline=None, derandomize=True)
@any_network
def test_networks_that_hear(first, later, dt, threads, excitement, rate, done, length_of_pass):
    hear_and_agree(first, later, dt, threads, excitement, rate, done, length_of_pass)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@any_network
def test_sixty_networks_that_hear(first, later, dt, threads, excitement, rate, done, length_of_pass):
    hear_and_agree(first, later, dt, threads, excitement, rate, done, length_of_pass)


@pytest.mark.parametrize("delay_at", WHERE)
@pytest.mark.parametrize("rule", range(len(RULES)), ids=[type(one).__name__ for one in RULES])
def test_parameters_and_variables_are_set_on_the_way(rule, delay_at):
    """Time constants of modulators, and the time between ticks, among them."""
    net = network(0.5, 2, 40.0, 60.0)
    made = [connect(net, pre, "b", "whole", delay_at, rule) for pre in "abp"]
    pair = Hearing(net)
    for n_steps, number in zip((150, 40, 7, 100), (0, 1, 2, None), strict=True):
        pair.run(n_steps)
        pair.look_at_weights()
        for each in range(3):
            if made[each].modulators:
                pair.modulate(each, d=0.3)
        if number is not None:
            one, its = made[number], pair.other.learned[number]
            values = {name: np.linspace(0.01, 0.2, len(one)) for name in RULES[rule].states}
            pair.other.take_up()
            its.mark(pair.other.k)
            one.set(**others(one.plasticity), **values)
            for name, each in values.items():
                for x, value in zip(its.x, each, strict=True):
                    x[name] = value
            pair.look_at_weights()
    assert pair.n_spikes > 100
    assert made[0].plasticity is not made[1].plasticity


@pytest.mark.parametrize("delay_at", WHERE)
@pytest.mark.parametrize("rule", range(len(RULES)), ids=[type(one).__name__ for one in RULES])
def test_each_rule(rule, delay_at):
    net = network(0.5, 2, 40.0, 60.0)
    made = [connect(net, pre, "b", "whole", delay_at, rule) for pre in "abp"]
    before, pair = made[0].weights, Hearing(net)
    for n_steps in (150, 1, 7, 100):
        pair.run(n_steps)
        pair.look_at_weights()
        if made[0].modulators:
            for number in range(3):
                pair.modulate(number, d=0.2 + number)
                pair.modulate(number, d=0.1)
            pair.look_at_weights()
    pair.run(50)
    pair.look_at_weights()
    assert pair.n_spikes > 100
    assert np.abs(made[0].weights - before).max() > 0.01
