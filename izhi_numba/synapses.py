"""One projection: rows of (target, weight, delay), cut by blocks of targets."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np

from izhi_numba.checks import as_array, finite_number, values_for
from izhi_numba.connectivity import Rule
from izhi_numba.distributions import Distribution
from izhi_numba.kernels import deliver, generate, team

_MOST_IN_A_PIECE = 2**32 - 1
SHORT_REACH = 2**16  # neurons of a block whose places fit 16 bits
LONGEST_DELAY = 2**20  # steps
_NO_VALUES = np.zeros(0)

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Plan:
    """What a projection will be, checked, before anything is built or taken."""

    pre: slice
    post: slice
    rule: Rule
    weight: generate.Values
    delay: generate.Values
    delays: Array  # int64, steps, ascending
    dt: float
    dtype: np.dtype[Any]
    bounds: Array  # int64, blocks of targets

    @property
    def dense(self) -> bool:
        """Whether all pairs are stored in order, without targets."""
        return self.rule.rows == "sources" and self.rule.kind == generate.ALL and len(self.delays) == 1

    @property
    def weighted(self) -> bool:
        """Whether each synapse has a weight of its own."""
        return bool(self.weight.kind != generate.CONSTANT)

    @property
    def short(self) -> bool:
        """Whether 16 bits tell a target within its block."""
        return int(np.diff(self.bounds).max()) <= SHORT_REACH

    @property
    def n_rows(self) -> int:
        """How many (source, delay) rows a block has."""
        return int(self.pre.stop - self.pre.start) * len(self.delays)

    def nbytes(self, threads: int = 1) -> int:
        """Bytes that building takes at most, the work space of so many threads included."""
        n_pre, n_post = int(self.pre.stop - self.pre.start), int(self.post.stop - self.post.start)
        n_synapses = self.rule.expected_synapses(n_pre, n_post)
        weights = n_synapses * self.dtype.itemsize if self.weighted else 0
        if self.dense:
            return weights
        weights += threads * 8 * max(n_pre, n_post)
        rows = 2 * 4 * (self.n_rows + 1) * (len(self.bounds) - 1)
        return weights + n_synapses * (2 if self.short else 4) + rows


@dataclass(frozen=True)
class Piece:
    """The synapses of a projection onto one block of targets."""

    start: Array  # uint32 (n_rows + 1,), where the synapses of a (source, delay) begin
    targets: Array  # uint16 or uint32, from the block's first neuron; empty when dense
    weights: Array  # float; empty when all are equal
    first_target: int
    n_targets: int


def plan(
    pre: slice,
    post: slice,
    rule: Rule,
    weight: Any,
    delay: Any,
    dt: float,
    dtype: np.dtype[Any],
    bounds: Array,
) -> Plan:
    """Check the arguments of ``connect`` and say what would be built."""
    n_pre, n_post = pre.stop - pre.start, post.stop - post.start
    rule.check(n_pre, n_post, same=pre.start < post.stop and post.start < pre.stop)
    weight = _either("weight", weight, rule.weight, rule, default=1.0)
    delay = _either("delay", delay, rule.delay, rule, default=0.0)
    weights = _values("weight", weight, rule, n_pre, n_post, dtype)
    delays = _values("delay", delay, rule, n_pre, n_post, np.dtype(np.float64))
    return Plan(pre, post, rule, weights, delays, _steps(delay, delays, dt), dt, dtype, bounds)


def _either(name: str, here: Any, there: Any, rule: Rule, default: float) -> Any:
    if here is not None and there is not None:
        raise ValueError(f"{name}: given twice, to connect and to {rule.name}; give it once")
    return here if here is not None else there if there is not None else default


def _values(
    name: str, value: Any, rule: Rule, n_pre: int, n_post: int, dtype: np.dtype[Any]
) -> generate.Values:
    if isinstance(value, Distribution):
        if max(map(abs, value.bounds())) > float(np.finfo(dtype).max):
            raise ValueError(f"{name}: {value!r} reaches beyond the range of {dtype.name}")
        return generate.Values(value.kind, value.first, value.second, value.low, value.high, _NO_VALUES)
    shape = _shape_of_values(rule, n_pre, n_post)
    given = as_array(value)
    if given.ndim == 0 and given.dtype.kind in "fiu":
        number = float(values_for(name, value, 1, dtype))
        return generate.Values(generate.CONSTANT, number, 0.0, 0.0, 0.0, _NO_VALUES)
    if shape is None and given.ndim:
        raise ValueError(
            f"{name}: {rule.name} draws the number of its synapses: give a number or a distribution,"
            f" got shape {given.shape}"
        )
    if given.shape != shape or given.dtype.kind not in "fiu":
        wanted = "" if shape is None else f" or values of shape {shape} for {rule.name}"
        got = f"shape {given.shape}" if given.ndim else repr(value)
        raise ValueError(f"{name}: expected a number, a distribution{wanted}, got {got}")
    flat = values_for(name, given.ravel(), given.size, dtype).astype(np.float64)
    return generate.Values(generate.GIVEN, 0.0, 0.0, 0.0, 0.0, flat)


def _shape_of_values(rule: Rule, n_pre: int, n_post: int) -> tuple[int, ...] | None:
    if rule.rows == "list":
        return (len(rule.pre),)
    if rule.kind == generate.ONE:
        return (n_pre,)
    if rule.kind == generate.ALL:
        return (n_pre, n_post)
    if rule.kind == generate.DEGREE:
        return (n_pre if rule.rows == "sources" else n_post, rule.degree)
    return None


def _steps(delay: Any, values: generate.Values, dt: float) -> Array:
    if isinstance(delay, Distribution):
        low, high = delay.bounds()
        if low < 0:
            raise ValueError(
                f"delay: {delay!r} reaches down to {low:g} ms; delays may not be negative: give low=0"
            )
        _check_longest(high, dt)
        return np.arange(round(low / dt), round(high / dt) + 1, dtype=np.int64)
    given = values.given if values.kind == generate.GIVEN else np.array([values.first])
    if not given.size:
        return np.zeros(1, np.int64)
    if given.min() < 0:
        raise ValueError(f"delay: expected 0 ms or more, got {given.min():g}")
    _check_longest(given.max(), dt)
    return np.unique(np.rint(given / dt).astype(np.int64))


def _check_longest(delay: float, dt: float) -> None:
    if delay / dt > LONGEST_DELAY:
        raise ValueError(
            f"delay: at most {LONGEST_DELAY} steps of {dt:g} ms are possible, got up to {delay:g} ms"
        )


class Synapses:
    """One projection of a pool, as returned by ``connect``.

    Attributes
    ----------
    rule : Rule
    delays : int array
        The delays that occur, in steps, ascending.
    nbytes : int
        Memory held.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> pool = iz.Pool(10)
    >>> synapses = pool.connect(pool, pool, rule=iz.one_to_one(), weight=2.0, delay=3.0)
    >>> len(synapses)
    10
    """

    __slots__ = ("_gain", "_place", "_plan", "delays", "pieces", "rule", "stream")

    def __init__(self, plan: Plan, key: Array, stream: int, threads: int) -> None:
        self.rule = plan.rule
        self.stream = stream
        self._plan = plan
        self._gain = 1.0
        self._place = np.ones(1, plan.dtype)
        self.delays = plan.delays
        random = generate.Random(key[0], key[1], np.uint32(stream))
        self.pieces = (
            _build_dense(plan, random, threads) if plan.dense else _build_rows(plan, random, threads)
        )

    def __len__(self) -> int:
        if self._plan.dense:
            return _pairs(self._plan)
        return sum(len(piece.targets) for piece in self.pieces)

    @property
    def nbytes(self) -> int:
        """Memory held, in bytes."""
        return sum(p.start.nbytes + p.targets.nbytes + p.weights.nbytes for p in self.pieces)

    @property
    def bounds(self) -> Array:
        """First neuron of each block of targets, and the end."""
        return self._plan.bounds

    @property
    def shared_weight(self) -> float | None:
        """The weight of all synapses, where they share one."""
        return None if self._plan.weighted else float(self._plan.weight.first)

    @property
    def gain(self) -> float:
        """Factor on all weights; may be changed between runs.

        Examples
        --------
        >>> import izhi_numba as iz
        >>> pool = iz.Pool.cortical(1000, seed=1)
        >>> for synapses in pool.synapses:
        ...     synapses.gain = 0.5
        """
        return self._gain

    @gain.setter
    def gain(self, factor: float) -> None:
        self._gain = finite_number("gain", factor)
        self.bind(self._place)

    @property
    def factor(self) -> float:
        """What a spike adds, in units of the synapse's own weight where there is one."""
        shared = self.shared_weight
        return self._gain if shared is None else self._gain * shared

    def bind(self, place: Array) -> None:
        """Keep the factor up to date in the place (1,) where the kernels read it."""
        self._place = place
        place[0] = self.factor

    def to_arrays(self) -> tuple[Array, Array, Array, Array]:
        """Return all synapses as arrays (source, target, weight, delay in ms), indices within the pool.

        Ordered by block of targets, source, delay. The weights are those without the gain.
        """
        parts = [_piece_arrays(self._plan, piece) for piece in self.pieces]
        columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
        return columns[0], columns[1], columns[2], columns[3] * self._plan.dt

    def table(self, cursors: list[Array] | None = None) -> Array:
        """Rows that describe the pieces to the kernels, see :mod:`izhi_numba.kernels.deliver`."""
        return _table(self._plan, self.pieces, cursors)

    def __repr__(self) -> str:
        return f"<{len(self)} synapses, {self.rule.name}, {self.nbytes} bytes>"


