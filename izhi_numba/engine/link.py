"""A link: synapses between two populations, and what those of them hold that learn."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from izhi_numba.base.arrays import Array
from izhi_numba.synapses.learning import Learning, Site
from izhi_numba.synapses.remembered import Remembered, sites_of
from izhi_numba.synapses.store import Store
from izhi_numba.synapses.ways import Sums


@dataclass(frozen=True)
class Link:
    """Synapses between two populations, at one receptor."""

    store: Store
    number: int  # of its first projection
    source: int  # populations
    target: int
    sums: Sums
    since: int  # the step after which spikes are carried
    learning: Learning | None = None
    sites: tuple[Site, ...] = field(default=(), compare=False)  # of each block, of synapses that learn
    is_on: bool = True  # whether they do

    @property
    def sends_once(self) -> bool:
        """Whether spikes are not sent once more, where sums are made anew: weights have changed since."""
        return self.learning is not None and self.learning.is_dendritic

    def beginning(self, its: Remembered | None = None, until: int = 0) -> Link:
        """The same link; where its synapses learn, with nothing arrived at them, or with what they remember.

        ``until``: the step up to which arrivals have been applied then.
        """
        learning, store = self.learning, self.store
        if learning is None:
            return self
        if its is not None:
            return replace(self, sites=sites_of(store, learning, its, until))
        sites = [
            Site.new(learning, store.n_rows, len(piece.synapses), self.since)
            for piece in store.contents.pieces
        ]
        return replace(self, sites=tuple(sites))

    @property
    def lags(self) -> Array:
        """Steps from a spike to the one that its weights are added in, ascending."""
        store = self.store
        return store.delays - store.least if store.least else store.delays

    @property
    def lags_of_rows(self) -> Array:
        """The same for each row of a source; where each synapse tells its own, what it is counted from."""
        store = self.store
        return store.delays_of_rows - store.least if store.least else store.delays_of_rows

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return self.store.nbytes + sum(site.nbytes for site in self.sites)
