"""Receptors: jumps, currents and conductances, and the four receptors of cortical synapses."""

from __future__ import annotations

import math

from izhi_numba.math import exp, exprel, log
from izhi_numba.models.declaration import Constant, Parameter, State
from izhi_numba.models.receptor import Receptor


class VoltageJump(Receptor):
    """A weight is a jump of the voltage, in mV (in the unit of the voltage).

    The jump is at the end of a step: after the neuron was integrated, and before the threshold is looked at,
    so that a jump makes a neuron spike at the time at which it arrives. A spike at ``t`` with a delay ``d``
    jumps at ``t + d``, as in NEST's ``iaf_psc_delta``; a delay below a step is a step.

    Jumps at the instant of a spike belong to what reaches the threshold, and the reset takes them away.
    During the refractory period, in which the voltage is held, jumps are lost, those at the instant of its
    end among them: the first one that counts comes a step later. (In Brian2 the threshold is looked at
    before the jumps, so that a neuron spikes a step after the jump, if the voltage has not decayed till
    then.)

    Source: N. Brunel (2000), Journal of Computational Neuroscience 8:183-208, 10.1023/A:1008925309027.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> model = iz.compose(iz.LeakyIntegrateAndFire, {"syn": iz.VoltageJump()})
    >>> model.receptors
    {'syn': 'jump_syn'}
    """

    adds_to = "v"

    jump = State(0.0, unit="mV")


class CurrentPulse(Receptor):
    """A weight is added to the input ``I`` for one step, in the unit of ``I``.

    The charge that it brings grows with the step: what Izhikevich (2003) does in net.m, with steps of 1 ms.

    Source: E. M. Izhikevich (2003), IEEE Transactions on Neural Networks 14:1569-1572,
    10.1109/TNN.2003.820440.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> iz.compose(iz.Izhikevich, {"fast": iz.CurrentPulse(), "slow": iz.AlphaCurrent()}).receptors
    {'fast': 'pulse_fast', 'slow': 'x_slow'}
    """

    adds_to = "I"

    pulse = State(0.0)


class ExponentialCurrent(Receptor):
    """Current that jumps by the weight and decays; weight in pA (in the unit of the model's ``I``).

    ::

        i' = -i / tau
        I = i

    NEST's ``iaf_psc_exp``.

    Source: S. Rotter and M. Diesmann (1999), Biological Cybernetics 81:381-402, 10.1007/s004220050570.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> iz.compose(iz.LeakyIntegrateAndFire, {"syn": iz.ExponentialCurrent(tau=2.0)}).scheme
    'exact'
    """

    i = State(0.0, unit="pA")
    tau = Parameter(5.0, unit="ms", range=(0.5, 100.0), above=0)

    def derivatives(i, tau):
        return -i / tau

    def current(i):
        return i


class AlphaCurrent(Receptor):
    """Current that rises and decays as an alpha function; the weight is its peak, in pA, after ``tau``.

    ::

        x' = -x / tau
        i' = (e x - i) / tau
        I = i

    After a weight ``w``: ``i = w (t / tau) exp(1 - t / tau)``. NEST's ``iaf_psc_alpha``.

    Source: S. Rotter and M. Diesmann (1999), Biological Cybernetics 81:381-402, 10.1007/s004220050570.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> iz.compose(iz.LeakyIntegrateAndFire, {"syn": iz.AlphaCurrent(tau=0.5)}).receptors
    {'syn': 'x_syn'}
    """

    x = State(0.0, unit="pA")
    i = State(0.0, unit="pA")
    tau = Parameter(2.0, unit="ms", range=(0.5, 100.0), above=0)

    def derivatives(x, i, tau):
        return -x / tau, (math.e * x - i) / tau

    def current(i):
        return i


