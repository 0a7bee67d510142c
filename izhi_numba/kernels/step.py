"""The step of a pool: deliver, drive, update the neurons, list spikes, keep traces.

One compiled loop over many steps serves all models: the update of a model's neurons is called by its
address (:mod:`izhi_numba.kernels.update`). Neurons are cut into blocks; a block does all of a step for
its own neurons (*owner computes*), so that the end of a window of steps is the only point where threads
meet. The window is as long as the shortest delay allows: unconnected neurons stay in the cache for many
steps.

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
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from izhi_numba.kernels import team
from izhi_numba.kernels._jit import inline, kernel
from izhi_numba.kernels.deliver import deliver, view
from izhi_numba.kernels.rng import TILE, fill_normals
from izhi_numba.kernels.update import SPIKED, address_of, call_update

PAD = 64  # arrays are padded to a multiple of this
# Neurons are updated in multiples of this. In single precision none is ever a loop's remainder, where
# multiply and add may be contracted in another way; in double precision all code gives the same bits.
_LANES = {"float32": 64, "float64": 1}
CORRELATED = 1 << 16  # streams of random numbers: those of correlated noise begin here


class Neurons(NamedTuple):
    """What the neurons are, and how they are updated."""

    update: Any  # int64 (1,), address of the compiled update
    rows: Any  # int64 (n_variables + n_parameters,), addresses of padded arrays, variables first
    n_variables: Any  # int64 (1,)
    outcome: Any  # uint8 (n_padded,): SPIKED, NOT_FINITE
    words: Any  # the same memory as uint64, to skip eight quiet neurons at a time
    crossing: Any  # float (n_padded,) or (1,): when in the step a spike came; empty: not asked for


class Drive(NamedTuple):
    """What comes from outside. Tables of factors have a row for each step of the call."""

    constant: Any  # float (n_padded,)
    waves: Any  # float (n_waves, n_padded), amplitudes
    wave_factors: Any  # float (n_steps, n_waves)
    white: Any  # float (n_white, n_padded), standard deviations of independent noise
    white_factors: Any  # float (n_steps, n_white)
    correlated: Any  # float (n_correlated, n_padded), Ornstein-Uhlenbeck processes as they stand
    decay: Any  # float (n_correlated, n_padded), per step
    kick: Any  # float (n_correlated, n_padded), per step
    correlated_factors: Any  # float (n_steps, n_correlated)
    extents: Any  # int64 (n_waves + n_white + n_correlated, 2), range of neurons that each row concerns
    key: Any  # uint32 (2,), the seed


class Wiring(NamedTuple):
    """What comes from inside."""

    pieces: Any  # int64 (n_blocks, n_projections, N_COLUMNS)
    weight_of: Any  # float (n_projections,)
    arriving: Any  # float (n_padded,)
    bounds: Any  # int64 (n_blocks + 1,), of the blocks
    history: Any  # int32 (n_slots, n_padded)
    counts: Any  # int32 (n_slots, n_blocks)
    crossings: Any  # float (n_slots, n_padded) or (1, 0): when in its step each listed spike came


class Record(NamedTuple):
    """What is kept."""

    spikes: Any  # int32 (capacity,), filled by each call from its beginning
    spike_crossings: Any  # float (capacity,) or (0,)
    per_step: Any  # int32 (n_steps, 2), spikes in each step, and those of them kept
    kept: Any  # uint8 (n,) or (0,): neurons whose spikes are kept; all when empty
    keep_spikes: Any  # bool (1,)
    counting: Any  # bool (1,), whether ``spike_count`` is wanted
    spike_count: Any  # int64 (n_padded,) or (0,)
    trace: Any  # float (size,), see ``probes``
    probes: Any  # int64 (n_probes, 5): neuron, variable, every, offset, stride
    probe_bounds: Any  # int64 (n_blocks + 1,)
    peak: Any  # float (n_padded,) or (0,), shown for variable 0 on the step of a spike; NaN: none
    fault: Any  # int64 (n_blocks, 2), the first (step, neuron) that is not finite; -1: none
    done: Any  # int64 (2,): steps done, spikes kept
    clock: Any  # int64 (1,): steps of the pool so far; moved here, so that it never parts from the state


@intrinsic
def lowest_bit(typingctx: Any, word: Any) -> Any:
    """Place of the lowest bit that is set."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.cttz(args[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.uint64), codegen


