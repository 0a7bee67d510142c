"""What synapses that learn are given wrongly: refused in the user's words, with nothing half changed."""

import math
import threading
import warnings

import numpy as np
import pytest

import izhi_numba as iz
from izhi_numba.network.inventory import inventory

OPTIONS = {"rule": iz.fixed_outdegree(5), "weight": iz.uniform(0, 1), "delay": iz.integers(1, 5)}


def cells_of(rule=None, dtype="float32", **options):
    """A network whose synapses learn; and the synapses."""
    net = iz.Network(dt=1.0, seed=1, dtype=dtype, threads=2)
    net.pool("cells", 50)
    net.drive("cells", iz.noise(12.0))
    rule = iz.PairSTDP() if rule is None else rule
    return net, net.connect("cells", "cells", plasticity=rule, **OPTIONS | options)


def bits(net):
    return {
        path: value.tobytes() if isinstance(value, np.ndarray) else value
        for path, value in inventory(net).items()
    }


def written(text):
    """Make a class from what is written in it, as in a notebook."""
    names = {"iz": iz, "np": np, "math": math, "each": np.arange(4.0)}
    exec(f"class Rule(iz.Plasticity):\n    {text}", names)
    return names["Rule"]


# ---- Functions that return nonsense


class Mixed(iz.Plasticity):
    """Returns a double, a truth and a whole number, none of which takes the bytes of a single."""

    truth, whole, plain = iz.State(0.0), iz.State(0.0), iz.State(0.25)

    def on_pre(w, truth, whole):
        n = int(whole + 3.2)
        return {"w": n / 4, "truth": w >= 0, "whole": n, "sent": n / 64}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_numbers_of_any_kind_are_kept_in_the_precision_of_the_network(dtype):
    """Other bytes than those of the number are not written."""
    net, synapses = cells_of(Mixed(), dtype)
    net.run(100.0)
    n_arrived = synapses.whole / 3
    assert n_arrived.max() > 1
    np.testing.assert_array_equal(n_arrived, np.round(n_arrived))
    arrived = n_arrived > 0
    np.testing.assert_array_equal(synapses.weights[arrived], synapses.whole[arrived] / 4)
    np.testing.assert_array_equal(synapses.truth, arrived)
    np.testing.assert_array_equal(synapses.plain, np.full(len(synapses), 0.25, dtype))


@pytest.mark.parametrize("value", ["1e300", "float('nan')", "np.float64(1e300)", "w / 0 * 0"])
def test_a_number_that_is_none_ends_the_run_with_synapse_and_step(value):
    text = f"def on_post(w): return {value}".replace("w / 0 * 0", "w * np.inf - w * np.inf")
    net, _ = cells_of(written(text)())
    with pytest.raises(
        iz.SimulationError, match=r"synapse from neuron \d+ to neuron \d+ is not finite at t ="
    ):
        net.run(200.0)


@pytest.mark.parametrize("value", ["np.nan", "np.inf"])
@pytest.mark.parametrize("where", ["on_pre", "on_post", "on_tick", "between"])
def test_a_variable_that_is_not_finite_ends_the_run_as_a_weight_does(where, value):
    after = f"{{'x': x + 1, 'y': {value} if x > 3 else y}}"
    text = f"interval, x, y = 5.0, iz.State(0.0), iz.State(0.5)\n    def {where}(w, x, y): return {after}"
    if where == "between":
        text += "\n    def on_pre(w): return w"
    net, synapses = cells_of(written(text)())
    told = r"cells: y of the synapse from neuron \d+ to neuron \d+ is not finite at t = .* makes y grow without bounds"
    with pytest.raises(iz.SimulationError, match=told):
        net.run(400.0)
    t = net.t
    with pytest.raises(iz.SimulationError, match=told):
        net.run(1.0)
    assert net.t == t
    synapses.set(x=0.0, y=0.5)
    net.run(1.0)


AFTERWARDS = {
    "removing others": lambda net, others: others.remove(),
    "connecting": lambda net, others: net.connect("cells", "cells", rule=iz.one_to_one(), delay=50.0),
    "silencing": lambda net, others: setattr(net["cells"][:3], "silenced", True),
    "restore": lambda net, others: net.restore(net.store()),
    "setting parameters": lambda net, others: net.synapses[0].set(gone=50.0),
}


