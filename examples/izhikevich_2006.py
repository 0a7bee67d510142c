"""
Polychronization (Izhikevich 2006)
==================================

Polychronization: a network that learns by the timing of spikes, with delays of 1 to 20 ms.

The network of Izhikevich (2006): 800 excitatory and 200 inhibitory neurons, 100 synapses each. Excitatory
synapses learn: spikes change the derivative of a weight, which changes the weight each second. Once in a
second on average a neuron gets a kick that makes it spike. This is to be seen:

* the network first spikes in bursts two to four times a second, the delta rhythm. As synapses learn it goes,
  and a gamma rhythm of 30 to 70 Hz comes;
* polychronous groups: three neurons that spike at the right moments, so that their spikes arrive together at
  a fourth one, set off a chain of spikes at times of their own, in many layers.

Power is in units of what independent spikes of the excitatory neurons would have. With seed 1 that of 2 to
4 Hz was 320 in the first 10 s, and 15 after 200 s. Gamma came at 30 Hz, with 27 after 200 s, and moved to
40 Hz, with 60, until 1000 s. Then it went up and down, and slow changes of all rates with it: gamma had 16
at 34 Hz around 1600 s, 57 at 38 Hz at 2300 s, and 12 at 31 Hz at 3100 s, where measuring ended; 2 to 4 Hz
had 18, 57 and 14. Look at excitatory spikes: two of three are inhibitory, and may hide it.

At 2300 s 19 of 20,000 triplets that were drawn had a group, of 26 spikes on average: some 2700 groups in
all. Where synapses had exchanged their weights 2 of 20,000 had one. At 1600 s, when there was little gamma,
it was 19 and 10. What a group is, the class ``Groups`` says.

An hour takes about four minutes, and 20,000 triplets half a minute. With ``--folder`` the run is kept there
every 100 s, and goes on from there when the same line is typed again.

Run it:  python examples/izhikevich_2006.py [--seconds 3600] [--folder polychronization]

Changed: kicks are Poisson trains onto each neuron, where the program kicks one neuron in each ms; a neuron's
delays are drawn, not five of each; triplets are drawn, not all of them looked at; spikes of an anchor count
also where they arrive before it reaches the fourth neuron.

Source: E. M. Izhikevich (2006), "Polychronization: computation with spikes", Neural Computation 18:245-282,
10.1162/089976606775093882. Numbers, and what a group is, are those of the author's programs.
"""

import argparse
from math import comb
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from tqdm.auto import tqdm

import izhi_numba as iz

N_E, N_I, DEGREE = 800, 200, 100
N = N_E + N_I
W_E, W_I, W_MAX = 6.0, -5.0, 10.0  # mV/ms
# A spike acts from the step after its stamp on, and that is the first of the program's 1 to 20 ms.
DELAYS, DELAY_I = iz.integers(0, 19), 0.0  # ms
A_PLUS = 0.1 * np.exp(1 / 20)  # so that a target that an arriving spike excites in the next step adds 0.1
KICKS = iz.poisson(1.0, n=1, weight=20.0)
WINDOW, SHOWN, KEPT = 10_000.0, 1000.0, 100_000.0  # ms of a spectrum, of a raster, between two checkpoints
DELTA, GAMMA = (2, 4), (30, 70)  # Hz
BINS = np.linspace(0, W_MAX, 51)

# Groups
STRONG = 0.95 * W_MAX  # weight above which a synapse takes part
ANCHORS, LAYERS, RECENT, LASTS = 3, 7, 20, 150  # neurons, layers, ms before a spike, ms that are looked at
COPIES = 50  # of the silent network, for so many triplets at once


class CoincidentSTDP(iz.DerivativeSTDP):
    """The rule of the program: a spike that arrives in the step in which its target spikes comes after it.

    By itself neither sees the other. At the next spike of either one their last spikes are seen to be of the
    same age, and what the synapse was not depressed by is made up for. Without it some 5 % more of the
    synapses become strong, and neurons spike half as often again.
    """

    missed = iz.State(0.0)  # what ``y`` lacked at the last arrival, if the target spiked in that step

    def on_pre(w, s, missed, y, since_pre, since_post, A_minus):
        together = 1.0 if since_pre == since_post and since_pre < np.inf else 0.0
        return {"s": s - A_minus * (y + together * missed), "missed": 1.0 - y}

    def on_post(w, s, missed, x, since_pre, since_post, A_plus, A_minus):
        together = 1.0 if since_pre == since_post and since_pre < np.inf else 0.0
        return {"s": s + A_plus * x - A_minus * together * missed, "missed": missed * (1.0 - together)}

    def on_tick(w, s, missed, growth, decay):
        return w + growth + s, decay * s, missed


