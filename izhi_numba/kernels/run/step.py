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
from typing import Any

import numpy as np

from izhi_numba.kernels import team
from izhi_numba.kernels.jit import inline, kernel
from izhi_numba.kernels.rng import TILE, fill_normals, lowest_bit
from izhi_numba.kernels.run.deliver import N_COLUMNS, deliver, first_at_least, view
from izhi_numba.kernels.run.poisson import POISSON_TRAINS, call_adder, call_lister
from izhi_numba.kernels.run.update import SPIKED, address_of, call_update

PAD = 64  # arrays are padded to a multiple of this
# Neurons are updated in multiples of this. In single precision none is ever a loop's remainder, where
# multiply and add may be contracted in another way; in double precision all code gives the same bits.
_LANES = {"float32": 64, "float64": 1}
CORRELATED = 1 << 16  # streams of random numbers: those of correlated noise begin here


@inline
def _list_spikes(outcome, words, first, last, n, spikes, count, spike_count, eventful, crossing, crossings):
    """Append the neurons of a tile that spiked to the list of their block.

    Returns the new length of the list and the first neuron that is not finite, or -1. First the words
    that are not zero are listed without a branch, eight neurons each: with a branch per word this
    took 11 ns a spike, for mispredictions, now 5.
    """
    n_eventful = 0
    for word in range(first >> 3, last >> 3):
        eventful[n_eventful] = word
        n_eventful += np.int64(words[word] != 0)
    broken = -1
    for k in range(n_eventful):
        word = np.int64(eventful[k])
        bits = words[word]
        while bits:
            i = (word << 3) + (lowest_bit(bits) >> 3)
            bits &= bits - np.uint64(1)
            if i >= n:
                break
            if outcome[i] == SPIKED:
                spikes[count] = i
                if len(crossing) > 0:
                    crossings[count] = crossing[i]
                count += 1
                if len(spike_count) > 0:
                    spike_count[i] += 1
            elif broken < 0:
                broken = i
    return count, broken


