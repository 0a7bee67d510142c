"""How many threads a call of the kernel gets: all of them, or one where that is faster just now."""

from __future__ import annotations

_WORTH_IT = 2e-3  # seconds of work that are worth starting a thread for: up to 0.3 ms, more when busy
_LOOK_AGAIN = 16  # calls between trials of the slower choice
_FIRST_STEPS = 16
_TELLING = 3e-3  # seconds; starting a thread takes up to a tenth of that
_CLEARLY = 0.9  # how much faster one thread must be to be preferred


class ThreadChoice:
    """Chooses between all threads and one from what the last calls took.

    Results do not depend on the number of threads, so it may change at any time. On a busy machine a
    thread that has lost its core holds up the others: 10,000 neurons with 1000 synapses each took 35 %
    longer on two threads than on one. Now and then the slower choice is tried again, briefly.
    """

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._took: dict[int, float] = {}  # threads -> seconds per step, last measured
        self._calls = 0

    def choose(self, n_steps: int) -> tuple[int, int]:
        """Return the threads for the next call, and how many of ``n_steps`` it should do."""
        everyone = self._threads
        if everyone == 1:
            return 1, n_steps
        if 1 not in self._took:  # what the work costs has to be known first
            return 1, min(n_steps, _FIRST_STEPS)
        if self._took[1] * n_steps < _WORTH_IT:
            return 1, n_steps
        if everyone not in self._took:
            return everyone, n_steps
        best = 1 if self._took[1] < _CLEARLY * self._took[everyone] else everyone
        self._calls += 1
        if self._calls % _LOOK_AGAIN:
            return best, n_steps
        other = 1 + everyone - best
        enough = int(2 * _TELLING / self._took[other])
        return other, min(n_steps, max(1, enough, n_steps // _LOOK_AGAIN))

    def tell(self, threads: int, n_steps: int, seconds: float) -> None:
        """Learn what a call took; a short one tells little, since starting a thread takes time too."""
        if n_steps and (seconds > _TELLING or threads not in self._took):
            self._took[threads] = seconds / n_steps
