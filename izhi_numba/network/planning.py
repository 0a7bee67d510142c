"""From the rule, weights and delays of ``connect`` to a plan: checked, before anything is drawn."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.checks import as_array, values_for
from izhi_numba.base.clock import rounded_steps
from izhi_numba.base.selection import Chosen, size_of
from izhi_numba.connectivity.distributions import Distribution
from izhi_numba.connectivity.rules import Rule
from izhi_numba.kernels.build import generate
from izhi_numba.kernels.build.words import Random
from izhi_numba.synapses.learning import Learning
from izhi_numba.synapses.plan import Plan, elsewhere

LONGEST_DELAY = 2**20  # steps
_PLAIN = 1e30  # numbers of Python below it are finite in any precision


def plan(
    pre: Chosen,
    post: Chosen,
    rule: Rule,
    weight: Any,
    delay: Any,
    *,
    same: bool,
    least: int,
    dt: float,
    dtype: np.dtype[Any],
    random: Random,
    learning: Learning | None = None,
) -> Plan:
    """Check the arguments of ``connect`` and say what would be built.

    ``same``: within one pool; ``least``: steps that a delay has at least, shorter ones are so long.
    """
    n_pre, n_post = size_of(pre), size_of(post)
    rule.check(pre if same else elsewhere(pre), post)
    weight = _either("weight", weight, rule.weight, rule, default=1.0)
    delay = _either("delay", delay, rule.delay, rule, default=0.0)
    weights = _values("weight", weight, rule, n_pre, n_post, dtype)
    delay = _in_double(delay, dt)
    delays = _values("delay", delay, rule, n_pre, n_post, np.dtype(np.float64))
    steps = possible_delays(delay, delays, dt)
    too_short = not steps[-1] and _longest(delay, delays) > 0
    if least:
        steps = np.unique(np.maximum(steps, least))
    return Plan(
        pre, post, same, rule, weights, delays, steps, least, too_short, dt, dtype, random, learning
    )  # fmt: skip


def _either(name: str, here: Any, there: Any, rule: Rule, default: float) -> Any:
    if here is not None and there is not None:
        raise ValueError(f"{name}: given twice, to connect and to {rule.name}; give it once")
    return rule.resolve(name, here if here is not None else there if there is not None else default)


def _values(
    name: str, value: Any, rule: Rule, n_pre: int, n_post: int, dtype: np.dtype[Any]
) -> generate.Values:
    if isinstance(value, Distribution):
        if not max(map(abs, value.bounds())) <= float(np.finfo(dtype).max):
            raise ValueError(f"{name}: {value!r} reaches beyond the range of {dtype.name}")
        return value.values
    if type(value) in (float, int) and abs(value) < _PLAIN:
        return _constant(float(dtype.type(value)), math.copysign(1.0, value))
    shape = rule.shape_of_values(n_pre, n_post)
    given = as_array(value)
    if given.ndim == 0 and given.dtype.kind in "fiu":
        number = float(values_for(name, value, 1, dtype))
        return generate.Values(generate.CONSTANT, number)
    if shape is None and given.ndim:
        raise ValueError(
            f"{name}: {rule.name} draws the number of its synapses: give a number or a distribution,"
            f" got shape {given.shape}"
        )
    if given.shape != shape or given.dtype.kind not in "fiu":
        wanted = "" if shape is None else f" or values of shape {shape} for {rule.name}"
        got = f"shape {given.shape}" if given.ndim else repr(value)
        raise ValueError(f"{name}: expected a number, a distribution{wanted}, got {got}")
    flat = values_for(name, given.ravel(), given.size, dtype).astype(np.float64)
    return generate.Values(generate.GIVEN, 0.0, given=flat)


@functools.lru_cache(maxsize=1024)
def _constant(number: float, sign: float) -> generate.Values:
    """The same value of all synapses; one object, as many projections have the same."""
    del sign  # which tells 0 from -0
    return generate.Values(generate.CONSTANT, number)


def possible_delays(delay: Any, values: generate.Values, dt: float) -> Array:
    """Return the delays that may occur, in steps, ascending; ``delay`` is what ``values`` were made of."""
    if isinstance(delay, Distribution):
        low, high = delay.bounds()
        if low < 0:
            raise ValueError(
                f"delay: {delay!r} reaches down to {low:g} ms; delays may not be negative: give"
                f" {'low=0' if delay.kind == generate.NORMAL and delay.scale == 1 else 'it .clip(low=0)'}"
            )
        _check_longest(high, dt)
        if delay.kind == generate.INTEGERS:
            possible = np.arange(delay.first, delay.second + 1) * delay.scale + delay.shift
            clipped = np.minimum(np.maximum(possible, delay.least), delay.most)
            return np.unique(rounded_steps(clipped, dt).astype(np.int64))
        shortest, longest = rounded_steps(np.array([low, high]), dt)
        return np.arange(shortest, longest + 1, dtype=np.int64)
    if values.kind == generate.CONSTANT:
        _check_range(values.first, values.first, dt)
        return np.array([rounded_steps(values.first, dt)]).astype(np.int64)
    given = values.given
    if not given.size:
        return np.zeros(1, np.int64)
    _check_range(given.min(), given.max(), dt)
    return np.unique(rounded_steps(given, dt).astype(np.int64))


def _in_double(delay: Any, dt: float) -> Any:
    """Delays in double precision: those of a lower one as the decimals they stand for, or in whole steps."""
    if isinstance(delay, np.floating) and delay.itemsize < 8:
        return float(str(delay))
    if isinstance(delay, np.ndarray) and delay.dtype.kind == "f" and delay.itemsize < 8:
        return rounded_steps(delay, dt) * dt
    return delay


def _longest(delay: Any, values: generate.Values) -> float:
    """The longest delay that was asked for, in ms."""
    if isinstance(delay, Distribution):
        return delay.bounds()[1]
    return values.first if values.kind == generate.CONSTANT else float(values.given.max(initial=0.0))


def _check_range(shortest: float, longest: float, dt: float) -> None:
    if shortest < 0:
        raise ValueError(f"delay: expected 0 ms or more, got {shortest:g}")
    _check_longest(longest, dt)


def _check_longest(delay: float, dt: float) -> None:
    if delay / dt > LONGEST_DELAY:
        raise ValueError(
            f"delay: at most {LONGEST_DELAY} steps of {dt:g} ms are possible, {LONGEST_DELAY * dt:.12g} ms,"
            f" got up to {delay:.12g} ms"
        )
