"""The steps of one call of the compiled code, and what waveforms are in them."""

from __future__ import annotations

import functools

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.inputs.waveforms import Waveform


class Moments:
    """Some steps. A waveform is asked once for them, however many populations it drives.

    Parameters
    ----------
    first_step, n_steps : int
    dt : float
        Step, ms.
    """

    def __init__(self, first_step: int, n_steps: int, dt: float) -> None:
        self.first_step, self.n_steps, self.dt = first_step, n_steps, dt
        self._found: dict[Waveform, Array] = {}
        self._shares: dict[Waveform, tuple[Array, Array]] = {}

    @functools.cached_property
    def t(self) -> Array:
        """When they begin, ms."""
        return np.arange(self.first_step, self.first_step + self.n_steps) * self.dt

    @functools.cached_property
    def first(self) -> Moments:
        """The first of them alone."""
        return Moments(self.first_step, 1, self.dt)

    def values(self, waveform: Waveform) -> Array:
        """Return the waveform in each step; 1 where samples by time and neuron fall into it."""
        found = self._found.get(waveform)
        if found is None:
            if waveform.field is None:
                found = waveform.over(self.t, self.dt)
            else:
                found = self.shares(waveform)[1].max(axis=1) > 0
            self._found[waveform] = found
        return found

    def shares(self, waveform: Waveform) -> tuple[Array, Array]:
        """Return which samples by time and neuron fall into each step, see ``Field.shares``."""
        found = self._shares.get(waveform)
        if found is None:
            found = self._shares[waveform] = waveform.shares(self.t, self.dt)
        return found
