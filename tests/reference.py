"""A slow and obvious simulator, in double precision, that the package is compared with."""

import numpy as np
from scipy.linalg import expm

from tests import inside
from tests.reference_learning import Learned, ask


def half_steps(v, u, I, a, b, dt):
    """net2003: two half steps of v, then u with the new v."""
    v = v + 0.5 * dt * (0.04 * v * v + 5 * v + 140 - u + I)
    v = v + 0.5 * dt * (0.04 * v * v + 5 * v + 140 - u + I)
    return v, u + dt * (a * (b * v - u))


def euler_new_v(v, u, I, a, b, dt):
    """fig2003: u with the new v."""
    v = v + dt * (0.04 * v * v + 5 * v + 140 - u + I)
    return v, u + dt * (a * (b * v - u))


def euler_old_v(v, u, I, a, b, dt):
    """book2007: u with the old v."""
    return v + dt * (0.04 * v * v + 5 * v + 140 - u + I), u + dt * (a * (b * v - u))


SCHEMES = {"net2003": half_steps, "fig2003": euler_new_v, "book2007": euler_old_v}


def in_the_pool(one):
    """Source, target, weight and delay of each synapse, neurons by their place in their pools."""
    source, target, weight, delay = one.to_arrays()
    return source + one.sources.start, target + one.targets.start, weight, delay


def edges_of(synapses, dt):
    """Edges of each projection for ``simulate``, in the order in which they were connected."""
    return [(*in_the_pool(one)[:3], np.rint(in_the_pool(one)[3] / dt).astype(int)) for one in synapses]


class Edges:
    """Synapses of one projection, by source and delay, in the order in which they are listed."""

    def __init__(self, source, target, weight, lag):
        self.lags = set(np.unique(lag).tolist())
        self.places = {}
        for place, key in enumerate(zip(np.asarray(lag).tolist(), np.asarray(source).tolist(), strict=True)):
            self.places.setdefault(key, []).append(place)
        self.source, self.lag = np.asarray(source), np.asarray(lag)
        self.target, self.weight = np.asarray(target), np.asarray(weight)

    def with_weights(self, source, target, weight, lag):
        """The same with other weights, or all of it anew where there are other synapses."""
        pairs = (source, self.source), (target, self.target), (lag, self.lag)
        if not all(np.array_equal(one, its) for one, its in pairs):
            return Edges(source, target, weight, lag)
        self.weight = np.asarray(weight)
        return self

    def add(self, lag, source, sums):
        """Add the weights of one source and delay, one after the other."""
        places = self.places.get((lag, source), ())
        for place in places:
            sums[self.target[place]] += self.weight[place]


def simulate(v, u, a, b, c, d, projections, inputs, n_steps, dt=1.0, scheme="net2003"):
    """Simulate Izhikevich neurons.

    ``projections`` is a list of (source, target, weight, delay in steps), as lists of equal length;
    ``inputs(k)`` gives the constant input of step k. What arrives is added up by the step in which the spike
    was sent, then by source, by projection and by place. Returns spike steps, spike neurons, and v after each
    step.
    """
    v, u = np.array(v, float), np.array(u, float)
    projections = [Edges(*one) for one in projections]
    lags = sorted(set().union(*(one.lags for one in projections)), reverse=True)
    fired_at = {}
    steps, neurons, voltages = [], [], []
    for k in range(n_steps):
        arriving = np.zeros(len(v))
        for lag in lags:
            for source in fired_at.get(k - lag, ()):
                for one in projections:
                    one.add(lag, source, arriving)
        v, u = SCHEMES[scheme](v, u, inputs(k) + arriving, a, b, dt)
        fired = np.flatnonzero(v >= 30)
        v[fired], u[fired] = c[fired], u[fired] + d[fired]
        fired_at[k + 1] = fired.tolist()
        steps += [k + 1] * len(fired)
        neurons += fired.tolist()
        voltages.append(v.copy())
    return np.array(steps, int), np.array(neurons, int), np.array(voltages)


