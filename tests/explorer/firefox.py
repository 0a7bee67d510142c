"""Debian's Firefox as the driver of the page tests wants it: run by the driver in place of Firefox.

The driver (Playwright 1.65, over WebDriver BiDi) makes no profile without a command that Firefox 153 ESR does not have,
and hears of no download without a number that Firefox does not give. This program starts Firefox, stands between the
two, answers that command with "done", and numbers downloads by their addresses.
"""

import asyncio
import json
import re
import sys

from tornado import httpserver, netutil, web, websocket

MISSING = "emulation.setMediaFeaturesOverride"  # the colour scheme, which a preference sets
LIMIT = 2**28  # bytes of a message: a picture of a page is one


class Between(websocket.WebSocketHandler):
    """One session of the driver."""

    def initialize(self, url):
        self.url = url

    async def open(self, *_):
        self.firefox = await websocket.websocket_connect(self.url, max_message_size=LIMIT)
        self.answering = asyncio.create_task(self.answer())

    async def answer(self):
        while (told := await self.firefox.read_message()) is not None:
            await self.write_message(numbered(told) if '"browsingContext.download' in told else told)
        self.close()

    async def on_message(self, asked):
        command = json.loads(asked)
        if command["method"] == MISSING:
            await self.write_message({"type": "success", "id": command["id"], "result": {}})
        else:
            await self.firefox.write_message(asked)

    def on_close(self):
        self.firefox.close()


def numbered(told):
    event = json.loads(told)
    if event.get("type") == "event":
        event["params"].setdefault("download", event["params"]["url"])
    return json.dumps(event)


async def main(executable, *arguments):
    firefox = await asyncio.create_subprocess_exec(executable, *arguments, stderr=asyncio.subprocess.PIPE)
    async for line in firefox.stderr:
        told = line.decode(errors="replace").rstrip()
        if found := re.search(r"WebDriver BiDi listening on (ws://\S+)", told):
            (socket, *_) = netutil.bind_sockets(0, "127.0.0.1")
            url = found[1] + "/session"
            between = web.Application([("/session", Between, {"url": url})], websocket_max_message_size=LIMIT)
            httpserver.HTTPServer(between).add_sockets([socket])
            told = told.replace(found[1], f"ws://127.0.0.1:{socket.getsockname()[1]}")
        sys.stderr.write(told + "\n")
        sys.stderr.flush()
    return await firefox.wait()


if __name__ == "__main__":
    sys.exit(asyncio.run(main(*sys.argv[1:])))
