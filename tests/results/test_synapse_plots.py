"""Plots of weights and variables of synapses: what they show is what is there."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

import izhi_numba as iz
from izhi_numba.results.synapse_plots import Shown, histogram, matrix


@pytest.fixture(autouse=True)
def close():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def learned():
    """Synapses that learn, and what was recorded of them; of the second ones few."""
    net = iz.Network(dt=1.0, seed=1)
    cells = net.pool("cells", 60, receptors={"ampa": iz.AMPA()})
    cells.drive(cells, iz.noise(8.0))
    rule = iz.TsodyksMarkram(tau_fac=100.0)
    many = net.connect(cells, cells, rule=iz.fixed_outdegree(9), weight=iz.uniform(0, 1), plasticity=rule)
    few = net.connect(cells[[40, 3]], cells, rule=iz.fixed_outdegree(3), weight=0.5, plasticity=rule)
    for one in (many, few):
        one.record(["weight", "x"], every=20.0)
    return net, many, few, net.run(200.0)


def test_a_histogram_counts_all_synapses(learned):
    _, many, _, result = learned
    for ax, values, label in (
        (many.plot_histogram(), many.weights, "weight (nS)"), (many.plot_histogram("x"), many.x, "x"),
        (result.weights["cells -> cells ampa"].plot_histogram(), many.weights, "weight (nS)"),
        (result.synapses["cells -> cells ampa"]["x"].plot_histogram(t=199.0),
         result.synapses["cells -> cells ampa"]["x"].values[-2], "x"),
    ):  # fmt: skip
        data = ax.patches[0].get_data()
        np.testing.assert_array_equal(data.values, np.histogram(values.astype(float), len(data.values))[0])
        assert data.values.sum() == len(many) == 540
        assert (ax.get_xlabel(), ax.get_ylabel()) == (label, "synapses")
        assert ax.get_title(loc="left").endswith(f"540 synapses, mean {values.mean(dtype=float):.3g}")


def test_histograms_of_equal_values_and_of_none():
    pool = iz.Pool(10, seed=1)
    equal = pool.connect(pool, pool, rule=iz.one_to_one(), weight=2.0)
    assert equal.plot_histogram().patches[0].get_data().values.sum() == 10
    none = pool.connect(pool, pool, rule=iz.fixed_probability(0.0))
    assert none.plot_histogram().get_title(loc="left") == "pool -> pool\n0 synapses"
    none.plot_matrix()


def test_a_matrix_has_the_means_of_synapses(learned):
    _, many, few, result = learned
    for ax, values in (
        (many.plot_matrix(), many.weights), (many.plot_matrix("x"), many.x),
        (result.weights["cells -> cells ampa"].plot_matrix(), many.weights),
    ):  # fmt: skip
        pre, post, _, _ = many.to_arrays()
        sums, counts = np.zeros((60, 60)), np.zeros((60, 60))
        np.add.at(sums, (pre, post), values)
        np.add.at(counts, (pre, post), 1)
        shown = ax.images[0].get_array()
        np.testing.assert_array_equal(shown.mask, counts == 0)
        np.testing.assert_allclose(shown[counts > 0], (sums / np.maximum(counts, 1))[counts > 0], rtol=1e-6)
        assert (ax.get_xlabel(), ax.get_ylabel()) == ("target neuron", "source neuron")
    ax = few.plot_matrix()
    assert ax.images[0].get_array().shape[0] == 2
    told = ax.yaxis.get_major_formatter()
    assert [told(0, None), told(1, None), told(0.5, None)] == ["3", "40", ""]


def test_a_large_matrix_has_several_neurons_in_a_cell():
    pre, post = np.repeat(np.arange(900), 2), np.tile([4, 90], 900)
    values = np.where(post == 4, pre, -pre).astype(float)
    ax = matrix(Shown("weight", "a -> b", values, pre, post))
    shown = ax.images[0].get_array()
    assert shown.shape == (300, 2)
    np.testing.assert_allclose(shown[:, 0], 3 * np.arange(300) + 1)
    assert ax.get_ylabel() == "source neuron (3 in a cell)"
    assert ax.images[0].get_clim() == (-898.0, 898.0)  # both signs
    assert ax.yaxis.get_major_formatter()(2, None) == "6"


def test_few_synapses_have_lines_over_time(learned):
    *_, few, result = learned
    recorded = result.synapses["cells[[40, 3]] -> cells ampa"]["x"]
    ax = recorded.plot()
    assert len(ax.lines) == len(few) == 6
    for column, line in enumerate(ax.lines):
        np.testing.assert_array_equal(line.get_xdata(), recorded.t)
        np.testing.assert_array_equal(line.get_ydata(), recorded.values[:, column])
    assert ax.lines[0].get_label() == f"{recorded.sources[0]} to {recorded.targets[0]}"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("time (ms)", "x")


def test_many_synapses_are_counted_over_time(learned, monkeypatch):
    *_, result = learned
    recorded = result.synapses["cells -> cells ampa"]["x"]
    ax = recorded.plot()
    counts = ax.collections[0].get_array()
    np.testing.assert_array_equal(counts.sum(axis=0), np.full(10, 540))
    np.testing.assert_allclose(ax.lines[0].get_ydata(), np.asarray(recorded.values).mean(axis=1), rtol=1e-5)
    monkeypatch.setattr("izhi_numba.results.synapse_plots._MOST_ROWS", 4)
    assert recorded.plot().collections[0].get_array().shape[1] == 4


def test_plots_of_a_file(tmp_path):
    pool = iz.Pool.cortical(100, seed=1)
    synapses = pool.synapses[0]
    synapses.record(every=10.0)
    pool.record("spikes", to=tmp_path / "run.h5")
    pool.run(50.0)
    (recorded,) = iz.open_results(tmp_path / "run.h5").weights.values()
    assert recorded.plot().collections[0].get_array().shape[1] == 5
    assert recorded.plot_histogram(t=30.0).get_title(loc="left").startswith("exc -> pool   at 30 ms")


def test_into_given_axes(learned):
    _, many, few, result = learned
    recorded = result.weights["cells -> cells ampa"]
    for draw in (
        many.plot_histogram, few.plot_matrix, recorded.plot, recorded.plot_histogram, recorded.plot_matrix,
    ):  # fmt: skip
        _, ax = plt.subplots()
        assert draw(ax=ax) is ax
    assert histogram(Shown("x", "", np.ones(2), np.ones(2), np.ones(2))) is not None


def test_messages(learned):
    net, many, _, result = learned
    recorded = result.weights["cells -> cells ampa"]
    with pytest.raises(ValueError, match="variable: expected one of weight, x, u, got 'y'"):
        many.plot_histogram("y")
    with pytest.raises(
        ValueError, match="there is no weight up to this time; there are rows from 20 to 200 ms"
    ):
        recorded.plot_matrix(t=19.0)
    with pytest.raises(TypeError, match="t: expected a finite number"):
        recorded.plot_histogram(t="end")
    short = net.run(5.0).weights["cells -> cells ampa"]
    for draw in (short.plot, short.plot_histogram, short.plot_matrix):
        with pytest.raises(ValueError, match="there are rows none: the run was too short"):
            draw()
