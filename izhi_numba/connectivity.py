"""Rules: who connects to whom. Value objects; names and switches are those of NEST."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from izhi_numba.checks import as_array, fraction, indices, truth, whole_number
from izhi_numba.distributions import Distribution
from izhi_numba.kernels import generate


@dataclass(frozen=True, eq=False)
class Rule:
    """Who connects to whom. Made by functions such as :func:`fixed_outdegree`.

    ``rows`` says what a row of the generator is: "sources", "targets", or "list" for given pairs.
    """

    name: str
    rows: str
    kind: int = generate.ALL
    degree: int = 0
    probability: float = 0.0
    autapses: bool = True
    multapses: bool = True
    pre: Any = field(default=None, repr=False)
    post: Any = field(default=None, repr=False)
    weight: Any = field(default=None, repr=False)
    delay: Any = field(default=None, repr=False)

    def check(self, n_pre: int, n_post: int, same: bool) -> None:
        """Raise ``ValueError`` where the rule cannot be met between so many neurons."""
        if self.rows == "list":
            indices(f"{self.name}: pre", self.pre, n_pre)
            indices(f"{self.name}: post", self.post, n_post)
        elif self.kind == generate.ONE and n_pre != n_post:
            raise ValueError(f"{self.name}: expected as many sources as targets, got {n_pre} and {n_post}")
        elif self.kind == generate.DEGREE:
            others, side = (n_post, "targets") if self.rows == "sources" else (n_pre, "sources")
            available = others - (0 if self.autapses or not same else 1)
            if self.degree > available and not self.multapses:
                raise ValueError(
                    f"{self.name}: {self.degree} different {side} wanted, but there are {available};"
                    " take fewer, or allow multapses=True"
                )
            if self.degree and available < 1:
                raise ValueError(
                    f"{self.name}: there are no {side} but the neuron itself; allow autapses=True"
                )

    def expected_synapses(self, n_pre: int, n_post: int) -> int:
        """How many synapses there will be; for probabilities, five deviations above the mean."""
        if self.rows == "list":
            return len(self.pre)
        if self.kind == generate.ONE:
            return n_pre
        if self.kind == generate.DEGREE:
            return self.degree * (n_pre if self.rows == "sources" else n_post)
        if self.kind == generate.ALL:
            return n_pre * n_post
        mean = self.probability * n_pre * n_post
        return int(min(mean + 5 * np.sqrt(mean) + 1, n_pre * n_post))


def all_to_all(*, autapses: bool = True) -> Rule:
    """Each source to each target. One weight per pair: shape (n_pre, n_post)."""
    return Rule("all_to_all", "sources", generate.ALL, autapses=truth("autapses", autapses))


def one_to_one() -> Rule:
    """Source ``i`` to target ``i``. One weight per pair: shape (n,)."""
    return Rule("one_to_one", "sources", generate.ONE)


def fixed_probability(probability: float, *, autapses: bool = True) -> Rule:
    """Each pair with the same probability, independently."""
    value = fraction("fixed_probability", probability, "probability")
    return Rule(
        "fixed_probability",
        "sources",
        generate.PROBABILITY,
        probability=value,
        autapses=truth("autapses", autapses),
    )


def fixed_outdegree(degree: int, *, autapses: bool = True, multapses: bool = True) -> Rule:
    """Each source to ``degree`` random targets. One weight per synapse: shape (n_pre, degree).

    Parameters
    ----------
    degree : int
    autapses : bool
        Whether a neuron may reach itself.
    multapses : bool
        Whether a source may reach the same target more than once.
    """
    degree = whole_number("fixed_outdegree: degree", degree, at_least=0, at_most=2**31)
    return Rule(
        "fixed_outdegree", "sources", generate.DEGREE, degree,
        autapses=truth("autapses", autapses), multapses=truth("multapses", multapses),
    )  # fmt: skip


def fixed_indegree(degree: int, *, autapses: bool = True, multapses: bool = True) -> Rule:
    """Each target from ``degree`` random sources. One weight per synapse: shape (n_post, degree).

    Parameters are those of :func:`fixed_outdegree`.
    """
    degree = whole_number("fixed_indegree: degree", degree, at_least=0, at_most=2**31)
    return Rule(
        "fixed_indegree", "targets", generate.DEGREE, degree,
        autapses=truth("autapses", autapses), multapses=truth("multapses", multapses),
    )  # fmt: skip


def from_arrays(pre: Any, post: Any, weight: Any = None, delay: Any = None) -> Rule:
    """Given pairs: ``pre[k]`` to ``post[k]``, counted from the first neuron of each group.

    Parameters
    ----------
    pre, post : int arrays (n_synapses,)
    weight, delay : number, array (n_synapses,) or distribution, optional
        Here or in ``connect``; delays in ms.

    Examples
    --------
    >>> from_arrays([0, 0], [1, 2], weight=[0.5, 0.25], delay=1.0).name
    'from_arrays'
    """
    sides = []
    for name, side in (("pre", pre), ("post", post)):
        array = np.atleast_1d(as_array(side))
        if array.ndim != 1 or (array.size and array.dtype.kind not in "iu"):
            raise TypeError(f"from_arrays: {name}: expected a list of neuron indices, got {side!r}")
        sides.append(array.astype(np.int64))  # a copy: what the caller does to his array is his
    sources, targets = sides
    if sources.shape != targets.shape:
        raise ValueError(
            f"from_arrays: expected pre and post of one length, got {len(sources)} and {len(targets)}"
        )
    given = {"weight": weight, "delay": delay}
    for name, value in given.items():
        if not (value is None or isinstance(value, Distribution)) and np.shape(value) not in (
            (),
            sources.shape,
        ):
            raise ValueError(
                f"from_arrays: {name}: expected a number or {len(sources)} values,"
                f" got shape {as_array(value).shape}"
            )
    return Rule("from_arrays", "list", pre=sources, post=targets, **given)
