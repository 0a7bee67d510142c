"""The cortical network of Izhikevich (2003), at any size."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

from izhi_numba.base import checks
from izhi_numba.base.arrays import Array
from izhi_numba.connectivity.distributions import uniform
from izhi_numba.connectivity.rules import all_to_all, fixed_outdegree
from izhi_numba.inputs.makers import noise

_PAPER = 1000  # neurons, and synapses per neuron, of the paper
_OUTDEGREE = 100  # of larger networks
_GAIN = 5.0  # of their weights


class Cells(Protocol):
    """Neurons whose variables and parameters can be set."""

    def __len__(self) -> int: ...

    def set(self, **values: Any) -> None:
        """Set variables and parameters; a number for all, or an array with one value per neuron."""


G = TypeVar("G", bound=Cells, covariant=True)


class Buildable(Protocol[G]):
    """A pool, as far as the recipe needs one."""

    @property
    def size(self) -> int:
        """Number of neurons."""

    def group(self, name: str, size: int) -> G:
        """Name the next ``size`` neurons that have no name yet."""

    def random(self, size: int) -> Array:
        """Return uniform numbers in (0, 1), float64 (size,)."""

    def drive(self, target: Any, current: Any) -> None:
        """Set what drives neurons from outside."""

    def connect(self, pre: Any, post: Any, *, rule: Any, weight: Any) -> Any:
        """Connect neurons."""


def cortical_pool(pool: Buildable[Cells], *, inhibitory: float) -> None:
    """Build the network: 4/5 excitatory and 1/5 inhibitory cells of graded types, thalamic noise.

    Up to 1000 neurons, all are connected to all, with the paper's weights times ``1000 / n``. Larger
    networks have 100 random targets per neuron, and weights 5 times those of the paper: with a tenth
    of its synapses each, that halves the mean input and raises its fluctuations by 1.6, and rates stay
    near those of the paper.

    Source: net.m in E. M. Izhikevich (2003), IEEE Transactions on Neural Networks 14:1569-1572.
    """
    n = pool.size
    n_inhibitory = round(checks.fraction("inhibitory", inhibitory) * n)
    full = n <= _PAPER
    rule = all_to_all() if full else fixed_outdegree(_OUTDEGREE)
    gain = _PAPER / n if full else _GAIN
    exc, inh = graded_cells(pool, n_inhibitory)
    if exc is not None:
        pool.drive(exc, noise(5.0))
        pool.connect(exc, pool, rule=rule, weight=uniform(0.0, 0.5 * gain))
    if inh is not None:
        pool.drive(inh, noise(2.0))
        pool.connect(inh, pool, rule=rule, weight=uniform(-1.0 * gain, 0.0))


def graded_cells(pool: Buildable[G], n_inhibitory: int) -> tuple[G | None, G | None]:
    """Make groups "exc" (regular spiking to chattering) and "inh" (fast to low-threshold spiking).

    A group that would be empty is None.
    """
    exc = inh = None
    if n_inhibitory < pool.size:
        exc = pool.group("exc", pool.size - n_inhibitory)
        r = pool.random(len(exc))
        exc.set(a=0.02, b=0.2, c=-65 + 15 * r**2, d=8 - 6 * r**2)
    if n_inhibitory:
        inh = pool.group("inh", n_inhibitory)
        r = pool.random(len(inh))
        inh.set(a=0.02 + 0.08 * r, b=0.25 - 0.05 * r, c=-65, d=2)
    return exc, inh
