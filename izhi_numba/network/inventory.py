"""The inventory of state: everything that makes a pool or a network what it is, listed in one place.

Two networks with the same inventory go on with the same spikes, to the bit. What follows from it, such as
compiled code, addresses, sums of weights that are under way, or synapses that can be drawn again from the
seed, is not in it.

Each class is listed with the attributes that are state and with those that follow from state; a test fails
where an object has an attribute in neither list. Pools, networks and sources, which take checkpoints by these
lists, put themselves in. What is listed is in checkpoints: see :mod:`izhi_numba.network.state`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from izhi_numba.engine.engine import Engine
from izhi_numba.engine.neurons import Neurons
from izhi_numba.engine.population import Population, Setting
from izhi_numba.engine.sources import GivenSpikes, PoissonTrains
from izhi_numba.engine.stimulus import PoissonRows, Processes, Rows, Stimulus
from izhi_numba.models.model import Model
from izhi_numba.numerics.fingerprint import fingerprint
from izhi_numba.synapses.projection import Projection

# Class -> attributes that are state.
STATE: dict[type, tuple[str, ...]] = {
    Engine: ("setting", "key", "noise_seed", "populations", "projections", "n_removed", "keeping", "weighed"),
    Setting: ("dt", "dtype", "clock"),
    Population: (
        "n", "keys", "interpolated", "number", "name", "began", "named", "arrays", "follows", "random_calls",
        "start",
    ),
    Neurons: ("model", "scheme", "spike_times", "hidden", "stimulus", "silenced"),
    PoissonTrains: ("modulation",),
    GivenSpikes: ("given",),
    Stimulus: ("constant", "key", "dt", "starts", "_kinds", "_processes", "_trains"),
    Rows: ("waveforms", "placed", "amounts"),
    Processes: ("values", "taus", "sds", "streams"),
    PoissonRows: ("ports", "placed", "expected", "weights"),
    Projection: (
        "number", "source", "target", "receptor", "since", "gain", "labels", "pools", "learning",
        "is_learning", "started",
    ),
}  # fmt: skip  # and what its synapses are made of, see below
# Class -> attributes that follow from state, or are the same for all.
DERIVED: dict[type, tuple[str, ...]] = {
    Engine: (
        "changes", "shared", "failure", "free_memory", "_wiring", "_budget", "_is_warm", "_steps", "_scratch",
        "is_stopping", "_call_to_keep", "stream", "lost", "is_loaded", "_weighers",
    ),
    Setting: ("threads", "changes", "doubts", "identity"),
    Population: ("setting", "size", "_start"),
    Neurons: (
        "constants", "_variables", "_fixed", "_outcome", "_crossing", "_pulse", "_driven_by",
        "_update",
    ),
    PoissonTrains: ("_expected", "_fields", "_lister"),
    GivenSpikes: (),
    Stimulus: ("size", "dtype", "tables", "numbers", "fields", "steady"),
    Rows: ("size", "dtype", "extents"),
    Processes: ("size", "dtype"),
    PoissonRows: ("size", "dtype"),
    Projection: ("threads", "shared", "allowed", "place", "written", "removed", "_asked", "_owner", "_count"),
}  # fmt: skip


def inventory(owner: Any) -> dict[str, Any]:
    """Return everything that makes a network, or a pool that is alone, what it is.

    Parameters
    ----------
    owner : Network or Pool

    Returns
    -------
    dict
        Path, as in "populations/0/arrays/v", to an array, a number or a text. Arrays are not copied.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> pool = iz.Pool(3, seed=1)
    >>> inventory(pool)["engine/populations/0/arrays/v"]
    array([-65., -65., -65.], dtype=float32)
    """
    engine = owner._engine
    found = dict(_entries("", owner))
    found |= _entries("engine", engine)
    for population in engine.populations:
        for stamp, units, when in engine.spikes_under_way(population.number):
            place = f"engine/populations/{population.number}/spikes/{stamp}"
            found[f"{place}/units"], found[f"{place}/times"] = units, when
    for projection in engine.projections:
        found |= _synapses(f"engine/projections/{projection.number}", projection)
    return found


def _without_padding(value: Any, population: Population) -> Any:
    """Of an array with an item for each unit, those of units that there are."""
    padded = isinstance(value, np.ndarray) and value.shape == (population.size,)
    return value[: population.n] if padded else value


def _synapses(path: str, projection: Projection) -> Iterator[tuple[str, Any]]:
    """Yield what synapses are drawn from, and themselves where they cannot be drawn again."""
    plan = projection.plan
    yield from _entries(f"{path}/plan", plan.without_given())
    given = plan.given
    learning = projection.learning
    if given or projection.written.by_hand or learning is not None:
        projection.bring_up_to_date()
        for name in learning.rule.states if learning else ():
            yield f"{path}/{name}", projection.variable(name)
        synapses = projection.listing()
        yield f"{path}/weights", projection.base(synapses)
        if given:
            for name, column in zip(
                ("sources", "targets", "delays"), synapses.pairs(synapses.everyone), strict=True
            ):
                yield f"{path}/{name}", column


def attributes(kind: type, table: Mapping[type, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the attributes that a table lists for a class and what it is derived from."""
    return tuple(name for base in kind.__mro__ for name in table.get(base, ()))


def _entries(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield paths and leaves of a value."""
    names = attributes(type(value), STATE)
    if names:
        parts: Mapping[Any, Any] = {name.lstrip("_"): getattr(value, name) for name in names}
    elif isinstance(value, Model):
        parts = {"values": vars(value)} | {"class": type(value)}
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        parts = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        parts["class"] = type(value)
    elif hasattr(value, "_asdict"):
        parts = value._asdict()
    elif isinstance(value, Mapping):
        parts = value
    elif isinstance(value, tuple | list):
        parts = dict(enumerate(value))
    else:
        yield path, _leaf(value)
        return
    for name, part in parts.items():
        entries = _entries(f"{path}/{name}".lstrip("/"), part)
        if isinstance(value, Population):
            entries = ((place, _without_padding(leaf, value)) for place, leaf in entries)
        yield from entries


def _leaf(value: Any) -> Any:
    """A value that can be compared and stored: an array, a number or a text."""
    if value is None or isinstance(value, np.ndarray | np.generic | int | float | str | bytes):
        return value
    if callable(value) and not isinstance(value, type):
        return fingerprint(value)
    return repr(value)
