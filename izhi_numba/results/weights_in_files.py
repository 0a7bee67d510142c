"""What a file of recorded runs has of weights, and the writing of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from izhi_numba.results.formats.recorded import as_parts
from izhi_numba.results.weights import Growing, rows_of
from izhi_numba.storage.growing import GrowingFile


@dataclass(frozen=True)
class DescribedWeights:
    """What a file says of the weights of one projection.

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
    """

    name: str
    part: str
    every: int
    mark: int
    unit: str

    @property
    def data(self) -> str:
        """Name of the weights."""
        return f"weights/{self.part}/data"

    @property
    def sources(self) -> str:
        """Name of the neurons that the synapses come from."""
        return f"weights/{self.part}/sources"

    @property
    def targets(self) -> str:
        """Name of the neurons that the synapses go to."""
        return f"weights/{self.part}/targets"

    def rows(self, first: int, last: int) -> int:
        """Return the number of rows after a step, up to another."""
        return last // self.every - first // self.every


def described(several: Sequence[Growing]) -> list[DescribedWeights]:
    """Return what is to be said of the weights that a run records."""
    known = [one.tracked for one in several]
    return [
        DescribedWeights(one.name, part, one.every, one.mark, one.unit)
        for one, part in zip(known, as_parts(one.name for one in known), strict=True)
    ]


def put_rows(
    file: GrowingFile, one: DescribedWeights, growing: Growing, first: int, span: tuple[int, int]
) -> None:
    """Write the rows that a run has between two steps; ``first``: the step at which the file begins."""
    place = one.rows(first, span[0])
    for row in rows_of(growing.between(*span)):
        file.put(one.data, place, row[None])  # without a copy
        place += 1
