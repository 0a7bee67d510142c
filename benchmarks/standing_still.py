"""What stands still costs nothing: a few neurons of very many are ever reached.

Run it on a quiet machine:  python benchmarks/standing_still.py [threads, default 2]

One million leaky neurons, of which 20,000 are driven and connected among themselves, scattered by groups of
64; beside those 20,000 alone, and beside the same million with a model that asks for the time, which never
rests.
"""

import statistics
import sys
import time

import numpy as np

import izhi_numba as iz

TURNS = 5
GROUP = 64
DEGREE = 100


class NeverAtRest(iz.LeakyIntegrateAndFire):
    """The same neuron, with a threshold that asks for the time."""

    def threshold(v, V_th, t):  # noqa: D102, N805
        return (v >= V_th) & (t >= 0)


def scattered(n, n_active, threads, model=iz.LeakyIntegrateAndFire):
    """Neurons of which some, in groups at random places, are driven and connected among themselves."""
    pool = iz.Pool(
        n, model(), dt=0.1, seed=1, threads=threads, receptors={"exc": iz.ExponentialCurrent(tau=5.0)}
    )
    rng = np.random.default_rng(1)
    groups = np.sort(rng.choice(n // GROUP, n_active // GROUP, replace=False))
    active = (groups[:, None] * GROUP + np.arange(GROUP)).ravel()
    current = np.zeros(n)
    current[active] = rng.uniform(90.0, 115.0, len(active))
    pool.drive(pool, current)
    i = np.repeat(active, DEGREE)
    j = active[rng.integers(0, len(active), len(i))]
    pool.connect(pool, pool, rule=iz.from_arrays(i, j), weight=0.5, delay=1.5, receptor="exc")
    return pool


def in_turns(pools, duration):
    """Median and range of the processor time of each pool for a simulated second, and its rate."""
    found = {name: [] for name in pools}
    for pool in pools.values():
        pool.prepare()
        pool.run(duration)
    for _ in range(TURNS):
        for name, pool in pools.items():
            began = time.perf_counter()
            result = pool.run(duration)
            found[name].append(((time.perf_counter() - began) * 1000 / duration, result.rate() * pool.size))
    for name, values in found.items():
        seconds, spikes = zip(*values, strict=True)
        print(
            f"| {name} | {statistics.median(seconds):.3f} ({min(seconds):.3f}-{max(seconds):.3f}) |"
            f" {statistics.mean(spikes):.0f} |",
            flush=True,
        )


def main():
    """Measure all."""
    threads = int(sys.argv[1]) if len(sys.argv) > 1 else 2
    print(f"{threads} threads\n\n| neurons | times real time | spikes/s |\n|---|---|---|")
    in_turns(
        {
            "20,000 alone": scattered(20_032, 20_032, threads),
            "20,000 of 1,000,000": scattered(1_000_000, 20_032, threads),
            "the same, never at rest": scattered(1_000_000, 20_032, threads, NeverAtRest),
        },
        200.0,
    )


if __name__ == "__main__":
    main()
