"""What is held of synapses that learn: of a projection, and the logs of its targets."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.checks import values_for
from izhi_numba.base.clock import rounded_steps
from izhi_numba.base.memory import aligned_zeros
from izhi_numba.kernels import layout
from izhi_numba.kernels.jit import Callback
from izhi_numba.kernels.run import fading, learn, log
from izhi_numba.kernels.run.lanes import Lanes
from izhi_numba.kernels.run.log import IN_PLACE, NEVER
from izhi_numba.models.declaration import asked_names, declared_constants
from izhi_numba.models.plasticity import Plasticity, SourceTrace, TargetTrace
from izhi_numba.numerics.learning import compiled, compiled_show, compiled_when, parameter_names

_MOST_LATE = 2**20  # steps, as many as a delay may have
_MOST_STEPS = 1e12  # of a time constant, of which single precision tells the rate
_AFTER_EPOCH = 2**29  # steps of which stamps tell the order and the distance, and as many before the epoch
_BYTES_OF_ORDINAL = 4
_WINDOWS_OF_LOG = 2  # more than one call can log: spikes that some synapse has still to hear of
DENDRITE, AXON = "dendrite", "axon"


class Fading(NamedTuple):
    """How a trace decays, and what a spike does to it."""

    tau: float  # ms
    nearest: bool


class Decays:
    """How traces decay: what is left after some steps, see :mod:`izhi_numba.kernels.run.fading`.

    Attributes
    ----------
    table : array (n_traces, N_DECAY)
    """

    def __init__(self, traces: Iterable[Fading], dt: float, dtype: np.dtype[Any]) -> None:
        rows = [fading.rates(one.tau, dt, dtype) for one in traces]
        self.table = np.array(rows or [(0, 0)], dtype)

    def factor(self, k: int, gap: int) -> Any:
        """What is left of a trace after some steps."""
        return self.table.dtype.type(fading.what_is_left(*self.table[k], gap))

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return int(self.table.nbytes)


def bytes_of_decays(traces: Iterable[Fading], dtype: np.dtype[Any]) -> int:
    """Bytes of what describes the decay of traces."""
    return dtype.itemsize * fading.N_DECAY * max(1, len(tuple(traces)))


@dataclass(frozen=True)
class Learning:
    """How the synapses of a projection learn.

    Attributes
    ----------
    rule : Plasticity
    delay_at : "dendrite" or "axon"
    dt : float
        Step, ms.
    dtype : dtype
    """

    rule: Plasticity
    delay_at: str
    dt: float
    dtype: np.dtype[Any]

    @property
    def is_dendritic(self) -> bool:
        """Whether the spikes of targets take the delay to the synapse."""
        return self.delay_at == DENDRITE

    def fading(self, kind: type[Any]) -> tuple[Fading, ...]:
        """Traces of the source, or of the target."""
        rule = self.rule
        return tuple(Fading(rule.number(one.tau), one.nearest) for one in rule.traces_of(kind).values())

    def parameters(self) -> Array:
        """Numbers that the code is given, see :func:`izhi_numba.numerics.learning.parameter_names`."""
        rule = self.rule
        values = {name: rule.number(name) for name in rule.parameters} | {"dt": self.dt}
        constants = declared_constants(type(rule), values)
        known = {**values, **constants}
        numbers = [known[name] for name in (*rule.parameters, *rule.constants, "dt")]
        with np.errstate(over="ignore"):
            return np.array([*numbers, *rule.limits()], self.dtype)

    def start(self, name: str) -> Array:
        """What a variable of synapses starts with, of shape ()."""
        return np.array(self.rule.start()[name], self.dtype)

    def code(self, *, lag_bytes: int) -> Callback:
        """The compiled code, for records that tell delays in so many bytes; compiled, where it is not yet."""
        return compiled(self.rule, self.dtype, self.dt, lag_bytes=lag_bytes, dendritic=self.is_dendritic)

    @property
    def limits(self) -> tuple[float, float]:
        """The least and the largest weight, in the precision of weights."""
        with np.errstate(over="ignore"):
            least, most = (float(self.dtype.type(one)) for one in self.rule.limits())
        return least, most

    def code_to_show(self, *, lag_bytes: int) -> Callback:
        """The same of what shows synapses as they are now."""
        return compiled_show(self.rule, self.dtype, self.dt, lag_bytes=lag_bytes, dendritic=self.is_dendritic)

    def refuse_weights(self, name: str, low: float, high: float) -> None:
        """Raise ``ValueError`` where weights, by the smallest and the largest, are beyond their bounds."""
        least, most = self.limits
        with np.errstate(over="ignore"):
            low, high = (float(self.dtype.type(one)) for one in (low, high))  # the precision of bounds
        if low < least or high > most:
            told = f"weights from {low:g} to {high:g}" if low < high else f"the weight {low:g}"
            raise ValueError(
                f"{name}: {type(self.rule).__name__} keeps weights between {least:g} and {most:g}, got"
                f" {told}; give it other bounds, or connect other weights"
            )

    @property
    def shape_of_row(self) -> tuple[int, int]:
        """Spikes of a source that each row knows, and traces that it has after each."""
        return learn.spikes_of_row(dendritic=self.is_dendritic), len(self.rule.traces_of(SourceTrace))

    @functools.cached_property
    def row_bytes(self) -> int:
        """Bytes that are held of each row, besides where it begins; see `Site`."""
        n_kept, n_traces = self.shape_of_row
        return 8 + n_kept * (8 + self.dtype.itemsize * n_traces) + 8 * self.rule.hears_signals()

    def check_numbers(self) -> None:
        """Raise ``ValueError`` where numbers do not fit the precision, or time constants their range."""
        rule, title = self.rule, type(self.rule).__name__
        numbers = {name: rule.number(name) for name in rule.parameters}
        starts = {name: rule.start()[name] for name in rule.states}
        starts |= {name: one.start for name, one in rule.modulators.items()}
        for name, number in numbers.items():
            values_for(f"{title}: {name}", number, 1, self.dtype)
        for name, start in starts.items():
            values_for(f"{title}: {name}, what it starts with", start, 1, self.dtype)
        taus = {name: one.tau for name, one in rule.traces.items()}
        taus |= {name: one.tau for name, one in rule.modulators.items() if one.tau is not None}
        for name, tau in taus.items():
            self._check_tau(name, tau, numbers[tau])
        for name, value in rule.values.items():
            if value.late is not None and not 0 <= numbers[value.late] / self.dt <= _MOST_LATE:
                most = f"{_MOST_LATE * self.dt:g} ms in steps of {self.dt:g} ms"
                late = numbers[value.late]
                raise ValueError(f"{title}: {value.late}: {name!r} can be late by up to {most}, got {late:g}")

    def _check_tau(self, name: str, of: str, tau: float) -> None:
        place = f"{type(self.rule).__name__}: {of}: {name!r} can be computed for time constants"
        if tau <= 0:
            raise ValueError(f"{place} above 0 ms, got {tau:g}")
        if tau / self.dt > _MOST_STEPS:
            most = f"{_MOST_STEPS * self.dt:g} ms in steps of {self.dt:g} ms"
            raise ValueError(f"{place} of up to {most}, got {tau:g}")

    @property
    def synapse_bytes(self) -> int:
        """Bytes that are held of each synapse, besides its record."""
        return self.dtype.itemsize * len(self.rule.states) + _BYTES_OF_ORDINAL * bool(self.rule.randoms)

    @functools.cached_property
    def table_bytes(self) -> int:
        """Bytes that are held once: parameters, and how traces of the source decay."""
        return int(self.parameters().nbytes) + bytes_of_decays(self.fading(SourceTrace), self.dtype)

    @property
    def lanes(self) -> Lanes:
        """Work space of a visit."""
        kind = type(self.rule)
        return Lanes(
            self.dtype.itemsize, self.log_key(0).n_numbers, len(kind.states), len(kind.values_of("on_pre"))
        )

    def log_key(self, since: int) -> LogKey:
        """Which log of its targets is asked, of spikes after a step."""
        return LogKey(self.fading(TargetTrace), since, self._condition)

    @functools.cached_property
    def _condition(self) -> Condition | None:
        """Which steps of its targets are asked for, instead of their spikes."""
        kind = type(self.rule)
        if kind.when is None:
            return None
        names, numbers = parameter_names(kind), self.parameters()
        asked = [names.index(one) for one in asked_names(kind.when) if one in names]
        values = tuple((kind.values[one].state, self.late(one)) for one in kind.values_of("when", "on_post"))
        return Condition(kind, values, len(kind.values_of("on_post")), numbers[asked].tobytes())

    def late(self, name: str) -> int:
        """Steps by which a value of the target is used late."""
        late = self.rule.values[name].late
        return 0 if late is None else int(rounded_steps(self.rule.number(late), self.dt))

    def rows_of_rings(self, longest: int, window: int) -> dict[str, int]:
        """For how many steps each variable of its targets is held that it asks for.

        ``longest``: the longest delay in steps; ``window``: steps that a block runs on its own, at most.
        """
        kind, found = type(self.rule), dict[str, int]()
        before = longest + window if self.is_dendritic else 0
        for name, value in kind.values.items():
            rows = 1 + self.late(name) + before * (name in kind.values_of("on_pre"))
            found[value.state] = max(found.get(value.state, 0), rows)
        return found

    def code_of_when(self) -> Callback:
        """The same of what logs the steps of targets that it asks for."""
        return compiled_when(self.rule, self.dtype, self.dt)


@dataclass
class Site:
    """What is held of the synapses of a projection onto one block of targets; see the table of sites."""

    seen: Array  # int64 (n_rows,)
    last: Array  # int64 (n_rows, n_kept)
    traces: Array  # float (n_rows, n_kept, n_traces)
    variables: Array  # float (n_synapses, n_variables)
    heard: Array  # int64 (n_rows,), or none
    ordinals: Array  # uint32 (n_synapses,), of each among those of its pair of neurons, or none

    @classmethod
    def new(cls, learning: Learning, n_rows: int, n_synapses: int, since: int, ordinals: Array) -> Site:
        """Return what is held when nothing has arrived yet, from a step on."""
        rule, dtype = learning.rule, learning.dtype
        start = rule.start()
        variables = np.empty((n_synapses, len(rule.states)), dtype)
        variables[:] = [start[name] for name in rule.states]
        n_kept, n_traces = learning.shape_of_row
        traces = np.zeros((n_rows, n_kept, n_traces), dtype)
        heard = np.ones(n_rows if rule.hears_signals() else 0, np.int64)  # of the first one, where they begin
        seen, last = np.full(n_rows, since, np.int64), np.full((n_rows, n_kept), NEVER, np.int64)
        return cls(seen, last, traces, variables, heard, ordinals)

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        of_rows = self.seen, self.last, self.traces, self.heard
        return sum(int(one.nbytes) for one in (*of_rows, self.variables, self.ordinals))


class Condition(NamedTuple):
    """Which steps of targets are logged instead of spikes."""

    rule: type[Plasticity]  # whose ``when`` is asked
    values: tuple[tuple[str, int], ...]  # variables, and steps by which they are late
    n_logged: int  # values that are logged
    numbers: bytes  # of the parameters that it asks for


class LogKey(NamedTuple):
    """What synapses have in common that share a log of their targets."""

    traces: tuple[Fading, ...]
    since: int  # the step after which spikes are logged
    when: Condition | None = None  # None: spikes are

    @property
    def n_numbers(self) -> int:
        """Numbers of an entry, beside its stamp."""
        return len(self.traces) if self.when is None else self.when.n_logged


def room_of_log(n: int, window: int) -> int:
    """Older entries that the log of so many neurons has room for at first; ``window``: steps of a call."""
    return 1 + (window + _WINDOWS_OF_LOG) * max(1, n)


def log_bytes(key: LogKey, n: int, window: int, dtype: np.dtype[Any]) -> tuple[int, int]:
    """Bytes that the logs of so many neurons take at first, and for each block; bursts make them grow."""
    itemsize = dtype.itemsize
    line, older = log.line_bytes(key.n_numbers, itemsize), log.older_bytes(key.n_numbers, itemsize)
    entries = room_of_log(n, window) * older
    return bytes_of_decays(key.traces, dtype) + n * (line + itemsize) + entries, older + 8 * log.N_LOG


class Log:
    """The log of the targets of one block; see :mod:`izhi_numba.kernels.run.log`."""

    def __init__(
        self,
        key: LogKey,
        first: int,
        n: int,
        longest: int,
        capacity: int,
        dtype: np.dtype[Any],
        decays: Decays,
    ) -> None:
        itemsize, n_numbers = dtype.itemsize, key.n_numbers
        self.key, self.decays, self.dtype = key, decays, dtype
        whole = np.dtype(np.int32 if itemsize == 4 else np.int64)
        line, self._older_bytes = log.line_bytes(n_numbers, itemsize), log.older_bytes(n_numbers, itemsize)
        self.lines = aligned_zeros((n, line // itemsize), whole)
        self.lines[:, :IN_PLACE] = NEVER
        self.heads = np.zeros(n, whole)
        self.older = np.zeros(capacity * self._older_bytes // itemsize, whole)
        self.older[0] = NEVER
        self.nearest = np.array([one.nearest for one in key.traces] or [False], np.uint8)
        row = np.zeros(log.N_LOG, np.int64)
        address = layout.address
        row[log.LINES], row[log.HEADS] = address(self.lines), address(self.heads)
        row[log.OLDER], row[log.DECAYS], row[log.NEAREST] = (
            address(self.older),
            address(decays.table),
            address(self.nearest),
        )
        row[log.N_NUMBERS], row[log.LONGEST] = n_numbers, longest
        row[log.FIRST], row[log.N_NEURONS] = first, n
        row[log.CAPACITY], row[log.USED], row[log.FLOOR] = capacity, 1, key.since
        self.row = row

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return int(self.lines.nbytes + self.heads.nbytes + self.older.nbytes)

    def put(self, neurons: Array, ages: Array, stamps: Array, traces: Array) -> None:
        """Put in spikes of neurons, counted within the block; ``ages``: how many newer ones each has had."""
        width, row = 1 + traces.shape[1], self.row
        entries = np.empty((len(stamps), width), self.lines.dtype)
        entries[:, 0] = np.maximum(stamps - row[log.EPOCH], NEVER + 1)
        entries[:, 1:] = np.ascontiguousarray(traces).view(self.lines.dtype)
        newest = ages < IN_PLACE
        for k in range(width):
            self.lines[neurons[newest], k * IN_PLACE + ages[newest]] = entries[newest, k]
        older = self.older.reshape(-1, width + 3)
        for neuron, entry in zip(neurons[~newest].tolist(), entries[~newest], strict=True):  # oldest first
            number, before = int(row[log.USED]), int(self.heads[neuron])
            older[number, :width], older[number, width:] = entry, (-1, before, neuron)
            if before:
                older[before, width] = number
            self.heads[neuron] = number
            row[log.USED] = number + 1

    def set_epoch(self, now: int) -> None:
        """Count stamps from a later step, where those of this time would not fit 32 bits."""
        epoch, row = now - _AFTER_EPOCH, self.row
        if self.dtype.itemsize > 4 or now - row[log.EPOCH] < 2 * _AFTER_EPOCH:
            return
        width, later = 1 + int(row[log.N_NUMBERS]), epoch - int(row[log.EPOCH])
        older = self.older.reshape(-1, width + 3)[: int(row[log.USED])]
        for stamps in (self.lines[:, :IN_PLACE], older[:, 0]):
            there = stamps > NEVER
            moved = np.maximum(stamps.astype(np.int64) - later, NEVER + 1)
            stamps[there] = moved[there]
        row[log.EPOCH] = epoch

    def grow(self, row: Array) -> None:
        """Make room for twice as many older entries; ``row`` is that of the table of logs."""
        older = np.zeros(2 * len(self.older), self.older.dtype)
        older[: len(self.older)] = self.older
        row[log.OLDER], row[log.CAPACITY] = layout.address(older), 2 * row[log.CAPACITY]
        self.older = older
