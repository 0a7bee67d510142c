"""Synapses as a user has them: how many, their weights and delays, in and out; and what they learn by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from izhi_numba.base.arrays import Array
from izhi_numba.base.calls import called_as
from izhi_numba.base.checks import finite_number, library, one_of, readable_bytes, values_for
from izhi_numba.base.names import how_else
from izhi_numba.base.selection import indices_of, side
from izhi_numba.connectivity.rules import Rule
from izhi_numba.models.plasticity import Plasticity
from izhi_numba.network.groups import names_to_record
from izhi_numba.network.learned import names_of, no_such, wanted
from izhi_numba.network.weights import described, variables_of, wish_for
from izhi_numba.results.weights import WEIGHT
from izhi_numba.synapses.homeostasis import normalized
from izhi_numba.synapses.listing import Listing
from izhi_numba.synapses.plan import Plan
from izhi_numba.synapses.projection import Projection

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from izhi_numba.results.synapse_plots import Shown


class Synapses:
    """One projection, as returned by ``connect``.

    It is drawn in the next run, or when something is written into it; projections between the same neurons
    that are connected before that share their memory, and are faster. Who looks at it earlier is shown the
    same synapses, drawn for this purpose alone.

    Sources and targets are counted by their places among the neurons that were given to ``connect``.

    Variables and parameters of synapses that learn are attributes, as those of neurons are: ``synapses.x`` is
    a copy, as it is now; ``synapses.A_plus = 0.01`` and ``synapses.set(...)`` set them.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> pool = iz.Pool(10)
    >>> synapses = pool.connect(pool, pool, rule=iz.one_to_one(), weight=2.0, delay=3.0)
    >>> len(synapses)
    10
    """

    __slots__ = ("_inner",)

    _inner: Projection

    def __init__(self, projection: Projection) -> None:
        object.__setattr__(self, "_inner", projection)

    @property
    def _projection(self) -> Projection:
        """The projection, after what an interrupted call has published."""
        self._inner.shared.changes.finish()
        if self._inner.removed:
            before, after = self._inner.labels
            raise RuntimeError(
                f"the synapses {before} -> {after} were removed; those that there are stand in .synapses of"
                " the pool or network; or connect anew"
            )
        return self._inner

    @property
    def _as_of_now(self) -> Projection:
        """The projection; where it learns, with all that has arrived at its synapses before the next step."""
        projection = self._projection
        if projection.learning is not None:
            with projection.shared.changes:
                projection.bring_up_to_date()
        return projection

    @property
    def _plan(self) -> Plan:
        return self._projection.plan

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Synapses) and other._inner is self._inner

    def __hash__(self) -> int:
        return hash(self._inner)

    def __reduce_ex__(self, protocol: Any) -> Any:
        before, after = self._inner.labels
        raise TypeError(
            f"synapses {before} -> {after} cannot be copied or pickled, as they are part of their pool;"
            " synapses.to_arrays() returns who is connected to whom, weights and delays"
        )

    # Variables and parameters of a rule

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in names_of(self._inner):
            raise no_such(self._inner, name, _public())
        learning = self._projection.learning
        assert learning is not None
        if name in learning.rule.parameters:
            return learning.rule.number(name)
        return _read_only(self._as_of_now.variable(name))

    def __setattr__(self, name: str, value: Any) -> None:
        known = getattr(type(self), name, None)
        if isinstance(known, property) and known.fset:
            object.__setattr__(self, name, value)
        elif known is not None:
            raise AttributeError(f"synapses {self._inner.title}: {name!r} cannot be set{how_else(name)}")
        else:
            self.set(**{name: value})

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *names_of(self._inner)]

    @called_as("synapses.set(A_plus=0.01)")
    def set(self, **values: Any) -> None:
        """Set variables of synapses that learn, parameters of their rule, and ``weights``; between runs.

        Nothing is changed if any value is wrong. Parameters are numbers, and are those of this projection
        alone. Variables are set to a number, to one value per synapse in the order of ``to_arrays``, or to
        what a distribution draws: that follows from the seed, the projection, the variable, the synapse and
        the present time. What was set before the first step is what ``reset`` goes back to; a variable that
        starts as a parameter (``u`` as ``U``) follows it until then.

        Bounds may be changed together with weights: ``synapses.set(w_max=0.5, weights=0.2)``.

        Raises
        ------
        AttributeError
            A name that the rule does not have.
        ValueError, TypeError
            A value that is not finite, not possible, or of the wrong shape; weights beyond their bounds; the
            time constant of a trace after the first step, as there are spikes in it.

        Examples
        --------
        >>> import izhi_numba as iz
        >>> pool = iz.Pool(10, seed=1)
        >>> rule = iz.TsodyksMarkram(U=0.5)
        >>> synapses = pool.connect(pool, pool, rule=iz.fixed_outdegree(2), plasticity=rule)
        >>> synapses.set(U=0.25, tau_rec=200.0, x=iz.uniform(0.5, 1.0))
        >>> synapses.U, synapses.u[:2], bool(synapses.x.min() > 0.5)
        (0.25, array([0.25, 0.25], dtype=float32), True)
        """
        projection = self._projection
        for name in values:
            if name not in ("weights", *names_of(projection)):
                raise no_such(projection, name, _public())
        with projection.shared.changes:
            if projection.learning is not None and projection.owner is None:
                raise RuntimeError(f"set: the pool or network of the synapses {projection.title} is gone")
            learning, variables, weights = wanted(projection, values)
            if weights is not None:
                self._check_signs(weights, projection.gain)
                weights = np.array(np.broadcast_to(weights, projection.size), projection.plan.dtype)
            if learning is not None:
                projection.change(learning, variables, weights)
            elif weights is not None:
                projection.write(weights)

    # What it is

    def __len__(self) -> int:
        return self._projection.size

    @property
    def rule(self) -> Rule:
        """Who is connected to whom. Given pairs are let go when they are drawn: see ``to_arrays``."""
        return self._plan.rule

    @property
    def sources(self) -> slice | Array:
        """Neurons that it comes from, by their places in the pool: a slice of neighbours, or indices."""
        return self._plan.pre

    @property
    def targets(self) -> slice | Array:
        """Neurons that it goes to, by their places in the pool: a slice of neighbours, or indices."""
        return self._plan.post

    @property
    def receptor(self) -> str:
        """Name of the receptor that it feeds; empty for the plain pulse of a pool without receptors."""
        return self._projection.receptor

    @property
    def plasticity(self) -> Plasticity | None:
        """The rule by which it learns, with the parameters of now; None: it does not."""
        learning = self._projection.learning
        return None if learning is None else learning.rule

    @property
    def delay_at(self) -> str | None:
        """Who takes the delay to synapses that learn: "dendrite" or "axon"; None: they do not."""
        learning = self._projection.learning
        return None if learning is None else learning.delay_at

    @property
    def delays(self) -> Array:
        """The delays that occur, in ms, ascending; before it is drawn, those that may occur."""
        milliseconds: Array = self._projection.delays * self._plan.dt
        return milliseconds

    @property
    def drawn(self) -> bool:
        """Whether its synapses are there already."""
        return self._projection.place is not None

    @property
    def nbytes(self) -> int:
        """Memory held, in bytes: its share, where it has its rows in common with others.

        Before it is drawn, what it is expected to take, and the pairs, weights and delays that were given.
        """
        return self._projection.nbytes

    @property
    def shared_weight(self) -> float | None:
        """The weight of all synapses, where they share one."""
        return self._projection.shared_weight

    @property
    def gain(self) -> float:
        """Factor on all weights; may be changed between runs.

        Examples
        --------
        >>> import izhi_numba as iz
        >>> pool = iz.Pool.cortical(1000, seed=1)
        >>> for synapses in pool.synapses:
        ...     synapses.gain = 0.5
        """
        return self._projection.gain

    @gain.setter
    def gain(self, factor: float) -> None:
        gain, projection = finite_number("gain", factor), self._projection
        projection.refuse_gain("gain", gain)
        if gain < 0:
            self._check_signs(self._as_of_now.base(), gain)
        projection.set_gain(gain)

    # Weights and delays

    @property
    def weights(self) -> Array:
        """Weight of each synapse without the gain, in the order of ``to_arrays``: (n_synapses,), a copy.

        May be set between runs, to a number or to one value per synapse. What is not drawn yet, of this
        projection and of others, is drawn then.

        Examples
        --------
        >>> import izhi_numba as iz
        >>> pool = iz.Pool(10, seed=1)
        >>> synapses = pool.connect(pool, pool, rule=iz.fixed_outdegree(2), weight=iz.uniform(0, 1))
        >>> synapses.weights = 2 * synapses.weights
        """
        return _read_only(self._as_of_now.base())

    @weights.setter
    def weights(self, values: Any) -> None:
        projection, dtype = self._projection, self._plan.dtype
        wanted = values_for("weights", values, len(self), dtype)
        self._check_weights(wanted, projection.gain)
        with projection.shared.changes:
            projection.write(np.array(np.broadcast_to(wanted, len(self)), dtype))

    def normalize(self, total: Any) -> None:
        """Scale the weights onto each target, so that their magnitudes add up to ``total``; between runs.

        Homeostasis by competition: what one synapse onto a neuron has learned, others lose. Weights are those
        without the gain, and keep their signs; a target whose weights are all 0 keeps them. Weights that
        would be beyond the bounds of their rule of plasticity stay there, and the sum is less.

        Parameters
        ----------
        total : number or array (n_targets,)
            Above 0, in the unit of the weight; of each target, in the order of ``synapses.targets``.

        Raises
        ------
        TypeError, ValueError
            It is no number above 0, or not one for each target.

        Examples
        --------
        >>> import izhi_numba as iz
        >>> net = iz.Network(seed=1)
        >>> inputs, cells = net.poisson("inputs", 64, 20.0), net.pool("cells", 10)
        >>> synapses = net.connect(inputs, cells, rule=iz.all_to_all(), weight=iz.uniform(0, 1))
        >>> synapses.normalize(16.0)
        >>> synapses[:, 3].sum().round(3).item()
        16.0
        """
        projection, plan = self._projection, self._plan
        totals = values_for("total", total, plan.n_post, plan.dtype)
        if (totals <= 0).any():
            raise ValueError(f"total: expected numbers above 0, got {totals.min():g}")
        with projection.shared.changes:
            learning = projection.learning
            bounds = (-np.inf, np.inf) if learning is None else learning.limits
            projection.settle()
            projection.bring_up_to_date()
            synapses, weights = projection.listing(), projection.base()
            targets = synapses.targets(synapses.everyone)
            projection.write(normalized(weights, targets, np.broadcast_to(totals, plan.n_post), bounds))

    def to_arrays(self) -> tuple[Array, Array, Array, Array]:
        """Return all synapses as arrays (source, target, weight, delay in ms).

        Sources and targets are counted by their places among the neurons given to ``connect``, as in
        :func:`from_arrays`, which takes these arrays: ``pool[10:20]`` has a source 0, the neuron 10, and
        ``pool[[9, 1]]`` has the sources 0 and 1, the neurons 9 and 1; see ``synapses.sources``.

        Ordered by source, delay and target, for any number of threads; targets that are no neighbours are in
        the order of the pool. Synapses alike in all three are in the order in which they were drawn. The
        weights are those without the gain.

        Examples
        --------
        >>> import izhi_numba as iz
        >>> pool = iz.Pool(10, seed=1)
        >>> synapses = pool.connect(pool[:5], pool, rule=iz.fixed_outdegree(2))
        >>> again = pool.connect(pool[:5], pool, rule=iz.from_arrays(*synapses.to_arrays()))
        """
        projection = self._as_of_now
        synapses = projection.listing()
        pre, post, delay = synapses.pairs(synapses.everyone)
        return pre, post, projection.base(synapses), delay * self._plan.dt

    def to_scipy(self) -> Any:
        """Return the weights as a sparse matrix, ``scipy.sparse.csr_array``.

        Rows are the sources, columns the targets, counted as in ``to_arrays``. Weights of synapses between
        the same two neurons are added. Needs scipy: ``pip install 'izhi-numba[graphs]'``.
        """
        coo_array = library("scipy.sparse", "to_scipy").coo_array

        pre, post, weights, _ = self.to_arrays()
        plan = self._plan
        return coo_array((weights, (pre, post)), shape=(plan.n_pre, plan.n_post)).tocsr()

    def to_networkx(self) -> Any:
        """Return a ``networkx.MultiDiGraph`` with attributes ``weight`` and ``delay`` (ms).

        Nodes are neurons by their place in the pool, so that one that is source and target is one node, and
        graphs of several projections can be joined; pairs (name of the pool, place) between two pools. Needs
        networkx: ``pip install 'izhi-numba[graphs]'``.
        """
        networkx = library("networkx", "to_networkx")
        pre, post, weights, delays = self.to_arrays()
        plan, (before, after) = self._plan, self._projection.pools
        sources, targets = indices_of(plan.pre), indices_of(plan.post)
        columns = sources[pre], targets[post], weights, delays
        graph = networkx.MultiDiGraph()

        def name(pool: str, i: int) -> Any:
            return i if plan.same else (pool, i)

        graph.add_nodes_from(name(before, i) for i in sources.tolist())
        graph.add_nodes_from(name(after, j) for j in targets.tolist())
        graph.add_edges_from(
            (name(before, i), name(after, j), {"weight": w, "delay": d})
            for i, j, w, d in zip(*(column.tolist() for column in columns), strict=True)
        )
        return graph

    def __getitem__(self, pair: Any) -> Array:
        """Weights of the synapses from some neurons to others: ``synapses[pre, post]``.

        A number, a slice, or a list each, counted as in ``to_arrays``, and ordered as there; empty where
        there are no synapses. May be set as ``weights`` may; ``IndexError`` where there are none.
        """
        sources, wanted = self._sides(pair)
        projection = self._as_of_now
        synapses = projection.listing()
        if not projection.lists_base:
            inside = synapses.reaching(sources, wanted)
            return projection.base(synapses)[synapses.among_all(sources, inside)]
        parts = [
            synapses.weights(some)[wanted[synapses.targets(some)]] for some in synapses.in_portions(sources)
        ]
        return np.concatenate(parts)

    def __setitem__(self, pair: Any, values: Any) -> None:
        sources, wanted = self._sides(pair)
        projection = self._projection
        synapses = projection.listing()
        chosen = [(some, wanted[synapses.targets(some)]) for some in synapses.in_portions(sources)]
        size = sum(int(which.sum()) for _, which in chosen)
        if not size:
            raise IndexError(f"there is no synapse from {described(pair[0])} to {described(pair[1])}")
        weights = values_for("weights", values, size, self._plan.dtype)
        self._check_weights(weights, projection.gain)
        weights = np.broadcast_to(weights, size)
        with projection.shared.changes:
            projection.settle()
            projection.bring_up_to_date()
            synapses = projection.listing()
            if projection.lists_base:
                projection.write_some(_with_weights(synapses, chosen, weights))
                return
            everything = projection.base()
            everything[synapses.among_all(sources, synapses.reaching(sources, wanted))] = weights
            projection.write(everything)

    def _sides(self, pair: Any) -> tuple[Array, Array]:
        """Sources, and whether each target is meant."""
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise TypeError(f"expected synapses[pre, post], got {pair!r}")
        plan = self._plan
        sources, targets = side("pre", pair[0], plan.n_pre), side("post", pair[1], plan.n_post)
        wanted = np.zeros(plan.n_post, bool)
        wanted[targets] = True
        return sources, wanted

    def _check_weights(self, weights: Array, gain: float) -> None:
        learning = self._projection.learning
        if learning is not None and weights.size:
            learning.refuse_weights("weights", float(weights.min()), float(weights.max()))
        self._check_signs(weights, gain)

    def _check_signs(self, weights: Array, gain: float) -> None:
        if weights.size:
            low, high = sorted((float(weights.min()) * gain, float(weights.max()) * gain))
            self._projection.allowed.check(low + 0.0, high + 0.0)  # no zero with a sign

    @property
    def learning(self) -> bool:
        """Whether the synapses learn; may be set between runs, where they have a rule.

        While it is False they send what they weigh, and nothing changes them; spikes that arrive then are in
        the traces when it is True again.

        Raises
        ------
        ValueError
            They have no rule: they were connected without ``plasticity=``.

        Examples
        --------
        >>> import izhi_numba as iz
        >>> pool = iz.Pool(10, seed=1)
        >>> synapses = pool.connect(pool, pool, rule=iz.fixed_outdegree(2), plasticity=iz.PairSTDP())
        >>> synapses.learning = False
        """
        return self._projection.is_learning

    @learning.setter
    def learning(self, wanted: bool) -> None:
        projection = self._projection
        if not isinstance(wanted, bool | np.bool):
            raise TypeError(f"learning: expected True or False, got {wanted!r:.60}")
        if projection.learning is None and wanted:
            raise ValueError(
                f"learning: the synapses {projection.title} have no rule to learn by; give connect(...,"
                " plasticity=iz.PairSTDP())"
            )
        with projection.shared.changes:
            projection.learn(bool(wanted))

    @property
    def modulators(self) -> dict[str, float]:
        """Third factors of the rule by which it learns, as they are now, by name; see ``modulate``.

        Examples
        --------
        >>> import izhi_numba as iz
        >>> pool = iz.Pool(10, seed=1)
        >>> synapses = pool.connect(pool, pool, rule=iz.fixed_outdegree(2), plasticity=iz.DopamineSTDP())
        >>> synapses.modulators
        {'d': 0.0}
        """
        projection = self._projection
        with projection.shared.changes:
            return projection.modulators()

    @called_as("synapses.modulate(d=0.5)")
    def modulate(self, **amounts: float) -> None:
        """Add to third factors of the rule by which it learns, such as dopamine: between runs, or steps.

        It acts from now on; spikes that have arrived before were changed by what there was then.

        Parameters
        ----------
        **amounts : float
            By the names of modulators, in their units.

        Raises
        ------
        ValueError
            A modulator that the rule does not have, or no rule.

        Examples
        --------
        >>> import izhi_numba as iz
        >>> pool = iz.Pool(10, seed=1)
        >>> synapses = pool.connect(pool, pool, rule=iz.fixed_outdegree(2), plasticity=iz.DopamineSTDP())
        >>> synapses.modulate(d=0.5)
        >>> synapses.modulators
        {'d': 0.5}
        """
        projection = self._projection
        learning = projection.learning
        known = [] if learning is None else [*learning.rule.modulators]
        if not known:
            raise ValueError(
                f"modulate: the synapses {projection.title} have no modulator; give connect(...,"
                " plasticity=iz.DopamineSTDP()), or a rule of your own with iz.Modulator"
            )
        if not amounts:
            raise ValueError(f"modulate: expected an amount of {', '.join(known)}, got none")
        for name, amount in amounts.items():
            if name not in known:
                raise ValueError(f"modulate: no modulator {name!r}; there are: {', '.join(known)}")
            finite_number(f"modulate: {name}", amount)
        with projection.shared.changes:
            now = projection.modulators()
            for name, amount in amounts.items():
                after = now[name] + float(amount)
                values_for(f"modulate: {name}, with what there is", after, 1, projection.plan.dtype)
            projection.modulate({name: float(amount) for name, amount in amounts.items()})

    @called_as("synapses.record(every=100.0)")
    def record(
        self, what: str | list[str] = WEIGHT, *, every: float | None, pre: Any = None, post: Any = None
    ) -> None:
        """Have runs keep the weights at intervals: ``result.weights["exc -> inh"]``; or other variables.

        Variables of synapses that learn are in ``result.synapses["exc -> inh"]["x"]``. All are as they are at
        the end of the steps that end at multiples of the interval, before functions that are called at that
        time, ``run(..., every={...})``; the first ones after one interval. Weights are without the gain. The
        name is that which ``repr(synapses)`` shows, ``"exc -> inh ampa"`` where there are receptors; where
        several are alike, the second one is ``"exc -> inh (2)"``.

        A row takes memory where something has changed since the row before. Where all that is recorded goes
        to a file, or the last of it is kept alone, as ``pool.record(..., to=, keep=)`` says, so do these.

        Parameters
        ----------
        what : str or list of str, default "weight"
            "weight", or the name of a variable that the rule of synapses that learn declares.
        every : float or None
            Interval in ms, whole steps. None: they are not recorded any more.
        pre, post : int, slice or list of int, optional
            Of synapses from some neurons to others alone, counted as in ``synapses[pre, post]``; all by
            default. What is asked for once more takes the place of what was asked for before.

        Raises
        ------
        IndexError
            There are no such synapses.

        Examples
        --------
        >>> import izhi_numba as iz
        >>> net = iz.Network(dt=1.0, seed=1)
        >>> exc, inh = net.pool("exc", 100), net.pool("inh", 20)
        >>> synapses = net.connect(exc, inh, rule=iz.fixed_outdegree(5), weight=iz.uniform(0, 1))
        >>> synapses.record(every=100.0)
        >>> weights = net.run(1000.0).weights["exc -> inh"]
        >>> weights.values.shape, weights.t.min().item(), weights.sources[:6]
        ((10, 500), 100.0, array([0, 0, 0, 0, 0, 1], dtype=int32))
        >>> synapses.record(every=100.0, pre=3)
        >>> net.run(1000.0).weights["exc -> inh"].values.shape
        (10, 5)
        """
        projection = self._projection
        with projection.shared.changes:
            owner = projection.owner
            if owner is None:
                raise RuntimeError(f"record: the pool or network of the synapses {projection.title} is gone")
            wishes = {
                one: wish_for(projection, owner, one, every, pre, post) for one in names_to_record(what)
            }
            owner.weigh(projection.number, wishes)

    def plot_histogram(self, variable: str = WEIGHT, ax: Axes | None = None) -> Axes:
        """Draw how many synapses have which weight, or which value of a variable; returns the axes.

        Examples
        --------
        >>> import izhi_numba as iz
        >>> pool = iz.Pool(100, seed=1)
        >>> synapses = pool.connect(pool, pool, rule=iz.fixed_outdegree(9), weight=iz.uniform(0, 1))
        >>> print(synapses.plot_histogram().get_title(loc="left"))
        pool -> pool
        900 synapses, mean 0.496
        """
        from izhi_numba.results.synapse_plots import histogram

        return histogram(self._shown(variable), ax)

    def plot_matrix(self, variable: str = WEIGHT, ax: Axes | None = None) -> Axes:
        """Draw the weight, or a variable, from each source to each target; returns the axes.

        Sources are rows, targets columns, by their places in their pools. A cell is the mean of its synapses,
        and blank where there are none; above 400 neurons on a side, several have a cell in common.

        Examples
        --------
        >>> import izhi_numba as iz
        >>> pool = iz.Pool(100, seed=1)
        >>> rule = iz.TsodyksMarkram()
        >>> synapses = pool.connect(pool, pool, rule=iz.fixed_outdegree(9), plasticity=rule)
        >>> synapses.plot_matrix("x").get_ylabel()
        'source neuron'
        """
        from izhi_numba.results.synapse_plots import matrix

        return matrix(self._shown(variable), ax)

    def _shown(self, variable: str) -> Shown:
        """What is drawn of a variable."""
        from izhi_numba.results.synapse_plots import Shown, labelled

        projection, plan = self._projection, self._plan
        one_of("variable", variable, variables_of(projection))
        values = self.weights if variable == WEIGHT else getattr(self, variable)
        synapses, owner = projection.listing(), projection.owner
        pre, post, _ = synapses.pairs(synapses.everyone)
        label = labelled(variable, owner.unit_of(projection, variable) if owner else "")
        return Shown(label, projection.title, values, indices_of(plan.pre)[pre], indices_of(plan.post)[post])

    def remove(self) -> None:
        """Remove all synapses of this projection, between runs, and free their memory.

        They act no more from the next step on: spikes that they have not delivered yet are lost, as those in
        an axon that is cut. What has arrived at a receptor stays there; so does what synapses that learn have
        sent before, whose delay is that of the dendrite (``delay_at="dendrite"``): it is beyond the synapse,
        and arrives when it is due. Other projections are not changed, and those that are connected later draw
        what they would have drawn beside it.

        To switch synapses off for a while, set ``gain`` to 0.

        Raises
        ------
        RuntimeError
            They were removed before, as by any other use of them.

        Examples
        --------
        >>> import izhi_numba as iz
        >>> pool = iz.Pool.cortical(1000, seed=1)
        >>> for synapses in pool.synapses[1:]:
        ...     synapses.remove()
        >>> len(pool.synapses)
        1
        """
        with self._inner.shared.changes:
            self._projection.remove()

    def summary(self) -> str:
        """Who, how many, by which rule, and bytes, in a line."""
        delays = self.delays if len(self.delays) else np.zeros(1)
        lags = f"{delays[0]:g} ms" if len(delays) == 1 else f"{delays[0]:g} to {delays[-1]:g} ms"
        before, after = self._projection.labels
        fed = f" [{self.receptor}]" if self.receptor else ""
        size = readable_bytes(self.nbytes)
        return f"{before} -> {after}{fed}: {len(self):,} synapses, {self._rules}, {lags}, {size}"

    def __repr__(self) -> str:
        before, after = self._inner.labels
        if self._inner.removed:
            return f"<{before} -> {after}: removed>"
        return f"<{self._projection.title}: {len(self)} synapses, {self._rules}>"

    @property
    def _rules(self) -> str:
        """Who is connected, and by what it learns, if it does."""
        learns = "" if self.plasticity is None else f", {type(self.plasticity).__name__}"
        return f"{self.rule.name}{learns}"


def _public() -> list[str]:
    """Names that all synapses have."""
    return [one for one in dir(Synapses) if not one.startswith("_")]


def _read_only(values: Array) -> Array:
    """Return a copy as one that is not written to: what is written into it would be lost."""
    values.flags.writeable = False
    return values


def _with_weights(
    synapses: Listing, chosen: list[tuple[Array, Array]], weights: Array
) -> list[tuple[Array, Array]]:
    """Weights of all synapses of some sources, with new ones for some of them."""
    parts, begin = [], 0
    for some, which in chosen:
        end = begin + int(which.sum())
        if end > begin:
            own = synapses.weights(some)
            own[which] = weights[begin:end]
            parts.append((some, own))
        begin = end
    return parts
