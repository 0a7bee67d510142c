"""Passes over the synapses of projections, which the kernels draw: of many projections in one call.

A call of the kernels costs as much as the drawing of a hundred synapses. Of a network of ten thousand small
projections most of the time went into calls.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.selection import Chosen, hull, places_among
from izhi_numba.kernels import team
from izhi_numba.kernels.build import draw, generate
from izhi_numba.synapses.plan import Plan

_NO_ROWS, _NO_NEURONS = np.zeros(0, np.int64), np.zeros(0, np.uint32)


class Pass(NamedTuple):
    """A pass over the synapses of a plan: they are counted in their rows, or put there."""

    plan: Plan
    rule: draw.Rule
    filling: bool
    tables: list[list[list[int]]]  # of pieces, see :mod:`izhi_numba.kernels.layout`: for all threads, or each
    bounds: Array  # int64, of blocks
    shortest: int  # delay, steps
    index_of: Array  # int64 (longest - shortest + 1,), see :class:`izhi_numba.kernels.build.generate.Places`

    @property
    def kind(self) -> tuple[Any, ...]:
        """Passes alike in this are made in one call."""
        rule, plan = self.rule, self.plan
        given = plan.weight.kind == generate.GIVEN or plan.delay.kind == generate.GIVEN
        has_arrays = given or rule.has_arrays or not plan.of_neighbours
        if has_arrays or len(self.tables) > 1 or plan.rule.rows == "list":
            return (id(self),)
        return plan.rule.rows, self.filling


def make(passes: Sequence[Pass], threads: int) -> None:
    """Make passes of different stores, in any order."""
    kinds: dict[Any, list[Pass]] = {}
    for one in passes:
        kinds.setdefault(one.kind, []).append(one)
    for alike in kinds.values():
        rows = alike[0].plan.rule.rows
        if rows == "list":
            _make_pairs(alike[0], threads)
        elif rows == "targets":
            job = _job(alike, threads, columns=True)
            team.in_portions(generate.place_columns, threads, job, job.n_parts_of_columns)
        else:
            job = _job(alike, threads, columns=False)
            team.in_portions(generate.place_rows, len(job.work.words), job, job.n_parts)


def _make_pairs(one: Pass, threads: int) -> None:
    """Place given pairs."""
    plan = one.plan
    places = _places(one, one.index_of, np.array(one.tables, np.int64), one.bounds)
    sources, targets = _pairs(plan.rule.pre, plan.pre), _pairs(plan.rule.post, plan.post)
    pairs = generate.Pairs(team.turns(), sources, targets, places)
    team.in_portions(generate.place_pairs, threads, pairs, pairs.n_parts)


def _places(one: Pass, index_of: Array, pieces: Array, bounds: Array) -> generate.Places:
    """Where synapses go, of one pass, or of several that are like it."""
    plan = one.plan
    return generate.Places(
        one.filling, plan.weight, plan.delay, plan.dt, one.shortest, index_of, plan.from_to.start,
        plan.onto.start, pieces, bounds, np.empty(0, plan.dtype), plan.random,
    )  # fmt: skip


def _pairs(places: Array, neurons: Chosen) -> Array:
    """Neurons at given places on one side, counted from its first one."""
    if isinstance(neurons, slice):
        return places
    found: Array = (neurons - hull(neurons).start).astype(places.dtype)[places]
    return found


def _listed(plan: Plan) -> tuple[Array, Array]:
    """Rows and others where they are no neighbours, see :class:`izhi_numba.kernels.build.generate.Rows`."""
    rows, others = (plan.pre, plan.post) if plan.rule.rows == "sources" else (plan.post, plan.pre)
    return (
        _NO_ROWS if isinstance(rows, slice) else places_among(hull(rows), rows),
        _NO_NEURONS if isinstance(others, slice) else (others - hull(others).start).astype(np.uint32),
    )


def _job(passes: list[Pass], threads: int, *, columns: bool) -> generate.Rows:
    """Return the job that makes passes over the rows of rules."""
    first, (rows, others) = passes[0], _listed(passes[0].plan)
    index_of, bounds = _Joined(), _Joined()
    numbers, pieces, sizes, parts = [], list[list[int]](), [], 0
    for one in passes:
        rule, plan, table = one.rule, one.plan, one.tables[0]
        n_rows = len(rows) or rule.n_rows
        numbers.append((
            *rule[:3], n_rows, *rule[4:8], plan.weight[:9], plan.delay[:9], one.shortest, plan.from_to.start,
            plan.onto.start, plan.random.stream, parts, index_of.add(one.index_of), len(pieces), len(table),
            bounds.add(one.bounds),
        ))  # fmt: skip
        parts += -(-n_rows // generate.ROWS_AT_ONCE)
        pieces += table
        sizes.append(len(table))
    tables = np.array([pieces] if len(first.tables) == 1 else first.tables, np.int64)
    n_others = max(one.rule.n_others for one in passes)
    longest = max(n_others, max(one.rule.degree for one in passes))
    if not columns:
        threads = max(1, min(threads, parts))
    return generate.Rows(
        team.turns(), np.array(numbers, generate.PROJECTION), first.rule,
        _places(first, index_of.array, tables, bounds.array), np.repeat(np.arange(len(passes)), sizes),
        rows, others, draw.scratch(threads, n_others, longest, columns=columns, listed=len(others) > 0),
    )  # fmt: skip


class _Joined:
    """Arrays one after another, each once."""

    def __init__(self) -> None:
        self._arrays: dict[int, Array] = {}
        self._begins: dict[int, int] = {}
        self._size = 0

    def add(self, array: Array) -> int:
        """Add an array, which is held; returns where it begins."""
        begin = self._begins.get(id(array))
        if begin is None:
            begin = self._begins[id(array)] = self._size
            self._arrays[id(array)] = array
            self._size += len(array)
        return begin

    @property
    def array(self) -> Array:
        """All of them."""
        return np.concatenate([*self._arrays.values()])
