"""Delivery: add the weights of the spikes that are due to the input of one block of targets.

A projection is cut into one *piece* per block of targets. A piece holds, for each of its sources,
the targets inside that block, sorted by delay; ``start`` says where the synapses of a (source, delay)
begin. Spikes wait in a short history, and a step reads just the parts that are due, so that all
adding goes to one buffer that stays in the cache. (A ring of future inputs was 4-5 times slower with
delays of 1-30 steps on 77,000 targets: each add is a cache miss.)

Each target adds its inputs in the order (projection, delay, source, place in the row), whatever the
blocks are.

Pieces are described by rows of an int64 table that holds addresses, so that a pool with another
number of projections needs no other machine code. So are the pools that spikes come from.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from izhi_numba.kernels._jit import inline, shared

# Columns of the table of pieces.
(
    FORM,  # how targets are stored, one of the forms below
    WEIGHTED,  # 1: one weight per synapse; 0: one weight for all
    FIRST_SOURCE,
    LAST_SOURCE,
    FIRST_TARGET,  # pool index of the piece's first target
    N_TARGETS,  # for the dense forms
    N_DELAYS,
    DELAYS,  # addresses from here on: delays in steps, ascending
    START,
    TARGETS,
    WEIGHTS,
    N_SYNAPSES,
    SKIP_SELF,  # dense with one weight: 1 when a neuron does not reach itself
    SINCE,  # spikes stamped with this step or an earlier one are not carried
    CURSOR,  # while a piece is built: where the next synapse of each row goes
    SOURCE,  # number of the pool that its sources belong to
    PORT,  # address of what the weights are added to, one number for each neuron of the targets' pool
    FACTOR,  # address of the weight where there is one for all, else of a factor on all
    N_COLUMNS,
) = range(19)
DENSE, SHORT, LONG = 0, 1, 2  # all targets in order; uint16 or uint32 offsets from FIRST_TARGET

# Visits to rows are listed before any is made, so that memory can be asked for AHEAD visits in advance, up to
# REACH synapses of each: its latency is most of what delivery costs.
AHEAD, REACH = 8, 512
MOST_VISITS = 2048  # that are listed at once


@intrinsic
def view(typingctx: Any, address: Any, count: Any, dtype: Any) -> Any:
    """The array of ``count`` items of a type, or of the type of a number, at an address.

    Numba's ``carray`` counts references.
    """
    item = getattr(dtype, "dtype", dtype)
    array_type = types.Array(item, 1, "C")

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        array = context.make_array(array_type)(context, builder)
        itemsize = context.get_constant(types.intp, context.get_abi_sizeof(context.get_data_type(item)))
        context.populate_array(
            array,
            data=builder.inttoptr(args[0], array.data.type),
            shape=(args[1],),
            strides=(itemsize,),
            itemsize=itemsize,
            meminfo=None,
        )
        return array._getvalue()

    return array_type(types.int64, types.int64, dtype), codegen


@intrinsic
def _prefetch(typingctx: Any, array: Any, index: Any) -> Any:
    """Ask for the cache line of an element (a bad address does no harm)."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        place = builder.bitcast(builder.gep(data, [args[1]]), ir.PointerType(ir.IntType(8)))
        i32 = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [place.type, i32, i32, i32])
        function = builder.module.declare_intrinsic("llvm.prefetch", [place.type], kind)
        builder.call(function, [place, i32(0), i32(3), i32(1)])
        return context.get_dummy_value()

    return types.void(array, types.int64), codegen


