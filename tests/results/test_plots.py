import itertools

import matplotlib.pyplot as plt
import numpy as np
import pytest

import izhi_numba as iz
from izhi_numba.results.trace_plots import traces


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
    assert traces(pool.run(10), "v", ax=ax) is ax


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
    pool.record("v", neurons=[])  # begin anew
    pool.record("v", neurons=range(10))
    assert pool.run(10.0).plot_traces().get_title(loc="left") == ""


# ---- Chosen neurons and windows


def drawn(ax):
    dots = np.concatenate([np.asarray(one.get_offsets()) for one in ax.collections])
    return sorted(map(tuple, dots.tolist()))


def spikes_of(result, neurons, since, until):
    i, t = result.spikes
    place = {neuron: row for row, neuron in enumerate(sorted(neurons))}
    return sorted(
        (time, place[neuron])
        for neuron, time in zip(i.tolist(), t.tolist(), strict=True)
        if neuron in place and since < time <= until
    )


def test_a_raster_of_chosen_neurons_in_a_window():
    result = iz.Pool.cortical(1000, seed=1).run(300.0)
    ax = result.plot_raster("inh", since=100.0, until=200.0)
    assert drawn(ax) == [(t, 800 + row) for t, row in spikes_of(result, range(800, 1000), 100, 200)]
    assert (ax.get_xlim(), ax.get_title(loc="left")) == ((100, 200), "200 neurons")
    (told,) = ax.get_legend().get_texts()
    name, rate, unit = told.get_text().split()
    assert (name, unit) == ("inh", "Hz")
    assert float(rate) == pytest.approx(len(drawn(ax)) / 200 / 0.1, abs=0.06)
    data = ax.figure.axes[1].patches[0].get_data()
    assert (data.edges[0], data.edges[-1]) == (100, 200)
    assert (data.values * np.diff(data.edges)).sum() * 0.2 == pytest.approx(len(drawn(ax)))
    assert drawn(result["inh"].plot_raster()) == spikes_of(result, range(800, 1000), 0, 300)


def test_a_raster_of_single_neurons_names_them():
    result = iz.Pool.cortical(1000, seed=1).run(300.0)
    chosen = [5, 900, 10, 850, 400]
    ax = result.plot_raster(chosen)
    assert drawn(ax) == spikes_of(result, chosen, 0, 300)
    ax.figure.canvas.draw()
    assert [label.get_text() for label in ax.get_yticklabels()] == ["5", "10", "400", "850", "900"]
    exc, inh = ax.collections
    assert set(np.asarray(exc.get_offsets())[:, 1]) == {0, 1, 2}
    assert set(np.asarray(inh.get_offsets())[:, 1]) == {3, 4}
    mixed = result[chosen].plot_raster()  # neurons in their own order, which parts the groups
    assert drawn(mixed) == sorted(
        zip(result[chosen].spikes.t.tolist(), result[chosen].spikes.i.tolist(), strict=True)
    )


def test_a_raster_of_a_pool_or_group_of_a_network():
    net = iz.Network(dt=1.0, seed=1)
    net.pool("exc", 30, iz.Izhikevich).clamp_input(10.0)
    net.pool("inh", 10, iz.Izhikevich).clamp_input(5.0)
    net["exc"].group("left", 20)
    result = net.run(100.0)
    assert drawn(result.plot_raster("inh")) == spikes_of(result["inh"], range(10), 0, 100)
    assert drawn(result.plot_raster("exc.left", until=50)) == spikes_of(result["exc"], range(20), 0, 50)
    assert drawn(result.plot_raster(slice(25, 40))) == [
        (t, 25 + row) for t, row in spikes_of(result, range(25, 40), 0, 100)
    ]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (dict(neurons="nope"), KeyError, "no group 'nope'; groups: exc, inh"),
        (dict(neurons=[]), ValueError, "plot_raster: expected neurons, got none"),
        (dict(neurons=[100]), IndexError, "plot_raster: neurons: expected neurons from 0 to 99, got 100"),
        (dict(until=0), ValueError, "until: expected a time above 0, up to 50 ms, got 0"),
        (dict(since=20, until=10), ValueError, "until: expected a time above 20, up to 50 ms, got 10"),
        (dict(until=60), ValueError, "until: .* up to 50 ms, got 60"),
        (dict(since=50), ValueError, "since: expected a time from 0 to below 50 ms"),
        (dict(until=10.5), ValueError, "until: expected a multiple of dt = 1 ms, got 10.5"),
    ],
)
def test_what_no_raster_shows(arguments, error, message):
    result = iz.Pool.cortical(100, seed=1).run(50.0)
    with pytest.raises(error, match=message):
        result.plot_raster(**arguments)


def test_rates_of_some_neurons_need_their_spikes():
    pool = iz.Pool.cortical(100, seed=1)
    pool.record("counts")
    with pytest.raises(
        ValueError, match=r"plot_raster: rates: the spikes of \d+ of 20 neurons were not kept"
    ):
        pool.run(100.0).plot_raster("inh")


# ---- Traces of networks, and stacked


@pytest.fixture
def traced():
    net = iz.Network(dt=1.0, seed=1)
    for name, current in (("one", 10.0), ("two", 5.0), ("three", 8.0)):
        net.pool(name, 4, iz.Izhikevich).clamp_input(current)
    net.record("v", "one")
    net.record("v", "two", neurons=[3, 1])
    net.record("u", "three")
    return net.run(50.0)


