"""The plan of the house holds: wings import downward, and no files import each other in a circle."""

import shutil
from pathlib import Path

import pytest

import izhi_numba
from tests.house import wings

ROOT = Path(izhi_numba.__file__).parent


def told(found):
    return "\n".join(map(str, found))


def test_each_file_belongs_to_a_wing():
    assert not wings.strangers(ROOT), f"in no wing of tests/house/wings.py: {wings.strangers(ROOT)}"


def test_each_wing_is_there():
    assert {wings.wing_of(file) for file in wings.files(ROOT).values()} == set(wings.WINGS)


def test_wings_import_downward():
    found = wings.arrows_up(ROOT)
    assert not found, f"imports from a wing above:\n{told(found)}"


def test_no_files_import_each_other_in_a_circle():
    found = wings.circles(ROOT)
    assert not found, "\n\n".join(f"a circle:\n{told(circle)}" for circle in found)


def test_kernels_import_kernels_alone():
    found = wings.kernels_that_reach_out(ROOT)
    assert not found, told(found)


# The guard can fail


@pytest.fixture
def house(tmp_path):
    """A copy of the package's sources that may be spoilt."""
    copy = tmp_path / "izhi_numba"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns("__pycache__", "static"))
    assert len(wings.arrows(copy)) == len(wings.arrows(ROOT)) > 100
    return copy


def add(house, file, text):
    path = house / file
    path.write_text(f"{path.read_text()}\n{text}\n")


IMPORTS = [
    "from izhi_numba.base.clock import whole_steps",
    "from izhi_numba.base import clock",
    "import izhi_numba.base.clock",
    "from .clock import whole_steps",
    "from . import clock",
    "from ..base.clock import *",
    "def late():\n    from izhi_numba.base import clock",
    "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from izhi_numba.base.clock import times_of",
    "import importlib\nimportlib.import_module('izhi_numba.base.clock')",
]


@pytest.mark.parametrize("text", IMPORTS)
def test_a_circle_is_found_however_it_is_imported(house, text):
    before = wings.circles(house)
    add(house, "base/checks.py", text)  # clock imports checks
    (found,) = [circle for circle in wings.circles(house) if circle not in before]
    assert {(arrow.source, arrow.target) for arrow in found} == {
        ("base/clock.py", "base/checks.py"),
        ("base/checks.py", "base/clock.py"),
    }
    assert wings.arrows_up(house) == wings.arrows_up(ROOT)


def test_a_circle_names_its_files_and_what_they_import(house):
    for first, second in (("a", "b"), ("b", "c"), ("c", "a")):
        (house / f"inputs/{first}.py").write_text(f"from izhi_numba.inputs.{second} import {second}_name")
    (house / "inputs/a.py").write_text("from izhi_numba.inputs.b import b_name, other")
    (found,) = wings.circles(house)
    assert told(found) == (
        "inputs/a.py imports b_name, other from inputs/b.py\n"
        "inputs/b.py imports c_name from inputs/c.py\n"
        "inputs/c.py imports a_name from inputs/a.py"
    )


def test_a_circle_by_the_package_itself_is_found(house):
    add(house, "results/result.py", "from izhi_numba import Pool")
    (found,) = wings.circles(house)
    assert {"__init__.py", "results/result.py", "network/pool.py"} <= {arrow.source for arrow in found}


@pytest.mark.parametrize("text", [
    "from izhi_numba.network.groups import Group",
    "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from izhi_numba.network.groups import Group",
    "def late():\n    import izhi_numba.network.groups",
])  # fmt: skip
def test_an_import_from_above_is_found(house, text):
    before = wings.arrows_up(house)
    add(house, "inputs/waveforms.py", text)
    (found,) = [arrow for arrow in wings.arrows_up(house) if arrow not in before]
    assert found[:2] == ("inputs/waveforms.py", "network/groups.py")


def test_a_file_without_a_wing_is_found(house):
    (house / "attic").mkdir()
    (house / "attic" / "old.py").write_text("")
    (house / "loose.py").write_text("")
    assert wings.strangers(house) == ["attic/old.py", "loose.py"]


def test_a_kernel_that_reaches_out_is_found(house):
    add(house, "kernels/run/step.py", "from izhi_numba.base.arrays import Array")
    assert not wings.kernels_that_reach_out(house)
    add(house, "kernels/run/step.py", "from izhi_numba.base.checks import short")
    (found,) = wings.kernels_that_reach_out(house)
    assert str(found) == "kernels/run/step.py imports short from base/checks.py"


def test_an_import_of_what_is_not_there_is_found(house):
    add(house, "results/result.py", "from izhi_numba.results.nowhere import thing")
    with pytest.raises(AssertionError, match=r"results/result.py imports izhi_numba.results.nowhere"):
        wings.arrows(house)
