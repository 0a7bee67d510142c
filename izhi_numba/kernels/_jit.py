"""All of the numba policy of the package: options, cache, literals.

Three decorators:

* :func:`kernel` for functions called from Python. They release the GIL and are cached on disk.
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
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numba
import numpy as np
from numba.core import event, ir
from numba.core.caching import FunctionCache
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import FunctionPass, register_pass
from numba.core.untyped_passes import IRProcessing

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS: dict[str, Any] = {"error_model": "numpy", "boundscheck": False, "_nrt": False}
_FAST = {"nsz", "arcp", "contract", "afn", "reassoc"}


class _Stopwatch(event.Listener):
    """Adds up the wall time of compilations; nested ones count once."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._depth = 0
        self._began = 0.0

    def on_start(self, event: Any) -> None:
        if self._depth == 0:
            self._began = time.perf_counter()
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
def sources_key() -> str:
    """Hash of the sources of all kernels: any edit here makes all of them compile anew."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


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
    dispatcher._cache = _KeyedCache(function, f"{sources_key()}:{key}")
    return dispatcher


def inline(function: F) -> F:
    """Compile a function that kernels call, merged into the caller."""
    compiled: F = numba.njit(forceinline=True, **_OPTIONS)(function)
    return compiled


def inline_as(dtype: np.dtype[Any], function: F | None = None) -> Any:
    """Compile a plain function for arguments of ``dtype``, merged into the caller.

    Literals are weak, as in numpy 2: ``0.04 * v`` has the type of ``v``.
    """
    if function is None:
        return functools.partial(inline_as, dtype)
    if dtype == np.float64:
        return inline(function)
    options = _OPTIONS | {"fastmath": _FAST, "pipeline_class": _SinglePrecision}
    return numba.njit(forceinline=True, **options)(function)


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
        for block in state.func_ir.blocks.values():
            operands = _arithmetic_operands(block)
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


class _SinglePrecision(CompilerBase):
    def define_pipelines(self) -> list[Any]:
        pipeline = DefaultPassBuilder.define_nopython_pipeline(self.state)
        pipeline.add_pass_after(_WeakLiterals, IRProcessing)
        pipeline.finalize()
        return [pipeline]