class Cells:
    """Neurons of any model, advanced by the model's own plain functions in double precision.

    ``x`` holds the variables by name. What arrives is added to the array that ``port`` names before a step.
    """

    def __init__(self, model, values, dt, scheme):
        self.model, self.dt, self.scheme = model, dt, scheme
        self.x = {name: np.array(values[name], float) for name in model.states}
        self.n = len(self.x[model.voltage])
        self.waiting = {name: np.zeros(self.n) for name in (*model.jumps, *model.pulses, "")}
        self.left = np.zeros(self.n)
        self.taken = {}  # parameters
        self.set({name: value for name, value in values.items() if name not in model.states})

    def set(self, parameters):
        """Take new parameters."""
        if self.taken and all(np.array_equal(self.taken[name], value) for name, value in parameters.items()):
            return
        self.taken = {name: np.array(value, float) for name, value in parameters.items()}
        p = self.taken | {"dt": self.dt}
        for name, constant in self.model.constants.items():
            p[name] = ask(constant.function, p)
        refractory = self.model.refractory
        self.period = half_up(p[refractory] / self.dt) if refractory else np.zeros(self.n)
        self.p = p
        self.flows = {part: receptor_flows(self.model, p, self.n, 0.5 * part * self.dt) for part in (1, 2)}

    def port(self, receptor):
        """Array that the weights of a receptor are added to; no name: the input of one step."""
        name = self.model.receptors[receptor] if receptor else ""
        return self.waiting[name] if name in self.waiting else self.x[name]

    def is_jump(self, receptor):
        """Whether the weights of a receptor are jumps, which are added a step before they would be due."""
        return self.model.receptors.get(receptor) in self.model.jumps

    def step(self, k, current):
        """Advance by step ``k`` with this input; returns the neurons that spiked."""
        model, voltage, dt, x = self.model, self.model.voltage, self.dt, self.x
        begin = x
        waiting, self.waiting = self.waiting, {name: np.zeros(self.n) for name in self.waiting}
        given = {**self.p, "I": current + waiting[""]}
        was_above = ask(model.threshold, {**given, **x, "t": k * dt})
        held = (self.left > 0) & (model.reset is not None)
        pulses = sum(waiting[name] for name in model.pulses)

        def slopes(x, t):
            part = round(
                2 * (t - k * dt) / dt
            )  # of a step, in halves: what is known exactly is so at each stage
            if part and self.scheme != "exact":
                for own, flow in self.flows[part]:
                    x = x | dict(zip(own, moved(flow, [begin[one] for one in own]), strict=True))
            found = rates(model, {**given, **x, "t": t, "I": given["I"] + pulses})
            return found | {voltage: np.where(held, 0.0, found[voltage])}

        with np.errstate(over="ignore"):
            if self.scheme == "advance":
                drive = given["I"] + pulses
                y = dict(x) | named(model, ask(model.advance, {**given, **x, "t": k * dt, "I": drive}))
            else:
                y = STEPS[self.scheme](slopes, x, k * dt, dt)
            if self.scheme != "exact":
                for own, flow in self.flows[2]:
                    y |= dict(zip(own, moved(flow, [x[one] for one in own]), strict=True))
            for name in model.jumps:
                y[voltage] = np.where(held, y[voltage], y[voltage] + waiting[name])
            given["t"] = k * dt
            fired = ask(model.threshold, {**given, **y}) & (self.left <= 0)
            if model.reset is None:
                fired &= ~was_above
                after = {}
            else:
                after = named(model, ask(model.reset, {**given, **y}))
        self.left = np.where(fired, self.period, np.maximum(self.left - 1, 0))
        self.x = {name: np.where(fired, after.get(name, y[name]), y[name]) for name in self.x}
        return np.flatnonzero(fired)


def simulate_model(model, values, inputs, n_steps, dt, scheme, arriving=lambda k: {}):
    """Simulate unconnected neurons of any model.

    ``values`` are parameters and variables at time zero, by name, as arrays (n,); ``inputs(k)`` is the
    input of step k; ``arriving(k)`` holds weights (n,) by the names of receptors. Returns spike steps, spike
    neurons, and the variables at the end by name.
    """
    cells = Cells(model, values, dt, scheme)
    steps, neurons = [], []
    for k in range(n_steps):
        for receptor, weights in arriving(k).items():
            cells.port(receptor)[:] += weights
        fired = cells.step(k, inputs(k))
        steps += [k + 1] * len(fired)
        neurons += fired.tolist()
    return np.array(steps, int), np.array(neurons, int), cells.x


