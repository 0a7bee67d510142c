"""The explorer in a real browser, against its real server. Nothing waits for a time: the page publishes what it has drawn."""

import base64
import contextlib
import copy
import io
import json
import os

import matplotlib.image
import numpy as np
import psutil
import pytest

import izhi_numba as iz
from tests.explorer.browsers import launch, new_profile, only_chromium
from tests.explorer.page import Server, View, counts, run_script, until

OWN = '''
import izhi_numba as iz


class Other(iz.Model):
    """A second model of the file."""

    v = iz.State(0.0, unit="mV")
    tau = iz.Parameter(20.0, unit="ms", range=(5, 50))

    def derivatives(v, I, tau):
        return (I - v) / tau

    def threshold(v):
        return v >= 10

    def reset():
        return 0.0


class Theta(iz.Model):
    """Quadratic integrate-and-fire neuron with an adaptation current."""

    v = iz.State(-65.0, unit="mV")
    w = iz.State(0.0, unit="mV")
    tau = iz.Parameter(20.0, unit="ms", range=(5, 50))
    jump = iz.Parameter(4.0, unit="mV", range=(0, 20))

    peak = 0.0

    def derivatives(v, w, I, tau):
        return ((v + 65) * (v + 50) / 5 - w + I) / tau, -w / 150

    def threshold(v):
        return v >= 0

    def reset(w, jump):
        return -60.0, w + jump


class Rulkov(iz.Model):
    """A map, which has no phase plane."""

    x = iz.State(-1.0)
    y = iz.State(-3.0)
    alpha = iz.Parameter(4.1, range=(3, 6))
    dt = 1.0

    def advance(x, y, I, alpha):
        return {"x": alpha / (1 + x * x) + y + I, "y": y - 0.001 * (x + 1)}

    def threshold(x):
        return x > 0.5
'''


def printed(code):
    """What copied code prints first; the picture that it saves is left out."""
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        exec(code.replace("result.plot()", "#"), {})
    return int(told.getvalue())


# ---------------------------------------------------------------- the page


def test_it_begins_with_its_own_files_alone(view):
    assert view.button("RS").get_attribute("aria-pressed") == "true"
    assert view.count == len(iz.simulate("RS").spike_times) > 0
    names = {one.removeprefix(view.url) for one in view.requests if one.startswith(view.url)}
    assert names == {"", "page.js", "explorer.css", "explorer.js"}
    assert [one for one in view.requests if one.startswith("ws")] == [
        view.url.replace("http", "ws") + "socket"
    ]
    assert view.page.locator(".status").inner_text() == ""


def test_names_are_not_resolved_in_these_tests(context_of):
    from playwright.sync_api import Error

    with pytest.raises(Error, match=r"ERR_NAME_NOT_RESOLVED|NS_ERROR_UNKNOWN_HOST"):
        context_of().new_page().goto("http://example.org/")


every_or = lambda short: pytest.mark.parametrize(
    "step", [pytest.param(short, id="some"), pytest.param(1, id="all", marks=pytest.mark.slow)]
)


@every_or(4)
def test_readouts_of_presets(view, step):
    wrong = {}
    for name in [*iz.presets][::step]:
        view.preset(name)
        result = iz.simulate(name)
        onset = min(getattr(term.waveform, "start", 0) for term in iz.presets[name].current.terms)
        rate = 1000 * len(result.spike_times) / (result.duration - onset)
        expected = [len(result.spike_times), f"{rate:.3g} Hz"]
        found = [view.count, view.readout("rate")]
        if found != expected or view.banner.is_visible():
            wrong[name] = (found, expected)
    assert wrong == {}


@every_or(3)
def test_shipped_models(view, step):
    menu = view.page.get_by_label("model", exact=True)
    names = menu.locator("option").all_inner_texts()
    assert {"Izhikevich", "AdEx", "HodgkinHuxley", "MorrisLecar"} < set(names)
    for name in names[::step]:
        view.choose(model=name)
        assert view.count == counts(view.settings()), name
        shown = {label for label, kind, _ in view.fields() if kind == "range"}
        for parameter, made in getattr(iz, name).parameters.items():
            assert (f"{parameter} ({made.unit})" if made.unit else parameter) in shown
    assert not view.banner.is_visible()


