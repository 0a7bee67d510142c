"""Functions for models: right to the last places, the same compiled and in plain Python, and in vectors."""

import functools
import platform
import re
import subprocess
import sys

import llvmlite.binding
import numba
import numpy as np
import pytest
from scipy import special

import izhi_numba
import izhi_numba as iz
import izhi_numba.math
from izhi_numba.base.portable import same_bits
from izhi_numba.kernels.plain_python import inline_as
from izhi_numba.math import clip, where

INF, NAN = np.inf, np.nan
DTYPES = ["float32", "float64"]
NUMPYS = {
    "exp": np.exp,
    "expm1": np.expm1,
    "log": np.log,
    "log1p": np.log1p,
    "tanh": np.tanh,
    "cosh": np.cosh,
}
REFERENCE = NUMPYS | {
    "exprel": lambda x: np.where(x == 0, 1, np.expm1(x) / np.where(x == 0, 1, x)),
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
}
NAMES = sorted(REFERENCE)
WIDER = {"float32": np.float64, "float64": np.longdouble}
# Largest errors in units in the last place. Of all float32, and of 10 million float64, they are 1.05,
# 1.75, 2.09, 0.83, 1.39, 2.57, 1.51 and 2.49.
BOUND = {
    "exp": 1.1, "expm1": 1.8, "exprel": 2.2, "log": 0.9,
    "log1p": 1.45, "tanh": 2.7, "cosh": 1.6, "sigmoid": 2.6,
}  # fmt: skip

PLAIN_BOUND = {
    "exp": 0.75, "expm1": 1.0, "exprel": 3.1, "log": 0.85,
    "log1p": 1.4, "tanh": 2.3, "cosh": 2.4, "sigmoid": 2.1,
}  # fmt: skip

# What each function gives at these points, apart from rounding: (x, value).
SPECIAL = {
    "exp": [(0.0, 1), (-0.0, 1), (INF, INF), (-INF, 0), (710.0, INF), (-800.0, 0)],
    "expm1": [(0.0, 0.0), (-0.0, -0.0), (INF, INF), (-INF, -1), (710.0, INF), (-800.0, -1)],
    "exprel": [(0.0, 1), (-0.0, 1), (INF, INF), (-INF, 0), (720.0, INF)],
    "log": [(0.0, -INF), (-0.0, -INF), (1.0, 0.0), (INF, INF), (-INF, NAN), (-1.0, NAN), (-1e-40, NAN)],
    "log1p": [(0.0, 0.0), (-0.0, -0.0), (INF, INF), (-INF, NAN), (-1.0, -INF), (-1.5, NAN), (-1e10, NAN)],
    "tanh": [(0.0, 0.0), (-0.0, -0.0), (INF, 1), (-INF, -1), (100.0, 1), (-100.0, -1)],
    "cosh": [(0.0, 1), (-0.0, 1), (INF, INF), (-INF, INF), (711.0, INF), (-711.0, INF)],
    "sigmoid": [(0.0, 0.5), (-0.0, 0.5), (INF, 1), (-INF, 0), (800.0, 1), (-800.0, 0)],
}


def over_elements(function):
    """A compiled loop with a function of one number."""

    @numba.njit(error_model="numpy")
    def loop(x, y):
        for i in range(len(x)):
            y[i] = function(x[i])

    return loop


@functools.cache
def loop_of(name, dtype):
    loop = over_elements(getattr(izhi_numba.math, name))
    loop(np.ones(1, dtype), np.ones(1, dtype))
    return loop


def compiled(name, x):
    y = np.empty_like(x)
    loop_of(name, x.dtype.name)(x, y)
    return y


def assert_same_bits(one, other):
    """Equal, zeros with their signs; one NaN is as good as another."""
    assert one.dtype == other.dtype
    np.testing.assert_array_equal(one, other)
    number = ~np.isnan(one)
    np.testing.assert_array_equal(np.signbit(one[number]), np.signbit(other[number]))


