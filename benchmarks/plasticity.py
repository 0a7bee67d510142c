"""Networks that learn, beside the same networks without plasticity: what learning costs.

Run it on a quiet machine:  python benchmarks/plasticity.py [largest number of synapses, default 1e7]

Pair STDP, all to all, delays of 1 to 20 ms, regular spiking neurons of 2003 with noise at about 8 Hz. Both
networks run in turns, as a machine that others use changes its speed from one second to the next, and the
ratio of the two is what can be compared. An event is a spike that arrives at a synapse.
"""

import statistics
import sys
import time

import izhi_numba as iz

TURNS = 5
SIZES = [(1000, 100, 3000.0), (10_000, 100, 400.0), (10_000, 1000, 60.0), (100_000, 100, 60.0)]  # ms per turn
SETTLE = 500.0  # ms


def network(n, degree, rule, threads):
    """Neurons that spike for their noise; synapses are weak, so that all networks have the same rate."""
    net = iz.Network(dt=1.0, seed=1, threads=threads)
    net.pool("cells", n, iz.Izhikevich(**iz.presets["RS"]))
    net.drive("cells", 2.0 + iz.noise(5.0))
    net.connect(
        "cells", "cells", rule=iz.fixed_outdegree(degree), weight=iz.uniform(0, 0.002),
        delay=iz.integers(1, 20), plasticity=rule,
    )  # fmt: skip
    net.run(SETTLE)
    return net


def compare(n, degree, duration, threads):
    """Time both networks in turns, and tell their medians."""
    learning = iz.PairSTDP(A_plus=1e-6, A_minus=1e-6, w_max=0.002)
    nets = [network(n, degree, rule, threads) for rule in (None, learning)]
    shares, events = [[], []], 0.0
    for _ in range(TURNS):
        for share, net in zip(shares, nets, strict=True):
            begin = time.perf_counter()
            result = net.run(duration)
            share.append((time.perf_counter() - begin) / (duration / 1000))
        events = n * degree * result["cells"].rate()
    static, learned = map(statistics.median, shares)
    ratio = statistics.median(b / a for a, b in zip(*shares, strict=True))
    bytes_of_each = nets[1].nbytes / (n * degree)
    print(
        f"{n:>9,} x {degree:<5,} {threads} threads   static {static:.4f}   learning {learned:.4f}"
        f"   {ratio:.2f} times   {learned * threads * 1e9 / events:5.1f} ns an event and thread"
        f"   {bytes_of_each:.1f} bytes a synapse",
        flush=True,
    )


def main():
    """Compare networks of all sizes, with one thread and with two."""
    most = float(sys.argv[1]) if len(sys.argv) > 1 else 1e7
    print("real-time factors, medians; compiled before")
    for n, degree, duration in SIZES:
        if n * degree <= most:
            for threads in (1, 2):
                compare(n, degree, duration, threads)


if __name__ == "__main__":
    main()
