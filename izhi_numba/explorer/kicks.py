"""A kick: neurons are put where they spike at once, whatever their model."""

from __future__ import annotations

from typing import Any

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.models.declaration import call_on_arrays
from izhi_numba.numerics.constants import values_at_start

_REACH = np.geomspace(0.02, 500.0, 80)  # above the voltage at the start: mV, or what the model counts in
_BEYOND = 1.1  # of the way to the threshold, as a neuron leaks for a step before it is looked at
_SHORT_OF = 0.8  # without a reset: it has to rise through the threshold by itself


def kicked(units: Any) -> Array:
    """Return the voltages (n,) at which some neurons spike at once.

    Raises
    ------
    ValueError
        No voltage makes them spike.
    """
    population, model = units._population, units._population.model
    n, given = len(units), values_at_start(model, population.setting.dt)
    names = (*model.states, *model.parameters)
    given |= {name: np.asarray(getattr(units, name), np.float64) for name in names}
    start = np.full(n, float(model.start()[model.voltage]))
    found = np.full(n, np.nan)
    for reach in _REACH:
        lacking = np.isnan(found)
        if not lacking.any():
            break
        above = call_on_arrays(model.threshold, given | {model.voltage: start + reach})
        found[lacking & np.broadcast_to(np.asarray(above, bool), n)] = reach
    if np.isnan(found).any():
        raise ValueError(f"kick: no {model.voltage} makes neurons of {type(model).__name__} spike at once")
    return start + found * (_BEYOND if model.reset is not None else _SHORT_OF)


def kick(units: Any) -> None:
    """Let neurons spike at once.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> from izhi_numba.explorer.kicks import kick
    >>> pool = iz.Pool(10, seed=1)
    >>> kick(pool[:4])
    >>> len(pool.run(1.0).spikes.i)
    4
    """
    voltages, population = kicked(units), units._population
    # What follows the voltage before the first step does so no more.
    follows = population.follows if population.at_start else ()
    values = {name: np.array(getattr(units, name)) for name in follows}
    units.set(**(values | {population.model.voltage: voltages}))
