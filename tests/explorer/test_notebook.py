"""The explorer in a notebook: its wire without JupyterLab, and the whole of it with."""

import importlib.util
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import izhi_numba as iz
from benchmarks.explorer_notebook import (
    MODEL,
    SHOWN,
    browser_page,
    drag,
    frames_per_second,
    jupyterlab,
    open_network,
    run_notebook,
    settle,
)
from tests.explorer.browsers import find_browser

pytest.importorskip("anywidget", reason="anywidget is not there: pip install 'izhi-numba[notebook]'")

PATIENCE = 60  # s, kernels may be compiled
VIEW = ".izhi-explorer"


_cell = {"__name__": __name__}
exec(MODEL, _cell)
Theta = _cell["Theta"]

SETTINGS = {
    "model": "Theta", "preset": None, "values": {"tau": 30, "jump": 2}, "start": {},
    "current": {"kind": "constant", "amplitude": 40, "onset": 100}, "duration": 1000, "dt": 0.1,
    "scheme": "heun", "spike_times": "grid", "seed": 1, "kicks": [], "tour": None,
}  # fmt: skip


class FakeNotebook:
    """Both ends of a widget's wire: what is sent is kept, as (header, arrays by name)."""

    def __init__(self):
        self.changed = threading.Condition()
        self.frames = []
        self.comms = []

    def create_comm(self, **arguments):
        from comm.base_comm import BaseComm

        notebook = self

        class Comm(BaseComm):
            def publish_msg(self, msg_type, data=None, metadata=None, buffers=None, **keys):
                if msg_type == "comm_msg" and data.get("method") == "custom":
                    notebook.arrived(data["content"], buffers or [])

        self.comms.append(Comm(**arguments))
        return self.comms[-1]

    def arrived(self, header, buffers):
        assert len(header.get("arrays", [])) == len(buffers)
        arrays = {
            one["name"]: np.frombuffer(buffer, one["dtype"]).reshape(one["shape"])
            for one, buffer in zip(header.get("arrays", []), buffers, strict=True)
        }
        with self.changed:
            self.frames.append((header, arrays))
            self.changed.notify_all()

    def say(self, message):
        data = {"method": "custom", "content": message}
        self.comms[-1].handle_msg({"content": {"data": data}, "buffers": [], "metadata": {}})

    def wait(self, kind, **expected):
        """First frame of a kind that has come or comes."""

        def found():
            for header, arrays in self.frames:
                if header["kind"] == kind and all(
                    header.get(name) == value for name, value in expected.items()
                ):
                    return header, arrays
            return None

        with self.changed:
            assert self.changed.wait_for(found, PATIENCE), [header["kind"] for header, _ in self.frames]
            return found()


@pytest.fixture
def notebook(monkeypatch):
    import comm

    fake = FakeNotebook()
    monkeypatch.setattr(comm, "create_comm", fake.create_comm)
    return fake


@pytest.fixture
def explorer(notebook):
    before = set(threading.enumerate())
    widget = iz.explore(Theta)
    yield widget
    widget.close()
    ended(before)


def ended(before):
    """Wait until there are no other threads than there were."""
    until = time.monotonic() + PATIENCE
    while set(threading.enumerate()) - before:
        assert time.monotonic() < until, set(threading.enumerate()) - before
        time.sleep(0.01)


def test_explore_returns_a_widget_that_a_notebook_can_show(explorer):
    import anywidget

    assert isinstance(explorer, anywidget.AnyWidget)
    assert "render" in explorer._esm
    assert ".izhi-explorer" in explorer._css
    assert "application/vnd.jupyter.widget-view+json" in explorer._repr_mimebundle_()[0]


def test_hello_is_answered_by_the_catalogue_with_the_users_model_first(notebook, explorer):
    notebook.say({"kind": "hello"})
    catalogue, _ = notebook.wait("catalogue")
    assert catalogue["version"] == iz.__version__
    assert catalogue["model"] == "Theta"
    first, *others = catalogue["models"]
    assert first["name"] == "Theta"
    sliders = [(one["name"], one["unit"], one["low"], one["high"]) for one in first["parameters"]]
    assert sliders == [("tau", "ms", 5, 50), ("tau_w", "ms", 50, 500), ("jump", "mV", 0, 20)]
    assert {"Izhikevich", "AdEx", "HodgkinHuxley"} <= {one["name"] for one in others}
    assert catalogue["opened"] == ""
    assert catalogue["networks"][0]["name"] == "cortical"


