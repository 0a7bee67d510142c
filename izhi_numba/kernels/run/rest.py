"""What stands still: groups of neurons whose next state is the one that they have are not computed.

A group *rests* once a look finds that a step changed no bit of it: no variable, and no spike. The same
step would follow for ever, as long as nothing reaches the group: no noise, Poisson trains or waveforms, and
nothing that is under way to it; nor where a model asks for the time. The first spike that is sent to a group
wakes it, and all are awake when a call begins, since users may have written.

To find what stands still, states are compared with those before: now and then, and less often where none is
found, one step of 512 in a network that is busy everywhere. While some rest, each row of synapses that is
visited is gone through once more, for whom it wakes.
"""

from __future__ import annotations

import numpy as np

from izhi_numba.kernels.intrinsics import load_at, view
from izhi_numba.kernels.jit import inline
from izhi_numba.kernels.rng import TILE

GROUP = 64  # neurons: what is updated at once is a multiple of it
GROUPS = TILE // GROUP  # of a tile
MOST_ROWS = 64  # variables that a group may have, to be looked at
# What is kept of a block: groups that rested after the last look, step of the next one, steps between them.
RESTING, NEXT, APART = range(3)
_SOON, _LATE = 4, 512  # steps from a look to the next, where something was found, and at most


@inline
def begin_call(awake, rest, begin, end, first_step):
    """Wake a block: users may have written since the last call, whose looks go on where it was short."""
    for group in range(begin // GROUP, end // GROUP):
        awake[group] = 1
    if rest[RESTING] > 0:  # most of them will rest again
        rest[APART], rest[NEXT] = _SOON, first_step + _SOON
    elif rest[APART] == 0:
        rest[APART], rest[NEXT] = 2 * _SOON, first_step + 2 * _SOON
    elif not first_step <= rest[NEXT] <= first_step + rest[APART]:
        rest[NEXT] = first_step + rest[APART]
    rest[RESTING] = 0


@inline
def next_look(awake, rest, begin, end, step, found):
    """Decide when to look again, after a look in a step that found so many groups."""
    resting = np.int64(0)
    for group in range(begin // GROUP, end // GROUP):
        resting += np.int64(awake[group] == 0)
    rest[RESTING] = resting
    rest[APART] = _SOON if found > 0 else min(2 * rest[APART], _LATE)
    rest[NEXT] = step + rest[APART]


@inline
def all_rest(pool, tile):
    """Whether all groups of a tile rest: it begins a word of ``awake``."""
    rest = True
    for word in view(pool.awake + tile // GROUP, GROUPS // 8, np.uint64):
        rest &= word == 0
    return rest


@inline
def next_awake(awake, first, stop, alone):
    """First neuron of the next groups that are awake, and the one after the last; ``alone``: of one group."""
    group, last = first // GROUP, stop // GROUP
    while group < last and awake[group] == 0:
        group += 1
    begin = group
    while group < last and awake[group] != 0 and not (alone and group > begin):
        group += 1
    return begin * GROUP, group * GROUP


@inline(alone=True)
def wake_row(awake, first, begin, end, width):
    """Wake the targets of the records between two addresses, counted from the neuron ``first``."""
    for place in range(begin, end, width):
        awake[(first + np.int64(load_at(place, np.uint16))) // GROUP] = 1


@inline
def wake_range(awake, first, stop):
    """Wake neurons."""
    for group in range(first // GROUP, (stop - 1) // GROUP + 1):
        awake[group] = 1


@inline
def is_driven(pool, number, tile, stop):
    """Whether noise, waveforms or Poisson trains reach a tile."""
    n_extents = pool.n_waves + pool.n_white + pool.n_correlated
    extents = view(pool.extents, 2 * n_extents, np.int64)
    for row in range(n_extents):
        if extents[2 * row] < stop and tile < extents[2 * row + 1]:
            return True
    n_tiles = -(-pool.size // TILE)
    largest = view(pool.train_largest, pool.n_trains * n_tiles, number)
    some = False
    for row in range(pool.n_trains):
        some |= largest[row * n_tiles + tile // TILE] != 0
    return some


@inline
def keep_state(pool, first, before):
    """Copy the variables of a group, before a step; ``before`` is uint32."""
    tile, n, k = first // TILE * TILE, min(GROUP, pool.n - first), 0
    rows = view(pool.rows + 8 * (tile // TILE) * pool.n_rows, pool.n_rows, np.int64)
    itemsizes = view(pool.itemsizes, pool.n_state_rows, np.int64)
    for r in range(pool.n_state_rows):
        n_words = n * itemsizes[r] // 4
        now = view(rows[r] + itemsizes[r] * (first - tile), n_words, np.uint32)
        into = before[k : k + n_words]
        for i in range(n_words):
            into[i] = now[i]
        k += n_words


@inline
def stands_still(pool, first, before, itemsize, outcome):
    """Whether a step changed nothing of a group, and nothing is under way to it."""
    tile, n, k, other = first // TILE * TILE, min(GROUP, pool.n - first), 0, np.uint32(0)
    rows = view(pool.rows + 8 * (tile // TILE) * pool.n_rows, pool.n_rows, np.int64)
    itemsizes = view(pool.itemsizes, pool.n_state_rows, np.int64)
    for i in range(first, first + n):
        other |= np.uint32(outcome[i])
    if other != 0:
        return False
    for r in range(pool.n_state_rows):
        n_words = n * itemsizes[r] // 4
        now = view(rows[r] + itemsizes[r] * (first - tile), n_words, np.uint32)
        was = before[k : k + n_words]
        for i in range(n_words):
            other |= now[i] ^ was[i]
        k += n_words
        if other != 0:
            return False
    rings = view(pool.rings, 4 * pool.n_rings, np.int64)
    for r in range(0, len(rings), 4):
        if not is_empty(rings[r], rings[r + 1], pool.size, first, itemsize):
            return False
    return pool.pulses == 0 or is_empty(pool.pulses, pool.n_pulse_slots, pool.size, first, itemsize)


@inline
def is_empty(ring, slots, size, first, itemsize):
    """Whether sums of a group are 0, in all slots of a ring."""
    n_words, any_bit = GROUP * itemsize // 4, np.uint32(0)
    for slot in range(slots):
        words = view(ring + itemsize * (slot * size + first), n_words, np.uint32)
        for i in range(n_words):
            any_bit |= words[i]
    return any_bit == 0
