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
_LONGEST = 500  # columns in one frame
_ROOM = 0.04  # s for the columns of a frame
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

Wish = Callable[[Show], Frame | None]

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
_ACTIONS: dict[str, Callable[[Show, Mapping[str, Any]], Frame | None]] = {
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
    "clip": lambda show, _: show.clipped(),
}  # fmt: skip
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

    def receive(self, action: str, message: Mapping[str, Any], wish: Wish | None) -> None:
        """Take what a page asks for."""
        with self._changed:
            if action == "ack":
                self._seen = whole_number("frame", message.get("frame"), at_least=0)
            elif action in ("pause", "resume"):
                self._paused = action == "pause"
                self._steps = 0
            elif action == "step":
                self._steps += whole_number(
                    "columns", message.get("columns", 1), at_least=1, at_most=_LONGEST
                )
            elif action == "pace":
                self._pace = min(_FASTEST, finite_number("pace", message.get("pace"), above=0))
            elif wish is not None:
                self._wishes.append((action, wish))
            self._changed.notify()

    def stop(self) -> None:
        """Let the thread end; nothing is sent any more."""
        with self._changed:
            self._stopped = True
            self._changed.notify()

    def leave(self) -> None:
        """Let the thread end, as the network is shown elsewhere."""
        self._tell("closed")
        self._tell_error(ValueError("this network is shown in another view now, and goes on there"))
        self.stop()

    def _work(self, exhibit: Exhibit, options: dict[str, float], turned: Mapping[str, Any]) -> None:
        try:
            show = self._opened(exhibit, options, turned)
            if show is not None:
                self._go_on(show)
        except Exception as error:  # all that can go wrong is told in the page
            self._tell_error(error)
        finally:
            self._tell("closed")
            self._ended()

    def _opened(self, exhibit: Exhibit, options: dict[str, float], turned: Mapping[str, Any]) -> Show:
        told = threading.Timer(_PATIENCE, self._send, [Frame({"kind": "status", "text": _BUILDING})])
        told.daemon = True
        told.start()
        try:
            began = time.perf_counter()
            show = Show(exhibit, options)
            for name, value in turned.items():
                show.turn(name, value)
        finally:
            told.cancel()
            self._send(Frame({"kind": "status", "text": ""}))
        before, _holders[show.net] = _holders.get(show.net), self
        if before is not None and before is not self:
            before.leave()
        self._describe(
            show, network=exhibit.name, options=options, build_ms=1000 * (time.perf_counter() - began)
        )
        return show

    def _send(self, frame: Frame) -> None:
        if not self._stopped:
            self._sink(frame)

    def _tell(self, state: str, **more: Any) -> None:
        self._send(Frame({"kind": "network", "state": state, **more}))

    def _tell_error(self, error: Exception) -> None:
        expected = isinstance(error, TypeError | ValueError | RuntimeError | SimulationError)
        text = str(error) if expected else f"{type(error).__name__}: {error}"
        self._send(Frame({"kind": "error", "about": "network", "text": text}))

    def _describe(self, show: Show, **more: Any) -> None:
        frame = show.description()
        self._send(Frame(frame.header | more, frame.arrays))

    def _go_on(self, show: Show) -> None:
        """Keep step with the clock; where that cannot be, go as fast as it goes, and say so."""
        pacer, state, looked = _Pacer(show), "", 0.0
        while self._wait(pacer.due):
            with self._changed:
                wishes, self._wishes = self._wishes, deque(maxlen=_MOST_WISHES)
                steps, self._steps = self._steps, 0
                paused, pace = self._paused, self._pace
            self._do(show, wishes)
            if state != (now := "paused" if paused else "running"):
                self._tell(state := now)
                pacer.begin()
            if time.perf_counter() > looked + _LOOK:
                looked = time.perf_counter()
                self._look(show)
            if not paused or steps:
                self._take(show, pacer, steps or pacer.columns(pace), pace)
            self._weigh(show)

    def _take(self, show: Show, pacer: _Pacer, n_columns: int, pace: float) -> None:
        """Simulate some columns and send a frame of them."""
        if self._pause_if_stopped(show):
            return
        try:
            taken = show.advance(n_columns)
        except Exception as error:
            if _is_busy(error):
                self._tell("waiting", why="it is run or changed in another cell or thread just now")
                time.sleep(_IDLE)
            elif not self._look(show):
                self._fail(error)
            return
        if taken is None:  # stopped meanwhile
            self._pause_if_stopped(show)
            return
        header, arrays = taken
        factor = pacer.took(header["columns"])
        self._sent += 1
        slow = factor < _SLOW * pace
        self._send(
            Frame(header | {"kind": "frame", "frame": self._sent, "factor": factor, "slow": slow}, arrays)
        )
        self._pause_if_stopped(show)

    def _pause_if_stopped(self, show: Show) -> bool:
        """Pause where somebody has called ``net.stop()``."""
        stopped = show.is_stopped()
        if stopped:
            with self._changed:
                self._paused = True
        return stopped

    def _fail(self, error: Exception) -> None:
        """Say what has ended the run, and pause: a reset may mend it."""
        with self._changed:
            self._paused = True
        self._tell_error(error)

    def _look(self, show: Show) -> bool:
        """Describe the network anew, where pools or connections came or went behind the page's back."""
        if not show.has_changed:
            return False
        show.look_again()
        self._describe(show, changed=True)
        return True

    def _weigh(self, show: Show) -> None:
        try:
            frame = show.weights()
        except Exception as error:
            if not _is_busy(error):
                raise
            return
        if frame is not None:
            self._send(frame)

    def _do(self, show: Show, wishes: deque[tuple[str, Wish]]) -> None:
        """Do what was asked for, and describe the network anew where that has changed it."""
        while wishes:
            action, wish = wishes[0]
            try:
                answer = wish(show)
            except Exception as error:
                if _is_busy(error):
                    with self._changed:
                        self._wishes.extendleft(reversed(wishes))
                    return
                self._tell_error(error)
                answer = None
            wishes.popleft()
            if isinstance(answer, Frame):
                self._send(answer)
            if action in _DESCRIBES:
                self._describe(show)

    def _wait(self, due: float) -> bool:
        """Wait for a wish, or the next frame's time, when the last ones were seen. False: stop."""
        with self._changed:
            while not self._stopped:
                left = due - time.perf_counter()
                unseen = self._sent - self._seen >= _UNSEEN
                if self._wishes or (not unseen and left <= 0 and (self._steps or not self._paused)):
                    return True
                self._changed.wait(_IDLE if unseen or left <= 0 else left)
                if self._paused:
                    return True  # to look whether the network is still what it was
            return False


