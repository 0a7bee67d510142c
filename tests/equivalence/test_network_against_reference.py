"""Networks in double precision equal the slow reference, spike for spike.

Voltages are equal to the bit where a model and its receptors only add, multiply and divide. Elsewhere they
are equal to 1e-9: numpy's exp and the compiled one differ in the last bit, and the exact schemes and
receptors have factors that the reference computes in another way.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import izhi_numba as iz
from izhi_numba.engine.threads import ThreadChoice
from tests import inside, reference
from tests.ways import WAYS, ways_of_delivery

# Model, settings of the pool, the constant input that makes it fire now and then.
KINDS = {
    "izhikevich": (iz.Izhikevich, {"scheme": "net2003"}, (0.0, 12.0)),
    "izhikevich2007": (iz.Izhikevich2007, {"scheme": "heun"}, (20.0, 150.0)),
    "euler": (iz.LeakyIntegrateAndFire(t_ref=1.0), {"scheme": "euler"}, (50.0, 250.0)),
    "exact": (iz.LeakyIntegrateAndFire(t_ref=2.0), {}, (50.0, 250.0)),
    "conductances": (iz.LeakyIntegrateAndFire, {}, (50.0, 250.0)),
    "adex": (iz.AdEx, {}, (300.0, 1200.0)),
    "listening": (iz.LeakyIntegrateAndFire(E_L=0.0, g_L=0.0, V_th=1e6), {"scheme": "euler"}, (0.0, 0.0)),
}
# Receptor, scale of its weights, whether they may be negative.
RECEPTORS = {
    "jump": (iz.VoltageJump(), 3.0, True),
    "pulse": (iz.CurrentPulse(), 40.0, True),
    "current": (iz.ExponentialCurrent(tau=3.0), 40.0, True),
    "alpha": (iz.AlphaCurrent(), 40.0, True),
    "ampa": (iz.AMPA(), 0.5, False),
    "gaba": (iz.GABA_A(), 0.5, False),
    "nmda": (iz.NMDA(), 0.3, False),
    "slow": (iz.GABA_B(), 0.05, False),
    "rise": (iz.BiexponentialConductance(), 0.3, False),
    "cond": (iz.AlphaConductance(), 0.3, False),
}
PLAIN = [
    ("izhikevich", ()), ("izhikevich2007", ()), ("euler", ("jump",)), ("izhikevich", ("pulse", "jump")),
]  # fmt: skip
COMPOSED = [
    ("izhikevich", ("ampa", "gaba")), ("exact", ()), ("exact", ("alpha", "current")), ("exact", ("jump",)),
    ("conductances", ("ampa", "gaba")), ("adex", ()), ("adex", ("nmda", "slow")), ("adex", ("rise", "pulse")),
    ("izhikevich2007", ("cond", "current")),
]  # fmt: skip


class Pair:
    """A network and its reference."""

    def __init__(self, net, tolerance=1e-9):
        self.net, self.other, self.tolerance = net, reference.Network(net), tolerance
        self.n_spikes = 0

    def run(self, n_steps):
        """Run both; they must agree. Returns the result of the network."""
        self.other.take_up()  # before the package moves the state
        result = self.net.step(n_steps)
        sent = {}
        for name in self.net.sources:
            spikes = result[name].spikes
            sent[name] = np.rint(spikes.t / self.net.dt).astype(int), spikes.i
        for name, (steps, neurons) in self.other.run(n_steps, sent).items():
            spikes = result[name].spikes
            np.testing.assert_array_equal(spikes.i, neurons, err_msg=name)
            np.testing.assert_array_equal(np.rint(spikes.t / self.net.dt), steps, err_msg=name)
            for state, values in self.other.cells[name].x.items():
                mine = getattr(self.net[name], state)
                if self.tolerance:
                    np.testing.assert_allclose(mine, values, self.tolerance, 1e-9, err_msg=f"{name} {state}")
                else:
                    np.testing.assert_array_equal(mine, values, err_msg=f"{name} {state}")
            self.n_spikes += len(steps)
        return result


def pools(kinds):
    return st.tuples(st.sampled_from(kinds), st.integers(3, 40)).map(lambda one: (*one[0], one[1]))


@st.composite
def rules(draw):
    """A function of the numbers of sources and targets."""
    kind = draw(
        st.sampled_from(["p", "out", "in", "all", "all", "one", "total", "free", "given", "function"])
    )
    degree, autapses, multapses = draw(st.integers(0, 3)), draw(st.booleans()), draw(st.booleans())
    chance, seed = draw(st.floats(0, 0.5)), draw(st.integers(0, 2**31))

    def rule(n_pre, n_post):
        degrees = {"autapses": autapses, "multapses": multapses}
        few = min(degree, n_pre - 1, n_post - 1)
        if kind == "one" and n_pre == n_post:
            return iz.one_to_one()
        if kind == "given":
            rng = np.random.default_rng(seed)
            pre, post = rng.integers(n_pre, size=30), rng.integers(n_post, size=30)
            return iz.from_arrays(pre, post)
        return {
            "p": iz.fixed_probability(chance, autapses=autapses),
            "out": iz.fixed_outdegree(few, **degrees), "in": iz.fixed_indegree(few, **degrees),
            "all": iz.all_to_all(autapses=autapses), "one": iz.all_to_all(autapses=autapses),
            "total": iz.fixed_total_number(5 * degree, autapses=autapses),
            "free": iz.scale_free(few, autapses=autapses),
            "function": lambda source: [(source + 1) % n_post, source % n_post],
        }[kind]  # fmt: skip

    return rule


WEIGHTS = st.one_of(
    st.floats(0.1, 1.0), st.just(0.5), st.just(0.5), st.just(iz.uniform(0, 1)), st.just(iz.lognormal(-1, 0.5)),
    st.just(iz.normal(0.5, 0.3, low=0)),
)  # fmt: skip
DELAYS = st.one_of(
    st.integers(0, 30).map(lambda lag: lag / 10), st.just(iz.uniform(0.1, 4.0)), st.just(iz.integers(0, 3)),
    st.just(iz.normal(1.5, 0.75, low=0.1, high=5.0)),
)  # fmt: skip
PROJECTIONS = st.tuples(
    st.integers(0, 9), st.integers(0, 2), rules(), WEIGHTS, DELAYS, st.integers(0, 1), st.booleans(),
    st.booleans(),
)  # fmt: skip


def scaled(weight, factor):
    """The same distribution, with all weights multiplied."""
    if isinstance(weight, float):
        return weight * factor
    if weight.name == "lognormal":
        return iz.lognormal(np.log(abs(factor)) - 1, 0.5)
    low, high = sorted((0.0, factor))
    if weight.name == "uniform":
        return iz.uniform(low, high)
    return iz.normal(factor / 2, 0.3 * abs(factor), low=low, high=high)


def build(seed, members, dt=0.5, threads=2):
    rng = np.random.default_rng(seed)
    net = iz.Network(dt=dt, seed=seed, dtype="float64", threads=threads)
    for number, (kind, fed, n) in enumerate(members):
        model, options, (low, high) = KINDS[kind]
        receptors = {one: RECEPTORS[one][0] for one in fed}
        pool = net.pool(f"pool{number}", n, model, receptors=receptors, **options)
        pool.v = pool.v + rng.uniform(-5, 5, n)
        pool.drive(pool, rng.uniform(low, high, n))
    return net


def connect(net, members, projection):
    source, target, rule, weight, delay, port, negative, part = projection
    names = [*net.pools, *net.sources]
    pre, post = net[names[source % len(names)]], net[f"pool{target % len(members)}"]
    kind, fed, _ = members[target % len(members)]
    receptor = fed[port % len(fed)] if fed else None
    scale, signed = RECEPTORS[receptor][1:] if receptor else (KINDS[kind][2][1] / 4, True)
    if part and len(post) > 4:
        post = post[1 : len(post) - 2]
    if negative and signed and "log" not in str(weight):
        scale = -scale
    return net.connect(
        pre,
        post,
        rule=rule(len(pre), len(post)),
        weight=scaled(weight, scale),
        delay=delay,
        receptor=receptor,
    )


def add_sources(net, seed):
    rng = np.random.default_rng(seed + 1)
    net.poisson("trains", 11, 200.0)
    places = np.unique(rng.integers([[0, 1]], [[7, 150]], (60, 2)), axis=0)
    net.spike_list("list", 7, places[:, 0], places[:, 1] * net.dt)


@pytest.mark.filterwarnings("ignore:delay:izhi_numba.DoubtfulWarning")  # they are rounded to steps of 0.5 ms
@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    members=st.lists(pools(PLAIN), min_size=1, max_size=3),
    projections=st.lists(PROJECTIONS, max_size=5),
    sources=st.booleans(),
    way=st.sampled_from(WAYS),
)
def test_networks_to_the_bit(seed, members, projections, sources, way):
    net = build(seed, members)
    if sources:
        add_sources(net, seed)
    for one in projections:
        connect(net, members, one)
    with ways_of_delivery(way):
        Pair(net, tolerance=0).run(250)


def agree_whatever_is_in_it(seed, members, projections, sources, way):
    net = build(seed, members, dt=0.1)
    if sources:
        add_sources(net, seed)
    for one in projections:
        connect(net, members, one)
    with ways_of_delivery(way):
        Pair(net).run(150)


any_network = given(
    seed=st.integers(0, 2**32),
    members=st.lists(pools([*PLAIN, *COMPOSED]), min_size=1, max_size=3),
    projections=st.lists(PROJECTIONS, max_size=5),
    sources=st.booleans(),
    way=st.sampled_from(WAYS),
)


@settings(max_examples=8, deadline=None)  # most of the time goes into compiling
@any_network
def test_networks_of_any_models_and_receptors(seed, members, projections, sources, way):
    agree_whatever_is_in_it(seed, members, projections, sources, way)


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@any_network
def test_a_hundred_networks_of_any_models_and_receptors(seed, members, projections, sources, way):
    agree_whatever_is_in_it(seed, members, projections, sources, way)


NET = [("izhikevich", ("ampa", "gaba"), 37), ("exact", ("alpha", "current"), 23), ("adex", (), 11)]


def changing(seed=5):
    """Three pools and sources, connected in all directions, with delays of many lengths."""
    net = build(seed, NET, dt=0.1)  # coarser ones are too much for the reference's rk4
    add_sources(net, seed)
    net.connect("trains", "pool0", rule=iz.fixed_probability(0.3), weight=0.5, delay=0.7, receptor="ampa")
    net.connect("list", "pool1", rule=iz.fixed_outdegree(5), weight=iz.uniform(10, 60), receptor="current")
    for weight in (iz.uniform(0, 0.5), iz.lognormal(-2, 0.5)):  # these share their rows
        net.connect(
            "pool0",
            "pool0",
            rule=iz.fixed_outdegree(4),
            weight=weight,
            delay=iz.integers(0, 3),
            receptor="gaba",
        )
    net.connect("pool0", "pool1", rule=iz.fixed_indegree(3), weight=20.0, delay=1.2, receptor="alpha")
    net.connect("pool1", "pool2", rule=iz.all_to_all(), weight=iz.normal(50, 20), delay=0.1)
    net.connect("pool2", "pool1", rule=iz.fixed_indegree(3), weight=-20.0, delay=3.1, receptor="alpha")
    return net


@pytest.mark.parametrize("way", WAYS)
def test_connecting_more_between_runs(way):
    with ways_of_delivery(way):
        connecting_more_between_runs()


def connecting_more_between_runs():
    net = changing()
    pair = Pair(net)
    pair.run(40)
    net.connect("pool2", "pool0", rule=iz.fixed_outdegree(7), weight=0.4, delay=9.5, receptor="ampa")
    pair.run(1)
    members = [*NET, ("euler", ("jump",), 70)]
    pool = net.pool("pool3", 70, KINDS["euler"][0], receptors={"jump": iz.VoltageJump()}, scheme="euler")
    pool.drive(pool, np.linspace(0, 300, 70))
    pair.run(30)
    for source, target in ((0, 3), (3, 2), (3, 3), (4, 3)):
        connect(net, members, (source, target, few, iz.uniform(0, 1), iz.uniform(0.1, 7), 0, False, False))
    late = net.spike_list("late", 3, [0, 1, 2], [9.0, 9.1, 12.0])
    net.connect(late, "pool0", rule=iz.all_to_all(), weight=1.0, delay=0.5, receptor="gaba")
    pair.run(150)
    pair.run(20)
    assert pair.n_spikes > 100


def few(n_pre, n_post):
    return iz.fixed_indegree(4)


def test_a_projection_carries_the_spikes_of_later_steps_only():
    """A unit that spikes in each step shows from which on it is heard."""
    net = iz.Network(dt=0.5, seed=1, dtype="float64")
    net.pool("target", 5, iz.Izhikevich)
    net.spike_list("always", 1, np.zeros(100, int), np.arange(1, 101) * 0.5)
    pair = Pair(net, tolerance=0)
    for delay in (0.0, 0.5, 3.0, 20.0):
        net.connect("always", "target", rule=iz.all_to_all(), weight=iz.uniform(0, 1), delay=delay)
        for _ in range(4):
            pair.run(5)


@pytest.mark.parametrize("way", WAYS)
def test_changing_weights_between_runs(way):
    with ways_of_delivery(way):
        changing_weights_between_runs()


def changing_weights_between_runs():
    net = changing()
    pair = Pair(net)
    rng = np.random.default_rng(3)
    pair.run(30)
    for round_ in range(7):
        for one in net.synapses:
            match rng.integers(5):
                case 0:
                    one.weights = one.weights * rng.uniform(0.5, 1.5, len(one))
                case 1 | 2:
                    one.gain = rng.choice([0.0, 0.5, 1.0, 2.0])
                case 3:
                    source = rng.integers(5)
                    one[source, :] = 0.5 * one[source, :]
        if round_ % 3 == 0:
            net["pool1"].C = rng.uniform(150, 250, 23)
            net["pool0"].tau_gaba = rng.uniform(3, 9, 37)
            net["pool2"].drive(net["pool2"], rng.uniform(300, 1200, 11))
        pair.run(25)
    assert pair.n_spikes > 100


def brette(conductances):
    """COBA or CUBA, the benchmarks of Brette et al. (2007), with NEST's weights (Brian 2's for CUBA)."""
    net = iz.Network(dt=0.1, seed=12, dtype="float64")
    if conductances:
        exc, inh = iz.ExponentialConductance(tau=5.0), iz.ExponentialConductance(tau=10.0, E=-80.0)
        model, weights = iz.LeakyIntegrateAndFire, (6.0, 67.0)
    else:
        exc, inh = iz.ExponentialCurrent(tau=5.0), iz.ExponentialCurrent(tau=10.0)
        model, weights = iz.LeakyIntegrateAndFire(E_L=-49.0), (16.2, -90.0)  # 1.62 and -9 mV times g_L
    receptors = {"exc": exc, "inh": inh}
    excitatory, inhibitory = (
        net.pool(name, n, model, receptors=receptors) for name, n in (("E", 3200), ("I", 800))
    )
    rng = np.random.default_rng(1)
    for pool in (excitatory, inhibitory):
        pool.v = rng.uniform(-60, -50, len(pool))
        if conductances:
            pool.g_exc = np.maximum(0, rng.normal(4, 1.5, len(pool))) * 10
            pool.g_inh = np.maximum(0, rng.normal(20, 12, len(pool))) * 10
    for pre, receptor, weight in ((excitatory, "exc", weights[0]), (inhibitory, "inh", weights[1])):
        for post in (excitatory, inhibitory):
            net.connect(
                pre, post, rule=iz.fixed_probability(0.02), weight=weight, delay=iz.uniform(0.1, 0.2),
                receptor=receptor,
            )  # fmt: skip
    return net


@pytest.mark.parametrize(
    ("conductances", "n_steps", "spikes"),
    [
        (True, 400, 500), pytest.param(True, 1000, 1500, marks=pytest.mark.slow),
        pytest.param(False, 1000, 1500, marks=pytest.mark.slow),
    ],
)  # fmt: skip
def test_the_benchmarks_of_brette(conductances, n_steps, spikes):
    pair = Pair(brette(conductances))
    pair.run(n_steps)
    assert pair.n_spikes > spikes


# Many delays, many pools, many blocks: the voltages of some neurons begin near zero, and add up all that arrives.
# Such voltages show the last bit of a sum of weights, and with it the order of its terms.

LISTENING = "listening", ("jump",)
FEW = [("izhikevich", ("pulse", "jump"), 60), (*LISTENING, 40)]


def connect_all(net, ends, degree, delay):
    """Connect each source with its target and receptor, by weights of both signs whose sums are rounded."""
    for source, target, receptor in ends:
        scale = RECEPTORS[receptor][1] if receptor else 3.0
        net.connect(
            source, target, rule=iz.fixed_outdegree(degree), weight=iz.uniform(-scale, 1.1 * scale),
            delay=delay, receptor=receptor,
        )  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("longest", "alike"), [(25.5, 1), (40.0, 2)])
def test_hundreds_of_delays(longest, alike, way):
    """A delay is told by a row, or by a synapse in a byte or two; projections that are alike share rows."""
    net = build(4, FEW, dt=0.1)
    net.poisson("trains", 30, 300.0)
    ends = [
        ("pool0", "pool0", "pulse"), ("pool0", "pool0", "jump"), ("trains", "pool0", "jump"),
        ("pool0", "pool1", "jump"), ("trains", "pool1", "jump"),
    ]  # fmt: skip
    for _ in range(alike):
        connect_all(net, ends, 30, iz.uniform(0.1, longest))
    with ways_of_delivery(way):
        pair = Pair(net, tolerance=0)
        for n_steps in (350, 250):
            pair.run(n_steps)
    assert all(len(one.delays) > 200 for one in net.synapses)
    assert inside.n_stores(net.synapses) == len(ends)
    if way != "chosen":
        assert {inside.store(one).by_source for one in net.synapses} == {way == "by source"}
    assert pair.n_spikes > 80


@pytest.mark.parametrize(("kinds", "dt", "n_steps", "tolerance"), [
    ([*PLAIN, LISTENING, LISTENING], 0.5, 100, 0), ([*PLAIN, *COMPOSED], 0.1, 50, 1e-9),
], ids=["plain", "composed"])  # fmt: skip
def test_fifty_pools(kinds, dt, n_steps, tolerance):
    """Projections at random among all, and from sources; pools differ in model and receptors."""
    rng = np.random.default_rng(3)
    members = [(*kinds[rng.integers(len(kinds))], int(rng.integers(3, 9))) for _ in range(50)]
    net = build(3, members, dt=dt)
    add_sources(net, 3)
    pair = Pair(net, tolerance)
    for _ in range(2):
        for _ in range(110):
            connect(net, members, projection_at_random(rng))
        pair.run(n_steps)
    assert pair.n_spikes > 50


def projection_at_random(rng):
    """One of ``PROJECTIONS``, among 50 pools and two sources."""
    degree = int(rng.integers(1, 4))
    rules = iz.fixed_outdegree(degree), iz.fixed_indegree(degree), iz.fixed_probability(0.4), iz.all_to_all()
    weights = 0.7, iz.uniform(0, 1), iz.normal(0.5, 0.3, low=0), iz.lognormal(-1, 0.5)
    delays = 0.0, 1.0, iz.integers(0, 3), iz.uniform(0.1, 4.0)
    rule, weight, delay = (some[rng.integers(4)] for some in (rules, weights, delays))
    source, target, port, negative, part = (int(rng.integers(n)) for n in (52, 50, 2, 2, 2))
    return source, target, lambda n_pre, n_post: rule, weight, delay, port, negative, part


LARGE = [("izhikevich", (), 3500), ("izhikevich", ("pulse", "jump"), 2100), (*LISTENING, 1100)]


def cut_for(threads, shortest):
    """Large pools and sources in blocks for so many threads, with delays from the shortest on."""
    net = build(8, LARGE, threads=threads)
    net.poisson("trains", 2500, 40.0)
    ends = [
        ("pool0", "pool0", None), ("pool1", "pool0", None), ("trains", "pool0", None),
        ("pool0", "pool1", "pulse"), ("trains", "pool1", "jump"), ("pool0", "pool2", "jump"),
        ("pool1", "pool2", "jump"), ("trains", "pool2", "jump"),
    ]  # fmt: skip
    connect_all(net, ends, 4, iz.uniform(shortest, shortest + 6))
    return net


@pytest.mark.usefixtures("all_threads")
@pytest.mark.parametrize(
    ("way", "shortest"),
    [
        *((way, 0.0) for way in WAYS), ("chosen", 4.0),
        *(pytest.param(way, 4.0, marks=pytest.mark.slow) for way in WAYS if way != "chosen"),
    ],
)  # fmt: skip
def test_more_blocks_than_threads(way, shortest, monkeypatch):
    """One, two and three threads take the blocks in turns, for windows of one step and of several."""
    net, whole = cut_for(7, shortest), cut_for(1, shortest)
    parts = []
    with ways_of_delivery(way):
        pair = Pair(net, tolerance=0)
        for working in (1, 2, 3):
            let_work(monkeypatch, working)
            parts.append(pair.run(20))
        let_work(monkeypatch, 1)
        result = whole.step(60)
    for one, n_blocks in ((net, [4, 3, 2, 3]), (whole, [1, 1, 1, 1])):
        assert [len(inside.wired(part).bounds) - 1 for part in inside.members(one).values()] == n_blocks
    for name in result:
        spikes = [part[name].spikes for part in parts]
        np.testing.assert_array_equal(np.concatenate([one.i for one in spikes]), result[name].spikes.i)
        np.testing.assert_array_equal(np.concatenate([one.t for one in spikes]), result[name].spikes.t)
    for name, pool in whole.pools.items():
        for state in pool.model.states:
            np.testing.assert_array_equal(getattr(net[name], state), getattr(pool, state))
    assert pair.n_spikes > 1000


def let_work(monkeypatch, n_threads):
    """Let so many threads work in each call."""
    monkeypatch.setattr(ThreadChoice, "choose", lambda _, n_steps: (n_threads, n_steps))
