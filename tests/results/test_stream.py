"""Runs that record to a file: the same results as in memory, read piece by piece, and files that go on."""

import errno
import multiprocessing
import os
import pickle
import signal
import threading

import h5py
import matplotlib.pyplot as plt
import numpy as np
import pytest

import izhi_numba as iz
from izhi_numba.results.recorder import Recorder
from izhi_numba.storage import staged
from tests import inside
from tests.network.drawn import assert_same_run


def network(to=None, *, counts=False, spike_times="grid"):
    """Two pools and sources, with traces; ``counts``: of some pools spikes are only counted."""
    net = iz.Network(dt=0.5, seed=3, threads=2)
    exc = net.pool("exc", 300, iz.Izhikevich)
    inh = net.pool("inh", 80, iz.Izhikevich, spike_times=spike_times)
    net.poisson("noise", 50, 40.0)
    exc.drive(exc, iz.noise(5.0, start=3.0))
    inh.drive(inh, iz.noise(5.0))
    net.connect(exc, inh, rule=iz.fixed_outdegree(10), weight=0.5, delay=3.0)
    net.connect(inh, exc, rule=iz.fixed_outdegree(10), weight=-0.5)
    exc.group("left", 100)
    net.record("v", "exc[::100]", every=2.0)
    net.record(["v", "u"], "inh[[7, 3]]", every=0.5)
    net.record("v", ["exc", "exc.left"], mean=True, every=1.5)
    if counts:
        net.record("counts", "noise", every=10.0)
        net.record("spikes", "inh[:20]")
    if to is not None:
        net.record("u", "exc[::150]", every=5.0, to=to)
    else:
        net.record("u", "exc[::150]", every=5.0)
    return net


def one_pool(to=None, n=200, **options):
    pool = iz.Pool.cortical(n, seed=1, **options)
    if to is not None:
        pool.record("spikes", to=to)
    return pool


def test_how_fast_a_run_was_is_shown_where_it_is_known(tmp_path):
    pool = one_pool(tmp_path / "run.h5")
    assert "Hz, RTF " in repr(pool.run(20.0))
    opened = iz.open_results(tmp_path / "run.h5")
    assert repr(opened).startswith("<20 ms of 200 neurons: ")
    assert repr(opened).endswith(" Hz>")
    net = network(tmp_path / "net.h5")
    assert "Hz; RTF " in repr(net.run(20.0))
    assert repr(iz.open_results(tmp_path / "net.h5")).endswith(" Hz>")


STATISTICS = {
    "rate": lambda r: r.rate("exc.left"),
    "rate since": lambda r: r.rate("exc", since=20.0),
    "trains": lambda r: np.concatenate(r.trains("exc", since=20.0)),
    "trains of a list": lambda r: np.concatenate(r["exc"].trains([7, 3, 200])),
    "isi": lambda r: np.concatenate(r.isi("exc")),
    "cv": lambda r: r.cv(),
    "lv": lambda r: r.lv("exc", since=10.0),
    "population_rate": lambda r: r.population_rate(5.0, "exc.left")[1],
    "synchrony": lambda r: r.synchrony("exc", bin=2.0),
    "power_spectrum": lambda r: r.power_spectrum(1.0, "exc", resolution=40.0)[1],
    "binned_counts": lambda r: r.binned_counts(10.0, "exc"),
    "fano_factor": lambda r: r.fano_factor(10.0, "exc"),
    "correlation": lambda r: r.correlation(5.0, "exc[:40]"),
    "mean_correlation": lambda r: r.mean_correlation(5.0, "exc"),
    "counts": lambda r: r.counts,
    "spikes of all": lambda r: r.spikes.t,
    "units of all": lambda r: r.spikes.i,
    "spikes_per_step": lambda r: r.spikes_per_step,
    "a group": lambda r: r["exc.left"].spikes.i,
    "a list": lambda r: r["exc"][[200, 3]].spikes.i,
    "a trace": lambda r: np.asarray(r["exc"].traces["v"]),
    "rows of a trace": lambda r: r["exc"].traces["v"][3:9, 1],
    "a row of a trace": lambda r: r["exc"].traces["v"][-1],
    "every second row": lambda r: r["exc"].traces["v"][::2],
    "rows backwards": lambda r: r["exc"].traces["v"][::-1],
    "rows of a list": lambda r: r["exc"].traces["v"][[5, 2]],
    "traces of some": lambda r: np.asarray(r["inh"][[3]].traces["u"]),
    "a mean": lambda r: np.asarray(r["exc"].traces["mean_v"]),
    "a mean of a part": lambda r: (
        np.asarray(r["exc.left"].traces["mean_v"]),
        [*r["exc.left"].columns("mean_v")],
    )[0],
    "columns": lambda r: [*r["exc"].columns("mean_v")],
    "neurons": lambda r: r["inh"].neurons("v"),
    "times": lambda r: r["exc"].times("u"),
    "a table": lambda r: r.to_pandas().to_numpy()[:, 2].astype(int),
    "a table of traces": lambda r: r["exc"].to_pandas("v").to_numpy(),
    "duration": lambda r: (r.start, r.stop, r.duration),
    "groups": lambda r: [*r["exc"].groups],
}


