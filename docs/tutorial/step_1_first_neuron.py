"""
1. A first neuron
=================

A neuron, a current, and what the neuron makes of it.
"""

import matplotlib.pyplot as plt
import numpy as np

import izhi_numba as iz

# %%
# A model neuron is a few differential equations, and what happens when it spikes. Izhikevich's has two
# variables: the voltage ``v`` and a recovery variable ``u``. :func:`izhi_numba.simulate` runs one neuron
# and keeps everything.
#
# Times are in ms, voltages in mV. What a current is measured in depends on the model; this one has no unit
# for it.

result = iz.simulate(iz.Izhikevich, iz.step(10.0, start=100.0), 500.0)
result.plot()
plt.show()

# %%
# On the top the voltage with its spikes; then ``u`` and the current. On the right the same run as a curve
# in the plane of both variables. All of it is at hand as arrays:

print(result.spike_times[:4], "ms")
print(result.v.shape, result.v.max())

# %%
# Another cell is another set of parameters. The published ones have names:

print(", ".join(list(iz.presets)[:12]), "...")

# %%
# A preset brings its current with it, and the step it was published with. This one bursts:

iz.simulate("tonic bursting").plot()
plt.show()

# %%
# Currents add up, scale and shift. Noise is a current, too. The same neuron twice, with weak and with
# strong noise:

figure, panels = plt.subplots(2, 1, sharex=True, figsize=(8, 4))
for panel, strength in zip(panels, (1.0, 6.0), strict=True):
    noisy = iz.simulate(iz.Izhikevich, 4.0 + iz.noise(strength), 1000.0, seed=1)
    panel.plot(noisy.t, noisy.v, linewidth=0.8)
    panel.set_ylabel("v (mV)")
    panel.set_title(f"noise of {strength:g}: {len(noisy.spike_times)} spikes", loc="left", fontsize=10)
panels[1].set_xlabel("time (ms)")
figure.tight_layout()
plt.show()

# %%
# How fast does it spike for which current? :func:`izhi_numba.f_i_curve` asks all currents at once, as a
# pool of neurons.

curve = iz.f_i_curve(iz.Izhikevich, np.linspace(0, 20, 80))
curve.plot()
plt.show()

# %%
# Below some current it does not spike at all: there the two curves on which nothing changes, the
# nullclines, cross, and the neuron rests where they do.

iz.plot_phase_plane(iz.Izhikevich, current=0.0)
plt.show()

# %%
# With sliders for everything: ``izhi-numba explore`` in a terminal, or :func:`izhi_numba.explore` in a
# notebook.
#
# **Try it yourself.** Replace ``iz.Izhikevich`` by ``iz.AdEx``, whose current is in pA: ``iz.step(700.0,
# start=100.0)``.
