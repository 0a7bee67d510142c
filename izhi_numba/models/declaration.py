"""What models and receptors declare in a class: variables, parameters, and functions that ask by name."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from types import FunctionType
from typing import Any, ClassVar

import numpy as np

from izhi_numba.base.calls import called_as
from izhi_numba.base.checks import as_array, finite_number
from izhi_numba.base.portable import same_bits
from izhi_numba.connectivity.distributions import Distribution

_MISSING: Any = object()

Default = float | Callable[..., Any]


@dataclass(frozen=True)
class State:
    """A variable of a neuron.

    Parameters
    ----------
    default : float or function
        Value at time zero. A function asks by name for parameters and for variables declared
        before this one: ``State(lambda v, b: b * v)``.
    unit : str, optional
    dtype : "float64", optional
        Kept in double precision, whatever that of the pool: for a variable that holds a time, and for sums
        that grow slowly. Functions that ask for it are computed in double precision.
    """

    default: Default = _MISSING
    unit: str = ""
    dtype: str | type[np.float64] = ""

    @property
    def is_double(self) -> bool:
        """Whether it is kept in double precision in any pool."""
        return self.dtype != "" and np.dtype(self.dtype) == np.float64


@dataclass(frozen=True)
class Parameter:
    """A number that does not change by itself, with its own value for each neuron of a pool.

    Parameters
    ----------
    default : float
    unit : str, optional
    range : (float, float), optional
        What a slider should offer, and what is usual.
    above, at_least, at_most : float, optional
        What is possible: other values are refused.
    is_whole : bool, default False
        Whether only whole numbers are possible.

    Examples
    --------
    >>> class Leak(Declaration):
    ...     C = Parameter(200.0, unit="pF", range=(50, 500), above=0)
    >>> Leak(C=-200)
    Traceback (most recent call last):
    ...
    ValueError: Leak: C: expected a number above 0, got -200
    """

    default: float = _MISSING
    unit: str = ""
    range: tuple[float, float] | None = None
    above: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    is_whole: bool = False

    @property
    def is_bounded(self) -> bool:
        """Whether some values are not possible."""
        return self.is_whole or any(one is not None for one in (self.above, self.at_least, self.at_most))

    def refuse_impossible(self, name: str, values: Any) -> None:
        """Raise ``ValueError`` where a number, or one of an array, is not possible."""
        given = as_array(values)
        for bound, is_wrong, words in (
            (self.above, np.less_equal, "a number above {:g}"),
            (self.at_least, np.less, "a number of at least {:g}"),
            (self.at_most, np.greater, "a number of at most {:g}"),
            (1.0 if self.is_whole else None, np.fmod, "a whole number"),
        ):
            if bound is not None and (wrong := is_wrong(given, bound)).any():
                which = int(np.argmax(wrong != 0))
                whose = f" for neuron {which}" if given.ndim else ""
                got = f"{given.flat[which]:g}{whose}"
                raise ValueError(f"{name}: expected {words.format(bound)}, got {got}")


@dataclass(frozen=True)
class Constant:
    """A number that follows from parameters and the step, computed once before a run.

    Parameters
    ----------
    function : function
        Asks by name for parameters, ``dt`` and constants declared before this one, and works on arrays:
        ``Constant(lambda dt, tau: np.exp(-dt / tau))``.
    unit : str, optional
    """

    function: Callable[..., Any]
    unit: str = ""


def declared(cls: type[Declaration], kind: type[Any]) -> dict[str, Any]:
    """What a class and those that it is made of declare, the first ancestor's first."""
    names = dict.fromkeys(
        name for one in reversed(cls.__mro__) for name, value in vars(one).items() if isinstance(value, kind)
    )
    return {name: value for name in names if isinstance(value := getattr(cls, name), kind)}


def _take_numbers_as_defaults(cls: type[Declaration]) -> None:
    """``tau = 10.0`` in a class whose ancestor declares ``tau`` is another default."""
    for name, value in list(vars(cls).items()):
        inherited = getattr(super(cls, cls), name, None)
        if isinstance(inherited, State | Parameter) and not isinstance(value, State | Parameter | Constant):
            setattr(cls, name, replace(inherited, default=value))


