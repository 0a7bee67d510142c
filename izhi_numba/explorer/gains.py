"""Gains of the projections of a network, of which there may be more or less than there was."""

from __future__ import annotations

from izhi_numba.explorer.populations import Link, links_of
from izhi_numba.network.network import Network
from izhi_numba.network.pool import Pool


class Gains:
    """The gain of each projection: as it is now, times a factor of its own, and one of all of its kind.

    Where it is 0 now, its factor, 0 at first, is taken as the gain.

    Parameters
    ----------
    net : Pool or Network

    Attributes
    ----------
    links : list of Link
        The projections.
    own : list of float
        Factor of each.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> from izhi_numba.explorer.gains import Gains
    >>> pool = iz.Pool.cortical(100, seed=1)
    >>> gains = Gains(pool)
    >>> gains["exc"] = 1.5
    >>> gains[0] = 0.5
    >>> [one.gain for one in pool.synapses]
    [0.75, 1.0]
    """

    def __init__(self, net: Pool | Network) -> None:
        self.links: list[Link] = links_of(net)
        self._written = [one.synapses.gain for one in self.links]
        self._first = [gain or 1.0 for gain in self._written]
        self.own = [1.0 if gain else 0.0 for gain in self._written]
        self._of_kind = {one.kind: 1.0 for one in self.links}

    def __setitem__(self, what: str | int, factor: float) -> None:
        own, of_kind = self.own, self._of_kind
        if isinstance(what, str):
            of_kind = of_kind | {what: factor}
            numbers = [number for number, one in enumerate(self.links) if one.kind == what]
        else:
            own = [*own[:what], factor, *own[what + 1 :]]
            numbers = [what]
        wanted = {
            number: self._first[number] * own[number] * of_kind[self.links[number].kind] for number in numbers
        }
        for number, gain in wanted.items():  # all, or none
            self.links[number].synapses._projection.refuse_gain("gain", gain)
        for number, gain in wanted.items():
            self.links[number].synapses.gain = gain
            self._written[number] = gain
        self.own, self._of_kind = own, of_kind

    @property
    def as_left(self) -> bool:
        """Whether nobody else has changed gains since."""
        return all(one.synapses.gain == gain for one, gain in zip(self.links, self._written, strict=True))
