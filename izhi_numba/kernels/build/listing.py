"""Synapses in the order in which a user sees them: by source, delay and target, whatever the blocks are.

A row of a source and a delay lies in as many parts as there are blocks of targets. Blocks follow one another,
so only the parts have to be put in order: they lie as they were drawn. Synapses between the same two neurons
with the same delay stay in the order in which they were drawn.

Nothing is kept sorted: 100 million synapses are listed in 2 to 4 s, and most networks never are.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from izhi_numba.kernels import team
from izhi_numba.kernels.intrinsics import load_at, store_at, view
from izhi_numba.kernels.jit import inline, kernel, of_team
from izhi_numba.kernels.layout import (
    FIRST_TARGET,
    SYNAPSES,
    WEIGHTED,
    WIDTH,
)

ROWS_AT_ONCE = 64
_FEW = 32  # are sorted by insertion
_DIGITS = 256
_32 = np.uint64(32)


class Columns(NamedTuple):
    """What is listed, in order; empty: not asked for."""

    pre: Any  # int64
    post: Any  # int64
    delay: Any  # int64, steps
    weight: Any  # float


class Scratch(NamedTuple):
    """What each thread needs; what one of them has is without the first axis."""

    keys: Any  # uint64 (n_threads, longest part), target and place in the part
    spare: Any  # the same
    ends: Any  # int64 (n_threads, _DIGITS)


def scratch(n_threads: int, longest: int) -> Scratch:
    """Return work space for parts of up to ``longest`` synapses."""
    keys, spare = np.empty((2, n_threads, longest), np.uint64)
    return Scratch(keys, spare, np.empty((n_threads, _DIGITS), np.int64))


class Listing(NamedTuple):
    """A job: list the synapses of some sources, or write their weights."""

    turns: Any
    writing: Any  # bool
    sources: Any  # int64 (n,), counted from the first row
    offsets: Any  # int64 (n,), place of the first synapse of each of them in the columns
    delays: Any  # int64 (n_delays,), steps
    parts: Any  # int64 (n_blocks, 2), addresses of where the synapses of each row begin and end
    pieces: Any  # int64 (n_blocks, N_COLUMNS)
    first_target: Any  # int64, that targets are counted from
    columns: Any  # Columns
    work: Any  # Scratch

    @property
    def n_parts(self) -> int:
        """Parts that the job is done in."""
        return -(-len(self.sources) // ROWS_AT_ONCE)


@inline
def _insert(keys, n):
    for k in range(1, n):
        key, place = keys[k], k
        while place > 0 and keys[place - 1] > key:
            keys[place] = keys[place - 1]
            place -= 1
        keys[place] = key


@inline
def _distribute(keys, into, ends, n, shift):
    """Sort by eight bits of the keys; what has the same stays in order."""
    for digit in range(_DIGITS):
        ends[digit] = 0
    for k in range(n):
        ends[np.int64((keys[k] >> shift) & np.uint64(255))] += 1
    total = 0
    for digit in range(_DIGITS):
        total += ends[digit]
        ends[digit] = total - ends[digit]
    for k in range(n):
        digit = np.int64((keys[k] >> shift) & np.uint64(255))
        into[ends[digit]] = keys[k]
        ends[digit] += 1


@inline
def _order(first, width, n, work):
    """Put the synapses of a part, which begins at an address, in the order of their targets."""
    keys, ascending, last = work.keys, True, np.uint64(0)
    for k in range(n):
        target = np.uint64(load_at(first + k * width, np.uint16))
        ascending &= target >= last
        last = target
        keys[k] = (target << _32) | np.uint64(k)
    if ascending:
        return
    if n <= _FEW:
        _insert(keys, n)
    else:
        _distribute(keys, work.spare, work.ends, n, _32)
        _distribute(work.spare, keys, work.ends, n, np.uint64(40))


@inline
def _list_part(job, work, source, delay, block, begin, n, at):
    """List the ``n`` synapses of a row in a block, from its ``begin``-th, at ``at`` of the columns."""
    columns, pieces = job.columns, job.pieces
    pre, post, weight = columns.pre, columns.post, columns.weight
    width, before = pieces[block, WIDTH], pieces[block, FIRST_TARGET] - job.first_target
    first = pieces[block, SYNAPSES] + begin * width
    _order(first, width, n, work)
    for k in range(n):
        key = work.keys[k]
        if len(pre) > 0:
            pre[at + k], columns.delay[at + k] = source, delay
        if len(post) > 0:
            post[at + k] = before + np.int64(key >> _32)
        if len(weight) > 0 and pieces[block, WEIGHTED]:
            place = first + np.int64(key & np.uint64(0xFFFFFFFF)) * width + 2
            if job.writing:
                store_at(place, weight[at + k])
            else:
                weight[at + k] = load_at(place, weight.dtype)


@of_team
def _list_rows(thread, job):
    sources, delays, parts = job.sources, job.delays, job.parts
    work = Scratch(job.work.keys[thread], job.work.spare[thread], job.work.ends[thread])
    chunk = team.turn(job.turns)
    while chunk < job.turns[team.END]:
        for s in range(chunk * ROWS_AT_ONCE, min((chunk + 1) * ROWS_AT_ONCE, len(sources))):
            at = job.offsets[s]
            for d in range(len(delays)):
                row = sources[s] * len(delays) + d
                for block in range(len(parts)):
                    begin = np.int64(view(parts[block, 0], row + 1, np.uint32)[row])
                    n = np.int64(view(parts[block, 1], row + 1, np.uint32)[row]) - begin
                    _list_part(job, work, sources[s], delays[d], block, begin, n, at)
                    at += n
        chunk = team.turn(job.turns)


@kernel
def list_rows(helpers, n_threads, job):
    """List the synapses of some sources, or write their weights. Threads take turns with sources."""
    team.lead(helpers, n_threads, team.job_of(_list_rows, job))
