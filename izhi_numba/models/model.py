"""What a neuron model is: variables, parameters and three plain functions."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from types import FunctionType
from typing import Any, ClassVar

from izhi_numba.checks import finite_number

GIVEN = ("I", "t", "dt")  # what every function may ask for, beside variables and parameters
_FUNCTIONS = ("derivatives", "threshold", "reset")


@dataclass(frozen=True)
class State:
    """A variable of a neuron.

    Parameters
    ----------
    default : float or function
        Value at time zero. A function asks by name for parameters and for variables declared
        before this one: ``State(lambda v, b: b * v)``.
    unit : str, optional
    """

    default: float | Callable[..., Any]
    unit: str = ""


@dataclass(frozen=True)
class Parameter:
    """A constant of a neuron, with its own value for each neuron of a pool.

    Parameters
    ----------
    default : float
    unit : str, optional
    range : (float, float), optional
        What a slider should offer.
    """

    default: float
    unit: str = ""
    range: tuple[float, float] | None = None


class Model:
    """Base class of neuron models.

    A model declares its variables as :class:`State`, its constants as :class:`Parameter`, and three
    plain functions, each of which asks by name for what it needs: variables, parameters, the input
    ``I``, the time ``t`` (ms), the step ``dt`` (ms).

    * ``derivatives`` returns the time derivative (per ms) of each variable, in the order of declaration;
    * ``threshold`` returns whether the neuron spikes;
    * ``reset`` returns each variable as it is after a spike, in the order of declaration.

    Models with one variable return plain numbers. An instance may carry other defaults:
    ``Izhikevich(a=0.1)``.

    Attributes
    ----------
    scheme : str
        Usual numerical method, a name in :data:`izhi_numba.schemes.SCHEMES`.
    dt : float
        Usual step (ms).
    peak : float or None
        What a recorded voltage (the first variable) shows on the step of a spike.

    Examples
    --------
    >>> class Leaky(Model):
    ...     v = State(-70.0, unit="mV")
    ...     tau = Parameter(20.0, unit="ms", range=(5, 50))
    ...     def derivatives(v, I, tau): return (-70.0 - v + I) / tau
    ...     def threshold(v): return v >= -50.0
    ...     def reset(): return -70.0
    """

    scheme: ClassVar[str] = "book2007"
    dt: ClassVar[float] = 1.0
    peak: ClassVar[float | None] = None
    states: ClassVar[dict[str, State]] = {}
    parameters: ClassVar[dict[str, Parameter]] = {}
    derivatives: ClassVar[Callable[..., Any]]
    threshold: ClassVar[Callable[..., Any]]
    reset: ClassVar[Callable[..., Any]]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.states = cls.states | _declared(cls, State)
        cls.parameters = cls.parameters | _declared(cls, Parameter)
        for name in _FUNCTIONS:
            function = cls.__dict__.get(name)
            if isinstance(function, FunctionType):
                setattr(cls, name, staticmethod(function))
        _check(cls)

    def __init__(self, **defaults: float) -> None:
        valid = (*self.states, *self.parameters)
        self.defaults: dict[str, float | Callable[..., Any]] = {}
        for name, value in defaults.items():
            if name not in valid:
                raise TypeError(f"{type(self).__name__}: no parameter {name!r}; there are {', '.join(valid)}")
            self.defaults[name] = finite_number(f"{type(self).__name__}: {name}", value)

    def default_of(self, name: str) -> float | Callable[..., Any]:
        """Value of a variable or parameter where none is given: a number, or a function of others."""
        if name in self.defaults:
            return self.defaults[name]
        return (self.states.get(name) or self.parameters[name]).default

    def __repr__(self) -> str:
        inside = ", ".join(f"{name}={value!r}" for name, value in self.defaults.items())
        return f"{type(self).__name__}({inside})"


def asked_names(function: Callable[..., Any]) -> tuple[str, ...]:
    """Names that a function asks for."""
    return tuple(inspect.signature(function).parameters)


def _declared(cls: type[Model], kind: type[Any]) -> dict[str, Any]:
    return {name: value for name, value in cls.__dict__.items() if isinstance(value, kind)}


def _check(cls: type[Model]) -> None:
    known = (*cls.states, *cls.parameters, *GIVEN)
    if not cls.states:
        raise TypeError(f"{cls.__name__}: no variable declared; add one, as in v = State(-65.0)")
    for name in (*cls.states, *cls.parameters):
        if name in GIVEN:
            raise TypeError(f"{cls.__name__}: {name!r} is the name of what a step is given; choose another")
    for name, declared in (cls.states | cls.parameters).items():
        if not callable(declared.default):
            finite_number(f"{cls.__name__}.{name}, its default", declared.default)
    for name in _FUNCTIONS:
        function = getattr(cls, name, None)
        if function is None:
            raise TypeError(f"{cls.__name__}: the function {name!r} is missing")
        _check_names(f"{cls.__name__}.{name}", function, known)
    earlier: list[str] = [*cls.parameters]
    for name, state in cls.states.items():
        if callable(state.default):
            _check_names(f"{cls.__name__}.{name}, its default", state.default, earlier)
        earlier.append(name)


def _check_names(place: str, function: Callable[..., Any], known: Any) -> None:
    for name in asked_names(function):
        if name not in known:
            hint = " (a model's functions take no self)" if name == "self" else ""
            raise TypeError(f"{place}: asks for {name!r}; it can ask for {', '.join(known)}{hint}")
