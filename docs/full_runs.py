"""Draw the pictures of full runs that take too long for a build:  python docs/full_runs.py izhikevich_2007.

They are kept in docs/full, and shown instead of what a short run has learned, which is nothing yet.
"""

import runpy
import sys
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from scraper import FULL, save_both  # noqa: E402


def main(names):
    """Run examples as they are, and keep their pictures."""
    FULL.mkdir(exist_ok=True)
    for name in names:
        script = HERE.parent / "examples" / f"{name}.py"
        sys.argv = [str(script), "--out", tempfile.mkdtemp()]
        runpy.run_path(str(script), run_name="__main__")
        save_both(plt.figure(plt.get_fignums()[0]), FULL / f"{name}.png")
        plt.close("all")


if __name__ == "__main__":
    main(sys.argv[1:])
