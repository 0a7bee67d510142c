"""Samples by time and neuron, as the compiled steps need them: as they are given, and what a step takes.

There is no table of steps and neurons: for each step it is told which samples fall into it, and how much of
it each fills. What a step needs is read from the samples.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.engine.moments import Moments
from izhi_numba.inputs.waveforms import Waveform
from izhi_numba.kernels.layout import Record

NO_COLUMNS = np.zeros(0, np.int64)


class Placed(NamedTuple):
    """Samples of the neurons that they drive."""

    samples: Array  # (n_samples, n_columns), in the precision of the pool
    first: int  # neuron of the first column, where neurons are neighbours
    columns: Array  # int64 (size,), the column of each neuron, where they are none; or empty

    @classmethod
    def at(cls, waveform: Waveform, neurons: slice | Array, size: int, dtype: np.dtype[Any]) -> Placed | None:
        """Place the samples of a waveform, if it has some, in a pool of a padded size and a precision."""
        if waveform.field is None:
            return None
        samples = np.ascontiguousarray(waveform.field.values, dtype)
        if isinstance(neurons, slice):
            return cls(samples, neurons.start, NO_COLUMNS)
        columns = np.zeros(size, np.int64)
        columns[neurons] = np.arange(len(neurons))
        return cls(samples, 0, columns)


class Fields:
    """Samples by time and neuron among the inputs of a pool.

    Parameters
    ----------
    rows : iterable of (Waveform, Placed or None)
        Of each waveform, and then of each row of Poisson trains; None: it has no samples for each neuron.

    Attributes
    ----------
    table : int64 array (n_rows, 4)
        Address of samples (0: none), how many columns they have, the first neuron, address of the column of
        each neuron (0: none). Without rows, where there are no samples.
    nbytes : int
        Bytes of the samples.
    """

    def __init__(self, rows: Iterable[tuple[Waveform, Placed | None]] = ()) -> None:
        listed = list(rows)
        self._placed = {row: (wave, placed) for row, (wave, placed) in enumerate(listed) if placed}
        self.table = np.zeros((len(listed) if self._placed else 0, 4), np.int64)
        self.nbytes = 0
        for row, (_, (samples, first, columns)) in self._placed.items():
            place = columns.ctypes.data if len(columns) else 0
            self.table[row] = samples.ctypes.data, samples.shape[1], first, place
            self.nbytes += samples.nbytes + columns.nbytes

    def tell(self, record: Record, moments: Moments) -> None:
        """Tell the compiled steps which samples fall into some steps."""
        if not self._placed:
            return
        shares = {row: moments.shares(waveform) for row, (waveform, _) in self._placed.items()}
        n_shares = max(parts.shape[1] for _, parts in shares.values())
        first_samples = np.zeros((moments.n_steps, len(self.table)), np.int64)
        table = np.zeros((moments.n_steps, len(self.table), n_shares))
        for row, (first, parts) in shares.items():
            first_samples[:, row], table[:, row, : parts.shape[1]] = first, parts
        record.set(n_shares=n_shares)
        record.point(first_samples=first_samples, shares=table)
