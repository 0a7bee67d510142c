"""Many pools: what is done once for all of them is what would be done for each."""

import os
import pickle
import subprocess
import sys
import tempfile
from types import SimpleNamespace

import numpy as np
import pytest

import izhi_numba as iz
from izhi_numba.engine.run import CHUNK_SECONDS, Steps
from tests import inside

N = 30


def network(n_pools=5, **options):
    """Pools with receptors, trains and synapses in a ring."""
    net = iz.Network(dt=0.1, seed=3, **options)
    for k in range(n_pools):
        pool = net.pool(
            f"p{k}", N, iz.LeakyIntegrateAndFire, receptors={"syn": iz.ExponentialCurrent(tau=3.0)}
        )
        pool.drive(pool, 200.0 + iz.poisson(800.0, weight=60.0))
    for k in range(n_pools):
        net.connect(
            f"p{k}", f"p{(k + 1) % n_pools}", rule=iz.fixed_outdegree(5), weight=40.0, delay=0.5 + 0.1 * k
        )
    return net


def assert_same(one, other):
    for name in one:
        np.testing.assert_array_equal(one[name].spikes.i, other[name].spikes.i)
        np.testing.assert_array_equal(one[name].spikes.t, other[name].spikes.t)


def test_a_run_a_step_and_an_update_are_the_same():
    nets = [network() for _ in range(3)]
    whole = nets[0].run(40.0)
    assert min(len(part.spikes.i) for part in whole.values()) > 5
    steps = [nets[1].step(1) for _ in range(400)]
    updates = [nets[2].update() for _ in range(400)]
    for name, part in whole.items():
        np.testing.assert_array_equal(part.spikes.i, np.concatenate([step[name].spikes.i for step in steps]))
        np.testing.assert_array_equal(part.spikes.t, np.concatenate([step[name].spikes.t for step in steps]))
        np.testing.assert_array_equal(part.spikes.i, np.concatenate([update[name] for update in updates]))


# What users write in place


@pytest.mark.parametrize("name", ["tau_syn", "t_ref", "C"])
@pytest.mark.parametrize("n_steps", [1, 200])
def test_parameters_written_in_place_are_heard(name, n_steps):
    """Also of one neuron of one pool: what follows from them is as if they had been there from the beginning."""
    net, other = network(), network()
    getattr(other["p2"], name)[7] *= 1.5
    for one in (net, other):
        one.step(n_steps)
    assert inside.constants(net["p2"]) != inside.constants(other["p2"])
    getattr(net["p2"], name)[7] *= 1.5
    net.step(n_steps)
    assert inside.constants(net["p2"]) == inside.constants(other["p2"])
    assert inside.constants(net["p1"]) == inside.constants(other["p1"])
    getattr(net["p2"], name)[7] = getattr(net["p1"], name)[7]
    net.update()
    assert inside.constants(net["p2"]) == inside.constants(net["p1"])


def test_constants_are_computed_where_parameters_have_changed(monkeypatch):
    net, asked = network(), []
    net.run(1.0)
    inside.count_constants(monkeypatch, asked)
    net.run(1.0), net.step(1), net.update()
    assert not asked
    net["p1"].tau_syn[3] = 4.0
    net.update(), net.update()
    assert len(asked) == 1
    net["p1"].tau_syn[3] = 4.0  # to the same bits
    net["p2"].set(V_th=-49.0)
    net.run(1.0), net.update()
    assert len(asked) == 2


def test_a_refused_parameter_is_refused_until_it_is_mended():
    net = network()
    net.run(1.0)
    net["p3"].tau_syn[4] = -1.0
    for call in (net.update, lambda: net.run(10.0), net.update):
        with pytest.raises(ValueError, match=r"^tau_syn of pool 'p3': .* got -1 for neuron 4$"):
            call()
    net["p3"].tau_syn[4] = 3.0
    other = network()
    other.run(1.0)
    assert_same(net.run(10.0), other.run(10.0))


def test_equal_numbers_that_differ_later_are_heard_in_long_runs():
    """Tiles that pools share hold what was there when they were made."""

    def run(pool, *written):
        found = []
        for values in written:
            pool.a[:] = values
            pool.external_input[:] = values * 300
            found.append(pool.run(100.0).spikes)
        return found

    values = [np.full(1500, 0.02), np.linspace(0.02, 0.1, 1500), np.full(1500, 0.03)]
    mine = run(iz.Pool(1500, seed=1), *values)
    stepped = iz.Pool(1500, seed=1)
    for spikes, level in zip(mine, values, strict=True):
        stepped.a[:], stepped.external_input[:] = level, level * 300
        parts = [stepped.update() for _ in range(100)]
        np.testing.assert_array_equal(spikes.i, np.concatenate(parts))


