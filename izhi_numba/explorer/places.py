"""Where neurons are: positions that the user gives, or that connections by distance were drawn with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.checks import as_array
from izhi_numba.base.selection import indices_of
from izhi_numba.connectivity.space import InSpace
from izhi_numba.network.network import Network
from izhi_numba.network.pool import Pool
from izhi_numba.network.watching import members_of

_MOST = 5000  # that are drawn
_REACH = 0.12  # around the place that is poked, of what is within -1 to 1
_LEAST = 12  # neurons that are poked


def positions_of(net: Pool | Network, given: Any = None) -> Array | None:
    """Return the place of each unit (n_units, 3), NaN where it has none; None where no unit has one.

    Parameters
    ----------
    net : Pool or Network
    given : array (n, 2) or (n, 3), or mapping of pool names to arrays, optional
        Positions; of others, those of rules :func:`izhi_numba.distance_dependent` are taken.

    Raises
    ------
    ValueError, TypeError, KeyError
        Positions of no pool, or of other numbers of neurons.
    """
    members = members_of(net)
    if given is not None and not isinstance(given, Mapping):
        pools = [name for name, one in members.items() if isinstance(one, Pool)] or [*members]
        if len(pools) != 1:
            raise TypeError(
                "positions: expected a mapping of names to arrays, as the network has several pools:"
                f" positions={{{next(iter(members))!r}: array}}, got {given!r:.60}"
            )
        given = {pools[0]: given}
    found = {name: np.full((len(one), 3), np.nan) for name, one in members.items()}
    for projection in net._engine.projections:
        rule, plan = projection.plan.rule, projection.plan
        if isinstance(rule, InSpace):
            names = [*members]
            found[names[projection.source]][indices_of(plan.pre)] = rule.sources
            found[names[projection.target]][indices_of(plan.post)] = rule.targets
    for name, places in (given or {}).items():
        if name not in found:
            raise KeyError(f"positions: no pool {name!r}; there are {', '.join(found)}")
        found[name][:] = _deep(name, places, len(members[name]))
    every = np.concatenate([*found.values()])
    return every if np.isfinite(every).any() else None


def _deep(name: str, places: Any, n: int) -> Array:
    array = as_array(places)
    if (
        array.ndim != 2
        or array.shape[0] != n
        or array.shape[1] not in (2, 3)
        or array.dtype.kind not in "fiu"
    ):
        raise ValueError(
            f"positions: expected an array ({n}, 2) or ({n}, 3){f' for {name!r}' if name else ''}, got shape"
            f" {array.shape}"
        )
    deep = np.zeros((n, 3))
    deep[:, : array.shape[1]] = array
    return deep


class Map:
    """Units that are drawn at their places: all, or as many as can be told apart.

    Attributes
    ----------
    units : int array (n_drawn,)
    places : float32 array (n_drawn, 3)
        Within -1 to 1, as far from each other as they are.
    flat : bool
        Whether they lie in a plane.
    """

    def __init__(self, positions: Array) -> None:
        known = np.flatnonzero(np.isfinite(positions).all(axis=1))
        low, high = positions[known].min(axis=0), positions[known].max(axis=0)
        extent = float((high - low).max()) or 1.0
        self._known, self._all = known, 2 * (positions[known] - (low + high) / 2) / extent
        chosen = np.arange(len(known))
        if len(chosen) > _MOST:
            chosen = np.sort(np.random.default_rng(1).choice(len(known), _MOST, replace=False))
        self.units, self.places = known[chosen], self._all[chosen].astype(np.float32)
        self.flat = bool(np.ptp(positions[known, 2]) == 0)
        self._drawn_as = np.full(len(positions), -1, np.int32)
        self._drawn_as[self.units] = np.arange(len(self.units))

    def lit(self, units: Array) -> Array:
        """Which of those that are drawn have spiked, by their numbers there; uint16."""
        drawn = self._drawn_as[units]
        return np.unique(drawn[drawn >= 0]).astype(np.uint16)

    def near(self, place: int) -> Array:
        """Units around one that is drawn, also those that are not."""
        apart = np.linalg.norm(self._all - self.places[place], axis=1)
        least = min(_LEAST, len(apart)) - 1
        found: Array = self._known[apart <= max(_REACH, np.partition(apart, least)[least])]
        return found
