"""Each public call that changes something, and how to bring it about; and the names that change nothing.

The list of calls is not written here: ``calls()`` makes it from the public classes. What is in none of the
tables below fails ``test_whole.py``.
"""

from __future__ import annotations

import inspect
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

import izhi_numba as iz
from tests.wholeness.state import Told, members, of_result

World = SimpleNamespace  # sim: pool or network; and what the call needs

# Classes with a state. A receptor, a rule or an input is a value: nothing of it changes.
STATEFUL = (
    iz.Pool, iz.IzhikevichPool, iz.Network, iz.Group, iz.Sources, iz.SpikeList, iz.Synapses, iz.Result,
    iz.NetworkResult, iz.NeuronResult,
)  # fmt: skip
VALUES = (
    iz.Lag, iz.Profile, iz.Progress, iz.RealTime, iz.RecordedWeights, iz.Returned,
    iz.Model, iz.Receptor, iz.Plasticity, iz.SourceTrace, iz.TargetTrace, iz.TargetValue, iz.Modulator, iz.Random, iz.Constant,
    iz.Parameter, iz.State, iz.Distribution, iz.Input, iz.Rule, iz.FICurve,
    iz.FixedPoint, iz.Preset, iz.Spikes, iz.SimulationError, iz.DoubtfulWarning,
)  # fmt: skip

_SPECIAL = (
    "__setitem__", "__setattr__", "__delitem__", "__delattr__", "__add__", "__iadd__", "__imul__", "__call__", "__enter__",
    "__exit__", "__len__", "__getitem__", "__getattr__", "__iter__", "__repr__",
)  # fmt: skip


def calls() -> set[str]:
    """Public names of classes with a state, as "Pool.run", "Pool.external_input=", "Synapses.__setitem__".

    What a class inherits from a public one, unchanged, stands there alone.
    """
    found = set()
    for kind in STATEFUL:
        names = [name for name in dir(kind) if not name.startswith("_")]
        names += [name for name in _SPECIAL if any(name in vars(one) for one in kind.__mro__[:-1])]
        for name in names:
            attribute = inspect.getattr_static(kind, name)
            owner = next(
                one
                for one in reversed(kind.__mro__)
                if one in STATEFUL and inspect.getattr_static(one, name, None) is attribute
            )
            found.add(f"{owner.__name__}.{name}")
            if isinstance(attribute, property) and attribute.fset:
                found.add(f"{owner.__name__}.{name}=")
    return found


# What changes nothing, and is so plain that no scenario is needed. Reading that may draw or keep something
# has scenarios all the same, of the kind "read".
CHANGES_NOTHING = {
    "Pool": "dt dtype model noise_seed scheme seed size t threads cortical __getitem__ __getattr__ __len__ __repr__",  # cortical makes a pool, of other calls
    "IzhikevichPool": "plot_spikes",
    "Network": "dt noise_seed seed t threads pools sources __getitem__ __repr__ __setattr__",
    "Group": "name neurons noise_sd start stop __getattr__ __getitem__ __len__ __repr__",
    "Sources": "size __getitem__ __getattr__ __len__ __repr__",
    "Synapses": "gain receptor sources targets plasticity delay_at learning plot_histogram plot_matrix",
    "Result": "binned_counts columns correlation counts cv duration fano_factor isi lv mean_correlation neurons plot_raster"
    " save to_neo to_nwb to_pandas to_sonata to_xarray plot_traces population_rate power_spectrum rate real_time_factor spikes_per_step start stop synchrony times"
    " trains synapses weights __repr__",
    "NetworkResult": "binned_counts correlation cv duration fano_factor isi lv mean_correlation population_rate"
    " save to_neo to_nwb to_pandas to_sonata to_xarray"
    " power_spectrum rate real_time_factor start stop synchrony trains get items keys values plot_raster plot_traces"
    " counts spikes spikes_per_step synapses weights __iter__ __len__ __repr__",
    "NeuronResult": "plot spike_steps spike_times t __getattr__ __repr__",
}
# Functions of the package, which take no pool: they make values, or pools of their own.
FUNCTIONS = (
    "adaptation_index all_to_all bursts by_distance chirp compose constant correlation cv distance_dependent explore"
    " exponential exponential_profile f_i_curve fano_factor fixed_indegree fixed_outdegree fixed_points fixed_probability"
    " fixed_total_number from_arrays from_function from_networkx from_samples from_scipy gaussian_profile grid"
    " integers isi jacobian load load_result lognormal lv noise normal nullclines one_to_one open_results"
    " ornstein_uhlenbeck"
    " plot_phase_plane"
    " poisson power_spectrum pulse pulse_train ramp rheobase scale_free simulate sine small_world square step uniform"
    " vector_field"
)


def plain() -> set[str]:
    """Names that change nothing."""
    return {f"{kind}.{name}" for kind, names in CHANGES_NOTHING.items() for name in names.split()}


@dataclass(frozen=True)
class Scenario:
    """One call, in one situation."""

    covers: str  # a name of ``calls()``
    when: str
    build: Callable[..., World]
    call: Callable[[World], Any]
    kind: str = "change"  # "read": nothing changes; "advance": steps are done; "settle": only drawing may
    steps: int = 0  # that an "advance" does
    first: Callable[[World], Any] | None = None  # a call more, before it goes on
    also: Callable[[World], Told] | None = None  # what else is to be looked at
    options: dict[str, Any] = field(default_factory=dict)  # of build

    @property
    def name(self) -> str:
        """What a test is called by."""
        return f"{self.covers}, {self.when}"

    def make(self, **options: Any) -> World:
        """Build what is called."""
        return self.build(**(self.options | options))


