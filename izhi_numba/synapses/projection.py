"""A projection: the synapses of one call of ``connect``, with their weights and gain, for the engine."""

from __future__ import annotations

import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Protocol

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.changes import Assign, Change, Changes, Copy
from izhi_numba.kernels.build import generate
from izhi_numba.results.weights import Weighed
from izhi_numba.synapses import variables
from izhi_numba.synapses.learning import Learning, Site
from izhi_numba.synapses.listing import Listing, listing
from izhi_numba.synapses.plan import Plan, counted_synapses
from izhi_numba.synapses.store import MOST_IN_A_BLOCK, Store, draw_all
from izhi_numba.synapses.ways import Cut, Sums


class Place(NamedTuple):
    """Where the synapses of a projection are."""

    store: Store
    member: int

    @property
    def alone(self) -> bool:
        """Whether no other projection has its synapses there."""
        return len(self.store.plans) == 1


@dataclass
class Shared:
    """What the projections of a network share with its engine: they hold this, and not the network.

    What follows from weights is computed anew where versions differ, and of populations that are stale. That
    is told before the change: where an exception comes in between, something is computed once more than
    needed.
    """

    changes: Changes
    contents: int = 0  # version of the arrays in which synapses lie
    wired: int = 0  # version of the contents that the compiled steps read
    stale: dict[int, None] = field(default_factory=dict)  # populations with sums of weights that have changed
    gains: dict[int, None] = field(default_factory=dict)  # projections whose gain was set


@dataclass(frozen=True)
class Written:
    """How the weights of a projection differ from those that were drawn; another object after each change."""

    by_hand: bool = False
    scaled: bool = False  # whether the store holds them times the gain
    base: Array | None = None  # without the gain, where they are scaled and cannot be drawn again


_AS_DRAWN = Written()


class Allowed(Protocol):
    """Which weights are allowed."""

    def check(self, low: float, high: float) -> None:
        """Refuse weights by the smallest and the largest."""


class Owner(Protocol):
    """What draws projections: an engine."""

    projections: list[Projection]
    weighed: tuple[Weighed, ...]

    @property
    def steps_done(self) -> int:
        """Steps so far."""

    def unit_of(self, projection: Projection, variable: str) -> str:
        """Unit of a weight, or of a variable, of synapses; empty where there is none."""

    def key_of(self, number: int) -> Array:
        """Random numbers of what is drawn now for a population."""

    def sites(self, number: int) -> Sequence[Site]:
        """What blocks hold of a projection that learns, and is drawn."""

    def settle(self) -> None:
        """Draw all that is not drawn."""

    def expected_bytes(self, projection: Projection) -> int:
        """Bytes that a projection will take at most that is not drawn yet."""

    def remove(self, projection: Projection) -> None:
        """Take a projection out, with all that it holds."""

    def bring_up_to_date(self) -> None:
        """Have synapses that learn take up all that has arrived before the next step."""

    def marking(self, number: int) -> list[Change]:
        """Prepare that what one of these holds is what it shows."""

    def modulate(self, number: int, amounts: Mapping[str, float]) -> None:
        """Add to modulators of one of these."""

    def modulators(self, number: int) -> dict[str, float]:
        """Modulators of one of these as they are now."""

    def shown(self, number: int) -> list[tuple[Array, Array]]:
        """Weights and variables of one of these as they are now, of each block."""

    def weigh(self, number: int, wishes: Mapping[str, Weighed | None]) -> None:
        """Have runs record variables of the synapses of a projection, by their names, or no more."""


class _Placing(NamedTuple):
    """Gives a projection its place in a store; may be repeated."""

    projection: Projection
    place: Place
    written: Written

    def do(self) -> None:
        """Give it."""
        one = self.projection
        one.written = self.written
        one.place = self.place
        one._asked = None


class LettingGo(NamedTuple):
    """Lets a projection that is removed forget its synapses; may be repeated."""

    projection: Projection

    def do(self) -> None:
        """Forget them."""
        one = self.projection
        one.removed = True
        one.shared.gains.pop(one.number, None)
        one.place = one._asked = None
        one.written = _AS_DRAWN


