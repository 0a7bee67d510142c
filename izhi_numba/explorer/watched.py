"""Neurons that a page watches: what runs keep of them, and their voltages as they are drawn."""

from __future__ import annotations

from typing import Any

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.checks import whole_number
from izhi_numba.explorer.populations import SOURCE, Population
from izhi_numba.results.recorder import Wishes
from izhi_numba.results.recording import Trace
from izhi_numba.results.result import Result

MOST = 4


class Watched:
    """Neurons by population and place, at most :data:`MOST`; at first one of each of the first populations.

    Attributes
    ----------
    neurons : list of (int, int)
        Population, and place in it.
    wishes : list of Wishes
        What to keep of each member of the network; the same objects until other neurons are watched.
    """

    def __init__(self, populations: list[Population], n_members: int) -> None:
        self._populations, self._n_members = populations, n_members
        real = [k for k, one in enumerate(populations) if one.kind != SOURCE]
        self.choose([(k, 0) for k in real[: MOST // 2]])

    def choose(self, neurons: list[tuple[int, int]]) -> None:
        """Watch others."""
        self.neurons = neurons[-MOST:]
        self.wishes = [self._wish(member) for member in range(self._n_members)]

    def add(self, population: Any, neuron: Any) -> None:
        """Watch one more; the first one is watched no more, where there are too many.

        Raises
        ------
        ValueError, TypeError
            There is no such neuron, or it has no voltage.
        """
        last = len(self._populations) - 1
        number = whole_number("population", population, at_least=0, at_most=last)
        one = self._populations[number]
        if one.kind == SOURCE:
            raise ValueError(f"watch: {one.title} only send spikes; watch a neuron")
        place = whole_number("neuron", neuron, at_least=0)
        pair = number, min(place, one.size - 1)
        self.choose([*(known for known in self.neurons if known != pair), pair])

    def remove(self, place: Any) -> None:
        """Watch one no more, by its place in the list."""
        gone = whole_number("place", place, at_least=0, at_most=max(0, len(self.neurons) - 1))
        self.choose([one for k, one in enumerate(self.neurons) if k != gone])

    def _wish(self, member: int) -> Wishes:
        places = [self._place(one) for one in self.neurons if self._member(one) == member]
        if not places:
            return Wishes()
        model = next(one.model for one in self._populations if one.member == member)
        return Wishes(traces={model.voltage: Trace(model.voltage, np.unique(places).astype(np.int64), 1)})

    def _member(self, one: tuple[int, int]) -> int:
        return self._populations[one[0]].member

    def _place(self, one: tuple[int, int]) -> int:
        return int(self._populations[one[0]].neurons.start) + one[1]

    def bands(self, results: list[Result], n_columns: int, each: int) -> Array:
        """Least and largest voltage of each column, float32 (n_watched, columns, 2)."""
        found = np.full((len(self.neurons), n_columns, 2), np.nan, np.float32)
        for row, one in enumerate(self.neurons):
            result = results[self._member(one)]
            (trace,) = self.wishes[self._member(one)].traces.values()
            values = result.traces[trace.variable][:, np.searchsorted(trace.neurons, self._place(one))]
            whole = np.full(n_columns * each, values[-1])
            whole[: len(values)] = values
            columns = whole.reshape(n_columns, each)
            found[row, :, 0], found[row, :, 1] = columns.min(axis=1), columns.max(axis=1)
        return found
