"""What many cores will do, seen on one: one thread does the work of 1, 2, ... 16 blocks.

Run it on a quiet machine:  python benchmarks/many_cores.py [milliseconds of each run, default 300]

Sixteen threads have sixteen blocks. What one thread takes longer with sixteen than with one is the price of
the cut: work that is done once for each block, or rows that are visited in more parts. Processor time per
simulated time, medians of TURNS runs that take turns; each network in a process of its own.
"""

import concurrent.futures
import functools
import multiprocessing
import statistics
import sys
import time
from pathlib import Path

import izhi_numba as iz
from izhi_numba.engine.threads import ThreadChoice

sys.path.insert(0, str(Path(__file__).parent.parent / "examples"))

TURNS = 3
BLOCKS = (1, 2, 4, 8, 16)


def microcircuit(threads):
    """The cortical microcircuit with constant input, at scale 0.3."""
    from microcircuit import microcircuit

    return microcircuit(0.3, seed=55, threads=threads)


def random_network(threads, longest):
    """50,000 neurons with 1000 synapses each."""
    pool = iz.Pool(50_000, seed=1, threads=threads)
    pool.drive(pool, 4.0 + iz.noise(5.0))
    delay = iz.integers(1, longest) if longest else 0.0
    rule = iz.fixed_outdegree(1000)
    pool.connect(pool[:40_000], pool, rule=rule, weight=iz.uniform(0, 0.03), delay=delay)
    pool.connect(pool[40_000:], pool, rule=rule, weight=iz.uniform(-0.06, 0), delay=delay)
    return pool


NETWORKS = {
    "microcircuit, scale 0.3, DC": microcircuit,
    "50,000 x 1000, delays 1-20 ms": functools.partial(random_network, longest=20),
    "50,000 x 1000, no delays": functools.partial(random_network, longest=0),
}


def measure(name, duration):
    """Processor time per simulated time with each number of threads, all done by one; and the most blocks."""
    ThreadChoice.choose = lambda _, n_steps: (1, n_steps)
    pools = {blocks: NETWORKS[name](blocks) for blocks in BLOCKS}
    took, spikes = {blocks: [] for blocks in BLOCKS}, {}
    for pool in pools.values():
        pool.run(duration / 3)
    for turn in range(TURNS):
        for blocks, pool in pools.items():
            began = time.process_time()
            result = pool.run(duration)
            took[blocks].append((time.process_time() - began) * 1000 / duration)
            spikes.setdefault(turn, set()).add(len(result.spikes.i))
    assert all(len(numbers) == 1 for numbers in spikes.values()), "other blocks give other spikes"
    return [statistics.median(times) for times in took.values()], pools[BLOCKS[-1]].threads_in_use


def main():
    """Print the table."""
    duration = float(sys.argv[1]) if len(sys.argv) > 1 else 300.0
    print(
        "| one thread, processor time per simulated time, cut for so many | "
        + " | ".join(map(str, BLOCKS))
        + " | |"
    )
    print("|---|" + "---|" * (len(BLOCKS) + 1))
    context = multiprocessing.get_context("spawn")
    for name in NETWORKS:
        with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as executor:
            took, blocks = executor.submit(measure, name, duration).result()
        cells = " | ".join(f"{one:.2f}" for one in took)
        print(f"| {name} | {cells} | {took[-1] / took[0]:.1f} x, {blocks} blocks |", flush=True)


if __name__ == "__main__":
    main()
