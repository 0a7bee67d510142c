"""
4. A network that learns
========================

Synapses that change by the timing of spikes: the rule measured, a neuron whose thousand inputs compete, and
a rule of your own.
"""

import matplotlib.pyplot as plt
import numpy as np

import izhi_numba as iz

plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False})

# %%
# A rule is given to ``connect``
# ------------------------------
#
# Synapses learn if they are connected with a ``plasticity``. :class:`izhi_numba.PairSTDP` is the best known
# rule: each pair of spikes, one of the source and one of the target, changes the weight. If the source was
# first, and so may have helped, the weight grows; if it was late, the weight shrinks. The longer the time
# between the two, the less.
#
# Do not take that from a text. Measure it. Here are sixty synapses, and each sees one pair of spikes. The
# sources all spike at 100 ms. The targets are made to spike by a teacher, whose 50 mV nobody can resist, at
# times from 60 ms before to 60 ms after.

apart = np.arange(-59.0, 60.0, 2.0)  # spike of the target minus that of the source, ms
n = len(apart)


def window(rule):
    """Change of the weight, for each time between the two spikes."""
    net = iz.Network(dt=0.1, seed=1)
    sources = net.spike_list("sources", n, i=np.arange(n), t=np.full(n, 100.0))
    teacher = net.spike_list("teacher", n, i=np.arange(n), t=100.0 + apart)
    targets = net.pool(
        "targets", n, iz.LeakyIntegrateAndFire, receptors={"jump": iz.VoltageJump}
    )
    each = iz.one_to_one()
    net.connect(teacher, targets, rule=each, weight=50.0, delay=0.1)
    synapses = net.connect(
        sources, targets, rule=each, weight=0.5, delay=0.1, plasticity=rule
    )
    net.run(200.0)
    return synapses.weights - 0.5


figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
change = window(iz.PairSTDP())
for side, colour in ((apart > 0, "#2f7fd1"), (apart < 0, "#e0572f")):
    axes.vlines(apart[side], 0.0, change[side], color=colour, alpha=0.4)
    axes.plot(apart[side], change[side], "o", color=colour, markersize=5)
axes.axhline(0.0, color="#7a7f87", linewidth=0.8)
axes.set(xlabel="target minus source (ms)", ylabel="change of the weight")
plt.show()

# %%
# This is the window of the rule, as in the textbooks. Its height on the right is ``A_plus``, on the left
# ``A_minus``, and it falls off with ``tau_plus`` and ``tau_minus``. Other rules are measured by the same
# function, as at the end of this page. The published ones are in ``help(iz)``, under "Plasticity".
#
# A thousand inputs compete
# -------------------------
#
# Song, Miller and Abbott (2000) gave such synapses to one neuron. It hears a thousand excitatory Poisson
# trains, which have nothing to do with each other, and 200 inhibitory ones, whose synapses do not learn.
# Depression is a bit stronger than potentiation, so that a synapse whose spikes have nothing to do with
# those of the neuron loses in the long run. Weights are between 0 and ``w_max``, and begin anywhere in
# between.
#
# The changes here are twice as large as in the paper, so that ten minutes of the neuron's time are enough.
# They take some seconds of yours.

w_max = 0.15  # nS
step = 0.01 * w_max


def song(rule, weight=None, seed=1):
    """Build one neuron that hears many trains; returns the network and the synapses that learn."""
    net = iz.Network(dt=1.0, seed=seed)
    exc = net.poisson("exc", 1000, 10.0)  # Hz
    inh = net.poisson("inh", 200, 10.0)
    cell = net.pool(
        "cell",
        1,
        iz.LeakyIntegrateAndFire(E_L=-70.0, V_th=-54.0, V_reset=-60.0, t_ref=0.0),
        receptors={"ampa": iz.AMPA, "gaba": iz.GABA_A(tau=5.0)},
    )
    every_one = iz.all_to_all()
    synapses = net.connect(
        exc,
        cell,
        rule=every_one,
        weight=iz.uniform(0.0, w_max) if weight is None else weight,
        delay=1.0,
        receptor="ampa",
        plasticity=rule,
    )
    net.connect(inh, cell, rule=every_one, weight=0.5, delay=1.0, receptor="gaba")
    exc.record("counts")  # no times of their spikes, of which there are 10,000 a second
    inh.record("counts")
    return net, synapses


additive = iz.PairSTDP(A_plus=step, A_minus=1.05 * step, w_max=w_max)
net, synapses = song(additive)
synapses.record(every=2000.0)
result = net.run(600_000.0)
print(result)

# %%
# ``synapses.record`` has kept all weights every two seconds. The result has them by the name of the
# projection, with their times, and knows how to draw them:

print(list(result.weights))
weights = result.weights["exc -> cell ampa"]
print(weights.t[:3], weights.values.shape)

axes = weights.plot()
plt.show()

# %%
# Weights that began anywhere part company. Some rise to ``w_max``, others go down to 0, and few stay in
# between. The histogram is flat in the beginning, and has two hills in the end:

