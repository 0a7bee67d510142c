"""Sources as the user has them: Poisson trains and given spikes, beside the pools of a network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from izhi_numba import checks
from izhi_numba.inputs import rate_and_waveform
from izhi_numba.population import Population, history_bytes
from izhi_numba.recording import Recording, Wishes
from izhi_numba.results import Result
from izhi_numba.running import MOST_STEPS
from izhi_numba.sources import GivenSpikes, PoissonTrains
from izhi_numba.variables import Group, Variables
from izhi_numba.waveforms import Always

if TYPE_CHECKING:
    from izhi_numba.ensemble import Ensemble

Array = np.ndarray[Any, np.dtype[Any]]


class Sources(Variables):
    """Units that only send spikes. Made by ``net.poisson`` and ``net.spike_list``.

    ``sources[:100]`` are some of them, to connect from. The ``rate`` of Poisson trains (Hz) may be set
    between runs, also of some of them: ``sources[:100].rate = 20``.
    """

    def __init__(self, population: Population, name: str, ensemble: Ensemble) -> None:
        self._engine, self._range = population, slice(0, population.n)
        self._title = f"sources {name!r}"
        self._wishes = Wishes()
        population.name = name
        ensemble.add(population)

    @property
    def size(self) -> int:
        """Number of units."""
        return int(self._engine.n)

    def set(self, **values: Any) -> None:
        """Set rates (Hz), a number or one per unit."""
        if "rate" in values and "rate" in self._engine.arrays:
            _check_rates(values["rate"], self._engine.dt)
        super().set(**values)

    def __getitem__(self, which: slice) -> Group:
        """Return the units of a slice."""
        if not isinstance(which, slice):
            raise TypeError(f"expected a slice such as sources[:800], got {which!r}")
        start, stop, stride = which.indices(self.size)
        if stride != 1 or stop <= start:
            raise IndexError(f"expected a slice of consecutive units from 0 to {self.size}, got {which}")
        return Group(self._engine, "", slice(start, stop))

    def record(self, what: str, *, neurons: Any = None, every: float | None = None) -> None:
        """Choose what runs keep, "spikes" or "counts", and of which units; see ``Pool.record``."""
        checks.one_of("record", what, ("spikes", "counts"))
        if every is not None:
            raise ValueError(f"record: every= is for traces; {what} need none")
        self._wishes.spikes = what == "spikes"
        chosen = None if neurons is None else checks.indices("neurons", neurons, self.size)
        self._wishes.kept = None if chosen is None else np.isin(np.arange(self.size), chosen)

    def _check(self, n_steps: int) -> None:  # noqa: ARG002
        """Check that a run can begin."""
        if "rate" in self._engine.arrays:
            _check_rates(self._engine.arrays["rate"][: self.size], self._engine.dt)

    def _recording(self) -> Recording:
        return Recording(self._engine, self._wishes)

    def _result(self, recording: Recording, wall_time: float, compile_time: float) -> Result:
        return Result(
            recording, n=self.size, dt=self._engine.dt, groups={}, wall_time=wall_time,
            compile_time=compile_time,
        )  # fmt: skip


def poisson_trains(name: str, n: Any, rate: Any, ensemble: Ensemble, key: Array) -> Sources:
    """Check the arguments of ``net.poisson``, and make it."""
    n = _size(n)
    modulation = None
    if callable(rate):
        rate, modulation = rate_and_waveform(rate, Always())
    rates = checks.values_for("rate", rate, n, ensemble.dtype)
    now = 1.0 if modulation is None else modulation(ensemble.steps_done * ensemble.dt)
    _check_rates(rates * now, ensemble.dt)
    trains = PoissonTrains(n, ensemble.dt, ensemble.dtype, key, ensemble.threads, ensemble.clock, modulation)
    trains.arrays["rate"][:n] = rates
    return Sources(trains, name, ensemble)


def given_spikes(name: str, n: Any, i: Any, t: Any, ensemble: Ensemble, key: Array) -> Sources:
    """Check the arguments of ``net.spike_list``, and make it."""
    n = _size(n)
    units = checks.indices("i", i, n)
    times = np.atleast_1d(checks.as_array(t))
    if times.shape != units.shape or times.dtype.kind not in "fiu":
        raise ValueError(f"t: expected {len(units)} times in ms, one per spike, got {t!r:.60}")
    if not np.isfinite(times.astype(float)).all():
        raise ValueError("t: expected finite times, got nan or infinity")
    steps = np.rint(times / ensemble.dt)
    if len(steps) and steps.min() <= ensemble.steps_done:
        now = ensemble.steps_done * ensemble.dt
        raise ValueError(f"t: expected times after the present, {now:g} ms, got {times.min():g}")
    if len(steps) and steps.max() > MOST_STEPS:
        raise ValueError(f"t: expected times below {MOST_STEPS * ensemble.dt:g} ms, got {times.max():g}")
    steps = steps.astype(np.int64)
    twice = len(steps) - len(np.unique(np.stack([steps, units]), axis=1).T)
    if twice:
        raise ValueError(
            f"t: {twice} spikes share their unit and step with another; a unit spikes once in a step"
        )
    spikes = GivenSpikes(n, ensemble.dt, ensemble.dtype, key, ensemble.threads, ensemble.clock, steps, units)
    return Sources(spikes, name, ensemble)


def _size(n: Any) -> int:
    size = checks.whole_number("n", n, at_least=1, at_most=2**31 - 1)
    checks.fits_in_memory(f"{size} sources", history_bytes(size, 0) + 12 * size, "take fewer")
    return size


def _check_rates(rate: Any, dt: float) -> None:
    given = np.asarray(rate, float)
    if given.size and (not np.isfinite(given).all() or given.min() < 0 or given.max() * dt > 1000):
        wrong = given.min() if given.min() < 0 else given.max()
        raise ValueError(
            f"rate: expected 0 to {1000 / dt:g} Hz, at most one spike in a step of {dt:g} ms, got {wrong:g}"
        )
