"""What a model may be: the contract of a user's own neuron."""

import math
import random
import sys

import numba
import numpy as np
import pytest

import izhi_numba as iz
from izhi_numba.models import Constant
from tests import reference


def rate_of_gate(v, half, slope):
    """A helper of a model's functions, which a user writes as plain Python."""
    return iz.math.sigmoid((v - half) / slope)


this_module = sys.modules[__name__]  # what a user has imported, with functions in it


class Everything(iz.Model):
    """Voltage second, dictionaries, a helper, a branch, a refractory period, a constant."""

    scheme, dt, voltage, peak, refractory = "heun", 0.1, "v", "v_peak", "t_ref"
    trace = iz.State(1.0)
    v = iz.State(-65.0, unit="mV")
    g = iz.State(lambda v, half: rate_of_gate(v, half, 5.0))
    half = iz.Parameter(-50.0)
    tau = iz.Parameter(8.0, unit="ms", range=(1, 20))
    v_peak = iz.Parameter(25.0)
    t_ref = iz.Parameter(1.5, unit="ms")
    gain = Constant(lambda tau, dt: 2.0 + dt / tau)

    def derivatives(trace, v, g, I, half, tau, gain):
        if v > -40:
            return {"v": (-60 - v + gain * I - 3 * g) / tau, "g": 0.5 - g, "trace": 1.0}
        leak = -65 - v
        return {
            "v": (leak + gain * I - 3 * g) / tau,
            "g": rate_of_gate(v, half, 5.0) - g,
            "trace": -0.1 * trace,
        }

    def threshold(v):
        return v >= -45

    def reset(trace):
        return {"v": -70.0, "trace": trace + 1}


class EverythingOnArrays(Everything):
    def derivatives(trace, v, g, I, half, tau, gain):
        high = v > -40
        return {
            "v": (np.where(high, -60 - v, -65 - v) + gain * I - 3 * g) / tau,
            "g": np.where(high, 0.5, rate_of_gate(v, half, 5.0)) - g,
            "trace": np.where(high, 1.0, -0.1 * trace),
        }


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_model_with_everything(dtype):
    n, duration = 50, 100.0
    rng = np.random.default_rng(3)
    values = {"half": rng.uniform(-55, -45, n), "tau": rng.uniform(5, 15, n), "t_ref": rng.uniform(0, 4, n)}
    current = rng.uniform(5, 30, n)
    pool = iz.Pool(n, Everything, dtype=dtype)
    pool.set(**values)
    pool.drive(pool, current)
    pool.record("v")
    start = EverythingOnArrays().start(**values)
    start = {name: np.broadcast_to(value, n) for name, value in start.items()}
    np.testing.assert_allclose(pool.g, start["g"], rtol=1e-6)
    result = pool.run(duration)
    steps, neurons, end = reference.simulate_model(
        EverythingOnArrays, start, lambda k: current, 1000, 0.1, "heun"
    )
    assert len(steps) > 200
    if dtype == "float64":
        np.testing.assert_array_equal(result.spikes.i, neurons)
        np.testing.assert_array_equal(np.rint(result.spikes.t / 0.1), steps)
        np.testing.assert_allclose(pool.v, end["v"], rtol=1e-11)
    else:
        assert abs(len(result.spikes.i) - len(steps)) <= 0.02 * len(steps)
    first = np.rint(result.spikes.t[0] / 0.1).astype(int) - 1
    assert result.traces["v"][first, result.spikes.i[0]] == 25.0


def test_a_refractory_period_of_whole_steps():
    class Clock(iz.Model):
        refractory = "t_ref"
        v = iz.State(0.0)
        w = iz.State(0.0)
        t_ref = iz.Parameter(0.0)

        def derivatives():
            return 1.0, 1.0

        def threshold(v):
            return v >= 0.5 - 1e-9

        def reset(w):
            return 0.0, w

    pool = iz.Pool(3, Clock, dt=0.1, dtype="float64")
    pool.t_ref = [0.0, 0.3, 2.0]
    result = pool.run(20)
    for i, period in enumerate((0.5, 0.8, 2.5)):
        times = result.spikes.t[result.spikes.i == i]
        np.testing.assert_allclose(times, 0.5 + period * np.arange(len(times)), atol=1e-9)
    np.testing.assert_allclose(pool.w, 20.0)  # only the voltage is held


