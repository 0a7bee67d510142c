"""What is connected, in sums: how populations will be cut, and bytes that are still to be taken.

The sums are kept as projections come, so that a connection costs the same however many there are.
"""

from __future__ import annotations

from dataclasses import dataclass

from izhi_numba.base.arrays import Array
from izhi_numba.engine.population import Population, connected_bounds, history_bytes
from izhi_numba.synapses.store import Plan


@dataclass
class _Sums:
    """Over the projections of one population."""

    population: Population
    bounds: Array | None = None  # blocks, once synapses onto it are drawn
    n_synapses: int = 0  # onto it, drawn or not
    stored: int = 0  # bytes of those that are not drawn, without where their rows begin
    n_rows: int = 0  # of those that are not drawn, in each block
    longest: int = 0  # delay in steps, from it
    longest_held: int = 0  # delay for which there is a history
    onto: int = 0  # bytes to come of synapses onto it
    history: int = 0  # bytes to come of its spikes


class MemoryBudget:
    """Sums over the projections of an engine."""

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._sums: list[_Sums] = []
        self._to_come = 0  # bytes, in all
        self._work = 0  # bytes of the largest work space: one projection is drawn after the other

    def add(self, population: Population) -> None:
        """Take a population in."""
        self._sums.append(_Sums(population))

    def connect(self, plan: Plan, source: int, target: int) -> None:
        """Take a projection in."""
        self._to_come, self._work = self._with(plan, source, target)
        onto, sent = self._sums[target], self._sums[source]
        onto.n_synapses += plan.expected_synapses
        onto.stored += plan.stored(0)
        onto.n_rows += plan.n_rows
        onto.onto = self._onto(onto, 0, 0, 0)
        sent.longest = max(sent.longest, int(plan.delays[-1]))
        sent.history = self._history(sent, 0)

    def drawn(self, bounds: dict[int, Array], longest: dict[int, int]) -> None:
        """All is drawn: blocks of populations that have synapses, and longest delays that occur."""
        self._to_come = self._work = 0
        for number, one in enumerate(self._sums):
            one.bounds = bounds.get(number, one.bounds)
            one.stored = one.n_rows = one.onto = one.history = 0
            one.longest = one.longest_held = longest.get(number, 0)

    def bounds_for(self, target: int, n_synapses: int = 0) -> Array:
        """Blocks that a population has, or will have with so many synapses more."""
        one = self._sums[target]
        if one.bounds is not None:
            return one.bounds
        n_synapses += one.n_synapses
        if not n_synapses:
            return one.population.bounds
        return connected_bounds(one.population.n, self._threads, n_synapses / one.population.n)

    def bytes_of(self, plan: Plan, source: int, target: int) -> int:
        """Bytes that a projection takes at most: synapses, work space, and the history for its delays."""
        blocks, sent = len(self.bounds_for(target, plan.expected_synapses)) - 1, self._sums[source]
        more = self._history(sent, int(plan.delays[-1])) - self._history(sent, 0)
        return plan.stored(blocks) + plan.work(blocks, self._threads) + more

    def bytes_to_come(self, plan: Plan, source: int, target: int) -> int:
        """Bytes that this projection and all that are not drawn yet take at most."""
        return sum(self._with(plan, source, target))

    def bytes_onto(self, target: int) -> int:
        """Bytes to come of a population: synapses onto it, and the history of its spikes."""
        return self._sums[target].onto + self._sums[target].history

    def _with(self, plan: Plan, source: int, target: int) -> tuple[int, int]:
        """Bytes that stay, and work space, with one more projection."""
        onto, sent = self._sums[target], self._sums[source]
        blocks = len(self.bounds_for(target, plan.expected_synapses)) - 1
        more = self._onto(onto, plan.stored(0), plan.n_rows, plan.expected_synapses) - onto.onto
        more += self._history(sent, int(plan.delays[-1])) - sent.history
        return self._to_come + more, max(self._work, plan.work(blocks, self._threads))

    def _onto(self, one: _Sums, stored: int, n_rows: int, n_synapses: int) -> int:
        blocks = len(self.bounds_for(one.population.number, n_synapses)) - 1
        return one.stored + stored + 4 * (one.n_rows + n_rows) * blocks

    def _history(self, one: _Sums, longest: int) -> int:
        n, wanted = one.population.n, max(one.longest, longest)
        return max(0, history_bytes(n, wanted) - history_bytes(n, one.longest_held))
