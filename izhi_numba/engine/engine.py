"""Pools advanced in step: who is connected to whom, one clock, and the call of the compiled steps.

A pool alone is an engine of one. Projections are drawn when they are first needed, so that those
between the same neurons can share their rows.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.memory import aligned_zeros
from izhi_numba.engine.budget import MemoryBudget
from izhi_numba.engine.population import LONGEST_WINDOW, Population, slots_for
from izhi_numba.engine.threads import ThreadChoice
from izhi_numba.kernels import layout, team
from izhi_numba.kernels.rng import TILE
from izhi_numba.kernels.run import step
from izhi_numba.kernels.run.deliver import MOST_VISITS
from izhi_numba.network.synapses import Synapses
from izhi_numba.results.recorder import Recording, Room, Wishes
from izhi_numba.synapses.store import Plan, Store, ring_slots

_WORTH_A_LOOK = 64  # steps for which equal parameters are looked for


@dataclass
class Projection:
    """One call of ``connect``."""

    synapses: Synapses
    source: int  # pools
    target: int
    since: int  # the step after which it carries spikes

    @property
    def plan(self) -> Plan:
        """What it is to be, until it is drawn."""
        return self.synapses._plan


@dataclass
class _Link:
    """Store, and the pools between which they lie."""

    rows: Store
    source: int
    target: int
    receptor: str
    since: int


@dataclass(frozen=True)
class Failure:
    """A function of time that could not be computed."""

    step: int  # the first one
    population: int  # that it drives
    error: Exception


class Engine:
    """Pools of one precision and step, and the projections between them.

    Attributes
    ----------
    key : uint32 array (2,)
        The seed of what is drawn for projections.
    clock : int64 array (1,)
        Steps so far.
    populations : list of Population
    projections : list of Projection
    forecast : MemoryBudget
    window : int
        Steps that a block may run before it has to hear of the others' spikes.
    failure : Failure or None
        What has ended the run.
    """

    def __init__(self, dt: float, dtype: np.dtype[Any], key: Array, threads: int) -> None:
        self.dt, self.dtype, self.key, self.threads = dt, dtype, key, threads
        self.clock = np.zeros(1, np.int64)
        self.populations: list[Population] = []
        self.projections: list[Projection] = []
        self.budget = MemoryBudget(threads)
        self._links: list[_Link] = []
        self._steps = step.steps(dtype)
        self.failure: Failure | None = None
        self._loaded = False
        self._wired = False
        self.window = LONGEST_WINDOW
        self._pools = np.zeros(0, layout.POOL)
        self._blocks = np.zeros((0, 2), np.int64)
        self._thread_choice = ThreadChoice(1)
        self._single: list[Room] = []  # of advance_one, for the present wiring
        self._running = threading.Lock()
        self._scratch = _work_space(threads, dtype)

    @property
    def steps_done(self) -> int:
        """Steps so far."""
        return int(self.clock[0])

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Keep others out while pools run or are changed: Python threads, and functions called by a run."""
        if not self._running.acquire(blocking=False):
            raise RuntimeError(
                "this pool is busy in another thread, or in the run that called this function; wait for it to"
                " end, or use a pool per thread"
            )
        try:
            yield
        finally:
            self._running.release()

    @property
    def nbytes(self) -> int:
        """Bytes held, and what is not drawn yet will take at most."""
        return sum(self.nbytes_of(number) for number in range(len(self.populations)))

    def nbytes_of(self, number: int) -> int:
        """Bytes of a population with the synapses onto it."""
        rows = sum(link.rows.nbytes for link in self._links if link.target == number)
        return self.populations[number].nbytes + rows + self.budget.bytes_onto(number)

    @property
    def threads_in_use(self) -> int:
        """Threads that have a block of their own, or will have."""
        targets = range(len(self.populations))
        return min(self.threads, sum(len(self.budget.bounds_for(target)) - 1 for target in targets))

    def add(self, population: Population) -> None:
        """Take a population in."""
        population.number = len(self.populations)
        self.populations.append(population)
        self.budget.add(population)
        self._wired = False

    def connect(self, projection: Projection) -> None:
        """Add a projection; it carries the spikes from the next step on."""
        self.budget.connect(projection.plan, projection.source, projection.target)
        self.projections.append(projection)
        self._wired = False

    def settle(self) -> None:
        """Draw the projections that are not drawn yet, and wire the pools."""
        if self._wired and not any(link.rows.stale for link in self._links):
            return
        bounds = [self.budget.bounds_for(target) for target in range(len(self.populations))]
        groups: dict[Any, list[Projection]] = {}
        for number, one in enumerate(self.projections):
            if not one.synapses.drawn:
                groups.setdefault(_sharing(one, number), []).append(one)
        fresh = []
        for members in groups.values():
            first = members[0]
            rows = Store([one.plan for one in members], bounds[first.target], self.threads)
            for member, one in enumerate(members):
                one.synapses._scale(rows, member)
            link = _Link(rows, first.source, first.target, first.synapses.receptor, first.since)
            fresh.append((link, members))
        # Taken all at once: after Ctrl-C while they were drawn, none is held to be there that is not.
        links = [*self._links, *(link for link, _ in fresh)]
        self.budget.drawn({link.target: link.rows.bounds for link in links}, _longest(links))
        self._links = links
        for link, members in fresh:
            for member, one in enumerate(members):
                one.synapses._take_place(link.rows, member)
        self._wire(bounds)

    def _wire(self, bounds: list[Array]) -> None:
        """Make the records of all pools; spikes under way are kept."""
        # In this order no record outlives the blocks it was made for, also when Ctrl-C comes in between.
        self._wired, self._single = False, []
        links = self._links
        shortest = min((int(link.rows.delays[0]) for link in links), default=LONGEST_WINDOW)
        self.window = min(shortest + 1, LONGEST_WINDOW)
        longest = _longest(links)
        for number, population in enumerate(self.populations):
            population.arrange(bounds[number], slots_for(longest.get(number, 0)))
        self._pools = np.zeros(len(self.populations), layout.POOL)
        for number, population in enumerate(self.populations):
            own = [link for link in links if link.target == number]
            population.make_rings(self._arrange_bins(population.n, own))
            pieces = np.zeros((len(population.bounds) - 1, len(own), layout.N_COLUMNS), np.int64)
            for p, link in enumerate(own):
                pieces[:, p] = link.rows.table()
                pieces[:, p, layout.SINCE] = link.since
                pieces[:, p, layout.SOURCE] = link.source
                ring = population.ring(link.receptor)
                pieces[:, p, layout.PORT], pieces[:, p, layout.SLOTS] = ring.ctypes.data, len(ring)
                link.rows.stale = False
            population.attach(self._pools[number : number + 1], pieces)
        blocks = [len(population.bounds) - 1 for population in self.populations]
        self._blocks = np.array([(p, b) for p, count in enumerate(blocks) for b in range(count)], np.int64)
        self._thread_choice = ThreadChoice(min(self.threads, len(self._blocks)))
        self._wired = True

    def _arrange_bins(self, n: int, links: list[_Link]) -> dict[str, int]:
        """Cut the delays of links to ``n`` neurons into bins; returns the slots that each receptor needs."""
        visits: dict[str, float] = {}
        for link in links:
            visits[link.receptor] = visits.get(link.receptor, 0.0) + link.rows.visits
        slots = dict.fromkeys(visits, 1)
        for link in links:
            most = ring_slots(n, self.dtype.itemsize, visits[link.receptor])
            slots[link.receptor] = max(slots[link.receptor], link.rows.arrange(most))
        return slots

    def prepare(self) -> float:
        """Compile, or load from the disk cache; returns the seconds it took."""
        if self._loaded and all(population.prepared for population in self.populations):
            return 0.0
        self.settle()
        began = time.perf_counter()
        for population in self.populations:
            population.prepare()
        recordings = [Recording(population, Wishes(spikes=False)) for population in self.populations]
        rooms = self._make_room(recordings, 0)
        self._drive(0)
        self._call(0, 1)
        del rooms  # which had to outlive the call
        self._loaded = True
        return time.perf_counter() - began

    def begin(self, n_steps: int) -> None:
        """Take up what may have changed since the last run, before one of so many steps."""
        self.failure = None
        self._take_up(shared=n_steps >= _WORTH_A_LOOK)

    def _take_up(self, *, shared: bool) -> None:
        self.settle()
        if any(link.rows.changed for link in self._links):
            for population in self.populations:
                population.empty_rings()
            for link in self._links:
                link.rows.changed = False
        for population in self.populations:
            population.begin(shared=shared)

    def advance(self, n_steps: int, recordings: list[Recording]) -> int:
        """Run up to ``n_steps`` steps in compiled code; returns how many were done.

        Where that is none, a function of time has failed.
        """
        threads, n_steps = self._thread_choice.choose(n_steps)
        n_steps = self._drive(n_steps)
        if not n_steps:
            return 0
        self._single = []
        rooms = self._make_room(recordings, n_steps)
        began = time.perf_counter()
        done = self._call(n_steps, threads)
        end = int(min([self.steps_done, *(room.broken() for room in rooms)]))
        for recording, room in zip(recordings, rooms, strict=True):
            recording.keep(room, self.steps_done - done, end)
        self._thread_choice.tell(threads, done, time.perf_counter() - began)
        return done

    def advance_one(self) -> list[Room]:
        """Run one step; returns what it left, which is used again by the next call.

        Nothing where a function of time has failed.
        """
        self.failure = None
        self._take_up(shared=False)
        if not self._single:
            single = self._make_room([Recording(population, Wishes()) for population in self.populations], 1)
            self._single = single
        for room in self._single:
            room.empty()
        if not self._drive(1):
            return []
        threads, _ = self._thread_choice.choose(1)
        began = time.perf_counter()
        self._call(1, threads)
        self._thread_choice.tell(threads, 1, time.perf_counter() - began)
        return self._single

    def _make_room(self, recordings: list[Recording], n_steps: int) -> list[Room]:
        pairs = zip(recordings, self.populations, strict=True)
        return [recording.make_room(population, n_steps, self.window) for recording, population in pairs]

    def _drive(self, n_steps: int) -> int:
        """Compute what comes from outside in the next steps; returns for how many of them it can be had.

        The step in which a function fails is found by halving: a run ends there, however it is cut.
        """
        failed = self._try_to_drive(n_steps)
        if failed is None:
            return n_steps
        good, bad = 0, n_steps
        while bad - good > 1:
            middle = (good + bad) // 2
            found = self._try_to_drive(middle)
            if found is None:
                good = middle
            else:
                bad, failed = middle, found
        if good and self._try_to_drive(good) is not None:
            good = 0  # a function that does not say the same again
        self.failure = Failure(self.steps_done + good, *failed)
        return good

    def _try_to_drive(self, n_steps: int) -> tuple[int, Exception] | None:
        """Compute what comes from outside; returns the population, and the error, where that fails."""
        for number, population in enumerate(self.populations):
            try:
                population.drive(self.steps_done, n_steps)
            except Exception as error:  # a user's function may raise anything
                return number, error
        return None

    def _call(self, n_steps: int, threads: int) -> int:
        """Take steps in compiled code; returns how many were done."""
        done = np.zeros(1, np.int64)
        job = step.Steps(
            team.flags(len(self._blocks)), threads, n_steps, self.window, self.steps_done,
            self.dtype.type(self.dt), self.dt, self._pools, self._blocks, done, self.clock, self._scratch,
        )  # fmt: skip
        team.call(self._steps, threads, job)
        return int(done[0])


