"""
The cortical microcircuit (Potjans and Diesmann 2014)
=====================================================

The cortical microcircuit of Potjans and Diesmann (2014): 77,169 neurons, 0.3 billion synapses.

What lies under 1 mm2 of cortex: four layers with excitatory and inhibitory cells each, wired as anatomy and
physiology say, fire at the low and different rates that are seen there. At full scale the network takes 2 GB,
and half a minute to build.

Run it:  python examples/microcircuit.py [--scale 0.1] [--input dc] [--duration 10000]

With ``--scale`` below 1 there are fewer neurons with fewer synapses each. Weights and a constant current make
up for it, so that mean and variance of each neuron's input stay. Correlations grow, as van Albada et al.
(2015) explain, and rates fall short of those at full scale: at 0.3 by up to an eighth, in L23E by a quarter;
at 0.1 L23E by 48 percent, L23I by 28, L6E by 23, the others by 9 to 15 (Poisson input, seed 1, 10 s). With
``--input dc`` most layers fall silent at 0.1. NEST, asked at 0.1 and 0.2, falls short alike.

The reference rates are those of NEST. A run with Poisson input (seed 55, 10 s) met them within 2 percent;
with a constant current in its place within 8, L5E spiking more and L4E less.

Sources: T. C. Potjans and M. Diesmann (2014), Cerebral Cortex 24:785-806, 10.1093/cercor/bhs358;
S. J. van Albada, M. Helias and M. Diesmann (2015), PLoS Computational Biology 11:e1004490,
10.1371/journal.pcbi.1004490.
"""

import argparse
import sys
import time
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import izhi_numba as iz

POPULATIONS = ("L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I")
SIZES = np.array([20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948])
PROBABILITIES = np.array([  # row: target, column: source
    [0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0000, 0.0076, 0.0000],
    [0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0000, 0.0042, 0.0000],
    [0.0077, 0.0059, 0.0497, 0.1350, 0.0067, 0.0003, 0.0453, 0.0000],
    [0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0000, 0.1057, 0.0000],
    [0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0000],
    [0.0548, 0.0269, 0.0257, 0.0022, 0.0600, 0.3158, 0.0086, 0.0000],
    [0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252],
    [0.0364, 0.0010, 0.0034, 0.0005, 0.0277, 0.0080, 0.0658, 0.1443],
])  # fmt: skip
RATES = np.array([0.903, 2.965, 4.414, 5.876, 7.569, 8.633, 1.105, 7.829])  # Hz, of NEST
START_MEAN = np.array([-68.28, -63.16, -63.33, -63.45, -63.11, -61.66, -66.72, -61.43])  # mV
START_SD = np.array([5.36, 4.57, 4.74, 4.94, 4.94, 4.55, 5.46, 4.48])

NEURON = {"E_L": -65.0, "V_reset": -65.0, "V_th": -50.0, "C": 250.0, "g_L": 25.0, "t_ref": 2.0}
TAU_SYN = 0.5  # ms
WEIGHT = 87.81  # pA: a potential of 0.15 mV
WEIGHTS = np.where([name.endswith("E") for name in POPULATIONS], WEIGHT, -4 * WEIGHT) * np.ones((8, 1))
WEIGHTS[0, 2] *= 2  # L4E to L23E
DELAYS = {"E": iz.normal(1.5, 0.75, low=0.1), "I": iz.normal(0.75, 0.375, low=0.1)}  # ms

OUTSIDE = np.array([1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100])  # synapses on each neuron
OUTSIDE_RATE = 8.0  # Hz, of each of these


def synapse_numbers(scale=1.0):
    """Number of synapses from each population (column) to each (row).

    As many as drawing pairs with replacement needs to connect a pair with its probability. Running sums are
    rounded, not the numbers, so that they add up to the rounded total: at full scale 298,880,969.
    """
    pairs = np.outer(SIZES, SIZES)
    exact = scale**2 * np.log1p(-PROBABILITIES) / np.log1p(-1 / pairs)
    return np.diff(np.rint(np.cumsum(exact)), prepend=0).astype(int).reshape(8, 8)


