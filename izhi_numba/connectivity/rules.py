"""Connection rules, as values: which sources connect to which targets. Names are those of NEST."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.checks import finite_number, fraction, truth, whole_number
from izhi_numba.base.selection import Chosen, as_text, hull, indices_of, n_common, places_among, size_of
from izhi_numba.connectivity.distributions import ByDistance, Distribution
from izhi_numba.kernels import team
from izhi_numba.kernels.build import draw, generate
from izhi_numba.kernels.build.space import no_space
from izhi_numba.kernels.build.words import Random
from izhi_numba.kernels.rng import DEGREE_DRAWS

_MOST = 2**31
_MOST_IN_ALL = 2**32 - 1  # rows count theirs in 32 bits
_NO_NUMBERS = np.zeros(0, np.uint32)
_NOWHERE = np.zeros(0, np.int64)
_SAMPLED_ROWS = 10_000


@dataclass(frozen=True, eq=False, repr=False)
class Rule:
    """Which sources connect to which targets. Made by functions such as :func:`fixed_outdegree`.

    ``rows`` says what a row of the generator is: "sources", "targets", or "list" for given pairs.
    """

    name: str
    rows: str
    kind: int = draw.ALL
    degree: int = 0  # the largest, where they are drawn
    degrees: Distribution | None = None
    probability: float = 0.0
    autapses: bool = True
    multapses: bool = True
    pre: Any = None
    post: Any = None
    weight: Any = None
    delay: Any = None
    sizes: tuple[int, int] | None = None  # numbers of sources and targets, where the rule fixes them
    told: str = ""  # arguments of the call that made it

    def __repr__(self) -> str:
        return f"{self.name}({self.told})"

    def check(self, pre: Chosen, post: Chosen) -> None:
        """Raise ``ValueError`` or ``IndexError`` where the rule cannot be met between so many neurons."""
        n_pre, n_post = size_of(pre), size_of(post)
        if self.sizes is not None and self.sizes != (n_pre, n_post):
            raise ValueError(
                f"{self.name}: made for {self.sizes[0]} sources and {self.sizes[1]} targets,"
                f" got {n_pre} and {n_post}"
            )
        if self.kind == draw.ONE and n_pre != n_post:
            raise ValueError(f"{self.name}: expected as many sources as targets, got {n_pre} and {n_post}")
        if self.kind in (draw.DEGREE, draw.WEIGHTED_PLACES):
            self._check_degree(n_pre, n_post, same=n_common(pre, post) > 0)

    def _check_degree(self, n_pre: int, n_post: int, *, same: bool) -> None:
        others, side = (n_post, "targets") if self.rows == "sources" else (n_pre, "sources")
        available = others - (0 if self.autapses or not same else 1)
        if self.degree > available and not self.multapses:
            fewer = "take fewer, or allow multapses=True" if self.kind == draw.DEGREE else "take fewer"
            raise ValueError(
                f"{self.name}: {self.degree} different {side} wanted, but there are {available}; {fewer}"
            )
        if self.degree and available < 1:
            raise ValueError(f"{self.name}: there are no {side} but the neuron itself; allow autapses=True")

    def expected_synapses(self, n_pre: int, n_post: int) -> int:
        """How many synapses there will be; for probabilities, five deviations above the mean."""
        if self.kind == draw.ONE:
            return n_pre
        if self.kind == draw.ALL:
            return n_pre * n_post
        if self.kind == draw.PROBABILITY:
            mean = self.probability * n_pre * n_post
            return int(min(mean + 5 * np.sqrt(mean) + 1, n_pre * n_post))
        n_rows = n_pre if self.rows == "sources" else n_post
        return self.degree * n_rows if self.degrees is None else _most_of(self.degrees, n_rows)

    def work(self, n_pre: int, n_post: int, threads: int) -> int:
        """Bytes of the tables that drawing it takes."""
        return 0

    @property
    def held(self) -> int:
        """Bytes of the pairs that it holds."""
        return 0

    def without_given(self) -> Rule:
        """Return the rule without the arrays that were given for it."""
        return self

    def shape_of_values(self, n_pre: int, n_post: int) -> tuple[int, ...] | None:
        """Shape of given weights or delays; None where the number of synapses is drawn."""
        if self.kind == draw.ONE:
            return (n_pre,)
        if self.kind == draw.ALL:
            return (n_pre, n_post)
        if self.degrees is None and self.kind in (draw.DEGREE, draw.WEIGHTED_PLACES, draw.RING):
            return (n_pre if self.rows == "sources" else n_post, self.degree)
        return None

    def resolve(self, name: str, value: Any) -> Any:
        """Turn a weight or delay that only the rule can tell into a distribution."""
        if isinstance(value, ByDistance):
            raise ValueError(f"{name}: {value!r} is for the delays of distance_dependent, got {self.name}")
        return value

    def for_kernel(self, pre: Chosen, post: Chosen, random: Random, threads: int) -> draw.Rule:
        """Return what the kernels need to draw any row."""
        rows, others = (pre, post) if self.rows == "sources" else (post, pre)
        n_rows, n_others = size_of(rows), size_of(others)
        degree = n_others if self.kind == draw.ALL else 1 if self.kind == draw.ONE else self.degree
        itself, selves = (0, _NOWHERE) if self.autapses else _places_of_rows(rows, others)
        none = _NO_NUMBERS
        degrees = none if self.degrees is None else _drawn_degrees(self.degrees, n_rows, random)
        return draw.Rule(
            self.kind, degree, float(self.probability), n_rows, n_others, itself, self.autapses,
            self.multapses, selves, degrees, none, none, no_space(),
        )  # fmt: skip


def _drawn_degrees(degrees: Distribution, n_rows: int, random: Random) -> Array:
    """Degree of each row, which follows from its number."""
    drawn = generate.drawn(degrees.values, np.arange(n_rows), 0, DEGREE_DRAWS, random)
    rounded: Array = np.floor(drawn + 0.5).astype(np.uint32)
    return rounded


def _most_of(degrees: Distribution, n_rows: int) -> int:
    """Five deviations above the mean of so many degrees, as a sample tells them."""
    sample = _drawn_degrees(degrees, _SAMPLED_ROWS, Random(*np.zeros(3, np.uint32)))
    return int(n_rows * sample.mean() + 5 * np.sqrt(n_rows) * (sample.std() + 1))


def _places_of_rows(rows: Chosen, others: Chosen) -> tuple[int, Array]:
    """Where row 0 is on the other side, if all rows follow it there; else the place of each."""
    if isinstance(rows, slice) and isinstance(others, slice):
        return rows.start - others.start, _NOWHERE
    return 0, places_among(rows, others)


def arguments(*values: Any, **switches: tuple[Any, Any]) -> str:
    """Arguments as they were written; of switches, pairs of value and default, those that differ."""
    told = [f"{value:g}" if isinstance(value, float) else repr(value) for value in values]
    told += [f"{name}={value}" for name, (value, default) in switches.items() if value != default]
    return ", ".join(told)


def all_to_all(*, autapses: bool = True) -> Rule:
    """Connect each source to each target. One weight per pair: shape (n_pre, n_post)."""
    told = arguments(autapses=(autapses, True))
    return Rule("all_to_all", "sources", draw.ALL, autapses=truth("autapses", autapses), told=told)


def one_to_one() -> Rule:
    """Connect source ``i`` to target ``i``. One weight per pair: shape (n,)."""
    return Rule("one_to_one", "sources", draw.ONE)


def fixed_probability(probability: float, *, autapses: bool = True) -> Rule:
    """Connect each pair with the same probability, independently."""
    value = fraction("fixed_probability", probability, "probability")
    return Rule(
        "fixed_probability",
        "sources",
        draw.PROBABILITY,
        probability=value,
        autapses=truth("autapses", autapses),
        told=arguments(value, autapses=(autapses, True)),
    )


def fixed_outdegree(degree: int | Distribution, *, autapses: bool = True, multapses: bool = True) -> Rule:
    """Connect each source to ``degree`` random targets. Weights: shape (n_pre, degree).

    Parameters
    ----------
    degree : int or distribution
        Of a distribution a degree is drawn for each neuron, and rounded, halves up: weights and delays cannot
        be arrays then.
    autapses : bool
        Whether a neuron may reach itself.
    multapses : bool
        Whether a source may reach the same target more than once.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> fixed_outdegree((100 * iz.lognormal(0, 0.5)).clip(high=500))
    fixed_outdegree((100 * lognormal(0, 0.5)).clip(high=500))
    """
    return _fixed_degree("fixed_outdegree", "sources", degree, autapses, multapses)


def fixed_indegree(degree: int | Distribution, *, autapses: bool = True, multapses: bool = True) -> Rule:
    """Connect each target to ``degree`` random sources. Weights: shape (n_post, degree).

    Parameters are those of :func:`fixed_outdegree`.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> pool = iz.Pool(100, seed=1)
    >>> _, post, _, _ = pool.connect(pool, pool, rule=iz.fixed_indegree(iz.integers(5, 15))).to_arrays()
    >>> degrees = np.bincount(post)
    >>> degrees.min(), degrees.max()
    (np.int64(5), np.int64(15))
    """
    return _fixed_degree("fixed_indegree", "targets", degree, autapses, multapses)


def _fixed_degree(name: str, rows: str, degree: Any, autapses: Any, multapses: Any) -> Rule:
    degrees = degree if isinstance(degree, Distribution) else None
    least, most = (degree, degree) if degrees is None else map(_rounded, degrees.bounds())
    if degrees is not None and not 0 <= least <= most <= _MOST:
        raise ValueError(
            f"{name}: degree: expected numbers from 0 to {_MOST}, got {degree!r}, which reaches from"
            f" {least:g} to {most:g}; give it .clip(0, ...)"
        )
    return Rule(
        name, rows, draw.DEGREE, whole_number(f"{name}: degree", most, at_least=0, at_most=_MOST), degrees,
        autapses=truth("autapses", autapses), multapses=truth("multapses", multapses),
        told=arguments(degree, autapses=(autapses, True), multapses=(multapses, True)),
    )  # fmt: skip


def _rounded(number: float) -> float:
    return math.floor(number + 0.5) if math.isfinite(number) else number


@dataclass(frozen=True, eq=False, repr=False)
class _TotalNumber(Rule):
    total: int = 0

    def check(self, pre: Chosen, post: Chosen) -> None:
        alone = size_of(pre) == size_of(post) == 1 and n_common(pre, post)
        if self.total and alone and not self.autapses:
            raise ValueError(f"{self.name}: there is no pair but the neuron itself; allow autapses=True")

    def expected_synapses(self, n_pre: int, n_post: int) -> int:
        return self.total

    def work(self, n_pre: int, n_post: int, threads: int) -> int:
        return 4 * n_pre * (threads + 1)

    def for_kernel(self, pre: Chosen, post: Chosen, random: Random, threads: int) -> draw.Rule:
        rule = super().for_kernel(pre, post, random, threads)
        counts = np.zeros((threads, rule.n_rows), np.uint32)
        job = draw.SourceCount(
            team.turns(), self.total, rule.n_others, rule.itself, rule.selves,
            self.autapses or not n_common(pre, post), random, counts, draw.scratch(threads, 0, 0).words,
        )  # fmt: skip
        team.in_portions(draw.count_sources, threads, job, job.n_parts)
        degrees = counts.sum(axis=0, dtype=np.uint32)
        return rule._replace(degree=int(degrees.max()), degrees=degrees)


def fixed_total_number(n: int, *, autapses: bool = True) -> Rule:
    """Make ``n`` synapses, each between a random source and target; pairs may be drawn more than once.

    Parameters
    ----------
    n : int
    autapses : bool
        Whether a neuron may reach itself.

    Examples
    --------
    >>> fixed_total_number(1000).name
    'fixed_total_number'
    """
    total = whole_number("fixed_total_number: n", n, at_least=0, at_most=_MOST_IN_ALL)
    return _TotalNumber(
        "fixed_total_number", "sources", draw.DEGREES, autapses=truth("autapses", autapses), total=total,
        told=arguments(total, autapses=(autapses, True)),
    )  # fmt: skip


@dataclass(frozen=True, eq=False, repr=False)
class _SmallWorld(Rule):
    def check(self, pre: Chosen, post: Chosen) -> None:
        if hull(pre).start > _MOST:
            raise ValueError(f"{self.name}: expected the same neurons as sources and targets, got two pools")
        if not np.array_equal(indices_of(pre), indices_of(post)):
            raise ValueError(
                f"{self.name}: expected the same neurons as sources and targets, got {as_text(pre)} and"
                f" {as_text(post)}"
            )
        if self.degree >= size_of(pre):
            raise ValueError(
                f"{self.name}: k = {self.degree} neighbours wanted, but there are {size_of(pre) - 1} other"
                " neurons; take fewer"
            )


def small_world(k: int, p: float) -> Rule:
    """Connect a ring of neighbours, with shortcuts. One weight per synapse: shape (n, k).

    Each neuron reaches its ``k`` nearest on a ring, half of them on each side; each of these synapses
    then goes, with probability ``p``, to a neuron drawn from those not yet reached. Out-degrees stay
    ``k``; p=0 is the ring, p=1 nearly :func:`fixed_outdegree`. Sources and targets are the same neurons.

    Parameters
    ----------
    k : int
        Even.
    p : float

    Notes
    -----
    Watts and Strogatz (1998), "Collective dynamics of 'small-world' networks", Nature 393:440, with
    directed edges.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> pool = iz.Pool(100, seed=1)
    >>> len(pool.connect(pool, pool, rule=iz.small_world(10, 0.1)))
    1000
    """
    degree = whole_number("small_world: k", k, at_least=0, at_most=_MOST)
    if degree % 2:
        raise ValueError(f"small_world: k: expected an even number, half for each side, got {k!r}")
    chance = fraction("small_world: p", p, "probability")
    return _SmallWorld(
        "small_world", "sources", draw.RING, degree, probability=chance, autapses=False, multapses=False,
        told=arguments(degree, chance),
    )  # fmt: skip


@dataclass(frozen=True, eq=False, repr=False)
class _ScaleFree(Rule):
    exponent: float = 3.0

    def work(self, n_pre: int, n_post: int, threads: int) -> int:
        return 24 * n_post

    def for_kernel(self, pre: Chosen, post: Chosen, random: Random, threads: int) -> draw.Rule:
        rule = super().for_kernel(pre, post, random, threads)
        weights = np.arange(1.0, rule.n_others + 1) ** (-1 / (self.exponent - 1))
        weights /= weights.mean()
        threshold, alias = np.empty((2, rule.n_others), np.uint32)
        draw.fill_alias(weights, threshold, alias, np.empty(rule.n_others, np.int64))
        return rule._replace(threshold=threshold, alias=alias)


def scale_free(degree: int, exponent: float = 3.0, *, autapses: bool = False) -> Rule:
    """Connect each source to ``degree`` different targets, some of them hubs. Weights: shape (n_pre, degree).

    Target ``i`` is drawn with a probability proportional to ``(i + 1) ** (-1 / (exponent - 1))``: the
    first targets are the hubs. Few neurons have many inputs: the number with in-degree ``k`` falls like
    ``k ** -exponent``.

    Parameters
    ----------
    degree : int
    exponent : float
        Above 2.
    autapses : bool
        Whether a neuron may reach itself.

    Notes
    -----
    The static model of Goh, Kahng, Kim (2001), "Universal behavior of load distribution in scale-free
    networks", Phys. Rev. Lett. 87:278701, for in-degrees; drawn from Walker's alias table.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> pool = iz.Pool(1000, seed=1)
    >>> _, post, _, _ = pool.connect(pool, pool, rule=iz.scale_free(10)).to_arrays()
    >>> int((post == 0).sum()) > 100
    True
    """
    degree = whole_number("scale_free: degree", degree, at_least=0, at_most=_MOST)
    exponent = finite_number("scale_free: exponent", exponent, above=2)
    return _ScaleFree(
        "scale_free", "sources", draw.WEIGHTED_PLACES, degree, autapses=truth("autapses", autapses),
        multapses=False, exponent=exponent,
        told=arguments(degree, exponent=(exponent, 3.0), autapses=(autapses, False)),
    )  # fmt: skip