def _work_space(threads: int, dtype: np.dtype[Any]) -> step.Scratch:
    """What threads need in their steps; what one of them has begins where a cache line does."""
    return step.Scratch(
        summed=aligned_zeros((threads, TILE), dtype),
        normals=aligned_zeros((threads, TILE), np.float32),
        bits=aligned_zeros((threads, TILE), np.uint32),
        eventful=aligned_zeros((threads, TILE // 8 + team.LINE), np.int64),
        counted=aligned_zeros((threads, TILE), np.int32),
        work=aligned_zeros((threads, 2 * TILE), np.float64),
        visits=aligned_zeros((threads, 7, MOST_VISITS), np.int64),
    )


def _longest(links: list[_Link]) -> dict[int, int]:
    """Longest delay in steps of what leaves each population."""
    longest: dict[int, int] = {}
    for link in links:
        longest[link.source] = max(longest.get(link.source, 0), int(link.rows.delays[-1]))
    return longest


def _sharing(one: Projection, number: int) -> Any:
    """What projections have in common that share their rows."""
    plan = one.plan
    if plan.dense:
        return number
    between = (one.source, one.target, one.synapses.receptor, one.since, plan.pre.start, plan.pre.stop)
    return (*between, "weights" if plan.weighted else plan.weight.first)
