"""Who is near: targets drawn by their distance from a source."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import numpy as np

from izhi_numba.kernels.build.words import N_WORDS, refill
from izhi_numba.kernels.jit import inline, shared
from izhi_numba.kernels.rng import TARGET_DRAWS, log_float32

# How probability falls with distance.
FLAT, GAUSSIAN, EXPONENTIAL_FALL = range(3)

_UNIT = 2.0**-32


class Space(NamedTuple):
    """Where neurons are, and the targets sorted into cells; lengths in the user's unit."""

    sources: Any  # float64 (n_rows, 3)
    targets: Any  # float64 (n_others, 3)
    period: Any  # float64 (3,), 0 where the axis is open
    per_period: Any  # float64 (3,), 1 / period, or 0
    kind: Any  # int64: FLAT, GAUSSIAN or EXPONENTIAL_FALL
    scale: Any  # float64
    reach: Any  # float64, no synapses beyond
    lift: Any  # float64, log of the probability at distance 0
    axes: Any  # int64, the three axes one after another: cells, wrapped; numbers add up to the cell's
    home: Any  # int64 (n_rows, 3), where in ``axes`` the first step of each source leads
    order: Any  # uint32 (n_rows,), sources by their cells
    start: Any  # int64 (n_cells + 1,), first target of each cell
    members: Any  # uint32 (n_others,), targets ordered by cell
    places: Any  # three float64 arrays (n_others,), where these are
    steps: Any  # int64 (n_steps, 3), from there to all cells within reach
    hazard: Any  # float64 (n_steps,), -log(1 - highest probability between two such cells); inf: test all
    lifts: Any  # float64 (n_steps,), log of the probability at distance 0 over the highest
    sure: Any  # float64 (n_steps,), log of the highest probability over the lowest


@functools.cache
def no_space() -> Space:
    """Return what stands for positions where there are none."""
    places, whole = np.zeros((0, 3)), np.zeros((0, 3), np.int64)
    nothing, none = np.zeros(0), np.zeros(0, np.int64)
    return Space(
        places, places, nothing, nothing, FLAT, 1.0, 0.0, 0.0, none, whole, np.zeros(0, np.uint32), none,
        np.zeros(0, np.uint32), (nothing, nothing, nothing), whole, nothing, nothing, nothing,
    )  # fmt: skip


@inline
def distance(space, row, other):
    """Distance of a source and a target: the shortest way where axes are periodic."""
    total = 0.0
    for axis in range(3):
        d = space.targets[other, axis] - space.sources[row, axis]
        d -= space.period[axis] * np.rint(d * space.per_period[axis])
        total += d * d
    return np.sqrt(total)


@inline
def _farthest_square(wait, kind, scale, square):
    """Square of the distance up to which a target is kept, for an exponential number: negative for none.

    A uniform number is below exp(-x) where an exponential number is above x: so nobody needs an exp.
    """
    if kind == GAUSSIAN:
        limit = 2 * scale * scale * wait
    elif kind == EXPONENTIAL_FALL:
        limit = scale * wait * abs(scale * wait)
    else:
        limit = square if wait >= 0 else -1.0
    return min(limit, square)


@inline
def _square(dx, dy, dz, period, per_period):
    """Square of a distance: the shortest way where axes are periodic."""
    dx -= period[0] * np.rint(dx * per_period[0])
    dy -= period[1] * np.rint(dy * per_period[1])
    dz -= period[2] * np.rint(dz * per_period[2])
    return dx * dx + dy * dy + dz * dz


@shared
def _wait(words, waits, batch, row, random):
    """Draw exponential numbers."""
    refill(words, batch, row, TARGET_DRAWS, random)
    for k in range(N_WORDS):
        waits[k] = -log_float32(np.float32((np.float64(words[k]) + 0.5) * _UNIT))


@shared
def _test(waits, kept, xs, ys, zs, x, y, z, space):
    """Whether each of some targets that lie side by side is kept."""
    kind, scale, lift, square = space.kind, space.scale, space.lift, space.reach * space.reach
    for k in range(len(xs)):
        limit = _farthest_square(waits[k] + lift, kind, scale, square)
        kept[k] = _square(xs[k] - x, ys[k] - y, zs[k] - z, space.period, space.per_period) <= limit


@inline
def draw_near(others, work, row, itself, space, random):
    """Each place with the probability of its distance.

    In cells near by each target is tested. In others candidates are drawn with the highest probability
    that a target there can have, and kept with the ratio of its own to that: an exponential waiting time
    runs over targets and cells alike until it is used up at the next candidate, so that a cell without one
    costs a comparison. Testing each pair within reach of a Gaussian would draw 22 numbers for one synapse.

    Where candidates were drawn in all cells, each with a log, an exp and a root of its own, 100 million
    synapses of a Gaussian, an exponential and a cut-off took 46, 49 and 17 s of processor time in two
    dimensions, 103, 85 and 39 in three; now 8, 10 and 10, and 20, 23 and 22. What helped: numbers drawn 128
    at a time, squares of distances compared with exponential numbers, targets lying by cells, and sources
    that follow one another in space.
    """
    words, waits, kept = work.words, work.waits, work.kept
    axes, steps, members = space.axes, space.steps, space.members
    cell_x, cell_y, cell_z = space.home[row, 0], space.home[row, 1], space.home[row, 2]
    x, y, z = space.sources[row, 0], space.sources[row, 1], space.sources[row, 2]
    all_x, all_y, all_z = space.places
    square = space.reach * space.reach
    _wait(words, waits, 0, row, random)
    left, used, batch, count = np.float64(waits[0]), 1, 1, 0
    for step in range(len(steps)):
        cell = axes[cell_x + steps[step, 0]] + axes[cell_y + steps[step, 1]] + axes[cell_z + steps[step, 2]]
        if cell < 0:
            continue
        place, end = space.start[cell], space.start[cell + 1]
        hazard = space.hazard[step]
        if hazard == np.inf:
            while place < end:
                if used == N_WORDS:
                    _wait(words, waits, batch, row, random)
                    batch, used = batch + 1, 0
                n = min(end - place, N_WORDS - used)
                xs, ys, zs = all_x[place : place + n], all_y[place : place + n], all_z[place : place + n]
                _test(waits[used:], kept, xs, ys, zs, x, y, z, space)
                for k in range(n):
                    others[count] = members[place + k]
                    count += np.int64(kept[k] and members[place + k] != itself)
                place, used = place + n, used + n
            continue
        while True:
            if left > hazard * (end - place):
                left -= hazard * (end - place)
                break
            place = min(place + np.int64(left / hazard), end - 1)
            if used + 2 > N_WORDS:
                _wait(words, waits, batch, row, random)
                batch, used = batch + 1, 0
            wait = np.float64(waits[used])
            held = wait >= space.sure[step]
            if not held:  # only then it matters where exactly the target is
                limit = _farthest_square(wait + space.lifts[step], space.kind, space.scale, square)
                dx, dy, dz = all_x[place] - x, all_y[place] - y, all_z[place] - z
                held = _square(dx, dy, dz, space.period, space.per_period) <= limit
            other = members[place]
            others[count] = other
            count += np.int64(held and other != itself)
            left = np.float64(waits[used + 1])
            used += 2
            place += 1
            if place == end:
                break
    return count
