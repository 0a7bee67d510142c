"""The explorer in JupyterLab: ``python benchmarks/explorer_notebook.py``.

Asks for jupyterlab, the extras ``notebook`` and ``test``, and Chromium.
Starts JupyterLab on a free port, runs a notebook that ends with ``iz.explore(Theta)``, drags sliders with the
mouse, and runs the network of 2003 with 10,000 neurons. Prints a table: milliseconds from the hand to the
picture (from the event's time to the end of drawing, as the page itself measures it), redraws per second of
the drag, frames per second of the network, and the load of the machine, on which all of them depend.

``tests/explorer/test_notebook.py`` takes JupyterLab and its browser from here.
"""

import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.explorer.browsers import launch

MODEL = '''import izhi_numba as iz


class Theta(iz.Model):
    """Quadratic integrate-and-fire neuron with an adaptation current."""

    v = iz.State(-65.0, unit="mV")
    w = iz.State(0.0, unit="mV")
    tau = iz.Parameter(20.0, unit="ms", range=(5, 50))
    tau_w = iz.Parameter(150.0, unit="ms", range=(50, 500))
    jump = iz.Parameter(4.0, unit="mV", range=(0, 20))
    peak = 0.0
    scheme = "heun"

    def derivatives(v, w, I, tau, tau_w):
        return ((v + 65) * (v + 50) / 5 - w + I) / tau, -w / tau_w

    def threshold(v):
        return v >= 0

    def reset(w, jump):
        return -60.0, w + jump
'''
SHOWN = "shown = iz.explore(Theta)\nshown"
_LAB = (
    "--no-browser", "--allow-root", "--ip=127.0.0.1", "--ServerApp.port_retries=0",
    "--IdentityProvider.token=",
    "--LabApp.news_url=", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly", "--LabApp.expose_app_in_browser=True",
)  # fmt: skip
_OWN = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTERLAB_SETTINGS_DIR",
        "JUPYTERLAB_WORKSPACES_DIR", "IPYTHONDIR")  # fmt: skip
_VIEW = ".izhi-explorer"
_MOVES, _APART = 120, 0.016  # of the mouse in a drag; s
_DRAGS = (("tau (ms)", 0.3, 0.9), ("amplitude", 0.2, 0.9), ("jump (mV)", 0.2, 0.7))
_NETWORK_SECONDS = 8


@contextlib.contextmanager
def jupyterlab(folder, cells):
    """Start JupyterLab on a notebook with some cells of code; yields the notebook's address."""
    folder = Path(folder)
    cells = [
        {"cell_type": "code", "id": f"cell{i}", "source": source, "metadata": {}, "outputs": [],
         "execution_count": None}
        for i, source in enumerate(cells)
    ]  # fmt: skip
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    (folder / "explorer.ipynb").write_text(json.dumps(notebook))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", *_LAB, f"--port={port}", f"--ServerApp.root_dir={folder}"]
    own = {name: str(folder / f".{name.lower()}") for name in _OWN}
    with (folder / "jupyterlab.log").open("w") as log:
        server = subprocess.Popen(command, cwd=folder, env=os.environ | own, stdout=log, stderr=log)
    try:
        _answering(server, f"http://127.0.0.1:{port}/api/status", folder / "jupyterlab.log")
        yield f"http://127.0.0.1:{port}/lab/tree/explorer.ipynb?reset"
    finally:
        server.terminate()  # and its kernels with it
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _answering(server, address, log):
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if server.poll() is not None:
            break
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=5):
            return
        time.sleep(0.2)
    raise RuntimeError(f"JupyterLab does not answer:\n{log.read_text()[-2000:]}")


