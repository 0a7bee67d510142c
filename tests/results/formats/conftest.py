import pytest

import izhi_numba as iz


@pytest.fixture(scope="package")
def result():
    """Two runs, joined, of two pools and sources: groups, several traces, no spike in one pool."""
    net = iz.Network(dt=0.5, seed=3)
    exc = net.pool("exc", 40, iz.Izhikevich, spike_times="interpolated")
    inh = net.pool("inh", 5, iz.Izhikevich)
    noise = net.poisson("noise", 10, 30.0)
    exc.group("left", 20)
    exc.group("right", 10)
    net.connect(noise, exc, rule=iz.all_to_all(), weight=3.0)
    exc.drive(exc, 4.0 + iz.noise(6.0))
    exc.record("v", neurons=[35, 3], every=1.0)
    exc.record("u", every=25.0)
    exc.record("I", neurons=[35, 3], every=1.0)
    inh.record("v", neurons=[4])
    return net.run(400.0) + net.run(600.5)
