"""Threads that help with a job from within one compiled call: no Python runs while they do.

Why not ``prange``: a network of 2000 neurons takes 2 microseconds a step. A parallel region costs 2-6
microseconds with tbb, 3-24 with OpenMP and 30-60 with workqueue, the only layer that a plain ``pip
install numba`` has on some systems; its code compiles for seconds more, and a serial twin for small
networks need not give the same bits. Here a job goes on for many steps, in which threads meet at flags in
memory; that takes 1.3 microseconds.

Why not Python threads that enter the kernel together: Ctrl-C is heard between any two lines of Python, and
left a helper running that nobody waited for, in memory that was then given back. So a job begins and ends
in one compiled call of its *leader*. *Helpers* are threads that were started once, when first needed, and
wait in compiled code for work, each at a lock of its own. Nobody waits for a helper that has not woken yet:
its leader takes the job back.

A job is a compiled function of (thread, values), where the values are a tuple by name; it must not raise.
A kernel of (helpers, n_threads, values) puts it down by :func:`job_of` and does it by :func:`lead`; Python
calls that kernel by :func:`call`, or by :func:`in_portions` where it takes long.

``helpers`` is an int64 array: a line of counts, then a line for each helper. Its state is the address of the
job that is offered to it, or one of the states below. As an address is of one job alone, a leader that takes
back its offer cannot mistake another's for it.
"""

from __future__ import annotations

import _thread
import ctypes
import os
import platform
import sys
import time
from collections.abc import Callable
from typing import Any

import llvmlite.binding
import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from izhi_numba.base.arrays import Array
from izhi_numba.kernels.intrinsics import view
from izhi_numba.kernels.jit import inline, kernel, shared

LINE = 8  # int64 per cache line
SPINS = 2_000  # about 50 microseconds; then the core is offered to others

# Meetings in the middle of a job: the window's number, how many of its blocks are done, then for each block
# the last window for which it was claimed.
WINDOW, DONE, BLOCKS = 0, LINE, 2 * LINE
FINISHED = -1

# Counts in the first line of ``helpers``.
_CAME = 0  # helpers that have taken a place so far
_WANTED = 1  # helpers that the leaders of this moment would like
_MOST_WANTED = 2  # at any moment so far
_HOME = 3  # 1: helpers go home
# In the line of a helper.
_STATE, _LOCK = 0, 1
_ABSENT, _IDLE, _CLAIMED, _WORKING, _TAKEN_BACK, _GONE = range(6)  # states; what is larger is a job's address
_LAST_STATE = _GONE
_PLACES = 1024
# In the record of a job.
_LEFT, _THREADS, _FUNCTION, _VALUES = range(4)

# Parts of a job that Python may interrupt.
NEXT, BEGIN, END = 0, LINE, LINE + 1
_PORTION = 0.07  # seconds; Ctrl-C is heard after that
_FASTER = 4.0  # a portion is at most so many times as long as the one before


def _load_symbols() -> None:
    """Make the system's "let others run", and Python's locks, known to the compiler by name."""
    if sys.platform == "win32":
        yielding = ctypes.windll.kernel32.SwitchToThread
    else:
        yielding = ctypes.CDLL(None).sched_yield
    python = ctypes.pythonapi
    for name, function in (
        ("izhi_yield", yielding),
        ("izhi_lock_make", python.PyThread_allocate_lock),
        ("izhi_lock_take", python.PyThread_acquire_lock),
        ("izhi_lock_give", python.PyThread_release_lock),
    ):
        llvmlite.binding.add_symbol(name, ctypes.cast(function, ctypes.c_void_p).value)


_load_symbols()


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


def _foreign(builder: Any, name: str, result: Any, *arguments: Any) -> Any:
    """Call a function of the system or of Python."""
    kind = ir.FunctionType(result, [argument.type for argument in arguments])
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), arguments)


@intrinsic
def system_yield(typingctx: Any) -> Any:
    """Offer the core to other programs."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        _foreign(builder, "izhi_yield", ir.IntType(32))
        return context.get_dummy_value()

    return types.void(), codegen


@intrinsic
def _make_lock(typingctx: Any) -> Any:
    """Return the address of a new lock; 0 where there is no memory."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        lock = _foreign(builder, "izhi_lock_make", ir.IntType(8).as_pointer())
        return builder.ptrtoint(lock, ir.IntType(64))

    return types.int64(), codegen


