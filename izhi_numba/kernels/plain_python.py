"""A user's plain functions made fit for machine code: literals, dictionaries, what they call."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, TypeVar

import numba
import numpy as np
from numba.core import ir
from numba.core.compiler_machinery import FunctionPass, register_pass
from numba.core.errors import ConstantInferenceError, UnsupportedError
from numba.np.ufunc.dufunc import DUFunc

from izhi_numba.kernels.compiler import AloneCompiler
from izhi_numba.kernels.jit import merged

F = TypeVar("F", bound=Callable[..., Any])


def inline_as(dtype: np.dtype[Any], function: F | None = None) -> Any:
    """Compile a plain function for arguments of ``dtype``, merged into the caller.

    * Literals are weak, as in numpy 2: ``0.04 * v`` has the type of ``v``.
    * Plain functions that it calls are compiled in the same way, also those of other modules.
    * A dictionary by name that it returns becomes the tuple of its values, ordered by name.
    """
    if function is None:
        return functools.partial(inline_as, dtype)
    single = dtype == np.float32
    return merged(function, pipeline=_SingleModelCode if single else _ModelCode, fast=single)


def inline_exactly(dtype: np.dtype[Any], function: Callable[..., Any]) -> Any:
    """The same, with the operations of IEEE in the order written, in single precision, too."""
    return merged(function, pipeline=_SingleModelCode if dtype == np.float32 else _ModelCode)


def plain_function(value: Any) -> FunctionType | None:
    """Return a plain function as it is, or the one that a user has compiled with numba; None for others."""
    if isinstance(value, DUFunc):
        value = value._dispatcher
    function = getattr(value, "py_func", value)
    return function if isinstance(function, FunctionType) else None


def why_not(dtype: np.dtype[Any], function: Callable[..., Any]) -> tuple[int | None, str] | None:
    """Tell why a function of numbers cannot be compiled: line of its file, and reason.

    None if it can be.
    """
    number = numba.from_dtype(dtype)
    try:
        inline_as(dtype, function).compile((number,) * function.__code__.co_argcount)
    except Exception as error:  # numba lets other errors through
        text = _ESCAPES.sub("", str(error))
        file = Path(function.__code__.co_filename).name
        lines = [
            int(line)
            for pattern in (r'File "([^"]*)", line (\d+)', r"at (\S+) \((\d+)\)")
            for place, line in re.findall(pattern, text)
            if Path(place).name == file
        ]
        first = function.__code__.co_firstlineno
        own = [line for line in lines if line in range(first, 1 + max(_lines(function)))]
        inner = [line for line in own if line != first]  # the first is that of the whole function
        return next(iter(inner or own), None), _reason(text) or type(error).__name__
    return None


def _reason(text: str) -> str:
    """The first sentence of what numba said, with what helps where it is known."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    lines = [line for line in lines if not line.startswith(("Failed in nopython", "During:", "File "))]
    reason = lines[0] if lines else ""
    if "NRT required" in reason:
        return "it makes a list, an array or a string; use plain numbers, and return them side by side"
    if reason.startswith("No implementation of function"):
        name = re.search(r"<(?:built-in )?(?:function|ufunc) '?([\w.]+)", reason)
        called = name.group(1) if name else "a function"
        return f"there is no compiled {called} for what it is given; izhi_numba.math has {_OFFERED}"
    return reason


_OFFERED = "exp, expm1, log, log1p, tanh, cosh, sigmoid, exprel, clip and where"


_ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


def _lines(function: Callable[..., Any]) -> list[int]:
    return [line for _, _, line in function.__code__.co_lines() if line]


@register_pass(mutates_CFG=False, analysis_only=False)
class _PlainPython(FunctionPass):
    """Make what a model's function calls and returns fit for compilation."""

    _name = "izhi_plain_python"

    def __init__(self) -> None:
        FunctionPass.__init__(self)

    def run_pass(self, state: Any) -> bool:
        single = state.pipeline is not None and isinstance(state.pipeline, _SingleModelCode)
        dtype = np.dtype(np.float32 if single else np.float64)
        keys: set[tuple[str, ...]] = set()
        kinds = _returned(state.func_ir)  # before dictionaries become tuples
        for block in state.func_ir.blocks.values():
            for assign in block.find_insts(ir.Assign):
                value = assign.value
                if isinstance(value, ir.Global | ir.FreeVar):
                    if function := _to_compile(value.value):
                        value.value = inline_as(dtype, function)
                elif isinstance(value, ir.Expr) and value.op == "getattr":
                    if function := _to_compile(_attribute(state.func_ir, value)):
                        assign.value = ir.Global(value.attr, inline_as(dtype, function), value.loc)
                elif isinstance(value, ir.Expr) and value.op == "build_map":
                    items = sorted((_constant(state.func_ir, key), item) for key, item in value.items)
                    keys.add(tuple(key for key, _ in items))
                    assign.value = ir.Expr.build_tuple([item for _, item in items], value.loc)
        if len(keys) > 1:
            raise UnsupportedError("returns dictionaries with different names", loc=state.func_ir.loc)
        if keys and not all(kind == "build_map" for kind in kinds):
            raise UnsupportedError(
                "returns a dictionary here and something else there", loc=state.func_ir.loc
            )
        return True


