"""Poisson numbers and Poisson sources: distributions, independence, the same numbers however drawn."""

import pickle
import platform
import re
from types import SimpleNamespace

import numba
import numpy as np
import pytest
from llvmlite.binding import get_host_cpu_name
from scipy import stats

import izhi_numba as iz
from izhi_numba.engine.moments import Moments
from izhi_numba.engine.stimulus import Stimulus
from izhi_numba.inputs.terms import Trains
from izhi_numba.kernels.intrinsics import address_of
from izhi_numba.kernels.jit import kernel
from izhi_numba.kernels.rng import TILE
from izhi_numba.kernels.run import poisson
from tests import inside

KEY = np.array([7, 1], np.uint32)
STREAM = poisson.POISSON_TRAINS
LEAST_P = 1e-4  # of the tests below; numbers are the same in each run


@kernel
def add(ports, expected, weight, factor, largest, equal, tile, count, first, stream, key, bits, counts, work):
    for row in range(len(ports)):
        poisson.add_poisson(
            ports[row], expected, weight, factor, largest, equal, tile, count, first + row, stream, key[0], key[1],
            bits, counts, work,
        )  # fmt: skip


@kernel
def list_spikes(found, ends, expected, factor, largest, equal, place, tile, count, first, stream, key, bits):
    n = 0
    for row in range(len(ends)):
        n = poisson.list_poisson_spikes(
            found, n, expected, factor, largest, equal, place, tile, count, first + row, stream, key[0], key[1], bits
        )  # fmt: skip
        ends[row] = n


@kernel
def add_by_address(
    adder, port, expected, weight, factor, largest, equal, tile, count, step, key, bits, counts, work
):
    poisson.call_adder(
        adder, address_of(port, 0), address_of(expected, 0), address_of(weight, 0), factor, largest, equal, tile,
        count, step, poisson.POISSON_TRAINS, key[0], key[1], address_of(bits, 0), address_of(counts, 0),
        address_of(work, 0),
    )  # fmt: skip


def is_equal(expected):
    return len(np.unique(expected[expected > 0])) <= 1


def draw(expected, steps=1, *, first=0, tile=0, count=TILE, stream=STREAM, key=KEY, weight=1.0, factor=1.0):
    """What is added to the port of each neuron of a tile, (steps, TILE)."""
    expected = np.asarray(expected)
    dtype = expected.dtype.type
    ports = np.zeros((steps, TILE), dtype)
    weights = np.broadcast_to(np.asarray(weight, dtype), TILE).copy()
    add(
        ports, expected, weights, dtype(factor), expected.max(), is_equal(expected), tile, count, first, stream, key,
        np.empty(TILE, np.uint32), np.zeros(TILE, np.int32), np.empty(2 * TILE),
    )  # fmt: skip
    return ports


def fire(expected, steps=1, *, first=0, place=0, tile=0, count=TILE, stream=STREAM, key=KEY, factor=1.0):
    """Sources of a tile that fire, one array for each step."""
    expected = np.asarray(expected)
    found, ends = np.empty(steps * TILE, np.int32), np.empty(steps, np.int64)
    dtype = expected.dtype.type
    list_spikes(
        found, ends, expected, dtype(factor), expected.max(), is_equal(expected), place, tile, count, first, stream,
        key, np.empty(TILE, np.uint32),
    )  # fmt: skip
    return np.split(found[: ends[-1]], ends[:-1])


def fired(expected, steps, **options):
    """The same as zeros and ones, (steps, TILE)."""
    trains = np.zeros((steps, TILE), bool)
    for row, sources in zip(trains, fire(expected, steps, **options), strict=True):
        row[sources] = True
    return trains


