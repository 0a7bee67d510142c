"""Every mistake has a message that says what was given and what was expected, and changes nothing."""

import copy
import math
import pickle

import numpy as np
import psutil
import pytest

import izhi_numba as iz
from tests import inside

ARRAYS = ("v", "u", "a", "b", "c", "d", "external_input")


@pytest.fixture
def pool():
    pool = iz.Pool(100, seed=1)
    pool.group("exc", 80)
    pool.drive(pool, 4.0 + iz.noise(1.0))
    pool.connect(pool, pool, rule=iz.fixed_outdegree(3), weight=0.5)
    return pool


def snapshot(pool):
    arrays = {name: getattr(pool, name).copy() for name in ARRAYS}
    return (
        arrays,
        inside.population(pool).stimulus.noise_sd,
        pool.t,
        len(pool.synapses),
        list(pool.groups),
        pool.nbytes,
        vars(inside.wishes(pool)).copy(),
    )


def assert_unchanged(pool, before):
    for one, other in zip(snapshot(pool), before, strict=True):
        np.testing.assert_equal(one, other)


CONSTRUCTOR = [
    (dict(n=0), ValueError, "n: expected a whole number from 1 .*got 0"),
    (dict(n=-5), ValueError, "got -5"),
    (dict(n=2.5), TypeError, "n: expected a whole number, got 2.5"),
    (dict(n="ten"), TypeError, "got 'ten'"),
    (dict(n=True), TypeError, "whole number, got True"),
    (dict(n=math.nan), TypeError, "got nan"),
    (dict(n=None), TypeError, "got None"),
    (dict(n=10, dt=0), ValueError, "dt: expected a number above 0, got 0"),
    (dict(n=10, dt=math.nan), ValueError, "dt: expected a finite number, got nan"),
    (dict(n=10, dt="1"), TypeError, "dt: expected a finite number, got '1'"),
    (dict(n=10, scheme="rk45"), ValueError, "scheme: expected one of net2003, fig2003, .*, exact, got 'rk45'"),
    (dict(n=10, dtype="float16"), ValueError, "dtype: expected one of float32, float64, got 'float16'"),
    (dict(n=10, seed=-1), ValueError, "seed: .*got -1"),
    (dict(n=10, seed=1.5), TypeError, "seed: .*got 1.5"),
    (dict(n=10, threads=0), ValueError, "threads: .*got 0"),
    (dict(n=10, model=3), TypeError, "model: expected a model such as iz.Izhikevich"),
    (dict(n=10, model="AdEx"), TypeError, "model: expected a model, without quotes, got 'AdEx'; write iz.AdEx$"),
    (dict(n=10, model="adex"), TypeError, "got 'adex'; write iz.AdEx$"),
    (dict(n=10, model="RS"), TypeError, r"it is a preset, whose model is iz.presets\['RS'\].model$"),
    (dict(n=10, model="LIF"), TypeError, "got 'LIF'; there are iz.AdEx, .*iz.LeakyIntegrateAndFire, "),
    (dict(n=10, model=iz.LeakyIntegrateAndFire, C=250), TypeError,
     r"^Pool: no argument 'C'; it is the model's: Pool\(n, iz.LeakyIntegrateAndFire\(C=250\)\)$"),
    (dict(n=10, a=0.1), TypeError, r"^Pool: no argument 'a'; it is the model's: Pool\(n, iz.Izhikevich\(a=0.1\)\)$"),
    (dict(n=10, model=iz.compose(iz.AdEx(b=3), {"x": iz.AMPA}), tau_w=5), TypeError, r"Pool\(n, iz.AdEx\(tau_w=5\)\)$"),
    (dict(n=10, model=iz.AdEx, sed=1), TypeError, r"^Pool: no argument 'sed'; do you mean 'seed'\?$"),
    (dict(n=10, model=3, C=1), TypeError, "^Pool: no argument 'C'; there are n, model, dt, "),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "error", "message"), CONSTRUCTOR)
def test_constructor(arguments, error, message):
    arguments = dict(arguments)
    with pytest.raises(error, match=message):
        iz.Pool(arguments.pop("n"), **arguments)


