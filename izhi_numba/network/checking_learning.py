"""Whether what a file tells of synapses that learn can be; see :mod:`izhi_numba.network.checking`.

How many rows a projection has, and how many synapses, is known when it is drawn, and checked there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.kernels.run.log import NEVER
from izhi_numba.models.plasticity import Plasticity, check_limits
from izhi_numba.network.checking import State, is_array, is_whole, require
from izhi_numba.network.planning import LONGEST_DELAY
from izhi_numba.synapses.columns import Columns
from izhi_numba.synapses.learning import AXON, DENDRITE, Learning, LogKey
from izhi_numba.synapses.plan import Plan
from izhi_numba.synapses.remembered import Arriving, Logged, Recent, Remembered

_MOST_ROWS = 3 * LONGEST_DELAY  # of a ring: as many steps as a delay and a lateness have, and some


def check_learning(plan: Plan, known: State, columns: Columns, what: str) -> None:
    """Raise ``ValueError``, or another error, where a projection cannot learn as it is said to.

    ``known``: how it learns now, with other parameters than when it was connected, maybe.
    """
    learning, started, first = known["learning"], known["started"], plan.learning
    require(isinstance(known["is_learning"], bool) and isinstance(started, dict), what)
    if learning is None or first is None:
        require(learning is first and not started and not known["is_learning"], what)
        return
    require(isinstance(first, Learning) and isinstance(learning, Learning), what)
    require(isinstance(first.rule, Plasticity) and type(learning.rule) is type(first.rule), what)
    require(first.delay_at in (DENDRITE, AXON) and replace(learning, rule=first.rule) == first, what)
    require(first.dt == plan.dt and first.dtype == plan.dtype, what)
    for one in (first, learning):
        for name, parameter in one.rule.parameters.items():
            parameter.refuse_impossible(name, one.rule.number(name))
        check_limits(one.rule)
        one.check_numbers()
    for name, values in started.items():
        require(name in learning.rule.states and is_array(values, values.shape, plan.dtype), what)
        require(values.ndim <= 1 and np.isfinite(values).all(), what)
    weights = columns.weights
    if weights.size:
        learning.refuse_weights(what, float(weights.min()), float(weights.max()))


def check_learned(state: State, plans: Mapping[int, Plan]) -> None:
    """Raise ``ValueError``, or another error, where what synapses remember cannot be; projections can."""
    learned, engine = state["learned"], state["engine"]
    now, populations = int(engine["setting"]["clock"][0]), engine["populations"]
    require(learned.keys() == {"remembered", "logs", "sent", "recent"}, "what is remembered")
    known = {one["number"]: one for one in engine["projections"]}
    learning = {
        number: known[number]["learning"] for number in plans if known[number]["learning"] is not None
    }
    numbers = [number for number, _ in learned["remembered"]]
    require(len(numbers) == len({*numbers}) and {*numbers} <= learning.keys(), "who remembers")
    for number, its in learned["remembered"]:
        _check_remembered(its, plans[number], learning[number], now, f"what projection {number} remembers")
    logs, sent, recent = learned["logs"], learned["sent"], learned["recent"]
    require(len(logs) == len(sent) == len(recent) == len(populations), "what is logged")
    listed = [known[number] for number in learning]
    for place, (of_one, its_sent, its_recent, its) in enumerate(
        zip(logs, sent, recent, populations, strict=True)
    ):
        onto = [one for one in listed if one["target"] == place]
        rules = {one["number"]: learning[one["number"]] for one in onto}
        keys = {rules[one["number"]].log_key(one["since"]) for one in onto}
        _check_logs(of_one, rules, keys, its["n"], now, engine["setting"]["dtype"])
        states = {value.state for one in rules.values() for value in one.rule.values.values()}
        _check_recent(its_recent, states, its, engine["setting"]["dtype"])
        # Any receptor: what has sent it may have been removed since.
        receptors = ({*its["model"].receptors} or {""}) if "model" in its else set()
        _check_sent(its_sent, receptors, its["n"], engine["setting"]["dtype"])


def _check_remembered(its: Any, plan: Plan, learning: Learning, now: int, what: str) -> None:
    require(isinstance(its, Remembered), what)
    (n_kept, n_traces), n_rows = learning.shape_of_row, len(its.last)
    require(is_array(its.last, (n_rows, n_kept), np.int64), what)
    require(is_array(its.traces, (n_rows, n_kept, n_traces), plan.dtype), what)
    n_variables = len(learning.rule.states)
    require(its.variables.ndim == 2 and len(its.variables) == n_variables, what)
    require(its.variables.dtype == plan.dtype and np.isfinite(its.variables).all(), what)
    require(np.isfinite(its.traces).all() and (its.traces >= 0).all(), what)
    # Of a spike that arrives later, the steps since these are asked for: they may not be below 0.
    there = its.last != NEVER
    require((its.last[there] >= 0).all() and (its.last < now + plan.least).all(), what)
    _check_signalled(its, learning, now, what)
    if n_kept > 1:
        require((its.last[:, 1] < its.last[:, 0])[there[:, 1]].all(), what)


def _check_signalled(its: Remembered, learning: Learning, now: int, what: str) -> None:
    rule = learning.rule
    hears = rule.hears_signals()
    require(is_whole(its.signalled, 0, now) if hears else its.signalled == -1, what)
    require(is_array(its.modulators, (len(rule.modulators) if hears else 0,), learning.dtype), what)
    require(np.isfinite(its.modulators).all(), what)


def _check_recent(recent: Sequence[Any], states: set[str], its: State, dtype: Any) -> None:
    what = "what targets were"
    require(all(one in its["arrays"] for one in states), what)
    for one in recent:
        require(isinstance(one, Recent) and is_whole(len(one.rows), 1, _MOST_ROWS), what)
        require(is_array(one.rows, (len(one.rows), its["n"]), dtype) and np.isfinite(one.rows).all(), what)
    found = [one.state for one in recent]
    require(len(found) == len({*found}) and {*found} <= states, what)


def _check_logs(
    logs: Sequence[Any], rules: Mapping[int, Learning], keys: set[LogKey], n: int, now: int, dtype: Any
) -> None:
    what, found = "what is logged", list[LogKey]()
    for one in logs:
        require(isinstance(one, Logged) and len(one.taus) == len(one.nearest), what)
        require(one.asked_by == -1 or one.asked_by in rules, what)
        key = one.key(rules)
        found.append(key)
        require(is_array(one.counts, (n,), np.int64) and (one.counts >= 0).all(), what)
        size = len(one.stamps)
        require((one.counts <= size).all() and int(one.counts.sum()) == size, what)
        require(is_array(one.stamps, (size,), np.int64), what)
        require(is_array(one.traces, (size, key.n_numbers), dtype) and np.isfinite(one.traces).all(), what)
        require(key.when is not None or (one.traces >= 0).all(), what)
        require((one.stamps > one.since).all() and (one.stamps <= now).all(), what)
        require((np.diff(one.stamps)[_same(one.counts)] > 0).all(), what)
    require(len(found) == len({*found}) and {*found} <= keys, what)


def _same(counts: Array) -> Array:
    """Whether two spikes that follow each other are of the same neuron."""
    neurons = np.repeat(np.arange(len(counts)), counts)
    same: Array = neurons[1:] == neurons[:-1]
    return same


def _check_sent(sent: Sequence[Any], receptors: set[str], n: int, dtype: Any) -> None:
    what = "what synapses that learn have sent"
    for one in sent:
        require(isinstance(one, Arriving) and is_whole(len(one.sums), 1, 1 + LONGEST_DELAY), what)
        require(is_array(one.sums, (len(one.sums), n), dtype) and np.isfinite(one.sums).all(), what)
    found = [one.receptor for one in sent]
    require(len(found) == len({*found}) and {*found} <= receptors, what)
