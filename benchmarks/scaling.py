"""Workloads in which something grows: delays, degrees, synapses, and code that is not compiled yet.

Run it on a quiet machine:  python benchmarks/scaling.py [part of a row's name, default all of them]

A row tells what was measured and, beside it, its baseline from the same run: medians of runs that take turns,
with their range, and the median of the ratios within a turn. Each network is in a process of its own.

* Delays: nanoseconds of the processor for each synaptic event, on one thread at 10 Hz: the time of a network,
  less that of the same neurons without synapses, which have the same spikes. Beside it a loop written by hand
  over the same spikes and synapses, which adds each weight to a ring of sums with a slot for each step, and
  empties the slot that is due. Bytes are those of the rows for each synapse, without the rings.
* A network as large as a connectome of a fly, wired at random with heavy tails; two threads beside one.
* 100 million synapses on two threads, beside the bound of ``networks.py``: a plain loop over the same rows,
  and the bytes that the update must move.
* The first spikes of a new process, whose code is to be compiled, or was kept by the one before; beside it an
  interpreter that imports numba and numpy.
"""

import concurrent.futures
import functools
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time

import numba
import numpy as np
from networks import degrees, plain_loop, random_network

import izhi_numba as iz
from izhi_numba.bench.bounds import copy_bandwidth

TURNS = 7
DELAYS = {1: 1.0, 20: iz.integers(1, 20), 200: iz.uniform(0.1, 20.0), 1000: iz.uniform(0.1, 100.0)}
SYNAPSE = np.dtype([("target", np.uint16), ("delay", np.uint16), ("weight", np.float32)])
IMPORTS = "import numba, numpy"
FIRST_SPIKES = """
import izhi_numba as iz
pool = iz.Pool(1000, seed=1)
pool.drive(pool, 5.0 + iz.noise(5.0))
pool.connect(
    pool, pool, rule=iz.fixed_outdegree(100), weight=iz.uniform(0, 0.5), delay=iz.integers(1, 20)
)
assert len(pool.run(10.0).spikes.i)
"""


def spread(values, unit=""):
    """Median of some values, and their range."""
    median, *ends = (f"{one:.3g}" for one in (statistics.median(values), min(values), max(values)))
    return f"{median}{unit} ({'-'.join(ends)})"


def ratio(values, baseline):
    """Median of the ratios within a turn."""
    return statistics.median(one / its for one, its in zip(values, baseline, strict=True))


# Delays


@numba.njit(error_model="numpy", boundscheck=False)
def plain_ring(ring, sums, rows, begins, spikes, first):
    """Deliver the spikes of each step, ``spikes[first[step]:first[step + 1]]``, by a ring of sums."""
    slots = len(ring)
    for step in range(len(first) - 1):
        now = step % slots
        for i in range(len(sums)):
            sums[i] += ring[now, i]
            ring[now, i] = 0
        for source in spikes[first[step] : first[step + 1]]:
            for s in range(begins[source], begins[source + 1]):
                slot = now + rows[s].delay
                slot -= slots if slot >= slots else 0
                ring[slot, rows[s].target] += rows[s].weight


class PlainRing:
    """The synapses of a projection within one pool, for the loop written by hand."""

    def __init__(self, synapses, n, dt):
        pre, post, weight, delay = synapses.to_arrays()
        self.dt, self.rows = dt, np.empty(len(pre), SYNAPSE)
        for name, values in zip(SYNAPSE.names, (post, np.rint(delay / dt), weight), strict=True):
            self.rows[name] = values
        self.begins = np.searchsorted(pre, np.arange(n + 1))
        self.ring = np.zeros((1 + self.rows["delay"].max(), n), np.float32)
        self.sums = np.zeros(n, np.float32)

    def seconds(self, result):
        """Processor time of the delivery of a result's spikes."""
        steps = np.rint((result.spikes.t - result.start) / self.dt) - 1
        first = np.searchsorted(steps, np.arange(1 + round(result.duration / self.dt)))
        began = time.process_time()
        plain_ring(self.ring, self.sums, self.rows, self.begins, result.spikes.i, first)
        return time.process_time() - began


def run_seconds(pool, duration):
    """Result of a run, and its processor time."""
    began = time.process_time()
    result = pool.run(duration)
    return result, time.process_time() - began


def delays(n_delays, duration=1000.0):
    """Cells of delivery with so many distinct delays, beside a plain ring."""
    n, degree = 10_000, 100
    pools = [iz.Pool(n, dt=0.1, seed=1, threads=1) for _ in range(2)]
    for pool in pools:
        pool.drive(pool, np.random.default_rng(1).uniform(4.0, 5.5, n))
    synapses = pools[0].connect(
        pools[0], pools[0], rule=iz.fixed_outdegree(degree), weight=iz.uniform(0, 1), delay=DELAYS[n_delays]
    )
    synapses.gain = 0.0  # the weights are added all the same
    results = [pool.run(duration) for pool in pools]
    assert len(synapses.delays) == n_delays
    plain = PlainRing(synapses, n, pools[0].dt)
    plain.seconds(results[0])
    took, by_hand = [], []
    for _ in range(TURNS):
        (result, connected), (alone, without) = (run_seconds(pool, duration) for pool in pools)
        assert (result.counts == alone.counts).all()
        events = int(result.counts.sum()) * degree
        took.append(1e9 * (connected - without) / events)
        by_hand.append(1e9 * plain.seconds(result) / events)
    sizes = synapses.nbytes, plain.rows.nbytes + plain.begins.nbytes
    cells = [
        f"{spread(values, ' ns')}, {size / len(synapses):.2f} bytes"
        for values, size in zip((took, by_hand), sizes, strict=True)
    ]
    return cells[0], f"a plain ring: {cells[1]}", ratio(took, by_hand)


