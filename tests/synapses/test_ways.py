"""Two ways of delivery and two of storage: the same spikes, each where it is the faster one."""

import numpy as np
import pytest

import izhi_numba as iz
from izhi_numba.kernels import team
from izhi_numba.synapses.ways import PULSES, Cut, Load, Port, Sums, is_sent
from tests import inside
from tests.ways import WAYS, ways_of_delivery


def load(n_synapses, n_sources, n_delays, by_source=None):
    return Load(n_synapses, n_sources, n_delays, n_delays - 1, n_delays, by_source)


def sent(*loads, n_blocks, n_targets):
    port, cut = Port(), Cut(n_blocks, 4 * n_targets)
    for one in loads:
        port = port.with_load(one, cut)
    return is_sent(PULSES, port, cut)


def test_synapses_that_learn_are_visited_where_their_delays_say():
    """By a spike that is sent, with the weight of that time; or by one that arrives."""
    port, cut = Port().with_load(load(10**6, 1000, 20), Cut(1, 4000)), Cut(1, 4000)
    assert is_sent(Sums("", learned_at="dendrite"), port, cut)
    assert not is_sent(Sums("", learned_at="axon"), port, cut)


def cut(n_blocks, n_targets=1000):
    return Cut(n_blocks, 4 * n_targets)


def test_long_rows_in_a_large_ring_are_visited_when_due_and_short_ones_when_sent():
    microcircuit = load(77_000 * 3872, 77_000, 40)
    assert not sent(microcircuit, n_blocks=2, n_targets=77_000)
    assert sent(microcircuit, n_blocks=16, n_targets=77_000)


def test_one_delay_is_visited_when_due():
    assert not sent(load(10_000, 1000, 1), load(10, 10, 1), n_blocks=16, n_targets=1000)


def test_a_ring_that_would_take_more_than_the_synapses_is_not_made():
    assert not sent(load(10**7, 1000, 10_000, by_source=False), n_blocks=1, n_targets=100_000)


def test_few_synapses_tell_their_delays_themselves():
    few = load(10_000, 1000, 1000)
    assert few.is_sparse(cut(1))
    assert sent(few, n_blocks=1, n_targets=10_000)
    assert not few.is_sparse(cut(1, 10**6))  # sums for a thousand steps take 4 GB
    assert not load(10_000, 1000, 1).is_sparse(cut(16))
    assert not load(10_000, 1000, 2**16 + 1).is_sparse(cut(16))
    assert not load(100_000, 1000, 10).is_sparse(cut(2))
    assert load(100_000, 1000, 10).is_sparse(cut(8))


def test_short_rows_tell_their_delays_themselves_where_they_are_visited_when_sent():
    some = load(100_000, 1000, 10)
    assert some.is_by_source(cut(2), sent=True)
    assert not some.is_by_source(cut(2), sent=False)
    assert not load(10**6, 1000, 10).is_by_source(cut(2), sent=True)
    assert not load(100_000, 1000, 10, by_source=False).is_by_source(cut(2), sent=True)


def test_rows_that_tell_their_delays_are_visited_when_sent():
    many = load(10**9, 1000, 2)
    assert not sent(many, n_blocks=1, n_targets=10**9)
    assert sent(many, load(10, 10, 2, by_source=True), n_blocks=1, n_targets=10**9)


def network(dt=1.0, threads=1, n=1500, seed=4):
    pool = iz.Pool(n, seed=seed, dt=dt, threads=threads)
    pool.drive(pool, 4 + iz.noise(4.0))
    pool.connect(
        pool, pool, rule=iz.fixed_outdegree(60), weight=iz.uniform(-0.2, 0.8), delay=iz.integers(1, 20)
    )
    return pool


