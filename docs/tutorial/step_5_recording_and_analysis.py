"""
5. Recording and analysis
=========================

What a run keeps, what can be asked of it, repeated trials, tables, and files.
"""

import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import izhi_numba as iz

plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False})

# %%
# What is kept
# ------------
#
# A run keeps all spikes, unless told otherwise. Anything else is asked for before the run, by name:
# variables of the model, the input ``I``, and what receptors have. The network of step 2 comes with the
# package:

pool = iz.Pool.cortical(1000, seed=1)
pool.drive(pool, iz.pulse(2.0, start=500.0, width=100.0), add=True)  # something to see

pool.record(["v", "u"], neurons=[0, 400, 799, 900])
pool.record("I", neurons="exc", mean=True, every=1.0)
result = pool.run(1000.0)
print(result)

# %%
# The pulse was added to what drives the cells already (``add=True``), and pushes all of them from 500 to
# 600 ms.
#
# ``traces`` are arrays of times and neurons; ``times`` and ``neurons`` tell which. A mean is one number a
# time for a whole group, and takes no memory for traces. Here is the mean of the current that excitatory
# cells get, synapses and noise together:

print(list(result.traces), result.traces["v"].shape, result.neurons("v"))

figure, (above, below) = plt.subplots(
    2, 1, figsize=(10, 6), sharex=True, layout="constrained", height_ratios=(2, 1)
)
result.plot_traces("v", ax=above, stacked=True)
below.plot(
    result.times("mean_I"), result.traces["mean_I"], color="#e0572f", linewidth=1
)
below.set(xlabel="time (ms)", ylabel="mean current")
for axes in (above, below):
    axes.axvspan(500.0, 600.0, color="#c79a1f", alpha=0.2, linewidth=0)
plt.show()

# %%
# Spikes are two arrays of equal length, neurons and times. ``trains`` are the times of each neuron,
# ``counts`` how many there were. A group, or any neurons, are a result of their own, with the same
# questions:

print("neurons", result.spikes.i[:5], "at", result.spikes.t[:5], "ms")
print("first spikes of neuron 3:", result.trains()[3][:4])
print("largest count:", result.counts.max(), "of neuron", result.counts.argmax())
print(result["inh"])

# %%
# Numbers
# -------
#
# A longer run without the pulse, for statistics. ``since`` leaves the beginning out, in which the network
# is not yet what it will be.

pool = iz.Pool.cortical(1000, seed=1)
result = pool.run(20_000.0)

for group in ("exc", "inh"):
    cv = np.nanmean(result.cv(group, since=500.0))
    fano = np.nanmean(result.fano_factor(100.0, group, since=500.0))
    alike = result.mean_correlation(10.0, group, since=500.0)
    print(
        f"{group}: {result.rate(group, since=500.0):.1f} Hz, CV {cv:.2f},"
        f" Fano factor {fano:.2f}, correlation {alike:.3f}"
    )

# %%
# The coefficient of variation (CV) of the intervals is 0 for a clock and 1 for a Poisson process. The Fano
# factor is the variance of spike counts over their mean, and the correlation is that of the counts of two
# neurons, here in bins of 10 ms, averaged over pairs. For each of these there are values for each neuron,
# or pair, too. Means hide a lot, so look at them:

figure, panels = plt.subplots(2, 2, figsize=(10, 7), layout="constrained")
(rates, irregular), (pairs, spectrum) = panels
for group, colour in (("exc", "#2f7fd1"), ("inh", "#e0572f")):
    seconds = result.duration / 1000
    rates.hist(
        result[group].counts / seconds,
        30,
        density=True,
        alpha=0.6,
        color=colour,
        label=group,
    )
    irregular.hist(
        result.cv(group, since=500.0), 30, density=True, alpha=0.6, color=colour
    )
    frequencies, power = result.power_spectrum(1.0, group, since=500.0, resolution=1.0)
    spectrum.semilogy(frequencies, power, color=colour)
rates.set(xlabel="rate of a neuron (Hz)", ylabel="density")
rates.legend(frameon=False)
irregular.set(xlabel="CV of its intervals", ylabel="density")

some = [*range(0, 800, 20), *range(800, 1000, 20)]  # forty excitatory, ten inhibitory
matrix = result.correlation(10.0, some, since=500.0)
np.fill_diagonal(matrix, np.nan)
image = pairs.imshow(matrix, cmap="RdBu_r", vmin=-0.2, vmax=0.2)
figure.colorbar(image, ax=pairs, label="correlation")
pairs.set(xlabel="neuron", ylabel="neuron", xticks=[], yticks=[])

