"""
Eight types of cells (Izhikevich 2003)
======================================

Figure 2 of Izhikevich (2003): the eight types of cells, by the published algorithm and converged.

Run it:  python examples/figure_2_2003.py
"""

import argparse
from pathlib import Path

import matplotlib.pyplot as plt

import izhi_numba as iz

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
parser.add_argument("--out", type=Path, default=Path(), help="folder of the picture")
out = parser.parse_args().out

figure, axes = plt.subplots(2, 4, figsize=(14, 6), layout="constrained")
for ax, (name, preset) in zip(axes.flat, iz.presets.family("2003").items(), strict=True):
    published = iz.simulate(preset)
    converged = iz.simulate(preset, dt=0.005, scheme="rk4")
    ax.plot(converged.t, converged.v, color="#e0572f", linewidth=0.9, label="converged (rk4, 0.005 ms)")
    ax.plot(published.t, published.v, color="#2f7fd1", linewidth=1.1, label="as published, 0.25 ms")
    ax.plot(published.t, -95 + 0.4 * published.I, color="#7a7f87", linewidth=1)
    counts = f"{len(published.spike_times)} spikes, {len(converged.spike_times)} converged"
    ax.set_title(f"{name}: {counts}", fontsize=10)
    ax.plot([0, 20], [-112, -112], color="black", linewidth=1.5)
    ax.text(20, -112, "  20 ms", va="center", fontsize=8)
    ax.set(xlim=(0, preset.duration), ylim=(-116, 40))
    ax.axis("off")
handles, labels = axes[0, 0].get_legend_handles_labels()
figure.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False)
out.mkdir(parents=True, exist_ok=True)
figure.savefig(out / "figure_2_2003.png", dpi=150)
print(f"wrote {out / 'figure_2_2003.png'}")
