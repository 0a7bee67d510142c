"""What synapses that learn have besides weights: variables and parameters, read, set, kept and put back."""

import copy
import gc
from dataclasses import replace

import numpy as np
import pytest

import izhi_numba as iz
from izhi_numba.network.inventory import inventory
from izhi_numba.synapses import variables
from tests import inside


def cells_of(rule=None, threads=2, seed=1, dtype="float32", **options):
    """A network whose synapses learn, to and from neurons that are no neighbours; and the synapses."""
    net = iz.Network(dt=1.0, seed=seed, dtype=dtype, threads=threads)
    cells = net.pool("cells", 200)
    net.drive("cells", iz.noise(8.0))
    options = {"delay": iz.integers(1, 20), "weight": iz.uniform(0, 1)} | options
    rule = rule or iz.TsodyksMarkram(U=0.4, tau_fac=100.0, tau_rec=80.0)
    net.connect("cells", "cells", rule=iz.fixed_outdegree(5), weight=iz.uniform(-3, 0), delay=2.0)
    return net, net.connect(cells[::3], cells[1::2], rule=iz.fixed_outdegree(20), plasticity=rule, **options)


def bits(net):
    return {
        path: value.tobytes() if isinstance(value, np.ndarray) else value
        for path, value in inventory(net).items()
    }


# ---- Reading


def test_variables_and_parameters_are_attributes():
    net, synapses = cells_of()
    for drawn in (False, True):
        assert synapses.drawn is drawn
        np.testing.assert_array_equal(synapses.x, np.ones(len(synapses), np.float32))
        np.testing.assert_array_equal(synapses.u, np.full(len(synapses), 0.4, np.float32))
        assert (synapses.U, synapses.tau_rec, synapses.tau_fac) == (0.4, 80.0, 100.0)
        assert isinstance(synapses.U, float)
        net.prepare()
    assert {"x", "u", "U", "tau_rec", "tau_fac", "weights", "set"} <= {*dir(synapses)}
    assert "tau_rec" not in dir(net.synapses[0])
    with pytest.raises(ValueError, match="read-only"):
        synapses.x[0] = 3.0


def test_they_are_in_the_order_of_the_weights():
    """What a rule keeps of each synapse is its weight; with one for each number of blocks, and both kinds of rows."""

    class Keeps(iz.Plasticity):
        seen = iz.State(-1.0)

        def on_pre(w, seen):
            return w, w

    for threads, delay in ((1, iz.integers(1, 20)), (3, 1.0), (7, iz.uniform(1.0, 90.0))):
        net, synapses = cells_of(Keeps(), threads, delay=delay)
        net.step(300)
        seen = synapses.seen
        assert (seen >= 0).mean() > 0.3
        np.testing.assert_array_equal(seen[seen >= 0], synapses.weights[seen >= 0])


def test_reading_changes_no_bit():
    whole, synapses = cells_of()
    whole.step(120)
    net, others = cells_of(threads=3)
    for n_steps in [1] * 20 + [100]:
        net.step(n_steps)
        others.x, others.u, others.U  # noqa: B018
    np.testing.assert_array_equal(others.x, synapses.x)
    np.testing.assert_array_equal(others.u, synapses.u)
    np.testing.assert_array_equal(net["cells"].v, whole["cells"].v)
    assert np.ptp(others.x) > 0.1


# ---- Setting


def test_variables_are_set_to_a_number_to_one_for_each_or_drawn():
    net, synapses = cells_of()
    each = np.linspace(0, 1, len(synapses)).astype(np.float32)
    for n_steps in (0, 50):
        net.step(n_steps) if n_steps else None
        synapses.x = 0.25
        np.testing.assert_array_equal(synapses.x, np.full(len(synapses), 0.25, np.float32))
        synapses.set(x=each, u=each[::-1])
        np.testing.assert_array_equal(synapses.x, each)
        np.testing.assert_array_equal(synapses.u, each[::-1])
        synapses.x = 1.0 + synapses.x
        np.testing.assert_array_equal(synapses.x, each + np.float32(1.0))
        synapses.x = iz.uniform(0.2, 0.7)
        assert 0.2 <= synapses.x.min() < 0.3 < 0.6 < synapses.x.max() <= 0.7


