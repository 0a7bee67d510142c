"""Values as text: what a file says of numbers, lists, waveforms, rules, models; and back.

Nothing is made by a name that a file gives, other than of the kinds that are listed here; each field of a
value has to have the type that its class declares.
"""

from __future__ import annotations

import base64
import functools
import math
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.connectivity import rules, space
from izhi_numba.connectivity.distributions import ByDistance, Distribution
from izhi_numba.encoding.code import Reference, find, refer_to
from izhi_numba.engine.fields import Placed
from izhi_numba.engine.population import Keys, NamedGroup, Start
from izhi_numba.engine.sources import Given
from izhi_numba.inputs import terms, waveforms
from izhi_numba.kernels.build.generate import Values
from izhi_numba.kernels.build.words import Random
from izhi_numba.models.declaration import Declaration
from izhi_numba.models.model import Model
from izhi_numba.numerics.composition import compose
from izhi_numba.results.means import Mean
from izhi_numba.results.recorder import Keeping, Wishes
from izhi_numba.results.recording import Bins, Trace
from izhi_numba.results.weights import Weighed
from izhi_numba.storage.container import Listed, Reader, Writer
from izhi_numba.synapses.columns import Columns
from izhi_numba.synapses.learning import Learning
from izhi_numba.synapses.plan import Plan
from izhi_numba.synapses.remembered import Arriving, Logged, Recent, Remembered

_FEW = 64  # bytes of an array that stands in the text


def _all_of(base: type[Any]) -> list[type[Any]]:
    """A class, and what is derived from it."""
    return [base, *(one for kind in base.__subclasses__() for one in _all_of(kind))]


# Classes whose instances are values: all that they are stands in their fields.
KINDS: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        *_all_of(waveforms.Waveform), *_all_of(rules.Rule), terms.Input, terms.Term, terms.White,
        terms.Correlated, terms.Trains, Distribution, ByDistance, space.Profile, Values, Random, Plan,
        Columns, Placed, Given, Keys, Start, NamedGroup, Wishes, Trace, Bins, Mean, Keeping,
        Weighed, Learning, Remembered, Logged, Recent, Arriving,
    )
    if kind.__module__.startswith("izhi_numba.")
}  # fmt: skip


def fields_of(kind: type[Any]) -> tuple[str, ...]:
    """Names of what a value consists of."""
    return tuple(one.name for one in fields(kind)) if is_dataclass(kind) else kind._fields