def _returned(func_ir: Any) -> set[str]:
    """Operations that make what a function returns, ``build_map`` for one."""
    kinds: set[str] = set()
    names = [block.terminator.value.name for block in func_ir.blocks.values() if _is_return(block.terminator)]
    seen: set[str] = set()
    while names:
        name = names.pop()
        if name in seen:
            continue
        seen.add(name)
        for made in func_ir._definitions[name]:
            inner = made.value if isinstance(made, ir.Expr) and made.op == "cast" else made
            if isinstance(inner, ir.Var):
                names.append(inner.name)
            else:
                kinds.add(inner.op if isinstance(inner, ir.Expr) else type(inner).__name__)
    return kinds


def _is_return(instruction: Any) -> bool:
    return isinstance(instruction, ir.Return)


def _to_compile(value: Any) -> FunctionType | None:
    """Return a function that is to be compiled as the model's own: a plain one, or one the user compiled."""
    function = plain_function(value)
    if function is None or getattr(value, "is_ours", False):
        return None
    known = function.__module__.split(".")[0] in _KNOWN or function.__module__ in _OWN
    return None if known else function


_KNOWN = {"math", "cmath", "numpy", "numba", "builtins", "operator"}


_OWN = {"izhi_numba.math", "izhi_numba.kernels.tuples"}  # functions with a compiled twin


def _attribute(func_ir: Any, expression: Any) -> Any:
    """What ``module.name`` stands for, or None."""
    try:
        module = func_ir.infer_constant(expression.value)
    except ConstantInferenceError:
        return None
    return getattr(module, expression.attr, None) if isinstance(module, ModuleType) else None


def _constant(func_ir: Any, variable: Any) -> str:
    return str(func_ir.infer_constant(variable))


@register_pass(mutates_CFG=False, analysis_only=False)
class _WeakLiterals(FunctionPass):
    """Turn Python's numbers in a function into float32, but for exponents and indices.

    Left alone, ``0.04 * v`` and even ``5 * v`` are computed in double precision when ``v`` is single
    (numba#888), which halves the width of the vectors and adds conversions.
    """

    _name = "izhi_weak_literals"

    def __init__(self) -> None:
        FunctionPass.__init__(self)

    def run_pass(self, state: Any) -> bool:
        changed = False
        whole = _whole_numbers(state.func_ir)
        for block in state.func_ir.blocks.values():
            operands = _arithmetic_operands(block) - whole
            for assign in block.find_insts(ir.Assign):
                value = assign.value
                if not isinstance(value, ir.Const | ir.Global | ir.FreeVar):
                    continue
                number = value.value
                weak_int = type(number) is int and assign.target.name in operands
                if type(number) is float or weak_int:
                    with np.errstate(over="ignore"):
                        single = np.float32(number)
                    assign.value = ir.Const(single, value.loc, use_literal_type=False)
                    changed = True
        return changed


def _whole_numbers(func_ir: Any) -> set[str]:
    """Names of what indices, ranges and bits are made of."""
    names: set[str] = set()
    assigns = [assign for block in func_ir.blocks.values() for assign in block.find_insts(ir.Assign)]
    for assign in assigns:
        value = assign.value
        if not isinstance(value, ir.Expr):
            continue
        if value.op == "getitem":
            names.add(value.index.name)
        elif value.op == "call" and getattr(_origin(func_ir, value.func), "value", None) is range:
            names.update(argument.name for argument in value.args)
        elif value.op in ("binop", "inplace_binop") and value.fn.__name__.removeprefix("i") in _BITWISE:
            names.update((value.lhs.name, value.rhs.name))
    size = -1
    while size != len(names):  # what they are made of, in turn
        size = len(names)
        for assign in assigns:
            value = assign.value
            if assign.target.name not in names:
                continue
            if isinstance(value, ir.Var):
                names.add(value.name)
            elif isinstance(value, ir.Expr) and value.op in ("binop", "inplace_binop"):
                if value.fn.__name__ not in _COMPARISONS:
                    names.update((value.lhs.name, value.rhs.name))
            elif isinstance(value, ir.Expr) and value.op in ("unary", "cast"):
                names.add(value.value.name)
    return names


_BITWISE = {"and", "and_", "or", "or_", "xor", "lshift", "rshift"}  # operator.iand has no underscore


_COMPARISONS = {"lt", "le", "eq", "ne", "ge", "gt"}


def _origin(func_ir: Any, variable: Any) -> Any:
    found = func_ir._definitions[variable.name]
    return found[0] if len(found) == 1 else None


def _arithmetic_operands(block: Any) -> set[str]:
    """Names that a block adds, subtracts, multiplies, divides or returns (not: raises to a power)."""
    names: set[str] = set()
    for assign in block.find_insts(ir.Assign):
        value = assign.value
        if isinstance(value, ir.Expr) and value.op in ("binop", "inplace_binop"):
            if value.fn.__name__ in ("pow", "ipow"):
                continue
            names.update((value.lhs.name, value.rhs.name))
        elif isinstance(value, ir.Expr) and value.op == "unary":
            names.add(value.value.name)
        elif isinstance(value, ir.Expr) and value.op in ("build_tuple", "cast"):
            items = value.items if value.op == "build_tuple" else [value.value]
            names.update(item.name for item in items)
    return names


class _ModelCode(AloneCompiler):
    """Compilation of a model's functions in double precision."""

    extra_passes = (*AloneCompiler.extra_passes, _PlainPython)
    left_out: Any = ()  # a user's own code may contain anything


class _SingleModelCode(_ModelCode):
    """Compilation of a model's functions in single precision."""

    extra_passes = (*AloneCompiler.extra_passes, _WeakLiterals, _PlainPython)