def constant_input(scale=1.0, poisson=False):
    """Constant current of each population in pA.

    What comes from elsewhere, unless it comes as Poisson trains; and, below full scale, what the mean input
    lacks: weights grow as 1 / sqrt(scale) while synapses fall as scale.
    """
    from_outside = WEIGHT * OUTSIDE * OUTSIDE_RATE
    from_inside = (WEIGHTS * synapse_numbers() / SIZES[:, None] * RATES).sum(axis=1)
    lacking = 1 - np.sqrt(scale)
    trains = lacking if poisson else 1.0
    return 1e-3 * TAU_SYN * (lacking * from_inside + trains * from_outside)


def microcircuit(scale=1.0, poisson=False, seed=None, threads=None):
    """Build the network: one pool with a group for each population."""
    sizes = np.rint(scale * SIZES).astype(int)
    pool = iz.Pool(
        sizes.sum(), iz.LeakyIntegrateAndFire(**NEURON), dt=0.1, scheme="exact", seed=seed, threads=threads,
        receptors={"syn": iz.ExponentialCurrent(tau=TAU_SYN)},
    )  # fmt: skip
    groups = [pool.group(*named) for named in zip(POPULATIONS, map(int, sizes), strict=True)]
    numbers, weights = synapse_numbers(scale), WEIGHTS / np.sqrt(scale)
    for j, source in enumerate(groups):
        for i, target in enumerate(groups):
            if numbers[i, j]:
                connect(pool, source, target, int(numbers[i, j]), weights[i, j])
    current = constant_input(scale, poisson)
    for i, group in enumerate(groups):
        group.v = START_MEAN[i] + START_SD[i] * normal_numbers(pool, len(group))
        trains = iz.poisson(OUTSIDE_RATE * scale, n=OUTSIDE[i], weight=WEIGHT / np.sqrt(scale))
        pool.drive(group, current[i] + trains if poisson else current[i])
    return pool


def connect(pool, source, target, number, weight):
    """Connect two populations; weights spread by a tenth, and keep their sign."""
    sign = {"low": 0.0} if weight > 0 else {"high": 0.0}
    pool.connect(
        source, target, rule=iz.fixed_total_number(number),
        weight=iz.normal(weight, 0.1 * abs(weight), **sign), delay=DELAYS[source.name[-1]],
    )  # fmt: skip


def normal_numbers(pool, n):
    """Normal random numbers that follow from the pool's seed (Box and Muller)."""
    return np.sqrt(-2 * np.log(pool.random(n))) * np.cos(2 * np.pi * pool.random(n))


def irregularity(result, name):
    """Mean coefficient of variation of the intervals between spikes, of a population."""
    values = result.cv(name)
    known = values[np.isfinite(values)]  # of neurons with three spikes or more
    return known.mean() if len(known) else np.nan


def synchrony(result, name):
    """Variance over mean of the spikes of 1000 neurons of a population in 3 ms, as in the paper."""
    first = result.groups[name].start
    return result.synchrony(slice(first, min(first + 1000, result.groups[name].stop)))


def synaptic_events(result, scale):
    """Number of spikes that arrived at synapses."""
    out_degrees = synapse_numbers(scale).sum(axis=0) / [g.stop - g.start for g in result.groups.values()]
    return sum(result.counts[g].sum() * k for g, k in zip(result.groups.values(), out_degrees, strict=True))


def peak_memory():
    """Most memory that this process has held, in GB; what it holds now on Windows."""
    if sys.platform == "win32":
        import psutil

        return psutil.Process().memory_info().rss / 1e9
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9