class ExponentialConductance(Receptor):
    """Conductance that jumps by the weight and decays; weight in nS.

    ::

        g' = -g / tau
        I = g (E - v)

    For models with ``I`` in other units than pA, a weight is in that unit per mV.

    Source: R. Brette et al. (2007), Journal of Computational Neuroscience 23:349-398,
    10.1007/s10827-007-0038-6 (the COBA benchmark).

    Examples
    --------
    >>> import izhi_numba as iz
    >>> exc, inh = iz.ExponentialConductance(), iz.ExponentialConductance(tau=10.0, E=-80.0)
    >>> model = iz.compose(iz.LeakyIntegrateAndFire, {"exc": exc, "inh": inh})
    >>> model.receptors, model.scheme
    ({'exc': 'g_exc', 'inh': 'g_inh'}, 'exponential_euler')
    """

    signed = False

    g = State(0.0, unit="nS")
    tau = Parameter(5.0, unit="ms", range=(1.0, 100.0), above=0)
    E = Parameter(0.0, unit="mV", range=(-100.0, 60.0))

    def derivatives(g, tau):
        return -g / tau

    def current(g, v, E):
        return g * (E - v)


class AlphaConductance(Receptor):
    """Conductance that rises and decays as an alpha function; the weight is its peak, in nS, after ``tau``.

    ::

        x' = -x / tau
        g' = (e x - g) / tau
        I = g (E - v)

    After a weight ``w``: ``g = w (t / tau) exp(1 - t / tau)``. NEST's ``iaf_cond_alpha``.

    Source: W. Rall (1967), Journal of Neurophysiology 30:1138-1168, 10.1152/jn.1967.30.5.1138.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> iz.compose(iz.AdEx, {"exc": iz.AlphaConductance(tau=0.2)}).receptors
    {'exc': 'x_exc'}
    """

    signed = False

    x = State(0.0, unit="nS")
    g = State(0.0, unit="nS")
    tau = Parameter(2.0, unit="ms", range=(0.5, 100.0), above=0)
    E = Parameter(0.0, unit="mV", range=(-100.0, 60.0))

    def derivatives(x, g, tau):
        return -x / tau, (math.e * x - g) / tau

    def current(g, v, E):
        return g * (E - v)


def to_peak(tau_rise, tau_decay):
    """Factor that makes a unit weight a conductance with a peak of 1.

    Its usual form divides by ``tau_decay - tau_rise``; this one has no hole where they are equal.
    """
    return exp(1 / exprel(log(tau_rise / tau_decay))) / tau_decay


class BiexponentialConductance(Receptor):
    """Conductance with a rise and a decay; the weight is its peak, in nS.

    ::

        x' = -x / tau_rise
        g' = -g / tau_decay + k x
        I = g (E - v)

    ``k`` makes the peak that of the weight, at ``ln(tau_decay / tau_rise) / (1 / tau_rise - 1 / tau_decay)``.
    With equal times it is :class:`AlphaConductance`. NEURON's ``Exp2Syn``.

    Source: A. Roth and M. C. W. van Rossum (2009), "Modeling synapses", in: Computational Modeling Methods
    for Neuroscientists, MIT Press, 10.7551/mitpress/9780262013277.003.0007.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> iz.compose(iz.AdEx, {"slow": iz.BiexponentialConductance(tau_decay=50.0)}).receptors
    {'slow': 'x_slow'}
    """

    signed = False

    x = State(0.0, unit="nS")
    g = State(0.0, unit="nS")
    tau_rise = Parameter(1.0, unit="ms", range=(0.1, 20.0), above=0)
    tau_decay = Parameter(5.0, unit="ms", range=(1.0, 200.0), above=0)
    E = Parameter(0.0, unit="mV", range=(-100.0, 60.0))
    k = Constant(to_peak, unit="1/ms")

    def derivatives(x, g, tau_rise, tau_decay, k):
        return -x / tau_rise, k * x - g / tau_decay

    def current(g, v, E):
        return g * (E - v)


class AMPA(ExponentialConductance):
    """AMPA receptor: conductance that decays in 5 ms, reversal at 0 mV; weight in nS.

    ::

        g' = -g / tau
        I = g (E - v)

    Source: E. M. Izhikevich and G. M. Edelman (2008), PNAS 105:3593-3598, 10.1073/pnas.0712231105; the
    same numbers in CARLsim.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> iz.compose(iz.Izhikevich2007, {"ampa": iz.AMPA(), "gaba": iz.GABA_A()}).receptors
    {'ampa': 'g_ampa', 'gaba': 'g_gaba'}
    """