@functools.cache
def points(dtype):
    """Numbers of all sizes and both signs, and those around which the formulas change."""
    info = np.finfo(dtype)
    draw = np.random.default_rng(1)
    last = 1.05 * np.log(2) * (info.maxexp + info.nmant)
    smallest, largest = np.log10(float(info.smallest_subnormal)), np.log10(float(info.max))
    sizes = 10 ** np.concatenate([draw.uniform(smallest, largest, 50_000), draw.uniform(-4, 3, 50_000)])
    halves = np.arange(-2 * (info.maxexp + info.nmant), 2 * (info.maxexp + info.nmant)) * (np.log(2) / 2)
    around = halves[:, None] + np.linspace(-1e-3, 1e-3, 9)
    roots = 2.0 ** (np.arange(info.minexp, info.maxexp - 1) + 0.5)
    near_roots = roots[:, None] * np.linspace(0.999999, 1.000001, 7)
    near_one = draw.uniform(0.5, 2, 30_000)
    ordinary = [draw.uniform(-width, width, 50_000) for width in (1, 20, last)]
    every = [sizes, -sizes, around.ravel(), near_roots.ravel(), near_one, near_one - 1, *ordinary]
    return np.concatenate(every).astype(dtype)


def domain(name, x):
    return x[x > 0] if name == "log" else x[x > -1] if name == "log1p" else x


def errors(y, exact):
    """Distance of each ``y`` from the exact value, in units in the last place; infinite where it must not be."""
    rounded = exact.astype(y.dtype)
    # np.spacing of the largest number is right, that of infinity is not
    unit = np.spacing(np.minimum(np.abs(rounded), np.finfo(y.dtype).max)).astype(exact.dtype)
    error = np.abs(y.astype(exact.dtype) - exact) / unit
    both_infinite = np.isinf(y) & np.isinf(rounded) & (np.sign(y) == np.sign(rounded))
    return np.where(both_infinite, 0, np.where(np.isnan(error), INF, error))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", NAMES)
def test_errors(name, dtype):
    wider = WIDER[dtype]
    slack = 0 if np.finfo(wider).eps < np.finfo(dtype).eps else 1  # long double is double on some machines
    x = domain(name, points(dtype))
    with np.errstate(all="ignore"):
        error = errors(compiled(name, x), REFERENCE[name](x.astype(wider)))
    worst = error.argmax()
    assert error[worst] <= BOUND[name] + slack, f"{error[worst]} ulp at {x[worst]!r}"


def test_errors_are_seen():
    x = np.array([1.0, 1.0, 1.0, INF, NAN, -INF], "float32")
    exact = np.array([1.0, 1 + 3 * 2.0**-23, -1.0, 1e40, 1.0, INF])
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(errors(x, exact), [0, 3, 2.0**24, 0, INF, INF])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", NAMES)
def test_special_values(name, dtype):
    given, expected = np.array([*SPECIAL[name], (NAN, NAN)], dtype).T.copy()
    assert_same_bits(compiled(name, given), expected)
    with np.errstate(all="ignore"):
        assert_same_bits(getattr(izhi_numba.math, name)(given), expected)


@pytest.mark.parametrize("dtype", DTYPES)
def test_ends_of_the_range(dtype):
    """The last numbers with a finite or nonzero result, and the first without."""
    info = np.finfo(dtype)
    largest, smallest = np.log(info.max), np.log(info.smallest_subnormal)
    step = 4 * info.eps * largest
    for name, last, beyond in [
        ("exp", largest - step, largest + step),
        ("expm1", largest - step, largest + step),
        ("cosh", largest + np.log(info.dtype.type(2)) - step, largest + np.log(info.dtype.type(2)) + step),
    ]:
        inside, outside = compiled(name, np.array([last, beyond], dtype))
        assert np.isfinite(inside), name
        assert outside == INF, name
    for name in ("exp", "sigmoid"):
        denormal, nothing = compiled(name, np.array([smallest, smallest - 1], dtype))
        assert denormal == info.smallest_subnormal, name
        assert nothing == 0, name
    assert np.isfinite(compiled("exprel", np.array([largest + 4], dtype))[0])  # where expm1 is infinite


