"""The explorer in a notebook, as an anywidget."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import anywidget

from izhi_numba.explorer import bundle
from izhi_numba.explorer.catalogue import Catalogue
from izhi_numba.explorer.frames import Frame
from izhi_numba.explorer.session import Session

_MOST_VIEWS = 8  # of one widget; a page that was loaded anew has not said that its views are gone


class Explorer(anywidget.AnyWidget):
    """The explorer in a notebook cell; each view of it has a session of its own, and close() ends them."""

    _esm = bundle.joined()
    _css = bundle.STATIC / "explorer.css"

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._sessions: dict[str, Session] = {}
        super().__init__()
        self.on_msg(self._receive)

    def _receive(self, _: Any, content: Any, __: Any) -> None:
        given = content if isinstance(content, Mapping) else {}
        view = str(given.get("view", ""))
        if given.get("kind") == "bye":
            gone = self._sessions.pop(view, None)
        else:
            gone = None
            if view not in self._sessions:
                if len(self._sessions) >= _MOST_VIEWS:
                    gone = self._sessions.pop(next(iter(self._sessions)))
                self._sessions[view] = Session(self._catalogue, functools.partial(self._send_frame, view))
            self._sessions[view].receive(content)
        if gone is not None:
            gone.close()

    def _send_frame(self, view: str, frame: Frame) -> None:
        header, buffers = frame.parts()
        self.send(header | {"view": view}, buffers)

    def close(self) -> None:
        """End the threads, and take the page out of the notebook."""
        while self._sessions:
            self._sessions.popitem()[1].close()
        super().close()
