"""
A network put together by hand
==============================

A network put together by hand: groups, graded cells, delays, noise, recorded voltages, a closed loop.

Run it:  python examples/your_own_network.py
"""

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import izhi_numba as iz

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
parser.add_argument("--out", type=Path, default=Path(), help="folder of the picture")
out = parser.parse_args().out

pool = iz.Pool(10_000, seed=42)
exc, inh = pool.group("exc", 8_000), pool.group("inh", 2_000)

# Excitatory cells range from regular spiking to chattering, inhibitory ones spike fast.
r = pool.random(len(exc))
exc.set(a=0.02, b=0.2, c=-65 + 15 * r**2, d=8 - 6 * r**2)
inh.set(**iz.presets["FS"])

# 100 targets for each neuron; excitation takes up to 20 ms on its way, inhibition one.
pool.connect(exc, pool, rule=iz.fixed_outdegree(100), weight=iz.uniform(0, 4), delay=iz.integers(1, 20))
pool.connect(inh, exc, rule=iz.fixed_outdegree(100), weight=-2.5, delay=1.0)
pool.drive(pool, iz.noise(5.0))

pool.record("v", neurons=[0, 8_000])
quiet = pool.run(500.0)

# Anything may be changed between runs; nothing is compiled again.
pool.drive(exc, 1.5 + iz.noise(5.0))
driven = pool.run(500.0)
print(f"excitatory rate: {quiet.rate('exc'):.1f} Hz, then {driven.rate('exc'):.1f} Hz with more input")

# A closed loop: hold the rate near 10 Hz by adjusting the input once in 20 ms.
level, rates = 1.5, []
for _ in range(50):
    window = pool.run(20.0)
    rates.append(window.rate("exc"))
    level += 0.02 * (10.0 - rates[-1])
    pool.drive(exc, level + iz.noise(5.0))
print(f"held at {np.mean(rates[25:]):.1f} Hz by an input of {level:.2f}")

figure, (above, below) = plt.subplots(
    2, 1, figsize=(10, 7), layout="constrained", height_ratios=(2, 1), sharex=True
)
driven.plot_raster(ax=above).set_xlabel("")
driven.plot_traces("v", ax=below)
out.mkdir(parents=True, exist_ok=True)
figure.savefig(out / "your_own_network.png", dpi=150)
print(f"wrote {out / 'your_own_network.png'}")