NAN = [1.0] * 50 + [math.nan] + [1.0] * 49
CALLS = [
    (lambda p: p.set(v=-60, q=1), AttributeError, "no 'q'; its variables are v, u, a, b, c, d"),
    (lambda p: p.set(v=-60, a=[1, 2]), ValueError, r"a of the pool: expected a number or 100 values, got shape \(2,\)"),
    (lambda p: p.set(v=-60, b=NAN), ValueError, "finite numbers that fit float32, got nan at index 50"),
    (lambda p: p.set(v=1e300), ValueError, "expected a finite number that fits float32, got 1e"),
    (lambda p: p.set(v="x"), TypeError, "expected a number or 100 values, got 'x'"),
    (lambda p: p.set(v=1 + 2j), TypeError, "expected a number or 100 values"),
    (lambda p: p.set(v=None), TypeError, "expected a number or 100 values, got None"),
    (lambda p: setattr(p, "tau", 3), AttributeError, "no 'tau'"),
    (lambda p: setattr(p["exc"], "c", np.ones(100)), ValueError, r"c of group 'exc': expected a number or 80 values, got shape \(100,\)"),
    (lambda p: p.w, AttributeError, "no 'w'; its variables are"),
    (lambda p: p.group("inh", 21), ValueError, "21 neurons wanted, 20 of 100 have no group yet"),
    (lambda p: p.group("exc", 5), ValueError, "group 'exc' exists; groups: exc"),
    (lambda p: p.group("inh", 0), ValueError, "size of group 'inh': .* got 0"),
    (lambda p: p.group(3, 5), TypeError, "expected a name, got 3"),
    (lambda p: p["inh"], KeyError, "no group 'inh'; groups: exc"),
    (lambda p: p[200:], IndexError, r"expected at least one of the neurons from 0 to 99, got none: slice\(200, None"),
    (lambda p: p[np.zeros(100, bool)], IndexError, "got none: an array of bool"),
    (lambda p: p[[]], IndexError, r"got none: \[\]"),
    (lambda p: p[100], IndexError, "neurons: expected neurons from 0 to 99, got 100"),
    (lambda p: p[[1, -2]], IndexError, "got -2"),
    (lambda p: p[[1, 5, 1]], ValueError, r"expected each neuron once, got \[1, 5, 1\]"),
    (lambda p: p[[1.5]], TypeError, r"a slice such as pool\[:800\], an index, .*, or 100 truth values, got \[1.5\]"),
    (lambda p: p[np.ones(99, bool)], TypeError, "or 100 truth values, got an array of bool"),
    (lambda p: p[True], TypeError, "truth values, got True"),
    (lambda p: p[::2][50], IndexError, "expected neurons from 0 to 49, got 50"),
    (lambda p: p[::2].start, ValueError, "neurons 0:99:2: they are no neighbours, and have no start; see .neurons"),
    (lambda p: p[::2].v.fill(3), ValueError, "a copy of their values, in which nothing is kept"),
    (lambda p: p[::2].set(v=np.ones(49)), ValueError, r"v of neurons 0:99:2: expected a number or 50 values, got shape \(49,\)"),
    (lambda p: p[[9, 1, 5]].drive(np.ones(2)), ValueError, r"expected a number or 3 values, got shape \(2,\)"),
    (lambda p: p.connect(p[::2], p[1::2], rule=iz.fixed_outdegree(51, multapses=False)), ValueError,
     "51 different targets wanted, but there are 50"),
    (lambda p: p.connect(p[::2], p[1::2], rule=iz.small_world(2, 0.1)), ValueError, "got 0:99:2 and 1:100:2"),
    (lambda p: p.connect([0, 1], [2, 3], rule=iz.one_to_one()), TypeError,
     r"pre: expected this pool, .*, got \[0, 1\]; neurons are told by pool\[\[0, 1\]\]; pairs of them are a rule: .*from_arrays\(\[0, 1\], \[2, 3\]\)"),
    (lambda p: p.connect(p, np.arange(3), rule=iz.one_to_one()), TypeError, r"post: .*array\(\[0, 1, 2\]\); neurons are told by"),
    (lambda p: p.connect(p, iz.Pool(5), rule=iz.one_to_one()), TypeError,
     "post: .*got <pool: 5 neurons, Izhikevich>; pools are connected by their network: net.connect"),
    (lambda p: p.clamp_input([1, 2, 3]), ValueError, r"clamp_input: expected a number or 100 values, got shape \(3,\)"),
    (lambda p: p.clamp_input(NAN), ValueError, "clamp_input: .*nan at index 50"),
    (lambda p: p.clamp_input("much"), TypeError, "clamp_input: .*'much'"),
    (lambda p: setattr(p, "external_input", [1]), ValueError, "external_input: .*100 values"),
    (lambda p: p.drive(p, 3.0 + iz.noise(np.ones(7))), ValueError, r"100 values, got shape \(7,\)"),
    (lambda p: p.drive(p, NAN), ValueError, "finite numbers"),
    (lambda p: setattr(p, "run", 1), AttributeError, "'run' cannot be set"),
    (lambda p: setattr(p, "size", 1), AttributeError, "'size' cannot be set"),
    (lambda p: copy.copy(p), TypeError, "the pool cannot be pickled; write a file by save"),
    (lambda p: pickle.dumps(p["exc"]), TypeError, "group 'exc' cannot be copied or pickled"),
    (lambda p: p["a":"b"], TypeError, "expected a slice such as"),
    (lambda p: p.run(100.5), ValueError, "multiple of dt"),
    (lambda p: p.run(1e9 + 0.5), ValueError, "multiple of dt"),
    (lambda p: p.run(1e300), ValueError, "multiple of dt"),
    (lambda p: p.record("v", every=1e300), ValueError, "every: expected a multiple of dt"),
    (lambda p: p.record(np.array([1, 2])), ValueError, "record: expected one of v, u, I, spikes, counts"),
    (lambda p: p.drive(p["exc"], np.ones(100)), ValueError, r"expected a number or 80 values, got shape \(100,\)"),
    (lambda p: p.drive(iz.Pool(5), 3.0), TypeError, "expected this pool, one of its groups"),
    (lambda p: p.drive([0, 1], 3.0), TypeError, r"expected this pool, one of its groups or a group's name, got \[0, 1\]; neurons are told by pool\[\[0, 1\]\]$"),
    (lambda p: p.drive("inh", 3.0), KeyError, "no group 'inh'"),
    (lambda p: p.record("w"), ValueError, "record: expected one of v, u, I, spikes, counts, got 'w'"),
    (lambda p: p.record("v", neurons=[100]), IndexError, "neurons: expected neurons from 0 to 99, got 100"),
    (lambda p: p.record("v", neurons=[-1]), IndexError, "got -1"),
    (lambda p: p.record("v", neurons=[0.5]), ValueError, "neurons: expected indices of neurons, whole numbers, got 0.5"),
    (lambda p: p.record("v", neurons=["a"]), KeyError, "no group 'a'; groups: exc"),
    (lambda p: p.record("v", neurons=["exc", 3]), TypeError, "neurons: expected this pool, one of its groups .*, got 3"),
    (lambda p: p.record("v", neurons={}), TypeError, "expected a list of neuron indices"),
    (lambda p: p.record("v", neurons=[5, 2, 5]), ValueError, r"neurons: expected each neuron once, got \[5, 2, 5\]"),
    (lambda p: p.record("v", neurons=np.ones(99, bool)), TypeError, "neurons: .* or 100 truth values"),
    (lambda p: p.record(["v", "w"]), ValueError, "record: expected one of v, u, I, spikes, counts, got 'w'"),
    (lambda p: p.record("I_ampa"), ValueError, "record: expected one of v, u, I, spikes, counts, got 'I_ampa'"),
    (lambda p: p.record([]), ValueError, "record: expected names of what to keep, got none"),
    (lambda p: p.record("v", every=0.3), ValueError, "every: expected a multiple of dt = 1 ms, got 0.3"),
    (lambda p: p.record("v", every=-1.0), ValueError, "every: expected a number above 0"),
    (lambda p: p.record("spikes", every=2.0), ValueError, "every= is for traces"),
    (lambda p: p.run("long"), TypeError, "duration: expected a finite number, got 'long'"),
    (lambda p: p.run(None), TypeError, "duration: .*None"),
    (lambda p: p.run(math.nan), ValueError, "duration: expected a finite number, got nan"),
    (lambda p: p.run(math.inf), ValueError, "duration: .*inf"),
    (lambda p: p.run(-5), ValueError, "duration: expected a number above 0, got -5"),
    (lambda p: p.run(0), ValueError, "duration: expected a number above 0"),
    (lambda p: p.run(1.5), ValueError, "duration: expected a multiple of dt = 1 ms, got 1.5"),
    (lambda p: p.step(0), ValueError, "n_steps: .*got 0"),
    (lambda p: p.step(1.5), TypeError, "n_steps: .*got 1.5"),
    (lambda p: p.random(-1), ValueError, "size: .*got -1"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "message"), CALLS)
