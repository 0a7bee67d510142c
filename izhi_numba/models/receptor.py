"""What a receptor is: how weights that arrive become a current of the neuron."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from izhi_numba.models.declaration import (
    Declaration,
    Parameter,
    State,
    check_declared,
    check_names,
    give_bounds,
)

__all__ = ["Parameter", "Receptor", "State"]

_GIVEN = ("v", "t", "dt")  # what a receptor's functions may ask for, beside its own
_RESERVED = (*_GIVEN, "I")


class Receptor(Declaration):
    """Base class of receptors: what an arriving weight does to a neuron.

    A receptor is written as a model is. The weights of arriving spikes are added to its first
    :class:`State` at the beginning of a step. Its functions ask by name for what they need: its own
    variables, parameters and constants, the voltage of the neuron as ``v``, the time ``t`` (ms), the step
    ``dt`` (ms). An instance may carry other defaults: ``ExponentialConductance(tau=10.0)``.

    * ``derivatives`` returns the time derivative (per ms) of each of its variables;
    * ``current`` returns what is added to the neuron's input ``I``.

    A pool takes receptors by name, and gives its model their variables and parameters: ``g`` of the
    receptor "ampa" is ``g_ampa``. A parameter ``tau``, or one that begins with ``tau_``, is a time constant,
    which must be above 0. Variables whose derivatives are linear, and do not ask for ``v`` or ``t``,
    are advanced exactly, in any scheme; others by the scheme.

    Attributes
    ----------
    adds_to : "v", "I" or ""
        For receptors without functions, and with one variable, the sum of the weights of a step: it is
        added to the voltage at the end of the step, or to the input during it, and then emptied.
    signed : bool
        Whether weights may be negative, as those of currents may; a conductance cannot be.

    Examples
    --------
    >>> class Slow(Receptor):
    ...     i = State(0.0, unit="pA")
    ...     tau = Parameter(100.0, unit="ms", range=(10, 500))
    ...     def derivatives(i, tau): return -i / tau
    ...     def current(i): return i
    >>> Slow(tau=50.0)
    Slow(tau=50.0)
    """

    adds_to: ClassVar[str] = ""
    signed: ClassVar[bool] = True
    current: ClassVar[Callable[..., Any] | None] = None
    _noun = "receptor"
    _functions = ("derivatives", "current")

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for name in cls.parameters:
            if name == "tau" or name.startswith("tau_"):
                give_bounds(cls, name, above=0)
        _check(cls)


def _check(cls: type[Receptor]) -> None:
    """Tell what is wrong with a receptor before anyone uses it."""
    title = cls.__name__
    if not cls.states:
        raise TypeError(
            f"{title}: no variable declared; add one that receives the weights, as in g = State(0.0)"
        )
    check_declared(cls, Receptor, _RESERVED)
    for name, state in cls.states.items():
        if state.is_double:
            raise TypeError(
                f"{title}.{name}: variables of receptors have the precision of the pool; leave out the dtype"
            )
    if cls.adds_to:
        _check_sum(cls)
        return
    for name, use in (("derivatives", "how its variables decay"), ("current", "what is added to I")):
        if getattr(cls, name) is None:
            raise TypeError(f"{title}: the function {name!r} is missing: {use}")
        known = (*cls.states, *cls.parameters, *cls.constants, *_GIVEN)
        check_names(cls, name, getattr(cls, name), known)


def _check_sum(cls: type[Receptor]) -> None:
    if cls.adds_to not in ("v", "I"):
        raise TypeError(f"{cls.__name__}.adds_to: expected 'v', 'I' or '', got {cls.adds_to!r}")
    declared = (*cls.states, *cls.parameters, *cls.constants)
    functions = [name for name in cls._functions if getattr(cls, name) is not None]
    if len(declared) > 1 or functions:
        raise TypeError(
            f"{cls.__name__}: with adds_to it has one variable, and nothing else; it has"
            f" {', '.join([*declared, *functions])}"
        )