def test_a_panel_for_each_pool(traced):
    ax = traced.plot_traces()
    first, second = ax.figure.axes
    assert ax is first
    assert [one.get_title(loc="left") for one in (first, second)] == ["one", "two"]
    assert (len(first.lines), len(second.lines)) == (4, 2)
    np.testing.assert_array_equal(second.lines[1].get_ydata(), traced["two"].traces["v"][:, 1])
    assert second.lines[1].get_label() == "neuron 1"
    assert first.get_shared_x_axes().joined(first, second)
    assert (first.get_xlabel(), second.get_xlabel()) == ("", "time (ms)")
    assert traced.plot_traces("u").get_ylabel() == "u (mV/ms)"
    _, own = plt.subplots()
    assert traced.plot_traces("u", own) is own
    with pytest.raises(
        ValueError, match=r"ax: 2 pools have 'v', .* stacked=True, .* result\['one'\].plot_traces\('v'"
    ):
        traced.plot_traces("v", own)
    with pytest.raises(KeyError, match=r"'I' was not recorded; recorded: v, u. Ask with net.record\('I'\)"):
        traced.plot_traces("I")


def test_stacked_traces(traced):
    ax = traced.plot_traces(stacked=True)
    *lines, bar = ax.lines
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        "one 0",
        "one 1",
        "one 2",
        "one 3",
        "two 3",
        "two 1",
    ]
    for line, values in zip(lines[4:], traced["two"].traces["v"].T, strict=True):
        np.testing.assert_allclose(line.get_ydata() - line.get_ydata()[0], values - values[0], atol=1e-4)
    for above, below in itertools.pairwise(lines):
        assert above.get_ydata().min() > below.get_ydata().max()
    (told,) = ax.texts
    low, high = bar.get_ydata()
    assert told.get_text() == f"v: {high - low:g} mV"
    assert high - low in (20, 50, 100)
    pool = iz.Pool(60)
    pool.record("v")
    ax = pool.run(10.0).plot_traces(stacked=True)
    assert len(ax.get_yticks()) == 25
    assert ax.get_title(loc="left") == "25 of 60 recorded neurons"


# ---- Pictures for talks

FIGURES = {
    "raster": lambda: iz.Pool.cortical(1000, seed=1).run(100.0).plot_raster().figure,
    "raster of names": lambda: many_groups().run(100.0).plot_raster().figure,
    "raster of three": lambda: three_pools(iz.Izhikevich).plot_raster().figure,
    "traces": lambda: three_pools(iz.Izhikevich)["excitatory"].plot_traces().figure,
    "traces of a network": lambda: three_pools(iz.Izhikevich).plot_traces().figure,
    "stacked": lambda: three_pools(iz.AdEx).plot_traces(stacked=True).figure,
    "neuron": lambda: iz.simulate(iz.AdEx, iz.step(700, start=100), 300).plot(),
    "neuron with gates": lambda: iz.simulate(iz.HodgkinHuxley1952, 10.0, 50).plot(),
    "plane": lambda: iz.plot_phase_plane(iz.Izhikevich, 3.0).figure,
    "f-I curve": lambda: iz.f_i_curve(iz.Izhikevich, [0, 5, 10]).plot().figure,
}  # fmt: skip


def many_groups():
    pool = iz.Pool(600, seed=1)
    for k in range(30):
        pool.group(f"layer {k} neurons", 20)
    pool.drive(pool, 10.0)
    return pool


def three_pools(model):
    net = iz.Network(dt=0.5, seed=1)
    for name in ("excitatory", "inhibitory", "thalamic"):
        net.pool(name, 20, model).clamp_input(10.0 if model is iz.Izhikevich else 600.0)
    net.record("v")
    return net.run(100.0)


@pytest.mark.parametrize("name", FIGURES)
def test_pictures_can_be_shown_in_a_talk(name):
    before = dict(plt.rcParams)
    figure = FIGURES[name]()
    assert dict(plt.rcParams) == before
    assert figure.dpi == 150
    figure.canvas.draw()
    pixels = np.asarray(figure.canvas.buffer_rgba())
    rim = np.concatenate(
        [
            pixels[:2].reshape(-1, 4),
            pixels[-2:].reshape(-1, 4),
            pixels[:, :2].reshape(-1, 4),
            pixels[:, -2:].reshape(-1, 4),
        ]
    )
    assert (rim == 255).all(), "something is cut at the edge"
    assert all(text.get_fontsize() > 8 for text in figure.findobj(plt.Text) if text.get_text())
    for ax in figure.axes:
        assert ax.xaxis.label.get_fontsize() >= 13
        legend = ax.get_legend()
        left = next(
            one
            for one in ax.get_children()
            if isinstance(one, plt.Text) and one.get_text() == ax.get_title(loc="left")
        )
        if legend and left.get_text():
            assert not legend.get_window_extent().overlaps(left.get_window_extent())


def test_one_axis_of_time_where_panels_share_it():
    for figure in (FIGURES["raster"](), FIGURES["traces of a network"]()):
        figure.canvas.draw()
        told = [
            any(label.get_visible() and label.get_text() for label in ax.get_xticklabels())
            for ax in figure.axes
        ]
        assert told == [False] * (len(told) - 1) + [True]


def test_text_that_a_user_has_made_larger_stays_and_his_axes_keep_theirs():
    result = iz.Pool.cortical(100, seed=1).run(20.0)
    with plt.rc_context({"font.size": 20, "figure.dpi": 200}):
        figure = result.plot_raster().figure
    assert (figure.dpi, figure.axes[0].yaxis.label.get_fontsize()) == (200, 20)
    with plt.rc_context({"font.size": 7}):
        _, ax = plt.subplots()
        assert result.plot_raster(ax=ax).yaxis.label.get_fontsize() == 7
