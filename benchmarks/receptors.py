"""What receptors cost: 100,000 neurons on one thread, ``python benchmarks/receptors.py``.

Nanoseconds of the processor per neuron and step in single precision, the least of several turns in one run,
beside a numba loop written by hand for the same neuron with the same arrays. The loops take ``iz.math.exp``,
as ``math.exp`` stops vectors. No weights arrive: delivery is the business of connections.
"""

import time

import numba
import numpy as np
from handwritten import FAST

import izhi_numba as iz
from izhi_numba.math import exp, where

N = 100_000
LIF, AdEx, Current, Conductance = (
    iz.LeakyIntegrateAndFire, iz.AdEx, iz.ExponentialCurrent, iz.ExponentialConductance,
)  # fmt: skip
TWO = {"a": Conductance(), "b": Conductance(tau=10.0, E=-80.0)}
ONE, ZERO, HALF = np.float32(1), np.float32(0), np.float32(0.5)


def loop(function):
    return numba.njit(fastmath=FAST, error_model="numpy", boundscheck=False)(function)


@loop
def leaky(v, left, P, q, r, V_th, V_reset, period, current, spiked):
    for i in range(len(v)):
        x = P[i] * v[i] + q[i] * current[i] + r[i]
        free = left[i] <= ZERO
        x = x if free else v[i]
        fired = free & (x >= V_th[i])
        v[i] = V_reset[i] if fired else x
        left[i] = period[i] if fired else (left[i] if free else left[i] - ONE)
        spiked[i] = fired


@loop
def leaky_current(v, s, left, P, Ps, q, r, decay, V_th, V_reset, period, current, spiked):
    for i in range(len(v)):
        x = P[i] * v[i] + Ps[i] * s[i] + q[i] * current[i] + r[i]
        s[i] = decay[i] * s[i]
        free = left[i] <= ZERO
        x = x if free else v[i]
        fired = free & (x >= V_th[i])
        v[i] = V_reset[i] if fired else x
        left[i] = period[i] if fired else (left[i] if free else left[i] - ONE)
        spiked[i] = fired


@loop
def leaky_conductances(
    v, ga, gb, left, C, g_L, E_L, Ea, Eb, fa, fb, V_th, V_reset, period, current, spiked, dt
):
    for i in range(len(v)):
        g = g_L[i] + ga[i] + gb[i]
        end = (g_L[i] * E_L[i] + ga[i] * Ea[i] + gb[i] * Eb[i] + current[i]) / g
        x = end + (v[i] - end) * exp(-dt * g / C[i])
        ga[i], gb[i] = fa[i] * ga[i], fb[i] * gb[i]
        free = left[i] <= ZERO
        x = x if free else v[i]
        fired = free & (x >= V_th[i])
        v[i] = V_reset[i] if fired else x
        left[i] = period[i] if fired else (left[i] if free else left[i] - ONE)
        spiked[i] = fired


@loop
def adaptive_rates(v, w, ga, gb, Ea, Eb, C, g_L, E_L, V_T, D, a, tau_w, V_peak, current):
    bound = where(v < V_peak, v, V_peak)
    spike = g_L * D * exp((bound - V_T) / D)
    drive = current + ga * (Ea - v) + gb * (Eb - v)
    return (-g_L * (bound - E_L) + spike - w + drive) / C, (a * (bound - E_L) - w) / tau_w


@loop
def adaptive(
    v, w, ga, gb, left, C, g_L, E_L, V_T, D, a, tau_w, b, V_reset, V_peak, Ea, Eb, ta, tb, fa, fb, period,
    current, spiked, dt,
):  # fmt: skip
    for i in range(len(v)):
        p = Ea[i], Eb[i], C[i], g_L[i], E_L[i], V_T[i], D[i], a[i], tau_w[i], V_peak[i], current[i]
        free = left[i] <= ZERO
        fv, fw = adaptive_rates(v[i], w[i], ga[i], gb[i], *p)
        fv = fv if free else ZERO
        a1, b1 = ga[i] - dt * ga[i] / ta[i], gb[i] - dt * gb[i] / tb[i]
        sv, sw = adaptive_rates(v[i] + dt * fv, w[i] + dt * fw, a1, b1, *p)
        x = v[i] + HALF * dt * (fv + sv) if free else v[i]
        y = w[i] + HALF * dt * (fw + sw)
        ga[i], gb[i] = fa[i] * ga[i], fb[i] * gb[i]
        fired = free & (x >= V_peak[i])
        v[i] = V_reset[i] if fired else x
        w[i] = y + b[i] if fired else y
        left[i] = period[i] if fired else (left[i] if free else left[i] - ONE)
        spiked[i] = fired