def mixed(mean, dtype="float32"):
    """Four means in turn, of which the largest is ``mean``."""
    return np.tile(np.array([mean, 0.6 * mean, 0.11 * mean, 0.0], dtype), TILE // 4)


def even(mean, dtype="float32"):
    return np.full(TILE, mean, dtype)


def p_of_counts(counts, distribution):
    """Chi-square test of whole numbers; values that are rare are taken together."""
    low, high = int(distribution.ppf(1e-12)), int(distribution.ppf(1 - 1e-12)) + 1
    values = np.arange(low, high + 1)
    expected = distribution.pmf(values) * counts.size
    seen = np.bincount(np.clip(counts.astype(int).ravel() - low, 0, high - low), minlength=len(values))
    which = np.minimum(np.cumsum(expected), np.cumsum(expected[::-1])[::-1]) // 20
    which = np.where(np.arange(len(values)) < np.argmax(expected), which, -which - 1)
    groups = np.unique(which, return_inverse=True)[1]
    a, b = np.bincount(groups, seen), np.bincount(groups, expected)
    keep = b > 5
    a = np.append(a[keep], a[~keep].sum())
    b = np.append(b[keep], b[~keep].sum())
    a, b = (a, b) if b[-1] > 5 else (np.append(a[:-2], a[-2:].sum()), np.append(b[:-2], b[-2:].sum()))
    return stats.chisquare(a, b * a.sum() / b.sum()).pvalue


FEW, FEW_UNEQUAL = poisson.FEW, poisson.FEW_UNEQUAL
MANY, MANY_UNEQUAL = poisson.MANY, poisson.MANY_UNEQUAL
MEANS = [1e-3, 0.02, 0.6 * FEW, 0.99 * FEW, 1.01 * FEW, 1.6, 5, 16.3, 50, 230, 0.99 * MANY, 1.01 * MANY]
MEANS_UNEQUAL = [
    1e-3, 0.02, 0.3, 0.99 * FEW_UNEQUAL, 1.01 * FEW_UNEQUAL, 2.7, 12.5, 60, 0.99 * MANY_UNEQUAL, 1.01 * MANY_UNEQUAL, 3000,
]  # fmt: skip
CASES = [(mean, even) for mean in MEANS] + [(mean, mixed) for mean in MEANS_UNEQUAL]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize(("mean", "spread"), CASES)
def test_numbers_have_a_poisson_distribution(mean, spread, seed, dtype):
    expected = spread(mean, dtype)
    steps = 3000 if mean < 1 else 400
    counts = draw(expected, steps, key=np.array([seed, 3], np.uint32)).astype(float)
    np.testing.assert_array_equal(counts, np.floor(counts))
    for each in np.unique(expected):
        own = counts[:, expected == each]
        if each == 0:
            assert not own.any()
            continue
        assert p_of_counts(own, stats.poisson(float(each))) > LEAST_P
        assert abs(own.mean() - each) < 4 * np.sqrt(each / own.size)
        assert abs(own.var() - each) < 4 * np.sqrt((each + 2 * each**2) / own.size)


@pytest.mark.parametrize("each", [poisson.ONE_BY_ONE * 0.9, poisson.ONE_BY_ONE, 17.0])
def test_small_means_beside_a_large_one(each):
    expected = np.where(np.arange(TILE) == 5, 1000.0, each)
    counts = draw(expected, 200)
    assert p_of_counts(np.delete(counts, 5, axis=1), stats.poisson(each)) > LEAST_P
    assert p_of_counts(counts[:, 5], stats.poisson(1000)) > LEAST_P


def test_tails_are_there():
    counts = draw(even(1.6), 20_000)
    assert counts.max() >= 9  # 20 million numbers; 1 in 300,000 is 10 or more
    for least in (7, 8, 9, 10, 11):
        seen, due = (counts >= least).sum(), stats.poisson.sf(least - 1, 1.6) * counts.size
        assert abs(seen - due) < 4.5 * np.sqrt(due) + 1


@pytest.mark.parametrize(
    "expected", [even(0.1), mixed(0.1), even(1.6), mixed(1.6), even(4100.0), mixed(300.0)]
)
def test_neurons_steps_tiles_streams_and_seeds_are_independent(expected):
    used = expected > 0
    base = draw(expected, 300)[:, used]
    others = {
        "step": draw(expected, 300, first=300),
        "far step": draw(expected, 300, first=1 << 32),
        "tile": draw(expected, 300, tile=1),
        "far tile": draw(expected, 300, tile=4),
        "stream": draw(expected, 300, stream=STREAM + 1),
        "seed": draw(expected, 300, key=KEY + np.uint32(1)),
    }
    scaled = (base - expected[used]) / np.sqrt(expected[used])
    limit = 4.5 / np.sqrt(scaled.size)
    for name, other in others.items():
        theirs = (other[:, used] - expected[used]) / np.sqrt(expected[used])
        assert abs((scaled * theirs).mean()) < limit, name
    for lag in (1, 2, 3, 7, 128, 256):  # in neurons: of one counter, and of neighbours
        assert abs((scaled * np.roll(scaled, lag, axis=1)).mean()) < limit, lag
    for lag in (1, 2, 256):  # in steps
        assert abs((scaled[lag:] * scaled[:-lag]).mean()) < 4.5 / np.sqrt(scaled[lag:].size), lag
    across = scaled.sum(axis=1)  # a tile as a whole
    assert across.var() == pytest.approx(used.sum(), rel=5 * np.sqrt(2 / 300))


@pytest.mark.parametrize("mean", [0.2, 0.7])
@pytest.mark.parametrize("spread", [even, mixed])
def test_neighbours_are_independent_as_pairs(mean, spread):
    expected = spread(mean)
    counts = np.minimum(draw(expected, 800), 2).astype(int)
    for shift in (4, 256):
        one, other = (
            counts[:, expected == expected[0]],
            np.roll(counts, shift, axis=1)[:, expected == expected[0]],
        )
        table = np.bincount((3 * one + other).ravel(), minlength=9).reshape(3, 3)
        assert stats.chi2_contingency(table).pvalue > LEAST_P


@pytest.mark.parametrize("count", [1, 17, 64, 256, 300, 600, 1023])
@pytest.mark.parametrize(
    "expected",
    [
        even(0.01),
        mixed(0.01),
        even(0.2),
        mixed(0.7),
        even(2.0),
        mixed(2.0),
        even(5000.0),
        mixed(500.0, "float64"),
    ],
)
def test_a_part_of_a_tile_holds_the_same_numbers(expected, count):
    whole, part = (draw(expected, 30, count=each) for each in (TILE, count))
    np.testing.assert_array_equal(part[:, :count], whole[:, :count])
    assert not part[:, count:].any()


@pytest.mark.parametrize("mean", [2.0**-6, 2.0**-3, 1.5, 40.0, 256.0, 4500.0])
def test_both_precisions_draw_the_same(mean):
    for expected in (even(mean), np.tile(np.float32([mean, mean / 2, mean / 8, 0]), TILE // 4)):
        single, double = draw(expected, 20), draw(expected.astype(float), 20)
        np.testing.assert_array_equal(single, double)


@pytest.mark.parametrize("mean", [0.05, 0.5, 3.0])
@pytest.mark.parametrize("spread", [even, mixed])
def test_factors_and_weights(mean, spread):
    expected = spread(mean, "float64")
    counts = draw(expected, 20)
    np.testing.assert_array_equal(draw(expected / 4, 20, factor=4.0), counts)
    weight = np.random.default_rng(1).normal(size=TILE)
    np.testing.assert_allclose(draw(expected, 20, weight=weight), counts * weight, rtol=1e-14)
    assert not draw(expected, 20, factor=0.0).any()
    assert not draw(0 * expected, 20).any()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("mean", "spread"), sorted({*CASES}, key=str))
def test_events_are_counted_and_multiplied_once(mean, spread, dtype):
    """One rounding, however many events: added one at a time, a tenth is 1e-8 to 1e-2 off."""
    expected = spread(mean, dtype)
    counts = draw(expected, 40)
    assert counts.max() > 1 or mean < 0.01
    tenth = np.array(0.1, dtype)
    np.testing.assert_array_equal(draw(expected, 40, weight=tenth), tenth * counts)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("mean", [0.05, 3.0])
@pytest.mark.parametrize("spread", [even, mixed])
def test_an_adder_called_by_its_address_adds_the_same(mean, spread, dtype):
    expected, port, one = spread(mean, dtype), np.zeros(TILE, dtype), np.ones(TILE, dtype)
    counts = np.zeros(TILE, np.int32)
    adder = poisson.adder(np.dtype(dtype)).address
    add_by_address(
        adder, port, expected, one, one[0], expected.max(), is_equal(expected), 3, 900, 5, KEY, np.empty(TILE, np.uint32),
        counts, np.empty(2 * TILE),
    )  # fmt: skip
    assert port.any()
    assert not counts.any()  # as it was, for the next
    np.testing.assert_array_equal(port, draw(expected, first=5, tile=3, count=900)[0])


def test_silent_neurons_of_a_tile_stay_silent():
    for mean in (0.1, 2.0, 5000.0):
        expected = np.where(np.arange(TILE) < 300, mean, 0.0)
        counts = draw(expected, 50)
        assert not counts[:, 300:].any()
        assert p_of_counts(counts[:, :300], stats.poisson(mean)) > LEAST_P


def intervals(trains):
    """Steps between the events of each train, all trains together."""
    steps = [np.flatnonzero(train) for train in trains.T]
    return np.concatenate([np.diff(each) for each in steps])


def test_trains_have_the_intervals_of_a_poisson_process():
    counts = draw(even(0.002), 20_000)
    assert counts.max() <= 2
    gaps = intervals(counts)
    gaps = gaps[gaps < 4000]  # all that begin in the first four fifths could be this long
    first = stats.truncexpon(4000 * 0.002, scale=500)
    assert gaps.mean() == pytest.approx(first.mean(), rel=0.05)
    whole = intervals(draw(even(0.02), 20_000))
    assert whole.mean() == pytest.approx(1 / -np.expm1(-0.02), rel=0.01)
    assert whole.std() / whole.mean() == pytest.approx(np.exp(-0.01), rel=0.01)  # that of geometric numbers


# Sources

PROBABILITIES = [1e-4, 5e-4, 0.01, 0.99 * poisson.DENSE, 1.01 * poisson.DENSE, 0.3, 0.97]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("spread", [even, mixed])
@pytest.mark.parametrize("probability", PROBABILITIES)
def test_sources_fire_with_their_probability(probability, spread, dtype):
    expected = spread(probability, dtype)
    trains = fired(expected, 3000)
    for each in np.unique(expected).astype(float):
        own = trains[:, expected == expected.dtype.type(each)]
        assert abs(own.mean() - each) <= 4 * np.sqrt(each * (1 - each) / own.size)
        if each > 0:
            assert p_of_counts(own.sum(axis=1), stats.binom(own.shape[1], each)) > LEAST_P
            by_source = own.sum(axis=0)
            assert p_of_counts(by_source, stats.binom(len(trains), each)) > LEAST_P


@pytest.mark.parametrize("expected", [even(1.0), even(7.0), np.where(np.arange(TILE) % 2, 1.5, 0.25)])
def test_a_probability_is_at_most_one(expected):
    trains = fired(expected, 500)
    assert trains[:, expected >= 1].all()
    rest = trains[:, expected < 1]
    if rest.size:
        assert rest.mean() == pytest.approx(0.25, abs=0.005)


@pytest.mark.parametrize("probability", [1e-3, 0.05, 0.5])
@pytest.mark.parametrize("spread", [even, mixed])
def test_sources_are_listed_in_ascending_order(probability, spread):
    plain, moved = (fire(spread(probability), 300, place=place) for place in (0, 5000))
    for one, other in zip(plain, moved, strict=True):
        assert (np.diff(one) > 0).all()
        np.testing.assert_array_equal(other, one + 5000)
    assert max(map(len, plain)) > 1


@pytest.mark.parametrize("count", [1, 64, 300, 1023])
@pytest.mark.parametrize("expected", [even(0.002), mixed(0.05), even(0.3), mixed(0.3)])
def test_a_part_of_the_sources_fires_the_same(expected, count):
    whole, part = (fired(expected, 100, count=each) for each in (TILE, count))
    np.testing.assert_array_equal(part[:, :count], whole[:, :count])
    assert not part[:, count:].any()


@pytest.mark.parametrize("expected", [even(0.02), mixed(0.05), even(0.3)])
def test_sources_are_independent(expected):
    used = expected > 0
    spread = np.sqrt(expected * (1 - expected))[used]

    def scaled(**options):
        return (fired(expected, 1000, **options)[:, used] - expected[used]) / spread

    base = scaled()
    limit = 4.5 / np.sqrt(base.size)
    for options in (
        {"first": 1000},
        {"first": 1 << 33},
        {"tile": 1},
        {"tile": 4},
        {"stream": STREAM + 1},
        {"key": KEY + np.uint32(1)},
    ):
        assert abs((base * scaled(**options)).mean()) < limit, options
    for lag in (1, 2, 256):
        assert abs((base * np.roll(base, lag, axis=1)).mean()) < limit
        assert abs((base[lag:] * base[:-lag]).mean()) < 4.5 / np.sqrt(base[lag:].size)


def test_intervals_of_sources_are_geometric():
    gaps = intervals(fired(even(0.01), 30_000))
    assert gaps.mean() == pytest.approx(100, rel=0.02)
    assert gaps.std() / gaps.mean() == pytest.approx(np.sqrt(0.99), rel=0.02)
    short = gaps[gaps <= 60]
    p = 0.01 * 0.99 ** np.arange(60)
    assert stats.chisquare(np.bincount(short, minlength=61)[1:], p / p.sum() * len(short)).pvalue > LEAST_P


def test_sources_and_trains_of_one_stream_are_others():
    counts, trains = draw(even(0.1), 1000) - 0.1, fired(even(0.1), 1000, stream=STREAM + 1) - 0.1
    assert abs((counts * trains).mean() / 0.1) < 4.5 / np.sqrt(counts.size)


# Machine code

x86_only = pytest.mark.skipif(
    platform.machine().lower() not in ("x86_64", "amd64"), reason="reads x86 assembly"
)


def assembly_of(function, *arguments):
    compiled = numba.njit(error_model="numpy", boundscheck=False, _nrt=False)(function)
    compiled(*arguments)
    (text,) = compiled.inspect_asm().values()
    return text.split(".Lfunc_end0")[0]


def packed(text, pattern):
    return len(re.findall(rf"^\s+v{pattern}\b[^\n]*%[yz]mm", text, re.MULTILINE))


BITS, COUNTS, WORK = np.empty(TILE, np.uint32), np.zeros(TILE, np.int32), np.empty(2 * TILE)


@x86_only
def test_tables_are_compared_in_vector_code():
    text = assembly_of(lambda m, c, b, k: inside.count_equal(m, c, b, k), 1.6, TILE, BITS, COUNTS)
    assert packed(text, r"pcmp\w*") >= 4
    assert packed(text, r"p(?:add|sub)d") >= 4
    text = assembly_of(
        lambda e, f, m, c, b, k, w: inside.count_unequal(e, f, m, c, b, k, w),
        even(1.6), 1.0, 1.6, TILE, BITS, COUNTS, WORK,
    )  # fmt: skip
    assert packed(text, "mulpd") >= 8
    assert packed(text, r"cmp\w*pd") >= 4


@x86_only
def test_random_numbers_are_vector_code_and_nothing_is_gathered():
    text = assembly_of(add.py_func, np.zeros((1, TILE), "f4"), even(1.0), even(1.0), np.float32(1), np.float32(1),
                       True, 0, TILE, 0, STREAM, KEY, BITS, COUNTS, WORK)  # fmt: skip
    assert packed(text, "pmuludq") >= 10
    if get_host_cpu_name().startswith(
        "znver"
    ):  # for others LLVM finds gathers fast, and makes some of plain loads
        assert packed(text, r"(?:p?gather|p?scatter)\w*") == 0


# As an input


def trains_of(item):
    (term,) = item.terms
    assert type(term) is Trains
    return term


def test_readable():
    rate = np.ones(3)
    for text in (
        "poisson(8)",
        "poisson(8, n=100, weight=0.5)",
        "poisson(8, receptor='ampa', start=10, stop=20)",
        "poisson(constant(10) + sine(5, frequency=8), n=100)",
    ):
        names = {name: getattr(iz, name) for name in ("poisson", "constant", "sine")}
        assert repr(eval(text, names)) == text
    assert repr(iz.poisson(rate, n=[1, 2, 3])) == "poisson(<3 values>, n=<3 values>)"
    assert repr(iz.poisson(np.cos, weight=2, start=5).shift(3)) == "poisson(cos, weight=2, start=5).shift(3)"
    assert repr(iz.poisson(8, start=5).shift(3)) == "poisson(8, start=8)"
    assert repr(iz.poisson(rate * iz.sine(1, frequency=8))).startswith("poisson(<3 values> * Sine(")


def test_rates_of_a_kind_add_and_factors_scale_the_weight():
    assert repr(iz.poisson(8, n=100) + iz.poisson(2, n=100)) == "poisson(10, n=100)"
    assert repr(iz.poisson(8, n=100) + iz.poisson(2, n=10)) == "poisson(820)"
    assert repr(-2 * iz.poisson(8, weight=0.5)) == "poisson(8, weight=-1)"
    several = iz.poisson(8) + iz.poisson(8, weight=2) + iz.poisson(8, receptor="a") + iz.poisson(8, start=9)
    assert len(several.terms) == 4
    weights = np.array([1.0, 2.0])
    assert len((iz.poisson(8, weight=weights) + iz.poisson(8, weight=weights)).terms) == 2
    np.testing.assert_array_equal(trains_of(weights * iz.poisson(8)).weight, weights)
    np.testing.assert_array_equal(trains_of(iz.poisson([1, 2], n=[3, 4])).events, [3, 8])
    assert repr(2.0 + iz.noise(3) + iz.poisson(8)) == "constant(2) + noise(3) + poisson(8)"
    rate = lambda t: t
    assert repr(iz.poisson(rate) + iz.poisson(rate)) == "poisson(2 * <lambda>)"
    assert len((iz.poisson(rate) + iz.poisson(rate, stop=5)).terms) == 2
    assert len({trains_of(iz.poisson(rate)).kind() for _ in range(3)}) == 1


def test_plots_leave_trains_out():
    np.testing.assert_array_equal((3 + iz.poisson(8))([0, 1]), [3, 3])


def test_trains_are_copied_and_pickled():
    again = pickle.loads(pickle.dumps(iz.poisson([8, 9], n=3, receptor="a") + iz.poisson(np.cos)))
    assert repr(again) == "poisson(<2 values>, n=3, receptor='a') + poisson(cos)"


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: iz.poisson(-1), ValueError, "poisson: rate: expected 0 or more, got -1$"),
        (lambda: iz.poisson([1, -2]), ValueError, "poisson: rate: expected 0 or more, got -2 at index 1"),
        (lambda: iz.poisson(np.nan), ValueError, "poisson: rate: expected finite numbers, got nan"),
        (lambda: iz.poisson("x"), TypeError, "poisson: rate: expected a number, or one value per neuron, got 'x'"),
        (lambda: iz.poisson(8, n=-1), ValueError, "poisson: n: expected 0 or more, got -1"),
        (lambda: iz.poisson(8, n=1.5), ValueError, "poisson: n: expected a whole number of trains, got 1.5"),
        (lambda: iz.poisson(8, n=[1, 2.5]), ValueError, "expected a whole number of trains, got 2.5"),
        (lambda: iz.poisson(8, weight=np.inf), ValueError, "poisson: weight: expected finite numbers, got inf"),
        (lambda: iz.poisson(8, weight=None), TypeError, "poisson: weight: .*got None"),
        (lambda: iz.poisson(8, receptor=3), TypeError, "poisson: receptor: expected the name of a receptor, got 3"),
        (lambda: iz.poisson(8, start=5, stop=5), ValueError, "poisson: expected stop after start"),
        (lambda: iz.poisson([1, 2], n=[1, 2, 3]), ValueError, "got 2 and 3 values"),
        (lambda: iz.poisson(3 + iz.noise(2)), TypeError, r"expected a rate without noise, got constant\(3\) \+ noise"),
        (lambda: iz.poisson(1 + iz.step([1, 2])), ValueError, "one value per neuron in a single term, got constant"),
        (lambda: iz.poisson(iz.step([1, -2])), ValueError, "poisson: rate: expected 0 or more, got -2 at index 1"),
    ],
)  # fmt: skip
def test_mistakes(make, error, message):
    with pytest.raises(error, match=message):
        make()