class Network:
    """Pools in step: an ``iz.Network`` is read, and simulated again with the functions above."""

    def __init__(self, net):
        self.net, self.k = net, inside.engine(net).steps_done
        self.cells, self.edges, self.since, self.stamps = {}, [], [], {}
        self.learned, self.sent = {}, {}  # by number of the projection; what learned synapses have sent

    def take_up(self):
        """Look at the network again: its parameters, weights and projections, and what is new."""
        net = self.net
        for name, pool in net.pools.items():
            arrays = {one: getattr(pool, one).copy() for one in (*pool.model.states, *pool.model.parameters)}
            if name not in self.cells:
                self.cells[name] = Cells(pool.model, arrays, net.dt, pool.scheme)
            self.cells[name].set({one: arrays[one] for one in pool.model.parameters})
        self.since += [self.k] * (len(net.synapses) - len(self.since))
        before, self.edges = self.edges, []
        for number, one in enumerate(net.synapses):
            source, target, weight, delay = in_the_pool(one)
            post = list(inside.members(net))[inside.ends(one)[1]]
            steps, least = np.rint(delay / net.dt).astype(int), self.cells[post].is_jump(one.receptor)
            if one.plasticity is not None:
                if number not in self.learned:
                    self.learned[number] = Learned(
                        one, net.dt, self.since[number], source, target, weight, steps, int(least),
                        inside.random_of(net, one),
                    )  # fmt: skip
                self.learned[number].switch(one.learning, self.k)
                self.learned[number].be_ruled_by(one.plasticity, self.k)
            edges = source, target, weight * one.gain, steps - least
            self.edges.append(before[number].with_weights(*edges) if number < len(before) else Edges(*edges))

    def run(self, n_steps, sent=None):
        """Simulate; ``sent`` holds (steps, units) of sources by name. Returns (steps, neurons) by name."""
        self.take_up()
        net, names = self.net, list(inside.members(self.net))
        for name, (steps, units) in (sent or {}).items():
            for step, unit in zip(steps.tolist(), units.tolist(), strict=True):
                self.stamps.setdefault((name, step), []).append(unit)
        ports = {}  # pool and receptor: numbers of projections, by the place of the pool that they come from
        for number, one in enumerate(net.synapses):
            pre, post = inside.ends(one)
            ports.setdefault((names[post], one.receptor or ""), {}).setdefault(pre, []).append(number)
        drives = {name: pool.external_input.copy() for name, pool in net.pools.items()}
        found = {name: ([], []) for name in self.cells}
        for k in range(self.k, self.k + n_steps):
            for number, one in self.learned.items():
                one.announce(k + 1)
                one.look(k, self.cells[names[inside.ends(net.synapses[number])[1]]].x)
            for (post, receptor), by_pool in ports.items():
                port = self.cells[post].port(receptor)
                for one in self.kinds_of_sums(by_pool):
                    port += self.arriving(k, one, names, len(port), (post, receptor))
            for name, cells in self.cells.items():
                fired = cells.step(k, drives[name]).tolist()
                self.stamps[name, k + 1] = fired
                found[name][0].extend([k + 1] * len(fired))
                found[name][1].extend(fired)
            for number, one in self.learned.items():
                for is_source, its in zip((True, False), inside.ends(net.synapses[number]), strict=True):
                    for neuron in self.stamps.get((names[its], k + 1), ()):
                        one.spiked(is_source, neuron, k + 1)
                one.look(k + 1, self.cells[names[inside.ends(net.synapses[number])[1]]].x)
                one.ask_targets(k + 1)
        self.k += n_steps
        return found

    def kinds_of_sums(self, by_pool):
        """Projections whose weights are added up apart: those that do not learn, and those that do."""
        kinds = {}
        for number in sorted(number for numbers in by_pool.values() for number in numbers):
            kinds.setdefault(self.net.synapses[number].delay_at, []).append(number)
        pulses = not self.net.synapses[next(iter(kinds.values()))[0]].receptor
        for kind in sorted(
            kinds, key=lambda one: pulses and one is not None
        ):  # pulses are added to what is there
            numbers = kinds[kind]
            yield {pre: [one for one in its if one in numbers] for pre, its in by_pool.items()}

    def learned_arriving(self, k, by_pool, names, n, place):
        """What arrives at a receptor from synapses that learn, by the weights of their time."""
        numbers = [number for its in by_pool.values() for number in its]
        waiting = self.sent.setdefault(place, {})
        sums = np.zeros(n)
        pools = [(names[pre], by_pool[pre]) for pre in sorted(by_pool)]
        if self.learned[numbers[0]].dendritic:
            sums = waiting.pop(k, sums)
            for name, its in pools:
                for source in self.stamps.get((name, k), ()):
                    for number in its:
                        one = self.learned[number]
                        if k <= self.since[number]:
                            continue
                        for e in one.of_source.get(source, ()):
                            due = k + one.delay[e] - one.least
                            into = sums if due == k else waiting.setdefault(due, np.zeros(n))
                            into[one.target[e]] += one.arrive(e, k) * self.net.synapses[number].gain
            return sums
        lags = set().union(*(self.edges[number].lags for number in numbers))
        for lag in sorted(lags, reverse=True):
            for name, its in pools:
                for source in self.stamps.get((name, k - lag), ()):
                    for number in its:
                        one = self.learned[number]
                        if k - lag <= self.since[number]:
                            continue
                        for e in one.of_source.get(source, ()):
                            if one.delay[e] - one.least == lag:
                                sums[one.target[e]] += (
                                    one.arrive(e, k + one.least) * self.net.synapses[number].gain
                                )
        return sums

    def arriving(self, k, by_pool, names, n, place):
        """Add up what arrives at a receptor: the oldest spikes first, then by pool, source, projection."""
        if any(number in self.learned for numbers in by_pool.values() for number in numbers):
            return self.learned_arriving(k, by_pool, names, n, place)
        sums = np.zeros(n)
        pools = [(names[pre], by_pool[pre]) for pre in sorted(by_pool)]
        lags = set().union(*(self.edges[number].lags for _, numbers in pools for number in numbers))
        for lag in sorted(lags, reverse=True):
            for name, numbers in pools:
                for source in self.stamps.get((name, k - lag), ()):
                    for number in numbers:
                        if k - lag > self.since[number]:
                            self.edges[number].add(lag, source, sums)
        return sums


