"""A network as the page shows it, without a page: what it is made of, what can be turned, what happens in it."""

import numpy as np
import pytest

import izhi_numba as iz
from izhi_numba.explorer.clips import Clip
from izhi_numba.explorer.exhibits import Exhibit, held
from izhi_numba.explorer.gallery import EXHIBITS, brain_tables
from izhi_numba.explorer.journal import Journal
from izhi_numba.explorer.kicks import kick, kicked
from izhi_numba.explorer.places import Map, positions_of
from izhi_numba.explorer.populations import links_of, populations_of
from izhi_numba.explorer.rows import ROWS, Rows
from izhi_numba.explorer.show import Show
from izhi_numba.network.watching import members_of
from tests import inside

# ---------------------------------------------------------------- networks


def two_pools():
    """Return pools of two models with receptors, sources of both kinds, groups, noise, trains, learning."""
    net = iz.Network(dt=0.5, seed=3)
    receptors = {"ampa": iz.AMPA, "gaba": iz.GABA_A}
    exc = net.pool("exc", 60, iz.Izhikevich(c=iz.uniform(-65, -55)), receptors=receptors)
    exc.group("left", 20), exc.group("right", 30)
    inh = net.pool("inh", 15, iz.LeakyIntegrateAndFire, receptors={"ampa": iz.AMPA})
    noise = net.poisson("noise", 10, 30.0)
    net.spike_list("clicks", 2, i=[0, 1], t=[5.0, 9.0])
    net.connect(exc, inh, rule=iz.fixed_indegree(5), weight=8.0, delay=1.0)
    net.connect(inh, exc, rule=iz.fixed_indegree(5), weight=2.0, delay=1.0, receptor="gaba")
    learning = iz.PairSTDP(w_max=2.0)
    net.connect(
        noise, exc, rule=iz.all_to_all(), weight=iz.uniform(0, 1), delay=1.0, receptor="ampa", plasticity=learning
    )  # fmt: skip
    net.connect("clicks", exc, rule=iz.all_to_all(), weight=1.0, receptor="ampa")
    exc.drive(exc["left"], 4.0 + iz.noise(3.0))
    exc.drive(exc["right"], iz.poisson(200.0, weight=1.0, receptor="ampa") + iz.ornstein_uhlenbeck(2.0, 5.0))
    inh.drive(inh, 100.0)
    return net


def cortex():
    return iz.Pool.cortical(300, seed=1)


def plain():
    """Return a pool without groups."""
    pool = iz.Pool(40, seed=1)
    pool.drive(pool, 5.0 + iz.noise(2.0))
    pool.connect(pool, pool, rule=iz.fixed_outdegree(4), weight=1.0)
    return pool


def rewarded():
    """Return a pool whose synapses wait for dopamine."""
    pool = iz.Pool(50, seed=1)
    pool.drive(pool, iz.noise(8.0))
    pool.connect(
        pool, pool, rule=iz.fixed_outdegree(5), weight=1.0, delay=iz.integers(1, 5), plasticity=iz.DopamineSTDP()
    )  # fmt: skip
    return pool


def trains_without_receptors():
    pool = iz.Pool(40, seed=1)
    pool.drive(pool, 4.0 + iz.poisson(100.0, weight=3.0) + iz.poisson(lambda t: 50 + 0 * t, weight=2.0))
    return pool


def functions_and_samples():
    """Return a pool driven by what no text says: a function, samples, samples by neuron, rates over time."""
    pool = iz.Pool(30, seed=1)
    random = np.random.default_rng(1)
    pool.drive(
        pool, iz.from_function(lambda t: 4 + np.sin(t / 9)) + iz.from_samples(random.random(200), dt=1.0)
    )
    pool.drive(pool, iz.from_samples(random.random((90, 30)), dt=2.0) + iz.noise(2.0), add=True)
    pool.drive(
        pool[:9], iz.poisson(iz.from_samples(40 * random.random((300, 9)), dt=1.0), weight=2.0), add=True
    )
    pool.drive(pool, iz.poisson(200 + iz.sine(100.0, frequency=3.0), weight=1.0), add=True)
    return pool


def drives_that_differ():
    """Return a pool in which no two neurons are driven alike, in double precision."""
    pool = iz.Pool(50, seed=1, dtype="float64")
    pool.drive(pool, np.linspace(3, 8, 50))
    pool.drive(pool[:20], iz.noise(10 / 3), add=True)
    pool.drive(pool[20:], iz.noise(np.linspace(1, 2, 30), start=10.0) + iz.noise(1.0), add=True)
    pool.drive(pool[::3], iz.ornstein_uhlenbeck(np.linspace(1, 3, 17), tau=5.0), add=True)
    pool.run(30.0)
    pool.drive(pool[::2], iz.ornstein_uhlenbeck(2.0, tau=np.linspace(2, 7, 25)), add=True)
    return pool


def late():
    """Return a pool of small steps that no decimal is, long after its beginning; some gains are 0."""
    pool = iz.Pool(50, dt=1 / 3, seed=1)
    pool.drive(pool, 6.0 + iz.ornstein_uhlenbeck(2.0, tau=5.0) + iz.noise(3.0))
    for gain in (1.0, 0.0, 0.5):
        pool.connect(pool, pool, rule=iz.fixed_outdegree(5), weight=1.0).gain = gain
    pool.run(123_000 / 3)
    return pool


NETWORKS = [
    two_pools, cortex, plain, rewarded, trains_without_receptors, functions_and_samples, drives_that_differ, late
]  # fmt: skip


