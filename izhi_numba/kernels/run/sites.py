"""The table of *sites*: what a visit to synapses that learn has to know of them."""

from __future__ import annotations

# Columns of the table of *sites*: the synapses of a projection onto one block of targets.
(
    LEARN,  # address of the code
    START,  # addresses from here on: where the records of each row begin, and the end
    SYNAPSES,  # records of target, delay and weight
    DELAYS,  # of the rows of a source, in steps; where records tell them, what they are counted from
    SEEN,  # of each row, the step up to which arrivals have been applied
    LAST,  # of each row, when the last spike of its source arrived; with axons, also the one before
    TRACES,  # of each row, those of the source after these
    VARIABLES,  # of each synapse
    PARAMETERS,
    DECAYS,  # of the traces of the source
    LOG,  # of the targets
    FAULT,  # row of the first weight that is not finite, and the step; -1: none
    N_DELAYS,  # rows of a source
    N_ROWS,
    LEAST,  # steps by which what is sent is added before the step that it is due in
    IS_DENDRITIC,  # whether the spikes of targets take the delay to the synapse, and not those of sources
    IS_ON,  # 0: it only sends
    SCRATCH,  # work space of the block
    N_KEPT,  # spikes of the source in LAST
    TRACE_BYTES,  # of a row in TRACES
    SIGNALS,  # that the synapses hear of, see :mod:`izhi_numba.kernels.run.signals`; 0: none
    HEARD,  # of each row, the number of the first signal that it has not heard of
    ORDINALS,  # of each synapse, among those of its pair of neurons; 0: none, as no random numbers are drawn
    KEY_0,  # of random numbers
    KEY_1,
    NUMBER,  # of the projection
    FIRST_SOURCE,  # neuron of the first row
    ASKED,  # values of targets, see :mod:`izhi_numba.kernels.run.recent`; 0: none
    N_SITE,
) = range(29)