# As arrays of a pool


class External:
    """What drives a pool of ``n`` neurons, replaced as a pool replaces it."""

    def __init__(self, n, dtype, dt):
        self.size, self.stimulus = n, Stimulus.none(n, np.dtype(dtype), KEY, dt)

    def drive(self, neurons, given):
        self.stimulus, _ = self.stimulus.driven(slice(*neurons.indices(self.size)), given)


def external(n=3 * TILE, dtype="float64", dt=0.5):
    return External(n, dtype, dt)


def for_steps(outside, first_step, n_steps):
    """What the compiled steps are told of trains."""
    names = ("trains", "train_weights", "train_largest", "train_equal")
    stimulus = outside.stimulus
    moments = Moments(first_step, n_steps, stimulus.dt)
    given = {name: stimulus.tables[name] for name in names} | stimulus.factors(moments)
    return SimpleNamespace(**given, adder=stimulus.adder)


def test_rows_of_a_pool():
    outside = external(dtype="float32")
    first, rest = slice(0, 1000), slice(1000, 3 * TILE)
    outside.drive(first, 2 + iz.poisson(8, n=100, weight=0.5) + iz.poisson(40, weight=2))
    outside.drive(rest, iz.poisson(8, n=100, weight=0.25) + iz.poisson(3, receptor="nmda", start=10))
    given = for_steps(outside, 0, 40)
    assert outside.stimulus.train_receptors == ("", "", "nmda")
    assert (
        given.trains.dtype
        == given.train_weights.dtype
        == given.train_largest.dtype
        == given.train_factors.dtype
        == np.float32
    )
    np.testing.assert_allclose(given.trains[:, 0], [0.4, 0.02, 0])
    np.testing.assert_allclose(given.trains[:, -1], [0.4, 0, 0.0015])
    np.testing.assert_array_equal(given.train_weights[:, 0], [0.5, 2, 0])
    np.testing.assert_array_equal(given.train_weights[:, -1], [0.25, 0, 1])
    np.testing.assert_allclose(given.train_largest, [[0.4] * 3, [0.02, 0, 0], [0.0015] * 3])
    assert given.train_equal.all()
    np.testing.assert_array_equal(given.train_factors[:, :2], 1)
    np.testing.assert_array_equal(given.train_factors[:, 2], np.arange(40) >= 20)
    assert given.train_equal.dtype == bool


