"""Jumps of the voltage: rates of an event-driven simulation, and what comes first at one instant."""

from functools import reduce
from operator import add

import numpy as np
import pytest

import izhi_numba as iz
from tests.ways import WAYS, ways_of_delivery

TAU, THRESHOLD, RESET, T_REF = 20.0, 20.0, 10.0, 2.0  # ms, mV; rests at 0
NEURON = iz.LeakyIntegrateAndFire(
    C=10.0 * TAU, g_L=10.0, E_L=0.0, V_th=THRESHOLD, V_reset=RESET, t_ref=T_REF
)  # fmt: skip


def event_driven_rate(trains, n, duration, since):
    """Rate (Hz) of leaky neurons that jump at the events of Poisson trains, from event to event.

    ``trains`` are pairs of events per ms and jump in mV.
    """
    rng = np.random.default_rng(1)
    rates, jumps = map(np.array, zip(*trains, strict=True))
    v, t, free, spikes = np.zeros(n), np.zeros(n), np.zeros(n), 0
    while t.min() < duration:
        begin, t = np.maximum(t, free), t + rng.exponential(1 / rates.sum(), n)
        which = np.searchsorted(np.cumsum(rates)[:-1] / rates.sum(), rng.random(n))
        v = np.where(t > free, v * np.exp(-np.maximum(t - begin, 0) / TAU) + jumps[which], v)
        fired = v >= THRESHOLD
        spikes += np.count_nonzero(fired & (t > since) & (t <= duration))
        v, free = np.where(fired, RESET, v), np.where(fired, t + T_REF, free)
    return 1000 * spikes / n / (duration - since)


@pytest.mark.parametrize(
    ("trains", "rate"),
    [([(2.02, 0.5)], 22.9), ([(9.47, 0.1)], 9.4), ([(2.59, 0.5), (0.8, -0.5)], 15.4)],
    ids=["large jumps", "small jumps", "up and down"],
)
def test_rates_are_those_of_an_event_driven_simulation(trains, rate):
    exact = event_driven_rate(trains, 1000, 2200.0, since=200.0)
    assert exact == pytest.approx(rate, rel=0.05)
    pool = iz.Pool(2000, NEURON, seed=3, dt=0.1, receptors={"syn": iz.VoltageJump()})
    pool.drive(pool, reduce(add, (iz.poisson(1000 * events, weight=jump) for events, jump in trains)))
    pool.run(200.0)
    assert pool.run(2000.0).rate() == pytest.approx(exact, rel=0.03)


def jumping(times, weight, **options):
    """Return a network of one neuron, with spikes at these times that jump after 0.5 ms."""
    net = iz.Network(dt=0.1, dtype="float64")
    net.pool("cell", 1, NEURON, receptors={"syn": iz.VoltageJump()}, **options)
    net.spike_list("sent", len(times), range(len(times)), times)
    net.connect("sent", "cell", rule=iz.all_to_all(), weight=weight, delay=0.5)
    net.record("v", "cell")
    return net


@pytest.mark.parametrize("spike_times", ["grid", "interpolated", "precise"])
def test_a_jump_makes_a_neuron_spike_at_the_instant_at_which_it_arrives(spike_times):
    result = jumping([1.0, 7.3], 21.0, spike_times=spike_times).run(10.0)
    assert result["cell"].spikes.t.tolist() == pytest.approx([1.5, 7.8])


def test_a_jump_is_in_the_voltage_when_it_arrives():
    result = jumping([1.0], 8.0).run(2.0)["cell"]
    before, after = result.traces["v"][13:15, 0]  # at 1.4 and 1.5 ms
    assert (before, after) == (0.0, 8.0)


def test_jumps_with_a_spike_and_at_the_end_of_the_refractory_period_are_lost():
    """The spike is at 1.5 ms, the end of the refractory period at 3.5 ms."""
    result = jumping([1.0, 1.0, 1.0, 1.1, 3.0], 11.0).run(6.0)["cell"]
    assert result.spikes.t.tolist() == [1.5]
    v = result.traces["v"][:, 0]
    np.testing.assert_allclose(v[15:35], RESET)
    np.testing.assert_allclose(v[35:37], RESET * np.exp(-np.array([0.1, 0.2]) / TAU), rtol=1e-12)
    first_that_counts = jumping([1.0, 1.0, 3.1], 11.0)
    assert first_that_counts.run(6.0)["cell"].spikes.t.tolist() == [1.5, 3.6]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("delay", [0.0, iz.uniform(0.0, 0.9)])
def test_delays_of_less_than_a_step_are_a_step(way, delay):
    with ways_of_delivery(way):
        net = iz.Network(dt=0.1, seed=2)
        net.pool("cells", 200, NEURON, receptors={"syn": iz.VoltageJump()})
        net.spike_list("sent", 1, [0], [1.0])
        synapses = net.connect("sent", "cells", rule=iz.all_to_all(), weight=21.0, delay=delay)
        spikes = net.run(5.0)["cells"].spikes
    _, targets, _, delays = synapses.to_arrays()
    assert delays.min() == pytest.approx(0.1)
    found = np.empty(200)
    found[spikes.i] = spikes.t
    np.testing.assert_allclose(found[targets], 1.0 + delays)


@pytest.mark.parametrize(
    ("delay", "told"),
    [(0.04, r"0.04 ms is no multiple of dt = 0.1 ms, and becomes 0.1 ms"),
     (iz.uniform(0.001, 0.002), r"all delays become 0.1 ms in steps of 0.1 ms; delays are in ms")],
)  # fmt: skip
def test_that_delays_become_a_step_is_told(delay, told):
    pool = iz.Pool(5, NEURON, dt=0.1, receptors={"syn": iz.VoltageJump()})
    with pytest.warns(iz.DoubtfulWarning, match=told):
        synapses = pool.connect(pool, pool, rule=iz.one_to_one(), weight=1.0, delay=delay)
    np.testing.assert_allclose(synapses.delays, [0.1])


def test_neurons_in_a_row_jump_a_step_after_each_other():
    pool = iz.Pool(5, NEURON, dt=0.1, receptors={"syn": iz.VoltageJump()})
    pool.connect(pool, pool, rule=iz.from_arrays([0, 1, 2, 3], [1, 2, 3, 4]), weight=21.0)
    pool.v[0] = 25.0
    assert pool.run(1.0).spikes.t.tolist() == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5])
