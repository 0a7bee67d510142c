"""
3. Conductances and delays
==========================

What an arriving spike does to a neuron, and when: receptors, a network that keeps itself awake, and waves.
"""

import matplotlib.pyplot as plt
import numpy as np

import izhi_numba as iz

plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False})

# %%
# In step 2 an arriving spike was added to the current of its target for one millisecond. Nature opens a
# channel instead, which stays open for some milliseconds. In this package that is the business of
# **receptors**. They belong to the pool that is hit, have names, and say what an arriving weight is: a jump
# of the voltage, a current, or a conductance.
#
# A spike arrives
# ---------------
#
# To look at receptors one by one takes a :class:`izhi_numba.Network`, which holds several pools that run in
# step, and a spike list, which is a source of spikes at given times. Here it spikes at 20 ms, and three
# times in a row from 80 ms on. The pools have one leaky neuron each, and differ in their receptor.

receptors = {
    "voltage jump": (iz.VoltageJump(), 2.0),  # mV
    "exponential current": (iz.ExponentialCurrent(tau=5.0), 100.0),  # pA
    "alpha current": (iz.AlphaCurrent(tau=5.0), 100.0),  # pA
    "AMPA": (iz.AMPA(), 1.7),  # nS
}

net = iz.Network(dt=0.1, seed=1)
spikes = net.spike_list("spikes", 1, i=[0, 0, 0, 0], t=[20.0, 80.0, 90.0, 100.0])
for name, (receptor, weight) in receptors.items():
    cell = net.pool(
        name, 1, iz.LeakyIntegrateAndFire(V_th=0.0), receptors={"syn": receptor}
    )
    net.connect(spikes, cell, rule=iz.all_to_all(), weight=weight, delay=1.0)
    cell.record("v" if name == "voltage jump" else ["v", "I_syn"])
result = net.run(180.0)

# %%
# (The threshold is at 0 mV here, so that nobody spikes and voltages can be compared.) ``I_syn`` is the
# current of the receptor that was called "syn". A jump has none.

figure, panels = plt.subplots(
    2, 4, figsize=(12, 5), sharex=True, sharey="row", layout="constrained"
)
for (above, below), name in zip(panels.T, receptors, strict=True):
    traces = result[name].traces
    if "I_syn" in traces:
        above.plot(result[name].times("I_syn"), traces["I_syn"], color="#e0572f")
    below.plot(result[name].times("v"), traces["v"], color="#2f7fd1")
    above.set_title(name, fontsize=11)
    below.set_xlabel("time (ms)")
panels[0, 0].set_ylabel("current (pA)")
panels[1, 0].set_ylabel("v (mV)")
plt.show()

# %%
# The membrane of this neuron takes 20 ms to forget (``C / g_L``), and smooths whatever comes in. The alpha
# function brings the most charge for the same peak. A conductance makes a current that depends on the
# voltage: at -60 mV, 1.7 nS of AMPA are 1.7 × 60 = 102 pA, and less when the neuron is nearer to 0 mV.
#
# .. note::
#    Without receptors a weight is a current for one step. In steps of 1 ms, as for the network of step 2,
#    that is what the paper has. In steps of 0.1 ms it is next to nothing: 100 pA lift this neuron by 0.05 mV.
#    Give leaky neurons receptors.
#
# Reversal
# --------
#
# A conductance pulls the voltage to its reversal potential ``E``: 0 mV for AMPA, -70 mV for GABA_A. The
# same inhibitory spike may therefore lift a neuron that is below -70 mV. Sixty neurons, each held at
# another voltage by a current of its own, get one spike through GABA_A, and one through AMPA. A pool may
# have both:

net = iz.Network(dt=0.1, seed=1)
inhibitory = net.spike_list("inhibitory", 1, i=[0], t=[210.0])
excitatory = net.spike_list("excitatory", 1, i=[0], t=[310.0])
cells = net.pool(
    "cells",
    60,
    iz.LeakyIntegrateAndFire(V_th=100.0),
    receptors={"ampa": iz.AMPA, "gaba": iz.GABA_A},
)
every_one = iz.all_to_all()
net.connect(inhibitory, cells, rule=every_one, weight=3.0, receptor="gaba")
net.connect(excitatory, cells, rule=every_one, weight=1.0, receptor="ampa")
cells.drive(cells, np.linspace(-400.0, 400.0, 60))  # pA, one for each neuron
cells.record("v")
result = net.run(400.0)["cells"]