def test_means_that_differ_in_a_tile_are_told():
    outside = external()
    rate = np.full(3 * TILE, 5.0)
    rate[2000] = 6.0
    rate[TILE * 2 : TILE * 2 + 10] = 0
    outside.drive(slice(None), iz.poisson(rate))
    given = for_steps(outside, 0, 1)
    np.testing.assert_array_equal(given.train_equal, [[True, False, True]])
    np.testing.assert_allclose(given.train_largest, [[0.0025, 0.003, 0.0025]])


@pytest.mark.parametrize("size", [64, TILE, TILE + 64])
def test_pools_of_any_size(size):
    outside = external(size)
    outside.drive(slice(0, 3), iz.poisson(8))
    given = for_steps(outside, 5, 2)
    assert given.train_largest.shape == given.train_equal.shape == (1, -(-size // TILE))
    np.testing.assert_array_equal(given.train_largest[0, 1:], 0)
    assert given.adder == poisson.adder(np.dtype("float64")).address
    nothing = for_steps(external(size), 0, 7)
    assert not hasattr(nothing, "train_factors")
    assert nothing.adder == 0


def test_a_new_drive_replaces_the_trains():
    outside = external()
    held = []
    for k in range(20):
        outside.drive(slice(0, 500), iz.poisson(8, start=k) + iz.poisson(9, weight=3))
        held.append(outside.stimulus.nbytes)
    assert held[-1] == held[0]
    outside.drive(slice(0, 500), iz.constant(3))
    assert not for_steps(outside, 0, 1).trains.any()
    outside.drive(slice(0, 500), iz.poisson(8, weight=0) + iz.poisson(0, weight=3))
    assert not for_steps(outside, 0, 1).trains.any()


def test_rates_change_with_time():
    wave = 10 + iz.sine(5, frequency=8)
    level = np.repeat([1.0, 3.0], 3 * TILE // 2)
    for rate, expected in (
        (lambda t: 2 * t, lambda t: 2 * t),
        (wave, wave),
        (level * iz.from_function(np.square), np.square),
    ):
        outside = external()
        outside.drive(slice(None), iz.poisson(rate, n=10, start=5, stop=15))
        given = for_steps(outside, 4, 40)
        t = (4 + np.arange(40)) * 0.5
        on = (t >= 5) & (t < 15)
        np.testing.assert_allclose(given.train_factors[:, 0], expected(t) * on)
        np.testing.assert_allclose(given.trains[0, 0], 0.005)
    np.testing.assert_allclose(given.trains[0, -1], 0.015)
    outside.drive(slice(None), iz.poisson(lambda t: t - 5, start=5).shift(2))
    np.testing.assert_allclose(for_steps(outside, 0, 20).train_factors[:, 0], np.maximum(t[:20] - 2 - 7, 0))


def test_rates_over_time_are_those_of_the_events():
    outside = external(TILE, dt=1.0)
    outside.drive(slice(None), iz.poisson(lambda t: 40 + 30 * np.sin(t / 100), n=5))
    given = for_steps(outside, 0, 2000)
    events = [
        draw(given.trains[0], first=step, factor=given.train_factors[step, 0])[0].sum()
        for step in range(2000)
    ]
    due = (40 + 30 * np.sin(np.arange(2000) / 100)) * 5 * TILE / 1000
    assert p_of_counts_with(np.array(events), due) > LEAST_P


def p_of_counts_with(counts, due):
    """Index of dispersion about means that change."""
    return 2 * min(stats.chi2.cdf(((counts - due) ** 2 / due).sum(), len(due)),
                   stats.chi2.sf(((counts - due) ** 2 / due).sum(), len(due)))  # fmt: skip


def test_rates_that_become_negative_or_absurd():
    outside = external()
    outside.drive(slice(None), iz.poisson(iz.sine(5, frequency=8)))
    with pytest.raises(
        ValueError, match=r"poisson: rate: expected 0 or more from sine\(5.*, got -.* at t = 63 ms"
    ):
        for_steps(outside, 126, 3)
    outside.drive(slice(None), iz.poisson(lambda t: np.maximum(5 - t, 0)))
    assert for_steps(outside, 0, 30).train_factors.min() == 0
    outside.drive(slice(None), iz.poisson(lambda t: t / 0 if t > 2 else 0.0))
    with pytest.raises(ZeroDivisionError):
        for_steps(outside, 0, 30)
    outside.drive(slice(None), iz.poisson(lambda t: [5.0]))
    with pytest.raises(
        ValueError,
        match=r"poisson: rate: expected one .* 3 times from <lambda>, got shape \(1,\); .*np.where",
    ):
        for_steps(outside, 0, 3)
    outside.drive(slice(None), iz.poisson(1e9, n=1000))
    with pytest.raises(
        ValueError, match=r"at most 1e\+08 events of a neuron in a step, got 5e\+08: rates are in Hz"
    ):
        for_steps(outside, 0, 1)
