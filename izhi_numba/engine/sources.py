"""Populations that only send spikes: Poisson trains, and given spikes."""

from __future__ import annotations

from typing import Any

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.memory import aligned_zeros
from izhi_numba.engine.population import Population
from izhi_numba.engine.stimulus import tiles_of
from izhi_numba.inputs.waveforms import Waveform
from izhi_numba.kernels.run import poisson

_CERTAIN = 1 + 1e-6  # a probability, with room for rounding


class PoissonTrains(Population):
    """Independent Poisson trains, each with a rate of its own; at most one spike in a step."""

    def __init__(
        self, n: int, dt: float, dtype: np.dtype[Any], key: Array, threads: int, clock: Array,
        modulation: Waveform | None,
    ) -> None:  # fmt: skip
        super().__init__(n, dt, dtype, key, threads, clock)
        self.arrays = {"rate": np.zeros(self.size, dtype)}
        self.modulation = modulation
        self._trains = aligned_zeros(self.size, dtype)
        self._lister: Any = None

    @property
    def told(self) -> str:
        """What it consists of, in a few words."""
        return "Poisson trains"

    @property
    def prepared(self) -> bool:
        """Whether the code that draws the spikes is compiled."""
        return self._lister is not None

    def prepare(self) -> None:
        """Compile the code that draws the spikes, or load it from the disk cache."""
        self._lister = poisson.lister(self.dtype)
        self.record.set(lister=self._lister.address)

    def attach(self, row: Array, pieces: Array) -> None:
        """Make a record in a row of the engine's array, and fill what stays until the next connection."""
        super().attach(row, pieces)
        self.record.set(lister=self._lister.address if self.prepared else 0, n_trains=1)
        self.begin(shared=False)

    def begin(self, *, shared: bool) -> None:  # noqa: ARG002
        """Take up the rates."""
        np.multiply(self.arrays["rate"], self.dt * 1e-3, out=self._trains, casting="unsafe")
        self._trains[self.n :] = 0
        largest, equal = tiles_of(self._trains[None])
        self.record.point(trains=self._trains, train_largest=largest, train_equal=equal)

    def drive(self, first_step: int, n_steps: int) -> None:
        """Compute how the rates change with time."""
        t = np.arange(first_step, first_step + n_steps) * self.dt
        factors = np.ones(n_steps) if self.modulation is None else self.modulation(t)
        most = factors.max(initial=0) * self._trains.max(initial=0)
        if most > _CERTAIN:
            raise ValueError(
                f"rate: expected 0 to {1000 / self.dt:g} Hz, at most one spike in a step of {self.dt:g} ms,"
                f" got {1000 * most / self.dt:g}, the function times the rates that were set"
            )
        self.record.point(train_factors=np.ascontiguousarray(factors, self.dtype))


class GivenSpikes(Population):
    """Spikes at given times."""

    def __init__(
        self, n: int, dt: float, dtype: np.dtype[Any], key: Array, threads: int, clock: Array,
        steps: Array, neurons: Array,
    ) -> None:  # fmt: skip
        super().__init__(n, dt, dtype, key, threads, clock)
        self.give(steps, neurons)

    def give(self, steps: Array, neurons: Array) -> None:
        """Replace the spikes that are to come; those that were sent go their way."""
        order = np.lexsort((neurons, steps))
        self._steps, self._neurons = (
            np.ascontiguousarray(column[order], np.int64) for column in (steps, neurons)
        )
        self._tell_of_spikes()

    @property
    def told(self) -> str:
        """What it consists of, in a few words."""
        return f"units with {len(self._steps)} given spike{'s' * (len(self._steps) != 1)}"

    @property
    def nbytes(self) -> int:
        """Bytes held, without synapses."""
        return super().nbytes + self._steps.nbytes + self._neurons.nbytes

    def attach(self, row: Array, pieces: Array) -> None:
        """Make a record in a row of the engine's array, and fill what stays until the next connection."""
        super().attach(row, pieces)
        self._tell_of_spikes()

    def _tell_of_spikes(self) -> None:
        self.record.set(n_given=len(self._steps))
        self.record.point(given_steps=self._steps, given_neurons=self._neurons)
