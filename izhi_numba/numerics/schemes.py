"""Numerical methods by name: how a model is advanced by one step.

Each is a plain function ``scheme(rates, x, t, dt, given)``. ``x`` is the tuple of a neuron's variables
with the voltage first, ``rates(x, t, given)`` the tuple of their derivatives, and ``given`` what does
not change within the step (input and parameters). It returns the new ``x``. The input is held during a
step.

A method with several stages says with ``rates(x, t, given, stage)`` when they are: receptors whose exact
values are known then have these, in place of what the method makes of them.

Three methods are "the Izhikevich integrator" in the literature; results differ, so name the one you use.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from izhi_numba.kernels.tuples import add_scaled, affine, own_lines, own_slopes, relax
from izhi_numba.math import exprel
from izhi_numba.models.model import Model
from izhi_numba.numerics.linearity import why_not_conditionally_linear, why_not_linear

Variables = tuple[Any, ...]
Rates = Callable[..., Variables]


BEGINNING, MIDDLE, END = range(3)  # stages of a step
MIDWAY = ("rk4", "exponential_midpoint")  # schemes that have the first of them


def net2003(rates: Rates, x: Variables, t: Any, dt: Any, given: Any) -> Variables:
    """Two half steps of v with the others held, then one step of the others with the new v.

    Source: net.m of Izhikevich (2003) and spnet.m of Izhikevich (2006).
    """
    half = dt * 0.5
    x = (x[0] + half * rates(x, t, given)[0],) + x[1:]
    x = (x[0] + half * rates(x, t, given)[0],) + x[1:]
    return x[:1] + add_scaled(x[1:], dt, rates(x, t, given)[1:])


def fig2003(rates: Rates, x: Variables, t: Any, dt: Any, given: Any) -> Variables:
    """One Euler step of v, then one of the others with the new v.

    Source: figure1.m of Izhikevich (2003, 2004).
    """
    x = (x[0] + dt * rates(x, t, given)[0],) + x[1:]
    return x[:1] + add_scaled(x[1:], dt, rates(x, t, given)[1:])


def euler(rates: Rates, x: Variables, t: Any, dt: Any, given: Any) -> Variables:
    """One step of all variables along the old rates; of order 1."""
    return add_scaled(x, dt, rates(x, t, given))


def book2007(rates: Rates, x: Variables, t: Any, dt: Any, given: Any) -> Variables:
    """Euler's method, by the name of the book that uses it with Izhikevich's models.

    Source: Izhikevich (2007), "Dynamical Systems in Neuroscience", MIT Press.
    """
    return add_scaled(x, dt, rates(x, t, given))


def heun(rates: Rates, x: Variables, t: Any, dt: Any, given: Any) -> Variables:
    """Mean of the rates at both ends of an Euler step (explicit trapezoidal rule); of order 2."""
    first = rates(x, t, given)
    last = rates(add_scaled(x, dt, first), t + dt, given, END)
    half = dt * 0.5
    return add_scaled(add_scaled(x, half, first), half, last)


def rk4(rates: Rates, x: Variables, t: Any, dt: Any, given: Any) -> Variables:
    """Classical method of Runge and Kutta; of order 4."""
    half = dt * 0.5
    a = rates(x, t, given)
    b = rates(add_scaled(x, half, a), t + half, given, MIDDLE)
    c = rates(add_scaled(x, half, b), t + half, given, MIDDLE)
    d = rates(add_scaled(x, dt, c), t + dt, given, END)
    sixth, third = dt / 6.0, dt / 3.0
    return add_scaled(add_scaled(add_scaled(add_scaled(x, sixth, a), third, b), third, c), sixth, d)


def exponential_euler(rates: Rates, x: Variables, t: Any, dt: Any, given: Any) -> Variables:
    """Exact step of each variable with the others held; of order 1, and stable where Euler is not.

    For models in which each derivative is linear in its own variable, such as those of Hodgkin and
    Huxley: the voltage decays exponentially while the gates are held, and each gate while the voltage
    is. The slopes are differences of the rates, which is exact for such models.
    """
    return relax(x, dt, rates(x, t, given), own_slopes(rates, x, t, given), exprel)


def exponential_midpoint(rates: Rates, x: Variables, t: Any, dt: Any, given: Any) -> Variables:
    """Exact step of each variable with the others held as they are in the middle; of order 2.

    The middle is half a step of ``exponential_euler``, with which it shares stability and what models it
    suits.

    Source: C. Boergers and A. R. Nectow (2013), SIAM Journal on Scientific Computing 35:B623-B643,
    10.1137/120883657.
    """
    half = dt * 0.5
    middle = relax(x, half, rates(x, t, given), own_slopes(rates, x, t, given), exprel)
    own_rates, slopes = own_lines(rates, x, middle, t + half, given, MIDDLE)
    return relax(x, dt, own_rates, slopes, exprel)


def exact(x: Variables, current: Any, factors: Variables) -> Variables:
    """Exact solution ``P x + q I + r`` of a model that is linear between spikes.

    Its factors are computed once, see :mod:`izhi_numba.numerics.propagator`; NEST's exact integration.

    Source: Rotter and Diesmann (1999), Biological Cybernetics 81:381-402, 10.1007/s004220050570.
    """
    return affine(x, current, factors)


SCHEMES: dict[str, Callable[..., Variables]] = {
    function.__name__: function
    for function in (
        net2003,
        fig2003,
        book2007,
        euler,
        heun,
        rk4,
        exponential_euler,
        exponential_midpoint,
        exact,
    )
}


def why_unsuitable(scheme: str, model: Model, values: Mapping[str, Any]) -> str:
    """Say why a scheme does not suit a model; empty if it does.

    ``values`` holds numbers for all that the model's functions may ask for.
    """
    if model.derivatives is None:
        return "it has no derivatives, but states itself how it advances"
    if scheme == "exact":
        return why_not_linear(model, values)
    if scheme in ("exponential_euler", "exponential_midpoint"):
        return why_not_conditionally_linear(model, values)
    return ""
