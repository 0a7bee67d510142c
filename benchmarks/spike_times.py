"""What spike times cost: 20,000 unconnected neurons on one thread, ``python benchmarks/spike_times.py``.

For each model, in one run and by turns (medians of seven): processor time of a run with interpolated and with
precise spike times, over that on the grid; what a precise spike costs; and how late the last spike of a
second that both have is, where a precise run at a fortieth of the step is taken as the truth.
"""

import statistics
import time

import izhi_numba as iz

N, DT, ROUNDS = 20_000, 0.1, 7
KINDS = ("grid", "interpolated", "precise")
CASES = [  # model, scheme, input: 5 to 20 Hz
    (iz.LeakyIntegrateAndFire, "exact", 170.0),
    (iz.ExponentialIntegrateAndFire, "heun", 200.0),
    (iz.AdEx, "heun", 700.0),
    (iz.AdEx, "rk4", 700.0),
    (iz.Izhikevich, "heun", 5.0),
    (iz.Izhikevich2007, "heun", 80.0),
]


def main():
    """Print a line per model."""
    print(
        "model, scheme: Hz; time over grid: interpolated, precise; us a spike; ms late: grid, interp., prec."
    )
    for model, scheme, current in CASES:
        pools = {
            kind: iz.Pool(N, model, scheme=scheme, dt=DT, seed=1, threads=1, spike_times=kind)
            for kind in KINDS
        }
        taken = {kind: [] for kind in KINDS}
        for pool in pools.values():
            pool.drive(pool, iz.constant(current) + iz.noise(0.1 * current))
            pool.run(500.0)
        for _ in range(ROUNDS):
            for kind, pool in pools.items():
                began = time.process_time()
                rate = pool.run(200.0).rate()
                taken[kind].append(time.process_time() - began)
        grid = statistics.median(taken["grid"])
        ratios = ", ".join(f"{statistics.median(taken[kind]) / grid:.2f}" for kind in KINDS[1:])
        each = 1e6 * (statistics.median(taken["precise"]) - grid) / (N * rate * 0.2)
        print(f"{model.__name__}, {scheme}: {rate:.1f}; {ratios}; {each:.1f}; {late(model, scheme, current)}")


def late(model, scheme, current):
    """Return how many ms late the last spike is, by kind."""

    def last(kind, dt):
        return iz.simulate(model, current, 1000.0, dt=dt, scheme=scheme, spike_times=kind).spike_times

    truth = last("precise", DT / 40)
    found = (last(kind, DT) for kind in KINDS)
    shared = ((one[min(len(one), len(truth)) - 1], truth[min(len(one), len(truth)) - 1]) for one in found)
    return ", ".join(f"{one - true:.3g}" for one, true in shared)


if __name__ == "__main__":
    main()
