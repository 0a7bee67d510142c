"""The update of a range of neurons: advance, detect, reset. The only code that knows the model.

:func:`build` makes it from a model's plain functions, and gives its address to the steps of a pool
(:mod:`izhi_numba.kernels.run.step`), which are the same machine code for all models: a model of a user's own
compiles in a second or two, where steps with the model merged into them took eight. One call serves
about a thousand neurons, and costs a few nanoseconds.

Arrays come as a table of addresses. Each load and store says which array it touches (alias scopes), so
that the loop becomes vector code however many variables and parameters there are; left alone, LLVM
compares all pairs of arrays at run time, and gives up above 128.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import from_dtype, types
from numba.core import cgutils
from numba.extending import intrinsic

from izhi_numba.kernels.jit import Callback, callback, inline
from izhi_numba.kernels.plain_python import inline_as
from izhi_numba.kernels.tuples import all_finite, between, select, tuple_text

SPIKED, NOT_FINITE = np.uint8(1), np.uint8(2)  # a neuron's outcome is one of them, or 0
_UNDECIDED = np.uint8(4)  # within the update: its step is to be taken carefully
_AT_ONCE = 64  # neurons among which one is looked for whose step is

# Arrays in alias scopes: the first ones, then variables and parameters.
_CURRENT, _OUTCOME, _CROSSING, _FIRST_ROW = range(4)

_HALVINGS = 20  # of a step, to find where the threshold was crossed


def build(
    dtype: np.dtype[Any],
    variables: tuple[np.dtype[Any], ...],
    n_parameters: int,
    advance: Callable[..., Any],
    jump: Callable[..., Any],
    detect: Callable[..., Any],
    reset: Callable[..., Any],
    key: str,
    *,
    interpolated: bool,
    steep: Callable[..., Any] | None = None,
    careful: Callable[..., Any] | None = None,
) -> Callback:
    """Compile the update of neurons from functions of one neuron.

    Parameters
    ----------
    dtype : float32 or float64
        Of input and parameters.
    variables : tuple of float32 or float64
        Precision of each; their rows come first in the table of addresses.
    n_parameters : int
        Rows after them.
    advance, reset : functions of (x, current, t, dt, p), already inlined for ``dtype``
        Tuples in, a tuple of the variables' types out. ``t`` is a double, and ``dt`` is of ``dtype``; it
        comes as a double after the parameters, too.
    jump : function of (before, x)
        ``x`` with what arrives at the end of the step, before the threshold is looked at.
    detect : function of (before, x, current, t, dt, p)
        Whether a neuron spikes that was ``before`` and is now ``x``.
    key : str
        Names the code in the disk cache.
    interpolated : bool
        Whether to find where in the step the threshold was crossed.
    steep : function of (before, x, current, t, dt, p), optional
        Whether a neuron's step is to be taken carefully, if it does not spike in it.
    careful : function of (before, current, t, dt, p), in double precision, optional
        Another step for neurons that spike or are steep: ``x``, whether it spiked, and after which part of
        the step. See :mod:`izhi_numba.numerics.precise`.

    Returns
    -------
    Callback
        See ``update`` below.
    """
    number, n_variables = from_dtype(dtype), len(variables)
    kinds, numbers = [from_dtype(one) for one in variables], [number] * n_parameters
    n_rows = n_variables + n_parameters
    n_scopes = _FIRST_ROW + n_rows
    pointer, byte_pointer = _pointer(number), _pointer(types.uint8)
    state_rows, parameter_rows = _rows(kinds, 0), _rows(numbers, n_variables)
    fetch_state = _fetch(kinds, _FIRST_ROW, n_scopes)
    fetch_parameters = _fetch(numbers, _FIRST_ROW + n_variables, n_scopes)
    fetch_current = _fetch([number], _CURRENT, n_scopes)
    keep_state = _keep(kinds, _FIRST_ROW, n_scopes)
    keep_outcome = _keep([types.uint8], _OUTCOME, n_scopes)
    keep_crossing = _keep([number], _CROSSING, n_scopes)

    as_number = dtype.type
    wide_state, wide_numbers = _as_doubles(n_variables), _as_doubles(n_parameters + 1)

    @inline_as(dtype)
    def one_step(before, current, t, dt, p):
        smooth = advance(before, current, t, dt, p)
        x = jump(before, smooth)
        spiked = detect(before, x, current, t, dt, p)
        return select(spiked, reset(x, current, t, dt, p), x), spiked, smooth

    @inline_as(dtype)
    def halve(low, high, before, x, current, t, dt, p):
        middle = (low + high) * 0.5
        above = detect(before, between(before, x, middle), current, t, dt, p)
        return (low, middle) if above else (middle, high)

    @inline_as(dtype)
    def try_step(before, current, t, dt, p):
        smooth = advance(before, current, t, dt, p)
        x = jump(before, smooth)
        crosses = detect(before, smooth, current, t, dt, p) | detect(before, x, current, t, dt, p)
        return x, crosses | steep(before, smooth, current, t, dt, p)

    @inline
    def crossing_of(before, x, current, t, dt, p):
        """Part of the step after which a straight line from ``before`` to ``x`` crosses the threshold.

        All of it, where ``x``, which is without jumps, is not above.
        """
        low, high = dt - dt, dt / dt
        for _ in range(_HALVINGS):
            low, high = halve(low, high, before, x, current, t, dt, p)
        return high

    def update(table, first, stop, currents, outcomes, crossings, t, dt64):
        """Advance the neurons ``first`` to ``stop - 1`` of a tile by a step.

        ``table`` is the address of the rows' addresses; the rows, ``currents``, ``outcomes`` (uint8) and
        ``crossings`` are addresses of arrays for the tile. Time and step are doubles.
        """
        dt = as_number(dt64)
        state, parameters = state_rows(table), parameter_rows(table)
        current, outcome, crossing = pointer(currents), byte_pointer(outcomes), pointer(crossings)
        for i in range(first, stop):
            before, p = fetch_state(state, i), fetch_parameters(parameters, i) + (dt64,)
            now = fetch_current((current,), i)[0]
            after, spiked, smooth = one_step(before, now, t, dt, p)
            keep_state(state, i, after)
            keep_outcome((outcome,), i, (np.uint8(spiked) if all_finite(after) else NOT_FINITE,))
            if interpolated:
                keep_crossing((crossing,), i, (crossing_of(before, smooth, now, t, dt, p),))

    def update_carefully(table, first, stop, currents, outcomes, crossings, t, dt64):
        """The same, where neurons take their step again whose spike or steep voltage is within it."""
        dt = as_number(dt64)
        state, parameters = state_rows(table), parameter_rows(table)
        current, outcome, crossing = pointer(currents), byte_pointer(outcomes), pointer(crossings)
        for i in range(first, stop):
            before, p = fetch_state(state, i), fetch_parameters(parameters, i) + (dt64,)
            now = fetch_current((current,), i)[0]
            x, undecided = try_step(before, now, t, dt, p)
            keep_state(state, i, select(undecided, before, x))
            decided = np.uint8(0) if all_finite(x) else NOT_FINITE
            keep_outcome((outcome,), i, (_UNDECIDED if undecided else decided,))
        for begin in range(first, stop, _AT_ONCE):
            end, undecided = min(begin + _AT_ONCE, stop), np.uint8(0)
            for i in range(begin, end):
                undecided |= outcome[i]
            if undecided & _UNDECIDED:
                for i in range(begin, end):
                    if outcome[i] == _UNDECIDED:
                        before, p = fetch_state(state, i), fetch_parameters(parameters, i) + (dt64,)
                        now = np.float64(fetch_current((current,), i)[0])
                        x, spiked, instant = careful(wide_state(before), now, t, dt64, wide_numbers(p))
                        keep_state(state, i, x)
                        keep_outcome((outcome,), i, (np.uint8(spiked) if all_finite(x) else NOT_FINITE,))
                        keep_crossing((crossing,), i, (as_number(instant),))

    signature = types.void(*[types.int64] * 6, types.float64, types.float64)
    return callback(signature, update if careful is None else update_carefully, key)


def _as_doubles(count: int) -> Any:
    """Make a function that turns a tuple of so many numbers into one of doubles."""
    namespace: dict[str, Any] = {"double": np.float64}
    items = tuple_text([f"double(x[{k}])" for k in range(count)])
    exec(f"def as_doubles(x): return {items}", namespace)
    return inline(namespace["as_doubles"])


def _pointer(kind: Any) -> Any:
    """Make a function of an address: the pointer to items of a type there."""

    @intrinsic
    def pointer(typingctx: Any, address: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            return builder.inttoptr(args[0], context.get_value_type(types.CPointer(kind)))

        return types.CPointer(kind)(types.int64), codegen

    return pointer


def _rows(kinds: list[Any], begin: int) -> Any:
    """Make a function of the table: pointers to some of its rows, which hold items of these types."""
    result = types.Tuple([types.CPointer(kind) for kind in kinds])

    @intrinsic
    def rows(typingctx: Any, table: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            addresses = builder.inttoptr(args[0], ir.IntType(64).as_pointer())
            found = []
            for place, pointer in enumerate(result, begin):
                address = builder.load(builder.gep(addresses, [ir.Constant(ir.IntType(64), place)]))
                found.append(builder.inttoptr(address, context.get_value_type(pointer)))
            return context.make_tuple(builder, result, found)

        return result(types.int64), codegen

    return rows


def _fetch(kinds: list[Any], scope: int, n_scopes: int) -> Any:
    """Make a function of (pointers, i): item ``i`` of each array."""
    result = types.Tuple(kinds)

    @intrinsic
    def fetch(typingctx: Any, pointers: Any, i: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            items = []
            for k, pointer in enumerate(cgutils.unpack_tuple(builder, args[0])):
                items.append(builder.load(builder.gep(pointer, [args[1]])))
                _alone(builder, items[-1], scope + k, n_scopes)
            return context.make_tuple(builder, result, items)

        return result(pointers, i), codegen

    return fetch


def _keep(kinds: list[Any], scope: int, n_scopes: int) -> Any:
    """Make a function of (pointers, i, values): set item ``i`` of each array."""

    @intrinsic
    def keep(typingctx: Any, pointers: Any, i: Any, values: Any) -> Any:
        def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            items = cgutils.unpack_tuple(builder, args[2])
            for k, pointer in enumerate(cgutils.unpack_tuple(builder, args[0])):
                item = context.cast(builder, items[k], values[k], kinds[k])
                _alone(builder, builder.store(item, builder.gep(pointer, [args[1]])), scope + k, n_scopes)
            return context.get_dummy_value()

        return types.void(pointers, i, values), codegen

    return keep


def _alone(builder: Any, access: Any, scope: int, n_scopes: int) -> None:
    """Say that a load or store touches the array of this scope and no other."""
    module = builder.module
    domain = module.add_metadata([ir.MetaDataString(module, "izhi_numba arrays")])
    scopes = [module.add_metadata([ir.MetaDataString(module, f"array {k}"), domain]) for k in range(n_scopes)]
    access.set_metadata("alias.scope", module.add_metadata([scopes[scope]]))
    others = scopes[:scope] + scopes[scope + 1 :]
    access.set_metadata("noalias", module.add_metadata(others))


@intrinsic
def call_update(
    typingctx: Any, address: Any, table: Any, first: Any, stop: Any, currents: Any, outcomes: Any,
    crossings: Any, t: Any, dt: Any,
) -> Any:  # fmt: skip
    """Call an update by its address."""
    arguments = [types.int64] * 6 + [t, dt]

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        kinds = [context.get_value_type(kind) for kind in arguments]
        kind = ir.FunctionType(ir.VoidType(), kinds).as_pointer()
        builder.call(builder.inttoptr(args[0], kind), args[1:])
        return context.get_dummy_value()

    return types.void(types.int64, *arguments), codegen