def test_numbers_are_typed(view):
    view.type(d="2.5", dt="0.05", duration="700")
    settings = view.settings()
    assert settings["values"]["d"] == 2.5
    assert view.count == counts(settings)
    view.choose(scheme="rk4", spike_times="interpolated")
    assert view.count == counts(view.settings())


def test_presets_of_other_models_are_not_offered(view):
    menu = view.page.get_by_label("more presets")
    for kind in (iz.Izhikevich, iz.AdEx, iz.Izhikevich2007, iz.LeakyIntegrateAndFire):
        view.choose(model=kind.__name__)
        buttons = view.page.locator(".segments button").all_inner_texts()
        offered = {*buttons, *menu.locator("option").all_inner_texts()[1:]}
        assert offered == {name for name, preset in iz.presets.items() if preset.model is kind}
        assert menu.is_disabled() == (not offered)
    assert "LeakyIntegrateAndFire" in menu.get_attribute("title")
    view.keys("1")
    assert view.settings()["model"] == "LeakyIntegrateAndFire"


def test_what_a_model_cannot_do_is_disabled_with_a_reason(view):
    exact = view.page.get_by_label("scheme").locator("option[value=exact]")
    assert exact.is_disabled()
    assert exact.inner_text() == "exact: the derivative of v is not linear in v, u and I"
    view.choose(model="LeakyIntegrateAndFire")
    assert exact.is_enabled()
    view.press("guided tour", "skip this step", "skip this step")
    tour = view.page.locator(".tour")
    assert "LeakyIntegrateAndFire has no phase plane" in tour.inner_text()
    assert view.button("reset").get_attribute("title") == "nothing has been changed"


def test_dashed_lines_have_legends(view):
    words = view.page.locator(".single .key:has(.dashed)").all_inner_texts()
    assert words == ["v-nullcline at I = 0", "first interval"]


def test_the_published_step_and_the_converged_solution(view):
    coarse = view.preset("RS").choose(scheme="euler").type(dt="1").count
    fine = view.choose(scheme="rk4").type(dt="0.01").count
    assert coarse != fine
    assert fine == counts(view.settings())


@pytest.mark.parametrize(
    "kind",
    [
        "constant", "sine", "ornstein_uhlenbeck",
        *(pytest.param(kind, marks=pytest.mark.slow) for kind in ("pulse", "square", "ramp", "chirp", "noise")),
    ],
)  # fmt: skip
def test_currents(view, kind):
    view.preset("CH").choose(kind_of_current=kind).type(amplitude="40", onset="40")
    assert printed(view.clipboard("copy as Python")) == view.count > 0


# ---------------------------------------------------------------- links, Python, files


def test_a_link_brings_the_same_state(view, context_of):
    view.preset("tonic bursting").choose(kind_of_current="sine").type(amplitude="12", period="37", a="0.03")
    view.keys("k", "n")
    address = view.clipboard("copy the link")
    assert address.startswith(view.url + "#")
    assert view.address == address
    other = View(context_of(), view.url).open(address)
    assert other.fields() == view.fields()
    assert other.count == view.count > 0
    assert other.state() == view.state()
    assert other.page.locator(".chips").inner_text() == view.page.locator(".chips").inner_text() != ""
    for name in ("rate", "isi", "cv", "adaptation"):
        assert other.readout(name) == view.readout(name)
    other.check()


def test_a_link_that_comes_while_the_page_is_open(view):
    view.preset("FS")
    view.settings()
    address = view.address
    view.preset("CH")
    view.settings()
    view.page.evaluate("(address) => { location.href = address }", address)
    until(lambda: view.button("FS").get_attribute("aria-pressed") == "true", "the preset of the link")
    assert view.settle().count == len(iz.simulate("FS").spike_times)


