"""Time in a user's model keeps its grain: what single precision cannot hold is held in double."""

import time

import numpy as np
import pytest

import izhi_numba as iz
from tests import inside
from tests.reference import simulate_model

LATE = 22_600_000  # steps of 0.1 ms, 38 minutes: single precision counts in quarters of a ms


class Patient(iz.Model):
    """A neuron that is held to its refractory period by the time of its last spike."""

    v = iz.State(-65.0, unit="mV")
    last = iz.State(-1e9, unit="ms", dtype="float64")
    tau = iz.Parameter(5.0, unit="ms")
    t_ref = iz.Parameter(1.7, unit="ms")

    def derivatives(v, I, tau):
        return (I - 65.0 - v) / tau, 0.0

    def threshold(v, t, dt, last, t_ref):
        return v >= -50.0 and t + dt - last >= t_ref - dt / 2

    def reset(t, dt):
        return -65.0, t + dt


class Single(Patient):
    """The same with a plain variable, as in a pool of double precision."""

    last = iz.State(-1e9, unit="ms")


class Wave(iz.Model):
    """A neuron that follows a wave of 100 Hz of its own."""

    v = iz.State(0.0)

    def derivatives(v, t, I):
        return I + 0.6283185307179586 * np.cos(0.6283185307179586 * t)

    def threshold(v):
        return v >= 0.5


class Clockwork(iz.Model):
    """A map with a branch, a variable that is a time, and the voltage in the second place."""

    last = iz.State(0.0, dtype="float64")
    v = iz.State(0.0)
    voltage = "v"

    def advance(v, last, t, dt):
        return {"v": t + dt - last}

    def threshold(v):
        return v > 2.25

    def reset(t, dt):
        return {"v": 0.0, "last": t + dt}


def late(model, n=3000, steps=LATE, **options):
    """A pool whose clock stands at a late time."""
    pool = iz.Pool(n, model, dt=0.1, **options)
    inside.set_clock(pool, steps)
    return pool


def intervals(spikes):
    """Intervals between the spikes of each neuron, in steps."""
    order = np.lexsort((spikes.t, spikes.i))
    i, steps = spikes.i[order], np.rint(spikes.t[order] / 0.1).astype(int)
    return np.diff(steps)[np.diff(i) == 0]


