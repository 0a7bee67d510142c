"""One projection, as the user has it: how many synapses, their weights and delays, in and out."""

from __future__ import annotations

import contextlib
import weakref
from typing import TYPE_CHECKING, Any

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.checks import as_array, finite_number, library, readable_bytes, short, values_for
from izhi_numba.connectivity.distributions import Distribution
from izhi_numba.connectivity.rules import Rule
from izhi_numba.kernels.build import generate
from izhi_numba.kernels.build.words import Random
from izhi_numba.synapses.listing import Listing, listing
from izhi_numba.synapses.store import MOST_IN_A_BLOCK, Plan, Store, counted_synapses, elsewhere

if TYPE_CHECKING:
    from collections.abc import Callable

    from izhi_numba.engine.engine import Engine

LONGEST_DELAY = 2**20  # steps
_NO_VALUES = np.zeros(0)


def plan(
    pre: slice,
    post: slice,
    rule: Rule,
    weight: Any,
    delay: Any,
    *,
    same: bool,
    dt: float,
    dtype: np.dtype[Any],
    random: Random,
) -> Plan:
    """Check the arguments of ``connect`` and say what would be built; ``same``: within one pool."""
    n_pre, n_post = pre.stop - pre.start, post.stop - post.start
    rule.check(pre if same else elsewhere(pre), post)
    weight = _either("weight", weight, rule.weight, rule, default=1.0)
    delay = _either("delay", delay, rule.delay, rule, default=0.0)
    weights = _values("weight", weight, rule, n_pre, n_post, dtype)
    delays = _values("delay", delay, rule, n_pre, n_post, np.dtype(np.float64))
    return Plan(pre, post, same, rule, weights, delays, _steps(delay, delays, dt), dt, dtype, random)


def _either(name: str, here: Any, there: Any, rule: Rule, default: float) -> Any:
    if here is not None and there is not None:
        raise ValueError(f"{name}: given twice, to connect and to {rule.name}; give it once")
    return rule.resolve(name, here if here is not None else there if there is not None else default)


def _values(
    name: str, value: Any, rule: Rule, n_pre: int, n_post: int, dtype: np.dtype[Any]
) -> generate.Values:
    if isinstance(value, Distribution):
        if max(map(abs, value.bounds())) > float(np.finfo(dtype).max):
            raise ValueError(f"{name}: {value!r} reaches beyond the range of {dtype.name}")
        return generate.Values(value.kind, value.first, value.second, value.low, value.high, _NO_VALUES)
    shape = rule.shape_of_values(n_pre, n_post)
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


def _steps(delay: Any, values: generate.Values, dt: float) -> Array:
    if isinstance(delay, Distribution):
        low, high = delay.bounds()
        if low < 0:
            raise ValueError(
                f"delay: {delay!r} reaches down to {low:g} ms; delays may not be negative: give low=0"
            )
        _check_longest(high, dt)
        if delay.kind == generate.INTEGERS:
            return np.unique(np.rint(np.arange(low, high + 1) / dt).astype(np.int64))
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
            f"delay: at most {LONGEST_DELAY} steps of {dt:g} ms are possible, {LONGEST_DELAY * dt:.12g} ms,"
            f" got up to {delay:.12g} ms"
        )


