"""Izhikevich's 2003 model written by hand as one numba loop: a yardstick for code from plain functions.

Single precision, two half steps, one array per variable and parameter, a flag per neuron and then a list of
those that spiked: what a careful programmer would write for this one model.
"""

import numba
import numpy as np

FAST = {"nsz", "arcp", "contract", "afn", "reassoc"}


@numba.njit(fastmath=FAST, error_model="numpy", boundscheck=False)
def update(v, u, a, b, c, d, current, spiked):
    half, four, five, offset, top = (
        np.float32(0.5), np.float32(0.04), np.float32(5), np.float32(140), np.float32(30),
    )  # fmt: skip
    for i in range(len(v)):
        x, y = v[i], u[i]
        x += half * (four * x * x + five * x + offset - y + current[i])
        x += half * (four * x * x + five * x + offset - y + current[i])
        y += a[i] * (b[i] * x - y)
        fired = x >= top
        v[i] = c[i] if fired else x
        u[i] = y + d[i] if fired else y
        spiked[i] = fired


@numba.njit(error_model="numpy", boundscheck=False)
def run(v, u, a, b, c, d, current, spiked, words, spikes, n_steps):
    """Advance; returns the number of spikes, the last step's are in ``spikes``."""
    total = 0
    for _ in range(n_steps):
        update(v, u, a, b, c, d, current, spiked)
        count = 0
        for word in range(len(words)):
            if words[word]:
                for i in range(8 * word, 8 * word + 8):
                    if spiked[i]:
                        spikes[count] = i
                        count += 1
        total += count
    return total


class HandwrittenPool:
    """Unconnected neurons with the state and parameters of a pool."""

    def __init__(self, pool):
        self.arrays = [getattr(pool, name).copy() for name in ("v", "u", "a", "b", "c", "d")]
        self.current = pool.external_input.copy()
        self.spiked = np.zeros(pool.size + -pool.size % 8, np.uint8)
        self.spikes = np.zeros(pool.size, np.int32)

    def run(self, n_steps):
        """Advance; returns the number of spikes."""
        return run(
            *self.arrays, self.current, self.spiked[: len(self.current)], self.spiked.view(np.uint64),
            self.spikes, n_steps,
        )  # fmt: skip
