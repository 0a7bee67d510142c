"""The spikes of a run as its statistics ask for them: of chosen neurons, from a time on, in bins."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from izhi_numba.base import checks
from izhi_numba.base.arrays import Array
from izhi_numba.base.clock import times_of, whole_steps
from izhi_numba.base.selection import Chosen, choose, indices_of, is_among, simplest, size_of, some_of
from izhi_numba.results import populations
from izhi_numba.results.spikes import Spikes

_BLOCK = 1 << 22  # spikes that are read at once, in the mean
_PORTION = 1 << 26  # spikes that are sorted by neuron at once: 12 bytes each, and 8 for their order


class Activity:
    """The spikes of a run, and when it was; base class of results."""

    size: int
    dt: float
    groups: Mapping[str, Chosen]
    wall_time: float
    _first_step: int
    _n_steps: int
    _is_read = False  # whether spikes are read from a file when they are asked for

    if TYPE_CHECKING:  # what a result knows

        @property
        def spikes(self) -> Spikes:
            """Kept spikes."""

        @property
        def counts(self) -> Array:
            """Spikes of each neuron, whatever was kept."""

        @property
        def spikes_per_step(self) -> Array:
            """Spikes of all neurons in each step, whatever was kept."""

    @property
    def _n_kept(self) -> int:
        """Number of kept spikes."""
        return len(self.spikes.i)

    @property
    def _n_spikes(self) -> int:
        """Number of spikes, whatever was kept."""
        return int(self.counts.sum())

    def _kept_counts(self) -> Array:
        """Kept spikes of each neuron."""
        return np.bincount(self.spikes.i, minlength=self.size)

    @property
    def start(self) -> float:
        """Time at the beginning, ms."""
        return times_of(self._first_step, self.dt)

    @property
    def stop(self) -> float:
        """Time at the end, ms."""
        return times_of(self._first_step + self._n_steps, self.dt)

    @property
    def duration(self) -> float:
        """Simulated time, ms."""
        return times_of(self._n_steps, self.dt)

    @property
    def real_time_factor(self) -> float:
        """Wall time over simulated time; below 1 is faster than real time."""
        return 1000 * self.wall_time / self.duration if self._n_steps else float("nan")

    def _at_its_pace(self, told: str, between: str) -> str:
        """Text that shows the result: what it has, and how fast it was, where that is known."""
        factor = self.real_time_factor
        return f"<{told}>" if math.isnan(factor) else f"<{told}{between} RTF {factor:.3g}>"

    def __radd__(self, nothing: int) -> Self:
        """Return this result: ``sum`` of results begins with 0."""
        if nothing != 0:
            raise TypeError(f"results are joined as first + second, got {nothing!r:.60} before the +")
        return self

    def _chosen(self, what: str, neurons: Any) -> tuple[Activity, Chosen]:
        """The result that has the neurons, and which of its neurons they are."""
        return self, choose(what, neurons, self.size, self.groups)

    def _groups_of(self, chosen: Chosen) -> dict[str, Chosen]:
        """Groups of chosen neurons, by their places among these."""
        neurons = indices_of(chosen)
        places = {name: np.flatnonzero(is_among(neurons, which)) for name, which in self.groups.items()}
        return {name: simplest(inside) for name, inside in places.items() if len(inside)}

    def _first(self, since: float | None) -> int:
        """Steps of this run that a warm-up takes."""
        if since is None:
            return 0
        time = checks.finite_number("since", since)
        if not self.start <= time < self.stop:
            raise ValueError(
                f"since: expected a time from {self.start:g} to below {self.stop:g} ms, when this run"
                f" was, got {time:g}"
            )
        return whole_steps("since", time, self.dt) - self._first_step if time else 0

    def _window(self, since: float | None, until: float | None) -> tuple[int, int]:
        """Steps of this run between which a window of time is."""
        first = self._first(since)
        if until is None:
            return first, self._n_steps
        time = checks.finite_number("until", until)
        begin = self.start if since is None else since
        if not begin < time <= self.stop:
            raise ValueError(f"until: expected a time above {begin:g}, up to {self.stop:g} ms, got {time:g}")
        return first, whole_steps("until", time, self.dt) - self._first_step

    def _bins(self, what: str, width: float, since: float | None) -> Array:
        """Steps at which bins meet, counted from the beginning of the run."""
        first, per_bin = self._first(since), whole_steps(f"{what}: bin", width, self.dt)
        n_bins = (self._n_steps - first) // per_bin
        if not n_bins:
            left = times_of(self._n_steps - first, self.dt)
            raise ValueError(f"{what}: bin: expected at most the {left:g} ms that there are, got {width:g}")
        return first + per_bin * np.arange(n_bins + 1)

    def _binned(self, what: str, chosen: Chosen, steps: Any) -> Array:
        """Spikes of a population between steps of this run."""
        if self._is_whole(chosen) and (not self._is_read or self._n_lacking(chosen)):
            # known whatever was kept
            total = np.append(0, np.cumsum(self.spikes_per_step))
            return np.diff(total[steps])
        steps = np.asarray(steps)
        counted = self._counted_in_bins(what, chosen, steps)
        if counted is not None:
            return np.asarray(counted.sum(axis=1))
        self._check_kept(what, chosen)
        edges, found = times_of(self._first_step + steps, self.dt), np.zeros(len(steps) - 1, np.int64)
        for block in self._blocks(int(steps[0]), int(steps[-1])):
            found += populations.binned_counts(self._among(block, chosen).t, edges)
        return found

    def _spikes_in_bins(
        self, what: str, width: float, neurons: Any, since: float | None
    ) -> tuple[Array, Array, int, int]:
        """Spikes of chosen neurons: which neuron, and which bin; numbers of neurons and of bins."""
        one, chosen = self._chosen(what, neurons)
        steps = one._bins(what, width, since)
        counted = one._counted_in_bins(what, chosen, steps)
        if counted is not None:
            bins, numbers = np.nonzero(counted)
            each = counted[bins, numbers]
            return np.repeat(numbers, each), np.repeat(bins, each), size_of(chosen), len(steps) - 1
        edges = times_of(one._first_step + steps, one.dt)
        numbers, times = one._spikes_of(what, chosen, int(steps[0]), int(steps[-1]))
        bounds = np.searchsorted(times, edges, side="right")
        bounds[[0, -1]] = 0, len(times)  # those of a threshold that was crossed at the very beginning
        bins = np.repeat(np.arange(len(edges) - 1), np.diff(bounds))
        return numbers, bins, size_of(chosen), len(edges) - 1

    def _spikes_of(self, what: str, chosen: Chosen, first: int, last: int) -> Spikes:
        """Spikes of chosen neurons, which are numbered from 0, in some steps of this run, and their times."""
        self._check_kept(what, chosen)
        parts = [self._among(block, chosen) for block in self._blocks(first, last)]
        if len(parts) == 1:
            return parts[0]
        n_spikes = sum(len(part.t) for part in parts)
        advice = "ask for a window of time, or for fewer neurons"
        checks.fits_in_memory(f"{what}: {n_spikes} spikes", 20 * n_spikes, advice)
        return Spikes(*map(np.concatenate, zip(*parts, strict=True)))

    def _spikes_since(self, what: str, chosen: Chosen, since: float | None) -> Spikes:
        return self._spikes_of(what, chosen, self._first(since), self._n_steps)

    def _of_each(
        self, what: str, chosen: Chosen, since: float | None,
        of_each: Callable[[Array, Array, int, int], Array], least: int,
    ) -> Array:  # fmt: skip
        """What a function tells of each neuron, of as many at once as fit in memory with their spikes."""
        found = [
            of_each(*self._spikes_since(what, some, since), size_of(some), least)
            for some in self._portions(chosen)
        ]
        return found[0] if len(found) == 1 else np.concatenate(found)

    def _portions(self, chosen: Chosen) -> list[Chosen]:
        """Chosen neurons in portions that fit in memory with their spikes."""
        if not self._is_read or not size_of(chosen):
            return [chosen]
        counts = np.cumsum(self._kept_counts()[chosen])
        ends = np.searchsorted(counts, np.arange(_PORTION, counts[-1], _PORTION), side="right")
        edges = np.unique([0, *ends, size_of(chosen)])
        return [some_of(chosen, slice(*pair)) for pair in itertools.pairwise(edges.tolist())]

    def _among(self, spikes: Spikes, chosen: Chosen) -> Spikes:
        """Of spikes, those of chosen neurons, which are numbered from 0."""
        if self._is_whole(chosen):
            return spikes
        inside, numbers = populations.among(spikes.i, chosen, self.size)
        return Spikes(numbers, spikes.t[inside])

    def _is_whole(self, chosen: Chosen) -> bool:
        return isinstance(chosen, slice) and chosen == slice(0, self.size)

    def _between(self, first: int, last: int) -> Spikes:
        """Kept spikes of some steps of this run."""
        neurons, times = self.spikes
        begin, end = np.searchsorted(
            times, times_of(self._first_step + np.array([first, last]), self.dt), side="right"
        )
        begin, end = begin if first else 0, end if last < self._n_steps else len(times)
        return Spikes(neurons[begin:end], times[begin:end])

    def _blocks(self, first: int, last: int) -> Iterator[Spikes]:
        """Kept spikes of some steps of this run, in pieces that fit in memory."""
        if not self._is_read:
            yield self._between(first, last)
            return
        n_steps = max(1, int(_BLOCK * self._n_steps / max(self._n_kept, 1)))
        for begin in range(first, max(last, first + 1), n_steps):
            yield self._between(begin, min(begin + n_steps, last))

    def _n_lacking(self, chosen: Chosen) -> int:
        """Number of neurons whose spikes were only counted."""
        if self._n_kept == self.counts.sum():
            return 0
        return int(np.count_nonzero((self._kept_counts() < self.counts)[chosen]))

    def _counted_in_bins(self, what: str, chosen: Chosen, steps: Array) -> Array | None:  # noqa: ARG002
        """Spikes between steps of this run, (bins, neurons), where they were recorded so, and not each."""
        return None

    def _check_kept(self, what: str, chosen: Chosen) -> None:
        """Refuse to tell of spikes that were only counted."""
        lacking = self._n_lacking(chosen)
        if lacking:
            raise ValueError(
                f"{what}: the spikes of {lacking} of {size_of(chosen)} neurons were not kept; ask with"
                " pool.record('spikes') before the run, or choose neurons that were"
            )
