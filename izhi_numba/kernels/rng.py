"""Random numbers as a pure function of a counter: Philox4x32-10.

Nothing is stored and nothing is consumed, so a number depends on its name alone (seed, purpose,
stream, step, neuron) and not on who draws it, when, or on how many threads.

Source: Salmon, Moraes, Dror, Shaw (2011), "Parallel random numbers: as easy as 1, 2, 3",
SC'11, 10.1145/2063384.2063405. The known answers of their library are in the tests.

The rounds are written out: as a loop they are not vectorised, and take ten times longer.
"""

from __future__ import annotations

import math

import numpy as np

from izhi_numba.kernels.intrinsics import bits_of, float_of, fma
from izhi_numba.kernels.jit import inline

# What a counter is for; its fourth word. No two purposes ever share a number.
NOISE, TARGET_DRAWS, VALUE_DRAWS, USER_DRAWS = np.uint32(0), np.uint32(1), np.uint32(2), np.uint32(3)
COUNT_DRAWS, REWIRE_DRAWS, POISSON = np.uint32(4), np.uint32(5), np.uint32(6)
DEGREE_DRAWS, SET_DRAWS = np.uint32(7), np.uint32(8)
SYNAPSE_KEYS, SYNAPSE_DRAWS = np.uint32(9), np.uint32(10)

TILE = 1024  # neurons whose normals are drawn together; blocks start at multiples of it
QUARTER = TILE // 4

_M0, _M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_W0, _W1 = np.uint32(0x9E3779B9), np.uint32(0xBB67AE85)
_32 = np.uint64(32)


@inline
def _round(c0, c1, c2, c3, k0, k1):
    p0 = _M0 * np.uint64(c0)
    p1 = _M1 * np.uint64(c2)
    return (
        np.uint32(p1 >> _32) ^ c1 ^ k0,
        np.uint32(p1),
        np.uint32(p0 >> _32) ^ c3 ^ k1,
        np.uint32(p0),
    )


@inline
def _bump(k0, k1):
    return np.uint32(k0 + _W0), np.uint32(k1 + _W1)


@inline
def philox(c0, c1, c2, c3, k0, k1):
    """Four random uint32 for a counter of four and a key of two uint32."""
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
    k0, k1 = _bump(k0, k1)
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
    k0, k1 = _bump(k0, k1)
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
    k0, k1 = _bump(k0, k1)
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
    k0, k1 = _bump(k0, k1)
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
    k0, k1 = _bump(k0, k1)
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
    k0, k1 = _bump(k0, k1)
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
    k0, k1 = _bump(k0, k1)
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
    k0, k1 = _bump(k0, k1)
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
    k0, k1 = _bump(k0, k1)
    return _round(c0, c1, c2, c3, k0, k1)


_f = np.float32
_ONE, _TWO, _HALF = _f(1), _f(2), _f(0.5)
_2_24, _2_31, _2_32 = _f(2.0**-24), _f(2.0**-31), _f(2.0**-32)
_LN2 = _f(math.log(2))
_SQRT_HALF_BITS = np.int32(0x3F3504F3)
_MANTISSA, _EXPONENT_OF_ONE = np.int32(0x007FFFFF), np.int32(0x3F800000)
_23 = np.int32(23)

# log(1 + f) = f - f^2/2 + f^3 P(f) on [sqrt(1/2)-1, sqrt(2)-1], minimax (Cephes logf, Moshier).
_L0, _L1, _L2, _L3, _L4, _L5, _L6, _L7, _L8 = (
    _f(c)
    for c in (
        7.0376836292e-2,
        -1.1514610310e-1,
        1.1676998740e-1,
        -1.2420140846e-1,
        1.4249322787e-1,
        -1.6668057665e-1,
        2.0000714765e-1,
        -2.4999993993e-1,
        3.3333331174e-1,
    )
)

