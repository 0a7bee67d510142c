"""The network that runs in a thread of a page: its pace, credit, states, and what goes wrong."""

import gc
import sys
import threading
import time
import weakref

import numpy as np
import pytest

import izhi_numba as iz
from izhi_numba.explorer.catalogue import Catalogue
from izhi_numba.explorer.exhibits import Exhibit
from izhi_numba.explorer.live import Live
from izhi_numba.explorer.settings import read
from izhi_numba.explorer.show import Show
from tests import inside
from tests.explorer.frames import Collected

CATALOGUE = Catalogue()


def small(neurons=1000.0):
    return iz.Pool.cortical(int(neurons), seed=1)


def exhibit(build, name="small"):
    return Exhibit(name, name, "", build, lambda _: "net = None")


class Page:
    """A page of a network, without a browser."""

    def __init__(self, *exhibits):
        self.sent = Collected()
        self.live = Live(self.sent, {one.name: one for one in exhibits})
        self.seen = 0

    def ask(self, action, **more):
        self.live.receive({"action": action, **more}, lambda given: read(given, CATALOGUE))

    def open(self, name="small", **more):
        self.seen = 0
        self.ask("open", network=name, **more)
        return self.wait("described")

    def wait(self, kind, **expected):
        wanted = lambda header: (
            header["kind"] == kind and all(header.get(name) == one for name, one in expected.items())
        )
        return self.sent.wait(wanted)

    @property
    def frames(self):
        return [one for one in list(self.sent) if one.header["kind"] == "frame"]

    def see(self, n):
        """Wait for more frames, and say that they were seen."""
        for _ in range(n):
            self.seen += 1
            found = self.wait("frame", frame=self.seen)
            self.ask("ack", frame=self.seen)
        return found

    def gone(self, seconds=20):
        deadline = time.monotonic() + seconds
        while self.live.running:
            assert time.monotonic() < deadline
            time.sleep(0.01)


@pytest.fixture
def page():
    one = Page(exhibit(small))
    yield one
    one.live.stop()
    one.gone()


def mean_rate(page, n=20):
    page.see(n)
    return np.mean([frame.arrays["means"].mean() for frame in page.frames[-n + 5 :]])


def test_a_network_that_runs(page):
    told = page.open()
    assert (told.header["network"], told.header["options"]) == ("small", {})
    assert page.wait("network").header["state"] == "running"
    usual = mean_rate(page, 40)
    columns = [frame.header["columns"] for frame in page.frames]
    assert page.frames[-1].header["t"] == sum(columns)
    assert 0 < page.frames[-1].header["factor"] < 3
    page.ask("turn", knob="drive", value=6.0)
    page.see(5)
    assert mean_rate(page) > 2 * usual
    weights = page.wait("weights")
    assert weights.header["link"] == 0


def test_what_is_turned_before_it_runs(page):
    told = page.open(turned={"drive": 4.0, "noise": 0.5}, paused=True)
    values = {one["name"]: one["value"] for one in told.header["knobs"]}
    assert (values["drive"], values["noise"]) == (4.0, 0.5)
    page.wait("network", state="paused")
    assert page.frames == []


def test_it_rests_when_paused_and_ends_when_it_is_closed(page):
    page.open()
    page.see(5)
    page.ask("pause")
    page.wait("network", state="paused")
    count = len(page.frames)
    time.sleep(0.3)
    assert len(page.frames) == count
    page.ask("step"), page.ask("step", columns=7)
    page.see(1)
    time.sleep(0.1)
    assert sum(frame.header["columns"] for frame in page.frames[count:]) == 8
    page.ask("turn", knob="drive", value=2.0)  # in a pause, at once
    page.ask("record")
    page.ask("clip")
    assert "clip: there is none, or it is empty" in page.wait("error").header["text"]
    page.ask("resume")
    page.see(5)
    del page.sent[:]
    page.open()  # in its place
    page.wait("frame", frame=3)
    page.ask("close")
    page.gone()
    states = [frame.header["state"] for frame in page.sent if frame.header["kind"] == "network"]
    assert states == ["running", "closed"]


