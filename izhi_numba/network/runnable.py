"""What a run asks of a pool or a network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from izhi_numba.engine.engine import Engine
from izhi_numba.results.recorder import Record, Wishes
from izhi_numba.results.streamed import StreamedRecord


class Member(Protocol):
    """A pool, or sources."""

    _wishes: Wishes

    def __len__(self) -> int:
        """Number of units."""


class Runnable(Protocol):
    """A pool that is alone, or a network."""

    @property
    def _engine(self) -> Engine:
        """What runs."""

    def _running(self) -> Mapping[str, Member]:
        """What takes part in a run, by name, in the order of the populations."""

    def _check_ready(self) -> None:
        """Refuse values that cannot be run with."""

    def _result_of(self, record: Record | StreamedRecord, wall_time: float, compile_time: float) -> Any:
        """Return the result of what was recorded."""

    def _check_outcome(self, result: Any, fault: tuple[int, int, int] | None) -> None:
        """Raise what has ended a run, and warn of what is doubtful about it."""
