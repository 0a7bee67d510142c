"""A pool or network built from a state: its projections are made and drawn, and then all is put back.

What holds neurons is built by :class:`Pool` and :class:`Network` themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from izhi_numba.base.changes import Assign
from izhi_numba.engine.engine import Engine
from izhi_numba.network.connect import Allowed
from izhi_numba.network.state import State, owner_put_back, putting_back
from izhi_numba.synapses.columns import Columns
from izhi_numba.synapses.plan import Plan
from izhi_numba.synapses.projection import Projection
from izhi_numba.synapses.remembered import Remembered


def fill(owner: Any, state: State, synapses: Sequence[Mapping[str, Any]]) -> None:
    """Give a pool or network that was just built the projections and the state of another one."""
    engine: Engine = owner._engine
    with engine.changes as changes:
        _connect(engine, state["engine"]["projections"], synapses)
        engine.settle()
        for projection, its in zip(engine.projections, synapses, strict=True):
            _finish(projection, its["plan"], its["columns"], by_hand=its["by_hand"])
            _check_rows(projection, dict(state["learned"]["remembered"]).get(projection.number))
        changes.publish(
            *putting_back(engine, state),
            *owner_put_back(owner, state["owner"]),
            Assign(engine, "is_loaded", True),
        )


def _check_rows(projection: Projection, its: Remembered | None) -> None:
    """Refuse what a projection cannot remember, now that its rows are known."""
    assert projection.place is not None
    if its is not None and (
        len(its.last) != projection.place.store.n_rows
        or its.variables.shape[1] != (projection.size if len(its.variables) else 0)
    ):
        raise ValueError(f"what {projection.title} remembers is of other synapses")


def _connect(
    engine: Engine, listed: Sequence[Mapping[str, Any]], synapses: Sequence[Mapping[str, Any]]
) -> None:
    budget, made = engine.budget, list[Projection]()
    for known, its in zip(listed, synapses, strict=True):
        plan = its["columns"].drawable(its["plan"])
        number, source, target = known["number"], known["source"], known["target"]
        projection = Projection(
            plan, number, source, target, known["receptor"], known["since"], engine.threads, engine.shared,
            engine,
        )  # fmt: skip
        projection.labels, projection.pools = known["labels"], known["pools"]
        projection.allowed, projection.gain = Allowed(*its["allowed"]), known["gain"]
        projection.learning, projection.is_learning = known["learning"], known["is_learning"]
        projection.started = known["started"]
        budget = budget.with_projection(plan, source, target, projection.sums, projection.since)
        made.append(projection)
    engine.free_memory.check("the synapses", budget.bytes_to_come, "load it where more is free")
    engine.connect(made, budget)


def _finish(projection: Projection, plan: Plan, columns: Columns, *, by_hand: bool) -> None:
    """Let a projection that is drawn have the weights that could not be, and the plan that was told."""
    place = projection.place
    assert place is not None
    place.store.plans[place.member] = plan
    if columns.has_weights_to_write(plan):
        if len(columns.weights) != projection.size:
            raise ValueError(f"{len(columns.weights)} weights of {projection.size} synapses")
        projection.write(columns.weights)
    projection.shared.changes.publish(
        Assign(projection, "written", replace(projection.written, by_hand=by_hand))
    )