@pytest.fixture(scope="module", params=["grid", "interpolated", "counts"])
def both(request, tmp_path_factory):
    """The results of two runs in memory, and of the same in a file: of the runs, joined, and opened."""
    path = tmp_path_factory.mktemp("stream") / "run.h5"
    options = {"counts": True} if request.param == "counts" else {"spike_times": request.param}
    mine, its = network(**options), network(path, **options)
    in_memory, in_file = ([net.run(100.0), net.run(55.5)] for net in (mine, its))
    return in_memory, in_file, iz.open_results(path)


def test_each_run_is_the_same_as_in_memory(both):
    for one, other in zip(both[0], both[1], strict=True):
        assert_same_run(one, other)
        assert (one.start, one.stop) == (other.start, other.stop)
        assert repr(one).split(";")[0] == repr(other).split(";")[0]


@pytest.mark.parametrize("name", STATISTICS)
def test_what_a_result_tells(both, name):
    in_memory, in_file, opened = both
    tell, whole = STATISTICS[name], sum(in_memory)
    try:
        expected = tell(whole)
    except ValueError:  # of spikes that were only counted
        for found in (sum(in_file), opened):
            with pytest.raises(ValueError, match=r"not kept|not all spikes were kept|were counted in bins"):
                tell(found)
        return
    np.testing.assert_array_equal(tell(sum(in_file)), expected)
    np.testing.assert_array_equal(tell(opened), expected)
    if "since" not in name and name not in ("trains", "lv"):
        np.testing.assert_array_equal(tell(in_file[1]), tell(in_memory[1]))
    np.testing.assert_array_equal(tell(pickle.loads(pickle.dumps(opened))), expected)


@pytest.mark.parametrize("name", STATISTICS)
def test_what_a_result_tells_is_read_in_small_pieces(both, name, monkeypatch):
    inside.read_in_pieces(monkeypatch, spikes=50, portion=40)
    test_what_a_result_tells(both, name)


def test_it_is_saved_and_joined_with_runs_in_memory(both, tmp_path):
    in_memory, in_file, _ = both
    in_file[0].save(tmp_path / "first.izhi")
    first = iz.load_result(tmp_path / "first.izhi")
    assert_same_run(in_memory[0], first)
    assert_same_run(sum(in_memory), first + in_file[1])
    assert_same_run(sum(in_memory), in_file[0] + iz.load_result(_saved(in_file[1], tmp_path)))


def _saved(result, folder):
    path = folder / "second.izhi"
    result.save(path)
    return path


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


def test_what_an_array_has_is_told(both):
    trace = both[2]["exc"].traces["v"]
    assert (len(trace), trace.ndim, trace.size) == (*trace.shape[:1], 2, np.asarray(trace).size)
    values = np.asarray(trace)
    np.testing.assert_array_equal(trace.mean(axis=0), values.mean(axis=0))
    np.testing.assert_array_equal(-trace + 2 * trace, values)
    assert trace.T.max() == np.max(trace) == values.max()
    assert not hasattr(trace, "nothing")


def test_plots(both):
    in_memory, _, opened = both
    for draw in (
        lambda r: r.plot_raster("exc"), lambda r: r.plot_raster(since=20.0, until=90.0), lambda r: r.plot_traces("v"),
        lambda r: r["inh"].plot_traces("u", stacked=True),
    ):  # fmt: skip
        axes = [draw(sum(in_memory)), draw(opened)]
        dots = [
            np.concatenate([np.asarray(one.get_offsets()) for one in ax.collections] or [np.zeros((0, 2))])
            for ax in axes
        ]
        lines = [
            np.concatenate([line.get_xydata() for line in ax.lines] or [np.zeros((0, 2))]) for ax in axes
        ]
        np.testing.assert_array_equal(*dots)
        np.testing.assert_allclose(*lines, rtol=1e-6)
        below = [
            [patch.get_data().values.tolist() for ax in one.figure.axes for patch in ax.patches]
            for one in axes
        ]
        assert below[0] == below[1]


