"""From the arguments of ``connect`` to a projection: checked, and known to fit, before anything is taken."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from izhi_numba.base import checks
from izhi_numba.connectivity.distributions import Distribution
from izhi_numba.connectivity.pairs import by_source, from_scipy
from izhi_numba.connectivity.rules import Rule, fixed_outdegree
from izhi_numba.connectivity.space import distance_dependent
from izhi_numba.engine.engine import Engine
from izhi_numba.engine.neurons import Neurons
from izhi_numba.kernels.build import generate
from izhi_numba.kernels.build.words import Random
from izhi_numba.models.plasticity import Plasticity, check_limits
from izhi_numba.models.usual import doubt_of_weight
from izhi_numba.models.validation import try_out_rule
from izhi_numba.network.groups import Variables, label, signs
from izhi_numba.network.learned import refuse_missing, refuse_taken
from izhi_numba.network.planning import plan
from izhi_numba.network.synapses import Synapses
from izhi_numba.synapses.learning import AXON, DENDRITE, Learning
from izhi_numba.synapses.plan import Plan
from izhi_numba.synapses.projection import Projection

_MOST_SUMS = 2**31  # that a number of 32 bits tells, with those that pools are padded with
_A_LITTLE = 1e-6  # of a step: what a decimal may be off
_RECEPTORS = "a name, or names with factors, such as {'ampa': 1.0, 'nmda': 0.4}"
_OF_RULES = tuple(one.__module__ for one in (fixed_outdegree, from_scipy, distance_dependent))


@dataclass(frozen=True)
class Allowed:
    """Which signs the weights of a projection may have; it holds no pool, which would outlive its user."""

    receptor: str
    target: str
    unsigned: bool
    groups: tuple[tuple[str, slice, str], ...]

    def check(self, low: float, high: float, *, drawn: bool = False) -> None:
        """Refuse weights of another sign than the group's they come from, or that a receptor cannot take.

        ``drawn``: by a distribution, which may be given bounds.
        """
        told = f"weights from {low:g} to {high:g}" if low < high else f"the weight {low:g}"
        if self.unsigned:
            if low < 0:
                raise ValueError(
                    f"weight: receptor {self.receptor!r} of {self.target} is a conductance, which cannot be"
                    f" negative, got {told}; inhibition is in its reversal potential"
                    + ("; give the distribution low=0, or .clip(low=0)" if drawn else "")
                )
            return
        for name, group, sign in self.groups:
            wrong = high > 0 if sign == "inhibitory" else low < 0
            if wrong:
                kind = "0 or less" if sign == "inhibitory" else "0 or more"
                raise ValueError(
                    f"weight: group {name!r} ({group.start} to {group.stop - 1}) is {sign}: expected weights"
                    f" of {kind}, got {told}; give a distribution bounds with low= or high=, or with"
                    " .clip()"
                )


def _allowed(pre: Variables, post: Variables, receptor: str) -> Allowed:
    unsigned = receptor in post._population.model.unsigned_receptors
    return Allowed(receptor, post._title, unsigned, tuple(signs(pre)))


def check_sign(post: Variables, receptor: str, low: float, high: float) -> None:
    """Refuse weights, from no group, that a receptor cannot take."""
    unsigned = receptor in post._population.model.unsigned_receptors
    Allowed(receptor, post._title, unsigned, ()).check(low, high)


def connect(
    engine: Engine,
    pre: Variables,
    post: Variables,
    rule: Any,
    weight: Any,
    delay: Any,
    receptor: Any,
    plasticity: Any = None,
    delay_at: Any = None,
) -> dict[str, Synapses]:
    """Add a projection to an engine, or one for each of several receptors; see ``Pool.connect``."""
    factors = factors_of(post, receptor)
    learning = learning_of(engine, plasticity, delay_at)
    plans = planned(engine, pre, post, rule, weight, delay, factors, learning)
    source, target = pre._population.number, post._population.number
    budget, made = engine.budget, list[Projection]()
    for (fed, factor), wanted in zip(factors.items(), plans, strict=True):
        allowed, number = _allowed(pre, post, fed), engine.next_number + len(made)
        allowed.check(*weight_bounds(wanted, factor), drawn=wanted.weight.kind > generate.GIVEN)
        if learning is not None:
            learning.refuse_weights("weight", *weight_bounds(wanted, 1.0))
        budget = budget.with_projection(wanted, source, target, wanted.sums(fed, number), engine.steps_done)
        projection = Projection(
            wanted, number, source, target, fed, engine.steps_done, engine.threads, engine.shared, engine
        )  # fmt: skip
        projection.labels = label(pre), label(post)
        projection.pools = pre._population.name, post._population.name
        projection.allowed, projection.gain = allowed, factor
        projection.refuse_gain(f"receptor: {fed}", factor)
        made.append(projection)
    for one, wanted in zip(made, plans, strict=True):
        for what, message in _doubts(wanted, post, one.receptor, one.gain):
            engine.setting.doubts.tell((post._population.number, what), message)
    if learning is not None and (message := _doubt_of_ticks(learning)):
        engine.setting.doubts.tell(message, message)
    engine.free_memory.check(
        f"the synapses of {plans[0].rule.name}, with what is to be drawn before the next run and the history"
        " of spikes for their delays,",
        budget.bytes_to_come,
        "connect fewer, use one weight for all, or shorter delays",
    )
    engine.connect(made, budget)
    return {one.receptor: Synapses(one) for one in made}


def _doubts(wanted: Plan, post: Variables, receptor: str, factor: float) -> Iterator[tuple[str, str]]:
    """Doubts about weights and delays."""
    if message := doubt_of_weight(post._population.model, receptor, *weight_bounds(wanted, factor)):
        yield f"weight {receptor}", message
    delay, dt = wanted.delay, wanted.dt
    if delay.kind == generate.CONSTANT:
        taken = int(wanted.delays[0]) * dt
        if delay.first > 0 and abs(delay.first - taken) > _A_LITTLE * dt:
            message = f"{delay.first:g} ms is no multiple of dt = {dt:g} ms, and becomes {taken:g} ms"
            yield f"delay {delay.first}", f"delay: {message}"
    elif wanted.too_short:
        taken = wanted.least * dt
        yield "delay", f"delay: all delays become {taken:g} ms in steps of {dt:g} ms; delays are in ms"


def _doubt_of_ticks(learning: Learning) -> str:
    """Doubt about an interval that is no multiple of the step; empty if there is none."""
    rule, dt = learning.rule, learning.dt
    if rule.on_tick is None:
        return ""
    interval = rule.tick_interval()
    taken = max(1, round(interval / dt)) * dt
    if abs(interval - taken) <= _A_LITTLE * dt:
        return ""
    title = f"interval of {type(rule).__name__}"
    return f"{title}: {interval:g} ms is no multiple of dt = {dt:g} ms, and becomes {taken:g} ms"


def planned(
    engine: Engine, pre: Variables, post: Variables, rule: Any, weight: Any, delay: Any,
    receptors: Iterable[str], learning: Learning | None = None,
) -> list[Plan]:  # fmt: skip
    """Check rule, weights and delays, and say what would be built for each receptor: of the same synapses."""
    mended = _mended(rule)
    if mended:
        raise TypeError(f"rule: {mended}")
    if callable(rule) and not isinstance(rule, type):
        rule = by_source(rule, len(pre), len(post))
    if not isinstance(rule, Rule):
        raise TypeError(
            "rule: expected a rule such as iz.fixed_outdegree(100), or a function of a source, got"
            f" {checks.short(rule)}"
        )
    key, stream = engine.key, np.uint32(engine.next_number)
    known, plans = _neurons_of(post).model, dict[int, Plan]()
    if learning is not None:
        refuse_missing(learning.rule, known, post._title)
    least_of = [int(known.receptors.get(one) in known.jumps) for one in receptors]
    for least in {*least_of}:
        plans[least] = plan(
            pre._range, post._range, rule, weight, delay, same=pre._population is post._population,
            least=least, dt=engine.dt, dtype=engine.dtype, random=Random(key[0], key[1], stream),
            learning=learning,
        )  # fmt: skip
        if learning is not None:
            _refuse_many_sums(plans[least], _neurons_of(post).n)
    return [plans[least] for least in least_of]


def _refuse_many_sums(plan: Plan, n: int) -> None:
    """Refuse more sums of what is to arrive than visits to synapses that learn can count."""
    longest, learning = int(plan.delays[-1]), plan.learning
    if learning is None or not learning.is_dendritic or plan.dtype.itemsize > 4:
        return
    if n * (longest + 1) > _MOST_SUMS:
        raise ValueError(
            f"delay: what arrives within {longest * plan.dt:g} ms is added up for each of {n} neurons and"
            f" each step, {n * (longest + 1):.2g} numbers; synapses that learn have {_MOST_SUMS:.2g} at most:"
            " take shorter delays, smaller pools, or delay_at='axon'"
        )


def learning_of(engine: Engine, plasticity: Any, delay_at: Any) -> Learning | None:
    """How synapses learn, checked; None: they do not."""
    if delay_at is not None and not (isinstance(delay_at, str) and delay_at in (DENDRITE, AXON)):
        raise ValueError(f"delay_at: expected 'dendrite' or 'axon', got {checks.short(delay_at)}")
    if plasticity is None:
        if delay_at is not None:
            raise ValueError(
                "delay_at: it says where the delay of synapses is that learn; give plasticity= as well"
            )
        return None
    if isinstance(plasticity, type) and issubclass(plasticity, Plasticity):
        plasticity = plasticity()
    if not isinstance(plasticity, Plasticity):
        raise TypeError(f"plasticity: expected a rule such as iz.PairSTDP(), got {checks.short(plasticity)}")
    refuse_taken(plasticity, [one for one in dir(Synapses) if not one.startswith("_")])
    check_limits(plasticity)
    try_out_rule(plasticity, engine.dt)
    learning = Learning(plasticity, delay_at or DENDRITE, engine.dt, engine.dtype)
    learning.check_numbers()
    return learning


def _mended(rule: Any) -> str:
    """What to write instead of what is nearly a rule."""
    if getattr(rule, "__module__", None) in _OF_RULES and inspect.isfunction(rule):
        needed = [one for one in inspect.signature(rule).parameters.values() if one.default is one.empty]
        call = f"iz.{rule.__name__}({', '.join(one.name for one in needed)})"
        return f"got the function {rule.__name__} itself; write {call}"
    if hasattr(rule, "tocoo"):
        return "got a sparse matrix; write iz.from_scipy(matrix)"
    if isinstance(rule, np.ndarray):
        return (
            f"got {checks.short(rule)}; write iz.from_arrays(pre, post) for the indices of neurons, or"
            " iz.from_scipy(scipy.sparse.coo_array(matrix)) for a matrix of weights"
        )
    if hasattr(rule, "is_directed") and hasattr(rule, "edges"):
        return "got a graph; write iz.from_networkx(graph)"
    return ""


def bytes_of(
    engine: Engine,
    pre: Variables,
    post: Variables,
    rule: Any,
    weight: Any,
    delay: Any,
    receptor: Any,
    plasticity: Any = None,
    delay_at: Any = None,
) -> int:
    """Bytes that ``connect`` takes at most: synapses, sums, work space, and the history for delays."""
    factors = factors_of(post, receptor)
    learning = learning_of(engine, plasticity, delay_at)
    plans = planned(engine, pre, post, rule, weight, delay, factors, learning)
    asked = [
        (wanted, wanted.sums(fed, engine.next_number + number))
        for number, (fed, wanted) in enumerate(zip(factors, plans, strict=True))
    ]
    return engine.budget.bytes_of(asked, pre._population.number, post._population.number, engine.steps_done)


def factors_of(post: Variables, receptor: Any) -> dict[str, float]:
    """Receptors that weights go to, and the factor on the weights of each; see ``receptor_of``."""
    if not isinstance(receptor, Mapping):
        return {receptor_of(post, receptor): 1.0}
    if not receptor:
        raise ValueError(f"receptor: expected {_RECEPTORS}, got {receptor!r}")
    return {
        receptor_of(post, name): checks.finite_number(f"receptor: the factor of {name!r}", factor)
        for name, factor in receptor.items()
    }


def receptor_of(post: Variables, receptor: str | None) -> str:
    """Name of the receptor that weights go to; empty for the pulse of a pool without receptors."""
    known = _neurons_of(post).model.receptors
    there = f"it has {', '.join(map(repr, known))}" if known else "it has none: weights are added to I"
    if receptor is None:
        if len(known) > 1:
            raise ValueError(f"receptor: {post._title} has several, {', '.join(map(repr, known))}; say which")
        return next(iter(known), "")
    if not isinstance(receptor, str):
        raise TypeError(f"receptor: expected {_RECEPTORS}, got {checks.short(receptor)}; {there}")
    if receptor not in known:
        raise ValueError(f"receptor: no {receptor!r} in {post._title}; {there}")
    return receptor


def _neurons_of(post: Variables) -> Neurons:
    """What can be connected to."""
    if not isinstance(post._population, Neurons):
        raise TypeError(f"post: {post._title} only sends spikes; connect from it, not to it")
    return post._population


def weight_bounds(wanted: Plan, factor: float) -> tuple[float, float]:
    """The smallest and the largest weight, times a factor."""
    weight = wanted.weight
    if weight.kind == generate.CONSTANT:
        bounds = weight.first, weight.first
    elif weight.kind == generate.GIVEN:
        bounds = float(weight.given.min(initial=0)), float(weight.given.max(initial=0))
    else:
        bounds = Distribution("", *weight[:-1]).bounds()
    low, high = sorted(one * factor + 0.0 for one in bounds)
    return low, high
