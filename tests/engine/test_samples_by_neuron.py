"""Samples by time and neuron as pools and sources get them: currents, and rates of Poisson trains."""

import numpy as np
import pytest
from scipy import stats

import izhi_numba as iz
from tests import inside, reference
from tests.engine.test_stimulus import Quiet, inputs_of

RNG = np.random.default_rng(5)
SAMPLES = RNG.uniform(-5, 5, (60, 4))
INTERVALS = [(0.5, 0.0), (0.25, 2.0), (0.2, 1.1), (1.7, 3.3), (8.0, -4.0)]  # dt of samples, start


def columns(samples, dt, start, make=lambda wave: wave):
    """One input for each column."""
    return [make(iz.from_samples(column, dt, start=start)) for column in samples.T]


@pytest.mark.parametrize(("each", "start"), INTERVALS)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_each_neuron_gets_its_column(each, start, dtype):
    def sum_of(wave):
        return 2 * wave + iz.step(3, start=5) - 1

    samples = SAMPLES.astype(np.float32)
    got = inputs_of(sum_of(iz.from_samples(samples, each, start=start)), 160, dtype=dtype)
    alone = [inputs_of(one, 160, n=1, dtype=dtype)[:, 0] for one in columns(samples, each, start, sum_of)]
    np.testing.assert_allclose(
        got, np.stack(alone, axis=1), rtol=0, atol=1e-12 if dtype == "float64" else 2e-6
    )
    t = np.arange(160) * 0.5
    told = sum_of(iz.from_samples(samples, each, start=start)).over(t, 0.5)
    np.testing.assert_allclose(got, told, rtol=0, atol=1e-12 if dtype == "float64" else 2e-6)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_samples_that_last_whole_steps_are_what_they_were(dtype):
    samples = SAMPLES.astype(dtype)
    for each in (0.5, 1.5):
        got = inputs_of(iz.from_samples(samples, each, start=1.0), 100, dtype=dtype)
        wanted = np.concatenate(
            [np.zeros((2, 4)), samples.repeat(round(each / 0.5), axis=0), np.zeros((60, 4))]
        )
        np.testing.assert_array_equal(got, wanted[:100])


def test_times_of_an_input_in_any_shape():
    wave = 1 + 2 * iz.from_samples(SAMPLES, 0.5)
    np.testing.assert_array_equal(wave(3.2), 1 + 2 * SAMPLES[6])
    np.testing.assert_array_equal(wave([[0.0, 0.6]]), 1 + 2 * SAMPLES[None, :2])
    np.testing.assert_array_equal(wave.over(0.0, 1.0), 1 + (SAMPLES[0] + SAMPLES[1]))
    assert wave([]).shape == (0, 4)
    np.testing.assert_array_equal(wave.shift(10)([9.9, 10.0]), [np.ones(4), 1 + 2 * SAMPLES[0]])
    np.testing.assert_array_equal((np.arange(4) * wave)(0.0), np.arange(4) * (1 + 2 * SAMPLES[0]))


def test_samples_are_a_copy_and_keep_their_precision():
    given = SAMPLES.astype(np.float32)
    wave = iz.from_samples(given, 1.0)
    given[:] = 0
    assert wave(0.0).any()
    held = wave.terms[0].waveform.values
    assert held.dtype == np.float32
    pool = iz.Pool(4, Quiet)
    before = pool.nbytes
    pool.drive(pool, wave)
    assert np.shares_memory(inside.samples_of(pool)[0], held)
    assert held.nbytes <= pool.nbytes - before <= held.nbytes + 1000
    pool.drive(pool, 0.0)
    assert inside.samples_of(pool) == []


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_same_bits_for_any_threads_and_in_pieces(dtype):
    samples, rates = RNG.uniform(-5, 9, (50, 5000)), RNG.uniform(0, 900, (70, 5000))
    current = 2 + iz.from_samples(samples, 1.3, start=2.0) * RNG.uniform(0, 1, 5000) + iz.noise(1)
    current += iz.poisson(iz.from_samples(rates, 0.9), weight=2.0)

    def run(threads, pieces):
        net = iz.Network(dt=1.0, seed=9, threads=threads, dtype=dtype)
        pool = net.pool("pool", 5000)
        net.poisson("trains", 5000, iz.from_samples(rates, 0.9))
        net.connect("trains", pool, rule=iz.one_to_one(), weight=3.0, delay=1.0)
        pool.drive(pool, current)
        spikes = np.concatenate([net.step(steps)["trains"].spikes.i for steps in pieces])
        return pool.v.tobytes(), spikes.tobytes()

    whole = run(1, [60])
    assert run(2, [60]) == whole
    assert run(3, [7, 1, 40, 12]) == whole


