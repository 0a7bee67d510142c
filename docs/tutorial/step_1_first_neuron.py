"""
1. A first neuron
=================

A neuron, a current, and what the neuron makes of it.
"""

import matplotlib.pyplot as plt
import numpy as np

import izhi_numba as iz

# %%
# One neuron, everything kept
# ---------------------------
#
# A model neuron is a few differential equations, and what happens when it spikes. Izhikevich's has two
# variables, the voltage ``v`` and a recovery variable ``u``:
#
# .. math::
#
#    v' = 0.04 v^2 + 5 v + 140 - u + I, \qquad u' = a (b v - u)
#
# When ``v`` reaches 30 mV, that is a spike: ``v`` goes to ``c``, and ``u`` is increased by ``d``.
# :func:`izhi_numba.simulate` runs one neuron and keeps everything. The current here is 0, and 10 from 100 ms
# on.
#
# Times are in ms, voltages in mV. What a current is measured in depends on the model; this one has no unit
# for it.

result = iz.simulate(iz.Izhikevich, iz.step(10.0, start=100.0), 500.0)
result.plot()
plt.show()

# %%
# What is called for the first time is compiled, which takes some seconds, and kept on disk. From the second
# time on it starts at once.
#
# At the top there is the voltage with its spikes, below it ``u`` and the current. On the right is the same
# run as a curve in the plane of both variables. All of it is at hand as arrays:

print(result.spike_times[:4], "ms")
print(result.v.shape, result.v.max())

# %%
# Other cells
# -----------
#
# Another cell is another set of parameters: ``iz.Izhikevich(a=0.1, d=2)``. The published ones have names:

print(", ".join(list(iz.presets)[:12]), "...")

# %%
# A preset brings the current with it that it was published with, and the step. Six of them:

plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False})
names = (
    "tonic spiking", "tonic bursting", "mixed mode",
    "spike latency", "rebound burst", "inhibition-induced bursting",
)  # fmt: skip
figure, panels = plt.subplots(2, 3, figsize=(11, 5), sharey=True, layout="constrained")
for panel, name in zip(panels.flat, names, strict=True):
    cell = iz.simulate(name)
    panel.plot(cell.t, cell.v, color="#2f7fd1", linewidth=1)
    panel.plot(cell.t, cell.I - 110, color="#e0572f", linewidth=1)
    panel.set_title(name, fontsize=11)
    panel.set_xlabel("time (ms)")
for panel in panels[:, 0]:
    panel.set_ylabel("v (mV)")
plt.show()

# %%
# Below each voltage, in red, is the current.
#
# Currents are values
# -------------------
#
# Currents add up, scale and shift: ``iz.step(5.0) + 2 * iz.sine(1.0, frequency=8.0)``. Noise is a current,
# too. A current of 3 is too weak for this neuron. Weak noise does not change that, strong noise does:

figure, panels = plt.subplots(
    2, 1, figsize=(10, 4.5), sharex=True, sharey=True, layout="constrained"
)
for panel, strength in zip(panels, (1.0, 8.0), strict=True):
    noisy = iz.simulate(iz.Izhikevich, 3.0 + iz.noise(strength), 1000.0, seed=1)
    panel.plot(noisy.t, noisy.v, color="#2f7fd1", linewidth=1)
    panel.set_ylabel("v (mV)")
    panel.set_title(
        f"noise of {strength:g}: {len(noisy.spike_times)} spikes", loc="left"
    )
panels[1].set_xlabel("time (ms)")
plt.show()

# %%
# With ``seed=1`` the noise is the same each time. Without a seed it is another one for each call.
#
# Rate and current
# ----------------
#
# How fast does the neuron spike for which current? :func:`izhi_numba.f_i_curve` asks all currents at once,
# as a pool of neurons. The solid line is the rate after a while, the dashed one what the first interval
# between two spikes would make.

curve = iz.f_i_curve(iz.Izhikevich, np.linspace(0, 20, 80))
curve.plot()
plt.show()

print(f"the least current that makes it spike: {iz.rheobase(iz.Izhikevich):.2f}")

# %%
# With a bit more than that it spikes once, and then rests; from 3.8 on it spikes for ever. Below, it rests
# where the two curves cross on which ``v`` or ``u`` do not change, the nullclines. To the right they cross
# once more. That is the saddle which a push has to get over:

iz.plot_phase_plane(iz.Izhikevich, current=0.0)
plt.show()

# %%
# All of this comes with sliders, too: type ``izhi-numba explore`` in a terminal, or call
# :func:`izhi_numba.explore` in a notebook.
#
# **Try it yourself.**
#
# * Replace ``iz.Izhikevich`` by ``iz.AdEx``, whose current is in pA: ``iz.step(700.0, start=100.0)``.
# * Give ``simulate`` another parameter, as in ``iz.simulate(iz.Izhikevich, 10.0, d=2.0)``. What do ``c`` and
#   ``d`` do?
# * Which presets are there in all? ``list(iz.presets)`` has their names, ``iz.presets["RS"]`` their numbers.
