"""Rules hold what they promise: degrees, switches, distributions."""

import numpy as np
import pytest
from scipy import stats

import izhi_numba as iz

pytestmark = pytest.mark.usefixtures("all_threads")


def connect(rule, n_pre=60, n_post=80, offset=0, weight=1.0, delay=0.0, seed=1, threads=2, dtype="float64"):
    """Connect neurons [0, n_pre) to [offset, offset + n_post)."""
    pool = iz.Pool(max(n_pre, offset + n_post), seed=seed, threads=threads, dtype=dtype)
    synapses = pool.connect(
        pool[:n_pre], pool[offset : offset + n_post], rule=rule, weight=weight, delay=delay
    )
    pre, post, w, d = synapses.to_arrays()
    assert len(synapses) == len(pre) == len(post) == len(w) == len(d)
    assert ((pre >= 0) & (pre < n_pre)).all()
    assert ((post >= 0) & (post < n_post)).all()
    return pre, post + offset, w, d


DELAYS = [0.0, iz.integers(0, 5)]  # the second one rules out the dense form


@pytest.mark.parametrize("delay", DELAYS)
@pytest.mark.parametrize("autapses", [True, False])
@pytest.mark.parametrize("offset", [0, 20, 100])
def test_all_to_all(delay, autapses, offset):
    pre, post, _, _ = connect(iz.all_to_all(autapses=autapses), delay=delay, offset=offset)
    expected = {(i, offset + j) for i in range(60) for j in range(80) if autapses or i != offset + j}
    assert len(pre) == len(expected)
    assert set(zip(pre.tolist(), post.tolist(), strict=True)) == expected


@pytest.mark.parametrize("delay", DELAYS)
@pytest.mark.parametrize("autapses", [True, False])
def test_all_to_all_with_given_weights(delay, autapses):
    given = np.arange(60 * 80, dtype=float).reshape(60, 80)
    pre, post, w, _ = connect(iz.all_to_all(autapses=autapses), weight=given, delay=delay, offset=7)
    np.testing.assert_array_equal(w, given[pre, post - 7])


@pytest.mark.parametrize("weight", [2.0, iz.uniform(0.5, 1.5)])
@pytest.mark.parametrize("autapses", [True, False])
def test_the_dense_form_delivers_what_it_lists(weight, autapses):
    pool = iz.Pool(3000, seed=1, threads=2, dtype="float64")
    source = pool[10:2500]
    synapses = pool.connect(source, pool[1000:], rule=iz.all_to_all(autapses=autapses), weight=weight)
    pre, post, w, _ = synapses.to_arrays()
    pre, post = pre + 10, post + 1000
    kick = np.zeros(3000)
    fired = [0, 10, 999, 1000, 1024, 2400, 2600]
    kick[fired] = 300.0
    pool.clamp_input(kick)
    pool.update()
    pool.clamp_input(0.0)
    pool.record("I")
    arrived = pool.step().traces["I"][0]
    carried = np.isin(pre, fired)
    expected = np.bincount(post[carried], w[carried], 3000)
    np.testing.assert_allclose(arrived, expected, rtol=1e-12)


def test_one_to_one():
    pre, post, _, d = connect(iz.one_to_one(), 50, 50, offset=10, delay=3.0)
    np.testing.assert_array_equal(post, pre + 10)
    np.testing.assert_array_equal(np.sort(pre), np.arange(50))
    assert (d == 3.0).all()


@pytest.mark.parametrize("rule", [iz.fixed_outdegree, iz.fixed_indegree])
@pytest.mark.parametrize("autapses", [True, False])
@pytest.mark.parametrize("multapses", [True, False])
@pytest.mark.parametrize("degree", [0, 1, 7, 20, 39])
def test_degrees(rule, autapses, multapses, degree):
    pre, post, _, _ = connect(rule(degree, autapses=autapses, multapses=multapses), 40, 40)
    own = pre if rule is iz.fixed_outdegree else post
    np.testing.assert_array_equal(np.bincount(own, minlength=40), degree)
    if not autapses:
        assert (pre != post).all()
    pairs = set(zip(pre.tolist(), post.tolist(), strict=True))
    if not multapses:
        assert len(pairs) == len(pre)
    elif degree >= 20:
        assert len(pairs) < len(pre)