# sin(pi x) = x S(x^2) on [-1/2, 1/2], least squares on Chebyshev nodes, error 4e-9.
_S0, _S1, _S2, _S3, _S4 = (
    _f(c)
    for c in (
        3.141592579805581,
        -5.167706866167931,
        2.550031193519189,
        -0.5980441939114114,
        0.07721838615596148,
    )
)


@inline
def log_float32(x):
    """Natural logarithm of a normal positive float32, to about 1 ulp."""
    bits = bits_of(x) - _SQRT_HALF_BITS
    exponent = bits >> _23
    f = float_of((bits & _MANTISSA) + _SQRT_HALF_BITS) - _ONE
    p = fma(_L0, f, _L1)
    p = fma(p, f, _L2)
    p = fma(p, f, _L3)
    p = fma(p, f, _L4)
    p = fma(p, f, _L5)
    p = fma(p, f, _L6)
    p = fma(p, f, _L7)
    p = fma(p, f, _L8)
    ff = f * f
    return fma(np.float32(exponent), _LN2, fma(p * f, ff, fma(-_HALF, ff, f)))


@inline
def _sine_pi(x):
    """sin(pi x) for x in [-1/2, 1/2]."""
    s = x * x
    p = fma(_S4, s, _S3)
    p = fma(p, s, _S2)
    p = fma(p, s, _S1)
    return x * fma(p, s, _S0)


@inline
def normal_pair(bits0, bits1):
    """Two independent standard normals (float32) from two random uint32: Box and Muller (1958)."""
    u = fma(np.float32(np.int32(bits0 >> np.uint32(1))), _2_31, _2_32)  # in (0, 1]
    radius = np.sqrt(-_TWO * log_float32(u))
    x = np.float32(np.int32(bits1)) * _2_31  # half turns, in [-1, 1]
    size = abs(x)
    folded = np.float32(min(size, _ONE - size))
    sine = _sine_pi(math.copysign(folded, x))
    return radius * _sine_pi(_HALF - size), radius * sine


@inline
def unit_single(high, low):
    """A number in [0, 1) from two random uint32: a multiple of 2^-24."""
    return np.float32(np.int32(high >> np.uint32(8))) * _2_24


@inline
def unit_double(high, low):
    """A number in [0, 1) from two random uint32: a multiple of 2^-53, which begins as the single one does."""
    return np.float64(np.int64((np.uint64(high) << _32 | np.uint64(low)) >> np.uint64(11))) * 2.0**-53


@inline
def fill_normals(normals, bits, tile, count, step, stream, key0, key1):
    """Draw the standard normals of the first ``count`` neurons of a tile for one step.

    Neuron ``tile * TILE + q * QUARTER + c`` takes word ``q`` of counter ``c`` of its tile: four
    planes, so that all loads and stores are contiguous. Drawing all bits before all normals keeps
    both loops vectorised; in one loop they are not.
    """
    counters = min(QUARTER, count)
    step0, step1 = np.uint32(step), np.uint32(np.uint64(step) >> _32)
    first = np.uint32(tile * QUARTER)
    last = np.uint32(stream << 8) | NOISE
    words0, words1 = bits[:QUARTER], bits[QUARTER : 2 * QUARTER]
    words2, words3 = bits[2 * QUARTER : 3 * QUARTER], bits[3 * QUARTER :]
    for c in range(counters):
        w0, w1, w2, w3 = philox(np.uint32(first + np.uint32(c)), step0, step1, last, key0, key1)
        words0[c] = w0
        words1[c] = w1
        words2[c] = w2
        words3[c] = w3
    _transform(normals[:QUARTER], normals[QUARTER : 2 * QUARTER], words0, words1, counters)
    if count > 2 * QUARTER:
        _transform(normals[2 * QUARTER : 3 * QUARTER], normals[3 * QUARTER :], words2, words3, counters)


@inline
def _transform(first, second, words0, words1, counters):
    for c in range(counters):
        first[c], second[c] = normal_pair(words0[c], words1[c])
