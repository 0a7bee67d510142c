"""Rules beyond degrees: total number, distance, small world, scale free, and what others hold."""

import functools

import networkx
import numpy as np
import pytest
import scipy.sparse
from scipy import stats

import izhi_numba as iz
from izhi_numba.kernels.build import draw
from tests import inside
from tests.connectivity.test_first_rules import connect

pytestmark = pytest.mark.usefixtures("all_threads")

GRID = iz.grid(20, 25)
SCATTERED = np.random.default_rng(5).uniform(0, 1, (500, 3))
EVERY = {
    "total": iz.fixed_total_number(5000),
    "total, no autapses": iz.fixed_total_number(5000, autapses=False),
    "distance": iz.distance_dependent(GRID, iz.gaussian_profile(2.0), periodic=(25, 20)),
    "distance, 3 dimensions": iz.distance_dependent(SCATTERED, iz.exponential_profile(0.1), autapses=False),
    "distance, delay": iz.distance_dependent(GRID, 0.3, max_distance=3, delay=iz.by_distance(1.0)),
    "small world": iz.small_world(10, 0.3),
    "scale free": iz.scale_free(10),
    "indegree": iz.fixed_indegree(9),
    "function": lambda i: ([i, (3 * i) % 500], i),
}


def pairs(rule, n=500, **more):
    pre, post, _, _ = connect(rule, n, n, **more)
    return pre, post


def matrix(rule, n, seeds, **more):
    """How often each pair occurs in several networks."""
    total = np.zeros((n, n))
    for seed in range(seeds):
        np.add.at(total, pairs(rule, n, seed=seed, **more), 1)
    return total


@pytest.mark.parametrize("name", EVERY)
def test_the_network_is_the_same_for_any_number_of_threads(name):
    rule = EVERY[name]

    def network(threads, seed=1):
        pool = iz.Pool(5000, seed=seed, threads=threads)
        delay = None if name == "distance, delay" else iz.integers(0, 3)
        weight = None if callable(rule) else iz.uniform(0, 1)
        synapses = pool.connect(pool[1000:1500], pool[1000:1500], rule=rule, weight=weight, delay=delay)
        return sorted(zip(*(column.tolist() for column in synapses.to_arrays()), strict=True))

    one = network(1)
    assert len(one) > 900
    for threads in (1, 2, 3, 7):
        assert network(threads) == one
    if not callable(rule):
        assert network(1, seed=2) != one


# Total number


@pytest.mark.parametrize("autapses", [True, False])
@pytest.mark.parametrize("n", [0, 1, 37, 5000])
def test_total_number(n, autapses):
    pre, post = pairs(iz.fixed_total_number(n, autapses=autapses), 50)
    assert len(pre) == n
    assert autapses or (pre != post).all()


def test_all_pairs_are_as_likely_for_a_total_number():
    n = 12
    for autapses in (True, False):
        counts = matrix(iz.fixed_total_number(2000, autapses=autapses), n, 20)
        allowed = np.ones((n, n), bool) if autapses else ~np.eye(n, dtype=bool)
        assert counts[~allowed].sum() == 0
        assert stats.chisquare(counts[allowed]).pvalue > 1e-4


def test_pairs_are_as_likely_where_groups_overlap_in_part():
    counts = np.zeros((8, 20))
    for seed in range(20):
        pre, post, _, _ = connect(iz.fixed_total_number(15_000, autapses=False), 8, 16, offset=4, seed=seed)
        np.add.at(counts, (pre, post), 1)
    allowed = np.zeros_like(counts, bool)
    allowed[:, 4:] = True
    allowed[np.arange(4, 8), np.arange(4, 8)] = False
    assert counts[~allowed].sum() == 0
    assert stats.chisquare(counts[allowed]).pvalue > 1e-4


def test_outdegrees_of_a_total_number_are_binomial():
    degrees = np.concatenate(
        [
            np.bincount(pairs(iz.fixed_total_number(2000), 100, seed=seed)[0], minlength=100)
            for seed in range(20)
        ]
    )
    spread = ((degrees - 20) ** 2).sum() / (20 * 0.99)
    assert 1e-4 < stats.chi2.sf(spread, 20 * 99) < 1 - 1e-4


def test_more_sources_are_drawn_than_one_piece_of_work_holds():
    pool = iz.Pool(1000, seed=1, threads=2)
    synapses = pool.connect(pool, pool, rule=iz.fixed_total_number(2_500_000))
    assert len(synapses) == 2_500_000
    counts = np.bincount(synapses.to_arrays()[0], minlength=1000)
    assert stats.chisquare(counts).pvalue > 1e-4


# Distance