class Encoder:
    """Writes values as text, and their arrays into a file."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._arrays: list[Any] = []
        self._code: list[Reference] = []
        self._known: dict[int, tuple[Any, Any]] = {}  # of arrays and code, which are the same for several

    def finish(self, content: Any) -> None:
        """Write the text, with lists of what it refers to."""
        self._writer.finish({"content": content, "arrays": self._arrays, "code": self._code})

    def node(self, path: str, value: Any) -> Any:
        """Return a value as what JSON can say; ``path`` names its arrays."""
        if value is None or isinstance(value, bool | int | str):
            return value
        if isinstance(value, float):
            return value if math.isfinite(value) else {"float": repr(value)}
        if isinstance(value, np.ndarray):
            return {"array": self._once(value, lambda: self._array(path, value))}
        if isinstance(value, np.generic):
            return {"number": [value.dtype.str, base64.b64encode(value.tobytes()).decode()]}
        if isinstance(value, np.dtype):
            return {"dtype": value.name}
        if isinstance(value, slice):
            return {"slice": [self.node(path, part) for part in (value.start, value.stop)]}
        if isinstance(value, list):
            return [self.node(f"{path}/{number}", part) for number, part in enumerate(value)]
        if isinstance(value, Mapping):
            return {"dict": {name: self.node(f"{path}/{name}", part) for name, part in value.items()}}
        if isinstance(value, Declaration):
            return {"made": self._declaration(path, value)}
        kind = type(value)
        if KINDS.get(kind.__name__) is kind:
            parts = {name: self.node(f"{path}/{name}", getattr(value, name)) for name in fields_of(kind)}
            return {"is": kind.__name__, "fields": parts}
        if isinstance(value, tuple):
            return {"tuple": [self.node(f"{path}/{number}", part) for number, part in enumerate(value)]}
        return {"code": self._once(value, lambda: self._refer(value))}

    def _once(self, value: Any, add: Any) -> int:
        if id(value) not in self._known:
            self._known[id(value)] = add(), value
        return int(self._known[id(value)][0])

    def _array(self, path: str, array: Array) -> int:
        if array.nbytes <= _FEW:
            text = base64.b64encode(array.tobytes()).decode()
            self._arrays.append([array.dtype.str, [*array.shape], text])
        else:
            self._arrays.append([*self._writer.add(path.lstrip("/"), array)])
        return len(self._arrays) - 1

    def _refer(self, value: Any) -> int:
        self._code.append(refer_to(value))
        return len(self._code) - 1

    def _declaration(self, path: str, one: Declaration) -> dict[str, Any]:
        """A model or receptor: its class, or what it was composed of, and what it was made with."""
        if vars(one).keys() != _names_of(one):
            raise ValueError(
                f"save: {one!r} has {', '.join(vars(one).keys() - _names_of(one))}, of which nothing is"
                " known; let the class declare it as a Parameter"
            )
        made_of = getattr(one, "made_of", None)
        if made_of is None:
            origin = self.node(path, type(one))
        else:
            origin = {"composed": [self.node(path, part) for part in made_of]}
        return {"of": origin, "with": self.node(path, vars(one))}


class Decoder:
    """Makes values of a text and the arrays of a file."""

    def __init__(self, reader: Reader, handed: Sequence[Any]) -> None:
        self._reader, self._handed = reader, handed
        self._arrays: list[Any] = reader.text["arrays"]
        self._code: list[Reference] = reader.text["code"]
        self._found: dict[tuple[str, int], Any] = {}

    @property
    def content(self) -> Any:
        """What was written."""
        return self.value(self._reader.text["content"])

    def value(self, node: Any) -> Any:
        """Return the value that a node of the text says."""
        if node is None or isinstance(node, bool | int | str | float):
            return node
        if isinstance(node, list):
            return [self.value(part) for part in node]
        if "is" in node:
            return self._made(KINDS[node["is"]], node["fields"])
        ((said, what),) = node.items()
        match said:
            case "float":
                return float(what)
            case "array":
                return self._once("array", what, self._array)
            case "number":
                return _small(what[0], [], what[1])[()]
            case "dtype":
                return np.dtype(str(what))
            case "slice":
                return slice(*map(_whole, what))
            case "dict":
                return {str(name): self.value(part) for name, part in what.items()}
            case "tuple":
                return tuple(map(self.value, what))
            case "code":
                return self._once("code", what, lambda one: find(one, self._handed))
            case "made":
                return self._declaration(what)
        raise ValueError(f"a value of the kind {said!r}")

    def _once(self, what: str, number: int, make: Any) -> Any:
        key = what, _whole(number)
        if key not in self._found:
            self._found[key] = make((self._arrays if what == "array" else self._code)[number])
        return self._found[key]

    def _array(self, listed: list[Any]) -> Array:
        if len(listed) == 3:
            return _small(*listed)
        name, dtype, shape, checksum = listed
        return self._reader.array(Listed(str(name), str(dtype), tuple(map(_whole, shape)), _whole(checksum)))

    def _made(self, kind: type[Any], nodes: Mapping[str, Any]) -> Any:
        parts = {name: self.value(part) for name, part in nodes.items()}
        types_of: Mapping[str, Any] = _types(kind)  # type: ignore[arg-type]  # a class can be hashed
        for name, part in parts.items():
            if not _suits(part, types_of[name]):
                raise TypeError(f"{kind.__name__}.{name} is {part!r:.60}")
        return kind(**parts)

    def _declaration(self, node: Mapping[str, Any]) -> Declaration:
        origin, given = node["of"], self.value(node["with"])
        if "composed" in origin:
            model, receptors = map(self.value, origin["composed"])
            made: Declaration = compose(model, receptors)
        else:
            kind = self.value(origin)
            if not (isinstance(kind, type) and issubclass(kind, Declaration)):
                raise TypeError(f"{kind!r:.60} is no model")
            made = kind()
        names, defaults, drawn = {*made.states, *made.parameters}, given["defaults"], given.get("drawn", {})
        if given.keys() != _names_of(made) or not _suits(defaults, dict[str, float]):
            raise TypeError(f"{type(made).__name__} with {', '.join(given)}")
        if not _suits(drawn, dict[str, Distribution]) or not all(map(math.isfinite, defaults.values())):
            raise TypeError(f"{type(made).__name__} with {defaults} and {drawn}")
        if unknown := {*defaults, *drawn} - names:
            raise ValueError(f"{type(made).__name__} has no {', '.join(sorted(unknown))}")
        vars(made).update(given)
        return made


def _names_of(one: Declaration) -> set[str]:
    """Names of what an instance of a model or receptor has."""
    return {"defaults", "drawn"} if isinstance(one, Model) else {"defaults"}


def _small(dtype: Any, shape: Any, text: Any) -> Array:
    """An array that stands in the text."""
    number = np.dtype(str(dtype))
    if number.kind not in "biuf":
        raise ValueError(f"an array of {number}")
    found = np.frombuffer(base64.b64decode(text, validate=True), number)
    return found.reshape([*map(_whole, shape)]).copy()  # compiled code has no version for what is read only


def _whole(number: Any) -> int:
    if not isinstance(number, int) or isinstance(number, bool) or number < 0:
        raise ValueError(f"expected a whole number, got {number!r:.60}")
    return number


@functools.cache
def _types(kind: type[Any]) -> Mapping[str, Any]:
    """Types that the fields of a class have to have."""
    return {name: one for name, one in typing.get_type_hints(kind).items() if name in fields_of(kind)}


def _suits(value: Any, wanted: Any) -> bool:
    """Whether a value is of a type, as far as types say it; an array suits where one is declared."""
    if wanted is Any:
        return True
    origin, arguments = typing.get_origin(wanted), typing.get_args(wanted)
    if origin in (typing.Union, types.UnionType):
        return any(_suits(value, one) for one in arguments)
    if wanted is float:
        return isinstance(value, float | int) and not isinstance(value, bool)
    if wanted is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if origin is tuple and arguments[-1:] == (...,):
        return isinstance(value, tuple) and all(_suits(one, arguments[0]) for one in value)
    if origin is tuple:
        return (
            isinstance(value, tuple) and len(value) == len(arguments) and all(map(_suits, value, arguments))
        )
    if origin is dict:
        return isinstance(value, dict) and all(_suits(one, arguments[1]) for one in value.values())
    if origin is not None and not isinstance(origin, type):
        return True
    plain = origin or wanted
    if plain is typing.Callable or getattr(plain, "__name__", "") == "Callable":
        return callable(value)
    return isinstance(value, plain)
