"""Connections by distance: positions of neurons, and the probability of a synapse over distance."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.checks import as_array, finite_number, fraction, short, truth, whole_number
from izhi_numba.base.selection import Chosen, size_of
from izhi_numba.connectivity.distributions import ByDistance
from izhi_numba.connectivity.rules import Rule, arguments
from izhi_numba.kernels.build import draw, space
from izhi_numba.kernels.build.words import Random

_LEAST = 2.0**-32  # probabilities below are none
_SLACK = 1 + 1e-9  # so that a reach of three spacings takes in the third neighbour, rounded or not
# ns of a step, of a target that is tested among those of its cell, of a candidate that is drawn: fitted to
# builds in two and three dimensions, with cells of a third to a 24th of the reach
_STEP_COST, _TEST_COST, _CANDIDATE_COST = 12.0, 5.5, 17.0
_MOST_STEPS = 50_000  # a table that stays in the cache
_PARTS = (0.5, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)  # cells per reach that are tried
_SAMPLED_PAIRS = 4_000_000  # 50 ms
_LEAST_SAMPLED = 64
_FARTHEST = 1e100  # of a coordinate: squares of distances are numbers
_OUTSIDE = -(2**40)  # below zero whatever is added


@dataclass(frozen=True)
class Profile:
    """How the probability of a synapse falls with distance; see :func:`gaussian_profile`."""

    kind: int
    peak: float
    scale: float = 1.0

    @property
    def reach(self) -> float:
        """Distance beyond which there are no synapses."""
        if self.peak < _LEAST:
            return 0.0
        if self.kind == space.GAUSSIAN:
            return self.scale * math.sqrt(2 * math.log(self.peak / _LEAST))
        if self.kind == space.EXPONENTIAL_FALL:
            return self.scale * math.log(self.peak / _LEAST)
        return math.inf

    def probability(self, distance: Array) -> Array:
        """Probability of a synapse at a distance."""
        if self.kind == space.GAUSSIAN:
            return self.peak * np.exp(-0.5 * (distance / self.scale) ** 2)
        if self.kind == space.EXPONENTIAL_FALL:
            return self.peak * np.exp(-distance / self.scale)
        return np.full_like(distance, self.peak)

    def __repr__(self) -> str:
        if self.kind == space.FLAT:
            return f"{self.peak:g}"
        name, scale = _PROFILES[self.kind]
        return f"{name}({scale}={self.scale:g}, peak={self.peak:g})"


_PROFILES = {
    space.GAUSSIAN: ("gaussian_profile", "sigma"),
    space.EXPONENTIAL_FALL: ("exponential_profile", "length"),
}


def gaussian_profile(sigma: float, *, peak: float = 1.0) -> Profile:
    """Probability ``peak * exp(-d**2 / (2 * sigma**2))`` at distance ``d``.

    Examples
    --------
    >>> gaussian_profile(0.2, peak=0.3)
    gaussian_profile(sigma=0.2, peak=0.3)
    """
    sigma = finite_number("gaussian_profile: sigma", sigma, above=0)
    return Profile(space.GAUSSIAN, fraction("gaussian_profile: peak", peak, "probability"), sigma)


def exponential_profile(length: float, *, peak: float = 1.0) -> Profile:
    """Probability ``peak * exp(-d / length)`` at distance ``d``.

    Examples
    --------
    >>> exponential_profile(0.2)
    exponential_profile(length=0.2, peak=1)
    """
    length = finite_number("exponential_profile: length", length, above=0)
    return Profile(space.EXPONENTIAL_FALL, fraction("exponential_profile: peak", peak, "probability"), length)


def grid(rows: int, columns: int, spacing: float = 1.0) -> Array:
    """Positions (rows * columns, 2) of neurons on a grid, row by row: x along a row, y from row to row.

    With the same spacing around the edges its period is ``(columns * spacing, rows * spacing)``.

    Examples
    --------
    >>> grid(2, 3, spacing=0.5).tolist()
    [[0.0, 0.0], [0.5, 0.0], [1.0, 0.0], [0.0, 0.5], [0.5, 0.5], [1.0, 0.5]]
    """
    rows = whole_number("grid: rows", rows, at_least=1, at_most=2**31)
    columns = whole_number("grid: columns", columns, at_least=1, at_most=2**31)
    spacing = finite_number("grid: spacing", spacing, above=0)
    y, x = np.divmod(np.arange(rows * columns), columns)
    return np.column_stack([x * spacing, y * spacing])


def distance_dependent(
    positions: Any,
    profile: Profile | float,
    *,
    targets: Any = None,
    max_distance: float | None = None,
    periodic: Any = None,
    autapses: bool = True,
    delay: Any = None,
) -> Rule:
    """Each pair with a probability that depends on its distance, independently.

    Parameters
    ----------
    positions : array (n_pre, 2) or (n_pre, 3)
        Where the sources are, in any unit; such as ``iz.grid(100, 100)``.
    profile : Profile or float
        :func:`gaussian_profile`, :func:`exponential_profile`, or one probability for all distances up
        to ``max_distance``.
    targets : array (n_post, 2) or (n_post, 3), optional
        Where the targets are; by default where the sources are.
    max_distance : float, optional
        No synapses beyond; those at just this distance are drawn.
    periodic : sequence of 2 or 3 numbers, optional
        Width, height (and depth) after which space begins anew; distances are those of the shortest way.
    autapses : bool
        Whether a neuron may reach itself.
    delay : number, distribution or by_distance, optional
        Here or in ``connect``.

    Notes
    -----
    Profiles end where the probability is below 2**-32: a Gaussian at 6.7 ``sigma``.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> pool = iz.Pool(10_000, seed=1)
    >>> near = iz.distance_dependent(iz.grid(100, 100), iz.gaussian_profile(3.0), periodic=(100, 100))
    >>> synapses = pool.connect(pool, pool, rule=near, delay=iz.by_distance(2.0, offset=1.0))
    >>> 540_000 < len(synapses) < 590_000
    True
    """
    sources = _positions("positions", positions)
    others = sources if targets is None else _positions("targets", targets)
    if others.shape[1] != sources.shape[1]:
        raise ValueError(
            "distance_dependent: expected positions and targets of as many dimensions, got"
            f" {sources.shape[1]} and {others.shape[1]}"
        )
    if not isinstance(profile, Profile):
        if not isinstance(profile, int | float | np.number) or isinstance(profile, bool):
            raise TypeError(
                "distance_dependent: profile: expected iz.gaussian_profile(...), iz.exponential_profile(...)"
                f" or a probability, got {short(profile)}; for any other profile, give connect a function of"
                " the source, which returns its targets"
            )
        chance = fraction("distance_dependent: profile", profile, "profile or probability")
        profile = Profile(space.FLAT, chance)
    if max_distance is not None:
        max_distance = finite_number("distance_dependent: max_distance", max_distance, above=0)
    return InSpace(
        "distance_dependent", "sources", draw.NEAR, autapses=truth("autapses", autapses), multapses=False,
        delay=delay, sizes=(len(sources), len(others)), profile=profile, sources=_deep(sources),
        targets=_deep(others), period=_period(periodic, sources.shape[1]),
        reach=min(profile.reach, math.inf if max_distance is None else max_distance * _SLACK),
        told=_told(sources, profile, targets, max_distance, periodic, autapses),
    )  # fmt: skip


def _told(
    sources: Array, profile: Profile, targets: Any, max_distance: float | None, periodic: Any, autapses: bool
) -> str:
    targets = None if targets is None else f"<{len(targets)} positions>"
    period = None if periodic is None else tuple(as_array(periodic).tolist())
    more = arguments(
        targets=(targets, None), max_distance=(max_distance, None), periodic=(period, None),
        autapses=(autapses, True),
    )  # fmt: skip
    return f"<{len(sources)} positions>, {profile!r}" + (f", {more}" if more else "")


def _positions(name: str, value: Any) -> Array:
    array = as_array(value)
    if array.ndim != 2 or array.shape[1] not in (2, 3) or array.dtype.kind not in "fiu" or not len(array):
        got = f"shape {array.shape}" if array.ndim and array.dtype.kind in "fiu" else repr(value)[:80]
        raise ValueError(f"distance_dependent: {name}: expected an array (n, 2) or (n, 3), got {got}")
    bad = np.flatnonzero(~np.isfinite(array).all(axis=1))
    if len(bad):
        raise ValueError(
            f"distance_dependent: {name}: expected finite numbers, got {array[bad[0]]} for neuron {bad[0]}"
        )
    far = np.flatnonzero((np.abs(array) > _FARTHEST).any(axis=1))
    if len(far):
        raise ValueError(
            f"distance_dependent: {name}: expected numbers of at most {_FARTHEST:g}, got {array[far[0]]} for"
            f" neuron {far[0]}"
        )
    return array.astype(np.float64)


def _period(value: Any, dimensions: int) -> Array:
    period = np.zeros(3)
    if value is None:
        return period
    array = as_array(value)
    if array.shape != (dimensions,) or array.dtype.kind not in "fiu":
        raise ValueError(f"distance_dependent: periodic: expected {dimensions} numbers, got {value!r}")
    if not (np.isfinite(array) & (array > 0)).all():
        raise ValueError(f"distance_dependent: periodic: expected numbers above 0, got {value!r}")
    period[:dimensions] = array
    return period


def _deep(positions: Array) -> Array:
    """Positions in three dimensions."""
    deep = np.zeros((len(positions), 3))
    deep[:, : positions.shape[1]] = positions
    return deep


@dataclass(frozen=True, eq=False, repr=False)
class InSpace(Rule):
    """The rule that :func:`distance_dependent` makes."""

    profile: Profile = Profile(space.FLAT, 0.0)
    sources: Any = None
    targets: Any = None
    period: Any = None
    reach: float = math.inf

    def check(self, pre: Chosen, post: Chosen) -> None:
        """Raise ``ValueError`` where there are other numbers of neurons than of positions."""
        sizes = size_of(pre), size_of(post)
        for name, size, n in zip(("positions", "targets"), sizes, self.sizes or (), strict=True):
            side = "sources" if name == "positions" else "targets"
            if n != size:
                raise ValueError(
                    f"{self.name}: {name}: expected one position for each of the {size} {side}, got {n}"
                    + ("; give targets= where they are other neurons" if name == "targets" else "")
                )

    def resolve(self, name: str, value: Any) -> Any:
        """Tell how long delays by distance can become."""
        if isinstance(value, ByDistance) and name == "delay":
            return value.up_to(self.farthest)
        return super().resolve(name, value)

    def expected_synapses(self, n_pre: int, n_post: int) -> int:
        """Five deviations above the mean, as a sample of the sources tells it."""
        return self._expected

    def work(self, n_pre: int, n_post: int, threads: int) -> int:
        """Bytes of the cells, while neurons are sorted into them."""
        return 100 * (n_pre + n_post) + 100 * _MOST_STEPS

    @cached_property
    def farthest(self) -> float:
        """No pair within reach is farther apart."""
        extent = np.where(self.period > 0, self.period / 2, self._box[1])
        return float(min(self.reach, np.hypot.reduce(extent) * _SLACK))

    @cached_property
    def _box(self) -> tuple[Array, Array]:
        both = np.concatenate([self.sources, self.targets])
        low, extent = both.min(axis=0), np.ptp(both, axis=0)
        closed = self.period > 0
        return np.where(closed, 0.0, low), np.where(closed, self.period, extent)

    @cached_property
    def _expected(self) -> int:
        n, n_others = len(self.sources), len(self.targets)
        size = min(n, max(_LEAST_SAMPLED, _SAMPLED_PAIRS // n_others))
        # Multiples of the golden ratio: spread evenly, in step with no grid.
        golden = (math.sqrt(5) - 1) / 2
        chosen = range(n) if size == n else (n * (np.arange(size) * golden % 1)).astype(np.int64)
        sums = np.array([self._probabilities(source).sum() for source in chosen])
        mean = n * sums.mean()
        unsure = n * sums.std() / math.sqrt(size) * math.sqrt(1 - size / n)
        return int(min(mean + 5 * (math.sqrt(mean) + unsure) + 1, n * n_others))

    def _probabilities(self, source: int) -> Array:
        away = self.targets - self.sources[source]
        away -= self.period * np.rint(away / np.where(self.period > 0, self.period, np.inf))
        distance = np.sqrt((away**2).sum(axis=1))
        return self._chance(distance)

    def for_kernel(self, pre: Chosen, post: Chosen, random: Random, threads: int) -> draw.Rule:
        """Sort the targets into cells."""
        counts, steps, bound, least = self._cells()
        axes, first = self._wrapped(counts, steps)
        cell = self._number_of(self._cell_of(self.targets, counts), counts)
        start = np.zeros(int(counts.prod()) + 1, np.int64)
        start[1:] = np.cumsum(np.bincount(cell, minlength=len(start) - 1))
        members = np.argsort(cell, kind="stable").astype(np.uint32)
        home = self._cell_of(self.sources, counts)
        order = np.argsort(self._number_of(home, counts), kind="stable").astype(np.uint32)
        with np.errstate(divide="ignore"):  # logs of nothing are infinite
            peak = np.log(self.profile.peak)
            hazard = np.where(bound * _CANDIDATE_COST > _TEST_COST, np.inf, -np.log1p(-bound))
            sure = np.log(bound) - np.log(least)
            per_period = np.where(self.period > 0, 1 / self.period, 0.0)
        where = space.Space(
            self.sources, self.targets, self.period, per_period, self.profile.kind, self.profile.scale,
            self.reach, peak, axes, home + first, order, start, members,
            tuple(self.targets[members, axis] for axis in range(3)),
            steps - steps.min(axis=0, initial=0), hazard, peak - np.log(bound), sure,
        )  # fmt: skip
        return super().for_kernel(pre, post, random, threads)._replace(space=where)

    def _number_of(self, cells: Array, counts: Array) -> Array:
        numbers: Array = np.ravel_multi_index(tuple(cells.T), tuple(counts))
        return numbers

    def _wrapped(self, counts: Array, steps: Array) -> tuple[Array, Array]:
        """Along each axis the cells that steps may lead to, below zero outside; where each axis begins."""
        parts = []
        lowest, highest = steps.min(axis=0, initial=0), steps.max(axis=0, initial=0)
        for axis in range(3):
            n, stride = int(counts[axis]), int(counts[axis + 1 :].prod())
            cells = np.arange(lowest[axis], n + highest[axis])
            outside = (self.period[axis] == 0) & ((cells < 0) | (cells >= n))
            parts.append(np.where(outside, _OUTSIDE, cells % n * stride))
        return np.concatenate(parts), np.cumsum([0, len(parts[0]), len(parts[1])])

    def _cell_of(self, positions: Array, counts: Array) -> Array:
        low, extent = self._box
        share = (positions - low) / np.where(extent > 0, extent, 1.0)
        share -= np.where(self.period > 0, np.floor(share), 0.0)
        cells: Array = np.minimum((share * counts).astype(np.int64), counts - 1)
        return cells

    def _cells(self) -> tuple[Array, Array, Array, Array]:
        """Cells along each axis, steps to those within reach, highest and lowest probability there.

        Small cells bound probabilities closely, but there are more of them: the cheapest size is taken.
        """
        choices = []
        for part in _PARTS:
            counts = self._cells_of(self.farthest / part)
            axes = [self._axis(axis, n) for axis, n in enumerate(counts.tolist())]
            if math.prod(len(axis[0]) for axis in axes) <= _MOST_STEPS:
                steps, bound, least = self._steps(axes)
                per_target = np.minimum(_TEST_COST, _CANDIDATE_COST * bound).sum()
                cost = _STEP_COST * len(steps) + per_target * len(self.targets) / counts.prod()
                choices.append((cost, counts, steps, bound, least))
        return min(choices, key=lambda choice: choice[0])[1:]

    def _cells_of(self, side: float) -> Array:
        """Cells along each axis, no more than a few per target."""
        extent = self._box[1]
        counts = np.ones(3)
        while side > 0:
            counts = np.maximum(1, np.floor(extent / side))
            if counts.prod() <= 4 * len(self.targets) + 64:
                break
            side *= 1.25
        return counts.astype(np.int64)

    def _axis(self, axis: int, n: int) -> tuple[Array, Array, Array]:
        """Steps along an axis to the cells that may be within reach, shortest and longest distance there."""
        width = self._box[1][axis] / n
        most = int(min(self.farthest // width + 1, n)) if width > 0 else 0
        if self.period[axis] > 0:
            step = np.arange(n) if 2 * most + 1 >= n else np.arange(-most, most + 1)
            cells = np.minimum(abs(step), n - abs(step))
        else:
            most = min(most, n - 1)
            step = np.arange(-most, most + 1)
            cells = abs(step)
        return step, np.maximum(cells - 1, 0) * width / _SLACK, (cells + 1) * width * _SLACK

    def _steps(self, axes: list[tuple[Array, Array, Array]]) -> tuple[Array, Array, Array]:
        """Steps in space, with the highest and lowest probability between two such cells."""
        step, shortest, longest = (np.meshgrid(*parts, indexing="ij") for parts in zip(*axes, strict=True))
        bound, least = (
            self._chance(np.sqrt(sum(d**2 for d in ways)).ravel()) for ways in (shortest, longest)
        )
        near = bound > 0
        steps = np.stack(step, axis=-1).reshape(-1, 3)
        return np.ascontiguousarray(steps[near]), bound[near], least[near]

    def _chance(self, distance: Array) -> Array:
        return np.where(distance <= self.reach, self.profile.probability(distance), 0.0)
