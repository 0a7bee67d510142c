"""Neurons that are no neighbours: by strides, lists and masks, beside the same done by single neurons."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import izhi_numba as iz
from tests import inside

N = 60
SETTINGS = settings(max_examples=25, deadline=None)

strides = st.builds(slice, st.integers(0, N // 2), st.integers(N // 2 + 1, N), st.integers(1, 7))
lists = st.lists(st.integers(0, N - 1), min_size=1, max_size=20, unique=True)
masks = st.lists(st.booleans(), min_size=N, max_size=N).filter(any).map(np.array)
backwards = st.integers(1, 7).map(lambda step: slice(None, None, -step))
selections = st.one_of(strides, backwards, lists, masks, st.integers(0, N - 1))


def neurons_of(which):
    """The neurons that a selection means, as numpy has it."""
    return np.atleast_1d(np.arange(N)[which])


def driven(n=N, **options):
    pool = iz.Pool(n, seed=3, **options)
    pool.group("exc", n // 2)
    pool.v = np.linspace(-70.0, 20.0, n)
    pool.drive(pool, 4.0 + iz.noise(2.0))
    return pool


def same_run(one, other):
    np.testing.assert_array_equal(one.spikes.i, other.spikes.i)
    np.testing.assert_array_equal(one.spikes.t, other.spikes.t)
    for name in one.traces:
        np.testing.assert_array_equal(one.traces[name], other.traces[name])


def in_order(synapses, pre=None, post=None):
    """Rows of source, target, weight and delay, in one order; ``pre``, ``post``: the neurons on each side."""
    i, j, weight, delay = synapses.to_arrays()
    columns = i if pre is None else pre[i], j if post is None else post[j], delay, weight
    return np.array(columns)[:, np.lexsort(columns[::-1])]


@SETTINGS
@given(selections, selections, st.data())
def test_state_and_inputs_beside_single_neurons(which, other, data):
    chosen, others = neurons_of(which), neurons_of(other)
    values = np.array(data.draw(st.lists(st.floats(-80, -40), min_size=len(chosen), max_size=len(chosen))))
    pool, single = driven(), driven()
    part = pool[which]
    assert len(part) == len(chosen)
    np.testing.assert_array_equal(part.neurons, chosen)
    part.set(v=values, d=2.0)
    part.c = values
    part.drive(values / 9 + iz.sine(3.0, frequency=40.0) + iz.noise(2.0) + iz.poisson(300.0, weight=4.0))
    pool[other].external_input = 7.0
    for neuron, value in zip(chosen.tolist(), values, strict=True):
        one = single[neuron : neuron + 1]
        one.set(v=value, c=value, d=2.0)
        single.drive(
            one, value / 9 + iz.sine(3.0, frequency=40.0) + iz.noise(2.0) + iz.poisson(300.0, weight=4.0)
        )
    single.external_input[others] = 7.0
    np.testing.assert_array_equal(part.v, pool.v[chosen])
    np.testing.assert_array_equal(part.noise_sd, pool.noise_sd[chosen])
    np.testing.assert_array_equal(part.external_input, single.external_input[chosen])
    for name, array in inside.arrays(pool).items():
        np.testing.assert_array_equal(array, inside.arrays(single)[name])
    part.record("v")
    single.record("v", neurons=chosen)
    same_run(pool.run(40.0), single.run(40.0))


@SETTINGS
@given(selections, selections)
def test_selections_of_selections(which, inner):
    inner = np.arange(N)[inner] if isinstance(inner, slice) else inner
    chosen = neurons_of(which)
    kept = [place for place in neurons_of(inner).tolist() if place < len(chosen)]
    if kept:
        part = driven()[which][kept]
        np.testing.assert_array_equal(part.neurons, chosen[kept])


@SETTINGS
@given(selections)
def test_results_beside_single_neurons(which):
    pool = driven()
    pool.record("v", neurons=pool[which])
    result, chosen = pool.run(100.0), neurons_of(which)
    assert result.rate(which) == result.rate(pool[which]) == pytest.approx(result.counts[chosen].mean() * 10)
    part = result[which]
    np.testing.assert_array_equal(part.counts, result.counts[chosen])
    np.testing.assert_array_equal(part.traces["v"], result.traces["v"])
    for train, neuron in zip(result.trains(pool[which]), chosen, strict=True):
        np.testing.assert_array_equal(train, result.trains()[neuron])
    exc = np.flatnonzero(chosen < N // 2)
    if len(exc):
        np.testing.assert_array_equal(part["exc"].counts, result.counts[chosen[exc]])
    else:
        assert "exc" not in part.groups


RULES = {
    "one_to_one": iz.one_to_one(),
    "all_to_all": iz.all_to_all(autapses=False),
    "probability": iz.fixed_probability(0.3, autapses=False),
    "outdegree": iz.fixed_outdegree(5, autapses=False),
    "few": iz.fixed_outdegree(5, multapses=False, autapses=False),
    "indegree": iz.fixed_indegree(7, autapses=False),
    "most": iz.fixed_indegree(20, multapses=False, autapses=False),
    "total": iz.fixed_total_number(150, autapses=False),
    "near": iz.distance_dependent(iz.grid(4, 6), iz.gaussian_profile(1.5), autapses=False),
    "small_world": iz.small_world(4, 0.3),
    "scale_free": iz.scale_free(3),
    "pairs": iz.from_arrays([3, 1, 23, 3], [2, 7, 0, 2]),
    "function": lambda i: [i, (i + 3) % 24],
}
VALUES = {
    "equal": dict(weight=0.5, delay=2.0), "drawn": dict(weight=iz.uniform(0, 2), delay=iz.integers(1, 9)),
    "long": dict(weight=iz.uniform(0, 2), delay=iz.lognormal(3, 1)),
}  # fmt: skip


@pytest.mark.parametrize("values", VALUES)
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("seed", range(2))
def test_the_synapses_of_a_pool_of_that_size(rule, values, seed):
    """Places among the neurons are connected as in a pool that has no others; and they act where they belong."""
    random, n = np.random.default_rng(seed), 24
    chosen = random.permutation(300)[:n] if seed else 7 + 11 * np.arange(n)
    big, small = driven(300, threads=2), driven(n)
    part, arguments = big[chosen], dict(rule=RULES[rule], **VALUES[values])
    expected = in_order(small.connect(small, small, **arguments))
    synapses = big.connect(part, part, **arguments)
    assert len(synapses) == expected.shape[1]
    np.testing.assert_array_equal(in_order(synapses), expected)  # drawn to be shown
    listed = driven(300)
    pre, post, weight, delay = synapses.to_arrays()
    listed.connect(listed, listed, rule=iz.from_arrays(chosen[pre], chosen[post], weight, delay))
    one, other = big.run(60.0), listed.run(60.0)
    assert one.counts.sum() > 0
    np.testing.assert_array_equal(in_order(synapses), expected)
    np.testing.assert_allclose(big.v, listed.v, rtol=1e-4)
    assert one.counts.sum() == other.counts.sum()


@SETTINGS
@given(
    selections, selections, st.sampled_from(["outdegree", "indegree", "probability", "total", "all_to_all"])
)
def test_two_sides_beside_pairs_of_single_neurons(which, other, rule):
    """No neuron reaches itself, wherever it is on both sides; weights are written where they belong."""
    pre, post = neurons_of(which), neurons_of(other)
    if len(post) == 1 or len(pre) == 1:
        return
    pool = driven()
    synapses = pool.connect(pool[which], pool[other], rule=RULES[rule], weight=iz.uniform(0, 1), delay=1.0)
    i, j, _, _ = synapses.to_arrays()
    assert (pre[i] != post[j]).all()
    inside.draw(synapses)
    np.testing.assert_array_equal(synapses.to_arrays()[0], i)
    synapses.weights = np.arange(len(synapses))
    expected = np.arange(len(i))
    if len(i):
        synapses[i[-1], :] = 500.0
        expected[i == i[-1]] = 500.0
    np.testing.assert_array_equal(synapses.weights, expected)
    for place in range(min(3, len(post))):
        np.testing.assert_array_equal(synapses[:, place], expected[j == place])
    np.testing.assert_array_equal(np.arange(N)[synapses.sources], pre)
    graph = synapses.to_networkx()
    assert sorted(graph.edges()) == sorted(zip(pre[i].tolist(), post[j].tolist(), strict=True))


def test_neighbours_are_slices_however_they_are_told():
    pool = driven()
    for which in ([3, 4, 5], np.array([3, 4, 5]), np.isin(np.arange(N), [3, 4, 5]), pool[1:][2:5].neurons):
        part = pool[which]
        assert (part.start, part.stop) == (3, 6)
        part.v[1] = -50.0
        assert pool.v[4] == -50.0
    assert repr(pool[3]) == "<neurons 3:4: 1 neuron, Izhikevich>"
    assert repr(pool[::20]) == "<neurons 0:41:20: 3 neurons, Izhikevich>"
    assert repr(pool[[9, 1, 5]]) == "<neurons [9, 1, 5]: 3 neurons, Izhikevich>"
    assert repr(pool[np.arange(9) ** 2 // 2 + np.arange(9)]).startswith("<neurons [0, 1, 4, ... 40]: 9")


def test_selections_in_networks():
    net = iz.Network(dt=0.5, seed=1)
    exc, inh, noise = (
        net.pool("exc", 40, iz.Izhikevich),
        net.pool("inh", 20, iz.Izhikevich),
        net.poisson("noise", 9, 0.0),
    )
    noise[[8, 2]].rate = [100.0, 200.0]
    np.testing.assert_array_equal(np.flatnonzero(noise.rate), [2, 8])
    net.drive(exc[::2], 20.0)
    net.connect(exc[::2], inh[[7, 3]], rule=iz.all_to_all(), weight=30.0)
    net.connect(noise[[8, 2]], exc[1], rule=iz.all_to_all(), weight=1.0)
    assert repr(net.synapses[0]).startswith("<exc[0:39:2] -> inh[[7, 3]]: 40 ")
    assert repr(net.synapses[1]).startswith("<noise[[8, 2]] -> exc[1:2]: 2 ")
    net.record("v", inh[[7, 3]])
    noise[[8, 2]].record("spikes")
    result = net.run(100.0)
    np.testing.assert_array_equal(np.flatnonzero(result["exc"].counts), np.arange(0, 40, 2))
    np.testing.assert_array_equal(np.flatnonzero(result["inh"].counts), [3, 7])
    np.testing.assert_array_equal(result["inh"].neurons("v"), [7, 3])
    assert result.rate(exc[::2]) == 2 * result.rate("exc") > 0
    assert result[inh[[7, 3]]].size == 2
    for name, neurons in {
        "exc[::2]": exc[::2], "exc[3]": exc[3], "inh[[7, 3]]": inh[[7, 3]], "noise[:2]": noise[:2],
    }.items():  # fmt: skip
        np.testing.assert_array_equal(inside.part(net, "pre", name).neurons, neurons.neurons)
        assert result.rate(name) == result.rate(neurons)
    with pytest.raises(
        ValueError, match=r"expected neurons as in 'exc\[:10\]' or 'exc\[\[1, 5\]\]', got '\[a:b\]'"
    ):
        net.drive("exc[a:b]", 1.0)
    with pytest.raises(KeyError, match="no pool 'out'; there are exc, inh"):
        net.drive("out[:3]", 1.0)


def test_signs_hold_for_selections():
    pool = iz.Pool(20)
    pool.group("inh", 10, sign="inhibitory")
    pool.connect(pool[[10, 15]], pool, rule=iz.all_to_all(), weight=1.0)
    with pytest.raises(ValueError, match="group 'inh'"):
        pool.connect(pool[[15, 3]], pool, rule=iz.all_to_all(), weight=1.0)


def test_correlated_noise_goes_on_in_a_selection():
    pool = iz.Pool(20, seed=1)
    part = pool[::3]
    part.drive(iz.ornstein_uhlenbeck(2.0, tau=50.0))
    pool.record("I")
    before = pool.run(30.0).traces["I"]
    assert before[:, ::3].std() > 0.5
    assert (before[:, 1::3] == 0).all()
    part.drive(1.0 + iz.ornstein_uhlenbeck(2.0, tau=50.0))
    after = pool.run(1.0).traces["I"]
    np.testing.assert_allclose(after[0, ::3] - 1, before[-1, ::3], atol=2.0)


def test_values_of_some_are_changed_as_a_whole():
    pool = iz.Pool(6, seed=1)
    some = pool[[4, 1]]
    some.v = [-60.0, -50.0]
    some.v += 1
    some.v *= 2
    some.external_input += 3
    assert pool.v[[4, 1]].tolist() == [-118.0, -98.0]
    assert pool.external_input.tolist() == [0, 3, 0, 0, 3, 0]
    computed = some.v * 2
    computed[0] = 5.0  # an array like others
    copied = some.v.copy()
    copied[0] = 7.0
    assert type(computed) is type(copied) is np.ndarray
    assert isinstance(some.v.sum(), np.float32)
    assert some.v.tolist() == [-118.0, -98.0]
    with pytest.raises(
        ValueError, match=r"no neighbours, and this is a copy .* set all of them, as in values ="
    ):
        some.v[0] = 3


@pytest.mark.parametrize(
    "act",
    [
        lambda some: some.external_input,
        lambda some: some.noise_sd,
        lambda some: some.silenced,
        lambda some: some.clamp_input(3.0),
        lambda some: some.drive(3.0),
        lambda some: setattr(some, "external_input", 3.0),
        lambda some: setattr(some, "silenced", True),
    ],
)
def test_sources_are_not_driven(act):
    net = iz.Network(dt=0.1)
    trains = net.poisson("trains", 5, 10.0)
    for some in (trains[[1, 2]], trains[:2]):
        with pytest.raises(
            TypeError, match="are sources of spikes, which nothing drives or silences; set their"
        ):
            act(some)
