"""Means over groups of neurons, against the traces of all of them."""

import pickle

import numpy as np
import pytest

import izhi_numba as iz

GROUPS = {
    "pool": None,
    "few": slice(5, 9),
    "tile": slice(1024, 2048),
    "across": slice(1000, 2100),
    "odd": slice(1, None, 2),
    "apart": [2999, 0, 1023, 1024, 2500],
    "one": [1500],
}


def driven(n=3000, model=iz.Izhikevich, **options):
    pool = iz.Pool(n, model, seed=1, **options)
    pool.drive(pool, np.linspace(0, 20, n) + iz.noise(3.0))
    return pool


def with_means(pool, *variables, groups=GROUPS, **options):
    for group in groups.values():
        pool.record(list(variables), neurons=group, mean=True, **options)
    return pool


def with_traces(pool, *variables, **options):
    pool.record(list(variables), **options)
    return pool


def expected(result, variable, group):
    trace = result.traces[variable].astype(np.float64)
    return (trace if group is None else trace[:, group]).mean(axis=1)


def same_as_traces(found, of, *variables, groups=GROUPS):
    for variable in variables:
        name = f"mean_{variable}"
        assert found.traces[name].dtype == np.float64
        assert found.traces[name].shape == (len(of.times(variable)), len(groups))
        np.testing.assert_array_equal(found.times(name), of.times(variable))
        for column, group in enumerate(groups.values()):
            mean = expected(of, variable, group)
            scale = np.abs(of.traces[variable]).max()
            np.testing.assert_allclose(found.traces[name][:, column], mean, rtol=0, atol=1e-14 * scale)


# ---- Against traces


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("every", [None, 2.5])
def test_means_are_those_of_traces(dtype, every):
    found = with_means(driven(dtype=dtype, dt=0.5), "v", "u", "I", every=every).run(60.0)
    of = with_traces(driven(dtype=dtype, dt=0.5), "v", "u", "I", every=every).run(60.0)
    assert (of.traces["v"] == 30).any()  # peaks are in it
    same_as_traces(found, of, "v", "u", "I")
    np.testing.assert_array_equal(found.spikes.i, of.spikes.i)


@pytest.mark.parametrize("model", [iz.Izhikevich2007, iz.AdEx, iz.LeakyIntegrateAndFire, iz.HodgkinHuxley])
def test_means_of_other_models(model):
    """Peaks that are parameters, that differ, and none."""

    def pool():
        made = iz.Pool(1500, model, seed=1)
        made.drive(made, np.linspace(0, 900, 1500))
        if model is iz.Izhikevich2007:
            made.vpeak = np.linspace(20, 40, 1500)
        return made

    groups = {"pool": None, "odd": slice(1, None, 2), "few": slice(3, 700)}
    found = with_means(pool(), *model().states, groups=groups).run(40.0)
    of = with_traces(pool(), *model().states).run(40.0)
    assert of.counts.sum() > 100
    same_as_traces(found, of, *model().states, groups=groups)


def test_a_peak_that_is_set_between_runs_is_shown():
    pools = (
        with_means(driven(100, iz.Izhikevich2007), "v", groups={"": None}),
        with_traces(driven(100, iz.Izhikevich2007), "v"),
    )
    for pool in pools:
        pool.drive(pool, 500.0)
        pool.run(20.0)
        pool.vpeak = 60.0
    found, of = (pool.run(40.0) for pool in pools)
    assert of.traces["v"].max() == 60
    same_as_traces(found, of, "v", groups={"": None})


def test_variables_in_double_precision():
    """Of a pool in single precision, some may be in double."""

    class Clock(iz.Model):
        v = iz.State(0.0)
        fine = iz.State(0.0, dtype="float64")

        def derivatives(v, fine, I):
            return -v + I, 1e-9 + 0 * v

        def threshold(v):
            return v > 100

    pools = [iz.Pool(1100, Clock, seed=1) for _ in range(2)]
    for pool in pools:
        pool.fine = 1.0 + np.arange(1100) * 1e-12
    found, of = with_means(pools[0], "v", "fine", groups={"": None}), with_traces(pools[1], "v", "fine")
    same_as_traces(found.run(20.0), of.run(20.0), "v", "fine", groups={"": None})


