"""What a pool and a network have in common: a clock, a seed, threads, and synapses."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Self, overload

import numpy as np

from izhi_numba.base.calls import called_as
from izhi_numba.base.changes import Change
from izhi_numba.base.clock import times_of
from izhi_numba.engine.engine import Engine
from izhi_numba.inputs.terms import Input
from izhi_numba.models.plasticity import Plasticity
from izhi_numba.models.usual import doubt_of_modulators
from izhi_numba.network.building import fill
from izhi_numba.network.connect import bytes_of, connect
from izhi_numba.network.files import write
from izhi_numba.network.groups import Variables
from izhi_numba.network.inventory import STATE, attributes
from izhi_numba.network.runnable import Member
from izhi_numba.network.running import run
from izhi_numba.network.seeds import as_seed, key_of
from izhi_numba.network.state import State, state_of, synapses_of
from izhi_numba.network.stored import Stored
from izhi_numba.network.synapses import Synapses
from izhi_numba.results.error import SimulationError
from izhi_numba.results.recorder import Record
from izhi_numba.results.streamed import StreamedRecord

_LONG_WITHOUT = 5000.0  # ms without a third factor: shorter ones may well be wanted before it comes


class Simulation:
    """What is simulated, alone or as a network."""

    _seed: int

    @property
    def _engine(self) -> Engine:
        """The engine, after what an interrupted call has published."""
        engine: Engine = self.__dict__["_machine"]
        engine.changes.finish()
        return engine

    @_engine.setter
    def _engine(self, engine: Engine) -> None:
        self.__dict__["_machine"] = engine

    @property
    def dt(self) -> float:
        """Step, ms."""
        return self._engine.dt

    @property
    def seed(self) -> int:
        """Seed of all random numbers."""
        return self._seed

    @property
    def noise_seed(self) -> int:
        """Seed of what is drawn while time goes on; see ``reset``."""
        return self._engine.noise_seed

    @property
    def t(self) -> float:
        """Time, ms."""
        return times_of(self._engine.steps_done, self.dt)

    @property
    def threads(self) -> int:
        """Threads that may share the work."""
        return self._engine.threads

    def stop(self) -> None:
        """End the run that is under way, at the end of a step; ``run`` returns what was recorded until then.

        To be called by a function that the run calls, or by another thread; without a run it does nothing.

        Examples
        --------
        >>> import izhi_numba as iz
        >>> pool = iz.Pool(10, seed=1)
        >>> def watch(pool):
        ...     if pool.v.max() > -40:
        ...         pool.stop()
        >>> pool.drive(pool, 10.0)
        >>> pool.run(1000.0, every={1.0: watch}).duration
        3.0
        """
        self._engine.is_stopping = True

    def _run(self, n_steps: int, **options: Any) -> Any:
        return run(self, n_steps, **options)

    def _running(self) -> Mapping[str, Member]:
        """Return what takes part in a run, by name, in the order of the populations."""
        raise NotImplementedError

    def _check_ready(self) -> None:
        """Refuse values that cannot be run with."""
        raise NotImplementedError

    def _result_of(self, record: Record | StreamedRecord, wall_time: float, compile_time: float) -> Any:
        """Return the result of what was recorded."""
        raise NotImplementedError

    def _check_outcome(self, result: Any, fault: tuple[int, int, int] | None) -> None:
        """Raise what has ended a run, and warn of what is doubtful about it."""
        raise NotImplementedError

    def _part(self, name: str, which: Any) -> Variables:
        """Return neurons that an argument of this name tells."""
        raise NotImplementedError

    def _check_weights(self, result: Any) -> None:
        """Tell of a weight, or a variable of a synapse, that is not finite, and has ended a run."""
        lost = self._engine.lost
        if lost is None:
            return
        (one,) = [each for each in self._engine.projections if each.number == lost.number]
        rule, t = one.learning, times_of(lost.step, self.dt)
        assert rule is not None
        what, instead = "the weight", "makes weights grow without bounds: give the rule bounds"
        if lost.variable:
            what, instead = lost.variable, f"makes {lost.variable} grow without bounds"
        raise SimulationError(
            f"{one.title}: {what} of the synapse from neuron {lost.source} to neuron {lost.target} is not"
            f" finite at t = {t:g} ms, and the run ends. A function of {rule.rule!r} divides by 0, takes a"
            f" root or logarithm of what is negative, or {instead}",
            result,
        )

    def _doubt_modulators(self) -> None:
        """Warn where a third factor is asked for by rules, and was set by nobody for long."""
        engine = self._engine
        unused = engine.without_modulation(_LONG_WITHOUT)
        for one in engine.projections:
            if one.number in unused and one.learning is not None:
                told = doubt_of_modulators(
                    f"synapses {one.title}", one.learning.rule.modulators, _LONG_WITHOUT
                )
                engine.setting.doubts.tell(("modulators", one.number), told)

    def _check_drive(self, titles: list[str], result: Any) -> None:
        """Tell of a function of time that has ended a run.

        Parameters
        ----------
        titles : list of str
            What to call the populations.
        result : Result or NetworkResult
            What was recorded until then.
        """
        failure, self._engine.failure = self._engine.failure, None  # an error keeps alive what it has met
        if failure is None:
            return
        title, t, error = titles[failure.population], times_of(failure.step, self.dt), failure.error
        raise SimulationError(
            f"{title}: a function of time fails for the step that begins at t = {t:g} ms, and the run ends"
            f" there: {type(error).__name__}: {error}",
            result,
        ) from error

    @called_as("pool.reset(noise_seed=5)")
    def reset(self, *, noise_seed: int | None = None) -> None:
        """Go back to time 0, for another trial with the same neurons and synapses.

        What time has changed is as it was when the first step was taken: variables of neurons and receptors,
        refractory periods, what ``pool.random`` returns next. Spikes under way are gone, correlated noise
        begins anew, and given spikes and inputs come again at their times. What was set stays as it is now:
        parameters, inputs, rates, given spikes, weights, silenced neurons, what is recorded; nothing is drawn
        or compiled again. Pools and connections that were made later are there from the beginning then.

        It takes a copy of the variables, which is kept before the first step.

        Parameters
        ----------
        noise_seed : int, optional
            Of noise and Poisson trains, and of what ``random`` and ``set`` draw after time 0. By default it
            stays as it is: the same run once more, to the bit. Connections and what is drawn at time 0 follow
            from ``seed`` alone: with the same two seeds a network that is built anew has the same spikes.

        Examples
        --------
        >>> import izhi_numba as iz
        >>> pool = iz.Pool.cortical(500, seed=1)
        >>> def trial(k):
        ...     pool.reset(noise_seed=k)
        ...     return len(pool.run(100.0).spikes.i)
        >>> trial(1) == trial(1), trial(1) == trial(2)
        (True, False)
        """
        wanted = as_seed(noise_seed, name="noise_seed", usual=self.noise_seed)
        with self._engine.changes.run, self._engine.changes:
            engine = self._engine
            noise = [key_of(wanted, one.number) for one in engine.populations]
            engine.reset(wanted, noise, *self._forgetting())

    # Keeping a state

    @called_as("net.save('net.izhi')")
    def save(self, path: str | os.PathLike[str]) -> None:
        """Write all of it to a file, from which ``iz.load`` makes it again: it goes on with the same spikes.

        State, spikes under way, clock, random numbers, inputs and where they stand, what is recorded, groups,
        synapses with their weights. Synapses that follow from the seed are drawn again when it is loaded, and
        take nothing; of others, a file has 2 or 3 bytes for a target, and 4 for a weight. Models, receptors
        and functions of time are named, with a word for what each of their parts says: code is not in it.

        The file is written whole or not at all: under another name in the same folder first, so that an old
        one stays until the new one is on the disk, whatever interrupts it. It is a zip archive of arrays,
        which ``np.load`` opens.

        Parameters
        ----------
        path : str or path

        Raises
        ------
        OSError
            The disk is full, or the folder is not there.
        ValueError
            A function of time that has no name by which it could be found again.

        Examples
        --------
        >>> import tempfile
        >>> import izhi_numba as iz
        >>> pool = iz.Pool.cortical(1000, seed=1)
        >>> before = pool.run(50.0)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     pool.save(f"{folder}/pool.izhi")
        ...     again = iz.load(f"{folder}/pool.izhi")
        >>> bool((pool.run(50.0).spikes.i == again.run(50.0).spikes.i).all())
        True
        """
        self._refuse_to_keep("saved as a whole: net.save(path)")
        with self._engine.changes:
            if self._engine.stream is not None:
                self._engine.stream.flush()  # so that a run of what is loaded can go on in the file
            write(path, self)

    def store(self) -> Stored:
        """Keep all of it in memory as it is now, for ``restore``; what is not drawn yet is drawn.

        Weights take memory where they are written to later. To keep it beyond the end of the program, or for
        another one: ``save``; a second pool or network that goes on by itself: ``copy.deepcopy``.

        Returns
        -------
        Stored
            To be handed to ``restore``, any number of times.

        Examples
        --------
        >>> import izhi_numba as iz
        >>> pool = iz.Pool.cortical(500, seed=1)
        >>> settled = pool.run(100.0)
        >>> begin = pool.store()
        >>> def trial(current):
        ...     pool.restore(begin)
        ...     pool.clamp_input(current)
        ...     return len(pool.run(50.0).spikes.i)
        >>> trial(0.0) < trial(3.0), trial(0.0) == trial(0.0)
        (True, True)
        """
        self._refuse_to_keep("stored as a whole: net.store()")
        with self._engine.changes:
            self._engine.settle()
            return Stored(self, self._kept_title)

    def restore(self, stored: Stored) -> None:
        """Go back to what ``store`` has kept: variables, parameters, weights, inputs, time, all of it.

        Arrays that you hold, such as ``pool.v``, stay the same arrays. Groups that were named since are gone,
        and what is recorded is what it was.

        Parameters
        ----------
        stored : Stored
            That ``store`` of the same pool or network has returned.

        Raises
        ------
        ValueError
            It is of another one; or pools or connections were added or removed since: which, is told.
        """
        if not isinstance(stored, Stored):
            raise TypeError(
                f"restore: expected what store() has returned, got {stored!r:.60}; a file is loaded by"
                " iz.load(path)"
            )
        self._refuse_to_keep("restored as a whole: net.restore(stored)")
        with self._engine.changes.run, self._engine.changes as changes:  # not while time passes
            self._engine.settle()
            changes.publish(*stored.putting_back(self))

    def __deepcopy__(self, memo: Any) -> Self:
        self._refuse_to_keep("copied as a whole: copy.deepcopy(net)")
        with self._engine.changes:
            state = state_of(self)
            engine = state["engine"]
            engine["keeping"] = replace(engine["keeping"], file=None)  # two cannot write the same
            synapses = [synapses_of(one) for one in self._engine.projections]
        copy = self._built(state, self.threads)
        fill(copy, state, synapses)
        return copy

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError(
            f"{self._kept_title} cannot be pickled; write a file by save(path), which iz.load(path) reads;"
            " copy.deepcopy makes a second one"
        )

    @property
    def _kept_title(self) -> str:
        """What to call it."""
        raise NotImplementedError

    @classmethod
    def _built(cls, state: State, threads: int) -> Self:
        """Build one with the neurons of a state, for ``fill``."""
        raise NotImplementedError

    def _refuse_to_keep(self, whole: str) -> None:  # noqa: ARG002
        """Refuse what cannot be kept: part of a network, or a class of which not all is known."""
        if type(self) not in STATE:
            raise TypeError(
                f"{type(self).__name__}: a class of your own may hold what is not known here; keep an"
                f" iz.{type(self).__mro__[1].__name__} as an attribute instead of deriving from it"
            )
        for name in attributes(type(self), STATE):
            getattr(self, name)  # in no turn: what an interrupted call has left is done first

    def _forgetting(self) -> list[Change]:
        """Prepare what is to change besides, when time goes back to 0."""
        return []

    @overload
    def connect(
        self, pre: Any, post: Any, *, rule: Any, weight: Any = None, delay: Any = None,
        receptor: str | None = None, plasticity: Plasticity | None = None, delay_at: str | None = None,
    ) -> Synapses: ...  # fmt: skip

    @overload
    def connect(
        self, pre: Any, post: Any, *, rule: Any, weight: Any = None, delay: Any = None,
        receptor: Mapping[str, float], plasticity: None = None, delay_at: None = None,
    ) -> dict[str, Synapses]: ...  # fmt: skip

    @called_as("connect(exc, inh, rule=iz.all_to_all(), weight=0.5)")
    def connect(
        self, pre: Any, post: Any, *, rule: Any, weight: Any = None, delay: Any = None,
        receptor: str | Mapping[str, float] | None = None, plasticity: Plasticity | None = None,
        delay_at: str | None = None,
    ) -> Synapses | dict[str, Synapses]:  # fmt: skip
        """Connect neurons of this pool, or of this network: who sends spikes to whom, how strongly, how late.

        Parameters
        ----------
        pre, post : Pool, Group, Sources or str
            Sources and targets: also neurons that are no neighbours, ``pool[::2]``, ``pool[[9, 1, 5]]``. In a
            pool a string names a group, in a network a pool, a group of one, or neurons: "exc.left",
            "exc[::2]". Whom a rule connects follows from the places among these neurons: it draws the same
            between 20 of a pool as in a pool of 20.
        rule : Rule or function
            Who connects to whom: ``iz.all_to_all()``, ``one_to_one()``, ``fixed_probability(p)``,
            ``fixed_outdegree(k)``, ``fixed_indegree(k)``, ``fixed_total_number(n)``,
            ``distance_dependent(positions, profile)``, ``small_world(k, p)``, ``scale_free(k)``,
            ``from_arrays(pre, post)``, ``from_scipy(matrix)``, ``from_networkx(graph)``. A function is
            called with each source's number within its group, and returns its targets, or a tuple of
            targets, weights and, if wanted, delays.
        weight : number, array or distribution, default 1
            What arrives at the receptor, in its unit; in a pool without receptors it is added to the input
            ``I`` of the target for one step, so that it does more in longer steps. Arrays have the shape
            that the rule names. Distributions: ``iz.uniform``, ``normal``, ``lognormal``, ``exponential``,
            ``integers``.
        delay : number, array or distribution, default 0
            In ms, rounded to whole steps, a half up: 0.35 ms are 4 steps of 0.1 ms. A spike stamped ``t``
            acts from ``t + delay`` on: with 0, in the very next step.
        receptor : str or mapping of str to float, optional
            Name of the receptor that the weights go to; needed where the pool has several. For synapses with
            several receptors, ``{"ampa": 1.0, "nmda": 0.4}``: the factor on the weights of each.
        plasticity : Plasticity, optional
            How the synapses learn: ``iz.PairSTDP()``, or a rule of one's own. Each then has a weight of its
            own, also where one is given for all.
        delay_at : "dendrite" or "axon", default "dendrite"
            For synapses that learn, who takes the delay to the synapse. ``"dendrite"``, as in NEST: a spike
            of the source is there at once, and sends the weight of that time; one of the target is there
            after the delay. ``"axon"``, as in Brian2 and in Izhikevich (2006): a spike of the source is there
            after the delay, and sends the weight of that time; one of the target is there at once.

        Returns
        -------
        Synapses, or dict of str to Synapses
            For several receptors one projection each, by the receptor's name: with the same pairs, delays
            and weights, and the factor as its ``gain``. Each takes memory, and is read, written and removed
            by itself.

        Raises
        ------
        ValueError, TypeError, IndexError
            Arguments that make no sense.
        MemoryError
            A projection that would not fit, before anything is taken.

        Examples
        --------
        >>> import izhi_numba as iz
        >>> pool = iz.Pool(1000, seed=1)
        >>> pool.connect(pool[:800], pool, rule=iz.fixed_outdegree(100), weight=iz.uniform(0, 0.5), delay=1.0)
        <0:800 -> pool: 80000 synapses, fixed_outdegree>
        >>> cells = iz.Pool(100, iz.AdEx, receptors={"ampa": iz.AMPA, "nmda": iz.NMDA}, seed=1)
        >>> both = cells.connect(
        ...     cells, cells, rule=iz.fixed_indegree(10), weight=2.0, receptor={"ampa": 1.0, "nmda": 0.4}
        ... )
        >>> both["nmda"].gain
        0.4

        Within a network pools, sources and groups go by what they are, or by their names:

        >>> net = iz.Network(dt=0.1, seed=1)
        >>> inputs = net.poisson("inputs", 100, 20.0)
        >>> left = net.pool("cells", 50, iz.AdEx, receptors={"ampa": iz.AMPA}).group("left", 25)
        >>> net.connect(inputs, left, rule=iz.fixed_indegree(10), weight=2.0, delay=1.5)
        <inputs -> cells.left ampa: 250 synapses, fixed_indegree>
        >>> some, delay = iz.fixed_probability(0.1), iz.uniform(1, 5)
        >>> net.connect("cells.left", "cells", rule=some, weight=0.5, delay=delay)
        <cells.left -> cells ampa: 122 synapses, fixed_probability>
        """
        with self._engine.changes:
            sides = self._part("pre", pre), self._part("post", post)
            made = connect(self._engine, *sides, rule, weight, delay, receptor, plasticity, delay_at)
        return made if isinstance(receptor, Mapping) else next(iter(made.values()))

    @called_as("pool.memory_estimate(exc, inh, rule=iz.all_to_all())")
    def memory_estimate(
        self, pre: Any, post: Any, *, rule: Any, weight: Any = None, delay: Any = None,
        receptor: str | Mapping[str, float] | None = None, plasticity: Plasticity | None = None,
        delay_at: str | None = None,
    ) -> int:  # fmt: skip
        """Bytes that ``connect`` with the same arguments takes at most; builds nothing.

        Synapses, work space while they are built, and the history of spikes and the sums of what is to arrive
        that their delays need. Of synapses that learn, also their variables, the traces of sources, and the
        log of what their targets did, which takes more where these fire in long bursts.
        """
        sides = self._part("pre", pre), self._part("post", post)
        return bytes_of(self._engine, *sides, rule, weight, delay, receptor, plasticity, delay_at)


def hint_for_neurons(name: str, which: Any) -> str:
    """What to do where indices were given for neurons, or those of another pool."""
    connecting = name in ("pre", "post")
    if isinstance(which, Input):
        return f"; the neurons come first: drive(pool, {which!r:.40})"
    if isinstance(which, Variables):
        return "; pools are connected by their network: net.connect(pre, post, ...)" if connecting else ""
    if not isinstance(which, int | list | tuple | range | np.ndarray):
        return ""
    pairs = "; pairs of them are a rule: connect(pool, pool, rule=iz.from_arrays([0, 1], [2, 3]))"
    return "; neurons are told by pool[[0, 1]]" + pairs * connecting
