"""Spikes of a model by an adaptive solver of scipy."""

import numpy as np
from scipy.integrate import solve_ivp

from tests import reference


def solved_spikes(model, current, level, duration, tolerance=1e-9):
    """Spikes of DOP853's solution, with threshold and reset as events; the voltage is held for ``t_ref``.

    ``level`` is the voltage of the threshold; where the model's own is too steep for the solver, one below.
    """
    start = (model() if isinstance(model, type) else model).start()
    values = start | {"I": current}
    names, refractory = list(model.states), start.get(model.refractory, 0.0)

    def rates(t, x):
        slopes = reference.rates(model, {**values, **dict(zip(names, x, strict=True)), "t": t})
        return np.array([slopes[name] for name in names])

    def held(t, x):
        return rates(t, x) * (np.arange(len(x)) > 0)

    def crossing(t, x):
        return x[0] - level

    crossing.direction, crossing.terminal = 1, model.reset is not None
    t, x, spikes, options = (
        0.0,
        [float(values[name]) for name in names],
        [],
        {"rtol": tolerance, "atol": tolerance},
    )
    while t < duration:
        done = solve_ivp(rates, (t, duration), x, method="DOP853", events=crossing, **options)
        spikes += done.t_events[0].tolist()
        if model.reset is None or done.status != 1:
            break
        t, x = done.t[-1], done.y[:, -1]
        after = reference.named(
            model, reference.ask(model.reset, {**values, **dict(zip(names, x, strict=True))})
        )
        x = [float(after.get(name, old)) for name, old in zip(names, x, strict=True)]
        if refractory:
            x, t = (
                solve_ivp(held, (t, t + refractory), x, method="DOP853", **options).y[:, -1],
                t + refractory,
            )
    return np.array(spikes)
