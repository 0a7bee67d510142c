"""Simulate one neuron, and keep all of it."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from izhi_numba.inputs.terms import Input, as_input
from izhi_numba.models import Model
from izhi_numba.neuron.result import NeuronResult
from izhi_numba.neuron.setup import set_up
from izhi_numba.results.error import SimulationError

_OWN_OF_RESULTS = (
    "model", "name", "values", "current", "scheme", "size", "dt", "groups", "units", "is_source", "wall_time",
    "compile_time",
)  # fmt: skip


def simulate(
    model: Any,
    current: Any = None,
    duration: float | None = None,
    *,
    dt: float | None = None,
    scheme: str | None = None,
    spike_times: Literal["grid", "interpolated", "precise"] = "grid",
    seed: int | None = None,
    dtype: Literal["float32", "float64"] = "float64",
    **values: float,
) -> NeuronResult:
    """Simulate one neuron and keep everything.

    Parameters
    ----------
    model : Model, Preset or str
        Such as ``iz.AdEx``, ``iz.AdEx(a=4)``, ``iz.presets["tonic bursting"]``, or a preset's name.
    current : number, Input or function-made current, default 0, or the preset's
        In the model's unit of ``I``: ``iz.step(10, start=100) + iz.noise(2)``.
    duration : float, default 1000, or the preset's
        In ms.
    dt : float, optional
        Step in ms: by default the preset's; or 0.1, or less where the model's usual step is less; that of a
        map (``advance``) is its own.
    scheme : str, optional
        Numerical method, see ``izhi_numba.numerics.schemes``; the preset's, or the model's usual one.
    spike_times : "grid", "interpolated" or "precise"
        Stamp spikes with the end of their step, or where the threshold was crossed; or reset there, too, see
        :class:`Pool`.
    seed : int, optional
        Of the noise.
    dtype : "float64" or "float32"
    **values
        Parameters, and variables at time zero, by name.

    Returns
    -------
    NeuronResult

    Raises
    ------
    TypeError, ValueError, SimulationError
        As :class:`izhi_numba.Pool` and its ``run``.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> result = iz.simulate(iz.Izhikevich, iz.step(10, start=20), 200, d=4)
    >>> len(result.spike_times), result.v.shape
    (7, (2000,))
    """
    setup = set_up(model, values, dt, scheme)
    _check_names(setup.model)
    if current is None:
        current = 0.0 if setup.current is None else setup.current
    if duration is None:
        duration = 1000.0 if setup.duration is None else setup.duration
    pool = setup.pool(1, dtype=dtype, spike_times=spike_times, seed=seed, threads=1)
    current = _one_current(current)
    pool.drive(pool, current)
    for name in (*setup.model.states, "I"):
        pool.record(name)
    try:
        return NeuronResult(pool.run(duration), setup, current, pool.scheme)
    except SimulationError as error:
        error.result = NeuronResult(error.result, setup, current, pool.scheme)
        raise


def _one_current(given: Any) -> Input:
    """Take what drives one neuron."""
    if callable(given) and not isinstance(given, Input):
        raise TypeError("current: a function of time is made a current by iz.from_function(...)")
    if np.ndim(given) and np.size(given) != 1 and not isinstance(given, Input):
        raise ValueError(
            f"current: one neuron takes one number, got {np.size(given)}; a time course is made a current by"
            " iz.from_samples(values, dt=0.1)"
        )
    return as_input(given)


def _check_names(model: Model) -> None:
    """Refuse names of a model that a result has for something else."""
    for name in (*model.states, *model.parameters):
        if name in _OWN_OF_RESULTS or hasattr(NeuronResult, name):
            raise ValueError(f"{model!r}: a result has its own {name!r}; give the model's another name")
