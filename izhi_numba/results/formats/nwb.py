"""A file of Neurodata Without Borders: a table of units of neurons, a TimeSeries for each trace.

Times are in seconds. Traces keep their numbers; ``conversion`` is what makes SI units of them.
"""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime
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
from izhi_numba.storage.whole import written_whole
from izhi_numba.version import __version__

_WHOSE = {  # columns that say of which neuron a row is
    "population": "pool, or sources of spikes",
    "group": "group of the pool; empty where the neuron is in none",
    "neuron": "number of the neuron in its pool",
}

_PREFIXES = {"": 1.0, "k": 1e3, "m": 1e-3, "u": 1e-6, "n": 1e-9, "p": 1e-12}
_BASE = {"V": "volts", "A": "amperes", "S": "siemens", "F": "farads", "s": "seconds", "Hz": "hertz"}


def in_si(unit: str) -> tuple[str, float]:
    """Return the SI unit of a unit, in the words of NWB, and the factor that converts to it.

    Quotients, "nS/mV", are of two units; what is not known stays as it is.

    Examples
    --------
    >>> in_si("mV"), in_si("nS/mV"), in_si("mM"), in_si("")
    (('volts', 0.001), ('siemens/volts', 1e-06), ('mM', 1.0), ('unknown', 1.0))
    """
    factors, names = [], []
    for part in unit.replace("µ", "u").split("/"):
        found = re.fullmatch(f"([{''.join(_PREFIXES)}]?)({'|'.join(_BASE)})", part)
        if part != "1" and found is None:
            return unit or "unknown", 1.0
        factors.append(_PREFIXES[found[1]] if found else 1.0)
        names.append(_BASE[found[2]] if found else "1")
    factor = factors[0]
    for one in factors[1:]:
        factor /= one
    return "/".join(names), float(f"{factor:.12g}")


def write(run: RecordedRun, path: Any, session_start_time: datetime | None, identifier: str | None) -> None:
    """Write an .nwb file, whole or not at all."""
    pynwb = library("pynwb", "to_nwb", "export")
    common = library("hdmf.common", "to_nwb", "export")
    began = session_start_time or datetime.now(UTC)
    sizes = ", ".join(f"{one.size} units of {one.name}" for one in run.populations)
    file = pynwb.NWBFile(
        session_description=f"simulation of {sizes}; dt = {run.dt:g} ms",
        identifier=str(uuid.uuid4()) if identifier is None else identifier,
        session_start_time=began if began.tzinfo else began.astimezone(),
        was_generated_by=[["izhi_numba", __version__]],
    )  # fmt: skip
    if any(one.is_kept.any() for one in run.populations):
        file.units = _units(pynwb, common, run)
    series = [(one, trace) for one in run.populations for trace in one.traces]
    means = [(one, mean) for one in run.populations for mean in one.means]
    names = [f"{one.name}_{trace.variable}" for one, trace in series]
    as_parts([*names, *(f"{one.name}_{mean.variable}" for one, mean in means)])
    for population, trace in series:
        comments = "of which neurons the columns are is told by processing/simulation/columns"
        file.add_acquisition(_series(pynwb, run, population, trace, comments))
    for population, mean in means:
        comments = f"the columns are means over the neurons of {', '.join(mean.names)}"
        file.add_acquisition(_series(pynwb, run, population, mean, comments))
    if series:
        module = file.create_processing_module(name="simulation", description="what simulated signals are of")
        module.add(_columns(common, series))
    with written_whole(path) as aside, pynwb.NWBHDF5IO(aside, "w") as io:
        io.write(file)


def _units(pynwb: Any, common: Any, run: RecordedRun) -> Any:
    """The table of neurons and their spikes: of those of which all spikes were kept."""
    kept = [np.flatnonzero(one.is_kept) for one in run.populations]
    trains = [one.trains() for one in run.populations]
    times = [each[place] / 1000 for each, places in zip(trains, kept, strict=True) for place in places]
    observed = [[[run.start / 1000, run.stop / 1000]]] * len(times)
    sources = [np.full(len(of), one.is_source) for one, of in zip(run.populations, kept, strict=True)]
    columns = [
        *_ragged(common, "spike_times", "times of spikes, s", times, np.zeros(0)),
        *_ragged(common, "obs_intervals", "when the simulation ran, s", observed, np.zeros((0, 2))),
        *_whose(common, list(zip(run.populations, kept, strict=True))),
        _column(common, "is_source", "whether it only sends spikes", np.concatenate(sources)),
    ]
    return pynwb.misc.Units(name="units", description="simulated neurons", columns=columns)


def _column(common: Any, name: str, description: str, data: Any) -> Any:
    return common.VectorData(name=name, description=description, data=data)


def _ragged(common: Any, name: str, description: str, rows: list[Any], nothing: Any) -> list[Any]:
    """A column that has several values in each row."""
    data = _column(common, name, description, np.concatenate([nothing, *rows]))
    ends = np.cumsum([len(row) for row in rows])
    return [data, common.VectorIndex(name=f"{name}_index", target=data, data=ends)]


def _whose(common: Any, neurons: list[tuple[RecordedPopulation, Any]]) -> list[Any]:
    """Columns that say of which neurons rows are."""
    found = {
        "population": [one.name for one, places in neurons for _ in places],
        "group": [name for one, places in neurons for name in one.groups_by_name[places]],
        "neuron": np.concatenate([one.numbers[places] for one, places in neurons]),
    }
    return [_column(common, name, _WHOSE[name], data) for name, data in found.items()]


def _series(
    pynwb: Any, run: RecordedRun, population: RecordedPopulation, trace: RecordedTrace | RecordedMean,
    comments: str,
) -> Any:  # fmt: skip
    unit, conversion = in_si(trace.unit)
    first = trace.times[0] if len(trace.times) else run.stop
    return pynwb.TimeSeries(
        name=_series_name(population, trace), data=trace.values, unit=unit, conversion=conversion,
        starting_time=first / 1000, rate=1000 / trace.every,
        description=f"{trace.variable} of {population.name}, in {trace.unit or 'no unit'}",
        comments=comments,
    )  # fmt: skip


def _series_name(population: RecordedPopulation, trace: RecordedTrace | RecordedMean) -> str:
    return as_parts([f"{population.name}_{trace.variable}"])[0]


def _columns(common: Any, series: list[tuple[RecordedPopulation, RecordedTrace]]) -> Any:
    """A table with a row for each column of each TimeSeries."""
    names = [_series_name(one, trace) for one, trace in series for _ in trace.neurons]
    places = np.concatenate([np.arange(len(trace.neurons)) for _, trace in series])
    columns = [
        _column(common, "series", "name of the TimeSeries, in acquisition", names),
        _column(common, "column", "of its data, from 0", places),
        *_whose(common, [(one, trace.neurons) for one, trace in series]),
    ]
    return common.DynamicTable(
        name="columns", description="of which neurons the columns of signals are", columns=columns
    )
