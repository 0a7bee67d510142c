"""What drives the neurons of a network, of which there may be more or less than there was.

Nothing is given anew: what is there is scaled, whatever it is, so that a script needs no word for it.
Functions of time, samples, and numbers that differ between neurons are those that the network was made with.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.changes import Assign, Change, Copy
from izhi_numba.network.network import Network
from izhi_numba.network.pool import Pool
from izhi_numba.network.watching import members_of

_AT_FIRST = {"drive": 0.0, "noise": 1.0, "trains": 1.0, "more noise": 0.0}


class Drives:
    """What drives each neuron: as it is now, and what is turned of it for all, and for some.

    ``drive`` is added to the constant input; ``noise`` and ``trains`` are factors, on standard deviations and
    on rates; ``more noise`` is the standard deviation of white noise besides. What is set for all counts
    together with what is set for some: sums of drives, products of factors.

    Parameters
    ----------
    net : Pool or Network

    Examples
    --------
    >>> import izhi_numba as iz
    >>> from izhi_numba.explorer.drives import Drives
    >>> pool = iz.Pool(100, seed=1)
    >>> pool.drive(pool, 5.0 + iz.noise(2.0))
    >>> drives = Drives(pool)
    >>> drives["noise"] = 1.5
    >>> drives["drive", pool[:50]] = 1.0
    >>> pool.noise_sd[0], pool.external_input[[0, 50]]
    (np.float32(3.0), array([6., 5.], dtype=float32))
    """

    def __init__(self, net: Pool | Network) -> None:
        self._changes = net._engine.changes
        self._whole = dict(_AT_FIRST)
        self._pools = [_Turned(one._population) for one in members_of(net).values() if isinstance(one, Pool)]

    def __setitem__(self, what: str | tuple[str, Any], value: float) -> None:
        name, units = what if isinstance(what, tuple) else (what, None)
        whole = self._whole if units is not None else self._whole | {name: value}
        with self._changes as changes:
            pools = self._pools if units is None else [self._of(units)]
            drafts = [one.draft(name, value, units, whole) for one in pools]
            changes.publish(*(change for one in drafts for change in one.changes))
        self._whole = whole
        for one in drafts:
            one.keep()

    def has(self, name: str, units: Any) -> bool:
        """Whether some of these neurons have noise, or trains."""
        first = self._of(units).first
        there = first.has_noise if name == "noise" else first.has_trains
        return bool(there[units._range].any())

    @property
    def as_left(self) -> bool:
        """Whether nobody else has changed what drives the neurons since."""
        return all(one.as_left for one in self._pools)

    def _of(self, units: Any) -> _Turned:
        return next(one for one in self._pools if one.population is units._population)


class _Turned:
    """What drives the neurons of one pool."""

    def __init__(self, population: Any) -> None:
        self.population = population
        self.first = self.made = population.stimulus
        self.constant = self.first.constant.copy()  # at first
        self.written = self.constant  # last
        self.own = {name: np.full(population.size, value) for name, value in _AT_FIRST.items()}
        self._before: tuple[int, Any] = -1, None  # steps done, and what was there before it was turned then

    @property
    def as_left(self) -> bool:
        now = self.population.stimulus
        return bool(np.array_equal(now.constant, self.written)) and now.drives_as(self.made)

    @property
    def before(self) -> Any:
        """What was there when this moment came: so that it does not matter how often it is turned then."""
        now, (steps, before) = self.population.stimulus, self._before
        moved = now is not self.made or steps != self.population.steps_done
        return now if moved else before

    def draft(self, name: str, value: float, units: Any, whole: dict[str, float]) -> _Draft:
        own = self.own
        if units is not None:
            own = own | {name: own[name].copy()}
            own[name][units._range] = value
        n, draft = self.population.n, _Draft(self, own)
        with np.errstate(over="ignore"):  # the sum is checked
            draft.constant[:n] = self.constant[:n] + (own["drive"][:n] + whole["drive"])
        if name != "drive":
            draft.before = self.before
            noise, trains = own["noise"] * whole["noise"], own["trains"] * whole["trains"]
            draft.stimulus = self.first.turned(draft.before, noise, trains, own["more noise"])
        if not (np.isfinite(draft.constant).all() and draft.stimulus.is_finite):
            kind = self.first.dtype.name
            raise ValueError(
                f"{name}: expected less, as what drives the neurons has to fit {kind}; got {value:g}"
            )
        return draft


class _Draft:
    """What is to drive the neurons of a pool, to be published with that of others."""

    def __init__(self, turned: _Turned, own: dict[str, Array]) -> None:
        self._turned, self._own = turned, own
        self.constant = turned.constant.copy()
        self.stimulus = turned.population.stimulus
        self.before: Any = None

    @property
    def changes(self) -> Iterator[Change]:
        yield Copy(self.stimulus.constant, self.constant)
        yield Assign(self._turned.population, "stimulus", self.stimulus)

    def keep(self) -> None:
        """Take it as what is there."""
        turned = self._turned
        if self.before is not None:
            turned._before = turned.population.steps_done, self.before
        elif self.stimulus is not turned.made:  # time was set back
            turned._before = -1, None
        turned.own, turned.written, turned.made = self._own, self.constant, self.stimulus