LEFT, PERIOD, DRIVEN = "refractory_steps_left", "refractory_steps", ("current", "spiked")
CASES = [  # model, scheme, input, loop, its arrays
    (LIF(), "exact", 150.0, leaky, ["v", LEFT, *(f"exact_{k}" for k in range(3)), "V_th", "V_reset", PERIOD]),
    (
        iz.compose(LIF, {"a": Current()}), "exact", 150.0, leaky_current,
        ["v", "i_a", LEFT, *(f"exact_{k}" for k in range(5)), "V_th", "V_reset", PERIOD],
    ),
    (
        iz.compose(LIF, TWO), "exponential_euler", 150.0, leaky_conductances,
        ["v", "g_a", "g_b", LEFT, "C", "g_L", "E_L", "E_a", "E_b", "a_exact_0", "b_exact_0", "V_th",
         "V_reset", PERIOD],
    ),
    (
        iz.compose(AdEx, TWO), "heun", 500.0, adaptive,
        ["v", "w", "g_a", "g_b", LEFT, "C", "g_L", "E_L", "V_T", "Delta_T", "a", "tau_w", "b", "V_reset",
         "V_peak", "E_a", "E_b", "tau_a", "tau_b", "a_exact_0", "b_exact_0", PERIOD],
    ),
    (AdEx(), "heun", 500.0, None, []),
    (AdEx(), "euler", 500.0, None, []),
    (iz.compose(AdEx, TWO), "euler", 500.0, None, []),
]  # fmt: skip


def make(model, scheme, level):
    pool = iz.Pool(N, model, scheme=scheme, threads=1, seed=1)
    pool.drive(pool, np.linspace(level, 2 * level, N))
    if "g_a" in model.states:
        pool.set(g_a=1.0, g_b=1.0, tau_a=1e4, tau_b=1e4)
    pool.step(5)
    return pool


class ByHand:
    """A loop with the arrays of a pool."""

    def __init__(self, pool, function, names):
        population = pool._population
        arrays = population.arrays | population.hidden | population.constants
        self.given = [arrays[name][:N].copy() for name in names]
        self.given += [pool.external_input.copy(), np.zeros(N, np.uint8)]
        if function in (leaky_conductances, adaptive):
            self.given.append(np.float32(pool.dt))
        self.function = function

    def step(self, n_steps):
        """Advance; spikes are flags."""
        for _ in range(n_steps):
            self.function(*self.given)


def main(repetitions=15, n_steps=40):
    pools = [make(*case[:3]) for case in CASES]
    hands = [ByHand(pool, *case[3:]) if case[3] else None for pool, case in zip(pools, CASES, strict=True)]
    best = {}
    for repetition in range(repetitions + 1):
        for one in [*pools, *filter(None, hands)]:
            began = time.process_time()
            one.step(n_steps)
            taken = (time.process_time() - began) / n_steps / N * 1e9
            if repetition:  # the first one compiles
                best[one] = min(taken, best.get(one, taken))
    print("| model | scheme | ns per neuron step | by hand |\n|---|---|---|---|")
    for pool, hand in zip(pools, hands, strict=True):
        other = f"{best[hand]:.2f}" if hand else ""
        print(f"| {type(pool.model).__name__} | {pool.scheme} | {best[pool]:.2f} | {other} |")
    for pool, hand in zip(pools, hands, strict=True):
        if hand:  # they are the same neurons
            np.testing.assert_allclose(np.median(pool.v), np.median(hand.given[0]), atol=0.5)


if __name__ == "__main__":
    main()
