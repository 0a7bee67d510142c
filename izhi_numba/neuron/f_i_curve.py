"""The f-I curve of a neuron, its firing rate over a constant current: its numbers, and their plot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from izhi_numba.base.plot_style import COLOURS, pin, style, tidy

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, eq=False, repr=False)
class FICurve:
    """Firing rates of a neuron at constant currents.

    Attributes
    ----------
    name : str
        Of the neuron.
    current : array (n,)
        In the model's unit of ``I``.
    rate : array (n,)
        Steady rate: 1000 over the mean interval after the time that was discarded, in Hz; 0 where fewer than
        two spikes are left there.
    first_rate : array (n,)
        1000 over the first interval of all, in Hz; 0 where there is none.
    unit : str
        Of the current.
    """

    name: str
    current: Array
    rate: Array
    first_rate: Array
    unit: str = ""

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw both rates over the current; returns the axes."""
        return plot_f_i(self, ax=ax)

    def __repr__(self) -> str:
        return (
            f"<f-I curve of {self.name}: {len(self.current)} currents from {self.current.min():g} to"
            f" {self.current.max():g}, up to {self.rate.max():.3g} Hz>"
        )


def plot_f_i(curve: FICurve, ax: Axes | None = None) -> Axes:
    """Draw a neuron's rate over the current: the steady rate, and thinner that of the first interval.

    Parameters
    ----------
    curve : FICurve
        From :func:`izhi_numba.neuron.f_i.f_i_curve`.
    ax : matplotlib.axes.Axes, optional
        May have other curves in it: each gets a colour of its own.

    Returns
    -------
    Axes

    Raises
    ------
    TypeError
        What is no such curve.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> from izhi_numba.neuron.f_i import f_i_curve
    >>> plot_f_i(f_i_curve(iz.Izhikevich, [0, 5, 10])).get_ylabel()
    'rate (Hz)'
    """
    if not isinstance(curve, FICurve):
        raise TypeError(f"plot_f_i: expected a curve from f_i_curve, got {curve!r:.60}")
    with style(ax):
        if ax is None:
            import matplotlib.pyplot as plt

            _, ax = plt.subplots(figsize=(7.0, 4.8), layout="constrained")
            pin(ax)
        colour = COLOURS[len(ax.lines) // 2 % len(COLOURS)]
        order = np.argsort(curve.current, kind="stable")
        current = curve.current[order]
        ax.plot(current, curve.first_rate[order], linewidth=1, linestyle=(0, (4, 2)), color=colour, alpha=0.7,
                label="first interval" if not ax.lines else None)  # fmt: skip
        ax.plot(current, curve.rate[order], linewidth=1.8, color=colour, label=curve.name)
        highest = max(float(np.max(np.asarray(line.get_ydata()))) for line in ax.lines)
        ax.set(
            xlabel=f"I ({curve.unit})" if curve.unit else "I",
            ylabel="rate (Hz)",
            ylim=(0, 1.05 * highest or 1),
        )
        ax.legend(loc="upper left", fontsize=ax.xaxis.label.get_fontsize(), frameon=False)
        tidy(ax)
    return ax
