"""
2. A first network
==================

A thousand neurons and a million synapses, put together by hand: the network with which Izhikevich (2003)
showed that simple neurons make complicated rhythms.
"""

import matplotlib.pyplot as plt
import numpy as np

import izhi_numba as iz

# %%
# Neurons
# -------
#
# A :class:`izhi_numba.Pool` holds neurons of one model. These are a thousand neurons of Izhikevich's, as in
# step 1. Give the pool a seed, and each run of this page has the same random numbers, and so the same
# spikes.
#
# Groups have names. The cortex has about four excitatory cells for each inhibitory one, and so has this
# pool.

pool = iz.Pool(1000, seed=1)
exc, inh = pool.group("exc", 800), pool.group("inh", 200)

# %%
# No two cells are the same. The paper draws a number ``r`` between 0 and 1 for each neuron, and lets the
# parameters follow from it. Excitatory cells range from regular spiking, where ``r`` is 0, to chattering,
# where it is 1, with the square of ``r`` so that most are regular. Inhibitory cells range from low-threshold
# spiking to fast spiking. Parameters take a number for all neurons, or an array with a value for each.

r = pool.random(800)
exc.set(a=0.02, b=0.2, c=-65 + 15 * r**2, d=8 - 6 * r**2)

r = pool.random(200)
inh.set(a=0.02 + 0.08 * r, b=0.25 - 0.05 * r, c=-65, d=2)

# %%
# Synapses
# --------
#
# Here everybody is connected to everybody. An excitatory spike adds a number between 0 and 0.5 to the
# current of each target, an inhibitory spike takes away up to 1. There are no receptors yet: what arrives
# lasts for one step of 1 ms. (Step 3 gives neurons receptors.)

excitation = pool.connect(exc, pool, rule=iz.all_to_all(), weight=iz.uniform(0, 0.5))
inhibition = pool.connect(inh, pool, rule=iz.all_to_all(), weight=iz.uniform(-1, 0))

# %%
# Drive
# -----
#
# Left alone, such neurons rest. In the paper the thalamus keeps them awake: a new random current for each
# neuron in each step, stronger for the excitatory cells.

pool.drive(exc, iz.noise(5.0))
pool.drive(inh, iz.noise(2.0))
print(pool)

# %%
# Printing a pool is a good habit. It tells what is there: neurons, what drives them, who is connected to
# whom, and how much memory that takes.
#
# Run
# ---

result = pool.run(1000.0)
print(result)
result.plot_raster()
plt.show()

# %%
# Each dot is a spike, each row a neuron. Nobody asked for the vertical stripes: excitation recruits more
# and more cells, inhibition follows and silences the network, and it takes a tenth of a second until enough
# cells are ready again.
#
# Runs go on where the last one has ended. Between runs everything may be changed: here voltages of four
# neurons are recorded from now on.

cells = [10, 500, 790, 900]
pool.record("v", neurons=cells)
result = pool.run(500.0)
result.plot_traces("v", stacked=True)
plt.show()

# %%
# One neuron by itself shows little of the waves that are so clear in the raster: it spikes some times a
# second, irregularly. A rhythm may hide from an electrode in one cell, and be plain in the field around it.
#
# How fast, and how rhythmic?
# ---------------------------
#
# Ten seconds more tell it in numbers. Rates are in Hz per neuron. ``population_rate`` counts the spikes of
# a group in bins; ``power_spectrum`` tells at which frequencies that rate goes up and down.

result = pool.run(10_000.0)
print(f"excitatory {result.rate('exc'):.1f} Hz, inhibitory {result.rate('inh'):.1f} Hz")

times, rate = result.population_rate(5.0, "exc")
frequencies, power = result.power_spectrum(1.0, "exc", resolution=0.5)
peak = frequencies[np.argmax(power)]
print(f"the rhythm has {peak:.1f} Hz")

plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False})
figure, (left, right) = plt.subplots(
    1, 2, figsize=(10, 3.5), layout="constrained", width_ratios=(2, 1)
)
shown = times < times[0] + 2000
left.fill_between(times[shown] / 1000, rate[shown], color="#2f7fd1", linewidth=0)
left.set(xlabel="time (s)", ylabel="rate of 'exc' (Hz)", ylim=(0, None))
right.plot(frequencies, power, color="#2f7fd1")
right.fill_between(frequencies, power, color="#2f7fd1", alpha=0.2, linewidth=0)
right.axvline(peak, color="#e0572f", linestyle=":")
right.set(xlabel="frequency (Hz)", ylabel="power (Hz)", xlim=(0, 60), ylim=(0, None))
plt.show()

