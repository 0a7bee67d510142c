"""The page in a notebook, as an anywidget."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget

from izhi_numba.explorer.catalogue import Catalogue
from izhi_numba.explorer.frames import Frame
from izhi_numba.explorer.session import Session

_STATIC = Path(__file__).parent / "static"


class Explorer(anywidget.AnyWidget):
    """The explorer in a notebook cell; close() ends its threads."""

    _esm = _STATIC / "explorer.js"
    _css = _STATIC / "explorer.css"

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__()
        self._session = Session(catalogue, self._send_frame)
        self.on_msg(self._receive)

    def _send_frame(self, frame: Frame) -> None:
        header, buffers = frame.parts()
        self.send(header, buffers)

    def _receive(self, _: Any, content: Any, __: Any) -> None:
        self._session.receive(content)

    def close(self) -> None:
        """End the threads, and take the page out of the notebook."""
        self._session.close()
        super().close()