@pytest.mark.parametrize("what", AFTERWARDS)
def test_no_step_is_taken_with_what_is_not_finite_whatever_is_done_in_between(what):
    after = "{'y': y if since_pre < gone else np.nan}"
    text = (
        f"gone, y = iz.Parameter(40.0), iz.State(0.0)\n    def on_post(w, y, since_pre, gone): return {after}"
    )
    net, synapses = cells_of(written(text)())
    others = net.connect("cells", "cells", rule=iz.fixed_outdegree(3), delay=3.0)
    with pytest.raises(iz.SimulationError, match="is not finite"):
        net.run(400.0)
    AFTERWARDS[what](net, others)
    t = net.t
    for _ in range(2):
        with pytest.raises(iz.SimulationError, match="is not finite"):
            net.step(1)
    assert net.t == t
    synapses.y = 0.0
    net.step(1)


def test_no_step_is_taken_after_a_reset_with_weights_that_are_not_finite():
    text = "gone = iz.Parameter(40.0)\n    def on_post(w, since_pre, gone): return w if since_pre < gone else np.nan"
    net, synapses = cells_of(written(text)())
    with pytest.raises(iz.SimulationError, match="the weight of the synapse"):
        net.run(400.0)
    net.reset()
    with pytest.raises(iz.SimulationError, match=r"the weight of the synapse .* is not finite at t = 0 ms"):
        net.step(1)
    assert net.t == 0
    synapses.weights = 0.5
    net.step(1)


def test_numbers_that_are_large_alone_do_not_end_the_run():
    text = "x, y = iz.State(0.0), iz.State(0.0)\n    def on_post(w): return {'x': 3e38, 'y': 3e38}"
    net, synapses = cells_of(written(text)())
    net.run(200.0)
    assert synapses.x.max() > 1e38


NONSENSE = [
    ("def on_pre(w): return w + 1j", "returns .*1j.*, expected a number"),
    ("def on_pre(w): return {'w': None}", "returns None, expected a number; is a return missing"),
    ("def on_pre(w): return 2**70", "returns 1180591620717411303424, expected a number"),
    ("def on_pre(w): return ()", "returns 0 values, expected w"),
    ("def on_pre(w): return each", "returns an array, expected w"),
    ("def on_pre(w): yield w", "returns <generator object .*, expected a number"),
    ("def on_pre(w): return {'x': w}", "returns 'x'; what may change is w, sent"),
    ("def on_pre(w):\n        assert w > 0\n        return w", "raises errors, .* return float.'nan'., which ends the run"),
    ("def on_pre(w):\n        if w > 9:\n            raise ValueError\n        return w", "on_pre: raises errors"),
    ("def on_pre(w):\n        print(w)\n        return w", r"on_pre: prints, .* call Rule.on_pre\(...\) yourself"),
    ("def on_pre(w):\n        if w < 9:\n            return w", "on_pre: returns None in some cases, expected numbers"),
    ("k = iz.Constant(lambda dt: each)\n    def on_pre(w, k): return w", "Rule.k: expected a number, got an array"),
    ("k = iz.Constant(lambda dt: None)\n    def on_pre(w, k): return w", "k: expected a number, got None; is a return"),
    ("c = iz.State(lambda: 'x')\n    def on_pre(w): return w", "Rule.c: expected a number, got 'x'"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "told"), NONSENSE, ids=range(len(NONSENSE)))
def test_functions_that_return_nonsense_are_refused(text, told):
    net, _ = cells_of()
    before = bits(net)
    with pytest.raises(TypeError, match=told):
        net.connect("cells", "cells", plasticity=written(text)(), **OPTIONS)
    assert bits(net) == before


def helped(w):
    if w > 9:
        raise ValueError
    return w


class Helped(iz.Plasticity):
    def on_pre(w):
        return helped(w)


def test_errors_of_functions_that_are_called_are_found():
    with pytest.raises(TypeError, match=r"Helped.on_pre: raises errors"):
        cells_of(Helped())


# ---- What a class declares

