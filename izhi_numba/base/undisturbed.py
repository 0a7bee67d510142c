"""Work that Ctrl-C does not end halfway."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

_T = TypeVar("_T")
_TRIES, _PAUSE = 100, 0.001  # s, to see that a thread has begun


def undisturbed(work: Callable[[], _T]) -> _T:
    """Do work to its end, whatever interrupts; what has interrupted is raised after it.

    Python tells of signals in the main thread alone, between any two instructions of it. So the work is done
    in another thread, and this one waits. A second interruption ends the waiting, and not the work.

    Raises
    ------
    BaseException
        What the work raises, or what came in the meantime.

    Examples
    --------
    >>> undisturbed(lambda: 1 + 1)
    2
    """
    found, failed, over = list[_T](), list[BaseException](), threading.Event()

    def attempt() -> None:
        try:
            found.append(work())
        except BaseException as error:
            failed.append(error)
        finally:
            over.set()

    thread = threading.Thread(target=attempt, name="izhi_numba: undisturbed")
    try:
        thread.start()
        over.wait()  # and not join, which says that a thread is over when it is interrupted itself
    except BaseException:
        _wait_for(thread, over)
        raise
    if failed:
        raise failed[0]
    return found[0]


def _wait_for(thread: threading.Thread, over: threading.Event) -> None:
    """Wait for the end of a thread, which may have begun or not."""
    for _ in range(_TRIES):
        if thread.ident is not None:
            over.wait()
            return
        time.sleep(_PAUSE)
