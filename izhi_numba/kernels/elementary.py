"""Elementary functions in vector code: no branch, no call, no table.

The loops of numba call ``exp`` and its kin once per element, and are not vectorised. Here they are two
to four dozen operations, merged into the loop, which LLVM packs. :func:`compiled_by` binds the plain
functions of :mod:`izhi_numba.math` to them. Each formula is written once, for both formats of numbers:

* Exponential: ``x = n ln 2 + r``, ``exp(x) = 2**n (1 + r + r**2 P(r))`` with ``|r| <= ln(2) / 2``.
  ``x / ln 2 + K.magic`` ends in the bits of ``n`` and the bias of exponents; one shift makes ``2**n``
  of it. So nothing is converted to an integer, which NaN is not defined for, and all of it exists on
  AVX2, for float64 too (with ``rint`` and a conversion 4 to 10 % slower). What could leave the range of
  exponents on the way is computed as ``2**-k`` of itself, from ``K.magic - k``.
* Logarithm: ``x = 2**n (1 + f)``, ``log(x) = n ln 2 + log(1 + f)`` with ``1 + f`` in
  [sqrt(1/2), sqrt(2)].

Every ``fma`` is written out. Nothing else is contracted or reassociated, whatever the caller's flags, so
that vectors and a loop's remainder agree to the bit. Comparisons are written so that NaN passes.

Largest errors in ulp (float32: of all numbers; float64: of 10 million), and ns per element of a loop over
4096, of the same loop with numba's function, and of numpy's function on the array (its call, 0.1 ns,
included; Zen 4 with AVX-512, numpy 2.4; for ``exprel`` and ``sigmoid`` those of :mod:`izhi_numba.math`)::

             float32                     float64
             ulp    ns   numba  numpy    ulp    ns   numba  numpy
    exp      1.05  0.26    2.4   0.62    1.05  0.66    4.3   0.99
    expm1    1.33  0.29    9.1   0.51    1.75  0.70    7.2   1.36
    exprel   1.89  0.30      -   5.2     2.09  0.84      -   7.1
    log      0.83  0.40    2.7   0.55    0.79  0.94    3.5   0.95
    log1p    1.39  0.49    7.2   0.63    1.31  1.15    6.1   1.17
    tanh     2.57  0.32   12.0   0.53    2.57  0.82   10.5   1.87
    cosh     1.51  0.27    5.5   0.49    1.44  0.75    6.1   1.11
    sigmoid  2.49  0.30      -   3.4     2.31  0.80      -   4.1

Sources: P is a minimax fit to the relative error of ``exp(r) - 1`` (Remez; 1.3e-8 with five terms, 1.8e-17
with ten). Both parts of ln 2 and the series of ``log`` are fdlibm's (``e_log.c``, and ``e_logf.c`` of
FreeBSD; Sun Microsystems 1993).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import numpy as np
from llvmlite import ir
from numba import typeof
from numba.core import types
from numba.extending import intrinsic, overload
from numba.np.numpy_support import as_dtype

from izhi_numba.kernels.intrinsics import choose, fma
from izhi_numba.kernels.jit import inline

F = TypeVar("F", bound=Callable[..., Any])


class Constants(NamedTuple):
    """What the formulas need to know of a format; all numbers are of the format itself."""

    zero: Any
    eighth: Any
    half: Any
    one: Any
    two: Any
    infinity: Any
    nan: Any
    digits: Any  # of a number, in binary
    unit: Any  # 2**-digits
    bias: Any  # of exponents
    magic: Any  # 1.5 * 2**(digits - 1) + bias
    log2_e: Any
    ln2_high: Any  # so short that n * ln2_high is exact
    ln2_low: Any
    series: Any  # P
    binary_series: Any  # of 2**r - 1, divided by r
    least_power: Any
    exp_range: Any  # beyond each of these ranges, results are what they are at its ends
    expm1_range: Any
    exprel_range: Any
    sigmoid_range: Any  # of -x
    tanh_range: Any
    cosh_range: Any
    least_normal: Any
    log_scale: Any  # 2**(digits - 1)
    log_series: Any
    # bits, as unsigned integers
    mantissa_bits: Any
    single_bit: Any
    mantissa: Any
    root_half: Any  # sqrt(1/2)
    from_root_half: Any  # to 1
    twice_bias: Any  # and 1, as an exponent


def _constants(
    real: Any, bits: Any, *, ln2: Any, series: Any, log_series: Any, **ranges: tuple[float, float]
) -> Constants:
    info = np.finfo(real)
    bias = info.maxexp - 1
    one, root_half = (int(real(x).view(bits)) for x in (1, math.sqrt(0.5)))

    def numbers(values: Any) -> Any:
        return tuple(real(x) for x in values)

    return Constants(
        zero=real(0),
        eighth=real(0.125),
        half=real(0.5),
        one=real(1),
        two=real(2),
        infinity=real(math.inf),
        nan=real(math.nan),
        digits=real(info.nmant + 1),
        unit=real(2.0 ** -(info.nmant + 1)),
        bias=real(bias),
        magic=real(1.5 * 2**info.nmant + bias),
        log2_e=real(1 / math.log(2)),
        ln2_high=real(ln2[0]),
        ln2_low=real(ln2[1]),
        series=numbers(series),
        binary_series=numbers(math.log(2) ** (k + 1) * c for k, c in enumerate((1.0, *series))),
        least_power=real(-92),
        least_normal=real(info.tiny),
        log_scale=real(2.0**info.nmant),
        log_series=numbers(log_series),
        mantissa_bits=bits(info.nmant),
        single_bit=bits(1),
        mantissa=bits(2**info.nmant - 1),
        root_half=bits(root_half),
        from_root_half=bits(one - root_half),
        twice_bias=bits(2 * bias + 1 << info.nmant),
        **{name: numbers(ends) for name, ends in ranges.items()},
    )


SINGLE = _constants(
    np.float32,
    np.uint32,
    ln2=(0.693138122558594, 9.05800061445916e-6),
    series=(
        0.4999999814980362,
        0.1666654342385834,
        0.04166720066671349,
        0.008366547171671472,
        0.001388251896583856,
    ),
    log_series=(0.66666662693023682, 0.40000972151756287, 0.28498786687850952, 0.24279078841209412),
    exp_range=(-104.5, 89),
    expm1_range=(-18, 89),
    exprel_range=(-18, 93.5),
    sigmoid_range=(-40, 104.5),
    tanh_range=(-9.2, 9.2),
    cosh_range=(0, 89.5),
)
DOUBLE = _constants(
    np.float64,
    np.uint64,
    ln2=(6.93147180369123816490e-01, 1.90821492927058770002e-10),
    series=(
        0.50000000000000052,
        0.1666666666666658897,
        0.0416666666665764686,
        0.008333333333389735599,
        0.001388888893166686952,
        0.0001984126971870325742,
        2.480150514299418723e-5,
        2.755740769497427205e-6,
        2.762609271336106001e-7,
        2.505377229437889234e-8,
    ),
    log_series=(
        6.666666666666735130e-01,
        3.999999999940941908e-01,
        2.857142874366239149e-01,
        2.222219843214978396e-01,
        1.818357216161805012e-01,
        1.531383769920937332e-01,
        1.479819860511658591e-01,
    ),
    exp_range=(-746, 710),
    expm1_range=(-38, 710),
    exprel_range=(-38, 716.5),
    sigmoid_range=(-80, 746),
    tanh_range=(-19.2, 19.2),
    cosh_range=(0, 710.5),
)
_FORMATS = {types.float32: SINGLE, types.float64: DOUBLE}


@intrinsic
def _constants_of(typingctx: Any, x: Any) -> Any:
    """The constants of a number's format."""
    K = _FORMATS[x]
    constants = typeof(K)

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return context.get_constant_generic(builder, constants, K)

    return constants(x), codegen