def made(way, **options):
    """A network that is drawn and wired for one way of delivery."""
    with ways_of_delivery(way):
        pool = network(**options)
        pool.prepare()
    (synapses,) = pool.synapses
    assert inside.store(synapses).by_source == (way == "by source")
    assert len(inside.ring(pool)) == (1 if way == "due" else 21)
    return pool


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("way", WAYS[1:])
def test_all_ways_give_the_same_bits(way, threads):
    pool, other = network(), made(way, threads=threads)
    first, second = pool.run(150.0), other.run(150.0)
    assert len(first.spikes.i) > 300
    np.testing.assert_array_equal(first.spikes.i, second.spikes.i)
    np.testing.assert_array_equal(first.spikes.t, second.spikes.t)
    np.testing.assert_array_equal(pool.v, other.v)


@pytest.mark.parametrize("way", WAYS[1:])
def test_all_ways_have_the_same_synapses(way):
    pool, other = network(n=300), made(way, threads=3, n=300)
    for one, two in zip(pool.synapses[0].to_arrays(), other.synapses[0].to_arrays(), strict=True):
        np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize("way", WAYS[1:])
def test_weights_are_written_and_read_in_all_ways(way):
    pool = made(way, threads=2, n=300)
    synapses = pool.synapses[0]
    weights = np.random.default_rng(1).uniform(0, 1, len(synapses)).astype(np.float32)
    synapses.weights = weights
    np.testing.assert_array_equal(synapses.weights, weights)
    source, target, _, _ = synapses.to_arrays()
    synapses[5, target[source == 5]] = 0.25
    np.testing.assert_array_equal(synapses.weights, np.where(source == 5, np.float32(0.25), weights))


@pytest.mark.parametrize("way", WAYS[1:])
def test_one_step_after_the_other_is_one_run(way):
    whole, single = network(), made(way)
    result = whole.run(120.0)
    listed = [single.update() for _ in range(120)]
    np.testing.assert_array_equal(np.concatenate(listed), result.spikes.i)
    np.testing.assert_array_equal(single.v, whole.v)


@pytest.mark.parametrize("kind", ["one by one", "looks"])
def test_when_projections_are_drawn_does_not_matter(kind):
    """Two projections between the same neurons may share rows, or not: each drawn when it is needed."""

    def make(touch):
        pool = iz.Pool(400, seed=2, dtype="float32")
        pool.drive(pool, 3 + iz.noise(5.0))
        for number, weight in enumerate(
            [iz.uniform(0, 0.5), 0.3, iz.uniform(-0.5, 0), 0.3, iz.uniform(0, 1)]
        ):
            rule = iz.fixed_outdegree(20 + number)
            synapses = pool.connect(pool[:300], pool, rule=rule, weight=weight, delay=iz.integers(1, 4))
            pool.connect(pool[200:], pool, rule=iz.fixed_outdegree(7), weight=weight, delay=2.0)
            if touch and kind == "one by one":
                pool.prepare()
            elif touch:
                synapses.weights  # noqa: B018
        return pool

    one, other = make(touch=False), make(touch=True)
    first, second = one.run(200.0), other.run(200.0)
    assert len(first.spikes.i) > 300
    np.testing.assert_array_equal(first.spikes.i, second.spikes.i)
    np.testing.assert_array_equal(one.v, other.v)


@pytest.mark.parametrize("longest", [255, 300])
def test_each_synapse_tells_its_delay_in_one_byte_or_two(longest):
    with ways_of_delivery("by source"):
        pool = iz.Pool(200, seed=1)
        delays = iz.integers(3, 3 + longest)
        synapses = pool.connect(pool, pool, rule=iz.fixed_outdegree(10), weight=1.0, delay=delays)
        pool.prepare()
    record = inside.pieces(synapses)[0].synapses.dtype
    assert record.itemsize == 2 + (1 if longest == 255 else 2)
    other = iz.Pool(200, seed=1)
    again = other.connect(other, other, rule=iz.fixed_outdegree(10), weight=1.0, delay=delays)
    for one, two in zip(synapses.to_arrays(), again.to_arrays(), strict=True):
        np.testing.assert_array_equal(one, two)


