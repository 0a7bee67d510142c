"""
The cortical network of 2003
============================

The cortical network of Izhikevich (2003): 1000 neurons, a million synapses, and the rhythms of cortex.

Larger networks have 1000 random targets for each neuron, and the paper's weights: rates and rhythms stay.

Run it:  python examples/cortical_network.py [neurons]

Source: E. M. Izhikevich (2003), IEEE Transactions on Neural Networks 14:1569-1572, 10.1109/TNN.2003.820440.
"""

import argparse
from pathlib import Path

import matplotlib.pyplot as plt

import izhi_numba as iz


def cortical(n=1000, seed=None, threads=None):
    """Build the network, as net.m in the paper does."""
    pool = iz.Pool(n, iz.Izhikevich(), dt=1.0, scheme="net2003", seed=seed, threads=threads)
    exc, inh = pool.group("exc", n - n // 5), pool.group("inh", n // 5)

    # Excitatory cells range from regular spiking to chattering, inhibitory ones from fast to low-threshold.
    r = pool.random(len(exc))
    exc.set(a=0.02, b=0.2, c=-65 + 15 * r**2, d=8 - 6 * r**2)
    r = pool.random(len(inh))
    inh.set(a=0.02 + 0.08 * r, b=0.25 - 0.05 * r, c=-65, d=2)
    pool.drive(exc, iz.noise(5.0))
    pool.drive(inh, iz.noise(2.0))

    # With fewer neurons than the paper's thousand, weights make up for it.
    rule = iz.fixed_outdegree(1000) if n > 1000 else iz.all_to_all()
    gain = max(1.0, 1000 / n)
    pool.connect(exc, pool, rule=rule, weight=iz.uniform(0, 0.5 * gain))
    pool.connect(inh, pool, rule=rule, weight=iz.uniform(-1.0 * gain, 0))
    return pool


def spectrum(result):
    """Frequencies (Hz) and power of the population's rate, which is 1 where spikes are independent."""
    frequencies, power = result.power_spectrum(1.0, resolution=4.0)
    return frequencies, power / (2 * result.rate() / result.size)


def strongest(frequencies, power, low, high):
    """Frequency of the strongest rhythm from ``low`` to ``high``, in Hz."""
    within = (frequencies >= low) & (frequencies <= high)
    return frequencies[within][power[within].argmax()]


def main():
    """Run it, print rates and rhythms, and draw them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("neurons", type=int, nargs="?", default=1000)
    parser.add_argument("--out", type=Path, default=Path(), help="folder of the picture")
    options = parser.parse_args()

    pool = cortical(options.neurons, seed=1)
    pool.run(500.0)  # let the start die away
    result = pool.run(2000.0)
    frequencies, power = spectrum(result)
    alpha, gamma = strongest(frequencies, power, 6, 14), strongest(frequencies, power, 20, 50)
    print(f"excitatory {result.rate('exc'):.1f} Hz, inhibitory {result.rate('inh'):.1f} Hz")
    print(f"rhythms near {alpha:.0f} and {gamma:.0f} Hz")
    print(f"real-time factor {result.real_time_factor:.4f}")

    last = pool.run(500.0)
    figure = plt.figure(figsize=(13, 7), layout="constrained")
    axes = figure.subplot_mosaic(
        [["spikes", "power"], ["rate", "power"]], width_ratios=(2.6, 1), height_ratios=(3, 1)
    )
    axes["spikes"].sharex(axes["rate"])
    last.plot_raster(ax=axes["spikes"]).set_xlabel("")
    axes["spikes"].tick_params(labelbottom=False)
    axes["rate"].fill_between(*last.population_rate(1.0), color="#7a7f87")
    axes["rate"].set(xlabel="time (ms)", ylabel="rate (Hz)", xlim=(last.start, last.stop), ylim=(0, None))
    shown = (frequencies > 0) & (frequencies <= 80)
    axes["power"].plot(frequencies[shown], power[shown], color="#2a9d6e")
    axes["power"].axhline(1, color="#7a7f87", linewidth=0.8)
    axes["power"].set(xlabel="frequency (Hz)", ylabel="power (1: independent spikes)", xlim=(0, 80))
    axes["power"].set(yscale="log", ylim=(0.5, None))
    axes["power"].yaxis.set_major_formatter("{x:g}")
    for ax in axes.values():
        ax.spines[["top", "right"]].set_visible(False)
    options.out.mkdir(parents=True, exist_ok=True)
    figure.savefig(options.out / "cortical_network.png", dpi=150)
    print(f"wrote {options.out / 'cortical_network.png'}")


if __name__ == "__main__":
    main()
