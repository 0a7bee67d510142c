"""What memory holds of a run: the last of it alone, and spikes as counts in bins."""

import numpy as np
import pytest

import izhi_numba as iz
from izhi_numba.results.recorder import Recorder
from tests import inside
from tests.network.drawn import again, assert_same_run


def network(seed=3, threads=2, **options):
    net = iz.Network(dt=0.5, seed=seed, threads=threads)
    exc = net.pool("exc", 300, iz.Izhikevich, spike_times="interpolated")
    inh = net.pool("inh", 80, iz.Izhikevich)
    net.poisson("noise", 50, 40.0)
    exc.drive(exc, iz.noise(5.0, start=3.0))
    inh.drive(inh, iz.noise(5.0))
    net.connect(exc, inh, rule=iz.fixed_outdegree(10), weight=0.5, delay=3.0)
    net.record("v", "exc[::100]", every=2.0)
    net.record(["v", "u"], "inh[[7, 3]]", every=0.5)
    if options:
        net.record("spikes", **options)
    return net


def _last(result, duration):
    """The end of a result, of spikes and traces, in plain numpy."""
    begin = result.stop - duration
    found = {}
    for name, part in result.items():
        inside = part.spikes.t > begin
        found[name] = part.spikes.i[inside], part.spikes.t[inside]
        for variable in part.traces:
            rows = part.times(variable) > begin
            found[name, variable] = part.times(variable)[rows], part.traces[variable][rows]
    return found


@pytest.mark.parametrize("keep", [0.5, 1.0, 13.5, 100.0, 150.0, 400.0])
def test_the_last_of_a_run_is_kept(keep):
    whole, found = network().run(150.0), network(keep=keep).run(150.0)
    assert (found.start, found.stop) == (max(150.0 - keep, 0.0), 150.0)
    expected, its = _last(whole, min(keep, 150.0)), _last(found, keep)
    assert expected.keys() == its.keys()
    for name in expected:
        np.testing.assert_array_equal(expected[name][0], its[name][0], err_msg=str(name))
        np.testing.assert_array_equal(expected[name][1], its[name][1], err_msg=str(name))
    for name in whole:
        counts = np.bincount(expected[name][0], minlength=whole[name].size)
        np.testing.assert_array_equal(found[name].counts, counts)
        np.testing.assert_array_equal(
            found[name].spikes_per_step, whole[name].spikes_per_step[-inside.n_steps(found) :]
        )
    assert found.rate("noise") == pytest.approx(1e3 * counts.sum() / 50 / min(keep, 150.0))


def test_a_long_run_keeps_little(monkeypatch):
    most, keep = [], Recorder.keep

    def watched(self, *args):
        keep(self, *args)
        most.append(inside.waiting(self))

    monkeypatch.setattr(Recorder, "keep", watched)
    pool = iz.Pool.cortical(200, seed=1)
    pool.record("spikes", keep=50.0)
    result = pool.run(100_000.0)
    assert result.duration == 50.0
    assert max(most) < 0.5 * 8.8 * 200 * 100  # half of all


def test_functions_of_a_run_have_the_last_of_it():
    seen = []

    def look(net, last):
        seen.append((last.start, last.stop))

    net = network(keep=20.0)
    assert net.run(100.0, every={50.0: look}).start == 80.0
    assert seen == [(0.0, 0.0), (30.0, 50.0)]
    seen.clear()
    net.record("spikes", keep=np.inf)
    assert net.run(100.0, every={50.0: look}).start == 100.0
    assert seen == [(100.0, 100.0), (100.0, 150.0)]


def test_parts_of_runs_are_not_joined():
    net = network(keep=20.0)
    first, second = net.run(20.0), net.run(20.0)
    assert (first + second).duration == 40.0
    third = net.run(30.0)
    with pytest.raises(ValueError, match="results are joined of runs in sequence"):
        second + third


def test_an_interrupted_run_has_the_last_of_it():
    def interrupt(net):
        if net.t == 60.0:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        network(keep=25.0).run(100.0, every={10.0: interrupt})
    found = caught.value.result
    assert (found.start, found.stop) == (35.0, 60.0)
    np.testing.assert_array_equal(found["inh"].traces["u"], network().run(60.0)["inh"].traces["u"][-50:])


