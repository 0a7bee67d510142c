"""
Rate against current
====================

Rate against current for the classes of excitability: each curve is one run of a pool.

A neuron may answer a weak current with a single spike, and fire on and on only at a stronger one: AdEx
because it adapts, the axon of Hodgkin and Huxley because its rest stays stable.

Run it:  python examples/f_i_curves.py
"""

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import izhi_numba as iz

CELLS = {
    "class 1: quadratic integrate-and-fire": (iz.QuadraticIntegrateAndFire, np.linspace(0, 300, 200)),
    "class 1: leaky integrate-and-fire": (iz.LeakyIntegrateAndFire, np.linspace(0, 300, 200)),
    "class 1 with adaptation: AdEx": (iz.AdEx, np.linspace(0, 1500, 200)),
    "class 2: Hodgkin and Huxley's axon": (iz.HodgkinHuxley1952, np.linspace(0, 30, 200)),
    "class 2: Izhikevich, resonator": (iz.Izhikevich(a=0.1, b=0.26, d=2, v=-62), np.linspace(-1, 5, 200)),
    "RS of the 2007 book": (iz.presets["2007 RS"], np.linspace(0, 300, 200)),
}

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
parser.add_argument("--out", type=Path, default=Path(), help="folder of the picture")
out = parser.parse_args().out

figure, axes = plt.subplots(2, 3, figsize=(12, 6.4), layout="constrained")
for ax, (title, (model, currents)) in zip(axes.flat, CELLS.items(), strict=True):
    curve = iz.f_i_curve(model, currents)
    curve.plot(ax)
    ax.set_title(title, fontsize=10)
    unit = f" {curve.unit}" * bool(curve.unit)
    print(
        f"{title}: one spike from {iz.rheobase(model):.4g}{unit} (rheobase), repetitive firing from"
        f" {currents[curve.rate > 0][0]:.3g}{unit}, {curve.rate.max():.0f} Hz at {currents[-1]:g}{unit}"
    )
out.mkdir(parents=True, exist_ok=True)
figure.savefig(out / "f_i_curves.png", dpi=150)
print(f"wrote {out / 'f_i_curves.png'}")