@pytest.mark.parametrize("dtype", DTYPES)
def test_limits_hold(dtype):
    x = points(dtype)
    assert np.abs(compiled("tanh", x)).max() == 1
    assert compiled("sigmoid", x).min() == 0
    assert compiled("sigmoid", x).max() == 1
    assert compiled("cosh", x).min() == 1
    assert compiled("expm1", x).min() == -1


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", NAMES)
def test_a_vector_gives_the_bits_of_a_number(name, dtype):
    x = np.concatenate([points(dtype)[::1000], np.array(SPECIAL[name], dtype)[:, 0]])
    one_by_one = np.concatenate([compiled(name, x[i : i + 1]) for i in range(len(x))])
    assert_same_bits(compiled(name, x), one_by_one)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", sorted(NUMPYS))
def test_plain_python_is_numpy(name, dtype):
    x = np.linspace(0.1, 5, 50).astype(dtype)
    function = getattr(izhi_numba.math, name)
    assert_same_bits(function(x), NUMPYS[name](x))
    assert function(x).dtype == dtype
    assert function(0.5) == NUMPYS[name](0.5)
    assert function(2) == NUMPYS[name](2)


@pytest.mark.parametrize("name", sorted(NUMPYS))
def test_single_precision_is_numpy_everywhere(name):
    x = np.linspace(0.1, 5, 50).astype(np.float32)
    assert_same_bits(same_bits(getattr(izhi_numba.math, name))(x), NUMPYS[name](x))


@pytest.mark.parametrize("name", NAMES)
def test_double_precision_with_the_same_bits_everywhere_is_right_without_numpys_own(name, monkeypatch):
    x = domain(name, points("float64"))
    with np.errstate(all="ignore"):
        exact = REFERENCE[name](x.astype(np.longdouble))
    for one in NUMPYS:
        monkeypatch.delattr(np, one)
    with np.errstate(all="ignore"):
        found = same_bits(getattr(izhi_numba.math, name))(x)
        error = errors(found, exact)
    assert found.dtype == np.float64
    assert error.max() <= PLAIN_BOUND[name], f"{error.max()} ulp at {x[error.argmax()]!r}"


@pytest.mark.parametrize("name", NAMES)
def test_numbers_and_whole_ones_have_the_same_bits_everywhere(name):
    function = same_bits(getattr(izhi_numba.math, name))
    first, second = function(np.array([0.5, 2.0]))
    assert function(0.5) == first
    assert function(2) == function(np.array([[2]]))[0, 0] == second


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("name", "scipys"), [("exprel", special.exprel), ("sigmoid", special.expit)])
def test_plain_python_is_scipy(name, scipys, dtype):
    info = np.finfo(dtype)
    last = 0.99 * float(np.log(info.max))
    x = np.concatenate([np.linspace(-last, last, 1001), [1e-30, -1e-30, info.smallest_subnormal * 3]])
    function = getattr(izhi_numba.math, name)
    result = function(x.astype(dtype))  # without a warning: they are errors
    assert result.dtype == dtype
    np.testing.assert_allclose(result, scipys(x.astype(dtype).astype(float)), rtol=8 * info.eps)
    for number in (0, 1, -2, 0.5, -800.0, np.uint8(3)):
        assert isinstance(function(number), float)
        assert function(number) == pytest.approx(scipys(float(number)), rel=1e-15)


def test_plain_clip_and_where():
    x = np.array([-1.0, 0.25, 2.0, NAN], "float32")
    assert_same_bits(clip(x, 0, 1), np.array([0, 0.25, 1, NAN], "float32"))
    assert_same_bits(where(x > 0, 0, x), np.array([-1, 0, 0, NAN], "float32"))
    assert clip(-0.5, 0, 1) == 0
    assert clip(3, 0, 2) == 2
    for condition, expected in ((True, 1.5), (False, 0)):
        assert where(condition, 1.5, 0) == expected
        assert isinstance(where(condition, 1.5, 0), float)


