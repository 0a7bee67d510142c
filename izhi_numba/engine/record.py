"""What the compiled steps know of one population: a record of numbers and addresses, and the arrays there."""

from __future__ import annotations

from typing import Any

from izhi_numba.base.arrays import Array


class Record:
    """One row of the table that the compiled steps read; holds the arrays whose addresses stand in it."""

    def __init__(self, row: Array) -> None:
        self._row, self._held = row, dict[str, Array]()

    def set(self, **numbers: Any) -> None:
        """Set numbers by the names of their fields."""
        for name, number in numbers.items():
            self._row[name] = number

    def point(self, **arrays: Array) -> None:
        """Tell where arrays are, by the names of their fields; an empty one is not there."""
        for name, array in arrays.items():
            self._held[name] = array
            self._row[name] = array.ctypes.data if array.size else 0
