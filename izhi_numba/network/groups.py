"""Variables, parameters and inputs of some neurons, by name: what a pool and its groups share."""

from __future__ import annotations

import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.calls import called_as
from izhi_numba.base.changes import Assign, Change, Copy, Item
from izhi_numba.base.checks import as_array, short, values_for
from izhi_numba.base.clock import whole_steps
from izhi_numba.base.copies import values_of_some
from izhi_numba.base.names import how_else, nearest
from izhi_numba.base.portable import same_bits
from izhi_numba.base.selection import (
    Chosen,
    NeuronRange,
    as_text,
    at_least_one,
    each_once,
    indices,
    indices_of,
    n_common,
    some_of,
    union,
)
from izhi_numba.connectivity.distributions import Distribution
from izhi_numba.kernels.build import generate
from izhi_numba.kernels.build.words import Random
from izhi_numba.kernels.rng import SET_DRAWS
from izhi_numba.models.declaration import asked_names, call_on_arrays
from izhi_numba.models.usual import doubts_of_values
from izhi_numba.network.keeping import keeping
from izhi_numba.results.recording import Bins

if TYPE_CHECKING:
    from izhi_numba.engine.neurons import Neurons
    from izhi_numba.engine.population import Population
    from izhi_numba.results.recorder import Wishes


