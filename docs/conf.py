"""How the site is built: python -m sphinx -W docs build/site."""

import inspect
import re
import sys
import warnings
from pathlib import Path

import izhi_numba as iz

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import declared  # noqa: E402
import drawn  # noqa: E402
import thumbnails  # noqa: E402
from arguments import Arguments  # noqa: E402
from scraper import Scraper  # noqa: E402

project = "izhi_numba"
author = "The izhi_numba developers"
project_copyright = f"2026, {author}"
version = release = iz.__version__

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.githubpages",  # the site can be hosted there as it is, too
    "sphinx.ext.intersphinx",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
    "sphinx-mathjax-offline",  # formulas without a network
]
templates_path = ["_templates"]
exclude_patterns = [
    "**/GALLERY_HEADER.rst",
    "_templates",
    "gallery/*.ipynb",
    "learn/*.ipynb",
]
smartquotes_action = "q"  # dashes in commands stay
nitpicky = True  # names that lead nowhere are told
intersphinx_mapping = {}  # a build needs no network

# Pages

myst_enable_extensions = ["amsmath", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
html_theme = "pydata_sphinx_theme"
html_title = "izhi_numba"
html_favicon = "_static/favicon.svg"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_theme_options = {
    "show_toc_level": 2,
    "navbar_align": "left",
    "navigation_with_keys": False,
    "header_links_before_dropdown": 7,
    "pygments_light_style": "friendly",
    "pygments_dark_style": "monokai",
    "secondary_sidebar_items": ["page-toc", "sg_download_links"],
    "footer_start": ["copyright"],
    "footer_end": ["sphinx-version"],
}
html_sidebars = {
    page: [] for page in ["index", "install", "how-it-works", "facts", "releases"]
}
html_show_sourcelink = False
copybutton_exclude = ".linenos, .gp, .go"

# Reference

autosummary_generate = True
autosummary_context = {"shipped": declared.SHIPPED}
autodoc_typehints = "none"  # docstrings say what is given and returned
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_xref_param_type = False
add_module_names = False


def write_reference():
    """Write the index of the reference: all public names, under the headings of the package's docstring."""
    pages = [
        "Reference",
        "=========",
        "",
        "All that is public, as ``help(izhi_numba)`` has it.",
        "",
    ]
    pages += [".. currentmodule:: izhi_numba", ""]
    for heading, lines in re.findall(r"^(\S.*)\n((?: {4}\S.*\n?)+)", iz.__doc__, re.M):
        columns = [re.split(r"\s{2,}", line.strip())[0] for line in lines.splitlines()]
        names = [name for column in columns for name in re.findall(r"[\w.]+", column)]
        shown = [
            name
            for name in names
            if "." not in name and not inspect.ismodule(getattr(iz, name))
        ]
        pages += [
            heading,
            "-" * len(heading),
            "",
            ".. autosummary::",
            "   :toctree: of",
        ]
        pages += ["   :nosignatures:", "", *(f"   {name}" for name in shown), ""]
    text = "\n".join(pages)
    index = HERE / "reference" / "index.rst"
    index.parent.mkdir(exist_ok=True)
    if not index.exists() or index.read_text() != text:
        index.write_text(text)


write_reference()
drawn.write()


# Gallery and tutorial: scripts that the build runs

sphinx_gallery_conf = {
    "examples_dirs": ["../examples", "tutorial"],
    "gallery_dirs": ["gallery", "learn"],
    "filename_pattern": r"\.py",
    "reset_argv": Arguments(),
    "backreferences_dir": "reference/used",
    "doc_module": ("izhi_numba",),
    "matplotlib_animations": False,
    "image_scrapers": (Scraper(),),
    "within_subsection_order": "FileNameSortKey",
    "abort_on_example_error": True,
    "min_reported_time": 5,
    "show_memory": False,
    "write_computation_times": False,
    "remove_config_comments": True,
    "download_all_examples": False,
}
warnings.filterwarnings("ignore", message="FigureCanvasAgg is non-interactive")


def setup(app):
    """Register what is above."""
    app.connect("autodoc-process-docstring", declared.tell)
    app.connect("builder-inited", thumbnails.write, priority=900)  # after the gallery
