"""Values of targets in the last steps, for synapses that learn from them.

Of each variable that some rule asks for, a population has a *ring* of rows, one for each of the last steps:
what the variable was when the step began. Neither a step nor a row of synapses waits for another thread,
since a block writes and reads what its own neurons were.

A rule may use values late; and where targets' spikes take the delay to the synapse, their values do so, too.
What is asked of a step before that from which on synapses carry spikes is what it was then.
"""

from __future__ import annotations

import numpy as np

from izhi_numba.kernels.intrinsics import view
from izhi_numba.kernels.jit import shared

# Columns of the table of rings.
(
    STATE,  # address of the variable
    ITEMSIZE,  # bytes of a number of it
    RING,  # address of its rows, each of all neurons; a step has row ``stamp % N_ROWS``
    N_ROWS,
    N_RING,
) = range(5)

# Columns of the table of values that a function asks for.
(
    ROWS,  # address of those of the ring, from the first neuron of the block on
    COUNT,  # of these
    APART,  # bytes from one to the next
    LATE,  # steps
    SINCE,  # the first step that is asked for
    N_VALUE,
) = range(6)


@shared
def keep_recent(rings, n_rings, size, begin, end, stamp, zero):
    """Keep variables of the neurons of a block, as they are when the step ``stamp`` begins."""
    itemsize = view(0, 0, zero).itemsize
    for k in range(n_rings):
        ring = view(rings + 8 * N_RING * k, N_RING, np.int64)
        into = view(ring[RING] + itemsize * size * (stamp % ring[N_ROWS]), size, zero)[begin:end]
        if ring[ITEMSIZE] == itemsize:
            values = view(ring[STATE], size, zero)[begin:end]
            for i in range(end - begin):
                into[i] = values[i]
        else:
            wide = view(ring[STATE], size, np.float64)[begin:end]
            for i in range(end - begin):
                into[i] = type(zero)(wide[i])
