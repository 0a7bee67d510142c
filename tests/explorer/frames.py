"""Frames that were sent to a page that is not there."""

import threading
import time


class Collected(list):
    """Frames that were sent, and a wait for one of a kind."""

    def __init__(self):
        super().__init__()
        self.changed = threading.Condition()

    def __call__(self, frame):
        with self.changed:
            self.append(frame)
            self.changed.notify_all()

    def wait(self, wanted, seconds=20.0):
        deadline = time.monotonic() + seconds
        with self.changed:
            while True:
                found = [frame for frame in self if wanted(frame.header)]
                if found:
                    return found[0]
                assert time.monotonic() < deadline, [frame.header.get("kind") for frame in self]
                self.changed.wait(0.2)
