"""Populations that only send spikes: Poisson trains, and given spikes."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.memory import aligned_zeros
from izhi_numba.engine.fields import Fields, Placed
from izhi_numba.engine.moments import Moments
from izhi_numba.engine.population import Keys, Population, Setting
from izhi_numba.engine.stimulus import tiles_of
from izhi_numba.inputs.waveforms import Waveform
from izhi_numba.kernels.layout import Record
from izhi_numba.kernels.run import poisson

_CERTAIN = 1 + 1e-6  # a probability, with room for rounding


class PoissonTrains(Population):
    """Independent Poisson trains, each with a rate of its own; at most one spike in a step."""

    def __init__(
        self, n: int, setting: Setting, keys: Keys, number: int, name: str, modulation: Waveform | None
    ) -> None:
        super().__init__(n, setting, keys, number, name)
        self.arrays = {"rate": np.zeros(self.size, self.dtype)}
        self.modulation = modulation
        self._expected = aligned_zeros(self.size, self.dtype)  # spikes in a step
        rows = [(one, Placed.at(one, slice(0, n), self.size, self.dtype)) for one in [modulation] if one]
        self._fields = Fields(rows)
        self._lister: Any = None

    @property
    def description(self) -> str:
        """What the units are, in a few words."""
        return "Poisson trains"

    @property
    def prepared(self) -> bool:
        """Whether the code that draws the spikes is compiled."""
        return self._lister is not None

    def prepare(self, compiled: dict[Any, Any]) -> None:  # noqa: ARG002
        """Compile the code that draws the spikes, or load it from the disk cache."""
        if self._lister is None:
            self._lister = poisson.lister(self.dtype)

    @property
    def nbytes(self) -> int:
        """Bytes held, without the history of spikes."""
        return super().nbytes + self._fields.nbytes

    def watched(self) -> tuple[Array, ...]:
        """The rates."""
        return (self.arrays["rate"],)

    def take_up(self, record: Record) -> tuple[Array, ...]:
        """Take up the rates; returns a copy of them."""
        rates = self.arrays["rate"][: self.n].copy()
        np.multiply(rates, self.dt * 1e-3, out=self._expected[: self.n], casting="unsafe")
        largest, equal = tiles_of(self._expected[None])
        record.set(lister=self._lister.address, n_trains=1, n_fields=len(self._fields.table))
        record.point(
            trains=self._expected, train_largest=largest, train_equal=equal, fields=self._fields.table
        )
        return (rates,)

    def drive(self, record: Record, pulses: Array | None, moments: Moments) -> bool:  # noqa: ARG002
        """Compute how the rates change with time; returns whether they do not."""
        steady = self.modulation is None
        factors = np.ones(1) if self.modulation is None else moments.values(self.modulation)
        most = factors.max(initial=0) * self._most_expected()
        if most > _CERTAIN:
            raise ValueError(
                f"rate: expected 0 to {1000 / self.dt:g} Hz, at most one spike in a step of {self.dt:g} ms,"
                f" got {1000 * most / self.dt:g}, the function times the rates that were set"
            )
        record.set(steady=steady)
        record.point(train_factors=np.ascontiguousarray(factors, self.dtype))
        self._fields.tell(record, moments)
        return steady

    def _most_expected(self) -> float:
        """Most spikes of a unit in a step where the factor is 1."""
        field = None if self.modulation is None else self.modulation.field
        peaks = 1.0 if field is None else field.peaks
        return float((self._expected[: self.n] * peaks).max(initial=0))


class Given(NamedTuple):
    """Spikes at given times, ordered by step, then unit."""

    steps: Array  # int64
    units: Array  # int64

    @classmethod
    def ordered(cls, steps: Array, units: Array) -> Given:
        """Put spikes in order."""
        order = np.lexsort((units, steps))
        return cls(*(np.ascontiguousarray(column[order], np.int64) for column in (steps, units)))


class GivenSpikes(Population):
    """Units that spike at given times.

    Attributes
    ----------
    given : Given
        Their spikes; replaced as a whole.
    """

    def __init__(self, n: int, setting: Setting, keys: Keys, number: int, name: str, given: Given) -> None:
        super().__init__(n, setting, keys, number, name)
        self.given = given

    @property
    def description(self) -> str:
        """What the units are, in a few words."""
        count = len(self.given.steps)
        return f"units with {count} given spike{'s' * (count != 1)}"

    @property
    def nbytes(self) -> int:
        """Bytes held, without synapses and without the history of spikes."""
        return super().nbytes + self.given.steps.nbytes + self.given.units.nbytes

    @property
    def drives(self) -> Given:
        """The spikes; another object when they are replaced."""
        return self.given

    def drive(self, record: Record, pulses: Array | None, moments: Moments) -> bool:  # noqa: ARG002
        """Take up the spikes; they are what they are in all steps."""
        record.set(n_given=len(self.given.steps))
        record.point(given_steps=self.given.steps, given_neurons=self.given.units)
        return True
