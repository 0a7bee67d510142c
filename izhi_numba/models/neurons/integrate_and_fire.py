"""Integrate-and-fire models: leaky, with a threshold that adapts, quadratic, exponential."""

# ruff: noqa: N815  (g_L and the like are the papers')

from __future__ import annotations

from izhi_numba.math import exp, where
from izhi_numba.models.declaration import Parameter, State
from izhi_numba.models.model import Model


class LeakyIntegrateAndFire(Model):
    """Leaky integrate-and-fire neuron.

    ::

        C v' = -g_L (v - E_L) + I
        if v >= V_th: v <- V_reset, held there for t_ref

    ``C`` in pF, ``g_L`` in nS, voltages in mV, ``I`` in pA, ``t_ref`` in ms. Defaults are those of the
    benchmarks of Brette et al. (2007); the membrane time constant is ``C / g_L``, 20 ms. The usual scheme
    is exact.

    Source: L. Lapicque (1907), translated in Biological Cybernetics 97:341-349,
    10.1007/s00422-007-0189-6; R. Brette et al. (2007), Journal of Computational Neuroscience 23:349-398,
    10.1007/s10827-007-0038-6.
    """

    scheme = "exact"
    I_unit = "pA"
    I_range = (-100.0, 500.0)
    dt = 0.1
    refractory = "t_ref"

    v = State(lambda E_L: E_L, unit="mV")
    C = Parameter(200.0, unit="pF", range=(50.0, 500.0), above=0)
    g_L = Parameter(10.0, unit="nS", range=(1.0, 50.0), at_least=0)
    E_L = Parameter(-60.0, unit="mV", range=(-80.0, -40.0))
    V_th = Parameter(-50.0, unit="mV", range=(-60.0, -30.0))
    V_reset = Parameter(-60.0, unit="mV", range=(-90.0, -50.0))
    t_ref = Parameter(5.0, unit="ms", range=(0.0, 10.0), at_least=0)

    def derivatives(v, I, C, g_L, E_L):
        return (-g_L * (v - E_L) + I) / C

    def threshold(v, V_th):
        return v >= V_th

    def reset(V_reset):
        return V_reset


class AdaptiveThresholdIntegrateAndFire(Model):
    """Leaky integrate-and-fire neuron whose threshold rises with each of its spikes, and falls back slowly.

    ::

        C v' = -g_L (v - E_L) + I
        theta' = -theta / tau_theta
        if v >= V_th + theta: v <- V_reset, held there for t_ref, theta <- theta + theta_plus

    ``C`` in pF, ``g_L`` in nS, voltages in mV, ``I`` in pA, times in ms. Defaults are the paper's: of neurons
    that share the work as each one that spikes often becomes hard to excite. ``theta`` is in double
    precision in any pool, since it falls by less in a step than single precision can tell. For a threshold
    that stays as it is set ``theta_plus`` to 0.

    Source: P. U. Diehl and M. Cook (2015), "Unsupervised learning of digit recognition using
    spike-timing-dependent plasticity", Frontiers in Computational Neuroscience 9:99,
    10.3389/fncom.2015.00099.
    """

    scheme = "exponential_euler"  # exact for a constant input, with factors of theta in double precision
    I_unit = "pA"
    I_range = (-10.0, 50.0)
    dt = 0.5
    refractory = "t_ref"

    v = State(lambda E_L: E_L, unit="mV")
    theta = State(0.0, unit="mV", dtype="float64")
    C = Parameter(100.0, unit="pF", range=(50.0, 500.0), above=0)
    g_L = Parameter(1.0, unit="nS", range=(1.0, 50.0), at_least=0)
    E_L = Parameter(-65.0, unit="mV", range=(-80.0, -40.0))
    V_th = Parameter(-52.0, unit="mV", range=(-60.0, -30.0))
    V_reset = Parameter(-65.0, unit="mV", range=(-90.0, -50.0))
    t_ref = Parameter(5.0, unit="ms", range=(0.0, 10.0), at_least=0)
    theta_plus = Parameter(0.05, unit="mV", range=(0.0, 5.0))
    tau_theta = Parameter(1e7, unit="ms", range=(100.0, 1e7), above=0)

    def derivatives(v, theta, I, C, g_L, E_L, tau_theta):
        return (-g_L * (v - E_L) + I) / C, -theta / tau_theta

    def threshold(v, theta, V_th):
        return v >= V_th + theta

    def reset(theta, V_reset, theta_plus):
        return V_reset, theta + theta_plus


