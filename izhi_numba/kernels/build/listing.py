"""Synapses in the order in which a user sees them: by source, delay and target, whatever the blocks are.

A row, of a source and a delay or of a source, lies in as many parts as there are blocks of targets. Blocks
follow one another, so only the parts have to be put in order: they lie as they were drawn. Synapses between
the same two neurons with the same delay stay in the order in which they were drawn.

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
    LAG,
    SYNAPSES,
    WEIGHTED,
    WIDTH,
)

ROWS_AT_ONCE = 64
_FEW = 32  # are sorted by insertion
_DIGITS = 256
_16, _32, _48, _LOW = np.uint64(16), np.uint64(32), np.uint64(48), np.uint64(0xFFFF)


class Columns(NamedTuple):
    """What is listed, in order; empty: not asked for."""

    pre: Any  # int64
    post: Any  # int64
    delay: Any  # int64, steps
    weight: Any  # float


class Scratch(NamedTuple):
    """What each thread needs; what one of them has is without the first axis."""

    keys: Any  # uint64 (n_threads, longest part), delay in rows by source, target, and place in the part
    spare: Any  # the same
    ends: Any  # int64 (n_threads, _DIGITS)
    heads: Any  # int64 (n_threads, 2 * n_blocks), of rows by source: next key of each block, and their end


def scratch(n_threads: int, longest: int, n_blocks: int) -> Scratch:
    """Return work space for parts of up to ``longest`` synapses; of rows by source for whole rows."""
    keys, spare = np.empty((2, n_threads, longest), np.uint64)
    ends, heads = np.empty((n_threads, _DIGITS), np.int64), np.empty((n_threads, 2 * n_blocks), np.int64)
    return Scratch(keys, spare, ends, heads)


class Listing(NamedTuple):
    """A job: list the synapses of some sources, or write their weights."""

    turns: Any
    writing: Any  # bool
    sources: Any  # int64 (n,), counted from the first row
    offsets: Any  # int64 (n,), place of the first synapse of each of them in the columns
    delays: Any  # int64 (n_delays,), steps; of rows by source what their delays are counted from
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
def _order(keys, spare, ends, n, ascending, n_bytes):
    """Put keys in order, by so many bytes above the place in the part; ``ascending``: they are."""
    if ascending:
        return
    if n <= _FEW:
        _insert(keys, n)
        return
    for byte in range(0, n_bytes, 2):
        _distribute(keys, spare, ends, n, np.uint64(32 + 8 * byte))
        _distribute(spare, keys, ends, n, np.uint64(40 + 8 * byte))


@inline
def _take_keys(first, width, lag, n, keys):
    """Make keys of the records that begin at an address; returns whether they are in order."""
    ascending, last = True, np.uint64(0)
    for k in range(n):
        place = first + k * width
        key = np.uint64(load_at(place, np.uint16))
        if lag == 1:
            key |= np.uint64(load_at(place + 2, np.uint8)) << _16
        elif lag == 2:
            key |= np.uint64(load_at(place + 2, np.uint16)) << _16
        ascending &= key >= last
        last = key
        keys[k] = (key << _32) | np.uint64(k)
    return ascending


@inline
def _list_synapse(job, block, source, delay, key, first, at):
    """List one synapse, of a part that begins at an address, at ``at`` of the columns."""
    columns, pieces = job.columns, job.pieces
    pre, post, weight = columns.pre, columns.post, columns.weight
    if len(pre) > 0:
        pre[at], columns.delay[at] = source, delay
    if len(post) > 0:
        post[at] = pieces[block, FIRST_TARGET] - job.first_target + np.int64((key >> _32) & _LOW)
    if len(weight) > 0 and pieces[block, WEIGHTED]:
        record = first + np.int64(key & np.uint64(0xFFFFFFFF)) * pieces[block, WIDTH]
        place = record + 2 + pieces[block, LAG]
        if job.writing:
            store_at(place, weight[at])
        else:
            weight[at] = load_at(place, weight.dtype)


@inline
def _part(job, block, row):
    """Address of the first record of a row in a block, and how many there are."""
    begin = np.int64(view(job.parts[block, 0], row + 1, np.uint32)[row])
    n = np.int64(view(job.parts[block, 1], row + 1, np.uint32)[row]) - begin
    return job.pieces[block, SYNAPSES] + begin * job.pieces[block, WIDTH], n


@inline
def _list_by_delay(job, work, source, at):
    for d in range(len(job.delays)):
        for block in range(len(job.parts)):
            first, n = _part(job, block, source * len(job.delays) + d)
            ascending = _take_keys(first, job.pieces[block, WIDTH], 0, n, work.keys)
            _order(work.keys, work.spare, work.ends, n, ascending, 2)
            for k in range(n):
                _list_synapse(job, block, source, job.delays[d], work.keys[k], first, at + k)
            at += n


@inline
def _list_by_source(job, work, source, at):
    """Parts of all blocks are put in order, by delay and target; then they are taken delay by delay."""
    n_blocks, filled = len(job.parts), 0
    for block in range(n_blocks):
        first, n = _part(job, block, source)
        keys, spare = work.keys[filled : filled + n], work.spare[filled : filled + n]
        ascending = _take_keys(first, job.pieces[block, WIDTH], job.pieces[block, LAG], n, keys)
        _order(keys, spare, work.ends, n, ascending, 4)
        work.heads[2 * block], work.heads[2 * block + 1] = filled, filled + n
        filled += n
    end = at + filled
    while at < end:
        lag = _LOW
        for block in range(n_blocks):
            head = work.heads[2 * block]
            if head < work.heads[2 * block + 1]:
                lag = min(lag, work.keys[head] >> _48)
        for block in range(n_blocks):
            head, first = work.heads[2 * block], _part(job, block, source)[0]
            while head < work.heads[2 * block + 1] and work.keys[head] >> _48 == lag:
                delay = job.delays[0] + np.int64(lag)
                _list_synapse(job, block, source, delay, work.keys[head], first, at)
                head, at = head + 1, at + 1
            work.heads[2 * block] = head


@of_team
def _list_rows(thread, job):
    sources, by_source = job.sources, len(job.pieces) > 0 and job.pieces[0, LAG] > 0
    work = Scratch(
        job.work.keys[thread], job.work.spare[thread], job.work.ends[thread], job.work.heads[thread]
    )
    chunk = team.turn(job.turns)
    while chunk < job.turns[team.END]:
        for s in range(chunk * ROWS_AT_ONCE, min((chunk + 1) * ROWS_AT_ONCE, len(sources))):
            if by_source:
                _list_by_source(job, work, sources[s], job.offsets[s])
            else:
                _list_by_delay(job, work, sources[s], job.offsets[s])
        chunk = team.turn(job.turns)


@kernel
def list_rows(helpers, n_threads, job):
    """List the synapses of some sources, or write their weights. Threads take turns with sources."""
    team.lead(helpers, n_threads, team.job_of(_list_rows, job))
