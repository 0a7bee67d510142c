"""A team of threads inside one compiled call: blocks of work, claimed one by one.

Why not ``prange``: a network of 2000 neurons takes 2 microseconds a step. A parallel region costs 2-6
microseconds with tbb, 3-24 with OpenMP and 30-60 with workqueue, the only layer that a plain ``pip
install numba`` has on some systems; its code compiles for seconds more, and a serial twin for small
networks need not give the same bits. Here ordinary Python threads enter the same kernel together, once
for many steps, and meet at flags in memory, which takes 1.3 microseconds. The caller leads; helpers take
blocks of each window of steps when they are there. A helper that starts late, or has lost its core to
another program between two windows, is not waited for: whoever is free takes its block. One that loses
its core in the middle of a block is; for that see ``choice.py``.

``flags`` is an int64 array with one entry per cache line: the window's number, how many of its blocks
are done, then for each block the last window for which it was claimed.
"""

from __future__ import annotations

import ctypes
import platform
import sys
import threading
from collections.abc import Callable
from typing import Any

import llvmlite.binding
import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from izhi_numba.kernels.jit import inline

LINE = 8  # int64 per cache line
WINDOW, DONE, BLOCKS = 0, LINE, 2 * LINE
FINISHED = -1
SPINS = 2_000  # about 50 microseconds; then the core is offered to others


def _load_system_yield() -> None:
    """Make the system's "let others run" known to the compiler under one name."""
    if sys.platform == "win32":
        function = ctypes.windll.kernel32.SwitchToThread
    else:
        function = ctypes.CDLL(None).sched_yield
    llvmlite.binding.add_symbol("izhi_yield", ctypes.cast(function, ctypes.c_void_p).value)


_load_system_yield()


def _pointer(context: Any, builder: Any, array_type: Any, array: Any, index: Any) -> Any:
    data = context.make_array(array_type)(context, builder, array).data
    return builder.gep(data, [index])


@intrinsic
def load(typingctx: Any, array: Any, index: Any) -> Any:
    """Read a flag; what was written before its release is visible afterwards."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        pointer = _pointer(context, builder, signature.args[0], args[0], args[1])
        return builder.load_atomic(pointer, "acquire", 8, typ=ir.IntType(64))

    return types.int64(array, types.int64), codegen


@intrinsic
def store(typingctx: Any, array: Any, index: Any, value: Any) -> Any:
    """Write a flag, after everything written before."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        pointer = _pointer(context, builder, signature.args[0], args[0], args[1])
        builder.store_atomic(args[2], pointer, "release", 8)
        return context.get_dummy_value()

    return types.void(array, types.int64, types.int64), codegen


@intrinsic
def add(typingctx: Any, array: Any, index: Any, value: Any) -> Any:
    """Add to a flag; returns what it was before."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        pointer = _pointer(context, builder, signature.args[0], args[0], args[1])
        return builder.atomic_rmw("add", pointer, args[2], "acq_rel")

    return types.int64(array, types.int64, types.int64), codegen


@intrinsic
def exchange_if(typingctx: Any, array: Any, index: Any, expected: Any, value: Any) -> Any:
    """Set a flag if it is ``expected``; returns whether it was."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        pointer = _pointer(context, builder, signature.args[0], args[0], args[1])
        result = builder.cmpxchg(pointer, args[2], args[3], "acq_rel", "acquire")
        return builder.extract_value(result, 1)

    return types.boolean(array, types.int64, types.int64, types.int64), codegen


@intrinsic
def relax(typingctx: Any) -> Any:
    """Tell the core that this is a waiting loop."""
    machine = platform.machine().lower()

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        i32 = ir.IntType(32)
        if machine in ("x86_64", "amd64", "x86", "i686"):
            pause = ir.FunctionType(ir.VoidType(), [])
            builder.call(cgutils.get_or_insert_function(builder.module, pause, "llvm.x86.sse2.pause"), [])
        elif machine in ("arm64", "aarch64"):
            hint = ir.FunctionType(ir.VoidType(), [i32])
            builder.call(cgutils.get_or_insert_function(builder.module, hint, "llvm.aarch64.hint"), [i32(1)])
        return context.get_dummy_value()

    return types.void(), codegen


@intrinsic
def system_yield(typingctx: Any) -> Any:
    """Offer the core to other programs."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kind = ir.FunctionType(ir.IntType(32), [])
        function = cgutils.get_or_insert_function(builder.module, kind, "izhi_yield")
        builder.call(function, [])
        return context.get_dummy_value()

    return types.void(), codegen


@inline
def wait(attempt):
    """Wait a moment; the longer it takes, the more of the core goes to others."""
    if attempt < SPINS:
        relax()
    else:
        system_yield()


def flags(n_blocks: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.zeros(BLOCKS + LINE * n_blocks, np.int64)


def together(n_threads: int, work: Callable[[int], Any], abandon: Callable[[], None] = lambda: None) -> None:
    """Run ``work(0)`` here and ``work(1)`` ... in helper threads; raise what any of them raised.

    Where the system gives no more threads there are fewer helpers. ``abandon`` sends helpers home that
    would wait for a leader that failed.
    """
    if n_threads == 1:
        work(0)
        return
    failures: list[BaseException] = []

    def help_with(thread: int) -> None:
        try:
            work(thread)
        except BaseException as failure:  # handed to the caller
            failures.append(failure)

    helpers: list[threading.Thread] = []
    try:
        for thread in range(1, n_threads):
            helper = threading.Thread(target=help_with, args=(thread,), daemon=True)
            try:
                helper.start()
            except RuntimeError:
                break
            helpers.append(helper)
        work(0)
    except BaseException:
        abandon()
        raise
    finally:
        for helper in helpers:
            helper.join()
    if failures:
        raise failures[0]


def dismiss(flags: np.ndarray[Any, np.dtype[np.int64]]) -> None:
    """Tell helpers that there is nothing more to do."""
    flags[WINDOW] = FINISHED
