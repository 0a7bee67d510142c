"""From what the compiled steps sum up to means: which sums there are, where they go, and what they come to.

The steps leave a sum for each tile that a group has members in, and so do not meet for a mean. The sums are
added when a call is over: a million neurons take a thousand numbers a sample within the call, and one in the
record.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.selection import Chosen, size_of
from izhi_numba.kernels.rng import TILE
from izhi_numba.kernels.run.means import N_COLUMNS, PLACE
from izhi_numba.results.means import Mean
from izhi_numba.results.recording import NOTHING, Part


class _Asked(NamedTuple):
    """What the means of one population ask of the steps."""

    rows: Array  # int64 (n, N_COLUMNS), by neuron; places are within the mean
    of_mean: Array  # the mean that each row belongs to
    masks: Array  # uint8
    ends: list[list[int]]  # of each mean: where the sums of each group begin, and the end

    @classmethod
    def of(cls, means: Sequence[Mean], codes: Sequence[int]) -> _Asked:
        """Return that; ``codes``: of the variables of the means."""
        rows, masks, ends, taken = [np.zeros((0, N_COLUMNS), np.int64)], [np.zeros(0, np.uint8)], [], 0
        for mean, code in zip(means, codes, strict=True):
            groups = [_spans(chosen) for chosen in mean.columns.values()]
            ends.append(np.cumsum([0, *(len(first) for first, _, _ in groups)]).tolist())
            for begin, (first, spans, mask) in zip(ends[-1], groups, strict=False):
                places = begin + np.arange(len(first))
                masked = taken + np.cumsum(spans) - spans if len(mask) else -1
                columns = first, code, mean.every, places, ends[-1][-1], masked, spans
                rows.append(np.stack(np.broadcast_arrays(*columns), axis=1))
                masks.append(mask)
                taken += len(mask)
        found = np.concatenate(rows)
        of_mean = np.repeat(np.arange(len(means)), np.array([one[-1] for one in ends], np.int64))
        order = np.argsort(found[:, 0], kind="stable")
        return cls(found[order], of_mean[order], np.concatenate(masks), ends)


def _spans(chosen: Chosen) -> tuple[Array, Array, Array]:
    """The first member in each tile, neurons from it to the last, and which of all these are members.

    Of neighbours all are, and there is no mask.
    """
    if isinstance(chosen, slice):
        within = range((chosen.start // TILE + 1) * TILE, chosen.stop, TILE)
        ends = np.array([chosen.start, *within, chosen.stop])
        return ends[:-1], np.diff(ends), np.zeros(0, np.uint8)
    begins = np.flatnonzero(np.diff(chosen // TILE, prepend=-1))
    first, spans = chosen[begins], chosen[np.append(begins[1:], len(chosen)) - 1] - chosen[begins] + 1
    mask, before = np.zeros(spans.sum(), np.uint8), np.cumsum(spans) - spans
    mask[chosen + np.repeat(before - first, np.diff(begins, append=len(chosen)))] = 1
    return first, spans, mask


class Averaging:
    """What the steps sum up for the means of all populations.

    Attributes
    ----------
    first : array (n_populations + 1,)
        Number of the first mean of each population, and of all.
    every, columns : array (n_means,)
        Steps between samples, and groups.
    fixed : dict of str to Part
        By the names of fields, see :mod:`izhi_numba.kernels.layout`.
    gap : array (n_populations,)
        The steps at which sums are asked for are multiples of it.
    """

    def __init__(
        self, means: Sequence[Sequence[Mean]], codes: Sequence[Sequence[int]], bounds: Sequence[Array]
    ) -> None:
        """``codes``: of the variables of means; ``bounds``: of the blocks of each population."""
        nothing = _Asked.of([], [])
        asked = [_Asked.of(*one) if one[0] else nothing for one in zip(means, codes, strict=True)]
        every = [one for some in means for one in some]
        self.first = Part.of([len(some) for some in means], np.int64).ends
        self.every = np.array([one.every for one in every], np.int64)
        self.columns = np.array([one.width for one in every], np.int64)
        self.gap = np.array([np.gcd.reduce([one.every for one in some] or [1]) for some in means], np.int64)
        self._sizes = [np.array([size_of(chosen) for chosen in one.columns.values()]) for one in every]
        self._ends = [ends for one in asked for ends in one.ends]
        self._width = np.array([ends[-1] for ends in self._ends], np.int64)  # sums in a sample
        self._of_mean = np.concatenate([one.of_mean + n for one, n in zip(asked, self.first, strict=False)])
        self._rows = Part.of([one.rows.size for one in asked], np.int64)
        self._rows.array[:] = np.concatenate([one.rows.ravel() for one in asked])
        self.fixed = {
            "masks": Part.of([len(one.masks) for one in asked], np.uint8),
            "mean_bounds": Part.of([len(one) for one in bounds], np.int64),
        }
        self.fixed["masks"].array[:] = np.concatenate([one.masks for one in asked])
        for number in np.flatnonzero(np.diff(self.first)).tolist():
            begins = np.searchsorted(asked[number].rows[:, 0], bounds[number])
            self.fixed["mean_bounds"](number)[:] = begins

    def room(self, n_steps: int) -> tuple[Part, dict[str, Part]]:
        """Return room for the sums of so many steps, and parts by the names of fields that tell of it."""
        sums = Part.of(-(-n_steps // self.every) * self._width, np.float64)
        rows = self._rows.copied()
        begins = sums.ends[:-1] - np.repeat(sums.ends[self.first[:-1]], np.diff(self.first))
        rows.array[PLACE::N_COLUMNS] += begins[self._of_mean]
        return sums, {"means": rows, "sums": Part(sums.array, sums.ends[self.first])}

    def means(self, sums: Part, begin: int, end: int) -> Part:
        """Return the means (samples, groups) of a call, one after another; it was from one step to another.

        The sums of a sample lie side by side, and are added in one order, however many samples there are.
        """
        if not self._ends:
            return NOTHING
        found = []
        for number, (ends, sizes, every) in enumerate(zip(self._ends, self._sizes, self.every, strict=True)):
            rows = end // every - begin // every
            of_tiles = sums(number)[: rows * ends[-1]].reshape(rows, ends[-1])
            totals = [np.add.reduce(of_tiles[:, first:last], axis=1) for first, last in pairwise(ends)]
            found.append(np.stack(totals, axis=1) / sizes)
        whole = Part.of([one.size for one in found], np.float64, np.empty)
        whole.array[:] = np.concatenate([one.ravel() for one in found])
        return whole
