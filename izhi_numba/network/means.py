"""What users ask of means: checked, and beside what they asked for before."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.checks import truth
from izhi_numba.base.selection import Chosen, as_text, indices_of, simplest
from izhi_numba.results.means import Mean, called
from izhi_numba.results.recorder import Wishes


def refuse_mean_of_spikes(what: str, *, mean: bool) -> None:
    """Refuse the mean of what is no variable."""
    if truth("mean", mean):
        raise ValueError(
            f"record: mean= is for variables; the mean of {what} is told by result.population_rate() and"
            " result.rate()"
        )


def with_mean(wishes: Wishes, population: Any, of: str, neurons: Array, every: int) -> Wishes:
    """Return what is to be kept with one mean more, over neurons of a population; none: of no group any more.

    A variable has one interval for all its groups.
    """
    _check(population.model, of)
    known = wishes.means.get(of)
    if not len(neurons):
        return replace(wishes, means={name: one for name, one in wishes.means.items() if name != of})
    columns = {} if known is None else dict(known.columns)
    chosen = simplest(np.sort(neurons))
    name = called(_usual(population, chosen), chosen, columns)
    if known is not None and known.every != every and columns.keys() != {name}:
        interval = f"{known.every * population.setting.dt:g}"
        raise ValueError(
            f"record: the mean of {of!r} is kept of {', '.join(columns)} every {interval} ms, and has one"
            f" interval for all groups: give every={interval}, or begin anew by record({of!r}, neurons=[],"
            " mean=True)"
        )
    return replace(wishes, means={**wishes.means, of: Mean(of, columns | {name: chosen}, every)})


def _check(model: Any, of: str) -> None:
    """Refuse means that are not kept."""
    if of in model.currents:
        raise ValueError(
            f"record: no mean is kept of {of!r}, which is computed for each neuron from traces once these are"
            f" recorded: record the trace of some neurons, or the means of {', '.join(model.states)}"
        )
    if f"mean_{of}" in (*model.states, *model.currents):
        raise ValueError(
            f"record: the mean of {of!r} would be called 'mean_{of}', as a variable of {model!r} is; give the"
            " variable another name"
        )


def _usual(population: Any, chosen: Chosen) -> str:
    """What a group is called: by its name, or the pool's, or the numbers of its neurons."""
    for name, group in population.groups.items():
        if len(indices_of(group)) and np.array_equal(indices_of(group), indices_of(chosen)):
            return str(name)
    if isinstance(chosen, slice) and chosen == slice(0, population.n):
        return str(population.name or "pool")
    return as_text(chosen)