def test_calls(pool, call, error, message):
    before = snapshot(pool)
    with pytest.raises(error, match=message):
        call(pool)
    assert_unchanged(pool, before)
    pool.run(1)


CONNECT = [
    (dict(rule="all"), TypeError, "rule: expected a rule such as iz.fixed_outdegree"),
    (dict(rule=iz.one_to_one(), post=slice(0, 50)), ValueError, "as many sources as targets, got 100 and 50"),
    (dict(rule=iz.fixed_outdegree(101, multapses=False)), ValueError, "101 different targets wanted, but there are 100"),
    (dict(rule=iz.fixed_indegree(100, multapses=False, autapses=False)), ValueError, "100 different sources wanted, but there are 99"),
    (dict(rule=iz.fixed_outdegree(2, autapses=False), pre=slice(0, 1), post=slice(0, 1)), ValueError, "no targets but the neuron itself"),
    (dict(rule=iz.from_arrays([0, 100], [0, 1])), IndexError, "pre: expected neurons from 0 to 99, got 100"),
    (dict(rule=iz.from_arrays([0], [-1])), IndexError, "post: .*got -1"),
    (dict(rule=iz.all_to_all(), weight=np.ones(100)), ValueError, r"values of shape \(100, 100\) for all_to_all, got shape \(100,\)"),
    (dict(rule=iz.fixed_outdegree(5), weight=np.ones((100, 4))), ValueError, r"shape \(100, 5\)"),
    (dict(rule=iz.fixed_probability(0.1), weight=np.ones(10)), ValueError, "draws the number of its synapses"),
    (dict(rule=iz.fixed_outdegree(5), weight=math.nan), ValueError, "weight: expected a finite number"),
    (dict(rule=iz.fixed_outdegree(5), weight="strong"), (TypeError, ValueError), "weight: expected a number.*'strong'"),
    (dict(rule=iz.fixed_outdegree(5), delay=-1.0), ValueError, "delay: expected 0 ms or more, got -1"),
    (dict(rule=iz.fixed_outdegree(5), delay=math.inf), ValueError, "delay: expected a finite number"),
    (dict(rule=iz.fixed_outdegree(5), delay=iz.normal(1, 1)), ValueError, "reaches down to .* delays may not be negative"),
    (dict(rule=iz.one_to_one(), delay=-np.ones(100)), ValueError, "delay: expected 0 ms or more, got -1"),
    (dict(rule=iz.one_to_one(), weight=NAN), ValueError, "weight: .*nan at index 50"),
    (dict(rule=iz.from_arrays([0], [1], weight=1.0), weight=2.0), ValueError, "weight: given twice"),
    (dict(rule=iz.fixed_outdegree(5), delay=1e300), ValueError, "delay: at most 1048576 steps"),
    (dict(rule=iz.fixed_outdegree(5), delay=iz.uniform(0, 1e13)), ValueError, "delay: at most 1048576 steps"),
    (dict(rule=iz.fixed_outdegree(5), delay=iz.lognormal(0, 200)), ValueError, "delay: at most 1048576 steps"),
    (dict(rule=iz.fixed_outdegree(5), weight=iz.uniform(0, 1e39)), ValueError, "reaches beyond the range of float32"),
    (dict(rule=iz.fixed_outdegree(5), weight=[[1], [1, 2]]), ValueError, "weight: expected a number, a distribution"),
    (dict(rule=iz.fixed_outdegree(5), delay=1e9), ValueError, r"delay: at most 1048576 steps of 1 ms are possible, 1048576 ms, got up to 1000000000 ms"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "error", "message"), CONNECT)
