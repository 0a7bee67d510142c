"""Random numbers of synapses: by who a synapse is, the key of its row, and the step of an event.

A synapse is its target, and its number among those of its pair of neurons. So its numbers are the same
wherever it lies, and whenever it is visited.
"""

from __future__ import annotations

import numpy as np

from izhi_numba.kernels.intrinsics import load_at
from izhi_numba.kernels.jit import inline
from izhi_numba.kernels.rng import SYNAPSE_KEYS, philox
from izhi_numba.kernels.run.sites import FIRST_SOURCE, KEY_0, KEY_1, N_DELAYS, NUMBER


@inline
def who_is(its, k, ordinals, first_target):
    """Who the synapse is whose record is there; ``k``: its number in its site."""
    ordinal = load_at(ordinals + 4 * k, np.uint32)
    return np.uint32(first_target + np.int64(load_at(its, np.uint16))), ordinal


@inline
def key_of(s, row):
    """Key of a row."""
    source = s[FIRST_SOURCE] + row // s[N_DELAYS]
    words = philox(
        np.uint32(source), np.uint32(s[NUMBER]), np.uint32(0), SYNAPSE_KEYS, np.uint32(s[KEY_0]),
        np.uint32(s[KEY_1]),
    )  # fmt: skip
    return words[0], words[1]


# Where a rule asks for no random numbers.


@inline
def nobody(its, k, ordinals, first_target):
    """In place of ``who_is``."""
    return ()


@inline
def no_key(s, row):
    """In place of ``key_of``."""
    return ()