def test_receptors_and_weights():
    def network():
        net = iz.Network(dt=0.5, seed=3)
        exc = net.pool("exc", 1200, receptors={"ampa": iz.AMPA})
        exc.group("left", 300)
        noise = net.poisson("noise", 50, 40.0)
        net.connect(noise, exc, rule=iz.fixed_indegree(5), weight=0.5)
        net.pool("inh", 40).drive(net["inh"], 10.0)
        return net

    found, of = network(), network()
    found.record("v", mean=True)
    found.record("v", "exc.left", mean=True)
    found.record("v", "exc[::3]", mean=True)
    found.record("g_ampa", "exc", mean=True)
    of.record("v")
    of.record("g_ampa", "exc")
    one, other = found.run(50.0), of.run(50.0)
    groups = {"exc": None, "left": slice(0, 300), "0:1198:3": slice(0, None, 3)}
    same_as_traces(one["exc"], other["exc"], "v", groups=groups)
    same_as_traces(one["exc"], other["exc"], "g_ampa", groups={"exc": None})
    same_as_traces(one["inh"], other["inh"], "v", groups={"inh": None})
    assert list(one["exc"].columns("mean_v")) == list(groups)
    assert other["exc"].traces["g_ampa"].max() > 0


def test_silenced_neurons_and_those_that_stand_still():
    def pool():
        made = iz.Pool(4096, seed=1)  # without noise and input, groups rest
        made.drive(made[:1030], np.linspace(0, 10, 1030))
        made[:40].silenced = True
        return made

    groups = {"pool": None, "some": slice(20, 2000), "still": slice(2000, 4000, 7)}
    found, of = with_means(pool(), "v", groups=groups), with_traces(pool(), "v")
    for _ in range(2):
        same_as_traces(found.run(200.0), of.run(200.0), "v", groups=groups)
    rests = pool()
    rests.record("v", neurons=slice(0, 1000), mean=True)  # the others rest beside them
    awake = with_means(pool(), "v", groups={"": slice(0, 1000), "pool": None})
    np.testing.assert_array_equal(rests.run(400.0).traces["mean_v"], awake.run(400.0).traces["mean_v"][:, :1])


# ---- Bits


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_same_bits_for_any_number_of_threads_and_in_pieces(dtype):
    whole = with_means(driven(9000, dtype=dtype, threads=1), "v", "I", every=2.0).run(90.0)
    for threads in (2, 3):
        pool = with_means(driven(9000, dtype=dtype, threads=threads), "v", "I", every=2.0)
        pieces = [pool.run(13.0), *(pool.step() for _ in range(5)), pool.run(72.0)]
        joined = sum(pieces)
        for name in ("mean_v", "mean_I"):
            assert joined.traces[name].tobytes() == whole.traces[name].tobytes()
            np.testing.assert_array_equal(joined.times(name), whole.times(name))


def test_means_change_no_spikes():
    net = iz.Pool.cortical(1000, seed=1)
    net.record("v", neurons="exc", mean=True)
    plain = iz.Pool.cortical(1000, seed=1).run(200.0)
    np.testing.assert_array_equal(net.run(200.0).spikes.i, plain.spikes.i)


# ---- What is asked for


def grouped():
    pool = driven(300)
    pool.group("left", 100)
    pool.group("right", 150)
    return pool


def test_groups_that_are_asked_for_one_after_another():
    pool = grouped()
    pool["right"].record("v", every=2.0, mean=True)
    pool.record(["v", "u"], neurons=["left", pool["right"]], mean=True, every=2.0)
    pool.record("v", neurons=pool[::100], mean=True, every=2.0)
    pool.record("v", neurons=range(100), mean=True, every=2.0)  # the group, told otherwise
    pool.record("v", neurons="left", mean=True, every=2.0)
    result = pool.run(10.0)
    assert list(result.traces) == ["mean_v", "mean_u"]
    columns = result.columns("mean_v")
    assert list(columns) == ["right", "0:250", "0:201:100", "left"]
    assert columns["right"] == slice(100, 250)
    np.testing.assert_array_equal(columns["0:201:100"], [0, 100, 200])
    assert result.columns("mean_u") == {"0:250": slice(0, 250)}
    assert result.traces["mean_v"].shape == (5, 4)
    assert result.units["mean_v"] == result.units["v"] == "mV"
    with pytest.raises(
        ValueError, match=r"mean of 'v' is kept of right, 0:250, .* every 2 ms, and has one interval for all"
    ):
        pool.record("v", neurons="left", mean=True)
    pool.record("u", neurons=slice(0, 250), mean=True, every=3.0)  # all that is kept, at another interval
    pool.record("v", neurons=[], mean=True)
    assert list(pool.run(6.0).traces) == ["mean_u"]
    pool.record("v", mean=True)
    pool.record("v", neurons=[7])
    result = pool.run(6.0)
    assert {name: trace.shape for name, trace in result.traces.items()} == {
        "v": (6, 1), "mean_u": (2, 1), "mean_v": (6, 1)
    }  # fmt: skip
    assert result.columns("mean_v") == {"pool": slice(0, 300)}