def shown(build, positions=None, code=""):
    """A show of what a function of this file builds."""
    import_it = f"from tests.explorer.test_show import {build.__name__}\n\nnet = {build.__name__}()"
    made = lambda: build() if positions is None else (build(), positions)
    return Show(Exhibit(build.__name__, "", "", made, lambda _: code or import_it), {})


def table_of(script):
    """The table that a clip of the spikes of a script has."""
    space = {}
    exec(script.partition("print(")[0], space)
    net, result = space["net"], space["result"]
    parts = [*result.values()] if isinstance(result, iz.NetworkResult) else [result]
    begins = np.cumsum([0, *map(len, members_of(net).values())])
    units = [one.spikes.i + begin for one, begin in zip(parts, begins, strict=False)]
    clip = Clip(0.0)
    clip.add(np.concatenate(units), np.concatenate([one.spikes.t for one in parts]), 0.0)
    return clip.table(populations_of(net))


def check_script(clip):
    """The script of a clip has the same spikes, neuron by neuron."""
    expected = text_of(clip, "table").splitlines()
    assert len(expected) > 1
    assert table_of(text_of(clip, "script")).splitlines() == expected


def text_of(frame, name):
    return frame.arrays[name].tobytes().decode()


# ---------------------------------------------------------------- what it is


def test_populations_are_groups_and_what_no_group_has():
    found = populations_of(two_pools())
    assert [(one.title, one.size, one.kind) for one in found] == [
        ("exc.left", 20, "exc"), ("exc.right", 30, "exc"), ("exc, others", 10, "exc"), ("inh", 15, "inh"),
        ("noise", 10, "source"), ("clicks", 2, "source"),
    ]  # fmt: skip
    assert [one.code for one in found[:4]] == [
        "net['exc']['left']", "net['exc']['right']", "net['exc'][50:]", "net['inh']",
    ]  # fmt: skip
    assert [(one.title, one.kind) for one in populations_of(cortex())] == [("exc", "exc"), ("inh", "inh")]
    (only,) = populations_of(plain())
    assert (only.title, only.code, only.size) == ("neurons", "net", 40)


def test_a_declared_sign_and_a_reversal_potential_tell_what_inhibits():
    pool = iz.Pool(10, seed=1)
    pool.group("a", 4, sign="inhibitory"), pool.group("b", 4)
    assert [one.kind for one in populations_of(pool)] == ["inh", "exc", "exc"]
    kinds = [(one.title, one.kind) for one in links_of(two_pools())]
    assert kinds == [("exc -> inh ampa", "exc"), ("inh -> exc gaba", "inh"), ("noise -> exc ampa", "exc"),
                     ("clicks -> exc ampa", "exc")]  # fmt: skip
    both = iz.Pool(4, seed=1)
    both.connect(both, both, rule=iz.all_to_all(), weight=iz.uniform(-1, 1))
    assert [one.kind for one in links_of(both)] == ["mixed"]
    assert [one.kind for one in populations_of(both)] == ["exc"]
    assert "synapses" in shown(lambda: both, code="net = None").knobs


def test_rows_of_the_raster_are_shared_evenly():
    rows = Rows(populations_of(two_pools()))
    assert rows.per_population.tolist() == [20, 30, 10, 15, 10, 2]  # a row for each, as there is room
    large = Rows(populations_of(iz.Pool.cortical(10_000, seed=1)))
    exc, inh = large.per_population
    assert ROWS - 3 <= exc + inh <= ROWS
    assert exc > 2 * inh > ROWS // 8
    counts = np.bincount(large.of_unit)
    assert len(counts) == large.n_rows
    assert counts[:exc].max() - counts[:exc].min() <= 1


def test_the_description_has_ranges_and_units_of_the_models():
    told = shown(two_pools).description().header
    assert (told["n"], told["dt"], told["column"]) == (87, 0.5, 1.0)
    assert told["synapses"] == 15 * 5 + 60 * 5 + 600 + 120
    knobs = {(one["section"], one["number"], one["label"]): one for one in told["knobs"]}
    assert {one for one in knobs if one[0] == "whole"} == {
        ("whole", 0, "excitation"), ("whole", 0, "inhibition"), ("whole", 0, "noise"),
        ("whole", 0, "outside spikes"),
    }  # fmt: skip
    a = knobs["population", 0, "a"]
    assert (a["unit"], a["low"], a["high"]) == ("1/ms", *iz.Izhikevich.parameters["a"].range)
    assert ("population", 0, "mean c") in knobs
    assert knobs["population", 3, "drive"]["unit"] == "pA"
    assert knobs["population", 4, "rate"]["default"] == 30.0
    assert knobs["link", 2, "w_max"]["default"] == 2.0
    for one in knobs.values():
        assert one["low"] <= one["default"] <= one["high"], one
    exc, *_, noise, _ = told["populations"]
    assert (exc["model"], exc["voltage"], exc["unit"], exc["silenced"]) == ("Izhikevich", "v", "mV", False)
    assert "model" not in noise
    assert told["links"][2] == {
        "title": "noise -> exc ampa", "kind": "exc", "n": 600, "rule": "PairSTDP", "learning": True, "modulators": [],
    }  # fmt: skip


