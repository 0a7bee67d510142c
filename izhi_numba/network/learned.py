"""What users set of synapses that learn: parameters of their rule, variables, weights, checked before."""

from __future__ import annotations

import copy
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.checks import finite_number, values_for
from izhi_numba.base.names import nearest
from izhi_numba.connectivity.distributions import Distribution
from izhi_numba.kernels.build import generate
from izhi_numba.kernels.build.words import Random
from izhi_numba.kernels.rng import SET_DRAWS
from izhi_numba.models.model import Model
from izhi_numba.models.neurons.clopath import ClopathAdEx
from izhi_numba.models.plasticity import Plasticity, check_limits, refuse_each
from izhi_numba.models.validation import try_out_rule
from izhi_numba.results.weights import WEIGHT
from izhi_numba.synapses.learning import Learning
from izhi_numba.synapses.projection import Projection

_WEIGHTS = "weights"
_APART = ("gain", "learning")  # what can be set of synapses, but is no number of their rule


class Wanted(NamedTuple):
    """What is to be set, checked."""

    learning: Learning | None  # None: of synapses that have no rule
    values: dict[str, Array]  # of variables: of shape () or (n_synapses,)
    weights: Array | None


def names_of(projection: Projection) -> tuple[str, ...]:
    """Names of variables and parameters; none where synapses do not learn."""
    learning = projection.learning
    return () if learning is None else (*learning.rule.states, *learning.rule.parameters)


def refuse_taken(rule: Plasticity, taken: Iterable[str]) -> None:
    """Refuse a rule with a variable or parameter that is called what synapses have themselves."""
    for name in (*rule.states, *rule.parameters):
        if name.startswith("_"):
            raise ValueError(
                f"plasticity: {type(rule).__name__} declares {name!r}, which could not be read of synapses:"
                " choose a name without the underscore"
            )
        if name in (WEIGHT, *taken):
            raise ValueError(
                f"plasticity: {type(rule).__name__} declares {name!r}, and synapses have their own; choose"
                " another name"
            )


def refuse_missing(rule: Plasticity, model: Model, title: str) -> None:
    """Refuse a rule that asks for variables of targets that their model does not have."""
    for value in rule.values.values():
        if value.state not in model.states:
            has = f"; {ClopathAdEx.__name__} has" if value.state in ClopathAdEx.states else ""
            raise TypeError(
                f"plasticity: {type(rule).__name__} asks for {value.state!r} of its targets; {title} has"
                f" {', '.join(model.states)}{has}"
            )


def no_such(projection: Projection, name: str, public: Iterable[str]) -> AttributeError:
    """What to raise for a name that synapses do not have."""
    learning, title = projection.learning, f"synapses {projection.title}"
    if name in ("w", WEIGHT):
        return AttributeError(f"{title}: no {name!r}; their weights are synapses.weights")
    if name in _APART:
        return AttributeError(f"{title}: {name!r} is set by itself: synapses.{name} = ...")
    if learning is None:
        told = "they do not learn, and have no variables"
    elif name in learning.rule.modulators:
        told = f"it is a modulator: synapses.modulators[{name!r}], synapses.modulate({name}=...)"
    elif name in learning.rule.traces:
        told = "it is a trace of spikes, which the synapses of a neuron have in common"
    else:
        told = f"{type(learning.rule).__name__} has {', '.join(names_of(projection)) or 'no variables'}"
    return AttributeError(f"{title}: no {name!r}; {told}{nearest(name, [*names_of(projection), *public])}")


def wanted(projection: Projection, given: Mapping[str, Any]) -> Wanted:
    """Check what is to be set, by names that there are; to be called in one's turn.

    Raises
    ------
    TypeError, ValueError
    """
    n, dtype, learning = projection.size, projection.plan.dtype, projection.learning
    weights = values_for(_WEIGHTS, given[_WEIGHTS], n, dtype) if _WEIGHTS in given else None
    if learning is None:
        return Wanted(None, {}, weights)
    parameters = {name: value for name, value in given.items() if name in learning.rule.parameters}
    changed = replace(learning, rule=with_parameters(learning, parameters))
    if not projection.is_at_start:
        _refuse_other_traces(learning.rule, changed.rule)
        _refuse_other_steps(learning, changed, parameters)
    _refuse_outside(projection, changed, weights, parameters)
    values = {name: _values(projection, name, given[name]) for name in learning.rule.states if name in given}
    return Wanted(changed, values, weights)


