"""A model made of a neuron model and receptors: more variables and parameters, currents added to ``I``."""

from __future__ import annotations

import functools
import keyword
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from izhi_numba.kernels.tuples import items_of, tuple_text
from izhi_numba.models.declaration import Constant, Declaration, State, asked_names, declared_constants
from izhi_numba.models.model import Model
from izhi_numba.models.receptor import Receptor
from izhi_numba.models.validation import try_out, try_out_receptor
from izhi_numba.numerics.constants import values_at_start
from izhi_numba.numerics.linearity import why_not_linear
from izhi_numba.numerics.schemes import why_unsuitable


def compose(model: Model | type[Model], receptors: Mapping[str, Receptor | type[Receptor]]) -> Model:
    """Give a model receptors.

    A variable or parameter ``g`` of the receptor "ampa" is ``g_ampa`` in the model that is returned, and
    belongs to it as its own do. In each step:

    1. weights that are due are added to the receptors' first variables (a pool does that);
    2. pulses are added to the input ``I``;
    3. the scheme integrates the model, with the receptors' currents added to its ``I``: rk4, heun and
       exponential_midpoint with the receptors as they are within the step, exactly where they are linear,
       others with what they are at its beginning;
    4. receptors with linear derivatives are advanced by their exact factors, which replace the scheme's
       result; so they are while a refractory period lasts;
    5. jumps are added to the voltage, unless it is held;
    6. threshold and reset, which know ``I`` without receptors.

    With the scheme "exact" neuron and receptors are one linear system, and the voltage is exact too.

    The usual scheme is the model's, but where this is "exact" and the receptors' currents are not linear,
    as those of conductances: then it is "exponential_euler", which is exact for a conductance that is held
    during the step, and stable for a large one.

    Parameters
    ----------
    model : Model
    receptors : mapping of str to Receptor
        By name. Classes stand for their defaults, as with models.

    Returns
    -------
    Model
        The same one, where there are no receptors.

    Raises
    ------
    TypeError, ValueError
        A receptor or a name that does not suit; told in the user's words.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> model = iz.compose(iz.LeakyIntegrateAndFire(C=150.0), {"ampa": iz.AMPA(), "gaba": iz.GABA_A(tau=8.0)})
    >>> model
    LeakyIntegrateAndFire(C=150.0, tau_gaba=8.0) with ampa, gaba
    >>> pool = iz.Pool(3, model)
    >>> pool.g_ampa[0] += 2.0
    """
    model = model() if isinstance(model, type) and issubclass(model, Model) else model
    if not isinstance(model, Model):
        raise TypeError(f"model: expected a model such as iz.AdEx(), got {model!r}")
    found = _checked(model, receptors)
    if not found:
        return model
    kind: Any = _composed(_Ingredient.of(model), tuple(found), tuple(map(_Ingredient.of, found.values())))
    made: Model = kind()
    made.defaults, made.drawn = dict(model.defaults), dict(model.drawn)
    for name, receptor in found.items():
        if not receptor.adds_to:
            made.defaults |= {f"{one}_{name}": value for one, value in receptor.defaults.items()}
    return made


@dataclass(frozen=True)
class _Ingredient:
    """A model or receptor by value: what of it decides what class it is composed to."""

    one: Any = field(compare=False)
    kind: type[Any]
    defaults: tuple[tuple[str, Any], ...]
    settings: tuple[Any, ...]  # of the class, which may be given others

    @classmethod
    def of(cls, one: Declaration) -> _Ingredient:
        """Return that of a model or receptor."""
        kind = type(one)
        settings = (getattr(kind, name, None) for name in (*kind._functions, "scheme", "dt"))
        return cls(one, kind, tuple(one.defaults.items()), tuple(settings))


@functools.lru_cache(maxsize=64)  # hundreds of pools of the same neurons are one class: all is known of it
def _composed(neuron: _Ingredient, names: tuple[str, ...], receptors: tuple[_Ingredient, ...]) -> type[Model]:
    """Make the class of a model with receptors."""
    model, kind = neuron.one, neuron.kind
    parts = [
        _Part(name, receptor.one, kind.voltage, model.dt)
        for name, receptor in zip(names, receptors, strict=True)
    ]
    members = _members(model, parts)
    composed: type[Model] = type("+".join([kind.__name__, *names]), (kind,), members)
    made = composed()
    made.defaults = dict(model.defaults)
    for part in parts:
        made.defaults |= part.defaults()
    if kind.scheme == "exact" and why_unsuitable("exact", made, values_at_start(made, kind.dt)):
        composed.scheme = "exponential_euler"
    return composed