@pytest.mark.parametrize("rule", [iz.fixed_outdegree, iz.fixed_indegree])
@pytest.mark.parametrize("multapses", [True, False])
@pytest.mark.parametrize("degree", [5, 45])
def test_the_other_side_is_uniform(rule, multapses, degree):
    counts = np.zeros(60)
    for seed in range(30):
        pre, post, _, _ = connect(rule(degree, multapses=multapses), 60, 60, seed=seed)
        counts += np.bincount(post if rule is iz.fixed_outdegree else pre, minlength=60)
    mean = counts.mean()
    free = 1.0 if multapses else 1 - degree / 60  # variance of drawing without replacement
    assert stats.chi2.sf(((counts - mean) ** 2 / mean).sum() / free, 59) > 1e-4
    assert stats.chi2.cdf(((counts - mean) ** 2 / mean).sum() / free, 59) > 1e-4


@pytest.mark.parametrize("autapses", [True, False])
@pytest.mark.parametrize("p", [0.0, 0.01, 0.3, 0.9, 1.0])
def test_fixed_probability(p, autapses):
    pre, post, _, _ = connect(iz.fixed_probability(p, autapses=autapses), 200, 200)
    pairs = 200 * 200 - (0 if autapses else 200)
    assert len(set(zip(pre.tolist(), post.tolist(), strict=True))) == len(pre)
    if not autapses:
        assert (pre != post).all()
    assert stats.binomtest(len(pre), pairs, p).pvalue > 1e-4
    if p not in (0, 1):
        for side in (pre, post):
            spread = np.bincount(side, minlength=200).var() / (200 * p * (1 - p))
            assert 0.7 < spread < 1.35


def test_fixed_probability_gaps_are_geometric():
    pre, post, _, _ = connect(iz.fixed_probability(0.05), 400, 1000)
    order = np.lexsort((post, pre))
    gaps = np.diff(post[order])[np.diff(pre[order]) == 0]
    # Gaps near the end of a row are cut off, so compare short ones only.
    observed = np.array([(gaps == g).sum() for g in range(1, 15)])
    expected = (0.95 ** np.arange(14)) * observed.sum() / (0.95 ** np.arange(14)).sum()
    assert stats.chisquare(observed, expected).pvalue > 1e-4


def test_from_arrays():
    rng = np.random.default_rng(1)
    pre, post = rng.integers(0, 60, 500), rng.integers(0, 80, 500)
    weight, delay = rng.normal(size=500), rng.integers(0, 9, 500).astype(float)
    given = sorted(zip(pre, post, weight, delay, strict=True))
    for rule, more in [
        (iz.from_arrays(pre, post, weight, delay), {}),
        (iz.from_arrays(pre, post), {"weight": weight, "delay": delay}),
    ]:
        pool = iz.Pool(110, dtype="float64")
        synapses = pool.connect(pool[:60], pool[30:], rule=rule, **more)
        assert sorted(zip(*(column.tolist() for column in synapses.to_arrays()), strict=True)) == given


def test_arrays_that_were_given_are_copied():
    pool = iz.Pool(4, dtype="float64")
    pre, post, weight, delay = np.array([0, 1]), np.array([2, 3]), np.array([0.5, 0.25]), np.array([1.0, 2.0])
    rule = iz.from_arrays(pre, post, weight, delay)
    for array in (pre, post, weight, delay):
        array[:] = 0
    columns = pool.connect(pool, pool, rule=rule).to_arrays()
    assert [column.tolist() for column in columns] == [[0, 1], [2, 3], [0.5, 0.25], [1.0, 2.0]]


def test_nothing_at_all():
    for rule in (
        iz.from_arrays([], []),
        iz.fixed_outdegree(0),
        iz.fixed_probability(0.0),
        iz.fixed_indegree(0),
    ):
        pool = iz.Pool(100, seed=1)
        synapses = pool.connect(pool, pool, rule=rule, weight=iz.uniform(0, 1))
        assert len(synapses) == 0
        pool.run(10)


