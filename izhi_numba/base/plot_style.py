"""Look of plots: colours, and text and resolution that can be read from the last row of a lecture hall.

Figures that the package makes have it; axes that a user gives keep his settings, and so do all other figures.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# The first two hues are told apart by colour-blind readers, on light and dark ground alike.
COLOURS = ("#2f7fd1", "#e0572f", "#2a9d6e", "#a05fc0", "#c79a1f", "#7a7f87")
DPI = 150  # dots per inch
TEXT = 13.0  # points


def style(ax: Axes | None) -> AbstractContextManager[Any]:
    """Return settings of matplotlib to draw with: those of the user for axes that he gave, else large text.

    Text that the user has set larger stays so. Sizes in plots are relative, "small", to follow.
    """
    if ax is not None:
        return nullcontext()
    import matplotlib
    import matplotlib.pyplot as plt

    # This loads the backend: what one sets itself, as that of notebooks does, would be undone with the rest.
    plt.draw_if_interactive()  # type: ignore[no-untyped-call]
    given = matplotlib.rcParams
    return matplotlib.rc_context({
        "font.size": max(TEXT, given["font.size"]),
        "figure.dpi": max(DPI, given["figure.dpi"]),
        "axes.titlesize": "medium",
    })  # fmt: skip


def pin(*axes: Axes) -> None:
    """Keep the size of text at ticks, which matplotlib makes when it draws, perhaps under other settings."""
    import matplotlib

    settings = matplotlib.rcParams
    for ax in axes:
        ax.tick_params(axis="x", labelsize=settings["xtick.labelsize"])
        ax.tick_params(axis="y", labelsize=settings["ytick.labelsize"])


def tidy(ax: Axes) -> None:
    """Leave out the frame of axes above and to the right."""
    ax.spines[["top", "right"]].set_visible(False)
