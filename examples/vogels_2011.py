"""
Balance and memories (Vogels et al. 2011)
=========================================

Inhibition that learns: balance, and memories that are silent until they are asked for.

The network of Vogels et al. (2011): 8000 excitatory and 2000 inhibitory neurons, each connected to 2 percent
of the others. Synapses of inhibitory onto excitatory cells learn, from 0, until each cell spikes at a target
rate. This is to be seen:

* without inhibition all cells spike as fast as they can, and together. Within seconds inhibition has made
  them spike rarely and irregularly, all at nearly the same rate;
* when synapses within two assemblies of 784 cells are made five times as strong (by hand: no excitatory
  synapse learns), these cells spike more, until inhibition has found them, and nothing shows where they are;
* a quarter of an assembly that is driven for a second wakes the rest of it, which it did not before. The
  other assembly stays asleep.

All settle at the same rate, but above the target of 3 Hz, at 4 to 5: the rule counts coincidences with spikes
of inhibitory cells, and just after such a spike a cell spikes less than by chance.

The paper's network learns for hours; the learning rate here, 1 nS, is a hundred times that of the authors'
program, so that a minute does instead. At full size the 75 s take one to two minutes; with ``--shrink 2``, a
quarter of the cells with as many synapses each, some fifteen seconds.

With ``--folder`` the run is kept there every 10 s, and goes on from there when the same line is typed again.

Run it:  python examples/vogels_2011.py [--shrink 2] [--folder vogels]

Source: T. P. Vogels, H. Sprekeler, F. Zenke, C. Clopath and W. Gerstner (2011), "Inhibitory plasticity
balances excitation and inhibition in sensory pathways and memory networks", Science 334:1569-1573,
10.1126/science.1211095. Weights are those of the authors' program, where their unit is a leak of 10 nS.
"""

import argparse
from itertools import pairwise
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import izhi_numba as iz

SIDES, SIDE = (80, 100), 28  # of the sheet of excitatory cells, and of the square of an assembly
N_I, P = 2000, 0.02
NEURON = {"C": 200.0, "g_L": 10.0, "E_L": -60.0, "V_th": -50.0, "V_reset": -60.0, "t_ref": 5.0}
RECEPTORS = {
    "ampa": iz.ExponentialConductance(tau=5.0, E=0.0), "gaba": iz.ExponentialConductance(tau=10.0, E=-80.0),
}  # fmt: skip
W_E, W_I, W_MAX = 3.0, 30.0, 300.0  # nS
DELAY, CURRENT = 0.8, 200.0  # ms, pA
TARGET, ETA = 3.0, 1.0  # Hz, nS
STRONGER = 5.0
CUE = iz.poisson(100.0, n=50, weight=W_E, receptor="ampa")  # trains from outside
SECOND = 1000.0  # ms
KEPT = 10  # s between two checkpoints

# Seconds at which something happens.
CUED, STRENGTHENED, ASKED, END = 30, 33, 73, 75