def test_a_model_without_reset_spikes_where_it_gets_above_its_threshold():
    class Swing(iz.Model):
        refractory = "t_ref"
        v = iz.State(1.0)
        w = iz.State(0.0)
        t_ref = iz.Parameter(0.0)

        def derivatives(v, w):
            return -w, v

        def threshold(v):
            return v > 0

    pool = iz.Pool(2, Swing, dt=0.01, scheme="rk4", dtype="float64")
    pool.t_ref = [0.0, 7.0]
    result = pool.run(31)
    expected = 2 * np.pi * np.arange(1, 6) - np.pi / 2
    np.testing.assert_allclose(result.spikes.t[result.spikes.i == 0], expected, atol=0.011)
    np.testing.assert_allclose(result.spikes.t[result.spikes.i == 1], expected[::2], atol=0.011)
    assert pool.v[0] == pool.v[1]  # it is not held


def test_advance_with_constants_is_an_exact_propagator():
    class Exact(iz.Model):
        v = iz.State(0.0)
        tau = iz.Parameter(10.0)
        decay = Constant(lambda tau, dt: np.exp(-dt / tau), unit="1")
        rise = Constant(lambda decay: 1 - decay)

        def advance(v, I, decay, rise):
            return decay * v + rise * I

        def threshold(v):
            return v >= 1

        def reset():
            return 0.0

    pool = iz.Pool(4, Exact, dt=0.5, dtype="float64")
    pool.tau = [5.0, 10.0, 20.0, 40.0]
    pool.drive(pool, 0.9)
    pool.run(10)
    np.testing.assert_allclose(pool.v, 0.9 * (1 - np.exp(-10 / pool.tau)), rtol=1e-13)


def test_a_map_in_the_manner_of_rulkov():
    class Rulkov(iz.Model):
        """Rulkov (2002), Physical Review E 65:041922, without its spike's third branch."""

        dt = 1.0
        x = iz.State(-1.0)
        y = iz.State(-3.0)
        alpha = iz.Parameter(4.1)
        sigma = iz.Parameter(-1.0)

        def advance(x, y, I, alpha, sigma):
            return {"x": alpha / (1 + x * x) + y + I, "y": y - 0.001 * (x - sigma)}

        def threshold(x):
            return x > 0.5

    pool = iz.Pool(1, Rulkov, dtype="float64")
    result = pool.run(2000)
    x, y, count, above = -1.0, -3.0, 0, False
    for _ in range(2000):
        x, y = 4.1 / (1 + x * x) + y, y - 0.001 * (x + 1.0)
        count += x > 0.5 and not above
        above = x > 0.5
    assert result.counts[0] == count > 20
    assert (pool.x[0], pool.y[0]) == (x, y)


def test_the_functions_of_the_standard_library_work_too():
    class Slow(iz.Model):
        v = iz.State(0.1)

        def derivatives(v):
            return math.exp(-v) - np.tanh(v)

        def threshold(v):
            return v >= 10

        def reset():
            return 0.0

    for dtype, tolerance in (("float64", 1e-14), ("float32", 1e-5)):
        pool = iz.Pool(2, Slow, dt=0.1, scheme="euler", dtype=dtype)
        pool.run(10)
        v = 0.1
        for _ in range(100):
            v += 0.1 * (math.exp(-v) - math.tanh(v))
        assert pool.v[0] == pytest.approx(v, rel=tolerance)


