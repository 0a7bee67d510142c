"""A slow and obvious simulator, in double precision, that the package is compared with."""

import numpy as np
from scipy.linalg import expm


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


def rows_of(synapses, dt):
    """Edges for the simulators below: what has its rows in common is added to a target in one order."""
    columns = {}
    for one in synapses:
        source, target, weight, delay = one.to_arrays()
        its = (source, target, weight, np.rint(delay / dt).astype(int))
        columns.setdefault(id(one._rows), []).append(its)
    return [tuple(map(np.concatenate, zip(*parts, strict=True))) for parts in columns.values()]


def simulate(v, u, a, b, c, d, edges, inputs, n_steps, dt=1.0, scheme="net2003"):
    """Simulate Izhikevich neurons.

    ``edges`` is a list of (source, target, weight, delay in steps), one entry for projections that share
    their rows, as lists of equal length; ``inputs(k)`` gives the constant input of step k. Returns spike steps, spike
    neurons, and v after each step.
    """
    v, u = np.array(v, float), np.array(u, float)
    ordered = []
    for source, target, weight, delay in edges:
        order = np.lexsort((np.arange(len(source)), source, delay))  # delay, source, place
        ordered.append([np.asarray(column)[order] for column in (source, target, weight, delay)])
    fired_at = {}
    steps, neurons, voltages = [], [], []
    for k in range(n_steps):
        arriving = np.zeros(len(v))
        for source, target, weight, delay in ordered:
            for i, j, w, lag in zip(source, target, weight, delay, strict=True):
                if i in fired_at.get(k - lag, ()):
                    arriving[j] += w
        v, u = SCHEMES[scheme](v, u, inputs(k) + arriving, a, b, dt)
        fired = np.flatnonzero(v >= 30)
        v[fired], u[fired] = c[fired], u[fired] + d[fired]
        fired_at[k + 1] = set(fired.tolist())
        steps += [k + 1] * len(fired)
        neurons += fired.tolist()
        voltages.append(v.copy())
    return np.array(steps, int), np.array(neurons, int), np.array(voltages)


def simulate_model(model, values, inputs, n_steps, dt, scheme, arriving=lambda k: {}):
    """Simulate unconnected neurons of any model with its own plain functions, in double precision.

    ``values`` are parameters and variables at time zero, by name, as arrays (n,); ``inputs(k)`` is the
    input of step k; ``arriving(k)`` holds weights (n,) by the names of receptors. Returns spike steps, spike neurons, and the variables at the end by name.
    """
    values = {name: np.array(value, float) for name, value in values.items()}
    names, voltage = list(model.states), model.voltage
    n = len(values[voltage])
    values["dt"] = dt
    for name, constant in model.constants.items():
        values[name] = ask(constant.function, values)
    period = np.rint(values[model.refractory] / dt) if model.refractory else np.zeros(n)
    left = np.zeros(n)
    x = {name: values[name] for name in names}
    p = {name: value for name, value in values.items() if name not in names}
    flows = receptor_flows(model, p, n, dt)
    steps, neurons = [], []
    with np.errstate(over="ignore"):
        for k in range(n_steps):
            given = {**p, "I": inputs(k)}
            weights = {model.receptors[name]: array for name, array in arriving(k).items()}
            x = {name: x[name] + weights.get(name, 0) for name in names}
            was_above = ask(model.threshold, {**given, **x, "t": k * dt})
            held = (left > 0) & (model.reset is not None)

            for name in model.jumps:
                x[voltage] = np.where(held, x[voltage], x[voltage] + weights.get(name, 0))
            pulses = sum(weights.get(name, 0) for name in model.pulses)

            def slopes(x, t, given=given, held=held, pulses=pulses):
                found = rates(model, {**given, **x, "t": t, "I": given["I"] + pulses})
                return found | {voltage: np.where(held, 0.0, found[voltage])}

            y = STEPS[scheme](slopes, x, k * dt, dt)
            if scheme != "exact":
                for own, flow in flows:
                    y |= dict(zip(own, np.einsum("nij,jn->in", flow, [x[one] for one in own]), strict=True))
            given["t"] = k * dt
            fired = ask(model.threshold, {**given, **y}) & (left <= 0)
            if model.reset is None:
                fired &= ~was_above
                after = {}
            else:
                after = named(model, ask(model.reset, {**given, **y}))
            left = np.where(fired, period, np.maximum(left - 1, 0))
            x = {name: np.where(fired, after.get(name, y[name]), y[name]) for name in names}
            steps += [k + 1] * fired.sum()
            neurons += np.flatnonzero(fired).tolist()
    return np.array(steps, int), np.array(neurons, int), x


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
            matrices[i] = expm(matrices[i] * dt)
        found.append(([f"{one}_{name}" for one in names], matrices))
    return found


def ask(function, values):
    return function(
        **{name: values[name] for name in function.__code__.co_varnames[: function.__code__.co_argcount]}
    )


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


def step_exact(f, x, t, dt):
    """A linear model's step, as many small steps of rk4."""
    for _ in range(10):
        x = step_rk4(f, x, t, dt / 10)
    return x


STEPS = {
    "net2003": step_net2003, "fig2003": step_fig2003, "book2007": step_euler, "euler": step_euler,
    "heun": step_heun, "rk4": step_rk4, "exponential_euler": step_exponential_euler, "exact": step_exact,
}  # fmt: skip
