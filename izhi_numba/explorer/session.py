"""A session of the explorer: answers the requests of one page, which ``server`` or ``widget`` carry."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from izhi_numba.base.checks import one_of, whole_number
from izhi_numba.explorer import neuron, tour
from izhi_numba.explorer.catalogue import Catalogue
from izhi_numba.explorer.frames import Frame
from izhi_numba.explorer.live import Live
from izhi_numba.explorer.script import script
from izhi_numba.explorer.settings import read
from izhi_numba.results.error import SimulationError
from izhi_numba.version import __version__

_PATIENCE = 0.3  # s, after which a page is told that something is compiled
_WIDEST = 8192  # pixels
_MOST_WAITING = 100  # requests
_CURVES_APART = 0.1  # s, while a slider is moved


class Session:
    """Answers the requests of one page.

    Requests are answered in a thread of the session's own, the newest neuron first: of older ones what has
    not been computed yet is left out.

    Parameters
    ----------
    catalogue : Catalogue
    send : function of a Frame
        May be called from any thread.
    """

    def __init__(self, catalogue: Catalogue, send: Callable[[Frame], None]) -> None:
        self._catalogue, self._send = catalogue, send
        self._live = Live(send, catalogue.networks)
        self._changed = threading.Condition()
        self._newest: Mapping[str, Any] | None = None  # request of a neuron
        self._others: deque[Mapping[str, Any]] = deque()
        self._closed = False
        self._last_curve = 0.0
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def receive(self, message: Any) -> None:
        """Take a message of the page; answers come by ``send``."""
        if self._closed:
            return
        about = "message"
        try:
            if not isinstance(message, Mapping):
                raise TypeError(f"message: expected names with values, got {message!r:.60}")
            kind = one_of("kind", message.get("kind"), ("hello", "neuron", "text", "network"))
            about = kind
            if kind == "network":
                self._live.receive(message, lambda given: read(given, self._catalogue))
                return
            with self._changed:
                if kind == "neuron":
                    self._newest = message
                elif len(self._others) < _MOST_WAITING:
                    self._others.append(message)
                self._changed.notify()
        except (TypeError, ValueError, KeyError) as error:
            self._tell_error(about, error)
        except RecursionError:
            self._tell_error(about, ValueError("message: it is nested too deeply"))

    def close(self) -> None:
        """End the threads; called when the view is gone."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._live.stop()

    @property
    def busy(self) -> bool:
        """Whether a thread of it is left."""
        return self._thread.is_alive() or self._live.running

    def _work(self) -> None:
        while True:
            with self._changed:
                while not (self._closed or self._newest or self._others):
                    self._changed.wait()
                if self._closed:
                    return
                request = self._others.popleft() if self._others else self._newest
                if request is self._newest:
                    self._newest = None
            assert request is not None
            self._answer(request)

    def _answer(self, request: Mapping[str, Any]) -> None:
        compiling = threading.Timer(_PATIENCE, self._send, [Frame({"kind": "status", "text": _COMPILING})])
        compiling.daemon = True
        compiling.start()
        try:
            if request["kind"] == "hello":
                self._send(Frame(self._greeting()))
            elif request["kind"] == "text":
                self._text(request)
            else:
                self._neuron(request)
        except Exception as error:  # all that can go wrong is told in the page
            self._tell_error(request["kind"], error, request.get("seq"))
        if not compiling.is_alive():
            self._send(Frame({"kind": "status", "text": ""}))
        compiling.cancel()

    def _greeting(self) -> dict[str, Any]:
        return {
            "kind": "catalogue",
            "version": __version__,
            **self._catalogue.as_message(),
            "tour": tour.as_messages(),
        }

    def _neuron(self, request: Mapping[str, Any]) -> None:
        seq = whole_number("seq", request.get("seq"), at_least=0)
        width = whole_number("width", request.get("width", 800), at_least=10, at_most=_WIDEST)
        settings = read(request.get("settings"), self._catalogue)
        goal = request["settings"].get("tour")
        result = settings.simulate()
        parts: list[Callable[[], Frame]] = [
            lambda: neuron.trace(settings, result, width, goal if isinstance(goal, int) else None),
            lambda: neuron.plane(settings, result),
            lambda: neuron.curve(settings, result),
        ]
        for place, part in enumerate(parts):
            if place > 1 and self._overtaken() and time.perf_counter() < self._last_curve + _CURVES_APART:
                return
            frame = part()
            if place > 1:
                self._last_curve = time.perf_counter()
            self._send(Frame(frame.header | {"seq": seq}, frame.arrays))

    def _overtaken(self) -> bool:
        with self._changed:
            return self._newest is not None or self._closed

    def _text(self, request: Mapping[str, Any]) -> None:
        what = one_of("what", request.get("what"), ("python", "csv"))
        settings = read(request.get("settings"), self._catalogue)
        text = script(settings) if what == "python" else neuron.as_csv(settings.simulate())
        self._send(Frame({"kind": "text", "seq": request.get("seq"), "what": what, "text": text}))

    def _tell_error(self, about: str, error: Exception, seq: Any = None) -> None:
        expected = isinstance(error, TypeError | ValueError | SimulationError)
        text = str(error) if expected else f"{type(error).__name__}: {error}"
        self._send(Frame({"kind": "error", "about": about, "seq": seq, "text": text}))


_COMPILING = "compiling; this is kept on disk, and will be quick next time"
