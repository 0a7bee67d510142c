"""Networks: pools and sources in step, what runs return, and every message."""

import gc
import pickle
import re
import weakref
from types import SimpleNamespace

import numpy as np
import psutil
import pytest

import izhi_numba as iz
from izhi_numba.engine import engine as engine_module
from izhi_numba.engine import run as running
from izhi_numba.engine import wiring
from izhi_numba.synapses.store import Plan
from tests import inside

KICK = 3000.0  # fires an Izhikevich neuron in the step in which it arrives, with steps of 0.1 ms


def make(**options):
    """A network with something of everything."""
    net = iz.Network(**{"dt": 0.5, "seed": 3, "threads": 2} | options)
    exc = net.pool("exc", 80, iz.AdEx, receptors={"ampa": iz.AMPA(), "gaba": iz.GABA_A()})
    inh = net.pool("inh", 30)
    inh.group("silent", 10, sign="inhibitory")
    inh.group("loud", 5, sign="excitatory")
    exc.drive(exc, np.linspace(400, 900, 80) + iz.poisson(200.0, weight=1.0, receptor="ampa"))
    inh.drive(inh, np.linspace(0, 12, 30))
    net.poisson("noise", 20, 100.0)
    net.spike_list("clicks", 5, [0, 1, 4], [10.0, 12.0, 3.0])
    net.connect("noise", exc, rule=iz.fixed_outdegree(10), weight=2.0, delay=1.5, receptor="ampa")
    net.connect("clicks", inh, rule=iz.all_to_all(), weight=20.0)
    net.connect(exc, inh, rule=iz.fixed_indegree(5), weight=iz.uniform(0, 5), delay=iz.integers(0, 4))
    net.connect(inh["silent"], exc, rule=iz.fixed_probability(0.2), weight=3.0, delay=2.0, receptor="gaba")
    return net


def outcome(net, duration=30.0):
    result = net.run(duration)
    pools = [getattr(pool, name).copy() for pool in net.pools.values() for name in pool.model.states]
    return [result.spikes.i, result.spikes.t, *pools]


def assert_same(first, second):
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.fixture(scope="module")
def untouched():
    found = outcome(make())
    assert len(found[0]) > 100
    return found


# ---- What a network is


def test_members_by_name():
    net = make()
    assert list(net.pools) == ["exc", "inh"]
    assert list(net.sources) == ["noise", "clicks"]
    assert net["exc"] is net.pools["exc"]
    assert net["noise"] is net.sources["noise"]
    assert (net.dt, net.seed, net.t, net.threads) == (0.5, 3, 0.0, 2)
    assert len(net.synapses) == 4
    assert net.nbytes > 10_000
    assert len(net["exc"].synapses) == len(net["inh"].synapses) == 2
    assert repr(net) == "<network of exc, inh, noise, clicks>"
    assert repr(iz.Network()) == "<network of no pools yet>"


def test_groups_by_the_names_that_the_summary_shows():
    net = iz.Network(seed=1)
    exc = net.pool("exc", 8, receptors={"ampa": iz.AMPA})
    exc.group("left", 4)
    right = exc.group("right", 4)
    net.connect("exc.left", "exc.right", rule=iz.all_to_all(), weight=0.5)
    assert "exc.left -> exc.right [ampa]: 16 synapses" in str(net)
    net.drive("exc.right", 10.0)
    assert exc.external_input.tolist() == [0] * 4 + [10] * 4
    net.drive("exc", 3.0)
    net.drive(right, 12.0)
    assert exc.external_input.tolist() == [3] * 4 + [12] * 4
    net.record("v", "exc.left")
    net.record("spikes", right)
    wanted = {"rule": iz.all_to_all(), "weight": iz.uniform(0, 1)}
    assert (
        net.memory_estimate("exc", "exc.left", **wanted)
        == net.memory_estimate(exc, exc["left"], **wanted)
        > 0
    )
    result = net.run(20.0)["exc"]
    assert result.neurons("v").tolist() == [0, 1, 2, 3]
    assert set(result.spikes.i) == {4, 5, 6, 7}
    net.pool("exc.left", 3)  # a pool's own name comes first
    assert inside.part(net, "which", "exc.left") is net["exc.left"]
    assert inside.part(net, "which", "exc.right").start == 4
    sources = net.poisson("noise", 10, 50.0)
    net.record("spikes", sources[2:4])
    assert set(net.run(500.0)["noise"].spikes.i) == {2, 3}


def test_the_summary_tells_everything():
    net = make()
    text = str(net)
    assert text.startswith("network: dt 0.5 ms, t 0 ms, float32, seed 3\npopulations\n")
    for part in (
        r"\n  exc +80 neurons, AdEx with ampa, gaba, [\d.]+ kB", r"\n  inh +30 neurons, Izhikevich, [\d.]+ kB",
        r"\n  noise +20 Poisson trains, [\d.]+ kB", r"\n  clicks +5 units with 3 given spikes, [\d.]+ kB",
        r"\nprojections\n  noise -> exc \[ampa\]: 200 synapses, fixed_outdegree, 1.5 ms, [\d.]+ (k?B|bytes)",
        r"clicks -> inh: 150 synapses, all_to_all, 0 ms, [\d.]+ bytes",
        r"exc -> inh: 150 synapses, fixed_indegree, 0 to 4 ms, [\d.]+ (k?B|bytes)",
        rf"inh.silent -> exc \[gaba\]: {len(net.synapses[3])} synapses, fixed_probability, 2 ms, ",
        rf"\n135 units, {sum(map(len, net.synapses))} synapses, [\d.]+ kB$",
    ):  # fmt: skip
        assert re.search(part, text), (part, text)
    net = iz.Network(seed=1)
    net.pool("one", 3)
    assert "no projections" in str(net)


def test_seeds():
    assert_same(outcome(make(seed=2**64 - 1)), outcome(make(seed=2**64 - 1)))
    assert not np.array_equal(outcome(make(seed=4))[1], outcome(make(seed=5))[1])
    net = iz.Network()
    other = iz.Network(seed=net.seed)
    for one in (net, other):
        one.poisson("noise", 50, 100.0)
    assert_same(*(one.run(50.0)["noise"].spikes for one in (net, other)))


def test_members_have_random_numbers_of_their_own():
    net = iz.Network(seed=1)
    for name in "abc":
        net.poisson(name, 50, 100.0)
    result = net.run(100.0)
    assert len({tuple(result[name].spikes.t.tolist()) for name in "abc"}) == 3