@contextlib.contextmanager
def browser_page(width=1400, height=1600):
    """Open a page of Chromium, in which names of other machines are unknown."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = launch(playwright)
        try:
            page = browser.new_page(viewport={"width": width, "height": height})
            page.set_default_timeout(90_000)
            yield page
        finally:
            browser.close()


def run_notebook(page, address):
    """Open a notebook, run all of it, wait for the explorer; returns the seconds until its picture."""
    page.goto(address)
    page.wait_for_selector(".jp-Notebook .jp-Cell")
    page.wait_for_function(
        "() => window.jupyterapp?.shell.currentWidget?.context?.sessionContext?.session?.kernel"
        "?.status === 'idle'"
    )
    page.evaluate("() => jupyterapp.commands.execute('application:toggle-left-area')")
    began = time.perf_counter()
    page.evaluate("() => jupyterapp.commands.execute('notebook:run-all-cells')")
    page.wait_for_selector(f"{_VIEW}[data-seq]")
    took = time.perf_counter() - began
    page.wait_for_selector(f"{_VIEW}[data-curve-seq]")
    settle(page)
    return took


def settle(page):
    """Wait for the picture of the newest settings."""
    page.wait_for_function(
        f"() => (({{ seq, asked }}) => seq === asked)(document.querySelector('{_VIEW}').dataset)"
    )


def drag(page, slider, start, stop, moves=_MOVES, apart=_APART):
    """Drag a slider by the mouse between fractions of its width; returns latencies (ms) and seconds."""
    handle = page.locator(f'{_VIEW} input[type=range][aria-label="{slider}"]').first
    handle.scroll_into_view_if_needed()
    settle(page)
    box = handle.bounding_box()
    x = lambda place: box["x"] + 8 + place * (box["width"] - 16)  # noqa: E731
    y = box["y"] + box["height"] / 2
    page.mouse.move(x(start), y)
    page.mouse.down()
    settle(page)
    page.evaluate(
        f"""() => {{
            const view = document.querySelector("{_VIEW}");
            window.latencies = [];
            window.latencyObserver?.disconnect();
            window.latencyObserver = new MutationObserver((changes) =>
                changes.forEach(() => window.latencies.push(Number(view.dataset.latency))));
            window.latencyObserver.observe(view, {{ attributes: true, attributeFilter: ["data-latency"] }});
        }}"""
    )
    began = time.perf_counter()
    for move in range(1, moves + 1):
        page.mouse.move(x(start + (stop - start) * move / moves), y)
        time.sleep(max(0.0, began + move * apart - time.perf_counter()))
    took = time.perf_counter() - began
    page.mouse.up()
    settle(page)
    return page.evaluate("() => window.latencies"), took


def open_network(page, n):
    """Open the cortical network with so many neurons, and wait until it is well under way."""
    page.locator(f"{_VIEW} .pages button").nth(1).click()
    if page.locator(f"{_VIEW} .network[data-state=closed]").count():
        page.locator(f"{_VIEW} .network .exhibit[data-name=cortical] button").click()
    field = page.locator(f'{_VIEW} .network input[aria-label="neurons"]')
    field.fill(str(n))
    field.press("Enter")
    page.wait_for_function(
        f"(n) => document.querySelector('{_VIEW} .facts').textContent.startsWith(n)", arg=f"{n:,} "
    )
    page.wait_for_function(f"() => Number(document.querySelector('{_VIEW}').dataset.frame) > 60")


def frames_per_second(page, seconds):
    """Frames that the page draws."""
    count = f"() => [Number(document.querySelector('{_VIEW}').dataset.frame), performance.now()]"
    first, began = page.evaluate(count)
    time.sleep(seconds)
    last, ended = page.evaluate(count)
    return 1000 * (last - first) / (ended - began)


def main():
    row = "{:<26}{:>10}{:>10}{:>10}{:>12}{:>8}".format
    with (
        tempfile.TemporaryDirectory() as folder,
        jupyterlab(folder, [MODEL, SHOWN]) as address,
        browser_page() as page,
    ):
        print(f"first picture after {run_notebook(page, address):.1f} s")
        print(row("drag", "median ms", "90 % ms", "most ms", "redraws/s", "load"))
        for slider, start, stop in _DRAGS * 2:
            latencies, took = drag(page, slider, start, stop)
            ordered = sorted(latencies)
            told = [
                statistics.median(ordered),
                ordered[int(0.9 * len(ordered))],
                ordered[-1],
                len(ordered) / took,
            ]
            print(row(slider, *(f"{number:.0f}" for number in told), f"{os.getloadavg()[0]:.1f}"))
        open_network(page, 10_000)
        for _ in range(3):
            rate = frames_per_second(page, _NETWORK_SECONDS)
            told = page.locator(f"{_VIEW} .pace").inner_text()
            print(f"10,000 neurons: {rate:.0f} frames/s; it tells {told}; load {os.getloadavg()[0]:.1f}")
        page.locator(f"{_VIEW} .pages button").nth(0).click()
        latencies, took = drag(page, "tau (ms)", 0.9, 0.3)
        print(f"dragged beside the network: median {statistics.median(latencies):.0f} ms")


if __name__ == "__main__":
    main()
