"""Who imports whom in the package: the graph of its files, and what is wrong with it.

``WINGS`` is the plan of the house. A wing imports only from wings below it; within a wing files import each
other without circles. Each import counts: at the top of a file, in a function, for types only.
"""

import ast
import functools
from collections import defaultdict
from typing import NamedTuple

PACKAGE = "izhi_numba"

WINGS = {  # from the top to the floor: what each holds
    "face": "the public names, and the command line",
    "explorer": "the page that shows a neuron live, and its hosts",
    "bench": "workloads, baselines and bounds of speed",
    "interop": "interfaces of other simulators",
    "neuron": "one neuron: simulation, f-I curve, fixed points, phase plane",
    "network": "pools, networks, groups, sources and synapses as a user has them",
    "encoding": "what a checkpoint says: values as text, code by reference",
    "engine": "what runs: populations, their inputs, threads, memory",
    "synapses": "synapses as they lie in memory, and what those hold that learn",
    "numerics": "from a model to machine code",
    "models": "what a neuron and a receptor is, and those that are shipped",
    "connectivity": "who connects to whom, with what weights and delays",
    "inputs": "currents and spike trains as values",
    "results": "what a run leaves: records, statistics, plots, formats of other tools",
    "storage": "files of our own: arrays and a text, whole or not at all",
    "math": "elementary functions for models",
    "kernels": "compiled code",
    "base": "checks, clock, memory, selection of neurons, style of plots",
    "version": "the version",
}
_FACE = ("__init__.py", "__main__.py", "cli.py")  # files of the package's own folder that are the face
_KERNELS_MAY_IMPORT = ("kernels/", "base/arrays.py")


class Arrow(NamedTuple):
    """One file imports names of another."""

    source: str
    target: str
    names: tuple[str, ...]

    def __str__(self):
        return f"{self.source} imports {', '.join(self.names)} from {self.target}"


def files(root):
    """Python files of a package, by dotted name of the module."""
    found = {}
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        parts = parts[:-1] if parts[-1] == "__init__" else parts
        found[".".join((PACKAGE, *parts))] = path.relative_to(root).as_posix()
    return found


def wing_of(file):
    """Name of the wing that a file belongs to; None: of none."""
    if file in _FACE:
        return "face"
    first = file.split("/")[0].removesuffix(".py")
    return first if first in WINGS else None


def arrows(root):
    """All imports of one file of the package by another; those of one pair of files are joined."""
    modules = files(root)
    found = defaultdict(list)
    for module, file in modules.items():
        text = (root / file).read_text()
        for target, name in _imports(text, module, is_package=file.endswith("__init__.py")):
            inner = f"{target}.{name}"
            if inner in modules:  # from a package import a module
                found[file, modules[inner]].append(name)
            elif target in modules:
                found[file, modules[target]].append(name or target)
            elif target.split(".")[0] == PACKAGE:
                raise AssertionError(f"{file} imports {target}, which is not there")
    return [Arrow(*pair, tuple(dict.fromkeys(names))) for pair, names in found.items()]


@functools.cache  # the same files are read in many tests
def _imports(text, module, *, is_package):
    """Modules that a file imports, each with a name that is taken from it; none: the module itself."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found.extend((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            target = node.module or ""
            if node.level:
                up = module.split(".")[: len(module.split(".")) - node.level + is_package]
                target = ".".join([*up, *([target] if target else [])])
            found.extend((target, alias.name) for alias in node.names)
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if called in ("import_module", "__import__"):
                found.append((str(node.args[0].value), ""))
    return found


def strangers(root):
    """Files that belong to no wing."""
    return [file for file in files(root).values() if wing_of(file) is None]


def arrows_up(root):
    """Imports of a wing from one above it."""
    storey = {wing: place for place, wing in enumerate(WINGS)}
    return [
        arrow
        for arrow in arrows(root)
        if None not in (a := wing_of(arrow.source), b := wing_of(arrow.target)) and storey[b] < storey[a]
    ]


def kernels_that_reach_out(root):
    """Imports of kernels from what is neither a kernel nor the type of arrays."""
    return [
        arrow
        for arrow in arrows(root)
        if arrow.source.startswith("kernels/") and not arrow.target.startswith(_KERNELS_MAY_IMPORT)
    ]


def circles(root):
    """Sets of files that import each other, directly or by others, as the imports within each set."""
    every = arrows(root)
    targets = defaultdict(set)
    for arrow in every:
        targets[arrow.source].add(arrow.target)
    reach = {file: _reachable(file, targets) for file in files(root).values()}
    parts = {frozenset(other for other in reach[file] if file in reach[other]) for file in reach}
    return [
        [arrow for arrow in every if {arrow.source, arrow.target} <= part]
        for part in sorted(filter(None, parts), key=sorted)
    ]


def _reachable(file, targets):
    """Files that a file imports, directly or by others."""
    seen, left = set(), [*targets[file]]
    while left:
        one = left.pop()
        if one not in seen:
            seen.add(one)
            left.extend(targets[one])
    return seen
