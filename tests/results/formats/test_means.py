"""Means over groups, as other tools take them."""

import numpy as np
import pytest

import izhi_numba as iz
from tests.optional import library


def network():
    net = iz.Network(dt=0.5, seed=3)
    exc, inh = net.pool("exc", 40, iz.Izhikevich), net.pool("inh", 5, iz.Izhikevich)
    exc.group("left", 20)
    net.drive(exc, 10.0)
    for which in ("exc.left", "exc", "inh"):
        net.record(["v", "u"], which, mean=True, every=2.0)
    inh.record("v", neurons=[4])
    return net.run(20.0)


@pytest.fixture(scope="module")
def result():
    return network()


def test_pandas(result):
    library("pandas")
    table = result["exc"].to_pandas("mean_v")
    assert (table.columns.tolist(), table.columns.name) == (["left", "exc"], "group")
    np.testing.assert_array_equal(table, result["exc"].traces["mean_v"])
    np.testing.assert_array_equal(table.index, np.arange(2, 21, 2))
    assert table.attrs["units"] == {"mean_v": "mV"}
    whole = result.to_pandas("mean_v")
    assert whole.columns.tolist() == [("exc", "left"), ("exc", "exc"), ("inh", "inh")]
    assert whole.columns.names == ["population", "group"]
    np.testing.assert_array_equal(whole["exc"]["left"], table["left"])
    with pytest.raises(KeyError, match="expected one of spikes, counts, v, mean_v, mean_u, got 'mean_w'"):
        result.to_pandas("mean_w")


def test_xarray(result):
    library("xarray")
    dataset = result.to_xarray()["exc"]
    assert dataset["mean_v"].dims == ("time", "group_mean_v")
    assert dataset["mean_v"].attrs == {"units": "mV"}
    left = dataset["mean_u"].sel(group_mean_u="left", time=4.0)
    assert float(left) == result["exc"].traces["mean_u"][1, 0]
    inh = result["inh"].to_xarray()
    assert (inh["v"].dims, inh["mean_v"].dims) == (("time", "neuron_v"), ("time_mean_v", "group_mean_v"))


def test_neo(result):
    library("neo")
    signals = {one.name: one for one in result["exc"].to_neo().segments[0].analogsignals}
    np.testing.assert_array_equal(signals["mean_v"].magnitude, result["exc"].traces["mean_v"])
    assert signals["mean_v"].array_annotations["group"].tolist() == ["left", "exc"]
    assert (str(signals["mean_v"].units), float(signals["mean_v"].t_start)) == ("1.0 mV", 2.0)


def test_nwb(result, tmp_path):
    pynwb = library("pynwb")
    result.to_nwb(tmp_path / "run.nwb")
    assert not pynwb.validate(path=str(tmp_path / "run.nwb"))
    with pynwb.NWBHDF5IO(tmp_path / "run.nwb", "r") as io:
        series = io.read().acquisition["exc_mean_v"]
        np.testing.assert_array_equal(series.data[:], result["exc"].traces["mean_v"])
        assert (series.comments, series.unit) == (
            "the columns are means over the neurons of left, exc",
            "volts",
        )


def test_sonata_leaves_them_out(result, tmp_path):
    library("h5py")
    result.to_sonata(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["node_sets.json", "spikes.h5", "v.h5"]