@intrinsic
def _take_lock(typingctx: Any, lock: Any) -> Any:
    """Sleep until somebody gives a lock, and take it."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        pointer, i32 = builder.inttoptr(args[0], ir.IntType(8).as_pointer()), ir.IntType(32)
        _foreign(builder, "izhi_lock_take", i32, pointer, i32(1))
        return context.get_dummy_value()

    return types.void(types.int64), codegen


@intrinsic
def _give_lock(typingctx: Any, lock: Any) -> Any:
    """Wake who sleeps at a lock."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        _foreign(
            builder, "izhi_lock_give", ir.VoidType(), builder.inttoptr(args[0], ir.IntType(8).as_pointer())
        )
        return context.get_dummy_value()

    return types.void(types.int64), codegen


@intrinsic
def job_of(typingctx: Any, function: Any, values: Any) -> Any:
    """Put a job on the stack of the caller, and return the address of its record.

    The function is called by way of a small one that is called in C's manner, loads the values and knows
    their types; it stays out of line, so that there is one copy of the code for all threads.
    """
    called = function.get_call_type(typingctx, (types.int64, values), {})

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        compiled, i64 = function.dispatcher.get_compile_result(called), ir.IntType(64)
        context.active_code_library.add_linking_library(compiled.library)
        kind = ir.FunctionType(ir.VoidType(), [i64, i64])
        outer = ir.Function(builder.module, kind, builder.module.get_unique_name("izhi_job"))
        outer.linkage = "internal"
        outer.attributes.add("noinline")
        inside, description = ir.IRBuilder(outer.append_basic_block("entry")), compiled.fndesc
        place = inside.inttoptr(outer.args[1], context.get_value_type(values).as_pointer())
        callee = context.declare_function(builder.module, description)
        arguments = [outer.args[0], inside.load(place)]
        context.call_conv.call_function(
            inside, callee, description.restype, description.argtypes, arguments
        )  # its status is of no use: jobs do not raise
        inside.ret_void()
        written = cgutils.alloca_once_value(builder, args[1])
        record = cgutils.alloca_once(builder, i64, size=4)
        fields = {_LEFT: i64(0), _THREADS: i64(1)}
        fields |= {_FUNCTION: builder.ptrtoint(outer, i64), _VALUES: builder.ptrtoint(written, i64)}
        for field, value in fields.items():
            builder.store(value, builder.gep(record, [i64(field)]))
        return builder.ptrtoint(record, i64)

    return types.int64(function, values), codegen


