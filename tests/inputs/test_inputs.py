"""Inputs: each waveform against its formula, and the algebra of inputs."""

import copy
import functools
import inspect
import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from izhi_numba.inputs import makers as inputs
from izhi_numba.inputs.makers import (
    chirp,
    constant,
    from_function,
    from_samples,
    noise,
    ornstein_uhlenbeck,
    pulse,
    pulse_train,
    ramp,
    sine,
    square,
    step,
)
from izhi_numba.inputs.terms import MAKERS, Correlated, Input, Term, White, as_input
from izhi_numba.inputs.waveforms import (
    Always,
    Chirp,
    Function,
    PulseTrain,
    Ramp,
    Samples,
    Sine,
    Square,
    Window,
)

INF = math.inf
NAN = math.nan
PUBLIC = [
    "constant", "step", "pulse", "pulse_train", "square", "sine", "chirp", "ramp", "noise", "ornstein_uhlenbeck",
    "poisson", "from_samples", "from_function",
]  # fmt: skip
GRIDS = [0.1, 0.2, 0.25, 0.7]
N_STEPS = 10_000
STEPS = np.arange(N_STEPS + 1)


def written(k, dt):
    """The time of step k as a person writes it: 0.3, not 0.30000000000000004."""
    return round(k * dt, 10)


def on_grid(item, dt):
    return item(STEPS * dt)


# Waveforms on grids: edges fall on the step that was meant.


@pytest.mark.parametrize("dt", GRIDS)
def test_each_multiple_of_dt_is_an_edge_at_its_step(dt):
    for k in range(1, N_STEPS):
        around = np.array([k - 1, k, k + 1]) * dt
        edge, following = written(k, dt), written(k + 1, dt)
        assert Window(edge, following)(around).tolist() == [0, 1, 0]
        assert Window(edge + 1e-6, following + 1e-6)(around).tolist() == [0, 0, 1]  # t > edge


@pytest.mark.parametrize("dt", GRIDS)
@pytest.mark.parametrize(("first", "last"), [(0, 1), (1, 3), (77, 8191), (3333, 9999)])
def test_windows(dt, first, last):
    inside = (first <= STEPS) & (last > STEPS)
    start, stop = written(first, dt), written(last, dt)
    np.testing.assert_array_equal(on_grid(step(2.5, start=start, stop=stop), dt), 2.5 * inside)
    np.testing.assert_array_equal(on_grid(step(2.5, start=start), dt), 2.5 * (first <= STEPS))
    width = written(last - first, dt)
    np.testing.assert_array_equal(on_grid(pulse(-4, start=start, width=width), dt), -4.0 * inside)
    since = STEPS * dt - start
    np.testing.assert_allclose(
        on_grid(ramp(0.075, start=start, stop=stop), dt), 0.075 * since * inside, atol=1e-12
    )
    expected = 3 * np.sin(2 * np.pi * 8 * since / 1000 + 0.5) * inside
    wave = sine(3, frequency=8, phase=0.5, start=start, stop=stop)
    np.testing.assert_allclose(on_grid(wave, dt), expected, atol=1e-9)


