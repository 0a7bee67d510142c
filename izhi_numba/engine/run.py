"""A run: chunks of compiled steps, and between them progress, Ctrl-C and a look at the state."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import Any

from izhi_numba.engine.engine import Engine
from izhi_numba.results.profile import Meter
from izhi_numba.results.recorder import Recorder

CHUNK_SECONDS = 0.06  # between looks at progress and Ctrl-C
_FIRST_CHUNK = 128  # at most: a network may have become more active
_LONGEST_CHUNK = 100_000
_BAR = "{l_bar}{bar}| {n:.0f}/{total:.0f} ms [{elapsed}<{remaining}]"


def run_steps(
    engine: Engine, recorder: Recorder, n_steps: int, *, progress: bool, meter: Meter | None = None
) -> float:
    """Advance pools by ``n_steps`` steps; returns the wall time in seconds.

    Stops early where a state is not finite: the recorder has a fault then; and where a function of time
    fails: the engine has a failure then. Chunks go by what the compiled steps take, and functions of time:
    what Python adds to each must not make them shorter, and so more. ``meter``: takes what they spend their
    time with.
    """
    if n_steps == 1 and not progress and meter is None:  # of a closed loop: there is nothing in between
        beginning = time.perf_counter()
        engine.advance_one(recorder)
        return time.perf_counter() - beginning
    engine.begin(n_steps)
    left, chunk = n_steps, max(1, min(engine.steps_in(CHUNK_SECONDS), _FIRST_CHUNK))
    with _progress_bar(n_steps, engine.dt) if progress else contextlib.nullcontext() as bar:
        beginning = time.perf_counter()
        while left and not engine.failure and recorder.fault is None:
            done, seconds = engine.advance(min(left, chunk), recorder, meter)
            left -= done
            if left:
                wanted = done * CHUNK_SECONDS / max(seconds, 1e-9)
                chunk = int(min(max(wanted, 1), 8 * chunk, _LONGEST_CHUNK))
            if bar is not None:
                bar.update(done)
        seconds = time.perf_counter() - beginning
    engine.end()
    return seconds


@contextlib.contextmanager
def _progress_bar(n_steps: int, dt: float) -> Iterator[Any]:
    """A bar of so many steps that shows ms."""
    from tqdm.auto import tqdm

    # It counts steps: a sum of ms may pass the end by a bit, and then tqdm warns.
    with tqdm(total=n_steps, unit="ms", unit_scale=dt, bar_format=_BAR) as bar:
        yield bar