@numba.njit
def all_of(x):
    return (
        izhi_numba.math.cosh(x), izhi_numba.math.exp(x), izhi_numba.math.expm1(x), izhi_numba.math.exprel(x),
        izhi_numba.math.log(x), izhi_numba.math.log1p(x), izhi_numba.math.sigmoid(x), izhi_numba.math.tanh(x),
    )  # fmt: skip


@pytest.mark.parametrize("number", [np.float32(0.5), 0.5, 1, np.int32(1), np.uint8(1), True])
def test_types(number):
    values = all_of(number)
    (kind,) = {str(kind) for kind in all_of.overloads[(numba.typeof(number),)].signature.return_type}
    assert kind == ("float32" if isinstance(number, np.float32) else "float64")
    expected = [REFERENCE[name](np.float64(number)) for name in NAMES]
    np.testing.assert_allclose(values, expected, rtol=1e-6 if kind == "float32" else 1e-15)


@pytest.mark.parametrize(
    ("number", "result"),
    [(np.float32(0.5), "float32"), (0.5, "float64"), (1, "int64"), (np.int8(1), "int64")],
)
def test_types_of_clip_and_where(number, result):
    @numba.njit
    def call(x):
        return clip(x, 0, 1), clip(1, 0, x), where(x > -55, 0, x), where(x < -55, x, 1), where(x, x, x)

    assert call(number) == (number, number, 0, 1, number)
    kinds = {str(kind) for kind in call.nopython_signatures[0].return_type.types}
    assert kinds - {str(numba.typeof(number))} <= {result}


def test_widest_float_wins():
    @numba.njit
    def call(single, double):
        return (
            where(True, single, double),
            clip(single, 0, double),
            where(True, 2, True),
            where(False, 1, False),
        )

    assert call(np.float32(0.5), 0.75) == (0.5, 0.5, 2, 0)
    kinds = [str(kind) for kind in call.nopython_signatures[0].return_type]
    assert kinds == ["float64", "float64", "int64", "int64"]


@pytest.mark.parametrize("dtype", DTYPES)
def test_compiled_clip_and_where(dtype):
    x, low, high = (
        np.random.default_rng(2).choice([-2, -1, 0, 0.5, 1, 3, INF, -INF, NAN], (3, 3000)).astype(dtype)
    )

    @numba.njit
    def call(x, low, high, clipped, chosen):
        for i in range(len(x)):
            clipped[i] = clip(x[i], low[i], high[i])
            chosen[i] = where(x[i] > low[i], x[i], high[i])

    clipped, chosen = np.empty_like(x), np.empty_like(x)
    call(x, low, high, clipped, chosen)
    np.testing.assert_array_equal(clipped, np.clip(x, low, high))
    np.testing.assert_array_equal(chosen, np.where(x > low, x, high))


def test_arrays_are_refused_in_compiled_code():
    @numba.njit
    def call(x):
        return izhi_numba.math.exp(x)

    with pytest.raises(numba.TypingError, match="exp"):
        call(np.ones(3))


@pytest.mark.parametrize("dtype", DTYPES)
def test_ways_to_name_them(dtype):
    """By the package, by its short name, and alone; with literals of a model's function."""

    @inline_as(np.dtype(dtype))
    def user(v):
        slope = izhi_numba.math.tanh(v / 18.0)
        return iz.math.exp(-0.5 * v) + slope, where(v > -55.0, 0, slope), clip(v, 0.0, 1)

    @numba.njit
    def call(v):
        return user(v)

    v = np.dtype(dtype).type(-60.0)
    expected = np.exp(30.0) + np.tanh(-60 / 18), np.tanh(-60 / 18), 0
    assert call(v) == pytest.approx(expected, rel=1e-6)
    assert {str(kind) for kind in call.nopython_signatures[0].return_type} == {dtype}


