"""Variables of synapses at intervals: against what is read by hand, in memory and in files."""

import copy

import h5py
import numpy as np
import pytest

import izhi_numba as iz
from tests import inside


class Scaled(iz.TsodyksMarkram):
    """One whose variables have units."""

    u = iz.State(0.3, unit="mV")


def network(to=None, threads=2, every=10.0, **options):
    """Synapses that learn, and others; of the first, weights and both variables are recorded."""
    net = iz.Network(dt=0.5, seed=1, threads=threads)
    cells = net.pool("cells", 100)
    net.drive("cells", 8.0 + iz.noise(4.0))
    learns = net.connect(
        cells[::2], cells, rule=iz.fixed_outdegree(10), weight=iz.uniform(0, 1), delay=iz.integers(1, 9),
        plasticity=Scaled(tau_fac=100.0, tau_rec=80.0),
    )  # fmt: skip
    learns.record(["weight", "x"], every=every)
    learns.record("u", every=2 * every, pre=slice(3, 20), post=[1, 2, 3, 4, 5, 50])
    if to is not None or options:
        net.record("spikes", to=to, **options)
    return net


def same(found, expected):
    """The same values, of the same synapses, at the same times."""
    assert {name: [*its] for name, its in found.items()} == {name: [*its] for name, its in expected.items()}
    for name, several in expected.items():
        for variable, one in several.items():
            its = found[name][variable]
            assert (its.variable, its.unit) == (variable, one.unit)
            for attribute in ("t", "sources", "targets"):
                np.testing.assert_array_equal(getattr(its, attribute), getattr(one, attribute))
            mine, other = np.asarray(its.values), np.asarray(one.values)
            assert mine.dtype == other.dtype
            assert mine.tobytes() == other.tobytes(), (name, variable)


@pytest.mark.parametrize("threads", [1, 3])
def test_they_are_those_read_by_hand(threads):
    net, seen = network(threads=threads), []
    (synapses,) = net.synapses

    def look(net):
        seen.append((net.t, synapses.weights, synapses.x, synapses.u))
        if net.t == 40.0:
            synapses.x = 0.5

    result = net.run(100.0, every={10.0: look})
    (name,) = result.synapses
    its = result.synapses[name]
    assert [*its] == ["u", "weight", "x"]
    assert result.weights[name] is its["weight"]
    t, weights, x, u = zip(*seen[1:], (net.t, synapses.weights, synapses.x, synapses.u), strict=True)
    np.testing.assert_array_equal(its["x"].t, t)
    np.testing.assert_array_equal(its["weight"].values, weights)
    np.testing.assert_array_equal(its["x"].values, x)
    assert len(np.unique(x, axis=0)) > 5
    pre, post, _, _ = synapses.to_arrays()
    chosen = (pre >= 3) & (pre < 20) & np.isin(post, [1, 2, 3, 4, 5, 50])
    assert 5 < chosen.sum() < 50
    np.testing.assert_array_equal(its["u"].t, t[1::2])
    np.testing.assert_array_equal(its["u"].values, np.array(u)[1::2][:, chosen])
    np.testing.assert_array_equal(its["u"].sources, 2 * pre[chosen])
    np.testing.assert_array_equal(its["u"].targets, post[chosen])
    assert [one.unit for one in its.values()] == ["mV", "", ""]
    assert repr(its["x"]) == f"<x of {len(synapses)} synapses at 10 times>"


def test_recording_changes_no_bit():
    net, other = network(every=0.5), network()
    for variable in ("weight", "x", "u"):
        other.synapses[0].record(variable, every=None)
    first, second = net.run(100.0), other.run(100.0)
    assert second.synapses == {}
    np.testing.assert_array_equal(first["cells"].spikes.t, second["cells"].spikes.t)
    for name in ("x", "u", "weights"):
        np.testing.assert_array_equal(*(getattr(one.synapses[0], name) for one in (net, other)))


