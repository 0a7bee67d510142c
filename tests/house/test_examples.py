"""The examples run, as a reader would run them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ARGUMENTS = {
    "brette_benchmarks": ["--duration", "500"],
    "brunel": ["--duration", "100"],
    "microcircuit": ["--scale", "0.05", "--duration", "500"],
}
EXAMPLES = sorted((Path(__file__).parent.parent.parent / "examples").glob("*.py"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example(path, tmp_path):
    done = subprocess.run(
        [sys.executable, path, *ARGUMENTS.get(path.stem, []), "--out", tmp_path], cwd=path.parent, capture_output=True,
        text=True, check=False, env={**os.environ, "MPLBACKEND": "Agg"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr
    picture = tmp_path / f"{path.stem}.png"
    assert picture.stat().st_size > 20_000
    assert f"wrote {picture}" in done.stdout


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example_explains_itself_and_does_nothing_else(path, tmp_path):
    done = subprocess.run(
        [sys.executable, path, "--help"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert f"python examples/{path.name}" in done.stdout
    assert list(tmp_path.iterdir()) == []