def test_a_neuron_is_answered_by_its_pictures_with_the_spikes_of_simulate(notebook, explorer):
    notebook.say({"kind": "neuron", "seq": 7, "width": 600, "settings": SETTINGS})
    trace, arrays = notebook.wait("trace", seq=7)
    expected = iz.simulate(Theta, iz.step(40, start=100), 1000, dt=0.1, tau=30, jump=2).spike_times
    assert len(expected) > 5
    assert trace["spikes"] == len(expected)
    np.testing.assert_array_equal(arrays["spikes"], expected.astype(np.float32))
    assert trace["names"] == ["v", "w", "I"]
    assert arrays["band"].shape == (3, 600, 2)
    assert arrays["band"][2].max() == 40
    plane, curves = notebook.wait("plane", seq=7)
    assert plane["form"] == "plane"
    assert {f"line{i}" for i in range(len(plane["line_of"]))} <= set(curves)
    _, curve = notebook.wait("curve", seq=7)
    assert curve["rate"].shape == curve["current"].shape
    assert curve["rate"].max() > 0
    order = [header["kind"] for header, _ in notebook.frames if header.get("seq") == 7]
    assert order == ["trace", "plane", "curve"]


def test_the_python_of_a_notebooks_model_says_where_the_model_is(notebook, explorer, monkeypatch):
    monkeypatch.setattr(Theta, "__module__", "__main__")
    notebook.say({"kind": "text", "seq": 3, "what": "python", "settings": SETTINGS})
    text = notebook.wait("text", seq=3)[0]["text"]
    assert "Theta is the model of this notebook" in text
    names = {"Theta": Theta}
    exec(compile(text.split("print(len")[0], "copied", "exec"), names)
    expected = iz.simulate(Theta, iz.step(40, start=100), 1000, dt=0.1, tau=30, jump=2).spike_times
    np.testing.assert_array_equal(names["result"].spike_times, expected)


@pytest.mark.parametrize(
    "message", [None, 3, "hello", [], {}, {"kind": "of magic"}, {"kind": "network", "action": "fly"}]
)
def test_what_is_no_message_is_answered_by_an_error(notebook, explorer, message):
    notebook.say(message)
    error, _ = notebook.wait("error")
    assert error["text"]
    notebook.say({"kind": "hello"})
    notebook.wait("catalogue")


OPEN = {"kind": "network", "action": "open", "network": "cortical"}


def test_a_network_sends_frames_as_long_as_they_are_looked_at(notebook, explorer):
    notebook.say(OPEN)
    frame, arrays = notebook.wait("frame", frame=3)
    assert arrays["raster"].shape[0] == frame["columns"]
    time.sleep(0.3)
    assert max(header["frame"] for header, _ in notebook.frames if header["kind"] == "frame") == 3
    notebook.say({"kind": "network", "action": "ack", "frame": 3})
    notebook.wait("frame", frame=6)
    notebook.say({"kind": "network", "action": "close"})
    notebook.wait("network", state="closed")


def test_a_network_of_the_notebook_is_opened_and_stays_what_it_is(notebook):
    before = set(threading.enumerate())
    net = iz.Network(dt=1.0, seed=1)
    exc = net.pool("exc", 50)
    exc.drive(exc, iz.noise(6.0))
    widget = iz.explore(net, positions={"exc": np.random.default_rng(1).random((50, 3))})
    notebook.say({"kind": "hello"})
    catalogue, _ = notebook.wait("catalogue")
    assert catalogue["opened"] == catalogue["networks"][0]["title"] == "your network"
    notebook.say(OPEN | {"network": "your network"})
    told, arrays = notebook.wait("described")
    assert told["map"] == {"flat": False}
    assert arrays["places"].shape == (50, 3)
    notebook.wait("frame", frame=2)
    notebook.say({"kind": "network", "action": "turn", "knob": "drive", "value": 3.0})
    notebook.say({"kind": "network", "action": "ack", "frame": 2})
    notebook.wait("frame", frame=4)
    assert (exc.external_input == 3.0).all()  # the page turns the network itself
    widget.close()
    ended(before)
    t = net.t
    assert t > 0
    assert net.run(10.0).start == t


