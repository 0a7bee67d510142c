"""All workloads under pytest-benchmark: ``pytest benchmarks``.

Each benchmark runs one simulated stretch; ``extra_info`` holds the real-time factor, the rate, the factors
over both numpy baselines measured in the same run, and the share of the machine's own limit.
"""

import timeit

import numba
import numpy as np
import pytest
from models import CASES, make_pool
from models import measure as measure_models

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


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0].__name__)
def test_model(benchmark, case):
    """A model beside Izhikevich's, the kernel written by hand, and its own functions in numpy."""
    cases = [CASES[0]] if case is CASES[0] else [CASES[0], case]
    hand, *_, row = measure_models(repetitions=5, cases=cases)
    benchmark.extra_info |= {
        "ns_per_neuron_step": row[2],
        "times_izhikevich": row[3],
        "times_izhikevich_of_hand": hand[3],
        "times_numpy": row[4],
        "share_of_limit": row[6],
    }
    pool = make_pool(*case)
    pool.step(100)
    benchmark.pedantic(pool.step, args=(50,), rounds=5)
    assert row[7] > 1


def test_a_second_of_one_neuron(benchmark):
    """At 0.1 ms, as sliders need it; ``times_python`` is over the model's functions in a plain loop."""
    model, dt = iz.Izhikevich, 0.1
    result = benchmark(iz.simulate, model, 10.0, 1000.0, dt=dt)
    v, u, a, b, c, d, count = -65.0, -13.0, 0.02, 0.2, -65.0, 8.0, 0

    def plain():
        nonlocal v, u, count
        for _ in range(10_000):
            dv, du = model.derivatives(v, u, 10.0, a, b)
            v, u = v + dt * dv, u + dt * du
            if model.threshold(v):
                v, u = model.reset(u, c, d)
                count += 1

    benchmark.extra_info["times_python"] = timeit.timeit(plain, number=1) / benchmark.stats["median"]
    assert abs(count - len(result.spike_times)) < 5


@pytest.mark.parametrize("model", [iz.Izhikevich, iz.AdEx], ids=lambda model: model.__name__)
def test_f_i_curve_of_200_currents(benchmark, model):
    currents = np.linspace(0, 20 if model is iz.Izhikevich else 2000, 200)
    assert benchmark(iz.f_i_curve, model, currents).rate.max() > 10
