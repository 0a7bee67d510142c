"""Networks on the page, in a real browser: the gallery, the user's own, all that can be turned, and what goes wrong."""

import itertools
import json
import re

import matplotlib.image
import numpy as np
import pytest

import izhi_numba as iz
from tests.explorer.page import Server, View, run_script, until

OWN = '''
import numpy as np

import izhi_numba as iz


def build():
    """Two pools with receptors, sources, and synapses that learn."""
    net = iz.Network(dt=0.5, seed=3)
    exc = net.pool("exc", 60, iz.Izhikevich, receptors={"ampa": iz.AMPA, "gaba": iz.GABA_A})
    inh = net.pool("inh", 15, iz.Izhikevich(a=0.1, d=2.0), receptors={"ampa": iz.AMPA})
    noise = net.poisson("noise", 20, 30.0)
    net.connect(exc, inh, rule=iz.fixed_indegree(5), weight=0.05, delay=1.0)
    net.connect(inh, exc, rule=iz.fixed_indegree(5), weight=0.05, delay=1.0, receptor="gaba")
    net.connect(noise, exc, rule=iz.all_to_all(), weight=iz.uniform(0, 0.03125), delay=1.0, receptor="ampa",
                plasticity=iz.PairSTDP(A_plus=0.002, A_minus=0.0021, w_max=0.03125))
    exc.drive(exc, 3.0 + iz.noise(4.0))
    inh.drive(inh, iz.noise(4.0))
    return net


def one():
    pool = iz.Pool(1, seed=1)
    pool.drive(pool, 10.0)
    return pool


def many():
    net = iz.Network(dt=1.0, seed=1)
    for k in range(200):
        pool = net.pool(f"area {k}", 10)
        pool.drive(pool, iz.noise(6.0))
    for k in range(200):
        net.connect(f"area {k}", f"area {(k + 1) % 200}", rule=iz.all_to_all(), weight=1.0)
    return net


def placed():
    pool = iz.Pool(400, seed=1)
    pool.drive(pool, iz.noise(3.0))
    return pool, iz.grid(20, 20)


def huge():
    pool = iz.Pool.cortical(100_000, seed=1)
    return pool


def fails():
    class Explodes(iz.Model):
        v = iz.State(0.0)
        derivatives = lambda v, I: I + 0.5 * v * v
        threshold = lambda v: v < -1e30
        reset = lambda: 0.0

    pool = iz.Pool(3, Explodes, seed=1)
    pool.drive(pool, 0.001)
    return pool


def broken():
    return iz.Pool(0)


def nothing():
    return 7
'''


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    (folder / "my_model.py").write_text(OWN)
    return folder


@pytest.fixture(scope="module")
def servers(folder):
    """A server for each function of the file that is opened, as the command line starts it; all live to the end."""
    started = {}

    def server_of(name):
        if name not in started:
            started[name] = Server(f"{folder / 'my_model.py'}:{name}")
        return started[name]

    yield server_of
    for server in started.values():
        assert server.process.poll() is None  # whatever went wrong
        server.stop()


@pytest.fixture
def own(servers, context_of):
    """Open a function of the file; the page is gone after the test."""

    def opened(name="build", frames=10, **options):
        server = servers(name)
        view = View(context_of(**options), server.url)
        view.page.goto(view.url)
        view.root = view.page.locator(".izhi-explorer")
        if frames:
            until(lambda: view.network_state == "running", "it runs", 120)
            view.wait_frames(frames)
        return view

    return opened


def ink(view, selector):
    """Pixels of a canvas that are drawn."""
    return view.page.evaluate(
        """(selector) => { const canvas = document.querySelector(selector);
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          return data.filter((value, k) => k % 4 === 3 && value > 0).length }""",
        selector,
    )


def knob(view, name, card):
    """The number field of a knob in a card."""
    part = view.page.locator(
        ".network-controls .card", has=view.page.get_by_role("heading", name=card, exact=True)
    )
    return part.get_by_role("spinbutton", name=re.compile(rf"^{name}( \(.*\))?$"))


# ---------------------------------------------------------------- the gallery


def test_the_gallery_is_on_the_start_page_and_opens_networks(view):
    titles = view.page.locator(".single .exhibit h2").all_inner_texts()
    assert titles == ["Cortex, 2003", "Brunel's four states", "COBA", "Cortical microcircuit", "Small world",
                      "Synapses that compete", "Learning by reward", "A brain to poke"]  # fmt: skip
    view.open_network("Small world")
    assert view.data()["page"] == "network"
    assert view.page.evaluate("() => scrollY") == 0
    until(lambda: ink(view, ".raster canvas") > 50, "spikes")
    assert ink(view, ".rates canvas") > 500
    assert ink(view, ".places canvas") > 400
    view.press("back to the gallery")
    until(lambda: view.network_state == "closed", "it is closed")
    assert view.page.locator(".network .exhibit").count() == len(titles)
    view.button("Brunel's four states: slow rhythm")
    view.open_network("A brain to poke")
    assert view.page.locator(".network-head h2").inner_text() == "A brain to poke"


