"""The explorer as a person has it: a server of its own process, a browser without a name server, a page."""

import base64
import json
import os
import re
import subprocess
import sys
import time
from collections import deque

import izhi_numba as iz
from tests.explorer.browsers import FIREFOX

# New words in a legend may take a line more; the picture beside them is drawn again in its new size a frame later.
LAID_OUT = """() => new Promise((done) => {
  requestAnimationFrame(() => requestAnimationFrame(done));
  setTimeout(done, 1000); // a page out of sight has no frames
})"""
# What a socket sends and receives, for a browser whose driver does not tell it.
OVERHEAR = """
const overheard = (globalThis.overheard = []);
const note = (kind, told) => { if (overheard.length < 8000) overheard.push([kind, told]) };
globalThis.WebSocket = class extends WebSocket {
  constructor(...place) {
    super(...place);
    note("url", this.url);
    this.addEventListener("message", ({ data }) => {
      const length = new DataView(data).getUint32(0, true);
      note("received", new TextDecoder().decode(new Uint8Array(data, 4, length)));
    });
  }
  send(told) {
    note("sent", told);
    super.send(told);
  }
};
"""
NOTE_HIGHEST = """(rate) => {
  rate.highest = 0;
  const note = () => { rate.highest = Math.max(rate.highest, parseFloat(rate.textContent) || 0) };
  new MutationObserver(note).observe(rate, { childList: true, characterData: true, subtree: true });
}"""
PATIENCE = float(
    os.environ.get("PATIENCE", 60.0)
)  # s: what is waited for comes at once, but for a cold cache


def until(condition, what, patience=PATIENCE):
    """Ask again until something holds."""
    end = time.monotonic() + patience
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < end, f"{what}: not within {patience:g} s"
        time.sleep(0.02)


