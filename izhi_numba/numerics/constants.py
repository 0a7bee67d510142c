"""Constants of a model: numbers that follow from parameters and step, computed once before a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from izhi_numba.base.clock import rounded_steps
from izhi_numba.base.portable import same_bits
from izhi_numba.models.declaration import declared_constants
from izhi_numba.models.model import REFRACTORY_STEPS, Model
from izhi_numba.numerics.propagator import factors_of, values_of_factors
from izhi_numba.numerics.schemes import MIDWAY

Array = np.ndarray[Any, np.dtype[np.float64]]


def constant_names(model: type[Model], scheme: str) -> tuple[str, ...]:
    """Names of a model's constants under a scheme: its own, then those that the package adds."""
    refractory = () if model.refractory is None else (REFRACTORY_STEPS,)
    if scheme == "exact":
        places = factors_of(model, held=holds_exactly(model, scheme)).places
        return (*model.constants, *refractory, *(exact_name("", j) for j in range(len(places))))
    factors = [
        exact_name(name, j, middle=middle)
        for name, receptor in model.exact_receptors.items()
        for middle in _parts(scheme)
        for j in range(len(factors_of(receptor).places))
    ]
    return (*model.constants, *refractory, *factors)


def _parts(scheme: str) -> tuple[bool, ...]:
    """Which steps of receptors a scheme asks for: whole ones, and halves, which lead to the middle."""
    return (False, True) if scheme in MIDWAY else (False,)


def exact_name(receptor: str, number: int, *, middle: bool = False) -> str:
    """Name of a factor of an exact step, of a receptor or of the whole model; ``middle``: of half a step."""
    if middle:
        return f"{receptor}_middle_{number}"
    return f"{receptor}_exact_{number}" if receptor else f"exact_{number}"


def holds_exactly(model: type[Model], scheme: str) -> bool:
    """Whether an exact step has factors of its own for when the voltage is held, and others go on."""
    return scheme == "exact" and model.refractory is not None and len(model.states) > 1


@same_bits
def constants(
    model: type[Model],
    scheme: str,
    parameters: Mapping[str, Any],
    dt: float,
    *,
    of: str = "",
    whole: bool = True,
) -> dict[str, Array]:
    """Values of a model's constants by name.

    Parameters
    ----------
    parameters : mapping
        Name to number or array (n,).
    dt : float
        Step in ms.
    of : str
        Whose they are, for messages.
    whole : bool
        Whether a refractory period ends with a step, and is rounded to whole ones.

    Returns
    -------
    dict
        Name to array (n,) or (1,) or number.

    Raises
    ------
    ValueError
        Parameters with which there are none.
    """
    values = {name: np.asarray(value, float) for name, value in parameters.items()} | {"dt": np.asarray(dt)}
    for name, parameter in model.parameters.items():
        parameter.refuse_impossible(f"{name}{of}", values[name])
    with np.errstate(all="ignore"):
        found = declared_constants(model, values)
        if model.refractory is not None:
            period = parameters[model.refractory]
            found[REFRACTORY_STEPS] = rounded_steps(period, dt) if whole else np.asarray(period, float) / dt
        uniform = {
            name: value.flat[0] if _uniform(value) else value for name, value in (values | found).items()
        }
        if scheme == "exact":
            factors = values_of_factors(model, uniform, dt, held=holds_exactly(model, scheme))
            return found | {exact_name("", j): row for j, row in enumerate(factors)}
        for name, receptor in model.exact_receptors.items():
            own = {one: uniform[f"{one}_{name}"] for one in (*receptor.parameters, *receptor.constants)}
            for middle in _parts(scheme):
                factors = values_of_factors(receptor, {**own, "dt": dt}, 0.5 * dt if middle else dt)
                found |= {exact_name(name, j, middle=middle): row for j, row in enumerate(factors)}
    return found


def values_at_start(model: Model, dt: float, current: float = 0.0, **values: Any) -> dict[str, Any]:
    """All that a model's functions may ask for, by name, at time zero; ``values`` replace defaults."""
    found = model.start(**values) | {"I": current, "t": 0.0, "dt": dt}
    return found | constants(type(model), "euler", found, dt)


def _uniform(values: Array) -> bool:
    return bool((values == values.flat[0]).all())
