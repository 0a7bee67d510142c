"""What the page does in time: it follows a hand, and the pool runs at the pace of the clock. Wants a quiet machine."""

import signal
import time

import numpy as np
import psutil
import pytest

import izhi_numba as iz
from tests.explorer.browsers import only_chromium
from tests.explorer.page import Server, View, counts, until

pytestmark = pytest.mark.usefixtures("quiet")


@pytest.mark.parametrize(
    ("name", "to", "symbol"), [("d", 0.1, "d"), ("b", 0.9, "b"), ("amplitude", 0.95, None)]
)
def test_a_dragged_slider(view, name, to, symbol):
    before = view.count
    drawn = set()
    for _ in view.drag(name, to):
        drawn.add(view.steps()[1])
    released = view.steps()
    assert released[0] - released[1] <= 2  # one request under way, and the newest move
    view.settle()
    assert view.most_in_flight == 1
    assert len(drawn) > 5  # it followed the hand
    assert view.steps()[0] == view.asked
    settings = view.settings()
    value = settings["values"][symbol] if symbol else settings["current"]["amplitude"]
    assert float(view.field(name).input_value()) == pytest.approx(value, rel=1e-5)
    assert value != (iz.presets["RS"].get(symbol) if symbol else 10)
    assert view.count == counts(settings) != before
    assert view.button("RS").get_attribute("class") == "modified"
    assert 0 < float(view.data()["latency"]) < 3000


@pytest.fixture
def cortex(view):
    return view.open_network("Cortex, 2003", 20)


def test_a_network_runs_in_real_time(cortex):
    cortex.wait_frames(90)
    first, *others = cortex.frames[-60:]
    last = others[-1]
    assert last["t"] - first["t"] == sum(one["columns"] for one in others)
    until(lambda: cortex.headers["frame"]["factor"] == pytest.approx(1.0, abs=0.1), "as fast as the clock")
    until(lambda: "× real time" in cortex.page.locator(".pace").inner_text(), "the pace")
    assert not cortex.page.locator(".network-head .note").is_visible()


def test_a_dragged_slider_of_a_network(cortex):
    usual = cortex.shown_rate("exc")
    for _ in cortex.drag("drive", 0.75):
        pass
    until(lambda: cortex.shown_rate("exc") > 2 * usual, "a higher rate is shown")
    assert cortex.state()["network"]["turned"]["drive"] == pytest.approx(12.5, abs=0.5)


def test_it_does_not_catch_up_after_a_pause(cortex):
    cortex.press("pause the network")
    until(lambda: cortex.network_state == "paused", "the network pauses")
    time.sleep(1.0)
    cortex.press("resume the network")
    began = cortex.headers["frame"]["t"], time.monotonic()
    cortex.wait_frames(20)
    went = cortex.headers["frame"]["t"] - began[0], 1000 * (time.monotonic() - began[1])
    assert went[0] < went[1] + 500.0  # ms; not the second that it stood still besides
    until(lambda: cortex.headers["frame"]["factor"] == pytest.approx(1.0, abs=0.2), "as fast as the clock")


def test_the_thread_ends_with_its_tab(context_of):
    with Server() as server:
        process = psutil.Process(server.process.pid)
        kept = process.num_threads() + 4  # the server keeps workers, and the package those of its team
        for _ in range(6):  # a thread that stays, or two, would be more
            context = context_of()
            View(context, server.url).open().open_network("Cortex, 2003")
            context.close()
            until(lambda: process.num_threads() <= kept, "its threads are gone")


def test_a_machine_that_is_too_slow_is_told(context_of):
    with Server() as server:
        view = View(context_of(), server.url).open()
        view.open_network("Cortex, 2003", 20)
        note = view.page.locator(".network-head .note")
        assert not note.is_visible()

        def seen():
            """Leave the server a fifth of the time, as a slow machine would; whether the page says so."""
            server.process.send_signal(signal.SIGSTOP)
            time.sleep(0.2)
            server.process.send_signal(signal.SIGCONT)
            time.sleep(0.05)
            return note.is_visible()

        until(seen, "the note")
        assert "too slow for this network in real time: it runs at 0." in note.inner_text()
        until(lambda: not note.is_visible(), "the note goes")
        view.check()


def watch_memory(view, server, frames):
    """Growth over so many frames, in MiB: of the server, and of the page."""
    process = psutil.Process(server.process.pid)
    session = view.page.context.new_cdp_session(view.page)

    def used():
        session.send("HeapProfiler.collectGarbage")
        return np.array([process.memory_info().rss, session.send("Runtime.getHeapUsage")["usedSize"]]) / 2**20

    before, first = used(), view.frame()
    until(lambda: view.frame() >= first + frames, f"{frames} frames", patience=frames)
    return used() - before


only_where_memory_is_told = only_chromium("its driver does not tell how much memory a page has")


@only_where_memory_is_told
@pytest.mark.parametrize("title", ["Cortex, 2003", "A brain to poke"])
def test_memory_stays_flat(view, server, title):
    view.open_network(title, 60)
    server_grew, page_grew = watch_memory(view, server, 120)
    assert server_grew < 8
    assert page_grew < 2


@only_where_memory_is_told
@pytest.mark.slow
def test_memory_stays_flat_for_a_minute(view, server):
    view.open_network("Cortex, 2003")
    view.page.get_by_label("neurons", exact=True).fill("10000")
    view.page.keyboard.press("Enter")
    until(lambda: view.headers["described"]["n"] == 10_000, "a larger one")
    view.wait_frames(300)
    server_grew, page_grew = watch_memory(view, server, 1800)
    assert server_grew < 8
    assert page_grew < 2
