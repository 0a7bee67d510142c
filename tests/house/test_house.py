"""The house rules that a machine can check."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import izhi_numba
from izhi_numba.base.names import MEANT

ROOT = Path(izhi_numba.__file__).parent


def test_numba_is_named_in_the_kernels_alone():
    allowed = {"pool.py", "machine.py", "table.py"}  # for the number of cores, and for versions
    for path in ROOT.rglob("*.py"):
        if "kernels" in path.parts or path.name in allowed:
            continue
        assert "numba." not in path.read_text().replace("izhi_numba", ""), path.name
    for path in (ROOT / "kernels").rglob("*.py"):
        if path.name != "jit.py":
            text = path.read_text()
            assert "njit(" not in text, path.name
            assert "@njit" not in text, path.name


def run(script):
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout


def test_import_is_light_and_compiles_nothing():
    script = """
import sys, time
import numba, numpy, numba.core.event
from numba import njit
import numba.extending, numba.core.caching
with numba.core.event.install_recorder("numba:compile") as recorder:
    began = time.perf_counter()
    import izhi_numba
    seconds = time.perf_counter() - began
others = {"pandas", "xarray", "neo", "pynwb", "h5py"}
explorer = [name for name in sys.modules if name.startswith(("izhi_numba.explorer.", "tornado"))]
print(len(recorder.buffer), "matplotlib" in sys.modules, "tqdm" in sys.modules, len(explorer), len(others & {*sys.modules}), seconds)
"""
    results = [run(script).split() for _ in range(3)]
    for compiled, matplotlib, tqdm, explorer, others, _ in results:
        assert (compiled, matplotlib, tqdm, explorer, others) == ("0", "False", "False", "0", "0")


def test_the_progress_bar_is_imported_before_the_clock_of_a_run_ticks():
    """It took five times as long as a second of the network of 2003, which the demo counted to its run."""
    script = """
import sys
from izhi_numba.engine.progress import as_progress
there = lambda: {"tqdm", "tqdm.notebook"} <= {*sys.modules}
print(as_progress(False), there(), as_progress(True), there())
"""
    assert run(script).split() == ["False", "False", "True", "True"]


def test_no_print_in_the_library():
    for path in ROOT.rglob("*.py"):
        if path.name == "cli.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            assert not (isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print"), path.name


def test_no_global_random_state():
    for path in ROOT.rglob("*.py"):
        text = path.read_text()
        for call in ("np.random.seed", "np.random.rand", "np.random.normal", "import random"):
            assert call not in text, path.name


def test_the_map_names_all_that_is_public_and_nothing_else():
    lines = [line.strip() for line in izhi_numba.__doc__.splitlines() if line.startswith("    ")]
    columns = [re.split(r"\s{2,}", line)[0] for line in lines[1:]]  # after the import
    names = [name for column in columns for name in re.findall(r"[\w.]+", column)]
    assert sorted(names) == sorted([*izhi_numba.__all__, "Pool.cortical"])


def test_dir_lists_what_is_public():
    assert {name for name in dir(izhi_numba) if not name.startswith("__")} == set(izhi_numba.__all__)
    assert "__version__" in dir(izhi_numba)
    assert len(set(izhi_numba.__all__)) == len(izhi_numba.__all__)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (
            "STDP",
            r"izhi_numba has no 'STDP'; 'STDP' is iz.PairSTDP, as connect\(\.\.\., plasticity=iz.PairSTDP\(\)\)",
        ),
        ("LIF", "izhi_numba has no 'LIF'; 'LIF' is iz.LeakyIntegrateAndFire"),
        ("HH", "'HH' is iz.HodgkinHuxley or iz.HodgkinHuxley1952"),
        ("NeuronGroup", "'NeuronGroup' is iz.Pool"),
        ("Izhikevitch", "do you mean iz.Izhikevich"),
        ("ampa", "do you mean iz.AMPA"),
        ("fixed_prob", "do you mean .*iz.fixed_probability"),
        ("nothing_like_it", r"izhi_numba has no 'nothing_like_it'; help\(iz\) is a map of all there is$"),
        ("__nothing__", "izhi_numba has no '__nothing__'$"),
    ],
)
def test_a_name_that_is_not_there_says_what_is_meant(name, told):
    with pytest.raises(AttributeError, match=told):
        getattr(izhi_numba, name)
    assert not hasattr(izhi_numba, name)


def test_what_short_names_mean_is_there():
    for meant in MEANT.values():
        for name in re.findall(r"iz\.(\w+)", meant):
            assert name in izhi_numba.__all__, meant
