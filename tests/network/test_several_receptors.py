"""One connect onto several receptors: the same synapses for each, with a factor on the weights."""

import numpy as np
import pytest

import izhi_numba as iz

BOTH = {"ampa": 1.0, "nmda": 0.4}
RECEPTORS = {"ampa": iz.AMPA, "nmda": iz.NMDA, "i": iz.ExponentialCurrent, "jump": iz.VoltageJump}


def cells(n=80, **options):
    pool = iz.Pool(n, iz.LeakyIntegrateAndFire, receptors=RECEPTORS, seed=5, **options)
    pool.drive(pool, np.linspace(200, 600, n))
    return pool


def both(pool, receptor=BOTH, **given):
    given = {"rule": iz.fixed_probability(0.1), "weight": iz.lognormal(0.0, 0.5), "delay": 1.5} | given
    return pool.connect(pool, pool, receptor=receptor, **given)


GIVEN = iz.from_arrays([0, 3, 3, 7], [1, 2, 9, 4], weight=[1.0, 2.0, 3.0, 4.0], delay=[0.1, 0.5, 0.5, 2.0])


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"weight": 2.0},
        {"delay": iz.uniform(0.5, 20.0), "rule": iz.fixed_indegree(9)},
        {"rule": iz.all_to_all(), "weight": 0.1},
        {"rule": GIVEN, "weight": None, "delay": None},
    ],
)
@pytest.mark.parametrize("receptor", [BOTH, {"nmda": 0.5, "jump": 0.1, "i": -2.0}])
def test_pairs_delays_and_weights_are_the_same(given, receptor):
    pool = cells()
    found = both(pool, receptor, **given)
    assert list(found) == list(receptor) == [one.receptor for one in pool.synapses]
    assert [one.gain for one in found.values()] == list(receptor.values())
    for _ in range(2):  # before they are drawn, and after
        first, *others = (one.to_arrays() for one in found.values())
        for other in others:
            for mine, its in zip(first, other, strict=True):
                np.testing.assert_array_equal(mine, its)
        assert len(first[0])
        pool.run(1.0)


def test_a_function_of_the_source_is_asked_once_for_all():
    asked = []

    def targets(source):
        asked.append(source)
        return [(source + len(asked)) % 80]

    found = both(cells(), rule=targets)
    assert len(asked) == 80
    np.testing.assert_array_equal(found["ampa"].to_arrays()[1], found["nmda"].to_arrays()[1])


def test_what_arrives_is_in_the_ratio_of_the_factors():
    net = iz.Network(seed=1)
    clicks = net.spike_list("clicks", 2, [0, 1], [2.0, 5.0])
    pool = net.pool("cells", 5, iz.LeakyIntegrateAndFire, receptors={"a": iz.AMPA(), "b": iz.AMPA()})
    given = {"rule": iz.all_to_all(), "weight": iz.uniform(1.0, 3.0), "delay": 1.0}
    found = net.connect(clicks, pool, receptor={"a": 1.0, "b": 0.25}, **given)
    net.record(["g_a", "g_b"], "cells")
    traces = net.run(20.0)["cells"].traces
    assert traces["g_a"].max() > 1.0
    np.testing.assert_array_equal(traces["g_b"], 0.25 * traces["g_a"])
    found["b"].gain = 2.0
    clicks.set_spikes([0, 1], [30.0, 30.5])
    pool.g_a = pool.g_b = 0.0
    traces = net.run(20.0)["cells"].traces
    np.testing.assert_array_equal(traces["g_b"], 2.0 * traces["g_a"])


def test_each_is_written_and_removed_by_itself():
    pool = cells()
    found = both(pool)
    before = found["nmda"].weights
    found["ampa"].weights = 0.5
    np.testing.assert_array_equal(found["nmda"].weights, before)
    found["ampa"].remove()
    assert pool.synapses == (found["nmda"],)
    pool.run(2.0)