def test_in_pieces_copied_saved_and_loaded(tmp_path):
    whole = network().run(100.0)
    net = network(threads=3)
    first = net.run(35.0)
    net.save(tmp_path / "net.izhi")
    for other in (net, copy.deepcopy(net), iz.load(tmp_path / "net.izhi", threads=1)):
        same((first + other.run(65.0)).synapses, whole.synapses)
    whole.save(tmp_path / "result.izhi")
    loaded = iz.load_result(tmp_path / "result.izhi")
    same(loaded.synapses, whole.synapses)
    assert [*loaded.weights] == [*whole.weights] == [*whole.synapses]


def test_a_file_has_the_same(tmp_path):
    whole, path = network().run(100.0), tmp_path / "run.h5"
    net = network(path)
    first = net.run(35.0)
    same((first + net.run(65.0)).synapses, whole.synapses)
    found = iz.open_results(path)
    same(found.synapses, whole.synapses)
    (name,) = found.synapses
    np.testing.assert_array_equal(found.synapses[name]["x"].values[-1], net.synapses[0].x)
    part = name.replace(":", "_")
    with h5py.File(path) as file:
        np.testing.assert_array_equal(file[f"synapses/{part}/x/data"][:], whole.synapses[name]["x"].values)
        assert file[f"synapses/{part}/u/data"].attrs["units"] == "mV"
        assert {*file["weights"]} == {part}


def test_a_checkpoint_is_gone_on_from_in_the_same_file(tmp_path):
    whole, path = network().run(100.0), tmp_path / "run.h5"
    net = network(path)
    net.run(45.0)
    net.save(tmp_path / "net.izhi")
    net.run(30.0)
    again = iz.load(tmp_path / "net.izhi")
    again.record("spikes", to=path)
    again.run(55.0)
    same(iz.open_results(path).synapses, whole.synapses)


def test_what_is_kept_is_the_last():
    kept, whole = network(keep=30.0).run(100.0), network().run(100.0)
    (name,) = whole.synapses
    np.testing.assert_array_equal(kept.synapses[name]["x"].values[-3:], whole.synapses[name]["x"].values[-3:])
    assert kept.synapses[name]["x"].t.tolist() == [80.0, 90.0, 100.0]


def test_what_stays_the_same_takes_no_memory():
    net = network()
    net.synapses[0].learning = False
    (its,) = net.run(100.0).synapses.values()
    rows = inside.rows_of_weights(its["x"])
    assert len(rows) == 10
    assert len({id(row) for row in rows}) == 1


def test_removed_and_ended():
    net = network()
    (synapses,) = net.synapses
    synapses.record("x", every=None)
    assert [*net.run(20.0).synapses.popitem()[1]] == ["u", "weight"]
    synapses.remove()
    assert net.run(20.0).synapses == {}


def test_messages(tmp_path):
    net = network()
    (synapses,) = net.synapses
    result = net.run(20.0)
    with pytest.raises(ValueError, match="record: expected one of weight, x, u, got 'y'"):
        synapses.record("y", every=1.0)
    with pytest.raises(
        TypeError, match=r"expected the name of what to keep, got 5.0; an interval is given by"
    ):
        synapses.record(5.0, every=1.0)
    with pytest.raises(ValueError, match="record: expected names of what to keep, got none"):
        synapses.record([], every=1.0)
    with pytest.raises(ValueError, match="every=None ends it"):
        synapses.record(["weight", "x"], every=None, pre=3)
    (name,) = result.synapses
    with pytest.raises(
        KeyError, match=r"nothing of the synapses 'a -> b' was recorded; recorded: cells.* -> cells"
    ):
        result.synapses["a -> b"]
    with pytest.raises(KeyError, match=r"no 'y' of these synapses was recorded; recorded: u, weight, x. Ask"):
        result.synapses[name]["y"]
    assert result["cells"][:5].synapses == {}
    synapses.record("x", every=None)
    with pytest.raises(ValueError, match=r"the same variables of synapses; 'x' of 'cells.* in the first run"):
        result + net.run(20.0)
    synapses.record("x", every=10.0)
    first = net.run(20.0)
    synapses.record("x", every=10.0, pre=3)
    with pytest.raises(ValueError, match=r"variables of synapses; 'x' of .* were recorded of other synapses"):
        first + net.run(20.0)
