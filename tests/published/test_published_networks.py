"""The networks of the examples do what was published of them.

Tolerances are wider than what several seeds give, since networks are chaotic: on a processor of another kind
single precision makes other spikes.
"""

import re
import subprocess
import sys
from pathlib import Path

import brette_benchmarks
import brunel
import cortical_network
import microcircuit
import numpy as np
import pytest
import small_world

EXAMPLES = Path(__file__).parent.parent.parent / "examples"


def rates_of(pool, duration, start=500.0):
    pool.run(start)
    result = pool.run(duration)
    return np.array([result.rate(name) for name in result.groups])


# Potjans and Diesmann 2014


def test_microcircuit_has_as_many_synapses_as_published():
    numbers = microcircuit.synapse_numbers()
    assert numbers.sum() == 298_880_969
    assert ((numbers > 0) == (microcircuit.PROBABILITIES > 0)).all()
    pairs = np.outer(microcircuit.SIZES, microcircuit.SIZES)
    missed = (1 - 1 / pairs) ** numbers.astype(float)  # the probability that no synapse connects a pair
    np.testing.assert_allclose(1 - missed, microcircuit.PROBABILITIES, rtol=2e-4)


def test_constant_input_is_that_of_the_paper():
    published = [562.0, 526.9, 737.6, 667.3, 702.5, 667.3, 1018.6, 737.6]
    np.testing.assert_allclose(microcircuit.constant_input(), published, atol=0.1)
    np.testing.assert_allclose(microcircuit.constant_input(poisson=True), 0, atol=1e-9)


@pytest.mark.parametrize("poisson", [False, True])
def test_scaling_keeps_mean_and_variance_of_the_input(poisson):
    def moments(scale):
        pool = microcircuit.microcircuit(scale, poisson, seed=1, threads=1)
        rates = dict(zip(microcircuit.POPULATIONS, microcircuit.RATES, strict=True))
        mean, variance = np.zeros(8), np.zeros(8)
        projections = iter(pool.synapses)
        for j, source in enumerate(microcircuit.POPULATIONS):
            for i in np.flatnonzero(microcircuit.PROBABILITIES[:, j]):
                _, _, weight, _ = next(projections).to_arrays()
                per_neuron = rates[source] / len(pool[microcircuit.POPULATIONS[i]])
                mean[i] += weight.sum() * per_neuron
                variance[i] += (weight.astype(float) ** 2).sum() * per_neuron
        if poisson:
            outside = microcircuit.OUTSIDE * microcircuit.OUTSIDE_RATE
            mean += outside * microcircuit.WEIGHT * np.sqrt(scale)
        held = pool.external_input[[pool[name].start for name in microcircuit.POPULATIONS]]
        return 1e-3 * microcircuit.TAU_SYN * mean + held, variance

    (mean, variance), (mean_of_more, variance_of_more) = moments(0.02), moments(0.08)
    np.testing.assert_allclose(mean, mean_of_more, atol=8)  # pA, of hundreds; sizes are rounded
    np.testing.assert_allclose(variance, variance_of_more, rtol=0.03)


def test_microcircuit_is_wired_as_published():
    pool = microcircuit.microcircuit(0.05, seed=1, threads=1)
    numbers = microcircuit.synapse_numbers(0.05)
    assert [len(one) for one in pool.synapses] == [n for n in numbers.T.ravel() if n]
    pre, post, weight, delay = pool.synapses[2].to_arrays()  # L23E to L4E
    assert set(pre) <= set(range(len(pool["L23E"])))
    assert np.ptp(post) < len(pool["L4E"])
    expected = microcircuit.WEIGHT / np.sqrt(0.05)
    assert weight.mean() == pytest.approx(expected, rel=0.01)
    assert weight.std() == pytest.approx(0.1 * expected, rel=0.05)
    assert delay.min() == pytest.approx(0.1)
    assert np.median(delay) == pytest.approx(1.5, abs=0.1)
    spread = pool["L23E"].v
    assert spread.mean() == pytest.approx(microcircuit.START_MEAN[0], abs=0.6)
    assert spread.std() == pytest.approx(microcircuit.START_SD[0], rel=0.1)


def test_microcircuit_at_a_tenth_is_that_of_nest():
    # NEST 3.10 (pip install nest-simulator), scale 0.1, Poisson input, the same weights and currents: means of 4
    # seeds over 2 s. Means of twelve seeds here agree within 2 percent, L23E and L5E within 4; L5E has a deviation
    # of 0.3 Hz from seed to seed.
    nest = np.array([0.491, 2.088, 3.961, 4.997, 6.361, 7.845, 0.818, 6.982])
    rates = rates_of(microcircuit.microcircuit(0.1, True, seed=1, threads=1), 2000.0)
    np.testing.assert_allclose(
        rates[[0, 1, 2, 3, 5, 6, 7]], nest[[0, 1, 2, 3, 5, 6, 7]], rtol=0.05, atol=0.06
    )
    assert rates[4] == pytest.approx(nest[4], abs=1.2)


def test_microcircuit_nears_the_published_rates_as_it_grows():
    # Three seeds: the sum of deviations at 0.25 is 0.37 to 0.46 of that at 0.1. Correlations fall as 1 / size.
    small = rates_of(microcircuit.microcircuit(0.1, True, seed=1, threads=1), 1000.0) - microcircuit.RATES
    more = rates_of(microcircuit.microcircuit(0.25, True, seed=1, threads=1), 1000.0) - microcircuit.RATES
    assert (np.abs(small) < 1.6).all()
    assert np.abs(more).sum() < 0.65 * np.abs(small).sum()


