"""What the compiled code knows of a pool and of its synapses: numbers and addresses.

A network of pools is an array of records, so that any number of pools, of any models, is served by the same
machine code, in one call. A record is filled by :class:`Record`, which checks each array against what is
declared here: the compiled code would read a wrong one as it is, or past its end.
"""

from __future__ import annotations

import ctypes
import functools
from typing import Any, NamedTuple

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.kernels.rng import TILE

FLOAT = "float"  # of the precision of the pool


class _Field(NamedTuple):
    """A field that is the address of an array; 0 where that is empty, which means that it is not there."""

    kind: Any  # dtype, or FLOAT
    # Names of numbers, sums of them, or whole numbers; None: any. An array may be longer, not shorter.
    shape: tuple[str | tuple[str, ...] | int | None, ...]


_NUMBER = None
_I32, _I64, _U8 = np.dtype(np.int32), np.dtype(np.int64), np.dtype(np.uint8)
_PER_STEP = ("n_waves", "n_white", "n_correlated")

_FIELDS: dict[str, _Field | None] = {
    # What the neurons are, and how they are updated.
    "n": _NUMBER,
    "size": _NUMBER,  # of padded arrays
    "update": _NUMBER,  # address of the compiled update; 0: sources, which only list spikes
    # Addresses of variables and parameters of each tile, variables first.
    "rows": _Field(_I64, ("n_tiles", "n_rows")),
    "n_rows": _NUMBER,
    "n_variables": _NUMBER,
    "itemsizes": _Field(_I64, ("n_state_rows",)),  # bytes of a number of each row that a step changes
    "n_state_rows": _NUMBER,  # variables, those that users do not see as well
    # What stands still, see :mod:`izhi_numba.kernels.run.rest`.
    "may_rest": _NUMBER,  # 0: the model asks for the time
    "awake": _Field(_U8, ("n_groups",)),  # whether neurons are computed, by groups
    "n_groups": _NUMBER,
    "rest": _Field(_I64, ("n_blocks", 3)),
    "outcome": _Field(_U8, ("size",)),  # SPIKED, NOT_FINITE
    "silenced": _Field(_U8, ("size",)),  # 0: none is
    "held": _Field(np.dtype(np.uint64), ("n_state_rows", "size")),  # room for what they are held at
    "crossing": _Field(FLOAT, ("size",)),  # when in the step a spike came; 0: not asked for
    # What comes from outside. Tables of factors have a row for each step of the call, or one for all.
    "steady": _NUMBER,  # 1: one for all
    "constant": _Field(_I64, ("n_tiles",)),  # addresses of the constant input of each tile
    "waves": _Field(FLOAT, ("n_waves", "size")),  # amplitudes
    "n_waves": _NUMBER,
    "wave_factors": _Field(FLOAT, (None, "n_waves")),
    "white": _Field(FLOAT, ("n_white", "size")),  # standard deviations of independent noise
    "n_white": _NUMBER,
    "white_factors": _Field(FLOAT, (None, "n_white")),
    "correlated": _Field(FLOAT, ("n_correlated", "size")),  # Ornstein-Uhlenbeck processes as they stand
    "n_correlated": _NUMBER,
    "decay": _Field(FLOAT, ("n_correlated", "size")),  # per step
    "kick": _Field(FLOAT, ("n_correlated", "size")),  # per step
    "correlated_factors": _Field(FLOAT, (None, "n_correlated")),
    "extents": _Field(_I64, (_PER_STEP, 2)),  # range of neurons that each row concerns
    # Samples by time and neuron: rows are those of waves and trains; without any there are no rows.
    "fields": _Field(_I64, ("n_fields", 4)),  # samples, their columns, the first neuron, columns of neurons
    "n_fields": _NUMBER,
    "first_samples": _Field(_I64, (None, "n_fields")),  # of each step
    "shares": _Field(np.dtype(np.float64), (None, "n_fields", "n_shares")),  # of samples in each step
    "n_shares": _NUMBER,
    "key0": _NUMBER,  # uint32, of random numbers
    "key1": _NUMBER,
    # What comes from inside.
    "pieces": _Field(_I64, ("n_blocks", "n_projections", "n_columns")),  # see below
    "n_projections": _NUMBER,
    # Which rows are visited when, see :mod:`izhi_numba.synapses.visits`.
    "rounds": _Field(_I64, ("n_rounds", 3)),  # delay, its entries and their end
    "n_rounds": _NUMBER,  # of rows that are visited when spikes are due
    "first_sent": _NUMBER,  # entries from here on are visited when spikes are sent
    # Pool of the sources, its segments and their end, the longest delay.
    "entries": _Field(_I64, ("n_entries", 4)),
    "n_entries": _NUMBER,
    "segments": _Field(_I64, (None, 4)),  # first source, after the last one, its items and their end
    "items": _Field(_I64, (None, 2)),  # projection, number of the delay
    # Synapses that learn, see :mod:`izhi_numba.kernels.run.learn`, and what is logged of their targets.
    "sites": _Field(_I64, ("n_blocks", "n_sites", None)),
    "n_sites": _NUMBER,
    "logs": _Field(_I64, ("n_blocks", "n_logs", None)),
    "n_logs": _NUMBER,
    # What variables were in the last steps, see :mod:`izhi_numba.kernels.run.recent`.
    "recent": _Field(_I64, ("n_recent", None)),
    "n_recent": _NUMBER,
    "passes": _Field(_I64, ("n_blocks", None)),  # over all rows, see :mod:`izhi_numba.kernels.run.sweep`
    "quota": _NUMBER,  # rows of a block that a pass looks at in a step
    # Ring of weights that add to the input of one step; 0: none do.
    "pulses": _Field(FLOAT, ("n_pulse_slots", "size")),
    "n_pulse_slots": _NUMBER,
    # Sums of what arrives, their slots, the port they go to when due (0: the pulses), address of a factor.
    "rings": _Field(_I64, ("n_rings", 4)),
    "n_rings": _NUMBER,
    "ready": _NUMBER,  # spikes stamped with this step or an earlier one are in the rings, as far as due later
    "bounds": _Field(_I64, (("n_blocks", "one"),)),  # first neuron of each block
    "n_blocks": _NUMBER,
    "history": _Field(_I32, ("n_slots", "size")),  # spikes by the step they are stamped with, modulo n_slots
    "n_slots": _NUMBER,
    "counts": _Field(_I32, ("n_slots", "n_blocks")),  # spikes that each block has in a slot
    # When in its step each listed spike came; 0: not asked for.
    "crossings": _Field(FLOAT, ("n_slots", "size")),
    # Poisson events of each neuron in a step where the factor is 1; of sources there is one row.
    "trains": _Field(FLOAT, ("n_trains", "size")),
    "n_trains": _NUMBER,
    "train_weights": _Field(FLOAT, ("n_trains", "size")),  # of each event
    "train_largest": _Field(FLOAT, ("n_trains", "n_tiles")),  # of ``trains``
    # Whether all of ``trains`` that are not 0 are the same.
    "train_equal": _Field(np.dtype(np.bool_), ("n_trains", "n_tiles")),
    "train_factors": _Field(FLOAT, (None, "n_trains")),
    # Addresses of what the weights are added to, a number for each neuron.
    "train_ports": _Field(_I64, ("n_trains",)),
    "adder": _NUMBER,  # address of the compiled code that draws them and adds
    # Sources, which only list spikes: one row of trains, or given spikes.
    "lister": _NUMBER,  # address of the compiled code that draws the spikes
    "given_steps": _Field(_I64, ("n_given",)),  # of given spikes, ascending
    "given_neurons": _Field(_I64, ("n_given",)),
    "n_given": _NUMBER,
    # What is kept.
    "spikes": _Field(_I32, ("capacity",)),  # filled by each call from its beginning
    "spike_crossings": _Field(FLOAT, ("capacity",)),  # 0: not asked for
    "capacity": _NUMBER,
    "n_kept": _Field(_I64, (1,)),  # spikes kept
    "per_step": _Field(_I32, (None, 2)),  # spikes in each step, and those of them kept
    "keep_spikes": _NUMBER,
    "kept": _Field(_U8, ("n",)),  # neurons whose spikes are kept; 0: all
    "spike_count": _Field(_I64, ("size",)),  # 0: not asked for
    "trace": _Field(FLOAT, (None,)),  # see ``probes``
    "trace_double": _Field(np.dtype(np.float64), (None,)),  # of variables kept in double precision
    # Neuron, variable (-1 - variable: kept in double precision; beyond the input: without the peak of a
    # spike), every, offset, stride.
    "probes": _Field(_I64, (None, 5)),
    "probe_bounds": _Field(_I64, (("n_blocks", "one"),)),
    "means": _Field(_I64, (None, 7)),  # table of sums, see :mod:`izhi_numba.kernels.run.means`
    "mean_bounds": _Field(_I64, (("n_blocks", "one"),)),
    "mean_gap": _NUMBER,  # sums are kept at steps that are multiples of it
    "masks": _Field(_U8, (None,)),  # whether neurons are in a group, of groups of no neighbours
    "sums": _Field(np.dtype(np.float64), (None,)),
    # Shown for variable 0 on the step of a spike; NaN: none; 0: for no neuron.
    "peak": _Field(FLOAT, ("size",)),
    "peak_varies": _NUMBER,  # 0: it is the same for all neurons
    "fault": _Field(_I64, ("n_blocks", 2)),  # the first (step, neuron) that is not finite; -1: none
}