def test_a_pool_in_a_network_equals_one_alone():
    pool = iz.Pool(300, seed=9, dt=0.5)
    net = iz.Network(dt=0.5, seed=9)
    other = net.pool("pool", 300)
    for one in (pool, other):
        one.drive(one, 3 + iz.noise(4.0))
        one.connect(one, one, rule=iz.fixed_outdegree(10), weight=iz.uniform(0, 2), delay=iz.integers(0, 5))
    assert_same(pool.run(100.0).spikes, net.run(100.0)["pool"].spikes)
    np.testing.assert_array_equal(pool.v, other.v)


# ---- Results


def test_results_of_pools_and_of_all():
    net = make()
    net["exc"].record("v", neurons=[1, 5], every=1.0)
    net.run(5.0)
    result = net.run(40.0)
    assert list(result) == ["exc", "inh", "noise", "clicks"]
    assert len(result) == 4
    assert dict(result)["exc"] is result["exc"]
    assert (result.size, result.start, result.stop, result.duration) == (110, 5.0, 45.0, 40.0)
    assert (result.dt, result.groups) == (0.5, {"exc": slice(0, 80), "inh": slice(80, 110)})
    assert result.wall_time > 0
    assert result.compile_time == 0
    assert result.real_time_factor == pytest.approx(1000 * result.wall_time / 40)
    assert result["exc"].traces["v"].shape == (40, 2)
    parts = [result[name] for name in ("exc", "inh")]  # sources are no neurons
    assert len(result.spikes.i) == sum(len(part.spikes.i) for part in parts) > 100
    assert (np.diff(result.spikes.t) >= 0).all()
    same = np.diff(result.spikes.t) == 0
    assert (np.diff(result.spikes.i)[same] > 0).all()
    for name, which in result.groups.items():
        mine = (result.spikes.i >= which.start) & (result.spikes.i < which.stop)
        np.testing.assert_array_equal(result.spikes.i[mine] - which.start, result[name].spikes.i)
        np.testing.assert_array_equal(result.spikes.t[mine], result[name].spikes.t)
        np.testing.assert_array_equal(result.counts[which], result[name].counts)
        assert result.rate(name) == result[name].rate()
    np.testing.assert_array_equal(result.spikes_per_step, sum(part.spikes_per_step for part in parts))
    assert result.rate() == pytest.approx(len(result.spikes.i) / 110 / 0.04)
    assert [result[name].is_source for name in result] == [False, False, True, True]
    assert re.fullmatch(r"<40 ms: exc .* Hz, inh .* Hz, noise .* Hz, clicks .* Hz; RTF .*>", repr(result))
    with pytest.raises(KeyError, match="no pool 'nope'; there are exc, inh, noise, clicks"):
        result["nope"]
    with pytest.raises(KeyError, match="no pool 'nope'"):
        result.rate("nope")
    assert_same(pickle.loads(pickle.dumps(result)).spikes, result.spikes)
    assert len(result.plot_raster().collections) + len(result.plot_raster().lines) > 0


@pytest.mark.parametrize("what", ["counts", "spikes"])
def test_counts_of_sources(what):
    """Bug of 23 November: units of sources that were only counted had none."""
    expected = make().run(30.0).counts
    net = make()
    net.record(what, neurons=[0, 1, 4])
    result = net.run(30.0)
    np.testing.assert_array_equal(result.counts, expected)
    assert result["noise"].counts.sum() == result["noise"].spikes_per_step.sum() > 20
    if what == "counts":
        assert not len(result.spikes.i)
    else:
        assert set(result["clicks"].spikes.i) == {0, 1, 4}
        assert set(result["noise"].spikes.i) <= {0, 1, 4}


def test_record_of_one_and_of_all():
    net = make()
    net.record("v", every=5.0)
    net.record("w", "exc", neurons=[7])
    net.record("spikes", "noise", neurons=[])
    net.record("spikes", net["inh"], neurons=[])
    result = net.run(20.0)
    assert result["exc"].traces["v"].shape == (4, 80)
    assert result["inh"].traces["v"].shape == (4, 30)
    assert result["exc"].traces["w"].shape == (40, 1)
    assert not len(result["noise"].spikes.i) + len(result["inh"].spikes.i)
    assert result["noise"].rate() > 50


def test_recording_changes_nothing(untouched):
    net = make()
    net.record("I")
    net.record("v", neurons=[3], every=1.5)
    assert_same(outcome(net), untouched)


def test_interpolated_spike_times():
    """They are finer than the steps; what spikes do is the same."""
    found = []
    for kind in ("grid", "interpolated"):
        net = iz.Network(dt=0.5, seed=2)
        lead = net.pool("lead", 70, iz.LeakyIntegrateAndFire, spike_times=kind)
        rest = net.pool("rest", 40)
        lead.drive(lead, np.linspace(50, 300, 70))
        net.connect(lead, rest, rule=iz.fixed_indegree(10), weight=40.0, delay=1.0)
        net.connect(rest, lead, rule=iz.fixed_indegree(10), weight=-4.0, delay=40.0)
        net.run(10.0)
        net.connect(lead, rest, rule=iz.fixed_indegree(2), weight=4.0, delay=30.0)  # a longer history
        found.append((net.run(100.0), rest.v.copy()))
    (grid, v), (fine, other_v) = found
    np.testing.assert_array_equal(v, other_v)
    assert_same(grid["rest"].spikes, fine["rest"].spikes)
    assert len(grid["rest"].spikes.i) > 10
    late = np.sort(grid["lead"].spikes.t) - np.sort(np.ceil(fine["lead"].spikes.t * 2 - 1e-6) / 2)
    np.testing.assert_allclose(late, 0, atol=1e-9)
    assert len(np.unique(fine["lead"].spikes.t % 0.5)) > 20
    assert (np.diff(fine.spikes.t) >= 0).all()


def test_updates_name_the_pools():
    net, other = make(), make()
    result = other.run(20.0)
    spiked = [net.update() for _ in range(40)]
    assert list(spiked[0]) == ["exc", "inh", "noise", "clicks"]
    for name in spiked[0]:
        np.testing.assert_array_equal(np.concatenate([one[name] for one in spiked]), result[name].spikes.i)


def broken():
    net = iz.Network(dt=1.0, seed=1)
    net.pool("good", 10)
    bad = net.pool("bad", 10)
    good = net["good"]
    good.drive(good, 10.0)
    good.record("v")
    bad.drive(bad, 10.0)
    net.run(7.0)
    bad.u[3] = -1e30
    return net


