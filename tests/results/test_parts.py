"""Results of some neurons, and of runs in sequence: the same as those of neurons and runs that are whole."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import izhi_numba as iz


def driven(**options):
    pool = iz.Pool(60, seed=1, dt=0.5, **options)
    pool.group("left", 25)
    pool.group("right", 20)
    pool.drive(pool, np.linspace(0, 15, 60) + iz.noise(4.0))
    return pool


def recorded(**options):
    pool = driven(**options)
    pool.record("v", neurons=[40, 3, 26, 59])
    pool.record("u", neurons=[1], every=2.0)
    return pool


def same(found, expected):
    assert (found.size, found.start, found.stop, found.groups) == (
        expected.size, expected.start, expected.stop, expected.groups
    )  # fmt: skip
    for one, other in zip(found.spikes, expected.spikes, strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(found.counts, expected.counts)
    np.testing.assert_array_equal(found.spikes_per_step, expected.spikes_per_step)
    assert list(found.traces) == list(expected.traces)
    for name, trace in expected.traces.items():
        np.testing.assert_array_equal(found.traces[name], trace)
        np.testing.assert_array_equal(found.times(name), expected.times(name))
        np.testing.assert_array_equal(found.neurons(name), expected.neurons(name))


@pytest.fixture(scope="module", params=["grid", "interpolated"])
def result(request):
    pool = recorded(spike_times=request.param)
    pool.run(50.0)
    return pool.run(400.0)


# ---- Some neurons


@given(st.data())
def test_some_neurons_against_each_spike(result, data):
    chosen = data.draw(st.lists(st.integers(0, 59), unique=True, max_size=20))
    part = result[chosen]
    place = {neuron: number for number, neuron in enumerate(chosen)}
    expected = [
        (t, place[i]) for i, t in zip(*(one.tolist() for one in result.spikes), strict=True) if i in place
    ]
    assert list(zip(part.spikes.t.tolist(), part.spikes.i.tolist(), strict=True)) == sorted(expected)
    np.testing.assert_array_equal(part.counts, result.counts[chosen])
    steps = np.ceil((part.spikes.t - 50) / 0.5 - 1e-6).astype(int) - 1
    np.testing.assert_array_equal(part.spikes_per_step, np.bincount(steps, minlength=800))
    np.testing.assert_array_equal(part.cv(), result.cv(chosen))
    columns = sorted(
        (place[neuron], column) for column, neuron in enumerate([40, 3, 26, 59]) if neuron in place
    )
    if columns:
        np.testing.assert_array_equal(part.traces["v"], result.traces["v"][:, [one for _, one in columns]])
        assert part.neurons("v").tolist() == [one for one, _ in columns]
    else:
        with pytest.raises(KeyError, match="'v' was not recorded"):
            part.traces["v"]


def test_a_group_is_named_in_any_way(result):
    left = result["left"]
    assert (left.size, left.dt, left.start, left.stop, left.units) == (25, 0.5, 50.0, 450.0, result.units)
    assert left.groups == {"left": slice(0, 25)}
    assert left.rate() == left.rate("left") == result.rate("left")
    np.testing.assert_array_equal(left.population_rate(5.0)[1], result.population_rate(5.0, "left")[1])
    assert left.synchrony() == result.synchrony("left")
    for which in (slice(0, 25), range(25), np.arange(60) < 25, driven()["left"]):
        same(result[which], left)
    same(result["right"][[3, 1]], result[[28, 26]])
    assert result[:] is result
    some = result[[30, 2, 3, 50]]
    assert some.groups == {"left": slice(1, 3), "right": slice(0, 1)}
    apart = result[[0, 30, 1]]
    assert apart.groups["right"] == slice(1, 2)
    np.testing.assert_array_equal(apart.groups["left"], [0, 2])
    same(apart["left"], result[[0, 1]])
    same(result[30], result[[30]])
    same(pickle.loads(pickle.dumps(left)), left)


def test_what_no_part_tells():
    pool = driven()
    pool.record("spikes", neurons=range(10))
    result = pool.run(100.0)
    assert result["left"].counts.sum() == result.counts[:25].sum() > result["left"].spikes.i.size
    assert result["right"].rate() == result.rate("right") > 0
    assert result[:10].spikes_per_step.sum() == result.counts[:10].sum()
    with pytest.raises(ValueError, match=r"spikes_per_step: the spikes of \d+ of 20 neurons were not kept"):
        result["right"].spikes_per_step  # noqa: B018
    with pytest.raises(KeyError, match="no group 'nope'; groups: left, right"):
        result["nope"]
    with pytest.raises(TypeError, match="result: expected the name of a group, a slice, an index, a list"):
        result[3.5]


def test_parts_of_a_network():
    net = iz.Network(dt=0.5, seed=1)
    exc, inh = net.pool("exc", 40, iz.Izhikevich), net.pool("inh", 20, iz.Izhikevich)
    exc.group("left", 10)
    exc.drive(exc, np.linspace(4, 20, 40) + iz.noise(3.0))
    inh.clamp_input(9.0)
    net.record("v", "exc", neurons=[0, 20])
    result = net.run(200.0)
    same(result["exc.left"], result["exc"]["left"])
    same(result[exc["left"]], result["exc"][:10])
    assert result["exc.left"].neurons("v").tolist() == [0]
    assert result[inh] is result["inh"]
    with pytest.raises(
        TypeError, match=r"expected the name of a pool, .* got \[1, 2\]; .* result\['exc'\]\[\[0, 1\]\]"
    ):
        result[[1, 2]]
    with pytest.raises(KeyError, match="no pool 'left'; there are exc, inh"):
        result["left"]


# ---- Runs in sequence


@pytest.mark.parametrize("spike_times", ["grid", "interpolated"])
def test_runs_in_sequence_are_one_run(spike_times):
    pieces, whole = recorded(spike_times=spike_times), recorded(spike_times=spike_times)
    first, second, third = (pieces.run(duration) for duration in (33.0, 50.5, 116.5))
    expected = whole.run(200.0)
    for found in (first + second + third, first + (second + third), sum([first, second, third])):
        same(found, expected)
        assert found.rate("left") == expected.rate("left")
    assert (first + second).wall_time == first.wall_time + second.wall_time
    assert (first + second).profile is None
    same(first["right"] + second["right"], (first + second)["right"])
    same(pickle.loads(pickle.dumps(first)) + pickle.loads(pickle.dumps(second)), first + second)
    assert first.duration == 33.0


def test_counts_are_added():
    pool = driven()
    first = pool.run(100.0)
    pool.record("counts")
    second = pool.run(100.0)
    both = first + second
    np.testing.assert_array_equal(both.counts, driven().run(200.0).counts)
    np.testing.assert_array_equal(both.spikes.i, first.spikes.i)
    assert both.spikes_per_step.sum() == both.counts.sum()
    with pytest.raises(ValueError, match=r"cv: the spikes of .* were not kept"):
        both.cv()


def test_a_group_that_was_named_between_the_runs_is_there():
    pool = iz.Pool(10)
    first = pool.run(10.0)
    pool.group("late", 5)
    assert list((first + pool.run(10.0)).groups) == ["late"]


def network(seed=1):
    net = iz.Network(dt=1.0, seed=seed)
    net.pool("exc", 40, iz.Izhikevich).clamp_input(10.0)
    net.poisson("noise", 5, 50.0)
    return net


def test_networks_are_joined_by_pool():
    net = network()
    found, expected = net.run(30.0) + net.run(40.0), network().run(70.0)
    for name in ("exc", "noise"):
        same(found[name], expected[name])
    assert (found.duration, found.rate()) == (70.0, expected.rate())
    assert found["noise"].is_source


def test_what_cannot_be_joined():
    pool = recorded()
    first, second, third = pool.run(10.0), pool.run(20.0), pool.run(10.0)
    with pytest.raises(
        ValueError, match=r"runs in sequence; the first is of 0 to 10 ms, the second of 30 to 40 ms$"
    ):
        first + third
    with pytest.raises(
        ValueError, match="the first is of 10 to 30 ms, the second of 0 to 10 ms; write them the other"
    ):
        second + first
    with pytest.raises(
        ValueError, match="runs of one pool, or network, and of the same neurons of it; these are of"
    ):
        first + iz.Pool(60, dt=0.5).run(10.0)
    with pytest.raises(ValueError, match="these are of others"):
        first["left"] + second["right"]
    with pytest.raises(TypeError, match=r"first \+ second; expected a Result after the \+, got int"):
        first + 1
    with pytest.raises(TypeError, match=r"results are joined as first \+ second, got 1 before the \+"):
        1 + first
    pool.record("v", neurons=[1])
    fourth = pool.run(10.0)
    with pytest.raises(
        ValueError, match="'v' was recorded of other neurons, or at other intervals, in the second"
    ):
        third + fourth
    pool.record("I")
    with pytest.raises(ValueError, match="'I' was recorded in the second run alone"):
        fourth + pool.run(10.0)
    net = network()
    result = net.run(10.0)
    with pytest.raises(TypeError, match=r"expected a NetworkResult after the .* got Result"):
        result + result["exc"]
    with pytest.raises(ValueError, match="these are of others"):
        result + network().run(10.0)
    with pytest.raises(ValueError, match="these are of others"):
        result["exc"] + result["noise"]
    net.pool("late", 5, iz.Izhikevich)
    with pytest.raises(ValueError, match="of the same pools; late came between the runs"):
        result + net.run(10.0)