def distances(sources, targets, period=None):
    away = targets[None, :, :] - sources[:, None, :]
    if period is not None:
        away -= period * np.rint(away / period)
    return np.sqrt((away**2).sum(axis=2))


def test_a_grid():
    np.testing.assert_allclose(iz.grid(2, 3, 0.5), [[0, 0], [0.5, 0], [1, 0], [0, 0.5], [0.5, 0.5], [1, 0.5]])
    assert iz.grid(1, 1).shape == (1, 2)


LINE = np.column_stack([np.linspace(0, 30, 60), np.zeros(60)])
CLOUD = np.random.default_rng(3).normal(0, 1, (150, 2))
PROFILES = [
    (iz.gaussian_profile(1.5), lambda d: np.exp(-(d**2) / 4.5)),
    (iz.gaussian_profile(4.0, peak=0.3), lambda d: 0.3 * np.exp(-(d**2) / 32)),
    (iz.exponential_profile(2.0, peak=0.8), lambda d: 0.8 * np.exp(-d / 2)),
    (0.4, lambda d: np.full_like(d, 0.4)),
    (1, lambda d: np.ones_like(d)),
    (0.0, lambda d: np.zeros_like(d)),
]


@pytest.mark.parametrize("seeds", [10, pytest.param(40, marks=pytest.mark.slow)])
@pytest.mark.parametrize(("profile", "formula"), PROFILES)
@pytest.mark.parametrize("limit", [None, 3.0])
@pytest.mark.parametrize(
    ("positions", "period"),
    [
        (iz.grid(12, 13), None),
        (iz.grid(12, 13), (13, 12)),
        (LINE, None),
        (LINE, (30.5, 1.0)),
        (CLOUD, None),
        (np.random.default_rng(4).uniform(-5, 9, (120, 3)), (4.0, 5.0, 6.0)),
        (np.random.default_rng(4).uniform(-5, 9, (120, 3)), None),
        (np.zeros((20, 2)), None),
    ],
)
def test_the_probability_of_each_pair_is_that_of_its_distance(
    profile, formula, limit, positions, period, seeds
):
    """In ten networks, or forty in the long form."""
    rule = iz.distance_dependent(positions, profile, max_distance=limit, periodic=period)
    n = len(positions)
    d = distances(positions, positions, None if period is None else np.array(period))
    p = formula(d) * (d <= (np.inf if limit is None else limit * (1 + 1e-9)))
    counts = matrix(rule, n, seeds)
    assert counts.max() <= seeds
    assert (counts[p == 0] == 0).all()
    assert (counts[p == 1] == seeds).all()
    drawn = (p > 0) & (p < 1)
    if not drawn.any():
        return
    # By distance: each group of pairs holds as many synapses as it should.
    rank = (np.argsort(np.argsort(d[drawn])) * 15) // drawn.sum()
    mean = np.bincount(rank, p[drawn]) * seeds
    variance = np.bincount(rank, (p * (1 - p))[drawn]) * seeds
    enough = mean > 20
    z = ((np.bincount(rank, counts[drawn]) - mean)[enough] ** 2 / variance[enough]).sum()
    assert 1e-5 < stats.chi2.sf(z, enough.sum()) < 1 - 1e-5
    # By source and by target: nobody is left out.
    for axis in (0, 1):
        sums, variance = (p * seeds).sum(axis=axis), (p * (1 - p) * seeds).sum(axis=axis)
        enough = variance > 10
        z = ((counts.sum(axis=axis) - sums)[enough] ** 2 / variance[enough]).sum()
        assert stats.chi2.sf(z, max(1, enough.sum())) > 1e-5


def test_pairs_are_independent():
    rule = iz.distance_dependent(iz.grid(8, 8), iz.gaussian_profile(2.0, peak=0.7), periodic=(8, 8))
    d = distances(iz.grid(8, 8), iz.grid(8, 8), np.array([8, 8]))
    p = 0.7 * np.exp(-(d**2) / 8)
    degrees = np.concatenate([np.bincount(pairs(rule, 64, seed=seed)[0], minlength=64) for seed in range(60)])
    variance = (p * (1 - p)).sum(axis=1)[0]
    z = ((degrees - p.sum(axis=1)[0]) ** 2).sum() / variance
    assert 1e-4 < stats.chi2.sf(z, len(degrees)) < 1 - 1e-4


def test_other_neurons_elsewhere():
    sources, targets = iz.grid(5, 6, 2.0), iz.grid(9, 10) + [3.0, -20.0]
    rule = iz.distance_dependent(sources, 1.0, targets=targets, max_distance=16.5)
    pre, post, _, _ = connect(rule, 30, 90, offset=30)
    near = distances(sources, targets) <= 16.5
    assert 0 < near.sum() < near.size
    assert set(zip(pre.tolist(), (post - 30).tolist(), strict=True)) == set(
        zip(*np.nonzero(near), strict=True)
    )
    assert len(pre) == near.sum()


