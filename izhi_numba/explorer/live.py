"""A network that runs in a thread, at the pace of the clock, while what drives it is turned."""

from __future__ import annotations

import secrets
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from izhi_numba.base.checks import finite_number, one_of, whole_number
from izhi_numba.engine.pacing import Clock
from izhi_numba.explorer.exhibits import Exhibit
from izhi_numba.explorer.frames import Frame
from izhi_numba.explorer.settings import Settings
from izhi_numba.explorer.show import Show
from izhi_numba.results.error import SimulationError

_FRAME = 1 / 30  # s
_LONGEST = 50  # columns in one frame
_UNSEEN = 3  # frames that may be under way
_SLOW = 0.95  # of the pace that is wanted
_SETTLED = 0.5  # s from which on the pace is told
MOST_NETWORKS = 8  # of all views of this process
_MOST_WISHES = 1000  # that wait
_IDLE = 0.25  # s between looks at whether to go on
_PATIENCE = 0.3  # s, after which the page is told that something is built
_BUILDING = "building the network; the first time ever this compiles, for some seconds"
_LOOK = 0.5  # s between looks at whether the network is still made of the same
_FASTEST = 100.0  # times real time

Wish = Callable[[Show], None]

_views: weakref.WeakSet[Live] = weakref.WeakSet()


class Live:
    """The running network of one view, if there is one.

    A view has one thread for it: another network is built when the one before has ended.

    Parameters
    ----------
    send : function of a Frame
        Called from the network's thread.
    exhibits : mapping of str to Exhibit
        What can be opened.
    """

    def __init__(self, send: Callable[[Frame], None], exhibits: Mapping[str, Exhibit]) -> None:
        self._send, self._exhibits = send, exhibits
        self._run: _Run | None = None  # what is wanted
        self._there: _Run | None = None  # what has the thread: this one, or one that is about to end
        self._changing = threading.Lock()
        _views.add(self)

    @property
    def running(self) -> bool:
        """Whether there is a thread, perhaps one that is about to end."""
        return self._there is not None

    def receive(self, message: Mapping[str, Any], read_cell: Callable[[Any], Settings]) -> None:
        """Do what a page asks for; never waits for the network.

        Raises
        ------
        TypeError, ValueError
            With a message for the page.
        """
        action = one_of("action", message.get("action"), ("open", "close", *_STATES, *_ACTIONS))
        if action == "open":
            exhibit = self._exhibits[one_of("network", message.get("network"), self._exhibits)]
            options = exhibit.chosen(message.get("options", {}))
            if sum(view.running for view in list(_views) if view is not self) >= MOST_NETWORKS:
                raise ValueError(f"{MOST_NETWORKS} networks run in other pages; stop one of them")
            self.stop()
            with self._changing:
                self._run = _Run(self._send, exhibit, options, message, self._begin_next)
                if self._there is None:
                    self._begin()
            return
        if action == "close":
            self.stop()
            self._send(Frame({"kind": "network", "state": "closed"}))
            return
        wish = _wish(action, message, read_cell) if action in _ACTIONS else None
        if self._run is not None:
            self._run.receive(action, message, wish)

    def stop(self) -> None:
        """Let the network end."""
        run, self._run = self._run, None
        if run is not None:
            run.stop()

    def _begin(self) -> None:
        self._there = None
        if self._run is not None:
            try:
                self._run.begin()
            except RuntimeError as error:  # there are too many threads
                self._run = None
                self._send(Frame({"kind": "error", "about": "network", "text": str(error)}))
            self._there = self._run

    def _begin_next(self) -> None:
        """Called at the end of the thread: begin what has been asked for meanwhile."""
        with self._changing:
            if self._run is self._there:
                self._run = None
            self._begin()


_STATES = ("pause", "resume", "step", "pace", "ack")  # asked of the run itself
# What is asked of the network, between two frames.
_ACTIONS: dict[str, Callable[[Show, Mapping[str, Any]], None]] = {
    "turn": lambda show, given: show.turn(given.get("knob"), given.get("value")),
    "kick": lambda show, given: show.kick(given.get("population")),
    "poke": lambda show, given: show.poke(given.get("place")),
    "silence": lambda show, given: show.silence(given.get("population"), given.get("silenced")),
    "learn": lambda show, given: show.learn(given.get("link"), given.get("learning")),
    "modulate": lambda show, given: show.modulate(given.get("modulator"), given.get("amount")),
    "watch": lambda show, given: show.watch(given.get("population"), given.get("neuron")),
    "unwatch": lambda show, given: show.unwatch(given.get("place")),
    "weigh": lambda show, given: show.weigh(given.get("link")),
    "cells": lambda show, given: show.make_cells(given.get("population"), given["settings"]),
    "reset": lambda show, _: show.reset(),
    "noise": lambda show, _: show.other_noise(secrets.randbits(31)),
    "record": lambda show, _: show.record(),
}  # fmt: skip
_TELLS = {"clip": Show.clipped}  # what is asked of it and answered by a frame
_DESCRIBES = {"reset", "silence", "learn", "cells", "noise"}  # after which it is described anew


def _wish(action: str, message: Mapping[str, Any], read_cell: Callable[[Any], Settings]) -> Wish:
    """What is to be done with the network between two frames."""
    given = dict(message)
    if action == "cells":
        given["settings"] = read_cell(message.get("settings"))
    return lambda show: _ACTIONS[action](show, given)


class _Run:
    """A network in a thread of its own."""

    def __init__(
        self,
        send: Callable[[Frame], None],
        exhibit: Exhibit,
        options: dict[str, float],
        message: Mapping[str, Any],
        ended: Callable[[], None],
    ) -> None:
        self._sink, self._ended = send, ended
        self._changed = threading.Condition()
        self._wishes: deque[tuple[str, Wish]] = deque(maxlen=_MOST_WISHES)
        self._paused = bool(message.get("paused"))
        self._stopped = False
        self._steps = 0  # columns to be taken in a pause
        self._pace = 1.0
        self._sent = self._seen = 0
        turned = message.get("turned", {})
        self._thread = threading.Thread(target=self._work, args=(exhibit, options, turned), daemon=True)

    def begin(self) -> None:
        """Start the thread."""
        self._thread.start()
