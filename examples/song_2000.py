"""
Competition of synapses (Song et al. 2000)
==========================================

Competition of synapses by the timing of spikes: Song, Miller and Abbott (2000).

A leaky neuron hears 1000 excitatory Poisson trains, whose conductances learn by the order of spikes, and 200
inhibitory ones, whose do not. Nothing but the weights' bounds keeps them in order, and this is to be seen:

* weights that began anywhere end at one of the two bounds: few are left in between;
* the neuron first spikes from some times to some hundred times a second, as its input says. Synapses compete
  until it spikes irregularly at 9 to 15 Hz, for any input from 10 to 40 Hz: the more input, the fewer strong
  synapses.

Here five neurons learn side by side, each with 1000 trains of its own of another rate. 1000 s of simulated
time take about a minute. With ``--folder`` the run is kept there every 100 s, and goes on from there when the
same line is typed again.

Run it:  python examples/song_2000.py [--seconds 1000] [--folder song]

Source: S. Song, K. D. Miller and L. F. Abbott (2000), "Competitive Hebbian learning through
spike-timing-dependent synaptic plasticity", Nature Neuroscience 3:919-926, 10.1038/78829.
"""

import argparse
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import izhi_numba as iz

RATES = (10.0, 15.0, 20.0, 30.0, 40.0)  # Hz, of the excitatory trains of each neuron
N_E, N_I = 1000, 200  # trains of each neuron
RATE_I = 10.0  # Hz
G_LEAK = 10.0  # nS; the paper's conductances are in units of that of the leak
G_MAX, G_INHIBITORY = 0.015 * G_LEAK, 0.05 * G_LEAK
A_PLUS, RATIO = 0.005, 1.05  # potentiation in units of the largest weight, and depression over potentiation
NEURON = {"C": 200.0, "g_L": G_LEAK, "E_L": -70.0, "V_th": -54.0, "V_reset": -60.0, "t_ref": 0.0}
KEPT = 100_000.0  # ms between two checkpoints
SHOWN = 10_000.0  # ms between two records of the weights


def song(rates=RATES, a_plus=A_PLUS, dt=0.1, seed=None, threads=None):
    """Build a neuron for each rate of its excitatory trains; they have nothing to do with each other."""
    net = iz.Network(dt=dt, seed=seed, threads=threads)
    n = len(rates)
    exc = net.poisson("exc", n * N_E, np.repeat(rates, N_E))
    inh = net.poisson("inh", n * N_I, RATE_I)
    receptors = {
        "exc": iz.ExponentialConductance(tau=5.0),
        "inh": iz.ExponentialConductance(tau=5.0, E=-70.0),
    }
    cells = net.pool("cells", n, iz.LeakyIntegrateAndFire(**NEURON), receptors=receptors)
    rule = iz.PairSTDP(A_plus=a_plus * G_MAX, A_minus=RATIO * a_plus * G_MAX, w_max=G_MAX)
    synapses = net.connect(
        exc, cells, rule=each_to_its_own(n, N_E), weight=iz.uniform(0.0, G_MAX), delay=dt, receptor="exc",
        plasticity=rule,
    )  # fmt: skip
    net.connect(inh, cells, rule=each_to_its_own(n, N_I), weight=G_INHIBITORY, delay=dt, receptor="inh")
    for sources in (exc, inh):
        sources.record("counts")  # their spikes would fill the memory
    synapses.record(every=SHOWN)
    return net


def each_to_its_own(n, trains):
    """The first trains to the first neuron, as many to the next, and so on."""
    return iz.from_arrays(np.arange(n * trains), np.repeat(np.arange(n), trains))


def go_on(net, until, folder=None, progress=False):
    """Run up to a time in ms; with a folder also what is kept there counts, and the run can be cut.

    Each part of the run is written before the network is, so that what goes beyond the network's time is of
    a run that was cut, and done again.
    """
    if folder is None:
        return net.run(until - net.t, progress=progress)

    def keep(net, last):
        if last.duration:
            last.save(folder / f"{net.t:012.0f}.part")
            net.save(folder / "net.izhi")

    parts = [iz.load_result(path) for path in sorted(folder.glob("*.part"))]
    parts = [part for part in parts if part.stop <= net.t]
    return sum([*parts, net.run(until - net.t, every={KEPT: keep}, progress=progress)])


