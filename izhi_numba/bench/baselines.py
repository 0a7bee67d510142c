"""Networks of the benchmarks in good numpy, float32, one thread: what the package is measured against."""

from __future__ import annotations

from typing import Any

import numpy as np

from izhi_numba.base.arrays import Array


class NumpyPool:
    """Izhikevich neurons in numpy as a good programmer writes them.

    Whole-array expressions in single precision, weights stored by source, spikes by index. State and
    parameters are taken over from a pool of the package, so that both simulate the same cells.
    """

    def __init__(self, pool: Any, *, connected: bool) -> None:
        self.v, self.u = pool.v.copy(), pool.u.copy()
        self.a, self.b, self.c, self.d = (getattr(pool, name).copy() for name in "abcd")
        self.constant, self.sd = pool.external_input.copy(), pool.noise_sd.copy()
        self.random = np.random.default_rng(1)
        self.fired = np.zeros(0, np.int64)
        self.weights: Array | None = None
        if connected:
            self.weights = np.zeros((pool.size, pool.size), np.float32)
            for synapses in pool.synapses:
                source, target, weight, _ = synapses.to_arrays()
                self.weights[synapses.sources, synapses.targets][source, target] = weight

    def run(self, n_steps: int) -> int:
        """Advance; returns the number of spikes."""
        n_spikes = 0
        for _ in range(n_steps):
            self.integrate(self.drive())
            self.fired = np.flatnonzero(self.v >= 30)
            self.v[self.fired] = self.c[self.fired]
            self.u[self.fired] += self.d[self.fired]
            n_spikes += len(self.fired)
        return n_spikes

    def drive(self) -> Array:
        """Input of a step."""
        current: Array = self.constant
        if self.sd.any():
            current = current + self.sd * self.random.standard_normal(len(self.v), dtype=np.float32)
        if self.weights is not None and len(self.fired):
            current = current + self.weights[self.fired].sum(axis=0)
        return current

    def integrate(self, current: Array) -> None:
        """Two half steps of v, one of u."""
        v, u = self.v, self.u
        v += 0.5 * (0.04 * v**2 + 5 * v + 140 - u + current)
        v += 0.5 * (0.04 * v**2 + 5 * v + 140 - u + current)
        u += self.a * (self.b * v - u)


class TunedNumpyPool(NumpyPool):
    """The same, tuned as far as numpy goes: no temporary arrays, terms shared by both half steps."""

    def __init__(self, pool: Any, *, connected: bool) -> None:
        super().__init__(pool, connected=connected)
        self.work, self.rest = np.zeros_like(self.v), np.zeros_like(self.v)

    def integrate(self, current: Array) -> None:
        """Two half steps of v, one of u, in place."""
        v, u, work, rest = self.v, self.u, self.work, self.rest
        np.subtract(current, u, out=rest)
        rest += np.float32(140)
        for _ in range(2):
            np.multiply(v, np.float32(0.04), out=work)
            work += np.float32(5)
            work *= v
            work += rest
            work *= np.float32(0.5)
            v += work
        np.multiply(self.b, v, out=work)
        work -= u
        work *= self.a
        u += work


class ShiftedHistoryPool:
    """The loop of the ancestor Blue Shell: dense target-by-source weights, history moved at each step.

    Rewritten from its description: one Euler step of 1 ms in double precision with clipping, a sum over
    the columns of neurons that fired, and a history of 1000 steps that is shifted as a whole.
    """

    def __init__(self, n: int, seed: int = 1) -> None:
        random = np.random.default_rng(seed)
        n_exc = n - n // 5
        r = random.random(n)
        exc = np.arange(n) < n_exc
        self.a = np.where(exc, 0.02, 0.02 + 0.08 * r)
        self.b = np.where(exc, 0.2, 0.25 - 0.05 * r)
        self.c = np.where(exc, -65 + 15 * r**2, -65.0)
        self.d = np.where(exc, 8 - 6 * r**2, 2.0)
        self.sd = np.where(exc, 5.0, 2.0)
        self.weights = np.where(exc, 0.5, -1.0) * random.random((n, n))
        self.v = np.full(n, -65.0)
        self.u = self.b * self.v
        self.history = np.zeros((n, 1000))
        self.random = random

    def run(self, n_steps: int) -> int:
        """Advance; returns the number of spikes."""
        n_spikes = 0
        for _ in range(n_steps):
            fired = np.nonzero(self.v >= 30)[0]
            n_spikes += len(fired)
            self.history[:, :-1] = self.history[:, 1:]
            self.history[:, -1] = np.minimum(self.v, 30)
            self.v[fired] = self.c[fired]
            self.u[fired] += self.d[fired]
            current = self.sd * self.random.standard_normal(len(self.v)) + self.weights[:, fired].sum(axis=1)
            self.v = np.clip(self.v, -9999, 9999)
            self.v += 0.04 * self.v**2 + 5 * self.v + 140 - self.u + current
            self.u += self.a * (self.b * self.v - self.u)
        return n_spikes
