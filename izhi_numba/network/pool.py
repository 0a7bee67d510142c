"""The pool: neurons of one model, their connections, their inputs, and what is recorded of them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace
from typing import Any, Literal, Never, Self

import numpy as np

from izhi_numba.base import checks
from izhi_numba.base.arrays import Array
from izhi_numba.base.calls import called_as, names_of
from izhi_numba.base.changes import Assign, Change
from izhi_numba.base.clock import MOST_STEPS, whole_steps
from izhi_numba.base.cores import usable_cores
from izhi_numba.base.selection import at_least_one, named, union
from izhi_numba.engine.engine import Engine
from izhi_numba.engine.neurons import Neurons, state_bytes
from izhi_numba.engine.pacing import RealTime
from izhi_numba.engine.population import NamedGroup
from izhi_numba.engine.progress import Progress
from izhi_numba.inputs.doubts import doubts_of_time
from izhi_numba.inputs.terms import Input, Term, Trains, as_input
from izhi_numba.kernels.build import generate
from izhi_numba.models import Izhikevich, Model, Relay
from izhi_numba.models.receptor import Receptor
from izhi_numba.models.resolve import as_model, refuse_swapped, refuse_unknown
from izhi_numba.models.usual import (
    doubt_of_input,
    doubt_of_relay,
    doubt_of_step,
    doubts_of_values,
    input_that_is_usual,
)
from izhi_numba.models.validation import refuse_lost_times, try_out
from izhi_numba.network.connect import check_sign, receptor_of
from izhi_numba.network.cortical import cortical_pool
from izhi_numba.network.driving import driving
from izhi_numba.network.groups import Driven, Group, Variables, drawn_values, following, storing
from izhi_numba.network.inventory import DERIVED, STATE
from izhi_numba.network.means import refuse_mean_of_spikes, with_mean
from izhi_numba.network.seeds import as_seed, key_of, keys_of
from izhi_numba.network.simulation import Simulation, hint_for_neurons
from izhi_numba.network.state import State
from izhi_numba.network.synapses import Synapses
from izhi_numba.numerics.composition import compose
from izhi_numba.numerics.constants import values_at_start
from izhi_numba.numerics.precise import SUITED
from izhi_numba.numerics.schemes import SCHEMES, why_unsuitable
from izhi_numba.results.error import SimulationError
from izhi_numba.results.recorder import SPIKES, Record, Wishes
from izhi_numba.results.recording import Trace
from izhi_numba.results.result import Result
from izhi_numba.results.streamed import AnyRecording, StreamedRecord
from izhi_numba.results.streamed_weights import weights_of

_A_LONG_RUN = 500.0  # ms: shorter ones may well have no spikes
_USER_STREAM = 1 << 31  # streams of random numbers that are not projections


class Pool(Simulation, Driven):
    """``n`` neurons of one model.

    Parameters
    ----------
    n : int
        Number of neurons.
    model : Model, optional
        What one neuron is; :class:`Izhikevich` by default. Distributions among its parameters and variables,
        ``iz.Izhikevich(b=iz.normal(0.2, 0.01))``, are drawn for each neuron, see ``set``.
    dt : float, optional
        Step in ms; the model's usual one by default.
    scheme : str, optional
        Numerical method, see ``izhi_numba.numerics.schemes``; the model's usual one by default.
    seed : int, optional
        Same seed, same numbers: bit for bit, for any number of threads. Drawn if not given; see
        ``pool.seed``.
    noise_seed : int, optional
        Of noise, Poisson trains, and what else is drawn after time 0; ``seed`` by default. See ``reset``.
    threads : int, optional
        Threads that share the work; all cores that the process may use by default. Small pools use one.
    dtype : "float32" or "float64"
        Precision. In float64 a pool equals the model's formulas in numpy to the bit.
    receptors : mapping of str to Receptor, optional
        What arriving weights do, by name, as in ``{"ampa": iz.AMPA(), "gaba": iz.GABA_A()}``; see
        :func:`compose`. Without, they are added to the input ``I`` for one step.
    spike_times : "grid", "interpolated" or "precise"
        Stamp spikes with the end of their step; or with the time at which a straight line between the
        variables before and after the step crosses the threshold, what spikes do being the same; or let the
        neuron spike, be reset and leave its refractory period within the step, with the error of the scheme
        alone: "heun", "rk4", "exponential_midpoint" or "exact". Spikes reach other neurons on the grid.

    Raises
    ------
    ValueError, TypeError
        An argument that makes no sense.
    MemoryError
        More neurons than memory.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> pool = iz.Pool(100, seed=1)
    >>> pool.drive(pool, iz.constant(10.0))
    >>> result = pool.run(100.0)
    >>> len(result.spikes.i)
    300
    """

    _population: Neurons

    @called_as("iz.Pool(1000, iz.AdEx, seed=1)")
    def __init__(
        self,
        n: int,
        model: Model | type[Model] | None = None,
        *,
        dt: float | None = None,
        scheme: str | None = None,
        seed: int | None = None,
        noise_seed: int | None = None,
        threads: int | None = None,
        dtype: Literal["float32", "float64"] = "float32",
        receptors: Mapping[str, Receptor | type[Receptor]] | None = None,
        spike_times: Literal["grid", "interpolated", "precise"] = "grid",
        **unknown: Never,
    ) -> None:
        refuse_swapped("iz.Pool(", n)
        refuse_unknown("Pool(n", model, unknown, names_of(Pool))
        model = compose(as_model(model), receptors or {})
        step = model.dt if dt is None else checks.time_step("dt", dt)
        seed, threads = as_seed(seed), as_threads(threads)
        noise_seed = as_seed(noise_seed, name="noise_seed", usual=seed)
        engine = Engine(step, precision(dtype), key_of(seed), noise_seed, threads)
        self._join(engine, n, model, scheme=scheme, seed=seed, spike_times=spike_times, name="")
        engine.populations = (self._population,)

    @classmethod
    def _in(cls, engine: Engine, n: Any, model: Any, receptors: Any, **settings: Any) -> Pool:
        """Make a pool for a network, which is to take it in."""
        pool = cls.__new__(cls)
        pool._join(engine, n, compose(as_model(model), receptors or {}), **settings)
        return pool

    def _join(
        self, engine: Engine, n: Any, model: Model, *, scheme: Any, seed: int, spike_times: Any, name: str
    ) -> None:
        n = checks.whole_number("n", n, at_least=1, at_most=2**31 - 1)
        try_out(model, engine.dt)
        if engine.dtype == np.float32:
            refuse_lost_times(model, engine.dt)
        scheme = _scheme(model, scheme, engine.dt)
        _check_spike_times(spike_times, model, scheme)
        checks.fits_in_memory(f"{n} neurons", state_bytes(n, model, engine.dtype), "take fewer")
        number = len(engine.populations)
        keys = keys_of(seed, engine.noise_seed, number)
        population = Neurons(n, engine.setting, keys, number, name, model, scheme, spike_times=spike_times)
        _set_defaults(population)
        self._population, self._engine, self._range, self._seed = population, engine, slice(0, n), seed
        self._title = f"pool {name!r}" if name else "the pool"
        self._unit_of = {one: state.unit for one, state in model.states.items()}
        self._unit_of |= dict.fromkeys(("I", *model.currents), model.I_unit)
        self._doubts_runs = True  # until a long one was looked at
        self._doubt_at_start()
        self._wishes = SPIKES

    def _doubt_at_start(self) -> None:
        """Warn of values and of a step that are unusual for the model."""
        model, title = self.model, self._title
        for what, message in doubts_of_values(title, model, model.defaults):
            self._doubt(what, message)
        if self.scheme != "exact":
            self._doubt("dt", doubt_of_step(title, model, self.dt))

    def _doubt(self, what: Hashable, message: str) -> None:
        """Warn, once for this pool."""
        if message:
            self._population.setting.doubts.tell((self._population.number, what), message)

    # What it is

    @property
    def size(self) -> int:
        """Number of neurons."""
        return self._population.n

    @property
    def model(self) -> Model:
        """What one neuron is."""
        return self._population.model

    @property
    def scheme(self) -> str:
        """Name of the numerical method."""
        return self._population.scheme

    @property
    def threads_in_use(self) -> int:
        """Threads that may share the work of this network; on a busy machine one is taken at times."""
        return self._engine.threads_in_use

    @property
    def dtype(self) -> np.dtype[Any]:
        """Precision."""
        return self._population.dtype

    @property
    def nbytes(self) -> int:
        """Memory held, in bytes, with the synapses onto its neurons; those not drawn yet as expected."""
        return self._engine.nbytes_of(self._population.number)

    @property
    def synapses(self) -> tuple[Synapses, ...]:
        """Projections onto this pool, in the order in which they were connected."""
        number = self._population.number
        return tuple(Synapses(one) for one in self._engine.projections if one.target == number)

    def summary(self) -> str:
        """The neurons, what drives them, projections onto them, and bytes; see :meth:`Network.summary`.

        Examples
        --------
        >>> import izhi_numba as iz
        >>> pool = iz.Pool(100, seed=1)
        >>> pool.drive(pool[:80], 10.0)
        >>> pool.drive(pool[:20], iz.noise(5.0), add=True)
        >>> print(pool.summary().rpartition(", ")[0])
        pool: 100 neurons, Izhikevich; dt 1 ms, t 0 ms, float32
          0:20: constant(10) + noise(5)
          20:80: constant(10)
        no projections
        """
        title, engine = self._title.removeprefix("the "), self._engine
        size = checks.readable_bytes(engine.units_nbytes(self._population.number))
        time = f"dt {self.dt:g} ms, t {self.t:g} ms, {engine.dtype.name}"
        lines = [f"{title}: {len(self)} {self._described()}; {time}"]
        lines += [f"  {line}" for line in driving(self)]
        lines += [f"  {synapses.summary()}" for synapses in self.synapses]
        lines += [f"{len(self.synapses) or 'no'} projections, {size}"]
        return "\n".join(lines)

    __str__ = summary

    # Groups

    @called_as("pool.group('exc', 800)")
    def group(
        self, name: str, size: int, *, sign: Literal["excitatory", "inhibitory"] | None = None
    ) -> Group:
        """Name the next ``size`` neurons that have no name yet.

        Parameters
        ----------
        name : str
        size : int
        sign : "excitatory" or "inhibitory", optional
            Weights of synapses from these neurons are checked then: none may have the other sign.

        Returns
        -------
        Group

        Examples
        --------
        >>> pool = Pool(1000)
        >>> exc, inh = pool.group("exc", 800), pool.group("inh", 200)
        >>> inh.start, inh.stop
        (800, 1000)
        """
        if not isinstance(name, str) or not name:
            raise TypeError(f"group: expected a name, got {name!r}; it comes first: group('exc', 800)")
        if sign is not None:
            checks.one_of("sign", sign, ("excitatory", "inhibitory"))
        size = checks.whole_number(f"size of group {name!r}", size, at_least=1)
        population = self._population
        with self._engine.changes:
            if name in population.named:
                raise ValueError(f"group {name!r} exists; groups: {', '.join(population.named)}")
            first = max((group.neurons.stop for group in population.named.values()), default=0)
            if size > self.size - first:
                raise ValueError(
                    f"group {name!r}: {size} neurons wanted, {self.size - first} of {self.size} have no group"
                    " yet"
                )
            group = NamedGroup(slice(first, first + size), sign or "")
            population.named = {**population.named, name: group}
        return self[name]

    @property
    def groups(self) -> dict[str, Group]:
        """Groups by name."""
        return {name: Group(self, name, which) for name, which in self._population.groups.items()}

    def __getitem__(self, which: Any) -> Group:
        """Return a group by name; or neurons by a slice, an index, a list of indices or truth values."""
        if isinstance(which, str):
            return Group(self, which, named(which, self._population.groups))
        return Group(self, "", at_least_one(which, self.size))

    def _part(self, name: str, which: Any) -> Variables:
        """Return this pool, or some of its neurons."""
        if isinstance(which, Variables) and which._population is self._population:
            return which
        if isinstance(which, str):
            return self[which]
        raise TypeError(
            f"{name}: expected this pool, one of its groups or a group's name, got {which!r}"
            + hint_for_neurons(name, which)
        )

    # Inputs

    @called_as("pool.drive(pool, iz.noise(3))")
    def drive(self, target: Any, current: Any, *, add: bool = False) -> None:
        """Set what drives neurons from outside; replaces what drove them before, unless it is to add.

        Parameters
        ----------
        target : Pool, Group or str
        current : number, array, or a sum of inputs such as ``iz.step(10, start=100) + iz.noise(2)``
            In the model's unit of ``I``; see ``izhi_numba.inputs``. Amplitudes may be arrays with one
            value per neuron, and samples may have a column for each. White noise is drawn per neuron and
            step, and is not scaled by dt: with smaller steps the same noise does less.
        add : bool
            Drive them by this as well: what they receive is the sum. Each noise is one of its own, so that
            variances add: 3 and then 4 are a standard deviation of 5, as ``iz.noise(3) + iz.noise(4)`` are.
            Rates of Poisson trains add. ``print(net)`` shows what drives whom.

        Examples
        --------
        >>> import izhi_numba as iz
        >>> pool = iz.Pool(1000, seed=1)
        >>> pool.drive(pool[:800], 2.0 + iz.noise(5.0))
        >>> pool.drive(pool[:100], iz.pulse(10.0, start=50.0, width=20.0), add=True)
        """
        checks.truth("add", add)
        part = self._part("target", target)
        given = self._with_receptors(as_input(current))
        for term in given.terms:
            for name, values in vars(term).items():
                if name not in ("waveform", "receptor"):
                    checks.values_for(f"{name} of {term!r}", values, len(part), self.dtype)
            if term.waveform.field is not None:
                n = len(part)
                term.waveform.field.refuse_for("drive", n, f"{n} neurons that are driven", self.dtype)
        self._doubt_input(given)
        population = self._population
        with self._engine.changes as changes:
            at_start = population.at_start
            stimulus, constant = population.stimulus.driven(part._range, given, add=add, at_start=at_start)
            if add and not (stimulus.is_finite and np.isfinite(constant).all()):
                raise ValueError(
                    f"drive of {part._title}: with what drives them already, the sum is no finite number in"
                    f" {self.dtype.name}; add less, or replace it: add=False"
                )
            changes.publish(
                storing(stimulus.constant, part._range, constant), Assign(population, "stimulus", stimulus)
            )

    def _silence(self, part: Driven, values: Any) -> None:
        """Silence some neurons, or let them spike again; see ``silenced``."""
        n, wanted, population = len(part), checks.as_array(values), self._population
        if wanted.dtype.kind != "b" or wanted.shape not in ((), (n,)):
            got = f"{wanted.size} truth values" if wanted.dtype.kind == "b" else checks.short(values)
            raise (ValueError if wanted.dtype.kind == "b" else TypeError)(
                f"silenced of {part._title}: expected True, False or {n} truth values, got {got}; some"
                " neurons are silenced by pool[[0, 3]].silenced = True"
            )
        with self._engine.changes:
            now = population.silenced
            silenced = np.zeros(population.size, np.uint8) if now is None else now.copy()
            silenced[part._range] = wanted
            self._engine.silence(population, silenced if silenced.any() else None)

    def _doubt_input(self, given: Input) -> None:
        """Warn of what would do nothing, or looks like another unit."""
        for term in given.terms:
            for what, message in doubts_of_time(term, self.t, self.dt):
                self._doubt(what, message)
            if not isinstance(term, Trains):
                values = term.amplitude if isinstance(term, Term) else term.sd
                self._doubt("I", doubt_of_input(f"drive of {self._title}", values, self.model))

    def _with_receptors(self, given: Input) -> Input:
        """Say which receptor Poisson trains go to, where it goes without saying; check their weights."""
        terms = list(given.terms)
        for place, term in enumerate(terms):
            if isinstance(term, Trains):
                receptor = receptor_of(self, term.receptor)
                check_sign(self, receptor, np.min(term.weight), np.max(term.weight))
                terms[place] = replace(term, receptor=receptor)
        return Input(tuple(terms))

    def random(self, size: int) -> Array:
        """Return uniform numbers in (0, 1), float64 (size,); they follow from the pool's seed.

        Each call gives others. After time 0 they follow from ``noise_seed``.
        """
        size = checks.whole_number("size", size, at_least=0)
        population = self._population
        number = next(population.random_calls)  # one instruction: two threads never get the same
        return generate.uniform(size, population.key, _USER_STREAM + number)

    # Recording and running

    @called_as("pool.record('v', neurons=[0, 1])")
    def record(
        self, what: str | list[str], *, neurons: Any = None, every: float | None = None, mean: bool = False,
        to: Any = None, keep: float | None = None,
    ) -> None:  # fmt: skip
        """Choose what runs keep. All spikes are kept unless told otherwise. Weights: ``synapses.record``.

        What is asked for once more, of other neurons, is kept of both: ``result.neurons("v")`` tells whose
        the columns of ``result.traces["v"]`` are, those that were told first come first. Of no neurons,
        ``neurons=[]``, it begins anew.

        Traces show the end of each step: a conductance that a weight of 1.5 nS has just opened is recorded
        after it has decayed for one step, at 1.470 nS for ``AMPA`` in steps of 0.1 ms.

        Parameters
        ----------
        what : str or list of str
            A variable of the model or of a receptor (``"g_ampa"``), ``"I"``, the current of a receptor
            (``"I_ampa"``), ``"spikes"``, or ``"counts"`` (spike counts only, no times). ``"I"`` is the input
            of a step: what drives the neuron from outside, and weights that arrive without a receptor;
            currents of receptors are not in it. The current of a receptor is what its ``current`` returns
            for the variables at the end of the step: positive where it depolarises. After a spike it is that
            at the voltage of the reset, and not at the peak that ``"v"`` shows. The variables that it takes
            are kept for it, and need memory as traces of their own do.
        neurons : Group, Pool, str, slice, list or truth values, optional
            Whose; all by default. Lists may be of indices, or of groups and their names; an empty one for
            none.
        every : float, optional
            Interval of a trace in ms, whole steps; each step by default. A variable has one for all neurons.
            For ``"counts"`` the width of bins in which spikes are counted, from which rates over time, Fano
            factors and correlations follow: ``result.binned_counts(100.0)``.
        mean : bool
            Keep the mean over these neurons, one number a time, and no traces: ``result.traces["mean_v"]``
            has a column for each call, which ``result.columns("mean_v")`` tells. It is the mean of what
            their traces would show, in double precision. Currents of receptors have none.
        to : str or path, optional
            A file that takes all that is recorded, of this pool or the whole network, while runs go on:
            memory stays as it is, however long they are. Runs that follow each other go on in it, also after
            ``save`` and ``iz.load`` where ``to`` is given once more: what the file has beyond the time that
            was saved is taken off and done again. Results of runs are read from it, and
            :func:`open_results` reads it at any time, also while it is written, or after the process was
            killed. ``"memory"``: no file any more. It takes h5py:
            ``pip install 'izhi-numba[export]'``.
        keep : float, optional
            Hold in memory only the last so many ms of each run, of all that is recorded of this pool or the
            whole network: what results have, and functions that a run calls. ``np.inf``: all again.

        Examples
        --------
        >>> pool = Pool(1000)
        >>> pool.record("v", neurons=[0, 1, 800], every=1.0)
        >>> pool.record(["v", "u"], neurons=pool[::500], every=1.0)
        >>> result = pool.run(20.0)
        >>> result.traces["v"].shape, result.neurons("v")
        ((20, 4), array([  0,   1, 800, 500]))
        >>> pool.record("v", mean=True)
        >>> pool.run(20.0).traces["mean_v"].shape
        (20, 1)
        >>> pool.record("spikes", keep=5.0)
        >>> pool.run(100.0)
        <5 ms of 1000 neurons: 0 spikes, 0 Hz, RTF ...>
        """
        self._ask(what, neurons, every, mean=mean, to=to, keep=keep)

    def _with_wish(
        self, wishes: Wishes, what: str, neurons: Any, every: float | None, *, mean: bool = False
    ) -> Wishes:
        """Return what is to be kept with one wish more, see ``record``."""
        variables = (*self.model.states, "I", *self.model.currents)
        checks.one_of("record", what, (*variables, "spikes", "counts"))
        whose = self._chosen(neurons)
        if what in ("spikes", "counts"):
            refuse_mean_of_spikes(what, mean=mean)
            return self._with_spikes(wishes, what, whose, every)
        whose = np.arange(self.size) if whose is None else whose
        steps = 1 if every is None else whole_steps("every", every, self.dt)
        if checks.truth("mean", mean):
            return with_mean(wishes, self._population, what, whose, steps)
        trace = self._beside(wishes.traces.get(what), Trace(what, whose, steps))
        return replace(wishes, traces={**wishes.traces, what: trace})

    def _beside(self, known: Trace | None, trace: Trace) -> Trace:
        """Return the trace of neurons that are told, and of those that were told before."""
        if known is None or not len(trace.neurons) or np.isin(known.neurons, trace.neurons).all():
            return trace
        if known.every != trace.every:
            every = known.every * self.dt
            raise ValueError(
                f"record: {trace.variable!r} is kept of {len(known.neurons)} neurons every {every:g} ms, and"
                f" has one interval for all: give every={every:g}, or begin anew by"
                f" record({trace.variable!r}, neurons=[])"
            )
        return replace(trace, neurons=union([known.neurons, trace.neurons]))

    def prepare(self) -> float:
        """Draw the synapses and compile; returns the seconds that compilation took. ``run`` does it too."""
        self._check_alone()
        with self._engine.changes:
            return self._engine.prepare()

    @called_as("pool.run(1000.0)")
    def run(
        self, duration: float, *, every: Mapping[float, Callable[[Pool], Any]] | None = None,
        realtime: bool | float | RealTime = False, progress: bool | Callable[[Progress], Any] = False,
        profile: bool = False,
    ) -> Result:  # fmt: skip
        """Simulate ``duration`` ms.

        May be called again and again; state, parameters, inputs and what is recorded may be changed in
        between, and connections added.

        Parameters
        ----------
        duration : float
            In ms, a multiple of dt.
        every : mapping of float to function, optional
            Functions that the run calls at intervals, in ms: ``every={10.0: steer}`` calls ``steer(pool)``
            at 0, 10, 20, ... ms, before the step that begins there; or ``steer(pool, last)``, with the result
            since its last call, if it takes two arguments without defaults. It may read and change variables,
            inputs, weights, connections, and what later runs record; end the run by ``pool.stop()``; save and
            store. Time is not its to change: ``run``, ``reset``, ``restore`` and a new pool are refused. What
            it returns is kept: ``result.returned[10.0].t`` and ``.values``.
        realtime : bool, number or RealTime
            Keep pace with the clock on the wall: True, or how many times as fast as it; see
            :class:`RealTime`. ``result.lag`` tells how far the run was behind.
        progress : bool or function
            Show a bar with the time, the real-time factor and the rate, where there is a terminal or a
            notebook; or call a function some times a second with a :class:`Progress`.
        profile : bool
            Measure where the time goes, as ``print(result.profile)`` shows. The run takes a bit longer.

        Returns
        -------
        Result
            Of this run only; times go on.

        Raises
        ------
        SimulationError
            The state is no longer finite, or a function of time that drives neurons fails. ``error.result``
            is what was recorded until then. The pool itself stands a few steps later in the first case, and
            at the step for which the function failed in the second.
        KeyboardInterrupt
            Ctrl-C, heard about every 60 ms. The pool stands at the end of a step and can go on, and
            ``error.result`` is what was recorded until then. So it is with whatever a function raises.

        Examples
        --------
        >>> pool = Pool.cortical(1000, seed=1)
        >>> pool.run(100.0).duration
        100.0
        >>> def count(pool, last):
        ...     return int(last.counts.sum())
        >>> pool.run(60.0, every={20.0: count}).returned[20.0]
        Returned(t=array([100., 120., 140.]), values=[0, 107, 149])
        """
        n_steps = whole_steps("duration", duration, self.dt)
        found: Result = self._run(n_steps, every=every, realtime=realtime, progress=progress, profile=profile)
        return found

    def step(self, n_steps: int = 1) -> Result:
        """Simulate a whole number of steps; as ``run``."""
        found: Result = self._run(checks.whole_number("n_steps", n_steps, at_least=1, at_most=MOST_STEPS))
        return found

    def update(self) -> Array:
        """Simulate one step and record nothing; returns the neurons that spiked. For closed loops."""
        self._check_alone()
        with self._engine.changes.run, self._engine.changes:
            self._engine.prepare()
            room = self._engine.advance_one()
            if room is None:
                self._check_weights(self._nothing())
                self._check_drive([self._title], self._nothing())
            assert room is not None
            (spiked,), fault = room.spiked(), None if room.broken() == np.inf else room.fault_of(0)
        if fault is not None:
            raise self._not_finite(self._nothing(), *fault)
        if self._engine.lost:
            self._check_weights(self._nothing())
        return spiked

    def _nothing(self) -> Result:
        """The result of no step."""
        return self._result(self._engine.recorder([SPIKES]).whole.of(0), float("nan"), 0.0)

    def _check_alone(self, told: str = "run as a whole: net.run(...)") -> None:
        """Refuse to advance a pool that is not alone."""
        if self._population.name:
            raise RuntimeError(f"{self._title} belongs to a network, which is {told}")

    @property
    def _kept_title(self) -> str:
        return self._title

    def _refuse_to_keep(self, whole: str) -> None:
        self._check_alone(whole)
        super()._refuse_to_keep(whole)

    @classmethod
    def _built(cls, state: State, threads: int) -> Self:
        engine, setting, seed = state["engine"], state["engine"]["setting"], state["owner"]["_seed"]
        (its,) = engine["populations"]
        pool = cls.__new__(cls)
        machine = Engine(setting["dt"], setting["dtype"], key_of(seed), engine["noise_seed"], threads)
        told = {name: its[name] for name in ("scheme", "spike_times", "name")}
        pool._join(machine, its["n"], its["model"], seed=seed, **told)
        machine.populations = (pool._population,)
        return pool

    def _forgetting(self) -> list[Change]:
        self._check_alone("reset as a whole: net.reset()")
        return []

    def _running(self) -> dict[str, Pool]:
        self._check_alone()
        return {"pool": self}

    def _check_ready(self) -> None:
        if not self._engine.all_finite():
            self._check_state()

    def _result_of(self, record: Record | StreamedRecord, wall_time: float, compile_time: float) -> Result:
        found = self._result(record.of(0), wall_time, compile_time)
        found._of_synapses = weights_of(record)
        return found

    def _check_outcome(self, result: Result, fault: tuple[int, int, int] | None) -> None:
        self._check_weights(result)
        if fault is not None:
            raise self._not_finite(result, *fault[1:])
        self._check_drive([self._title], result)
        self._doubt_result(result)
        self._doubt_modulators()

    def _doubt_result(self, result: Result) -> None:
        """Warn where all neurons spiked in all steps of the first long run, or none did although driven."""
        if isinstance(self.model, Relay):
            n_lost = self._population.arrays["lost"][: self.size].sum()
            self._doubt("lost", doubt_of_relay(self._title, n_lost))
        if result.duration < _A_LONG_RUN or not self._doubts_runs:
            return
        self._doubts_runs = False
        recording, usual = result._recording, input_that_is_usual(self.model)
        count, excited = recording.count, self._population.stimulus.excites
        if count == self.size * recording.steps:
            self._doubt("all", f"{self._title}: every neuron spiked in every step{usual}")
        elif self._population.silenced is not None:
            return
        elif not count and not recording.traces and excited(result.start, result.stop):
            told = f"no neuron spiked in {result.duration:g} ms, although they are driven{usual}"
            self._doubt("none", f"{self._title}: {told}")

    def _not_finite(self, result: Result, step: int, neuron: int) -> SimulationError:
        values = ", ".join(
            f"{name} = {self._population.arrays[name][neuron]:g}" for name in self.model.states
        )
        message = (
            f"neuron {neuron} is not finite after step {step} (t = {step * self.dt:g} ms): {values}, constant"
            f" input {self._population.stimulus.constant[neuron]:g}. The step dt = {self.dt:g} ms is"
            " too large for this model, or the input too strong; or a function of the model divides by 0, or"
            " takes a root or logarithm of what is negative"
        )
        return SimulationError(message, result)

    def _result(self, recording: AnyRecording, wall_time: float, compile_time: float) -> Result:
        population = self._population
        return Result(
            recording, n=population.n, dt=population.setting.dt, groups=population.groups,
            wall_time=wall_time, compile_time=compile_time, units=self._unit_of,
            origin=(population.setting.identity, population.name),
        )  # fmt: skip

    def _check_state(self) -> None:
        """Refuse variables that are not finite."""
        for name in self.model.states:
            bad = np.flatnonzero(~np.isfinite(self._population.arrays[name][: self.size]))
            if len(bad):
                raise ValueError(
                    f"{name} of neuron {bad[0]} is {self._population.arrays[name][bad[0]]:g} before the run;"
                    f" set {', '.join(self.model.states)} to finite numbers"
                )

    @staticmethod
    def cortical(
        n: int = 1000,
        *,
        inhibitory: float = 0.2,
        seed: int | None = None,
        threads: int | None = None,
        dtype: Literal["float32", "float64"] = "float32",
    ) -> Pool:
        """Return the cortical network of Izhikevich (2003), any size; see ``izhi_numba.network.cortical``.

        Groups "exc" and "inh". Up to 1000 neurons all are connected to all, above 100 targets each.
        """
        pool = Pool(n, Izhikevich(), dt=1.0, scheme="net2003", seed=seed, threads=threads, dtype=dtype)
        cortical_pool(pool, inhibitory=inhibitory)
        return pool


def as_threads(threads: Any) -> int:
    """A number of threads, all cores that can be used if none is given."""
    if threads is None:
        return usable_cores()
    return checks.whole_number("threads", threads, at_least=1, at_most=1024)


def _set_defaults(population: Neurons) -> None:
    """Set variables and parameters to the model's defaults."""
    for name in population.arrays:
        if hasattr(Pool, name) or hasattr(Result, name):
            owner = "pool" if hasattr(Pool, name) else "result"
            raise ValueError(
                f"{population.model!r}: a {owner} has its own {name!r}; give the model's another name"
            )
        default = population.model.default_of(name)
        if not callable(default):
            population.arrays[name][:] = checks.values_for(
                f"{name} of {population.model!r}", default, population.n, population.arrays[name].dtype
            )
    for name, distribution in population.model.drawn.items():
        title, everyone = f"{name} of {population.model!r}", slice(0, population.n)
        population.arrays[name][everyone] = drawn_values(population, everyone, name, distribution, title)
        if name in population.follows:
            population.follows[name][:] = False
    for name, values in following(population, population.arrays, population.follows).items():
        population.arrays[name][: population.n] = values


