"""Warnings about what can be computed, but is seldom meant: each once for its owner, at the user's line."""

from __future__ import annotations

import contextlib
import sys
import warnings
from collections.abc import Hashable, Iterator
from contextvars import ContextVar
from typing import Any

_PACKAGE = __name__.split(".")[0]
_SILENT = ContextVar("silent", default=False)


class DoubtfulWarning(UserWarning):
    """What can be simulated, but is seldom meant: a wrong unit, an input that is over, and the like.

    Examples
    --------
    To make an error of it, or to silence it:

    >>> import warnings
    >>> import izhi_numba as iz
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("error", iz.DoubtfulWarning)
    ...     warnings.simplefilter("ignore", iz.DoubtfulWarning)
    """


class Doubts:
    """What was told already to the owner of a simulation."""

    def __init__(self) -> None:
        self._told: set[Hashable] = set()

    def tell(self, what: Hashable, message: str) -> None:
        """Warn, unless it was told; ``what`` names the doubt."""
        if what not in self._told:
            warn(message)
            self._told.add(what)  # not before: where warnings are errors, nothing was done


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """Tell nothing: the package itself tries values out. Other threads are not concerned."""
    token = _SILENT.set(True)
    try:
        yield
    finally:
        _SILENT.reset(token)


def warn(message: str) -> None:
    """Warn at the line of the user's program that called the package, each time."""
    if _SILENT.get():
        return
    frame: Any = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").split(".")[0] == _PACKAGE:
        frame = frame.f_back
    # Python tells a message once for a line of code; another pool may be made by the same line.
    warnings.warn_explicit(
        message, DoubtfulWarning, frame.f_code.co_filename, frame.f_lineno,
        frame.f_globals.get("__name__", "__main__"), registry={},
    )  # fmt: skip
