"""A slow and obvious simulator of synapses that learn, event by event, that the package is compared with."""

import math
from types import FunctionType

import numba
import numpy as np

import izhi_numba as iz
import izhi_numba.math


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


NOTHING = 746.0  # exp of less is 0 in double precision


class Fading:
    """What is left of a trace after some steps: one factor of each of two tables."""

    def __init__(self, tau, dt):
        steps = NOTHING * tau / dt
        self.shift = max(0, math.ceil(math.log2(max(1.0, steps)) / 2))
        self.low = np.exp(-np.arange(1 << self.shift) * (dt / tau))
        self.high = np.exp(-np.arange(2 + int(steps) // (1 << self.shift)) * (dt / tau * (1 << self.shift)))
        self.high[-1] = 0.0

    def after(self, gap):
        high = self.high[min(gap >> self.shift, len(self.high) - 1)]
        return self.low[gap & ((1 << self.shift) - 1)] * high


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


class Learned:
    """The synapses of a projection that learn."""

    def __init__(self, one, dt, since, source, target, weight, lag, least):
        self.rule, self.dt, self.since, self.least = one.plasticity, dt, since, least
        self.dendritic, kind = one.delay_at == "dendrite", type(one.plasticity)
        self.source, self.target, self.delay = source.tolist(), target.tolist(), lag.tolist()
        start = self.rule.start()
        self.x = [{"w": w} | {name: np.float64(start[name]) for name in kind.states} for w in weight]
        self.take_parameters()
        self.trains = {}
        self.kinds = {True: kind.traces_of(iz.SourceTrace), False: kind.traces_of(iz.TargetTrace)}
        self.is_on = True
        self.applied = [0] * len(self.source)  # spikes of the target
        self.arrived = [0] * len(self.source)  # spikes of the source
        self.of_source = {}
        for e, i in enumerate(self.source):
            self.of_source.setdefault(i, []).append(e)

    def take_parameters(self):
        kind = type(self.rule)
        self.p = {name: np.float64(self.rule.default_of(name)) for name in kind.parameters}
        self.p["dt"] = np.float64(self.dt)
        for name, constant in kind.constants.items():
            self.p[name] = np.float64(ask(constant.function, self.p))

    def be_ruled_by(self, rule, now):
        """Take other parameters, for what arrives from a step on."""
        if rule is not self.rule:
            self.weights(now)
            self.rule = rule
            self.take_parameters()

    def train(self, is_source, neuron):
        traces = self.kinds[is_source]
        if (is_source, neuron) not in self.trains:
            fading = [Fading(float(self.rule.default_of(one.tau)), self.dt) for one in traces.values()]
            self.trains[is_source, neuron] = Train([*traces.values()], fading)
        return self.trains[is_source, neuron]

    def spiked(self, is_source, neuron, stamp):
        if stamp > self.since:
            self.train(is_source, neuron).spike(stamp)

    def call(self, e, name, source, n_source, stamp_of_source, target, n_target, stamp_of_target):
        function, x = with_our_exp(getattr(self.rule, name)), self.x[e]
        values = {**self.p, **x}
        values |= dict(zip(self.kinds[True], source.at(n_source, stamp_of_source), strict=True))
        values |= dict(zip(self.kinds[False], target.at(n_target, stamp_of_target), strict=True))
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
        """Apply the spikes of the target that have arrived up to a step."""
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
        self.apply(e, arrival if self.dendritic else arrival - 1)
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
        for e in range(len(self.source)):
            self.apply(e, now - 1)
        return np.array([x[name] for x in self.x])