def test_a_state_that_is_not_finite():
    """Bug of 23 November: the results of the pools had different lengths."""
    with pytest.raises(iz.SimulationError, match="pool 'bad': neuron 3 is not finite after step 8") as caught:
        broken().run(100.0)
    result = caught.value.result
    assert (result.start, result.stop) == (7.0, 8.0)
    assert [len(part.spikes_per_step) for part in result.values()] == [1, 1]
    assert len(result.spikes_per_step) == 1
    assert result["good"].traces["v"].shape == (1, 10)
    assert len(result["good"].spikes.i) == result["good"].spikes_per_step.sum()
    with pytest.raises(iz.SimulationError, match="neuron 3 is not finite after step 8"):
        broken().update()
    net = broken()
    net["bad"].u[3] = np.nan
    with pytest.raises(ValueError, match="u of neuron 3 is nan before the run"):
        net.run(1.0)


# ---- Sources


def test_given_spikes_are_sent_exactly():
    rng = np.random.default_rng(1)
    places = np.unique(rng.integers([[0, 1]], [[130, 3000]], (2000, 2)), axis=0)
    rng.shuffle(places)
    net = iz.Network(dt=0.1, threads=3)
    net.spike_list("list", 130, places[:, 0], places[:, 1] * 0.1)
    results = [net.run(100.0), net.step(), net.run(199.9)]
    i, t = (np.concatenate(column) for column in zip(*(one.spikes for one in results), strict=True))
    order = np.lexsort((places[:, 0], places[:, 1]))
    np.testing.assert_array_equal(i, places[order, 0])
    np.testing.assert_allclose(t, places[order, 1] * 0.1, atol=1e-9)
    later = net.spike_list("later", 2, 1, 300.1)
    assert net.run(1.0)["later"].spikes.t.tolist() == pytest.approx([300.1])
    assert repr(later) == "<sources 'later': 2 units with 1 given spike>"
    net.spike_list("none", 2, [], [])
    assert not len(net.run(1.0)["none"].spikes.i)


def test_poisson_trains():
    net = iz.Network(dt=0.1, seed=6)
    rates = np.repeat([0.0, 5.0, 40.0, 200.0], 500)
    net.poisson("trains", 2000, rates)
    result = net.run(4000.0)["trains"]
    counts = result.counts.reshape(4, 500)
    assert not counts[0].any()
    for row, rate in zip(counts[1:], (5, 40, 200), strict=True):
        assert abs(row.mean() - 4 * rate) < 4 * np.sqrt(4 * rate / 500)
        expected = 1 - rate * 1e-4  # of a Bernoulli process
        assert row.var() / row.mean() == pytest.approx(expected, abs=5 * np.sqrt(2 / 500))
    intervals = np.diff(result.spikes.t[result.spikes.i == 1700])
    assert intervals.std() / intervals.mean() == pytest.approx(1, abs=0.15)


def test_rates_that_change():
    net = iz.Network(dt=0.5, seed=6)
    trains = net.poisson("trains", 1000, 10.0)
    waves = net.poisson("waves", 1000, lambda t: 20 * (1 + np.sin(2 * np.pi * t / 100)))
    assert len(trains) == trains.size == 1000
    result = net.run(1000.0)
    assert result["trains"].rate() == pytest.approx(10, abs=0.5)
    phase = result["waves"].spikes_per_step.reshape(10, 4, 50).sum(axis=(0, 2))
    np.testing.assert_allclose(phase / phase.sum(), 0.25 + np.array([1, 1, -1, -1]) / (2 * np.pi), atol=0.01)
    trains[:100].rate = 50.0
    trains.set(rate=np.r_[trains.rate[:900], np.zeros(100)])
    counts = net.run(1000.0)["trains"].counts
    assert counts[:100].mean() == pytest.approx(50, abs=3)
    assert counts[100:900].mean() == pytest.approx(10, abs=0.6)
    assert not counts[900:].any()
    trains.rate = 2000.0  # in every step
    assert (net.step(3)["trains"].counts == 3).all()
    waves.rate = 0.5
    assert net.run(1000.0)["waves"].rate() == pytest.approx(10, abs=0.5)
    waves.rate = 60.0
    message = r"sources 'waves': .* expected 0 to 2000 Hz, at most one .*, got 20\d\d.*function times"
    with pytest.raises(iz.SimulationError, match=message):
        net.run(100.0)


def test_functions_are_not_asked_for_no_time():
    net = iz.Network(dt=0.5, seed=1)
    net.poisson("trains", 500, lambda t: np.full(len(t), 50 + 0 * t.max()))
    assert net.run(100.0)["trains"].rate() == pytest.approx(50, abs=5)


def test_variables_of_a_late_pool_follow_their_defaults():
    net = make()
    net.run(5.0)
    late = net.pool("late", 3)
    late.set(v=[-50.0, -60.0, -70.0], b=0.25)
    np.testing.assert_array_equal(late.u, [-12.5, -15.0, -17.5])
    net["inh"].v = -60.0
    assert len(np.unique(net["inh"].u)) > 1
    net.step()
    u = late.u.copy()
    late.v = -60.0
    np.testing.assert_array_equal(late.u, u)


def test_slices_of_sources():
    net = iz.Network(seed=1)
    trains = net.poisson("trains", 100, 1000.0)
    pool = net.pool("pool", 50)
    synapses = net.connect(trains[20:30], pool, rule=iz.all_to_all(), weight=1.0)
    assert repr(synapses) == "<trains[20:30] -> pool: 500 synapses, all_to_all>"
    assert set(synapses.to_arrays()[0]) == set(range(10))
    assert synapses.sources == slice(20, 30)


def test_record_of_some_sources():
    net = iz.Network(seed=1, dt=1.0)
    trains = net.poisson("trains", 100, 1000.0)
    for neurons in (trains[:10], range(10), trains):
        net.record("spikes", "trains", neurons=neurons)
        kept = net.run(3.0)["trains"]
        assert set(kept.spikes.i) == set(range(len(neurons)))
        assert kept.counts.sum() == 300
    net.record("counts", trains, neurons=trains[20:])
    assert not len(net.run(1.0)["trains"].spikes.i)


@pytest.mark.usefixtures("all_threads")
def test_given_spikes_of_several_trials():
    net = iz.Network(dt=0.5, threads=2)
    clicks = net.spike_list("clicks", 3000, i=[2999, 0], t=[10.0, 29.0])
    copies = net.pool("copies", 3000, iz.Relay)
    net.connect(clicks, copies, rule=iz.one_to_one(), delay=5.0)
    first = net.run(28.0)
    assert first["copies"].spikes.t.tolist() == [15.5]
    net.step(2)  # a spike is sent at 29 ms, and still arrives
    clicks.set_spikes([2, 2500, 1], net.t + np.array([12.0, 1.0, 30.0]))
    second = net.run(31.0)
    assert_same(second["clicks"].spikes, ([2500, 2, 1], [30.0, 41.0, 59.0]))
    assert_same(second["copies"].spikes, ([0, 2500, 2], [34.5, 35.5, 46.5]))
    assert repr(clicks) == "<sources 'clicks': 3000 units with 3 given spikes>"
    clicks.set_spikes([], [])
    assert not net.run(50.0)["clicks"].counts.any()
    net.connect(clicks, copies, rule=iz.one_to_one())
    clicks.set_spikes(7, net.t + 1)
    assert net.run(10.0)["copies"].counts[7] == 2