def test_what_is_drawn_follows_from_the_seed_and_the_time():
    def drawn(threads=2, seed=1, steps=0):
        net, synapses = cells_of(threads=threads, seed=seed)
        if steps:
            net.step(steps)
        synapses.x = iz.uniform(0, 1)
        first = synapses.x
        synapses.set(x=iz.uniform(0, 1), u=iz.uniform(0, 1))
        np.testing.assert_array_equal(synapses.x, first)
        assert not np.array_equal(synapses.u, first)
        return first

    np.testing.assert_array_equal(drawn(1), drawn(7))
    np.testing.assert_array_equal(drawn(1, steps=5), drawn(3, steps=5))
    assert not np.array_equal(drawn(), drawn(seed=2))
    assert not np.array_equal(drawn(), drawn(steps=5))


def test_a_variable_follows_the_parameter_that_it_starts_with():
    net, synapses = cells_of()
    synapses.U = 0.2
    assert set(synapses.u.tolist()) == {np.float32(0.2)}
    net.prepare()
    synapses.U = 0.3
    assert set(synapses.u.tolist()) == {np.float32(0.3)}
    synapses.u = 0.3  # from now on its own
    synapses.U = 0.1
    assert set(synapses.u.tolist()) == {np.float32(0.3)}
    before = synapses.x
    net.step(100)
    now = synapses.u
    synapses.U = 0.6
    np.testing.assert_array_equal(synapses.u, now)
    assert repr(synapses.plasticity) == "TsodyksMarkram(U=0.6, tau_fac=100.0, tau_rec=80.0)"
    net.reset()
    assert set(synapses.u.tolist()) == {np.float32(0.3)}
    np.testing.assert_array_equal(synapses.x, before)
    assert synapses.U == 0.6


def test_reset_goes_back_to_what_was_set_before_the_first_step():
    def trial(net, synapses):
        net.step(80)
        return synapses.x, net["cells"].v.copy()

    net, synapses = cells_of()
    synapses.x = each = np.linspace(0.1, 0.9, len(synapses)).astype(np.float32)
    first = trial(net, synapses)
    synapses.x = 0.5  # which time has changed when it goes back
    net.reset()
    np.testing.assert_array_equal(synapses.x, each)
    for mine, its in zip(first, trial(net, synapses), strict=True):
        np.testing.assert_array_equal(mine, its)


def test_a_rule_with_parameters_set_is_that_rule():
    """Also time constants of traces, where nothing has arrived yet; drawn or not."""
    rule = iz.PairSTDP(A_plus=0.03, A_minus=0.02, tau_plus=11.0, tau_minus=37.0, w_max=1.5)
    net, synapses = cells_of(rule)
    net.step(300)
    for n_steps in (0, 20):
        other, its = cells_of(iz.PairSTDP())
        if n_steps:
            other.step(n_steps)
            other.reset()
            its.weights = cells_of(rule)[1].weights
        its.set(A_plus=0.03, A_minus=0.02, tau_plus=11.0)
        other.prepare()
        its.set(tau_minus=37.0, w_max=1.5)
        other.step(300)
        np.testing.assert_array_equal(its.weights, synapses.weights)
        np.testing.assert_array_equal(other["cells"].v, net["cells"].v)
    assert its.weights.max() > 1.0


