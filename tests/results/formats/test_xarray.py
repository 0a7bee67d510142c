"""Labelled arrays: dimensions of traces, spikes and neurons."""

import numpy as np

from tests.optional import library

xarray = library("xarray")


def test_a_pool_is_a_dataset(result):
    exc = result["exc"]
    data = exc.to_xarray()
    assert data.v.dims == data.I.dims == ("time", "neuron_v")
    assert data.u.dims == ("time_u", "neuron")
    for name in ("v", "u", "I"):
        np.testing.assert_array_equal(data[name], exc.traces[name])
    np.testing.assert_array_equal(data.v.sel(neuron_v=3, time=slice(10, 20)), exc.traces["v"][9:20, 1])
    assert (data.v.units, data.time.units, data.spike_time.units) == ("mV", "ms", "ms")
    assert data.group_v.values.tolist() == ["", "left"]
    np.testing.assert_array_equal(data["count"], exc.counts)
    np.testing.assert_array_equal(data.spike_time, exc.spikes.t)
    np.testing.assert_array_equal(data.spike_neuron, exc.spikes.i)
    assert data.attrs == {
        "population": "exc", "is_source": 0, "start": 0.0, "stop": 1000.5, "dt": 0.5, "time_units": "ms"
    }  # fmt: skip
    counts = data["count"].groupby("group").sum()
    assert counts.sel(group="right") == exc.counts[20:30].sum()


def test_a_network_is_a_tree(result):
    tree = result.to_xarray()
    assert isinstance(tree, xarray.DataTree)
    assert list(tree.children) == ["exc", "inh", "noise"]
    xarray.testing.assert_identical(tree["exc"].to_dataset(), result["exc"].to_xarray())
    assert tree["inh"].dims == {"neuron": 5, "spike": 0, "time": 2001, "neuron_v": 1}
    assert tree["noise"].attrs["is_source"] == 1


def test_neurons_keep_the_numbers_of_their_pool(result):
    part = result["exc"][[35, 3]].to_xarray()
    assert part.neuron.values.tolist() == [35, 3]
    assert part.v.dims == ("time", "neuron")
    assert set(part.spike_neuron.values) == {3, 35}
    whole = result["exc"].to_xarray()
    np.testing.assert_array_equal(part.u.sel(neuron=3), whole.u.sel(neuron=3))
