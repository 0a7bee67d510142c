"""How far more threads help: large networks on 1, 2, 4, ... threads.

Run it on a quiet machine with many cores:
    python benchmarks/more_threads.py [part of a network's name] [numbers of threads, such as 1,4,16]

Real-time factors (wall time per simulated time; less is faster): of the first run, in which threads start
and memory is touched; the median and range of TURNS further ones; and where the time of another goes. Each
network with each number of threads in a process of its own. The million with a thousand synapses each takes
8 GB, and is left out where there are fewer threads than 8.
"""

import concurrent.futures
import functools
import multiprocessing
import os
import statistics
import sys
import time
from pathlib import Path

import izhi_numba as iz

sys.path.insert(0, str(Path(__file__).parent.parent / "examples"))

TURNS = 5


def unconnected(threads):
    """A million regular spiking neurons with constant input."""
    pool = iz.Pool(1_000_000, seed=1, threads=threads)
    pool.drive(pool, 10.0)
    return pool


def random_network(n, longest, threads):
    """1000 synapses each, 80 % excitatory, with noise: 6 to 8 Hz."""
    pool = iz.Pool(n, seed=1, threads=threads)
    exc, inh = pool.group("exc", n * 8 // 10), pool.group("inh", n - n * 8 // 10)
    exc.set(**iz.presets["RS"])
    inh.set(**iz.presets["FS"])
    delay = iz.integers(1, longest) if longest else 0.0
    pool.connect(exc, pool, rule=iz.fixed_outdegree(1000), weight=iz.uniform(0, 0.05), delay=delay)
    pool.connect(inh, exc, rule=iz.fixed_outdegree(1000), weight=-0.05, delay=1.0 if longest else 0.0)
    pool.drive(exc, 1.0 + iz.noise(5.0))
    pool.drive(inh, iz.noise(2.0))
    return pool


def microcircuit(threads):
    """The cortical microcircuit with constant input, at full scale."""
    from microcircuit import microcircuit

    return microcircuit(seed=55, threads=threads)


NETWORKS = {
    "microcircuit, full scale, DC": (microcircuit, 500.0),
    "100,000 x 1000, delays 1-20 ms": (functools.partial(random_network, 100_000, 20), 500.0),
    "100,000 x 1000, no delays": (functools.partial(random_network, 100_000, 0), 500.0),
    "10,000 x 1000, no delays": (functools.partial(random_network, 10_000, 0), 1000.0),
    "1,000,000 x 1000, delays 1-20 ms": (functools.partial(random_network, 1_000_000, 20), 200.0),
    "1,000,000 unconnected": (unconnected, 1000.0),
}


def measure(name, threads):
    """One row, and a profile."""
    make, duration = NETWORKS[name]
    began = time.perf_counter()
    pool = make(threads)
    pool.prepare()
    built = time.perf_counter() - began
    first = pool.run(duration).real_time_factor
    results = [pool.run(duration) for _ in range(TURNS)]
    factors = [result.real_time_factor for result in results]
    rate = statistics.mean(result.rate() for result in results)
    row = (
        f"| {name} | {threads} | {built:.1f} | {pool.nbytes / 1e9:.2f} | {rate:.2f} | {first:.3g} |"
        f" {statistics.median(factors):.3g} ({min(factors):.3g}-{max(factors):.3g}) |"
    )
    return row, str(pool.run(duration, profile=True).profile)


def main():
    """Print the table, then profiles."""
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    most = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    counts = [2**k for k in range(10) if 2**k <= most]
    if len(sys.argv) > 2:
        counts = [int(each) for each in sys.argv[2].split(",")]
    print("| network | threads | built, s | GB | Hz | RTF of the first run | RTF (range) |")
    print("|---|---|---|---|---|---|---|")
    context, profiles = multiprocessing.get_context("spawn"), []
    for name in NETWORKS:
        for threads in counts:
            if wanted not in name or (name.startswith("1,000,000 x") and threads < 8):
                continue
            with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as executor:
                row, profile = executor.submit(measure, name, threads).result()
            print(row, flush=True)
            profiles.append(f"{name}, {threads} threads\n{profile}\n")
    print("\n".join(["", *profiles]))


if __name__ == "__main__":
    main()
