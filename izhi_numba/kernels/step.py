"""The step of a pool: deliver, drive, integrate, detect and reset, list spikes, keep traces.

:func:`build` merges a model's plain functions into one compiled loop over many steps. Neurons are cut
into blocks; a block does all of a step for its own neurons (*owner computes*), so that the end of a
window of steps is the only point where threads meet. The window is as long as the shortest delay
allows: unconnected neurons stay in the cache for many steps.

The result does not depend on the blocks: random numbers go by neuron and step, each target adds its
inputs in one order, and blocks are whole tiles, so that each neuron is always computed by the same
instructions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from izhi_numba.kernels import team
from izhi_numba.kernels._jit import inline, inline_as, kernel
from izhi_numba.kernels.deliver import deliver
from izhi_numba.kernels.rng import TILE, fill_normals
from izhi_numba.kernels.tuples import all_finite, pick, pieces, put, select

LANES = 64  # arrays are padded to a multiple of this: no neuron is ever a loop's remainder
SPIKED, NOT_FINITE = np.uint8(1), np.uint8(2)  # a neuron's outcome is one of them, or 0


class Neurons(NamedTuple):
    """What the neurons are: padded arrays, one per variable and parameter."""

    state: tuple[Any, ...]
    parameters: tuple[Any, ...]
    outcome: Any  # uint8 (n_padded,): SPIKED, NOT_FINITE
    words: Any  # the same memory as uint64, to skip eight quiet neurons at a time


class Drive(NamedTuple):
    """What comes from outside."""

    constant: Any  # float (n_padded,)
    noise: Any  # float (n_padded,), standard deviation per step
    noisy: Any  # int64 (2,), the range of neurons that have noise
    key: Any  # uint32 (2,), the seed


class Wiring(NamedTuple):
    """What comes from inside."""

    pieces: Any  # int64 (n_blocks, n_projections, N_COLUMNS)
    weight_of: Any  # float (n_projections,)
    arriving: Any  # float (n_padded,)
    bounds: Any  # int64 (n_blocks + 1,), of the blocks
    history: Any  # int32 (n_slots, n_padded)
    counts: Any  # int32 (n_slots, n_blocks)


class Record(NamedTuple):
    """What is kept."""

    spikes: Any  # int32 (capacity,), filled by each call from its beginning
    per_step: Any  # int32 (n_steps, 2), spikes in each step, and those of them kept
    kept: Any  # uint8 (n,) or (0,): neurons whose spikes are kept; all when empty
    keep_spikes: Any  # bool (1,)
    counting: Any  # bool (1,), whether ``spike_count`` is wanted
    spike_count: Any  # int64 (n_padded,) or (0,)
    trace: Any  # float (size,), see ``probes``
    probes: Any  # int64 (n_probes, 5): neuron, variable, every, offset, stride
    probe_bounds: Any  # int64 (n_blocks + 1,)
    peak: Any  # float (n_variables + 1,), shown for a variable on the step of a spike; NaN: none
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
def _list_spikes(outcome, words, first, last, n, spikes, count, counting, spike_count, eventful):
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
                count += 1
                if counting:
                    spike_count[i] += 1
            elif broken < 0:
                broken = i
    return count, broken


@inline
def _keep_traces(probes, probe, last, tile, stop, sample_of, stamp, state, current, outcome, peak, trace):
    """Keep the variables of the probed neurons of one tile; returns the next probe."""
    while probe < last and probes[probe, 0] < stop:
        neuron, variable, every = probes[probe, 0], probes[probe, 1], probes[probe, 2]
        if stamp % every == 0:
            value = current[neuron - tile] if variable == len(state) else state[variable][neuron]
            if outcome[neuron] == SPIKED and peak[variable] == peak[variable]:
                value = peak[variable]
            sample = stamp // every - sample_of // every - 1
            trace[probes[probe, 3] + sample * probes[probe, 4]] = value
        probe += 1
    return probe


@inline
def _collect(slot, bounds, history, counts, kept, keep_spikes, spikes, n_kept):
    """Copy the spikes of a finished step from the history to the record.

    Returns how many there were in all and the new length of the record.
    """
    total = 0
    for block in range(len(bounds) - 1):
        begin, count = bounds[block], np.int64(counts[slot, block])
        total += count
        if not keep_spikes:
            continue
        for j in range(begin, begin + count):
            i = history[slot, j]
            if len(kept) == 0 or kept[i]:
                spikes[n_kept] = i
                n_kept += 1
    return total, n_kept


def build(
    dtype: np.dtype[Any],
    advance: Callable[..., Any],
    threshold: Callable[..., Any],
    reset: Callable[..., Any],
    key: str,
) -> Callable[..., Any]:
    """Compile the steps of a pool from three functions of one neuron.

    Parameters
    ----------
    dtype : float32 or float64
    advance, threshold, reset : functions of (state, current, t, dt, parameters), already inlined
        for ``dtype``; tuples in, a tuple, a truth value and a tuple out
    key : str, names the code in the disk cache

    Returns
    -------
    callable, see ``run`` below
    """
    number = dtype.type

    @inline_as(dtype)
    def one_step(x, current, t, dt, p):
        x = advance(x, current, t, dt, p)
        spiked = threshold(x, current, t, dt, p)
        return select(spiked, reset(x, current, t, dt, p), x), spiked

    @inline
    def update(state, parameters, current, outcome, t, dt):
        for i in range(len(outcome)):
            x, spiked = one_step(pick(state, i), current[i], t, dt, pick(parameters, i))
            put(state, i, x)
            outcome[i] = np.uint8(spiked) if all_finite(x) else NOT_FINITE

    @inline
    def add_up(current, constant, noise, normals, noisy, arriving, connected):
        if noisy:
            for i in range(len(current)):
                current[i] = constant[i] + noise[i] * number(normals[i])
        else:
            for i in range(len(current)):
                current[i] = constant[i]
        if connected:
            for i in range(len(current)):
                current[i] += arriving[i]

    @kernel(key=key)
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
        state, parameters, outcome, words = neurons
        constant, noise, noisy, key_words = drive
        pieces_of, weight_of, arriving, bounds, history, counts = wiring
        (
            spikes,
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
                        for i in range(begin, end):
                            arriving[i] = number(0)
                        deliver(arriving, pieces_of, weight_of, block, step, history, counts, bounds)
                    listed = history[stamp & mask, begin:end]
                    count = 0
                    probe = probe_bounds[block]
                    for tile in range(begin, end, TILE):
                        stop = min(tile + TILE, end)
                        tile_noisy = noisy[0] < stop and tile < noisy[1]
                        if tile_noisy:
                            fill_normals(
                                normals, bits, tile // TILE, stop - tile, step, 0, key_words[0], key_words[1]
                            )
                        current = constant[tile:stop]
                        if tile_noisy or connected:
                            current = summed[: stop - tile]
                            add_up(
                                current, constant[tile:stop], noise[tile:stop], normals, tile_noisy,
                                arriving[tile:stop], connected,
                            )  # fmt: skip
                        update(
                            pieces(state, tile, stop), pieces(parameters, tile, stop),
                            current, outcome[tile:stop], number(step * dt64), dt,
                        )  # fmt: skip
                        count, broken = _list_spikes(
                            outcome, words, tile, stop, n, listed, count, counting[0], spike_count, eventful
                        )
                        if broken >= 0 and fault[block, 0] < 0:
                            fault[block, 0], fault[block, 1] = stamp, broken
                        if probe < probe_bounds[block + 1]:
                            probe = _keep_traces(
                                probes, probe, probe_bounds[block + 1], tile, stop, first_step,
                                stamp, state, current, outcome, peak, trace,
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
                        stamp & mask, bounds, history, counts, kept, keep_spikes[0], spikes, done[1]
                    )
                    per_step[done[0], 0], per_step[done[0], 1] = total, n_kept - done[1]
                    done[1] = n_kept
                    done[0] += 1
                finished += size
                clock[0] += size

    return run
