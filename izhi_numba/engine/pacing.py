"""The pace of a run: as fast as it goes, or in step with the clock on the wall."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from izhi_numba.base.checks import finite_number, one_of
from izhi_numba.results.lag import Lag

_PORTION = 0.01  # s of the clock: what is simulated at once, before it is waited for
_LONGEST_SLEEP = 0.05  # s, after which it is looked whether the run is to end


@dataclass(frozen=True)
class RealTime:
    """A run in step with the clock on the wall.

    Steps are taken as fast as it goes for 10 ms of the clock, or to the next call of a function, and waited
    for then.

    Parameters
    ----------
    factor : float, default 1
        Simulated time for each second of the clock: 2 is twice as fast, 0.5 slow motion.
    late : "catch up" or "slip"
        What to do when the machine was too slow for a while: run as fast as it goes until the clock is
        caught up with; or let go what is lost, and keep the pace from there.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> result = iz.Pool(1000, seed=1).run(50.0, realtime=iz.RealTime(factor=5.0, late="slip"))
    >>> result.wall_time > 0.0099, result.lag.mean < 50
    (True, True)
    """

    factor: float = 1.0
    late: Literal["catch up", "slip"] = "catch up"

    def __post_init__(self) -> None:
        object.__setattr__(self, "factor", finite_number("factor", self.factor, above=0))
        one_of("late", self.late, ("catch up", "slip"))


class Clock:
    """The clock on the wall, in ms of simulated time.

    Parameters
    ----------
    factor : float
        Simulated time for each second of the clock.
    simulated : float
        Simulated time now, ms.

    Examples
    --------
    >>> clock = Clock(1.0, simulated=100.0)
    >>> clock.wait_for(101.0)
    >>> 101.0 <= clock.now < 300.0
    True
    """

    def __init__(self, factor: float, simulated: float) -> None:
        self._per_second = 1000 * factor
        self.set(simulated)

    def set(self, simulated: float) -> None:
        """Say what simulated time it is now; what was lost until then is let go."""
        self._origin = time.perf_counter() - simulated / self._per_second

    @property
    def now(self) -> float:
        """What simulated time it should be now, ms."""
        return (time.perf_counter() - self._origin) * self._per_second

    def wait_for(self, simulated: float, is_over: Callable[[], bool] = bool) -> None:
        """Wait until it is this time, or something is over; not at all where it is later.

        Ctrl-C is heard at once.
        """
        due = self._origin + simulated / self._per_second
        while (left := due - time.perf_counter()) > 0 and not is_over():
            time.sleep(min(left, _LONGEST_SLEEP))


class Pace:
    """Keeps a run in step with the clock, and remembers how far it was behind.

    Parameters
    ----------
    wanted : RealTime
    dt : float
        Step, ms.
    begin : int
        The step at which the run begins.
    """

    def __init__(self, wanted: RealTime, dt: float, begin: int) -> None:
        self._wanted, self._dt = wanted, dt
        self._clock = Clock(wanted.factor, begin * dt)
        self._n_steps = self._n_late = 0
        self._sum = self._worst = 0.0
        self._began = self._clock.now
        self.portion = max(1, int(_PORTION * 1000 * wanted.factor / dt))  # steps to be taken at once

    def begin(self) -> None:
        """Look at the clock before some steps are taken at once."""
        self._began = self._clock.now

    def keep(self, end: int, n_steps: int, is_over: Callable[[], bool] = bool) -> None:
        """Wait until the end of a step is due, the last of so many that were taken at once, or it is over."""
        if not n_steps:
            return
        due, now = end * self._dt, self._clock.now
        took = (now - self._began) / n_steps  # by each: they come evenly
        self._count_late(self._began + took - (due - (n_steps - 1) * self._dt), now - due, n_steps)
        if now <= due:
            self._clock.wait_for(due, is_over)
        elif self._wanted.late == "slip":
            self._clock.set(due)

    def _count_late(self, first: float, last: float, n_steps: int) -> None:
        """Count the steps that were late: by how much the first and the last were, ms of simulated time."""
        self._n_steps += n_steps
        most = max(first, last)
        if most <= 0:
            return
        least, apart = min(first, last), abs(last - first) / max(n_steps - 1, 1)
        n_late = n_steps if least > 0 else min(n_steps, int(most / apart) + 1)
        mean = most - apart * (n_late - 1) / 2
        self._n_late += n_late
        self._sum += n_late * mean / self._wanted.factor
        self._worst = max(self._worst, most / self._wanted.factor)

    @property
    def lag(self) -> Lag:
        """How far it was behind so far."""
        mean = self._sum / self._n_steps if self._n_steps else 0.0
        return Lag(mean, self._worst, self._n_late)


def as_real_time(realtime: bool | float | RealTime) -> RealTime | None:
    """Return the pace that is asked for; None: as fast as it goes."""
    if isinstance(realtime, RealTime):
        return realtime
    if isinstance(realtime, bool):
        return RealTime() if realtime else None
    return RealTime(finite_number("realtime", realtime, above=0))