# %%
# The peak lies in the band of the alpha rhythm. No neuron was told that frequency. It is the network's.
#
# With half the inhibition
# ------------------------
#
# Every projection has a ``gain``, a factor on all its weights: a drug that weakens the synapses. Half a
# second as before, a second with half the inhibition, half a second as before. Results of runs that follow
# each other add up to one.

before = pool.run(500.0)
inhibition.gain = 0.5
drugged = pool.run(1000.0)
inhibition.gain = 1.0
after = pool.run(500.0)

axes = (before + drugged + after).plot_raster()
axes.axvspan(drugged.start, drugged.stop, color="#c79a1f", alpha=0.2, linewidth=0)
plt.show()

# %%
# Nothing stops the excitation now but the recovery variable ``u`` of the neurons themselves. All of them
# spike in almost each step for some 20 ms, are exhausted, and need a fifth of a second to recover: an
# epileptic rhythm. It ends with the drug.
#
# What delays do
# --------------
#
# So far a spike acted in the step after it. Axons take longer. To compare networks, put what was typed
# above into a function. (The recipe comes with the package, as ``iz.Pool.cortical(1000, seed=1)``, with the
# same spikes.)


def cortex(delay):
    """Build the network of 2003, with delays of excitation in ms."""
    pool = iz.Pool(1000, seed=1)
    exc, inh = pool.group("exc", 800), pool.group("inh", 200)
    r = pool.random(800)
    exc.set(a=0.02, b=0.2, c=-65 + 15 * r**2, d=8 - 6 * r**2)
    r = pool.random(200)
    inh.set(a=0.02 + 0.08 * r, b=0.25 - 0.05 * r, c=-65, d=2)
    every_one = iz.all_to_all()
    pool.connect(exc, pool, rule=every_one, weight=iz.uniform(0, 0.5), delay=delay)
    pool.connect(inh, pool, rule=every_one, weight=iz.uniform(-1, 0))
    pool.drive(exc, iz.noise(5.0))
    pool.drive(inh, iz.noise(2.0))
    return pool


networks = {
    "no delay": cortex(0.0),
    "each synapse its own delay, 1 to 20 ms": cortex(iz.integers(1, 20)),
    "each synapse its own delay, 10 to 20 ms": cortex(iz.integers(10, 20)),
    "one delay for all, 5 ms": cortex(5.0),
}
figure, panels = plt.subplots(4, 1, figsize=(10, 10), sharex=True, layout="constrained")
for panel, (name, network) in zip(panels, networks.items(), strict=True):
    network.run(1000.0)
    result = network.run(3000.0)
    frequencies, power = result.power_spectrum(1.0, "exc")
    peak = frequencies[np.argmax(power)]
    rhythm = f"power of {power.max():.2g} at {peak:.0f} Hz"
    result.plot_raster(since=3000.0, ax=panel)
    panel.set_title(
        f"{name}: {result.rate():.1f} Hz, {rhythm}", loc="left", fontsize=11
    )
    panel.set_xlabel("")
panels[-1].set_xlabel("time (ms)")
plt.show()

# %%
# The rates of the first three are almost the same, and their rhythms are not:
#
# * Without delays there are the waves from above.
# * With delays from 1 to 20 ms they are gone. What one moment's spikes bring is spread over 20 ms, and no
#   longer comes as a volley.
# * With delays from 10 to 20 ms there are fine, fast stripes. Excitation comes back some 15 ms after it was
#   sent.
# * With one delay for all, a volley comes back as a volley. Inhibition has no delay here: it comes and goes
#   before the excitation is there, and nothing holds the echo. It is a loudspeaker that hears itself.
#
# So delays decide what a network does, no less than weights do.
#
# **Try it yourself.**
#
# * Delay inhibition as well, by the same 5 ms. Does the echo stay?
# * How many inhibitory cells does the network need? Try groups of 900 and 100.
# * The command ``izhi-numba explore`` runs networks live, with sliders for excitation, inhibition and noise.
#   Put yours into a function that returns the pool: ``izhi-numba explore my_model.py:build``.
