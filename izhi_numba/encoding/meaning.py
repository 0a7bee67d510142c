"""What a user's code says, as short words to be compared: the same in any Python, whatever its layout.

A function is told by the syntax tree of its source, without docstrings, annotations, and places, and with
all that it refers to: numbers, arrays, other functions. Where there is no source, or another one than what is
run (a file was edited since it was imported), it is told by its byte code, and the Python that made it.
"""

from __future__ import annotations

import ast
import functools
import linecache
import sys
from collections.abc import Iterator
from types import CodeType, FunctionType
from typing import Any, NamedTuple

from izhi_numba.models.declaration import Declaration
from izhi_numba.numerics.fingerprint import fingerprint

_NOT_SAID = {"lineno", "col_offset", "end_lineno", "end_col_offset", "ctx", "annotation", "returns",
             "type_comment", "type_params", "kind", "simple"}  # fmt: skip
_LENGTH = 32  # of a word
_SETTINGS = ("voltage", "peak", "refractory", "adds_to", "signed", "bounds")

_GO_BY_NAME = "izhi_numba."  # functions of the package, those of its models left out


class Word(NamedTuple):
    """What a part says: by its source, empty where there is none, and by byte code, with the Python of it."""

    source: str
    code: str

    def differs(self, other: Word) -> bool | None:
        """Whether two differ; None: it cannot be told."""
        if self.source and other.source:
            return self.source != other.source
        if self.code.partition(":")[0] != other.code.partition(":")[0]:
            return None
        return self.code != other.code


Words = dict[str, Word]  # of each part


def words_of_class(kind: type[Declaration]) -> Words:
    """Return what a model or receptor says, a word for each part: a function, a declaration, a setting."""
    words = {}
    for name in kind._functions:
        if (function := getattr(kind, name, None)) is not None:
            words[name] = word(function)
    for name, state in kind.states.items():
        words[name] = word((state.default, state.unit, state.is_double))
    for name, parameter in kind.parameters.items():
        bounds: tuple[Any, ...] = (parameter.above, parameter.at_least)
        if parameter.at_most is not None or parameter.is_whole:  # files from before there were these
            bounds += (parameter.at_most, parameter.is_whole)
        words[name] = word((parameter.default, parameter.unit, *bounds))
    for name, constant in kind.constants.items():
        words[name] = word((constant.function, constant.unit))
    for name, trace in getattr(kind, "traces", {}).items():
        words[name] = word((type(trace).__name__, trace.tau, trace.nearest))
    for name, modulator in getattr(kind, "modulators", {}).items():
        words[name] = word((modulator.tau, modulator.start))
    for number, name in enumerate(getattr(kind, "randoms", {})):
        words[name] = word(number)
    for name, value in getattr(kind, "values", {}).items():
        words[name] = word((value.state, value.late))
    for name in _SETTINGS:
        if hasattr(kind, name):
            words[name] = word(getattr(kind, name))
    return words


def word(thing: Any) -> Word:
    """Return a short word for what a function says, or a value with functions in it."""
    missing = list[None]()

    def by_source(function: FunctionType) -> tuple[bytes, bool] | None:
        told = _by_source(function)
        if told is None:
            missing.append(None)
        return told

    found = fingerprint(thing, by_source)[:_LENGTH]
    code = f"{sys.implementation.cache_tag}:{fingerprint(thing, _by_name)[:_LENGTH]}"
    return Word("" if missing else found, code)


def _by_name(function: FunctionType) -> tuple[bytes, bool] | None:
    """Functions of the package go by their names: another version may compute the same in another way."""
    module = function.__module__ or ""
    if module.startswith(_GO_BY_NAME) and not module.startswith(f"{_GO_BY_NAME}models."):
        return f"{module}.{function.__qualname__}".encode(), True
    return None


def _by_source(function: FunctionType) -> tuple[bytes, bool] | None:
    text = said(function)
    return _by_name(function) or (None if text is None else (text.encode(), False))


def said(function: FunctionType) -> str | None:
    """Return the syntax tree of a function as text; None where the source that is there is not what runs."""
    file = function.__code__.co_filename
    linecache.checkcache(file)
    return _said(function.__code__, "".join(linecache.getlines(file, function.__globals__)))


@functools.lru_cache(maxsize=1024)
def _said(code: CodeType, source: str) -> str | None:
    """Return the syntax tree of a code in a source."""
    known = _parsed(source) if source else None
    if known is None:
        return None
    whole, tree = known
    equal = [one for one in _codes(whole) if _equal(one, code)]
    equal.sort(key=lambda one: abs(one.co_firstlineno - code.co_firstlineno))  # the file may have been edited
    for one in equal:
        nodes = [node for node in ast.walk(tree) if _is_at(node, one)]
        if nodes:
            return _text(nodes[-1])  # a lambda within a lambda is the last
    return None


@functools.lru_cache(maxsize=16)
def _parsed(source: str) -> tuple[CodeType, ast.Module] | None:
    """Compile and parse a file; None: it is no Python."""
    try:
        return compile(source, "source", "exec", dont_inherit=True), ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _codes(code: CodeType) -> Iterator[CodeType]:
    """Yield the code of all functions in a code."""
    for one in code.co_consts:
        if isinstance(one, CodeType):
            yield one
            yield from _codes(one)


def _equal(one: CodeType, other: CodeType) -> bool:
    """Whether two codes have one name, and do the same."""
    return (
        (one.co_name, one.co_code, one.co_names) == (other.co_name, other.co_code, other.co_names)
        and (one.co_varnames, one.co_freevars) == (other.co_varnames, other.co_freevars)
        and len(one.co_consts) == len(other.co_consts)
        and all(map(_equal_constants, one.co_consts, other.co_consts))
    )


def _equal_constants(one: Any, other: Any) -> bool:
    if isinstance(one, CodeType) and isinstance(other, CodeType):
        return _equal(one, other)
    return type(one) is type(other) and repr(one) == repr(other)


def _is_at(node: ast.AST, code: CodeType) -> bool:
    """Whether a node is the definition of a code."""
    if isinstance(node, ast.FunctionDef):
        first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
        return node.name == code.co_name and first == code.co_firstlineno
    if not isinstance(node, ast.Lambda) or code.co_name != "<lambda>" or node.lineno != code.co_firstlineno:
        return False
    body = node.body
    begin, end = (body.lineno, body.col_offset), (body.end_lineno or 0, body.end_col_offset or 0)
    places = [place for place in code.co_positions() if place[0] is not None and place[2] is not None]
    inside = [(line, column) for line, _, column, _ in places if (line, column) != (node.lineno, 0)]
    return bool(inside) and all(begin <= place <= end for place in inside)


def _text(node: ast.AST) -> str:
    """Return what a function's definition says, from its arguments on."""
    body = node.body if isinstance(node, ast.Lambda) else _without_docstring(getattr(node, "body"))  # noqa: B009
    return f"{_dumped(getattr(node, 'args'))}: {_dumped(body)}"  # noqa: B009


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0]
    if (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    ):
        return body[1:]
    return body


def _dumped(node: Any) -> str:
    """Write a tree; what is empty is left out, as other versions of Python have other fields."""
    if isinstance(node, list):
        return f"[{', '.join(map(_dumped, node))}]"
    if not isinstance(node, ast.AST):
        return repr(node)
    if isinstance(node, ast.FunctionDef):
        return f"def {node.name}({_text(node)})"
    parts = [
        f"{name}={_dumped(value)}"
        for name, value in ast.iter_fields(node)
        if name not in _NOT_SAID and value is not None and value != []
    ]
    return f"{type(node).__name__}({', '.join(parts)})"
