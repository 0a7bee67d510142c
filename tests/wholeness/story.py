"""What was done with a pool or a network, written down, so that it can be done again with another one.

A story is a tuple of parts, and never changes: who makes one more call has a longer one. It knows nothing of
files, copies, interruptions or of going back, which must leave no trace: what is loaded or copied has the
story of what it was made of, what goes back has the one that it had then, and a call that was stopped is in
it or is not.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

import izhi_numba as iz
from tests.network.drawn import assert_same_run, differing

Action = Callable[[Any, np.random.Generator], None]


def steps_done(sim: Any) -> int:
    """Steps since time 0."""
    return round(sim.t / sim.dt)


@dataclass(frozen=True)
class Call:
    """A call that changes something at once."""

    action: Action
    seed: int

    def make(self, sim: Any) -> None:
        """Make it; each time it does the same with the same network."""
        self.action(sim, np.random.default_rng(self.seed))

    def again(self, sim: Any, chance: np.random.Generator) -> None:
        """Make it with a twin."""
        self.make(sim)

    def __repr__(self) -> str:
        return f"{self.action.__name__}({self.seed})"


@dataclass(frozen=True)
class Loop:
    """A call that a run makes at intervals, each time with other numbers; what it returns is the step."""

    action: Action
    seed: int
    every: int  # steps

    def make(self, sim: Any) -> int:
        """Make it."""
        now = steps_done(sim)
        self.action(sim, np.random.default_rng([self.seed, now]))
        return now

    def again(self, sim: Any, chance: np.random.Generator) -> None:
        """Make it with a twin, before a step that could not be taken."""
        self.make(sim)

    def __repr__(self) -> str:
        return f"{self.action.__name__}({self.seed}) every {self.every}"


@dataclass(frozen=True)
class Stretch:
    """Steps that were taken, with nothing in between but a function of the run itself."""

    n_steps: int
    seen: Any = field(repr=False)  # a result; or who spiked, of one step; None where it was lost
    loop: Loop | None = None

    @property
    def is_joinable(self) -> bool:
        """Whether it may be taken in one run with the next."""
        return self.loop is None and isinstance(self.seen, iz.Result | iz.NetworkResult)

    def again(self, sim: Any, chance: np.random.Generator) -> None:
        """Take the steps with a twin, in other pieces, and compare."""
        now = steps_done(sim)
        end, found = now + self.n_steps, []
        for stop in self._stops(now, end, chance):
            if self.loop and now % self.loop.every == 0:
                self.loop.make(sim)
            found.append(sim.step(stop - now))
            now = stop
        if self.seen is not None and found:
            self._compare(sum(found))

    def _stops(self, begin: int, end: int, chance: np.random.Generator) -> list[int]:
        stops = (
            {int(chance.integers(begin, end)) for _ in range(chance.integers(3))} if end > begin else set()
        )
        if self.loop:
            every = self.loop.every
            stops |= {*range((begin // every + 1) * every, end, every)}
        return sorted(({*stops, end} if end > begin else set()) - {begin})

    def _compare(self, found: Any) -> None:
        if not isinstance(self.seen, iz.Result | iz.NetworkResult):
            seen = self.seen if isinstance(self.seen, dict) else {"": self.seen}
            for name, spiked in seen.items():
                part = found[name] if name else found
                np.testing.assert_array_equal(spiked, np.flatnonzero(part.counts), err_msg=name)
            return
        assert (self.seen.start, self.seen.stop) == (found.start, found.stop)
        assert_same_run(self.seen, found)


Part = Call | Loop | Stretch
Story = tuple[Part, ...]


def joined(story: Story) -> Iterator[Part]:
    """A story in which stretches that follow one another are one, with their results joined."""
    for joinable, parts in itertools.groupby(story, lambda one: isinstance(one, Stretch) and one.is_joinable):
        if not joinable:
            yield from parts
            continue
        stretches = [*parts]
        seen = _added([one.seen for one in stretches])
        yield Stretch(sum(one.n_steps for one in stretches), seen)


def _added(results: list[Any]) -> Any:
    """Join results that follow one another, neighbours in any order.

    What lies in one file comes first where a run has ended within a bin of counts: the file does not know how
    the bin was shared by the runs.
    """
    while len(results) > 1:
        for place, (first, later) in enumerate(itertools.pairwise(results)):
            try:
                results[place : place + 2] = [first + later]
                break
            except ValueError as error:
                if "have no whole bins at its ends" not in str(error):
                    raise
        else:
            return sum(results)  # which tells why
    return results[0]


@dataclass(frozen=True)
class Beginning:
    """How a pool or a network is made, and how its twin is."""

    make: Callable[..., Any]
    seed: int
    twin_seed: int

    def first(self) -> Any:
        """Make it."""
        return self.make(np.random.default_rng(self.seed))

    def twin(self, threads: int) -> Any:
        """Make it once more, with other threads."""
        return self.make(np.random.default_rng(self.seed), threads)


@dataclass(frozen=True)
class Sheet:
    """The simple model: what must be true of a pool or a network, by what was done with it."""

    story: Story = ()
    steps: int = 0  # since time 0
    members: tuple[str, ...] = ()
    projections: tuple[int, ...] = ()  # each has a number that no other had

    def called(self, call: Call, **now: Any) -> Sheet:
        """After one call more."""
        return replace(self, story=(*self.story, call), **now)

    def ran(self, stretch: Stretch) -> Sheet:
        """After some steps more; none leave no trace, and a result in which nothing was recorded perhaps."""
        if not stretch.n_steps:
            return self
        return replace(self, story=(*self.story, stretch), steps=self.steps + stretch.n_steps)


def assert_like_its_twin(sim: Any, beginning: Beginning, story: Story) -> None:
    """Do all of it again with another one, and find the same spikes, traces and state, to the bit."""
    chance = np.random.default_rng(beginning.twin_seed)
    twin = beginning.twin(1 + (sim.threads + int(chance.integers(2))) % 3)
    for part in joined(story):
        part.again(twin, chance)
    assert differing(sim, twin) == []
    assert_same_run(_step(sim), _step(twin))


def _step(sim: Any) -> Any:
    """Go on for a while, or until a function of time fails."""
    try:
        return sim.step(9)
    except iz.SimulationError as error:
        return error.result
