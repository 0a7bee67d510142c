"""Networks: same seed, same bits, for any threads, in one run or in pieces, whatever is recorded."""

import numpy as np
import pytest

import izhi_numba as iz

pytestmark = pytest.mark.usefixtures("all_threads")


def network(threads, dtype="float32"):
    """Sizes that are no whole tiles, delays from none to long, drives and receptors of all kinds."""
    net = iz.Network(dt=0.2, seed=21, threads=threads, dtype=dtype)
    receptors = {"ampa": iz.AMPA(), "nmda": iz.NMDA(), "gaba": iz.GABA_A()}
    exc = net.pool("exc", 7001, iz.AdEx, receptors=receptors, spike_times="interpolated")
    inh = net.pool("inh", 2077, iz.LeakyIntegrateAndFire, receptors={"syn": iz.AlphaCurrent()})
    old = net.pool("old", 3000)
    exc.drive(exc, 420 + iz.noise(60.0) + iz.poisson(500.0, weight=3.0, receptor="ampa"))
    inh.drive(inh[:1000], iz.poisson(800.0, weight=30.0) + iz.step(40, start=20))
    old.drive(old, iz.noise(3.0) + iz.ornstein_uhlenbeck(2.0, tau=5.0) + iz.poisson(100.0, weight=5.0))
    net.poisson("trains", 5003, np.linspace(0, 60, 5003))
    net.poisson("waves", 100, lambda t: 30 + 20 * np.sin(t / 10))
    rng = np.random.default_rng(1)
    places = np.unique(rng.integers([[0, 1]], [[4000, 400]], (9000, 2)), axis=0)
    net.spike_list("list", 4000, places[:, 0], places[:, 1] * 0.2)
    connect = net.connect
    connect(
        exc,
        exc,
        rule=iz.fixed_outdegree(30),
        weight=iz.uniform(0, 2),
        delay=iz.integers(1, 5),
        receptor="ampa",
    )
    connect(exc, exc, rule=iz.fixed_probability(0.002), weight=0.3, delay=iz.uniform(0.6, 3), receptor="nmda")
    connect(exc, inh, rule=iz.fixed_indegree(40), weight=iz.lognormal(2, 0.5), delay=iz.uniform(0.2, 4))
    connect(exc, inh, rule=iz.fixed_total_number(9000), weight=iz.uniform(0, 9), delay=0.4)  # shares its rows
    connect(inh, exc, rule=iz.fixed_indegree(25), weight=4.0, delay=0.8, receptor="gaba")
    connect(inh[:300], old, rule=iz.all_to_all(), weight=iz.uniform(-1, 0), delay=0.0)
    connect(old, inh[50:], rule=iz.fixed_outdegree(20), weight=15.0, delay=12.0)
    connect("trains", old, rule=iz.fixed_indegree(20), weight=4.0, delay=0.2)
    connect("waves", exc, rule=iz.all_to_all(), weight=1.0, delay=1.0, receptor="nmda")
    connect("list", inh, rule=iz.fixed_probability(0.01), weight=iz.normal(40, 5), delay=2.0)
    return net


def outcome(net, results):
    found = [getattr(pool, state).copy() for pool in net.pools.values() for state in pool.model.states]
    for name in [*net.pools, *net.sources]:
        spikes = [one[name].spikes for one in results]
        found += [np.concatenate([one.i for one in spikes]), np.concatenate([one.t for one in spikes])]
    return found


def assert_same(first, second):
    for number, (one, other) in enumerate(zip(first, second, strict=True)):
        np.testing.assert_array_equal(one, other, err_msg=str(number))


@pytest.fixture(scope="module")
def single():
    net = network(1)
    result = net.run(60.0)
    assert min(len(part.spikes.i) for part in result.values()) > 50
    return outcome(net, [result])


@pytest.mark.parametrize("threads", [2, 3, 7])
def test_threads(single, threads):
    net = network(threads)
    assert net["exc"].threads_in_use == threads
    assert_same(single, outcome(net, [net.run(60.0)]))


@pytest.mark.parametrize("threads", [1, 3])
def test_pieces(single, threads):
    net = network(threads)
    results = [net.step(), net.run(1.0), net.step(17), net.run(20.0), net.run(0.4)]
    left = 300 - round(net.t / 0.2)
    assert_same(single, outcome(net, [*results, net.step(left - 10), net.step(10)]))


