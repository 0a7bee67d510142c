"""Whether the projections that a file tells can be; see :mod:`izhi_numba.network.checking`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from izhi_numba.base.selection import Chosen
from izhi_numba.connectivity import rules
from izhi_numba.connectivity.distributions import Distribution
from izhi_numba.connectivity.pairs import GivenPairs
from izhi_numba.connectivity.space import InSpace
from izhi_numba.kernels.build import draw, generate
from izhi_numba.kernels.build.words import Random
from izhi_numba.network.checking import State, is_array, is_below, is_whole, require
from izhi_numba.network.checking_learning import check_learned, check_learning
from izhi_numba.network.planning import LONGEST_DELAY, possible_delays
from izhi_numba.results.weights import WEIGHT, Weighed
from izhi_numba.synapses.columns import Columns
from izhi_numba.synapses.plan import Plan, elsewhere

_KINDS = {  # of each class of rules, and what its rows may be
    "Rule": ((draw.ALL, draw.ONE, draw.PROBABILITY, draw.DEGREE), ("sources", "targets")),
    "_TotalNumber": ((draw.DEGREES,), ("sources",)),
    "_SmallWorld": ((draw.RING,), ("sources",)),
    "_ScaleFree": ((draw.WEIGHTED_PLACES,), ("sources",)),
    "InSpace": ((draw.NEAR,), ("sources",)),
    "GivenPairs": ((draw.ALL,), ("list",)),
}


def check_synapses(state: State, synapses: Sequence[State]) -> None:
    """Raise ``ValueError``, or another error, where projections cannot be; the state itself is checked."""
    engine, kinds = state["engine"], state["kinds"]
    listed, n_removed = engine["projections"], engine["n_removed"]
    require(len(listed) == len(synapses) and is_whole(n_removed, 0, 2**31), "the number of projections")
    numbers = [one["number"] for one in listed]
    require(all(is_whole(one, 0, len(listed) + n_removed - 1) for one in numbers), "numbers of projections")
    require(numbers == sorted(set(numbers)), "numbers of projections")
    for known, its in zip(listed, synapses, strict=True):
        _check_one(engine, kinds, known, its)
    plans = {known["number"]: its["plan"] for known, its in zip(listed, synapses, strict=True)}
    _check_weighed(engine["weighed"], plans)
    check_learned(state, plans)


def _check_weighed(weighed: Any, plans: dict[int, Plan]) -> None:
    what = "whose weights are recorded"
    require(isinstance(weighed, tuple) and all(isinstance(one, Weighed) for one in weighed), what)
    found = [(one.number, one.variable) for one in weighed]
    numbers, names = ({getattr(one, key) for one in weighed} for key in ("number", "name"))
    require(found == sorted(set(found)), what)
    require(len(names) == len(numbers) == len({(one.number, one.name) for one in weighed}), what)
    for one in weighed:
        require(one.number in plans and is_whole(one.every, 1) and is_whole(one.size, 1, 2**62), what)
        plan = plans[one.number]
        states = plan.learning.rule.states if plan.learning else {}
        require(one.variable in (WEIGHT, *states), what)
        for side, n in ((one.pre, plan.n_pre), (one.post, plan.n_post)):
            if side is not None:
                require(is_array(side, (len(side),), np.int64) and is_below(side, n), what)
                require((np.diff(side) > 0).all(), what)


def _check_one(engine: State, kinds: Sequence[str], known: State, its: State) -> None:
    what, populations, setting = f"projection {known['number']}", engine["populations"], engine["setting"]
    for side in ("source", "target"):
        require(is_whole(known[side], 0, len(populations) - 1), what)
    require(kinds[known["target"]] == "Neurons", what)
    source, target = populations[known["source"]], populations[known["target"]]
    model, receptor = target["model"], known["receptor"]
    require(receptor in (model.receptors or {"": ""}), what)
    require(is_whole(known["since"], 0, int(setting["clock"][0])), what)
    require(isinstance(known["gain"], float) and math.isfinite(known["gain"]), what)
    for names in (known["labels"], known["pools"]):
        require(
            isinstance(names, tuple) and len(names) == 2 and all(isinstance(one, str) for one in names), what
        )
    _check_allowed(its["allowed"], what)
    plan, columns = its["plan"], its["columns"]
    require(
        isinstance(plan, Plan) and isinstance(columns, Columns) and isinstance(its["by_hand"], bool), what
    )
    require(plan.dt == setting["dt"] and plan.dtype == setting["dtype"], what)
    require(plan.same is (known["source"] == known["target"]), what)
    require(plan.least == int(model.receptors.get(receptor) in model.jumps), what)
    for chosen, n in ((plan.pre, source["n"]), (plan.post, target["n"])):
        _check_chosen(chosen, n, what)
    _check_rule(plan, what)
    _check_values(plan, what)
    columns.check(plan)
    check_learning(plan, known, columns, what)


def _check_allowed(allowed: Any, what: str) -> None:
    receptor, title, unsigned, groups = allowed
    require(isinstance(receptor, str) and isinstance(title, str) and isinstance(unsigned, bool), what)
    for name, neurons, sign in groups:
        require(isinstance(name, str) and isinstance(neurons, slice) and isinstance(sign, str), what)


def _check_chosen(chosen: Chosen, n: int, what: str) -> None:
    if isinstance(chosen, slice):
        require(is_whole(chosen.stop, 1, n) and is_whole(chosen.start, 0, chosen.stop - 1), what)
        return
    require(chosen.dtype == np.int64 and chosen.ndim == 1 and len(chosen), what)
    require(chosen.min() >= 0 and chosen.max() < n and len(np.unique(chosen)) == len(chosen), what)


def _check_rule(plan: Plan, what: str) -> None:
    rule, random = plan.rule, plan.random
    kinds, rows = _KINDS[type(rule).__name__]
    require(rule.kind in kinds and rule.rows in rows, what)
    require(rule.rows == "sources" or rule.kind in (draw.DEGREE, draw.ALL), what)
    require(isinstance(random, Random) and all(isinstance(one, np.uint32) for one in random), what)
    require(is_whole(rule.degree, 0, 2**31) and 0 <= rule.probability <= 1, what)
    if rule.degrees is not None:
        low, high = rule.degrees.bounds()
        require(rule.kind == draw.DEGREE and low >= 0 and high < rule.degree + 0.5, what)
        _check_numbers(rule.degrees.values, what)
    if isinstance(rule, GivenPairs):
        require(is_whole(rule.total, 0, 2**62), what)
        return
    if isinstance(rule, InSpace):
        _check_space(rule, what)
    if isinstance(rule, rules._TotalNumber):
        require(is_whole(rule.total, 0, 2**32 - 1), what)
    if isinstance(rule, rules._ScaleFree):
        require(rule.exponent > 2, what)
    rule.check(plan.pre if plan.same else elsewhere(plan.pre), plan.post)


def _check_space(rule: InSpace, what: str) -> None:
    for side, size in zip((rule.sources, rule.targets), rule.sizes or (), strict=True):
        require(side.shape == (size, 3) and side.dtype == np.float64 and np.isfinite(side).all(), what)
    require(rule.period.shape == (3,) and (rule.period >= 0).all() and rule.reach >= 0, what)
    require(rule.period.dtype == np.float64 and np.isfinite(rule.period).all(), what)
    require(rule.profile.kind in (0, 1, 2) and 0 <= rule.profile.peak <= 1 and rule.profile.scale > 0, what)


def _check_values(plan: Plan, what: str) -> None:
    weight, delay, delays = plan.weight, plan.delay, plan.delays
    for values in (weight, delay):
        _check_numbers(values, what)
        require(values.given.size == 0, what)
    require(weight.kind != generate.BY_DISTANCE, what)
    require(
        delays.dtype == np.int64 and delays.ndim == 1 and len(delays) and (np.diff(delays) > 0).all(), what
    )
    require(delays[0] >= 0 and delays[-1] <= LONGEST_DELAY and delays[0] >= plan.least, what)
    if delay.kind == generate.GIVEN:
        return
    drawn = delay if delay.kind == generate.CONSTANT else Distribution("", *delay[:-1])
    if delay.kind == generate.BY_DISTANCE:
        require(isinstance(plan.rule, InSpace), what)
        assert isinstance(plan.rule, InSpace)
        require(drawn.second * (1 + 1e-9) >= drawn.first + plan.rule.farthest * drawn.low, what)
    possible = np.unique(np.maximum(possible_delays(drawn, delay, plan.dt), plan.least))
    require(np.array_equal(possible, delays), what)


def _check_numbers(values: generate.Values, what: str) -> None:
    numbers = values[1:-1]
    require(
        isinstance(values.kind, int) and generate.BY_DISTANCE <= values.kind <= generate.EXPONENTIAL, what
    )
    require(all(isinstance(one, float) and not math.isnan(one) for one in numbers), what)
    require(all(map(math.isfinite, (values.first, values.second, values.scale, values.shift))), what)
