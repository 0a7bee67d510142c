"""What a model may be: the contract of a user's own neuron."""

import math

import numpy as np
import pytest

import izhi_numba as iz
from izhi_numba.models import Constant
from tests import reference


def rate_of_gate(v, half, slope):
    """A helper of a model's functions, which a user writes as plain Python."""
    return iz.math.sigmoid((v - half) / slope)


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
        pool = iz.Pool(2, Slow, dt=0.1, dtype=dtype)
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


def with_parts(**parts):
    """A model made of parts, used in a pool."""
    base = {
        "v": iz.State(-65.0), "w": iz.State(0.0), "tau": iz.Parameter(10.0),
        "derivatives": lambda v, w: (-v, -w), "threshold": lambda v: v > 0, "reset": lambda v, w: (v, w),
    }  # fmt: skip
    kept = {name: value for name, value in (base | parts).items() if value is not None}
    return iz.Pool(2, type("Mine", (iz.Model,), kept)).prepare()


def not_for_numba(v, w):
    size = v + 1
    return size.upper if v > 0 else size, w


def with_two_dictionaries(v, w):
    if v > -60:
        return {"v": v}
    return {"w": w}


def fails(v, w):
    return v, w + nowhere  # noqa: F821


MISTAKES = [
    ({"derivatives": lambda v, w, tua: (v, w)}, "Mine.derivatives: asks for 'tua'; it can ask for v, w, tau, I, t, dt"),
    ({"derivatives": lambda self, v, w: (v, w)}, r"asks for 'self'; .*\(a model's functions take no self\)"),
    ({"tau": 10.0, "derivatives": lambda v, w, tau: (v, w)}, r"asks for 'tau'; .* write tau = Parameter\(10.0\)"),
    ({"derivatives": lambda v, w: v}, r"Mine.derivatives: returns 1 values, expected 2, one for each variable \(v, w\)"),
    ({"reset": lambda v, w: (v, w, w)}, "Mine.reset: returns 3 values, expected 2"),
    ({"reset": lambda v: {"x": v}}, "Mine.reset: resets 'x', which is no variable; there are v, w"),
    ({"derivatives": lambda v: {"x": v}}, "Mine.derivatives: returns 'x', which is no variable; there are v, w"),
    ({"derivatives": lambda v: {"v": v}}, "Mine.derivatives: the derivative of w is missing"),
    ({"derivatives": lambda v, w: ("a", w)}, "Mine.derivatives: returns 'a', expected a number"),
    ({"derivatives": None}, r"Mine: the function 'derivatives' is missing \(or 'advance', for a map\)"),
    ({"threshold": None}, "Mine: the function 'threshold' is missing"),
    ({"threshold": lambda v: v}, "Mine.threshold: expected True or False, got"),
    ({"tau": iz.Parameter()}, r"Mine.tau: a default is missing; write tau = Parameter\(1.0\), say"),
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
    ({"v": None, "w": None}, "Mine: no variable declared; add one, as in v = State"),
]  # fmt: skip


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