@pytest.mark.parametrize("n", [1, 200])
def test_one_population_and_two_hundred(n):
    def build():
        net = iz.Network(dt=1.0, seed=1)
        for k in range(n):
            pool = net.pool(f"p{k}", 5)
            pool.drive(pool, 5.0 + iz.noise(3.0))
        for k in range(n):
            net.connect(f"p{k}", f"p{(k + 1) % n}", rule=iz.all_to_all(), weight=1.0)
        return net

    show = shown(build, code="net = None")
    told = show.description()
    assert len(told.header["populations"]) == n
    assert len(told.header["links"]) == n
    assert len(told.packed()) < 400_000
    header, arrays = show.advance(50)
    assert arrays["raster"].shape == (50, min(5 * n, max(ROWS, 2 * n)) if n > 1 else 5)
    assert arrays["means"].shape == (n,)
    assert len(arrays["lines"]) == 1
    assert arrays["raster"].sum() == round(arrays["means"].sum() * 5 * 0.05)
    assert header["columns"] == 50


def test_too_many_populations_and_none():
    def many():
        net = iz.Network(dt=1.0)
        for k in range(601):
            net.pool(f"p{k}", 1)
        return net

    with pytest.raises(ValueError, match="page shows up to 600 populations, and there are 601"):
        shown(many)
    with pytest.raises(ValueError, match="an empty network; add a pool first"):
        shown(iz.Network)
    with pytest.raises(TypeError, match=r"expected an iz\.Pool or an iz.Network to be returned.*got 3"):
        shown(lambda: 3)


def many_projections():
    """324 of them: more than have sliders."""
    net = iz.Network(dt=1.0, seed=1)
    for k in range(18):
        net.pool(f"p{k}", 1)
    for k in range(18):
        for j in range(18):
            net.connect(f"p{k}", f"p{j}", rule=iz.all_to_all(), weight=0.1)
    return net


def test_many_projections_are_not_all_described():
    told = shown(many_projections, code="net = None").description().header
    assert (len(told["links"]), told["links_left_out"]) == (300, 24)


# ---------------------------------------------------------------- what happens


@pytest.mark.parametrize("build", NETWORKS)
def test_frames_have_the_spikes_of_a_run(build):
    show, net = shown(build), build()
    header, arrays = show.advance(40)
    result = net.run(40 * show.column)
    parts = [*result.values()] if isinstance(result, iz.NetworkResult) else [result]
    n_spikes = sum(len(one.spikes.i) for one in parts)
    assert n_spikes > 0
    assert arrays["raster"].sum() == n_spikes
    sizes = np.array([one.size for one in populations_of(net)])
    assert (arrays["means"] * sizes).sum() * 0.04 == pytest.approx(n_spikes, rel=1e-5)
    assert (arrays["lines"].sum(axis=1) * sizes).sum() / 1000 == pytest.approx(n_spikes, rel=1e-5)
    assert header["t"] == net.t
    again, _ = show.advance(7)
    assert again["t"] == pytest.approx(header["t"] + 7 * show.column)


def test_what_the_user_records_stays_the_users():
    pool = plain()
    pool.record("v", neurons=[3], every=5.0, keep=10.0)
    show = shown(lambda: pool, code="net = None")
    _, arrays = show.advance(100)
    assert arrays["raster"].sum() == len(plain().run(100.0).spikes.i) > 0
    result = pool.run(20.0)
    assert result.traces["v"].shape == (2, 1)
    assert result.start == 110.0


def test_watched_neurons_have_their_voltages_and_spikes():
    show, pool = shown(cortex), cortex()
    assert show.advance(1)[0]["watched"] == [[0, 0], [1, 0]]
    show.watch(1, 7), show.watch(0, 3), show.watch(0, 10**6)
    header, arrays = show.advance(80)
    assert header["watched"] == [[1, 0], [1, 7], [0, 3], [0, 239]]
    pool.run(1.0)
    pool.record("v", neurons=[240, 247, 3, 239])
    result = pool.run(80.0)
    for k, neuron in enumerate([240, 247, 3, 239]):
        v = result.traces["v"][:, [240, 247, 3, 239].index(neuron)]
        np.testing.assert_array_equal(arrays["bands"][k, :, 0], v)
        steps = result.spikes.t[result.spikes.i == neuron] - 2
        np.testing.assert_array_equal(np.flatnonzero(arrays["ticks"][k]), steps)
    show.unwatch(0)
    assert len(show.advance(3)[0]["watched"]) == 3
    with pytest.raises(ValueError, match="only send spikes; watch a neuron"):
        shown(two_pools).watch(4, 0)


def test_columns_are_whole_steps_of_about_a_millisecond():
    for dt, column in ((0.1, 1.0), (0.3, 0.9), (1.0, 1.0), (0.25, 1.0)):
        pool = iz.Pool(5, iz.LeakyIntegrateAndFire, dt=dt, seed=1)
        pool.drive(pool, 400.0)
        show = shown(lambda pool=pool: pool, code="net = None")
        header, arrays = show.advance(60)
        assert show.column == pytest.approx(column)
        assert header["t"] == pytest.approx(60 * column)
        low, high = arrays["bands"][0].T
        assert (low <= high).all()
        assert arrays["ticks"].sum() > 0


# ---------------------------------------------------------------- what is turned


@pytest.mark.parametrize("build", NETWORKS)
def test_the_script_of_a_clip_has_the_same_spikes(build):
    show = shown(build)
    knobs, random = show.knobs, np.random.default_rng(1)
    show.advance(20)
    show.record()
    show.advance(11)
    for name in knobs:  # all that there is
        control = knobs[name].control
        low, high = control.low, control.high
        value = control.default + (0.25 * random.random() - 0.1) * (high - low)
        show.turn(name, float(np.clip(value, low + 0.05 * (high - low), high)))
        if random.random() < 0.2:
            show.advance(3)
    show.kick(), show.kick(0)
    show.silence(0, True)
    show.advance(9)
    show.silence(0, False)
    for number, link in enumerate(show.description().header["links"]):
        if link["rule"]:
            show.learn(number, False), show.advance(4), show.learn(number, True)
        for name in link["modulators"]:
            show.modulate(name, 0.3)
    show.advance(30)
    clip = show.clipped()
    assert clip.header["exact"]
    check_script(clip)