class Synapses:
    """One projection, as returned by ``connect``.

    It is drawn in the next run, or when something is written into it; projections between the same neurons
    that are connected before that share their memory, and are faster. Who looks at it earlier is shown the
    same synapses, drawn for this purpose alone.

    Sources and targets are counted from the first of the neurons that were given to ``connect``.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> pool = iz.Pool(10)
    >>> synapses = pool.connect(pool, pool, rule=iz.one_to_one(), weight=2.0, delay=3.0)
    >>> len(synapses)
    10
    """

    __slots__ = (
        "_check", "_count", "_delays", "_gain", "_given", "_member", "_names", "_owner", "_plan", "_pools",
        "_receptor", "_rows", "_scaled", "_threads", "_written",
    )  # fmt: skip

    def __init__(
        self, plan: Plan, receptor: str, names: tuple[str, str], pools: tuple[str, str],
        check: Callable[[float, float], None], owner: Engine,
    ) -> None:  # fmt: skip
        self._receptor, self._delays = receptor, plan.delays
        self._plan, self._names, self._pools, self._owner = plan, names, pools, weakref.ref(owner)
        self._threads = owner.threads
        self._check = check  # refuses weights by the smallest and the largest
        self._gain = 1.0
        self._count: int | None = None
        self._rows: Store | None = None
        self._member = 0
        # Store that are shared hold weights times the gain.
        self._given: Array | None = None  # weights without the gain, where they cannot be drawn again
        self._written = False  # whether they were set by hand
        self._scaled = False  # whether the rows hold them times a gain

    # Its place among the rows

    def _settle(self) -> Store:
        """Draw it for good."""
        if self._rows is None:
            owner = self._owner()  # not held: a network would go only when cycles are looked for
            if owner is not None:
                owner.settle()
            else:
                rows = self._drawn_apart()
                self._scale(rows, 0)
                self._take_place(rows, 0)
        assert self._rows is not None
        return self._rows

    def _drawn_apart(self) -> Store:
        """Draw it for itself, in as few blocks as can be."""
        first, last = self._plan.post.start, self._plan.post.stop
        length = min(MOST_IN_A_BLOCK, -(-(last - first) // self._threads))
        return Store([self._plan], np.arange(first, last + length, length, dtype=np.int64), self._threads)

    def _take_place(self, rows: Store, member: int) -> None:
        """Take the place among the rows that were drawn; what was given to draw them is let go."""
        self._rows, self._member = rows, member
        self._plan, self._count, self._delays = rows.plans[member], rows.sizes[member], rows.delays_of[member]

    def _scale(self, rows: Store, member: int) -> None:
        """Apply a gain that was set before its place in these rows was drawn."""
        if self._gain == 1:
            return
        if len(rows.plans) == 1:
            rows.scale(rows.factor[0] * self._gain)
        else:
            its = listing(rows, member)
            self._write_scaled(rows, member, its.weights(its.everyone))

    def _apply_gain(self) -> None:
        rows = self._settle()
        if len(rows.plans) == 1:
            shared = self.shared_weight
            rows.scale(self._gain * (1.0 if shared is None else shared))
        else:
            self._write_scaled(rows, self._member, self._base())

    def _write_scaled(self, rows: Store, member: int, weights: Array) -> None:
        """Write weights times the gain into shared rows."""
        plan = self._plan
        drawn = plan.weight.kind != generate.GIVEN and plan.rule.rows != "list" and not self._written
        self._given = None if drawn else weights
        self._scaled = True
        its = listing(rows, member)
        its.write(its.everyone, weights * plan.dtype.type(self._gain))

    def _alone(self) -> contextlib.AbstractContextManager[None]:
        """For as long as weights are written: refuse runs in other threads."""
        owner = self._owner()
        return contextlib.nullcontext() if owner is None else owner.alone()

    # What it is

    def __len__(self) -> int:
        if self._count is None:
            self._count = counted_synapses(self._plan, self._threads)
        return self._count

    @property
    def rule(self) -> Rule:
        """Who is connected to whom. Given pairs are let go when they are drawn: see ``to_arrays``."""
        return self._plan.rule

    @property
    def sources(self) -> slice:
        """Neurons that it comes from: their places in the pool."""
        return self._plan.pre

    @property
    def targets(self) -> slice:
        """Neurons that it goes to: their places in the pool."""
        return self._plan.post

    @property
    def receptor(self) -> str:
        """Name of the receptor that it feeds; empty for the plain pulse of a pool without receptors."""
        return self._receptor

    @property
    def delays(self) -> Array:
        """The delays that occur, in ms, ascending; before it is drawn, those that may occur."""
        milliseconds: Array = self._delays * self._plan.dt
        return milliseconds

    @property
    def drawn(self) -> bool:
        """Whether its synapses are there already."""
        return self._rows is not None

    @property
    def nbytes(self) -> int:
        """Memory held, in bytes: its share, where it has its rows in common with others.

        Before it is drawn, what it is expected to take, and the pairs, weights and delays that were given.
        """
        rows, plan = self._rows, self._plan
        if rows is None:
            return plan.stored(1) + plan.held
        return rows.nbytes_of(self._member) + (0 if self._given is None else self._given.nbytes)

    @property
    def shared_weight(self) -> float | None:
        """The weight of all synapses, where they share one."""
        weighted = self._plan.weighted if self._rows is None else self._rows.weighted
        return None if weighted else float(self._plan.weight.first)

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
        gain = finite_number("gain", factor)
        if gain < 0:
            self._check_weights(self._base(), gain)
        if self._rows is None or len(self._rows.plans) == 1:  # this may be while the pool runs
            self._gain = gain
            if self._rows is not None:
                self._apply_gain()
            return
        with self._alone():
            self._gain = gain
            self._apply_gain()

    # Weights and delays

    @property
    def weights(self) -> Array:
        """Weight of each synapse without the gain, in the order of ``to_arrays``: (n_synapses,), a copy.

        May be set between runs, to a number or to one value per synapse. What is not drawn yet, of this
        projection and of others, is drawn then.

        Examples
        --------
        >>> import izhi_numba as iz
        >>> pool = iz.Pool(10, seed=1)
        >>> synapses = pool.connect(pool, pool, rule=iz.fixed_outdegree(2), weight=iz.uniform(0, 1))
        >>> synapses.weights = 2 * synapses.weights
        """
        weights = self._base()
        weights.flags.writeable = False  # what is written into a copy would be lost
        return weights

    @weights.setter
    def weights(self, values: Any) -> None:
        wanted = values_for("weights", values, len(self), self._plan.dtype)
        self._check_weights(wanted, self._gain)
        with self._alone():
            rows = self._settle()
            weights = np.array(np.broadcast_to(wanted, len(self)), self._plan.dtype)
            self._written = True
            if not self._alone_in_its_rows and self._gain != 1:
                self._write_scaled(rows, self._member, weights)
                return
            self._given, self._scaled = None, False
            its = listing(rows, self._member)
            its.write(its.everyone, weights)
            if self._alone_in_its_rows:
                self._apply_gain()

    def to_arrays(self) -> tuple[Array, Array, Array, Array]:
        """Return all synapses as arrays (source, target, weight, delay in ms).

        Sources and targets are counted from the first of the neurons given to ``connect``, as in
        :func:`from_arrays`, which takes these arrays; their places in the pool are ``synapses.sources.start``
        and ``synapses.targets.start`` more.

        Ordered by source, delay and target, for any number of threads; synapses alike in all three are in
        the order in which they were drawn. The weights are those without the gain.

        Examples
        --------
        >>> import izhi_numba as iz
        >>> pool = iz.Pool(10, seed=1)
        >>> synapses = pool.connect(pool[:5], pool, rule=iz.fixed_outdegree(2))
        >>> again = pool.connect(pool[:5], pool, rule=iz.from_arrays(*synapses.to_arrays()))
        """
        its = self._listing()
        pre, post, delay = its.pairs(its.everyone)
        return pre, post, self._base(its), delay * self._plan.dt

    def to_scipy(self) -> Any:
        """Return the weights as a sparse matrix, ``scipy.sparse.csr_array``.

        Store are the sources, columns the targets, counted as in ``to_arrays``. Weights of synapses between
        the same two neurons are added. Needs scipy: ``pip install 'izhi-numba[graphs]'``.
        """
        coo_array = library("scipy.sparse", "to_scipy").coo_array

        pre, post, weights, _ = self.to_arrays()
        plan = self._plan
        return coo_array((weights, (pre, post)), shape=(plan.n_pre, plan.n_post)).tocsr()

    def to_networkx(self) -> Any:
        """Return a ``networkx.MultiDiGraph`` with attributes ``weight`` and ``delay`` (ms).

        Nodes are neurons by their place in the pool, so that one that is source and target is one node, and
        graphs of several projections can be joined; pairs (name of the pool, place) between two pools. Needs
        networkx: ``pip install 'izhi-numba[graphs]'``.
        """
        networkx = library("networkx", "to_networkx")
        pre, post, weights, delays = self.to_arrays()
        plan, (before, after) = self._plan, self._pools
        columns = pre + plan.pre.start, post + plan.post.start, weights, delays
        graph = networkx.MultiDiGraph()

        def name(pool: str, i: int) -> Any:
            return i if plan.same else (pool, i)

        graph.add_nodes_from(name(before, i) for i in range(plan.pre.start, plan.pre.stop))
        graph.add_nodes_from(name(after, j) for j in range(plan.post.start, plan.post.stop))
        graph.add_edges_from(
            (name(before, i), name(after, j), {"weight": w, "delay": d})
            for i, j, w, d in zip(*(column.tolist() for column in columns), strict=True)
        )
        return graph

    def __getitem__(self, pair: Any) -> Array:
        """Weights of the synapses from some neurons to others: ``synapses[pre, post]``.

        A number, a slice, or a list each, counted as in ``to_arrays``, and ordered as there; empty where
        there are no synapses. May be set as ``weights`` may; ``IndexError`` where there are none.
        """
        sources, wanted = self._sides(pair)
        its = self._listing()
        if not self._lists_base:
            return self._base(its)[_chosen(its, sources, wanted)]
        parts = [its.weights(some)[wanted[its.targets(some)]] for some in its.in_portions(sources)]
        return np.concatenate(parts)

    def __setitem__(self, pair: Any, values: Any) -> None:
        sources, wanted = self._sides(pair)
        its = self._listing()
        chosen = [(some, wanted[its.targets(some)]) for some in its.in_portions(sources)]
        size = sum(int(which.sum()) for _, which in chosen)
        if not size:
            raise IndexError(f"there is no synapse from {_told(pair[0])} to {_told(pair[1])}")
        weights = values_for("weights", values, size, self._plan.dtype)
        self._check_weights(weights, self._gain)
        weights = np.broadcast_to(weights, size)
        with self._alone():
            self._settle()
            if self._lists_base:
                self._write_some(chosen, weights)
                return
            everything = self._base()
            everything[_chosen(self._listing(), sources, wanted)] = weights
            self._written = True
            self._write_scaled(self._settle(), self._member, everything)

    def _write_some(self, chosen: list[tuple[Array, Array]], weights: Array) -> None:
        """Write weights of some synapses of each of several lists of sources."""
        its, begin = self._listing(), 0
        for some, which in chosen:
            end = begin + int(which.sum())
            if end > begin:
                those = its.weights(some)
                those[which] = weights[begin:end]
                its.write(some, those)
            begin = end
        self._written = True
        if self._alone_in_its_rows:
            self._apply_gain()

    def _sides(self, pair: Any) -> tuple[Array, Array]:
        """Sources, and whether each target is meant."""
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise TypeError(f"expected synapses[pre, post], got {pair!r}")
        plan = self._plan
        sources, targets = _side("pre", pair[0], plan.n_pre), _side("post", pair[1], plan.n_post)
        wanted = np.zeros(plan.n_post, bool)
        wanted[targets] = True
        return sources, wanted

    def _check_weights(self, weights: Array, gain: float) -> None:
        if weights.size:
            low, high = sorted((float(weights.min()) * gain, float(weights.max()) * gain))
            self._check(low + 0.0, high + 0.0)  # no zero with a sign

    def _listing(self) -> Listing:
        """What lists its synapses; where they are not drawn yet, drawn for this, which changes nothing."""
        if self._rows is None:
            return listing(self._drawn_apart(), 0)
        return listing(self._rows, self._member)

    @property
    def _alone_in_its_rows(self) -> bool:
        return self._rows is None or len(self._rows.plans) == 1

    @property
    def _lists_base(self) -> bool:
        """Whether what is listed are the weights without the gain."""
        return self._alone_in_its_rows or not self._scaled

    def _base(self, its: Listing | None = None) -> Array:
        """Weights without the gain, a new array."""
        if self._given is not None:
            return self._given.copy()
        if not self._lists_base:
            its = listing(self._drawn_apart(), 0)
        its = its or self._listing()
        return its.weights(its.everyone)

    def summary(self) -> str:
        """Who, how many, by which rule, and bytes, in a line."""
        delays = self.delays if len(self.delays) else np.zeros(1)
        lags = f"{delays[0]:g} ms" if len(delays) == 1 else f"{delays[0]:g} to {delays[-1]:g} ms"
        before, after = self._names
        fed = f" [{self.receptor}]" if self.receptor else ""
        size = readable_bytes(self.nbytes)
        return f"{before} -> {after}{fed}: {len(self):,} synapses, {self.rule.name}, {lags}, {size}"

    def __repr__(self) -> str:
        before, after = self._names
        fed = f" {self.receptor}" if self.receptor else ""
        return f"<{before} -> {after}{fed}: {len(self)} synapses, {self.rule.name}>"


def _chosen(its: Listing, sources: Array, wanted: Array) -> Array:
    """Which of all synapses come from some sources and go to wanted targets."""
    among = np.zeros(len(its.everyone), bool)
    among[sources] = True
    chosen: Array = np.repeat(among, its.sizes(its.everyone))
    chosen[chosen] = np.concatenate([wanted[its.targets(some)] for some in its.in_portions(sources)])
    return chosen


def _side(name: str, which: Any, n: int) -> Array:
    """Indices that were asked for, ascending."""
    if isinstance(which, slice):
        if which.step not in (None, 1):
            raise IndexError(f"{name}: expected a slice of consecutive neurons, got {which}")
        start, stop = which.start or 0, which.stop
        if start < 0 or (stop is not None and stop < 0):
            raise IndexError(f"{name}: expected indices of 0 and above, got {which}")
        return np.arange(min(start, n), n if stop is None else min(stop, n))
    wanted = np.unique(np.atleast_1d(as_array(which)))
    if wanted.dtype.kind not in "iu" and wanted.size:
        raise TypeError(f"{name}: expected an index, a slice or a list of indices, got {which!r}")
    if len(wanted) and not 0 <= wanted[0] <= wanted[-1] < n:
        wrong = wanted[0] if wanted[0] < 0 else wanted[-1]
        raise IndexError(
            f"{name}: expected indices from 0 to {n - 1}, counted within what was connected, got {wrong}"
        )
    return wanted.astype(np.int64)


def _told(which: Any) -> str:
    if isinstance(which, slice):
        ends = ("" if end is None else str(end) for end in (which.start, which.stop))
        return "any" if which == slice(None) else ":".join(ends)
    return short(which)
