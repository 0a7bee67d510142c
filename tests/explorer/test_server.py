"""The explorer's server: what it gives, and to whom."""

import asyncio
import errno
import json
import re
import signal
import socket
import struct
import subprocess
import sys
from contextlib import asynccontextmanager

import pytest
from tornado import httpclient, netutil, websocket

from izhi_numba.cli import main
from izhi_numba.explorer import bundle
from izhi_numba.explorer.catalogue import Catalogue
from izhi_numba.explorer.server import accept, http_server, serve


@asynccontextmanager
async def running():
    """A server on a free port; yields its address."""
    (own,) = netutil.bind_sockets(0, "127.0.0.1")
    port = own.getsockname()[1]
    server = http_server(Catalogue(), port)
    taking = asyncio.create_task(accept(own, server))
    try:
        yield f"127.0.0.1:{port}"
    finally:
        taking.cancel()
        await asyncio.gather(taking, return_exceptions=True)
        own.close()
        await server.close_all_connections()


def with_server(test):
    async def whole():
        async with running() as host:
            return await test(host)

    return asyncio.run(asyncio.wait_for(whole(), 60))


async def get(host, path, **headers):
    client = httpclient.AsyncHTTPClient()
    return await client.fetch(f"http://{host}{path}", headers=headers, raise_error=False)


def test_files_and_their_headers():
    paths = ["/", "/explorer.css", "/page.js", "/explorer.js"]

    async def test(host):
        return [await get(host, path) for path in paths]

    answers = with_server(test)
    assert [answer.code for answer in answers] == [200] * len(paths)
    kinds = [answer.headers["Content-Type"].split(";")[0] for answer in answers]
    assert kinds == ["text/html", "text/css", "text/javascript", "text/javascript"]
    for answer in answers:
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answers[-1].body.decode() == bundle.joined()
    page = answers[0].body.decode()
    assert not re.search(r"(?:src|href)=.?(?:https?:)?//", page)


@pytest.mark.parametrize(
    "path",
    ["/static/../server.py", "/../pyproject.toml", "/%2e%2e/%2e%2e/etc/passwd", "/explorer.js/..", "/server.py",
     "//etc/passwd", "/..%5c..%5cpyproject.toml", "/nothing", "/base", "/base/", "/base/../page.js",
     "/base/../../server.py", "/views/%2e%2e/page.js", "//base/dom.js", "/base//dom.js", "/base/dom.js/",
     "/base/dom.js", "/base/domxjs", "/base%2fdom.js", "/BASE/dom.js", "/dom.js", "/index.html", "/bundle.py", "/base/dom"],
)  # fmt: skip
def test_nothing_else_is_given(path):
    async def test(host):
        # written by hand, as clients tidy paths up
        name, port = host.split(":")
        reader, writer = await asyncio.open_connection(name, int(port))
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        answer = await reader.read()
        writer.close()
        return answer.decode()

    answer = with_server(test)
    assert answer.startswith("HTTP/1.1 404")
    assert "root:" not in answer
    assert "[project]" not in answer


@pytest.mark.parametrize("name", ["evil.example", "localhost.evil.example", "127.0.0.1:1", ""])
def test_other_hosts_are_refused(name):
    async def test(host):
        return (await get(host, "/", Host=name)).code

    assert with_server(test) in (400, 403)


@pytest.mark.parametrize("origin", ["http://evil.example", "https://127.0.0.1", "null", "http://127.0.0.1:1"])
def test_other_origins_are_refused(origin):
    async def test(host):
        file = await get(host, "/", Origin=origin)
        request = httpclient.HTTPRequest(f"ws://{host}/socket", headers={"Origin": origin})
        with pytest.raises(httpclient.HTTPClientError) as refused:
            await websocket.websocket_connect(request)
        return file.code, refused.value.code

    assert with_server(test) == (403, 403)


def unpacked(block):
    (length,) = struct.unpack_from("<I", block)
    return json.loads(block[4 : 4 + length])


async def connect(host):
    request = httpclient.HTTPRequest(f"ws://{host}/socket", headers={"Origin": f"http://{host}"})
    return await websocket.websocket_connect(request)