class Projection:
    """Synapses from neurons of one population to those of another, or of the same.

    It is drawn when it is first needed. Until then its plan holds the arrays that were given for it.

    Attributes
    ----------
    number : int
        Place among the projections of its network.
    source, target : int
        Populations.
    receptor : str
        That the weights go to; empty for the plain pulse of a pool without receptors.
    since : int
        The step after which it carries spikes.
    gain : float
        Factor on all weights.
    place : Place or None
        None until it is drawn.
    written : Written
    learning : Learning or None
        How its synapses learn, with the parameters of now; None: without a rule.
    is_learning : bool
        Whether its synapses learn.
    started : mapping of str to array
        What variables of synapses were set to before the first step, of shape () or (n_synapses,).
    removed : bool
        Whether it is gone: there is nothing more to be asked of it than this, and labels.
    labels : tuple of str
        What sources and targets are called in summaries.
    pools : tuple of str
        Names of the pools that they belong to; empty for a pool alone.
    allowed : Allowed
        Refuses weights by the smallest and the largest.
    """

    labels: tuple[str, str]
    pools: tuple[str, str]
    allowed: Allowed

    def __init__(
        self, plan: Plan, number: int, source: int, target: int, receptor: str, since: int, threads: int,
        shared: Shared, owner: Owner,
    ) -> None:  # fmt: skip
        self.number, self.source, self.target = number, source, target
        self.receptor, self.since, self.threads = receptor, since, threads
        self.shared, self.gain = shared, 1.0
        self.place: Place | None = None
        self.written, self.removed = _AS_DRAWN, False
        self.learning: Learning | None = plan.learning
        self.is_learning = plan.learning is not None
        self.started: Mapping[str, Array] = {}
        self._asked: Plan | None = plan
        self._owner = weakref.ref(owner)  # not held: a network would go only when cycles are looked for
        self._count: int | None = None

    @property
    def plan(self) -> Plan:
        """What was asked for; what was given to draw it is let go when it is drawn."""
        asked, place = self._asked, self.place  # in this order, as another thread may draw it now
        if place is not None:
            return place.store.plans[place.member]
        assert asked is not None
        return asked

    @property
    def owner(self) -> Owner | None:
        """What draws it; None: it is gone."""
        return self._owner()

    @property
    def title(self) -> str:
        """Whom it connects, at which receptor."""
        before, after = self.labels
        return f"{before} -> {after} {self.receptor}".rstrip()

    @property
    def sums(self) -> Sums:
        """Which sums its weights go to."""
        return self.plan.sums(self.receptor, self.number)

    @property
    def sharing(self) -> Any:
        """What projections have in common that share a store."""
        plan = self.plan
        if plan.dense or plan.counted or plan.learning is not None:
            return self.number
        between = (self.source, self.target, self.receptor, self.since, plan.from_to.start, plan.from_to.stop)
        weight = "weights" if plan.weighted else plan.weight.first
        # With other delays their rows would be for the delays of all, of which most hold nothing.
        return (*between, weight, plan.delays.tobytes())

    @property
    def size(self) -> int:
        """Number of synapses."""
        if self.place is not None:
            return self.place.store.sizes[self.place.member]
        if self._count is None:
            self._count = counted_synapses(self.plan, self.threads)
        return self._count

    @property
    def delays(self) -> Array:
        """The delays that occur, in steps, ascending; before it is drawn, those that may occur."""
        return self.plan.delays if self.place is None else self.place.store.delays_of[self.place.member]

    @property
    def nbytes(self) -> int:
        """Memory held, in bytes: its share, where others are in its store.

        Before it is drawn, what it is expected to take, and the pairs, weights and delays that were given.
        """
        if self.place is None:
            owner = self._owner()
            expected = self.plan.stored(1, by_source=False) if owner is None else owner.expected_bytes(self)
            return expected + self.plan.held
        base, learning, (store, member) = self.written.base, self.plan.learning, self.place
        held = (0 if base is None else int(base.nbytes)) + sum(one.nbytes for one in self.started.values())
        if learning is not None:
            n_rows = store.n_rows * len(store.contents.pieces)
            held += n_rows * learning.row_bytes + self.size * learning.synapse_bytes
        return store.nbytes_of(member) + held

    @property
    def shared_weight(self) -> float | None:
        """The weight of all synapses, where they share one."""
        weighted = self.plan.weighted if self.place is None else self.place.store.contents.weighted
        return None if weighted else float(self.plan.weight.first)

    # Drawing

    def settle(self) -> Place:
        """Draw it for good."""
        if self.place is None:
            owner = self._owner()
            if owner is not None:
                owner.settle()
            else:
                self.shared.changes.publish(self.placed(self._drawn_apart(), 0))
        assert self.place is not None
        return self.place

    def _drawn_apart(self) -> Store:
        """Draw it for itself, in as few blocks as can be."""
        plan = self.plan
        first, last = plan.onto.start, plan.onto.stop
        length = min(MOST_IN_A_BLOCK, -(-(last - first) // self.threads))
        blocks = np.arange(first, last + length, length, dtype=np.int64)
        by_source = plan.load.is_sparse(Cut(len(blocks) - 1, 0))
        store = Store([plan], blocks, self.threads, by_source=by_source)
        draw_all([store], 0)
        return store

    def placed(self, store: Store, member: int) -> Change:
        """Prepare the change that gives it a place in a store that was just drawn, and nobody uses yet."""
        place, written = Place(store, member), self.written
        if self.gain == 1:
            pass
        elif place.alone:
            store.factor[0] = self._factor(store)
        else:
            synapses = listing(store, member)
            weights = synapses.weights(synapses.everyone)
            store.contents = store.with_own_weights()
            store.factor[0] = 1.0
            scaled = _times(weights, self.gain)
            listing(store, member).writing(store.contents, synapses.everyone, scaled).do()
            written = self._scaled(weights, by_hand=False)
        return _Placing(self, place, written)

    def _scaled(self, weights: Array, *, by_hand: bool) -> Written:
        """What is to be known of weights that a store holds times the gain."""
        plan = self.plan
        drawn = plan.weight.kind != generate.GIVEN and plan.rule.rows != "list" and not by_hand
        return Written(by_hand, scaled=True, base=None if drawn else weights)

    # Reading

    def bring_up_to_date(self) -> None:
        """Where it learns, have it take up all that has arrived; to be called in one's turn."""
        owner = self._owner()
        if self.plan.learning is not None and self.place is not None and owner is not None:
            owner.bring_up_to_date()

    def _marking(self) -> list[Change]:
        """Prepare that what it holds is what it shows, to be published before what is changed by hand."""
        owner = self._owner()
        if self.learning is None or self.place is None or owner is None:
            return []
        return owner.marking(self.number)

    def modulate(self, amounts: dict[str, float]) -> None:
        """Add to its modulators; to be called in one's turn."""
        self.settle()
        owner = self._owner()
        if owner is not None:
            owner.modulate(self.number, amounts)

    def modulators(self) -> dict[str, float]:
        """Its modulators as they are now; to be called in one's turn."""
        learning, owner = self.learning, self._owner()
        if learning is None:
            return {}
        if self.place is None or owner is None:
            return {name: one.start for name, one in learning.rule.modulators.items()}
        return owner.modulators(self.number)

    def listing(self) -> Listing:
        """What lists its synapses; where they are not drawn yet, drawn for this, which changes nothing."""
        learning, owner = self.learning, self._owner()
        if self.place is None or learning is None or learning.rule.between is None or owner is None:
            return self.held_listing()
        weights = [its for its, _ in owner.shown(self.number)]
        return listing(*self.place).seen_in(self.place.store.contents.showing(weights))

    def held_listing(self) -> Listing:
        """The same with weights as they are held, from which those of now follow: to go on from them."""
        return listing(self._drawn_apart(), 0) if self.place is None else listing(*self.place)

    @property
    def lists_base(self) -> bool:
        """Whether what is listed are the weights without the gain."""
        return not self.written.scaled

    def base(self, synapses: Listing | None = None) -> Array:
        """Weights without the gain, in the order of the listing; a new array."""
        if self.written.base is not None:
            return self.written.base.copy()
        if not self.lists_base:
            synapses = listing(self._drawn_apart(), 0)
        synapses = synapses or self.listing()
        return synapses.weights(synapses.everyone)

    @property
    def is_at_start(self) -> bool:
        """Whether it has carried nothing yet: what its synapses start with may change."""
        owner = self._owner()
        return owner is not None and owner.steps_done == self.since

    def variable(self, name: str, sources: Array | None = None) -> Array:
        """A variable of all synapses, or of those of some sources where it is drawn; a new array.

        Where it learns it is to be brought up to date before.
        """
        learning = self.learning
        if self.place is None or learning is None or learning.rule.between is None:
            return self.held_variable(name, sources)
        number = self._number(name)
        columns = [its[:, number] for _, its in self._living.shown(self.number)]
        return variables.read(self.place.store, columns, sources)

    def held_variable(self, name: str, sources: Array | None = None) -> Array:
        """The same as it is held; see ``held_listing``."""
        if self.place is None:
            return np.array(np.broadcast_to(self._start_of(name), self.size))
        return variables.read(self.place.store, variables.held(self._sites, self._number(name)), sources)

    def _start_of(self, name: str) -> Array:
        """What a variable of synapses starts with."""
        assert self.learning is not None
        return self.started.get(name, self.learning.start(name))

    def _number(self, name: str) -> int:
        """The place of a variable among those of the rule."""
        assert self.learning is not None
        return [*self.learning.rule.states].index(name)

    @property
    def _living(self) -> Owner:
        owner = self._owner()
        if owner is None:
            raise RuntimeError(f"variables: the pool or network of the synapses {self.title} is gone")
        return owner

    @property
    def _sites(self) -> Sequence[Site]:
        return self._living.sites(self.number)

    def refuse_gain(self, name: str, gain: float) -> None:
        """Raise ``ValueError`` where a gain, or the weight that all share times it, is too large a number."""
        dtype, weight = self.plan.dtype, abs(self.shared_weight or 0.0)
        if abs(gain) * max(weight, 1.0) > float(np.finfo(dtype).max):
            times = f", by which weights of {weight:g} are multiplied" if weight > 1 else ""
            raise ValueError(f"{name}: expected a factor that fits {dtype.name}, got {gain:g}{times}")

    # Changing; in one's turn, but for the gain of a projection that is alone in its store

    def set_gain(self, gain: float) -> None:
        """Set the factor on all weights; where it is alone in its store, this may be during a run."""
        if self.place is not None and self.place.alone:
            self.shared.gains[self.number] = None
            self.gain = gain
            self.shared.gains[self.number] = None  # again, as a run may have looked at it before
            return
        with self.shared.changes:
            place = self.place
            if place is None:  # it acts when the synapses are drawn
                self.gain = gain
                return
            changes = self._writing_scaled(place, gain, self.base(), by_hand=self.written.by_hand)
            self._publish(Assign(self, "gain", gain), *changes)

    def learn(self, wanted: bool) -> None:
        """Let the synapses learn from now on, or no more."""
        if wanted == self.is_learning:
            return
        changes = self._marking()
        self.shared.contents += self.place is not None  # so that it is wired anew
        self.shared.changes.publish(*changes, Assign(self, "is_learning", wanted))

    def apply_gain(self) -> None:
        """Let the gain act; for the engine, between two calls of the compiled steps."""
        place, gain = self.place, self.gain
        if place is not None and place.alone:
            factor = self._factor(place.store)
            if place.store.factor[0] != factor:
                self.shared.stale[self.target] = None
                place.store.factor[0] = factor
        self.shared.gains.pop(self.number, None)
        if self.gain != gain:
            self.shared.gains[self.number] = None

    def _factor(self, store: Store, *, weighted: bool | None = None) -> Any:
        """The weight where there is one for all, else a factor on all."""
        own = store.contents.weighted if weighted is None else weighted
        number = store.dtype.type  # as for rows that are shared: each is rounded, and their product
        return number(self.gain) * number(1.0 if own else self.plan.weight.first)

    def write(self, weights: Array) -> None:
        """Set the weight of each synapse."""
        place = self.settle()
        self._publish(*self._marking(), *self._writing_all(place, weights))

    def _writing_all(self, place: Place, weights: Array) -> list[Change]:
        """Prepare that each synapse has a weight."""
        if not place.alone and self.gain != 1:
            return self._writing_scaled(place, self.gain, weights, by_hand=True)
        changes = self._writing(place, [(listing(*place).everyone, weights)])
        return [*changes, Assign(self, "written", Written(by_hand=True))]

    def change(self, learning: Learning, values: Mapping[str, Array], weights: Array | None) -> None:
        """Set how synapses learn, their variables and weights: all of it or nothing; they have a rule.

        ``values``: by the names of variables, of shape () or (n_synapses,).
        """
        at_start, set_now = self.is_at_start, dict(values)
        if weights is not None or not at_start:
            self.settle()
        changes = self._marking()
        differs = learning != self.learning
        if differs:
            changes.append(Assign(self, "learning", learning))
            if at_start:
                free = learning.rule.states.keys() - {*self.started}
                set_now = {name: learning.start(name) for name in free} | set_now
        if at_start and values:
            changes.append(Assign(self, "started", {**self.started, **values}))
        if self.place is not None:
            for name, one in set_now.items():
                changes += variables.writing(self.place.store, self._sites, self._number(name), one)
            self.shared.contents += differs  # so that it is wired anew
        if weights is None:
            self.shared.changes.publish(*changes)
        else:
            assert self.place is not None
            self._publish(*changes, *self._writing_all(self.place, weights))

    def write_some(self, parts: list[tuple[Array, Array]]) -> None:
        """Set the weights of the synapses of some sources: pairs (sources, weights)."""
        place = self.settle()
        changes = [*self._marking(), *self._writing(place, parts)]
        self._publish(*changes, Assign(self, "written", replace(self.written, by_hand=True)))

    def _writing(self, place: Place, parts: list[tuple[Array, Array]]) -> list[Change]:
        """Prepare the change of weights in the store."""
        store, member = place
        contents, synapses = store.with_own_weights(), listing(store, member)
        changes: list[Change] = []
        if contents is not store.contents:
            factor = self._factor(store, weighted=True) if place.alone else 1.0
            changes = [Assign(store, "contents", contents), Copy(store.factor, store.dtype.type(factor))]
        return changes + [synapses.writing(contents, sources, weights) for sources, weights in parts]

    def _writing_scaled(self, place: Place, gain: float, weights: Array, *, by_hand: bool) -> list[Change]:
        """Prepare the change of weights that the store holds times a gain."""
        scaled = _times(weights, gain)
        changes = self._writing(place, [(listing(*place).everyone, scaled)])
        return [*changes, Assign(self, "written", self._scaled(weights, by_hand=by_hand))]

    def remove(self) -> None:
        """Take it out of its network."""
        owner = self._owner()
        if owner is not None:
            owner.remove(self)
        else:
            self.shared.changes.publish(LettingGo(self))

    def moved(self, store: Store, member: int) -> Change:
        """Prepare the change that gives it a place in a store that has its synapses, and nobody uses yet."""
        place, written = Place(store, member), self.written
        if place.alone and written.scaled:  # from now on by the factor, as of all that are alone
            synapses = listing(store, member)
            synapses.writing(store.contents, synapses.everyone, self.base()).do()
            store.factor[0] = self._factor(store)
            written = Written(written.by_hand)
        return _Placing(self, place, written)

    def _publish(self, *changes: Change) -> None:
        """Let a prepared change of weights happen."""
        self.shared.contents += any(isinstance(one, Assign) and one.name == "contents" for one in changes)
        self.shared.stale[self.target] = None
        self.shared.changes.publish(*changes)


def _times(weights: Array, gain: float) -> Array:
    """Weights times a gain; where that is too large a number, the run says which neuron it makes infinite."""
    with np.errstate(over="ignore"):
        scaled: Array = weights * weights.dtype.type(gain)
    return scaled
