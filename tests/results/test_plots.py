import matplotlib.pyplot as plt
import numpy as np
import pytest

import izhi_numba as iz
from izhi_numba.results import plots as plotting


@pytest.fixture(autouse=True)
def close():
    yield
    plt.close("all")


def test_raster_shows_every_spike_in_its_groups_colour_and_the_rate_below():
    result = iz.Pool.cortical(1000, seed=1).run(200)
    ax = result.plot_raster()
    exc, inh = ax.collections
    assert len(exc.get_offsets()) + len(inh.get_offsets()) == len(result.spikes.i)
    assert np.asarray(inh.get_offsets())[:, 1].min() >= 800
    assert not np.array_equal(exc.get_facecolor(), inh.get_facecolor())
    below = ax.figure.axes[1]
    assert below.get_ylabel() == "rate (Hz)"
    data = below.patches[0].get_data()
    spikes = data.values * np.diff(data.edges) * 800 / 1000
    assert spikes.sum() == pytest.approx(len(exc.get_offsets()))


def test_a_large_raster_is_a_sample_and_says_so():
    result = iz.Pool.cortical(10_000, seed=1).run(50)
    ax = result.plot_raster()
    assert ax.get_ylabel() == "neuron (1 in 5 shown)"
    drawn = np.concatenate([dots.get_offsets() for dots in ax.collections])
    i, t = result.spikes
    expected = np.stack([t, i], axis=1)[i % 5 == 0]
    np.testing.assert_array_equal(drawn[np.lexsort(drawn.T[::-1])], expected)


def test_dots_of_a_very_large_pool_are_at_their_neurons():
    """A product of two numbers of neurons does not fit 32 bits."""
    pool = iz.Pool(100_000)
    pool.drive(pool[99_000:], 10.0)
    (dots,) = pool.run(10.0).plot_raster().collections
    assert 99_000 <= np.asarray(dots.get_offsets())[:, 1].min() < np.asarray(dots.get_offsets())[:, 1].max()


def test_into_given_axes_and_without_groups():
    _, ax = plt.subplots()
    result = iz.Pool(10, seed=1).run(5)
    assert result.plot_raster(ax=ax) is ax
    assert len(ax.figure.axes) == 1


def test_traces():
    pool = iz.Pool(20, seed=1)
    pool.drive(pool, 10.0)
    pool.record("v", neurons=range(12), every=2.0)
    ax = pool.run(100).plot_traces("v")
    assert ax.get_ylabel() == "v (mV)"
    assert len(ax.lines) == 10
    assert len(ax.lines[0].get_xdata()) == 50
    assert plotting.traces(pool.run(10), "v", ax=ax) is ax


def test_neurons_without_a_group_have_a_colour_of_their_own():
    pool = iz.Pool(30, seed=1)
    pool.group("exc", 20)
    pool.drive(pool, 10.0)
    exc, others = pool.run(100).plot_raster().collections
    assert not np.array_equal(exc.get_facecolor(), others.get_facecolor())


def test_the_rate_is_right_when_spikes_are_only_counted():
    pool = iz.Pool.cortical(500, seed=1)
    pool.record("counts")
    result = pool.run(301)
    below = result.plot_raster().figure.axes[1]
    (stairs,) = below.patches
    data = stairs.get_data()
    assert (data.values * np.diff(data.edges)).sum() * 500 / 1000 == pytest.approx(result.counts.sum())
    assert data.edges[-1] == 301


def test_many_groups_have_their_names_at_the_axis():
    pool = iz.Pool(60, seed=1)
    for k in range(6):
        pool.group(f"layer {k} neurons", 10)
    pool.drive(pool, 10.0)
    ax = pool.run(100).plot_raster()
    assert len(ax.get_title(loc="left")) < 40
    assert ax.get_legend() is None
    assert [label.get_text() for label in ax.get_yticklabels()] == [f"layer {k} neurons" for k in range(6)]
    assert ax.yaxis_inverted()  # the first is on top


def test_no_colour_comes_twice():
    net = iz.Network(dt=1.0, seed=1)
    for k in range(11):
        net.pool(f"pool {k}", 20, iz.Izhikevich).clamp_input(10.0)
    result = net.run(50.0)
    ax = result.plot_raster()
    colours = [tuple(dots.get_facecolor()[0]) for dots in ax.collections]
    assert len(set(colours)) == 11
    assert [label.get_color() for label in ax.get_yticklabels()] == [colour[:3] for colour in colours]
    stairs = ax.figure.axes[1].patches
    assert [tuple(line.get_edgecolor()) for line in stairs] == colours


def test_a_small_population_of_a_large_network_is_shown_whole():
    pool = iz.Pool(10_000, seed=1)
    sizes = {"exc": 8000, "inh": 1950, "stim": 50}
    for name, size in sizes.items():
        pool.group(name, size)
    pool.drive(pool, 10.0)
    result = pool.run(50.0)
    ax = result.plot_raster()
    assert ax.get_ylabel() == "1 in 5 neurons shown, more of small populations"
    exc, inh, stim = (np.asarray(dots.get_offsets()) for dots in ax.collections)
    assert len(stim) == (result.spikes.i >= 9950).sum() > 50
    assert len(np.unique(stim[:, 1])) == 50
    assert len(np.unique(exc[:, 1])) == 1600
    assert len(np.unique(inh[:, 1])) == 390
    assert np.ptp(stim[:, 1]) > 0.028 * (1600 + 390 + 50)  # tall enough to be seen
    assert exc[:, 1].max() < inh[:, 1].min() < inh[:, 1].max() < stim[:, 1].min()


def test_traces_have_the_unit_of_their_variable():
    pool = iz.Pool(30, iz.LeakyIntegrateAndFire, receptors={"gaba": iz.GABA_A})
    for name in ("v", "g_gaba", "I"):
        pool.record(name)
    result = pool.run(10.0)
    labels = [result.plot_traces(name).get_ylabel() for name in ("v", "g_gaba", "I")]
    assert labels == ["v (mV)", "g_gaba (nS)", "I (pA)"]
    pool = iz.Pool(2)
    pool.record("I")
    assert pool.run(10.0).plot_traces("I").get_ylabel() == "I"


def test_traces_tell_that_they_are_some_of_many():
    pool = iz.Pool(1600)
    pool.record("v")
    ax = pool.run(10.0).plot_traces()
    assert len(ax.lines) == 10
    assert ax.get_title(loc="left") == "10 of 1,600 recorded neurons"
    pool.record("v", neurons=range(10))
    assert pool.run(10.0).plot_traces().get_title(loc="left") == ""