class Server:
    """``izhi-numba explore`` in a process of its own."""

    def __init__(self, *arguments, port=0, environment=None):
        self.arguments, self.environment = arguments, os.environ | (environment or {})
        self.start(port)

    def start(self, port):
        command = [sys.executable, "-m", "izhi_numba", "explore", "--no-browser", "--port", str(port)]
        self.process = subprocess.Popen(
            [*command, *self.arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=self.environment,
        )  # fmt: skip
        self.first_line = self.process.stdout.readline()
        self.url = next((word for word in self.first_line.split() if word.startswith("http://")), None)
        assert self.url, self.first_line + self.process.stderr.read()

    def stop(self):
        """End it; returns what it wrote to stderr."""
        if self.process.poll() is None:
            self.process.kill()
        _, told = self.process.communicate()
        return told

    def restart(self):
        self.start(self.url.rstrip("/").rpartition(":")[2])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class View:
    """A page with the explorer in it, and all that it said and asked for."""

    def __init__(self, context, url):
        self.url = url
        self.problems, self.requests = [], []
        self.asked, self.answered = 0, 0  # neurons
        self.most_in_flight = 0
        self._frames = deque(maxlen=4000)
        self._headers = {}
        self._refused = set()
        self.page = context.new_page()
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        self.page.on("request", self._ask)
        if FIREFOX:  # whose driver says nothing of sockets
            self.page.add_init_script(OVERHEAR)
        else:
            self.page.on("websocket", self._listen)

    def open(self, url=None):
        self.page.goto(url or self.url)
        self.root = self.page.locator(".izhi-explorer")
        until(lambda: self.data().get("asked"), "the catalogue")
        return self.settle()

    def _hear(self, told):
        if "willReadFrequently" not in told.text:  # which is about these tests
            self.problems.append(f"{told.type}: {told.text}")

    def _ask(self, request):
        if not (FIREFOX and request.url == self.url + "socket"):  # which is told as ws://, too
            self.requests.append(request.url)

    def _listen(self, socket):
        self.requests.append(socket.url)
        socket.on("framesent", self._sent)
        socket.on("framereceived", self._received)

    def _catch_up(self):
        """Hear what has come; the driver hands events on in calls only."""
        for kind, told in self.page.evaluate("() => globalThis.overheard?.splice(0) ?? []"):
            {"url": self.requests.append, "sent": self._sent, "received": self._note}[kind](told)

    def _sent(self, message):
        kind = json.loads(message)["kind"]
        if kind == "neuron":
            self.asked += 1
            self.most_in_flight = max(self.most_in_flight, self.asked - self.answered)

    def _received(self, message):
        data = message if isinstance(message, bytes) else base64.b64decode(message)
        self._note(data[4 : 4 + int.from_bytes(data[:4], "little")])

    def _note(self, text):
        header = json.loads(text)
        self._headers[header["kind"]] = header
        if header["kind"] == "error":
            self._refused.add(header["about"])
        if header["kind"] == "trace" or (header["kind"] == "error" and header["about"] == "neuron"):
            self.answered += 1
        if header["kind"] == "frame":
            self._frames.append(header)

    # what has come

    @property
    def headers(self):
        """Newest message of each kind, without its arrays."""
        self._catch_up()
        return self._headers

    @property
    def refused(self):
        """What errors that came were about."""
        self._catch_up()
        return self._refused

    @property
    def frames(self):
        """The same of all frames of the network."""
        self._catch_up()
        return list(self._frames)

    # what the page publishes

    def data(self):
        script = "() => ({...document.querySelector('.izhi-explorer')?.dataset})"
        return self.page.evaluate(script)

    def steps(self):
        """Numbers of the request that is wanted, and of the three answers that are drawn."""
        data = self.data()
        return [int(data.get(name, -1)) for name in ("asked", "seq", "planeSeq", "curveSeq")]

    def settle(self):
        """Wait until all pictures are those of the present settings, and as large as the text beside them lets them."""
        drawn = None
        while drawn != self.steps():  # another size may ask for them anew
            until(lambda: len(set(self.steps())) == 1, "all pictures in step")
            drawn = self.steps()
            self.page.evaluate(LAID_OUT)
        self._catch_up()
        return self

    def state(self):
        """What a link has: the settings, the page, and the network."""
        self.button("copy the link").click()
        return self.page.evaluate(
            """() => JSON.parse(atob(location.hash.slice(1).replaceAll("-", "+").replaceAll("_", "/")))"""
        )

    @property
    def address(self):
        """What the address bar has; the driver's own copy of it is late."""
        return self.page.evaluate("() => location.href")

    def settings(self):
        return self.state()["settings"]

    def fields(self):
        """All that can be set, as it stands there."""
        script = """() => [...document.querySelectorAll(".single input, .single select, .presets select")]
                          .map((one) => [one.ariaLabel, one.type, one.value])"""
        return self.page.evaluate(script)

    @property
    def count(self):
        """Spikes as a person reads them."""
        shown = self.readout("spikes")
        assert shown == self.data()["spikes"]
        return int(shown)

    def readout(self, name):
        return self.page.locator(f".readout b[data-name={name}]").inner_text()

    @property
    def banner(self):
        return self.page.locator(".banner[role=alert]:not(.offline)")

    def message(self):
        """The message that the page shows."""
        until(self.banner.is_visible, "a message in the page")
        return self.banner.inner_text().strip()

    @property
    def network_state(self):
        return self.page.locator(".network").get_attribute("data-state")

    def open_network(self, title, frames=5):
        """Open a network of the gallery, and wait until it runs."""
        self.button(f"open {title}").click()
        until(lambda: self.network_state == "running", f"{title} runs", 120)
        return self.wait_frames(frames)

    def shown_rate(self, population):
        """Rate of a population as a person reads it, Hz."""
        return float(self._rate(population).inner_text().removesuffix(" Hz").replace("–", "nan"))

    def _rate(self, population):
        row = self.page.locator(".population", has=self.page.get_by_text(population, exact=True))
        return row.locator("b")

    def highest_rate(self, population):
        """Note from now on what a person reads; returns a function that tells the highest rate, Hz.

        What lasts a second is past before a driver on a busy machine asks again.
        """
        rate = self._rate(population).element_handle()
        rate.evaluate(NOTE_HIGHEST)
        return lambda: rate.evaluate("(rate) => rate.highest")

    def wait_frames(self, n):
        """Wait for so many frames more."""
        have = self.frame()
        until(lambda: not have <= self.frame() < have + n, f"{n} frames")
        return self

    def frame(self):
        return int(self.data().get("frame", 0))

    # the hand

    def button(self, name):
        return self.page.get_by_role("button", name=name, exact=True)

    def field(self, name):
        """A number field, by its name without the unit."""
        return self.page.get_by_role("spinbutton", name=re.compile(rf"^{name}( \(.*\))?$"))

    def slider(self, name):
        return self.page.get_by_role("slider", name=re.compile(rf"^{name}( \(.*\))?$"))

    def press(self, *names):
        """Click buttons, one after another."""
        for name in names:
            self.button(name).click()
        return self.settle()

    def type(self, **numbers):
        """Type numbers."""
        for name, number in numbers.items():
            self.field(name).fill(str(number))
        return self.settle()

    def preset(self, name):
        """Choose a preset, and its model before it, if need be."""
        model = iz.presets[name].model.__name__
        if self.page.get_by_label("model", exact=True).input_value() != model:
            self.choose(model=model)
        if self.button(name).count():
            self.button(name).click()
        else:
            self.page.get_by_label("more presets").select_option(name)
        return self.settle()

    def choose(self, **options):
        """Choose in menus; blanks in names are written as _."""
        for label, option in options.items():
            self.page.get_by_label(label.replace("_", " "), exact=True).select_option(option)
        return self.settle()

    def keys(self, *keys):
        """Press keys while no field has the focus."""
        self.page.locator(".brand").click()
        for key in keys:
            self.page.keyboard.press(key)
        return self.settle()

    def drag(self, name, to, steps=30):
        """Drag a slider with the mouse to a fraction of its way."""
        element = self.slider(name).first
        element.scroll_into_view_if_needed()
        box = element.bounding_box()
        at = element.evaluate("(one) => (one.value - one.min) / (one.max - one.min)")
        thumb = 14  # pixels
        start, end = (box["x"] + thumb / 2 + (box["width"] - thumb) * one for one in (at, to))
        y = box["y"] + box["height"] / 2
        mouse = self.page.mouse
        mouse.move(start, y)
        mouse.down()
        for k in range(1, steps + 1):
            mouse.move(start + (end - start) * k / steps, y)
            yield
        mouse.up()

    def clipboard(self, button, again=""):
        """Click, and return what is in the clipboard then."""
        self.page.evaluate("(before) => navigator.clipboard.writeText(before)", again)
        self.button(button).click()
        read = lambda: self.page.evaluate("() => navigator.clipboard.readText()")
        return until(lambda: (text := read()) != again and text, f"a text after {button}")

    # afterwards

    def check(self):
        """It asked nobody else, and had nothing to complain about."""
        self._catch_up()
        assert not self.problems
        own = (self.url, self.url.replace("http", "ws"), "data:", "blob:")
        assert [one for one in self.requests if not one.startswith(own)] == []


def run_script(text, folder):
    """Run a Python program; returns what it prints."""
    path = folder / "copied.py"
    path.write_text(text)
    environment = os.environ | {"MPLBACKEND": "Agg"}
    done = subprocess.run(
        [sys.executable, str(path)], cwd=folder, capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def counts(settings):
    """Spikes of the Python interface for settings without a preset's own current or kicks."""
    current = settings["current"]
    assert current["kind"] == "constant"
    assert not settings["kicks"]
    shape = (
        iz.step(current["amplitude"], start=current["onset"]) if current["onset"] else current["amplitude"]
    )
    result = iz.simulate(
        getattr(iz, settings["model"]), shape, settings["duration"], dt=settings["dt"], scheme=settings["scheme"],
        spike_times=settings["spike_times"], seed=settings["seed"], **settings["values"], **settings["start"],
    )  # fmt: skip
    return len(result.spike_times)