@pytest.mark.parametrize("delay_at", ["dendrite", "axon"])
def test_parameters_act_from_the_next_step_on_to_the_bit(delay_at):
    """In a function of a run or between runs, for any threads; what is set back at once changes nothing."""

    def run(threads, *, by_function=False, idle=False):
        net, synapses = cells_of(iz.PairSTDP(A_plus=0.01, A_minus=0.012), threads, delay_at=delay_at)

        def steer(net):
            if idle:
                before = synapses.A_plus
                synapses.A_plus = 0.5
                net.prepare()
                synapses.A_plus = before
                synapses.set(A_minus=synapses.A_minus)
            elif net.t == 100.0:
                synapses.A_plus, synapses.w_max = 0.03, 1.5
            elif net.t == 200.0:
                synapses.set(A_minus=0.05)

        if by_function:
            net.run(300.0, every={50.0: steer})
        else:
            for _ in range(6):
                steer(net)
                net.step(50)
        return synapses.weights, net["cells"].v.copy()

    first = run(1)
    for other in (run(3), run(2, by_function=True), run(16, by_function=True)):
        for mine, its in zip(first, other, strict=True):
            np.testing.assert_array_equal(mine, its)
    untouched, synapses = cells_of(iz.PairSTDP(A_plus=0.01, A_minus=0.012), delay_at=delay_at)
    untouched.step(300)
    idle = run(2, idle=True)
    np.testing.assert_array_equal(idle[0], synapses.weights)
    np.testing.assert_array_equal(idle[1], untouched["cells"].v)
    assert not np.array_equal(first[0], idle[0])


def test_bounds_and_weights_are_set_together():
    net, synapses = cells_of(iz.PairSTDP())
    net.step(50)
    told = "w_max: weights would be kept between 0 and 0.5, and are from .* now; set them, too: synapses.set"
    with pytest.raises(ValueError, match=told):
        synapses.w_max = 0.5
    synapses.set(w_max=0.5, weights=0.5 * synapses.weights)
    assert (synapses.w_max, synapses.weights.max() <= 0.5) == (0.5, True)
    synapses.set(weights=np.linspace(0, 2, len(synapses)), w_max=2.0)
    assert synapses.weights.max() == 2
    synapses.set(weights=0.5)
    synapses.w_max = 0.5
    net.step(100)
    assert synapses.weights.max() == 0.5


def test_others_keep_their_parameters():
    """Projections with one rule share nothing that is set."""
    rule = iz.PairSTDP(A_plus=0.01)
    net, synapses = cells_of(rule)
    other = net.connect("cells", "cells", rule=iz.fixed_outdegree(5), plasticity=rule)
    synapses.A_plus = 0.02
    assert (other.A_plus, rule.number("A_plus"), synapses.plasticity.number("A_plus")) == (0.01, 0.01, 0.02)


# ---- Kept, and put back


@pytest.mark.parametrize("drawn", [True, False])
def test_it_goes_on_after_store_save_and_copies(tmp_path, drawn):
    def steer(net):
        (synapses,) = net.synapses[1:]
        synapses.set(U=0.7, tau_rec=60.0, x=np.linspace(0, 1, len(synapses)))

    whole, synapses = cells_of()
    net, its = cells_of()
    if drawn:
        whole.step(100), net.step(100)
    steer(whole), steer(net)
    net.save(tmp_path / "net.izhi")
    kept, twin, loaded = net.store(), copy.deepcopy(net), iz.load(tmp_path / "net.izhi", threads=3)
    assert bits(loaded) == bits(net) == bits(twin)
    its.set(U=0.1, x=0.0, u=iz.uniform(0, 1))
    its.learning = False
    net.step(50)
    net.restore(kept)
    assert its.learning
    whole.step(150)
    wanted = whole["cells"].v.copy(), synapses.x, synapses.u
    whole.reset()
    for one in (net, twin, loaded):
        one.step(150)
        (its,) = one.synapses[1:]
        for mine, other in zip((one["cells"].v, its.x, its.u), wanted, strict=True):
            np.testing.assert_array_equal(mine, other)
        assert (its.U, its.tau_rec) == (0.7, 60.0)
        one.reset()
        np.testing.assert_array_equal(its.x, synapses.x)
        np.testing.assert_array_equal(its.u, synapses.u)


