"""The state of a pool or network: taken by the lists of the inventory, and put back by them.

What is taken is a tree of dictionaries, by the names of attributes, with copies of all arrays that change in
place; models, waveforms and other values that nobody changes are taken as they are. The units that arrays are
padded with are left out.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.changes import Assign, Change, Copy, Item
from izhi_numba.engine.engine import Engine, Moment, Ruled
from izhi_numba.engine.fields import Placed
from izhi_numba.engine.population import Population, Start, next_of
from izhi_numba.engine.sources import Given
from izhi_numba.engine.stimulus import PoissonRows, Processes, Rows, Stimulus
from izhi_numba.network.inventory import STATE, attributes
from izhi_numba.synapses.columns import columns_of
from izhi_numba.synapses.projection import Projection, Written
from izhi_numba.synapses.store import KeptContents

_AS_THEY_ARE = (Placed, Given)  # whose arrays nobody writes to

State = dict[str, Any]


def state_of(owner: Any) -> State:
    """Return the state of a pool alone or a network, its synapses left out; to be called in one's turn."""
    engine: Engine = owner._engine
    learned = engine.remembered()
    return {
        "learned": learned | {"remembered": [*learned["remembered"].items()]},
        "owner": _taken(owner),
        "engine": _taken(engine),
        "identity": engine.setting.identity,
        "kinds": [type(one).__name__ for one in engine.populations],
        "spikes": [engine.spikes_under_way(one.number) for one in engine.populations],
    }


def synapses_of(projection: Projection) -> State:
    """Return what a projection was drawn from, and what cannot be drawn again."""
    return {
        "plan": projection.plan.without_given(),
        "allowed": tuple(vars(projection.allowed).values()),
        "by_hand": projection.written.by_hand,
        "columns": columns_of(projection),
    }


def _taken(value: Any, size: int = -1, n: int = -1) -> Any:
    """Return a value as it is now; of arrays with ``size`` items, the first ``n``."""
    names = attributes(type(value), STATE)
    if isinstance(value, Population):
        size, n = value.size, value.n
    if names:
        return {name: _taken(getattr(value, name), size, n) for name in names}
    if isinstance(value, np.ndarray):
        return (value[:n] if value.shape == (size,) else value).copy()
    if isinstance(value, itertools.count):
        return next_of(value)
    if isinstance(value, dict):
        return {name: _taken(part, size, n) for name, part in value.items()}
    if isinstance(value, list):
        return [_taken(part, size, n) for part in value]
    if isinstance(value, tuple) and not isinstance(value, _AS_THEY_ARE):
        parts = [_taken(part, size, n) for part in value]
        return type(value)._make(parts) if hasattr(value, "_make") else tuple(parts)
    return value


def moment_of(state: State) -> Moment:
    """Return where an engine stood."""
    engine = state["engine"]
    return Moment(
        int(engine["setting"]["clock"][0]), engine["noise_seed"], state["identity"],
        {one["number"]: one["since"] for one in engine["projections"]},
        {
            one["number"]: Ruled(one["learning"], one["is_learning"], one["started"])
            for one in engine["projections"]
        },
        [one["keys"].noise for one in engine["populations"]], state["spikes"],
        **(state["learned"] | {"remembered": dict(state["learned"]["remembered"])}),
    )  # fmt: skip


def putting_back(engine: Engine, state: State) -> list[Change]:
    """Prepare that populations and clock are as they were; the engine is settled, and has the same ones."""
    found = state["engine"]
    changes: list[Change] = [
        Assign(engine, "n_removed", found["n_removed"]), Assign(engine, "keeping", found["keeping"]),
        Assign(engine, "weighed", found["weighed"]),
    ]  # fmt: skip
    for population, its in zip(engine.populations, found["populations"], strict=True):
        changes += _population(population, its)
        if not _same(getattr(population, "silenced", None), its.get("silenced"), population.n):
            engine.shared.contents += 1  # so that it is wired anew
    return [*changes, *engine.moved(moment_of(state))]


