"""What drives the neurons of a pool, as text: those together that are driven by the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.network.groups import label

if TYPE_CHECKING:
    from izhi_numba.engine.stimulus import Driver

_MOST_LINES = 8  # with a number for each; otherwise neurons with different numbers share a line


def driving(pool: Any) -> list[str]:
    """Return a line for those neurons of a :class:`izhi_numba.Pool` that are driven by the same.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> pool = iz.Pool(100, seed=1)
    >>> pool.drive(pool[:80], 10.0)
    >>> pool.drive(pool[:20], iz.noise(5.0), add=True)
    >>> driving(pool)
    ['0:20: constant(10) + noise(5)', '20:80: constant(10)']
    """
    drivers = pool._population.stimulus.drivers(pool.size)
    return [
        f"{label(pool[which])}: {' + '.join(_terms(drivers, which))}"
        for which in _alike(drivers, pool.size)
        if any(one.drives[which[0]] for one in drivers)
    ]


def _alike(drivers: list[Driver], n: int) -> list[Array]:
    """Neurons that are driven alike, those with the first neuron first."""
    numbers = [values for one in drivers for values in one.numbers.values()]
    found = _equal([values.view(np.uint64) for values in numbers], n)
    if len(found) > _MOST_LINES:
        found = _equal([one.drives.astype(np.uint64) for one in drivers], n)
    return found


def _equal(words: list[Array], n: int) -> list[Array]:
    """Neurons whose words are equal, by a random sum of them."""
    factors = np.random.default_rng(0).integers(1 << 62, size=len(words), dtype=np.uint64) * 2 + 1
    sums = np.zeros(n, np.uint64)
    for word, factor in zip(words, factors, strict=True):
        sums += (word ^ (word >> np.uint64(29))) * factor
    _, first, which = np.unique(sums, return_index=True, return_inverse=True)
    order, ends = np.argsort(which, kind="stable"), np.cumsum(np.bincount(which))[:-1]
    parts = np.split(order, ends)
    return [parts[number] for number in np.argsort(first)]


def _terms(drivers: list[Driver], which: Array) -> Iterator[str]:
    """Yield what drives some neurons, as an input shows it."""
    for one in drivers:
        if one.drives[which].any():
            yield repr(one.term(**{name: _number(values[which]) for name, values in one.numbers.items()}))


def _number(values: Array) -> Any:
    """One number where all are equal, in as many digits as single precision has."""
    return float(f"{values[0]:.7g}") if (values == values[0]).all() else values
