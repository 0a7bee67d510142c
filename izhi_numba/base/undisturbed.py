"""Work that Ctrl-C does not end halfway."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

_T = TypeVar("_T")


def undisturbed(work: Callable[[], _T]) -> _T:
    """Do work to its end, whatever interrupts; what has interrupted is raised after it.

    Python tells of signals in the main thread alone, between any two instructions of it. So the work is done
    in another thread, and this one waits.

    Raises
    ------
    BaseException
        What the work raises, or what came in the meantime.

    Examples
    --------
    >>> undisturbed(lambda: 1 + 1)
    2
    """
    found, failed = list[_T](), list[BaseException]()

    def attempt() -> None:
        try:
            found.append(work())
        except BaseException as error:
            failed.append(error)

    thread, interrupted = threading.Thread(target=attempt, name="izhi_numba: undisturbed"), None
    thread.start()
    while thread.is_alive():
        try:
            thread.join()
        except BaseException as error:  # a second one is as good as the first
            interrupted = error
    if interrupted is not None:
        raise interrupted
    if failed:
        raise failed[0]
    return found[0]
