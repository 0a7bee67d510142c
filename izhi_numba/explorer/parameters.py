"""Knobs of parameters: those of the neurons of a population, rates of sources, those of rules that learn."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.explorer import controls
from izhi_numba.explorer.controls import Control
from izhi_numba.explorer.knob import LINK, POPULATION, Knob, factor
from izhi_numba.explorer.populations import Link, Population
from izhi_numba.models.declaration import Parameter, asked_names

_SINGLE = 1e-6  # of a number, to which single precision knows it


def knobs_of_cells(population: Population, number: int) -> Iterator[Knob]:
    """Yield a knob for each parameter: its value, or the mean of those that differ, which move together."""
    for name, parameter in population.model.parameters.items():
        values = np.array(getattr(population.units, name))
        first = _one_or_all(values)
        mean = float(np.mean(first))
        ranged = replace(parameter, range=_span(parameter, values))
        # A model's parameter may be called as what else is turned: gain, noise.
        control = replace(controls.of_parameter(f"parameter {name} {number}", ranged, mean), label=name)
        if np.ndim(first) == 0:
            yield _equal(population, number, name, control)
        else:
            yield _shifted(population, number, name, replace(control, label=f"mean {name}"), values)


def _equal(population: Population, number: int, name: str, control: Control) -> Knob:
    """Turn what is the same for all neurons."""

    def turn(value: float) -> str:
        population.units.set(**{name: value})
        return f"{population.code}.{name} = {value!r}"

    return Knob(control, POPULATION, number, turn, control.default or 0.0)


def _shifted(population: Population, number: int, name: str, control: Control, values: Array) -> Knob:
    """Turn the mean of what differs between neurons."""
    units, code, kept = population.units, population.code, f"{name}_{number}"
    mean, dtype, written = control.default or 0.0, values.dtype, values.copy()

    def turn(value: float) -> str:
        by = value - mean
        units.set(**{name: values + dtype.type(by)})
        written[:] = getattr(units, name)
        return f"{code}.{name} = {kept} + np.{dtype.name}({by!r})"

    def as_left() -> bool:
        return bool(np.array_equal(getattr(units, name), written))

    before = f"{kept} = {code}.{name}.copy()"
    return Knob(control, POPULATION, number, turn, mean, as_left, before=before)


def knobs_of_rate(population: Population, number: int) -> Iterator[Knob]:
    """Yield the knob of the rate of Poisson trains."""
    units, code = population.units, population.code
    if "rate" not in units._population.arrays:
        return
    rates = np.array(units.rate)
    first, written = _one_or_all(rates), rates.copy()
    if np.ndim(first) == 0:

        def turn(value: float) -> str:
            units.set(rate=value)
            return f"{code}.rate = {value!r}"

        high = min(max(3.0 * float(first), 50.0), 1000.0 / units._population.dt)
        control = Control(f"rate {number}", "rate", "Hz", float(first), 0.0, high)
        yield Knob(control, POPULATION, number, turn, float(first), at_least=0.0)
        return

    def scale(value: float) -> str:
        units.set(rate=value * rates)
        written[:] = units.rate
        return f"{code}.rate = {value!r} * rates_{number}"

    def as_left() -> bool:
        return bool(np.array_equal(units.rate, written))

    before = f"rates_{number} = {code}.rate.copy()"
    control = factor(f"rate {number}", "rates")
    yield Knob(control, POPULATION, number, scale, 1.0, as_left, at_least=0.0, before=before)


def knobs_of_rule(link: Link, number: int) -> Iterator[Knob]:
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

        def turn(value: float, name: str = name) -> str:
            link.synapses.set(**{name: value})
            return f"{link.code}.{name} = {value!r}"

        yield Knob(replace(control, label=name), LINK, number, turn, value)


def _one_or_all(values: Array) -> float | Array:
    """One number where all are equal, of single precision in as few digits as it has."""
    first = float(values[0])
    if not (values == values[0]).all():
        return values.astype(np.float64)
    short = float(str(np.float32(first))) if values.dtype == np.float32 else first
    return short if abs(short - first) <= _SINGLE * abs(first) else first


def _span(parameter: Parameter, values: Array) -> tuple[float, float] | None:
    if parameter.range is not None or (values == values[0]).all():
        return parameter.range
    low, high = float(values.min()), float(values.max())
    return low - (high - low) / 2, high + (high - low) / 2
