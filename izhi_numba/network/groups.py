"""Variables and parameters of a range of neurons, by name: what a pool and its groups share."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.changes import Change, Copy
from izhi_numba.base.checks import values_for
from izhi_numba.base.selection import NeuronRange, indices
from izhi_numba.models.declaration import asked_names, call_on_arrays
from izhi_numba.models.usual import doubts_of_values

if TYPE_CHECKING:
    from izhi_numba.engine.neurons import Neurons
    from izhi_numba.results.recorder import Wishes


class Variables(NeuronRange):
    """Read and set a model's variables and parameters as attributes: ``group.c = -55``.

    Arrays may be written in place, ``group.v[3] = -70``; what is written so is not checked, and variables
    that follow from others (u = b v before the first step) do not follow it.
    """

    _wishes: Wishes  # of a pool, or of sources

    @property
    def _population(self) -> Any:
        """The population that the neurons belong to, after what an interrupted call has published."""
        population = self.__dict__["_units"]
        population.setting.changes.finish()
        return population

    @_population.setter
    def _population(self, population: Any) -> None:
        self.__dict__["_units"] = population

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        arrays = self._population.arrays
        if name not in arrays:
            raise self._no(name)
        return arrays[name][self._range]

    def _no(self, name: str) -> AttributeError:
        arrays = self._population.arrays
        there = f"its variables are {', '.join(arrays)}" if arrays else "it has no variables"
        return AttributeError(f"{self._title}: no {name!r}; {there}")

    def __setattr__(self, name: str, value: Any) -> None:
        known = getattr(type(self), name, None)
        if name.startswith("_") or (isinstance(known, property) and known.fset):
            object.__setattr__(self, name, value)
        elif known is not None:
            raise AttributeError(f"{self._title}: {name!r} cannot be set")
        else:
            self.set(**{name: value})

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError(f"{self._title} cannot be copied or pickled; build it again from the same seed")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._population.arrays]

    def set(self, **values: Any) -> None:
        """Set variables and parameters; a number for all, or an array with one value per neuron.

        Nothing is changed if any value is wrong.

        Raises
        ------
        AttributeError
            A name that the model does not have.
        ValueError, TypeError
            A value that is not finite, or of the wrong shape.

        Examples
        --------
        >>> import izhi_numba as iz
        >>> pool = iz.Pool(3)
        >>> pool.set(**iz.presets["FS"], v=[-70.0, -65.0, -60.0])
        >>> pool.u
        array([-14., -13., -12.], dtype=float32)
        """
        population, arrays = self._population, self._population.arrays
        for name in values:
            if name not in arrays:
                raise self._no(name)
        checked = {
            name: values_for(f"{name} of {self._title}", value, len(self), arrays[name].dtype)
            for name, value in values.items()
        }
        for name in checked.keys() & population.parameters.keys():
            population.parameters[name].refuse_impossible(f"{name} of {self._title}", checked[name])
        if population.parameters:
            for name, message in doubts_of_values(self._title, population.model, checked):
                population.setting.doubts.tell((population.number, name), message)
        changes = population.setting.changes
        with changes:
            prepared: list[Change] = [Copy(arrays[name][self._range], one) for name, one in checked.items()]
            if population.follows:
                prepared += self._followed(checked)
            changes.publish(*prepared)

    def _followed(self, values: dict[str, Array]) -> list[Change]:
        """Prepare the change of variables that follow from others, where some of these are set."""
        population, prepared = self._population, list[Change]()
        follows = dict(population.follows)
        for name in follows.keys() & values.keys():
            follows[name] = follows[name].copy()
            follows[name][self._range] = False
            prepared.append(Copy(population.follows[name], follows[name]))
        if population.steps_done != population.began:
            return prepared
        arrays = dict(population.arrays)
        for name, one in values.items():
            arrays[name] = arrays[name].copy()
            arrays[name][self._range] = one
        for name, one in following(population, arrays, follows).items():
            prepared.append(Copy(population.arrays[name][: population.n], one))
        return prepared

    def _part(self, name: str, which: Any) -> Variables:
        """Return neurons that an argument of this name tells."""
        raise NotImplementedError

    def _chosen(self, neurons: Any) -> Array | None:
        """Indices of the neurons whose record is wished for; None: all."""
        if neurons is None:
            return None
        if isinstance(neurons, Variables | str):
            part = self._part("neurons", neurons)._range
            return np.arange(part.start, part.stop)
        return indices("neurons", neurons, len(self))

    def _with_spikes(self, what: str, neurons: Array | None, every: float | None) -> Wishes:
        """Return what is to be kept, with the spikes of some neurons, or only their counts."""
        if every is not None:
            raise ValueError(f"record: every= is for traces; {what} need none")
        self._population.setting.changes.finish()
        kept = None if neurons is None else np.isin(np.arange(len(self)), neurons)
        return replace(self._wishes, spikes=what == "spikes", kept=kept)

    def __repr__(self) -> str:
        return f"<{self._title.removeprefix('the ')}: {len(self)} {self._population.description}>"


def label(neurons: Variables) -> str:
    """A short name: of the pool, of the group, or which neurons."""
    population, which = neurons._population, neurons._range
    name = population.name
    if which == slice(0, population.n):
        return str(name or "pool")
    within = next(
        (one for one, its in population.groups.items() if its == which), f"{which.start}:{which.stop}"
    )
    return f"{name}.{within}" if name else within


def signs(neurons: Variables) -> list[tuple[str, slice, str]]:
    """Groups of neurons that are declared excitatory or inhibitory: name, range, sign."""
    population, which = neurons._population, neurons._range
    found = [(name, group.neurons, group.sign) for name, group in population.named.items() if group.sign]
    return [one for one in found if one[1].start < which.stop and which.start < one[1].stop]


def following(population: Neurons, arrays: dict[str, Array], follows: dict[str, Array]) -> dict[str, Array]:
    """Values (n,) of variables whose default is a function of others (u = b v), where the user set none.

    Parameters
    ----------
    arrays : dict
        All variables and parameters, each (size,).
    follows : dict
        Name to a truth value for each neuron: whether the variable follows.
    """
    n, values = population.n, dict(arrays)
    for name, where in follows.items():
        function = population.model.default_of(name)
        assert callable(function)
        given = {asked: values[asked][:n] for asked in asked_names(function)}
        found = np.asarray(call_on_arrays(function, given)).astype(values[name].dtype)
        values[name] = np.where(where[:n], found, values[name][:n])
    return {name: values[name] for name in follows}


class Group(Variables):
    """A range of neurons of a pool, with the same access to its variables.

    Made by ``pool.group("exc", 800)`` or ``pool[:800]``; not a copy.

    Attributes
    ----------
    name : str
    start, stop : int
        First neuron, and the one after the last.
    """

    def __init__(self, population: Neurons, name: str, neurons: slice) -> None:
        self._population = population
        self._range = neurons
        self._title = f"group {name!r}" if name else f"neurons {neurons.start}:{neurons.stop}"
        self._name = name

    @property
    def name(self) -> str:
        """Its name; empty for a slice."""
        return self._name

    @property
    def start(self) -> int:
        """First neuron."""
        return int(self._range.start)

    @property
    def stop(self) -> int:
        """The neuron after the last."""
        return int(self._range.stop)