def test_the_table_of_a_clip_names_population_and_neuron():
    show = shown(cortex)
    show.advance(30)
    show.record()
    show.advance(50)
    lines = text_of(show.clipped(), "table").splitlines()
    pool = cortex()
    pool.run(30.0)
    spikes = pool.run(50.0).spikes
    rows = [
        f"{float(t)!r},{'exc' if i < 240 else 'inh'},{i if i < 240 else i - 240}"
        for i, t in zip(*spikes, strict=True)
    ]
    assert lines == ["time,population,neuron", *rows]
    with pytest.raises(ValueError, match="clip: there is none, or it is empty"):
        show.clipped()


def test_gains_of_all_that_excite_and_of_one():
    show = shown(cortex)
    exc, inh = show.net.synapses
    show.turn("excitation", 2.0)
    show.turn("gain 0", 0.5)
    assert (exc.gain, inh.gain) == (1.0, 1.0)
    show.turn("inhibition", 0.0)
    assert (exc.gain, inh.gain) == (1.0, 0.0)


def test_drive_and_noise_are_what_they_were_and_more():
    show = shown(two_pools)
    left = show.net["exc"]["left"]
    show.turn("drive 0", 1.5)
    assert (left.external_input == 5.5).all()
    assert (left.noise_sd == 3.0).all()
    show.turn("noise", 0.5)
    show.turn("noise 0", 0.5)
    assert (left.noise_sd == 0.75).all()
    show.turn("noise 3", 20.0)  # of a pool that has none
    assert (show.net["inh"].noise_sd == 20.0).all()
    show.turn("trains", 0.0)
    assert "poisson" not in str(show.net["exc"])
    show.turn("trains", 1.0)
    assert "poisson(200, receptor='ampa')" in str(show.net["exc"])


def test_parameters_that_differ_move_together():
    show = shown(two_pools)
    left = show.net["exc"]["left"]
    before = left.c.copy()
    show.turn("parameter c 0", float(before.mean()) + 3.0)
    np.testing.assert_allclose(left.c - before, 3.0, atol=1e-4)
    assert np.ptp(left.c) == pytest.approx(np.ptp(before), rel=1e-5)
    show.turn("parameter a 0", 0.05)
    assert (left.a == np.float32(0.05)).all()
    with pytest.raises(ValueError, match="expected a number above 0"):
        show.turn("parameter C 3", 0.0)
    with pytest.raises(ValueError, match="knob: expected one of"):
        show.turn("weather", 1.0)
    with pytest.raises(TypeError, match="a: expected a finite number, got 'much'"):
        show.turn("parameter a 0", "much")


def test_samples_by_neuron_are_left_alone():
    pool = iz.Pool(4, seed=1)
    pool.drive(pool, iz.from_samples(np.ones((30, 4)), dt=1.0) + iz.noise(1.0))
    show = shown(lambda: pool, code="net = None")
    show.turn("noise", 3.0)
    assert (pool.noise_sd == 3.0).all()
    show.turn("drive", 2.0)
    assert (pool.external_input == 2.0).all()
    assert "from_samples" in str(pool)


@pytest.mark.parametrize("kind", [
    one for name in iz.models.__all__ if isinstance(one := getattr(iz, name, None), type)
    and issubclass(one, iz.Model) and one not in (iz.Model, iz.Relay)
    and name in ("Izhikevich", "LeakyIntegrateAndFire", "AdEx", "HodgkinHuxley", "MorrisLecar", "FitzHughNagumo")
])  # fmt: skip
def test_a_kick_makes_neurons_of_any_model_spike(kind):
    for before in (0.0, 20.0):
        pool = iz.Pool(3, kind, seed=1)
        if before:
            pool.run(before)
        voltages = kicked(pool[[1]])
        kick(pool[[1]])
        np.testing.assert_allclose(getattr(pool, kind.voltage)[1], voltages[0], rtol=1e-6)
        counts = pool.run(10.0).counts
        assert counts.tolist() == [0, counts[1], 0]
        assert counts[1] > 0


def test_a_kick_that_cannot_be():
    class Still(iz.Model):
        v = iz.State(0.0)
        derivatives = lambda v: -v
        threshold = lambda v: v > 1e9
        reset = lambda: 0.0

    with pytest.raises(ValueError, match="kick: no v makes neurons of Still spike at once"):
        kicked(iz.Pool(2, Still))
    for act in (lambda show: show.kick(4), lambda show: show.silence(4, True)):
        with pytest.raises(ValueError, match="only send spikes; turn their rate"):
            act(shown(two_pools))


def test_cells_like_the_neuron():
    from izhi_numba.explorer.catalogue import Catalogue
    from izhi_numba.explorer.settings import read

    show, catalogue = shown(two_pools), Catalogue()
    fast = read({"model": "Izhikevich", "values": {"a": 0.1, "d": 2}}, catalogue)
    show.make_cells(1, fast)
    right = show.net["exc"]["right"]
    assert (right.a == np.float32(0.1)).all()
    assert (right.d == 2).all()
    with pytest.raises(
        ValueError, match="cells: the model of inh is LeakyIntegrateAndFire; the neuron's is Izhi"
    ):
        show.make_cells(3, fast)
    with pytest.raises(ValueError, match="cells: the model of noise is none, as they only send spikes"):
        show.make_cells(4, fast)


