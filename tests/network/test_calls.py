"""Calls that a new user writes otherwise than they are meant: messages tell how to write them."""

import re

import pytest

import izhi_numba as iz


@pytest.fixture(scope="module")
def pool():
    pool = iz.Pool(100, seed=1)
    pool.group("exc", 80), pool.group("inh", 20)
    return pool


@pytest.fixture(scope="module")
def net():
    net = iz.Network(seed=1)
    net.pool("exc", 100)
    return net


CALLS = [
    ("pool.drive(iz.noise(3))", "drive: current is missing, as in pool.drive(pool, iz.noise(3))"),
    ("net.drive(iz.noise(3))", "drive: current is missing, as in net.drive('exc', iz.noise(3))"),
    ("pool.drive(iz.noise(5), pool)", "got noise(5); the neurons come first: drive(pool, noise(5))"),
    ("net.drive(iz.noise(5), 'exc')", "got noise(5); the neurons come first: drive(pool, noise(5))"),
    ("iz.Pool(iz.AdEx, 100)",
     "n: the number of neurons comes first, then the model: iz.Pool(100, iz.AdEx)"),
    ("iz.Pool(iz.AdEx())", "then the model: iz.Pool(100, iz.AdEx)"),
    ("net.pool('inh', iz.AdEx, 100)", "then the model: net.pool('inh', 100, iz.AdEx)"),
    ("net.pool(100, 'inh')", "name: expected a name, got 100; it comes first: net.pool('exc', 800)"),
    ("pool.group(10, 'a')", "group: expected a name, got 10; it comes first: group('exc', 800)"),
    ("pool.connect(pool, pool, iz.all_to_all())",
     "connect: takes only pre, post without a name, got 3; rule, weight, delay, receptor, plasticity,"
     " delay_at by name, as in"
     " connect(exc, inh, rule=iz.all_to_all(), weight=0.5)"),
    ("pool.connect(pool, pool)", "connect: rule is missing, as in connect(exc, inh, rule=iz.all_to_all()"),
    ("pool.connect(pool, pool, rule=iz.all_to_all(), weights=3)",
     "connect: no argument 'weights'; do you mean 'weight', as in connect("),
    ("iz.step(700, 100)", "step: takes only amplitude without a name, got 2; start, stop by name, as in iz."),
    ("iz.pulse(9, 50, 5)", "start, width by name, as in iz.pulse(10, start=50, width=20)"),
    ("iz.poisson(8, weigth=2)", "poisson: no argument 'weigth'; do you mean 'weight', as in iz.poisson(8, "),
    ("pool.reset(5)", "reset: takes nothing without a name, got 1; noise_seed by name, as in pool.reset("),
    ("pool.run(1.0).rate('exc', 100)", "since by name, as in result.rate('exc', since=100)"),
    ("pool.set(iz.presets['FS'])", 'each value by name, as in pool.set(**iz.presets["FS"])'),
    ("pool['inh'].set(iz.presets['FS'])", 'each value by name, as in pool.set(**iz.presets["FS"])'),
    ("iz.GABA_A(10, -80)", "GABA_A: takes nothing without a name, got 2; each value by name, as in iz.GABA_A"),
    ("iz.AdEx(10)", "AdEx: takes nothing without a name, got 1; each value by name, as in iz.Izhikevich(a=0"),
    ("pool.record('v', [1, 2])", "neurons, every, mean, to, keep by name, as in pool.record('v', neurons=[0, 1])"),
    ("net.record('v', [1, 2])", "got 1; neurons are told by pool[[0, 1]]"),
    ("iz.Pool(100, iz.AdEx, 0.1)", "Pool: takes only n, model without a name, got 3; dt, scheme, seed, "),
    ("iz.Pool(100, dtt=0.1)", "Pool: no argument 'dtt'; do you mean 'dt'?"),
    ("iz.Network(dtt=0.1)", "Network: no argument 'dtt'; do you mean 'dt', as in iz.Network(dt=0.1, seed=1)"),
    ("net.pool('z', 10, iz.AdEx, dt=0.2)",
     "net.pool: dt is the network's, of all its pools: iz.Network(dt=...)"),
    ("net.pool('z', 10, shceme='rk4')", "net.pool: no argument 'shceme'; do you mean 'scheme'?"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "message"), CALLS, ids=[call for call, _ in CALLS])