def test_a_raster_of_many_neurons_keeps_those_that_are_drawn(tmp_path, monkeypatch):
    pool, other = one_pool(n=5000), one_pool(tmp_path / "run.h5", n=5000)
    in_memory, in_file = pool.run(200.0), other.run(200.0)
    inside.read_in_pieces(monkeypatch, spikes=500, portion=400)
    first, second = in_memory.plot_raster(), in_file.plot_raster()
    dots = [
        np.concatenate([np.asarray(one.get_offsets()) for one in ax.collections]) for ax in (first, second)
    ]
    np.testing.assert_array_equal(np.sort(dots[0], axis=0), np.sort(dots[1], axis=0))
    below = [
        [patch.get_data().values.tolist() for ax in one.figure.axes for patch in ax.patches]
        for one in (first, second)
    ]
    assert below[0] == below[1]


# The file


def test_other_programs_read_it(tmp_path):
    import libsonata

    path = tmp_path / "run.h5"
    net = network(path, counts=True)
    result = net.run(100.0)
    with h5py.File(path) as file:
        np.testing.assert_array_equal(file["spikes/exc/timestamps"][:], result["exc"].spikes.t)
        np.testing.assert_array_equal(file["spikes/exc/node_ids"][:], result["exc"].spikes.i)
        assert file["spikes/exc/timestamps"].attrs["units"] == "ms"
        np.testing.assert_array_equal(file["traces/exc/v/data"][:], result["exc"].traces["v"])
        np.testing.assert_array_equal(file["traces/exc/v/neurons"][:], [0, 100, 200])
        attributes = file["traces/exc/v/data"].attrs
        assert (attributes["first"], attributes["interval"], attributes["units"]) == (2.0, 2.0, "mV")
        counts = file["counts/noise/data"]
        np.testing.assert_array_equal(counts[:], result["noise"].binned_counts(10.0).T)
        assert (counts.attrs["first"], counts.attrs["interval"]) == (0.0, 10.0)
    spikes = libsonata.SpikeReader(path)
    assert sorted(spikes.get_population_names()) == ["exc", "inh"]
    train = spikes["exc"].get()
    assert [node for node, _ in train] == result["exc"].spikes.i.tolist()
    assert [t for _, t in train] == result["exc"].spikes.t.tolist()
    assert spikes["exc"].sorting == "by_time"


def test_it_is_read_while_it_is_written(tmp_path):
    path, pool = tmp_path / "run.h5", one_pool(tmp_path / "run.h5")
    seen = []

    def look(pool, last):
        seen.append((pool.t, iz.open_results(path), last))

    whole = pool.run(400.0, every={50.0: look})
    for t, found, last in seen:
        assert found.stop <= t == last.stop
        np.testing.assert_array_equal(found.spikes.t, whole.spikes.t[whole.spikes.t <= found.stop])
        assert not inside.is_read(last)
        of_last = (whole.spikes.t > last.start) & (whole.spikes.t <= last.stop)
        np.testing.assert_array_equal(last.spikes.i, whole.spikes.i[of_last])
    assert iz.open_results(path).stop == 400.0


def test_a_long_run_keeps_little_in_memory(tmp_path, monkeypatch):
    inside.write_at_once(monkeypatch)
    most, keep = [], Recorder.keep

    def watched(self, *args):
        keep(self, *args)
        most.append(inside.waiting(self))

    monkeypatch.setattr(Recorder, "keep", watched)
    pool = one_pool(tmp_path / "run.h5")
    pool.record("v", neurons=[0], every=100.0)
    result = pool.run(400_000.0)
    assert len(most) > 4
    assert max(most) < inside.n_spikes(result) / 3
    assert "spikes" not in vars(result)  # nothing of it is in memory