def test_a_network_is_built_anew_with_other_numbers(view):
    view.open_network("Cortex, 2003")
    assert view.headers["described"]["n"] == 1000
    view.page.get_by_label("inhibitory share").fill("0.4")
    view.page.get_by_label("neurons", exact=True).fill("500")
    view.page.keyboard.press("Enter")
    until(lambda: view.headers["described"]["n"] == 500, "another size")
    assert [one["size"] for one in view.headers["described"]["populations"]] == [300, 200]
    view.page.get_by_label("neurons", exact=True).fill("5")
    view.page.keyboard.press("Enter")
    assert view.page.get_by_label("neurons", exact=True).get_attribute("aria-invalid") == "true"
    view.wait_frames(5)
    assert view.headers["described"]["n"] == 500


# ---------------------------------------------------------------- the user's own


def test_a_users_network(own, folder):
    view = own()
    told = view.headers["described"]
    assert [one["title"] for one in told["populations"]] == ["exc", "inh", "noise"]
    assert view.page.locator(".network-head h2").inner_text() == "my_model"
    assert "95 units, 1,575 synapses, step 0.5 ms" in view.page.locator(".facts").inner_text()
    assert view.page.locator(".population").count() == 3
    until(lambda: view.shown_rate("noise") > 10, "rates")
    until(lambda: ink(view, ".raster canvas") > 50, "spikes")
    assert ink(view, ".watched canvas") > 500
    assert view.page.get_by_label("projection", exact=True).input_value() == "2"  # which learns
    assert ink(view, ".weights canvas") > 500
    first = view.headers["weights"]
    until(lambda: view.headers["weights"]["mean"] != first["mean"], "weights that move")
    assert view.button("let the projection learn").get_attribute("aria-pressed") == "true"
    view.press("let the projection learn")
    until(
        lambda: view.button("let the projection learn").get_attribute("aria-pressed") == "false", "it rests"
    )
    view.check()


def test_knobs_turn_the_network(own):
    view = own()
    knob(view, "drive", "All of it").fill("20")
    until(lambda: view.shown_rate("exc") > 40, "more drive, more spikes")
    knob(view, "drive", "All of it").fill("-9")
    knob(view, "noise", "All of it").fill("0")
    knob(view, "excitation", "All of it").fill("0")
    until(lambda: view.shown_rate("exc") == 0, "silence")
    highest = view.highest_rate("exc")
    view.press("kick the network")
    until(lambda: highest() > 0, "the kick")
    view.page.get_by_label("population", exact=True).select_option("noise")
    knob(view, "rate", "Population").fill("200")
    until(lambda: view.shown_rate("noise") > 100, "another rate of the sources")
    view.press("reset the network")
    until(lambda: knob(view, "rate", "Population").input_value() == "30", "all is as it was")
    assert knob(view, "noise", "All of it").input_value() == "1"
    until(lambda: view.shown_rate("noise") < 60, "also the rates")
    view.check()


def test_parameters_of_the_population_that_is_chosen(own):
    view = own()
    view.page.locator(".population", has_text="inh").click()
    assert view.page.get_by_label("population", exact=True).input_value() == "1"
    assert knob(view, "a", "Population").input_value() == "0.1"
    knob(view, "drive", "Population").fill("15")
    until(lambda: view.shown_rate("inh") > 40, "they are driven")
    view.press("silence the population")
    until(lambda: view.shown_rate("inh") < 0.5, "they are silent")
    assert view.page.locator(".population", has_text="inh").inner_text().split("\n")[1] == "silenced"
    view.press("silence the population")
    until(lambda: view.shown_rate("inh") > 20, "they spike again")
    view.press("page of the neuron").preset("CH").press("page of the network")
    view.button("cells like the neuron (CH)").click()
    until(lambda: knob(view, "c", "Population").input_value() == "-50", "cells like the neuron")
    view.press("page of the neuron").choose(model="AdEx").press("page of the network")
    why = "The cells of inh are of Izhikevich, the neuron is of AdEx."
    assert view.page.get_by_text(why).is_visible()
    view.check()