def weights_over_time(result):
    """Times in ms, and weights in units of the largest: (n_times, n_neurons, trains)."""
    (recorded,) = result.weights.values()
    return recorded.t, recorded.values.reshape(len(recorded.t), -1, N_E) / G_MAX


def shares(weights):
    """Of weights (..., trains): shares in the lowest fifth, in between, and in the highest."""
    low, high = (weights < 0.2).mean(axis=-1), (weights > 0.8).mean(axis=-1)
    return low, 1 - low - high, high


def draw(rates, result):
    """Draw rates over time, weights at the end, and what comes out for what goes in."""
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(14, 4.5), layout="constrained")
    cells, (_, weights) = result["cells"], weights_over_time(result)
    colours = plt.get_cmap("viridis")(np.linspace(0, 0.9, len(rates)))
    bin_width = max(1000.0, result.duration / 200)
    edges = np.linspace(0, 1, 21)
    for i, (rate, colour) in enumerate(zip(rates, colours, strict=True)):
        middles, spiking = cells[[i]].population_rate(bin_width)
        left.plot(middles / 1000, spiking, color=colour, lw=1.2)
        share = np.histogram(weights[-1, i], edges)[0] / N_E
        middle.stairs(share, edges, color=colour, lw=1.8, label=f"{rate:g} Hz")
    left.set(xlabel="time (s)", ylabel="rate of the neuron (Hz)", yscale="log", xlim=(0, result.stop / 1000))
    middle.set(xlabel="weight / largest weight", ylabel="share of synapses", xlim=(0, 1), ylim=(0, None))
    middle.legend(frameon=False, title="each train")
    for name, style, since, until in (
        ("in the first second", "o--", 0.0, 1000.0), ("at the end", "o-", tail(result), result.stop),
    ):  # fmt: skip
        right.plot(rates, rates_between(cells, since, until), style, color="#2f7fd1", label=name)
    right.set(xlabel="rate of each train (Hz)", ylabel="rate of the neuron (Hz)", yscale="log")
    right.legend(frameon=False)
    for ax in (left, middle, right):
        ax.spines[["top", "right"]].set_visible(False)
    return figure


def tail(result):
    """Begin of the last tenth of a run: long enough to tell a rate, and weights hardly move."""
    return result.stop - result.duration / 10


def rates_between(cells, since, until):
    """Rate of each neuron between two times, Hz."""
    neurons, times = cells.spikes
    counts = np.bincount(neurons[(times > since) & (times <= until)], minlength=cells.size)
    return 1000 * counts / (until - since)


def main():
    """Run it, print rates and weights, and draw them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=float, default=1000.0, help="simulated time")
    parser.add_argument("--a-plus", type=float, default=A_PLUS, help="potentiation; larger ones end sooner")
    parser.add_argument("--folder", type=Path, help="where a run is kept that can be cut, and go on")
    parser.add_argument("--threads", type=int, default=1, help="one is enough for five neurons")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path(), help="folder of the picture")
    options = parser.parse_args()

    kept = options.folder and options.folder / "net.izhi"
    if kept and kept.exists():
        net = iz.load(kept, threads=options.threads)
        print(f"goes on from {net.t / 1000:g} s")
    else:
        net = song(a_plus=options.a_plus, seed=options.seed, threads=options.threads)
        if kept:
            options.folder.mkdir(parents=True, exist_ok=True)
    result = go_on(net, 1000 * options.seconds, options.folder, progress=True)

    cells, (_, weights) = result["cells"], weights_over_time(result)
    spiking, irregular = rates_between(cells, tail(result), result.stop), cells.cv(since=tail(result))
    print("input, Hz   rate at the end, Hz    CV   weights: low  between   high")
    for rate, *told, its in zip(RATES, spiking, irregular, weights[-1], strict=True):
        low, between, high = shares(its)
        print(f"{rate:9g} {told[0]:21.1f} {told[1]:5.2f} {low:13.0%} {between:8.0%} {high:6.0%}")
    options.out.mkdir(parents=True, exist_ok=True)
    draw(RATES, result).savefig(options.out / "song_2000.png", dpi=150)
    print(f"wrote {options.out / 'song_2000.png'}")


if __name__ == "__main__":
    main()
