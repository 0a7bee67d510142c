"""Variables of synapses that learn, in the order of the listing: read from what blocks hold, and written."""

from __future__ import annotations

from collections.abc import Sequence

from izhi_numba.base.arrays import Array
from izhi_numba.base.changes import Change, Copy
from izhi_numba.synapses.learning import Site
from izhi_numba.synapses.listing import SparseListing
from izhi_numba.synapses.store import Contents, Store


def read(store: Store, sites: Sequence[Site], number: int, sources: Array | None = None) -> Array:
    """Return a variable of the synapses of some sources, or of all; a new array."""
    listing = SparseListing(store, 0)
    chosen = listing.everyone if sources is None else sources
    return listing.seen_in(_in_place_of_weights(store, sites, number)).weights(chosen)


def writing(store: Store, sites: Sequence[Site], number: int, values: Array) -> list[Change]:
    """Prepare that a variable has a value for all synapses, of shape (), or one for each.

    Raises
    ------
    ValueError
        Another number of values: of a file that is damaged.
    """
    n_synapses, columns = sum(store.sizes), [values] * len(sites)
    if values.shape not in ((), (n_synapses,)):
        raise ValueError(f"a variable of {n_synapses} synapses has values of shape {values.shape}")
    if values.ndim:
        listing, contents = SparseListing(store, 0), _in_place_of_weights(store, sites, number)
        listing.writing(contents, listing.everyone, values).do()
        columns = [piece.synapses["weight"] for piece in contents.pieces]
    return [Copy(site.variables[:, number], one) for site, one in zip(sites, columns, strict=True)]


def _in_place_of_weights(store: Store, sites: Sequence[Site], number: int) -> Contents:
    """Contents whose weights are a variable."""
    pieces = []
    for piece, site in zip(store.contents.pieces, sites, strict=True):
        synapses = piece.synapses.copy()
        synapses["weight"] = site.variables[:, number]
        pieces.append(piece._replace(synapses=synapses))
    return store.contents._replace(pieces=tuple(pieces))
