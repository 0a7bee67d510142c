"""A single neuron before it is simulated: its model, with values for parameters and variables."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from izhi_numba import models
from izhi_numba.base import checks
from izhi_numba.inputs.terms import Input
from izhi_numba.models import Model, Preset
from izhi_numba.network.pool import Pool

_MOST_TOLD = 3  # parameters in a name
_STEP = 0.1  # ms, unless a preset or a model of short spikes says otherwise


@dataclass(frozen=True)
class Setup:
    """A model with values for a single neuron, and the protocol of a preset."""

    model: Model
    values: dict[str, float]  # what differs from the model's defaults
    current: Input | None = None
    duration: float | None = None
    dt: float = _STEP
    scheme: str | None = None
    name: str = ""  # of the preset

    def pool(self, n: int, **options: Any) -> Pool:
        """Return ``n`` such neurons, in double precision unless told otherwise."""
        options = {"dt": self.dt, "scheme": self.scheme, "dtype": "float64"} | options
        pool = Pool(n, self.model, **options)
        pool.set(**self.values)
        return pool

    def start(self) -> dict[str, Any]:
        """Parameters and variables at time zero by name."""
        return self.model.start(**self.values)


def set_up(what: Any, values: dict[str, Any], dt: float | None = None, scheme: str | None = None) -> Setup:
    """Take a model (class or instance), a preset or its name, with values that differ."""
    if isinstance(what, str):
        if what not in models.presets and what in models.__all__:
            raise TypeError(f"model: {what!r} is a preset's name in quotes, a model is not: iz.{what}")
        what = models.presets[what]
    preset = what if isinstance(what, Preset) else None
    model = preset.model() if preset else what
    if isinstance(model, type) and issubclass(model, Model):
        model = model()
    if not isinstance(model, Model):
        raise TypeError(
            f"model: expected a model such as iz.AdEx, or a preset such as 'RS', got {what!r:.60}"
        )
    for name, distribution in model.drawn.items():
        raise TypeError(f"{name}: expected a number for a single neuron, got {distribution!r}; pools draw it")
    names = (*model.states, *model.parameters)
    for name in values:
        if name not in names:
            close = difflib.get_close_matches(name, names, n=1)
            hint = f"; did you mean {close[0]!r}?" if close else f"; there are {', '.join(names)}"
            raise TypeError(f"{type(model).__name__}: no parameter {name!r}{hint}")
    checked = {name: checks.finite_number(name, value) for name, value in values.items()}
    if preset is None:
        return Setup(model, checked, dt=usual_step(type(model)) if dt is None else dt, scheme=scheme)
    return Setup(
        model, {**preset, **preset.initial, **checked}, preset.current, preset.duration,
        preset.dt if dt is None else dt, preset.scheme if scheme is None else scheme, preset.name,
    )  # fmt: skip


def usual_step(kind: type[Model]) -> float:
    """Step of a single neuron, ms; a map has its own."""
    return kind.dt if kind.advance is not None else min(_STEP, kind.dt)


def name_of(model: Model, values: Mapping[str, Any]) -> str:
    """Name a neuron by its model and the parameters that are not the class's own."""
    own = [
        f"{name}={values[name]:g}" for name, one in model.parameters.items() if values[name] != one.default
    ]
    listed = ", ".join([*own[:_MOST_TOLD], *["..."] * (len(own) > _MOST_TOLD)])
    return type(model).__name__ + (f"({listed})" if own else "")