def test_a_network_has_the_same_bits_for_any_number_of_threads():
    spikes = []
    for threads in (1, 3):
        pool = cells(3000, threads=threads)
        both(pool, rule=iz.fixed_indegree(20))
        spikes.append(pool.run(40.0).spikes)
    np.testing.assert_array_equal(spikes[0].i, spikes[1].i)
    assert len(spikes[0].i)


def test_later_projections_have_numbers_of_their_own():
    pool, other = cells(), cells()
    both(pool)
    for _ in range(2):
        other.connect(other, other, rule=iz.one_to_one(), receptor="i")
    later = [
        one.connect(one, one, rule=iz.fixed_outdegree(4), receptor="i").to_arrays()[1]
        for one in (pool, other)
    ]
    np.testing.assert_array_equal(*later)


def test_memory_is_estimated_for_all():
    pool = cells(5000)
    given = {"rule": iz.fixed_outdegree(100), "weight": iz.uniform(0.0, 1.0), "delay": 1.0}
    estimate = pool.memory_estimate(pool, pool, receptor=BOTH, **given)
    one = pool.memory_estimate(pool, pool, receptor="ampa", **given)
    before = pool.nbytes
    found = both(pool, **given)
    expected = pool.nbytes - before
    pool.prepare()
    taken = pool.nbytes - before
    assert (
        sum(each.nbytes for each in found.values()) <= taken <= expected + 1000
    )  # for lists of who is visited
    assert max(taken, expected) <= estimate
    assert 1.8 * one < estimate <= 2 * one


def test_neither_is_there_where_they_do_not_fit(monkeypatch):
    import psutil

    pool = cells()
    free = type("Free", (), {"available": 1_500_000})()
    monkeypatch.setattr(psutil, "virtual_memory", lambda: free)
    given = {"rule": iz.fixed_total_number(200_000), "weight": iz.uniform(0.0, 1.0)}
    assert pool.connect(pool, pool, receptor="ampa", **given).receptor == "ampa"
    pool = cells()
    with pytest.raises(MemoryError, match="the synapses of fixed_total_number"):
        both(pool, **given)
    assert pool.synapses == ()


KNOWN = r"it has 'ampa', 'nmda', 'i', 'jump'"
EXPECTED = r"expected a name, or names with factors, such as {'ampa': 1\.0, 'nmda': 0\.4}"
WRONG = [
    ({}, ValueError, rf"receptor: {EXPECTED}, got {{}}"),
    (["ampa", "nmda"], TypeError, rf"receptor: {EXPECTED}, got \['ampa', 'nmda'\]; {KNOWN}"),
    ({"ampa": 1.0, "gaba": 1.0}, ValueError, rf"receptor: no 'gaba' in the pool; {KNOWN}"),
    ({3: 1.0}, TypeError, rf"receptor: {EXPECTED}, got 3; {KNOWN}"),
    ({"ampa": np.nan}, ValueError, "receptor: the factor of 'ampa': expected a finite number, got nan"),
    ({"ampa": "1"}, TypeError, "receptor: the factor of 'ampa': expected a finite number, got '1'"),
    ({"i": 1.0, "ampa": -1.0}, ValueError, "weight: receptor 'ampa' of the pool is a conductance, which cannot be neg"),
]  # fmt: skip


@pytest.mark.parametrize(("receptor", "error", "message"), WRONG)
def test_messages(receptor, error, message):
    pool = cells()
    with pytest.raises(error, match=message):
        both(pool, receptor)
    if error is not ValueError or "weight" not in message:
        with pytest.raises(error, match=message):
            pool.memory_estimate(pool, pool, rule=iz.one_to_one(), receptor=receptor)
    assert pool.synapses == ()


def test_a_pool_without_receptors():
    pool = iz.Pool(3)
    with pytest.raises(
        ValueError, match="receptor: no 'ampa' in the pool; it has none: weights are added to I"
    ):
        both(pool)
