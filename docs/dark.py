"""Figures for dark pages: greys are turned round, colours and maps of colours stay."""

import numpy as np
from matplotlib.collections import Collection
from matplotlib.colors import to_rgba, to_rgba_array
from matplotlib.text import Text

GROUND, INK = np.array(to_rgba("#14181e")[:3]), np.array(to_rgba("#dfe3e8")[:3])
GREY = 0.15  # channels that differ by less are a grey


def on_dark(colour):
    """Return what a colour becomes: white the ground, black the ink; a dark colour becomes lighter."""
    *rgb, alpha = to_rgba(colour)
    rgb = np.array(rgb)
    if np.ptp(rgb) < GREY:
        return (*(INK + rgb.mean() * (GROUND - INK)), alpha)
    return (*(rgb + max(0.0, 0.35 - rgb.mean()) * (1 - rgb)), alpha)


def all_on_dark(colours):
    """Return what an array of colours becomes."""
    return [on_dark(colour) for colour in to_rgba_array(colours)]


def is_map(artist):
    """Whether colours of an artist tell numbers."""
    return isinstance(artist, Collection) and artist.get_array() is not None


def darken_line(line):
    """Turn a line and its markers."""
    face, edge = line.get_markerfacecolor(), line.get_markeredgecolor()
    line.set_color(on_dark(line.get_color()))
    line.set_markerfacecolor(on_dark(face))
    line.set_markeredgecolor(on_dark(edge))


def darken_drawn(axes):
    """Turn what is drawn into axes; what lies on a map of colours has been chosen for it."""
    if axes.images or any(is_map(one) for one in axes.collections):
        return
    for line in axes.lines:
        darken_line(line)
    for one in (*axes.collections, *axes.patches):
        face, edge = one.get_facecolor(), one.get_edgecolor()
        turn = all_on_dark if isinstance(one, Collection) else on_dark
        one.set_facecolor(turn(face))
        one.set_edgecolor(turn(edge))


def darken_legend(legend):
    """Turn a legend: its frame, and lines beside its words."""
    frame = legend.get_frame()
    frame.set(
        facecolor=on_dark(frame.get_facecolor()),
        edgecolor=on_dark(frame.get_edgecolor()),
    )
    for line in legend.get_lines():
        darken_line(line)


def darken(figure):
    """Turn a whole figure, which is drawn already."""
    figure.set_facecolor(GROUND)
    for axes in figure.axes:
        axes.set_facecolor(on_dark(axes.get_facecolor()))
        for spine in axes.spines.values():
            spine.set_edgecolor(on_dark(spine.get_edgecolor()))
        axes.tick_params(which="both", color=INK)
        for axis in (axes.xaxis, axes.yaxis):
            if (
                np.ptp(to_rgba(axis.get_tick_params().get("labelcolor", "black"))[:3])
                < GREY
            ):
                axis.set_tick_params(which="both", labelcolor=INK)
        darken_drawn(axes)
    for legend in [*figure.legends, *(axes.get_legend() for axes in figure.axes)]:
        if legend is not None:
            darken_legend(legend)
    ticks = {
        label
        for axes in figure.axes
        for label in (*axes.get_xticklabels(), *axes.get_yticklabels())
    }
    for text in set(figure.findobj(Text)) - ticks:
        text.set_color(on_dark(text.get_color()))