def _table(plan: Plan, pieces: list[Piece], cursors: list[Array] | None = None) -> Array:
    table = np.zeros((len(pieces), deliver.N_COLUMNS), np.int64)
    form = deliver.DENSE if plan.dense else deliver.SHORT if plan.short else deliver.LONG
    for block, (row, piece) in enumerate(zip(table, pieces, strict=True)):
        row[deliver.FORM], row[deliver.WEIGHTED] = form, plan.weighted
        row[deliver.FIRST_SOURCE], row[deliver.LAST_SOURCE] = plan.pre.start, plan.pre.stop
        row[deliver.FIRST_TARGET], row[deliver.N_TARGETS] = piece.first_target, piece.n_targets
        row[deliver.N_DELAYS], row[deliver.DELAYS] = len(plan.delays), plan.delays.ctypes.data
        row[deliver.START] = piece.start.ctypes.data
        row[deliver.TARGETS] = piece.targets.ctypes.data
        row[deliver.WEIGHTS] = piece.weights.ctypes.data
        row[deliver.N_SYNAPSES] = len(piece.weights) if plan.dense else len(piece.targets)
        row[deliver.SKIP_SELF] = not plan.rule.autapses
        if cursors is not None:
            row[deliver.CURSOR] = cursors[block].ctypes.data
    return table