def test_frames_wait_for_a_page_that_is_slow(page):
    page.open()
    page.wait("frame", frame=3)
    time.sleep(0.4)
    assert len(page.frames) == 3
    page.ask("ack", frame=3)
    page.wait("frame", frame=6)
    time.sleep(0.3)
    assert len(page.frames) == 6
    page.ask("turn", knob="drive", value=3.0)  # is done all the same
    page.ask("silence", population=0, silenced=True)
    page.wait("described", network=None)


def test_another_pace(page):
    page.open()
    page.ask("pace", pace=0.1)
    page.see(30)
    slow = [frame.header["columns"] for frame in page.frames[-15:]]
    assert np.mean(slow) < 8  # of 3.3 in the mean, on a machine that has time
    page.ask("pace", pace=5.0)
    page.see(40)
    fast = [frame.header["columns"] for frame in page.frames[-15:]]
    assert np.mean(fast) > 3 * np.mean(slow)
    with pytest.raises(ValueError, match="pace: expected a number above 0"):
        page.ask("pace", pace=0)


def test_what_is_asked_of_it(page):
    page.open()
    page.see(5)
    for action in (
        {"action": "kick"}, {"action": "kick", "population": 1}, {"action": "watch", "population": 1, "neuron": 9},
        {"action": "unwatch", "place": 0}, {"action": "weigh", "link": 1}, {"action": "silence", "population": 1,
        "silenced": True}, {"action": "cells", "population": 0, "settings": {"model": "Izhikevich", "values": {"a": 0.1}}},
        {"action": "noise"}, {"action": "record"},
    ):  # fmt: skip
        page.ask(**action)
    page.see(10)
    page.ask("clip")
    clip = page.wait("clip")
    assert b"noise_seed=" in clip.arrays["script"].tobytes()
    assert clip.arrays["table"].tobytes().startswith(b"time,population,neuron")
    header = page.see(2).header
    assert header["watched"] == [[1, 0], [1, 9]]
    assert page.frames[-1].arrays["means"][1] == 0
    assert not [one.header for one in page.sent if one.header["kind"] == "error"]
    page.ask("reset")
    page.see(10)
    assert page.frames[-1].arrays["means"].shape == (2,)


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ({"action": "turn", "knob": "weather", "value": 1}, "knob: expected one of"),
        ({"action": "turn", "knob": "drive", "value": None}, "drive: expected a"),
        ({"action": "kick", "population": 77}, "population: expected a whole number"),
        ({"action": "poke", "place": 1}, "these neurons have no positions"),
        ({"action": "silence", "population": 0, "silenced": "yes"}, "silenced: expected True or False"),
        ({"action": "modulate", "modulator": "d", "amount": 1}, "no synapses have a modulator"),
        ({"action": "learn", "link": 0, "learning": True}, "have no rule to learn by"),
        ({"action": "clip"}, "clip: there is none"),
        ({"action": "weigh", "link": -1}, "projection: expected a whole number"),
        ({"action": "cells", "population": 0, "settings": {"model": "AdEx"}}, "the neuron's is AdEx"),
    ],
)
def test_what_cannot_be_is_told_and_it_goes_on(page, asked, text):
    page.open()
    page.see(3)
    page.ask(**asked)
    told = page.wait("error").header
    assert text in told["text"]
    assert told["action"] == asked["action"]
    page.see(5)


def test_a_number_that_is_refused_is_not_shown(page):
    page.open()
    page.see(3)
    page.ask("turn", knob="noise", value=1e300)
    page.wait("error")
    knobs = page.wait("described", network=None).header["knobs"]
    assert next(one["value"] for one in knobs if one["name"] == "noise") == 1.0


def test_of_numbers_that_wait_for_a_knob_the_last_one_counts(page, monkeypatch):
    turn, turned = Show.turn, []
    monkeypatch.setattr(Show, "turn", lambda show, *given: turned.append(given) or turn(show, *given))
    page.open()
    page.see(3)
    with inside.held_up(page.live):
        for knob, value in (("drive", 1.0), ("drive", 2.0), ("noise", 0.5), ("noise", 0.7), ("drive", 3.0)):
            page.ask("turn", knob=knob, value=value)
    page.see(5)
    assert turned == [("drive", 2.0), ("noise", 0.7), ("drive", 3.0)]