IN_A_MODEL = f"""
import sys
import numba, numba.core.event
import numpy as np
with numba.core.event.install_recorder("numba:compile") as recorder:
    import izhi_numba.math
assert not recorder.buffer, "importing compiles"
from izhi_numba.kernels.plain_python import inline_as

@inline_as(np.dtype("float32"))
def user(x):
    return {", ".join(f"izhi_numba.math.{name}(x)" for name in NAMES)}

@numba.njit(error_model="numpy")
def run(x, y):
    for i in range(len(x)):
        {", ".join(f"y[{k}, i]" for k in range(len(NAMES)))} = user(x[i])

x = np.load(sys.argv[1])
y = np.empty(({len(NAMES)}, len(x)), x.dtype)
run(x, y)
np.save(sys.argv[1], y)
"""


def test_fast_math_of_the_caller_stays_outside(tmp_path):
    """A model in single precision gives the bits of the strict loops.

    In a process of its own, since the first caller would hand its flags down.
    """
    file = tmp_path / "numbers.npy"
    x = np.concatenate([points("float32")[::10], np.array([0, -0.0, INF, -INF, NAN, -1], "float32")])
    np.save(file, x)
    subprocess.run([sys.executable, "-W", "error", "-c", IN_A_MODEL, str(file)], check=True)
    for name, result in zip(NAMES, np.load(file), strict=True):
        assert_same_bits(result, compiled(name, x))


x86_only = pytest.mark.skipif(
    platform.machine().lower() not in ("x86_64", "amd64")
    or not llvmlite.binding.get_host_cpu_features().get("fma"),
    reason="reads x86 assembly with fused multiply-add",
)
ARITHMETIC = r"\bv?(?:fn?m(?:add|sub)\w*|add|sub|mul|div|sqrt|max|min|cmp\w*){}\b"


def assembly_of(loop):
    (text,) = loop.inspect_asm().values()
    return text.split(".Lfunc_end0")[0]  # the loop alone, without what Python calls


def count(operation, assembly):
    return len(re.findall(operation, assembly))


def looks(assembly):
    """Packed operations of both precisions, scalar ones in double precision, conversions, calls."""
    return {
        "packed single": count(ARITHMETIC.format("ps"), assembly),
        "packed double": count(ARITHMETIC.format("pd"), assembly),
        "scalar double": count(ARITHMETIC.format("sd"), assembly),
        "conversions": count(r"\bv?cvt\w+", assembly),
        "calls": count(r"\bcall", assembly),
    }


@x86_only
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", [*NAMES, "clip", "where"])
def test_loops_are_vector_code(name, dtype):
    if name == "clip":
        loop = over_elements(inline_as(np.dtype(dtype), lambda x: clip(x, 0, 1)))
    elif name == "where":
        loop = over_elements(inline_as(np.dtype(dtype), lambda x: where(x > -55, 0, x * x)))
    else:
        loop = loop_of(name, dtype)
    loop(np.ones(1, dtype), np.ones(1, dtype))
    seen = looks(assembly_of(loop))
    least = 2 if name in ("clip", "where") else 12
    assert seen["calls"] == 0
    assert seen["conversions"] == 0
    if dtype == "float32":
        assert seen["packed single"] >= least
        assert seen["packed double"] == seen["scalar double"] == 0
    else:
        assert seen["packed double"] >= least
        assert seen["packed single"] == 0


@x86_only
def test_scalar_code_is_seen():
    loop = over_elements(np.exp)
    loop(np.ones(1, "float32"), np.ones(1, "float32"))
    seen = looks(assembly_of(loop))
    assert seen["calls"] > 0
    assert seen["packed single"] < 2
    loop = over_elements(numba.njit(lambda x: x * 0.1 + 1))
    loop(np.ones(1, "float32"), np.ones(1, "float32"))
    seen = looks(assembly_of(loop))
    assert seen["conversions"] > 0
    assert seen["packed double"] + seen["scalar double"] > 0
