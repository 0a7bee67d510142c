"""Film the explorer while sliders are moved and networks run, for the README: ``python benchmarks/film.py``.

A browser opens the page as anybody's would, a hand moves sliders, and what is to be seen then becomes
``docs/explorer.webp``, an animation. It takes Chromium and Pillow, and a quiet machine.
"""

import io
import sys
import time
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.explorer.browsers import launch, new_profile
from tests.explorer.page import Server, View

OUT = Path(__file__).parent.parent / "docs" / "explorer.webp"
SIZE, SHOWN = (1280, 800), (960, 600)  # of the page, and of the film
PAUSE = 120  # ms for which a picture is shown
HANDS = (  # label of a slider, and its values one after the other
    ("amplitude", np.linspace(4.0, 10.0, 13)),
    ("d", np.linspace(8.0, 2.0, 13)),
    ("c", np.linspace(-65.0, -50.0, 16)),  # and it chatters
)
SET = "(one, value) => { one.value = value; one.dispatchEvent(new Event('input', { bubbles: true })); }"
RUN = 44  # pictures of a network


def move(view, label, value):
    """Set a slider, and wait until all pictures have followed."""
    view.slider(label).evaluate(SET, float(value))
    view.settle()


def picture(view):
    """What is on the page now, as large as it is shown."""
    image = Image.open(io.BytesIO(view.page.screenshot())).convert("RGB")
    return image.resize(SHOWN, Image.Resampling.LANCZOS)


def neuron(view):
    """Film a neuron: a picture for each place of a slider, and how long it is shown, ms."""
    for label, values in HANDS:
        for k, value in enumerate(values):
            move(view, label, value)
            yield picture(view), PAUSE * (8 if k + 1 == len(values) else 1)


def network(view, title, acts):
    """Film a network that runs, a picture every so often; at some of them something is done to it."""
    view.open_network(title, frames=40)
    for k in range(RUN):
        began = time.monotonic()
        acts.get(k, lambda _: None)(view)
        yield picture(view), PAUSE
        time.sleep(max(0.0, PAUSE / 1000 - (time.monotonic() - began)))
    view.button("back to the gallery").click()


def turn(label, value):
    """Move a slider of a whole network."""
    return lambda view: view.page.locator(".network-controls").get_by_label(label).first.evaluate(SET, value)


def poke(x, y):
    """Press a place on the map, given as fractions of its width and height."""

    def press(view):
        box = view.page.locator(".places").bounding_box()
        view.page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])

    return press


CORTEX = {8: turn("excitation", 1.8), 24: turn("inhibition", 0.2)}
BRAIN = {4: turn("noise", 0.6), 12: poke(0.35, 0.45), 20: poke(0.6, 0.35), 28: poke(0.5, 0.55)}


def main():
    """Film it."""
    with sync_playwright() as playwright, Server() as server:
        browser = launch(playwright)
        view = View(new_profile(browser, *SIZE), server.url).open()
        film = [
            *neuron(view),
            *network(view, "Cortex, 2003", CORTEX),
            *network(view, "A brain to poke", BRAIN),
        ]
        browser.close()
    images, durations = zip(*film, strict=True)
    images[0].save(
        OUT, save_all=True, append_images=images[1:], duration=list(durations), loop=0, quality=70, method=6
    )
    print(f"wrote {OUT}, {OUT.stat().st_size / 1e6:.1f} MB, {len(images)} pictures")


if __name__ == "__main__":
    main()