def _checked(model: Model, receptors: Any) -> dict[str, Receptor]:
    """Receptors by name, instances all."""
    if not isinstance(receptors, Mapping):
        raise TypeError(f"receptors: expected names, as in {{'ampa': iz.AMPA()}}, got {receptors!r:.60}")
    found: dict[str, Receptor] = {}
    taken = {*model.states, *model.parameters, *model.constants, *model.hidden(), *model.currents}
    for name, receptor in receptors.items():
        if not isinstance(name, str) or not name.isidentifier() or keyword.iskeyword(name):
            raise ValueError(
                f"receptors: {name!r} cannot be a receptor's name, since its variables are g_{name} and so"
                " on; choose letters, digits and _"
            )
        if isinstance(receptor, type) and issubclass(receptor, Receptor):
            receptor = receptor()
        if not isinstance(receptor, Receptor):
            raise TypeError(f"receptor {name!r}: expected one such as iz.AMPA(), got {receptor!r:.60}")
        if name in model.receptors:
            raise ValueError(
                f"receptor {name!r}: {type(model).__name__} has one already; choose another name"
            )
        for own in (*receptor.states, *receptor.parameters, *receptor.constants):
            if f"{own}_{name}" in taken:
                raise ValueError(
                    f"receptor {name!r}: its {own} would be {own}_{name}, which {type(model).__name__} has"
                    " already; choose another name"
                )
            taken.add(f"{own}_{name}")
        if receptor.current is not None and f"I_{name}" in taken:
            raise ValueError(
                f"receptor {name!r}: its current would be I_{name}, which {type(model).__name__} has"
                " already; choose another name"
            )
        taken.add(f"I_{name}")
        found[name] = receptor
    return found


