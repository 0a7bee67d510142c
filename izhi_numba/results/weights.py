"""Weights and variables of synapses that runs record: what is asked for, rows in memory, what results show.

What has not changed since the row before is the same array once more: a row takes memory where something was
written.
"""

from __future__ import annotations

import functools
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.checks import finite_number
from izhi_numba.base.clock import times_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from izhi_numba.results.synapse_plots import Shown

WEIGHT = "weight"  # what weights are called among the variables of synapses


@dataclass(frozen=True, eq=False)
class Weighed:
    """What a user asked for: to keep weights, or a variable, of the synapses of a projection, or of some."""

    number: int  # of the projection
    name: str  # by which results have them
    every: int  # steps
    size: int  # synapses
    pre: Array | None = None  # sources, by their places in the projection, ascending, int64; None: all
    post: Array | None = None  # targets, likewise
    variable: str = WEIGHT


@dataclass(frozen=True, eq=False)
class Tracked:
    """What is known of the synapses of which something is kept, in the order of the columns."""

    name: str
    every: int  # steps
    dt: float  # ms
    unit: str
    sources: Array  # int32, by their places in their pool
    targets: Array
    dtype: np.dtype[Any]
    variable: str = WEIGHT

    @property
    def size(self) -> int:
        """Synapses."""
        return len(self.sources)

    @functools.cached_property
    def mark(self) -> int:
        """A number that tells other synapses from these."""
        return zlib.crc32(self.targets.data, zlib.crc32(self.sources.data))

    def is_same(self, other: Tracked) -> bool:
        """Whether these are the same synapses, at the same intervals."""
        if self is other:
            return True
        pairs = (self.sources, other.sources), (self.targets, other.targets)
        return self.every == other.every and all(np.array_equal(*pair) for pair in pairs)


class Kept(Protocol):
    """Rows that are kept of some synapses, in memory or in a file."""

    @property
    def tracked(self) -> Tracked:
        """Of which synapses."""

    @property
    def steps(self) -> Array:
        """The step at whose end each row is."""

    @property
    def values(self) -> Any:
        """The rows, (times, synapses)."""

    def joined(self, later: Any) -> Kept:
        """Return these and later ones."""


class InMemory:
    """Rows in memory; they are put into one array when that is first asked for."""

    def __init__(self, tracked: Tracked, steps: Array, rows: Sequence[Array] | Array) -> None:
        self.tracked, self.steps = tracked, steps
        self._rows = rows

    @property
    def values(self) -> Array:
        """The rows, (times, synapses)."""
        rows = self._rows
        if not isinstance(rows, np.ndarray):
            found = np.empty((len(rows), self.tracked.size), self.tracked.dtype)
            for place, row in enumerate(rows):
                found[place] = row
            rows = self._rows = found
        return rows

    def joined(self, later: Any) -> InMemory:
        """Return these and later ones."""
        steps = np.concatenate([self.steps, later.steps])
        return InMemory(self.tracked, steps, [*self._rows, *rows_of(later)])


def rows_of(kept: Any) -> Sequence[Array] | Array:
    """Return all rows in memory, one by one where they are not put together yet."""
    return kept._rows if isinstance(kept, InMemory) else np.asarray(kept.values)


class Growing:
    """Rows of one projection in a run: new ones come, and those that are written to a file may go."""

    def __init__(self, tracked: Tracked, first_step: int) -> None:
        self.tracked, self._gone = tracked, first_step
        self._rows: list[tuple[int, Array]] = []

    @property
    def last(self) -> int:
        """The step of the last row; without one, that before which there is none."""
        rows = self._rows
        return rows[-1][0] if rows else self._gone

    def add(self, step: int, row: Array) -> None:
        """Keep a row."""
        self._rows.append((step, row))  # one instruction: it is kept, or it is not

    def forget(self, step: float) -> None:
        """Let go of rows up to a step."""
        n_gone = sum(1 for one, _ in self._rows if one <= step)
        if n_gone:
            self._gone = self._rows[n_gone - 1][0]
            del self._rows[:n_gone]

    def between(self, first: int, last: int) -> InMemory:
        """Return the rows after a step, up to another."""
        found = [(step, row) for step, row in self._rows if first < step <= last]
        return InMemory(
            self.tracked, np.array([step for step, _ in found], np.int64), [one for _, one in found]
        )

    def n_after(self, step: int) -> int:
        """Number of weights in rows after a step."""
        return self.tracked.size * sum(1 for one, _ in self._rows if one > step)