def test_reset_and_other_noise():
    show = shown(cortex)
    first = show.advance(60)[1]["raster"]
    show.turn("drive", 5.0), show.silence(1, True), show.advance(20)
    show.reset()
    assert show.net.t == 0
    assert all(one["value"] == one["default"] for one in show.description().header["knobs"])
    np.testing.assert_array_equal(show.advance(60)[1]["raster"], first)
    show.turn("drive", 5.0)
    show.other_noise(17)
    assert show.net.t == 0
    assert show.description().header["knobs"][2]["value"] == 5.0
    driven = show.advance(60)[1]["raster"]
    assert driven.sum() > first.sum()
    again = cortex()
    again.drive(again["exc"], 5.0 + iz.noise(5.0)), again.drive(again["inh"], 5.0 + iz.noise(2.0))
    again.reset(noise_seed=17)
    assert driven.sum() == len(again.run(60.0).spikes.i)


def test_the_script_after_other_noise():
    show = shown(cortex)
    show.advance(30), show.turn("noise", 1.5), show.kick(), show.advance(5)
    show.other_noise(5)
    show.record()
    show.advance(40)
    check_script(show.clipped())


def test_rewards_reach_all_that_hear_them():
    show = shown(rewarded)
    show.advance(5)
    show.modulate("d", 0.25)
    assert show.net.synapses[0].modulators == {"d": 0.25}
    with pytest.raises(ValueError, match="reward: no synapses have a modulator 'x'"):
        show.modulate("x", 1.0)
    assert show.description().header["links"][0]["modulators"] == ["d"]


# ---------------------------------------------------------------- weights


@pytest.fixture
def often(monkeypatch):
    """Weights are looked at whenever they are asked for."""
    monkeypatch.setattr("izhi_numba.explorer.histograms._OFTEN", 0.0)
    monkeypatch.setattr("izhi_numba.explorer.histograms._SHARE", 1e9)


def test_weights_are_looked_at_now_and_then():
    show = shown(two_pools)
    assert show.weights() is not None
    assert show.weights() is None  # not due yet


def test_histograms_of_weights(often):
    show = shown(two_pools)
    frame = show.weights()
    assert frame.header["link"] == 2  # which learns
    assert frame.header["edges"] == [0.0, 2.0]
    assert frame.arrays["counts"].sum() == 600
    show.advance(300)
    after = show.weights()
    assert (after.arrays["before"] == frame.arrays["counts"]).all()
    assert not (after.arrays["counts"] == frame.arrays["counts"]).all()
    show.weigh(0)
    fixed = show.weights()
    assert fixed.header["mean"] == 8.0
    assert fixed.arrays["counts"].sum() == fixed.arrays["counts"].max() == 75
    assert show.weights() is None  # weights that do not change are looked at once
    with pytest.raises(ValueError, match="projection: expected a whole number"):
        show.weigh(10)


def test_weights_beyond_the_ends_and_none(often):
    pool = iz.Pool(40, seed=1)
    pool.connect(pool, pool, rule=iz.fixed_outdegree(4), weight=1.0, plasticity=iz.TsodyksMarkram())
    show = shown(lambda: pool, code="net = None")
    show.weights()
    pool.synapses[0].weights = np.linspace(-3, 9, 160)
    frame = show.weights()
    assert frame.header["edges"][0] < -3
    assert frame.header["edges"][1] > 9
    assert frame.arrays["counts"].sum() == 160
    assert shown(lambda: iz.Pool(3, seed=1), code="net = None").weights() is None


# ---------------------------------------------------------------- places


def sheet():
    pool = iz.Pool(100, seed=1)
    pool.connect(pool, pool, rule=iz.distance_dependent(iz.grid(10, 10), 0.1, max_distance=2.0), weight=0.5)
    pool.drive(pool, iz.noise(6.0))
    return pool


def test_places_are_those_of_the_rule_or_given():
    show = shown(sheet)
    told = show.description()
    assert told.header["map"] == {"flat": True}
    assert told.arrays["places"].shape == (100, 3)
    assert np.abs(told.arrays["places"]).max() == 1.0
    _, arrays = show.advance(20)
    assert arrays["lit"].dtype == np.uint16
    assert len(arrays["lit"]) == np.count_nonzero(arrays["raster"].sum(axis=0))  # a row for each neuron
    show.record()
    show.poke(55)
    lit = set(show.advance(2)[1]["lit"].tolist())
    assert {55, 54, 56, 45, 65} <= lit
    assert 0 not in lit
    check_script(show.clipped())
    with pytest.raises(ValueError, match="poke: these neurons have no positions"):
        shown(plain).poke(0)