def test_groups_have_samples_of_their_own_and_new_inputs_replace_them():
    pool = iz.Pool(3000, Quiet, dt=1.0, dtype="float64", threads=2)
    pool.record("I")
    samples = RNG.uniform(-5, 5, (40, 1500))
    wave = iz.from_samples(samples, 1.0)
    pool.drive(pool[100:1600], wave)
    pool.drive(pool[1500:3000], -1 * wave)
    wanted = np.zeros((10, 3000))
    wanted[:, 100:1600], wanted[:, 1500:] = samples[:10], -samples[:10]
    np.testing.assert_array_equal(pool.step(10).traces["I"], wanted)
    pool.drive(pool[:1500], 1.0)
    wanted[:, :1500], wanted[:, 1500:] = 1.0, -samples[10:20]
    np.testing.assert_array_equal(pool.step(10).traces["I"], wanted)
    held = []
    for _ in range(5):
        pool.drive(pool[100:1600], wave)
        held.append(pool.nbytes)
    assert held[0] == held[-1]


def test_a_pool_equals_the_slow_reference():
    samples = RNG.uniform(0, 20, (90, 6))
    wave, pool = iz.from_samples(samples, 1.5, start=7.0), iz.Pool(6, dt=0.5, dtype="float64")
    values = {name: getattr(pool, name).copy() for name in (*pool.model.states, *pool.model.parameters)}
    pool.drive(pool, wave)
    result = pool.step(400)
    steps, neurons, end = reference.simulate_model(
        pool.model, values, lambda k: wave.over(k * 0.5, 0.5), 400, 0.5, pool.scheme
    )
    assert len(steps) > 20
    np.testing.assert_array_equal(np.rint(result.spikes.t / 0.5), steps)
    np.testing.assert_array_equal(result.spikes.i, neurons)
    np.testing.assert_array_equal(pool.v, end["v"])


def test_one_neuron_is_simulated_with_one_column():
    result = iz.simulate(iz.Izhikevich, 1 + iz.from_samples([[5.0], [10.0]], 50.0), 100.0)
    assert result.I[[0, 499, 500, 999]].tolist() == [6.0, 6.0, 11.0, 11.0]
    result.plot()
    with pytest.raises(
        ValueError, match=r"with 1 column, one for each of the 1 neurons .*, got shape \(60, 4\)"
    ):
        iz.simulate(iz.Izhikevich, iz.from_samples(SAMPLES, 1.0), 10.0)


# Rates


def events(rate, *, n=3000, steps=100, dtype="float32", **options):
    """Events of each step and neuron, (steps, n)."""
    pool = iz.Pool(n, Quiet, dt=1.0, seed=3, dtype=dtype)
    pool.drive(pool, iz.poisson(rate, **options))
    pool.record("I")
    return pool.step(steps).traces["I"]


def spikes(rate, *, n=3000, steps=100, dtype="float32"):
    """Spikes of each step and source, (steps, n)."""
    net = iz.Network(dt=1.0, seed=3, dtype=dtype)
    net.poisson("trains", n, rate)
    found, got = net.step(steps)["trains"].spikes, np.zeros((steps, n))
    got[np.rint(found.t).astype(int) - 1, found.i] = 1
    return got


@pytest.mark.parametrize("draw", [events, spikes])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("scale", [2.0, 100.0, 700.0])
def test_rates_are_drawn_as_those_that_differ_in_time_or_by_neuron(draw, dtype, scale):
    rates = RNG.uniform(0, scale, (50, 3000))
    by_neuron = iz.from_samples(rates[:1].repeat(50, axis=0), 2.0)
    np.testing.assert_array_equal(draw(by_neuron, dtype=dtype), draw(rates[0], dtype=dtype))
    in_time = iz.from_samples(rates[:, :1].repeat(3000, axis=1), 2.0)
    wanted = draw(iz.from_samples(rates[:, 0], 2.0), dtype=dtype)
    np.testing.assert_array_equal(draw(in_time, dtype=dtype), wanted)