POOL = np.dtype([(name, np.int64) for name in _FIELDS])
_PLACES = {name: place for place, name in enumerate(_FIELDS)}

# Columns of the table of pieces.
(
    FORM,  # how synapses are stored, one of the forms below
    WEIGHTED,  # 1: one weight per synapse; 0: one weight for all
    FIRST_SOURCE,
    LAST_SOURCE,
    FIRST_TARGET,  # pool index of the piece's first target
    N_TARGETS,  # for the dense forms
    N_DELAYS,  # by delay: rows of a source
    LAG,  # by source: bytes of a record that tell the delay
    SLOTS,  # steps that the ring of sums holds
    DELAYS,  # addresses from here on: delays in steps, ascending
    START,  # where the records of each row begin, and the end
    SYNAPSES,  # records of target, delay and weight, as far as they differ; dense: weights, by source
    WIDTH,  # bytes of a record
    SKIP_SELF,  # dense with one weight: 1 when a neuron does not reach itself
    SINCE,  # spikes stamped with this step or an earlier one are not carried
    CURSOR,  # while a piece is built: where the next synapse of each row goes
    PORT,  # address of what the weights are added to: SLOTS times one number for each neuron of their pool
    FACTOR,  # address of the weight where there is one for all, else of a factor on all
    SITE,  # address of what is known of synapses that learn; 0: they do not
    N_COLUMNS,
) = range(20)
# All targets in order; else uint16 offsets from FIRST_TARGET, as blocks are never longer: a row for each
# delay of a source, or one row for each source, whose synapses tell their delays beyond the first of DELAYS.
DENSE, BY_DELAY, BY_SOURCE = 0, 1, 2


