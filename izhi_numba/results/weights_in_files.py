"""What a file of recorded runs has of weights and variables of synapses, and the writing of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from izhi_numba.results.formats.recorded import as_parts
from izhi_numba.results.weights import WEIGHT, Growing, rows_of
from izhi_numba.storage.growing import GrowingFile


@dataclass(frozen=True)
class DescribedWeights:
    """What a file says of the weights, or a variable, of the synapses of one projection.

    Attributes
    ----------
    name : str
        As results have it.
    part : str
        As it stands in names of arrays.
    every : int
        Steps from one row to the next.
    mark : int
        Of the synapses, which are others where it is another.
    unit : str
    variable : str
        "weight", or another one.
    """

    name: str
    part: str
    every: int
    mark: int
    unit: str
    variable: str = WEIGHT

    @property
    def _folder(self) -> str:
        return f"weights/{self.part}" if self.variable == WEIGHT else f"synapses/{self.part}/{self.variable}"

    @property
    def data(self) -> str:
        """Name of the values."""
        return f"{self._folder}/data"

    @property
    def sources(self) -> str:
        """Name of the neurons that the synapses come from."""
        return f"{self._folder}/sources"

    @property
    def targets(self) -> str:
        """Name of the neurons that the synapses go to."""
        return f"{self._folder}/targets"

    def rows(self, first: int, last: int) -> int:
        """Return the number of rows after a step, up to another."""
        return last // self.every - first // self.every


def described(several: Sequence[Growing]) -> list[DescribedWeights]:
    """Return what is to be said of what a run records of synapses."""
    known = [one.tracked for one in several]
    names = [*dict.fromkeys(one.name for one in known)]
    parts = dict(zip(names, as_parts(names), strict=True))
    return [
        DescribedWeights(one.name, parts[one.name], one.every, one.mark, one.unit, one.variable)
        for one in known
    ]


def put_rows(
    file: GrowingFile, one: DescribedWeights, growing: Growing, first: int, span: tuple[int, int]
) -> None:
    """Write the rows that a run has between two steps; ``first``: the step at which the file begins."""
    place = one.rows(first, span[0])
    for row in rows_of(growing.between(*span)):
        file.put(one.data, place, row[None])  # without a copy
        place += 1
