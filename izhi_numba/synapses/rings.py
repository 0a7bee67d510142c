"""Rings of sums: weights that arrive within a few steps are added up in one visit to a row of synapses."""

from __future__ import annotations

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.synapses.store import MOST_IN_A_BLOCK

_RING_BYTES = 2**20  # of the ring of half a pool: about as much as a core has a cache for
_MOST_SLOTS = 5
_WORTH_A_RING = 0.05  # visits in a step for each neuron, at a rate of


def ring_slots(n: int, itemsize: int, visits: float) -> int:
    """Slots that the ring of sums of ``n`` neurons should have, for so many visits in a step.

    A visit costs as much as tens of synapses, more where rows don't stay in the cache from one step to the
    next. A ring saves visits, but is larger than one slot and has to be added to its port. In steps of 1 ms
    with delays of 1 to 20, at 0.1 visits a neuron, 100,000 neurons with 1000 synapses took 0.90, 0.80, 0.77
    and 0.85 of the time with 2, 4, 5 and 8 slots; 10,000 with 100 took 0.88 with 4 or 5, and 10,000 or
    30,000 with 1000 between 0.96 and 1.07. The full cortical microcircuit has 0.02 (steps of 0.1 ms, delays
    of some 6 ms): four slots made a step 1.2 times as long, sixteen 1.8 times.

    It does not go by the blocks, as the order of sums follows from it.
    """
    if visits < _WORTH_A_RING * n:
        return 1
    return max(1, min(_MOST_SLOTS, _RING_BYTES // (itemsize * min(-(-n // 2), MOST_IN_A_BLOCK))))


def bins(delays: Array, slots: int) -> Array:
    """Number of the first of the ascending delays in each bin, and the end: as few bins as there can be."""
    firsts = [0]
    for number, delay in enumerate(delays.tolist()):
        if delay - int(delays[firsts[-1]]) >= slots:
            firsts.append(number)
    return np.array([*firsts, len(delays)], np.int64)


def slots_needed(delays: Array, firsts: Array) -> int:
    """Slots of a ring that bins of ascending delays need; ``firsts`` as :func:`bins` returns them."""
    shortest, longest = delays[firsts[:-1]], delays[firsts[1:] - 1]
    return int((longest - shortest).max()) + 1
