"""Spikes of very many equal synapses are counted, and multiplied by their weight: single precision stays exact."""

import numpy as np
import pytest

import izhi_numba as iz
from tests import inside
from tests.ways import WAYS, ways_of_delivery

N = 200_000  # spikes in one step
ALL = iz.all_to_all()
SOME = iz.fixed_indegree(N // 4)


def volley(dtype="float32", *, receptor="ampa", rule=ALL, delay=1.0, threads=1, n_targets=2):
    """Sources that all spike in one step, onto a few neurons."""
    net = iz.Network(dt=0.1, seed=1, dtype=dtype, threads=threads)
    sources = net.spike_list("sources", N, np.arange(N), np.full(N, 1.0))
    receptors = {receptor: iz.AMPA} if receptor else None
    cells = net.pool("cells", n_targets, iz.LeakyIntegrateAndFire, receptors=receptors)
    net.record(shown(receptor), cells)
    net.connect(sources, cells, rule=rule, weight=0.1, delay=delay)
    return net


def shown(receptor):
    return f"g_{receptor}" if receptor else "I"


def arrived(net, receptor="ampa", ms=8.0):
    return net.run(ms)["cells"].traces[shown(receptor)].max(axis=0)


def one_by_one(n):
    return np.add.accumulate(np.full(n, 0.1, np.float32))[-1]


def test_added_one_by_one_equal_weights_lose_a_thousandth():
    assert abs(one_by_one(N) / (0.1 * N) - 1) > 1e-3


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("delay", [1.0, iz.integers(1, 3)], ids=["one delay", "delays"])
@pytest.mark.parametrize("rule", [ALL, SOME], ids=["all", "some"])
@pytest.mark.parametrize("receptor", ["ampa", ""])
def test_a_volley_arrives_as_in_double_precision(receptor, rule, delay, way):
    options = {"receptor": receptor, "rule": rule, "delay": delay}
    with ways_of_delivery(way):
        single, double = volley(**options), volley("float64", **options)
        np.testing.assert_allclose(arrived(single, receptor), arrived(double, receptor), rtol=1e-6)


@pytest.mark.parametrize("way", WAYS[1:])
def test_the_bits_are_the_same_for_any_number_of_threads(way):
    options = {"rule": iz.fixed_indegree(5000), "delay": iz.integers(1, 3), "n_targets": 200}
    chosen = arrived(volley(**options))
    with ways_of_delivery(way):
        np.testing.assert_array_equal(arrived(volley(threads=3, **options)), chosen)


def test_the_weight_may_change_while_spikes_are_under_way():
    net, other = volley(delay=iz.integers(1, 30)), volley(delay=iz.integers(1, 30))
    for one in (net, other):
        one.run(1.5)
    net.synapses[0].gain = 3.0
    other.synapses[0].weights = np.full(len(other.synapses[0]), 0.3)
    np.testing.assert_allclose(arrived(net), arrived(other), rtol=2e-4)  # the others are added one by one


def test_weights_of_synapses_with_sums_of_their_own():
    net = volley(rule=SOME)
    weights = np.random.default_rng(3).uniform(0, 1, len(net.synapses[0]))
    net.synapses[0].weights = weights
    net.synapses[0].gain = 2.0
    sums = np.zeros(2)
    np.add.at(sums, net.synapses[0].to_arrays()[1], 2 * weights)
    decay = arrived(volley(rule=SOME)) / (0.1 * N / 4)
    np.testing.assert_allclose(arrived(net), sums * decay, rtol=1e-4)


def test_sums_of_their_own_are_told_beforehand():
    net = volley(rule=iz.fixed_indegree(5000), n_targets=200)
    cells = net["cells"]
    before = cells.nbytes
    net.prepare()
    counts = inside.sums_alone(cells)
    assert [(one.receptor, one.alone) for one in counts] == [("ampa", 0)]
    assert 0.9 * before < cells.nbytes <= before + 1000


@pytest.mark.parametrize(
    ("degree", "dtype", "weight"),
    [(4095, "float32", 0.1), (5000, "float64", 0.1), (5000, "float32", iz.uniform(0.0, 0.1))],
)
def test_few_synapses_or_double_precision_or_own_weights_have_sums_in_common(degree, dtype, weight):
    pool = iz.Pool(6000, seed=1, dtype=dtype)
    pool.connect(pool[:], pool[:3], rule=iz.fixed_indegree(degree), weight=weight)
    pool.prepare()
    assert not inside.sums_alone(pool)


def test_projections_with_sums_of_their_own_do_not_share_rows():
    pool = iz.Pool(6000, seed=1)
    for _ in range(2):
        pool.connect(pool[:], pool[:3], rule=iz.fixed_indegree(5000), weight=0.1)
    pool.prepare()
    assert [one.alone for one in inside.sums_alone(pool)] == [0, 1]
    assert inside.store(pool.synapses[0]) is not inside.store(pool.synapses[1])
