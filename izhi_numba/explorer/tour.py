"""The tour of the explorer: tasks that show what a neuron can do, and when each is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from izhi_numba.explorer.settings import Settings
from izhi_numba.neuron.f_i import rheobase
from izhi_numba.neuron.fixed_points import fixed_points
from izhi_numba.neuron.result import NeuronResult
from izhi_numba.results.spike_trains import bursts, isi


@dataclass(frozen=True)
class Stop:
    """A task."""

    title: str
    text: str
    hint: str
    reached: Callable[[Settings, NeuronResult], bool]


def _spikes(_: Settings, result: NeuronResult) -> bool:
    return len(result.spike_times) > 0


def _near_rheobase(settings: Settings, result: NeuronResult) -> bool:
    """One that fires at a constant current less than 5 % above the smallest that does it."""
    if not len(result.spike_times):
        return False
    least = rheobase(
        settings.kind, duration=settings.duration, tolerance=1e-3, dt=settings.dt, scheme=settings.scheme,
        **settings.values, **settings.start,
    )  # fmt: skip
    return bool(least <= result.I[-1] <= 1.05 * least)


def _bursts(_: Settings, result: NeuronResult) -> bool:
    """At least two bursts of three spikes, apart by more than twice the longest interval within them."""
    intervals = isi(result.spike_times)
    if len(intervals) < 5:
        return False
    found = bursts(result.spike_times, longest_interval=0.5 * float(intervals.max()), least_spikes=3)
    return len(found) >= 2


def _fires_fast(_: Settings, result: NeuronResult) -> bool:
    intervals = isi(result.spike_times)
    return len(intervals) > 3 and float(intervals[-3:].mean()) < 10.0


def _fires_after_inhibition(_: Settings, result: NeuronResult) -> bool:
    """A spike, although the current is never above its beginning."""
    return len(result.spike_times) > 0 and float(result.I.max()) <= 0.0 and float(result.I.min()) < 0.0


def _two_rests_none_stable(settings: Settings, result: NeuronResult) -> bool:
    """No stable state left at the current of the end."""
    if len(settings.kind.states) != 2:
        return False
    points = fixed_points(settings.kind, float(result.I[-1]), **settings.values)
    return not any(point.stable for point in points)


STOPS = (
    Stop("Make it spike", "Raise the amplitude of the current until the first spike comes.",
         "Somewhere near 4 with the default cell.", _spikes),
    Stop("Find the rheobase", "What is the smallest current at which it fires at all? Come within 5 %.",
         "Lower the amplitude until the spikes are gone, then go back a little; the numbers can be typed.",
         _near_rheobase),
    Stop("Take its rest away", "Raise the current until no stable fixed point is left in the phase plane.",
         "The nullclines come apart: a saddle and a node meet and vanish.", _two_rests_none_stable),
    Stop("Make it burst", "Groups of spikes with pauses between. Which two parameters of the reset do it?",
         "CH has c = -50 and d = 2: it comes back high, and adapts little.", _bursts),
    Stop("Make it fast", "More than a hundred spikes per second, without adaptation.",
         "FS recovers fast: a = 0.1.", _fires_fast),
    Stop("Let it answer inhibition", "A spike after a negative pulse, with no positive current at all.",
         "\"rebound spike\" among the patterns of 2004, or a pulse of -15 with b above 0.25.",
         _fires_after_inhibition),
)  # fmt: skip


def reached(goal: int, settings: Settings, result: NeuronResult) -> bool:
    """Whether what is shown is what a stop of the tour asks for."""
    if not 0 <= goal < len(STOPS):
        return False
    try:
        return STOPS[goal].reached(settings, result)
    except ValueError:  # a neuron that has no rheobase, say
        return False


def hindrance(goal: int, settings: Settings) -> str:
    """Why a model cannot do what a stop of the tour asks for; empty if it can."""
    if not 0 <= goal < len(STOPS) or STOPS[goal].reached is not _two_rests_none_stable:
        return ""
    n, name = len(settings.kind.states), settings.kind.__name__
    return "" if n == 2 else f"{name} has no phase plane, as it has not two variables: choose another model."


def as_messages() -> list[dict[str, str]]:
    """Return all tasks in the terms of the page."""
    return [{"title": stop.title, "text": stop.text, "hint": stop.hint} for stop in STOPS]
