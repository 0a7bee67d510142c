"""Threads on a busy machine: one, all, and what the package chooses, with other programs on the cores.

Run it:  python benchmarks/busy_machine.py
"""

import multiprocessing
import os
import statistics
import sys

from izhi_numba.bench.workloads import WORKLOADS
from izhi_numba.engine import wiring
from izhi_numba.engine.threads import ThreadChoice


class AllThreads(ThreadChoice):
    """Always takes all threads: what happens without a choice."""

    def choose(self, n_steps):
        """Return all threads."""
        return self._threads, n_steps

    def tell(self, threads, n_steps, seconds):
        """Learn nothing."""


def burn():
    """Keep a core busy."""
    while True:
        pass


def measure(workload, cores):
    """Return median real-time factors, interleaved: one thread, all threads, chosen."""
    pools = {}
    for name, choice, threads in (
        ("one", ThreadChoice, 1),
        ("all", AllThreads, cores),
        ("chosen", ThreadChoice, cores),
    ):
        wiring.ThreadChoice = choice
        pools[name] = workload.pool(threads)
        pools[name].run(200.0)
    factors = {name: [] for name in pools}
    for _ in range(7):
        for name, pool in pools.items():
            factors[name].append(pool.run(2 * workload.duration).real_time_factor)
    return {name: statistics.median(values) for name, values in factors.items()}


def main():
    """Measure with no other program, one on each core, and two on each core."""
    cores = os.cpu_count() or 1
    print("| other programs | workload | one thread | all threads | chosen |\n|---|---|---|---|---|")
    for others in (0, 1, cores, 2 * cores):
        burners = [multiprocessing.Process(target=burn, daemon=True) for _ in range(others)]
        for burner in burners:
            burner.start()
        for workload in WORKLOADS:
            if workload.n * max(workload.degree, 1) > 2e7 or workload.n >= 1_000_000:
                continue
            told = measure(workload, cores)
            cells = " | ".join(f"{told[name]:.4f}" for name in ("one", "all", "chosen"))
            print(f"| {others} | {workload.title} | {cells} |")
            sys.stdout.flush()
        for burner in burners:
            burner.terminate()
            burner.join()


if __name__ == "__main__":
    main()
