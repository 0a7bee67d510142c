"""What a page can turn of a network: gains, drive, noise, rates, parameters; and the Python that does it.

Each knob does what it does by the public interface, and returns the line that would do it in a script. So a
script of all lines, each at its time, has the same spikes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.checks import finite_number
from izhi_numba.explorer import controls
from izhi_numba.explorer.controls import Control
from izhi_numba.explorer.populations import EXC, INH, MIXED, SOURCE, Link, Population
from izhi_numba.inputs.terms import AnyTerm, Correlated, Input, Term, Trains, White
from izhi_numba.inputs.waveforms import Always
from izhi_numba.models.declaration import Parameter, asked_names

WHOLE, POPULATION, LINK = "whole", "population", "link"
_MOST_FACTOR = 3.0
_SINGLE = 1e-6  # of a number, to which single precision knows it
_KINDS = {EXC: "excitation", INH: "inhibition", MIXED: "synapses"}


@dataclass
class Knob:
    """A number that can be turned.

    Attributes
    ----------
    control : Control
    section, number : str and int
        What it is of: the whole network, a population or a projection, and which.
    turn : function of a float
        Does it, and returns lines of Python.
    value : float
        As it is now.
    before : str
        A line of Python that the others need, to stand before everything else; empty for most.
    """

    control: Control
    section: str
    number: int
    turn: Callable[[float], list[str]]
    value: float
    before: str = ""

    def set(self, value: Any) -> list[str]:
        """Turn it; returns lines of Python."""
        number = finite_number(self.control.label, value)
        lines = self.turn(number)
        self.value = number
        return lines

    def as_message(self) -> dict[str, Any]:
        """In the terms of the page."""
        return self.control.as_message() | {
            "section": self.section, "number": self.number, "value": self.value,
        }  # fmt: skip


def knobs_of(populations: list[Population], links: list[Link]) -> dict[str, Knob]:
    """Return all knobs of a network by name, those of the whole first."""
    found = [*_gains(links), *_drives(populations)]
    for number, one in enumerate(populations):
        found += _rate(one, number) if one.kind == SOURCE else _parameters(one, number)
    for number, link in enumerate(links):
        found += _rules(link, number)
    order = {WHOLE: 0, POPULATION: 1, LINK: 2}
    return {one.control.name: one for one in sorted(found, key=lambda one: order[one.section])}


def factor(name: str, label: str) -> Control:
    """Slider of a factor on what there was."""
    return Control(name, label, "×", 1.0, 0.0, _MOST_FACTOR)


# Gains


def _gains(links: list[Link]) -> Iterator[Knob]:
    """Yield a factor on the gain of each projection, and one on those of all that excite, or inhibit."""
    first = [one.synapses.gain for one in links]
    own, of_kind = [1.0] * len(links), dict.fromkeys(_KINDS, 1.0)

    def apply(number: int) -> str:
        link = links[number]
        gain = first[number] * own[number] * of_kind[link.kind]
        link.synapses.gain = gain
        return f"{link.code}.gain = {gain!r}"

    def turn_one(value: float, number: int) -> list[str]:
        own[number] = value
        return [apply(number)]

    def turn_kind(value: float, kind: str) -> list[str]:
        of_kind[kind] = value
        return [apply(number) for number, one in enumerate(links) if one.kind == kind]

    for kind, label in _KINDS.items():
        if any(one.kind == kind for one in links):
            yield Knob(factor(label, label), WHOLE, 0, _with(turn_kind, kind), 1.0)
    for number, _ in enumerate(links):
        yield Knob(factor(f"gain {number}", "gain"), LINK, number, _with(turn_one, number), 1.0)


def _with(turn: Callable[[float, Any], list[str]], what: Any) -> Callable[[float], list[str]]:
    return lambda value: turn(value, what)


# Drive


@dataclass
class _Drive:
    """What drives a population: as it was, and what has been added to it."""

    population: Population
    terms: list[AnyTerm]  # without the constant
    constant: float | Array
    added: float = 0.0
    noise: float = 1.0
    trains: float = 1.0
    extra: float = 0.0  # noise of one that has none

    @property
    def has_noise(self) -> bool:
        return any(isinstance(one, White | Correlated) for one in self.terms)

    @property
    def has_trains(self) -> bool:
        return any(isinstance(one, Trains) for one in self.terms)

    @property
    def is_placed(self) -> bool:
        """Whether something has samples by time and neuron, which are not to be given anew."""
        return any(one.waveform.field is not None for one in self.terms)

    def apply(self, whole: dict[str, float]) -> str:
        """Drive the neurons, with what is turned for all populations; returns the line of Python."""
        constant = self.constant + self.added + whole["drive"]
        units, code = self.population.units, self.population.code
        if self.is_placed:
            units.external_input = constant
            return f"{code}.external_input = {_written(constant)}"
        terms = [self._scaled(one, whole) for one in self.terms]
        if self.extra:
            terms.append(White(self.extra, Always()))
        given = Input((Term(constant, Always()), *terms))
        if hasattr(units, "_owner"):
            units.drive(given)
        else:
            units.drive(units, given)
        if any(isinstance(value, np.ndarray) for term in given.terms for value in vars(term).values()):
            return f"# what drives {self.population.title} differs between its neurons, and has no line here"
        target = "" if hasattr(units, "_owner") else f"{code}, "
        return f"{code}.drive({target}{_called(given)})"

    def _scaled(self, term: AnyTerm, whole: dict[str, float]) -> AnyTerm:
        if isinstance(term, White | Correlated):
            return term.scaled(self.noise * whole["noise"])
        if isinstance(term, Trains):
            return replace(term, rate=np.multiply(term.rate, self.trains * whole["trains"]))
        return term


def _drives(populations: list[Population]) -> Iterator[Knob]:
    """Yield knobs of what drives each population, and all of them."""
    whole = {"drive": 0.0, "noise": 1.0, "trains": 1.0}
    drives = {number: _drive(one) for number, one in enumerate(populations) if one.kind != SOURCE}

    def turn_all(value: float, name: str) -> list[str]:
        whole[name] = value
        return [one.apply(whole) for one in drives.values()]

    def turn_one(value: float, where: tuple[_Drive, str]) -> list[str]:
        drive, name = where
        setattr(drive, name, value)
        return [drive.apply(whole)]

    units = {one.model.I_unit for one in populations if one.model is not None}
    spans = [controls.of_input(type(one.model)) for one in populations if one.model is not None]
    placed = any(one.is_placed for one in drives.values())
    if len(units) == 1:
        yield Knob(_added("drive", units.pop(), spans), WHOLE, 0, _with(turn_all, "drive"), 0.0)
    if any(one.has_noise for one in drives.values()) and not placed:
        yield Knob(factor("noise", "noise"), WHOLE, 0, _with(turn_all, "noise"), 1.0)
    if any(one.has_trains for one in drives.values()) and not placed:
        yield Knob(factor("trains", "outside spikes"), WHOLE, 0, _with(turn_all, "trains"), 1.0)
    for number, drive in drives.items():
        model = drive.population.model
        span = controls.of_input(type(model))
        control = replace(_added(f"drive {number}", model.I_unit, [span]), label="drive")
        yield Knob(control, POPULATION, number, _with(turn_one, (drive, "added")), 0.0)
        if drive.is_placed:
            continue
        if drive.has_noise:
            yield Knob(
                factor(f"noise {number}", "noise"), POPULATION, number, _with(turn_one, (drive, "noise")), 1.0
            )
        else:
            high = (span[1] - span[0]) / 2
            extra = Control(f"noise {number}", "noise", model.I_unit, 0.0, 0.0, high)
            yield Knob(extra, POPULATION, number, _with(turn_one, (drive, "extra")), 0.0)
        if drive.has_trains:
            trains = factor(f"trains {number}", "outside spikes")
            yield Knob(trains, POPULATION, number, _with(turn_one, (drive, "trains")), 1.0)


def _added(name: str, unit: str, spans: list[tuple[float, float]]) -> Control:
    low, high = min(one[0] for one in spans), max(one[1] for one in spans)
    return Control(name, name, unit, 0.0, -(high - low) / 2, (high - low) / 2)


def _drive(population: Population) -> _Drive:
    stimulus = population.units._population.stimulus
    first, last = population.neurons.start, population.neurons.stop
    terms, constant = [], _one_or_all(np.zeros(population.size, stimulus.dtype))
    for driver in stimulus.drivers(last):
        if not driver.drives[first:last].any():
            continue
        numbers = {name: _one_or_all(values[first:last]) for name, values in driver.numbers.items()}
        term = driver.term(**numbers)
        if isinstance(term, Term) and isinstance(term.waveform, Always):
            constant = term.amplitude
        else:
            terms.append(term)
    return _Drive(population, terms, constant)


def _one_or_all(values: Array) -> float | Array:
    """One number where all are equal, in as few digits as single precision has."""
    first = float(values[0])
    if (values == first).all():
        short = float(str(np.float32(first)))
        return short if abs(short - first) <= _SINGLE * abs(first) else first
    return values.astype(np.float64)


def _called(given: Input) -> str:
    return " + ".join(f"iz.{term!r}" for term in given.terms)


def _written(value: float | Array) -> str:
    return repr(float(value)) if np.ndim(value) == 0 else f"np.array({value.tolist()})"  # type: ignore[union-attr]


# Parameters


def _parameters(population: Population, number: int) -> Iterator[Knob]:
    """Yield a knob for each parameter: its value, or the mean of those that differ, which move together."""
    for name, parameter in population.model.parameters.items():
        values = np.asarray(getattr(population.units, name))
        yield _parameter(population, number, name, parameter, values.copy())


def _parameter(population: Population, number: int, name: str, parameter: Parameter, values: Array) -> Knob:
    units, code = population.units, population.code
    first = _one_or_all(values)
    mean = float(np.mean(first))
    ranged = replace(parameter, range=_span(parameter, values))
    control = replace(controls.of_parameter(f"{name} {number}", ranged, mean), label=name)
    if np.ndim(first) == 0:

        def turn(value: float) -> list[str]:
            units.set(**{name: value})
            return [f"{code}.{name} = {value!r}"]

        return Knob(control, POPULATION, number, turn, mean)
    kept = f"{name}_{number}"

    def shift(value: float) -> list[str]:
        by = value - mean
        units.set(**{name: values + values.dtype.type(by)})
        return [f"{code}.{name} = {kept} + np.{values.dtype.name}({by!r})"]

    control = replace(control, label=f"mean {name}")
    return Knob(control, POPULATION, number, shift, mean, before=f"{kept} = {code}.{name}.copy()")


def _span(parameter: Parameter, values: Array) -> tuple[float, float] | None:
    if parameter.range is not None or (values == values[0]).all():
        return parameter.range
    low, high = float(values.min()), float(values.max())
    return low - (high - low) / 2, high + (high - low) / 2


def _rate(population: Population, number: int) -> Iterator[Knob]:
    """Yield the knob of the rate of Poisson trains."""
    units = population.units
    if "rate" not in units._population.arrays:
        return
    rates = np.array(units.rate)
    first, code = _one_or_all(rates), population.code
    if np.ndim(first) == 0:
        high = min(max(3.0 * float(first), 50.0), 1000.0 / units._population.dt)

        def turn(value: float) -> list[str]:
            units.set(rate=value)
            return [f"{code}.rate = {value!r}"]

        yield Knob(
            Control(f"rate {number}", "rate", "Hz", float(first), 0.0, high),
            POPULATION,
            number,
            turn,
            float(first),
        )
        return

    def scale(value: float) -> list[str]:
        units.set(rate=value * rates)
        return [f"{code}.rate = {value!r} * rates_{number}"]

    before = f"rates_{number} = {code}.rate.copy()"
    yield Knob(factor(f"rate {number}", "rates"), POPULATION, number, scale, 1.0, before)


# Rules of synapses that learn


def _rules(link: Link, number: int) -> Iterator[Knob]:
    """Yield a knob for each parameter of the rule by which synapses learn."""
    rule = link.synapses.plasticity
    if rule is None:
        return
    # What can be set before the first step alone.
    fixed: set[str | None] = {one.tau for one in rule.traces.values()}
    fixed |= {one.late for one in rule.values.values()} | {*(asked_names(rule.when) if rule.when else ())}
    for name, parameter in rule.parameters.items():
        value = rule.number(name)
        if name in fixed or not math.isfinite(value):
            continue
        control = controls.of_parameter(f"{name} of {number}", parameter, value)

        def turn(value: float, name: str = name) -> list[str]:
            link.synapses.set(**{name: value})
            return [f"{link.code}.{name} = {value!r}"]

        yield Knob(replace(control, label=name), LINK, number, turn, value)


def lines_before(knobs: Iterable[Knob]) -> list[str]:
    """Lines of Python that those of knobs need."""
    return [one.before for one in knobs if one.before]
