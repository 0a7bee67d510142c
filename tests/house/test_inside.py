"""Tests reach into the package in one file, ``tests/inside.py``, and nowhere else."""

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent.parent
ALLOWED = {  # of other packages
    "_asdict", "_count", "_css", "_esm", "_exit", "_fields", "_finalize_final_module", "_getframe",
    "_ipython_display_", "_rebuild", "_replace", "_repr_mimebundle_",
}  # fmt: skip


def private(name):
    return name.startswith("_") and not name.startswith("__") and name not in ALLOWED


def reaches(text):
    """Private names that a text takes from others than itself."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") not in ("self", "cls"):
            found.append(node.attr)
        elif isinstance(node, ast.Call) and "attr" in getattr(
            node.func, "attr", getattr(node.func, "id", "")
        ):
            given = [one.value for one in node.args[1:2] if isinstance(one, ast.Constant)]
            found.extend(one for one in given if isinstance(one, str))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("izhi_numba"):
            found.extend(alias.name for alias in node.names)
    return [name for name in found if private(name)]


def test_tests_reach_in_by_one_file():
    found = {
        path.relative_to(TESTS).as_posix(): names
        for path in TESTS.rglob("*.py")
        if path not in (TESTS / "inside.py", Path(__file__)) and (names := reaches(path.read_text()))
    }
    assert not found, f"add a function with a name to tests/inside.py, and call it: {found}"


@pytest.mark.parametrize(("text", "names"), [
    ("pool._engine.budget", ["_engine"]),
    ("found[0]._rows", ["_rows"]),
    ("net.pool('a')._population", ["_population"]),
    ("self.net._engine", ["_engine"]),
    ("one.synapses._rows", ["_rows"]),
    ('monkeypatch.setattr(pool.engine, "_steps", 1)', ["_steps"]),
    ('monkeypatch.setattr(engine(pool), "_steps", 1)', ["_steps"]),
    ("from izhi_numba.kernels.run.step import _neurons", ["_neurons"]),
    ("self._frames = []; cls._own; memory._replace(x=1); os._exit(0)", []),
    ("__version__, iz.__all__, one.__module__", []),
])  # fmt: skip
def test_what_is_seen(text, names):
    assert reaches(text) == names


def test_inside_is_used():
    inside = (TESTS / "inside.py").read_text()
    others = "".join(path.read_text() for path in TESTS.rglob("*.py") if path.name != "inside.py")
    for name in re.findall(r"^(?:def )?([a-z]\w*)(?: = |\()", inside, re.M):
        assert f"inside.{name}" in others or f"{name}(" in inside.replace(f"def {name}(", ""), name
