"""What a plasticity rule is: how a synapse changes with the spikes of its source and of its target."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from izhi_numba.models.declaration import (
    Constant,
    Declaration,
    Parameter,
    State,
    check_declared,
    check_names,
    declared,
    give_bounds,
)

__all__ = ["Constant", "Parameter", "Plasticity", "SourceTrace", "State", "TargetTrace"]

WEIGHT, SENT = "w", "sent"
TIMES = ("since_pre", "since_post")
_GIVEN = (WEIGHT, *TIMES, "dt")  # what a rule's functions may ask for, beside its own
_RESERVED = (*_GIVEN, SENT)


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

    Attributes
    ----------
    bounds : (float or str, float or str)

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
    traces: ClassVar[dict[str, _Trace]] = {}
    on_pre: ClassVar[Callable[..., Any] | None] = None
    on_post: ClassVar[Callable[..., Any] | None] = None
    _noun = "rule"
    _functions = ("on_pre", "on_post")

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.traces = declared(cls, _Trace)
        _check(cls)

    @classmethod
    def traces_of(cls, kind: type[_Trace]) -> dict[str, _Trace]:
        """Traces of the source, or of the target, by name."""
        return {name: one for name, one in cls.traces.items() if isinstance(one, kind)}

    def number(self, name: str) -> float:
        """A parameter of this rule."""
        return float(self.default_of(name))  # type: ignore[arg-type]

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
    for name, trace in cls.traces.items():
        if name in _RESERVED:
            raise TypeError(f"{title}: {name!r} is the name of what a rule is given; choose another")
        if hasattr(Plasticity, name):
            raise TypeError(f"{title}: a rule has its own {name!r}; choose another name")
        if trace.tau not in cls.parameters:
            known = ", ".join(cls.parameters) or "none"
            raise TypeError(
                f"{title}.{name}: its time constant {trace.tau!r} is no parameter; there are: {known}"
            )
        give_bounds(cls, trace.tau, above=0)
    if cls.on_pre is None and cls.on_post is None and cls.__module__ != __name__:
        raise TypeError(f"{title}: a function is missing: on_pre, on_post, or both")
    known_names = (*_GIVEN, *cls.states, *cls.traces, *cls.parameters, *cls.constants)
    for name in cls._functions:
        function = getattr(cls, name)
        if function is not None:
            check_names(cls, name, function, known_names)
    _check_limits(cls)


def _check_limits(cls: type[Plasticity]) -> None:
    """Check the bounds of the weight."""
    title, bounds = cls.__name__, cls.bounds
    if not isinstance(bounds, tuple) or len(bounds) != 2:
        raise TypeError(f"{title}.bounds: expected (low, high), got {bounds!r:.60}")
    for one in bounds:
        if isinstance(one, str) and one not in cls.parameters:
            raise TypeError(f"{title}.bounds: {one!r} is no parameter of this rule")


def check_limits(rule: Plasticity) -> None:
    """Refuse a rule whose bounds leave no weight."""
    low, high = rule.limits()
    if not low <= high:
        raise ValueError(
            f"{type(rule).__name__}: bounds: expected the low one first, got ({low:g}, {high:g})"
        )


def changed(rule: type[Plasticity], returned: Any) -> Mapping[str, Any]:
    """What ``on_pre`` or ``on_post`` returned, by name."""
    if isinstance(returned, dict):
        return returned
    items = returned if isinstance(returned, tuple) else (returned,)
    names = (WEIGHT, *rule.states)[: len(items)] if len(items) == 1 else (WEIGHT, *rule.states)
    return dict(zip(names, items, strict=True))
