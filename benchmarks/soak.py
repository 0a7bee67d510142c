"""A soak: everything at once, for as long as is wanted; memory, open handles and threads have to stay flat.

Run it:
    python benchmarks/soak.py [minutes, default 30] [--to FILE]

Two pools with noise, sources, delays up to 40 ms and a closed loop run in rounds, between which all kinds of
calls are made: changes, connections that come and go, interruptions, calls that are refused, checkpoints on
disk and in memory, copies. What is loaded or copied has to have the same spikes. Results are dropped. With
``--to``, spikes are recorded to a file besides. The figures of the last third are compared with those of the
second: growth beyond a small bound ends it with an error.
"""

import argparse
import contextlib
import copy
import gc
import itertools
import statistics
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np
import psutil

import izhi_numba as iz

ROUND = 100.0  # ms
EVERY = 10.0  # seconds, between figures, or less where it takes a few minutes
FIGURES = 30  # at least
BOUNDS = {"memory": 8.0, "handles": 0, "threads": 0}  # MB; and how many more


class Figures(NamedTuple):
    """What must not grow."""

    memory: float  # MB
    handles: int
    threads: int


def figures():
    """Return the figures of this process, without what is garbage."""
    gc.collect()
    me = psutil.Process()
    handles = me.num_handles() if hasattr(me, "num_handles") else me.num_fds()
    return Figures(me.memory_info().rss / 1e6, handles, me.num_threads())


def network():
    """Two pools, two kinds of sources, and delays that outlast what happens between two rounds."""
    net = iz.Network(dt=0.5, seed=1)
    exc = net.pool("exc", 2000, iz.AdEx, receptors={"ampa": iz.AMPA, "gaba": iz.GABA_A(tau=7.0)})
    inh = net.pool("inh", 500, iz.Izhikevich)
    trains = net.poisson("trains", 500, 20.0)
    net.spike_list("clicks", 10, [], [])
    exc.drive(exc, 700.0 + iz.noise(100.0))
    inh.drive(inh, 3.0 + iz.ornstein_uhlenbeck(2.0, tau=5.0) + iz.noise(2.0))
    some = iz.fixed_outdegree(50)
    net.connect(exc, exc, rule=some, weight=iz.uniform(0, 0.4), delay=iz.uniform(1, 40), receptor="ampa")
    net.connect(exc, inh, rule=some, weight=0.4, delay=iz.uniform(1, 5))
    net.connect(inh, exc, rule=some, weight=1.0, delay=2.0, receptor="gaba")
    net.connect(trains, exc, rule=some, weight=0.5, delay=1.5, receptor="ampa")
    return net


def steer(net, last):
    """Hold the rate of a pool; what is returned is kept by the result."""
    rate = last["exc"].rate() if last.duration else 5.0
    net.drive("exc", float(np.clip(700.0 + 40.0 * (5.0 - rate), 0.0, 1500.0)) + iz.noise(100.0))
    return rate


def change(net, turn):
    """Change inputs, rates, weights, and who spikes."""
    net["trains"].rate = 10.0 + turn % 20
    net["clicks"].set_spikes([turn % 10], [net.t + 5.0])
    net.synapses[0].gain = 0.8 + 0.1 * (turn % 3)
    weights = net.synapses[1].weights
    net.synapses[1].weights = np.roll(weights, 1)
    net["inh"][: 1 + turn % 50].silenced = turn % 2 == 0
    net.drive("inh", iz.sine(0.5, frequency=4.0 + turn % 5), add=turn % 10 != 0)
    if turn % 10 == 0:
        net.drive("inh", 3.0 + iz.ornstein_uhlenbeck(2.0, tau=5.0) + iz.noise(2.0))


def come_and_go(net, turn):
    """Add a projection and take it out again."""
    synapses = net.connect("inh", "inh", rule=iz.fixed_outdegree(5 + turn % 20), weight=-0.5, delay=10.0)
    net.run(ROUND / 5)
    synapses.remove()