class Declaration:
    """Base of models and receptors: numbers declared in the class, with other defaults in instances."""

    states: ClassVar[dict[str, State]] = {}
    parameters: ClassVar[dict[str, Parameter]] = {}
    constants: ClassVar[dict[str, Constant]] = {}
    derivatives: ClassVar[Callable[..., Any] | None] = None
    drawn: Mapping[str, Distribution] = {}  # what is drawn for each neuron
    _noun: ClassVar[str] = "model"
    _functions: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for name in cls._functions:
            function = cls.__dict__.get(name)
            function = getattr(function, "py_func", function)  # one that the user has compiled
            if isinstance(function, FunctionType):
                setattr(cls, name, staticmethod(function))
        _take_numbers_as_defaults(cls)
        cls.states, cls.parameters, cls.constants = (
            declared(cls, kind) for kind in (State, Parameter, Constant)
        )

    @called_as("iz.GABA_A(tau=10)")
    def __init__(self, **defaults: float) -> None:
        valid = (*self.states, *self.parameters)
        self.defaults: dict[str, Default] = {}
        for name, value in defaults.items():
            if name not in valid:
                raise TypeError(f"{type(self).__name__}: no parameter {name!r}; there are {', '.join(valid)}")
            self.defaults[name] = finite_number(f"{type(self).__name__}: {name}", value)
            if name in self.parameters:
                self.parameters[name].refuse_impossible(f"{type(self).__name__}: {name}", self.defaults[name])

    def default_of(self, name: str) -> Default:
        """Value of a variable or parameter where none is given: a number, or a function of others."""
        if name in self.defaults:
            return self.defaults[name]
        return (self.states.get(name) or self.parameters[name]).default

    @classmethod
    def variables(cls) -> tuple[str, ...]:
        """Names of the variables."""
        return tuple(cls.states)

    @same_bits
    def start(self, **values: Any) -> dict[str, Any]:
        """Parameters and variables at time zero by name; ``values`` (numbers or arrays) replace defaults."""
        found: dict[str, Any] = {}
        for name in (*self.parameters, *self.states):
            default = values[name] if name in values else self.default_of(name)
            found[name] = call(default, found) if callable(default) else default
        return found

    def _shown(self, title: str) -> str:
        inside = ", ".join(f"{name}={value!r}" for name, value in (self.defaults | dict(self.drawn)).items())
        return f"{title}({inside})"

    def __repr__(self) -> str:
        return self._shown(type(self).__name__)


@functools.lru_cache(maxsize=256)  # the analysis asks thousands of times
def asked_names(function: Callable[..., Any]) -> tuple[str, ...]:
    """Names that a function asks for."""
    return tuple(inspect.signature(function).parameters)


def call(function: Callable[..., Any], values: Mapping[str, Any]) -> Any:
    """Call a function with what it asks for."""
    return function(*(values[name] for name in asked_names(function)))


def by_variable(model: type[Declaration], returned: Any) -> dict[str, Any]:
    """What ``derivatives``, ``advance`` or ``reset`` returned, by the name of the variable."""
    if isinstance(returned, dict):
        return returned
    items = returned if isinstance(returned, tuple | list) else (returned,)
    return dict(zip(model.states, items, strict=True))


def check_declared(cls: type[Declaration], base: type[Declaration], given: tuple[str, ...]) -> None:
    """Check names, defaults and ranges of what a class declares."""
    title = cls.__name__
    for name in (*cls.states, *cls.parameters, *cls.constants):
        if name in given:
            raise TypeError(f"{title}: {name!r} is the name of what a step is given; choose another")
        if hasattr(base, name):
            raise TypeError(f"{title}: a {cls._noun} has its own {name!r}; choose another name")
    for name, one in (cls.states | cls.parameters).items():
        if one.default is _MISSING:
            kind = type(one).__name__
            raise TypeError(f"{title}.{name}: a default is missing; write {name} = {kind}(1.0), say")
        if isinstance(one, Parameter) or not callable(one.default):
            finite_number(f"{title}.{name}, its default", one.default)
        if isinstance(one, State):
            _check_precision(cls, name, one)
        else:
            _check_bounds(f"{title}.{name}", one)
    _check_defaults(cls)


def _check_bounds(place: str, parameter: Parameter) -> None:
    """Check the range of a parameter, and that range and default are possible."""
    parameter.refuse_impossible(f"{place}, its default", parameter.default)
    if parameter.range is not None:
        check_range(f"{place}, its range", parameter.range)
        parameter.refuse_impossible(f"{place}, its range", parameter.range[0])


