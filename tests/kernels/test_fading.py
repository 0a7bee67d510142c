"""What is left of a trace."""

import math

import numpy as np
import pytest

from tests import inside

NEVER = 2**30 + 2**29 + 2**20  # steps, as many as there can be since a spike that never was


def exact(gap, tau, dt):
    """In extended precision, where there is any."""
    return np.exp(-np.longdouble(gap) * np.longdouble(dt) / np.longdouble(tau))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("tau", "dt"), [(20.0, 1.0), (33.7, 0.1), (1000.0, 0.1), (0.3, 1.0), (1e9, 0.01)])
def test_factors_err_by_less_than_two_units(dtype, tau, dt):
    if np.finfo(np.longdouble).eps > 1e-18 and dtype is np.float64:
        pytest.skip("nothing is more precise here")
    rates, last = inside.rates(tau, dt, np.dtype(dtype)), int(62 * tau / dt)
    for gap in {*range(40), *np.linspace(0, min(last, 2**24), 400).astype(int).tolist()}:
        expected, found = exact(gap, tau, dt), inside.what_is_left(*rates, gap)
        if expected > 2e-28:
            assert abs(found - expected) <= 2 * np.finfo(dtype).eps * expected


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_ends(dtype):
    dtype = np.dtype(dtype)
    for tau in (1e-3, 20.0, 1e6):
        assert inside.what_is_left(*inside.rates(tau, 1.0, dtype), 0) == 1
    assert inside.what_is_left(*inside.rates(20.0, 1.0, dtype), NEVER) == 0
    for tau in (1e-300, 1e-310):  # rates that no format has
        assert inside.what_is_left(*inside.rates(tau, 1.0, dtype), 0) == 1
        assert inside.what_is_left(*inside.rates(tau, 1.0, dtype), 1) == 0
    assert inside.what_is_left(*inside.rates(math.inf, 1.0, dtype), 10**6) == 1


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_nothing_is_below_the_least_normal_number(dtype):
    """Such numbers take many processors long, and there is one for each silent neuron."""
    rates = inside.rates(20.0, 1.0, np.dtype(dtype))
    left = [inside.what_is_left(*rates, gap) for gap in range(1000, 20_000, 7)]
    assert all(one == 0 or one > 1e-30 for one in left)
    assert any(left)
    assert not all(left)