def test_a_model_may_be_redefined_in_a_notebook():
    def cell(rate):
        source = f"""
class Cell(iz.Model):
    v = iz.State(0.0)
    def derivatives(v): return {rate}
    def threshold(v): return v >= 100
    def reset(): return 0.0
"""
        namespace = {"iz": iz}
        exec(compile(source, "<ipython-input-1>", "exec"), namespace)
        pool = iz.Pool(1, namespace["Cell"], dt=1.0)
        pool.run(3)
        return float(pool.v[0])

    assert [cell(1.0), cell(2.0), cell(1.0)] == [3.0, 6.0, 3.0]


def mine(**parts):
    """A model made of parts."""
    base = {
        "v": iz.State(-65.0), "w": iz.State(0.0), "tau": iz.Parameter(10.0),
        "derivatives": lambda v, w: (-v, -w), "threshold": lambda v: v > 0, "reset": lambda v, w: (v, w),
    }  # fmt: skip
    kept = {name: value for name, value in (base | parts).items() if value is not None}
    return type("Mine", (iz.Model,), kept)


def with_parts(**parts):
    return iz.Pool(2, mine(**parts)).prepare()


def not_for_numba(v, w):
    size = v + 1
    return size.upper if v > 0 else size, w


def with_two_dictionaries(v, w):
    if v > -60:
        return {"v": v}
    return {"w": w}


def fails(v, w):
    return v, w + nowhere  # noqa: F821


RANDOM = np.random.default_rng(1)


def of_chance(v):
    return v * random.random()


def checked(v):
    if v > 1e9:
        raise ValueError("never seen in a trial")
    return v


compiled_by_user = numba.njit(checked)


def asserts(v, w):
    assert v < 1e9
    return v, w


def prints(v, w):
    print(v)  # noqa: T201
    return v, w


def returns_at_times(v, w):  # noqa: RET503
    if v < 0:
        return v, w