# ---- Delays


def test_a_chain_of_delays_over_pools():
    delays = [0.0, 0.1, 2.0, 0.7, 20.0, 3.1]
    net = iz.Network(dt=0.1, threads=2)
    net.spike_list("start", 70, [3], [0.5])
    before = "start"
    for number, delay in enumerate(delays):
        net.pool(f"p{number}", 70)
        net.connect(before, f"p{number}", rule=iz.one_to_one(), weight=KICK, delay=delay)
        before = f"p{number}"
    result = net.run(40.0)
    times = [result[name].spikes.t[result[name].spikes.i == 3][0] for name in result if name != "start"]
    np.testing.assert_allclose(times, 0.5 + np.cumsum(np.array(delays) + 0.1), atol=1e-9)


@pytest.mark.usefixtures("all_threads")
def test_more_than_65536_targets():
    net = iz.Network(dt=1.0, threads=2, dtype="float64")
    big = net.pool("big", 70_001)
    small = net.pool("small", 3)
    big.v = -65.0
    hit = np.array([0, 65_535, 65_536, 70_000])
    net.spike_list("start", 1, [0], [1.0])
    net.connect("start", big, rule=iz.from_arrays(np.zeros(4, int), hit, weight=500.0))
    net.connect(big, small, rule=iz.from_arrays([70_000, 65_536], [2, 0], weight=500.0, delay=2.0))
    net.connect(small, big[69_999:], rule=iz.all_to_all(), weight=[[500.0, 0], [500, 0], [500, 0]], delay=1.0)
    result = net.run(8.0)
    np.testing.assert_array_equal(result["big"].spikes.i[:4], hit)
    assert (result["big"].spikes.t[:4] == 2).all()
    np.testing.assert_array_equal(result["small"].spikes.i[:2], [0, 2])
    assert (result["small"].spikes.t[:2] == 5).all()
    last = result["big"].spikes
    assert last.i[4:5] == 69_999
    assert last.t[4] == 7


# ---- Ctrl-C while synapses are drawn


@pytest.mark.parametrize("nth", range(4))
def test_ctrl_c_while_synapses_are_drawn(monkeypatch, untouched, nth):
    """Bug of 23 November: projections that were drawn before it never carried a spike."""
    net = make()
    calls = []

    def rows(*arguments, **options):
        calls.append(1)
        if len(calls) == nth + 1:
            raise KeyboardInterrupt
        return Store(*arguments, **options)

    Store = engine_module.Store
    monkeypatch.setattr(engine_module, "Store", rows)
    with pytest.raises(KeyboardInterrupt):
        net.run(10.0)
    assert len(calls) == nth + 1
    assert_same(outcome(net), untouched)


@pytest.mark.usefixtures("all_threads")
@pytest.mark.parametrize("nth", [0, 1, 3])
def test_ctrl_c_while_pools_are_wired(monkeypatch, nth):
    def large():
        net = iz.Network(dt=0.5, seed=1, threads=2)
        a, b = net.pool("a", 20_000), net.pool("b", 9000)
        a.drive(a, 8.0)
        b.drive(b, 5.0)
        net.poisson("c", 9000, 20.0)
        net.poisson("d", 1, 20.0)
        for pre, post in ((a, b), (b, a), ("c", b)):
            net.connect(pre, post, rule=iz.fixed_outdegree(2), weight=3.0, delay=1.0)
        return net

    net, calls, wire = large(), [], wiring.Wired.__init__

    def stopped(*arguments):
        calls.append(1)
        if len(calls) == nth + 1:
            raise KeyboardInterrupt
        return wire(*arguments)

    monkeypatch.setattr(wiring.Wired, "__init__", stopped)
    with pytest.raises(KeyboardInterrupt):
        net.run(10.0)
    monkeypatch.undo()
    assert_same(outcome(net), outcome(large()))


# ---- Memory


@pytest.fixture
def free(monkeypatch):
    """Set the bytes that are free."""
    return lambda size: monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=size))


def test_a_projection_that_does_not_fit(free):
    net = iz.Network(seed=1)
    pool = net.pool("pool", 1000)
    settings = {"rule": iz.fixed_outdegree(100), "weight": iz.uniform(0, 1)}
    estimate = net.memory_estimate(pool, pool, **settings)
    assert 600_000 < estimate < 1_000_000
    free(estimate - 1)
    with pytest.raises(
        MemoryError, match=r"fixed_outdegree.* would take .* kB, but .* are free: connect fewer"
    ):
        net.connect(pool, pool, **settings)
    assert not net.synapses
    free(estimate)
    net.connect(pool, pool, **settings)
    # The next one fits alone, but not with what is to be drawn.
    with pytest.raises(MemoryError, match="with what is to be drawn before the next run"):
        net.connect(pool, pool, **settings)
    assert len(net.synapses) == 1
    net.prepare()
    net.connect(pool, pool, **settings)
    assert len(net.synapses) == 2
    held = sum(one.nbytes for one in net.synapses)
    assert held <= 2 * estimate


def test_a_connection_costs_the_same_however_many_there_are(monkeypatch):
    """Bug: each asked all before it; 2500 projections between 50 pools took 257 s."""
    net = iz.Network(seed=1, threads=2)
    pools = [net.pool(f"pool {i}", 100) for i in range(6)]
    calls = []
    for name in ("record_bytes", "work"):
        real = getattr(Plan, name)
        monkeypatch.setattr(
            Plan, name, lambda plan, *a, real=real, **options: (calls.append(1), real(plan, *a, **options))[1]
        )
    costs = []
    for pre in pools:
        for post in pools:
            net.connect(
                pre, post, rule=iz.fixed_outdegree(10), weight=iz.uniform(0, 1), delay=iz.integers(0, 9)
            )
            costs.append(len(calls))
            calls.clear()
    assert len(set(costs)) == 1
    sums = inside.engine(net).budget
    plan, its = inside.plan(net.synapses[0]), inside.projection(net.synapses[0]).sums
    assert sums.bytes_onto(1) >= 6 * plan.stored(1, by_source=False)
    assert sums.with_projection(plan, 0, 1, its).bytes_to_come >= 37 * plan.stored(1, by_source=False)
    before = net.nbytes
    net.prepare()
    sums = inside.engine(net).budget
    assert sums.bytes_onto(1) == 0
    more = sums.with_projection(plan, 0, 1, its).bytes_to_come
    assert more == sums.bytes_of([(plan, its)], 0, 1) < 2 * plan.stored(1, by_source=False) + 100_000
    assert 0.96 * before < net.nbytes <= before  # a byte of delay more might have been needed


