"""All workloads under pytest-benchmark: ``pytest benchmarks``.

Each benchmark runs one simulated stretch; ``extra_info`` holds the real-time factor, the rate, the factors
over both numpy baselines measured in the same run, and the share of the machine's own limit.
"""

import numba
import pytest

import izhi_numba as iz
from izhi_numba.bench.baselines import NumpyPool, ShiftedHistoryPool, TunedNumpyPool
from izhi_numba.bench.table import measure
from izhi_numba.bench.workloads import WORKLOADS

THREADS = sorted({1, numba.config.NUMBA_NUM_THREADS})
UNCONNECTED = [workload for workload in WORKLOADS if not workload.degree]
FULL = next(workload for workload in WORKLOADS if workload.degree == workload.n)


@pytest.mark.parametrize("threads", THREADS)
@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda workload: workload.title)
def test_workload(benchmark, workload, threads):
    (row,) = measure(workload, [threads], repetitions=3)
    benchmark.extra_info |= {
        "real_time_factor": row.factor,
        "rate": row.rate,
        "times_numpy": row.numpy_factor / row.factor,
        "times_tuned_numpy": row.tuned_factor / row.factor,
        "share_of_limit": row.share,
    }
    pool = workload.pool(threads)
    pool.run(workload.duration)
    benchmark.pedantic(pool.run, args=(workload.duration,), rounds=5)
    assert row.rate > 1


@pytest.mark.parametrize("kind", [NumpyPool, TunedNumpyPool])
@pytest.mark.parametrize(
    "workload", [UNCONNECTED[0], UNCONNECTED[1], FULL], ids=lambda workload: workload.title
)
def test_numpy(benchmark, kind, workload):
    other = kind(workload.pool(1), connected=workload.degree > 0)
    other.run(20)
    benchmark.extra_info["simulated_ms"] = 50
    assert benchmark.pedantic(other.run, args=(50,), rounds=5) >= 0


def test_the_ancestors_loop(benchmark):
    other = ShiftedHistoryPool(1000)
    other.run(20)
    benchmark.extra_info["simulated_ms"] = 50
    benchmark.pedantic(other.run, args=(50,), rounds=5)


@pytest.mark.parametrize("threads", THREADS)
@pytest.mark.parametrize(
    "rule",
    [iz.fixed_outdegree(1000), iz.fixed_indegree(1000), iz.fixed_probability(0.01)],
    ids=lambda rule: rule.name,
)
def test_building_a_hundred_million_synapses(benchmark, rule, threads):
    def build():
        pool = iz.Pool(100_000, seed=1, threads=threads)
        pool.connect(pool, pool, rule=rule, weight=iz.uniform(0, 1), delay=iz.integers(1, 20))
        return pool

    pool = benchmark.pedantic(build, rounds=1, warmup_rounds=0)
    assert len(pool.synapses[0]) > 9e7
    benchmark.extra_info["bytes_per_synapse"] = pool.synapses[0].nbytes / len(pool.synapses[0])


@pytest.mark.parametrize("n", [1000, 100_000])
def test_one_update(benchmark, n):
    """A step from Python, for closed loops."""
    pool = iz.Pool.cortical(n, seed=1)
    pool.run(100)
    benchmark(pool.update)


def test_one_update_with_the_ancestors_interface(benchmark):
    pool = iz.IzhikevichPool(1000, 0.2, 2, 0.1, seed=1)
    pool.update()
    benchmark(pool.update)
