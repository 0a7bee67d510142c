"""The explorer in a browser: how fast it follows the hand, beside a page that only echoes, and how it starts.

Run it on a quiet machine:  python benchmarks/explorer.py
"""

import asyncio
import re
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import psutil
from playwright.sync_api import sync_playwright
from tornado import httpserver, netutil, web, websocket

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.explorer.browsers import launch
from tests.explorer.page import Server, until

DRAGS = 5  # of each page, taking turns
MOVES = 120  # of the mouse in a drag
BETWEEN = 1 / 60  # s
SHOWN = 10.0  # s of a network
STARTS = 3

ECHO_PAGE = """<!doctype html><title>echo</title><link rel="icon" href="data:,">
<div class="izhi-explorer"><input type="range" min="0" max="1" step="any" value="0.5" aria-label="b"
style="width: 200px"><canvas width="800" height="400"></canvas></div>
<script>
const root = document.querySelector(".izhi-explorer"), input = document.querySelector("input");
const ctx = document.querySelector("canvas").getContext("2d");
const socket = new WebSocket(`ws://${location.host}/socket`), padding = "x".repeat(REQUEST);
socket.binaryType = "arraybuffer";
let asked = 0, busy = false, waiting = false, moved = 0, movedSent = 0;
const send = () => { busy = true; waiting = false; movedSent = moved; socket.send(++asked + padding); };
input.oninput = (event) => {
  moved = event.timeStamp;
  if (busy) waiting = true; else send();
  root.dataset.asked = asked + waiting;
};
socket.onmessage = ({ data }) => {
  const of = movedSent;
  busy = false;
  if (waiting) send();
  ctx.fillStyle = `hsl(${new Uint8Array(data)[0]} 50% 50%)`;
  ctx.fillRect(0, 0, 800, 400);
  root.dataset.seq = asked - busy;
  root.dataset.latency = (performance.now() - of).toFixed(1);
};
socket.onopen = () => Object.assign(root.dataset, { asked: 0, seq: 0 });
</script>"""

# Notes when something is there for the first time, and how long each answer took: until it was drawn, and
# until the picture was on its way to the screen.
WATCH = """
window.seen = {}; window.latencies = []; window.presented = [];
const first = (name, when) => { if (when && !(name in seen)) seen[name] = performance.now(); };
new MutationObserver((changes) => {
  const root = document.querySelector(".izhi-explorer");
  if (!root) return;
  first("page", true);
  first("controls", root.querySelector("input"));
  first("compiles", root.querySelector(".status")?.textContent.includes("compiling"));
  first("trace", root.dataset.seq);
  if (!changes.some((change) => change.attributeName === "data-latency")) return;
  const [latency, drawn] = [Number(root.dataset.latency), performance.now()];
  latencies.push(latency);
  requestAnimationFrame(() => setTimeout(() => presented.push(latency + performance.now() - drawn)));
}).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
"""


class Echo:
    """The page that only echoes: as much each way as the explorer's, and a filled rectangle."""

    def __init__(self, request, reply):
        class Page(web.RequestHandler):
            def get(self):
                self.finish(ECHO_PAGE.replace("REQUEST", str(request)))

        class Socket(websocket.WebSocketHandler):
            def open(self):
                self.set_nodelay(True)

            def on_message(self, message):
                self.write_message(bytes([len(message) % 256]) * reply, binary=True)

        async def serve():
            sockets = netutil.bind_sockets(0, "127.0.0.1")
            self.url = f"http://127.0.0.1:{sockets[0].getsockname()[1]}/"
            application = web.Application([("/", Page), ("/socket", Socket)])
            httpserver.HTTPServer(application).add_sockets(sockets)
            ready.set()
            await asyncio.Event().wait()

        ready = threading.Event()
        threading.Thread(target=lambda: asyncio.run(serve()), daemon=True).start()
        ready.wait()


def opened(browser, url):
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    page.add_init_script(WATCH)
    page.goto(url)
    until(lambda: data(page).get("seq"), "the first answer", 180)
    return page


def data(page):
    return page.evaluate("() => ({...document.querySelector('.izhi-explorer')?.dataset})")


def behind(page):
    """Answers that are yet to come for what was asked."""
    now = data(page)
    return int(now["asked"]) - int(now["seq"])


def drag(page):
    """Drag a slider; returns latencies (drawn, presented), redraws/s, requests behind at the end."""
    slider = page.get_by_role("slider", name=re.compile(r"^b( |$)"))
    box = slider.bounding_box()
    page.evaluate("() => { latencies.length = presented.length = 0 }")
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 0.5 * box["width"], y)
    page.mouse.down()
    began = time.perf_counter()
    for k in range(MOVES):
        page.mouse.move(box["x"] + box["width"] * (0.5 + 0.35 * np.sin(2 * np.pi * k / MOVES)), y)
        time.sleep(BETWEEN)
    seconds = time.perf_counter() - began
    left = behind(page)
    page.mouse.up()
    until(lambda: behind(page) == 0, "the last answer")
    drawn, presented = page.evaluate("() => [latencies, presented]")
    return drawn, presented, len(drawn) / seconds, left


def sizes(browser, url):
    """Bytes of a request and of the trace that answers it."""
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    sent, received = [], []
    page.on("websocket", lambda one: one.on("framesent", lambda message: sent.append(message)))
    page.on("websocket", lambda one: one.on("framereceived", lambda message: received.append(message)))
    page.goto(url)
    until(lambda: data(page).get("curveSeq"), "the first curve")
    page.close()
    return max(map(len, sent)), max(len(one) for one in received if b'"trace"' in one[:40])