TAU = "x = iz.SourceTrace('tau')\n    def on_pre(w, x): return w\n    "
HEARS = "def on_pre(w): return w\n    "
TICKS = "def on_tick(w): return w\n    "
DECLARED = [
    ("on_pre = 3", TypeError, "on_pre: expected a function of the rule, got 3"),
    ("on_pre = abs", TypeError, "on_pre: expected a function of the rule, got <built-in function abs>"),
    (f"{TAU}tau = iz.Parameter(-5.0)", ValueError, "Rule.tau, the time constant of x: expected .* above 0, got -5"),
    (f"{TAU}tau = iz.Parameter(0.0, at_least=0)", ValueError, "tau, the time constant of x: expected"),
    (f"{HEARS}d = iz.Modulator(start=np.nan)", ValueError, "Rule.d, its start: expected a finite number, got nan"),
    (f"{HEARS}d = iz.Modulator(start='x')", TypeError, "Rule.d, its start: expected a finite number, got 'x'"),
    (f"{HEARS}d = iz.Modulator('tau')\n    tau = iz.Parameter(-1.0)", ValueError, "tau, the time constant of d"),
    (f"{HEARS}bounds = (0, None)", TypeError, "Rule.bounds: expected a finite number, got None"),
    (f"{HEARS}bounds = (0, 10**400)", ValueError, "Rule.bounds: expected a finite number, got 1000"),
    (f"{HEARS}bounds = (np.nan, 1)", ValueError, "Rule.bounds: expected a finite number, got nan"),
    (f"{HEARS}bounds = (True, 1)", TypeError, "Rule.bounds: expected a finite number, got True"),
    (f"{TICKS}interval = 0", ValueError, "Rule.interval: expected a number of ms above 0, got 0"),
    (f"{TICKS}interval = 10**400", ValueError, "Rule.interval: expected a finite number, got 1000"),
    (f"{TICKS}interval = True", TypeError, "Rule.interval: expected a finite number, got True"),
    (f"{TICKS}interval = 'q'\n    q = iz.Parameter(0.0)", ValueError, "Rule.q, the interval: expected .* above 0"),
    (f"{TICKS}interval = 'q'", TypeError, "interval: 'q' is no parameter of this rule"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "kind", "told"), DECLARED, ids=range(len(DECLARED)))
def test_mistakes_in_a_class_are_told_when_it_is_written(text, kind, told):
    with pytest.raises(kind, match=told):
        written(text)


# ---- What connect is given


class Narrow(iz.Plasticity):
    """Its time constant may be 0, says its author."""

    y = iz.TargetTrace("tau")
    tau = iz.Parameter(5.0, at_least=0)

    def on_pre(w, y):
        return w


class Hidden(iz.Plasticity):
    _c = iz.State(0.0)

    def on_pre(w):
        return w


class Huge(iz.Plasticity):
    c, d = iz.State(0.0), iz.Modulator()

    def on_pre(w):
        return w


CONNECTED = [
    ({"plasticity": "PairSTDP"}, TypeError, "plasticity: expected a rule such as .* got 'PairSTDP'"),
    ({"plasticity": iz.PairSTDP.on_pre}, TypeError, "plasticity: expected a rule such as"),
    ({"plasticity": iz.AMPA()}, TypeError, "plasticity: expected a rule such as"),
    ({"plasticity": iz.PairSTDP(), "delay_at": np.zeros((2, 2))}, ValueError, "delay_at: expected 'dendrite' or"),
    ({"plasticity": iz.PairSTDP(), "delay_at": ["axon"]}, ValueError, "delay_at: expected 'dendrite' or"),
    ({"plasticity": iz.PairSTDP(A_plus=1e300)}, ValueError, "A_plus: expected a finite number that fits float32"),
    ({"plasticity": Huge(c=1e300)}, ValueError, "Huge: c, what it starts with: expected a finite number that fits"),
    ({"plasticity": Narrow(tau=0.0)}, ValueError, "tau: 'y' can be computed for time constants above 0 ms, got 0"),
    ({"plasticity": iz.PairSTDP(tau_plus=1e300)}, ValueError, "tau_plus: expected a finite number that fits"),
    ({"plasticity": iz.PairSTDP(tau_plus=1e30)}, ValueError, r"time constants of up to 1e\+12 ms in steps of 1 ms"),
    ({"plasticity": iz.DopamineSTDP(tau_d=1e30)}, ValueError, "tau_d: 'd' can be computed for time constants of up"),
    ({"plasticity": iz.PairSTDP(), "weight": 1.5}, ValueError, "keeps weights between 0 and 1, got the weight 1.5"),
    ({"plasticity": iz.PairSTDP(), "weight": iz.normal(0.5, 1)}, ValueError, "keeps weights between 0 and 1, got"),
    ({"plasticity": Hidden()}, ValueError, "declares '_c', which could not be read of synapses"),
]  # fmt: skip