def give_bounds(
    cls: type[Declaration], name: str, *, above: float | None = None, at_least: float | None = None
) -> None:
    """Give a parameter bounds, where it says none itself."""
    parameter = cls.parameters[name]
    if not parameter.is_bounded:
        cls.parameters[name] = replace(parameter, above=above, at_least=at_least)
        setattr(cls, name, cls.parameters[name])


def _check_precision(cls: type[Declaration], name: str, state: State) -> None:
    if state.dtype not in ("", "float64", np.float64):
        raise TypeError(
            f"{cls.__name__}.{name}: dtype: expected 'float64', or none for the precision of the pool,"
            f" got {state.dtype!r}"
        )


def _check_defaults(cls: type[Declaration]) -> None:
    """Check what functions of variables' defaults and of constants ask for."""
    earlier: list[str] = [*cls.parameters]
    for name, state in cls.states.items():
        if callable(state.default):
            check_names(cls, f"{name}, its default", state.default, earlier)
        earlier.append(name)
    earlier = [*cls.parameters, "dt"]
    for name, constant in cls.constants.items():
        if not callable(constant.function):
            raise TypeError(
                f"{cls.__name__}.{name}: expected a function of parameters and dt,"
                f" got {constant.function!r}; a plain number is a Parameter"
            )
        check_names(cls, name, constant.function, earlier)
        earlier.append(name)


def check_range(name: str, given: Any) -> None:
    """Check a pair of bounds, the low one first."""
    if isinstance(given, str) or not hasattr(given, "__len__") or len(given) != 2:
        raise TypeError(f"{name}: expected (low, high), got {given!r:.60}")
    low, high = (finite_number(name, edge) for edge in given)
    if low >= high:
        raise ValueError(f"{name}: expected (low, high) with low below high, got ({low:g}, {high:g})")


def check_names(
    cls: type[Declaration], place: str, function: Callable[..., Any], known: Iterable[str]
) -> None:
    """Check what a function asks for."""
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise TypeError(f"{cls.__name__}.{place}: asks for *{name}; it can ask for {', '.join(known)}")
        if parameter.kind is parameter.KEYWORD_ONLY:
            raise TypeError(f"{cls.__name__}.{place}: {name} stands behind a *; leave out the *")
        if parameter.default is not parameter.empty:
            raise TypeError(
                f"{cls.__name__}.{place}: {name}={parameter.default!r} has a default, which would never be"
                f" used; write {name}, and {name} = Parameter({parameter.default!r}) in the class"
            )
    for name in asked_names(function):
        if name in known:
            continue
        hint = ""
        if name == "self":
            hint = f" (a {cls._noun}'s functions take no self)"
        elif isinstance(number := getattr(cls, name, None), int | float):
            hint = f" ({name} is a plain number in the class: write {name} = Parameter({number!r}))"
        raise TypeError(f"{cls.__name__}.{place}: asks for {name!r}; it can ask for {', '.join(known)}{hint}")


@same_bits
def declared_constants(cls: type[Declaration], values: Mapping[str, Any]) -> dict[str, Any]:
    """Values of the constants that a class declares; ``values`` holds parameters and ``dt``."""
    found: dict[str, Any] = {}
    for name, constant in cls.constants.items():
        found[name] = np.asarray(call_on_arrays(constant.function, {**values, **found}), float)
    return found


def call_on_arrays(function: Callable[..., Any], values: Mapping[str, Any]) -> Any:
    """Call a function with arrays of equal length for some of what it asks for.

    One that cannot take arrays (it has an ``if``, or calls ``math.exp``, or code with an ``if`` that numba
    has compiled, whose errors are numba's own) is called for each neuron.
    """
    asked = {name: np.asarray(values[name]) for name in asked_names(function)}
    size = max((array.size for array in asked.values() if array.ndim), default=1)
    try:
        with np.errstate(all="ignore"):
            return function(**asked)
    except Exception:
        if not any(array.ndim for array in asked.values()):
            raise
    columns = [np.broadcast_to(array, size).tolist() for array in asked.values()]
    each = [function(*row) for row in zip(*columns, strict=True)]
    if isinstance(each[0], dict):
        return {name: np.array([one[name] for one in each]) for name in each[0]}
    if isinstance(each[0], tuple):
        return tuple(np.array(column) for column in zip(*each, strict=True))
    return np.array(each)