class QuadraticIntegrateAndFire(Model):
    """Quadratic integrate-and-fire neuron, the normal form of neurons that begin to fire at any rate.

    ::

        C v' = g_L (v - E_L) (v - V_T) / (V_T - E_L) + I
        if v >= V_peak: v <- V_reset, held there for t_ref

    ``C`` in pF, ``g_L`` in nS, voltages in mV, ``I`` in pA, ``t_ref`` in ms. Near ``E_L`` it is a leaky
    neuron with conductance ``g_L``; above ``V_T`` it spikes by itself. It fires steadily where ``I`` is
    above ``g_L (V_T - E_L) / 4``.

    Source: P. E. Latham, B. J. Richmond, P. G. Nelson and S. Nirenberg (2000), Journal of Neurophysiology
    83:808-827, 10.1152/jn.2000.83.2.808.
    """

    scheme = "heun"
    I_unit = "pA"
    I_range = (-100.0, 300.0)
    dt = 0.1
    peak = "V_peak"
    refractory = "t_ref"

    v = State(lambda E_L: E_L, unit="mV")
    C = Parameter(100.0, unit="pF", range=(50.0, 500.0), above=0)
    g_L = Parameter(10.0, unit="nS", range=(1.0, 50.0), at_least=0)
    E_L = Parameter(-65.0, unit="mV", range=(-80.0, -56.0))
    V_T = Parameter(-50.0, unit="mV", range=(-55.0, -30.0))
    V_reset = Parameter(-70.0, unit="mV", range=(-90.0, -40.0))
    V_peak = Parameter(30.0, unit="mV", range=(-20.0, 60.0))
    t_ref = Parameter(0.0, unit="ms", range=(0.0, 10.0), at_least=0)

    def derivatives(v, I, C, g_L, E_L, V_T):
        return (g_L * (v - E_L) * (v - V_T) / (V_T - E_L) + I) / C

    def threshold(v, V_peak):
        return v >= V_peak

    def reset(V_reset):
        return V_reset


class ExponentialIntegrateAndFire(Model):
    """Exponential integrate-and-fire neuron: spikes begin as sharply as ``Delta_T`` says.

    ::

        C v' = -g_L (v - E_L) + g_L Delta_T exp((v - V_T) / Delta_T) + I
        if v >= V_peak: v <- V_reset, held there for t_ref

    ``C`` in pF, ``g_L`` in nS, voltages in mV, ``I`` in pA, ``t_ref`` in ms. Defaults are the paper's fit
    to the Wang-Buzsáki neuron, on 0.01 mm2 of membrane. The paper lets ``v`` go to infinity, which it
    would reach a nanosecond after ``V_peak``. The derivative is that at ``V_peak`` where ``v`` is above it,
    as NEST has it for AdEx: the step that ends in a spike stays finite in any scheme.

    Source: N. Fourcaud-Trocmé, D. Hansel, C. van Vreeswijk and N. Brunel (2003), Journal of Neuroscience
    23:11628-11640, 10.1523/JNEUROSCI.23-37-11628.2003.
    """

    scheme = "heun"
    I_unit = "pA"
    I_range = (-100.0, 500.0)
    dt = 0.05
    peak = "V_peak"
    refractory = "t_ref"

    v = State(lambda E_L: E_L, unit="mV")
    C = Parameter(100.0, unit="pF", range=(50.0, 500.0), above=0)
    g_L = Parameter(10.0, unit="nS", range=(1.0, 50.0), at_least=0)
    E_L = Parameter(-65.0, unit="mV", range=(-80.0, -50.0))
    V_T = Parameter(-59.9, unit="mV", range=(-65.0, -40.0))
    Delta_T = Parameter(3.48, unit="mV", range=(1.0, 10.0), above=0)
    V_reset = Parameter(-68.0, unit="mV", range=(-90.0, -50.0))
    V_peak = Parameter(0.0, unit="mV", range=(-30.0, 30.0))
    t_ref = Parameter(1.7, unit="ms", range=(0.0, 10.0), at_least=0)

    def derivatives(v, I, C, g_L, E_L, V_T, Delta_T, V_peak):
        bound = where(v < V_peak, v, V_peak)
        spike = g_L * Delta_T * exp((bound - V_T) / Delta_T)
        return (-g_L * (bound - E_L) + spike + I) / C

    def threshold(v, V_peak):
        return v >= V_peak

    def reset(V_reset):
        return V_reset
