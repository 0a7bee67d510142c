"""How far a run in step with the clock was behind it."""

from __future__ import annotations

from typing import NamedTuple


class Lag(NamedTuple):
    """How far a run was behind the clock.

    Attributes
    ----------
    mean, worst : float
        In ms of the clock: how much later than it was due a step was there, of all steps; 0 for those in
        time.
    steps : int
        Steps that were late.
    """

    mean: float
    worst: float
    steps: int
