"""Rate against current for the classes of excitability: each curve is one run of a pool."""

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

figure, axes = plt.subplots(2, 3, figsize=(12, 6.4), layout="constrained")
for ax, (title, (model, currents)) in zip(axes.flat, CELLS.items(), strict=True):
    curve = iz.f_i_curve(model, currents)
    curve.plot(ax)
    ax.set_title(title, fontsize=10)
    print(f"{title}: rheobase {iz.rheobase(model):.4g}, {curve.rate.max():.0f} Hz at {currents[-1]:g}")
figure.savefig("f_i_curves.png", dpi=110)
print("wrote f_i_curves.png")