_holders: weakref.WeakKeyDictionary[Any, _Run] = weakref.WeakKeyDictionary()  # of networks that are shown


def _is_busy(error: Exception) -> bool:
    """Whether another thread has the network."""
    return type(error) is RuntimeError and "busy" in str(error)


class _Pacer:
    """How much is to be simulated for each frame, and how fast that goes."""

    def __init__(self, show: Show) -> None:
        self._show = show
        self._most = 8.0  # columns that a frame has time for
        self.due = time.perf_counter()
        self.begin()

    def begin(self) -> None:
        """Begin anew, after a pause."""
        self._pace = 1.0
        self._clock = Clock(1.0, self._show.net.t)
        self._meter = _Meter()
        self._began = self.due = time.perf_counter()

    def columns(self, pace: float) -> int:
        """How many columns are due, not more than a frame has time for."""
        t, column = self._show.net.t, self._show.column
        if pace != self._pace or self._clock.now < t - pace * 1000 * _FRAME * 2:  # or the time was set back
            self._pace, self._clock, self._meter = pace, Clock(pace, t), _Meter()
        behind = (self._clock.now - t) / column
        wanted = int(min(max(behind, 1), self._most))
        if behind > wanted + _LONGEST * pace:  # what is lost is lost
            self._clock.set(t + wanted * column)
        self._began = time.perf_counter()
        return wanted

    def took(self, n_columns: int) -> float:
        """Note that so many were simulated; returns how many times as fast as the clock it goes."""
        now = time.perf_counter()
        fits = n_columns * _ROOM / max(now - self._began, 1e-6)
        if n_columns > self._most / 2 or fits < self._most:  # by little steps: a frame has its own costs, too
            self._most = min(max(fits, n_columns / 2, 1.0), 2.0 * n_columns, _LONGEST)
        self.due = max(self.due + _FRAME, now - _FRAME)
        return self._meter.measure(n_columns * self._show.column, self._pace)


class _Meter:
    """Real-time factor over the last second."""

    def __init__(self) -> None:
        self._points: deque[tuple[float, float]] = deque()
        self._simulated = 0.0

    def measure(self, simulated: float, pace: float) -> float:
        now = time.perf_counter()
        self._simulated += simulated
        self._points.append((now, self._simulated))
        while len(self._points) > 2 and self._points[1][0] < now - 1:
            self._points.popleft()
        first, before = self._points[0]
        return (self._simulated - before) / 1000 / (now - first) if now - first > _SETTLED else pace
