"""A run as users ask for it: stretches of steps, and their functions in between.

However it ends, what was recorded until then is at hand.
"""

from __future__ import annotations

import contextlib
import logging
import time
from typing import Any

from izhi_numba.base.clock import times_of
from izhi_numba.engine.pacing import Pace, as_real_time
from izhi_numba.engine.progress import Teller, as_progress, telling
from izhi_numba.engine.run import Steps
from izhi_numba.network.calls import Calls
from izhi_numba.network.runnable import Runnable
from izhi_numba.results.profile import Meter
from izhi_numba.results.recorder import Recorder

_log = logging.getLogger("izhi_numba")


def run(
    owner: Runnable, n_steps: int, *, every: Any = None, realtime: Any = False, progress: Any = False,
    profile: bool = False,
) -> Any:  # fmt: skip
    """Run a pool or a network; see ``Pool.run``."""
    calls = Calls(every, owner._engine.dt)
    wanted, progress = as_real_time(realtime), as_progress(progress)
    with owner._engine.changes.run:
        one = _Run(owner, n_steps, calls)
        try:
            one.begin(profile=profile)
            pace = None if wanted is None else Pace(wanted, one.engine.dt, one.engine.steps_done)
            with telling(progress, n_steps * one.engine.dt) as tell:
                one.go(pace, tell)
        except BaseException as error:
            one.tell_in(error)
            raise
        return one.result(pace)


class _Run:
    """One run."""

    def __init__(self, owner: Runnable, n_steps: int, calls: Calls) -> None:
        self.owner, self.engine, self.calls = owner, owner._engine, calls
        self.n_steps, self.end = n_steps, self.engine.steps_done + n_steps
        self.compile_time = 0.0
        self.recorder: Recorder | None = None
        self.meter: Meter | None = None
        self.began = time.perf_counter()

    def begin(self, *, profile: bool) -> None:
        """Prepare everything, and begin to record."""
        engine, owner = self.engine, self.owner
        with engine.changes:
            engine.is_stopping = False
            owner._check_ready()
            owner._check_room(self.n_steps)
            self.members = owner._running()
            self.compile_time = engine.prepare()
            self.recorder = engine.recorder([one._wishes for one in self.members.values()])
            self.meter = Meter(len(self.members), engine.threads) if profile else None
        _log.info(
            "a run of %g ms from %g ms on, %d threads", self.n_steps * engine.dt,
            times_of(engine.steps_done, engine.dt), engine.threads_in_use,
        )  # fmt: skip
        self.began = time.perf_counter()

    def go(self, pace: Pace | None, tell: Any) -> None:
        """Take the steps, and call the user's functions in between."""
        engine, recorder, calls = self.engine, self.recorder, self.calls
        assert recorder is not None
        teller = None
        if tell is not None:
            n_neurons = sum(map(len, self.members.values()))
            teller = Teller(tell, engine.steps_done, self.end, engine.dt, n_neurons)
        steps, now = Steps(engine, recorder, pace=pace, meter=self.meter, teller=teller), engine.steps_done
        while now < self.end:
            called = calls.call(self.owner, recorder)
            if engine.is_stopping:
                break
            self._stretch(steps, calls.next(now, self.end) - now, changed=called)
            if steps.is_over:
                break
            now = engine.steps_done

    def _stretch(self, steps: Steps, n_steps: int, *, changed: bool) -> None:
        """Take steps with no call in between; ``changed``: one before them may have changed anything."""
        with self.engine.changes:
            if changed:
                self.owner._check_ready()
                self.compile_time += self.engine.prepare()
            steps.take(n_steps)

    def tell_in(self, error: BaseException) -> None:
        """Give an exception the result of what was recorded until it was raised."""
        result = None
        if self.recorder is not None:
            with self.engine.changes:
                self.engine.keep_call()
                self.engine.end()
            result = self._result()
        with contextlib.suppress(Exception):  # of an exception that takes no attributes
            if not hasattr(error, "result"):
                error.result = result  # type: ignore[attr-defined]
                at = times_of(self.engine.steps_done, self.engine.dt)
                error.add_note(f"the run stands at t = {at:g} ms; error.result has what it has recorded")

    def result(self, pace: Pace | None) -> Any:
        """Return the result, or raise what has ended the run."""
        result = self._result()
        if self.meter is not None:
            result.profile = self.meter.profile([*self.members], result.wall_time)
        if pace is not None:
            result.lag = pace.lag
            _log.info("behind the clock by %.3g ms in the mean, %.3g at worst, in %d steps", *pace.lag)
        assert self.recorder is not None
        self.owner._check_outcome(result, self.recorder.fault)
        return result

    def _result(self) -> Any:
        assert self.recorder is not None
        wall_time = time.perf_counter() - self.began
        result = self.owner._result_of(self.recorder.whole, wall_time, self.compile_time)
        result.returned = self.calls.returned
        return result