@inline
def _keep_traces(probes, probe, last, tile, stop, sample_of, stamp, pool, current, outcome, trace):
    """Keep the variables of the probed neurons of one tile; returns the next probe."""
    number = trace.dtype
    rows = view(pool.rows + 8 * (tile // TILE) * pool.n_rows, pool.n_rows, np.int64)
    peak = view(pool.peak, pool.size if pool.peak else 0, number)
    while probe < last and probes[5 * probe] < stop:
        neuron, variable, every = probes[5 * probe], probes[5 * probe + 1], probes[5 * probe + 2]
        if stamp % every == 0:
            if variable == pool.n_variables:
                value = current[neuron - tile]
            elif variable == 0 and outcome[neuron] == SPIKED and peak[neuron] == peak[neuron]:
                value = peak[neuron]
            else:
                value = view(rows[variable], TILE, number)[neuron - tile]
            sample = stamp // every - sample_of // every - 1
            trace[probes[5 * probe + 3] + sample * probes[5 * probe + 4]] = value
        probe += 1
    return probe


@inline
def _add_drive(total, pool, number, step, at, tile, stop, count, normals, bits):
    """Add waveforms and noise of step ``step`` (row ``at`` of the tables) to the input of a tile."""
    n_waves, n_white, n_correlated = pool.n_waves, pool.n_white, pool.n_correlated
    extents = view(pool.extents, 2 * (n_waves + n_white + n_correlated), np.int64)
    wave_factors = view(pool.wave_factors, (at + 1) * n_waves, number)[at * n_waves :]
    waves = view(pool.waves, n_waves * pool.size, number)
    for w in range(n_waves):
        factor = wave_factors[w]
        if factor != 0 and extents[2 * w] < stop and tile < extents[2 * w + 1]:
            amplitude = waves[w * pool.size + tile : w * pool.size + stop]
            for i in range(count):
                total[i] += amplitude[i] * factor
    key0, key1 = np.uint32(pool.key0), np.uint32(pool.key1)
    white_factors = view(pool.white_factors, (at + 1) * n_white, number)[at * n_white :]
    correlated_factors = view(pool.correlated_factors, (at + 1) * n_correlated, number)[at * n_correlated :]
    sds = view(pool.white, n_white * pool.size, number)
    values = view(pool.correlated, n_correlated * pool.size, number)
    decays = view(pool.decay, n_correlated * pool.size, number)
    kicks = view(pool.kick, n_correlated * pool.size, number)
    for w in range(n_white + n_correlated):  # one loop: the code for normals is long
        row = 2 * (n_waves + w)
        if extents[row] < stop and tile < extents[row + 1]:
            white, c = w < n_white, w - n_white
            factor = white_factors[w] if white else correlated_factors[c]
            if factor != 0 or not white:
                stream = w if white else CORRELATED + c
                fill_normals(normals, bits, tile // TILE, count, step, stream, key0, key1)
                if white:
                    sd = sds[w * pool.size + tile : w * pool.size + stop]
                    for i in range(count):
                        total[i] += sd[i] * factor * normals[i]
                else:
                    here, end = c * pool.size + tile, c * pool.size + stop
                    value, decay, kick = values[here:end], decays[here:end], kicks[here:end]
                    for i in range(count):
                        total[i] += value[i] * factor
                        value[i] = decay[i] * value[i] + kick[i] * normals[i]


@inline
def _add_trains(pool, number, itemsize, step, at, tile, count, bits, counts, work):
    """Add the Poisson trains of step ``step`` (row ``at`` of the factors) to the ports of a tile."""
    n_tiles = -(-pool.size // TILE)
    ports = view(pool.train_ports, pool.n_trains, np.int64)
    factors = view(pool.train_factors, (at + 1) * pool.n_trains, number)[at * pool.n_trains :]
    largest = view(pool.train_largest, pool.n_trains * n_tiles, number)
    equal = view(pool.train_equal, pool.n_trains * n_tiles, np.uint8)
    for row in range(pool.n_trains):
        place, first = row * n_tiles + tile // TILE, itemsize * (row * pool.size + tile)
        if factors[row] != 0 and largest[place] != 0:
            port = ports[row] + itemsize * tile
            if ports[row] == pool.pulses:
                port += itemsize * (step % pool.n_pulse_slots * pool.size)
            call_adder(
                pool.adder, port, pool.trains + first, pool.train_weights + first,
                factors[row], largest[place], equal[place] != 0, tile // TILE, count, step,
                POISSON_TRAINS + row, np.uint32(pool.key0), np.uint32(pool.key1),
                address_of(bits, 0), address_of(counts, 0), address_of(work, 0),
            )  # fmt: skip


@inline
def _sources(pool, number, itemsize, block, step, last_step, first_step, bits):
    """List the spikes of a block of sources from ``step`` to ``last_step``."""
    bounds = view(pool.bounds, pool.n_blocks + 1, np.int64)
    begin, end = bounds[block], min(bounds[block + 1], pool.n)
    history = view(pool.history, pool.n_slots * pool.size, np.int32)
    counts = view(pool.counts, pool.n_slots * pool.n_blocks, np.int32)
    factors = view(pool.train_factors, last_step - first_step, number)
    largest = view(pool.train_largest, -(-pool.size // TILE), number)
    equal = view(pool.train_equal, -(-pool.size // TILE), np.uint8)
    steps = view(pool.given_steps, pool.n_given, np.int64)
    neurons = view(pool.given_neurons, pool.n_given, np.int64)
    spike_count = view(pool.spike_count, pool.size if pool.spike_count else 0, np.int64)
    given = first_at_least(steps, pool.n_given, step + 1)
    while step < last_step:
        slot = (step + 1) & (pool.n_slots - 1)
        listed = history[slot * pool.size + begin : slot * pool.size + bounds[block + 1]]
        count = 0
        for tile in range(begin, end if pool.lister else begin, TILE):
            count += call_lister(
                pool.lister, address_of(listed, count), pool.trains + itemsize * tile,
                factors[step - first_step], largest[tile // TILE], equal[tile // TILE] != 0, tile,
                min(TILE, end - tile), step, np.uint32(pool.key0), np.uint32(pool.key1), address_of(bits, 0),
            )  # fmt: skip
        while given < pool.n_given and steps[given] == step + 1:
            if begin <= neurons[given] < end:
                listed[count] = neurons[given]
                count += 1
            given += 1
        for j in range(count if len(spike_count) > 0 else 0):
            spike_count[listed[j]] += 1
        counts[slot * pool.n_blocks + block] = count
        step += 1


@inline
def _collect(pool, number, stamp, row):
    """Copy the spikes of a finished step from a pool's history to its record."""
    slot, size, n_blocks = stamp & (pool.n_slots - 1), pool.size, pool.n_blocks
    bounds, n_kept = view(pool.bounds, n_blocks + 1, np.int64), view(pool.n_kept, 1, np.int64)
    history = view(pool.history + 4 * slot * size, size, np.int32)
    counts = view(pool.counts + 4 * slot * n_blocks, n_blocks, np.int32)
    spikes = view(pool.spikes, pool.capacity, np.int32)
    kept = view(pool.kept, pool.n if pool.kept else 0, np.uint8)
    crossings = view(pool.crossings, pool.n_slots * size if pool.crossings else 0, number)[slot * size :]
    spike_crossings = view(pool.spike_crossings, pool.capacity if pool.crossings else 0, number)
    per_step = view(pool.per_step + 8 * row, 2, np.int32)
    total, taken = 0, n_kept[0]
    for block in range(n_blocks):
        begin, count = bounds[block], np.int64(counts[block])
        total += count
        if not pool.keep_spikes:
            continue
        listed, into = history[begin : begin + count], spikes[taken:]
        if len(kept) == 0:
            for j in range(count):
                into[j] = listed[j]
            if len(spike_crossings) > 0:
                when, into_crossings = crossings[begin : begin + count], spike_crossings[taken:]
                for j in range(count):
                    into_crossings[j] = when[j]
            taken += count
            continue
        for j in range(count):
            if kept[listed[j]]:
                spikes[taken] = listed[j]
                if len(spike_crossings) > 0:
                    spike_crossings[taken] = crossings[begin + j]
                taken += 1
    per_step[0], per_step[1] = total, taken - n_kept[0]
    n_kept[0] = taken


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
        taken = view(pool.n_kept, 1, np.int64)[0]
        stop |= pool.keep_spikes != 0 and taken + window * pool.n > pool.capacity
    return stop


@inline
def _neurons(pool, pools, number, itemsize, lanes, block, step, last_step, first_step, dt, dt64, scratch):
    """Advance the neurons of a block from ``step`` to ``last_step``."""
    summed, normals, bits, eventful, counted, work, visits = scratch
    n, size = pool.n, pool.size
    n_used = -(-n // lanes) * lanes
    bounds = view(pool.bounds, pool.n_blocks + 1, np.int64)
    begin, end = bounds[block], bounds[block + 1]
    width = pool.n_projections * N_COLUMNS
    pieces = view(pool.pieces + 8 * block * width, width, np.int64)
    driven, pulsed = pool.n_waves + pool.n_white + pool.n_correlated > 0, pool.pulses != 0
    pulses = view(pool.pulses, pool.n_pulse_slots * size if pulsed else 0, number)
    rings = view(pool.rings, 3 * pool.n_rings, np.int64)
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
    fault = view(pool.fault + 16 * block, 2, np.int64)
    for visited in range(step - (pool.remade if step == first_step else 0), last_step):
        deliver(pieces, size, number, visited, max(visited, step), pools, visits)
        if visited < step:
            continue
        stamp = step + 1
        pulse_slot = step % pool.n_pulse_slots * size if pulsed else 0
        slot = stamp & (pool.n_slots - 1)
        listed = history[slot * size + begin : slot * size + end]
        listed_crossings = crossings[slot * size + begin : slot * size + end]
        count, probe = 0, first_probe
        for tile in range(begin, end, TILE):
            stop = min(tile + TILE, end)
            used = min(stop, n_used) - tile
            for r in range(0, len(rings), 3):
                slot_of_ring = view(rings[r], rings[r + 1] * size, number)[step % rings[r + 1] * size :]
                arrived, port = slot_of_ring[tile:stop], view(rings[r + 2], size, number)[tile:stop]
                for i in range(stop - tile):
                    port[i] += arrived[i]
                    arrived[i] = number(0)
            _add_trains(pool, number, itemsize, step, step - first_step, tile, used, bits, counted, work)
            current = view(constant[tile // TILE], TILE, number)
            if driven or pulsed:
                offset, current = current, summed[: stop - tile]
                for i in range(used):
                    current[i] = offset[i]
                if driven:
                    row = step - first_step
                    _add_drive(current, pool, number, step, row, tile, stop, used, normals, bits)
                if pulsed:
                    arrived = pulses[pulse_slot + tile : pulse_slot + stop]
                    for i in range(used):
                        current[i] += arrived[i]
                        arrived[i] = number(0)
            call_update(
                pool.update, pool.rows + 8 * (tile // TILE) * pool.n_rows, used,
                address_of(current, 0), address_of(outcome, tile), address_of(crossing, tile),
                number(step * dt64), dt,
            )  # fmt: skip
            count, broken = _list_spikes(
                outcome, words, tile, stop, n, listed, count, spike_count, eventful, crossing,
                listed_crossings,
            )  # fmt: skip
            if broken >= 0 and fault[0] < 0:
                fault[0], fault[1] = stamp, broken
            if probe < last_probe:
                probe = _keep_traces(
                    probes, probe, last_probe, tile, stop, first_step, stamp, pool, current, outcome, trace
                )
        counts[slot * pool.n_blocks + block] = count
        step += 1


@functools.cache
def steps(dtype: np.dtype[Any]) -> Callable[..., Any]:
    """Return the compiled steps of pools of a precision, see ``run`` below."""
    number, itemsize, lanes = dtype.type, dtype.itemsize, _LANES[dtype.name]

    @kernel(key=dtype.name)
    def run(
        thread, n_threads, flags, n_steps, window, first_step, dt, dt64, pools, blocks, done, clock, scratch
    ):
        """Advance pools by up to ``n_steps`` steps; thread 0 leads, the others help.

        Stops early when a state is not finite, and when the record of spikes could overflow.

        Parameters
        ----------
        pools : record array (n_pools,), see :mod:`izhi_numba.kernels.layout`
        blocks : int64 array (n_blocks, 2), pool and number within it of all blocks
        done : int64 array (1,), steps done in this call
        clock : int64 array (1,), steps so far; moved here, so that it never parts from the state
        """
        n_blocks = len(blocks)
        window_number, finished, attempt = 0, 0, 0
        while True:
            if thread == 0:
                if finished == n_steps or _must_stop(pools, window):
                    team.store(flags, team.WINDOW, team.FINISHED)
                    break
                window_number += 1
                team.store(flags, team.DONE, 0)
                team.store(flags, team.WINDOW, window_number)
            else:
                seen = team.load(flags, team.WINDOW)
                if seen == team.FINISHED:
                    break
                if seen == window_number:
                    team.wait(attempt)
                    attempt += 1
                    continue
                window_number = seen
                finished = (window_number - 1) * window
            size = min(window, n_steps - finished)
            begin = first_step + finished
            for turn in range(n_blocks):
                block = (turn + thread * n_blocks // n_threads) % n_blocks
                claim = team.BLOCKS + team.LINE * block
                if not team.exchange_if(flags, claim, window_number - 1, window_number):
                    continue
                pool, end = pools[blocks[block, 0]], begin + size
                if pool.update:
                    _neurons(
                        pool, pools, number, itemsize, lanes, blocks[block, 1], begin, end, first_step, dt,
                        dt64, scratch,
                    )  # fmt: skip
                else:
                    _sources(pool, number, itemsize, blocks[block, 1], begin, end, first_step, scratch[2])
                team.add(flags, team.DONE, 1)
            attempt = 0
            if thread == 0:
                while team.load(flags, team.DONE) < n_blocks:
                    team.wait(attempt)
                    attempt += 1
                for step in range(size):
                    for p in range(len(pools)):
                        pools[p].remade = 0  # here, so that rings are never filled twice
                        _collect(pools[p], number, begin + step + 1, finished + step)
                finished += size
                done[0] += size
                clock[0] += size

    return run
