"""A link: synapses between two populations, and what those of them hold that learn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from izhi_numba.base.arrays import Array
from izhi_numba.synapses import variables
from izhi_numba.synapses.learning import Learning, Site
from izhi_numba.synapses.ordinals import ordinals
from izhi_numba.synapses.remembered import Remembered, sites_of
from izhi_numba.synapses.signals import Signals
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
    signals: Signals | None = field(default=None, compare=False)  # that they hear of

    @property
    def sends_once(self) -> bool:
        """Whether spikes are not sent once more, where sums are made anew: weights have changed since."""
        return self.learning is not None and self.learning.is_dendritic

    def beginning(self, started: Mapping[str, Array]) -> Link:
        """The same link; where its synapses learn, with nothing arrived at them.

        ``started``: what variables start with, where that is not what the rule says.
        """
        learning, store = self.learning, self.store
        if learning is None:
            return self
        signals = Signals(learning, self.since) if learning.rule.hears_signals() else None
        sites = [
            Site.new(learning, store.n_rows, len(piece.synapses), self.since, numbers)
            for piece, numbers in zip(
                store.contents.pieces, ordinals(store, learning, self.sites), strict=True
            )
        ]
        for number, name in enumerate(learning.rule.states):
            if name in started:
                for change in variables.writing(store, sites, number, started[name]):
                    change.do()
        return replace(self, sites=tuple(sites), signals=signals)

    def announce(self, now: int, end: int) -> None:
        """Have the signals of the steps to come, and let go of those that all rows have heard of."""
        if self.signals is not None:
            self.signals.announce(now, end)
            if self.signals.is_long:
                self.signals.forget(min(int(one.heard.min(initial=self.signals.count)) for one in self.sites))

    def ruled(self, learning: Learning | None, now: int, *, is_on: bool) -> Link:
        """The same link with other parameters, before a step; all that came up to it has been applied."""
        signals = self.signals
        if signals is not None and learning is not None and learning != self.learning:
            signals = signals.renewed(learning, now)
        return replace(self, learning=learning, is_on=is_on, signals=signals)

    def remembering(self, its: Remembered, until: int) -> Link:
        """The same link, whose synapses learn, with what they remember.

        ``until``: the step up to which arrivals have been applied.
        """
        learning, signals = self.learning, None
        assert learning is not None
        if learning.rule.hears_signals():
            signals = Signals(learning, its.signalled, its.modulators)
            signals.announce(until + 1, until + 1, told=True)
        return replace(self, sites=sites_of(self.store, learning, its, until, self.sites), signals=signals)

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
