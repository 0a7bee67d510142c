"""The distal reward problem: dopamine finds the synapse whose spikes earned it, among 80,000.

The network of Izhikevich (2007): 800 excitatory and 200 inhibitory neurons, 100 synapses each, and noise that
makes each spike about twice a second. One synapse, at first of weight 0, is watched: whenever its target
spikes within 20 ms after its source, dopamine is released, but only 1 to 3 s later, when thousands of spikes
of others have come between. Spikes leave an eligibility at each synapse, which fades within a second, and
what is left of it when dopamine comes changes the weight. This is to be seen: the watched synapse is eligible
more often than others when dopamine comes, and its weight rises from 0 towards the largest one, 4.

With seed 1 it was 4.0 after 1500 s and 103 rewards, and went up and down between 2.3 and 4.0 until 3000 s;
with seed 2 it was 3.5 after 2110 s and 180 rewards. It does not stand alone, as in the paper's figure: the
mean weight was 0.6, but 2 % of all synapses were as large.

An hour takes some five minutes. With ``--folder`` the run is kept there every 100 s, and goes on from there
when the same line is typed again.

Run it:  python examples/izhikevich_2007.py [--seconds 3600] [--folder dopamine]

Changed: rewards come at whole tenths of a second, noise is normal rather than uniform, and weights follow
dopamine all the time rather than each 10 ms.

Source: E. M. Izhikevich (2007), "Solving the distal reward problem through linkage of STDP and dopamine
signaling", Cerebral Cortex 17:2443-2452, 10.1093/cercor/bhl152. Numbers are those of the author's program.
"""

import argparse
import warnings
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

import izhi_numba as iz

N_E, N_I, DEGREE = 800, 200, 100
W_E, W_I, W_MAX = 1.0, -1.0, 4.0  # mV/ms
NOISE = iz.noise(13 / np.sqrt(12))  # as much as uniform numbers from -6.5 to 6.5
SOURCE = 0  # of the watched synapse
WITHIN = 20.0  # ms from a spike of the source to one of the target
REWARD, TONIC = 0.05, 0.0002  # dopamine of a reward, and what is always there, 1/ms: the program's, per 10 ms
SOONEST, LATEST = 1000.0, 3000.0  # ms until a reward
TURN, SHOWN, KEPT = 100.0, 1000.0, 100_000.0  # ms between looks, weights on the record, and checkpoints


class TonicDopamineSTDP(iz.DopamineSTDP):
    """Dopamine-modulated plasticity with some dopamine that is always there."""

    tonic = iz.Parameter(TONIC)

    def between(w, c, d, elapsed, tau_c, tau_d, tonic):
        tau = tau_c * tau_d / (tau_c + tau_d)
        faded = 1.0 - iz.math.exp(-elapsed / tau_c)
        w = w + c * (d * tau * (1.0 - iz.math.exp(-elapsed / tau)) + tonic * tau_c * faded)
        return w, c * (1.0 - faded)


def dopamine(seed=None, threads=None):
    """Build the network; returns the pool."""
    pool = iz.Pool(N_E + N_I, iz.Izhikevich(), dt=1.0, seed=seed, threads=threads)
    exc, inh = pool.group("exc", N_E), pool.group("inh", N_I)
    inh.set(a=0.1, d=2.0)
    rule = iz.fixed_outdegree(DEGREE, autapses=False, multapses=False)
    pool.connect(
        exc, pool, rule=rule, weight=W_E, delay=1.0,
        plasticity=TonicDopamineSTDP(w_max=W_MAX), delay_at="axon",
    )  # fmt: skip
    pool.connect(inh, exc, rule=rule, weight=W_I, delay=1.0)
    pool.drive(pool, NOISE)
    source, target = watched(pool)
    pool.synapses[0][source, target] = 0.0
    # The first reward may be long in coming: that nobody has set dopamine until then is no oversight.
    warnings.filterwarnings("ignore", ".* wait for a third factor", iz.DoubtfulWarning)
    pool.synapses[0].record(["weight", "c"], every=SHOWN, pre=source, post=target)
    pool.record("spikes", neurons=[source, target])
    return pool


def watched(pool):
    """Source and target of the synapse that is rewarded: the first one of its source."""
    source, target, _, _ = pool.synapses[0].to_arrays()
    return SOURCE, int(target[source == SOURCE][0])


