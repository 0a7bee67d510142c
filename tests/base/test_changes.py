"""The turn to change a network: one call at a time has it, and one that was left has it no more."""

import contextlib
import gc
import sys
import threading
import time

import pytest

from izhi_numba.base.changes import Assign, Changes
from tests.wholeness.apart import apart


class Thing:
    x = y = 0


def test_a_change_is_carried_out_once_it_is_published():
    thing, changes = Thing(), Changes()
    with changes:
        changes.publish(Assign(thing, "x", 1), Assign(thing, "y", 2))
    assert (thing.x, thing.y) == (1, 2)


def test_a_call_within_the_turn_is_refused():
    changes = Changes()
    with changes, pytest.raises(RuntimeError, match="busy"), changes:
        pass
    with changes:
        pass


def left_without_a_word(changes):
    """What an exception does that comes before the end of a ``with`` is said."""
    changes.__enter__()


def test_a_turn_is_over_when_its_function_was_left():
    changes = Changes()
    left_without_a_word(changes)
    with changes:
        pass


def test_another_thread_has_the_turn_until_its_function_was_left():
    changes = Changes()
    entered, go_on, left, stop = (threading.Event() for _ in range(4))

    def works():
        changes.__enter__()
        entered.set()
        go_on.wait(10)

    def lives_on():
        works()
        left.set()
        stop.wait(10)

    thread = threading.Thread(target=lives_on)
    thread.start()
    entered.wait(10)
    with pytest.raises(RuntimeError, match="busy"), changes:
        pass
    go_on.set()
    left.wait(10)
    with changes:  # the thread is still there, its call is not
        pass
    stop.set()
    thread.join()


class Litter:
    """Whose end lets another thread run, in the middle of whatever made the collector look."""

    there = 0

    def __init__(self):
        self.circle = self
        Litter.there += 1

    def __del__(self):
        Litter.there -= 1
        time.sleep(1e-6)


def ask_while_stacks_change(seconds):
    """Ask for a turn that was left, while the thread that left it calls function after function."""
    changes, stop, taken = Changes(), threading.Event(), 0
    gc.freeze()
    gc.set_threshold(3, 2, 2)
    sys.setswitchinterval(1e-5)

    def deep(levels):
        if levels:
            deep(levels - 1)

    def works():
        while not stop.is_set():
            with contextlib.suppress(RuntimeError):
                left_without_a_word(changes)
            deep(40)

    thread = threading.Thread(target=works)
    thread.start()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if Litter.there < 20:
            Litter()
        try:
            with changes:
                taken += 1
        except RuntimeError:
            pass
    stop.set()
    thread.join()
    return taken


def test_asking_does_not_look_at_the_stack_of_a_thread_that_runs():
    """To do so crashed, or went on for ever, where the collector came in between."""
    assert apart(lambda _: ask_while_stacks_change(1.0), seconds=60) > 10
