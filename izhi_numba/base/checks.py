"""Checks of arguments. Each message says what was given, what was expected, and how to mend it."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import math
import operator
import time
from typing import Any

import numpy as np

FloatArray = np.ndarray[Any, np.dtype[Any]]


def finite_number(
    name: str, value: Any, *, at_least: float | None = None, above: float | None = None
) -> float:
    """Return ``value`` as a finite float within bounds."""
    refuse_masked(value)
    number = math.nan
    if not isinstance(value, str | bytes | bool):
        with contextlib.suppress(TypeError, ValueError, OverflowError):
            number = float(value)
    if not math.isfinite(number):
        raise _wrong_kind(value)(f"{name}: expected a finite number, got {short(value)}")
    if at_least is not None and number < at_least:
        raise ValueError(f"{name}: expected a number of at least {at_least:g}, got {value!r}")
    if above is not None and number <= above:
        raise ValueError(f"{name}: expected a number above {above:g}, got {value!r}")
    return number


_SHORTEST, _LONGEST = 1e-9, 1e9  # ms: what other numbers follow from a step fits both precisions


def time_step(name: str, value: Any) -> float:
    """Return ``value`` as a step of time in ms."""
    step = finite_number(name, value, above=0)
    if not _SHORTEST <= step <= _LONGEST:
        raise ValueError(f"{name}: expected a step from {_SHORTEST:g} to {_LONGEST:g} ms, got {value!r}")
    return step


def fraction(name: str, value: Any, noun: str = "fraction") -> float:
    """Return ``value`` as a float from 0 to 1."""
    number = finite_number(name, value, at_least=0)
    if number > 1:
        raise ValueError(f"{name}: expected a {noun} from 0 to 1, got {value!r}")
    return number


def whole_number(name: str, value: Any, *, at_least: int, at_most: int | None = None) -> int:
    """Return ``value`` as an int within bounds."""
    try:
        number = int(value) if isinstance(value, float) and value.is_integer() else operator.index(value)
    except TypeError:
        raise TypeError(f"{name}: expected a whole number, got {value!r}") from None
    if isinstance(value, bool):
        raise TypeError(f"{name}: expected a whole number, got {value!r}")
    if number < at_least or (at_most is not None and number > at_most):
        bounds = f"of at least {at_least}" if at_most is None else f"from {at_least} to {at_most}"
        raise ValueError(f"{name}: expected a whole number {bounds}, got {value!r}")
    return number


def refuse_masked(value: Any) -> None:
    """Raise ``ValueError`` where values of a masked array are missing: as a plain array it has some there."""
    if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
        missing = int(np.ma.getmaskarray(value).sum())
        raise ValueError(
            f"got a masked array, {missing} of whose {value.size} values {'is' if missing == 1 else 'are'}"
            " missing: fill them, array.filled(0.0), or leave them out, array.compressed()"
        )


def as_array(value: Any) -> FloatArray:
    """Return ``value`` as an array; lists of unequal length, which make no array, as an array of kind "U".

    Raises
    ------
    ValueError
        A masked array in which values are missing.
    """
    refuse_masked(value)
    try:
        return np.asarray(value)
    except ValueError:
        return np.asarray("")


def truth(name: str, value: Any) -> bool:
    """Return ``value``, which should be True or False."""
    if not isinstance(value, bool | np.bool):
        raise TypeError(f"{name}: expected True or False, got {value!r}")
    return bool(value)


def one_of(name: str, value: Any, choices: Any) -> str:
    """Return ``value``, which should be one of several words."""
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name}: expected one of {', '.join(choices)}, got {short(value)}")
    return value


def no_numbers(value: Any) -> str:
    """What to do where numbers are wanted, and something else was given, as the end of a message.

    Inputs and distributions tell it themselves, in ``where_numbers_are_wanted``.
    """
    if inspect.isfunction(value):
        return f"; it is a function: call it, {value.__name__}(...)"
    return str(getattr(value, "where_numbers_are_wanted", ""))


def values_for(name: str, value: Any, n: int, dtype: np.dtype[Any]) -> FloatArray:
    """Return a number or ``n`` values as an array of shape () or (n,), all finite in ``dtype``."""
    array = as_array(value)
    if array.dtype.kind not in "fiu":
        raise TypeError(f"{name}: expected a number or {n} values, got {short(value)}{no_numbers(value)}")
    given = array.astype(np.float64)
    if given.shape not in ((), (n,)):
        raise ValueError(f"{name}: expected a number or {n} values, got shape {given.shape}")
    with np.errstate(over="ignore"):
        converted: FloatArray = given.astype(dtype)
    bad = np.flatnonzero(~np.isfinite(converted))
    if len(bad):
        if given.ndim == 0:
            raise ValueError(f"{name}: expected a finite number that fits {dtype.name}, got {value!r}")
        raise ValueError(
            f"{name}: expected finite numbers that fit {dtype.name}, got {given[bad[0]]} at index {bad[0]}"
            + (f" and {len(bad) - 1} more" if len(bad) > 1 else "")
        )
    return converted


def library(name: str, wanted_by: str, extra: str = "graphs") -> Any:
    """Import an optional library, or say how to install it, with the others of its extra."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        package = name.split(".")[0]
        raise ImportError(f"{wanted_by} needs {package}: pip install 'izhi-numba[{extra}]'") from error


def readable_bytes(n_bytes: float) -> str:
    """Return a number of bytes with a unit that suits its size: 1.5 GB."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if n_bytes < 1000:
            return f"{n_bytes:.3g} {unit}"
        n_bytes /= 1000
    return f"{n_bytes:.4g} TB"


_ALWAYS_FREE = 100_000  # bytes; to ask the system takes 150 us


def fits_in_memory(what: str, n_bytes: int, advice: str) -> int:
    """Raise ``MemoryError`` if so many bytes are not free, before any is taken; returns how many are."""
    if n_bytes < _ALWAYS_FREE:
        return _ALWAYS_FREE
    import psutil  # takes 50 ms to import

    free = int(psutil.virtual_memory().available)
    if n_bytes > free:
        raise MemoryError(
            f"{what} would take {readable_bytes(n_bytes)}, but {readable_bytes(free)} are free: {advice}"
        )
    return free


class FreeMemory:
    """Memory that is free for what is to be taken later, and grows: it is not read for each bit of it.

    It is read again when a sixteenth more is wanted than when it was read, or after a second. Where memory
    was taken, another object is to be asked.
    """

    def __init__(self) -> None:
        self._known = 0, 0.0  # bytes that fit, and until when that is believed

    def check(self, what: str, n_bytes: int, advice: str) -> None:
        """Raise ``MemoryError`` if so many bytes are not free; see :func:`fits_in_memory`."""
        fitting, until = self._known
        if n_bytes <= fitting and time.monotonic() < until:
            return
        free = fits_in_memory(what, n_bytes, advice)
        self._known = min(n_bytes + n_bytes // 16, free), time.monotonic() + 1.0


def _wrong_kind(value: Any) -> type[Exception]:
    numeric = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    return ValueError if numeric else TypeError


def short(value: Any) -> str:
    """Return a value as text for a message: its repr, shortened, or the shape of an array."""
    if isinstance(value, np.ndarray) and value.size > 3:
        return f"an array of {value.dtype}, shape {value.shape}"
    text = repr(value)
    return text if len(text) < 80 else text[:77] + "..."
