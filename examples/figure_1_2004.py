"""
Twenty patterns of spikes (Izhikevich 2004)
===========================================

Figure 1 of Izhikevich (2004), "Which model to use for cortical spiking neurons?": all twenty panels.

Left of each pair the figure as published (Euler's method, its coarse step), right the converged solution of
the same equations. Three panels exist only at the published step; they are marked.

Run it:  python examples/figure_1_2004.py
"""

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import izhi_numba as iz

STEP = 0.005  # of the converged solution, ms


def draw(ax, result, colour, what):
    """Draw the voltage, and the current below."""
    size = np.ptp(result.I) or 1.0
    ax.plot(result.t, result.v, color=colour, linewidth=0.8)
    ax.plot(result.t, -105 + 12 * (result.I - result.I.min()) / size, color="#7a7f87", linewidth=0.8)
    ax.plot([0, 20], [-117, -117], color="black", linewidth=1.5)
    ax.text(20, -117, "  20 ms", va="center", fontsize=7)
    ax.set(xlim=(0, result.stop), ylim=(-122, 45))
    count = len(result.spike_times)
    ax.set_title("diverges" if count > 1000 else f"{count} spike{'s' * (count != 1)}, {what}", fontsize=8)
    ax.axis("off")


def converged(preset):
    """The solution with a small step; as far as it goes, if it runs away."""
    try:
        return iz.simulate(preset, dt=STEP, scheme="rk4")
    except iz.SimulationError as error:
        return error.result


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
parser.add_argument("--out", type=Path, default=Path(), help="folder of the picture")
out = parser.parse_args().out

figure = plt.figure(figsize=(17, 11.5), layout="constrained")
panels = figure.subfigures(5, 4, wspace=0.04).flat
for letter, panel, (name, preset) in zip(
    "ABCDEFGHIJKLMNOPQRST", panels, iz.presets.family("2004").items(), strict=True
):
    left, right = panel.subplots(1, 2)
    draw(left, iz.simulate(preset), "#2f7fd1", f"published ({preset.dt:g} ms)")
    draw(right, converged(preset), "#e0572f", "converged")
    only_there = "published step alone" in preset.note
    panel.suptitle(f"({letter}) {name}" + ": published step only" * only_there, fontsize=10,
                   color="#c0392b" if only_there else None)  # fmt: skip
out.mkdir(parents=True, exist_ok=True)
figure.savefig(out / "figure_1_2004.png", dpi=150)
print(f"wrote {out / 'figure_1_2004.png'}")
