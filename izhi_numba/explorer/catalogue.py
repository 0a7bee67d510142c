"""Models, presets and currents as the explorer offers them."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Iterable
from typing import Any

import izhi_numba.models as shipped
from izhi_numba.explorer import controls, currents
from izhi_numba.explorer.exhibits import Exhibit
from izhi_numba.explorer.gallery import EXHIBITS
from izhi_numba.models import Model, Preset, presets
from izhi_numba.neuron.setup import usual_step
from izhi_numba.numerics.constants import values_at_start
from izhi_numba.numerics.schemes import SCHEMES, why_unsuitable


class Catalogue:
    """The models and networks that can be explored: those of the package, and the user's.

    Parameters
    ----------
    own : models
        The user's classes; the first one is what a page begins with.
    problem : str
        What to tell at the beginning, such as why the user's file could not be read.
    networks : exhibits
        The user's networks; where there is one, a page begins with it.
    """

    def __init__(
        self, own: Iterable[type[Model]] = (), problem: str = "", networks: Iterable[Exhibit] = ()
    ) -> None:
        own = list(own)
        self.models = {kind.__name__: kind for kind in [*own, *_shipped()]}
        self.models |= {kind.__name__: kind for kind in own}  # the user's, where names are equal
        self.first = own[0].__name__ if own else "Izhikevich"
        self.problem = problem
        shown = [*networks]
        self.networks = {one.name: one for one in [*shown, *EXHIBITS]}
        self.opened = shown[0].name if shown else ""

    def as_message(self) -> dict[str, Any]:
        """In the terms of the page."""
        return {
            "models": [_model(name, kind) for name, kind in self.models.items()],
            "presets": [_preset(preset) for preset in presets.values()],
            "currents": currents.as_messages(),
            "model": self.first,
            "problem": self.problem,
            "networks": [one.as_message() for one in self.networks.values()],
            "opened": self.opened,
        }


def _shipped() -> list[type[Model]]:
    no_neurons = (Model, shipped.Relay)
    kinds = (getattr(shipped, name) for name in shipped.__all__)
    kinds = (kind for kind in kinds if inspect.isclass(kind) and kind not in no_neurons)
    return [kind for kind in kinds if issubclass(kind, Model)]


def schemes_for(kind: type[Model]) -> tuple[str, ...]:
    """Names of the numerical methods that suit a model."""
    own = ("advance",) if kind.advance is not None else ()
    return (*own, *(name for name, why in _doubts_of_schemes(kind).items() if not why))  # type: ignore[arg-type]


@functools.cache
def _doubts_of_schemes(kind: type[Model]) -> dict[str, str]:
    """Why each numerical method does not suit a model; empty where it does."""
    model = kind()
    values = values_at_start(model, kind.dt)
    return {name: why_unsuitable(name, model, values) for name in SCHEMES}


def _model(name: str, kind: type[Model]) -> dict[str, Any]:
    low, high = controls.of_input(kind)
    start = kind().start()
    doc = inspect.cleandoc(kind.__doc__ or name)
    return {
        "name": name,
        "title": doc.splitlines()[0],
        "doc": doc,
        "parameters": [
            controls.of_parameter(one, parameter, float(start[one])).as_message()
            for one, parameter in kind.parameters.items()
        ],
        "variables": [
            {"name": one, "unit": kind.states[one].unit, "default": float(start[one])}
            for one in kind.variables()
        ],
        "voltage": kind.voltage,
        "I_unit": kind.I_unit,
        "dt": usual_step(kind),
        "schemes": schemes_for(kind),
        "unsuitable": {name: why for name, why in _doubts_of_schemes(kind).items() if why},  # type: ignore[arg-type]
        "scheme": kind.scheme,
        "amplitude": {"low": low, "high": high, "default": low + 0.6 * (high - low)},
        "plane": "plane" if len(kind.states) == 2 else "line",
    }


def _readable(text: str) -> str:
    """A current without the tails of its numbers: 20.000001 is right after 20."""
    return re.sub(r"\d+\.\d{6,}", lambda found: f"{float(found[0]):.5g}", text)


def _preset(preset: Preset) -> dict[str, Any]:
    return {
        "name": preset.name,
        "family": preset.family,
        "model": preset.model.__name__,
        "values": dict(preset.parameters),
        "start": dict(preset.initial),
        "duration": preset.duration,
        "dt": preset.dt,
        "scheme": preset.scheme,
        "current": currents.as_kind(preset.current) or {"kind": currents.PROTOCOL},
        "protocol": _readable(repr(preset.current)),
        "note": preset.note,
        "source": preset.source,
    }