MISTAKES = [
    ({"derivatives": lambda v, w, tua: (v, w)}, "Mine.derivatives: asks for 'tua'; it can ask for v, w, tau, I, t, dt"),
    ({"derivatives": lambda self, v, w: (v, w)}, r"asks for 'self'; .*\(a model's functions take no self\)"),
    ({"tau": 10.0, "derivatives": lambda v, w, tau: (v, w)}, r"asks for 'tau'; .* write tau = Parameter\(10.0\)"),
    ({"derivatives": lambda v, w: v}, r"Mine.derivatives: returns 1 value, expected 2: v, w, in this order"),
    ({"reset": lambda v, w: (v, w, w)}, "Mine.reset: returns 3 values, expected 2"),
    ({"reset": lambda v: {"x": v}}, "Mine.reset: resets 'x', which is no variable; there are v, w"),
    ({"derivatives": lambda v: {"x": v}}, "Mine.derivatives: returns 'x', which is no variable; there are v, w"),
    ({"derivatives": lambda v: {"v": v}}, "Mine.derivatives: the derivative of w is missing"),
    ({"derivatives": lambda v, w: ("a", w)}, "Mine.derivatives: returns 'a', expected a number"),
    ({"derivatives": None}, r"Mine: the function 'derivatives' is missing \(or 'advance', for a map\)"),
    ({"threshold": None}, "Mine: the function 'threshold' is missing"),
    ({"threshold": lambda v: v}, "Mine.threshold: expected True or False, got"),
    ({"tau": iz.Parameter()}, r"Mine.tau: a default is missing; write tau = Parameter\(1.0\), say"),
    ({"derivatives": lambda v, w: None}, "Mine.derivatives: returns None, expected a number; is a return missing"),
    ({"reset": lambda v, w: None}, "Mine.reset: returns None, expected a number; is a return missing"),
    ({"threshold": lambda v: None}, "Mine.threshold: expected True or False, got None; is a return missing"),
    ({"derivatives": lambda v, w: [v, w]}, "Mine.derivatives: returns a list, expected plain numbers: return v, w"),
    ({"derivatives": lambda v, w: np.array([v, w])}, "returns an array, expected plain numbers: return v, w"),
    ({"derivatives": lambda v, w: (np.random.normal(), w)}, "draws random numbers from numpy.random, .*iz.noise"),  # noqa: NPY002
    ({"reset": lambda v, w: (random.random(), w)}, "Mine.reset: draws random numbers from random"),
    ({"derivatives": lambda v, w: (RANDOM.normal(), w)}, "draws random numbers from numpy.random"),
    ({"derivatives": lambda v, w, tau=5.0: (v, w)}, r"tau=5.0 has a default, .* tau = Parameter\(5.0\)"),
    ({"derivatives": lambda v, w: (of_chance(v), w)}, "draws random numbers from random"),
    ({"derivatives": lambda v, *, w: (v, w)}, r"Mine.derivatives: w stands behind a \*; leave out the \*"),
    ({"derivatives": lambda **given: (1.0, 1.0)}, r"Mine.derivatives: asks for \*given"),
    ({"peak": iz.Parameter(30.0)}, "Mine: a model has its own 'peak'; choose another name"),
    ({"tau": iz.Parameter(1.0, range=(5, 1))}, r"Mine.tau, its range: expected \(low, high\) with low below high, got \(5, 1\)"),
    ({"tau": iz.Parameter(1.0, range=5)}, r"Mine.tau, its range: expected \(low, high\), got 5"),
    ({"I_range": (3, 3)}, "Mine.I_range: expected .* with low below high"),
    ({"w": iz.State()}, r"Mine.w: a default is missing; write w = State\(1.0\), say"),
    ({"w": iz.State(lambda v, x: v)}, "Mine.w, its default: asks for 'x'; it can ask for tau, v"),
    ({"w": iz.State("a")}, "Mine.w, its default: expected a finite number, got 'a'"),
    ({"k": Constant(lambda dt, x: dt)}, "Mine.k: asks for 'x'; it can ask for tau, dt"),
    ({"k": Constant(3.0)}, "Mine.k: expected a function of parameters and dt, got 3.0; a plain number is a Parameter"),
    ({"refractory": "t_ref"}, "Mine.refractory: expected the name of a parameter, got 't_ref'; there are tau"),
    ({"peak": "v_peak"}, "Mine.peak: expected a number or the name of a parameter, got 'v_peak'; there are tau"),
    ({"voltage": "x"}, "Mine.voltage: 'x' is not a variable; there are v, w"),
    ({"t": iz.Parameter(1.0)}, "Mine: 't' is the name of what a step is given; choose another"),
    ({"derivatives": fails}, "Mine.derivatives, line .*test_models.py: name 'nowhere' is not defined"),
    ({"derivatives": not_for_numba}, r"Mine.derivatives, line \d+ of .*test_models.py: cannot be compiled: "),
    ({"reset": with_two_dictionaries}, "Mine.reset, .*cannot be compiled: returns dictionaries with different names"),
    ({"w": iz.State(0.0, dtype="float32")}, "Mine.w: dtype: expected 'float64', or none for .* the pool, got 'float32'"),
    ({"w": iz.State(0.0, dtype=None)}, "Mine.w: dtype: expected 'float64', or none for .* the pool, got None"),
    ({"v": iz.State(0.0, dtype="float64")}, "Mine.v: the voltage has the precision of the pool: leave out its dtype"),
    ({"w": iz.State(2.0), "reset": lambda v, w, t: (v, t)},
     r"Mine.reset: w takes over the time t, .*; write w = State\(2.0, dtype='float64'\) in the class, or make the pool"),
    ({"w": iz.State(lambda v: v), "reset": lambda v, w, t, dt: {"w": (t + dt) / dt}},
     r"Mine.reset: w takes over the time t, .*; write w = State\(..., dtype='float64'\)"),
    ({"v": None, "w": None}, "Mine: no variable declared; add one, as in v = State"),
    ({"derivatives": lambda v, w: (checked(v), w)}, "Mine.derivatives: raises errors, which compiled code of a model"
     " cannot; let a variable become float.'nan'., which ends the run and tells the neuron"),
    ({"threshold": lambda v: checked(v) > 0}, "Mine.threshold: raises errors"),
    ({"reset": lambda v, w: (compiled_by_user(v), w)}, "Mine.reset: raises errors"),
    ({"reset": lambda v, w: (this_module.checked(v), w)}, "Mine.reset: raises errors"),
    ({"derivatives": None, "advance": asserts}, "Mine.advance: raises errors"),
    ({"reset": prints}, r"Mine.reset: prints, .* call Mine.reset\(...\) yourself, which is not compiled"),
    ({"reset": returns_at_times}, "Mine.reset: returns None in some cases, expected numbers in all of them; is a return missing"),
    ({"reset": lambda v, w: (this_module.of_chance(v), w)}, "Mine.reset: draws random numbers from random"),
]  # fmt: skip


