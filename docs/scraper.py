"""How pictures of examples come onto pages: each twice, for light pages and for dark ones."""

from pathlib import Path

import matplotlib.pyplot as plt
from dark import darken

FULL = (
    Path(__file__).parent / "full"
)  # pictures of runs that are too long for a build, see full_runs.py
WIDTH, LARGEST = (
    960,
    1920,
)  # pixels that a page has for a picture, and that a picture has
IMAGE = """
.. image:: /{path}
   :alt: {alt}
   :width: {width}px
   :class: only-{theme} drawn
"""
TOLD = """
This is the picture of a full run, ``python examples/{name}.py``, which takes some minutes. What is printed
here is that of a short run, which this site makes while it is built.
"""


def title(figure):
    """Return what a figure is called, for those who do not see it."""
    told = [
        axes.get_title(loc)
        for axes in figure.axes
        for loc in ("left", "center", "right")
    ]
    return ", ".join(" ".join(one.split()) for one in told if one) or "figure"


def dark_of(path):
    """Return where the dark form of a picture lies."""
    return path.with_name(f"{path.stem}_dark.png")


def save_both(figure, path):
    """Save a figure as it is, and as it is on dark pages."""
    dpi = min(2 * figure.dpi, LARGEST / figure.get_figwidth())
    figure.savefig(path, dpi=dpi)
    darken(figure)
    figure.savefig(dark_of(path), dpi=dpi, facecolor=figure.get_facecolor())


def show(path, source, alt, inches):
    """Return the lines that show a picture in both forms."""
    width = min(WIDTH, round(100 * inches))
    return "".join(
        IMAGE.format(
            path=one.relative_to(source).as_posix(), alt=alt, width=width, theme=theme
        )
        for one, theme in ((path, "light"), (dark_of(path), "dark"))
    )


class Scraper:
    """Takes the figures that a block has left; sphinx-gallery compares it by its text."""

    def __repr__(self):
        return "Scraper"

    def __call__(self, block, block_vars, gallery_conf):  # noqa: ARG002
        """Save all open figures, and return the lines that show them."""
        source, name = Path(gallery_conf["src_dir"]), Path(block_vars["src_file"]).stem
        shown = []
        for number, file in zip(
            plt.get_fignums(), block_vars["image_path_iterator"], strict=False
        ):
            figure, path, full = plt.figure(number), Path(file), FULL / f"{name}.png"
            alt, inches = title(figure), figure.get_figwidth()
            save_both(figure, path)
            if full.exists():
                shown.append(show(full, source, alt, inches) + TOLD.format(name=name))
            else:
                shown.append(show(path, source, alt, inches))
        plt.close("all")
        return "".join(shown)