def test_connect(pool, arguments, error, message):
    arguments = dict(arguments)
    pre, post = (pool[arguments.pop(side, slice(0, 100))] for side in ("pre", "post"))
    before = snapshot(pool)
    with pytest.raises(error, match=message):
        pool.connect(pre, post, **arguments)
    assert_unchanged(pool, before)
    pool.run(1)


OTHERS = [
    (lambda: iz.uniform(2, 1), ValueError, "uniform: expected low <= high, got 2 and 1"),
    (lambda: iz.uniform(math.nan, 1), ValueError, "uniform: low: expected a finite number"),
    (lambda: iz.integers(0.5, 2), ValueError, "integers: expected whole numbers"),
    (lambda: iz.normal(0, -1), ValueError, "normal: sd: expected a number of at least 0"),
    (lambda: iz.normal(0, 1, low=2, high=1), ValueError, "low <= high"),
    (lambda: iz.normal(0, 1, low=3), ValueError, r"only 0.0013 of a normal with mean 0 and sd 1 lies in \[3, inf\]"),
    (lambda: iz.normal(0, 1, low="x"), TypeError, "normal: low: expected a finite number, got 'x'"),
    (lambda: iz.integers(0, 2**40), ValueError, "integers: expected a range below"),
    (lambda: iz.noise(-1.0), ValueError, "standard deviation of the noise: expected 0 or more, got -1"),
    (lambda: 2 + iz.noise(True), TypeError, "expected a number, or one value per neuron, got True"),
    (lambda: iz.constant("x"), TypeError, "input: expected a number, or one value per neuron, got 'x'"),
    (lambda: iz.constant(math.nan), ValueError, "input: expected finite numbers, got nan"),
    (lambda: iz.fixed_outdegree(3, autapses="no"), TypeError, "autapses: expected True or False, got 'no'"),
    (lambda: iz.from_arrays([[0], [1, 2]], [0, 1]), TypeError, "pre: expected a list of neuron indices"),
    (lambda: iz.Pool(10, iz.Izhikevich(a=1e39)), ValueError, r"a of Izhikevich\(a=1e\+39\): expected a finite number that fits float32"),
    (lambda: iz.Pool(10**400), ValueError, "n: expected a whole number"),
    (lambda: iz.uniform(0, 10**400), ValueError, "uniform: high: expected a finite number"),
    (lambda: iz.Pool(10, scheme=[]), ValueError, "scheme: expected one of net2003"),
    (lambda: iz.exponential("x"), TypeError, "exponential: mean: .*'x'"),
    (lambda: iz.fixed_probability(1.5), ValueError, "expected a probability from 0 to 1, got 1.5"),
    (lambda: iz.fixed_probability(-0.1), ValueError, "at least 0"),
    (lambda: iz.fixed_outdegree(-1), ValueError, "degree: .*got -1"),
    (lambda: iz.fixed_indegree(2.5), TypeError, "degree: .*got 2.5"),
    (lambda: iz.from_arrays([0, 1], [0]), ValueError, "one length, got 2 and 1"),
    (lambda: iz.from_arrays([0, 0.5], [1, 1]), ValueError, "from_arrays: pre: expected indices of neurons, whole numbers, got 0.5 at index 1"),
    (lambda: iz.from_arrays([0, 1], [1, np.nan]), ValueError, "from_arrays: post: .* whole numbers, got nan at index 1"),
    (lambda: iz.from_arrays([0, 1], [1, 1e300]), ValueError, r"from_arrays: post: .* whole numbers, got 1e\+300 at index 1"),
    (lambda: iz.from_arrays([0], [1], weight=[1, 2]), ValueError, r"weight: expected a number or 1 values, got shape \(2,\)"),
    (lambda: iz.Izhikevich(e=1), TypeError, "no parameter 'e'; there are v, u, a, b, c, d"),
    (lambda: iz.Izhikevich(a=math.nan), ValueError, "a: expected a finite number, got nan"),
    (lambda: iz.Pool.cortical(0), ValueError, "n: .*got 0"),
    (lambda: iz.Pool.cortical(100, inhibitory=1.2), ValueError, "inhibitory: expected a fraction from 0 to 1, got 1.2"),
    (lambda: iz.IzhikevichPool(100, 1.5, 2, 0.1), ValueError, "inhib_prop: expected a fraction from 0 to 1, got 1.5"),
    (lambda: iz.IzhikevichPool(100, 0.2, -2, 0.1), ValueError, "inhib_strength_ratio: .*-2"),
    (lambda: iz.IzhikevichPool(100, 0.2, 2, 3), ValueError, "expected a probability from 0 to 1, got 3"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "message"), OTHERS)
