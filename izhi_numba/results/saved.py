"""Results that were saved in a file."""

from __future__ import annotations

from typing import Any

from izhi_numba.base.calls import called_as
from izhi_numba.results.network_result import NetworkResult
from izhi_numba.results.packing import read
from izhi_numba.results.result import Result


@called_as("iz.load_result('run.izhi')")
def load_result(path: Any) -> Result | NetworkResult:
    """Return the result that ``result.save(path)`` has written: equal in all that it can be asked for.

    It may be joined with results of runs that came before or after.

    Parameters
    ----------
    path : str or path

    Returns
    -------
    Result or NetworkResult

    Raises
    ------
    OSError
        No file, or none that may be read.
    ValueError
        A file that is damaged, of something else, or of a later version.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> iz.Pool.cortical(1000, seed=1).run(100.0).save("run.izhi")  # doctest: +SKIP
    >>> iz.load_result("run.izhi").rate("inh")  # doctest: +SKIP
    10.1
    """
    packed = read(path)
    parts = {name: Result._from(contents) for name, contents in packed.parts.items()}
    found = NetworkResult(parts) if packed.is_network else next(iter(parts.values()))
    found.profile, found._of_synapses = packed.profile, packed.of_synapses
    return found