def test_a_checkpoint_is_gone_on_from_in_the_same_file(tmp_path):
    path = tmp_path / "run.h5"
    whole = network().run(200.0)
    net = network(path)
    net.run(100.0)
    net.save(tmp_path / "net.izhi")
    net.run(33.0)  # and then it is lost
    del net
    again = iz.load(tmp_path / "net.izhi", threads=1)
    with pytest.raises(
        ValueError, match=r"this was loaded, and what was saved records to .*run.h5: so that runs of"
    ):
        again.run(60.0)
    assert iz.open_results(path).stop == 133.0
    again.record("v", "exc", neurons=[0], every=2.0, to=path)
    again.run(60.0)
    again.run(40.0)
    assert_same_run(whole, iz.open_results(path))


def test_a_checkpoint_within_a_run_is_gone_on_from(tmp_path):
    path, saved = tmp_path / "run.h5", tmp_path / "net.izhi"

    def save(net):
        net.save(saved)

    network(path).run(90.0, every={40.0: save})  # at 0, 40 and 80 ms
    again = iz.load(saved)
    again.record("v", "exc", neurons=[0], every=2.0, to=path)
    assert again.t == 80.0
    again.run(70.0)
    assert_same_run(network().run(150.0), iz.open_results(path))


def test_counts_in_bins_are_cut_off_where_a_bin_ends(tmp_path):
    path = tmp_path / "run.h5"
    net = network(path, counts=True)
    net.record("spikes", "inh")
    net.run(100.0)
    net.save(tmp_path / "net.izhi")
    net.run(33.0)
    again = _loaded(tmp_path / "net.izhi", path)
    again.run(60.0)
    alone = network(counts=True)
    alone.record("spikes", "inh")
    expected, found = alone.run(160.0)["noise"], iz.open_results(path)["noise"]
    np.testing.assert_array_equal(found.counts, expected.counts)
    np.testing.assert_array_equal(found.binned_counts(20.0), expected.binned_counts(20.0))
    again.save(tmp_path / "net.izhi")
    again.run(1.0)
    again = _loaded(tmp_path / "net.izhi", path)
    again.run(5.0)
    again.save(tmp_path / "net.izhi")
    again.run(1.0)
    with pytest.raises(ValueError, match="'noise' that were only counted cannot be taken off it"):
        _loaded(tmp_path / "net.izhi", path).run(10.0)


def _loaded(saved, path):
    net = iz.load(saved)
    net.record("v", "exc", neurons=[0], every=2.0, to=path)
    return net


def test_groups_that_come_later_are_told(tmp_path):
    pool = iz.Pool(10)
    pool.record("spikes", to=tmp_path / "run.h5")
    pool.run(20.0)
    pool.group("first", 4)
    pool.run(20.0)
    assert iz.open_results(tmp_path / "run.h5").groups == {"first": slice(0, 4)}


def test_memory_again_and_another_file(tmp_path):
    pool, other = one_pool(tmp_path / "a.h5"), one_pool()
    pool.run(20.0)
    pool.record("spikes", to=tmp_path / "b.h5")
    pool.run(20.0)
    pool.record("spikes", to="memory")
    last = pool.run(20.0)
    assert not inside.is_read(last)
    parts = [iz.open_results(tmp_path / "a.h5"), iz.open_results(tmp_path / "b.h5"), last]
    assert_same_run(other.run(60.0), sum(parts))


@pytest.mark.parametrize("change", ["traces", "bins", "spikes"])
def test_other_neurons_are_refused(tmp_path, change):
    """Bug: the file had the values of others under the neurons that it began with."""
    pool = one_pool()
    of = {"traces": ("v", {}), "bins": ("counts", {"every": 10.0}), "spikes": ("spikes", {})}[change]
    pool.record(of[0], neurons=[0, 1], to=tmp_path / "run.h5", **of[1])
    pool.run(20.0)
    pool.record(of[0], neurons=[])
    pool.record("counts")
    pool.record("spikes")
    pool.record(of[0], neurons=[5, 9], **of[1])
    with pytest.raises(
        ValueError, match="of which neurons of 'pool' spikes, traces or counts are kept cannot"
    ):
        pool.run(20.0)


def test_a_trace_of_no_neurons_is_not_written(tmp_path):
    pool = one_pool()
    pool.record("v", neurons=[0, 1])
    pool.record("v", neurons=[], to=tmp_path / "run.h5")
    pool.record("u", neurons=[3])
    assert [*pool.run(20.0).traces] == ["u"]
    np.testing.assert_array_equal(iz.open_results(tmp_path / "run.h5").neurons("u"), [3])