def test_the_history_of_what_is_to_come_is_counted(free):
    net = iz.Network(seed=1, dt=0.1)
    one, other = net.pool("one", 10_000), net.pool("other", 10)
    settings = {"rule": iz.fixed_outdegree(1), "delay": 800.0}
    estimate = net.memory_estimate(one, other, **settings)
    free(estimate + 1000)
    net.connect(one, other, **settings)
    assert net.memory_estimate(one, other, **settings) < estimate / 100  # the history is there for all
    with pytest.raises(MemoryError, match="with what is to be drawn before the next run"):
        net.connect(other, other, rule=iz.fixed_total_number(50_000))


def test_pools_and_sources_that_do_not_fit(free):
    net = iz.Network()
    free(1e6)
    for add in (
        net.pool,
        lambda name, n: net.poisson(name, n, 1.0),
        lambda name, n: net.spike_list(name, n, 0, 1),
    ):
        with pytest.raises(MemoryError, match=r"1000000 .* would take .*, but 1 MB are free: take fewer"):
            add("big", 1_000_000)
        assert not net.pools | net.sources


# ---- Messages


def another():
    return iz.Network(seed=1).pool("far", 10)


def connected(net, pre="exc", post="exc", **options):
    return net.connect(pre, post, **{"rule": iz.all_to_all()} | options)


def raising(t):
    raise RuntimeError("no rates")


