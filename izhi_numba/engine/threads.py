"""How many threads a call of the kernel gets: all of them, or one where that is faster just now."""

from __future__ import annotations

_WORTH_IT = 5e-4  # seconds of work that are worth waking helpers for: 0.02 ms for one, more when busy
_TRIAL = 6e-3  # seconds
_FIRST_TRIALS = 3  # all, one, all: what comes first pays for threads that start, and memory that is touched
_A_FEW = 16  # steps
_PAUSE = 3  # calls between later trials, at least
_SHARE = 0.02  # of the time, that they may cost
_CLEARLY = 0.95  # how much faster one thread must be to be preferred


class ThreadChoice:
    """Chooses between all threads and one from what the last calls took.

    Results do not depend on the number of threads, so it may change at any time. On a busy machine a
    thread that has lost its core holds up the others: 10,000 neurons with 1000 synapses each took 35 %
    longer on two threads than on one. So the slower choice is tried again and again, briefly: the more often,
    the less it is slower.
    """

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._took: dict[int, float] = {}  # threads -> seconds per step, last measured
        self._first = _FIRST_TRIALS  # that are left
        self._left = _PAUSE  # calls until the next trial
        self._total = self._lost = (
            0.0  # seconds: of all calls, and what trials took longer than the better choice
        )
        self._is_short = self._is_trial = False  # the call under way

    def choose(self, n_steps: int) -> tuple[int, int]:
        """Return the threads for the next call, and how many of ``n_steps`` it should do."""
        everyone, self._is_short, self._is_trial = self._threads, False, False
        if everyone == 1:
            return 1, n_steps
        if 1 not in self._took:  # what the work costs has to be known first
            return 1, min(n_steps, 1)
        if self._took[1] * n_steps < _WORTH_IT:
            self._is_short = True
            return 1, n_steps
        if self._first:
            return self._try(everyone if self._first % 2 else 1, n_steps)
        best = self._best()
        other = 1 + everyone - best
        slower, enough = self._took[other] - self._took[best], self._enough(other)
        if self._left or self._lost + enough * slower > _SHARE * self._total:
            return best, n_steps
        return self._try(other, n_steps)

    def tell(self, threads: int, n_steps: int, seconds: float) -> None:
        """Learn what a call took; one that was too short for threads says nothing, as long as it is."""
        if not n_steps or (self._is_short and seconds < _WORTH_IT):
            return
        if self._threads == 1:
            self._took[1] = seconds / n_steps
            return
        took, each = self._took, seconds / n_steps
        self._total += seconds
        if not self._is_trial:
            took[threads] = each
            self._left = max(0, self._left - 1)
        elif self._first:
            took[threads] = min(each, took.get(threads, each))
            self._first -= 1
        else:
            self._lost += max(0.0, seconds - n_steps * took[self._best()])
            took[threads] = each
            self._left = _PAUSE

    def steps_in(self, seconds: float) -> int:
        """Steps that took so long, as they were measured last; a few where none were."""
        return int(seconds / min(self._took.values())) if self._took else _A_FEW

    def _best(self) -> int:
        one, everyone = self._took[1], self._took[self._threads]
        return 1 if one < _CLEARLY * everyone else self._threads

    def _try(self, threads: int, n_steps: int) -> tuple[int, int]:
        """Make a trial, no longer than it has to be."""
        self._is_trial = True
        return threads, min(n_steps, self._enough(threads))

    def _enough(self, threads: int) -> int:
        """Steps of a trial."""
        return max(1, int(_TRIAL / self._took.get(threads, self._took[1])))