def test_two_do_not_write_to_one_file(tmp_path):
    """Bug: both went on where they thought that the file ends, and it was damaged."""
    path = tmp_path / "run.h5"
    pool = one_pool(path)
    pool.run(100.0)
    pool.save(tmp_path / "pool.izhi")
    again = iz.load(tmp_path / "pool.izhi")
    again.record("spikes", to=path)
    again.run(50.0)
    with pytest.raises(OSError, match="is written by another one, which was loaded from a file of the same"):
        pool.run(10.0)
    again.run(50.0)
    assert_same_run(one_pool().run(200.0), iz.open_results(path))


def test_a_result_does_not_read_another_file_of_the_same_name(tmp_path):
    path = tmp_path / "run.h5"
    first = one_pool(path).run(50.0)
    path.unlink()
    iz_pool = iz.Pool.cortical(200, seed=2)
    iz_pool.record("spikes", to=path)
    iz_pool.run(50.0)
    with pytest.raises(ValueError, match="is another file now than the one that this result was recorded to"):
        first.spikes  # noqa: B018


def test_a_file_is_whole_when_it_gets_its_name(tmp_path, monkeypatch):
    seen, link = [], os.link

    def linked(aside, path):
        link(aside, path)
        seen.append(iz.open_results(path))

    monkeypatch.setattr(os, "link", linked)
    one_pool(tmp_path / "run.h5").run(10.0)
    assert [one.stop for one in seen] == [0.0]


def test_a_file_system_without_links(tmp_path, monkeypatch):
    def refuse(*args):
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    one_pool(tmp_path / "run.h5").run(10.0)
    assert iz.open_results(tmp_path / "run.h5").stop == 10.0
    assert len([*tmp_path.iterdir()]) == 1


def test_a_system_without_reads_at_places(tmp_path, monkeypatch):
    monkeypatch.delattr(os, "pread")
    monkeypatch.delattr(os, "pwrite")
    pool = one_pool(tmp_path / "run.h5")
    assert_same_run(one_pool().run(70.0), sum([pool.run(50.0), pool.run(20.0)]))


def test_a_folder_that_is_gone_is_told(tmp_path):
    (tmp_path / "folder").mkdir()
    pool = one_pool(tmp_path / "folder" / "run.h5")
    (tmp_path / "folder").rmdir()
    with pytest.raises(FileNotFoundError, match=r"run.h5: there is no folder .*; record to another file, by"):
        pool.run(10.0)


def test_damaged_files_are_told(tmp_path):
    path = tmp_path / "run.h5"
    one_pool(path).run(10.0)
    content = path.read_bytes()
    at = content.index(b'{"format"')
    path.write_bytes(content[:at] + b"x" * 40 + content[at + 40 :])
    with pytest.raises(
        ValueError, match="no file that runs have recorded to, or is damaged: its manifest is damaged"
    ):
        iz.open_results(path)
    with pytest.raises(FileExistsError, match="is there, and is damaged, or of another version"):
        one_pool(path).run(10.0)


def test_memory_does_not_grow_with_a_function_at_each_step(tmp_path, monkeypatch):
    """Bug: what single steps had left was never let go."""
    inside.write_at_once(monkeypatch)
    most = []
    pool = one_pool(tmp_path / "run.h5")
    keep = Recorder.keep

    def watched(self, *args):
        keep(self, *args)
        most.append(inside.waiting(self))

    monkeypatch.setattr(Recorder, "keep", watched)
    result = pool.run(400.0, every={1.0: lambda pool, last: None})
    assert max(most) < inside.n_spikes(result) / 2


def test_bins_within_which_runs_meet_are_not_taken_apart(tmp_path):
    """Bug: both results had all of the bin, and it was counted twice."""
    pool, alone = one_pool(), one_pool()
    pool.record("counts", every=10.0, to=tmp_path / "run.h5")
    alone.record("counts", every=10.0)
    first, second, whole = pool.run(55.0), pool.run(45.0), alone.run(100.0)
    np.testing.assert_array_equal((first + second).binned_counts(10.0), whole.binned_counts(10.0))
    (first + second).save(tmp_path / "both.izhi")
    both = iz.load_result(tmp_path / "both.izhi")
    np.testing.assert_array_equal(both.binned_counts(10.0), whole.binned_counts(10.0))
    for one in (first, second):
        with pytest.raises(ValueError, match="in bins of 10 ms have no whole bins at its ends"):
            one.save(tmp_path / "one.izhi")


