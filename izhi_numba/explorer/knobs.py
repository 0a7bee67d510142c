"""What a page can turn of a network: gains, drive, noise, what ``parameters`` has; and how Python does it.

Each knob returns the line that would do the same in a script. So a script of all lines, each at its time, has
the same spikes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial

from izhi_numba.explorer import controls
from izhi_numba.explorer.controls import Control
from izhi_numba.explorer.drives import Drives
from izhi_numba.explorer.gains import Gains
from izhi_numba.explorer.knob import LINK, POPULATION, WHOLE, Knob, factor
from izhi_numba.explorer.parameters import knobs_of_cells, knobs_of_rate, knobs_of_rule
from izhi_numba.explorer.populations import EXC, INH, MIXED, SOURCE, Population

BEFORE = ("drives = Drives(net)", "gains = Gains(net)")  # lines of Python that those of knobs need
_KINDS = {EXC: "excitation", INH: "inhibition", MIXED: "synapses"}
_FACTORS = {"noise": "noise", "trains": "outside spikes"}


def knobs_of(populations: list[Population], drives: Drives, gains: Gains, n_links: int) -> dict[str, Knob]:
    """Return all knobs of a network by name, those of the whole first; own ones of the first ``n_links``."""
    found = [*_gains(gains, n_links), *_drives(populations, drives)]
    for number, one in enumerate(populations):
        found += (knobs_of_rate if one.kind == SOURCE else knobs_of_cells)(one, number)
    for number, link in enumerate(gains.links[:n_links]):
        found += knobs_of_rule(link, number)
    order = {WHOLE: 0, POPULATION: 1, LINK: 2}
    return {one.control.name: one for one in sorted(found, key=lambda one: order[one.section])}


def lines_before(knobs: Iterable[Knob]) -> list[str]:
    """Lines of Python that those of knobs need, each of which begins with the name that it makes."""
    return [*BEFORE, *(one.before for one in knobs if one.before)]


def _gains(gains: Gains, n_links: int) -> Iterator[Knob]:
    """Yield a factor on the gains of all that excite, or inhibit, and one on that of each projection."""

    def turn(value: float, what: str | int) -> str:
        gains[what] = value
        return f"gains[{what!r}] = {value!r}"

    def knob(control: Control, section: str, what: str | int) -> Knob:
        number = what if isinstance(what, int) else 0
        first = control.default or 0.0
        return Knob(
            control, section, number, partial(turn, what=what), first, lambda: gains.as_left, at_least=0.0
        )

    for kind, label in _KINDS.items():
        if any(one.kind == kind for one in gains.links):
            yield knob(factor(label, label), WHOLE, kind)
    for number, own in enumerate(gains.own[:n_links]):
        yield knob(factor(f"gain {number}", "gain", own), LINK, number)


def _drives(populations: list[Population], drives: Drives) -> Iterator[Knob]:
    """Yield knobs of what drives all populations, and each."""
    driven = {number: one for number, one in enumerate(populations) if one.kind != SOURCE}

    def turn(value: float, name: str, one: Population | None) -> str:
        if one is None:
            drives[name] = value
            return f"drives[{name!r}] = {value!r}"
        drives[name, one.units] = value
        return f"drives[{name!r}, {one.code}] = {value!r}"

    def knob(control: Control, name: str, number: int | None = None) -> Knob:
        of = partial(turn, name=name, one=None if number is None else driven[number])
        least = -float("inf") if name == "drive" else 0.0
        section = WHOLE if number is None else POPULATION
        return Knob(
            control, section, number or 0, of, control.default or 0.0, lambda: drives.as_left, at_least=least
        )

    units = {one.model.I_unit for one in driven.values()}
    if len(units) == 1:
        spans = [controls.of_input(type(one.model)) for one in driven.values()]
        yield knob(_added("drive", units.pop(), spans), "drive")
    for name, label in _FACTORS.items():
        if any(drives.has(name, one.units) for one in driven.values()):
            yield knob(factor(name, label), name)
    for number, one in driven.items():
        span = controls.of_input(type(one.model))
        drive = _added(f"drive {number}", one.model.I_unit, [span])
        yield knob(replace(drive, label="drive"), "drive", number)
        if not drives.has("noise", one.units):
            most = (span[1] - span[0]) / 2
            more = Control(f"noise {number}", "noise", one.model.I_unit, 0.0, 0.0, most)
            yield knob(more, "more noise", number)
        for name, label in _FACTORS.items():
            if drives.has(name, one.units):
                yield knob(factor(f"{name} {number}", label), name, number)


def _added(name: str, unit: str, spans: list[tuple[float, float]]) -> Control:
    low, high = min(one[0] for one in spans), max(one[1] for one in spans)
    return Control(name, name, unit, 0.0, -(high - low) / 2, (high - low) / 2)