@intrinsic
def _prefetch_address(typingctx: Any, address: Any) -> Any:
    """Ask for the cache line at an address (a bad one does no harm)."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        place = builder.inttoptr(args[0], ir.PointerType(ir.IntType(8)))
        i32 = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [place.type, i32, i32, i32])
        function = builder.module.declare_intrinsic("llvm.prefetch", [place.type], kind)
        builder.call(function, [place, i32(0), i32(3), i32(1)])
        return context.get_dummy_value()

    return types.void(types.int64), codegen


@inline
def _ask_for(piece, begin, count, itemsize):
    """Ask for the memory of a row."""
    reach = min(count, REACH)
    width = 2 if piece[FORM] == SHORT else 4
    first = piece[TARGETS] + width * begin
    for address in range(first & ~63, first + width * reach, 64):
        _prefetch_address(address)
    if piece[WEIGHTED]:
        first = piece[WEIGHTS] + itemsize * begin
        for address in range(first & ~63, first + itemsize * reach, 64):
            _prefetch_address(address)


@inline
def _add_row(part, targets, weights, begin, end, weighted, weight):
    its_targets = targets[begin:end]
    if weighted:
        its_weights = weights[begin:end]
        for s in range(end - begin):
            part[its_targets[s]] += weight * its_weights[s]
    else:
        for s in range(end - begin):
            part[its_targets[s]] += weight


@shared
def _visit(pieces, size, zero, itemsize, visits, n_visits):
    """Make the listed visits; ``zero`` is of the type of the weights."""
    owners, rows, begins, counts = visits
    for k in range(n_visits):
        start = view(pieces[owners[k] + START], rows[k] + 2, np.uint32)
        begin = np.int64(start[rows[k]])
        begins[k], counts[k] = begin, np.int64(start[rows[k] + 1]) - begin
    for k in range(min(AHEAD, n_visits)):
        _ask_for(pieces[owners[k] : owners[k] + N_COLUMNS], begins[k], counts[k], itemsize)
    for k in range(n_visits):
        near = k + AHEAD
        if near < n_visits:
            _ask_for(pieces[owners[near] : owners[near] + N_COLUMNS], begins[near], counts[near], itemsize)
        if counts[k] == 0:
            continue
        piece = pieces[owners[k] : owners[k] + N_COLUMNS]
        part = view(piece[PORT], size, zero)[piece[FIRST_TARGET] :]
        n_synapses, begin, end = piece[N_SYNAPSES], begins[k], begins[k] + counts[k]
        weights, weight = view(piece[WEIGHTS], n_synapses, zero), view(piece[FACTOR], 1, zero)[0]
        if piece[FORM] == SHORT:
            targets = view(piece[TARGETS], n_synapses, np.uint16)
            _add_row(part, targets, weights, begin, end, piece[WEIGHTED], weight)
        else:
            wide = view(piece[TARGETS], n_synapses, np.uint32)
            _add_row(part, wide, weights, begin, end, piece[WEIGHTED], weight)


@inline
def _add_dense(current, spikes, piece, weights, weight):
    n_targets = piece[N_TARGETS]
    for j in range(len(spikes)):
        if piece[WEIGHTED]:
            begin = (spikes[j] - piece[FIRST_SOURCE]) * n_targets
            row = weights[begin : begin + n_targets]
            for i in range(n_targets):
                current[i] += weight * row[i]
        else:
            itself = n_targets
            if piece[SKIP_SELF]:
                itself = spikes[j] - piece[FIRST_TARGET]
                itself = itself if 0 <= itself < n_targets else n_targets
            for i in range(itself):
                current[i] += weight
            for i in range(itself + 1, n_targets):
                current[i] += weight


@inline
def first_at_least(spikes, n_spikes, neuron):
    """Place of the first spike, in an ascending list, of this neuron or a later one."""
    low, high = 0, n_spikes
    while low < high:
        middle = (low + high) >> 1
        if spikes[middle] < neuron:
            low = middle + 1
        else:
            high = middle
    return low


@inline
def deliver(pieces, size, number, itemsize, step, pools, visits):
    """Add what is due at ``step`` in one block of a pool of ``size`` neurons.

    Parameters
    ----------
    pieces : int64 array (n_projections * N_COLUMNS,), those of this block
    number : type of the weights
    pools : record array, see :mod:`izhi_numba.kernels.layout`
    visits : four int64 arrays (MOST_VISITS,), work space
    """
    owners, rows, _, _ = visits
    n_visits = 0
    for p in range(0, len(pieces), N_COLUMNS):
        piece = pieces[p : p + N_COLUMNS]
        source = pools[piece[SOURCE]]
        bounds = view(source.bounds, source.n_blocks + 1, np.int64)
        first_source, last_source, dense = piece[FIRST_SOURCE], piece[LAST_SOURCE], piece[FORM] == DENSE
        n_delays, start = piece[N_DELAYS], piece[START]
        delays = view(piece[DELAYS], n_delays, np.int64)
        if dense and n_visits > 0:
            _visit(pieces, size, number(0), itemsize, visits, n_visits)
            n_visits = 0
        for d in range(n_delays):
            stamp = step - delays[d]
            if stamp <= piece[SINCE]:
                continue
            slot = stamp & (source.n_slots - 1)
            counts = view(source.counts + 4 * slot * source.n_blocks, source.n_blocks, np.int32)
            history = view(source.history + 4 * slot * source.size, source.size, np.int32)
            for source_block in range(source.n_blocks):
                first = bounds[source_block]
                n_spikes = np.int64(counts[source_block])
                if n_spikes == 0 or first >= last_source or bounds[source_block + 1] <= first_source:
                    continue
                spikes = history[first : first + n_spikes]
                low = first_at_least(spikes, n_spikes, first_source)
                high = first_at_least(spikes, n_spikes, last_source)
                if dense:
                    part = view(piece[PORT], size, number)[piece[FIRST_TARGET] :]
                    weights = view(piece[WEIGHTS], piece[N_SYNAPSES], number)
                    _add_dense(part, spikes[low:high], piece, weights, view(piece[FACTOR], 1, number)[0])
                    continue
                for j in range(low, high):
                    if n_visits == MOST_VISITS:
                        _visit(pieces, size, number(0), itemsize, visits, n_visits)
                        n_visits = 0
                    row = (np.int64(spikes[j]) - first_source) * n_delays + d
                    _prefetch_address(start + 4 * row)
                    owners[n_visits], rows[n_visits] = p, row
                    n_visits += 1
    if n_visits > 0:
        _visit(pieces, size, number(0), itemsize, visits, n_visits)
