"""A Dataset of xarray for each population; those of a network hang in a tree."""

from __future__ import annotations

from typing import Any

import numpy as np

from izhi_numba.base.checks import library
from izhi_numba.results.formats.recorded import (
    RecordedMean,
    RecordedPopulation,
    RecordedRun,
    RecordedTrace,
    as_parts,
)


def labelled(run: RecordedRun) -> Any:
    """Return an ``xarray.Dataset``, or of a network an ``xarray.DataTree``."""
    xarray = library("xarray", "to_xarray", "export")
    attributes = {"start": run.start, "stop": run.stop, "dt": run.dt, "time_units": "ms"}
    if not run.is_network:
        return _dataset(xarray, run.populations[0], attributes)
    names = as_parts(one.name for one in run.populations)
    parts = {
        name: _dataset(xarray, one, attributes) for name, one in zip(names, run.populations, strict=True)
    }
    return xarray.DataTree.from_dict({"/": xarray.Dataset(attrs=attributes), **parts})


def _dataset(xarray: Any, population: RecordedPopulation, attributes: dict[str, Any]) -> Any:
    places, times = population.kept_spikes
    coordinates: dict[str, Any] = {
        "neuron": ("neuron", population.numbers, {"long_name": "number in the pool"}),
        "group": ("neuron", population.groups_by_name.astype(str)),
    }
    variables: dict[str, Any] = {
        "count": ("neuron", population.counts, {"long_name": "spikes of each neuron"}),
        "spike_time": ("spike", times, {"units": "ms"}),
        "spike_neuron": ("spike", population.numbers[places]),
    }
    known = _Dimensions(population)
    for trace in population.traces:
        dimensions = known.time(trace, coordinates), known.neuron(trace, coordinates)
        variables[trace.variable] = (dimensions, trace.values, {"units": trace.unit} if trace.unit else {})
    for mean in population.means:
        dimensions = known.time(mean, coordinates), known.group(mean, coordinates)
        variables[mean.variable] = (dimensions, mean.values, {"units": mean.unit} if mean.unit else {})
    told = {"population": population.name, "is_source": int(population.is_source)}  # netCDF has no bool
    return xarray.Dataset(variables, coordinates, told | attributes)


class _Dimensions:
    """Dimensions of traces: those of equal times share one, and those of the same neurons."""

    def __init__(self, population: RecordedPopulation) -> None:
        self._population = population
        self._times: dict[float, str] = {}
        self._neurons = {np.arange(population.size).tobytes(): "neuron"}

    def group(self, mean: RecordedMean, coordinates: dict[str, Any]) -> str:
        """Name of the dimension of the groups of a mean: each has its own, as "group" is told of neurons."""
        name = f"group_{mean.variable}"
        coordinates[name] = (name, mean.names)
        return name

    def time(self, trace: RecordedTrace | RecordedMean, coordinates: dict[str, Any]) -> str:
        """Name of the dimension of times: "time" for the first trace and those like it."""
        name = self._times.setdefault(trace.every, f"time_{trace.variable}" if self._times else "time")
        coordinates.setdefault(name, (name, trace.times, {"units": "ms"}))
        return name

    def neuron(self, trace: RecordedTrace, coordinates: dict[str, Any]) -> str:
        """Name of the dimension of neurons: "neuron" for all of the population, in their order."""
        of_trace, names = trace.neurons, self._population.groups_by_name
        name = self._neurons.setdefault(of_trace.tobytes(), f"neuron_{trace.variable}")
        coordinates.setdefault(name, (name, self._population.numbers[of_trace]))
        if name != "neuron":
            group = name.replace("neuron", "group", 1)
            coordinates.setdefault(group, (name, names[of_trace].astype(str)))
        return name