async def answer_of(page, kind):
    while True:
        block = await page.read_message()
        assert block is not None
        header = unpacked(block)
        if header["kind"] == kind:
            return header


@pytest.mark.parametrize(
    "message", ["{", "", "nonsense", "[]", "null", "5", '{"kind": null}', "\x00", b"\xff\x00"]
)
def test_malformed_messages_are_answered_and_the_server_lives(message):
    async def test(host):
        page = await connect(host)
        await page.write_message(message, binary=isinstance(message, bytes))
        error = await answer_of(page, "error")
        await page.write_message(json.dumps({"kind": "hello"}))
        catalogue = await answer_of(page, "catalogue")
        page.close()
        return error["text"], catalogue["model"]

    text, model = with_server(test)
    assert text
    assert model == "Izhikevich"


def test_oversized_messages_close_the_connection_and_the_server_lives():
    async def test(host):
        page = await connect(host)
        await page.write_message("x" * 1_000_000)
        while (block := await page.read_message()) is not None:
            assert unpacked(block)["kind"] == "error"
        page.close()
        return (await get(host, "/")).code

    assert with_server(test) == 200


def test_a_port_that_is_taken():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError, match=r"[Aa]ddress already in use"):
            serve(Catalogue(), port=taken.getsockname()[1], open_browser=False)


def test_the_command_opens_a_page_and_ends_with_ctrl_c(tmp_path):
    (tmp_path / "own.py").write_text("def broken(:\n")
    command = [sys.executable, "-m", "izhi_numba", "explore", "--no-browser", "own.py"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path, start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:  # fmt: skip
        line = process.stdout.readline()
        assert re.search(r"http://127\.0\.0\.1:\d+/", line)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "own.py, line 1" in errors


def test_a_file_that_is_not_there(tmp_path):
    command = [sys.executable, "-m", "izhi_numba", "explore", "--no-browser", "none.py"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False, timeout=60)
    assert done.returncode == 2
    assert "expected a Python file, such as my_models.py:Theta, got 'none.py'" in done.stderr


def test_a_body_is_not_read_before_its_host_is_looked_at():
    async def test(host):
        name, port = host.split(":")
        reader, writer = await asyncio.open_connection(name, int(port))
        writer.write(b"POST / HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 50000000\r\n\r\n")
        answer = await reader.read()  # it is not waited for
        writer.close()
        return answer.decode()

    assert with_server(test).startswith("HTTP/1.1 400")


def test_a_deeply_nested_message_is_answered():
    async def test(host):
        page = await connect(host)
        for message in ("[" * 30_000, '{"kind":' * 7000, "[" * 900 + "]" * 900):
            await page.write_message(message)
            assert "message" in (await answer_of(page, "error"))["text"]
        page.close()

    with_server(test)


def test_without_descriptors_it_waits_and_says_so_once(caplog):
    class Full(socket.socket):
        tries = 0

        def accept(self):
            Full.tries += 1
            if Full.tries < 4:
                raise OSError(errno.EMFILE, "Too many open files")
            return super().accept()

    async def test():
        with Full() as own:
            own.bind(("127.0.0.1", 0))
            own.listen()
            own.setblocking(False)
            port = own.getsockname()[1]
            taking = asyncio.create_task(accept(own, http_server(Catalogue(), port)))
            code = (await get(f"127.0.0.1:{port}", "/")).code
            taking.cancel()
            await asyncio.gather(taking, return_exceptions=True)
        return code

    assert asyncio.run(asyncio.wait_for(test(), 60)) == 200
    told = [record.getMessage() for record in caplog.records if record.name == "izhi_numba"]
    assert told == ["the explorer takes no connection until others are closed: Too many open files"]


@pytest.mark.parametrize("port", ["70000", "80000", "-1"])
def test_a_port_that_cannot_be(port, capsys):
    assert main(["explore", "--no-browser", f"--port={port}"]) == 2
    assert f"--port: expected a whole number from 0 to 65535, got {port}" in capsys.readouterr().err
