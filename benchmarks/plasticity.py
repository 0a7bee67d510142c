"""Networks that learn, beside the same networks without plasticity: what learning costs.

Run it on a quiet machine:  python benchmarks/plasticity.py [largest number of synapses, default 1e7]

Pair STDP, all to all, delays of 1 to 20 ms, regular spiking neurons of 2003 with noise at about 8 Hz; and
the network of Brunel (2000) with 10,000 neurons of 1000 synapses at about 6 Hz, in steps of 0.1 ms, of which
those between excitatory cells learn. Both networks run in turns, as a machine that others use changes its
speed from one second to the next, and the ratio of the two is what can be compared. An event is a spike that
arrives at a synapse which learns.
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


def brunel(n, degree, rule, threads):
    """Four of five neurons are excitatory; inhibition balances them, and trains from outside wake them."""
    tau, at_threshold, weight = 20.0, 20.0, 0.1  # ms, mV, mV
    from_exc, from_inh = 4 * degree // 5, degree // 5
    excitatory, inhibitory = iz.fixed_indegree(from_exc), iz.fixed_indegree(from_inh)
    net = iz.Network(dt=0.1, seed=1, threads=threads)
    neuron = iz.LeakyIntegrateAndFire(
        C=10 * tau, g_L=10.0, E_L=0.0, V_th=at_threshold, V_reset=10.0, t_ref=2.0
    )
    cells = net.pool("cells", n, neuron, scheme="exact", receptors={"syn": iz.VoltageJump()})
    exc, inh = cells.group("exc", 4 * n // 5), cells.group("inh", n // 5)
    net.connect(
        exc, exc, rule=excitatory, weight=iz.normal(weight, 0.1 * weight, low=0.0), delay=1.5, plasticity=rule
    )
    net.connect(exc, inh, rule=excitatory, weight=weight, delay=1.5)
    net.connect(inh, cells, rule=inhibitory, weight=-5.5 * weight, delay=1.5)
    rate = 1000 * at_threshold / (weight * tau)  # Hz, of all trains onto a neuron, that reaches the threshold
    net.drive(cells, iz.poisson(rate / from_exc, n=from_exc, weight=weight))
    net.run(SETTLE)
    return net


def compare(build, rule, n, degree, duration, threads):
    """Time both networks in turns, and tell their medians."""
    nets = [build(n, degree, one, threads) for one in (None, rule)]
    shares, events = [[], []], 0.0
    for _ in range(TURNS):
        for share, net in zip(shares, nets, strict=True):
            begin = time.perf_counter()
            result = net.run(duration)
            share.append((time.perf_counter() - begin) / (duration / 1000))
        events = len(nets[1].synapses[0]) * result["cells"].rate()
    static, learned = map(statistics.median, shares)
    ratio = statistics.median(b / a for a, b in zip(*shares, strict=True))
    each = learned * threads * 1e9 / events
    bytes_of_each = nets[1].nbytes / (n * degree)
    print(
        f"{build.__name__:8} {n:>9,} x {degree:<5,} {threads} threads   static {static:.4f}"
        f"   learning {learned:.4f}   {ratio:.2f} times"
        f"   {each:5.1f} ns an event and thread   {bytes_of_each:.1f} bytes a synapse",
        flush=True,
    )


def main():
    """Compare networks of all sizes, with one thread and with two."""
    most = float(sys.argv[1]) if len(sys.argv) > 1 else 1e7
    print("real-time factors, medians; compiled before")
    pair = iz.PairSTDP(A_plus=1e-6, A_minus=1e-6, w_max=0.002)
    sizes = [(network, pair, *size) for size in SIZES]
    sizes.append((brunel, iz.PairSTDP(A_plus=1e-4, A_minus=1.05e-4, w_max=0.3), 10_000, 1000, 100.0))
    for build, rule, n, degree, duration in sizes:
        if n * degree <= most:
            for threads in (1, 2):
                compare(build, rule, n, degree, duration, threads)


if __name__ == "__main__":
    main()
