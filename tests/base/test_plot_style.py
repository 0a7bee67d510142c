"""The style of plots leaves alone what is not its own."""

import os
import subprocess
import sys

BACKEND = """
import matplotlib
from matplotlib.backends.backend_agg import FigureCanvas, FigureManager
matplotlib.interactive(True)
"""
FIRST_FIGURE = """
import matplotlib
import matplotlib.pyplot as plt
from izhi_numba.base.plot_style import style
with style(None):
    plt.figure()
print(matplotlib.is_interactive(), matplotlib.rcParams["font.size"])
"""


def test_what_a_backend_sets_when_it_is_loaded_stays(tmp_path):
    """That of notebooks has figures shown at the end of a cell; it is loaded with the first figure."""
    (tmp_path / "of_a_notebook.py").write_text(BACKEND)
    paths = os.pathsep.join([str(tmp_path), os.getcwd(), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-c", FIRST_FIGURE], capture_output=True, text=True, check=True,
        env={**os.environ, "MPLBACKEND": "module://of_a_notebook", "PYTHONPATH": paths},
    )  # fmt: skip
    assert done.stdout.split() == ["True", "10.0"]