class GABA_A(ExponentialConductance):  # noqa: N801
    """GABA_A receptor: conductance that decays in 6 ms, reversal at -70 mV; weight in nS.

    ::

        g' = -g / tau
        I = g (E - v)

    Source: E. M. Izhikevich and G. M. Edelman (2008), PNAS 105:3593-3598, 10.1073/pnas.0712231105; the
    same numbers in CARLsim.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> iz.GABA_A(E=-75.0)
    GABA_A(E=-75.0)
    """

    tau = 6.0  # type: ignore[assignment]
    E = -70.0  # type: ignore[assignment]


class NMDA(BiexponentialConductance):
    """NMDA receptor: slow conductance that magnesium blocks at rest; the weight is its peak unblocked, in nS.

    ::

        x' = -x / tau_rise
        g' = -g / tau_decay + k x
        I = g (E - v) / (1 + (Mg / 3.57) exp(-0.062 v))

    ``Mg`` in mM. ``k`` makes the peak of ``g`` that of the weight. The conductance grows with each spike,
    without the saturation of Brunel and Wang.

    Source: C. E. Jahr and C. F. Stevens (1990), Journal of Neuroscience 10:3178-3182,
    10.1523/JNEUROSCI.10-09-03178.1990 (block); N. Brunel and X.-J. Wang (2001), Journal of Computational
    Neuroscience 11:63-85, 10.1023/A:1011204814320 (times).

    Examples
    --------
    >>> import izhi_numba as iz
    >>> model = iz.compose(iz.AdEx, {"ampa": iz.AMPA(), "nmda": iz.NMDA(Mg=1.2)})
    >>> model.start()["Mg_nmda"]
    1.2
    """

    tau_rise = 2.0  # type: ignore[assignment]
    tau_decay = 100.0  # type: ignore[assignment]
    Mg = Parameter(1.0, unit="mM", range=(0.0, 2.0), at_least=0)

    def current(g, v, E, Mg):
        return g * (E - v) / (1 + Mg / 3.57 * exp(-0.062 * v))


class GABA_B(Receptor):  # noqa: N801
    """GABA_B receptor: potassium current that only bursts of spikes evoke; the weight has no unit.

    ::

        r' = -K2 r
        s' = K3 r - K4 s
        I = g_max s^4 / (s^4 + K_d) (E - v)

    ``r`` is the fraction of activated receptors, ``s`` (µM) the concentration of activated G protein, four
    of which open a channel; ``g_max`` in nS, rates per ms. A weight is added to ``r``: the pulse of
    transmitter of the source, 0.5 mM for 0.3 ms, binds 0.0135 (0.09 per mM and ms). ``r`` is not kept
    below 1. The variables of a receptor "slow" are ``r_slow`` and ``s_slow``.

    Source: A. Destexhe, Z. F. Mainen and T. J. Sejnowski (1998), "Kinetic models of synaptic transmission",
    in: Methods in Neuronal Modeling, 2nd edition, MIT Press, pages 1-25.

    Examples
    --------
    >>> import izhi_numba as iz
    >>> iz.compose(iz.AdEx, {"slow": iz.GABA_B(g_max=5.0)}).receptors
    {'slow': 'r_slow'}
    """

    signed = False

    r = State(0.0)
    s = State(0.0, unit="µM")
    g_max = Parameter(1.0, unit="nS", range=(0.0, 100.0), at_least=0)
    E = Parameter(-95.0, unit="mV", range=(-110.0, -60.0))
    K2 = Parameter(0.0012, unit="1/ms", range=(0.0001, 0.01), at_least=0)
    K3 = Parameter(0.18, unit="µM/ms", range=(0.01, 1.0), at_least=0)
    K4 = Parameter(0.034, unit="1/ms", range=(0.001, 0.1), at_least=0)
    K_d = Parameter(100.0, unit="µM^4", range=(1.0, 1000.0), above=0)

    def derivatives(r, s, K2, K3, K4):
        return -K2 * r, K3 * r - K4 * s

    def current(s, v, g_max, E, K_d):
        bound = s * s * s * s
        return g_max * bound / (bound + K_d) * (E - v)
