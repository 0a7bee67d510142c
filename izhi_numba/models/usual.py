"""What is usual for the numbers of a model: doubts about what looks like another unit."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from izhi_numba.models.declaration import Declaration
from izhi_numba.models.model import Model

# Numbers in units without a prefix are too small; large ones may be meant, as a threshold that is never met.
_FAR, _VERY_FAR = 100.0, 1e6  # factors: outside the range of a slider, and anywhere
_WITHOUT_PREFIX = {"pA": "A", "pF": "F", "nS": "S", "mV": "V", "ms": "s"}
_SAMPLE = 1000  # values that are looked at, of large arrays
_LONGEST_STEP = 10.0  # in steps that are usual for a model


def doubts_of_values(title: str, model: Model, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Doubts about values of parameters and variables: what they are about, and the message."""
    for name, given in values.items():
        kind: Any = type(model)
        usual, unit = _usual(kind, name)
        if _is_doubtful(given, usual):
            yield name, _far(f"{name} of {title}", _typical(given), usual, unit)


def doubt_of_step(title: str, model: Model, dt: float) -> str:
    """Doubt about a step that is long for a model; empty if there is none."""
    if dt <= _LONGEST_STEP * model.dt:
        return ""
    return (
        f"dt of {title}: steps of {dt:g} ms are long for {type(model).__name__}, {model.dt:g} ms are usual;"
        " dt is in ms"
    )


def doubt_of_input(name: str, values: Any, model: Model) -> str:
    """Doubt about an amplitude of an input; empty if there is none."""
    sizes = [abs(edge) for edge in model.I_range or ()]
    typical = _typical(values)
    if not sizes or not typical or abs(typical) >= max(sizes) / _VERY_FAR:
        return ""
    return _far(name, typical, model.I_range or (), model.I_unit)


def doubt_of_relay(title: str, n_lost: float) -> str:
    """Doubt about spikes that a relay could not pass on; empty if there are none."""
    if not n_lost:
        return ""
    return (
        f"{title}: {n_lost:g} spikes came in a step with another one, and were lost: a Relay passes on one"
        " spike in a step; take a smaller dt, or connect their sources themselves"
    )


def doubt_of_modulators(title: str, modulators: Iterable[str], duration: float) -> str:
    """Doubt about a rule of three factors that is given two."""
    given = ", ".join(f"{name}=..." for name in modulators)
    return (
        f"{title}: they wait for a third factor, which nobody has set in {duration:g} ms: without"
        f" synapses.modulate({given}) it is 0, and what hangs on it does not change"
    )


def input_that_is_usual(model: Model) -> str:
    """What is usual for the input of a model, to be added to a message."""
    return f"; an input of {_text(model.I_range, model.I_unit)} is usual" if model.I_range else ""


def doubt_of_weight(model: Model, receptor: str, low: float, high: float) -> str:
    """Doubt about the weights of a projection; empty if there is none."""
    port = model.receptors.get(receptor, "")
    unit = model.states[port].unit if port in model.states else "mV" if port in model.jumps else model.I_unit
    largest = max(abs(low), abs(high))
    if unit not in _WITHOUT_PREFIX or not 0 < largest < 1 / _VERY_FAR:
        return ""
    return f"weight: {largest:g} {unit} does next to nothing{_not_in(unit)}"


@functools.lru_cache(maxsize=1024)
def _usual(kind: type[Declaration], name: str) -> tuple[tuple[float, ...], str]:
    """The usual range, or the default where there is none, and the unit.

    A default tells nothing of numbers that have no unit, or one that is seldom mistaken: 0.001 is as good a
    place for a gate to begin as 0.99.
    """
    if name in kind.parameters:
        parameter = kind.parameters[name]
        usual, unit = parameter.range or (parameter.default,), parameter.unit
    else:
        with np.errstate(all="ignore"):
            usual, unit = (float(kind().start()[name]),), kind.states[name].unit
    return usual if len(usual) == 2 or unit in _WITHOUT_PREFIX else (), unit


def _typical(values: Any) -> float:
    """The middle one of the numbers that are not 0, by size; 0 where all are."""
    numbers = np.ravel(np.asarray(values))
    if len(numbers) == 1:
        return float(numbers[0])
    numbers = numbers[:: 1 + len(numbers) // _SAMPLE].astype(float)
    numbers = numbers[numbers != 0]
    if not len(numbers):
        return 0.0
    return float(numbers[np.argsort(np.abs(numbers))[len(numbers) // 2]])


def _is_doubtful(values: Any, usual: tuple[float, ...]) -> bool:
    sizes = [abs(one) for one in usual if one]
    typical = _typical(values) if sizes else 0.0
    if not typical:
        return False
    within = len(usual) == 2 and usual[0] <= typical <= usual[1]
    return abs(typical) < min(sizes) / (_VERY_FAR if within else _FAR)


def _far(name: str, value: float, usual: tuple[float, ...], unit: str) -> str:
    told = f"{value:g} {unit}".rstrip()
    return f"{name}: {told} is far from what is usual, {_text(usual, unit)}{_not_in(unit)}"


def _text(usual: tuple[float, ...], unit: str) -> str:
    return " to ".join(f"{one:g}" for one in usual) + f" {unit}".rstrip()


def _not_in(unit: str) -> str:
    """The unit that numbers are in, and the one that they may have been meant in."""
    other = _WITHOUT_PREFIX.get(unit)
    return f"; it is in {unit}, not in {other}" if other else ""