t, v = result.times("v"), result.traces["v"]
held = v[t == 200.0][0]  # the voltage of each neuron before the first spike

figure, (left, right) = plt.subplots(
    1, 2, figsize=(11, 5), layout="constrained", width_ratios=(1.6, 1)
)
colours = plt.get_cmap("viridis")(np.linspace(0, 0.95, 60))
for voltage, colour in zip(v.T[::2], colours[::2], strict=True):
    left.plot(t, voltage, color=colour, linewidth=1)
left.set(xlim=(195, 400), xlabel="time (ms)", ylabel="v (mV)")
for name, spike, colour in (("GABA_A", 210.0, "#a05fc0"), ("AMPA", 310.0, "#e0572f")):
    change = v[(t > spike) & (t < spike + 60)] - held
    largest = np.take_along_axis(change, np.abs(change).argmax(0)[None], axis=0)[0]
    left.text(spike, -16, name, color=colour)
    right.plot(held, largest, color=colour, label=name)
right.axhline(0.0, color="#7a7f87", linewidth=0.8)
right.axvline(-70.0, color="#a05fc0", linewidth=0.8, linestyle=":")
right.set(xlabel="voltage before (mV)", ylabel="largest change (mV)")
right.legend(frameon=False)
plt.show()

# %%
# The line of GABA_A crosses zero at -70 mV. That of AMPA would cross at 0 mV, on the right of the picture.
#
# A network that keeps itself awake
# ---------------------------------
#
# Four thousand leaky neurons, a fifth of them inhibitory, each connected to two in a hundred: a benchmark
# by Brette et al. (2007), after Vogels and Abbott (2005). Nothing drives it, but for trains of spikes in
# the first 50 ms. The numbers are the published ones, 6 nS of excitation and 67 nS of inhibition.


def awake(gain=1.0):
    """Build the network; a gain below 1 weakens all of its synapses."""
    pool = iz.Pool(
        4000,
        iz.LeakyIntegrateAndFire,
        receptors={"ampa": iz.AMPA, "gaba": iz.GABA_A(tau=10.0, E=-80.0)},
        seed=1,
    )
    exc, inh = pool.group("exc", 3200), pool.group("inh", 800)
    pool.v = iz.uniform(-60.0, -50.0)
    some = iz.fixed_probability(0.02)
    excitation = pool.connect(
        exc, pool, rule=some, weight=6.0, delay=0.1, receptor="ampa"
    )
    inhibition = pool.connect(
        inh, pool, rule=some, weight=67.0, delay=0.1, receptor="gaba"
    )
    excitation.gain = inhibition.gain = gain
    pool.drive(pool, iz.poisson(300.0, weight=6.0, receptor="ampa", stop=50.0))
    return pool


pool = awake()
pool.record(["v", "g_ampa", "g_gaba"], neurons=[0])
result = pool.run(600.0)
result.plot_raster()
plt.show()

# %%
# Long after the last spike from outside the network goes on. One neuron, seen from inside:

t, traces = result.times("v"), result.traces
figure, (above, below) = plt.subplots(
    2, 1, figsize=(10, 5), sharex=True, layout="constrained"
)
above.plot(t, traces["v"], color="#2f7fd1", linewidth=1)
above.set(ylabel="v (mV)")
below.plot(t, traces["g_ampa"], color="#e0572f", linewidth=1, label="AMPA")
below.plot(t, traces["g_gaba"], color="#a05fc0", linewidth=1, label="GABA_A")
below.axhline(10.0, color="#7a7f87", linestyle=":", label="leak")
below.set(xlabel="time (ms)", ylabel="conductance (nS)", ylim=(0, None))
below.legend(frameon=False, ncols=3, loc="upper right")
plt.show()

# %%
# What arrives is many times larger than the leak of the membrane, which is 10 nS. So the neuron is far
# quicker than it is at rest:

tau = 200.0 / (10.0 + traces["g_ampa"] + traces["g_gaba"])  # C / g, ms
print(f"time constant: 20 ms at rest, {np.median(tau):.1f} ms in the network")

# %%
# How strong do the synapses have to be? A gain on all of them tells:

