"""Weights of synapses at intervals: against what functions of the run read by hand, in memory and in files."""

import copy
import errno
import itertools
import pickle

import h5py
import numpy as np
import pytest

import izhi_numba as iz
from izhi_numba.storage import staged
from tests import inside

DT = 0.5
NAMES = ["exc -> inh ampa", "exc -> inh ampa (2)", "inh -> exc", "exc[0:79:3] -> inh ampa"]


def network(to=None, threads=2, **options):
    """Two pools and projections of each kind: own weights, shared rows, one weight, all to all, given pairs."""
    net = iz.Network(dt=DT, seed=3, threads=threads)
    exc, inh = net.pool("exc", 80), net.pool("inh", 30, receptors={"ampa": iz.AMPA})
    exc.drive(exc, 9.0 + iz.noise(3.0))
    some = iz.uniform(0.0, 0.3)
    net.connect(exc, inh, rule=iz.fixed_outdegree(4), weight=some, delay=iz.integers(1, 3))
    net.connect(exc, inh, rule=iz.fixed_probability(0.1), weight=some, delay=iz.integers(1, 3))
    net.connect(inh, exc, rule=iz.all_to_all(), weight=some)
    net.connect(exc[::3], inh, rule=iz.from_arrays([0, 1, 1, 26], [2, 29, 3, 0]), weight=0.5, delay=1.0)
    if to is not None or options:
        net.record("spikes", to=to, **options)
    return net


def weighed(*args, every=5.0, **options):
    """The same, with weights of all projections recorded."""
    net = network(*args, **options)
    for synapses in net.synapses:
        synapses.record(every=every)
    return net


def change(net):
    """Change weights in every way, by turns, with what follows from the time alone."""
    number = round(net.t / DT)
    first, second, dense, given = net.synapses
    match number // 5 % 6:
        case 0:
            first.weights = (0.1 + 1e-3 * number) * np.linspace(0.0, 1.0, len(first))
        case 1:
            second[3:9, :] = 1e-4 * number
        case 2:
            dense[5, 7] = 1e-3 * number
            first.gain = 1.0 + 1e-3 * number
        case 3:
            given.weights = [1e-3 * number, 0.0, 0.25, 0.5]
            second.gain = 0.5
        case 4:
            second.weights = 1e-4 * number


def by_hand(net, duration, every, change=change, interval=2.5):
    """Run, and read all weights in a function of the run, after which they are changed.

    Returns the result, and by projection the times and the weights.
    """
    seen = [([], []) for _ in net.synapses]

    def look(net):
        if net.t > start and round(net.t / DT) % round(every / DT) == 0:
            for (times, rows), synapses in zip(seen, net.synapses, strict=True):
                times.append(net.t)
                rows.append(synapses.weights)
        change(net)

    start = net.t
    result = net.run(duration, every={interval: look})
    if round(net.t / DT) % round(every / DT) == 0:  # at the end of a run no function is called
        for (times, rows), synapses in zip(seen, net.synapses, strict=True):
            times.append(net.t)
            rows.append(synapses.weights)
    return result, [(np.array(times), np.array(rows)) for times, rows in seen]


def same(found, expected):
    """The same weights, of the same synapses, at the same times."""
    assert [*found] == [*expected]
    for name, one in expected.items():
        its = found[name]
        np.testing.assert_array_equal(its.t, one.t)
        values = np.asarray(its.values)
        assert values.dtype == np.asarray(one.values).dtype
        assert values.tobytes() == np.asarray(one.values).tobytes(), name
        assert its.values.shape == (len(one.t), len(one.sources))
        np.testing.assert_array_equal(its.sources, one.sources)
        np.testing.assert_array_equal(its.targets, one.targets)
        assert its.unit == one.unit


# ---- Against weights that are read by hand


