"""What recording to a file costs: 100,000 neurons at some 10 Hz, ``python benchmarks/recording.py``.

For each network, in one run and by turns (medians of nine): wall time and processor time of a second of
simulated time that is recorded to a file, over those of one that is recorded in memory; and, as a bound, the
wall time of writing as many bytes to a file and no more, beside it.
"""

import os
import statistics
import tempfile
import time
from pathlib import Path

import izhi_numba as iz

N, ROUNDS = 100_000, 9
BYTES_OF_A_SPIKE = 16


def main():
    """Print a line per network."""
    print(
        "synapses a neuron: Hz; file over memory, wall, processor; bytes alone, wall: part of a run in memory"
    )
    with tempfile.TemporaryDirectory(dir=os.getcwd()) as folder:
        for n_synapses in (0, 100, 1000):
            told = compare(n_synapses, Path(folder))
            print(f"{n_synapses}: {told[0]:.1f}; {told[1]:.3f}, {told[2]:.3f}; {told[3]:.3f}")


def compare(n_synapses, folder):
    """Return rate and ratios for one network."""
    alone, streamed = network(n_synapses), network(n_synapses)
    streamed.record("spikes", to=folder / f"{n_synapses}.h5")
    streamed.run(100.0)
    alone.run(100.0)
    walls, processors, bounds = [], [], []
    for _ in range(ROUNDS):
        result, wall, processor = timed(lambda: alone.run(1000.0))
        _, its_wall, its_processor = timed(lambda: streamed.run(1000.0))
        content = bytes(BYTES_OF_A_SPIKE * result.counts.sum())
        _, bound, _ = timed(lambda content=content: write(folder / "bytes", content))
        walls.append(its_wall / wall)
        processors.append(its_processor / processor)
        bounds.append(bound / wall)
    return result.rate(), *map(statistics.median, (walls, processors, bounds))


def network(n_synapses):
    """Return neurons that spike at some 10 Hz by themselves, with synapses that carry next to nothing."""
    net = iz.Network(dt=1.0, seed=3)
    exc = net.pool("exc", N, iz.Izhikevich)
    exc.drive(exc, iz.noise(5.0) + 2.7)
    if n_synapses:
        net.connect(exc, exc, rule=iz.fixed_outdegree(n_synapses), weight=1e-6, delay=iz.integers(1, 10))
    net.prepare()
    return net


def timed(function):
    """Return what a function returns, and its wall and processor time."""
    wall, processor = time.perf_counter(), time.process_time()
    found = function()
    return found, time.perf_counter() - wall, time.process_time() - processor


def write(path, content):
    """Write a file, piece by piece, as recording does."""
    with path.open("wb", buffering=0) as file:
        for begin in range(0, len(content), 1 << 19):
            file.write(content[begin : begin + (1 << 19)])


if __name__ == "__main__":
    main()
