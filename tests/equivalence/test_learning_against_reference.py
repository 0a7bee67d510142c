"""Networks that learn, in double precision, equal the slow reference to the bit: spikes, voltages and weights."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import izhi_numba as iz
from tests import inside
from tests.equivalence.test_network_against_reference import Pair


class Everything(iz.Plasticity):
    """A rule that asks for all that there is."""

    bounds = (0.0, "w_max")
    x, slow = iz.SourceTrace("tau"), iz.SourceTrace("tau_slow", nearest=True)
    y, z = iz.TargetTrace("tau"), iz.TargetTrace("tau_slow", nearest=True)
    c, n = iz.State(0.1), iz.State(0.0)
    tau = iz.Parameter(10.0)
    tau_slow = iz.Parameter(300.0)
    w_max = iz.Parameter(2.0)
    rate = iz.Parameter(0.01)

    def on_pre(w, c, n, x, y, z, rate, since_pre, since_post):
        near = min(since_pre, since_post, 100.0)
        return {
            "w": w * (1 - rate) - rate * y * z + 0.001 * x, "n": n + 1, "sent": w * (1 + 0.1 * c),
            "c": 0.5 * c + near * 1e-3,
        }  # fmt: skip

    def on_post(w, c, n, x, slow, y, z, since_pre, since_post, rate):
        return w + rate * x * (1 + y) + rate * z * slow, c * 0.9 + 0.01 * (since_pre < since_post), n + 100


RULES = [
    iz.PairSTDP(A_plus=0.05, A_minus=0.04), iz.WeightDependentSTDP(lambda_=0.1, mu_plus=0.3, mu_minus=0.7),
    iz.PowerLawSTDP(), iz.NearestSTDP(A_plus=0.05), iz.RestrictedNearestSTDP(A_plus=0.05, A_minus=0.04),
    iz.PresynapticNearestSTDP(A_plus=0.05, A_minus=0.04), iz.TripletSTDP(A3_plus=0.1),
    iz.NearestTripletSTDP(A3_plus=0.1), iz.InhibitorySTDP(eta=0.01), iz.TsodyksMarkram(tau_fac=200.0),
    iz.StochasticRelease(N=4, tau_fac=200.0, tau_rec=60.0), Everything(),
]  # fmt: skip
NAMES = [type(one).__name__ for one in RULES]
WHERE = ("dendrite", "axon")


class Learning(Pair):
    """A network that learns, and its reference; both have the same bits."""

    def __init__(self, net):
        super().__init__(net, tolerance=0)

    def look_at_weights(self):
        """Weights, and variables, as they are now."""
        for number, one in self.other.learned.items():
            its, now = self.net.synapses[number], self.other.k
            np.testing.assert_array_equal(its.weights, one.weights(now), err_msg=str(number))
            for name in one.rule.states:
                np.testing.assert_array_equal(getattr(its, name), one.variable(name, now), err_msg=name)


def network(dt, threads, excitement, rate):
    """Two pools, of which the second may fire in bursts, and a source."""
    net = iz.Network(dt=dt, seed=3, dtype="float64", threads=threads)
    a, b = (net.pool(name, n, iz.Izhikevich, scheme="net2003") for name, n in (("a", 12), ("b", 20)))
    net.poisson("p", 10, rate)
    a.external_input, b.external_input = np.linspace(0, 14, 12), np.linspace(0, excitement, 20)
    return net


DELAYS = {"none": 0.0, "one": 2.0, "whole": iz.integers(0, 20), "any": iz.uniform(1.0, 9.0)}


def connect(net, one, rules=RULES):
    pre, post, delay, delay_at, rule = one
    learning = {} if rule < 0 else {"plasticity": rules[rule], "delay_at": delay_at}
    return net.connect(
        pre, post, rule=iz.fixed_probability(0.4), weight=iz.uniform(0, 1), delay=DELAYS[delay], **learning
    )


def any_network(first_rule, n_rules):
    """Networks with rules by their numbers, which may be drawn from one below 0 on: such synapses do not learn."""
    projections = st.tuples(
        st.sampled_from("abp"), st.sampled_from("ab"), st.sampled_from([*DELAYS]),
        st.sampled_from(WHERE), st.integers(first_rule, n_rules - 1),
    )  # fmt: skip
    return given(
        st.lists(projections, min_size=1, max_size=4), st.lists(projections, max_size=2),
        st.sampled_from([0.1, 0.5, 1.0]), st.integers(1, 4), st.sampled_from([20.0, 150.0]),
        st.sampled_from([1.0, 60.0, 400.0]), st.booleans(), st.sampled_from([5.0, 500.0]),
    )  # fmt: skip


def learn_by_each(number, delay_at, rules=RULES):
    """Compare all kinds of sources that learn by one rule; returns by how much weights have changed."""
    net = network(0.5, 2, 40.0, 60.0)
    made = [connect(net, (pre, "b", "whole", delay_at, number), rules) for pre in "abp"]
    before, pair = made[0].weights, Learning(net)
    for n_steps in (150, 1, 7, 100):
        pair.run(n_steps)
        pair.look_at_weights()
        made[1].learning = n_steps == 7
    assert pair.n_spikes > 100
    return np.abs(made[0].weights - before).max()


def learn_and_agree(first, later, dt, threads, excitement, rate, looks, length_of_pass, rules=RULES):
    with pytest.MonkeyPatch.context() as patch:
        inside.pass_after_pass(patch, length_of_pass)
        net = network(dt, threads, excitement, rate)
        for one in first:
            connect(net, one, rules)
        pair = Learning(net)
        for n_steps, also in zip((90, 1, 7, 150), (*later, *[None] * 4), strict=False):
            pair.run(n_steps)
            if looks:
                pair.look_at_weights()
            if also is not None:
                connect(net, also, rules)
        pair.look_at_weights()


@settings(max_examples=6, deadline=None, derandomize=True)
@any_network(-3, len(RULES))
def test_networks_that_learn(first, later, dt, threads, excitement, rate, looks, length_of_pass):
    learn_and_agree(first, later, dt, threads, excitement, rate, looks, length_of_pass)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@any_network(-3, len(RULES))
def test_sixty_networks_that_learn(first, later, dt, threads, excitement, rate, looks, length_of_pass):
    learn_and_agree(first, later, dt, threads, excitement, rate, looks, length_of_pass)


@pytest.mark.parametrize("delay_at", WHERE)
@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_each_rule(rule, delay_at):
    change = learn_by_each(RULES.index(rule), delay_at)
    if not isinstance(rule, iz.TsodyksMarkram | iz.StochasticRelease):
        assert change > 0.01


def others(rule):
    """Other values of parameters that are no time constants of traces, by half."""
    taus = {one.tau for one in rule.traces.values()}
    return {name: 1.5 * rule.number(name) for name in rule.parameters if name not in taus}


@pytest.mark.parametrize("delay_at", WHERE)
@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_parameters_and_variables_are_set_on_the_way(rule, delay_at):
    """Each of several projections with one rule, and a log of their targets in common, has its own."""
    net = network(0.5, 2, 40.0, 60.0)
    made = [connect(net, (pre, "b", "whole", delay_at, RULES.index(rule))) for pre in "abp"]
    pair = Learning(net)
    for n_steps, one in zip((150, 40, 7, 100), (*made, None), strict=True):
        pair.run(n_steps)
        pair.look_at_weights()
        if one is not None:
            values = {name: np.linspace(0.2, 0.9, len(one)) for name in rule.states}
            one.set(**others(one.plasticity), **values)
            its = pair.other.learned[made.index(one)]
            for name, each in values.items():
                for x, value in zip(its.x, each, strict=True):
                    x[name] = value
    assert pair.n_spikes > 100


def test_bursts_longer_than_what_is_in_place():
    """Of sources that are silent for long, so that older entries are needed, dropped, and make room."""
    net = network(1.0, 2, 400.0, 0.7)
    connect(net, ("p", "b", "whole", "dendrite", NAMES.index("Everything")))
    pair = Learning(net)
    for n_steps in (300, 40, 700, 400):
        pair.run(n_steps)
    pair.look_at_weights()
    assert inside.older_entries(net) > 200


def test_rows_that_are_old_are_visited():
    """A pass has gone through all of them, and the log has let go of what they have heard of."""
    net = network(1.0, 1, 150.0, 0.0)
    connect(net, ("p", "b", "whole", "dendrite", 0))
    net.run(4000.0)
    per_second = net.run(1000.0)["b"].counts.sum()
    assert 0 < inside.older_entries(net) < 1.6 * per_second


@pytest.mark.parametrize("delay_at", WHERE)
def test_rows_as_long_as_what_is_visited_at_once_and_longer(delay_at, monkeypatch):
    """Sixty-four synapses are, and eight are computed together."""
    inside.pass_after_pass(monkeypatch, 5.0)
    net = iz.Network(dt=0.5, seed=3, dtype="float64", threads=1)
    many = net.pool("many", 130, iz.Izhikevich, scheme="net2003")
    many.external_input = np.linspace(0, 150, 130)
    net.poisson("p", 4, 60.0)
    for n in (1, 7, 8, 63, 64, 65, 130):
        net.connect(
            "p", many[:n], rule=iz.all_to_all(), weight=iz.uniform(0, 1), delay=iz.integers(0, 20),
            plasticity=Everything(), delay_at=delay_at,
        )  # fmt: skip
    pair = Learning(net)
    for n_steps in (100, 1, 60):
        pair.run(n_steps)
        pair.look_at_weights()


@pytest.mark.parametrize("delay_at", WHERE)
@pytest.mark.parametrize("rule", RULES[:-1], ids=NAMES[:-1])
def test_single_precision_is_double_precision_but_for_rounding(rule, delay_at):
    """Spikes are the same: trains from outside make those of sources, and others those of targets."""

    def learned(dtype):
        net = iz.Network(dt=0.5, seed=3, dtype=dtype, threads=1)
        net.poisson("sources", 5, 40.0)
        net.poisson("wake", 100, 40.0)
        net.pool("targets", 100, iz.Relay)
        net.connect("wake", "targets", rule=iz.one_to_one(), weight=1.0)
        synapses = net.connect(
            "sources", "targets", rule=iz.all_to_all(), weight=0.5, delay=iz.integers(1, 20),
            plasticity=rule, delay_at=delay_at,
        )  # fmt: skip
        synapses.gain = 0.0
        net.run(600.0)
        return synapses.weights

    single, double = learned("float32"), learned("float64")
    assert np.ptp(double) > 0 or type(rule).on_post is None
    np.testing.assert_allclose(single, double, rtol=2e-4, atol=1e-6)
