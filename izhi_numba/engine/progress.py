"""The progress of a run: a bar, or a function of the user that is told how far it is."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from izhi_numba.base.checks import short
from izhi_numba.results.lag import Lag

_PAUSE = 0.05  # s between two words
_BAR = "{l_bar}{bar}| {n:.0f}/{total:.0f} ms [{elapsed}<{remaining}{postfix}]"


class Progress(NamedTuple):
    """How far a run is.

    Attributes
    ----------
    start, stop, t : float
        Times at which the run has begun and will end, and which it has reached, ms.
    wall_time : float
        Seconds since it began.
    rate : float
        Spikes of a neuron per second, since the last time this was told, Hz.
    lag : Lag or None
        How far it was behind the clock so far, where it keeps pace with it.
    """

    start: float
    stop: float
    t: float
    wall_time: float
    rate: float
    lag: Lag | None

    @property
    def fraction(self) -> float:
        """What is done of it, from 0 to 1."""
        return (self.t - self.start) / (self.stop - self.start)

    @property
    def real_time_factor(self) -> float:
        """Seconds of the clock for each second that was simulated: below 1 is faster than real time."""
        return 1000 * self.wall_time / (self.t - self.start) if self.t > self.start else float("nan")


Told = Callable[[Progress], Any]


def as_progress(progress: Any) -> Any:
    """Check what is to be told of the progress."""
    if not isinstance(progress, bool) and not callable(progress):
        raise TypeError(
            f"progress: expected True, False or a function that takes how far the run is, such as"
            f" lambda at: print(at.t), got {short(progress)}"
        )
    if progress is True:
        _bar()  # its import takes as long as a short run, whose clock does not tick yet
    return progress


def _bar() -> tuple[Any, bool]:
    """Return the bar for a terminal or a notebook, and whether it is that for a notebook."""
    from tqdm.auto import tqdm
    from tqdm.notebook import tqdm_notebook

    return tqdm, issubclass(tqdm, tqdm_notebook)


@contextlib.contextmanager
def telling(progress: Any, duration: float) -> Iterator[Told | None]:
    """Yield what is to be called with the progress of a run of so many ms; None: nobody sees it."""
    if callable(progress) or not progress:
        yield progress or None
        return
    kind, is_notebook = _bar()
    is_terminal = getattr(sys.stderr, "isatty", bool)()  # some programs have no stderr
    if not (is_notebook or is_terminal):
        yield None
        return
    with kind(total=duration, unit="ms", bar_format=_BAR) as bar:

        def show(at: Progress) -> None:
            bar.set_postfix_str(f"RTF {at.real_time_factor:.3g}, {at.rate:.3g} Hz", refresh=False)
            bar.update(min(at.t - at.start, duration) - bar.n)

        yield show


class Teller:
    """Tells how far a run is.

    Parameters
    ----------
    tell : function of a Progress
    begin, end : int
        Steps at which the run begins and ends.
    dt : float
        ms.
    n_neurons : int
    """

    def __init__(self, tell: Told, begin: int, end: int, dt: float, n_neurons: int) -> None:
        self._tell, self._dt, self._n_neurons = tell, dt, n_neurons
        self._start, self._stop = begin * dt, end * dt
        self._began = self._told = time.perf_counter()
        self._n_steps = self._n_spikes = 0  # that are to be told

    def tell(self, now: int, n_steps: int, n_spikes: int, lag: Lag | None) -> None:
        """Take note of so many steps more, and the spikes of all neurons in them; tell now and then."""
        self._n_steps, self._n_spikes = self._n_steps + n_steps, self._n_spikes + n_spikes
        if time.perf_counter() - self._told > _PAUSE:
            self.tell_rest(now, lag)

    def tell_rest(self, now: int, lag: Lag | None) -> None:
        """Tell of the steps that were not told of yet."""
        if not self._n_steps:
            return
        seconds = max(self._n_neurons, 1) * self._n_steps * self._dt / 1000
        rate, self._n_steps, self._n_spikes = self._n_spikes / seconds, 0, 0
        self._told = time.perf_counter()
        self._tell(Progress(self._start, self._stop, now * self._dt, self._told - self._began, rate, lag))