class Variables(NeuronRange):
    """Read and set a model's variables and parameters as attributes: ``group.c = -55``.

    Arrays may be written in place, ``group.v[3] = -70``; what is written so is not checked, and variables
    that follow from others (u = b v before the first step) do not follow it. Those of neurons that are no
    neighbours, ``pool[::2].v``, are copies, whose items cannot be set: they are set as a whole, also by
    ``pool[::2].v += 1``.
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
        return part_of(arrays[name], self._range)

    def _no(self, name: str) -> AttributeError:
        arrays = self._population.arrays
        there = f"its variables are {', '.join(arrays)}" if arrays else "it has no variables"
        public = [one for one in dir(type(self)) if not one.startswith("_")]
        return AttributeError(f"{self._title}: no {name!r}; {there}{nearest(name, [*arrays, *public])}")

    def __setattr__(self, name: str, value: Any) -> None:
        known = getattr(type(self), name, None)
        if name.startswith("_") or (isinstance(known, property) and known.fset):
            object.__setattr__(self, name, value)
        elif known is not None:
            raise AttributeError(f"{self._title}: {name!r} cannot be set{how_else(name)}")
        else:
            self.set(**{name: value})

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError(f"{self._title} cannot be copied or pickled; save what it is of: pool.save(path)")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._population.arrays]

    @called_as('pool.set(**iz.presets["FS"])')
    def set(self, **values: Any) -> None:
        """Set variables and parameters: to a number, one value per neuron, or what a distribution draws.

        Nothing is changed if any value is wrong. What is drawn follows from the seed, the pool, the name that
        is set, the neuron and the present time: not from threads, from what else was drawn, or from how the
        neurons were grouped. Drawn again at the same time it is the same.

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
        >>> pool.v = iz.uniform(-70, -50)
        >>> pool[1:].set(b=(0.2 + iz.normal(0, 0.1)).clip(0.1, 0.3))
        """
        population, arrays = self._population, self._population.arrays
        for name in values:
            if name not in arrays:
                raise self._no(name)
        checked = {name: self._values(name, value, arrays[name].dtype) for name, value in values.items()}
        for name in checked.keys() & population.parameters.keys():
            population.parameters[name].refuse_impossible(f"{name} of {self._title}", checked[name])
        if population.parameters:
            for name, message in doubts_of_values(self._title, population.model, checked):
                population.setting.doubts.tell((population.number, name), message)
        changes = population.setting.changes
        with changes:
            prepared = [storing(arrays[name], self._range, one) for name, one in checked.items()]
            if population.follows:
                prepared += self._followed(checked)
            changes.publish(*prepared)

    def _values(self, name: str, value: Any, dtype: Any) -> Array:
        """Values of a variable or parameter, as they were given or are drawn: of shape () or (n,)."""
        title = f"{name} of {self._title}"
        if not isinstance(value, Distribution):
            return values_for(title, value, len(self), dtype)
        return drawn_values(self._population, self._range, name, value, title)

    def _followed(self, values: dict[str, Array]) -> list[Change]:
        """Prepare the change of variables that follow from others, where some of these are set."""
        population, prepared = self._population, list[Change]()
        follows = dict(population.follows)
        for name in follows.keys() & values.keys():
            follows[name] = follows[name].copy()
            follows[name][self._range] = False
            prepared.append(Copy(population.follows[name], follows[name]))
        if not population.at_start:
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
            return indices_of(self._part("neurons", neurons)._range)
        if isinstance(neurons, list | tuple) and any(isinstance(one, Variables | str) for one in neurons):
            return union([indices_of(self._part("neurons", one)._range) for one in neurons])
        if isinstance(neurons, slice):
            return np.arange(len(self))[neurons]
        if as_array(neurons).dtype.kind == "b":
            return each_once("neurons", neurons, len(self))
        found = indices("neurons", neurons, len(self))
        if len(np.unique(found)) < len(found):
            raise ValueError(f"neurons: expected each neuron once, got {short(neurons)}")
        return found

    def _with_spikes(self, wishes: Wishes, what: str, neurons: Array | None, every: float | None) -> Wishes:
        """Return what is to be kept, with the spikes of some more, or their counts, or these in bins."""
        if what == "counts" and every is not None:
            whose = np.arange(len(self)) if neurons is None else neurons
            steps = whole_steps("every", every, self._population.setting.dt)
            bins = self._bins_beside(wishes.bins, Bins(whose.astype(np.int64), steps))
            return replace(wishes, spikes=False, kept=None, bins=bins)
        if every is not None:
            raise ValueError(f"record: every= is for traces and counts; {what} need none")
        kept = None if neurons is None else np.isin(np.arange(len(self)), neurons)
        if kept is not None and kept.any() and wishes.spikes and wishes.kept is not None:
            kept |= wishes.kept
        if what == "counts":
            return replace(wishes, spikes=False, kept=kept, bins=None)
        return replace(wishes, spikes=True, kept=kept)

    def _bins_beside(self, known: Bins | None, bins: Bins) -> Bins | None:
        """Return the counts in bins of neurons that are told, and of those that were told before."""
        if not len(bins.neurons):
            return None
        if known is None or np.isin(known.neurons, bins.neurons).all():
            return bins
        if known.every != bins.every:
            every = known.every * self._population.setting.dt
            raise ValueError(
                f"record: spikes of {len(known.neurons)} neurons are counted in bins of {every:g} ms, and"
                f" there is one width for all: give every={every:g}, or begin anew by record('counts')"
            )
        return replace(bins, neurons=union([known.neurons, bins.neurons]))

    def _with_wish(
        self, wishes: Wishes, what: str, neurons: Any, every: float | None, *, mean: bool = False
    ) -> Wishes:
        """Return what is to be kept with one wish more, see ``Pool.record``."""
        raise NotImplementedError

    def _ask(
        self, what: Any, neurons: Any, every: float | None, *, mean: bool, to: Any, keep: float | None
    ) -> None:
        """Take up what runs are to keep, and where that is held; for a pool, or sources."""
        wishes, held = self._with_wishes(what, neurons, every, mean=mean), keeping(self._engine, to, keep)
        with self._engine.changes as changes:
            changes.publish(Assign(self, "_wishes", wishes), *held)

    def _with_wishes(self, what: Any, neurons: Any, every: float | None, *, mean: bool = False) -> Wishes:
        """Return what is to be kept with one wish more, or one for each name of a list."""
        self._population.setting.changes.finish()
        wishes = self._wishes
        for name in names_to_record(what):
            wishes = self._with_wish(wishes, name, neurons, every, mean=mean)
        return wishes

    def __repr__(self) -> str:
        return f"<{self._title.removeprefix('the ')}: {len(self)} {self._described()}>"

    def _described(self) -> str:
        """What the units are, in a few words; one of several is told as one."""
        description = str(self._population.description)
        return description.replace("neurons", "neuron", 1) if len(self) == 1 else description


def names_to_record(what: Any) -> list[Any]:
    """Return what is to be kept: one name, or those of a list."""
    if isinstance(what, list | tuple) and not what:
        raise ValueError("record: expected names of what to keep, got none")
    return list(what) if isinstance(what, list | tuple) else [what]


def part_of(array: Array, chosen: Chosen) -> Array:
    """Return values of some neurons: a view of neighbours; of others a copy."""
    return array[chosen] if isinstance(chosen, slice) else values_of_some(array, chosen)


def storing(array: Array, chosen: Chosen, values: Any) -> Change:
    """Prepare the change of the values of some neurons."""
    if isinstance(chosen, slice):
        return Copy(array[chosen], values)
    return Item(array, chosen, values)


def label(neurons: Variables) -> str:
    """A short name: of the pool, of the group, or which neurons."""
    population, which = neurons._population, neurons._range
    name = population.name
    if isinstance(which, slice):
        if which == slice(0, population.n):
            return str(name or "pool")
        within = next((one for one, its in population.groups.items() if its == which), "")
        if within:
            return f"{name}.{within}" if name else within
    return f"{name}[{as_text(which)}]" if name else as_text(which)


def signs(neurons: Variables) -> list[tuple[str, slice, str]]:
    """Groups of neurons that are declared excitatory or inhibitory: name, range, sign."""
    population, which = neurons._population, neurons._range
    found = [(name, group.neurons, group.sign) for name, group in population.named.items() if group.sign]
    return [one for one in found if n_common(one[1], which)]


@same_bits
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


def drawn_values(
    population: Population, chosen: Chosen, name: str, distribution: Distribution, title: str
) -> Array:
    """Values (n,) of a variable or parameter, drawn for some neurons; see ``Variables.set``."""
    dtype, told = population.arrays[name].dtype, f"{title}, {distribution!r}"
    values_for(told, distribution.bounds(), 2, dtype)
    if name in population.parameters:
        clip = "which may be given .clip(low=...)"
        population.parameters[name].refuse_impossible(f"{told}, {clip}", distribution.bounds()[0])
    random = Random(population.key[0], population.key[1], np.uint32(zlib.crc32(name.encode())))
    time = (
        0 if population.at_start else population.steps_done
    )  # as in a pool that was there from the beginning
    drawn = generate.drawn(distribution.values, indices_of(chosen), time, SET_DRAWS, random)
    converted: Array = drawn.astype(dtype)
    return converted


class Driven(Variables):
    """Neurons that something drives from outside: a pool, or some of its neurons."""

    def _driven(self) -> Any:
        """The population, which has to be one of neurons."""
        population = self._population
        if not hasattr(population, "stimulus"):
            raise TypeError(
                f"{self._title}: these are sources of spikes, which nothing drives or silences; set their"
                " rate, or give other spikes"
            )
        return population

    @property
    def external_input(self) -> Array:
        """Constant part of the input of each neuron: writable, as ``v`` is."""
        return part_of(self._driven().stimulus.constant, self._range)

    @external_input.setter
    def external_input(self, values: Any) -> None:
        self._clamp("external_input", values)

    @property
    def noise_sd(self) -> Array:
        """Standard deviation of each neuron's white noise; read only, set by ``drive``."""
        part: Array = self._driven().stimulus.noise_sd[self._range]
        part.flags.writeable = False
        return part

    @property
    def silenced(self) -> Array:
        """Whether each neuron is silenced, bool (n,), a copy; to be set to True, False or n truth values.

        A silenced neuron does not spike, and is held: its variables stay as they are, what arrives at it is
        lost, and neither input nor noise moves it. Set to False it goes on from there. Spikes that it sent
        before still arrive; synapses are cut at once by ``synapses.remove()``.

        Examples
        --------
        >>> import izhi_numba as iz
        >>> pool = iz.Pool.cortical(1000, seed=1)
        >>> pool["inh"][:100].silenced = True
        >>> pool.run(100.0).counts[800:900].sum()
        np.int64(0)
        >>> pool.silenced = False
        """
        silenced = self._driven().silenced
        part = np.zeros(len(self), bool) if silenced is None else silenced[self._range].astype(bool)
        part.flags.writeable = False
        return part

    @silenced.setter
    def silenced(self, values: Any) -> None:
        self._driven()
        self._silence(self, values)

    def _silence(self, part: Driven, values: Any) -> None:
        raise NotImplementedError

    def _described(self) -> str:
        silenced = int(np.sum(getattr(self._population, "silenced", None) is not None and self.silenced))
        return super()._described() + (f", {silenced} silenced" if silenced else "")

    def clamp_input(self, values: Any) -> None:
        """Hold the constant input of these neurons at ``values`` until the next call; noise stays.

        Parameters
        ----------
        values : number or array (n,)
            In the model's unit of ``I``.
        """
        self._clamp("clamp_input", values)

    def _clamp(self, name: str, values: Any) -> None:
        """Hold the constant input; ``name`` begins messages."""
        population = self._driven()
        constant = population.stimulus.constant
        level = values_for(name, values, len(self), constant.dtype)
        with population.setting.changes:
            population.stimulus.constant[self._range] = level