@intrinsic
def _call_function(typingctx: Any, function: Any, thread: Any, values: Any) -> Any:
    """Call the function of a job by its address."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        i64 = ir.IntType(64)
        kind = ir.FunctionType(ir.VoidType(), [i64, i64]).as_pointer()
        builder.call(builder.inttoptr(args[0], kind), args[1:])
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64), codegen


@inline
def wait(attempt):
    """Wait a moment; the longer it takes, the more of the core goes to others."""
    if attempt < SPINS:
        relax()
    else:
        system_yield()


@shared
def _offer(helpers, count, job):
    """Offer a job to so many helpers that have nothing to do; returns how many there were."""
    wanted, most = add(helpers, _WANTED, count) + count, load(helpers, _MOST_WANTED)
    while most < wanted and not exchange_if(helpers, _MOST_WANTED, most, wanted):
        most = load(helpers, _MOST_WANTED)
    offered, line, end = 0, LINE, LINE * (1 + min(load(helpers, _CAME), len(helpers) // LINE - 1))
    while line < end and offered < count:
        if exchange_if(helpers, line + _STATE, _IDLE, _CLAIMED):
            lock = helpers[line + _LOCK]
            store(helpers, line + _STATE, job)
            _give_lock(lock)
            offered += 1
        line += LINE
    return offered


@shared
def _end(helpers, count, job, offered):
    """Take a job back from helpers that have not begun, and wait until the others have left it."""
    add(helpers, _WANTED, -count)
    line = LINE
    begun = offered
    while offered > 0 and line < len(helpers):
        if exchange_if(helpers, line + _STATE, job, _TAKEN_BACK):
            begun -= 1
        line += LINE
        if line >= LINE * (1 + load(helpers, _CAME)):
            break
    record, attempt = view(job, 4, np.int64), 0
    while load(record, _LEFT) < begun:
        wait(attempt)
        attempt += 1


@shared
def lead(helpers, n_threads, job):
    """Do a job here as thread 0, and with 1, 2, ... in helpers, up to ``n_threads`` in all.

    It is apart from :func:`job_of`, and knows no types, so that it is compiled once; as one function with it,
    which held all of the job's code, it took 1 to 2 s more of the steps' 17.
    """
    record, offered = view(job, 4, np.int64), 0
    if n_threads > 1:
        offered = _offer(helpers, n_threads - 1, job)
    _call_function(record[_FUNCTION], 0, record[_VALUES])
    if n_threads > 1:
        _end(helpers, n_threads - 1, job, offered)


@kernel
def _serve(helpers):
    """Be a helper: take a place and do jobs, until all go home.

    A helper sleeps at its lock, which is given once for each offer, and once to go home.
    """
    line = LINE * (1 + add(helpers, _CAME, 1))
    lock = _make_lock() if line < len(helpers) else 0
    if lock == 0:
        return
    _take_lock(lock)
    helpers[line + _LOCK] = lock
    store(helpers, line + _STATE, _IDLE)
    while load(helpers, _HOME) == 0 or not exchange_if(helpers, line + _STATE, _IDLE, _GONE):
        _take_lock(lock)
        job = load(helpers, line + _STATE)
        if job == _IDLE or job == _CLAIMED:  # noqa: SIM109 (numba)
            continue  # woken to go home; where it is claimed it is woken again
        if exchange_if(helpers, line + _STATE, job, _WORKING) and job > _LAST_STATE:
            record = view(job, 4, np.int64)
            _call_function(record[_FUNCTION], add(record, _THREADS, 1), record[_VALUES])
            add(record, _LEFT, 1)  # the job is no more after that
        store(helpers, line + _STATE, _IDLE)


@kernel
def _wake_all(helpers):
    """Send helpers home."""
    store(helpers, _HOME, 1)
    for line in range(LINE, LINE * (1 + min(load(helpers, _CAME), len(helpers) // LINE - 1)), LINE):
        if load(helpers, line + _STATE) != _ABSENT:
            _give_lock(helpers[line + _LOCK])


class _Crew:
    """The helpers of this process."""

    def __init__(self) -> None:
        self.helpers: Array = np.zeros(LINE * (1 + _PLACES), np.int64)
        self.started = 0

    def grow(self, count: int) -> None:
        """Start helpers until there are so many; fewer where the system gives no more threads."""
        if not self.started:
            _serve(np.zeros(LINE, np.int64))  # has no place in it: compiles, and returns
        while self.started < min(count, _PLACES):
            try:
                _thread.start_new_thread(_serve, (self.helpers,))
            except RuntimeError:
                return
            self.started += 1  # one more than counted, after Ctrl-C just before, does no harm


_crew = _Crew()


def _begin_anew() -> None:
    """Forget the helpers, which a forked child does not have."""
    global _crew
    _crew = _Crew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_anew)


def go_home() -> None:
    """Let helpers end; the next job starts others."""
    helpers = _crew.helpers
    _begin_anew()
    _wake_all(helpers)


def call(kernel: Callable[..., Any], n_threads: int, values: Any) -> Any:
    """Call a kernel of (helpers, n_threads, values), and have helpers for it."""
    crew = _crew
    if n_threads > 1:
        # Where several Python threads lead jobs at once, as many as all of them wanted.
        crew.grow(max(n_threads - 1, int(crew.helpers[_MOST_WANTED])))
    return kernel(crew.helpers, n_threads, values)


def flags(n_blocks: int) -> Array:
    """Return the flags of a job whose threads meet at windows of steps."""
    return np.zeros(BLOCKS + LINE * n_blocks, np.int64)


def turns() -> Array:
    """Return the parts of a job that is done in portions: which is the next, and where the portion ends."""
    return np.zeros(2 * LINE, np.int64)


@inline
def turn(turns):
    """The next part of a portion that nobody has taken yet: it is beyond the end when all are taken."""
    return turns[BEGIN] + add(turns, NEXT, 1)


def in_portions(kernel: Callable[..., Any], n_threads: int, values: Any, n_parts: int) -> None:
    """Call a kernel until all parts of a job are done, so many at a time that Ctrl-C is heard in between.

    ``values.turns`` tells which parts those are, see :func:`turns`. No helper is at work when it is heard:
    whoever is interrupted may drop all that the job had.
    """
    n_threads = max(1, min(n_threads, n_parts))  # a helper without work cost 40 us a call
    done, portion = 0, n_threads
    while done < n_parts:
        end = min(done + portion, n_parts)
        values.turns[[NEXT, BEGIN, END]] = 0, done, end
        began = time.perf_counter()
        call(kernel, n_threads, values)
        seconds = max(time.perf_counter() - began, 1e-6)
        portion = max(n_threads, int((end - done) * min(_FASTER, _PORTION / seconds)))
        done = end
