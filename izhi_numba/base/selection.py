"""Which neurons an argument means: names, groups, slices, lists and masks become slices or indices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.checks import as_array, short

Chosen = slice | Array  # of neurons: from a first to a last, or indices
T = TypeVar("T")


class NeuronRange:
    """Consecutive neurons of one population: a pool, a group of its neurons, or sources of spikes.

    Attributes have an underscore, since the names of a model's variables are attributes of subclasses.

    Attributes
    ----------
    _population : object with ``n`` and ``name``
        That the neurons belong to.
    _range : slice
        First neuron, and the neuron after the last, within the population.
    _title : str
        What messages call them, as in "group 'exc'".
    """

    _population: Any
    _range: slice
    _title: str

    def __len__(self) -> int:
        return size_of(self._range)


def size_of(chosen: Chosen) -> int:
    """Number of chosen neurons."""
    return int(chosen.stop - chosen.start) if isinstance(chosen, slice) else len(chosen)


def named(name: str, groups: Mapping[str, T]) -> T:
    """Return the group of a name.

    Raises
    ------
    KeyError
        A name that no group has; the message lists the groups.
    """
    if name not in groups:
        raise KeyError(f"no group {name!r}; groups: {', '.join(groups) or 'none yet'}")
    return groups[name]


def consecutive(which: slice, n: int, *, noun: str = "neurons", example: str = "pool[:800]") -> slice:
    """Return a slice of at least one of ``n`` neurons, with both ends.

    Raises
    ------
    TypeError, IndexError
        Ends that are no whole numbers; a stride; a slice that is empty.
    """
    try:
        start, stop, stride = which.indices(n)
    except TypeError:
        raise TypeError(f"expected a slice such as {example}, got {which}") from None
    if stride != 1 or stop <= start:
        raise IndexError(f"expected a slice of consecutive {noun} from 0 to {n}, got {which}")
    return slice(start, stop)


def index_list(name: str, value: Any) -> Array:
    """Return one index or a list of indices as an array (n,) of integers, whatever their range.

    Whole numbers may be floats, as a table that was read from a file has them.
    """
    array = np.atleast_1d(as_array(value))
    if array.ndim == 1 and array.dtype.kind == "f" and array.size:
        array = _from_floats(name, array)
    if array.ndim != 1 or (array.size and array.dtype.kind not in "iu"):
        raise TypeError(f"{name}: expected a list of neuron indices, got {short(value)}")
    return array


def _from_floats(name: str, array: Array) -> Array:
    whole = np.isfinite(array) & (array == np.rint(array)) & (np.abs(array) < 2.0**63)
    if not whole.all():
        wrong = int(np.argmin(whole))
        raise ValueError(
            f"{name}: expected indices of neurons, whole numbers, got {array[wrong]:g} at index {wrong}"
        )
    return array.astype(np.int64)


def indices(name: str, value: Any, n: int) -> Array:
    """Return indices of neurons as an int64 array, all of them from 0 to ``n - 1``."""
    array = index_list(name, value)
    bad = (array < 0) | (array >= n)
    if bad.any():
        raise IndexError(f"{name}: expected neurons from 0 to {n - 1}, got {array[bad][0]}")
    return array.astype(np.int64)


def each_once(what: str, value: Any, n: int) -> Array:
    """Return indices of neurons from a list of them, or from ``n`` truth values; none may occur twice."""
    given = as_array(value)
    if given.dtype.kind == "b" and given.shape == (n,):
        return np.flatnonzero(given)
    if given.ndim != 1 or (given.size and given.dtype.kind not in "iu"):
        raise TypeError(
            f"{what}: expected the name of a group, a slice, indices or {n} truth values, got {value!r:.60}"
        )
    chosen = indices(f"{what}: neurons", given, n)
    if len(np.unique(chosen)) < len(chosen):
        raise ValueError(f"{what}: expected each neuron once, got {value!r:.60}")
    return chosen


def choose(what: str, which: Any, n: int, groups: Mapping[str, slice]) -> Chosen:
    """Return which of ``n`` neurons are meant, in any of the ways to say so.

    Parameters
    ----------
    what : str
        Beginning of messages: the function whose argument it is.
    which : None, str, NeuronRange, slice, indices or truth values
        None: all neurons.
    n : int
        Number of neurons.
    groups : mapping
        Name to slice.

    Raises
    ------
    KeyError, TypeError, ValueError, IndexError
        A group that is not there; neurons that make no sense, or occur twice.

    Examples
    --------
    >>> choose("rate", "inh", 100, {"exc": slice(0, 80), "inh": slice(80, 100)})
    slice(80, 100, None)
    >>> choose("rate", slice(None, None, 40), 100, {})
    array([ 0, 40, 80])
    """
    if which is None:
        return slice(0, n)
    if isinstance(which, str):
        return named(which, groups)
    if isinstance(which, NeuronRange):
        if which._population.n != n:
            raise ValueError(f"{what}: {which._title} is not of these {n} neurons")
        return which._range
    if isinstance(which, slice):
        begin, end, stride = which.indices(n)
        return slice(begin, max(begin, end)) if stride == 1 else np.arange(n)[which]
    return each_once(what, which, n)


def side(name: str, which: Any, n: int) -> Array:
    """Return ascending indices of neurons on a side of a projection, counted from its first neuron.

    Parameters
    ----------
    name : str
        Beginning of messages: "pre" or "post".
    which : int, slice or list of int
        A slice may end beyond the last neuron.
    n : int
        Neurons on that side.
    """
    if isinstance(which, slice):
        if which.step not in (None, 1):
            raise IndexError(f"{name}: expected a slice of consecutive neurons, got {which}")
        start, stop = which.start or 0, which.stop
        if start < 0 or (stop is not None and stop < 0):
            raise IndexError(f"{name}: expected indices of 0 and above, got {which}")
        return np.arange(min(start, n), n if stop is None else min(stop, n))
    wanted = np.unique(np.atleast_1d(as_array(which)))
    if wanted.dtype.kind not in "iu" and wanted.size:
        raise TypeError(f"{name}: expected an index, a slice or a list of indices, got {which!r}")
    if len(wanted) and not 0 <= wanted[0] <= wanted[-1] < n:
        wrong = wanted[0] if wanted[0] < 0 else wanted[-1]
        raise IndexError(
            f"{name}: expected indices from 0 to {n - 1}, counted within what was connected, got {wrong}"
        )
    return wanted.astype(np.int64)