def test_too_much_that_waits_is_refused(page, monkeypatch):
    monkeypatch.setattr("izhi_numba.explorer.live._MOST_WISHES", 3)
    page.open()
    page.see(3)
    with inside.held_up(page.live):
        for _ in range(3):
            page.ask("kick")
        with pytest.raises(ValueError, match="kick: 3 changes wait for the network already"):
            page.ask("kick")
    page.see(5)


def test_what_a_link_has_turned_and_is_not_there_is_told_and_the_rest_set(page):
    told = page.open(turned={"weather": 1.0, "drive": 4.0, "noise": "much"})
    assert {one["name"]: one["value"] for one in told.header["knobs"]}["drive"] == 4.0
    page.see(3)
    texts = " ".join(one.header["text"] for one in page.sent if one.header["kind"] == "error")
    assert "knob: expected one of" in texts
    assert "noise: expected a" in texts
    with pytest.raises(TypeError, match="turned: expected knobs with values, got"):
        page.ask("open", network="small", turned=[1])
    page.see(3)  # the one before goes on


def test_a_script_that_exits_says_so():
    page = Page(exhibit(lambda: sys.exit(2)))
    page.ask("open", network="small")
    assert "SystemExit: 2" in page.wait("error").header["text"]
    page.wait("network", state="closed")
    page.gone()


def test_a_network_is_let_go_when_its_view_is_closed():
    pool = small()
    there = weakref.ref(pool)
    page = Page(exhibit(lambda pool=pool: pool))
    page.open()
    page.see(3)
    page.live.stop()
    page.gone()
    del pool, page
    gc.collect()
    assert there() is None


def test_a_view_opens_again_what_has_ended_by_itself(monkeypatch):
    pool = small()
    page = Page(exhibit(lambda: pool))
    page.open()
    page.see(3)
    monkeypatch.setattr(Show, "weights", lambda _: 1 / 0)
    page.wait("network", state="closed")
    page.gone()
    monkeypatch.undo()
    del page.sent[:]
    page.open()
    page.see(5)
    assert not [one.header for one in page.sent if one.header["kind"] == "error"]
    page.live.stop()
    page.gone()


def stopped():
    """A pool that was shown, and its page, which pauses as somebody has called ``pool.stop()``."""
    pool = iz.Pool(300, seed=1)
    pool.drive(pool, iz.noise(5.0))
    page = Page(exhibit(lambda: pool))
    page.open()
    page.see(3)
    pool.stop()
    page.wait("network", state="paused")
    return pool, page


def test_a_stop_that_is_meant_for_another_run_ends_that_run():
    """Whatever the page does meanwhile."""
    pool, page = stopped()
    for _ in range(5):
        other = threading.Thread(target=lambda: pool.run(60_000.0, realtime=True))
        other.start()
        page.ask("resume")
        page.wait("network", state="waiting")
        time.sleep(0.1)
        pool.stop()
        other.join(10)
        assert not other.is_alive()
        page.ask("pause")
        del page.sent[:]
    page.live.stop()
    page.gone()


def test_a_slow_pace_is_kept(page):
    page.open()
    page.ask("pace", pace=0.02)
    page.see(5)
    began, before = time.monotonic(), page.frames[-1].header["t"]
    page.see(20)
    factor = (page.frames[-1].header["t"] - before) / 1000 / (time.monotonic() - began)
    assert factor < 0.024  # less on a machine that is busy


def test_a_network_that_cannot_be_built_says_so():
    page = Page(exhibit(lambda: 1 / 0))
    page.ask("open", network="small")
    assert "division by zero" in page.wait("error").header["text"]
    page.wait("network", state="closed")
    page.gone()


def test_a_network_that_fails_pauses_and_can_be_reset():
    pool = small()
    page = Page(exhibit(lambda: pool))
    page.open()
    page.see(5)
    page.ask("pause")
    page.wait("network", state="paused")
    pool.v[4] = np.nan
    page.ask("resume")
    assert "v of neuron 4 is nan" in page.wait("error").header["text"]
    del page.sent[:]
    page.ask("reset"), page.ask("resume")
    page.see(5)
    page.live.stop()
    page.gone()


