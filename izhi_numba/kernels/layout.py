"""What the compiled code knows of a pool and of its synapses: numbers and addresses.

A network of pools is an array of such records, so that any number of pools, of any models, is served by
the same machine code, in one call. Whoever fills a record keeps its arrays alive.
"""

from __future__ import annotations

import numpy as np

_FIELDS = (
    # What the neurons are, and how they are updated.
    "n",
    "size",  # of padded arrays
    "update",  # address of the compiled update; 0: sources, which only list spikes
    "rows",  # int64 (n_tiles, n_rows), addresses of variables and parameters of each tile, variables first
    "n_rows",
    "n_variables",
    "outcome",  # uint8 (size,): SPIKED, NOT_FINITE
    "crossing",  # float (size,), when in the step a spike came; 0: not asked for
    # What comes from outside. Tables of factors have a row for each step of the call.
    "constant",  # int64 (n_tiles,), addresses of the constant input of each tile
    "waves",  # float (n_waves, size), amplitudes
    "n_waves",
    "wave_factors",  # float (n_steps, n_waves)
    "white",  # float (n_white, size), standard deviations of independent noise
    "n_white",
    "white_factors",  # float (n_steps, n_white)
    "correlated",  # float (n_correlated, size), Ornstein-Uhlenbeck processes as they stand
    "n_correlated",
    "decay",  # float (n_correlated, size), per step
    "kick",  # float (n_correlated, size), per step
    "correlated_factors",  # float (n_steps, n_correlated)
    "extents",  # int64 (n_waves + n_white + n_correlated, 2), range of neurons that each row concerns
    "key0",  # uint32, of random numbers
    "key1",
    # What comes from inside.
    "pieces",  # int64 (n_blocks, n_projections, N_COLUMNS), see deliver
    "n_projections",
    "pulses",  # float (n_pulse_slots, size), ring of weights that add to the input of one step; 0: none do
    "n_pulse_slots",
    "rings",  # int64 (n_rings, 3): sums for receptors, their slots, and the port they are added to when due
    "n_rings",
    "remade",  # steps before the first whose visits are made again, as the rings are empty
    "bounds",  # int64 (n_blocks + 1,), first neuron of each block
    "n_blocks",
    "history",  # int32 (n_slots, size), spikes by the step they are stamped with, modulo n_slots
    "n_slots",
    "counts",  # int32 (n_slots, n_blocks), spikes that each block has in a slot
    "crossings",  # float (n_slots, size), when in its step each listed spike came; 0: not asked for
    "trains",  # float (n_trains, size), Poisson events of each neuron in a step where the factor is 1
    "n_trains",
    "train_weights",  # float (n_trains, size), of each event
    "train_largest",  # float (n_trains, n_tiles), of ``trains``
    "train_equal",  # bool (n_trains, n_tiles), whether all of ``trains`` that are not 0 are the same
    "train_factors",  # float (n_steps, n_trains)
    "train_ports",  # int64 (n_trains,), address of what the weights are added to, a number for each neuron
    "adder",  # address of the compiled code that draws them and adds
    # Sources, which only list spikes: one row of trains, or given spikes.
    "lister",  # address of the compiled code that draws the spikes
    "given_steps",  # int64 (n_given,), of given spikes, ascending
    "given_neurons",  # int64 (n_given,)
    "n_given",
    # What is kept.
    "spikes",  # int32 (capacity,), filled by each call from its beginning
    "spike_crossings",  # float (capacity,); 0: not asked for
    "capacity",
    "n_kept",  # int64 (1,), spikes kept
    "per_step",  # int32 (n_steps, 2), spikes in each step, and those of them kept
    "keep_spikes",
    "kept",  # uint8 (n,), neurons whose spikes are kept; 0: all
    "spike_count",  # int64 (size,); 0: not asked for
    "trace",  # float (any,), see ``probes``
    "probes",  # int64 (n_probes, 5): neuron, variable, every, offset, stride
    "probe_bounds",  # int64 (n_blocks + 1,)
    "peak",  # float (size,), shown for variable 0 on the step of a spike; NaN: none; 0: for no neuron
    "fault",  # int64 (n_blocks, 2), the first (step, neuron) that is not finite; -1: none
)

POOL = np.dtype([(name, np.int64) for name in _FIELDS])

# Columns of the table of pieces.
(
    FORM,  # how targets are stored, one of the forms below
    WEIGHTED,  # 1: one weight per synapse; 0: one weight for all
    FIRST_SOURCE,
    LAST_SOURCE,
    FIRST_TARGET,  # pool index of the piece's first target
    N_TARGETS,  # for the dense forms
    N_DELAYS,
    N_BINS,
    SLOTS,  # steps that the ring of sums holds
    DELAYS,  # addresses from here on: delays in steps, ascending
    BINS,  # number of the first delay of each bin, and the end
    START,
    SYNAPSES,  # records of target and, where each has its own, weight; dense: weights by source and target
    WIDTH,  # bytes of a record
    SKIP_SELF,  # dense with one weight: 1 when a neuron does not reach itself
    SINCE,  # spikes stamped with this step or an earlier one are not carried
    CURSOR,  # while a piece is built: where the next synapse of each row goes
    SOURCE,  # number of the pool that its sources belong to
    PORT,  # address of what the weights are added to: SLOTS times one number for each neuron of their pool
    FACTOR,  # address of the weight where there is one for all, else of a factor on all
    N_COLUMNS,
) = range(21)
DENSE, SPARSE = 0, 1  # all targets in order; uint16 offsets from FIRST_TARGET, as blocks are never longer
