"""Named numerical methods: how a model is advanced by one step.

Each is a plain function ``scheme(rates, x, t, dt, given)``. ``x`` is the tuple of a neuron's variables
with the voltage first, ``rates(x, t, given)`` the tuple of their derivatives, and ``given`` what does
not change within the step (input and parameters). It returns the new ``x``.

Three methods are "the Izhikevich integrator" in the literature; results differ, so name the one you use.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from izhi_numba.kernels.tuples import add_scaled

Variables = tuple[Any, ...]
Rates = Callable[[Variables, Any, Any], Variables]


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


def book2007(rates: Rates, x: Variables, t: Any, dt: Any, given: Any) -> Variables:
    """One Euler step of all variables from the old ones.

    Source: Izhikevich (2007), "Dynamical Systems in Neuroscience", MIT Press.
    """
    return add_scaled(x, dt, rates(x, t, given))


SCHEMES: dict[str, Callable[..., Variables]] = {
    function.__name__: function for function in (net2003, fig2003, book2007)
}
