"""The house rules that a machine can check."""

import ast
import inspect
import re
import subprocess
import sys
from pathlib import Path

import izhi_numba

ROOT = Path(izhi_numba.__file__).parent
# From the top of the house to its floor: a module imports from its own storey or from below.
STOREYS = [
    {"__main__"},
    {"cli"},
    {"bench"},
    {"__init__"},
    {"explorer"},
    {"blueshell"},
    {"cortical", "network", "neuron_plots", "system"},
    {"analysis", "plotting"},
    {"single"},
    {"pool", "source_groups"},
    {"simulation"},
    {"connections", "network_result"},
    {"activity", "variables", "results", "running"},
    {"ensemble"},
    {"crew", "engine", "forecast", "recording", "sources", "synapses"},
    {"listing", "population"},
    {"chosen", "compilation", "composition", "external", "rows"},
    {"given", "space"},
    {"connectivity", "constants", "schemes"},
    {"factors"},
    {"linear"},
    {"distributions", "models"},
    {"inputs"},
    {"math", "waveforms"},
    {"checks", "clock", "memory"},
    {"kernels"},
]
# Modules that are asked for inside a function, when they are used.
LATE = {
    ("activity", "analysis"),
    ("analysis", "neuron_plots"),
    ("explorer", "__init__"),
    ("pool", "cortical"),
    ("network_result", "plotting"),
    ("results", "plotting"),
    ("single", "neuron_plots"),
    ("system", "__init__"),
}


def storey(module):
    return next(level for level, modules in enumerate(STOREYS) if module in modules)


def imports(path):
    """Pairs (module imported, whether at import time) of a file, within the package."""
    tree = ast.parse(path.read_text())
    typing_only = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and getattr(block.test, "id", "") == "TYPE_CHECKING"
        for node in ast.walk(block)
    }
    top = {id(node) for node in tree.body}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.ImportFrom)
            and (node.module or "").startswith("izhi_numba")
            and id(node) not in typing_only
        ):
            parts = node.module.split(".")
            names = [parts[1]] if len(parts) > 1 else [alias.name for alias in node.names]
            for name in names:
                known = any(name in modules for modules in STOREYS)
                yield name if known else "__init__", id(node) in top


def test_imports_run_one_way():
    seen = set()
    for path in ROOT.rglob("*.py"):
        parts = path.relative_to(ROOT).with_suffix("").parts
        module = parts[0]
        for imported, at_import in imports(path):
            if imported == module:
                continue
            if not at_import and (module, imported) in LATE:
                seen.add((module, imported))
                continue
            assert storey(imported) >= storey(module), f"{module} imports {imported}, which is above it"
            same = storey(imported) == storey(module)
            assert not same or len(parts) > 1 or imported != module, f"{module} and {imported} in a circle"
    assert seen == LATE


def test_every_module_has_a_storey():
    modules = {path.relative_to(ROOT).with_suffix("").parts[0] for path in ROOT.rglob("*.py")}
    assert modules == set().union(*STOREYS)


def test_kernels_know_nothing_of_the_package():
    for path in (ROOT / "kernels").glob("*.py"):
        for imported, _ in imports(path):
            assert imported == "kernels", f"{path.name} imports {imported}"


def test_numba_is_named_in_the_kernels_alone():
    allowed = {"pool.py", "system.py", "table.py"}  # for the number of cores, and for versions
    for path in ROOT.rglob("*.py"):
        if path.parent.name == "kernels" or path.name in allowed:
            continue
        assert "numba." not in path.read_text().replace("izhi_numba", ""), path.name
    for path in (ROOT / "kernels").glob("*.py"):
        if path.name != "_jit.py":
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
print(len(recorder.buffer), "matplotlib" in sys.modules, "tqdm" in sys.modules, seconds)
"""
    results = [run(script).split() for _ in range(3)]
    for compiled, matplotlib, tqdm, _ in results:
        assert (compiled, matplotlib, tqdm) == ("0", "False", "False")


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


def test_connect_names_all_rules():
    rules = {
        name
        for name, function in vars(izhi_numba).items()
        if inspect.isfunction(function) and inspect.signature(function).return_annotation == "Rule"
    }
    assert len(rules) == 12
    assert all(name in izhi_numba.Pool.connect.__doc__ for name in rules)
