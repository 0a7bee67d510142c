"""
6. Your own model
=================

A neuron from scratch: three plain functions, which run in a debugger as well as in a pool of fifty thousand.
"""

import matplotlib.pyplot as plt
import numpy as np

import izhi_numba as iz

plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False})

# %%
# A neuron is a class
# -------------------
#
# A quadratic integrate-and-fire neuron is the simplest one whose spikes have an upstroke. As an angle it is
# known as the theta neuron. Here it gets a second variable, an adaptation ``w`` that each spike increases:
#
# .. math::
#
#    \tau v' = \frac{(v - v_r)(v - v_c)}{5} - w + I, \qquad \tau_w w' = -w
#
# Between rest at :math:`v_r` and the critical voltage :math:`v_c` it is pulled down, above it goes up by
# itself. When ``v`` gets to 0 mV, that was a spike: ``v`` goes back to -60 mV, and ``w`` is increased.
#
# Variables are declared as ``State``, with the values at which they start, and parameters with their
# defaults. Three functions say the rest. They ask by name for what they need, and ``I`` is the input.


class Theta(iz.Model):
    """Quadratic integrate-and-fire neuron with an adaptation current."""

    v = iz.State(-65.0, unit="mV")
    w = iz.State(0.0, unit="mV")
    tau = iz.Parameter(20.0, unit="ms", range=(5, 50))
    tau_w = iz.Parameter(150.0, unit="ms", range=(50, 500))
    v_r = iz.Parameter(-65.0, unit="mV", range=(-80, -55))
    v_c = iz.Parameter(-50.0, unit="mV", range=(-60, -40))
    jump = iz.Parameter(4.0, unit="mV", range=(0, 20))

    peak = 0.0  # what a recorded v shows in the step of a spike
    scheme = "heun"  # the numerical method; "rk4" unless said otherwise

    def derivatives(v, w, I, tau, tau_w, v_r, v_c):
        return ((v - v_r) * (v - v_c) / 5 - w + I) / tau, -w / tau_w

    def threshold(v):
        return v >= 0

    def reset(w, jump):
        return -60.0, w + jump


# %%
# There is no ``self``: a model holds no state of its own, as fifty thousand neurons will share these
# functions. Units are for labels, ranges for the sliders of ``iz.explore(Theta)``. Nothing else has to be
# written. All that works for the models of the package works for this one:

iz.simulate(Theta, iz.step(40.0, start=100.0), 1000.0).plot()
plt.show()

# %%
# The intervals grow, as ``w`` does. How fast for which current, at first and in the end?

iz.f_i_curve(Theta, np.linspace(0.0, 80.0, 100)).plot()
plt.show()

# %%
# And why does it begin where it does? Without input, the nullclines cross at two points: rest, and the
# saddle that has to be passed. They come together when the current grows, meet at the rheobase, and are gone
# above it:

figure, panels = plt.subplots(1, 2, figsize=(12, 5), sharey=True, layout="constrained")
for axes, current in zip(panels, (0.0, 14.0), strict=True):
    iz.plot_phase_plane(Theta, current, v=(-75.0, -40.0), w=(-10.0, 20.0), ax=axes)
    axes.set_title(f"I = {current:g}", loc="left")
plt.show()

print("without input:", *iz.fixed_points(Theta))
print(f"rheobase: {iz.rheobase(Theta):.2f}")

# %%
# Plain functions
# ---------------
#
# What was written is ordinary Python. It can be called, tested, and stepped through in a debugger, one
# neuron at a time or with arrays:

print(
    Theta.derivatives(
        v=-65.0, w=0.0, I=10.0, tau=20.0, tau_w=150.0, v_r=-65.0, v_c=-50.0
    )
)
print(Theta.threshold(v=np.array([-60.0, -1.0, 2.0])))

# %%
# A mistake
# ---------
#
# Mistakes are told when the class is made, or before anything is compiled, in the words of the model. Here
# a parameter is called by a name that it does not have:

try:

    class Misspelt(Theta):
        def derivatives(v, w, I, tau, tauw, v_r, v_c):
            return ((v - v_r) * (v - v_c) / 5 - w + I) / tau, -w / tauw

except TypeError as error:
    print(error)

