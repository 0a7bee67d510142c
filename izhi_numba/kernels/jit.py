"""All of the numba policy of the package: options, cache, literals.

Ways to compile:

* :func:`kernel` for functions called from Python. They release the GIL and are cached on disk.
* :func:`callback` for functions called by their address. They are cached on disk too.
* :func:`inline` for functions called from kernels. They are merged into their caller, so that
  loops over them become vector code.
* :func:`of_team` for what the threads of a team do, see :mod:`izhi_numba.kernels.team`.
* :func:`merged` for a user's plain functions: the same, by the passes of
  :mod:`izhi_numba.kernels.plain_python`.

Kernels and random numbers are compiled without fast-math: every operation is the IEEE one, in the
order written. So are models in double precision, whose pools therefore equal the same formulas in
numpy to the bit. Models in single precision get the usual set of flags that leave NaN and infinity
alone: 0.21 instead of 0.36 ns for a step of Izhikevich's neuron in the cache, 0.36 instead of 0.45 at
100,000 neurons. Contraction to multiply-add alone gained nothing (0.36).
"""

from __future__ import annotations

import ctypes
import functools
import hashlib
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, overload

import numba
from numba.core import event

from izhi_numba.kernels.cache import Cache, tell_of_numba
from izhi_numba.kernels.compiler import AloneCompiler, Compiler, MergedCompiler

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
_LONG = {  # modules of kernels that compile for seconds, and what they do
    "izhi_numba.kernels.run.step": "the steps of neurons",
    "izhi_numba.kernels.build.generate": "what draws synapses, then the steps of neurons",
}


class _Stopwatch(event.Listener):
    """Adds up the wall time of compilations, and logs when one begins; nested ones count once.

    The first that takes long is a warning to the log: where nobody set up logging it goes to ``sys.stderr``.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self._told = False
        self._depth = 0
        self._began = 0.0

    def on_start(self, event: Any) -> None:
        if self._depth == 0:
            self._began = time.perf_counter()
            function = event.data["dispatcher"].py_func
            module = str(function.__module__)
            if module in _LONG and not self._told:
                self._told = True
                _log.warning("izhi_numba compiles %s, up to half a minute; it is kept on disk", _LONG[module])
            elif module.startswith("izhi_numba."):  # not a part made from text
                _log.info("compiling %s of %s; it is kept on disk", function.__qualname__, module)
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


def kernel(function: F | None = None, *, key: str = "") -> Any:
    """Compile a function that Python calls: no GIL, cached under the sources' hash and ``key``."""
    if function is None:
        return functools.partial(kernel, key=key)
    options = _OPTIONS | {"nogil": True, "no_cfunc_wrapper": True, "pipeline_class": Compiler}
    dispatcher = numba.njit(**options)(function)
    _keep(dispatcher, function, key)
    return dispatcher


def _keep(compiling: Any, function: Callable[..., Any], key: str) -> None:
    """Have what numba compiles of a function be kept on disk."""
    if hasattr(compiling, "_cache"):
        compiling._cache = Cache(function, sources_key(function), key)
    elif not numba.config.DISABLE_JIT:
        tell_of_numba("it has another cache")


def _named(function: F, key: str) -> F:
    """Give a function a name of its own, by the key of the code that it is a part of.

    It tells codes apart that several processes have put into the cache: their numbers may be the same, and of
    functions with one name, which stay apart in the machine code, all callers in a process get the first one.
    """
    function.__name__ = function.__qualname__ = f"{function.__name__}_{key[:16]}"
    return function


class Callback:
    """A compiled function with an address, cached on disk under a key of our own."""

    def __init__(self, function: Callable[..., Any], signature: Any, key: str) -> None:
        self._function, self._signature, self._key = _named(function, key), signature, key
        self._compiled: Any = None

    def compile(self) -> None:
        """Compile the function, or load it."""
        types = (self._signature.args, self._signature.return_type)
        options = {"nopython": True, **_OPTIONS}
        try:
            from numba.core.ccallback import CFunc

            compiled = CFunc(self._function, types, {}, options, Compiler)  # compiles nothing yet
            compile_it = compiled.compile
        except (ImportError, AttributeError, TypeError) as error:
            tell_of_numba(f"{type(error).__name__}: {error}")
            self._compiled = numba.cfunc(self._signature, pipeline_class=Compiler, **options)(self._function)
            return
        _keep(compiled, self._function, self._key)
        compile_it()
        self._compiled = compiled

    @property
    def is_compiled(self) -> bool:
        """Whether there is machine code."""
        return self._compiled is not None

    @property
    def address(self) -> int:
        """Where the machine code begins."""
        return int(self._compiled.address)

    def function(self) -> Callable[..., Any]:
        """The function for Python, of whole numbers and, last, a float."""
        numbers = [
            ctypes.c_double if kind == numba.float64 else ctypes.c_int64 for kind in self._signature.args
        ]
        return ctypes.CFUNCTYPE(None, *numbers)(self.address)

    def inspect_assembly(self) -> str:
        """Its machine code as text; empty where it was loaded from the disk cache."""
        return "" if self._compiled.cache_hits else str(self._compiled._library.get_asm_str())


def callback(signature: Any, function: Callable[..., Any], key: str) -> Callback:
    """Make a function that is called by its address; ``compile()`` compiles or loads it."""
    return Callback(function, signature, key)


def inline(function: F | None = None, *, alone: bool = False) -> Any:
    """Compile a function that kernels call, merged into the caller.

    ``alone``: it is optimised alone, too. Delivery took 1.08 of its time without that for the loops over the
    synapses of a row, and as long for all other functions, which are many.
    """
    if function is None:
        return functools.partial(inline, alone=alone)
    return merged(function, pipeline=AloneCompiler if alone else MergedCompiler)


def of_team(function: F) -> F:
    """Compile what the threads of a team do: kept apart in its kernel."""
    options = _MERGED | {"forceinline": False, "pipeline_class": MergedCompiler}
    return numba.njit(**options)(function)  # type: ignore[no-any-return]


def merged(function: F, *, pipeline: Any = MergedCompiler, fast: bool = False) -> Any:
    """Compile a function that is merged into its caller, by a compiler of its own and with fast-math."""
    options = _MERGED | {"pipeline_class": pipeline}
    if fast:
        options["fastmath"] = _FAST
    compiled = numba.njit(**options)(function)
    compiled.is_ours = True
    return compiled


@overload
def shared(function: F, *, key: str = "") -> F: ...


@overload
def shared(*, key: str) -> Callable[[F], F]: ...


def shared(function: F | None = None, *, key: str = "") -> Any:
    """Compile a function that kernels call at several places, and that is long: kept apart.

    ``key`` names code that depends on what the function was made of, as its names alone do not tell.
    """
    if function is None:
        return functools.partial(shared, key=key)
    if function.__closure__ and not key:
        raise TypeError(f"{function.__qualname__} is made of {function.__code__.co_freevars}: it needs a key")
    function = _named(function, key) if key else function
    return numba.njit(**(_MERGED | {"forceinline": False, "pipeline_class": AloneCompiler}))(function)
