"""A folder in the layout of SONATA: spikes, a report for each variable, and node sets for pools and groups.

Source: K. Dai et al. (2020), PLoS Computational Biology 16:e1007696, 10.1371/journal.pcbi.1007696, and its
specification, https://github.com/AllenInstitute/sonata.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.checks import library
from izhi_numba.base.selection import indices_of
from izhi_numba.results.formats.recorded import RecordedPopulation, RecordedRun, RecordedTrace, as_parts
from izhi_numba.storage.whole import written_whole

_MAGIC, _VERSION = 0x0A7A, (0, 1)
_SORTING = {"none": 0, "by_id": 1, "by_time": 2}


def write(run: RecordedRun, path: Any) -> None:
    """Write ``spikes.h5``, ``v.h5`` and so on, ``node_sets.json`` in a folder, each whole or not at all."""
    h5py = library("h5py", "to_sonata", "export")
    as_parts(one.name for one in run.populations)
    folder = Path(path)
    folder.mkdir(parents=True, exist_ok=True)
    with written_whole(folder / "spikes.h5") as aside, _created(h5py, aside) as file:
        for population in run.populations:
            if population.is_kept.any():
                _write_spikes(h5py, file.create_group(f"spikes/{_name(population)}"), population)
    variables = dict.fromkeys(trace.variable for one in run.populations for trace in one.traces)
    for variable in variables:
        with written_whole(folder / f"{variable}.h5") as aside, _created(h5py, aside) as file:
            for population in run.populations:
                for trace in population.traces:
                    if trace.variable == variable:
                        _write_report(file.create_group(f"report/{_name(population)}"), population, trace)
    with written_whole(folder / "node_sets.json") as aside:
        aside.write_text(json.dumps(_node_sets(run)))


def _created(h5py: Any, path: Path) -> Any:
    file = h5py.File(path, "w")
    file.attrs["magic"], file.attrs["version"] = np.uint32(_MAGIC), np.array(_VERSION, np.uint32)
    return file


def _name(population: RecordedPopulation) -> str:
    return as_parts([population.name])[0]


def _write_spikes(h5py: Any, group: Any, population: RecordedPopulation) -> None:
    places, times = population.kept_spikes
    sorting = h5py.enum_dtype(_SORTING, basetype=np.uint8)
    group.attrs.create("sorting", _SORTING["by_time"], dtype=sorting)
    group["node_ids"] = population.numbers[places].astype(np.uint64)
    group["timestamps"] = times
    group["timestamps"].attrs["units"] = "ms"


def _write_report(group: Any, population: RecordedPopulation, trace: RecordedTrace) -> None:
    """One element of each neuron, in ascending order of neurons, which readers search in."""
    numbers = population.numbers[trace.neurons]
    order, n = np.argsort(numbers), len(numbers)
    group["data"] = trace.values[:, order].astype(np.float32)
    group["data"].attrs["units"] = trace.unit
    mapping = group.create_group("mapping")
    mapping["node_ids"] = numbers[order].astype(np.uint64)
    mapping["node_ids"].attrs["sorted"] = np.uint8(1)
    mapping["index_pointers"] = np.arange(n + 1, dtype=np.uint64)
    mapping["element_ids"] = np.zeros(n, np.uint32)
    mapping["time"] = _begin_end_step(trace)
    mapping["time"].attrs["units"] = "ms"


def _begin_end_step(trace: RecordedTrace) -> Array:
    """Time of the first row, that after the last, and the step between, ms.

    libsonata finds the number of rows by adding steps until 1e-6 ms before the end. After a million steps of
    0.1 ms the sum is that far off, and it would read a row that is not there: the end is the sum, where that
    comes before.
    """
    if not len(trace.times):
        return np.array([0.0, 0.0, trace.every])
    added = np.cumsum(np.append(trace.times[0], np.full(len(trace.times), trace.every)))[-1]
    return np.array([trace.times[0], min(trace.times[-1] + trace.every, added), trace.every])


def _node_sets(run: RecordedRun) -> dict[str, Any]:
    """Pools, and groups as "exc.left", by the numbers of their neurons."""
    found: dict[str, Any] = {}
    for population in run.populations:
        whole = {"population": _name(population)}
        found[population.name] = whole
        for name, chosen in population.groups.items():
            numbers = population.numbers[indices_of(chosen)].tolist()
            found[f"{population.name}.{name}"] = whole | {"node_id": numbers}
    return found
