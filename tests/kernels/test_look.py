"""One look at many arrays sees what numpy sees, array by array."""

import numpy as np
import pytest

from izhi_numba.kernels.run import look

KINDS = ["float32", "float64"]


def changed(now, known, stride):
    table = np.array([(now.ctypes.data, len(now), known.ctypes.data, stride)], np.int64)
    marks = np.zeros(1, np.bool_)
    count = look.mark_changed(table, now.itemsize, marks)
    assert count == marks.sum()
    return bool(marks[0])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n", [1, 3, 1024, 1025, 2500])
def test_a_change_of_any_number_is_seen(kind, n):
    known = np.linspace(1.0, 2.0, n).astype(kind)
    for place in {0, n // 2, n - 1}:
        now = known.copy()
        assert not changed(now, known, 1)
        now[place] = np.nextafter(now[place], 9)
        assert changed(now, known, 1)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n", [1, 1024, 2500])
def test_one_number_stands_for_all(kind, n):
    now, known = np.full(n, 7.0, kind), np.full(1, 7.0, kind)
    assert not changed(now, known, 0)
    now[-1] = np.nextafter(now[-1], 9)
    assert changed(now, known, 0)


@pytest.mark.parametrize("kind", KINDS)
def test_bits_are_compared_and_not_numbers(kind):
    assert changed(np.full(3, -0.0, kind), np.zeros(3, kind), 1)
    assert not changed(np.full(3, np.nan, kind), np.full(3, np.nan, kind), 1)


def test_what_is_not_known_has_changed_and_nothing_has_not():
    values = np.zeros(3, np.float32)
    assert changed(values, values, look.UNKNOWN)
    assert not changed(values[:0], values, 0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("bad", [np.nan, -np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_seen(kind, bad):
    values = [np.full(n, np.finfo(kind).max, kind) for n in (1, 70, 2500)]
    values[1][3], values[2][5] = np.finfo(kind).tiny / 2, -0.0
    table = np.array([(one.ctypes.data, len(one), one.itemsize) for one in values], np.int64)
    assert look.all_finite(table)
    for one in values:
        before, one[-1] = one[-1], bad
        assert not look.all_finite(table)
        one[-1] = before
    assert look.all_finite(table)


def test_arrays_of_both_precisions_are_looked_at_together():
    """Bits of a finite double, taken as two numbers of single precision, need not be finite."""
    double = np.array([2.5, 1.0, 0.0])
    double.view(np.uint32)[:2] = 0x7FC00000, 0x40000000
    assert np.isfinite(double).all()
    single = np.ones(5, np.float32)
    table = np.array([(one.ctypes.data, len(one), one.itemsize) for one in (single, double)], np.int64)
    assert look.all_finite(table)
    double[2] = np.nan
    assert not look.all_finite(table)
    double[2], single[4] = 1.0, np.inf
    assert not look.all_finite(table)


@pytest.mark.parametrize("kind", KINDS)
def test_tiles_are_shared_where_all_numbers_are_equal(kind):
    size = np.dtype(kind).itemsize
    array, tile = np.full(2500, 3.0, kind), np.full(1024, 3.0, kind)
    array[1030] = 4.0
    own = array.ctypes.data + np.arange(3) * 1024 * size
    tiles = np.zeros((3, 2), np.int64)  # in a table of two rows
    tiles[:, 1] = tile.ctypes.data, own[1], tile.ctypes.data
    table = np.array([(tiles[:, 1:].ctypes.data, 16, array.ctypes.data, 2500)], np.int64)

    def stale():
        return look.mark_stale(table, size, np.zeros(1, np.bool_)) == 1

    assert not stale()
    tiles[2, 1] = own[2]  # all equal, and not shared
    assert stale()
    tiles[2, 1] = tile.ctypes.data
    array[2499] = 5.0  # shared, and not equal any more
    assert stale()
    tiles[2, 1] = own[2]
    assert not stale()
    array[1030] = 3.0  # may be shared now
    assert stale()
    array[1030], array[:1024] = 4.0, 6.0  # equal, but to another number
    assert stale()