@pytest.mark.parametrize(
    ("weight", "reference"),
    [
        (iz.uniform(-1, 3), stats.uniform(-1, 4)),
        (iz.normal(2, 0.5), stats.norm(2, 0.5)),
        (iz.normal(0, 1, low=0), stats.halfnorm()),
        (iz.normal(1, 2, low=0, high=2), stats.truncnorm(-0.5, 0.5, 1, 2)),
        (iz.lognormal(0.5, 0.7), stats.lognorm(0.7, scale=np.exp(0.5))),
        (iz.exponential(2.5), stats.expon(scale=2.5)),
    ],
)
def test_weights_are_distributed_as_asked(weight, reference):
    for rule in (iz.fixed_outdegree(200), iz.fixed_indegree(150), iz.all_to_all()):
        _, _, w, _ = connect(rule, 100, 120, weight=weight)
        assert stats.kstest(w, reference.cdf).pvalue > 1e-4
    low, high = weight.bounds()
    assert low <= w.min()
    assert w.max() <= high


def test_delays_are_distributed_as_asked():
    _, _, w, d = connect(iz.fixed_outdegree(100), 200, 200, weight=iz.uniform(0, 1), delay=iz.integers(1, 20))
    counts = np.bincount(d.astype(int), minlength=21)
    assert counts[0] == 0
    assert stats.chisquare(counts[1:]).pvalue > 1e-4
    assert abs(np.corrcoef(w, d)[0, 1]) < 0.03
    pool = iz.Pool(200, dt=0.1, seed=1)
    synapses = pool.connect(pool, pool, rule=iz.fixed_outdegree(100), delay=iz.normal(1.5, 0.75, low=0.1))
    d = synapses.to_arrays()[3]
    rounded = stats.truncnorm(-1.4 / 0.75, np.inf, 1.5, 0.75)
    assert d.min() >= 0.1 - 1e-9
    assert stats.kstest(d + np.random.default_rng(1).uniform(-0.05, 0.05, len(d)), rounded.cdf).pvalue > 1e-5


def test_seeds_and_projections_differ():
    first = connect(iz.fixed_outdegree(10), seed=1)[1]
    assert np.array_equal(first, connect(iz.fixed_outdegree(10), seed=1)[1])
    assert not np.array_equal(first, connect(iz.fixed_outdegree(10), seed=2)[1])
    pool = iz.Pool(100, seed=1)
    both = [pool.connect(pool, pool, rule=iz.fixed_outdegree(10)).to_arrays()[1] for _ in range(2)]
    assert not np.array_equal(*both)


def test_memory_is_as_estimated():
    pool = iz.Pool(20_000, seed=1, threads=2)
    arguments = {"rule": iz.fixed_outdegree(100), "weight": iz.uniform(0, 1), "delay": iz.integers(1, 4)}
    estimate = pool.memory_estimate(pool, pool, **arguments)
    synapses = pool.connect(pool, pool, **arguments)
    assert synapses.nbytes <= estimate <= 1.2 * synapses.nbytes
    assert synapses.nbytes / len(synapses) < 7.5  # 2 for the target, 1 for the delay, 4 for the weight, rows
    alike = pool.connect(pool, pool, rule=iz.fixed_outdegree(100), weight=1.0)
    assert alike.nbytes / len(alike) < 2.2
    assert pool.connect(pool, pool, rule=iz.all_to_all(), weight=0.0).nbytes < 100


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("rule", [iz.all_to_all(), iz.fixed_outdegree(5)])
def test_a_gain_is_a_factor_on_all_weights(rule, weighted):
    def voltages(scale, gain):
        pool = iz.Pool(50, seed=3, dtype="float64")
        pool.drive(pool[:20], 20.0)
        weight = iz.uniform(0, scale) if weighted else scale
        synapses = pool.connect(pool[:20], pool, rule=rule, weight=weight)
        synapses.gain = gain
        pool.connect(pool[:20], pool, rule=rule, weight=0.1)
        pool.run(40.0)
        return pool.v.copy()

    plain = voltages(1.0, 1.0)
    np.testing.assert_allclose(voltages(2.0, 0.5), plain, rtol=1e-12)
    assert np.abs(voltages(1.0, 0.5) - plain).max() > 1
    with pytest.raises(ValueError, match="gain: expected a finite number"):
        voltages(1.0, float("nan"))


def test_a_gain_reaches_the_next_step():
    pool = iz.Pool(2, seed=1, dt=1.0, dtype="float64")
    synapses = pool.connect(pool[:1], pool[1:], rule=iz.one_to_one(), weight=3.0, delay=2.0)
    pool.record("I", neurons=[1])
    pool.v[0] = 100.0  # spikes in the first step
    synapses.gain = -2.0
    assert pool.run(5.0).traces["I"][:, 0].tolist() == [0, 0, 0, -6, 0]