def test_rates_written_in_place_are_heard():
    net = iz.Network(dt=0.1, seed=1)
    trains = net.poisson("trains", 50, 0.0)
    assert len(net.run(20.0)["trains"].spikes.i) == 0
    trains.rate[:10] = 500.0
    spikes = net.run(20.0)["trains"].spikes.i
    assert 50 < len(spikes) < 150
    assert spikes.max() < 10
    trains.rate[:] = 1e9
    with pytest.raises(ValueError, match="rate: expected 0 to 10000 Hz"):
        net.run(20.0)
    trains.rate[:] = 0.0
    assert len(net.run(20.0)["trains"].spikes.i) == 0


# Waveforms


def test_a_function_of_time_is_asked_once_for_all_pools():
    asked = []

    def function(t):
        asked.append(len(t))
        return 100 + np.sin(t)

    net = network(4)
    net.prepare()
    for pool in net.pools.values():
        pool.drive(pool, iz.from_function(function))
    asked.clear()
    net.step(5)
    assert 5 <= sum(asked) <= 6  # one step alone is asked for with another
    alone = network(4)
    for pool in alone.pools.values():
        pool.drive(pool, iz.from_function(lambda t: 100 + np.sin(t)))
    alone.step(5)
    for pool, other in zip(net.pools.values(), alone.pools.values(), strict=True):
        np.testing.assert_array_equal(pool.v, other.v)


def test_a_drive_may_change_between_steady_and_moving():
    levels = [50.0 + iz.noise(20.0), iz.sine(80.0, frequency=100.0), 30.0 + iz.poisson(500.0, weight=9.0)]
    nets = [network(3), network(3)]
    for level in levels:
        for net in nets:
            net.drive("p1", level)
        whole = nets[0].run(20.0)
        parts = [nets[1].update() for _ in range(200)]
        for name, part in whole.items():
            np.testing.assert_array_equal(part.spikes.i, np.concatenate([each[name] for each in parts]))


# What is kept


def test_traces_of_several_pools_are_what_stepping_shows():
    net, watch = network(), network()
    net.record("v", "p1", neurons=[3, 29, 0], every=0.3)
    net.record("i_syn", "p1", neurons=[5])
    net.record("I", "p4", every=0.7)
    net.record("counts", "p0")
    net.record("spikes", "p3", neurons=[1, 2])
    seen, spiked = [], []
    for _ in range(211):
        spiked.append(watch.update())
        seen.append((watch["p1"].v[[3, 29, 0]].copy(), watch["p1"].i_syn[[5]].copy()))
    results = [net.step(n) for n in (1, 1, 17, 1, 190, 1)]
    trace = np.concatenate([result["p1"].traces["v"] for result in results])
    np.testing.assert_array_equal(trace, np.array([v for v, _ in seen])[2::3])
    trace = np.concatenate([result["p1"].traces["i_syn"] for result in results])
    np.testing.assert_array_equal(trace, [i for _, i in seen])
    assert sum(len(result["p4"].traces["I"]) for result in results) == 30
    counts = sum(result["p0"].counts for result in results)
    np.testing.assert_array_equal(
        counts, np.bincount(np.concatenate([one["p0"] for one in spiked]), minlength=N)
    )
    kept = np.concatenate([result["p3"].spikes.i for result in results])
    whole = np.concatenate([one["p3"] for one in spiked])
    np.testing.assert_array_equal(kept, whole[np.isin(whole, [1, 2])])


def test_results_stay_what_they_were():
    net = network()
    net.record("v", "p1")
    first = [net.step(1), net.run(5.0)]
    told = [pickle.dumps(result) for result in first]
    kept = [(result["p1"].traces["v"].copy(), result["p0"].spikes.i.copy()) for result in first]
    net.update(), net.step(1), net.run(5.0)
    for result, text, (trace, spikes) in zip(first, told, kept, strict=True):
        for one in (result, pickle.loads(text)):
            np.testing.assert_array_equal(one["p1"].traces["v"], trace)
            np.testing.assert_array_equal(one["p0"].spikes.i, spikes)


def test_the_result_of_a_pool_is_pickled_without_the_others():
    net = network(20)
    net.record("v")
    result = net.run(20.0)
    assert len(pickle.dumps(result["p1"])) < len(pickle.dumps(result)) / 10


def test_many_spikes_of_one_pool_outgrow_its_room():
    net = iz.Network(dt=1.0, seed=1)
    quiet, loud = net.pool("quiet", 10), net.pool("loud", 2000)
    loud.clamp_input(3000.0)
    loud.set(b=0.0, d=0.0, u=0.0)
    result = net.run(300.0)
    np.testing.assert_array_equal(result["loud"].spikes.i, np.tile(np.arange(2000), 300))
    assert len(result["quiet"].spikes_per_step) == 300
    assert quiet.t == loud.t == 300


