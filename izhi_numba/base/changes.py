"""Changes of a network that are whole or not at all, whatever interrupts them.

Ctrl-C, or any other exception, may come between two instructions of Python. So a change is first *prepared*
aside, as a short list of stores that may be repeated without harm; nothing that the network is made of is
touched until then, and all memory is taken. It is *published* by one assignment of this list: from that
instruction on it has happened. Then the stores are carried out. Where an exception interrupts them, they
are carried out once more, at once or, if that is interrupted too, by the next call that reads or changes
anything.

What is changed by a single store needs no list: one instruction is never half done.
"""

from __future__ import annotations

import sys
from collections.abc import MutableMapping
from threading import get_ident
from types import FrameType
from typing import Any, NamedTuple, Protocol, Self

import numpy as np

from izhi_numba.base.arrays import Array


class Change(Protocol):
    """A part of a change: carried out twice, it leaves what it leaves when carried out once."""

    def do(self) -> None:
        """Carry it out."""


class Assign(NamedTuple):
    """Set an attribute."""

    owner: Any
    name: str
    value: Any

    def do(self) -> None:
        """Set it."""
        object.__setattr__(self.owner, self.name, self.value)


class Item(NamedTuple):
    """Set an item of a dictionary, or items of an array."""

    mapping: MutableMapping[Any, Any] | Array
    key: Any
    value: Any

    def do(self) -> None:
        """Set it."""
        self.mapping[self.key] = self.value


class Copy(NamedTuple):
    """Copy values into an array that users may hold, and that therefore has to stay the same object."""

    into: Array
    values: Any

    def do(self) -> None:
        """Copy them."""
        np.copyto(self.into, self.values, casting="same_kind")


class _Call:
    """A call that changes or runs a network, or did so.

    Calls follow one another in a chain: whoever puts the next link to a call that is over has the turn. A
    lock would have to be given back, which an exception in the wrong place prevents for ever; a call is over
    when its frame is no longer executed, in whatever way it was left.
    """

    __slots__ = ("_frame", "_next")

    def __init__(self, frame: FrameType) -> None:
        self._frame: FrameType | None = frame
        self._next: dict[None, _Call] = {}

    def next(self, call: _Call) -> _Call:
        """Return the call after this one: ``call``, unless there is another (one instruction decides)."""
        return self._next.setdefault(None, call)

    def end(self) -> None:
        """Say that it is over."""
        self._frame = None

    def is_over(self) -> bool:
        """Whether it has ended, or was left by an exception.

        Python is asked by way of ``frame.clear()``, which it refuses for a frame that is executed, by any
        thread. To look for the frame on the stack of its thread is no way: between two frames the thread may
        go on, and CPython, at least to 3.11, then writes into a frame that is no more. What is cleared is
        the memory of a frame that an exception has left, kept for its traceback.
        """
        frame = self._frame
        if frame is None:
            return True
        try:
            frame.clear()
        except RuntimeError:
            return False
        return True


class Turn:
    """The turn to do something that only one call may do at a time.

    ``with turn:`` takes it: other Python threads, and functions that the call asks, are refused with a
    ``RuntimeError`` until it ends. A generator must not take it: its frame is left at each ``yield``.

    Examples
    --------
    >>> turn = Turn()
    >>> with turn:
    ...     turn.is_taken
    True
    >>> turn.is_taken
    False
    """

    def __init__(self) -> None:
        self._call = _Call(sys._getframe())
        self._call.end()

    @property
    def is_taken(self) -> bool:
        """Whether a call has it."""
        return not self._call.is_over()

    def take(self, frame: FrameType) -> None:
        """Take it for the call that this frame is executed by."""
        mine, call = _Call(frame), self._call
        while call is not mine:
            if not call.is_over():
                raise RuntimeError(
                    "this pool is busy in another thread, or in the run that called this function; wait for"
                    " it to end, or use a pool per thread"
                )
            call = call.next(mine)
        self._call = mine

    def __enter__(self) -> Self:
        self.take(sys._getframe(1))
        return self

    def __exit__(self, *_: object) -> None:
        self._call.end()


class Run(Turn):
    """The turn to let time pass. Between two steps others may change a network, but only from its thread."""

    def __init__(self) -> None:
        super().__init__()
        self._thread = 0

    def take(self, frame: FrameType) -> None:
        """Take it for the call that this frame is executed by."""
        super().take(frame)
        self._thread = get_ident()

    def refuse_others(self) -> None:
        """Refuse who is not of the thread in which time passes."""
        if self._thread != get_ident() and self.is_taken:
            raise RuntimeError(
                "this pool is busy in another thread, with a run; wait for it to end, or end it: pool.stop()"
            )


class Changes(Turn):
    """The turn to change a network or to take its steps, and the change that is under way.

    Attributes
    ----------
    run : Run
        The turn to let time pass, of a call that takes steps in several of its turns.

    Examples
    --------
    >>> class Thing: pass
    >>> thing, changes = Thing(), Changes()
    >>> with changes:
    ...     changes.publish(Assign(thing, "x", 1), Assign(thing, "y", 2))
    >>> thing.x, thing.y
    (1, 2)
    """

    def __init__(self) -> None:
        super().__init__()
        self.run = Run()
        self._pending: tuple[Change, ...] = ()

    def take(self, frame: FrameType) -> None:
        """Take the turn for the call that this frame is executed by, and finish what was published."""
        self.run.refuse_others()
        super().take(frame)
        self._carry_out()

    def publish(self, *changes: Change) -> None:
        """Let a prepared change happen; to be called in one's turn."""
        try:
            self._pending = changes
            self._carry_out()
        except BaseException:
            self._carry_out()
            raise

    def finish(self) -> None:
        """Carry out what an interrupted call has published; to be called before anything is read."""
        if not self._pending:
            return
        try:
            with self:
                pass
        except RuntimeError:  # whoever has the turn carries it out
            pass

    def _carry_out(self) -> None:
        for change in self._pending:
            change.do()
        self._pending = ()