TIMES_THAT_ARE_KEPT = [
    {"w": iz.State(-1e9, dtype="float64"), "reset": lambda v, w, t: (v, t)},
    {"w": iz.State(-1e9, dtype=np.float64), "reset": lambda v, w, t, dt: {"w": max(w, t + dt)}},
    {"w": iz.State(0.0, dtype="float64"), "x": iz.State(0.0), "derivatives": lambda v, w: (v, w, 0.0),
     "reset": lambda v, w, t: {"w": t, "x": t - w}},  # the time since the last spike
    {"reset": lambda v, w, t: (v, np.sin(t))},
    {"reset": lambda v, w, t: (v, w + t % 20.0)},
    {"derivatives": lambda v, w, t: (v * t, w)},
]  # fmt: skip


@pytest.mark.parametrize("parts", TIMES_THAT_ARE_KEPT)
def test_what_keeps_no_time_or_keeps_it_in_double_precision_is_taken(parts):
    with_parts(**parts)


def test_a_time_that_is_taken_over_at_some_voltages_is_found():
    mine = type("Mine", (iz.Model,), {
        "v": iz.State(0.0), "last": iz.State(0.0), "threshold": lambda v: v > 10,
        "advance": lambda v, last, t: (v, t if v > 10 else last),
    })  # fmt: skip
    with pytest.raises(TypeError, match=r"Mine.advance: last takes over the time t"):
        iz.Pool(1, mine)
    assert iz.Pool(1, mine, dtype="float64").dtype == np.float64


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_truth_may_be_a_whole_number_in_some_cases(dtype):
    def above(v):
        if v < 0:
            return False
        return 2

    pool = iz.Pool(3, mine(threshold=above, derivatives=lambda v, w: (10.0, -w)), dtype=dtype, dt=1.0)
    pool.v = -15.0
    assert [len(pool.update()) for _ in range(3)] == [0, 3, 3]


@pytest.mark.parametrize(("parts", "message"), MISTAKES)
def test_mistakes_are_told_in_the_users_words(parts, message):
    with pytest.raises((TypeError, ValueError), match=message):
        with_parts(**parts)


def test_what_numba_said_stays_reachable_and_the_line_is_named():
    with pytest.raises(TypeError) as caught:
        with_parts(derivatives=not_for_numba)
    assert "numba" in type(caught.value.__cause__).__module__
    line = not_for_numba.__code__.co_firstlineno + 2
    assert f"line {line} of" in str(caught.value)


def test_mistakes_are_told_before_anything_is_compiled():
    import numba.core.event

    with numba.core.event.install_recorder("numba:compile") as recorder, pytest.raises(TypeError):
        with_parts(reset=lambda v: {"x": v})
    assert recorder.buffer == []


def simulated(dtype="float64", n=3, **parts):
    """A pool's variables after a step of Euler's method, of a model made of parts."""
    parts = {"v": iz.State(1.0), "u": iz.State(2.0), "threshold": lambda v: v > 1e9} | parts
    pool = iz.Pool(n, type("Made", (iz.Model,), parts), dt=0.1, scheme="euler", dtype=dtype)
    pool.step()
    return float(pool.v[0]), float(pool.u[0])


