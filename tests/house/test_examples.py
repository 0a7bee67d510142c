"""The examples run, as a reader would run them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.optional import library

ARGUMENTS = {
    "balance_pole": ["--duration", "4"],
    "brette_benchmarks": ["--duration", "200"],
    "brunel": ["--duration", "100"],
    "diehl_cook_2015": ["--cells", "20", "--images", "60", "--seeds", "1"],
    "izhikevich_2006": ["--seconds", "20", "--triplets", "100"],
    "izhikevich_2007": ["--seconds", "20"],
    "microcircuit": ["--scale", "0.05", "--duration", "200"],
    "song_2000": ["--seconds", "10"],
    "vogels_2011": ["--shrink", "4"],
}
EXAMPLES = sorted((Path(__file__).parent.parent.parent / "examples").glob("*.py"))


LIBRARIES = {"diehl_cook_2015": "sklearn"}


@pytest.mark.slow  # the build of the site runs each in its short form, too
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example(path, tmp_path):
    if path.stem in LIBRARIES:
        library(LIBRARIES[path.stem])
    done = subprocess.run(
        [sys.executable, path, *ARGUMENTS.get(path.stem, []), "--out", tmp_path], cwd=path.parent, capture_output=True,
        text=True, check=False, env={**os.environ, "MPLBACKEND": "Agg"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr
    picture = tmp_path / f"{path.stem}.png"
    assert picture.stat().st_size > 20_000
    assert f"wrote {picture}" in done.stdout


ASK_FOR_HELP = """
import contextlib, io, json, os, pathlib, runpy, sys
told = {}
for path in sys.argv[1:]:
    name = pathlib.Path(path).stem
    os.mkdir(name)
    os.chdir(name)
    sys.argv, sys.path[0], printed = [path, "--help"], os.path.dirname(path), io.StringIO()
    code = "none"
    with contextlib.redirect_stdout(printed):
        try:
            runpy.run_path(path, run_name="__main__")
        except SystemExit as end:
            code = end.code
    told[name] = [code, printed.getvalue(), os.listdir()]
    os.chdir("..")
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def helps(tmp_path_factory):
    """How each example ends when it is asked for help, what it prints and writes; all in one process, which imports once."""
    done = subprocess.run(
        [sys.executable, "-c", ASK_FOR_HELP, *EXAMPLES],
        cwd=tmp_path_factory.mktemp("helps"), capture_output=True, text=True, check=False,
        env={**os.environ, "MPLBACKEND": "Agg"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example_explains_itself_and_does_nothing_else(path, helps):
    code, told, written = helps[path.stem]
    assert code in (0, None)
    assert f"python examples/{path.name}" in told
    assert written == []
