"""Random words of a row, made when they are asked for."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from izhi_numba.kernels.jit import inline, shared
from izhi_numba.kernels.rng import philox

_COUNTERS = 32
N_WORDS = 4 * _COUNTERS  # drawn at once: a power of two
_32 = np.uint64(32)
_UNIT = 2.0**-32


class Random(NamedTuple):
    """Where the numbers of a projection come from."""

    key0: Any  # uint32, the seed
    key1: Any
    stream: Any  # uint32, the projection


@shared
def refill(words, batch, row, purpose, random):
    for c in range(_COUNTERS):
        w0, w1, w2, w3 = philox(
            np.uint32(batch * _COUNTERS + c), np.uint32(row), random.stream, purpose,
            random.key0, random.key1,
        )  # fmt: skip
        words[c] = w0
        words[c + _COUNTERS] = w1
        words[c + 2 * _COUNTERS] = w2
        words[c + 3 * _COUNTERS] = w3


@inline
def word_of(words, k, row, purpose, random):
    """The ``k``-th random word of a row; they are asked for one after the other."""
    place = k & (N_WORDS - 1)
    if place == 0:
        refill(words, k // N_WORDS, row, purpose, random)
    return words[place]


@inline
def below(word, n):
    """A whole number from 0 to n - 1 from a random word."""
    return np.int64((np.uint64(word) * np.uint64(n)) >> _32)


@inline
def uniform_of(word):
    return (np.float64(word) + 0.5) * _UNIT