def test_other_neurons_of_one_name_are_told_apart():
    pool = driven(300)
    first, second = ([0, 1, 4, other, 20, 30, 40, 50] for other in (7, 9))
    for neurons in (first, second, first):
        pool.record("v", neurons=neurons, mean=True)
    columns = pool.run(2.0).columns("mean_v")
    assert list(columns) == ["[0, 1, 4, ... 50]", "[0, 1, 4, ... 50] (2)"]
    np.testing.assert_array_equal(columns["[0, 1, 4, ... 50] (2)"], second)


def test_a_current_beside_a_mean():
    """Traces that are computed come before means."""
    pool = iz.Pool(50, receptors={"ampa": iz.AMPA}, seed=1)
    pool.drive(pool, iz.poisson(500.0, weight=0.3))
    pool.record("v", mean=True)
    pool.record("I_ampa", neurons=[3, 4])
    pool.record("v")
    result = pool.run(20.0) + pool.run(20.0)
    assert list(result.traces) == ["I_ampa", "v", "mean_v"]
    assert result.traces["I_ampa"].shape[1] == 2
    np.testing.assert_allclose(result.traces["mean_v"][:, 0], expected(result, "v", None), rtol=1e-13)


def test_messages():
    pool = grouped()
    for name in ("spikes", "counts"):
        with pytest.raises(
            ValueError, match=rf"mean= is for variables; the mean of {name} is told by result.pop"
        ):
            pool.record(name, mean=True)
    with pytest.raises(TypeError, match="mean: expected True or False, got 'exc'"):
        pool.record("v", mean="exc")
    with pytest.raises(TypeError, match="mean: expected True or False, got 1"):
        pool.record("spikes", mean=1)
    receptive = iz.Pool(10, receptors={"ampa": iz.AMPA})
    with pytest.raises(ValueError, match=r"no mean is kept of 'I_ampa', .* or the means of v, u, g_ampa"):
        receptive.record("I_ampa", mean=True)
    pool.record("v", neurons="left", mean=True)
    pool.record("u", neurons="left")
    result = pool.run(5.0)
    with pytest.raises(ValueError, match=r"has a column for each group, .* result.columns\('mean_v'\) tells"):
        result.neurons("mean_v")
    with pytest.raises(
        ValueError, match=r"has a column for each neuron, .* result.neurons\('u'\) tells which"
    ):
        result.columns("u")
    with pytest.raises(KeyError, match=r"recorded: u, mean_v. Ask with pool.record\('u', mean=True\)"):
        result.traces["mean_u"]
    with pytest.raises(KeyError, match="'mean_v' was not recorded of these neurons, but of 0:100"):
        result["right"].columns("mean_v")
    with pytest.raises(MemoryError, match="record fewer neurons, or raise every="):
        pool.run(1e13)
    net = iz.Network(dt=1.0)
    net.poisson("noise", 5, 10.0)
    with pytest.raises(ValueError, match=r"mean= is for variables; the mean of counts"):
        net.record("counts", mean=True)
    with pytest.raises(ValueError, match="record: expected one of spikes, counts, got 'v'"):
        net.record("v", "noise", mean=True)


def test_a_variable_that_has_the_name_of_a_mean():
    class Odd(iz.Model):
        v = iz.State(0.0)
        mean_v = iz.State(0.0)

        def derivatives(v, mean_v, I):
            return -v + I, v - mean_v

        def threshold(v):
            return v > 100

    pool = iz.Pool(3, Odd)
    with pytest.raises(ValueError, match="would be called 'mean_v', as a variable of Odd"):
        pool.record("v", mean=True)
    pool.record("mean_v", mean=True)
    assert list(pool.run(1.0).traces) == ["mean_mean_v"]


# ---- Results


def same(found, expected):
    assert list(found.traces) == list(expected.traces)
    for name, trace in expected.traces.items():
        np.testing.assert_array_equal(found.traces[name], trace)
        np.testing.assert_array_equal(found.times(name), expected.times(name))
    one, other = found.columns("mean_v"), expected.columns("mean_v")
    assert list(one) == list(other)
    for name, chosen in other.items():
        np.testing.assert_array_equal(np.arange(found.size)[one[name]], np.arange(found.size)[chosen])


def recorded():
    pool = grouped()
    pool.record("v", neurons=[250, 3])
    for group in (None, "right", pool[100:110:3], "left"):
        pool.record("v", neurons=group, mean=True, every=2.0)
    return pool


