"""One scenario, attacked: an exception somewhere in its call; is what is left the old state or the new one?"""

from __future__ import annotations

import threading
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.wholeness.injection import Injected, Outcome, distinct, inject, reached, sample
from tests.wholeness.scenarios import Scenario, World
from tests.wholeness.state import Told, differences, digest, goes_on

_OF_DRAWING = (" drawn", " delays", "summary")


@dataclass
class Reference:
    """How an object looks that nobody has disturbed, and how it goes on."""

    name: str
    now: Told
    later: Told


@dataclass
class Failure:
    """What was found wrong."""

    scenario: str
    at: list[str]
    events: tuple[int | None, int | None]
    text: str
    place: str = ""


@dataclass
class Report:
    """What an attack has found."""

    tried: int = 0
    opcodes: int = 0
    failures: list[Failure] = field(default_factory=list)

    def __str__(self) -> str:
        """The failures, those of the same kind together."""
        kinds: dict[str, list[Failure]] = {}
        for one in self.failures:
            kinds.setdefault(one.text, []).append(one)
        lines = [f"{len(self.failures)} of {self.tried} (of {self.opcodes} opcodes)"]
        for text, failures in sorted(kinds.items(), key=lambda item: -len(item[1])):
            first = failures[0]
            lines.append(f"  {len(failures)} x {text}; first at {' and '.join(first.at)} {first.events}")
        return "\n".join(lines)


def look(scenario: Scenario, world: World) -> Told:
    """What there is to be read."""
    told = digest(world.sim)
    if scenario.also:
        told |= scenario.also(world)
    return told


def later(scenario: Scenario, world: World) -> Told:
    """What it does when it goes on."""
    if scenario.first:
        scenario.first(world)
    return goes_on(world.sim)


class References:
    """The states in which a call may leave an object."""

    def __init__(self, scenario: Scenario, **options: Any) -> None:
        self.scenario, self.options = scenario, options
        old = self._reference("old", lambda world: None)
        untouched = scenario.make(**options)
        assert later(scenario, untouched) == old.later, f"{scenario.name}: looking changes what comes"
        self.old = [old]
        drawn = all(word == "True" for part, word in old.now.items() if part.endswith(" drawn"))
        if scenario.kind != "read" and not drawn:  # all may be drawn at once, and nothing else done
            self.old.append(self._reference("old, drawn", lambda world: world.sim.prepare()))
        self.new = self._reference("new", scenario.call)
        self._steps: dict[int, Reference] = {}

    def _reference(self, name: str, call: Callable[[World], Any]) -> Reference:
        world = self.scenario.make(**self.options)
        call(world)
        now = look(self.scenario, world)
        return Reference(name, now, later(self.scenario, world))

    def after(self, steps: int) -> Reference:
        """So many steps of the call done."""
        if steps not in self._steps:
            self._steps[steps] = self._reference(f"{steps} steps", lambda world: world.sim.step(steps))
        return self._steps[steps]

    def allowed(self, world: World) -> list[Reference]:
        """What the object may be."""
        if self.scenario.kind == "read":
            return self.old
        if self.scenario.kind != "advance":
            return [*self.old, self.new]
        begin = float(self.old[0].now["t"])
        done = round((world.sim.t - begin) / world.sim.dt)
        if done <= 0:
            return self.old
        return [self.new] if done >= self.scenario.steps else [self.after(done)]

    def apart_from_drawing(self, now: Told, other: Reference) -> list[str]:
        """Differences, but for projections that are drawn where another reference has them drawn.

        When one is drawn is the package's own affair; that it acts the same is seen when it goes on.
        """
        known = [one.now for one in (*self.old, self.new)]
        return [
            name
            for name in differences(now, other.now)
            if not (name.endswith(_OF_DRAWING) and any(now.get(name) == one.get(name) for one in known))
        ]

    def check(self) -> None:
        """The scenario itself has to make sense."""
        kind, name = self.scenario.kind, self.scenario.name
        old, new = self.old[0], self.new
        changed = differences(old.now, new.now) + differences(old.later, new.later)
        if kind == "read":
            assert not changed, f"{name}: reading changes {changed}"
        elif kind == "settle":
            assert not any("drawn" not in one and "delays" not in one for one in changed), (
                f"{name}: {changed}"
            )
        else:
            assert changed, f"{name}: nothing changes"