def test_the_message_says_how_to_write_it(pool, net, call, message):
    with pytest.raises(TypeError, match=re.escape(message)):
        eval(call, {"iz": iz, "pool": pool, "net": net})


@pytest.fixture(scope="module")
def result(pool):
    pool.record("v", neurons=[0, 1])
    return pool.run(1.0)


def put(owner, name, value):
    setattr(owner, name, value)


ELSE = [
    ("net.record('v', neurons='exc[::50]')",
     "neurons: those of one pool come second: net.record('v', 'exc[::50]')"),
    ("net.record('v', neurons=net['exc'][::50])", "come second: net.record('v', 'exc[[0, 50]]')"),
    ("put(pool, 'external_input', iz.uniform(0, 3))",
     "external_input: expected a number or 100 values, got uniform(0, 3); nothing is drawn here: give numbers,"
     " such as 3 * pool.random(n)"),
    ("pool.clamp_input(iz.uniform(0, 3))", "clamp_input: expected a number or 100 values, got uniform(0, 3)"),
    ("pool.drive(pool, iz.uniform(0, 3))", "got uniform(0, 3); nothing is drawn here: give numbers, such as "),
    ("iz.constant(iz.uniform(0, 3))", "got uniform(0, 3); nothing is drawn here: give numbers, such as "),
    ("iz.noise(iz.uniform(0, 3))", "got uniform(0, 3); nothing is drawn here: give numbers, such as "),
    ("put(pool.connect(pool[:20], 'inh', rule=iz.one_to_one()), 'weights', iz.uniform(0, 1))",
     "weights: expected a number or 20 values, got uniform(0, 1); nothing is drawn here"),
    ("put(pool, 'v', iz.noise(5))", "got noise(5); an input drives neurons: pool.drive(pool, iz.noise(5))"),
    ("pool.set(v=iz.uniform)", "; it is a function: call it, uniform(...)"),
    ("put(pool, 'silence', True)", "its variables are v, u, a, b, c, d; do you mean 'silenced'?"),
    ("net['exc[::2]']", "no pool 'exc[::2]'; there are exc; some of exc are net['exc'][::2]"),
    ("pool['exc[::2]']", "no group 'exc[::2]'; groups: exc, inh; some of exc are pool['exc'][::2]"),
    ("pool.drive('exc[::2]', 3.0)", "some of exc are pool['exc'][::2]"),
    ("result.rate('exc[::2]')", "some of exc are pool['exc'][::2]"),
    ("net.drive('exc[5', 3.0)",
     "'exc[5': the closing bracket is missing; expected neurons as in 'exc[:10]'"),
    ("net.run(1.0).rate('exc[5')", "'exc[5': the closing bracket is missing"),
    ("result.plot_traces(['v', 'u'])", "variable: expected one name, got ['v', 'u']; others are drawn into"),
    ("net.run(1.0).plot_traces(['v', 'u'])", "variable: expected one name, got ['v', 'u']"),
    ("result[[50]].plot_traces('v')", "'v' was not recorded of these neurons, but of [0, 1]"),
    ("result[10:][[50]].traces['v']", "'v' was not recorded of these neurons, but of [0, 1]"),
    ("result[10:].times('v')", "'v' was not recorded of these neurons, but of [0, 1]"),
    ("result[10:].traces['u']", "'u' was not recorded; recorded: nothing"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "message"), ELSE, ids=[call for call, _ in ELSE])
def test_the_message_says_what_is_meant(pool, net, result, call, message):
    kinds = TypeError, KeyError, ValueError, AttributeError
    with pytest.raises(kinds) as caught:
        eval(call, {"iz": iz, "pool": pool, "net": net, "result": result, "put": put})
    assert message in caught.value.args[0]
