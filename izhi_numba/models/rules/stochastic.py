"""Short-term plasticity in which vesicles are released at random."""

from __future__ import annotations

from izhi_numba.math import exp
from izhi_numba.models.declaration import Parameter, State
from izhi_numba.models.plasticity import Plasticity, Random


def successes(r, n, p):
    """How many of ``n`` trials succeed, each with the probability ``p``, by one random number.

    The distribution is inverted from its rarer side: (1/2)^100 is the least number that occurs.
    """
    rare = min(p, 1.0 - p)
    chance, odds = (1.0 - rare) ** n, rare / (1.0 - rare)
    below, k = chance, 0.0
    while r >= below and k < n:
        k += 1.0
        chance = chance * odds * (n - k + 1.0) / k
        below += chance
    return k if p <= 0.5 else n - k


class StochasticRelease(Plasticity):
    """Short-term depression and facilitation by vesicles that are released, and filled up, at random.

    ::

        a synapse has N sites, each with one vesicle or none
        in a time t:         an empty site is filled with the probability 1 - exp(-t / tau_rec)
        a spike arrives:     u <- U + u (1 - U) exp(-t / tau_fac), with the time t since the last one;
                             a filled site releases with the probability u;  w / N is sent for each that does

    ``n`` counts the vesicles that the last spike left. A weight is what a spike would send that releases from
    all sites. The mean over trials is that of :class:`TsodyksMarkram` with the same parameters; what spikes
    send from synapses at rest has the variance ``w^2 U (1 - U) / N``. Sites, and synapses, are independent.

    Source: G. Fuhrmann, I. Segev, H. Markram and M. Tsodyks (2002), "Coding of temporal information by
    activity-dependent synapses", Journal of Neurophysiology 87:140-148, 10.1152/jn.00258.2001.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> unreliable = iz.StochasticRelease(N=5, U=0.3, tau_rec=200.0)
    """

    release, refill = Random(), Random()
    n = State(lambda N: N)
    u = State(lambda U: U)
    N = Parameter(1.0, range=(1.0, 20.0), at_least=1, at_most=100, is_whole=True)
    U = Parameter(0.5, range=(0.01, 1.0), at_least=0, at_most=1)
    tau_rec = Parameter(800.0, unit="ms", range=(10.0, 2000.0), above=0)
    tau_fac = Parameter(0.0, unit="ms", range=(0.0, 2000.0), at_least=0)

    def on_pre(w, n, u, since_pre, release, refill, N, U, tau_rec, tau_fac):
        left = min(n, N)  # which may have been set to fewer
        ready = left + successes(refill, N - left, 1.0 - exp(-since_pre / tau_rec))
        u_now = U + u * (1.0 - U) * exp(-since_pre / tau_fac)
        released = successes(release, ready, u_now)
        return {"n": ready - released, "u": u_now, "sent": w * released / N}