def test_the_order_of_declaration_is_part_of_the_code():
    class First(iz.Model):
        v, u = iz.State(1.0), iz.State(1.0)

        def derivatives(v, u):
            return -v, -5 * u

        def threshold(v):
            return v > 9

    class Second(iz.Model):
        u, v = iz.State(1.0), iz.State(1.0)
        voltage = "v"
        derivatives, threshold = First.derivatives, First.threshold

    for model, expected in ((First, (0.9, 0.5)), (Second, (0.5, 0.9))):
        pool = iz.Pool(1, model, dt=0.1, scheme="euler", dtype="float64")
        pool.step()
        assert (pool.v[0], pool.u[0]) == expected


def dictionary_or_tuple(v, u, I):
    if I > 0:
        return {"v": -v, "u": -10 * u}
    return -v, -10 * u


def test_a_dictionary_here_and_a_tuple_there_are_refused():
    with pytest.raises(TypeError, match="returns a dictionary here and something else there"):
        simulated(derivatives=dictionary_or_tuple)


WEIGHTS = (1.0, 2.0, 3.0)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_indices_and_bits_stay_whole_numbers(dtype):
    def derivatives(v, u):
        total = 0.0
        for i in range(2):
            total = total + WEIGHTS[i + 1] * v
        return -total, u * (5 & 3) / (1 << 2)

    v, u = simulated(dtype, derivatives=derivatives)
    assert (v, u) == pytest.approx((0.5, 2.05), rel=1e-6)


def test_one_variable_may_be_returned_in_a_tuple():
    class One(iz.Model):
        v = iz.State(1.0)

        def derivatives(v):
            return (-v,)

        def threshold(v):
            return v < 0.5

        def reset():
            return (2.0,)

    pool = iz.Pool(1, One, dt=0.1, scheme="euler", dtype="float64")
    pool.run(0.7)
    assert pool.v[0] == 2.0


def test_many_variables():
    states = {f"x{k}": iz.State(float(k)) for k in range(35)}
    names = ", ".join(states)
    namespace = {}
    exec(f"def derivatives({names}): return ({', '.join('-' + name for name in states)},)", namespace)
    parts = states | {"derivatives": namespace["derivatives"], "threshold": lambda x0: x0 > 1e9}
    pool = iz.Pool(1, type("Many", (iz.Model,), parts), dt=0.5, scheme="heun", dtype="float64")
    pool.step()
    assert pool.x34[0] == 34 * (1 - 0.5 + 0.125)


def test_defaults_and_constants_in_plain_python():
    class Plain(iz.Model):
        E = iz.Parameter(-1.0)
        tau = iz.Parameter(2.0)
        v = iz.State(lambda E: E if E > 0 else 0.5)
        decay = Constant(lambda tau, dt: math.exp(-dt / tau) if tau > 0 else 0.0)

        def derivatives(v, decay):
            return decay

        def threshold(v):
            return v > 1e9

    pool = iz.Pool(3, Plain, dt=0.1, dtype="float64")
    pool.set(E=[-1.0, 2.0, 3.0], tau=[2.0, 0.0, 1.0])
    np.testing.assert_array_equal(pool.v, [0.5, 2.0, 3.0])
    pool.step()
    expected = [0.5 + 0.1 * math.exp(-0.05), 2.0, 3.0 + 0.1 * math.exp(-0.1)]
    np.testing.assert_allclose(pool.v, expected, rtol=1e-14)


def test_a_subclass_may_change_a_default_or_the_equations():
    class Base(iz.Model):
        v = iz.State(0.0)
        tau = iz.Parameter(20.0, unit="ms", range=(5, 50))
        advance = lambda v, tau: v + tau
        threshold = lambda v: v > 1e9

    class Mixin:
        k = iz.Parameter(3.0)

    class Faster(Base):
        tau = 10.0
        v = 1.0

    class Continuous(Faster, Mixin):
        derivatives = lambda v, tau, k: k / tau

    assert (Faster.parameters["tau"].default, Faster.parameters["tau"].range) == (10.0, (5, 50))
    assert Base.parameters["tau"].default == 20.0
    assert iz.simulate(Faster, 0, 1, dt=1.0).v[-1] == 11.0
    assert (Continuous.scheme, Continuous.advance, list(Continuous.parameters)) == ("rk4", None, ["k", "tau"])
    assert iz.simulate(Continuous, 0, 1, dt=1.0).v[-1] == pytest.approx(1.3)