@pytest.mark.slow
def test_microcircuit_at_full_scale_has_the_published_rates(tmp_path):
    done = subprocess.run(
        [sys.executable, EXAMPLES / "microcircuit.py", "--input", "poisson"], cwd=tmp_path,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    told = done.stdout
    assert "77,169 neurons, 298,880,969 synapses" in told
    rates = np.array([float(re.search(rf"{name} +(\S+)", told)[1]) for name in microcircuit.POPULATIONS])
    np.testing.assert_allclose(rates, microcircuit.RATES, rtol=0.1, atol=0.1)
    assert float(re.search(r"built in (\S+) s", told)[1]) < 90
    assert float(re.search(r"at most (\S+) GB", told)[1]) < 5


# Brette et al. 2007


@pytest.mark.parametrize(
    ("build", "rate", "irregularity"),
    [  # of Brian 2 with the same weights
        (brette_benchmarks.coba, (19.1, 4.0), (1.68, 0.3)),
        (brette_benchmarks.cuba, (5.5, 0.6), (0.61, 0.1)),
    ],
)
def test_coba_and_cuba_stay_awake_as_in_brian(build, rate, irregularity):
    pool = build(seed=2, threads=1)
    pool.run(200.0)
    result = pool.run(2000.0)
    assert result.rate() == pytest.approx(rate[0], abs=rate[1])
    assert np.nanmean(result.cv()) == pytest.approx(irregularity[0], abs=irregularity[1])
    assert result.rate("exc") == pytest.approx(result.rate("inh"), rel=0.15)  # they differ in name only
    assert np.add.reduceat(result.spikes_per_step, np.arange(0, 20_000, 1000)).min() > 0


# Brunel 2000


@pytest.mark.parametrize(
    ("state", "duration"),
    [
        pytest.param("B", 2000.0, marks=pytest.mark.slow),
        ("C", 500.0),
        ("D", 6000.0),  # its slow rhythm makes the rate of a second uncertain by 8 percent
    ],
)
def test_brunel_has_the_published_rates(state, duration):
    g, drive, published, _ = brunel.STATES[state]
    pool = brunel.brunel(g, drive, seed=1, threads=1)
    pool.run(200.0)
    result = pool.run(duration)
    assert result.rate() == pytest.approx(published, rel=0.1)
    assert np.nanmean(result.cv()) > 0.3
    rhythms = {"B": (150, 200), "D": (15, 30)}  # 180 and 22 Hz in the paper
    if state in rhythms:
        low, high = rhythms[state]
        assert low < brunel.rhythm(result) < high


def test_brunel_of_2500_neurons_has_the_rate_of_nest(monkeypatch):
    """State D at a fifth of the size; weights of 0.2 mV."""
    sizes = {"N_E": 2000, "N_I": 500, "C_E": 200, "C_I": 50, "C_EXT": 200, "J": 0.2}
    for name, value in sizes.items():
        monkeypatch.setattr(brunel, name, value)
    rates = []
    for seed in range(1, 5):
        pool = brunel.brunel(*brunel.STATES["D"][:2], seed=seed, threads=1)
        pool.run(200.0)
        rates.append(pool.run(2000.0).rate())
    assert np.mean(rates) == pytest.approx(10.25, rel=0.05)


@pytest.mark.slow
def test_brunel_synchronous_state():
    g, drive, _, _ = brunel.STATES["A"]
    pool = brunel.brunel(g, drive, seed=1, threads=1)
    pool.run(200.0)
    result = pool.run(500.0)
    assert 250 < result.rate() < 1000 / brunel.T_REF
    assert np.nanmean(result.cv()) < 0.1
    assert np.median(result.spikes_per_step) < 0.001 * result.size  # all in a few steps of each cycle


# Blue Shell


def test_small_world_is_that_of_blue_shell():
    pool, inhibitory = small_world.small_world(seed=1, threads=1)
    assert inhibitory.sum() == 100
    pre, _, weight, delay = pool.synapses[0].to_arrays()
    assert (np.bincount(pre) == 50).all()
    assert (weight[inhibitory[pre]] <= 0).all()
    assert (weight[~inhibitory[pre]] >= 0).all()
    assert set(delay[inhibitory[pre]]) == {1}
    assert set(delay[~inhibitory[pre]]) == set(range(1, 21))
    pool.run(200.0)
    result = pool.run(5000.0)
    rates = result.counts / 5.0
    # 2.9 and 2.2 Hz in two seconds of Blue Shell's own loop; eight seeds here: 3.0 to 3.2 and 2.4 to 2.8.
    assert rates[~inhibitory].mean() == pytest.approx(3.0, abs=0.5)
    assert rates[inhibitory].mean() == pytest.approx(2.5, abs=0.6)
    windows = result.spikes_per_step.reshape(-1, 20).sum(axis=1)
    assert windows.var() > 3 * windows.mean()  # they spike together


# Izhikevich 2003


@pytest.mark.parametrize("n", [1000, 10_000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_cortical_network_keeps_rates_and_rhythms_at_any_size(n):
    pool = cortical_network.cortical(n, seed=1, threads=1)
    pool.run(500.0)
    result = pool.run(4000.0)
    assert result.rate("exc") == pytest.approx(7.3, abs=0.7)
    assert result.rate("inh") == pytest.approx(6.5, abs=1.0)
    frequencies, power = cortical_network.spectrum(result)
    alpha = power[frequencies == 8][0]
    gamma = power[(frequencies >= 28) & (frequencies <= 36)].mean()
    assert alpha > 10
    assert gamma > 10
    assert gamma > 3 * power[frequencies > 60].mean()
    assert cortical_network.strongest(frequencies, power, 4, 16) == 8
