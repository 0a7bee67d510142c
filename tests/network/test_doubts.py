"""What is seldom meant is told once for each pool, at the line of the user; sound use is silent."""

import warnings

import numpy as np
import pytest

import izhi_numba as iz

LIF = iz.LeakyIntegrateAndFire


def told(act):
    """Messages of the doubts that a function raises."""
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        act()
    assert all(one.category is iz.DoubtfulWarning for one in found)
    assert all(one.filename == __file__ for one in found)
    return [str(one.message) for one in found]


def set_to(**values):
    return lambda: iz.Pool(3, LIF).set(**values)


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: iz.Pool(3, iz.AdEx(C=281e-12)),
         "C of the pool: 2.81e-10 pF is far from what is usual, 50 to 500 pF; it is in pF, not in F"),
        (lambda: iz.Pool(3, iz.AdEx, receptors={"s": iz.ExponentialCurrent(tau=0.002)}),
         "tau_s of the pool: 0.002 ms is far from what is usual, 0.5 to 100 ms; it is in ms, not in s"),
        (lambda: iz.Network(dt=0.1).pool("p", 3, iz.AdEx(g_L=30e-9)),
         "g_L of pool 'p': 3e-08 nS is far from what is usual, 1 to 50 nS; it is in nS, not in S"),
        (set_to(E_L=-0.06),
         "E_L of the pool: -0.06 mV is far from what is usual, -80 to -40 mV; it is in mV, not in V"),
        (set_to(v=[0, -0.07, -0.065]),
         "v of the pool: -0.07 mV is far from what is usual, -60 mV; it is in mV, not in V"),
        (set_to(V_th=1e9), None),  # so that nothing spikes
        (set_to(t_ref=0.01), None),
        (lambda: iz.Pool(3, iz.HodgkinHuxley).set(h=0.001), None),  # gates, and what has no unit
        (lambda: iz.simulate(iz.FitzHughNagumo(v=0.005), 0.5, 10.0), None),
        (lambda: iz.Pool(3).set(u=0.1), None),
        (lambda: iz.Pool(3, LIF, dt=2.0), None),  # exact steps may be long
        (lambda: iz.Pool(3, LIF, dt=2.0, scheme="heun"),
         "dt of the pool: steps of 2 ms are long for LeakyIntegrateAndFire, 0.1 ms are usual; dt is in ms"),
        (lambda: iz.Pool(3, iz.AdEx, dt=10.0),
         "dt of the pool: steps of 10 ms are long for AdEx, 0.1 ms are usual; dt is in ms"),
    ],
)  # fmt: skip
def test_values_in_other_units(act, message):
    assert told(act) == ([message] if message else [])


def driven(current, dt=0.1, t=0.0):
    def act():
        pool = iz.Pool(3, LIF, dt=dt)
        if t:
            pool.run(t)
        pool.drive(pool, current)

    return act


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (driven(500e-12),
         "drive of the pool: 5e-10 pA is far from what is usual, -100 to 500 pA; it is in pA, not in A"),
        (driven(200 + iz.noise(5e-10)),
         "drive of the pool: 5e-10 pA is far from what is usual, -100 to 500 pA; it is in pA, not in A"),
        (driven(iz.sine(100, frequency=1000), dt=1.0),
         "drive: sine(100, frequency=1000) goes up and down in 1 ms, less than two steps of 1 ms, and is taken at"
         " the beginning of each step: make the pool with a smaller dt"),
        (driven(iz.square(100, period=1.5), dt=1.0),
         "drive: square(100, period=1.5) goes up and down in 1.5 ms, less than two steps of 1 ms, and is taken at"
         " the beginning of each step: make the pool with a smaller dt"),
        (driven(iz.chirp(100, f0=1, f1=800, duration=100), dt=1.0),
         "drive: chirp(100, f0=1, f1=800, duration=100) goes up and down in 1.25 ms, less than two steps of 1 ms,"
         " and is taken at the beginning of each step: make the pool with a smaller dt"),
        (driven(iz.pulse(100, start=10, width=5), t=20.0),
         "drive: pulse(100, start=10, width=5) is over: it ends at 15 ms, and it is 20 ms; input.shift(20) begins"
         " now"),
        (driven(iz.step(100, start=10, stop=20) + iz.noise(5), t=20.0),
         "drive: step(100, start=10, stop=20) is over: it ends at 20 ms, and it is 20 ms; input.shift(20) begins"
         " now"),
        (driven(iz.from_samples([1.0, 2.0], dt=1.0), t=20.0),
         "drive: from_samples(<2 values>, dt=1) is over: it ends at 2 ms, and it is 20 ms; input.shift(20) begins"
         " now"),
        (driven(iz.from_samples([[1.0] * 3, [2.0] * 3], dt=1.0), t=20.0),
         "drive: from_samples(<2 x 3 values>, dt=1) is over: it ends at 2 ms, and it is 20 ms; input.shift(20) begins"
         " now"),
        (driven(iz.sine(100, frequency=500), dt=1.0), None),
        (driven(iz.pulse_train(100, period=0.5, width=0.1), dt=1.0), None),
        (driven(iz.pulse(100, start=10, width=5), t=10.0), None),
    ],
)  # fmt: skip
def test_inputs(act, message):
    assert told(act) == ([message] if message else [])