figure, axes = plt.subplots(figsize=(10, 3.5), layout="constrained")
for gain, colour in ((1.0, "#2f7fd1"), (0.5, "#2a9d6e"), (0.4, "#e0572f")):
    times, rate = awake(gain).run(400.0).population_rate(5.0)
    axes.plot(times, rate, color=colour, label=f"weights × {gain:g}")
axes.axvspan(0.0, 50.0, color="#7a7f87", alpha=0.2, linewidth=0)
axes.set(xlabel="time (ms)", ylabel="rate (Hz)", ylim=(0, None))
axes.legend(frameon=False)
plt.show()

# %%
# There is no network that is half awake. At half the strength it still goes on, at 40 % it falls silent as
# soon as nobody calls.
#
# Delays are steps
# ----------------
#
# Time advances in steps of ``dt``, 0.1 ms here, and a delay is a whole number of steps. A spike has the
# time of the end of its step; with a delay *d* it acts from *d* later on. Five targets, five delays:

net = iz.Network(dt=0.1, seed=1)
spike = net.spike_list("spike", 1, i=[0], t=[1.0])
cells = net.pool(
    "cells", 5, iz.LeakyIntegrateAndFire, receptors={"jump": iz.VoltageJump}
)
delays = np.array([[0.0, 0.1, 0.35, 1.0, 2.0]])  # from the one source to each target
synapses = net.connect(spike, cells, rule=iz.all_to_all(), weight=1.0, delay=delays)
cells.record("v")
result = net.run(4.0)["cells"]

_, _, _, rounded = synapses.to_arrays()
jumps = result.times("v")[result.traces["v"].argmax(axis=0)]
for asked, taken, jump in zip(delays[0], rounded, jumps, strict=True):
    print(
        f"asked for {asked:4} ms, takes {taken:3.1f} ms: the voltage jumps at {jump:.1f} ms"
    )

# %%
# 0.35 ms were rounded to 0.4, and where a jump of the voltage is wanted, no delay means one step. Delays
# below a step are therefore a question of ``dt``: make it small enough for the shortest delay that matters.
#
# Delays in space
# ---------------
#
# Delays of a real tissue follow from distance. Here 6400 excitatory neurons lie on a sheet, and reach their
# neighbours with a probability that falls off as a Gaussian. Spikes travel at so many grid units per ms,
# and take 1 ms for the synapse. A pulse of current wakes a few neurons in a corner.

side = 80
positions = iz.grid(side, side)
near = iz.distance_dependent(positions, iz.gaussian_profile(2.0), autapses=False)


def first_spikes(velocity):
    """Time of the first spike of each neuron of the sheet, ms; NaN where there is none."""
    sheet = iz.Pool(
        side**2, iz.LeakyIntegrateAndFire, receptors={"ampa": iz.AMPA}, seed=1
    )
    delay = iz.by_distance(velocity, offset=1.0)
    sheet.connect(sheet, sheet, rule=near, weight=4.0, delay=delay)
    corner = sheet[np.hypot(*(positions - 15).T) < 4]
    corner.drive(iz.pulse(600.0, start=5.0, width=10.0))
    trains = sheet.run(150.0).trains()
    return np.array([train[0] if len(train) else np.nan for train in trains])


figure, panels = plt.subplots(
    1, 3, figsize=(12, 4.2), sharey=True, layout="constrained"
)
for panel, velocity in zip(panels, (0.25, 0.5, 2.0), strict=True):
    first = first_spikes(velocity).reshape(side, side)
    image = panel.imshow(first, cmap="magma", origin="lower", vmin=0, vmax=150)
    panel.contour(first, levels=np.arange(10, 150, 10), colors="white", linewidths=0.5)
    panel.set_title(f"{velocity:g} units per ms", fontsize=11)
figure.colorbar(image, ax=panels, label="first spike (ms)", shrink=0.8)
plt.show()

# %%
# A wave, with a line for each 10 ms. Its speed is set by the axons, up to where the neurons themselves are
# the slowest part.
#
# **Try it yourself.**
#
# * Give the first network an ``iz.NMDA`` receptor with a weight of 1.7 nS as well. Why is its potential so
#   small at rest, and so long?
# * In the network that keeps itself awake, weaken excitation alone, or inhibition alone. Which of the two
#   does it need?
# * Silence a disc of the sheet, ``sheet[...].silenced = True``, and watch the wave go round it.
