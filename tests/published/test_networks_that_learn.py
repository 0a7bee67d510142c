"""Networks of the examples that learn do what was published of them, and can be cut.

Tolerances are wider than what several seeds give, since networks are chaotic: on a processor of another kind
single precision makes other spikes.
"""

import diehl_cook_2015
import izhikevich_2006
import izhikevich_2007
import numpy as np
import pytest
import song_2000
import vogels_2011

import izhi_numba as iz
from tests.optional import library

# Song, Miller and Abbott 2000


def competing(seconds, **options):
    """Rates at first and at the end, and the share of weights in each fifth of what is allowed."""
    rates = (15.0, 20.0, 40.0)
    net = song_2000.song(rates, seed=1, threads=1, **options)
    result = song_2000.go_on(net, 1000 * seconds)
    cells, (_, weights) = result["cells"], song_2000.weights_over_time(result)
    first = song_2000.rates_between(cells, 0.0, 1000.0)
    last = song_2000.rates_between(cells, 0.8 * result.stop, result.stop)
    fifths = [np.histogram(one, 5, (0.0, 1.0))[0] / one.size for one in weights[-1]]
    return first, last, np.array(fifths).T


def test_synapses_compete_until_the_rate_is_low_for_any_input():
    # Learning at twice the published rate, and steps of 0.5 ms. Three seeds: rates go from 83 to 98, 161 to
    # 189 and 359 to 386 Hz to 12.3 to 12.7, 14.3 to 15.2 and 17.9 to 21.2 Hz.
    first, last, fifths = competing(150.0, a_plus=0.01, dt=0.5)
    assert first.max() > 3 * first.min()
    assert ((last > 9) & (last < 27)).all()
    assert last.max() < 2.2 * last.min()
    assert (fifths[1:4].sum(axis=0) < 0.45).all()  # of 0.6 at the beginning
    assert (fifths[0] > 2 * fifths[1]).all()
    assert (fifths[4] > 1.2 * fifths[3])[:2].all()  # two modes; four seeds: 1.46 at least
    assert (np.diff(fifths[4]) < 0).all()  # the more input, the fewer strong synapses


@pytest.mark.slow
def test_weights_end_at_their_bounds():
    _, last, fifths = competing(1000.0)
    assert ((last > 8) & (last < 17)).all()
    assert (fifths[1:4].sum(axis=0) < 0.2).all()
    assert (fifths[0] > 0.5).all()
    assert (fifths[4] > 2 * fifths[1:4].max(axis=0)).all()


def test_a_run_that_was_cut_goes_on_from_what_was_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(song_2000, "KEPT", 2000.0)
    monkeypatch.setattr(song_2000, "SHOWN", 1000.0)
    build = lambda: song_2000.song((15.0, 40.0), dt=0.5, seed=1, threads=1)
    whole = song_2000.go_on(build(), 6000.0)
    song_2000.go_on(build(), 5000.0, tmp_path)  # of which the last second is not kept
    again = iz.load(tmp_path / "net.izhi", threads=1)
    assert again.t == 4000.0
    result = song_2000.go_on(again, 6000.0, tmp_path)
    assert (result.start, result.stop) == (0.0, 6000.0)
    np.testing.assert_array_equal(result["cells"].spikes.t, whole["cells"].spikes.t)
    for one, other in zip(*map(song_2000.weights_over_time, (result, whole)), strict=True):
        np.testing.assert_array_equal(one, other)


# Vogels et al. 2011


@pytest.fixture(scope="module")
def balanced():
    """The protocol with a sixteenth of the cells."""
    return vogels_2011.go_on(vogels_2011.vogels(4, seed=1, threads=1))


def kinds_at(result, moment):
    """Rates of driven cells, the rest of their assembly, the other assembly, and others."""
    return vogels_2011.by_kind(result, *vogels_2011.MOMENTS[moment][1:])


def test_inhibition_brings_all_cells_to_the_target_rate(balanced):
    # Three seeds: from 37 Hz to means of 3.2 to 3.4 Hz.
    at_first, settled = (vogels_2011.rates(balanced, *vogels_2011.MOMENTS[k][1:]) for k in (0, 1))
    assert at_first.mean() > 25
    assert settled.mean() == pytest.approx(vogels_2011.TARGET, abs=1.2)
    assert settled.std() < 2.0  # that of Poisson trains would be 0.8 Hz in 5 s
    assert np.nanmean(balanced["exc"].cv(since=65_000.0)) > 0.9


