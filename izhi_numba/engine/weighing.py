"""Weights and variables of synapses that a run records: read between two calls of the compiled steps.

What has not changed is not read again, and costs nothing that could be measured. To read 10 million synapses
in the order of the facade takes 0.35 s on two cores, most of it to sort within rows. Lost: to keep that
order, in 40 MB, and to gather by it, 0.2 s where it is a shuffled one.
"""

from __future__ import annotations

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.selection import Chosen
from izhi_numba.engine.neurons import Neurons
from izhi_numba.results.recorder import Recorder
from izhi_numba.results.weights import WEIGHT, Growing, Tracked, Weighed
from izhi_numba.synapses.listing import Listing
from izhi_numba.synapses.projection import Projection, Written


class Weigher:
    """Reads weights, or a variable, of the synapses of a projection, or of some; it is drawn."""

    def __init__(self, projection: Projection, wish: Weighed, target: Neurons) -> None:
        self.projection, self.wish = projection, wish
        plan, synapses = projection.plan, projection.listing()
        self._sources = synapses.everyone if wish.pre is None else wish.pre
        self._inside: Array | None = None  # of the synapses of these sources; None: all
        if wish.post is not None:
            wanted = np.zeros(plan.n_post, np.bool_)
            wanted[wish.post] = True
            self._inside = synapses.reaching(self._sources, wanted)
        pre, post = self._pairs(synapses)
        self.tracked = Tracked(
            wish.name, wish.every, plan.dt, unit_of(target, projection, wish.variable),
            _in_pool(plan.pre, pre), _in_pool(plan.post, post), plan.dtype, wish.variable,
        )  # fmt: skip
        self._last: tuple[Written, Array] | None = None  # how the weights were, and the row

    def _pairs(self, synapses: Listing) -> tuple[Array, Array]:
        """Source and target of each synapse, by their places in the projection; listed in portions."""
        parts = [
            tuple(one.astype(np.int32) for one in synapses.pairs(some)[:2])
            for some in synapses.in_portions(self._sources)
        ]
        pre, post = (np.concatenate([np.zeros(0, np.int32), *side]) for side in zip(*parts, strict=True))
        return (pre, post) if self._inside is None else (pre[self._inside], post[self._inside])

    def row(self) -> Array:
        """Return weights or the variable as they are, in an array that nobody writes to."""
        projection, last = self.projection, self._last
        written = projection.written
        if projection.learning is None:  # weights change by hand alone
            if last is None or last[0] is not written:
                last = self._last = written, self._read(written)
            return last[1]
        projection.bring_up_to_date()
        if self.wish.variable == WEIGHT:
            found = self._read(written)
        else:
            found = self._inside_of(projection.variable(self.wish.variable, self._sources))
        if last is None or not np.array_equal(found, last[1]):
            last = self._last = written, found
        return last[1]

    def _read(self, written: Written) -> Array:
        synapses = self.projection.listing()
        if not written.scaled:
            return self._inside_of(synapses.weights(self._sources))
        found = self.projection.base() if written.base is None else written.base
        if self.wish.pre is None and self.wish.post is None:
            return found
        sizes = synapses.sizes(self._sources)
        inside = np.ones(int(sizes.sum()), np.bool_) if self._inside is None else self._inside
        return found[synapses.among_all(self._sources, inside)]

    def _inside_of(self, values: Array) -> Array:
        """Values of the synapses that are meant, of those of these sources."""
        return values if self._inside is None else values[self._inside]


class Weighing:
    """Reads weights and variables of synapses in a run, and has a recorder keep them.

    Parameters
    ----------
    weighers : list of Weigher
    recorder : Recorder
    """

    def __init__(self, weighers: list[Weigher], recorder: Recorder) -> None:
        self._recorder = recorder
        recorder.weights = [Growing(one.tracked, recorder.first_step) for one in weighers]
        self._pairs = [*zip(weighers, recorder.weights, strict=True)]

    def next(self, now: int, end: int) -> int:
        """The step, after this one, at whose end something is due; ``end`` at the latest."""
        return min(
            (end, *((now // every + 1) * every for every in (one.wish.every for one, _ in self._pairs)))
        )

    def read(self) -> None:
        """Read what is due at the end of the last step, unless it was read; of what is removed, nothing."""
        now = self._recorder.end
        for weigher, growing in self._pairs:
            if now % weigher.wish.every == 0 and growing.last < now and not weigher.projection.removed:
                growing.add(now, weigher.row())


def unit_of(target: Neurons, projection: Projection, variable: str) -> str:
    """Unit of a variable; of a weight that of what it is added to."""
    if variable != WEIGHT:
        assert projection.learning is not None
        return projection.learning.rule.states[variable].unit
    model = target.model
    added_to = model.states.get(model.receptors.get(projection.receptor, ""))
    return str(model.I_unit if added_to is None else added_to.unit)


def _in_pool(chosen: Chosen, places: Array) -> Array:
    """Return places among chosen neurons as places in their pool."""
    if isinstance(chosen, slice):
        places += np.int32(chosen.start)
        return places
    found: Array = chosen.astype(np.int32)[places]
    return found
