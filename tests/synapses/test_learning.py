"""Synapses that learn: windows in closed form, reading and setting weights, and what is refused."""

import copy

import numpy as np
import pytest

import izhi_numba as iz

DT = 0.1


def pair_of_trains(rule, pre, post, delay=1.0, delay_at="dendrite", weight=0.5):
    """A synapse from one spike train to another."""
    net = iz.Network(dt=DT, seed=1, dtype="float64", threads=1)
    net.spike_list("pre", 1, i=np.zeros(len(pre), int), t=pre)
    net.spike_list("clicks", 1, i=np.zeros(len(post), int), t=np.subtract(post, DT))
    net.pool("post", 1, iz.Relay)
    net.connect("clicks", "post", rule=iz.all_to_all(), weight=1.0)
    synapses = net.connect(
        "pre", "post", rule=iz.all_to_all(), weight=weight, delay=delay, plasticity=rule, delay_at=delay_at
    )
    synapses.gain = 0.0
    return net, synapses


@pytest.mark.parametrize("delay_at", ["dendrite", "axon"])
@pytest.mark.parametrize("lag", [-60.0, -10.0, -0.1, 0.0, 0.1, 3.0, 25.0])
def test_a_pair_of_spikes_gives_the_windows_value(lag, delay_at):
    """``lag`` is between the arrivals at the synapse, that of the source first where it is above 0."""
    delay, A_plus, A_minus, tau_plus, tau_minus = 2.0, 0.01, 0.02, 17.0, 34.0
    rule = iz.PairSTDP(A_plus=A_plus, A_minus=A_minus, tau_plus=tau_plus, tau_minus=tau_minus)
    pre = 100.0
    post = pre + lag + (delay if delay_at == "axon" else -delay)
    net, synapses = pair_of_trains(rule, [pre], [post], delay, delay_at)
    net.run(200.0)
    window = A_plus * np.exp(-lag / tau_plus) if lag > 0 else -A_minus * np.exp(lag / tau_minus)
    assert synapses.weights[0] - 0.5 == pytest.approx(window if lag else 0.0, rel=1e-12, abs=1e-15)


def test_depression_and_facilitation_in_steady_state():
    """A regular train into a synapse of Tsodyks and Markram sends what follows from x and u at rest."""
    interval, U, tau_rec, tau_fac = 50.0, 0.2, 300.0, 400.0
    spikes = np.arange(1, 101) * interval
    for fac in (0.0, tau_fac):
        net = iz.Network(dt=1.0, seed=1, dtype="float64")
        net.spike_list("pre", 1, i=np.zeros(100, int), t=spikes)
        cells = net.pool("cells", 1, iz.LeakyIntegrateAndFire(E_L=0.0, g_L=0.0, V_th=1e9), scheme="euler",
                         receptors={"jump": iz.VoltageJump()})  # fmt: skip
        rule = iz.TsodyksMarkram(U=U, tau_rec=tau_rec, tau_fac=fac)
        net.connect("pre", "cells", rule=iz.all_to_all(), weight=3.0, delay=1.0, plasticity=rule)
        cells.v = 0.0
        net.run(99 * interval + 2.0)
        before = cells.v[0]
        net.run(interval)
        facilitates = np.exp(-interval / fac) if fac else 0.0
        u = U / (1 - (1 - U) * facilitates)
        recovers = np.exp(-interval / tau_rec)
        x = (1 - recovers) / (1 - (1 - u) * recovers)
        assert cells.v[0] - before == pytest.approx(3.0 * u * x, rel=1e-9)


def cells_that_learn(
    dtype="float32", threads=2, seed=1, rule=None, delay=None, model=iz.Izhikevich, **options
):
    net = iz.Network(dt=1.0, seed=seed, dtype=dtype, threads=threads)
    cells = net.pool("cells", 200, model)
    net.drive("cells", iz.noise(8.0))
    rule = rule or iz.PairSTDP(A_plus=0.01, A_minus=0.012)
    synapses = net.connect(
        "cells", "cells", rule=iz.fixed_outdegree(20), weight=iz.uniform(0, 1),
        delay=iz.integers(1, 20) if delay is None else delay, plasticity=rule, **options,
    )  # fmt: skip
    return net, cells, synapses


def weights_for_any_threads_and_in_pieces(make):
    """Compare voltages and weights to the bit for ``make`` of threads; returns the weights."""

    def run(threads, pieces, *, looks=False):
        net, cells, synapses = make(threads)
        for n_steps in pieces:
            net.step(n_steps)
            if looks:
                synapses.weights  # noqa: B018
        return cells.v.copy(), synapses.weights

    whole = run(1, [400])
    for other in (run(2, [400]), run(3, [1, 100, 7, 292]), run(7, [200, 200], looks=True),
                  run(16, [400]), run(1, [1] * 40 + [360], looks=True)):  # fmt: skip
        for mine, its in zip(whole, other, strict=True):
            np.testing.assert_array_equal(mine, its)
    return whole[1]


