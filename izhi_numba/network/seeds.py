"""Seeds, and the keys of random numbers that follow from them."""

from __future__ import annotations

import secrets
from typing import Any

import numpy as np

from izhi_numba.base import checks
from izhi_numba.base.arrays import Array
from izhi_numba.engine.population import Keys
from izhi_numba.kernels.build import generate

_MEMBER_STREAM = 3 << 30  # of the random numbers that are the seeds of pools


def as_seed(seed: Any, *, name: str = "seed", usual: int | None = None) -> int:
    """A seed; where none is given the usual one, or one that is drawn."""
    if seed is None:
        return secrets.randbits(32) if usual is None else usual
    return checks.whole_number(name, seed, at_least=0, at_most=2**64 - 1)


def key_of(seed: int, number: int = 0) -> Array:
    """A seed in the generator's terms, for a member of a network: the first has the seed itself."""
    key = np.array([seed & 0xFFFFFFFF, seed >> 32], np.uint32)
    if number == 0:
        return key
    return (generate.uniform(2, key, _MEMBER_STREAM + number) * 2.0**32).astype(np.uint32)


def keys_of(seed: int, noise_seed: int, number: int = 0) -> Keys:
    """Random numbers of a pool alone, or of a member of a network."""
    return Keys(key_of(seed, number), key_of(noise_seed, number))
