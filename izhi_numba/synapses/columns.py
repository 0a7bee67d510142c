"""The synapses of a projection in few bytes, whatever rows they lie in; and drawn again from them.

What follows from the seed is not among them: of most projections there are no columns at all. Where weights
alone were given or written, there are weights; where pairs were, a target takes two or three bytes, a delay
one, if there are several, and a weight four, if they differ.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.connectivity.pairs import GivenPairs
from izhi_numba.kernels.build import generate
from izhi_numba.synapses.listing import Listing
from izhi_numba.synapses.plan import Plan
from izhi_numba.synapses.projection import Projection

_LOW = 16  # bits of a target that are kept apart from the others
_NOTHING = np.zeros(0, np.uint8)


class Columns(NamedTuple):
    """What cannot be drawn of a projection, in the order of its listing; empty where it can be."""

    counts: Array = _NOTHING  # synapses of each source
    low: Array = _NOTHING  # uint16, the low bits of the place of a target
    high: Array = _NOTHING  # the others; empty where they are 0
    delays: Array = _NOTHING  # place among the possible delays; empty where there is one
    weights: Array = _NOTHING  # without the gain

    def check(self, plan: Plan) -> None:
        """Raise ``ValueError`` where they do not suit what was asked for."""
        size = len(self.low)
        if _has_pairs(plan):
            wrong = (
                len(self.counts) != plan.n_pre
                or int(self.counts.sum(dtype=np.uint64)) != size
                or len(self.high) not in (0, size)
                or len(self.delays) != (size if len(plan.delays) > 1 else 0)
                or int(self._targets.max(initial=0)) >= plan.n_post
                or int(self.delays.max(initial=0)) >= len(plan.delays)
                or any(one.dtype.kind != "u" for one in self[:4] if one.size)
            )
            wrong = wrong or (plan.weighted and len(self.weights) != size)
        else:
            wrong = any(len(one) for one in self[:4])
        wrong = wrong or bool(self.weights.size and self.weights.dtype != plan.dtype)
        if wrong or not np.isfinite(self.weights).all():
            raise ValueError("synapses that do not suit their projection")

    @property
    def _targets(self) -> Array:
        targets = self.low.astype(np.int32)
        if len(self.high):
            targets |= self.high.astype(np.int32) << _LOW
        return targets

    def drawable(self, plan: Plan) -> Plan:
        """Return a plan that can be drawn, of the same synapses; weights that are lost are to be written."""
        weights = plan.weight
        if not _has_pairs(plan):
            if weights.kind == generate.GIVEN:
                weights = generate.Values(generate.UNIFORM, 0.0)
            delay = plan.delay
            if delay.kind == generate.GIVEN:
                delay = generate.Values(generate.CONSTANT, float(plan.delays[0] * plan.dt))
            return replace(plan, weight=weights, delay=delay)
        sources = np.repeat(np.arange(plan.n_pre, dtype=np.int32), self.counts)
        total = plan.expected_synapses  # as before, so that sums are taken in the same way
        rule = GivenPairs(plan.rule.name, "list", pre=sources, post=self._targets, total=total)
        if plan.weighted:
            weights = generate.Values(generate.GIVEN, 0.0, given=self.weights.astype(np.float64))
        steps = plan.delays[self.delays] if len(self.delays) else plan.delays[:1]
        delay = generate.Values(generate.CONSTANT, float(steps[0] * plan.dt))
        if len(self.delays):
            delay = generate.Values(generate.GIVEN, 0.0, given=steps * plan.dt)
        return replace(plan, rule=rule, weight=weights, delay=delay)

    def has_weights_to_write(self, plan: Plan) -> bool:
        """Whether what is drawn from them has other weights."""
        return bool(len(self.weights)) and not (_has_pairs(plan) and plan.weighted)


def columns_of(projection: Projection) -> Columns:
    """Return what cannot be drawn again of a projection, as arrays that are new."""
    plan = projection.plan
    if not plan.given and not projection.written.by_hand and plan.learning is None:
        return Columns()
    synapses, found = projection.held_listing(), Columns()
    if projection.written.by_hand or plan.weighted:
        found = found._replace(weights=projection.base(synapses))
    return _with_pairs(found, synapses, plan) if _has_pairs(plan) else found


def _has_pairs(plan: Plan) -> bool:
    """Whether pairs, or which of them has which delay, were given."""
    return plan.rule.rows == "list" or (plan.delay.kind == generate.GIVEN and len(plan.delays) > 1)


def _with_pairs(columns: Columns, synapses: Listing, plan: Plan) -> Columns:
    """Add pairs and delays, which are listed in portions, as they take much room there."""
    counts = synapses.sizes(synapses.everyone)
    size, begin = int(counts.sum()), 0
    low, high = np.empty(size, np.uint16), np.empty(0, np.uint8)
    if plan.n_post > 1 << _LOW:
        high = np.empty(size, np.min_scalar_type((plan.n_post - 1) >> _LOW))
    several = len(plan.delays) > 1
    delays = np.empty(size if several else 0, np.min_scalar_type(len(plan.delays) - 1))
    for some in synapses.in_portions(synapses.everyone):
        _, targets, steps = synapses.pairs(some)
        end = begin + len(targets)
        low[begin:end] = targets & 0xFFFF
        if len(high):
            high[begin:end] = targets >> _LOW
        if several:
            delays[begin:end] = np.searchsorted(plan.delays, steps)
        begin = end
    return columns._replace(counts=_small(counts), low=low, high=high, delays=delays)


def _small(numbers: Array) -> Array:
    """The same whole numbers in as few bytes as they take."""
    return numbers.astype(np.min_scalar_type(int(numbers.max(initial=0))))