@pytest.mark.parametrize(("options", "kind", "told"), CONNECTED, ids=range(len(CONNECTED)))
def test_what_cannot_be_connected_is_refused(options, kind, told):
    net, _ = cells_of()
    before = bits(net)
    with pytest.raises(kind, match=told):
        net.connect("cells", "cells", **OPTIONS | options)
    assert bits(net) == before


def test_more_sums_than_can_be_counted_are_refused():
    net = iz.Network(dt=1.0, seed=1)
    net.pool("many", 2**17, iz.Relay)
    learning = {"rule": iz.fixed_outdegree(1), "delay": 40_000.0, "plasticity": iz.PairSTDP()}
    with pytest.raises(ValueError, match=r"131072 neurons .* 5\.2e\+09 numbers; .* delay_at='axon'"):
        net.connect("many", "many", **learning)
    assert len(net.synapses) == 0


@pytest.mark.parametrize("w_max", [0.04, 0.1, 0.3, 0.7])
def test_weights_up_to_their_bound_are_taken(w_max):
    net = iz.Network(dt=1.0, seed=1)  # in single precision, in which some bounds become smaller
    net.pool("a", 20)
    synapses = net.connect("a", "a", rule=iz.all_to_all(), weight=w_max, plasticity=iz.PairSTDP(w_max=w_max))
    synapses.weights = np.full(len(synapses), w_max)
    net.connect(
        "a", "a", rule=iz.all_to_all(), weight=iz.uniform(0, w_max), plasticity=iz.PairSTDP(w_max=w_max)
    )
    with pytest.raises(ValueError, match="keeps weights between 0 and"):
        net.connect("a", "a", rule=iz.all_to_all(), weight=1.001 * w_max,
                    plasticity=iz.PairSTDP(w_max=w_max))  # fmt: skip


def test_synapses_with_one_weight_for_all_are_given_their_own():
    net, synapses = cells_of(weight=0.5)
    assert synapses.shared_weight is None
    assert {*synapses.weights.tolist()} == {0.5}
    net.run(100.0)
    assert len({*synapses.weights.tolist()}) > 10
    assert net.connect("cells", "cells", rule=iz.fixed_outdegree(5), weight=0.5).shared_weight == 0.5


@pytest.mark.parametrize("given", [[0.1, 0.2], np.full(250, 0.01), (0.1,)])
def test_several_values_for_a_parameter_are_refused_and_the_way_is_told(given):
    told = (
        r"PairSTDP: A_plus: expected a finite number for all synapses, got .*with A_plus = iz.State\(0.005\)"
    )
    with pytest.raises(TypeError, match=told):
        iz.PairSTDP(A_plus=given)
    net, synapses = cells_of()
    before = bits(net)
    with pytest.raises(TypeError, match=told):
        synapses.set(A_minus=0.1, A_plus=given)
    assert bits(net) == before


class Own(iz.PairSTDP):
    """Each synapse has its own amplitude."""

    A_plus = iz.State(0.005)


def test_a_state_that_nothing_changes_is_a_parameter_of_each_synapse():
    """Half of the synapses learn as those of one network, half as those of another; nobody hears of them."""

    def weights(rule, **values):
        net = iz.Network(dt=1.0, seed=1, threads=2)
        net.pool("cells", 50)
        net.drive("cells", iz.noise(12.0))
        synapses = net.connect("cells", "cells", plasticity=rule, **OPTIONS)
        synapses.gain = 0.0
        synapses.set(**values)
        net.run(300.0)
        return synapses.weights

    half = np.arange(250) % 2 == 0
    mixed = weights(Own(), A_plus=np.where(half, 0.01, 0.03))
    np.testing.assert_array_equal(mixed[half], weights(iz.PairSTDP(A_plus=0.01))[half])
    np.testing.assert_array_equal(mixed[~half], weights(iz.PairSTDP(A_plus=0.03))[~half])
    assert (mixed != weights(iz.PairSTDP(A_plus=0.01))).any()


