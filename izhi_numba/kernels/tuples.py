"""Arithmetic of tuples, written out to their length: a neuron's variables are such a tuple."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numba import types
from numba.extending import overload

# The bodies below are for plain Python; the compiled ones are unrolled to the tuple's length.


def select(condition: Any, yes: tuple[Any, ...], no: tuple[Any, ...]) -> tuple[Any, ...]:
    """One of two tuples, without a branch."""
    return tuple(a if condition else b for a, b in zip(yes, no, strict=True))


def add_scaled(x: tuple[Any, ...], scale: Any, dx: tuple[Any, ...]) -> tuple[Any, ...]:
    """``x + scale * dx`` for each component."""
    return tuple(a + scale * b for a, b in zip(x, dx, strict=True))


def scaled(x: tuple[Any, ...], factor: Any) -> tuple[Any, ...]:
    """``factor * x`` for each component."""
    return tuple(factor * a for a in x)


def between(x: tuple[Any, ...], y: tuple[Any, ...], part: Any) -> tuple[Any, ...]:
    """The point after a part of the way from ``x`` to ``y``."""
    return tuple(a + part * (b - a) for a, b in zip(x, y, strict=True))


def relative_size(dx: tuple[Any, ...], x: tuple[Any, ...], y: tuple[Any, ...]) -> Any:
    """Sum of ``|dx| / max(|x|, |y|)`` of all components, with a little added below."""
    return sum(abs(a) / (max(abs(b), abs(c)) + 1e-6) for a, b, c in zip(dx, x, y, strict=True))


def affine(x: tuple[Any, ...], current: Any, factors: tuple[Any, ...]) -> tuple[Any, ...]:
    """``P x + q current + r`` for the rows (P, q, r) of ``factors``, of which None stands for 0.

    What has a row of None alone stays as it is.
    """
    n = len(x)
    rows = [factors[k * (n + 2) : (k + 1) * (n + 2)] for k in range(n)]
    with_input = (*x, current, 1)
    sums = [sum(f * a for f, a in zip(row, with_input, strict=True) if f is not None) for row in rows]
    return tuple(a if set(row) == {None} else b for a, b, row in zip(x, sums, rows, strict=True))


def items_of(returned: Any) -> tuple[Any, ...]:
    """What a model's function returned, as a tuple; of a dictionary the values, ordered by name."""
    if isinstance(returned, dict):
        return tuple(returned[name] for name in sorted(returned))
    return returned if isinstance(returned, tuple) else (returned,)


def own_slopes(rates: Any, x: tuple[Any, ...], t: Any, given: Any) -> tuple[Any, ...]:
    """How the rate of each variable changes where that variable grows by 1, the others held."""
    nudged = [(*x[:k], x[k] + 1, *x[k + 1 :]) for k in range(len(x))]
    return tuple(rates(y, t, given)[k] - rates(x, t, given)[k] for k, y in enumerate(nudged))


def own_lines(
    rates: Any, x: tuple[Any, ...], others: tuple[Any, ...], t: Any, given: Any, stage: int
) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Rate of each variable and its slope along that variable, where the others are other ones."""
    points = [(*others[:k], x[k], *others[k + 1 :]) for k in range(len(x))]
    nudged = [(*others[:k], x[k] + 1, *others[k + 1 :]) for k in range(len(x))]
    at = [rates(y, t, given, stage)[k] for k, y in enumerate(points)]
    return tuple(at), tuple(rates(y, t, given, stage)[k] - at[k] for k, y in enumerate(nudged))


def relax(
    x: tuple[Any, ...], dt: Any, f: tuple[Any, ...], slopes: tuple[Any, ...], exprel: Any
) -> tuple[Any, ...]:
    """``x + dt f (exp(s dt) - 1) / (s dt)`` for each component: the solution of x' = f + s (x - x0)."""
    return tuple(a + dt * b * exprel(s * dt) for a, b, s in zip(x, f, slopes, strict=True))


def all_finite(x: tuple[Any, ...]) -> bool:
    """Whether no component is infinite or NaN (for both, x - x is NaN)."""
    return all(a - a == 0 for a in x)


def tuple_text(items: Sequence[str]) -> str:
    """Source of a tuple; in pieces, as Python makes a list of more than 30 items first."""
    pieces = [items[k : k + 30] for k in range(0, len(items), 30)]
    return " + ".join(f"({', '.join(piece)},)" for piece in pieces) or "()"