@pytest.mark.parametrize("every", [2.5, 5.0, 7.5, 0.5])
def test_weights_are_those_read_by_hand(every):
    net = weighed(every=every)
    result, seen = by_hand(net, 90.0, every, interval=min(every, 2.5))
    assert [*result.weights] == NAMES
    for (times, rows), weights, synapses in zip(seen, result.weights.values(), net.synapses, strict=True):
        np.testing.assert_array_equal(weights.t, times)
        np.testing.assert_array_equal(weights.t, every * np.arange(1, 90 // every + 1))
        np.testing.assert_array_equal(weights.values, rows)
        assert len(np.unique(rows, axis=0)) > 2  # they did change
        pre, post, _, _ = synapses.to_arrays()
        sources, targets = (np.arange(80)[one] for one in (synapses.sources, synapses.targets))
        np.testing.assert_array_equal(weights.sources, sources[pre])
        np.testing.assert_array_equal(weights.targets, targets[post])
        assert weights.sources.dtype == weights.targets.dtype == np.int32
        assert weights.values.dtype == np.float32
    assert [one.unit for one in result.weights.values()] == ["nS", "nS", "", "nS"]
    assert repr(result.weights["inh -> exc"]) == f"<weights of 2400 synapses at {len(seen[0][0])} times>"


def test_recording_changes_no_spikes():
    alone, recorded = network(), weighed(every=1.5)
    for one, other in zip(alone.run(60.0).values(), recorded.run(60.0).values(), strict=True):
        np.testing.assert_array_equal(one.spikes.i, other.spikes.i)
        np.testing.assert_array_equal(one.spikes.t, other.spikes.t)


def test_the_same_for_any_number_of_threads_and_in_pieces():
    whole = by_hand(weighed(threads=1), 60.0, 5.0)[0]
    for threads in (2, 3):
        net = weighed(threads=threads)
        parts = [net.run(12.5, every={2.5: change}), *(net.run(2.5, every={2.5: change}) for _ in range(5))]
        parts.append(net.run(35.0, every={2.5: change}))
        same(sum(parts).weights, whole.weights)


def test_single_steps():
    net, other = weighed(every=1.0), weighed(every=1.0)
    parts = [net.step() for _ in range(9)]
    assert [len(one.weights["inh -> exc"].t) for one in parts] == [0, 1] * 4 + [0]
    assert parts[0].weights["inh -> exc"].values.shape == (0, 2400)
    same(sum(parts).weights, other.step(9).weights)


def test_some_synapses():
    net = network()
    first, second, dense, given = net.synapses
    chosen = [
        (first, {"pre": slice(10, 20)}), (second, {"post": [3, 4, 9]}), (dense, {"pre": 5, "post": slice(3, 90)}),
        (given, {"pre": [1, 26], "post": [0, 29]}),
    ]  # fmt: skip
    for synapses, sides in chosen:
        synapses.record(every=2.5, **sides)
    seen = [[] for _ in chosen]

    def look(net):
        for rows, (synapses, sides) in zip(seen, chosen, strict=True):
            rows.append(synapses[sides.get("pre", slice(None)), sides.get("post", slice(None))])
        change(net)

    result = net.run(80.0, every={2.5: look})
    for rows, (synapses, sides), weights in zip(seen, chosen, result.weights.values(), strict=True):
        np.testing.assert_array_equal(weights.values[:-1], rows[1:])
        assert len(np.unique(weights.values, axis=0)) > 1
        pre, post, _, _ = synapses.to_arrays()
        inside = np.isin(pre, np.arange(80)[sides.get("pre", slice(None))])
        inside &= np.isin(post, np.arange(80)[sides.get("post", slice(None))])
        np.testing.assert_array_equal(weights.sources, np.arange(80)[synapses.sources][pre][inside])
        np.testing.assert_array_equal(weights.targets, post[inside])
    assert result.weights[NAMES[3]].sources.tolist() == [3, 78]


def test_a_gain_is_not_in_them():
    """Also where rows are shared, and hold the weights times the gain."""
    net = weighed(every=1.0)
    before = [one.weights for one in net.synapses]
    for synapses in net.synapses:
        synapses.gain = 0.5
    result = net.run(3.0)
    for weights, drawn in zip(result.weights.values(), before, strict=True):
        np.testing.assert_array_equal(weights.values, [drawn] * 3)
    net.synapses[0].weights = 0.1
    np.testing.assert_array_equal(net.run(1.0).weights[NAMES[0]].values, np.float32([[0.1] * 320]))


def test_a_pool_alone():
    pool = iz.Pool(20, seed=1, dtype="float64")
    pool.group("left", 5)
    synapses = pool.connect("left", pool, rule=iz.fixed_outdegree(2), weight=1.5)
    pool.connect(pool, pool, rule=iz.fixed_outdegree(2), weight=iz.uniform(0, 1))
    synapses.record(every=10.0)

    def double(pool, last):
        seen.append(last.weights["left -> pool"])
        synapses.weights = 2 * synapses.weights

    seen = []
    result = pool.run(40.0, every={20.0: double})
    weights = result.weights["left -> pool"]
    assert [*result.weights] == ["left -> pool"]
    np.testing.assert_array_equal(weights.values, np.repeat([[3.0], [3.0], [6.0], [6.0]], 10, axis=1))
    assert weights.values.dtype == np.float64
    assert [one.t.tolist() for one in seen] == [[], [10.0, 20.0]]
    np.testing.assert_array_equal(seen[1].values, weights.values[:2])
    assert result["left"].weights == {}
    assert result[:].weights is result.weights
    same(pickle.loads(pickle.dumps(result)).weights, result.weights)


def test_a_row_takes_memory_where_weights_have_changed():
    net = weighed(every=1.0)

    def write(net):
        net.synapses[0][3, :] = net.t * 0.01

    weights = net.run(100.0, every={25.0: write}).weights
    for name, n_arrays in zip(NAMES, (4, 1, 1, 1), strict=True):
        rows = inside.rows_of_weights(weights[name])
        assert len(rows) == 100
        assert len({id(row) for row in rows}) == n_arrays


def test_what_is_read_is_not_what_is_written():
    """Arrays that results hold stay as they were."""
    net = weighed(every=1.0)
    for synapses in net.synapses:
        synapses.gain = 0.5  # so that shared rows keep what was written beside
        synapses.weights = np.linspace(0.0, 0.2, len(synapses))
    first = net.run(1.0)
    kept = {name: one.values.copy() for name, one in first.weights.items()}
    second = net.run(1.0)
    for one in second.weights.values():
        one.values[:] = 7.0
    for synapses in net.synapses:
        synapses.weights = 0.25 * synapses.weights
    third = net.run(1.0)
    for name, values in kept.items():
        np.testing.assert_array_equal(first.weights[name].values, values)
        np.testing.assert_array_equal(third.weights[name].values, np.float32(0.25) * values)


# ---- What is asked for


def test_names_are_those_that_are_shown():
    net = network()
    for synapses in reversed(net.synapses):  # the order in which they are asked for does not count
        synapses.record(every=5.0)
    weights = net.run(5.0).weights
    assert [*weights] == NAMES
    for name, synapses in zip(NAMES, net.synapses, strict=True):
        assert repr(synapses).startswith(f"<{name.removesuffix(' (2)')}: ")
    first, second = net.synapses[:2]
    first.remove()
    third = net.connect("exc", "inh", rule=iz.fixed_outdegree(2), weight=0.1)
    third.record(every=5.0)
    assert [*net.run(5.0).weights] == [*NAMES[1:], "exc -> inh ampa (3)"]  # that of the second one stays
    second.record(every=None)
    third.record(every=5.0)
    second.record(every=5.0)
    assert [*net.run(5.0).weights] == ["exc -> inh ampa", *NAMES[2:], "exc -> inh ampa (3)"]


def test_several_receptors_have_names_of_their_own():
    cells = iz.Pool(10, iz.AdEx, receptors={"ampa": iz.AMPA, "nmda": iz.NMDA}, seed=1)
    factors = {"ampa": 1.0, "nmda": 0.4}
    both = cells.connect(cells, cells, rule=iz.fixed_indegree(3), weight=2.0, receptor=factors)
    for synapses in both.values():
        synapses.record(every=1.0)
    assert [*cells.run(2.0).weights] == ["pool -> pool ampa", "pool -> pool nmda"]


def test_it_ends_and_begins_anew():
    net = weighed()
    net.synapses[1].record(every=None)
    net.synapses[0].record(every=2.0)
    net.synapses[2].record(every=5.0, pre=0)
    result = net.run(20.0)
    assert [*result.weights] == [NAMES[0], NAMES[2], NAMES[3]]
    assert [len(one.t) for one in result.weights.values()] == [10, 4, 4]
    assert result.weights["inh -> exc"].values.shape == (4, 80)
    for synapses in net.synapses:
        synapses.record(every=None)
    assert net.run(20.0).weights == {}


def test_a_run_records_what_was_asked_for_before_it():
    net = network()
    net.synapses[0].record(every=1.0)

    def ask(net):
        net.synapses[0].record(every=None)
        net.synapses[1].record(every=1.0)

    assert [*net.run(4.0, every={2.0: ask}).weights] == NAMES[:1]
    assert [*net.run(4.0).weights] == NAMES[1:2]


def test_messages(monkeypatch):
    net = network()
    first, _, _, given = net.synapses
    with pytest.raises(ValueError, match=r"every: expected a multiple of dt = 0.5 ms, got 0.7"):
        first.record(every=0.7)
    with pytest.raises(TypeError, match="every: expected a finite number, got 'often'"):
        first.record(every="often")
    with pytest.raises(TypeError, match=r"record: every is missing, as in synapses.record\(every=100.0\)"):
        first.record()
    with pytest.raises(TypeError, match="record: no argument 'sources'"):
        first.record(every=1.0, sources=[1])
    with pytest.raises(ValueError, match="every=None ends it for all synapses; give an interval for some"):
        first.record(every=None, pre=[3])
    with pytest.raises(IndexError, match="pre: expected indices from 0 to 79"):
        first.record(every=1.0, pre=[80])
    with pytest.raises(IndexError, match="post: expected a slice of consecutive neurons"):
        first.record(every=1.0, post=slice(None, None, 2))
    with pytest.raises(IndexError, match=r"record: there is no synapse from any to \[4, 7\]"):
        given.record(every=1.0, post=[4, 7])
    with pytest.raises(IndexError, match=r"record: there is no synapse from 2:9 to any"):
        given.record(every=1.0, pre=slice(2, 9))
    nothing = net.connect("exc", "inh", rule=iz.fixed_probability(0.0))
    with pytest.raises(IndexError, match="record: there is no synapse from any to any"):
        nothing.record(every=1.0)
    nothing.remove()
    with pytest.raises(RuntimeError, match="were removed"):
        nothing.record(every=1.0)
    assert net.run(1.0).weights == {}  # nothing of that was taken up
    first.record(every=1.0)
    with pytest.raises(
        KeyError, match=r"no weights of 'inh -> exc' were recorded; recorded: exc -> inh ampa. Ask"
    ):
        net.run(1.0).weights["inh -> exc"]
    with pytest.raises(
        KeyError, match=r"recorded: none. Ask with .*; results of a part of a network or pool"
    ):
        net.run(1.0)["exc"].weights[NAMES[0]]
    with pytest.raises(MemoryError, match="the traces, counts and weights of 20000000000 steps would take"):
        net.run(1e10)
    pool = iz.Pool(4)
    synapses = pool.connect(pool, pool, rule=iz.one_to_one())
    del pool
    with pytest.raises(RuntimeError, match="the pool or network of the synapses pool -> pool is gone"):
        synapses.record(every=1.0)


def test_removed_synapses():
    net = weighed()
    net.synapses[1].remove()
    assert [*net.run(5.0).weights] == [NAMES[0], *NAMES[2:]]

    def cut(net):
        if net.t == 15.0:
            net.synapses[1].remove()

    result = net.run(20.0, every={5.0: cut})  # from 5 ms on
    weights = result.weights["inh -> exc"]
    assert weights.t.tolist() == [10.0, 15.0]
    assert weights.values.shape == (2, 2400)
    assert len(result.weights[NAMES[0]].t) == 4
    assert [*net.run(5.0).weights] == [NAMES[0], NAMES[3]]


# ---- Results


def test_runs_in_sequence():
    parts = [by_hand(net := weighed(), 11.0, 5.0)[0], by_hand(net, 4.0, 5.0)[0], by_hand(net, 45.0, 5.0)[0]]
    assert [one.weights["inh -> exc"].t.tolist() for one in parts[:2]] == [[5.0, 10.0], [15.0]]
    joined = sum(parts)
    assert joined.weights["inh -> exc"].t.tolist() == [*range(5, 61, 5)]
    for name, one in joined.weights.items():
        np.testing.assert_array_equal(
            one.values, np.concatenate([part.weights[name].values for part in parts])
        )
    net.synapses[2].record(every=5.0, pre=[1])
    with pytest.raises(
        ValueError, match="those of 'inh -> exc' were recorded of other synapses, or at other"
    ):
        parts[-1] + net.run(5.0)
    before = net.run(5.0)
    net.synapses[2].record(every=2.5, pre=[1])
    with pytest.raises(ValueError, match="of other synapses, or at other intervals, in the second run"):
        before + net.run(5.0)
    before = net.run(5.0)
    net.synapses[2].record(every=None)
    after = net.run(5.0)
    with pytest.raises(
        ValueError, match="same weights; those of 'inh -> exc' were recorded in the first run alone"
    ):
        before + after
    net.synapses[2].record(every=5.0)
    with pytest.raises(ValueError, match="those of 'inh -> exc' were recorded in the second run alone"):
        after + net.run(5.0)


def test_files_of_results(tmp_path):
    net, path = weighed(), tmp_path / "run.izhi"
    first, second = by_hand(net, 20.0, 5.0)[0], by_hand(net, 20.0, 5.0)[0]
    first.save(path)
    loaded = iz.load_result(path)
    same(loaded.weights, first.weights)
    same((loaded + second).weights, (first + second).weights)
    (loaded + second).save(path)
    same(iz.load_result(path).weights, (first + second).weights)
    pool = iz.Pool(20, seed=1)
    pool.connect(pool, pool, rule=iz.fixed_outdegree(2), weight=iz.uniform(0, 1)).record(
        every=2.0, pre=[1, 5]
    )
    result = pool.run(5.0)
    result.save(path)
    same(iz.load_result(path).weights, result.weights)
    result[:3].save(path)
    assert iz.load_result(path).weights == {}


def test_a_result_with_weights_that_do_not_fit_is_told(tmp_path, monkeypatch):
    result = weighed().run(10.0)
    inside.save_weights_of_fewer(monkeypatch)
    result.save(tmp_path / "run.izhi")
    with pytest.raises(ValueError, match="weights of another number than there are synapses and times"):
        iz.load_result(tmp_path / "run.izhi")


# ---- What is kept


@pytest.mark.parametrize("keep", [3.0, 5.0, 12.5, 100.0])
def test_the_last_of_a_run(keep):
    whole = by_hand(weighed(), 60.0, 5.0)[0]
    last = by_hand(weighed(keep=keep), 60.0, 5.0)[0]
    assert last.start == max(0.0, 60.0 - keep)
    for name, one in whole.weights.items():
        inside = one.t > last.start
        np.testing.assert_array_equal(last.weights[name].t, one.t[inside])
        np.testing.assert_array_equal(last.weights[name].values, one.values[inside])


def test_a_long_run_holds_few_rows():
    def write(net):
        net.synapses[0].weights = 1e-3 * net.t % 0.2
        held.append(rows())

    net, held = weighed(every=1.0, keep=5.0), []
    rows = inside.rows_held(net)
    net.run(400.0, every={10.0: write})
    assert 4 <= max(held) <= 4 * 15  # those of the last steps and one stretch of the run


# ---- Keeping a state


@pytest.mark.parametrize("threads", [1, 3])
def test_checkpoints_within_a_run(tmp_path, threads):
    path = tmp_path / "net.izhi"

    def save(net):
        change(net)
        if net.t == 22.5:
            net.save(path)

    net = weighed(every=7.5)
    whole = net.run(60.0, every={2.5: save})
    again = iz.load(path, threads=threads)
    rest = again.run(37.5, every={2.5: lambda net: change(net) if net.t > 22.5 else None})
    for name, one in whole.weights.items():
        later = one.t > 22.5
        np.testing.assert_array_equal(rest.weights[name].t, one.t[later])
        np.testing.assert_array_equal(rest.weights[name].values, one.values[later])


def test_copies_and_stored_states():
    net = weighed()
    net.synapses[2].record(every=2.0, pre=[3], post=slice(4, 8))
    net.run(7.0)
    kept = net.store()
    whole = by_hand(net, 20.0, 5.0)[0]
    for synapses in net.synapses[:3]:
        synapses.record(every=None)
    net.restore(kept)
    same(by_hand(net, 20.0, 5.0)[0].weights, whole.weights)
    net.restore(kept)
    twin = copy.deepcopy(net)
    net.synapses[0].record(every=None)
    same(by_hand(twin, 20.0, 5.0)[0].weights, whole.weights)
    net.restore(kept)
    net.reset()
    assert net.run(2.0).weights["inh -> exc"].values.shape == (1, 4)


@pytest.mark.parametrize("wrong", [
    {"number": 9}, {"every": 0}, {"size": -1}, {"pre": np.array([5, 5])}, {"post": np.array([30])},
    {"pre": np.array([1], np.int32)}, {"name": NAMES[2]},
])  # fmt: skip
def test_wishes_that_cannot_be_are_refused(tmp_path, wrong):
    net = weighed()
    inside.wish_otherwise(net, **wrong)
    net.save(tmp_path / "net.izhi")
    with pytest.raises(ValueError, match=r"damaged.*whose weights are recorded"):
        iz.load(tmp_path / "net.izhi")


# ---- Files that runs record to


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """Two runs in memory, and the same in a file."""
    path = tmp_path_factory.mktemp("weights") / "run.h5"
    nets = weighed(), weighed(path)
    return *([by_hand(net, length, 5.0)[0] for length in (33.0, 47.0)] for net in nets), path


def test_a_file_has_the_same(both):
    in_memory, in_file, path = both
    for one, other in zip(in_memory, in_file, strict=True):
        same(other.weights, one.weights)
    same(sum(in_file).weights, sum(in_memory).weights)
    same(iz.open_results(path).weights, sum(in_memory).weights)
    same(pickle.loads(pickle.dumps(in_file[1])).weights, in_memory[1].weights)


def test_runs_in_memory_and_in_files_are_joined(tmp_path):
    net, parts = weighed(), []
    for to in ("memory", tmp_path / "a.h5", tmp_path / "b.h5", "memory"):
        net.record("spikes", to=to)
        parts.append(by_hand(net, 20.0, 5.0)[0])
    same(sum(parts).weights, by_hand(weighed(), 80.0, 5.0)[0].weights)


def test_rows_are_read_where_they_are_asked_for(both):
    whole, found = sum(both[0]).weights["inh -> exc"], iz.open_results(both[2]).weights["inh -> exc"]
    assert not isinstance(found.values, np.ndarray)
    for key in (3, -1, slice(2, 5), (slice(None), 7), slice(None, None, 3)):
        np.testing.assert_array_equal(found.values[key], whole.values[key])


def test_other_programs_read_them(both):
    whole = sum(both[0]).weights
    with h5py.File(both[2]) as file:
        assert set(file["weights"]) == {*NAMES[:3], "exc[0_79_3] -> inh ampa"}
        group = file["weights"][NAMES[0]]
        np.testing.assert_array_equal(group["data"][:], whole[NAMES[0]].values)
        np.testing.assert_array_equal(group["sources"][:], whole[NAMES[0]].sources)
        np.testing.assert_array_equal(group["targets"][:], whole[NAMES[0]].targets)
        told = group["data"].attrs
        assert (told["first"], told["interval"], told["units"]) == (5.0, 5.0, "nS")


def test_a_pool_alone_in_a_file(tmp_path):
    def pool(to=None):
        made = iz.Pool(20, seed=1)
        made.connect(made, made, rule=iz.fixed_outdegree(2), weight=iz.uniform(0, 1)).record(every=2.0)
        if to is not None:
            made.record("spikes", to=to)
        return made

    expected, found = pool().run(9.0), pool(tmp_path / "run.h5").run(9.0)
    same(found.weights, expected.weights)
    same(iz.open_results(tmp_path / "run.h5").weights, expected.weights)


def test_a_file_is_saved_as_a_result(both, tmp_path):
    both[1][1].save(tmp_path / "run.izhi")
    same(iz.load_result(tmp_path / "run.izhi").weights, both[0][1].weights)


def test_many_small_pieces(tmp_path, monkeypatch):
    inside.write_at_once(monkeypatch)
    found = by_hand(weighed(tmp_path / "run.h5"), 60.0, 5.0)[0]
    same(found.weights, by_hand(weighed(), 60.0, 5.0)[0].weights)


def test_many_weights_do_not_wait(tmp_path, monkeypatch):
    inside.write_weights_at_once(monkeypatch, most=5000)
    net, held = weighed(tmp_path / "run.h5", every=0.5), []
    rows = inside.rows_held(net)
    net.run(50.0, every={0.5: lambda net: held.append(rows())})
    assert max(held) <= 8  # of 3000 weights in all four
    assert iz.open_results(tmp_path / "run.h5").weights["inh -> exc"].values.shape == (100, 2400)


def test_functions_have_weights_since_their_last_call(tmp_path):
    def seen(to=None):
        found = []
        net = weighed(to)
        net.run(60.0, every={2.5: change, 20.0: lambda net, last: found.append(last.weights)})
        return found

    expected, found = seen(), seen(tmp_path / "run.h5")
    assert [one["inh -> exc"].t.tolist() for one in found] == [
        [],
        [5.0, 10.0, 15.0, 20.0],
        [25.0, 30.0, 35.0, 40.0],
    ]
    for one, other in zip(found, expected, strict=True):
        same(one, other)


def test_it_is_read_while_it_is_written(tmp_path):
    path, seen = tmp_path / "run.h5", []

    def look(net):
        change(net)
        result = iz.open_results(path)
        weights = result.weights["exc -> inh ampa"]
        seen.append((result.stop, weights.t, np.asarray(weights.values)))

    whole = weighed(path, every=2.5).run(100.0, every={2.5: look}).weights["exc -> inh ampa"]
    for stop, times, values in seen:
        np.testing.assert_array_equal(times, whole.t[whole.t <= stop])
        np.testing.assert_array_equal(values, whole.values[: len(times)])
    assert len(seen[-1][1]) > 0


def test_a_checkpoint_is_gone_on_from_in_the_same_file(tmp_path):
    path, saved = tmp_path / "run.h5", tmp_path / "net.izhi"
    whole = by_hand(weighed(), 100.0, 5.0)[0]
    net = weighed(path)
    by_hand(net, 42.5, 5.0)
    net.save(saved)
    net.synapses[0].weights = 0.01
    net.run(33.0)  # and then it is lost
    del net
    again = iz.load(saved, threads=1)
    again.record("spikes", to=path)
    by_hand(again, 20.0, 5.0)
    by_hand(again, 37.5, 5.0)
    same(iz.open_results(path).weights, whole.weights)


def test_a_checkpoint_at_the_time_of_a_row(tmp_path):
    path, saved = tmp_path / "run.h5", tmp_path / "net.izhi"

    def save(net):
        change(net)
        if net.t == 40.0:
            net.save(saved)

    weighed(path).run(90.0, every={2.5: save})
    again = iz.load(saved)
    again.record("spikes", to=path)
    again.run(60.0, every={2.5: lambda net: change(net) if net.t > 40.0 else None})
    same(iz.open_results(path).weights, by_hand(weighed(), 100.0, 5.0)[0].weights)


def test_what_is_recorded_stays_the_same_in_a_file(tmp_path):
    net = weighed(tmp_path / "run.h5")
    net.run(10.0)
    told = "what is recorded of synapses cannot change in a file; record to another file"
    for other in ({"every": 2.5}, {"every": 5.0, "pre": [1, 2]}, {"every": None}):
        net.synapses[0].record(**other)
        with pytest.raises(ValueError, match=told):
            net.run(10.0)
    net.synapses[0].record(every=5.0)
    net.run(10.0)
    net.synapses[0].record(every=5.0, pre=[1, 2])
    other = weighed(tmp_path / "other.h5")
    other.synapses[0].record(every=5.0, pre=[1, 2])
    other.run(10.0)
    other.synapses[0].record(every=5.0, pre=[1, 3])  # as many synapses
    with pytest.raises(ValueError, match=told):
        other.run(10.0)
    other.synapses[0].remove()
    with pytest.raises(ValueError, match=told):
        other.run(10.0)


def test_synapses_that_are_removed_in_a_run(tmp_path):
    def cut(net):
        change(net) if net.t < 20.0 else None
        if net.t == 20.0:
            net.synapses[1].remove()

    results = [weighed(to).run(50.0, every={2.5: cut}) for to in (None, tmp_path / "run.h5")]
    same(results[1].weights, results[0].weights)
    opened = iz.open_results(tmp_path / "run.h5").weights
    same(opened, results[0].weights)
    assert opened["exc -> inh ampa (2)"].t.tolist() == [5.0, 10.0, 15.0, 20.0]
    assert len(opened["inh -> exc"].t) == 10


def test_rows_of_what_was_lost_are_cut_off(tmp_path):
    """Also where nothing is written in their place."""
    path, saved = tmp_path / "run.h5", tmp_path / "net.izhi"
    net = weighed(path)
    net.run(10.0)
    net.save(saved)
    net.run(40.0)
    del net
    again = iz.load(saved)
    again.record("spikes", to=path)
    again.run(40.0, every={10.0: lambda net: net.synapses[1].remove() if net.t == 10.0 else None})
    weights = iz.open_results(path).weights
    assert weights["exc -> inh ampa (2)"].t.tolist() == [5.0, 10.0]
    assert len(weights["inh -> exc"].t) == 10


def test_a_file_without_weights_of_before_is_read(tmp_path, monkeypatch):
    from izhi_numba.results import manifest

    def without(self):
        told = asdict(self)
        del told["weights"]
        return told

    asdict = manifest.asdict
    monkeypatch.setattr(manifest, "asdict", without)
    network(tmp_path / "run.h5").run(5.0)
    assert iz.open_results(tmp_path / "run.h5").weights == {}


# ---- When something comes in between


def _interrupted(net, at):
    def interrupt(net):
        change(net)
        if net.t == at:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        net.run(100.0, every={2.5: interrupt})
    return caught.value.result


@pytest.mark.parametrize("at", [30.0, 32.5])
def test_an_interrupted_run(tmp_path, at):
    whole = weighed().run(100.0, every={2.5: change}).weights
    for to in (None, tmp_path / "run.h5"):
        net = weighed(to)
        result = _interrupted(net, at)
        for name, one in whole.items():
            np.testing.assert_array_equal(result.weights[name].t, one.t[one.t <= at])
            np.testing.assert_array_equal(np.asarray(result.weights[name].values), one.values[one.t <= at])
        rest = net.run(100.0 - at, every={2.5: lambda net: change(net) if net.t > at else None})
        same((result + rest).weights, whole)
    same(iz.open_results(tmp_path / "run.h5").weights, whole)


def test_a_run_that_is_stopped():
    def stop(net):
        if net.t == 10.0:
            net.stop()

    result = weighed(every=2.5).run(100.0, every={5.0: stop})
    assert result.stop == 10.0
    assert result.weights["inh -> exc"].t.tolist() == [2.5, 5.0, 7.5, 10.0]


@pytest.mark.parametrize("start", [6.5, 7.0, 7.5, 8.0])
def test_a_run_that_is_stopped_by_its_state(start):
    pool = iz.Pool(50, dt=0.5, seed=1)
    pool.connect(pool, pool, rule=iz.fixed_outdegree(2), weight=iz.uniform(0, 1)).record(every=2.5)
    pool.drive(pool[30:], iz.pulse(1e38, start=start, width=1.0))
    with pytest.raises(iz.SimulationError) as caught:
        pool.run(50.0)
    result = caught.value.result
    assert start < result.stop < start + 2
    np.testing.assert_array_equal(
        result.weights["pool -> pool"].t, 2.5 * np.arange(1, result.stop // 2.5 + 1)
    )


def test_a_full_disk(tmp_path, monkeypatch):
    path, net = tmp_path / "run.h5", weighed(tmp_path / "run.h5")
    first = net.run(50.0)

    def full(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as context:
        context.setattr(staged.os, "pwrite", full)
        with pytest.raises(OSError, match="No space left") as caught:
            net.run(100.0)
    lost = caught.value.result  # in memory
    assert lost.weights["inh -> exc"].t.tolist() == [*range(55, int(lost.stop) + 1, 5)]
    assert lost.weights["inh -> exc"].values.shape == (len(lost.weights["inh -> exc"].t), 2400)
    same(iz.open_results(path).weights, first.weights)


def test_progress_is_told():
    told = []
    net = weighed(every=2.5)
    net.run(50.0, progress=told.append)
    assert told[-1].t == 50.0
    assert len(net.run(20.0, profile=True).weights["inh -> exc"].t) == 8


def test_intervals_of_several():
    net = network()
    for synapses, every in zip(net.synapses, (0.5, 1.5, 2.0, 7.0), strict=True):
        synapses.record(every=every)
    parts = [net.run(length) for length in (0.5, 3.0, 5.5, 20.0)]
    for one, every in zip(sum(parts).weights.values(), (0.5, 1.5, 2.0, 7.0), strict=True):
        np.testing.assert_array_equal(one.t, every * np.arange(1, 29 // every + 1))
    starts = itertools.accumulate([0.0, 0.5, 3.0, 5.5])
    for part, start in zip(parts, starts, strict=True):
        assert all((one.t > start).all() for one in part.weights.values())
