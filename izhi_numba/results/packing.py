"""Results as arrays and a manifest, for a file; and back."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.selection import Chosen, hull
from izhi_numba.results.means import Mean
from izhi_numba.results.profile import Profile
from izhi_numba.results.recording import Bins, Pieces, Recording, Trace
from izhi_numba.results.sequence import Origin
from izhi_numba.results.streamed import AnyRecording
from izhi_numba.results.weights import WEIGHT, InMemory, RecordedWeights, Tracked
from izhi_numba.storage.container import Listed, damaged, opened, written
from izhi_numba.version import __version__


@dataclasses.dataclass(frozen=True)
class Contents:
    """All that the result of one population is made of."""

    recording: AnyRecording
    dt: float  # ms
    groups: Mapping[str, Chosen]
    wall_time: float  # s
    compile_time: float  # s
    units: Mapping[str, str]
    is_source: bool
    origin: Origin
    of_others: Mapping[str, Array]  # traces of other neurons only, and their neurons


@dataclasses.dataclass(frozen=True)
class Packed:
    """What a file holds."""

    parts: dict[str, Contents]
    is_network: bool
    profile: Profile | None
    of_synapses: Sequence[RecordedWeights]


def write(path: Any, packed: Packed) -> None:
    """Write a file, whole or not at all."""
    arrays: dict[str, Array] = {}
    parts = [_manifest(str(number), one, arrays) for number, one in enumerate(packed.parts.values())]
    profile = packed.profile and dataclasses.asdict(packed.profile)
    manifest = {
        "version": __version__, "is_network": packed.is_network, "profile": profile,
        "names": list(packed.parts), "parts": parts,
        "weights": _weights_told(packed.of_synapses, arrays),
    }  # fmt: skip
    with written(path, "result") as writer:
        listed = {name: [*writer.add(name, array)] for name, array in arrays.items()}
        writer.finish({**manifest, "arrays": listed})


def read(path: Any) -> Packed:
    """Read a file.

    Raises
    ------
    OSError, ValueError
    """
    with opened(path, "result") as reader:
        try:
            manifest = reader.text
            arrays = {
                name: reader.array(Listed(told[0], told[1], tuple(told[2]), told[3]))
                for name, told in manifest["arrays"].items()
            }
            parts = [_contents(str(number), one, arrays) for number, one in enumerate(manifest["parts"])]
            profile = manifest["profile"] and Profile(**manifest["profile"])
            return Packed(
                dict(zip(manifest["names"], parts, strict=True)), manifest["is_network"], profile,
                _weights(manifest.get("weights", ()), arrays),
            )  # fmt: skip
        except (MemoryError, KeyboardInterrupt):
            raise
        except Exception as error:  # of what a file says, anything may be wrong
            raise damaged(path, error) from error


def _manifest(name: str, contents: Contents, arrays: dict[str, Array]) -> dict[str, Any]:
    """What is to be told of a population; its arrays go among the others, with this beginning of names."""
    recording = contents.recording
    pieces = recording.pieces
    found = {
        "per_step": _joined(pieces.per_step, np.zeros((0, 2), np.int32)),
        "spikes": _joined(pieces.spikes, np.zeros(0, np.int32)),
    }
    if sum(map(len, pieces.crossings)):
        found["crossings"] = np.concatenate(pieces.crossings)
    if pieces.counts is not None:
        found["counts"] = pieces.counts[: recording.n]
    traces, means = _sorted(recording)
    for number, (kept, values) in enumerate(zip(recording.traces, pieces.traces, strict=True)):
        found[f"trace{number}"] = _joined(values, np.zeros((0, kept.width)))
    for number, trace in enumerate(traces):
        found[f"trace{number}.neurons"] = trace.neurons
    if recording.bins is not None and pieces.bins is not None:
        found |= {"bins": pieces.bins, "bins.neurons": recording.bins.neurons}
    told = {
        "n": recording.n, "first_step": recording.first_step, "steps": recording.steps,
        "is_whole": recording.is_whole, "dt": contents.dt, "wall_time": contents.wall_time,
        "compile_time": contents.compile_time, "units": dict(contents.units), "is_source": contents.is_source,
        "simulation": contents.origin.simulation, "population": contents.origin.population,
        "neurons": _told(contents.origin.neurons, "neurons", found),
        "groups": {key: _told(of, f"group{k}", found) for k, (key, of) in enumerate(contents.groups.items())},
        "bins": recording.bins and recording.bins.every,
        "of_others": {
            key: _told(of, f"others{k}", found) for k, (key, of) in enumerate(contents.of_others.items())
        },
        "traces": [[trace.variable, trace.every, trace.peak] for trace in traces],
        "means": [
            [mean.of, mean.every, [
                [key, _told(of, f"mean{number}.{k}", found)]
                for k, (key, of) in enumerate(mean.columns.items())
            ]]
            for number, mean in enumerate(means)
        ],
    }  # fmt: skip
    arrays.update({f"{name}.{key}": array for key, array in found.items()})
    return told


def _contents(name: str, told: dict[str, Any], arrays: Mapping[str, Array]) -> Contents:
    """What a population has left, of a manifest and arrays."""
    begin = f"{name}."
    mine = {key.removeprefix(begin): array for key, array in arrays.items() if key.startswith(begin)}
    n, first_step, steps = (int(told[key]) for key in ("n", "first_step", "steps"))
    traces = [
        Trace(variable, mine[f"trace{number}.neurons"], every, peak)
        for number, (variable, every, peak) in enumerate(told["traces"])
    ]
    means = [
        Mean(of, {key: _chosen(told_of, mine) for key, told_of in columns}, every)
        for of, every, columns in told.get("means", [])  # which files of before have not
    ]
    pieces = Pieces(
        [mine["per_step"]], [mine["spikes"]], [mine["crossings"]] if "crossings" in mine else [],
        [[mine[f"trace{number}"]] for number in range(len(traces) + len(means))], mine.get("counts"),
        mine.get("bins"),
    )  # fmt: skip
    bins = Bins(mine["bins.neurons"], int(told["bins"])) if told.get("bins") else None
    kept: list[Trace | Mean] = [*traces, *means]
    recording = Recording(n, kept, first_step, steps, pieces, is_whole=told["is_whole"], bins=bins)
    _check(recording)
    return Contents(
        recording, float(told["dt"]), {key: _chosen(of, mine) for key, of in told["groups"].items()},
        told["wall_time"], told["compile_time"], told["units"], told["is_source"],
        Origin(told["simulation"], told["population"], _chosen(told["neurons"], mine)),
        {key: mine[of] for key, of in told["of_others"].items()},
    )  # fmt: skip


def _weights_told(several: Sequence[RecordedWeights], arrays: dict[str, Array]) -> list[list[Any]]:
    """What is to be told of what was recorded of synapses; their arrays go among the others."""
    told = []
    for number, one in enumerate(several):
        kept, its = one._kept, one._kept.tracked
        columns = {"sources": its.sources, "targets": its.targets, "steps": kept.steps}
        columns["values"] = np.asarray(kept.values)
        arrays.update({f"weights{number}.{name}": array for name, array in columns.items()})
        told.append([its.name, its.every, its.dt, its.unit, its.variable])
    return told


def _weights(told: Sequence[Any], arrays: Mapping[str, Array]) -> list[RecordedWeights]:
    """What was recorded of synapses, of a manifest and arrays."""
    found = []
    for number, (name, every, dt, unit, *variable) in enumerate(told):  # files of before have weights alone
        sources, targets, steps, values = (
            arrays[f"weights{number}.{column}"] for column in ("sources", "targets", "steps", "values")
        )
        if values.shape != (len(steps), len(sources)) or sources.shape != targets.shape:
            raise ValueError("weights of another number than there are synapses and times")
        tracked = Tracked(
            str(name), int(every), float(dt), str(unit), sources, targets, values.dtype,
            *map(str, variable or [WEIGHT]),
        )  # fmt: skip
        found.append(RecordedWeights(InMemory(tracked, steps, values)))
    return found


def _check(recording: Recording) -> None:
    """Refuse what cannot be the record of a run."""
    n, begin, end = recording.n, recording.first_step, recording.first_step + recording.steps
    (per_step,), (spikes,), crossings, traces, counts, binned = recording.pieces
    kept = int(per_step[:, 1].sum())
    expected = [(per_step, (recording.steps, 2)), (spikes, (kept,)), *((one, (kept,)) for one in crossings)]
    for trace, (values,) in zip(recording.traces, traces, strict=True):
        rows = end // trace.every - begin // trace.every
        expected.append((values, (rows, trace.width)))
    if counts is not None:
        expected.append((counts, (n,)))
    numbered = [spikes]
    if recording.bins is not None:
        bins = recording.bins
        if bins.every < 1 or binned is None:
            raise ValueError("its counts in bins are missing")
        expected.append((binned, (bins.rows(begin, end), len(bins.neurons))))
        numbered.append(bins.neurons)
    if any(array.shape != shape for array, shape in expected):
        raise ValueError("its arrays are of other lengths than its manifest says")
    traces_kept, means = _sorted(recording)
    ends = [hull(chosen) for mean in means for chosen in mean.columns.values()]
    told = [[one.start, one.stop - 1] for one in ends]
    neurons = np.concatenate([*numbered, *(trace.neurons for trace in traces_kept), *told])
    if ((neurons < 0) | (neurons >= n)).any():
        raise ValueError(f"it has neurons that are not among its {n}")


def _sorted(recording: AnyRecording) -> tuple[list[Trace], list[Mean]]:
    """Traces, and the means that come after them."""
    return (
        [one for one in recording.traces if isinstance(one, Trace)],
        [one for one in recording.traces if isinstance(one, Mean)],
    )


def _joined(pieces: list[Array], nothing: Array) -> Array:
    return np.concatenate(pieces) if pieces else nothing


def _told(chosen: Chosen, name: str, arrays: dict[str, Array]) -> Any:
    """Neurons for a manifest: first and last, or the name of an array."""
    if isinstance(chosen, slice):
        return [int(chosen.start), int(chosen.stop)]
    arrays[name] = chosen
    return name


def _chosen(told: Any, arrays: Mapping[str, Array]) -> Chosen:
    return arrays[told] if isinstance(told, str) else slice(*told)
