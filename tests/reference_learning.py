"""A slow and obvious simulator of synapses that learn, event by event, that the package is compared with."""

import math
from types import FunctionType

import numba
import numpy as np

import izhi_numba as iz
import izhi_numba.math
from tests import inside


@numba.njit(error_model="numpy")
def exp(x):
    """The package's own exponential, which differs from numpy's in the last bits."""
    return izhi_numba.math.exp(x)


def with_our_exp(function):
    """A plain function with the exponential that compiled code has."""
    if function is None or "exp" not in function.__globals__:
        return function
    return FunctionType(
        function.__code__, function.__globals__ | {"exp": lambda x: np.float64(exp(float(x)))}
    )


def ask(function, values):
    """Call a function with what it asks for."""
    return function(
        **{name: values[name] for name in function.__code__.co_varnames[: function.__code__.co_argcount]}
    )


WORD = 2**32 - 1


def philox(counter, key):
    """Four random words of 32 bits: ten rounds, see Salmon et al. (2011)."""
    c, k = list(counter), list(key)
    for _ in range(10):
        p, q = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [q >> 32 ^ c[1] ^ k[0], q & WORD, p >> 32 ^ c[3] ^ k[1], p & WORD]
        k = [k[0] + 0x9E3779B9 & WORD, k[1] + 0xBB67AE85 & WORD]
    return c


class Fading:
    """What is left of a trace after some steps."""

    def __init__(self, tau, dt):
        self.rates = inside.rates(tau, dt, np.dtype(np.float64))

    def after(self, gap):
        """The package's own decay, which differs from numpy's exponential in the last bits."""
        return np.float64(inside.what_is_left(*self.rates, gap))


class Train:
    """Spikes of a neuron, with its traces after each."""

    def __init__(self, traces, fading):
        self.traces, self.fading = traces, fading
        self.stamps, self.after = [], []

    def spike(self, stamp):
        before = self.at(len(self.stamps), stamp)
        self.after.append([1.0 if t.nearest else x + 1.0 for t, x in zip(self.traces, before, strict=True)])
        self.stamps.append(stamp)

    def at(self, n, stamp):
        """Traces at a stamp, after the first ``n`` spikes."""
        if n == 0:
            return [0.0 for _ in self.traces]
        gap = stamp - self.stamps[n - 1]
        return [x * f.after(gap) for x, f in zip(self.after[n - 1], self.fading, strict=True)]

    def since(self, n, stamp, dt):
        return dt * (stamp - self.stamps[n - 1]) if n else math.inf


class Steps(Train):
    """Steps of a neuron in which a function was true, with values of the neuron then."""

    def step(self, stamp, values):
        self.stamps.append(stamp)
        self.after.append(values)

    def at(self, n, stamp):
        """It has no traces."""
        return []