def test_counts_of_a_whole_run_are_refused():
    net = network(keep=20.0)
    net.record("counts", "noise")
    with pytest.raises(
        ValueError, match="keep= holds the last of a run, and spikes of 'noise' are only counted"
    ):
        net.run(100.0)
    net.record("spikes", "noise")
    net.run(100.0)


def test_bad_times_are_told():
    pool = iz.Pool(3)
    for wrong in (0.0, -1.0, 0.3, np.nan, "long"):
        with pytest.raises((ValueError, TypeError), match="keep"):
            pool.record("spikes", keep=wrong)


def test_saved_networks_keep_as_much():
    net = network(keep=20.0)
    net.record("counts", "noise", every=10.0)
    net.record("spikes", "noise")
    net.run(30.0)
    other = again(net)
    assert_same_run(net.run(50.0), other.run(50.0))
    assert other.run(50.0).duration == 20.0


# Counts in bins


def _binned(threads=2, **of):
    net = network(threads=threads)
    for name, options in of.items():
        net.record("counts", name, **options)
    return net


BY_BINS = {
    "binned_counts": lambda r, name: r.binned_counts(20.0, name),
    "as fine as they are": lambda r, name: r.binned_counts(10.0, name),
    "since": lambda r, name: r.binned_counts(10.0, name, since=50.0),
    "of a list": lambda r, name: r[name][[7, 3]].binned_counts(10.0),
    "fano_factor": lambda r, name: r.fano_factor(10.0, name),
    "correlation": lambda r, name: r[name][:30].correlation(10.0),
    "mean_correlation": lambda r, name: r.mean_correlation(20.0, name),
    "population_rate": lambda r, name: r.population_rate(20.0, name)[1],
    "of a part": lambda r, name: r[name].population_rate(10.0, slice(0, 30))[1],
    "rate": lambda r, name: r.rate(name),
    "rate since": lambda r, name: r[name].rate(slice(0, 30), since=50.0),
    "synchrony": lambda r, name: r.synchrony(name, bin=10.0),
    "counts": lambda r, name: r[name].counts,
    "spikes_per_step": lambda r, name: r[name].spikes_per_step,
}


@pytest.mark.parametrize("tell", BY_BINS)
@pytest.mark.parametrize("name", ["exc", "inh", "noise"])
def test_what_counts_in_bins_tell(name, tell):
    whole, found = RUNS[0], RUNS[1]
    np.testing.assert_allclose(BY_BINS[tell](found, name), BY_BINS[tell](whole, name), rtol=1e-12)


def _runs():
    options = {"every": 10.0}
    return network().run(150.0), _binned(exc=options, inh=options, noise=options).run(150.0)


RUNS = _runs()


def test_bins_of_runs_in_sequence_fit_together():
    options = {"every": 10.0}
    net = _binned(exc=options, inh=options, noise=options, threads=1)
    parts = [net.run(length) for length in (0.5, 9.0, 13.5, 27.0, 100.0)]
    found = sum(parts)
    for name in found:
        np.testing.assert_array_equal(found[name].binned_counts(10.0), RUNS[1][name].binned_counts(10.0))
    np.testing.assert_array_equal(
        parts[3]["exc"].binned_counts(10.0, since=30.0), RUNS[0]["exc"].binned_counts(10.0)[:, 3:5]
    )


def test_no_spikes_are_held():
    assert len(inside.recording(RUNS[1]["exc"]).pieces.spikes[0]) == 0
    with pytest.raises(ValueError, match="were not kept"):
        RUNS[1].trains("exc")


def test_spikes_of_some_and_counts_in_bins():
    net = network()
    net.record("counts", "exc", every=10.0)
    net.record("spikes", "exc[5:40]")
    whole, found = RUNS[0]["exc"], net.run(150.0)["exc"]
    np.testing.assert_array_equal(found.binned_counts(10.0), whole.binned_counts(10.0))
    np.testing.assert_array_equal(found[5:40].spikes.t, whole[5:40].spikes.t)
    np.testing.assert_array_equal(found.counts, whole.counts)
    np.testing.assert_array_equal(found.spikes_per_step, whole.spikes_per_step)
    net.record("spikes", "exc")
    second = net.run(50.0)["exc"]
    assert inside.recording(second).bins is not None
    assert len(second.spikes.i) == second.counts.sum() > 0


