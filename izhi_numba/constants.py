"""Numbers that a step needs and that do not change during a run: computed once before it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from izhi_numba.linear import propagator
from izhi_numba.models.model import REFRACTORY_STEPS, Model, call

Array = np.ndarray[Any, np.dtype[np.float64]]


def constant_names(model: type[Model], scheme: str) -> tuple[str, ...]:
    """Names of a model's constants under a scheme: its own, then those that the package adds."""
    k = len(model.states)
    refractory = () if model.refractory is None else (REFRACTORY_STEPS,)
    factors = tuple(f"exact_{j}" for j in range(k * (k + 2))) if scheme == "exact" else ()
    return (*model.constants, *refractory, *factors)


def constants(model: type[Model], scheme: str, parameters: Mapping[str, Any], dt: float) -> dict[str, Array]:
    """Values of a model's constants by name.

    Parameters
    ----------
    parameters : mapping
        Name to number or array (n,).
    dt : float
        Step in ms.

    Returns
    -------
    dict
        Name to array (n,) or (1,) or number.
    """
    values = {name: np.asarray(value, float) for name, value in parameters.items()} | {"dt": np.asarray(dt)}
    found: dict[str, Any] = {}
    with np.errstate(all="ignore"):
        for name, constant in model.constants.items():
            found[name] = values[name] = np.asarray(call(constant.function, values), float)
        if model.refractory is not None:
            found[REFRACTORY_STEPS] = np.rint(values[model.refractory] / dt)
        if scheme == "exact":
            uniform = {name: value.flat[0] if _uniform(value) else value for name, value in values.items()}
            factors = propagator(model, uniform, dt)
            found |= {f"exact_{j}": row for j, row in enumerate(factors)}
    return found


def _uniform(values: Array) -> bool:
    return bool((values == values.flat[0]).all())