# Large networks


def connectome(threads):
    """A network as large as a fly's, out-degrees with heavy tails, and Poisson trains to 9,000 neurons."""
    n, n_synapses, n_active = 138_639, 15_100_000, 9_000
    rng = np.random.default_rng(1)
    out = rng.lognormal(0, 1.2, n)
    pre = np.repeat(np.arange(n), np.rint(out / out.sum() * n_synapses).astype(int))
    rates = np.zeros(n)
    rates[rng.choice(n, n_active, replace=False)] = 8000.0
    pool = iz.Pool(
        n, iz.LeakyIntegrateAndFire, dt=0.1, seed=1, threads=threads,
        receptors={"exc": iz.ExponentialCurrent(tau=5.0)},
    )  # fmt: skip
    pool.connect(pool, pool, rule=iz.from_arrays(pre, rng.integers(0, n, len(pre))), weight=0.5, delay=1.8)
    pool.drive(pool, iz.poisson(rates, weight=2.5))
    return pool


def two_threads(duration=500.0):
    """Cells of the connectome on two threads, beside one."""
    pools = {threads: connectome(threads) for threads in (2, 1)}
    factors = {threads: [] for threads in pools}
    for pool in pools.values():
        pool.run(duration)
    for _ in range(TURNS):
        results = {threads: pool.run(duration) for threads, pool in pools.items()}
        assert (results[1].counts == results[2].counts).all()
        for threads, result in results.items():
            factors[threads].append(result.real_time_factor)
    two, one = factors.values()
    rate = f"{int(results[1].counts.sum()) * 1000 / duration:.0f} spikes/s"
    return (
        f"{spread(two)} of real time, {rate}",
        f"one thread: {spread(one)}",
        ratio(two, one),
    )


def beside_bound(duration=500.0):
    """Cells of a network with 100 million synapses, beside its bound."""
    pool = random_network(100_000, 1000, 20, threads=2)
    pool.record("counts")
    pool.run(duration)
    its_degrees, n_bytes, threads = degrees(pool), pool._population.step_bytes, pool.threads_in_use
    factors, bounds = [], []
    for _ in range(TURNS):
        loop, bandwidth = plain_loop(pool, threads), copy_bandwidth(n_bytes, threads)
        result = pool.run(duration)
        events = float(result.counts @ its_degrees) / duration * 1000
        factors.append(result.real_time_factor)
        bounds.append(events / loop + 1000 / pool.dt * n_bytes / bandwidth)
    return (
        f"{spread(factors)} of real time, {result.rate():.1f} Hz",
        f"the bound: {spread(bounds)}, {100 * ratio(bounds, factors):.0f} % of it reached",
        ratio(factors, bounds),
    )


# The first spikes


def of_process(program, folder):
    """Seconds and seconds of the processor from the start of an interpreter to the end of a program."""
    program = f"{program}\nimport time\nprint(time.time(), time.process_time())"
    began = time.time()
    told = subprocess.run(
        [sys.executable, "-c", program], env=os.environ | {"NUMBA_CACHE_DIR": folder}, check=True,
        capture_output=True, text=True,
    ).stdout.split()  # fmt: skip
    return float(told[0]) - began, float(told[1])


def first_spikes(cache, turns=3):
    """Cells of the first spikes of a process, with an empty cache or a warm one, beside imports."""
    took, imports = [], []
    for _ in range(turns):
        with tempfile.TemporaryDirectory() as folder:
            if cache == "warm":
                of_process(FIRST_SPIKES, folder)
            took.append(of_process(FIRST_SPIKES, folder))
            imports.append(of_process(IMPORTS, folder))
    cells = [
        f"{spread(wall, ' s')}, {spread(processor, ' s')} of the processor"
        for wall, processor in (zip(*each, strict=True) for each in (took, imports))
    ]
    return (
        cells[0],
        f"`{IMPORTS}`: {cells[1]}",
        ratio(*([wall for wall, _ in each] for each in (took, imports))),
    )


ROWS = {
    f"10,000 x 100, dt 0.1, distinct delays: {n_delays}, an event": functools.partial(delays, n_delays)
    for n_delays in DELAYS
} | {
    "138,639 LIF, 15.1 million synapses, heavy tails, 9,000 active, dt 0.1, 2 threads": two_threads,
    "100,000 x 1000, delays 1-20 ms, 2 threads": beside_bound,
    "first spikes of 1000 x 100 with delays, empty cache": functools.partial(first_spikes, "empty"),
    "first spikes of 1000 x 100 with delays, warm cache": functools.partial(first_spikes, "warm"),
}


def cells_of(name):
    """Cells of a row; here, so that another process finds it by its name."""
    return ROWS[name]()


def main():
    """Print the table."""
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    print("| workload | measured | beside it | ratio |\n|---|---|---|---|")
    context = multiprocessing.get_context("spawn")
    for name in (name for name in ROWS if wanted in name):
        with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as executor:
            measured, baseline, factor = executor.submit(cells_of, name).result()
        print(f"| {name} | {measured} | {baseline} | {factor:.2f} |", flush=True)
    print(
        "| many cores; many pools; neurons at rest |"
        " see `many_cores.py`, `many_pools.py`, `standing_still.py` | | |"
    )


if __name__ == "__main__":
    main()