def moved(flow, x):
    """Variables of each neuron after its matrix."""
    return np.einsum("nij,jn->in", flow, x)


def half_up(quotient):
    """Whole numbers, a half up, where the quotient is of two decimals."""
    return np.floor(np.round(quotient, 5) + 0.5)


def receptor_flows(model, p, n, dt):
    """Names of the variables of each receptor that is advanced exactly, and each neuron's matrix."""
    found = []
    for name, kind in model.exact_receptors.items():
        names = list(kind.states)
        matrices = np.zeros((n, len(names), len(names)))
        for i in range(n):
            values = {
                one: np.broadcast_to(p[f"{one}_{name}"], n)[i] for one in (*kind.parameters, *kind.constants)
            }
            for j, row in enumerate(np.eye(len(names))):
                slope = named(kind, ask(kind.derivatives, values | dict(zip(names, row, strict=True))))
                matrices[i, :, j] = [slope[one] for one in names]
        different, which = np.unique(matrices, axis=0, return_inverse=True)
        found.append(([f"{one}_{name}" for one in names], expm(different * dt)[which.reshape(n)]))
    return found


def named(model, returned):
    if isinstance(returned, dict):
        return returned
    return dict(zip(model.states, returned if isinstance(returned, tuple) else (returned,), strict=True))


def rates(model, values):
    return named(model, ask(model.derivatives, values))


def added(x, dt, f):
    return {name: x[name] + dt * f[name] for name in x}


def step_net2003(f, x, t, dt):
    v = next(iter(x))
    x = x | {v: x[v] + dt * 0.5 * f(x, t)[v]}
    x = x | {v: x[v] + dt * 0.5 * f(x, t)[v]}
    return added(x, dt, f(x, t)) | {v: x[v]}


def step_fig2003(f, x, t, dt):
    v = next(iter(x))
    x = x | {v: x[v] + dt * f(x, t)[v]}
    return added(x, dt, f(x, t)) | {v: x[v]}


def step_euler(f, x, t, dt):
    return added(x, dt, f(x, t))


def step_heun(f, x, t, dt):
    a = f(x, t)
    b = f(added(x, dt, a), t + dt)
    return added(added(x, dt * 0.5, a), dt * 0.5, b)


def step_rk4(f, x, t, dt):
    a = f(x, t)
    b = f(added(x, dt * 0.5, a), t + dt * 0.5)
    c = f(added(x, dt * 0.5, b), t + dt * 0.5)
    d = f(added(x, dt, c), t + dt)
    return added(added(added(added(x, dt / 6, a), dt / 3, b), dt / 3, c), dt / 6, d)


def step_exponential_euler(f, x, t, dt):
    rate = f(x, t)
    new = {}
    for name in x:
        slope = f(x | {name: x[name] + 1}, t)[name] - rate[name]
        z = np.where(slope == 0, 1.0, slope * dt)
        new[name] = x[name] + dt * rate[name] * np.where(slope == 0, 1.0, np.expm1(z) / z)
    return new


def step_exponential_midpoint(f, x, t, dt):
    middle, new = step_exponential_euler(f, x, t, dt * 0.5), {}
    for name in x:
        rate = f(middle | {name: x[name]}, t + dt * 0.5)[name]
        slope = f(middle | {name: x[name] + 1}, t + dt * 0.5)[name] - rate
        z = np.where(slope == 0, 1.0, slope * dt)
        new[name] = x[name] + dt * rate * np.where(slope == 0, 1.0, np.expm1(z) / z)
    return new


def step_exact(f, x, t, dt):
    """A linear model's step, as many small steps of rk4."""
    for _ in range(10):
        x = step_rk4(f, x, t, dt / 10)
    return x


STEPS = {
    "net2003": step_net2003, "fig2003": step_fig2003, "book2007": step_euler, "euler": step_euler,
    "heun": step_heun, "rk4": step_rk4, "exponential_euler": step_exponential_euler,
    "exponential_midpoint": step_exponential_midpoint, "exact": step_exact,
}  # fmt: skip
