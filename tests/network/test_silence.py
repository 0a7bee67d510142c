"""Silenced neurons are held and do not spike; to others it is as if their synapses had no weight."""

import numpy as np
import pytest

import izhi_numba as iz
from tests.network.test_inventory import Patient

N = 150
LESION = slice(20, None, 3)
MODELS = {
    "Izhikevich": (iz.Izhikevich, 8.0, {}),
    "double": (iz.Izhikevich, 8.0, {"dtype": "float64"}),
    "precise": (iz.AdEx, 700.0, {"spike_times": "precise"}),
    "interpolated": (iz.Izhikevich, 8.0, {"spike_times": "interpolated", "dt": 0.5}),
    "some variables in double precision": (Patient, 15.0, {}),
    "refractory": (iz.LeakyIntegrateAndFire(t_ref=5.0), 400.0, {}),
    "no reset": (iz.HodgkinHuxley, 800.0, {}),
    "receptors": (iz.AdEx, 700.0, {"receptors": {"ampa": iz.AMPA, "kick": iz.VoltageJump}}),
}


def built(which, threads=2, weight=0.4):
    model, current, options = MODELS[which]
    pool = iz.Pool(N, model, seed=2, threads=threads, **options)
    pool.drive(pool, np.linspace(0.5, 1.5, N) * current + iz.noise(0.05 * current))
    for receptor in pool.model.receptors or [None]:
        pool.connect(
            pool, pool, rule=iz.fixed_outdegree(10), weight=iz.uniform(0, weight), delay=iz.integers(1, 4),
            receptor=receptor,
        )  # fmt: skip
    return pool


def states(pool):
    return {name: getattr(pool, name).copy() for name in pool.model.states}


def stand(before, after, some):
    for name, values in before.items():
        np.testing.assert_array_equal(values[some], after[name][some])


@pytest.mark.parametrize("which", MODELS)
def test_they_stand_still_and_others_go_on(which):
    pool, silent = built(which), np.isin(np.arange(N), np.arange(N)[LESION])
    assert pool.run(30.0).counts[silent].sum()
    pool[LESION].silenced = True
    before = states(pool)
    pool.record("v", neurons=[23, 24])
    result = pool.run(60.0)
    stand(before, states(pool), silent)
    assert result.counts[silent].sum() == 0
    assert result.counts[~silent].sum() > 50
    trace = result.traces["v"][:, 0]
    np.testing.assert_array_equal(trace, np.full(len(trace), before["v"][23]))
    np.testing.assert_array_equal(pool.silenced, silent)


@pytest.mark.parametrize("which", ["Izhikevich", "receptors"])
def test_others_have_the_same_bits_as_if_weights_were_0(which):
    pool, other = built(which, threads=1), built(which, threads=3)
    silent = np.isin(np.arange(N), np.arange(N)[LESION])
    pool[LESION].silenced = True
    for synapses in other.synapses:
        synapses[list(range(N)[LESION]), :] = 0.0
    result, theirs = pool.run(80.0), other.run(80.0)
    np.testing.assert_array_equal(result.counts[~silent], theirs.counts[~silent])
    kept = ~silent[theirs.spikes.i]
    np.testing.assert_array_equal(result.spikes.i, theirs.spikes.i[kept])
    np.testing.assert_array_equal(result.spikes.t, theirs.spikes.t[kept])
    assert theirs.counts[silent].sum()


@pytest.mark.parametrize("which", ["Izhikevich", "receptors", "refractory"])
def test_they_go_on_from_where_they_were(which):
    pool = built(which)
    pool.run(20.0)
    pool.silenced = np.arange(N) >= 10
    pool[5:].silenced = True
    before = states(pool)
    pool.run(40.0)
    stand(before, states(pool), slice(5, N))
    pool[5:100].silenced = False
    np.testing.assert_array_equal(pool[90:110].silenced, np.arange(90, 110) >= 100)
    counts = pool.run(60.0).counts
    assert counts[5:100].sum() > 20
    assert counts[100:].sum() == 0
    pool.silenced = False
    assert pool.nbytes == built_bytes(which)
    assert pool.run(60.0).counts[100:].sum() > 20


def built_bytes(which):
    pool = built(which)
    pool.run(20.0)
    return pool.nbytes


def test_spikes_that_were_sent_before_still_arrive():
    pool = iz.Pool(2, seed=1)
    pool.connect(pool[:1], pool[1:], rule=iz.all_to_all(), weight=200.0, delay=5.0)
    pool.v[0] = 40.0
    assert pool.run(2.0).counts.tolist() == [1, 0]
    pool[0].silenced = True
    assert pool.run(10.0).counts.tolist() == [0, 1]


def test_in_a_closed_loop_and_with_trains():
    pool = iz.Pool(70, iz.AdEx, receptors={"ampa": iz.AMPA}, seed=1)
    pool.drive(pool, 900 + iz.poisson(500.0, weight=5.0))
    pool[:35].silenced = True
    before = states(pool)
    spiked = np.concatenate([pool.update() for _ in range(300)])
    assert len(spiked)
    assert spiked.min() >= 35
    stand(before, states(pool), slice(0, 35))


def test_what_all_of_them_are_told():
    net = iz.Network(seed=1)
    pool = net.pool("exc", 10)
    pool.drive(pool, 10.0)
    pool[[1, 3]].silenced = True
    assert "Izhikevich, 2 silenced" in net.summary()
    pool.silenced = True
    assert net.run(600.0)["exc"].counts.sum() == 0  # without the warning that no neuron spikes
    assert not pool.silenced.flags.writeable
    pool[1].silenced = False
    assert pool.silenced.sum() == 9


WRONG = [
    (1, TypeError, "silenced of the pool: expected True, False or 5 truth values, got 1"),
    ([0, 1], TypeError, r"got \[0, 1\]; some neurons are silenced by pool\[\[0, 3\]\]\.silenced = True"),
    ([True] * 4, ValueError, "silenced of the pool: expected True, False or 5 truth values, got 4 truth values"),
    ("yes", TypeError, "got 'yes'"),
    (None, TypeError, "got None"),
]  # fmt: skip


@pytest.mark.parametrize(("values", "error", "message"), WRONG)
def test_messages(values, error, message):
    pool = iz.Pool(5)
    with pytest.raises(error, match=message):
        pool.silenced = values
    assert not pool.silenced.any()


def test_a_group_is_told_as_such_and_sources_have_none():
    net = iz.Network(seed=1)
    trains, pool = net.poisson("trains", 9, 10.0), net.pool("exc", 5)
    with pytest.raises(ValueError, match="silenced of neurons 0:2: expected True, False or 2 truth values"):
        pool[:2].silenced = [True, False, True]
    with pytest.raises(
        TypeError, match="neurons 0:2: these are sources of spikes, which nothing drives or silences"
    ):
        trains[:2].silenced = True


def test_a_selection_tells_how_many_of_its_own_are_silenced():
    pool = iz.Pool(100)
    pool[50:].silenced = True
    assert [repr(pool[which]) for which in (slice(3), slice(45, 60), slice(60, 61))] == [
        "<neurons 0:3: 3 neurons, Izhikevich>",
        "<neurons 45:60: 15 neurons, Izhikevich, 10 silenced>",
        "<neurons 60:61: 1 neuron, Izhikevich, 1 silenced>",
    ]
    assert "100 neurons, Izhikevich, 50 silenced; dt 1 ms" in str(pool)


def test_a_network_tells_how_many_are_silenced():
    net = iz.Network()
    net.pool("exc", 9)[:4].silenced = True
    assert "9 neurons, Izhikevich, 4 silenced" in " ".join(net.summary().split())