def test_watching_neurons(own):
    view = own()
    raster = view.page.locator(".raster canvas")
    raster.click(position={"x": 100, "y": 0.98 * raster.bounding_box()["height"]})  # at the bottom
    until(
        lambda: [0, 1] in view.headers["frame"]["watched"] or len(view.headers["frame"]["watched"]) == 3,
        "a row",
    )
    view.field("watch neuron").fill("17")
    view.page.keyboard.press("Enter")
    until(lambda: [0, 17] in view.headers["frame"]["watched"], "the neuron that was typed")
    view.page.get_by_role("button", name="watch exc 17 no more").click()
    until(lambda: [0, 17] not in view.headers["frame"]["watched"], "it goes")
    view.check()


def test_pause_step_and_resume(own):
    view = own()
    view.press("pause the network")
    until(lambda: view.network_state == "paused", "the network pauses")
    stopped, t = view.frame(), view.headers["frame"]["t"]
    view.page.locator(".brand").click()
    view.page.keyboard.press("s")
    view.page.keyboard.press("s")
    until(lambda: view.headers["frame"]["t"] == t + 2, "two columns")
    assert view.frame() == stopped + 2
    view.page.keyboard.press("d")
    assert view.data()["theme"] in ("dark", "light")
    view.page.keyboard.press(" ")
    until(lambda: view.network_state == "running", "it goes on")
    view.wait_frames(5)
    view.press("other noise, from the beginning")
    begins = lambda: any(late["t"] < early["t"] for early, late in itertools.pairwise(view.frames))
    until(begins, "time begins anew")  # which is past before a busy machine looks again
    view.check()


def test_other_speeds(own):
    view = own()
    view.page.get_by_label("speed", exact=True).select_option("0.1")
    until(lambda: view.headers["frame"]["factor"] < 0.3, "slow motion")
    view.page.get_by_label("speed", exact=True).select_option("10")
    until(lambda: view.headers["frame"]["factor"] > 1.5, "faster than the clock")
    view.check()


def test_a_clip_is_a_picture_a_table_and_a_script(own, folder, tmp_path):
    """Of a network that is soon compiled: in its own process the script may have to, again."""
    view = own("placed")
    view.press("record a clip")
    view.wait_frames(10)
    knob(view, "drive", "All of it").fill("5")
    view.wait_frames(10)
    view.press("record a clip")
    clip = view.page.locator(".clip")
    until(clip.is_visible, "the clip")
    saved = {}
    for button in ("picture", "spikes", "script"):
        with view.page.expect_download() as download:
            view.button(f"save the clip's {button}").click()
        saved[button] = tmp_path / download.value.suggested_filename
        download.value.save_as(saved[button])
    assert [path.name for path in saved.values()] == ["placed_clip.png", "placed_clip.csv", "placed_clip.py"]
    picture = matplotlib.image.imread(saved["picture"])
    assert picture.shape[0] > 800
    assert picture.std() > 0.01
    rows = saved["spikes"].read_text().splitlines()
    assert rows[0] == "time,population,neuron"
    assert {row.split(",")[1] for row in rows[1:]} == {"neurons"}
    script = saved["script"].read_text()
    assert "import placed" in script
    assert int(run_script(script, tmp_path)) == len(rows) - 1 > 0
    view.check()


def test_a_link_opens_the_same_network(view, context_of):
    view.open_network("Small world")
    view.field("noise").first.fill("2.5")
    until(lambda: view.state()["network"]["turned"] == {"noise": 2.5}, "the link")
    address = view.clipboard("copy the link")
    other = View(context_of(), view.url)
    other.page.goto(address)
    until(lambda: other.network_state == "running", "it runs")
    assert other.field("noise").first.input_value() == "2.5"
    assert other.data()["page"] == "network"
    other.check()


# ---------------------------------------------------------------- of other sizes


def test_one_neuron(own):
    view = own("one")
    assert view.page.locator(".population").count() == 1
    assert not view.page.locator(".network-controls .card", has_text="Projection").is_visible()
    until(lambda: view.shown_rate("neurons") > 5, "it spikes")
    view.check()


def test_two_hundred_populations(own):
    view = own("many")
    assert view.page.locator(".population").count() == 200
    assert len(view.headers["frame"]["watched"]) == 2
    assert view.page.get_by_label("projection", exact=True).locator("option").count() == 200
    assert view.page.evaluate("() => document.querySelector('.populations').scrollHeight") > 1000
    view.page.locator(".population").nth(150).click()
    knob(view, "drive", "Population").fill("20")
    until(lambda: view.shown_rate("area 150") > 30, "one of them is driven")
    assert view.page.locator(".rates").is_visible()
    view.check()


@pytest.mark.slow
def test_a_hundred_thousand_neurons(own):
    view = own("huge", frames=30)
    assert view.headers["described"]["n"] == 100_000
    assert view.headers["described"]["synapses"] == 10_000_000
    assert ink(view, ".raster canvas") > 10_000
    knob(view, "drive", "All of it").fill("3")
    view.wait_frames(10)
    view.check()


