"""Which rows of synapses a pool's steps visit, and when: tables for the compiled steps.

A *round* is what a step looks at for spikes of one age: those of each pool of sources are an *entry*. To find
the projections of a spike without a look at each of them, the sources of an entry are cut into *segments*
that the same projections have: their *items*.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.kernels.run.deliver import ALL_DELAYS


class Visited(NamedTuple):
    """What has to be known of a link: of one projection, or of several in the same rows."""

    source: int  # population
    first: int  # source, and the one after the last
    last: int
    delays: Sequence[int]  # steps, ascending
    sent: bool  # whether its rows are visited when spikes are sent; else when they are due


@dataclass(frozen=True)
class Visits:
    """Tables, see :mod:`izhi_numba.kernels.layout`."""

    rounds: Array
    entries: Array
    segments: Array
    items: Array
    first_sent: int

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return sum(int(one.nbytes) for one in (self.rounds, self.entries, self.segments, self.items))


def visits_of(links: Sequence[Visited]) -> Visits:
    """Return the tables for the links onto a pool, in the order in which a spike's weights are added."""
    rounds: list[tuple[int, int, int]] = []
    entries: list[tuple[int, int, int, int]] = []
    segments: list[tuple[int, int, int, int]] = []
    items: list[tuple[int, int]] = []

    def enter(its: Iterable[tuple[int, int]]) -> None:
        """Add entries for items (link, number of the delay)."""
        by_source: dict[int, list[tuple[int, int]]] = {}
        for item in its:
            by_source.setdefault(links[item[0]].source, []).append(item)
        for source in sorted(by_source):
            begin = len(segments)
            _cut(links, by_source[source], segments, items)
            longest = max(links[number].delays[-1] for number, _ in by_source[source])
            entries.append((source, begin, len(segments), longest))

    due: dict[int, list[tuple[int, int]]] = {}
    for number, link in enumerate(links):
        if not link.sent:
            for place, delay in enumerate(link.delays):
                due.setdefault(delay, []).append((number, place))
    for delay in sorted(due, reverse=True):  # the oldest spikes first
        begin = len(entries)
        enter(due[delay])
        rounds.append((delay, begin, len(entries)))
    first_sent = len(entries)
    enter((number, ALL_DELAYS) for number, link in enumerate(links) if link.sent)
    return Visits(_table(rounds, 3), _table(entries, 4), _table(segments, 4), _table(items, 2), first_sent)


def _table(rows: Sequence[tuple[int, ...]], width: int) -> Array:
    return np.array(rows, np.int64).reshape(-1, width)


def _cut(
    links: Sequence[Visited], its: Sequence[tuple[int, int]],
    segments: list[tuple[int, int, int, int]], items: list[tuple[int, int]],
) -> None:  # fmt: skip
    """Add the segments of sources of one population that have the same of these items."""
    if len(its) == 1:
        link = links[its[0][0]]
        segments.append((link.first, link.last, len(items), len(items) + 1))
        items.append(its[0])
        return
    ends = sorted({end for number, _ in its for end in links[number][1:3]})
    place = {end: k for k, end in enumerate(ends)}
    lists: list[list[tuple[int, int]]] = [[] for _ in ends]
    for item in its:
        link = links[item[0]]
        for k in range(place[link.first], place[link.last]):
            lists[k].append(item)
    for k, its_items in enumerate(lists):
        if its_items:
            segments.append((ends[k], ends[k + 1], len(items), len(items) + len(its_items)))
            items.extend(its_items)
