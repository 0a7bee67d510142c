"""Steps of a run: chunks of compiled steps; between them progress, the clock, Ctrl-C, a look at the state."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from izhi_numba.engine.engine import Engine
from izhi_numba.engine.pacing import Pace
from izhi_numba.engine.progress import Teller
from izhi_numba.results.profile import Meter
from izhi_numba.results.recorder import Recorder

CHUNK_SECONDS = 0.06  # between looks at progress and Ctrl-C
_FIRST_CHUNK = 128  # at most: a network may have become more active
_LONGEST_CHUNK = 100_000
_log = logging.getLogger("izhi_numba")


class Steps:
    """Takes the steps of a run, in stretches between which users may change anything.

    Parameters
    ----------
    engine : Engine
    recorder : Recorder
    pace : Pace, optional
        What keeps it in step with the clock.
    meter : Meter, optional
        Takes what threads spend their time with.
    relieve : function, optional
        Called after each chunk: takes from the recorder what need not stay in memory.

    Attributes
    ----------
    teller : Teller or None
        Tells how far it is.
    """

    def __init__(
        self, engine: Engine, recorder: Recorder, *, pace: Pace | None = None, meter: Meter | None = None,
        relieve: Callable[[], None] | None = None,
    ) -> None:  # fmt: skip
        self._engine, self._recorder, self._pace, self._meter = engine, recorder, pace, meter
        self._relieve = relieve
        self.teller: Teller | None = None

    @property
    def is_over(self) -> bool:
        """Whether it is not to go on: it is stopped, a state is not finite, or a function of time failed."""
        engine = self._engine
        ended = engine.is_stopping or engine.failure is not None or engine.lost is not None
        return ended or self._recorder.fault is not None

    def _is_stopping(self) -> bool:
        return self._engine.is_stopping

    def take(self, n_steps: int) -> None:
        """Take so many steps, or fewer where it is over before.

        Chunks go by what the compiled steps take, and functions of time: what Python adds to each must not
        make them shorter, and so more.
        """
        engine, recorder, pace = self._engine, self._recorder, self._pace
        if n_steps == 1 and not (pace or self._meter or self.teller):  # there is nothing in between
            engine.advance_one(recorder)
            if self._relieve:
                self._relieve()
            return
        engine.begin(n_steps, recorder)
        left, chunk = n_steps, max(1, min(engine.steps_in(CHUNK_SECONDS), _FIRST_CHUNK))
        while left and not self.is_over:
            began = time.perf_counter()
            if pace:
                pace.begin()
            done, seconds = engine.advance(
                min(left, chunk, pace.portion if pace else chunk), recorder, self._meter
            )
            left -= done
            if self._relieve:
                self._relieve()
            if pace:
                pace.keep(engine.steps_done, done, self._is_stopping)
            elif left:
                wanted = done * CHUNK_SECONDS / max(seconds, 1e-9)
                chunk = int(min(max(wanted, 1), 8 * chunk, _LONGEST_CHUNK))
            if self.teller:
                n_spikes = recorder.n_spikes if done else 0
                self.teller.tell(engine.steps_done, done, n_spikes, pace.lag if pace else None)
            _log.debug(
                "%d steps to step %d in %.1f ms", done, engine.steps_done, 1e3 * (time.perf_counter() - began)
            )
        engine.end()