def polychronization(seed=None, threads=None):
    """Build the network; returns the pool."""
    pool = iz.Pool(N, iz.Izhikevich(), dt=1.0, seed=seed, threads=threads)
    exc, inh = pool.group("exc", N_E), pool.group("inh", N_I)
    inh.set(a=0.1, d=2.0)
    rule = iz.fixed_outdegree(DEGREE, autapses=False, multapses=False)
    pool.connect(
        exc, pool, rule=rule, weight=W_E, delay=DELAYS,
        plasticity=CoincidentSTDP(w_max=W_MAX, A_plus=A_PLUS), delay_at="axon",
    )  # fmt: skip
    pool.connect(inh, exc, rule=rule, weight=W_I, delay=DELAY_I)
    pool.drive(pool, KICKS)
    return pool


def look(pool, last):
    """What is kept of a window: its end, rates, spectrum of excitatory spikes, weights, and a raster.

    The spectrum is in units of what independent spikes would have, and of excitatory neurons alone: among all
    spikes those of inhibitory ones, which are more and of another phase, may hide the gamma rhythm.
    """
    _, power = last.power_spectrum(1.0, "exc", resolution=1.0)
    neurons, times = last.spikes
    begin = last.start if last.start == 0 else last.stop - SHOWN  # of the first second, or the newest one
    shown = (times > begin) & (times <= begin + SHOWN)
    return {
        "t": pool.t, "rates": (last.rate("exc"), last.rate("inh")),
        "power": power[:101] / (2 * last.rate("exc") / N_E),
        "weights": np.histogram(pool.synapses[0].weights, BINS)[0],
        "raster": np.stack([neurons[shown], times[shown]]),
    }  # fmt: skip


def go_on(pool, until, folder=None, progress=False):
    """Run up to a time in ms; with a folder also what is kept there counts, and the run can be cut.

    What belongs to a time is written before the pool of that time is, and has the time in its name: what goes
    beyond the pool's is of a run that was cut, and done again. Returns what was seen of each window.
    """
    seen = []
    if folder and pool.t:
        paths = [path for path in sorted(folder.glob("*.npz")) if float(path.stem) <= pool.t]
        seen = [dict(np.load(path)) for path in paths]

    def watch(pool, last):
        if last.duration:
            seen.append(look(pool, last))
            if folder:
                np.savez(folder / f"{pool.t:012.0f}.npz", **seen[-1])

    def keep(pool):
        if folder:
            pool.save(folder / "net.izhi")

    pool.record("spikes", keep=WINDOW)
    last = pool.run(until - pool.t, every={WINDOW: watch, KEPT: keep}, progress=progress)
    watch(pool, last)  # as functions are called before the step that begins at their time
    keep(pool)
    return seen


