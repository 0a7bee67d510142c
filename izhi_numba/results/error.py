"""The error of a run that stopped before its end, with what was recorded until then."""

from __future__ import annotations

from typing import Any


class SimulationError(RuntimeError):
    """A run that stopped: its state was no longer finite, or a function of time that drives it failed.

    Attributes
    ----------
    result : Result or NetworkResult
        What was recorded until then.
    """

    def __init__(self, message: str, result: Any) -> None:
        super().__init__(message, result)
        self.result = result

    def __str__(self) -> str:
        return str(self.args[0])
