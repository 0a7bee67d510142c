"""What a neuron model is: variables, parameters and plain functions that ask by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from izhi_numba.base.calls import called_as
from izhi_numba.connectivity.distributions import Distribution
from izhi_numba.models.declaration import (
    Declaration,
    asked_names,
    check_declared,
    check_names,
    check_range,
    give_bounds,
)

GIVEN = ("I", "t", "dt")  # what every function may ask for, beside variables and parameters
REFRACTORY_STEPS = "refractory_steps"  # a constant that models with a refractory period get
_FUNCTIONS = ("derivatives", "advance", "threshold", "reset")


class Model(Declaration):
    """Base class of neuron models.

    A model declares its variables as :class:`State`, its parameters as :class:`Parameter`, and plain
    functions, each of which asks by name for what it needs: variables, parameters, constants, the input
    ``I``, the time ``t`` (ms), the step ``dt`` (ms). An instance may carry other defaults:
    ``Izhikevich(a=0.1)``.

    A function that asks for ``t`` is computed in double precision in any pool: in single precision, times
    count in quarters of a ms after 35 minutes. So is one that asks for a variable declared with a dtype, as
    in ``last = State(-1e9, dtype="float64")``, which is kept in double precision, too. A variable that holds
    a time has to be: a pool of single precision refuses the model otherwise.

    * ``derivatives`` returns the time derivative (per ms) of each variable;
    * or, instead, ``advance`` returns each variable one step later: for maps, and for propagators
      known in closed form, with their factors declared as :class:`Constant`;
    * ``threshold`` returns whether the neuron is above its threshold;
    * ``reset`` returns the variables as they are after a spike. A model without ``reset`` comes down by
      itself, and spikes in the step in which it gets above its threshold.

    They return all variables in the order of declaration (a plain number where there is one), or a
    dictionary by name, ``{"v": c, "u": u + d}``, in which ``reset`` and ``advance`` may leave out what
    they do not change.

    Functions cannot raise errors or print, as compiled code has no way to tell: a variable that becomes
    ``float("nan")`` ends the run with neuron and step. So it is with receptors.

    Attributes
    ----------
    scheme : str
        Usual numerical method, a name in ``izhi_numba.numerics.schemes``; "rk4" unless said otherwise,
        as Euler's method fires otherwise than the equations where steps are not tiny.
    dt : float
        Usual step (ms).
    voltage : str
        The variable that is the voltage; the first one unless said otherwise.
    peak : float, str or None
        What a recorded voltage shows on the step of a spike: a number, or the name of a parameter.
    I_unit : str
        Unit of the input ``I``, for labels.
    I_range : (float, float) or None
        What a slider of the input should offer.
    refractory : str or None
        Name of a parameter (ms, rounded to whole steps, a half up): for so long after a spike the voltage is
        held, and nothing spikes. The voltage of a model without ``reset`` is not held.
    receptors : dict
        Of a model with receptors, see :func:`izhi_numba.compose`: for each receptor's name that
        of the variable to which the weights of arriving spikes are added, one of ``states``, ``jumps`` or
        ``pulses``.
    jumps, pulses : tuple of str
        Hidden variables that are added to the voltage, or to ``I`` for one step, and then emptied.
    currents : dict
        Of a model with receptors, how their currents follow from variables and parameters: functions by the
        names under which they are recorded, "I_ampa".
    exact_receptors : dict
        Kinds of the receptors whose own variables are advanced by exact factors, by name.
    bare : type or None
        Of a model with receptors, the one without.
    origins : tuple of (str, function)
        Of a model with receptors, the user's functions that its own are made of, and what to call them.
    made_of : (Model, dict of str to Receptor) or None
        Of a model with receptors, the model and the receptors by name that it was made of.

    Examples
    --------
    >>> from izhi_numba import Parameter, State
    >>> class Leaky(Model):
    ...     v = State(-70.0, unit="mV")
    ...     tau = Parameter(20.0, unit="ms", range=(5, 50))
    ...     def derivatives(v, I, tau): return (-70.0 - v + I) / tau
    ...     def threshold(v): return v >= -50.0
    ...     def reset(): return -70.0
    """

    scheme: ClassVar[str] = "rk4"
    dt: ClassVar[float] = 0.1
    peak: ClassVar[float | str | None] = None
    voltage: ClassVar[str] = ""
    I_unit: ClassVar[str] = ""
    I_range: ClassVar[tuple[float, float] | None] = None
    refractory: ClassVar[str | None] = None
    receptors: ClassVar[dict[str, str]] = {}
    unsigned_receptors: ClassVar[frozenset[str]] = frozenset()  # those whose weights cannot be negative
    jumps: ClassVar[tuple[str, ...]] = ()
    pulses: ClassVar[tuple[str, ...]] = ()
    currents: ClassVar[dict[str, Callable[..., Any]]] = {}
    exact_receptors: ClassVar[dict[str, type[Declaration]]] = {}
    bare: ClassVar[type[Model] | None] = None
    origins: ClassVar[tuple[tuple[str, Callable[..., Any]], ...]] = ()
    made_of: ClassVar[tuple[Model, dict[str, Any]] | None] = None
    advance: ClassVar[Callable[..., Any] | None] = None
    threshold: ClassVar[Callable[..., Any]]
    reset: ClassVar[Callable[..., Any] | None] = None
    _functions = _FUNCTIONS

    @called_as("iz.Izhikevich(a=0.1, d=2)")
    def __init__(self, **defaults: Any) -> None:
        self.drawn = {name: value for name, value in defaults.items() if isinstance(value, Distribution)}
        middles = {name: one.middle for name, one in self.drawn.items()}
        super().__init__(**(defaults | middles))

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not cls.voltage and cls.states:
            cls.voltage = next(iter(cls.states))
        if "advance" in cls.__dict__:
            cls.scheme = cls.__dict__.get("scheme", "advance")
        elif "derivatives" in cls.__dict__ and cls.advance is not None:
            cls.advance = None
            cls.scheme = cls.__dict__.get("scheme", Model.scheme)
        if cls.refractory is not None and cls.refractory in cls.parameters:
            give_bounds(cls, cls.refractory, at_least=0)
        _check(cls)

    @classmethod
    def variables(cls) -> tuple[str, ...]:
        """Names of the variables, the voltage first: the order of compiled code."""
        return (cls.voltage, *(name for name in cls.states if name != cls.voltage))

    @classmethod
    def hidden(cls) -> tuple[str, ...]:
        """Names of what the package adds to the variables: sums of weights, steps left of refractoriness."""
        return (*cls.jumps, *cls.pulses, *(() if cls.refractory is None else ("refractory_steps_left",)))

    @classmethod
    def doubles(cls) -> tuple[str, ...]:
        """Names of the variables that are kept in double precision in any pool."""
        return tuple(name for name, state in cls.states.items() if state.is_double)

    @classmethod
    def asks_for_time(cls) -> bool:
        """Whether a step depends on when it is taken."""
        functions = (cls.derivatives, cls.advance, cls.threshold, cls.reset)
        return any(function is not None and "t" in asked_names(function) for function in functions)

    def __repr__(self) -> str:
        if not self.receptors:
            return super().__repr__()
        own = self._shown((self.bare or type(self)).__name__).removesuffix("()")
        return f"{own} with {', '.join(self.receptors)}"


def _check(cls: type[Model]) -> None:
    """Tell what is wrong with a model before anyone uses it."""
    if not cls.states:
        raise TypeError(f"{cls.__name__}: no variable declared; add one, as in v = State(-65.0)")
    check_declared(cls, Model, (*GIVEN, REFRACTORY_STEPS))
    _check_functions(cls, (*cls.states, *cls.parameters, *cls.constants, *GIVEN))
    _check_attributes(cls)


def _check_functions(cls: type[Model], known: tuple[str, ...]) -> None:
    if cls.derivatives is None and cls.advance is None:
        raise TypeError(f"{cls.__name__}: the function 'derivatives' is missing (or 'advance', for a map)")
    if getattr(cls, "threshold", None) is None:
        raise TypeError(f"{cls.__name__}: the function 'threshold' is missing")
    for name in _FUNCTIONS:
        if getattr(cls, name) is not None:
            check_names(cls, name, getattr(cls, name), known)


def _check_attributes(cls: type[Model]) -> None:
    title, variables, parameters = cls.__name__, ", ".join(cls.states), ", ".join(cls.parameters) or "none"
    if cls.voltage not in cls.states:
        raise TypeError(f"{title}.voltage: {cls.voltage!r} is not a variable; there are {variables}")
    if cls.voltage in cls.doubles():
        raise TypeError(
            f"{title}.{cls.voltage}: the voltage has the precision of the pool: leave out its dtype, and make"
            " the pool with dtype='float64'"
        )
    if cls.refractory is not None and cls.refractory not in cls.parameters:
        raise TypeError(
            f"{title}.refractory: expected the name of a parameter, got {cls.refractory!r};"
            f" there are {parameters}"
        )
    if cls.I_range is not None:
        check_range(f"{title}.I_range", cls.I_range)
    if isinstance(cls.peak, str) and cls.peak not in cls.parameters:
        raise TypeError(
            f"{title}.peak: expected a number or the name of a parameter, got {cls.peak!r};"
            f" there are {parameters}"
        )
