"""Rules of given pairs: arrays, matrices of scipy, graphs of networkx, a function of the source.

Both libraries are only asked for what their objects can do, and never imported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from numbers import Real
from typing import Any

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.checks import as_array
from izhi_numba.base.selection import Chosen, index_list, indices, size_of
from izhi_numba.connectivity.distributions import ByDistance, Distribution
from izhi_numba.connectivity.rules import Rule


@dataclass(frozen=True, eq=False, repr=False)
class GivenPairs(Rule):
    """The rule that :func:`from_arrays` and its kin make; its arrays are let go once it is drawn."""

    total: int = 0

    def check(self, pre: Chosen, post: Chosen) -> None:
        """Raise ``ValueError`` or ``IndexError`` where neurons are too few, or pairs are gone."""
        if self.pre is None:
            raise ValueError(
                f"{self.name}: its pairs were let go when they were drawn;"
                " iz.from_arrays(*synapses.to_arrays()) makes a rule of the synapses"
            )
        super().check(pre, post)
        indices(f"{self.name}: pre", self.pre, size_of(pre))
        indices(f"{self.name}: post", self.post, size_of(post))

    def expected_synapses(self, n_pre: int, n_post: int) -> int:
        """How many pairs there are."""
        return self.total

    def shape_of_values(self, n_pre: int, n_post: int) -> tuple[int, ...] | None:
        """Shape of given weights or delays."""
        return (self.total,)

    @property
    def held(self) -> int:
        """Bytes of the arrays that it holds."""
        arrays = (self.pre, self.post, self.weight, self.delay)
        return sum(int(one.nbytes) for one in arrays if isinstance(one, np.ndarray))

    def without_given(self) -> Rule:
        """Return the rule without its arrays."""
        return replace(self, pre=None, post=None, weight=None, delay=None)


def from_arrays(pre: Any, post: Any, weight: Any = None, delay: Any = None) -> Rule:
    """Connect given pairs, ``pre[k]`` to ``post[k]``, by their places among the neurons given to ``connect``.

    Parameters
    ----------
    pre, post : arrays (n_synapses,)
        Whole numbers; floats, too, as a table that was read from a file has them.
    weight, delay : number, array (n_synapses,) or distribution, optional
        Here or in ``connect``; delays in ms.

    Raises
    ------
    TypeError, ValueError
        What is no list of neurons: a number that is not whole, by its place and column; columns of different
        lengths.

    Examples
    --------
    >>> from_arrays([0, 0], [1, 2], weight=[0.5, 0.25], delay=1.0).name
    'from_arrays'
    """
    sides = [_indices(name, side) for name, side in (("pre", pre), ("post", post))]
    n = len(sides[0])
    if len(sides[1]) != n:
        raise ValueError(f"from_arrays: expected pre and post of one length, got {n} and {len(sides[1])}")
    values = [_copied(name, value, n) for name, value in (("weight", weight), ("delay", delay))]
    return GivenPairs(
        "from_arrays", "list", pre=sides[0], post=sides[1], weight=values[0], delay=values[1], total=n,
        told=f"<{n} pairs>",
    )  # fmt: skip


def _indices(name: str, value: Any) -> Array:
    """Return a copy of what was given: what the caller does to his array is his."""
    array = index_list(f"from_arrays: {name}", value)
    most = np.iinfo(np.int32).max
    far = array.size and not 0 <= array.min() <= array.max() <= most  # an error when the pools are known
    return array.astype(np.int64 if far else np.int32)


def _copied(name: str, value: Any, n: int) -> Any:
    if value is None or isinstance(value, Distribution | ByDistance):
        return value
    array = as_array(value)
    if array.shape not in ((), (n,)):
        raise ValueError(f"from_arrays: {name}: expected a number or {n} values, got shape {array.shape}")
    return array.copy() if array.ndim else value


def from_scipy(matrix: Any, *, delay: Any = None) -> Rule:
    """Connect by a sparse matrix: rows are sources, columns targets, stored entries weights.

    Parameters
    ----------
    matrix : scipy.sparse array or matrix (n_pre, n_post)
        Stored zeros are synapses, too. One of True and False holds no weights: give them to ``connect``.
    delay : number, distribution or array (n_synapses,), optional
        Here or in ``connect``; in the order of ``matrix.tocoo()``.

    Examples
    --------
    >>> import scipy.sparse
    >>> import izhi_numba as iz
    >>> pool = iz.Pool(3)
    >>> matrix = scipy.sparse.csr_array([[0, 0.5, 0.25], [0, 0, 0], [1.0, 0, 0]])
    >>> len(pool.connect(pool, pool, rule=iz.from_scipy(matrix), delay=1.0))
    3
    """
    if not hasattr(matrix, "tocoo"):
        raise TypeError(
            f"from_scipy: expected a sparse matrix of scipy, got {type(matrix).__name__};"
            " scipy.sparse.coo_array(...) makes one"
        )
    entries = matrix.tocoo()
    if len(entries.shape) != 2:
        raise ValueError(f"from_scipy: expected two dimensions, got shape {entries.shape}")
    if entries.data.dtype.kind not in "bfiu":
        raise TypeError(f"from_scipy: expected weights that are numbers, got {entries.data.dtype}")
    weight = None if entries.data.dtype.kind == "b" else entries.data
    rule = from_arrays(entries.row, entries.col, weight, delay)
    n_pre, n_post = entries.shape
    return replace(rule, name="from_scipy", sizes=(int(n_pre), int(n_post)))


def from_networkx(graph: Any, *, weight: str = "weight", delay: str = "delay") -> Rule:
    """Connect by the edges of a graph; in both directions where edges have none.

    Neurons are the graph's nodes: in the order of their labels where all of these are numbers, also written
    as text ("2" comes before "10"); else in the order in which the graph has them, ``list(graph.nodes)``.

    Parameters
    ----------
    graph : networkx.Graph, DiGraph, MultiGraph or MultiDiGraph
    weight, delay : str
        Names of what edges hold, delays in ms. Where no edge has it, give it to ``connect``.

    Raises
    ------
    ValueError
        Some edges have a weight or delay, and others do not.

    Examples
    --------
    >>> import networkx
    >>> import izhi_numba as iz
    >>> pool = iz.Pool(34)
    >>> len(pool.connect(pool, pool, rule=iz.from_networkx(networkx.karate_club_graph())))
    156
    """
    if not all(hasattr(graph, name) for name in ("nodes", "edges", "is_directed")):
        raise TypeError(f"from_networkx: expected a graph of networkx, got {type(graph).__name__}")
    place = _places(list(graph.nodes))
    edges = list(graph.edges(data=True))
    columns = [np.array([place[edge[side]] for edge in edges], np.int64) for side in (0, 1)]
    values = [_held(edges, name) for name in (weight, delay)]
    if not graph.is_directed():
        pre, post = columns
        back = np.flatnonzero(pre != post)
        columns = [np.append(pre, post[back]), np.append(post, pre[back])]
        values = [None if value is None else np.append(value, value[back]) for value in values]
    rule = from_arrays(*columns, *values)
    return replace(rule, name="from_networkx", sizes=(len(place), len(place)))


def _places(nodes: list[Any]) -> dict[Any, int]:
    """Number of the neuron that each node is."""
    if all(isinstance(node, Real) and not isinstance(node, bool) for node in nodes):
        nodes = sorted(nodes)
    elif all(isinstance(node, str) and node.strip().isdecimal() for node in nodes):
        nodes = sorted(nodes, key=int)
    return {node: place for place, node in enumerate(nodes)}


def _held(edges: list[Any], name: str) -> Array | None:
    """What edges hold under a name, or None where no edge does."""
    missing = [edge[:2] for edge in edges if name not in edge[2]]
    if len(missing) == len(edges):
        return None
    if missing:
        raise ValueError(
            f"from_networkx: {len(missing)} of {len(edges)} edges have no {name!r}, the first"
            f" {missing[0]!r}; give it to all or to none"
        )
    for source, target, held in edges:
        if as_array(held[name]).ndim or as_array(held[name]).dtype.kind not in "fiu":
            raise TypeError(
                f"from_networkx: {name} of edge {(source, target)!r}: expected a number, got {held[name]!r}"
            )
    return np.array([held[name] for *_, held in edges], np.float64)


def by_source(function: Callable[[int], Any], n_pre: int, n_post: int) -> Rule:
    """Return the rule that a function of the source stands for; see :meth:`izhi_numba.Pool.connect`."""
    parts: list[tuple[Array, ...]] = []
    pre: list[Array] = []
    for source in range(n_pre):
        part = _part(source, _result(function, source), n_post)
        if len(part[0]):
            _same_kind(source, part, pre, parts)
            pre.append(np.full(len(part[0]), source))
            parts.append(part)
    if not parts:
        return replace(from_arrays([], []), name="a function")
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return replace(from_arrays(np.concatenate(pre), *columns), name="a function")


def _result(function: Callable[[int], Any], source: int) -> Any:
    try:
        result = function(source)
        if isinstance(result, tuple):
            return tuple(_listed(part) for part in result)
        return _listed(result)
    except Exception as failure:  # a user's function may raise anything
        raise ValueError(
            f"rule: the function failed for source {source}: {type(failure).__name__}: {failure}"
        ) from failure


def _listed(value: Any) -> Any:
    """Sets, ranges and generators as lists."""
    ready = isinstance(value, str | bytes | Mapping | list | tuple | np.ndarray)
    return list(value) if hasattr(value, "__iter__") and not ready else value


def _part(source: int, result: Any, n_post: int) -> tuple[Array, ...]:
    """Targets of a source and, where they are given, weights and delays, checked."""
    values: tuple[Any, ...] = ()
    if isinstance(result, tuple):
        if len(result) not in (2, 3) or np.ndim(as_array(result[0])) == 0:
            raise TypeError(
                f"rule: for source {source} expected (targets, weights) or (targets, weights, delays), got"
                f" the tuple {result!r:.80}; give targets alone as a list"
            )
        result, *values = result  # type: ignore[assignment]
    targets = np.atleast_1d(as_array(result))
    if targets.ndim != 1 or (targets.size and targets.dtype.kind not in "iu"):
        raise TypeError(f"rule: for source {source} expected a list of target indices, got {result!r:.80}")
    bad = (targets < 0) | (targets >= n_post)
    if bad.any():
        raise IndexError(
            f"rule: for source {source} expected targets from 0 to {n_post - 1}, got {targets[bad][0]}"
        )
    names = ("weights", "delays")[: len(values)]
    given = (_values(source, name, value, len(targets)) for name, value in zip(names, values, strict=True))
    return targets.astype(np.int64), *given


def _values(source: int, name: str, value: Any, n: int) -> Array:
    array = as_array(value)
    if array.size and array.dtype.kind not in "fiu":
        raise TypeError(f"rule: for source {source} expected {name} that are numbers, got {value!r:.80}")
    if array.shape not in ((), (n,)):
        raise ValueError(
            f"rule: for source {source} expected a number or {n} {name}, got shape {array.shape}"
        )
    if not np.isfinite(array).all():
        raise ValueError(f"rule: for source {source} expected finite {name}, got {value!r:.80}")
    if name == "delays" and (array < 0).any():
        raise ValueError(f"rule: for source {source} expected delays of 0 ms or more, got {array.min():g}")
    return np.broadcast_to(array.astype(np.float64), n)


def _same_kind(
    source: int, part: tuple[Array, ...], pre: list[Array], parts: list[tuple[Array, ...]]
) -> None:
    words = ("targets alone", "targets and weights", "targets, weights and delays")
    if parts and len(part) != len(parts[0]):
        raise ValueError(
            f"rule: {words[len(parts[0]) - 1]} for source {pre[0][0]}, but {words[len(part) - 1]} for source"
            f" {source}; give the same for all"
        )
