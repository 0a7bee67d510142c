"""Results that are in a file that runs have recorded to, or are recording to at this moment."""

from __future__ import annotations

import os
from pathlib import Path

from izhi_numba.base.arrays import Array
from izhi_numba.base.calls import called_as
from izhi_numba.results.manifest import TEXT, Manifest, Words, groups_of
from izhi_numba.results.network_result import NetworkResult
from izhi_numba.results.result import Result
from izhi_numba.results.streamed import StreamedRecord
from izhi_numba.results.streamed_weights import weights_of
from izhi_numba.storage.growing import opened_to_read, read_state

_TRIES = 20  # of a reader who is slower than who writes


@called_as("iz.open_results('run.h5')")
def open_results(path: str | os.PathLike[str]) -> Result | NetworkResult:
    """Return what runs have recorded to a file by ``record(..., to=path)``: all of them as one result.

    The file may be one that a run is writing, or that a killed process has left: the result goes up to where
    the file was complete when it was opened, which is at most a second of wall time behind. Call it again to
    see more.

    Rates, rasters, trains and whatever else a result tells are read from the file when they are asked for, in
    pieces that fit in memory. Spikes of a window are ``result.trains("exc", since=...)``; ``result.spikes``
    are all of them, if they fit. ``result.traces["v"]`` is read where it is indexed:
    ``result.traces["v"][:1000]``.

    Any program that reads HDF5 can read the file, too: spikes lie as in SONATA,
    ``/spikes/<pool>/timestamps`` (ms) and ``node_ids``; traces in ``/traces/<pool>/<variable>/data`` (times,
    neurons); counts in bins in ``/counts/<pool>/data`` (bins, neurons); weights in
    ``/weights/<pre> -> <post>/data`` (times, synapses), beside ``sources`` and ``targets``; variables of
    synapses that learn in ``/synapses/<pre> -> <post>/<variable>/data``, likewise.

    Parameters
    ----------
    path : str or path

    Returns
    -------
    Result or NetworkResult
        Of a pool alone, or of a network.

    Raises
    ------
    ImportError
        h5py is not there: ``pip install 'izhi-numba[export]'``.
    OSError
        No file, or none that can be read.
    ValueError
        A file of something else, or of a later version.

    Examples
    --------
    >>> import tempfile
    >>> import izhi_numba as iz
    >>> folder = tempfile.TemporaryDirectory()
    >>> pool = iz.Pool.cortical(1000, seed=1)
    >>> pool.record("spikes", to=f"{folder.name}/run.h5")
    >>> first, second = pool.run(500.0), pool.run(500.0)
    >>> result = iz.open_results(f"{folder.name}/run.h5")
    >>> result.duration, round(result.rate("inh"), 1), len(result.trains("exc", since=900.0))
    (1000.0, 6.9, 800)
    >>> folder.cleanup()
    """
    found, manifest, words, counts = Path(os.path.abspath(path)), *_read(Path(path))
    record = StreamedRecord(found, manifest, manifest.first_step, words.end, counts)
    parts = {}
    for number, one in enumerate(manifest.populations):
        parts[one.name] = Result(
            record.of(number), n=one.n, dt=manifest.dt, groups=groups_of(one.groups), wall_time=float("nan"),
            compile_time=float("nan"), units=dict(one.units), is_source=one.is_source,
            origin=(manifest.identity, one.name if manifest.is_network else ""),
        )  # fmt: skip
    result = NetworkResult(parts) if manifest.is_network else next(iter(parts.values()))
    result._of_synapses = weights_of(record)
    return result


def _read(path: Path) -> tuple[Manifest, Words, dict[str, Array]]:
    """Read what a file says of itself, and the counts of neurons."""
    if not path.is_file():
        raise FileNotFoundError(f"{path}: there is no such file")
    for _ in range(_TRIES):
        try:
            with opened_to_read(path, [TEXT]) as file:
                state = read_state(file)
                words = Words.of(state.words)
                manifest = Manifest.of(file[TEXT][slice(*words.text)])
                counted = [one for one in manifest.populations if one.is_counted]
                counts = {one.name: file[one.counts][state.copy] for one in counted}
                now = read_state(file)
        except KeyError as error:
            raise ValueError(f"{path} is no file that runs have recorded to: {error.args[0]}") from error
        except ValueError as error:
            raise ValueError(
                f"{path} is no file that runs have recorded to, or is damaged: {error}"
            ) from error
        if not counted or now.number <= state.number + 1:  # these counts were not written to in the meantime
            break
    return manifest, words, counts