def test_a_memory_is_silent_until_a_quarter_of_it_is_driven(balanced):
    # Three seeds: the rest of the assembly spikes at 5 to 7 Hz before, at 47 to 65 Hz after it was made
    # stronger.
    _, its_rest, _, others = kinds_at(balanced, 2)
    assert its_rest < 2 * others
    _, stronger, as_well, others = kinds_at(balanced, 3)
    assert min(stronger, as_well) > 3 * others
    silent = kinds_at(balanced, 4)
    assert max(silent) < vogels_2011.TARGET + 3
    _, its_rest, other_assembly, others = kinds_at(balanced, 5)
    assert its_rest > 25
    assert max(other_assembly, others) < 12


@pytest.mark.slow
def test_at_full_size_all_cells_spike_alike():
    # Three seeds would take minutes: seed 1 gives 5.1 Hz.
    result = vogels_2011.go_on(vogels_2011.vogels(seed=2, threads=2))
    settled = vogels_2011.rates(result, *vogels_2011.MOMENTS[1][1:])
    assert settled.mean() == pytest.approx(5.1, abs=1.0)
    assert settled.std() < 2.0
    _, its_rest, other_assembly, others = kinds_at(result, 5)
    assert its_rest > 25
    assert max(other_assembly, others) < 12


def test_a_protocol_that_was_cut_goes_on_from_what_was_kept(tmp_path, monkeypatch):
    times = {2: vogels_2011.cue, 3: vogels_2011.rest, 4: vogels_2011.strengthen}
    for name, value in {"KEPT": 2, "END": 6, "PROTOCOL": times}.items():
        monkeypatch.setattr(vogels_2011, name, value)
    whole = vogels_2011.go_on(vogels_2011.vogels(4, seed=1, threads=1))
    monkeypatch.setattr(vogels_2011, "END", 5)
    vogels_2011.go_on(vogels_2011.vogels(4, seed=1, threads=1), tmp_path)
    monkeypatch.setattr(vogels_2011, "END", 6)
    again = iz.load(tmp_path / "net.izhi", threads=1)
    assert again.t == 4000.0
    result = vogels_2011.go_on(again, tmp_path)  # what happens at 4 s happens once
    np.testing.assert_array_equal(result["exc"].spikes.t, whole["exc"].spikes.t)
    np.testing.assert_array_equal(result["exc"].spikes.i, whole["exc"].spikes.i)


# Diehl and Cook 2015


def digits(n_others, seed=1):
    library("sklearn")
    images, others, labels, other_labels = diehl_cook_2015.digits(seed)
    return images, labels, others[:n_others], other_labels[:n_others]


def test_cells_learn_digits():
    # With 20 cells and 200 digits three seeds vote right on 37 to 46 percent of others, and on 18 to 23
    # percent where nothing was learned; with 100 cells and 1198 digits five seeds on 78 to 88 percent.
    images, labels, others, other_labels = digits(200)
    net = diehl_cook_2015.diehl_cook(20, seed=1, threads=1)
    shown = diehl_cook_2015.learn(net, images, 200, 1)
    weights, theta = net.synapses[0].weights, net["exc"].theta
    assert theta.min() > 5  # mV: all have taken part
    assert theta.std() < 0.3 * theta.mean()
    _, votes = diehl_cook_2015.score(net, images[shown], labels[shown], others)
    assert (votes == other_labels).mean() > 0.3
    np.testing.assert_array_equal(net.synapses[0].weights, weights)  # the test teaches nothing
    np.testing.assert_allclose(net["exc"].theta, theta, rtol=0.05)  # it falls back a bit


@pytest.mark.slow
def test_a_hundred_cells_vote_right_on_four_digits_of_five():
    images, labels, others, other_labels = digits(None)
    net = diehl_cook_2015.diehl_cook(seed=1, threads=1)
    diehl_cook_2015.learn(net, images, len(images), 1)
    _, votes = diehl_cook_2015.score(net, images, labels, others)
    assert 0.75 < (votes == other_labels).mean() < 0.95
    assert diehl_cook_2015.linear(images, labels, others, other_labels) > 0.95


