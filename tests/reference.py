"""A slow and obvious simulator, in double precision, that the package is compared with."""

import numpy as np


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


def simulate(v, u, a, b, c, d, edges, inputs, n_steps, dt=1.0, scheme="net2003"):
    """Simulate Izhikevich neurons.

    ``edges`` is a list of (source, target, weight, delay in steps), one entry per projection as lists
    of equal length; ``inputs(k)`` gives the constant input of step k. Returns spike steps, spike
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