def test_a_pool_of_a_network_is_explored_with_it():
    net = iz.Network()
    with pytest.raises(RuntimeError, match=r"explored as a whole: iz\.explore\(net\)"):
        iz.explore(net.pool("exc", 3))


def test_close_ends_the_threads_and_may_be_called_twice(notebook):
    before = set(threading.enumerate())
    widget = iz.explore(Theta)
    notebook.say({"kind": "hello"})
    notebook.say(OPEN)
    notebook.wait("frame", frame=2)
    assert set(threading.enumerate()) - before
    widget.close()
    ended(before)
    widget.close()


def test_widgets_do_not_share_their_answers(notebook):
    first, second = iz.explore(Theta), iz.explore()
    notebook.say({"kind": "hello"})  # to the second
    assert notebook.wait("catalogue")[0]["model"] == "Izhikevich"
    for widget in (first, second):
        widget.close()


@pytest.mark.parametrize("thing", ["Theta", Theta(), iz.Izhikevich(), int, 3, None])
def test_what_is_no_model_is_refused(thing):
    with pytest.raises(
        TypeError, match=r"explore: expected classes made from iz\.Model, a Pool or a Network"
    ):
        iz.explore(thing)


def test_positions_are_those_of_a_network():
    with pytest.raises(
        TypeError, match="explore: positions are those of the neurons of a network, and there is none"
    ):
        iz.explore(iz.Izhikevich, positions=np.zeros((3, 2)))


def test_without_anywidget_it_is_said_what_to_install():
    program = (
        "import sys; sys.modules['anywidget'] = None; import izhi_numba as iz\n"
        "try: iz.explore()\n"
        "except ImportError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "explore needs anywidget: pip install 'izhi-numba[notebook]'"


@pytest.fixture
def notebook_page(tmp_path):
    for module in ("jupyterlab", "ipykernel", "playwright"):
        if importlib.util.find_spec(module) is None:
            pytest.skip(f"{module} is not there: pip install {module}")
    find_browser()
    with jupyterlab(tmp_path, [MODEL, SHOWN]) as address, browser_page() as page:
        page.complaints = []
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("console", lambda told: told.type == "error" and page.complaints.append(told.text))
        run_notebook(page, address)
        yield page


@pytest.mark.slow
def test_in_jupyterlab(notebook_page):
    page = notebook_page
    data = lambda: page.evaluate(f"() => ({{ ...document.querySelector('{VIEW}').dataset }})")
    value = lambda name: float(
        page.locator(f'{VIEW} .left input[type=number][aria-label="{name}"]').input_value()
    )

    sliders = page.locator(f"{VIEW} .left input[type=range]")
    labels = sliders.evaluate_all("(all) => all.map((one) => one.ariaLabel)")
    assert labels[:3] == ["tau (ms)", "tau_w (ms)", "jump (mV)"]

    drag(page, "amplitude", 0.3, 0.9, moves=30)
    drag(page, "tau (ms)", 0.3, 0.1, moves=30)
    current = iz.step(value("amplitude"), start=value("onset (ms)"))
    result = iz.simulate(Theta, current, value("duration (ms)"), dt=value("dt (ms)"), tau=value("tau (ms)"))
    assert value("tau (ms)") < 20
    assert len(result.spike_times) > 2
    assert int(data()["spikes"]) == len(result.spike_times)
    assert page.locator(f"{VIEW} .readout b[data-name=spikes]").inner_text() == str(len(result.spike_times))

    for name in ("RS", "CH", "LTS"):
        page.locator(f"{VIEW} .segments").get_by_role("button", name=name, exact=True).click()
        settle(page)
        assert int(data()["spikes"]) == len(iz.simulate(name, seed=1).spike_times)

    open_network(page, 1200)
    assert frames_per_second(page, 1) > 2
    page.locator(f"{VIEW} .network-bar button.primary").click()
    page.wait_for_selector(f"{VIEW} .network[data-state=paused]")
    assert frames_per_second(page, 0.5) == 0

    for width, layout in ((480, "narrow"), (1500, "wide")):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_selector(f"{VIEW}[data-layout={layout}]")
        assert page.locator(VIEW).evaluate("(view) => view.scrollWidth <= view.clientWidth")
    assert page.complaints == []
