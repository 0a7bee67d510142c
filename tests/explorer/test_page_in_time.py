"""What the page does in time: it follows a hand, and the pool runs at the pace of the clock. Wants a quiet machine."""

import signal
import time

import numpy as np
import psutil
import pytest

import izhi_numba as iz
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
    assert 0 < float(view.data()["latency"]) < 1000


@pytest.fixture
def pool(view):
    view.press("start the pool")
    until(lambda: view.frame() > 20, "frames")
    return view


def mean_rate(view, frames=30, kind="rate_exc"):
    """Mean rate in frames that are yet to come."""
    have = view.headers["frame"]["frame"]
    until(lambda: view.frame() >= have + frames + 10, "frames")
    return np.mean([one[kind] for one in view.frames[-frames:]])


def shown_rate(view):
    return float(view.page.locator(".pool .readout.exc b").inner_text().removesuffix(" Hz"))


def raster_ink(view):
    return view.page.evaluate(
        """() => { const canvas = document.querySelector(".raster canvas");
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          return data.filter((value, k) => k % 4 === 3 && value > 0).length }"""
    )


def test_pool_runs_in_real_time(pool):
    assert pool.pool_state == "running"
    assert pool.headers["pool"] | {"n": 1000} == pool.headers["pool"]
    until(lambda: pool.frame() > 90, "frames")
    first, *others = pool.frames[30:]
    last = others[-1]
    assert last["t"] - first["t"] == sum(one["ms"] for one in others)
    assert last["factor"] == pytest.approx(1.0, abs=0.1)
    until(lambda: "× real time" in pool.page.locator(".pace").inner_text(), "the pace")
    assert shown_rate(pool) > 0
    assert raster_ink(pool) > 500
    until(lambda: "Hz" in pool.page.locator(".pool .readouts").inner_text(), "the peak")


def test_more_drive_more_spikes(pool):
    usual = mean_rate(pool)
    pool.field("drive").fill("10")
    until(lambda: shown_rate(pool) > 2 * usual, "a higher rate is shown")
    assert mean_rate(pool) > 2 * usual
    pool.field("drive").fill("-5")
    until(lambda: shown_rate(pool) < usual, "a lower rate is shown")
    pool.field("drive").fill("0")
    pool.field("noise").fill("0")
    until(lambda: mean_rate(pool, 10) == 0, "silence without noise and drive")
    pool.press("kick the pool")
    until(lambda: any(one["rate_exc"] > 0 for one in pool.frames[-30:]), "the kick")


def test_a_dragged_slider_of_the_pool(pool):
    usual = mean_rate(pool)
    for _ in pool.drag("drive", 0.9):
        pass
    until(lambda: shown_rate(pool) > 2 * usual, "a higher rate is shown")
    assert pool.state()["pool"]["controls"]["drive"] == pytest.approx(13, abs=0.5)


def test_fewer_inhibitory_cells(pool):
    pool.field("inhibitory").fill("0.4")
    until(lambda: pool.headers["frame"]["n_exc"] == 600, "other shares")
    pool.page.get_by_label("number of neurons").select_option("2000")
    until(lambda: (frame := pool.headers["frame"])["n"] == 2000 and frame["n_exc"] == 1200, "another size")


def test_pause_and_resume(pool):
    pool.press("pause the pool")
    until(lambda: pool.pool_state == "paused", "the pool pauses")
    assert "paused" in pool.page.locator(".pace").inner_text()
    stopped = pool.frame()
    for _ in range(10):
        pool.press("new noise")
    assert pool.frame() == stopped
    pool.press("resume the pool")
    until(lambda: pool.frame() > stopped + 10, "frames again")
    assert pool.headers["frame"]["factor"] == pytest.approx(1.0, abs=0.2)  # it does not catch up