def test_runs_steps_and_updates(single):
    net = network(3)
    spiked = {name: [] for name in [*net.pools, *net.sources]}
    for _ in range(10):
        for result in (net.run(4.0), net.step(5)):
            for name, part in result.items():
                spiked[name].append(part.spikes.i)
        for _ in range(5):
            for name, neurons in net.update().items():
                spiked[name].append(neurons)
    states = [getattr(pool, state) for pool in net.pools.values() for state in pool.model.states]
    assert_same(single[: len(states)], states)
    for number, (name, parts) in enumerate(spiked.items()):
        mine, expected = np.concatenate(parts), single[len(states) + 2 * number]
        if name == "exc":  # sorted by the time within the step in results, but not in updates
            mine, expected = np.sort(mine), np.sort(expected)
        np.testing.assert_array_equal(mine, expected)


@pytest.mark.parametrize("threads", [1, 2])
def test_whatever_is_recorded(single, threads):
    net = network(threads)
    net.record("v", neurons=[3, 2000], every=1.0)
    net.record("I", "inh")
    net.run(20.0)
    net.record("counts")
    net.run(20.0)
    net.record("spikes", neurons=[5])
    net.run(20.0)
    states = sum(len(pool.model.states) for pool in net.pools.values())
    end = [getattr(pool, state) for pool in net.pools.values() for state in pool.model.states]
    assert_same(single[:states], end)


@pytest.mark.parametrize("threads", [2, 3, 7])
def test_changes_between_runs(threads):
    """More pools and projections, a longer history, other weights: the same for any threads."""
    ends = []
    for some in (1, threads):
        net = network(some)
        net.run(10.0)
        net.update()
        late = net.pool("late", 1025, receptors={"jump": iz.VoltageJump()})
        net.connect("exc", late, rule=iz.fixed_indegree(50), weight=2.0, delay=30.0)
        net.connect(late, "old", rule=iz.fixed_indegree(3), weight=2.0, delay=iz.uniform(0.2, 60))
        net.connect("exc", "exc", rule=iz.fixed_indegree(3), weight=2.0, delay=0.2, receptor="gaba")
        net.run(20.0)
        for one in net.synapses[::2]:
            one.gain = 0.7
        net.synapses[3][:100, :] = 5.0  # has its rows in common with another
        net.synapses[4][:100, :] = 9.0  # had one weight for all
        net["exc"].tau_ampa = 3.0
        net["trains"][:3000].rate = 10.0
        last = net.run(40.0)
        end = [getattr(pool, state).copy() for pool in net.pools.values() for state in pool.model.states]
        ends.append([*end, last.spikes.i, last.spikes.t, *(one.weights for one in net.synapses)])
        assert len(last["late"].spikes.i)
    assert len(ends[0][-len(net.synapses) - 2]) > 1000
    assert_same(*ends)


def test_double_precision():
    ends = []
    for threads in (1, 3):
        net = network(threads, "float64")
        ends.append(outcome(net, [net.run(20.0)]))
    assert_same(*ends)


def test_windows_across_pools_do_not_matter():
    """A silent projection without delay shortens the window of all pools, and changes nothing."""
    ends = []
    for hold_back in (False, True):
        net = iz.Network(dt=0.5, seed=3, threads=3)
        a, b = net.pool("a", 4000), net.pool("b", 3000)
        trains = net.poisson("trains", 2000, 50.0)
        a.drive(a, iz.noise(6.0))
        net.connect(trains, b, rule=iz.fixed_indegree(30), weight=3.0, delay=iz.uniform(5, 9))
        net.connect(a, b, rule=iz.fixed_indegree(30), weight=3.0, delay=iz.uniform(4, 30))
        net.connect(b, a, rule=iz.fixed_indegree(30), weight=-1.0, delay=20.0)
        if hold_back:
            net.connect(b, b, rule=iz.one_to_one(), weight=0.0, delay=0.0)
        ends.append(outcome(net, [net.run(120.0)]))
    assert len(ends[0][-4]) > 300
    assert_same(*ends)


@pytest.mark.slow
@pytest.mark.parametrize("threads", [2, 5])
def test_large_pools(threads):
    """Blocks of more than 65,536 targets are cut; the bits stay."""
    ends = []
    for some in (1, threads):
        net = iz.Network(dt=1.0, seed=3, threads=some)
        a, b = net.pool("a", 150_001), net.pool("b", 70_000)
        a.drive(a, iz.noise(5.0))
        b.drive(b, iz.noise(5.0))
        for pre, post in ((a, b), (b, a), (a, a)):
            net.connect(
                pre, post, rule=iz.fixed_indegree(30), weight=iz.uniform(-1, 2), delay=iz.integers(0, 25)
            )
        ends.append(outcome(net, [net.run(100.0)]))
    assert len(ends[0][-4]) > 10_000
    assert_same(*ends)