def test_autapses_and_distance():
    for autapses in (True, False):
        rule = iz.distance_dependent(iz.grid(10, 10), 1, max_distance=1, periodic=(10, 10), autapses=autapses)
        pre, post = pairs(rule, 100)
        assert len(pre) == (500 if autapses else 400)
        assert ((pre == post).sum() > 0) == autapses


@pytest.mark.parametrize("spacing", [0.1, 0.3, 1e-6, 7e5])
def test_a_reach_of_whole_spacings_takes_in_its_edge(spacing):
    rule = iz.distance_dependent(iz.grid(1, 40, spacing), 1, max_distance=3 * spacing)
    pre, post = pairs(rule, 40)
    assert abs(pre - post).max() == 3
    assert len(pre) == 40 * 7 - 2 * (3 + 2 + 1)


def test_delays_by_distance():
    rule = iz.distance_dependent(GRID, 0.5, max_distance=6, periodic=(25, 20))
    d = distances(GRID, GRID, np.array([25, 20]))
    pool = iz.Pool(500, seed=1, dt=0.1, threads=2)
    synapses = pool.connect(
        pool, pool, rule=rule, delay=iz.by_distance(0.7, offset=1.2), weight=iz.uniform(0, 1)
    )
    pre, post, _, delay = synapses.to_arrays()
    np.testing.assert_allclose(delay, 1.2 + d[pre, post] / 0.7, atol=0.0501)
    np.testing.assert_array_equal(np.rint(delay / 0.1), np.rint((1.2 + d[pre, post] / 0.7) / 0.1))


@pytest.mark.parametrize(
    "positions", [iz.grid(100, 100), np.random.default_rng(1).normal(size=(8000, 2)) ** 3]
)
@pytest.mark.parametrize("profile", [iz.gaussian_profile(0.8), iz.exponential_profile(1.0, peak=0.1), 0.01])
def test_the_number_expected_is_a_little_more_than_that_drawn(positions, profile):
    rule = iz.distance_dependent(positions, profile, max_distance=10.0)
    pool = iz.Pool(len(positions), seed=1, threads=2)
    estimate = rule.expected_synapses(pool.size, pool.size)
    n = len(pool.connect(pool, pool, rule=rule))
    assert n <= estimate <= 1.7 * n


def test_a_network_with_many_cells_is_cut_well():
    rule = iz.distance_dependent(iz.grid(200, 250), iz.gaussian_profile(3.0))
    counts, steps, bound, least = inside.cells(rule)
    assert counts.prod() > 1000
    assert len(steps) < 5000
    assert (least <= bound).all()
    # Tested one by one or drawn: the number of neurons looked at is a few times that of synapses.
    assert bound.sum() * 50_000 / counts.prod() < 6 * 2 * np.pi * 9


# Small world