def test_a_hidden_tab_pauses_the_pool(pool):
    show = """(state) => { Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
              document.dispatchEvent(new Event("visibilitychange")) }"""
    pool.page.evaluate(show, "hidden")
    until(lambda: pool.pool_state == "paused", "the pool pauses")
    stopped = pool.frame()
    pool.page.evaluate(show, "visible")
    until(lambda: pool.pool_state == "running" and pool.frame() > stopped + 5, "frames again")


def test_watching_a_neuron(pool):
    raster = pool.page.locator(".raster canvas")
    raster.scroll_into_view_if_needed()
    raster.click(position={"x": 100, "y": 0.02 * raster.bounding_box()["height"]})  # at the top: inhibitory
    until(lambda: pool.headers["frame"]["watched"] > 900, "the neuron that was clicked")
    until(lambda: int(pool.field("watched neuron").input_value()) > 900, "its number")
    pool.field("watched neuron").fill("17")
    pool.page.keyboard.press("Enter")
    until(lambda: pool.headers["frame"]["watched"] == 17, "the neuron that was typed")


def test_cells_like_the_neuron_above(pool):
    make = "make all excitatory cells like the neuron above"
    usual = mean_rate(pool, 60)
    pool.preset("FS").press(make)
    until(lambda: mean_rate(pool, 60) > 1.5 * usual, "cells that fire more")
    assert pool.button("cells of the paper again").is_visible()
    before = pool.frame()
    pool.choose(model="AdEx")
    why = "The cells of the pool are of Izhikevich, the neuron above is of AdEx."
    assert pool.button(make).is_disabled()
    assert pool.button(make).get_attribute("title") == why
    assert pool.page.get_by_text(why).is_visible()
    until(lambda: pool.frame() > before + 20, "it goes on")
    assert pool.pool_state == "running"


@pytest.mark.parametrize(("name", "typed"), [("drive", "1000"), ("inhibitory", "0"), ("excitation", "-1")])
def test_a_number_that_cannot_be_in_the_pool(pool, name, typed):
    pool.field(name).fill(typed)
    told = pool.message()
    assert " to " in told
    assert told.endswith(f"got {float(typed):g}")
    before = pool.frame()
    until(lambda: pool.frame() > before + 10, "it goes on")


def test_the_thread_ends_with_its_tab(context_of):
    with Server() as server:
        process = psutil.Process(server.process.pid)
        kept = process.num_threads() + 2  # the server keeps a worker, and the package one of its team
        for _ in range(3):
            context = context_of()
            view = View(context, server.url).open().press("start the pool")
            until(lambda view=view: view.frame() > 5, "frames")
            assert process.num_threads() > kept
            context.close()
            until(lambda: process.num_threads() <= kept, "its threads are gone")


def test_a_machine_that_is_too_slow_is_told(context_of):
    with Server() as server:
        view = View(context_of(), server.url).open()
        view.press("start the pool")
        until(lambda: view.frame() > 20, "frames")
        note = view.page.locator(".pool .note")
        assert not note.is_visible()

        def seen():
            """Leave the server a fifth of the time, as a slow machine would; whether the page says so."""
            server.process.send_signal(signal.SIGSTOP)
            time.sleep(0.2)
            server.process.send_signal(signal.SIGCONT)
            time.sleep(0.05)
            return note.is_visible()

        until(seen, "the note")
        assert "too slow for 1,000 neurons in real time: it runs at 0." in note.inner_text()
        assert view.headers["frame"]["factor"] < 0.95
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


def test_memory_stays_flat(pool, server):
    until(lambda: pool.frame() > 60, "frames")
    server_grew, page_grew = watch_memory(pool, server, 120)
    assert server_grew < 8
    assert page_grew < 2


@pytest.mark.slow
def test_memory_stays_flat_for_a_minute(view, server):
    view.page.get_by_label("number of neurons").select_option("10000")
    view.press("start the pool")
    until(lambda: view.frame() > 300, "frames")
    server_grew, page_grew = watch_memory(view, server, 1800)
    assert server_grew < 8
    assert page_grew < 2
