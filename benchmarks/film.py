"""Film the explorer while sliders are moved, for the README: run ``python benchmarks/film.py``.

A browser opens the page as anybody's would, a hand moves sliders, and what is to be seen then becomes
``docs/explorer.webp``, an animation. It takes Chromium and Pillow.
"""

import io
import sys
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.explorer.page import FLAGS, Server, View, find_browser, new_profile

OUT = Path(__file__).parent.parent / "docs" / "explorer.webp"
SIZE, SHOWN = (1280, 800), (960, 600)  # of the page, and of the film
PAUSE = 120  # ms for which a picture is shown
HANDS = (  # label of a slider, and its values one after the other
    ("amplitude", np.linspace(4.0, 10.0, 13)),
    ("d", np.linspace(8.0, 2.0, 13)),
    ("c", np.linspace(-65.0, -50.0, 16)),  # and it chatters
)


def move(view, label, value):
    """Set a slider, and wait until all pictures have followed."""
    view.slider(label).evaluate(
        "(one, value) => { one.value = value; one.dispatchEvent(new Event('input', { bubbles: true })); }",
        float(value),
    )
    view.settle()


def pictures(view):
    """Pictures of the page, one for each place of a slider; the last one of each is shown for longer."""
    for label, values in HANDS:
        for k, value in enumerate(values):
            move(view, label, value)
            image = Image.open(io.BytesIO(view.page.screenshot())).convert("RGB")
            yield image.resize(SHOWN, Image.Resampling.LANCZOS), PAUSE * (8 if k + 1 == len(values) else 1)


def main():
    """Film it."""
    with sync_playwright() as playwright, Server() as server:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=list(FLAGS))
        view = View(new_profile(browser, *SIZE), server.url).open()
        images, durations = zip(*pictures(view), strict=True)
        browser.close()
    images[0].save(
        OUT, save_all=True, append_images=images[1:], duration=list(durations), loop=0, quality=70, method=6
    )
    print(f"wrote {OUT}, {OUT.stat().st_size / 1e6:.1f} MB, {len(images)} pictures")


if __name__ == "__main__":
    main()