def test_a_network_that_is_changed_in_another_cell():
    pool = small()
    page = Page(exhibit(lambda: pool))
    page.open()
    page.see(5)
    pool.stop()  # as the message of what is busy advises
    page.wait("network", state="paused")
    made = pool.connect(pool["exc"], pool["inh"], rule=iz.fixed_outdegree(2), weight=0.1)
    assert len(page.wait("described", changed=True).header["links"]) == 3
    page.ask("resume")
    page.see(5)
    pool.stop()
    deadline = time.monotonic() + 10
    while [one.header.get("state") for one in page.sent if one.header["kind"] == "network"].count(
        "paused"
    ) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    made.remove()
    page.ask("turn", knob="gain 2", value=0.5)
    assert "were removed" in page.wait("error").header["text"]
    page.ask("resume")
    page.see(5)
    page.live.stop()
    page.gone()


def test_a_network_that_runs_in_another_cell_is_waited_for():
    pool, page = stopped()
    other = threading.Thread(target=lambda: pool.run(1000.0, realtime=True))
    other.start()
    page.ask("resume")
    assert "another cell or thread" in page.wait("network", state="waiting").header["why"]
    waited = len(page.sent)
    page.ask("turn", knob="drive", value=3.0)  # is done when it can be
    other.join()
    page.see(3)
    assert (pool.external_input == 3.0).all()
    assert not [one.header for one in page.sent[waited:] if one.header["kind"] == "error"]
    page.live.stop()
    page.gone()


def test_a_network_goes_on_in_the_view_that_came_last():
    pool = small()
    one, other = (Page(exhibit(lambda: pool)) for _ in range(2))
    one.open()
    one.see(3)
    other.open()
    other.see(10)
    assert "shown in another view now" in one.wait("error").header["text"]
    one.wait("network", state="closed")
    one.gone()
    other.live.stop()
    other.gone()


def test_a_network_that_is_run_in_another_cell_is_not_opened(monkeypatch):
    monkeypatch.setattr("izhi_numba.explorer.live._BUSY", 0.2)
    pool = small()
    other = threading.Thread(target=lambda: pool.run(60_000.0, realtime=True))
    other.start()
    page = Page(exhibit(lambda: pool))
    page.ask("open", network="small")
    assert "busy in another thread" in page.wait("error").header["text"]
    pool.stop()
    other.join()
    page.wait("network", state="closed")
    page.open()
    page.see(3)
    page.live.stop()
    page.gone()


def test_the_pace_is_told_when_the_machine_is_too_slow(page, monkeypatch):
    advance = Show.advance

    def slow(self, columns):
        time.sleep(0.004 * columns)
        return advance(self, columns)

    monkeypatch.setattr(Show, "advance", slow)
    page.open()
    page.see(25)
    header = page.frames[-1].header
    assert header["slow"]
    assert 0.1 < header["factor"] < 0.3
    assert header["columns"] <= 12  # a frame is there in time all the same


def test_sixty_openings_have_one_thread():
    page, before = Page(exhibit(small)), threading.active_count()
    for _ in range(60):
        page.ask("open", network="small")
        assert threading.active_count() <= before + 4  # and those that tell, if it takes long
    page.wait("network", state="running")
    page.live.stop()
    page.gone(10)


def test_networks_of_all_pages_are_limited(monkeypatch):
    monkeypatch.setattr("izhi_numba.explorer.live.MOST_NETWORKS", 1)
    monkeypatch.setattr("izhi_numba.explorer.live._views", set())  # those of other tests may be about to end
    first, second = Page(exhibit(small)), Page(exhibit(small))
    first.ask("open", network="small")
    with pytest.raises(ValueError, match="1 networks run in other pages; stop one of them"):
        second.ask("open", network="small")
    first.ask("open", network="small")  # its own does not count
    first.live.stop()
    first.gone(10)
    second.open()
    second.live.stop()
    second.gone(10)
