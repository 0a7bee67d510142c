"""A run as users ask for it: stretches of steps, and their functions in between.

However it ends, what was recorded until then is at hand.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from izhi_numba.base import checks
from izhi_numba.base.clock import times_of
from izhi_numba.engine.engine import Engine
from izhi_numba.engine.pacing import Pace, RealTime, as_real_time
from izhi_numba.engine.progress import Teller, as_progress, telling
from izhi_numba.engine.run import Steps
from izhi_numba.engine.weighing import Weighing
from izhi_numba.network.calls import Calls
from izhi_numba.network.keeping import MEMORY
from izhi_numba.network.runnable import Member, Runnable
from izhi_numba.results.error import SimulationError
from izhi_numba.results.profile import Meter
from izhi_numba.results.recorder import Keeping, Recorder, Wishes, to_keep
from izhi_numba.results.stream import Stream

_log = logging.getLogger("izhi_numba")
_NOTE = "error.result has what it has recorded"


def run(
    owner: Runnable, n_steps: int, *, every: Any = None, realtime: Any = False, progress: Any = False,
    profile: bool = False,
) -> Any:  # fmt: skip
    """Run a pool or a network; see ``Pool.run``."""
    engine = owner._engine
    calls, wanted, progress = Calls(every, engine.dt), as_real_time(realtime), as_progress(progress)
    with engine.changes.run:
        one = _Run(owner, engine, n_steps, calls)
        try:
            one.start(wanted, profile=profile, alone=not (calls or progress))
            if calls or progress:
                one.go(progress)
            return one.finish()
        except BaseException as error:
            one.tell_in(error)
            raise
        finally:
            if one.stream is not None:
                one.stream.let_go()


def _check_kept(members: Mapping[str, Member], keeping: Keeping) -> None:
    """Refuse to count spikes in a window of which the beginning is not known yet."""
    for name, one in members.items():
        if keeping.steps is not None and one._wishes.counts_others:
            raise ValueError(
                f"record: keep= holds the last of a run, and spikes of {name!r} are only counted, from its"
                " beginning on: record('spikes') of all its neurons, or keep=np.inf"
            )


def _check_room(engine: Engine, wishes: Sequence[Wishes], n_steps: int) -> None:
    """Refuse traces, counts and weights that do not fit in memory."""
    size, keeping = 0, engine.keeping
    if keeping.file is not None:
        return
    n_steps = min(n_steps, keeping.steps or n_steps)
    for one in engine.weighed:
        size += n_steps // one.every * one.size * engine.dtype.itemsize
    for population, wish in zip(engine.populations, wishes, strict=True):
        if wish.bins is not None:
            size += 4 * len(wish.bins.neurons) * (n_steps // wish.bins.every + 1)
        size += sum(n_steps // mean.every * mean.width * 8 for mean in wish.means.values())
        if not wish.traces:
            continue
        kept, shown = to_keep(wish.traces.values(), population)
        computed = [one.trace for one in shown if one.current]
        for trace in (*kept, *computed):
            item = population.precision_of(trace.variable).itemsize
            size += n_steps // trace.every * len(trace.neurons) * item
    if size:
        what = "traces, counts and weights" if engine.weighed else "traces and counts"
        checks.fits_in_memory(f"the {what} of {n_steps} steps", size, "record fewer neurons, or raise every=")


class _Run:
    """One run."""

    def __init__(self, owner: Runnable, engine: Engine, n_steps: int, calls: Calls) -> None:
        self.owner, self.engine, self.calls = owner, engine, calls
        self.n_steps, self.end = n_steps, engine.steps_done + n_steps
        self.compile_time, self.began = 0.0, time.perf_counter()
        self.recorder: Recorder | None = None
        self.meter: Meter | None = None
        self.pace: Pace | None = None
        self.stream: Stream | None = None
        self.weighing: Weighing | None = None
        self.result: Any = None  # once it is over

    def start(self, wanted: RealTime | None, *, profile: bool, alone: bool) -> None:
        """Begin, and take all steps where nobody is asked in between.

        The turn is that of this frame, and over with it, also where an exception comes at its end.
        """
        with self.engine.changes:
            self.begin(wanted, profile=profile)
            if alone:
                self._take(self.n_steps)

    def begin(self, wanted: RealTime | None, *, profile: bool) -> None:
        """Prepare everything, and begin to record."""
        engine, owner = self.engine, self.owner
        engine.is_stopping, engine.failure = False, None
        owner._check_ready()
        self.members = owner._running()
        wishes = [one._wishes for one in self.members.values()]
        _check_kept(self.members, engine.keeping)
        _check_room(engine, wishes, self.n_steps)
        self.compile_time = engine.prepare()
        recorder = engine.recorder(wishes)
        self.weighing = engine.weighing(recorder)
        self.recorder = recorder
        self._open_stream()
        if profile:
            self.meter = Meter(len(self.members), engine.threads)
        if _log.isEnabledFor(logging.INFO):
            duration, t = times_of(self.n_steps, engine.dt), times_of(engine.steps_done, engine.dt)
            _log.info("a run of %g ms from %g ms on; threads: %d", duration, t, engine.threads_in_use)
        self.began = time.perf_counter()
        if wanted is not None:
            self.pace = Pace(wanted, engine.dt, engine.steps_done)
        relieve = None if self.stream is None and self.weighing is None else self._relieve
        self.steps = Steps(engine, self.recorder, pace=self.pace, meter=self.meter, relieve=relieve)

    def _open_stream(self) -> None:
        """Let what is recorded go to a file, where that is wished for."""
        engine, recorder = self.engine, self.recorder
        assert recorder is not None
        before, path = engine.stream, engine.keeping.file
        if path is None:
            if before is not None:
                before.close()
                engine.stream = None
            return
        if engine.is_loaded:
            raise ValueError(
                f"this was loaded, and what was saved records to {path}: so that runs of this one go on in"
                f" it, and take off it what came after the save, say so by record('spikes', to={path!r}); or"
                f" name another file, or {MEMORY!r}"
            )
        nothing = self.owner._result_of(recorder.whole, float("nan"), 0.0)._packed()
        engine.stream = None  # until it is known to go on
        self.stream = Stream.begin(before, path, recorder, nothing.parts, is_network=nothing.is_network)
        engine.stream = self.stream

    def _relieve(self) -> None:
        """Read the weights that are due, write what was recorded where it is time to, and let go of that."""
        stream, recorder = self.stream, self.recorder
        if self.weighing is not None:
            self.weighing.read()
        if stream is None:
            return
        assert recorder is not None
        stream.tell()
        recorder.forget(min(stream.end, self.calls.oldest))

    def go(self, progress: Any) -> None:
        """Take the steps, call the user's functions in between, and tell of the progress."""
        engine, recorder = self.engine, self.recorder
        assert recorder is not None
        with telling(progress, times_of(self.n_steps, engine.dt)) as tell:
            if tell is not None:
                n_neurons = sum(map(len, self.members.values()))
                self.steps.teller = Teller(tell, engine.steps_done, self.end, engine.dt, n_neurons)
            now = engine.steps_done
            while now < self.end and not self.steps.is_over:
                if self.stream is not None:  # it may take long
                    self.stream.tell(is_before_call=True)
                called = self.calls.call(self.owner, recorder)
                if not engine.is_stopping:
                    self._stretch(self.calls.next(now, self.end) - now, changed=called)
                now = engine.steps_done
            if self.steps.teller is not None:
                self.steps.teller.tell_rest(now, self.pace.lag if self.pace else None)

    def _stretch(self, n_steps: int, *, changed: bool) -> None:
        """Take steps with no call in between; ``changed``: one before them may have changed anything."""
        with self.engine.changes:
            if changed:
                self.owner._check_ready()
                self.compile_time += self.engine.prepare()
            self._take(n_steps)

    def _take(self, n_steps: int) -> None:
        """Take steps, and pause where weights are to be read."""
        if self.weighing is None:
            self.steps.take(n_steps)
            return
        now = self.engine.steps_done
        end = now + n_steps
        while now < end and not self.steps.is_over:
            self.steps.take(self.weighing.next(now, end) - now)
            now = self.engine.steps_done

    def tell_in(self, error: BaseException) -> None:
        """Give an exception the result of what was recorded until it was raised."""
        result = self.result
        if result is None and self.recorder is not None:
            with self.engine.changes:
                self.engine.keep_call()
                self.engine.end()
                if self.weighing is not None:
                    self.weighing.read()
            result = self._result_until_now()
        with suppress(Exception):  # of an exception that takes no attributes
            error.result = result  # type: ignore[attr-defined]
            notes = [one for one in getattr(error, "__notes__", []) if not one.endswith(_NOTE)]
            if result is not None and result.duration and not isinstance(error, SimulationError):
                at = times_of(self.engine.steps_done, self.engine.dt)
                notes.append(f"the run stands at t = {at:g} ms; {_NOTE}")
            if notes or hasattr(error, "__notes__"):  # of a run in whose functions this one was, too
                error.__notes__ = notes

    def finish(self) -> Any:
        """Return the result, or raise what has ended the run."""
        self.result = result = self._result()
        if self.meter is not None:
            result.profile = self.meter.profile([*self.members], result.wall_time)
        if result.lag is not None:
            _log.info("behind the clock by %.3g ms in the mean, %.3g at worst, in %d steps", *result.lag)
        assert self.recorder is not None
        self.owner._check_outcome(result, self.recorder.fault)
        return result

    def _result(self) -> Any:
        if self.stream is not None:
            self.stream.flush()
        return self._result_until_now()

    def _result_until_now(self) -> Any:
        """The result of what was recorded, also of what cannot be written to the file."""
        recorder, stream = self.recorder, self.stream
        assert recorder is not None
        wall_time = time.perf_counter() - self.began
        if stream is None:
            result = self.owner._result_of(recorder.whole, wall_time, self.compile_time)
        else:
            with suppress(OSError):
                stream.flush()
            result = self.owner._result_of(stream.record(), wall_time, self.compile_time)
            if stream.end < recorder.end and recorder.counts is None:
                rest = self.owner._result_of(recorder.after(stream.end), 0.0, 0.0)
                with suppress(MemoryError):
                    result = result + rest
        result.returned, result.lag = self.calls.returned, self.pace and self.pace.lag
        return result