def picture(result, rates, cvs, shown=500.0):
    """Draw the spikes of the last ``shown`` ms, and rates and irregularity of the populations."""
    figure = plt.figure(figsize=(12, 7), layout="constrained")
    axes = figure.subplot_mosaic([["raster", "rate"], ["raster", "cv"]], width_ratios=(2.6, 1))
    shown = min(shown, result.duration)
    colours = ["#2f7fd1" if name.endswith("E") else "#e0572f" for name in POPULATIONS]
    neurons, times = result.spikes
    late = times > result.stop - shown
    neurons, times = neurons[late], times[late]
    stride = max(1, result.size // 3000)  # more rows than a picture can show
    for group, colour in zip(result.groups.values(), colours, strict=True):
        chosen = (neurons >= group.start) & (neurons < group.stop) & (neurons % stride == 0)
        axes["raster"].plot(times[chosen], neurons[chosen], ".", ms=3, mew=0, color=colour, rasterized=True)
    middles = [(group.start + group.stop) / 2 for group in result.groups.values()]
    axes["raster"].set(xlim=(result.stop - shown, result.stop), ylim=(result.size, 0), xlabel="time (ms)")
    axes["raster"].set_yticks(middles, POPULATIONS)
    axes["raster"].set_title(
        f"{result.size:,} neurons" + f" (1 in {stride} shown)" * (stride > 1), loc="left", fontsize=10
    )
    places = np.arange(8)
    axes["rate"].barh(places, rates, color=colours)
    axes["rate"].plot(RATES, places, "k|", ms=14, mew=2, label="NEST, full scale")
    axes["rate"].legend(frameon=False, loc="lower right", bbox_to_anchor=(1, 1))
    axes["rate"].set_xlabel("rate (Hz)")
    axes["cv"].barh(places, cvs, color=colours)
    axes["cv"].set_xlabel("CV of intervals")
    for ax in (axes["rate"], axes["cv"]):
        ax.set_yticks(places, POPULATIONS)
        ax.invert_yaxis()
    for ax in axes.values():
        ax.spines[["top", "right"]].set_visible(False)
    return figure


def main():
    """Build and run it, print rates and speed, and draw them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0, help="share of neurons, and of synapses of each")
    parser.add_argument(
        "--input", choices=("dc", "poisson"), default="poisson", help="what comes from elsewhere"
    )
    parser.add_argument("--duration", type=float, default=10_000.0, help="ms, after the first 500")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path(), help="folder of the picture")
    options = parser.parse_args()

    begin = time.perf_counter()
    pool = microcircuit(options.scale, options.input == "poisson", options.seed, options.threads)
    compiling = pool.prepare()
    building = time.perf_counter() - begin - compiling
    print(f"{len(pool):,} neurons, {sum(map(len, pool.synapses)):,} synapses, seed {pool.seed}")
    print(f"built in {building:.1f} s, compiled or loaded in {compiling:.1f} s, {pool.nbytes / 1e9:.2f} GB")

    pool.run(500.0)  # let the start die away
    result = pool.run(options.duration)
    rates = np.array([result.rate(name) for name in POPULATIONS])
    cvs = np.array([irregularity(result, name) for name in POPULATIONS])
    print("          rate, Hz   of NEST    deviation   CV   synchrony")
    for name, rate, reference, cv in zip(POPULATIONS, rates, RATES, cvs, strict=True):
        told = f"{name:5} {rate:12.3f} {reference:9.3f} {rate / reference - 1:+11.1%} {cv:7.2f}"
        print(f"{told} {synchrony(result, name):7.1f}")
    events = synaptic_events(result, options.scale)
    print(
        f"real-time factor {result.real_time_factor:.2f}, {events / result.wall_time:.2g} synaptic events per"
        f" second; at most {peak_memory():.2f} GB"
    )
    options.out.mkdir(parents=True, exist_ok=True)
    picture(result, rates, cvs).savefig(options.out / "microcircuit.png", dpi=150)
    print(f"wrote {options.out / 'microcircuit.png'}")


if __name__ == "__main__":
    main()
