"""A Block of Neo: trains, signals, units, groups."""

import numpy as np
import pytest

import izhi_numba as iz
from izhi_numba.results.formats.neo import as_quantity, block
from izhi_numba.results.formats.recorded import RecordedPopulation, RecordedRun
from tests.optional import library

neo, pq = library("neo"), library("quantities")


def test_each_neuron_has_a_train(result):
    (segment,) = result.to_neo().segments
    assert len(segment.spiketrains) == 55
    trains = [*result.trains(), *result["noise"].trains()]
    for found, train in zip(segment.spiketrains, trains, strict=True):
        np.testing.assert_array_equal(found.magnitude, train)
        assert (found.units, found.t_start, found.t_stop) == (pq.ms, 0 * pq.ms, 1000.5 * pq.ms)
    third = segment.spiketrains[3]
    assert third.name == "exc 3"
    assert third.annotations == {"population": "exc", "group": "left", "neuron": 3}


def test_each_trace_is_a_signal(result):
    block = result.to_neo()
    v, u, current, v_inh = block.segments[0].analogsignals
    assert (v.name, v.annotations) == ("v", {"population": "exc", "unit": "mV"})
    np.testing.assert_array_equal(v.magnitude, result["exc"].traces["v"])
    np.testing.assert_allclose(v.times.rescale("ms").magnitude, result["exc"].times("v"))
    assert (v.units, v.sampling_period, v.t_start) == (pq.mV, 1.0 * pq.ms, 1.0 * pq.ms)
    assert v.array_annotations["neuron"].tolist() == [35, 3]
    assert v.array_annotations["group"].tolist() == ["", "left"]
    assert (u.shape, v_inh.annotations["population"]) == ((40, 40), "inh")
    assert (current.units, current.annotations["unit"]) == (pq.dimensionless, "")


def test_pools_and_groups_are_groups(result):
    groups = {group.name: group for group in result.to_neo().groups}
    assert {name: len(group.spiketrains) for name, group in groups.items()} == {
        "exc": 40, "exc.left": 20, "exc.right": 10, "inh": 5, "noise": 10
    }  # fmt: skip
    assert groups["noise"].annotations["is_source"]
    assert [one.annotations["neuron"] for one in groups["exc.right"].spiketrains] == list(range(20, 30))


def test_some_neurons_of_a_later_run():
    pool = iz.Pool(20, seed=1)
    pool.drive(pool, 10.0)
    pool.run(100.0)
    pool.record("v", every=30.0)
    (segment,) = pool.run(15.0)[[7, 2]].to_neo().segments
    assert [train.annotations["neuron"] for train in segment.spiketrains] == [7, 2]
    assert segment.spiketrains[0].t_start == 100 * pq.ms
    (signal,) = segment.analogsignals
    assert signal.shape == (0, 2)  # no sample is due from 100 to 115 ms
    pool.record("counts")
    assert not pool.run(50.0).to_neo().segments[0].spiketrains  # spikes were counted, but are not known


@pytest.mark.parametrize(("unit", "factor", "known"), [
    ("mV", 1, pq.mV), ("nS/mV", 1e-6, pq.S / pq.V), ("mS/cm2", 1e-3, pq.S / pq.cm**2), ("pA/mV^3", 1e-3, pq.A / pq.V**3),
    ("1/(mV ms)", 1e6, 1 / (pq.V * pq.s)), ("µM", 1e-3, pq.mM), ("", 1, pq.dimensionless), ("spikes of joy", 1, pq.dimensionless),
])  # fmt: skip
def test_units(unit, factor, known):
    np.testing.assert_allclose((1 * as_quantity(pq, unit)).rescale(known).magnitude, factor)


def test_a_rounding_beyond_the_end_is_no_error():
    spikes = np.array([0]), np.array([3 * 0.1])  # the end is 0.3
    population = RecordedPopulation("exc", False, np.array([0]), {}, spikes, np.array([1]), [])
    (train,) = block(RecordedRun(0.0, 0.3, 0.1, [population], is_network=False)).segments[0].spiketrains
    assert train.tolist() == [0.3]