def test_learning_that_was_cut_goes_on_from_what_was_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(diehl_cook_2015, "KEPT", 4)
    images, path = np.random.default_rng(1).random((10, 64)), tmp_path / "net.izhi"
    build = lambda: diehl_cook_2015.diehl_cook(12, seed=1, threads=1)
    whole = build()
    diehl_cook_2015.learn(whole, images, 10, 1)
    cut = build()
    order = np.random.default_rng(1).permutation(10)  # as it is learned
    diehl_cook_2015.answers(cut, images[order[:6]], path)  # of which the last two are not kept
    again = iz.load(path, threads=1)
    assert again.t == 2000.0
    diehl_cook_2015.learn(again, images, 10, 1, path)
    np.testing.assert_array_equal(again.synapses[0].weights, whole.synapses[0].weights)
    np.testing.assert_array_equal(again["exc"].theta, whole["exc"].theta)


# Izhikevich 2007


def at_random(rewards, seed, seconds):
    """As many rewards as there were, at times that nothing has earned."""
    rng = np.random.default_rng((seed, 2))
    return izhikevich_2007.Rewards(np.ceil(rng.uniform(0, 1000 * seconds, len(rewards.paid))))


def share_as_large(net, result):
    """How many of all synapses are as large as the watched one, in the mean of the last third."""
    means, its = izhikevich_2007.learned(net, result)
    return (np.sum(means >= means[its]) - 1) / len(means)


def one_synapse(seed, seconds, rewards=None, threads=1):
    """Run the first protocol, or its network with other rewards; returns the share as well."""
    net = izhikevich_2007.one_synapse(seed, threads)
    rewards = rewards or izhikevich_2007.Earned(net)
    result = izhikevich_2007.go_on(net, rewards, 1000 * seconds)
    return share_as_large(net, result), rewards, net, result


def found(seconds, threads=1):
    """Shares as large of three seeds, where rewards are earned, and where as many come at random."""
    earned, unrelated = [], []
    for seed in (1, 2, 3):
        share, rewards, *_ = one_synapse(seed, seconds, threads=threads)
        earned.append(share)
        unrelated.append(one_synapse(seed, seconds, at_random(rewards, seed, seconds), threads)[0])
    return earned, unrelated


def answers(seed, seconds, threads=1):
    """Answers to all groups in the first and in the last sixth of the second protocol."""
    net = izhikevich_2007.groups(seed, threads)
    result = izhikevich_2007.go_on(net, izhikevich_2007.after_first(net), 1000 * seconds)
    sixth = result.stop / 6
    return [izhikevich_2007.of_groups(net, result, *ends) for ends in ((0, sixth), (5 * sixth, 6 * sixth))]


@pytest.mark.slow
def test_the_synapse_that_is_rewarded_soon_is_found_soon(monkeypatch):
    # After 0.1 to 0.4 s eligibilities stand out: what takes an hour with 1 to 3 s takes minutes, with twice
    # the dopamine and more spikes. Shares of 0.0004, 0.0003 and 0.0018; at random 0.74 and 0.80 of two. A
    # share of a synapse that nothing has found is any number from 0 to 1.
    for name, value in {"REWARD": 0.1, "SOONEST": 100.0, "LATEST": 400.0, "NOISE": iz.noise(3.75)}.items():
        monkeypatch.setattr(izhikevich_2007, name, value)
    earned, unrelated = found(150.0)
    assert max(earned) < 0.03
    assert np.median(unrelated) > 0.05


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_answers_to_the_rewarded_group_become_the_largest(monkeypatch, seed):
    # A hundred seconds with ten times the dopamine, and thirty groups. With rewards at random times some
    # group may answer most by chance: 1.5 times as much as all others were seen.
    monkeypatch.setattr(izhikevich_2007, "REWARD", 0.5)
    monkeypatch.setattr(izhikevich_2007, "N_GROUPS", 30)
    _, last = answers(seed, 100.0)
    assert last[0] > 2 * np.nanmax(last[1:])
    assert last[0] > 3 * np.nanmean(last[1:])