@pytest.mark.parametrize("delay_at", ["dendrite", "axon"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_same_bits_for_any_threads_and_in_pieces(dtype, delay_at):
    weights = weights_for_any_threads_and_in_pieces(
        lambda threads: cells_that_learn(dtype, threads, delay_at=delay_at)
    )
    assert np.ptp(weights) > 0.9


@pytest.mark.parametrize("delay_at", ["dendrite", "axon"])
def test_it_goes_on_after_store_save_and_copies(tmp_path, delay_at):
    rule = iz.PresynapticNearestSTDP(A_plus=0.01, A_minus=0.012)
    whole, cells, synapses = cells_that_learn(rule=rule, delay_at=delay_at)
    whole.step(500)
    net, *_ = cells_that_learn(rule=rule, delay_at=delay_at)
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


def test_frozen_synapses_are_those_of_a_network_that_does_not_learn():
    net, cells, synapses = cells_that_learn()
    synapses.learning = False
    before = synapses.weights
    net.step(300)
    np.testing.assert_array_equal(synapses.weights, before)
    still, others, static = cells_that_learn()
    static.remove()
    given = iz.from_arrays(*synapses.to_arrays()[:2])
    _, _, weights, delays = synapses.to_arrays()
    still.connect("cells", "cells", rule=given, weight=weights, delay=delays)
    still.step(300)
    np.testing.assert_array_equal(cells.v, others.v)
    synapses.learning = True
    net.step(100)
    assert (synapses.weights != before).mean() > 0.5


def test_rates_of_0_change_nothing():
    net, _, synapses = cells_that_learn(rule=iz.PairSTDP(A_plus=0.0, A_minus=0.0))
    before = synapses.weights
    net.step(300)
    np.testing.assert_array_equal(synapses.weights, before)


def test_reset_begins_anew_with_the_weights_as_they_are():
    net, cells, synapses = cells_that_learn()
    net.step(200)
    learned = synapses.weights
    net.reset()
    np.testing.assert_array_equal(synapses.weights, learned)
    net.step(50)
    other, others, its = cells_that_learn()
    its.weights = learned
    other.step(50)
    np.testing.assert_array_equal(cells.v, others.v)
    np.testing.assert_array_equal(synapses.weights, its.weights)


def test_weights_are_recorded_as_they_are_read():
    net, _, synapses = cells_that_learn()
    synapses.record(every=50.0)
    (found,) = net.run(100.0).weights.values()
    np.testing.assert_array_equal(found.values[1], synapses.weights)
    assert (found.values[0] != found.values[1]).any()


class Dividing(iz.Plasticity):
    """Divides by 0 after a while."""

    y, tau = iz.TargetTrace("tau"), iz.Parameter(20.0)

    def on_pre(w, y):
        return w / (0.0 * y + (y < 0.5))


def test_a_weight_that_is_not_finite_ends_the_run():
    net, cells, synapses = cells_that_learn(rule=Dividing())
    with pytest.raises(
        iz.SimulationError,
        match=r"the weight of the synapse from neuron \d+ to neuron \d+ is not finite at t = .* ms",
    ) as told:
        net.run(500.0)
    assert 0 < told.value.result.duration < 500
    cells.v, cells.u, now = -65.0, -13.0, net.t
    for one_more in (lambda: net.step(1), net.update, lambda: net.run(5.0)):
        with pytest.raises(iz.SimulationError, match="is not finite"):
            one_more()
        assert net.t == now
    net.drive("cells", 0.0)
    synapses.learning, synapses.weights = False, 0.5
    net.step(1)  # a spike that came last is sent
    synapses.learning = True
    net.step(1)
    assert set(synapses.weights.tolist()) == {0.5}


REFUSED = [
    ({"plasticity": "hebb"}, TypeError, r"plasticity: expected a rule such as iz.PairSTDP\(\), got 'hebb'"),
    ({"delay_at": "axon"}, ValueError, r"delay_at: .* give plasticity= as well"),
    (
        {"plasticity": iz.PairSTDP(), "delay_at": "soma"},
        ValueError,
        "delay_at: expected 'dendrite' or 'axon'",
    ),
    (
        {"plasticity": iz.PairSTDP(w_max=0.1)},
        ValueError,
        "weight: PairSTDP keeps weights between 0 and 0.1, got",
    ),
    ({"plasticity": iz.PairSTDP(w_max=-1.0)}, ValueError, "bounds: expected the low one first"),
]


@pytest.mark.parametrize(("options", "kind", "told"), REFUSED)
def test_what_cannot_be_connected_is_refused(options, kind, told):
    pool = iz.Pool(10, seed=1)
    with pytest.raises(kind, match=told):
        pool.connect(pool, pool, rule=iz.one_to_one(), weight=0.5, **options)
    assert not pool.synapses


def test_what_cannot_be_set_is_refused():
    pool = iz.Pool(10, seed=1)
    learns = pool.connect(pool, pool, rule=iz.one_to_one(), weight=0.5, plasticity=iz.PairSTDP())
    static = pool.connect(pool, pool, rule=iz.one_to_one(), weight=0.5)
    with pytest.raises(ValueError, match="weights: PairSTDP keeps weights between 0 and 1, got weights from"):
        learns.weights = np.linspace(0, 2, 10)
    with pytest.raises(ValueError, match="have no rule to learn by"):
        static.learning = True
    with pytest.raises(TypeError, match="learning: expected True or False, got 1"):
        learns.learning = 1
    assert (learns.plasticity is not None, learns.delay_at) == (True, "dendrite")
    assert (static.plasticity, static.delay_at, static.learning) == (None, None, False)


def written(text):
    """Make a class from what is written in it, as in a notebook."""
    names = {"iz": iz}
    exec(f"class Rule(iz.Plasticity):\n    {text}", names)
    return names["Rule"]


MISTAKES = [
    ("tau = iz.Parameter(1.0)", "a function is missing: on_pre, on_post, on_tick, or several of them"),
    ("def on_pre(w, x): return w", "asks for 'x'; it can ask for w, since_pre"),
    ("def on_pre(self, w): return w", "take no self"),
    ("x = iz.SourceTrace('tau')\n    def on_pre(w): return w", "its time constant 'tau' is no parameter"),
    ("w = iz.State(1.0)\n    def on_pre(w): return w", "'w' is the name of what a step is given"),
    ("sent = iz.SourceTrace('t')\n    t = iz.Parameter(1.0)\n    def on_pre(w): return w", "'sent' is the name"),
    ("limits = iz.SourceTrace('t')\n    t = iz.Parameter(1.0)\n    def on_pre(w): return w", "has its own 'limits'"),
    ("bounds = (0, 'top')\n    def on_pre(w): return w", "'top' is no parameter of this rule"),
    ("bounds = 3\n    def on_pre(w): return w", "bounds: expected"),
    ("c = iz.State(0.0, dtype='float64')\n    def on_pre(w): return w", "precision of the network"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "told"), MISTAKES)
def test_mistakes_in_a_class_are_told_when_it_is_written(text, told):
    with pytest.raises(TypeError, match=told):
        written(text)


WRONG = [
    ("def on_pre(w): pass", "returns None, expected a number; is a return missing"),
    ("def on_pre(w): return w, w", "returns 2 values, expected w, or a dictionary by name"),
    ("def on_pre(w): return [w]", "returns a list, expected w, as plain numbers side by side"),
    ("def on_post(w): return {'sent': w}", "returns 'sent'; what may change is w"),
    ("def on_pre(w): return w.mean_of_all()", "on_pre, line .*mean_of_all"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "told"), WRONG)
def test_mistakes_in_functions_are_told_before_compilation(text, told):
    pool = iz.Pool(5, seed=1)
    with pytest.raises(TypeError, match=told):
        pool.connect(pool, pool, rule=iz.one_to_one(), plasticity=written(text)())


class WithNamesOfBounds(iz.Plasticity):
    """Parameters that are called as bounds are in speech."""

    bounds = (0.0, 2.0)
    low, high = iz.Parameter(0.125), iz.Parameter(0.25)

    def on_pre(w, low, high):
        return w + low + high


def test_parameters_called_low_and_high_are_not_the_bounds():
    net, synapses = pair_of_trains(WithNamesOfBounds(), [5.0], [50.0], weight=0.5)
    net.run(10.0)
    assert synapses.weights[0] == 0.5 + 0.125 + 0.25


def test_who_learns_by_what_is_told():
    net = iz.Network(dt=1.0, seed=1)
    net.pool("cells", 10)
    synapses = net.connect("cells", "cells", rule=iz.all_to_all(), weight=0.1, plasticity=iz.TripletSTDP())
    assert repr(synapses) == "<cells -> cells: 100 synapses, all_to_all, TripletSTDP>"
    assert "100 synapses, all_to_all, TripletSTDP, 0 ms, " in str(net)
