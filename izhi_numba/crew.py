"""How many threads a call of the kernel gets: all of them, or one where that is faster just now."""

from __future__ import annotations

_WORTH_IT = 3e-4  # seconds of work that are worth starting a thread for
_LOOK_AGAIN = 16  # calls between trials of the slower choice
_CLEARLY = 0.95  # how much faster one thread must be to be preferred


class Crew:
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
        one, everyone = self._took.get(1), self._took.get(self._threads)
        if self._threads == 1 or (one is not None and one * n_steps < _WORTH_IT):
            return 1, n_steps
        self._calls += 1
        best = self._threads
        if one is not None and everyone is not None and one < _CLEARLY * everyone:
            best = 1
        if one is None and everyone is not None:
            return 1, max(1, n_steps // _LOOK_AGAIN)
        if self._calls % _LOOK_AGAIN == 0:
            return 1 + self._threads - best, max(1, n_steps // _LOOK_AGAIN)
        return best, n_steps

    def tell(self, threads: int, n_steps: int, seconds: float) -> None:
        """Learn what a call took."""
        if n_steps and seconds > 0.5 * _WORTH_IT:
            self._took[threads] = seconds / n_steps
        elif n_steps:
            self._took[1] = min(seconds / n_steps, self._took.get(1, seconds / n_steps))