def test_no_synapses():
    with ways_of_delivery("by source"):
        pool = iz.Pool(20, seed=1)
        pool.connect(pool, pool, rule=iz.fixed_probability(0.0), weight=1.0, delay=iz.integers(1, 3))
        pool.run(5.0)
    assert len(pool.synapses[0].delays) == 0


@pytest.mark.parametrize("way", WAYS[1:])
def test_touching_weights_without_a_change_changes_nothing(way):
    """What rings hold is added up again, from spikes under way."""
    whole, touched = network(threads=1), made(way, threads=2)
    times, spikes = [], []
    for _ in range(24):
        (synapses,) = touched.synapses
        synapses.weights = synapses.weights
        result = touched.run(5.0)
        times.append(result.spikes.t), spikes.append(result.spikes.i)
    result = whole.run(120.0)
    np.testing.assert_array_equal(np.concatenate(spikes), result.spikes.i)
    np.testing.assert_array_equal(touched.v, whole.v)


@pytest.mark.parametrize("way", WAYS[1:])
def test_an_interrupt_right_after_the_steps_leaves_the_sums_right(way, monkeypatch):
    whole, stopped = network(), made(way)
    stopped.run(30.0)
    stopped.synapses[0].gain = 1.0  # what the rings hold is to be added up again
    call, once = team.call, [True]

    def interrupted(*arguments):
        call(*arguments)
        if once:
            once.clear()
            raise KeyboardInterrupt

    monkeypatch.setattr(team, "call", interrupted)
    with pytest.raises(KeyboardInterrupt):
        stopped.run(10.0)
    rest = stopped.run(100.0 - stopped.t)
    result = whole.run(100.0)
    late = result.spikes.t > 100.0 - rest.duration
    np.testing.assert_array_equal(rest.spikes.i, result.spikes.i[late])
    np.testing.assert_array_equal(stopped.v, whole.v)


def test_rings_are_counted():
    pool = network()
    before = inside.bytes_without_synapses(pool)
    with ways_of_delivery("sent"):
        pool.prepare()
    grown = inside.bytes_without_synapses(pool) - before
    sums = inside.ring(pool).nbytes
    assert sums == 21 * 4 * inside.population(pool).size
    assert sums < grown < inside.history_bytes(pool) + sums + 1000


@pytest.mark.parametrize("way", WAYS[1:])
def test_gains_act_on_spikes_under_way(way):
    scaled, written = made(way), made(way)
    for pool in (scaled, written):
        pool.run(40.0)
    scaled.synapses[0].gain = 0.5
    (synapses,) = written.synapses
    synapses.weights = 0.5 * synapses.weights
    one, other = scaled.run(15.0), written.run(15.0)
    np.testing.assert_array_equal(one.spikes.i, other.spikes.i)
    np.testing.assert_array_equal(scaled.v, written.v)


# What sums of weights that are to arrive take, and what they cost


def from_few(n_targets=10_000, threads=1):
    net = iz.Network(dt=0.1, seed=1, threads=threads)
    return net, net.spike_list("few", 100, np.arange(100), np.full(100, 0.5)), net.pool("cells", n_targets)


def test_two_synapses_with_long_delays_take_no_sums_for_each_step():
    net, few, cells = from_few()
    pairs = iz.from_arrays([0, 0], [1, 2])
    net.connect(few, cells, rule=pairs, weight=1.0, delay=[100_000.0, 100_000.1])
    net.run(1.0)
    assert len(inside.ring(cells)) == 1


def test_projections_with_other_delays_do_not_share_rows():
    """In common rows there would be sums for all delays."""
    net, few, cells = from_few()
    for delay in (0.1, 250.0):
        net.connect(few, cells, rule=iz.fixed_outdegree(1), weight=0.0, delay=delay)
    told = net.nbytes
    net.prepare()
    assert net.nbytes <= 1.01 * told
    assert len(inside.ring(cells)) == 1