def fragment_of(**settings):
    state = {"version": 1, "settings": {"model": "Izhikevich"} | settings}
    return "#" + base64.urlsafe_b64encode(json.dumps(state).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "fragment",
    [
        "#garbage!!",
        "#",
        fragment_of(current=None),
        *(
            pytest.param(one, marks=pytest.mark.slow)
            for one in ("#eyJ2ZXJzaW9uIjo5OX0", "#bm8", fragment_of(current=[5]))
        ),
    ],
)
def test_a_damaged_link(context_of, server, fragment):
    view = View(context_of(), server.url).open(server.url + fragment)
    if fragment != "#":
        assert "The link" in view.message()
    assert view.count == len(iz.simulate("RS").spike_times)
    view.check()


@pytest.mark.parametrize("case", ["a preset", "a parameter", "a kick and noise", "a published current"])
def test_the_copied_python_runs(view, case, tmp_path):
    view.preset("rebound burst" if case == "a published current" else "IB")
    before = view.count
    if case == "a parameter":
        view.type(d="1.3", amplitude="7")
    elif case == "a kick and noise":
        view.choose(kind_of_current="noise").type(amplitude="6", seed="5").keys("k")
    code = view.clipboard("copy as Python")
    assert (
        view.page.locator(".code code").inner_text() == code.rstrip("\n")
        or view.page.locator(".code code").text_content() == code
    )
    assert printed(code) == view.count
    if case == "a kick and noise":  # as a reader runs it, in a process of its own
        assert run_script(code, tmp_path).split() == [str(view.count)]
        assert (tmp_path / "neuron.png").is_file()
    assert (view.count == before) == (case in ("a preset", "a published current"))


def test_the_python_box_follows(view):
    view.type(d="3.25")
    box = view.page.get_by_label("Python code")
    assert box.evaluate(
        "(one) => [one.scrollWidth - one.clientWidth, one.scrollHeight - one.clientHeight]"
    ) == [0, 0]
    until(lambda: "d=3.25" in box.inner_text(), "the parameter in the code")
    assert printed(box.inner_text()) == view.count


def test_saved_files(view, tmp_path):
    view.preset("CH")
    saved = {}
    for button in ("save a picture", "save the traces"):
        with view.page.expect_download() as download:
            view.button(button).click()
        saved[button] = tmp_path / download.value.suggested_filename
        download.value.save_as(saved[button])
    rows = np.genfromtxt(saved["save the traces"], delimiter=",", names=True)
    result = iz.simulate("CH")
    assert rows["spike"].sum() == view.count
    np.testing.assert_allclose(rows["v"], result.v, rtol=1e-9)
    assert rows["t"][-1] == result.duration
    picture = matplotlib.image.imread(saved["save a picture"])
    assert picture.shape[0] > 600
    assert picture.shape[1] > 1400
    assert picture.std() > 0.01  # something is drawn
    assert [path.name for path in saved.values()] == ["CH.png", "CH.csv"]


# ---------------------------------------------------------------- phase plane


def ink(view, layer, color, box):
    """Middle of what is drawn in a colour of the theme, within a box around a place; None if there is nothing."""
    return view.page.evaluate(
        """([layer, color, [x, y, reach]]) => {
          const root = document.querySelector(".izhi-explorer");
          const canvas = root.querySelectorAll(".plane canvas")[layer];
          const ratio = canvas.width / canvas.clientWidth;
          const hex = getComputedStyle(root).getPropertyValue(color).trim();
          const rgb = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
          const [left, top, size] = [x - reach, y - reach, 2 * reach].map((one) => Math.round(one * ratio));
          const { data } = canvas.getContext("2d").getImageData(left, top, size, size);
          let [x0, x1, y0, y1] = [Infinity, -Infinity, Infinity, -Infinity];
          for (let k = 0; k < data.length; k += 4) {
            if (data[k + 3] !== 255 || rgb.some((value, i) => data[k + i] !== value)) continue;
            const [column, row] = [(k / 4) % size, Math.floor(k / 4 / size)];
            [x0, x1, y0, y1] = [Math.min(x0, column), Math.max(x1, column), Math.min(y0, row), Math.max(y1, row)];
          }
          return x0 === Infinity ? null : [(left + (x0 + x1 + 1) / 2) / ratio, (top + (y0 + y1 + 1) / 2) / ratio];
        }""",
        [layer, color, box],
    )