figure, panels = plt.subplots(1, 4, figsize=(12, 3), sharey=True, layout="constrained")
for panel, second in zip(panels, (2, 20, 100, 600), strict=True):
    panel.hist(
        weights.values[second // 2 - 1] / w_max, bins=20, range=(0, 1), color="#2f7fd1"
    )
    panel.set_title(f"after {second} s", fontsize=11)
    panel.set_xlabel("weight / largest")
panels[0].set_ylabel("synapses")
plt.show()

# %%
# The paper has another finding: whatever the synapses are in the beginning, the neuron ends at about the
# same rate, and spikes irregularly there. Here it begins with all synapses at their largest weight:

strong, _ = song(additive, weight=w_max)
calmed = strong.run(600_000.0)

(train,) = calmed["cell"].trains()
early, late = train[train < 2000.0], train[train > 500_000.0]
print(
    f"CV of the intervals: {iz.cv(early):.2f} in the beginning, {iz.cv(late):.2f} in the end"
)

figure, axes = plt.subplots(figsize=(10, 3.5), layout="constrained")
for run, label, colour in (
    (calmed, "all weights large in the beginning", "#e0572f"),
    (result, "weights anywhere in the beginning", "#2f7fd1"),
):
    times, rate = run["cell"].population_rate(5000.0)
    axes.plot(times / 1000, rate, color=colour, label=label)
axes.set(xlabel="time (s)", ylabel="rate of the neuron (Hz)", ylim=(0, None))
axes.legend(frameon=False)
plt.show()

# %%
# While the input is strong, its mean alone drives the neuron. Spikes come at regular intervals, whatever
# the order of things; depression is the stronger one, and weights fall. When the mean no longer suffices, a
# spike is the work of those inputs that came just before it, and these are strengthened. In between is a
# balance.
#
# Stop learning
# -------------
#
# What was learned can be kept. With ``learning`` off the synapses send what they weigh, and nothing changes
# them:

learned = synapses.weights
synapses.learning = False
test = net.run(5000.0)
print("unchanged:", np.array_equal(learned, synapses.weights))
print(f"the neuron spikes at {test['cell'].rate():.1f} Hz")
synapses.learning = True

# %%
# A group that belongs together
# -----------------------------
#
# Which weights win, where all inputs are alike, is a matter of chance. Let a hundred of them have something
# in common: their rates go up and down together, by a sine of 8 Hz, while the mean stays the same.

net, synapses = song(additive, seed=2)
common = net.poisson("common", 100, 10.0 + iz.sine(10.0, frequency=8.0))
together = net.connect(
    common,
    "cell",
    rule=iz.all_to_all(),
    weight=iz.uniform(0.0, w_max),
    delay=1.0,
    receptor="ampa",
    plasticity=additive,
)
common.record("counts")
net.run(200_000.0)

figure, axes = plt.subplots(figsize=(8, 3.5), layout="constrained")
bins = np.linspace(0.0, 1.0, 21)
for these, label, colour in (
    (synapses, "independent", "#7a7f87"),
    (together, "together", "#e0572f"),
):
    share = np.histogram(these.weights / w_max, bins)[0] / len(these)
    axes.stairs(share, bins, fill=True, alpha=0.5, color=colour, label=label)
axes.set(xlabel="weight / largest", ylabel="share of the synapses")
axes.legend(frameon=False)
plt.show()

# %%
# A rule of your own
# ------------------
#
# A rule is a class of plain functions, as a neuron is in step 6. It declares traces, which are sums of
# spikes that decay, and parameters. ``on_pre`` is called when a spike of the source arrives at the synapse,
# ``on_post`` when one of the target does. Functions ask by name for what they need (``w`` is the weight),
# and return the new weight.
#
# This one differs from the rule above in one respect: the nearer a weight is to its bound, the smaller is
# the step towards it.


class Soft(iz.Plasticity):
    """Pairs of spikes, with steps that become smaller towards the bounds."""

    bounds = (0.0, "w_max")
    tau = iz.Parameter(20.0, unit="ms")
    eta = iz.Parameter(0.005)
    ratio = iz.Parameter(1.05)
    w_max = iz.Parameter(1.0)
    x = iz.SourceTrace("tau")  # 1 more for each spike of the source
    y = iz.TargetTrace("tau")  # and of the target

    def on_pre(w, y, eta, ratio):
        return w - eta * ratio * w * y

    def on_post(w, x, eta, w_max):
        return w + eta * (w_max - w) * x


# %%
# That is all. The new rule is used where ``PairSTDP`` was, and compiled before the first run. Its functions
# are plain Python, and can be tried without any network:

print(Soft.on_post(w=0.5, x=1.0, eta=0.1, w_max=1.0))

figure, (left, right) = plt.subplots(1, 2, figsize=(11, 3.8), layout="constrained")
for rule, colour in ((iz.PairSTDP(), "#7a7f87"), (Soft(), "#2a9d6e")):
    left.plot(apart, window(rule), ".-", color=colour, label=type(rule).__name__)
left.set(xlabel="target minus source (ms)", ylabel="change of the weight")
left.legend(frameon=False)

net, synapses = song(Soft(eta=0.01, w_max=w_max))
net.run(200_000.0)
soft = synapses.weights / w_max
for these, colour in ((learned / w_max, "#7a7f87"), (soft, "#2a9d6e")):
    right.hist(these, bins=bins, color=colour, alpha=0.5)
right.set(xlabel="weight / largest", ylabel="synapses")
plt.show()

# %%
# At a weight of one half both rules have nearly the same window, but for its height. What they make of it
# is quite different: with soft bounds the weights stay in one hill, and no synapse wins. Which of the two
# is found in the brain is still discussed. In a model it is one line.
#
# **Try it yourself.**
#
# * Measure the window of ``iz.InhibitorySTDP()``, and of ``iz.TripletSTDP()``.
# * Make depression weaker than potentiation, ``A_minus=0.95 * step``. What does the neuron do?
# * Add a second group of a hundred whose sine is half a period late, ``phase=np.pi``. Do both win?