def test_a_copy_records_in_memory(tmp_path):
    import copy

    pool = one_pool(tmp_path / "run.h5")
    pool.run(20.0)
    twin = copy.deepcopy(pool)
    assert not inside.is_read(twin.run(20.0))
    assert inside.is_read(pool.run(20.0))


# What is refused


def test_a_file_of_something_else_stays(tmp_path):
    path = tmp_path / "run.h5"
    one_pool(path).run(20.0)
    with pytest.raises(FileExistsError, match="is there, with another run, from 0 ms on"):
        one_pool(path).run(20.0)
    assert iz.open_results(path).stop == 20.0
    notes = tmp_path / "notes.h5"
    notes.write_text("mine")
    with pytest.raises(FileExistsError, match="is no file of recorded runs"):
        one_pool(notes).run(20.0)
    assert notes.read_text() == "mine"
    with h5py.File(tmp_path / "data.h5", "w") as file:
        file["x"] = [1, 2]
    with pytest.raises(FileExistsError, match="is no file of recorded runs"):
        one_pool(tmp_path / "data.h5").run(20.0)


def test_a_run_that_does_not_go_on_is_refused(tmp_path):
    path = tmp_path / "run.h5"
    pool = one_pool(path)
    stored = pool.store()
    pool.run(20.0)
    pool.restore(stored)
    pool.record("spikes", to=path)
    with pytest.raises(
        ValueError, match=r"has what was at 0 to 20 ms, and this run begins at 0 ms; record to an"
    ):
        pool.run(20.0)
    pool.reset()
    with pytest.raises(FileExistsError, match="or of this one before a reset"):
        pool.run(20.0)


def test_a_gap_is_refused(tmp_path):
    path = tmp_path / "run.h5"
    pool = one_pool(path)
    pool.run(20.0)
    pool.record("spikes", to="memory")
    pool.run(20.0)
    pool.record("spikes", to=path)
    with pytest.raises(ValueError, match="ends at 20 ms, and this run begins at 40 ms"):
        pool.run(20.0)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda net: net.record("v", "inh", neurons=[9]), "the traces of 'inh' cannot"),
        (lambda net: net.record("counts", "exc"), "whose spikes are kept of 'exc' cannot"),
        (lambda net: net.record("counts", "inh", every=5.0), "whose spikes are kept of 'inh' cannot"),
        (lambda net: net.pool("more", 3), "pools cannot change in a file"),
    ],
)  # fmt: skip
def test_what_is_recorded_stays_the_same_in_a_file(tmp_path, change, told):
    net = network(tmp_path / "run.h5")
    net.run(10.0)
    if "traces" in told:
        net.record("v", "inh", neurons=[])
        net.record("v", "inh", neurons=[9], every=1.0)
    else:
        change(net)
    with pytest.raises(ValueError, match=told):
        net.run(10.0)
    net.record("spikes", to="memory")
    net.run(10.0)


def test_other_bins_are_refused(tmp_path):
    net = network(tmp_path / "run.h5", counts=True)
    net.run(10.0)
    net.record("counts", "noise", every=5.0)
    with pytest.raises(ValueError, match="the bins in which spikes of 'noise' are counted cannot change"):
        net.run(10.0)


def test_bad_names_are_told(tmp_path):
    pool = one_pool()
    with pytest.raises(TypeError, match="to: expected the name of a file, or 'memory', got 3"):
        pool.record("spikes", to=3)
    with pytest.raises(FileNotFoundError, match="to: there is no folder"):
        pool.record("spikes", to=tmp_path / "none" / "run.h5")
    with pytest.raises(IsADirectoryError, match="got that of a folder"):
        pool.record("spikes", to=tmp_path)
    with pytest.raises(ValueError, match="keep= is of memory, and to="):
        pool.record("spikes", to=tmp_path / "run.h5", keep=10.0)
    assert pool.run(5.0).stop == 5.0
    assert [*tmp_path.iterdir()] == []


