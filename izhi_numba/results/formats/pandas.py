"""Tables of pandas: spikes and counts with a row for each, traces with a column for each neuron."""

from __future__ import annotations

from typing import Any

import numpy as np

from izhi_numba.base.checks import library
from izhi_numba.results.formats.recorded import RecordedRun


def table(run: RecordedRun, what: str) -> Any:
    """Return a ``pandas.DataFrame``; ``what`` is "spikes", "counts" or a variable that was recorded."""
    pandas = library("pandas", "to_pandas", "export")
    if what == "spikes":
        which = [one.spikes[0] for one in run.populations]
        times = np.concatenate([np.zeros(0), *(one.spikes[1] for one in run.populations)])
        found = _neurons(pandas, run, which).assign(time=times)
        found = found.sort_values("time", kind="stable", ignore_index=True)
        units = {"time": "ms"}
    elif what == "counts":
        which = [np.arange(one.size) for one in run.populations]
        counts = np.concatenate([np.zeros(0, np.int64), *(one.counts for one in run.populations)])
        found, units = _neurons(pandas, run, which).assign(count=counts), {}
    else:
        found, units = _traces(pandas, run, what)
    found.attrs.update(units=units, start=run.start, stop=run.stop, dt=run.dt)
    return found


def _neurons(pandas: Any, run: RecordedRun, which: list[Any]) -> Any:
    """A row for each of some neurons: population, group, and number."""
    populations = run.populations
    owner = np.repeat(np.arange(len(populations)), [len(one) for one in which])
    names = list(dict.fromkeys(name for one in populations for name in one.group_names if name))
    names.append("")
    groups = [
        np.array([names.index(name) for name in one.group_names])[one.group_of_each[places]]
        for one, places in zip(populations, which, strict=True)
    ]
    numbers = [one.numbers[places] for one, places in zip(populations, which, strict=True)]
    nothing = np.zeros(0, np.int64)
    return pandas.DataFrame(
        {
            "population": pandas.Categorical.from_codes(owner, [one.name for one in populations]),
            "group": pandas.Categorical.from_codes(np.concatenate([nothing, *groups]), names),
            "neuron": np.concatenate([nothing, *numbers]),
        }
    )


def _traces(pandas: Any, run: RecordedRun, variable: str) -> tuple[Any, dict[str, str]]:
    """Times by neurons, or by groups of which there are means; and the unit of each population."""
    found, units, of = {}, {}, "neuron"
    for one in run.populations:
        for trace in one.traces:
            if trace.variable == variable:
                found[one.name] = _wide(pandas, trace, one.numbers[trace.neurons], "neuron")
                units[one.name] = trace.unit
        for mean in one.means:
            if mean.variable == variable:
                found[one.name], of = _wide(pandas, mean, mean.names, "group"), "group"
                units[one.name] = mean.unit
    if not run.is_network:
        return next(iter(found.values())), {variable: next(iter(units.values()))}
    joined = pandas.concat(found, axis="columns", names=["population", of]).sort_index()
    distinct = set(units.values())
    return joined, {variable: distinct.pop()} if len(distinct) == 1 else units


def _wide(pandas: Any, trace: Any, columns: Any, of: str) -> Any:
    index = pandas.Index(trace.times, name="time")
    return pandas.DataFrame(trace.values, index, pandas.Index(columns, name=of))
