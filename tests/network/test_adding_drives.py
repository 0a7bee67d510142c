"""What is added to what drives neurons already, and what the summary shows of it."""

import numpy as np
import pytest

import izhi_numba as iz

SAMPLES = np.random.default_rng(1).random((20, 60))
EACH = np.linspace(1.0, 5.0, 60)

PAIRS = {
    "constants": (iz.constant(3.0), iz.constant(EACH)),
    "one waveform": (iz.sine(3.0, frequency=40), iz.sine(EACH, frequency=40)),
    "two waveforms": (iz.sine(3.0, frequency=40), iz.step(2.0, start=20)),
    "a constant and noise": (iz.constant(3.0), iz.noise(4.0)),
    "white noise": (iz.noise(3.0), iz.noise(4.0)),
    "windows of noise": (iz.noise(3.0, start=10), iz.noise(4.0, stop=50)),
    "processes": (iz.ornstein_uhlenbeck(3.0, tau=5), iz.ornstein_uhlenbeck(2.0, tau=9)),
    "trains of one weight": (iz.poisson(100.0, weight=3.0), iz.poisson(250.0, weight=3.0)),
    "trains of two weights": (iz.poisson(100.0, weight=3.0), iz.poisson(250.0, weight=EACH)),
    "samples": (iz.from_samples(SAMPLES, dt=5.0), iz.from_samples(1 - SAMPLES, dt=4.0)),
    "rates": (iz.poisson(iz.from_samples(SAMPLES, dt=5.0)), iz.poisson(9.0)),
    "all": (iz.noise(2.0) + 3.0, iz.poisson(90.0) + iz.ornstein_uhlenbeck(3.0, tau=5) + iz.sine(1, frequency=9)),
}  # fmt: skip


def received(*drives, n=60, duration=100.0, **options):
    """What neurons receive that are driven by inputs one after the other."""
    pool = iz.Pool(n, seed=1, **options)
    for number, current in enumerate(drives):
        pool.drive(pool, current, add=number > 0)
    pool.record("I")
    return pool.run(duration).traces["I"]


@pytest.mark.parametrize("pair", PAIRS)
def test_added_it_is_the_sum(pair):
    one, other = PAIRS[pair]
    together = received(one + other)
    np.testing.assert_allclose(received(one, other), together, rtol=1e-5, atol=1e-6)
    assert np.abs(together - received(one)).max() > 0.1


def test_processes_of_one_correlation_time_are_independent():
    given = iz.ornstein_uhlenbeck(3.0, tau=2.0), iz.ornstein_uhlenbeck(4.0, tau=2.0)
    values = received(*given, n=2000, duration=200.0)
    assert values.std(axis=1) == pytest.approx(5.0, rel=0.1)  # from the first step on
    assert values.std() == pytest.approx(5.0, rel=0.01)


def test_trains_of_one_rate_keep_their_number():
    values = received(*[iz.poisson(500.0, weight=2.0)] * 3, n=2000, duration=200.0)
    assert values.mean() == pytest.approx(3.0, rel=0.01)
    assert values.var() == pytest.approx(6.0, rel=0.02)


def test_what_drives_already_goes_on():
    pool = iz.Pool(40, seed=1)
    pool.drive(pool, iz.ornstein_uhlenbeck(10.0, tau=1000.0))
    pool.record("I")
    before = pool.run(20.0).traces["I"][-1]
    pool[::2].drive(iz.constant(100.0), add=True)
    after = pool.run(1.0).traces["I"][0]
    assert np.abs(after - before - np.tile([100.0, 0.0], 20)).max() < 3.0
    pool.drive(pool[:20], 1.0)
    assert pool.external_input.tolist() == [1.0] * 20 + [100.0, 0.0] * 10


def test_a_loop_that_adds_takes_no_more_memory():
    pool = iz.Pool(100, seed=1)
    held = []
    for _ in range(3):
        pool.drive(pool, iz.noise(1.0) + iz.sine(1.0, frequency=5) + iz.poisson(9.0) + 1.0, add=True)
        held.append(pool.nbytes)
    assert len(set(held)) == 1


def test_what_is_no_truth_value():
    with pytest.raises(TypeError, match="add: expected True or False, got 'yes'"):
        iz.Pool(3).drive("exc", 1.0, add="yes")


@pytest.mark.filterwarnings("ignore::izhi_numba.DoubtfulWarning")
@pytest.mark.parametrize("current", [iz.constant(3e38), iz.sine(3e38, frequency=5), iz.noise(3e38)])
def test_a_sum_that_is_too_large(current):
    net = iz.Network(dt=0.5, seed=1)
    exc = net.pool("exc", 5)
    exc.drive(exc, current)
    told = (
        "drive of pool 'exc': with what drives them already, the sum is no finite number in float32; add less"
    )
    with pytest.raises(ValueError, match=told):
        net.drive("exc", current, add=True)


def shown(net):
    """What drives whom, by the summary."""
    return [line.strip() for line in net.summary().splitlines() if line.startswith("    ")]


def test_the_summary_shows_what_drives_whom():
    net = iz.Network(dt=0.5, seed=1)
    exc, inh = net.pool("exc", 100), net.pool("inh", 30, receptors={"ampa": iz.AMPA})
    assert shown(net) == []
    exc.group("left", 40)
    exc.drive(exc, 10.1)
    exc["left"].drive(iz.noise(5.0), add=True)
    assert shown(net) == ["exc.left: constant(10.1) + noise(5)", "exc[40:100]: constant(10.1)"]
    exc.drive(exc[40:], iz.noise(12.0) + iz.ornstein_uhlenbeck(0.3, tau=123))
    exc.drive(exc, iz.noise(5.0), add=True)
    inh.drive(inh[::3], iz.poisson(8.0, n=100, weight=0.1) + np.linspace(1, 2, 10))
    net.run(20.0)
    assert shown(net) == [
        "exc.left: constant(10.1) + noise(7.071068)",
        "exc[40:100]: noise(13) + ornstein_uhlenbeck(0.3, tau=123)",
        "inh[0:28:3]: constant(<10 values>) + poisson(800, weight=0.1, receptor='ampa')",
    ]
    exc.drive("left", 0)
    inh.drive(inh, 7)
    assert shown(net) == ["exc[40:100]: noise(13) + ornstein_uhlenbeck(0.3, tau=123)", "inh: constant(7)"]


def test_the_summary_shows_samples_of_some():
    net = iz.Network(dt=0.5, seed=1)
    exc = net.pool("exc", 60)
    exc.drive(exc, iz.from_samples(SAMPLES, dt=5.0))
    exc.drive(exc[:20], 2.0)
    assert shown(net) == [
        "exc[0:20]: constant(2)",
        "exc[20:60]: from_samples(<20 x 60 values>, dt=5)",
    ]
