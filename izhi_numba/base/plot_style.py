"""Colours of plots, and the look of their axes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# The first two hues are told apart by colour-blind readers, on light and dark ground alike.
COLOURS = ("#2f7fd1", "#e0572f", "#2a9d6e", "#a05fc0", "#c79a1f", "#7a7f87")


def tidy(ax: Axes) -> None:
    """Leave out the frame of axes above and to the right."""
    ax.spines[["top", "right"]].set_visible(False)