def _population(population: Population, its: Mapping[str, Any]) -> list[Change]:
    changes, n = population.emptied(), population.n
    for name in attributes(type(population), STATE):
        now, then = getattr(population, name), its[name]
        if isinstance(now, Stimulus):
            changes += [Copy(now.constant[:n], then["constant"])]
            changes += [Assign(population, name, _stimulus(now, then))]
        elif name == "start":
            changes.append(Assign(population, "_start", _start(population, then)))
        elif isinstance(now, itertools.count):
            changes.append(Assign(population, name, itertools.count(then)))
        elif isinstance(now, dict) and now and all(isinstance(one, np.ndarray) for one in now.values()):
            changes += [Copy(array[:n], then[one]) for one, array in now.items()]  # which users hold
        else:
            changes.append(Assign(population, name, padded(then, n, population.size)))
    return changes


def padded(value: Any, n: int, size: int) -> Any:
    """Return an array of ``n`` items with as many as it had, and other values as they are."""
    if not isinstance(value, np.ndarray) or value.shape != (n,):
        return value
    whole = np.zeros(size, value.dtype)
    whole[:n] = value
    return whole


def _start(population: Population, then: Start) -> Start:
    arrays = {name: array.copy() for name, array in population.moving().items()}
    for name, array in arrays.items():
        array[: population.n] = then.arrays[name]
    return Start(arrays, then.n_random)


def _stimulus(now: Stimulus, then: Mapping[str, Any]) -> Stimulus:
    """Return a stimulus as it was, with the constant input that users hold."""
    size, n = now.size, len(then["constant"])

    def made(kind: Any, parts: Mapping[str, Any]) -> Any:
        whole = {
            name: [padded(row, n, size) for row in rows] if isinstance(rows, list) else rows
            for name, rows in parts.items()
        }
        return kind(size, now.dtype, **whole)

    kinds = tuple(made(Rows, one) for one in then["_kinds"])
    processes, trains = made(Processes, then["_processes"]), made(PoissonRows, then["_trains"])
    return Stimulus(now.constant, then["key"], then["dt"], kinds, processes, trains, then["starts"])


class KeptWeights(NamedTuple):
    """A projection, and what its weights were."""

    projection: Projection
    gain: float
    written: Written
    contents: KeptContents  # of the store, of all that lie there

    def put_back(self) -> list[Change]:
        """Prepare that it has them again."""
        one = self.projection
        return [
            Item(one.shared.gains, one.number, None), Assign(one, "gain", self.gain),
            Assign(one, "written", self.written), Item(one.shared.gains, one.number, None),
        ]  # fmt: skip


def owner_put_back(owner: Any, its: Mapping[str, Any]) -> list[Change]:
    """Prepare that what a pool or network has beside its engine is as it was."""
    changes = list[Change]()
    for name in attributes(type(owner), STATE):
        if isinstance(its[name], dict):
            for key, member in getattr(owner, name).items():
                changes += owner_put_back(member, its[name][key])
        else:
            changes.append(Assign(owner, name, its[name]))
    return changes


def kept_weights(projections: Sequence[Projection]) -> list[KeptWeights]:
    """Keep the weights of projections that are drawn: in no memory, until they are written to."""
    contents: dict[int, KeptContents] = {}
    kept = []
    for one in projections:
        assert one.place is not None
        store = one.place.store
        if id(store) not in contents:
            contents[id(store)] = KeptContents(store)
        kept.append(KeptWeights(one, one.gain, one.written, contents[id(store)]))
    return kept


def putting_weights_back(engine: Engine, kept: Sequence[KeptWeights]) -> list[Change]:
    """Prepare that all projections have the weights that were kept."""
    contents = {id(one.contents): one.contents for one in kept}
    changes = [change for one in contents.values() for change in one.put_back()]
    changes += [change for one in kept for change in one.put_back()]
    if any(one.contents is not one.store.contents for one in contents.values()):
        engine.shared.contents += 1  # so that it is wired anew
    return changes


def _same(one: Array | None, other: Array | None, n: int) -> bool:
    """Whether the first items of two arrays are equal, or both are missing."""
    if one is None or other is None:
        return one is other
    return np.array_equal(one[:n], other[:n])