@pytest.mark.usefixtures("all_threads")
@pytest.mark.parametrize("scheme", ["rk4", "exponential_euler"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_intervals_are_constant_at_any_time(dtype, scheme):
    found = {}
    for steps in (0, LATE):
        for threads in (1, 2):
            for pieces in ([50.0], [0.1, 17.3, 32.6]):
                pool = late(Patient, steps=steps, dtype=dtype, scheme=scheme, threads=threads)
                pool.drive(pool, np.linspace(1000.0, 3000.0, 3000))
                runs = [pool.run(piece).spikes for piece in pieces]
                assert np.unique(intervals(runs[0] if len(runs) == 1 else runs[2])).tolist() == [17]
                times = np.concatenate([one.t for one in runs])
                assert len(times) > 3000 * 25
                np.testing.assert_allclose(pool.last.max(), times.max(), rtol=1e-14)
                assert pool.last.dtype == np.float64
                state = (times - steps * 0.1).round(6), pool.v.copy(), (pool.last - steps * 0.1).round(5)
                for one, other in zip(state, found.setdefault(dtype, state), strict=True):
                    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_map_counts_the_same(dtype):
    pool = late(Clockwork, 5, dtype=dtype)
    pool.last = LATE * 0.1
    assert set(intervals(pool.run(50.0).spikes)) == {23}


def test_double_precision_equals_the_reference():
    pool = iz.Pool(40, Patient, dt=0.1, dtype="float64", scheme="euler")
    current = np.linspace(20.0, 300.0, 40)
    pool.drive(pool, current)
    values = {name: getattr(pool, name).copy() for name in ("v", "last", "tau", "t_ref")}
    spikes = pool.run(60.0).spikes
    model = type("Elementwise", (Patient,), {"threshold": lambda v, t, dt, last, t_ref: (v >= -50.0) & (t + dt - last >= t_ref - dt / 2)})  # fmt: skip
    steps, neurons, x = simulate_model(model, values, lambda k: current, 600, 0.1, "euler")
    np.testing.assert_array_equal(spikes.i, neurons)
    np.testing.assert_array_equal(np.rint(spikes.t / 0.1), steps)
    np.testing.assert_array_equal(pool.v, x["v"])
    np.testing.assert_array_equal(pool.last, x["last"])


def test_functions_of_time_are_computed_in_double_precision():
    pool = late(Wave, 1)
    pool.record("v")
    v = pool.run(20.0).traces["v"][:, 0]
    phase = 0.6283185307179586 * (LATE * 0.1 + 0.1 * np.arange(1, 201))
    start = np.sin(0.6283185307179586 * LATE * 0.1)
    np.testing.assert_allclose(v, np.sin(phase) - start, atol=2e-6)  # quarters of a ms: 0.08 off


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_time_is_recorded_in_double_precision(dtype):
    pool = late(Patient, 3, dtype=dtype)
    pool.drive(pool, 2000.0)
    pool.record("last", neurons=[0, 2], every=0.2)
    pool.record("v", neurons=[1])
    pool.record("I", neurons=[2, 0, 1])
    runs = [pool.run(7.3), pool.run(12.7)]
    last = np.concatenate([one.traces["last"] for one in runs])
    assert last.dtype == np.float64
    assert last.shape == (100, 2)
    spikes = np.unique(np.concatenate([one.spikes.t for one in runs]))
    seen = np.unique(last[last > 0])
    assert len(seen) > 8
    for one in seen:
        assert np.abs(spikes - one).min() < 1e-8
    assert np.concatenate([one.traces["v"] for one in runs]).dtype == dtype
    assert (runs[0].traces["I"] == 2000.0).all()
    assert runs[0].traces["I"].shape == (73, 3)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_traces_of_several_pools_of_both_precisions_are_kept_apart(dtype):
    """Of each pool and trace: what stepping shows, also where one call is one step."""
    nets = [iz.Network(dt=0.1, seed=1, dtype=dtype) for _ in range(2)]
    for net in nets:
        for name, model in (("a", Patient), ("plain", iz.LeakyIntegrateAndFire), ("b", Patient)):
            net.pool(name, 40, model)
            net.drive(name, np.linspace(400.0, 2000.0, 40))
    net, watch = nets
    wanted = {"a": ["v", "last"], "plain": ["v"], "b": ["last", "v"]}
    chosen = [3, 39, 0]
    for name, variables in wanted.items():
        for variable in variables:
            net.record(variable, name, neurons=chosen)
    seen = {(name, variable): [] for name, variables in wanted.items() for variable in variables}
    for _ in range(120):
        watch.update()
        for (name, variable), values in seen.items():
            values.append(getattr(watch[name], variable)[chosen].copy())
    results = [net.step(n) for n in (1, 1, 17, 1, 99, 1)]
    for (name, variable), values in seen.items():
        trace = np.concatenate([result[name].traces[variable] for result in results])
        assert trace.dtype == (np.float64 if variable == "last" else dtype)
        np.testing.assert_array_equal(trace, np.array(values))
    assert max(values[-1].max() for (_, variable), values in seen.items() if variable == "last") > 5.0


def test_a_time_that_is_not_finite_is_told_before_a_run():
    pool = iz.Pool(7, Patient)
    pool.last[:] = np.uint64(0x400000007FC00000).view(np.float64)  # finite, and its halves are not
    pool.run(1.0)
    pool.last[6] = np.inf
    with pytest.raises(ValueError, match="last of neuron 6 is inf before the run"):
        pool.run(1.0)


def test_room_for_traces_is_asked_for_in_their_precision(monkeypatch):
    pool, asked = iz.Pool(100, Patient, dt=0.1), []
    pool.record("v", neurons=[1, 2])
    pool.record("last")
    monkeypatch.setattr(
        "izhi_numba.base.checks.fits_in_memory", lambda what, size, advice: asked.append(size)
    )
    pool.run(10.0)
    assert asked == [100 * (2 * 4 + 100 * 8)]


def test_a_time_is_set_and_follows_in_double_precision():
    class Following(Patient):
        last = iz.State(lambda t_ref: -t_ref, dtype=np.float64)

    pool = iz.Pool(4, Following)
    assert pool.last.tolist() == [-float(np.float32(1.7))] * 4
    pool.set(last=2_260_000.1)
    assert pool.last.tolist() == [2_260_000.1] * 4
    pool[1:3].last = [1.1, 2.2]
    assert pool.last.tolist() == [2_260_000.1, 1.1, 2.2, 2_260_000.1]


def test_receptors_and_refractory_periods_go_with_a_time():
    class Both(Patient):
        refractory = "t_hold"
        t_hold = iz.Parameter(0.5)

    ends = []
    for dtype in ("float32", "float64"):
        pool = late(
            Both,
            2,
            dtype=dtype,
            receptors={"ampa": iz.AMPA(), "kick": iz.VoltageJump(), "I": iz.CurrentPulse()},
        )
        pool.connect(pool[:1], pool[1:], rule=iz.all_to_all(), weight=20.0, delay=0.3, receptor="kick")
        pool.drive(pool[:1], 3000.0)
        pool.g_ampa = 1.0
        spikes = pool.run(30.0).spikes
        assert set(intervals(spikes)) == {17}
        ends.append((spikes.i, spikes.t, pool.last.round(6)))
    for one, other in zip(*ends, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("spike_times", ["grid", "interpolated"])
def test_both_precisions_spike_the_same(spike_times):
    found = []
    for dtype in ("float32", "float64"):
        pool = late(Patient, 5, dtype=dtype, spike_times=spike_times)
        pool.drive(pool, [30.0, 50.0, 100.0, 200.0, 400.0])
        found.append(pool.run(40.0).spikes)
    np.testing.assert_array_equal(found[0].i, found[1].i)
    np.testing.assert_allclose(found[0].t, found[1].t, atol=1e-4)


def test_a_plain_variable_that_takes_over_the_time_is_refused():
    """A pool of single precision refuses a time in it; a pool of double precision takes it."""
    iz.Pool(2, Single, dtype="float64").run(1.0)
    with pytest.raises(
        TypeError, match=r"Single\.reset: last takes over the time t, .*write last = State\(-1"
    ):
        iz.Pool(2, Single)


class Sundial(iz.Model):
    """A neuron with a variable that grows as time does."""

    v = iz.State(-65.0)
    clock = iz.State(0.0, dtype="float64")
    dt = 0.1

    def derivatives(v, clock, I):
        return (-65.0 - v + I) / 20.0, 1.0

    def threshold(v):
        return v > -50.0

    def reset(v):
        return {"v": -65.0}


@pytest.mark.parametrize(
    "scheme",
    ["heun", "net2003", *(pytest.param(one, marks=pytest.mark.slow) for one in ("book2007", "rk4", "exponential_euler"))],
)  # fmt: skip
def test_a_variable_in_double_precision_grows_by_the_whole_step(scheme):
    single, double = (iz.Pool(1, Sundial, dtype=dtype, scheme=scheme) for dtype in ("float32", "float64"))
    for pool in (single, double):
        pool.record("spikes", neurons=[])
        pool.drive(pool, 20.0)
    counts = [pool.run(20_000.0).counts[0] for pool in (single, double)]
    assert abs(single.clock[0] - double.clock[0]) < 1e-6
    assert abs(single.clock[0] - 20_000.0) < 1e-6
    assert counts[0] == counts[1] > 100


def model_with(reset, **states):
    """A model whose reset is this."""
    rates = {1: lambda v, I: (I - v, 0.0), 2: lambda v, I: (I - v, 0.0, 0.0)}
    names = {"v": iz.State(-65.0), "derivatives": rates[len(states)]}
    names |= {"threshold": lambda v: v > -50.0, "reset": reset, "dt": 0.1, "scheme": "euler"}
    return type("Made", (iz.Model,), names | states)


PLAIN, WIDE = {"last": iz.State(0.0)}, {"last": iz.State(-1e9, dtype="float64"), "up": iz.State(0.0)}


@pytest.mark.parametrize(
    ("reset", "states"),
    [
        (lambda v, t: {"v": -65.0, "last": t % 125.0}, PLAIN),
        (lambda v, t: {"v": -65.0, "last": t // 125.0}, PLAIN),
        (lambda v, last, t: {"v": -65.0, "up": t - last < 5.0, "last": t}, WIDE),
    ],
    ids=["phase", "periods", "whether"],
)
def test_what_follows_from_time_and_is_no_time_is_allowed(reset, states):
    iz.Pool(2, model_with(reset, **states)).run(1.0)


@pytest.mark.parametrize(
    "reset",
    [
        lambda v, t: {"v": -65.0, "last": t},
        lambda v, t: {"v": -65.0, "last": 0.001 * t + 2.0},
        lambda v, last, t: {"v": -65.0, "last": t if last > 0.5 else last},
        lambda v, last, t: {"v": -65.0, "last": t if v > 0 else last},
    ],
    ids=["time", "seconds", "where it is above 0", "at high voltages"],
)
def test_a_time_that_single_precision_would_lose_is_refused(reset):
    with pytest.raises(TypeError, match="last takes over the time"):
        iz.Pool(2, model_with(reset, **PLAIN))


def test_a_function_that_counts_periods_one_by_one_is_tried_in_no_time():
    def reset(v, t):
        while t >= 10.0:
            t -= 10.0
        return {"v": -65.0, "last": t}

    began = time.perf_counter()
    iz.Pool(2, model_with(reset, **PLAIN))
    assert time.perf_counter() - began < 1.0