class Group(Driven):
    """Some neurons of a pool, with the same access to what they are and what drives them; not a copy.

    Made by ``pool.group("exc", 800)``, by ``pool[:800]``, ``pool[::2]``, ``pool[[9, 1, 5]]`` or
    ``pool[pool.v > -60]``, or in the same ways from a group, within which neurons are counted from 0 then.
    Neurons that are listed keep their order: what is given for each of them follows it, and so do the places
    in a connection. It goes on to mean these neurons, also where values change that a mask was made of.

    Attributes
    ----------
    name : str
    neurons : int array (n,)
        Their places in the pool.
    start, stop : int
        First neuron, and the one after the last, of neighbours.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> pool = iz.Pool(10, seed=1)
    >>> odd = pool[1::2]
    >>> odd.set(**iz.presets["FS"])
    >>> odd.drive(iz.constant(10.0))
    >>> odd.record("v", every=1.0)
    >>> pool.connect(odd, pool[[0, 4]], rule=iz.all_to_all(), weight=-2.0)
    <1:10:2 -> [0, 4]: 10 synapses, all_to_all>
    >>> pool.run(100.0).rate(odd) > 0
    True
    """

    def __init__(self, owner: Any, name: str, neurons: Chosen) -> None:
        """``owner``: a pool, or sources."""
        self._owner, self._range, self._name = owner, neurons, name
        self._population = owner._population
        self._title = f"group {name!r}" if name else f"neurons {as_text(neurons)}"

    @property
    def name(self) -> str:
        """Its name; empty where it has none."""
        return self._name

    @property
    def neurons(self) -> Array:
        """Places in the pool, int64 (n,)."""
        return indices_of(self._range).copy()

    @property
    def start(self) -> int:
        """First neuron, of neighbours."""
        return int(self._neighbours("start").start)

    @property
    def stop(self) -> int:
        """The neuron after the last, of neighbours."""
        return int(self._neighbours("stop").stop)

    def _neighbours(self, what: str) -> slice:
        if not isinstance(self._range, slice):
            raise ValueError(f"{self._title}: they are no neighbours, and have no {what}; see .neurons")
        return self._range

    def __getitem__(self, which: Any) -> Group:
        """Return some of these neurons, by their places among them."""
        chosen = at_least_one(which, len(self), example="group[:10]")
        return Group(self._owner, "", some_of(self._range, chosen))

    def _silence(self, part: Driven, values: Any) -> None:
        self._owner._silence(part, values)

    @called_as("group.drive(iz.noise(3))")
    def drive(self, current: Any, *, add: bool = False) -> None:
        """Set what drives these neurons from outside, or add to it; see ``Pool.drive``."""
        self._driven()
        self._owner.drive(self, current, add=add)

    @called_as("group.record('v', every=1.0)")
    def record(
        self, what: str | list[str], *, every: float | None = None, mean: bool = False, to: Any = None,
        keep: float | None = None,
    ) -> None:  # fmt: skip
        """Choose what runs keep of these neurons; see ``Pool.record``."""
        self._owner.record(what, neurons=self, every=every, mean=mean, to=to, keep=keep)
