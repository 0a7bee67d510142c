"""Blue Shell's pool: scripts written for it run with their import line changed."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np

from izhi_numba.base import checks
from izhi_numba.base.arrays import Array
from izhi_numba.base.changes import Assign, Change, Copy
from izhi_numba.base.plot_style import pin, style
from izhi_numba.connectivity.distributions import normal
from izhi_numba.connectivity.rules import fixed_probability
from izhi_numba.network.cortical import graded_cells
from izhi_numba.network.inventory import DERIVED, STATE
from izhi_numba.network.pool import Pool
from izhi_numba.results.result import Result


class Voltages(NamedTuple):
    """Voltages of the last steps, in a ring of rows."""

    rows: Array  # (steps, neurons)
    oldest: int  # row


class IzhikevichPool(Pool):
    """A cortical pool with the interface of Blue Shell (bopowers9/blueshell-py).

    Neurons are those of Izhikevich (2003), the excitatory ones first. Each pair is connected with
    probability ``synaptic_density``; weights are halves of a normal distribution, those of inhibitory
    neurons negative and ``inhib_strength_ratio`` times as large.

    What differs from Blue Shell: it takes two half steps of v (``net2003``) and does not clip; weights
    are stored sparsely, there is no matrix ``S`` (see ``pool.synapses``); the history is a ring, so that
    a step costs the same for any history. It is ``update`` that fills it, not ``run``.

    Parameters
    ----------
    N : int
        Number of neurons.
    inhib_prop : float
        Fraction of neurons that are inhibitory, from 0 to 1.
    inhib_strength_ratio : float
        Strength of inhibitory weights relative to excitatory ones.
    synaptic_density : float
        Probability of a connection, from 0 to 1.
    seed, threads, dtype : optional
        As in :class:`Pool`.

    Examples
    --------
    >>> pool = IzhikevichPool(1000, 0.2, 2, 0.1, seed=1)
    >>> for _ in range(10):
    ...     pool.clamp_input(10 * pool.random(1000))
    ...     _ = pool.update()
    >>> pool.voltage_history.shape
    (1000, 1000)
    """

    def __init__(
        self, N: int, inhib_prop: float, inhib_strength_ratio: float, synaptic_density: float, *,
        seed: int | None = None, threads: int | None = None,
        dtype: Literal["float32", "float64"] = "float32",
    ) -> None:  # fmt: skip
        N = checks.whole_number("N", N, at_least=1)
        fraction = checks.fraction("inhib_prop", inhib_prop)
        ratio = checks.finite_number("inhib_strength_ratio", inhib_strength_ratio, at_least=0)
        rule = fixed_probability(synaptic_density)
        super().__init__(N, seed=seed, threads=threads, dtype=dtype)
        self._kept = Voltages(np.zeros((1000, N), self.dtype), 0)
        self._due = 0  # step whose voltages are to be kept as soon as it is done
        exc, inh = graded_cells(self, int(N * fraction))
        if exc is not None:
            self.connect(exc, self, rule=rule, weight=normal(0, 1, low=0))
        if inh is not None:
            self.connect(inh, self, rule=rule, weight=normal(0, ratio, high=0) if ratio else 0.0)

    @property
    def history_limit(self) -> int:
        """Steps that ``voltage_history`` holds. Setting it begins a new history."""
        return len(self._kept.rows)

    @history_limit.setter
    def history_limit(self, limit: int) -> None:
        limit = checks.whole_number("history_limit", limit, at_least=1)
        self._keep_voltages()
        self._kept = Voltages(np.zeros((limit, self.size), self.dtype), 0)

    @property
    def voltage_history(self) -> Array:
        """Voltages of the last steps, (N, history_limit), the newest last; 30 where a neuron spiked."""
        rows, oldest = self._voltages
        return np.roll(rows, -oldest, axis=0).T

    def update(self, record_history: bool = True) -> Array:
        """Simulate one step of 1 ms.

        Parameters
        ----------
        record_history : bool
            Keep the voltages in ``voltage_history``.

        Returns
        -------
        int array
            The neurons that spiked.
        """
        self._keep_voltages()
        self._due = self._engine.steps_done + 1 if record_history else 0
        spiked = super().update()
        self._keep_voltages(spiked)
        return spiked

    def _run(self, n_steps: int, **options: Any) -> Result:
        self._keep_voltages()
        self._due = 0
        result: Result = super()._run(n_steps, **options)
        return result

    def _forgetting(self) -> list[Change]:
        began = Voltages(np.zeros_like(self._kept.rows), 0)
        return [*super()._forgetting(), Assign(self, "_kept", began), Assign(self, "_due", 0)]

    @property
    def _voltages(self) -> Voltages:
        """Voltages of the last steps, those of an update among them that was interrupted at its end."""
        self._keep_voltages()
        return self._kept

    @_voltages.setter
    def _voltages(self, voltages: Voltages) -> None:
        rows, oldest = voltages
        self._kept = Voltages(np.array(rows), oldest)
        self._due = 0

    def _keep_voltages(self, spiked: Any = None) -> None:
        """Keep the voltages of the last step, where that is due."""
        engine = self._engine
        if not 0 < self._due == engine.steps_done:
            return
        with engine.changes as changes:
            if spiked is None:
                spiked = engine.spiked(0, self._due)
            shown = self.v.copy()
            shown[spiked] = self.model.peak
            rows, oldest = self._kept
            following = Voltages(rows, (oldest + 1) % len(rows))
            changes.publish(
                Copy(rows[oldest], shown), Assign(self, "_kept", following), Assign(self, "_due", 0)
            )

    def plot_spikes(self) -> None:
        """Draw the spikes of the history and show the figure."""
        import matplotlib.pyplot as plt

        from izhi_numba.results.raster import scatter

        neurons, steps = np.nonzero(self.voltage_history >= (self.model.peak or np.inf))
        first = self.t - self.history_limit * self.dt
        groups = {name: slice(group.start, group.stop) for name, group in self.groups.items()}
        with style(None):
            _, ax = plt.subplots(figsize=(10, 5.4), layout="constrained")
            pin(ax)
            scatter(ax, neurons, first + (steps + 1) * self.dt, groups, slice(0, self.size))
        ax.set(xlabel="time (ms)", xlim=(max(0.0, first), max(self.t, self.dt)))
        plt.show()


STATE[IzhikevichPool] = ("_voltages",)
DERIVED[IzhikevichPool] = ("_kept", "_due")