def place(view, x, y):
    """Where the phase plane has a point, from the ranges that the server sent and the margins of the picture."""
    plane, element = view.headers["plane"], view.page.locator(".plane")
    width, height = element.evaluate("(one) => [one.clientWidth, one.clientHeight]")
    left, right, top, bottom = 46, width - 12, 10, height - 24
    across = (x - plane["x"]["low"]) / (plane["x"]["high"] - plane["x"]["low"])
    up = (y - plane["y"]["low"]) / (plane["y"]["high"] - plane["y"]["low"])
    return left + across * (right - left), bottom - up * (bottom - top)


@pytest.mark.parametrize(("scale", "current"), [(1, 3.0), (2, -5.5)])
def test_fixed_points_are_where_the_formula_has_them(context_of, server, scale, current):
    view = View(context_of(device_scale_factor=scale), server.url).open().type(amplitude=current)
    b = iz.presets["RS"]["b"]
    roots = np.roots([0.04, 5 - b, 140 + current])
    assert np.isrealobj(roots)
    published = sorted(json.loads(view.data()["fixed"]), key=lambda point: point["x"])
    assert [point["x"] for point in published] == pytest.approx(sorted(roots), abs=1e-6)
    assert published[1]["kind"].startswith("saddle")
    assert "stable" in published[0]["kind"]
    for point, v in zip(published, sorted(roots), strict=True):
        x, y = place(view, v, b * v)
        assert np.hypot(point["px"] - x, point["py"] - y) < 3
        drawn = ink(view, 1, "--ink", [x, y, 12])
        assert drawn is not None
        assert np.hypot(drawn[0] - x, drawn[1] - y) < 3
    assert ink(view, 1, "--ink", [*place(view, np.mean(roots), 40 * b), 12]) is None  # nothing elsewhere
    view.check()


def test_a_click_in_the_phase_plane_starts_there(view):
    x, y = place(view, -50.0, -8.0)
    view.page.locator(".plane").click(position={"x": x, "y": y})
    view.settle()
    assert "starts at" in view.page.locator(".chips").inner_text()
    settings = view.settings()
    plane = view.headers["plane"]
    assert abs(settings["start"]["v"] + 50) < (plane["x"]["high"] - plane["x"]["low"]) / 100
    assert abs(settings["start"]["u"] + 8) < (plane["y"]["high"] - plane["y"]["low"]) / 100
    assert view.count == counts(settings)
    view.press("reset the start")
    assert view.count == len(iz.simulate("RS").spike_times)


def test_the_present_current_is_marked_in_the_curve(view):
    view.type(amplitude="12.5")
    curve = view.headers["curve"]
    assert curve["current"] == 12.5
    assert curve["unit"] == iz.Izhikevich.I_unit


# ---------------------------------------------------------------- play, freeze, keys, theme, tour


def test_keys(view):
    quick = [name for name in iz.presets if iz.presets[name].family == "2003"]
    for key, name in enumerate(quick[:7], start=1):
        view.keys(str(key))
        assert view.button(name).get_attribute("aria-pressed") == "true"
        assert view.count == len(iz.simulate(name).spike_times)
    view.keys("1", "k")
    assert "kick at 75 ms" in view.page.locator(".chips").inner_text().replace("\n", " ")
    assert view.count != len(iz.simulate("RS").spike_times)
    view.keys("r")
    assert view.page.locator(".chips").inner_text() == ""
    assert view.count == len(iz.simulate("RS").spike_times)
    seed = int(view.field("seed").input_value())
    view.keys("n")
    assert int(view.field("seed").input_value()) == seed + 1
    assert view.page.get_by_text("noise seed", exact=True).is_visible()
    assert "the same noise" in view.field("seed").get_attribute("title")
    view.keys("?")
    assert view.page.locator("dialog").is_visible()
    view.page.keyboard.press("Escape")
    assert not view.page.locator("dialog").is_visible()


def test_keys_do_not_disturb_typing(view):
    field = view.field("d")
    field.fill("7")
    view.settle()
    for key in ("r", "f", "d", "k", "3"):
        field.press(key)
    view.settle()
    assert field.input_value() == "73"
    assert view.data()["theme"] == "light"
    assert view.button("freeze").get_attribute("aria-pressed") == "false"
    assert view.page.locator(".chips").inner_text() == ""