def test_bins_of_some_neurons():
    net = network()
    net.record("counts", "exc", neurons=[9, 1, 5], every=10.0)
    whole, found = RUNS[0]["exc"], net.run(150.0)["exc"]
    np.testing.assert_array_equal(found[[5, 9]].binned_counts(10.0), whole[[5, 9]].binned_counts(10.0))
    with pytest.raises(ValueError, match="neurons were not kept"):
        found.binned_counts(10.0)
    np.testing.assert_array_equal(found.counts, whole.counts)


def test_more_neurons_are_counted_beside_others():
    net = network()
    net.record("counts", "exc[:40]", every=10.0)
    net.record("counts", "exc[90:]", every=10.0)
    whole, found = RUNS[0]["exc"], net.run(150.0)["exc"]
    for part in (slice(0, 40), slice(90, 300)):
        np.testing.assert_array_equal(found.binned_counts(10.0, part), whole.binned_counts(10.0, part))
    with pytest.raises(
        ValueError, match="spikes of 250 neurons are counted in bins of 10 ms, and there is one"
    ):
        net.record("counts", "exc[50:60]", every=5.0)
    net.record("counts", "exc", neurons=[], every=5.0)
    assert inside.wishes(net["exc"]).bins is None


def test_the_rate_of_a_part_of_which_spikes_are_counted():
    """Bug: it was that of the spikes that were kept."""
    net = network()
    net.record("counts", "exc")
    whole, found = RUNS[0]["exc"], net.run(150.0)["exc"]
    assert found[:150].rate() == whole[:150].rate() == found.rate(slice(0, 150)) > 0


def test_other_bins_are_told():
    for ask in (
        lambda r: r.binned_counts(15.0), lambda r: r.binned_counts(10.0, since=5.0), lambda r: r.fano_factor(5.0),
        lambda r: r.correlation(0.5), lambda r: r.rate(slice(0, 30), since=145.0),
    ):  # fmt: skip
        with pytest.raises(
            ValueError, match="the spikes were counted in bins of 10 ms, which begin at multiples"
        ):
            ask(RUNS[1]["exc"])


def test_bins_are_saved(tmp_path):
    RUNS[1].save(tmp_path / "result.izhi")
    found = iz.load_result(tmp_path / "result.izhi")
    for name in found:
        np.testing.assert_array_equal(found[name].binned_counts(10.0), RUNS[1][name].binned_counts(10.0))


def test_saved_bins_that_are_missing_are_told(tmp_path, monkeypatch):
    pool = iz.Pool(3)
    pool.record("counts", every=5.0)
    pool.run(20.0).save(tmp_path / "result.izhi")
    recording = inside.recording(iz.load_result(tmp_path / "result.izhi"))
    inside.check_record(recording)
    with pytest.raises(ValueError, match="its counts in bins are missing"):
        inside.check_record(inside.without_bins(recording))


def test_other_bins_are_not_joined():
    pool = iz.Pool(3)
    pool.record("counts", every=5.0)
    first = pool.run(20.0)
    pool.record("counts", every=10.0)
    second = pool.run(20.0)
    pool.record("counts")
    third = pool.run(20.0)
    for one, other in ((first, second), (second, third)):
        with pytest.raises(ValueError, match="these have counts in other bins, or one has none"):
            one + other
    with pytest.raises(ValueError, match="every= is for traces and counts; spikes need none"):
        pool.record("spikes", every=5.0)


def test_bins_that_do_not_fit_in_memory_are_refused():
    pool = iz.Pool(100_000)
    pool.record("counts", every=1.0)
    with pytest.raises(MemoryError, match="the traces and counts of 10000000000 steps"):
        pool.run(1e10)


def test_a_result_of_a_pool_beside_one_of_interpolated_spikes_has_parts():
    part = RUNS[0]["inh"][[5, 3]]
    whole = RUNS[0]["inh"].spikes
    np.testing.assert_array_equal(part.spikes.t, whole.t[np.isin(whole.i, [5, 3])])