class Rewards:
    """Watches a synapse, and releases dopamine some time after it seems to have done something."""

    def __init__(self, pool):
        self.pair = watched(pool)
        self.last = -np.inf  # spike of the source
        self.due, self.paid = [], []  # ms

    def watch(self, pool, last):
        """Look at the spikes since the last look, and pay what is due."""
        if last.duration:
            self.look(last, pool)
        while pool.t in self.due:
            self.due.remove(pool.t)
            self.paid.append(pool.t)
            pool.synapses[0].modulate(d=REWARD)

    def look(self, last, pool):
        """Promise a reward for each spike of the target that soon follows one of the source."""
        neurons, times = last.spikes
        for neuron, t in zip(neurons.tolist(), times.tolist(), strict=True):
            if neuron == self.pair[0]:
                self.last = t
            elif 0 < t - self.last < WITHIN:
                delay = SOONEST + (LATEST - SOONEST) * pool.random(1)[0]
                self.due.append(TURN * np.ceil((t + delay) / TURN))

    def save(self, path):
        """Keep what is not in the pool."""
        np.savez(path, last=self.last, due=self.due, paid=self.paid)

    def restore(self, path):
        """Go on from what was kept."""
        kept = np.load(path)
        self.last, self.due, self.paid = float(kept["last"]), kept["due"].tolist(), kept["paid"].tolist()


def go_on(pool, until, folder=None, progress=False):
    """Run up to a time in ms; with a folder also what is kept there counts, and the run can be cut.

    What belongs to a time is written before the pool of that time is, and has the time in its name: what goes
    beyond the pool's is of a run that was cut, and done again. Returns the result, and times of rewards.
    """
    rewards = Rewards(pool)

    def keep(pool, last):
        if last.duration and folder:
            last.save(folder / f"{pool.t:012.0f}.part")
            rewards.save(folder / f"{pool.t:012.0f}.npz")
            pool.save(folder / "net.izhi")

    parts = []
    if folder and pool.t:
        rewards.restore(folder / f"{pool.t:012.0f}.npz")
        parts = [iz.load_result(path) for path in sorted(folder.glob("*.part"))]
        parts = [part for part in parts if part.stop <= pool.t]
    # First the look, then the checkpoint: a run that goes on has no spikes before its first look.
    result = pool.run(until - pool.t, every={TURN: rewards.watch, KEPT: keep}, progress=progress)
    return sum([*parts, result]), np.array(rewards.paid)


def told(pool, result, rewards):
    """Weight of the watched synapse at the end, that of others, and how many are as large."""
    pair = watched(pool)
    weights = pool.synapses[0].weights
    its = float(pool.synapses[0][pair][0])
    return its, weights.mean(), (weights >= its).sum(), len(weights), len(rewards), result.rate([*pair])


def draw(pool, result, rewards):
    """Draw weight and eligibility of the watched synapse over time, and weights of all at the end."""
    figure, axes = plt.subplots(1, 3, figsize=(14, 4.5), layout="constrained", width_ratios=(1.4, 1.4, 1))
    (weights,), (c,) = result.weights.values(), [one["c"] for one in result.synapses.values()]
    for ax, recorded, label in zip(
        axes, (weights, c), ("weight (mV/ms)", "eligibility (mV/ms)"), strict=False
    ):
        ax.plot(recorded.t / 1000, recorded.values[:, 0], color="#e0572f", lw=1.2)
        ax.set(xlabel="time (s)", ylabel=label, xlim=(0, result.stop / 1000))
    axes[0].plot(rewards / 1000, np.zeros(len(rewards)), "|", color="#2f7fd1", label="rewards")
    axes[0].set_ylim(-0.05 * W_MAX, 1.05 * W_MAX)
    axes[0].legend(frameon=False, loc="upper left")
    its = pool.synapses[0][watched(pool)][0]
    axes[2].hist(pool.synapses[0].weights, np.linspace(0, W_MAX, 41), color="0.7")
    axes[2].axvline(its, color="#e0572f", label="the watched one")
    axes[2].set(
        xlabel="weight at the end (mV/ms)", ylabel="synapses", yscale="log", xlim=(-0.05, 1.02 * W_MAX)
    )
    axes[2].legend(frameon=False)
    for ax in axes:
        ax.spines[["top", "right"]].set_visible(False)
    return figure


def main():
    """Run it, print what has become of the watched synapse, and draw it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=float, default=3600.0, help="simulated time")
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
        pool = dopamine(options.seed, options.threads)
        if kept:
            options.folder.mkdir(parents=True, exist_ok=True)
    result, rewards = go_on(pool, 1000 * options.seconds, options.folder, progress=True)

    its, mean, as_large, n, rewarded, rate = told(pool, result, rewards)
    print(f"{rewarded} rewards; source and target spiked at {rate:.1f} Hz")
    print(f"weight of the watched synapse: {its:.2f}; {as_large:,} of {n:,} are as large; mean {mean:.2f}")
    options.out.mkdir(parents=True, exist_ok=True)
    draw(pool, result, rewards).savefig(options.out / "izhikevich_2007.png", dpi=150)
    print(f"wrote {options.out / 'izhikevich_2007.png'}")


if __name__ == "__main__":
    main()