@pytest.mark.parametrize("p", [0.0, 0.1, 0.7, 1.0])
@pytest.mark.parametrize(("n", "k"), [(100, 6), (9, 8), (10, 8), (5, 0), (3, 2)])
def test_small_world(n, k, p):
    pre, post = pairs(iz.small_world(k, p), n)
    np.testing.assert_array_equal(np.bincount(pre, minlength=n), k)
    assert (pre != post).all()
    assert len(set(zip(pre.tolist(), post.tolist(), strict=True))) == len(pre)
    if p == 0:
        away = np.minimum((post - pre) % n, (pre - post) % n)
        assert (away <= k // 2).all()


def test_edges_are_rewired_with_their_probability():
    n, k, p, seeds = 400, 10, 0.2, 10
    moved = 0
    counts = np.zeros(n)
    for seed in range(seeds):
        pre, post = pairs(iz.small_world(k, p), n, seed=seed)
        offset = (post - pre) % n
        far = np.minimum(offset, n - offset) > k // 2
        moved += far.sum()
        counts += np.bincount(offset[far], minlength=n)
    # A place on the ring that was left may be drawn again: k p^2 / 2n of all, less than the noise.
    assert stats.binomtest(int(moved), n * k * seeds, p).pvalue > 1e-4
    assert stats.chisquare(counts[counts > 0]).pvalue > 1e-4
    assert (counts > 0).sum() == n - 1 - k


def test_clustering_and_path_length_of_small_worlds():
    """Watts and Strogatz (1998), figure 2: at p = 0.01 paths are short, clustering is that of the ring."""

    def of(p):
        graph = networkx.DiGraph(
            zip(*(side.tolist() for side in pairs(iz.small_world(10, p), 300)), strict=True)
        )
        both = graph.to_undirected()
        return networkx.average_clustering(both), networkx.average_shortest_path_length(both)

    ring, small, random = of(0.0), of(0.03), of(1.0)
    assert ring[0] == pytest.approx(2 / 3)
    assert small[0] > 0.75 * ring[0]
    assert small[1] < 0.4 * ring[1]
    assert random[0] < 0.2 * ring[0]


# Scale free


@pytest.mark.parametrize("autapses", [True, False])
@pytest.mark.parametrize("degree", [0, 1, 10, 59])
def test_scale_free_targets_are_distinct(degree, autapses):
    pre, post = pairs(iz.scale_free(degree, autapses=autapses), 60)
    np.testing.assert_array_equal(np.bincount(pre, minlength=60), degree)
    assert len(set(zip(pre.tolist(), post.tolist(), strict=True))) == len(pre)
    if not autapses:
        assert (pre != post).all()


@pytest.mark.parametrize("exponent", [2.2, 3.0, 5.0])
def test_places_are_drawn_with_their_weight(exponent):
    n = 50
    counts = np.zeros(n)
    for seed in range(60):
        counts += np.bincount(pairs(iz.scale_free(1, exponent, autapses=True), n, seed=seed)[1], minlength=n)
    weights = np.arange(1.0, n + 1) ** (-1 / (exponent - 1))
    assert stats.chisquare(counts, weights / weights.sum() * counts.sum()).pvalue > 1e-4


@pytest.mark.parametrize("n", [1, 2, 7, 1000])
def test_the_alias_table_holds_the_weights(n):
    for weights in (np.ones(n), np.arange(1.0, n + 1), np.r_[np.zeros(n - 1), 1.0]):
        wanted = weights / weights.mean()
        threshold, alias = np.empty((2, n), np.uint32)
        draw.fill_alias(wanted.copy(), threshold, alias, np.empty(n, np.int64))
        kept = threshold / 2.0**32
        np.testing.assert_allclose(kept + np.bincount(alias, 1 - kept, n), wanted, atol=n * 1e-8)


def test_indegrees_have_a_tail_that_falls_with_the_exponent():
    _, post = pairs(iz.scale_free(20, 3.0), 4000)
    degrees = np.sort(np.bincount(post, minlength=4000))[::-1]
    # In-degree k_i ~ i ** -1/2: rank against degree is a straight line of slope -(exponent - 1).
    ranks = np.arange(20, 1000)
    slope = np.polyfit(np.log(degrees[ranks]), np.log(ranks), 1)[0]
    assert slope == pytest.approx(-2, abs=0.25)


# What others hold


def columns(synapses):
    return sorted(zip(*(column.tolist() for column in synapses.to_arrays()), strict=True))


@pytest.mark.parametrize("form", ["csr_array", "csc_matrix", "coo_array", "lil_array"])
def test_from_scipy(form):
    dense = np.where(np.random.default_rng(1).random((30, 40)) < 0.2, np.arange(1200.0).reshape(30, 40), 0)
    rule = iz.from_scipy(getattr(scipy.sparse, form)(dense), delay=2.0)
    pool = iz.Pool(40, dtype="float64")
    pre, post = np.nonzero(dense)
    given = iz.from_arrays(pre, post, dense[pre, post], 2.0)
    expected = columns(pool.connect(pool[:30], pool, rule=given))
    assert columns(pool.connect(pool[:30], pool, rule=rule)) == expected
    with pytest.raises(ValueError, match="from_scipy: made for 30 sources and 40 targets, got 40 and 40"):
        pool.connect(pool, pool, rule=rule)


def test_a_matrix_of_truth_holds_no_weights():
    pool = iz.Pool(3)
    rule = iz.from_scipy(scipy.sparse.csr_array(np.eye(3, dtype=bool)))
    assert pool.connect(pool, pool, rule=rule, weight=7.0).to_arrays()[2].tolist() == [7, 7, 7]


def test_a_matrix_stays_as_it_was():
    matrix = scipy.sparse.coo_array(([1.0], ([0], [1])), shape=(3, 3))
    rule = iz.from_scipy(matrix)
    matrix.data[:] = 5
    pool = iz.Pool(3)
    assert pool.connect(pool, pool, rule=rule).to_arrays()[2].tolist() == [1.0]


def test_from_networkx():
    pool = iz.Pool(4, dtype="float64")
    directed = networkx.DiGraph()
    directed.add_edge("a", "b", weight=0.5, delay=1)
    directed.add_edge("b", "c", weight=2, delay=3.0)
    directed.add_node("d")
    expected = columns(pool.connect(pool, pool, rule=iz.from_arrays([0, 1], [1, 2], [0.5, 2], [1, 3])))
    assert columns(pool.connect(pool, pool, rule=iz.from_networkx(directed))) == expected
    labelled = networkx.relabel_nodes(directed, {"a": 3, "b": 2, "c": 1, "d": 0})
    expected = columns(pool.connect(pool, pool, rule=iz.from_arrays([3, 2], [2, 1], [0.5, 2], [1, 3])))
    assert columns(pool.connect(pool, pool, rule=iz.from_networkx(labelled))) == expected
    renamed = iz.from_networkx(directed, weight="w", delay="d")
    assert {c[2:] for c in columns(pool.connect(pool, pool, rule=renamed, weight=4.0))} == {(4.0, 0.0)}


@pytest.mark.parametrize(
    ("labels", "neurons"),
    [
        ([2, 0, 1], [2, 0, 1]),
        ([30, 10, 20], [2, 0, 1]),
        ([-1, 7, 3], [0, 2, 1]),
        (["10", "9", "2"], [2, 1, 0]),
        (["2", "0", "1"], [2, 0, 1]),
        ([2.5, 0.0, np.int32(1)], [2, 0, 1]),
        (["b", "a", "c"], [0, 1, 2]),
        ([1, "0", 2], [0, 1, 2]),
        ([(1, 0), (0, 0), (0, 1)], [0, 1, 2]),
    ],
)
def test_labels_that_are_numbers_give_the_order(labels, neurons):
    graph = networkx.DiGraph()
    graph.add_nodes_from(labels)
    graph.add_edge(labels[0], labels[1])
    graph.add_edge(labels[1], labels[2])
    pre, post = pairs(iz.from_networkx(graph), 3)
    found = set(zip(pre.tolist(), post.tolist(), strict=True))
    assert found == {(neurons[0], neurons[1]), (neurons[1], neurons[2])}


def test_whole_floats_are_neurons_too():
    table = np.loadtxt(["0 2 0.5", "1 0 0.25"])
    pre, post = pairs(iz.from_arrays(*table.T[:2]), 3)
    assert (pre.tolist(), post.tolist()) == ([0, 1], [2, 0])
    pool = iz.Pool(3)
    with pytest.raises(IndexError, match="from_arrays: pre: expected neurons from 0 to 2, got 3000000000"):
        pool.connect(pool, pool, rule=iz.from_arrays([3e9], [0]))


def test_undirected_graphs_go_both_ways():
    graph = networkx.Graph([(0, 1), (1, 2), (2, 2)])
    pre, post = pairs(iz.from_networkx(graph), 3)
    assert sorted(zip(pre.tolist(), post.tolist(), strict=True)) == [(0, 1), (1, 0), (1, 2), (2, 1), (2, 2)]
    many = networkx.MultiGraph([(0, 1), (0, 1)])
    assert len(pairs(iz.from_networkx(many), 2)[0]) == 4


FUNCTIONS = [
    (lambda i: [i, 5], None),
    (lambda i: (i + 1) % 6, None),
    (lambda i: {i}, None),
    (lambda i: range(i), None),
    (lambda i: (j for j in (i, 0)), None),
    (lambda i: np.arange(i, dtype=np.uint8), None),
    (lambda i: ([i, 0], 0.5 + i), lambda i: 0.5 + i),
    (lambda i: (range(i), [float(j) for j in range(i)]), None),
    (lambda i: [] if i % 2 else ([0], 2.0), lambda i: 2.0),
]


@pytest.mark.parametrize(("function", "weight"), FUNCTIONS)
def test_a_function_of_the_source(function, weight):
    calls = []

    @functools.wraps(function)
    def counted(i):
        calls.append(i)
        return function(i)

    pool = iz.Pool(10, dtype="float64")
    pre, post, w, _ = pool.connect(pool[2:8], pool[4:10], rule=counted).to_arrays()
    assert calls == list(range(6))
    for i in range(6):
        result = function(i)
        targets = result[0] if isinstance(result, tuple) else result
        targets = [targets] if isinstance(targets, int) else list(targets)
        assert sorted(post[pre == i]) == sorted(targets)
        if weight is not None and len(targets):
            assert (w[pre == i] == weight(i)).all()


def test_a_function_gives_delays():
    pool = iz.Pool(6, dtype="float64")
    synapses = pool.connect(pool, pool, rule=lambda i: ([0, 1], [i, 2.0], 3.0))
    assert columns(synapses) == sorted((i, j, (i, 2.0)[j], 3.0) for i in range(6) for j in (0, 1))
    assert repr(synapses) == "<pool -> pool: 12 synapses, a function>"
    assert len(pool.connect(pool, pool, rule=lambda i: [])) == 0
    assert pool.memory_estimate(pool, pool, rule=lambda i: [0]) > 0


def broken(i):
    if i == 3:
        raise ZeroDivisionError("by hand")
    return [0]


def broken_generator(i):
    yield 0
    yield 1 // (3 - i)


A = iz.distance_dependent(iz.grid(10, 10), 0.5)
CONNECT = [
    (dict(rule=broken), ValueError, "rule: the function failed for source 3: ZeroDivisionError: by hand"),
    (dict(rule=broken_generator), ValueError, "the function failed for source 3: ZeroDivisionError"),
    (dict(rule=lambda: [0]), ValueError, "the function failed for source 0: TypeError"),
    (dict(rule=lambda i: None), TypeError, "for source 0 expected a list of target indices, got None"),
    (dict(rule=lambda i: [0.5]), TypeError, r"for source 0 expected a list of target indices, got \[0.5\]"),
    (dict(rule=lambda i: [True]), TypeError, "for source 0 expected a list of target indices"),
    (dict(rule=lambda i: "ab"), TypeError, "for source 0 expected a list of target indices, got 'ab'"),
    (dict(rule=lambda i: {0: 1.0}), TypeError, "for source 0 expected a list of target indices"),
    (dict(rule=lambda i: [[0, 1]]), TypeError, "for source 0 expected a list of target indices"),
    (dict(rule=lambda i: [i + 95]), IndexError, "for source 5 expected targets from 0 to 99, got 100"),
    (dict(rule=lambda i: [-1]), IndexError, "for source 0 expected targets from 0 to 99, got -1"),
    (dict(rule=lambda i: (0, 1)), TypeError, r"for source 0 expected \(targets, weights\) .* got the tuple \(0, 1\); give targets alone as a list"),
    (dict(rule=lambda i: ([0],)), TypeError, r"got the tuple \(\[0\],\)"),
    (dict(rule=lambda i: ([0], 1, 1, 1)), TypeError, "give targets alone as a list"),
    (dict(rule=lambda i: ([0, 1], [1.0])), ValueError, r"for source 0 expected a number or 2 weights, got shape \(1,\)"),
    (dict(rule=lambda i: ([0, 1], "x")), TypeError, "for source 0 expected weights that are numbers, got 'x'"),
    (dict(rule=lambda i: ([0], None)), TypeError, "for source 0 expected weights that are numbers, got None"),
    (dict(rule=lambda i: ([0], np.nan)), ValueError, "for source 0 expected finite weights, got nan"),
    (dict(rule=lambda i: ([0], 1.0, -float(i))), ValueError, "for source 1 expected delays of 0 ms or more, got -1"),
    (dict(rule=lambda i: [0] if i == 7 else ([0], 1.0)), ValueError, "targets and weights for source 0, but targets alone for source 7; give the same for all"),
    (dict(rule=lambda i: ([0], 1.0), weight=2.0), ValueError, "weight: given twice, to connect and to a function"),
    (dict(rule=iz.Rule), TypeError, "rule: expected a rule such as .*, or a function of a source"),
    (dict(rule=iz.all_to_all), TypeError, r"got the function all_to_all itself; write iz.all_to_all\(\)$"),
    (dict(rule=iz.distance_dependent), TypeError, r"write iz.distance_dependent\(positions, profile\)$"),
    (dict(rule=iz.from_networkx), TypeError, r"write iz.from_networkx\(graph\)$"),
    (dict(rule=iz.small_world), TypeError, r"write iz.small_world\(k, p\)$"),
    (dict(rule=scipy.sparse.csr_array(np.eye(100))), TypeError, r"rule: got a sparse matrix; write iz.from_scipy\(matrix\)"),
    (dict(rule=np.eye(100)), TypeError, r"rule: got an array of float64, shape \(100, 100\); write iz.from_arrays\(pre, post\) .* or iz.from_scipy"),
    (dict(rule=networkx.path_graph(5)), TypeError, r"rule: got a graph; write iz.from_networkx\(graph\)"),
    (dict(rule=list(range(100))), TypeError, r"a function of a source, got \[0, 1, .*\.\.\.$"),
    (dict(rule=iz.one_to_one(), delay=1048577.0), ValueError, "at most 1048576 steps of 1 ms are possible, 1048576 ms, got up to 1048577 ms"),
    (dict(rule=iz.fixed_total_number(5, autapses=False), pre=slice(0, 1), post=slice(0, 1)), ValueError, "no pair but the neuron itself; allow autapses=True"),
    (dict(rule=iz.fixed_total_number(5), weight=np.ones(5)), ValueError, "fixed_total_number draws the number of its synapses"),
    (dict(rule=iz.small_world(4, 0.1), post=slice(0, 50)), ValueError, "small_world: expected the same neurons as sources and targets, got 0:100 and 0:50"),
    (dict(rule=iz.small_world(4, 0.1), pre=slice(0, 50), post=slice(10, 60)), ValueError, "got 0:50 and 10:60"),
    (dict(rule=iz.small_world(100, 0.1)), ValueError, "k = 100 neighbours wanted, but there are 99 other neurons; take fewer"),
    (dict(rule=iz.small_world(4, 0.1), weight=np.ones(400)), ValueError, r"shape \(100, 4\) for small_world"),
    (dict(rule=iz.scale_free(100)), ValueError, "scale_free: 100 different targets wanted, but there are 99; take fewer$"),
    (dict(rule=A, pre=slice(0, 50)), ValueError, "positions: expected one position for each of the 50 sources, got 100"),
    (dict(rule=A, post=slice(0, 50)), ValueError, "targets: expected one position for each of the 50 targets, got 100; give targets="),
    (dict(rule=A, weight=np.ones(100)), ValueError, "distance_dependent draws the number"),
    (dict(rule=A, weight=iz.by_distance(1.0)), ValueError, r"weight: by_distance\(1, offset=0\) is for the delays of distance_dependent"),
    (dict(rule=iz.fixed_outdegree(3), delay=iz.by_distance(1.0)), ValueError, "is for the delays of distance_dependent, got fixed_outdegree"),
    (dict(rule=A, delay=iz.by_distance(1e-9)), ValueError, "delay: at most 1048576 steps"),
    (dict(rule=iz.from_networkx(networkx.path_graph(5))), ValueError, "from_networkx: made for 5 sources and 5 targets, got 100 and 100"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "error", "message"), CONNECT)
def test_what_cannot_be_connected(arguments, error, message):
    pool = iz.Pool(100, seed=1)
    arguments = dict(arguments)
    pre, post = (pool[arguments.pop(side, slice(0, 100))] for side in ("pre", "post"))
    with pytest.raises(error, match=message):
        pool.connect(pre, post, **arguments)
    assert pool.synapses == ()
    pool.run(1)


UNEVEN = networkx.Graph()
UNEVEN.add_edge(0, 1, weight=1.0)
UNEVEN.add_edge(1, 2)
OTHERS = [
    (lambda: iz.fixed_total_number(-1), ValueError, "fixed_total_number: n: expected a whole number from 0 .*got -1"),
    (lambda: iz.fixed_total_number(2.5), TypeError, "n: .*got 2.5"),
    (lambda: iz.fixed_total_number(2**32), ValueError, "to 4294967295"),
    (lambda: iz.fixed_total_number(3, autapses=1), TypeError, "autapses: expected True or False"),
    (lambda: iz.small_world(3, 0.1), ValueError, "k: expected an even number, half for each side, got 3"),
    (lambda: iz.small_world(-2, 0.1), ValueError, "k: .*got -2"),
    (lambda: iz.small_world(2, 1.1), ValueError, "small_world: p: expected a probability from 0 to 1, got 1.1"),
    (lambda: iz.scale_free(-2), ValueError, "degree: .*got -2"),
    (lambda: iz.scale_free(2, 2.0), ValueError, "exponent: expected a number above 2, got 2.0"),
    (lambda: iz.grid(0, 3), ValueError, "grid: rows: .*got 0"),
    (lambda: iz.grid(3, 2.5), TypeError, "grid: columns: .*got 2.5"),
    (lambda: iz.grid(3, 3, 0), ValueError, "grid: spacing: .*above 0, got 0"),
    (lambda: iz.gaussian_profile(0), ValueError, "sigma: .*above 0"),
    (lambda: iz.gaussian_profile(1, peak=2), ValueError, "peak: expected a probability from 0 to 1, got 2"),
    (lambda: iz.exponential_profile(-1), ValueError, "length: .*above 0"),
    (lambda: iz.exponential_profile(1, peak=-1), ValueError, "peak: expected a number of at least 0"),
    (lambda: iz.by_distance(0), ValueError, "velocity: .*above 0"),
    (lambda: iz.by_distance(1, offset=-1), ValueError, "offset: .*at least 0"),
    (lambda: iz.distance_dependent([1, 2], 0.5), ValueError, r"positions: expected an array \(n, 2\) or \(n, 3\), got shape \(2,\)"),
    (lambda: iz.distance_dependent(np.ones((3, 4)), 0.5), ValueError, r"got shape \(3, 4\)"),
    (lambda: iz.distance_dependent(np.ones((0, 2)), 0.5), ValueError, r"got shape \(0, 2\)"),
    (lambda: iz.distance_dependent("here", 0.5), ValueError, "got 'here'"),
    (lambda: iz.distance_dependent([[0, 1], [np.nan, 0]], 0.5), ValueError, "expected finite numbers, got .* for neuron 1"),
    (lambda: iz.distance_dependent([[0, 1]], 0.5, targets=[[0, 1, 2]]), ValueError, "as many dimensions, got 2 and 3"),
    (lambda: iz.distance_dependent([[0, 1]], "gauss"), TypeError, r"profile: expected iz.gaussian_profile\(...\), iz.exponential_profile\(...\) or a probability, got 'gauss'; .* a function of the source"),
    (lambda: iz.distance_dependent([[0, 1]], lambda d: 1 / d), TypeError, "got <function .*; for any other profile, give connect a function of the source"),
    (lambda: iz.distance_dependent([[0, 1]], True), TypeError, "or a probability, got True"),
    (lambda: iz.from_arrays(np.full(100, True), [1]), TypeError, r"pre: expected a list of neuron indices, got an array of bool, shape \(100,\)$"),
    (lambda: iz.distance_dependent([[0, 1]], 1.5), ValueError, "expected a profile or probability from 0 to 1, got 1.5"),
    (lambda: iz.distance_dependent([[0, 1]], 1, max_distance=0), ValueError, "max_distance: .*above 0"),
    (lambda: iz.distance_dependent([[0, 1]], 1, periodic=(1, 2, 3)), ValueError, r"periodic: expected 2 numbers, got \(1, 2, 3\)"),
    (lambda: iz.distance_dependent([[0, 1]], 1, periodic=(1, 0)), ValueError, r"periodic: expected numbers above 0, got \(1, 0\)"),
    (lambda: iz.distance_dependent([[0, 1]], 1, autapses=None), TypeError, "autapses: expected True or False"),
    (lambda: iz.from_scipy(np.eye(3)), TypeError, "expected a sparse matrix of scipy, got ndarray"),
    (lambda: iz.from_scipy(scipy.sparse.coo_array([1.0, 0.0])), ValueError, r"expected two dimensions, got shape \(2,\)"),
    (lambda: iz.from_scipy(scipy.sparse.coo_array(1j * np.eye(2))), TypeError, "expected weights that are numbers, got complex128"),
    (lambda: iz.from_networkx([(0, 1)]), TypeError, "expected a graph of networkx, got list"),
    (lambda: iz.from_networkx(UNEVEN), ValueError, r"1 of 2 edges have no 'weight', the first \(1, 2\); give it to all or to none"),
    (lambda: iz.from_networkx(networkx.Graph([(0, 1, {"delay": "x"})])), TypeError, r"delay of edge \(0, 1\): expected a number, got 'x'"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "message"), OTHERS)
def test_what_makes_no_sense(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_profiles_end_where_nothing_is_drawn():
    assert iz.gaussian_profile(2.0).reach == pytest.approx(2 * 6.66, rel=1e-3)
    assert iz.exponential_profile(2.0).reach == pytest.approx(2 * 32 * np.log(2))
    assert iz.gaussian_profile(1.0, peak=1e-12).reach == 0
    assert repr(A.profile) == "0.5"


@pytest.mark.parametrize(
    "call",
    [
        "all_to_all()", "all_to_all(autapses=False)", "one_to_one()", "fixed_probability(0.1)",
        "fixed_outdegree(100)", "fixed_indegree(100, autapses=False, multapses=False)", "fixed_total_number(9)",
        "fixed_probability(1, autapses=False)", "small_world(10, 0.1)", "scale_free(10)",
        "scale_free(10, exponent=2.5, autapses=True)",
    ],
)  # fmt: skip
def test_a_rule_reads_as_its_call(call):
    assert repr(eval(f"iz.{call}")) == call


def test_rules_of_arrays_read_as_their_calls():
    assert repr(iz.from_arrays([1, 2], [3, 4], [0.5, 1])) == "from_arrays(<2 pairs>)"
    assert repr(iz.from_scipy(scipy.sparse.csr_array(np.eye(3)))) == "from_scipy(<3 pairs>)"
    near = iz.distance_dependent(iz.grid(2, 3), iz.gaussian_profile(0.2), periodic=(3, 2), max_distance=2)
    shown = "<6 positions>, gaussian_profile(sigma=0.2, peak=1), max_distance=2.0, periodic=(3, 2)"
    assert repr(near) == f"distance_dependent({shown})"
    assert repr(iz.distance_dependent([[0, 1]], 0.3)) == "distance_dependent(<1 positions>, 0.3)"
    pool = iz.Pool(3)
    assert repr(pool.connect(pool, pool, rule=lambda i: [i]).rule) == "a function(<3 pairs>)"
