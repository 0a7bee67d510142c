"""
Four states of one network (Brunel 2000)
========================================

Figure 8 of Brunel (2000): one network of excitation and inhibition in four states.

Each of 12,500 neurons hears 1000 excitatory and 250 inhibitory others, and 1000 Poisson trains from outside.
Two numbers choose the state: the relative strength g of inhibition, and the rate of the trains over the rate
that alone would reach the threshold.

Run it:  python examples/brunel.py [--duration 2000]

Source: N. Brunel (2000), Journal of Computational Neuroscience 8:183-208, 10.1023/A:1008925309027.
"""

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import izhi_numba as iz

# Name, g, rate of the trains over threshold, rate of neurons that the paper reports (Hz), what it is called.
STATES = {
    "A": (3.0, 2.0, None, "synchronous regular"),  # the paper tells no rate
    "B": (6.0, 4.0, 60.7, "fast oscillation, irregular"),
    "C": (5.0, 2.0, 37.7, "asynchronous irregular"),
    "D": (4.5, 0.9, 5.5, "slow oscillation, irregular"),
}

TAU, THRESHOLD, RESET, T_REF = 20.0, 20.0, 10.0, 2.0  # ms, mV, mV, ms
J, DELAY = 0.1, 1.5  # mV, ms
BIN = 0.5  # ms, for the picture of the rate
N_E, N_I, C_E, C_I, C_EXT = 10_000, 2500, 1000, 250, 1000


def brunel(g, drive, seed=None, threads=None):
    """Build the network; ``drive`` is the rate of the outer trains over threshold."""
    neuron = iz.LeakyIntegrateAndFire(
        C=10.0 * TAU, g_L=10.0, E_L=0.0, V_th=THRESHOLD, V_reset=RESET, t_ref=T_REF
    )
    pool = iz.Pool(
        N_E + N_I, neuron, dt=0.1, scheme="exact", seed=seed, threads=threads,
        receptors={"syn": iz.VoltageJump()},
    )  # fmt: skip
    exc, inh = pool.group("exc", N_E), pool.group("inh", N_I)
    pool.connect(exc, pool, rule=iz.fixed_indegree(C_E), weight=J, delay=DELAY)
    pool.connect(inh, pool, rule=iz.fixed_indegree(C_I), weight=-g * J, delay=DELAY)
    at_threshold = 1000 * THRESHOLD / (J * C_E * TAU)  # Hz, of each train
    pool.drive(pool, iz.poisson(drive * at_threshold, n=C_EXT, weight=J))
    return pool


def rhythm(result):
    """Frequency of the strongest rhythm of the population, in Hz."""
    rate = result.spikes_per_step - result.spikes_per_step.mean()
    power = np.abs(np.fft.rfft(rate)) ** 2
    return np.fft.rfftfreq(len(rate), 1e-3 * result.dt)[power.argmax()]


def draw(panel, title, result, shown):
    """Draw the last spikes of fifty neurons, and the rate of the population."""
    above, below = panel.subplots(2, 1, sharex=True, height_ratios=(1.6, 1))
    begin = result.stop - shown
    neurons, times = result.spikes
    chosen = (times > begin) & (neurons < 50)
    above.plot(times[chosen] - begin, neurons[chosen], "|", ms=4, mew=0.9, color="#2f7fd1")
    above.set(ylim=(-1, 50), ylabel="neuron")
    above.set_title(title, loc="left", fontsize=10)
    middles, rate = result.population_rate(BIN, since=begin)
    below.bar(middles - begin, rate, BIN, color="#e0572f")
    below.set(xlim=(0, shown), ylim=(0, None), xlabel="time (ms)", ylabel="rate (Hz)")
    for ax in (above, below):
        ax.spines[["top", "right"]].set_visible(False)


def main():
    """Run all four, print their rates, and draw the figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--duration", type=float, default=2000.0, help="ms, after the first 200")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path(), help="folder of the picture")
    options = parser.parse_args()

    figure = plt.figure(figsize=(13, 8.5), layout="constrained")
    panels = figure.subfigures(2, 2, wspace=0.03, hspace=0.03).flat
    print("state           g  drive   rate, Hz   paper   rhythm, Hz   CV  synchrony     RTF")
    for panel, (state, (g, drive, reference, kind)) in zip(panels, STATES.items(), strict=True):
        pool = brunel(g, drive, options.seed, options.threads)
        pool.run(200.0)  # let the start die away
        result = pool.run(options.duration)
        print(
            f"{state:12} {g:4g} {drive:6g} {result.rate():10.1f} {reference or '-':>7} {rhythm(result):12.0f}"
            f" {np.nanmean(result.cv()):4.2f} {result.synchrony(slice(0, 1000)):10.1f}"
            f" {result.real_time_factor:7.3f}"
        )
        title = f"{state}: {kind}, {result.rate():.1f} Hz" + f" (paper {reference})" * (reference is not None)
        draw(panel, title, result, min(200.0, options.duration))
    options.out.mkdir(parents=True, exist_ok=True)
    figure.savefig(options.out / "brunel.png", dpi=150)
    print(f"wrote {options.out / 'brunel.png'}")


if __name__ == "__main__":
    main()
