"""A result that was saved and loaded answers as the first."""

import json
import zipfile

import numpy as np
import pytest

import izhi_numba as iz
from izhi_numba.storage.container import Listed, opened, written
from tests.results.test_parts import recorded, same
from tests.storage.damage import damaged


def again(result, path):
    result.save(path)
    return iz.load_result(path)


@pytest.mark.parametrize("spike_times", ["grid", "interpolated"])
def test_a_result_of_a_pool(spike_times, tmp_path):
    pool = recorded(spike_times=spike_times)
    first, second = pool.run(100.0), pool.run(200.0)
    path = tmp_path / "run.izhi"
    for result in (first, first + second, second["right"], second[[59, 3, 40]], second[[]]):
        loaded = again(result, path)
        same(loaded, result)
        assert repr(loaded) == repr(result)
        assert (loaded.units, loaded.compile_time) == (result.units, result.compile_time)
    joined = first + second
    same(again(first, path) + second, joined)
    same(first + again(second, path), joined)
    same(again(second, path)["left"], second["left"])
    np.testing.assert_array_equal(again(joined, path).cv("right"), joined.cv("right"))
    assert again(second, path).plot_raster("left").get_xlim() == second.plot_raster("left").get_xlim()


def test_what_was_not_kept_is_told_as_before(tmp_path):
    pool = iz.Pool(20, seed=1)
    pool.drive(pool, 10.0)
    pool.record("spikes", neurons=[0, 1])
    pool.record("v", neurons=[5])
    result = pool.run(100.0)
    loaded = again(result, tmp_path / "run.izhi")
    np.testing.assert_array_equal(loaded.counts, result.counts)
    np.testing.assert_array_equal(loaded.spikes_per_step, result.spikes_per_step)
    for one in (result, loaded):
        with pytest.raises(ValueError, match="the spikes of 18 of 20 neurons were not kept"):
            one.trains()
    part = again(result[:3], tmp_path / "part.izhi")
    with pytest.raises(KeyError, match=r"'v' was not recorded of these neurons, but of \[5\]"):
        part.traces["v"]


def test_a_result_of_a_network(tmp_path):
    net = iz.Network(dt=0.5, seed=3)
    exc, inh, noise = net.pool("exc", 40), net.pool("inh", 5), net.poisson("noise", 10, 30.0)
    exc.group("left", 20)
    exc.drive(exc, 4.0 + iz.noise(6.0))
    net.connect(noise, inh, rule=iz.all_to_all(), weight=3.0)
    inh.record("v")
    first, second = net.run(100.0, profile=True), net.run(100.0)
    path = tmp_path / "run.izhi"
    loaded = again(first, path)
    assert list(loaded) == ["exc", "inh", "noise"]
    assert (loaded.profile, loaded.groups, loaded["noise"].is_source) == (first.profile, first.groups, True)
    for name in (*first, "exc.left"):
        same(loaded[name], first[name])
        same((loaded + second)[name], (first + second)[name])
    assert loaded.rate(exc["left"]) == first.rate("exc.left")
    net.reset()
    with pytest.raises(ValueError, match="or a reset lies between them"):
        loaded + net.run(100.0)


def changed(path, change):
    """Write the file of a result with another manifest."""
    with opened(path, "result") as reader:
        manifest = reader.text
        arrays = {
            name: reader.array(Listed(*one[:2], tuple(one[2]), one[3]))
            for name, one in manifest["arrays"].items()
        }
    change(manifest)
    with written(path, "result") as writer:
        writer.finish(manifest | {"arrays": {name: [*writer.add(name, one)] for name, one in arrays.items()}})


def lengthened(manifest):
    manifest["parts"][0]["steps"] += 1


def one_neuron(manifest):
    manifest["parts"][0]["n"] = 1


def nameless(manifest):
    del manifest["names"]


@pytest.mark.parametrize(("change", "told"), [
    (lengthened, "the file is damaged, .*its arrays are of other lengths than its manifest says"),
    (one_neuron, "the file is damaged, .*it has neurons that are not among its 1"),
    (nameless, "the file is damaged, .*KeyError: 'names'"),
])  # fmt: skip
def test_what_is_no_result_is_refused(change, told, tmp_path):
    path = tmp_path / "run.izhi"
    recorded().run(50.0).save(path)
    changed(path, change)
    with pytest.raises(ValueError, match=told):
        iz.load_result(path)


def test_files_of_another_kind_are_told(tmp_path):
    pool, path = recorded(), tmp_path / "file.izhi"
    pool.save(path)
    with pytest.raises(ValueError, match=r"expected a file that result\.save has written, got one of pool.save or"
                                         r" net.save: iz.load\(path\)"):  # fmt: skip
        iz.load_result(path)
    pool.run(5.0).save(path)
    with pytest.raises(ValueError, match=r"got one of result.save: iz.load_result\(path\)"):
        iz.load(path)


@pytest.mark.parametrize("count", [300, pytest.param(10_000, marks=pytest.mark.slow)])
def test_damaged_files_are_refused_or_read_as_they_were(tmp_path, count):
    path = tmp_path / "run.izhi"
    result = recorded().run(50.0)
    result.save(path)
    whole, refused = path.read_bytes(), 0
    for seed in range(count):
        path.write_bytes(damaged(whole, seed))
        try:
            loaded = iz.load_result(path)
        except ValueError as error:
            assert str(error).startswith(f"{path}: ")  # noqa: PT017
            refused += 1
        else:
            same(loaded, result)
    assert refused > 0.7 * count


def test_nothing_in_a_file_is_code(tmp_path):
    path = tmp_path / "run.izhi"
    recorded().run(50.0).save(path)
    with zipfile.ZipFile(path) as file:
        names = file.namelist()
        json.loads(file.read("manifest.json"))
    assert {name.rpartition(".")[2] for name in names} == {"json", "npy"}
    assert all(
        np.load(path)[name.removesuffix(".npy")].dtype.kind in "if" for name in names if name.endswith("npy")
    )