spectrum.set(xlabel="frequency (Hz)", ylabel="power (Hz)", xlim=(0, 100))
plt.show()

# %%
# The mean rate of the inhibitory cells, 6 Hz, is that of hardly any of them: most are slower or faster.
#
# Trials
# ------
#
# What does this network answer to a stimulus, and how surely? ``reset(noise_seed=...)`` goes back to time 0
# with the same neurons and synapses and other noise. Twenty trials, with a short pulse for every fourth
# excitatory cell at 1000 ms:

pool.reset()
pool.drive(pool["exc"][::4], iz.pulse(10.0, start=1000.0, width=3.0), add=True)
trials = []
for trial in range(20):
    pool.reset(noise_seed=trial)
    trials.append(pool.run(1300.0))

rates = np.array([trial.population_rate(5.0, "exc")[1] for trial in trials])
times, _ = trials[0].population_rate(5.0, "exc")
late = times > 700.0
times, rates = times[late], rates[:, late]

figure, (above, below) = plt.subplots(
    2, 1, figsize=(10, 6), sharex=True, layout="constrained"
)
edges = (times[0], times[-1], 0, len(trials))
image = above.imshow(
    rates, aspect="auto", origin="lower", extent=edges, cmap="magma", vmax=40
)
above.set(ylabel="trial", yticks=(0, 10, 20))
figure.colorbar(image, ax=above, label="rate (Hz)", pad=0.01)
mean, spread = rates.mean(axis=0), rates.std(axis=0)
below.fill_between(times, mean - spread, mean + spread, color="#2f7fd1", alpha=0.25)
below.plot(times, mean, color="#2f7fd1")
below.set(xlabel="time (ms)", ylabel="rate of 'exc' (Hz)", xlim=edges[:2])
plt.show()

# %%
# Before the stimulus each trial goes its own way, and the mean over trials is flat. At 1000 ms all of them
# agree for a moment, then the network is silent for a while.
#
# The same ``noise_seed`` brings the same trial, to the bit:

pool.reset(noise_seed=7)
again = pool.run(1300.0)
print(np.array_equal(again.spikes.t, trials[7].spikes.t))

# %%
# Tables
# ------
#
# Results turn into what other tools take: ``to_pandas``, ``to_xarray``, ``to_neo``, ``to_nwb``,
# ``to_sonata``. These need ``pip install 'izhi-numba[export]'``. A table of spikes has a row for each:

spikes = trials[7].to_pandas()
print(spikes.head())
print(spikes.groupby("group")["neuron"].agg(["count", "nunique"]))

# %%
# Files
# -----
#
# ``save`` writes a result to one file, which ``load_result`` reads. ``pool.save`` and ``iz.load`` do the
# same for the network itself, which then goes on where it was.

folder = Path(tempfile.mkdtemp())
trials[7].save(folder / "trial_7.izhi")
loaded = iz.load_result(folder / "trial_7.izhi")
print(loaded, loaded.rate("exc") == trials[7].rate("exc"))

# %%
# A long run need not fit in memory. With ``to=`` all that is recorded goes to a file in the format HDF5
# while the run goes on. What the run returns reads from there, and asks the same questions:

pool = iz.Pool.cortical(1000, seed=1)
pool.record("v", neurons=[0, 800], every=1.0)
pool.record("spikes", to=folder / "run.h5")
pool.run(10_000.0)

seen = iz.open_results(folder / "run.h5")
print(seen, f"in {(folder / 'run.h5').stat().st_size / 1e6:.1f} MB")
seen.plot_raster(since=9_000.0)
plt.show()

# %%
# The file may be opened while the run still writes it, in another program, and is complete up to the last
# second even if the process was killed. Any program that reads HDF5 reads this one, too:

import h5py  # noqa: E402

with h5py.File(folder / "run.h5") as file:
    file.visit(print)

# %%
# **Try it yourself.**
#
# * Which neurons answer the pulse first? ``trial.trains("exc", since=1000.0)`` has the times.
# * Compare the correlations in bins of 2, 10 and 50 ms. Why do they grow?
# * Record ``"counts"`` with ``every=10.0`` rather than spikes. What can still be asked, and what not?
