"""Which results may be joined: those of runs in sequence, of the same neurons, with the same traces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from izhi_numba.base.selection import Chosen, indices_of, some_of
from izhi_numba.results.streamed import AnyRecording


@dataclass(frozen=True, eq=False)
class Origin:
    """Whose result it is."""

    simulation: str  # one word for each pool or network that was ever built, another after each reset
    population: str  # its name in a network
    neurons: Chosen  # of the population

    def of(self, chosen: Chosen) -> Origin:
        """Return that of some of the neurons."""
        return Origin(self.simulation, self.population, some_of(self.neurons, chosen))

    def is_same(self, other: Origin) -> bool:
        """Whether both are of the same neurons, in the same order."""
        if (self.simulation, self.population) != (other.simulation, other.population):
            return False
        if isinstance(self.neurons, slice) and isinstance(other.neurons, slice):
            return self.neurons == other.neurons
        return np.array_equal(indices_of(self.neurons), indices_of(other.neurons))


def check_follows(first: Any, second: Any, kind: type[Any]) -> None:
    """Refuse to join results that are not of one pool, or network, or whose runs do not follow each other.

    Raises
    ------
    TypeError, ValueError
    """
    if not isinstance(second, kind):
        raise TypeError(
            f"results are joined as first + second; expected a {kind.__name__} after the +, got"
            f" {type(second).__name__}"
        )
    if not first._is_of_the_same(second):
        raise ValueError(
            "results are joined of the runs of one pool, or network, and of the same neurons of it; these are"
            " of others, or a reset lies between them"
        )
    if first._first_step + first._n_steps != second._first_step:
        other_way = second._first_step + second._n_steps == first._first_step
        raise ValueError(
            f"results are joined of runs in sequence; the first is of {_when(first)}, the second of"
            f" {_when(second)}" + ("; write them the other way round" if other_way else "")
        )


def _when(result: Any) -> str:
    return f"{result.start:g} to {result.stop:g} ms"


def check_traces(first: AnyRecording, second: AnyRecording) -> None:
    """Refuse to join results that keep different variables or counts, of different neurons, at other times.

    Raises
    ------
    ValueError
    """
    ours, theirs = ({trace.variable: trace for trace in one.traces} for one in (first, second))
    for name in [*ours, *theirs]:
        one, other = ours.get(name), theirs.get(name)
        if one is None or other is None:
            raise ValueError(
                f"results are joined that keep the same traces; {name!r} was recorded in the"
                f" {'second' if one is None else 'first'} run alone"
            )
        if one.key != other.key:
            raise ValueError(
                f"results are joined that keep the same traces; {name!r} was recorded of other neurons, or at"
                " other intervals, in the second run"
            )
    bins = [None if one is None else (one.every, one.neurons.tolist()) for one in (first.bins, second.bins)]
    if bins[0] != bins[1]:
        raise ValueError(
            "results are joined that keep the same counts; these have counts in other bins, or one has none"
        )
