"""The pool in double precision equals the slow reference, spike for spike and bit for bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import izhi_numba as iz
from tests import reference


def build(n, seed, scheme, dt, projections):
    rng = np.random.default_rng(seed)
    pool = iz.Pool(n, seed=seed, scheme=scheme, dt=dt, dtype="float64")
    values = {
        "a": rng.uniform(0.02, 0.1, n), "b": rng.uniform(0.2, 0.25, n), "c": rng.uniform(-65, -50, n),
        "d": rng.uniform(2, 8, n), "v": rng.uniform(-80, -40, n),
    }  # fmt: skip
    pool.set(**values)
    pool.drive(pool, rng.uniform(2, 12, n))
    for rule, weight, delay in projections:
        pool.connect(pool, pool, rule=rule, weight=weight, delay=delay)
    return pool


def compare(pool, n_steps, scheme):
    arguments = [pool.v.copy(), pool.u.copy(), pool.a, pool.b, pool.c, pool.d]
    edges = reference.edges_of(pool.synapses, pool.dt)
    drive = pool.external_input.copy()
    steps, neurons, voltages = reference.simulate(
        *arguments, edges, lambda k: drive, n_steps, dt=pool.dt, scheme=scheme
    )
    result = pool.run(n_steps * pool.dt)
    np.testing.assert_array_equal(result.spikes.i, neurons)
    np.testing.assert_array_equal(np.rint(result.spikes.t / pool.dt), steps)
    np.testing.assert_array_equal(pool.v, voltages[-1])
    return len(steps)


RULES = st.one_of(
    st.builds(iz.fixed_probability, st.floats(0, 0.5), autapses=st.booleans()),
    st.builds(iz.fixed_outdegree, st.integers(0, 6), autapses=st.booleans(), multapses=st.booleans()),
    st.builds(iz.fixed_indegree, st.integers(0, 6), autapses=st.booleans(), multapses=st.booleans()),
    st.builds(iz.all_to_all, autapses=st.booleans()),
    st.builds(iz.one_to_one),
)
WEIGHTS = st.one_of(
    st.floats(-8, 8), st.just(iz.uniform(-5, 8)), st.just(iz.normal(2, 3)), st.just(iz.lognormal(0, 1)),
    st.just(iz.exponential(3)),
)  # fmt: skip
DELAYS = st.one_of(
    st.integers(0, 12).map(float), st.just(iz.integers(0, 20)), st.just(iz.uniform(0.3, 6)),
    st.just(iz.normal(3, 2, low=0.1)),
)  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(
    n=st.integers(8, 40),
    seed=st.integers(0, 2**32),
    scheme=st.sampled_from(["net2003", "fig2003", "book2007"]),
    projections=st.lists(st.tuples(RULES, WEIGHTS, DELAYS), max_size=3),
)
def test_random_networks(n, seed, scheme, projections):
    dt = 0.5 if scheme == "book2007" else 1.0  # coarser steps of Euler run away
    compare(build(n, seed, scheme, dt, projections), 300, scheme)


@pytest.mark.parametrize("scheme", ["net2003", "fig2003"])
def test_a_network_that_fires(scheme):
    projections = [
        (iz.fixed_outdegree(8), iz.uniform(0, 6), iz.integers(0, 20)),
        (iz.fixed_probability(0.1), iz.uniform(-6, 0), 1.0),
    ]
    n_spikes = compare(build(60, 11, scheme, 0.5, projections), 800, scheme)
    assert n_spikes > 300


@pytest.mark.usefixtures("all_threads")
def test_several_blocks():
    """With thousands of neurons blocks are cut, and rows with them."""
    n = 5000
    pools = [iz.Pool(n, seed=3, dtype="float64", threads=threads) for threads in (1, 2)]
    for pool in pools:
        pool.drive(pool, np.linspace(0, 15, n))
        pool.connect(pool, pool, rule=iz.fixed_outdegree(3), weight=iz.uniform(0, 3), delay=iz.integers(0, 9))
    assert pools[1].threads_in_use == 2
    assert compare(pools[1], 60, "net2003") > 1000