# Worlds


def pool_of(
    n: int = 60,
    *,
    ran: int = 0,
    plain: bool = False,
    threads: int = 1,
    connected: bool = False,
    **options: Any,
) -> World:
    """A pool in which most neurons spike within some steps, with two thirds of it in a group."""
    pool = iz.Pool(n, seed=1, threads=threads, **options)
    pool.v = np.linspace(-70.0, 29.0, n)
    pool.group("exc", n // 2)
    if not plain:
        pool.drive(pool, 9.0 + iz.noise(3.0))
    world = World(sim=pool, pool=pool, n=n)
    if connected:
        world.synapses = pool.connect(
            pool, pool, rule=iz.fixed_outdegree(5), weight=iz.uniform(0.0, 2.0), delay=iz.integers(1, 4)
        )
    if ran:
        pool.step(ran)
    return world


def wired(*, ran: int = 0, **options: Any) -> World:
    """A pool with synapses of their own, drawn where it ran."""
    return pool_of(ran=ran, connected=True, **options)


def shared(*, ran: int = 3, gain: float = 1.0, **options: Any) -> World:
    """Two projections that share their rows; the first is meant."""
    world = pool_of(**options)
    pool = world.pool
    world.synapses = pool.connect(
        pool, pool, rule=iz.fixed_outdegree(4), weight=iz.uniform(0.5, 2.0), delay=2.0
    )
    pool.connect(pool, pool, rule=iz.fixed_probability(0.1), weight=iz.uniform(0.0, 1.0), delay=1.0)
    if gain != 1:
        world.synapses.gain = gain
    if ran:
        pool.step(ran)
    return world


def dense(*, ran: int = 3, weight: Any = 0.5, **options: Any) -> World:
    """A pool in which all are connected to all."""
    world = pool_of(40, **options)
    world.synapses = world.pool.connect(world.pool, world.pool, rule=iz.all_to_all(), weight=weight)
    if ran:
        world.pool.step(ran)
    return world


def equal(*, ran: int = 3, **options: Any) -> World:
    """A pool whose synapses have one weight for all."""
    world = pool_of(**options)
    world.synapses = world.pool.connect(
        world.pool, world.pool, rule=iz.fixed_outdegree(5), weight=1.5, delay=1.0
    )
    if ran:
        world.pool.step(ran)
    return world


def driven(*, ran: int = 3, **options: Any) -> World:
    """A pool with an input of each kind."""
    world = pool_of(**options)
    everything = iz.sine(2.0, frequency=50.0) + iz.noise(2.0) + iz.ornstein_uhlenbeck(2.0, tau=5.0) + 3.0
    world.pool.drive(world.pool, everything)
    world.pool.drive("exc", everything + iz.poisson(100.0, weight=1.0))
    if ran:
        world.pool.step(ran)
    return world


def recorded(*, ran: int = 3, **options: Any) -> World:
    """A pool of which traces are kept."""
    world = wired(**options)
    world.pool.record("v", neurons=[0, 5], every=2.0)
    world.pool.record("I")
    world.pool.record("u", neurons=slice(None, None, 3), mean=True, every=2.0)
    if ran:
        world.pool.step(ran)
    return world


def weighed(*, ran: int = 3, **options: Any) -> World:
    """A pool with two projections whose weights are recorded."""
    world = shared(ran=0, **options)
    for synapses, every in zip(world.pool.synapses, (2.0, 3.0), strict=True):
        synapses.record(every=every)
    if ran:
        world.pool.step(ran)
    return world


def ruled(*, ran: int = 3, rule: Any = None, recorded: bool = False, **options: Any) -> World:
    """A pool with synapses that learn, and others."""
    world = wired(**options)
    world.synapses = world.pool.connect(
        world.pool, world.pool, rule=iz.fixed_outdegree(5), weight=iz.uniform(0.0, 1.0), delay=iz.integers(1, 4),
        plasticity=rule or iz.TsodyksMarkram(tau_fac=50.0),
    )  # fmt: skip
    if recorded:
        world.synapses.record(["weight", "x"], every=2.0)
    if ran:
        world.pool.step(ran)
    return world


def network_of(*, ran: int = 0, threads: int = 1, connected: bool = True) -> World:
    """Two pools, trains and given spikes; one pool has receptors."""
    net = iz.Network(dt=0.5, seed=1, threads=threads)
    exc = net.pool("exc", 40, iz.Izhikevich)
    inh = net.pool("inh", 30, iz.Izhikevich, receptors={"ampa": iz.AMPA})
    exc.v, inh.v = np.linspace(-70.0, 29.0, 40), np.linspace(-75.0, 20.0, 30)
    exc.group("left", 15)
    exc.drive(exc, 9.0 + iz.noise(3.0))
    trains = net.poisson("trains", 20, 200.0)
    clicks = net.spike_list("clicks", 5, i=[0, 1, 2, 0], t=[1.0, 2.5, 4.0, 9.0])
    world = World(sim=net, net=net, exc=exc, inh=inh, trains=trains, clicks=clicks, n=40)
    if connected:
        world.synapses = net.connect(
            exc, inh, rule=iz.fixed_outdegree(4), weight=iz.uniform(0.0, 0.3), delay=1.0
        )
        net.connect(trains, inh, rule=iz.fixed_outdegree(2), weight=0.2)
        net.connect(clicks, exc, rule=iz.fixed_outdegree(6), weight=5.0, delay=0.5)
        net.connect(inh, exc, rule=iz.fixed_probability(0.1), weight=-2.0, delay=1.5)
    if ran:
        net.step(ran)
    return world


def two_receptors(*, ran: int = 0, threads: int = 1) -> World:
    """A network in which a pool has two receptors."""
    world = network_of(threads=threads)
    world.net.pool("cells", 20, iz.Izhikevich, receptors={"ampa": iz.AMPA, "gaba": iz.GABA_A})
    if ran:
        world.net.step(ran)
    return world


def written(*, threads: int = 1) -> World:
    """Pools of which traces are kept; parameters and rates were written to in place after a long run."""
    world = network_of(ran=70, threads=threads)
    world.net.record("v", "exc", every=1.0)
    world.net.record("counts", "inh")
    world.inh.tau_ampa[3:9] = 4.0
    world.exc.d[:20] = 6.0
    world.exc.external_input[7] += 2.0
    world.trains.rate[:10] = 300.0
    return world


def blueshell(*, ran: int = 3, threads: int = 1) -> World:
    """The interface of Blue Shell."""
    pool = iz.IzhikevichPool(40, 0.2, 2, 0.1, seed=1, threads=threads)
    pool.history_limit = 6
    pool.v = np.linspace(-70.0, 29.0, 40)
    for _ in range(ran):
        pool.clamp_input(8.0)
        pool.update()
    return World(sim=pool, pool=pool, n=40)


def with_result(**options: Any) -> World:
    """A pool, and the result of a run of which nobody has read yet."""
    world = recorded(**options)
    world.result = world.pool.step(9)
    return world


def with_results(**options: Any) -> World:
    """A pool, and the results of two runs."""
    world = with_result(**options)
    world.later = world.pool.step(5)
    return world


def with_network_results(**options: Any) -> World:
    """A network, and the results of two runs."""
    net = iz.Network(dt=1.0, seed=1, threads=options.get("threads", 1))
    pool = net.pool("exc", 40, iz.Izhikevich)
    pool.drive(pool.group("left", 30), 12.0)
    net.pool("inh", 20, iz.Izhikevich).clamp_input(10.0)
    world = World(sim=net)
    world.result, world.later = net.step(9), net.step(5)
    return world


def failing(t: Any) -> Any:
    """A function of time."""
    return 3.0 + np.sin(np.asarray(t))


def silent(*, ran: int = 3, **options: Any) -> World:
    """A pool in which some neurons are silenced."""
    world = wired(**options)
    world.pool["exc"].silenced = True
    if ran:
        world.pool.step(ran)
    return world


def timed(*, ran: int = 0, **options: Any) -> World:
    """A pool that a user's function drives."""
    world = wired(**options)
    world.pool.drive(world.pool, iz.from_function(failing) + iz.noise(1.0))
    if ran:
        world.pool.step(ran)
    return world


def _scenarios() -> list[Scenario]:
    table: list[Scenario] = []

    def add(covers: str, when: str, build: Any, call: Any, kind: str = "change", **more: Any) -> None:
        fields = ("steps", "first", "also")
        given = {name: more.pop(name) for name in fields if name in more}
        table.append(Scenario(covers, when, build, call, kind, options=more, **given))

    some, halves = iz.uniform(0.0, 1.0), np.arange(60) % 2 == 0

    # Pools: connections

    def connect(**given: Any) -> Callable[[World], Any]:
        given = {"rule": iz.fixed_outdegree(4), "weight": some, "delay": 1.0} | given
        return lambda w: w.pool.connect(w.pool, w.pool, **given)

    pairs = iz.from_arrays([0, 3, 3, 7], [1, 2, 9, 4])
    space = np.random.default_rng(1).random((60, 2))
    near = iz.distance_dependent(space, iz.gaussian_profile(0.2))
    add("Pool.connect", "the first", pool_of, connect())
    add("Pool.connect", "after a run", pool_of, connect(delay=iz.integers(2, 9)), ran=3)
    add("Pool.connect", "beside others that are drawn", wired, connect(), ran=3)
    add("Pool.connect", "to share rows", wired, connect(delay=2.0))
    add("Pool.connect", "drawn degrees", pool_of, connect(rule=iz.fixed_indegree(iz.integers(2, 5))))
    add("Pool.connect", "all to all", pool_of, connect(rule=iz.all_to_all()), n=40)
    add("Pool.connect", "given pairs", pool_of, connect(rule=pairs))
    add("Pool.connect", "by distance", pool_of, connect(rule=near))
    add(
        "Pool.connect",
        "a function of the source",
        pool_of,
        connect(rule=lambda i: [i // 2, i // 3], weight=2.0),
    )
    add(
        "Pool.connect",
        "neurons that are no neighbours",
        pool_of,
        lambda w: w.pool.connect(w.pool[::3], w.pool[[40, 2, 9]], rule=iz.fixed_indegree(2), weight=some),
    )
    add(
        "Pool.connect",
        "from a group",
        pool_of,
        lambda w: w.pool.connect("exc", w.pool[5:], rule=iz.fixed_indegree(2)),
    )

    # Pools: groups, values

    def signed(w: World) -> None:
        """Show whether a sign is declared: weights of the other are refused then."""
        for group in w.pool.groups.values():
            try:
                w.pool.connect(group, w.pool, rule=iz.fixed_outdegree(2), weight=1.0)
            except ValueError:
                w.pool.connect(group, w.pool, rule=iz.fixed_outdegree(2), weight=-1.0)

    add(
        "Pool.group",
        "with a sign",
        pool_of,
        lambda w: w.pool.group("inh", 10, sign="inhibitory"),
        first=signed,
    )
    add("Pool.group", "after a run", wired, lambda w: w.pool.group("more", 10), ran=3)
    add("Pool.set", "one name", wired, lambda w: w.pool.set(v=-60.0), ran=3)
    add("Pool.set", "two names", wired, lambda w: w.pool.set(a=0.1, d=np.linspace(2, 8, w.n)), ran=3)
    add("Pool.set", "a name that another follows", pool_of, lambda w: w.pool.set(b=0.25))
    add(
        "Pool.set",
        "what follows and what it follows",
        pool_of,
        lambda w: w.pool.set(v=-60.0, u=-5.0),
        first=lambda w: w.pool.set(b=0.3),
    )
    add(
        "Pool.set",
        "drawn",
        wired,
        lambda w: w.pool.set(v=iz.normal(-60.0, 5.0), b=iz.uniform(0.1, 0.3)),
        ran=3,
    )
    add("Pool.set", "a preset", pool_of, lambda w: w.pool.set(**iz.presets["FS"]))
    add("Pool.__setattr__", "a variable", wired, lambda w: setattr(w.pool, "v", -60.0), ran=3)
    add("Group.set", "two names", wired, lambda w: w.pool["exc"].set(c=-50.0, d=2.0), ran=3)
    add(
        "Group.__setattr__",
        "a name that another follows",
        pool_of,
        lambda w: setattr(w.pool["exc"], "b", 0.25),
    )
    odd = lambda w: w.pool[1::2]
    add(
        "Group.set",
        "no neighbours",
        wired,
        lambda w: odd(w).set(v=-60.0, d=np.linspace(2, 8, w.n // 2)),
        ran=3,
    )
    add("Group.drive", "neighbours", pool_of, lambda w: w.pool["exc"].drive(iz.noise(4.0)), ran=2)
    add(
        "Group.drive",
        "no neighbours",
        pool_of,
        lambda w: odd(w).drive(3.0 + iz.ornstein_uhlenbeck(4.0, tau=8.0)),
        ran=2,
    )
    add("Group.drive", "adding", driven, lambda w: odd(w).drive(1.0 + iz.noise(4.0), add=True))
    add("Group.clamp_input", "no neighbours", driven, lambda w: odd(w).clamp_input(4.0))
    add("Group.external_input=", "no neighbours", driven, lambda w: setattr(odd(w), "external_input", 4.0))
    add("Group.external_input", "no neighbours", driven, lambda w: odd(w).external_input.sum(), "read")
    add("Group.record", "no neighbours", wired, lambda w: odd(w).record("v"), ran=3)
    add("Pool.random", "at once", pool_of, lambda w: w.pool.random(5))

    # Pools: inputs

    kinds = {
        "a number": 6.0,
        "a number for each": None,
        "a sine": iz.sine(3.0, frequency=40.0),
        "noise": iz.noise(4.0),
        "correlated noise": iz.ornstein_uhlenbeck(4.0, tau=8.0),
        "Poisson trains": iz.poisson(300.0, weight=2.0),
        "a function": iz.from_function(failing),
    }
    for told, current in kinds.items():
        given = np.linspace(0.0, 9.0, 60) if current is None else current
        add("Pool.drive", told, pool_of, lambda w, given=given: w.pool.drive(w.pool, given), ran=2)
    everything = (
        iz.sine(1.0, frequency=30.0) + iz.noise(1.0, start=2.0) + iz.ornstein_uhlenbeck(1.0, tau=5.0)
        + iz.ornstein_uhlenbeck(1.0, tau=2.0) + 5.0 + iz.poisson(200.0, weight=1.0)
    )  # fmt: skip
    add("Pool.drive", "replacing all kinds", driven, lambda w: w.pool.drive(w.pool, everything))
    add("Pool.drive", "replacing a group's", driven, lambda w: w.pool.drive("exc", everything))
    add("Pool.drive", "taking all away", driven, lambda w: w.pool.drive(w.pool, 0.0))
    add("Pool.drive", "before the first run", driven, lambda w: w.pool.drive(w.pool[:9], everything), ran=0)
    more = lambda w: w.pool.drive(w.pool[5:40], everything, add=True)
    add("Pool.drive", "adding all kinds", driven, more)
    add("Pool.drive", "adding all kinds before the first run", driven, more, ran=0)
    add("Pool.clamp_input", "a number", pool_of, lambda w: w.pool.clamp_input(5.0))
    add("Pool.clamp_input", "a number for each", driven, lambda w: w.pool.clamp_input(np.linspace(0, 9, w.n)))
    add("Pool.external_input=", "after a run", driven, lambda w: setattr(w.pool, "external_input", 8.0))

    # Pools: silence

    add("Pool.silenced=", "all, before a run", wired, lambda w: setattr(w.pool, "silenced", True))
    add("Pool.silenced=", "some, after a run", wired, lambda w: setattr(w.pool, "silenced", halves), ran=3)
    add("Group.silenced=", "a group", wired, lambda w: setattr(w.pool["exc"], "silenced", True), ran=3)
    add("Group.silenced=", "back", silent, lambda w: setattr(w.pool["exc"][::2], "silenced", False))
    add("Pool.silenced", "some", silent, lambda w: w.pool.silenced, "read")
    add("Group.silenced", "some", silent, lambda w: w.pool[20:].silenced, "read")

    # Pools: what is recorded

    add("Pool.record", "counts", wired, lambda w: w.pool.record("counts"))
    add("Pool.record", "counts, of a few", wired, lambda w: w.pool.record("counts", neurons=[1, 2]), ran=2)
    add("Pool.record", "spikes of a few", recorded, lambda w: w.pool.record("spikes", neurons=w.pool[20:]))
    add("Pool.record", "another trace", recorded, lambda w: w.pool.record("u", neurons=[1, 2], every=3.0))
    add("Pool.record", "a trace of more", recorded, lambda w: w.pool.record("v", neurons=[9, 1], every=2.0))
    add("Pool.record", "several names", recorded, lambda w: w.pool.record(["u", "counts"], neurons=["exc"]))
    add("Pool.record", "a trace anew", recorded, lambda w: w.pool.record("v", every=3.0))
    add("Pool.record", "a mean", recorded, lambda w: w.pool.record("u", neurons="exc", mean=True, every=2.0))

    # Pools: time

    add("Pool.prepare", "the first time", wired, lambda w: w.pool.prepare(), "settle")
    add("Pool.prepare", "again", wired, lambda w: w.pool.prepare(), "settle", ran=1)
    add("Pool.prepare", "driven, and sharing rows", shared, lambda w: w.pool.prepare(), "settle", ran=0)
    run = lambda w: w.pool.run(40.0)
    add("Pool.run", "the first", wired, run, "advance", steps=40)
    add("Pool.run", "later", driven, run, "advance", steps=40)
    add("Pool.run", "drawing shared rows", shared, run, "advance", steps=40, ran=0)
    add("Pool.run", "drawing what is dense", dense, run, "advance", steps=40, ran=0, weight=some)
    add("Pool.run", "with traces", recorded, run, "advance", steps=40)
    add("Pool.run", "with a user's function", timed, run, "advance", steps=40)
    add("Pool.run", "after weights were written", rewritten, run, "advance", steps=40)
    add(
        "Pool.run",
        "long enough to look for equal tiles",
        wired,
        lambda w: w.pool.run(90.0),
        "advance",
        steps=90,
        ran=2,
    )
    calling = lambda w: w.pool.run(40.0, every={7.0: lambda pool: pool.v.sum()}, realtime=1e6)
    add("Pool.run", "calling a function, at a pace", recorded, calling, "advance", steps=40)
    add("Pool.stop", "without a run", wired, lambda w: w.pool.stop(), "read")
    step = lambda w: w.pool.step(5)
    add("Pool.step", "the first", wired, step, "advance", steps=5)
    add("Pool.step", "later", recorded, step, "advance", steps=5)
    update = lambda w: w.pool.update()
    add("Pool.update", "the first", wired, update, "advance", steps=1)
    add("Pool.update", "after a run", driven, update, "advance", steps=1)
    add("Pool.update", "after an update", updated, update, "advance", steps=1)
    add("Pool.update", "with a user's function", timed, update, "advance", steps=1)
    add("Pool.update", "after connect", updated, update, "advance", steps=1, later=True)

    reset = lambda w: w.pool.reset()
    other = lambda w: w.pool.reset(noise_seed=5)
    add("Pool.reset", "after a run", driven, reset)
    add("Pool.reset", "other noise", driven, other)
    add("Pool.reset", "other noise, before the first run", driven, other, ran=0)
    add("Pool.reset", "sharing rows, with traces", recorded, reset)
    add("Pool.reset", "with a connection that is not drawn", updated, reset, later=True)

    # Pools: helpers beside the caller

    add("Pool.prepare", "on two threads", wired, lambda w: w.pool.prepare(), "settle", threads=2)
    add("Pool.run", "the first, on two threads", shared, run, "advance", steps=40, ran=0, threads=2)
    add("Pool.update", "the first, on two threads", wired, update, "advance", steps=1, threads=2)

    # Checkpoints

    def keep(w: World) -> World:
        w.kept = w.sim.store()
        return w

    def moved_on(build: Any) -> Callable[..., World]:
        def made(**options: Any) -> World:
            w = keep(build(**options))
            if "synapses" in vars(w) and len(w.synapses):
                w.synapses.weights = 0.5
            first = next(iter(members(w.sim).values()))
            first[: len(first) // 2].silenced = True
            first.drive(first, iz.ornstein_uhlenbeck(2.0, tau=3.0))
            w.sim.step(4)
            return w

        return made

    for told, build, kept in (("a pool", shared, "Pool"), ("a network", network_of, "Network")):
        add(f"{kept}.save", told, build, _save, "read", ran=3)
        add(f"{kept}.store", told, build, lambda w: w.sim.store(), "read", ran=3)
        back = lambda w: w.sim.restore(w.kept)
        add(f"{kept}.restore", told, moved_on(build), back, ran=3)
    add("Pool.restore", "with a gain", moved_on(shared), lambda w: w.sim.restore(w.kept), gain=0.5)
    add("Pool.store", "before the first run", shared, lambda w: w.sim.store(), "settle", ran=0)
    add("Pool.restore", "of Blue Shell", moved_on(blueshell), lambda w: w.sim.restore(w.kept))

    # Pools: reading

    for told, read in {
        "synapses": lambda w: w.pool.synapses, "nbytes": lambda w: w.pool.nbytes, "summary": lambda w: w.pool.summary(),
        "threads_in_use": lambda w: w.pool.threads_in_use, "noise_sd": lambda w: w.pool.noise_sd,
        "external_input": lambda w: w.pool.external_input.sum(), "groups": lambda w: w.pool.groups,
        "memory_estimate": lambda w: w.pool.memory_estimate(w.pool, w.pool, rule=near, weight=some),
    }.items():  # fmt: skip
        add(f"Pool.{told}", "before the first run", wired, read, "read")

    # Networks

    add("Network.pool", "before a run", network_of, lambda w: w.net.pool("more", 20, iz.Izhikevich))
    add("Network.pool", "after a run", network_of, lambda w: w.net.pool("more", 20, iz.Izhikevich), ran=3)
    add("Network.poisson", "before a run", network_of, lambda w: w.net.poisson("more", 9, 100.0))
    add(
        "Network.poisson",
        "a function, after a run",
        network_of,
        lambda w: w.net.poisson("more", 9, lambda t: 100.0 + 0 * np.asarray(t)),
        ran=3,
    )
    add(
        "Network.spike_list",
        "before a run",
        network_of,
        lambda w: w.net.spike_list("more", 3, i=[0, 2], t=[3.0, 4.0]),
    )
    add(
        "Network.spike_list",
        "after a run",
        network_of,
        lambda w: w.net.spike_list("more", 3, i=[0, 2], t=[3.0, 4.0]),
        ran=3,
    )
    add(
        "Network.connect",
        "before a run",
        network_of,
        lambda w: w.net.connect("exc", "inh", rule=iz.fixed_outdegree(3), weight=some, receptor="ampa"),
    )
    add(
        "Network.connect",
        "after a run",
        network_of,
        lambda w: w.net.connect("inh", "exc.left", rule=iz.fixed_outdegree(3), weight=some, delay=4.0),
        ran=3,
    )
    add(
        "Network.connect",
        "onto two receptors",
        two_receptors,
        lambda w: w.net.connect(
            "exc", "cells", rule=iz.fixed_outdegree(3), receptor={"ampa": 1.0, "gaba": 0.5}
        ),
        ran=3,
    )
    add("Network.drive", "a pool", network_of, lambda w: w.net.drive("inh", everything), ran=3)
    add(
        "Network.drive",
        "a group",
        network_of,
        lambda w: w.net.drive("exc.left", iz.ornstein_uhlenbeck(3.0, tau=4.0)),
    )
    add("Network.drive", "adding", network_of, lambda w: w.net.drive("exc", everything, add=True), ran=3)
    add("Network.record", "counts of all", network_of, lambda w: w.net.record("counts"))
    add("Network.record", "a trace of all pools", network_of, lambda w: w.net.record("v", every=1.0), ran=3)
    add(
        "Network.record",
        "lists",
        network_of,
        lambda w: w.net.record(["v", "I"], ["exc.left", "exc[::9]", "inh"]),
    )
    add("Network.record", "means", network_of, lambda w: w.net.record("v", ["exc.left", "inh"], mean=True))
    add("Network.record", "a current", network_of, lambda w: w.net.record("I_ampa", "inh[::2]"), ran=3)
    add("Network.record", "one pool", network_of, lambda w: w.net.record("spikes", "exc", neurons=[1, 2]))
    add("Network.prepare", "the first time", network_of, lambda w: w.net.prepare(), "settle")
    add("Network.prepare", "again", network_of, lambda w: w.net.prepare(), "settle", ran=1)
    run = lambda w: w.net.run(15.0)
    add("Network.reset", "after a run", network_of, lambda w: w.net.reset(), ran=9)
    add("Network.reset", "other noise", written, lambda w: w.net.reset(noise_seed=5))
    add("Network.run", "the first", network_of, run, "advance", steps=30)
    add("Network.run", "later", network_of, run, "advance", steps=30, ran=3)
    add("Network.stop", "without a run", network_of, lambda w: w.net.stop(), "read")
    calling = lambda w: w.net.run(15.0, every={4.0: lambda net: net["exc"].v.sum()})
    add("Network.run", "calling a function", network_of, calling, "advance", steps=30)
    add("Network.step", "the first", network_of, lambda w: w.net.step(4), "advance", steps=4)
    add("Network.step", "later", network_of, lambda w: w.net.step(4), "advance", steps=4, ran=3)
    add("Network.update", "the first", network_of, lambda w: w.net.update(), "advance", steps=1)
    add("Network.update", "later", network_of, lambda w: w.net.update(), "advance", steps=1, ran=3)
    add("Network.run", "after parameters were written", written, run, "advance", steps=70)
    add("Network.step", "after parameters were written", written, lambda w: w.net.step(2), "advance", steps=2)
    add(
        "Network.update",
        "after parameters were written",
        written,
        lambda w: w.net.update(),
        "advance",
        steps=1,
    )
    for told, read in {
        "summary": lambda w: w.net.summary(), "synapses": lambda w: w.net.synapses, "nbytes": lambda w: w.net.nbytes,
        "memory_estimate": lambda w: w.net.memory_estimate("exc", "inh", rule=iz.fixed_outdegree(3)),
    }.items():  # fmt: skip
        add(f"Network.{told}", "before the first run", network_of, read, "read")

    # Sources

    rates = np.linspace(0.0, 500.0, 20)
    add("Sources.set", "rates", network_of, lambda w: w.trains.set(rate=rates), ran=3)
    add("Sources.__setattr__", "rate, before a run", network_of, lambda w: setattr(w.trains, "rate", 400.0))
    add(
        "Group.__setattr__",
        "rate of some sources",
        network_of,
        lambda w: setattr(w.trains[:5], "rate", 400.0),
        ran=3,
    )
    add("Sources.record", "counts", network_of, lambda w: w.trains.record("counts", neurons=[1, 2]), ran=3)
    add(
        "SpikeList.set_spikes",
        "before a run",
        network_of,
        lambda w: w.clicks.set_spikes(i=[3, 4], t=[2.0, 3.0]),
    )
    add(
        "SpikeList.set_spikes",
        "after a run",
        network_of,
        lambda w: w.clicks.set_spikes(i=[3, 4, 0, 1, 2], t=[2.0, 3.0, 3.0, 4.0, 5.0]),
        ran=3,
    )
    add("SpikeList.set_spikes", "none", network_of, lambda w: w.clicks.set_spikes(i=[], t=[]), ran=3)

    # Synapses: writing

    def write(value: Any) -> Callable[[World], Any]:
        def call(w: World) -> None:
            w.synapses.weights = np.linspace(0.0, 3.0, len(w.synapses)) if value is None else value

        return call

    number, each = write(0.7), write(None)
    for told, build, options in (
        ("not drawn", wired, {"ran": 0}), ("own rows", wired, {"ran": 3}), ("shared rows", shared, {}),
        ("shared rows, with a gain", shared, {"gain": 0.5}), ("one weight for all", equal, {}),
        ("all to all", dense, {}), ("all to all, each its own", dense, {"weight": some}),
    ):  # fmt: skip
        add("Synapses.weights=", f"a number; {told}", build, number, **options)
        add("Synapses.weights=", f"an array; {told}", build, each, **options)
        add("Synapses.__setitem__", told, build, _set_some, **options)
        add("Synapses.normalize", told, build, lambda w: w.synapses.normalize(3.0), **options)
        add("Synapses.gain=", told, build, lambda w: setattr(w.synapses, "gain", 0.25), **options)
    add("Synapses.weights=", "shared rows, not drawn, with a gain", shared, each, ran=0, gain=0.5)
    add("Synapses.weights=", "in a network", network_of, each, ran=3)
    add("Synapses.gain=", "in a network", network_of, lambda w: setattr(w.synapses, "gain", 3.0), ran=3)
    add("Synapses.gain=", "after a gain", shared, lambda w: setattr(w.synapses, "gain", 2.0), gain=0.5)

    add("Synapses.weights=", "shared rows with a gain, on two threads", shared, each, gain=0.5, threads=2)

    # Synapses that learn: writing

    def several(w: World) -> None:
        w.synapses.set(U=0.3, tau_rec=90.0, u=0.7, x=np.linspace(0.2, 1.0, len(w.synapses)))

    def narrow(w: World) -> None:
        w.synapses.set(w_max=0.5, weights=0.25, A_plus=0.02)

    pairs = iz.PairSTDP(A_plus=0.1)
    for told, ran in (("not drawn", 0), ("drawn", 3)):
        add("Synapses.set", f"parameters and variables; {told}", ruled, several, ran=ran)
        add("Synapses.set", f"bounds and weights; {told}", ruled, narrow, ran=ran, rule=pairs)
        add("Synapses.learning=", told, ruled, lambda w: setattr(w.synapses, "learning", False), ran=ran)
        add(
            "Synapses.__setattr__", told, ruled, lambda w: setattr(w.synapses, "x", iz.uniform(0, 1)), ran=ran
        )
        add("Synapses.__getattr__", told, ruled, lambda w: w.synapses.x, "read", ran=ran)
    add("Synapses.set", "on two threads", ruled, several, threads=2)
    signalled = lambda w: w.synapses.set(tau_d=90.0, c=0.25, A_plus=0.2)
    modulating = lambda w: w.synapses.modulate(d=0.5)
    for told, ran in (("not drawn", 0), ("drawn", 3)):
        options = {"ran": ran, "rule": iz.DopamineSTDP(w_max=4.0)}
        add("Synapses.modulate", told, ruled, modulating, **options)
        add("Synapses.set", f"with a modulator; {told}", ruled, signalled, **options)
        add(
            "Synapses.normalize", f"that learn; {told}", ruled, lambda w: w.synapses.normalize(2.0), **options
        )
        add(
            "Synapses.learning=", f"with a modulator; {told}", ruled,
            lambda w: setattr(w.synapses, "learning", False), **options,
        )  # fmt: skip
        add("Synapses.modulators", told, ruled, lambda w: w.synapses.modulators, "read", **options)
    add("Synapses.modulate", "on two threads", ruled, modulating, threads=2, rule=iz.DopamineSTDP())
    add("Pool.reset", "with modulators", ruled, reset, rule=iz.DopamineSTDP())
    taus = lambda w: w.synapses.set(tau_plus=9.0, tau_minus=40.0)
    add("Synapses.set", "time constants of traces", ruled, taus, ran=0, rule=pairs)

    # Synapses: removing

    remove = lambda w: w.synapses.remove()
    for told, build, options in (
        ("not drawn", wired, {"ran": 0}), ("own rows", wired, {"ran": 3}), ("shared rows", shared, {}),
        ("shared rows, not drawn", shared, {"ran": 0}), ("shared rows, with a gain", shared, {"gain": 0.5}),
        ("all to all", dense, {}), ("in a network", network_of, {"ran": 3}),
    ):  # fmt: skip
        add("Synapses.remove", told, build, remove, **options)

    # Synapses: recording

    recording = lambda w: w.synapses.record(every=2 * w.sim.dt)
    for told, build, options in (
        ("not drawn", wired, {"ran": 0}), ("own rows", wired, {"ran": 3}), ("all to all", dense, {}),
        ("shared rows, with a gain", shared, {"gain": 0.5}), ("in a network", network_of, {"ran": 3}),
    ):  # fmt: skip
        add("Synapses.record", told, build, recording, **options)
    add(
        "Synapses.record",
        "once more, of some",
        weighed,
        lambda w: w.synapses.record(every=1.0, pre=slice(0, 9)),
    )
    add("Synapses.record", "no more", weighed, lambda w: w.synapses.record(every=None))
    add("Synapses.remove", "with weights recorded", weighed, remove)
    add("Synapses.record", "variables", ruled, lambda w: w.synapses.record(["x", "u"], every=2.0))
    add("Synapses.remove", "that learn, with variables recorded", ruled, remove, recorded=True)
    add("Pool.run", "with variables", ruled, lambda w: w.pool.run(40.0), "advance", steps=40, recorded=True)
    add("Pool.run", "with weights", weighed, lambda w: w.pool.run(40.0), "advance", steps=40)
    add("Pool.reset", "with weights", weighed, reset)
    add("Pool.reset", "with synapses that learn", ruled, reset)

    # Synapses: reading

    reading = {
        "weights": lambda w: w.synapses.weights, "to_arrays": lambda w: w.synapses.to_arrays(),
        "summary": lambda w: w.synapses.summary(), "nbytes": lambda w: w.synapses.nbytes,
        "delays": lambda w: w.synapses.delays, "drawn": lambda w: w.synapses.drawn,
        "rule": lambda w: w.synapses.rule, "shared_weight": lambda w: w.synapses.shared_weight,
        "to_scipy": lambda w: w.synapses.to_scipy(), "to_networkx": lambda w: w.synapses.to_networkx(),
    }  # fmt: skip
    for told, read in reading.items():
        add(f"Synapses.{told}", "before drawing", wired, read, "read")
    add("Synapses.weights", "shared rows with a gain", shared, reading["weights"], "read", gain=0.5)
    add("Synapses.summary", "a number that must be drawn", by_chance, reading["summary"], "read")
    add("Synapses.to_arrays", "a number that must be drawn", by_chance, reading["to_arrays"], "read")
    add("Synapses.__getitem__", "before drawing", wired, lambda w: w.synapses[3, :], "read")
    add(
        "Synapses.__getitem__",
        "shared rows with a gain",
        shared,
        lambda w: w.synapses[3, :],
        "read",
        gain=0.5,
    )
    add("Synapses.__len__", "a number that must be drawn", by_chance, lambda w: len(w.synapses), "read")
    add("Synapses.__repr__", "a number that must be drawn", by_chance, lambda w: repr(w.synapses), "read")

    # Blue Shell

    add(
        "IzhikevichPool.history_limit=",
        "after updates",
        blueshell,
        lambda w: setattr(w.pool, "history_limit", 4),
    )
    add("Pool.reset", "with voltages of updates", blueshell, reset)
    add("IzhikevichPool.update", "the first", blueshell, update, "advance", steps=1, ran=0)
    add("IzhikevichPool.update", "later", blueshell, update, "advance", steps=1)
    add(
        "IzhikevichPool.update",
        "without history",
        blueshell,
        lambda w: w.pool.update(record_history=False),
        "advance",
        steps=1,
    )
    add("IzhikevichPool.history_limit", "after updates", blueshell, lambda w: w.pool.history_limit, "read")
    add(
        "IzhikevichPool.voltage_history", "after updates", blueshell, lambda w: w.pool.voltage_history, "read"
    )

    # Results, which put together what they are asked for

    for told, read in {"spikes": lambda w: w.result.spikes, "traces": lambda w: w.result.traces["v"]}.items():
        add(f"Result.{told}", "the first time", with_result, read, "read", also=lambda w: of_result(w.result))
    whole = {
        "Result": (with_results, lambda w: w.result["exc"].spikes),
        "NetworkResult": (with_network_results, lambda w: w.result["exc.left"].spikes),
    }
    for owner, (build, read) in whole.items():
        add(f"{owner}.__getitem__", "of a group", build, read, "read", also=lambda w: of_result(w.result))
        add(
            f"{owner}.__add__",
            "the next run",
            build,
            lambda w: (w.result + w.later).counts,
            "read",
            also=lambda w: of_result(w.result) | of_result(w.later),
        )
    return table  # fmt: skip


def _save(w: World) -> None:
    with tempfile.TemporaryDirectory() as folder:
        w.sim.save(Path(folder) / "saved.izhi")


def _set_some(w: World) -> None:
    w.synapses[:9, :] = 2.5


def rewritten(**options: Any) -> World:
    """Shared rows into which something was written since the last run."""
    world = shared(**options)
    world.synapses.weights = 1.0
    return world


def updated(*, later: bool = False, **options: Any) -> World:
    """A pool in a closed loop."""
    world = wired(**options)
    world.pool.update()
    world.pool.update()
    if later:
        world.pool.connect(world.pool, world.pool, rule=iz.fixed_outdegree(2), weight=1.0)
    return world


def by_chance(**options: Any) -> World:
    """Synapses of which the number is drawn."""
    world = pool_of(**options)
    world.synapses = world.pool.connect(
        world.pool, world.pool, rule=iz.fixed_probability(0.2), weight=iz.uniform(0.0, 1.0)
    )
    return world


SCENARIOS = _scenarios()