def test_others(call, error, message):
    with pytest.raises(error, match=message):
        call()


def model(**functions):
    body = {
        "v": iz.State(0.0), "tau": iz.Parameter(1.0),
        "derivatives": lambda v, tau: -v / tau, "threshold": lambda v: v > 1, "reset": lambda: 0.0,
    }  # fmt: skip
    return type("Mine", (iz.Model,), body | functions)


@pytest.mark.parametrize(
    ("functions", "message"),
    [
        (
            {"derivatives": lambda v, tua: v},
            "Mine.derivatives: asks for 'tua'; it can ask for v, tau, I, t, dt",
        ),
        ({"I": iz.State(0.0)}, "Mine: 'I' is the name of what a step is given"),
        ({"threshold": None}, "Mine: the function 'threshold' is missing"),
        ({"v": iz.State(lambda w: w)}, "Mine.v, its default: asks for 'w'; it can ask for tau"),
    ],
)
def test_models(functions, message):
    with pytest.raises(TypeError, match=message):
        model(**functions)


def test_a_model_whose_names_a_pool_needs():
    with pytest.raises(ValueError, match="a pool has its own 'size'; give the model's another name"):
        iz.Pool(3, model(size=iz.State(0.0), derivatives=lambda v: (v, v), reset=lambda: (0.0, 0.0)))


