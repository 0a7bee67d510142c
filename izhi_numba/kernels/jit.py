"""All of the numba policy of the package: options, cache, literals.

Four ways to compile:

* :func:`kernel` for functions called from Python. They release the GIL and are cached on disk.
* :func:`callback` for functions called by their address. They are cached on disk too.
* :func:`inline` for functions called from kernels. They are merged into their caller, so that
  loops over them become vector code.
* :func:`inline_as` for a user's plain functions: the same, with literals in the pool's precision.

Kernels and random numbers are compiled without fast-math: every operation is the IEEE one, in the
order written. So are models in double precision, whose pools therefore equal the same formulas in
numpy to the bit. Models in single precision get the usual set of flags that leave NaN and infinity
alone: 0.21 instead of 0.36 ns for a step of Izhikevich's neuron in the cache, 0.36 instead of 0.45 at
100,000 neurons. Contraction to multiply-add alone gained nothing (0.36).
"""

from __future__ import annotations

import functools
import hashlib
import logging
import re
import time
from collections.abc import Callable
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, TypeVar

import numba
import numpy as np
from numba.core import event, ir
from numba.core.caching import FunctionCache
from numba.core.ccallback import CFunc
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import FunctionPass, register_pass
from numba.core.errors import ConstantInferenceError, UnsupportedError
from numba.core.untyped_passes import IRProcessing
from numba.np.ufunc.dufunc import DUFunc

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS: dict[str, Any] = {"error_model": "numpy", "boundscheck": False, "_nrt": False}
# What other compiled code calls needs no entry for Python or C.
_MERGED: dict[str, Any] = _OPTIONS | {
    "forceinline": True,
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
}
_FAST = {"nsz", "arcp", "contract", "afn", "reassoc"}


_log = logging.getLogger("izhi_numba")


class _Stopwatch(event.Listener):
    """Adds up the wall time of compilations, and logs when one begins; nested ones count once."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._depth = 0
        self._began = 0.0

    def on_start(self, event: Any) -> None:
        if self._depth == 0:
            self._began = time.perf_counter()
            function = event.data["dispatcher"].py_func
            if str(function.__module__).startswith("izhi_numba."):  # not a part made from text
                _log.info(
                    "compiling %s of %s; it is kept on disk", function.__qualname__, function.__module__
                )
        self._depth += 1

    def on_end(self, event: Any) -> None:
        self._depth -= 1
        if self._depth == 0:
            self.seconds += time.perf_counter() - self._began


_stopwatch = _Stopwatch()
event.register("numba:compile", _stopwatch)  # compilers hold a lock: one at a time


def compilation_seconds() -> float:
    """Seconds this process has spent compiling so far (loading from the disk cache is none)."""
    return _stopwatch.seconds


@functools.cache
def _hash_of(folder: Path) -> str:
    """Hash of the sources in a folder."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def sources_key(function: Callable[..., Any]) -> str:
    """Hash of the sources that a kernel is made from: those of its own folder, and of this one.

    An edit of what draws synapses (``build/``) does not compile the steps (``run/``) anew.
    """
    common, own = Path(__file__).parent, Path(function.__code__.co_filename).parent
    return _hash_of(common) + ("" if own == common else _hash_of(own))


class _KeyedCache(FunctionCache):
    """The disk cache of numba under a key of our own.

    numba's key holds the kernel's own byte code and what its closure pickles to. It misses edits of
    the helpers a kernel calls, serves stale code for an edited model that can be imported, and never
    finds a kernel again whose closure holds other compiled functions. Ours is a hash of what the
    code is made from.
    """

    def __init__(self, py_func: Callable[..., Any], key: str) -> None:
        super().__init__(py_func)
        self._key = key

    def _index_key(self, sig: Any, codegen: Any) -> Any:
        return sig, codegen.magic_tuple(), self._key


def kernel(function: F | None = None, *, key: str = "") -> Any:
    """Compile a function that Python calls: no GIL, cached under the sources' hash and ``key``."""
    if function is None:
        return functools.partial(kernel, key=key)
    dispatcher = numba.njit(nogil=True, cache=True, **_OPTIONS)(function)
    dispatcher._cache = _KeyedCache(function, f"{sources_key(function)}:{key}")
    return dispatcher


class Callback(CFunc):  # type: ignore[misc]
    """A compiled function with an address, cached on disk under a key of our own."""

    def __init__(self, function: Callable[..., Any], signature: Any, key: str) -> None:
        # The name tells codes apart that other processes have put into the cache.
        function.__name__ = function.__qualname__ = f"{function.__name__}_{key[:16]}"
        types = (signature.args, signature.return_type)
        super().__init__(function, types, {}, {"nopython": True, **_OPTIONS})
        self._cache = _KeyedCache(function, f"{sources_key(function)}:{key}")

    def inspect_assembly(self) -> str:
        """Its machine code as text; empty where it was loaded from the disk cache."""
        library: Any = self._library  # type: ignore[attr-defined]
        return "" if self.cache_hits else str(library.get_asm_str())


def callback(signature: Any, function: Callable[..., Any], key: str) -> Callback:
    """Make a function that is called by its address; ``compile()`` compiles or loads it."""
    return Callback(function, signature, key)


def inline(function: F) -> F:
    """Compile a function that kernels call, merged into the caller.

    It is optimised alone and again in the caller. Without the first, the steps of a pool compiled in 10
    instead of 13.5 s, and took six times as long: loops were no vector code any more.
    """
    compiled: F = numba.njit(**_MERGED)(function)
    compiled.is_ours = True  # type: ignore[attr-defined]
    return compiled


def shared(function: F) -> F:
    """Compile a function that kernels call at several places, and that is long: kept apart."""
    return numba.njit(**(_MERGED | {"forceinline": False}))(function)  # type: ignore[no-any-return]


def inline_as(dtype: np.dtype[Any], function: F | None = None) -> Any:
    """Compile a plain function for arguments of ``dtype``, merged into the caller.

    * Literals are weak, as in numpy 2: ``0.04 * v`` has the type of ``v``.
    * Plain functions that it calls are compiled in the same way, also those of other modules.
    * A dictionary by name that it returns becomes the tuple of its values, ordered by name.
    """
    if function is None:
        return functools.partial(inline_as, dtype)
    options: dict[str, Any] = {"pipeline_class": _ModelCode, **_MERGED}
    if dtype == np.float32:
        options |= {"fastmath": _FAST, "pipeline_class": _SingleModelCode}
    compiled = numba.njit(**options)(function)
    compiled.is_ours = True
    return compiled


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
                    assign.value = ir.Const(np.float32(number), value.loc, use_literal_type=False)
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


class _ModelCode(CompilerBase):
    """Compilation of a model's functions in double precision."""

    def define_pipelines(self) -> list[Any]:
        pipeline = DefaultPassBuilder.define_nopython_pipeline(self.state)
        pipeline.add_pass_after(_PlainPython, IRProcessing)
        pipeline.finalize()
        return [pipeline]


class _SingleModelCode(CompilerBase):
    """Compilation of a model's functions in single precision."""

    def define_pipelines(self) -> list[Any]:
        pipeline = DefaultPassBuilder.define_nopython_pipeline(self.state)
        pipeline.add_pass_after(_WeakLiterals, IRProcessing)
        pipeline.add_pass_after(_PlainPython, IRProcessing)
        pipeline.finalize()
        return [pipeline]
