"""What a run has left, as plain values: all that the formats are written from."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.selection import Chosen, indices_of
from izhi_numba.results import populations


def as_parts(names: Iterable[str]) -> list[str]:
    """Return names without what separates folders in files; refuse those that are the same then."""
    given = [*names]
    found = [re.sub("[/:]", "_", name) for name in given]
    for place, name in enumerate(found):
        first = found.index(name)
        if first != place:
            raise ValueError(
                f"{given[first]!r} and {given[place]!r} have one name in this format, {name!r}, as / and :"
                " separate folders; give pools other names, or export them one by one: result['exc']"
            )
    return found


@dataclass(frozen=True)
class RecordedTrace:
    """A variable of some neurons of a population, at even times."""

    variable: str
    unit: str  # empty where there is none
    values: Array  # (times, neurons)
    times: Array  # ms
    every: float  # ms
    neurons: Array  # places in the population, of the columns


@dataclass(frozen=True)
class RecordedMean:
    """The mean of a variable over some groups of a population, at even times."""

    variable: str  # "mean_v"
    unit: str  # empty where there is none
    values: Array  # (times, groups)
    times: Array  # ms
    every: float  # ms
    names: list[str]  # of the groups


@dataclass(frozen=True)
class RecordedPopulation:
    """What is known of a pool, of sources, or of some neurons of one."""

    name: str
    is_source: bool
    numbers: Array  # of its neurons, in the pool of which they are: what tools know them by
    groups: Mapping[str, Chosen]  # by places in the population
    spikes: tuple[Array, Array]  # places in the population, and times in ms, ascending
    counts: Array  # spikes of each, whatever was kept
    traces: list[RecordedTrace]
    means: list[RecordedMean] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Neurons."""
        return len(self.numbers)

    @functools.cached_property
    def group_names(self) -> list[str]:
        """Names of groups, and an empty one where neurons are in none."""
        return [*self.groups, ""]

    @functools.cached_property
    def group_of_each(self) -> Array:
        """Place of each neuron's group among ``group_names``."""
        found = np.full(self.size, len(self.groups), np.int16)
        for place, chosen in enumerate(self.groups.values()):
            found[indices_of(chosen)] = place
        return found

    @functools.cached_property
    def groups_by_name(self) -> Array:
        """Name of each neuron's group, array of str; empty where a neuron is in none."""
        found: Array = np.array(self.group_names, dtype=object)[self.group_of_each]
        return found

    @functools.cached_property
    def is_kept(self) -> Array:
        """Whether all spikes of each neuron were kept, and not only counted."""
        found: Array = np.bincount(self.spikes[0], minlength=self.size) == self.counts
        return found

    @functools.cached_property
    def kept_spikes(self) -> tuple[Array, Array]:
        """Spikes of the neurons of which all were kept."""
        neurons, times = self.spikes
        inside = self.is_kept[neurons]
        return (neurons, times) if inside.all() else (neurons[inside], times[inside])

    def trains(self) -> list[Array]:
        """Spike times of each neuron, ms."""
        return populations.trains(*self.spikes, self.size)


@dataclass(frozen=True)
class RecordedRun:
    """What is known of a run."""

    start: float  # ms
    stop: float  # ms
    dt: float  # ms
    populations: list[RecordedPopulation]
    is_network: bool  # whether neurons are told by population and number, and not by number alone
