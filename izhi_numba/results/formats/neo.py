"""A Block of Neo with one Segment: a SpikeTrain for each neuron, an AnalogSignal for each trace."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from izhi_numba.base.checks import library
from izhi_numba.results.formats.recorded import RecordedMean, RecordedPopulation, RecordedRun, RecordedTrace
from izhi_numba.version import __version__


def block(run: RecordedRun) -> Any:
    """Return a ``neo.Block``."""
    neo, quantities = (library(name, "to_neo", "export") for name in ("neo", "quantities"))
    found = neo.Block(description=f"simulated with izhi_numba {__version__}")
    segment = neo.Segment(name="run", dt=run.dt * quantities.ms)
    for population in run.populations:
        trains = _trains(neo, quantities.ms, run, population)
        _add(segment, list(trains.values()))
        for train in trains.values():
            train.segment = segment
        signals = [_signal(neo, quantities, run, population, trace) for trace in population.traces]
        signals += [_mean(neo, quantities, run, population, mean) for mean in population.means]
        segment.analogsignals.extend(signals)
        of_all = neo.Group(signals, name=population.name, is_source=population.is_source)
        _add(of_all, list(trains.values()))
        found.groups.append(of_all)
        names = population.groups_by_name
        for name in population.groups:
            group = neo.Group(name=f"{population.name}.{name}")
            _add(group, [train for place, train in trains.items() if names[place] == name])
            found.groups.append(group)
    found.segments.append(segment)
    return found


def _add(holder: Any, trains: list[Any]) -> None:
    """Add trains that are in no list yet: ``extend`` compares each with all, 4 of 5 s for 4000 of them."""
    known = holder.spiketrains
    known += type(known)(items=trains)


def _trains(neo: Any, ms: Any, run: RecordedRun, population: RecordedPopulation) -> dict[int, Any]:
    """Spike trains by the places of neurons, of those of which all spikes were kept."""
    start, stop = run.start * ms, run.stop * ms
    numbers, groups = population.numbers.tolist(), population.groups_by_name
    trains = population.trains()  # a rounding beyond the ends, as 3 * 0.1 is beyond 0.3, would be refused
    return {
        place: neo.SpikeTrain(
            trains[place].clip(run.start, run.stop), units=ms, t_start=start, t_stop=stop,
            name=f"{population.name} {numbers[place]}", population=population.name, group=groups[place],
            neuron=numbers[place],
        )
        for place in np.flatnonzero(population.is_kept).tolist()
    }  # fmt: skip


def _signal(
    neo: Any, quantities: Any, run: RecordedRun, population: RecordedPopulation, trace: RecordedTrace
) -> Any:
    columns = {
        "neuron": population.numbers[trace.neurons],
        "group": population.groups_by_name[trace.neurons].astype(str),
    }
    return _analog(neo, quantities, run, population, trace, columns)


def _mean(
    neo: Any, quantities: Any, run: RecordedRun, population: RecordedPopulation, mean: RecordedMean
) -> Any:
    return _analog(neo, quantities, run, population, mean, {"group": np.array(mean.names)})


def _analog(
    neo: Any, quantities: Any, run: RecordedRun, population: RecordedPopulation,
    trace: RecordedTrace | RecordedMean, columns: dict[str, Any],
) -> Any:  # fmt: skip
    first = trace.times[0] if len(trace.times) else run.stop
    return neo.AnalogSignal(
        trace.values, units=as_quantity(quantities, trace.unit), t_start=first * quantities.ms,
        sampling_period=trace.every * quantities.ms, name=trace.variable, population=population.name,
        unit=trace.unit, array_annotations=columns,
    )  # fmt: skip


def as_quantity(quantities: Any, unit: str) -> Any:
    """Return a unit as quantities know it; dimensionless where they do not."""
    spelled = re.sub(r"([A-Za-z])(\d)", r"\1**\2", unit.replace("µ", "u").replace(" ", "*"))
    try:
        return quantities.Quantity(1.0, spelled).units
    except (LookupError, SyntaxError, TypeError, ValueError):
        return quantities.dimensionless
