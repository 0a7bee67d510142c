"""
A small world
=============

A small world of 500 neurons: a ring of neighbours with shortcuts, and delays of up to 20 ms.

The later network of Blue Shell (bopowers9/blueshell-py): 400 excitatory and 100 inhibitory cells of
Izhikevich (2003), mixed on a ring where each reaches its 50 nearest, a third of them replaced by cells
anywhere. They spike in bursts of the whole ring.

Run it:  python examples/small_world.py [seed]
"""

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import izhi_numba as iz

N, N_INHIBITORY, K, P = 500, 100, 50, 0.33


def small_world(seed=None, threads=None):
    """Build the network; returns the pool, and which neurons are inhibitory."""
    pool = iz.Pool(N, iz.Izhikevich(), dt=1.0, seed=seed, threads=threads)
    inhibitory = np.argsort(pool.random(N)) < N_INHIBITORY  # anywhere on the ring
    pool.set(a=np.where(inhibitory, 0.1, 0.02), d=np.where(inhibitory, 2.0, 8.0))

    # The rule takes a weight and a delay for each synapse, a row for each source: what a source is decides.
    size = pool.random(N * K).reshape(N, K)
    weight = np.where(inhibitory[:, None], -1.0, 3.0) * size
    delay = np.where(inhibitory[:, None], 1.0, 1 + np.floor(20 * pool.random(N * K).reshape(N, K)))
    pool.connect(pool, pool, rule=iz.small_world(K, P), weight=weight, delay=delay)
    pool.drive(pool, 2.5 + iz.noise(1.44))  # mean and deviation of Blue Shell's 5 * rand()
    return pool, inhibitory


def main():
    """Run it, print rates, and draw spikes and connections."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("seed", type=int, nargs="?", default=1)
    parser.add_argument("--out", type=Path, default=Path(), help="folder of the picture")
    options = parser.parse_args()

    pool, inhibitory = small_world(options.seed)
    result = pool.run(1000.0)
    print(f"excitatory {result.rate(~inhibitory):.1f} Hz, inhibitory {result.rate(inhibitory):.1f} Hz")

    figure, (left, right) = plt.subplots(
        1, 2, figsize=(12, 5), layout="constrained", width_ratios=(2.2, 1), sharey=True
    )
    neurons, times = result.spikes
    source, target, _, _ = pool.synapses[0].to_arrays()
    kinds = {"excitatory": (~inhibitory, "#2f7fd1"), "inhibitory": (inhibitory, "#e0572f")}
    for name, (of_kind, colour) in kinds.items():
        chosen = of_kind[neurons]
        left.plot(times[chosen], neurons[chosen], ".", ms=3, mew=0, color=colour, label=name)
        chosen = of_kind[source]
        right.plot(target[chosen], source[chosen], ".", ms=1.5, mew=0, color=colour)
    left.set(xlabel="time (ms)", ylabel="place on the ring", xlim=(0, result.stop), ylim=(0, N))
    left.legend(frameon=False, ncols=2, loc="lower right", bbox_to_anchor=(1, 1), markerscale=4)
    right.set(xlabel="target (place on the ring)", ylabel="source", xlim=(0, N), aspect="equal")
    right.tick_params(labelleft=True)  # which sharing an axis hides
    right.set_title("who reaches whom: a dot for each synapse", loc="left", fontsize=10)
    for ax in (left, right):
        ax.spines[["top", "right"]].set_visible(False)
    options.out.mkdir(parents=True, exist_ok=True)
    figure.savefig(options.out / "small_world.png", dpi=150)
    print(f"wrote {options.out / 'small_world.png'}")


if __name__ == "__main__":
    main()