# %%
# Here the rate of change of ``w`` was forgotten:


class Forgotten(Theta):
    def derivatives(v, w, I, tau, v_r, v_c):
        return ((v - v_r) * (v - v_c) / 5 - w + I) / tau


try:
    iz.Pool(1, Forgotten)
except (TypeError, ValueError) as error:
    print(error)

# %%
# And here the threshold looks at the wrong variable. Nothing is wrong with the form of that, but the
# voltage runs away. The run stops, and says which neuron it was, and when:


class Endless(Theta):
    def threshold(w):
        return w >= 50


try:
    iz.simulate(Endless, 40.0, 100.0)
except iz.SimulationError as error:
    print(error)

# %%
# Fifty thousand of it
# --------------------
#
# In a pool the three functions are merged with a numerical scheme and compiled to vector code, once.
# Parameters and input may differ from neuron to neuron. Let all begin at different voltages, and get
# different currents:

n = 50_000
pool = iz.Pool(n, Theta, seed=1)
pool.v = iz.uniform(-70.0, -50.0)
pool.drive(pool, np.linspace(0.0, 60.0, n) + iz.noise(5.0))
result = pool.run(400.0)
print(result)

figure, axes = plt.subplots(figsize=(10, 5.5), layout="constrained")
neurons, times = result.spikes
axes.hist2d(times, neurons * 60.0 / n, bins=(400, 300), cmap="magma", vmax=60)
axes.set(xlabel="time (ms)", ylabel="current into the neuron")
plt.show()

# %%
# Each row of this picture is 167 neurons of nearly the same current, the more light, the more of them
# spike. They begin at random, and the current soon lines them up; adaptation slows them down, and the noise
# blurs it all.
#
# Receptors
# ---------
#
# A model knows nothing about synapses, and need not. Receptors are the pool's, and add their current to
# ``I``. The ``I`` of this model is in mV, so a weight is mV of input for each mV from the reversal
# potential.

pool = iz.Pool(2000, Theta, receptors={"ampa": iz.AMPA, "gaba": iz.GABA_A}, seed=1)
exc, inh = pool.group("exc", 1600), pool.group("inh", 400)
inh.set(tau=10.0, jump=0.0)  # quick cells that do not adapt
pool.v = iz.uniform(-70.0, -50.0)
some = iz.fixed_indegree(100)
pool.connect(exc, pool, rule=some, weight=0.02, delay=1.5, receptor="ampa")
pool.connect(inh, pool, rule=some, weight=0.1, delay=1.5, receptor="gaba")
pool.drive(exc, 25.0 + iz.noise(10.0))
pool.drive(inh, 5.0 + iz.noise(10.0))
result = pool.run(500.0)
result.plot_raster()
plt.show()

# %%
# Excitatory cells become active by themselves, which wakes the inhibitory ones. These spike all at once,
# and silence everybody until GABA_A has let go: then it begins anew.
#
# Variants
# --------
#
# A model that differs in a number is an instance, ``Theta(tau=10.0)``. One that differs in more is a
# subclass, which says what is new. This one has a current of its own, above the rheobase, and spikes until
# it is stopped:


class Pacemaker(Theta):
    """The same neuron, with a current of its own."""

    own = iz.Parameter(20.0, unit="mV", range=(0, 50))

    def derivatives(v, w, I, tau, tau_w, v_r, v_c, own):
        return ((v - v_r) * (v - v_c) / 5 - w + I + own) / tau, -w / tau_w


result = iz.simulate(Pacemaker, iz.pulse(-30.0, start=500.0, width=300.0), 1200.0)
result.plot()
plt.show()

# %%
# That is the end of the tutorial. A receptor of your own is written in the same way
# (:class:`izhi_numba.Receptor`), and so is a rule by which synapses learn, as step 4 has shown.
#
# **Try it yourself.**
#
# * Give ``w`` a term that follows the voltage, ``(b * (v - v_r) - w) / tau_w``. What does the phase plane
#   look like?
# * Write the neuron that you need. The sources of the models in the reference are short, and a good start.
# * ``iz.explore(Theta)`` in a notebook, or ``izhi-numba explore my_models.py:Theta``, has it with
#   sliders.
