"""The currents that the page offers, made of those of :mod:`izhi_numba.inputs.makers`."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from izhi_numba.base.checks import finite_number, one_of
from izhi_numba.explorer.controls import Control, number
from izhi_numba.inputs import makers as inputs
from izhi_numba.inputs.terms import Input, Term
from izhi_numba.inputs.waveforms import Always, Window

_POSITIVE = {"length", "period", "tau"}
_DECIMALS = 5  # of the onset, as the page shows it; that of a preset may be 15.000001
PROTOCOL = "protocol"  # the current of a preset's figure

_CONTROLS = {
    control.name: control
    for control in (
        Control("offset", "offset", "", 0.0, None, None),
        Control("amplitude", "amplitude", "", None, None, None),
        Control("onset", "onset", "ms", 100.0, 0.0, 1000.0),
        Control("length", "length", "ms", 500.0, 1.0, 1000.0),
        Control("period", "period", "ms", 100.0, 2.0, 500.0),
        Control("first_frequency", "from", "Hz", 0.0, 0.0, 100.0),
        Control("last_frequency", "to", "Hz", 40.0, 0.0, 200.0),
        Control("tau", "correlation time", "ms", 10.0, 0.5, 100.0),
    )
}


@dataclass(frozen=True)
class Kind:
    """A shape of the current."""

    label: str
    asks: tuple[str, ...]
    make: Callable[..., Input]


def _constant(amplitude: float, onset: float) -> Input:
    return inputs.step(amplitude, start=onset) if onset > 0 else inputs.constant(amplitude)


def _pulse(offset: float, amplitude: float, onset: float, length: float) -> Input:
    return offset + inputs.pulse(amplitude, start=onset, width=length)


def _square(offset: float, amplitude: float, onset: float, period: float, length: float) -> Input:
    return offset + inputs.square(amplitude, period=period, start=onset, stop=onset + length)


def _sine(offset: float, amplitude: float, onset: float, period: float, length: float) -> Input:
    return offset + inputs.sine(amplitude, frequency=1000 / period, start=onset, stop=onset + length)


def _ramp(offset: float, amplitude: float, onset: float, length: float) -> Input:
    return offset + inputs.ramp(amplitude / length, start=onset, stop=onset + length)


def _chirp(
    offset: float,
    amplitude: float,
    onset: float,
    first_frequency: float,
    last_frequency: float,
    length: float,
) -> Input:
    return offset + inputs.chirp(
        amplitude, f0=first_frequency, f1=last_frequency, duration=length, start=onset
    )


def _ornstein_uhlenbeck(offset: float, amplitude: float, onset: float, tau: float) -> Input:
    return offset + inputs.ornstein_uhlenbeck(abs(amplitude), tau, start=onset)


def _noise(offset: float, amplitude: float, onset: float) -> Input:
    return offset + inputs.noise(abs(amplitude), start=onset)


KINDS = {
    "constant": Kind("constant", ("amplitude", "onset"), _constant),
    "pulse": Kind("pulse", ("offset", "amplitude", "onset", "length"), _pulse),
    "square": Kind("square wave", ("offset", "amplitude", "onset", "period", "length"), _square),
    "sine": Kind("sine", ("offset", "amplitude", "onset", "period", "length"), _sine),
    "ramp": Kind("ramp", ("offset", "amplitude", "onset", "length"), _ramp),
    "chirp": Kind(
        "chirp",
        ("offset", "amplitude", "onset", "first_frequency", "last_frequency", "length"),
        _chirp,
    ),
    "ornstein_uhlenbeck": Kind(
        "Ornstein-Uhlenbeck", ("offset", "amplitude", "onset", "tau"), _ornstein_uhlenbeck
    ),
    "noise": Kind("white noise", ("offset", "amplitude", "onset"), _noise),
}


def make(given: Mapping[str, Any], protocol: Input | None) -> tuple[Input, bool]:
    """Return the current that a page asks for, and whether it is the preset's, which is ``protocol``."""
    kind = one_of("current", given.get("kind"), (*KINDS, *([PROTOCOL] if protocol is not None else [])))
    if kind == PROTOCOL:
        assert protocol is not None
        return protocol, True
    if protocol is not None and dict(given) == as_kind(protocol):
        return protocol, True
    numbers = {name: number(name, given, _CONTROLS[name].default or 0.0) for name in KINDS[kind].asks}
    if "onset" in numbers:
        numbers["onset"] = round(numbers["onset"], _DECIMALS)
    for name in _POSITIVE & numbers.keys():
        finite_number(name, numbers[name], above=0)
    return KINDS[kind].make(**numbers), False


def as_kind(current: Input) -> dict[str, Any] | None:
    """Return a current that is on from some time on as a page has it; None for others."""
    if len(current.terms) != 1:
        return None
    (term,) = current.terms
    waveform = term.waveform
    if not isinstance(term, Term) or not isinstance(waveform, Always | Window):
        return None
    if isinstance(waveform, Window) and waveform.stop != math.inf:
        return None
    onset = waveform.start if isinstance(waveform, Window) else 0.0
    return {"kind": "constant", "amplitude": term.amplitude, "onset": onset}


def as_messages() -> list[dict[str, Any]]:
    """All kinds in the terms of the page."""
    return [
        {
            "name": name,
            "label": kind.label,
            "controls": [_CONTROLS[control].as_message() for control in kind.asks],
        }
        for name, kind in KINDS.items()
    ]