def test_positions_and_a_poke(own):
    view = own("placed")
    places = view.page.locator(".places")
    places.scroll_into_view_if_needed()
    box = places.bounding_box()
    knob(view, "noise", "All of it").fill("0")
    until(lambda: view.shown_rate("neurons") == 0, "silence")
    light = lambda: ink(view, ".places canvas:nth-of-type(2)")
    until(lambda: light() == 0, "no light")
    view.press("pause the network")
    until(lambda: view.network_state == "paused", "it pauses")  # and what is lit stays so
    places.click(position={"x": box["width"] / 2, "y": box["height"] / 2})

    def lit():
        view.page.keyboard.press("s")
        return light() > 0

    until(lit, "those around spike")
    view.check()


def test_a_map_with_depth_is_turned_by_hand(view):
    view.open_network("A brain to poke")
    places = view.page.locator(".places")
    places.scroll_into_view_if_needed()
    view.press("pause the network")
    until(lambda: view.network_state == "paused", "it pauses")
    picture = "() => document.querySelector('.places canvas').toDataURL()"
    before, frame, box = view.page.evaluate(picture), view.frame(), places.bounding_box()
    mouse = view.page.mouse
    mouse.move(box["x"] + 100, box["y"] + 100)
    mouse.down()
    mouse.move(box["x"] + 180, box["y"] + 120, steps=5)
    mouse.up()
    assert view.page.evaluate(picture) != before
    assert view.frame() == frame  # of what is there


# ---------------------------------------------------------------- what goes wrong


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("broken", "my_model.py, line"),
        ("nothing", "expected an iz.Pool or an iz.Network to be returned"),
    ],
)
def test_a_network_that_cannot_be_built(own, name, message):
    view = own(name, frames=0)
    told = view.message()
    assert message in told
    assert "Traceback" not in told
    until(lambda: view.network_state == "closed", "it is closed")
    view.open_network("Small world")
    view.check()


def test_a_network_that_fails_while_it_runs(own):
    view = own("fails", frames=0)
    told = view.message()
    assert "is not finite after step" in told
    until(lambda: view.network_state == "paused", "it pauses")
    view.press("reset the network")
    view.press("resume the network")
    view.wait_frames(1)
    view.check()


def test_a_number_that_cannot_be(own):
    view = own()
    field = knob(view, "tau_ampa", "Population")
    field.fill("0")
    assert "expected a number above 0" in view.message()
    view.wait_frames(5)
    field.fill("7")
    view.check()


def test_a_hidden_tab_pauses_the_network(own):
    view = own()
    show = """(state) => { Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
              document.dispatchEvent(new Event("visibilitychange")) }"""
    view.page.evaluate(show, "hidden")
    until(lambda: view.network_state == "paused", "the network pauses")
    view.page.evaluate(show, "visible")
    until(lambda: view.network_state == "running", "it goes on")
    view.wait_frames(5)


# ---------------------------------------------------------------- how it looks


@pytest.mark.parametrize("name", ["build", "many"])
def test_no_horizontal_scrolling_on_a_phone(own, name):
    view = own(name, width=390, height=844, device_scale_factor=2)
    wide = view.page.evaluate(
        "() => [document.documentElement.scrollWidth, Math.max(...[...document.querySelectorAll('button, input, select, canvas')].map((one) => one.getBoundingClientRect().right))]"
    )
    assert max(wide) <= 390
    view.press("back to the gallery")
    assert view.page.evaluate("() => document.documentElement.scrollWidth") <= 390
    view.check()


def test_everything_has_an_accessible_name(own):
    view = own()
    names = view.page.evaluate(
        "() => [...document.querySelectorAll('.network input, .network select, .network button')].filter((one) => one.checkVisibility()).map((one) => one.ariaLabel || one.textContent.trim())"
    )
    assert len(names) > 30
    assert all(names)
    assert view.page.locator(".raster canvas").get_attribute("aria-label")


def test_light_and_dark(own):
    view = own(color_scheme="dark")
    assert view.data()["theme"] == "dark"
    view.press("pause the network")
    until(lambda: view.network_state == "paused", "it pauses")
    dark = ink(view, ".rates canvas")
    ground = lambda: view.root.evaluate("(one) => getComputedStyle(one).backgroundColor")
    before = ground()
    view.press("light or dark")
    assert view.data()["theme"] == "light"
    assert ink(view, ".rates canvas") == pytest.approx(dark, rel=0.2)  # drawn anew from what is there
    assert ground() != before
    view.check()


def test_the_message_is_json_without_what_json_has_no_number_for(own):
    view = own("one")
    json.dumps([view.headers["described"], view.headers["frame"]], allow_nan=False)
    assert np.isfinite(view.headers["frame"]["t"])
    assert iz.__version__ == view.headers["catalogue"]["version"]