def test_rewards_come_one_to_three_seconds_after_they_were_earned(monkeypatch):
    monkeypatch.setattr(izhikevich_2007, "NOISE", iz.noise(4.2))  # more spikes
    _, rewards, net, result = one_synapse(1, 60.0)
    source, target = izhikevich_2007.watched(net)
    neurons, times = result["cells"].spikes
    lags = times[neurons == target] - times[neurons == source][:, None]
    earned = times[neurons == target][((lags > 0) & (lags < 20)).any(axis=0)]
    after = np.array(rewards.paid) - earned[:, None]
    assert ((after >= 1000) & (after <= 3001)).any(axis=0).all()
    assert len(rewards.paid) + len(rewards.due) == len(earned)
    assert len(rewards.paid) > 4
    assert len(set(rewards.paid)) > 0.9 * len(rewards.paid)  # not all at once


@pytest.mark.slow
def test_the_rewarded_synapse_is_found_within_the_hour():
    earned, unrelated = found(3600.0, threads=2)
    assert max(earned) < 0.03
    assert np.median(unrelated) > 0.05


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_rewarded_group_is_found_within_the_hour(seed):
    first, last = answers(seed, 3600.0, threads=2)
    assert last[0] > 2 * np.nanmean(last[1:])
    assert last[0] > 1.5 * np.nanmax(last[1:])
    assert last[0] > 1.5 * first[0]
    assert np.nanmean(last[1:]) < 1.5 * np.nanmean(first[1:])


@pytest.mark.parametrize("of_groups", [False, True])
def test_an_hour_that_was_cut_goes_on_from_what_was_kept(tmp_path, monkeypatch, of_groups):
    monkeypatch.setattr(izhikevich_2007, "KEPT", 2000.0)
    monkeypatch.setattr(izhikevich_2007, "SHOWN", 1000.0)
    monkeypatch.setattr(izhikevich_2007, "WITHIN", 500.0)  # some rewards in so short a time
    monkeypatch.setattr(izhikevich_2007, "N_GROUPS", 5)
    build, make_rewards, *_ = izhikevich_2007.GROUPS if of_groups else izhikevich_2007.SYNAPSE
    whole = build(1, 1)
    rewards = make_rewards(whole)
    result = izhikevich_2007.go_on(whole, rewards, 10_000.0)
    assert len(rewards.paid) > 1
    cut = build(1, 1)
    izhikevich_2007.go_on(cut, make_rewards(cut), 7000.0, tmp_path)  # of which the last second is not kept
    again = iz.load(tmp_path / "net.izhi", threads=1)
    assert again.t == 6000.0
    same = make_rewards(again)
    others = izhikevich_2007.go_on(again, same, 10_000.0, tmp_path)
    assert same.paid == rewards.paid
    np.testing.assert_array_equal(others["cells"].spikes.t, result["cells"].spikes.t)
    np.testing.assert_array_equal(again.synapses[0].weights, whole.synapses[0].weights)
    (kept,), (expected,) = others.weights.values(), result.weights.values()
    np.testing.assert_array_equal(kept.values, expected.values)


# Izhikevich 2006


def learning(seconds):
    """The network after some time, and what was seen of it."""
    pool = izhikevich_2006.polychronization(seed=1, threads=1)
    return pool, izhikevich_2006.go_on(pool, 1000.0 * seconds)


def rhythms(windows):
    """Power of delta, frequency of the highest peak of gamma, and its power."""
    return izhikevich_2006.rhythm(izhikevich_2006.spectrum(windows))


@pytest.fixture(scope="module")
def delta_and_gamma():
    return learning(150)


def test_a_delta_rhythm_gives_way_to_gamma(delta_and_gamma):
    # Four seeds: delta goes from 316 to 337 down to 14 to 17, in units of independent spikes; gamma comes to 22
    # to 28 at 30 Hz, where harmonics of the first rhythm were 12 to 25.
    _, seen = delta_and_gamma
    delta, _, gamma = rhythms(seen[:1])
    assert delta > 100
    assert delta > 8 * gamma
    later, peak, gamma = rhythms(seen[-10:])
    assert later < delta / 6
    assert gamma > 15
    assert 30 <= peak < 50
    assert (seen[-1]["weights"][[0, -1]] > 8000).all()  # of 80,000, which began at 6 of 10


