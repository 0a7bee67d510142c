"""What synapses that learn remember, whatever blocks their targets are cut in: to be kept, and put back.

All that has arrived before a step has been applied, so that rows differ in what their source did alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.kernels.run import log
from izhi_numba.kernels.run.log import IN_PLACE, NEVER
from izhi_numba.synapses import variables
from izhi_numba.synapses.learning import Fading, Learning, Log, LogKey, Site
from izhi_numba.synapses.ordinals import ordinals
from izhi_numba.synapses.signals import Signals
from izhi_numba.synapses.store import Store


class Remembered(NamedTuple):
    """Of a projection."""

    last: Array  # int64 (n_rows, n_kept), when the last spikes of the source of each row arrived
    traces: Array  # float (n_rows, n_kept, n_traces), of the source after these
    variables: Array  # float (n_variables, n_synapses), in the order of the listing
    signalled: int  # step of the last signal; -1: it hears of none
    modulators: Array  # float (n_modulators,), after it


class Logged(NamedTuple):
    """Spikes of a population that synapses have still to hear of, and the last one before of each neuron.

    Or other steps, where a rule says which, and values of the neurons then in place of traces.
    """

    taus: tuple[float, ...]  # of the traces
    nearest: tuple[bool, ...]
    since: int
    counts: Array  # int64 (n,), spikes of each neuron
    stamps: Array  # int64, oldest first
    traces: Array  # float (n_spikes, n_traces), after each
    asked_by: int = -1  # projection whose rule says which steps; -1: those of spikes

    def key(self, learning: Mapping[int, Learning]) -> LogKey:
        """Which log it is, where projections learn in this way."""
        if self.asked_by >= 0:
            return learning[self.asked_by].log_key(self.since)
        return LogKey(tuple(map(Fading, self.taus, self.nearest)), self.since)


class Recent(NamedTuple):
    """What a variable of a population was in the last steps, for synapses that learn from it."""

    state: str
    rows: Array  # float (n_steps, n), the last one of the step that is next


class Arriving(NamedTuple):
    """What synapses that learn have sent to a receptor, and what is to arrive there."""

    receptor: str
    sums: Array  # float (n_steps, n): of the next step, and of those after it


def remembered(store: Store, sites: Sequence[Site], signals: Signals | None) -> Remembered:
    """Return what a projection remembers."""
    signalled, modulators = (-1, np.zeros(0, store.dtype)) if signals is None else signals.last()
    one = sites[0]  # rows of a source are alike in all blocks
    n_variables = one.variables.shape[1]
    found = np.empty((n_variables, sum(store.sizes) if n_variables else 0), store.dtype)
    for k in range(n_variables):
        found[k] = variables.read(store, variables.held(sites, k))
    return Remembered(one.last.copy(), one.traces.copy(), found, signalled, modulators)


def sites_of(
    store: Store, learning: Learning, its: Remembered, until: int, before: Sequence[Site]
) -> tuple[Site, ...]:
    """Return what blocks hold of a projection that remembers this, up to a step; they held ``before``."""
    sites = []
    numbers = ordinals(store, learning, before)
    for piece, one in zip(store.contents.pieces, numbers, strict=True):
        site = Site.new(learning, store.n_rows, len(piece.synapses), until, one)
        site.last[:], site.traces[:] = its.last, its.traces
        sites.append(site)
    for k, values in enumerate(its.variables):
        for change in variables.writing(store, sites, k, values):
            change.do()
    return tuple(sites)


def logged(key: LogKey, logs: Sequence[Log], n: int, now: int, asked_by: int) -> Logged:
    """Return what the logs of ``n`` neurons say that is asked for; arrivals before ``now`` are applied."""
    neurons, stamps, traces = (np.concatenate(parts) for parts in zip(*map(_entries, logs), strict=True))
    order = np.lexsort((stamps, neurons))
    neurons, stamps, traces = neurons[order], stamps[order], traces[order]
    longest = max(int(one.row[log.LONGEST]) for one in logs)
    # The last of each neuron, and what is followed by one not heard of.
    asked = np.ones(len(stamps), np.bool_)
    asked[:-1] = (neurons[1:] != neurons[:-1]) | (stamps[1:] + longest >= now)
    counts = np.bincount(neurons[asked], minlength=n).astype(np.int64)
    taus, nearest = zip(*key.traces, strict=True) if key.traces else ((), ())
    return Logged(taus, nearest, key.since, counts, stamps[asked], traces[asked], asked_by)


def _entries(one: Log) -> tuple[Array, Array, Array]:
    """Neuron, stamp and numbers of all that a log says."""
    width, first, dtype = 1 + int(one.row[log.N_NUMBERS]), int(one.row[log.FIRST]), one.dtype
    lines = one.lines[:, : IN_PLACE * width].reshape(len(one.lines), width, IN_PLACE).swapaxes(1, 2)
    older = one.older.reshape(-1, width + 3)[1 : int(one.row[log.USED])]
    neurons = np.concatenate([np.repeat(np.arange(len(lines)), IN_PLACE), older[:, width + 2]])
    entries = np.concatenate([lines.reshape(-1, width), older[:, :width]])
    there = entries[:, 0] > NEVER
    values = np.ascontiguousarray(entries[there, 1:]).view(dtype)
    return first + neurons[there], entries[there, 0].astype(np.int64) + int(one.row[log.EPOCH]), values


def put_into(logs: Sequence[Log], its: Logged) -> None:
    """Put what was logged into logs that say nothing yet."""
    begins = np.concatenate([np.zeros(1, np.int64), np.cumsum(its.counts)])
    for one in logs:
        first, n = int(one.row[log.FIRST]), int(one.row[log.N_NEURONS])
        counts = its.counts[first : first + n]  # the last block is padded with units that there are not
        part = slice(int(begins[first]), int(begins[first + len(counts)]))
        while one.row[log.CAPACITY] < 1 + part.stop - part.start:
            one.grow(one.row)
        neurons = np.repeat(np.arange(len(counts)), counts)
        ages = np.repeat(np.cumsum(counts), counts) - 1 - np.arange(len(neurons))  # 0: the newest
        one.put(neurons, ages, its.stamps[part], its.traces[part])