def test_parts_keep_means_of_groups_that_are_whole_in_them():
    result = recorded().run(20.0)
    right = result["right"]
    assert list(right.columns("mean_v")) == ["right", "100:110:3"]
    assert right.columns("mean_v")["right"] == slice(0, 150)
    np.testing.assert_array_equal(right.columns("mean_v")["100:110:3"], [0, 3, 6, 9])
    np.testing.assert_array_equal(right.traces["mean_v"], result.traces["mean_v"][:, 1:3])
    turned = result[[110, 109, 106, 103, 100]]
    assert turned.columns("mean_v") == {"100:110:3": slice(1, 5)}
    np.testing.assert_array_equal(turned.traces["mean_v"], result.traces["mean_v"][:, 2:3])
    same(result[:], result)
    assert list(result[:3].traces) == []
    assert list(result[[]].traces) == []
    same(pickle.loads(pickle.dumps(right)), right)


def test_runs_in_sequence():
    pool = recorded()
    first, second = pool.run(11.0), pool.run(30.0)
    same(first + second, recorded().run(41.0))
    same(first["right"] + second["right"], (first + second)["right"])
    pool.record("v", neurons=[5], mean=True, every=2.0)
    with pytest.raises(ValueError, match="'mean_v' was recorded of other neurons, or at other intervals"):
        second + pool.run(5.0)


def test_files(tmp_path):
    pool, path = recorded(), tmp_path / "run.izhi"
    first, second = pool.run(11.0), pool.run(30.0)
    for result in (first, first + second, second["right"]):
        result.save(path)
        loaded = iz.load_result(path)
        same(loaded, result)
        assert loaded.units == result.units
    first.save(path)
    same(iz.load_result(path) + second, first + second)
    first[:3].save(path)
    with pytest.raises(KeyError, match="'mean_v' was not recorded of these neurons, but of 0:300"):
        iz.load_result(path).traces["mean_v"]


def test_a_run_that_is_stopped_by_its_state():
    pool = iz.Pool(2000, seed=1)
    pool.record("u", mean=True, every=2.0)
    pool.record("u")
    pool.drive(pool[1500:], iz.pulse(1e38, start=7.0, width=1.0))
    with pytest.raises(iz.SimulationError) as caught:
        pool.run(50.0)
    result = caught.value.result
    assert 0 < len(result.times("mean_u")) < 25
    mean = expected(result, "u", None)[1::2]
    np.testing.assert_allclose(result.traces["mean_u"][:, 0], mean, rtol=1e-12)


@pytest.mark.parametrize("threads", [1, 2])
def test_checkpoints(tmp_path, threads):
    pool, path = recorded(), tmp_path / "pool.izhi"
    pool.run(11.0)
    pool.save(path)
    kept = pool.store()
    going_on = pool.run(30.0)
    loaded = iz.load(path, threads=threads)
    same(loaded.run(30.0), going_on)
    pool.record("v", neurons=[], mean=True)
    pool.restore(kept)
    same(pool.run(30.0), going_on)


# ---- Plots


def test_lines_are_called_by_their_groups():
    result = recorded().run(20.0)
    ax = result.plot_traces("mean_v")
    names = ["pool", "right", "100:110:3", "left"]
    assert [line.get_label() for line in ax.lines] == [f"mean of {name}" for name in names]
    np.testing.assert_array_equal(ax.lines[1].get_ydata(), result.traces["mean_v"][:, 1])
    assert (ax.get_ylabel(), ax.get_title(loc="left")) == ("mean_v (mV)", "")
    assert result.plot_traces().get_ylabel() == "v (mV)"
    pool = driven(300)
    for first in range(0, 300, 20):
        pool[first : first + 20].record("v", mean=True)
    assert pool.run(5.0).plot_traces().get_title(loc="left") == "10 of 15 means"


def test_lines_of_a_network():
    net = iz.Network(dt=0.5, seed=3)
    exc = net.pool("exc", 40, iz.Izhikevich)
    net.pool("inh", 5, iz.Izhikevich)
    exc.group("left", 20)
    net.record("v", mean=True)
    net.record("v", "exc.left", mean=True)
    result = net.run(10.0)
    names = ["mean of exc", "mean of exc.left", "mean of inh"]
    assert [one.get_text() for one in result.plot_traces(stacked=True).get_yticklabels()] == names
    panels = result.plot_traces("mean_v").figure.axes
    assert [one.get_title(loc="left") for one in panels] == ["exc", "inh"]
