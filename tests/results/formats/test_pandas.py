"""Tables: spikes and counts by rows, traces by columns."""

import numpy as np
import pytest

import izhi_numba as iz
from tests.optional import library

pandas = library("pandas")


def test_spikes_of_a_network_are_rows_by_time(result):
    table = result.to_pandas()
    assert table.columns.tolist() == ["population", "group", "neuron", "time"]
    assert table.attrs == {"units": {"time": "ms"}, "start": 0.0, "stop": 1000.5, "dt": 0.5}
    assert table.time.is_monotonic_increasing
    for name, part in result.items():
        rows = table[table.population == name]
        np.testing.assert_array_equal(rows.time, part.spikes.t)
        np.testing.assert_array_equal(rows.neuron, part.spikes.i)
    assert (table.population == "inh").sum() == 0
    assert set(table.population.cat.categories) == {"exc", "inh", "noise"}  # also those without spikes
    sizes = table[table.population == "exc"].groupby("group", observed=True).size()
    for group in ("left", "right"):
        assert sizes[group] == result["exc"].counts[result["exc"].groups[group]].sum()
    assert sizes[""] == result["exc"].counts[30:].sum()


def test_counts_have_a_row_for_each_neuron(result):
    table = result.to_pandas("counts")
    assert table["count"].tolist() == [*result["exc"].counts, *result["inh"].counts, *result["noise"].counts]
    assert table.neuron.tolist() == [*range(40), *range(5), *range(10)]


def test_traces_have_a_column_for_each_neuron(result):
    table = result["exc"].to_pandas("v")
    assert (table.columns.name, table.columns.tolist(), table.index.name) == ("neuron", [35, 3], "time")
    np.testing.assert_array_equal(table, result["exc"].traces["v"])
    np.testing.assert_array_equal(table.index, result["exc"].times("v"))
    assert table.attrs["units"] == {"v": "mV"}
    both = result.to_pandas("v")
    assert both.columns.tolist() == [("exc", 35), ("exc", 3), ("inh", 4)]
    assert len(both) == 2001
    assert both.loc[0.5].isna().tolist() == [True, True, False]
    np.testing.assert_array_equal(both["exc"].dropna(), table)


def test_neurons_keep_the_numbers_of_their_pool(result):
    part = result["exc"][[35, 3]]
    whole = result["exc"].to_pandas()
    expected = whole[whole.neuron.isin([35, 3])].reset_index(drop=True)
    pandas.testing.assert_frame_equal(part.to_pandas(), expected, check_categorical=False)
    assert part.to_pandas("v").columns.tolist() == [35, 3]
    assert result["exc.right"].to_pandas("counts").neuron.tolist() == list(range(20, 30))
    assert set(result["exc.right"].to_pandas().group) == {"right"}


def test_no_neurons_and_no_spikes(result):
    for nothing in (result["exc"][[]], result["inh"]):
        table = nothing.to_pandas()
        assert len(table) == 0
        assert table.dtypes.astype(str).tolist() == ["category", "category", "int64", "float64"]


def test_what_is_not_there_is_told(result):
    with pytest.raises(KeyError, match="to_pandas: expected one of spikes, counts, v, u, I, got 'w'"):
        result.to_pandas("w")
    with pytest.raises(TypeError, match=r"to_pandas: takes only what without a name, got 2"):
        result.to_pandas("v", "u")
    net = iz.Network(seed=1)
    net.poisson("noise", 10, 100.0)
    net.pool("exc", 3)
    net["noise"].record("counts")
    some = net.run(100.0)
    with pytest.raises(ValueError, match="to_pandas: of noise not all spikes were kept; ask with"):
        some.to_pandas()
    assert some.to_pandas("counts")["count"].sum() == some["noise"].counts.sum() > 0
    assert len(some["exc"].to_pandas()) == 0
