"""Currents of receptors are recorded: what their own functions give for the variables at the end of a step."""

import pickle

import numpy as np
import pytest

import izhi_numba as iz
from izhi_numba.math import exp


class Timed(iz.Receptor):
    """A current that depends on time and step, and cannot take arrays."""

    g = iz.State(0.0)
    tau = iz.Parameter(5.0)
    twice = iz.Constant(lambda tau: 2 * tau)

    def derivatives(g, tau):
        return -g / tau

    def current(g, t, dt, twice):
        if t > 10.0:
            return g * twice * dt
        return 0.0


RECEPTORS = {"ampa": iz.AMPA(), "nmda": iz.NMDA(), "slow": iz.GABA_B(), "i": iz.ExponentialCurrent(tau=4.0)}


def driven(model=iz.AdEx, n=20, receptors=RECEPTORS, **options):
    pool = iz.Pool(n, model, receptors=receptors, seed=1, **options)
    pool.drive(pool, np.linspace(300, 900, n))
    for name in receptors:
        pool.connect(
            pool, pool, rule=iz.fixed_outdegree(5), weight=iz.uniform(0, 0.5), delay=1.0, receptor=name
        )
    return pool


def expected(name, pool, traces, columns=slice(None)):
    """Currents by the formulas of the docstrings, in double precision."""
    value = lambda one: np.asarray(traces[one], float)
    own = lambda one: np.asarray(getattr(pool, one), float)[columns]
    if name == "I_ampa":
        return value("g_ampa") * (own("E_ampa") - value("v"))
    if name == "I_nmda":
        blocked = 1 + own("Mg_nmda") / 3.57 * exp(-0.062 * value("v"))
        return value("g_nmda") * (own("E_nmda") - value("v")) / blocked
    if name == "I_slow":
        bound = value("s_slow") ** 4
        return own("g_max_slow") * bound / (bound + own("K_d_slow")) * (own("E_slow") - value("v"))
    return value("i_i")


CURRENTS = ["I_ampa", "I_nmda", "I_slow", "I_i"]
VARIABLES = ["v", "g_ampa", "g_nmda", "s_slow", "i_i"]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_currents_are_those_of_the_formulas(dtype):
    pool = driven(iz.LeakyIntegrateAndFire, dtype=dtype)  # has no peak
    pool.E_ampa = np.linspace(-10, 10, 20)
    pool.record(VARIABLES + CURRENTS)
    result = pool.run(100.0)
    assert result.counts.sum() > 100
    for name in CURRENTS:
        current = result.traces[name]
        assert current.dtype == dtype
        assert np.abs(current).max() > 0
        np.testing.assert_allclose(
            current,
            expected(name, pool, result.traces),
            rtol=3e-5 if dtype == "float32" else 1e-13,
            atol=1e-30,
        )


def test_after_a_spike_it_is_that_of_the_reset():
    pool = driven(receptors={"ampa": iz.AMPA()})
    pool.record(["v", "g_ampa", "I_ampa"])
    result = pool.run(100.0)
    v, g, current = (result.traces[name] for name in ("v", "g_ampa", "I_ampa"))
    spiked = v == pool.V_peak
    assert spiked.sum() == len(result.spikes.i) > 0
    np.testing.assert_array_equal(current[~spiked], (g * (0 - v))[~spiked])
    np.testing.assert_array_equal(current[spiked], (g * (0 - pool.V_reset))[spiked])


def test_some_neurons_now_and_then_and_in_groups():
    pool, whole = driven(), driven()
    whole.record([*VARIABLES, *CURRENTS])
    pool.record("I_nmda", neurons=[7, 2], every=0.7)
    pool.record("I_nmda", neurons=pool[11:13], every=0.7)
    pool.record("I_ampa", neurons=[3])
    every, some = whole.run(50.0), pool.run(50.0)
    np.testing.assert_array_equal(some.neurons("I_nmda"), [7, 2, 11, 12])
    places = np.searchsorted(every.times("I_nmda"), some.times("I_nmda"))
    np.testing.assert_array_equal(some.traces["I_nmda"], every.traces["I_nmda"][places][:, [7, 2, 11, 12]])
    np.testing.assert_array_equal(some.traces["I_ampa"], every.traces["I_ampa"][:, [3]])
    assert list(some.traces) == ["I_nmda", "I_ampa"]  # and not what they were computed from
    np.testing.assert_array_equal(some[[11, 7]].traces["I_nmda"], some.traces["I_nmda"][:, [2, 0]])