def follow(browser):
    """Slider to pixels, explorer and echo in turns."""
    found = {name: ([], [], [], []) for name in ("explorer", "echo")}
    with Server() as server:
        request, reply = sizes(browser, server.url)
        pages = {"explorer": opened(browser, server.url), "echo": opened(browser, Echo(request, reply).url)}
        for turn in range(1 + DRAGS):  # the first one warms up
            for name, page in pages.items():
                page.bring_to_front()
                told = drag(page)
                for values, value in zip(found[name], told, strict=True):
                    values.extend([value] if turn else [])
        for page in pages.values():
            page.close()
    return found, request, reply


NETWORKS = """import izhi_numba as iz


def n10000():
    return iz.Pool.cortical(10_000, seed=1)


def n100000():
    return iz.Pool.cortical(100_000, seed=1)


def placed():
    pool = iz.Pool.cortical(10_000, seed=1)
    return pool, iz.grid(100, 100)
"""


def network(browser, name):
    """Frames/s, real-time factor, share of one core of the server, and bytes/s, while a network is shown."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "networks.py"
        path.write_text(NETWORKS)
        with Server(f"{path}:{name}") as server:
            page = browser.new_page(viewport={"width": 1400, "height": 900})
            received = []
            page.on("websocket", lambda one: one.on("framereceived", lambda data: received.append(len(data))))
            page.goto(server.url)
            until(lambda: int(data(page).get("frame", 0)) > 90, "frames", 180)
            process = psutil.Process(server.process.pid)
            factors, before, first, began = (
                [],
                process.cpu_times(),
                int(data(page)["frame"]),
                time.perf_counter(),
            )
            received.clear()
            while time.perf_counter() < began + SHOWN:
                factors.append(float(page.locator(".pace").inner_text().split(" · ")[1].split()[0]))
                time.sleep(0.5)
            seconds = time.perf_counter() - began
            after, frames = process.cpu_times(), int(data(page)["frame"]) - first
            page.close()
    busy = after.user + after.system - before.user - before.system
    return frames / seconds, statistics.median(factors), busy / seconds, sum(received) / seconds


def first_frame(browser, cache=None):
    """When a page shows itself, its controls, that it compiles, and a trace; in s.

    Times are since the page was asked for; ``total`` is the trace since the process was started.
    """
    began = time.perf_counter()
    with Server(environment={"NUMBA_CACHE_DIR": cache} if cache else None) as server:
        page = opened(browser, server.url)
        total = time.perf_counter() - began
        seen = {name: value / 1000 for name, value in page.evaluate("() => seen").items()}
        page.close()
    return seen | {"total": total}


def network_rows(title, measured, frames, factor):
    """Rows of the table."""
    rate, times, share, size = measured
    return [
        (f"{title}: frames/s", f"{rate:.1f}", frames),
        ("  times real time", f"{times:.2f}", factor),
        ("  server, share of a core; kB/s", f"{share:.2f}; {size / 1000:.0f}", ""),
    ]


def main():
    """Measure, and print a table."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        found, request, reply = follow(browser)
        networks = {name: network(browser, name) for name in ("n10000", "placed", "n100000")}
        warm = [first_frame(browser) for _ in range(STARTS)]
        with tempfile.TemporaryDirectory() as folder:
            cold = first_frame(browser, folder)
        browser.close()
    drawn = {name: np.concatenate(one[0]) for name, one in found.items()}
    presented = {name: np.concatenate(one[1]) for name, one in found.items()}
    median = {name: np.median(values) for name, values in drawn.items()}
    late = {name: np.percentile(values, 95) for name, values in drawn.items()}
    shown = {name: np.median(values) for name, values in presented.items()}
    redraws = {name: statistics.median(one[2]) for name, one in found.items()}
    behind_at_end = max(found["explorer"][3])
    usual = {name: statistics.median(one[name] for one in warm) for name in ("trace", "total")}
    rows = [
        ("slider to drawn, median, ms", f"{median['explorer']:.0f}", "≤ 50"),
        ("slider to drawn, 95 %, ms", f"{late['explorer']:.0f}", ""),
        ("the same, echo page, median (95 %), ms", f"{median['echo']:.0f} ({late['echo']:.0f})", ""),
        ("above the echo page, median, ms", f"{median['explorer'] - median['echo']:.0f}", "≤ 25"),
        ("slider to screen, median (echo), ms", f"{shown['explorer']:.0f} ({shown['echo']:.0f})", "≤ 50"),
        ("redraws/s in a drag (echo page)", f"{redraws['explorer']:.0f} ({redraws['echo']:.0f})", ""),
        ("requests behind after a drag, most", f"{behind_at_end}", "≤ 1"),
        *network_rows("10,000 neurons, 10^6 synapses", networks["n10000"], "30", "1.00"),
        *network_rows("the same with a map", networks["placed"], "30", "1.00"),
        *network_rows("100,000 neurons, 10^7 synapses", networks["n100000"], "usable", ""),
        ("first trace, warm, s (since the start of the process)",
         f"{usual['trace']:.2f} ({usual['total']:.2f})", "< 3"),
        ("cold cache: page there, s", f"{cold['page']:.2f}", "at once"),
        ("cold cache: its controls there, s", f"{cold['controls']:.2f}", "at once"),
        ("cold cache: says that it compiles, s", f"{cold.get('compiles', float('nan')):.2f}", "at once"),
        ("cold cache: first trace, s", f"{cold['trace']:.1f}", ""),
    ]  # fmt: skip
    print(f"{DRAGS} drags of {MOVES} moves each; {request} bytes there, {reply} bytes back\n")
    print("| what | measured | aim |\n|---|---|---|")
    for row in rows:
        print("| " + " | ".join(row) + " |")


if __name__ == "__main__":
    main()
