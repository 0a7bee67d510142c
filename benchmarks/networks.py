"""Published networks and random ones: how fast, and how near to the machine's own limit.

Run it on a quiet machine:  python benchmarks/networks.py [scale of the microcircuit, default 1.0]

The limit is that of a plain loop over the same rows, from the first to the last, with the same adds into the
same block of targets, and of the bytes that the update must move; both are measured beside the network, in
turns. Delivery alone is also compared with a plain loop over just the rows of the neurons that spiked, in
their order, each row whole: what lies between the two loops is the price of reading here and there.
"""

import concurrent.futures
import functools
import statistics
import sys
import time
from pathlib import Path

import numpy as np

import izhi_numba as iz
from izhi_numba.bench.bounds import copy_bandwidth
from izhi_numba.kernels import loops

sys.path.insert(0, str(Path(__file__).parent.parent / "examples"))

TURNS = 5


def random_network(n, degree, longest_delay, seed=1, threads=None):
    """80 % regular spiking, 20 % fast spiking neurons of 2003, with noise; 5 to 8 Hz."""
    pool = iz.Pool(n, seed=seed, threads=threads)
    exc, inh = pool.group("exc", n * 8 // 10), pool.group("inh", n - n * 8 // 10)
    exc.set(**iz.presets["RS"])
    inh.set(**iz.presets["FS"])
    weight = 50 / degree
    delay = iz.integers(1, longest_delay) if longest_delay else 0.0
    pool.connect(exc, pool, rule=iz.fixed_outdegree(degree), weight=iz.uniform(0, weight), delay=delay)
    pool.connect(
        inh, exc, rule=iz.fixed_outdegree(degree), weight=-weight, delay=1.0 if longest_delay else 0.0
    )
    pool.drive(exc, 1.0 + iz.noise(5.0))
    pool.drive(inh, iz.noise(2.0))
    return pool


def in_threads(threads, work):
    """Call ``work(0)`` ... in threads of their own."""
    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, range(threads)))


