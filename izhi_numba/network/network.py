"""Several pools in step: one clock, one seed, projections across."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, Literal, Never, Self, TypeVar

import numpy as np

from izhi_numba.base import checks
from izhi_numba.base.arrays import Array
from izhi_numba.base.calls import called_as, names_of
from izhi_numba.base.changes import Assign, Item
from izhi_numba.base.clock import MOST_STEPS, whole_steps
from izhi_numba.base.names import how_else
from izhi_numba.base.selection import name_and_some, some_of_named, written
from izhi_numba.connectivity.distributions import Distribution
from izhi_numba.engine.engine import Engine
from izhi_numba.engine.pacing import RealTime
from izhi_numba.engine.population import Keys
from izhi_numba.engine.progress import Progress
from izhi_numba.models import Model
from izhi_numba.models.receptor import Receptor
from izhi_numba.models.resolve import refuse_swapped, refuse_unknown
from izhi_numba.network.driving import driving
from izhi_numba.network.groups import Group, Variables, label, names_to_record
from izhi_numba.network.inventory import DERIVED, STATE
from izhi_numba.network.keeping import keeping
from izhi_numba.network.pool import Pool, as_threads, precision
from izhi_numba.network.seeds import as_seed, key_of, keys_of
from izhi_numba.network.simulation import Simulation, hint_for_neurons
from izhi_numba.network.sources import (
    Sources,
    SpikeList,
    given_spikes,
    poisson_trains,
    poisson_trains_again,
)
from izhi_numba.network.state import State
from izhi_numba.network.synapses import Synapses
from izhi_numba.results.error import SimulationError
from izhi_numba.results.network_result import NetworkResult
from izhi_numba.results.recorder import SPIKES, Record
from izhi_numba.results.streamed import StreamedRecord
from izhi_numba.results.streamed_weights import weights_of

_Member = TypeVar("_Member", bound=Pool | Sources)


class Network(Simulation):
    """Pools of different models and sizes, advanced in step.

    Parameters
    ----------
    dt : float
        Step in ms, of all pools.
    seed : int, optional
        Of all random numbers; drawn if not given, see ``net.seed``.
    noise_seed : int, optional
        Of noise, Poisson trains, and what else is drawn after time 0; ``seed`` by default. See ``reset``.
    threads : int, optional
        Threads that share the work; all cores that the process may use by default.
    dtype : "float32" or "float64"
        Precision of all pools.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> net = iz.Network(dt=0.1, seed=1)
    >>> exc = net.pool("exc", 800, iz.LeakyIntegrateAndFire)
    >>> inh = net.pool("inh", 200, iz.Izhikevich2007FS, receptors={"ampa": iz.AMPA})
    >>> exc.drive(exc, iz.constant(150.0))
    >>> net.connect(exc, inh, rule=iz.fixed_outdegree(10), weight=0.5, delay=1.5)  # nS
    <exc -> inh ampa: 8000 synapses, fixed_outdegree>
    >>> result = net.run(100.0)
    >>> result["exc"].rate(), round(result["inh"].rate())
    (30.0, 47)
    """

    @called_as("iz.Network(dt=0.1, seed=1)")
    def __init__(
        self, *, dt: float = 0.1, seed: int | None = None, noise_seed: int | None = None,
        threads: int | None = None, dtype: Literal["float32", "float64"] = "float32",
    ) -> None:  # fmt: skip
        step = checks.time_step("dt", dt)
        self._seed = as_seed(seed)
        noise_seed = as_seed(noise_seed, name="noise_seed", usual=self._seed)
        self._engine = Engine(step, precision(dtype), key_of(self._seed), noise_seed, as_threads(threads))
        self._by_name: dict[str, Pool | Sources] = {}

    @property
    def _members(self) -> dict[str, Pool | Sources]:
        """Pools and sources by name, after what an interrupted call has published."""
        self._engine.changes.finish()
        return self._by_name

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("_"):
            object.__setattr__(self, name, value)
            return
        if hasattr(type(self), name):
            raise AttributeError(f"the network: {name!r} cannot be set{how_else(name)}")
        pool = next(iter(self._members), "exc")
        raise AttributeError(
            f"the network: no {name!r}; variables and parameters are of its pools: net[{pool!r}].{name}"
        )

    @property
    def _kept_title(self) -> str:
        return "the network"

    @classmethod
    def _built(cls, state: State, threads: int) -> Self:
        found, owner = state["engine"], state["owner"]
        setting = found["setting"]
        net = cls(
            dt=setting["dt"], seed=owner["_seed"], noise_seed=found["noise_seed"], threads=threads,
            dtype=setting["dtype"].name,
        )  # fmt: skip
        for kind, its in zip(state["kinds"], found["populations"], strict=True):
            net._add(its["name"], functools.partial(net._member_again, kind, its))
        return net

    def _member_again(self, kind: str, its: State) -> Pool | Sources:
        """Make a pool or sources as they were, to be given their state."""
        engine, name, n = self._engine, its["name"], its["n"]
        if kind == "Neurons":
            told = {one: its[one] for one in ("scheme", "spike_times")}
            return Pool._in(engine, n, its["model"], None, seed=self._seed, name=name, **told)
        if kind == "GivenSpikes":
            return given_spikes(name, n, [], [], engine, self._next_keys())
        if kind == "PoissonTrains":
            return poisson_trains_again(name, n, its["modulation"], engine, self._next_keys())
        raise ValueError(f"a population of the kind {kind!r}")

    # What it is

    @property
    def nbytes(self) -> int:
        """Memory held, in bytes, and what synapses that are not drawn yet will take at most."""
        return self._engine.nbytes

    @property
    def pools(self) -> dict[str, Pool]:
        """Pools by name."""
        return {name: one for name, one in self._members.items() if isinstance(one, Pool)}

    @property
    def sources(self) -> dict[str, Sources]:
        """Populations that only send spikes, by name."""
        return {name: one for name, one in self._members.items() if isinstance(one, Sources)}

    @property
    def synapses(self) -> tuple[Synapses, ...]:
        """Projections, in the order in which they were connected."""
        return tuple(Synapses(one) for one in self._engine.projections)

    def __getitem__(self, name: str) -> Pool | Sources:
        """Return a pool, or sources, by name."""
        if name not in self._members:
            hint = some_of_named(str(name), self._members, "net")
            raise KeyError(f"no pool {name!r}; there are {', '.join(self._members) or 'none yet'}{hint}")
        return self._members[name]

    # Members

    @called_as("net.pool('exc', 800, iz.AdEx)")
    def pool(
        self, name: str, n: int, model: Model | type[Model] | None = None, *,
        receptors: Mapping[str, Receptor | type[Receptor]] | None = None, scheme: str | None = None,
        spike_times: Literal["grid", "interpolated", "precise"] = "grid", **unknown: Never,
    ) -> Pool:  # fmt: skip
        """Add a pool.

        Parameters
        ----------
        name : str
        n, model, receptors, scheme, spike_times
            As of :class:`Pool`. Step, precision, threads and seed are the network's.

        Returns
        -------
        Pool
            Drive it, connect and record it as one alone; it is run by ``net.run``.
        """
        refuse_swapped(f"net.pool({name!r}, ", n)
        for one in [one for one in unknown if one in names_of(Network)]:
            raise TypeError(f"net.pool: {one} is the network's, of all its pools: iz.Network({one}=...)")
        refuse_unknown("net.pool(name, n", model, unknown, names_of(self.pool))

        def make() -> Pool:
            return Pool._in(
                self._engine, n, model, receptors, scheme=scheme, seed=self._seed, spike_times=spike_times,
                name=name,
            )  # fmt: skip

        return self._add(name, make)

    @called_as("net.poisson('thalamus', 900, 15.0)")
    def poisson(
        self, name: str, n: int, rate: float | Array | Distribution | Callable[[Array], Array]
    ) -> Sources:
        """Add ``n`` independent Poisson trains, which only send spikes.

        To drive each neuron with trains of its own, ``pool.drive(pool, iz.poisson(...))`` is faster.

        Parameters
        ----------
        name : str
        n : int
        rate : number, array (n,), distribution or function
            In Hz. A function of time takes an array of times (ms) and returns as many rates; it is asked as
            that of :func:`from_function` is, and may be an input without noise, such as
            :func:`from_samples` with a column for each train. A train has at most one spike in a step: with
            the probability ``rate * dt``, which must not exceed 1.

        Examples
        --------
        >>> import izhi_numba as iz
        >>> net = iz.Network(seed=1)
        >>> thalamus = net.poisson("thalamus", 900, 15.0)
        >>> round(net.run(1000.0)["thalamus"].rate())
        15
        """
        return self._add(name, lambda: poisson_trains(name, n, rate, self._engine, self._next_keys()))

    @called_as("net.spike_list('clicks', 2, i=[0, 1], t=[10.0, 12.5])")
    def spike_list(self, name: str, n: int, i: Any, t: Any) -> SpikeList:
        """Add ``n`` units that spike at given times; for more trials see :meth:`SpikeList.set_spikes`.

        Parameters
        ----------
        name : str
        n : int
        i : int array (n_spikes,)
            Unit of each spike.
        t : array (n_spikes,)
            Time of each spike in ms, after the present time, rounded to whole steps, a half up. Any order.

        Examples
        --------
        >>> import izhi_numba as iz
        >>> net = iz.Network()
        >>> clicks = net.spike_list("clicks", 2, i=[0, 1, 0], t=[10.0, 12.5, 20.0])
        >>> net.run(30.0)["clicks"].spikes.t
        array([10. , 12.5, 20. ])
        """
        return self._add(name, lambda: given_spikes(name, n, i, t, self._engine, self._next_keys()))

    def _add(self, name: str, make: Callable[[], _Member]) -> _Member:
        with self._engine.changes.run, self._engine.changes as changes:  # not while time passes
            self._check_name(name)
            engine = self._engine
            member = make()
            changes.publish(
                Assign(engine, "populations", (*engine.populations, member._population)),
                Item(self._members, name, member),
            )
        return member

    def _check_name(self, name: Any) -> None:
        if not isinstance(name, str) or not name:
            raise TypeError(f"name: expected a name, got {name!r}; it comes first: net.pool('exc', 800)")
        if name in self._members:
            raise ValueError(f"pool {name!r} exists; there are {', '.join(self._members)}")

    def _next_keys(self) -> Keys:
        """Random numbers of the next member."""
        return keys_of(self._seed, self.noise_seed, len(self._engine.populations))

    def _part(self, name: str, which: Any) -> Variables:
        if isinstance(which, str):
            return self._named(which)
        if isinstance(which, Variables):
            population, known = which._population, self._engine.populations
            if population.number < len(known) and known[population.number] is population:
                return which
            raise ValueError(f"{name}: {which._title} is not of this network; make it with net.pool(...)")
        raise TypeError(
            f"{name}: expected a pool or group of this network, or its name, got {which!r}"
            + hint_for_neurons(name, which)
        )

    def _named(self, name: str) -> Pool | Sources | Group:
        """Return a member, or some of its neurons as the summary shows them: "exc.left", "exc[0:10]"."""
        if name in self._members:
            return self[name]
        whole, some = name_and_some(name)
        if some:
            return self._named(whole)[written(some)]
        pool, _, group = name.rpartition(".")
        member = self._members.get(pool)
        if not isinstance(member, Pool):
            return self[name]
        if group not in member.groups:
            raise KeyError(
                f"no group {group!r} in pool {pool!r}; groups: {', '.join(member.groups) or 'none yet'}"
            )
        return member[group]

    def _member(self, part: Variables) -> Pool | Sources:
        """Return the pool, or sources, that some neurons are of."""
        return self._members[part._population.name]

    # Inputs

    @called_as("net.drive('exc', iz.noise(3))")
    def drive(self, target: Any, current: Any, *, add: bool = False) -> None:
        """Set what drives neurons of a pool from outside, or add to it; see ``Pool.drive``.

        Parameters
        ----------
        target : Pool, Group or str
            A string names a pool, a group of one, or neurons: "exc.left", "exc[::2]".
        current : number, array or Input
        add : bool
            Besides what drives them already, instead of replacing it.

        Examples
        --------
        >>> import izhi_numba as iz
        >>> net = iz.Network(seed=1)
        >>> pool = net.pool("exc", 100, iz.AdEx)
        >>> left, right = pool.group("left", 50), pool.group("right", 50)
        >>> net.drive("exc.left", iz.constant(600.0))  # pA
        """
        part = self._part("target", target)
        pool = self._member(part)
        if not isinstance(pool, Pool):
            raise TypeError(f"target: {pool._title} only send spikes; drive a pool")
        pool.drive(part, current, add=add)

    # Recording and running

    @called_as("net.record('v', 'exc[::50]')")
    def record(
        self, what: str | list[str], which: Any = None, *, neurons: Any = None, every: float | None = None,
        mean: bool = False, to: Any = None, keep: float | None = None,
    ) -> None:  # fmt: skip
        """Choose what runs keep of a pool, or of all where none is named; see ``Pool.record``.

        Parameters
        ----------
        what : str or list of str
            A variable of the model, "I", the current of a receptor, "spikes" or "counts".
        which : Pool, Group, Sources or str, or a list of these, optional
            All by default; for traces all pools. A string names a pool, a group of one, or neurons:
            "exc.left", "exc[::2]".
        neurons, every, mean, to, keep
            As of ``Pool.record``; no neurons with a group. The mean of each pool or group is one of its own.
        """
        if which is None and (
            isinstance(neurons, Variables)
            or (isinstance(neurons, str) and ("[" in neurons or neurons.split(".")[0] in self._members))
        ):
            told = label(neurons) if isinstance(neurons, Variables) else neurons
            raise TypeError(f"neurons: those of one pool come second: net.record({what!r}, {told!r})")
        wishes = {name: one._wishes for name, one in self._members.items()}
        given = which if isinstance(which, list | tuple) else [which]
        parts = None if which is None else [self._part("which", one) for one in given]
        for name in names_to_record(what):
            everyone = self._members if name in ("spikes", "counts") else self.pools
            for part in everyone.values() if parts is None else parts:
                one, key = self._member(part), part._population.name
                if part is not one and neurons is not None:
                    raise TypeError(f"neurons: given twice, as {part!r} and as neurons=; give one of them")
                whose = neurons if part is one else part
                wishes[key] = one._with_wish(wishes[key], name, whose, every, mean=mean)
        held = keeping(self._engine, to, keep)
        with self._engine.changes as changes:
            changes.publish(
                *(Assign(self._members[key], "_wishes", wish) for key, wish in wishes.items()),
                *held,
            )

    def prepare(self) -> float:
        """Draw the synapses and compile; returns the seconds that compilation took. ``run`` does it too."""
        self._check_not_empty()
        with self._engine.changes:
            return self._engine.prepare()

    @called_as("net.run(1000.0)")
    def run(
        self, duration: float, *, every: Mapping[float, Callable[[Network], Any]] | None = None,
        realtime: bool | float | RealTime = False, progress: bool | Callable[[Progress], Any] = False,
        profile: bool = False,
    ) -> NetworkResult:  # fmt: skip
        """Simulate ``duration`` ms; see ``Pool.run``.

        Returns
        -------
        NetworkResult
            Of this run only: ``result["exc"]`` is that of a pool.
        """
        n_steps = whole_steps("duration", duration, self.dt)
        found: NetworkResult = self._run(
            n_steps, every=every, realtime=realtime, progress=progress, profile=profile
        )
        return found

    def step(self, n_steps: int = 1) -> NetworkResult:
        """Simulate a whole number of steps; as ``run``."""
        found: NetworkResult = self._run(
            checks.whole_number("n_steps", n_steps, at_least=1, at_most=MOST_STEPS)
        )
        return found

    def update(self) -> dict[str, Array]:
        """Simulate one step and record nothing; returns the neurons that spiked, by pool."""
        self._check_not_empty()
        with self._engine.changes.run, self._engine.changes:
            for sources in self.sources.values():
                sources._check()
            self._engine.prepare()
            room = self._engine.advance_one()
            if room is None:
                self._check_weights(self._nothing())
                self._check_drive(self._titles, self._nothing())
            assert room is not None
            spiked, is_finite = room.spiked(), room.broken() == np.inf
            faults = [] if is_finite else [room.fault_of(number) for number in range(len(spiked))]
        for one, fault in zip(self._members.values(), faults, strict=False):
            if fault is not None:
                assert isinstance(one, Pool)
                raise one._not_finite(self._nothing()[one._population.name], *fault)
        if self._engine.lost:
            self._check_weights(self._nothing())
        return dict(zip(self._members, spiked, strict=True))

    @property
    def _titles(self) -> list[str]:
        return [one._title for one in self._members.values()]

    def _nothing(self) -> NetworkResult:
        """The result of no step."""
        recorder = self._engine.recorder([SPIKES] * len(self._members))
        return self._result_of(recorder.whole, float("nan"), 0.0)

    def _result_of(
        self, record: Record | StreamedRecord, wall_time: float, compile_time: float
    ) -> NetworkResult:
        found = NetworkResult(
            {
                name: one._result(record.of(number), wall_time, compile_time)
                for number, (name, one) in enumerate(self._members.items())
            }
        )
        found._of_synapses = weights_of(record)
        return found

    def _check_not_empty(self) -> None:
        if not self._members:
            raise RuntimeError("an empty network; add a pool first: net.pool('exc', 800, iz.Izhikevich)")

    def _running(self) -> dict[str, Pool | Sources]:
        self._check_not_empty()
        return {**self._members}

    def _check_ready(self) -> None:
        for sources in self.sources.values():
            sources._check()
        if not self._engine.all_finite():
            for pool in self.pools.values():
                pool._check_state()

    def _check_outcome(self, result: NetworkResult, fault: tuple[int, int, int] | None) -> None:
        self._check_weights(result)
        if fault is not None:
            number, *where = fault
            one = [*self._members.values()][number]
            assert isinstance(one, Pool)
            told = one._not_finite(result._parts[one._population.name], *where)
            raise SimulationError(f"{one._title}: {told}", result)
        self._check_drive(self._titles, result)
        for name, pool in self.pools.items():
            pool._doubt_result(result._parts[name])
        self._doubt_modulators()

    def summary(self) -> str:
        """Populations, what drives them, projections, rules and bytes.

        Neurons that are driven alike share a line. Bytes are as expected until they are taken.
        """
        lines = [f"network: dt {self.dt:g} ms, t {self.t:g} ms, {self._engine.dtype.name}, seed {self._seed}"]
        lines.append("populations")
        for name, one in self._members.items():
            size = checks.readable_bytes(self._engine.units_nbytes(one._population.number))
            lines.append(f"  {name:<12} {len(one):>9,} {one._described()}, {size}")
            lines.extend(f"    {line}" for line in (driving(one) if isinstance(one, Pool) else ()))
        lines.append("projections" if self.synapses else "no projections")
        lines.extend(f"  {synapses.summary()}" for synapses in self.synapses)
        total = sum(map(len, self.synapses))
        lines.append(
            f"{sum(map(len, self._members.values())):,} units, {total:,} synapses,"
            f" {checks.readable_bytes(self.nbytes)}"
        )
        return "\n".join(lines)

    __str__ = summary

    def __repr__(self) -> str:
        return f"<network of {', '.join(self._members) or 'no pools yet'}>"


STATE[Network] = ("_seed", "_members")
DERIVED[Network] = ("_machine", "_by_name")