def interrupt(net):
    """Have a function raise what Ctrl-C raises."""
    begin = net.t

    def stop(net):
        if net.t >= begin + 20:
            raise KeyboardInterrupt

    with contextlib.suppress(KeyboardInterrupt):
        net.run(ROUND, every={10.0: stop})


def refuse(net):
    """Ask for what cannot be."""
    for call in (
        lambda: net.run(0.3), lambda: net.connect("exc", "inh", rule=iz.all_to_all(), delay=-1.0),
        lambda: net.drive("exc", np.ones(3)), lambda: net["exc"].set(v=np.nan), lambda: iz.load(__file__),
    ):  # fmt: skip
        with contextlib.suppress(ValueError):
            call()


def go_back(net):
    """Store, run, restore and run again: the same spikes."""
    stored = net.store()
    first = net.run(ROUND / 5)
    net.restore(stored)
    same(first, net.run(ROUND / 5))


def same(one, other):
    """Two results have the same spikes."""
    for name in one:
        np.testing.assert_array_equal(one[name].spikes.i, other[name].spikes.i)


def twins(net, path):
    """Copies by memory and by disk, without the record to a file, do the same as one another."""
    net.save(path)
    loaded, copied = iz.load(path), copy.deepcopy(net)
    loaded.record("spikes", to="memory")
    same(loaded.run(ROUND / 5), copied.run(ROUND / 5))
    go_back(loaded)
    copied.reset(noise_seed=3)
    copied.run(ROUND / 5)


def one_round(net, turn, path, *, goes_back):
    """All that happens in a round."""
    net.run(ROUND, every={10.0: steer})
    change(net, turn)
    if turn % 3 == 0:
        interrupt(net)
        refuse(net)
    if turn % 5 == 0:
        twins(net, path)
    if turn % 7 == 0:
        come_and_go(net, turn)
    if goes_back and turn % 4 == 0:
        go_back(net)


def told(found, minutes, net):
    """A line of figures."""
    return (
        f"{minutes:7.1f} min {net.t / 1000:9.1f} s simulated {found.memory:9.1f} MB"
        f" {found.handles:5} handles {found.threads:5} threads"
    )


def growth(seen):
    """By how much the last third of the figures exceeds the second, by what grows."""
    third = len(seen) // 3
    before, after = seen[third : 2 * third], seen[2 * third :]
    return {
        name: statistics.median(getattr(one, name) for one in after)
        - statistics.median(getattr(one, name) for one in before)
        for name in BOUNDS
    }


def main():
    """Run for a while, and tell."""
    asked = argparse.ArgumentParser(description="Everything at once; memory, handles, threads stay flat.")
    asked.add_argument("minutes", type=float, nargs="?", default=30.0)
    asked.add_argument("--to", metavar="FILE", help="record spikes to this file besides")
    given = asked.parse_args()
    warnings.simplefilter("ignore", iz.DoubtfulWarning)
    net, seen, seconds = network(), [], 60 * given.minutes
    net.record("v", "exc[:10]", every=1.0)
    if given.to:
        net.record("spikes", to=given.to)
    interval, began = min(EVERY, seconds / FIGURES), time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        for turn in itertools.count():
            one_round(net, turn, Path(folder) / "net.izhi", goes_back=not given.to)
            passed = time.monotonic() - began
            if passed >= interval * (len(seen) + 1):
                seen.append(figures())
                print(told(seen[-1], passed / 60, net), flush=True)
            if passed >= seconds:
                break
        left = [one.name for one in Path(folder).iterdir() if one.name != "net.izhi"]
    grown = growth(seen)
    print(", ".join(f"{name} {by:+.3g}" for name, by in grown.items()), f"in {turn + 1} rounds")
    wrong = [name for name, by in grown.items() if by > BOUNDS[name]]
    if wrong or left:
        sys.exit(f"grown: {', '.join(wrong) or 'nothing'}; files left: {', '.join(left) or 'none'}")


if __name__ == "__main__":
    main()
