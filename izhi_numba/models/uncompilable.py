"""What compiled code cannot do is found in the code of a user's functions, before anything is compiled."""

from __future__ import annotations

import dis
import itertools
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

from izhi_numba.models.declaration import Declaration
from izhi_numba.models.plasticity import Plasticity


def refuse_random(kind: type[Declaration]) -> None:
    """Refuse random numbers of a model's own: they would depend on the threads, and on no seed.

    Raises
    ------
    TypeError
        A function that draws some.
    """
    instead = "add iz.noise(...) to the current instead"
    if issubclass(kind, Plasticity):
        instead = "write r = iz.Random() in the class, and ask for r"
    for place, function in _functions(kind):
        for used in used_modules(function):
            if used in ("random", "numpy.random", "secrets"):
                raise TypeError(
                    f"{place}: draws random numbers from {used}, which no seed of a pool governs; {instead}"
                )


def refuse_to_tell(kind: type[Declaration]) -> None:
    """Refuse what compiled code has no way to tell: errors would be lost, and a step or a row half done.

    Raises
    ------
    TypeError
        A function that raises errors, or prints.
    """
    nan = "return float('nan'), which ends the run and tells the synapse"
    if not issubclass(kind, Plasticity):
        nan = "let a variable become float('nan'), which ends the run and tells the neuron"
    for place, function in _functions(kind):
        for one in _reached(function):
            code = {(each.opname, each.argval) for each in _instructions(one.__code__)}
            if any(opname == "RAISE_VARARGS" for opname, _ in code):
                does, instead = "raises errors", nan
            elif ("LOAD_GLOBAL", "print") in code:
                does, instead = "prints", f"call {place}(...) yourself, which is not compiled"
            else:
                continue
            raise TypeError(f"{place}: {does}, which compiled code of a {kind._noun} cannot; {instead}")


def refuse_nothing(kind: type[Declaration]) -> None:
    """Refuse functions that have returned something in a trial, and return None in other cases.

    Raises
    ------
    TypeError
    """
    for place, function in _functions(kind):
        if _returns_nothing(function):
            raise TypeError(
                f"{place}: returns None in some cases, expected numbers in all of them; is a return missing?"
            )


def _functions(kind: type[Declaration]) -> list[tuple[str, Callable[..., Any]]]:
    """A user's functions that those of a class are made of, and what to call them."""
    own = [(f"{kind.__name__}.{name}", getattr(kind, name)) for name in kind._functions]
    known = getattr(kind, "origins", ()) or own  # of a model with receptors
    return [(place, function) for place, function in known if function is not None]


def _returns_nothing(function: Callable[..., Any]) -> bool:
    """Whether a function that has returned something in a trial can return None, too."""
    code = [one for one in dis.get_instructions(function) if one.opname not in ("NOP", "CACHE")]
    for one, after in itertools.pairwise(code):
        if one.opname == "LOAD_CONST" and one.argval is None and after.opname == "RETURN_VALUE":
            return True
    return any(one.opname == "RETURN_CONST" and one.argval is None for one in code)


def _instructions(code: CodeType) -> Iterator[dis.Instruction]:
    """Instructions of a function, and of those that are defined in it."""
    yield from dis.get_instructions(code)
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _instructions(inner)


def _reached(function: Callable[..., Any]) -> dict[FunctionType, None]:
    """A function, and plain ones of other packages that it calls, also those that a user has compiled."""
    found, rest = dict[FunctionType, None](), [function]
    while rest:
        one = rest.pop()
        if isinstance(one, FunctionType) and one not in found:
            found[one] = None
            plain = [getattr(each, "py_func", each) for each in _given(one)]
            rest += [each for each in plain if _package(each) not in ("izhi_numba", "numpy")]
    return found


def _package(thing: Any) -> str:
    return str(getattr(thing, "__module__", "")).split(".")[0]


def _given(function: FunctionType) -> list[Any]:
    """What a function takes from outside: globals, what it encloses, and what it finds in modules."""
    enclosed = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    cells = {name: cell.cell_contents for name, cell in enclosed}
    thing, found = None, list[Any]()
    for one in _instructions(function.__code__):
        if one.opname == "LOAD_GLOBAL":
            thing = function.__globals__.get(one.argval)
        elif one.opname == "LOAD_DEREF":
            thing = cells.get(one.argval)
        elif one.opname in ("LOAD_ATTR", "LOAD_METHOD") and isinstance(thing, ModuleType):
            thing = getattr(thing, one.argval, None)
        else:
            continue
        found.append(thing)
    return found


def used_modules(function: Callable[..., Any]) -> set[str]:
    """Names of the modules that a function, or one that it calls, reaches: "numpy", "numpy.random"."""
    found: set[str] = set()
    for thing in itertools.chain.from_iterable(map(_given, _reached(function))):
        name = thing.__name__ if isinstance(thing, ModuleType) else getattr(thing, "__module__", None)
        if isinstance(name, str):
            found.add(name)
        owner = getattr(thing, "__self__", thing)  # a generator, or a method of one
        if type(owner).__module__.startswith("numpy.random"):
            found.add("numpy.random")
    return found