@inline
def _list_spikes(
    outcome, words, first, last, n, spikes, count, counting, spike_count, eventful, crossing, crossings
):
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
                if counting:
                    spike_count[i] += 1
            elif broken < 0:
                broken = i
    return count, broken


@inline
def _keep_traces(
    probes, probe, last, tile, stop, sample_of, stamp, rows, n_variables, current, outcome, peak, trace
):
    """Keep the variables of the probed neurons of one tile; returns the next probe."""
    while probe < last and probes[probe, 0] < stop:
        neuron, variable, every = probes[probe, 0], probes[probe, 1], probes[probe, 2]
        if stamp % every == 0:
            if variable == n_variables:
                value = current[neuron - tile]
            elif variable == 0 and outcome[neuron] == SPIKED and peak[neuron] == peak[neuron]:
                value = peak[neuron]
            else:
                value = view(rows[variable], neuron + 1, trace.dtype)[neuron]
            sample = stamp // every - sample_of // every - 1
            trace[probes[probe, 3] + sample * probes[probe, 4]] = value
        probe += 1
    return probe


@inline
def _touches(extents, row, tile, stop):
    return extents[row, 0] < stop and tile < extents[row, 1]


@inline
def _add_drive(total, drive, step, at, tile, stop, count, normals, bits):
    """Add waveforms and noise of step ``step`` (row ``at`` of the tables) to the input of a tile."""
    extents, row = drive.extents, 0
    for w in range(len(drive.waves)):
        factor = drive.wave_factors[at, w]
        if factor != 0 and _touches(extents, row, tile, stop):
            amplitude = drive.waves[w, tile:stop]
            for i in range(count):
                total[i] += amplitude[i] * factor
        row += 1
    n_white = len(drive.white)
    for w in range(n_white + len(drive.correlated)):  # one loop: the code for normals is long
        if _touches(extents, row, tile, stop):
            white, c = w < n_white, w - n_white
            factor = drive.white_factors[at, w] if white else drive.correlated_factors[at, c]
            if factor != 0 or not white:
                stream = w if white else CORRELATED + c
                fill_normals(normals, bits, tile // TILE, count, step, stream, drive.key[0], drive.key[1])
                if white:
                    sd = drive.white[w, tile:stop]
                    for i in range(count):
                        total[i] += sd[i] * factor * normals[i]
                else:
                    value, decay = drive.correlated[c, tile:stop], drive.decay[c, tile:stop]
                    kick = drive.kick[c, tile:stop]
                    for i in range(count):
                        total[i] += value[i] * factor
                        value[i] = decay[i] * value[i] + kick[i] * normals[i]
        row += 1


@inline
def _collect(slot, bounds, history, crossings, counts, kept, keep_spikes, spikes, spike_crossings, n_kept):
    """Copy the spikes of a finished step from the history to the record.

    Returns how many there were in all and the new length of the record.
    """
    total = 0
    for block in range(len(bounds) - 1):
        begin, count = bounds[block], np.int64(counts[slot, block])
        total += count
        if not keep_spikes:
            continue
        listed, into = history[slot, begin : begin + count], spikes[n_kept:]
        if len(kept) == 0:
            for j in range(count):
                into[j] = listed[j]
            if len(spike_crossings) > 0:
                when, into_crossings = crossings[slot, begin : begin + count], spike_crossings[n_kept:]
                for j in range(count):
                    into_crossings[j] = when[j]
            n_kept += count
            continue
        for j in range(count):
            if kept[listed[j]]:
                spikes[n_kept] = listed[j]
                if len(spike_crossings) > 0:
                    spike_crossings[n_kept] = crossings[slot, begin + j]
                n_kept += 1
    return total, n_kept


@functools.cache
def steps(dtype: np.dtype[Any]) -> Callable[..., Any]:
    """Return the compiled steps of pools of a precision, see ``run`` below."""
    number, LANES = dtype.type, _LANES[dtype.name]

    @kernel(key=dtype.name)
    def run(
        thread,
        n_threads,
        flags,
        n_steps,
        window,
        first_step,
        n,
        dt,
        dt64,
        neurons,
        drive,
        wiring,
        record,
        scratch,
    ):
        """Advance a pool by up to ``n_steps`` steps; thread 0 leads, the others help.

        Stops early when a state is not finite, and when the record of spikes could overflow.
        """
        rows, n_variables, outcome = neurons.rows, neurons.n_variables[0], neurons.outcome
        constant, driven = drive.constant, len(drive.extents) > 0
        pieces_of, weight_of, arriving, bounds, history, counts, crossings = wiring
        (
            spikes,
            spike_crossings,
            per_step,
            kept,
            keep_spikes,
            counting,
            spike_count,
            trace,
            probes,
            probe_bounds,
            peak,
            fault,
            done,
            clock,
        ) = record
        summed, normals, bits, eventful = scratch
        n_blocks = len(bounds) - 1
        n_used = -(-n // LANES) * LANES
        mask = len(history) - 1
        connected = pieces_of.shape[1] > 0
        window_number, finished, attempt = 0, 0, 0
        while True:
            if thread == 0:
                stop_now = finished == n_steps
                stop_now |= keep_spikes[0] and done[1] + window * n > len(spikes)
                for block in range(n_blocks):
                    stop_now |= fault[block, 0] >= 0
                if stop_now:
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
            for turn in range(n_blocks):
                block = (turn + thread * n_blocks // n_threads) % n_blocks
                claim = team.BLOCKS + team.LINE * block
                if not team.exchange_if(flags, claim, window_number - 1, window_number):
                    continue
                begin, end = bounds[block], bounds[block + 1]
                for step in range(first_step + finished, first_step + finished + size):
                    stamp = step + 1
                    if connected:
                        empty = arriving[begin:end]
                        for i in range(end - begin):
                            empty[i] = number(0)
                        deliver(arriving, pieces_of, weight_of, block, step, history, counts, bounds)
                    slot = stamp & mask
                    listed = history[slot, begin:end]
                    listed_crossings = crossings[slot % len(crossings), begin:end]
                    count, probe = 0, probe_bounds[block]
                    for tile in range(begin, end, TILE):
                        stop = min(tile + TILE, end)
                        used = min(stop, n_used) - tile
                        current = constant[tile:stop]
                        if driven or connected:
                            current = summed[: stop - tile]
                            offset, arrived = constant[tile:stop], arriving[tile:stop]
                            for i in range(used):
                                current[i] = offset[i]
                            if driven:
                                _add_drive(
                                    current, drive, step, step - first_step, tile, stop, used, normals, bits
                                )
                            if connected:
                                for i in range(used):
                                    current[i] += arrived[i]
                        call_update(
                            neurons.update[0], address_of(rows, 0), tile, used,
                            address_of(current, 0), address_of(outcome, tile),
                            address_of(neurons.crossing, tile), number(step * dt64), dt,
                        )  # fmt: skip
                        count, broken = _list_spikes(
                            outcome, neurons.words, tile, stop, n, listed, count, counting[0], spike_count,
                            eventful, neurons.crossing, listed_crossings,
                        )  # fmt: skip
                        if broken >= 0 and fault[block, 0] < 0:
                            fault[block, 0], fault[block, 1] = stamp, broken
                        if probe < probe_bounds[block + 1]:
                            probe = _keep_traces(
                                probes, probe, probe_bounds[block + 1], tile, stop, first_step, stamp, rows,
                                n_variables, current, outcome, peak, trace,
                            )  # fmt: skip
                    counts[stamp & mask, block] = count
                team.add(flags, team.DONE, 1)
            attempt = 0
            if thread == 0:
                while team.load(flags, team.DONE) < n_blocks:
                    team.wait(attempt)
                    attempt += 1
                for stamp in range(first_step + finished + 1, first_step + finished + size + 1):
                    total, n_kept = _collect(
                        stamp & mask, bounds, history, crossings, counts, kept, keep_spikes[0], spikes,
                        spike_crossings, done[1],
                    )  # fmt: skip
                    per_step[done[0], 0], per_step[done[0], 1] = total, n_kept - done[1]
                    done[1] = n_kept
                    done[0] += 1
                finished += size
                clock[0] += size

    return run