def test_arrow_keys_move_a_slider(view):
    slider = view.slider("d")
    slider.focus()
    slider.press("ArrowRight")
    view.settle()
    raised = float(view.field("d").input_value())
    assert raised > 8
    slider.press("Shift+ArrowLeft")
    assert 8 < float(view.field("d").input_value()) < raised
    slider.dblclick()
    view.settle()
    assert view.field("d").input_value() == "8"


def test_play_and_the_dot(view):
    assert view.data()["time"] == ""
    view.keys(" ")
    until(lambda: float(view.data()["time"] or 0) > 10, "the dot moves")
    assert view.button("pause").count() == 1
    view.keys(" ")
    stopped = view.data()["time"]
    view.keys("n", "n", "n")
    assert view.data()["time"] == stopped
    box = view.page.locator(".traces").bounding_box()
    view.page.mouse.click(box["x"] + 52 + 0.25 * (box["width"] - 64), box["y"] + 60)
    time_clicked = float(view.data()["time"])
    assert abs(time_clicked - 0.25 * iz.presets["RS"].duration) < 1
    # The dot in the phase plane is where the run is.
    result = iz.simulate("RS")
    step = round(time_clicked / result.dt) - 1
    x, y = place(view, result.v[step], result.u[step])
    drawn = ink(view, 2, "--variable-0", [x, y, 12])
    assert drawn is not None
    assert np.hypot(drawn[0] - x, drawn[1] - y) < 3
    view.keys("k")
    assert "kick at 3" in view.page.locator(".chips").inner_text().replace("\n", " ")


def pixels(view, selector, color):
    """How many pixels of a canvas have a colour of the theme."""
    return view.page.evaluate(
        """([selector, color]) => {
          const hex = getComputedStyle(document.querySelector(".izhi-explorer")).getPropertyValue(color).trim();
          const rgb = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
          const canvas = document.querySelector(selector);
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          let count = 0;
          for (let k = 0; k < data.length; k += 4) count += data[k + 3] === 255 && rgb.every((value, i) => data[k + i] === value);
          return count;
        }""",
        [selector, color],
    )


def test_freeze(view):
    canvas = ".traces canvas"
    assert pixels(view, canvas, "--frozen") == 0
    view.press("freeze")
    assert view.button("freeze").get_attribute("aria-pressed") == "true"
    view.type(d="2")
    assert pixels(view, canvas, "--frozen") > 200
    view.keys("f")
    assert view.button("freeze").get_attribute("aria-pressed") == "false"
    assert pixels(view, canvas, "--frozen") == 0


def test_light_and_dark(view, context_of, server):
    view.settle()
    ground = lambda: view.page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    steps, light = view.steps(), ground()
    assert pixels(view, ".traces canvas", "--variable-0") > 100
    view.keys("d")
    assert view.data()["theme"] == "dark"
    assert ground() != light
    assert view.steps() == steps  # drawn from what is there
    assert pixels(view, ".traces canvas", "--variable-0") > 100
    assert pixels(view, ".curve canvas", "--variable-0") > 20
    view.page.reload()
    until(lambda: view.data().get("theme") == "dark", "the theme is kept")
    other = View(context_of(color_scheme="dark"), server.url).open()
    assert other.data()["theme"] == "dark"
    other.press("light or dark")
    assert other.data()["theme"] == "light"
    view.settle()


