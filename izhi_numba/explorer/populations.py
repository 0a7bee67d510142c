"""What a network is made of, as a page shows it: populations, projections, and whether they excite."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from izhi_numba.base.selection import Chosen, n_common
from izhi_numba.network.connect import weight_bounds
from izhi_numba.network.network import Network
from izhi_numba.network.pool import Pool
from izhi_numba.network.sources import Sources
from izhi_numba.network.synapses import Synapses
from izhi_numba.network.watching import members_of

EXC, INH, SOURCE, MIXED = "exc", "inh", "source", "mixed"
_NEAR_REST = 3.0  # mV above the start, up to which a reversal potential holds a neuron down


@dataclass(frozen=True)
class Population:
    """Neurons that are shown together: a group, a pool without groups, what no group has, or sources.

    Attributes
    ----------
    title, code : str
        What to call it; and the same in Python, of a network called ``net``.
    units : Pool, Group or Sources
    member : int
        Number of the pool or sources that it is of.
    neurons : slice
        Its places there.
    kind : "exc", "inh" or "source"
    """

    title: str
    code: str
    units: Any
    member: int
    neurons: slice
    kind: str

    @property
    def size(self) -> int:
        """Number of neurons."""
        return int(self.neurons.stop - self.neurons.start)

    @property
    def model(self) -> Any:
        """What one neuron is; None of sources."""
        return getattr(self.units._population, "model", None)


@dataclass(frozen=True)
class Link:
    """A projection.

    Attributes
    ----------
    title, code : str
        As of a population.
    kind : "exc", "inh", or "mixed" where weights have both signs
    """

    title: str
    code: str
    synapses: Synapses
    kind: str


def populations_of(net: Pool | Network) -> list[Population]:
    """Return the populations of a pool or a network, in the order of its neurons."""
    holders = _inhibitory(net)
    return [
        one for number, name in enumerate(members_of(net)) for one in _of_member(net, number, name, holders)
    ]


def links_of(net: Pool | Network) -> list[Link]:
    """Return the projections of a pool or a network, in the order of ``net.synapses``."""
    models = [getattr(one, "model", None) for one in members_of(net).values()]
    return [
        Link(one._projection.title, f"net.synapses[{number}]", one, _kind(one, models))
        for number, one in enumerate(net.synapses)
    ]


def signature(net: Pool | Network) -> tuple[Any, ...]:
    """What changes where populations, their groups or projections come or go."""
    engine = net._engine
    groups = tuple(tuple(getattr(one, "named", ())) for one in engine.populations)
    return groups, tuple(one.number for one in engine.projections)


def _of_member(net: Any, number: int, name: str, holders: dict[int, list[Chosen]]) -> Iterator[Population]:
    """Yield the groups of a pool, and what no group has; or the whole of it."""
    whole = members_of(net)[name]
    code = f"net[{name!r}]" if name else "net"
    if isinstance(whole, Sources):
        yield Population(name, code, whole, number, slice(0, whole.size), SOURCE)
        return

    def kind(neurons: slice, sign: str) -> str:
        inhibits = any(n_common(neurons, one) for one in holders.get(number, ()))
        return INH if sign == "inhibitory" or (inhibits and not sign) else EXC

    named, last = whole._population.named, 0
    for group, which in named.items():
        title = f"{name}.{group}" if name else group
        last = which.neurons.stop
        yield Population(
            title, f"{code}[{group!r}]", whole[group], number, which.neurons, kind(which.neurons, which.sign)
        )
    if last < whole.size:
        rest, others = slice(last, whole.size), "others"
        while others in named:
            others = f"the {others}"
        title = (f"{name}, {others}" if name else others) if named else name or "neurons"
        units = whole[last:] if named else whole
        yield Population(title, f"{code}[{last}:]" if named else code, units, number, rest, kind(rest, ""))


def _inhibitory(net: Pool | Network) -> dict[int, list[Chosen]]:
    """Sources of projections that inhibit, by the number of their population, and that excite nobody."""
    models = [getattr(one, "model", None) for one in members_of(net).values()]
    found: dict[str, dict[int, list[Chosen]]] = {EXC: {}, INH: {}}
    for one in net.synapses:
        projection = one._projection
        found[INH if _kind(one, models) == INH else EXC].setdefault(projection.source, []).append(
            projection.plan.pre
        )
    return {
        number: [one for one in some if not any(n_common(one, other) for other in found[EXC].get(number, ()))]
        for number, some in found[INH].items()
    }


def _kind(synapses: Synapses, models: list[Any]) -> str:
    """Whether synapses excite: by the sign of their weights, and what their receptor draws the voltage to."""
    projection = synapses._projection
    low, high = weight_bounds(projection.plan, projection.gain or 1.0)
    if low < 0:
        return MIXED if high > 0 else INH
    model = models[projection.target]
    receptors = {} if model.made_of is None else model.made_of[1]
    receptor = receptors.get(projection.receptor)
    if receptor is None or "E" not in type(receptor).parameters:
        return EXC
    start = model.start()
    below = np.mean(start.get(f"E_{projection.receptor}", 0.0)) <= start[model.voltage] + _NEAR_REST
    return INH if below else EXC