class Learned:
    """The synapses of a projection that learn."""

    def __init__(self, one, dt, since, source, target, weight, lag, least, random):
        self.rule, self.dt, self.since, self.least = one.plasticity, dt, since, least
        self.dendritic, kind = one.delay_at == "dendrite", type(one.plasticity)
        self.source, self.target, self.delay = source.tolist(), target.tolist(), lag.tolist()
        start = self.rule.start()
        self.x = [{"w": w} | {name: np.float64(start[name]) for name in kind.states} for w in weight]
        self.take_parameters()
        self.trains = {}
        self.kinds = {True: kind.traces_of(iz.SourceTrace), False: kind.traces_of(iz.TargetTrace)}
        self.states = {}  # of the targets, by the step that they begin
        self.is_on = True
        self.applied = [0] * len(self.source)  # spikes of the target
        self.arrived = [0] * len(self.source)  # spikes of the source
        self.of_source = {}
        kind = type(self.rule)
        self.hears = kind.hears_signals()
        # step, modulators after it, whether it is a tick
        self.signals = [(since, {name: np.float64(m.start) for name, m in kind.modulators.items()}, False)]
        self.ticked, self.heard = since, [0] * len(self.source)  # the last signal that a synapse has heard of
        self.key, self.number = random
        self.ordinals, count = [], {}
        for e, pair in enumerate(zip(self.source, self.target, strict=True)):
            self.of_source.setdefault(pair[0], []).append(e)
            self.ordinals.append(count.get(pair, 0))
            count[pair] = self.ordinals[-1] + 1

    def take_parameters(self):
        kind = type(self.rule)
        self.p = {name: np.float64(self.rule.default_of(name)) for name in kind.parameters}
        self.p["dt"] = np.float64(self.dt)
        for name, constant in kind.constants.items():
            self.p[name] = np.float64(ask(constant.function, self.p))
        self.decays = {
            name: Fading(float(self.rule.default_of(m.tau)), self.dt) if m.tau else None
            for name, m in kind.modulators.items()
        }
        self.interval = max(1, round(self.rule.tick_interval() / self.dt)) if kind.on_tick else 0

    def switch(self, is_on, now):
        """Learn, or not, what arrives from a step on: modulators decay anew from there."""
        if is_on != self.is_on:
            self.weights(now)
            self.mark(now)
            self.is_on = is_on

    def be_ruled_by(self, rule, now):
        """Take other parameters, for what arrives from a step on."""
        if rule is not self.rule:
            self.weights(now)
            self.mark(now)
            self.rule = rule
            self.take_parameters()

    def value(self, name, neuron, stamp):
        """A value of a target; before there were synapses, as it was when there were some first."""
        one = type(self.rule).values[name]
        late = 0 if one.late is None else math.floor(self.p[one.late] / self.dt + 0.5 + 1e-9)
        return self.states[max(stamp - late, self.since)][one.state][neuron]

    def look(self, stamp, states):
        """Take up what variables of the targets are when a step begins; once more, where users set some."""
        if not type(self.rule).values:
            return
        self.states[stamp] = {one.state: states[one.state].copy() for one in type(self.rule).values.values()}

    def ask_targets(self, stamp):
        """Ask in which targets something is true after a step."""
        kind = type(self.rule)
        for neuron in sorted({*self.target}) if kind.when else ():
            values = {name: self.value(name, neuron, stamp) for name in kind.values}
            if ask(kind.when, self.p | values):
                self.train(False, neuron).step(stamp, values)

    def train(self, is_source, neuron):
        traces = self.kinds[is_source]
        if (is_source, neuron) not in self.trains and not is_source and type(self.rule).when:
            self.trains[is_source, neuron] = Steps([], [])
        if (is_source, neuron) not in self.trains:
            fading = [Fading(float(self.rule.default_of(one.tau)), self.dt) for one in traces.values()]
            self.trains[is_source, neuron] = Train([*traces.values()], fading)
        return self.trains[is_source, neuron]

    def spiked(self, is_source, neuron, stamp):
        if stamp > self.since and (is_source or not type(self.rule).when):
            self.train(is_source, neuron).spike(stamp)

    def modulators(self, n, stamp):
        """Modulators at a step, after the signal ``n``."""
        begin, values, _ = self.signals[n]
        return {
            name: value * self.decays[name].after(stamp - begin) if self.decays[name] else value
            for name, value in values.items()
        }

    def modulate(self, step, amounts):
        """Add to modulators before a step; with no amounts, mark it."""
        self.announce(step)
        values = self.modulators(-1, step)
        for name, amount in amounts.items():
            values[name] = values[name] + np.float64(amount)
        self.signals.append((step, values, False))

    def randoms(self, e, name, step):
        """Random numbers of an event: of the network, projection, source, target, ordinal, step, and kind."""
        names, found = type(self.rule).randoms, []
        kind = ("on_pre", "on_post", "on_tick").index(name)
        key = philox((self.source[e], self.number, 0, 9), self.key)[:2]
        for k in range((len(names) + 1) // 2):
            last = (step >> 32) << 16 | k << 10 | kind << 8 | 10
            a, b, c, d = philox((self.target[e], step & WORD, self.ordinals[e], last), key)
            found += [np.float64((high << 32 | low) >> 11) / 2**53 for high, low in ((a, b), (c, d))]
        return dict(zip(names, found, strict=False))

    def announce(self, step):
        """Ticks up to a step."""
        while self.interval and self.ticked < step:
            self.ticked += 1
            if self.ticked % self.interval == 0:
                self.signals.append((self.ticked, self.modulators(-1, self.ticked), True))

    def last_event(self, e):
        """When something happened at a synapse for the last time."""
        source, target = self.train(True, self.source[e]), self.train(False, self.target[e])
        back = self.delay[e] if self.dendritic else 0
        there = 0 if self.dendritic else self.delay[e]
        stamps = [self.signals[self.heard[e]][0]]
        if self.arrived[e]:
            stamps.append(source.stamps[self.arrived[e] - 1] + there)
        if self.applied[e]:
            stamps.append(target.stamps[self.applied[e] - 1] + back)
        return max(stamps)

    def pass_time(self, e, now, x):
        """What becomes of the variables of a synapse until now."""
        since, function = self.last_event(e), with_our_exp(self.rule.between)
        if function is None or now <= since or not self.is_on:
            return x
        values = {**self.p, **x, **self.modulators(self.heard[e], since)}
        values["elapsed"] = np.float64(self.dt * (now - since))
        return self.changed(x, ask(function, values))

    def changed(self, x, returned):
        if not isinstance(returned, dict):
            items = returned if isinstance(returned, tuple) else (returned,)
            returned = dict(zip(x, items, strict=False))
        x = x | {key: value for key, value in returned.items() if key != "sent"}
        low, high = self.rule.limits()
        x["w"] = low if x["w"] < low else high if x["w"] > high else x["w"]
        return x

    def hear(self, e, until):
        """Signals up to a step; the spikes that come before each have been applied."""
        source, target = self.train(True, self.source[e]), self.train(False, self.target[e])
        back = self.delay[e] if self.dendritic else 0
        there = 0 if self.dendritic else self.delay[e]
        while self.heard[e] + 1 < len(self.signals) and self.signals[self.heard[e] + 1][0] <= until:
            step, _, is_tick = self.signals[self.heard[e] + 1]
            self.apply_targets(e, step - 1)
            self.x[e] = self.pass_time(e, step, self.x[e])
            self.heard[e] += 1
            if is_tick:
                self.call(
                    e, "on_tick", source, self.arrived[e], step - there, target, self.applied[e], step - back
                )

    def call(self, e, name, source, n_source, stamp_of_source, target, n_target, stamp_of_target):
        function = with_our_exp(getattr(self.rule, name))
        there = 0 if self.dendritic else self.delay[e]
        now = stamp_of_source + there
        if name != "on_tick":
            self.x[e] = self.pass_time(e, now, self.x[e])
        x = self.x[e]
        values = {**self.p, **x, **self.modulators(self.heard[e], now), **self.randoms(e, name, now)}
        values |= dict(zip(self.kinds[True], source.at(n_source, stamp_of_source), strict=True))
        values |= dict(zip(self.kinds[False], target.at(n_target, stamp_of_target), strict=True))
        if name == "on_post" and type(self.rule).when:
            values |= target.after[n_target]
        if name == "on_pre":
            known = now if self.dendritic else now - self.least  # a jump is added a step before it arrives
            back = self.delay[e] if self.dendritic else 0
            values |= {one: self.value(one, self.target[e], known - back) for one in type(self.rule).values}
        values["since_pre"] = np.float64(source.since(n_source, stamp_of_source, self.dt))
        values["since_post"] = np.float64(target.since(n_target, stamp_of_target, self.dt))
        found = {}
        if function is not None and self.is_on:
            with np.errstate(all="ignore"):
                returned = ask(function, values)
            if not isinstance(returned, dict):
                items = returned if isinstance(returned, tuple) else (returned,)
                returned = dict(zip(x, items, strict=False))
            found = returned
        x |= {key: value for key, value in found.items() if key != "sent"}
        if not self.is_on:
            return x["w"]
        low, high = self.rule.limits()
        x["w"] = low if x["w"] < low else high if x["w"] > high else x["w"]
        return found.get("sent", x["w"])

    def apply(self, e, until):
        """Apply the spikes of the target that have arrived up to a step, and signals of the next."""
        self.hear(e, until + 1)
        self.apply_targets(e, until)

    def apply_targets(self, e, until):
        target, source = self.train(False, self.target[e]), self.train(True, self.source[e])
        back = self.delay[e] if self.dendritic else 0
        there = 0 if self.dendritic else self.delay[e]
        while self.applied[e] < len(target.stamps) and target.stamps[self.applied[e]] + back <= until:
            n = self.applied[e]
            stamp, seen = target.stamps[n], self.arrived[e]
            while seen and source.stamps[seen - 1] == stamp + back - there:  # together: it is not seen
                seen -= 1
            self.call(e, "on_post", source, seen, stamp + back - there, target, n, stamp)
            self.applied[e] = n + 1

    def arrive(self, e, arrival):
        """A spike of the source arrives; returns what is sent."""
        self.hear(e, arrival)
        self.apply_targets(e, arrival if self.dendritic else arrival - 1)
        target, source = self.train(False, self.target[e]), self.train(True, self.source[e])
        back = self.delay[e] if self.dendritic else 0
        there = 0 if self.dendritic else self.delay[e]
        seen = self.applied[e]
        if seen and target.stamps[seen - 1] + back == arrival:  # together: it is not seen
            seen -= 1
        n = self.arrived[e]
        sent = self.call(e, "on_pre", source, n, arrival - there, target, seen, arrival - back)
        self.arrived[e] = n + 1
        return sent

    def weights(self, now):
        """Weights with all that has arrived before a step."""
        return self.variable("w", now)

    def variable(self, name, now):
        """A variable with all that has arrived before a step."""
        self.announce(now)
        shown = []
        for e in range(len(self.source)):
            self.apply(e, now - 1)
            shown.append(self.pass_time(e, now, self.x[e])[name])
        return np.array(shown)

    def mark(self, now):
        """Hold what is shown, before something is changed by hand."""
        if self.hears:
            self.modulate(now, {})
            self.weights(now)