class _Part:
    """A receptor under its name in a model."""

    def __init__(self, name: str, receptor: Receptor, voltage: str, dt: float) -> None:
        self.name, self.receptor, self.kind = name, receptor, type(receptor)
        own = (*receptor.states, *receptor.parameters, *receptor.constants)
        self.names = {one: f"{one}_{name}" for one in own} | {"v": voltage, "t": "t", "dt": "dt"}
        self.order = try_out_receptor(receptor, dt)
        self.exact = not self.kind.adds_to and _is_exact(receptor, dt)

    @property
    def port(self) -> str:
        """Name of the variable that receives weights."""
        return self.names[next(iter(self.kind.states))]

    def asked(self, function: Callable[..., Any]) -> list[str]:
        """What a function of the receptor asks for, by its names in the model."""
        return [self.names[one] for one in asked_names(function)]

    def renamed(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the same function, asking by the names in the model."""
        asked = ", ".join(self.asked(function))
        renamed: Callable[..., Any] = _made(
            f"def renamed({asked}): return _function({asked})", {"_function": function}
        )
        return renamed

    def defaults(self) -> dict[str, Any]:
        """Defaults of the instance, by their names in the model."""
        if self.kind.adds_to:
            return {}
        return {self.names[one]: value for one, value in self.receptor.defaults.items()}

    def declared(self) -> dict[str, Any]:
        """What the receptor declares, by its names in the model."""
        found: dict[str, Any] = {}
        for one, state in self.kind.states.items():
            start = self.renamed(state.default) if callable(state.default) else state.default
            found[self.names[one]] = State(start, state.unit)
        found |= {self.names[one]: parameter for one, parameter in self.kind.parameters.items()}
        for one, constant in self.kind.constants.items():
            found[self.names[one]] = Constant(self.renamed(constant.function), constant.unit)
        return found


def _is_exact(receptor: Receptor, dt: float) -> bool:
    assert receptor.derivatives is not None
    if {"v", "t"} & {*asked_names(receptor.derivatives)}:
        return False
    values = {**receptor.start(), "I": 0.0, "t": 0.0, "dt": dt}
    return not why_not_linear(receptor, {**values, **declared_constants(type(receptor), values)})


def _members(model: Model, parts: list[_Part]) -> dict[str, Any]:
    """What the class of the composed model holds."""
    kind = type(model)
    lasting = [part for part in parts if not part.kind.adds_to]
    members: dict[str, Any] = {
        "__module__": kind.__module__,
        "__doc__": kind.__doc__,
        "scheme": kind.scheme,
        "receptors": kind.receptors | {part.name: part.port for part in parts},
        "unsigned_receptors": kind.unsigned_receptors | {part.name for part in parts if not part.kind.signed},
        "jumps": (*kind.jumps, *(part.port for part in parts if part.kind.adds_to == "v")),
        "pulses": (*kind.pulses, *(part.port for part in parts if part.kind.adds_to == "I")),
        "exact_receptors": kind.exact_receptors | {part.name: part.kind for part in parts if part.exact},
        "bare": kind.bare or kind,
        "made_of": (model, {part.name: part.receptor for part in parts}),
        "origins": (
            *(kind.origins or _functions(kind.__name__, kind)),
            *(one for part in parts for one in _functions(part.kind.__name__, part.kind)),
        ),
    }
    for part in lasting:
        members |= part.declared()
    members["currents"] = kind.currents | {
        f"I_{part.name}": part.renamed(part.kind.current) for part in lasting if part.kind.current
    }
    if lasting:
        returns = try_out(model, model.dt)
        for name in ("derivatives", "advance"):
            if getattr(kind, name) is not None:
                members[name] = _with_currents(kind, name, returns.names[name], lasting)
        if kind.reset is not None:
            members["reset"] = _by_name(kind, returns.names["reset"])
    if any(part.kind.adds_to != "v" for part in parts):
        _check_input(kind)
    return members


def _functions(title: str, kind: type[Declaration]) -> list[tuple[str, Any]]:
    """What to call the functions of a model or a receptor, and what they are."""
    found = [(f"{title}.{name}", getattr(kind, name)) for name in kind._functions]
    return [(place, function) for place, function in found if function is not None]


def _check_input(kind: type[Model]) -> None:
    """Refuse a model that would not notice a current."""
    for name in ("derivatives", "advance"):
        function = getattr(kind, name)
        if function is not None and "I" not in asked_names(function):
            raise TypeError(
                f"{kind.__name__}.{name}: does not ask for I, so that the currents of receptors would be"
                " lost; let it ask for I, or take iz.VoltageJump()"
            )


def _with_currents(kind: type[Model], name: str, given: tuple[str, ...] | None, parts: list[_Part]) -> Any:
    """``derivatives`` or ``advance`` of a model, with the currents of receptors added to ``I``.

    ``advance`` leaves the receptors' own variables out, which are advanced exactly.
    """
    function = getattr(kind, name)
    asked = {**dict.fromkeys(asked_names(function)), "I": None}
    namespace: dict[str, Any] = {"_items_of": items_of, "_own": function}
    currents = ["I"]
    lines: list[str] = []
    rates: list[str] = []
    for k, part in enumerate(parts):
        assert part.kind.current is not None
        assert part.kind.derivatives is not None
        names = part.asked(part.kind.current)
        asked |= dict.fromkeys(names)
        namespace[f"_current_{k}"] = part.kind.current
        currents.append(f"_current_{k}({', '.join(names)})")
        if name == "advance":
            if not part.exact:
                raise TypeError(
                    f"receptor {part.name!r}: {kind.__name__} states itself how it advances, and"
                    f" {part.kind.__name__} has derivatives that are not linear in its own variables;"
                    " take a receptor with linear ones"
                )
            continue
        names = part.asked(part.kind.derivatives)
        asked |= dict.fromkeys(names)
        namespace[f"_rates_{k}"] = part.kind.derivatives
        lines.append(f"_r{k} = _items_of(_rates_{k}({', '.join(names)}))")
        order = part.order or tuple(part.kind.states)
        rates += [f"_r{k}[{order.index(one)}]" for one in part.kind.states]
    call = ", ".join("_I" if one == "I" else one for one in asked_names(function))
    lines = [f"_I = {' + '.join(currents)}", f"_y = _items_of(_own({call}))", *lines]
    order = given or tuple(kind.states)
    if name == "advance":
        result = "{" + ", ".join(f"{one!r}: _y[{k}]" for k, one in enumerate(order)) + "}"
    else:
        result = tuple_text([f"_y[{order.index(one)}]" for one in kind.states] + rates)
    body = "\n    ".join([*lines, f"return {result}"])
    return _made(f"def {name}({', '.join(asked)}):\n    {body}", namespace)


def _by_name(kind: type[Model], given: tuple[str, ...] | None) -> Any:
    """``reset`` of a model as a dictionary: receptors' variables stay as they are."""
    assert kind.reset is not None
    asked = ", ".join(asked_names(kind.reset))
    items = ", ".join(f"{one!r}: _y[{k}]" for k, one in enumerate(given or kind.states))
    source = f"def reset({asked}):\n    _y = _items_of(_own({asked}))\n    return {{{items}}}"
    return _made(source, {"_items_of": items_of, "_own": kind.reset})


def _made(source: str, namespace: dict[str, Any]) -> Any:
    """The function that a source defines; made here, since numba has no keyword unpacking."""
    known = set(namespace)
    namespace["__name__"] = __name__
    exec(source, namespace)
    (name,) = set(namespace) - known - {"__builtins__", "__name__"}
    return namespace[name]