def test_trace_constants_come_back_with_what_is_restored():
    """Those of a log that others share, too."""
    net, synapses = cells_of(iz.PairSTDP(tau_minus=15.0))
    net.connect("cells", "cells", rule=iz.fixed_outdegree(5), plasticity=iz.PairSTDP(tau_minus=15.0))
    net.step(100)
    kept = net.store()
    net.step(100)
    wanted = synapses.weights, net["cells"].v.copy()
    net.reset()
    synapses.set(tau_minus=60.0, tau_plus=3.0)
    net.step(30)
    net.restore(kept)
    assert (synapses.tau_minus, synapses.tau_plus) == (15.0, 20.0)
    net.step(100)
    np.testing.assert_array_equal(synapses.weights, wanted[0])
    np.testing.assert_array_equal(net["cells"].v, wanted[1])


CHANGES = {
    "a variable": lambda synapses: setattr(synapses, "x", 0.5),
    "a parameter": lambda synapses: setattr(synapses, "tau_rec", 70.0),
    "whether they learn": lambda synapses: setattr(synapses, "learning", False),
    "what is recorded": lambda synapses: synapses.record("x", every=3.0),
}


@pytest.mark.parametrize("n_steps", [0, 20])
@pytest.mark.parametrize("change", CHANGES)
def test_each_change_shows_in_the_inventory(change, n_steps):
    net, synapses = cells_of()
    if n_steps:
        net.step(n_steps)
    before = bits(net)
    CHANGES[change](synapses)
    assert bits(net) != before