@pytest.mark.parametrize("dt", GRIDS)
@pytest.mark.parametrize(("period", "width"), [(1, 1), (2, 1), (3, 1), (3, 2), (3, 3), (7, 4), (1000, 1)])
@pytest.mark.parametrize(("first", "count"), [(0, None), (1, None), (13, 5), (4321, 1)])
def test_pulse_trains(dt, period, width, first, count):
    since = STEPS - first
    on = (since >= 0) & (since % period < width) & (since // period < (count or np.inf))
    train = pulse_train(
        5, period=written(period, dt), width=written(width, dt), start=written(first, dt), count=count
    )
    np.testing.assert_array_equal(on_grid(train, dt), 5.0 * on)


@pytest.mark.parametrize("dt", GRIDS)
@pytest.mark.parametrize("half", [1, 3, 250])
@pytest.mark.parametrize(("first", "last"), [(0, None), (5, 9000)])
def test_squares(dt, half, first, last):
    inside = (first <= STEPS) & (True if last is None else last > STEPS)
    sign = np.where((STEPS - first) // half % 2 == 0, 1, -1)
    stop = INF if last is None else written(last, dt)
    wave = square(1.5, period=written(2 * half, dt), start=written(first, dt), stop=stop)
    np.testing.assert_array_equal(on_grid(wave, dt), 1.5 * sign * inside)


@pytest.mark.parametrize("dt", GRIDS)
@pytest.mark.parametrize("each", [1, 4])
def test_samples(dt, each):
    values = np.cos(np.arange(2000))
    first = 17
    index = (STEPS - first) // each
    expected = np.where((index >= 0) & (index < 2000), values[np.clip(index, 0, 1999)], 0)
    wave = from_samples(values, written(each, dt), start=written(first, dt))
    np.testing.assert_array_equal(on_grid(wave, dt), expected)


def test_samples_are_a_copy():
    values = np.ones(3)
    wave = from_samples(values, 1.0)
    values[:] = 7
    np.testing.assert_array_equal(wave([0, 1, 2]), 1)
    with pytest.raises(ValueError, match="read-only"):
        wave.terms[0].waveform.values[0] = 7


@pytest.mark.parametrize(("f0", "f1"), [(0, 40), (40, 5), (10, 10)])
def test_a_chirp_has_the_frequency_that_is_said(f0, f1):
    start, duration = 100.0, 2000.0
    t = np.arange(0, 3000, 0.1)
    values = chirp(1.0, f0=f0, f1=f1, duration=duration, start=start)(t)
    inside = (t > start - 0.05) & (t < start + duration - 0.05)
    frequency = f0 + (f1 - f0) * np.clip(t - start, 0, duration) / duration
    turns = np.concatenate([[0], np.cumsum((frequency[1:] + frequency[:-1]) / 2 * 0.1 / 1000)])
    turns -= np.interp(start, t, turns)
    np.testing.assert_allclose(values, np.sin(2 * np.pi * turns) * inside, atol=1e-8)


def test_constants_and_steps_that_were_always_on():
    t = np.array([-5.0, 0, 1e9])
    np.testing.assert_array_equal(constant(3)(t), 3)
    np.testing.assert_array_equal(step(3)(t), [0, 3, 3])
    np.testing.assert_array_equal(step(3, start=-INF, stop=1)(t), [3, 3, 0])
    assert step(3, start=-INF).terms[0].waveform == Always()


# Functions


@pytest.mark.parametrize(
    "function",
    [
        lambda t: t**2 / 7,
        lambda t: math.pow(t, 2) / 7,  # TypeError for arrays
        lambda t: t**2 / 7 if t > -INF else 0.0,  # ValueError for arrays of several
        lambda t: list(t**2 / 7) if isinstance(t, np.ndarray) else t**2 / 7,
    ],
)
@pytest.mark.parametrize("shape", [(), (1,), (2,), (100,), (3, 4), (0,)])
def test_functions(function, shape):
    t = np.arange(math.prod(shape), dtype=float).reshape(shape) - 3
    values = from_function(function).shift(2.5)(t)
    np.testing.assert_allclose(values, (t - 2.5) ** 2 / 7, rtol=1e-15)
    assert np.shape(values) == shape


def test_functions_get_arrays_or_floats():
    seen = []

    def scalar_only(t):
        seen.append(t)
        return 1 if t > 2 else 0

    np.testing.assert_array_equal(from_function(scalar_only)([1, 2, 3]), [0, 0, 1])
    assert isinstance(seen[0], np.ndarray)
    assert seen[1:] == [1.0, 2.0, 3.0]
    assert all(type(t) is float for t in seen[1:])


def test_one_number_for_several_times_is_that_of_one_time():
    assert from_function(lambda t: 5.0)([1, 2, 3]).tolist() == [5.0, 5.0, 5.0]
    assert from_function(np.max)([1, 2, 3]).tolist() == [1.0, 2.0, 3.0]
    assert inputs.poisson(lambda t: 5.0).terms[0].waveform(np.arange(3.0)).tolist() == [5.0, 5.0, 5.0]


def test_functions_may_return_truth_and_whole_numbers():
    assert from_function(lambda t: t > 2)([1, 2, 3]).tolist() == [0.0, 0.0, 1.0]
    assert from_function(lambda t: t.astype(int))([1.5]).dtype == np.float64


def test_errors_of_functions_are_their_own():
    def faulty(t):
        raise ValueError("the table ends")

    with pytest.raises(ValueError, match="the table ends"):
        from_function(faulty)(1.0)


# Adding, scaling, shifting. Times are multiples of 1/8 ms, so that a shift is exact.

eighths = st.integers(-800, 800).map(lambda k: k / 8)
lengths = st.integers(1, 800).map(lambda k: k / 8)
numbers = st.integers(-100, 100).map(lambda k: k / 4)
frequencies = st.sampled_from([0.0, 0.5, 8.0, 40.0, 300.0])
ends = st.one_of(st.just(INF), lengths)
TIMES = np.arange(-2400, 2400) / 8


def from_start(maker, **keywords):
    """Inputs of ``maker`` with a start, and a stop after it."""

    def build(amplitude, start, length, given):
        return maker(amplitude, start=start, stop=start + length, **given)

    return st.builds(build, numbers, eighths, ends, st.fixed_dictionaries(keywords))


SAMPLES = np.array([3.0, -1.0, 2.0])
written_back = st.one_of(
    st.builds(constant, numbers),
    from_start(step),
    from_start(ramp),
    from_start(square, period=lengths),
    from_start(sine, frequency=frequencies, phase=numbers),
    st.builds(pulse, numbers, start=eighths, width=lengths),
    st.builds(
        lambda a, start, width, gap, count: pulse_train(
            a, period=width + gap, width=width, start=start, count=count
        ),
        numbers, eighths, lengths, lengths, st.one_of(st.none(), st.integers(1, 9)),
    ),
    st.builds(chirp, numbers, f0=frequencies, f1=frequencies, duration=lengths, start=eighths),
    st.builds(lambda a, s: a * from_function(np.cos).shift(s), numbers, eighths),
)  # fmt: skip
waveforms = st.one_of(
    written_back,
    st.builds(lambda a, dt, s: a * from_samples(SAMPLES, dt, start=s), numbers, lengths, eighths),
)
noises = st.one_of(
    st.builds(noise, lengths),
    st.builds(lambda sd, s, d: noise(sd, start=s, stop=s + d), lengths, eighths, ends),
    st.builds(
        lambda sd, tau, s, d: ornstein_uhlenbeck(sd, tau, start=s, stop=s + d),
        lengths,
        lengths,
        eighths,
        ends,
    ),
)


def sums_of(parts):
    return st.lists(parts, min_size=1, max_size=4).map(lambda items: sum(items[1:], start=items[0]))


@given(sums_of(waveforms), eighths)
def test_a_shift_is_the_same_later(a, by):
    np.testing.assert_allclose(a.shift(by)(TIMES), a(TIMES - by), rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(a.shift(by).shift(-by)(TIMES), a(TIMES), rtol=1e-12, atol=1e-12)


@given(waveforms, eighths)
def test_the_shift_of_one_waveform_is_exact(a, by):
    np.testing.assert_array_equal(a.shift(by)(TIMES), a(TIMES - by))


@given(sums_of(waveforms), sums_of(waveforms), numbers)
def test_inputs_are_a_vector_space(a, b, factor):
    near = dict(rtol=1e-12, atol=1e-9)
    np.testing.assert_allclose((a + b)(TIMES), a(TIMES) + b(TIMES), **near)
    np.testing.assert_allclose((a - b)(TIMES), a(TIMES) - b(TIMES), **near)
    np.testing.assert_allclose((a * factor)(TIMES), a(TIMES) * factor, **near)
    np.testing.assert_allclose((factor * a)(TIMES), a(TIMES) * factor, **near)
    np.testing.assert_allclose((-a)(TIMES), -a(TIMES), **near)
    np.testing.assert_allclose((a + factor)(TIMES), a(TIMES) + factor, **near)
    np.testing.assert_allclose((factor + a)(TIMES), a(TIMES) + factor, **near)
    np.testing.assert_allclose((a - factor)(TIMES), a(TIMES) - factor, **near)
    np.testing.assert_allclose((factor - a)(TIMES), factor - a(TIMES), **near)


@given(sums_of(st.one_of(written_back, noises)))
def test_what_is_written_can_be_read(a):
    names = {name: getattr(inputs, name) for name in PUBLIC} | {"inf": INF, "cos": np.cos}
    again = eval(repr(a), names)
    assert repr(again) == repr(a)
    assert len(again.terms) == len(a.terms)
    for old, new in zip(a.terms, again.terms, strict=True):
        assert vars(old) == vars(new)


def test_readable():
    a = step(10, start=100) + noise(2)
    assert repr(a) == "step(10, start=100) + noise(2)"
    assert repr(a - 3) == "step(10, start=100) + noise(2) + constant(-3)"
    assert repr(Input()) == "constant(0)"
    assert repr(step(0.1, start=-INF, stop=7)) == "step(0.1, start=-inf, stop=7)"
    assert (
        repr(pulse_train(5, period=20, width=2.5, count=3)) == "pulse_train(5, period=20, width=2.5, count=3)"
    )
    assert repr(square(3, period=10).shift(5)) == "square(3, period=10, start=5)"
    assert repr(sine(3, frequency=8)) == "sine(3, frequency=8)"
    assert repr(noise(2, stop=20)) == "noise(2, stop=20)"
    assert repr(ornstein_uhlenbeck(2, [1, 2])) == "ornstein_uhlenbeck(2, tau=<2 values>)"
    assert repr(np.ones(800) * step(10, start=1e-9)) == "step(<800 values>, start=1e-09)"
    assert repr(2 * from_samples([1, 2, 3], 0.1, start=4)) == "2 * from_samples(<3 values>, dt=0.1, start=4)"
    assert repr(-from_function(math.sin).shift(-2)) == "-1 * from_function(sin).shift(-2)"
    assert repr(from_function(functools.partial(math.pow, 2))) == "from_function(partial)"


def test_shifts_leave_what_is_always_on():
    a = 3 + noise(2) + ornstein_uhlenbeck(1, 5)
    assert repr(a.shift(100)) == repr(a)
    windows = noise(2, start=10, stop=20) + ornstein_uhlenbeck(1, 5, start=3)
    assert (
        repr(windows.shift(100)) == "noise(2, start=110, stop=120) + ornstein_uhlenbeck(1, tau=5, start=103)"
    )
    assert repr(step(3).shift(100)) == "step(3, start=100)"
    assert noise(2, start=-INF).terms[0].waveform == noise(2, start=-3).terms[0].waveform == Always()
    assert noise(2, start=1e-3).terms[0].waveform == Window(1e-3, INF)


# What is of a kind becomes one


def one(item, kind):
    (term,) = item.terms
    assert type(term) is kind
    return term


def test_constants_add_up():
    term = one(1 + constant(2) + 3.5 - constant(0.5), Term)
    assert (term.amplitude, term.waveform) == (6.0, Always())
    assert type(term.amplitude) is float


def test_equal_waveforms_add_up():
    for make in (
        lambda: step(2, start=3),
        lambda: pulse(2, start=3, width=1),
        lambda: pulse_train(2, period=3, width=1),
        lambda: square(2, period=3),
        lambda: sine(2, frequency=3),
        lambda: chirp(2, f0=0, f1=3, duration=10),
        lambda: ramp(2, start=1),
        lambda: 2 * from_function(math.sin),
    ):
        assert one(make() + make(), Term).amplitude == 4
        assert len((make() + make().shift(1)).terms) == 2


def test_samples_and_functions_are_known_by_identity():
    samples = from_samples([1, 2], 1)
    assert one(samples + 3 * samples, Term).amplitude == 4
    assert one(samples.shift(1) + samples.shift(1), Term).amplitude == 2
    assert len((samples + samples.shift(1)).terms) == 2
    assert len((samples + from_samples([1, 2], 1)).terms) == 2
    assert len((from_function(lambda t: t) + from_function(lambda t: t)).terms) == 2


def test_variances_of_white_noise_add():
    assert one(noise(3) + noise(4), White).sd == 5
    assert one(noise(3, start=5) + noise(4, start=5), White).sd == 5
    assert len((noise(3) + noise(4, start=5)).terms) == 2
    assert one(noise(3) - noise(4), White).sd == 5
    assert one(-3 * noise(2), White).sd == 6
    np.testing.assert_array_equal(one(noise(3) + noise([4, 0]), White).sd, [5, 3])
    np.testing.assert_array_equal(one(noise(3) * np.array([2, -1]), White).sd, [6, 3])


def test_variances_of_correlated_noise_add_where_times_are_equal():
    slow, fast = ornstein_uhlenbeck(3, 50), ornstein_uhlenbeck(4, 5)
    assert len((slow + fast).terms) == 2
    assert len((slow + noise(3)).terms) == 2
    merged = one(slow + ornstein_uhlenbeck([4, 0], 50), Correlated)
    np.testing.assert_array_equal(merged.sd, [5, 3])
    assert merged.tau == 50
    assert len((slow + ornstein_uhlenbeck(3, 50, start=2)).terms) == 2
    graded = ornstein_uhlenbeck(3, [1, 2])
    assert len((graded + graded).terms) == 2
    assert one(-2 * slow, Correlated).sd == 6


def test_a_sum_begins_with_nothing():
    assert repr(sum([step(1, start=2), noise(3)])) == "step(1, start=2) + noise(3)"
    assert repr(noise(3) - 0) == "noise(3)"
    assert repr(constant(2) - 2) == "constant(0)"
    assert repr(noise(0)) == "noise(0)"


def test_waveforms_hash_and_compare_by_value():
    every = [
        Always(), Window(1.0, 2.0), Window(1.0), PulseTrain(2.0, 1.0), Square(2.0), Sine(2.0), Sine(2.0, 1.0),
        Chirp(0.0, 2.0, 1.0), Ramp(1.0, 2.0), Samples(SAMPLES, 1.0), Samples(SAMPLES, 2.0), Function(math.sin),
        Function(math.cos), Function(math.sin, 1.0),
    ]  # fmt: skip
    assert len(set(every)) == len(every)
    assert len(set(every + [copy.copy(waveform) for waveform in every])) == len(every)
    for i, waveform in enumerate(every):
        assert [waveform == other for other in every] == [i == j for j in range(len(every))]
        assert waveform(np.zeros((2, 3))).shape == (2, 3)
        assert waveform(np.zeros(4)).dtype == np.float64


def test_inputs_never_change():
    window = noise(2, start=10)
    window.shift(5)
    window *= 3
    assert repr(window) == "noise(6, start=10)"
    with pytest.raises(AttributeError):
        window.terms = ()
    with pytest.raises(AttributeError):
        window.terms[0].sd = 3


# One value per neuron

LEVELS = np.array([1.0, 2.0, 4.0])


def test_arrays_on_either_side():
    a = step(10, start=1)
    for each in (a + LEVELS, LEVELS + a, list(LEVELS) + a):
        np.testing.assert_array_equal(each([0, 1]), [LEVELS, LEVELS + 10])
    np.testing.assert_array_equal((a - LEVELS)(1), 10 - LEVELS)
    np.testing.assert_array_equal((LEVELS - a)(1), LEVELS - 10)
    for each in (a * LEVELS, LEVELS * a):
        np.testing.assert_array_equal(each(1), 10 * LEVELS)
        assert isinstance(each, Input)
    np.testing.assert_array_equal((LEVELS * from_samples([1, 2], 1))([0, 1]), [LEVELS, 2 * LEVELS])
    for scalar in (np.float64(2), np.float32(2), np.int64(2), np.array(2.0)):
        assert repr(scalar * a + scalar) == repr(a * scalar + scalar) == "step(20, start=1) + constant(2)"


def test_shape_of_values():
    several = step(LEVELS, start=1) + 3
    assert several(0).shape == (3,)
    assert several(np.zeros((2, 5))).shape == (2, 5, 3)
    assert several([]).shape == (0, 3)
    assert step([2])(np.zeros(4)).shape == (4, 1)
    assert (noise(LEVELS) + 3)(np.zeros(4)).shape == (4,)
    value = step(3)(1)
    assert type(value) is float
    assert value == 3
    assert noise(2)([1, 2]).tolist() == [0, 0]


def test_arrays_are_copied_and_cannot_be_written():
    levels = LEVELS.copy()
    a, b = constant(levels), noise(levels)
    levels[:] = 0
    for values in (a.terms[0].amplitude, b.terms[0].sd, (2 * a + a).terms[0].amplitude):
        assert values[0] > 0
        with pytest.raises(ValueError, match="read-only"):
            values[0] = 0


def test_as_input():
    a = noise(3)
    assert as_input(a) is a
    assert one(as_input(3), Term).amplitude == 3
    np.testing.assert_array_equal(one(as_input([3, 4]), Term).amplitude, [3, 4])
    assert one(as_input(np.float32(0.5)), Term).waveform == Always()


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda a: pickle.loads(pickle.dumps(a))])
def test_copies(duplicate):
    a = step(LEVELS, start=1) + noise(2) + from_samples([1, 2], 1) + from_function(np.cos)
    again = duplicate(a)
    assert repr(again) == repr(a)
    np.testing.assert_array_equal(again(TIMES), a(TIMES))


# Mistakes

BAD = [
    (lambda: constant("x"), TypeError, "input: expected a number, or one value per neuron, got 'x'; other inputs are made by constant, step"),
    (lambda: as_input(None), TypeError, "got None; other inputs are made by .*from_samples and from_function"),
    (lambda: as_input(math.sin), TypeError, "got <built-in function sin>; other inputs"),
    (lambda: as_input([[1, 2], [3]]), TypeError, "one value per neuron, got"),
    (lambda: as_input(1j), TypeError, "got 1j"),
    (lambda: as_input(True), TypeError, "got True"),
    (lambda: as_input(np.ones((2, 3))), ValueError, r"one value per neuron, got shape \(2, 3\); other inputs"),
    (lambda: constant(NAN), ValueError, "input: expected finite numbers, got nan$"),
    (lambda: constant([1, INF]), ValueError, "input: expected finite numbers, got inf at index 1"),
    (lambda: noise(2) + "x", TypeError, "input: .*got 'x'"),
    (lambda: "x" - noise(2), TypeError, "input: .*got 'x'"),
    (lambda: noise(2) - None, TypeError, "input: .*got None"),
    (lambda: noise(2) * "x", TypeError, "factor: expected a number, or one value per neuron, got 'x'"),
    (lambda: noise(2) * noise(3), TypeError, r"factor: .*got noise\(3\)"),
    (lambda: True * noise(2), TypeError, "factor: .*got True"),
    (lambda: INF * noise(2), ValueError, "factor: expected finite numbers, got inf"),
    (lambda: constant(1e308) * 10, ValueError, "too large for a number"),
    (lambda: constant([1e308]) + 1e308, ValueError, "too large for a number"),
    (lambda: noise(1e308) * [10], ValueError, "too large for a number"),
    (lambda: noise(2).shift("x"), TypeError, "shift: expected a finite number, got 'x'"),
    (lambda: noise(2).shift(INF), ValueError, "shift: expected a finite number, got inf"),
    (lambda: step(np.ones(3)) + noise(np.ones(5)), ValueError, "one value per neuron in each part, got 3 and 5 values; groups"),
    (lambda: step(np.ones(3)) * np.ones(5), ValueError, "got 3 and 5 values"),
    (lambda: constant(np.ones(1)) + np.ones(5), ValueError, "got 1 and 5 values"),
    (lambda: ornstein_uhlenbeck(np.ones(3), np.ones(2)), ValueError, "got 2 and 3 values"),
    (lambda: Input(3.0), TypeError, "Input: expected terms, got 3.0; inputs are made by constant"),
    (lambda: Input((3.0,)), TypeError, r"Input: expected terms, got \(3.0,\)"),
    (lambda: step(3)("x"), TypeError, "t: expected times in ms, got 'x'"),
    (lambda: step(3)(NAN), ValueError, "t: expected finite times in ms, got nan"),
    (lambda: step("x"), TypeError, "step: amplitude: expected a number, or one value per neuron, got 'x'"),
    (lambda: step(NAN), ValueError, "step: amplitude: expected finite numbers, got nan"),
    (lambda: step(1, start=5, stop=5), ValueError, "step: expected stop after start, got start=5 and stop=5"),
    (lambda: step(1, start="x"), TypeError, "step: start: expected a finite number, got 'x'"),
    (lambda: step(1, start=INF), ValueError, "step: start: expected a finite number, got inf"),
    (lambda: step(1, stop=NAN), ValueError, "step: stop: expected a finite number, got nan"),
    (lambda: step(1, stop=np.ones(2)), TypeError, "step: stop: expected a finite number, got array"),
    (lambda: step(1, stop=-INF), ValueError, "step: stop: expected a finite number, got -inf"),
    (lambda: pulse(None, start=1, width=1), TypeError, "pulse: amplitude: .*got None"),
    (lambda: pulse(1, start=-INF, width=1), ValueError, "pulse: start: expected a finite number, got -inf"),
    (lambda: pulse(1, start=1, width=0), ValueError, "pulse: width: expected a number above 0, got 0"),
    (lambda: pulse(1, start=1, width=INF), ValueError, "pulse: width: expected a finite number, got inf"),
    (lambda: pulse_train(None, period=2, width=1), TypeError, "pulse_train: amplitude"),
    (lambda: pulse_train(1, period=0, width=1), ValueError, "pulse_train: period: expected a number above 0, got 0"),
    (lambda: pulse_train(1, period=2, width=-1), ValueError, "pulse_train: width: expected a number above 0, got -1"),
    (lambda: pulse_train(1, period=2, width=3), ValueError, "pulse_train: expected width <= period, got width=3 and period=2"),
    (lambda: pulse_train(1, period=2, width=1, start=INF), ValueError, "pulse_train: start: .*got inf"),
    (lambda: pulse_train(1, period=2, width=1, count=0), ValueError, "pulse_train: count: expected a whole number of at least 1, got 0"),
    (lambda: pulse_train(1, period=2, width=1, count=1.5), TypeError, "pulse_train: count: expected a whole number, got 1.5"),
    (lambda: square(None, period=2), TypeError, "square: amplitude"),
    (lambda: square(1, period=-2), ValueError, "square: period: expected a number above 0, got -2"),
    (lambda: square(1, period=2, start=-INF), ValueError, "square: start: expected a finite number, got -inf"),
    (lambda: square(1, period=2, start=3, stop=1), ValueError, "square: expected stop after start, got start=3 and stop=1"),
    (lambda: sine(None, frequency=2), TypeError, "sine: amplitude"),
    (lambda: sine(1, frequency=-2), ValueError, "sine: frequency: expected a number of at least 0, got -2"),
    (lambda: sine(1, frequency=INF), ValueError, "sine: frequency: expected a finite number, got inf"),
    (lambda: sine(1, frequency=2, phase=NAN), ValueError, "sine: phase: expected a finite number, got nan"),
    (lambda: sine(1, frequency=2, start=-INF), ValueError, "sine: start: expected a finite number, got -inf"),
    (lambda: sine(1, frequency=2, start=3, stop=1), ValueError, "sine: expected stop after start"),
    (lambda: chirp(None, f0=1, f1=2, duration=3), TypeError, "chirp: amplitude"),
    (lambda: chirp(1, f0=-1, f1=2, duration=3), ValueError, "chirp: f0: expected a number of at least 0, got -1"),
    (lambda: chirp(1, f0=1, f1=NAN, duration=3), ValueError, "chirp: f1: expected a finite number, got nan"),
    (lambda: chirp(1, f0=1, f1=2, duration=0), ValueError, "chirp: duration: expected a number above 0, got 0"),
    (lambda: chirp(1, f0=1, f1=2, duration=3, start=INF), ValueError, "chirp: start: .*got inf"),
    (lambda: ramp("x"), TypeError, "ramp: slope: .*got 'x'"),
    (lambda: ramp(1, start=-INF), ValueError, "ramp: start: expected a finite number, got -inf"),
    (lambda: ramp(1, start=3, stop=1), ValueError, "ramp: expected stop after start"),
    (lambda: noise("x"), TypeError, "standard deviation of the noise: expected a number, or one value per neuron, got 'x'"),
    (lambda: noise(-1.0), ValueError, "standard deviation of the noise: expected 0 or more, got -1"),
    (lambda: noise([1, -2]), ValueError, "standard deviation of the noise: expected 0 or more, got -2 at index 1"),
    (lambda: noise(1, start=3, stop=1), ValueError, "noise: expected stop after start"),
    (lambda: noise(1, start=INF), ValueError, "noise: start: .*got inf"),
    (lambda: ornstein_uhlenbeck(-1, 5), ValueError, "ornstein_uhlenbeck: sd: expected 0 or more, got -1"),
    (lambda: ornstein_uhlenbeck(1, 0), ValueError, "ornstein_uhlenbeck: tau: expected more than 0, got 0"),
    (lambda: ornstein_uhlenbeck(1, [5, -5]), ValueError, "ornstein_uhlenbeck: tau: expected more than 0, got -5 at index 1"),
    (lambda: ornstein_uhlenbeck(1, INF), ValueError, "ornstein_uhlenbeck: tau: expected finite numbers, got inf"),
    (lambda: ornstein_uhlenbeck(1, 5, start=3, stop=1), ValueError, "ornstein_uhlenbeck: expected stop after start"),
    (lambda: from_samples("x", 1), TypeError, "from_samples: values: expected an array of numbers, got 'x'"),
    (lambda: from_samples([[[1, 2]]], 1), ValueError, r"one value per sample, or an array \(time, neuron\), got shape \(1, 1, 2\); to give each"),
    (lambda: from_samples([[1, 2], [3, NAN]], 1), ValueError, "from_samples: values: expected finite numbers, got nan in row 1, column 1"),
    (lambda: from_samples([[1, 2]], 1) + LEVELS, ValueError, "expected one value per neuron in each part, got 2 and 3 values"),
    (lambda: from_samples([[1, 2]], 1) * LEVELS, ValueError, "expected one value per neuron in each part, got 2 and 3 values"),
    (lambda: from_samples(3.0, 1), ValueError, r"got shape \(\)"),
    (lambda: from_samples([], 1), ValueError, r"got shape \(0,\)"),
    (lambda: from_samples([1, NAN], 1), ValueError, "from_samples: values: expected finite numbers, got nan at index 1"),
    (lambda: from_samples([1, 2], 0), ValueError, "from_samples: dt: expected a number above 0, got 0"),
    (lambda: from_samples([1, 2], 1, start=INF), ValueError, "from_samples: start: .*got inf"),
    (lambda: from_function(3), TypeError, "from_function: expected a function of the time in ms, got 3"),
    (lambda: from_function(lambda t: [5.0])([1, 2, 3]), ValueError, r"one number for each of 3 times from <lambda>, got shape \(1,\); it is given an array t"),
    (lambda: from_function(lambda t: [5.0])(1), ValueError, r"got shape \(1,\)"),
    (lambda: from_function(lambda t: t[:, None])([1, 2, 3]), ValueError, r"got shape \(3, 1\)"),
    (lambda: from_function(lambda t: None)([1, 2, 3]), TypeError, r"expected numbers from <lambda>, got \[None, None, None\]"),
    (lambda: from_function(lambda t: "x")([1, 2, 3]), TypeError, "expected numbers from <lambda>, got 'x'"),
    (lambda: from_function(lambda t: np.where(t > 1.5, np.nan, t))([1, 2, 3]), ValueError, "expected finite numbers from <lambda>, got nan at t = 2 ms"),
    (lambda: from_function(lambda t: INF if t == 4 else 0.0)(4), ValueError, "got inf at t = 4 ms"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "error", "message"), BAD)
def test_mistakes(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_every_maker_is_listed_for_those_who_mistake_one():
    makers = {
        name
        for name, value in vars(inputs).items()
        if inspect.isfunction(value) and value.__module__ == inputs.__name__ and not name.startswith("_")
    }
    assert makers - {"rate_and_waveform"} == set(PUBLIC)
    assert set(MAKERS.replace(" and ", ", ").split(", ")) == set(PUBLIC)


@pytest.mark.parametrize("name", PUBLIC)
def test_every_maker_is_told(name):
    text = inspect.getdoc(getattr(inputs, name))
    for part in ("Parameters\n---", "Examples\n---", ">>>"):
        assert part in text