class Record:
    """What the compiled steps know of one pool, checked; it holds the arrays that it points to.

    Parameters
    ----------
    dtype : dtype
        Precision of the pool.
    row : structured array (1,), optional
        Where it is kept, a part of the array of all pools.

    Examples
    --------
    >>> record = Record(np.dtype(np.float32))
    >>> record.set(size=64, n_waves=1)
    >>> record.point(waves=np.zeros((1, 64), np.float32))
    >>> record.point(waves=np.zeros((1, 64)))
    Traceback (most recent call last):
    ...
    TypeError: waves: expected an array of float32, got float64
    """

    def __init__(self, dtype: np.dtype[Any], row: Array | None = None) -> None:
        self._fields = _fields_of(dtype)
        self._row = (np.zeros(1, POOL) if row is None else row).view(np.int64)
        self._known: dict[str, int] = dict.fromkeys(_FIELDS, 0) | {
            "one": 1,
            "n_columns": N_COLUMNS,
            "n_tiles": 0,
        }
        self._held: dict[str, Any] = {}
        self._pointed: dict[str, Array] = {}  # what rows point to; a name is missing while its row is written
        self._sizes: dict[str, int] = {}  # least, of arrays: as far as they were asked for

    def set(self, **numbers: int) -> None:
        """Set plain numbers; those that say how long arrays are before these."""
        for name, number in numbers.items():
            if self._fields.get(name, _NUMBER) is not _NUMBER or name not in _PLACES:
                raise TypeError(f"{name}: expected a field that is a number")
            self._row[_PLACES[name]] = number
            if self._known[name] != number:
                self._known[name] = int(number)
                self._known["n_tiles"] = -(-self._known["size"] // TILE)
                self._sizes.clear()

    def point(self, **arrays: Array) -> None:
        """Tell where arrays are; an empty one is not there."""
        pointed = self._pointed
        for name, array in arrays.items():
            if pointed.get(name) is array and name in self._sizes:
                continue
            self._check(name, array)
            place = address(array) if array.size else 0
            # An exception may come between any two of these: the row's array is held at any time, and is not
            # taken for the one that is wanted before it is.
            pointed.pop(name, None)
            self._held[name] = (self._held.get(name), array)
            self._row[_PLACES[name]] = place
            self._held[name] = array
            pointed[name] = array

    def number(self, name: str) -> int:
        """A number as it is now: the compiled steps write some."""
        return int(self._row[_PLACES[name]])

    def release(self, *names: str) -> None:
        """Let go of arrays, which are not there any more."""
        for name in names:
            self._pointed.pop(name, None)
            self._row[_PLACES[name]] = 0
            self._held.pop(name, None)

    def _check(self, name: str, array: Array) -> None:
        field = self._fields.get(name)
        if field is None:
            raise TypeError(f"{name}: expected a field that is an array")
        if not isinstance(array, np.ndarray) or array.dtype != field.kind:
            raise TypeError(
                f"{name}: expected an array of {field.kind}, got {getattr(array, 'dtype', array)}"
            )
        least = self._sizes.get(name)
        if least is None:
            least = self._sizes[name] = _least(field, self._known)
        if array.size and array.size < least:
            shape = ", ".join(map(_text, field.shape))
            raise ValueError(f"{name}: expected an array ({shape}) of {least} numbers, got {array.shape}")
        if not array.flags.c_contiguous:
            raise ValueError(f"{name}: expected numbers that follow one another, got strides {array.strides}")


def addresses_of(pools: Array, dtype: np.dtype[Any], name: str, array: Array, ends: Array) -> Array:
    """Return where the parts of an array are, one for each pool, with the same checks; who calls holds it.

    Parameters
    ----------
    pools : record array
    dtype : dtype
        Precision of the pools.
    ends : int64 array (n_pools + 1,)
        Where parts begin, in numbers, and the end.
    """
    field = _fields_of(dtype)[name]
    if field is None or array.dtype != field.kind or not array.flags.c_contiguous or array.size < ends[-1]:
        raise TypeError(f"{name}: expected {ends[-1]} numbers of {field and field.kind}, got {array.dtype}")
    found: Array
    if not array.size:
        return np.zeros(len(ends) - 1, np.int64)
    known = _Known(pools)
    if len(ends) == 2:  # a fifth of the time of what follows
        is_enough, found = array.size >= _least(field, known), np.array([address(array)])
    else:
        begins = ends[:-1]
        sizes = ends[1:] - begins
        there = sizes > 0
        is_enough = (there <= (sizes >= _least(field, known))).all()
        found = (address(array) + array.itemsize * begins) * there
    if not is_enough:
        raise ValueError(f"{name}: expected {', '.join(map(_text, field.shape))} numbers for each pool")
    return found


class _Known:
    """Numbers that say how long arrays are, of each pool; a plain one where there is one pool."""

    def __init__(self, pools: Array) -> None:
        self._pools = pools

    def __getitem__(self, name: str) -> Any:
        if name == "one":
            return 1
        numbers = self._pools[name]
        return numbers.item() if numbers.size == 1 else numbers


def _least(field: _Field, known: Any) -> Any:
    """Numbers that an array must have at least; ``known``: what the names in its shape stand for."""
    least = 1
    for part in field.shape:
        if isinstance(part, str):
            least = least * known[part]
        elif isinstance(part, tuple):
            least = least * sum(known[name] for name in part)
        elif part is not None:
            least = least * part
    return least


def address(array: Array) -> int:
    """Address of an array, in a quarter of the time of ``array.ctypes.data``: 0.35 us."""
    if array.size and array.flags.c_contiguous and array.flags.writeable:
        return ctypes.addressof(ctypes.c_char.from_buffer(array))  # type: ignore[arg-type]
    return int(array.ctypes.data)


def _text(part: Any) -> str:
    """A part of a shape in words."""
    if isinstance(part, tuple):
        return " + ".join("1" if name == "one" else name for name in part)
    return "any" if part is None else str(part)


@functools.cache
def _fields_of(dtype: np.dtype[Any]) -> dict[str, _Field | None]:
    """The fields of a pool of a precision."""
    return {
        name: field._replace(kind=dtype) if field is not _NUMBER and field.kind is FLOAT else field
        for name, field in _FIELDS.items()
    }