def with_parameters(learning: Learning, given: Mapping[str, Any]) -> Plasticity:
    """Return the rule with other parameters; itself, where they are what they were."""
    rule, numbers = learning.rule, dict[str, float]()
    for name, value in given.items():
        title = f"{type(rule).__name__}: {name}"
        refuse_each(type(rule), name, value)
        numbers[name] = finite_number(title, value)
        rule.parameters[name].refuse_impossible(title, numbers[name])
    if all(rule.number(name) == number for name, number in numbers.items()):
        return rule
    found = copy.copy(rule)
    found.defaults = {**rule.defaults, **numbers}
    check_limits(found)
    try_out_rule(found, learning.dt)
    replace(learning, rule=found).check_numbers()
    return found


def _refuse_other_traces(before: Plasticity, rule: Plasticity) -> None:
    """Refuse other time constants of traces, in which there are spikes that decayed by the old ones."""
    for name, trace in rule.traces.items():
        tau = before.number(trace.tau)
        if rule.number(trace.tau) != tau:
            raise ValueError(
                f"{trace.tau}: the time constant of the trace {name!r} can be set before the first step"
                f" alone, as spikes since then have decayed by {tau:g} ms; reset() goes back there and keeps"
                " weights, or connect anew"
            )


def _refuse_other_steps(learning: Learning, changed: Learning, given: Mapping[str, Any]) -> None:
    """Refuse that values are late by other times, and that other steps of targets are asked for."""
    for name, value in learning.rule.values.items():
        if changed.late(name) != learning.late(name):
            raise ValueError(
                f"{value.late}: what {name!r} is late by can be set before the first step alone; reset() goes"
                " back there and keeps weights, or connect anew"
            )
    if changed.log_key(0).when != learning.log_key(0).when:
        raise ValueError(
            f"{', '.join(given)}: what {type(learning.rule).__name__}.when() asks for can be set before the"
            " first step alone; reset() goes back there and keeps weights, or connect anew"
        )


def _refuse_outside(
    projection: Projection, learning: Learning, weights: Array | None, parameters: Mapping[str, Any]
) -> None:
    """Refuse weights beyond their bounds: those that are set, or those that are there, within new ones."""
    if weights is None:
        assert projection.learning is not None
        if learning.limits == projection.learning.limits:
            return
        projection.bring_up_to_date()
        weights = projection.base()
        if weights.size:
            _refuse_new_limits(learning, weights, parameters)
    elif weights.size:
        learning.refuse_weights(_WEIGHTS, float(weights.min()), float(weights.max()))


def _refuse_new_limits(learning: Learning, weights: Array, parameters: Mapping[str, Any]) -> None:
    (least, most), low, high = learning.limits, float(weights.min()), float(weights.max())
    if low < least or high > most:
        new = ", ".join(f"{name}={value!r:.20}" for name, value in parameters.items())
        raise ValueError(
            f"{', '.join(parameters)}: weights would be kept between {least:g} and {most:g}, and are from"
            f" {low:g} to {high:g} now; set them, too: synapses.set({new}, weights=...)"
        )


def _values(projection: Projection, name: str, value: Any) -> Array:
    """Values of a variable, as they were given or are drawn: of shape () or (n_synapses,)."""
    title, n, dtype = f"{name} of {projection.title}", projection.size, projection.plan.dtype
    if not isinstance(value, Distribution):
        return values_for(title, value, n, dtype)
    values_for(f"{title}, {value!r}", value.bounds(), 2, dtype)
    owner = projection.owner
    assert owner is not None
    word = zlib.crc32(f"synapses {projection.number} {name}".encode())
    key = owner.key_of(projection.target)
    random = Random(key[0], key[1], np.uint32(word))
    time = 0 if projection.is_at_start else owner.steps_done
    drawn: Array = generate.drawn(value.values, np.arange(n), time, SET_DRAWS, random).astype(dtype)
    return drawn