def _kernel_rule(plan: Plan) -> generate.Rule:
    rule = plan.rule
    n_pre, n_post = plan.pre.stop - plan.pre.start, plan.post.stop - plan.post.start
    ahead = plan.pre.start - plan.post.start
    rows, others, itself = (n_pre, n_post, ahead) if rule.rows == "sources" else (n_post, n_pre, -ahead)
    degree = {generate.ALL: others, generate.ONE: 1}.get(rule.kind, rule.degree)
    return generate.Rule(
        rule.kind, degree, float(rule.probability), rows, others, itself, rule.autapses, rule.multapses
    )


def _pairs(plan: Plan) -> int:
    n_pre, n_post = plan.pre.stop - plan.pre.start, plan.post.stop - plan.post.start
    both = min(plan.pre.stop, plan.post.stop) - max(plan.pre.start, plan.post.start)
    return int(n_pre * n_post) - (0 if plan.rule.autapses else max(0, both))


def _build_dense(plan: Plan, random: generate.Random, threads: int) -> list[Piece]:
    empty = np.zeros(1, np.uint32), np.zeros(0, np.uint16)
    pieces = []
    for first, last in itertools.pairwise(plan.bounds.tolist()):
        first, last = max(first, plan.post.start), min(last, plan.post.stop)
        n = max(0, last - first)
        size = n * (plan.pre.stop - plan.pre.start) if plan.weighted else 0
        pieces.append(Piece(*empty, np.empty(size, plan.dtype), first, n))
    if plan.weighted:
        flags = team.flags(0)
        places = np.array([plan.pre.start, plan.post.start])
        arguments = (
            _kernel_rule(plan), plan.weight, places, _table(plan, pieces), plan.bounds,
            np.empty(0, plan.dtype), random,
        )  # fmt: skip
        team.together(threads, lambda _: generate.fill_dense(flags, *arguments))
    return pieces