def _told(failure: BaseException) -> str:
    return f"{type(failure).__name__}: {failure}"[:150]


def _nearest(told: Told, references: list[tuple[str, Told]]) -> str:
    found = [(differences(told, other), name) for name, other in references]
    names, name = min(found, key=lambda one: len(one[0]))
    return f"differs from {name} in {', '.join(names[:4])}{' ...' if len(names) > 4 else ''}"


def judge(references: References, world: World, *, reads_first: bool, elsewhere: bool) -> str:
    """What is wrong with an object after a call that was stopped; empty: nothing.

    ``reads_first``: look at it before it goes on, which must not mend it. ``elsewhere``: in another thread.
    """
    found: list[str] = []

    def work() -> None:
        scenario = references.scenario
        try:
            allowed = references.allowed(world)
            if reads_first:
                now = look(scenario, world)
                matching = [one for one in allowed if not references.apart_from_drawing(now, one)]
                if not matching:
                    found.append("is neither: " + _nearest(now, [(one.name, one.now) for one in allowed]))
                    return
                allowed = matching
            told = later(scenario, world)
            if all(differences(told, one.later) for one in allowed):
                found.append(
                    "goes on as neither: " + _nearest(told, [(one.name, one.later) for one in allowed])
                )
        except BaseException as failure:
            found.append("cannot go on: " + _told(failure))

    if elsewhere:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    else:
        work()
    return found[0] if found else ""


def points(scenario: Scenario, most: int | None, **options: Any) -> tuple[list[int], int]:
    """Opcodes at which exceptions are worth a try: at most so many, or each one; and how many there are."""
    world = scenario.make(**options)
    places = reached(lambda: scenario.call(world))
    numbers = distinct(places)
    # Calls have much in common, so that each stops at opcodes of its own: its name says at which.
    phase = zlib.crc32(scenario.name.encode()) / 2**32
    return (numbers if most is None else sample(numbers, most, phase)), len(places)


def attack(
    references: References, numbers: list[int], seconds: int | None = None,
    errors: tuple[type[BaseException], ...] = (Injected, KeyboardInterrupt), tell: Callable[[str], None] = lambda _: None,
) -> Report:  # fmt: skip
    """Stop a call at each of some opcodes; ``seconds``: with so many second exceptions for each."""
    scenario, report = references.scenario, Report()
    turn = 0

    def once(at: int, second: int | None, error: type[BaseException]) -> Outcome:
        nonlocal turn
        turn += 1
        world = scenario.make(**references.options)
        tell(f"{scenario.name}: {error.__name__} at opcode {at}, then {second}")
        outcome = inject(lambda: scenario.call(world), at=at, second=second, error=error)
        report.tried += 1
        wrong = judge(references, world, reads_first=turn % 2 == 0, elsewhere=turn % 3 == 0)
        if outcome.left is not None and not isinstance(outcome.left, error):
            wrong = wrong or f"raises {_told(outcome.left)}"
        if wrong:
            report.failures.append(
                Failure(scenario.name, [str(one) for one in outcome.at], (at, second), wrong)
            )
        return outcome

    for place, at in enumerate(numbers):
        error = errors[place % len(errors)]
        if seconds is None:
            once(at, None, error)
            continue
        for second in _seconds(scenario, references.options, at, seconds, error):
            once(at, second, error)
    return report


def _seconds(
    scenario: Scenario, options: dict[str, Any], at: int, most: int, error: type[BaseException]
) -> Iterator[int]:
    """Opcodes that are reached after the first exception."""
    world = scenario.make(**options)
    outcome = inject(lambda: scenario.call(world), at=at, error=error)
    if outcome.fired:
        yield from sample(list(range(outcome.events - at - 1)), most)