# ---- Calls on synapses

CALLS = [
    (lambda one: one.modulate(d=np.nan), ValueError, "modulate: d: expected a finite number, got nan"),
    (lambda one: one.modulate(d="much"), TypeError, "modulate: d: expected a finite number, got 'much'"),
    (lambda one: one.modulate(d=1e300), ValueError, "modulate: d, with what there is: expected .* fits float32"),
    (lambda one: one.modulate(d=1.0, q=1.0), ValueError, "modulate: no modulator 'q'; there are: d"),
    (lambda one: one.modulate(), ValueError, "modulate: expected an amount of d, got none"),
    (lambda one: one.modulate(0.5), TypeError, "modulate: takes nothing without a name"),
    (lambda one: one.set(tau_d=1e30), ValueError, "tau_d: 'd' can be computed for time constants of up to"),
    (lambda one: one.set(tau_c=1e300), ValueError, "tau_c: expected a finite number that fits float32"),
    (lambda one: one.set(tau_d=-1.0), ValueError, "tau_d: expected a number above 0, got -1"),
    (lambda one: one.set(c=0.5, learning=True), AttributeError, "'learning' is set by itself: synapses.learning ="),
    (lambda one: one.set(c=0.5, gain=2.0), AttributeError, "'gain' is set by itself: synapses.gain ="),
    (lambda one: one.set(d=1.0), AttributeError, "'d'; it is a modulator"),
    (lambda one: one.set(x=1.0), AttributeError, "'x'; it is a trace of spikes"),
    (lambda one: one.set(c=0.5, w_max=0.1), ValueError, "w_max: weights would be kept between 0 and 0.1, and are"),
    (lambda one: setattr(one, "learning", "on"), TypeError, "learning: expected True or False, got 'on'"),
    (lambda one: setattr(one, "delay_at", "axon"), AttributeError, "'delay_at' cannot be set"),
    (lambda one: setattr(one, "plasticity", iz.PairSTDP()), AttributeError, "'plasticity' cannot be set"),
    (lambda one: one.record("d", every=1.0), ValueError, "record: expected one of weight, c"),
    (lambda one: one.record(iz.PairSTDP, every=1.0), TypeError, "record: expected the name of what to keep"),
    (lambda one: one.record(every=0.3), ValueError, "every: expected a multiple of dt = 1 ms"),
    (lambda one: one.normalize(np.nan), ValueError, "total: expected a finite number"),
    (lambda one: one.normalize(-1.0), ValueError, "total: expected numbers above 0"),
]  # fmt: skip


@pytest.mark.parametrize("n_steps", [0, 20])
@pytest.mark.parametrize(("call", "kind", "told"), CALLS, ids=range(len(CALLS)))
def test_what_cannot_be_asked_of_synapses_is_refused(call, kind, told, n_steps):
    net, synapses = cells_of(iz.DopamineSTDP())
    if n_steps:
        net.step(n_steps)
    before = bits(net)
    with pytest.raises(kind, match=told):
        call(synapses)
    assert bits(net) == before


def test_amounts_that_add_up_to_too_much_are_refused():
    _, synapses = cells_of(iz.DopamineSTDP())
    synapses.modulate(d=3e38)
    with pytest.raises(ValueError, match=r"modulate: d, with what there is: .* got 6.*e\+38"):
        synapses.modulate(d=3e38)
    assert synapses.modulators["d"] == pytest.approx(3e38)


def test_synapses_without_a_modulator_are_told_so():
    for rule in (iz.PairSTDP(), None):
        pool = iz.Pool(10, seed=1)
        synapses = pool.connect(pool, pool, rule=iz.one_to_one(), weight=0.5, plasticity=rule)
        assert synapses.modulators == {}
        with pytest.raises(
            ValueError, match=r"have no modulator; give connect\(..., plasticity=iz.DopamineSTDP"
        ):
            synapses.modulate(d=1.0)


