"""What the models cost: 100,000 unconnected neurons on one thread, ``python benchmarks/models.py``.

For each model, in one run and by turns: nanoseconds per neuron and step in single precision, the factor over
Izhikevich's 2003 model, the factor over the model's own functions in numpy (single precision, whole arrays),
and the share of the machine's bound: the time to move the bytes of variables, parameters, constants, input
and outcome at the bandwidth measured in the same run. Izhikevich's model written by hand
(``handwritten.py``) is the yardstick of the first line.
"""

import statistics
import sys
import time

import numpy as np
from handwritten import HandwrittenPool

import izhi_numba as iz
from izhi_numba.bench.bounds import copy_bandwidth
from izhi_numba.models.declaration import by_variable, call

N = 100_000
# Model, scheme, inputs that make it spike at 5 to 50 Hz.
CASES = [
    (iz.Izhikevich, "net2003", (4.0, 14.0)),
    (iz.Izhikevich2007, "book2007", (50.0, 200.0)),
    (iz.LeakyIntegrateAndFire, "exact", (150.0, 600.0)),
    (iz.QuadraticIntegrateAndFire, "euler", (0.0, 300.0)),
    (iz.ExponentialIntegrateAndFire, "euler", (150.0, 600.0)),
    (iz.AdEx, "euler", (500.0, 1500.0)),
    (iz.FitzHughNagumo, "euler", (0.3, 1.0)),
    (iz.MorrisLecar, "euler", (80.0, 120.0)),
    (iz.HodgkinHuxley, "exponential_midpoint", (100.0, 1000.0)),
    (iz.HodgkinHuxley1952, "exponential_midpoint", (7.0, 30.0)),
]


class NumpyModel:
    """A model's own functions on whole arrays, with Euler's method: what a user would write first.

    Izhikevich's model takes its two half steps. Spikes by index.
    """

    def __init__(self, pool):
        self.model, self.dt = type(pool.model), np.float32(pool.dt)
        names = (*pool.model.parameters, *pool.model.states)
        self.values = {name: getattr(pool, name).copy() for name in names}
        self.values |= {"I": pool.external_input.copy(), "t": np.float32(0), "dt": self.dt}
        self.halves = pool.scheme == "net2003"

    def rates(self):
        """Return the derivatives by name."""
        return by_variable(self.model, call(self.model.derivatives, self.values))

    def run(self, n_steps):
        """Advance; returns the number of spikes."""
        total, values, v = 0, self.values, self.model.voltage
        for _ in range(n_steps):
            above = call(self.model.threshold, values) if self.model.reset is None else None
            if self.halves:
                for _ in range(2):
                    values[v] = values[v] + np.float32(0.5) * self.dt * self.rates()[v]
                values["u"] = values["u"] + self.dt * self.rates()["u"]
            else:
                rates = self.rates()
                for name in self.model.states:
                    values[name] = values[name] + self.dt * rates[name]
            spiked = call(self.model.threshold, values)
            if above is not None:
                total += np.count_nonzero(spiked & ~above)
                continue
            fired = np.flatnonzero(spiked)
            total += len(fired)
            if len(fired):
                theirs = {name: x[fired] if np.ndim(x) else x for name, x in values.items()}
                for name, after in by_variable(self.model, call(self.model.reset, theirs)).items():
                    values[name][fired] = after
        return total


def make_pool(model, scheme, inputs, dtype="float32", n=N):
    pool = iz.Pool(n, model, scheme=scheme, threads=1, seed=1, dtype=dtype)
    pool.drive(pool, np.linspace(*inputs, n))
    return pool


def bytes_per_step(pool):
    """Variables read and written, parameters, constants and input read, outcome written and read."""
    population = pool._population
    held = len(population.model.parameters) + len(population.constants)
    variables = len(population.model.states) + len(population.hidden)
    return (2 * variables + held + 1) * pool.dtype.itemsize + 2


def seconds(work, n_steps):
    began = time.perf_counter()
    work(n_steps)
    return (time.perf_counter() - began) / n_steps / N * 1e9


def measure(repetitions=7, n_steps=50, cases=CASES):
    """Return rows of name, scheme, ns, factors over Izhikevich and of numpy, bytes, share, rate."""
    pools = {(model, scheme): make_pool(model, scheme, inputs) for model, scheme, inputs in cases}
    others = {key: NumpyModel(pool) for key, pool in pools.items()}
    hand = HandwrittenPool(pools[iz.Izhikevich, "net2003"])
    for pool in pools.values():
        pool.step(400)
    hand.run(400)
    times = {key: [] for key in (*pools, *others.values(), hand)}
    bandwidths = []
    for _ in range(repetitions):
        bandwidths.append(copy_bandwidth(N * 40, 1))
        times[hand].append(seconds(hand.run, n_steps))
        for key, pool in pools.items():
            times[key].append(seconds(pool.step, n_steps))
            with np.errstate(all="ignore"):
                times[others[key]].append(seconds(others[key].run, 3))
    middle = {key: statistics.median(values) for key, values in times.items()}
    base, bandwidth = middle[iz.Izhikevich, "net2003"], statistics.median(bandwidths)
    nan, share = float("nan"), 38e9 / bandwidth / middle[hand]
    rows = [("written by hand", "net2003", middle[hand], middle[hand] / base, nan, 38, share, nan)]
    for key, pool in pools.items():
        model, scheme = key
        moved = bytes_per_step(pool)
        rate = pool.run(200.0).rate()
        rows.append(
            (
                model.__name__, scheme, middle[key], middle[key] / base, middle[others[key]] / middle[key],
                moved, moved * 1e9 / bandwidth / middle[key], rate,
            )
        )  # fmt: skip
    return rows


def main():
    columns = "model, scheme, ns per neuron step, × Izhikevich, × numpy, bytes, share of limit, rate (Hz)"
    print(f"| {columns.replace(', ', ' | ')} |")
    print("|---|---|---|---|---|---|---|---|")
    for row in measure():
        print("| {} | {} | {:.2f} | {:.2f} | {:.1f} | {} | {:.0%} | {:.1f} |".format(*row))


if __name__ == "__main__":
    sys.exit(main())
