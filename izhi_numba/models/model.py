"""What a neuron model is: variables, parameters and plain functions that ask by name."""

from __future__ import annotations

import dis
import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from types import FunctionType, ModuleType
from typing import Any, ClassVar

import numpy as np

from izhi_numba.base.checks import finite_number

GIVEN = ("I", "t", "dt")  # what every function may ask for, beside variables and parameters
REFRACTORY_STEPS = "refractory_steps"  # a constant that models with a refractory period get
_FUNCTIONS = ("derivatives", "advance", "threshold", "reset")
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
    """

    default: Default = _MISSING
    unit: str = ""


@dataclass(frozen=True)
class Parameter:
    """A number that does not change by itself, with its own value for each neuron of a pool.

    Parameters
    ----------
    default : float
    unit : str, optional
    range : (float, float), optional
        What a slider should offer.
    """

    default: float = _MISSING
    unit: str = ""
    range: tuple[float, float] | None = None


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


def _declared(cls: type[Declaration], kind: type[Any]) -> dict[str, Any]:
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
    """What models and receptors share: numbers declared in the class, with other defaults in instances."""

    states: ClassVar[dict[str, State]] = {}
    parameters: ClassVar[dict[str, Parameter]] = {}
    constants: ClassVar[dict[str, Constant]] = {}
    derivatives: ClassVar[Callable[..., Any] | None] = None
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
            _declared(cls, kind) for kind in (State, Parameter, Constant)
        )

    def __init__(self, **defaults: float) -> None:
        valid = (*self.states, *self.parameters)
        self.defaults: dict[str, Default] = {}
        for name, value in defaults.items():
            if name not in valid:
                raise TypeError(f"{type(self).__name__}: no parameter {name!r}; there are {', '.join(valid)}")
            self.defaults[name] = finite_number(f"{type(self).__name__}: {name}", value)

    def default_of(self, name: str) -> Default:
        """Value of a variable or parameter where none is given: a number, or a function of others."""
        if name in self.defaults:
            return self.defaults[name]
        return (self.states.get(name) or self.parameters[name]).default

    @classmethod
    def variables(cls) -> tuple[str, ...]:
        """Names of the variables."""
        return tuple(cls.states)

    def start(self, **values: Any) -> dict[str, Any]:
        """Parameters and variables at time zero by name; ``values`` (numbers or arrays) replace defaults."""
        found: dict[str, Any] = {}
        for name in (*self.parameters, *self.states):
            default = values[name] if name in values else self.default_of(name)
            found[name] = call(default, found) if callable(default) else default
        return found

    def _shown(self, title: str) -> str:
        inside = ", ".join(f"{name}={value!r}" for name, value in self.defaults.items())
        return f"{title}({inside})"

    def __repr__(self) -> str:
        return self._shown(type(self).__name__)


class Model(Declaration):
    """Base class of neuron models.

    A model declares its variables as :class:`State`, its parameters as :class:`Parameter`, and plain
    functions, each of which asks by name for what it needs: variables, parameters, constants, the input
    ``I``, the time ``t`` (ms), the step ``dt`` (ms). An instance may carry other defaults:
    ``Izhikevich(a=0.1)``.

    * ``derivatives`` returns the time derivative (per ms) of each variable;
    * or, instead, ``advance`` returns each variable one step later: for maps, and for propagators
      known in closed form, with their factors declared as :class:`Constant`;
    * ``threshold`` returns whether the neuron is above its threshold;
    * ``reset`` returns the variables as they are after a spike. A model without ``reset`` comes down by
      itself, and spikes in the step in which it gets above its threshold.

    They return all variables in the order of declaration (a plain number where there is one), or a
    dictionary by name, ``{"v": c, "u": u + d}``, in which ``reset`` and ``advance`` may leave out what
    they do not change.

    Attributes
    ----------
    scheme : str
        Usual numerical method, a name in :mod:`izhi_numba.numerics.schemes`; "rk4" unless said otherwise,
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
        Name of a parameter (ms): for so long after a spike the voltage is held, and nothing spikes. The
        voltage of a model without ``reset`` is not held.
    receptors : dict
        Of a model with receptors, see :func:`izhi_numba.compose`: for each receptor's name that
        of the variable to which the weights of arriving spikes are added, one of ``states``, ``jumps`` or
        ``pulses``.
    jumps, pulses : tuple of str
        Hidden variables that are added to the voltage, or to ``I`` for one step, and then emptied.
    exact_receptors : dict
        Kinds of the receptors whose own variables are advanced by exact factors, by name.
    time_constants : tuple of str
        Of a model with receptors, the parameters of theirs that must be above 0.
    bare : type or None
        Of a model with receptors, the one without.
    origins : tuple of (str, function)
        Of a model with receptors, the user's functions that its own are made of, and what to call them.

    Examples
    --------
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
    exact_receptors: ClassVar[dict[str, type[Declaration]]] = {}
    time_constants: ClassVar[tuple[str, ...]] = ()
    bare: ClassVar[type[Model] | None] = None
    origins: ClassVar[tuple[tuple[str, Callable[..., Any]], ...]] = ()
    advance: ClassVar[Callable[..., Any] | None] = None
    threshold: ClassVar[Callable[..., Any]]
    reset: ClassVar[Callable[..., Any] | None] = None
    _functions = _FUNCTIONS

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not cls.voltage and cls.states:
            cls.voltage = next(iter(cls.states))
        if "advance" in cls.__dict__:
            cls.scheme = cls.__dict__.get("scheme", "advance")
        elif "derivatives" in cls.__dict__ and cls.advance is not None:
            cls.advance = None
            cls.scheme = cls.__dict__.get("scheme", Model.scheme)
        _check(cls)

    @classmethod
    def variables(cls) -> tuple[str, ...]:
        """Names of the variables, the voltage first: the order of compiled code."""
        return (cls.voltage, *(name for name in cls.states if name != cls.voltage))

    @classmethod
    def hidden(cls) -> tuple[str, ...]:
        """Names of what the package adds to the variables: sums of weights, steps left of refractoriness."""
        return (*cls.jumps, *cls.pulses, *(() if cls.refractory is None else ("refractory_steps_left",)))

    def __repr__(self) -> str:
        if not self.receptors:
            return super().__repr__()
        own = self._shown((self.bare or type(self)).__name__).removesuffix("()")
        return f"{own} with {', '.join(self.receptors)}"


