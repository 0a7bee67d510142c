"""What users ask of weights and variables of synapses that runs are to record: checked, and with a name."""

from __future__ import annotations

from typing import Any

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.checks import one_of, short
from izhi_numba.base.clock import whole_steps
from izhi_numba.base.selection import side
from izhi_numba.results.weights import WEIGHT, Weighed
from izhi_numba.synapses.projection import Owner, Projection

_ALL = slice(None)


def variables_of(projection: Projection) -> tuple[str, ...]:
    """Return the names of what can be recorded and drawn of the synapses of a projection."""
    learning = projection.learning
    return (WEIGHT, *learning.rule.states) if learning else (WEIGHT,)


def wish_for(
    projection: Projection, owner: Owner, what: Any, every: Any, pre: Any, post: Any
) -> Weighed | None:
    """Return what is to be recorded of a projection; None: it is not any more.

    Raises
    ------
    IndexError, TypeError, ValueError
    """
    if not isinstance(what, str):
        raise TypeError(
            f"record: expected the name of what to keep, got {short(what)}; an interval is given by its name:"
            " synapses.record(every=100.0)"
        )
    one_of("record", what, variables_of(projection))
    if every is None:
        if pre is not None or post is not None:
            raise ValueError("record: every=None ends it for all synapses; give an interval for some of them")
        return None
    plan, steps = projection.plan, whole_steps("every", every, projection.plan.dt)
    sources = None if pre is None else side("pre", pre, plan.n_pre)
    targets = None if post is None else side("post", post, plan.n_post)
    size = projection.size if pre is post is None else _n_among(projection, sources, targets)
    if not size:
        whence, whither = (_ALL if one is None else one for one in (pre, post))
        raise IndexError(f"record: there is no synapse from {described(whence)} to {described(whither)}")
    return Weighed(projection.number, _name(projection, owner), steps, size, sources, targets, what)


def _n_among(projection: Projection, pre: Array | None, post: Array | None) -> int:
    synapses, wanted = projection.listing(), np.zeros(projection.plan.n_post, np.bool_)
    wanted[slice(None) if post is None else post] = True
    return int(synapses.reaching(synapses.everyone if pre is None else pre, wanted).sum())


def _name(projection: Projection, owner: Owner) -> str:
    """What results call a projection: as before, or by its title, with a number where several have it."""
    known = {one.number: one.name for one in owner.weighed}
    if projection.number in known:
        return known[projection.number]
    alike = [one.number for one in owner.projections if one.title == projection.title]
    place, taken = alike.index(projection.number), set(known.values())
    names = [projection.title, *(f"{projection.title} ({k})" for k in range(2, len(alike) + len(taken) + 2))]
    return next(name for name in names[place:] if name not in taken)


def described(which: Any) -> str:
    """Return neurons of a side of a projection as a few words."""
    if isinstance(which, slice):
        ends = ("" if end is None else str(end) for end in (which.start, which.stop))
        return "any" if which == slice(None) else ":".join(ends)
    return short(which)
