"""Work in a process of its own, so that a crash or a hang fails one test and not the run.

The process is a fork of this one: it has the compiled code and begins in milliseconds, where a fresh one
would load it for seconds.
"""

from __future__ import annotations

import faulthandler
import os
import pickle
import signal
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable
from typing import Any

CAN_FORK = hasattr(os, "fork")


class ApartError(AssertionError):
    """A crash, a hang, or an exception in the other process."""


def apart(work: Callable[[Callable[[str], None]], Any], seconds: float) -> Any:
    """Return what work returns in a process of its own, which is given so many seconds.

    Parameters
    ----------
    work : function
        Takes a function to which it tells what it is about to do, for the message after a crash.
    seconds : float

    Raises
    ------
    ApartError
        With the tracebacks of all threads.
    """
    if not CAN_FORK:
        return work(lambda _: None)
    with tempfile.TemporaryFile("w+b", 0) as stacks, tempfile.TemporaryFile("w+b", 0) as told:
        read, write = os.pipe()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # 3.12 and later: of forks beside threads
            child = os.fork()
        if child == 0:
            _child(work, seconds, stacks, told, write)
        os.close(write)
        with os.fdopen(read, "rb") as pipe:
            answer = _until(pipe, seconds + 20, child)
        _, status = os.waitpid(child, 0)
        stacks.seek(0)
        told.seek(0)
        if status or not answer:
            what = told.read().decode(errors="replace").splitlines()[-1:]
            code = os.waitstatus_to_exitcode(status)
            ending = f"killed by {signal.Signals(-code).name}" if code < 0 else f"ended with {code}"
            ending = f"hung for {seconds:g} s" if code == 1 else ending
            raise ApartError(f"{ending} in {what}\n{stacks.read().decode(errors='replace')[:6000]}")
    good, value = pickle.loads(answer)
    if not good:
        raise ApartError(value)
    return value


def _child(work: Any, seconds: float, stacks: Any, told: Any, write: int) -> None:
    """Work, answer and be gone, whatever comes."""
    code = 3
    try:
        faulthandler.enable(stacks)
        faulthandler.dump_traceback_later(seconds, exit=True, file=stacks)  # ends with 1
        try:
            answer = (True, work(lambda line: os.write(told.fileno(), f"{line}\n".encode()) and None))
        except BaseException:
            answer = (False, traceback.format_exc())
        signal.setitimer(signal.ITIMER_REAL, 0)
        left = memoryview(pickle.dumps(answer))
        while left:
            left = left[os.write(write, left) :]
        code = 0
    finally:
        os._exit(code)


def _until(pipe: Any, seconds: float, child: int) -> bytes:
    """Read to the end, or kill."""
    os.set_blocking(pipe.fileno(), False)
    end, answer = time.monotonic() + seconds, b""
    while time.monotonic() < end:
        piece = pipe.raw.read(1 << 16) if hasattr(pipe, "raw") else pipe.read(1 << 16)
        if piece == b"":
            return answer
        if piece is None:
            time.sleep(0.002)
        else:
            answer += piece
    os.kill(child, signal.SIGKILL)
    return answer