def precision(dtype: Any) -> np.dtype[Any]:
    """Return a precision that there is code for."""
    try:
        name = np.dtype(dtype).name
    except TypeError:
        name = repr(dtype)
    return np.dtype(checks.one_of("dtype", name, ("float32", "float64")))


def _scheme(model: Model, scheme: Any, dt: float) -> str:
    """Check that a scheme is known, and suits a model."""
    known = (*SCHEMES, "advance") if model.advance else tuple(SCHEMES)
    name = checks.one_of("scheme", model.scheme if scheme is None else scheme, known)
    if name != "advance":
        reason = _misfit(name, model, dt)
        if reason:
            raise ValueError(f"scheme {name!r} does not suit {type(model).__name__}: {reason}")
    return name


def _check_spike_times(spike_times: Any, model: Model, scheme: str) -> None:
    """Check that neurons of a model can have such spike times."""
    checks.one_of("spike_times", spike_times, ("grid", "interpolated", "precise"))
    if spike_times != "precise":
        return
    if model.reset is None:
        raise ValueError(
            f"spike_times='precise': {type(model).__name__} has no reset that could be put within the step;"
            " give 'interpolated'"
        )
    if scheme not in SUITED:
        suited = " or ".join(repr(one) for one in SUITED if not _misfit(one, model, model.dt))
        raise ValueError(
            f"spike_times='precise': scheme {scheme!r} is not of order two; "
            + (f"give scheme={suited}" if suited else f"{type(model).__name__} suits none that is")
        )


def _misfit(scheme: str, model: Model, dt: float) -> str:
    """Say why a scheme does not suit a model; empty if it does."""
    kind: Any = type(model)
    return _why_unsuitable(scheme, kind, tuple(model.defaults.items()), kind.derivatives, dt)


@functools.lru_cache(maxsize=64)  # of hundreds of pools of the same neurons it is asked once
def _why_unsuitable(
    scheme: str, kind: type[Model], defaults: tuple[tuple[str, Any], ...], derivatives: Any, dt: float
) -> str:
    """Say why a scheme does not suit a model with some defaults; ``derivatives`` are those of its class."""
    del derivatives  # a class that has others by now is another case
    model = kind()
    model.defaults = dict(defaults)
    return why_unsuitable(scheme, model, values_at_start(model, dt))


STATE[Pool] = ("_seed", "_wishes")
DERIVED[Pool] = ("_units", "_machine", "_range", "_title", "_unit_of", "_doubts_runs")
