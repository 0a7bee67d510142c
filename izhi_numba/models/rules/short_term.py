"""Short-term plasticity: depression and facilitation of what a synapse sends."""

from __future__ import annotations

from izhi_numba.math import exp
from izhi_numba.models.declaration import Parameter, State
from izhi_numba.models.plasticity import Plasticity


class TsodyksMarkram(Plasticity):
    """Short-term depression and facilitation of Tsodyks and Markram.

    ::

        between spikes of the source:  x' = (1 - x) / tau_rec,  u' = (U - u) / tau_fac
        when one arrives, it sends w x u, with u <- u + U (1 - u) before, and x <- x - x u after

    ``x`` is the part of resources that is at hand, ``u`` the part of these that a spike uses. Both are kept
    as they were used by the last spike. A weight is what a spike would send that uses all. With a ``tau_fac``
    of 0 there is depression alone. NEST's ``tsodyks2_synapse``.

    Source: M. V. Tsodyks and H. Markram (1997), Proceedings of the National Academy of Sciences 94:719-723,
    10.1073/pnas.94.2.719; M. Tsodyks, K. Pawelzik and H. Markram (1998), Neural Computation 10:821-835,
    10.1162/089976698300017502.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> depressing = iz.TsodyksMarkram(U=0.5, tau_rec=800.0, tau_fac=0.0)
    >>> facilitating = iz.TsodyksMarkram(U=0.05, tau_rec=100.0, tau_fac=1000.0)
    """

    x = State(1.0)
    u = State(lambda U: U)
    U = Parameter(0.5, range=(0.01, 1.0), at_least=0)
    tau_rec = Parameter(800.0, unit="ms", range=(10.0, 2000.0), above=0)
    tau_fac = Parameter(0.0, unit="ms", range=(0.0, 2000.0), at_least=0)

    def on_pre(w, x, u, since_pre, U, tau_rec, tau_fac):
        x_now = 1.0 + (x - x * u - 1.0) * exp(-since_pre / tau_rec)
        u_now = U + u * (1.0 - U) * exp(-since_pre / tau_fac)
        return {"x": x_now, "u": u_now, "sent": w * x_now * u_now}
