"""Variables of synapses that learn, in the order of the listing: read from what blocks hold, and written."""

from __future__ import annotations

from collections.abc import Sequence

from izhi_numba.base.arrays import Array
from izhi_numba.base.changes import Change, Copy
from izhi_numba.synapses.learning import Site
from izhi_numba.synapses.listing import SparseListing
from izhi_numba.synapses.store import Store


def held(sites: Sequence[Site], number: int) -> list[Array]:
    """Return a variable as it is held, of each block."""
    return [site.variables[:, number] for site in sites]


def read(store: Store, columns: Sequence[Array], sources: Array | None = None) -> Array:
    """Return a variable of the synapses of some sources, or of all, by its columns of each block."""
    listing = SparseListing(store, 0)
    chosen = listing.everyone if sources is None else sources
    return listing.seen_in(store.contents.showing(columns)).weights(chosen)


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
        listing, contents = SparseListing(store, 0), store.contents.copied()
        listing.writing(contents, listing.everyone, values).do()
        columns = [piece.synapses["weight"] for piece in contents.pieces]
    return [Copy(into, one) for into, one in zip(held(sites, number), columns, strict=True)]
