"""Files of NWB: valid, in seconds, with the factor to SI units."""

from datetime import UTC, datetime

import numpy as np
import pytest

from izhi_numba.results.formats.nwb import in_si
from tests.optional import library

pynwb = library("pynwb")


def test_a_network(result, tmp_path):
    path = tmp_path / "run.nwb"
    result.to_nwb(path, session_start_time=datetime(2026, 1, 31, tzinfo=UTC), identifier="one")
    assert pynwb.validate(path=str(path)) == []
    with pynwb.NWBHDF5IO(path, "r") as io:
        file = io.read()
        assert (file.identifier, file.session_start_time) == ("one", datetime(2026, 1, 31, tzinfo=UTC))
        units = file.units.to_dataframe()
        assert units.population.tolist() == ["exc"] * 40 + ["inh"] * 5 + ["noise"] * 10
        assert units.group[:40].tolist() == ["left"] * 20 + ["right"] * 10 + [""] * 10
        assert units.neuron.tolist() == [*range(40), *range(5), *range(10)]
        assert units.is_source.sum() == 10
        assert units.obs_intervals[0].tolist() == [[0.0, 1.0005]]
        for found, train in zip(
            units.spike_times, [*result.trains(), *result["noise"].trains()], strict=True
        ):
            np.testing.assert_allclose(found, train / 1000)
        v = file.acquisition["exc_v"]
        np.testing.assert_array_equal(v.data[:], result["exc"].traces["v"])
        assert (v.unit, v.conversion, v.rate, v.starting_time) == ("volts", 1e-3, 1000.0, 0.001)
        assert (file.acquisition["exc_I"].unit, file.acquisition["inh_v"].rate) == ("unknown", 2000.0)
        columns = file.processing["simulation"]["columns"].to_dataframe()
        assert columns[columns.series == "exc_v"].neuron.tolist() == [35, 3]


def test_some_neurons_and_none(result, tmp_path):
    path = tmp_path / "part.nwb"
    result["exc"][[35, 3]].to_nwb(path)
    with pynwb.NWBHDF5IO(path, "r") as io:
        file = io.read()
        assert file.units["neuron"][:].tolist() == [35, 3]
        assert abs((datetime.now(UTC) - file.session_start_time).total_seconds()) < 600
    result["exc"][[]].to_nwb(path)
    assert pynwb.validate(path=str(path)) == []
    with pynwb.NWBHDF5IO(path, "r") as io:
        assert io.read().units is None


def test_what_makes_no_sense_is_told(result, tmp_path):
    with pytest.raises(
        TypeError, match=r"to_nwb: session_start_time: expected a datetime, such as .* got '2026'"
    ):
        result.to_nwb(tmp_path / "run.nwb", session_start_time="2026")
    with pytest.raises(ValueError, match=r"to_nwb: expected a name that ends in '\.nwb', got .*run'"):
        result.to_nwb(tmp_path / "run")
    with pytest.raises(FileNotFoundError, match="nowhere"):
        result.to_nwb(tmp_path / "nowhere" / "run.nwb")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("unit", "expected"), [
    ("mV", ("volts", 1e-3)), ("µS", ("siemens", 1e-6)), ("nS/mV", ("siemens/volts", 1e-6)), ("1/ms", ("1/seconds", 1e3)),
    ("mS/cm2", ("mS/cm2", 1.0)), ("", ("unknown", 1.0)),
])  # fmt: skip
def test_units(unit, expected):
    assert in_si(unit) == expected