MESSAGES = [
    # Names
    (KeyError, "no pool 'nope'; there are exc, inh, noise, clicks", lambda net: net["nope"]),
    (ValueError, "pool 'exc' exists; there are exc, inh, noise, clicks", lambda net: net.pool("exc", 3)),
    (ValueError, "pool 'noise' exists", lambda net: net.spike_list("noise", 3, 0, 40.0)),
    (ValueError, "pool 'clicks' exists", lambda net: net.poisson("clicks", 3, 1.0)),
    (TypeError, "name: expected a name, got ''", lambda net: net.pool("", 3)),
    (TypeError, "name: expected a name, got 5", lambda net: net.poisson(5, 3, 1.0)),
    # Pools
    (ValueError, "n: expected a whole number from 1", lambda net: net.pool("new", 0)),
    (TypeError, "model: expected a model", lambda net: net.pool("new", 3, "AdEx")),
    (TypeError, "receptor 'a': expected one such as", lambda net: net.pool("new", 3, receptors={"a": 3})),
    (ValueError, "scheme: expected one of", lambda net: net.pool("new", 3, scheme="best")),
    (ValueError, "spike_times: expected one of", lambda net: net.pool("new", 3, spike_times="fine")),
    # Poisson trains
    (ValueError, "n: expected a whole number from 1", lambda net: net.poisson("new", 0, 1.0)),
    (TypeError, "n: expected a whole number", lambda net: net.poisson("new", 1.5, 1.0)),
    (ValueError, "rate: expected 0 to 2000 Hz.* 0.5 ms, got -1", lambda net: net.poisson("new", 3, -1)),
    (ValueError, "rate: expected 0 to 2000 Hz.* got 2001", lambda net: net.poisson("new", 3, [1, 2, 2001])),
    (ValueError, "rate: expected a finite number", lambda net: net.poisson("new", 3, np.nan)),
    (ValueError, "rate: expected a number or 3 values, got shape", lambda net: net.poisson("new", 3, [1, 2])),
    (TypeError, "rate: expected a number or 3 values", lambda net: net.poisson("new", 3, "fast")),
    (ValueError, r"numbers? for each of 2 times from <lambda>, got shape \(3,\)", lambda net: net.poisson("new", 3, lambda t: [1, 2, 3])),
    (TypeError, "rate: expected numbers from <lambda>, got 'fast'", lambda net: net.poisson("new", 3, lambda t: "fast")),
    (TypeError, "rate: expected numbers from <lambda>", lambda net: net.poisson("new", 3, lambda t: None)),
    (ValueError, "rate: expected 0 or more from <lambda>, got -1 at t = 0 ms", lambda net: net.poisson("new", 3, lambda t: t - 1)),
    (ValueError, "rate: expected finite numbers from <lambda>, got nan at t = 0 ms", lambda net: net.poisson("new", 3, lambda t: np.nan)),
    (TypeError, "rate: expected a rate without noise", lambda net: net.poisson("new", 3, 10 + iz.noise(1))),
    (ValueError, "rate: expected a number or 3 values", lambda net: net.poisson("new", 3, [1.0, 2.0] * iz.step(3))),
    (ValueError, "expected 0 to 2000 Hz", lambda net: net.poisson("new", 3, lambda t: 1e9)),
    (RuntimeError, "no rates", lambda net: net.poisson("new", 3, raising)),
    # Given spikes
    (IndexError, "i: expected neurons from 0 to 2, got 3", lambda net: net.spike_list("new", 3, [3], [40.0])),
    (ValueError, "i: expected indices of neurons, whole numbers, got 0.5", lambda net: net.spike_list("new", 3, [0.5], [40.0])),
    (ValueError, "t: expected 2 times in ms", lambda net: net.spike_list("new", 3, [1, 2], [40.0])),
    (ValueError, "t: expected 1 time in ms", lambda net: net.spike_list("new", 3, [1], ["soon"])),
    (ValueError, "finite times", lambda net: net.spike_list("new", 3, [1], [np.inf])),
    (ValueError, "times after the present, 0 ms, got 0.2", lambda net: net.spike_list("new", 3, 1, 0.2)),
    (ValueError, "times below", lambda net: net.spike_list("new", 3, 1, 1e18)),
    (ValueError, r"at most one spike .* 0.5 ms, got two of unit 1, at 40 and 40.1 ms; leave one out", lambda net: net.spike_list("new", 3, [1, 1], [40, 40.1])),
    (ValueError, r"two of unit 0, at 40 and 40 ms \(and so on, 2 spikes too many\); leave", lambda net: net.spike_list("new", 3, [2, 2, 0, 1, 0], [50, 50, 40, 40, 40])),
    (ValueError, "t: expected times after the present, 0 ms, got 0", lambda net: net["clicks"].set_spikes([0, 1], [30, 0])),
    (ValueError, "t: expected 1 time in ms, one per spike", lambda net: net["clicks"].set_spikes([0], [30, 0])),
    (IndexError, "i: expected neurons from 0 to", lambda net: net["clicks"].set_spikes([300], [30])),
    (AttributeError, "sources 'noise': no 'set_spikes'; its variables are rate", lambda net: net["noise"].set_spikes([0], [30])),
    # Attributes
    (AttributeError, r"the network: no 'rates'; variables and parameters are of its pools: net\['exc'\].rates", lambda net: setattr(net, "rates", 5)),
    (AttributeError, "the network: 'dt' cannot be set: it is given where a pool or network is made", lambda net: setattr(net, "dt", 1.0)),
    (AttributeError, "the network: 'run' cannot be set", lambda net: setattr(net, "run", 1.0)),
    # Sources
    (TypeError, r"expected a slice such as sources\[:800\]", lambda net: net["noise"]["a"]),
    (IndexError, "at least one of the units from 0 to 19, got none", lambda net: net["noise"][30:40]),
    (ValueError, "expected each unit once", lambda net: net["noise"][[1, 1]]),
    (TypeError, "neurons 0:19:2: these are sources of spikes", lambda net: net["noise"][::2].drive(1.0)),
    (TypeError, "neurons 0:19:2: these are sources of spikes", lambda net: net["noise"][::2].external_input),
    (ValueError, "rate: expected 0 to 2000 Hz.*got -3", lambda net: setattr(net["noise"], "rate", -3)),
    (ValueError, "rate: expected 0 to 2000 Hz.*got 5000", lambda net: net["noise"].set(rate=5000)),
    (ValueError, "rate of sources 'noise': expected a number or 20", lambda net: net["noise"].set(rate=[1, 2])),
    (AttributeError, "sources 'noise': no 'v'; its variables are rate", lambda net: net["noise"].v),
    (AttributeError, "sources 'clicks': no 'rate'; it has no variables$", lambda net: setattr(net["clicks"], "rate", 3)),
    (AttributeError, "sources 'clicks': no 'add'; it has no variables$", lambda net: net["clicks"].add),
    (AttributeError, "'size' cannot be set", lambda net: setattr(net["clicks"], "size", 3)),
    (ValueError, "record: expected one of spikes, counts, got 'v'", lambda net: net["noise"].record("v")),
    (ValueError, "every= is for traces", lambda net: net["noise"].record("spikes", every=1.0)),
    (TypeError, "neurons: expected sources 'noise', some of them, or indices, got <neurons 0:5", lambda net: net["noise"].record("spikes", neurons=net["exc"][:5])),
    (TypeError, "neurons: expected sources 'noise', some of them, or indices, got 'exc'", lambda net: net.record("spikes", "noise", neurons="exc")),
    (IndexError, "neurons: expected neurons from 0 to 19", lambda net: net["noise"].record("spikes", neurons=20)),
    # Connections
    (KeyError, "no pool 'nope'", lambda net: connected(net, "nope")),
    (TypeError, "pre: expected a pool or group of this network", lambda net: connected(net, 5)),
    (TypeError, "post: expected a pool or group", lambda net: connected(net, post=None)),
    (ValueError, "pre: pool 'far' is not of this network", lambda net: connected(net, another())),
    (ValueError, "post: neurons 0:5 is not of this network", lambda net: connected(net, post=another()[:5])),
    (ValueError, "pre: the pool is not of this network", lambda net: connected(net, iz.Pool(10))),
    (TypeError, "post: sources 'noise' only sends spikes", lambda net: connected(net, post="noise")),
    (TypeError, "post: neurons 0:5 only sends spikes", lambda net: connected(net, post=net["noise"][:5])),
    (ValueError, "receptor: pool 'exc' has several, 'ampa', 'gaba'; say which", lambda net: connected(net)),
    (ValueError, "receptor: no 'nmda' in pool 'exc'; it has 'ampa', 'gaba'", lambda net: connected(net, receptor="nmda")),
    (ValueError, "no 'ampa' in pool 'inh'; it has none", lambda net: connected(net, post="inh", receptor="ampa")),
    (ValueError, "receptor 'gaba' of pool 'exc' is a conductance.*got the weight -1;", lambda net: connected(net, receptor="gaba", weight=-1.0)),
    (ValueError, "conductance.*weights from -1 to 2", lambda net: connected(net, receptor="gaba", weight=iz.uniform(-1, 2))),
    (ValueError, "conductance.*weights from -1 to 0", lambda net: connected(net, "inh", receptor="gaba", rule=iz.from_arrays([1], [1], weight=[-1.0]))),
    (ValueError, r"group 'silent' \(0 to 9\) is inhibitory: expected weights of 0 or less, got the weight 1", lambda net: connected(net, net["inh"][:3], "inh")),
    (ValueError, r"group 'loud' \(10 to 14\) is excitatory: .* 0 or more, got weights from -5.8", lambda net: connected(net, net["inh"]["loud"], "inh", weight=iz.normal(1, 1))),
    (TypeError, "rule: expected a rule", lambda net: connected(net, rule="all", receptor="ampa")),
    (TypeError, r"rule: got the function all_to_all itself; write iz.all_to_all\(\)", lambda net: connected(net, rule=iz.all_to_all, receptor="ampa")),
    (ValueError, "as many sources as targets, got 80 and 30", lambda net: connected(net, post="inh", rule=iz.one_to_one())),
    (ValueError, "31 different sources wanted, but there are 30", lambda net: connected(net, "inh", receptor="gaba", rule=iz.fixed_indegree(31, multapses=False))),
    (ValueError, "80 different sources wanted, but there are 79", lambda net: connected(net, receptor="gaba", rule=iz.fixed_indegree(80, multapses=False, autapses=False))),
    (ValueError, "small_world: expected the same neurons as sources and targets, got two pools", lambda net: connected(net, post="inh", rule=iz.small_world(2, 0.1))),
    (ValueError, "delay: expected 0 ms or more, got -1", lambda net: connected(net, post="inh", delay=-1)),
    (ValueError, "delay: at most 1048576 steps", lambda net: connected(net, post="inh", delay=1e9)),
    (ValueError, "reaches? down to|may not be negative", lambda net: connected(net, post="inh", delay=iz.normal(1, 1))),
    (ValueError, r"weight: expected .* shape \(80, 30\)", lambda net: connected(net, post="inh", weight=[1, 2])),
    (ValueError, "weight: given twice", lambda net: connected(net, post="inh", weight=1.0, rule=iz.from_arrays([0], [0], weight=2.0))),
    (ValueError, "the function failed for source 0: RuntimeError: no rates", lambda net: connected(net, post="inh", rule=raising)),
    (TypeError, "only sends spikes", lambda net: net.memory_estimate("exc", "noise", rule=iz.all_to_all())),
    (TypeError, "pre: expected this pool", lambda net: net["exc"].connect(net["inh"], net["exc"], rule=iz.all_to_all())),
    # Recording
    (KeyError, "no pool 'nope'", lambda net: net.record("v", "nope")),
    (TypeError, "neurons: given twice, as <group 'silent'.* and as neurons=", lambda net: net.record("v", "inh.silent", neurons=[1])),
    (KeyError, "no group 'left' in pool 'inh'; groups: silent, loud", lambda net: net.record("v", "inh.left")),
    (KeyError, "no group 'left' in pool 'exc'; groups: none yet", lambda net: net.drive("exc.left", 1.0)),
    (KeyError, "no pool 'noise.left'; there are exc, inh", lambda net: net.connect("noise.left", "inh", rule=iz.all_to_all())),
    (TypeError, "target: sources 'noise' only send spikes; drive a pool", lambda net: net.drive("noise", 1.0)),
    (TypeError, r"pre: expected a pool or group .*, got \[0, 1\]; neurons are told by pool\[\[0, 1\]\]; pairs of them",
     lambda net: net.connect([0, 1], "inh", rule=iz.one_to_one())),
    (TypeError, r"^net.pool: no argument 'C'; it is the model's: net.pool\(name, n, iz.AdEx\(C=3\)\)",
     lambda net: net.pool("more", 3, iz.AdEx, C=3)),
    (ValueError, "expected one of spikes, counts, got 'v'", lambda net: net.record("v", "noise")),
    (ValueError, "record: expected one of v, u, I, spikes, counts, got 'w'", lambda net: net.record("w")),
    (ValueError, "every= is for traces", lambda net: net.record("spikes", every=1.0)),
    (IndexError, "neurons: expected neurons from 0 to 29, got 40", lambda net: net.record("counts", neurons=[40])),
    (ValueError, "every: expected a multiple of dt", lambda net: net.record("v", every=0.7)),
    # Running
    (ValueError, "duration: expected a multiple of dt = 0.5 ms, got 0.7", lambda net: net.run(0.7)),
    (ValueError, "duration: expected a number above 0", lambda net: net.run(0)),
    (ValueError, "n_steps: expected a whole number", lambda net: net.step(0)),
    (RuntimeError, "pool 'exc' belongs to a network, which is run as a whole: net.run", lambda net: net["exc"].run(1.0)),
    (RuntimeError, "pool 'inh' belongs to a network", lambda net: net["inh"].step()),
    (RuntimeError, "pool 'inh' belongs to a network", lambda net: net["inh"].update()),
    # Synapses
    (ValueError, "weights: expected a number or 200 values", lambda net: setattr(net.synapses[0], "weights", [1, 2])),
    (ValueError, "weights: expected a finite number", lambda net: setattr(net.synapses[0], "weights", np.nan)),
    (ValueError, "'ampa' of pool 'exc' is a conductance", lambda net: setattr(net.synapses[0], "weights", -1)),
    (ValueError, "'ampa' of pool 'exc' is a conductance", lambda net: setattr(net.synapses[0], "gain", -1)),
    (ValueError, "gain: expected a finite number", lambda net: setattr(net.synapses[0], "gain", np.inf)),
    (TypeError, r"expected synapses\[pre, post\], got 3", lambda net: net.synapses[0][3]),
    (TypeError, "pre: expected an index, a slice or a list", lambda net: net.synapses[0]["a", 3]),
    (IndexError, "post: expected a slice of consecutive", lambda net: net.synapses[0][3, ::2]),
    (IndexError, "pre: expected indices from 0 to .*, got -1", lambda net: net.synapses[0][-1, 3]),
    (IndexError, "post: expected indices of 0 and above", lambda net: net.synapses[0][3, -4:]),
    (ValueError, "weights: expected a number or", lambda net: net.synapses[0].__setitem__((slice(None), 3), [1] * 999)),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "message", "act"), MESSAGES)