REMOVED = {
    "modulate": lambda one: one.modulate(d=1.0),
    "modulators": lambda one: one.modulators,
    "set": lambda one: one.set(c=1.0),
    "a variable": lambda one: one.c,
    "learning": lambda one: setattr(one, "learning", False),
    "record": lambda one: one.record(every=1.0),
    "normalize": lambda one: one.normalize(1.0),
}


@pytest.mark.parametrize("what", REMOVED)
def test_synapses_that_were_removed_are_told_so(what):
    net, synapses = cells_of(iz.DopamineSTDP())
    net.step(20)
    synapses.remove()
    with pytest.raises(RuntimeError, match=r"the synapses .* were removed"):
        REMOVED[what](synapses)
    net.step(20)


# ---- While a run is on


def steered(change, *, by_hand=False):
    """Weights and modulators after a run, in the middle of which something is done."""
    net, synapses = cells_of(iz.DopamineSTDP())
    if by_hand:
        net.run(50.0)
        change(synapses)
        net.run(50.0)
    else:
        net.run(100.0, every={50.0: lambda net: change(synapses) if net.t == 50 else None})
    return synapses.weights, synapses.modulators


@pytest.mark.parametrize("change", [
    lambda one: one.modulate(d=0.5), lambda one: one.set(A_plus=0.2, c=0.1), lambda one: one.normalize(2.0),
    lambda one: setattr(one, "learning", False),
])  # fmt: skip
def test_functions_of_a_run_do_what_is_done_between_runs(change):
    weights, modulators = steered(change)
    others, theirs = steered(change, by_hand=True)
    np.testing.assert_array_equal(weights, others)
    assert modulators == theirs


@pytest.mark.parametrize("what", [one for one in REMOVED if one != "a variable"])
def test_other_threads_are_refused_during_a_run(what):
    net, synapses = cells_of(iz.DopamineSTDP())
    told = []

    def attack():
        try:
            REMOVED[what](synapses)
        except RuntimeError as error:
            told.append(str(error))

    def meddle(net):
        other = threading.Thread(target=attack)
        other.start()
        other.join()

    net.run(30.0, every={10.0: meddle})
    assert len(told) == 3
    assert all("busy in another thread" in one for one in told)
    undisturbed, others = cells_of(iz.DopamineSTDP())
    undisturbed.run(30.0)
    np.testing.assert_array_equal(synapses.weights, others.weights)


# ---- Doubts


def test_a_modulator_that_nobody_sets_is_doubted_once():
    net, _ = cells_of(iz.DopamineSTDP())
    net.run(4000.0)
    told = r"third factor, which nobody has set in 5000 ms: without synapses.modulate\(d=...\) it is 0"
    with pytest.warns(iz.DoubtfulWarning, match=told):
        net.run(1000.0)
    net.run(1000.0)


@pytest.mark.parametrize("what", ["modulated", "starts above 0", "off", "no modulator", "restored"])
def test_a_modulator_is_not_doubted_where_it_is_set_or_not_asked_for(what):
    class Level(iz.Plasticity):
        d = iz.Modulator(start=0.5)

        def on_pre(w, d):
            return w

    rule = {"starts above 0": Level(), "no modulator": iz.DerivativeSTDP()}.get(what, iz.DopamineSTDP())
    net, synapses = cells_of(rule)
    if what == "modulated":
        synapses.modulate(d=0.1)
    elif what == "off":
        synapses.learning = False
    elif what == "restored":
        net.step(1)
        net.restore(net.store())
    net.run(5000.0)


class Ticking(iz.Plasticity):
    interval = 2.5

    def on_tick(w):
        return w


def test_an_interval_that_is_no_multiple_of_the_step_is_doubted():
    told = "interval of Ticking: 2.5 ms is no multiple of dt = 1 ms, and becomes 2 ms"
    with pytest.warns(iz.DoubtfulWarning, match=told):
        cells_of(Ticking())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        iz.Network(dt=0.5, seed=1)
        pool = iz.Pool(10, dt=0.5, seed=1)
        pool.connect(pool, pool, rule=iz.one_to_one(), plasticity=Ticking())
