"""
A neuron of your own
====================

A neuron of your own, from scratch: looked at alone, then fifty thousand of it.

Run it:  python examples/own_neuron.py
"""

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import izhi_numba as iz


class Theta(iz.Model):
    """Quadratic integrate-and-fire neuron with an adaptation current."""

    v = iz.State(-65.0, unit="mV")
    w = iz.State(0.0, unit="mV")
    tau = iz.Parameter(20.0, unit="ms", range=(5, 50))
    tau_w = iz.Parameter(150.0, unit="ms", range=(50, 500))
    v_rest = iz.Parameter(-65.0, unit="mV", range=(-80, -55))
    v_c = iz.Parameter(-50.0, unit="mV", range=(-60, -40))
    jump = iz.Parameter(4.0, unit="mV", range=(0, 20))

    peak = 0.0  # what a recorded v shows on the step of a spike

    def derivatives(v, w, I, tau, tau_w, v_rest, v_c):
        return ((v - v_rest) * (v - v_c) / 5 - w + I) / tau, -w / tau_w

    def threshold(v):
        return v >= 0

    def reset(w, jump):
        return -60.0, w + jump


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path(), help="folder of the pictures")
    out = parser.parse_args().out

    one = iz.simulate(Theta, iz.step(40, start=100) + iz.noise(5), 1000, seed=1)
    intervals = iz.isi(one.spike_times)
    print(f"one neuron: intervals of {intervals[0]:.1f} ms grow to {intervals[-1]:.1f} ms")
    out.mkdir(parents=True, exist_ok=True)
    one.plot().savefig(out / "own_neuron.png")

    pool = iz.Pool(50_000, Theta, dt=0.1, seed=1)
    pool.tau = 20 * np.exp(0.2 * np.random.default_rng(1).standard_normal(50_000))
    pool.drive(pool, iz.step(np.linspace(0, 80, 50_000), start=100) + iz.noise(5))
    result = pool.run(500, progress=True)
    print(f"fifty thousand: {result}")
    result.plot_raster()
    plt.savefig(out / "own_pool.png")
    print(f"wrote {out / 'own_neuron.png'} and {out / 'own_pool.png'}")
