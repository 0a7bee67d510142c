"""The wiring of a network: what its compiled steps read, built aside and replaced as a whole.

A wiring holds every array whose address it knows. So whoever holds a wiring may run it, and no exception,
wherever it comes, leaves an address without its array.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import is_
from typing import Any

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.memory import aligned_zeros
from izhi_numba.engine.budget import Budget
from izhi_numba.engine.learning import LONGEST_WINDOW as LONGEST_LEARNING
from izhi_numba.engine.learning import Learned, Lost, rows_of_rings
from izhi_numba.engine.link import Link
from izhi_numba.engine.moments import Moments
from izhi_numba.engine.neurons import Table
from izhi_numba.engine.population import LONGEST_WINDOW, Population, slots_for
from izhi_numba.engine.threads import ThreadChoice
from izhi_numba.engine.watch import Watch
from izhi_numba.kernels import layout
from izhi_numba.kernels.layout import POOL, Record
from izhi_numba.kernels.run import look
from izhi_numba.results.recorder import SPIKES, Room, Setup, Wishes
from izhi_numba.results.recording import Part
from izhi_numba.synapses.learning import DENDRITE
from izhi_numba.synapses.remembered import Arriving, Logged, Recent
from izhi_numba.synapses.visits import Visited, visits_of
from izhi_numba.synapses.ways import PULSES, Cut, Load, Port, Sums, slots_of

_UNKNOWN: Any = object()
_NO_RING = np.zeros((0, 0))


@dataclass(frozen=True)
class History:
    """Spikes of the last steps of a population, those that are under way among them.

    For the arrays see :mod:`izhi_numba.kernels.layout`.
    """

    bounds: Array  # int64 (n_blocks + 1,), first unit of each block, and the end
    spikes: Array
    counts: Array
    crossings: Array

    @classmethod
    def empty(cls, population: Population, bounds: Array, n_slots: int) -> History:
        """Return a history without spikes."""
        size = population.size
        crossings = (n_slots, size) if population.interpolated else (1, 0)
        return cls(
            bounds, np.zeros((n_slots, size), np.int32), np.zeros((n_slots, len(bounds) - 1), np.int32),
            np.zeros(crossings, population.dtype),
        )  # fmt: skip

    def listed(self, stamp: int) -> tuple[Array, Array]:
        """Spikes stamped with a step, and when in the step they came, where that is asked for."""
        slot = stamp % len(self.spikes)
        places = [
            slice(first, first + count)
            for first, count in zip(self.bounds[:-1].tolist(), self.counts[slot].tolist(), strict=True)
        ]
        when = self.crossings[slot % len(self.crossings)]
        return (
            np.concatenate([self.spikes[slot, place] for place in places]),
            np.concatenate([when[place] for place in places]),
        )

    def put(self, stamp: int, units: Array, when: Array) -> None:
        """Put in the spikes stamped with a step, by ascending unit, and when in the step they came."""
        slot, ends = stamp % len(self.spikes), np.searchsorted(units, self.bounds)
        self.counts[slot] = np.diff(ends)
        for first, begin, end in zip(self.bounds[:-1], ends[:-1], ends[1:], strict=True):
            self.spikes[slot, first : first + end - begin] = units[begin:end]
            if self.crossings.shape[1]:
                self.crossings[slot, first : first + end - begin] = when[begin:end]

    def arranged(self, population: Population, bounds: Array, n_slots: int) -> History:
        """Return a history in other blocks, or of more steps; with the spikes of the last steps."""
        old, now = len(self.spikes), population.steps_done
        if old == n_slots and np.array_equal(bounds, self.bounds):
            return self
        new = History.empty(population, bounds, n_slots)
        for stamp in range(max(0, now - min(old, n_slots) + 1), now + 1):
            new.put(stamp, *self.listed(stamp))
        return new

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return int(self.spikes.nbytes + self.counts.nbytes + self.crossings.nbytes)


class Wired:
    """A population as the compiled steps see it, until the next connection.

    Attributes
    ----------
    population : Population
    history : History
    record : Record
        What the steps know of it.
    rings : dict
        Sums of what is to arrive: (slots, size).
    """

    def __init__(
        self, population: Population, history: History, links: Sequence[Link],
        expected: Mapping[Sums, Port], row: Array, before: Wired | None, window: int,
        arriving: Sequence[Arriving] = (),
    ) -> None:  # fmt: skip
        """``links`` are those onto the population; ``before``: as it was wired before.

        ``arriving``: what is to arrive though nothing was wired before, for which there is to be room.
        ``expected``: what delivery was thought to do before they were drawn. ``row`` is its row of the table
        that the steps read.
        """
        self.population, self.history, self.record = population, history, Record(population.dtype, row)
        size, dtype = population.size, population.dtype
        cut = cut_of(population, history.bounds)
        drawn = ports_of(((link.sums, link.store.load) for link in links), cut)
        self._links, self._slots = tuple(links), slots_of(drawn, cut, expected)
        slots = self._slots
        for sums, count in _slots_of_rest(before.sent if before else arriving).items():
            slots[sums] = max(slots.get(sums, 0), count)
        if any(not sums.receptor for sums in slots):
            slots.setdefault(PULSES, 1)
        same = before if before is not None and before._adds_up(self._links, slots) else None
        self.rings: dict[Sums, Array] = same.rings if same else _empty_sums(slots, size, dtype)
        self._sent_until = before.sent_until if before else 0
        if same is None and before is not None:
            self._carry_over(before)
        self._visits = visits_of([_visited(link, slots) for link in links])
        blocks = len(history.bounds) - 1
        self._held = [link.store.contents for link in links]
        self._lags = [link.lags_of_rows for link in links]
        self._one = np.ones(1, dtype)
        one = self._one.ctypes.data
        factors = dict.fromkeys(self.rings, one)
        ports = {sums: (ring.ctypes.data, len(ring)) for sums, ring in self.rings.items()}
        rows = []
        for link, contents, lags in zip(links, self._held, self._lags, strict=True):
            for piece in link.store.rows(contents):
                if link.sums.alone is not None:
                    factors[link.sums], piece[layout.FACTOR] = piece[layout.FACTOR], one
                piece[layout.SINCE] = max(link.since, self._sent_until * link.sends_once)
                if link.store.least:
                    piece[layout.DELAYS] = layout.address(lags)
                piece[layout.PORT], piece[layout.SLOTS] = ports[link.sums]
                rows.append(piece)
        table = np.array(rows, np.int64).reshape(len(links), blocks, layout.N_COLUMNS)
        self._pieces = pieces = np.ascontiguousarray(table.transpose(1, 0, 2))
        numbers = [number for number, link in enumerate(links) if link.learning is not None]
        self.learned: Learned | None = None
        if numbers:
            its = [links[number] for number in numbers]
            self.learned = learned = Learned(its, history.bounds, population)
            learned.take_over(before.learned if before else None, window)
            learned.fill(pieces, numbers)
            learned.draw_by(population.keys.noise)
            if before and before.learned:
                learned.take_over_faults(before.learned, population.steps_done)
        visits = self._visits
        rings = [
            (ring.ctypes.data, len(ring), self._port(sums.receptor), factors[sums])
            for sums, ring in self.rings.items()
            if sums != PULSES
        ]
        self.record.set(
            n=population.n, size=size, n_projections=len(links), n_blocks=blocks, n_slots=len(history.spikes),
            key0=population.keys.noise[0], key1=population.keys.noise[1], n_rounds=len(visits.rounds),
            n_entries=len(visits.entries), first_sent=visits.first_sent, n_rings=len(rings),
        )  # fmt: skip
        self.record.point(
            pieces=pieces, bounds=history.bounds, history=history.spikes, counts=history.counts,
            crossings=history.crossings, rings=np.array(rings, np.int64), rounds=visits.rounds,
            entries=visits.entries, segments=visits.segments, items=visits.items,
        )  # fmt: skip
        if self.learned:
            self.learned.point(self.record)
        self.table: Table | None = population.attach(self.record)
        self.record.set(ready=same.record.number("ready") if same else self._oldest)

    def _carry_over(self, before: Wired) -> None:
        """Take over what synapses that learn have sent, which cannot be sent again.

        All of it, whatever delays are left: it arrives, also where the synapses that have sent it are gone.
        """
        now = self.population.steps_done
        for sums, ring in self.rings.items():
            sent = before.rings.get(sums) if sums.learned_at else None
            if sent is not None:
                for step in range(now, min(now + len(sent), now + len(ring))):
                    ring[step % len(ring)] = sent[step % len(sent)]

    def _adds_up(self, links: tuple[Link, ...], slots: dict[Sums, int]) -> bool:
        """Whether it has sums of what these links send, as they are."""
        held = zip(self._held, links, strict=False)
        return links == self._links and slots == self._slots and all(a is b.store.contents for a, b in held)

    @property
    def sent_until(self) -> int:
        """The step up to which synapses that learn, and have dendrites, have sent spikes."""
        return max(self._sent_until, self.record.number("ready"))

    def _send_no_more_until(self, step: int) -> None:
        """Have such synapses send nothing once more, up to a step."""
        self._sent_until = step
        once = [number for number, link in enumerate(self._links) if link.sends_once]
        self._pieces[:, once, layout.SINCE] = np.maximum(self._pieces[:, once, layout.SINCE], step)

    @property
    def _oldest(self) -> int:
        """The step from which on spikes are to be sent, where sums are empty."""
        return max(0, self.population.steps_done - max(self._slots.values(), default=1))

    def _port(self, receptor: str) -> int:
        """Address of what sums are added to; 0: pulses, of which each step has its own."""
        return self.population.port(receptor).ctypes.data if receptor else 0

    @property
    def bounds(self) -> Array:
        """First unit of each block, and the end."""
        return self.history.bounds

    @property
    def pulses(self) -> Array | None:
        """Sums of weights that add to the input of one step."""
        return self.rings.get(PULSES)

    def begin(
        self, noise: Array, step: int = 0, logs: Sequence[Logged] = (), sent: Sequence[Arriving] = (),
        recent: Sequence[Recent] = (),
    ) -> None:  # fmt: skip
        """Begin at a step, with such random numbers; sums are empty, so that spikes under way are sent.

        Where synapses learn, with what their targets did and were, and with what they have sent until then.
        """
        ready = max(0, step - max(self._slots.values(), default=1))
        self.record.set(key0=noise[0], key1=noise[1], ready=ready)
        if self.learned:
            self.learned.draw_by(noise)
            self.learned.remember(logs, recent, step)
            self.learned.forget_until(step - 1)
            self._send_no_more_until(step - 1)
        for each in sent:
            ring = self.rings.get(Sums(each.receptor, learned_at=DENDRITE), _NO_RING)
            for k, row in enumerate(each.sums[: len(ring)]):
                ring[(step + k) % len(ring), : len(row)] = row

    def remembered(self) -> tuple[list[Logged], list[Arriving], list[Recent]]:
        """What targets did that synapses which learn have still to hear of, what these have sent, and more.

        The last are variables of the targets, in the last steps.
        """
        if self.learned is None:
            return [], self.sent, []
        logs, recent = self.learned.remembered(self.population.steps_done)
        return logs, self.sent, recent

    @property
    def sent(self) -> list[Arriving]:
        """What synapses that learn, and have dendrites, have sent, and has still to arrive."""
        now, n = self.population.steps_done, self.population.n
        return [
            Arriving(sums.receptor, np.array([ring[(now + k) % len(ring), :n] for k in range(len(ring))]))
            for sums, ring in self.rings.items()
            if sums.learned_at == DENDRITE
        ]

    def empty_rings(self) -> None:
        """Empty sums of weights that have changed, so that spikes under way are sent once more.

        Where all rows are visited when spikes are due, sums hold nothing between two steps.
        """
        if max(self._slots.values(), default=1) == 1:
            return
        for sums, ring in self.rings.items():
            if not sums.learned_at:
                ring[:] = 0
        self._send_no_more_until(self.sent_until)
        self.record.set(ready=self._oldest)

    @property
    def nbytes(self) -> int:
        """Bytes held for spikes and sums."""
        rings = sum(int(ring.nbytes) for ring in self.rings.values())
        learned = self.learned.nbytes if self.learned else 0
        return self.history.nbytes + self._visits.nbytes + rings + learned


def _slots_of_rest(sent: Sequence[Arriving]) -> dict[Sums, int]:
    """Steps for which there have to be sums of what is still to arrive."""
    found = {}
    for one in sent:
        places = np.flatnonzero(one.sums.any(axis=1))
        if len(places):
            found[Sums(one.receptor, learned_at=DENDRITE)] = 1 + int(places[-1])
    return found


def _empty_sums(slots: Mapping[Sums, int], size: int, dtype: np.dtype[Any]) -> dict[Sums, Array]:
    """Sums for so many steps each, in which nothing has arrived."""
    return {sums: aligned_zeros((count, size), dtype) for sums, count in slots.items()}


def cut_of(population: Population, bounds: Array) -> Cut:
    """How a population is cut by the bounds of its blocks."""
    return Cut(len(bounds) - 1, population.size * population.dtype.itemsize)


def ports_of(loads: Iterable[tuple[Sums, Load]], cut: Cut) -> dict[Sums, Port]:
    """What delivery has to do for each of the sums onto a population."""
    of_port: dict[Sums, list[Load]] = {}
    for sums, load in loads:
        of_port.setdefault(sums, []).append(load)
    return {sums: Port.of(its, cut) for sums, its in of_port.items()}


def _visited(link: Link, slots: Mapping[Sums, int]) -> Visited:
    """What has to be known of a link to find its rows."""
    pre = link.store.pre
    return Visited(link.source, pre.start, pre.stop, link.lags.tolist(), slots[link.sums] > 1)


class Wiring:
    """Populations and links, as the compiled steps see them.

    Attributes
    ----------
    links : tuple of Link
    wired : tuple of Wired
        One for each population.
    pools : record array
        Of all populations.
    blocks : int64 array (n_blocks, 2)
        Population, and number within it, of each block.
    window : int
        Steps that a block may run before it has to hear of the others' spikes.
    threads : ThreadChoice
    n_drawn : int
        Projections that are drawn in it: all that there were.
    budget : Budget
        Of these projections.
    watch : Watch
        Arrays that users may have written to.
    is_loaded : bool
        Whether all of its machine code is in memory.
    all_spikes : list of Wishes
        What an update keeps.
    """

    def __init__(
        self, populations: Sequence[Population], links: Sequence[Link], bounds: Sequence[Array],
        before: Sequence[Wired], n_drawn: int, budget: Budget, threads: int,
        arriving: Sequence[Sequence[Arriving]] = (),
    ) -> None:  # fmt: skip
        """``before`` are the populations as they were wired: spikes under way are kept.

        ``arriving``: where there is none, what is to arrive at each population; see `Wired`.
        """
        self.links, self.n_drawn = tuple(links), n_drawn
        shortest = min((int(link.lags[0]) for link in links), default=LONGEST_WINDOW)
        learns = any(link.learning for link in links)
        self.window = min(shortest + 1, LONGEST_LEARNING if learns else LONGEST_WINDOW)
        longest = longest_delays(links)
        self.pools = np.zeros(len(populations), POOL)
        histories = [
            before[number].history.arranged(population, bounds[number], slots_for(longest.get(number, 0)))
            if number < len(before)
            else History.empty(population, bounds[number], slots_for(longest.get(number, 0)))
            for number, population in enumerate(populations)
        ]
        links_onto: list[list[Link]] = [[] for _ in populations]
        for link in sorted(links, key=lambda link: link.number):
            links_onto[link.target].append(link)
        blocks_of = {number: its[0].store.bounds for number, its in enumerate(links_onto) if its}
        ports = [
            ports_of(((link.sums, link.store.expected) for link in its), cut_of(population, history.bounds))
            for population, history, its in zip(populations, histories, links_onto, strict=True)
        ]
        logs = [
            {one.learning.log_key(one.since) for one in its if one.learning is not None} for its in links_onto
        ]
        rings = [rows_of_rings(its) for its in links_onto]
        self.budget = budget.drawn(blocks_of, longest, ports, logs, rings)
        self.wired = tuple(
            Wired(
                population, histories[number], links_onto[number], ports[number],
                self.pools[number : number + 1], before[number] if number < len(before) else None,
                self.window, arriving[number] if arriving else (),
            )
            for number, population in enumerate(populations)
        )  # fmt: skip
        counts = [len(one.bounds) - 1 for one in self.wired]
        self.blocks = np.array([(p, b) for p, count in enumerate(counts) for b in range(count)], np.int64)
        self.threads = ThreadChoice(min(threads, len(self.blocks)))
        self.watch = Watch(populations)
        self._itemsize = populations[0].dtype.itemsize if populations else 4
        finite = [one for population in populations for one in population.finite()]
        rows = [(one.ctypes.data, len(one), one.itemsize) for one in finite]
        self._finite = np.array(rows, np.int64).reshape(-1, 3)
        self.is_loaded = False
        self._drives = [_UNKNOWN] * len(populations)  # that records know, where they are steady
        self._streamed = True  # whether all tiles are where arrays lie
        self._fixed: tuple[Array, Array] | None = None  # tiles that may be shared, and whose they are
        self.all_spikes = [SPIKES] * len(populations)  # what is kept by an update
        self._setups: tuple[Setup, ...] = ()  # the last two: runs and single steps may take turns
        self._singles: tuple[Room, ...] = ()  # theirs, for calls of one step
        self._setup: Setup | None = None  # that the records have; None while they are written
        self._room: Room | None = None  # likewise
        self._held: dict[str, Any] = {}  # arrays that all records point to

    # Before a run

    def prepare(self) -> None:
        """Compile what visits the rows of synapses that learn."""
        for one in self.wired:
            if one.learned:
                one.learned.prepare()

    def announce(self, now: int, end: int) -> None:
        """Have the signals of the steps to come."""
        for link in self.links:
            link.announce(now, end)

    def shown(self, number: int, now: int, dt: float) -> list[tuple[Array, Array]]:
        """Weights and variables of a projection as they are now, of each block in its order."""
        for one in self.wired:
            if one.learned and (place := one.learned.place_of(number)) is not None:
                return one.learned.shown(place, now, dt)
        raise LookupError(f"no synapses {number} that learn")

    def lost(self) -> Lost | None:
        """The first weight that is not finite any more; None: all are."""
        return next((found for one in self.wired if one.learned and (found := one.learned.lost())), None)

    def keep_recent(self, step: int) -> None:
        """Keep what variables are before a step, where synapses learn from them."""
        for one in self.wired:
            if one.learned:
                one.learned.keep_recent(step)

    def make_room(self) -> None:
        """Have room for what a call of the steps could log before it can stop."""
        for one in self.wired:
            if one.learned:
                one.learned.set_epoch(one.population.steps_done)
                one.learned.make_room(self.window)

    def all_finite(self) -> bool:
        """Whether all variables are finite."""
        return bool(look.all_finite(self._finite))

    def take_up(self) -> None:
        """Take up what users have written since the last time."""
        for number in self.watch.changed():
            one = self.wired[number]
            self.watch.forget(number)
            self._drives[number] = _UNKNOWN
            self.watch.know(number, one.population.take_up(one.record))

    def lay_out(self, *, shared: bool) -> None:
        """Take tiles full of one number from one place, or all tiles from where arrays lie."""
        if not shared:
            if not self._streamed:
                for one in self.wired:
                    if one.table is not None and not one.table.streamed:
                        one.population.lay_out(one.table, shared=False)
                self._streamed = True
            return
        if self._fixed is None:
            self._fixed = self._list_fixed()
        rows, owners = self._fixed
        marks = np.zeros(len(rows), np.bool_)
        if look.mark_stale(rows, self._itemsize, marks):
            self._streamed = False
            for number in np.unique(owners[marks]).tolist():
                one = self.wired[number]
                one.population.lay_out(one.table, shared=True)

    def _list_fixed(self) -> tuple[Array, Array]:
        """Rows of tiles that may be shared, and the number of the population that each belongs to."""
        rows, owners = [], []
        for number, one in enumerate(self.wired):
            if one.table is not None:
                for tiles, array in one.population.fixed(one.table):
                    apart = tiles.strides[0]
                    rows.append((tiles.ctypes.data, apart, array.ctypes.data, one.population.n))
                    owners.append(number)
        return np.array(rows, np.int64).reshape(-1, 4), np.array(owners, np.int64)

    @property
    def is_driven(self) -> bool:
        """Whether records know all that comes from outside, as it is the same in all steps."""
        for one, known in zip(self.wired, self._drives, strict=True):
            if one.population.drives is not known:
                return False
        return True

    def drive(self, moments: Moments) -> tuple[int, Exception] | None:
        """Compute what comes from outside; returns the population, and the error, where that fails."""
        drives = self._drives
        for number, one in enumerate(self.wired):
            wanted = one.population.drives
            if wanted is drives[number]:
                continue
            try:
                steady = one.population.drive(one.record, one.pulses, moments)
            except Exception as error:  # a user's function may raise anything
                return number, error
            drives[number] = wanted if steady else _UNKNOWN
        return None

    # What a call leaves

    def setup(self, wishes: Sequence[Wishes]) -> Setup:
        """Return what is to be kept; the same as the last time, where the wishes are."""
        for setup in self._setups:
            if len(wishes) == len(setup.wishes) and all(map(is_, wishes, setup.wishes)):
                return setup
        populations = [one.population for one in self.wired]
        setup = Setup(populations, wishes, [one.bounds for one in self.wired], self.window)
        self._setups = (setup, *self._setups[:1])
        return setup

    def room(self, setup: Setup, counts: Part | None, n_steps: int) -> Room:
        """Return room for so many steps, where the records point to; ``counts``: of spikes, for a run."""
        room = self._room
        if self._setup is not setup:
            self._setup = self._room = room = None
            for name, numbers in setup.numbers.items():
                self.pools[name] = numbers
            self._point(setup.fixed, setup.addresses)
            self._setup = setup
        if counts is not None:
            self._point({"spike_count": counts}, {})
        if room is None or not room.is_used_again or room.n_steps != n_steps:
            self._room = None
            room = next((one for one in self._singles if one.setup is setup), None) if n_steps == 1 else None
            if room is None:
                room = Room(setup, n_steps)
            if room.is_used_again:
                self._singles = (room, *(one for one in self._singles if one is not room))[:2]
            self._point(room.parts, room.addresses)
            self._room = room
        room.empty()
        return room

    def _point(self, parts: Mapping[str, Part], addresses: dict[str, Array]) -> None:
        """Let all records point to parts of arrays, which are held as long as an address is there.

        ``addresses``: of parts that were looked up before, and from now on.
        """
        dtype = self.wired[0].population.dtype
        for name, part in parts.items():
            if name not in addresses:
                addresses[name] = layout.addresses_of(self.pools, dtype, name, part.array, part.ends)
            held = self._held.get(name)
            self._held[name] = (held, part)
            self.pools[name] = addresses[name]
            self._held[name] = part

    def release(self) -> None:
        """Let go of what was recorded by a run that is over."""
        room, names = self._room, ["spike_count"] if "spike_count" in self._held else []
        if room is not None and not room.is_used_again:
            self._room = None
            names += room.parts
        for name in names:
            self.pools[name] = 0
            del self._held[name]


def longest_delays(links: Sequence[Link]) -> Mapping[int, int]:
    """Longest delay in steps of what leaves each population."""
    longest: dict[int, int] = {}
    for link in links:
        longest[link.source] = max(longest.get(link.source, 0), int(link.store.delays[-1]))
    return longest
