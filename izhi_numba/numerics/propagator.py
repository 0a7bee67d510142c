"""Exact steps of linear models: the propagator, and its factors without those that are 0 or equal."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from izhi_numba.base.portable import same_bits
from izhi_numba.math import exp, exprel
from izhi_numba.models.declaration import Declaration, declared_constants
from izhi_numba.models.model import Model
from izhi_numba.numerics.linearity import derivatives, elsewhere

Array = np.ndarray[Any, np.dtype[np.float64]]

_SAMPLES = (0.3, 1.0, 1.7)  # sets of parameters that show which factors are always 0, or equal


@same_bits
def propagator(
    model: type[Declaration], values: Mapping[str, Any], dt: float, *, held: bool = False
) -> Array:
    """Factors of the exact step ``x <- P x + q I + r`` of a linear model, or of a receptor.

    Parameters
    ----------
    held : bool
        Whether the voltage is held.

    Returns
    -------
    float64 array (n_variables * (n_variables + 2), n)
        Rows of (P, q, r), the voltage's first.
    """
    matrices = generator(model, values)
    if held:
        matrices[:, 0] = 0
    n, k = len(matrices), len(model.variables())
    if k == 1:  # many times as fast where each neuron has its own
        rate, *rest = matrices[:, 0].T * dt
        return np.array([exp(rate), *(one * exprel(rate) for one in rest)])
    flow = _exponential(matrices * dt)
    return flow[:, :k, :].reshape(n, -1).T


def generator(model: type[Declaration], values: Mapping[str, Any]) -> Array:
    """Matrices (n, k + 2, k + 2) of ``x' = A x + b I + c`` with ``k`` variables: A, b, c, and zeros below."""
    variables = model.variables()
    k = len(variables)
    zero = {**values, **dict.fromkeys((*variables, "I", "t"), 0.0)}
    rest = derivatives(model, zero)
    columns = [derivatives(model, {**zero, name: 1.0}) - rest for name in (*variables, "I")]
    n = rest.shape[1]
    matrices = np.zeros((n, k + 2, k + 2))
    for j, column in enumerate([*columns, rest]):
        matrices[:, :k, j] = column.T
    if not np.isfinite(matrices).all():
        neuron = int(np.argmin(np.isfinite(matrices).all(axis=(1, 2))))
        raise ValueError(
            f"{model.__name__}: the derivatives of neuron {neuron} are not finite; is a parameter 0 that"
            " divides?"
        )
    return matrices


def _exponential(matrices: Array) -> Array:
    """Exponentials of matrices (n, m, m), by scaling and squaring of Taylor's series."""
    size = np.abs(matrices).sum(axis=2).max(initial=0.0)
    squarings = max(0, int(np.ceil(np.log2(max(size, 1e-300)))) + 1)
    scaled = matrices / 2.0**squarings
    term = np.broadcast_to(np.eye(matrices.shape[1]), matrices.shape)
    total = term.copy()
    for order in range(1, 19):  # norm at most 1/2: the rest is below 1e-22
        term = _products(term, scaled) / order
        total += term
    for _ in range(squarings):
        total = _products(total, total)
    return total


def _products(first: Array, second: Array) -> Array:
    """Products of matrices with the same bits on all processors, unlike those of BLAS."""
    total = first[:, :, :1] * second[:, :1]
    for k in range(1, first.shape[2]):
        total += first[:, :, k : k + 1] * second[:, k : k + 1]
    return total


@dataclass(frozen=True)
class Factors:
    """Which factors an exact step ``x <- P x + q I + r`` has.

    Each factor is a row of memory that is read for every neuron, so that those which are 0 or equal to
    another one, whatever the parameters, are left out: of a leaky neuron with an exponential current, 5
    are left of 16.

    Attributes
    ----------
    free, held : tuple of int or None
        For each place of the rows (P, q, r), of a step and of one with the voltage held, the number of a
        factor; None where it is 0, and in the voltage's row of ``held``, which is empty where it is not
        asked for.
    places : tuple of int
        Of each factor, the first of its places among those of ``free`` and ``held``.
    """

    free: tuple[int | None, ...]
    held: tuple[int | None, ...]
    places: tuple[int, ...]


