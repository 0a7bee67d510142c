"""What files of recorded runs have of synapses, read when it is asked for; and what a record has of them."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.results.recorder import Record
from izhi_numba.results.streamed import Rows, StreamedRecord
from izhi_numba.results.weights import InMemory, RecordedWeights, Tracked, rows_of
from izhi_numba.results.weights_in_files import DescribedWeights


@dataclass(frozen=True, eq=False)
class InFile:
    """Rows in a file, from one step to another."""

    record: StreamedRecord
    place: int  # among those that the file has weights of

    @property
    def _described(self) -> DescribedWeights:
        return self.record.manifest.weights[self.place]

    @functools.cached_property
    def tracked(self) -> Tracked:
        """Of which synapses."""
        one = self._described
        with self.record.opened(one.data, one.sources, one.targets) as file:
            sources, targets, dtype = file[one.sources][:], file[one.targets][:], file[one.data].dtype
        dt = self.record.manifest.dt
        return Tracked(one.name, one.every, dt, one.unit, sources, targets, dtype, one.variable)

    @property
    def steps(self) -> Array:
        """The step at whose end each row is."""
        first, n_rows = self.record.first_step // self._described.every, len(self.values)
        found: Array = np.arange(first + 1, first + n_rows + 1) * self._described.every
        return found

    @functools.cached_property
    def values(self) -> Rows:
        """The rows, which are read where they are asked for."""
        one, record = self._described, self.record
        with record.opened(one.data) as file:
            (n_rows, n_columns), dtype = file[one.data].shape, file[one.data].dtype
        ends = [one.rows(record.manifest.first_step, step) for step in (record.first_step, record.end)]
        begin, end = (min(row, n_rows) for row in ends)  # fewer, where the synapses were removed in a run
        return Rows(record, one.data, slice(begin, end), None, n_columns, dtype)

    def joined(self, later: Any) -> InFile | InMemory:
        """Return these and later ones."""
        mine = self.record
        if isinstance(later, InFile) and later.record.is_after(mine):
            return InFile(replace(mine, end=later.record.end), self.place)
        return InMemory(self.tracked, self.steps, rows_of(self)).joined(later)


def weights_of(record: Record | StreamedRecord) -> list[RecordedWeights]:
    """Return what a run has recorded of synapses."""
    if isinstance(record, StreamedRecord):
        return [RecordedWeights(InFile(record, place)) for place in range(len(record.manifest.weights))]
    return [RecordedWeights(growing.between(record.first_step, record.end)) for growing in record.weights]