def test_the_tour_checks_itself(view):
    view.press("guided tour")
    tour = view.page.locator(".tour")
    assert "It is so already" in tour.inner_text()  # RS spikes as the page opens
    view.type(amplitude="12")
    assert "It is so already" in tour.inner_text()
    view.type(amplitude="0")
    assert "already" not in tour.inner_text()
    assert "Make it spike" in tour.inner_text()
    assert "1 of 6" in tour.inner_text()
    assert view.button("skip this step").is_visible()
    view.type(amplitude="10")
    view.press("Done — next")
    assert "rheobase" in tour.inner_text()
    assert view.button("skip this step").is_visible()  # 10 is far above
    preset = iz.presets["RS"]
    values = dict(preset) | dict(preset.initial)
    least = iz.rheobase(iz.Izhikevich, duration=preset.duration, dt=preset.dt, scheme=preset.scheme, **values)
    view.type(amplitude=round(1.02 * least, 4))
    view.press("Done — next")
    assert "Take its rest away" in tour.inner_text()
    assert "It is so already" in tour.inner_text()  # just above the rheobase there is none
    view.type(amplitude="0").type(amplitude="10").press("Done — next")
    assert "burst" in tour.inner_text()
    view.preset("RS")
    assert view.button("skip this step").is_visible()
    view.preset("CH").press("Done — next")
    assert "fast" in tour.inner_text()
    view.preset("RS").preset("FS").press("Done — next")  # CH is as fast as that
    assert "6 of 6" in tour.inner_text()
    view.preset("rebound spike").press("finish the tour")
    assert not tour.is_visible()
    view.press("guided tour")
    assert tour.is_visible()
    view.press("end the tour")
    assert not tour.is_visible()


# ---------------------------------------------------------------- small screens, names


@every_or(3)
def test_no_horizontal_scrolling_on_a_phone(context_of, server, step):
    view = View(context_of(width=390, height=844, device_scale_factor=2), server.url).open()
    assert view.data()["layout"] == "narrow"
    wide = lambda: view.page.evaluate(
        "() => [document.documentElement.scrollWidth, document.body.scrollWidth, Math.max(...[...document.querySelectorAll('button, input, select, canvas')].map((one) => one.getBoundingClientRect().right))]"
    )
    for model in view.page.get_by_label("model", exact=True).locator("option").all_inner_texts()[::step]:
        view.choose(model=model)
        assert max(wide()) <= 390, model
    view.preset("tonic bursting")
    view.page.evaluate("() => { for (const one of document.querySelectorAll('details')) one.open = true }")
    view.press("guided tour")
    view.field("dt").fill("-1")
    assert view.message()
    assert max(wide()) <= 390
    view.check()