def connected(dt=0.1, receptors=None, **options):
    def act():
        pool = iz.Pool(3, LIF, dt=dt, receptors=receptors or {"s": iz.ExponentialConductance})
        pool.connect(pool, pool, rule=iz.one_to_one(), **options)

    return act


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (connected(weight=2e-9), "weight: 2e-09 nS does next to nothing; it is in nS, not in S"),
        (connected(weight=iz.uniform(0, 3e-9)), "weight: 3e-09 nS does next to nothing; it is in nS, not in S"),
        (connected(weight=1e-12, receptors={"s": iz.VoltageJump}),
         "weight: 1e-12 mV does next to nothing; it is in mV, not in V"),
        (connected(delay=0.0015), "delay: 0.0015 ms is no multiple of dt = 0.1 ms, and becomes 0 ms"),
        (connected(delay=1.3, dt=1.0), "delay: 1.3 ms is no multiple of dt = 1 ms, and becomes 1 ms"),
        (connected(delay=np.full(3, 0.0015)), "delay: all delays become 0 ms in steps of 0.1 ms; delays are in ms"),
        (connected(delay=iz.uniform(0.001, 0.002)),
         "delay: all delays become 0 ms in steps of 0.1 ms; delays are in ms"),
        (connected(delay=iz.uniform(0.01, 2.03)), None),
        (connected(delay=np.array([0.0, 0.13, 5.0])), None),
        (connected(delay=0.3), None),
        (connected(delay=0.0), None),
        (connected(weight=0.0), None),
    ],
)  # fmt: skip
def test_weights_and_delays(act, message):
    assert told(act) == ([message] if message else [])


def test_runs_of_all_spikes_and_of_none():
    def silent():
        pool = iz.Pool(3, LIF)
        pool.drive(pool, 50.0)
        pool.run(100.0)
        pool.run(500.0)
        pool.run(500.0)

    assert told(silent) == [
        "the pool: no neuron spiked in 500 ms, although they are driven; an input of -100 to 500 pA is usual"
    ]

    def busy():
        net = iz.Network(dt=1.0)
        pool = net.pool("p", 3, LIF(t_ref=0.0))
        pool.drive(pool, 1e5)
        net.run(500.0)
        net.run(500.0)

    assert told(busy) == ["pool 'p': every neuron spiked in every step; an input of -100 to 500 pA is usual"]


def test_silence_that_is_meant():
    def act():
        iz.Pool(3, LIF).run(500.0)  # nothing drives it
        for current in (-100.0, iz.step(700, start=600), iz.step(-50, start=100) + iz.noise(0.0)):
            pool = iz.Pool(3, LIF)
            pool.drive(pool, current)  # downwards, or later
            pool.run(500.0)
        pool = iz.Pool(3, LIF)
        pool.drive(pool, iz.pulse(700, start=0, width=50))
        pool.run(100.0)
        pool.run(500.0)  # it is over
        pool = iz.Pool(3, LIF)
        pool.drive(pool, 50.0)
        pool.record("v")  # somebody looks at it
        pool.run(500.0)
        iz.f_i_curve(LIF, [0.0, 50.0], duration=600.0)

    assert told(act) == []


def test_each_doubt_is_told_once_for_each_pool():
    def act():
        for _ in range(2):
            pool = iz.Pool(3, LIF)
            for _ in range(3):
                pool.E_L = -0.06

    assert len(told(act)) == 2


def test_inputs_that_are_over_are_told_once():
    def act():
        pool = iz.Pool(3, LIF)
        pool.run(10.0)
        for k in range(3):
            pool.drive(pool, iz.pulse(100 + k, start=0, width=5))

    assert len(told(act)) == 1


@pytest.mark.parametrize("model", [LIF, iz.AdEx, iz.MorrisLecar])
def test_currents_that_the_package_tries_are_no_doubt(model):
    assert told(lambda: iz.rheobase(model)) == []
    assert len(told(lambda: iz.rheobase(LIF, C=0.2))) == 1
    assert len(told(lambda: iz.f_i_curve(model, [1e-10, 5e-10]))) == 1


def test_a_doubt_that_is_an_error_changes_nothing():
    pool = iz.Pool(3, LIF)
    with warnings.catch_warnings():
        warnings.simplefilter("error", iz.DoubtfulWarning)
        for _ in range(2):
            with pytest.raises(iz.DoubtfulWarning, match="E_L of the pool"):
                pool.E_L = -0.06
            with pytest.raises(iz.DoubtfulWarning, match="delay: 0"):
                pool.connect(pool, pool, rule=iz.one_to_one(), delay=0.0015)
    assert pool.E_L.tolist() == [-60.0] * 3
    assert pool.synapses == ()


def test_spikes_that_a_relay_loses():
    def act():
        net = iz.Network(dt=0.1, seed=1)
        sources = net.poisson("sources", 400, 10.0)
        relay = net.pool("relay", 1, iz.Relay)
        net.connect(sources, relay, rule=iz.all_to_all())
        for _ in range(2):
            result = net.run(500.0)
            seen.append((relay.lost[0], result["sources"].counts.sum(), result["relay"].counts.sum()))

    seen = []
    lost = (
        "pool 'relay': 358 spikes came in a step with another one, and were lost: a Relay passes on one spike"
    )
    assert told(act) == [f"{lost} in a step; take a smaller dt, or connect their sources themselves"]
    (lost, sent, passed), _ = seen
    assert abs(sent - passed - lost) <= 3  # those of the last step are under way
    assert lost / sent == pytest.approx(1 - (1 - np.exp(-0.4)) / 0.4, rel=0.1)  # 17.5 % of 4000 Hz
