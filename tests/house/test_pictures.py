"""Pictures of the site: what becomes of a figure on dark pages, and that scripts and tables name each other."""

import re
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex

ROOT = Path(__file__).parent.parent.parent
GROUND, INK, BLUE = "#14181e", "#dfe3e8", "#2f7fd1"
SCRIPTS = {path.stem for folder in ("examples", "docs/tutorial") for path in (ROOT / folder).glob("*.py")}


@pytest.fixture
def dark(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "docs")
    import dark

    yield dark
    plt.close("all")


def test_greys_are_turned_round_and_colours_stay(dark):
    assert [to_hex(dark.on_dark(colour)) for colour in ("white", "black", BLUE)] == [GROUND, INK, BLUE]
    assert dark.on_dark("none")[3] == 0.0
    assert np.mean(dark.on_dark("navy")[:3]) > np.mean(plt.matplotlib.colors.to_rgb("navy"))


def test_a_figure_on_dark_pages(dark):
    figure, (lines, image) = plt.subplots(1, 2)
    black, blue = lines.plot([0, 1], "k")[0], lines.plot([1, 0], color=BLUE, label="blue")[0]
    bars = lines.bar([0], [1], color="white")
    legend, title = lines.legend(), lines.set_title("a title")
    image.imshow(np.eye(2))
    (on_map,) = image.plot([0, 1], color="white")  # chosen for the colours below
    figure.draw_without_rendering()
    dark.darken(figure)
    assert to_hex(figure.get_facecolor()) == to_hex(lines.get_facecolor()) == GROUND
    assert [to_hex(one.get_color()) for one in (black, blue, on_map, title)] == [INK, BLUE, "#ffffff", INK]
    assert to_hex(bars[0].get_facecolor()) == GROUND
    assert to_hex(lines.spines["left"].get_edgecolor()) == INK
    assert to_hex(lines.get_xticklabels()[0].get_color()) == INK
    assert to_hex(legend.get_texts()[0].get_color()) == INK


def named(file, table):
    """Names in a table of a file of the site."""
    text = (ROOT / "docs" / file).read_text()
    body = text[text.index(f"{table} = {{") :].partition("\n}")[0]
    return set(re.findall(r'^    "(\w+)":', body, re.M))


def test_every_script_has_a_picture_by_which_it_is_chosen():
    assert named("thumbnails.py", "PARTS") == SCRIPTS
    assert len(SCRIPTS) > 20


def test_arguments_and_full_runs_are_those_of_examples():
    full = {path.stem.removesuffix("_dark") for path in (ROOT / "docs" / "full").glob("*.png")}
    assert named("arguments.py", "ARGUMENTS") | full <= SCRIPTS
    assert full
