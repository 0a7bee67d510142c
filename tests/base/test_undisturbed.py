"""Work that Ctrl-C does not end halfway."""

import os
import signal
import threading
import time

import pytest

from izhi_numba.base.undisturbed import undisturbed


def test_what_the_work_returns_or_raises():
    assert undisturbed(lambda: [1, 2]) == [1, 2]
    with pytest.raises(OSError, match="full"):
        undisturbed(lambda: (_ for _ in ()).throw(OSError("full")))


def test_a_signal_comes_after_the_work():
    for wait in (0.0, 0.0, 0.0005, 0.02, 0.1):
        done = []

        def work(done=done):
            for k in range(10):
                time.sleep(0.02)
                done.append(k)

        timer = threading.Timer(wait, os.kill, (os.getpid(), signal.SIGINT))
        with pytest.raises(KeyboardInterrupt):
            _begin(timer, work)
        timer.join()
        assert done in ([*range(10)], [])  # or it came before


def _begin(timer, work):
    timer.start()
    undisturbed(work)