@numba.njit
def compiled_by_the_user(v):
    return -GAIN * v


@numba.vectorize
def vectorised_by_the_user(v):
    return -3.0 * GAIN * v


GAIN = 2.0


def test_functions_that_the_user_compiled_follow_their_globals(monkeypatch):
    class Mine(iz.Model):
        v, u = iz.State(1.0), iz.State(1.0)
        derivatives = lambda v, u: (compiled_by_the_user(v), vectorised_by_the_user(u))
        threshold = numba.njit(lambda v: v > 1e9)

    for gain in (2.0, 3.0):
        monkeypatch.setitem(globals(), "GAIN", gain)
        pool = iz.Pool(1, Mine, dt=0.1, scheme="euler", dtype="float64")
        pool.step()
        assert (pool.v[0], pool.u[0]) == pytest.approx((1 - 0.1 * gain, 1 - 0.3 * gain))


@pytest.mark.parametrize("scheme", ["rk4", "exponential_euler", "exact"])
def test_while_the_voltage_is_held_the_others_go_on_with_it_held(scheme):
    class Held(iz.Model):
        v, w = iz.State(-60.0), iz.State(0.0)
        t_ref = iz.Parameter(10.0)
        refractory = "t_ref"
        derivatives = lambda v, w, I: (-(v + 70) / 10 + I, ((v + 70) - w) / 50)
        threshold = lambda v: v >= -60.0
        reset = lambda w: (-60.0, w)

    result = iz.simulate(Held, 3.0, 9.5, dt=0.5, scheme=scheme)
    begun = result.w[0]  # after the step of the spike
    expected = 10 + (begun - 10) * math.exp(-9.0 / 50)
    assert result.spike_times.tolist() == [0.5]
    assert result.w[-1] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("scheme", ["exact", "exponential_euler"])
def test_mistakes_are_told_before_a_scheme_is_judged(scheme):
    with pytest.raises(TypeError, match=r"Mine.derivatives: returns 3 values, expected 2"):
        iz.Pool(1, mine(derivatives=lambda v, w: (v, w, w)), scheme=scheme)


@pytest.mark.parametrize("scheme", ["exact", "exponential_euler"])
def test_a_scheme_suits_a_model_whatever_its_parameters(scheme):
    class Bent(iz.Model):
        v, w, k = iz.State(0.5), iz.State(0.0), iz.Parameter(0.0)
        derivatives = lambda v, w, k: (-v + (k + w) * v * v, -w)
        threshold = lambda v: v > 1e9

    with pytest.raises(ValueError, match="the derivative of v is not linear"):
        iz.Pool(1, Bent, scheme=scheme)


def test_a_parameter_that_divides_and_is_zero():
    class Divides(iz.LeakyIntegrateAndFire):
        C = iz.Parameter(200.0)  # anything is possible

    with pytest.raises(ValueError, match="the derivatives of neuron 0 are not finite; is a parameter 0"):
        iz.simulate(Divides, 1, 1, C=0)


def test_the_cause_of_an_error_is_there_without_its_traceback():
    with pytest.raises(TypeError, match="it makes a list, an array or a string") as caught:
        simulated(derivatives=makes_a_list)
    assert caught.value.__cause__.__traceback__ is None
    assert f"line {makes_a_list.__code__.co_firstlineno + 1} of" in str(caught.value)


def makes_a_list(v, u):
    y = [v]
    return y[0], u


def test_names_that_belong_to_results():
    for name in ("rate", "counts", "values"):
        model = type(
            "Mine", (iz.Model,), {name: iz.State(0.0), "derivatives": lambda: 1.0, "threshold": lambda: False}
        )
        with pytest.raises(ValueError, match=f"a result has its own '{name}'"):
            iz.simulate(model)
