"""The web server of the explorer, for this machine alone: files, and a socket.

It listens on 127.0.0.1 alone, and answers only requests that name it so: a page of another site that the
user's browser has open can neither read from it nor talk to it.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import logging
import re
import socket
import webbrowser
from collections.abc import Callable
from typing import Any

from tornado import httpserver, iostream, web, websocket

from izhi_numba.explorer import bundle
from izhi_numba.explorer.catalogue import Catalogue
from izhi_numba.explorer.frames import Frame
from izhi_numba.explorer.session import Session

_KINDS = {".html": "text/html", ".js": "text/javascript", ".css": "text/css"}
# Paths that are answered, and the files that they give: those that the page asks for, and no others.
_FILES = {
    "/": "index.html",
    "/explorer.css": "explorer.css",
    "/page.js": "page.js",
    "/explorer.js": "explorer.js",
}
_LARGEST_MESSAGE = 64 * 1024  # bytes
_LARGEST_BODY = 1024  # bytes of a request, which are read before its host is looked at; the page sends none
_LACKS = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}  # what others are to give back first
_REST = 0.5  # s between two tries to take a connection then
_PING = 20  # s between looks at whether a page is still there
_log = logging.getLogger("izhi_numba")
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:;"
    " connect-src 'self' ws://{host}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def serve(
    catalogue: Catalogue,
    *,
    port: int = 0,
    open_browser: bool = True,
    ready: Callable[[str], None] | None = None,
) -> None:
    """Serve the page until interrupted.

    Parameters
    ----------
    catalogue : Catalogue
    port : int
        0 for any that is free.
    open_browser : bool
    ready : function of the address
        Called when the page can be opened.

    Raises
    ------
    OSError
        The port is taken.
    """
    asyncio.run(_serve(catalogue, port, open_browser, ready))


async def _serve(
    catalogue: Catalogue, port: int, open_browser: bool, ready: Callable[[str], None] | None
) -> None:
    listening = socket.create_server(("127.0.0.1", port))
    listening.setblocking(False)
    port = listening.getsockname()[1]
    server = http_server(catalogue, port)
    url = f"http://127.0.0.1:{port}/"
    if ready is not None:
        ready(url)
    if open_browser:
        webbrowser.open(url)
    await accept(listening, server)


async def accept(listening: socket.socket, server: httpserver.HTTPServer) -> None:
    """Hand connections to a server; where the system has none left to give, wait, and say so once."""
    loop, told = asyncio.get_running_loop(), False
    while True:
        try:
            connection, address = await loop.sock_accept(listening)
        except ConnectionAbortedError:
            continue
        except OSError as error:
            if error.errno not in _LACKS:
                raise
            if not told:
                _log.warning("the explorer takes no connection until others are closed: %s", error.strerror)
            told = True
            await asyncio.sleep(_REST)
            continue
        told = False
        server.handle_stream(iostream.IOStream(connection), address)


def http_server(catalogue: Catalogue, port: int) -> httpserver.HTTPServer:
    """Return the server for a port."""
    return httpserver.HTTPServer(application(catalogue, port), max_body_size=_LARGEST_BODY)


def application(catalogue: Catalogue, port: int) -> web.Application:
    """Return the web application for a port."""
    hosts = {f"127.0.0.1:{port}", f"localhost:{port}"}
    handlers: list[Any] = [("/socket", _Socket, {"catalogue": catalogue, "hosts": hosts})]
    handlers += [(re.escape(path), _File, {"hosts": hosts}) for path in _FILES]
    return web.Application(
        handlers, websocket_max_message_size=_LARGEST_MESSAGE, websocket_ping_interval=_PING,
        default_handler_class=_NotFound, default_handler_args={"hosts": hosts}, log_function=_log_nothing,
    )  # fmt: skip


def _log_nothing(_: web.RequestHandler) -> None:
    pass


def _check_host(handler: web.RequestHandler, hosts: set[str]) -> None:
    """Refuse requests under another name, as after a name server was made to point here."""
    if handler.request.host not in hosts:
        raise web.HTTPError(403)
    origin = handler.request.headers.get("Origin")
    if origin is not None and origin not in {f"http://{host}" for host in hosts}:
        raise web.HTTPError(403)


class _File(web.RequestHandler):
    """One of the page's files."""

    def initialize(self, hosts: set[str]) -> None:
        self._hosts = hosts

    def prepare(self) -> None:
        _check_host(self, self._hosts)

    def set_default_headers(self) -> None:
        self.set_header("Content-Security-Policy", _POLICY.format(host=self.request.host))
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("Cache-Control", "no-store")
        self.clear_header("Server")

    def get(self) -> None:
        path = bundle.STATIC / _FILES[self.request.path]
        self.set_header("Content-Type", f"{_KINDS[path.suffix]}; charset=utf-8")
        # The modules come as one, as in a notebook: a request for each of 73 takes the page longer.
        self.finish(bundle.joined() if path.name == bundle.ENTRY else path.read_bytes())

    def write_error(self, status_code: int, **_: Any) -> None:
        self.set_header("Content-Type", "text/plain")
        self.finish({403: "refused", 404: "not found"}.get(status_code, "error"))


class _NotFound(_File):
    """Everything else."""

    def get(self) -> None:
        raise web.HTTPError(404)


def _later(loop: asyncio.AbstractEventLoop, call: Callable[[bytes], None], block: bytes) -> None:
    with contextlib.suppress(RuntimeError):  # the server has ended
        loop.call_soon_threadsafe(call, block)


def _look_away(sent: asyncio.Future[None]) -> None:
    """Let a message be lost that the page left no time for."""
    if not sent.cancelled():
        sent.exception()


class _Socket(websocket.WebSocketHandler):
    """The connection of one page."""

    def initialize(self, catalogue: Catalogue, hosts: set[str]) -> None:
        self._catalogue, self._hosts = catalogue, hosts
        self._session: Session | None = None

    def prepare(self) -> None:
        _check_host(self, self._hosts)

    def check_origin(self, origin: str) -> bool:
        return origin in {f"http://{host}" for host in self._hosts}

    def open(self, *_: str, **__: str) -> None:
        loop = asyncio.get_running_loop()
        self.set_nodelay(True)
        self._session = Session(self._catalogue, lambda frame: _later(loop, self._write, frame.packed()))

    def _write(self, block: bytes) -> None:
        if self.ws_connection is not None and not self.ws_connection.is_closing():
            sent = self.write_message(block, binary=True)
            sent.add_done_callback(_look_away)

    def on_message(self, message: str | bytes) -> None:
        try:
            given = json.loads(message)
        except (ValueError, RecursionError):
            text = "message: expected JSON, nested a few levels deep"
            self._write(Frame({"kind": "error", "about": "message", "text": text}).packed())
            return
        if self._session is not None:
            self._session.receive(given)

    def on_close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            asyncio.get_running_loop().run_in_executor(None, session.close)