def vogels(shrink=1, target=TARGET, eta=ETA, dt=0.2, seed=None, threads=None):
    """Build the network; with ``shrink`` there are fewer cells, with as many synapses each."""
    net = iz.Network(dt=dt, seed=seed, threads=threads)
    cells = SIDES[0] * SIDES[1] // shrink**2
    exc, inh = (
        net.pool(name, n, iz.LeakyIntegrateAndFire(**NEURON), receptors=RECEPTORS)
        for name, n in (("exc", cells), ("inh", N_I // shrink**2))
    )
    for name in ("first", "second"):
        exc.group(name, (SIDE // shrink) ** 2)
    rule = iz.fixed_probability(P * shrink**2)
    net.connect(exc, exc, rule=rule, weight=W_E, delay=DELAY, receptor="ampa")
    net.connect(exc, inh, rule=rule, weight=W_E, delay=DELAY, receptor="ampa")
    net.connect(inh, inh, rule=rule, weight=W_I, delay=DELAY, receptor="gaba")
    net.connect(
        inh, exc, rule=rule, weight=0.0, delay=DELAY, receptor="gaba",
        plasticity=iz.InhibitorySTDP(eta=eta, rate=target, w_max=W_MAX),
    )  # fmt: skip
    for pool in (exc, inh):
        pool.v = iz.normal(-60.0, 5.0)
        net.drive(pool, CURRENT)
    return net


def cue(net):
    """Drive a quarter of the first assembly; nothing learns for so long."""
    net.drive(quarter(net), CURRENT + CUE)
    net.synapses[3].learning = False


def rest(net):
    """End that."""
    net.drive(quarter(net), CURRENT)
    net.synapses[3].learning = True


def strengthen(net):
    """Make the synapses within each assembly stronger."""
    within = net.synapses[0]
    for group in (net["exc"]["first"], net["exc"]["second"]):
        its = slice(group.start, group.stop)
        within[its, its] = STRONGER * within[its, its]


def quarter(net):
    """The first cells of the first assembly."""
    return net["exc"][: len(net["exc"]["first"]) // 4]


PROTOCOL = {CUED: cue, CUED + 1: rest, STRENGTHENED: strengthen, ASKED: cue, ASKED + 1: rest}


def go_on(net, folder=None, progress=False):
    """Run to the end of the protocol; with a folder also what is kept there counts, and the run can be cut.

    Each part of the run is written before the network is, so that what goes beyond the network's time is of
    a run that was cut, and done again. The network is as it was before what happens at that time.
    """

    def keep(net, last):
        if last.duration and folder:
            last.save(folder / f"{net.t:09.0f}.part")
            net.save(folder / "net.izhi")

    def act(net):
        happens = PROTOCOL.get(net.t / SECOND)
        if happens:
            happens(net)

    parts = [iz.load_result(path) for path in sorted(folder.glob("*.part"))] if folder else []
    parts = [part for part in parts if part.stop <= net.t]
    every = {KEPT * SECOND: keep, SECOND: act}
    return sum([*parts, net.run(END * SECOND - net.t, every=every, progress=progress)])


def rates(result, since, until):
    """Rates between two times (s), in Hz: of excitatory cells, by cell."""
    neurons, times = result["exc"].spikes
    chosen = (times > SECOND * since) & (times <= SECOND * until)
    return np.bincount(neurons[chosen], minlength=result["exc"].size) / (until - since)


def by_kind(result, since, until):
    """Mean rates of the cells that are driven, the rest of their assembly, the other one, and other cells."""
    first, second = result["exc"].groups["first"], result["exc"].groups["second"]
    driven = first.stop // 4
    bounds = [0, driven, first.stop, second.stop, result["exc"].size]
    spiking = rates(result, since, until)
    return [spiking[a:b].mean() for a, b in pairwise(bounds)]


MOMENTS = (
    ("at first", 0.0, 0.3),
    ("balanced", CUED - 5, CUED),
    ("a quarter of the first assembly driven", CUED, CUED + 1),
    ("assemblies made stronger", STRENGTHENED, STRENGTHENED + 0.3),
    ("balanced again", ASKED - 5, ASKED),
    ("the quarter driven again", ASKED, ASKED + 1),
)


def sheet(result, shrink, since, until):
    """Rates of excitatory cells on a sheet, on which each assembly is a square."""
    height, width, side = SIDES[0] // shrink, SIDES[1] // shrink, SIDE // shrink
    kind = np.full((height, width), 2)
    top, left = (height - side) // 2, width // 8
    for number, column in enumerate((left, width - left - side)):
        kind[top : top + side, column : column + side] = number
    shown = np.empty(height * width)
    shown[np.argsort(kind.ravel(), kind="stable")] = rates(result, since, until)
    return shown.reshape(height, width)


def draw(result, shrink):
    """Draw rates over time, and sheets of cells at some moments."""
    figure = plt.figure(figsize=(13, 8), layout="constrained")
    above, below = figure.subfigures(2, 1, height_ratios=(1, 1.35))
    ax = above.subplots()
    groups = result["exc"].groups
    kinds = {
        "first assembly": groups["first"], "second assembly": groups["second"],
        "other excitatory cells": slice(groups["second"].stop, None),
    }  # fmt: skip
    for (name, which), colour in zip(kinds.items(), ("#e0572f", "#8a4fbf", "#2f7fd1"), strict=True):
        middles, rate = result["exc"].population_rate(200.0, which)
        ax.plot(middles / SECOND, rate, color=colour, lw=1.2, label=name)
    ax.axhline(TARGET, color="0.6", lw=1, zorder=0)
    for when, what, side in (
        (CUED, "driven", "right"),
        (STRENGTHENED, "made stronger", "left"),
        (ASKED, "driven", "right"),
    ):
        ax.axvline(when, color="0.8", lw=1, zorder=0)
        ax.annotate(what, (when, 1), xycoords=("data", "axes fraction"), ha=side, va="bottom", fontsize=9)
    ax.set(xlabel="time (s)", ylabel="rate (Hz)", yscale="log", xlim=(0, END))
    ax.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.2, 1.0))
    ax.spines[["top", "right"]].set_visible(False)
    axes = below.subplots(2, 3)
    for ax, (name, since, until) in zip(axes.flat, MOMENTS, strict=True):
        image = ax.imshow(sheet(result, shrink, since, until), cmap="inferno", vmin=0, vmax=50)
        ax.set_title(f"{name}, {since:g} to {until:g} s", loc="left", fontsize=10)
        ax.set(xticks=[], yticks=[])
    below.colorbar(image, ax=axes, label="rate (Hz)", extend="max")
    return figure


def main():
    """Run the protocol, print rates, and draw them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--shrink", type=int, choices=(1, 2, 4), default=1, help="of both sides of the sheet")
    parser.add_argument("--folder", type=Path, help="where a run is kept that can be cut, and go on")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path(), help="folder of the picture")
    options = parser.parse_args()

    kept = options.folder and options.folder / "net.izhi"
    if kept and kept.exists():
        net = iz.load(kept, threads=options.threads)
        print(f"goes on from {net.t / SECOND:g} s")
    else:
        net = vogels(options.shrink, seed=options.seed, threads=options.threads)
        if kept:
            options.folder.mkdir(parents=True, exist_ok=True)
    result = go_on(net, options.folder, progress=True)

    print("rates, Hz                                 driven   rest of it   other assembly   others")
    for name, since, until in MOMENTS:
        driven, its_rest, other, others = by_kind(result, since, until)
        print(f"{name:40} {driven:7.1f} {its_rest:12.1f} {other:16.1f} {others:8.1f}")
    options.out.mkdir(parents=True, exist_ok=True)
    draw(result, options.shrink).savefig(options.out / "vogels_2011.png", dpi=150)
    print(f"wrote {options.out / 'vogels_2011.png'}")


if __name__ == "__main__":
    main()
