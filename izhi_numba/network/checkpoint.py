"""Pools and networks from files that ``save`` has written."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from izhi_numba.base.calls import called_as
from izhi_numba.base.doubts import silence
from izhi_numba.kernels.plain_python import plain_function
from izhi_numba.models.declaration import Declaration
from izhi_numba.network.building import fill
from izhi_numba.network.files import read
from izhi_numba.network.inventory import STATE
from izhi_numba.network.network import Network
from izhi_numba.network.pool import Pool, as_threads
from izhi_numba.storage.container import damaged


@called_as("iz.load('net.izhi')")
def load(path: str | os.PathLike[str], *, models: Iterable[Any] = (), threads: int | None = None) -> Any:
    """Return the pool or network that ``save`` has written: it goes on with the same spikes, to the bit.

    Models, receptors and functions of time of your own are taken from modules that are imported already, by
    the names that they had: import them first. Nothing is imported by what a file says, and nothing in it is
    code; which of the functions that you have imported drive a pool, it does say. What says something else
    than when it was saved is refused, and which part it is told: comments, layout and another version of
    Python make no difference.

    Parameters
    ----------
    path : str or path
    models : iterable of models, receptors and functions, optional
        Taken by their names, wherever they come from: from a notebook, say, or from a module that was
        renamed; of several that have one name, that which says what was saved. One that has changed is
        taken, with a warning.
    threads : int, optional
        Threads that share the work; all cores that the process may use by default. Any number gives the same
        spikes.

    Returns
    -------
    Pool, Network or IzhikevichPool

    Raises
    ------
    ValueError
        The file is damaged, cut off, of a newer version, or another one; a model is not there, or not what it
        was. Nothing is loaded then.

    Examples
    --------
    >>> import tempfile
    >>> import izhi_numba as iz
    >>> net = iz.Network(dt=0.5, seed=1)
    >>> cells = net.pool("cells", 100, iz.AdEx)
    >>> cells.drive(cells, 500.0 + iz.noise(100.0))
    >>> first = net.run(100.0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     net.save(f"{folder}/net.izhi")
    ...     again = iz.load(f"{folder}/net.izhi", threads=1)
    >>> again.t
    100.0
    >>> bool((again.run(50.0)["cells"].spikes.i == net.run(50.0)["cells"].spikes.i).all())
    True
    """
    if not isinstance(models, Iterable):
        models = [models]
    handed = [_handed(one) for one in models]
    wanted = as_threads(threads)
    name, state, synapses = read(path, handed)
    kinds = [kind for kind in STATE if issubclass(kind, Pool | Network)]
    try:
        (kind,) = [one for one in kinds if one.__name__ == name]
        with silence():
            built = kind._built(state, wanted)
            fill(built, state, synapses)
    except (MemoryError, KeyboardInterrupt):
        raise
    except Exception as error:  # what was not checked before
        raise damaged(path, error) from error
    return built


def _handed(one: Any) -> Any:
    """A class of a model or receptor, or a function, that the caller hands in."""
    if isinstance(one, Declaration):
        return type(one)
    if (isinstance(one, type) and issubclass(one, Declaration)) or plain_function(one) is not None:
        return one
    raise TypeError(
        f"models: expected models, receptors and functions, as in models=[Theta], got {one!r:.60}"
    )
