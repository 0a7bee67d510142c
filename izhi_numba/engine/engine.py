"""The engine: populations advanced in step, one clock, and the call of the compiled steps.

A pool alone is an engine with one population. Projections are drawn when they are first needed, so that those
between the same neurons can share their rows.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.changes import Assign, Change, Changes, Copy
from izhi_numba.base.checks import FreeMemory
from izhi_numba.base.doubts import Doubts
from izhi_numba.base.memory import aligned_zeros
from izhi_numba.engine.budget import Budget
from izhi_numba.engine.learning import Lost
from izhi_numba.engine.link import Link
from izhi_numba.engine.moments import Moments
from izhi_numba.engine.neurons import Neurons
from izhi_numba.engine.population import Population, Setting, history_bytes
from izhi_numba.engine.weighing import Weigher, Weighing, unit_of
from izhi_numba.engine.wiring import Wiring, ports_of
from izhi_numba.kernels import team
from izhi_numba.kernels.rng import TILE
from izhi_numba.kernels.run import step
from izhi_numba.kernels.run.deliver import MOST_VISITS
from izhi_numba.kernels.run.rest import GROUP, MOST_ROWS
from izhi_numba.results.profile import Meter
from izhi_numba.results.recorder import NO_SPIKES, Keeping, Recorder, Room, Wishes
from izhi_numba.results.stream import Stream
from izhi_numba.results.weights import Weighed
from izhi_numba.synapses.learning import Learning, Site
from izhi_numba.synapses.projection import LettingGo, Place, Projection, Shared
from izhi_numba.synapses.remembered import Arriving, Logged, Recent, Remembered, remembered
from izhi_numba.synapses.store import Store, draw_all, expected_load
from izhi_numba.synapses.ways import Load, Sums, is_sent

_WORTH_A_LOOK = 64  # steps for which equal parameters are looked for


@dataclass(frozen=True)
class Failure:
    """A function of time that could not be computed."""

    step: int  # the first one
    population: int  # that it drives
    error: Exception


class Ruled(NamedTuple):
    """By which rule synapses learn, and from what on; see :class:`Projection`."""

    learning: Learning | None
    is_learning: bool
    started: Mapping[str, Array]


class Moment(NamedTuple):
    """Where an engine stands in time."""

    step: int
    noise_seed: int
    identity: str  # of the setting
    since: Mapping[int, int]  # by the number of a projection, the step after which it carries spikes
    rules: Mapping[int, Ruled]  # likewise
    noise: Sequence[Array]  # random numbers of each population
    spikes: Sequence[list[tuple[int, Array, Array]]]  # under way, of each population: as ``spikes_under_way``
    # What synapses that learn remember, by the number of their projection, and for each population.
    remembered: Mapping[int, Remembered]
    logs: Sequence[list[Logged]]
    sent: Sequence[list[Arriving]]
    recent: Sequence[list[Recent]]


class Engine:
    """Populations of one precision and step, and the projections between them.

    Who changes it or runs it does so in his turn: ``with engine.changes: ...``.

    Attributes
    ----------
    setting : Setting
        Step, precision, threads and clock of all populations.
    key : uint32 array (2,)
        The seed of what is drawn for projections.
    noise_seed : int
        Of what is drawn while time goes on.
    changes : Changes
    populations : tuple of Population
        Replaced as a whole.
    projections : list of Projection
        In the order in which they were connected.
    n_removed : int
        Projections that were connected and are gone; their numbers are not given again.
    failure : Failure or None
        What has ended the run.
    is_stopping : bool
        Whether the run that is under way is to end; may be set by any thread.
    keeping : Keeping
        Where what runs record is held.
    weighed : tuple of Weighed
        Of which synapses runs record weights and variables, by the number of the projection.
    lost : Lost or None
        The weight that the last run has made something that is not finite.
    stream : Stream or None
        The file that the last run has recorded to.
    is_loaded : bool
        Whether it was loaded, and nobody has said since that runs record to a file.
    free_memory : FreeMemory
        For projections that are not drawn yet; another one once they are.
    """

    def __init__(self, dt: float, dtype: np.dtype[Any], key: Array, noise_seed: int, threads: int) -> None:
        self.changes = Changes()
        self.setting = Setting(
            dt, dtype, threads, np.zeros(1, np.int64), self.changes, Doubts(), secrets.token_hex(8)
        )  # fmt: skip
        self.key, self.noise_seed = key, noise_seed
        self.populations: tuple[Population, ...] = ()
        self.projections: list[Projection] = []
        self.n_removed = 0
        self.shared = Shared(self.changes)
        self.failure: Failure | None = None
        self.lost: Lost | None = None
        self.is_stopping = False
        self.keeping = Keeping()
        self.weighed: tuple[Weighed, ...] = ()
        self._weighers: list[Weigher] = []  # of the last run
        self.stream: Stream | None = None
        self.is_loaded = False
        self.free_memory = FreeMemory()
        self._wiring = Wiring((), (), (), (), 0, Budget(), threads)
        self._budget: tuple[Wiring, Budget] = self._wiring, Budget()
        self._is_warm = False  # whether the steps are in memory
        self._call_to_keep: tuple[Recorder, Room, int] | None = None  # and the step at which it began
        self._steps = step.steps(dtype)
        self._scratch = _work_space(threads, dtype)

    @property
    def dt(self) -> float:
        """Step, ms."""
        return self.setting.dt

    @property
    def dtype(self) -> np.dtype[Any]:
        """Precision."""
        return self.setting.dtype

    @property
    def threads(self) -> int:
        """Threads that may share the work."""
        return self.setting.threads

    @property
    def steps_done(self) -> int:
        """Steps so far."""
        return int(self.setting.clock[0])

    @property
    def budget(self) -> Budget:
        """Memory that is still to be taken, with all projections that there are."""
        wiring, budget = self._budget
        if wiring is not self._wiring:
            wiring, budget = self._wiring, self._wiring.budget
        for population in self.populations[len(budget.shares) :]:
            budget = budget.with_population(population)
        for projection in self.projections[budget.n_projections :]:
            one = projection
            budget = budget.with_projection(one.plan, one.source, one.target, one.sums, one.since)
        self._budget = wiring, budget
        return budget

    @property
    def nbytes(self) -> int:
        """Bytes held, and what is not drawn yet will take at most."""
        return sum(self.nbytes_of(number) for number in range(len(self.populations)))

    def nbytes_of(self, number: int) -> int:
        """Bytes of a population with the synapses onto it."""
        stored = sum(link.nbytes for link in self._wiring.links if link.target == number)
        return self.units_nbytes(number) + stored + self.budget.bytes_onto(number)

    def units_nbytes(self, number: int) -> int:
        """Bytes of a population without synapses."""
        population = self.populations[number]
        if number < len(self._wiring.wired):
            wiring = self._wiring
            return population.nbytes + wiring.wired[number].nbytes + wiring.watch.nbytes_of(number)
        return population.nbytes + history_bytes(population.n, 0)

    @property
    def threads_in_use(self) -> int:
        """Threads that have a block of their own, or will have."""
        return min(self.threads, sum(len(share.blocks) - 1 for share in self.budget.shares))

    def spikes_under_way(self, number: int) -> list[tuple[int, Array, Array]]:
        """Step, units and times within the step of the spikes of a population that may still arrive."""
        if number >= len(self._wiring.wired):
            return []
        history, now = self._wiring.wired[number].history, self.steps_done
        stamps = range(max(0, now - len(history.spikes) + 1), now + 1)
        return [(stamp, *listed) for stamp in stamps if len((listed := history.listed(stamp))[0])]

    def remembered(self) -> dict[str, Any]:
        """What synapses that learn remember, by the names that a moment has; to be called in one's turn."""
        self.bring_up_to_date()
        links = [link for link in self._wiring.links if link.learning is not None]
        populations = [one.remembered() for one in self._wiring.wired]
        populations += [([], [], [])] * (len(self.populations) - len(populations))
        return {
            "remembered": {link.number: remembered(link.store, link.sites, link.signals) for link in links},
            "logs": [logs for logs, _, _ in populations],
            "sent": [sent for _, sent, _ in populations],
            "recent": [recent for _, _, recent in populations],
        }

    def spiked(self, number: int, stamp: int) -> Array:
        """Units of a population that spiked in one of the last steps."""
        return self._wiring.wired[number].history.listed(stamp)[0]

    @property
    def next_number(self) -> int:
        """Number of the next projection, from which its random numbers follow."""
        return len(self.projections) + self.n_removed

    def connect(self, projections: list[Projection], budget: Budget) -> None:
        """Add projections, which carry the spikes from the next step on; ``budget`` is that with them."""
        self.projections.extend(projections)  # one instruction
        self._budget = self._wiring, budget

    def remove(self, projection: Projection) -> None:
        """Take a projection out, with its spikes that are under way, and free its memory.

        What synapses that learn, and have dendrites, have sent before is in sums that cannot be made without
        them: it arrives, as with a gain of 0 from now on.
        """
        rest = [one for one in self.projections if one is not projection]
        wiring, changes = self._wiring, list[Change]()
        if projection.place is not None:
            if projection.learning is not None:
                self.bring_up_to_date()  # which sends all that they have sent
            wiring, changes = self._without(projection, projection.place)
        self.changes.publish(
            *changes, LettingGo(projection), Assign(self, "projections", rest),
            Assign(self, "n_removed", self.n_removed + 1), Assign(self, "_wiring", wiring),
            *self._weighing([one for one in self.weighed if one.number != projection.number]),
            Assign(self, "_budget", (wiring, wiring.budget)), Assign(self, "free_memory", FreeMemory()),
        )  # fmt: skip

    def weigh(self, number: int, wishes: Mapping[str, Weighed | None]) -> None:
        """Have runs record variables of the synapses of a projection, by their names, or no more."""
        others = [one for one in self.weighed if one.number != number or one.variable not in wishes]
        self.changes.publish(*self._weighing([*others, *filter(None, wishes.values())]))

    def _weighing(self, wishes: Sequence[Weighed]) -> list[Change]:
        """Prepare that runs record this of synapses."""
        weighers = [one for one in self._weighers if one.wish in wishes]
        ordered = tuple(sorted(wishes, key=lambda one: (one.number, one.variable)))
        return [Assign(self, "weighed", ordered), Assign(self, "_weighers", weighers)]

    def unit_of(self, projection: Projection, variable: str) -> str:
        """Unit of a weight, or of a variable, of synapses; empty where there is none."""
        target = self.populations[projection.target]
        assert isinstance(target, Neurons)
        return unit_of(target, projection, variable)

    def key_of(self, number: int) -> Array:
        """Random numbers of what is drawn now for a population."""
        return self.populations[number].key

    def sites(self, number: int) -> Sequence[Site]:
        """What blocks hold of a projection that learns, and is drawn."""
        return next(link.sites for link in self._wiring.links if link.number == number)

    def _without(self, projection: Projection, place: Place) -> tuple[Wiring, list[Change]]:
        """Return the wiring without a projection that is drawn, and what changes for those in its store."""
        before, version = self._wiring, self.shared.contents
        ruled, changes = self._ruled_as_now()
        links = [link for link in ruled if link.store is not place.store]
        if not place.alone:
            store = place.store.without(place.member)
            links = [replace(link, store=store) if link.store is place.store else link for link in ruled]
            sharing = [one for one in self.projections if one.place and one.place.store is place.store]
            sharing.remove(projection)
            changes += [one.moved(store, number) for number, one in enumerate(sharing)]
        populations, bounds = (
            [getattr(one, name) for one in before.wired] for name in ("population", "bounds")
        )
        n_drawn = before.n_drawn - 1
        budget = replace(before.budget, n_projections=n_drawn)
        wiring = Wiring(populations, links, bounds, before.wired, n_drawn, budget, self.threads)
        return wiring, [*changes, Assign(self.shared, "wired", version)]

    def silence(self, population: Neurons, silenced: Array | None) -> None:
        """Set which neurons of a population are silenced."""
        self.shared.contents += 1  # so that it is wired anew
        self.changes.publish(Assign(population, "silenced", silenced))

    # Drawing and wiring

    @property
    def settled(self) -> bool:
        """Whether all that there is is drawn and wired."""
        wiring, shared = self._wiring, self.shared
        return (
            wiring.n_drawn == len(self.projections)
            and len(wiring.wired) == len(self.populations)
            and shared.wired == shared.contents
        )

    def settle(self) -> None:
        """Draw the projections that are not drawn yet, and wire the populations."""
        if self.settled:
            return
        shared, budget, before = self.shared, self.budget, self._wiring
        version, bounds = shared.contents, [share.blocks for share in budget.shares]
        (links, changes), groups = self._ruled_as_now(), self._undrawn()
        sent, stores = self._sent(before.links, groups), list[Store]()
        for members in groups:
            one, plans = members[0], [member.plan for member in members]
            cut, sums = budget.shares[one.target].cut, one.sums
            by_source = expected_load(plans).is_by_source(cut, sent=sent[one.target][sums])
            store = Store(plans, bounds[one.target], self.threads, by_source=by_source)
            stores.append(store)
            links.append(
                Link(
                    store, one.number, one.source, one.target, sums, one.since, one.learning,
                    is_on=one.is_learning,
                )
            )  # fmt: skip
        draw_all(stores, budget.work)
        first = len(links) - len(groups)
        links[first:] = [
            link.beginning(members[0].started) for link, members in zip(links[first:], groups, strict=True)
        ]
        for members, store in zip(groups, stores, strict=True):
            for number, member in enumerate(members):
                changes.append(member.placed(store, number))
        wiring = Wiring(
            self.populations, links, bounds, before.wired, len(self.projections), budget, self.threads
        )
        self.changes.publish(
            *changes, Assign(self, "_wiring", wiring), Assign(self, "_budget", (wiring, wiring.budget)),
            Assign(shared, "wired", version), Assign(self, "free_memory", FreeMemory()),
        )  # fmt: skip

    def _ruled_as_now(self) -> tuple[list[Link], list[Change]]:
        """Links of what is drawn, with the parameters set since they were wired; and what changes."""
        rules, now = {one.number: one for one in self.projections}, self.steps_done
        links, changes = list[Link](), list[Change]()
        for link in self._wiring.links:
            ruled = link
            if link.learning is not None:
                one = rules[link.number]
                ruled = link.ruled(one.learning, now, is_on=one.is_learning)
            if ruled.signals is not link.signals:  # of which all rows have heard the first one
                changes += [Copy(site.heard, 1) for site in ruled.sites]
            links.append(ruled)
        return links, changes

    def expected_bytes(self, projection: Projection) -> int:
        """Bytes that a projection will take at most that is not drawn yet."""
        share, plan = self.budget.shares[projection.target], projection.plan
        by_source = share.is_by_source(plan.load, projection.sums)
        return plan.stored(share.cut.n_blocks, by_source=by_source)

    def _sent(self, links: Sequence[Link], groups: Sequence[list[Projection]]) -> dict[int, dict[Sums, bool]]:
        """Whether rows will be visited when spikes are sent, for the sums onto each population.

        With the groups that are not drawn yet.
        """
        loads: dict[int, list[tuple[Sums, Load]]] = {}
        for link in links:
            loads.setdefault(link.target, []).append((link.sums, link.store.expected))
        for members in groups:
            load = expected_load([member.plan for member in members])
            loads.setdefault(members[0].target, []).append((members[0].sums, load))
        found = {}
        for target, its in loads.items():
            cut = self.budget.shares[target].cut
            found[target] = {sums: is_sent(sums, port, cut) for sums, port in ports_of(its, cut).items()}
        return found

    def _undrawn(self) -> list[list[Projection]]:
        """Projections that are not drawn yet, those together that can share rows.

        The weights of a spike are added in the order of the projections. So two of them cannot share rows
        where one in between, to the same receptor, has some of their sources.
        """
        groups: list[list[Projection]] = []
        last: dict[Any, int] = {}  # by what they share: the last group
        by_port: dict[Any, list[tuple[int, int, int]]] = {}  # group, sources
        for projection in self.projections[self._wiring.n_drawn :]:
            one, pre = projection, projection.plan.from_to
            sharing, others = one.sharing, by_port.setdefault((one.source, one.target, one.receptor), [])
            group = last.get(sharing, len(groups))
            if any(pre.start < end and begin < pre.stop for at, begin, end in others if at > group):
                group = len(groups)
            if group == len(groups):
                groups.append([])
                others.append((group, pre.start, pre.stop))
                last[sharing] = group
            groups[group].append(one)
        return groups

    # Time

    def reset(self, noise_seed: int, noise: Sequence[Array], *more: Change) -> None:
        """Go back to time 0, with another wiring, in which nothing is under way.

        ``noise``: random numbers of each population. ``more``: what is to change with it.
        """
        self.settle()
        changes = list(more)
        for one, key in zip(self.populations, noise, strict=True):
            changes += one.back_to_start(key)
        since = {one.number: 0 for one in self.projections}
        rules = {one.number: Ruled(one.learning, one.is_learning, one.started) for one in self.projections}
        none: list[list[Any]] = [[] for _ in noise]
        moment = Moment(0, noise_seed, secrets.token_hex(8), since, rules, noise, none, {}, none, none, none)
        self.changes.publish(*changes, *self.moved(moment))

    def moved(self, moment: Moment) -> list[Change]:
        """Prepare that it stands at another moment, for which it is wired anew; it is settled."""
        before, setting = self._wiring, self.setting
        rules, links = moment.rules, list[Link]()
        for link in before.links:
            learning, is_on, started = rules[link.number]
            other = replace(link, since=moment.since[link.number], learning=learning, is_on=is_on)
            its = moment.remembered.get(link.number)
            links.append(other.beginning(started) if its is None else other.remembering(its, moment.step - 1))
        bounds = [one.bounds for one in before.wired]
        wiring = Wiring(
            self.populations, links, bounds, (), before.n_drawn, before.budget, self.threads, moment.sent
        )
        wiring.threads = before.threads
        for one, old, key, spikes, logs, sent, recent in zip(
            wiring.wired,
            before.wired,
            moment.noise,
            moment.spikes,
            moment.logs,
            moment.sent,
            moment.recent,
            strict=True,
        ):
            one.begin(key, moment.step, logs, sent, recent)
            if one.learned and old.learned:  # weights stay as they are, unless they are put back, too
                one.learned.take_over_faults(old.learned, moment.step)
            for stamp, units, when in spikes:
                if moment.step - stamp < len(one.history.spikes):
                    one.history.put(stamp, units, when)
        return [
            *(Assign(one, "since", moment.since[one.number]) for one in self.projections),
            *(
                Assign(one, name, value)
                for one in self.projections
                for name, value in rules[one.number]._asdict().items()
            ),
            Assign(self, "_wiring", wiring), Assign(self, "_budget", (wiring, wiring.budget)),
            Assign(self, "noise_seed", moment.noise_seed), Assign(setting, "identity", moment.identity),
            Copy(setting.clock, moment.step),
        ]  # fmt: skip

    def _keep_start(self) -> None:
        """Keep what time changes of populations that have done no step yet."""
        if self.populations[-1].at_start:  # which is the newest
            for population in self.populations:
                if population.at_start:
                    population.keep_start()

    # Running

    def prepare(self) -> float:
        """Draw the synapses and compile, or load from the disk cache; returns the seconds of that."""
        self.settle()
        if self._wiring.is_loaded:
            return 0.0
        began = time.perf_counter()
        compiled: dict[Any, Any] = {}
        missing = [population for population in self.populations if not population.prepared]
        for population in missing:
            population.prepare(compiled)
        self._wiring.prepare()
        self._drive(0)  # Poisson trains have code of their own
        first = not self._is_warm
        if first:
            self._wiring.all_finite()
            self._take_up(shared=True)
            self._wiring.room(self._wiring.setup([NO_SPIKES] * len(self.populations)), None, 1)
            self._call(0, 1)
        self._is_warm = self._wiring.is_loaded = True
        return time.perf_counter() - began if first or missing else 0.0

    def all_finite(self) -> bool:
        """Whether all variables are known to be finite; they are not where something is not wired yet."""
        return len(self._wiring.wired) == len(self.populations) and self._wiring.all_finite()

    def bring_up_to_date(self) -> None:
        """Have synapses that learn take up all that has arrived before the next step."""
        if not self.steps_done or not any(one.learned for one in self._wiring.wired):
            return
        self.prepare()
        self._wiring.take_up()
        self._wiring.room(self._wiring.setup([NO_SPIKES] * len(self.populations)), None, 1)
        self._call(0, self.threads, settles=1)

    def modulate(self, number: int, amounts: Mapping[str, float]) -> None:
        """Add to modulators of a projection that learns."""
        self.bring_up_to_date()
        for link in self._wiring.links:
            if link.number == number and link.signals is not None:
                link.signals.modulate(self.steps_done, amounts)

    def marking(self, number: int) -> list[Change]:
        """Prepare that what is held of synapses that learn is as it is now, with what passes by itself."""
        self.bring_up_to_date()
        link = next(one for one in self._wiring.links if one.number == number)
        if link.signals is None or link.learning is None:
            return []
        changes = list[Change]()
        if link.learning.rule.between is not None:
            pieces = link.store.contents.pieces
            for piece, site, (weights, values) in zip(pieces, link.sites, self.shown(number), strict=True):
                changes += [Copy(piece.synapses["weight"], weights), Copy(site.variables, values)]
        mark = link.signals.marking(self.steps_done)
        return [*changes, mark, *(Copy(site.heard, mark.end) for site in link.sites)]

    def modulators(self, number: int) -> dict[str, float]:
        """Modulators of a projection that learns, as they are now."""
        for link in self._wiring.links:
            if link.number == number and link.signals is not None:
                link.signals.announce(self.steps_done, self.steps_done)
                return link.signals.by_name(self.steps_done)
        return {}

    def without_modulation(self, duration: float) -> list[int]:
        """Numbers of projections whose modulators have been 0 for so many ms, ever since they are there."""
        return [
            link.number for link in self._wiring.links
            if link.is_on and link.signals is not None and link.signals.is_unused
            and (self.steps_done - link.since) * self.dt >= duration
        ]  # fmt: skip

    def shown(self, number: int) -> list[tuple[Array, Array]]:
        """Weights and variables of a projection as they are now, of each block; it is up to date."""
        return self._wiring.shown(number, self.steps_done, self.dt)

    def recorder(self, wishes: Sequence[Wishes]) -> Recorder:
        """Return a record of all populations that begins now."""
        return Recorder(self._wiring.setup(wishes), self.steps_done, self.keeping.steps)

    def weighing(self, recorder: Recorder) -> Weighing | None:
        """Return what reads weights for a record, where that is wished for; all is drawn."""
        if not self.weighed:
            return None
        before, self._weighers = {one.wish: one for one in self._weighers}, []
        projections = {one.number: one for one in self.projections}
        for wish in self.weighed:
            projection, weigher = projections[wish.number], before.get(wish)
            if weigher is None or weigher.projection is not projection:
                target = self.populations[projection.target]
                assert isinstance(target, Neurons)
                weigher = Weigher(projection, wish, target)
            self._weighers.append(weigher)
        return Weighing(self._weighers, recorder)

    def begin(self, n_steps: int, recorder: Recorder | None = None) -> None:
        """Take up what may have changed since the last run, before so many steps; it is prepared."""
        self.failure, self.lost = None, self._wiring.lost()
        self._keep_start()
        self._take_up(shared=n_steps >= _WORTH_A_LOOK)
        if recorder is not None:
            recorder.take_up(self._wiring.setup(recorder.setup.wishes))

    def _take_up(self, *, shared: bool) -> None:
        self._take_up_weights()
        self._wiring.take_up()
        self._wiring.lay_out(shared=shared)

    def _take_up_weights(self) -> None:
        """Let weights that were changed act on spikes that are under way, too."""
        shared, wired = self.shared, self._wiring.wired
        if not shared.gains and not shared.stale:
            return
        changed = [one for one in self.projections if one.number in shared.gains] if shared.gains else []
        if any(one.learning for one in changed):
            self.bring_up_to_date()  # what was sent before has the gain that it was sent with
        for one in changed:
            one.apply_gain()
        for number in list(shared.stale):
            wired[number].empty_rings()
            del shared.stale[number]

    def steps_in(self, seconds: float) -> int:
        """Steps that took so long, as they were measured last."""
        return self._wiring.threads.steps_in(seconds)

    def end(self) -> None:
        """Let go of what was recorded by a run that is over."""
        self._wiring.release()

    def advance(self, n_steps: int, recorder: Recorder, meter: Meter | None = None) -> tuple[int, float]:
        """Run up to ``n_steps`` steps; returns how many were done, and the seconds that go with their number.

        Where that is none, a function of time has failed.
        """
        wiring = self._wiring
        self._take_up_weights()
        threads, n_steps = wiring.threads.choose(n_steps)
        began = time.perf_counter()
        n_steps = self._drive(n_steps)
        driving = time.perf_counter() - began
        if not n_steps:
            return 0, 0.0
        room = wiring.room(recorder.setup, recorder.counts, n_steps)
        self._call_to_keep = recorder, room, self.steps_done
        began = time.perf_counter()
        done = self._call(n_steps, threads, 0 if meter is None else meter.address)
        self.lost = wiring.lost()
        seconds = time.perf_counter() - began
        if meter is not None:
            meter.tell(threads, seconds)
        self.keep_call()
        wiring.threads.tell(threads, done, seconds)
        return done, driving + seconds

    def keep_call(self) -> None:
        """Let a recorder take over what the last call has left, unless it has; also after an exception."""
        if self._call_to_keep is None:
            return
        recorder, room, began = self._call_to_keep
        if recorder.end == began:
            recorder.keep(room, began, self.steps_done)
        self._call_to_keep = None

    def advance_one(self, recorder: Recorder | None = None) -> Room | None:
        """Run one step; returns what it left, which is used again by the next call.

        Nothing where a weight is not finite, or a function of time has failed. ``recorder``: takes it over.
        """
        self.begin(1, recorder)
        wiring = self._wiring
        if self.lost is not None or not self._drive(1):
            return None
        if recorder is None:
            setup, counts = wiring.setup(wiring.all_spikes), None
        else:
            setup, counts = recorder.setup, recorder.counts
        room = wiring.room(setup, counts, 1)
        threads, _ = wiring.threads.choose(1)
        if recorder is not None:
            self._call_to_keep = recorder, room, self.steps_done
        began = time.perf_counter()
        self._call(1, threads)
        self.lost = wiring.lost()
        wiring.threads.tell(threads, 1, time.perf_counter() - began)
        self.keep_call()
        if counts is not None:
            self.end()
        return room

    def _drive(self, n_steps: int) -> int:
        """Compute what comes from outside in the next steps; returns for how many of them it can be had.

        The step in which a function fails is found by halving: a run ends there, however it is cut.
        """
        failed = self._try_to_drive(n_steps)
        if failed is None:
            return n_steps
        good, bad = 0, n_steps
        while bad - good > 1:
            middle = (good + bad) // 2
            found = self._try_to_drive(middle)
            if found is None:
                good = middle
            else:
                bad, failed = middle, found
        if good and self._try_to_drive(good) is not None:
            good = 0  # a function that does not say the same again
        self.failure = Failure(self.steps_done + good, *failed)
        return good

    def _try_to_drive(self, n_steps: int) -> tuple[int, Exception] | None:
        """Compute what comes from outside; returns the population, and the error, where that fails."""
        wiring = self._wiring
        if wiring.is_driven:
            return None
        return wiring.drive(Moments(self.steps_done, n_steps, self.dt))

    def _call(self, n_steps: int, threads: int, times: int = 0, settles: int = 0) -> int:
        """Take steps in compiled code; returns how many were done. ``times``: address of where time goes.

        ``settles``: 1, with no steps, to bring synapses that learn up to date.
        """
        wiring, setting, done = self._wiring, self.setting, np.zeros(1, np.int64)
        wiring.announce(self.steps_done, self.steps_done + n_steps)
        wiring.keep_recent(self.steps_done)
        wiring.make_room()
        job = step.Steps(
            team.flags(len(wiring.blocks)), threads, n_steps, wiring.window, int(setting.clock[0]),
            setting.dt, wiring.pools, wiring.blocks, done, setting.clock, times, self._scratch, settles,
        )  # fmt: skip
        team.call(self._steps, threads, job)
        return int(done[0])


def _work_space(threads: int, dtype: np.dtype[Any]) -> step.Scratch:
    """What threads need in their steps; what one of them has begins where a cache line does."""
    return step.Scratch(
        summed=aligned_zeros((threads, TILE), dtype),
        normals=aligned_zeros((threads, TILE), np.float32),
        bits=aligned_zeros((threads, TILE), np.uint32),
        eventful=aligned_zeros((threads, TILE // 8 + team.LINE), np.int64),
        counted=aligned_zeros((threads, TILE), np.int32),
        work=aligned_zeros((threads, 2 * TILE), np.float64),
        visits=aligned_zeros((threads, 7, MOST_VISITS), np.int64),
        before=aligned_zeros((threads, MOST_ROWS * GROUP * 2), np.uint32),
    )