def test_given_places():
    net = two_pools()
    random = np.random.default_rng(1)
    places = positions_of(net, {"exc": random.random((60, 3)), "noise": random.random((10, 2))})
    assert np.isfinite(places).all(axis=1).nonzero()[0].tolist() == [*range(60), *range(75, 85)]
    found = Map(places)
    assert not found.flat
    assert found.units.tolist() == [*range(60), *range(75, 85)]
    assert positions_of(net) is None
    show = shown(two_pools, positions={"exc": random.random((60, 3))})
    show.poke(30)  # among others, a population with a code of its own
    assert show.advance(2)[1]["lit"].size
    net = iz.Network(dt=1.0)
    net.poisson("noise", 3, 5.0), net.pool("exc", 10)
    found = positions_of(net, np.zeros((10, 2)))
    assert np.isfinite(found).all(axis=1).tolist() == [False] * 3 + [True] * 10
    many = Map(random.random((20_000, 2)) @ np.eye(2, 3))
    assert len(many.units) == 5000
    assert len(many.near(0)) > 20


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        (
            np.zeros((5, 2)),
            TypeError,
            "expected a mapping of names to arrays, as the network has several pools",
        ),
        (
            {"exc": np.zeros((5, 2))},
            ValueError,
            r"expected an array \(60, 2\) or \(60, 3\) for 'exc', got shape",
        ),
        ({"x": np.zeros((5, 2))}, KeyError, "positions: no pool 'x'; there are exc, inh, noise, clicks"),
    ],
)
def test_places_that_cannot_be(given, error, message):
    with pytest.raises(error, match=message):
        positions_of(two_pools(), given)


# ---------------------------------------------------------------- changed behind the page's back


def test_changes_are_noticed():
    show = shown(cortex)
    net = show.net
    show.advance(10)
    assert not show.has_changed
    made = net.connect(net["exc"], net["inh"], rule=iz.fixed_outdegree(1), weight=0.5)
    assert show.has_changed
    show.look_again()
    assert len(show.description().header["links"]) == 3
    show.turn("gain 2", 2.0)
    assert made.gain == 2.0
    show.advance(10)
    made.remove()
    with pytest.raises(RuntimeError, match="were removed"):
        show.turn("gain 2", 1.0)
    show.look_again()
    assert not show.has_changed
    show.record(), show.advance(5)
    clip = show.clipped()
    assert not clip.header["exact"]
    assert "# not in this script: how the network was changed here outside of the page" in text_of(
        clip, "script"
    )
    more = two_pools()
    show = shown(lambda: more, code="net = None")
    more.pool("late", 3)
    with pytest.raises(RuntimeError, match="expected 5 wishes, one for each population, got 4"):
        show.advance(1)
    show.look_again()
    assert show.advance(1)[1]["means"].shape == (7,)


def test_a_network_that_fails_says_so():
    pool = plain()
    show = shown(lambda: pool, code="net = None")
    show.advance(5)
    pool.v[3] = np.nan
    with pytest.raises(ValueError, match="v of neuron 3 is nan before the run"):
        show.advance(5)
    show.reset()
    assert show.advance(5)[0]["columns"] == 5


def test_a_stop_is_noticed_once():
    show = shown(plain)
    show.advance(5)
    assert not show.was_stopped
    show.net.stop()
    assert show.advance(5) is None
    assert show.was_stopped
    assert show.advance(5)[0]["columns"] == 5
    assert not show.was_stopped


# ---------------------------------------------------------------- what can be opened


def test_options_are_within_their_ranges():
    first = EXHIBITS[0]
    assert first.chosen({}) == {"neurons": 1000.0, "inhibitory": 0.2}
    assert first.chosen({"neurons": 200, "more": 1}) == {"neurons": 200.0, "inhibitory": 0.2}
    with pytest.raises(ValueError, match=r"inhibitory share: expected 0 to 0.5, got 0.9"):
        first.chosen({"inhibitory": 0.9})
    with pytest.raises(TypeError, match="options: expected names with values"):
        first.chosen(3)


def test_what_a_function_returns_beside_its_network():
    pool = plain()
    places = np.zeros((40, 2))
    for made, expected in (
        ((pool, np.ones(40, bool)), None), ((pool, places), places), ((pool, 3, {"": places}), {"": places}),
        ((pool,), None), (pool, None), ((pool, [[1, 2]] * 40), [[1, 2]] * 40), ((pool, np.ones((40, 40))), None),
        ((pool, {"weight": 3.0}), None), ((pool, [[1], [2, 3]]), None), ((pool, {}), None),
    ):  # fmt: skip
        net, positions = Exhibit("", "", "", lambda made=made: made, lambda _: "").opened({})
        assert net is pool
        assert positions is expected or positions == expected


def test_networks_of_a_notebook():
    pool, net = plain(), two_pools()
    one, other = held([pool, net], np.zeros((40, 2)))
    assert one.opened({})[0] is pool
    assert one.opened({})[1].shape == (40, 2)
    assert other.opened({}) == (net, None)
    assert (one.title, other.title) == ("your network", "your network 2")
    pool.run(20.0)
    assert one.code({}) == "# net is the one of the notebook, as it was at t = 20 ms"


def test_tables_of_the_brain():
    tables = brain_tables(600)
    assert tables["place"].shape == (600, 3)
    assert (np.bincount(tables["region"]) == 150).all()
    assert tables["pre"].max() < 600
    assert ((tables["weight"] < 0) == (tables["inhibitory"][tables["pre"]] & (tables["weight"] != 0))).all()
    left = tables["place"][:, 0] < 0
    assert left.sum() == 300
    crossing = left[tables["pre"]] != left[tables["post"]]
    assert 0 < crossing.mean() < 0.3


@pytest.mark.parametrize(
    "exhibit",
    [
        pytest.param(
            one, id=one.name, marks=[pytest.mark.slow] * (one.name not in ("cortical", "ring", "brain"))
        )
        for one in EXHIBITS
    ],
)
def test_the_gallery_runs_and_its_script_is_the_same(exhibit):
    for variant in [*exhibit.variants.values()] or [{}]:
        show = Show(exhibit, exhibit.chosen(variant))
        show.record()
        _, arrays = show.advance(100)
        assert arrays["raster"].sum() > 0
        check_script(show.clipped())
    assert show.description().header["map"] is None or exhibit.name in ("ring", "brain")