@intrinsic
def _bits(typingctx: Any, x: Any) -> Any:
    """The bits of a number, as an unsigned integer."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], context.get_value_type(signature.return_type))

    return types.Integer.from_bitwidth(x.bitwidth, signed=False)(x), codegen


@intrinsic
def _number(typingctx: Any, bits: Any, like: Any) -> Any:
    """The number, of the type of ``like``, with these bits; numba has widened them to 64."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        word = ir.IntType(like.bitwidth)
        bits = builder.trunc(args[0], word) if args[0].type.width > word.width else args[0]
        return builder.bitcast(bits, context.get_value_type(like))

    return like(bits, like), codegen


@intrinsic
def _polynomial(typingctx: Any, coefficients: Any, x: Any) -> Any:
    """Horner's scheme, lowest coefficient first."""

    def codegen(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        *rest, result = (builder.extract_value(args[0], k) for k in range(len(coefficients)))
        for coefficient in reversed(rest):
            result = builder.fma(result, args[1], coefficient)
        return result

    return x(coefficients, x), codegen


@inline
def _within(x, ends):
    x = choose(ends[0] > x, ends[0], x)
    return choose(ends[1] < x, ends[1], x)


@inline
def _rest(x, n):
    """The r of ``x = n ln 2 + r``."""
    K = _constants_of(x)
    return fma(-n, K.ln2_low, fma(-n, K.ln2_high, x))


@inline
def _parts(x, magic):
    """The r of ``x = n ln 2 + r``, and 2**(n - k) for a ``magic`` of ``K.magic - k``."""
    K = _constants_of(x)
    rounded = fma(x, K.log2_e, magic)
    return _rest(x, rounded - magic), _number(_bits(rounded) << K.mantissa_bits, x)


@inline
def _growth(r):
    """``exp(r) - 1`` for small r."""
    K = _constants_of(r)
    return fma(r * r, _polynomial(K.series, r), r)


@inline
def _exp(x):
    # 2**n as a product of two, so that results below the least normal number are right: 0.27 ns for
    # float32; with 2**64 for small x alone 0.31, with zero for such results 0.24.
    K = _constants_of(x)
    x = _within(x, K.exp_range)
    magic = K.magic + K.bias
    rounded = fma(x, K.log2_e, magic)
    whole = _bits(rounded)
    part = _bits(_number(whole >> K.single_bit, x))
    first = _number(part << K.mantissa_bits, x)
    second = _number((whole - part) << K.mantissa_bits, x)
    return fma(_growth(_rest(x, rounded - magic)), first, first) * second


@inline
def power_of_two(n, a, b):
    """``2**(n * (a + b))`` for a whole n and a small b; 0 where that is below ``2**-92``.

    One rounding of the exponent, which is not a number of the format. Numbers below the least normal one,
    which take many processors a hundred cycles, do not come about.
    """
    K = _constants_of(a)
    rounded = fma(n, a, K.magic)
    whole = rounded - K.magic
    rest = fma(n, b, fma(n, a, -whole))
    power = _number(_bits(rounded) << K.mantissa_bits, a)
    growth = rest * _polynomial(K.binary_series, rest)
    return choose(whole > K.least_power, fma(growth, power, power), K.zero)


@inline
def _expm1(x):
    # The growth is not added up before it is scaled: 1.8 instead of 2.1 ulp.
    K = _constants_of(x)
    r, power = _parts(_within(x, K.expm1_range), K.magic - K.one)
    linear = fma(r, power, power - K.half)
    result = K.two * fma(r * r * _polynomial(K.series, r), power, linear)
    return choose(abs(x) < K.unit, x, result)


@inline
def _exprel(x):
    K = _constants_of(x)
    limited = _within(x, (-K.infinity, K.exprel_range[1]))
    r, power = _parts(_within(limited, K.exprel_range), K.magic - K.digits)
    result = fma(_growth(r), power, power - K.unit) / (limited * K.unit)
    return choose(abs(x) < K.unit, K.one, result)


@inline
def _sigmoid(x):
    K = _constants_of(x)
    r, power = _parts(_within(-x, K.sigmoid_range), K.magic - K.digits)
    return K.unit / (K.unit + fma(_growth(r), power, power))


@inline
def _tanh(x):
    # exp(2x) - 1 = h, h / (h + 2). A quotient of polynomials of x**2 (4/4, float32) takes 0.21 instead
    # of 0.30 ns, but errs by 4.9 ulp and exceeds 1.
    K = _constants_of(x)
    half = _within(x, K.tanh_range)
    r, power = _parts(half + half, K.magic)
    h = fma(_growth(r), power, power - K.one)
    return math.copysign(h / (h + K.two), x)


@inline
def _cosh(x):
    K = _constants_of(x)
    r, power = _parts(_within(abs(x), K.cosh_range), K.magic - K.two)
    quarter = fma(_growth(r), power, power)  # of exp(|x|)
    return fma(K.two, quarter, K.eighth / quarter)


@inline
def _split(x):
    """The bits of ``x`` from sqrt(1/2) on, ``n + bias`` and ``f``, for ``x = 2**n (1 + f)``."""
    K = _constants_of(x)
    bits = _bits(_number(_bits(x) + K.from_root_half, x))
    count = _number((bits >> K.mantissa_bits) | _bits(K.log_scale), x) - K.log_scale
    return bits, count, _number((bits & K.mantissa) + K.root_half, x) - K.one


@inline
def _log_of(n, f):
    """``n ln 2 + log(1 + f)``."""
    # A polynomial of f, for float32 alone, took 0.36 instead of 0.41 ns and erred by 1.1 ulp.
    K = _constants_of(n)
    s = f / (f + K.two)
    z = s * s
    square = K.half * f * f
    inner = fma(s, fma(z, _polynomial(K.log_series, z), square), n * K.ln2_low)
    return fma(n, K.ln2_high, f - (square - inner))


@inline
def _log_ends(result, u):
    """The logarithm of ``u``: ``result``, but where u is not positive and finite."""
    K = _constants_of(result)
    result = choose(u < K.infinity, result, u)
    return choose(u > K.zero, result, choose(u == K.zero, -K.infinity, K.nan))


@inline
def _log(x):
    K = _constants_of(x)
    small = x < K.least_normal
    _, count, f = _split(choose(small, x * K.log_scale, x))
    n = count - choose(small, K.bias + K.digits - K.one, K.bias)
    return _log_ends(_log_of(n, f), x)


@inline
def _log1p(x):
    # What the sum u = 1 + x loses is added to f.
    K = _constants_of(x)
    u = K.one + x
    back = u - K.one
    lost = (K.one - (u - back)) + (x - back)
    bits, count, f = _split(u)
    scale = _number(K.twice_bias - (bits >> K.mantissa_bits << K.mantissa_bits), x)  # 2**(1 - n), or 0
    result = _log_of(count - K.bias, fma(K.half * lost, scale, f))
    return math.copysign(_log_ends(result, u), x)


# numba hands the caller's fast-math flags down, which would spoil the reductions above: hence the False.
_STRICT = {"forceinline": True, "error_model": "numpy", "_nrt": False, "fastmath": False}


def compiled_by(pick: Callable[..., Any]) -> Callable[[F], F]:
    """Bind a plain function to its compiled twin, which ``pick`` finds by the types of the arguments."""

    def bind(function: F) -> F:
        overload(function, jit_options=_STRICT)(pick)
        return function

    return bind


def _of_one(formula: Any) -> Callable[[Any], Any]:
    def pick(x):
        if x in _FORMATS:
            return lambda x: formula(x)
        if isinstance(x, types.Integer | types.Boolean):
            return lambda x: formula(np.float64(x))
        return None

    return pick


exp, expm1, exprel, log, log1p, tanh, cosh, sigmoid = map(
    _of_one, (_exp, _expm1, _exprel, _log, _log1p, _tanh, _cosh, _sigmoid)
)


def _common(*given: Any) -> Any:
    """The type of results: the widest float among those given, or what numpy gives where none is."""
    if not all(isinstance(x, types.Integer | types.Boolean | types.Float) for x in given):
        return None
    floats = [x for x in given if isinstance(x, types.Float)]
    return np.result_type(*(as_dtype(x) for x in floats or given)).type


def clip(x, low, high):
    """Pick the twin of ``izhi_numba.math.clip``; a bound that is NaN gives NaN, as in numpy."""
    number = _common(x, low, high)

    def implementation(x, low, high):
        x, low, high = number(x), number(low), number(high)
        x = choose((low > x) | (low != low), low, x)
        return choose((high < x) | (high != high), high, x)

    return number and implementation


def where(condition, yes, no):
    """Pick the twin of ``izhi_numba.math.where``."""
    number = _common(yes, no)

    def implementation(condition, yes, no):
        return choose(bool(condition), number(yes), number(no))

    return number and implementation