@pytest.mark.slow
def test_gamma_grows_and_groups_are_more_than_by_chance():
    # Seed 1: a peak of 64 times the power of independent spikes at 37 Hz in the third tenth; at the end 19 groups,
    # and 2 with exchanged weights, but 19 and 10 at another time.
    pool, seen = learning(2300)
    parts = [rhythms(seen[23 * k : 23 * k + 23]) for k in range(1, 10)]
    delta, peak, gamma = max(parts, key=lambda part: part[2])
    assert delta < rhythms(seen[:1])[0] / 2
    assert 33 < peak < 65
    assert gamma > 30
    found, shuffled = (
        izhikevich_2006.count(synapses, pool, 20_000, 1, 1)[0]
        for synapses in (pool.synapses[0].to_arrays(), izhikevich_2006.shuffled(pool, 1))
    )
    assert len(found) >= 8
    assert len(found) > len(shuffled)


def layered(n_layers, weaker=()):
    """Neurons in layers of three, each onto all of the next layer with its own delay."""
    pre = np.repeat(np.arange(3 * (n_layers - 1)), 3)
    post = 3 * (pre // 3 + 1) + np.tile(np.arange(3), len(pre) // 3)
    weight = np.full(len(pre), izhikevich_2006.W_MAX)
    weight[list(weaker)] = 0.9 * izhikevich_2006.W_MAX
    excitatory = pre, post, weight, 2.0 + 3 * (pre % 3)
    inhibitory = np.array([0]), np.array([0]), np.array([-5.0]), np.array([0.0])
    return izhikevich_2006.Groups(excitatory, inhibitory, threads=1)


def test_a_group_is_found_with_its_layers():
    groups = layered(7)
    assert groups.n_triplets.sum() == 3 * 6  # of each neuron but the first three
    triplet = groups.onto[3]
    np.testing.assert_array_equal(groups.source[triplet], [0, 1, 2])
    ((neurons, times, layers),) = groups.find(triplet[None])
    assert set(zip(neurons.tolist(), layers.tolist(), strict=True)) >= {(k, 1 + k // 3) for k in range(21)}
    assert layers.max() == 7
    first = dict(zip(neurons[::-1].tolist(), times[::-1].tolist(), strict=True))
    assert first[0] - first[1] == first[1] - first[2] == 3  # so that their spikes arrive together


def test_what_is_shorter_or_weaker_is_no_group():
    short, broken = layered(6), layered(7, weaker=range(27, 36))
    assert short.find(short.onto[3][None]) == []
    assert broken.find(broken.onto[3][None]) == []


def test_triplets_that_are_looked_at_together_do_not_disturb_each_other():
    groups = layered(8)
    triplets = np.array([groups.onto[k] for k in (3, 6, 9, 3)])
    together, alone = (
        groups.find(triplets),
        [one for k in range(4) for one in groups.find(triplets[k : k + 1])],
    )
    assert len(together) == len(alone) == 3  # after the third there are six layers
    for one, other in zip(together, alone, strict=True):
        for values, others in zip(one, other, strict=True):
            np.testing.assert_array_equal(values, others)


def test_rhythms_that_were_cut_go_on_from_what_was_kept(tmp_path, monkeypatch):
    for name, value in {"KEPT": 2000.0, "WINDOW": 1000.0, "SHOWN": 500.0}.items():
        monkeypatch.setattr(izhikevich_2006, name, value)
    build = lambda: izhikevich_2006.polychronization(seed=1, threads=1)
    whole = build()
    seen = izhikevich_2006.go_on(whole, 6000.0)
    izhikevich_2006.go_on(build(), 4000.0, tmp_path)
    (tmp_path / "000000005000.npz").write_bytes(b"of a run that was cut")
    again = iz.load(tmp_path / "net.izhi", threads=1)
    assert again.t == 4000.0
    same = izhikevich_2006.go_on(again, 6000.0, tmp_path)
    assert [float(window["t"]) for window in same] == [1000.0 * k for k in range(1, 7)]
    for one, other in zip(same, seen, strict=True):
        for name, value in other.items():
            np.testing.assert_array_equal(one[name], value)
    np.testing.assert_array_equal(again.synapses[0].weights, whole.synapses[0].weights)