def _unrolled(signature: str, item: str, count: int) -> Any:
    """Make a function whose result is a tuple of ``count`` items."""
    body = tuple_text([item.format(k=k) for k in range(count)])
    namespace: dict[str, Any] = {}
    exec(f"def unrolled({signature}): return {body}", namespace)
    return namespace["unrolled"]


_FORCE = {"forceinline": True, "error_model": "numpy", "_nrt": False}


@overload(select, jit_options=_FORCE)
def _select(condition, yes, no):
    return _unrolled("condition, yes, no", "yes[{k}] if condition else no[{k}]", len(yes))


@overload(add_scaled, jit_options=_FORCE)
def _add_scaled(x, scale, dx):
    return _unrolled("x, scale, dx", "x[{k}] + scale * dx[{k}]", len(x))


@overload(scaled, jit_options=_FORCE)
def _scaled(x, factor):
    return _unrolled("x, factor", "factor * x[{k}]", len(x))


@overload(between, jit_options=_FORCE)
def _between(x, y, part):
    return _unrolled("x, y, part", "x[{k}] + part * (y[{k}] - x[{k}])", len(x))


@overload(relative_size, jit_options=_FORCE)
def _relative_size(dx, x, y):
    parts = [f"abs(dx[{k}]) / (max(abs(x[{k}]), abs(y[{k}])) + 1e-6)" for k in range(len(dx))]
    namespace: dict[str, Any] = {}
    exec(f"def unrolled(dx, x, y): return {' + '.join(parts)}", namespace)
    return namespace["unrolled"]


@overload(affine, jit_options=_FORCE)
def _affine(x, current, factors):
    n = len(x)
    rows = []
    for k in range(n):
        first = k * (n + 2)
        terms = [f"factors[{first + j}] * x[{j}]" for j in range(n)]
        terms += [f"factors[{first + n}] * current", f"factors[{first + n + 1}]"]
        there = [term for j, term in enumerate(terms) if not isinstance(factors[first + j], types.NoneType)]
        rows.append(" + ".join(there) or f"x[{k}]")
    namespace: dict[str, Any] = {}
    exec(f"def unrolled(x, current, factors): return {tuple_text(rows)}", namespace)
    return namespace["unrolled"]


@overload(items_of, jit_options=_FORCE)
def _items_of(returned):
    if isinstance(returned, types.BaseTuple):
        return lambda returned: returned
    return lambda returned: (returned,)


@overload(own_slopes, jit_options=_FORCE)
def _own_slopes(rates, x, t, given):
    n = len(x)
    lines = ["f = rates(x, t, given)"]
    for k in range(n):
        nudged = tuple_text([f"x[{j}] + one" if j == k else f"x[{j}]" for j in range(n)])
        lines.append(f"s{k} = rates({nudged}, t, given)[{k}] - f[{k}]")
    body = "\n    ".join([*lines, f"return {tuple_text([f's{k}' for k in range(n)])}"])
    namespace: dict[str, Any] = {"one": np.float32(1)}  # exact, and as narrow as x
    exec(f"def unrolled(rates, x, t, given):\n    {body}\n", namespace)
    return namespace["unrolled"]


@overload(own_lines, jit_options=_FORCE)
def _own_lines(rates, x, others, t, given, stage):
    n, lines = len(x), []
    for k in range(n):
        for name, item in ((f"f{k}", f"x[{k}]"), (f"g{k}", f"x[{k}] + one")):
            point = tuple_text([item if j == k else f"others[{j}]" for j in range(n)])
            lines.append(f"{name} = rates({point}, t, given, stage)[{k}]")
    at, slopes = tuple_text([f"f{k}" for k in range(n)]), tuple_text([f"g{k} - f{k}" for k in range(n)])
    body = "\n    ".join([*lines, f"return {at}, {slopes}"])
    namespace: dict[str, Any] = {"one": np.float32(1)}  # exact, and as narrow as x
    exec(f"def unrolled(rates, x, others, t, given, stage):\n    {body}\n", namespace)
    return namespace["unrolled"]


@overload(relax, jit_options=_FORCE)
def _relax(x, dt, f, slopes, exprel):
    return _unrolled("x, dt, f, slopes, exprel", "x[{k}] + dt * f[{k}] * exprel(slopes[{k}] * dt)", len(x))


@overload(all_finite, jit_options=_FORCE)
def _all_finite(x):
    sums = " + ".join(f"(x[{k}] - x[{k}])" for k in range(len(x)))
    namespace: dict[str, Any] = {}
    exec(f"def unrolled(x): return {sums} == 0", namespace)
    return namespace["unrolled"]
