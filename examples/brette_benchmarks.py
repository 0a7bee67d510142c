"""
COBA and CUBA (Brette et al. 2007)
==================================

COBA and CUBA, the benchmarks of Brette et al. (2007): 4000 neurons that keep each other awake.

Networks of Vogels and Abbott (2005), with conductances or with currents. In CUBA a resting potential just
above threshold drives the neurons. In COBA nothing does: trains of spikes wake it for 50 ms, and from then on
its activity sustains itself. Published variants differ in their weights; these are the ones of Brian 2 (and,
for COBA, of NEST): 6 and 67 nS, 1.62 and -9 mV. In two seconds Brian 2 finds what is found here: 19 Hz and a
CV of intervals of 1.7 in COBA, 5.5 Hz and 0.6 in CUBA. In longer runs slow neurons count as well: 0.7.

Run it:  python examples/brette_benchmarks.py [--duration 5000]

Sources: R. Brette et al. (2007), Journal of Computational Neuroscience 23:349-398, 10.1007/s10827-007-0038-6;
T. P. Vogels and L. F. Abbott (2005), Journal of Neuroscience 25:10786-10795, 10.1523/JNEUROSCI.3508-05.2005.
"""

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import izhi_numba as iz

G_L = 10.0  # nS; the other numbers of the neuron are the model's defaults
CONNECTED = iz.fixed_probability(0.02)
DELAY = 0.1  # ms, a step


def coba(seed=None, threads=None):
    """Build the network with conductances: a spike adds 6 nS, or 67 nS of inhibition."""
    pool = iz.Pool(
        4000, iz.LeakyIntegrateAndFire(g_L=G_L, E_L=-60.0), dt=0.1, seed=seed, threads=threads,
        receptors={
            "exc": iz.ExponentialConductance(tau=5.0, E=0.0),
            "inh": iz.ExponentialConductance(tau=10.0, E=-80.0),
        },
    )  # fmt: skip
    exc, inh = pool.group("exc", 3200), pool.group("inh", 800)
    pool.connect(exc, pool, rule=CONNECTED, weight=6.0, delay=DELAY, receptor="exc")
    pool.connect(inh, pool, rule=CONNECTED, weight=67.0, delay=DELAY, receptor="inh")
    pool.v = -60.0 + 10.0 * pool.random(4000)
    # Left to the random start of Brian's script, a quarter of networks fall silent at once (5 of 20 seeds).
    pool.drive(pool, iz.poisson(300.0, weight=6.0, receptor="exc", stop=50.0))
    return pool


def cuba(seed=None, threads=None):
    """Build the network with currents: weights in mV are currents through the leak, 10 pA for each mV."""
    pool = iz.Pool(
        4000, iz.LeakyIntegrateAndFire(g_L=G_L, E_L=-49.0), dt=0.1, seed=seed, threads=threads,
        receptors={"exc": iz.ExponentialCurrent(tau=5.0), "inh": iz.ExponentialCurrent(tau=10.0)},
    )  # fmt: skip
    exc, inh = pool.group("exc", 3200), pool.group("inh", 800)
    pool.connect(exc, pool, rule=CONNECTED, weight=1.62 * G_L, delay=DELAY, receptor="exc")
    pool.connect(inh, pool, rule=CONNECTED, weight=-9.0 * G_L, delay=DELAY, receptor="inh")
    pool.v = -60.0 + 10.0 * pool.random(4000)
    return pool


def draw(axes, title, result, cvs, shown=300.0):
    """Draw the last spikes, and how rates and irregularity are distributed."""
    raster, rate, cv = axes
    neurons, times = result.spikes
    late = times > result.stop - shown
    for name, label, colour in (("exc", "excitatory", "#2f7fd1"), ("inh", "inhibitory", "#e0572f")):
        group = result.groups[name]
        chosen = late & (neurons >= group.start) & (neurons < group.stop)
        raster.plot(times[chosen], neurons[chosen], ".", ms=2, mew=0, color=colour, label=label,
                    rasterized=True)  # fmt: skip
    raster.set(xlim=(result.stop - shown, result.stop), ylim=(0, 4000), xlabel="time (ms)", ylabel="neuron")
    raster.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, frameon=False, markerscale=5, fontsize=9)
    raster.set_title(f"{title}: {result.rate():.1f} Hz, CV {cvs.mean():.2f}", loc="left", fontsize=11)
    rates = 1000 * result.counts / result.duration
    for ax, values, label in ((rate, rates, "rate of a neuron (Hz)"), (cv, cvs, "CV of its intervals")):
        ax.hist(values, bins=25, color="#7a7f87")
        ax.axvline(values.mean(), color="black", linewidth=1, label=f"mean {values.mean():.3g}")
        ax.legend(loc="upper right", frameon=False, fontsize=9)
        ax.set(xlabel=label, ylabel="neurons")
    for ax in axes:
        ax.spines[["top", "right"]].set_visible(False)


def main():
    """Run both, print what they do, and draw it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--duration", type=float, default=5000.0, help="ms, after the first 200")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path(), help="folder of the picture")
    options = parser.parse_args()

    figure, axes = plt.subplots(2, 3, figsize=(13, 7), layout="constrained", width_ratios=(2.4, 1, 1))
    for row, build in zip(axes, (coba, cuba), strict=True):
        pool = build(options.seed, options.threads)
        pool.run(200.0)  # let the start die away
        result = pool.run(options.duration)
        cvs, name = result.cv(), build.__name__.upper()
        cvs = cvs[np.isfinite(cvs)]  # of neurons with three spikes or more
        print(
            f"{name}: {result.rate():.1f} Hz (excitatory {result.rate('exc'):.1f}, inhibitory"
            f" {result.rate('inh'):.1f}), CV of intervals {cvs.mean():.2f},"
            f" real-time factor {result.real_time_factor:.3f}"
        )
        draw(row, name, result, cvs)
    options.out.mkdir(parents=True, exist_ok=True)
    figure.savefig(options.out / "brette_benchmarks.png", dpi=150)
    print(f"wrote {options.out / 'brette_benchmarks.png'}")


if __name__ == "__main__":
    main()
