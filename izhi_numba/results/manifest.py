"""What a file of recorded runs says about itself: whose runs they are, and what is kept of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.selection import Chosen
from izhi_numba.results.formats.recorded import as_parts
from izhi_numba.results.means import Mean
from izhi_numba.results.recording import Bins, Trace
from izhi_numba.results.weights_in_files import DescribedWeights
from izhi_numba.version import __version__

FORMAT = 1
FOLDER = "izhi_numba"  # of the file, for what no other program knows
TEXT = f"{FOLDER}/manifest"
IDENTITY = "simulation"  # an attribute of the file: whose runs it has


@dataclass(frozen=True)
class Described:
    """What a file says of one population.

    Attributes
    ----------
    name : str
        As a result is asked for it.
    part : str
        As it stands in names of arrays.
    n : int
    is_source : bool
    keeps : str
        Whose spikes are kept: of "all", of "some", of "none".
    is_timed : bool
        Whether spikes come within a step.
    groups, units : dict
        As of a result; groups as [first, last], or as a list of all in a list.
    traces : list of (str, int, bool)
        Variable, interval in steps, and whether a voltage shows the peaks of spikes.
    means : list of (str, int, dict)
        Of a variable, after the traces: it, the interval, and what its columns are, as groups.
    bins : int
        Steps of a bin in which spikes are counted; 0: they are not.
    whose : int
        A checksum of the neurons whose spikes, traces and counts are kept.
    """

    name: str
    part: str
    n: int
    is_source: bool
    keeps: str
    is_timed: bool
    groups: Mapping[str, Any]
    units: Mapping[str, str]
    traces: Sequence[tuple[str, int, bool]]
    means: Sequence[tuple[str, int, Mapping[str, Any]]]
    bins: int
    whose: int

    @property
    def is_counted(self) -> bool:
        """Whether spikes that are not kept are counted."""
        return self.keeps != "all"

    @property
    def has_steps(self) -> bool:
        """Whether the number of spikes in each step is kept, as it does not follow from the spikes."""
        return self.is_counted or self.is_timed

    @property
    def times(self) -> str:
        """Name of the times of spikes, as SONATA has it."""
        return f"spikes/{self.part}/timestamps"

    @property
    def units_of_spikes(self) -> str:
        """Name of the units that spiked, as SONATA has it."""
        return f"spikes/{self.part}/node_ids"

    @property
    def steps(self) -> str:
        """Name of the number of spikes in each step, and of those kept."""
        return f"{FOLDER}/steps/{self.part}"

    @property
    def counts(self) -> str:
        """Name of the spikes of each neuron."""
        return f"{FOLDER}/counts/{self.part}"

    @property
    def kept(self) -> str:
        """Name of whose spikes are kept."""
        return f"{FOLDER}/kept/{self.part}"

    @property
    def open_bin(self) -> str:
        """Name of the counts in the bin that is not over."""
        return f"{FOLDER}/open_bin/{self.part}"

    @property
    def binned(self) -> str:
        """Name of the counts in bins."""
        return f"counts/{self.part}/data"

    @property
    def neurons_of_bins(self) -> str:
        """Name of the neurons of counts in bins."""
        return f"counts/{self.part}/neurons"

    @property
    def intervals(self) -> list[int]:
        """Steps from one row to the next, of traces and means."""
        return [one[1] for one in (*self.traces, *self.means)]

    def trace(self, place: int) -> str:
        """Return the name of the values of a trace, or of a mean."""
        return f"{self._folder(place)}/data"

    def neurons(self, place: int) -> str:
        """Return the name of the neurons of a trace."""
        return f"{self._folder(place)}/neurons"

    def _folder(self, place: int) -> str:
        names = [variable for variable, *_ in self.traces]
        names += [Mean(of, {}, every).variable for of, every, _ in self.means]
        return f"traces/{self.part}/{as_parts(names)[place]}"


def groups_of(told: Mapping[str, Any]) -> dict[str, Chosen]:
    """Return groups as results have them."""
    return {name: np.array(one[0], np.int64) if len(one) == 1 else slice(*one) for name, one in told.items()}


def groups_told(groups: Mapping[str, Chosen]) -> dict[str, Any]:
    """Return groups as a manifest has them."""
    return {
        name: [int(one.start), int(one.stop)] if isinstance(one, slice) else [one.tolist()]
        for name, one in groups.items()
    }


@dataclass(frozen=True)
class Manifest:
    """What a file says of itself, but what changes from commit to commit.

    Attributes
    ----------
    dt : float
        Step, ms.
    first_step : int
        Done before it begins.
    identity : str
        Of what is simulated: another one after each reset.
    is_network : bool
    populations : list of Described
    weights : list of DescribedWeights
    """

    dt: float
    first_step: int
    identity: str
    is_network: bool
    populations: Sequence[Described]
    weights: Sequence[DescribedWeights] = ()

    def text(self) -> Array:
        """Return it as bytes, uint8."""
        told = {"format": FORMAT, "version": __version__} | asdict(self)
        return np.frombuffer(json.dumps(told).encode(), np.uint8)

    @classmethod
    def of(cls, text: Array) -> Manifest:
        """Return what bytes say.

        Raises
        ------
        ValueError, KeyError, TypeError
            Nothing of the kind; another format.
        """
        try:
            told = json.loads(text.tobytes().decode())
        except ValueError as error:
            raise ValueError(f"its manifest is damaged: {error}") from error
        found, version = told.pop("format"), told.pop("version")
        if found != FORMAT:
            raise ValueError(
                f"it is of format {found}, written by izhi_numba {version}; this one reads {FORMAT}"
            )
        populations = [
            Described(**(one | {key: [tuple(kept) for kept in one[key]] for key in ("traces", "means")}))
            for one in told.pop("populations")
        ]
        weights = [DescribedWeights(**one) for one in told.pop("weights", ())]  # files of before have none
        return cls(**told, populations=populations, weights=weights)

    def differs(self, other: Manifest) -> str | None:
        """Return what is another in a later run than a file has it; groups may come."""
        for one, its in zip(self.populations, other.populations, strict=False):
            if one.name != its.name or one.n != its.n:
                return "pools"
            if (one.keeps, one.is_timed) != (its.keeps, its.is_timed):
                return f"whose spikes are kept of {one.part!r}"
            if [*one.traces, *one.means] != [*its.traces, *its.means]:
                return f"the traces of {one.part!r}"
            if one.bins != its.bins:
                return f"the bins in which spikes of {one.part!r} are counted"
            if one.whose != its.whose:
                return f"of which neurons of {one.part!r} spikes, traces or counts are kept"
        if [*self.weights] != [*other.weights]:
            return "what is recorded of synapses"
        return "pools" if len(self.populations) != len(other.populations) else None


class Words:
    """The numbers of a file's state: by which a reader knows up to where everything goes.

    Parameters
    ----------
    end : int
        Steps done.
    text : (int, int)
        Where the manifest begins and ends.
    kept, spikes : int64 arrays (n_populations,)
        Spikes that are kept, and spikes whatever is kept, since the file began.
    """

    def __init__(self, end: int, text: tuple[int, int], kept: Array, spikes: Array) -> None:
        self.end, self.text, self.kept, self.spikes = end, text, kept, spikes

    def array(self) -> Array:
        """Return them in a row."""
        return np.concatenate([[self.end, *self.text], self.kept, self.spikes]).astype(np.int64)

    @classmethod
    def of(cls, words: Array) -> Words:
        """Return what a row says."""
        kept, spikes = np.split(words[3:], 2)
        return cls(int(words[0]), (int(words[1]), int(words[2])), kept, spikes)


def traces_of(one: Described, neurons: Sequence[Array]) -> list[Trace | Mean]:
    """Return traces and means as results know them."""
    traces: list[Trace | Mean] = [
        Trace(variable, its, every, peak)
        for (variable, every, peak), its in zip(one.traces, neurons, strict=True)
    ]
    return [*traces, *(Mean(of, groups_of(columns), every) for of, every, columns in one.means)]


def bins_of(one: Described, neurons: Array | None) -> Bins | None:
    """Return counts in bins as results know them."""
    return None if neurons is None else Bins(neurons, one.bins)
