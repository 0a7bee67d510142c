"""From spikes to what a page draws of populations: a density raster, and rates."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.explorer.populations import Population

ROWS = 240  # of the raster, unless there are more populations
_MOST_ROWS = 720
_EACH = 0.25  # share of the rows that goes to all populations alike


class Spiked(NamedTuple):
    """Spikes of a stretch, of all units of a network: the first population's first."""

    column: Array
    unit: Array


class Rows:
    """Which units share a row of the raster, and a population.

    Attributes
    ----------
    per_population : int array (n_populations,)
        Rows of each.
    of_unit : int array (n_units,)
        Row of each unit, from the bottom.
    population_of : int array (n_units,)
    sizes, firsts : int array (n_populations,)
        How many units each has, and its first one.
    """

    def __init__(self, populations: list[Population]) -> None:
        self.sizes = np.array([one.size for one in populations])
        self.firsts = np.cumsum(self.sizes) - self.sizes
        self.per_population = _shares(self.sizes)
        first_rows = np.cumsum(self.per_population) - self.per_population
        self.population_of = np.repeat(np.arange(len(populations)), self.sizes)
        self.of_unit = np.concatenate(
            [
                first + np.arange(size) * rows // size
                for first, size, rows in zip(first_rows, self.sizes, self.per_population, strict=True)
            ]
        )

    @property
    def n_rows(self) -> int:
        """All rows."""
        return int(self.per_population.sum())

    def raster(self, spiked: Spiked, n_columns: int) -> Array:
        """Spikes per column and row, uint8 (columns, rows)."""
        cells = spiked.column * self.n_rows + self.of_unit[spiked.unit]
        counts = np.bincount(cells, minlength=n_columns * self.n_rows)
        return np.minimum(counts, 255).astype(np.uint8).reshape(n_columns, self.n_rows)

    def counts(self, spiked: Spiked, n_columns: int) -> Array:
        """Spikes per population and column, (populations, columns)."""
        cells = self.population_of[spiked.unit] * n_columns + spiked.column
        n = len(self.sizes)
        return np.bincount(cells, minlength=n * n_columns).reshape(n, n_columns)


def _shares(sizes: Array) -> Array:
    """How many rows each population has: by its size, but not too few to be seen, nor more than units."""
    n = len(sizes)
    rows = max(ROWS, min(2 * n, _MOST_ROWS))
    least = np.minimum(sizes, max(1, int(_EACH * rows / n)))
    left = max(0, rows - int(least.sum()))
    shares = least + np.floor(left * sizes / sizes.sum()).astype(int)
    found: Array = np.minimum(sizes, shares)
    return found
