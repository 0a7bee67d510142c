"""The cortical network of Izhikevich (2003): 1000 neurons, a million synapses, one second, one picture.

Run it:  python examples/cortical_network.py [neurons]
"""

import sys

import matplotlib.pyplot as plt
import numpy as np

import izhi_numba as iz

n = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
pool = iz.Pool.cortical(n, seed=1)
pool.run(200.0)  # let the start die away
result = pool.run(1000.0)
print(f"excitatory {result.rate('exc'):.1f} Hz, inhibitory {result.rate('inh'):.1f} Hz")
print(f"{1 / result.real_time_factor:.0f} times faster than real time")

# The population's rhythms: a peak near 8 Hz and one between 25 and 40 Hz.
rate = result.spikes_per_step - result.spikes_per_step.mean()
power = np.abs(np.fft.rfft(rate)) ** 2
print(f"strongest rhythm: {np.fft.rfftfreq(len(rate), 1e-3)[power.argmax()]:.0f} Hz")

result.plot_raster()
plt.savefig("cortical_network.png", dpi=130)
print("wrote cortical_network.png")