class Groups:
    """The network without kicks, learning and weak synapses, in which groups are looked for.

    Three neurons that reach a fourth one by strong synapses are its triplet. They are made to spike so that
    their spikes arrive at it together, in a network at rest, and whatever spikes then is looked at. A spike
    is in the layer after the last of those that came by strong synapses within ``RECENT`` ms before; the
    triplet is in the first layer. It is the anchor of a group if there are ``LAYERS`` layers, and each of the
    three has reached two spikes of excitatory neurons at least.
    """

    def __init__(self, excitatory, inhibitory, threads=None):
        source, target, weight, delay = (np.asarray(one) for one in excitatory)
        strong = weight > STRONG
        order = np.flatnonzero(strong)[np.argsort(target[strong], kind="stable")]
        self.source, self.target, self.weight = source[order], target[order], weight[order]
        self.delay = np.rint(delay[order]).astype(int)
        self.onto = np.split(np.arange(len(order)), np.searchsorted(self.target, np.arange(1, N)))
        self.net = self._silent(inhibitory, threads)

    def _silent(self, inhibitory, threads):
        net = iz.Network(dt=1.0, seed=1, threads=threads)
        anchors = net.spike_list("anchors", COPIES * N_E, i=[], t=[])
        cells = net.pool("cells", COPIES * N, iz.Izhikevich())
        inhibits = np.arange(COPIES * N) % N >= N_E
        cells.set(v=-70.0, u=-14.0, a=np.where(inhibits, 0.1, 0.02), d=np.where(inhibits, 2.0, 8.0))  # rest
        excites = np.flatnonzero(~inhibits)
        net.connect(anchors, cells, rule=iz.from_arrays(np.arange(len(excites)), excites), weight=1000.0)
        source, target, weight, delay = inhibitory
        for pre, post, weights, delays in (
            (self.source, self.target, self.weight, self.delay), (source + N_E, target, weight, delay),
        ):  # fmt: skip
            first = N * np.arange(COPIES)[:, None]
            pairs = iz.from_arrays((first + pre).ravel(), (first + post).ravel())
            delays = np.tile(delays, COPIES).astype(float)
            net.connect(cells, cells, rule=pairs, weight=np.tile(weights, COPIES), delay=delays)
        return net

    @property
    def n_triplets(self):
        """How many triplets there are, of each excitatory neuron."""
        return np.array([comb(len(synapses), ANCHORS) for synapses in self.onto[:N_E]])

    def draw(self, n, seed):
        """Triplets, each as likely as any other: (n, ANCHORS) synapses; none if there are none."""
        if not self.n_triplets.any():
            return np.empty((0, ANCHORS), int)
        rng = np.random.default_rng(seed)
        mothers = rng.choice(N_E, n, p=self.n_triplets / self.n_triplets.sum())
        return np.array([rng.choice(self.onto[mother], ANCHORS, replace=False) for mother in mothers])

    def find(self, triplets, progress=False):
        """Groups of those of the triplets that have one: neurons, times, and layers of their spikes."""
        found = []
        with tqdm(total=len(triplets), unit=" triplets", disable=None if progress else True) as bar:
            for begin in range(0, len(triplets), COPIES):
                some = triplets[begin : begin + COPIES]
                found += self._find(some)
                bar.update(len(some))
        return found

    def _find(self, triplets):
        start = 1 + self.delay[triplets].max(axis=1, keepdims=True) - self.delay[triplets]
        anchors = self.source[triplets]
        self.net.reset()
        self.net["anchors"].set_spikes(
            (anchors + N_E * np.arange(len(triplets))[:, None]).ravel(), start.ravel().astype(float)
        )
        neurons, times = self.net.run(float(LASTS))["cells"].spikes
        order = np.argsort(neurons // N, kind="stable")
        neurons, times = neurons[order], np.rint(times[order]).astype(int)
        bounds = np.searchsorted(neurons // N, np.arange(len(triplets) + 1))
        found = []
        for its, begin, end in zip(anchors, bounds[:-1], bounds[1:], strict=True):
            spikes = neurons[begin:end] % N, times[begin:end]
            layers, used = self._layers(its, *spikes) if end - begin >= LAYERS else (np.zeros(1, int), 0)
            if layers.max() >= LAYERS and used >= 2:
                found.append((*spikes, layers))
        return found

    def _layers(self, anchors, neurons, times):
        """Layer of each spike, and to how many excitatory neurons the least used anchor brought one."""
        last, layer, layers = np.full(N, -LASTS), np.zeros(N, int), np.ones(len(neurons), int)
        used = dict.fromkeys(anchors.tolist(), 0)
        for k, (neuron, t) in enumerate(zip(neurons.tolist(), times.tolist(), strict=True)):
            incoming = self.onto[neuron]
            lag = t - last[self.source[incoming]] - self.delay[incoming]
            pre = self.source[incoming[(lag > 0) & (lag <= RECENT)]]
            if len(pre):
                layers[k] = 1 + layer[pre].max()
                for one in anchors[np.isin(anchors, pre)] if neuron < N_E else ():
                    used[int(one)] += 1
            last[neuron], layer[neuron] = t, layers[k]
        return layers, min(used.values())


def shuffled(pool, seed):
    """Synapses of the excitatory neurons, among which those onto excitatory ones have exchanged weights."""
    source, target, weight, delay = pool.synapses[0].to_arrays()
    among = np.asarray(target) < N_E
    weight = np.array(weight)
    weight[among] = np.random.default_rng(seed).permutation(weight[among])
    return source, target, weight, delay


def count(synapses, pool, n, seed, threads=None, progress=False):
    """Groups of ``n`` triplets that are drawn, and how many there would be of all, about."""
    groups = Groups(synapses, pool.synapses[1].to_arrays(), threads)
    triplets = groups.draw(n, seed)
    found = groups.find(triplets, progress)
    return found, len(found) * groups.n_triplets.sum() / max(1, len(triplets))


def spectrum(windows):
    """Mean spectrum of some windows; 1 where spikes are independent."""
    return np.mean([window["power"] for window in windows], axis=0)


def rhythm(power):
    """Mean power of the delta band, the frequency of the gamma band that has most, and the power there."""
    (low, high), (delta_low, delta_high) = GAMMA, DELTA
    peak = low + int(np.argmax(power[low : high + 1]))
    return power[delta_low : delta_high + 1].mean(), peak, power[peak]


def draw(seen, found):
    """Draw rasters early and late, spectra over time, weights, and the group of most spikes."""
    figure, axes = plt.subplots(2, 3, figsize=(15, 9), layout="constrained")
    for ax, window, when in zip(axes[0], (seen[0], seen[-1]), ("first", "last"), strict=False):
        neurons, times = window["raster"]
        ax.plot(times % SHOWN, neurons, ".", ms=1.2, color="k")
        ax.axhline(N_E, color="#e0572f", lw=0.8)
        ax.set(xlabel="time (ms)", ylabel="neuron", ylim=(0, N), title=f"{when} second")
    power = np.array([window["power"] for window in seen])
    image = axes[0, 2].imshow(
        np.log10(power[:, 1:]).T, aspect="auto", origin="lower", vmin=0,
        extent=(0, seen[-1]["t"] / 1000, 0.5, 100.5),
    )  # fmt: skip
    figure.colorbar(image, label="log10 of power; 0 if independent")
    axes[0, 2].set(xlabel="time (s)", ylabel="frequency (Hz)", title="spikes of excitatory neurons")
    for windows, colour, label in ((seen[:1], "0.6", "first 10 s"), (seen[-10:], "#2f7fd1", "last")):
        axes[1, 0].loglog(np.arange(1, 101), spectrum(windows)[1:], color=colour, label=label)
    axes[1, 0].set(xlabel="frequency (Hz)", ylabel="power")
    axes[1, 0].legend(frameon=False)
    axes[1, 1].stairs(seen[-1]["weights"], BINS, fill=True, color="0.7")
    axes[1, 1].set(xlabel="weight at the end (mV/ms)", ylabel="synapses", yscale="log")
    axes[1, 2].set(xlabel="time (ms)", ylabel="neuron", title="no group was found", ylim=(0, N))
    if found:
        neurons, times, layers = max(found, key=lambda group: len(group[0]))
        dots = axes[1, 2].scatter(times, neurons, c=layers, s=18, cmap="viridis")
        figure.colorbar(dots, label="layer")
        axes[1, 2].axhline(N_E, color="#e0572f", lw=0.8)
        axes[1, 2].set(title=f"a polychronous group of {len(neurons)} spikes")
    for ax in axes.ravel():
        ax.spines[["top", "right"]].set_visible(False)
    return figure


def tell(seen):
    """Print rates and rhythms in the first window, and in ten parts of the run."""
    print("until, s   rates, Hz: exc   inh   power: 2-4 Hz   gamma   at")
    step = max(1, len(seen) // 10)
    for end in sorted({1, *range(step, len(seen) + 1, step)}):
        windows = seen[max(0, end - step) : end]
        exc, inh = np.mean([window["rates"] for window in windows], axis=0)
        delta, peak, gamma = rhythm(spectrum(windows))
        t = windows[-1]["t"] / 1000
        print(f"{t:8g} {exc:16.1f} {inh:5.1f} {delta:15.1f} {gamma:7.1f} {peak:4} Hz")


def main():
    """Run it, print what becomes of the rhythm, count groups, and draw them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=int, default=3600, help="simulated time, a multiple of 10")
    parser.add_argument("--triplets", type=int, default=20_000, help="how many are drawn to look for groups")
    parser.add_argument("--folder", type=Path, help="where a run is kept that can be cut, and go on")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path(), help="folder of the picture")
    options = parser.parse_args()

    kept = options.folder and options.folder / "net.izhi"
    if kept and kept.exists():
        pool = iz.load(kept, threads=options.threads)
        print(f"goes on from {pool.t / 1000:g} s")
    else:
        pool = polychronization(options.seed, options.threads)
        if kept:
            options.folder.mkdir(parents=True, exist_ok=True)
    seen = go_on(pool, 1000 * options.seconds, options.folder, progress=True)

    tell(seen)
    found = {}
    for name, synapses in (
        ("learned", pool.synapses[0].to_arrays()), ("shuffled", shuffled(pool, options.seed))
    ):  # fmt: skip
        found[name], n = count(synapses, pool, options.triplets, options.seed, options.threads, progress=True)
        print(f"{name} weights: {len(found[name])} groups of {options.triplets:,} triplets, of all {n:,.0f}")
    options.out.mkdir(parents=True, exist_ok=True)
    draw(seen, found["learned"]).savefig(options.out / "izhikevich_2006.png", dpi=150)
    print(f"wrote {options.out / 'izhikevich_2006.png'}")


if __name__ == "__main__":
    main()