class RecordedWeights:
    """Weights of synapses at intervals, as ``result.weights["exc -> inh"]`` has them; or another variable.

    ``result.synapses["exc -> inh"]["x"]`` is the variable ``x`` of synapses that learn, for which
    ``synapses.record("x", every=100.0)`` has asked.

    Attributes
    ----------
    variable : str
        "weight", or the name of the variable.
    t : float64 array (n_times,)
        Times in ms, at multiples of the interval; weights are those at the end of the step that ends then.
    values : array (n_times, n_synapses)
        In the order of ``synapses.weights``; weights are without the gain. Of a run that was recorded to a
        file they are read where they are indexed, ``values[-1]``; ``np.asarray(values)`` reads all.
    sources, targets : int32 array (n_synapses,)
        Whom each synapse connects, by their places in their pools, as in ``result["exc"].spikes.i``.
    unit : str
        Of the values; empty where there is none.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> pool = iz.Pool(10, seed=1)
    >>> synapses = pool.connect(pool, pool, rule=iz.one_to_one(), weight=2.0)
    >>> synapses.record(every=5.0)
    >>> def halve(pool):
    ...     synapses.weights = 0.5 * synapses.weights
    >>> weights = pool.run(20.0, every={10.0: halve}).weights["pool -> pool"]
    >>> weights.t, weights.values[:, 0]
    (array([ 5., 10., 15., 20.]), array([1. , 1. , 0.5, 0.5], dtype=float32))
    """

    def __init__(self, kept: Kept) -> None:
        self._kept = kept

    @property
    def variable(self) -> str:
        """What it is of the synapses: "weight", or the name of a variable."""
        return self._kept.tracked.variable

    @property
    def t(self) -> Array:
        """Times, ms."""
        return times_of(self._kept.steps, self._kept.tracked.dt)

    @property
    def values(self) -> Any:
        """Weights, or values of the variable, (times, synapses)."""
        return self._kept.values

    @property
    def sources(self) -> Array:
        """Where each synapse comes from: places in the pool."""
        return self._kept.tracked.sources

    @property
    def targets(self) -> Array:
        """Where each synapse goes to: places in the pool."""
        return self._kept.tracked.targets

    @property
    def unit(self) -> str:
        """Unit of the values."""
        return self._kept.tracked.unit

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the values over time: a line for each synapse; of more than 20, how many have which value.

        At most 500 rows are read, evenly spaced. Returns the axes.

        Examples
        --------
        >>> import izhi_numba as iz
        >>> pool = iz.Pool.cortical(100, seed=1)
        >>> synapses = pool.connect(
        ...     pool, pool, rule=iz.fixed_outdegree(9), weight=iz.uniform(0, 1), plasticity=iz.PairSTDP()
        ... )
        >>> synapses.record(every=100.0)
        >>> (weights,) = pool.run(1000.0).weights.values()
        >>> weights.plot().get_ylabel(), weights.plot_histogram().get_xlabel()
        ('weight', 'weight')
        >>> weights.plot_matrix(t=500.0).get_title(loc="left")
        'pool -> pool   at 500 ms'
        """
        from izhi_numba.results.synapse_plots import over_time

        self._row(None)
        return over_time(self, self._kept.tracked.name, ax)

    def plot_histogram(self, t: float | None = None, ax: Axes | None = None) -> Axes:
        """Draw how many synapses have which value at a time in ms, the last one by default."""
        from izhi_numba.results.synapse_plots import histogram

        return histogram(self._shown(t), ax)

    def plot_matrix(self, t: float | None = None, ax: Axes | None = None) -> Axes:
        """Draw the value from each source to each target at a time in ms, the last one by default.

        A cell is the mean of its synapses; above 400 neurons on a side, several have a cell in common.
        """
        from izhi_numba.results.synapse_plots import matrix

        return matrix(self._shown(t), ax)

    def _shown(self, t: float | None) -> Shown:
        from izhi_numba.results.synapse_plots import Shown, labelled

        place = self._row(t)
        title = f"{self._kept.tracked.name}   at {self.t[place]:g} ms"
        values, label = np.asarray(self.values[place]), labelled(self.variable, self.unit)
        return Shown(label, title, values, self.sources, self.targets)

    def _row(self, t: float | None) -> int:
        """The row of a time: the last one that is not later."""
        times = self.t
        last = len(times) if t is None else int(np.searchsorted(times, finite_number("t", t), side="right"))
        if not last:
            told = f"from {times[0]:g} to {times[-1]:g} ms" if len(times) else "none: the run was too short"
            raise ValueError(f"plot: there is no {self.variable} up to this time; there are rows {told}")
        return last - 1

    def __repr__(self) -> str:
        what = "weights" if self.variable == WEIGHT else self.variable
        return f"<{what} of {self._kept.tracked.size} synapses at {len(self._kept.steps)} times>"


class WeightsByName(dict[str, RecordedWeights]):
    """Recorded weights by the names of projections, with a message for names that are not there."""

    def __missing__(self, name: str) -> RecordedWeights:
        raise KeyError(
            f"no weights of {name!r} were recorded; recorded: {', '.join(self) or 'none'}. Ask with"
            " synapses.record(every=100.0); results of a part of a network or pool have none"
        )


class VariablesByName(dict[str, RecordedWeights]):
    """What was recorded of one projection, by the names of variables, with a message for other names."""

    def __missing__(self, name: str) -> RecordedWeights:
        raise KeyError(
            f"no {name!r} of these synapses was recorded; recorded: {', '.join(self)}. Ask with"
            f" synapses.record({name!r}, every=100.0)"
        )


class SynapsesByName(dict[str, VariablesByName]):
    """What was recorded of synapses, by the names of projections, with a message for other names."""

    def __missing__(self, name: str) -> VariablesByName:
        raise KeyError(
            f"nothing of the synapses {name!r} was recorded; recorded: {', '.join(self) or 'none'}. Ask with"
            " synapses.record('weight', every=100.0); results of a part of a network or pool have none"
        )


class WithSynapses:
    """A result with what was recorded of synapses."""

    _of_synapses: Sequence[RecordedWeights] = ()

    @functools.cached_property
    def weights(self) -> WeightsByName:
        """Recorded weights, by the names of projections: ``result.weights["exc -> inh"].values``."""
        several = (one for one in self._of_synapses if one.variable == WEIGHT)
        return WeightsByName((one._kept.tracked.name, one) for one in several)

    @functools.cached_property
    def synapses(self) -> SynapsesByName:
        """All that was recorded of synapses, by projection and variable.

        ``result.synapses["exc -> inh"]["x"]`` is a :class:`RecordedWeights`.
        """
        found = SynapsesByName()
        for one in self._of_synapses:
            found.setdefault(one._kept.tracked.name, VariablesByName())[one.variable] = one
        return found


def joined(first: Iterable[RecordedWeights], later: Iterable[RecordedWeights]) -> list[RecordedWeights]:
    """Return what was recorded of synapses in a run and the next.

    Raises
    ------
    ValueError
        It is not of the same synapses, or not at the same intervals.
    """
    mine, its = (
        {(one._kept.tracked.name, one.variable): one._kept for one in several} for several in (first, later)
    )
    found = []
    for name, variable in {**mine, **its}:
        what = "weights; those" if variable == WEIGHT else f"variables of synapses; {variable!r}"
        if (name, variable) not in mine or (name, variable) not in its:
            raise ValueError(
                f"results are joined that keep the same {what} of {name!r} were recorded in the"
                f" {'first' if (name, variable) in mine else 'second'} run alone"
            )
        one, other = mine[name, variable], its[name, variable]
        if not one.tracked.is_same(other.tracked):
            raise ValueError(
                f"results are joined that keep the same {what} of {name!r} were recorded of other synapses,"
                " or at other intervals, in the second run"
            )
        found.append(RecordedWeights(one.joined(other)))
    return found