WRONG = {
    "another rule": {"learning": lambda one: replace(one.learning, rule=iz.PairSTDP())},
    "another place of delays": {"learning": lambda one: replace(one.learning, delay_at="axon")},
    "no rule": {"learning": lambda one: None},
    "too few values": {"started": lambda one: {"x": np.ones(3, np.float32)}},
    "a variable that is none": {"started": lambda one: {"y": np.float32([1.0])[0]}},
    "another precision": {"started": lambda one: {"x": np.ones((), np.float64)}},
    "no number": {"started": lambda one: {"x": np.full((), np.nan, np.float32)}},
    "a word": {"is_learning": lambda one: "yes"},
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_file_that_says_what_cannot_be_is_refused(tmp_path, wrong):
    net, synapses = cells_of()
    net.prepare()
    one = inside.projection(synapses)
    for name, value in WRONG[wrong].items():
        setattr(one, name, value(one))
    net.save(tmp_path / "net.izhi")
    with pytest.raises(ValueError, match="damaged"):
        iz.load(tmp_path / "net.izhi")


def test_values_that_do_not_suit_the_synapses_are_refused():
    """As a damaged file may have them."""
    net, synapses = cells_of()
    net.prepare()
    store, sites = inside.store(synapses), inside.sites(synapses)
    with pytest.raises(ValueError, match=r"a variable of \d+ synapses has values of shape \(3,\)"):
        variables.writing(store, sites, 0, np.zeros(3, np.float32))


# ---- What is refused

REFUSED = [
    ({"x": [1.0, 2.0]}, ValueError, r"x of .* expected a number or \d+ values, got shape \(2,\)"),
    ({"x": np.nan}, ValueError, "x of .* expected a finite number that fits float32, got nan"),
    ({"x": "much"}, TypeError, "x of .* expected a number or"),
    ({"x": 1e30 * iz.uniform(0, 1e30)}, ValueError, r"x of .*uniform\(0, 1e\+30\).*: expected finite numbers"),
    ({"x": 0.1, "U": np.inf}, ValueError, "TsodyksMarkram: U: expected a finite number"),
    ({"x": 0.1, "U": [0.1, 0.2]}, TypeError, "TsodyksMarkram: U: expected a finite number"),
    ({"U": 0.1, "tau_rec": -3.0}, ValueError, "TsodyksMarkram: tau_rec: expected a number above 0, got -3"),
    ({"U": 0.1, "weights": [1.0]}, ValueError, "weights: expected a number or"),
    ({"U": 0.1, "tau_reco": 1.0}, AttributeError, "no 'tau_reco'; TsodyksMarkram has x, u, U, .* do you mean 'tau_rec'"),
    ({"U": 0.1, "w": 1.0}, AttributeError, "no 'w'; their weights are synapses.weights"),
]  # fmt: skip


@pytest.mark.parametrize("n_steps", [0, 30])
@pytest.mark.parametrize(("values", "kind", "told"), REFUSED, ids=range(len(REFUSED)))
def test_what_cannot_be_set_is_refused_as_a_whole(values, kind, told, n_steps):
    net, synapses = cells_of()
    if n_steps:
        net.step(n_steps)
    before = bits(net)
    with pytest.raises(kind, match=told):
        synapses.set(**values)
    assert bits(net) == before


@pytest.mark.parametrize("wanted", [{"tau_plus": 30.0}, {"A_plus": 0.1, "tau_minus": 30.0}])
def test_traces_keep_their_time_constants_after_the_first_step(wanted):
    net, synapses = cells_of(iz.PairSTDP())
    net.step(1)
    before = bits(net)
    with pytest.raises(ValueError, match="can be set before the first step alone, as spikes since then have"):
        synapses.set(**wanted)
    assert bits(net) == before
    synapses.set(tau_plus=20.0)
    net.reset()
    synapses.set(**wanted)


def test_bounds_in_the_wrong_order_are_refused():
    _, synapses = cells_of(iz.PairSTDP())
    with pytest.raises(ValueError, match="bounds: expected the low one first"):
        synapses.set(w_max=-1.0, weights=0.0)
    with pytest.raises(ValueError, match=r"weights: PairSTDP keeps weights between 0 and 0.2, got"):
        synapses.set(w_max=0.2, weights=0.3)
    assert synapses.w_max == 1


def test_synapses_that_do_not_learn_have_weights_alone():
    net, _ = cells_of()
    static = net.synapses[0]
    static.set(weights=-0.5)
    assert set(static.weights.tolist()) == {-0.5}
    for name in ("x", "A_plus"):
        with pytest.raises(AttributeError, match=f"no '{name}'; they do not learn, and have no variables"):
            getattr(static, name)
        with pytest.raises(AttributeError, match=f"no '{name}'; they do not learn, and have no variables"):
            static.set(**{name: 1.0})
    with pytest.raises(AttributeError, match=r"no 'gains'; they do not learn.*do you mean 'gain'"):
        static.gains = 3.0
    with pytest.raises(AttributeError, match="'delays' cannot be set"):
        static.delays = 3.0
    assert not hasattr(static, "__array__")


def test_a_trace_is_told_as_what_it_is():
    _, synapses = cells_of(iz.PairSTDP())
    with pytest.raises(
        AttributeError, match="no 'x'; it is a trace of spikes, which the synapses of a neuron"
    ):
        synapses.x  # noqa: B018


def test_a_rule_may_not_use_names_of_synapses():
    class Taken(iz.Plasticity):
        gain = iz.Parameter(1.0)

        def on_pre(w, gain):
            return w * gain

    class Weight(iz.Plasticity):
        weight = iz.State(1.0)

        def on_pre(w, weight):
            return w, weight

    pool = iz.Pool(5, seed=1)
    for rule, name in ((Taken, "gain"), (Weight, "weight")):
        with pytest.raises(
            ValueError, match=f"declares '{name}', and synapses have their own; choose another"
        ):
            pool.connect(pool, pool, rule=iz.one_to_one(), plasticity=rule())
    assert not pool.synapses


def test_of_a_network_that_is_gone_variables_are_not_known():
    net, synapses = cells_of()
    net.step(1)
    del net
    gc.collect()
    with pytest.raises(RuntimeError, match=r"variables: the pool or network of the synapses .* is gone"):
        synapses.x  # noqa: B018
    with pytest.raises(RuntimeError, match=r"set: the pool or network of the synapses .* is gone"):
        synapses.U = 0.1
