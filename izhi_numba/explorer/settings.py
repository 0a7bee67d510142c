"""The neuron that a page of the explorer asks for, checked: model, values, input, and how to simulate it."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from izhi_numba.base.checks import finite_number, one_of, whole_number
from izhi_numba.explorer import controls, currents
from izhi_numba.explorer.catalogue import Catalogue, schemes_for
from izhi_numba.inputs import makers as inputs
from izhi_numba.inputs.terms import Input
from izhi_numba.models import Model, presets
from izhi_numba.neuron.result import NeuronResult
from izhi_numba.neuron.setup import usual_step
from izhi_numba.neuron.simulate import simulate
from izhi_numba.results.error import SimulationError

_MOST_STEPS = 400_000
_MOST_KICKS = 100
_DECIMALS = 9  # of the duration: 7 * 0.1 is 0.7000000000000001
KICK = 2.0  # ms
_KICK_WITHIN = 10.0  # ms
_MOST_DOUBLINGS = 24


@dataclass(frozen=True)
class Settings:
    """One neuron as the page shows it.

    Attributes
    ----------
    kind : type of Model
    values, start : dict
        Parameters, and variables at time zero, where they differ from the model's defaults.
    shape : Input
        The current, without kicks.
    kicks : tuple of float
        When a pulse is added that makes the neuron spike, ms.
    """

    kind: type[Model]
    preset: str
    values: dict[str, Any]
    start: dict[str, Any]
    shape: Input
    published: bool  # whether the shape is that of the preset
    kicks: tuple[float, ...]
    duration: float
    dt: float
    scheme: str
    spike_times: Any
    seed: int

    @functools.cached_property
    def current(self) -> Input:
        """What drives the neuron: the shape and the kicks."""
        return self.shape + self.pulses

    @functools.cached_property
    def pulses(self) -> Input:
        """The kicks."""
        size = kick_size(self) if self.kicks else 0.0
        return sum((inputs.pulse(size, start=t, width=KICK) for t in self.kicks), start=Input())

    @property
    def onset(self) -> float:
        """When the first current begins, ms; kicks are none."""
        starts = [getattr(term.waveform, "start", 0.0) for term in self.shape.terms]
        return max(0.0, min(starts, default=0.0))

    def simulate(self) -> NeuronResult:
        """Return what the neuron does."""
        return simulate(
            self.kind, self.current, self.duration, dt=self.dt, scheme=self.scheme,
            spike_times=self.spike_times, seed=self.seed, **self.values, **self.start,
        )  # fmt: skip


def read(message: Any, catalogue: Catalogue) -> Settings:
    """Check what came from a page.

    Raises
    ------
    TypeError, ValueError
        With a message for the page.
    """
    given = _mapping("settings", message)
    kind = catalogue.models[one_of("model", given.get("model"), catalogue.models)]
    preset = given.get("preset") or ""
    if preset:
        one_of("preset", preset, presets)
    own = presets[preset] if preset and presets[preset].model is kind else None
    duration = controls.number("duration", given, 1000.0)
    dt = controls.number("dt", given, usual_step(kind))
    if not 0 < dt <= duration:
        raise ValueError(f"dt: expected a step above 0 and not above the duration, got {dt:g} ms")
    if duration / dt > _MOST_STEPS:
        raise ValueError(
            f"duration: {duration:g} ms in steps of {dt:g} ms are {duration / dt:.3g} steps, more than the"
            f" {_MOST_STEPS} that the page draws; take a longer step or a shorter duration"
        )
    kicks = _kicks(given.get("kicks", []), duration)
    if kicks and _KICK_WITHIN / dt > _MOST_STEPS:
        raise ValueError(
            f"kicks: how large one has to be is looked for in {_KICK_WITHIN:g} ms, which"
            f" are {_KICK_WITHIN / dt:.3g} steps of {dt:g} ms, more than the {_MOST_STEPS} that the page"
            " computes; take a longer step"
        )
    asked = _mapping("current", given.get("current", {"kind": "constant"}))
    shape, published = currents.make(asked, own.current if own else None)
    return Settings(
        kind,
        preset if own else "",
        _numbers("values", given, kind.parameters, kind),
        _numbers("start", given, kind.states, kind),
        shape,
        published,
        kicks,
        round(round(duration / dt) * dt, _DECIMALS),
        dt,
        one_of("scheme", given.get("scheme", kind.scheme), schemes_for(kind)),
        one_of("spike_times", given.get("spike_times", "grid"), ("grid", "interpolated")),
        whole_number("seed", given.get("seed", 1), at_least=0, at_most=2**32 - 1),
    )


@functools.lru_cache(maxsize=64)
def _kick(kind: type[Model], items: tuple[tuple[str, float], ...], scheme: str, dt: float) -> float:
    """Smallest amplitude, of powers of 2 times a hundredth of the input's range, that brings a spike."""
    low, high = controls.of_input(kind)
    size = (high - low) / 100
    values: dict[str, Any] = dict(items)
    for _ in range(_MOST_DOUBLINGS):
        try:
            pulse = inputs.pulse(size, start=0.0, width=KICK)
            duration = max(dt, round(_KICK_WITHIN / dt) * dt)
            kicked = simulate(kind, pulse, duration, dt=dt, scheme=scheme, seed=0, **values)
        except SimulationError:
            break
        if len(kicked.spike_times):
            return size
        size *= 2
    raise ValueError("kick: no pulse of 2 ms makes this neuron spike")


def kick_size(settings: Settings) -> float:
    """Amplitude of a kick, in the model's unit of the input."""
    values = tuple(sorted(settings.values.items()))
    return _kick(settings.kind, values, settings.scheme, settings.dt)  # type: ignore[arg-type]


def _mapping(name: str, given: Any) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        raise TypeError(f"{name}: expected names with values, got {given!r:.60}")
    return dict(given)


def _numbers(
    what: str, given: dict[str, Any], known: Mapping[str, Any], kind: type[Model]
) -> dict[str, float]:
    """Numbers by name, without those that are the model's defaults."""
    found = {}
    for name, value in _mapping(what, given.get(what, {})).items():
        if name not in known:
            raise ValueError(f"{what}: {kind.__name__} has no {name!r:.40}; there are {', '.join(known)}")
        checked = finite_number(name, value)
        if checked != known[name].default:
            found[name] = checked
    return found


def _kicks(given: Any, duration: float) -> tuple[float, ...]:
    if not isinstance(given, list) or len(given) > _MOST_KICKS:
        raise ValueError(f"kicks: expected a list of up to {_MOST_KICKS} times, got {given!r:.60}")
    return tuple(finite_number("kicks", t, at_least=0) for t in given if finite_number("kicks", t) < duration)
