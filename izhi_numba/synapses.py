"""One projection, as the user has it: how many synapses, their weights and delays, in and out."""

from __future__ import annotations

import contextlib
import weakref
from typing import TYPE_CHECKING, Any

import numpy as np

from izhi_numba.checks import as_array, finite_number, readable_bytes, values_for
from izhi_numba.connectivity import Rule
from izhi_numba.distributions import Distribution
from izhi_numba.kernels import draw, generate
from izhi_numba.listing import Listing, listing
from izhi_numba.rows import MOST_IN_A_BLOCK, Plan, Rows, counted_synapses, elsewhere

if TYPE_CHECKING:
    from collections.abc import Callable

    from izhi_numba.ensemble import Ensemble

LONGEST_DELAY = 2**20  # steps
_NO_VALUES = np.zeros(0)

Array = np.ndarray[Any, np.dtype[Any]]


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
    random: draw.Random,
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
            f"delay: at most {LONGEST_DELAY} steps of {dt:g} ms are possible, got up to {delay:g} ms"
        )


class Synapses:
    """One projection, as returned by ``connect``.

    It is drawn when it is first needed: in the next run, or when its weights are asked for. Projections
    between the same neurons that are connected before that share their memory, and are faster.

    Attributes
    ----------
    rule : Rule
    receptor : str
        Name of the receptor that it feeds; empty for the plain pulse of a pool without receptors.
    delays : int array
        The delays that occur, in steps, ascending.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> pool = iz.Pool(10)
    >>> synapses = pool.connect(pool, pool, rule=iz.one_to_one(), weight=2.0, delay=3.0)
    >>> len(synapses)
    10
    """

    __slots__ = (
        "_check", "_count", "_gain", "_given", "_member", "_names", "_owner", "_plan", "_pools", "_rows",
        "_scaled", "_threads", "delays", "receptor", "rule",
    )  # fmt: skip

    def __init__(
        self, plan: Plan, receptor: str, names: tuple[str, str], pools: tuple[str, str],
        check: Callable[[float, float], None], owner: Ensemble,
    ) -> None:  # fmt: skip
        self.rule, self.delays, self.receptor = plan.rule, plan.delays, receptor
        self._plan, self._names, self._pools, self._owner = plan, names, pools, weakref.ref(owner)
        self._threads = owner.threads
        self._check = check  # refuses weights by the smallest and the largest
        self._gain = 1.0
        self._count: int | None = None
        self._rows: Rows | None = None
        self._member = 0
        self._given: Array | None = None  # weights set by hand, where the rows hold them times the gain
        self._scaled = False  # whether rows shared with others hold the weights times a gain

    def _draw(self) -> None:
        owner = self._owner()  # which is not held: a network would go only when cycles are looked for
        if owner is not None:
            owner.settle()
            return
        ends = np.arange(0, self._plan.post.stop + MOST_IN_A_BLOCK, MOST_IN_A_BLOCK, dtype=np.int64)
        rows = Rows([self._plan], ends, self._threads)
        self.scale(rows, 0)
        self.place(rows, 0)

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
    def drawn(self) -> bool:
        """Whether its synapses are there already."""
        return self._rows is not None

    @property
    def nbytes(self) -> int:
        """Memory held, in bytes: its share, where it has its rows in common with others."""
        if self._rows is None:
            self._draw()
        rows = self._rows
        assert rows is not None
        if len(rows.plans) == 1:
            return rows.nbytes
        item = rows.pieces[0].synapses.itemsize
        return len(self) * item + sum(piece.start.nbytes for piece in rows.pieces) // len(rows.plans)

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

        May be set between runs, to a number or to one value per synapse.

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
        rows = self._built()
        wanted = values_for("weights", values, len(self), self._plan.dtype)
        weights = np.array(np.broadcast_to(wanted, len(self)), self._plan.dtype)
        self._check_weights(weights, self._gain)
        with self._alone():
            if len(rows.plans) == 1:
                self._write(rows, weights)
                self._apply_gain()
            else:
                self._given = weights
                self._write(rows, weights * self._plan.dtype.type(self._gain))

    def to_arrays(self) -> tuple[Array, Array, Array, Array]:
        """Return all synapses as arrays (source, target, weight, delay in ms), indices within the pools.

        Ordered by source, delay and target, for any number of threads; synapses alike in all three are in
        the order in which they were drawn. The weights are those without the gain.
        """
        its = self._listing()
        pre, post, delay = its.pairs(its.everyone)
        plan = self._plan
        return pre + plan.pre.start, post + plan.post.start, self._base(), delay * plan.dt

    def to_scipy(self) -> Any:
        """Return the weights as a sparse matrix, ``scipy.sparse.csr_array``; needs scipy.

        Rows are the sources, columns the targets, both counted from the first neuron of their group.
        Weights of synapses between the same two neurons are added.
        """
        from scipy.sparse import coo_array

        pre, post, weights, _ = self.to_arrays()
        plan = self._plan
        places = (pre - plan.pre.start, post - plan.post.start)
        return coo_array((weights, places), shape=(plan.n_pre, plan.n_post)).tocsr()

    def to_networkx(self) -> Any:
        """Return a ``networkx.MultiDiGraph`` with attributes ``weight`` and ``delay`` (ms); needs networkx.

        Nodes are the indices of neurons; pairs (name of the pool, index) between two pools.
        """
        import networkx

        pre, post, weights, delays = (column.tolist() for column in self.to_arrays())
        plan, (before, after) = self._plan, self._pools
        graph = networkx.MultiDiGraph()

        def name(pool: str, i: int) -> Any:
            return i if plan.same else (pool, i)

        graph.add_nodes_from(name(before, i) for i in range(plan.pre.start, plan.pre.stop))
        graph.add_nodes_from(name(after, j) for j in range(plan.post.start, plan.post.stop))
        graph.add_edges_from(
            (name(before, i), name(after, j), {"weight": w, "delay": d})
            for i, j, w, d in zip(pre, post, weights, delays, strict=True)
        )
        return graph

    def __getitem__(self, pair: Any) -> Array:
        """Weights of the synapses from some neurons to others: ``synapses[pre, post]``.

        Indices within the pools; a number, a slice, or a list each. Ordered as in ``to_arrays``; empty
        where there are none.
        """
        chosen = self._between(pair)
        return self._base()[chosen]

    def __setitem__(self, pair: Any, values: Any) -> None:
        chosen = self._between(pair)
        weights = self._base()
        weights[chosen] = values_for("weights", values, int(chosen.sum()), self._plan.dtype)
        self.weights = weights

    def _between(self, pair: Any) -> Array:
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise TypeError(f"expected synapses[pre, post], got {pair!r}")
        pre, post, _, _ = self.to_arrays()
        sides = [_side(name, which) for name, which in zip(("pre", "post"), pair, strict=True)]
        chosen: Array = sides[0](pre) & sides[1](post)
        return chosen

    def _check_weights(self, weights: Array, gain: float) -> None:
        if weights.size:
            low, high = sorted((float(weights.min()) * gain, float(weights.max()) * gain))
            self._check(low + 0.0, high + 0.0)  # no zero with a sign

    def _built(self) -> Rows:
        if self._rows is None:
            self._draw()
        assert self._rows is not None
        return self._rows

    def _listing(self) -> Listing:
        return listing(self._built(), self._member)

    def _base(self) -> Array:
        """Weights without the gain, a new array."""
        rows = self._built()
        if self._given is not None:
            return self._given.copy()
        if len(rows.plans) == 1 or not self._scaled:
            return _weights(rows, self._member)
        return _weights(Rows([self._plan], rows.bounds, self._threads), 0)  # drawn again

    def _write(self, rows: Rows, weights: Array) -> None:
        its = listing(rows, self._member)
        its.write(its.everyone, weights)

    def place(self, rows: Rows, member: int) -> None:
        """Take the place among the rows that were drawn."""
        self._rows, self._member = rows, member

    def scale(self, rows: Rows, member: int) -> None:
        """Apply a gain that was set before its place in these rows was drawn."""
        if self._gain == 1:
            return
        if len(rows.plans) == 1:
            rows.scale(rows.factor[0] * self._gain)
        else:
            its = listing(rows, member)
            its.write(its.everyone, its.weights(its.everyone) * self._plan.dtype.type(self._gain))
            self._scaled = True

    def _apply_gain(self) -> None:
        rows = self._built()
        if len(rows.plans) == 1:
            shared = self.shared_weight
            rows.scale(self._gain * (1.0 if shared is None else shared))
            return
        weights = self._base() * self._plan.dtype.type(self._gain)
        self._scaled = True
        self._write(rows, weights)

    def summary(self) -> str:
        """Who, how many, by which rule, and bytes, in a line."""
        delays = self.delays * self._plan.dt
        lags = f"{delays[0]:g} ms" if len(delays) == 1 else f"{delays[0]:g} to {delays[-1]:g} ms"
        before, after = self._names
        fed = f" [{self.receptor}]" if self.receptor else ""
        size = readable_bytes(self.nbytes)
        return f"{before} -> {after}{fed}: {len(self):,} synapses, {self.rule.name}, {lags}, {size}"

    def __repr__(self) -> str:
        before, after = self._names
        fed = f" {self.receptor}" if self.receptor else ""
        return f"<{before} -> {after}{fed}: {len(self)} synapses, {self.rule.name}>"


def _weights(rows: Rows, member: int) -> Array:
    its = listing(rows, member)
    return its.weights(its.everyone)


def _side(name: str, which: Any) -> Callable[[Array], Array]:
    """What tells whether indices are among those given."""
    if isinstance(which, slice):
        if which.step not in (None, 1):
            raise IndexError(f"{name}: expected a slice of consecutive neurons, got {which}")
        start, stop = which.start or 0, which.stop
        if start < 0 or (stop is not None and stop < 0):
            raise IndexError(f"{name}: expected indices of 0 and above, got {which}")
        return lambda index: (index >= start) & (True if stop is None else index < stop)
    wanted = np.atleast_1d(as_array(which))
    if wanted.dtype.kind not in "iu":
        raise TypeError(f"{name}: expected an index, a slice or a list of indices, got {which!r}")
    if (wanted < 0).any():
        raise IndexError(f"{name}: expected indices of 0 and above, got {which!r}")
    return lambda index: np.isin(index, wanted)
