"""Files of SONATA, as libsonata reads them."""

import json

import numpy as np

from izhi_numba.results.formats import sonata
from izhi_numba.results.formats.recorded import RecordedPopulation, RecordedRun, RecordedTrace
from tests.optional import library

h5py, libsonata = library("h5py"), library("libsonata")


def test_spikes(result, tmp_path):
    result.to_sonata(tmp_path)
    reader = libsonata.SpikeReader(str(tmp_path / "spikes.h5"))
    assert reader.get_population_names() == ["exc", "inh", "noise"]
    for name, part in result.items():
        spikes = reader[name]
        assert (spikes.sorting, spikes.time_units) == ("by_time", "ms")
        np.testing.assert_array_equal(spikes.get_dict()["timestamps"], part.spikes.t)
        np.testing.assert_array_equal(spikes.get_dict()["node_ids"], part.spikes.i)
    times = [t for _, t in reader["exc"].get(node_ids=[3], tstart=100.0, tstop=500.0)]
    expected = result["exc"].trains()[3]
    assert times == expected[(expected >= 100) & (expected <= 500)].tolist()


def test_reports(result, tmp_path):
    result.to_sonata(tmp_path / "new" / "folder")
    for variable in ("v", "u", "I"):
        path = str(tmp_path / "new" / "folder" / f"{variable}.h5")
        for reader in (libsonata.ElementReportReader(path), libsonata.SomaReportReader(path)):
            for name in reader.get_population_names():
                part = result[name]
                found, order = reader[name].get(), np.argsort(part.neurons(variable))
                np.testing.assert_array_equal(found.data, part.traces[variable][:, order])
                np.testing.assert_allclose(found.times, part.times(variable))
                assert reader[name].get_node_ids() == part.neurons(variable)[order].tolist()
                assert reader[name].data_units == part.units[variable]


def test_pools_and_groups_are_node_sets(result, tmp_path):
    result["exc"][[35, 3, 21]].to_sonata(tmp_path)
    sets = json.loads((tmp_path / "node_sets.json").read_text())
    assert sets == {
        "exc": {"population": "exc"},
        "exc.left": {"population": "exc", "node_id": [3]},
        "exc.right": {"population": "exc", "node_id": [21]},
    }
    assert libsonata.NodeSets.from_file(str(tmp_path / "node_sets.json")).names == set(sets)
    report = libsonata.ElementReportReader(str(tmp_path / "v.h5"))["exc"]
    assert report.get_node_ids() == [3, 35]
    spikes = libsonata.SpikeReader(str(tmp_path / "spikes.h5"))["exc"].get_dict()
    assert set(spikes["node_ids"]) == {3, 21, 35}


def test_readers_find_the_end_of_a_million_rows(tmp_path):
    """They add steps, and are off by 6e-6 ms by then."""
    n = 1_000_000
    trace = RecordedTrace("v", "mV", np.zeros((n, 1)), 0.3 * np.arange(1, n + 1), 0.3, np.array([0]))
    nothing = np.zeros(0, np.int64), np.zeros(0)
    population = RecordedPopulation("exc", False, np.array([0]), {}, nothing, np.zeros(1), [trace])
    sonata.write(RecordedRun(0.0, 0.3 * n, 0.3, [population], False), tmp_path)
    reader = libsonata.SomaReportReader(str(tmp_path / "v.h5"))["exc"]
    assert len(reader.get(tstart=0.3 * n - 10).times) == len(reader.get(tstart=0.3 * n - 10).data) == 34