def nameless(view):
    """Controls without a name in what the browser tells a screen reader; and how many controls there are."""
    session = view.page.context.new_cdp_session(view.page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    roles = {"slider", "spinbutton", "combobox", "button", "textbox", "checkbox", "listbox"}
    found = [node for node in nodes if not node["ignored"] and node["role"]["value"].lower() in roles]
    return [one for one in found if not one.get("name", {}).get("value", "").strip()], len(found)


@only_chromium("its driver does not hand over what a screen reader is told")
def test_everything_has_an_accessible_name(view):
    view.page.evaluate("() => { for (const one of document.querySelectorAll('details')) one.open = true }")
    for model in ("Izhikevich", "HodgkinHuxley", "AdEx"):
        view.choose(model=model)
        visible = view.page.evaluate(
            "() => [...document.querySelectorAll('input, select, button')].filter((one) => one.checkVisibility()).length"
        )
        assert nameless(view) == ([], visible)
    view.keys("?")
    assert nameless(view)[0] == []
    assert nameless(view)[1] >= 1
    names = view.page.evaluate(
        "() => [...document.querySelectorAll('input, select, button')].map((one) => one.ariaLabel || one.textContent.trim())"
    )
    assert all(names)
    assert view.page.evaluate("() => document.documentElement.lang") == "en"


# ---------------------------------------------------------------- a server that goes, and what it cannot do


def test_the_server_dies_and_comes_back(context_of):
    with Server() as server:
        view = View(context_of(), server.url).open()
        view.preset("CH").type(a="0.03")
        view.open_network("Small world")
        view.press("page of the neuron")
        view.check()
        server.stop()
        until(lambda: view.data()["connected"] == "false", "the page notices")
        assert view.page.get_by_text("Disconnected").is_visible()
        view.field("d").fill("3")  # while nobody listens
        before = view.steps()[1]
        server.restart()
        back = lambda: view.data()["connected"] == "true" and view.steps()[1] > before
        until(back, "it is back", 120)  # as long as a network has to open: it may have to compile, too
        view.settle()
        assert not view.page.get_by_text("Disconnected").is_visible()
        assert (view.field("a").input_value(), view.field("d").input_value()) == ("0.03", "3")
        preset = iz.presets["CH"]
        values = dict(preset) | {"a": 0.03, "d": 3.0}
        again = iz.simulate("CH", **values)
        assert view.count == len(again.spike_times)
        until(lambda: view.network_state == "running", "the network runs again", 120)
        view.wait_frames(5)
        # A browser notes the attempts in between, in its own words; nothing else.
        address = server.url.replace("http", "ws") + "socket"
        assert all(address in told for told in view.problems), view.problems


def test_a_users_own_model(context_of, tmp_path):
    path = tmp_path / "my_models.py"
    path.write_text(OWN)
    with Server(f"{path}:Theta") as server:
        view = View(context_of(), server.url).open()
        menu = view.page.get_by_label("model", exact=True)
        assert menu.input_value() == "Theta"
        assert menu.locator("option").all_inner_texts()[:3] == ["Theta", "Other", "Rulkov"]
        fields = {label: value for label, kind, value in view.fields() if kind == "number"}
        assert (fields["tau (ms)"], fields["jump (mV)"]) == ("20", "4")
        assert "d" not in fields
        slider = view.slider("tau")
        assert [slider.get_attribute(end) for end in ("min", "max")] == ["5", "50"]
        assert "Quadratic integrate-and-fire" in view.page.locator(".caption").inner_text()
        view.type(amplitude="60", jump="6")
        code = view.clipboard("copy as Python")
        assert "import Theta" in code
        assert run_script(code, tmp_path).split() == [str(view.count)]
        assert view.count > 0
        view.choose(model="Other")
        assert view.slider("tau").count() == 1
        assert view.slider("jump").count() == 0
        assert view.data()["connected"] == "true"
        view.check()


def test_a_users_map_which_has_no_phase_plane(context_of, tmp_path):
    path = tmp_path / "my_models.py"
    path.write_text(OWN)
    with Server(f"{path}:Rulkov") as server:
        view = View(context_of(), server.url)
        view.page.goto(server.url)
        until(lambda: view.data().get("spikes"), "the first trace")
        view.slider("alpha").focus()
        view.page.keyboard.press("ArrowRight")
        until(lambda: (steps := view.steps())[0] == steps[1] > 1, "the trace follows")
        view.page.get_by_label("model", exact=True).select_option("Izhikevich")
        view.settle()
        view.check()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            "import izhi_numba as iz\n\nclass Theta(iz.Model):\n    v = iz.State(\n",
            "line 4: '(' was never closed",
            marks=pytest.mark.slow,
        ),
        ("import izhi_numba as iz\n\nx = 1 / 0\n", "line 3: ZeroDivisionError: division by zero"),
        pytest.param("x = 1\n", "a model is a class made from iz.Model", marks=pytest.mark.slow),
    ],
)
def test_a_users_file_with_a_mistake(context_of, tmp_path, text, message):
    path = tmp_path / "my_models.py"
    path.write_text(text)
    with Server(f"{path}") as server:
        view = View(context_of(), server.url).open()
        told = view.message()
        assert message in told
        assert str(path) in told
        assert "Traceback" not in told
        assert view.count == len(iz.simulate("RS").spike_times)  # the others are there
        view.press("close this message")
        assert not view.banner.is_visible()
        view.check()


@pytest.mark.parametrize(
    ("name", "typed", "message"),
    [
        ("dt", "-1", "dt: expected a step above 0 and not above the duration, got -1 ms"),
        ("duration", "1e9", "steps, more than the"),
        ("seed", "-3", "seed: "),
        ("d", "1e308", ""),
    ],
)
def test_a_number_that_cannot_be(view, name, typed, message):
    before = view.count
    view.field(name).fill(typed)
    told = view.message()
    assert message in told
    assert len(told) < 300
    assert "Traceback" not in told
    assert "Error:" not in told
    assert view.count == before  # the last good picture
    if name != "d":  # of which a program can be written
        until(lambda: view.headers["error"]["about"] == "text", "the program is refused, too")
    view.press("reset") if name == "d" else view.field(name).fill({"dt": "0.1", "seed": "1"}.get(name, "500"))
    view.settle()
    until(lambda: not view.banner.is_visible(), "the message goes", patience=5)


