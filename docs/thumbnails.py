"""Pictures by which people choose examples: a part of a figure, as it is on dark pages."""

from pathlib import Path

from PIL import Image, ImageOps
from scraper import FULL, dark_of

SIZE = (480, 320)
WHOLE = (0.0, 0.0, 1.0, 1.0)
PARTS = {  # number of the figure, and what is cut out: left, top, right, bottom
    "balance_pole": (1, (0.08, 0.6, 0.6, 0.95)),
    "brette_benchmarks": (1, (0.06, 0.06, 0.5, 0.42)),
    "brunel": (1, (0.54, 0.03, 1.0, 0.45)),
    "cortical_network": (1, (0.05, 0.03, 0.7, 1.0)),
    "diehl_cook_2015": (1, (0.0, 0.04, 0.37, 0.97)),
    "f_i_curves": (1, (0.66, 0.0, 1.0, 0.52)),
    "figure_1_2004": (1, (0.5, 0.025, 0.75, 0.2)),
    "figure_2_2003": (1, (0.5, 0.05, 0.755, 0.42)),
    "izhikevich_2006": (1, (0.0, 0.0, 0.4, 0.5)),
    "izhikevich_2007": (1, (0.0, 0.0, 0.34, 1.0)),
    "microcircuit": (1, (0.04, 0.3, 0.7, 0.95)),
    "own_neuron": (2, WHOLE),
    "small_world": (1, (0.68, 0.12, 1.0, 0.9)),
    "song_2000": (1, (0.0, 0.0, 0.335, 1.0)),
    "vogels_2011": (1, (0.1, 0.75, 0.315, 1.0)),
    "your_own_network": (1, (0.08, 0.04, 0.9, 0.82)),
    "step_1_first_neuron": (1, (0.62, 0.1, 1.0, 0.95)),
    "step_2_first_network": (1, (0.06, 0.05, 0.95, 0.95)),
    "step_3_conductances_and_delays": (6, (0.3, 0.0, 0.94, 1.0)),
    "step_4_a_network_that_learns": (1, WHOLE),
    "step_5_recording_and_analysis": (3, WHOLE),
    "step_6_your_own_model": (4, (0.06, 0.0, 1.0, 0.9)),
}


def write(app):
    """Replace the thumbnails of sphinx-gallery, which are whole figures, too small to be read."""
    for folder in app.config.sphinx_gallery_conf["gallery_dirs"]:
        images = Path(app.srcdir) / folder / "images"
        for thumbnail in (images / "thumb").glob("sphx_glr_*_thumb.png"):
            name = thumbnail.stem.removeprefix("sphx_glr_").removesuffix("_thumb")
            number, (left, top, right, bottom) = PARTS.get(name, (1, WHOLE))
            full, short = (
                FULL / f"{name}.png",
                images / f"sphx_glr_{name}_{number:03}.png",
            )
            source = dark_of(full if full.exists() else short)
            if not source.exists():  # a quick build that runs no scripts
                continue
            figure = Image.open(source).convert("RGB")
            width, height = figure.size
            part = figure.crop(
                (left * width, top * height, right * width, bottom * height)
            )
            ImageOps.fit(part, SIZE, Image.Resampling.LANCZOS).save(thumbnail)
