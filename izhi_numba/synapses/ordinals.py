"""Numbers of synapses among those of the same two neurons: so a synapse is known wherever it lies."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.synapses.learning import Learning, Site
from izhi_numba.synapses.store import Piece, Store

_AT_ONCE = 2**20  # synapses that are put in order together, which takes 40 bytes each
_NONE = np.zeros(0, np.uint32)


def ordinals(store: Store, learning: Learning, sites: Sequence[Site] = ()) -> list[Array]:
    """Return the numbers of the synapses of each block, in the order of the listing; none where none asks.

    ``sites``: what was held of the same synapses before.
    """
    pieces = store.contents.pieces
    if not learning.rule.randoms:
        return [_NONE for _ in pieces]
    return [one.ordinals for one in sites] or [_of_piece(store, piece) for piece in pieces]


def _of_piece(store: Store, piece: Piece) -> Array:
    found = np.zeros(len(piece.synapses), np.uint32)
    starts = piece.start[:: store.rows_of_source].astype(np.int64)
    sources = np.arange(len(starts) - 1)
    for some in np.split(sources, np.flatnonzero(np.diff(starts[:-1] // _AT_ONCE)) + 1):
        begin, end = (starts[some[0]], starts[some[-1] + 1]) if len(some) else (0, 0)
        its, sizes = piece.synapses[begin:end], np.diff(starts)[some]
        pairs = np.repeat(some, sizes) << 16 | its["target"]
        # Rows of a source are by delay; where it has one row, its synapses lie as they were drawn.
        delays = its["lag"] if store.lag_bytes else np.zeros(len(its), np.uint8)
        order = np.lexsort((delays, pairs))
        ordered, places = pairs[order], np.arange(len(its))
        is_first = np.ones(len(its), np.bool_)
        is_first[1:] = ordered[1:] != ordered[:-1]
        found[begin + order] = places - np.maximum.accumulate(np.where(is_first, places, 0))
    return found
