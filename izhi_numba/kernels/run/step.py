"""The steps of pools: deliver, drive, update the neurons, list spikes, keep traces.

One compiled loop over many steps serves all pools of a network and all models: the update of a model's
neurons is called by its address (:mod:`izhi_numba.kernels.run.update`), and what belongs to a pool is found
by the addresses of its record (:mod:`izhi_numba.kernels.layout`). Neurons are cut into blocks; a block
does all of a step for its own neurons (*owner computes*), so that the end of a window of steps is the
only point where threads meet. The window is as long as the shortest delay allows: unconnected neurons
stay in the cache for many steps.

The result does not depend on the blocks: random numbers go by neuron and step, each target adds its
inputs in one order, and blocks are whole tiles, so that each neuron is always computed by the same
instructions.

Loops run over slices. To numba an index such as ``tile + i`` may be negative, and count from the end: such
loops gather and scatter, at 0.9 ns an element.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from izhi_numba.kernels import team
from izhi_numba.kernels.intrinsics import address_of, ticks, view
from izhi_numba.kernels.jit import inline, kernel, of_team
from izhi_numba.kernels.layout import N_COLUMNS
from izhi_numba.kernels.rng import TILE
from izhi_numba.kernels.run.deliver import deliver
from izhi_numba.kernels.run.log import N_LOG, compact, lacks_room, log_spikes
from izhi_numba.kernels.run.means import N_COLUMNS as N_OF_MEANS
from izhi_numba.kernels.run.means import keep_sums
from izhi_numba.kernels.run.recent import keep_recent
from izhi_numba.kernels.run.record import collect, keep_traces, list_spikes
from izhi_numba.kernels.run.rest import (
    GROUP,
    MOST_ROWS,
    NEXT,
    RESTING,
    all_rest,
    begin_call,
    is_driven,
    is_empty,
    keep_state,
    next_awake,
    next_look,
    stands_still,
)
from izhi_numba.kernels.run.silence import give_back, hold
from izhi_numba.kernels.run.sites import FAULT as SITE_FAULT
from izhi_numba.kernels.run.sites import N_SITE
from izhi_numba.kernels.run.sources import list_sources
from izhi_numba.kernels.run.stimulus import add_drive, add_trains
from izhi_numba.kernels.run.sweep import N_PASS, settle, sweep
from izhi_numba.kernels.run.update import call_update
from izhi_numba.kernels.run.when import log_steps

PAD = 64  # arrays are padded to a multiple of this
# Neurons are updated in multiples of this. In single precision none is ever a loop's remainder, where
# multiply and add may be contracted in another way; in double precision all code gives the same bits.
_LANES = {"float32": 64, "float64": 1}


# Parts of the time of a run, of each thread and pool. What threads wait for each other, and the time of the
# whole call by thread 0, belong to no pool: they have a row of their own.
DELIVERY, DRIVE, UPDATE, RECORDING, MEETING, WHOLE = range(6)
N_PARTS = 8  # a cache line


class Scratch(NamedTuple):
    """What each thread needs in its steps."""

    summed: Any  # float (n_threads, TILE), inputs of a tile
    normals: Any  # float32 (n_threads, TILE)
    bits: Any  # uint32 (n_threads, TILE), random
    eventful: Any  # int64 (n_threads, at least TILE // 8 + 1), words with spikes
    counted: Any  # int32 (n_threads, TILE), Poisson numbers; zeros between tiles
    work: Any  # float64 (n_threads, 2 * TILE), what they are drawn with
    visits: Any  # int64 (n_threads, 7, MOST_VISITS), see deliver
    before: Any  # uint32 (n_threads, MOST_ROWS * GROUP * 2), the state of a group


class Steps(NamedTuple):
    """A job: advance pools by up to ``n_steps`` steps."""

    flags: Any  # see :mod:`izhi_numba.kernels.team`
    n_threads: Any  # int64, at most
    n_steps: Any  # int64
    window: Any  # int64, steps after which threads meet
    first_step: Any  # int64
    dt: Any  # float64
    pools: Any  # record array (n_pools,), see :mod:`izhi_numba.kernels.layout`
    blocks: Any  # int64 (n_blocks, 2), pool and number within it of all blocks
    done: Any  # int64 (1,), steps done in this call
    clock: Any  # int64 (1,), steps so far; moved here, so that it never parts from the state
    times: (
        Any  # int64, address of ticks (n_threads, n_pools + 1, N_PARTS), which are added to; 0: not asked for
    )
    scratch: Any  # Scratch
    # 1: takes no step, but has all synapses that learn take up what has arrived before the next one.
    settles: Any  # int64


@inline
def _scratch_of(thread, scratch):
    """What one thread needs, as a tuple."""
    v = scratch.visits[thread]
    return (
        scratch.summed[thread], scratch.normals[thread], scratch.bits[thread], scratch.eventful[thread],
        scratch.counted[thread], scratch.work[thread], (v[0], v[1], v[2], v[3], v[4], v[5], v[6]),
        scratch.before[thread],
    )  # fmt: skip


@inline
def _times_of(job, thread, pool):
    """Address of the ticks of a thread that went to a pool."""
    return job.times + 8 * N_PARTS * (thread * (len(job.pools) + 1) + pool)


@inline
def _note(times, part, since):
    """Add the time since then to a part, and return what time it is; 0 is never, where nobody asks."""
    if since == 0:
        return since
    now = ticks()
    view(times, N_PARTS, np.int64)[part] += now - since
    return now


@inline
def _must_stop(pools, window):
    """Whether a state is not finite, or a record of spikes could overflow in the next window."""
    stop = False
    for p in range(len(pools)):
        pool = pools[p]
        fault = view(pool.fault, 2 * pool.n_blocks, np.int64)
        for block in range(pool.n_blocks):
            if fault[2 * block] >= 0:
                return True
        if pool.n_logs > 0:
            logs = view(pool.logs, pool.n_blocks * pool.n_logs * N_LOG, np.int64)
            for k in range(0, len(logs), N_LOG):
                stop |= lacks_room(logs[k : k + N_LOG], window)
            sites = view(pool.sites, pool.n_blocks * pool.n_sites * N_SITE, np.int64)
            for k in range(0, len(sites), N_SITE):
                stop |= view(sites[k + SITE_FAULT], 1, np.int64)[0] >= 0
        taken = view(pool.n_kept, 1, np.int64)[0]
        stop |= pool.keep_spikes != 0 and taken + window * pool.n > pool.capacity
    return stop


@inline
def _neurons(job, pool, block, first_of_window, last_step, scratch, times, number, itemsize, lanes):
    """Advance the neurons of a block by the steps of a window."""
    pools, first_step, dt = job.pools, job.first_step, job.dt
    summed, normals, bits, eventful, counted, work, visits, before = scratch
    n, size = pool.n, pool.size
    n_used = -(-n // lanes) * lanes
    bounds = view(pool.bounds, pool.n_blocks + 1, np.int64)
    begin, end = bounds[block], bounds[block + 1]
    width = pool.n_projections * N_COLUMNS
    pieces = view(pool.pieces + 8 * block * width, width, np.int64)
    driven, pulsed = pool.n_waves + pool.n_white + pool.n_correlated > 0, pool.pulses != 0
    pulses = view(pool.pulses, pool.n_pulse_slots * size if pulsed else 0, number)
    rings = view(pool.rings, 4 * pool.n_rings, np.int64)
    outcome = view(pool.outcome, size, np.uint8)
    words = view(pool.outcome, size // 8, np.uint64)
    crossing = view(pool.crossing, size if pool.crossing else 0, number)
    crossings = view(pool.crossings, pool.n_slots * size if pool.crossings else 0, number)
    history = view(pool.history, pool.n_slots * size, np.int32)
    counts = view(pool.counts, pool.n_slots * pool.n_blocks, np.int32)
    constant = view(pool.constant, -(-size // TILE), np.int64)
    spike_count = view(pool.spike_count, size if pool.spike_count else 0, np.int64)
    probe_bounds = view(pool.probe_bounds, pool.n_blocks + 1, np.int64)
    first_probe, last_probe = probe_bounds[block], probe_bounds[block + 1]
    probes, trace = view(pool.probes, 5 * last_probe, np.int64), view(pool.trace, 1 << 62, number)
    mean_bounds = view(pool.mean_bounds, pool.n_blocks + 1, np.int64)
    first_mean, last_mean = mean_bounds[block], mean_bounds[block + 1]
    means = view(pool.means, N_OF_MEANS * last_mean, np.int64)
    fault = view(pool.fault + 16 * block, 2, np.int64)
    awake, rest = view(pool.awake, pool.n_groups, np.uint8), view(pool.rest + 24 * block, 3, np.int64)
    if first_of_window == first_step:
        begin_call(awake, rest, begin, end, first_step)
    may_rest = pool.may_rest != 0 and pool.n_state_rows <= MOST_ROWS
    sites, logs = pool.sites + 8 * block * pool.n_sites * N_SITE, pool.logs + 8 * block * pool.n_logs * N_LOG
    this_pass = pool.passes + 8 * block * N_PASS
    time = ticks() if job.times else 0
    n_due, n_sent = pool.n_rounds, first_of_window - pool.ready
    if job.settles:  # what was sent before this step begins
        n_due, n_sent, last_step = np.int64(0), n_sent - 1, first_of_window + 1
    for step in range(first_of_window, last_step):
        deliver(pool, pieces, number, step, n_due, n_sent, dt, pools, visits, awake, rest[RESTING] > 0)
        if job.settles:
            settle(sites, pool.n_sites, logs, pool.n_logs, first_of_window - 1, dt)
            break
        n_sent = np.int64(0)
        if pool.n_sites > 0:
            sweep(
                sites, pool.n_sites, logs, pool.n_logs, this_pass, pool.quota, first_of_window, dt,
                job.window, number(0),
            )  # fmt: skip
        time = _note(times, DELIVERY, time)
        stamp = step + 1
        pulse_slot = step % pool.n_pulse_slots * size if pulsed else 0
        slot = stamp & (pool.n_slots - 1)
        listed = history[slot * size + begin : slot * size + end]
        listed_crossings = crossings[slot * size + begin : slot * size + end]
        count, probe, found = np.int64(0), first_probe, np.int64(0)
        at = 0 if pool.steady else step - first_step
        looks, some_rest = may_rest and step == rest[NEXT], rest[RESTING] > 0
        mean = first_mean if looks or stamp % pool.mean_gap == 0 else last_mean
        for tile in range(begin, end, TILE):
            if some_rest and all_rest(pool, tile):
                continue
            end_of_tile = min(tile + TILE, end)
            looks_here = looks and not (
                (probe < last_probe and probes[5 * probe] < end_of_tile)
                or (mean < last_mean and means[N_OF_MEANS * mean] < end_of_tile)
                or is_driven(pool, number, tile, end_of_tile)
            )
            first = tile
            while first < end_of_tile:
                stop = end_of_tile
                if some_rest or looks_here:
                    first, stop = next_awake(awake, first, end_of_tile, looks_here)
                    if first == end_of_tile:
                        break
                used = min(stop, n_used)
                if pool.silenced:
                    hold(pool, tile, first, stop)
                for r in range(0, len(rings), 4):
                    slots = rings[r + 1]
                    phase = step % slots if slots > 1 else 0  # a division takes as long as 20 neurons
                    slot_of_ring = view(rings[r] + itemsize * (phase * size), size, number)
                    first_of_port = rings[r + 2] if rings[r + 2] else pool.pulses + itemsize * pulse_slot
                    arrived, port = slot_of_ring[first:stop], view(first_of_port, size, number)[first:stop]
                    factor = view(rings[r + 3], 1, number)[0]
                    for i in range(stop - first):
                        port[i] += factor * arrived[i]
                        arrived[i] = number(0)
                is_quiet = looks_here
                if looks_here:
                    is_quiet = not pulsed or is_empty(
                        pool.pulses + itemsize * pulse_slot, 1, size, first, itemsize
                    )
                    keep_state(pool, first, before)
                if pool.n_trains > 0:
                    add_trains(
                        pool, number, itemsize, step, at, tile, used - tile, bits, counted, work, summed
                    )
                current = view(constant[tile // TILE], TILE, number)
                if driven or pulsed:
                    offset, current = current[first - tile : used - tile], summed
                    total = summed[first - tile : used - tile]
                    for i in range(used - first):
                        total[i] = offset[i]
                    if driven:
                        drive = current[: end_of_tile - tile]
                        add_drive(
                            drive, pool, number, itemsize, step, at, tile, end_of_tile, used - tile, normals,
                            bits, work,
                        )  # fmt: skip
                    if pulsed:
                        arrived = pulses[pulse_slot + first : pulse_slot + stop]
                        for i in range(used - first):
                            total[i] += arrived[i]
                            arrived[i] = number(0)
                time = _note(times, DRIVE, time)
                call_update(
                    pool.update, pool.rows + 8 * (tile // TILE) * pool.n_rows, first - tile, used - tile,
                    address_of(current, 0), address_of(outcome, tile), address_of(crossing, tile),
                    step * dt, dt,
                )  # fmt: skip
                if pool.silenced:
                    give_back(pool, tile, first, stop, outcome)
                time = _note(times, UPDATE, time)
                listed_before = count
                count, broken = list_spikes(
                    outcome, words, first, stop, n, listed, count, spike_count, eventful, crossing,
                    listed_crossings,
                )  # fmt: skip
                if broken >= 0 and fault[0] < 0:
                    fault[0], fault[1] = stamp, broken
                if is_quiet and stands_still(pool, first, before, itemsize, outcome):
                    awake[first // GROUP] = 0
                    found += 1
                if probe < last_probe:
                    probe = keep_traces(
                        probes, probe, last_probe, tile, stop, first_step, stamp, pool, current, outcome,
                        trace,
                    )  # fmt: skip
                if mean < last_mean:
                    mean = keep_sums(
                        means, mean, last_mean, tile, stop, first_step, stamp, pool, current,
                        listed[listed_before:count], work,
                    )  # fmt: skip
                time = _note(times, RECORDING, time)
                first = stop
        if looks:
            next_look(awake, rest, begin, end, step, found)
        counts[slot * pool.n_blocks + block] = count
        if pool.n_logs > 0:
            log_spikes(logs, pool.n_logs, listed, count, stamp, number(0))
        if pool.n_recent > 0:
            keep_recent(pool.recent, pool.n_recent, size, begin, end, stamp, number(0))
            log_steps(logs, pool.n_logs, stamp)
    if pool.n_logs > 0:
        compact(logs, pool.n_logs, job.window, number(0), False)


@inline
def _next_window(thread, job, window_number, finished):
    """The number of the next window of steps, or FINISHED: the leader decides, helpers wait for it."""
    if thread == 0:
        begins = job.settles and window_number == 0
        if not begins and (finished == job.n_steps or _must_stop(job.pools, job.window)):
            team.store(job.flags, team.WINDOW, team.FINISHED)
            return team.FINISHED
        team.store(job.flags, team.DONE, 0)
        team.store(job.flags, team.WINDOW, window_number + 1)
        return window_number + 1
    attempt, time = 0, ticks() if job.times else 0
    while team.load(job.flags, team.WINDOW) == window_number:
        team.wait(attempt)
        attempt += 1
    _note(_times_of(job, thread, len(job.pools)), MEETING, time)
    return team.load(job.flags, team.WINDOW)


@inline
def _end_window(job, finished, size, number):
    """Wait for the blocks of a window, and keep the spikes of its steps."""
    attempt, time = 0, ticks() if job.times else 0
    while team.load(job.flags, team.DONE) < len(job.blocks):
        team.wait(attempt)
        attempt += 1
    time = _note(_times_of(job, 0, len(job.pools)), MEETING, time)
    for p in range(len(job.pools)):
        # Here, so that no spike is sent twice.
        job.pools[p].ready = job.first_step + finished - job.settles
    for step in range(finished, finished + size):
        for p in range(len(job.pools)):
            collect(job.pools[p], number, job.first_step + step + 1, step)
            time = _note(_times_of(job, 0, p), RECORDING, time)
    job.done[0] += size
    job.clock[0] += size


@functools.cache
def steps(dtype: np.dtype[Any]) -> Callable[..., Any]:
    """Return the compiled steps of pools of a precision, see ``run`` below."""
    number, itemsize, lanes = dtype.type, dtype.itemsize, _LANES[dtype.name]

    @of_team
    def advance(thread, job):
        """Advance pools as thread 0, which leads, or as one that helps."""
        began = ticks() if job.times else 0
        scratch, n_blocks = _scratch_of(thread, job.scratch), len(job.blocks)
        window_number, finished = np.int64(0), np.int64(0)
        while True:
            window_number = _next_window(thread, job, window_number, finished)
            if window_number == team.FINISHED:
                break
            finished = (window_number - 1) * job.window
            size = min(job.window, job.n_steps - finished)
            begin = job.first_step + finished
            for turn in range(n_blocks):
                place = (turn + thread * n_blocks // job.n_threads) % n_blocks
                claim = team.BLOCKS + team.LINE * place
                if not team.exchange_if(job.flags, claim, window_number - 1, window_number):
                    continue
                pool, block, end = job.pools[job.blocks[place, 0]], job.blocks[place, 1], begin + size
                times = _times_of(job, thread, job.blocks[place, 0])
                if pool.update:
                    _neurons(job, pool, block, begin, end, scratch, times, number, itemsize, lanes)
                else:
                    time = ticks() if job.times else 0
                    list_sources(
                        pool, number, itemsize, block, begin, end, job.first_step, scratch[2], scratch[5],
                        scratch[0],
                    )  # fmt: skip
                    _note(times, DRIVE, time)
                team.add(job.flags, team.DONE, 1)
            if thread == 0:
                _end_window(job, finished, size, number)
                finished += size
        if thread == 0:
            _note(_times_of(job, 0, len(job.pools)), WHOLE, began)

    @kernel(key=dtype.name)
    def run(helpers, n_threads, job):
        """Advance pools by up to ``n_steps`` steps.

        Stops early when a state is not finite, and when the record of spikes could overflow.
        """
        team.lead(helpers, n_threads, team.job_of(advance, job))

    return run
