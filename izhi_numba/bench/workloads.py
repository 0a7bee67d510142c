"""The networks that the benchmarks run, and for how long."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from izhi_numba.connectivity.distributions import uniform
from izhi_numba.connectivity.rules import fixed_outdegree
from izhi_numba.inputs.makers import noise
from izhi_numba.network.cortical import graded_cells
from izhi_numba.network.pool import Pool

_REFERENCE_DEGREE = 1000


@dataclass(frozen=True)
class Workload:
    """A network and how long it is simulated."""

    name: str
    n: int
    degree: int  # synapses per neuron; 0: unconnected; n: all to all
    duration: float  # ms
    best_other: float  # RTF of the fastest other simulator we measured on a machine of this kind

    @property
    def title(self) -> str:
        """What it is, for people."""
        if not self.degree:
            return f"{self.name}: {self.n:,} unconnected, constant input"
        if self.degree == self.n:
            return f"{self.name}: the 2003 network, {self.n:,} × {self.degree:,}"
        return f"{self.name}: {self.n:,} × {self.degree:,} synapses, noise"

    def pool(self, threads: int) -> Pool:
        """Build the network."""
        if self.degree == self.n:
            return Pool.cortical(self.n, seed=1, threads=threads)
        pool = Pool(self.n, seed=1, threads=threads)
        if not self.degree:
            pool.drive(pool, np.linspace(4.0, 14.0, self.n))
            return pool
        exc, inh = graded_cells(pool, self.n // 5)
        gain = (_REFERENCE_DEGREE / self.degree) ** 0.7  # 5 for 100 synapses: rates of 5-8 Hz
        rule = fixed_outdegree(self.degree)
        for group, sd, weight in ((exc, 5.0, uniform(0, 0.5 * gain)), (inh, 2.0, uniform(-gain, 0))):
            if group is not None:
                pool.drive(group, noise(sd))
                pool.connect(group, pool, rule=rule, weight=weight)
        return pool


# The last column: the best of GeNN, Brian2, BrainPy, ANNarchy, NEST, BindsNET, whichever was fastest,
# one or two threads, on a two-core AVX-512 machine (dt 1 ms, two half steps, float32 where possible).
WORKLOADS = (
    Workload("W1", 10_000, 0, 1000.0, 0.023),
    Workload("W1", 100_000, 0, 500.0, 0.143),
    Workload("W1", 1_000_000, 0, 100.0, 1.69),
    Workload("W2", 1000, 1000, 2000.0, 0.025),
    Workload("W3", 10_000, 100, 1000.0, 0.196),
    Workload("W3", 10_000, 1000, 500.0, 0.40),
    Workload("W3", 100_000, 100, 300.0, 2.3),
    Workload("W3", 50_000, 1000, 200.0, float("nan")),
    Workload("W3", 100_000, 1000, 100.0, 3.35),
)
