"""A neuron's step with its spike, its reset and the end of its refractory period at their own times.

On the grid a neuron that crosses the threshold is reset at the end of the step, up to a step late with each
spike. Here the few neurons to which something may happen in a step (see :func:`steep`) take it again, alone,
in steps of Dormand and Prince's method whose length follows their error. On their way to a threshold of the
voltage this takes the place of time: the solution then ends at the threshold, and an upswing, which blows up
in time, becomes flat (M. Henon, 1982, Physica D 5:412-414). A threshold that depends on other variables, or
on time, is found by halving steps. From there, reset, the neurons go to the end of the step.

Input, sums of weights and the receptors' exact values are those of the whole step. A neuron that gets to its
threshold again in the same step keeps its voltage, and spikes when the next begins.

Alternatives that are worse: a straight line from the beginning of the step to its end puts the spike of an
exponential upswing, which ends at 10^5 mV, near the beginning; a second step of the pool's own scheme from
there is of no use to exact schemes, whose factors are those of a whole step; and the upswing of a model such
as AdEx has to be found before the step that it ends in, as the last steps before it are as wrong with any
step.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from izhi_numba.kernels.jit import inline, shared
from izhi_numba.kernels.tuples import add_scaled, relative_size, scaled, tuple_text

SUITED = ("heun", "rk4", "exponential_midpoint", "exact")  # schemes of order two or more

_TOLERANCE = 1e-6  # of a variable, in one of the steps within
_SHORTEST = 1e-9  # of a step, which is not halved any more: rates that jump, or the instant of a spike
_EARLIEST = 1e-6  # of a step, whose very beginning belongs to the one before
_MOST = 1000  # steps within
_DOUBLINGS, _HALVINGS = 40, 60  # to find the voltage of the threshold
_SMALLEST = 1e-9  # of the way to it
_NAN, _INFINITY = float("nan"), float("inf")
_BENT, _FLAT = 0.5, 0.01  # in a ms, of a step's line; in a ms, of the voltage

Variables = tuple[Any, ...]


def steep(x: Variables, y: Variables, rate: Any, dt: Any) -> Any:
    """Whether the voltage bends within the step from ``x`` to ``y``, so that its scheme may be far off.

    An exponential upswing does so some steps before it ends. The last of them look the same with any ``dt``,
    and leave an error of time that is a share of ``dt``: for whole spike trains to be of order two, the last
    millisecond has to be taken carefully as a whole.
    """
    line = dt * rate
    return (abs(y[0] - x[0] - line) > _BENT * dt * abs(line)) & (abs(rate) > _FLAT * abs(x[0]))


def trial(rates: Any, x: Variables, t: Any, h: Any, given: Any) -> tuple[Any, ...]:
    """One step of Dormand and Prince, of order 5: its end, the rates at its beginning, and its error.

    The error is that of the embedded method of order 4, 1 where it is tolerable; NaN where there is none.

    Source: J. R. Dormand and P. J. Prince (1980), Journal of Computational and Applied Mathematics 6:19-26.
    """
    a = rates(x, t, given)
    b = rates(add_scaled(x, h * (1 / 5), a), t + h * (1 / 5), given)
    y = add_scaled(add_scaled(x, h * (3 / 40), a), h * (9 / 40), b)
    c = rates(y, t + h * (3 / 10), given)
    y = add_scaled(add_scaled(add_scaled(x, h * (44 / 45), a), h * (-56 / 15), b), h * (32 / 9), c)
    d = rates(y, t + h * (4 / 5), given)
    y = add_scaled(add_scaled(x, h * (19372 / 6561), a), h * (-25360 / 2187), b)
    y = add_scaled(add_scaled(y, h * (64448 / 6561), c), h * (-212 / 729), d)
    e = rates(y, t + h * (8 / 9), given)
    y = add_scaled(add_scaled(x, h * (9017 / 3168), a), h * (-355 / 33), b)
    y = add_scaled(add_scaled(y, h * (46732 / 5247), c), h * (49 / 176), d)
    y = add_scaled(y, h * (-5103 / 18656), e)
    f = rates(y, t + h, given)
    y = add_scaled(add_scaled(x, h * (35 / 384), a), h * (500 / 1113), c)
    y = add_scaled(add_scaled(add_scaled(y, h * (125 / 192), d), h * (-2187 / 6784), e), h * (11 / 84), f)
    g = rates(y, t + h, given)
    z = add_scaled(add_scaled(x, h * (5179 / 57600), a), h * (7571 / 16695), c)
    z = add_scaled(add_scaled(z, h * (393 / 640), d), h * (-92097 / 339200), e)
    z = add_scaled(add_scaled(z, h * (187 / 2100), f), h * (1 / 40), g)
    return y, a, relative_size(add_scaled(z, -1.0, y), x, y) / _TOLERANCE


@inline
def next_part(error: Any) -> Any:
    """Length of the next step within, of the last one that had this error."""
    return min(5.0, max(0.2, 0.9 * error**-0.2)) if error > 0.0 else 5.0 if error == 0.0 else 0.2


def level_of(threshold: Any, x: Variables, current: Any, t: Any, dt: Any, p: Any) -> Any:
    """The voltage above that of ``x`` at which the threshold is reached, the others held; infinity: none."""
    low, high, reach = x[0], x[0], 1.0
    for _ in range(_DOUBLINGS):
        high = low + reach
        if threshold((high,) + x[1:], current, t, dt, p):
            break
        low, reach = high, 2.0 * reach
    else:
        return _INFINITY
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        if threshold((middle,) + x[1:], current, t, dt, p):
            high = middle
        else:
            low = middle
    return high


def careful_step(
    derivatives: Callable[..., Any],
    threshold: Callable[..., Any],
    reset: Callable[..., Any],
    known: dict[int, str],
    *,
    n_states: int,
    n_jumps: int,
    n_pulses: int,
    refractory_steps: int | None,
    by_voltage: bool,
    key: str,
) -> Any:
    """Make the careful step of one neuron, in double precision.

    Parameters
    ----------
    derivatives, threshold, reset : compiled functions of (x, current, t, dt, p)
        Of a neuron's variables alone.
    known : dict
        Place of a variable to the text of its value at the end of a step, from (x, current, p).
    n_states, n_jumps, n_pulses : int
        What ``x`` is: variables, sums of jumps and of pulses.
    refractory_steps : int, optional
        Place in ``p`` of the steps of a refractory period; what is left of them is then the last of ``x``.
    by_voltage : bool
        Whether no other variable, nor the time, decides where the threshold is.
    key : str
        What all of this follows from: it names the code.

    Returns
    -------
    compiled function of (x, current, t, dt, p)
        To ``x`` after the step, whether the neuron spiked, and the part of the step after which it did.
    """
    k, after, waits = n_states, n_states + n_jumps + n_pulses, refractory_steps is not None
    steps_left = inline((lambda x: x[after]) if waits else (lambda _: 0.0))
    period = inline((lambda p: p[refractory_steps]) if waits else (lambda _: 0.0))
    driven = sum_of("current", "x", range(k + n_jumps, after))
    jumped = sum_of("v", "x", range(k, k + n_jumps))
    ended = _ended(known, n_states, n_jumps + n_pulses, waits=waits)
    trial_with, level_with = inline(trial), inline(level_of)

    @shared(key=key)  # kept apart: seven calls in a step within
    def rates(x: Variables, t: Any, given: Any) -> Any:
        current, dt, p, held = given
        f = derivatives(x, current, t, dt, p)
        return (0.0 if held else f[0],) + f[1:]

    @shared(key=key)
    def slopes(x: Variables, v: Any, given: Any) -> Any:
        """Of time, which is the first of ``x``, and of the other variables, by the voltage."""
        t, current, dt, p = given
        f = derivatives((v,) + x[1:], current, t + (x[0] - dt), dt, p)
        slope = 1.0 / f[0]
        return (slope,) + scaled(f, slope)[1:]

    @shared(key=key)
    def rise(x: Variables, current: Any, t: Any, room: Any, dt: Any, p: Any) -> tuple[Any, Variables, Any]:
        """Take a neuron to its threshold: whether it gets there within ``room``, its variables, and when."""
        v, y = x[0], (dt,) + x[1:]  # time counts from ``dt``, of which its errors are a part
        level = level_with(threshold, x, current, t, dt, p)
        h = level - v
        for _ in range(_MOST):
            last = h >= level - v
            step = level - v if last else h
            z, f, error = trial_with(slopes, y, v, step, (t, current, dt, p))
            if error <= 1.0 and f[0] > 0.0:
                if z[0] - dt > room:
                    break
                y = z
                if last:
                    return True, (level,) + y[1:], y[0] - dt
                v += step
            elif not step > _SMALLEST * (level - x[0]):
                break
            h = step * next_part(error)
        return False, x, 0.0

    @shared(key=key)
    def careful(whole: Variables, current: Any, t: Any, dt: Any, p: Any) -> tuple[Variables, Any, Any]:
        now = driven(current, whole)
        x, left = whole[:k], steps_left(whole) * dt
        held, spiked, stays, instant = left > 0.0, False, False, dt
        s, h, known_by = 0.0, dt, _INFINITY
        for _ in range(_MOST):
            if s >= dt:
                break
            held = stays or left > 0.0
            spikes = not held and threshold(x, now, t + s, dt, p)
            if not spikes:
                room = min(dt - s, left) if left > 0.0 else dt - s
                step = min(h, room)
                y, _, error = trial_with(rates, x, t + s, step, (now, dt, p, held))
                good, is_short = error <= 1.0, step <= _SHORTEST * dt
                crosses = not held and good and threshold(y, now, t + s + step, dt, p)
                if by_voltage and not held and (crosses or not good):
                    spikes, there, took = rise(x, now, t + s, room, dt, p)
                    if spikes:
                        x, s = there, s + took
                if not spikes:
                    if crosses:
                        known_by = s + step
                    if (crosses or not good) and not is_short:
                        h = step * (0.5 if crosses else min(0.5, next_part(error)))
                        continue
                    x, spikes = y, crosses
                    if left > 0.0:
                        left = 0.0 if step == left else left - step
                    s = dt if step == dt - s else s + step
                    h = 0.5 * (known_by - s) if known_by <= dt else step * next_part(error)
            if spikes and spiked:
                stays, h, known_by = True, dt, _INFINITY
            elif spikes:
                spiked, instant, h, known_by = True, s, dt, _INFINITY
                x = reset(x, now, t + s, dt, p)
                left = period(p) * dt
                held = left > 0.0
        if s < dt:
            x = (_NAN,) + x[1:]  # which is told
        if stays or not held:
            x = (jumped(x[0], whole),) + x[1:]
            if not spiked and threshold(x, now, t + dt, dt, p):
                spiked, x = True, reset(x, now, t + dt, dt, p)
                left = period(p) * dt
        return ended(whole, x, now, p, left / dt), spiked, max(instant / dt, _EARLIEST)

    return careful


def sum_of(first: str, array: str, places: range) -> Any:
    """Make a function of a number and an array: their sum, of the array at some places."""
    total = " + ".join([first, *(f"{array}[{place}]" for place in places)])
    namespace: dict[str, Any] = {}
    exec(f"def total({first}, {array}): return {total}", namespace)
    return inline(namespace["total"])


def _ended(known: dict[int, str], n_states: int, n_sums: int, *, waits: bool) -> Any:
    """Make a function that puts variables together: those known ahead, those integrated, and empty sums."""
    items = [known.get(k, f"y[{k}]") for k in range(n_states)] + ["0.0"] * n_sums + ["left"] * waits
    namespace: dict[str, Any] = {}
    exec(f"def ended(x, y, current, p, left): return {tuple_text(items)}", namespace)
    return inline(namespace["ended"])
