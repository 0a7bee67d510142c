"""Exceptions at any bytecode of the package: the k-th of a call, and another while the first is cleaned up.

``sys.settrace`` cannot do the second. When a trace function written in Python raises, the interpreter takes
it away, so that ``except`` and ``finally`` run untraced. That is a choice of the ``sys`` module and not of
the interpreter: a trace function in C (``PyEval_SetTrace``) stays when it reports an error. So a trace
function is made here with llvmlite: it hands calls and opcodes on to a Python function and, where that
raises, returns -1, which is all. The exception is then that of the instruction that would have come next, as
the interpreter sees it: its exception table is looked up, its handlers run, and they are traced as well.

No instruction is changed, and nothing of the package is told of it. What is traced are frames of the package
and of ``contextlib``, whose generators stand between a ``with`` and the package's own frames: not what is
compiled, not numpy, not the callbacks of a user. Only the calling thread is traced.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

import llvmlite.binding as llvm

import izhi_numba

PACKAGE = os.path.dirname(izhi_numba.__file__) + os.sep
FILES = (PACKAGE, contextlib.__file__)
NOT_TRACED = (os.path.join(PACKAGE, "kernels", "jit.py"),)  # it compiles, which is no part of a call
_CALL, _OPCODE = 0, 7  # PyTrace_CALL, PyTrace_OPCODE


class Injected(BaseException):
    """What nobody expects: neither an ``Exception`` nor a ``KeyboardInterrupt``."""


_SOURCE = """
target triple = "{triple}"
@format = private constant [3 x i8] c"Oi\\00"

define i32 @trace(ptr %self, ptr %frame, i32 %what, ptr %arg) {{
entry:
  %is_call = icmp eq i32 %what, {call}
  %is_opcode = icmp eq i32 %what, {opcode}
  %wanted = or i1 %is_call, %is_opcode
  br i1 %wanted, label %ask, label %on
ask:
  %called = inttoptr i64 {call_function} to ptr
  %result = call ptr (ptr, ptr, ...) %called(ptr %self, ptr @format, ptr %frame, i32 %what)
  %failed = icmp eq ptr %result, null
  br i1 %failed, label %error, label %good
good:
  %dropped = inttoptr i64 {drop} to ptr
  call void %dropped(ptr %result)
  br label %on
on:
  ret i32 0
error:
  ret i32 -1
}}
"""


def _address(name: str) -> int:
    return ctypes.cast(getattr(ctypes.pythonapi, name), ctypes.c_void_p).value


def _compiled() -> tuple[Any, int]:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    machine = llvm.Target.from_default_triple().create_target_machine()
    module = llvm.parse_assembly(
        _SOURCE.format(
            triple=llvm.get_process_triple(), call=_CALL, opcode=_OPCODE,
            call_function=_address("PyObject_CallFunction"), drop=_address("Py_DecRef"),
        )
    )  # fmt: skip
    engine = llvm.create_mcjit_compiler(module, machine)
    engine.finalize_object()
    return engine, engine.get_function_address("trace")


_ENGINE, _TRACE = _compiled()
_set_trace = ctypes.pythonapi.PyEval_SetTrace
_set_trace.argtypes, _set_trace.restype = [ctypes.c_void_p, ctypes.py_object], None


@dataclass(frozen=True)
class Place:
    """An opcode."""

    file: str
    function: str
    line: int | None
    offset: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.function}+{self.offset}"


@dataclass
class Outcome:
    """What became of a call."""

    events: int = 0  # opcodes that were reached
    at: list[Place] = field(default_factory=list)  # where exceptions were raised
    left: BaseException | None = None  # what left the call
    value: Any = None
    unheard: int = 0  # exceptions raised where the interpreter lets none out

    @property
    def fired(self) -> int:
        """How many exceptions were raised."""
        return len(self.at)


def _short(file: str) -> str:
    return file.removeprefix(PACKAGE) if file.startswith(PACKAGE) else os.path.basename(file)


def _place(frame: FrameType) -> Place:
    code = frame.f_code
    return Place(_short(code.co_filename), code.co_qualname, frame.f_lineno, frame.f_lasti)


def inject(
    call: Callable[[], Any], at: int | None = None, second: int | None = None,
    error: type[BaseException] = Injected, files: tuple[str, ...] = FILES, seen: list[Place] | None = None,
) -> Outcome:  # fmt: skip
    """Call, and raise in place of the ``at``-th opcode, and of the ``second``-th after that (from 0).

    Parameters
    ----------
    call : function
    at, second : int, optional
        None: never.
    error : type of exception
    files : tuple of str
        How the names of files begin whose frames are meant.
    seen : list, optional
        Takes each opcode that is reached.
    """
    outcome = Outcome()
    goal = [at]

    def trace(frame: FrameType, what: int) -> None:
        code = frame.f_code
        if not code.co_filename.startswith(files) or code.co_filename in NOT_TRACED:
            return
        if what == _CALL:
            frame.f_trace_opcodes, frame.f_trace_lines = True, False
            return
        if seen is not None:
            seen.append(_place(frame))
        number, outcome.events = outcome.events, outcome.events + 1
        if number == goal[0]:
            outcome.at.append(_place(frame))
            goal[0] = None if second is None or outcome.fired > 1 else number + 1 + second
            raise error(f"at opcode {number}: {outcome.at[-1]}")

    def unheard(told: Any) -> None:
        outcome.unheard += isinstance(told.exc_value, error)

    hook, sys.unraisablehook = sys.unraisablehook, unheard
    before = sys.gettrace()  # of a debugger, or of coverage
    sys._getframe().f_trace_opcodes = True  # 3.12 and later look for such a frame when tracing begins
    try:
        _set_trace(_TRACE, trace)
        try:
            outcome.value = call()
        finally:
            sys.settrace(before)  # no ``with``: contextlib is traced
    except BaseException as left:
        outcome.left = left
        left.__traceback__ = None  # frames would keep alive what the package has let go
        left.__context__ = None
    finally:
        sys.unraisablehook = hook
    return outcome


def reached(call: Callable[[], Any], files: tuple[str, ...] = FILES) -> list[Place]:
    """All opcodes that a call reaches, in order."""
    seen: list[Place] = []
    outcome = inject(call, files=files, seen=seen)
    if outcome.left is not None:
        raise outcome.left
    return seen


CHANGING = ("layout.py", "changes.py")  # a record of addresses is written, a change published


def distinct(places: list[Place]) -> list[int]:
    """Numbers of the first and the last time that each opcode is reached.

    A loop of a thousand turns has the same few opcodes in each; the first turn and the last have all of
    them, at the ends where a change is not begun, or not finished. So it is with a helper that is called from
    many places, unless it changes something itself: in those files each time counts.
    """
    first: dict[Place, int] = {}
    last: dict[Place, int] = {}
    each = []
    for number, place in enumerate(places):
        first.setdefault(place, number)
        last[place] = number
        if place.file.endswith(CHANGING):
            each.append(number)
    return sorted({*first.values(), *last.values(), *each})


def sample(numbers: list[int], most: int, phase: float = 0.5) -> list[int]:
    """At most so many, evenly, always the same ones; ``phase``, from 0 to 1: where in each interval."""
    if len(numbers) <= most:
        return numbers
    return [numbers[int((i + phase) * len(numbers) / most)] for i in range(most)]
