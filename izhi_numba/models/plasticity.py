"""What a plasticity rule is: how synapses change with spikes of source and target, and with signals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import FunctionType
from typing import Any, ClassVar

import numpy as np

from izhi_numba.base.calls import called_as
from izhi_numba.base.checks import finite_number, short
from izhi_numba.models.declaration import (
    Constant,
    Declaration,
    Parameter,
    State,
    asked_names,
    check_declared,
    check_names,
    declared,
    give_bounds,
)

__all__ = [
    "Constant",
    "Modulator",
    "Parameter",
    "Plasticity",
    "Random",
    "SourceTrace",
    "State",
    "TargetTrace",
    "TargetValue",
]

WEIGHT, SENT = "w", "sent"
TIMES = ("since_pre", "since_post")
ELAPSED = "elapsed"
_GIVEN = (WEIGHT, *TIMES, "dt")  # what a rule's functions may ask for, beside its own
_GIVEN_BETWEEN = (WEIGHT, ELAPSED, "dt")
_RESERVED = (*_GIVEN, ELAPSED, SENT)
_MOST_RANDOM = 128  # that the counter of random numbers has room for


@dataclass(frozen=True)
class _Trace:
    """A memory of spikes, which decays exactly.

    Parameters
    ----------
    tau : str
        Name of the parameter that is its time constant, in ms.
    nearest : bool, default False
        Whether a spike sets it to 1, so that it tells of the last one alone; else each adds 1.
    """

    tau: str
    nearest: bool = False


class SourceTrace(_Trace):
    """A trace of the spikes of the source (presynaptic), as they arrive at the synapse; see `Plasticity`."""


class TargetTrace(_Trace):
    """A trace of the spikes of the target (postsynaptic), as they arrive at the synapse; see `Plasticity`."""


@dataclass(frozen=True)
class TargetValue:
    """A variable of the target's model, as it is at the synapse; see `Plasticity`.

    On the step of a spike it is what the reset has made of it. In single precision a variable of double
    precision is rounded.

    Parameters
    ----------
    state : str
        Name of the variable, as "u_minus" of `ClopathAdEx`.
    late : str, optional
        Name of the parameter, in ms, by which it is used late; without one it is used at once.
    """

    state: str
    late: str | None = None


@dataclass(frozen=True)
class Modulator:
    """A third factor that all synapses of a projection share, such as dopamine; see `Plasticity`.

    ``synapses.modulate`` adds to it. Between changes it decays exactly, or stays.

    Parameters
    ----------
    tau : str, optional
        Name of the parameter that is its time constant, in ms; without one it stays as it is.
    start : float, default 0
        What it is at first, and after a reset.
    """

    tau: str | None = None
    start: float = 0.0


@dataclass(frozen=True)
class Random:
    """A number drawn from 0 (with it) to 1 (without), for each synapse and event anew; see `Plasticity`.

    It follows from the ``noise_seed``, the projection, the synapse and the step alone: not from the number of
    threads, nor from what is read or saved in between.
    """


class Plasticity(Declaration):
    """Base class of plasticity rules: how a synapse learns.

    A rule is written as a model is. It declares variables of each synapse as :class:`State`, besides the
    weight, which is called ``w``; parameters; and traces of spikes, which decay exactly. Its functions ask by
    name for what they need:

    * ``on_pre`` is called when a spike of the source arrives at the synapse, and ``on_post`` when one of the
      target does;
    * they ask for ``w``, variables, traces, parameters, constants, ``dt`` (ms), and for ``since_pre`` and
      ``since_post``, the ms since the last spike of the source and of the target before this one (infinite
      before the first);
    * they return what changes: the new ``w``; or ``w`` and all variables in the order in which they are
      declared; or a dictionary by name of those that change. ``on_pre`` may return ``sent`` in a dictionary:
      what goes to the receptor, times the gain; without, it is ``w`` after ``on_pre``.

    Traces and times are those before the spike; a spike of the source and one of the target that arrive at
    the synapse in the same step do not see each other. ``bounds`` are the least and the largest weight,
    numbers or names of parameters, and are applied after each call.

    Where a spike takes its delay, ``connect(..., delay_at=)`` says.

    A parameter is one number for all synapses of a projection. What each has its own value of is a State that
    no function returns, set by ``synapses.set(A_plus=array)``, in the order of ``synapses.weights``; a rule
    that is derived from another may say so of a parameter: ``A_plus = iz.State(0.01)``.

    Functions cannot raise errors or print, as compiled code has no way to tell: return ``float("nan")``,
    which ends the run with synapse and step. Numbers of any kind that they return
    are kept in the precision of the
    network.

    A rule of three factors declares :class:`Modulator` as well, for which its functions ask by name. Where
    variables or the weight change by themselves, ``between`` says what becomes of them in a time in which
    nothing happens, neither a spike nor a change of a modulator: it asks for ``elapsed`` (ms), and for
    variables and modulators as they were when that time began. It is called before each event.

    ``on_tick`` is called each ``interval`` ms of simulated time, whatever spikes: it asks for what ``on_pre``
    does, as it is then, and returns the same but for ``sent``.

    Where chance plays a part, a rule declares :class:`Random`, for which all functions but ``between`` ask by
    name: ``r < p`` is true with the probability ``p``. Each declared name is another number, independent of
    the others.

    A rule of voltages declares :class:`TargetValue`, for which ``on_pre`` asks by name, and ``on_post`` in a
    rule with ``when``: a function of these values and of parameters, True or False, which is asked of each
    target after each step. Then ``on_post`` is called for the steps in which it is true, instead of for
    spikes of the target, and ``since_post`` is the time since the last of them. ``on_pre`` is given values as
    they are where the synapse is: before the step in which the spike arrives, and with a dendritic delay so
    much earlier. Before synapses were connected, values were what they were then.

    Attributes
    ----------
    bounds : (float or str, float or str)
    interval : float or str
        Between ticks, in ms: a number, or the name of a parameter.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> class Hebb(iz.Plasticity):
    ...     bounds = (0.0, "w_max")
    ...     x, y = iz.SourceTrace("tau"), iz.TargetTrace("tau")
    ...     tau = iz.Parameter(20.0, unit="ms")
    ...     rate = iz.Parameter(0.01)
    ...     w_max = iz.Parameter(1.0)
    ...     def on_pre(w, y, rate): return w - 1.05 * rate * y
    ...     def on_post(w, x, rate): return w + rate * x
    >>> Hebb(rate=0.02)
    Hebb(rate=0.02)
    >>> Hebb.on_post(w=0.5, x=1.0, rate=0.01)
    0.51
    """

    bounds: ClassVar[tuple[float | str, float | str]] = (float("-inf"), float("inf"))
    interval: ClassVar[float | str] = 1000.0
    traces: ClassVar[dict[str, _Trace]] = {}
    modulators: ClassVar[dict[str, Modulator]] = {}
    randoms: ClassVar[dict[str, Random]] = {}
    values: ClassVar[dict[str, TargetValue]] = {}
    on_pre: ClassVar[Callable[..., Any] | None] = None
    on_post: ClassVar[Callable[..., Any] | None] = None
    on_tick: ClassVar[Callable[..., Any] | None] = None
    between: ClassVar[Callable[..., Any] | None] = None
    when: ClassVar[Callable[..., Any] | None] = None
    _noun = "rule"
    _functions = ("on_pre", "on_post", "on_tick", "between", "when")

    @called_as("iz.PairSTDP(A_plus=0.01)")
    def __init__(self, **defaults: float) -> None:
        for name, value in defaults.items():
            refuse_each(type(self), name, value)
        super().__init__(**defaults)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.traces, cls.modulators = declared(cls, _Trace), declared(cls, Modulator)
        cls.randoms, cls.values = declared(cls, Random), declared(cls, TargetValue)
        _check(cls)

    @classmethod
    def traces_of(cls, kind: type[_Trace]) -> dict[str, _Trace]:
        """Traces of the source, or of the target, by name."""
        return {name: one for name, one in cls.traces.items() if isinstance(one, kind)}

    @classmethod
    def values_of(cls, *functions: str) -> tuple[str, ...]:
        """Names of the values of the target that some functions ask for, in the order of the class."""
        asked = {name for one in functions if getattr(cls, one) for name in asked_names(getattr(cls, one))}
        return tuple(name for name in cls.values if name in asked)

    def number(self, name: str) -> float:
        """A parameter of this rule."""
        return float(self.default_of(name))  # type: ignore[arg-type]

    @classmethod
    def hears_signals(cls) -> bool:
        """Whether its synapses have to hear of what is no spike: modulators, ticks, the time that passes."""
        return bool(cls.modulators) or cls.on_tick is not None or cls.between is not None

    def tick_interval(self) -> float:
        """Milliseconds between ticks."""
        return self.number(self.interval) if isinstance(self.interval, str) else float(self.interval)

    def limits(self) -> tuple[float, float]:
        """The least and the largest weight."""
        low, high = (self.number(one) if isinstance(one, str) else float(one) for one in self.bounds)
        return low, high


def _check(cls: type[Plasticity]) -> None:
    """Tell what is wrong with a rule before anyone uses it."""
    title = cls.__name__
    check_declared(cls, Plasticity, _RESERVED)
    for name, state in cls.states.items():
        if state.is_double:
            raise TypeError(
                f"{title}.{name}: variables of synapses have the precision of the network; leave out dtype"
            )
    decaying: dict[str, _Trace | Modulator] = {**cls.traces, **cls.modulators}
    for name in (*decaying, *cls.randoms, *cls.values):
        if name in _RESERVED:
            raise TypeError(f"{title}: {name!r} is the name of what a rule is given; choose another")
        if hasattr(Plasticity, name):
            raise TypeError(f"{title}: a rule has its own {name!r}; choose another name")
    if len(cls.randoms) > _MOST_RANDOM:
        raise TypeError(f"{title}: expected up to {_MOST_RANDOM} random numbers, got {len(cls.randoms)}")
    for name, one in decaying.items():
        if one.tau is None:
            continue
        _check_parameter(cls, name, f"its time constant {one.tau!r}", one.tau)
        give_bounds(cls, one.tau, above=0)
        _check_time(f"{title}.{one.tau}, the time constant of {name}", cls.parameters[one.tau].default)
    for name, modulator in cls.modulators.items():
        finite_number(f"{title}.{name}, its start", modulator.start)
    if cls.on_pre is None and cls.on_post is None and cls.on_tick is None and cls.__module__ != __name__:
        raise TypeError(f"{title}: a function is missing: on_pre, on_post, on_tick, or several of them")
    for name in cls._functions:
        function = getattr(cls, name)
        if function is not None:
            if not isinstance(function, FunctionType):
                raise TypeError(f"{title}.{name}: expected a function of the rule, got {short(function)}")
            check_names(cls, name, function, _given_to(cls, name))
    _check_values(cls)
    _check_interval(cls)
    _check_limits(cls)


def _check_parameter(cls: type[Plasticity], name: str, what: str, given: str) -> None:
    """Check that what a declaration names is a parameter of the rule."""
    if given not in cls.parameters:
        known = ", ".join(cls.parameters) or "none"
        raise TypeError(f"{cls.__name__}.{name}: {what} is no parameter; there are: {known}")


def _given_to(cls: type[Plasticity], name: str) -> tuple[str, ...]:
    """What a function of a rule may ask for."""
    fixed = (*cls.parameters, *cls.constants)
    if name == "when":
        return (*cls.values, *fixed, "dt")
    own = (*cls.states, *cls.modulators, *fixed)
    if name == "between":
        return (*_GIVEN_BETWEEN, *own)
    values = (*cls.values,) if name in ("on_pre", "on_post") else ()
    return (*_GIVEN, *cls.traces, *cls.randoms, *own, *values)


def _check_values(cls: type[Plasticity]) -> None:
    """Check what a rule asks of variables of the target."""
    title = cls.__name__
    for name, one in cls.values.items():
        if one.late is None:
            continue
        _check_parameter(cls, name, f"what it is late by, {one.late!r},", one.late)
        give_bounds(cls, one.late, at_least=0)
    if cls.when is None:
        asked = asked_names(cls.on_post) if cls.on_post is not None else ()
        if lost := [name for name in asked if name in cls.values]:
            raise TypeError(
                f"{title}.on_post: {lost[0]!r} is a value of the target; say with when() in which steps"
                " on_post is called"
            )
        return
    if cls.on_post is None:
        raise TypeError(f"{title}.when: it says when on_post is called, which is missing")
    if traces := cls.traces_of(TargetTrace):
        raise TypeError(
            f"{title}.{next(iter(traces))}: a rule with when() has no traces of the target, whose spikes it"
            " does not hear of; leave the trace out, or when()"
        )
    if not cls.values_of("when"):
        raise TypeError(f"{title}.when: it asks for no TargetValue, and says the same in all steps")


def _check_interval(cls: type[Plasticity]) -> None:
    """Check how far ticks are apart."""
    title, interval = cls.__name__, cls.interval
    if isinstance(interval, str):
        if interval not in cls.parameters:
            raise TypeError(f"{title}.interval: {interval!r} is no parameter of this rule")
        give_bounds(cls, interval, above=0)
        _check_time(f"{title}.{interval}, the interval", cls.parameters[interval].default)
    else:
        _check_time(f"{title}.interval", interval)


def _check_time(place: str, milliseconds: Any) -> None:
    if finite_number(place, milliseconds) <= 0:
        raise ValueError(f"{place}: expected a number of ms above 0, got {short(milliseconds)}")


def _check_limits(cls: type[Plasticity]) -> None:
    """Check the bounds of the weight."""
    title, bounds = cls.__name__, cls.bounds
    if not isinstance(bounds, tuple) or len(bounds) != 2:
        raise TypeError(f"{title}.bounds: expected (low, high), got {bounds!r:.60}")
    for one in bounds:
        if isinstance(one, str) and one not in cls.parameters:
            raise TypeError(f"{title}.bounds: {one!r} is no parameter of this rule")
        if not isinstance(one, str | float) or one != one:  # an infinite one is none
            finite_number(f"{title}.bounds", one)


def refuse_each(kind: type[Plasticity], name: str, value: Any) -> None:
    """Refuse several values for a parameter, which is one number for all synapses."""
    if name in kind.parameters and isinstance(value, list | tuple | np.ndarray) and np.ndim(value):
        number = kind.parameters[name].default
        raise TypeError(
            f"{kind.__name__}: {name}: expected a finite number for all synapses, got {short(value)}; for one"
            f" of each derive a rule of your own, with {name} = iz.State({number!r}) in its class, and"
            f" synapses.set({name}=...)"
        )


def check_limits(rule: Plasticity) -> None:
    """Refuse a rule whose bounds leave no weight."""
    low, high = rule.limits()
    if not low <= high:
        raise ValueError(
            f"{type(rule).__name__}: bounds: expected the low one first, got ({low:g}, {high:g})"
        )


def changed(rule: type[Plasticity], returned: Any) -> Mapping[str, Any]:
    """What a function of a rule returned, by name."""
    if isinstance(returned, dict):
        return returned
    items = returned if isinstance(returned, tuple) else (returned,)
    names = (WEIGHT, *rule.states)[: len(items)] if len(items) == 1 else (WEIGHT, *rule.states)
    return dict(zip(names, items, strict=True))
