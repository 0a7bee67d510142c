"""Pictures of the site that are of no example, drawn while it is built: light and dark ones in docs/drawn."""

import json
from pathlib import Path

import matplotlib.pyplot as plt
from scraper import dark_of, save_both

import izhi_numba as iz
from izhi_numba.base.plot_style import COLOURS

HERE = Path(__file__).parent
OUT, MEASURED = HERE / "drawn", HERE / "measured.json"
BLUE, RED, GREEN, *_, GREY = COLOURS


def start():
    """A second of the network of 2003, for the first page."""
    result = iz.Pool.cortical(1000, seed=1).run(1000.0)
    figure, (above, below) = plt.subplots(
        2, 1, figsize=(12, 4.2), sharex=True, height_ratios=(4, 1), layout="constrained"
    )
    i, t = result.spikes
    for inside, colour in ((i < 800, BLUE), (i >= 800, RED)):
        above.plot(t[inside], i[inside], ".", color=colour, markersize=2.2)
    times, rate = result.population_rate(3.0)
    below.fill_between(times, rate, color=GREEN, alpha=0.8, linewidth=0)
    above.set(xlim=(0, 1000), ylim=(0, 1000))
    for axes in (above, below):
        axes.axis("off")
    return figure


def lines(axes, rows, colours):
    """Draw medians with their ranges, by the number that a row has."""
    at = [float(x) for x in rows]
    for name, colour in colours.items():
        points = [row[name] for row in rows.values()]
        low, median, high = (
            [point[key] for point in points] for key in ("low", "median", "high")
        )
        axes.fill_between(at, low, high, color=colour, alpha=0.2, linewidth=0)
        axes.plot(at, median, "o-", color=colour, label=name)
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)


def update(measured):
    """What a neuron's step costs, by the size of the pool."""
    figure, axes = plt.subplots(figsize=(9, 4), layout="constrained")
    colours = {"numpy": GREY, "tuned numpy": RED, "izhi_numba": BLUE}
    lines(axes, measured["update"], colours)
    axes.set(
        xscale="log",
        yscale="log",
        xlabel="neurons in the pool",
        ylabel="ns for a neuron's step",
    )
    return figure


def delivery(measured):
    """What a synaptic event costs, by the number of delays."""
    figure, axes = plt.subplots(figsize=(9, 4), layout="constrained")
    lines(axes, measured["delivery"], {"a plain ring": GREY, "izhi_numba": BLUE})
    axes.set(
        xscale="log",
        ylim=(0, None),
        xlabel="distinct delays",
        ylabel="ns for a synaptic event",
    )
    return figure


def rest(measured):
    """What a step costs of neurons of which few are ever reached."""
    figure, axes = plt.subplots(figsize=(9, 3.6), layout="constrained")
    rows = {share: {"measured": point} for share, point in measured["rest"].items()}
    lines(axes, rows, {"measured": BLUE})
    axes.plot([0.01, 1], [0.01, 1], ":", color=GREY)
    axes.text(0.11, 0.07, "as many as are reached", color=GREY, fontsize="small")
    axes.get_legend().remove()
    axes.set(xscale="log", yscale="log", xlabel="share of the neurons that is ever reached",
             ylabel="time of a step\n(1: none rests)")  # fmt: skip
    return figure


def with_machine(draw, measured):
    """Draw what was measured, and say on what."""
    figure = draw(measured)
    figure.supxlabel(
        f"measured on: {measured['machine']}", fontsize="x-small", color=GREY
    )
    return figure


def write():
    """Draw what is not there, or older than what it shows."""
    OUT.mkdir(exist_ok=True)
    measured = json.loads(MEASURED.read_text())
    newest = max(path.stat().st_mtime for path in (Path(__file__), MEASURED))
    for draw in (start, update, delivery, rest):
        path = OUT / f"{draw.__name__}.png"
        if not dark_of(path).exists() or dark_of(path).stat().st_mtime < newest:
            with plt.rc_context({"font.size": 12}):
                save_both(
                    draw() if draw is start else with_machine(draw, measured), path
                )
            plt.close("all")