@functools.lru_cache(maxsize=256)  # the analysis asks thousands of times
def asked_names(function: Callable[..., Any]) -> tuple[str, ...]:
    """Names that a function asks for."""
    return tuple(inspect.signature(function).parameters)


def used_modules(function: Callable[..., Any], seen: frozenset[Any] = frozenset()) -> set[str]:
    """Names of the modules that a function, or one that it calls, reaches: "numpy", "numpy.random"."""
    names = function.__code__.co_names
    code = dis.get_instructions(function)
    own = {one.argval for one in code if one.opname == "LOAD_GLOBAL"} & function.__globals__.keys()
    given = [function.__globals__[name] for name in own]
    given += [cell.cell_contents for cell in function.__closure__ or ()]
    found: set[str] = set()
    for thing in given:
        if isinstance(thing, ModuleType):
            found.add(thing.__name__)
            inner = (getattr(thing, name, None) for name in names)
            found.update(one.__name__ for one in inner if isinstance(one, ModuleType))
        elif isinstance(module := getattr(thing, "__module__", None), str):
            found.add(module)
        if isinstance(thing, FunctionType) and thing not in seen:
            found |= used_modules(thing, seen | {function})
        owner = getattr(thing, "__self__", thing)  # a generator, or a method of one
        if type(owner).__module__.startswith("numpy.random"):
            found.add("numpy.random")
    return found


def call(function: Callable[..., Any], values: Mapping[str, Any]) -> Any:
    """Call a function with what it asks for."""
    return function(*(values[name] for name in asked_names(function)))


def by_variable(model: type[Declaration], returned: Any) -> dict[str, Any]:
    """What ``derivatives``, ``advance`` or ``reset`` returned, by the name of the variable."""
    if isinstance(returned, dict):
        return returned
    items = returned if isinstance(returned, tuple | list) else (returned,)
    return dict(zip(model.states, items, strict=True))


def _check(cls: type[Model]) -> None:
    """Tell what is wrong with a model before anyone uses it."""
    if not cls.states:
        raise TypeError(f"{cls.__name__}: no variable declared; add one, as in v = State(-65.0)")
    check_declared(cls, Model, (*GIVEN, REFRACTORY_STEPS))
    _check_functions(cls, (*cls.states, *cls.parameters, *cls.constants, *GIVEN))
    _check_attributes(cls)


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
        if isinstance(one, Parameter) and one.range is not None:
            _check_range(f"{title}.{name}, its range", one.range)
    _check_defaults(cls)


def _check_functions(cls: type[Model], known: tuple[str, ...]) -> None:
    if cls.derivatives is None and cls.advance is None:
        raise TypeError(f"{cls.__name__}: the function 'derivatives' is missing (or 'advance', for a map)")
    if getattr(cls, "threshold", None) is None:
        raise TypeError(f"{cls.__name__}: the function 'threshold' is missing")
    for name in _FUNCTIONS:
        if getattr(cls, name) is not None:
            check_names(cls, name, getattr(cls, name), known)


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


def _check_attributes(cls: type[Model]) -> None:
    title, variables, parameters = cls.__name__, ", ".join(cls.states), ", ".join(cls.parameters) or "none"
    if cls.voltage not in cls.states:
        raise TypeError(f"{title}.voltage: {cls.voltage!r} is not a variable; there are {variables}")
    if cls.refractory is not None and cls.refractory not in cls.parameters:
        raise TypeError(
            f"{title}.refractory: expected the name of a parameter, got {cls.refractory!r};"
            f" there are {parameters}"
        )
    if cls.I_range is not None:
        _check_range(f"{title}.I_range", cls.I_range)
    if isinstance(cls.peak, str) and cls.peak not in cls.parameters:
        raise TypeError(
            f"{title}.peak: expected a number or the name of a parameter, got {cls.peak!r};"
            f" there are {parameters}"
        )


def _check_range(name: str, given: Any) -> None:
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