def test_a_history_that_does_not_fit(monkeypatch):
    pool = iz.Pool(100_000, seed=1)
    before = snapshot(pool)
    memory = psutil.virtual_memory()
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory._replace(available=100_000_000))
    with pytest.raises(MemoryError, match="shorter delays"):
        pool.connect(pool, pool, rule=iz.one_to_one(), delay=3000.0)
    assert_unchanged(pool, before)
    assert pool.memory_estimate(pool, pool, rule=iz.one_to_one(), delay=3000.0) > 1_600_000_000


def test_a_state_that_is_not_finite_before_the_run(pool):
    pool.v[7] = math.nan
    with pytest.raises(ValueError, match="v of neuron 7 is nan before the run; set v, u to finite numbers"):
        pool.run(10)
    assert pool.t == 0
    pool.v = -65.0
    pool.run(10)


def test_attributes_that_do_not_exist_cannot_be_set(pool):
    with pytest.raises(AttributeError):
        pool.synapses[0].weight = 3.0
    with pytest.raises(TypeError):
        iz.presets["RS"]["a"] = 9.0


def test_dtypes_as_numpy_knows_them():
    assert iz.Pool(3, dtype=np.float64).dtype == np.float64
    assert iz.Pool.cortical(50, dtype="float64").v.dtype == np.float64
    with pytest.raises(ValueError, match="dtype: expected one of float32, float64, got 'int64'"):
        iz.Pool(3, dtype=int)


def test_more_than_fits_in_memory(monkeypatch):
    pool = iz.Pool(1000, seed=1)
    before = snapshot(pool)
    memory = psutil.virtual_memory()
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory._replace(available=1_000_000))
    with pytest.raises(
        MemoryError,
        match=r"synapses of fixed_outdegree, with .*, would take 2.4\d* MB, but 1 MB are free: connect fewer",
    ):
        pool.connect(pool, pool, rule=iz.fixed_outdegree(400), weight=iz.uniform(0, 1))
    with pytest.raises(MemoryError, match=r"100000 neurons would take .* MB, but 1 MB are free: take fewer"):
        iz.Pool(100_000)
    pool.record("v")
    with pytest.raises(MemoryError, match="the traces and counts of 10000 steps would take 40 MB"):
        pool.run(10_000)
    inside.wishes(pool).traces.clear()
    assert_unchanged(pool, before)


def test_a_pool_runs_once_at_a_time():
    pool = iz.Pool(10)
    with inside.turn(pool), pytest.raises(RuntimeError, match="busy in another thread"):
        pool.run(1)
    with inside.turn(pool), pytest.raises(RuntimeError, match="busy in another thread"):
        pool.connect(pool, pool, rule=iz.one_to_one())
    pool.run(1)