def test_messages_leave_the_network_as_it_was(kind, message, act, untouched):
    net = make()
    with pytest.raises(kind, match=message):
        act(net)
    assert list(net.pools | net.sources) == ["exc", "inh", "noise", "clicks"]
    assert len(net.synapses) == 4
    assert all(
        not inside.wishes(one).traces and inside.wishes(one).spikes for one in inside.members(net).values()
    )
    assert_same(outcome(net), untouched)


@pytest.mark.parametrize(
    "settings", [{"dt": 0}, {"dt": -1.0}, {"dtype": "int"}, {"threads": 0}, {"seed": -1}]
)
def test_settings_of_a_network(settings):
    with pytest.raises(ValueError, match=next(iter(settings))):
        iz.Network(**settings)


def test_an_empty_network():
    net = iz.Network()
    for act in (net.prepare, net.update, net.step, lambda: net.run(1.0)):
        with pytest.raises(RuntimeError, match="an empty network; add a pool first"):
            act()
    with pytest.raises(KeyError, match="there are none yet"):
        net["a"]
    assert "0 units, 0 synapses" in str(net)
    net.pool("a", 3)
    assert net.run(1.0)["a"].size == 3


def test_rates_of_some_units_are_checked_before_a_run(untouched):
    net = make()
    net["noise"][:3].rate = -1.0
    with pytest.raises(ValueError, match=r"rate: expected 0 to 2000 Hz.*got -1"):
        net.run(1.0)
    net["noise"].rate = 100.0
    assert_same(outcome(net), untouched)


def test_functions_that_return_nonsense_later():
    net = iz.Network(dt=0.5)
    net.poisson("late", 3, lambda t: np.where(t < 50, 10.0, np.nan))
    net.run(50.0)
    for act in (net.update, net.step):
        with pytest.raises(
            iz.SimulationError, match=r"sources 'late': .*t = 50 ms.*expected finite numbers"
        ) as caught:
            act()
        assert (net.t, caught.value.result.duration) == (50.0, 0.0)
        assert np.isnan(caught.value.result.rate())
        assert not len(caught.value.result.spikes.i)


def fails_at(t):
    if np.max(t) >= 30:
        raise KeyError("the table ends")
    return np.full_like(t, 40.0)