# ---------------------------------------------------------------- what sliders do to what is there


def test_all_projections_are_turned_also_those_without_a_slider():
    show = shown(many_projections, code="net = None")
    show.turn("excitation", 0.5)
    assert [one.gain for one in show.net.synapses] == [0.5] * 324
    assert "gain 299" in show.knobs
    assert "gain 300" not in show.knobs


def test_a_gain_of_zero_can_be_turned():
    pool = plain()
    pool.synapses[0].gain = 0.0
    show = shown(lambda: pool, code="net = None")
    assert show.knobs["gain 0"].value == 0.0
    show.turn("gain 0", 0.5)
    show.turn("excitation", 2.0)
    assert pool.synapses[0].gain == 1.0


def test_factors_below_zero_are_refused_and_nothing_is_changed():
    show = shown(trains_without_receptors)
    show.turn("drive", 1.0)
    before = str(show.net)
    for name in ("trains", "trains 0"):
        with pytest.raises(ValueError, match="outside spikes: expected a number of at least 0, got -1"):
            show.turn(name, -1)
    with pytest.raises(
        ValueError, match="drive: expected less, as what drives the neurons has to fit float32"
    ):
        show.turn("drive", 1e300)
    assert str(show.net) == before
    show.turn("drive", 0.5)
    assert (show.net.external_input == 4.5).all()
    show = shown(plain)
    with pytest.raises(ValueError, match="noise: expected a number of at least 0"):
        show.turn("noise", -1)
    with pytest.raises(ValueError, match="gain: expected a number of at least 0"):
        show.turn("gain 0", -1)
    with pytest.raises(ValueError, match="gain: expected a factor that fits float32"):
        show.turn("gain 0", 1e60)
    show.turn("excitation", 2.0)
    assert show.net.synapses[0].gain == 2.0


def test_what_another_cell_has_changed_is_looked_at_again():
    show = shown(plain)
    pool, synapses = show.net, show.net.synapses[0]
    show.turn("drive", 2.0), show.turn("gain 0", 0.5)
    assert show.turn("noise", 1.5) is None
    show.advance(3)
    pool.drive(pool, 20.0)
    synapses.gain = 3.0
    told = show.turn("drive", 1.0)
    assert told.header["changed"]
    assert "noise" not in [one["name"] for one in told.header["knobs"]]
    assert (pool.external_input == 21.0).all()
    assert (pool.noise_sd == 0.0).all()
    assert show.turn("excitation", 1.5) is None
    assert synapses.gain == 4.5
    pool.external_input[3] = 0.0
    assert show.turn("excitation", 2.0) is None
    assert show.turn("drive 0", 1.0).header["changed"]
    assert pool.external_input[[3, 4]].tolist() == [1.0, 22.0]
    pool.drive(pool, iz.noise(1.0))
    assert show.turn("noise 0", 2.0).header["changed"]
    assert show.turn("noise", 1.0) is None
    pool.drive(pool, 0.0)
    told = show.turn("noise", 2.0)  # which is no more: nothing is turned
    assert "noise" not in [one["name"] for one in told.header["knobs"]]


def test_parameters_that_another_cell_has_changed():
    show = shown(two_pools)
    left = show.net["exc"]["left"]
    show.turn("parameter c 0", -58.0)
    left.c[:] = np.linspace(-60, -50, 20)
    assert show.turn("parameter c 0", -54.0).header["changed"]
    np.testing.assert_allclose(left.c, np.linspace(-59, -49, 20), rtol=1e-6)


def test_parameters_that_are_called_as_knobs():
    class Mine(iz.Model):
        v = iz.State(-65.0)
        noise = iz.Parameter(1.0)
        gain = iz.Parameter(3.0)
        derivatives = lambda v, I, noise, gain: (-65.0 - v) * noise / 10 + I * gain
        threshold = lambda v: v >= -50
        reset = lambda: -65.0

    pool = iz.Pool(10, Mine, seed=1)
    pool.connect(pool, pool, rule=iz.all_to_all(), weight=0.1)
    show = shown(lambda: pool, code="net = None")
    show.turn("parameter gain 0", 2.0), show.turn("gain 0", 0.5)
    show.turn("parameter noise 0", 4.0), show.turn("noise 0", 5.0)
    assert (pool.gain[0], pool.synapses[0].gain, pool.noise[0], pool.noise_sd[0]) == (2.0, 0.5, 4.0, 5.0)


def test_double_precision_stays_double():
    pool = iz.Pool(5, iz.Izhikevich(a=1 / 30), seed=1, dtype="float64")
    assert shown(lambda: pool, code="net = None").knobs["parameter a 0"].value == 1 / 30
    pool = iz.Pool(5, iz.Izhikevich(a=0.1), seed=1)
    assert shown(lambda: pool, code="net = None").knobs["parameter a 0"].value == 0.1


def test_it_does_not_matter_how_often_a_slider_is_moved_in_a_pause():
    once, often = (shown(drives_that_differ) for _ in range(2))
    for show in (once, often):
        show.advance(5)
    for value in (1.1, 0.0, 2.3, 1.0, 0.7):
        often.turn("noise", value)
    once.turn("noise", 0.7)
    for show in (once, often):
        show.record(), show.advance(60)
    tables = [text_of(show.clipped(), "table") for show in (once, often)]
    assert tables[0] == tables[1]