def test_files_that_cannot_be_opened(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no such file"):
        iz.open_results(tmp_path / "none.h5")
    with h5py.File(tmp_path / "data.h5", "w") as file:
        file["x"] = [1, 2]
    with pytest.raises(ValueError, match="is no file that runs have recorded to"):
        iz.open_results(tmp_path / "data.h5")
    (tmp_path / "text.h5").write_text("no")
    with pytest.raises(OSError, match=r"text.h5|file signature"):
        iz.open_results(tmp_path / "text.h5")


def test_a_later_format_is_told(tmp_path, monkeypatch):
    from izhi_numba.results import manifest

    with monkeypatch.context() as context:
        context.setattr(manifest, "FORMAT", 99)
        one_pool(tmp_path / "run.h5").run(5.0)
    with pytest.raises(ValueError, match="it is of format 99, written by izhi_numba"):
        iz.open_results(tmp_path / "run.h5")


def test_a_trace_that_does_not_fit_is_told(both, monkeypatch):
    opened = iz.open_results(inside.recording(both[2]["exc"]).record.path)["exc"]
    trace = opened.traces["v"]
    inside.without_memory(monkeypatch)
    with pytest.raises(MemoryError, match="ask for fewer rows at once"):
        np.asarray(trace)
    with pytest.raises(MemoryError, match="ask for a window of time, or for fewer neurons"):
        opened.spikes  # noqa: B018
    with pytest.raises(MemoryError, match="ask for rates in bins"):
        opened.spikes_per_step  # noqa: B018


# When something comes in between


def test_a_file_that_is_removed_ends_the_run(tmp_path):
    path = tmp_path / "run.h5"
    pool = one_pool(path)
    pool.run(10.0)

    def remove(pool):
        path.unlink(missing_ok=True)

    with pytest.raises(FileNotFoundError, match="was removed, or replaced, while it was written"):
        pool.run(10.0, every={5.0: remove})
    pool.record("spikes", to=tmp_path / "other.h5")
    assert pool.run(10.0).duration == 10.0


def test_a_full_disk_ends_the_run_with_what_was_written(tmp_path, monkeypatch):
    path, pool, alone = tmp_path / "run.h5", one_pool(tmp_path / "run.h5"), one_pool()
    pool.run(50.0)

    def full(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as context:
        context.setattr(staged.os, "pwrite", full)
        with pytest.raises(OSError, match="No space left") as caught:
            pool.run(100.0)
    assert_same_run(alone.run(50.0), iz.open_results(path))
    assert_same_run(alone.run(100.0), caught.value.result)
    with pytest.raises(ValueError, match="ends at 50 ms, and this run begins at 150 ms"):
        pool.run(10.0)
    pool.record("spikes", to=tmp_path / "rest.h5")
    assert_same_run(alone.run(10.0), pool.run(10.0))


def test_an_interrupted_run_goes_on_in_the_file(tmp_path):
    path, alone = tmp_path / "run.h5", one_pool()
    pool = one_pool(path)

    def interrupt(pool):
        if pool.t == 30.0:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        pool.run(100.0, every={10.0: interrupt})
    assert (caught.value.result.stop, iz.open_results(path).stop) == (30.0, 30.0)
    pool.run(70.0)
    assert_same_run(alone.run(100.0), iz.open_results(path))


def test_signals_at_any_moment_lose_nothing(tmp_path, monkeypatch):
    inside.write_at_once(monkeypatch)
    path, pool, alone = tmp_path / "run.h5", one_pool(tmp_path / "run.h5", n=1000), one_pool(n=1000)
    pool.run(1.0)
    rng = np.random.default_rng(1)
    for _ in range(12):
        timer = threading.Timer(float(rng.uniform(0.05, 0.3)), os.kill, (os.getpid(), signal.SIGINT))
        timer.start()
        with pytest.raises(KeyboardInterrupt) as caught:
            pool.run(100_000.0)
        assert caught.value.result.stop == pool.t
        timer.join()
        assert iz.open_results(path).stop == pool.t
    assert_same_run(alone.run(pool.t), iz.open_results(path))


def _child(pool, queue):
    try:
        pool.run(10.0)
    except ValueError as error:
        queue.put(str(error))


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_does_not_write_to_it(tmp_path):
    path = tmp_path / "run.h5"
    pool = one_pool(path)
    pool.run(20.0)
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    child = context.Process(target=_child, args=(pool, queue))
    child.start()
    assert "is written by the process that this one was forked from" in queue.get(timeout=60)
    child.join()
    pool.run(20.0)
    assert iz.open_results(path).stop == 40.0


def test_one_step_at_a_time(tmp_path):
    pool, alone = one_pool(tmp_path / "run.h5"), one_pool()
    results = [pool.step() for _ in range(20)]
    assert_same_run(alone.run(20.0), sum(results))
    pool.update()
    with pytest.raises(ValueError, match="ends at 20 ms, and this run begins at 21 ms"):
        pool.step()
