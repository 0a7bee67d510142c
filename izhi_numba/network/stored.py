"""What ``store`` returns: the state of a pool or network, kept in memory to be put back into the same one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from izhi_numba.base.changes import Change
from izhi_numba.base.clock import times_of
from izhi_numba.engine.engine import Engine
from izhi_numba.network.state import (
    kept_weights,
    owner_put_back,
    putting_back,
    putting_weights_back,
    state_of,
)
from izhi_numba.synapses.projection import Projection


class Stored:
    """The state of a pool or network at one moment, for ``restore``; nothing of it can be read or changed."""

    __slots__ = ("_engine", "_populations", "_state", "_title", "_weights")

    def __init__(self, owner: Any, title: str) -> None:
        """To be made in one's turn, when all is drawn."""
        engine: Engine = owner._engine
        self._engine, self._title = engine, title
        self._populations = engine.populations
        self._state = state_of(owner)
        self._weights = kept_weights(engine.projections)

    def putting_back(self, owner: Any) -> list[Change]:
        """Prepare that its owner is as it was; refused where pools or connections came or went since."""
        engine: Engine = owner._engine
        if engine is not self._engine:
            raise ValueError(
                f"restore: this was stored by {self._title}, and is put back into that one alone; a copy is"
                " made by copy.deepcopy(net), a file by net.save(path)"
            )
        self._refuse_others(engine)
        weights = putting_weights_back(engine, self._weights)
        return [*weights, *putting_back(engine, self._state), *owner_put_back(owner, self._state["owner"])]

    def _refuse_others(self, engine: Engine) -> None:
        stored = [one.projection for one in self._weights]
        told = [f"pool {one.name!r} was added" for one in engine.populations[len(self._populations) :]]
        for others, what in ((_without(engine.projections, stored), "added"),
                             (_without(stored, engine.projections), "removed")):  # fmt: skip
            told += [f"the connection {' -> '.join(one.labels)} was {what}" for one in others]
        if told:
            raise ValueError(
                f"restore: since this was stored, {', '.join(told)}; variables, inputs and weights are put"
                " back, pools and connections are not: remove what was added by synapses.remove(), or keep"
                " whole copies, by copy.deepcopy(net) or net.save(path)"
            )

    def __repr__(self) -> str:
        t = times_of(int(self._state["engine"]["setting"]["clock"][0]), self._engine.dt)
        return f"<{self._title} at t = {t:g} ms>"

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError("what store() returns cannot be copied or pickled; save a file: pool.save(path)")


def _without(some: Sequence[Projection], others: Sequence[Projection]) -> list[Projection]:
    known = {id(one) for one in others}
    return [one for one in some if id(one) not in known]
