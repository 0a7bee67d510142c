"""Steps of targets that a rule asks for, instead of their spikes: those in which a function is true.

After each step the function is asked of each neuron, about its own values
(:mod:`izhi_numba.kernels.run.recent`). Where it says yes, the step is logged, with values that synapses will
ask for, which do not decay. So synapses are visited as for spikes, when their source spikes: a spike of
Clopath's neuron is 21 entries.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from izhi_numba.kernels.intrinsics import view
from izhi_numba.kernels.jit import Callback, callback, shared
from izhi_numba.kernels.run.log import EPOCH, IN_PLACE, N_LOG, N_THERE, PARAMETERS, VALUES, WHEN, log_step
from izhi_numba.kernels.run.written import Written


def build(
    dtype: np.dtype[Any], n_values: int, kept: Sequence[int], n_parameters: int, when: Callable[..., Any],
    key: str,
) -> Callback:  # fmt: skip
    """Compile what logs the steps in which a function of (values, p) is true; ``kept``: places of values."""
    number, itemsize = dtype.type, dtype.itemsize
    made, zero = Written(number), number(0)
    rows_at, value_at = made.rows(n_values), made.gathered(n_values)
    parameters_at = made.numbers(n_parameters)
    keep_values, apart = made.keep_some(kept, IN_PLACE * itemsize), IN_PLACE * itemsize

    def look(log_at, stamp):
        """Look at the neurons of a block after a step."""
        log = view(log_at, N_LOG, np.int64)
        rows, p = rows_at(log[VALUES], stamp), parameters_at(log[PARAMETERS])
        since_epoch = stamp - log[EPOCH]
        for neuron in range(log[N_THERE]):
            values = value_at(rows, itemsize * neuron)
            if when(values, p):
                keep_values(log_step(log, neuron, since_epoch, zero) + apart, values)

    return callback(types.void(types.int64, types.int64), look, key)


@shared
def log_steps(logs, n_logs, stamp):
    """Log the neurons of a block for which a rule asks, after a step."""
    for g in range(n_logs):
        log = view(logs + 8 * N_LOG * g, N_LOG, np.int64)
        if log[WHEN] != 0:
            _call_look(log[WHEN], logs + 8 * N_LOG * g, stamp)


@intrinsic
def _call_look(typingctx: Any, code: Any, log: Any, stamp: Any) -> Any:
    """Call what logs steps by its address."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        word = context.get_value_type(types.int64)
        kind = ir.FunctionType(ir.VoidType(), [word, word]).as_pointer()
        builder.call(builder.inttoptr(args[0], kind), args[1:])
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64), codegen