def test_a_state_that_runs_away_is_told_of_its_pool_and_ends_all_records():
    net = iz.Network(dt=1.0, seed=1)
    net.pool("fine", 10), net.pool("wild", 20)
    net.record("v", "fine")
    net.run(5.0)
    net["wild"].u[7] = -1e30
    with pytest.raises(iz.SimulationError, match="pool 'wild': neuron 7 is not finite after step") as caught:
        net.run(1000.0)
    result = caught.value.result
    steps = len(result["wild"].spikes_per_step)
    assert 0 < steps < 10
    assert len(result["fine"].spikes_per_step) == len(result["fine"].traces["v"]) == steps


def test_a_state_that_is_not_finite_before_a_run_is_told_of_its_pool():
    net = network()
    net.run(1.0)
    net["p4"].v[3] = np.nan
    with pytest.raises(ValueError, match="v of neuron 3 is nan before the run"):
        net.run(1.0)


# Chunks


@pytest.mark.parametrize(("per_step", "longest"), [(1e-3, 60), (1e-5, 6000), (0.3, 16)])
def test_chunks_go_by_what_the_compiled_steps_take(per_step, longest):
    """However long Python takes: it is told the seconds of the compiled call alone."""
    chunks = []

    def advance(n_steps, recorder, meter):
        chunks.append(n_steps)
        return n_steps, per_step * n_steps

    engine = SimpleNamespace(
        begin=lambda *_: None, end=lambda: None, failure=None, lost=None, is_stopping=False, advance=advance, dt=1.0,
        steps_in=lambda _: 16, steps_done=0,
    )  # fmt: skip
    Steps(engine, SimpleNamespace(fault=None)).take(20_000)
    assert sum(chunks) == 20_000
    assert max(chunks) == max(longest, 16)
    if per_step > CHUNK_SECONDS:
        assert set(chunks[1:]) == {1}


# Many that are alike


def test_pools_of_equal_neurons_are_of_one_class():
    net = network(3)
    kinds = {type(pool.model) for pool in net.pools.values()}
    assert len(kinds) == 1
    other = iz.compose(iz.LeakyIntegrateAndFire, {"syn": iz.ExponentialCurrent(tau=4.0)})
    assert repr(other) != repr(net["p0"].model)
    assert other.default_of("tau_syn") == 4.0
    assert net["p0"].model.default_of("tau_syn") == 3.0


def test_a_class_that_gets_another_function_is_another_neuron():
    class Cell(iz.Model):
        v = iz.State(0.0)

        def derivatives(v, I):
            return I - v

        def threshold(v):
            return v > 1.0

        def reset():
            return 0.0

    def final():
        pool = iz.Pool(1, Cell, dt=0.1, receptors={"r": iz.ExponentialCurrent})
        pool.drive(pool, 0.5)
        pool.step(3)
        return pool.v[0]

    before = final()
    Cell.derivatives = staticmethod(lambda v, I: I - 2 * v)
    assert final() != before


@pytest.mark.slow
def test_nothing_is_compiled_after_prepare():
    script = (
        "import izhi_numba as iz, numba.core.event as event\n"
        "net = iz.Network(dt=0.1, seed=1, threads=2)\n"
        "pool = net.pool('one', 3000)\n"
        "net.drive(pool, 4.0)\n"
        "net.prepare()\n"
        "other = net.pool('other', 300)\n"
        "net.drive(other, iz.poisson(5.0, weight=0.3))\n"
        "net.connect(pool, other, rule=iz.fixed_outdegree(3), weight=0.1, delay=iz.integers(1, 3))\n"
        "net.prepare()\n"
        "with event.install_recorder('numba:compile') as seen:\n"
        "    net.run(20.0)\n"
        "print(len(seen.buffer))\n"
    )
    with tempfile.TemporaryDirectory() as cache:
        known = os.environ | {"NUMBA_CACHE_DIR": cache}
        found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=known)
    assert found.stdout == "0\n", found.stderr


def test_runs_and_single_steps_take_turns():
    """Each has its own room, which is used again; what is recorded is that of runs alone."""
    turns, alone = network(3), network(3)
    for net in (turns, alone):
        net.record("v")
    setups, traces = set(), []
    for _ in range(6):
        turns.update()
        traces.append(turns.step(2)["p1"].traces["v"])
        setups.add(inside.setup(turns))
        traces.append(turns.step(1)["p1"].traces["v"])
        turns.update()
    assert len(setups) == 1
    whole = alone.step(30)["p1"].traces["v"].reshape(6, 5, -1)[:, 1:4]
    np.testing.assert_array_equal(np.concatenate(traces), whole.reshape(18, -1))


def test_a_run_parts_nothing_that_nobody_looks_at():
    net = network()
    for duration in (1.0, 600.0):  # a long one is looked at, for a doubt
        result = net.run(duration)
        assert inside.count_parted(result) == 0
        result["p1"]
        assert inside.count_parted(result) == 1