def test_typing_what_is_no_number(view):
    field = view.field("d")
    field.click()
    field.press("ControlOrMeta+a")
    field.press_sequentially("NaN")  # letters are refused
    assert field.input_value() == "8"
    field.press("ControlOrMeta+a")
    field.press_sequentially("-")  # half a number is marked
    assert field.get_attribute("aria-invalid") == "true"
    steps = view.steps()
    view.keys("n")
    assert view.steps()[0] == steps[0] + 1  # the last number still counts
    assert field.get_attribute("aria-invalid") is None
    assert field.input_value() == "8"
    view.type(d="0")
    field.press("ControlOrMeta+a")
    field.press("Delete")
    view.keys("n")
    assert field.input_value() == "0"  # which is no empty field


@pytest.mark.parametrize("name", ["d", "seed", "start of v"])
def test_letters_are_refused_in_any_browser(view, name):
    """Firefox takes them into a number field; the page refuses them before."""
    view.page.evaluate("() => { for (const one of document.querySelectorAll('details')) one.open = true }")
    refused = """(field) => ["x", "N", "1", "-", "e", "."].map((data) => {
      const event = new InputEvent("beforeinput", { data, cancelable: true, bubbles: true });
      field.dispatchEvent(event);
      return event.defaultPrevented;
    })"""
    assert view.field(name).evaluate(refused) == [True, True, False, False, False, False]


def test_the_code_needs_no_scrollbar(playwright, server):
    """Scrollbars that take room, as on most desktops, are what a test's browser hides."""
    other = launch(playwright, scrollbars=True)
    with new_profile(other) as context:
        view = View(context, server.url).open()
        bar = view.page.evaluate(
            "() => { const one = document.createElement('div'); one.style.cssText = 'overflow: scroll; width: 99px';"
            " document.body.append(one); const wide = one.offsetWidth - one.clientWidth; one.remove(); return wide }"
        )
        assert bar > 5  # they do take room here
        box = view.page.get_by_label("Python code")
        for name in ("RS", "CH", "tonic bursting"):
            view.preset(name)
            until(lambda: "iz.simulate" in box.inner_text(), "the code")
            beyond = box.evaluate(
                "(one) => [one.offsetWidth - one.clientWidth, one.offsetHeight - one.clientHeight, one.scrollHeight - one.clientHeight]"
            )
            assert beyond == [0, 0, 0]
    other.close()


@pytest.fixture(scope="module")
def opened(browser, server):
    """What the page says as it opens: its state, and the spikes."""
    with new_profile(browser) as context:
        view = View(context, server.url).open()
        return view.state(), view.count


@pytest.mark.parametrize(
    "value", [None, 1e999, *(pytest.param(one, marks=pytest.mark.slow) for one in ("NaN", True))]
)
def test_a_link_with_what_is_no_number(context_of, server, opened, value):
    state, count = copy.deepcopy(opened)
    state["settings"]["values"]["d"] = value
    text = base64.b64encode(json.dumps(state).replace("Infinity", "1e999").encode()).decode()
    other = View(context_of(), server.url)
    other.page.goto(f"{server.url}#{text.rstrip('=').replace('+', '-').replace('/', '_')}")
    told = other.message()
    assert told.startswith("d: expected a finite number") or told.startswith("d: expected a number")
    until(lambda: "text" in other.refused, "the program is refused, too")
    other.field("d").fill("8")
    until(lambda: not other.banner.is_visible(), "the message goes", patience=5)
    assert other.settle().count == count
    other.check()


def test_only_this_machine(server):
    """The address is one of this machine alone."""
    process = psutil.Process(server.process.pid)
    connections = getattr(process, "net_connections", None) or process.connections  # which psutil 6 calls it
    listening = [one.laddr for one in connections() if one.status == "LISTEN"]
    assert [place.ip for place in listening] == ["127.0.0.1"]
    assert server.first_line.startswith("the explorer is at http://127.0.0.1:")
    assert os.path.basename(server.process.args[0]).startswith("python")
