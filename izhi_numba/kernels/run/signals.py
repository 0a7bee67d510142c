"""Signals: what all synapses of a projection hear of at once, whatever their neurons do.

There are the changes of modulators (dopamine, for instance), the ticks of a clock, and marks: a mark says
that the time that has passed was taken into account up to there, as something was written by hand. Signals
are numbered; a row knows which it has heard of, and hears of those that are new when it is visited. A signal
of a step comes before the spikes that arrive in it.
"""

from __future__ import annotations

import numpy as np

from izhi_numba.kernels.intrinsics import view
from izhi_numba.kernels.jit import inline

# Columns of what is known of the signals of a projection.
(
    STAMPS,  # address of the step of each
    IS_TICK,  # address of whether each is a tick
    VALUES,  # address of the modulators after each
    BEGIN,  # number of the first that is held
    END,  # number after the last one
    MODULATED,  # address of the decays of modulators
    N_SIGNALS,
) = range(7)
MANY = 128  # signals that are held, of which some are let go


@inline
def is_tick(signals, k):
    g = view(signals, N_SIGNALS, np.int64)
    return view(g[IS_TICK], g[END] - g[BEGIN], np.uint8)[k - g[BEGIN]] != 0


@inline
def new_signals(signals, heard, until):
    """Number of the first signal that comes after a step."""
    g, k = view(signals, N_SIGNALS, np.int64), heard
    stamps = view(g[STAMPS], g[END] - g[BEGIN], np.int64)
    while k < g[END] and stamps[k - g[BEGIN]] <= until:
        k += 1
    return k
