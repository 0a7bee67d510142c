"""Which neurons an argument means: names, groups, slices, lists and masks become slices or indices.

Neighbours in ascending order are a slice, whatever told them: views of arrays, and stores in rows, need no
more. Others are an array of indices, in the order in which they were given.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.checks import as_array, short

Chosen = slice | Array  # of neurons: from a first to a last, or indices (int64)
T = TypeVar("T")
_FEW = 6  # neurons, which are all told


class NeuronRange:
    """Neurons of one population: a pool, a group of its neurons, or sources of spikes.

    Attributes have an underscore, since the names of a model's variables are attributes of subclasses.

    Attributes
    ----------
    _population : object with ``n`` and ``name``
        That the neurons belong to.
    _range : slice or int64 array
        First neuron, and the neuron after the last, within the population; or the neurons.
    _title : str
        What messages call them, as in "group 'exc'".
    """

    _population: Any
    _range: Chosen
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
        hint = some_of_named(name, groups, "pool")
        raise KeyError(f"no group {name!r}; groups: {', '.join(groups) or 'none yet'}{hint}")
    return groups[name]


def some_of_named(name: str, known: Mapping[str, Any], owner: str) -> str:
    """How to write some neurons, "exc[::2]", where only names are taken: the end of a message."""
    whole, bracket, some = name.partition("[")
    return f"; some of {whole} are {owner}[{whole!r}][{some}" if bracket and whole in known else ""


def name_and_some(text: str) -> tuple[str, str]:
    """Return the name in a text such as "exc[::2]", and what stands in brackets after it.

    Examples
    --------
    >>> name_and_some("exc[::2]"), name_and_some("exc")
    (('exc', '::2'), ('exc', ''))
    """
    name, bracket, some = text.partition("[")
    if bracket and not some.endswith("]"):
        raise ValueError(f"{text!r}: the closing bracket is missing; expected neurons as in 'exc[:10]'")
    return name, some.removesuffix("]")


def indices_of(chosen: Chosen) -> Array:
    """Return chosen neurons as indices."""
    return np.arange(chosen.start, chosen.stop) if isinstance(chosen, slice) else chosen


def hull(chosen: Chosen) -> slice:
    """Return all neurons from the first to the last of those chosen, of which there is at least one."""
    if isinstance(chosen, slice):
        return chosen
    return slice(int(chosen.min()), int(chosen.max()) + 1)


def places_among(neurons: Chosen, chosen: Chosen) -> Array:
    """Return the place of each of some neurons among those chosen; -1 where it is none of them.

    Examples
    --------
    >>> places_among(slice(3, 6), np.array([5, 9, 3]))
    array([ 2, -1,  0])
    """
    wanted, there = indices_of(neurons), indices_of(chosen)
    order = np.argsort(there, kind="stable")
    place = order[np.minimum(np.searchsorted(there, wanted, sorter=order), len(there) - 1)]
    found: Array = np.where(there[place] == wanted, place, -1)
    return found


def is_among(neurons: Array, chosen: Chosen) -> Array:
    """Return whether each of some neurons is chosen."""
    if not isinstance(chosen, slice):
        return np.isin(neurons, chosen)
    found: Array = (neurons >= chosen.start) & (neurons < chosen.stop)
    return found


def n_common(one: Chosen, other: Chosen) -> int:
    """Return how many neurons are in both."""
    if isinstance(one, slice) and isinstance(other, slice):
        return max(0, int(min(one.stop, other.stop) - max(one.start, other.start)))
    return len(np.intersect1d(indices_of(one), indices_of(other), assume_unique=True))


def some_of(chosen: Chosen, inner: Chosen) -> Chosen:
    """Return some of chosen neurons, told by their places among these."""
    if not isinstance(chosen, slice):
        return simplest(chosen[inner])
    if isinstance(inner, slice):
        return slice(inner.start + chosen.start, inner.stop + chosen.start)
    found: Array = inner + chosen.start
    return found


def union(several: Sequence[Array]) -> Array:
    """Return the neurons that are in any of several lists, in the order in which they first come.

    Examples
    --------
    >>> union([np.array([5, 2]), np.array([0, 2, 7])])
    array([5, 2, 0, 7])
    """
    neurons = np.concatenate(several)
    _, first = np.unique(neurons, return_index=True)
    found: Array = neurons[np.sort(first)]
    return found


def at_least_one(which: Any, n: int, *, noun: str = "neurons", example: str = "pool[:800]") -> Chosen:
    """Return which of ``n`` neurons a slice, an index, a list of indices or truth values mean.

    Raises
    ------
    TypeError, ValueError, IndexError
        What tells no neurons; neurons that are not there, or told twice; none at all.
    """
    try:
        chosen = _some("", which, n, noun)
    except TypeError:
        ways = f"a slice such as {example}, an index, a list of indices, or {n} truth values"
        raise TypeError(f"expected {ways}, got {short(which)}") from None
    if not size_of(chosen):
        raise IndexError(f"expected at least one of the {noun} from 0 to {n - 1}, got none: {short(which)}")
    return chosen


def _some(what: str, which: Any, n: int, noun: str = "neurons") -> Chosen:
    """Return which of ``n`` neurons are meant; ``what`` begins messages."""
    if isinstance(which, slice):
        begin, end, stride = which.indices(n)
        return slice(begin, max(begin, end)) if stride == 1 else simplest(np.arange(n)[which])
    return simplest(each_once(what, which, n, noun))


def simplest(neurons: Array) -> Chosen:
    """Return neighbours in ascending order as a slice, others as they are."""
    size = len(neurons)
    if size and neurons[-1] - neurons[0] == size - 1 and (np.diff(neurons) == 1).all():
        return slice(int(neurons[0]), int(neurons[-1]) + 1)
    return np.ascontiguousarray(neurons)


def written(text: str) -> Any:
    """Return what is meant by a text in brackets: a slice, an index or a list.

    Examples
    --------
    >>> written("3:9"), written("5"), written("[1, 5]")
    (slice(3, 9, None), 5, [1, 5])
    """
    try:
        if ":" in text:
            return slice(*(int(end) if end.strip() else None for end in text.split(":")))
        return ast.literal_eval(text)
    except (ValueError, TypeError, SyntaxError):
        raise ValueError(f"expected neurons as in 'exc[:10]' or 'exc[[1, 5]]', got '[{text}]'") from None


def as_text(chosen: Chosen) -> str:
    """Return chosen neurons in a few characters, as they may be written in brackets.

    Examples
    --------
    >>> as_text(slice(3, 9)), as_text(np.arange(1, 10, 2)), as_text(np.array([9, 1, 5]))
    ('3:9', '1:10:2', '[9, 1, 5]')
    >>> as_text(np.arange(12) ** 2)
    '[0, 1, 4, ... 121]'
    """
    if isinstance(chosen, slice):
        return f"{chosen.start}:{chosen.stop}"
    steps = np.diff(chosen)
    if len(steps) > 1 and steps[0] > 0 and (steps == steps[0]).all():
        return f"{chosen[0]}:{chosen[-1] + 1}:{steps[0]}"
    if len(chosen) <= _FEW:
        return str(chosen.tolist())
    return f"[{', '.join(map(str, chosen[:3].tolist()))}, ... {chosen[-1]}]"


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
        wrong = array[bad][0]
        hint = "; they are counted from 0, and not from the end" if -n <= wrong < 0 else ""
        raise IndexError(f"{name}: expected neurons from 0 to {n - 1}, got {wrong}{hint}")
    return array.astype(np.int64)


def each_once(what: str, value: Any, n: int, noun: str = "neurons") -> Array:
    """Return indices of neurons from one, a list of them, or ``n`` truth values; none may occur twice."""
    given = as_array(value)
    if given.dtype.kind == "b" and given.shape == (n,):
        return np.flatnonzero(given)
    if given.ndim > 1 or (given.size and given.dtype.kind not in "iu"):
        raise TypeError(
            f"{what}: expected the name of a group, a slice, an index, a list of indices or {n} truth values,"
            f" got {value!r:.60}"
        )
    told = f"{what}: " if what else ""
    chosen = indices(f"{told}{noun}", given, n)
    if len(np.unique(chosen)) < len(chosen):
        raise ValueError(f"{told}expected each {noun.removesuffix('s')} once, got {value!r:.60}")
    return chosen


def choose(what: str, which: Any, n: int, groups: Mapping[str, Chosen]) -> Chosen:
    """Return which of ``n`` neurons are meant, in any of the ways to say so.

    Parameters
    ----------
    what : str
        Beginning of messages: the function whose argument it is.
    which : None, str, NeuronRange, slice, index, indices or truth values
        None: all neurons.
    n : int
        Number of neurons.
    groups : mapping
        Name to neurons.

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
            raise ValueError(
                f"{what}: {which._title} is not of these {n} neurons; those of a part are counted from 0 in"
                " it: give indices, a slice, or the name of a group"
            )
        return which._range
    return _some(what, which, n)


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