@pytest.mark.parametrize("draw", [events, spikes])
def test_rates_by_time_and_neuron_are_kept(draw):
    rates = RNG.choice([0.0, 30.0, 200.0, 800.0], (125, 3000))
    got = draw(iz.from_samples(rates, 0.8))
    means = rates.repeat(8, axis=0).reshape(100, 10, 3000).mean(axis=1) / 1000  # of 0.1 ms each
    spread = means.sum() if draw is events else (means * (1 - means)).sum()
    assert abs(got.sum() - means.sum()) < 4 * spread**0.5
    for part in np.array_split(np.argsort(means, axis=None), 5):
        due = means.ravel()[part].sum()
        assert stats.poisson.cdf(got.ravel()[part].sum(), due) == pytest.approx(0.5, abs=0.4999)
    assert not got[means == 0].any()


def test_windows_shifts_parts_and_amplitudes_of_rates():
    rates = iz.from_samples(np.full((20, 3000), 100.0), 5.0)
    got = events(rates, n=3000, start=10, stop=90)
    assert not got[:10].any()
    assert not got[90:].any()
    assert got[10:90].mean() == pytest.approx(0.1, rel=0.02)
    pool = iz.Pool(3000, Quiet, dt=1.0, seed=3)
    half = np.arange(1500) % 2
    pool.drive(
        pool[1500:], iz.poisson(half * iz.from_samples(np.full((20, 1500), 100.0), 5.0), n=2).shift(50)
    )
    pool.record("I")
    got = pool.step(100).traces["I"]
    assert not got[:50].any()
    assert not got[:, :1500].any()
    assert not got[:, 1500::2].any()
    assert got[50:, 1501::2].mean() == pytest.approx(0.2, rel=0.02)


POOL = iz.Pool(5, Quiet)
WAVE = iz.from_samples(np.ones((5, 4)), 1.0)


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: POOL.drive(POOL, WAVE),
         r"drive: from_samples\(<5 x 4 values>, dt=1\): expected samples \(time, neuron\) with 5 columns, one for each"
         r" of the 5 neurons that are driven, got shape \(5, 4\); rows are times: give samples.T"),
        (lambda: POOL.drive(POOL[:3], 2 * WAVE + iz.noise(1)), r"with 3 columns, .*; samples\[:, chosen\] has fewer"),
        (lambda: POOL.drive(POOL, iz.poisson(WAVE)), "drive: from_samples.* with 5 columns"),
        (lambda: POOL.drive(POOL, iz.from_samples(np.full((2, 5), 1e200), 1.0)),
         "largest sample of each neuron: expected finite numbers that fit float32, got 1e\\+200 at index 0"),
        (lambda: iz.Network().poisson("x", 3, WAVE), r"rate: from_samples\(<5 x 4 values>, dt=1\): .* of the 3 units"),
        (lambda: iz.Network(dt=1.0).poisson("x", 4, 2000 * WAVE), "rate: expected 0 to 1000 Hz, .*, got 2000"),
        (lambda: iz.poisson(5 + WAVE), "one value per neuron in a single term, got constant.*; add two trains"),
        (lambda: iz.poisson(iz.from_samples([[1, 2], [3, -4]], 1.0)),
         "poisson: rate: expected 0 or more, got -4 in row 1, column 1"),
    ],
)  # fmt: skip
def test_mistakes(act, message):
    with pytest.raises(ValueError, match=message):
        act()


def test_too_many_events_and_rates_that_were_set_later():
    pool = iz.Pool(4, Quiet, dt=1.0)
    pool.drive(pool, iz.poisson(1e9 * WAVE, n=1000))
    with pytest.raises(iz.SimulationError, match="at most 1e\\+08 events"):
        pool.step(2)
    net = iz.Network(dt=1.0)
    trains = net.poisson("x", 4, iz.from_samples([[1.0, 1.0, 2.0, 1.0]], 5.0))
    trains.rate = [900.0, 900.0, 400.0, 900.0]
    assert net.step(2)["x"].counts.sum() > 0
    trains.rate = 900.0
    with pytest.raises(iz.SimulationError, match=r"expected 0 to 1000 Hz, .*, got 1800, the function"):
        net.step(2)


def test_what_is_written_says_how_it_was_made():
    assert repr(2 * WAVE.shift(3)) == "2 * from_samples(<5 x 4 values>, dt=1, start=3)"
    assert repr(iz.poisson(2 * WAVE, stop=9)) == "poisson(2 * from_samples(<5 x 4 values>, dt=1), stop=9)"
