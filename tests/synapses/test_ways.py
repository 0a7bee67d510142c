"""Two ways of delivery and two of storage: the same spikes, each where it is the faster one."""

import numpy as np
import pytest

import izhi_numba as iz
from izhi_numba.kernels import team
from izhi_numba.synapses.ways import Load, Port, is_sent
from tests import inside
from tests.ways import WAYS, ways_of_delivery


def load(n_synapses, n_sources, n_delays, by_source=None):
    return Load(n_synapses, n_sources, n_delays, n_delays - 1, n_delays, by_source)


def sent(*loads, n_blocks, n_targets):
    port = Port()
    for one in loads:
        port = port.with_load(one, n_blocks)
    return is_sent(port, n_blocks, 4 * n_targets)


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
    assert few.is_sparse(1)
    assert sent(few, n_blocks=1, n_targets=10**6)
    assert not load(10_000, 1000, 1).is_sparse(16)
    assert not load(10_000, 1000, 2**16 + 1).is_sparse(16)
    assert not load(100_000, 1000, 10).is_sparse(2)
    assert load(100_000, 1000, 10).is_sparse(8)


def test_short_rows_tell_their_delays_themselves_where_they_are_visited_when_sent():
    some = load(100_000, 1000, 10)
    assert some.is_by_source(2, sent=True)
    assert not some.is_by_source(2, sent=False)
    assert not load(10**6, 1000, 10).is_by_source(2, sent=True)
    assert not load(100_000, 1000, 10, by_source=False).is_by_source(2, sent=True)


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