def test_runs_in_pieces_joined_and_pickled():
    whole, pieces = driven(), driven()
    for pool in (whole, pieces):
        pool.record("I_nmda", every=0.3)
    first, second = pieces.run(20.0), pieces.step() + pieces.run(29.9)
    joined = pickle.loads(pickle.dumps(first)) + second
    np.testing.assert_array_equal(joined.traces["I_nmda"], whole.run(50.0).traces["I_nmda"])
    assert joined.traces["I_nmda"].shape == (166, 20)


def test_parameters_are_those_of_the_run():
    pool = driven(iz.LeakyIntegrateAndFire, receptors={"ampa": iz.AMPA()})
    pool.record(["v", "g_ampa", "I_ampa"])
    pool.run(10.0)
    pool.E_ampa = 20.0
    result = pool.run(10.0)
    pool.E_ampa = -70.0
    v, g = result.traces["v"], result.traces["g_ampa"]
    np.testing.assert_array_equal(result.traces["I_ampa"], g * (np.float32(20.0) - v))


def test_time_step_and_constants_of_functions_that_take_no_arrays():
    pool = driven(iz.LeakyIntegrateAndFire, receptors={"own": Timed(tau=7.0)})
    pool.record(["g_own", "I_own"], every=0.5)
    result = pool.run(30.0)
    late = result.times("I_own")[:, None] > 10.0
    np.testing.assert_allclose(
        result.traces["I_own"], np.where(late, result.traces["g_own"] * 14.0 * 0.1, 0.0), rtol=1e-6
    )
    assert result.traces["I_own"].max() > 0


def test_networks_and_plots():
    net = iz.Network(seed=1)
    one = net.pool("one", 9, iz.AdEx, receptors={"ampa": iz.AMPA()})
    net.pool("other", 5)
    net.connect(one, one, rule=iz.all_to_all(), weight=0.5)
    one.drive(one, 700.0)
    net.record("I_ampa", "one", every=0.2)
    result = net.run(40.0)
    assert result["one"].traces["I_ampa"].max() > 0
    assert result["one"].plot_traces("I_ampa").get_ylabel() == "I_ampa (pA)"
    result.plot_traces("I_ampa", stacked=True)


def test_nothing_was_run():
    def fails(t):
        raise ZeroDivisionError("by 0")

    net = iz.Network(seed=1)
    pool = net.pool("one", 9, iz.AdEx, receptors={"ampa": iz.AMPA()})
    pool.record("I_ampa")
    pool.v[3] = np.nan
    with pytest.raises(ValueError, match="v of neuron 3 is nan"):
        net.run(1.0)
    pool.v[3] = -60.0
    pool.drive(pool, iz.from_function(fails))
    with pytest.raises(iz.SimulationError, match="a function of time fails") as told:
        net.run(1.0)
    assert told.value.result["one"].traces["I_ampa"].shape == (0, 9)


def test_names():
    pool = iz.Pool(3, iz.AdEx, receptors={"ampa": iz.AMPA(), "kick": iz.CurrentPulse()})
    known = "v, w, g_ampa, I, I_ampa, spikes, counts"
    with pytest.raises(ValueError, match=f"^record: expected one of {known}, got 'I_kick'$"):
        pool.record("I_kick")
    with pytest.raises(ValueError, match="its current would be I_inp, which Own has already; choose another"):
        iz.compose(Own, {"inp": iz.AMPA()})


class Own(iz.LeakyIntegrateAndFire):
    """One that has a parameter by the name of a current."""

    I_inp = iz.Parameter(1.0)


def test_room_is_that_of_what_is_kept_and_of_what_is_computed(monkeypatch):
    import psutil

    pool = driven(n=20)
    pool.record(["I_ampa", "I_nmda", "g_ampa"])  # v is kept once; g_ampa, g_nmda, and two that are computed
    free = type("Free", (), {})()
    monkeypatch.setattr(psutil, "virtual_memory", lambda: free)
    free.available = 20 * 10_000 * 4 * 5
    with pytest.raises(MemoryError, match=r"the traces and counts of 10000 steps would take 4\.8 MB"):
        pool.run(1000.0)
