"""One neuron: simulate it, and see all of it."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from izhi_numba.base import checks
from izhi_numba.base.arrays import Array
from izhi_numba.base.clock import steps_of
from izhi_numba.inputs.makers import Input, as_input
from izhi_numba.models import Model, Preset
from izhi_numba.network.pool import Pool
from izhi_numba.results.result import Result, SimulationError

if TYPE_CHECKING:
    from matplotlib.figure import Figure


_OWN_OF_RESULTS = (
    "model", "name", "values", "current", "scheme", "size", "dt", "groups", "units", "is_source", "wall_time",
    "compile_time",
)  # fmt: skip
_STEP = 0.1  # ms, unless a preset or a model of short spikes says otherwise


@dataclass(frozen=True)
class Setup:
    """A model with values for a single neuron, and the protocol of a preset."""

    model: Model
    values: dict[str, float]  # what differs from the model's defaults
    current: Input | None = None
    duration: float | None = None
    dt: float = _STEP
    scheme: str | None = None
    name: str = ""  # of the preset

    def pool(self, n: int, **options: Any) -> Pool:
        """Return ``n`` such neurons, in double precision unless told otherwise."""
        options = {"dt": self.dt, "scheme": self.scheme, "dtype": "float64"} | options
        pool = Pool(n, self.model, **options)
        pool.set(**self.values)
        return pool

    def start(self) -> dict[str, Any]:
        """Parameters and variables at time zero by name."""
        return self.model.start(**self.values)


def set_up(what: Any, values: dict[str, Any], dt: float | None = None, scheme: str | None = None) -> Setup:
    """Take a model (class or instance), a preset or its name, with values that differ."""
    if isinstance(what, str):
        from izhi_numba import models

        if what not in models.presets and what in models.__all__:
            raise TypeError(f"model: {what!r} is a preset's name in quotes, a model is not: iz.{what}")
        what = models.presets[what]
    preset = what if isinstance(what, Preset) else None
    model = preset.model() if preset else what
    if isinstance(model, type) and issubclass(model, Model):
        model = model()
    if not isinstance(model, Model):
        raise TypeError(
            f"model: expected a model such as iz.AdEx, or a preset such as 'RS', got {what!r:.60}"
        )
    names = (*model.states, *model.parameters)
    for name in values:
        if name not in names:
            close = difflib.get_close_matches(name, names, n=1)
            hint = f"; did you mean {close[0]!r}?" if close else f"; there are {', '.join(names)}"
            raise TypeError(f"{type(model).__name__}: no parameter {name!r}{hint}")
    for name in names:
        if name in _OWN_OF_RESULTS or hasattr(NeuronResult, name):
            raise ValueError(f"{model!r}: a result has its own {name!r}; give the model's another name")
    checked = {name: checks.finite_number(name, value) for name, value in values.items()}
    if preset is None:
        return Setup(model, checked, dt=usual_step(type(model)) if dt is None else dt, scheme=scheme)
    return Setup(
        model, {**preset, **preset.initial, **checked}, preset.current, preset.duration,
        preset.dt if dt is None else dt, preset.scheme if scheme is None else scheme, preset.name,
    )  # fmt: skip


def usual_step(kind: type[Model]) -> float:
    """Step of a single neuron, ms; a map has its own."""
    return kind.dt if kind.advance is not None else min(_STEP, kind.dt)


class NeuronResult(Result):
    """What one neuron did.

    Each variable of the model is an attribute with its trace (``result.v``), and so is the current
    ``result.I``; the values are those at the times ``result.t``, the ends of the steps. On the step of a
    spike the voltage shows the model's peak, if it has one.

    Attributes
    ----------
    model : Model
    name : str
        Of the preset; empty without one.
    values : dict
        Parameters, and variables at time zero, by name.
    current : Input
        What drove it; the values, noise included, are those of ``I``.
    scheme : str
    t : array (steps,)
        In ms.
    spike_times : array
        In ms.
    spike_steps : int array
        Store of the traces in which the spikes came.
    """

    def __init__(self, result: Result, setup: Setup, current: Input, scheme: str) -> None:
        self.__dict__.update(result.__dict__)
        self.model, self.values, self.name = setup.model, setup.start(), setup.name
        self.current, self.scheme = current, scheme

    @property
    def t(self) -> Array:
        """Times of the traces, ms."""
        return self.times(self.model.voltage)

    @property
    def spike_times(self) -> Array:
        """Times of the spikes, ms."""
        return self.spikes.t

    @property
    def spike_steps(self) -> Array:
        """Row of the traces in whose step each spike came."""
        return steps_of(self.spike_times - self.start, self.dt) - 1

    def __getattr__(self, name: str) -> Array:
        if name.startswith("_") or "model" not in self.__dict__:
            raise AttributeError(name)
        if name not in (*self.model.states, "I"):
            known = ", ".join((*self.model.states, "I", "t", "spike_times"))
            raise AttributeError(f"the result of {self.model!r} has no {name!r}; it has {known}")
        column: Array = self.traces[name][:, 0]
        return column

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.model.states, "I"]

    def plot(self) -> Figure:
        """Draw the voltage with its spikes, the other variables, the current and the phase plane."""
        from izhi_numba.neuron.plots import plot_neuron

        return plot_neuron(self)

    def __repr__(self) -> str:
        whom = self.name or repr(self.model).removesuffix("()")
        how = f"{self.scheme}, {self.dt:g} ms"
        return f"<{self.duration:g} ms of {whom} ({how}): {len(self.spike_times)} spikes>"


def simulate(
    model: Any,
    current: Any = None,
    duration: float | None = None,
    *,
    dt: float | None = None,
    scheme: str | None = None,
    spike_times: Literal["grid", "interpolated"] = "grid",
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
        Numerical method, see :mod:`izhi_numba.numerics.schemes`; the preset's, or the model's usual one.
    spike_times : "grid" or "interpolated"
        Stamp spikes with the end of their step, or where the threshold was crossed.
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
