"""Numbers that a step needs and that do not change during a run: computed once before it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from izhi_numba.linear import propagator
from izhi_numba.models.model import REFRACTORY_STEPS, Model, call_on_arrays

Array = np.ndarray[Any, np.dtype[np.float64]]


def constant_names(model: type[Model], scheme: str) -> tuple[str, ...]:
    """Names of a model's constants under a scheme: its own, then those that the package adds."""
    refractory = () if model.refractory is None else (REFRACTORY_STEPS,)
    factors = (f"exact_{j}" for j in range(_n_factors(model))) if scheme == "exact" else ()
    held = (f"held_{j}" for j in range(_n_factors(model))) if _holds_exactly(model, scheme) else ()
    return (*model.constants, *refractory, *factors, *held)


def _n_factors(model: type[Model]) -> int:
    """Factors of an exact step."""
    return len(model.states) * (len(model.states) + 2)


def _holds_exactly(model: type[Model], scheme: str) -> bool:
    """Whether an exact step has factors of its own for when the voltage is held, and others go on."""
    return scheme == "exact" and model.refractory is not None and len(model.states) > 1


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
            found[name] = values[name] = np.asarray(call_on_arrays(constant.function, values), float)
        if model.refractory is not None:
            found[REFRACTORY_STEPS] = np.rint(values[model.refractory] / dt)
        if scheme == "exact":
            uniform = {name: value.flat[0] if _uniform(value) else value for name, value in values.items()}
            found |= {f"exact_{j}": row for j, row in enumerate(propagator(model, uniform, dt))}
            if _holds_exactly(model, scheme):
                held = propagator(model, uniform, dt, held=True)
                found |= {f"held_{j}": row for j, row in enumerate(held)}
    return found


def values_at_start(model: Model, dt: float, current: float = 0.0, **values: Any) -> dict[str, Any]:
    """All that a model's functions may ask for, by name, at time zero; ``values`` replace defaults."""
    found = model.start(**values) | {"I": current, "t": 0.0, "dt": dt}
    return found | constants(type(model), "euler", found, dt)


def _uniform(values: Array) -> bool:
    return bool((values == values.flat[0]).all())