def factors_of(kind: type[Declaration], *, held: bool = False) -> Factors:
    """Find out which factors the exact steps of a linear model or receptor have."""
    known: Any = kind
    return _find(known, held)


@functools.lru_cache(maxsize=256)
def _find(kind: type[Declaration], held: bool) -> Factors:
    numbers: list[int | None] = []
    places: list[int] = []
    samples = [_sample(kind, place, held=held) for place in _SAMPLES]
    there = np.any([there for there, _ in samples], axis=0)
    flows = np.array([flow for _, flow in samples])  # (samples, places)
    for place in range(flows.shape[1]):
        same = [np.allclose(flows[:, place], flows[:, one], rtol=1e-12, atol=0) for one in places]
        if not there[place]:
            numbers.append(None)
        elif any(same):
            numbers.append(same.index(True))
        else:
            numbers.append(len(places))
            places.append(place)
    size = len(numbers) // (1 + held)
    return Factors(tuple(numbers[:size]), tuple(numbers[size:]), tuple(places))


def _sample(kind: type[Declaration], place: float, *, held: bool) -> tuple[Any, Array]:
    """Which factors there are, and their values for some parameters."""
    start = kind().start()
    values: dict[str, Any] = {**start, "I": 0.0, "t": 0.0, "dt": getattr(kind, "dt", 0.1)}
    values = elsewhere(kind.parameters, values, place)
    values |= declared_constants(kind, values)
    (matrix,) = generator(kind, values)
    k = len(kind.variables())
    dt = 0.5 / max(float(np.abs(matrix).sum(axis=1).max()), 1e-300)  # no factor underflows
    there, flows = [], []
    for holds in (False, True)[: 1 + held]:
        there.append(_reaches(matrix, holds=holds)[:k].ravel())
        flows.append(propagator(kind, values, dt, held=holds)[:, 0])
        if holds:
            there[-1][: k + 2] = False  # the voltage of a step in which it is held is not asked for
    return np.concatenate(there), np.concatenate(flows)


def _reaches(matrix: Array, *, holds: bool) -> Any:
    """Which variables, and the input, have an effect on which, at once or through others."""
    reach = (matrix != 0) | np.eye(len(matrix), dtype=bool)
    if holds:
        reach[0, 1:] = False
    for middle in range(len(matrix)):
        reach |= np.outer(reach[:, middle], reach[middle])
    return reach


@same_bits
def values_of_factors(
    kind: type[Declaration], values: Mapping[str, Any], dt: float, *, held: bool = False
) -> list[Array]:
    """Values of the factors of :func:`factors_of`, arrays (n,).

    Raises
    ------
    ValueError
        Parameters with which a factor is not 0, or not equal to another, that is so with others.
    """
    if any(np.ndim(value) for value in values.values()):
        return _values(kind, values, dt, held)
    known: Any = kind
    return _values_of_numbers(known, tuple((name, float(value)) for name, value in values.items()), dt, held)


@functools.lru_cache(maxsize=256)  # a closed loop asks before each step
def _values_of_numbers(
    kind: type[Declaration], values: tuple[tuple[str, float], ...], dt: float, held: bool
) -> list[Array]:
    return _values(kind, dict(values), dt, held)


def _values(kind: type[Declaration], values: Mapping[str, Any], dt: float, held: bool) -> list[Array]:
    factors = factors_of(kind, held=held)
    flow = propagator(kind, values, dt)
    asked = np.ones(len(flow) * (1 + held), bool)
    if held:
        asked[len(flow) : len(flow) + len(kind.variables()) + 2] = False  # the voltage's row
        flow = np.concatenate([flow, propagator(kind, values, dt, held=True)])
    expected = np.zeros_like(flow)
    for place, number in enumerate((*factors.free, *factors.held)):
        if number is not None:
            expected[place] = flow[factors.places[number]]
    if not np.allclose(flow[asked], expected[asked], rtol=1e-6, atol=1e-290):
        raise ValueError(
            f"{kind.__name__}: its variables act on each other with these parameters, and do not with"
            " others; the exact step is made for one or the other"
            + ("; take another scheme" if issubclass(kind, Model) else "")
        )
    return [flow[place] for place in factors.places]