@pytest.mark.parametrize("chunk", [1e-9, 1e-4, 0.06])
@pytest.mark.parametrize(
    ("function", "error"),
    [
        (fails_at, "KeyError: 'the table ends'"),
        (lambda t: np.where(t < 30, 40.0, np.nan), "ValueError: .*expected finite numbers from <lambda>, got nan at t = 30 ms"),
        (lambda t: 40.0 if t < 30 else -1.0, "ValueError: .*expected 0 or more.*got -1 at t = 30 ms"),
    ],
)  # fmt: skip
def test_a_function_that_fails_ends_the_run_at_its_step(function, error, chunk, monkeypatch):
    """It lost the run, and the clock stood where the last chunk had ended."""
    monkeypatch.setattr(running, "CHUNK_SECONDS", chunk)

    def made(function):
        net = iz.Network(dt=0.5, seed=3)
        fine = net.pool("fine", 20, iz.LeakyIntegrateAndFire)
        fine.drive(fine, iz.from_function(lambda t: 300.0 if t > 1 else 0.0))
        fine.record("v", every=2.0)
        net.poisson("late", 50, function)
        net.run(4.0)
        return net

    with pytest.raises(
        iz.SimulationError, match=f"sources 'late': .* begins at t = 30 ms, .*: {error}"
    ) as caught:
        made(function).run(1000.0)
    result = caught.value.result
    assert (result.start, result.stop) == (4.0, 30.0)
    expected = made(lambda t: np.full_like(t, 40.0)).run(26.0)
    assert expected["late"].counts.sum() > 20
    assert_same(result.spikes, expected.spikes)
    np.testing.assert_array_equal(result["fine"].traces["v"], expected["fine"].traces["v"])


def test_a_pool_whose_function_fails_can_go_on():
    pool = iz.Pool(3, dt=1.0)
    pool.drive(pool, iz.from_function(lambda t: [1.0, 2.0, 3.0][int(t)]))
    pool.record("I")
    with pytest.raises(
        iz.SimulationError, match=r"the pool: .* t = 3 ms.*IndexError: list index out of range"
    ) as caught:
        pool.run(10.0)
    assert caught.value.result.traces["I"][:, 0].tolist() == [1.0, 2.0, 3.0]
    assert isinstance(caught.value.__cause__, IndexError)
    with pytest.raises(iz.SimulationError, match="t = 3 ms") as caught:
        pool.update()
    assert caught.value.result.duration == 0
    pool.drive(pool, 4.0)
    assert pool.run(2.0).traces["I"][:, 0].tolist() == [4.0, 4.0]
    assert pool.t == 5.0
    with pytest.raises(iz.SimulationError, match="t = 10 ms") as caught:
        iz.simulate(iz.Izhikevich, iz.from_function(fails_at).shift(-20), 50)
    assert caught.value.result.v.shape == (100,)
    with pytest.raises(iz.SimulationError, match="t = 0 ms") as caught:
        iz.simulate(iz.Izhikevich, iz.from_function(fails_at).shift(-30), 50)
    assert caught.value.result.v.shape == (0,)


@pytest.mark.parametrize(
    "rate",
    [
        lambda t: 400.0 if t < 100 else 0.0,
        lambda t: 400.0 * (t < 100),
        lambda t: np.where(t < 100, 400, 0),
        iz.step(400.0, start=0, stop=100),
        np.full(200, 2.0) * iz.step(200.0, start=0, stop=100),
    ],
)
def test_rates_that_change_in_any_way(rate):
    net = iz.Network(dt=0.5, seed=6)
    net.poisson("trains", 200, rate)
    counts = net.run(200.0)["trains"].spikes_per_step.reshape(2, 200).sum(axis=1)
    assert counts[0] == pytest.approx(8000, rel=0.05)
    assert counts[1] == 0


def test_a_network_that_is_busy_elsewhere():
    net = make()
    with inside.turn(net):
        for act in (lambda: net.run(1.0), net.update, lambda: net.pool("new", 3), lambda: connected(net)):
            with pytest.raises(RuntimeError, match="busy in another thread"):
                act()


def test_past_spikes_of_a_list():
    net = make()
    net.run(20.0)
    with pytest.raises(ValueError, match="t: expected times after the present, 20 ms, got 20"):
        net.spike_list("late", 1, 0, 20.0)
    assert net.spike_list("late", 1, 0, 20.5).size == 1
    assert net.run(1.0)["late"].spikes.t.tolist() == [20.5]


def test_pools_connect_as_their_network_does():
    def drawn(connect):
        net = iz.Network(dt=1.0, seed=5)
        _, second = net.pool("first", 10), net.pool("second", 30)
        (net if connect == "net" else second).connect(
            second, second, rule=iz.fixed_outdegree(3), weight=iz.uniform(0, 1)
        )
        return net.synapses[0].to_arrays()

    for one, other in zip(drawn("net"), drawn("pool"), strict=True):
        np.testing.assert_array_equal(one, other)


def test_rates_are_checked_before_an_update_too():
    net = iz.Network(dt=1.0, seed=5)
    sources = net.poisson("sources", 10, 5.0)
    sources[:3].rate = -5.0
    with pytest.raises(ValueError, match="rate: expected 0 to 1000 Hz"):
        net.update()


def test_a_network_goes_with_its_last_name():
    """Without waiting for a search for cycles: a loop over seeds holds one network at a time."""
    gc.collect()
    gc.disable()
    try:
        net = iz.Network(dt=1.0, seed=5)
        pool = net.pool("pool", 10, receptors={"ampa": iz.ExponentialCurrent()})
        sources = net.poisson("sources", 5, 3.0)
        synapses = net.connect(sources, pool, rule=iz.fixed_outdegree(2))
        net.run(10.0)
        later = net.connect(sources, pool, rule=iz.fixed_outdegree(2))
        population = weakref.ref(inside.population(pool))
        del net, pool, sources
        assert population() is None
        assert len(synapses.weights) == 10  # was drawn
        assert len(later.to_arrays()[0]) == len(later.weights) == len(later) == 10  # was not
    finally:
        gc.enable()


def test_a_pool_tells_its_own_bytes():
    net = iz.Network(dt=1.0, seed=5)
    small, large = net.pool("small", 10), net.pool("large", 5000)
    net.connect(small, large, rule=iz.fixed_outdegree(100), weight=iz.uniform(0, 1))
    assert net.nbytes == small.nbytes + large.nbytes > large.nbytes > 10 * small.nbytes


def test_numbers_that_are_no_longer_used_take_no_memory():
    pool = iz.Pool(10, seed=5)
    for k in range(30):
        pool.drive(pool, float(k))
        pool.step(100)
    assert inside.n_shared_tiles(pool) == len({0.02, 0.2, -65.0, 8.0, 29.0})
