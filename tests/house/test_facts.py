"""What the site says as facts, and no other test looks at."""

import numpy as np
import pytest

import izhi_numba as iz


@pytest.mark.parametrize(("dt", "lift"), [(0.1, 0.15), (0.5, 0.74)])
def test_what_a_weight_without_a_receptor_does(dt, lift):
    net = iz.Network(dt=dt)
    spike = net.spike_list("spike", 1, [0], [1.0])
    neuron = net.pool("neuron", 1, iz.LeakyIntegrateAndFire)
    net.connect(spike, neuron, rule=iz.one_to_one(), weight=300.0)
    neuron.record("v")
    v = net.run(10.0)["neuron"].traces["v"]
    assert round(float(v.max() - v[0, 0]), 2) == lift


def test_poisson_without_a_receptor_never_makes_a_leaky_neuron_spike():
    pool = iz.Pool(100, iz.LeakyIntegrateAndFire, seed=1)
    pool.drive(pool, iz.poisson(1000.0, weight=200.0))
    with pytest.warns(iz.DoubtfulWarning, match="no neuron spiked in 1000 ms, although they are driven"):
        assert pool.run(1000.0).rate() == 0


@pytest.mark.parametrize(("scheme", "error"), [("exponential_euler", 4e-3), ("heun", 3e-4), ("rk4", 2e-8)])
def test_receptors_that_are_not_linear_take_the_scheme_of_the_model(scheme, error):
    class Quick(iz.Receptor):
        g = iz.State(0.0, unit="nS")

        def derivatives(g):
            return -g * (1 + g / 5) / 5

        def current(g, v):
            return -g * v

    pool = iz.Pool(1, iz.LeakyIntegrateAndFire, receptors={"x": Quick}, scheme=scheme, dtype="float64")
    pool.g_x = 5.0
    pool.run(10.0)
    exact = 5 / (2 * np.exp(10 / 5) - 1)
    assert abs(pool.g_x[0] / exact - 1) == pytest.approx(error, rel=0.3)