def _build_rows(plan: Plan, random: generate.Random, threads: int) -> list[Piece]:
    n_blocks = len(plan.bounds) - 1
    cursors = [np.zeros(plan.n_rows, np.uint32) for _ in range(n_blocks)]
    target_type, nothing = np.uint16 if plan.short else np.uint32, np.zeros(0, plan.dtype)
    empty = np.zeros(0, target_type)
    blocks = list(itertools.pairwise(plan.bounds.tolist()))
    pieces = [
        Piece(cursors[b], empty, nothing, first, last - first) for b, (first, last) in enumerate(blocks)
    ]
    _place(plan, pieces, cursors, random, threads, filling=False)
    for b, (first, last) in enumerate(blocks):
        start = np.zeros(plan.n_rows + 1, np.uint32)
        total = np.cumsum(cursors[b], dtype=np.uint64)
        n_synapses = int(total[-1]) if len(total) else 0
        if n_synapses > _MOST_IN_A_PIECE:
            raise ValueError(
                f"{plan.rule.name}: {n_synapses} synapses onto neurons {first} to {last - 1}, at most"
                f" {_MOST_IN_A_PIECE} are possible: use more threads (each has its own neurons)"
            )
        start[1:] = total
        cursors[b][:] = start[:-1]
        weights = np.empty(n_synapses, plan.dtype) if plan.weighted else nothing
        pieces[b] = Piece(start, np.empty(n_synapses, target_type), weights, first, last - first)
    _place(plan, pieces, cursors, random, threads, filling=True)
    return pieces


def _place(
    plan: Plan,
    pieces: list[Piece],
    cursors: list[Array],
    random: generate.Random,
    threads: int,
    *,
    filling: bool,
) -> None:
    """Count the synapses of each row, or fill the rows."""
    shortest = int(plan.delays[0])
    index_of = np.zeros(int(plan.delays[-1]) - shortest + 1, np.int64)
    index_of[plan.delays - shortest] = np.arange(len(plan.delays))
    places = np.array([plan.pre.start, plan.post.start])
    flags = team.flags(0)
    common = (
        plan.weight, plan.delay, plan.dt, shortest, index_of, places, _table(plan, pieces, cursors),
        plan.bounds, np.empty(0, plan.dtype), random,
    )  # fmt: skip
    if plan.rule.rows == "list":
        pre, post = plan.rule.pre, plan.rule.post
        team.together(threads, lambda _: generate.place_list(flags, filling, pre, post, *common))
        return
    rule = _kernel_rule(plan)
    place = generate.place_rows if plan.rule.rows == "sources" else generate.place_columns
    work = [generate.scratch(rule.n_others, max(rule.n_others, rule.degree)) for _ in range(threads)]
    team.together(threads, lambda thread: place(flags, filling, rule, *common, work[thread]))


def _piece_arrays(plan: Plan, piece: Piece) -> tuple[Array, Array, Array, Array]:
    if plan.dense:
        pre, post = np.meshgrid(
            np.arange(plan.pre.start, plan.pre.stop),
            np.arange(piece.first_target, piece.first_target + piece.n_targets),
            indexing="ij",
        )
        weights = piece.weights.reshape(pre.shape) if plan.weighted else np.full(pre.shape, plan.weight.first)
        kept = np.ones(pre.shape, bool) if plan.rule.autapses else pre != post
        return pre[kept], post[kept], weights[kept], np.full(int(kept.sum()), plan.delays[0])
    rows = np.repeat(np.arange(plan.n_rows), piece.start[1:] - piece.start[:-1])
    weights = piece.weights if plan.weighted else np.full(len(rows), plan.weight.first, plan.dtype)
    pre = plan.pre.start + rows // len(plan.delays)
    return (
        pre,
        piece.first_target + piece.targets.astype(np.int64),
        weights,
        plan.delays[rows % len(plan.delays)],
    )