# ---------------------------------------------------------------- clips and time


def test_a_reset_ends_a_clip():
    show = shown(cortex)
    for set_back in (show.reset, lambda: show.other_noise(3), show.net.reset):
        show.advance(20)
        show.record()
        show.advance(5)
        set_back()
        assert show.advance(3)[0]["clip"] is None
        with pytest.raises(ValueError, match="clip: there is none"):
            show.clipped()
    show.record(), show.advance(40)
    clip = show.clipped()
    assert not clip.header["exact"]  # nobody can tell what set time back
    assert "net.reset(noise_seed=" in text_of(clip, "script")
    check_script(clip)


def test_a_clip_ends_where_time_passes_outside_of_the_page():
    show = shown(cortex)
    show.record(), show.advance(30)
    show.net.run(20.0)
    show.advance(10)
    clip = show.clipped()
    assert (clip.header["until"], clip.header["full"]) == (30.0, True)
    check_script(clip)


def test_a_clip_of_silence_takes_no_memory_and_a_full_one_is_told():
    clip, (population,) = Clip(0.0), populations_of(plain())
    for k in range(100):
        clip.add(np.zeros(0, np.int64), np.zeros(0), float(k))
    assert inside.arrays_of(clip) == []
    assert clip.table([population]) == "time,population,neuron\n"
    clip.add(np.array([39, 2, 2]), np.array([123456.7, 123456.7, 123456.3]), 123457.0)
    rows = clip.table([population]).splitlines()[1:]
    assert rows == ["123456.3,neurons,2", "123456.7,neurons,2", "123456.7,neurons,39"]


def test_titles_of_any_kind():
    net = iz.Network(dt=1.0, seed=1)
    for name in ("a:b", "<b>x</b>", "one,\n two"):
        net.pool(name, 3).group("others", 1)
    net.connect("a:b", "<b>x</b>", rule=iz.all_to_all(), weight=1.0)
    (link,) = links_of(net)
    assert link.title == "a:b -> <b>x</b>"
    titles = [one.title for one in populations_of(net)]
    assert len({*titles}) == 6
    clip = Clip(0.0)
    clip.add(np.arange(9), np.ones(9), 1.0)
    lines = clip.table(populations_of(net)).splitlines()
    assert len(lines) == 10
    assert {line.count(",") for line in lines} == {2}
    pool = iz.Pool(6)
    pool.group("others", 3)
    assert [one.title for one in populations_of(pool)] == ["others", "the others"]


def test_a_reset_keeps_what_is_watched_and_goes_back_to_what_the_network_has_become():
    show = shown(two_pools)
    show.watch(1, 7), show.weigh(1)
    show.advance(5)
    show.reset()
    assert show.advance(1)[0]["watched"] == [[0, 0], [1, 0], [1, 7]]
    assert show.weights().header["link"] == 1
    show.reset()
    show.advance(30)
    show.net.pool("late", 3)
    show.look_again()
    show.advance(5), show.reset()
    assert show.net.t == 30.0
    show.record(), show.advance(5)
    script = text_of(show.clipped(), "script")
    assert "# not in this script: how it was changed outside of the page, until t = 30 ms" in script


# ---------------------------------------------------------------- the journal


def test_a_number_that_is_turned_often_counts_once_at_a_time():
    journal = Journal("net = 0", ["gains = 1", "c_0 = 2"], 0.0)
    for t in (0.0, 1.0):
        journal.turn(t, "net.a = 1"), journal.turn(t, "net.b = 2"), journal.turn(t, "net.a = 3")
    lines = journal.script(0.0, 2.0).splitlines()
    assert [one for one in lines if one.startswith("net.")] == ["net.b = 2", "net.a = 3"] * 2
    assert "gains = 1" not in lines  # which nothing needs
    journal.add(1.0, ["c_0 = net.c"])
    journal.turn(1.0, "net.c = c_0 + 1"), journal.turn(1.0, "net.a = 4")
    journal.begin_again("net.reset()")
    lines = journal.script(0.0, 2.0).splitlines()
    assert [one for one in lines if "net." in one and "run" not in one] == [
        "net.b = 2", "net.a = 3", "c_0 = net.c", "net.c = c_0 + 1", "net.a = 4", "net.reset()",
    ]  # fmt: skip


def test_a_journal_that_is_too_long_says_so(monkeypatch):
    monkeypatch.setattr("izhi_numba.explorer.journal._MOST", 100)
    journal = Journal("net = 0", [], 0.0)
    for t in range(1000):
        journal.turn(float(t), f"net.a = {t}")
    script = journal.script(0.0, 1000.0)
    assert len(script) < 2000
    assert "# not in this script: what was done from here on, at t = " in script


def test_what_is_done_takes_a_line():
    show = shown(two_pools)
    show.advance(3), show.turn("drive 0", 1.0), show.turn("noise", 1.5), show.kick(), show.kick(3)
    show.record(), show.advance(3)
    lines = text_of(show.clipped(), "script").splitlines()
    at = lines.index("net.run(3.0)")
    assert lines[at + 1 : at + 7] == [
        "drives['drive', net['exc']['left']] = 1.0", "drives['noise'] = 1.5",
        "kick(net['exc']['left'][::10])", "kick(net['exc']['right'][::10])", "kick(net['exc'][50:][::10])",
        "kick(net['inh'])",
    ]  # fmt: skip
    assert "drives = Drives(net)" in lines
    assert "from izhi_numba.explorer.kicks import kick" in lines
    assert "gains = Gains(net)" not in lines
