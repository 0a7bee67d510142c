"""What a pool and a network have in common: a clock, a seed, threads, and room for synapses."""

from __future__ import annotations

from typing import Any

import numpy as np

from izhi_numba.clock import times_of
from izhi_numba.connections import bytes_of, planned
from izhi_numba.ensemble import Ensemble
from izhi_numba.results import SimulationError
from izhi_numba.variables import Variables


class Simulation:
    """What is simulated, alone or as a network."""

    _ensemble: Ensemble
    _seed: int

    @property
    def dt(self) -> float:
        """Step, ms."""
        return self._ensemble.dt

    @property
    def seed(self) -> int:
        """Seed of all random numbers."""
        return self._seed

    @property
    def t(self) -> float:
        """Time, ms."""
        return times_of(self._ensemble.steps_done, self.dt)

    @property
    def threads(self) -> int:
        """Threads that may share the work."""
        return self._ensemble.threads

    def _part(self, name: str, which: Any) -> Variables:
        """Return neurons that an argument of this name tells."""
        raise NotImplementedError

    def _check_drive(self, titles: list[str], result: Any) -> None:
        """Tell of a function of time that has ended a run.

        Parameters
        ----------
        titles : list of str
            What to call the populations.
        result : Result or NetworkResult
            What was recorded until then.
        """
        failure, self._ensemble.failure = self._ensemble.failure, None  # an error keeps alive what it has met
        if failure is None:
            return
        title, t, error = titles[failure.population], failure.step * self.dt, failure.error
        raise SimulationError(
            f"{title}: a function of time fails for the step that begins at t = {t:g} ms, and the run ends"
            f" there: {type(error).__name__}: {error}",
            result,
        ) from error

    def memory_estimate(
        self, pre: Any, post: Any, *, rule: Any, weight: Any = None, delay: Any = None
    ) -> int:
        """Bytes that ``connect`` with the same arguments takes at most; builds nothing.

        Synapses, work space while they are built, and the history of spikes that their delays need.
        """
        sides = self._part("pre", pre), self._part("post", post)
        return bytes_of(self._ensemble, *sides, planned(self._ensemble, *sides, rule, weight, delay))


def hint_for_sides(name: str, which: Any) -> str:
    """What to do where single neurons were given for a side of a projection, or those of another pool."""
    if name not in ("pre", "post"):
        return ""
    if isinstance(which, Variables):
        return "; pools are connected by their network: net.connect(pre, post, ...)"
    if isinstance(which, list | tuple | range | np.ndarray):
        return (
            "; pairs of single neurons are a rule: connect(pool, pool, rule=iz.from_arrays([0, 1], [2, 3]))"
        )
    return ""