def plain_loop(pool, threads):
    """Events per second of a plain loop over the rows of a pool."""
    pieces = [
        piece
        for link in pool._engine._wiring.links
        for piece in link.store.contents.pieces
        if len(piece.synapses)
    ]
    by_block = {}
    for piece in pieces:
        by_block.setdefault(piece.first_target, []).append(piece)
    blocks = list(by_block.values())
    most = int(5e7)  # synapses are enough
    columns = {id(piece): plain_columns(piece, most) for piece in pieces}

    def work(thread):
        for block in blocks[thread::threads]:
            current = np.zeros(block[0].n_targets, pool.dtype)
            left = most // len(blocks)
            for piece in block:
                size = min(left, len(piece.synapses))
                loops.add_rows(current, *columns[id(piece)], size)
                left -= size

    def events():
        return sum(min(most // len(blocks), sum(len(piece.synapses) for piece in block)) for block in blocks)

    work(0)
    began = time.perf_counter()
    in_threads(threads, work)
    return events() / (time.perf_counter() - began)


def plain_columns(piece, most):
    """Targets and weights as arrays of their own."""
    synapses = piece.synapses[:most]
    weights = synapses["weight"] if "weight" in synapses.dtype.names else np.zeros(0, np.float32)
    return np.ascontiguousarray(synapses["target"]), np.ascontiguousarray(weights)


def degrees(pool):
    """Synapses of each neuron."""
    total = np.zeros(pool.size)
    for link in pool._engine._wiring.links:
        for piece in link.store.contents.pieces:
            begins = begins_of_sources(link, piece)
            total[link.store.pre.start : link.store.pre.stop] += np.diff(begins)
    return total


def begins_of_sources(link, piece):
    """Where the rows of each source begin, and where the last one's end."""
    begins, n_sources = piece.start.astype(np.int64), link.store.pre.stop - link.store.pre.start
    return begins[:: (len(begins) - 1) // n_sources]  # one row for each delay, or one for all


def measure(name, make, threads, duration, warm_up=500.0):
    """Print a row."""
    pool = make(threads=threads)
    began = time.perf_counter()
    pool._engine.settle()
    built = time.perf_counter() - began
    pool.prepare()
    pool.record("counts")
    pool.run(warm_up)
    its_degrees, n_bytes = degrees(pool), pool._population.step_bytes
    factors, shares, rates, events = [], [], [], []
    for _ in range(TURNS):
        loop, bandwidth = plain_loop(pool, pool.threads_in_use), copy_bandwidth(n_bytes, pool.threads_in_use)
        result = pool.run(duration)
        per_second = float(result.counts @ its_degrees) / duration * 1000
        bound = per_second / loop + 1000 / pool.dt * n_bytes / bandwidth
        factors.append(result.real_time_factor)
        shares.append(bound / result.real_time_factor)
        rates.append(result.rate())
        events.append(per_second / result.real_time_factor)
    print(
        f"| {name} | {threads} | {built:.1f} | {pool.nbytes / 1e9:.2f} | {statistics.mean(rates):.2f} |"
        f" {statistics.median(factors):.3g} ({min(factors):.3g}-{max(factors):.3g}) |"
        f" {statistics.median(events) / 1e6:.0f} | {100 * statistics.median(shares):.0f} % |",
        flush=True,
    )


def plain_loop_in_order(pool, threads, neurons):
    """Events per second of a plain loop over the rows of some neurons, in their order."""
    (link,) = pool._engine._wiring.links
    pieces = link.store.contents.pieces
    columns = [plain_columns(piece, None) for piece in pieces]
    ends = [[begins_of_sources(link, piece)[neurons + after] for after in (0, 1)] for piece in pieces]

    def work(thread):
        for block in range(thread, len(pieces), threads):
            current = np.zeros(pieces[block].n_targets, pool.dtype)
            loops.add_rows_in_order(current, *columns[block], *ends[block])

    work(0)
    began = time.perf_counter()
    in_threads(threads, work)
    return sum(int((last - first).sum()) for first, last in ends) / (time.perf_counter() - began)


def delivery(n, degree, longest_delay, threads, duration=200.0):
    """Print the shares of both plain loops that delivery reaches: the same spikes, with and without it."""

    def make(*, connected):
        pool = iz.Pool(n, seed=1, threads=threads)
        pool.drive(pool, 1.0 + iz.noise(5.0))
        if connected:
            delay = iz.integers(1, longest_delay) if longest_delay else 0.0
            synapses = pool.connect(
                pool, pool, rule=iz.fixed_outdegree(degree), weight=iz.uniform(0, 1), delay=delay
            )
            synapses.gain = 0.0
        else:
            pool.connect(pool[:1], pool[:1], rule=iz.one_to_one(), weight=0.0)
        pool.record("counts")
        pool.record("spikes")
        pool.run(200.0)
        return pool

    pools = {connected: make(connected=connected) for connected in (True, False)}
    found = []
    for _ in range(TURNS):
        results = {connected: pool.run(duration) for connected, pool in pools.items()}
        assert (results[True].counts == results[False].counts).all()
        seconds = results[True].wall_time - results[False].wall_time
        events = results[True].counts.sum() * degree / seconds
        in_use, neurons = pools[True].threads_in_use, results[True].spikes.i
        loop, ordered = plain_loop(pools[True], in_use), plain_loop_in_order(pools[True], in_use, neurons)
        found.append((events / 1e6, 100 * events / loop, 100 * events / ordered))
    million, share, share_in_order = (statistics.median(column) for column in zip(*found, strict=True))
    print(
        f"| {n:,} x {degree}, delays to {longest_delay} | {pools[True].threads_in_use} |"
        f" {million:.0f} | {share:.0f} % | {share_in_order:.0f} % |",
        flush=True,
    )


def main():
    """Measure all."""
    from brette_benchmarks import coba, cuba
    from microcircuit import microcircuit

    scale = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    print("| network | threads | build, s | GB | Hz | RTF (range) | million events/s | share of bound |")
    print("|---|---|---|---|---|---|---|---|")
    for threads in (1, 2):
        measure("COBA", functools.partial(coba, 1), threads, 1000.0)
        measure("CUBA", functools.partial(cuba, 1), threads, 1000.0)
        for n, degree in ((10_000, 100), (10_000, 1000), (100_000, 100), (100_000, 1000)):
            name = f"{n:,} x {degree}, delays 1-20 ms"
            measure(name, functools.partial(random_network, n, degree, 20), threads, 500.0)
        name = f"microcircuit, scale {scale:g}"
        measure(name, functools.partial(microcircuit, scale, seed=55), threads, 1000.0)
    print("\n| delivery alone | threads | million events/s | of plain loop | in the order of spikes |")
    print("|---|---|---|---|---|")
    for threads in (1, 2):
        for n, degree, longest in (
            (10_000, 100, 0), (10_000, 1000, 0), (100_000, 100, 0), (100_000, 1000, 0), (100_000, 1000, 20),
        ):  # fmt: skip
            delivery(n, degree, longest, threads)


if __name__ == "__main__":
    main()