def test_sums_are_told_where_later_projections_bring_more_blocks():
    net, few, cells = from_few(7000, threads=16)
    rng = np.random.default_rng(1)
    pairs = iz.from_arrays(np.repeat(np.arange(100), 40), rng.integers(7000, size=4000))
    net.connect(few, cells, rule=pairs, weight=0.0, delay=rng.integers(1, 11, 4000) * 10.0)
    net.connect(cells, cells, rule=iz.fixed_outdegree(500), weight=0.0, delay=0.1)
    told = net.nbytes
    net.prepare()
    assert net.nbytes <= 1.01 * told


@pytest.mark.parametrize("seed", range(12))
def test_no_more_is_held_than_was_told(seed):
    rng = np.random.default_rng(seed)
    net = iz.Network(dt=0.1, seed=seed, threads=int(rng.choice([1, 2, 7, 16])))
    pools = [
        net.pool(f"p{number}", int(n), iz.LeakyIntegrateAndFire, receptors={"a": iz.AMPA, "b": iz.AMPA})
        for number, n in enumerate(rng.choice([50, 1000, 8000], 2))
    ]
    delays = [
        0.1,
        5.0,
        iz.uniform(0.1, 5.0),
        iz.uniform(0.1, 50.0),
        iz.integers(1, 20),
        iz.uniform(40.0, 41.0),
    ]
    for _ in range(2):
        for _ in range(rng.integers(1, 5)):
            pre, post = (pools[k] for k in rng.integers(2, size=2))
            degree = int(rng.choice([1, 3, 20, 49]))
            rule = [iz.fixed_outdegree(degree), iz.fixed_indegree(degree)][rng.integers(2)]
            weight, delay = [0.0, iz.uniform(0, 1)][rng.integers(2)], delays[rng.integers(len(delays))]
            net.connect(pre, post, rule=rule, weight=weight, delay=delay, receptor="ab"[rng.integers(2)])
        told = net.nbytes
        net.prepare()
        assert net.nbytes <= 1.02 * told + 10_000


def test_sums_stay_where_others_are_connected():
    pool = made("sent")
    pool.run(30.0)
    sums = inside.ring(pool)
    other = pool.group("other", 5)
    pool.prepare()
    assert inside.ring(pool) is sums
    with ways_of_delivery("sent"):
        pool.connect(other, pool, rule=iz.fixed_outdegree(2), weight=0.1)
        pool.prepare()
    assert inside.ring(pool) is not sums


def test_a_gain_leaves_alone_what_is_delivered_when_due_and_other_pools():
    net = iz.Network(dt=0.1, seed=1)
    one, other = net.pool("one", 200), net.pool("other", 200)
    with ways_of_delivery("sent"):
        net.connect(one, one, rule=iz.fixed_outdegree(20), weight=0.1, delay=iz.integers(1, 9))
        net.connect(one, other, rule=iz.fixed_outdegree(20), weight=0.1, delay=iz.integers(1, 9))
        net.run(20.0)
    emptied = inside.count_emptied(net)
    net.synapses[1].gain = 0.7
    net.step(1)
    assert emptied == ["other"]


@pytest.mark.parametrize("gain", [0.7, 1.3])
def test_a_gain_has_the_same_bits_in_rows_that_are_shared_and_in_others(gain):
    def make(touch):
        pool = iz.Pool(400, seed=2, dtype="float32")
        pool.drive(pool, 3 + iz.noise(5.0))
        first = pool.connect(pool, pool, rule=iz.fixed_outdegree(20), weight=0.37)
        if touch:
            pool.prepare()
        pool.connect(pool, pool, rule=iz.fixed_outdegree(20), weight=0.37)
        first.gain = gain
        return pool

    shared, apart = make(touch=False), make(touch=True)
    spikes = [pool.run(300.0).spikes for pool in (shared, apart)]
    assert len(spikes[0].i) > 1000
    np.testing.assert_array_equal(spikes[0].i, spikes[1].i)
    np.testing.assert_array_equal(shared.v, apart.v)
